/* sim_apply: manifests become objects; Deployments, StatefulSets and Jobs become pods.
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

/* --- containers of a new pod --- */

static int
int_or(const json_t *object, const char *member, int missing)
{
    const json_t *value = json_object_get(object, member);
    return json_is_integer(value) ? (int)json_integer_value(value) : missing;
}

static void
read_probe(const json_t *spec, const char *member, struct sim_probe_state *out)
{
    const json_t *probe = json_object_get(spec, member);
    out->due_ms = SIM_NEVER;
    if (!probe)
        return;
    out->set = true;
    out->delay_ms = 1000 * (int64_t)int_or(probe, "initialDelaySeconds", 0);
    out->period_ms = 1000 * (int64_t)IW_MAX(int_or(probe, "periodSeconds", 10), 1);
    out->fail_limit = int_or(probe, "failureThreshold", 3);
    out->pass_limit = int_or(probe, "successThreshold", 1);
}

static enum iw_err
add_container(struct sim_pod *pod, json_t *spec, bool init, const struct sim_apply *how,
              struct iw_error *err)
{
    if (pod->count == SIM_CONTAINERS_MAX)
        return iw_fail(err, IW_ERR_TOO_BIG, "pod %s has more than %d containers", pod->name,
                       SIM_CONTAINERS_MAX);
    struct sim_container *c = &pod->c[pod->count];
    c->name = text_of(spec, "name");
    c->image = text_of(spec, "image");
    c->policy = text_of(spec, "restartPolicy");
    c->spec = spec;
    c->unwell = KUBELET_PROBES;
    if (!c->name || !c->image)
        return iw_fail(err, IW_ERR_PARSE, "pod %s: a container needs a name and an image",
                       pod->name);
    bool sidecar = init && c->policy && strcmp(c->policy, "Always") == 0;
    c->role = sidecar ? SIM_SIDECAR : init ? SIM_INIT : SIM_APP;
    read_probe(spec, "startupProbe", &c->probe[SCRIPT_PROBE_STARTUP]);
    read_probe(spec, "readinessProbe", &c->probe[SCRIPT_PROBE_READINESS]);
    read_probe(spec, "livenessProbe", &c->probe[SCRIPT_PROBE_LIVENESS]);
    json_t *entry = json_object_get(how->scripts, c->name);
    if (entry) {
        enum iw_err code = script_from_scenario(entry, spec, c->role == SIM_INIT, &c->script, err);
        if (code)
            return iw_wrap(err, "container %s", c->name);
    } else {
        c->script = script_from_command(spec, c->role == SIM_INIT);
    }
    pod->count++;
    pod->inits += init;
    return IW_OK;
}

static enum iw_err
add_containers(struct sim_pod *pod, const struct sim_apply *how, struct iw_error *err)
{
    const json_t *spec = json_object_get(pod->object, "spec");
    static const char *const lists[] = {"initContainers", "containers"};
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(spec, lists[l]), i, container)
        {
            enum iw_err code = add_container(pod, container, l == 0, how, err);
            if (code)
                return code;
        }
    }
    if (pod->count == pod->inits)
        return iw_fail(err, IW_ERR_PARSE, "pod %s has no containers", pod->name);
    return IW_OK;
}

