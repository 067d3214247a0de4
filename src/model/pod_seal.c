/* pod_seal: a draft becomes a record.
 *
 * What only this pod has is one allocation. Words of slow vocabularies are interned; what containers of
 * one template have in common (commands, ports, references, probes, resources) is a block of share.h,
 * one for each container.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/intern.h"
#include "initwatch/model/pod.h"
#include "share.h"

/* Strings of an area seen lately, by hash: repeats (volume names, messages) are stored once. */
#define SEEN_SLOTS 64u

struct seen {
    const char *text; /* in the draft */
    size_t len, place;
};
struct sealer {
    struct area area;
    struct seen seen[SEEN_SLOTS];
};

/* Kept from pod to pod for their memory. */
static struct sealer own, common;

const struct container_state container_state_none = {.waiting_reason = "",
                                                     .waiting_message = "",
                                                     .running_since_ms = IW_TIME_NONE,
                                                     .end = {.reason = "",
                                                             .message = "",
                                                             .container_id = "",
                                                             .started_ms = IW_TIME_NONE,
                                                             .finished_ms = IW_TIME_NONE}};
const struct status_resources status_resources_none = {0};
const struct probe probe_none = {.target = "", .grace_s = -1};

static void
sealer_clear(struct sealer *s)
{
    area_clear(&s->area);
    memset(s->seen, 0, sizeof(s->seen));
}

/* --- texts --- */

static size_t
text_hash(const char *text, size_t len)
{
    size_t hash = len, head = len < 24 ? len : 24;
    for (size_t i = 0; i < head; i++)
        hash = hash * 31 + (unsigned char)text[i];
    for (size_t i = len > 32 ? len - 8 : head; i < len; i++)
        hash = hash * 31 + (unsigned char)text[i];
    return hash ^ (hash >> 11);
}

/* The pointer at `place` becomes a copy of the text in the area. */
static void
put_text(struct sealer *s, size_t place, const char *text)
{
    if (!text || !*text) {
        area_point(&s->area, place, "");
        return;
    }
    size_t len = strlen(text);
    struct seen *seen = &s->seen[text_hash(text, len) % SEEN_SLOTS];
    if (!seen->text || seen->len != len || memcmp(seen->text, text, len) != 0) {
        *seen = (struct seen){text, len, area_room(&s->area, len + 1, 1)};
        memcpy(area_at(&s->area, seen->place), text, len);
    }
    area_point_inside(&s->area, place, seen->place);
}

/* The same for slow vocabularies: one copy for the whole process if the pool has room. */
static void
put_word(struct sealer *s, size_t place, const char *text)
{
    const char *word = "";
    if (text && *text)
        word = iw_is_interned(text) ? text : iw_intern(text, strlen(text));
    if (word)
        area_point(&s->area, place, word);
    else
        put_text(s, place, text);
}
#define TEXT(s, at, src, field)                                                                    \
    put_text((s), (at) + offsetof(__typeof__(*(src)), field), (src)->field)
#define WORD(s, at, src, field)                                                                    \
    put_word((s), (at) + offsetof(__typeof__(*(src)), field), (src)->field)

/* --- arrays --- */

/* Room for an array whose address stands at `place`; NULL there for none. */
static size_t
put_array(struct sealer *s, size_t place, size_t count, size_t size)
{
    area_point(&s->area, place, NULL);
    if (count == 0)
        return 0;
    size_t array = area_room(&s->area, count * size, _Alignof(void *));
    area_point_inside(&s->area, place, array);
    return array;
}
#define ARRAY(s, at, src, field, count)                                                            \
    put_array((s), (at) + offsetof(__typeof__(*(src)), field), (count), sizeof(*(src)->field))

static void
put_texts(struct sealer *s, size_t place, const char *const *texts, uint32_t count, bool words)
{
    size_t array = put_array(s, place, count, sizeof(*texts));
    for (uint32_t i = 0; i < count; i++) {
        if (words)
            put_word(s, array + i * sizeof(*texts), texts[i]);
        else
            put_text(s, array + i * sizeof(*texts), texts[i]);
    }
}

