/* eventrow: a list of events with the selected one in full below it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/eventrow.h"

#include <ctype.h>
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/utf8.h"

#define EVENT_LIFE_MS                                                                              \
    (60 * 60 * 1000) /* --event-ttl of the API server, unless somebody changed it */
#define EVENTS_OF_POD 256
#define REASON_KINDS 12
#define REASON_BAR_MAX 24

/* --- rows --- */

void
event_list_init(struct event_list *l, bool of_pod)
{
    *l = (struct event_list){
        .filter = text_filter_new(), .of_pod = of_pod, .follow = true, .stale = true};
}

void
event_list_fini(struct event_list *l)
{
    text_filter_free(l->filter);
    vec_free(&l->rows);
}

static bool
row_wanted(const struct event_list *l, const struct kevent *ev)
{
    if (l->warnings_only && strcmp(ev->type, "Warning") != 0)
        return false;
    if (!text_filter_active(l->filter))
        return true;
    iw_autofree char *text =
        iw_asprintf("%s %s %s/%s %s %s %s", ev->type, ev->reason, ev->object_kind, ev->object_name,
                    ev->container, ev->message, ev->source);
    return text_filter_match(l->filter, text);
}

static void
row_take(struct event_list *l, const struct kevent_ring *ring, size_t i)
{
    const struct kevent *ev = kevent_ring_at(ring, i);
    l->total++;
    l->warnings += strcmp(ev->type, "Warning") == 0;
    if (row_wanted(l, ev))
        vec_push(&l->rows, i);
}

/* By uid; a pod from a file has none, then by name. */
static void
rows_of_pod(struct event_list *l, const struct kevent_ring *ring, const struct pod *pod)
{
    size_t about[EVENTS_OF_POD];
    if (pod->uid[0]) {
        size_t n = kevent_ring_about(ring, pod->uid, about, EVENTS_OF_POD);
        for (size_t i = 0; i < n; i++)
            row_take(l, ring, about[i]);
        return;
    }
    for (size_t i = 0; i < kevent_ring_count(ring); i++) {
        const struct kevent *ev = kevent_ring_at(ring, i);
        if (strcmp(ev->object_name, pod->name) == 0 && strcmp(ev->ns, pod->ns) == 0)
            row_take(l, ring, i);
    }
}

static void
rows_build(struct event_list *l, const struct view_env *env)
{
    const struct kevent_ring *ring = store_events(env->store);
    const struct pod *pod = l->of_pod ? store_get(env->store, env->pod) : NULL;
    vec_clear(&l->rows);
    l->total = l->warnings = 0;
    if (!ring || (l->of_pod && !pod))
        return;
    if (l->of_pod) {
        rows_of_pod(l, ring, pod);
        return;
    }
    for (size_t i = 0; i < kevent_ring_count(ring); i++)
        row_take(l, ring, i);
}

const struct kevent *
event_list_selected(const struct event_list *l, const struct view_env *env)
{
    const struct kevent_ring *ring = store_events(env->store);
    if (!ring || l->cursor.selected >= l->rows.len ||
        l->rows.items[l->cursor.selected] >= kevent_ring_count(ring))
        return NULL;
    return kevent_ring_at(ring, l->rows.items[l->cursor.selected]);
}

