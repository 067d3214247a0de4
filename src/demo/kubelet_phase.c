/* kubelet_phase: the phase and the conditions of a pod. Ref: SEMANTICS D.7, D.8; getPhase,
 * pkg/kubelet/status/generate.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/iwdef.h"
#include "initwatch/base/strbuf.h"
#include "kubelet_internal.h"

#define MESSAGE_CEILING 8192

static const char *const phase_names[] = {"Pending", "Running", "Succeeded", "Failed"};

const char *
kubelet_phase_name(enum kubelet_phase phase)
{
    return phase_names[phase];
}

enum kubelet_phase
kubelet_phase_of(const json_t *status)
{
    const char *name = kubelet_text(status, "phase");
    for (size_t i = 0; i < IW_COUNTOF(phase_names); i++) {
        if (strcmp(name, phase_names[i]) == 0)
            return (enum kubelet_phase)i;
    }
    return KUBELET_PENDING;
}

/* --- phase --- */

struct tally {
    int fatal, pending_init, pending_sidecar, running, waiting, stopped, succeeded, dead, unknown;
};

static const json_t *
part(const json_t *status, const char *member, const char *kind)
{
    return json_object_get(json_object_get(status, member), kind);
}

static int
exit_of(const json_t *terminated)
{
    return (int)json_integer_value(json_object_get(terminated, "exitCode"));
}

static bool
may_restart(const struct kubelet_pod *pod, size_t i, const json_t *terminated)
{
    if (strcmp(kubelet_text(terminated, "reason"), "RestartingAllContainers") == 0)
        return true;
    return kubelet_may_restart(pod, i, exit_of(terminated));
}

static void
tally_init(const struct kubelet_pod *pod, size_t i, const json_t *status, struct tally *t)
{
    const json_t *ended = part(status, "state", "terminated");
    const json_t *before = part(status, "lastState", "terminated");
    if (!ended && part(status, "state", "waiting") && before)
        ended = before;
    if (!ended)
        t->pending_init++;
    else if (exit_of(ended) != 0 && !may_restart(pod, i, ended))
        t->fatal++;
}

static void
tally_sidecar(const struct kubelet_pod *pod, size_t i, const json_t *status, struct tally *t)
{
    if (part(status, "state", "running")) {
        t->running++;
        /* the phase is computed before `started` is refreshed: the last written value counts */
        if (!json_is_true(json_object_get(kubelet_previous(pod, i), "started")))
            t->pending_sidecar++;
    } else if (part(status, "state", "waiting") && !part(status, "lastState", "terminated")) {
        t->pending_sidecar++;
        t->waiting++;
    }
}

static void
tally_app(const struct kubelet_pod *pod, size_t i, const json_t *status, struct tally *t)
{
    const json_t *ended = part(status, "state", "terminated");
    const json_t *before = part(status, "lastState", "terminated");
    if (part(status, "state", "running")) {
        t->running++;
    } else if (ended) {
        t->stopped++;
        t->succeeded += exit_of(ended) == 0;
        t->dead += !may_restart(pod, i, ended);
    } else if (before) {
        t->stopped++;
        t->dead += !may_restart(pod, i, before);
    } else {
        t->waiting++;
    }
}

static bool
app_ran_in_sandbox(const struct kubelet_pod *pod)
{
    for (size_t i = 0; i < pod->records_len; i++) {
        const struct kubelet_record *r = &pod->records[i];
        if (pod->c[r->container].role == KUBELET_APP && r->sandbox == pod->sandbox.attempt)
            return true;
    }
    return false;
}

static enum kubelet_phase
decide(const struct kubelet_pod *pod, const struct tally *t)
{
    enum kubelet_phase done = t->stopped == t->succeeded ? KUBELET_SUCCEEDED : KUBELET_FAILED;
    if (t->fatal > 0)
        return KUBELET_FAILED;
    if (t->pending_init > 0 || (t->pending_sidecar > 0 && !app_ran_in_sandbox(pod)) ||
        t->waiting > 0)
        return KUBELET_PENDING;
    if (t->running > 0 && t->unknown == 0)
        return KUBELET_RUN;
    if (t->running == 0 && t->stopped > 0 && t->unknown == 0) {
        if (pod->over)
            return done;
        return t->stopped != t->dead ? KUBELET_RUN : done;
    }
    return KUBELET_PENDING;
}

