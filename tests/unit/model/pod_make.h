/* pod_make: small pods for the unit tests of the model, built without any wire format.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_POD_MAKE_H
#define INITWATCH_TEST_POD_MAKE_H

#include <stdio.h>
#include <string.h>

#include "draft_parts.h"
#include "initwatch/model/pod.h"

/* All moments of the tests count from here: 2026-06-15T12:00:00Z. */
#define T0 INT64_C(1781524800000)
#define SECONDS(n) (INT64_C(1000) * (n))

#define MAKE_MAX 8

/* A draft with room for its arrays; `pod` points into it, so it must not be copied once filled. */
struct pod_make {
    struct pod pod;
    struct container containers[MAKE_MAX];
    struct container_status statuses[MAKE_MAX];
    struct pod_condition conditions[MAKE_MAX];
};

static inline void
make_pod(struct pod_make *m, const char *name)
{
    memset(m, 0, sizeof(*m));
    m->pod = (struct pod){.ns = "shop",
                          .name = name,
                          .uid = name,
                          .phase = "Pending",
                          .node = "worker-1",
                          .restart_policy = "Always",
                          .created_ms = T0,
                          .deletion_ms = IW_TIME_NONE,
                          .started_ms = T0,
                          .deletion_grace_s = -1,
                          .grace_s = 30,
                          .active_deadline_s = -1,
                          .containers = m->containers,
                          .statuses = m->statuses,
                          .conditions = m->conditions};
}

/* Init containers first, then apps: the caller keeps the order. */
static inline struct container *
make_container(struct pod_make *m, enum container_list list, const char *name)
{
    struct container *c = &m->containers[m->pod.container_count++];
    *c = (struct container){.name = name, .image = "busybox:1.36"};
    m->pod.init_count += list == LIST_INIT;
    m->pod.app_count += list == LIST_APP;
    return c;
}

static inline struct container *
make_sidecar(struct pod_make *m, const char *name)
{
    struct container *c = make_container(m, LIST_INIT, name);
    c->restart_policy = "Always";
    return c;
}

static inline struct container_status *
make_status(struct pod_make *m, enum container_list list, const char *name)
{
    struct container_status *s = &m->statuses[m->pod.status_count++];
    *s = (struct container_status){.name = name, .list = list};
    s->state.running_since_ms = IW_TIME_NONE;
    m->pod.init_status_count += list == LIST_INIT;
    m->pod.app_status_count += list == LIST_APP;
    return s;
}

static inline struct container_status *
make_running(struct pod_make *m, enum container_list list, const char *name, int64_t since_ms)
{
    struct container_status *s = make_status(m, list, name);
    s->state.running = true;
    s->state.running_since_ms = since_ms;
    s->container_id = "containerd://now";
    s->started = TRI_TRUE;
    return s;
}

static inline struct container_end
make_end(int32_t code, const char *reason, int64_t started_ms, int64_t finished_ms)
{
    return (struct container_end){.exit_code = code,
                                  .reason = reason,
                                  .started_ms = started_ms,
                                  .finished_ms = finished_ms,
                                  .container_id = "containerd://ended"};
}

static inline struct container_status *
make_ended(struct pod_make *m, enum container_list list, const char *name, struct container_end end)
{
    struct container_status *s = make_status(m, list, name);
    s->state.terminated = true;
    s->state.end = end;
    s->container_id = end.container_id;
    s->started = TRI_FALSE;
    s->ready = list == LIST_INIT && end.exit_code == 0;
    return s;
}

static inline struct container_status *
make_waiting(struct pod_make *m, enum container_list list, const char *name, const char *reason,
             const char *message)
{
    struct container_status *s = make_status(m, list, name);
    s->state.waiting = true;
    s->state.waiting_reason = reason;
    s->state.waiting_message = message;
    s->started = TRI_FALSE;
    return s;
}

static inline void
make_condition(struct pod_make *m, const char *type, const char *status, int64_t transition_ms)
{
    m->conditions[m->pod.condition_count++] =
        (struct pod_condition){.type = type, .status = status, .transition_ms = transition_ms};
}

#endif
