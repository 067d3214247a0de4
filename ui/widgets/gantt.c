/* gantt: the start-up timeline of a pod, one lane per container in start order.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/gantt.h"

#include <stdio.h>

#include "gantt_internal.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/widget.h"

#define LANE_SPANS                                                                                 \
    128 /* stretches looked at; older ones are not visible at any zoom that shows them all */
#define LABEL_MIN 12
#define NOTE_MIN 14
#define YOUNG_MS (10 * 60 * 1000) /* a younger pod is shown from its creation to now */

static const struct {
    const char *sign, *word;
    enum role role;
} LANES[LANE_STATE_COUNT] = {
    [LANE_WAITS] = {"·", TR_MARK("waits"), ROLE_WAITING},
    [LANE_PULLING] = {"░", TR_MARK("pull/create"), ROLE_BAR_ALT},
    [LANE_STARTING] = {"▒", TR_MARK("startup probe"), ROLE_WORKING},
    [LANE_RUNNING] = {"█", TR_MARK("runs"), ROLE_OK},
    [LANE_UNREADY] = {"▓", TR_MARK("runs, not ready"), ROLE_UNREADY},
    [LANE_BACKOFF] = {"┄", TR_MARK("back-off"), ROLE_BACKOFF},
    [LANE_FAILED] = {"✗", TR_MARK("ended badly"), ROLE_ERROR},
    [LANE_DONE] = {" ", "", ROLE_TEXT},
};

/* --- what a container does now --- */

static bool
gate_open(const struct container *c)
{
    const struct container_status *st = c->status;
    if (!st)
        return false;
    if (c->kind == CONTAINER_SIDECAR)
        return st->started == TRI_TRUE;
    return st->state.terminated && st->state.end.exit_code == 0;
}

/* The container whose end or start releases c; NULL when nothing is in front of it. */
static const struct container *
gantt_gate(const struct pod *pod, const struct container *c)
{
    for (const struct container *g = NULL; (g = pod_containers(pod, g)) != NULL && g != c;)
        if (g->list == LIST_INIT && !gate_open(g))
            return g;
    return NULL;
}

static void
note_waits(const struct pod *pod, const struct container *c, char *out, size_t out_size)
{
    const struct container *gate = gantt_gate(pod, c);
    if (!pod->node[0])
        snprintf(out, out_size, tr("not scheduled"));
    else if (gate)
        snprintf(out, out_size, tr("waits for %s%s"), gate->tag,
                 gate->kind == CONTAINER_SIDECAR ? tr(" started") : "");
    else
        snprintf(out, out_size, tr("waits"));
}

static void
note_ended(const struct container_end *end, char *out, size_t out_size)
{
    char took[16] = "", text[96];
    container_exit_text(end, text, sizeof(text));
    if (end->exit_code == 0 && end->signal == 0)
        snprintf(text, sizeof(text), tr("exit 0"));
    /* startedAt is 0 for a container that never ran (SEMANTICS D.6) */
    if (end->started_ms > 0 && end->finished_ms >= end->started_ms)
        duration_cells(end->finished_ms - end->started_ms, took);
    snprintf(out, out_size, "%s%s%s", took, took[0] ? " " : "", text);
}

static void
note_backoff(const struct pod *pod, const struct container *c, int64_t now_ms, char *out,
             size_t out_size)
{
    struct container_backoff b = container_backoff_now(c, pod->restart_policy, now_ms);
    char left[16];
    if (b.next_ms == IW_TIME_NONE) {
        bool ended = c->status && c->status->state.terminated;
        snprintf(out, out_size, "%s", ended ? tr("restarts now") : tr("back-off"));
        return;
    }
    duration_cells(b.next_ms - now_ms, left);
    if (b.next_ms > now_ms)
        snprintf(out, out_size, tr("next try in %s"), left);
    else
        snprintf(out, out_size, tr("next try is due"));
}

static void
note_working(const struct container *c, int64_t now_ms, char *out, size_t out_size)
{
    const struct container_status *st = c->status;
    char ran[16] = "";
    if (st && st->state.running) {
        if (st->state.running_since_ms != IW_TIME_NONE)
            duration_cells(now_ms - st->state.running_since_ms, ran);
        bool probing = st->started == TRI_FALSE && c->startup->kind != PROBE_NONE;
        snprintf(out, out_size, "%s %s", ran, probing ? tr("startup probe") : tr("running"));
        return;
    }
    const char *reason = st && st->state.waiting ? st->state.waiting_reason : "";
    if (!reason[0] || strcmp(reason, "PodInitializing") == 0)
        reason = tr("creating");
    snprintf(out, out_size, "%s", reason);
}

