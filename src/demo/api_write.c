/* api_write: create, update, patch and server-side apply.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_check.h"
#include "initwatch/data/json_member.h"
#include "pbform.h"

/* --- create --- */

/* Events come from the cluster, nodes and slices too. */
static bool
is_creatable(enum demo_kind kind)
{
    return kind != DEMO_KIND_EVENT && kind != DEMO_KIND_NODE && kind != DEMO_KIND_ENDPOINTSLICE;
}

enum MHD_Result
api_no_method(struct api_request *r)
{
    return api_send_failure(r, 405, "MethodNotAllowed", json_object(),
                            "the server does not allow this method on the requested resource");
}

/* `object` is checked and complete; borrowed. */
static enum MHD_Result
create_checked(struct api_request *r, struct api_stream *s, json_t *object)
{
    enum MHD_Result answered = MHD_NO;
    enum demo_kind kind = s->form.kind;
    const struct demo_kind_info *info = &demo_kind_table[kind];
    json_t *meta = json_object_get(object, "metadata");
    const char *name = json_text_of(meta, "name");
    if (api_name_refused(r, kind, name, &answered) ||
        api_containers_refused(r, kind, object, &answered) ||
        api_namespace_refused(r, s, &answered))
        return answered;
    if (demo_store_find(r->server->config.store, kind, s->ns ? s->ns : "", name))
        return api_send_failure(r, 409, "AlreadyExists", api_details_of(kind, name),
                                "%s%s%s \"%s\" already exists", info->plural,
                                info->group[0] ? "." : "", info->group, name);
    if (api_is_dry_run(r))
        return api_send_dry(r, 201, object);
    iw_autofree char *kept = iw_strdup(name);
    static const char *const ours[] = {"uid", "resourceVersion", "creationTimestamp",
                                       "managedFields", "selfLink"};
    for (size_t i = 0; i < IW_COUNTOF(ours); i++)
        json_object_del(meta, ours[i]);
    json_object_set_new(object, "kind", json_string(info->kind));
    struct iw_error err = {0};
    enum iw_err code = player_create(r->server->config.player, object, s->ns, &err);
    if (code == IW_ERR_FORBIDDEN)
        return api_send_failure(r, 403, "Forbidden", api_details_of(kind, kept), "%s", err.msg);
    if (code)
        return api_refuse_field(r, kind, kept, "spec", err.msg);
    return api_send_stored(r, s, 201, kept);
}

enum MHD_Result
api_create(struct api_request *r, struct api_stream *s)
{
    char type[64];
    struct iw_error err = {0};
    enum MHD_Result answered = MHD_NO;
    api_content_type(r, type, sizeof(type));
    if (!is_creatable(s->form.kind) || (demo_kind_table[s->form.kind].namespaced && !s->ns))
        return api_no_method(r);
    if (type[0] && strcmp(type, "application/json") != 0 && strcmp(type, "application/yaml") != 0 &&
        strcmp(type, PBFORM_TYPE) != 0)
        return api_refuse_media(r, "application/json, application/yaml, " PBFORM_TYPE);
    json_t *object = api_body_object(r, &err);
    if (!object)
        return api_send_status(r, 400, "BadRequest", "the object provided is unrecognized: %s",
                               err.msg);
    if (!json_is_object(json_object_get(object, "metadata")))
        json_object_set_new(object, "metadata", json_object());
    api_make_name(r, json_object_get(object, "metadata"));
    if (!api_identity_refused(r, s, object, &answered) &&
        !api_fields_refused(r, s->form.kind, object, &answered))
        answered = create_checked(r, s, object);
    json_decref(object);
    return answered;
}

/* --- update --- */

/* Scheduling gates may go; nothing else of a pod's spec changes. */
static bool
same_pod_spec(const json_t *before, const json_t *after)
{
    json_t *was = json_copy(json_object_get(before, "spec"));
    json_t *is = json_copy(json_object_get(after, "spec"));
    if (json_array_size(json_object_get(is, "schedulingGates")) == 0) {
        json_object_del(was, "schedulingGates");
        json_object_del(is, "schedulingGates");
    }
    bool same = json_equal(was, is);
    json_decref(was);
    json_decref(is);
    return same;
}

