/* store_internal: what the files of the store share. store.c changes it, store_uid.c finds pods, store_read.c answers
 * who looks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_STORE_INTERNAL_H
#define INITWATCH_MODEL_STORE_INTERNAL_H

#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/store.h"

struct slot {
    struct pod *pod;           /* NULL: free */
    struct timeline *timeline; /* made when somebody looks or the pod changes */
    uint32_t gen;
    uint32_t mark;      /* of the last list that had it */
    uint32_t gap_epoch; /* store.gap_epoch when it was last seen */
    uint64_t
        changes;   /* goes on when the pod comes back after store_rewind: what was kept is older */
    bool reserved; /* empty, for the pod that had it */
    int64_t changed_ms, deleted_ms; /* wall */
    uint64_t pods_generation;       /* store.pods_generation when it last changed */
    uint32_t newer, older;          /* in the order of last change; SLOT_NONE at the ends */
};
#define SLOT_NONE UINT32_MAX

/* Open addressing over the slots' own uids; 1 + slot, 0 is free. */
struct uid_index {
    uint32_t *places;
    size_t capacity, count; /* capacity: a power of two */
};

struct grave {
    struct pod_ref ref;
    int64_t deleted_ms; /* wall */
};

struct store {
    const struct clock *clock;
    VEC(struct slot) slots;
    VEC(uint32_t) free_slots;
    struct uid_index by_uid;
    struct strmap reserved;   /* uid -> slot, of pods that may come back (store_rewind) */
    struct strmap list_marks; /* namespace ("" all) -> list_mark when its list began */
    size_t living, tombstones;
    uint64_t generation, pods_generation;
    uint32_t newest;          /* the slot that changed last */
    VEC(struct grave) graves; /* in the order of deletion; some of them live again */
    size_t graves_done;       /* so many of them are gone */
    uint32_t list_mark, gap_epoch;
    bool synced[STREAM_COUNT];
    struct source_status status[STREAM_COUNT];
    struct kevent_ring *events;
    struct kobjects *objects;
    struct blocked_ring *blocked;
};

/* The slot of the pod with that uid, living or dead; false when there is none. */
bool store_uid_find(const struct store *s, const char *uid, uint32_t *slot);
/* The slot has its pod, whose uid is new. */
void store_uid_add(struct store *s, uint32_t slot);
/* The slot still has its pod. */
void store_uid_remove(struct store *s, uint32_t slot);
/* NULL: the pod was forgotten, or the handle is none. */
struct slot *store_slot(const struct store *s, struct pod_ref ref);

#endif
