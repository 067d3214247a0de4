/* sim_deploy: Deployments and their ReplicaSets. Ref: pkg/controller/deployment (rolling.go,
 * progress.go, sync.go), pkg/controller/replicaset.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_control.h"

#define REVISION "deployment.kubernetes.io/revision"
#define HASH_LABEL "pod-template-hash"

/* --- the sets of a Deployment --- */

struct sets {
    struct sim_thing *newest; /* that has the present template; NULL: none yet */
    VEC(struct sim_thing *) old;
    int revision; /* the highest so far */
};

static json_t *
labels_of(const json_t *template)
{
    return json_object_get(json_object_get(template, "metadata"), "labels");
}

/* A set's template is the Deployment's with one label more. */
static bool
same_template(const struct sim_thing *set, const json_t *template)
{
    json_t *copy = json_deep_copy(json_object_get(sim_spec_of(set), "template"));
    json_object_del(labels_of(copy), HASH_LABEL);
    bool same = json_equal(copy, template);
    json_decref(copy);
    return same;
}

static const json_t *
annotations_of(const struct sim_thing *thing)
{
    return json_object_get(json_object_get(thing->object, "metadata"), "annotations");
}

static struct sets
find_sets(struct sim *sim, const struct sim_thing *deployment)
{
    struct sets sets = {0};
    const json_t *template = json_object_get(sim_spec_of(deployment), "template");
    for (size_t i = 0; i < sim->things.len; i++) {
        struct sim_thing *set = sim->things.items[i];
        if (set->kind != DEMO_KIND_REPLICASET || set->owner != deployment)
            continue;
        int revision = (int)strtol(sim_text(annotations_of(set), REVISION), NULL, 10);
        sets.revision = IW_MAX(sets.revision, revision);
        if (!sets.newest && same_template(set, template))
            sets.newest = set;
        else
            vec_push(&sets.old, set);
    }
    return sets;
}

/* The hash is the template's, or what stands in the wished names of the first pods. */
static void
choose_hash(const struct sim_thing *deployment, bool first, char *out, size_t out_size)
{
    size_t len = strlen(deployment->name);
    const char *wished = json_string_value(
        json_array_get(json_object_get(deployment->origin.pod_names, deployment->name), 0));
    const char *dash = wished ? strrchr(wished, '-') : NULL;
    if (first && dash && strncmp(wished, deployment->name, len) == 0 && dash > wished + len) {
        (void)snprintf(out, out_size, "%.*s", (int)(dash - wished - (ptrdiff_t)len - 1),
                       wished + len + 1);
        return;
    }
    char hash[11];
    sim_template_hash(json_object_get(sim_spec_of(deployment), "template"), hash);
    (void)snprintf(out, out_size, "%s", hash);
}

static struct sim_thing *
make_set(struct sim *sim, const struct sim_thing *deployment, int revision)
{
    char hash[64];
    choose_hash(deployment, revision == 1, hash, sizeof(hash));
    json_t *template = json_deep_copy(json_object_get(sim_spec_of(deployment), "template"));
    json_t *selector = json_deep_copy(json_object_get(sim_spec_of(deployment), "selector"));
    json_object_set_new(labels_of(template), HASH_LABEL, json_string(hash));
    json_object_set_new(json_object_get(selector, "matchLabels"), HASH_LABEL, json_string(hash));
    json_t *labels = json_deep_copy(labels_of(template));
    json_t *set =
        json_pack("{s:{s:o,s:s,s:o*,s:{s:o},s:o},s:{s:i,s:o*,s:o}}", "metadata", "name",
                  json_sprintf("%s-%s", deployment->name, hash), "namespace", deployment->ns,
                  "labels", labels, "annotations", REVISION, json_sprintf("%d", revision),
                  "ownerReferences", sim_owner_references(deployment), "spec", "replicas", 0,
                  "selector", selector, "template", template);
    return sim_thing_put(sim, DEMO_KIND_REPLICASET, deployment->ns, set, &deployment->origin);
}

static void
set_annotation(struct sim *sim, struct sim_thing *thing, int revision)
{
    iw_autofree char *text = iw_asprintf("%d", revision);
    if (strcmp(sim_text(annotations_of(thing), REVISION), text) == 0)
        return;
    json_t *object = json_deep_copy(thing->object);
    json_t *meta = json_object_get(object, "metadata");
    if (!json_object_get(meta, "annotations"))
        json_object_set_new(meta, "annotations", json_object());
    json_object_set_new(json_object_get(meta, "annotations"), REVISION, json_string(text));
    (void)sim_thing_put(sim, thing->kind, thing->ns, object, NULL);
}

