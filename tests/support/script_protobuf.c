/* script_protobuf: see the header.
 * SPDX-License-Identifier: Apache-2.0 */
#include "script_protobuf.h"

#include <stdio.h>

#include "pbencode.h"

static bool
has_prefix(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

/* --- messages --- */

static const char *
kind_of(const json_t *object)
{
    const char *kind = json_string_value(json_object_get(object, "kind"));
    if (kind && strcmp(kind, "Status") == 0)
        return "Status";
    return json_object_get(object, "involvedObject") ? "Event" : "Pod";
}

static void
encode_object(struct strbuf *out, const json_t *object)
{
    const char *kind = kind_of(object);
    pe_encode(out, strcmp(kind, "Status") == 0 ? "ApiStatus" : kind, object);
}

static void
encode_list(struct strbuf *out, const json_t *list)
{
    struct strbuf raw, item;
    const json_t *items = json_object_get(list, "items");
    strbuf_init(&raw, 0);
    strbuf_init(&item, 0);
    pe_encode(&item, "ListMeta", json_object_get(list, "metadata"));
    pbw_message(&raw, 1, &item);
    for (size_t i = 0; i < json_array_size(items); i++) {
        strbuf_clear(&item);
        encode_object(&item, json_array_get(items, i));
        pbw_message(&raw, 2, &item);
    }
    bool events = strcmp(kind_of(json_array_get(items, 0)), "Event") == 0;
    pbw_object(out, events ? "EventList" : "PodList", raw.data, raw.len);
    strbuf_free(&raw);
    strbuf_free(&item);
}

/* One document: a list, a Status, or a watch event with its length. */
static void
encode_document(struct strbuf *out, const json_t *root)
{
    const json_t *object = json_object_get(root, "object");
    if (json_object_get(root, "items")) {
        encode_list(out, root);
        return;
    }
    struct strbuf raw;
    strbuf_init(&raw, 0);
    encode_object(&raw, object ? object : root);
    const char *bytes = raw.len ? raw.data : "";
    if (object)
        pbw_frame(out, json_string_value(json_object_get(root, "type")), kind_of(object), bytes,
                  raw.len);
    else
        pbw_object(out, kind_of(root), bytes, raw.len);
    strbuf_free(&raw);
}

/* Append "@NAME" of a blob that has the message, cut at `limit` bytes. False: no such object. */
static bool
add_blob(struct script_server *s, const char *json, size_t len, size_t limit, struct strbuf *out)
{
    static unsigned number;
    json_t *root = json_loadb(json, len, 0, NULL);
    /* /version, for one, has no protobuf. */
    if (!json_object_get(root, "metadata") && !json_object_get(root, "object")) {
        json_decref(root);
        return false;
    }
    struct strbuf bytes;
    char name[32];
    strbuf_init(&bytes, 0);
    encode_document(&bytes, root);
    json_decref(root);
    (void)snprintf(name, sizeof(name), "protobuf-%u", number++);
    script_server_blob(s, name, bytes.data, IW_MIN(bytes.len, limit));
    strbuf_addf(out, "@%s", name);
    strbuf_free(&bytes);
    return true;
}

/* --- lines --- */

/* Text after `skip` words of the line. */
static const char *
after_words(const char *line, int skip)
{
    for (; skip > 0; skip--) {
        line += strcspn(line, " ");
        line += strspn(line, " ");
    }
    return line;
}

/* VERB WORDS... TEXT, whose text is a document. */
static bool
convert_text(struct script_server *s, const char *line, int words, const char *instead,
             struct strbuf *out)
{
    struct strbuf text;
    strbuf_init(&text, 0);
    script_server_text(s, after_words(line, words), &text);
    size_t before = out->len;
    strbuf_adds(out, instead);
    bool done = add_blob(s, text.data, text.len, SIZE_MAX, out);
    if (!done)
        out->len = before;
    strbuf_free(&text);
    return done;
}

/* frame TYPE JSON, half-frame N TYPE JSON */
static void
convert_frame(struct script_server *s, const char *line, bool half, struct strbuf *out)
{
    size_t limit = half ? strtoul(after_words(line, 1), NULL, 10) : SIZE_MAX;
    const char *type = after_words(line, half ? 2 : 1);
    struct strbuf text;
    strbuf_init(&text, 0);
    strbuf_addf(&text, "{\"type\":\"%.*s\",\"object\":", (int)strcspn(type, " "), type);
    script_server_text(s, after_words(type, 1), &text);
    strbuf_addc(&text, '}');
    strbuf_adds(out, "chunk ");
    if (!add_blob(s, text.data, text.len, limit, out))
        iw_fatal("script: no object: %s", line);
    strbuf_free(&text);
}

static void
convert_line(struct script_server *s, const char *line, struct strbuf *out)
{
    char head[64];
    if (has_prefix(line, "frame ") || has_prefix(line, "half-frame ")) {
        convert_frame(s, line, line[0] == 'h', out);
    } else if (has_prefix(line, "bookmark ")) {
        struct strbuf text;
        strbuf_init(&text, 0);
        strbuf_addf(&text, "frame BOOKMARK {\"metadata\":{\"resourceVersion\":\"%s\"}}",
                    after_words(line, 1));
        convert_frame(s, text.data, false, out);
        strbuf_free(&text);
    } else if (has_prefix(line, "stream ") && strcmp(after_words(line, 2), "json") == 0) {
        strbuf_addf(out, "%.*spbwatch", (int)(strlen(line) - 4), line);
    } else if (has_prefix(line, "reply ") && has_prefix(after_words(line, 2), "json ")) {
        (void)snprintf(head, sizeof(head), "reply %.3s pb ", after_words(line, 1));
        if (!convert_text(s, line, 3, head, out))
            strbuf_adds(out, line);
    } else if (has_prefix(line, "chunk ")) {
        if (!convert_text(s, line, 1, "chunk ", out))
            strbuf_adds(out, line);
    } else if (has_prefix(line, "drip ")) {
        (void)snprintf(head, sizeof(head), "%.*s", (int)(after_words(line, 3) - line), line);
        if (!convert_text(s, line, 3, head, out))
            strbuf_adds(out, line);
    } else {
        strbuf_adds(out, line);
    }
}

char *
script_protobuf(struct script_server *s, const char *script)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    while (*script) {
        script += strspn(script, " \t");
        size_t len = strcspn(script, "\n");
        iw_autofree char *line = iw_strndup(script, len);
        convert_line(s, line, &out);
        strbuf_addc(&out, '\n');
        script += len + (script[len] == '\n');
    }
    return strbuf_take(&out);
}
