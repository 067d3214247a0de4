/* related: the objects whose events can explain a pod: its owner, its node, its claims, the
 * Services it waits for and what is behind them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_RELATED_H
#define INITWATCH_MODEL_RELATED_H

#include "initwatch/model/chain.h"
#include "initwatch/model/event.h"

#define RELATED_MAX 64 /* beyond, an explanation is none any more */
enum relation {
    RELATION_NONE,
    RELATION_SELF,
    RELATION_OWNER, /* its controller, and the controller's own */
    RELATION_NODE,
    RELATION_NEEDS, /* claims, ConfigMaps and Secrets of its spec */
    RELATION_WAITS, /* what a wait loop names, and what is behind that */
    RELATION_COUNT
};
const char *relation_word(enum relation r); /* "owner of" (the pod): English, for tr() */

struct related_object {
    enum relation relation;
    const char *kind; /* a literal, or borrowed from the pod */
    char ns[64], name[254];
};
struct related {
    struct related_object items[RELATED_MAX];
    size_t count;
};
void related_of(const struct store *store, const struct pod *pod, int64_t now_wall_ms,
                struct related *out);
/* RELATION_NONE when the object is not among them. ns is ignored for kinds without one. */
enum relation related_find(const struct related *r, const char *kind, const char *ns,
                           const char *name);
/* Of the object that an event is about. */
enum relation related_event(const struct related *r, const struct kevent *ev);

#endif
