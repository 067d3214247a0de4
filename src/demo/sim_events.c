/* sim_events: what the kubelet and the scheduler say about pods, repeats counted.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

#define EVENT_REFILL_MS 300000
#define EXPIRE_EVERY_MS 10000

#define INDEX_FIRST 256

/* --- what events are about --- */

struct sim_subject *
sim_subject_new(enum demo_kind kind, const char *ns, const char *name, const char *uid)
{
    struct sim_subject *subject = iw_calloc(1, sizeof(*subject));
    *subject = (struct sim_subject){.refs = 1,
                                    .kind = kind,
                                    .ns = iw_strdup(ns),
                                    .name = iw_strdup(name),
                                    .uid = iw_strdup(uid)};
    return subject;
}

void
sim_subject_unref(struct sim_subject *subject)
{
    if (!subject || --subject->refs > 0)
        return;
    free(subject->ns);
    free(subject->name);
    free(subject->uid);
    free(subject);
}

/* --- the object of an event --- */

static json_t *
involved_object(const struct sim_event *event)
{
    const struct sim_subject *s = event->subject;
    const struct demo_kind_info *info = &demo_kind_table[s->kind];
    json_t *involved =
        json_pack("{s:s,s:s,s:s,s:s,s:o}", "kind", info->kind, "namespace", s->ns, "name", s->name,
                  "uid", s->uid, "apiVersion",
                  json_sprintf("%s%s%s", info->group, info->group[0] ? "/" : "", info->version));
    if (event->field)
        json_object_set_new(involved, "fieldPath", json_string(event->field));
    return involved;
}

static bool
is_scheduler(const struct sim_event *event)
{
    return strcmp(event->component, "default-scheduler") == 0;
}

/* The scheduler writes through events.k8s.io: no first and last time, but eventTime. */
static void
set_times(const struct sim *sim, const struct sim_event *event, json_t *object)
{
    if (is_scheduler(event)) {
        int64_t wall_ms = sim_wall_ms(sim, event->last_ms);
        char text[40], micro[48];
        rfc3339_format(wall_ms, true, text);
        (void)snprintf(micro, sizeof(micro), "%.23s%03dZ", text, (int)(wall_ms * 7 % 1000));
        json_object_set_new(object, "firstTimestamp", json_null());
        json_object_set_new(object, "lastTimestamp", json_null());
        json_object_set_new(object, "eventTime", json_string(micro));
        return;
    }
    json_object_set_new(object, "firstTimestamp", sim_time_json(sim, event->first_ms));
    json_object_set_new(object, "lastTimestamp", sim_time_json(sim, event->last_ms));
    json_object_set_new(object, "eventTime", json_null());
}

static json_t *
event_object(const struct sim *sim, const struct sim_event *event)
{
    bool scheduler = is_scheduler(event);
    char uid[37];
    sim_uuid_of(sim, "event", event->serial, uid);
    json_t *meta =
        json_pack("{s:o,s:s,s:s,s:o}", "name",
                  json_sprintf("%s.%llx", event->subject->name, (unsigned long long)event->nanos),
                  "namespace", event->subject->ns, "uid", uid, "creationTimestamp",
                  sim_time_json(sim, event->first_ms));
    json_t *object = json_pack("{s:o,s:o,s:s,s:s,s:s}", "metadata", meta, "involvedObject",
                               involved_object(event), "reason", event->reason, "message",
                               event->message, "type", event->type);
    json_t *source = json_object();
    if (!scheduler) {
        json_object_set_new(source, "component", json_string(event->component));
        json_object_set_new(object, "count", json_integer(event->count));
        if (event->host)
            json_object_set_new(source, "host", json_string(event->host));
    } else {
        json_object_set_new(object, "action",
                            json_string(event->type[0] == 'N' ? "Binding" : "Scheduling"));
    }
    json_object_set_new(object, "source", source);
    json_object_set_new(object, "reportingComponent", json_string(event->component));
    json_object_set_new(object, "reportingInstance",
                        json_string(scheduler     ? "default-scheduler-demo-control-plane"
                                    : event->host ? event->host
                                                  : ""));
    set_times(sim, event, object);
    return object;
}

static void
tell(struct sim *sim, const struct sim_event *event)
{
    if (!sim->quiet)
        sim->config.sink.put(sim->config.sink.ctx, DEMO_KIND_EVENT, event_object(sim, event));
}

/* --- repeats --- */

static bool
is_same(const struct sim_event *a, const struct sim_event *b)
{
    bool field = a->field && b->field ? strcmp(a->field, b->field) == 0 : a->field == b->field;
    return a->hash == b->hash && a->subject == b->subject && field &&
           strcmp(a->type, b->type) == 0 && strcmp(a->reason, b->reason) == 0 &&
           strcmp(a->message, b->message) == 0;
}

