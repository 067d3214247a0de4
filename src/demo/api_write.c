/* api_write: create, update, patch, apply and delete.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api_internal.h"
#include "pbform.h"

#define NAME_MAX_BYTES 253
/* The namespace that the kubeconfig of the demo names. */
#define HOME_NAMESPACE "shop"

static const char *
text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

static const json_t *
meta_of(const json_t *object)
{
    return json_object_get(object, "metadata");
}

json_t *
api_version_json(const struct objects_version *version, enum demo_kind kind)
{
    struct strbuf text;
    strbuf_init(&text, 0);
    objects_render(version, kind, true, &text);
    json_t *object = json_loadb(text.data, text.len, 0, NULL);
    strbuf_free(&text);
    return object;
}

/* --- refusals --- */

static json_t *
details_of(enum demo_kind kind, const char *name)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    json_t *details = json_pack("{s:s,s:s}", "name", name, "kind", info->plural);
    if (info->group[0])
        json_object_set_new(details, "group", json_string(info->group));
    return details;
}

/* 422 with one cause: "spec.containers: Required value". */
static enum MHD_Result
refuse_field(struct api_request *r, enum demo_kind kind, const char *name, const char *field,
             const char *why)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    bool required = strncmp(why, "Required", 8) == 0, invalid = strncmp(why, "Invalid", 7) == 0;
    json_t *details = details_of(kind, name);
    json_object_set_new(details, "kind", json_string(info->kind));
    json_object_set_new(details, "causes",
                        json_pack("[{s:s,s:s,s:s}]", "reason",
                                  required  ? "FieldValueRequired"
                                  : invalid ? "FieldValueInvalid"
                                            : "FieldValueForbidden",
                                  "message", why, "field", field));
    return api_send_failure(r, 422, "Invalid", details, "%s%s%s \"%s\" is invalid: %s: %s",
                            info->kind, info->group[0] ? "." : "", info->group, name, field, why);
}

static enum MHD_Result
refuse_media(struct api_request *r, const char *accepted)
{
    return api_send_status(r, 415, "UnsupportedMediaType",
                           "the body of the request was in an unknown format - accepted media "
                           "types include: %s",
                           accepted);
}

static enum MHD_Result
refuse_conflict(struct api_request *r, enum demo_kind kind, const char *name)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    return api_send_failure(r, 409, "Conflict", details_of(kind, name),
                            "Operation cannot be fulfilled on %s%s%s \"%s\": the object has been "
                            "modified; please apply your changes to the latest version and try "
                            "again",
                            info->plural, info->group[0] ? "." : "", info->group, name);
}

/* The first part of a Content-Type header, in lower case. */
static void
content_type(const struct api_request *r, char *out, size_t out_size)
{
    const char *header =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE);
    (void)snprintf(out, out_size, "%.*s", (int)strcspn(header ? header : "", "; "),
                   header ? header : "");
    for (char *p = out; *p; p++)
        *p = (char)tolower((unsigned char)*p);
}

/* --- what a body must be --- */

static bool
name_is_valid(const char *name)
{
    size_t len = strlen(name);
    if (len > NAME_MAX_BYTES || !isalnum((unsigned char)name[0]) ||
        !isalnum((unsigned char)name[len - 1]))
        return false;
    for (const char *p = name; *p; p++) {
        if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '-' && *p != '.')
            return false;
    }
    return true;
}

static void
make_name(struct api_request *r, json_t *meta)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    const char *stem = text_of(meta, "generateName");
    uint64_t state = r->server->config.store->rv * 0x9e3779b97f4a7c15u;
    char suffix[6] = "";
    if (text_of(meta, "name")[0] || !stem[0])
        return;
    for (size_t i = 0; i < 5; i++) {
        state = (state ^ (state >> 29)) * 0xbf58476d1ce4e5b9u;
        suffix[i] = letters[(state >> 33) % (sizeof(letters) - 1)];
    }
    json_object_set_new(meta, "name", json_sprintf("%s%s", stem, suffix));
}

/* The containers of a pod, or of the pods that an owner makes. NULL path: the kind has none. */
static const json_t *
containers_of(enum demo_kind kind, const json_t *object, const char **path)
{
    const json_t *spec = json_object_get(object, "spec");
    *path = "spec";
    if (kind == DEMO_KIND_DEPLOYMENT || kind == DEMO_KIND_REPLICASET ||
        kind == DEMO_KIND_STATEFULSET || kind == DEMO_KIND_JOB) {
        *path = "spec.template.spec";
        spec = json_object_get(json_object_get(spec, "template"), "spec");
    } else if (kind != DEMO_KIND_POD) {
        *path = NULL;
    }
    return spec;
}

