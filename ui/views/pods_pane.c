/* pods_pane: the explanation of the pod under the cursor, live below the list: its lanes, what
 * blocks it and how that is known, what to do next, and beside it (wide) or below it its newest
 * events.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/diag/diag.h"
#include "initwatch/model/eventgist.h"
#include "initwatch/model/waitfor.h"
#include "initwatch/ui/chainline.h"
#include "initwatch/ui/gantt.h"
#include "initwatch/ui/podpane.h"
#include "pods.h"

enum {
    PANE_SPLIT_COLS = 120,
    PANE_LOG_COLS = 160,
    PANE_FACTS_LINES = 6,
    PANE_WRAP_LINES = 14,
    PANE_RIGHT_COLS = 50,
    PANE_LOG_FROM = 8,
    PANE_ROOMY_LINES = 6,
    PANE_GANTT_LINES = 9,
    PANE_FINDINGS = 3,
    EVENT_REST_COLS = 24,
    PANE_LATER = 3,
    PANE_CHAIN_LINES = 3
};

/* What the pane is about, worked out once. */
struct pane {
    const struct view_env *env;
    struct pod_ref ref;
    const struct pod *pod;
    struct pod_block block;
    struct init_progress progress;
    struct finding findings[PANE_FINDINGS];
    size_t finding_count;
    const struct pods_usual *usual;
    struct pods_later later[PANE_LATER]; /* waits behind the one that blocks */
    unsigned later_count;
    struct chain *chain; /* owned: what a wait, or a claim, hangs on; NULL when that is not known */
    bool split;          /* events stand beside, not below */
};

static bool
chain_is_known(const struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->steps[i].sign != CHAIN_UNKNOWN)
            return true;
    return false;
}

/* What a wait over the network depends on, once that is known; of a pod without a node its claims. */
static struct chain *
pane_chain(const struct view_env *env, const struct pod *pod, const struct container *c)
{
    struct chain *chain = env->objects ? iw_calloc(1, sizeof(*chain)) : NULL;
    bool known =
        chain && (c ? chain_of(env->store, pod, c, env->now_wall_ms, chain) && chain_is_known(chain)
                    : !*pod->node && chain_of_claims(env->store, pod, env->now_wall_ms, chain) &&
                          chain_root(chain));
    if (known)
        return chain;
    free(chain);
    return NULL;
}

static bool
pane_init(struct pane *p, const struct view_env *env, struct pod_ref ref,
          const struct pods_usual *usual)
{
    *p = (struct pane){.env = env, .ref = ref, .pod = store_get(env->store, ref), .usual = usual};
    if (!p->pod)
        return false;
    pod_block_of(p->pod, env->now_wall_ms, &p->block);
    pod_init_progress(p->pod, env->now_wall_ms, &p->progress);
    struct diag_env diag = {p->pod, store_events(env->store), env->store, env->now_wall_ms};
    p->finding_count = diag_run(&diag, p->findings, PANE_FINDINGS);
    p->later_count = pods_later_waits(env, p->pod, p->block.container, p->later, PANE_LATER);
    if (p->block.severity != BLOCK_NONE)
        p->chain = pane_chain(env, p->pod, p->block.container);
    return true;
}

/* Like snprintf of "%s%s", the text cut to `cols` with a sign that it was. */
static void
add_cut(char *out, size_t out_size, const char *gap, const char *text, int cols)
{
    size_t at = strlen(out), len = strlen(text);
    if (utf8_width(text, len) <= cols)
        snprintf(out + at, out_size - at, "%s%s", gap, text);
    else if (cols > 1)
        snprintf(out + at, out_size - at, "%s%.*s…", gap, (int)utf8_fit(text, len, cols - 1, NULL),
                 text);
}

/* "myapp-wait-db  1/2 wait-for-postgres  running 4m09s" in `cols`: what does not fit costs the reason its end, never the
 * age. */
