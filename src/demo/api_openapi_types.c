/* api_openapi_types: the schemas of the OpenAPI documents, made from the texts in src/demo/schema. A document
 * has the types that its kinds are made of and no others.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"
#include "initwatch/base/strmap.h"
#include "initwatch/demo/embedded.h"

#define PACKAGE_CHARS 80
#define NAME_CHARS 96

/* One type of the texts: its lines are read when a document needs it. */
struct schema_type {
    char package[PACKAGE_CHARS], name[NAME_CHARS];
    const char *text;   /* to the end of its line */
    const char *fields; /* the line below */
};
struct schema_types {
    VEC(struct schema_type) list;
    struct strmap by_name; /* index into list */
};

static size_t
line_length(const char *line)
{
    return strcspn(line, "\n");
}

/* "Pod: text": a type begins. */
static bool
is_type_line(const char *line, size_t *name_len)
{
    *name_len = strcspn(line, ": \n");
    return line[*name_len] == ':' && *name_len < NAME_CHARS;
}

static bool
is_comment(const char *line)
{
    return line[0] == '\n' || line[0] == '\0' || line[0] == '#';
}

static void
types_read(struct schema_types *types, const char *text)
{
    static const char word[] = "package ";
    char package[PACKAGE_CHARS] = "";
    for (const char *line = text; *line;
         line += line_length(line) + (line[line_length(line)] != 0)) {
        size_t len = line_length(line), name_len;
        if (strncmp(line, word, sizeof(word) - 1) == 0) {
            size_t package_len = IW_MIN(len - (sizeof(word) - 1), (size_t)PACKAGE_CHARS - 1);
            memcpy(package, line + sizeof(word) - 1, package_len);
            package[package_len] = '\0';
        } else if (!is_comment(line) && is_type_line(line, &name_len)) {
            struct schema_type type = {.text = line + name_len + 2, .fields = line + len + 1};
            memcpy(type.package, package, sizeof(package));
            memcpy(type.name, line, name_len);
            vec_push(&types->list, type);
            strmap_put(&types->by_name, type.name, (uint32_t)types->list.len - 1);
        }
    }
}

static const struct schema_type *
type_find(const struct schema_types *types, const char *name)
{
    uint32_t at;
    return strmap_get(&types->by_name, name, &at) ? &types->list.items[at] : NULL;
}

static void add_type(const struct schema_types *types, json_t *schemas, const char *name);

/* "string", "time", or a type that the document needs then as well. */
static json_t *
base_schema(const struct schema_types *types, json_t *schemas, const char *name)
{
    static const struct {
        const char *name, *type, *format;
    } BASES[] = {{"string", "string", NULL},         {"integer", "integer", "int32"},
                 {"integer64", "integer", "int64"},  {"boolean", "boolean", NULL},
                 {"object", "object", NULL},         {"time", "string", "date-time"},
                 {"quantity", "string", "quantity"}, {"intorstring", "string", "int-or-string"}};
    for (size_t i = 0; i < IW_COUNTOF(BASES); i++)
        if (strcmp(name, BASES[i].name) == 0)
            return json_pack("{s:s,s:s*}", "type", BASES[i].type, "format", BASES[i].format);
    const struct schema_type *type = type_find(types, name);
    if (!type)
        return json_pack("{s:s}", "type", "object");
    add_type(types, schemas, name);
    return json_pack("{s:[{s:o}]}", "allOf", "$ref",
                     json_sprintf("#/components/schemas/%s.%s", type->package, type->name));
}

/* "[]Container", "{}quantity", "string". */
static json_t *
field_schema(const struct schema_types *types, json_t *schemas, const char *type)
{
    if (strncmp(type, "[]", 2) == 0)
        return json_pack("{s:s,s:o}", "type", "array", "items",
                         base_schema(types, schemas, type + 2));
    if (strncmp(type, "{}", 2) == 0)
        return json_pack("{s:s,s:o}", "type", "object", "additionalProperties",
                         base_schema(types, schemas, type + 2));
    return base_schema(types, schemas, type);
}

/* "name! string Unique in the pod." */
static void
add_field(const struct schema_types *types, json_t *schemas, json_t *schema, const char *line)
{
    char name[NAME_CHARS], type[NAME_CHARS];
    size_t len = line_length(line), name_len = strcspn(line, " !"), at = strcspn(line, " ") + 1;
    size_t type_len = strcspn(line + IW_MIN(at, len), " \n");
    if (at >= len || name_len >= sizeof(name) || type_len >= sizeof(type) || at + type_len >= len)
        return;
    memcpy(name, line, name_len);
    name[name_len] = '\0';
    memcpy(type, line + at, type_len);
    type[type_len] = '\0';
    json_t *field = field_schema(types, schemas, type);
    const char *text = line + at + type_len + 1;
    json_object_set_new(field, "description", json_stringn(text, len - at - type_len - 1));
    json_object_set_new(json_object_get(schema, "properties"), name, field);
    if (line[name_len] == '!')
        json_array_append_new(json_object_get(schema, "required"), json_string(name));
}

/* Of a kind: what it is called, and the two fields that every object begins with. */
static void
mark_kind(json_t *schema, const char *name)
{
    json_t *properties = json_object_get(schema, "properties");
    for (size_t i = 0; i < DEMO_KIND_COUNT; i++) {
        const struct demo_kind_info *info = &demo_kind_table[i];
        if (strcmp(info->kind, name) != 0)
            continue;
        json_object_set_new(schema, "x-kubernetes-group-version-kind",
                            json_pack("[{s:s,s:s,s:s}]", "group", info->group, "version",
                                      info->version, "kind", info->kind));
        json_object_set_new(properties, "apiVersion",
                            json_pack("{s:s,s:s}", "type", "string", "description",
                                      "Group and version that the object is written in."));
        json_object_set_new(
            properties, "kind",
            json_pack("{s:s,s:s}", "type", "string", "description", "What kind of object it is."));
    }
}

/* The type and all that it is made of; each once, so that types may be made of themselves. */
static void
add_type(const struct schema_types *types, json_t *schemas, const char *name)
{
    const struct schema_type *type = type_find(types, name);
    size_t name_len;
    if (!type)
        return;
    iw_autofree char *full = iw_asprintf("%s.%s", type->package, type->name);
    if (json_object_get(schemas, full))
        return;
    json_t *schema =
        json_pack("{s:s,s:o,s:[],s:{}}", "type", "object", "description",
                  json_stringn(type->text, line_length(type->text)), "required", "properties");
    json_object_set_new(schemas, full, schema);
    for (const char *line = type->fields; !is_comment(line) && !is_type_line(line, &name_len);
         line += line_length(line) + 1)
        add_field(types, schemas, schema, line);
    mark_kind(schema, name);
    if (json_array_size(json_object_get(schema, "required")) == 0)
        json_object_del(schema, "required");
}

json_t *
api_openapi_schemas(const char *group, const char *version)
{
    struct schema_types types = {0};
    json_t *schemas = json_object();
    for (const struct embedded_file *f = embedded_schema; f->path; f++)
        types_read(&types, (const char *)f->bytes);
    for (size_t i = 0; i < DEMO_KIND_COUNT; i++) {
        const struct demo_kind_info *info = &demo_kind_table[i];
        if (strcmp(info->group, group) == 0 && strcmp(info->version, version) == 0)
            add_type(&types, schemas, info->kind);
    }
    strmap_free(&types.by_name);
    vec_free(&types.list);
    return schemas;
}
