/* objects: versions, keys, history.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/objects.h"

#include <stdio.h>
#include <string.h>

#include "pbform.h"

/* The first version number, as if the cluster had lived for a while. */
#define FIRST_VERSION 1000
#define FIELDS_BYTES 65536
#define HISTORY_BYTES_MAX (4u << 20)
#define HISTORY_LEAST 512
#define NAMESPACE_FIELD "metadata.namespace"

struct objects *
demo_store_new(void)
{
    struct objects *store = iw_calloc(1, sizeof(*store));
    store->rv = FIRST_VERSION;
    store->forgotten_rv = FIRST_VERSION - 1;
    return store;
}

struct objects_version *
objects_version_ref(struct objects_version *version)
{
    version->refs++;
    return version;
}

void
objects_version_unref(struct objects_version *version)
{
    if (!version || --version->refs > 0)
        return;
    json_decref(version->labels);
    free(version->fields);
    free(version->key);
    free(version->owner);
    free(version->bytes);
    strbuf_free(&version->protobuf);
    free(version);
}

static void
entry_clear(struct objects_entry *entry)
{
    objects_version_unref(entry->now);
    objects_version_unref(entry->before);
    memset(entry, 0, sizeof(*entry));
}

void
demo_store_free(struct objects *store)
{
    if (!store)
        return;
    for (size_t k = 0; k < DEMO_KIND_COUNT; k++) {
        for (size_t i = 0; i < store->objects[k].len; i++)
            objects_version_unref(store->objects[k].items[i]);
        vec_free(&store->objects[k]);
    }
    for (size_t i = 0; i < STORE_HISTORY; i++)
        entry_clear(&store->history[i]);
    free(store);
}