/* `place`: of the pointer to the items. */
static void
put_resources(struct sealer *s, size_t place, const struct resource_list *src)
{
    size_t items = put_array(s, place, src->count, sizeof(*src->items));
    for (uint32_t i = 0; i < src->count; i++, items += sizeof(*src->items)) {
        WORD(s, items, &src->items[i], name);
        WORD(s, items, &src->items[i], text);
    }
}
#define RESOURCES(s, at, src, field)                                                               \
    put_resources((s), (at) + offsetof(__typeof__(*(src)), field.items), &(src)->field)

/* --- what containers have in common --- */

/* Pointers of a container, in the order in which they stand in front of its block; then its members
 * are filled from there. */
struct common {
    const char *const *command, *const *args;
    const struct restart_rule *rules;
    const struct container_port *ports;
    const struct container_ref *refs;
    const struct probe *startup, *readiness, *liveness;
    struct resource_list requests, limits;
};

static void
put_rules(struct sealer *s, const struct container *src)
{
    size_t at = put_array(s, offsetof(struct common, rules), src->rule_count, sizeof(*src->rules));
    for (uint32_t i = 0; i < src->rule_count; i++, at += sizeof(*src->rules)) {
        const struct restart_rule *rule = &src->rules[i];
        ((struct restart_rule *)area_at(&s->area, at))->code_count = rule->code_count;
        WORD(s, at, rule, action);
        WORD(s, at, rule, op);
        size_t codes = ARRAY(s, at, rule, codes, rule->code_count);
        if (rule->code_count > 0)
            memcpy(area_at(&s->area, codes), rule->codes, rule->code_count * sizeof(*rule->codes));
    }
}

static void
put_ports(struct sealer *s, const struct container *src)
{
    size_t at = put_array(s, offsetof(struct common, ports), src->port_count, sizeof(*src->ports));
    for (uint32_t i = 0; i < src->port_count; i++, at += sizeof(*src->ports)) {
        ((struct container_port *)area_at(&s->area, at))->port = src->ports[i].port;
        WORD(s, at, &src->ports[i], name);
        WORD(s, at, &src->ports[i], protocol);
    }
}

static void
put_refs(struct sealer *s, const struct container *src)
{
    size_t at = put_array(s, offsetof(struct common, refs), src->ref_count, sizeof(*src->refs));
    for (uint32_t i = 0; i < src->ref_count; i++, at += sizeof(*src->refs)) {
        ((struct container_ref *)area_at(&s->area, at))->optional = src->refs[i].optional;
        WORD(s, at, &src->refs[i], kind);
        TEXT(s, at, &src->refs[i], name);
        TEXT(s, at, &src->refs[i], key);
    }
}

static void
put_probe(struct sealer *s, size_t place, const struct probe *src)
{
    if (!src) {
        area_point(&s->area, place, &probe_none);
        return;
    }
    size_t at = put_array(s, place, 1, sizeof(*src));
    struct probe *probe = area_at(&s->area, at);
    /* Member by member: the bytes between them are part of what is compared. */
    probe->kind = src->kind;
    probe->initial_delay_s = src->initial_delay_s;
    probe->period_s = src->period_s;
    probe->timeout_s = src->timeout_s;
    probe->success_threshold = src->success_threshold;
    probe->failure_threshold = src->failure_threshold;
    probe->grace_s = src->grace_s;
    WORD(s, at, src, target);
}

static const struct common *
hold_common(const struct container *src)
{
    struct sealer *s = &common;
    sealer_clear(s);
    size_t at = area_room(&s->area, sizeof(struct common), _Alignof(struct common));
    put_texts(s, at + offsetof(struct common, command), src->command, src->command_count, false);
    put_texts(s, at + offsetof(struct common, args), src->args, src->arg_count, false);
    put_rules(s, src);
    put_ports(s, src);
    put_refs(s, src);
    put_probe(s, at + offsetof(struct common, startup), src->startup);
    put_probe(s, at + offsetof(struct common, readiness), src->readiness);
    put_probe(s, at + offsetof(struct common, liveness), src->liveness);
    put_resources(s, at + offsetof(struct common, requests.items), &src->requests);
    put_resources(s, at + offsetof(struct common, limits.items), &src->limits);
    return share_hold(&s->area);
}