static void
pane_title(const struct pane *p, bool wide, int cols, char *out, size_t out_size)
{
    const struct container *c = p->block.container ? p->block.container : p->progress.current;
    const char *gap = wide ? " ─ " : "  ", *reason = p->block.reason;
    char since[32] = "", at[48] = "", head[512];
    int64_t since_ms = pod_since_ms(p->pod, &p->block);
    if (since_ms != IW_TIME_NONE) {
        since[0] = ' ';
        duration_cells(p->env->now_wall_ms - since_ms, since + 1);
    }
    if (c && c->list == LIST_INIT)
        snprintf(at, sizeof(at), wide ? tr("init %u of %u") : "%u/%u", c->list_index + 1u,
                 p->progress.total);
    else if (c)
        snprintf(at, sizeof(at), "%s", c->tag);
    else if (p->block.severity == BLOCK_NONE)
        reason = p->pod->phase;
    if (c)
        snprintf(head, sizeof(head), "%.250s%s%s%s%.63s", p->pod->name, gap, at, wide ? " ─ " : " ",
                 c->name);
    else
        snprintf(head, sizeof(head), "%.250s", p->pod->name);
    int room = cols - utf8_width(since, strlen(since));
    out[0] = '\0';
    add_cut(out, out_size, "", head, room);
    room -= utf8_width(out, strlen(out)) + utf8_width(gap, strlen(gap));
    char brief[128];
    widget_status_short(reason, room, brief, sizeof(brief));
    if (brief[0])
        add_cut(out, out_size, gap, brief, room);
    size_t len = strlen(out);
    snprintf(out + len, out_size - len, "%s", since);
}

static enum role
severity_role(enum block_severity severity, bool backoff)
{
    switch (severity) {
    case BLOCK_ERROR:
        return backoff ? ROLE_BACKOFF : ROLE_ERROR;
    case BLOCK_WARN:
        return ROLE_UNREADY;
    case BLOCK_WAIT:
    case BLOCK_PROGRESS:
        return ROLE_WORKING;
    case BLOCK_NONE:
        break;
    }
    return ROLE_OK;
}

static const char *
severity_sign(const struct pane *p)
{
    bool motion = p->env->prefs->motion && !p->env->prefs->ascii;
    enum container_sign sign = SIGN_OK;
    if (p->block.container)
        sign = container_sign(p->pod, p->block.container, p->env->now_wall_ms);
    else if (p->block.severity == BLOCK_ERROR)
        sign = SIGN_FAILED;
    else if (p->block.severity != BLOCK_NONE)
        sign = SIGN_WAITS;
    return sign_glyph(sign, p->env->now_wall_ms, motion);
}

static void
put_healthy(const struct pane *p, struct doc *d)
{
    const struct init_progress *g = &p->progress;
    doc_line(d);
    if (pod_is_terminal(p->pod))
        doc_put(d, ROLE_DIM, " – %s", p->pod->phase);
    else
        doc_put(d, ROLE_OK, "%s", tr(" ✓ nothing blocks this pod"));
    if (g->regular_total)
        doc_put(d, ROLE_DIM, tr("   init %u/%u"), g->regular_done, g->regular_total);
    if (g->sidecar_total)
        doc_put(d, ROLE_DIM, tr("   sidecars ready %u/%u"), g->sidecar_ready, g->sidecar_total);
    doc_put(d, ROLE_DIM, tr("   apps ready %u/%u"), g->app_ready, g->app_total);
}

