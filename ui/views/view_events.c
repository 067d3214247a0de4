/* view_events: all events of what is watched, oldest first, the newest selected.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/ui/eventrow.h"

static void
events_init(void *state)
{
    event_list_init(state, false);
}

static void
events_fini(void *state)
{
    event_list_fini(state);
}

static void
events_recalc(void *state, const struct view_env *env, struct rect area)
{
    event_list_recalc(state, env, area);
}

static void
events_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    event_list_draw(state, env, s, area);
}

/* The pod the selected event is about; false for events about something else. */
static bool
events_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
              char container[256])
{
    const struct kevent *ev = event_list_selected(state, env);
    container[0] = '\0';
    if (!ev || strcmp(ev->object_kind, "Pod") != 0)
        return false;
    snprintf(container, 256, "%s", ev->container);
    return (ev->object_uid[0] && store_find_uid(env->store, ev->object_uid, pod)) ||
           store_find(env->store, ev->ns, ev->object_name, pod);
}

static bool
events_act(void *state, const struct view_env *env, enum action action, int32_t arg,
           struct intent *out)
{
    const struct kevent *ev = event_list_selected(state, env);
    (void)arg;
    const struct event_list *list = state;
    if (action != ACT_OPEN || !ev || list->grouped)
        return event_list_act(state, env, action, out);
    if (events_cursor(state, env, &out->pod, out->container)) {
        out->kind = INTENT_OPEN;
        out->view = "detail";
        return true;
    }
    return event_object_open(ev, out);
}

static bool
events_command(void *state, const struct view_env *env, const char *name, const char *arg,
               struct intent *out)
{
    return event_list_command(state, env, name, arg, out);
}

static void
events_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    (void)env;
    (void) final;
    event_list_filter(state, text);
}

static void
events_head(const void *state, const struct view_env *env, struct surface *s, struct rect clip)
{
    (void)env;
    event_list_head(state, s, clip);
}

static void
events_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    const struct kevent_ring *ring = store_events(env->store);
    if (ring && store_synced(env->store, STREAM_EVENTS))
        snprintf(out, out_size, "%zu", kevent_ring_count(ring));
}

static bool
events_ticks(const void *state, const struct view_env *env)
{
    return event_list_ticks(state, env);
}

static uint32_t
events_wants(const void *state, const struct view_env *env)
{
    (void)env;
    return event_list_wants(state);
}

static size_t
events_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct event_list *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(st->rows.len, st->list_height);
}

static bool
events_can(const void *state, const struct view_env *env, enum action action)
{
    (void)env;
    return event_list_can(state, action);
}

const struct view_class view_events = {
    .name = "all-events",
    .title = "Events",
    .help = "All events of what is watched, repeats folded, the selected one in full",
    .scope = VIEW_CLUSTER,
    .tab = 3,
    .context = CTX_EVENTS,
    .podish = true,
    .state_size = sizeof(struct event_list),
    .init = events_init,
    .fini = events_fini,
    .recalc = events_recalc,
    .draw = events_draw,
    .unseen = events_unseen,
    .act = events_act,
    .can = events_can,
    .filter = events_filter,
    .command = events_command,
    .head_note = events_head,
    .tab_count = events_tab_count,
    .cursor = events_cursor,
    .ticks = events_ticks,
    .wants = events_wants,
};
