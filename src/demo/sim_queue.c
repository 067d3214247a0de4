/* sim_queue: which pod is due next. A binary heap by moment, then by creation, so that the order of
 * events is the one of a loop over all pods.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_internal.h"

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
    due_ms = IW_MIN(due_ms, pod->deadline_due_ms);
    if (pod->work == SIM_WORK_NONE)
        due_ms = IW_MIN(due_ms, pod->sync_due_ms);
    for (size_t i = 0; i < pod->count; i++)
        due_ms = IW_MIN(due_ms, container_due(&pod->c[i]));
    return due_ms;
}

static bool
goes_before(const struct sim_pod *a, const struct sim_pod *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->order < b->order;
}

static void
place(struct sim *sim, size_t at, struct sim_pod *pod)
{
    sim->queue.items[at] = pod;
    pod->queue_at = at;
}

static void
rise(struct sim *sim, size_t at)
{
    struct sim_pod *pod = sim->queue.items[at];
    for (; at > 0 && goes_before(pod, sim->queue.items[(at - 1) / 2]); at = (at - 1) / 2)
        place(sim, at, sim->queue.items[(at - 1) / 2]);
    place(sim, at, pod);
}

static void
sink(struct sim *sim, size_t at)
{
    struct sim_pod *pod = sim->queue.items[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < sim->queue.len &&
            goes_before(sim->queue.items[child + 1], sim->queue.items[child]))
            child++;
        if (child >= sim->queue.len || !goes_before(sim->queue.items[child], pod))
            break;
        place(sim, at, sim->queue.items[child]);
        at = child;
    }
    place(sim, at, pod);
}

void
sim_queue_put(struct sim *sim, struct sim_pod *pod)
{
    pod->order = sim->pods_made++;
    pod->due_ms = pod_due(pod);
    vec_push(&sim->queue, pod);
    rise(sim, sim->queue.len - 1);
}

void
sim_queue_moved(struct sim *sim, struct sim_pod *pod)
{
    pod->due_ms = pod_due(pod);
    rise(sim, pod->queue_at);
    sink(sim, pod->queue_at);
}

void
sim_queue_remove(struct sim *sim, struct sim_pod *pod)
{
    size_t at = pod->queue_at;
    struct sim_pod *last = sim->queue.items[--sim->queue.len];
    if (last == pod)
        return;
    place(sim, at, last);
    rise(sim, at);
    sink(sim, last->queue_at);
}

struct sim_pod *
sim_queue_first(const struct sim *sim)
{
    return sim->queue.len > 0 ? sim->queue.items[0] : NULL;
}

bool
sim_queue_is_sound(const struct sim *sim)
{
    if (sim->queue.len != sim->pods.len)
        return false;
    for (size_t i = 0; i < sim->queue.len; i++) {
        const struct sim_pod *pod = sim->queue.items[i];
        if (pod->queue_at != i || pod->due_ms != pod_due(pod) ||
            (i > 0 && goes_before(pod, sim->queue.items[(i - 1) / 2])))
            return false;
    }
    return true;
}
