/* pod: sealing a draft into one block, and the finders.
 *
 * The block is measured and written by the same walk: the first pass only counts, the second copies
 * into memory of exactly that size. Both passes take the same decisions (which string is interned,
 * which was seen a moment ago), so the second cannot run past the end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/pod.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/intern.h"

/* Strings of the block seen lately, by hash: repeats (mount names, paths, images) are stored once.
 */
#define SEAL_SEEN_SLOTS 64u

struct seal_seen {
    const char *text; /* in the draft */
    size_t len;
    size_t offset; /* in the block */
};

struct sealer {
    char *block; /* NULL while measuring */
    size_t used;
    struct seal_seen seen[SEAL_SEEN_SLOTS];
};

/* Room for `size` bytes; NULL while measuring. */
static void *
seal_room(struct sealer *s, size_t size, size_t align)
{
    s->used = (s->used + align - 1) / align * align;
    void *at = s->block ? s->block + s->used : NULL;
    s->used += size;
    return at;
}

/* Copy an array of structs; NULL while measuring, and for none. */
static void *
seal_array(struct sealer *s, const void *items, size_t count, size_t size)
{
    if (count == 0)
        return NULL;
    void *at = seal_room(s, count * size, _Alignof(max_align_t));
    if (at)
        memcpy(at, items, count * size);
    return at;
}

static size_t
seal_hash(const char *text, size_t len)
{
    size_t hash = len;
    size_t head = len < 24 ? len : 24;
    for (size_t i = 0; i < head; i++)
        hash = hash * 31 + (unsigned char)text[i];
    for (size_t i = len > 32 ? len - 8 : head; i < len; i++)
        hash = hash * 31 + (unsigned char)text[i];
    return hash ^ (hash >> 11);
}

/* The text's place in the block; NULL while measuring. */
static const char *
seal_text(struct sealer *s, const char *text)
{
    if (!text || !*text)
        return "";
    size_t len = strlen(text);
    struct seal_seen *seen = &s->seen[seal_hash(text, len) % SEAL_SEEN_SLOTS];
    if (seen->text && seen->len == len && memcmp(seen->text, text, len) == 0)
        return s->block ? s->block + seen->offset : NULL;
    *seen = (struct seal_seen){.text = text, .len = len, .offset = s->used};
    char *at = seal_room(s, len + 1, 1);
    if (at)
        memcpy(at, text, len + 1);
    return at;
}

/* As seal_text for slow vocabularies: one copy for the whole process if the pool has room. */
static const char *
seal_word(struct sealer *s, const char *text)
{
    if (!text || !*text)
        return "";
    const char *word = iw_intern(text, strlen(text));
    return word ? word : seal_text(s, text);
}

/* dst is NULL while measuring: the text is then only counted. */
#define SEAL_TEXT(s, dst, src, field)                                                              \
    do {                                                                                           \
        const char *sealed_ = seal_text((s), (src)->field);                                        \
        if (dst)                                                                                   \
            (dst)->field = sealed_;                                                                \
    } while (0)
#define SEAL_WORD(s, dst, src, field)                                                              \
    do {                                                                                           \
        const char *sealed_ = seal_word((s), (src)->field);                                        \
        if (dst)                                                                                   \
            (dst)->field = sealed_;                                                                \
    } while (0)
/* An array of structs, and its place in the parent. */
#define SEAL_ARRAY(s, dst, src, field, count)                                                      \
    do {                                                                                           \
        void *sealed_ = seal_array((s), (src)->field, (count), sizeof(*(src)->field));             \
        if (dst)                                                                                   \
            (dst)->field = sealed_;                                                                \
    } while (0)
/* Element i of a sealed array, writable; NULL while measuring. */
#define SEAL_ITEM(type, dst, field, i) ((dst) ? (type *)(uintptr_t) & (dst)->field[i] : NULL)

static void
seal_resources(struct sealer *s, struct resource_list *dst, const struct resource_list *src)
{
    SEAL_ARRAY(s, dst, src, items, src->count);
    for (uint32_t i = 0; i < src->count; i++) {
        struct resource_item *item = SEAL_ITEM(struct resource_item, dst, items, i);
        SEAL_WORD(s, item, &src->items[i], name);
        SEAL_WORD(s, item, &src->items[i], text);
    }
}
#define SEAL_RESOURCES(s, dst, src, field)                                                         \
    seal_resources((s), (dst) ? &(dst)->field : NULL, &(src)->field)

