/* owners: the status that controllers write on what owns pods.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_OWNERS_H
#define INITWATCH_DEMO_OWNERS_H

#include "initwatch/demo/objects.h"

/* What a controller does besides writing a status. `object` is the ReplicaSet or StatefulSet. */
struct owners_hooks {
    void *ctx;
    void (*lacks_pod)(void *ctx, enum demo_kind kind, const json_t *object);
    void (*has_too_many)(void *ctx, const char *ns, const char *pod);
    /* A ReplicaSet is to have as many pods as its Deployment says. */
    void (*resize)(void *ctx, json_t *object, int replicas);
};

/* Bring the status of every Deployment, ReplicaSet, StatefulSet and Job up to date. */
void owners_refresh(struct objects *store, int64_t now_wall_ms, const struct owners_hooks *hooks);
/* What the API server adds to the spec of one. */
void owners_default(enum demo_kind kind, json_t *object);
/* The status written before goes into a new version (changed) that has none. */
void owners_keep_status(const struct objects *store, enum demo_kind kind, json_t *object);

#endif
