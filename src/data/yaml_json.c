/* yaml_json: YAML text to jansson values by libyaml's events.
 *
 * Events rather than libyaml's documents: only they tell a plain scalar from one that is tagged
 * !!str, and they let the ceilings of depth and expansion hold while the text is read.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/data/yaml_json.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/vec.h"

#include "json_read.h"
#include "yaml_scalar.h"

/* Kubernetes objects are about twelve levels deep. */
#define YAML_DEPTH_MAX 256
/* Values that aliases may add to one stream. */
#define YAML_EXPANDED_MAX 200000

struct yaml_anchor {
    char *name;
    json_t *value; /* owned; NULL while its node is being read */
    size_t values; /* how many values it stands for */
};

struct yaml_reader {
    yaml_parser_t parser;
    const char *name; /* for messages */
    const char *text;
    VEC(struct yaml_anchor) anchors;
    size_t values;   /* made so far */
    size_t expanded; /* of these by aliases */
    int depth;
    struct iw_error *err;
};

static json_t *yaml_read_node(struct yaml_reader *r, const yaml_event_t *event);

static json_t *
yaml_fail_at(struct yaml_reader *r, const yaml_mark_t *mark, enum iw_err code, const char *what)
{
    iw_fail(r->err, code, "%s:%zu:%zu: %s", r->name, mark->line + 1, mark->column + 1, what);
    return NULL;
}

/* The parser's own error. Reader errors (encoding) have an offset instead of a mark. */
static void
yaml_fail_parser(struct yaml_reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "cannot be parsed";
    if (p->error == YAML_READER_ERROR) {
        size_t line = 1;
        for (size_t i = 0; i < p->problem_offset && r->text[i]; i++)
            line += r->text[i] == '\n';
        iw_fail(r->err, IW_ERR_PARSE, "%s:%zu:1: %s", r->name, line, problem);
    } else if (p->context) {
        iw_fail(r->err, IW_ERR_PARSE, "%s:%zu:%zu: %s (%s that starts at line %zu)", r->name,
                p->problem_mark.line + 1, p->problem_mark.column + 1, problem, p->context,
                p->context_mark.line + 1);
    } else {
        yaml_fail_at(r, &p->problem_mark, IW_ERR_PARSE, problem);
    }
}

static bool
yaml_next(struct yaml_reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return true;
    yaml_fail_parser(r);
    return false;
}

static struct yaml_anchor *
yaml_anchor_find(struct yaml_reader *r, const char *name)
{
    for (size_t i = r->anchors.len; i-- > 0;)
        if (strcmp(r->anchors.items[i].name, name) == 0)
            return &r->anchors.items[i];
    return NULL;
}

static void
yaml_anchors_clear(struct yaml_reader *r)
{
    for (size_t i = 0; i < r->anchors.len; i++) {
        free(r->anchors.items[i].name);
        json_decref(r->anchors.items[i].value);
    }
    vec_free(&r->anchors);
}

static json_t *
yaml_read_alias(struct yaml_reader *r, const yaml_event_t *event)
{
    const struct yaml_anchor *anchor = yaml_anchor_find(r, (const char *)event->data.alias.anchor);
    if (!anchor)
        return yaml_fail_at(r, &event->start_mark, IW_ERR_PARSE, "this alias has no anchor");
    if (!anchor->value)
        return yaml_fail_at(r, &event->start_mark, IW_ERR_PARSE, "an anchor contains itself");
    r->expanded += anchor->values;
    r->values += anchor->values;
    if (r->expanded > YAML_EXPANDED_MAX)
        return yaml_fail_at(r, &event->start_mark, IW_ERR_TOO_BIG,
                            "aliases expand to too many values");
    return json_deep_copy(anchor->value);
}

static json_t *
yaml_read_scalar(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE || event->data.scalar.tag)
        return yaml_scalar_resolve(text, len, (const char *)event->data.scalar.tag);
    return json_stringn_nocheck(text, len);
}

static json_t *
yaml_read_sequence(struct yaml_reader *r)
{
    json_t *array = json_array();
    for (;;) {
        yaml_event_t event;
        if (!yaml_next(r, &event))
            break;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return array;
        }
        json_t *value = yaml_read_node(r, &event);
        yaml_event_delete(&event);
        if (!value)
            break;
        json_array_append_new(array, value);
    }
    json_decref(array);
    return NULL;
}