/* An array of texts. */
static const char *const *
seal_texts(struct sealer *s, const char *const *texts, uint32_t count, bool words)
{
    const char **at = seal_array(s, texts, count, sizeof(*texts));
    for (uint32_t i = 0; i < count; i++) {
        const char *text = words ? seal_word(s, texts[i]) : seal_text(s, texts[i]);
        if (at)
            at[i] = text;
    }
    return at;
}
#define SEAL_TEXTS(s, dst, src, field, count, words)                                               \
    do {                                                                                           \
        const char *const *sealed_ = seal_texts((s), (src)->field, (count), (words));              \
        if (dst)                                                                                   \
            (dst)->field = sealed_;                                                                \
    } while (0)

static void
seal_state(struct sealer *s, struct container_state *dst, const struct container_state *src)
{
    struct container_end *end = dst ? &dst->end : NULL;
    SEAL_WORD(s, dst, src, waiting_reason);
    SEAL_TEXT(s, dst, src, waiting_message);
    SEAL_WORD(s, end, &src->end, reason);
    SEAL_TEXT(s, end, &src->end, message);
    SEAL_TEXT(s, end, &src->end, container_id);
}

static void
seal_status(struct sealer *s, struct container_status *dst, const struct container_status *src)
{
    SEAL_TEXT(s, dst, src, name);
    SEAL_WORD(s, dst, src, image);
    SEAL_WORD(s, dst, src, image_id);
    SEAL_TEXT(s, dst, src, container_id);
    seal_state(s, dst ? &dst->state : NULL, &src->state);
    seal_state(s, dst ? &dst->last : NULL, &src->last);
    SEAL_RESOURCES(s, dst, src, requests);
    SEAL_RESOURCES(s, dst, src, limits);
    SEAL_RESOURCES(s, dst, src, allocated);
}

static void
seal_needs(struct sealer *s, struct container *dst, const struct container *src)
{
    SEAL_ARRAY(s, dst, src, mounts, src->mount_count);
    for (uint32_t i = 0; i < src->mount_count; i++) {
        struct container_mount *mount = SEAL_ITEM(struct container_mount, dst, mounts, i);
        SEAL_TEXT(s, mount, &src->mounts[i], volume);
        SEAL_WORD(s, mount, &src->mounts[i], path);
        SEAL_TEXT(s, mount, &src->mounts[i], sub_path);
    }
    SEAL_ARRAY(s, dst, src, ports, src->port_count);
    for (uint32_t i = 0; i < src->port_count; i++) {
        struct container_port *port = SEAL_ITEM(struct container_port, dst, ports, i);
        SEAL_WORD(s, port, &src->ports[i], name);
        SEAL_WORD(s, port, &src->ports[i], protocol);
    }
    SEAL_ARRAY(s, dst, src, refs, src->ref_count);
    for (uint32_t i = 0; i < src->ref_count; i++) {
        struct container_ref *ref = SEAL_ITEM(struct container_ref, dst, refs, i);
        SEAL_WORD(s, ref, &src->refs[i], kind);
        SEAL_TEXT(s, ref, &src->refs[i], name);
        SEAL_TEXT(s, ref, &src->refs[i], key);
    }
}

static void
seal_container(struct sealer *s, struct container *dst, const struct container *src)
{
    SEAL_TEXT(s, dst, src, name);
    SEAL_WORD(s, dst, src, image);
    SEAL_WORD(s, dst, src, pull_policy);
    SEAL_WORD(s, dst, src, restart_policy);
    SEAL_TEXTS(s, dst, src, command, src->command_count, false);
    SEAL_TEXTS(s, dst, src, args, src->arg_count, false);
    SEAL_ARRAY(s, dst, src, rules, src->rule_count);
    for (uint32_t i = 0; i < src->rule_count; i++) {
        struct restart_rule *rule = SEAL_ITEM(struct restart_rule, dst, rules, i);
        SEAL_WORD(s, rule, &src->rules[i], action);
        SEAL_WORD(s, rule, &src->rules[i], op);
        SEAL_ARRAY(s, rule, &src->rules[i], codes, src->rules[i].code_count);
    }
    seal_needs(s, dst, src);
    SEAL_WORD(s, dst, src, startup.target);
    SEAL_WORD(s, dst, src, readiness.target);
    SEAL_WORD(s, dst, src, liveness.target);
    SEAL_RESOURCES(s, dst, src, requests);
    SEAL_RESOURCES(s, dst, src, limits);
}

