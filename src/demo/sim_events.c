/* sim_events: what the kubelet and the scheduler say about pods, repeats counted.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

#define EVENT_REFILL_MS 300000
#define EXPIRE_EVERY_MS 10000

static const char *
text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

static json_t *
involved_pod(const struct sim_pod *pod, const struct sim_container *container)
{
    const json_t *meta = json_object_get(pod->object, "metadata");
    json_t *involved = json_pack("{s:s,s:s,s:s,s:s,s:s}", "kind", "Pod", "namespace", pod->ns,
                                 "name", pod->name, "uid", pod->uid, "apiVersion", "v1");
    json_t *version = json_object_get(meta, "resourceVersion");
    if (version)
        json_object_set(involved, "resourceVersion", version);
    if (container)
        json_object_set_new(
            involved, "fieldPath",
            json_sprintf("spec.%s{%s}",
                         container->role == SIM_APP ? "containers" : "initContainers",
                         container->name));
    return involved;
}

static struct sim_event *
find_event(struct sim *sim, const char *key)
{
    uint64_t hash = strmap_hash(key);
    for (size_t i = sim->events.len; i-- > 0;) {
        if (sim->events.items[i].hash == hash && strcmp(sim->events.items[i].key, key) == 0)
            return &sim->events.items[i];
    }
    return NULL;
}

static json_t *
read_event(const struct sim_event *event)
{
    return json_loads(event->text, 0, NULL);
}

/* Keep the object (taken) in the event, and tell it. */
static void
keep_event(struct sim *sim, struct sim_event *event, json_t *object)
{
    free(event->text);
    event->text = json_dumps(object, JSON_COMPACT);
    if (!sim->quiet)
        sim->config.sink.put(sim->config.sink.ctx, DEMO_KIND_EVENT, object);
    else
        json_decref(object);
}

/* The scheduler writes through events.k8s.io: no first and last time, but eventTime. */
static void
set_times(const struct sim *sim, json_t *object, bool scheduler)
{
    if (scheduler) {
        int64_t wall_ms = sim_wall_ms(sim, sim->now_ms);
        char text[40], micro[48];
        rfc3339_format(wall_ms, true, text);
        (void)snprintf(micro, sizeof(micro), "%.23s%03dZ", text, (int)(wall_ms * 7 % 1000));
        json_object_set_new(object, "firstTimestamp", json_null());
        json_object_set_new(object, "lastTimestamp", json_null());
        json_object_set_new(object, "eventTime", json_string(micro));
        return;
    }
    if (!json_object_get(object, "firstTimestamp"))
        json_object_set_new(object, "firstTimestamp", sim_time_json(sim, sim->now_ms));
    json_object_set_new(object, "lastTimestamp", sim_time_json(sim, sim->now_ms));
    json_object_set_new(object, "eventTime", json_null());
}

static json_t *
event_metadata(struct sim *sim, const json_t *involved)
{
    char uid[37];
    sim_uuid(sim, "event", uid);
    uint64_t nanos = (uint64_t)sim_wall_ms(sim, sim->now_ms) * 1000000u + sim->serial % 1000000u;
    return json_pack("{s:o,s:s,s:s,s:o}", "name",
                     json_sprintf("%s.%llx", text_of(involved, "name"), (unsigned long long)nanos),
                     "namespace", text_of(involved, "namespace"), "uid", uid, "creationTimestamp",
                     sim_time_json(sim, sim->now_ms));
}

struct new_event {
    json_t *involved; /* taken */
    const char *type, *reason, *message, *component, *host;
};

