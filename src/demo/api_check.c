/* api_check: see api_check.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "api_check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/data/json_member.h"
#include "pbform.h"

#define NAME_MAX_BYTES 253
/* The namespace that the kubeconfig of the demo names. */
#define HOME_NAMESPACE "shop"

const json_t *
api_meta_of(const json_t *object)
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

json_t *
api_details_of(enum demo_kind kind, const char *name)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    json_t *details = json_pack("{s:s,s:s}", "name", name, "kind", info->plural);
    if (info->group[0])
        json_object_set_new(details, "group", json_string(info->group));
    return details;
}

enum MHD_Result
api_refuse_field(struct api_request *r, enum demo_kind kind, const char *name, const char *field,
                 const char *why)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    bool required = strncmp(why, "Required", 8) == 0, invalid = strncmp(why, "Invalid", 7) == 0;
    json_t *details = api_details_of(kind, name);
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

enum MHD_Result
api_refuse_media(struct api_request *r, const char *accepted)
{
    return api_send_status(r, 415, "UnsupportedMediaType",
                           "the body of the request was in an unknown format - accepted media "
                           "types include: %s",
                           accepted);
}

enum MHD_Result
api_refuse_conflict(struct api_request *r, enum demo_kind kind, const char *name)
{
    const struct demo_kind_info *info = &demo_kind_table[kind];
    return api_send_failure(r, 409, "Conflict", api_details_of(kind, name),
                            "Operation cannot be fulfilled on %s%s%s \"%s\": the object has been "
                            "modified; please apply your changes to the latest version and try "
                            "again",
                            info->plural, info->group[0] ? "." : "", info->group, name);
}

void
api_content_type(const struct api_request *r, char *out, size_t out_size)
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

void
api_make_name(struct api_request *r, json_t *meta)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    const char *stem = json_text_of(meta, "generateName");
    uint64_t state = r->server->config.store->rv * 0x9e3779b97f4a7c15u;
    char suffix[6] = "";
    if (json_text_of(meta, "name")[0] || !stem[0])
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
        kind == DEMO_KIND_STATEFULSET || kind == DEMO_KIND_DAEMONSET || kind == DEMO_KIND_JOB) {
        *path = "spec.template.spec";
        spec = json_object_get(json_object_get(spec, "template"), "spec");
    } else if (kind != DEMO_KIND_POD) {
        *path = NULL;
    }
    return spec;
}

bool
api_containers_refused(struct api_request *r, enum demo_kind kind, const json_t *object,
                       enum MHD_Result *answered)
{
    static const char *const lists[] = {"initContainers", "containers"};
    const char *path;
    const json_t *spec = containers_of(kind, object, &path);
    const char *name = json_text_of(api_meta_of(object), "name");
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
            const char *missing = !json_text_of(container, "name")[0]    ? "name"
                                  : !json_text_of(container, "image")[0] ? "image"
                                                                         : NULL;
            bad = missing != NULL;
            if (bad)
                (void)snprintf(field, sizeof(field), "%s.%s[%zu].%s", path, lists[l], i, missing);
        }
    }
    if (bad)
        *answered = api_refuse_field(r, kind, name, field, why);
    return bad;
}

bool
api_fields_refused(struct api_request *r, enum demo_kind kind, const json_t *object,
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

bool
api_identity_refused(struct api_request *r, const struct api_stream *s, const json_t *object,
                     enum MHD_Result *answered)
{
    const struct demo_kind_info *info = &demo_kind_table[s->form.kind];
    iw_autofree char *version =
        iw_asprintf("%s%s%s", info->group, info->group[0] ? "/" : "", info->version);
    const char *given = json_text_of(object, "apiVersion"), *kind = json_text_of(object, "kind");
    const char *ns = json_text_of(api_meta_of(object), "namespace");
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

bool
api_name_refused(struct api_request *r, enum demo_kind kind, const char *name,
                 enum MHD_Result *answered)
{
    if (!name[0])
        *answered = api_refuse_field(r, kind, "", "metadata.name",
                                     "Required value: name or generateName is required");
    else if (!name_is_valid(name))
        *answered = api_refuse_field(
            r, kind, name, "metadata.name",
            "Invalid value: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
            "characters, '-' or '.', and must start and end with an alphanumeric character");
    else
        return false;
    return true;
}

bool
api_namespace_refused(struct api_request *r, const struct api_stream *s, enum MHD_Result *answered)
{
    if (!s->ns || strcmp(s->ns, "default") == 0 || strcmp(s->ns, HOME_NAMESPACE) == 0 ||
        demo_store_find(r->server->config.store, DEMO_KIND_NAMESPACE, "", s->ns))
        return false;
    *answered = api_send_not_found(r, DEMO_KIND_NAMESPACE, s->ns);
    return true;
}

bool
api_is_dry_run(const struct api_request *r)
{
    const char *value = api_query(r, "dryRun");
    return value && strcmp(value, "All") == 0;
}

enum MHD_Result
api_send_stored(struct api_request *r, struct api_stream *s, unsigned code, const char *name)
{
    struct objects_version *version =
        demo_store_find(r->server->config.store, s->form.kind, s->ns ? s->ns : "", name);
    return version ? api_send_object(r, s, code, version)
                   : api_send_not_found(r, s->form.kind, name);
}

enum MHD_Result
api_send_dry(struct api_request *r, unsigned code, const json_t *object)
{
    return api_send_json(r, code, json_deep_copy(object));
}