static void
seal_identity(struct sealer *s, struct pod *dst, const struct pod *src)
{
    SEAL_WORD(s, dst, src, cluster);
    SEAL_WORD(s, dst, src, ns);
    SEAL_TEXT(s, dst, src, name);
    SEAL_TEXT(s, dst, src, uid);
    SEAL_TEXT(s, dst, src, resource_version);
    SEAL_WORD(s, dst, src, owner_kind);
    SEAL_TEXT(s, dst, src, owner_name);
    SEAL_WORD(s, dst, src, default_container);
    SEAL_ARRAY(s, dst, src, labels, src->label_count);
    for (uint32_t i = 0; i < src->label_count; i++) {
        struct pod_label *label = SEAL_ITEM(struct pod_label, dst, labels, i);
        SEAL_WORD(s, label, &src->labels[i], key);
        SEAL_TEXT(s, label, &src->labels[i], value);
    }
}

static void
seal_spec(struct sealer *s, struct pod *dst, const struct pod *src)
{
    SEAL_WORD(s, dst, src, node);
    SEAL_WORD(s, dst, src, restart_policy);
    SEAL_WORD(s, dst, src, scheduler);
    SEAL_WORD(s, dst, src, service_account);
    SEAL_WORD(s, dst, src, priority_class);
    SEAL_TEXTS(s, dst, src, readiness_gates, src->readiness_gate_count, true);
    SEAL_TEXTS(s, dst, src, scheduling_gates, src->scheduling_gate_count, true);
    SEAL_ARRAY(s, dst, src, volumes, src->volume_count);
    for (uint32_t i = 0; i < src->volume_count; i++) {
        struct pod_volume *volume = SEAL_ITEM(struct pod_volume, dst, volumes, i);
        SEAL_TEXT(s, volume, &src->volumes[i], name);
        SEAL_WORD(s, volume, &src->volumes[i], kind);
        SEAL_TEXT(s, volume, &src->volumes[i], ref);
    }
    SEAL_RESOURCES(s, dst, src, overhead);
    SEAL_RESOURCES(s, dst, src, pod_requests);
    SEAL_RESOURCES(s, dst, src, pod_limits);
}

static void
seal_pod_status(struct sealer *s, struct pod *dst, const struct pod *src)
{
    SEAL_WORD(s, dst, src, phase);
    SEAL_WORD(s, dst, src, reason);
    SEAL_TEXT(s, dst, src, message);
    SEAL_WORD(s, dst, src, qos_class);
    SEAL_WORD(s, dst, src, nominated_node);
    SEAL_TEXT(s, dst, src, ip);
    SEAL_WORD(s, dst, src, host_ip);
    SEAL_ARRAY(s, dst, src, conditions, src->condition_count);
    for (uint32_t i = 0; i < src->condition_count; i++) {
        struct pod_condition *condition = SEAL_ITEM(struct pod_condition, dst, conditions, i);
        SEAL_WORD(s, condition, &src->conditions[i], type);
        SEAL_WORD(s, condition, &src->conditions[i], status);
        SEAL_WORD(s, condition, &src->conditions[i], reason);
        SEAL_TEXT(s, condition, &src->conditions[i], message);
    }
    SEAL_RESOURCES(s, dst, src, status_requests);
    SEAL_RESOURCES(s, dst, src, status_limits);
    SEAL_RESOURCES(s, dst, src, status_allocated);
}

