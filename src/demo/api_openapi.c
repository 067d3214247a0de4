/* api_openapi: as much of the OpenAPI documents as kubectl asks for: which kinds can be read and
 * patched, that the server validates fields itself, and (version 3) what their fields mean.
 * Ref: cli-runtime query_param_verifier_v3.go; kubectl explain/v2, templates/plaintext.tmpl.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"

static json_t *
parameter(const char *name)
{
    return json_pack("{s:s,s:s,s:{s:s,s:b}}", "name", name, "in", "query", "schema", "type",
                     "string", "uniqueItems", 1);
}

static json_t *
operation(const struct demo_kind_info *info, const char *action)
{
    json_t *parameters = json_array();
    static const char *const names[] = {"dryRun", "fieldManager", "fieldValidation"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++)
        json_array_append_new(parameters, parameter(names[i]));
    return json_pack("{s:o,s:s,s:{s:s,s:s,s:s},s:{s:{s:s}}}", "parameters", parameters,
                     "x-kubernetes-action", action, "x-kubernetes-group-version-kind", "group",
                     info->group, "version", info->version, "kind", info->kind, "responses", "200",
                     "description", "OK");
}

static void
add_paths(json_t *paths, const struct demo_kind_info *info)
{
    iw_autofree char *root = info->group[0] ? iw_asprintf("/apis/%s/%s", info->group, info->version)
                                            : iw_asprintf("/api/%s", info->version);
    iw_autofree char *many = iw_asprintf(
        "%s%s/%s", root, info->namespaced ? "/namespaces/{namespace}" : "", info->plural);
    iw_autofree char *one = iw_asprintf("%s/{name}", many);
    json_object_set_new(
        paths, many,
        json_pack("{s:o,s:o}", "get", operation(info, "list"), "post", operation(info, "post")));
    json_object_set_new(paths, one,
                        json_pack("{s:o,s:o,s:o}", "get", operation(info, "get"), "patch",
                                  operation(info, "patch"), "put", operation(info, "put")));
}

static json_t *
group_document(const char *group, const char *version)
{
    json_t *paths = json_object();
    for (size_t i = 0; i < DEMO_KIND_COUNT; i++) {
        const struct demo_kind_info *info = &demo_kind_table[i];
        if (strcmp(info->group, group) == 0 && strcmp(info->version, version) == 0)
            add_paths(paths, info);
    }
    return json_pack("{s:s,s:{s:s,s:s},s:o,s:{s:o}}", "openapi", "3.0.0", "info", "title",
                     "Kubernetes", "version", "v1.33.0", "paths", paths, "components", "schemas",
                     api_openapi_schemas(group, version));
}

static json_t *
index_document(void)
{
    json_t *paths = json_object();
    for (size_t i = 0; i < DEMO_KIND_COUNT; i++) {
        const struct demo_kind_info *info = &demo_kind_table[i];
        iw_autofree char *key = info->group[0]
                                    ? iw_asprintf("apis/%s/%s", info->group, info->version)
                                    : iw_asprintf("api/%s", info->version);
        json_object_set_new(
            paths, key,
            json_pack("{s:o}", "serverRelativeURL", json_sprintf("/openapi/v3/%s", key)));
    }
    return json_pack("{s:o}", "paths", paths);
}

json_t *
api_openapi_v3(const struct api_request *r)
{
    if (r->parts == 2)
        return index_document();
    if (r->parts == 4 && strcmp(r->part[2], "api") == 0)
        return group_document("", r->part[3]);
    if (r->parts == 5 && strcmp(r->part[2], "apis") == 0)
        return group_document(r->part[3], r->part[4]);
    return NULL;
}

/* Version 2 is asked for in protocol buffers only: Document{swagger=1, info=2{title=1, version=2},
 * paths=8}, all of it short. Ref: gnostic OpenAPIv2.proto. */
enum MHD_Result
api_openapi_v2(struct api_request *r)
{
    static const char binary[] = "\x0a\x03"
                                 "2.0"
                                 "\x12\x15\x0a\x0aKubernetes\x12\x07"
                                 "v1.33.0"
                                 "\x42\x00";
    const char *accept =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    if (!accept || !strstr(accept, "proto-openapi"))
        return api_send_json(r, 200,
                             json_pack("{s:s,s:{s:s,s:s},s:{},s:{}}", "swagger", "2.0", "info",
                                       "title", "Kubernetes", "version", "v1.33.0", "paths",
                                       "definitions"));
    size_t len = sizeof(binary) - 1;
    char *bytes = iw_calloc(1, len);
    memcpy(bytes, binary, len);
    return api_send(r, 200, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", bytes,
                    len);
}
