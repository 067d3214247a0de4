/* eventlist: which events are shown, in which order, and which one is selected.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "eventlist.h"
#include "initwatch/base/tr.h"

/* WIDE_LINES: from here on sums and chain stand below the list. MEASURED: so many of the newest rows
 * make the widths of the columns, each costs a microsecond or two. */
enum { WIDE_LINES = 30, MEASURED = 300, ROW_LINES_MAX = 4, DETAIL_MESSAGE_MAX = 6 };

void
event_list_init(struct event_list *l, bool of_pod)
{
    *l = (struct event_list){.filter = text_filter_new(),
                             .of_pod = of_pod,
                             .about = of_pod ? EVENT_ABOUT_RELATED : EVENT_ABOUT_ALL,
                             .follow = true,
                             .stale = true};
    strbuf_init(&l->saved, 0);
    l->reasons = iw_calloc(EVENT_REASONS_MAX, sizeof(*l->reasons));
    l->related = iw_calloc(1, sizeof(*l->related));
    l->chain = iw_calloc(1, sizeof(*l->chain));
}

void
event_list_fini(struct event_list *l)
{
    text_filter_free(l->filter);
    vec_free(&l->rows);
    vec_free(&l->judged);
    strbuf_free(&l->saved);
    free(l->reasons);
    free(l->related);
    free(l->chain);
}

int64_t
event_window_ms(enum event_window w)
{
    static const int64_t MINUTES[EVENT_WINDOW_COUNT] = {0, 60, 15, 5};
    return MINUTES[w] * 60 * 1000;
}

/* --- rows --- */

static bool
row_wanted(const struct event_list *l, const struct view_env *env, const struct kevent *ev)
{
    int64_t window_ms = event_window_ms(l->window);
    if (l->warnings_only && strcmp(ev->type, "Warning") != 0)
        return false;
    if (l->reason[0] && strcmp(ev->reason, l->reason) != 0)
        return false;
    if (window_ms > 0 && ev->last_ms < env->now_wall_ms - window_ms)
        return false;
    if (!text_filter_active(l->filter))
        return true;
    iw_autofree char *text =
        iw_asprintf("%s %s %s/%s %s %s %s", ev->type, ev->reason, ev->object_kind, ev->object_name,
                    ev->container, ev->message, ev->source);
    return text_filter_match(l->filter, text);
}

/* By uid; a pod from a file has none, then by name. */
static bool
is_of_pod(const struct pod *pod, const struct kevent *ev)
{
    if (pod->uid[0] && ev->object_uid[0])
        return strcmp(ev->object_uid, pod->uid) == 0;
    return strcmp(ev->object_name, pod->name) == 0 && strcmp(ev->ns, pod->ns) == 0;
}

static bool
is_about(const struct event_list *l, const struct pod *pod, const struct kevent *ev)
{
    if (l->about == EVENT_ABOUT_ALL)
        return true;
    if (!pod)
        return false;
    if (is_of_pod(pod, ev))
        return true;
    if (l->about == EVENT_ABOUT_POD)
        return false;
    enum relation r = related_event(l->related, ev);
    return r != RELATION_NONE && r != RELATION_SELF;
}

static void
rows_reverse(struct event_list *l)
{
    for (size_t i = 0, j = l->rows.len; i + 1 < j; i++) {
        size_t swap = l->rows.items[i];
        l->rows.items[i] = l->rows.items[--j];
        l->rows.items[j] = swap;
    }
}

static void
rows_measure(struct event_list *l, const struct kevent_ring *ring)
{
    size_t from = l->rows.len > MEASURED ? l->rows.len - MEASURED : 0;
    l->widths = (struct event_widths){.reason = 0};
    for (size_t i = from; i < l->rows.len; i++)
        event_widths_add(l, kevent_ring_at(ring, l->rows.items[i]));
    for (size_t i = 0; l->grouped && i < l->reason_count; i++)
        l->widths.count = IW_MAX(l->widths.count, l->reasons[i].count);
}

/* What was found of an event, by its place in the ring. */
enum { JUDGED_ABOUT = 1, JUDGED_WARNING = 2, JUDGED_WANTED = 4, JUDGED_EXPIRED = 8 };