static struct sim_pod *
pod_alloc(struct sim *sim, json_t *object)
{
    struct sim_pod *pod = iw_calloc(1, sizeof(*pod));
    json_t *meta = json_object_get(object, "metadata");
    char uid[37];
    sim_uuid(sim, "pod", uid);
    pod->refs = 1;
    pod->object = object;
    pod->ns = iw_strdup(text_of(meta, "namespace"));
    pod->name = iw_strdup(text_of(meta, "name"));
    pod->uid = iw_strdup(uid);
    pod->rng = sim->config.seed ^ strmap_hash(pod->name) ^ sim->serial;
    const json_t *spec = json_object_get(object, "spec");
    size_t containers = json_array_size(json_object_get(spec, "initContainers")) +
                        json_array_size(json_object_get(spec, "containers"));
    pod->c = iw_calloc(IW_MAX(IW_MIN(containers, SIM_CONTAINERS_MAX), 1), sizeof(*pod->c));
    pod->node = -1;
    pod->create_ms = pod->tokens_ms = sim->now_ms;
    pod->event_tokens = SIM_EVENT_BURST;
    pod->sync_due_ms = pod->work_due_ms = pod->kill_done_ms = pod->delete_due_ms = SIM_NEVER;
    pod->finished_ms = SIM_NEVER;
    json_object_set_new(meta, "uid", json_string(uid));
    json_object_set_new(meta, "generation", json_integer(1));
    json_object_set_new(meta, "creationTimestamp", sim_time_json(sim, sim->now_ms));
    return pod;
}

/* Create a pod from a complete object (taken). NULL and err when it is not one. */
struct sim_pod *
sim_pod_new(struct sim *sim, json_t *object, const struct sim_apply *how, struct iw_error *err)
{
    json_t *spec = json_object_get(object, "spec");
    sim_spec_default(spec);
    json_object_del(spec, "ephemeralContainers"); /* no pod is created with one */
    struct sim_pod *pod = pod_alloc(sim, object);
    pod->policy = text_of(spec, "restartPolicy");
    pod->grace_ms = 1000 * (int64_t)int_or(spec, "terminationGracePeriodSeconds", 30);
    pod->node_wish = text_of(spec, "nodeName");
    if (!pod->node_wish && how->node)
        pod->node_wish = how->node;
    json_object_del(spec, "nodeName");
    for (int i = 0; i < SIM_NODES; i++) { /* only names that outlive the scenario are kept */
        if (pod->node_wish && strcmp(pod->node_wish, sim_node_names[i]) == 0)
            pod->node_wish = sim_node_names[i];
    }
    sim_effective_requests(spec, &pod->cpu_milli, &pod->memory);
    if (add_containers(pod, how, err)) {
        sim_pod_unref(pod);
        return NULL;
    }
    pod->schedule_due_ms = sim->now_ms + sim_jitter(pod, 20, 90);
    vec_push(&sim->pods, pod);
    sim_pod_publish(sim, pod);
    return pod;
}

/* --- owners --- */

static void
random_suffix(struct sim *sim, size_t length, char *out)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    uint64_t state = sim->config.seed ^ (++sim->serial * 0x2545f4914f6cdd1du);
    for (size_t i = 0; i < length; i++)
        out[i] = letters[sim_random(&state) % (sizeof(letters) - 1)];
    out[length] = '\0';
}

struct owner {
    const char *kind, *api, *name, *uid, *ns;
};

static enum iw_err
pod_from_template(struct sim *sim, const json_t *template, const struct owner *owner,
                  const char *name, const struct sim_apply *how, struct iw_error *err)
{
    json_t *object = json_deep_copy(template);
    set_missing(object, "metadata", json_object());
    json_t *meta = json_object_get(object, "metadata");
    json_object_set_new(meta, "name", json_string(name));
    json_object_set_new(meta, "generateName", json_sprintf("%s-", owner->name));
    json_object_set_new(meta, "namespace", json_string(owner->ns));
    json_object_set_new(meta, "ownerReferences",
                        json_pack("[{s:s,s:s,s:s,s:s,s:b,s:b}]", "apiVersion", owner->api, "kind",
                                  owner->kind, "name", owner->name, "uid", owner->uid, "controller",
                                  1, "blockOwnerDeletion", 1));
    return sim_pod_new(sim, object, how, err) ? IW_OK : IW_ERR_PARSE;
}

static json_t *
wished_names(const struct sim_apply *how, const char *owner)
{
    return json_object_get(how->pod_names, owner);
}

