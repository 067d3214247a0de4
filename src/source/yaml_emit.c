/* yaml_emit: a JSON tree to lines of YAML.
 * Ref: YAML 1.2 chapters 7 and 8; what must be quoted is decided by YAML 1.1 as well, as
 * Kubernetes' own reader takes yes, no and 0777 for other things than text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/yaml_emit.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/yaml_json.h"

enum { INDENT_CELLS = 2 };

struct emitter {
    struct strbuf out;
    VEC(struct yaml_line) lines;
    uint32_t flags; /* of lines begun now */
    bool secret;    /* the object is a Secret */
};

/* --- scalars --- */

/* Words that YAML 1.1 takes for null, booleans or numbers. */
static bool
is_reserved_word(const char *text, size_t len)
{
    static const char *const words[] = {"null", "~",     "true", "false", "yes",  "no",
                                        "on",   "off",   "y",    "n",     ".inf", "-.inf",
                                        ".nan", "+.inf", "=",    "<<",    "---",  "..."};
    for (size_t i = 0; i < IW_COUNTOF(words); i++) {
        if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
            return true;
    }
    return false;
}

/* What begins as a number may be one, or a date, or 12:30:45: all are quoted. A letter that no number
 * has makes it text (788bd377-x), and so do two points (10.0.0.1). */
static bool
looks_numeric(const char *text, size_t len)
{
    size_t points = 0, digits = 0;
    size_t i = text[0] == '-' || text[0] == '+' ? 1 : 0;
    if (i == len || !(isdigit((unsigned char)text[i]) || text[i] == '.' || text[i] == '_'))
        return false;
    bool other_base = len > i + 1 && text[i] == '0' && strchr("xXoObB", text[i + 1]);
    for (; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool letter = other_base ? isxdigit(c) || strchr("xXoO", c) : strchr("eETtZz", c) != NULL;
        if (!isdigit(c) && !letter && !strchr(".:_+- ", c))
            return false;
        points += c == '.';
        digits += isdigit(c) != 0;
    }
    return digits > 0 && points < 2;
}

/* Plain, it would be read as something else than text. */
static bool
has_other_type(const char *text, size_t len)
{
    return len == 0 || is_reserved_word(text, len) || looks_numeric(text, len);
}

static bool
is_plain(const char *text, size_t len)
{
    if (text[0] == ' ' || text[len - 1] == ' ' || text[len - 1] == ':')
        return false;
    if (strchr(",[]{}#&*!|>'\"%@`", text[0]))
        return false;
    if (strchr("-?:", text[0]) && (len == 1 || text[1] == ' '))
        return false;
    if (strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\t' || (text[i] == ':' && text[i + 1] == ' ') ||
            (text[i] == ' ' && text[i + 1] == '#'))
            return false;
    }
    return true;
}

/* Code points that a reader or a terminal may take for something else than a letter. */
static bool
is_printable(uint32_t ch)
{
    if (ch < 0x20 || (ch >= 0x7f && ch <= 0xa0))
        return false;
    return !utf8_is_deceptive(ch) && ch != 0xfffe && ch != 0xffff;
}

struct text_traits {
    bool printable; /* apart from newlines */
    bool lines, tabs;
};

static struct text_traits
traits_of(const char *text, size_t len)
{
    struct text_traits t = {.printable = true};
    for (size_t i = 0; i < len;) {
        size_t used;
        uint32_t ch = utf8_next(text + i, len - i, &used);
        i += used;
        if (ch == '\n')
            t.lines = true;
        else if (ch == '\t')
            t.tabs = true;
        else if (!is_printable(ch))
            t.printable = false;
    }
    return t;
}

