/* nodefit: what is left on each node, and whether a pod's effective requests fit there.
 *
 * What is used is the sum over the pods known here. When not all namespaces are watched that is too
 * little, so what is left is then only an upper bound: `partial` says so.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_NODEFIT_H
#define INITWATCH_MODEL_NODEFIT_H

#include "initwatch/model/resources.h"
#include "initwatch/model/store.h"

/* The kinds it reads: for view_class.wants. */
#define NODEFIT_KINDS KIND_BIT(NODE)

enum node_amount { NODE_CPU, NODE_MEMORY, NODE_AMOUNT_COUNT };
struct node_load {
    char name[254]; /* no pointer: it is kept across turns of the loop */
    struct quantity allocatable[NODE_AMOUNT_COUNT], used[NODE_AMOUNT_COUNT];
    bool known[NODE_AMOUNT_COUNT]; /* the node states the amount */
    unsigned pods;
    int64_t pods_allocatable; /* -1: not stated */
    bool partial;
};
enum node_verdict {
    NODE_FITS,
    NODE_TOO_SMALL, /* `short_of` is missing */
    NODE_REFUSES,   /* cordoned, not ready, full of pods, without a label of the node selector */
    NODE_TAINTED,   /* has a taint that the pod does not tolerate */
    NODE_UNSURE     /* nothing speaks against it, but required node affinity is not judged here */
};
struct node_fit {
    struct node_load load; /* without the pod itself */
    enum node_verdict verdict;
    bool here; /* the pod is bound to it */
    enum node_amount short_of;
    struct quantity missing;
    char why[120]; /* "cpu: 90m missing", "taint dedicated:NoSchedule"; "" when it fits */
};
/* Does one of the pod's tolerations match the taint? Lt and Gt compare whole numbers; the API
 * server admits them only where the scheduler knows them.
 * Ref: core/v1 Toleration.ToleratesTaint (v1.36). */
bool pod_tolerates(const struct pod *pod, const struct node_taint *taint);
/* The first taint that keeps the pod off the node (NoSchedule, NoExecute) and is not tolerated, or
 * NULL. */
const struct node_taint *pod_untolerated(const struct pod *pod, const struct node_facts *node);
/* pod: as it is or edited (whatif_apply). all_namespaces: every pod of the cluster is in the store.
 * Sorted by name. Returns how many were stored. */
size_t node_fits(const struct store *store, const struct pod *pod, bool all_namespaces,
                 struct node_fit *out, size_t max);
/* The verdicts alone, for another version of the same pod: what is used has been summed up by
 * node_fits. */
void node_fits_judge(const struct store *store, const struct pod *pod, struct node_fit *fits,
                     size_t count);

#endif
