/* api_watch: streams of changes with bookmarks, resumed from the history.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"
#include "initwatch/demo/cells.h"
#include "pbform.h"

#define BOOKMARK_MS 60000
#define LAST_BOOKMARKS_MS 2000
/* Without timeoutSeconds the real server takes a random time from here on. */
#define DEFAULT_WATCH_S 1800

static void
write_table_event(struct api_stream *s, const struct objects_version *version, struct strbuf *out)
{
    strbuf_addf(out,
                "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"
                "\"resourceVersion\":\"%llu\"},\"columnDefinitions\":",
                (unsigned long long)version->rv);
    if (s->columns_sent)
        strbuf_adds(out, "null");
    else
        api_write_columns(s->form.kind, out);
    s->columns_sent = true;
    strbuf_adds(out, ",\"rows\":[");
    api_write_row(s, version, out);
    strbuf_adds(out, "]}");
}

static void
write_event(struct api_stream *s, const char *type, struct objects_version *version)
{
    if (s->form.protobuf) {
        api_pb_event(s, type, version);
        return;
    }
    strbuf_addf(&s->out, "{\"type\":\"%s\",\"object\":", type);
    if (s->form.table)
        write_table_event(s, version, &s->out);
    else
        api_write_object(s, version, true, &s->out);
    strbuf_adds(&s->out, "}\n");
}

/* A bookmark is a row with empty cells, and may be the one that carries the columns. */
static void
write_table_bookmark(struct api_stream *s, unsigned long long rv, const char *mark)
{
    json_t *columns = cells_columns(s->form.kind);
    strbuf_addf(&s->out,
                "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Table\",\"apiVersion\":"
                "\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"%llu\"},"
                "\"columnDefinitions\":",
                rv);
    if (s->columns_sent)
        strbuf_adds(&s->out, "null");
    else
        api_write_columns(s->form.kind, &s->out);
    s->columns_sent = true;
    strbuf_adds(&s->out, ",\"rows\":[{\"cells\":[");
    for (size_t i = 0; i < json_array_size(columns); i++)
        strbuf_adds(&s->out, i ? ",\"\"" : "\"\"");
    strbuf_addf(&s->out,
                "],\"object\":{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":"
                "\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"%llu\"%s}}}]}}\n",
                rv, mark);
    json_decref(columns);
}

static void
write_bookmark(struct api_stream *s, bool initial_end)
{
    const struct demo_kind_info *info = &demo_kind_table[s->form.kind];
    unsigned long long rv = s->server->config.store->rv;
    const char *mark =
        initial_end ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
    if (s->form.protobuf) {
        api_pb_bookmark(s, rv, initial_end);
        return;
    }
    if (s->form.table) {
        write_table_bookmark(s, rv, mark);
        return;
    }
    strbuf_addf(&s->out,
                "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"%s%s%s\","
                "\"metadata\":{\"resourceVersion\":\"%llu\"%s}%s}}\n",
                info->kind, s->form.events_v1 ? "events.k8s.io" : info->group,
                info->group[0] || s->form.events_v1 ? "/" : "", info->version, rv, mark,
                s->form.kind == DEMO_KIND_POD ? ",\"spec\":{\"containers\":null},\"status\":{}"
                                              : "");
}

static void
write_gone(struct api_stream *s, uint64_t wanted)
{
    const struct objects *store = s->server->config.store;
    json_t *status =
        json_pack("{s:s,s:s,s:{},s:s,s:o,s:s,s:i}", "kind", "Status", "apiVersion", "v1",
                  "metadata", "status", "Failure", "message",
                  json_sprintf("too old resource version: %llu (%llu)", (unsigned long long)wanted,
                               (unsigned long long)store->forgotten_rv + 1),
                  "reason", "Expired", "code", 410);
    iw_autofree char *text = json_dumps(status, JSON_COMPACT);
    if (s->form.protobuf)
        api_pb_error(s, status);
    else
        strbuf_addf(&s->out, "{\"type\":\"ERROR\",\"object\":%s}\n", text);
    json_decref(status);
    s->done = true;
}

void
api_watch_gone(struct api_stream *s)
{
    write_gone(s, s->from_rv);
}

/* --- changes --- */

static void
pump_entry(struct api_stream *s, const struct objects_entry *entry)
{
    if (entry->kind != s->form.kind || entry->rv <= s->from_rv ||
        (s->ns && strcmp(entry->now->ns, s->ns) != 0))
        return;
    bool now = entry->change != STORE_DELETED &&
               api_selector_matches(&s->selector, s->form.kind, entry->now);
    bool before = entry->before && api_selector_matches(&s->selector, s->form.kind, entry->before);
    if (now)
        write_event(s, before ? "MODIFIED" : "ADDED", entry->now);
    else if (before)
        write_event(s, "DELETED", entry->now);
}