enum kubelet_phase
kubelet_phase_compute(const struct kubelet_pod *pod, const struct kubelet_statuses *statuses)
{
    enum kubelet_phase before = kubelet_phase_of(pod->previous);
    if (before >= KUBELET_SUCCEEDED)
        return before;
    struct tally t = {0};
    for (size_t i = 0; i < pod->inits + pod->apps; i++) {
        if (pod->c[i].role == KUBELET_INIT)
            tally_init(pod, i, statuses->of[i], &t);
        else if (pod->c[i].role == KUBELET_SIDECAR)
            tally_sidecar(pod, i, statuses->of[i], &t);
        else
            tally_app(pod, i, statuses->of[i], &t);
    }
    return decide(pod, &t);
}

/* --- conditions --- */

struct verdict {
    const char *type, *reason; /* reason NULL: none */
    bool value, generation;
    struct strbuf message;
};

static const json_t *
condition_before(const struct kubelet_pod *pod, const char *type)
{
    size_t i;
    json_t *condition;
    json_array_foreach(json_object_get(pod->previous, "conditions"), i, condition)
    {
        if (strcmp(kubelet_text(condition, "type"), type) == 0)
            return condition;
    }
    return NULL;
}

/* "text: [a b]", behind what is there already. */
static void
add_name(struct strbuf *message, const char *text, const char *name, size_t already)
{
    if (already == 0)
        strbuf_addf(message, "%s%s: [%s", message->len > 0 ? ", " : "", text, name);
    else
        strbuf_addf(message, " %s", name);
}

static bool
was_true(const struct kubelet_pod *pod, const char *type)
{
    return strcmp(kubelet_text(condition_before(pod, type), "status"), "True") == 0;
}

static void
judge_initialized(const struct kubelet_pod *pod, enum kubelet_phase phase,
                  const struct kubelet_statuses *statuses, struct verdict *v)
{
    v->value = true;
    bool app_seen = false;
    for (size_t i = pod->inits; i < pod->inits + pod->apps; i++)
        app_seen = app_seen || part(statuses->of[i], "state", "running") ||
                   part(statuses->of[i], "state", "terminated");
    if (phase == KUBELET_SUCCEEDED) {
        v->reason = "PodCompleted";
        return;
    }
    if (app_seen || was_true(pod, "Initialized"))
        return;
    size_t found = 0;
    for (size_t i = 0; i < pod->inits; i++) {
        const char *flag = pod->c[i].role == KUBELET_SIDECAR ? "started" : "ready";
        if (!json_is_true(json_object_get(statuses->of[i], flag)))
            add_name(&v->message, "containers with incomplete status", pod->c[i].name, found++);
    }
    if (found == 0)
        return;
    strbuf_addc(&v->message, ']');
    v->value = false;
    v->reason = "ContainersNotInitialized";
}

static void
judge_containers(const struct kubelet_pod *pod, enum kubelet_phase phase,
                 const struct kubelet_statuses *statuses, struct verdict *v)
{
    size_t found = 0;
    if (phase >= KUBELET_SUCCEEDED) {
        v->reason = phase == KUBELET_SUCCEEDED ? "PodCompleted" : "PodFailed";
        return;
    }
    for (size_t i = 0; i < pod->inits + pod->apps; i++) {
        bool counts = pod->c[i].role != KUBELET_INIT;
        if (counts && !json_is_true(json_object_get(statuses->of[i], "ready")))
            add_name(&v->message, "containers with unready status", pod->c[i].name, found++);
    }
    v->value = found == 0;
    if (found == 0)
        return;
    strbuf_addc(&v->message, ']');
    v->reason = "ContainersNotReady";
}

static void
judge_ready(const struct kubelet_pod *pod, const struct verdict *containers, struct verdict *v)
{
    v->value = containers->value;
    v->reason = containers->reason;
    strbuf_add(&v->message, containers->message.data, containers->message.len);
    if (!containers->value)
        return;
    size_t i;
    json_t *gate;
    json_array_foreach(json_object_get(pod->spec, "readinessGates"), i, gate)
    {
        const char *type = kubelet_text(gate, "conditionType");
        const json_t *condition = condition_before(pod, type);
        const char *value = kubelet_text(condition, "status");
        if (condition && strcmp(value, "True") == 0)
            continue;
        if (v->message.len > 0)
            strbuf_adds(&v->message, ", ");
        if (!condition)
            strbuf_addf(&v->message,
                        "corresponding condition of pod readiness gate \"%s\" does not exist.",
                        type);
        else
            strbuf_addf(&v->message,
                        "the status of pod readiness gate \"%s\" is not \"True\", but %s", type,
                        value);
        v->value = false;
        v->reason = "ReadinessGatesNotReady";
    }
}

