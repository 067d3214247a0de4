/* eventrow: one event in a line.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>

#include "eventlist.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"

struct event_columns {
    int time, after, reason, about, count, from;
};

/* Names of containers are enough where all events are of one pod. */
static bool
one_pod(const struct event_list *l)
{
    return l->about == EVENT_ABOUT_POD;
}

static struct event_columns
columns_of(const struct event_list *l, const struct view_env *env, int width)
{
    struct event_columns c = {.time = env->prefs->time_mode == TIME_MODE_AGE ? 6 : 9};
    c.after = width >= 120 ? 9 : 0;
    c.reason = width >= 120 ? 20 : width >= 70 ? 17 : 15;
    c.about = width >= 120 ? (one_pod(l) ? 24 : 34) : width >= 70 ? (one_pod(l) ? 16 : 20) : 0;
    c.count = width >= 120 ? 6 : 5;
    c.from = width >= 120 ? 18 : 0;
    return c;
}

void
event_kind_short(const char *kind, char *out, size_t out_size)
{
    static const char *const KINDS[][2] = {{"PersistentVolumeClaim", "pvc"},
                                           {"PersistentVolume", "pv"},
                                           {"ReplicaSet", "rs"},
                                           {"Deployment", "deploy"},
                                           {"StatefulSet", "sts"},
                                           {"DaemonSet", "ds"},
                                           {"HorizontalPodAutoscaler", "hpa"},
                                           {"CronJob", "cj"},
                                           {"Service", "svc"},
                                           {"StorageClass", "sc"},
                                           {"EndpointSlice", "eps"},
                                           {"NetworkPolicy", "netpol"}};
    for (size_t i = 0; i < IW_COUNTOF(KINDS); i++)
        if (strcmp(kind, KINDS[i][0]) == 0) {
            snprintf(out, out_size, "%s", KINDS[i][1]);
            return;
        }
    snprintf(out, out_size, "%s", kind);
    for (char *c = out; *c; c++)
        *c = (char)tolower((unsigned char)*c);
}