static void
note_running(const struct container *c, const char *word, int64_t now_ms, char *out,
             size_t out_size)
{
    char ran[16] = "";
    const struct container_status *st = c->status;
    if (st && st->state.running && st->state.running_since_ms != IW_TIME_NONE)
        duration_cells(now_ms - st->state.running_since_ms, ran);
    snprintf(out, out_size, "%s%s%s", ran, ran[0] ? " " : "", word);
}

static void
note_text(const struct pod *pod, const struct container *c, enum container_sign sign,
          int64_t now_ms, char *out, size_t out_size)
{
    const struct container_status *st = c->status;
    out[0] = '\0';
    switch (sign) {
    case SIGN_WAITS:
        note_waits(pod, c, out, out_size);
        break;
    case SIGN_WORKING:
        note_working(c, now_ms, out, out_size);
        break;
    case SIGN_BACKOFF:
        note_backoff(pod, c, now_ms, out, out_size);
        break;
    case SIGN_UNREADY:
        note_running(c, tr("not ready"), now_ms, out, out_size);
        break;
    case SIGN_OK:
    case SIGN_FAILED:
    case SIGN_ENDED:
    case SIGN_COUNT:
        if (st && st->state.terminated)
            note_ended(&st->state.end, out, out_size);
        else if (sign == SIGN_ENDED && !(st && st->state.running))
            snprintf(out, out_size, "%s", tr("never started"));
        else if (st && st->state.waiting)
            snprintf(out, out_size, "%s", st->state.waiting_reason);
        else
            note_running(c, c->kind == CONTAINER_EPHEMERAL ? tr("running") : tr("ready"), now_ms,
                         out, out_size);
        break;
    }
}

void
gantt_note(const struct pod *pod, const struct container *c, int64_t now_ms, bool motion, char *out,
           size_t out_size)
{
    enum container_sign sign = container_sign(pod, c, now_ms);
    char text[128];
    note_text(pod, c, sign, now_ms, text, sizeof(text));
    bool runs = sign == SIGN_OK && c->status && c->status->state.running;
    snprintf(out, out_size, "%s %s", runs ? "▶" : sign_glyph(sign, now_ms, motion), text);
}

/* --- the stretch of time --- */

/* When the pod became ready for the first time we know of; IW_TIME_NONE when it is not. */
static int64_t
ready_since(const struct pod *pod)
{
    const struct pod_condition *ready = pod_condition(pod, "Ready");
    return ready && strcmp(ready->status, "True") == 0 ? ready->transition_ms : IW_TIME_NONE;
}

static int64_t
last_end(const struct pod *pod)
{
    int64_t end = IW_TIME_NONE;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->status && c->status->state.terminated && c->status->state.end.finished_ms > end)
            end = c->status->state.end.finished_ms;
    return end;
}

/* The stretch that answers "what happened at start-up, what holds it now":
 * a young pod whole; a finished pod until its end; an old healthy pod its start; an old sick pod
 * its sickness. */
static void
window_base(const struct pod *pod, int64_t now_ms, struct gantt *g)
{
    struct pod_block block;
    g->from_ms = g->origin_ms;
    g->to_ms = now_ms;
    int64_t end = last_end(pod), ready = ready_since(pod);
    if (pod_is_terminal(pod) && end > g->from_ms && end < now_ms) {
        g->to_ms = end + (end - g->from_ms) / 16 + 1000;
        return;
    }
    if (now_ms - g->from_ms < YOUNG_MS)
        return;
    pod_block_of(pod, now_ms, &block);
    if (block.severity != BLOCK_NONE && block.since_ms != IW_TIME_NONE) {
        int64_t sick_ms = now_ms - block.since_ms;
        if (sick_ms > 0 && block.since_ms - sick_ms / 3 > g->from_ms)
            g->from_ms = block.since_ms - sick_ms / 3 - 1000;
        return;
    }
    if (ready != IW_TIME_NONE && ready > g->from_ms && (ready - g->from_ms) < (now_ms - ready) / 4)
        g->to_ms = ready + (ready - g->from_ms) / 2 + 5000;
}

static void
window_zoom(struct gantt *g, struct gantt_zoom zoom)
{
    int64_t length = g->to_ms - g->from_ms;
    bool at_now = g->to_ms >= g->now_ms;
    for (int i = 0; i < zoom.level && length > 4000; i++)
        length /= 2;
    if (zoom.level < 0) { /* one step out: the whole life */
        g->from_ms = g->origin_ms;
        g->to_ms = IW_MAX(g->now_ms, g->to_ms);
        length = g->to_ms - g->from_ms;
    } else if (at_now) {
        g->from_ms = g->to_ms - length;
    } else {
        g->to_ms = g->from_ms + length;
    }
    /* Before the pod and after now there is nothing to see. */
    int64_t most = g->from_ms - IW_MIN(g->origin_ms, g->from_ms);
    int64_t least = g->to_ms - IW_MAX(g->now_ms, g->to_ms);
    int64_t shift = IW_MAX(IW_MIN(length / 4 * zoom.pan, most), least);
    g->from_ms -= shift;
    g->to_ms -= shift;
}

