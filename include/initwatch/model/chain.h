/* chain: why a wait does not pass, step by step from the container to the root cause.
 *
 * Read from objects that the cluster states, never by connecting anywhere: the Service a wait loop
 * names, its port, the endpoints, the pods behind them, their claims. A step that cannot be judged
 * (not read, not allowed) says so; nothing is concluded from what is not known.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_CHAIN_H
#define INITWATCH_MODEL_CHAIN_H

#include "initwatch/model/store.h"
#include "initwatch/model/waitfor.h"

#define CHAIN_STEPS_MAX 24
/* The kinds of objects it reads: for view_class.wants. */
#define CHAIN_KINDS                                                                                \
    (KIND_BIT(SERVICE) | KIND_BIT(ENDPOINTSLICE) | KIND_BIT(PVC) | KIND_BIT(STORAGECLASS) |        \
     KIND_BIT(NETWORKPOLICY) | KIND_BIT(REPLICASET))
#define CHAIN_BRIEF_KINDS (KIND_BIT(SERVICE) | KIND_BIT(ENDPOINTSLICE))

enum chain_sign { CHAIN_OK, CHAIN_BAD, CHAIN_UNKNOWN };
struct chain_step {
    enum chain_sign sign;
    unsigned depth;   /* a step hangs on the nearest one above it with a smaller depth */
    bool root;        /* the deepest thing that is known to be wrong */
    const char *id;   /* of a bad step: the finding it is ("IW-D03"), "" else; a literal */
    const char *kind; /* of the object it is about: a literal */
    char ns[64], name[254];
    char text[256];   /* "no ready endpoint: 1 pod matches app=postgres" */
    char event[160];  /* what an event says about it: "ProvisioningFailed 19×: ...", "" none */
    int64_t event_ms; /* wall, of that event; IW_TIME_NONE */
};
struct chain {
    const struct container *container; /* borrowed: the one that waits */
    struct wait_target target;
    bool passes;                       /* all that is known says that the check would pass now */
    char service[254], service_ns[64]; /* what the host names, "" when it is no Service */
    enum tristate exists;              /* of that Service */
    int32_t ready_endpoints;           /* of it; -1 not known */
    struct chain_step steps[CHAIN_STEPS_MAX];
    size_t count;
};
/* False when c does not wait for something over the network. */
bool chain_of(const struct store *store, const struct pod *pod, const struct container *c,
              int64_t now_wall_ms, struct chain *out);
/* The same, judged by the Service, its port and its endpoints alone: nothing is looked for among the
 * pods, so that each row of a list can have it. The kinds it reads: CHAIN_BRIEF_KINDS. */
bool chain_brief(const struct store *store, const struct pod *pod, const struct container *c,
                 int64_t now_wall_ms, struct chain *out);
/* The claims of a pod that are not bound, and their classes; false when it has none. container is
 * NULL then, and the target empty. */
bool chain_of_claims(const struct store *store, const struct pod *pod, int64_t now_wall_ms,
                     struct chain *out);
/* The finding that the broken chain is, by the step that says most: "IW-D03"; "" when none is
 * broken. */
const char *chain_fault(const struct chain *chain);
/* What is wrong at the root, in words that name the object and not the pod; "" when nothing is. */
void chain_cause(const struct chain *chain, char *out, size_t out_size);
/* Does a container of it wait for a name that can be a Service: is there a chain to read objects
 * for? */
bool pod_waits_for_services(const struct pod *pod);
/* "passed", "not reached", "failed", "waiting" by the container's state; while it waits what is
 * known says more: "would pass", "no service", "no port", "no endpoints". A word for machines. */
const char *chain_verdict(const struct chain *chain, const struct pod *pod, int64_t now_wall_ms);
/* The step that is the root, or NULL. */
const struct chain_step *chain_root(const struct chain *chain);

/* "db", "db.data", "db.data.svc.cluster.local" as seen from namespace `from`: a Service's name and
 * namespace. False for addresses, variables and other names. *sure: it can be nothing else. */
bool service_of_host(const char *host, const char *from, char name[254], char ns[64], bool *sure);

#endif
