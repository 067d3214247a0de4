/* sim: the clockwork. Which pod is due, what is due there, and the life of a pod from creation to
 * removal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/sim.h"

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
sim_uuid(struct sim *sim, const char *what, char out[37])
{
    uint64_t state = sim->config.seed ^ strmap_hash(what) ^ (++sim->serial * 0x9e3779b97f4a7c15u);
    char hex[33];
    sim_hex(&state, 32, hex);
    hex[12] = '4';
    hex[16] = "89ab"[sim_random(&state) % 4];
    (void)snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                   hex + 20);
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
    sim->now_ms = config->start_ms;
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
    free(pod->c);
    free(pod->schedule_message);
    free(pod->ns);
    free(pod->name);
    free(pod->uid);
    free(pod->owner_uid);
    sim_origin_unref(&pod->origin);
    free(pod);
}

bool
sim_pod_is_gone(const struct sim_pod *pod)
{
    return pod->gone;
}

int64_t
sim_pod_finished_ms(const struct sim_pod *pod)
{
    return pod->finished_ms;
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

static void
send_pod(struct sim *sim, struct sim_pod *pod)
{
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
    sim_control_mark(sim, pod->owner_uid);
    if (!sim->quiet)
        send_pod(sim, pod);
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
        send_pod(sim, sim->pods.items[i]);
    sim_events_publish(sim);
}

static void
pod_remove(struct sim *sim, struct sim_pod *pod)
{
    pod->gone = true;
    for (size_t i = 0; i < sim->pods.len; i++) {
        if (sim->pods.items[i] == pod) {
            vec_remove(&sim->pods, i);
            break;
        }
    }
    json_t *object = sim_pod_object(sim, pod);
    if (!sim->quiet)
        sim->config.sink.gone(sim->config.sink.ctx, DEMO_KIND_POD, object);
    json_decref(object);
    sim_endpoints_mark(sim, pod, true);
    sim_control_mark(sim, pod->owner_uid);
    sim_pod_unref(pod);
}

/* --- scheduling --- */

static bool
node_has_room(const struct sim *sim, int node, const struct sim_pod *pod, bool *cpu, bool *memory)
{
    int64_t cpu_milli = pod->cpu_milli, bytes = pod->memory;
    for (size_t i = 0; i < sim->pods.len; i++) {
        const struct sim_pod *other = sim->pods.items[i];
        if (other->node == node && other->phase < KUBELET_SUCCEEDED) {
            cpu_milli += other->cpu_milli;
            bytes += other->memory;
        }
    }
    *cpu = cpu_milli <= SIM_NODE_CPU_MILLI;
    *memory = bytes <= SIM_NODE_MEMORY;
    return *cpu && *memory;
}

static bool
node_is_selected(struct sim *sim, int node, const struct sim_pod *pod)
{
    const json_t *selector = json_object_get(json_object_get(pod->object, "spec"), "nodeSelector");
    const struct sim_thing *thing = sim_thing_find(sim, DEMO_KIND_NODE, "", sim_node_names[node]);
    const json_t *labels =
        thing ? json_object_get(json_object_get(thing->object, "metadata"), "labels") : NULL;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)selector, key, value)
    {
        if (!json_equal(value, json_object_get(labels, key)))
            return false;
    }
    return true;
}

struct shortage { /* how many nodes do not fit for what */
    int selector, cpu, memory;
};

static int
pick_node(struct sim *sim, const struct sim_pod *pod, struct shortage *why)
{
    size_t first = strmap_hash(pod->name) % SIM_NODES;
    int found = -1;
    *why = (struct shortage){0};
    for (size_t i = 0; i < SIM_NODES; i++) {
        int node = (int)((first + i) % SIM_NODES);
        bool cpu = true, memory = true;
        if (!node_is_selected(sim, node, pod)) {
            why->selector++;
            continue;
        }
        bool wish = pod->node_wish && strcmp(pod->node_wish, sim_node_names[node]) == 0;
        if (node_has_room(sim, node, pod, &cpu, &memory) && (found < 0 || wish))
            found = node;
        why->cpu += !cpu;
        why->memory += !memory;
    }
    return found;
}

static void
say_unschedulable(struct sim *sim, struct sim_pod *pod, char *message)
{
    struct sim_happening what = {
        .type = "Warning", .reason = "FailedScheduling", .component = "default-scheduler"};
    if (!pod->schedule_message || strcmp(pod->schedule_message, message) != 0)
        sim_event(sim, pod, what, "%s", message);
    free(pod->schedule_message);
    pod->schedule_message = message;
    pod->unschedulable = true;
    sim_pod_publish(sim, pod);
    /* the queue tries again when something changes in the cluster; the demo just looks again */
    pod->schedule_due_ms = sim->now_ms + 5000;
}

