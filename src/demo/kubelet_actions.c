/* kubelet_actions: what a sync has to do. Ref: SEMANTICS D.2, D.3; computePodActions,
 * computeInitContainerActions.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/iwdef.h"
#include "kubelet_internal.h"

static bool
is_policy(const struct kubelet_pod *pod, size_t container, const char *policy)
{
    const char *own = pod->c[container].policy;
    return strcmp(own ? own : pod->policy, policy) == 0;
}

static void
add_start(struct kubelet_actions *out, size_t container)
{
    size_t at = out->start_len++;
    for (; at > 0 && out->start[at - 1] > container; at--)
        out->start[at] = out->start[at - 1];
    out->start[at] = container;
}

static struct kubelet_kill *
add_kill(struct kubelet_actions *out, size_t container, const char *reason)
{
    struct kubelet_kill *kill = &out->kill[out->kill_len++];
    *kill = (struct kubelet_kill){.container = container, .reason = reason};
    kill->probe = strstr(reason, "Probe") != NULL;
    return kill;
}

/* --- sandbox --- */

static void
plan_sandbox(const struct kubelet_pod *pod, struct kubelet_actions *out)
{
    out->kill_pod = true;
    out->attempt = pod->sandbox.exists ? pod->sandbox.attempt + 1 : 0;
    if (strcmp(pod->policy, "Never") == 0 && out->attempt != 0 && pod->records_len > 0)
        return;
    size_t wanted[KUBELET_CONTAINERS_MAX], len = 0;
    bool ran = false;
    for (size_t i = pod->inits; i < pod->inits + pod->apps; i++) {
        const struct kubelet_record *record = kubelet_newest(pod, i);
        bool succeeded = record && record->state == KUBELET_EXITED && record->exit_code == 0;
        ran = ran || (record && record->state != KUBELET_UNKNOWN);
        if (!succeeded || !is_policy(pod, i, "OnFailure"))
            wanted[len++] = i;
    }
    if (len == 0 && ran)
        return;
    out->create_sandbox = true;
    if (pod->inits > 0) {
        add_start(out, 0);
        return;
    }
    for (size_t i = 0; i < len; i++)
        add_start(out, wanted[i]);
}

/* --- all containers again (D.4) --- */

static void
plan_reset(const struct kubelet_pod *pod, struct kubelet_actions *out)
{
    size_t triggers[KUBELET_CONTAINERS_MAX], triggers_len = 0;
    for (size_t n = 0; n < pod->inits + pod->apps; n++) {
        /* apps first, then init containers */
        size_t i = n < pod->apps ? pod->inits + n : n - pod->apps;
        const struct kubelet_record *newest = kubelet_newest(pod, i);
        for (size_t r = 0; r < pod->records_len; r++) {
            const struct kubelet_record *record = &pod->records[r];
            if (record->container != i)
                continue;
            if (record == newest && kubelet_triggers_restart_all(pod, record))
                triggers[triggers_len++] = r;
            else
                out->reset[out->reset_len++] = r;
        }
    }
    for (size_t i = 0; i < triggers_len; i++)
        out->reset[out->reset_len++] = triggers[i];
}

/* --- init containers and sidecars: the backward walk --- */

struct walk {
    bool initialised, passed, kill_pod;
};

/* True: the sidecar has started, and what comes after it may. */
static bool
sidecar_has_started(const struct kubelet_pod *pod, size_t i, struct kubelet_actions *out)
{
    const struct kubelet_container *c = &pod->c[i];
    if (!c->has_probe[KUBELET_STARTUP])
        return true;
    if (c->result[KUBELET_STARTUP] == KUBELET_FAILURE) {
        struct kubelet_kill *kill = add_kill(out, i, "StartupProbe");
        (void)snprintf(kill->message, sizeof(kill->message),
                       "Init container %.253s failed startup probe", c->name);
        add_start(out, i);
    }
    return c->result[KUBELET_STARTUP] == KUBELET_SUCCESS;
}

static void
walk_running_sidecar(const struct kubelet_pod *pod, const struct kubelet_record *record,
                     struct walk *walk, struct kubelet_actions *out)
{
    size_t i = record->container;
    const struct kubelet_container *c = &pod->c[i];
    if (!sidecar_has_started(pod, i, out))
        return;
    if (i + 1 == pod->inits)
        walk->initialised = true;
    else if (!walk->passed)
        add_start(out, i + 1);
    bool unwell = c->has_probe[KUBELET_LIVENESS] && c->result[KUBELET_LIVENESS] == KUBELET_FAILURE;
    if (!record->changed && !unwell)
        return;
    struct kubelet_kill *kill = add_kill(out, i, record->changed ? "" : "LivenessProbe");
    (void)snprintf(kill->message, sizeof(kill->message), "Init container %.253s %s", c->name,
                   record->changed ? "definition changed" : "failed liveness probe");
    add_start(out, i);
}

static void
walk_exited(const struct kubelet_pod *pod, const struct kubelet_record *record, struct walk *walk,
            struct kubelet_actions *out)
{
    size_t i = record->container;
    if (pod->c[i].role == KUBELET_SIDECAR) {
        add_start(out, i);
        return;
    }
    bool oom = record->reason && strcmp(record->reason, "OOMKilled") == 0;
    if (record->exit_code != 0 || oom) {
        if (!pod->deleting && kubelet_may_restart(pod, i, record->exit_code))
            add_start(out, i);
        else
            walk->kill_pod = true;
    } else if (i + 1 == pod->inits) {
        walk->initialised = true;
    } else {
        add_start(out, i + 1);
    }
}