static uint64_t
hash_of(const struct sim_event *event)
{
    const char *const texts[] = {event->subject->uid, event->field ? event->field : "", event->type,
                                 event->reason, event->message};
    uint64_t hash = 0;
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        hash = hash * 31 + strmap_hash(texts[i]);
    return hash;
}

/* The slot of an event like this one, or the empty one where it belongs. */
static size_t
slot_of(const struct sim *sim, const struct sim_event *event)
{
    const struct sim_event_index *index = &sim->event_index;
    size_t at = (size_t)event->hash & (index->capacity - 1);
    while (index->slots[at] && !is_same(&sim->events.items[index->slots[at] - 1], event))
        at = (at + 1) & (index->capacity - 1);
    return at;
}

/* The scheduler's events are never repeats. */
static void
index_all(struct sim *sim)
{
    struct sim_event_index *index = &sim->event_index;
    size_t capacity = IW_MAX(index->capacity, (size_t)INDEX_FIRST);
    while (capacity < 2 * (sim->events.len + 1))
        capacity *= 2;
    free(index->slots);
    *index = (struct sim_event_index){iw_calloc(capacity, sizeof(*index->slots)), capacity};
    for (size_t i = 0; i < sim->events.len; i++) {
        if (!is_scheduler(&sim->events.items[i]))
            index->slots[slot_of(sim, &sim->events.items[i])] = (uint32_t)i + 1;
    }
}

/* Take down what is said: message, and the field if there is one, are copied. */
static void
record(struct sim *sim, const struct sim_event *said)
{
    if (sim->event_index.capacity < 2 * (sim->events.len + 1))
        index_all(sim);
    size_t at = slot_of(sim, said);
    uint32_t number = is_scheduler(said) ? 0 : sim->event_index.slots[at];
    if (number > 0) {
        struct sim_event *old = &sim->events.items[number - 1];
        old->count++;
        old->last_ms = sim->now_ms;
        tell(sim, old);
        return;
    }
    struct sim_event event = *said;
    size_t len = strlen(said->message) + 1, field = said->field ? strlen(said->field) + 1 : 0;
    event.message = iw_malloc(len + field);
    memcpy(event.message, said->message, len);
    if (said->field) {
        event.field = event.message + len;
        memcpy(event.field, said->field, field);
    }
    event.subject->refs++;
    event.serial = ++sim->serial;
    event.nanos = (uint64_t)sim_wall_ms(sim, sim->now_ms) * 1000000u + event.serial % 1000000u;
    event.first_ms = event.last_ms = sim->now_ms;
    event.count = 1;
    vec_push(&sim->events, event);
    if (!is_scheduler(said))
        sim->event_index.slots[at] = (uint32_t)sim->events.len;
    tell(sim, &event);
}

void
sim_events_publish(struct sim *sim)
{
    for (size_t i = 0; i < sim->events.len; i++)
        tell(sim, &sim->events.items[i]);
}

/* --- saying --- */

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

/* "spec.initContainers{NAME}". */
static void
field_path(const struct sim_container *c, char out[300])
{
    (void)snprintf(out, 300, "spec.%s{%s}", c->role == SIM_APP ? "containers" : "initContainers",
                   c->name);
}

void
sim_event(struct sim *sim, struct sim_pod *pod, struct sim_happening what, const char *fmt, ...)
{
    if (!what.component && !take_event_token(sim, pod))
        return;
    char message[1024]; /* the kubelet cuts messages there too */
    char field[300];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    struct sim_event event = {.subject = pod->subject,
                              .type = what.type,
                              .reason = what.reason,
                              .message = message,
                              .component = what.component ? what.component : "kubelet"};
    if (!what.component && pod->node >= 0)
        event.host = sim_node_names[pod->node];
    if (what.container) {
        field_path(what.container, field);
        event.field = field;
    }
    event.hash = hash_of(&event);
    record(sim, &event);
}

void
sim_event_thing(struct sim *sim, const struct sim_thing *thing, struct sim_happening what,
                const char *fmt, ...)
{
    char message[1024];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    struct sim_event event = {.subject = thing->subject,
                              .type = what.type,
                              .reason = what.reason,
                              .message = message,
                              .component = what.component};
    event.hash = hash_of(&event);
    record(sim, &event);
}

/* --- the end --- */

static void
event_free(struct sim_event *event)
{
    sim_subject_unref(event->subject);
    free(event->message);
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
        json_t *last = event_object(sim, event);
        if (!sim->quiet)
            sim->config.sink.gone(sim->config.sink.ctx, DEMO_KIND_EVENT, last);
        json_decref(last);
        event_free(event);
    }
    if (kept == sim->events.len)
        return;
    sim->events.len = kept;
    index_all(sim);
}

void
sim_events_free(struct sim *sim)
{
    for (size_t i = 0; i < sim->events.len; i++)
        event_free(&sim->events.items[i]);
    vec_free(&sim->events);
    free(sim->event_index.slots);
}
