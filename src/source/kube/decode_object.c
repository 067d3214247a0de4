/* decode_object: any object but pods and events into a record of facts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "decode_object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/source/decode.h"

const char *
object_keep(struct decoder *d, const char *text)
{
    if (text[0] == '\0')
        return "";
    size_t len = strlen(text);
    char *copy = draft_alloc(d, len + 1, 1);
    if (!copy)
        return "";
    memcpy(copy, text, len);
    return copy;
}

const char *
object_text(struct decoder *d, const struct node *n, const char *key)
{
    return object_keep(d, field_string(d, n, key));
}

const char *
object_int_or_text(struct decoder *d, const struct node *n, const char *key)
{
    const json_t *value = field_get(n, key);
    char text[32];
    if (!value)
        return "";
    if (!json_is_integer(value))
        return object_text(d, n, key);
    (void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
    return object_keep(d, text);
}

static int
label_order(const void *a, const void *b)
{
    return strcmp(((const struct pod_label *)a)->key, ((const struct pod_label *)b)->key);
}

/* A map of strings as labels, sorted by key. */
static const struct pod_label *
object_labels(struct decoder *d, const struct node *n, const char *key, uint32_t *count)
{
    struct node map = field_object(d, n, key);
    struct pod_label *labels = DRAFT_ARRAY(d, struct pod_label, json_object_size(map.json));
    *count = 0;
    if (!labels)
        return NULL;
    for (void *at = json_object_iter((json_t *)map.json); at;
         at = json_object_iter_next((json_t *)map.json, at)) {
        const char *name = json_object_iter_key(at);
        labels[(*count)++] = (struct pod_label){object_keep(d, name), object_text(d, &map, name)};
    }
    qsort(labels, *count, sizeof(*labels), label_order);
    return labels;
}

const char *const *
object_texts(struct decoder *d, const struct node *n, const char *key, uint32_t *count)
{
    size_t len;
    struct node list = field_array(d, n, key, &len);
    const char **texts = DRAFT_ARRAY(d, const char *, len);
    *count = texts ? (uint32_t)len : 0;
    for (size_t i = 0; i < *count; i++)
        texts[i] = object_keep(d, element_string(d, &list, i));
    return texts;
}

struct resource_list
object_resources(struct decoder *d, const struct node *n, const char *key)
{
    struct node map = field_object(d, n, key);
    struct resource_list list = {.present = node_present(&map)};
    struct resource_item *items = DRAFT_ARRAY(d, struct resource_item, json_object_size(map.json));
    list.items = items;
    for (void *at = items ? json_object_iter((json_t *)map.json) : NULL; at;
         at = json_object_iter_next((json_t *)map.json, at)) {
        const char *name = json_object_iter_key(at);
        items[list.count++] = (struct resource_item){
            object_keep(d, name),
            object_keep(d, decode_amount(d, &map, name, json_object_iter_value(at)))};
    }
    return list;
}

const struct pod_condition *
object_conditions(struct decoder *d, const struct node *status, uint32_t *count)
{
    size_t len;
    struct node list = field_array(d, status, "conditions", &len);
    struct pod_condition *conditions = DRAFT_ARRAY(d, struct pod_condition, len);
    *count = conditions ? (uint32_t)len : 0;
    for (size_t i = 0; i < *count; i++) {
        struct node c = element_object(d, &list, i);
        conditions[i] = (struct pod_condition){
            .type = object_text(d, &c, "type"),
            .status = object_text(d, &c, "status"),
            .reason = object_text(d, &c, "reason"),
            .message = object_text(d, &c, "message"),
            .transition_ms = field_time(d, &c, "lastTransitionTime"),
        };
    }
    return conditions;
}

static const char *const *
one_text(struct decoder *d, const char *text)
{
    const char **list = DRAFT_ARRAY(d, const char *, 1);
    if (list)
        list[0] = text;
    return list;
}

static size_t
selector_add_labels(struct selector_term *terms, struct decoder *d, const struct pod_label *labels,
                    uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *const *values = one_text(d, labels[i].value);
        terms[i] = (struct selector_term){labels[i].key, "In", values, values ? 1 : 0};
    }
    return count;
}

