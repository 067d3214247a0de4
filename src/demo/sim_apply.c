/* sim_apply: manifests become objects. What owns pods is left to the controllers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

static const char *
text_of(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}

static void
set_missing(json_t *object, const char *member, json_t *value)
{
    if (json_object_get(object, member))
        json_decref(value);
    else
        json_object_set_new(object, member, value);
}

/* --- a new pod --- */

static char *
owner_uid_of(const json_t *meta)
{
    size_t i;
    json_t *owner;
    json_array_foreach(json_object_get(meta, "ownerReferences"), i, owner)
    {
        const char *uid = text_of(owner, "uid");
        if (uid && json_is_true(json_object_get(owner, "controller")))
            return iw_strdup(uid);
    }
    return NULL;
}

static struct sim_pod *
pod_alloc(struct sim *sim, json_t *object, const struct sim_origin *origin, struct sim_shape *shape)
{
    struct sim_pod *pod = iw_calloc(1, sizeof(*pod));
    json_t *meta = json_object_get(object, "metadata");
    char uid[37];
    sim_uuid(sim, "pod", uid);
    pod->refs = 1;
    pod->object = object;
    pod->shape = sim_shape_ref(shape);
    pod->subject =
        sim_subject_new(DEMO_KIND_POD, text_of(meta, "namespace"), text_of(meta, "name"), uid);
    pod->ns = pod->subject->ns;
    pod->name = pod->subject->name;
    pod->uid = pod->subject->uid;
    pod->owner_uid = owner_uid_of(meta);
    pod->origin = sim_origin_ref(origin);
    pod->labels_seen = sim_label_bits(json_object_get(meta, "labels"));
    pod->rng = sim->config.seed ^ strmap_hash(pod->name) ^ sim->serial;
    pod->c = iw_calloc(shape->count, sizeof(*pod->c));
    memcpy(pod->c, shape->c, shape->count * sizeof(*pod->c));
    for (size_t i = 0; i < shape->count; i++)
        (void)script_ref(pod->c[i].script);
    pod->count = shape->count;
    pod->inits = shape->inits;
    pod->policy = shape->policy;
    pod->grace_ms = shape->grace_ms;
    pod->cpu_milli = shape->cpu_milli;
    pod->memory = shape->memory;
    pod->node_wish = shape->node_wish ? shape->node_wish : origin->node;
    pod->node = pod->node_only = -1;
    pod->create_ms = pod->tokens_ms = sim->now_ms;
    pod->event_tokens = SIM_EVENT_BURST;
    pod->sync_due_ms = pod->work_due_ms = pod->kill_done_ms = pod->delete_due_ms = SIM_NEVER;
    pod->finished_ms = pod->deadline_due_ms = SIM_NEVER;
    json_object_set_new(meta, "uid", json_string(uid));
    json_object_set_new(meta, "generation", json_integer(1));
    json_object_set_new(meta, "creationTimestamp", sim_time_json(sim, sim->now_ms));
    json_object_set(object, "spec", shape->spec);
    return pod;
}

/* A name of one of the demo's nodes that outlives the caller's. */
const char *
sim_node_known(const char *name)
{
    for (int i = 0; name && i < SIM_NODES; i++) {
        if (strcmp(name, sim_node_names[i]) == 0)
            return sim_node_names[i];
    }
    return NULL;
}

struct sim_pod *
sim_pod_new(struct sim *sim, json_t *object, const struct sim_origin *origin,
            struct sim_shape *shape, struct iw_error *err)
{
    if (sim->pods.len >= SIM_PODS_MAX) {
        json_decref(object);
        (void)iw_fail(err, IW_ERR_TOO_BIG, "the demo cluster holds %d pods at most", SIM_PODS_MAX);
        return NULL;
    }
    struct sim_pod *pod = pod_alloc(sim, object, origin, shape);
    iw_autofree char *refusal = sim_quota_refusal(sim, pod);
    if (refusal) {
        (void)iw_fail(err, IW_ERR_FORBIDDEN, "%s", refusal);
        sim_pod_unref(pod);
        return NULL;
    }
    pod->gated = json_array_size(json_object_get(shape->spec, "schedulingGates")) > 0;
    pod->schedule_due_ms = pod->gated ? SIM_NEVER : sim->now_ms + sim_jitter(pod, 20, 90);
    vec_push(&sim->pods, pod);
    sim_owner_adopt(sim, pod);
    sim_pod_publish(sim, pod);
    sim_queue_put(sim, pod);
    sim_tinker_inherit(sim, pod);
    return pod;
}

/* --- other objects --- */

