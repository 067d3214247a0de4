/* log_seen: which lines of the last moment were shown, so that a stream that is asked for again goes on where it broke.
 *
 * A server understands sinceTime in whole seconds and sends every line of that second again. The lines of the newest second
 * (and the tenth before it: two writers of one log may be a little out of order) are remembered in their order by time and
 * hash; what comes again is compared with them one after the other. Lines may be equal in time and bytes: each is
 * recognised once.
 * Ref: kubelet ReadLogs (drops lines before sinceTime, one by one); stern tail.go.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_SEEN_H
#define INITWATCH_APP_LOG_SEEN_H

#include "initwatch/base/iwdef.h"

struct log_seen_line {
    int64_t wall_ms;
    uint64_t
        hash; /* of the whole line, the digits of its nanoseconds included; bit 0: came again */
};

struct log_seen {
    struct log_seen_line *ring;
    size_t allocated, first, count; /* allocated: a power of two, 0 at first */
    int64_t newest_ms;              /* of all lines, IW_TIME_NONE: none yet */
    bool front_lost;                /* more lines in the window than LIMIT_LOG_SEEN_LINES */
    struct {
        bool on;
        size_t at, end;    /* the next line that is expected; behind the last one that was shown */
        unsigned searches; /* through the whole window */
        uint64_t re_read;  /* lines recognised */
        bool found_last;   /* the newest of them was among these: nothing lies between */
    } replay;
};

void log_seen_init(struct log_seen *s);
void log_seen_free(struct log_seen *s);
uint64_t log_seen_hash(const char *text, size_t len);
/* The stream begins again. Returns the wall moment to ask from, a whole second; IW_TIME_NONE: nothing was shown, ask for
 * everything. */
int64_t log_seen_resume(struct log_seen *s);
/* One line that came; wall_ms is not IW_TIME_NONE. True: it is new, and remembered. False: it was shown before the
 * interruption. */
bool log_seen_is_new(struct log_seen *s, int64_t wall_ms, uint64_t hash);

#endif
