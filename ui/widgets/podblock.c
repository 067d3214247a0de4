/* podblock: what holds a pod up, in one line that says the most important in any width, and how
 * long the rest usually takes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/probes.h"
#include "initwatch/ui/podcase.h"
#include "initwatch/ui/podpane.h"

#define WAITS_COLS 120 /* from here on who waits has a line of its own */

static int
cols_of(const char *text)
{
    return utf8_width(text, strlen(text));
}

/* "→ i2 db-migrate and 2 more wait": who cannot start because of the one that blocks; "" for none. */
static void
held_text(const struct pod *pod, const struct container *c, char *out, size_t out_size)
{
    const struct container *first = NULL;
    unsigned more = 0;
    out[0] = '\0';
    if (!c || c->list != LIST_INIT)
        return;
    for (const struct container *n = c; (n = pod_containers(pod, n)) != NULL;) {
        if (n->kind == CONTAINER_EPHEMERAL || container_phase(n) == CONTAINER_RUNNING ||
            container_phase(n) == CONTAINER_TERMINATED)
            continue;
        if (first)
            more++;
        else
            first = n;
    }
    if (first && more)
        snprintf(out, out_size, tr("→ %s %.63s and %u more wait"), first->tag, first->name, more);
    else if (first)
        snprintf(out, out_size, tr("→ %s %.63s waits"), first->tag, first->name);
}

/* --- the sentence, from long to short --- */

enum { SAY_FULL, SAY_NO_DETAIL, SAY_SHORT, SAY_COUNT };
/* The sentence without the container's name in front: all of it, without what the timeline shows
 * as well, and the cause alone. */
struct said {
    char text[SAY_COUNT][256];
    const char *joint[SAY_COUNT]; /* between the name and it */
};

static void
say(struct said *s, int i, const char *joint, const char *text)
{
    s->joint[i] = joint;
    snprintf(s->text[i], sizeof(s->text[i]), "%s", text);
}

/* "startup probe httpGet :8888/started: ~12/30 failed, killed in 18s" */
static bool
say_probe(const struct view_env *env, const struct pod *pod, const struct container *c,
          int64_t now_ms, struct said *s)
{
    struct probe_state st;
    const struct container_status *status = c ? c->status : NULL;
    if (!status || !status->state.running || status->started == TRI_TRUE ||
        !probe_state_of(pod, c, PROBE_ROLE_STARTUP, store_events(env->store), now_ms, &st) ||
        st.source == PROBE_COUNT_NONE)
        return false;
    char left[16] = "", kill[64], tries[48], text[256];
    if (st.kill_ms != IW_TIME_NONE && st.kill_ms > now_ms)
        duration_cells(st.kill_ms - now_ms, left);
    snprintf(kill, sizeof(kill), left[0] ? tr(", killed in %s") : "", left);
    snprintf(tries, sizeof(tries), tr("%s%d/%d failed"), st.source == PROBE_COUNT_TIME ? "~" : "",
             st.failures, st.threshold);
    snprintf(text, sizeof(text), tr("startup probe %.100s: %s%s"), c->startup->target, tries, kill);
    say(s, SAY_FULL, " ", text);
    snprintf(text, sizeof(text), tr("startup probe %s%s"), tries, kill);
    say(s, SAY_NO_DETAIL, " ", text);
    snprintf(text, sizeof(text), tr("probe %s%s"), tries, kill);
    say(s, SAY_SHORT, " ", text);
    return true;
}

/* "Secret db-secrets not found (migrate)" where the name stands in front anyway. */
static void
drop_name(char *summary, const char *name)
{
    size_t len = strlen(summary), tail = strlen(name) + 3;
    if (name[0] && len > tail && summary[len - 1] == ')' &&
        strncmp(summary + len - tail, " (", 2) == 0 &&
        strncmp(summary + len - tail + 2, name, tail - 3) == 0)
        summary[len - tail] = '\0';
}