/* True when the containers were found wrong and the request is answered. */
static bool
containers_refused(struct api_request *r, enum demo_kind kind, const json_t *object,
                   enum MHD_Result *answered)
{
    static const char *const lists[] = {"initContainers", "containers"};
    const char *path;
    const json_t *spec = containers_of(kind, object, &path);
    const char *name = text_of(meta_of(object), "name");
    char field[160];
    if (!path)
        return false;
    (void)snprintf(field, sizeof(field), "%s.containers", path);
    bool bad = json_array_size(json_object_get(spec, "containers")) == 0;
    const char *why = "Required value";
    for (size_t l = 0; !bad && l < IW_COUNTOF(lists); l++) {
        const json_t *list = json_object_get(spec, lists[l]);
        for (size_t i = 0; !bad && i < json_array_size(list); i++) {
            const json_t *container = json_array_get(list, i);
            const char *missing = !text_of(container, "name")[0]    ? "name"
                                  : !text_of(container, "image")[0] ? "image"
                                                                    : NULL;
            bad = missing != NULL;
            if (bad)
                (void)snprintf(field, sizeof(field), "%s.%s[%zu].%s", path, lists[l], i, missing);
        }
    }
    if (bad)
        *answered = refuse_field(r, kind, name, field, why);
    return bad;
}

/* Unknown fields, as the query asks: refused, warned of, or dropped without a word. */
static bool
fields_refused(struct api_request *r, enum demo_kind kind, const json_t *object,
               enum MHD_Result *answered)
{
    const char *mode = api_query(r, "fieldValidation");
    struct strbuf text;
    strbuf_init(&text, 8192);
    api_schema_check(kind, object, &text);
    bool bad = text.len > 0 && mode && strcmp(mode, "Strict") == 0;
    if (bad) {
        const struct demo_kind_info *info = &demo_kind_table[kind];
        *answered = api_send_status(r, 400, "BadRequest",
                                    "%s in version \"%s\" cannot be handled as a %s: strict "
                                    "decoding error: %s",
                                    info->kind, info->version, info->kind, text.data);
    } else if (text.len > 0 && (!mode || strcmp(mode, "Ignore") != 0)) {
        r->warning = strbuf_take(&text);
    }
    strbuf_free(&text);
    return bad;
}

static bool
identity_refused(struct api_request *r, const struct api_stream *s, const json_t *object,
                 enum MHD_Result *answered)
{
    const struct demo_kind_info *info = &demo_kind_table[s->form.kind];
    iw_autofree char *version =
        iw_asprintf("%s%s%s", info->group, info->group[0] ? "/" : "", info->version);
    const char *given = text_of(object, "apiVersion"), *kind = text_of(object, "kind");
    const char *ns = text_of(meta_of(object), "namespace");
    if (given[0] && strcmp(given, version) != 0)
        *answered = api_send_status(r, 400, "BadRequest",
                                    "the API version in the data (%s) does not match the expected "
                                    "API version (%s)",
                                    given, version);
    else if (kind[0] && strcmp(kind, info->kind) != 0)
        *answered = api_send_status(r, 400, "BadRequest",
                                    "%s in version \"%s\" cannot be handled as a %s: converting "
                                    "(%s) to (%s): unknown conversion",
                                    kind, info->version, info->kind, kind, info->kind);
    else if (ns[0] && s->ns && strcmp(ns, s->ns) != 0)
        *answered = api_send_status(r, 400, "BadRequest",
                                    "the namespace of the provided object does not match the "
                                    "namespace sent on the request");
    else
        return false;
    return true;
}

static bool
name_refused(struct api_request *r, enum demo_kind kind, const char *name,
             enum MHD_Result *answered)
{
    if (!name[0])
        *answered = refuse_field(r, kind, "", "metadata.name",
                                 "Required value: name or generateName is required");
    else if (!name_is_valid(name))
        *answered = refuse_field(
            r, kind, name, "metadata.name",
            "Invalid value: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
            "characters, '-' or '.', and must start and end with an alphanumeric character");
    else
        return false;
    return true;
}

