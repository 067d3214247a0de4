/* diag: judges a pod. Pure rules over the model; each finding names its evidence.
 *
 * How to add a rule: create src/diag/rule_NAME.c with `const struct diag_rule rule_NAME = {...}`
 * and two scenes in tests/data/diag/NAME/ (fires.json, silent.json). The build finds it. Ids: IW-L
 * is a cause read from the live object, IW-D a dependency, IW-S a sidecar.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DIAG_DIAG_H
#define INITWATCH_DIAG_DIAG_H

#include "initwatch/model/chain.h"
#include "initwatch/model/event.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
const char *severity_name(enum severity s);

#define FINDING_LINES 8
struct finding {
    const char *id; /* "IW-D01", stable */
    enum severity severity;
    const struct container *container; /* borrowed from the pod; NULL: the pod */
    int64_t since_ms;                  /* wall; IW_TIME_NONE unknown */
    const char *title;                 /* of the rule, or what it turned out to be; a literal */
    char cause[160];                   /* the root, in words that are the same for every pod that
                                          suffers from it: findings with one cause are one problem */
    char summary[256];                 /* WHO is blocked: the ROOT has FACT */
    char evidence[FINDING_LINES][200]; /* each "where: what" */
    char advice[FINDING_LINES][200];   /* one thing to do each, the best first */
    unsigned evidence_count, advice_count;
};

/* What a rule may look at. events and store may be NULL (not allowed, or from a file). */
struct diag_env {
    const struct pod *pod;
    const struct kevent_ring *events;
    const struct store *store; /* the other pods, and the objects that were asked for */
    int64_t now_wall_ms;
};
struct diag_rule {
    const char *name; /* of the file: "crash_loop"; the scenes lie in tests/data/diag/NAME */
    const char *id, *title;
    enum severity severity;
    /* Appends at most one finding; false when it does not apply. */
    bool (*evaluate)(const struct diag_env *env, struct finding *out);
    const char *doc; /* one paragraph for the manual */
};
/* The kinds of objects that rules read, if they are there: for view_class.wants. */
#define DIAG_KINDS (CHAIN_KINDS | KIND_BIT(CONFIGMAP) | KIND_BIT(SECRET) | KIND_BIT(NODE))
extern const struct diag_rule *const diag_registry[];
extern const size_t diag_registry_count;

/* Root cause first, then by severity. Returns how many were stored. */
size_t diag_run(const struct diag_env *env, struct finding *out, size_t max);
/* What does not parse in the script of a container that a shell ended with 2 for; NULL when nothing
 * is known to be wrong with it. */
const char *diag_script_fault(const struct container *c);
/* Which advice is to be pasted: the first that is a command, else the first. */
unsigned finding_to_paste(const struct finding *f);
/* printf helpers for rules: control bytes become blanks; lines over the limit are dropped. */
void finding_evidence(struct finding *f, const char *fmt, ...) IW_PRINTF(2, 3);
void finding_advice(struct finding *f, const char *fmt, ...) IW_PRINTF(2, 3);

#endif
