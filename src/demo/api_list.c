/* api_list: lists in pages, single objects.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api_internal.h"
#include "pbform.h"

/* --- continue tokens: unpadded base64url of a small JSON document --- */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *
token_encode(const char *text)
{
    struct strbuf out;
    strbuf_init(&out, 65536);
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)(unsigned char)text[i] << 16;
        size_t have = IW_MIN(len - i, (size_t)3);
        if (have > 1)
            bits |= (uint32_t)(unsigned char)text[i + 1] << 8;
        if (have > 2)
            bits |= (uint32_t)(unsigned char)text[i + 2];
        for (size_t d = 0; d <= have; d++)
            strbuf_addc(&out, base64[bits >> (18 - 6 * d) & 63]);
    }
    char *token = strbuf_take(&out);
    strbuf_free(&out);
    return token;
}

static char *
token_decode(const char *token)
{
    struct strbuf out;
    strbuf_init(&out, 65536);
    uint32_t bits = 0;
    int held = 0;
    for (const char *p = token; *p && *p != '='; p++) {
        const char *digit = strchr(base64, *p);
        if (!digit)
            break;
        bits = bits << 6 | (uint32_t)(digit - base64);
        held += 6;
        if (held >= 8) {
            held -= 8;
            strbuf_addc(&out, (char)(bits >> held & 255));
        }
    }
    char *text = strbuf_take(&out);
    strbuf_free(&out);
    return text;
}

/* rv -1 continues with what is there by then. */
static char *
make_token(int64_t rv, const char *start)
{
    json_t *value =
        json_pack("{s:s,s:I,s:s}", "v", "meta.k8s.io/v1", "rv", (json_int_t)rv, "start", start);
    char *text = json_dumps(value, JSON_COMPACT);
    char *token = token_encode(text ? text : "");
    free(text);
    json_decref(value);
    return token;
}

/* --- lists --- */

struct page {
    uint64_t rv;  /* of the snapshot; the present when it is the store's */
    size_t limit; /* 0: none */
    char *start;  /* first key, or NULL */
    char *next;   /* token of the next page, or NULL */
    size_t remaining;
};

static void
take_version(struct api_stream *s, struct page *page, struct objects_version *version)
{
    if (!api_selector_matches(&s->selector, s->form.kind, version))
        return;
    if (page->limit > 0 && s->first.len == page->limit) {
        if (!page->next)
            page->next = make_token((int64_t)page->rv, version->key);
        page->remaining++;
        return;
    }
    struct objects_version *held = objects_version_ref(version);
    vec_push(&s->first, held);
}

static bool
in_page(const struct api_stream *s, const struct page *page, const struct objects_version *version)
{
    return (!s->ns || strcmp(version->ns, s->ns) == 0) &&
           (!page->start || strcmp(version->key, page->start) >= 0);
}

/* False when the snapshot is no longer known. */
static bool
collect(struct api_stream *s, struct page *page)
{
    struct objects *store = s->server->config.store;
    if (page->rv != store->rv) {
        struct objects_versions past = {0};
        bool known = objects_at(store, s->form.kind, page->rv, &past);
        for (size_t i = 0; i < past.len; i++) {
            if (in_page(s, page, past.items[i]))
                take_version(s, page, past.items[i]);
        }
        objects_versions_free(&past);
        return known;
    }
    iw_autofree char *prefix = s->ns ? iw_asprintf("%s/", s->ns) : iw_strdup("");
    const char *from = page->start && strcmp(page->start, prefix) > 0 ? page->start : prefix;
    size_t i = objects_lower_bound(store, s->form.kind, from);
    for (; i < store->objects[s->form.kind].len; i++) {
        struct objects_version *version = store->objects[s->form.kind].items[i];
        if (!in_page(s, page, version))
            break;
        take_version(s, page, version);
    }
    return true;
}

static void
write_pb_head(struct api_stream *s, const struct page *page)
{
    json_t *meta =
        json_pack("{s:o}", "resourceVersion", json_sprintf("%llu", (unsigned long long)page->rv));
    if (page->next) {
        json_object_set_new(meta, "continue", json_string(page->next));
        if (api_selector_is_empty(&s->selector))
            json_object_set_new(meta, "remainingItemCount",
                                json_integer((json_int_t)page->remaining));
    }
    api_pb_list_head(s, meta);
    json_decref(meta);
}