static bool
namespace_refused(struct api_request *r, const struct api_stream *s, enum MHD_Result *answered)
{
    if (!s->ns || strcmp(s->ns, "default") == 0 || strcmp(s->ns, HOME_NAMESPACE) == 0 ||
        demo_store_find(r->server->config.store, DEMO_KIND_NAMESPACE, "", s->ns))
        return false;
    *answered = api_send_not_found(r, DEMO_KIND_NAMESPACE, s->ns);
    return true;
}

static bool
is_dry_run(const struct api_request *r)
{
    const char *value = api_query(r, "dryRun");
    return value && strcmp(value, "All") == 0;
}

static enum MHD_Result
send_object(struct api_request *r, struct api_stream *s, unsigned code, const char *name)
{
    struct objects_version *version =
        demo_store_find(r->server->config.store, s->form.kind, s->ns ? s->ns : "", name);
    return version ? api_send_object(r, s, code, version)
                   : api_send_not_found(r, s->form.kind, name);
}

static enum MHD_Result
send_dry(struct api_request *r, unsigned code, const json_t *object)
{
    return api_send_json(r, code, json_deep_copy(object));
}

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
    const char *name = text_of(meta, "name");
    if (name_refused(r, kind, name, &answered) || containers_refused(r, kind, object, &answered) ||
        namespace_refused(r, s, &answered))
        return answered;
    if (demo_store_find(r->server->config.store, kind, s->ns ? s->ns : "", name))
        return api_send_failure(r, 409, "AlreadyExists", details_of(kind, name),
                                "%s%s%s \"%s\" already exists", info->plural,
                                info->group[0] ? "." : "", info->group, name);
    if (is_dry_run(r))
        return send_dry(r, 201, object);
    iw_autofree char *kept = iw_strdup(name);
    static const char *const ours[] = {"uid", "resourceVersion", "creationTimestamp",
                                       "managedFields", "selfLink"};
    for (size_t i = 0; i < IW_COUNTOF(ours); i++)
        json_object_del(meta, ours[i]);
    json_object_set_new(object, "kind", json_string(info->kind));
    struct iw_error err = {0};
    enum iw_err code = player_create(r->server->config.player, object, s->ns, &err);
    if (code == IW_ERR_FORBIDDEN)
        return api_send_failure(r, 403, "Forbidden", details_of(kind, kept), "%s", err.msg);
    if (code)
        return refuse_field(r, kind, kept, "spec", err.msg);
    return send_object(r, s, 201, kept);
}

