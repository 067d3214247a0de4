/* api_scale: the scale subresource of what has replicas (`kubectl scale`). Ref: autoscaling/v1 Scale.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"

bool
api_has_scale(enum demo_kind kind)
{
    return kind == DEMO_KIND_DEPLOYMENT || kind == DEMO_KIND_REPLICASET ||
           kind == DEMO_KIND_STATEFULSET;
}

/* "app=web,tier=front" */
static json_t *
selector_text(const json_t *spec)
{
    struct strbuf text;
    strbuf_init(&text, 4096);
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(json_object_get(spec, "selector"), "matchLabels"), key,
                        value)
    {
        const char *label = json_string_value(value);
        strbuf_addf(&text, "%s%s=%s", text.len ? "," : "", key, label ? label : "");
    }
    json_t *out = json_string(text.len ? text.data : "");
    strbuf_free(&text);
    return out;
}

static json_t *
scale_of(const json_t *object)
{
    static const char *const kept[] = {"name", "namespace", "uid", "resourceVersion",
                                       "creationTimestamp"};
    const json_t *spec = json_object_get(object, "spec");
    json_t *meta = json_object();
    for (size_t i = 0; i < IW_COUNTOF(kept); i++) {
        json_t *value = json_object_get(json_object_get(object, "metadata"), kept[i]);
        if (value)
            json_object_set(meta, kept[i], value);
    }
    json_int_t now =
        json_integer_value(json_object_get(json_object_get(object, "status"), "replicas"));
    return json_pack("{s:s,s:s,s:o,s:{s:I},s:{s:I,s:o}}", "kind", "Scale", "apiVersion",
                     "autoscaling/v1", "metadata", meta, "spec", "replicas",
                     json_integer_value(json_object_get(spec, "replicas")), "status", "replicas",
                     now, "selector", selector_text(spec));
}

/* The Scale that the request asks for: a whole one (PUT) or a patch of the present one. New. */
static json_t *
wanted_scale(struct api_request *r, const json_t *object, struct iw_error *err)
{
    if (strcmp(r->method, "PUT") == 0)
        return api_body_object(r, err);
    const char *type =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    json_t *scale = scale_of(object);
    if (api_patch(scale, type ? type : "", &r->body, err) == IW_OK)
        return scale;
    json_decref(scale);
    return NULL;
}

static enum MHD_Result
set_scale(struct api_request *r, enum demo_kind kind, const char *ns, const char *name,
          json_t *object)
{
    struct iw_error err = {0};
    json_t *scale = wanted_scale(r, object, &err);
    json_t *replicas = json_object_get(json_object_get(scale, "spec"), "replicas");
    bool good = json_is_integer(replicas) && json_integer_value(replicas) >= 0 &&
                json_integer_value(replicas) <= API_REPLICAS_MAX;
    if (good) {
        json_object_set(json_object_get(object, "spec"), "replicas", replicas);
        good = player_update(r->server->config.player, kind, object, &err) == IW_OK;
    }
    json_decref(scale);
    if (!good)
        return api_send_status(r, 422, "Invalid", "spec.replicas: Invalid value: 0 to %d, please",
                               API_REPLICAS_MAX);
    player_run_until(r->server->config.player, sim_now_ms(player_sim(r->server->config.player)));
    const struct objects_version *now = demo_store_find(r->server->config.store, kind, ns, name);
    json_t *after = now ? api_version_json(now, kind) : NULL;
    enum MHD_Result answered = api_send_json(r, 200, scale_of(after ? after : object));
    json_decref(after);
    return answered;
}

enum MHD_Result
api_scale(struct api_request *r, enum demo_kind kind, const char *ns, const char *name)
{
    const struct objects_version *version =
        demo_store_find(r->server->config.store, kind, ns, name);
    if (!version)
        return api_send_not_found(r, kind, name);
    json_t *object = api_version_json(version, kind);
    enum MHD_Result answered;
    if (strcmp(r->method, "GET") == 0)
        answered = api_send_json(r, 200, scale_of(object));
    else if (strcmp(r->method, "PUT") == 0 || strcmp(r->method, "PATCH") == 0)
        answered = set_scale(r, kind, ns, name, object);
    else
        answered = api_no_method(r);
    json_decref(object);
    return answered;
}