/* Whether the container has just this: a draft made of a record, or of a shared container. */
static bool
has_common(const struct container *c, const struct common *shared)
{
    return shared && c->command == shared->command && c->args == shared->args &&
           c->rules == shared->rules && c->ports == shared->ports && c->refs == shared->refs &&
           c->startup == shared->startup && c->readiness == shared->readiness &&
           c->liveness == shared->liveness && c->requests.items == shared->requests.items &&
           c->limits.items == shared->limits.items;
}

static void
use_common(struct container *c, const struct common *shared)
{
    c->shared = shared;
    c->command = shared->command;
    c->args = shared->args;
    c->rules = shared->rules;
    c->ports = shared->ports;
    c->refs = shared->refs;
    c->startup = shared->startup;
    c->readiness = shared->readiness;
    c->liveness = shared->liveness;
    c->requests.items = shared->requests.items;
    c->limits.items = shared->limits.items;
}

static const struct common *
common_of(const struct container *c)
{
    if (!has_common(c, c->shared))
        return hold_common(c);
    share_again(c->shared);
    return c->shared;
}

/* --- a container --- */

/* NULL is "", as in put_text. */
static bool
same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool
same_mounts(const struct container *a, const struct container *b)
{
    if (a->mount_count != b->mount_count)
        return false;
    for (uint32_t i = 0; i < a->mount_count; i++) {
        const struct container_mount *m = &a->mounts[i], *n = &b->mounts[i];
        if (m->read_only != n->read_only || !same_text(m->volume, n->volume) ||
            !same_text(m->path, n->path) || !same_text(m->sub_path, n->sub_path))
            return false;
    }
    return true;
}

/* Containers of a pod often mount the same: `before` is the one before, or NULL, and its array
 * stands at `*array`. */
static void
put_mounts(struct sealer *s, size_t at, const struct container *src, const struct container *before,
           size_t *array)
{
    if (src->mount_count > 0 && before && same_mounts(src, before)) {
        area_point_inside(&s->area, at + offsetof(struct container, mounts), *array);
        return;
    }
    size_t mount = *array = ARRAY(s, at, src, mounts, src->mount_count);
    for (uint32_t i = 0; i < src->mount_count; i++, mount += sizeof(*src->mounts)) {
        ((struct container_mount *)area_at(&s->area, mount))->read_only = src->mounts[i].read_only;
        TEXT(s, mount, &src->mounts[i], volume);
        WORD(s, mount, &src->mounts[i], path);
        TEXT(s, mount, &src->mounts[i], sub_path);
    }
}

static void
put_container(struct sealer *s, size_t at, const struct container *src)
{
    struct container *dst = area_at(&s->area, at);
    *dst = *src;
    use_common(dst, common_of(src));
    WORD(s, at, src, name);
    WORD(s, at, src, image);
    WORD(s, at, src, pull_policy);
    WORD(s, at, src, restart_policy);
}

static void
put_containers(struct sealer *s, const struct pod *src)
{
    size_t mounts = 0;
    size_t at = ARRAY(s, 0, src, containers, src->container_count);
    for (uint32_t i = 0; i < src->container_count; i++, at += sizeof(*src->containers)) {
        const struct container *c = &src->containers[i];
        put_container(s, at, c);
        put_mounts(s, at, c, i > 0 ? c - 1 : NULL, &mounts);
    }
}

/* --- a status --- */

static void
put_state(struct sealer *s, size_t at, const struct container_state *src)
{
    WORD(s, at, src, waiting_reason);
    TEXT(s, at, src, waiting_message);
    WORD(s, at, src, end.reason);
    TEXT(s, at, src, end.message);
    TEXT(s, at, src, end.container_id);
}

