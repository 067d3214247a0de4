/* log_archive: each attempt is a list of records in one growing block.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/log_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/logline.h"

struct kept_line {
    int64_t wall_ms;
    uint32_t len, sub_ns;
    uint8_t kind;
    bool cut;
};

struct kept {
    char *uid, *container;
    struct logbuf_chapter facts;
    struct strbuf lines; /* struct kept_line, then its bytes */
    uint64_t line_count;
    bool cut;                 /* its end did not fit */
    size_t last_at, last_len; /* text of the last line that is not blank, in `lines` */
};

struct log_archive {
    size_t cap_bytes, bytes;
    VEC(struct kept) attempts; /* in the order they were put */
};

struct log_archive *
log_archive_new(size_t cap_bytes)
{
    struct log_archive *a = iw_calloc(1, sizeof(*a));
    a->cap_bytes = cap_bytes;
    return a;
}

static void
kept_free(struct kept *k)
{
    free(k->uid);
    free(k->container);
    strbuf_free(&k->lines);
}

void
log_archive_clear(struct log_archive *a)
{
    for (size_t i = 0; i < a->attempts.len; i++)
        kept_free(&a->attempts.items[i]);
    vec_clear(&a->attempts);
    a->bytes = 0;
}

void
log_archive_free(struct log_archive *a)
{
    if (!a)
        return;
    log_archive_clear(a);
    vec_free(&a->attempts);
    free(a);
}

static struct kept *
find(const struct log_archive *a, const char *uid, const char *container, int32_t attempt)
{
    for (size_t i = a->attempts.len; i-- > 0;) {
        struct kept *k = &a->attempts.items[i];
        if (k->facts.attempt == attempt && strcmp(k->container, container) == 0 &&
            strcmp(k->uid, uid) == 0)
            return k;
    }
    return NULL;
}

static void
forget(struct log_archive *a, size_t i)
{
    a->bytes -= a->attempts.items[i].lines.len;
    kept_free(&a->attempts.items[i]);
    vec_remove(&a->attempts, i);
}

void
log_archive_begin(struct log_archive *a, const char *uid, const char *container,
                  const struct logbuf_chapter *facts)
{
    const struct kept *old = find(a, uid, container, facts->attempt);
    if (old)
        forget(a, (size_t)(old - a->attempts.items));
    if (a->attempts.len == LIMIT_LOG_CHAPTERS)
        forget(a, 0);
    struct kept k = {.uid = iw_strdup(uid), .container = iw_strdup(container), .facts = *facts};
    strbuf_init(&k.lines, a->cap_bytes);
    vec_push(&a->attempts, k);
}

/* The lines of attempts that were put first go until `len` more bytes fit beside the newest attempt. */
static void
make_room(struct log_archive *a, size_t len)
{
    for (size_t i = 0; i + 1 < a->attempts.len && a->bytes + len > a->cap_bytes; i++) {
        struct kept *k = &a->attempts.items[i];
        if (k->lines.len == 0)
            continue;
        a->bytes -= k->lines.len;
        strbuf_free(&k->lines);
        strbuf_init(&k->lines, a->cap_bytes);
        k->last_len = 0;
        snprintf(k->facts.missing, sizeof(k->facts.missing),
                 tr("let go: attempts are kept up to %zu MiB"), a->cap_bytes >> 20);
    }
}

void
log_archive_add(struct log_archive *a, const struct logbuf_line *line)
{
    if (a->attempts.len == 0)
        return;
    struct kept_line head = {.wall_ms = line->wall_ms,
                             .len = line->len,
                             .sub_ns = line->sub_ns,
                             .kind = (uint8_t)line->kind,
                             .cut = line->cut};
    size_t len = sizeof(head) + line->len;
    make_room(a, len);
    struct kept *k = &a->attempts.items[a->attempts.len - 1];
    if (a->bytes + len > a->cap_bytes) {
        k->cut = true; /* larger than the whole archive: its beginning is kept */
        return;
    }
    strbuf_add(&k->lines, &head, sizeof(head));
    strbuf_add(&k->lines, line->text, line->len);
    a->bytes += len;
    if (line->kind != LOGBUF_TEXT)
        return;
    k->line_count++;
    if (!logline_is_blank(line->text, line->len)) {
        k->last_len = line->len;
        k->last_at = k->lines.len - line->len;
    }
}

uint64_t
log_archive_lines(const struct log_archive *a, const char *uid, const char *container,
                  int32_t attempt, char *last, size_t last_size)
{
    const struct kept *k = find(a, uid, container, attempt);
    size_t len = k ? IW_MIN(k->last_len, last_size - 1) : 0;
    if (len > 0)
        memcpy(last, k->lines.data + k->last_at, len);
    last[len] = '\0';
    return k ? k->line_count : 0;
}

void
log_archive_tell(struct log_archive *a, const char *uid, const char *container,
                 const struct logbuf_chapter *facts)
{
    struct kept *k = find(a, uid, container, facts->attempt);
    if (k)
        k->facts = *facts;
}

const struct logbuf_chapter *
log_archive_find(const struct log_archive *a, const char *uid, const char *container,
                 int32_t attempt)
{
    const struct kept *k = find(a, uid, container, attempt);
    return k ? &k->facts : NULL;
}

void
log_archive_each(const struct log_archive *a, const char *uid, const char *container,
                 int32_t attempt, void (*line)(void *ctx, const struct logbuf_line *line),
                 void *ctx)
{
    const struct kept *k = find(a, uid, container, attempt);
    for (size_t at = 0; k && at < k->lines.len;) {
        struct kept_line head;
        memcpy(&head, k->lines.data + at, sizeof(head));
        at += sizeof(head);
        const struct logbuf_line out = {.text = k->lines.data + at,
                                        .len = head.len,
                                        .kind = (enum logbuf_line_kind)head.kind,
                                        .cut = head.cut,
                                        .wall_ms = head.wall_ms,
                                        .sub_ns = head.sub_ns};
        line(ctx, &out);
        at += head.len;
    }
    if (!k || !k->cut)
        return;
    char text[128];
    snprintf(text, sizeof(text),
             tr("the lines that follow were let go: attempts are kept up to %zu MiB"),
             a->cap_bytes >> 20);
    line(ctx, &(struct logbuf_line){.text = text,
                                    .len = (uint32_t)strlen(text),
                                    .kind = LOGBUF_MARK,
                                    .wall_ms = IW_TIME_NONE});
}

size_t
log_archive_bytes(const struct log_archive *a)
{
    return a->bytes;
}