/* "3 Insufficient cpu": how many nodes say the same. */
struct verdict {
    int nodes;
    const char *why;
};

static int
compare_verdicts(const void *a, const void *b)
{
    const struct verdict *x = a, *y = b;
    return x->nodes != y->nodes ? x->nodes - y->nodes : strcmp(x->why, y->why);
}

/* As the scheduler does: sorted by their text, that is by number first. */
static void
add_verdicts(struct strbuf *text, struct verdict *list, size_t count)
{
    bool first = true;
    qsort(list, count, sizeof(*list), compare_verdicts);
    for (size_t i = 0; i < count; i++) {
        if (list[i].nodes == 0)
            continue;
        strbuf_addf(text, "%s%d %s", first ? "" : ", ", list[i].nodes, list[i].why);
        first = false;
    }
    strbuf_addc(text, '.');
}

/* The scheduler's sentence. New. */
static char *
shortage_text(const struct shortage *why)
{
    struct strbuf text;
    int helpless = 1 + why->selector; /* the control plane, and who would not fit anyway */
    struct verdict filters[] = {
        {1, "node(s) had untolerated taint(s)"},
        {why->cpu, "Insufficient cpu"},
        {why->memory, "Insufficient memory"},
        {why->selector, "node(s) didn't match Pod's node affinity/selector"}};
    struct verdict preemption[] = {
        {helpless, "Preemption is not helpful for scheduling"},
        {SIM_NODES + 1 - helpless, "No preemption victims found for incoming pod"}};
    strbuf_init(&text, 4096);
    strbuf_adds(&text, "0/4 nodes are available: ");
    add_verdicts(&text, filters, IW_COUNTOF(filters));
    strbuf_adds(&text, " preemption: 0/4 nodes are available: ");
    add_verdicts(&text, preemption, IW_COUNTOF(preemption));
    char *out = strbuf_take(&text);
    strbuf_free(&text);
    return out;
}

static void
pod_schedule(struct sim *sim, struct sim_pod *pod)
{
    if (sim_claims_unbound(sim, pod)) {
        say_unschedulable(
            sim, pod,
            iw_strdup("0/4 nodes are available: pod has unbound immediate "
                      "PersistentVolumeClaims. preemption: 0/4 nodes are available: 4 "
                      "Preemption is not helpful for scheduling."));
        return;
    }
    struct shortage why;
    int node = pick_node(sim, pod, &why);
    if (node < 0) {
        say_unschedulable(sim, pod, shortage_text(&why));
        return;
    }
    pod->node = node;
    pod->schedule_due_ms = SIM_NEVER;
    pod->bind_ms = sim->now_ms;
    json_object_set_new(json_object_get(pod->object, "spec"), "nodeName",
                        json_string(sim_node_names[node]));
    sim_pod_publish(sim, pod);
    struct sim_happening what = {
        .type = "Normal", .reason = "Scheduled", .component = "default-scheduler"};
    sim_event(sim, pod, what, "Successfully assigned %s/%s to %s", pod->ns, pod->name,
              sim_node_names[node]);
    pod->sync_due_ms = sim->now_ms + sim_jitter(pod, 40, 180);
}

/* --- the end --- */

bool
sim_delete_pod(struct sim *sim, const char *ns, const char *name, int64_t grace_s)
{
    struct sim_pod *pod = sim_pod_find(sim, ns, name);
    if (!pod)
        return false;
    if (pod->deleting)
        return true;
    if (pod->node < 0 || pod->phase >= KUBELET_SUCCEEDED || grace_s == 0) {
        pod_remove(sim, pod);
        return true;
    }
    if (grace_s < 0)
        grace_s = pod->grace_ms / 1000;
    pod->deleting = true;
    pod->deletion_ms = sim->now_ms;
    pod->delete_grace_s = grace_s;
    json_t *meta = json_object_get(pod->object, "metadata");
    json_object_set_new(meta, "deletionTimestamp",
                        sim_time_json(sim, sim->now_ms + grace_s * 1000));
    json_object_set_new(meta, "deletionGracePeriodSeconds", json_integer(grace_s));
    sim_endpoints_mark(sim, pod, true);
    sim_control_mark(sim, pod->owner_uid);
    if (!sim->quiet)
        send_pod(sim, pod);
    if (!pod->killing) {
        kubelet_say_stopping(sim_view(sim, pod));
        sim_pod_kill(sim, pod, IW_MAX(grace_s, 1) * 1000);
    }
    return true;
}