/* "exit 1, next try in 32s" */
static bool
backoff_text(const struct pod_block *block, int64_t now_ms, char *out, size_t out_size)
{
    const struct container_status *st = block->container ? block->container->status : NULL;
    char end[96], left[16];
    if (!block->backoff.active || !st || block->backoff.next_ms <= now_ms)
        return false;
    container_exit_text(st->state.terminated ? &st->state.end : &st->last->end, end, sizeof(end));
    duration_cells(block->backoff.next_ms - now_ms, left);
    snprintf(out, out_size, tr("%s, next try in %s"), end[0] ? end : tr("exit 0"), left);
    return true;
}

/* "istio-proxy back-off 2m40s after exit 0 (try 7), next in 53s: CAUSE": the timeline has all but
 * the cause. */
static void
say_summary(const struct pod_block *block, int64_t now_ms, struct said *s)
{
    const char *name = block->container ? block->container->name : "";
    size_t len = strlen(name);
    char summary[sizeof(block->summary)];
    snprintf(summary, sizeof(summary), "%s", block->summary);
    drop_name(summary, name);
    bool named = len > 0 && strncmp(summary, name, len) == 0 && summary[len] == ' ';
    const char *rest = named ? summary + len + 1 : summary, *cause = strstr(rest, ": ");
    bool cut = named && block->severity == BLOCK_ERROR && cause;
    const char *joint = named ? " " : ": ", *alone = cut ? ": " : joint;
    say(s, SAY_FULL, joint, rest);
    say(s, SAY_NO_DETAIL, alone, cut ? cause + 2 : rest);
    char brief[160];
    say(s, SAY_SHORT, alone,
        cut                                                 ? cause + 2
        : backoff_text(block, now_ms, brief, sizeof(brief)) ? brief
                                                            : rest);
}

/* --- the line --- */

struct block_line {
    struct said said;
    char head[96];  /* "i1 name" */
    char brief[16]; /* "i1" */
    char held[40];  /* "for 4m12s " */
};

static const char *
block_word(const struct pod *pod, const struct pod_block *block)
{
    if (block->severity == BLOCK_PROGRESS)
        return tr("AT WORK");
    return pod_is_terminal(pod) ? tr("FAILED") : tr("BLOCKED BY");
}

static void
line_make(struct block_line *l, const struct view_env *env, const struct pod *pod,
          const struct pod_block *block, int64_t now_ms)
{
    const struct container *c = block->container;
    char held[16];
    if (!say_probe(env, pod, c, now_ms, &l->said))
        say_summary(block, now_ms, &l->said);
    l->head[0] = l->brief[0] = '\0';
    if (c) {
        snprintf(l->head, sizeof(l->head), "%s %.63s", c->tag, c->name);
        snprintf(l->brief, sizeof(l->brief), "%s", c->tag);
    }
    l->held[0] = '\0';
    if (block->since_ms == IW_TIME_NONE)
        return;
    duration_cells(now_ms - block->since_ms, held);
    /* The sentence often says how long: once is enough. */
    if (!strstr(l->said.text[SAY_FULL], held))
        snprintf(l->held, sizeof(l->held), tr("for %s "), held);
}

/* The longest way to say it that fits; the name goes before the cause does. */
static void
line_choose(const struct block_line *l, int room, char *head, size_t head_size, const char **text,
            bool *held)
{
    int age = l->held[0] ? cols_of(l->held) + 2 : 0;
    *held = false;
    for (int i = 0; i < 2 * SAY_COUNT; i++) {
        const char *name = i < SAY_COUNT ? l->head : l->brief;
        snprintf(head, head_size, "%s%s", name, name[0] ? l->said.joint[i % SAY_COUNT] : "");
        *text = l->said.text[i % SAY_COUNT];
        int cols = cols_of(head) + cols_of(*text);
        if (cols > room)
            continue;
        *held = age > 0 && cols + age <= room;
        return;
    }
}

