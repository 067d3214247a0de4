/* podjson: a pod's facts as the JSON of `get` and `why` (CLI.md). Facts are computed by the model;
 * here they are only written.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_PODJSON_H
#define INITWATCH_APP_PODJSON_H

#include "initwatch/app/jsonout.h"
#include "initwatch/diag/diag.h"
#include "initwatch/model/resources.h"
#include "initwatch/model/store.h"
#include "initwatch/model/timeline.h"

/* The effective amounts of a pod on its node: what `requests` and `limits` mean everywhere in the
 * output. */
extern const struct resource_options podjson_resource_options;

/* What is known about one pod. events and timeline may be NULL. */
struct pod_facts {
    const struct pod *pod;
    const struct kevent_ring *events;
    const struct timeline *timeline;
    const struct store *store; /* the cluster around it; NULL: from a file */
    int64_t now_wall_ms;
};

/* The facts as the rules of diagnosis see them; all borrowed. */
static inline struct diag_env
pod_facts_env(const struct pod_facts *facts)
{
    return (struct diag_env){.pod = facts->pod,
                             .events = facts->events,
                             .store = facts->store,
                             .now_wall_ms = facts->now_wall_ms};
}

/* One object of `get -o json`. */
void podjson_get(struct jsonout *j, const struct pod *pod, int64_t now_wall_ms);
/* One object of `why -o json`: that of get and more. */
void podjson_why(struct jsonout *j, const struct pod_facts *facts);
/* One element of `findings`. with_since: a manifest that was never applied has no such moment. */
void podjson_finding(struct jsonout *j, const struct finding *f, bool with_since);
/* The members "resources" and "qos" alone. */
void podjson_resources(struct jsonout *j, const struct pod *pod);
/* Who decides a number: the container's name, "app", "podLevel", or "" when nobody does. */
const char *podjson_decider(const struct resource_breakdown *b);

#endif
