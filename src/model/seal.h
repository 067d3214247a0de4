/* seal: what pod_seal builds records of: texts and arrays in an area (share.h). Internal to
 * pod_seal*.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_SEAL_H
#define INITWATCH_MODEL_SEAL_H

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

void sealer_clear(struct sealer *s);
/* The pointer at `place` becomes a copy of the text in the area; NULL is "". */
void seal_text(struct sealer *s, size_t place, const char *text);
/* The same for slow vocabularies: one copy for the whole process if the pool has room. */
void seal_word(struct sealer *s, size_t place, const char *text);
/* Room for an array whose address stands at `place`; NULL there for none. */
size_t seal_array(struct sealer *s, size_t place, size_t count, size_t size);
void seal_texts(struct sealer *s, size_t place, const char *const *texts, uint32_t count,
                bool words);
/* `place`: of the pointer to the items. */
void seal_resources(struct sealer *s, size_t place, const struct resource_list *src);

#define TEXT(s, at, src, field)                                                                    \
    seal_text((s), (at) + offsetof(__typeof__(*(src)), field), (src)->field)
#define WORD(s, at, src, field)                                                                    \
    seal_word((s), (at) + offsetof(__typeof__(*(src)), field), (src)->field)
#define ARRAY(s, at, src, field, count)                                                            \
    seal_array((s), (at) + offsetof(__typeof__(*(src)), field), (count), sizeof(*(src)->field))
#define RESOURCES(s, at, src, field)                                                               \
    seal_resources((s), (at) + offsetof(__typeof__(*(src)), field.items), &(src)->field)

/* --- pod_seal_common.c: what pods of one template have in common, one block each --- */

/* The container's members point into a block from the pool, which c->shared is; one more holder of
 * it. */
void seal_container_common(struct container *c);
/* The same for the pod at the beginning of an area: tolerations, node selector, security. */
void seal_pod_common(struct pod *pod);

#endif
