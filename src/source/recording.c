/* recording: the heads of lines by a scanner of members; values are only skipped.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/jarena.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/recorder.h"

struct recording {
    char *path, *bytes; /* own */
    size_t len;
    struct recording_about about;
    VEC(struct recording_entry) entries;
    VEC(struct recording_log) logs;
    struct strmap log_index; /* its number as text -> 1 + place in logs */
};

/* --- the members of one object, unparsed --- */

struct span {
    char *at;
    size_t len;
};

struct member {
    struct span key, value; /* key without its quotes */
};

static char *
skip_blanks(char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

/* Behind the closing quote; NULL when there is none. */
static char *
skip_string(char *at, const char *end)
{
    for (at++; at < end; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '"')
            return at + 1;
    }
    return NULL;
}

/* Behind a value; NULL when it does not end. */
static char *
skip_value(char *at, const char *end)
{
    unsigned depth = 0;
    if (at < end && *at == '"')
        return skip_string(at, end);
    while (at < end) {
        char c = *at;
        if (c == '"') {
            at = skip_string(at, end);
            if (!at)
                return NULL;
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']'))
            return at;
        depth += c == '{' || c == '[';
        if (c == '}' || c == ']')
            depth--;
        at++;
        if (depth == 0 && (c == '}' || c == ']'))
            return at;
    }
    return NULL;
}

/* The next member from *at on (behind "{" at first); false at the end: then *at is behind "}", or NULL
 * when it is broken. */
static bool
next_member(char **at, const char *end, struct member *out)
{
    char *p = skip_blanks(*at, end);
    if (p < end && *p == ',')
        p = skip_blanks(p + 1, end);
    *at = p < end && *p == '}' ? p + 1 : NULL;
    if (*at || p >= end || *p != '"')
        return false;
    char *key_end = skip_string(p, end);
    char *colon = key_end ? skip_blanks(key_end, end) : NULL;
    if (!colon || colon >= end || *colon != ':')
        return false;
    char *value = skip_blanks(colon + 1, end), *value_end = skip_value(value, end);
    if (!value_end || value_end == value)
        return false;
    *at = value_end;
    while (value_end > value + 1 && (value_end[-1] == ' ' || value_end[-1] == '\t'))
        value_end--;
    *out =
        (struct member){{p + 1, (size_t)(key_end - p) - 2}, {value, (size_t)(value_end - value)}};
    return true;
}

static bool
span_is(const struct span *s, const char *text)
{
    return s->len == strlen(text) && memcmp(s->at, text, s->len) == 0;
}

/* A string's inside with a NUL behind it, in place; "" when it is none. Names of the API hold nothing
 * that is escaped; one that does names nothing. */
static const char *
take_string(const struct span *value)
{
    if (value->len < 2 || value->at[0] != '"')
        return "";
    value->at[value->len - 1] = '\0';
    return value->at + 1;
}

static bool
take_number(const struct span *value, int64_t *out)
{
    int64_t number = 0;
    if (value->len == 0 || value->len > 15)
        return false;
    for (size_t i = 0; i < value->len; i++) {
        if (value->at[i] < '0' || value->at[i] > '9')
            return false;
        number = number * 10 + (value->at[i] - '0');
    }
    *out = number;
    return true;
}

/* --- lines --- */

static enum iw_err
bad_line(const struct recording *r, uint32_t line, struct iw_error *err, const char *what)
{
    return iw_fail(err, IW_ERR_PARSE,
                   "%s:%u: %s; the lines before it can be kept: head -n %u FILE > OTHER", r->path,
                   line, what, line - 1);
}

static bool
find_kind(const struct span *word, uint8_t *out)
{
    static const char *const words[] = {
#define X(name, word) [RECORDING_##name] = "\"" word "\"",
        RECORDING_KINDS(X)
#undef X
    };
    for (size_t i = 0; i < IW_COUNTOF(words); i++) {
        if (span_is(word, words[i])) {
            *out = (uint8_t)i;
            return true;
        }
    }
    return false;
}

static bool
find_source(const char *name, uint8_t *out)
{
    static const char *const names[] = {
        [RECORDING_PODS] = "pods",   [RECORDING_EVENTS] = "events",
        [RECORDING_LOG] = "log",     [RECORDING_USER] = "user",
        [RECORDING_USAGE] = "usage", [RECORDING_NODE_USAGE] = "node-usage"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (uint8_t)i;
            return true;
        }
    }
    for (int k = KOBJECT_POD + 1; k < KOBJECT_KIND_COUNT; k++) {
        if (strcmp(name, kobject_kind_info((enum kobject_kind)k)->plural) == 0) {
            *out = (uint8_t)(RECORDING_OBJECTS + k);
            return true;
        }
    }
    return false;
}

struct head {
    struct recording_entry entry;
    const char *src, *pod, *container;
    char *data;
    bool has_t, has_kind, previous;
};

