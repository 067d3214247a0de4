/* api_merge: the four kinds of PATCH: merge, strategic merge, JSON patch, and server-side apply.
 * Ref: RFC 7386; RFC 6902; Kubernetes strategic-merge-patch.md; structured-merge-diff.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/net/pb.h"
#include "pbread.h"

/* --- lists whose items have a key --- */

struct list_key {
    const char *list, *key;
};

/* patchMergeKey of the API types, by the name of the list. */
static const struct list_key list_keys[] = {{"containers", "name"},
                                            {"initContainers", "name"},
                                            {"ephemeralContainers", "name"},
                                            {"volumes", "name"},
                                            {"env", "name"},
                                            {"imagePullSecrets", "name"},
                                            {"secrets", "name"},
                                            {"schedulingGates", "name"},
                                            {"resourceClaims", "name"},
                                            {"volumeMounts", "mountPath"},
                                            {"volumeDevices", "devicePath"},
                                            {"hostAliases", "ip"},
                                            {"topologySpreadConstraints", "topologyKey"},
                                            {"conditions", "type"},
                                            {"ownerReferences", "uid"}};

static const char *
key_of(const char *list, const json_t *items)
{
    for (size_t i = 0; i < IW_COUNTOF(list_keys); i++) {
        if (strcmp(list_keys[i].list, list) == 0)
            return list_keys[i].key;
    }
    if (strcmp(list, "ports") == 0) /* of a container, or of a service */
        return json_object_get(json_array_get(items, 0), "containerPort") ? "containerPort"
                                                                          : "port";
    return NULL;
}

static size_t
find_item(const json_t *list, const char *key, const json_t *item)
{
    const json_t *want = json_object_get(item, key);
    for (size_t i = 0; want && i < json_array_size(list); i++) {
        if (json_equal(json_object_get(json_array_get(list, i), key), want))
            return i;
    }
    return SIZE_MAX;
}

static bool
has_value(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (json_equal(json_array_get(list, i), value))
            return true;
    }
    return false;
}

/* --- strategic merge patch --- */

static void merge_strategic(json_t *target, const json_t *patch);

static json_t *
fresh(const json_t *patch)
{
    if (!json_is_object(patch))
        return json_deep_copy(patch);
    json_t *made = json_object();
    merge_strategic(made, patch);
    return made;
}

static const char *
directive(const json_t *patch)
{
    const char *text = json_string_value(json_object_get(patch, "$patch"));
    return text ? text : "";
}

static void
merge_items(json_t *list, const json_t *patch, const char *key)
{
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)patch, i, item)
    {
        if (strcmp(directive(item), "replace") == 0)
            json_array_clear(list);
    }
    json_array_foreach((json_t *)patch, i, item)
    {
        size_t at = find_item(list, key, item);
        bool gone = strcmp(directive(item), "delete") == 0;
        if (strcmp(directive(item), "replace") == 0)
            continue;
        if (gone && at != SIZE_MAX)
            json_array_remove(list, at);
        else if (!gone && at != SIZE_MAX)
            merge_strategic(json_array_get(list, at), item);
        else if (!gone)
            json_array_append_new(list, fresh(item));
    }
}

/* Items that the order names come first, in its order. */
static void
put_in_order(json_t *list, const json_t *order, const char *key)
{
    json_t *sorted = json_array();
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)order, i, entry)
    {
        size_t at = key && json_is_object(entry) ? find_item(list, key, entry) : SIZE_MAX;
        if (at == SIZE_MAX)
            continue;
        json_array_append(sorted, json_array_get(list, at));
        json_array_remove(list, at);
    }
    json_array_extend(sorted, list);
    json_array_clear(list);
    json_array_extend(list, sorted);
    json_decref(sorted);
}