static void
judge_restart_all(const struct kubelet_pod *pod, enum kubelet_phase phase, struct verdict *v)
{
    if (phase >= KUBELET_SUCCEEDED) {
        v->reason = phase == KUBELET_SUCCEEDED ? "PodCompleted" : "PodFailed";
        return;
    }
    v->value = kubelet_restart_all_is_due(pod);
    if (!v->value)
        return;
    v->reason = "RestartAllContainersStarted";
    strbuf_adds(&v->message, "container exited with restart policy rule");
}

static json_t *
condition_json(const struct kubelet_pod *pod, const struct verdict *v)
{
    const json_t *before = condition_before(pod, v->type);
    const char *value = v->value ? "True" : "False";
    json_t *since = json_object_get(before, "lastTransitionTime");
    bool same = before && since && strcmp(kubelet_text(before, "status"), value) == 0;
    json_t *out = json_pack("{s:s,s:s,s:n}", "type", v->type, "status", value, "lastProbeTime");
    if (v->generation && pod->generation > 0)
        json_object_set_new(out, "observedGeneration", json_integer(pod->generation));
    json_object_set_new(out, "lastTransitionTime",
                        same ? json_incref(since) : pod->time_json(pod->ctx, pod->now_ms));
    if (v->reason)
        json_object_set_new(out, "reason", json_string(v->reason));
    if (v->message.len > 0)
        json_object_set_new(out, "message", json_stringn_nocheck(v->message.data, v->message.len));
    return out;
}

static bool
is_own(const char *type)
{
    static const char *const own[] = {
        "PodReadyToStartContainers", "Initialized",  "Ready",
        "ContainersReady",           "PodScheduled", "AllContainersRestarting"};
    for (size_t i = 0; i < IW_COUNTOF(own); i++) {
        if (strcmp(type, own[i]) == 0)
            return true;
    }
    return false;
}

static json_t *
foreign_conditions(const struct kubelet_pod *pod)
{
    json_t *list = json_array();
    size_t i;
    json_t *condition;
    json_array_foreach(json_object_get(pod->previous, "conditions"), i, condition)
    {
        if (!is_own(kubelet_text(condition, "type")))
            json_array_append(list, condition);
    }
    return list;
}

json_t *
kubelet_conditions(const struct kubelet_pod *pod, enum kubelet_phase phase,
                   const struct kubelet_statuses *statuses)
{
    enum { START, INITIALIZED, READY, CONTAINERS, SCHEDULED, RESTART_ALL, COUNT };
    struct verdict v[COUNT] = {
        [START] = {.type = "PodReadyToStartContainers", .generation = true},
        [INITIALIZED] = {.type = "Initialized", .generation = true},
        [READY] = {.type = "Ready", .generation = true},
        [CONTAINERS] = {.type = "ContainersReady", .generation = true},
        [SCHEDULED] = {.type = "PodScheduled", .value = true, .generation = true},
        [RESTART_ALL] = {.type = "AllContainersRestarting"},
    };
    for (size_t i = 0; i < COUNT; i++)
        strbuf_init(&v[i].message, MESSAGE_CEILING);
    v[START].value = !kubelet_needs_sandbox(pod);
    judge_initialized(pod, phase, statuses, &v[INITIALIZED]);
    judge_containers(pod, phase, statuses, &v[CONTAINERS]);
    judge_ready(pod, &v[CONTAINERS], &v[READY]);
    judge_restart_all(pod, phase, &v[RESTART_ALL]);
    json_t *list = foreign_conditions(pod);
    for (size_t i = 0; i < COUNT; i++) {
        if (i != RESTART_ALL || kubelet_has_restart_all(pod))
            json_array_append_new(list, condition_json(pod, &v[i]));
        strbuf_free(&v[i].message);
    }
    return list;
}