/* What the lane's note says in that many cells. */
static void
note_brief(const struct gantt *g, const struct container *c, int cols, char *out, size_t out_size)
{
    char note[160];
    gantt_note(g->pod, c, g->now_ms, g->motion, note, sizeof(note));
    char *word = strstr(note, " started");
    if (word && utf8_width(note, strlen(note)) > cols)
        *word = '\0';
    widget_status_short(note, cols, out, out_size);
}

static void
layout_columns(struct gantt *g, int cols)
{
    int name = 0, note = 0, most = IW_MAX(cols / 3, NOTE_MIN + 3);
    for (const struct container *c = NULL; (c = pod_containers(g->pod, c)) != NULL;) {
        char text[160];
        note_brief(g, c, most - 1, text, sizeof(text));
        note = IW_MAX(note, utf8_width(text, strlen(text)));
        name = IW_MAX(name, (int)strlen(c->tag) + 1 + utf8_width(c->name, strlen(c->name)));
    }
    g->label_cols = IW_MIN(IW_MAX(name + 2, LABEL_MIN), IW_MAX(cols * 2 / 7, LABEL_MIN + 4));
    g->note_cols = IW_MIN(IW_MAX(note + 2, NOTE_MIN), most);
    g->chart_cols = IW_MIN(IW_MAX(cols - g->label_cols - g->note_cols, 8), GANTT_CHART_MAX);
}

void
gantt_layout(struct gantt *g, const struct view_env *env, const struct pod *pod, int64_t now_ms,
             int cols, struct gantt_zoom zoom)
{
    *g = (struct gantt){.pod = pod,
                        .timeline = store_timeline(env->store, env->pod),
                        .events = store_events(env->store),
                        .now_ms = now_ms,
                        .mode = env->prefs->time_mode,
                        .motion = env->prefs->motion};
    g->origin_ms = pod->created_ms != IW_TIME_NONE ? pod->created_ms : pod->started_ms;
    if (g->origin_ms == IW_TIME_NONE || g->origin_ms > now_ms)
        g->origin_ms = now_ms;
    window_base(pod, now_ms, g);
    if (g->to_ms - g->from_ms < 1000)
        g->to_ms = g->from_ms + 1000;
    window_zoom(g, zoom);
    layout_columns(g, cols);
}

int
gantt_column(const struct gantt *g, int64_t ms)
{
    double share = (double)(ms - g->from_ms) / (double)(g->to_ms - g->from_ms);
    double col = share * g->chart_cols;
    return col < -1 ? -1 : col > g->chart_cols ? g->chart_cols : (int)col - (col < 0 ? 1 : 0);
}

/* --- lanes --- */

static bool
lane_runs(enum lane_state state)
{
    return state == LANE_PULLING || state == LANE_STARTING || state == LANE_RUNNING ||
           state == LANE_UNREADY;
}

/* A span into cells. What ran is at least one cell wide, however short it was; waiting gives way.
 */
static void
lane_paint(const struct gantt *g, const struct lane_span *span, uint8_t *cells, bool *inferred)
{
    int64_t end = span->to_ms == IW_TIME_NONE ? g->now_ms : span->to_ms;
    if (end < g->from_ms || span->from_ms > g->to_ms)
        return;
    int from = gantt_column(g, span->from_ms), to = gantt_column(g, end);
    if (span->state == LANE_FAILED)
        from = IW_MIN(from, g->chart_cols - 1);
    if (end >= g->to_ms)
        to = g->chart_cols;
    if (to <= from && (lane_runs(span->state) || span->state == LANE_FAILED))
        to = from + 1;
    for (int i = IW_MAX(from, 0); i < to && i < g->chart_cols; i++) {
        cells[i] = (uint8_t)span->state;
        inferred[i] = span->inferred;
    }
}

/* Pulling that failed and waits for the next try is a back-off, too. */
static void
lane_failed_pull(const struct gantt *g, const struct container *c, struct lane_span *last)
{
    enum container_sign sign = container_sign(g->pod, c, g->now_ms);
    if (last->state == LANE_PULLING && last->to_ms == IW_TIME_NONE &&
        (sign == SIGN_FAILED || sign == SIGN_BACKOFF))
        last->state = LANE_BACKOFF;
}