/* What the event is about, its end kept when it is too long: the container says more than the pod. */
static void
about_text(const struct event_list *l, const struct kevent *ev, int cols, char *out,
           size_t out_size)
{
    char kind[64];
    event_kind_short(ev->object_kind, kind, sizeof(kind));
    bool pod = strcmp(kind, "pod") == 0;
    if (one_pod(l)) {
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
    if (origin_ms == IW_TIME_NONE || at_ms == IW_TIME_NONE || at_ms <= origin_ms)
        return;
    duration_cells(at_ms - origin_ms, d);
    snprintf(out, 24, "+%s", d);
}

/* The reporters of a cluster by the names people use. */
static const char *
source_short(const char *source)
{
    static const char *const SOURCES[][2] = {{"persistentvolume-controller", "pv-controller"},
                                             {"default-scheduler", "scheduler"},
                                             {"horizontal-pod-autoscaler", "hpa"},
                                             {"replicaset-controller", "rs-controller"},
                                             {"statefulset-controller", "sts-controller"},
                                             {"daemonset-controller", "ds-controller"}};
    for (size_t i = 0; i < IW_COUNTOF(SOURCES); i++)
        if (strcmp(source, SOURCES[i][0]) == 0)
            return SOURCES[i][1];
    return source;
}

static void
time_put(struct doc *d, const struct event_list *l, const struct view_env *env,
         const struct event_columns *c, int64_t at_ms, enum role role)
{
    char text[32];
    widget_time(env, at_ms, text, sizeof(text));
    doc_field(d, c->time - 1, env->prefs->time_mode == TIME_MODE_AGE, role, text);
    doc_put(d, ROLE_TEXT, " ");
    if (c->after > 0) {
        after_text(l->origin_ms, at_ms, text);
        doc_field(d, c->after, false, role, text);
    }
}

static void
count_put(struct doc *d, int cols, uint64_t count, enum role quiet)
{
    char text[32] = "";
    if (count > 1)
        snprintf(text, sizeof(text), "%llu×", (unsigned long long)count);
    doc_field(d, cols - 1, false, count > 1 ? ROLE_TEXT : quiet, text);
    doc_put(d, ROLE_TEXT, " ");
}

static void
single_draw(struct doc *d, const struct event_list *l, const struct view_env *env,
            const struct event_columns *c, const struct kevent *ev)
{
    char text[512];
    bool warning = strcmp(ev->type, "Warning") == 0;
    enum role quiet = ev->expired ? ROLE_STALE : ROLE_DIM;
    enum role loud = ev->expired ? ROLE_STALE : ROLE_TEXT;
    doc_line(d);
    /* what the cluster has dropped is still known to this session */
    doc_put(d, ROLE_MARK, ev->expired ? "◆" : " ");
    time_put(d, l, env, c, ev->last_ms, quiet);
    doc_put(d, ROLE_WARN, warning ? "⚠ " : "  ");
    doc_field(d, c->reason - 1, false, warning ? ROLE_WARN : loud, ev->reason);
    doc_put(d, ROLE_TEXT, " ");
    if (c->about > 0) {
        about_text(l, ev, c->about - 1, text, sizeof(text));
        doc_field(d, c->about - 1, false, quiet, text);
        doc_put(d, ROLE_TEXT, " ");
    }
    count_put(d, c->count, ev->count, quiet);
    doc_field(d, d->width - d->x - c->from - (c->from > 0), false, loud, ev->message);
    if (c->from > 0) {
        doc_put(d, ROLE_TEXT, " ");
        doc_field(d, c->from, false, quiet, source_short(ev->source));
    }
}

/* All events of a reason: how often, about how many objects, and what the newest says. */
static void
group_draw(struct doc *d, const struct event_list *l, const struct view_env *env,
           const struct event_columns *c, const struct event_reason *r)
{
    char text[96];
    bool warning = strcmp(r->type, "Warning") == 0;
    const struct kevent *ev = kevent_ring_at(store_events(env->store), r->newest);
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    time_put(d, l, env, c, r->last_ms, ROLE_DIM);
    doc_put(d, ROLE_WARN, warning ? "⚠ " : "  ");
    doc_field(d, c->reason - 1, false, warning ? ROLE_WARN : ROLE_TEXT, r->reason);
    doc_put(d, ROLE_TEXT, " ");
    if (c->about > 0) {
        snprintf(text, sizeof(text), r->objects == 1 ? tr("%u object") : tr("%u objects"),
                 r->objects);
        doc_field(d, c->about - 1, false, ROLE_DIM, text);
        doc_put(d, ROLE_TEXT, " ");
    }
    count_put(d, c->count, r->count, ROLE_DIM);
    if (ev)
        doc_field(d, d->width - d->x, false, ROLE_TEXT, ev->message);
}

void
event_row_draw(struct doc *d, const struct event_list *l, const struct view_env *env, size_t row)
{
    const struct kevent_ring *ring = store_events(env->store);
    struct event_columns c = columns_of(l, env, d->width);
    if (l->grouped) {
        group_draw(d, l, env, &c, &l->reasons[row]);
        return;
    }
    const struct kevent *ev = kevent_ring_at(ring, l->rows.items[row]);
    if (ev)
        single_draw(d, l, env, &c, ev);
}

static void
head_field(struct doc *d, int cols, const char *word)
{
    if (cols > 0)
        doc_field(d, cols, false, ROLE_DIM, word);
}

void
event_head_draw(struct doc *d, const struct event_list *l, const struct view_env *env)
{
    struct event_columns c = columns_of(l, env, d->width);
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    head_field(d, c.time, tr("TIME"));
    head_field(d, c.after, tr("AFTER"));
    doc_put(d, ROLE_DIM, "  ");
    head_field(d, c.reason, tr("REASON"));
    head_field(d, c.about, tr("ABOUT"));
    head_field(d, c.count, tr("N"));
    doc_put(d, ROLE_DIM, "%s", tr("MESSAGE"));
    if (c.from > 0 && d->x < d->width - c.from && !l->grouped) {
        doc_to(d, d->width - c.from);
        doc_put(d, ROLE_DIM, "%s", tr("FROM"));
    }
}
