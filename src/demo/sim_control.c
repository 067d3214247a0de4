/* sim_control: which controller has to look at what, and what all of them need: pods made from a
 * template, their number, conditions, defaults.
 * Ref: the deployment, replicaset, statefulset, job and cronjob controllers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_control.h"

#include <string.h>

#include "initwatch/base/strmap.h"

/* A controller that could not make a pod tries again after that long, twice as long each time. */
#define REFUSED_FIRST_MS 5000
#define REFUSED_MOST_MS 300000
/* More rounds than that at one moment would be two controllers that never agree. */
#define ROUNDS_MAX 64

static const char name_letters[] = "bcdfghjklmnpqrstvwxz2456789";

/* --- reading --- */

int
sim_int_or(const json_t *object, const char *member, int missing)
{
    const json_t *value = json_object_get(object, member);
    return json_is_integer(value) ? (int)json_integer_value(value) : missing;
}

const char *
sim_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

const json_t *
sim_spec_of(const struct sim_thing *thing)
{
    return json_object_get(thing->object, "spec");
}

/* --- counting --- */

bool
sim_pod_is_active(const struct sim_pod *pod)
{
    return pod->phase < KUBELET_SUCCEEDED && !pod->deleting;
}

struct sim_count
sim_count_pods(const struct sim_thing *owner)
{
    struct sim_count count = {0};
    for (size_t i = 0; i < owner->pods.len; i++) {
        const struct sim_pod *pod = owner->pods.items[i];
        count.succeeded += pod->phase == KUBELET_SUCCEEDED;
        count.failed += pod->phase == KUBELET_FAILED;
        count.leaving += pod->phase < KUBELET_SUCCEEDED && pod->deleting;
        if (!sim_pod_is_active(pod))
            continue;
        count.active++;
        count.ready += pod->is_ready;
        count.restarts += pod->restarts;
    }
    return count;
}

/* --- pods --- */

json_t *
sim_owner_references(const struct sim_thing *owner)
{
    const struct demo_kind_info *info = &demo_kind_table[owner->kind];
    return json_pack("[{s:o,s:s,s:s,s:s,s:b,s:b}]", "apiVersion",
                     json_sprintf("%s/%s", info->group, info->version), "kind", info->kind, "name",
                     owner->name, "uid", owner->uid, "controller", 1, "blockOwnerDeletion", 1);
}

/* A text that is the same for equal templates, whatever the order of their members. */
void
sim_template_hash(const json_t *template, char out[11])
{
    char *text = json_dumps(template, JSON_COMPACT | JSON_SORT_KEYS);
    uint64_t hash = strmap_hash(text ? text : "");
    for (size_t i = 0; i < 10; i++) {
        out[i] = name_letters[hash % (sizeof(name_letters) - 1)];
        hash /= sizeof(name_letters) - 1;
    }
    out[10] = '\0';
    free(text);
}

char *
sim_owner_pod_name(struct sim *sim, const struct sim_thing *owner, const char *wished_by)
{
    size_t i, len = strlen(owner->name);
    json_t *wish;
    json_array_foreach(json_object_get(owner->origin.pod_names, wished_by), i, wish)
    {
        const char *name = json_string_value(wish);
        if (name && strncmp(name, owner->name, len) == 0 && name[len] == '-' &&
            !sim_pod_find(sim, owner->ns, name))
            return iw_strdup(name);
    }
    char suffix[6] = "";
    uint64_t state = sim->config.seed ^ (++sim->serial * 0x2545f4914f6cdd1du);
    for (size_t n = 0; n < 5; n++)
        suffix[n] = name_letters[sim_random(&state) % (sizeof(name_letters) - 1)];
    return iw_asprintf("%s-%s", owner->name, suffix);
}

static json_t *
pod_object(const struct sim_thing *owner, const json_t *template, const char *name, json_t *labels)
{
    json_t *object = json_object(), *meta = json_object();
    json_t *of_template = json_object_get(template, "metadata");
    static const char *const kept[] = {"labels", "annotations"};
    for (size_t i = 0; i < IW_COUNTOF(kept); i++) {
        json_t *value = json_object_get(of_template, kept[i]);
        if (value)
            json_object_set(meta, kept[i], value);
    }
    if (labels) {
        json_object_update_missing(labels, json_object_get(meta, "labels"));
        json_object_set_new(meta, "labels", labels);
    }
    json_object_set_new(meta, "name", json_string(name));
    if (owner->kind != DEMO_KIND_STATEFULSET)
        json_object_set_new(meta, "generateName", json_sprintf("%s-", owner->name));
    json_object_set_new(meta, "namespace", json_string(owner->ns));
    json_object_set_new(meta, "ownerReferences", sim_owner_references(owner));
    json_object_set_new(object, "metadata", meta);
    return object;
}

