/* objfile: Kubernetes objects out of files, whatever the form.
 *
 * JSON is cut into documents and list items by net/frame, so that a file of any size needs memory
 * for one of them. What a document is (a list or not) is told from its first members. Text goes
 * through line by line, to know the lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/data/jarena.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/net/frame.h"
#include "initwatch/source/decode.h"

#include "objfile_pb.h"

#define OBJFILE_CHUNK_BYTES (64u << 10)
/* How much of a document is looked at to tell a list from an object: "items" follows kind and
 * metadata. */
#define OBJFILE_SNIFF_BYTES (64u << 10)
#define OBJFILE_KIND_MAX 64
/* An envelope holds a watch event that holds a list: nothing needs more. */
#define OBJFILE_WRAP_MAX 4

enum objfile_form { FORM_UNKNOWN, FORM_LIST, FORM_OBJECT };

/* What the first members of a JSON document tell. */
struct objfile_sniff {
    enum objfile_form form;
    char kind[OBJFILE_KIND_MAX];
};

/* What wrappers around an object said. */
struct objfile_context {
    const char *watch_type;
    const char *item_kind; /* of the list it stands in, "" unknown */
    int64_t now_wall_ms;
    int line;
    int wraps;
};

struct objfile {
    const char *name; /* for messages */
    enum iw_err (*each)(void *ctx, const struct file_object *o, struct iw_error *err);
    void *ctx;
    struct iw_error *err;
    enum iw_err code;   /* why emit stopped */
    struct strbuf head; /* of a document whose form is not known yet */
    struct frame frame; /* of the document being read, when framed */
    bool framed, listing;
    bool list_complete;
    char list_kind[OBJFILE_KIND_MAX];
    int line;
};

/* --- values --- */

static const char *
objfile_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* "PodList" -> "Pod"; "List" and others -> "". */
static void
objfile_item_kind(const char *list_kind, char out[OBJFILE_KIND_MAX])
{
    size_t len = strlen(list_kind);
    out[0] = '\0';
    if (len <= 4 || len - 4 >= OBJFILE_KIND_MAX || strcmp(list_kind + len - 4, "List") != 0)
        return;
    memcpy(out, list_kind, len - 4);
    out[len - 4] = '\0';
}

/* An item whose list has not told its kind yet (kubectl writes "kind" behind "items", but then
 * items have their own). */
static const char *
objfile_kind_by_shape(const json_t *object)
{
    const json_t *spec = json_object_get(object, "spec");
    if (json_object_get(spec, "containers"))
        return "Pod";
    if (json_object_get(object, "involvedObject") || json_object_get(object, "regarding"))
        return "Event";
    return "";
}

static enum iw_err objfile_value(struct objfile *f, const json_t *value,
                                 struct objfile_context context);

static enum iw_err
objfile_items(struct objfile *f, const json_t *items, struct objfile_context context)
{
    enum iw_err rc = IW_OK;
    for (size_t i = 0; i < json_array_size(items) && rc == IW_OK; i++)
        rc = objfile_value(f, json_array_get(items, i), context);
    return rc;
}

static enum iw_err
objfile_envelope(struct objfile *f, const json_t *value, struct objfile_context context)
{
    const json_t *now = json_object_get(value, "now");
    if (++context.wraps > OBJFILE_WRAP_MAX)
        return iw_fail(f->err, IW_ERR_PARSE, "%s:%d: envelopes are nested too deep", f->name,
                       context.line);
    if (json_is_string(now)) {
        enum iw_err rc = rfc3339_parse(json_string_value(now), json_string_length(now),
                                       &context.now_wall_ms, f->err);
        if (rc != IW_OK)
            return iw_wrap(f->err, "%s:%d: now", f->name, context.line);
    }
    const json_t *event = json_object_get(value, "event");
    if (json_is_object(event))
        return objfile_value(f, event, context);
    if (json_object_get(value, "type"))
        context.watch_type = objfile_text(value, "type");
    /* A bookmark carries a version, not an object. */
    if (strcmp(context.watch_type, "BOOKMARK") == 0)
        return IW_OK;
    return objfile_value(f, json_object_get(value, "object"), context);
}