static void
write_list_head(struct api_stream *s, const struct page *page)
{
    const struct demo_kind_info *info = &demo_kind_table[s->form.kind];
    struct strbuf *out = &s->out;
    if (s->form.table)
        strbuf_adds(out, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\"");
    else
        strbuf_addf(out, "{\"kind\":\"%sList\",\"apiVersion\":\"%s%s%s\"", info->kind,
                    s->form.events_v1 ? "events.k8s.io" : info->group,
                    info->group[0] || s->form.events_v1 ? "/" : "", info->version);
    strbuf_addf(out, ",\"metadata\":{\"resourceVersion\":\"%llu\"", (unsigned long long)page->rv);
    if (page->next) {
        strbuf_addf(out, ",\"continue\":\"%s\"", page->next);
        if (api_selector_is_empty(&s->selector))
            strbuf_addf(out, ",\"remainingItemCount\":%zu", page->remaining);
    }
    strbuf_addc(out, '}');
    if (s->form.table) {
        strbuf_adds(out, ",\"columnDefinitions\":");
        api_write_columns(s->form.kind, out);
    }
    strbuf_addf(out, ",\"%s\":[", s->form.table ? "rows" : "items");
}

void
api_list_fill(struct api_stream *s)
{
    /* one chunk of a large list at a time, so that it is never whole in memory */
    while (s->out.len - s->out_at < (256u << 10) && s->first_at < s->first.len) {
        struct objects_version *version = s->first.items[s->first_at];
        if (s->first_at > 0 && !s->form.protobuf)
            strbuf_addc(&s->out, ',');
        if (s->form.protobuf)
            api_pb_list_item(s, version);
        else if (s->form.table)
            api_write_row(s, version, &s->out);
        else
            api_write_object(s, version, false, &s->out);
        objects_version_unref(version);
        s->first.items[s->first_at++] = NULL;
    }
    if (s->first_at == s->first.len && !s->done) {
        if (s->form.protobuf)
            api_pb_list_end(s);
        else
            strbuf_adds(&s->out, "]}\n");
        s->done = true;
    }
}

static enum MHD_Result
send_expired(struct api_request *r, const char *start)
{
    iw_autofree char *token = make_token(-1, start);
    return api_send_status_object(
        r, 410,
        json_pack("{s:s,s:s,s:{s:s},s:s,s:s,s:s,s:i}", "kind", "Status", "apiVersion", "v1",
                  "metadata", "continue", token, "status", "Failure", "message",
                  "The provided continue parameter is too old to display a consistent list result. "
                  "You can start a new list without the continue parameter, or use the continue "
                  "token in this response to retrieve the remainder of the results. Continuing "
                  "with the provided token results in an inconsistent list - objects that were "
                  "created, modified, or deleted between the time the first chunk was returned "
                  "and now may show up in the list.",
                  "reason", "Expired", "code", 410));
}

/* Fill the page from the token. True when the request has been answered instead. */
static bool
read_token(struct api_request *r, const char *token, struct page *page, enum MHD_Result *answered)
{
    const struct objects *store = r->server->config.store;
    const char *rv = api_query(r, "resourceVersion");
    iw_autofree char *text = token_decode(token);
    json_t *value = json_loads(text ? text : "", 0, NULL);
    const char *start = json_string_value(json_object_get(value, "start"));
    int64_t token_rv = json_integer_value(json_object_get(value, "rv"));
    bool bad = !start || (rv && rv[0] && strcmp(rv, "0") != 0);
    bool old = token_rv >= 0 && (uint64_t)token_rv < store->forgotten_rv;
    if (!start)
        *answered = api_send_status(r, 400, "BadRequest", "continue key is not valid");
    else if (bad)
        *answered = api_send_status(
            r, 400, "BadRequest", "specifying resource version is not allowed when using continue");
    else if (old)
        *answered = send_expired(r, start);
    else
        page->start = iw_strdup(start);
    if (token_rv >= 0)
        page->rv = IW_MIN((uint64_t)token_rv, store->rv);
    json_decref(value);
    return bad || old;
}

