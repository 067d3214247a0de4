/* replay_back: what has to be told again when a replay goes back: everything, or only what a few undone
 * watch events were about.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "replay_internal.h"

/* As long as pods come through one list and its watch alone, what a pod is depends on its own entries
 * only. */
size_t
replay_plain_entries(const struct recording *r)
{
    size_t lists = 0, i = 0;
    for (; i < recording_count(r); i++) {
        const struct recording_entry *e = recording_at(r, i);
        bool pods = e->source == RECORDING_PODS;
        lists += pods && e->kind == RECORDING_LIST;
        if (lists > 1 || (pods && e->kind == RECORDING_STATUS && strstr(e->data, "\"stale\"")))
            break;
    }
    return i;
}

/* What lies between, if it is few watch events and nothing that is about more than one thing. */
static bool
collect_undone(const struct replay *p, size_t target, struct replay_undone *out)
{
    if (p->next > p->plain)
        return false;
    for (size_t i = target; i < p->next; i++) {
        const struct recording_entry *e = recording_at(p->recording, i);
        if (recording_is_beside(e))
            continue;
        if (!replay_is_step(e) || e->name[0] == '\0' || out->count == IW_COUNTOF(out->entries))
            return false;
        out->entries[out->count++] = e;
    }
    return true;
}

static bool
is_undone(const struct replay_undone *undone, const struct recording_entry *e)
{
    for (size_t i = 0; i < undone->count; i++) {
        const struct recording_entry *other = undone->entries[i];
        if (other->source == e->source &&
            (e->source == RECORDING_EVENTS || strcmp(other->name, e->name) == 0))
            return true;
    }
    return false;
}

/* An object that was not there yet. */
static void
remove_unknown(struct replay *p, const struct recording_entry *e, size_t target)
{
    bool deleted = false;
    const char *slash = strchr(e->name, '/'), *name = slash ? slash + 1 : e->name;
    char ns[256];
    (void)snprintf(ns, sizeof(ns), "%.*s", slash ? (int)IW_MIN(slash - e->name, 255) : 0, e->name);
    if (recording_is_objects(e) && p->sink.object_removed &&
        !replay_find_object(p->recording, target, (enum recording_source)e->source, ns, name,
                            &deleted))
        p->sink.object_removed(p->sink.ctx, recording_objects_kind(e), ns, name);
}

/* A few changes back: only what they were about is told again. */
static void
undo(struct replay *p, size_t target, const struct replay_undone *undone)
{
    size_t from = p->next;
    for (p->next = 0; p->next < target;) {
        const struct recording_entry *e = recording_at(p->recording, p->next);
        bool piece = e->kind == RECORDING_ITEM || e->kind == RECORDING_FRAME;
        if (piece && is_undone(undone, e))
            replay_tell_next(p);
        else
            p->next++;
    }
    for (size_t i = target; i < from; i++) {
        if (is_undone(undone, recording_at(p->recording, i)))
            remove_unknown(p, recording_at(p->recording, i), target);
    }
}

void
replay_go_back(struct replay *p, size_t target)
{
    struct replay_undone undone = {0};
    bool few = collect_undone(p, target, &undone);
    if (p->opts.rewind)
        p->opts.rewind(p->opts.ctx, few ? &undone : NULL);
    replay_close_logs(p);
    if (few) {
        undo(p, target, &undone);
        return;
    }
    p->next = 0;
    p->told = 0;
}
