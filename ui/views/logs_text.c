/* logs_text: one line of a log as it is drawn.
 *
 * Colour sequences become styles of the bytes behind them; JSON and key=value lines become columns when the user wants
 * them. Whatever else is in the line stays: surface_text makes it visible and harmless.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/utf8.h"
#include "logs.h"

enum { TAB_STOP = 8, HANG_COLS = 2, HANG_MAX = 16, LEVEL_COLS = 5, MESSAGE_COLS = 36 };
static const char CUT_NOTE[] = " … (longer: cut here)";

void
logs_text_free(struct logs_text *t)
{
    free(t->owned);
    vec_free(&t->styles);
}

/* --- colours --- */

/* The 256 colours of terminals as our roles: hue decides, greys are dim, white and black are the text's own. */
static enum role
sgr_role(int16_t fg)
{
    static const enum role hues[8] = {ROLE_DIM,        ROLE_SGR_RED,  ROLE_SGR_GREEN,
                                      ROLE_SGR_YELLOW, ROLE_SGR_BLUE, ROLE_SGR_MAGENTA,
                                      ROLE_SGR_CYAN,   ROLE_TEXT};
    if (fg < 0)
        return ROLE_COUNT; /* the line's own */
    if (fg < 16)
        return hues[fg & 7];
    if (fg >= 232)
        return fg < 246 ? ROLE_DIM : ROLE_TEXT;
    int n = fg - 16, r = n / 36, g = n / 6 % 6, b = n % 6;
    int most = IW_MAX(r, IW_MAX(g, b)), limit = most / 2;
    int hue = (r > limit ? 1 : 0) | (g > limit ? 2 : 0) | (b > limit ? 4 : 0);
    return most == 0 ? ROLE_DIM : hues[hue];
}

static void
add_style(struct logs_text *t, size_t at, enum role role, unsigned flags)
{
    struct logs_style style = {at, (uint8_t)role, (uint8_t)flags};
    if (t->styles.len > 0 && t->styles.items[t->styles.len - 1].at == at)
        t->styles.items[t->styles.len - 1] = style;
    else
        vec_push(&t->styles, style);
}

static void
take_colours(struct logs_text *t, struct strbuf *out)
{
    struct sgr sgr = SGR_PLAIN;
    for (size_t at = 0; at < t->len;) {
        size_t taken = t->text[at] == '\x1b' ? sgr_take(&sgr, t->text + at, t->len - at) : 0;
        if (taken > 0) {
            enum role role = sgr.dim ? ROLE_DIM : sgr_role(sgr.reverse ? sgr.bg : sgr.fg);
            add_style(t, out->len, role,
                      (sgr.bold ? CELL_BOLD : 0u) | (sgr.underline ? CELL_UNDERLINED : 0u) |
                          (sgr.reverse ? CELL_SELECTED : 0u));
            at += taken;
            continue;
        }
        const char *esc = memchr(t->text + at + 1, '\x1b', t->len - at - 1);
        size_t run = esc ? (size_t)(esc - t->text) - at : t->len - at;
        strbuf_add(out, t->text + at, run);
        at += run;
    }
    if (out->len > 0 && out->data[out->len - 1] == '\r')
        out->data[--out->len] = 0;
}

/* --- carriage returns --- */

/* A progress bar writes its line again and again: of one that does not fit, what stood there last is shown, behind one sign for
 * all the rest (wrapped, and in the details, the whole line is). */
static bool
take_last_state(struct logs_text *t, int cols, struct strbuf *out)
{
    static const char sign[] = "\r ";
    size_t end = t->len;
    while (end > 0 && t->text[end - 1] == '\r')
        end--;
    const char *last = end > 0 ? memrchr(t->text, '\r', end) : NULL;
    if (!last || utf8_width(t->text, end) <= cols)
        return false;
    const size_t from = (size_t)(last + 1 - t->text), before = sizeof(sign) - 1;
    struct logs_style now = {before, ROLE_COUNT, 0};
    size_t kept = 0;
    for (size_t i = 0; i < t->styles.len; i++) {
        struct logs_style style = t->styles.items[i];
        if (style.at <= from) {
            now.role = style.role;
            now.flags = style.flags;
        } else {
            style.at += before - from;
            t->styles.items[kept++] = style;
        }
    }
    t->styles.len = kept;
    vec_push(&t->styles, now);
    vec_push(&t->styles, now);
    memmove(t->styles.items + 2, t->styles.items, kept * sizeof(now));
    t->styles.items[0] = (struct logs_style){0, ROLE_DIM, 0};
    t->styles.items[1] = now;
    strbuf_adds(out, sign);
    strbuf_add(out, t->text + from, end - from);
    return true;
}