static int
wanted(const struct sim_thing *thing)
{
    return sim_int_or(sim_spec_of(thing), "replicas", 1);
}

static void
scale_set(struct sim *sim, const struct sim_thing *deployment, struct sim_thing *set, int replicas)
{
    int before = wanted(set);
    if (before == replicas)
        return;
    json_t *object = json_deep_copy(set->object);
    json_object_set_new(json_object_get(object, "spec"), "replicas", json_integer(replicas));
    (void)sim_thing_put(sim, DEMO_KIND_REPLICASET, set->ns, object, NULL);
    struct sim_happening what = {
        .type = "Normal", .reason = "ScalingReplicaSet", .component = "deployment-controller"};
    sim_event_thing(sim, deployment, what, "Scaled %s replica set %s from %d to %d",
                    replicas > before ? "up" : "down", set->name, before, replicas);
}

/* --- the rollout --- */

/* A number or a share of `whole`. */
static int
share(const json_t *value, int whole, bool up)
{
    if (json_is_integer(value))
        return (int)json_integer_value(value);
    const char *text = json_string_value(value);
    int percent = text ? (int)strtol(text, NULL, 10) : 25;
    return (whole * percent + (up ? 99 : 0)) / 100;
}

static int
sum_of_old(const struct sets *sets)
{
    int sum = 0;
    for (size_t i = 0; i < sets->old.len; i++)
        sum += wanted(sets->old.items[i]);
    return sum;
}

/* Take pods that do not serve from the old sets first, then as many that do as may be missing. */
static void
shrink_old(struct sim *sim, const struct sim_thing *deployment, const struct sets *sets,
           int may_miss)
{
    int replicas = wanted(deployment), ready = 0, total = sum_of_old(sets) + wanted(sets->newest);
    struct sim_count new_pods = sim_count_pods(sets->newest);
    int least = replicas - may_miss;
    int budget = total - least - (wanted(sets->newest) - new_pods.ready);
    for (size_t i = 0; i < sets->old.len && budget > 0; i++) {
        struct sim_thing *set = sets->old.items[i];
        int useless = wanted(set) - sim_count_pods(set).ready;
        int down = IW_MIN(budget, IW_MAX(useless, 0));
        scale_set(sim, deployment, set, wanted(set) - down);
        budget -= down;
    }
    ready = new_pods.ready;
    for (size_t i = 0; i < sets->old.len; i++)
        ready += IW_MIN(sim_count_pods(sets->old.items[i]).ready, wanted(sets->old.items[i]));
    for (size_t i = 0; i < sets->old.len && ready > least; i++) {
        struct sim_thing *set = sets->old.items[i];
        int down = IW_MIN(ready - least, wanted(set));
        scale_set(sim, deployment, set, wanted(set) - down);
        ready -= down;
    }
}

static void
roll(struct sim *sim, const struct sim_thing *deployment, const struct sets *sets)
{
    const json_t *strategy = json_object_get(sim_spec_of(deployment), "strategy");
    const json_t *rolling = json_object_get(strategy, "rollingUpdate");
    int replicas = wanted(deployment), old = sum_of_old(sets);
    if (strcmp(sim_text(strategy, "type"), "Recreate") == 0) {
        int still = 0;
        for (size_t i = 0; i < sets->old.len; i++) {
            struct sim_count count = sim_count_pods(sets->old.items[i]);
            scale_set(sim, deployment, sets->old.items[i], 0);
            still += count.active + count.leaving;
        }
        if (still == 0)
            scale_set(sim, deployment, sets->newest, replicas);
        return;
    }
    int surge = share(json_object_get(rolling, "maxSurge"), replicas, true);
    int may_miss = share(json_object_get(rolling, "maxUnavailable"), replicas, false);
    if (surge == 0 && may_miss == 0)
        may_miss = 1;
    int room = replicas + surge - old - wanted(sets->newest);
    if (wanted(sets->newest) > replicas || room > 0)
        scale_set(sim, deployment, sets->newest,
                  IW_MIN(wanted(sets->newest) + IW_MAX(room, 0), replicas));
    shrink_old(sim, deployment, sets, may_miss);
}