static size_t
lane_cells(const struct gantt *g, const struct container *c, uint8_t *cells, bool *inferred)
{
    struct lane_span spans[LANE_SPANS];
    memset(cells, LANE_DONE, (size_t)g->chart_cols);
    if (!g->timeline)
        return 0;
    size_t n = timeline_lane(g->timeline, g->pod, c, g->now_ms, spans, LANE_SPANS);
    if (n > 0)
        lane_failed_pull(g, c, &spans[n - 1]);
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < n; i++) {
            bool failed = spans[i].state == LANE_FAILED;
            int when = failed ? 2 : lane_runs(spans[i].state) ? 1 : 0;
            if (when == pass)
                lane_paint(g, &spans[i], cells, inferred);
        }
    return n;
}

static enum role
lane_role(const struct container *c, enum lane_state state, bool open)
{
    /* A plain init container that still runs is work under way, not health. */
    if (state == LANE_RUNNING && c->kind == CONTAINER_INIT && open)
        return ROLE_WORKING;
    return LANES[state].role;
}

static void
lane_draw(const struct gantt *g, struct doc *d, const struct container *c)
{
    uint8_t cells[GANTT_CHART_MAX];
    bool inferred[GANTT_CHART_MAX] = {0};
    bool open = c->status && c->status->state.running;
    if (lane_cells(g, c, cells, inferred) == 0)
        return;
    for (int i = 0; i < g->chart_cols;) {
        int run = i + 1;
        while (run < g->chart_cols && cells[run] == cells[i] && inferred[run] == inferred[i])
            run++;
        enum lane_state state = (enum lane_state)cells[i];
        doc_repeat(d, inferred[i] ? ROLE_DIM : lane_role(c, state, open), LANES[state].sign,
                   run - i);
        i = run;
    }
}

void
gantt_lane(const struct gantt *g, struct doc *d, const struct container *c, bool selected)
{
    enum container_sign sign = container_sign(g->pod, c, g->now_ms);
    char brief[160];
    doc_line(d);
    doc_put(d, selected ? ROLE_KEY : ROLE_TEXT, selected ? "▸" : " ");
    doc_put(d, selected ? ROLE_TITLE : ROLE_DIM, "%s ", c->tag);
    doc_field(d, g->label_cols - d->x - 1, false, selected ? ROLE_TITLE : ROLE_TEXT, c->name);
    doc_to(d, g->label_cols);
    lane_draw(g, d, c);
    doc_to(d, g->label_cols + g->chart_cols + 1);
    note_brief(g, c, g->note_cols - 1, brief, sizeof(brief));
    doc_put(d, sign_role(sign), "%s", brief);
}

/* Which states are on the chart. */
static void
states_shown(const struct gantt *g, bool shown[LANE_STATE_COUNT])
{
    uint8_t cells[GANTT_CHART_MAX];
    bool inferred[GANTT_CHART_MAX];
    for (const struct container *c = NULL; (c = pod_containers(g->pod, c)) != NULL;) {
        if (lane_cells(g, c, cells, inferred) == 0)
            continue;
        for (int i = 0; i < g->chart_cols; i++)
            shown[cells[i]] = true;
    }
}

static const enum lane_state LEGEND[] = {LANE_WAITS,   LANE_PULLING, LANE_STARTING, LANE_RUNNING,
                                         LANE_UNREADY, LANE_BACKOFF, LANE_FAILED};

static int
legend_cols(enum lane_state state)
{
    const char *word = tr(LANES[state].word);
    return 4 + utf8_width(word, strlen(word));
}

void
gantt_legend(const struct gantt *g, struct doc *d)
{
    bool shown[LANE_STATE_COUNT] = {0};
    int all = 0;
    doc_line(d);
    if (d->width >= 100)
        doc_to(d, g->label_cols);
    for (size_t i = 0; i < IW_COUNTOF(LEGEND); i++)
        all += legend_cols(LEGEND[i]);
    bool fits = d->x + all <= d->width;
    if (!fits)
        states_shown(g, shown);
    const char *joint = d->x > 0 ? "" : " ";
    for (size_t i = 0; i < IW_COUNTOF(LEGEND); i++) {
        if ((!fits && !shown[LEGEND[i]]) || d->x + legend_cols(LEGEND[i]) > d->width + 1)
            continue;
        doc_put(d, ROLE_TEXT, "%s", joint);
        doc_put(d, LANES[LEGEND[i]].role, "%s", LANES[LEGEND[i]].sign);
        doc_put(d, ROLE_DIM, " %s", tr(LANES[LEGEND[i]].word));
        joint = "  ";
    }
}
