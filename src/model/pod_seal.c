/* pod_seal: a draft becomes a record.
 *
 * What only this pod has is one allocation. Words of slow vocabularies are interned; what pods of
 * one template have in common is in blocks of share.h, one for each container and one for the pod
 * (pod_seal_common.c).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "seal.h"

/* Kept from pod to pod for its memory. */
static struct sealer own;

const struct container_state container_state_none = {.waiting_reason = "",
                                                     .waiting_message = "",
                                                     .running_since_ms = IW_TIME_NONE,
                                                     .end = {.reason = "",
                                                             .message = "",
                                                             .container_id = "",
                                                             .started_ms = IW_TIME_NONE,
                                                             .finished_ms = IW_TIME_NONE}};
const struct status_resources status_resources_none = {0};

/* --- a container --- */

/* NULL is "", as in seal_text. */
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
    seal_container_common(dst);
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
    size_t at = seal_array(s, place, 1, sizeof(*src));
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
    size_t at = seal_array(s, place, 1, sizeof(*src));
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

/* Texts of the pod itself: many pods have the same (words), or each has its own. */
#define POD_WORD(field)                                                                            \
    {                                                                                              \
        offsetof(struct pod, field), true                                                          \
    }
#define POD_TEXT(field)                                                                            \
    {                                                                                              \
        offsetof(struct pod, field), false                                                         \
    }
static const struct {
    size_t place;
    bool word;
} POD_TEXTS[] = {POD_WORD(cluster),
                 POD_WORD(ns),
                 POD_TEXT(name),
                 POD_TEXT(uid),
                 POD_TEXT(resource_version),
                 POD_WORD(owner_kind),
                 POD_WORD(owner_name),
                 POD_WORD(default_container),
                 POD_WORD(node),
                 POD_WORD(restart_policy),
                 POD_WORD(scheduler),
                 POD_WORD(service_account),
                 POD_WORD(priority_class),
                 POD_WORD(phase),
                 POD_WORD(reason),
                 POD_TEXT(message),
                 POD_WORD(qos_class),
                 POD_WORD(nominated_node),
                 POD_TEXT(ip),
                 POD_WORD(host_ip)};

static void
put_pod_texts(struct sealer *s, const struct pod *src)
{
    for (size_t i = 0; i < IW_COUNTOF(POD_TEXTS); i++) {
        const char *text;
        memcpy(&text, (const char *)src + POD_TEXTS[i].place, sizeof(text));
        if (POD_TEXTS[i].word)
            seal_word(s, POD_TEXTS[i].place, text);
        else
            seal_text(s, POD_TEXTS[i].place, text);
    }
}

static void
put_labels(struct sealer *s, const struct pod *src)
{
    size_t at = ARRAY(s, 0, src, labels, src->label_count);
    for (uint32_t i = 0; i < src->label_count; i++, at += sizeof(*src->labels)) {
        WORD(s, at, &src->labels[i], key);
        TEXT(s, at, &src->labels[i], value);
    }
}

static void
put_volumes(struct sealer *s, const struct pod *src)
{
    size_t at = ARRAY(s, 0, src, volumes, src->volume_count);
    for (uint32_t i = 0; i < src->volume_count; i++, at += sizeof(*src->volumes)) {
        ((struct pod_volume *)area_at(&s->area, at))->optional = src->volumes[i].optional;
        TEXT(s, at, &src->volumes[i], name);
        WORD(s, at, &src->volumes[i], kind);
        TEXT(s, at, &src->volumes[i], ref);
    }
}

static void
put_conditions(struct sealer *s, const struct pod *src)
{
    size_t at = ARRAY(s, 0, src, conditions, src->condition_count);
    for (uint32_t i = 0; i < src->condition_count; i++, at += sizeof(*src->conditions)) {
        const struct pod_condition *condition = &src->conditions[i];
        ((struct pod_condition *)area_at(&s->area, at))->transition_ms = condition->transition_ms;
        WORD(s, at, condition, type);
        WORD(s, at, condition, status);
        WORD(s, at, condition, reason);
        TEXT(s, at, condition, message);
    }
}

static void
put_pod(struct sealer *s, const struct pod *src)
{
    put_pod_texts(s, src);
    put_labels(s, src);
    put_volumes(s, src);
    put_conditions(s, src);
    seal_texts(s, offsetof(struct pod, readiness_gates), src->readiness_gates,
               src->readiness_gate_count, true);
    seal_texts(s, offsetof(struct pod, scheduling_gates), src->scheduling_gates,
               src->scheduling_gate_count, true);
    RESOURCES(s, 0, src, overhead);
    RESOURCES(s, 0, src, pod_requests);
    RESOURCES(s, 0, src, pod_limits);
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
    put_pod(s, draft);

    struct pod *pod = iw_malloc(s->area.used);
    area_move(&s->area, pod);
    pod->size_bytes = s->area.used;
    seal_pod_common(pod);
    derive(pod);
    return pod;
}

void
pod_free(struct pod *pod)
{
    if (!pod)
        return;
    for (uint32_t i = 0; i < pod->container_count; i++)
        share_release(pod->containers[i].shared);
    share_release(pod->shared);
    free(pod);
}