/* Of a pod's spec hardly anything may change, and the demo changes none of it. */
static bool
change_refused(struct api_request *r, enum demo_kind kind, const json_t *before,
               const json_t *after, enum MHD_Result *answered)
{
    const char *name = json_text_of(api_meta_of(before), "name");
    if (strcmp(name, json_text_of(api_meta_of(after), "name")) != 0) {
        *answered = api_send_status(r, 400, "BadRequest",
                                    "the name of the object (%s) does not match the name on the "
                                    "URL (%s)",
                                    json_text_of(api_meta_of(after), "name"), name);
        return true;
    }
    const char *wanted = json_text_of(api_meta_of(after), "resourceVersion");
    if (wanted[0] && strcmp(wanted, json_text_of(api_meta_of(before), "resourceVersion")) != 0) {
        *answered = api_refuse_conflict(r, kind, name);
        return true;
    }
    if (kind != DEMO_KIND_POD || same_pod_spec(before, after))
        return api_containers_refused(r, kind, after, answered);
    *answered = api_refuse_field(
        r, kind, name, "spec",
        "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
        "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
        "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be "
        "set to 1 if it was previously negative), and the demo cluster plays no change of these");
    return true;
}

/* Store `after` (borrowed, a complete object) in place of `before`. */
static enum MHD_Result
store_update(struct api_request *r, struct api_stream *s, const json_t *before, json_t *after)
{
    static const char *const fixed[] = {"uid",
                                        "creationTimestamp",
                                        "namespace",
                                        "deletionTimestamp",
                                        "deletionGracePeriodSeconds",
                                        "ownerReferences"};
    enum MHD_Result answered = MHD_NO;
    json_t *meta = json_object_get(after, "metadata");
    for (size_t i = 0; i < IW_COUNTOF(fixed); i++) {
        json_t *value = json_object_get(api_meta_of(before), fixed[i]);
        if (value && !(i + 1 == IW_COUNTOF(fixed) && json_object_get(meta, fixed[i])))
            json_object_set(meta, fixed[i], value);
    }
    if (change_refused(r, s->form.kind, before, after, &answered))
        return answered;
    json_object_del(meta, "managedFields");
    json_object_set(meta, "resourceVersion",
                    json_object_get(api_meta_of(before), "resourceVersion"));
    json_t *status = json_object_get(before, "status");
    if (status)
        json_object_set(after, "status", status);
    else
        json_object_del(after, "status");
    iw_autofree char *name = iw_strdup(json_text_of(meta, "name"));
    if (api_is_dry_run(r))
        return api_send_dry(r, 200, after);
    struct iw_error err = {0};
    if (!json_equal(before, after) &&
        player_update(r->server->config.player, s->form.kind, after, &err))
        return api_refuse_field(r, s->form.kind, name, "spec", err.msg);
    return api_send_stored(r, s, 200, name);
}

static enum MHD_Result
put_one(struct api_request *r, struct api_stream *s, const json_t *before)
{
    struct iw_error err = {0};
    enum MHD_Result answered = MHD_NO;
    json_t *after = api_body_object(r, &err);
    if (!after || !json_is_object(json_object_get(after, "metadata")))
        answered = api_send_status(r, 400, "BadRequest", "the object provided is unrecognized: %s",
                                   err.msg);
    else if (!api_identity_refused(r, s, after, &answered) &&
             !api_fields_refused(r, s->form.kind, after, &answered))
        answered = store_update(r, s, before, after);
    json_decref(after);
    return answered;
}

/* --- server-side apply --- */

/* What the manager applied the time before; a new empty place when there is none. */
static struct api_applied *
applied_by(struct apiserver *server, enum demo_kind kind, const char *key, const char *manager)
{
    for (size_t i = 0; i < server->applied.len; i++) {
        struct api_applied *a = &server->applied.items[i];
        if (a->kind == kind && strcmp(a->key, key) == 0 && strcmp(a->manager, manager) == 0)
            return a;
    }
    struct api_applied made = {kind, iw_strdup(key), iw_strdup(manager), NULL};
    vec_push(&server->applied, made);
    return &server->applied.items[server->applied.len - 1];
}

