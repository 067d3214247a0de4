/* eventrow: one event in a line.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>

#include "eventlist.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/eventgist.h"
#include "initwatch/model/progress_text.h"

/* A list so wide shows when and from whom; below, messages are told in few words. */
enum { WIDE_COLS = 120, ABOUT_COLS = 56 };

struct event_columns {
    int time, after, reason, about, count, message, from; /* each with the blank behind it */
    bool about_whole, gist;
};

/* Names of containers are enough where all events are of one pod. */
static bool
one_pod(const struct event_list *l)
{
    return l->about == EVENT_ABOUT_POD;
}

static int
digits_of(uint64_t n)
{
    int digits = 1;
    for (; n >= 10; n /= 10)
        digits++;
    return digits;
}

/* What the event is about gets what the message leaves, and two fifths of the room at least. */
static void
share_room(const struct event_list *l, int room, int width, struct event_columns *c)
{
    const struct event_widths *w = &l->widths;
    int whole = w->about + 1, message = c->gist ? w->gist : w->message;
    int share = IW_MAX(room * 2 / 5, room - message);
    int about = width >= WIDE_COLS && whole <= share ? whole : IW_MIN(w->about_short + 1, share);
    if (whole + message <= room)
        about = whole;
    c->about = width >= ABOUT_COLS ? IW_MAX(about, 0) : 0;
    c->about_whole = c->about >= whole;
    c->message = IW_MAX(room - c->about, 0);
}