static void
put_escaped(struct strbuf *out, const char *text, size_t len)
{
    static const char short_names[] = {
        ['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\', [27] = 'e'};
    strbuf_addc(out, '"');
    for (size_t i = 0; i < len;) {
        size_t used;
        uint32_t ch = utf8_next(text + i, len - i, &used);
        if (ch < sizeof(short_names) && short_names[ch])
            strbuf_addf(out, "\\%c", short_names[ch]);
        else if (is_printable(ch))
            strbuf_add(out, text + i, used);
        else if (ch < 0x100)
            strbuf_addf(out, "\\x%02x", ch);
        else
            strbuf_addf(out, ch < 0x10000 ? "\\u%04x" : "\\U%08x", ch);
        i += used;
    }
    strbuf_addc(out, '"');
}

static void
put_quoted(struct strbuf *out, const char *text, size_t len)
{
    strbuf_addc(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'')
            strbuf_addc(out, '\'');
        strbuf_addc(out, text[i]);
    }
    strbuf_addc(out, '\'');
}

void
yaml_scalar(struct strbuf *out, const char *text, size_t len)
{
    struct text_traits t = traits_of(text, len);
    if (!t.printable || t.lines || t.tabs || has_other_type(text, len))
        put_escaped(out, text, len);
    else if (is_plain(text, len))
        strbuf_add(out, text, len);
    else
        put_quoted(out, text, len);
}

/* --- lines --- */

static struct yaml_line *
last_line(struct emitter *e)
{
    return &e->lines.items[e->lines.len - 1];
}

static void
begin_line(struct emitter *e, size_t indent)
{
    struct yaml_line line = {.at = (uint32_t)e->out.len, .flags = e->flags};
    vec_push(&e->lines, line);
    for (size_t i = 0; i < indent; i++)
        strbuf_addc(&e->out, ' ');
}

static void
end_line(struct emitter *e)
{
    last_line(e)->len = (uint32_t)e->out.len - last_line(e)->at;
    strbuf_addc(&e->out, '\n');
}

static void
close_block(struct emitter *e, size_t first)
{
    if (e->lines.len > first + 1)
        e->lines.items[first].end = (uint32_t)e->lines.len;
}

/* --- values --- */

/* A text of several lines as a block. Its first line must not begin with a blank, or the reader would
 * take its indentation for that of the block: then the indentation is named. */
static void
put_block(struct emitter *e, const char *text, size_t len, size_t indent)
{
    size_t ends = 0;
    while (ends < len && text[len - 1 - ends] == '\n')
        ends++;
    bool named = text[0] == ' ' || text[0] == '\t' || text[0] == '\n';
    strbuf_addf(&e->out, " |%s%s", named ? "2" : "", ends == 0 ? "-" : ends > 1 ? "+" : "");
    end_line(e);
    size_t at = 0, body = ends ? len - 1 : len;
    uint32_t outer = e->flags;
    e->flags |= YAML_BLOCK;
    while (at <= body) {
        const char *newline = memchr(text + at, '\n', body - at);
        size_t line_len = newline ? (size_t)(newline - (text + at)) : body - at;
        begin_line(e, line_len ? indent : 0);
        strbuf_add(&e->out, text + at, line_len);
        end_line(e);
        if (!newline)
            break;
        at += line_len + 1;
    }
    e->flags = outer;
}

static void
put_text(struct emitter *e, const char *text, size_t len, size_t indent)
{
    struct text_traits t = traits_of(text, len);
    size_t newlines = 0;
    while (newlines < len && text[newlines] == '\n')
        newlines++;
    /* Nothing but newlines has no line to take the indentation from. */
    if (t.lines && t.printable && newlines < len) {
        put_block(e, text, len, indent);
        return;
    }
    strbuf_addc(&e->out, ' ');
    yaml_scalar(&e->out, text, len);
    end_line(e);
}

static void put_mapping(struct emitter *e, const json_t *map, size_t indent, bool begun);
static void put_sequence(struct emitter *e, const json_t *list, size_t indent);

/* What stands behind "key:" or "-" on the line begun, and its end. */
static void
put_value(struct emitter *e, const json_t *value, size_t indent)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        put_text(e, json_string_value(value), json_string_length(value), indent + INDENT_CELLS);
        return;
    case JSON_INTEGER:
        strbuf_addf(&e->out, " %lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        strbuf_addf(&e->out, " %.17g", json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        strbuf_adds(&e->out, json_is_true(value) ? " true" : " false");
        break;
    case JSON_NULL:
        strbuf_adds(&e->out, " null");
        break;
    case JSON_OBJECT:
        if (json_object_size(value) > 0) {
            end_line(e);
            put_mapping(e, value, indent + INDENT_CELLS, false);
            return;
        }
        strbuf_adds(&e->out, " {}");
        break;
    case JSON_ARRAY:
        if (json_array_size(value) > 0) {
            end_line(e);
            put_sequence(e, value, indent);
            return;
        }
        strbuf_adds(&e->out, " []");
        break;
    }
    end_line(e);
}

static void
put_hidden(struct emitter *e, const json_t *value)
{
    last_line(e)->flags |= YAML_HIDDEN;
    if (json_is_string(value))
        strbuf_addf(&e->out, " <%zu characters, not shown>", json_string_length(value));
    else
        strbuf_adds(&e->out, " <not shown>");
    end_line(e);
}