enum MHD_Result
api_create(struct api_request *r, struct api_stream *s)
{
    char type[64];
    struct iw_error err = {0};
    enum MHD_Result answered = MHD_NO;
    content_type(r, type, sizeof(type));
    if (!is_creatable(s->form.kind) || (demo_kind_table[s->form.kind].namespaced && !s->ns))
        return api_no_method(r);
    if (type[0] && strcmp(type, "application/json") != 0 && strcmp(type, "application/yaml") != 0 &&
        strcmp(type, PBFORM_TYPE) != 0)
        return refuse_media(r, "application/json, application/yaml, " PBFORM_TYPE);
    json_t *object = api_body_object(r, &err);
    if (!object)
        return api_send_status(r, 400, "BadRequest", "the object provided is unrecognized: %s",
                               err.msg);
    if (!json_is_object(json_object_get(object, "metadata")))
        json_object_set_new(object, "metadata", json_object());
    make_name(r, json_object_get(object, "metadata"));
    if (!identity_refused(r, s, object, &answered) &&
        !fields_refused(r, s->form.kind, object, &answered))
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
    const char *name = text_of(meta_of(before), "name");
    if (strcmp(name, text_of(meta_of(after), "name")) != 0) {
        *answered = api_send_status(r, 400, "BadRequest",
                                    "the name of the object (%s) does not match the name on the "
                                    "URL (%s)",
                                    text_of(meta_of(after), "name"), name);
        return true;
    }
    const char *wanted = text_of(meta_of(after), "resourceVersion");
    if (wanted[0] && strcmp(wanted, text_of(meta_of(before), "resourceVersion")) != 0) {
        *answered = refuse_conflict(r, kind, name);
        return true;
    }
    if (kind != DEMO_KIND_POD || same_pod_spec(before, after))
        return containers_refused(r, kind, after, answered);
    *answered = refuse_field(
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
        json_t *value = json_object_get(meta_of(before), fixed[i]);
        if (value && !(i + 1 == IW_COUNTOF(fixed) && json_object_get(meta, fixed[i])))
            json_object_set(meta, fixed[i], value);
    }
    if (change_refused(r, s->form.kind, before, after, &answered))
        return answered;
    json_object_del(meta, "managedFields");
    json_object_set(meta, "resourceVersion", json_object_get(meta_of(before), "resourceVersion"));
    json_t *status = json_object_get(before, "status");
    if (status)
        json_object_set(after, "status", status);
    else
        json_object_del(after, "status");
    iw_autofree char *name = iw_strdup(text_of(meta, "name"));
    if (is_dry_run(r))
        return send_dry(r, 200, after);
    struct iw_error err = {0};
    if (!json_equal(before, after) &&
        player_update(r->server->config.player, s->form.kind, after, &err))
        return refuse_field(r, s->form.kind, name, "spec", err.msg);
    return send_object(r, s, 200, name);
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
    else if (!identity_refused(r, s, after, &answered) &&
             !fields_refused(r, s->form.kind, after, &answered))
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
        iw_asprintf("%s/%s", s->ns ? s->ns : "", text_of(meta_of(config), "name"));
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
    if (is_dry_run(r)) {
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
    } else if (!text_of(config, "apiVersion")[0] || !text_of(config, "kind")[0]) {
        answered = api_send_status(r, 400, "BadRequest", "Object 'Kind' is missing in the body");
    } else if (!identity_refused(r, s, config, &answered) &&
               !fields_refused(r, s->form.kind, config, &answered)) {
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
        return refuse_media(r, "application/json-patch+json, application/merge-patch+json, "
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
    else if (!fields_refused(r, s->form.kind, after, &answered))
        answered = store_update(r, s, before, after);
    json_decref(after);
    return answered;
}

enum MHD_Result
api_update(struct api_request *r, struct api_stream *s, const char *name)
{
    char type[64];
    content_type(r, type, sizeof(type));
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

/* --- delete --- */

struct deletion {
    int64_t grace_s;
    bool orphan, dry;
};

static void delete_dependents(struct apiserver *server, const char *uid);

static void
delete_now(struct apiserver *server, enum demo_kind kind, const struct objects_version *version,
           const struct deletion *how)
{
    struct sim *sim = player_sim(server->config.player);
    iw_autofree char *ns = iw_strdup(version->ns);
    iw_autofree char *name = iw_strdup(version->name);
    iw_autofree char *uid = iw_strdup(version->uid);
    if (kind == DEMO_KIND_POD)
        (void)sim_delete_pod(sim, ns, name, how->grace_s);
    else if (!sim_delete_object(sim, kind, ns, name))
        objects_gone(server->config.store, kind, ns, name); /* an event */
    if (kind != DEMO_KIND_POD && !how->orphan && uid[0])
        delete_dependents(server, uid);
}

/* The objects that match are collected first: deleting changes the lists. */
struct doomed {
    VEC(struct objects_version *) items;
};

static void
take_owned(struct apiserver *server, enum demo_kind kind, const char *uid, struct doomed *out)
{
    struct objects *store = server->config.store;
    for (size_t i = 0; i < store->objects[kind].len; i++) {
        struct objects_version *version = store->objects[kind].items[i];
        if (version->owner && strcmp(version->owner, uid) == 0) {
            struct objects_version *held = objects_version_ref(version);
            vec_push(&out->items, held);
        }
    }
}

static void
take_namespace(struct apiserver *server, enum demo_kind kind, const char *ns, struct doomed *out)
{
    struct objects *store = server->config.store;
    for (size_t i = 0; demo_kind_table[kind].namespaced && i < store->objects[kind].len; i++) {
        struct objects_version *version = store->objects[kind].items[i];
        if (strcmp(version->ns, ns) == 0 && !version->synthetic) {
            struct objects_version *held = objects_version_ref(version);
            vec_push(&out->items, held);
        }
    }
}

static void
delete_doomed(struct apiserver *server, enum demo_kind kind, struct doomed *doomed)
{
    const struct deletion how = {.grace_s = -1};
    for (size_t i = 0; i < doomed->items.len; i++) {
        struct objects_version *version = doomed->items.items[i];
        if (demo_store_find(server->config.store, kind, version->ns, version->name))
            delete_now(server, kind, version, &how);
        objects_version_unref(version);
    }
    vec_free(&doomed->items);
}

/* The garbage collector, without its delay. */
static void
delete_dependents(struct apiserver *server, const char *uid)
{
    for (size_t kind = 0; kind < DEMO_KIND_COUNT; kind++) {
        struct doomed doomed = {0};
        if (kind == DEMO_KIND_EVENT)
            continue;
        take_owned(server, (enum demo_kind)kind, uid, &doomed);
        delete_doomed(server, (enum demo_kind)kind, &doomed);
    }
}

static void
empty_namespace(struct apiserver *server, const char *ns)
{
    for (size_t kind = 0; kind < DEMO_KIND_COUNT; kind++) {
        struct doomed doomed = {0};
        take_namespace(server, (enum demo_kind)kind, ns, &doomed);
        delete_doomed(server, (enum demo_kind)kind, &doomed);
    }
}

static struct deletion
read_deletion(const struct api_request *r)
{
    struct deletion how = {.grace_s = api_query_int(r, "gracePeriodSeconds", -1)};
    const char *policy = api_query(r, "propagationPolicy");
    struct iw_error ignored = {0}; /* what cannot be read asks for nothing */
    json_t *body = r->body.len ? api_body_object(r, &ignored) : NULL;
    const json_t *wish = json_object_get(body, "gracePeriodSeconds");
    if (json_is_integer(wish))
        how.grace_s = json_integer_value(wish);
    if (text_of(body, "propagationPolicy")[0])
        policy = text_of(body, "propagationPolicy");
    how.orphan = policy && strcmp(policy, "Orphan") == 0;
    how.dry = is_dry_run(r) || json_array_size(json_object_get(body, "dryRun")) > 0;
    json_decref(body);
    return how;
}

enum MHD_Result
api_delete(struct api_request *r, struct api_stream *s, const char *name)
{
    struct apiserver *server = r->server;
    enum demo_kind kind = s->form.kind;
    const char *ns = s->ns ? s->ns : "";
    struct deletion how = read_deletion(r);
    struct objects_version *before = demo_store_find(server->config.store, kind, ns, name);
    if (!before)
        return api_send_not_found(r, kind, name);
    (void)objects_version_ref(before);
    if (!how.dry && kind == DEMO_KIND_NAMESPACE)
        empty_namespace(server, name);
    if (!how.dry)
        delete_now(server, kind, before, &how);
    struct objects_version *after = demo_store_find(server->config.store, kind, ns, name);
    enum MHD_Result result;
    if (kind == DEMO_KIND_POD) {
        result = api_send_object(r, s, 200, after ? after : before);
    } else {
        json_t *details = details_of(kind, name);
        json_object_set_new(details, "uid", json_string(before->uid));
        result =
            api_send_json(r, 200,
                          json_pack("{s:s,s:s,s:{},s:s,s:o}", "kind", "Status", "apiVersion", "v1",
                                    "metadata", "status", "Success", "details", details));
    }
    objects_version_unref(before);
    return result;
}

enum MHD_Result
api_delete_many(struct api_request *r, struct api_stream *s)
{
    struct apiserver *server = r->server;
    struct objects *store = server->config.store;
    struct deletion how = read_deletion(r);
    struct doomed doomed = {0};
    for (size_t i = 0; i < store->objects[s->form.kind].len; i++) {
        struct objects_version *version = store->objects[s->form.kind].items[i];
        if ((s->ns && strcmp(version->ns, s->ns) != 0) || version->synthetic ||
            !api_selector_matches(&s->selector, s->form.kind, version))
            continue;
        struct objects_version *held = objects_version_ref(version);
        vec_push(&doomed.items, held);
    }
    for (size_t i = 0; i < doomed.items.len; i++) {
        if (!how.dry)
            delete_now(server, s->form.kind, doomed.items.items[i], &how);
        objects_version_unref(doomed.items.items[i]);
    }
    size_t count = doomed.items.len;
    vec_free(&doomed.items);
    return api_send_json(r, 200,
                         json_pack("{s:s,s:s,s:{},s:s,s:o}", "kind", "Status", "apiVersion", "v1",
                                   "metadata", "status", "Success", "message",
                                   json_sprintf("%zu deleted", count)));
}