/* The text of a mapping key: JSON has only strings, and sigs.k8s.io/yaml writes true, 8080 as such.
 */
static char *
yaml_key_text(struct yaml_reader *r, const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT) {
        yaml_fail_at(r, &event->start_mark, IW_ERR_PARSE, "a key must be a plain text");
        return NULL;
    }
    json_t *key = yaml_read_scalar(event);
    char *text;
    if (json_is_string(key))
        text = iw_strndup(json_string_value(key), json_string_length(key));
    else if (json_is_integer(key))
        text = iw_asprintf("%" JSON_INTEGER_FORMAT, json_integer_value(key));
    else
        text = iw_strdup(json_is_null(key) ? "null" : json_is_true(key) ? "true" : "false");
    json_decref(key);
    return text;
}

/* Merge key: members of `from` (a mapping or a list of them) that are not there yet. */
static bool
yaml_merge(json_t *into, const json_t *from)
{
    if (json_is_object(from)) {
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)from, key, value) if (!json_object_get(into, key))
            json_object_set_nocheck(into, key, value);
        return true;
    }
    if (!json_is_array(from))
        return false;
    for (size_t i = 0; i < json_array_size(from); i++)
        if (!json_is_object(json_array_get(from, i)) || !yaml_merge(into, json_array_get(from, i)))
            return false;
    return true;
}

/* One member whose key event is given. The keys of `merged` give way to those of `object`. */
static bool
yaml_read_member(struct yaml_reader *r, const yaml_event_t *key_event, json_t *object,
                 json_t *merged)
{
    iw_autofree char *key = yaml_key_text(r, key_event);
    yaml_event_t event;
    if (!key || !yaml_next(r, &event))
        return false;
    json_t *value = yaml_read_node(r, &event);
    yaml_event_delete(&event);
    if (!value)
        return false;
    bool is_merge =
        strcmp(key, "<<") == 0 && key_event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (is_merge) {
        bool ok = yaml_merge(merged, value);
        json_decref(value);
        if (!ok)
            yaml_fail_at(r, &key_event->start_mark, IW_ERR_PARSE,
                         "a merge key needs a mapping or a list of mappings");
        return ok;
    }
    if (json_object_get(object, key)) {
        json_decref(value);
        iw_fail(r->err, IW_ERR_PARSE, "%s:%zu:%zu: the key \"%s\" is there twice", r->name,
                key_event->start_mark.line + 1, key_event->start_mark.column + 1, key);
        return false;
    }
    json_object_set_new_nocheck(object, key, value);
    return true;
}

static json_t *
yaml_read_mapping(struct yaml_reader *r)
{
    json_t *object = json_object();
    json_t *merged = json_object();
    bool ok = true;
    for (bool end = false; ok && !end;) {
        yaml_event_t event;
        ok = yaml_next(r, &event);
        if (!ok)
            break;
        end = event.type == YAML_MAPPING_END_EVENT;
        if (!end)
            ok = yaml_read_member(r, &event, object, merged);
        yaml_event_delete(&event);
    }
    if (ok)
        json_object_update_missing(object, merged);
    json_decref(merged);
    if (ok)
        return object;
    json_decref(object);
    return NULL;
}

static const yaml_char_t *
yaml_event_anchor(const yaml_event_t *event)
{
    if (event->type == YAML_SCALAR_EVENT)
        return event->data.scalar.anchor;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return event->data.sequence_start.anchor;
    return event->type == YAML_MAPPING_START_EVENT ? event->data.mapping_start.anchor : NULL;
}

static json_t *
yaml_read_content(struct yaml_reader *r, const yaml_event_t *event)
{
    if (event->type == YAML_ALIAS_EVENT)
        return yaml_read_alias(r, event);
    r->values++;
    if (event->type == YAML_SCALAR_EVENT)
        return yaml_read_scalar(event);
    if (++r->depth > YAML_DEPTH_MAX)
        return yaml_fail_at(r, &event->start_mark, IW_ERR_PARSE, "this is nested too deep");
    json_t *value = NULL;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        value = yaml_read_sequence(r);
    else if (event->type == YAML_MAPPING_START_EVENT)
        value = yaml_read_mapping(r);
    else
        yaml_fail_at(r, &event->start_mark, IW_ERR_PARSE, "a value is missing here");
    r->depth--;
    return value;
}