/* The sentence of the block, and the countdown. */
static void
put_block(const struct pane *p, struct doc *d)
{
    const struct container *c = p->block.container;
    bool backoff = p->block.backoff.active;
    char text[512], left[16];
    doc_line(d);
    doc_put(d, severity_role(p->block.severity, backoff), " %s ", severity_sign(p));
    const char *summary = p->finding_count ? p->findings[0].summary : p->block.summary;
    int indent = d->x;
    snprintf(text, sizeof(text), "%s", podpane_about(p->pod, summary));
    doc_wrap(d, ROLE_TITLE, indent, 2, text);
    if (backoff && p->block.backoff.next_ms != IW_TIME_NONE &&
        p->block.backoff.next_ms > p->env->now_wall_ms) {
        duration_cells(p->block.backoff.next_ms - p->env->now_wall_ms + 999, left);
        doc_line(d);
        doc_to(d, indent);
        doc_put(d, ROLE_BACKOFF, tr("↻ next try in %s"), left);
        doc_put(d, ROLE_DIM, tr("   attempt %d"),
                c && c->status ? c->status->restart_count + 1 : 1);
    }
    (void)pods_usual_put(d, p->usual, p->ref, indent, p->env->now_wall_ms);
}

/* What the container runs; nothing when it is what its image says. Returns how many lines. */
static int
put_runs(const struct pane *p, struct doc *d)
{
    const struct container *c = p->block.container;
    char command[256] = "";
    if (c)
        container_command_text(c, command, sizeof(command));
    if (!command[0])
        return 0;
    doc_line(d);
    doc_to(d, 3);
    doc_put(d, ROLE_DIM, tr("%s runs "), c->tag);
    doc_put(d, ROLE_TEXT, "%s", command);
    return 1;
}

/* The container the pane is about. */
static const struct container *
pane_container(const struct pane *p)
{
    return p->block.container ? p->block.container : p->progress.current;
}

/* Without the path to the container's status: the title names the container. */
static const char *
short_evidence(const char *line)
{
    const char *end = strncmp(line, "status.", 7) == 0 ? strchr(line, ']') : NULL;
    if (!end)
        return line;
    end++;
    return *end == '.' ? end + 1 : strncmp(end, ": ", 2) == 0 ? end + 2 : line;
}

static void
put_branch(struct doc *d, const char *text, bool last, int wrap)
{
    doc_line(d);
    doc_put(d, ROLE_RULE, last ? "   ╰ " : "   ├ ");
    doc_wrap(d, ROLE_TEXT, 5, wrap, text);
}

static int
branch_lines(const char *text, int cols, int wrap)
{
    doc_auto d;
    doc_init(&d, cols);
    put_branch(&d, text, true, wrap);
    return (int)d.lines;
}

/* Evidence as branches of the summary above it, in at most `lines` lines. The quote of a condition is what the summary was
 * made from: where lines are few it makes room for what else there is. */
static void
put_evidence(const struct pane *p, struct doc *d, bool few, int lines, int wrap)
{
    const struct finding *f = &p->findings[0];
    const char *texts[FINDING_LINES];
    unsigned count = p->finding_count ? f->evidence_count : 0, n = 0;
    for (unsigned i = 0; i < count; i++)
        if (!few || count == 1 || strncmp(f->evidence[i], "status.conditions[", 18) != 0)
            texts[n++] = short_evidence(f->evidence[i]);
    wrap = (int)n < lines ? wrap : 1;
    for (unsigned i = 0; i < n && lines > 0; i++) {
        int most = IW_MIN(wrap, lines);
        lines -= branch_lines(texts[i], d->width, most);
        put_branch(d, texts[i], i + 1 == n || lines <= 0, most);
    }
}

/* As a tree of at most `room` lines; one whose root is not known as a line when it is longer. False when there is none. */
static bool
put_chain(const struct pane *p, struct doc *d, int room)
{
    if (!p->chain || room <= 0)
        return false;
    if (!chain_tree_fit(d, p->chain, 3, room))
        chain_line_put(d, p->env, p->chain, p->pod, IW_MIN(room, 4));
    return true;
}

static void
put_others(const struct pane *p, struct doc *d)
{
    for (size_t i = 1; i < p->finding_count; i++) {
        doc_line(d);
        doc_put(d, ROLE_WARN, " ⚠ ");
        doc_put(d, ROLE_TEXT, "%s", podpane_about(p->pod, p->findings[i].summary));
    }
}