static unsigned
judge(const struct event_list *l, const struct view_env *env, const struct pod *pod,
      const struct kevent *ev)
{
    if (!is_about(l, pod, ev))
        return 0;
    return JUDGED_ABOUT | (strcmp(ev->type, "Warning") == 0 ? JUDGED_WARNING : 0) |
           (row_wanted(l, env, ev) ? JUDGED_WANTED | (ev->expired ? JUDGED_EXPIRED : 0) : 0);
}

/* Back to the first `places` of the ring. */
static void
rows_cut(struct event_list *l, size_t places)
{
    while (l->judged.len > places) {
        unsigned found = l->judged.items[--l->judged.len];
        l->total -= (found & JUDGED_ABOUT) != 0;
        l->warnings -= (found & JUDGED_WARNING) != 0;
        l->kept -= (found & JUDGED_EXPIRED) != 0;
        l->rows.len -= (found & JUDGED_WANTED) != 0;
    }
}

/* Rows of events that are where they were stay; `same`: all that decides about them is as it was. */
static void
rows_build(struct event_list *l, const struct view_env *env, bool same)
{
    const struct kevent_ring *ring = store_events(env->store);
    const struct pod *pod = store_get(env->store, l->pod);
    size_t count = ring ? kevent_ring_count(ring) : 0;
    if (l->reversed)
        rows_reverse(l);
    rows_cut(l, same && ring ? kevent_ring_kept(ring, l->ring_generation) : 0);
    for (size_t i = l->judged.len; i < count; i++) {
        unsigned found = judge(l, env, pod, kevent_ring_at(ring, i));
        vec_push(&l->judged, (uint8_t)found);
        l->total += (found & JUDGED_ABOUT) != 0;
        l->warnings += (found & JUDGED_WARNING) != 0;
        l->kept += (found & JUDGED_EXPIRED) != 0;
        if (found & JUDGED_WANTED)
            vec_push(&l->rows, i);
    }
    l->ring_generation = ring ? kevent_ring_generation(ring) : 0;
    l->origin_ms = l->rows.len ? kevent_ring_at(ring, l->rows.items[0])->last_ms : IW_TIME_NONE;
    l->reason_count = ring && l->sums ? event_reasons(ring, l->rows.items, l->rows.len, l->reasons,
                                                      EVENT_REASONS_MAX)
                                      : 0;
    rows_measure(l, ring);
    if (l->about == EVENT_ABOUT_POD && pod)
        l->origin_ms = pod->created_ms;
    l->reversed = l->newest_first;
    if (l->reversed)
        rows_reverse(l);
}

/* What the pod is about: its neighbours, and why its wait does not pass. */
static void
explain(struct event_list *l, const struct view_env *env)
{
    const struct pod *pod = store_get(env->store, l->pod);
    struct pod_block block;
    l->chain->count = 0;
    l->related->count = 0;
    snprintf(l->own_ns, sizeof(l->own_ns), "%.63s", pod ? pod->ns : "");
    snprintf(l->own_name, sizeof(l->own_name), "%.253s", pod ? pod->name : "");
    if (!pod)
        return;
    related_of(env->store, pod, env->now_wall_ms, l->related);
    pod_block_of(pod, env->now_wall_ms, &block);
    if (!block.container || pod_is_deleted(pod) ||
        !chain_of(env->store, pod, block.container, env->now_wall_ms, l->chain))
        l->chain->count = 0;
}

/* How many rows there are to choose from: events, or groups of them. */
static size_t
event_row_count(const struct event_list *l)
{
    return l->grouped ? l->reason_count : l->rows.len;
}

const struct kevent *
event_list_selected(const struct event_list *l, const struct view_env *env)
{
    const struct kevent_ring *ring = store_events(env->store);
    if (!ring || l->cursor.selected >= event_row_count(l))
        return NULL;
    size_t at =
        l->grouped ? l->reasons[l->cursor.selected].newest : l->rows.items[l->cursor.selected];
    return at < kevent_ring_count(ring) ? kevent_ring_at(ring, at) : NULL;
}

static void
selection_keep(struct event_list *l, const struct view_env *env)
{
    const struct kevent_ring *ring = store_events(env->store);
    if (l->grouped)
        return;
    if (l->follow) {
        l->cursor.selected = l->rows.len && !l->newest_first ? l->rows.len - 1 : 0;
        return;
    }
    for (size_t i = l->rows.len; i-- > 0;)
        if (strcmp(kevent_ring_at(ring, l->rows.items[i])->uid, l->selected_uid) == 0) {
            l->cursor.selected = i;
            return;
        }
}

