/* api_list: lists in pages, single objects, deletion.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api_internal.h"

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

static char *
make_token(uint64_t rv, const char *start)
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
    uint64_t rv;
    size_t limit; /* 0: none */
    char *start;  /* first key, or NULL */
    char *next;   /* token of the next page, or NULL */
    size_t remaining;
};

static bool
in_namespace(const struct objects_version *version, const char *ns)
{
    return !ns || strcmp(version->ns, ns) == 0;
}

static void
collect(struct api_stream *s, struct page *page)
{
    struct objects *store = s->server->config.store;
    iw_autofree char *prefix = s->ns ? iw_asprintf("%s/", s->ns) : iw_strdup("");
    const char *from = page->start && strcmp(page->start, prefix) > 0 ? page->start : prefix;
    size_t i = objects_lower_bound(store, s->form.kind, from);
    for (; i < store->objects[s->form.kind].len; i++) {
        struct objects_version *version = store->objects[s->form.kind].items[i];
        if (!in_namespace(version, s->ns))
            break;
        if (!api_selector_matches(&s->selector, s->form.kind, version))
            continue;
        if (page->limit > 0 && s->first.len == page->limit) {
            if (!page->next)
                page->next = make_token(page->rv, version->key);
            page->remaining++;
            continue;
        }
        struct objects_version *held = objects_version_ref(version);
        vec_push(&s->first, held);
    }
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
        if (s->first_at > 0)
            strbuf_addc(&s->out, ',');
        if (s->form.table)
            api_write_row(s, version, &s->out);
        else
            api_write_object(s, version, false, &s->out);
        objects_version_unref(version);
        s->first.items[s->first_at++] = NULL;
    }
    if (s->first_at == s->first.len && !s->done) {
        strbuf_adds(&s->out, "]}\n");
        s->done = true;
    }
}

static enum MHD_Result
send_expired(struct api_request *r, const char *start, uint64_t rv)
{
    iw_autofree char *token = make_token(rv, start);
    return api_send_json(
        r, 410,
        json_pack("{s:s,s:s,s:{s:s},s:s,s:s,s:s,s:i}", "kind", "Status", "apiVersion", "v1",
                  "metadata", "continue", token, "status", "Failure", "message",
                  "The provided continue parameter is too old to display a consistent list result.",
                  "reason", "Expired", "code", 410));
}

/* Fill the page from the query. True when the request has been answered instead. */
static bool
read_page(struct api_request *r, struct page *page, enum MHD_Result *answered)
{
    const struct objects *store = r->server->config.store;
    const char *token = api_query(r, "continue");
    const char *rv = api_query(r, "resourceVersion");
    page->rv = store->rv;
    int64_t limit = api_query_int(r, "limit", 0);
    page->limit = limit > 0 && !(rv && strcmp(rv, "0") == 0) ? (size_t)limit : 0;
    if (token && token[0]) {
        iw_autofree char *text = token_decode(token);
        json_t *value = json_loads(text, 0, NULL);
        const char *start = json_string_value(json_object_get(value, "start"));
        uint64_t token_rv = (uint64_t)json_integer_value(json_object_get(value, "rv"));
        bool bad = !start, old = token_rv < store->forgotten_rv;
        if (bad)
            *answered = api_send_status(r, 400, "BadRequest", "continue key is not valid");
        else if (old)
            *answered = send_expired(r, start, store->rv);
        else
            page->start = iw_strdup(start);
        page->rv = token_rv;
        json_decref(value);
        return bad || old;
    }
    uint64_t wanted = rv ? strtoull(rv, NULL, 10) : 0;
    const char *match = api_query(r, "resourceVersionMatch");
    if (match && strcmp(match, "Exact") == 0 && wanted < store->rv) {
        *answered = api_send_status(r, 410, "Expired",
                                    "The resourceVersion for the provided list is too old.");
        return true;
    }
    if (wanted > store->rv) {
        *answered =
            api_send_status(r, 504, "Timeout", "Too large resource version: %llu, current: %llu",
                            (unsigned long long)wanted, (unsigned long long)store->rv);
        return true;
    }
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
    collect(s, &page);
    write_list_head(s, &page);
    free(page.start);
    free(page.next);
    return api_stream_start(r, s, "application/json");
}

/* --- single objects --- */

static enum MHD_Result
send_not_found(struct api_request *r, enum demo_kind kind, const char *name)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    return api_send_json(r, 404,
                         json_pack("{s:s,s:s,s:{},s:s,s:o,s:s,s:{s:s,s:s},s:i}", "kind", "Status",
                                   "apiVersion", "v1", "metadata", "status", "Failure", "message",
                                   json_sprintf("%s%s%s \"%s\" not found", info->plural,
                                                info->group[0] ? "." : "", info->group, name),
                                   "reason", "NotFound", "details", "name", name, "kind",
                                   info->plural, "code", 404));
}

static enum MHD_Result
send_one(struct api_request *r, struct api_stream *s, const struct objects_version *version)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    if (s->form.table) {
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
    return api_send(r, 200, "application/json", bytes, len);
}

static enum MHD_Result
delete_one(struct api_request *r, struct api_stream *s, const char *name)
{
    struct sim *sim = player_sim(r->server->config.player);
    const char *ns = s->ns ? s->ns : "";
    int64_t grace_s = api_query_int(r, "gracePeriodSeconds", -1);
    json_t *body = json_loadb(r->body.data, r->body.len, 0, NULL);
    const json_t *wish = json_object_get(body, "gracePeriodSeconds");
    if (json_is_integer(wish))
        grace_s = json_integer_value(wish);
    json_decref(body);
    struct objects_version *before =
        demo_store_find(r->server->config.store, s->form.kind, ns, name);
    if (!before)
        return send_not_found(r, s->form.kind, name);
    (void)objects_version_ref(before);
    bool known = s->form.kind == DEMO_KIND_POD ? sim_delete_pod(sim, ns, name, grace_s)
                                               : sim_delete_object(sim, s->form.kind, ns, name);
    struct objects_version *after =
        demo_store_find(r->server->config.store, s->form.kind, ns, name);
    enum MHD_Result result =
        known ? send_one(r, s, after ? after : before) : send_not_found(r, s->form.kind, name);
    objects_version_unref(before);
    return result;
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
}

static enum MHD_Result
answer(struct api_request *r, struct api_stream *s, const char *name)
{
    if (strcmp(r->method, "DELETE") == 0 && name)
        return delete_one(r, s, name);
    if (strcmp(r->method, "GET") != 0)
        return api_send_status(r, 405, "MethodNotAllowed",
                               "the demo cluster does not take this request");
    if (name) {
        struct objects_version *version =
            demo_store_find(r->server->config.store, s->form.kind, s->ns ? s->ns : "", name);
        return version ? send_one(r, s, version) : send_not_found(r, s->form.kind, name);
    }
    struct iw_error err = {0};
    enum iw_err code =
        api_selector_parse(&s->selector, s->form.kind, s->form.events_v1,
                           api_query(r, "labelSelector"), api_query(r, "fieldSelector"), &err);
    if (code)
        return api_send_status(r, 400, "BadRequest", "%s", err.msg);
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