static void
put_advice(const struct pane *p, struct doc *d, unsigned most, int wrap)
{
    if (!p->finding_count)
        return;
    const struct finding *f = &p->findings[0];
    for (unsigned i = 0; i < IW_MIN(f->advice_count, most); i++) {
        doc_line(d);
        doc_put(d, ROLE_KEY, "%s", i == 0 ? tr(" Next: ") : "       ");
        doc_wrap(d, ROLE_TEXT, 7, wrap, f->advice[i]);
    }
}

static bool
is_judged(const struct pane *p, int judged, const struct container *c)
{
    for (int i = 0; i < judged; i++)
        if (p->later[i].container == c)
            return true;
    return false;
}

/* Containers that wait or work beside the one that blocks and those that were judged: one line each. */
static void
put_signs(const struct pane *p, struct doc *d, int judged, unsigned most)
{
    char note[160];
    bool motion = p->env->prefs->motion && !p->env->prefs->ascii;
    for (const struct container *c = NULL; most > 0 && (c = pod_containers(p->pod, c)) != NULL;) {
        enum container_sign sign = container_sign(p->pod, c, p->env->now_wall_ms);
        if (c == p->block.container || is_judged(p, judged, c))
            continue;
        gantt_note(p->pod, c, p->env->now_wall_ms, motion, note, sizeof(note));
        doc_line(d);
        doc_put(d, ROLE_DIM, " %s ", c->tag);
        doc_field(d, 24, false, ROLE_TEXT, c->name);
        doc_put(d, sign_role(sign), " %s", note);
        most--;
    }
}

static void
put_gantt(const struct pane *p, struct doc *d, unsigned most)
{
    struct gantt g;
    const struct gantt_zoom zoom = {0, 0};
    struct view_env env = *p->env;
    env.pod =
        p->ref; /* the pod under the cursor, not the one the view is about (it is about none) */
    gantt_layout(&g, &env, p->pod, env.now_wall_ms, d->width, zoom);
    gantt_axis(&g, d);
    unsigned left = most > 2 ? most - 1 : 1, drawn = 0;
    for (const struct container *c = NULL; (c = pod_containers(p->pod, c)) != NULL && left > 0;) {
        /* Finished inits in front of the current step make room when there are many. */
        bool done = c->list == LIST_INIT && p->block.container && c < p->block.container;
        if (done && p->pod->container_count - drawn > left)
            continue;
        gantt_lane(&g, d, c, c == p->block.container);
        left--;
        drawn++;
    }
}

/* "Pulled 25×": the columns of what and how often. */
static int
event_head_cols(const struct kevent *ev)
{
    char count[16] = "";
    if (ev->count > 1)
        snprintf(count, sizeof(count), " %u×", ev->count);
    return utf8_width(ev->reason, strlen(ev->reason)) + utf8_width(count, strlen(count));
}

/* One event; its message wrapped into at most `most` lines behind a head of `head` columns. */
static void
put_event(const struct pane *p, struct doc *d, const struct kevent *ev, int most, int head)
{
    bool warning = strcmp(ev->type, "Warning") == 0;
    int when_cols = p->env->prefs->time_mode == TIME_MODE_AGE ? 5 : 8;
    char when[16], text[1024];
    widget_time(p->env, ev->last_ms, when, sizeof(when));
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_field(d, when_cols, true, ROLE_DIM, when);
    doc_put(d, warning ? ROLE_WARN : ROLE_DIM, warning ? " ⚠ " : "   ");
    int x = d->x, rest = d->width - x - head - 1;
    doc_put(d, warning ? ROLE_WARN : ROLE_TEXT, "%s", ev->reason);
    if (ev->count > 1)
        doc_put(d, ROLE_DIM, " %u×", ev->count);
    doc_to(d, IW_MAX(x + head, d->x) + 1);
    if (ev->container[0])
        doc_put(d, ROLE_DIM, "%s ", ev->container);
    event_rest(ev, text, sizeof(text));
    doc_wrap(d, ROLE_TEXT, rest >= EVENT_REST_COLS ? x + head + 1 : x, most, text);
}