static bool
objfile_is_envelope(const json_t *value)
{
    if (json_object_get(value, "kind"))
        return false;
    if (json_is_object(json_object_get(value, "object")))
        return json_object_get(value, "type") || json_object_get(value, "now");
    return json_object_get(value, "t") && json_is_object(json_object_get(value, "event"));
}

static enum iw_err
objfile_value(struct objfile *f, const json_t *value, struct objfile_context context)
{
    if (json_is_array(value))
        return objfile_items(f, value, context);
    if (!json_is_object(value))
        return iw_fail(f->err, IW_ERR_PARSE, "%s:%d: expected a Kubernetes object", f->name,
                       context.line);
    if (objfile_is_envelope(value))
        return objfile_envelope(f, value, context);
    const char *kind = objfile_text(value, "kind");
    char item_kind[OBJFILE_KIND_MAX];
    objfile_item_kind(kind, item_kind);
    const json_t *items = json_object_get(value, "items");
    if (strcmp(kind, "List") == 0 || item_kind[0] || (!kind[0] && json_is_array(items))) {
        context.item_kind = item_kind;
        return objfile_items(f, items, context);
    }
    if (!kind[0])
        kind = context.item_kind[0] ? context.item_kind : objfile_kind_by_shape(value);
    struct file_object object = {
        .object = value,
        .kind = kind,
        .watch_type = context.watch_type,
        .now_wall_ms = context.now_wall_ms,
        .line = context.line,
    };
    return f->each(f->ctx, &object, f->err);
}

static struct objfile_context
objfile_context_at(int line)
{
    return (struct objfile_context){
        .watch_type = "", .item_kind = "", .now_wall_ms = IW_TIME_NONE, .line = line};
}

/* --- JSON --- */