static const char *
component_of(enum demo_kind kind)
{
    return kind == DEMO_KIND_JOB           ? "job-controller"
           : kind == DEMO_KIND_STATEFULSET ? "statefulset-controller"
           : kind == DEMO_KIND_DAEMONSET   ? "daemonset-controller"
                                           : "replicaset-controller";
}

static void
say_created(struct sim *sim, const struct sim_thing *owner, const char *pod)
{
    struct sim_happening what = {
        .type = "Normal", .reason = "SuccessfulCreate", .component = component_of(owner->kind)};
    if (owner->kind == DEMO_KIND_STATEFULSET)
        sim_event_thing(sim, owner, what, "create Pod %s in StatefulSet %s successful", pod,
                        owner->name);
    else
        sim_event_thing(sim, owner, what, "Created pod: %s", pod);
}

static void
refused(struct sim *sim, struct sim_thing *owner, const char *words)
{
    struct sim_happening what = {
        .type = "Warning", .reason = "FailedCreate", .component = component_of(owner->kind)};
    sim_event_thing(sim, owner, what, "Error creating: %s", words);
    free(owner->refusal);
    owner->refusal = iw_strdup(words);
    int64_t wait_ms =
        owner->state > 0 ? IW_MIN(owner->state * 2, REFUSED_MOST_MS) : REFUSED_FIRST_MS;
    owner->state = wait_ms;
    owner->due_ms = sim->now_ms + wait_ms;
}

/* The shape of pods made from that spec: the one of the pods before, unless the template is another
 * one now. Borrowed; NULL and err: the template is wrong. */
static struct sim_shape *
shape_for(struct sim_thing *owner, json_t *spec, struct iw_error *err)
{
    if (owner->shape && owner->shape_of == spec)
        return owner->shape;
    sim_shape_unref(owner->shape);
    json_decref(owner->shape_of);
    owner->shape_of = json_incref(spec);
    owner->shape = sim_shape_new(json_deep_copy(spec), &owner->origin, err);
    return owner->shape;
}

bool
sim_owner_make_pod(struct sim *sim, struct sim_thing *owner, const json_t *template,
                   const char *name, json_t *labels)
{
    struct iw_error err = {0};
    json_t *object = pod_object(owner, template, name, labels);
    json_t *spec = json_object_get(template, "spec");
    struct sim_shape *shape = shape_for(owner, spec, &err);
    if (!shape)
        json_decref(object);
    if (!shape || !sim_pod_new(sim, object, &owner->origin, shape, &err)) {
        refused(sim, owner, err.msg);
        return false;
    }
    free(owner->refusal);
    owner->refusal = NULL;
    owner->due_ms = SIM_NEVER;
    say_created(sim, owner, name);
    return true;
}

/* --- status --- */

json_t *
sim_condition_json(const struct sim *sim, const json_t *old_status, struct sim_condition condition)
{
    json_t *since = NULL;
    size_t i;
    json_t *old;
    json_array_foreach(json_object_get(old_status, "conditions"), i, old)
    {
        if (strcmp(sim_text(old, "type"), condition.type) == 0 &&
            strcmp(sim_text(old, "status"), condition.status) == 0)
            since = json_object_get(old, "lastTransitionTime");
    }
    json_t *out = json_pack("{s:s,s:s,s:o,s:s}", "type", condition.type, "status", condition.status,
                            "lastTransitionTime",
                            since ? json_incref(since) : sim_time_json(sim, sim->now_ms), "reason",
                            condition.reason);
    if (condition.message)
        json_object_set_new(out, "message", json_string(condition.message));
    return out;
}

void
sim_owner_write_status(struct sim *sim, struct sim_thing *owner, json_t *status)
{
    json_t *generation = json_object_get(json_object_get(owner->object, "metadata"), "generation");
    if (generation && owner->kind != DEMO_KIND_JOB && owner->kind != DEMO_KIND_CRONJOB)
        json_object_set(status, "observedGeneration", generation);
    if (json_equal(status, json_object_get(owner->object, "status"))) {
        json_decref(status);
        return;
    }
    json_object_set_new(owner->object, "status", status);
    if (!sim->quiet)
        sim_tell(sim, owner->kind, owner->object);
    sim_control_mark(sim, owner->owner);
}

/* --- the round --- */

void
sim_control_mark(struct sim *sim, struct sim_thing *owner)
{
    sim->quota_dirty = true;
    if (owner)
        owner->dirty = sim->control_dirty = true;
}

void
sim_owner_adopt(struct sim *sim, struct sim_pod *pod)
{
    pod->owner = sim_thing_by_uid(sim, pod->owner_uid);
    if (pod->owner)
        vec_push(&pod->owner->pods, pod);
}

void
sim_owner_drop(struct sim_pod *pod)
{
    struct sim_thing *owner = pod->owner;
    for (size_t i = 0; owner && i < owner->pods.len; i++) {
        if (owner->pods.items[i] == pod) {
            vec_remove(&owner->pods, i);
            break;
        }
    }
    pod->owner = NULL;
}

