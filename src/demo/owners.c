/* owners: counts pods by their controller and writes replicas, readiness, completion. Ref: the
 * deployment, replicaset, statefulset and job controllers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "owners.h"

#include <string.h>

#include "initwatch/base/clock.h"

struct count {
    int all, ready, succeeded, failed, leaving;
};

static struct count
count_pods(const struct objects *store, const char *uid)
{
    struct count count = {0};
    for (size_t i = 0; i < store->objects[DEMO_KIND_POD].len; i++) {
        const struct objects_version *pod = store->objects[DEMO_KIND_POD].items[i];
        if (!pod->owner || strcmp(pod->owner, uid) != 0)
            continue;
        const char *phase = objects_field(pod, DEMO_KIND_POD, "status.phase");
        bool succeeded = strcmp(phase, "Succeeded") == 0, failed = strcmp(phase, "Failed") == 0;
        count.succeeded += succeeded;
        count.failed += failed;
        count.all += !succeeded && !failed;
        count.ready += pod->ready;
        count.leaving += !succeeded && !failed && pod->deleting;
    }
    return count;
}

/* Of all its ReplicaSets. `newest` gets the pods of the one that came last. */
static struct count
count_sets(const struct objects *store, const char *uid, int *newest)
{
    struct count sum = {0};
    const char *last = "";
    for (size_t i = 0; i < store->objects[DEMO_KIND_REPLICASET].len; i++) {
        const struct objects_version *set = store->objects[DEMO_KIND_REPLICASET].items[i];
        if (!set->owner || strcmp(set->owner, uid) != 0)
            continue;
        struct count one = count_pods(store, set->uid);
        const char *made = json_string_value(json_object_get(set->fields, "created"));
        sum.all += one.all;
        sum.ready += one.ready;
        if (made && strcmp(made, last) >= 0) {
            last = made;
            *newest = one.all;
        }
    }
    return sum;
}

static void
set_number(json_t *status, const char *name, int value)
{
    if (value > 0)
        json_object_set_new(status, name, json_integer(value));
}

/* The time of the last change of a condition is kept while it says the same. */
static json_t *
make_condition(const json_t *old_status, const char *type, const char *value, const char *reason,
               const char *now)
{
    const char *since = now;
    size_t i;
    json_t *old;
    json_array_foreach(json_object_get(old_status, "conditions"), i, old)
    {
        const char *old_type = json_string_value(json_object_get(old, "type"));
        const char *old_value = json_string_value(json_object_get(old, "status"));
        const char *old_since = json_string_value(json_object_get(old, "lastTransitionTime"));
        if (old_type && old_value && old_since && strcmp(old_type, type) == 0 &&
            strcmp(old_value, value) == 0)
            since = old_since;
    }
    return json_pack("{s:s,s:s,s:s,s:s}", "type", type, "status", value, "lastTransitionTime",
                     since, "reason", reason);
}

static json_t *
set_status(struct count count)
{
    json_t *status = json_pack("{s:i}", "replicas", count.all);
    set_number(status, "fullyLabeledReplicas", count.all);
    set_number(status, "readyReplicas", count.ready);
    set_number(status, "availableReplicas", count.ready);
    return status;
}

static json_t *
stateful_status(struct count count)
{
    json_t *status = json_pack("{s:i}", "replicas", count.all);
    set_number(status, "readyReplicas", count.ready);
    set_number(status, "availableReplicas", count.ready);
    set_number(status, "currentReplicas", count.all);
    set_number(status, "updatedReplicas", count.all);
    return status;
}

static int
wanted_of(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(json_object_get(object, "spec"), member);
    return json_is_integer(value) ? (int)json_integer_value(value) : 1;
}

