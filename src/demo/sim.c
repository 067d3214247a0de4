/* sim: the clockwork: what is due, and what is told of a pod.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/sim.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

/* --- small things --- */

/* splitmix64: good enough for jitter, and the same everywhere. */
uint64_t
sim_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t
sim_jitter(struct sim_pod *pod, int64_t low_ms, int64_t high_ms)
{
    if (high_ms <= low_ms)
        return low_ms;
    return low_ms + (int64_t)(sim_random(&pod->rng) % (uint64_t)(high_ms - low_ms));
}

void
sim_hex(uint64_t *state, size_t digits, char *out)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < digits; i++)
        out[i] = hex[sim_random(state) % 16];
    out[digits] = '\0';
}

void
sim_uuid_of(const struct sim *sim, const char *what, uint64_t serial, char out[37])
{
    uint64_t state = sim->config.seed ^ strmap_hash(what) ^ (serial * 0x9e3779b97f4a7c15u);
    char hex[33];
    sim_hex(&state, 32, hex);
    hex[12] = '4';
    hex[16] = "89ab"[sim_random(&state) % 4];
    (void)snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                   hex + 20);
}

void
sim_uuid(struct sim *sim, const char *what, char out[37])
{
    sim_uuid_of(sim, what, ++sim->serial, out);
}

bool
sim_container_is_running(const struct sim_container *c)
{
    return c->runs > 0 && !c->run[0].removed && c->run[0].finished_ms == SIM_NEVER;
}

int64_t
sim_now_ms(const struct sim *sim)
{
    return sim->now_ms;
}

int64_t
sim_wall_ms(const struct sim *sim, int64_t t_ms)
{
    if (sim->config.own_time)
        return sim->config.start_wall_ms + t_ms;
    for (size_t i = sim->marks.len; i-- > 0;) {
        const struct sim_mark *mark = &sim->marks.items[i];
        if (t_ms >= mark->t_ms)
            return mark->wall_ms + (int64_t)((double)(t_ms - mark->t_ms) / mark->speed);
    }
    int64_t real_ms = t_ms <= 0 ? t_ms : (int64_t)((double)t_ms / sim->config.speed);
    return sim->config.start_wall_ms + real_ms;
}

double
sim_speed(const struct sim *sim)
{
    if (sim->config.own_time)
        return 1;
    return sim->marks.len > 0 ? sim->marks.items[sim->marks.len - 1].speed : sim->config.speed;
}

struct sim *
sim_new(const struct sim_config *config)
{
    struct sim *sim = iw_calloc(1, sizeof(*sim));
    sim->config = *config;
    if (sim->config.speed <= 0)
        sim->config.speed = 1;
    sim->now_ms = sim->create_full_ms = config->start_ms;
    sim->quiet = config->start_ms < 0;
    sim_cluster_init(sim);
    return sim;
}

/* --- pods --- */

struct sim_pod *
sim_pod_ref(struct sim_pod *pod)
{
    pod->refs++;
    return pod;
}

void
sim_pod_unref(struct sim_pod *pod)
{
    if (!pod || --pod->refs > 0)
        return;
    for (size_t i = 0; i < pod->count; i++) {
        script_unref(pod->c[i].script);
        script_unref(pod->c[i].own_script);
        for (size_t r = 0; r < pod->c[i].retired.len; r++)
            script_unref(pod->c[i].retired.items[r]);
        vec_free(&pod->c[i].retired);
        kubelet_memory_free(&pod->c[i].memory);
    }
    sim_pod_sync_end(pod);
    json_decref(pod->object);
    json_decref(pod->status);
    json_decref(pod->entry);
    free(pod->c);
    free(pod->schedule_message);
    free(pod->owner_uid);
    sim_shape_unref(pod->shape);
    sim_subject_unref(pod->subject);
    sim_origin_unref(&pod->origin);
    free(pod);
}

struct sim_pod *
sim_pod_find(struct sim *sim, const char *ns, const char *name)
{
    for (size_t i = 0; i < sim->pods.len; i++) {
        struct sim_pod *pod = sim->pods.items[i];
        if (strcmp(pod->name, name) == 0 && strcmp(pod->ns, ns) == 0)
            return pod;
    }
    return NULL;
}

void
sim_pod_set_spec(struct sim_pod *pod, const char *member, json_t *value)
{
    json_t *spec = json_copy(json_object_get(pod->object, "spec"));
    if (value)
        json_object_set_new(spec, member, value);
    else
        json_object_del(spec, member);
    json_object_set_new(pod->object, "spec", spec);
}

json_t *
sim_pod_object(struct sim *sim, struct sim_pod *pod)
{
    (void)sim;
    json_t *out = json_copy(pod->object);
    if (pod->status)
        json_object_set(out, "status", pod->status);
    return out;
}

void
sim_tell(struct sim *sim, enum demo_kind kind, json_t *object)
{
    json_t *copy = json_copy(object);
    json_object_set_new(copy, "metadata", json_copy(json_object_get(object, "metadata")));
    sim->config.sink.put(sim->config.sink.ctx, kind, copy);
}

void
sim_pod_tell(struct sim *sim, struct sim_pod *pod)
{
    if (sim->quiet)
        return;
    json_t *object = sim_pod_object(sim, pod);
    sim_tell(sim, DEMO_KIND_POD, object);
    json_decref(object);
}

/* What controllers ask of every pod again and again. */
static void
note_status(struct sim_pod *pod)
{
    static const char *const lists[] = {"initContainerStatuses", "containerStatuses"};
    pod->is_ready = sim_pod_is_ready(pod);
    pod->restarts = 0;
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *entry;
        json_array_foreach(json_object_get(pod->status, lists[l]), i, entry)
        {
            pod->restarts += json_integer_value(json_object_get(entry, "restartCount"));
        }
    }
}