static void
merge_member(json_t *target, const char *name, const json_t *value)
{
    json_t *old = json_object_get(target, name);
    const char *key = json_is_array(value) ? key_of(name, value) : NULL;
    if (json_is_null(value) || strcmp(directive(value), "delete") == 0) {
        json_object_del(target, name);
    } else if (json_is_object(value) && json_is_object(old) &&
               strcmp(directive(value), "replace") != 0) {
        merge_strategic(old, value);
    } else if (key) {
        if (!json_is_array(old)) {
            old = json_array();
            json_object_set_new(target, name, old);
        }
        merge_items(old, value, key);
    } else if (json_is_array(value) && json_is_array(old) && strcmp(name, "finalizers") == 0) {
        size_t i;
        json_t *entry;
        json_array_foreach((json_t *)value, i, entry)
        {
            if (!has_value(old, entry))
                json_array_append(old, entry);
        }
    } else {
        json_object_set_new(target, name, fresh(value));
    }
}

static void
remove_values(json_t *list, const json_t *values)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        if (has_value(values, json_array_get(list, i)))
            json_array_remove(list, i);
    }
}

static void
retain_keys(json_t *target, const json_t *keys)
{
    const char *name;
    json_t *value;
    void *next;
    json_object_foreach_safe(target, next, name, value)
    {
        json_t *text = json_string(name);
        if (!has_value(keys, text))
            json_object_del(target, name);
        json_decref(text);
    }
}

/* The directives of one object, after its members: "$setElementOrder/containers" and the like. */
static void
follow_directive(json_t *target, const char *name, const json_t *value)
{
    static const char order[] = "$setElementOrder/", drop[] = "$deleteFromPrimitiveList/";
    if (strncmp(name, order, sizeof(order) - 1) == 0) {
        json_t *list = json_object_get(target, name + sizeof(order) - 1);
        put_in_order(list, value, key_of(name + sizeof(order) - 1, value));
    } else if (strncmp(name, drop, sizeof(drop) - 1) == 0) {
        remove_values(json_object_get(target, name + sizeof(drop) - 1), value);
    } else if (strcmp(name, "$retainKeys") == 0) {
        retain_keys(target, value);
    }
}

static void
merge_strategic(json_t *target, const json_t *patch)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)patch, name, value)
    {
        if (name[0] != '$')
            merge_member(target, name, value);
    }
    json_object_foreach((json_t *)patch, name, value)
    {
        if (name[0] == '$')
            follow_directive(target, name, value);
    }
}

/* --- merge patch --- */

static void
merge_plain(json_t *target, const json_t *patch)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)patch, name, value)
    {
        json_t *old = json_object_get(target, name);
        if (json_is_null(value)) {
            json_object_del(target, name);
        } else if (!json_is_object(value)) {
            json_object_set_new(target, name, json_deep_copy(value));
        } else {
            if (!json_is_object(old)) {
                old = json_object();
                json_object_set_new(target, name, old);
            }
            merge_plain(old, value);
        }
    }
}

/* --- JSON patch --- */

/* One part of a pointer, "~1" and "~0" undone; *rest goes on. */
static char *
pointer_part(const char **rest)
{
    const char *from = *rest + 1;
    size_t len = strcspn(from, "/");
    char *part = iw_strndup(from, len), *to = part;
    for (const char *p = part; *p; p++) {
        bool escape = p[0] == '~' && (p[1] == '0' || p[1] == '1');
        *to++ = (char)(!escape ? *p : p[1] == '0' ? '~' : '/');
        p += escape;
    }
    *to = '\0';
    *rest = from + len;
    return part;
}

static json_t *
child_of(json_t *parent, const char *part)
{
    if (json_is_array(parent))
        return json_array_get(parent, strtoul(part, NULL, 10));
    return json_object_get(parent, part);
}

static bool
set_child(json_t *parent, const char *part, const json_t *value, bool insert)
{
    if (!json_is_array(parent))
        return json_object_set_new(parent, part, json_deep_copy(value)) == 0;
    size_t at = strcmp(part, "-") == 0 ? json_array_size(parent) : (size_t)strtoul(part, NULL, 10);
    return insert ? json_array_insert_new(parent, at, json_deep_copy(value)) == 0
                  : json_array_set_new(parent, at, json_deep_copy(value)) == 0;
}

static bool
remove_child(json_t *parent, const char *part)
{
    if (json_is_array(parent))
        return json_array_remove(parent, strtoul(part, NULL, 10)) == 0;
    return json_object_del(parent, part) == 0;
}

