/* store: the demo server's etcd and watch cache. Versioned objects as ready JSON bytes, and the
 * history of changes for watches. SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_STORE_H
#define INITWATCH_DEMO_STORE_H

#include <jansson.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/demo/kinds.h"

#define STORE_HISTORY 4096

/* One immutable version of an object. Its bytes are `{"metadata":...}` without kind and apiVersion;
 * a generated pod has no bytes of its own but is rendered when it is sent. */
struct store_version {
    unsigned refs;
    uint64_t rv;
    const char *ns, *name, *uid; /* borrowed from key */
    char *key;                   /* "ns/name" */
    json_t *labels;
    json_t *fields; /* what field selectors can ask for: path -> text */
    char *bytes;
    size_t len;
    const struct synthetic_pod *synthetic; /* or NULL */
    unsigned generation;                   /* of the generated pod */
    char uid_text[40];
};

enum store_change { STORE_ADDED, STORE_MODIFIED, STORE_DELETED };

struct store_entry {
    enum store_change change;
    enum demo_kind kind;
    uint64_t rv;
    struct store_version *now, *before; /* before: NULL for ADDED */
};

struct store {
    uint64_t rv;
    VEC(struct store_version *) objects[DEMO_KIND_COUNT]; /* sorted by key */
    struct store_entry history[STORE_HISTORY];            /* a ring */
    uint64_t history_first, history_next;                 /* sequence numbers */
    uint64_t forgotten_rv; /* newest version that fell out of the ring */
};

struct store *demo_store_new(void) IW_NODISCARD;
void demo_store_free(struct store *store);
/* A new version (object taken); its resourceVersion is set here. */
void store_put(struct store *store, enum demo_kind kind, json_t *object);
void store_gone(struct store *store, enum demo_kind kind, const char *ns, const char *name);
/* Borrowed; NULL when there is none. */
struct store_version *demo_store_find(const struct store *store, enum demo_kind kind, const char *ns,
                                 const char *name);
struct store_version *store_version_ref(struct store_version *version);
void store_version_unref(struct store_version *version);
/* Index of the first object with a key not below `key`. */
size_t store_lower_bound(const struct store *store, enum demo_kind kind, const char *key);
/* The text of a field a selector names ("metadata.name"), or NULL when that kind has no such field.
 */
const char *store_field(const struct store_version *version, enum demo_kind kind, const char *path);
/* Append the object's bytes, with kind and apiVersion when `typed`. */
void store_render(const struct store_version *version, enum demo_kind kind, bool typed,
                  struct strbuf *out);

/* Generated pods for measurements: about 20 KB of JSON each, rendered from one template. */
struct synthetic_set;
struct synthetic_set *synthetic_new(struct store *store, unsigned count, uint64_t seed,
                                    int64_t wall_ms) IW_NODISCARD;
void synthetic_free(struct synthetic_set *set);
/* Change `count` of them (round robin), one watch event each. */
void synthetic_touch(struct synthetic_set *set, struct store *store, unsigned count);
void synthetic_render(const struct synthetic_pod *pod, const struct store_version *version,
                      bool typed, struct strbuf *out);
/* Put a version that is made outside (taken). */
void store_put_version(struct store *store, enum demo_kind kind, struct store_version *version);

#endif