static void
walk_unknown(const struct kubelet_pod *pod, size_t i, struct walk *walk,
             struct kubelet_actions *out)
{
    if (pod->c[i].role == KUBELET_INIT && is_policy(pod, i, "Never")) {
        walk->kill_pod = true;
        return;
    }
    struct kubelet_kill *kill = add_kill(out, i, "Unknown");
    (void)snprintf(kill->message, sizeof(kill->message),
                   "Init container is in \"unknown\" state, try killing it before restart");
    add_start(out, i);
}

static struct walk
walk_inits(const struct kubelet_pod *pod, struct kubelet_actions *out)
{
    struct walk walk = {.initialised = pod->inits == 0};
    for (size_t i = pod->inits; i < pod->inits + pod->apps; i++) {
        const struct kubelet_record *record = kubelet_newest(pod, i);
        walk.initialised =
            walk.initialised ||
            (record && (record->state == KUBELET_CREATED || record->state == KUBELET_RUNNING));
    }
    walk.passed = walk.initialised;
    for (size_t i = pod->inits; i-- > 0 && !walk.kill_pod;) {
        const struct kubelet_record *record = kubelet_newest(pod, i);
        bool sidecar = pod->c[i].role == KUBELET_SIDECAR;
        if (!record) {
            if (walk.passed && sidecar)
                add_start(out, i);
            continue;
        }
        if (walk.passed && !sidecar)
            continue;
        if (record->state == KUBELET_CREATED)
            add_start(out, i);
        else if (record->state == KUBELET_EXITED)
            walk_exited(pod, record, &walk, out);
        else if (record->state == KUBELET_UNKNOWN)
            walk_unknown(pod, i, &walk, out);
        else if (sidecar)
            walk_running_sidecar(pod, record, &walk, out);
        walk.passed = true;
    }
    if (!walk.passed)
        add_start(out, 0);
    return walk;
}

/* --- apps --- */

static bool
app_must_die(const struct kubelet_pod *pod, const struct kubelet_record *record,
             struct kubelet_actions *out)
{
    size_t i = record->container;
    const struct kubelet_container *c = &pod->c[i];
    const char *why = NULL, *reason = "";
    if (record->changed) {
        why = "definition changed";
    } else if (c->has_probe[KUBELET_LIVENESS] && c->result[KUBELET_LIVENESS] == KUBELET_FAILURE) {
        why = "failed liveness probe";
        reason = "LivenessProbe";
    } else if (c->has_probe[KUBELET_STARTUP] && c->result[KUBELET_STARTUP] == KUBELET_FAILURE) {
        why = "failed startup probe";
        reason = "StartupProbe";
    } else {
        return false;
    }
    bool again = record->changed || !is_policy(pod, i, "Never");
    struct kubelet_kill *kill = add_kill(out, i, reason);
    (void)snprintf(kill->message, sizeof(kill->message), "Container %.253s %s%s", c->name, why,
                   again ? ", will be restarted" : "");
    if (again)
        add_start(out, i);
    return true;
}

static bool
is_wanted(const struct kubelet_pod *pod, size_t i, const struct kubelet_record *record)
{
    if (!record)
        return !pod->deleting;
    if (record->state == KUBELET_EXITED && !kubelet_may_restart(pod, i, record->exit_code))
        return false;
    return !pod->deleting;
}

static void
plan_apps(const struct kubelet_pod *pod, struct kubelet_actions *out)
{
    size_t kept = 0, before = out->start_len;
    for (size_t i = pod->inits; i < pod->inits + pod->apps; i++) {
        const struct kubelet_record *record = kubelet_newest(pod, i);
        if (record && record->state == KUBELET_RUNNING) {
            kept += !app_must_die(pod, record, out);
            continue;
        }
        if (!is_wanted(pod, i, record))
            continue;
        add_start(out, i);
        if (record && record->state == KUBELET_UNKNOWN)
            (void)snprintf(add_kill(out, i, "Unknown")->message, sizeof(out->kill[0].message),
                           "Container is in \"unknown\" state, try killing it before restart");
    }
    if (kept > 0 || out->start_len > before)
        return;
    out->kill_pod = true;
    out->start_len = 0; /* sidecars are not started again either */
}

void
kubelet_plan(const struct kubelet_pod *pod, struct kubelet_actions *out)
{
    memset(out, 0, sizeof(*out));
    out->attempt = pod->sandbox.attempt;
    if (kubelet_needs_sandbox(pod)) {
        plan_sandbox(pod, out);
        return;
    }
    if (kubelet_restart_all_is_due(pod)) {
        plan_reset(pod, out);
        return;
    }
    struct kubelet_actions ephemeral = {0};
    for (size_t i = pod->inits + pod->apps; i < pod->count; i++) {
        if (!kubelet_newest(pod, i))
            add_start(&ephemeral, i);
    }
    struct walk walk = walk_inits(pod, out);
    if (walk.kill_pod) {
        out->kill_pod = true;
        out->start_len = 0;
    } else if (walk.initialised) {
        plan_apps(pod, out);
    }
    /* ephemeral containers have the highest numbers and go first */
    memmove(out->start + ephemeral.start_len, out->start, out->start_len * sizeof(out->start[0]));
    memcpy(out->start, ephemeral.start, ephemeral.start_len * sizeof(out->start[0]));
    out->start_len += ephemeral.start_len;
}
