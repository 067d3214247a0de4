/* objects: records by kind, found by namespace and name, and the state of each list.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"

/* Most records fit into this. */
enum { OBJECT_FIRST_BYTES = 512 };
/* "NAMESPACE/NAME" */
enum { OBJECT_KEY_BYTES = 400 };

struct scope {
    char ns[64];
    enum objects_state state;
    bool synced; /* a list was complete */
    uint32_t began;
    char sentence[256];
};
struct kind_set {
    VEC(struct kobject *) all;
    VEC(struct scope) scopes;
    struct strmap by_key;
    bool truncated;
};
struct kobjects {
    struct kind_set kinds[KOBJECT_KIND_COUNT];
    uint64_t generation;
    uint32_t mark;
};

static const struct kobject_kind_info KIND_TABLE[KOBJECT_KIND_COUNT] = {
#define X(code, kind, plural, path, namespaced, fields)                                            \
    [KOBJECT_##code] = {kind, plural, path, fields, namespaced},
    KOBJECT_KINDS(X)
#undef X
};

const struct kobject_kind_info *
kobject_kind_info(enum kobject_kind kind)
{
    return &KIND_TABLE[kind];
}

bool
kobject_kind_parse(const char *name, enum kobject_kind *out)
{
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        if (strcmp(KIND_TABLE[i].kind, name) == 0) {
            *out = (enum kobject_kind)i;
            return true;
        }
    }
    return false;
}

/* Ref: kubectl api-resources, SHORTNAMES. */
static const char *const SHORT_NAMES[KOBJECT_KIND_COUNT] = {
    [KOBJECT_POD] = "po",
    [KOBJECT_NODE] = "no",
    [KOBJECT_SERVICE] = "svc",
    [KOBJECT_PVC] = "pvc",
    [KOBJECT_STORAGECLASS] = "sc",
    [KOBJECT_CONFIGMAP] = "cm",
    [KOBJECT_QUOTA] = "quota",
    [KOBJECT_LIMITRANGE] = "limits",
    [KOBJECT_DEPLOYMENT] = "deploy",
    [KOBJECT_REPLICASET] = "rs",
    [KOBJECT_STATEFULSET] = "sts",
    [KOBJECT_DAEMONSET] = "ds",
    [KOBJECT_NETWORKPOLICY] = "netpol",
    [KOBJECT_CRONJOB] = "cj",
};

bool
kobject_kind_named(const char *name, enum kobject_kind *out)
{
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        const struct kobject_kind_info *info = kobject_kind_info((enum kobject_kind)i);
        *out = (enum kobject_kind)i;
        if (strcasecmp(name, info->kind) == 0 || strcasecmp(name, info->plural) == 0 ||
            (SHORT_NAMES[i] && strcasecmp(name, SHORT_NAMES[i]) == 0))
            return true;
    }
    return false;
}

const char *
kobjects_state_word(enum objects_state state)
{
    static const char *const words[] = {
#define X(name, word) [OBJECTS_##name] = word,
        OBJECTS_STATES(X)
#undef X
    };
    return (unsigned)state < IW_COUNTOF(words) ? words[state] : "?";
}

/* --- one object --- */

struct kobject *
kobject_new(enum kobject_kind kind)
{
    struct kobject *o = iw_calloc(1, sizeof(*o));
    o->kind = kind;
    o->ns = o->name = o->uid = o->resource_version = o->owner_kind = o->owner_name = "";
    o->created_ms = o->deletion_ms = IW_TIME_NONE;
    arena_init(&o->memory, LIMIT_OBJECT_BYTES);
    o->memory.first_bytes = OBJECT_FIRST_BYTES;
    return o;
}

void
kobject_free(struct kobject *o)
{
    if (!o)
        return;
    arena_free(&o->memory);
    free(o);
}

static const char *
label_value(const struct pod_label *labels, uint32_t count, const char *key)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(labels[i].key, key) == 0)
            return labels[i].value;
    }
    return NULL;
}

static bool
term_matches(const struct selector_term *t, const struct pod_label *labels, uint32_t count)
{
    const char *value = label_value(labels, count, t->key);
    if (strcmp(t->op, "Exists") == 0)
        return value != NULL;
    if (strcmp(t->op, "DoesNotExist") == 0)
        return value == NULL;
    bool listed = false;
    for (uint32_t i = 0; value && i < t->value_count; i++)
        listed = listed || strcmp(t->values[i], value) == 0;
    return strcmp(t->op, "NotIn") == 0 ? !listed : listed;
}

bool
label_selector_matches(const struct label_selector *s, const struct pod_label *labels,
                       uint32_t count)
{
    for (uint32_t i = 0; i < s->count; i++) {
        if (!term_matches(&s->terms[i], labels, count))
            return false;
    }
    return s->present;
}