static enum MHD_Result
refuse_options(struct api_request *r, const char *field, const char *why)
{
    json_t *details = json_pack("{s:s,s:s,s:[{s:s,s:s,s:s}]}", "group", "meta.k8s.io", "kind",
                                "ListOptions", "causes", "reason",
                                strncmp(why, "Unsupported", 11) == 0 ? "FieldValueNotSupported"
                                                                     : "FieldValueForbidden",
                                "message", why, "field", field);
    return api_send_failure(r, 422, "Invalid", details,
                            "ListOptions.meta.k8s.io \"\" is invalid: %s: %s", field, why);
}

/* What ValidateListOptions refuses for a list. */
static bool
options_refused(struct api_request *r, const char *rv, const char *match, enum MHD_Result *answered)
{
    const char *field = "resourceVersionMatch", *why = NULL;
    if (api_query(r, "sendInitialEvents")) {
        field = "sendInitialEvents";
        why = "Forbidden: sendInitialEvents is forbidden for list";
    } else if (match && match[0] && !(rv && rv[0])) {
        why = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided";
    } else if (match && match[0] && strcmp(match, "Exact") != 0 &&
               strcmp(match, "NotOlderThan") != 0) {
        why = "Unsupported value: supported values: \"\", \"Exact\", \"NotOlderThan\"";
    } else if (match && strcmp(match, "Exact") == 0 && strcmp(rv, "0") == 0) {
        why = "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
    }
    if (why)
        *answered = refuse_options(r, field, why);
    return why != NULL;
}

/* The real server hopes for three seconds that the version will come. */
#define FUTURE_WAIT_MS 3000

static enum MHD_Result
refuse_future(struct api_request *r, uint64_t wanted)
{
    json_t *details =
        json_pack("{s:[{s:s,s:s}],s:i}", "causes", "reason", "ResourceVersionTooLarge", "message",
                  "Too large resource version", "retryAfterSeconds", 1);
    return api_send_failure(
        r, 504, "Timeout", details, "Timeout: Too large resource version: %llu, current: %llu",
        (unsigned long long)wanted, (unsigned long long)r->server->config.store->rv);
}

/* Fill the page from the query. True when the request has been answered instead. */
static bool
read_page(struct api_request *r, struct page *page, enum MHD_Result *answered)
{
    const struct objects *store = r->server->config.store;
    const char *token = api_query(r, "continue");
    const char *rv = api_query(r, "resourceVersion");
    const char *match = api_query(r, "resourceVersionMatch");
    page->rv = store->rv;
    int64_t limit = api_query_int(r, "limit", 0);
    page->limit = limit > 0 && !(rv && strcmp(rv, "0") == 0) ? (size_t)limit : 0;
    if (options_refused(r, rv, match, answered))
        return true;
    if (token && token[0])
        return read_token(r, token, page, answered);
    char *end = NULL;
    uint64_t wanted = rv && rv[0] ? strtoull(rv, &end, 10) : 0;
    if (end && *end) {
        *answered = api_send_status(r, 400, "BadRequest",
                                    "resourceVersion: Invalid value: \"%s\": strconv.ParseUint: "
                                    "parsing \"%s\": invalid syntax",
                                    rv, rv);
        return true;
    }
    if (wanted > store->rv) {
        *answered = r->waited ? refuse_future(r, wanted) : api_wait(r, FUTURE_WAIT_MS);
        return true;
    }
    if (match && strcmp(match, "Exact") == 0)
        page->rv = wanted;
    return false;
}

static enum MHD_Result
send_list(struct api_request *r, struct api_stream *s)
{
    struct page page = {0};
    enum MHD_Result answered = MHD_NO;
    if (read_page(r, &page, &answered)) {
        free(page.start);
        return answered;
    }
    bool known = collect(s, &page);
    if (known) {
        if (s->form.protobuf)
            write_pb_head(s, &page);
        else
            write_list_head(s, &page);
        answered = api_stream_start(r, s, s->form.protobuf ? PBFORM_TYPE : "application/json");
    } else {
        answered = api_send_status(r, 410, "Expired",
                                   "The resourceVersion for the provided list is too old.");
    }
    free(page.start);
    free(page.next);
    return answered;
}

/* --- single objects --- */