static void
selection_remember(struct event_list *l, const struct view_env *env)
{
    const struct kevent *ev = event_list_selected(l, env);
    snprintf(l->selected_uid, sizeof(l->selected_uid), "%s", ev ? ev->uid : "");
}

/* --- layout --- */

/* Lines of the pane below: so many that no message is cut, where there is room for them; it does not
 * change with the selection. */
static int
detail_lines(const struct event_list *l, struct rect area)
{
    int most = area.h >= WIDE_LINES ? DETAIL_MESSAGE_MAX : area.h >= 18 ? 2 : 1;
    int message = IW_MIN(l->widths.message / IW_MAX(area.w - 6, 20) + 1, most);
    bool relations = l->about != EVENT_ABOUT_ALL && l->related->count > 0 && area.h >= 18;
    return area.h >= 11 ? 1 + message + 1 + relations : 0;
}

static struct event_layout
event_layout_of(const struct event_list *l, struct rect area)
{
    struct event_layout y = {0};
    y.chips = area.h >= 12 ? 1 : 0;
    y.detail = detail_lines(l, area);
    y.reasons = area.h >= WIDE_LINES && l->reason_count > 0 && !l->grouped
                    ? event_reasons_lines(l, area.w)
                    : 0;
    y.chain = area.h >= WIDE_LINES && l->chain->count > 0 ? 5 : 0;
    y.list = IW_MAX(area.h - 1 - y.chips - y.detail - y.reasons - y.chain, 0);
    return y;
}

/* How many lines a row may have so that all rows are in sight. */
static int
row_lines_of(const struct event_list *l, const struct view_env *env, int width, int height)
{
    for (int most = ROW_LINES_MAX; most > 1 && !l->grouped && (int)l->rows.len < height; most--) {
        int lines = 0;
        for (size_t i = 0; i < l->rows.len && lines <= height; i++)
            lines += event_row_lines(l, env, i, width, most);
        if (lines <= height)
            return most;
    }
    return 1;
}

void
event_list_recalc(struct event_list *l, const struct view_env *env, struct rect area)
{
    const struct kevent_ring *ring = store_events(env->store);
    uint64_t generation = store_generation(env->store);
    uint64_t events = ring ? kevent_ring_generation(ring) : 0;
    bool windowed = l->window != EVENT_WINDOW_ALL && env->now_wall_ms - l->built_ms >= 1000;
    if (l->of_pod && !pod_ref_equal(l->pod, env->pod)) {
        l->pod = env->pod;
        l->stale = true;
        l->follow = true;
    }
    bool sums = l->grouped || area.h >= WIDE_LINES;
    l->stale |= sums != l->sums;
    l->sums = sums;
    bool same =
        !l->stale && !windowed && (l->about == EVENT_ABOUT_ALL || generation == l->generation);
    if (l->stale || windowed || generation != l->generation)
        explain(l, env);
    if (!same || events != l->ring_generation) {
        rows_build(l, env, same);
        selection_keep(l, env);
        l->built_ms = env->now_wall_ms;
        l->stale = false;
    }
    l->generation = generation;
    l->list_height = event_layout_of(l, area).list;
    l->row_lines = row_lines_of(l, env, area.w, l->list_height);
    list_cursor_fix(&l->cursor, event_row_count(l), (size_t)IW_MAX(l->list_height, 1));
    selection_remember(l, env);
}

/* --- keys --- */

/* `a`: of a pod all three; of a cluster all, or what explains the pod of the selected event. False when that is not about a
 * pod that is known. */
static bool
about_next(struct event_list *l, const struct view_env *env)
{
    const struct kevent *ev = event_list_selected(l, env);
    if (l->of_pod) {
        l->about = (enum event_about)((l->about + 1) % EVENT_ABOUT_COUNT);
        return true;
    }
    struct pod_ref pod;
    if (l->about != EVENT_ABOUT_ALL) {
        l->about = EVENT_ABOUT_ALL;
    } else if (ev && strcmp(ev->object_kind, "Pod") == 0 &&
               store_find(env->store, ev->ns, ev->object_name, &pod)) {
        l->pod = pod;
        l->about = EVENT_ABOUT_RELATED;
    } else {
        return false;
    }
    return true;
}

