/* whatif: a pod with edited requests, computed by the same code as the real one, and edits that
 * would help.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_WHATIF_H
#define INITWATCH_MODEL_WHATIF_H

#include "initwatch/model/resources.h"

#define WHATIF_EDITS_MAX 16 /* more are no experiment any more */
#define WHATIF_HINTS_MAX 6

/* One amount of one container set to another text, or (move) its place in the init list. */
struct whatif_edit {
    char container[64]; /* by name: the pod's record may change under it */
    enum resource_side side;
    char name[64]; /* "cpu" */
    char text[40]; /* a quantity; "": no such entry */
    bool move;     /* to the front of the init list: side, name and text mean nothing */
};
struct whatif {
    struct whatif_edit edits[WHATIF_EDITS_MAX];
    size_t count;
};
/* Adds an edit or replaces the one of the same amount; IW_ERR_PARSE when the text is no quantity or
 * negative, IW_ERR_RANGE when there are too many. */
IW_NODISCARD enum iw_err whatif_set(struct whatif *w, const struct whatif_edit *edit,
                                    struct iw_error *err);
/* Takes the last edit back; false when there is none. */
bool whatif_undo(struct whatif *w);
/* "i2 cpu=220m memory=1Gi": tag or name of a container, then amounts ("limits.cpu=1" for a limit).
 * IW_ERR_USAGE with a sentence when it is none. */
IW_NODISCARD enum iw_err whatif_parse(struct whatif *w, const struct pod *pod, const char *text,
                                      struct iw_error *err);
/* The pod with the edits. New: pod_free. Edits of containers it does not have are left out. */
struct pod *whatif_apply(const struct pod *pod, const struct whatif *w) IW_NODISCARD;
/* The next amount up or down that a person would write: "250m" -> "300m", "256Mi" -> "512Mi". */
void whatif_step(const char *text, const char *name, bool up, char out[40]);

/* An edit and what it would make of the effective request. */
struct whatif_hint {
    struct whatif_edit edit;
    struct quantity effective;
    bool changes;             /* the effective request */
    enum resource_decider by; /* who decides then */
    /* borrowed from `pod`, by position; NULL unless an init decides */
    const struct container *decider;
};
/* The edits worth thinking about for one resource: the deciding init container lowered to what the
 * others need, the sidecars beside it halved, it moved before them. Returns how many. */
size_t whatif_hints(const struct pod *pod, const char *name, struct whatif_hint *out, size_t max);

#endif
