/* replay_filter: of a recording only the namespaces that are shown.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "replay_internal.h"

static bool
shows(const struct replay *p, const char *ns)
{
    size_t len = strlen(ns);
    for (const char *at = p->ns; *at;) {
        size_t part = strcspn(at, ",");
        if (part == len && strncmp(at, ns, len) == 0)
            return true;
        at += part + (at[part] == ',');
    }
    return p->ns[0] == '\0';
}

static void
filter_list_begin(void *ctx, enum source_stream stream, const char *ns)
{
    struct replay *p = ctx;
    p->sink.list_begin(p->sink.ctx, stream, ns);
}

static void
filter_list_end(void *ctx, enum source_stream stream, const char *ns)
{
    struct replay *p = ctx;
    p->sink.list_end(p->sink.ctx, stream, ns);
}

static void
filter_upsert(void *ctx, struct pod *pod)
{
    struct replay *p = ctx;
    if (shows(p, pod->ns))
        p->sink.upsert(p->sink.ctx, pod);
    else
        pod_free(pod);
}

static void
filter_remove(void *ctx, struct pod *last)
{
    struct replay *p = ctx;
    if (shows(p, last->ns))
        p->sink.remove(p->sink.ctx, last);
    else
        pod_free(last);
}

static void
filter_event(void *ctx, const struct kevent *ev)
{
    struct replay *p = ctx;
    if (shows(p, ev->ns))
        p->sink.event(p->sink.ctx, ev);
}

static void
filter_event_removed(void *ctx, const char *uid)
{
    struct replay *p = ctx;
    p->sink.event_removed(p->sink.ctx, uid);
}

static void
filter_status(void *ctx, const struct source_status *st)
{
    struct replay *p = ctx;
    p->sink.status(p->sink.ctx, st);
}

/* Other objects are read for what they say about the pods: those of every namespace may. */
void
replay_make_filter(struct replay *p)
{
    p->filter = p->sink;
    p->filter.ctx = p;
    p->filter.list_begin = filter_list_begin;
    p->filter.list_end = filter_list_end;
    p->filter.upsert = filter_upsert;
    p->filter.remove = filter_remove;
    p->filter.event = filter_event;
    p->filter.event_removed = filter_event_removed;
    p->filter.status = filter_status;
}