/* The newest events of the pod, oldest first, in at most `rows` lines: as many as there is room for, then their messages in
 * full, the newest first, as far as lines are left. Returns how many. */
static unsigned
put_events(const struct pane *p, struct doc *d, unsigned rows)
{
    enum { MESSAGE_LINES = 6 };
    size_t about[LIMIT_EVENTS_PER_POD];
    unsigned lines[LIMIT_EVENTS_PER_POD];
    const struct kevent_ring *ring = store_events(p->env->store);
    size_t count = kevent_ring_about(ring, p->pod->uid, about, IW_COUNTOF(about));
    size_t first = count > rows ? count - rows : 0;
    unsigned spare = rows - (unsigned)(count - first);
    int head = 0;
    for (size_t i = first; i < count; i++)
        head = IW_MAX(head, event_head_cols(kevent_ring_at(ring, about[i])));
    for (size_t i = count; i-- > first;) {
        doc_auto one;
        doc_init(&one, d->width);
        put_event(p, &one, kevent_ring_at(ring, about[i]), MESSAGE_LINES, head);
        lines[i] = 1 + IW_MIN((unsigned)one.lines - 1, spare);
        spare -= lines[i] - 1;
    }
    for (size_t i = first; i < count; i++)
        put_event(p, d, kevent_ring_at(ring, about[i]), (int)lines[i], head);
    return (unsigned)(count - first);
}

/* Why there are no events to show. */
static void
put_no_events(const struct pane *p, struct doc *d)
{
    const struct source_status *st = store_status(p->env->store, STREAM_EVENTS);
    doc_line(d);
    if (st->state == SOURCE_DENIED)
        doc_put(d, ROLE_WARN, tr(" events: %s"), tr(source_denial_word(st)));
    else if (!store_synced(p->env->store, STREAM_EVENTS))
        doc_put(d, ROLE_DIM, "%s", tr(" events are not here yet"));
    else
        doc_wrap(d, ROLE_DIM, 1, 3,
                 tr(" no events of this pod (a cluster keeps them for an hour)"));
}

/* Where lines are left: what the container is, and its attempts. */
static void
put_facts(const struct pane *p, struct doc *d, const struct container *c)
{
    char title[400];
    struct view_env env = *p->env;
    env.pod = p->ref;
    podpane_title(p->pod, c, title, sizeof(title));
    doc_line(d);
    doc_rule(d, title);
    podpane_facts_now(d, &env, p->pod, c, env.now_wall_ms);
    podpane_facts_spec(d, p->pod, c, env.now_wall_ms, 0);
    doc_line(d);
    (void)podpane_attempts(d, &env, p->pod, c, env.now_wall_ms);
}

