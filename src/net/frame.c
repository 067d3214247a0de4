/* frame: follows strings and brackets of a byte stream, and cuts it into pieces.
 *
 * A table says at which bytes the scanner stops; what lies between is copied in one go. Lists of
 * 100 MB go through here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/net/frame.h"

#include <string.h>

#include "frame_pb.h"

enum frame_state {
    BETWEEN_DOCS,  /* FRAME_WATCH */
    IN_DOC,        /* FRAME_WATCH */
    BEFORE_LIST,   /* FRAME_LIST */
    IN_ENVELOPE,   /* FRAME_LIST: inside the outermost object, outside items */
    BETWEEN_ITEMS, /* FRAME_LIST */
    IN_ITEM,       /* FRAME_LIST */
    AFTER_LIST,    /* FRAME_LIST */
    IN_LINES,      /* FRAME_LINES */
    FAILED,
};

/* Where the elements of items are: inside the outermost object and the array. */
#define ITEMS_DEPTH 2

/* Stop here outside strings: at any depth, and only where members of the list are told apart. */
#define STOP_ALWAYS 1
#define STOP_SHALLOW 2
/* Stop here inside strings. */
#define STOP_STRING 4
static const unsigned char stops[256] = {
    ['"'] = STOP_ALWAYS | STOP_STRING,
    ['\\'] = STOP_STRING,
    ['{'] = STOP_ALWAYS,
    ['}'] = STOP_ALWAYS,
    ['['] = STOP_ALWAYS,
    [']'] = STOP_ALWAYS,
    [','] = STOP_SHALLOW,
    [':'] = STOP_SHALLOW,
};

/* One call of frame_feed. */
struct scan {
    struct frame *f;
    const char *at, *end;
    const char *mark; /* first byte that is not copied yet */
    bool (*emit)(void *ctx, enum frame_kind kind, const char *bytes, size_t len);
    void *ctx;
    struct iw_error *err;
};

void
frame_init(struct frame *f, enum frame_mode mode, size_t ceiling_bytes)
{
    *f = (struct frame){.mode = mode, .ceiling_bytes = ceiling_bytes};
    switch (mode) {
    case FRAME_WATCH:
        f->state = BETWEEN_DOCS;
        break;
    case FRAME_LIST:
        f->state = BEFORE_LIST;
        break;
    case FRAME_LINES:
        f->state = IN_LINES;
        break;
    case FRAME_PB_WATCH:
    case FRAME_PB_LIST:
        frame_pb_init(f);
        break;
    }
    strbuf_init(&f->piece, ceiling_bytes);
    if (mode == FRAME_LIST)
        strbuf_init(&f->envelope, ceiling_bytes);
}

void
frame_free(struct frame *f)
{
    strbuf_free(&f->piece);
    strbuf_free(&f->envelope);
    strbuf_free(&f->pb.rest);
}

static bool
is_pb(const struct frame *f)
{
    return f->mode == FRAME_PB_WATCH || f->mode == FRAME_PB_LIST;
}

static enum iw_err
frame_broken(struct scan *s, const char *what)
{
    s->f->state = FAILED;
    return iw_fail(s->err, IW_ERR_PARSE, "the answer is not the JSON that was expected: %s", what);
}

/* Copy [mark, upto) to where the state says. */
static enum iw_err
frame_keep(struct scan *s, const char *upto)
{
    struct frame *f = s->f;
    struct strbuf *to = f->state == IN_ENVELOPE ? &f->envelope : &f->piece;
    const char *from = s->mark;
    s->mark = upto;
    if (strbuf_add(to, from, (size_t)(upto - from)))
        return IW_OK;
    f->state = FAILED;
    return iw_fail(s->err, IW_ERR_TOO_BIG, "an object of the answer has more than %zu bytes",
                   f->ceiling_bytes);
}

