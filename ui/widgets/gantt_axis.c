/* gantt_axis: what stands above and below the lanes: the axis of time, the events on it, the order
 * of the start.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "gantt_internal.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"

#define LABEL_SPACING 9 /* cells from one axis label to the next, at least */
#define REASONS_MAX 8
#define REASONS_NAMED 2
#define ORDER_SPELT 3 /* more of a kind in a row are told as a stretch */

/* --- axis --- */

static int64_t
axis_step(const struct gantt *g)
{
    static const int32_t STEPS_S[] = {1,     2,     5,     10,    15,     30,     60,
                                      120,   300,   600,   900,   1800,   3600,   7200,
                                      10800, 21600, 43200, 86400, 172800, 604800, 2592000};
    int64_t span = g->to_ms - g->from_ms;
    int spacing = g->mode == TIME_MODE_AGE ? LABEL_SPACING : LABEL_SPACING + 2;
    for (size_t i = 0; i < IW_COUNTOF(STEPS_S); i++)
        if ((int64_t)STEPS_S[i] * 1000 * g->chart_cols / span >= spacing)
            return (int64_t)STEPS_S[i] * 1000;
    return span + 1;
}

/* "0s", "30s", "1m", "1m30", "2h", "3d": as short as the place allows. */
static void
axis_text(const struct gantt *g, int64_t at_ms, char *out, size_t out_size)
{
    int64_t s = (at_ms - g->origin_ms) / 1000;
    if (g->mode != TIME_MODE_AGE)
        clock_hms(at_ms, g->mode == TIME_MODE_LOCAL, out);
    else if (s < 60)
        snprintf(out, out_size, "%llds", (long long)s);
    else if (s < 3600)
        snprintf(out, out_size, s % 60 ? "%lldm%02lld" : "%lldm", (long long)(s / 60),
                 (long long)(s % 60));
    else if (s < 86400)
        snprintf(out, out_size, s % 3600 ? "%lldh%02lld" : "%lldh", (long long)(s / 3600),
                 (long long)(s % 3600 / 60));
    else
        snprintf(out, out_size, s % 86400 ? "%lldd%02lldh" : "%lldd", (long long)(s / 86400),
                 (long long)(s % 86400 / 3600));
}

void
gantt_axis(const struct gantt *g, struct doc *d)
{
    int64_t step = axis_step(g);
    int64_t first = (g->from_ms - g->origin_ms + step - 1) / step;
    char text[32], age[16];
    doc_line(d);
    doc_to(d, g->label_cols);
    for (int64_t i = IW_MAX(first, 0);; i++) {
        int64_t at = g->origin_ms + i * step;
        axis_text(g, at, text, sizeof(text));
        int col = gantt_column(g, at);
        if (at > g->to_ms || col + (int)strlen(text) > g->chart_cols)
            break;
        if (g->label_cols + col >= d->x) {
            doc_to(d, g->label_cols + col);
            doc_put(d, ROLE_DIM, "%s", text);
        }
    }
    doc_to(d, g->label_cols + g->chart_cols + 1);
    duration_cells(g->to_ms - g->origin_ms, age);
    doc_put(d, ROLE_DIM, "T+%s", age);
}

/* --- events --- */

struct tally {
    char reasons[REASONS_MAX][32];
    uint32_t counts[REASONS_MAX];
    bool bad[REASONS_MAX]; /* not only stops that were asked for */
    int kinds;
};

static void
tally_add(struct tally *t, const struct kevent *ev, bool bad)
{
    int i = 0;
    while (i < t->kinds && strncmp(t->reasons[i], ev->reason, sizeof(t->reasons[0]) - 1) != 0)
        i++;
    if (i == REASONS_MAX)
        return;
    if (i == t->kinds)
        snprintf(t->reasons[t->kinds++], sizeof(t->reasons[0]), "%s", ev->reason);
    t->counts[i] += IW_MAX(ev->count, 1u);
    t->bad[i] |= bad;
}

/* The commonest reasons: "Unhealthy ×29  Killing ×5". */
static void
tally_put(struct doc *d, struct tally *t)
{
    for (int k = 0; k < t->kinds && k < REASONS_NAMED; k++) {
        int best = 0;
        for (int j = 1; j < t->kinds; j++)
            if (t->counts[j] > t->counts[best])
                best = j;
        doc_whole(d, t->bad[best] ? ROLE_WARN : ROLE_DIM, "%s%s ×%u", k ? "  " : "",
                  t->reasons[best], t->counts[best]);
        t->counts[best] = 0;
    }
}

enum { MARK_NONE, MARK_BETWEEN, MARK_STOP, MARK_EVENT };