static void
selection_keep(struct event_list *l, const struct view_env *env)
{
    const struct kevent_ring *ring = store_events(env->store);
    if (l->follow) {
        l->cursor.selected = l->rows.len ? l->rows.len - 1 : 0;
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

struct event_layout {
    int list, detail, reasons; /* lines; list without its head */
};

static struct event_layout
layout_of(const struct event_list *l, struct rect area)
{
    struct event_layout y = {0};
    y.detail = area.h >= 30 ? 7 : area.h >= 18 ? 5 : area.h >= 11 ? 4 : 0;
    y.reasons = area.h >= 30 && l->rows.len > 0 ? 3 : 0;
    y.list = IW_MAX(area.h - 1 - y.detail - y.reasons, 0);
    return y;
}

void
event_list_recalc(struct event_list *l, const struct view_env *env, struct rect area)
{
    const struct kevent_ring *ring = store_events(env->store);
    uint64_t generation = ring ? kevent_ring_generation(ring) : 0;
    if (!pod_ref_equal(l->pod, env->pod)) {
        l->pod = env->pod;
        l->stale = true;
        l->follow = true;
    }
    if (l->stale || generation != l->generation) {
        rows_build(l, env);
        selection_keep(l, env);
        l->generation = generation;
        l->stale = false;
    }
    l->list_height = layout_of(l, area).list;
    list_cursor_fix(&l->cursor, l->rows.len, (size_t)IW_MAX(l->list_height, 1));
    selection_remember(l, env);
}

struct event_columns {
    int time, after, reason, about, count, from;
};

static struct event_columns
columns_of(const struct event_list *l, const struct view_env *env, int width)
{
    struct event_columns c = {.time = env->prefs->time_mode == TIME_MODE_AGE ? 6 : 9};
    c.after = width >= 120 ? 9 : 0;
    c.reason = width >= 120 ? 20 : width >= 70 ? 17 : 15;
    c.about = width >= 120 ? (l->of_pod ? 24 : 34) : width >= 70 ? (l->of_pod ? 16 : 20) : 0;
    c.count = width >= 120 ? 6 : 5;
    c.from = width >= 120 ? 18 : 0;
    return c;
}

/* --- one row --- */

void
event_kind_short(const char *kind, char *out, size_t out_size)
{
    static const char *const KINDS[][2] = {
        {"PersistentVolumeClaim", "pvc"},   {"PersistentVolume", "pv"}, {"ReplicaSet", "rs"},
        {"Deployment", "deploy"},           {"StatefulSet", "sts"},     {"DaemonSet", "ds"},
        {"HorizontalPodAutoscaler", "hpa"}, {"CronJob", "cj"}};
    for (size_t i = 0; i < IW_COUNTOF(KINDS); i++)
        if (strcmp(kind, KINDS[i][0]) == 0) {
            snprintf(out, out_size, "%s", KINDS[i][1]);
            return;
        }
    snprintf(out, out_size, "%s", kind);
    for (char *c = out; *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

/* What the event is about, its end kept when it is too long: the container says more than the pod.
 */
static void
about_text(const struct event_list *l, const struct kevent *ev, int cols, char *out,
           size_t out_size)
{
    char kind[64];
    event_kind_short(ev->object_kind, kind, sizeof(kind));
    bool pod = strcmp(kind, "pod") == 0;
    if (l->of_pod) {
        snprintf(out, out_size, "%s", ev->container[0] ? ev->container : kind);
        return;
    }
    if (!ev->container[0]) {
        snprintf(out, out_size, "%s%s%s", pod && cols < 30 ? "" : kind, pod && cols < 30 ? "" : "/",
                 ev->object_name);
        return;
    }
    if (cols >= 30)
        snprintf(out, out_size, "pod/%s %s", ev->object_name, ev->container);
    else
        snprintf(out, out_size, "%s/%s", ev->object_name, ev->container);
    if (utf8_width(out, strlen(out)) > cols)
        snprintf(out, out_size, "…/%s", ev->container);
}

static void
after_text(int64_t origin_ms, int64_t at_ms, char out[24])
{
    char d[16];
    snprintf(out, 24, "–");
    if (origin_ms == IW_TIME_NONE || at_ms == IW_TIME_NONE || at_ms < origin_ms)
        return;
    duration_cells(at_ms - origin_ms, d);
    snprintf(out, 24, "+%s", d);
}

static void
row_draw(struct doc *d, const struct event_list *l, const struct view_env *env,
         const struct event_columns *c, const struct kevent *ev, int64_t origin_ms)
{
    char text[512];
    bool warning = strcmp(ev->type, "Warning") == 0;
    enum role quiet = ev->expired ? ROLE_STALE : ROLE_DIM;
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    widget_time(env, ev->last_ms, text, sizeof(text));
    doc_field(d, c->time - 1, env->prefs->time_mode == TIME_MODE_AGE, quiet, text);
    doc_put(d, ROLE_TEXT, " ");
    if (c->after > 0) {
        after_text(origin_ms, ev->last_ms, text);
        doc_field(d, c->after, false, quiet, text);
    }
    doc_put(d, ROLE_WARN, warning ? "⚠ " : "  ");
    doc_field(d, c->reason - 1, false,
              warning       ? ROLE_WARN
              : ev->expired ? ROLE_STALE
                            : ROLE_TEXT,
              ev->reason);
    doc_put(d, ROLE_TEXT, " ");
    if (c->about > 0) {
        about_text(l, ev, c->about - 1, text, sizeof(text));
        doc_field(d, c->about - 1, false, quiet, text);
        doc_put(d, ROLE_TEXT, " ");
    }
    text[0] = '\0';
    if (ev->count > 1)
        snprintf(text, sizeof(text), "%u×", ev->count);
    doc_field(d, c->count - 1, false, ev->count > 1 ? ROLE_TEXT : quiet, text);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, d->width - d->x - c->from - (c->from > 0), false,
              ev->expired ? ROLE_STALE : ROLE_TEXT, ev->message);
    if (c->from > 0) {
        doc_put(d, ROLE_TEXT, " ");
        doc_field(d, c->from, false, quiet, ev->source);
    }
}

/* Names of the columns; what is filtered stands where it leaves rows out. */
static void
head_draw(struct doc *d, const struct event_list *l, const struct event_columns *c)
{
    doc_line(d);
    doc_put(d, ROLE_DIM, " %-*s%-*s  %-*s%-*s%-*sMESSAGE", c->time, "TIME", c->after,
            c->after ? "AFTER" : "", c->reason, "REASON", c->about, c->about ? "ABOUT" : "",
            c->count, "N");
    char filter[64] = "";
    if (text_filter_active(l->filter))
        snprintf(filter, sizeof(filter), "/%.60s", text_filter_text(l->filter));
    doc_put(d, ROLE_KEY, "%s%s%s%s", l->warnings_only || filter[0] ? "  " : "",
            l->warnings_only ? "warnings only" : "", l->warnings_only && filter[0] ? "  " : "",
            filter);
    if (c->from > 0 && d->x < d->width - c->from) {
        doc_to(d, d->width - c->from);
        doc_put(d, ROLE_DIM, "FROM");
    }
}

/* --- the selected event --- */

static void
moment_put(struct doc *d, const struct view_env *env, const char *word, int64_t at_ms)
{
    char clock[16], ago[16];
    if (at_ms == IW_TIME_NONE)
        return;
    clock_hms(at_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    duration_cells(env->now_wall_ms - at_ms, ago);
    doc_put(d, ROLE_DIM, " %s ", word);
    doc_put(d, ROLE_TEXT, "%s", clock);
    if (d->width >= 100 || strcmp(word, "first") != 0)
        doc_put(d, ROLE_DIM, " (%s ago)", ago);
    doc_put(d, ROLE_DIM, " ");
}

static void
detail_facts(struct doc *d, const struct view_env *env, const struct kevent *ev)
{
    char left[16];
    int64_t rest = ev->last_ms + EVENT_LIFE_MS - env->now_wall_ms;
    doc_line(d);
    if (ev->count > 1)
        moment_put(d, env, "first", ev->first_ms);
    moment_put(d, env, ev->count > 1 ? "last" : "at", ev->last_ms);
    if (ev->count > 1)
        doc_put(d, ROLE_TEXT, " %u×", ev->count);
    duration_cells(rest, left);
    if (ev->expired)
        doc_put(d, ROLE_WARN, "  the cluster has dropped it");
    else if (rest > 0)
        doc_put(d, ROLE_DIM, "  expires in ~%s", left);
    else
        doc_put(d, ROLE_DIM, "  may expire any moment");
    if (ev->source[0])
        doc_put(d, ROLE_DIM, "  from %s", ev->source);
}

static void
detail_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
            struct rect area)
{
    const struct kevent *ev = event_list_selected(l, env);
    char title[512], kind[64];
    doc_auto d;
    doc_init(&d, area.w);
    if (!ev || area.h < 3) {
        if (area.h > 0)
            surface_rule(s, area, area.y, ROLE_RULE, NULL, ROLE_RULE);
        return;
    }
    event_kind_short(ev->object_kind, kind, sizeof(kind));
    snprintf(title, sizeof(title), "%s  %s/%s%s%s", ev->reason, kind, ev->object_name,
             ev->container[0] ? " " : "", ev->container);
    doc_rule(&d, title);
    doc_line(&d);
    doc_put(&d, ROLE_TEXT, " ");
    doc_wrap(&d, strcmp(ev->type, "Warning") == 0 ? ROLE_WARN : ROLE_TEXT, 1, area.h - 2,
             ev->message);
    detail_facts(&d, env, ev);
    doc_draw(&d, s, area, 0);
}

/* --- by reason --- */

struct reason_sum {
    const char *reason;
    uint64_t count;
    bool warning;
};

static size_t
reasons_collect(const struct event_list *l, const struct kevent_ring *ring, struct reason_sum *out)
{
    size_t n = 0;
    for (size_t i = 0; i < l->rows.len; i++) {
        const struct kevent *ev = kevent_ring_at(ring, l->rows.items[i]);
        size_t at = 0;
        while (at < n && strcmp(out[at].reason, ev->reason) != 0)
            at++;
        if (at == REASON_KINDS)
            continue;
        if (at == n)
            out[n++] = (struct reason_sum){ev->reason, 0, strcmp(ev->type, "Warning") == 0};
        out[at].count += ev->count;
    }
    return n;
}

static int
reason_compare(const void *a, const void *b)
{
    const struct reason_sum *left = a, *right = b;
    if (left->warning != right->warning)
        return left->warning ? -1 : 1;
    return left->count < right->count   ? 1
           : left->count > right->count ? -1
                                        : strcmp(left->reason, right->reason);
}

static void
reasons_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
             struct rect area)
{
    struct reason_sum sums[REASON_KINDS];
    const struct kevent_ring *ring = store_events(env->store);
    size_t n = ring ? reasons_collect(l, ring, sums) : 0;
    uint64_t most = 1;
    doc_auto d;
    doc_init(&d, area.w);
    doc_rule(&d, "by reason, events counted with their repeats");
    doc_line(&d);
    qsort(sums, n, sizeof(sums[0]), reason_compare);
    for (size_t i = 0; i < n; i++)
        most = IW_MAX(most, sums[i].count);
    for (size_t i = 0; i < n; i++) {
        char number[24];
        int bar = (int)((sums[i].count * REASON_BAR_MAX + most - 1) / most);
        snprintf(number, sizeof(number), "%llu", (unsigned long long)sums[i].count);
        int cols =
            utf8_width(sums[i].reason, strlen(sums[i].reason)) + bar + (int)strlen(number) + 5;
        if (d.x + cols > d.width)
            doc_line(&d);
        doc_put(&d, ROLE_TEXT, "  %s ", sums[i].reason);
        doc_repeat(&d, sums[i].warning ? ROLE_WARN : ROLE_BAR, "█", bar);
        doc_put(&d, ROLE_DIM, " %s", number);
    }
    doc_draw(&d, s, area, 0);
}

/* --- the whole --- */

void
event_list_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                struct rect area)
{
    const struct kevent_ring *ring = store_events(env->store);
    struct event_layout y = layout_of(l, area);
    struct event_columns c = columns_of(l, env, area.w);
    if (!ring || l->rows.len == 0) {
        bool only = l->warnings_only && !text_filter_active(l->filter);
        widget_empty(s, area, env, STREAM_EVENTS, "events", l->total,
                     only ? "warnings only" : text_filter_text(l->filter));
        return;
    }
    const struct pod *pod = l->of_pod ? store_get(env->store, env->pod) : NULL;
    size_t count = kevent_ring_count(ring);
    int64_t origin = pod ? pod->created_ms : IW_TIME_NONE;
    if (origin == IW_TIME_NONE && l->rows.items[0] < count)
        origin = kevent_ring_at(ring, l->rows.items[0])->last_ms;
    doc_auto d;
    doc_init(&d, area.w);
    head_draw(&d, l, &c);
    for (int i = 0; i < y.list && l->cursor.top + (size_t)i < l->rows.len; i++) {
        size_t at = l->rows.items[l->cursor.top + (size_t)i];
        if (at < count)
            row_draw(&d, l, env, &c, kevent_ring_at(ring, at), origin);
    }
    doc_draw(&d, s, (struct rect){area.x, area.y, area.w, 1 + y.list}, 0);
    int line = (int)(l->cursor.selected - l->cursor.top);
    if (line >= 0 && line < y.list)
        surface_flag(s, (struct rect){area.x, area.y + 1 + line, area.w, 1}, CELL_SELECTED);
    int at = area.y + 1 + y.list;
    if (y.reasons > 0)
        reasons_draw(l, env, s, (struct rect){area.x, at, area.w, y.reasons});
    detail_draw(l, env, s, (struct rect){area.x, at + y.reasons, area.w, y.detail});
}

bool
event_list_act(struct event_list *l, const struct view_env *env, enum action action,
               struct intent *out)
{
    const struct kevent *ev = event_list_selected(l, env);
    if (action == ACT_PROBLEMS) {
        l->warnings_only = !l->warnings_only;
        l->stale = true;
        return true;
    }
    if (action == ACT_COPY && ev) {
        out->kind = INTENT_COPY;
        snprintf(out->text, sizeof(out->text), "%s", ev->message);
        return true;
    }
    if (!list_cursor_act(&l->cursor, action, l->rows.len, (size_t)IW_MAX(l->list_height, 1)))
        return false;
    l->follow = l->rows.len == 0 || l->cursor.selected + 1 == l->rows.len;
    selection_remember(l, env);
    return true;
}

void
event_list_filter(struct event_list *l, const char *text)
{
    text_filter_set(l->filter, text);
    l->stale = true;
}

void
event_list_note(const struct event_list *l, char *out, size_t out_size)
{
    snprintf(out, out_size, "%zu of %zu  ⚠%zu", l->rows.len, l->total, l->warnings);
}