/* --- tabs --- */

/* Tabs as blanks: columns are counted from the start of the text, wherever it is drawn. */
static void
take_tabs(struct logs_text *t, struct strbuf *out)
{
    int col = 0;
    size_t style = 0;
    for (size_t at = 0; at <= t->len;) {
        for (; style < t->styles.len && t->styles.items[style].at <= at; style++)
            t->styles.items[style].at = out->len;
        size_t stop = style < t->styles.len ? t->styles.items[style].at : t->len;
        const char *tab = memchr(t->text + at, '\t', stop - at);
        size_t run = tab ? (size_t)(tab - t->text) - at : stop - at;
        strbuf_add(out, t->text + at, run);
        col += utf8_width(t->text + at, run);
        at += run;
        if (tab) {
            do
                strbuf_addc(out, ' ');
            while (++col % TAB_STOP != 0);
            at++;
        } else if (at == t->len) {
            break;
        }
    }
}

/* --- columns --- */

static bool
is_hidden(const struct logs_state *st, const struct logfield *f)
{
    for (size_t i = 0; i < st->field_count; i++)
        if (strlen(st->fields[i].name) == f->key_len &&
            memcmp(st->fields[i].name, f->key, f->key_len) == 0)
            return st->fields[i].hidden;
    return false;
}

static bool
key_is(const struct logfield *f, const char *const *names)
{
    for (; *names; names++)
        if (strlen(*names) == f->key_len && memcmp(f->key, *names, f->key_len) == 0)
            return true;
    return false;
}

static enum role
level_role(enum line_level level)
{
    return level >= LINE_LEVEL_ERROR  ? ROLE_ERROR
           : level == LINE_LEVEL_WARN ? ROLE_WARN
           : level == LINE_LEVEL_INFO ? ROLE_OK
                                      : ROLE_DIM;
}

/* The value, padded to a column. */
static void
add_column(struct logs_text *t, struct strbuf *out, const struct logfield *f, int cols,
           enum role role)
{
    size_t begin = out->len;
    add_style(t, begin, role, 0);
    if (f)
        logfield_value(out, f);
    for (int used = utf8_width(out->data + begin, out->len - begin); used < cols; used++)
        strbuf_addc(out, ' ');
    add_style(t, out->len, ROLE_COUNT, 0);
    strbuf_adds(out, "  ");
}

/* "error  slow write       took=812ms path=app.log" */
static bool
take_columns(struct logs_text *t, const struct logs_state *st, struct strbuf *out)
{
    static const char *const levels[] = {"level", "lvl", "severity", "levelname", "@l", NULL};
    static const char *const messages[] = {"msg", "message", "@m", "event", "text", "log", NULL};
    static const char *const times[] = {"ts", "time", "timestamp", "@t", "@timestamp", NULL};
    struct logfield fields[LOGFIELDS_MAX], *level = NULL, *message = NULL;
    size_t n = logfields_parse(t->text, t->len, fields, LOGFIELDS_MAX);
    if (n == 0)
        return false;
    vec_clear(&t->styles);
    for (size_t i = 0; i < n; i++) {
        if (!level && key_is(&fields[i], levels))
            level = &fields[i];
        else if (!message && key_is(&fields[i], messages))
            message = &fields[i];
    }
    enum line_level value = LINE_LEVEL_NONE;
    if (level)
        (void)line_level_parse(level->value, level->value_len, &value);
    if (!level || !is_hidden(st, level))
        add_column(t, out, level, LEVEL_COLS, level_role(value));
    if (message && !is_hidden(st, message))
        add_column(t, out, message, MESSAGE_COLS, ROLE_COUNT);
    for (size_t i = 0; i < n; i++) {
        const struct logfield *f = &fields[i];
        if (f == level || f == message || key_is(f, times) || is_hidden(st, f))
            continue;
        add_style(t, out->len, ROLE_DIM, 0);
        strbuf_add(out, f->key, f->key_len);
        strbuf_addc(out, '=');
        add_style(t, out->len, ROLE_COUNT, 0);
        logfield_value(out, f);
        strbuf_addc(out, ' ');
    }
    return true;
}

