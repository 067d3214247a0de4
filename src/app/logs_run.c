/* logs_run: what is known of the log of one run, whether it is on screen or kept.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/model/logline.h"
#include "logs_internal.h"

enum { RUN_LOOK_BACK = 1000 }; /* lines of other containers between the last ones of a run */

/* The chapter of the run on screen; id 0: there is none. */
static uint32_t
find_chapter(const struct logs *l, const char *uid, const char *container, int32_t attempt)
{
    const struct logbuf *b = l->feed.buf;
    for (size_t i = b ? logbuf_chapter_count(b) : 0; i-- > 0;) {
        const struct logbuf_chapter *chapter = logbuf_chapter_at(b, i);
        const struct log_feed_source *src = &l->feed.sources[chapter->source];
        const struct pod *pod = store_get(l->session->store, src->pod);
        if (chapter->attempt == attempt && pod && strcmp(pod->uid, uid) == 0 &&
            strcmp(src->container, container) == 0)
            return logbuf_chapter_id(b, i);
    }
    return 0;
}

/* The last line of a chapter: before the one that the source's next chapter begins with. */
static void
last_line(const struct logbuf *b, uint32_t id, const struct logbuf_chapter *chapter, char *out,
          size_t out_size)
{
    uint64_t end = logbuf_dropped(b) + logbuf_count(b);
    for (size_t i = 0; i < logbuf_chapter_count(b); i++) {
        const struct logbuf_chapter *next = logbuf_chapter_at(b, i);
        if (next->source == chapter->source && logbuf_chapter_id(b, i) > id)
            end = IW_MIN(end, next->first_line);
    }
    out[0] = '\0';
    for (size_t n = 0; n < RUN_LOOK_BACK && end > logbuf_dropped(b); n++) {
        struct logbuf_line line = logbuf_line(b, (size_t)(--end - logbuf_dropped(b)));
        if (line.chapter != id || line.kind != LOGBUF_TEXT || logline_is_blank(line.text, line.len))
            continue;
        size_t len = IW_MIN((size_t)line.len, out_size - 1);
        memcpy(out, line.text, len);
        out[len] = '\0';
        return;
    }
}

static bool
look_in_archive(const struct logs *l, const char *uid, const char *container, int32_t attempt,
                struct log_run *out)
{
    const struct logbuf_chapter *kept = log_archive_find(l->archive, uid, container, attempt);
    if (!kept)
        return false;
    out->lines =
        log_archive_lines(l->archive, uid, container, attempt, out->last, sizeof(out->last));
    out->tail = kept->tail || kept->missing[0];
    return out->lines > 0 || !kept->missing[0];
}

bool
logs_run(const void *ctx, const char *uid, const char *container, int32_t attempt,
         struct log_run *out)
{
    const struct logs *l = ctx;
    struct log_run kept = {0};
    bool is_kept = look_in_archive(l, uid, container, attempt, &kept);
    uint32_t id = find_chapter(l, uid, container, attempt);
    const struct logbuf_chapter *chapter = id ? logbuf_chapter_find(l->feed.buf, id) : NULL;
    if (chapter && !chapter->missing[0] && chapter->line_count >= kept.lines) {
        last_line(l->feed.buf, id, chapter, out->last, sizeof(out->last));
        out->lines = chapter->line_count;
        out->tail = chapter->tail;
        return true;
    }
    if (is_kept)
        *out = kept;
    return is_kept;
}