/* A repeated event tells its first and its last moment; between them there were more. */
static void
marks_add(const struct gantt *g, const struct kevent *ev, uint8_t mark, uint8_t *marks)
{
    int first = gantt_column(g, ev->first_ms), last = gantt_column(g, ev->last_ms);
    for (int i = IW_MAX(first, 0); i <= last && i < g->chart_cols && ev->count > 1; i++)
        marks[i] = IW_MAX(marks[i], (uint8_t)MARK_BETWEEN);
    if (first >= 0 && first < g->chart_cols)
        marks[first] = IW_MAX(marks[first], mark);
    if (last >= 0 && last < g->chart_cols)
        marks[last] = IW_MAX(marks[last], mark);
}

/* Killing is no warning to the kubelet, but to who looks for the end of a run. */
static bool
is_marked(const struct gantt *g, const struct kevent *ev)
{
    bool bad = strcmp(ev->type, "Warning") == 0 || strcmp(ev->reason, "Killing") == 0;
    return bad && ev->last_ms >= g->from_ms && ev->first_ms <= g->to_ms;
}

/* A container that stops because the pod was deleted: as it was asked for. Before that, a probe or an eviction did it.
 * Event times are whole seconds. */
static bool
is_asked_for(const struct gantt *g, const struct kevent *ev)
{
    const struct pod *pod = g->pod;
    if (strcmp(ev->type, "Warning") == 0 || !pod_is_deleted(pod))
        return false;
    return ev->first_ms >= pod->deletion_ms - 1000 * IW_MAX(pod->deletion_grace_s, 0) - 1000;
}

bool
gantt_events(const struct gantt *g, struct doc *d)
{
    static const char *const SIGNS[] = {" ", "┄", "▾", "⚠"};
    size_t about[LIMIT_EVENTS_PER_POD];
    struct tally tally = {.kinds = 0};
    uint8_t marks[GANTT_CHART_MAX] = {0};
    size_t n = g->events && g->pod->uid[0]
                   ? kevent_ring_about(g->events, g->pod->uid, about, IW_COUNTOF(about))
                   : 0;
    for (size_t i = 0; i < n; i++) {
        const struct kevent *ev = kevent_ring_at(g->events, about[i]);
        if (!is_marked(g, ev))
            continue;
        bool bad = !is_asked_for(g, ev);
        marks_add(g, ev, bad ? MARK_EVENT : MARK_STOP, marks);
        tally_add(&tally, ev, bad);
    }
    if (tally.kinds == 0)
        return false;
    doc_line(d);
    doc_put(d, ROLE_DIM, "    %s", tr("events"));
    doc_to(d, g->label_cols);
    for (int i = 0; i < g->chart_cols; i++)
        doc_put(d, marks[i] == MARK_EVENT ? ROLE_WARN : ROLE_DIM, "%s", SIGNS[marks[i]]);
    doc_put(d, ROLE_TEXT, " ");
    tally_put(d, &tally);
    return true;
}

/* --- order --- */

/* The last of those of c's kind that follow it without a break. */
static const struct container *
stretch_end(const struct pod *pod, const struct container *c)
{
    for (const struct container *n; (n = pod_containers(pod, c)) != NULL && n->kind == c->kind;)
        c = n;
    return c;
}

static void
order_step(struct doc *d, const struct container *c, const struct container *last)
{
    doc_put(d, ROLE_DIM, "%s", c->tag);
    if (last != c)
        doc_put(d, ROLE_DIM, "–%s", last->tag);
    if (c->kind == CONTAINER_INIT)
        doc_put(d, ROLE_DIM, " %s", last == c ? tr("ends") : tr("end one by one"));
    else if (c->kind == CONTAINER_SIDECAR)
        doc_put(d, ROLE_DIM, " %s", last == c ? tr("started") : tr("started one by one"));
}

bool
gantt_order(const struct gantt *g, struct doc *d)
{
    const struct container *c = pod_containers(g->pod, NULL);
    if (g->pod->init_count + g->pod->app_count < 2)
        return false;
    doc_line(d);
    doc_to(d, g->label_cols);
    doc_put(d, ROLE_DIM, "┊ %s ", tr("order:"));
    for (bool first = true; c && c->kind != CONTAINER_EPHEMERAL; first = false) {
        const struct container *last = stretch_end(g->pod, c);
        bool spelt = last - c < ORDER_SPELT;
        bool together = c->kind == CONTAINER_APP && c->list_index > 0;
        doc_put(d, ROLE_DIM, "%s", first ? "" : together ? " + " : " → ");
        order_step(d, c, spelt ? c : last);
        c = pod_containers(g->pod, spelt ? c : last);
    }
    return true;
}