/* All containers have ended. The first call writes what they ended with, the second the phase. */
static void
pod_kill_done(struct sim *sim, struct sim_pod *pod)
{
    if (!pod->deleting && !pod->killed && pod->kill_done_ms != SIM_NEVER) {
        sim_pod_publish(sim, pod);
        pod->killed = true;
        pod->kill_done_ms = sim->now_ms + sim_jitter(pod, 900, 1700);
        return;
    }
    pod->killed = true;
    pod->kill_done_ms = SIM_NEVER;
    pod->sandbox_ready = false;
    sim_pod_publish(sim, pod);
    pod->finished_ms = sim->now_ms;
    if (pod->deleting)
        pod->delete_due_ms = sim->now_ms + sim_jitter(pod, 400, 900);
}

static void
pod_finish_delete(struct sim *sim, struct sim_pod *pod)
{
    json_t *meta = json_object_get(pod->object, "metadata");
    json_object_set_new(meta, "deletionTimestamp", sim_time_json(sim, sim->now_ms));
    json_object_set_new(meta, "deletionGracePeriodSeconds", json_integer(0));
    if (!sim->quiet)
        send_pod(sim, pod);
    pod_remove(sim, pod);
}

bool
sim_lose_sandbox(struct sim *sim, const char *ns, const char *name)
{
    struct sim_pod *pod = sim_pod_find(sim, ns, name);
    if (!pod || !pod->sandbox_ready || pod->killing)
        return false;
    pod->sandbox_ready = false;
    for (size_t i = 0; i < pod->count; i++) {
        struct sim_container *c = &pod->c[i];
        if (!sim_container_is_running(c))
            continue;
        c->run[0].exit_code = 255; /* what containerd reports after a reboot */
        c->run[0].reason = "Unknown";
        sim_run_end(sim, pod, c);
    }
    return true;
}

/* --- time --- */

static int64_t
container_due(const struct sim_container *c)
{
    if (!sim_container_is_running(c))
        return SIM_NEVER;
    int64_t due_ms = IW_MIN(c->run[0].end_due_ms, c->run[0].poll_due_ms);
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++)
        due_ms = IW_MIN(due_ms, c->probe[p].due_ms);
    return due_ms;
}

static int64_t
pod_due(const struct sim_pod *pod)
{
    int64_t due_ms = IW_MIN(pod->schedule_due_ms, pod->work_due_ms);
    due_ms = IW_MIN(due_ms, IW_MIN(pod->kill_done_ms, pod->delete_due_ms));
    if (pod->work == SIM_WORK_NONE)
        due_ms = IW_MIN(due_ms, pod->sync_due_ms);
    for (size_t i = 0; i < pod->count; i++)
        due_ms = IW_MIN(due_ms, container_due(&pod->c[i]));
    return due_ms;
}

int64_t
sim_next_due_ms(const struct sim *sim)
{
    int64_t due_ms = sim->endpoints_dirty ? sim->now_ms : sim_control_due_ms(sim);
    for (size_t i = 0; i < sim->pods.len; i++)
        due_ms = IW_MIN(due_ms, pod_due(sim->pods.items[i]));
    return due_ms;
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
    if (pod->schedule_due_ms <= sim->now_ms)
        pod_schedule(sim, pod);
    else if (pod->work_due_ms <= sim->now_ms)
        sim_pod_work(sim, pod);
    else if (pod->kill_done_ms <= sim->now_ms)
        pod_kill_done(sim, pod);
    else if (pod->delete_due_ms <= sim->now_ms)
        pod_finish_delete(sim, pod);
    else if (pod->work == SIM_WORK_NONE && pod->sync_due_ms <= sim->now_ms)
        sim_pod_sync(sim, pod);
}

void
sim_run_until(struct sim *sim, int64_t t_ms)
{
    for (;;) {
        sim_endpoints_refresh(sim);
        sim_control_run(sim);
        struct sim_pod *next = NULL;
        int64_t control_ms = sim_control_due_ms(sim), due_ms = control_ms;
        for (size_t i = 0; i < sim->pods.len; i++) {
            int64_t pod_due_ms = pod_due(sim->pods.items[i]);
            if (pod_due_ms < due_ms) {
                due_ms = pod_due_ms;
                next = sim->pods.items[i];
            }
        }
        if (due_ms > t_ms)
            break;
        sim->now_ms = IW_MAX(sim->now_ms, due_ms);
        if (next)
            pod_step(sim, next);
    }
    sim->now_ms = IW_MAX(sim->now_ms, t_ms);
    sim_events_expire(sim);
}

void
sim_free(struct sim *sim)
{
    if (!sim)
        return;
    for (size_t i = 0; i < sim->pods.len; i++)
        sim_pod_unref(sim->pods.items[i]);
    vec_free(&sim->pods);
    for (size_t i = 0; i < sim->things.len; i++)
        sim_thing_free(sim->things.items[i]);
    vec_free(&sim->things);
    vec_free(&sim->marks);
    sim_events_free(sim);
    free(sim);
}
