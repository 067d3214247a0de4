/* objects: the demo server's etcd and watch cache. Versioned objects as ready JSON bytes, and the
 * history of changes for watches.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_OBJECTS_H
#define INITWATCH_DEMO_OBJECTS_H

#include <jansson.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/demo/kinds.h"

#define STORE_HISTORY 4096

/* The spec of one or more versions in both forms. A tree that comes again (the same pointer) is
 * written once, for however many versions of however many pods; nobody may change it meanwhile. */
struct objects_part;

/* One immutable version of an object. Its bytes are `{"metadata":...}` without kind and apiVersion,
 * and without the spec, which belongs at `spec_at`; a generated pod has no bytes of its own but is
 * rendered when it is sent. */
struct objects_version {
    unsigned refs;
    uint64_t rv;
    const char *ns, *name, *uid; /* borrowed from key */
    char *key;                   /* "ns/name" */
    char *owner;                 /* uid of the controller, or NULL */
    json_t *labels;
    char *fields; /* what field selectors can ask for: number of the path, text NUL ... NUL */
    char *bytes;
    size_t len, spec_at;
    struct objects_part *spec; /* NULL: it has none */
    char *protobuf;            /* without the spec; made when somebody asks for it */
    size_t protobuf_len, protobuf_spec_at;
    const struct synthetic_pod *synthetic; /* or NULL */
    unsigned generation;                   /* of the generated pod */
    char uid_text[40];
};

struct objects_versions {
    struct objects_version **items;
    size_t len, cap;
};

enum objects_change { STORE_ADDED, STORE_MODIFIED, STORE_DELETED };

struct objects_entry {
    enum objects_change change;
    enum demo_kind kind;
    uint64_t rv;
    struct objects_version *now, *before; /* before: NULL for ADDED */
};

struct objects {
    uint64_t rv;
    VEC(struct objects_version *) objects[DEMO_KIND_COUNT]; /* sorted by key */
    struct objects_entry history[STORE_HISTORY];            /* a ring */
    uint64_t history_first, history_next;                   /* sequence numbers */
    size_t history_bytes;                                   /* of the versions in it */
    uint64_t forgotten_rv; /* newest version that fell out of the ring */
    struct objects_parts *parts;
    bool protobuf_asked[DEMO_KIND_COUNT]; /* somebody reads that kind so: encode at once */
};

struct objects *demo_store_new(void) IW_NODISCARD;
void demo_store_free(struct objects *store);
/* A new version (object taken); its resourceVersion is set here. Its spec and its labels are kept
 * by reference and must never change. */
void objects_put(struct objects *store, enum demo_kind kind, json_t *object);
void objects_gone(struct objects *store, enum demo_kind kind, const char *ns, const char *name);
/* Borrowed; NULL when there is none. */
struct objects_version *demo_store_find(const struct objects *store, enum demo_kind kind,
                                        const char *ns, const char *name);
struct objects_version *objects_version_ref(struct objects_version *version);
void objects_version_unref(struct objects_version *version);
/* Index of the first object with a key not below `key`. */
size_t objects_lower_bound(const struct objects *store, enum demo_kind kind, const char *key);
/* The objects of a kind as they were at version rv, by key, each a reference; false when that is
 * no longer known. */
bool objects_at(const struct objects *store, enum demo_kind kind, uint64_t rv,
                struct objects_versions *out);
void objects_versions_free(struct objects_versions *list);
/* Forget the history: what was read before can neither be continued nor watched from. */
void objects_forget(struct objects *store);
/* The text of a field a selector names ("metadata.name"), or NULL when that kind has no such field.
 */
const char *objects_field(const struct objects_version *version, enum demo_kind kind,
                          const char *path);
/* The `fields` of a version made outside: paths and texts in turn, NULL-terminated. New. */
char *objects_fields_make(enum demo_kind kind, const char *const *pairs) IW_NODISCARD;
/* Append the object's bytes, with kind and apiVersion when `typed`. */
void objects_render(const struct objects_version *version, enum demo_kind kind, bool typed,
                    struct strbuf *out);

/* The same as a protobuf message, only of pods and events. */
bool objects_have_protobuf(enum demo_kind kind);
size_t objects_encoded_size(struct objects_version *version, enum demo_kind kind);
void objects_encode(struct objects_version *version, enum demo_kind kind, struct strbuf *out);
/* The version is old news: who asks for it as a message again gets it made anew. */
void objects_encoded_drop(struct objects_version *version);

/* Generated pods for measurements: about 20 KB of JSON each, rendered from one template. */
struct synthetic_set;
struct synthetic_set *synthetic_new(struct objects *store, unsigned count, uint64_t seed,
                                    int64_t wall_ms) IW_NODISCARD;
void synthetic_free(struct synthetic_set *set);
/* Change `count` of them, one watch event each: from `first` on, or (-1) from the one after the
 * last time. */
void synthetic_touch(struct synthetic_set *set, struct objects *store, int64_t first,
                     unsigned count);
void synthetic_render(const struct synthetic_pod *pod, const struct objects_version *version,
                      bool typed, struct strbuf *out);
size_t synthetic_encoded_size(const struct synthetic_pod *pod,
                              const struct objects_version *version);
void synthetic_encode(const struct synthetic_pod *pod, const struct objects_version *version,
                      struct strbuf *out);
/* Put a version that is made outside (taken). */
void objects_put_version(struct objects *store, enum demo_kind kind,
                         struct objects_version *version);

#endif
