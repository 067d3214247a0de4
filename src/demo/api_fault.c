/* api_fault: trouble on request: what a client does when the API server is away, slow, forgetful or
 * unwilling can be shown and tested.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_internal.h"

#define SECONDS_DEFAULT 10
#define SECONDS_MAX 3600
#define DELAY_DEFAULT_MS 2000
#define DELAY_MAX_MS 60000
#define STORM_DEFAULT_PER_S 100
#define STORM_MAX_PER_S 5000
#define STORM_TICK_MS 100
/* Different events of a storm; further ones raise their counts. */
#define STORM_EVENTS 40
#define REPEAT_MS 1000
/* The answer to the request that asks for an outage is to get out. */
#define OUTAGE_HEAD_START_MS 100

static const char *const fault_names[API_FAULT_COUNT] = {
#define X(code, name) [API_FAULT_##code] = name,
    API_FAULTS(X)
#undef X
};

static int64_t
now_of(const struct apiserver *server)
{
    return clock_mono(server->config.clock);
}

static bool
api_fault_is_on(const struct apiserver *server, enum api_fault fault)
{
    const struct api_fault_state *f = &server->faults;
    int64_t now_ms = now_of(server);
    return f->until_ms[fault] > 0 && f->from_ms[fault] <= now_ms && now_ms < f->until_ms[fault];
}

/* --- asking for one --- */

static int64_t
number(const json_t *value, const char *member, int64_t missing, int64_t most)
{
    const json_t *found = json_object_get(value, member);
    int64_t wanted = json_is_integer(found) ? json_integer_value(found) : missing;
    return IW_MIN(IW_MAX(wanted, 0), most);
}

enum iw_err
apiserver_fault(struct apiserver *server, const json_t *wish, struct iw_error *err)
{
    struct api_fault_state *f = &server->faults;
    const char *kind = json_string_value(json_object_get(wish, "kind"));
    int64_t now_ms = now_of(server);
    if (kind && strcmp(kind, "none") == 0) {
        for (size_t i = 0; i < API_FAULT_COUNT; i++)
            f->until_ms[i] = IW_MIN(f->until_ms[i], now_ms);
        return IW_OK;
    }
    for (size_t i = 0; kind && i < API_FAULT_COUNT; i++) {
        if (strcmp(fault_names[i], kind) != 0)
            continue;
        f->from_ms[i] = now_ms + (i == API_FAULT_OUTAGE ? OUTAGE_HEAD_START_MS : 0);
        f->until_ms[i] =
            f->from_ms[i] + 1000 * number(wish, "seconds", SECONDS_DEFAULT, SECONDS_MAX);
        f->next_ms[i] = f->from_ms[i];
        if (i == API_FAULT_SLOW)
            f->delay_ms = number(wish, "delayMs", DELAY_DEFAULT_MS, DELAY_MAX_MS);
        if (i == API_FAULT_EVENT_STORM)
            f->storm_per_s = number(wish, "perSecond", STORM_DEFAULT_PER_S, STORM_MAX_PER_S);
        if (i == API_FAULT_DROP_WATCH)
            f->reset = json_is_true(json_object_get(wish, "reset"));
        return IW_OK;
    }
    return iw_fail(err, IW_ERR_USAGE, "there is no fault \"%s\"", kind ? kind : "");
}

json_t *
api_fault_list(const struct apiserver *server)
{
    const struct api_fault_state *f = &server->faults;
    json_t *active = json_array(), *names = json_array();
    for (size_t i = 0; i < API_FAULT_COUNT; i++) {
        json_array_append_new(names, json_string(fault_names[i]));
        if (f->until_ms[i] > now_of(server))
            json_array_append_new(active, json_pack("{s:s,s:I}", "kind", fault_names[i], "leftMs",
                                                    (json_int_t)(f->until_ms[i] - now_of(server))));
    }
    return json_pack("{s:o,s:o}", "active", active, "kinds", names);
}

