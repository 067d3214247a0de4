/* decode_object_cluster: nodes, storage, configuration and limits.
 * Ref: api/core/v1 types.go, api/storage/v1 types.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/strbuf.h"

#include "decode_object.h"

/* A node reports at most 50 images unless told otherwise (kubelet nodeStatusMaxImages). */
enum { NODE_IMAGES_MOST = 500 };

static void
decode_taints(struct decoder *d, const struct node *spec, struct node_facts *f)
{
    size_t count;
    struct node list = field_array(d, spec, "taints", &count);
    struct node_taint *taints = DRAFT_ARRAY(d, struct node_taint, count);
    f->taints = taints;
    f->taint_count = taints ? (uint32_t)count : 0;
    for (size_t i = 0; i < f->taint_count; i++) {
        struct node t = element_object(d, &list, i);
        taints[i] = (struct node_taint){object_text(d, &t, "key"), object_text(d, &t, "value"),
                                        object_text(d, &t, "effect")};
    }
}

/* Names come as digest and tag; people know the tag. */
static const char *
image_name(struct decoder *d, const struct node *image)
{
    size_t count;
    struct node names = field_array(d, image, "names", &count);
    const char *best = "";
    for (size_t i = 0; i < count; i++) {
        const char *name = element_string(d, &names, i);
        if (!best[0] || !strchr(name, '@'))
            best = name;
    }
    return object_keep(d, best);
}

static void
decode_images(struct decoder *d, const struct node *status, struct node_facts *f)
{
    size_t count;
    struct node list = field_array(d, status, "images", &count);
    count = IW_MIN(count, (size_t)NODE_IMAGES_MOST);
    struct node_image *images = DRAFT_ARRAY(d, struct node_image, count);
    f->images = images;
    f->image_count = images ? (uint32_t)count : 0;
    for (size_t i = 0; i < f->image_count; i++) {
        struct node image = element_object(d, &list, i);
        images[i] =
            (struct node_image){image_name(d, &image), field_int64(d, &image, "sizeBytes", 0)};
    }
}

static const char *
internal_ip(struct decoder *d, const struct node *status)
{
    size_t count;
    struct node list = field_array(d, status, "addresses", &count);
    for (size_t i = 0; i < count; i++) {
        struct node a = element_object(d, &list, i);
        if (strcmp(field_string(d, &a, "type"), "InternalIP") == 0)
            return object_text(d, &a, "address");
    }
    return "";
}

const struct node_facts *
decode_node(struct decoder *d, const struct node *n)
{
    struct node_facts *f = DRAFT_ARRAY(d, struct node_facts, 1);
    if (!f)
        return NULL;
    struct node spec = field_object(d, n, "spec");
    struct node status = field_object(d, n, "status");
    struct node info = field_object(d, &status, "nodeInfo");
    f->unschedulable = field_bool(d, &spec, "unschedulable");
    f->capacity = object_resources(d, &status, "capacity");
    f->allocatable = object_resources(d, &status, "allocatable");
    f->conditions = object_conditions(d, &status, &f->condition_count);
    f->kubelet_version = object_text(d, &info, "kubeletVersion");
    f->os_image = object_text(d, &info, "osImage");
    f->kernel = object_text(d, &info, "kernelVersion");
    f->runtime = object_text(d, &info, "containerRuntimeVersion");
    f->architecture = object_text(d, &info, "architecture");
    f->boot_id = object_text(d, &info, "bootID");
    f->internal_ip = internal_ip(d, &status);
    decode_taints(d, &spec, f);
    decode_images(d, &status, f);
    return f;
}

/* Base64 of n bytes has 4 characters for 3 bytes. */
static uint32_t
base64_bytes(const char *text, size_t len)
{
    size_t padding = 0;
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    return (uint32_t)(len / 4 * 3 - IW_MIN(padding, len / 4 * 3));
}

static void
add_keys(struct decoder *d, const struct node *map, bool base64, struct config_entry *keys,
         uint32_t *count)
{
    for (void *at = map->json ? json_object_iter((json_t *)map->json) : NULL; at;
         at = json_object_iter_next((json_t *)map->json, at)) {
        const json_t *value = json_object_iter_value(at);
        const char *text = json_string_value(value);
        size_t len = json_string_length(value);
        keys[(*count)++] =
            (struct config_entry){object_keep(d, json_object_iter_key(at)),
                                  text && base64 ? base64_bytes(text, len) : (uint32_t)len};
    }
}

/* Names and lengths: the values stay behind in the JSON text. */
const struct config_facts *
decode_config(struct decoder *d, const struct node *n)
{
    struct config_facts *f = DRAFT_ARRAY(d, struct config_facts, 1);
    struct node data = field_object(d, n, "data");
    struct node binary = field_object(d, n, "binaryData");
    if (!f)
        return NULL;
    f->type = object_text(d, n, "type");
    f->immutable = field_bool(d, n, "immutable");
    /* A ConfigMap has no type; its data is text. */
    bool secret = f->type[0] != '\0';
    struct config_entry *keys = DRAFT_ARRAY(
        d, struct config_entry, json_object_size(data.json) + json_object_size(binary.json));
    f->keys = keys;
    if (keys) {
        add_keys(d, &data, secret, keys, &f->key_count);
        add_keys(d, &binary, true, keys, &f->key_count);
    }
    return f;
}

static const char *
joined(struct decoder *d, const struct node *n, const char *key)
{
    size_t count;
    struct node list = field_array(d, n, key, &count);
    strbuf_auto text;
    strbuf_init(&text, 256);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&text, "%s%s", i ? ", " : "", element_string(d, &list, i));
    return count ? object_keep(d, text.data) : "";
}

