/* sim_shape: what all pods of one template share: the spec with its defaults, what their containers
 * do, what they ask for. A thousand pods of a Deployment have one of it.
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

/* "NAME@sha256:...", another one for each image. New. */
static char *
image_id_of(const char *image, const char *full)
{
    uint64_t digest = strmap_hash(image);
    char hex[65];
    sim_hex(&digest, 64, hex);
    return iw_asprintf("%s@sha256:%s", full, hex);
}

static enum iw_err
add_container(struct sim_shape *shape, const struct sim_origin *origin, json_t *spec, bool init,
              struct iw_error *err)
{
    struct sim_container *c = &shape->c[shape->count++];
    shape->inits += init;
    c->name = text_of(spec, "name");
    c->image = text_of(spec, "image");
    c->policy = text_of(spec, "restartPolicy");
    c->spec = spec;
    c->unwell = KUBELET_PROBES;
    if (!c->name || !c->image)
        return iw_fail(err, IW_ERR_PARSE, "a container needs a name and an image");
    bool sidecar = init && c->policy && strcmp(c->policy, "Always") == 0;
    c->role = sidecar ? SIM_SIDECAR : init ? SIM_INIT : SIM_APP;
    read_probe(spec, "startupProbe", &c->probe[SCRIPT_PROBE_STARTUP]);
    read_probe(spec, "readinessProbe", &c->probe[SCRIPT_PROBE_READINESS]);
    read_probe(spec, "livenessProbe", &c->probe[SCRIPT_PROBE_LIVENESS]);
    char full[300];
    c->image_full = iw_strdup(sim_image_full(c->image, full, sizeof(full)));
    c->image_id = image_id_of(c->image, c->image_full);
    json_t *entry = json_object_get(origin->scripts, c->name);
    if (!entry) {
        c->script = script_from_command(spec, c->role == SIM_INIT);
        return IW_OK;
    }
    enum iw_err code = script_from_scenario(entry, spec, c->role == SIM_INIT, &c->script, err);
    return code ? iw_wrap(err, "container %s", c->name) : IW_OK;
}

static enum iw_err
add_containers(struct sim_shape *shape, const struct sim_origin *origin, struct iw_error *err)
{
    static const char *const lists[] = {"initContainers", "containers"};
    size_t total = 0;
    for (size_t l = 0; l < IW_COUNTOF(lists); l++)
        total += json_array_size(json_object_get(shape->spec, lists[l]));
    if (total > SIM_CONTAINERS_MAX)
        return iw_fail(err, IW_ERR_TOO_BIG, "more than %d containers", SIM_CONTAINERS_MAX);
    if (json_array_size(json_object_get(shape->spec, "containers")) == 0)
        return iw_fail(err, IW_ERR_PARSE, "no containers");
    shape->c = iw_calloc(total, sizeof(*shape->c));
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(shape->spec, lists[l]), i, container)
        {
            enum iw_err code = add_container(shape, origin, container, l == 0, err);
            if (code)
                return code;
        }
    }
    return IW_OK;
}

struct sim_shape *
sim_shape_new(json_t *spec, const struct sim_origin *origin, struct iw_error *err)
{
    struct sim_shape *shape = iw_calloc(1, sizeof(*shape));
    shape->refs = 1;
    shape->spec = spec;
    sim_spec_default(spec);
    json_object_del(spec, "ephemeralContainers"); /* no pod is created with one */
    shape->node_wish = sim_node_known(text_of(spec, "nodeName"));
    json_object_del(spec, "nodeName");
    shape->policy = text_of(spec, "restartPolicy");
    shape->grace_ms = 1000 * (int64_t)int_or(spec, "terminationGracePeriodSeconds", 30);
    shape->deadline_ms = 1000 * (int64_t)int_or(spec, "activeDeadlineSeconds", 0);
    shape->qos = sim_qos_class(spec);
    sim_effective_requests(spec, &shape->cpu_milli, &shape->memory);
    if (add_containers(shape, origin, err) == IW_OK)
        return shape;
    sim_shape_unref(shape);
    return NULL;
}

struct sim_shape *
sim_shape_ref(struct sim_shape *shape)
{
    shape->refs++;
    return shape;
}

void
sim_shape_unref(struct sim_shape *shape)
{
    if (!shape || --shape->refs > 0)
        return;
    for (size_t i = 0; i < shape->count; i++) {
        script_unref(shape->c[i].script);
        free(shape->c[i].image_full);
        free(shape->c[i].image_id);
    }
    for (size_t i = 0; i < SIM_NODES; i++)
        json_decref(shape->on_node[i]);
    json_decref(shape->spec);
    free(shape->c);
    free(shape);
}

json_t *
sim_shape_spec_on(struct sim_shape *shape, int node)
{
    if (!shape->on_node[node]) {
        shape->on_node[node] = json_copy(shape->spec);
        json_object_set_new(shape->on_node[node], "nodeName", json_string(sim_node_names[node]));
    }
    return shape->on_node[node];
}