static enum MHD_Result
apply_to(struct api_request *r, struct api_stream *s, const json_t *before, json_t *config)
{
    json_t *after;
    enum MHD_Result answered;
    const char *manager = api_query(r, "fieldManager");
    iw_autofree char *key =
        iw_asprintf("%s/%s", s->ns ? s->ns : "", json_text_of(api_meta_of(config), "name"));
    struct api_applied *last = applied_by(r->server, s->form.kind, key, manager);
    json_t *kept = json_deep_copy(config);
    if (before) {
        after = json_deep_copy(before);
        api_apply_config(after, last->config, config);
        answered = store_update(r, s, before, after);
    } else {
        after = json_object();
        api_apply_config(after, NULL, config);
        answered = create_checked(r, s, after);
    }
    json_decref(after);
    if (api_is_dry_run(r)) {
        json_decref(kept);
        return answered;
    }
    json_decref(last->config);
    last->config = kept;
    return answered;
}

static enum MHD_Result
apply_one(struct api_request *r, struct api_stream *s, const json_t *before, const char *name)
{
    struct iw_error err = {0};
    enum MHD_Result answered = MHD_NO;
    if (!api_query(r, "fieldManager"))
        return api_send_failure(r, 422, "Invalid", NULL,
                                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required "
                                "value: is required for apply patch");
    json_t *config = api_body_object(r, &err);
    json_t *meta = json_object_get(config, "metadata");
    if (!config || !json_is_object(meta)) {
        answered = api_send_status(r, 400, "BadRequest", "error decoding YAML: %s", err.msg);
    } else if (!json_text_of(config, "apiVersion")[0] || !json_text_of(config, "kind")[0]) {
        answered = api_send_status(r, 400, "BadRequest", "Object 'Kind' is missing in the body");
    } else if (!api_identity_refused(r, s, config, &answered) &&
               !api_fields_refused(r, s->form.kind, config, &answered)) {
        json_object_set_new(meta, "name", json_string(name));
        answered = apply_to(r, s, before, config);
    }
    json_decref(config);
    return answered;
}

static enum MHD_Result
patch_one(struct api_request *r, struct api_stream *s, const json_t *before, const char *type)
{
    static const char *const known[] = {"application/json-patch+json",
                                        "application/merge-patch+json",
                                        "application/strategic-merge-patch+json"};
    bool found = false;
    for (size_t i = 0; i < IW_COUNTOF(known); i++)
        found = found || strcmp(type, known[i]) == 0;
    if (!found)
        return api_refuse_media(r, "application/json-patch+json, application/merge-patch+json, "
                                   "application/strategic-merge-patch+json, "
                                   "application/apply-patch+yaml");
    struct iw_error err = {0};
    enum MHD_Result answered = MHD_NO;
    json_t *after = json_deep_copy(before);
    enum iw_err code = api_patch(after, type, &r->body, &err);
    if (code)
        answered = api_send_status(r, code == IW_ERR_PARSE ? 400 : 422,
                                   code == IW_ERR_PARSE ? "BadRequest" : "Invalid", "%s", err.msg);
    else if (!json_is_object(json_object_get(after, "metadata")))
        answered = api_send_status(r, 400, "BadRequest", "the patch leaves no metadata");
    else if (!api_fields_refused(r, s->form.kind, after, &answered))
        answered = store_update(r, s, before, after);
    json_decref(after);
    return answered;
}

enum MHD_Result
api_update(struct api_request *r, struct api_stream *s, const char *name)
{
    char type[64];
    api_content_type(r, type, sizeof(type));
    bool patch = strcmp(r->method, "PATCH") == 0;
    bool apply = patch && strcmp(type, "application/apply-patch+yaml") == 0;
    if (s->form.kind == DEMO_KIND_EVENT || s->form.kind == DEMO_KIND_ENDPOINTSLICE ||
        (demo_kind_table[s->form.kind].namespaced && !s->ns))
        return api_no_method(r);
    const struct objects_version *version =
        demo_store_find(r->server->config.store, s->form.kind, s->ns ? s->ns : "", name);
    if (!version && !(apply && is_creatable(s->form.kind)))
        return api_send_not_found(r, s->form.kind, name);
    if (version && version->synthetic)
        return api_no_method(r);
    json_t *before = version ? api_version_json(version, s->form.kind) : NULL;
    enum MHD_Result answered = apply   ? apply_one(r, s, before, name)
                               : patch ? patch_one(r, s, before, type)
                                       : put_one(r, s, before);
    json_decref(before);
    return answered;
}