static void
build_left(const struct pane *p, struct doc *d, int height)
{
    bool healthy = p->block.severity == BLOCK_NONE;
    unsigned lanes = p->pod->container_count + 1;
    bool gantt = height >= 9;
    /* In a high pane nothing that matters is cut. */
    int wrap = height >= PANE_WRAP_LINES ? 3 : 1;
    if (gantt) {
        put_gantt(p, d, IW_MIN(lanes, (unsigned)IW_MIN(height / 2, PANE_GANTT_LINES)));
        if (height >= 13)
            doc_line(d);
    }
    if (healthy)
        put_healthy(p, d);
    else
        put_block(p, d);
    const struct container *now = pane_container(p);
    doc_auto log;
    doc_init(&log, d->width);
    if (!p->split || height < PANE_LOG_FROM)
        podpane_log_last(&log, p->env, p->ref, now);
    /* The last lines tell what to do, when something is to be done; the log line what it does now. */
    doc_auto next;
    doc_init(&next, d->width);
    put_advice(p, &next, gantt ? 3 : 1, !gantt && height >= PANE_ROOMY_LINES ? 2 : wrap);
    int reserve = (gantt ? IW_MIN((int)next.lines, 1) : (int)next.lines) + (int)log.lines;
    int room = height - (int)d->lines - reserve;
    /* the way to the root matters more than the command that waits */
    if (!healthy && (!p->chain || room > (int)chain_faults(p->chain)))
        room -= put_runs(p, d);
    /* The waits that come next have their lines where the cause keeps enough of its own. */
    int later = IW_MIN((int)p->later_count, IW_MAX(room - PANE_CHAIN_LINES, 0));
    room -= later;
    if (!put_chain(p, d, gantt ? room - 2 : room))
        put_evidence(p, d, !gantt, gantt ? room - 1 : IW_MIN(room, 2), gantt ? wrap : 2);
    for (int i = 0; i < later; i++)
        pods_later_put(d, &p->later[i]);
    if (log.lines)
        podpane_log_last(d, p->env, p->ref, now);
    reserve -= (int)log.lines;
    int used = (int)d->lines;
    if (!gantt && height - used - reserve > 0)
        put_signs(p, d, later, (unsigned)(height - used - reserve - (height - used - reserve > 1)));
    if (gantt && (int)d->lines + 2 < height)
        doc_line(d);
    doc_append(d, &next);
    if (gantt)
        put_others(p, d);
    used = (int)d->lines;
    if (!p->split && height - used > 0)
        put_events(p, d, (unsigned)(height - used));
    if (p->split && now && height - used > PANE_FACTS_LINES)
        put_facts(p, d, now);
}

/* Why there is no log to show of the container. */
static void
put_no_log(struct doc *d, const struct container *c)
{
    char text[320];
    bool began =
        c && c->status &&
        (c->status->state.running || c->status->state.terminated || c->status->last->terminated);
    if (!c)
        snprintf(text, sizeof(text), "%s", tr("l reads the log"));
    else if (!began)
        snprintf(text, sizeof(text), tr("%s has not started: there is no log yet"), c->name);
    else
        snprintf(text, sizeof(text), "%s",
                 tr("the log comes when the cursor rests; l reads it all"));
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_wrap(d, ROLE_DIM, 1, 3, text);
}

/* The container whose log is worth reading: the one that blocks, else the one whose log is being followed. */
static const struct container *
log_container(const struct pane *p)
{
    const struct log_feed *feed = p->env->logs;
    const struct container *c = pane_container(p);
    if (c || !feed || !feed->source_count || !pod_ref_equal(feed->pod, p->ref))
        return c;
    return pod_find_container(p->pod, feed->sources[0].container);
}

/* The log of the container, its title in the first line of the area. */
static void
draw_log(const struct pane *p, struct surface *s, struct rect area)
{
    char title[300];
    const struct container *c = log_container(p);
    struct view_env env = *p->env;
    env.pod = p->ref;
    doc_auto d;
    doc_init(&d, area.w);
    snprintf(title, sizeof(title), "%s %s", tr("log"), c ? c->name : "");
    if (!c || podpane_log_tail(&d, &env, c, area.h - 1, false) == 0)
        put_no_log(&d, c);
    surface_rule(s, (struct rect){area.x - 1, area.y, area.w + 1, 1}, area.y, ROLE_RULE, title,
                 ROLE_TITLE);
    doc_draw(&d, s, (struct rect){area.x, area.y + 1, area.w, area.h - 1}, 0);
}

static void
draw_events(const struct pane *p, struct surface *s, struct rect area)
{
    doc_auto d;
    doc_init(&d, area.w);
    if (put_events(p, &d, (unsigned)IW_MAX(area.h - 1, 1)) == 0)
        put_no_events(p, &d);
    surface_rule(s, (struct rect){area.x - 1, area.y, area.w + 1, 1}, area.y, ROLE_RULE,
                 tr("events of this pod"), ROLE_TITLE);
    doc_draw(&d, s, (struct rect){area.x, area.y + 1, area.w, area.h - 1}, 0);
}