static bool
filter_act(struct event_list *l, const struct view_env *env, enum action action)
{
    const struct kevent *ev = event_list_selected(l, env);
    if ((action == ACT_ABOUT && !about_next(l, env)) ||
        (action == ACT_ONLY_REASON && !ev && !l->reason[0]))
        return false;
    if (action == ACT_PROBLEMS)
        l->warnings_only = !l->warnings_only;
    else if (action == ACT_GROUP)
        l->grouped = !l->grouped;
    else if (action == ACT_SORT_REVERSE)
        l->newest_first = !l->newest_first;
    else if (action == ACT_ONLY_REASON)
        snprintf(l->reason, sizeof(l->reason), "%s", l->reason[0] || !ev ? "" : ev->reason);
    else if (action == ACT_ZOOM_IN)
        l->window = IW_MIN(l->window + 1, EVENT_WINDOW_COUNT - 1);
    else if (action == ACT_ZOOM_OUT)
        l->window = l->window > 0 ? l->window - 1 : 0;
    else if (action != ACT_ABOUT)
        return false;
    if (action == ACT_GROUP || action == ACT_SORT_REVERSE)
        l->cursor = (struct list_cursor){0, 0};
    l->follow |= action == ACT_SORT_REVERSE;
    l->stale = true;
    return true;
}

bool
event_list_can(const struct event_list *l, enum action action)
{
    return l->rows.len > 0 || (action != ACT_OPEN && action != ACT_ONLY_REASON &&
                               action != ACT_GROUP && action != ACT_SORT_REVERSE);
}

bool
event_list_act(struct event_list *l, const struct view_env *env, enum action action,
               struct intent *out)
{
    const struct kevent *ev = event_list_selected(l, env);
    if (filter_act(l, env, action))
        return true;
    if (action == ACT_OPEN && l->grouped && ev) { /* into the group */
        snprintf(l->reason, sizeof(l->reason), "%s", ev->reason);
        l->grouped = false;
        l->stale = true;
        return true;
    }
    if (action == ACT_SAVE && ev) {
        out->kind = INTENT_PROMPT;
        snprintf(out->text, sizeof(out->text), "%s", ":save events.jsonl");
        return true;
    }
    if (action == ACT_COPY && ev) {
        intent_copy(out, ev->message, strlen(ev->message));
        return true;
    }
    if (!list_cursor_act(&l->cursor, action, event_row_count(l), (size_t)IW_MAX(l->list_height, 1)))
        return false;
    size_t newest = l->newest_first || l->rows.len == 0 ? 0 : l->rows.len - 1;
    l->follow = !l->grouped && l->cursor.selected == newest;
    selection_remember(l, env);
    return true;
}

bool
event_object_open(const struct kevent *ev, struct intent *out)
{
    struct kobject_ref ref = {0};
    if (kobject_kind_parse(ev->object_kind, &ref.kind) && ref.kind != KOBJECT_POD) {
        snprintf(ref.ns, sizeof(ref.ns), "%s",
                 kobject_kind_info(ref.kind)->namespaced ? ev->ns : "");
        snprintf(ref.name, sizeof(ref.name), "%s", ev->object_name);
        if (intent_open_object(out, NULL, &ref))
            return true;
    }
    out->kind = INTENT_FLASH;
    snprintf(out->text, sizeof(out->text), tr("%.60s %.200s is not a pod that is watched here"),
             ev->object_kind, ev->object_name);
    return true;
}

void
event_list_filter(struct event_list *l, const char *text)
{
    text_filter_set(l->filter, text);
    if (!text[0])
        l->reason[0] = '\0'; /* Esc takes every filter away */
    l->stale = true;
}

void
event_list_note(const struct event_list *l, char *out, size_t out_size)
{
    if (l->warnings > 0)
        snprintf(out, out_size, tr("%zu of %zu  ⚠%zu"), l->rows.len, l->total, l->warnings);
    else if (l->total > 0)
        snprintf(out, out_size, tr("%zu of %zu"), l->rows.len, l->total);
}

void
event_list_head(const struct event_list *l, struct surface *s, struct rect clip)
{
    int x = widget_part(s, clip, clip.x, ROLE_TEXT,
                        l->total == 1 ? tr("%zu event") : tr("%zu events"), l->total);
    if (l->warnings > 0)
        x = widget_part(s, clip, x, ROLE_WARN, "  ⚠%zu", l->warnings);
    if (l->rows.len < l->total)
        (void)widget_part(s, clip, x, ROLE_DIM, tr("  shown %zu"), l->rows.len);
}