enum MHD_Result
api_send_not_found(struct api_request *r, enum demo_kind kind, const char *name)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    json_t *details = json_pack("{s:s,s:s}", "name", name, "kind", info->plural);
    if (info->group[0])
        json_object_set_new(details, "group", json_string(info->group));
    return api_send_failure(r, 404, "NotFound", details, "%s%s%s \"%s\" not found", info->plural,
                            info->group[0] ? "." : "", info->group, name);
}

enum MHD_Result
api_send_object(struct api_request *r, struct api_stream *s, unsigned code,
                struct objects_version *version)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    if (s->form.protobuf) {
        api_pb_object(s, version, &out);
    } else if (s->form.table) {
        strbuf_addf(&out,
                    "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"
                    "\"resourceVersion\":\"%llu\"},\"columnDefinitions\":",
                    (unsigned long long)version->rv);
        api_write_columns(s->form.kind, &out);
        strbuf_adds(&out, ",\"rows\":[");
        api_write_row(s, version, &out);
        strbuf_adds(&out, "]}");
    } else {
        api_write_object(s, version, true, &out);
    }
    size_t len = out.len;
    char *bytes = strbuf_take(&out);
    strbuf_free(&out);
    return api_send(r, code, s->form.protobuf ? PBFORM_TYPE : "application/json", bytes, len);
}

/* --- the collection and what is in it --- */

static void
read_form(struct api_request *r, struct api_form *form)
{
    const char *accept =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    const char *include = api_query(r, "includeObject");
    form->table = accept && strstr(accept, "as=Table") != NULL;
    form->full_object = include && strcmp(include, "Object") == 0;
    form->no_object = include && strcmp(include, "None") == 0;
    form->protobuf = !form->table && !form->events_v1 && objects_have_protobuf(form->kind) &&
                     api_prefers_protobuf(r);
}

/* JSON in some form is among what the client takes. */
static bool
is_acceptable(const struct api_request *r)
{
    const char *accept =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    return !accept || !accept[0] || strstr(accept, "json") || strstr(accept, "*/*") ||
           strstr(accept, "application/*");
}

static enum MHD_Result
answer_one(struct api_request *r, struct api_stream *s, const char *name)
{
    if (strcmp(r->method, "DELETE") == 0)
        return s->form.kind == DEMO_KIND_NODE ? api_no_method(r) : api_delete(r, s, name);
    if (strcmp(r->method, "PATCH") == 0 || strcmp(r->method, "PUT") == 0)
        return api_update(r, s, name);
    if (strcmp(r->method, "GET") != 0)
        return api_no_method(r);
    struct objects_version *version =
        demo_store_find(r->server->config.store, s->form.kind, s->ns ? s->ns : "", name);
    return version ? api_send_object(r, s, 200, version)
                   : api_send_not_found(r, s->form.kind, name);
}

static enum MHD_Result
answer(struct api_request *r, struct api_stream *s, const char *name)
{
    if (!s->form.protobuf && !is_acceptable(r))
        return api_send_status(r, 406, "NotAcceptable",
                               "406: Not Acceptable\n\nAvailable representations: "
                               "application/json, application/json;stream=watch");
    if (name)
        return answer_one(r, s, name);
    if (strcmp(r->method, "POST") == 0)
        return api_create(r, s);
    struct iw_error err = {0};
    enum iw_err code =
        api_selector_parse(&s->selector, s->form.kind, s->form.events_v1,
                           api_query(r, "labelSelector"), api_query(r, "fieldSelector"), &err);
    if (code)
        return api_send_status(r, 400, "BadRequest", "%s", err.msg);
    if (strcmp(r->method, "DELETE") == 0 && s->form.kind != DEMO_KIND_NODE &&
        s->form.kind != DEMO_KIND_NAMESPACE)
        return api_delete_many(r, s);
    if (strcmp(r->method, "GET") != 0)
        return api_no_method(r);
    return api_query_true(r, "watch") ? api_watch(r, s) : send_list(r, s);
}

enum MHD_Result
api_collection(struct api_request *r, enum demo_kind kind, bool events_v1, const char *ns,
               const char *name)
{
    struct api_stream *s = api_stream_new(r, STREAM_LIST);
    s->form.kind = kind;
    s->form.events_v1 = events_v1;
    s->ns = ns ? iw_strdup(ns) : NULL;
    read_form(r, &s->form);
    return answer(r, s, name);
}