/* End of the string that opens at `at` (its quote), or len. */
static size_t
objfile_string_end(const char *text, size_t len, size_t at)
{
    for (at++; at < len && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    return at < len ? at : len;
}

static bool
objfile_equals(const char *text, size_t from, size_t to, const char *word)
{
    return to - from == strlen(word) && memcmp(text + from, word, to - from) == 0;
}

/* A string of the outermost object was read: the name of a member, or the value of "kind". */
static void
objfile_sniff_string(struct objfile_sniff *s, const char *text, size_t from, size_t to,
                     bool is_kind_value)
{
    if (!is_kind_value) {
        /* Only envelopes have these. */
        if (objfile_equals(text, from, to, "event") || objfile_equals(text, from, to, "object"))
            s->form = FORM_OBJECT;
        return;
    }
    size_t len = IW_MIN(to - from, (size_t)OBJFILE_KIND_MAX - 1);
    memcpy(s->kind, text + from, len);
    s->kind[len] = '\0';
    bool is_list = len >= 4 && strcmp(s->kind + len - 4, "List") == 0;
    s->form = is_list ? FORM_LIST : FORM_OBJECT;
}

/* Look at the members of the outermost object until kind or items tell what it is. */
static struct objfile_sniff
objfile_sniff(const char *text, size_t len)
{
    struct objfile_sniff s = {0};
    size_t key_from = 0, key_to = 0;
    int depth = 0;
    bool expect_key = false;
    for (size_t at = 0; at < len && s.form == FORM_UNKNOWN; at++) {
        char c = text[at];
        if (c == '"') {
            size_t end = objfile_string_end(text, len, at);
            bool is_kind = !expect_key && objfile_equals(text, key_from, key_to, "kind");
            if (depth == 1 && end < len && (expect_key || is_kind))
                objfile_sniff_string(&s, text, at + 1, end, is_kind);
            if (depth == 1 && expect_key) {
                key_from = at + 1;
                key_to = end;
                expect_key = false;
            }
            at = end;
        } else if (c == '{' || c == '[') {
            if (c == '[' &&
                (depth == 0 || (depth == 1 && objfile_equals(text, key_from, key_to, "items"))))
                s.form = depth == 0 ? FORM_OBJECT : FORM_LIST;
            expect_key = ++depth == 1;
        } else if (c == '}' || c == ']') {
            if (--depth <= 0)
                s.form = FORM_OBJECT;
        } else if (c == ',' && depth == 1) {
            expect_key = true;
        }
    }
    return s;
}

/* Turn "line L, column C: text" of the JSON parser into "NAME:LINE: column C: text". */
static enum iw_err
objfile_json_failed(struct objfile *f, int first_line)
{
    static const char prefix[] = "line ";
    struct iw_error inner = *f->err;
    if (strncmp(inner.msg, prefix, sizeof(prefix) - 1) != 0)
        return iw_wrap(f->err, "%s:%d", f->name, first_line);
    char *rest;
    long line = strtol(inner.msg + sizeof(prefix) - 1, &rest, 10);
    rest += strspn(rest, ", ");
    return iw_fail(f->err, inner.code, "%s:%ld: %s", f->name, first_line + line - 1, rest);
}

/* One document or list item, complete. */
static enum iw_err
objfile_piece(struct objfile *f, enum frame_kind kind, const char *bytes, size_t len)
{
    if (kind == FRAME_ENVELOPE) {
        f->list_complete = true;
        return IW_OK;
    }
    int newlines = 0;
    for (const char *at = bytes; (at = memchr(at, '\n', (size_t)(bytes + len - at))) != NULL; at++)
        newlines++;
    struct objfile_context context = objfile_context_at(f->line - newlines);
    json_t *root;
    if (jarena_parse(bytes, len, &root, f->err) != IW_OK)
        return objfile_json_failed(f, context.line);
    char item_kind[OBJFILE_KIND_MAX] = "";
    if (kind == FRAME_ITEM && !json_object_get(root, "kind")) {
        if (!f->list_kind[0])
            memcpy(f->list_kind, objfile_sniff(f->frame.envelope.data, f->frame.envelope.len).kind,
                   sizeof(f->list_kind));
        objfile_item_kind(f->list_kind, item_kind);
        context.item_kind = item_kind;
    }
    enum iw_err rc = objfile_value(f, root, context);
    jarena_release();
    return rc;
}

static bool
objfile_emit(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct objfile *f = ctx;
    f->code = objfile_piece(f, kind, bytes, len);
    return f->code == IW_OK;
}

static void
objfile_close_frame(struct objfile *f)
{
    if (f->framed)
        frame_free(&f->frame);
    f->framed = f->listing = f->list_complete = false;
    f->list_kind[0] = '\0';
}

static void
objfile_open_frame(struct objfile *f, bool is_list)
{
    frame_init(&f->frame, is_list ? FRAME_LIST : FRAME_WATCH, LIMIT_FRAME_BYTES);
    f->framed = true;
    f->listing = is_list;
}

/* Feed text of one line (or a part of it). */
static enum iw_err
objfile_feed(struct objfile *f, const char *text, size_t len)
{
    /* Not f->err: that one can hold the caller's error, which made the frame stop. */
    struct iw_error broken = {0};
    enum iw_err rc = frame_feed(&f->frame, text, len, objfile_emit, f, &broken);
    if (f->code != IW_OK)
        return f->code;
    if (rc != IW_OK)
        return iw_fail(f->err, rc, "%s:%d: %s", f->name, f->line, broken.msg);
    bool idle = f->listing ? f->list_complete : f->frame.depth == 0 && f->frame.piece.len == 0;
    if (idle)
        objfile_close_frame(f);
    return IW_OK;
}

/* The form of the document in head is known (or assumed): read it. */
static enum iw_err
objfile_feed_head(struct objfile *f, bool is_list)
{
    objfile_open_frame(f, is_list);
    int last_line = f->line;
    for (size_t i = 0; i < f->head.len; i++)
        f->line -= f->head.data[i] == '\n' && i + 1 < f->head.len;
    const char *at = f->head.data, *end = at + f->head.len;
    enum iw_err rc = IW_OK;
    while (at < end && rc == IW_OK) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline ? newline + 1 : end;
        rc = objfile_feed(f, at, (size_t)(next - at));
        f->line += newline && next < end;
        at = next;
    }
    if (rc == IW_OK)
        f->line = last_line;
    strbuf_clear(&f->head);
    return rc;
}