bool
podpane_blocked(struct doc *d, const struct view_env *env, const struct pod *pod, int64_t now_ms,
                int max_lines)
{
    struct pod_block block;
    struct block_line line;
    pod_block_of(pod, now_ms, &block);
    if (block.severity == BLOCK_NONE)
        return false;
    enum role role = block.severity == BLOCK_ERROR  ? ROLE_ERROR
                     : block.severity == BLOCK_WARN ? ROLE_UNREADY
                                                    : ROLE_WORKING;
    const char *text;
    char head[100];
    bool held;
    line_make(&line, env, pod, &block, now_ms);
    doc_line(d);
    doc_put(d, role, " %s  ", block_word(pod, &block));
    int indent = d->x;
    line_choose(&line, d->width - d->x, head, sizeof(head), &text, &held);
    doc_text(d, ROLE_TITLE, head, strlen(head));
    doc_wrap(d, ROLE_TEXT, indent, max_lines, text);
    if (held)
        doc_right(d, role, "%s", line.held);
    return true;
}

/* --- what comes after --- */

/* " (median of 3 pods of checkout)" */
static void
basis_put(struct doc *d, const struct pod *pod, const struct forecast *f)
{
    struct pod_owner owner;
    pod_owner_of(pod, &owner);
    if (f->samples == 1)
        doc_put(d, ROLE_DIM, tr(" (as one other pod of %.63s)"), owner.name);
    else
        doc_put(d, ROLE_DIM, tr(" (median of %u pods of %.63s)"), f->samples, owner.name);
}

/* "if istio-proxy starts now: Ready in about 24s"; of one that is at work: what is left of the usual time. */
static void
forecast_put(struct doc *d, const struct pod *pod, const struct pod_block *block,
             const struct forecast *f)
{
    const struct container *c = block->container;
    bool late = f->elapsed_ms == IW_TIME_NONE || f->elapsed_ms >= f->step_ms;
    bool runs = c && container_phase(c) == CONTAINER_RUNNING;
    char rest[16], step[16], left[16];
    duration_cells(f->rest_ms, rest);
    duration_cells(f->step_ms, step);
    if (!c) {
        doc_put(d, ROLE_TEXT, tr("once it has a node: Ready in about %s"), rest);
    } else if (block->severity == BLOCK_PROGRESS && !late) {
        duration_cells(f->step_ms - f->elapsed_ms + f->rest_ms, left);
        doc_put(d, ROLE_TEXT, tr("Ready in about %s"), left);
    } else if (c->list != LIST_INIT) {
        doc_put(d, ROLE_TEXT, tr("%s usually takes %s"), c->tag, step);
    } else if (runs && block->severity != BLOCK_ERROR) {
        doc_put(d, ROLE_TEXT, tr("%s usually takes %s; Ready about %s after it"), c->tag, step,
                rest);
    } else {
        doc_put(d, ROLE_TEXT,
                c->kind == CONTAINER_SIDECAR ? tr("if %s starts now: Ready in about %s")
                                             : tr("if %s ends now: Ready in about %s"),
                c->tag, rest);
    }
    basis_put(d, pod, f);
}

bool
podpane_after(struct doc *d, const struct view_env *env, const struct pod *pod, int64_t now_ms)
{
    struct pod_block block;
    char waits[160] = "";
    pod_block_of(pod, now_ms, &block);
    if (block.severity == BLOCK_NONE || pod_is_terminal(pod) || pod_is_deleted(pod))
        return false;
    if (d->width >= WAITS_COLS)
        held_text(pod, block.container, waits, sizeof(waits));
    const struct forecast *f = podcase_forecast(env, pod, block.container);
    if (!waits[0] && !f)
        return false;
    doc_line(d);
    doc_to(d, 1 + cols_of(block_word(pod, &block)) + 2);
    doc_put(d, ROLE_DIM, "%s%s", waits, waits[0] && f ? "   " : "");
    if (f)
        forecast_put(d, pod, &block, f);
    return true;
}