struct label_selector
object_selector(struct decoder *d, const struct node *n, const char *key)
{
    struct node at = field_object(d, n, key);
    struct label_selector s = {.present = node_present(&at)};
    uint32_t label_count;
    size_t expression_count;
    const struct pod_label *labels = object_labels(d, &at, "matchLabels", &label_count);
    struct node list = field_array(d, &at, "matchExpressions", &expression_count);
    struct selector_term *terms =
        DRAFT_ARRAY(d, struct selector_term, label_count + expression_count);
    s.terms = terms;
    if (!terms)
        return s;
    s.count = (uint32_t)selector_add_labels(terms, d, labels, label_count);
    for (size_t i = 0; i < expression_count; i++) {
        struct node e = element_object(d, &list, i);
        struct selector_term *t = &terms[s.count++];
        t->key = object_text(d, &e, "key");
        t->op = object_text(d, &e, "operator");
        t->values = object_texts(d, &e, "values", &t->value_count);
    }
    return s;
}

struct label_selector
object_map_selector(struct decoder *d, const struct node *n, const char *key)
{
    uint32_t count;
    const struct pod_label *labels = object_labels(d, n, key, &count);
    struct selector_term *terms = DRAFT_ARRAY(d, struct selector_term, count);
    struct label_selector s = {.terms = terms, .present = terms != NULL};
    if (terms)
        s.count = (uint32_t)selector_add_labels(terms, d, labels, count);
    return s;
}

/* --- the object --- */

static void
decode_head(struct decoder *d, const struct node *root, struct kobject *o)
{
    struct node m = field_object(d, root, "metadata");
    size_t count;
    struct node owners = field_array(d, &m, "ownerReferences", &count);
    o->ns = object_text(d, &m, "namespace");
    o->name = object_text(d, &m, "name");
    o->uid = object_text(d, &m, "uid");
    o->resource_version = object_text(d, &m, "resourceVersion");
    o->created_ms = field_time(d, &m, "creationTimestamp");
    o->deletion_ms = field_time(d, &m, "deletionTimestamp");
    o->labels = object_labels(d, &m, "labels", &o->label_count);
    for (size_t i = 0; i < count; i++) {
        struct node owner = element_object(d, &owners, i);
        if (!field_bool(d, &owner, "controller"))
            continue;
        o->owner_kind = object_text(d, &owner, "kind");
        o->owner_name = object_text(d, &owner, "name");
        break;
    }
}

static void
decode_facts(struct decoder *d, const struct node *root, struct kobject *o)
{
    switch (o->kind) {
    case KOBJECT_NODE:
        o->node = decode_node(d, root);
        break;
    case KOBJECT_SERVICE:
        o->service = decode_service(d, root);
        break;
    case KOBJECT_ENDPOINTSLICE:
        o->slice = decode_slice(d, root);
        break;
    case KOBJECT_PVC:
        o->pvc = decode_pvc(d, root);
        break;
    case KOBJECT_STORAGECLASS:
        o->storageclass = decode_storageclass(d, root);
        break;
    case KOBJECT_CONFIGMAP:
    case KOBJECT_SECRET:
        o->config = decode_config(d, root);
        break;
    case KOBJECT_QUOTA:
        o->quota = decode_quota(d, root);
        break;
    case KOBJECT_LIMITRANGE:
        o->limitrange = decode_limitrange(d, root);
        break;
    case KOBJECT_DEPLOYMENT:
    case KOBJECT_REPLICASET:
    case KOBJECT_STATEFULSET:
    case KOBJECT_DAEMONSET:
    case KOBJECT_JOB:
    case KOBJECT_CRONJOB:
        o->workload = decode_workload(d, root, o->kind);
        break;
    case KOBJECT_NETWORKPOLICY:
        o->policy = decode_policy(d, root);
        break;
    case KOBJECT_POD:
    case KOBJECT_KIND_COUNT:
        break;
    }
}

enum iw_err
decode_object(const json_t *object, enum kobject_kind kind, struct kobject **out,
              struct iw_error *err)
{
    *out = NULL;
    if (!json_is_object(object))
        return iw_fail(err, IW_ERR_PARSE, "expected a %s object", kobject_kind_info(kind)->kind);
    struct kobject *o = kobject_new(kind);
    struct decoder d = {.arena = &o->memory, .err = err};
    struct node root = node_root(object);
    decode_head(&d, &root, o);
    decode_facts(&d, &root, o);
    if (d.code == IW_OK && o->name[0] == '\0')
        d.code = iw_fail(err, IW_ERR_PARSE, "metadata.name is missing");
    if (d.code != IW_OK) {
        kobject_free(o);
        return d.code;
    }
    *out = o;
    return IW_OK;
}
