/* objects: the store by key, and its history. The versions are in objects_version.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/objects.h"

#include <string.h>

#include "objects_internal.h"

/* The first version number, as if the cluster had lived for a while. */
#define FIRST_VERSION 1000
#define HISTORY_BYTES_MAX (4u << 20)
#define HISTORY_LEAST 512

struct objects *
demo_store_new(void)
{
    struct objects *store = iw_calloc(1, sizeof(*store));
    store->rv = FIRST_VERSION;
    store->forgotten_rv = FIRST_VERSION - 1;
    store->parts = objects_parts_new();
    return store;
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
    objects_parts_free(store->parts);
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
    objects_encoded_drop(slot->now);
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

/* --- new versions --- */

void
objects_put(struct objects *store, enum demo_kind kind, json_t *object)
{
    objects_put_version(store, kind, objects_version_make(store, kind, object));
    json_decref(object);
}

void
objects_gone(struct objects *store, enum demo_kind kind, const char *ns, const char *name)
{
    struct objects_version *last = demo_store_find(store, kind, ns, name);
    if (!last)
        return;
    size_t at = objects_lower_bound(store, kind, last->key);
    struct objects_version *tomb = objects_version_tomb(store, kind, last);
    store->rv++;
    if (tomb != last)
        tomb->rv = store->rv;
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