/* Write the status (and metadata) if anything is new. */
void
sim_pod_publish(struct sim *sim, struct sim_pod *pod)
{
    json_t *status = sim_status_build(sim, pod);
    if (pod->status && json_equal(pod->status, status)) {
        json_decref(status);
        return;
    }
    json_decref(pod->status);
    pod->status = status;
    note_status(pod);
    sim_endpoints_mark(sim, pod, false);
    sim_control_mark(sim, pod->owner);
    sim_pod_tell(sim, pod);
}

void
sim_publish_all(struct sim *sim)
{
    if (!sim->quiet)
        return;
    sim_endpoints_refresh(sim);
    sim->quiet = false;
    for (size_t i = 0; i < sim->things.len; i++)
        sim_tell(sim, sim->things.items[i]->kind, sim->things.items[i]->object);
    for (size_t i = 0; i < sim->pods.len; i++)
        sim_pod_tell(sim, sim->pods.items[i]);
    sim_events_publish(sim);
}

void
sim_pod_remove(struct sim *sim, struct sim_pod *pod)
{
    pod->gone = true;
    for (size_t i = 0; i < sim->pods.len; i++) {
        if (sim->pods.items[i] == pod) {
            vec_remove(&sim->pods, i);
            break;
        }
    }
    sim_queue_remove(sim, pod);
    sim_node_account(sim, pod);
    json_t *object = sim_pod_object(sim, pod);
    if (!sim->quiet)
        sim->config.sink.gone(sim->config.sink.ctx, DEMO_KIND_POD, object);
    json_decref(object);
    sim_endpoints_mark(sim, pod, true);
    sim_control_mark(sim, pod->owner);
    sim_owner_drop(pod);
    sim_pod_unref(pod);
}

/* --- time --- */

int64_t
sim_next_due_ms(const struct sim *sim)
{
    const struct sim_pod *first = sim_queue_first(sim);
    int64_t due_ms = sim->endpoints_dirty ? sim->now_ms : sim_control_due_ms(sim);
    return first ? IW_MIN(due_ms, first->due_ms) : due_ms;
}

static void
poll_service(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    const struct script_run *plan = script_run_at(c->run[0].script, c->run[0].attempt);
    if (sim_service_answers(sim, pod, plan)) {
        c->run[0].poll_due_ms = SIM_NEVER;
        c->run[0].end_due_ms = sim->now_ms + 30;
    } else {
        c->run[0].poll_due_ms = sim->now_ms + plan->poll_ms;
    }
}

static void
container_step(struct sim *sim, struct sim_pod *pod, struct sim_container *c)
{
    if (!sim_container_is_running(c))
        return;
    if (c->run[0].end_due_ms <= sim->now_ms) {
        sim_run_end(sim, pod, c);
        return;
    }
    if (c->run[0].poll_due_ms <= sim->now_ms)
        poll_service(sim, pod, c);
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++) {
        if (c->probe[p].due_ms <= sim->now_ms)
            sim_probe_tick(sim, pod, c, (enum script_probe)p);
    }
}

static void
pod_step(struct sim *sim, struct sim_pod *pod)
{
    for (size_t i = 0; i < pod->count; i++)
        container_step(sim, pod, &pod->c[i]);
    if (pod->deadline_due_ms <= sim->now_ms)
        sim_pod_overdue(sim, pod);
    else if (pod->schedule_due_ms <= sim->now_ms)
        sim_pod_schedule(sim, pod);
    else if (pod->work_due_ms <= sim->now_ms)
        sim_pod_work(sim, pod);
    else if (pod->kill_done_ms <= sim->now_ms)
        sim_pod_kill_done(sim, pod);
    else if (pod->delete_due_ms <= sim->now_ms)
        sim_pod_finish_delete(sim, pod);
    else if (pod->work == SIM_WORK_NONE && pod->sync_due_ms <= sim->now_ms)
        sim_pod_sync(sim, pod);
}

/* One step of a pod, which may be its last. */
static void
step(struct sim *sim, struct sim_pod *pod)
{
    (void)sim_pod_ref(pod);
    pod_step(sim, pod);
    if (!pod->gone)
        sim_queue_moved(sim, pod);
    sim_pod_unref(pod);
}

bool
sim_run_some(struct sim *sim, int64_t t_ms, unsigned steps)
{
    for (; steps > 0; steps--) {
        sim_endpoints_refresh(sim);
        sim_control_run(sim);
        struct sim_pod *first = sim_queue_first(sim);
        int64_t control_ms = sim_control_due_ms(sim);
        int64_t due_ms = first ? IW_MIN(first->due_ms, control_ms) : control_ms;
        if (due_ms > t_ms) {
            sim->now_ms = IW_MAX(sim->now_ms, t_ms);
            sim_events_expire(sim);
            return true;
        }
        sim->now_ms = IW_MAX(sim->now_ms, due_ms);
        if (first && first->due_ms < control_ms)
            step(sim, first);
    }
    return false;
}

void
sim_run_until(struct sim *sim, int64_t t_ms)
{
    while (!sim_run_some(sim, t_ms, UINT_MAX))
        continue;
}

void
sim_free(struct sim *sim)
{
    if (!sim)
        return;
    for (size_t i = 0; i < sim->pods.len; i++)
        sim_pod_unref(sim->pods.items[i]);
    vec_free(&sim->pods);
    vec_free(&sim->queue);
    for (size_t i = 0; i < sim->things.len; i++)
        sim_thing_free(sim->things.items[i]);
    vec_free(&sim->things);
    vec_free(&sim->marks);
    sim_events_free(sim);
    free(sim);
}