enum MHD_Result
api_fault_request(struct api_request *r)
{
    struct iw_error err = {0};
    if (strcmp(r->method, "GET") == 0)
        return api_send_json(r, 200, api_fault_list(r->server));
    if (strcmp(r->method, "POST") != 0)
        return api_no_method(r);
    json_t *wish = api_body_object(r, &err);
    enum iw_err code = wish ? apiserver_fault(r->server, wish, &err) : err.code;
    json_decref(wish);
    if (code)
        return api_send_status(r, 400, "BadRequest", "%s", err.msg);
    return api_send_json(r, 200, api_fault_list(r->server));
}

/* --- requests --- */

bool
api_fault_answers(struct api_request *r, enum MHD_Result *answered)
{
    struct apiserver *server = r->server;
    static const char throttled[] = "Too many requests, please try again later.\n";
    if (api_fault_is_on(server, API_FAULT_OUTAGE)) {
        *answered = MHD_NO; /* the connection is closed */
    } else if (api_fault_is_on(server, API_FAULT_SLOW) && !r->waited) {
        *answered = api_wait(r, server->faults.delay_ms);
    } else if (api_fault_is_on(server, API_FAULT_UNAUTHORIZED)) {
        *answered = api_send_status(r, 401, "Unauthorized", "Unauthorized");
    } else if (api_fault_is_on(server, API_FAULT_FORBIDDEN)) {
        *answered = api_send_forbidden(r, "demo");
    } else if (api_fault_is_on(server, API_FAULT_THROTTLE)) {
        r->retry_after_s = 1;
        *answered = api_send(r, 429, "text/plain; charset=utf-8", iw_strdup(throttled),
                             sizeof(throttled) - 1);
    } else if (api_fault_is_on(server, API_FAULT_ERROR)) {
        *answered =
            api_send_status(r, 500, "InternalError", "Internal error occurred: a fault on request");
    } else {
        return false;
    }
    return true;
}

/* --- what goes on while a fault lasts --- */

static void
begin_outage(struct apiserver *server)
{
    close(server->listen_fd);
    server->listen_fd = -1;
    for (size_t i = 0; i < server->connections.len; i++) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(
            server->connections.items[i], MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info)
            (void)shutdown(info->connect_fd, SHUT_RDWR);
    }
    for (size_t i = 0; i < server->streams.len; i++)
        server->streams.items[i]->dead = true;
}

static void
run_outage(struct apiserver *server)
{
    struct api_fault_state *f = &server->faults;
    bool on = api_fault_is_on(server, API_FAULT_OUTAGE);
    struct iw_error err = {0};
    if (on && server->listen_fd >= 0)
        begin_outage(server);
    /* somebody may hold the port for a moment: try again */
    if (!on && server->listen_fd < 0 && now_of(server) >= f->next_ms[API_FAULT_OUTAGE] &&
        api_listen(server, &err))
        f->next_ms[API_FAULT_OUTAGE] = now_of(server) + REPEAT_MS;
}

/* True once at the beginning and then each `every_ms` while the fault lasts. */
static bool
is_time(struct apiserver *server, enum api_fault fault, int64_t every_ms)
{
    struct api_fault_state *f = &server->faults;
    if (!api_fault_is_on(server, fault) || now_of(server) < f->next_ms[fault])
        return false;
    f->next_ms[fault] = now_of(server) + every_ms;
    return true;
}

static void
cut_watches(struct apiserver *server, bool gone)
{
    for (size_t i = 0; i < server->streams.len; i++) {
        struct api_stream *s = server->streams.items[i];
        if (s->kind != STREAM_WATCH || s->done)
            continue;
        if (gone)
            api_watch_gone(s);
        else if (server->faults.reset)
            s->dead = true;
        else
            s->done = true;
    }
}

