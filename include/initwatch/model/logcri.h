/* logcri: lines of the files a container runtime writes, "TIME stdout F text"; a long line is in parts, each but the last
 * with P instead of F. Ref: kubelet's CRI log format.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_LOGCRI_H
#define INITWATCH_MODEL_LOGCRI_H

#include "initwatch/base/strbuf.h"
#include "initwatch/model/logbuf.h"

enum { LOGCRI_STREAMS = 2 }; /* stdout, stderr: their parts may alternate */

enum logcri_kind {
    LOGCRI_NONE, /* of another format: the line is as it was */
    LOGCRI_PART, /* kept: more of it follows */
    LOGCRI_LINE, /* whole now */
};

struct logcri {
    struct logcri_stream {
        struct strbuf text; /* the stamp of its first part, then the text */
        size_t stamp_len;
        int64_t wall_ms; /* of its first part, as the kubelet counts it */
        uint32_t sub_ns;
        bool open, cut;
    } streams[LOGCRI_STREAMS];
};

void logcri_init(struct logcri *c);
void logcri_free(struct logcri *c);
/* Forget parts that wait for more. */
void logcri_clear(struct logcri *c);
/* line: what stands behind a stamp of *stamp_len bytes, which lies in front of its text. On LOGCRI_LINE it is the whole
 * line without its tags, again behind a stamp of *stamp_len bytes; borrowed until the next call. */
enum logcri_kind logcri_take(struct logcri *c, struct logbuf_line *line, size_t *stamp_len);
/* The file ended within a line: what there is of it; false when there is nothing (more). */
bool logcri_rest(struct logcri *c, struct logbuf_line *line, size_t *stamp_len);

#endif