size_t
objects_lower_bound(const struct objects *store, enum demo_kind kind, const char *key)
{
    size_t low = 0, high = store->objects[kind].len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(store->objects[kind].items[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static char *
make_key(const char *ns, const char *name)
{
    return iw_asprintf("%s/%s", ns ? ns : "", name ? name : "");
}

struct objects_version *
demo_store_find(const struct objects *store, enum demo_kind kind, const char *ns, const char *name)
{
    iw_autofree char *key = make_key(ns, name);
    size_t at = objects_lower_bound(store, kind, key);
    if (at == store->objects[kind].len || strcmp(store->objects[kind].items[at]->key, key) != 0)
        return NULL;
    return store->objects[kind].items[at];
}

static void
forget_oldest(struct objects *store)
{
    struct objects_entry *slot = &store->history[store->history_first % STORE_HISTORY];
    store->forgotten_rv = slot->rv;
    store->history_bytes -= slot->now->len;
    store->history_first++;
    entry_clear(slot);
}

/* Watches can go back so many changes, or so many bytes of large objects. */
static void
remember(struct objects *store, struct objects_entry entry)
{
    uint64_t held = store->history_next - store->history_first;
    for (; held == STORE_HISTORY ||
           (store->history_bytes > HISTORY_BYTES_MAX && held > HISTORY_LEAST);
         held--)
        forget_oldest(store);
    store->history[store->history_next % STORE_HISTORY] = entry;
    store->history_bytes += entry.now->len;
    store->history_next++;
}

void
objects_put_version(struct objects *store, enum demo_kind kind, struct objects_version *version)
{
    version->rv = ++store->rv;
    size_t at = objects_lower_bound(store, kind, version->key);
    bool known = at < store->objects[kind].len &&
                 strcmp(store->objects[kind].items[at]->key, version->key) == 0;
    struct objects_version *before = known ? store->objects[kind].items[at] : NULL;
    remember(store, (struct objects_entry){.change = known ? STORE_MODIFIED : STORE_ADDED,
                                           .kind = kind,
                                           .rv = version->rv,
                                           .now = objects_version_ref(version),
                                           .before = before ? objects_version_ref(before) : NULL});
    if (known) {
        objects_version_unref(before);
        store->objects[kind].items[at] = version;
        return;
    }
    vec_push(&store->objects[kind], version);
    memmove(&store->objects[kind].items[at + 1], &store->objects[kind].items[at],
            (store->objects[kind].len - 1 - at) * sizeof(version));
    store->objects[kind].items[at] = version;
}

/* --- versions --- */

static const char *
dig(const json_t *object, const char *path)
{
    char part[64];
    while (object && *path) {
        size_t len = strcspn(path, ".");
        if (len >= sizeof(part))
            return NULL;
        memcpy(part, path, len);
        part[len] = '\0';
        object = json_object_get(object, part);
        path += len + (path[len] == '.');
    }
    return json_string_value(object);
}

/* Field selectors that the real server knows: metadata.name and metadata.namespace everywhere, and
 * these. */
static const char *const pod_fields[] = {"spec.nodeName",
                                         "spec.restartPolicy",
                                         "spec.schedulerName",
                                         "spec.serviceAccountName",
                                         "status.phase",
                                         "status.podIP",
                                         NULL};
static const char *const event_fields[] = {"involvedObject.kind",
                                           "involvedObject.namespace",
                                           "involvedObject.name",
                                           "involvedObject.uid",
                                           "involvedObject.apiVersion",
                                           "involvedObject.resourceVersion",
                                           "involvedObject.fieldPath",
                                           "reason",
                                           "reportingComponent",
                                           "source",
                                           "type",
                                           NULL};

static const char *const secret_fields[] = {"type", NULL};

static const char *const *
fields_of(enum demo_kind kind)
{
    static const char *const none[] = {NULL};
    return kind == DEMO_KIND_POD      ? pod_fields
           : kind == DEMO_KIND_EVENT  ? event_fields
           : kind == DEMO_KIND_SECRET ? secret_fields
                                      : none;
}

static void
add_field(struct strbuf *out, const char *path, const char *text)
{
    strbuf_add(out, path, strlen(path) + 1);
    strbuf_add(out, text, strlen(text) + 1);
}

static char *
take_fields(struct strbuf *fields)
{
    strbuf_addc(fields, '\0');
    char *out = strbuf_take(fields);
    strbuf_free(fields);
    return out;
}

static const char *
find_field(const char *fields, const char *path)
{
    for (const char *p = fields; p && *p;) {
        const char *text = p + strlen(p) + 1;
        if (strcmp(p, path) == 0)
            return text;
        p = text + strlen(text) + 1;
    }
    return NULL;
}

char *
objects_fields_make(const char *const *pairs)
{
    struct strbuf fields;
    strbuf_init(&fields, FIELDS_BYTES);
    for (; *pairs; pairs += 2)
        add_field(&fields, pairs[0], pairs[1]);
    return take_fields(&fields);
}

const char *
objects_field(const struct objects_version *version, enum demo_kind kind, const char *path)
{
    if (strcmp(path, "metadata.name") == 0)
        return version->name;
    if (strcmp(path, "metadata.namespace") == 0)
        return version->ns;
    for (const char *const *field = fields_of(kind); *field; field++) {
        if (strcmp(*field, path) == 0) {
            const char *text = find_field(version->fields, path);
            return text ? text : "";
        }
    }
    return NULL;
}

static char *
controller_of(const json_t *meta)
{
    size_t i;
    json_t *owner;
    json_array_foreach(json_object_get(meta, "ownerReferences"), i, owner)
    {
        const char *uid = json_string_value(json_object_get(owner, "uid"));
        if (uid && json_is_true(json_object_get(owner, "controller")))
            return iw_strdup(uid);
    }
    return NULL;
}

static struct objects_version *
version_from(struct objects *store, enum demo_kind kind, json_t *object)
{
    struct objects_version *version = iw_calloc(1, sizeof(*version));
    json_t *meta = json_object_get(object, "metadata");
    json_object_set_new(meta, "resourceVersion",
                        json_sprintf("%llu", (unsigned long long)store->rv + 1));
    const char *ns = dig(meta, "namespace"), *name = dig(meta, "name"), *uid = dig(meta, "uid");
    version->refs = 1;
    version->key = make_key(ns, name);
    (void)snprintf(version->uid_text, sizeof(version->uid_text), "%s", uid ? uid : "");
    version->uid = version->uid_text;
    version->name = strchr(version->key, '/') + 1;
    version->owner = controller_of(meta);
    version->labels = json_deep_copy(json_object_get(meta, "labels"));
    struct strbuf fields;
    strbuf_init(&fields, FIELDS_BYTES);
    /* the namespace is the key up to the slash; a copy of it lives among the fields */
    add_field(&fields, NAMESPACE_FIELD, ns ? ns : "");
    for (const char *const *field = fields_of(kind); *field; field++) {
        const char *text = dig(object, *field);
        if (text)
            add_field(&fields, *field, text);
    }
    version->fields = take_fields(&fields);
    version->ns = find_field(version->fields, NAMESPACE_FIELD);
    version->bytes = json_dumps(object, JSON_COMPACT);
    version->len = version->bytes ? strlen(version->bytes) : 0;
    return version;
}

void
objects_put(struct objects *store, enum demo_kind kind, json_t *object)
{
    objects_put_version(store, kind, version_from(store, kind, object));
    json_decref(object);
}

void
objects_gone(struct objects *store, enum demo_kind kind, const char *ns, const char *name)
{
    struct objects_version *last = demo_store_find(store, kind, ns, name);
    if (!last)
        return;
    size_t at = objects_lower_bound(store, kind, last->key);
    store->rv++;
    /* DELETED carries the last state with the version of the deletion. */
    json_t *object = last->bytes ? json_loadb(last->bytes, last->len, 0, NULL) : NULL;
    struct objects_version *tomb = last;
    if (object) {
        store->rv--;
        tomb = version_from(store, kind, object);
        store->rv++;
        tomb->rv = store->rv;
        json_decref(object);
    } else {
        (void)objects_version_ref(tomb);
    }
    remember(
        store,
        (struct objects_entry){
            .change = STORE_DELETED, .kind = kind, .rv = store->rv, .now = tomb, .before = last});
    vec_remove(&store->objects[kind], at);
}

/* --- the past --- */

static size_t
place_of(const struct objects_versions *list, const char *key)
{
    size_t low = 0, high = list->len;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(list->items[middle]->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Take one change back. */
static void
undo(struct objects_versions *list, const struct objects_entry *entry)
{
    size_t at = place_of(list, entry->now->key);
    bool there = at < list->len && strcmp(list->items[at]->key, entry->now->key) == 0;
    if (there)
        objects_version_unref(list->items[at]);
    if (!entry->before) {
        if (there)
            vec_remove(list, at);
        return;
    }
    struct objects_version *before = objects_version_ref(entry->before);
    if (!there) {
        vec_push(list, before);
        memmove(&list->items[at + 1], &list->items[at],
                (list->len - 1 - at) * sizeof(*list->items));
    }
    list->items[at] = before;
}

bool
objects_at(const struct objects *store, enum demo_kind kind, uint64_t rv,
           struct objects_versions *out)
{
    if (rv < store->forgotten_rv)
        return false;
    for (size_t i = 0; i < store->objects[kind].len; i++) {
        struct objects_version *version = objects_version_ref(store->objects[kind].items[i]);
        vec_push(out, version);
    }
    for (uint64_t seq = store->history_next; seq > store->history_first; seq--) {
        const struct objects_entry *entry = &store->history[(seq - 1) % STORE_HISTORY];
        if (entry->rv <= rv)
            break;
        if (entry->kind == kind)
            undo(out, entry);
    }
    return true;
}

void
objects_versions_free(struct objects_versions *list)
{
    for (size_t i = 0; i < list->len; i++)
        objects_version_unref(list->items[i]);
    vec_free(list);
}

void
objects_forget(struct objects *store)
{
    for (; store->history_first < store->history_next; store->history_first++)
        entry_clear(&store->history[store->history_first % STORE_HISTORY]);
    store->history_bytes = 0;
    store->forgotten_rv = ++store->rv;
}

void
objects_render(const struct objects_version *version, enum demo_kind kind, bool typed,
               struct strbuf *out)
{
    if (version->synthetic) {
        synthetic_render(version->synthetic, version, typed, out);
        return;
    }
    const struct demo_kind_info *info = &demo_kind_table[kind];
    if (!typed) {
        strbuf_add(out, version->bytes, version->len);
        return;
    }
    strbuf_addf(out, "{\"kind\":\"%s\",\"apiVersion\":\"%s%s%s\",", info->kind, info->group,
                info->group[0] ? "/" : "", info->version);
    strbuf_add(out, version->bytes + 1, version->len - 1);
}

static const struct pbform_message *
message_of(enum demo_kind kind)
{
    return kind == DEMO_KIND_POD ? &pbform_pod : kind == DEMO_KIND_EVENT ? &pbform_event : NULL;
}

bool
objects_have_protobuf(enum demo_kind kind)
{
    return message_of(kind) != NULL;
}

/* A version never changes: it is encoded once, as on a real server, however many watch it. */
static const struct strbuf *
encoded(struct objects_version *version, enum demo_kind kind)
{
    if (version->protobuf.len == 0) {
        json_t *object = json_loadb(version->bytes, version->len, 0, NULL);
        strbuf_init(&version->protobuf, 0);
        pbform_encode(&version->protobuf, message_of(kind), object);
        json_decref(object);
    }
    return &version->protobuf;
}

size_t
objects_encoded_size(struct objects_version *version, enum demo_kind kind)
{
    return version->synthetic ? synthetic_encoded_size(version->synthetic, version)
                              : encoded(version, kind)->len;
}

void
objects_encode(struct objects_version *version, enum demo_kind kind, struct strbuf *out)
{
    if (version->synthetic) {
        synthetic_encode(version->synthetic, version, out);
        return;
    }
    const struct strbuf *bytes = encoded(version, kind);
    strbuf_add(out, bytes->data, bytes->len);
}