static void
look_at(struct sim *sim, struct sim_thing *thing)
{
    thing->dirty = false;
    if (thing->due_ms <= sim->now_ms)
        thing->due_ms = SIM_NEVER;
    if (thing->kind == DEMO_KIND_DEPLOYMENT)
        sim_control_deployment(sim, thing);
    else if (thing->kind == DEMO_KIND_REPLICASET)
        sim_control_replicaset(sim, thing);
    else if (thing->kind == DEMO_KIND_STATEFULSET)
        sim_control_statefulset(sim, thing);
    else if (thing->kind == DEMO_KIND_DAEMONSET)
        sim_control_daemonset(sim, thing);
    else if (thing->kind == DEMO_KIND_JOB)
        sim_control_job(sim, thing);
    else if (thing->kind == DEMO_KIND_CRONJOB)
        sim_control_cronjob(sim, thing);
}

void
sim_control_run(struct sim *sim)
{
    for (int round = 0; round < ROUNDS_MAX && sim_control_due_ms(sim) <= sim->now_ms; round++) {
        sim->control_dirty = false;
        for (size_t i = 0; i < sim->things.len; i++) {
            struct sim_thing *thing = sim->things.items[i];
            if (thing->dirty || thing->due_ms <= sim->now_ms)
                look_at(sim, thing);
        }
    }
    sim_quota_refresh(sim);
}

int64_t
sim_control_due_ms(const struct sim *sim)
{
    int64_t due_ms = sim->control_dirty ? sim->now_ms : SIM_NEVER;
    for (size_t i = 0; i < sim->things.len; i++)
        due_ms = IW_MIN(due_ms, sim->things.items[i]->due_ms);
    return due_ms;
}

/* --- defaults; kubectl describe relies on them. Ref: apis/apps/v1 and batch/v1 defaults.go --- */

static void
set_missing(json_t *object, const char *member, json_t *value)
{
    if (json_object_get(object, member))
        json_decref(value);
    else
        json_object_set_new(object, member, value);
}

static void
default_job(json_t *spec)
{
    set_missing(spec, "parallelism", json_integer(1));
    set_missing(spec, "completions", json_integer(1));
    bool per_index = json_object_get(spec, "backoffLimitPerIndex") != NULL;
    set_missing(spec, "backoffLimit", json_integer(per_index ? INT32_MAX : 6));
    set_missing(spec, "completionMode", json_string("NonIndexed"));
    set_missing(spec, "suspend", json_false());
}

static void
default_cronjob(json_t *spec)
{
    set_missing(spec, "concurrencyPolicy", json_string("Allow"));
    set_missing(spec, "suspend", json_false());
    set_missing(spec, "successfulJobsHistoryLimit", json_integer(3));
    set_missing(spec, "failedJobsHistoryLimit", json_integer(1));
}

/* Clients write "creationTimestamp": null into templates; it means nothing, but would make another
 * template. */
static void
clean_template(json_t *spec)
{
    json_t *meta = json_object_get(json_object_get(spec, "template"), "metadata");
    if (json_is_null(json_object_get(meta, "creationTimestamp")))
        json_object_del(meta, "creationTimestamp");
}

void
sim_owner_default(enum demo_kind kind, json_t *object)
{
    json_t *spec = json_object_get(object, "spec");
    bool stateful = kind == DEMO_KIND_STATEFULSET, deployment = kind == DEMO_KIND_DEPLOYMENT;
    bool daemon = kind == DEMO_KIND_DAEMONSET;
    if (!spec)
        return;
    clean_template(spec);
    if (kind == DEMO_KIND_JOB)
        default_job(spec);
    else if (kind == DEMO_KIND_CRONJOB)
        default_cronjob(spec);
    else if (deployment || stateful || kind == DEMO_KIND_REPLICASET)
        set_missing(spec, "replicas", json_integer(1));
    if (deployment || stateful || daemon)
        set_missing(spec, "revisionHistoryLimit", json_integer(10));
    if (deployment) {
        set_missing(spec, "progressDeadlineSeconds", json_integer(600));
        set_missing(spec, "strategy",
                    json_pack("{s:s,s:{s:s,s:s}}", "type", "RollingUpdate", "rollingUpdate",
                              "maxSurge", "25%", "maxUnavailable", "25%"));
    }
    if (daemon)
        set_missing(spec, "updateStrategy",
                    json_pack("{s:s,s:{s:i,s:i}}", "type", "RollingUpdate", "rollingUpdate",
                              "maxSurge", 0, "maxUnavailable", 1));
    if (stateful) {
        set_missing(spec, "podManagementPolicy", json_string("OrderedReady"));
        set_missing(
            spec, "updateStrategy",
            json_pack("{s:s,s:{s:i}}", "type", "RollingUpdate", "rollingUpdate", "partition", 0));
    }
}
