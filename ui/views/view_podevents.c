/* view_podevents: the events of one pod, oldest first, the newest selected.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/limits.h"
#include "initwatch/ui/eventrow.h"
#include "initwatch/ui/podpane.h"

static void
podevents_init(void *state)
{
    event_list_init(state, true);
}

static void
podevents_fini(void *state)
{
    event_list_fini(state);
}

static void
podevents_recalc(void *state, const struct view_env *env, struct rect area)
{
    area.h -= podpane_banner_lines(env);
    event_list_recalc(state, env, area);
}

static void
podevents_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    if (podpane_begin(env, s, &area))
        event_list_draw(state, env, s, area);
}

static bool
is_own(const struct view_env *env, const struct kevent *ev)
{
    const struct pod *pod = store_get(env->store, env->pod);
    return pod && strcmp(ev->object_name, pod->name) == 0 && strcmp(ev->ns, pod->ns) == 0 &&
           strcmp(ev->object_kind, "Pod") == 0;
}

static bool
podevents_act(void *state, const struct view_env *env, enum action action, int32_t arg,
              struct intent *out)
{
    const struct kevent *ev = event_list_selected(state, env);
    (void)arg;
    const struct event_list *list = state;
    struct pod_ref other;
    if (action == ACT_OPEN && ev && !list->grouped && !is_own(env, ev)) {
        if (strcmp(ev->object_kind, "Pod") != 0 ||
            !store_find(env->store, ev->ns, ev->object_name, &other))
            return event_object_open(ev, out);
        out->kind = INTENT_OPEN;
        out->view = "detail";
        out->pod = other;
        snprintf(out->container, sizeof(out->container), "%s", ev->container);
        return true;
    }
    if (action == ACT_OPEN && ev && !list->grouped) {
        out->kind = INTENT_SWITCH;
        out->view = "detail";
        out->pod = env->pod;
        snprintf(out->container, sizeof(out->container), "%s", ev->container);
        return true;
    }
    return event_list_act(state, env, action, out);
}

static bool
podevents_command(void *state, const struct view_env *env, const char *name, const char *arg,
                  struct intent *out)
{
    return event_list_command(state, env, name, arg, out);
}

static void
podevents_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    (void)env;
    (void) final;
    event_list_filter(state, text);
}

static void
podevents_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)env;
    event_list_note(state, out, out_size);
}

static bool
podevents_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                 char container[256])
{
    const struct kevent *ev = event_list_selected(state, env);
    *pod = env->pod;
    snprintf(container, 256, "%s", ev ? ev->container : "");
    return store_get(env->store, env->pod) != NULL;
}

/* "11 (⚠6)" */
static void
podevents_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    const struct kevent_ring *ring = store_events(env->store);
    const struct pod *pod = store_get(env->store, env->pod);
    size_t about[LIMIT_EVENTS_PER_POD], warnings = 0;
    if (!ring || !pod || !pod->uid[0] || !store_synced(env->store, STREAM_EVENTS))
        return;
    size_t n = kevent_ring_about(ring, pod->uid, about, IW_COUNTOF(about));
    for (size_t i = 0; i < n; i++)
        warnings += strcmp(kevent_ring_at(ring, about[i])->type, "Warning") == 0;
    if (warnings)
        snprintf(out, out_size, "%zu (⚠%zu)", n, warnings);
    else
        snprintf(out, out_size, "%zu", n);
}

static bool
podevents_ticks(const void *state, const struct view_env *env)
{
    return event_list_ticks(state, env);
}

static uint32_t
podevents_wants(const void *state, const struct view_env *env)
{
    (void)env;
    return event_list_wants(state);
}

static size_t
podevents_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct event_list *st = state;
    (void)env;
    (void)scroll;
    return list_unseen(st->rows.len, st->list_height);
}

static bool
podevents_can(const void *state, const struct view_env *env, enum action action)
{
    (void)env;
    return event_list_can(state, action);
}

/* The key v opens "events": those of the pod it is pressed on. */
const struct view_class view_podevents = {
    .name = "events",
    .title = "Events",
    .help = "Events of one pod, repeats folded, the selected one in full",
    .scope = VIEW_POD,
    .tab = 4,
    .context = CTX_EVENTS,
    .podish = true,
    .state_size = sizeof(struct event_list),
    .init = podevents_init,
    .fini = podevents_fini,
    .recalc = podevents_recalc,
    .draw = podevents_draw,
    .unseen = podevents_unseen,
    .act = podevents_act,
    .can = podevents_can,
    .filter = podevents_filter,
    .command = podevents_command,
    .tab_note = podevents_note,
    .tab_count = podevents_tab_count,
    .cursor = podevents_cursor,
    .ticks = podevents_ticks,
    .wants = podevents_wants,
};