/* One pass over the whole draft. */
static void
seal_walk(struct sealer *s, const struct pod *src)
{
    struct pod *dst = seal_array(s, src, 1, sizeof(*src));
    SEAL_ARRAY(s, dst, src, containers, src->container_count);
    SEAL_ARRAY(s, dst, src, statuses, src->status_count);
    seal_identity(s, dst, src);
    seal_spec(s, dst, src);
    for (uint32_t i = 0; i < src->container_count; i++)
        seal_container(s, SEAL_ITEM(struct container, dst, containers, i), &src->containers[i]);
    for (uint32_t i = 0; i < src->status_count; i++)
        seal_status(s, SEAL_ITEM(struct container_status, dst, statuses, i), &src->statuses[i]);
    seal_pod_status(s, dst, src);
}

static const struct container_status *
seal_find_status(const struct pod *pod, enum container_list list, const char *name)
{
    uint32_t count;
    const struct container_status *statuses = pod_statuses(pod, list, &count);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(statuses[i].name, name) == 0)
            return &statuses[i];
    return NULL;
}

/* What follows from the rest of the record: kind, position, tag and the status of each container.
 */
static void
seal_derive(struct pod *pod)
{
    static const char letters[CONTAINER_KIND_COUNT] = {'i', 's', 'a', 'E'};
    unsigned number[CONTAINER_KIND_COUNT] = {0};
    struct container *containers = (struct container *)(uintptr_t)pod->containers;
    for (uint32_t i = 0; i < pod->container_count; i++) {
        struct container *c = &containers[i];
        uint32_t first = i < pod->init_count                    ? 0
                         : i < pod->init_count + pod->app_count ? pod->init_count
                                                                : pod->init_count + pod->app_count;
        c->list = i < pod->init_count                    ? LIST_INIT
                  : i < pod->init_count + pod->app_count ? LIST_APP
                                                         : LIST_EPHEMERAL;
        c->kind = c->list == LIST_APP                        ? CONTAINER_APP
                  : c->list == LIST_EPHEMERAL                ? CONTAINER_EPHEMERAL
                  : strcmp(c->restart_policy, "Always") == 0 ? CONTAINER_SIDECAR
                                                             : CONTAINER_INIT;
        c->list_index = (uint16_t)(i - first);
        number[c->kind]++;
        (void)snprintf(c->tag, sizeof(c->tag), "%c%u", letters[c->kind], number[c->kind] % 1000000);
        c->status = seal_find_status(pod, c->list, c->name);
    }
}

struct pod *
pod_seal(const struct pod *draft)
{
    struct sealer s;
    memset(&s, 0, sizeof(s));
    seal_walk(&s, draft);
    size_t size = s.used;

    memset(&s, 0, sizeof(s));
    s.block = iw_malloc(size);
    seal_walk(&s, draft);
    if (s.used != size)
        iw_fatal("pod_seal: measured %zu bytes, wrote %zu", size, s.used);

    struct pod *pod = (struct pod *)(void *)s.block;
    pod->size_bytes = size;
    seal_derive(pod);
    return pod;
}

void
pod_free(struct pod *pod)
{
    free(pod);
}

const struct container_status *
pod_statuses(const struct pod *pod, enum container_list list, uint32_t *count)
{
    uint32_t init = pod->init_status_count;
    uint32_t app = pod->app_status_count;
    switch (list) {
    case LIST_INIT:
        *count = init;
        return pod->statuses;
    case LIST_APP:
        *count = app;
        return init < pod->status_count ? pod->statuses + init : NULL;
    case LIST_EPHEMERAL:
        *count = pod->status_count - init - app;
        return init + app < pod->status_count ? pod->statuses + init + app : NULL;
    case LIST_COUNT:
        break;
    }
    *count = 0;
    return NULL;
}

const struct container *
pod_find_container(const struct pod *pod, const char *name)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const struct pod_condition *
pod_condition(const struct pod *pod, const char *type)
{
    for (uint32_t i = 0; i < pod->condition_count; i++)
        if (strcmp(pod->conditions[i].type, type) == 0)
            return &pod->conditions[i];
    return NULL;
}

bool
pod_is_deleted(const struct pod *pod)
{
    return pod->deletion_ms != IW_TIME_NONE;
}

bool
pod_is_terminal(const struct pod *pod)
{
    return strcmp(pod->phase, "Succeeded") == 0 || strcmp(pod->phase, "Failed") == 0;
}