static enum iw_err
json_operation(json_t *target, const json_t *operation, struct iw_error *err)
{
    const char *op = json_string_value(json_object_get(operation, "op"));
    const char *path = json_string_value(json_object_get(operation, "path"));
    const json_t *value = json_object_get(operation, "value");
    if (!op || !path || path[0] != '/')
        return iw_fail(err, IW_ERR_PARSE, "an operation needs op and path");
    json_t *parent = target;
    char *part = NULL;
    for (const char *rest = path; *rest == '/';) {
        if (part)
            parent = child_of(parent, part);
        free(part);
        part = pointer_part(&rest);
    }
    bool exists = parent && child_of(parent, part), done = false;
    if (strcmp(op, "add") == 0)
        done = parent && value && set_child(parent, part, value, true);
    else if (strcmp(op, "replace") == 0)
        done = exists && value && set_child(parent, part, value, false);
    else if (strcmp(op, "remove") == 0)
        done = exists && remove_child(parent, part);
    else if (strcmp(op, "test") == 0)
        done = exists && json_equal(child_of(parent, part), value);
    free(part);
    if (!done)
        return iw_fail(err, IW_ERR_RANGE,
                       "the server rejected our request due to an error in our request");
    return IW_OK;
}

/* --- server-side apply --- */

/* What this manager had applied and now leaves out goes. */
static void
subtract(json_t *live, const json_t *old, const json_t *now)
{
    const char *name;
    json_t *before;
    json_object_foreach((json_t *)old, name, before)
    {
        json_t *value = json_object_get(live, name);
        const json_t *after = json_object_get(now, name);
        const char *key = json_is_array(before) ? key_of(name, before) : NULL;
        if (!after && !json_is_object(before) && !key) {
            json_object_del(live, name);
        } else if (json_is_object(before)) {
            subtract(value, before, after);
            if (!after && json_object_size(value) == 0)
                json_object_del(live, name);
        } else if (key) {
            size_t i;
            json_t *item;
            json_array_foreach(before, i, item)
            {
                size_t at = find_item(value, key, item);
                size_t kept = find_item(after, key, item);
                if (at != SIZE_MAX && kept == SIZE_MAX)
                    json_array_remove(value, at);
                else if (at != SIZE_MAX)
                    subtract(json_array_get(value, at), item, json_array_get(after, kept));
            }
        }
    }
}

void
api_apply_config(json_t *live, const json_t *old, const json_t *config)
{
    if (old)
        subtract(live, old, config);
    merge_strategic(live, config);
}

/* --- one request --- */

enum iw_err
api_patch(json_t *target, const char *type, const struct strbuf *body, struct iw_error *err)
{
    json_error_t where;
    json_t *patch = json_loadb(body->data, body->len, 0, &where);
    if (!patch)
        return iw_fail(err, IW_ERR_PARSE, "error decoding patch: %s", where.text);
    enum iw_err code = IW_OK;
    bool is_list = strcmp(type, "application/json-patch+json") == 0;
    if (is_list ? !json_is_array(patch) : !json_is_object(patch)) {
        code = iw_fail(err, IW_ERR_PARSE, "error decoding patch: wrong type of value");
    } else if (is_list) {
        for (size_t i = 0; !code && i < json_array_size(patch); i++)
            code = json_operation(target, json_array_get(patch, i), err);
    } else if (strcmp(type, "application/strategic-merge-patch+json") == 0) {
        merge_strategic(target, patch);
    } else {
        merge_plain(target, patch);
    }
    json_decref(patch);
    return code;
}

json_t *
api_body_object(const struct api_request *r, struct iw_error *err)
{
    json_t *object = NULL;
    if (r->body.len >= PB_MAGIC_BYTES && memcmp(r->body.data, PB_MAGIC, PB_MAGIC_BYTES) == 0)
        return pbread_object(r->body.data, r->body.len, err);
    if (yaml_json_one("body", r->body.data ? r->body.data : "", r->body.len, &object, err))
        return NULL;
    if (!json_is_object(object)) {
        json_decref(object);
        (void)iw_fail(err, IW_ERR_PARSE, "the body is not an object");
        return NULL;
    }
    return object;
}