static void
pump_history(struct api_stream *s)
{
    struct objects *store = s->server->config.store;
    if (s->seq < store->history_first) {
        s->done = true; /* too slow: cut, without a word, as the real server does */
        return;
    }
    for (; s->seq < store->history_next && s->out.len - s->out_at < (1u << 20); s->seq++)
        pump_entry(s, &store->history[s->seq % STORE_HISTORY]);
}

static void
pump_first(struct api_stream *s)
{
    while (s->first_at < s->first.len && s->out.len - s->out_at < (256u << 10)) {
        struct objects_version *version = s->first.items[s->first_at];
        write_event(s, "ADDED", version);
        objects_version_unref(version);
        s->first.items[s->first_at++] = NULL;
    }
    if (s->first_at == s->first.len) {
        s->first_ended = true;
        if (s->initial_mark)
            write_bookmark(s, true);
    }
}

/* About once a minute, and each second of the last two, so that nothing is lost between a watch and
 * the next. */
static int64_t
next_bookmark_ms(const struct api_stream *s, int64_t now_ms)
{
    int64_t last_ms = s->end_ms - LAST_BOOKMARKS_MS;
    if (now_ms >= last_ms)
        return now_ms + 1000;
    return IW_MIN(now_ms + BOOKMARK_MS, last_ms);
}

void
api_watch_fill(struct api_stream *s)
{
    if (s->done)
        return;
    if (!s->first_ended)
        pump_first(s);
    if (s->first_ended)
        pump_history(s);
    int64_t now_ms = clock_mono(s->server->config.clock);
    bool known = s->from_rv <= s->server->config.store->rv;
    if (s->bookmarks && s->first_ended && now_ms >= s->bookmark_ms) {
        if (known)
            write_bookmark(s, false);
        s->bookmark_ms = next_bookmark_ms(s, now_ms);
    }
    s->done = s->done || now_ms >= s->end_ms;
}

int64_t
api_watch_due_ms(const struct api_stream *s)
{
    return s->bookmarks ? IW_MIN(s->end_ms, s->bookmark_ms) : s->end_ms;
}

/* --- the request --- */

static void
take_first(struct api_stream *s)
{
    struct objects *store = s->server->config.store;
    for (size_t i = 0; i < store->objects[s->form.kind].len; i++) {
        struct objects_version *version = store->objects[s->form.kind].items[i];
        if ((s->ns && strcmp(version->ns, s->ns) != 0) ||
            !api_selector_matches(&s->selector, s->form.kind, version))
            continue;
        struct objects_version *held = objects_version_ref(version);
        vec_push(&s->first, held);
    }
}

static enum MHD_Result
refuse_initial(struct api_request *r, bool match_only)
{
    const char *why = match_only ? "Forbidden: resourceVersionMatch is forbidden for watch unless "
                                   "sendInitialEvents is provided"
                                 : "Forbidden: sendInitialEvents requires setting "
                                   "resourceVersionMatch to NotOlderThan";
    json_t *details = json_pack("{s:s,s:s,s:[{s:s,s:s,s:s}]}", "group", "meta.k8s.io", "kind",
                                "ListOptions", "causes", "reason", "FieldValueForbidden", "message",
                                why, "field", "resourceVersionMatch");
    return api_send_failure(r, 422, "Invalid", details,
                            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: %s",
                            why);
}

enum MHD_Result
api_watch(struct api_request *r, struct api_stream *s)
{
    const struct objects *store = r->server->config.store;
    const char *rv = api_query(r, "resourceVersion");
    const char *match = api_query(r, "resourceVersionMatch");
    bool initial = api_query_true(r, "sendInitialEvents");
    bool match_only = match && match[0] && !api_query(r, "sendInitialEvents");
    if ((initial && !(match && strcmp(match, "NotOlderThan") == 0)) || match_only)
        return refuse_initial(r, match_only);
    bool from_start = initial || !rv || !rv[0] || strcmp(rv, "0") == 0;
    int64_t now_ms = clock_mono(r->server->config.clock);
    s->kind = STREAM_WATCH;
    if (s->form.protobuf)
        r->server->config.store->protobuf_asked[s->form.kind] = true;
    s->bookmarks = api_query_true(r, "allowWatchBookmarks");
    s->end_ms = now_ms + 1000 * api_query_int(r, "timeoutSeconds", DEFAULT_WATCH_S);
    s->bookmark_ms = next_bookmark_ms(s, now_ms);
    s->initial_mark = from_start && s->bookmarks;
    s->first_ended = !from_start;
    s->seq = store->history_next;
    if (from_start) {
        take_first(s);
        s->from_rv = store->rv;
    } else {
        s->from_rv = strtoull(rv, NULL, 10);
        if (s->from_rv < store->forgotten_rv)
            write_gone(s, s->from_rv);
        while (s->seq > store->history_first &&
               store->history[(s->seq - 1) % STORE_HISTORY].rv > s->from_rv)
            s->seq--;
    }
    return api_stream_start(r, s,
                            s->form.protobuf ? PBFORM_TYPE ";stream=watch" : "application/json");
}