static void
record(struct sim *sim, const struct new_event *e)
{
    bool scheduler = strcmp(e->component, "default-scheduler") == 0;
    iw_autofree char *key = iw_asprintf(
        "%s/%s/%s/%s/%s/%s", text_of(e->involved, "uid"), text_of(e->involved, "fieldPath"),
        text_of(e->involved, "name"), e->type, e->reason, e->message);
    struct sim_event *old = scheduler ? NULL : find_event(sim, key);
    if (old) {
        old->count++;
        old->last_ms = sim->now_ms;
        json_t *again = read_event(old);
        json_object_set_new(again, "count", json_integer(old->count));
        set_times(sim, again, false);
        keep_event(sim, old, again);
        json_decref(e->involved);
        return;
    }
    struct sim_event event = {
        .key = iw_strdup(key), .hash = strmap_hash(key), .last_ms = sim->now_ms, .count = 1};
    json_t *object = json_pack("{s:o,s:o,s:s,s:s,s:s}", "metadata",
                               event_metadata(sim, e->involved), "involvedObject", e->involved,
                               "reason", e->reason, "message", e->message, "type", e->type);
    json_t *source = json_object();
    if (!scheduler) {
        json_object_set_new(source, "component", json_string(e->component));
        json_object_set_new(object, "count", json_integer(1));
        if (e->host)
            json_object_set_new(source, "host", json_string(e->host));
    } else {
        json_object_set_new(object, "action",
                            json_string(e->type[0] == 'N' ? "Binding" : "Scheduling"));
    }
    json_object_set_new(object, "source", source);
    json_object_set_new(object, "reportingComponent", json_string(e->component));
    json_object_set_new(object, "reportingInstance",
                        json_string(scheduler ? "default-scheduler-demo-control-plane"
                                    : e->host ? e->host
                                              : ""));
    set_times(sim, object, scheduler);
    keep_event(sim, &event, object);
    vec_push(&sim->events, event);
}

void
sim_events_publish(struct sim *sim)
{
    for (size_t i = 0; i < sim->events.len; i++)
        sim->config.sink.put(sim->config.sink.ctx, DEMO_KIND_EVENT,
                             read_event(&sim->events.items[i]));
}

/* The kubelet's own limit per pod: 25 events at once, then one in five minutes. */
static bool
take_event_token(struct sim *sim, struct sim_pod *pod)
{
    int64_t refills = (sim->now_ms - pod->tokens_ms) / EVENT_REFILL_MS;
    if (refills > 0) {
        pod->event_tokens = (int)IW_MIN(pod->event_tokens + refills, (int64_t)SIM_EVENT_BURST);
        pod->tokens_ms += refills * EVENT_REFILL_MS;
    }
    if (pod->event_tokens == 0)
        return false;
    pod->event_tokens--;
    return true;
}

void
sim_event(struct sim *sim, struct sim_pod *pod, struct sim_happening what, const char *fmt, ...)
{
    if (!what.component && !take_event_token(sim, pod))
        return;
    char message[1024]; /* the kubelet cuts messages there too */
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    struct new_event e = {.involved = involved_pod(pod, what.container),
                          .type = what.type,
                          .reason = what.reason,
                          .message = message,
                          .component = what.component ? what.component : "kubelet"};
    if (!what.component && pod->node >= 0)
        e.host = sim_node_names[pod->node];
    record(sim, &e);
}

void
sim_event_thing(struct sim *sim, const struct sim_thing *thing, struct sim_happening what,
                const char *fmt, ...)
{
    const struct demo_kind_info *info = &demo_kind_table[thing->kind];
    char message[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    iw_autofree char *api =
        iw_asprintf("%s%s%s", info->group, info->group[0] ? "/" : "", info->version);
    struct new_event e = {.involved = json_pack("{s:s,s:s,s:s,s:s,s:s}", "kind", info->kind,
                                                "namespace", thing->ns, "name", thing->name, "uid",
                                                thing->uid, "apiVersion", api),
                          .type = what.type,
                          .reason = what.reason,
                          .message = message,
                          .component = what.component};
    record(sim, &e);
}

void
sim_events_expire(struct sim *sim)
{
    size_t kept = 0;
    if (sim->now_ms < sim->expire_ms)
        return;
    sim->expire_ms = sim->now_ms + EXPIRE_EVERY_MS;
    for (size_t i = 0; i < sim->events.len; i++) {
        struct sim_event *event = &sim->events.items[i];
        if (sim->now_ms - event->last_ms < SIM_EVENT_TTL_MS) {
            sim->events.items[kept++] = *event;
            continue;
        }
        json_t *last = read_event(event);
        if (!sim->quiet)
            sim->config.sink.gone(sim->config.sink.ctx, DEMO_KIND_EVENT, last);
        json_decref(last);
        free(event->text);
        free(event->key);
    }
    sim->events.len = kept;
}

void
sim_events_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->events.len; i++) {
        free(sim->events.items[i].text);
        free(sim->events.items[i].key);
    }
    vec_free(&sim->events);
}