/* Hand on a buffer and go on in the next state. When emit says stop, the frame may be gone. */
static enum iw_err
frame_emit(struct scan *s, enum frame_kind kind, struct strbuf *from, enum frame_state next)
{
    struct frame *f = s->f;
    f->state = (int)next;
    if (!s->emit(s->ctx, kind, from->data, from->len))
        return iw_fail(s->err, IW_ERR_CANCELED, "canceled");
    strbuf_clear(from);
    return IW_OK;
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static enum iw_err
emit_item(struct scan *s)
{
    struct strbuf *piece = &s->f->piece;
    while (piece->len > 0 && is_space(piece->data[piece->len - 1]))
        piece->data[--piece->len] = '\0'; /* after a bare number or word */
    return frame_emit(s, FRAME_ITEM, piece, BETWEEN_ITEMS);
}

/* --- between pieces --- */

static enum iw_err
scan_between(struct scan *s)
{
    struct frame *f = s->f;
    while (s->at < s->end && is_space(*s->at))
        s->at++;
    if (s->at == s->end)
        return IW_OK;
    char c = *s->at;
    s->mark = s->at;
    if (f->state == BETWEEN_ITEMS) {
        if (c == ',')
            s->at++;
        else
            f->state = c == ']' || c == '}' ? IN_ENVELOPE : IN_ITEM;
        return IW_OK;
    }
    if (f->state == BETWEEN_DOCS && (c == '{' || c == '[')) {
        f->state = IN_DOC;
        return IW_OK;
    }
    if (f->state == BEFORE_LIST && c == '{') {
        f->state = IN_ENVELOPE;
        return IW_OK;
    }
    return frame_broken(s, f->state == AFTER_LIST ? "more follows" : "no object begins");
}

/* --- inside a piece --- */

static void
key_add(struct frame *f, const char *from, const char *to)
{
    for (; from < to; from++, f->key.len++)
        if (f->key.len < sizeof(f->key.text))
            f->key.text[f->key.len] = *from;
}

static void
scan_string(struct scan *s)
{
    struct frame *f = s->f;
    const char *at = s->at, *start = at;
    if (f->escape) { /* whatever follows the backslash; \u is followed by plain digits */
        f->escape = false;
        at++;
    }
    while (at < s->end && !(stops[(unsigned char)*at] & STOP_STRING))
        at++;
    if (f->in_key)
        key_add(f, start, at);
    if (at < s->end) {
        if (*at == '"') {
            f->in_string = f->in_key = false;
        } else {
            f->escape = true;
            f->key.len += f->in_key; /* an escaped name is not the one we look for */
        }
        at++;
    }
    s->at = at;
}

static enum iw_err
scan_open(struct scan *s, char c)
{
    struct frame *f = s->f;
    if (f->depth >= LIMIT_JSON_DEPTH)
        return frame_broken(s, "it is nested too deeply");
    uint64_t bit = UINT64_C(1) << (f->depth % 64);
    if (c == '[')
        f->is_array[f->depth / 64] |= bit;
    else
        f->is_array[f->depth / 64] &= ~bit;
    f->depth++;
    s->at++;
    if (f->state != IN_ENVELOPE)
        return IW_OK;
    if (f->depth == 1)
        f->expect_key = true;
    bool is_items = f->depth == ITEMS_DEPTH && c == '[' && !f->expect_key && f->key.len == 5 &&
                    memcmp(f->key.text, "items", 5) == 0;
    if (!is_items)
        return IW_OK;
    enum iw_err code = frame_keep(s, s->at);
    if (code == IW_OK)
        f->state = BETWEEN_ITEMS;
    return code;
}

static enum iw_err
scan_close(struct scan *s, char c)
{
    struct frame *f = s->f;
    enum iw_err code;
    if (f->state == IN_ITEM && f->depth == ITEMS_DEPTH) { /* the array ends after a bare value */
        code = frame_keep(s, s->at);
        return code == IW_OK ? emit_item(s) : code;
    }
    f->depth--;
    bool is_array = f->is_array[f->depth / 64] >> (f->depth % 64) & 1;
    if (is_array != (c == ']'))
        return frame_broken(s, "brackets do not match");
    s->at++;
    bool item_ends = f->state == IN_ITEM && f->depth == ITEMS_DEPTH;
    if (f->depth > 0 && !item_ends)
        return IW_OK;
    code = frame_keep(s, s->at);
    if (code != IW_OK)
        return code;
    if (item_ends)
        return emit_item(s);
    if (f->state == IN_DOC)
        return frame_emit(s, FRAME_DOC, &f->piece, BETWEEN_DOCS);
    return frame_emit(s, FRAME_ENVELOPE, &f->envelope, AFTER_LIST);
}

/* A comma or colon where members of the list or bare elements of items are told apart. */
static enum iw_err
scan_separator(struct scan *s, char c)
{
    struct frame *f = s->f;
    if (f->state == IN_ITEM && f->depth == ITEMS_DEPTH && c == ',') {
        enum iw_err code = frame_keep(s, s->at);
        return code == IW_OK ? emit_item(s) : code;
    }
    if (f->state == IN_ENVELOPE && f->depth == 1)
        f->expect_key = c == ',';
    s->at++;
    return IW_OK;
}

static enum iw_err
scan_inside(struct scan *s)
{
    struct frame *f = s->f;
    if (f->in_string) {
        scan_string(s);
        return IW_OK;
    }
    bool shallow = f->mode == FRAME_LIST && f->depth <= ITEMS_DEPTH;
    unsigned char mask = shallow ? STOP_ALWAYS | STOP_SHALLOW : STOP_ALWAYS;
    const char *at = s->at, *end = s->end;
    while (at < end && !(stops[(unsigned char)*at] & mask))
        at++;
    s->at = at;
    if (at == end)
        return IW_OK;
    switch (*at) {
    case '"':
        f->in_string = true;
        f->in_key = f->state == IN_ENVELOPE && f->depth == 1 && f->expect_key;
        if (f->in_key)
            f->key.len = 0;
        s->at++;
        return IW_OK;
    case '{':
    case '[':
        return scan_open(s, *at);
    case '}':
    case ']':
        return scan_close(s, *at);
    default:
        return scan_separator(s, *at);
    }
}

static bool
is_inside(const struct frame *f)
{
    return f->state == IN_DOC || f->state == IN_ENVELOPE || f->state == IN_ITEM;
}

static enum iw_err
feed_json(struct scan *s)
{
    enum iw_err code = IW_OK;
    while (code == IW_OK && s->at < s->end)
        code = is_inside(s->f) ? scan_inside(s) : scan_between(s);
    if (code == IW_OK && is_inside(s->f))
        code = frame_keep(s, s->end);
    return code;
}

/* --- lines --- */

/* Keep what fits of a line; the rest of it is dropped and the line marked. */
static void
line_keep(struct frame *f, const char *bytes, size_t len)
{
    size_t room = f->ceiling_bytes - f->piece.len;
    if (len > room)
        f->cut = true;
    if (!strbuf_add(&f->piece, bytes, IW_MIN(len, room)))
        f->cut = true;
}

static enum iw_err
line_emit(struct scan *s)
{
    enum frame_kind kind = s->f->cut ? FRAME_LINE_CUT : FRAME_LINE;
    s->f->cut = false;
    return frame_emit(s, kind, &s->f->piece, IN_LINES);
}

/* Lines of which nothing is kept yet are handed on where they lie: most of them, and logs come by the gigabyte. */
static enum iw_err
emit_whole_lines(struct scan *s)
{
    struct frame *f = s->f;
    const char *newline;
    while (s->at < s->end && (newline = memchr(s->at, '\n', (size_t)(s->end - s->at))) != NULL) {
        const char *line = s->at;
        if ((size_t)(newline - line) > f->ceiling_bytes)
            return IW_OK;
        s->at = newline + 1;
        if (!s->emit(s->ctx, FRAME_LINE, line, (size_t)(newline - line)))
            return iw_fail(s->err, IW_ERR_CANCELED, "canceled");
    }
    return IW_OK;
}

static enum iw_err
feed_lines(struct scan *s)
{
    enum iw_err code = IW_OK;
    while (code == IW_OK && s->at < s->end) {
        if (s->f->piece.len == 0 && !s->f->cut && (code = emit_whole_lines(s)) != IW_OK)
            break;
        if (s->at == s->end)
            break;
        const char *newline = memchr(s->at, '\n', (size_t)(s->end - s->at));
        const char *line_end = newline ? newline : s->end;
        line_keep(s->f, s->at, (size_t)(line_end - s->at));
        s->at = newline ? newline + 1 : s->end;
        if (newline)
            code = line_emit(s);
    }
    return code;
}

enum iw_err
frame_feed(struct frame *f, const char *bytes, size_t len,
           bool (*emit)(void *ctx, enum frame_kind kind, const char *bytes, size_t len), void *ctx,
           struct iw_error *err)
{
    if (len == 0)
        return IW_OK;
    if (is_pb(f))
        return frame_pb_feed(f, pb_span_of(bytes, len), emit, ctx, err);
    struct scan s = {.f = f,
                     .at = bytes,
                     .end = bytes + len,
                     .mark = bytes,
                     .emit = emit,
                     .ctx = ctx,
                     .err = err};
    if (f->state == FAILED)
        return frame_broken(&s, "it was broken before");
    return f->mode == FRAME_LINES ? feed_lines(&s) : feed_json(&s);
}

enum iw_err
frame_finish(struct frame *f,
             bool (*emit)(void *ctx, enum frame_kind kind, const char *bytes, size_t len),
             void *ctx, struct iw_error *err)
{
    struct scan s = {.f = f, .emit = emit, .ctx = ctx, .err = err};
    if (is_pb(f))
        return frame_pb_finish(f, emit, ctx, err);
    if (f->mode == FRAME_LINES)
        return f->piece.len > 0 || f->cut ? line_emit(&s) : IW_OK;
    if (f->state == FAILED)
        return frame_broken(&s, "it was broken before");
    if (f->state == BETWEEN_DOCS || f->state == AFTER_LIST)
        return IW_OK;
    return iw_fail(err, IW_ERR_EOF, "the answer ended in the middle of an object");
}