static size_t
append(char *out, size_t out_size, size_t at, const char *text)
{
    if (at < out_size)
        (void)snprintf(out + at, out_size - at, "%s", text);
    return at + strlen(text);
}

static size_t
append_term(const struct selector_term *t, char *out, size_t out_size, size_t at)
{
    bool in = strcmp(t->op, "In") == 0;
    if (strcmp(t->op, "DoesNotExist") == 0)
        at = append(out, out_size, at, "!");
    at = append(out, out_size, at, t->key);
    if (t->value_count == 0)
        return at;
    bool plain = in && t->value_count == 1;
    at = append(out, out_size, at, plain ? "=" : in ? " in (" : " notin (");
    for (uint32_t i = 0; i < t->value_count; i++) {
        if (i > 0)
            at = append(out, out_size, at, ",");
        at = append(out, out_size, at, t->values[i]);
    }
    return plain ? at : append(out, out_size, at, ")");
}

void
label_selector_text(const struct label_selector *s, char *out, size_t out_size)
{
    size_t at = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < s->count; i++) {
        if (i > 0)
            at = append(out, out_size, at, ",");
        at = append_term(&s->terms[i], out, out_size, at);
    }
}

/* --- the set --- */

struct kobjects *
kobjects_new(void)
{
    struct kobjects *s = iw_calloc(1, sizeof(*s));
    s->generation = 1;
    return s;
}

static void
kind_set_clear(struct kind_set *set)
{
    for (size_t i = 0; i < set->all.len; i++)
        kobject_free(set->all.items[i]);
    vec_free(&set->all);
    vec_free(&set->scopes);
    strmap_free(&set->by_key);
    *set = (struct kind_set){0};
}

void
kobjects_clear(struct kobjects *s)
{
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++)
        kind_set_clear(&s->kinds[i]);
    s->generation++;
}

void
kobjects_free(struct kobjects *s)
{
    if (!s)
        return;
    kobjects_clear(s);
    free(s);
}

static void
object_key(const char *ns, const char *name, char out[OBJECT_KEY_BYTES])
{
    (void)snprintf(out, OBJECT_KEY_BYTES, "%.80s/%.300s", ns, name);
}

/* The list of exactly this namespace; made when absent. */
static struct scope *
scope_of(struct kind_set *set, const char *ns)
{
    for (size_t i = 0; i < set->scopes.len; i++) {
        if (strcmp(set->scopes.items[i].ns, ns) == 0)
            return &set->scopes.items[i];
    }
    struct scope scope = {.state = OBJECTS_LOADING};
    (void)snprintf(scope.ns, sizeof(scope.ns), "%.63s", ns);
    vec_push(&set->scopes, scope);
    return &set->scopes.items[set->scopes.len - 1];
}

/* The list that knows most about a namespace: its own, or that of all. */
static const struct scope *
scope_covering(const struct kobjects *s, enum kobject_kind kind, const char *ns)
{
    const struct scope *best = NULL;
    if (!KIND_TABLE[kind].namespaced)
        ns = "";
    for (size_t i = 0; s && i < s->kinds[kind].scopes.len; i++) {
        const struct scope *it = &s->kinds[kind].scopes.items[i];
        bool covers = it->ns[0] == '\0' || strcmp(it->ns, ns) == 0;
        if (covers && (!best || (it->synced && !best->synced)))
            best = it;
    }
    return best;
}

void
kobjects_begin(struct kobjects *s, enum kobject_kind kind, const char *ns)
{
    scope_of(&s->kinds[kind], ns)->began = ++s->mark;
}

static void
drop_at(struct kind_set *set, size_t at)
{
    char key[OBJECT_KEY_BYTES];
    struct kobject *gone = set->all.items[at];
    object_key(gone->ns, gone->name, key);
    strmap_remove(&set->by_key, key);
    kobject_free(gone);
    set->all.items[at] = set->all.items[--set->all.len];
    if (at == set->all.len)
        return;
    object_key(set->all.items[at]->ns, set->all.items[at]->name, key);
    strmap_put(&set->by_key, key, (uint32_t)at);
}

void
kobjects_put(struct kobjects *s, struct kobject *o)
{
    struct kind_set *set = &s->kinds[o->kind];
    char key[OBJECT_KEY_BYTES];
    uint32_t at;
    object_key(o->ns, o->name, key);
    o->mark = s->mark;
    s->generation++;
    if (strmap_get(&set->by_key, key, &at)) {
        kobject_free(set->all.items[at]);
        set->all.items[at] = o;
    } else if (set->all.len >= LIMIT_OBJECTS_PER_KIND) {
        set->truncated = true;
        kobject_free(o);
    } else {
        strmap_put(&set->by_key, key, (uint32_t)set->all.len);
        vec_push(&set->all, o);
    }
}