static void
put_last(struct sealer *s, size_t place, const struct container_state *src)
{
    if (!src || !(src->waiting || src->running || src->terminated)) {
        area_point(&s->area, place, &container_state_none);
        return;
    }
    size_t at = put_array(s, place, 1, sizeof(*src));
    memcpy(area_at(&s->area, at), src, sizeof(*src));
    put_state(s, at, src);
}

static void
put_status_resources(struct sealer *s, size_t place, const struct status_resources *src)
{
    if (!src || !(src->requests.present || src->limits.present || src->allocated.present ||
                  src->requests.count || src->limits.count || src->allocated.count)) {
        area_point(&s->area, place, &status_resources_none);
        return;
    }
    size_t at = put_array(s, place, 1, sizeof(*src));
    memcpy(area_at(&s->area, at), src, sizeof(*src));
    RESOURCES(s, at, src, requests);
    RESOURCES(s, at, src, limits);
    RESOURCES(s, at, src, allocated);
}

static void
put_statuses(struct sealer *s, const struct pod *src)
{
    size_t at = ARRAY(s, 0, src, statuses, src->status_count);
    if (src->status_count > 0)
        memcpy(area_at(&s->area, at), src->statuses, src->status_count * sizeof(*src->statuses));
    for (uint32_t i = 0; i < src->status_count; i++, at += sizeof(*src->statuses)) {
        const struct container_status *status = &src->statuses[i];
        WORD(s, at, status, name);
        WORD(s, at, status, image);
        WORD(s, at, status, image_id);
        TEXT(s, at, status, container_id);
        put_state(s, at + offsetof(struct container_status, state), &status->state);
        put_last(s, at + offsetof(struct container_status, last), status->last);
        put_status_resources(s, at + offsetof(struct container_status, resources),
                             status->resources);
    }
}

/* --- the rest of the pod --- */

static void
put_identity(struct sealer *s, const struct pod *src)
{
    WORD(s, 0, src, cluster);
    WORD(s, 0, src, ns);
    TEXT(s, 0, src, name);
    TEXT(s, 0, src, uid);
    TEXT(s, 0, src, resource_version);
    WORD(s, 0, src, owner_kind);
    WORD(s, 0, src, owner_name);
    WORD(s, 0, src, default_container);
    size_t at = ARRAY(s, 0, src, labels, src->label_count);
    for (uint32_t i = 0; i < src->label_count; i++, at += sizeof(*src->labels)) {
        WORD(s, at, &src->labels[i], key);
        TEXT(s, at, &src->labels[i], value);
    }
}

static void
put_spec(struct sealer *s, const struct pod *src)
{
    WORD(s, 0, src, node);
    WORD(s, 0, src, restart_policy);
    WORD(s, 0, src, scheduler);
    WORD(s, 0, src, service_account);
    WORD(s, 0, src, priority_class);
    put_texts(s, offsetof(struct pod, readiness_gates), src->readiness_gates,
              src->readiness_gate_count, true);
    put_texts(s, offsetof(struct pod, scheduling_gates), src->scheduling_gates,
              src->scheduling_gate_count, true);
    size_t at = ARRAY(s, 0, src, volumes, src->volume_count);
    for (uint32_t i = 0; i < src->volume_count; i++, at += sizeof(*src->volumes)) {
        ((struct pod_volume *)area_at(&s->area, at))->optional = src->volumes[i].optional;
        TEXT(s, at, &src->volumes[i], name);
        WORD(s, at, &src->volumes[i], kind);
        TEXT(s, at, &src->volumes[i], ref);
    }
    RESOURCES(s, 0, src, overhead);
    RESOURCES(s, 0, src, pod_requests);
    RESOURCES(s, 0, src, pod_limits);
}

