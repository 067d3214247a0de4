/* pods_pane_left: the explanation itself: the lanes of the pod under the cursor, what blocks it and how that is known, the
 * waits that come next, what to do.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/waitfor.h"
#include "initwatch/ui/gantt.h"
#include "initwatch/ui/podpane.h"
#include "pods_pane.h"

enum {
    PANE_FACTS_LINES = 6,
    PANE_WRAP_LINES = 14,
    PANE_ROOMY_LINES = 6,
    PANE_GANTT_LINES = 9,
    PANE_CHAIN_LINES = 3
};

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

void
pod_pane_put_left(const struct pane *p, struct doc *d, int height)
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
    const struct container *now = pod_pane_container(p);
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
        pod_pane_put_events(p, d, (unsigned)(height - used));
    if (p->split && now && height - used > PANE_FACTS_LINES)
        put_facts(p, d, now);
}