/* A part of a line, with its newline if it has one. */
static enum iw_err
objfile_line(struct objfile *f, const char *text, size_t len)
{
    if (f->framed)
        return objfile_feed(f, text, len);
    if (f->head.len == 0) {
        size_t blank = 0;
        while (blank < len && strchr(" \t\r\n", text[blank]) && text[blank])
            blank++;
        text += blank;
        len -= blank;
    }
    if (len == 0)
        return IW_OK;
    if (f->head.len == 0 && *text != '{' && *text != '[')
        return iw_fail(f->err, IW_ERR_PARSE, "%s:%d: expected a JSON object here", f->name,
                       f->line);
    strbuf_add(&f->head, text, len);
    struct objfile_sniff sniff = objfile_sniff(f->head.data, f->head.len);
    if (sniff.form == FORM_UNKNOWN && f->head.len < OBJFILE_SNIFF_BYTES)
        return IW_OK;
    return objfile_feed_head(f, sniff.form == FORM_LIST);
}

static enum iw_err
objfile_chunk(struct objfile *f, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    enum iw_err rc = IW_OK;
    while (at < end && rc == IW_OK) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline ? newline + 1 : end;
        rc = objfile_line(f, at, (size_t)(next - at));
        if (newline)
            f->line++;
        at = next;
    }
    return rc;
}

static enum iw_err
objfile_finish(struct objfile *f)
{
    enum iw_err rc = f->head.len ? objfile_feed_head(f, false) : IW_OK;
    if (rc != IW_OK || !f->framed)
        return rc;
    return iw_fail(f->err, IW_ERR_PARSE, "%s:%d: the file ends in the middle of an object", f->name,
                   f->line);
}

/* --- YAML --- */

static enum iw_err
objfile_document(void *ctx, json_t *document, int line, struct iw_error *err)
{
    struct objfile *f = ctx;
    (void)err;
    enum iw_err rc = objfile_value(f, document, objfile_context_at(line));
    json_decref(document);
    return rc;
}

/* --- reading --- */