uint32_t
event_list_wants(const struct event_list *l)
{
    return l->about == EVENT_ABOUT_RELATED ? CHAIN_KINDS : 0;
}

bool
event_list_ticks(const struct event_list *l, const struct view_env *env)
{
    return env->prefs->time_mode == TIME_MODE_AGE || l->window != EVENT_WINDOW_ALL;
}

/* --- the whole --- */

/* What hides everything, for the sentence about an empty list. */
static void
filter_words(const struct event_list *l, char *out, size_t out_size)
{
    size_t used = 0;
    out[0] = '\0';
    if (text_filter_active(l->filter))
        used = (size_t)snprintf(out, out_size, "%.100s", text_filter_text(l->filter));
    if (l->warnings_only && used < out_size)
        used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? ", " : "",
                                 tr("warnings only"));
    if (l->reason[0] && used < out_size)
        used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? ", " : "", l->reason);
    if (l->window != EVENT_WINDOW_ALL && used < out_size)
        snprintf(out + used, out_size - used, tr("%slast %lld min"), used ? ", " : "",
                 (long long)event_window_ms(l->window) / 60000);
}

/* A live cluster that knows no event of this pod: that is usual, and no reason to look in another namespace. */
static bool
draw_none_of_pod(const struct event_list *l, const struct view_env *env, struct surface *s,
                 struct rect area)
{
    const struct pod *pod = store_get(env->store, l->pod);
    char age[16], what[200];
    if (!l->of_pod || !pod || l->total > 0 ||
        store_status(env->store, STREAM_EVENTS)->state != SOURCE_LIVE)
        return false;
    int64_t age_ms = pod->created_ms == IW_TIME_NONE ? 0 : env->now_wall_ms - pod->created_ms;
    duration_cells(age_ms, age);
    if (age_ms > EVENT_LIFE_MS)
        snprintf(what, sizeof(what),
                 tr("API servers keep events for an hour, this pod is %s old: what happened is in "
                    "the timeline (1) and in its conditions (8)"),
                 age);
    else
        snprintf(what, sizeof(what), "%s",
                 tr("what is known is in the timeline (1) and in its conditions (8)"));
    widget_empty_say(s, area, ROLE_TEXT,
                     l->about == EVENT_ABOUT_POD
                         ? tr("no event about this pod; a looks at what it needs as well")
                         : tr("no event about this pod or what it needs"),
                     what);
    return true;
}

static void
rows_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
          struct rect list)
{
    int y = 0;
    for (size_t i = l->cursor.top; i < event_row_count(l) && y < list.h; i++) {
        int lines = l->row_lines > 1 ? event_row_lines(l, env, i, list.w, l->row_lines) : 1;
        struct rect row = {list.x, list.y + y, list.w, IW_MIN(lines, list.h - y)};
        event_row_draw(l, env, s, row, i);
        if (i == l->cursor.selected)
            surface_flag(s, row, CELL_SELECTED);
        y += lines;
    }
}

void
event_list_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                struct rect area)
{
    struct event_layout y = event_layout_of(l, area);
    size_t count = event_row_count(l);
    doc_auto d;
    doc_init(&d, area.w);
    if (y.chips > 0)
        event_chips_draw(&d, l, env);
    if (count == 0) {
        struct rect below = {area.x, area.y + y.chips, area.w, area.h - y.chips};
        char words[256];
        filter_words(l, words, sizeof(words));
        doc_draw(&d, s, area, 0);
        if (!draw_none_of_pod(l, env, s, below))
            widget_empty(s, below, env, STREAM_EVENTS, tr("events"), l->total, words);
        return;
    }
    event_head_draw(&d, l, env);
    doc_draw(&d, s, area, 0);
    int head = y.chips + 1;
    rows_draw(l, env, s, (struct rect){area.x, area.y + head, area.w, y.list});
    int at = area.y + head + y.list;
    if (y.reasons > 0)
        event_reasons_draw(l, s, (struct rect){area.x, at, area.w, y.reasons});
    if (y.chain > 0)
        event_chain_draw(l, env, s, (struct rect){area.x, at + y.reasons, area.w, y.chain});
    event_detail_draw(l, env, s, (struct rect){area.x, at + y.reasons + y.chain, area.w, y.detail});
}