static void
put_pod_status(struct sealer *s, const struct pod *src)
{
    WORD(s, 0, src, phase);
    WORD(s, 0, src, reason);
    TEXT(s, 0, src, message);
    WORD(s, 0, src, qos_class);
    WORD(s, 0, src, nominated_node);
    TEXT(s, 0, src, ip);
    WORD(s, 0, src, host_ip);
    size_t at = ARRAY(s, 0, src, conditions, src->condition_count);
    for (uint32_t i = 0; i < src->condition_count; i++, at += sizeof(*src->conditions)) {
        const struct pod_condition *condition = &src->conditions[i];
        ((struct pod_condition *)area_at(&s->area, at))->transition_ms = condition->transition_ms;
        WORD(s, at, condition, type);
        WORD(s, at, condition, status);
        WORD(s, at, condition, reason);
        TEXT(s, at, condition, message);
    }
    RESOURCES(s, 0, src, status_requests);
    RESOURCES(s, 0, src, status_limits);
    RESOURCES(s, 0, src, status_allocated);
}

/* --- what follows from the rest --- */

static const struct container_status *
find_status(const struct pod *pod, enum container_list list, const char *name)
{
    uint32_t count;
    const struct container_status *statuses = pod_statuses(pod, list, &count);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(statuses[i].name, name) == 0)
            return &statuses[i];
    return NULL;
}

/* "i1", "s12"; like printf("%c%u") but that costs as much as the rest of a container. */
static void
write_tag(char letter, unsigned number, char *out)
{
    char digits[8];
    size_t len = 0;
    do
        digits[len++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    *out++ = letter;
    while (len > 0)
        *out++ = digits[--len];
    *out = '\0';
}

/* Kind, position, tag and the status of each container. */
static void
derive(struct pod *pod)
{
    static const char letters[CONTAINER_KIND_COUNT] = {'i', 's', 'a', 'E'};
    unsigned number[CONTAINER_KIND_COUNT] = {0};
    struct container *containers = (struct container *)(uintptr_t)pod->containers;
    uint32_t apps_end = pod->init_count + pod->app_count;
    for (uint32_t i = 0; i < pod->container_count; i++) {
        struct container *c = &containers[i];
        uint32_t first = i < pod->init_count ? 0 : i < apps_end ? pod->init_count : apps_end;
        c->list = i < pod->init_count ? LIST_INIT : i < apps_end ? LIST_APP : LIST_EPHEMERAL;
        c->kind = c->list == LIST_APP                        ? CONTAINER_APP
                  : c->list == LIST_EPHEMERAL                ? CONTAINER_EPHEMERAL
                  : strcmp(c->restart_policy, "Always") == 0 ? CONTAINER_SIDECAR
                                                             : CONTAINER_INIT;
        c->list_index = (uint16_t)(i - first);
        write_tag(letters[c->kind], ++number[c->kind] % 1000000, c->tag);
        c->status = find_status(pod, c->list, c->name);
    }
}

/* --- public --- */

struct pod *
pod_seal(const struct pod *draft)
{
    struct sealer *s = &own;
    sealer_clear(s);
    size_t at = area_room(&s->area, sizeof(*draft), _Alignof(struct pod));
    memcpy(area_at(&s->area, at), draft, sizeof(*draft));
    put_containers(s, draft);
    put_statuses(s, draft);
    put_identity(s, draft);
    put_spec(s, draft);
    put_pod_status(s, draft);

    struct pod *pod = iw_malloc(s->area.used);
    area_move(&s->area, pod);
    pod->size_bytes = s->area.used;
    derive(pod);
    return pod;
}

static const char *
word_of(const char *text)
{
    const char *word = text && *text ? iw_intern(text, strlen(text)) : "";
    return word ? word : text;
}

void
pod_share_container(struct container *draft)
{
    use_common(draft, hold_common(draft));
    draft->name = word_of(draft->name);
    draft->image = word_of(draft->image);
    draft->pull_policy = word_of(draft->pull_policy);
    draft->restart_policy = word_of(draft->restart_policy);
}

void
pod_unshare_container(const struct container *draft)
{
    share_release(draft->shared);
}

void
pod_free(struct pod *pod)
{
    if (!pod)
        return;
    for (uint32_t i = 0; i < pod->container_count; i++)
        share_release(pod->containers[i].shared);
    free(pod);
}
