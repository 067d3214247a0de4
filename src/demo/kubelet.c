/* kubelet: the pod as the kubelet reads it, the questions about its records, and how it is stopped.
 * Ref: SEMANTICS D.1, D.2, D.4, D.10.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/kubelet.h"

#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/iwdef.h"
#include "kubelet_internal.h"

/* --- reading the pod --- */

static void
read_container(struct kubelet_pod *pod, const json_t *spec, enum kubelet_role role)
{
    static const char *const probes[KUBELET_PROBES] = {"startupProbe", "readinessProbe",
                                                       "livenessProbe"};
    struct kubelet_container *c = &pod->c[pod->count++];
    c->spec = spec;
    c->name = kubelet_text(spec, "name");
    c->image = kubelet_text(spec, "image");
    c->policy = json_string_value(json_object_get(spec, "restartPolicy"));
    bool always = c->policy && strcmp(c->policy, "Always") == 0;
    c->role = role == KUBELET_INIT && always ? KUBELET_SIDECAR : role;
    for (size_t p = 0; p < KUBELET_PROBES; p++)
        c->has_probe[p] = json_object_get(spec, probes[p]) != NULL;
    c->has_post_start = json_object_get(json_object_get(spec, "lifecycle"), "postStart") != NULL;
}

static void
read_list(struct kubelet_pod *pod, const char *member, enum kubelet_role role)
{
    size_t i;
    json_t *spec;
    json_array_foreach(json_object_get(pod->spec, member), i, spec)
    {
        read_container(pod, spec, role);
    }
}

bool
kubelet_pod_read(struct kubelet_pod *pod, const json_t *object)
{
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    const json_t *meta = json_object_get(object, "metadata");
    memset(pod, 0, sizeof(*pod));
    pod->spec = json_object_get(object, "spec");
    size_t total = 0;
    for (size_t i = 0; i < IW_COUNTOF(lists); i++)
        total += json_array_size(json_object_get(pod->spec, lists[i]));
    if (total > KUBELET_CONTAINERS_MAX)
        return false;
    pod->ns = kubelet_text(meta, "namespace");
    pod->name = kubelet_text(meta, "name");
    pod->uid = kubelet_text(meta, "uid");
    pod->generation = json_integer_value(json_object_get(meta, "generation"));
    pod->deleting = json_object_get(meta, "deletionTimestamp") != NULL;
    const char *policy = kubelet_text(pod->spec, "restartPolicy");
    pod->policy = policy[0] ? policy : "Always";
    read_list(pod, lists[0], KUBELET_INIT);
    pod->inits = pod->count;
    read_list(pod, lists[1], KUBELET_APP);
    pod->apps = pod->count - pod->inits;
    read_list(pod, lists[2], KUBELET_EPHEMERAL);
    return true;
}

void
kubelet_memory_free(struct kubelet_memory *memory)
{
    free(memory->fail_message);
    free(memory->pull_error);
    free(memory->image);
    memset(memory, 0, sizeof(*memory));
}

const char *
kubelet_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

/* --- questions --- */

const struct kubelet_record *
kubelet_newest(const struct kubelet_pod *pod, size_t container)
{
    for (size_t i = 0; i < pod->records_len; i++) {
        if (pod->records[i].container == container)
            return &pod->records[i];
    }
    return NULL;
}

static bool
rule_matches(const json_t *rule, int exit_code)
{
    const json_t *codes = json_object_get(rule, "exitCodes");
    bool in = false;
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(codes, "values"), i, value)
    {
        in = in || json_integer_value(value) == exit_code;
    }
    const char *operator= kubelet_text(codes, "operator");
    if (strcmp(operator, "In") == 0)
        return in;
    return strcmp(operator, "NotIn") == 0 && !in;
}

/* The action of the first rule that fits, or NULL. */
static const char *
rule_action(const struct kubelet_container *c, int exit_code)
{
    size_t i;
    json_t *rule;
    json_array_foreach(json_object_get(c->spec, "restartPolicyRules"), i, rule)
    {
        if (rule_matches(rule, exit_code))
            return kubelet_text(rule, "action");
    }
    return NULL;
}