static void
take_member(struct head *h, const struct member *m)
{
    struct recording_entry *e = &h->entry;
    int64_t number = 0;
    if (span_is(&m->key, "t"))
        h->has_t = take_number(&m->value, &e->t_ms);
    else if (span_is(&m->key, "kind"))
        h->has_kind = find_kind(&m->value, &e->kind);
    else if (span_is(&m->key, "src"))
        h->src = take_string(&m->value);
    else if (span_is(&m->key, "ns"))
        e->ns = take_string(&m->value);
    else if (span_is(&m->key, "name"))
        e->name = take_string(&m->value);
    else if (span_is(&m->key, "pod"))
        h->pod = take_string(&m->value);
    else if (span_is(&m->key, "container"))
        h->container = take_string(&m->value);
    else if (span_is(&m->key, "previous"))
        h->previous = span_is(&m->value, "true");
    else if (span_is(&m->key, "id") && take_number(&m->value, &number))
        e->log = (uint64_t)number;
    else if (span_is(&m->key, "data")) {
        e->data = h->data = m->value.at;
        e->data_len = (uint32_t)m->value.len;
    }
}

static void
add_log(struct recording *r, const struct head *h)
{
    char key[24];
    snprintf(key, sizeof(key), "%llu", (unsigned long long)h->entry.log);
    vec_push(&r->logs, ((struct recording_log){h->entry.log, h->entry.ns, h->pod, h->container,
                                               h->previous, r->entries.len}));
    strmap_put(&r->log_index, key, (uint32_t)r->logs.len);
}

/* Its place in logs is what the entry keeps. */
static bool
resolve_log(const struct recording *r, struct recording_entry *e)
{
    char key[24];
    uint32_t place;
    snprintf(key, sizeof(key), "%llu", (unsigned long long)e->log);
    if (e->log == 0 || !strmap_get(&r->log_index, key, &place))
        return false;
    e->log = place;
    return true;
}

static bool
is_log_kind(uint8_t kind)
{
    return kind == RECORDING_OPEN || kind == RECORDING_LINE || kind == RECORDING_DONE;
}

/* NULL, or what is wrong with it. A line of a kind or source that this program does not know is left out. */
static const char *
take_line(struct recording *r, char *at, char *end, uint32_t line)
{
    struct head h = {.src = "", .pod = "", .container = ""};
    struct member m;
    h.entry = (struct recording_entry){.data = "", .ns = "", .name = "", .line = line};
    at = skip_blanks(at, end);
    if (at == end)
        return NULL;
    if (*at != '{')
        return "not a JSON object";
    for (at++; next_member(&at, end, &m);)
        take_member(&h, &m);
    if (!at || skip_blanks(at, end) != end)
        return "the JSON object is broken";
    if (!h.has_t)
        return "\"t\" is missing or no number of milliseconds";
    if (!h.has_kind || !find_source(h.src, &h.entry.source))
        return NULL;
    if (h.data)
        h.data[h.entry.data_len] = '\0'; /* a comma or bracket stood there */
    if (r->entries.len)
        h.entry.t_ms = IW_MAX(h.entry.t_ms, r->entries.items[r->entries.len - 1].t_ms);
    if (h.entry.kind == RECORDING_OPEN)
        add_log(r, &h);
    if (is_log_kind(h.entry.kind) && !resolve_log(r, &h.entry))
        return NULL;
    r->about.ended = h.entry.kind == RECORDING_END;
    vec_push(&r->entries, h.entry);
    return NULL;
}

/* --- the first line --- */

static void
copy_member(const json_t *root, const char *key, char *out, size_t out_size)
{
    const char *text = json_string_value(json_object_get(root, key));
    (void)snprintf(out, out_size, "%s", text ? text : "");
}

static enum iw_err
not_a_recording(const struct recording *r, struct iw_error *err)
{
    return iw_fail(err, IW_ERR_PARSE,
                   "%s:1: this is no recording of initwatch; one is made with :record FILE in the "
                   "dashboard",
                   r->path);
}

static enum iw_err
take_header(struct recording *r, const char *line, size_t len, struct iw_error *err)
{
    json_t *root = NULL;
    if (jarena_parse(line, len, &root, NULL) != IW_OK)
        return not_a_recording(r, err);
    struct recording_about *about = &r->about;
    char what[16], started[40];
    copy_member(root, "initwatch", what, sizeof(what));
    copy_member(root, "started", started, sizeof(started));
    copy_member(root, "context", about->context, sizeof(about->context));
    copy_member(root, "server", about->server, sizeof(about->server));
    copy_member(root, "namespace", about->ns, sizeof(about->ns));
    copy_member(root, "version", about->version, sizeof(about->version));
    int64_t format = json_integer_value(json_object_get(root, "format"));
    jarena_release();
    if (strcmp(what, "session") != 0 || format < 1)
        return not_a_recording(r, err);
    if (format > RECORDING_FORMAT)
        return iw_fail(
            err, IW_ERR_UNSUPPORTED,
            "%s:1: written by initwatch %.20s in format %lld, this is %s and reads up to "
            "format %d; a newer initwatch reads it",
            r->path, about->version, (long long)format, INITWATCH_VERSION, RECORDING_FORMAT);
    if (rfc3339_parse(started, strlen(started), &about->started_wall_ms, NULL) != IW_OK)
        return iw_fail(err, IW_ERR_PARSE, "%s:1: \"started\" is no moment: %.30s", r->path,
                       started);
    return IW_OK;
}