/* --- the status of a Deployment --- */

struct tally {
    int all, ready, updated, wanted;
    const char *refusal; /* of one of its sets; NULL: none */
};

static void
tally_set(const struct sim_thing *set, struct tally *tally)
{
    struct sim_count count = sim_count_pods(set);
    tally->all += count.active;
    tally->ready += count.ready;
    if (set->refusal)
        tally->refusal = set->refusal;
}

static void
set_number(json_t *status, const char *name, int value)
{
    if (value > 0)
        json_object_set_new(status, name, json_integer(value));
}

static bool
has_timed_out(struct sim *sim, struct sim_thing *deployment, const struct tally *tally,
              bool complete)
{
    int64_t state = tally->updated * 1000000 + tally->ready * 1000 + tally->all + 1;
    int64_t limit_ms =
        1000 * (int64_t)sim_int_or(sim_spec_of(deployment), "progressDeadlineSeconds", 600);
    if (deployment->state != state) {
        deployment->state = state;
        deployment->since_ms = sim->now_ms;
    }
    int64_t end_ms = deployment->since_ms + limit_ms;
    deployment->due_ms = complete || end_ms <= sim->now_ms ? SIM_NEVER : end_ms;
    return !complete && end_ms <= sim->now_ms;
}

static json_t *
progressing(struct sim *sim, struct sim_thing *deployment, const struct sim_thing *newest,
            const struct tally *tally)
{
    const json_t *old = json_object_get(deployment->object, "status");
    bool complete = tally->ready >= tally->wanted && tally->updated == tally->wanted &&
                    tally->all == tally->wanted;
    bool late = has_timed_out(sim, deployment, tally, complete);
    iw_autofree char *message = iw_asprintf("ReplicaSet \"%s\" %s", newest->name,
                                            complete ? "has successfully progressed."
                                            : late   ? "has timed out progressing."
                                                     : "is progressing.");
    struct sim_condition condition = {"Progressing", late ? "False" : "True",
                                      complete ? "NewReplicaSetAvailable"
                                      : late   ? "ProgressDeadlineExceeded"
                                               : "ReplicaSetUpdated",
                                      message};
    json_t *out = sim_condition_json(sim, old, condition);
    json_object_set_new(out, "lastUpdateTime", sim_time_json(sim, deployment->since_ms));
    return out;
}

static json_t *
conditions_of(struct sim *sim, struct sim_thing *deployment, const struct sim_thing *newest,
              const struct tally *tally)
{
    const json_t *old = json_object_get(deployment->object, "status");
    const json_t *rolling =
        json_object_get(json_object_get(sim_spec_of(deployment), "strategy"), "rollingUpdate");
    int least =
        tally->wanted - share(json_object_get(rolling, "maxUnavailable"), tally->wanted, false);
    bool enough = tally->ready >= least;
    json_t *available = sim_condition_json(
        sim, old,
        (struct sim_condition){"Available", enough ? "True" : "False",
                               enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                               enough ? "Deployment has minimum availability."
                                      : "Deployment does not have minimum availability."});
    json_object_set(available, "lastUpdateTime", json_object_get(available, "lastTransitionTime"));
    json_t *list = json_pack("[o,o]", available, progressing(sim, deployment, newest, tally));
    if (tally->refusal)
        json_array_append_new(
            list, sim_condition_json(sim, old,
                                     (struct sim_condition){"ReplicaFailure", "True",
                                                            "FailedCreate", tally->refusal}));
    return list;
}

static void
write_status(struct sim *sim, struct sim_thing *deployment, const struct sets *sets)
{
    struct tally tally = {.wanted = wanted(deployment)};
    tally_set(sets->newest, &tally);
    tally.updated = tally.all;
    for (size_t i = 0; i < sets->old.len; i++)
        tally_set(sets->old.items[i], &tally);
    json_t *status = json_object();
    set_number(status, "replicas", tally.all);
    set_number(status, "updatedReplicas", tally.updated);
    set_number(status, "readyReplicas", tally.ready);
    set_number(status, "availableReplicas", tally.ready);
    set_number(status, "unavailableReplicas", IW_MAX(tally.wanted, tally.all) - tally.ready);
    json_object_set_new(status, "conditions", conditions_of(sim, deployment, sets->newest, &tally));
    sim_owner_write_status(sim, deployment, status);
}