bool
kubelet_may_restart(const struct kubelet_pod *pod, size_t container, int exit_code)
{
    const struct kubelet_container *c = &pod->c[container];
    if (c->policy && rule_action(c, exit_code))
        return true; /* both actions restart it */
    const char *policy = c->policy ? c->policy : pod->policy;
    if (strcmp(policy, "Never") == 0)
        return false;
    return strcmp(policy, "OnFailure") != 0 || exit_code != 0;
}

bool
kubelet_needs_sandbox(const struct kubelet_pod *pod)
{
    return !pod->sandbox.exists || !pod->sandbox.ready;
}

bool
kubelet_has_restart_all(const struct kubelet_pod *pod)
{
    for (size_t c = 0; c < pod->inits + pod->apps; c++) {
        size_t i;
        json_t *rule;
        json_array_foreach(json_object_get(pod->c[c].spec, "restartPolicyRules"), i, rule)
        {
            if (strcmp(kubelet_text(rule, "action"), "RestartAllContainers") == 0)
                return true;
        }
    }
    return false;
}

bool
kubelet_triggers_restart_all(const struct kubelet_pod *pod, const struct kubelet_record *record)
{
    const struct kubelet_container *c = &pod->c[record->container];
    if (record->state != KUBELET_EXITED || c->role == KUBELET_EPHEMERAL)
        return false;
    const char *action = rule_action(c, record->exit_code);
    return action && strcmp(action, "RestartAllContainers") == 0;
}

bool
kubelet_restart_all_is_due(const struct kubelet_pod *pod)
{
    for (size_t i = 0; i < pod->inits + pod->apps; i++) {
        const struct kubelet_record *record = kubelet_newest(pod, i);
        if (record && kubelet_triggers_restart_all(pod, record))
            return true;
    }
    return false;
}

/* --- termination --- */

static void
stop_one(struct kubelet_stop *stop, int64_t called_ms, int64_t left_ms)
{
    stop->called_ms = called_ms;
    stop->grace_ms = IW_MAX(left_ms, 2000);
    stop->killed = stop->term_ms > stop->grace_ms;
    stop->ended_ms = called_ms + IW_MIN(stop->term_ms, stop->grace_ms);
    if (stop->own_end_ms == 0 || stop->own_end_ms > stop->ended_ms)
        return;
    stop->ended_ms = stop->own_end_ms;
    stop->killed = false;
}

/* The hook runs at once, for no longer than the grace; whole seconds of it are used up. */
static int64_t
after_hook(const struct kubelet_stop *stop, int64_t grace_ms, int64_t *left_ms)
{
    int64_t hook_ms = IW_MIN(stop->pre_stop_ms, grace_ms);
    *left_ms = grace_ms - hook_ms / 1000 * 1000;
    return hook_ms;
}

int64_t
kubelet_stop_plan(const struct kubelet_pod *pod, struct kubelet_stop *stops, int64_t grace_ms)
{
    int64_t apps_end_ms = 0, last_ms = 0, left_ms = 0;
    for (size_t i = 0; i < pod->count; i++) {
        if (!stops[i].running || pod->c[i].role == KUBELET_SIDECAR)
            continue;
        int64_t called_ms = after_hook(&stops[i], grace_ms, &left_ms);
        stop_one(&stops[i], called_ms, left_ms);
        last_ms = IW_MAX(last_ms, stops[i].ended_ms);
        if (pod->c[i].role == KUBELET_APP)
            apps_end_ms = IW_MAX(apps_end_ms, stops[i].ended_ms);
    }
    /* the next later sidecar: by the spec; one that does not run holds nobody up */
    int64_t next_end_ms = 0;
    for (size_t i = pod->inits; i-- > 0;) {
        if (pod->c[i].role != KUBELET_SIDECAR)
            continue;
        if (!stops[i].running) {
            next_end_ms = 0;
            continue;
        }
        int64_t called_ms = after_hook(&stops[i], grace_ms, &left_ms);
        int64_t wait_ms = IW_MAX(next_end_ms, apps_end_ms) - called_ms;
        wait_ms = IW_MIN(IW_MAX(wait_ms, 0), left_ms);
        stop_one(&stops[i], called_ms + wait_ms, left_ms - wait_ms / 1000 * 1000);
        next_end_ms = stops[i].ended_ms;
        last_ms = IW_MAX(last_ms, next_end_ms);
    }
    return last_ms;
}