/* The pods of one owner that has a template: `replicas` of them, with given or made names. */
static enum iw_err
make_pods(struct sim *sim, const json_t *template, const struct owner *owner, int replicas,
          const struct sim_apply *how, const char *wish_key, struct iw_error *err)
{
    json_t *names = wished_names(how, wish_key);
    bool ordinal = strcmp(owner->kind, "StatefulSet") == 0;
    for (int i = 0; i < replicas; i++) {
        const char *wished = json_string_value(json_array_get(names, (size_t)i));
        char suffix[8];
        random_suffix(sim, 5, suffix);
        iw_autofree char *made = ordinal ? iw_asprintf("%s-%d", owner->name, i)
                                         : iw_asprintf("%s-%s", owner->name, suffix);
        const char *name = wished ? wished : made;
        if (sim_pod_find(sim, owner->ns, name))
            continue;
        enum iw_err code = pod_from_template(sim, template, owner, name, how, err);
        if (code)
            return code;
        iw_autofree char *message = iw_asprintf("Created pod: %s", name);
        json_t *involved =
            json_pack("{s:s,s:s,s:s,s:s,s:s}", "kind", owner->kind, "namespace", owner->ns, "name",
                      owner->name, "uid", owner->uid, "apiVersion", owner->api);
        sim_event_object(sim, involved,
                         ordinal                           ? "statefulset-controller"
                         : strcmp(owner->kind, "Job") == 0 ? "job-controller"
                                                           : "replicaset-controller",
                         "SuccessfulCreate", message);
        json_decref(involved);
    }
    return IW_OK;
}

static const char *
stored_uid(struct sim *sim, enum demo_kind kind, const char *ns, const char *name)
{
    const struct sim_thing *thing = sim_thing_find(sim, kind, ns, name);
    return thing ? text_of(json_object_get(thing->object, "metadata"), "uid") : "";
}

/* A Deployment gets its ReplicaSet; its name is taken from the wished pod name where there is one.
 */
static enum iw_err
apply_deployment(struct sim *sim, const json_t *object, const char *ns, const struct sim_apply *how,
                 struct iw_error *err)
{
    const char *name = text_of(json_object_get(object, "metadata"), "name");
    const json_t *spec = json_object_get(object, "spec");
    const char *wished = json_string_value(json_array_get(wished_names(how, name), 0));
    char hash[16];
    random_suffix(sim, 9, hash);
    const char *dash = wished ? strrchr(wished, '-') : NULL;
    iw_autofree char *rs_name =
        dash ? iw_strndup(wished, (size_t)(dash - wished)) : iw_asprintf("%s-%s", name, hash);
    json_t *rs =
        json_pack("{s:{s:s,s:s,s:[{s:s,s:s,s:s,s:s,s:b,s:b}]},s:O}", "metadata", "name", rs_name,
                  "namespace", ns, "ownerReferences", "apiVersion", "apps/v1", "kind", "Deployment",
                  "name", name, "uid", stored_uid(sim, DEMO_KIND_DEPLOYMENT, ns, name),
                  "controller", 1, "blockOwnerDeletion", 1, "spec", spec);
    sim_thing_put(sim, DEMO_KIND_REPLICASET, ns, rs);
    struct owner owner = {"ReplicaSet", "apps/v1", rs_name,
                          stored_uid(sim, DEMO_KIND_REPLICASET, ns, rs_name), ns};
    return make_pods(sim, json_object_get(spec, "template"), &owner, int_or(spec, "replicas", 1),
                     how, name, err);
}

/* A claim is bound at once when its class is the demo's own, "standard", or none is named. */
static void
set_claim_status(json_t *claim)
{
    const json_t *spec = json_object_get(claim, "spec");
    const char *class = text_of(spec, "storageClassName");
    bool bound = !class || strcmp(class, "standard") == 0;
    json_object_set_new(claim, "status", json_pack("{s:s}", "phase", bound ? "Bound" : "Pending"));
}