static void
put_entry(struct emitter *e, const char *key, const json_t *value, size_t indent, bool hide)
{
    struct yaml_line *line = last_line(e);
    size_t key_at = e->out.len - line->at;
    yaml_scalar(&e->out, key, strlen(key));
    strbuf_addc(&e->out, ':');
    line->key_at = (uint32_t)key_at;
    line->key_len = (uint32_t)(e->out.len - line->at - key_at);
    if (hide)
        put_hidden(e, value);
    else
        put_value(e, value, indent);
}

/* begun: the line of the first entry is there ("- " of a list). */
static void
put_mapping(struct emitter *e, const json_t *map, size_t indent, bool begun)
{
    for (void *at = json_object_iter((json_t *)map); at;
         at = json_object_iter_next((json_t *)map, at)) {
        const char *key = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        uint32_t outer = e->flags;
        if (strcmp(key, "managedFields") == 0 && json_is_array(value))
            e->flags |= YAML_MANAGED;
        if (!begun)
            begin_line(e, indent);
        size_t first = e->lines.len - 1;
        bool repeats =
            e->secret && strcmp(key, "kubectl.kubernetes.io/last-applied-configuration") == 0;
        put_entry(e, key, value, indent, repeats);
        if (!begun)
            close_block(e, first);
        begun = false;
        e->flags = outer;
    }
}

static void
put_sequence(struct emitter *e, const json_t *list, size_t indent)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        begin_line(e, indent);
        size_t first = e->lines.len - 1;
        strbuf_addc(&e->out, '-');
        if (json_is_object(item) && json_object_size(item) > 0) {
            strbuf_addc(&e->out, ' ');
            put_mapping(e, item, indent + INDENT_CELLS, true);
        } else if (json_is_array(item) && json_array_size(item) > 0) {
            end_line(e);
            put_sequence(e, item, indent + INDENT_CELLS);
        } else {
            put_value(e, item, indent);
        }
        close_block(e, first);
    }
}

/* data and stringData of a Secret: the keys, and how long the values are. */
static void
put_secret_map(struct emitter *e, const char *key, const json_t *map)
{
    begin_line(e, 0);
    size_t first = e->lines.len - 1;
    strbuf_addf(&e->out, "%s:", key);
    last_line(e)->key_len = (uint32_t)strlen(key) + 1;
    end_line(e);
    for (void *at = json_object_iter((json_t *)map); at;
         at = json_object_iter_next((json_t *)map, at)) {
        begin_line(e, INDENT_CELLS);
        put_entry(e, json_object_iter_key(at), json_object_iter_value(at), INDENT_CELLS, true);
    }
    close_block(e, first);
}

static void
put_secret(struct emitter *e, const json_t *secret)
{
    for (void *at = json_object_iter((json_t *)secret); at;
         at = json_object_iter_next((json_t *)secret, at)) {
        const char *key = json_object_iter_key(at);
        json_t *value = json_object_iter_value(at);
        bool values = strcmp(key, "data") == 0 || strcmp(key, "stringData") == 0;
        if (values && json_is_object(value)) {
            put_secret_map(e, key, value);
            continue;
        }
        begin_line(e, 0);
        size_t first = e->lines.len - 1;
        /* Whatever else stands where the values belong is not shown either. */
        put_entry(e, key, value, 0, values);
        close_block(e, first);
    }
}

struct yaml_text *
yaml_from_value(const json_t *value)
{
    struct emitter e = {0};
    strbuf_init(&e.out, (size_t)LIMIT_BODY_BYTES * 4);
    const char *kind = json_string_value(json_object_get(value, "kind"));
    e.secret = kind && strcmp(kind, "Secret") == 0;
    if (e.secret) {
        put_secret(&e, value);
    } else if (json_is_object(value) && json_object_size(value) > 0) {
        put_mapping(&e, value, 0, false);
    } else if (json_is_array(value) && json_array_size(value) > 0) {
        put_sequence(&e, value, 0);
    } else {
        begin_line(&e, 0);
        put_value(&e, value, 0);
    }
    struct yaml_text *y = iw_calloc(1, sizeof(*y));
    y->len = e.out.len;
    y->text = strbuf_take(&e.out);
    y->lines = e.lines.items;
    y->count = e.lines.len;
    strbuf_free(&e.out);
    return y;
}

enum iw_err
yaml_from_json(const char *json, size_t len, struct yaml_text **out, struct iw_error *err)
{
    json_t *root = NULL;
    *out = NULL;
    enum iw_err rc = yaml_json_one("the answer", json, len, &root, err);
    if (rc != IW_OK)
        return rc;
    if (json_is_object(root))
        *out = yaml_from_value(root);
    else
        rc = iw_fail(err, IW_ERR_PARSE, "the answer is not an object");
    json_decref(root);
    return rc;
}