static enum iw_err
objfile_read(struct objfile *f, int fd, char *chunk, size_t *len)
{
    for (;;) {
        ssize_t got = read(fd, chunk, OBJFILE_CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return iw_fail_errno(f->err, IW_ERR_IO, errno, "read %s", f->name);
        *len = (size_t)got;
        return IW_OK;
    }
}

/* Read on until something other than blanks came; *start is where it is. */
static enum iw_err
objfile_read_start(struct objfile *f, int fd, char *chunk, size_t *len, size_t *start)
{
    enum iw_err rc;
    do {
        *start = 0;
        rc = objfile_read(f, fd, chunk, len);
        if (rc == IW_OK && f->line == 1 && *len >= 3 && memcmp(chunk, "\xEF\xBB\xBF", 3) == 0)
            *start = 3;
        for (; rc == IW_OK && *start < *len && strchr(" \t\r\n", chunk[*start]) && chunk[*start];
             ++*start)
            f->line += chunk[*start] == '\n';
    } while (rc == IW_OK && *len > 0 && *start == *len);
    return rc;
}

static enum iw_err
objfile_read_json(struct objfile *f, int fd, char *chunk, size_t len, size_t start)
{
    enum iw_err rc = objfile_chunk(f, chunk + start, len - start);
    while (rc == IW_OK) {
        rc = objfile_read(f, fd, chunk, &len);
        if (rc != IW_OK || len == 0)
            break;
        rc = objfile_chunk(f, chunk, len);
    }
    return rc == IW_OK ? objfile_finish(f) : rc;
}

static enum iw_err
objfile_read_yaml(struct objfile *f, int fd, char *chunk, size_t len, size_t start)
{
    strbuf_auto text;
    strbuf_init(&text, LIMIT_CONFIG_FILE_BYTES);
    /* Blanks that were skipped count for line numbers and for the indentation of the first line. */
    for (int i = 1; i < f->line; i++)
        strbuf_addc(&text, '\n');
    while (start > 0 && chunk[start - 1] == ' ')
        start--;
    bool fits = strbuf_add(&text, chunk + start, len - start);
    enum iw_err rc = IW_OK;
    while (fits && len > 0 && rc == IW_OK) {
        rc = objfile_read(f, fd, chunk, &len);
        if (rc == IW_OK)
            fits = strbuf_add(&text, chunk, len);
    }
    if (rc != IW_OK)
        return rc;
    if (!fits)
        return iw_fail(f->err, IW_ERR_TOO_BIG, "%s:1: YAML of more than %u MiB", f->name,
                       LIMIT_CONFIG_FILE_BYTES >> 20);
    return yaml_json_each(f->name, text.data, text.len, objfile_document, f, f->err);
}

/* --- protobuf --- */

struct objfile_stream {
    struct objfile *f;
    int fd;
    char *chunk;
};

static enum iw_err
objfile_next_bytes(void *ctx, const char **bytes, size_t *len)
{
    struct objfile_stream *s = ctx;
    *bytes = s->chunk;
    return objfile_read(s->f, s->fd, s->chunk, len);
}

static enum iw_err
objfile_read_pb(struct objfile *f, int fd, char *chunk, size_t len)
{
    struct objfile_stream stream = {f, fd, chunk};
    struct objfile_pb_input input = {.name = f->name,
                                     .head = chunk,
                                     .head_len = len,
                                     .read = objfile_next_bytes,
                                     .ctx = &stream};
    return objfile_pb_each(&input, f->each, f->ctx, f->err);
}

static bool
objfile_is_pb(const char *bytes, size_t len)
{
    return len >= PB_MAGIC_BYTES && memcmp(bytes, PB_MAGIC, PB_MAGIC_BYTES) == 0;
}

enum iw_err
objfile_each(const char *path,
             enum iw_err (*each)(void *ctx, const struct file_object *o, struct iw_error *err),
             void *ctx, struct iw_error *err)
{
    struct iw_error local = {0};
    bool is_stdin = strcmp(path, "-") == 0;
    iw_autoclose int opened = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (!is_stdin && opened < 0)
        return iw_fail_errno(err, errno == ENOENT ? IW_ERR_NOT_FOUND : IW_ERR_IO, errno, "open %s",
                             path);
    int fd = is_stdin ? STDIN_FILENO : opened;
    struct objfile f = {
        .name = is_stdin ? "standard input" : path,
        .each = each,
        .ctx = ctx,
        .err = err ? err : &local,
        .line = 1,
    };
    strbuf_init(&f.head, OBJFILE_SNIFF_BYTES + OBJFILE_CHUNK_BYTES);
    iw_autofree char *chunk = iw_malloc(OBJFILE_CHUNK_BYTES);
    size_t len = 0, start = 0;
    enum iw_err rc = objfile_read_start(&f, fd, chunk, &len, &start);
    if (rc == IW_OK && len > 0) {
        bool is_json = chunk[start] == '{' || chunk[start] == '[';
        rc = is_json                     ? objfile_read_json(&f, fd, chunk, len, start)
             : objfile_is_pb(chunk, len) ? objfile_read_pb(&f, fd, chunk, len)
                                         : objfile_read_yaml(&f, fd, chunk, len, start);
    }
    objfile_close_frame(&f);
    strbuf_free(&f.head);
    return rc;
}
