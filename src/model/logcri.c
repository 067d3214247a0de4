/* logcri: parts are joined per stream.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logcri.h"

#include <string.h>

#include "initwatch/base/limits.h"

enum { STAMP_BYTES = 64 };

void
logcri_init(struct logcri *c)
{
    *c = (struct logcri){0};
    for (int i = 0; i < LOGCRI_STREAMS; i++)
        strbuf_init(&c->streams[i].text, LIMIT_LOG_LINE_BYTES + STAMP_BYTES + 1);
}

void
logcri_free(struct logcri *c)
{
    for (int i = 0; i < LOGCRI_STREAMS; i++)
        strbuf_free(&c->streams[i].text);
}

void
logcri_clear(struct logcri *c)
{
    for (int i = 0; i < LOGCRI_STREAMS; i++)
        c->streams[i].open = false;
}

/* Bytes of "stdout F " or "stderr P:tag "; 0 when there are none. An empty line may have lost its blank. */
static size_t
tags_len(const char *text, size_t len, int *stream, bool *partial)
{
    static const char *const names[LOGCRI_STREAMS] = {"stdout ", "stderr "};
    enum { NAME_BYTES = 7 };
    if (len <= NAME_BYTES)
        return 0;
    for (*stream = 0; *stream < LOGCRI_STREAMS; ++*stream)
        if (memcmp(text, names[*stream], NAME_BYTES) == 0)
            break;
    const char tag = text[NAME_BYTES];
    if (*stream == LOGCRI_STREAMS || (tag != 'F' && tag != 'P'))
        return 0;
    *partial = tag == 'P';
    size_t at = NAME_BYTES + 1;
    if (at < len && text[at] == ':')
        while (at < len && text[at] != ' ')
            at++;
    if (at == len)
        return at;
    return text[at] == ' ' ? at + 1 : 0;
}

static void
hand_on(struct logcri_stream *s, struct logbuf_line *line, size_t *stamp_len)
{
    line->text = s->text.data + s->stamp_len;
    line->len = (uint32_t)(s->text.len - s->stamp_len);
    line->wall_ms = s->wall_ms;
    line->sub_ns = s->sub_ns;
    line->cut |= s->cut;
    *stamp_len = s->stamp_len;
    s->open = false;
}

enum logcri_kind
logcri_take(struct logcri *c, struct logbuf_line *line, size_t *stamp_len)
{
    int stream;
    bool partial = false;
    size_t tags = tags_len(line->text, line->len, &stream, &partial);
    if (tags == 0 || *stamp_len > STAMP_BYTES)
        return LOGCRI_NONE;
    struct logcri_stream *s = &c->streams[stream];
    if (!s->open) {
        strbuf_clear(&s->text);
        (void)strbuf_add(&s->text, line->text - *stamp_len, *stamp_len);
        s->stamp_len = *stamp_len;
        s->wall_ms = line->wall_ms;
        s->sub_ns = line->sub_ns;
        s->cut = false;
        s->open = true;
    }
    const size_t room = s->stamp_len + LIMIT_LOG_LINE_BYTES - s->text.len, len = line->len - tags;
    (void)strbuf_add(&s->text, line->text + tags, IW_MIN(len, room));
    s->cut |= len > room;
    if (partial)
        return LOGCRI_PART;
    hand_on(s, line, stamp_len);
    return LOGCRI_LINE;
}

bool
logcri_rest(struct logcri *c, struct logbuf_line *line, size_t *stamp_len)
{
    for (int i = 0; i < LOGCRI_STREAMS; i++) {
        if (!c->streams[i].open)
            continue;
        hand_on(&c->streams[i], line, stamp_len);
        return true;
    }
    return false;
}