static json_t *
yaml_read_node(struct yaml_reader *r, const yaml_event_t *event)
{
    const yaml_char_t *name = yaml_event_anchor(event);
    size_t values_before = r->values;
    size_t slot = r->anchors.len;
    if (name) {
        struct yaml_anchor anchor = {.name = iw_strdup((const char *)name)};
        vec_push(&r->anchors, anchor);
    }
    json_t *value = yaml_read_content(r, event);
    if (name && value) {
        r->anchors.items[slot].value = json_incref(value);
        r->anchors.items[slot].values = r->values - values_before;
    }
    return value;
}

/* Handle one event of the stream's top level. Sets *done at its end. */
static enum iw_err
yaml_read_top(struct yaml_reader *r, const yaml_event_t *event, bool *done,
              enum iw_err (*each)(void *ctx, json_t *document, int line, struct iw_error *err),
              void *ctx)
{
    if (event->type == YAML_STREAM_END_EVENT)
        *done = true;
    if (event->type == YAML_DOCUMENT_END_EVENT)
        yaml_anchors_clear(r);
    if (event->type == YAML_STREAM_START_EVENT || event->type == YAML_STREAM_END_EVENT ||
        event->type == YAML_DOCUMENT_START_EVENT || event->type == YAML_DOCUMENT_END_EVENT)
        return IW_OK;
    json_t *document = yaml_read_node(r, event);
    if (!document)
        return r->err->code;
    if (json_is_null(document)) {
        json_decref(document);
        return IW_OK;
    }
    return each(ctx, document, (int)event->start_mark.line + 1, r->err);
}

/* One JSON document, as JSON: its escapes (surrogate pairs, tabs) are not all YAML. NULL when it is
 * not one. */
static json_t *
yaml_read_json(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    if (at == len || text[at] != '{')
        return NULL;
    struct json_read_error error;
    return json_read(text, len, (struct json_read_options){.reject_duplicates = true}, &error);
}

static int
yaml_first_line(const char *text, size_t len)
{
    int line = 1;
    for (size_t i = 0; i < len && strchr(" \t\r\n", text[i]) && text[i]; i++)
        line += text[i] == '\n';
    return line;
}

enum iw_err
yaml_json_each(const char *name, const char *text, size_t len,
               enum iw_err (*each)(void *ctx, json_t *document, int line, struct iw_error *err),
               void *ctx, struct iw_error *err)
{
    struct iw_error local = {0};
    json_t *json = yaml_read_json(text, len);
    if (json)
        return each(ctx, json, yaml_first_line(text, len), err ? err : &local);
    struct yaml_reader r = {.name = name, .text = text, .err = err ? err : &local};
    if (!yaml_parser_initialize(&r.parser))
        return iw_fail(err, IW_ERR_INTERNAL, "%s: no memory for the YAML parser", name);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    enum iw_err rc = IW_OK;
    for (bool done = false; rc == IW_OK && !done;) {
        yaml_event_t event;
        if (!yaml_next(&r, &event)) {
            rc = r.err->code;
            break;
        }
        rc = yaml_read_top(&r, &event, &done, each, ctx);
        yaml_event_delete(&event);
    }
    yaml_anchors_clear(&r);
    yaml_parser_delete(&r.parser);
    return rc;
}

struct yaml_single {
    json_t *document;
    const char *name;
};

static enum iw_err
yaml_take_single(void *ctx, json_t *document, int line, struct iw_error *err)
{
    struct yaml_single *single = ctx;
    if (single->document) {
        json_decref(document);
        return iw_fail(err, IW_ERR_PARSE, "%s:%d:1: a second document; one was expected",
                       single->name, line);
    }
    single->document = document;
    return IW_OK;
}

enum iw_err
yaml_json_one(const char *name, const char *text, size_t len, json_t **out, struct iw_error *err)
{
    struct yaml_single single = {.name = name};
    enum iw_err rc = yaml_json_each(name, text, len, yaml_take_single, &single, err);
    if (rc == IW_OK && !single.document)
        rc = iw_fail(err, IW_ERR_PARSE, "%s:1:1: the text is empty; one document was expected",
                     name);
    if (rc == IW_OK)
        *out = single.document;
    else
        json_decref(single.document);
    return rc;
}