void
sim_control_deployment(struct sim *sim, struct sim_thing *deployment)
{
    struct sets sets = find_sets(sim, deployment);
    bool paused = json_is_true(json_object_get(sim_spec_of(deployment), "paused"));
    if (!sets.newest)
        sets.newest = make_set(sim, deployment, ++sets.revision);
    /* an old template that comes back is the newest revision again */
    int own = (int)strtol(sim_text(annotations_of(sets.newest), REVISION), NULL, 10);
    if (own < sets.revision)
        set_annotation(sim, sets.newest, own = ++sets.revision);
    set_annotation(sim, deployment, own);
    if (!paused)
        roll(sim, deployment, &sets);
    write_status(sim, deployment, &sets);
    vec_free(&sets.old);
}

/* --- ReplicaSets --- */

/* Which of two pods goes first: not bound, not running, not ready, the younger. */
static bool
goes_before(const struct sim_pod *a, const struct sim_pod *b)
{
    if ((a->node < 0) != (b->node < 0))
        return a->node < 0;
    if (a->phase != b->phase)
        return a->phase == KUBELET_PENDING;
    if (a->is_ready != b->is_ready)
        return !a->is_ready;
    return a->create_ms > b->create_ms;
}

static void
drop_one(struct sim *sim, const struct sim_thing *set)
{
    const struct sim_pod *first = NULL;
    for (size_t i = 0; i < set->pods.len; i++) {
        const struct sim_pod *pod = set->pods.items[i];
        if (sim_pod_is_active(pod) && (!first || goes_before(pod, first)))
            first = pod;
    }
    if (!first)
        return;
    struct sim_happening what = {
        .type = "Normal", .reason = "SuccessfulDelete", .component = "replicaset-controller"};
    iw_autofree char *name = iw_strdup(first->name);
    (void)sim_delete_pod(sim, set->ns, name, -1);
    sim_event_thing(sim, set, what, "Deleted pod: %s", name);
}

static const char *
deployment_name(const struct sim_thing *set)
{
    const json_t *owners =
        json_object_get(json_object_get(set->object, "metadata"), "ownerReferences");
    const char *name = sim_text(json_array_get(owners, 0), "name");
    return name[0] ? name : set->name;
}

/* May one more pod be made now? A real controller is held up by its client, so that a large
 * Deployment comes up over a minute and not at once. */
static bool
take_create_token(struct sim *sim, struct sim_thing *set)
{
    const int64_t each_ms = 1000 / SIM_CONTROLLER_QPS;
    int64_t full_ms = IW_MAX(sim->create_full_ms, sim->now_ms) + each_ms;
    if (full_ms - sim->now_ms > SIM_CONTROLLER_BURST * each_ms) {
        set->due_ms = sim->create_full_ms - (SIM_CONTROLLER_BURST - 1) * each_ms;
        return false;
    }
    sim->create_full_ms = full_ms;
    return true;
}

void
sim_control_replicaset(struct sim *sim, struct sim_thing *set)
{
    const json_t *old = json_object_get(set->object, "status");
    struct sim_count count = sim_count_pods(set);
    bool made = set->due_ms == SIM_NEVER; /* not while it waits after a refusal */
    for (int i = count.active; made && i < wanted(set) && take_create_token(sim, set); i++) {
        iw_autofree char *name = sim_owner_pod_name(sim, set, deployment_name(set));
        made =
            sim_owner_make_pod(sim, set, json_object_get(sim_spec_of(set), "template"), name, NULL);
    }
    if (made)
        set->state = 0;
    for (int i = wanted(set); i < count.active; i++)
        drop_one(sim, set);
    count = sim_count_pods(set);
    json_t *status = json_pack("{s:i}", "replicas", count.active);
    set_number(status, "fullyLabeledReplicas", count.active);
    set_number(status, "readyReplicas", count.ready);
    set_number(status, "availableReplicas", count.ready);
    if (set->refusal)
        json_object_set_new(
            status, "conditions",
            json_pack("[o]",
                      sim_condition_json(sim, old,
                                         (struct sim_condition){"ReplicaFailure", "True",
                                                                "FailedCreate", set->refusal})));
    sim_owner_write_status(sim, set, status);
}