const struct quota_facts *
decode_quota(struct decoder *d, const struct node *n)
{
    struct quota_facts *f = DRAFT_ARRAY(d, struct quota_facts, 1);
    struct node spec = field_object(d, n, "spec");
    struct node status = field_object(d, n, "status");
    struct node used_map = field_object(d, &status, "used");
    struct node hard_map = field_object(d, &status, "hard");
    if (!f)
        return NULL;
    /* Before the controller has looked at it there is only the wish. */
    struct resource_list hard = node_present(&hard_map) ? object_resources(d, &status, "hard")
                                                        : object_resources(d, &spec, "hard");
    struct quota_item *items = DRAFT_ARRAY(d, struct quota_item, hard.count);
    f->items = items;
    f->item_count = items ? hard.count : 0;
    f->scopes = joined(d, &spec, "scopes");
    for (uint32_t i = 0; i < f->item_count; i++) {
        const json_t *used = field_get(&used_map, hard.items[i].name);
        items[i] = (struct quota_item){
            hard.items[i].name, hard.items[i].text,
            used ? object_keep(d, decode_amount(d, &used_map, hard.items[i].name, used)) : ""};
    }
    return f;
}

static const char *
amount_of(struct decoder *d, const struct node *limit, const char *which, const char *resource)
{
    struct node map = field_object(d, limit, which);
    const json_t *value = field_get(&map, resource);
    return value ? object_keep(d, decode_amount(d, &map, resource, value)) : "";
}

/* All members name their resources; the union of them is kept. */
static uint32_t
limit_resources(struct decoder *d, const struct node *limit, const char **out, uint32_t most)
{
    static const char *const members[] = {"max", "min", "default", "defaultRequest",
                                          "maxLimitRequestRatio"};
    uint32_t count = 0;
    for (size_t m = 0; m < IW_COUNTOF(members); m++) {
        struct node map = field_object(d, limit, members[m]);
        for (void *at = map.json ? json_object_iter((json_t *)map.json) : NULL; at;
             at = json_object_iter_next((json_t *)map.json, at)) {
            bool known = false;
            for (uint32_t i = 0; i < count; i++)
                known = known || strcmp(out[i], json_object_iter_key(at)) == 0;
            if (!known && count < most)
                out[count++] = json_object_iter_key(at);
        }
    }
    return count;
}

const struct limitrange_facts *
decode_limitrange(struct decoder *d, const struct node *n)
{
    enum { RESOURCES_MOST = 16 };
    struct limitrange_facts *f = DRAFT_ARRAY(d, struct limitrange_facts, 1);
    struct node spec = field_object(d, n, "spec");
    size_t count;
    struct node list = field_array(d, &spec, "limits", &count);
    struct limit_item *items = DRAFT_ARRAY(d, struct limit_item, count * RESOURCES_MOST);
    if (!f || !items)
        return f;
    f->items = items;
    for (size_t i = 0; i < count; i++) {
        struct node limit = element_object(d, &list, i);
        const char *names[RESOURCES_MOST];
        uint32_t resources = limit_resources(d, &limit, names, RESOURCES_MOST);
        for (uint32_t k = 0; k < resources; k++) {
            items[f->item_count++] = (struct limit_item){
                .type = object_text(d, &limit, "type"),
                .resource = object_keep(d, names[k]),
                .min = amount_of(d, &limit, "min", names[k]),
                .max = amount_of(d, &limit, "max", names[k]),
                .default_limit = amount_of(d, &limit, "default", names[k]),
                .default_request = amount_of(d, &limit, "defaultRequest", names[k]),
                .max_ratio = amount_of(d, &limit, "maxLimitRequestRatio", names[k]),
            };
        }
    }
    return f;
}

static const char *
storage_of(struct decoder *d, const struct node *n, const char *key)
{
    struct node map = field_object(d, n, key);
    const json_t *value = field_get(&map, "storage");
    return value ? object_keep(d, decode_amount(d, &map, "storage", value)) : "";
}

const struct pvc_facts *
decode_pvc(struct decoder *d, const struct node *n)
{
    struct pvc_facts *f = DRAFT_ARRAY(d, struct pvc_facts, 1);
    struct node spec = field_object(d, n, "spec");
    struct node status = field_object(d, n, "status");
    struct node resources = field_object(d, &spec, "resources");
    if (!f)
        return NULL;
    f->phase = object_text(d, &status, "phase");
    f->storage_class = object_text(d, &spec, "storageClassName");
    f->class_present = field_get(&spec, "storageClassName") != NULL;
    f->volume = object_text(d, &spec, "volumeName");
    f->access_modes = joined(d, &spec, "accessModes");
    f->request = storage_of(d, &resources, "requests");
    f->capacity = storage_of(d, &status, "capacity");
    return f;
}

const struct storageclass_facts *
decode_storageclass(struct decoder *d, const struct node *n)
{
    static const char *const default_marks[] = {
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    };
    struct storageclass_facts *f = DRAFT_ARRAY(d, struct storageclass_facts, 1);
    struct node metadata = field_object(d, n, "metadata");
    struct node annotations = field_object(d, &metadata, "annotations");
    if (!f)
        return NULL;
    f->provisioner = object_text(d, n, "provisioner");
    f->binding_mode = object_text(d, n, "volumeBindingMode");
    f->reclaim = object_text(d, n, "reclaimPolicy");
    for (size_t i = 0; i < IW_COUNTOF(default_marks); i++) {
        if (strcmp(field_string(d, &annotations, default_marks[i]), "true") == 0)
            f->is_default = true;
    }
    return f;
}