static json_t *
claim_for(const json_t *template, const char *set, const char *ns, json_t *pod_template)
{
    const char *volume = text_of(json_object_get(template, "metadata"), "name");
    json_t *name = json_sprintf("%s-%s-0", volume, set);
    json_t *spec = json_object_get(pod_template, "spec");
    set_missing(spec, "volumes", json_array());
    json_array_append_new(
        json_object_get(spec, "volumes"),
        json_pack("{s:s,s:{s:O}}", "name", volume, "persistentVolumeClaim", "claimName", name));
    json_t *claim = json_pack("{s:{s:o,s:s},s:O}", "metadata", "name", name, "namespace", ns,
                              "spec", json_object_get(template, "spec"));
    set_claim_status(claim);
    return claim;
}

/* One replica is enough for a demo: further ones would need a claim each. */
static enum iw_err
apply_statefulset(struct sim *sim, const json_t *object, const char *ns,
                  const struct sim_apply *how, struct iw_error *err)
{
    const char *name = text_of(json_object_get(object, "metadata"), "name");
    const json_t *spec = json_object_get(object, "spec");
    json_t *template = json_deep_copy(json_object_get(spec, "template"));
    size_t i;
    json_t *claim;
    json_array_foreach(json_object_get(spec, "volumeClaimTemplates"), i, claim)
    {
        sim_thing_put(sim, DEMO_KIND_PVC, ns, claim_for(claim, name, ns, template));
    }
    struct owner owner = {"StatefulSet", "apps/v1", name,
                          stored_uid(sim, DEMO_KIND_STATEFULSET, ns, name), ns};
    enum iw_err code = make_pods(sim, template, &owner, 1, how, name, err);
    json_decref(template);
    return code;
}

static enum iw_err
apply_job(struct sim *sim, const json_t *object, const char *ns, const struct sim_apply *how,
          struct iw_error *err)
{
    const char *name = text_of(json_object_get(object, "metadata"), "name");
    const json_t *spec = json_object_get(object, "spec");
    struct owner owner = {"Job", "batch/v1", name, stored_uid(sim, DEMO_KIND_JOB, ns, name), ns};
    return make_pods(sim, json_object_get(spec, "template"), &owner, 1, how, name, err);
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
                            "status", "phase", "Active"));
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

static enum iw_err
apply_thing(struct sim *sim, enum demo_kind kind, json_t *object, const char *ns,
            const struct sim_apply *how, struct iw_error *err)
{
    if (kind == DEMO_KIND_SECRET)
        move_string_data(object);
    else if (kind == DEMO_KIND_SERVICE)
        default_service(object);
    else if (kind == DEMO_KIND_PVC)
        set_claim_status(object);
    json_incref(object);
    sim_thing_put(sim, kind, demo_kind_table[kind].namespaced ? ns : "", object);
    enum iw_err code = IW_OK;
    if (kind == DEMO_KIND_DEPLOYMENT)
        code = apply_deployment(sim, object, ns, how, err);
    else if (kind == DEMO_KIND_STATEFULSET)
        code = apply_statefulset(sim, object, ns, how, err);
    else if (kind == DEMO_KIND_JOB)
        code = apply_job(sim, object, ns, how, err);
    json_decref(object);
    return code;
}

static enum iw_err
apply_list(struct sim *sim, const json_t *list, const struct sim_apply *how, struct iw_error *err)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(list, "items"), i, item)
    {
        enum iw_err code = sim_apply(sim, item, how, err);
        if (code)
            return code;
    }
    return IW_OK;
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
    if (kind != DEMO_KIND_POD)
        return apply_thing(sim, kind, object, ns ? ns : "", how, err);
    if (!json_is_object(json_object_get(object, "spec")) || sim_pod_find(sim, ns, name)) {
        enum iw_err code =
            iw_fail(err, IW_ERR_USAGE, "pod %s/%s exists already or has no spec", ns, name);
        json_decref(object);
        return code;
    }
    return sim_pod_new(sim, object, how, err) ? IW_OK : (err ? err->code : IW_ERR_PARSE);
}