static json_t *
deployment_status(struct count count, int newest, const json_t *object, const char *now)
{
    const json_t *old = json_object_get(object, "status");
    int wanted = wanted_of(object, "replicas");
    bool available = count.ready >= wanted - wanted / 4, complete = count.ready >= wanted;
    json_t *status = json_object();
    set_number(status, "replicas", count.all);
    set_number(status, "updatedReplicas", newest);
    set_number(status, "readyReplicas", count.ready);
    set_number(status, "availableReplicas", count.ready);
    set_number(status, "unavailableReplicas", IW_MAX(wanted, count.all) - count.ready);
    json_object_set_new(
        status, "conditions",
        json_pack("[o,o]",
                  make_condition(
                      old, "Available", available ? "True" : "False",
                      available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", now),
                  make_condition(old, "Progressing", "True",
                                 complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", now)));
    return status;
}

static json_t *
job_status(struct count count, const json_t *object, const char *now)
{
    const json_t *old = json_object_get(object, "status");
    const json_t *limit = json_object_get(json_object_get(object, "spec"), "backoffLimit");
    int most = json_is_integer(limit) ? (int)json_integer_value(limit) : 6;
    json_t *status = json_object();
    set_number(status, "active", count.all);
    set_number(status, "ready", count.ready);
    set_number(status, "succeeded", count.succeeded);
    set_number(status, "failed", count.failed);
    const char *start = json_string_value(
        json_object_get(json_object_get(object, "metadata"), "creationTimestamp"));
    json_object_set_new(status, "startTime", json_string(start ? start : now));
    if (count.succeeded >= wanted_of(object, "completions")) {
        json_t *complete = make_condition(old, "Complete", "True", "CompletionsReached", now);
        json_object_set(status, "completionTime", json_object_get(complete, "lastTransitionTime"));
        json_object_set_new(status, "conditions", json_pack("[o]", complete));
    } else if (count.failed > most) {
        json_object_set_new(
            status, "conditions",
            json_pack("[o]", make_condition(old, "Failed", "True", "BackoffLimitExceeded", now)));
    }
    return status;
}

static void
refresh_one(struct objects *store, enum demo_kind kind, struct objects_version *version,
            const char *now)
{
    json_t *object = json_loadb(version->bytes, version->len, 0, NULL);
    int newest = 0;
    struct count count = kind == DEMO_KIND_DEPLOYMENT ? count_sets(store, version->uid, &newest)
                                                      : count_pods(store, version->uid);
    json_t *status = kind == DEMO_KIND_DEPLOYMENT   ? deployment_status(count, newest, object, now)
                     : kind == DEMO_KIND_JOB        ? job_status(count, object, now)
                     : kind == DEMO_KIND_REPLICASET ? set_status(count)
                                                    : stateful_status(count);
    json_t *generation = json_object_get(json_object_get(object, "metadata"), "generation");
    if (generation && kind != DEMO_KIND_JOB)
        json_object_set(status, "observedGeneration", generation);
    if (json_equal(status, json_object_get(object, "status"))) {
        json_decref(status);
        json_decref(object);
        return;
    }
    json_object_set_new(object, "status", status);
    objects_put(store, kind, object);
}

/* The pod that goes when there is one too many: one that is not ready, or else the last. */
static const struct objects_version *
spare_pod(const struct objects *store, const char *uid)
{
    const struct objects_version *spare = NULL;
    for (size_t i = 0; i < store->objects[DEMO_KIND_POD].len; i++) {
        const struct objects_version *pod = store->objects[DEMO_KIND_POD].items[i];
        if (pod->owner && strcmp(pod->owner, uid) == 0 && !pod->deleting &&
            (!spare || !pod->ready || spare->ready))
            spare = pod;
    }
    return spare;
}

static const struct objects_version *
deployment_of(const struct objects *store, const struct objects_version *set)
{
    for (size_t i = 0; set->owner && i < store->objects[DEMO_KIND_DEPLOYMENT].len; i++) {
        const struct objects_version *found = store->objects[DEMO_KIND_DEPLOYMENT].items[i];
        if (strcmp(found->uid, set->owner) == 0)
            return found;
    }
    return NULL;
}

/* One step towards the number of pods that is wanted; the next comes with the next refresh. A
 * StatefulSet of the demo has one pod, and waits until the old one is gone. */
static void
keep_number(struct objects *store, enum demo_kind kind, const struct objects_version *version,
            const struct owners_hooks *hooks)
{
    struct count count = count_pods(store, version->uid);
    json_t *object = json_loadb(version->bytes, version->len, 0, NULL);
    int wanted = wanted_of(object, "replicas"), active = count.all - count.leaving;
    const struct objects_version *above =
        kind == DEMO_KIND_REPLICASET ? deployment_of(store, version) : NULL;
    json_t *deployment = above ? json_loadb(above->bytes, above->len, 0, NULL) : NULL;
    if (kind == DEMO_KIND_STATEFULSET) {
        wanted = IW_MIN(wanted, 1);
        active = count.all;
    }
    if (deployment && wanted_of(deployment, "replicas") != wanted)
        hooks->resize(hooks->ctx, object, wanted_of(deployment, "replicas"));
    else if (active < wanted)
        hooks->lacks_pod(hooks->ctx, kind, object);
    else if (active > wanted) {
        const struct objects_version *spare = spare_pod(store, version->uid);
        iw_autofree char *ns = iw_strdup(spare ? spare->ns : "");
        iw_autofree char *name = iw_strdup(spare ? spare->name : "");
        hooks->has_too_many(hooks->ctx, ns, name);
    }
    json_decref(deployment);
    json_decref(object);
}

void
owners_refresh(struct objects *store, int64_t now_wall_ms, const struct owners_hooks *hooks)
{
    static const enum demo_kind kinds[] = {DEMO_KIND_REPLICASET, DEMO_KIND_DEPLOYMENT,
                                           DEMO_KIND_STATEFULSET, DEMO_KIND_JOB};
    char now[40];
    rfc3339_format(now_wall_ms, false, now);
    for (size_t k = 0; k < IW_COUNTOF(kinds); k++) {
        for (size_t i = 0; i < store->objects[kinds[k]].len; i++)
            refresh_one(store, kinds[k], store->objects[kinds[k]].items[i], now);
    }
    for (size_t i = 0; i < store->objects[DEMO_KIND_REPLICASET].len; i++)
        keep_number(store, DEMO_KIND_REPLICASET, store->objects[DEMO_KIND_REPLICASET].items[i],
                    hooks);
    for (size_t i = 0; i < store->objects[DEMO_KIND_STATEFULSET].len; i++)
        keep_number(store, DEMO_KIND_STATEFULSET, store->objects[DEMO_KIND_STATEFULSET].items[i],
                    hooks);
}

static void
set_missing(json_t *object, const char *member, json_t *value)
{
    if (json_object_get(object, member))
        json_decref(value);
    else
        json_object_set_new(object, member, value);
}

/* kubectl describe relies on these. Ref: apis/apps/v1 and batch/v1 defaults.go. */
void
owners_default(enum demo_kind kind, json_t *object)
{
    json_t *spec = json_object_get(object, "spec");
    bool job = kind == DEMO_KIND_JOB, stateful = kind == DEMO_KIND_STATEFULSET;
    bool deployment = kind == DEMO_KIND_DEPLOYMENT;
    if (!spec || !(job || stateful || deployment || kind == DEMO_KIND_REPLICASET))
        return;
    if (job) {
        set_missing(spec, "parallelism", json_integer(1));
        set_missing(spec, "completions", json_integer(1));
        set_missing(spec, "backoffLimit", json_integer(6));
        set_missing(spec, "completionMode", json_string("NonIndexed"));
        set_missing(spec, "suspend", json_false());
        return;
    }
    set_missing(spec, "replicas", json_integer(1));
    if (deployment || stateful)
        set_missing(spec, "revisionHistoryLimit", json_integer(10));
    if (deployment) {
        set_missing(spec, "progressDeadlineSeconds", json_integer(600));
        set_missing(spec, "strategy",
                    json_pack("{s:s,s:{s:s,s:s}}", "type", "RollingUpdate", "rollingUpdate",
                              "maxSurge", "25%", "maxUnavailable", "25%"));
    }
    if (stateful) {
        set_missing(spec, "podManagementPolicy", json_string("OrderedReady"));
        set_missing(
            spec, "updateStrategy",
            json_pack("{s:s,s:{s:i}}", "type", "RollingUpdate", "rollingUpdate", "partition", 0));
    }
}

void
owners_keep_status(const struct objects *store, enum demo_kind kind, json_t *object)
{
    const json_t *meta = json_object_get(object, "metadata");
    bool ours = kind == DEMO_KIND_REPLICASET || kind == DEMO_KIND_DEPLOYMENT ||
                kind == DEMO_KIND_STATEFULSET || kind == DEMO_KIND_JOB;
    if (!ours || json_object_get(object, "status"))
        return;
    const struct objects_version *old =
        demo_store_find(store, kind, json_string_value(json_object_get(meta, "namespace")),
                        json_string_value(json_object_get(meta, "name")));
    json_t *before = old ? json_loadb(old->bytes, old->len, 0, NULL) : NULL;
    json_t *status = json_object_get(before, "status");
    if (status)
        json_object_set(object, "status", status);
    json_decref(before);
}