/* The log of the container above the events; area.y is the line of its title. Without a log the events alone. */
static void
draw_right(const struct pane *p, struct surface *s, struct rect area)
{
    char title[300];
    const struct container *c = log_container(p);
    struct view_env env = *p->env;
    env.pod = p->ref;
    int rows = area.h - 1;
    doc_auto log, d;
    doc_init(&log, area.w);
    doc_init(&d, area.w);
    snprintf(title, sizeof(title), "%s", tr("events of this pod"));
    if (c && rows >= PANE_LOG_FROM && podpane_log_tail(&log, &env, c, rows / 2, false) > 0)
        snprintf(title, sizeof(title), tr("log %s  (l)"), c->name);
    surface_rule(s, (struct rect){area.x - 1, area.y, area.w + 1, 1}, area.y, ROLE_RULE, title,
                 ROLE_TITLE);
    if (log.lines) {
        doc_rule(&d, tr("events of this pod  (v)"));
        rows -= (int)log.lines + 1;
    }
    doc_draw(&log, s, (struct rect){area.x, area.y + 1, area.w, (int)log.lines}, 0);
    if (put_events(p, &d, (unsigned)IW_MAX(rows, 1)) == 0)
        put_no_events(p, &d);
    area.y += 1 + (int)log.lines;
    area.h -= 1 + (int)log.lines;
    doc_draw(&d, s, area, 0);
    if (log.lines)
        surface_puts(s, (struct rect){area.x - 1, area.y, 1, 1}, area.x - 1, area.y, ROLE_RULE,
                     "├");
}

/* The line between two columns, joined to the rule above. */
static void
draw_divider(struct surface *s, struct rect area, int x)
{
    surface_fill(s, (struct rect){x, area.y + 1, 1, area.h - 1}, 0x2502, ROLE_RULE);
    surface_puts(s, area, x, area.y, ROLE_RULE, "┬");
}

/* Beside the explanation: from PANE_LOG_COLS on the events and, as a third column, the log; else the log above the events.
 * Returns the width left for the explanation. */
static int
draw_beside(const struct pane *p, struct surface *s, struct rect area)
{
    int right = IW_MAX(PANE_RIGHT_COLS, area.w * 2 / 5);
    if (area.w < PANE_LOG_COLS || area.h <= PANE_LOG_FROM) {
        struct rect beside = {area.x + area.w - right, area.y, right, area.h};
        draw_right(p, s, beside);
        draw_divider(s, area, beside.x - 1);
        return area.w - right - 1;
    }
    int log = area.w * 3 / 10, events = area.w / 4;
    struct rect log_area = {area.x + area.w - log, area.y, log, area.h};
    struct rect events_area = {log_area.x - 1 - events, area.y, events, area.h};
    draw_log(p, s, log_area);
    draw_events(p, s, events_area);
    draw_divider(s, area, log_area.x - 1);
    draw_divider(s, area, events_area.x - 1);
    return area.w - log - events - 2;
}

void
pod_pane_draw(const struct view_env *env, struct pod_ref ref, const struct pods_usual *usual,
              struct surface *s, struct rect area)
{
    struct pane p;
    char title[640];
    if (area.h < 2)
        return;
    if (!pane_init(&p, env, ref, usual)) {
        surface_rule(s, area, area.y, ROLE_RULE, NULL, ROLE_RULE);
        return;
    }
    p.split = area.w >= PANE_SPLIT_COLS && area.h >= 6;
    struct rect left = {area.x, area.y + 1, area.w, area.h - 1};
    if (p.split)
        left.w = draw_beside(&p, s, area);
    pane_title(&p, p.split, left.w - 4, title, sizeof(title)); /* blanks and a line at both ends */
    surface_rule(s, (struct rect){area.x, area.y, left.w, 1}, area.y, ROLE_RULE, title, ROLE_TITLE);
    doc_auto d;
    doc_init(&d, left.w);
    build_left(&p, &d, left.h);
    doc_draw(&d, s, left, 0);
    free(p.chain);
}