void
logs_fields_draw(const struct logs_state *st, const struct logs_text *t, struct surface *s,
                 struct rect row)
{
    struct logfield fields[LOGFIELDS_MAX];
    size_t n = logfields_parse(t->text, t->len, fields, LOGFIELDS_MAX);
    int x = row.x + surface_puts(s, row, row.x, row.y, ROLE_RULE, "╰ ");
    strbuf_auto value;
    strbuf_init(&value, LIMIT_LOG_LINE_BYTES);
    for (size_t i = 0; i < n && x < row.x + row.w; i++) {
        const struct logfield *f = &fields[i];
        if (is_hidden(st, f))
            continue;
        strbuf_clear(&value);
        logfield_value(&value, f);
        x += surface_text(s, row, x, row.y, ROLE_DIM, f->key, f->key_len) + 1;
        x += surface_text(s, row, x, row.y, ROLE_TEXT, value.data, value.len) + 3;
    }
}

/* --- all of it --- */

static void
replace(struct logs_text *t, struct strbuf *out)
{
    free(t->owned);
    t->len = out->len;
    t->owned = strbuf_take(out);
    t->text = t->owned;
    strbuf_init(out, 0);
}

void
logs_text_of(struct logs_text *t, const struct logs_state *st, const struct logbuf_line *line)
{
    *t = (struct logs_text){.text = line->text, .len = line->len};
    strbuf_auto out;
    strbuf_init(&out, 0);
    if (line->escaped) {
        take_colours(t, &out);
        replace(t, &out);
    }
    if (st->columns && take_columns(t, st, &out))
        replace(t, &out);
    if (!st->wrap && take_last_state(t, st->text.w, &out))
        replace(t, &out);
    if (line->cut) {
        strbuf_add(&out, t->text, t->len);
        strbuf_adds(&out, CUT_NOTE);
        replace(t, &out);
    }
    if (t->len > 0 && memchr(t->text, '\t', t->len)) {
        take_tabs(t, &out);
        replace(t, &out);
    }
}

int
logs_text_indent(const struct logs_text *t, int cols)
{
    int indent = 0;
    while ((size_t)indent < t->len && t->text[indent] == ' ')
        indent++;
    indent = IW_MIN(indent + HANG_COLS, HANG_MAX);
    return cols > 2 * HANG_MAX ? indent : 0;
}

size_t
logs_text_take(const struct logs_text *t, size_t from, int cols)
{
    size_t left = t->len - from;
    if (from > 0)
        cols -= logs_text_indent(t, cols);
    size_t fits = utf8_fit(t->text + from, left, cols, NULL);
    if (fits >= left)
        return left;
    /* Between words, when that does not leave much of the row empty. */
    for (size_t at = fits; at > fits * 2 / 3 && at > 1; at--)
        if (t->text[from + at - 1] == ' ')
            return at;
    return IW_MAX(fits, (size_t)1);
}

int
logs_text_rows(const struct logs_text *t, int cols)
{
    int rows = 0;
    for (size_t at = 0; at < t->len; rows++)
        at += logs_text_take(t, at, cols);
    return IW_MAX(rows, 1);
}

int
logs_text_draw(const struct logs_text *t, size_t from, size_t to, struct surface *s,
               struct rect row, int shift, enum role role)
{
    int x = row.x - shift, width = 0;
    size_t style = 0;
    enum role now = role;
    unsigned flags = 0;
    for (size_t at = from; at < to;) {
        for (; style < t->styles.len && t->styles.items[style].at <= at; style++) {
            const struct logs_style *next = &t->styles.items[style];
            now = next->role == ROLE_COUNT ? role : (enum role)next->role;
            flags = next->flags;
        }
        size_t stop = style < t->styles.len ? IW_MIN(t->styles.items[style].at, to) : to;
        int cols = surface_text(s, row, x + width, row.y, now, t->text + at, stop - at);
        if (flags)
            surface_flag(s, rect_intersect(row, (struct rect){x + width, row.y, cols, 1}),
                         (uint8_t)flags);
        width += cols;
        at = stop;
        /* Nothing behind the right edge is seen. */
        if (x + width > row.x + row.w && t->len > 4096)
            break;
    }
    return width;
}
