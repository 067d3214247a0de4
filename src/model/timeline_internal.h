/* timeline_internal: what timeline.c (collecting), timeline_pack.c (how it is held), lanes.c (reading) and
 * store.c (keeping) share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_TIMELINE_INTERNAL_H
#define INITWATCH_MODEL_TIMELINE_INTERNAL_H

#include "initwatch/base/vec.h"
#include "initwatch/model/timeline.h"

/* A crash loop's older runs go; 32 are more than a day of five-minute back-offs shows on a
 * screen. */
#define TIMELINE_RUNS_PER_CONTAINER 32

/* "containerd://" and 64 hexadecimal digits; what looks otherwise as it is. Every run has another one. */
enum { RUN_DIGEST_BYTES = 32 };
struct run_id {
    const char *scheme; /* interned; NULL: text */
    union {
        uint8_t digest[RUN_DIGEST_BYTES];
        char *text; /* own; NULL: none */
    };
};
void run_id_set(struct run_id *id, const char *text);
void run_id_free(struct run_id *id);
void run_id_text(const struct run_id *id, char *out, size_t out_size);

/* struct transition with its words by number. */
struct kept_transition {
    int64_t wall_ms;
    int32_t exit_code, attempt;
    uint32_t container : 16, reason : 16;
    uint32_t from : 14, to : 14, source : 3, gap : 1;
};

/* One run of a container as far as it is known. Strings belong to the timeline. */
struct container_run {
    const char *container, *reason;
    struct run_id id;
    int32_t number;
    int64_t started_ms, finished_ms, start_passed_ms; /* wall, IW_TIME_NONE unknown */
    bool ended;
    int32_t exit_code, signal;
};

struct timeline {
    VEC(struct kept_transition) transitions; /* in order of time */
    VEC(const char *) words;                 /* beyond the common ones */
    VEC(struct container_run) runs;
    VEC(char *) own_strings;
};

/* Ten thousand timelines have a few items each: no room for more than comes next. */
#define timeline_push(v, item)                                                                     \
    do {                                                                                           \
        if ((v)->len == (v)->cap) {                                                                \
            (v)->cap += (v)->cap / 4 + 1;                                                          \
            (v)->items = iw_reallocarray((v)->items, (v)->cap, sizeof(*(v)->items));               \
        }                                                                                          \
        (v)->items[(v)->len++] = (item);                                                           \
    } while (0)

/* Containers that have not changed since the first record are only in the record: take them down
 * before anything is read. Then it is as if the first record had been shown to timeline_diff. */
void timeline_complete(struct timeline *t, const struct pod *pod);
struct kept_transition transition_pack(struct timeline *t, const struct transition *tr);
const char *timeline_keep(struct timeline *t, const char *text);

#endif
