/* sim_needs: what a pod needs of other objects, and what is said when it is not there: Secrets,
 * ConfigMaps, claims; and the user that a container may run as.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_internal.h"

static bool
is_optional(const json_t *reference)
{
    return json_is_true(json_object_get(reference, "optional"));
}

/* A Secret or ConfigMap reference of an environment variable; key NULL: the whole object. */
static char *
reference_problem(struct sim *sim, const char *ns, enum demo_kind kind, const json_t *reference)
{
    const char *name = json_string_value(json_object_get(reference, "name"));
    const char *key = json_string_value(json_object_get(reference, "key"));
    if (!name || is_optional(reference))
        return NULL;
    const struct sim_thing *thing = sim_thing_find(sim, kind, ns, name);
    bool secret = kind == DEMO_KIND_SECRET;
    if (!thing)
        return iw_asprintf("%s \"%s\" not found", secret ? "secret" : "configmap", name);
    if (key && !json_object_get(json_object_get(thing->object, "data"), key) &&
        !json_object_get(json_object_get(thing->object, "stringData"), key))
        return iw_asprintf("couldn't find key %s in %s %s/%s", key, secret ? "Secret" : "ConfigMap",
                           ns, name);
    return NULL;
}

/* runAsNonRoot against the user that is asked for; images are taken to run as root, as most do. */
static char *
user_problem(const struct sim_pod *pod, const json_t *container)
{
    const json_t *of_pod = json_object_get(json_object_get(pod->object, "spec"), "securityContext");
    const json_t *own = json_object_get(container, "securityContext");
    const json_t *non_root = json_object_get(own, "runAsNonRoot");
    const json_t *user = json_object_get(own, "runAsUser");
    const char *name = json_string_value(json_object_get(container, "name"));
    non_root = non_root ? non_root : json_object_get(of_pod, "runAsNonRoot");
    user = user ? user : json_object_get(of_pod, "runAsUser");
    if (!json_is_true(non_root) || (user && json_integer_value(user) != 0))
        return NULL;
    return iw_asprintf(user ? "container's runAsUser breaks non-root policy (pod: \"%s_%s(%s)\", "
                              "container: %s)"
                            : "container has runAsNonRoot and image will run as root (pod: "
                              "\"%s_%s(%s)\", container: %s)",
                       pod->name, pod->ns, pod->uid, name ? name : "");
}

char *
sim_config_problem(struct sim *sim, const struct sim_pod *pod, const json_t *container)
{
    size_t i;
    json_t *entry;
    char *problem = user_problem(pod, container);
    json_array_foreach(json_object_get(container, "envFrom"), i, entry)
    {
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_SECRET,
                                        json_object_get(entry, "secretRef"));
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_CONFIGMAP,
                                        json_object_get(entry, "configMapRef"));
    }
    json_array_foreach(json_object_get(container, "env"), i, entry)
    {
        const json_t *from = json_object_get(entry, "valueFrom");
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_SECRET,
                                        json_object_get(from, "secretKeyRef"));
        if (!problem)
            problem = reference_problem(sim, pod->ns, DEMO_KIND_CONFIGMAP,
                                        json_object_get(from, "configMapKeyRef"));
    }
    return problem;
}

char *
sim_mount_problem(struct sim *sim, const struct sim_pod *pod, const char **volume)
{
    const json_t *spec = json_object_get(pod->object, "spec");
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(spec, "volumes"), i, entry)
    {
        const json_t *map = json_object_get(entry, "configMap");
        const json_t *secret = json_object_get(entry, "secret");
        const json_t *name =
            map ? json_object_get(map, "name") : json_object_get(secret, "secretName");
        enum demo_kind kind = map ? DEMO_KIND_CONFIGMAP : DEMO_KIND_SECRET;
        if (!name || is_optional(map ? map : secret) ||
            sim_thing_find(sim, kind, pod->ns, json_string_value(name)))
            continue;
        *volume = json_string_value(json_object_get(entry, "name"));
        return iw_asprintf("%s \"%s\" not found", map ? "configmap" : "secret",
                           json_string_value(name));
    }
    return NULL;
}

bool
sim_claims_unbound(struct sim *sim, const struct sim_pod *pod)
{
    const json_t *spec = json_object_get(pod->object, "spec");
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(spec, "volumes"), i, entry)
    {
        const char *name = json_string_value(
            json_object_get(json_object_get(entry, "persistentVolumeClaim"), "claimName"));
        if (!name)
            continue;
        const struct sim_thing *claim = sim_thing_find(sim, DEMO_KIND_PVC, pod->ns, name);
        const char *phase = claim ? json_string_value(json_object_get(
                                        json_object_get(claim->object, "status"), "phase"))
                                  : NULL;
        if (!phase || strcmp(phase, "Bound") != 0)
            return true;
    }
    return false;
}