static json_t *
claim_status(const json_t *spec, bool bound)
{
    json_t *status = json_pack("{s:s}", "phase", bound ? "Bound" : "Pending");
    if (bound) {
        json_object_set(status, "accessModes", json_object_get(spec, "accessModes"));
        json_object_set(status, "capacity",
                        json_object_get(json_object_get(spec, "resources"), "requests"));
    }
    return status;
}

/* A class was made: the claims that wait for it get their volumes. */
static void
bind_claims(struct sim *sim, const char *class)
{
    for (size_t i = 0; i < sim->things.len; i++) {
        const struct sim_thing *claim = sim->things.items[i];
        if (claim->kind != DEMO_KIND_PVC)
            continue;
        const json_t *spec = json_object_get(claim->object, "spec");
        const char *wanted = text_of(spec, "storageClassName");
        const char *phase = text_of(json_object_get(claim->object, "status"), "phase");
        if (!wanted || strcmp(wanted, class) != 0 || !phase || strcmp(phase, "Pending") != 0)
            continue;
        json_t *bound = json_deep_copy(claim->object);
        json_object_set_new(bound, "status", claim_status(spec, true));
        (void)sim_thing_put(sim, DEMO_KIND_PVC, claim->ns, bound, NULL);
    }
}

/* A claim is bound at once when its class exists, or none is named. */
void
sim_claim_put(struct sim *sim, const char *ns, json_t *claim, const struct sim_origin *origin)
{
    const json_t *spec = json_object_get(claim, "spec");
    const char *class = text_of(spec, "storageClassName");
    bool bound = !class || sim_thing_find(sim, DEMO_KIND_STORAGECLASS, "", class) != NULL;
    json_object_set_new(claim, "status", claim_status(spec, bound));
    bool known = sim_thing_find(sim, DEMO_KIND_PVC, ns,
                                text_of(json_object_get(claim, "metadata"), "name")) != NULL;
    const struct sim_thing *thing = sim_thing_put(sim, DEMO_KIND_PVC, ns, claim, origin);
    struct sim_happening what = {.type = "Warning",
                                 .reason = "ProvisioningFailed",
                                 .component = "persistentvolume-controller"};
    if (!bound && !known)
        sim_event_thing(sim, thing, what, "storageclass.storage.k8s.io \"%s\" not found", class);
}

/* --- one document --- */

static bool
find_kind(const char *kind, enum demo_kind *out)
{
    for (size_t i = 0; kind && i < DEMO_KIND_COUNT; i++) {
        if (strcmp(demo_kind_table[i].kind, kind) == 0) {
            *out = (enum demo_kind)i;
            return true;
        }
    }
    return false;
}

static void
ensure_namespace(struct sim *sim, const char *ns)
{
    if (sim_thing_find(sim, DEMO_KIND_NAMESPACE, "", ns))
        return;
    sim_thing_put(sim, DEMO_KIND_NAMESPACE, "",
                  json_pack("{s:{s:s,s:{s:s}},s:{s:[s]},s:{s:s}}", "metadata", "name", ns, "labels",
                            "kubernetes.io/metadata.name", ns, "spec", "finalizers", "kubernetes",
                            "status", "phase", "Active"),
                  NULL);
}

/* Secrets hold base64 in `data`; a manifest's stringData is never shown, so that it is only moved
 * as a key. */
static void
move_string_data(json_t *secret)
{
    json_t *plain = json_object_get(secret, "stringData");
    set_missing(secret, "data", json_object());
    const char *key;
    json_t *value;
    json_object_foreach(plain, key, value)
    {
        json_object_set_new(json_object_get(secret, "data"), key, json_string("ZGVtbw=="));
    }
    json_object_del(secret, "stringData");
    set_missing(secret, "type", json_string("Opaque"));
}

/* A service gets an address, derived from its name. */
static void
default_service(json_t *service)
{
    json_t *spec = json_object_get(service, "spec");
    const char *name = text_of(json_object_get(service, "metadata"), "name");
    uint64_t hash = strmap_hash(name);
    set_missing(spec, "type", json_string("ClusterIP"));
    json_t *ip = json_sprintf("10.96.%d.%d", (int)(hash % 200) + 10, (int)(hash / 251 % 250) + 2);
    set_missing(spec, "clusterIP", ip);
    set_missing(service, "status", json_pack("{s:{}}", "loadBalancer"));
}