static void
put_storm_event(struct apiserver *server, int64_t number)
{
    struct objects *store = server->config.store;
    size_t pods = store->objects[DEMO_KIND_POD].len;
    if (pods == 0)
        return;
    const struct objects_version *pod =
        store->objects[DEMO_KIND_POD].items[(size_t)number % STORM_EVENTS % pods];
    int64_t which = number % STORM_EVENTS, count = number / STORM_EVENTS + 1;
    char now[40], first[40];
    rfc3339_format(api_now_wall_ms(server), false, now);
    (void)snprintf(first, sizeof(first), "%s", now);
    json_t *event = json_pack(
        "{s:{s:o,s:s,s:o,s:s},s:{s:s,s:s,s:s,s:s,s:s},s:s,s:o,s:s,s:I,s:s,s:s,s:{s:s},s:s}",
        "metadata", "name", json_sprintf("%s.storm-%lld", pod->name, (long long)which), "namespace",
        pod->ns, "uid", json_sprintf("5708a000-0000-4000-8000-%012lld", (long long)which),
        "creationTimestamp", first, "involvedObject", "kind", "Pod", "namespace", pod->ns, "name",
        pod->name, "uid", pod->uid, "apiVersion", "v1", "reason", "EventStorm", "message",
        json_sprintf("event %lld of a storm on request", (long long)number + 1), "type", "Normal",
        "count", (json_int_t)count, "firstTimestamp", first, "lastTimestamp", now, "source",
        "component", "initwatch-demo", "reportingComponent", "initwatch-demo");
    objects_put(store, DEMO_KIND_EVENT, event);
}

static void
run_storm(struct apiserver *server)
{
    struct api_fault_state *f = &server->faults;
    struct objects *store = server->config.store;
    if (is_time(server, API_FAULT_EVENT_STORM, STORM_TICK_MS)) {
        int64_t now_count = IW_MAX(f->storm_per_s * STORM_TICK_MS / 1000, 1);
        for (int64_t i = 0; i < now_count; i++)
            put_storm_event(server, f->storm_done++);
    }
    if (f->storm_done == 0 || api_fault_is_on(server, API_FAULT_EVENT_STORM))
        return;
    for (size_t i = store->objects[DEMO_KIND_EVENT].len; i-- > 0;) {
        struct objects_version *event = store->objects[DEMO_KIND_EVENT].items[i];
        if (!strstr(event->name, ".storm-"))
            continue;
        (void)objects_version_ref(event);
        objects_gone(store, DEMO_KIND_EVENT, event->ns, event->name);
        objects_version_unref(event);
    }
    f->storm_done = 0;
}

void
api_fault_run(struct apiserver *server)
{
    run_outage(server);
    if (is_time(server, API_FAULT_GONE, REPEAT_MS)) {
        objects_forget(server->config.store);
        cut_watches(server, true);
    }
    if (is_time(server, API_FAULT_DROP_WATCH, REPEAT_MS))
        cut_watches(server, false);
    run_storm(server);
}

/* The next moment at which api_fault_run has something to do; INT64_MAX: none. */
int64_t
api_fault_due_ms(const struct apiserver *server)
{
    const struct api_fault_state *f = &server->faults;
    int64_t due_ms = INT64_MAX, now_ms = now_of(server);
    for (size_t i = 0; i < API_FAULT_COUNT; i++) {
        if (f->until_ms[i] <= now_ms)
            continue;
        due_ms = IW_MIN(due_ms, f->until_ms[i]);
        if (f->next_ms[i] > now_ms)
            due_ms = IW_MIN(due_ms, f->next_ms[i]);
    }
    if (server->listen_fd < 0 && !api_fault_is_on(server, API_FAULT_OUTAGE))
        due_ms = IW_MIN(due_ms, f->next_ms[API_FAULT_OUTAGE]);
    if (f->storm_done > 0 && !api_fault_is_on(server, API_FAULT_EVENT_STORM))
        due_ms = now_ms;
    return due_ms;
}
