/* decode_pb_template: containers of pods of one template, recognised by their bytes.
 *
 * A message that has been seen is kept with holes: the names of the volumes that it mounts, since each
 * pod has another name for the volume of its token, and the values of its variables, which nobody reads.
 * A message of the same length that has the same bytes around the holes is that container again, and of
 * it only the names in the holes are read. The value of a variable is not even remembered: it can be a
 * secret.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/model/pod.h"

#include "decode_pb_container.h"

/* Longer messages are decoded each time, and so are those with more holes. */
#define TEMPLATE_MESSAGE_BYTES (16u << 10)
#define TEMPLATE_HOLES 512u
/* A cluster has some hundred templates at most; what does not fit is decoded each time until there is
 * room again. */
#define TEMPLATES_MAX 512u
#define TEMPLATES_BYTES (2u << 20)
#define TEMPLATE_SLOTS (2u * TEMPLATES_MAX)
/* The name and the image come first. */
#define HASHED_BYTES 64u

enum { CONTAINER_ENV = 7, CONTAINER_MOUNTS = 9, ENV_VALUE = 2, MOUNT_NAME = 1 };
#define NOT_A_MOUNT UINT16_MAX

struct hole {
    uint16_t at, len; /* in the message */
    uint16_t mount;   /* index of the mount whose volume is named there */
};
struct template
{
    uint64_t hash;
    struct container container; /* finished and shared */
    struct hole *holes;
    size_t hole_count, len;
    uint8_t bytes[]; /* the message without the values of variables */
};
static struct {
    struct arena arena;
    struct template *slots[TEMPLATE_SLOTS]; /* open addressing */
    size_t count;
    uint64_t met[TEMPLATE_SLOTS]; /* hashes: what comes once is not worth keeping */
} templates = {.arena = {.ceiling_bytes = LIMIT_JSON_ARENA_BYTES}};

/* --- recognising --- */