/* --- the file --- */

static enum iw_err
take_lines(struct recording *r, struct iw_error *err)
{
    char *at = r->bytes, *end = r->bytes + r->len;
    for (uint32_t line = 1; at < end; line++) {
        char *newline = memchr(at, '\n', (size_t)(end - at));
        char *stop = newline ? newline : end;
        const char *wrong = NULL;
        if (stop - at > (ptrdiff_t)LIMIT_RECORDING_LINE_BYTES)
            wrong = "the line is longer than any frame";
        else if (line == 1) {
            enum iw_err rc = take_header(r, at, (size_t)(stop - at), err);
            if (rc != IW_OK)
                return rc;
        } else if (r->entries.len == LIMIT_RECORDING_LINES)
            wrong = "there are more lines than can be replayed";
        else
            wrong = take_line(r, at, stop, line);
        /* A program that was killed leaves a line half written. */
        if (wrong && !newline)
            r->about.cut = true;
        else if (wrong)
            return bad_line(r, line, err, wrong);
        at = stop + 1;
    }
    if (r->entries.len)
        r->about.length_ms = r->entries.items[r->entries.len - 1].t_ms;
    return IW_OK;
}

enum iw_err
recording_read(const char *name, char *bytes, size_t len, struct recording **out,
               struct iw_error *err)
{
    struct recording *r = iw_calloc(1, sizeof(*r));
    r->path = iw_strdup(name);
    r->bytes = bytes;
    r->len = len;
    enum iw_err rc = len ? take_lines(r, err) : not_a_recording(r, err);
    if (rc != IW_OK) {
        recording_free(r);
        return rc;
    }
    *out = r;
    return IW_OK;
}

enum iw_err
recording_open(const char *path, struct recording **out, struct iw_error *err)
{
    char *bytes;
    size_t len;
    enum iw_err rc = file_read_all(path, LIMIT_RECORDING_BYTES, &bytes, &len, err);
    if (rc == IW_ERR_TOO_BIG)
        return iw_fail(err, rc,
                       "%s is larger than the %u MiB that can be replayed; a part of it can: "
                       "head -c %uM FILE > OTHER",
                       path, LIMIT_RECORDING_BYTES >> 20, LIMIT_RECORDING_BYTES >> 20);
    return rc == IW_OK ? recording_read(path, bytes, len, out, err) : rc;
}

void
recording_free(struct recording *r)
{
    if (!r)
        return;
    vec_free(&r->entries);
    vec_free(&r->logs);
    strmap_free(&r->log_index);
    free(r->bytes);
    free(r->path);
    free(r);
}

/* --- reading --- */

const struct recording_about *
recording_about(const struct recording *r)
{
    return &r->about;
}

const char *
recording_path(const struct recording *r)
{
    return r->path;
}

size_t
recording_count(const struct recording *r)
{
    return r->entries.len;
}

const struct recording_entry *
recording_at(const struct recording *r, size_t i)
{
    return &r->entries.items[i];
}

size_t
recording_upto(const struct recording *r, int64_t t_ms)
{
    size_t low = 0, high = r->entries.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->entries.items[middle].t_ms <= t_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t
recording_log_count(const struct recording *r)
{
    return r->logs.len;
}

const struct recording_log *
recording_log_at(const struct recording *r, size_t i)
{
    return &r->logs.items[i];
}

bool
recording_has(const struct recording *r, enum recording_source source, size_t upto)
{
    for (size_t i = 0; i < IW_MIN(upto, r->entries.len); i++) {
        if (r->entries.items[i].source == source && r->entries.items[i].kind != RECORDING_STATUS)
            return true;
    }
    return false;
}

bool
recording_text(const struct recording_entry *e, struct strbuf *out)
{
    json_t *root = NULL;
    strbuf_auto array;
    strbuf_init(&array, LIMIT_RECORDING_LINE_BYTES);
    strbuf_addf(&array, "[%s]", e->data);
    if (jarena_parse(array.data, array.len, &root, NULL) != IW_OK)
        return false;
    const json_t *text = json_array_get(root, 0);
    if (json_is_string(text))
        strbuf_add(out, json_string_value(text), json_string_length(text));
    bool is_text = json_is_string(text);
    jarena_release();
    return is_text;
}

const char *
recording_object(const struct recording_entry *e, size_t *len, bool *deleted)
{
    *len = e->data_len;
    *deleted = false;
    if (e->kind == RECORDING_ITEM)
        return e->data;
    *len = 0;
    /* Its members are only looked at. */
    char *at = (char *)e->data, *end = at + e->data_len;
    const char *object = "";
    struct member m;
    if (e->kind != RECORDING_FRAME || e->data_len == 0 || *at != '{')
        return object;
    for (at++; next_member(&at, end, &m);) {
        if (span_is(&m.key, "type"))
            *deleted = span_is(&m.value, "\"DELETED\"");
        else if (span_is(&m.key, "object")) {
            object = m.value.at;
            *len = m.value.len;
        }
    }
    return object;
}