static struct event_columns
columns_of(const struct event_list *l, const struct view_env *env, int width)
{
    const struct event_widths *w = &l->widths;
    bool wide = width >= WIDE_COLS;
    struct event_columns c = {.time = env->prefs->time_mode == TIME_MODE_AGE ? 6 : 9,
                              .after = wide ? 9 : 0,
                              .gist = !wide && !l->grouped};
    c.reason = IW_MAX(IW_MIN(w->reason, wide ? 28 : width >= 70 ? 16 : 13), 6) + 1;
    c.count = w->count > 1 || l->grouped ? digits_of(w->count) + 2 : 0;
    c.from = wide && !l->grouped ? IW_MIN(w->source, 20) + 1 : 0;
    share_room(l, width - 1 - c.time - c.after - 2 - c.reason - c.count - c.from, width, &c);
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
                                           {"ResourceQuota", "quota"},
                                           {"LimitRange", "limits"},
                                           {"ConfigMap", "cm"},
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

/* What the event is about; of one pod the container alone. */
static void
about_whole(const struct event_list *l, const struct kevent *ev, char *out, size_t out_size)
{
    char kind[64];
    event_kind_short(ev->object_kind, kind, sizeof(kind));
    if (one_pod(l))
        snprintf(out, out_size, "%s", ev->container[0] ? ev->container : kind);
    else
        snprintf(out, out_size, "%s/%s%s%s", kind, ev->object_name, ev->container[0] ? " " : "",
                 ev->container);
}

/* Without the kind of a pod; a container of the pod that all is about by its own name. */
static void
about_short(const struct event_list *l, const struct kevent *ev, char *out, size_t out_size)
{
    bool pod = strcmp(ev->object_kind, "Pod") == 0;
    bool own = l->about == EVENT_ABOUT_RELATED && strcmp(ev->object_name, l->own_name) == 0 &&
               strcmp(ev->ns, l->own_ns) == 0;
    if (one_pod(l) || !pod)
        about_whole(l, ev, out, out_size);
    else if (own && ev->container[0])
        snprintf(out, out_size, "…/%s", ev->container);
    else
        snprintf(out, out_size, "%s%s%s", ev->object_name, ev->container[0] ? "/" : "",
                 ev->container);
}

/* In `cols` cells, the end kept when it is too long: the container says more than the pod. */
static void
about_text(const struct event_list *l, const struct event_columns *c, const struct kevent *ev,
           char *out, size_t out_size)
{
    if (c->about_whole)
        about_whole(l, ev, out, out_size);
    else
        about_short(l, ev, out, out_size);
    if (ev->container[0] && !one_pod(l) && utf8_width(out, strlen(out)) > c->about - 1)
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
    if (cols <= 0)
        return;
    if (count > 1)
        snprintf(text, sizeof(text), "%llu×", (unsigned long long)count);
    doc_field(d, cols - 1, false, count > 1 ? ROLE_TEXT : quiet, text);
    doc_put(d, ROLE_TEXT, " ");
}

/* What stands in the column of messages: in few words where it would be cut otherwise. */
static void
message_text(const struct event_list *l, const struct event_columns *c, const struct kevent *ev,
             char *out, size_t out_size)
{
    text_one_line(ev->message, out, out_size);
    if (c->gist || (l->row_lines <= 1 && utf8_width(out, strlen(out)) > c->message))
        event_gist(ev, out, out_size);
}

void
event_widths_add(struct event_list *l, const struct kevent *ev)
{
    struct event_widths *w = &l->widths;
    char text[1024];
    about_whole(l, ev, text, sizeof(text));
    w->about = IW_MAX(w->about, utf8_width(text, strlen(text)));
    about_short(l, ev, text, sizeof(text));
    w->about_short = IW_MAX(w->about_short, utf8_width(text, strlen(text)));
    event_gist(ev, text, sizeof(text));
    w->gist = IW_MAX(w->gist, utf8_width(text, strlen(text)));
    text_one_line(ev->message, text, sizeof(text));
    w->message = IW_MAX(w->message, utf8_width(text, strlen(text)));
    w->reason = IW_MAX(w->reason, utf8_width(ev->reason, strlen(ev->reason)));
    const char *source = source_short(ev->source);
    w->source = IW_MAX(w->source, utf8_width(source, strlen(source)));
    w->count = IW_MAX(w->count, (uint64_t)ev->count);
}

int
event_row_lines(const struct event_list *l, const struct view_env *env, size_t row, int width,
                int most)
{
    struct event_columns c = columns_of(l, env, width);
    const struct kevent *ev = kevent_ring_at(store_events(env->store), l->rows.items[row]);
    char text[1024];
    if (!ev || most <= 1 || c.message <= 0)
        return 1;
    message_text(l, &c, ev, text, sizeof(text));
    doc_auto d;
    doc_init(&d, c.message);
    doc_line(&d);
    doc_wrap(&d, ROLE_TEXT, 0, most, text);
    return (int)d.lines;
}

static void
single_draw(struct doc *d, const struct event_list *l, const struct view_env *env,
            const struct event_columns *c, const struct kevent *ev)
{
    char text[1024];
    bool warning = strcmp(ev->type, "Warning") == 0;
    enum role quiet = ev->expired ? ROLE_STALE : ROLE_DIM;
    enum role loud = ev->expired ? ROLE_STALE : ROLE_TEXT;
    /* what the cluster has dropped is still known to this session */
    doc_put(d, ROLE_MARK, ev->expired ? "◆" : " ");
    time_put(d, l, env, c, ev->last_ms, quiet);
    doc_put(d, ROLE_WARN, warning ? "⚠ " : "  ");
    doc_field(d, c->reason - 1, false, warning ? ROLE_WARN : loud, ev->reason);
    doc_put(d, ROLE_TEXT, " ");
    if (c->about > 0) {
        about_text(l, c, ev, text, sizeof(text));
        doc_field(d, c->about - 1, false, quiet, text);
        doc_put(d, ROLE_TEXT, " ");
    }
    count_put(d, c->count, ev->count, quiet);
    if (c->from > 0) {
        doc_to(d, d->width - c->from + 1);
        doc_field(d, c->from - 1, false, quiet, source_short(ev->source));
    }
}

/* All events of a reason: how often, about how many objects, and what the newest says. */
static void
group_draw(struct doc *d, const struct event_list *l, const struct view_env *env,
           const struct event_columns *c, const struct event_reason *r)
{
    char text[96];
    bool warning = strcmp(r->type, "Warning") == 0;
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
}

void
event_row_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
               struct rect lines, size_t row)
{
    struct event_columns c = columns_of(l, env, lines.w);
    size_t at = l->grouped ? l->reasons[row].newest : l->rows.items[row];
    const struct kevent *ev = kevent_ring_at(store_events(env->store), at);
    char text[1024];
    if (!ev)
        return;
    doc_auto d;
    doc_init(&d, lines.w);
    doc_line(&d);
    if (l->grouped)
        group_draw(&d, l, env, &c, &l->reasons[row]);
    else
        single_draw(&d, l, env, &c, ev);
    doc_draw(&d, s, lines, 0);
    message_text(l, &c, ev, text, sizeof(text));
    int x = lines.x + lines.w - c.from - c.message;
    widget_wrap(s, lines, x, lines.y, c.message, lines.h, ev->expired ? ROLE_STALE : ROLE_TEXT,
                text);
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
    if (c.from > 0) {
        doc_to(d, d->width - c.from + 1);
        doc_put(d, ROLE_DIM, "%s", tr("FROM"));
    }
}