static uint64_t
hash_of(struct pb_span bytes)
{
    uint64_t hash = pb_len(bytes), word;
    size_t len = IW_MIN(pb_len(bytes), (size_t)HASHED_BYTES);
    for (size_t at = 0; at < len; at += sizeof(word)) {
        word = 0;
        memcpy(&word, bytes.at + at, IW_MIN(sizeof(word), len - at));
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

static bool
matches(const struct template *t, struct pb_span bytes)
{
    size_t at = 0;
    for (size_t i = 0; i < t->hole_count; i++) {
        const struct hole *hole = &t->holes[i];
        if (memcmp(bytes.at + at, t->bytes + at, hole->at - at) != 0)
            return false;
        at = (size_t)hole->at + hole->len;
    }
    return memcmp(bytes.at + at, t->bytes + at, t->len - at) == 0;
}

/* Where the template of the message is, or the free slot where it belongs. */
static struct template **
template_slot(struct pb_span bytes, uint64_t hash)
{
    size_t at = hash % TEMPLATE_SLOTS;
    for (const struct template *t; (t = templates.slots[at]); at = (at + 1) % TEMPLATE_SLOTS)
        if (t->hash == hash && t->len == pb_len(bytes) && matches(t, bytes))
            break;
    return &templates.slots[at];
}

/* The template's container with the names of this pod's volumes. */
static void
take_known(struct decoder *d, const struct template *t, struct pb_span bytes,
           struct container_parts *parts)
{
    parts->container = t->container;
    parts->is_finished = true;
    size_t count = t->container.mount_count;
    struct container_mount *mounts = DRAFT_ARRAY(d, struct container_mount, count);
    if (!mounts)
        return;
    memcpy(mounts, t->container.mounts, count * sizeof(*mounts));
    for (size_t i = 0; i < t->hole_count; i++) {
        const struct hole *hole = &t->holes[i];
        const uint8_t *name = bytes.at + hole->at;
        if (hole->mount != NOT_A_MOUNT && memcmp(mounts[hole->mount].volume, name, hole->len) != 0)
            mounts[hole->mount].volume = pb_text(d, (struct pb_span){name, name + hole->len});
    }
    parts->container.mounts = mounts;
}

/* --- keeping --- */

struct holes {
    struct hole items[TEMPLATE_HOLES];
    size_t count;
};

/* The field of an element of a list becomes a hole. False when it occurs twice or there are too many. */
static bool
add_hole(struct holes *holes, const uint8_t *message, struct pb_span element, uint32_t number,
         uint16_t mount)
{
    bool found = false;
    struct pb_field f;
    while (pb_next(&element, &f) == PB_FIELD) {
        if (f.number != number)
            continue;
        if (found || f.wire != PB_BYTES || holes->count == TEMPLATE_HOLES)
            return false;
        found = true;
        holes->items[holes->count++] = (struct hole){.at = (uint16_t)(f.bytes.at - message),
                                                     .len = (uint16_t)pb_len(f.bytes),
                                                     .mount = mount};
    }
    return true;
}

/* False for a message that is better decoded each time. */
static bool
find_holes(struct pb_span bytes, struct holes *holes)
{
    const uint8_t *message = bytes.at;
    uint16_t mount = 0;
    bool good = true;
    struct pb_field f;
    enum pb_step step;
    holes->count = 0;
    while (good && (step = pb_next(&bytes, &f)) == PB_FIELD) {
        if (f.wire == PB_BYTES && f.number == CONTAINER_MOUNTS)
            good = add_hole(holes, message, f.bytes, MOUNT_NAME, mount++);
        else if (f.wire == PB_BYTES && f.number == CONTAINER_ENV)
            good = add_hole(holes, message, f.bytes, ENV_VALUE, NOT_A_MOUNT);
    }
    return good && step == PB_END;
}

static bool
templates_full(void)
{
    return templates.count >= TEMPLATES_MAX || templates.arena.used_bytes > TEMPLATES_BYTES;
}

void
pb_container_tidy(void)
{
    if (!templates_full())
        return;
    for (size_t i = 0; i < TEMPLATE_SLOTS; i++)
        if (templates.slots[i])
            pod_unshare_container(&templates.slots[i]->container);
    memset(templates.slots, 0, sizeof(templates.slots));
    templates.count = 0;
    arena_reset(&templates.arena);
}

/* Whether it is kept when it comes now: for the second time at least. */
static bool
is_worth_it(uint64_t hash)
{
    uint64_t *met = &templates.met[hash % TEMPLATE_SLOTS];
    bool again = *met == hash;
    *met = hash;
    return again && !templates_full();
}

/* Decoded into the memory of the templates; NULL when that is an error. */
static struct template *
template_new(struct decoder *d, struct pb_span bytes, uint64_t hash, const struct holes *holes)
{
    struct decoder own = {.arena = &templates.arena, .err = d->err, .depth = d->depth};
    struct container_parts parts;
    pb_clear(&pb_container, &parts);
    pb_fill(&own, &pb_container, bytes, &parts);
    pb_container_finish(&own, &parts);
    size_t len = pb_len(bytes);
    struct template *t = draft_alloc(&own, 1, sizeof(*t) + len);
    struct hole *copy = DRAFT_ARRAY(&own, struct hole, holes->count);
    d->code = own.code;
    if (own.code != IW_OK)
        return NULL;
    *t = (struct template){.hash = hash,
                           .container = parts.container,
                           .holes = copy,
                           .hole_count = holes->count,
                           .len = len};
    memcpy(t->bytes, bytes.at, len);
    for (size_t i = 0; i < holes->count; i++) {
        copy[i] = holes->items[i];
        if (copy[i].mount == NOT_A_MOUNT)
            memset(t->bytes + copy[i].at, 0, copy[i].len);
    }
    pod_share_container(&t->container);
    templates.count++;
    return t;
}

void
pb_container_take(struct decoder *d, struct pb_span bytes, void *target)
{
    static struct holes holes;
    struct container_parts *parts = target;
    if (pb_len(bytes) <= TEMPLATE_MESSAGE_BYTES) {
        uint64_t hash = hash_of(bytes);
        struct template **slot = template_slot(bytes, hash);
        if (!*slot && is_worth_it(hash) && find_holes(bytes, &holes) &&
            !(*slot = template_new(d, bytes, hash, &holes)))
            return;
        if (*slot) {
            take_known(d, *slot, bytes, parts);
            return;
        }
    }
    pb_clear(&pb_container, parts);
    pb_fill(d, &pb_container, bytes, parts);
}