void
kobjects_remove(struct kobjects *s, enum kobject_kind kind, const char *ns, const char *name)
{
    struct kind_set *set = &s->kinds[kind];
    char key[OBJECT_KEY_BYTES];
    uint32_t at;
    object_key(ns, name, key);
    if (!strmap_get(&set->by_key, key, &at))
        return;
    drop_at(set, at);
    s->generation++;
}

/* Drop what lies in the namespace and was last seen before the mark. */
static void
sweep(struct kind_set *set, const char *ns, uint32_t mark)
{
    for (size_t i = set->all.len; i-- > 0;) {
        const struct kobject *o = set->all.items[i];
        bool in_scope = ns[0] == '\0' || strcmp(o->ns, ns) == 0;
        if (in_scope && o->mark < mark)
            drop_at(set, i);
    }
}

void
kobjects_end(struct kobjects *s, enum kobject_kind kind, const char *ns)
{
    struct scope *scope = scope_of(&s->kinds[kind], ns);
    sweep(&s->kinds[kind], ns, scope->began);
    scope->synced = true;
    scope->state = OBJECTS_LIVE;
    s->generation++;
}

void
kobjects_set_state(struct kobjects *s, enum kobject_kind kind, const char *ns,
                   enum objects_state state, const struct iw_error *err)
{
    struct scope *scope = scope_of(&s->kinds[kind], ns);
    const char *sentence = err && err->code != IW_OK ? err->msg : "";
    if (scope->state == state && strcmp(scope->sentence, sentence) == 0)
        return;
    scope->state = state;
    (void)snprintf(scope->sentence, sizeof(scope->sentence), "%.250s", sentence);
    /* What may not be listed any more is not known any more. */
    if (state == OBJECTS_DENIED) {
        scope->synced = false;
        sweep(&s->kinds[kind], ns, UINT32_MAX);
    }
    s->generation++;
}

void
kobjects_forget(struct kobjects *s, enum kobject_kind kind, const char *ns)
{
    struct kind_set *set = &s->kinds[kind];
    for (size_t i = 0; i < set->scopes.len; i++) {
        if (strcmp(set->scopes.items[i].ns, ns) == 0) {
            vec_remove(&set->scopes, i);
            break;
        }
    }
    /* Another list may cover these objects still. */
    if (!scope_covering(s, kind, ns))
        sweep(set, ns, UINT32_MAX);
    s->generation++;
}

/* --- reading --- */

uint64_t
kobjects_generation(const struct kobjects *s)
{
    return s ? s->generation : 0;
}

enum objects_state
kobjects_state(const struct kobjects *s, enum kobject_kind kind, const char *ns)
{
    const struct scope *scope = scope_covering(s, kind, ns);
    return scope ? scope->state : OBJECTS_NOT_ASKED;
}

const char *
kobjects_error(const struct kobjects *s, enum kobject_kind kind, const char *ns)
{
    const struct scope *scope = scope_covering(s, kind, ns);
    return scope ? scope->sentence : "";
}

enum objects_answer
kobjects_look(const struct kobjects *s, enum kobject_kind kind, const char *ns, const char *name,
              const struct kobject **out)
{
    char key[OBJECT_KEY_BYTES];
    uint32_t at;
    if (out)
        *out = NULL;
    if (!s)
        return OBJECTS_UNKNOWN;
    const struct kind_set *set = &s->kinds[kind];
    object_key(KIND_TABLE[kind].namespaced ? ns : "", name, key);
    if (strmap_get(&set->by_key, key, &at)) {
        if (out)
            *out = set->all.items[at];
        return OBJECTS_FOUND;
    }
    const struct scope *scope = scope_covering(s, kind, ns);
    return scope && scope->synced && !set->truncated ? OBJECTS_ABSENT : OBJECTS_UNKNOWN;
}

size_t
kobjects_count(const struct kobjects *s, enum kobject_kind kind)
{
    return s ? s->kinds[kind].all.len : 0;
}

const struct kobject *
kobjects_at(const struct kobjects *s, enum kobject_kind kind, size_t i)
{
    return s->kinds[kind].all.items[i];
}

size_t
kobjects_total(const struct kobjects *s)
{
    size_t total = 0;
    for (int i = 0; s && i < KOBJECT_KIND_COUNT; i++)
        total += s->kinds[i].all.len;
    return total;
}

uint32_t
kobjects_denied(const struct kobjects *s, enum objects_state why)
{
    uint32_t bits = 0;
    for (int i = 0; s && i < KOBJECT_KIND_COUNT; i++) {
        for (size_t k = 0; k < s->kinds[i].scopes.len; k++) {
            if (s->kinds[i].scopes.items[k].state == why)
                bits |= 1u << i;
        }
    }
    return bits;
}
