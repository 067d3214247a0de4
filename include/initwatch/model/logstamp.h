/* logstamp: the timestamp in front of a log line, as the kubelet writes it with timestamps=true.
 *
 * Millions of lines a second pass here, and most of them share their date and minute with the line before: that part is
 * compared, not parsed again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGSTAMP_H
#define INITWATCH_MODEL_LOGSTAMP_H

#include "initwatch/base/iwdef.h"

/* What the reader of one stream remembers between lines; `= {0}` is nothing. */
struct logstamp {
    char minute[17]; /* "2026-11-22T01:12:" */
    bool known;
    int64_t minute_ms; /* wall moment of its second 0 */
};

/* Length of an RFC3339Nano stamp and the blank behind it at the start of text; 0 when there is none, and then *wall_ms is
 * IW_TIME_NONE. *sub_ns: the nanoseconds beyond the millisecond. A stamp at the very end of the text (an empty line whose blank was lost) counts. */
size_t logstamp_take(struct logstamp *s, const char *text, size_t len, int64_t *wall_ms,
                     uint32_t *sub_ns);

/* A moment somewhere near the start of a line of any program: "2026-11-22 01:12:41,316", "[2026-11-22T01:12:41+09:00]",
 * {"ts":"2026-..."}; without an offset it is UTC. The text stays as it is. False when there is none. */
bool logstamp_find(const char *text, size_t len, int64_t *wall_ms, uint32_t *sub_ns);

#endif