static void
apply_thing(struct sim *sim, enum demo_kind kind, json_t *object, const char *ns,
            const struct sim_origin *origin)
{
    if (kind == DEMO_KIND_SECRET)
        move_string_data(object);
    else if (kind == DEMO_KIND_SERVICE)
        default_service(object);
    if (kind == DEMO_KIND_PVC)
        sim_claim_put(sim, ns, object, origin);
    else
        (void)sim_thing_put(sim, kind, demo_kind_table[kind].namespaced ? ns : "", object, origin);
    if (kind == DEMO_KIND_STORAGECLASS)
        bind_claims(sim, text_of(json_object_get(object, "metadata"), "name"));
}

/* A manifest of a pod that is there already: only its gates may go. */
static enum iw_err
apply_again(struct sim *sim, struct sim_pod *pod, const json_t *object, struct iw_error *err)
{
    const json_t *gates = json_object_get(json_object_get(object, "spec"), "schedulingGates");
    if (!pod->gated || json_array_size(gates) > 0)
        return iw_fail(err, IW_ERR_USAGE, "pod %s/%s exists already", pod->ns, pod->name);
    sim_pod_open_gates(sim, pod);
    return IW_OK;
}

static void
make_pod(struct sim *sim, json_t *object, const struct sim_origin *origin, struct iw_error *err)
{
    const char *name = text_of(json_object_get(object, "metadata"), "name");
    struct sim_shape *shape =
        sim_shape_new(json_incref(json_object_get(object, "spec")), origin, err);
    if (!shape) {
        (void)iw_wrap(err, "pod %s", name);
        return;
    }
    (void)sim_pod_new(sim, json_incref(object), origin, shape, err);
    sim_shape_unref(shape);
}

static enum iw_err
apply_pod(struct sim *sim, json_t *object, const struct sim_origin *origin, struct iw_error *err)
{
    const json_t *meta = json_object_get(object, "metadata");
    const char *ns = text_of(meta, "namespace"), *name = text_of(meta, "name");
    struct sim_pod *old = sim_pod_find(sim, ns, name);
    json_t *spec = json_object_get(object, "spec");
    struct iw_error why = {0};
    if (old)
        (void)apply_again(sim, old, object, &why);
    else if (!json_is_object(spec))
        (void)iw_fail(&why, IW_ERR_PARSE, "pod %s/%s has no spec", ns, name);
    else
        make_pod(sim, object, origin, &why);
    json_decref(object);
    if (why.code && err)
        *err = why;
    return why.code;
}

static enum iw_err
apply_list(struct sim *sim, const json_t *list, const struct sim_apply *how, struct iw_error *err)
{
    size_t i;
    json_t *item;
    bool left_out = false; /* an item of a kind that nobody plays keeps no other from its place */
    json_array_foreach(json_object_get(list, "items"), i, item)
    {
        enum iw_err code = sim_apply(sim, item, how, err);
        left_out = left_out || code == IW_ERR_UNSUPPORTED;
        if (code && code != IW_ERR_UNSUPPORTED)
            return code;
    }
    return left_out ? IW_ERR_UNSUPPORTED : IW_OK;
}

enum iw_err
sim_apply(struct sim *sim, const json_t *document, const struct sim_apply *how,
          struct iw_error *err)
{
    const char *kind_name = text_of(document, "kind");
    if (kind_name && strcmp(kind_name, "List") == 0)
        return apply_list(sim, document, how, err);
    enum demo_kind kind;
    const char *name = text_of(json_object_get(document, "metadata"), "name");
    if (!find_kind(kind_name, &kind))
        return iw_fail(err, IW_ERR_UNSUPPORTED, "the demo does not know kind %s",
                       kind_name ? kind_name : "(none)");
    if (!name)
        return iw_fail(err, IW_ERR_PARSE, "%s without metadata.name", kind_name);
    enum iw_err odd = sim_check(kind, document, err);
    if (odd)
        return iw_wrap(err, "%s %.80s", kind_name, name);
    json_t *object = json_deep_copy(document);
    json_object_del(object, "kind");
    json_object_del(object, "apiVersion");
    json_object_del(object, "status");
    json_t *meta = json_object_get(object, "metadata");
    if (demo_kind_table[kind].namespaced) {
        set_missing(meta, "namespace",
                    json_string(how->namespace_default ? how->namespace_default : "default"));
        ensure_namespace(sim, text_of(meta, "namespace"));
    }
    const char *ns = text_of(meta, "namespace");
    const struct sim_origin origin = {how->scripts, how->pod_names, sim_node_known(how->node),
                                      how->scenario};
    if (kind == DEMO_KIND_POD)
        return apply_pod(sim, object, &origin, err);
    apply_thing(sim, kind, object, ns ? ns : "", &origin);
    return IW_OK;
}
