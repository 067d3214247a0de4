/* view_why: what keeps a pod from being ready: findings with their chain of evidence and what
 * helps.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/diag/diag.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

#define WHY_FINDINGS 32
#define WHY_EVENTS 6

struct why_state {
    struct pod_ref pod;
    uint32_t top, max;
    int height;
    size_t count, selected;       /* findings; the one that copy and n, N are about */
    uint32_t lines[WHY_FINDINGS]; /* where each begins */
    char copy[512];               /* what c copies: the first advice of the selected one */
    char container[256];          /* the selected finding's */
};

struct why_page {
    struct doc doc;
    struct finding *found; /* WHY_FINDINGS */
    size_t count;
    uint32_t lines[WHY_FINDINGS];
};

static const char *
finding_sign(const struct finding *f, enum role *role)
{
    switch (f->severity) {
    case SEVERITY_ERROR:
        *role = ROLE_ERROR;
        return "✗";
    case SEVERITY_WARNING:
        *role = ROLE_WARN;
        return "⚠";
    case SEVERITY_INFO:
        break;
    }
    *role = ROLE_MARK;
    return "·";
}

/* --- head --- */

/* What stands behind a verdict: an error is what the cluster itself reports, the rest is judged
 * from it. */
static void
head_put(struct doc *d, const struct pod *pod, const struct finding *root, int64_t now_ms)
{
    struct pod_block block;
    char held[16] = "";
    pod_block_of(pod, now_ms, &block);
    doc_line(d);
    if (block.severity == BLOCK_NONE) {
        doc_put(d, ROLE_OK,
                pod_is_terminal(pod) ? " ✓ Nothing holds this pod up: it is over (%s)"
                                     : " ✓ Nothing holds this pod up: %s",
                pod->phase[0] ? pod->phase : "no phase yet");
        return;
    }
    if (block.since_ms != IW_TIME_NONE)
        duration_cells(now_ms - block.since_ms, held);
    if (strstr(block.summary, held))
        held[0] = '\0'; /* the sentence says it */
    bool error = block.severity == BLOCK_ERROR;
    enum role role = error                          ? ROLE_ERROR
                     : block.severity == BLOCK_WARN ? ROLE_UNREADY
                                                    : ROLE_WORKING;
    const char *word = block.severity == BLOCK_PROGRESS ? "AT WORK"
                       : block.severity == BLOCK_WARN   ? "NOT READY"
                                                        : "BLOCKED";
    doc_put(d, role, " %s %s%s%s: ",
            error                          ? "✗"
            : block.severity == BLOCK_WARN ? "◒"
                                           : "⠹",
            word, held[0] ? " " : "", held);
    doc_wrap(d, ROLE_TITLE, 3, 3, block.summary);
    if (!root)
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, "   %s, from %u %s",
            root->severity == SEVERITY_ERROR     ? "certain: the cluster reports it"
            : root->severity == SEVERITY_WARNING ? "likely"
                                                 : "a hint",
            root->evidence_count, root->evidence_count == 1 ? "fact" : "facts");
}

/* --- findings --- */

static void
finding_put(struct doc *d, const struct finding *f, bool chain, int64_t now_ms)
{
    enum role role;
    char since[16];
    const char *sign = finding_sign(f, &role);
    doc_line(d);
    doc_put(d, role, " %s %s ", sign, f->id);
    doc_wrap(d, ROLE_TEXT, 3, 4, f->summary);
    if (f->since_ms != IW_TIME_NONE) {
        duration_cells(now_ms - f->since_ms, since);
        doc_right(d, ROLE_DIM, "%s ", since);
    }
    for (unsigned i = 0; i < f->evidence_count; i++) {
        int indent = 3 + (chain ? 2 * (int)IW_MIN(i, 6u) : 0);
        doc_line(d);
        doc_to(d, indent);
        doc_put(d, ROLE_RULE, "╰ ");
        doc_wrap(d, ROLE_DIM, indent + 2, 3, f->evidence[i]);
    }
    for (unsigned i = 0; i < f->advice_count; i++) {
        doc_line(d);
        doc_put(d, ROLE_KEY, i == 0 ? "   fix: " : "        ");
        doc_wrap(d, ROLE_TEXT, 8, 3, f->advice[i]);
    }
}

static void
findings_put(struct why_page *p, int64_t now_ms, bool errors)
{
    bool first = true;
    for (size_t i = 0; i < p->count; i++) {
        bool error = p->found[i].severity == SEVERITY_ERROR;
        /* The first finding is the root cause, whatever its severity. */
        if ((error || i == 0) != errors)
            continue;
        if (first && !errors)
            doc_rule(&p->doc, "also (not the cause)");
        else if (first)
            doc_line(&p->doc);
        else
            doc_line(&p->doc);
        first = false;
        p->lines[i] = p->doc.lines;
        finding_put(&p->doc, &p->found[i], i == 0, now_ms);
    }
}

/* --- evidence from events --- */

static void
events_put(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    const struct source_status *status = store_status(env->store, STREAM_EVENTS);
    const struct kevent_ring *ring = store_events(env->store);
    size_t about[LIMIT_EVENTS_PER_POD], warnings = 0;
    size_t n =
        ring && pod->uid[0] ? kevent_ring_about(ring, pod->uid, about, IW_COUNTOF(about)) : 0;
    bool denied = status && status->state == SOURCE_DENIED;
    doc_rule(d, "evidence: warnings of this pod");
    for (size_t i = n; i-- > 0 && warnings < WHY_EVENTS;) {
        const struct kevent *ev = kevent_ring_at(ring, about[i]);
        char clock[16];
        if (strcmp(ev->type, "Warning") != 0)
            continue;
        warnings++;
        clock_hms(ev->last_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
        doc_line(d);
        doc_put(d, ROLE_DIM, " %s ", clock);
        doc_put(d, ROLE_WARN, "%s ", ev->reason);
        doc_put(d, ROLE_DIM, "%s%s", ev->container, ev->container[0] ? " " : "");
        if (ev->count > 1)
            doc_put(d, ROLE_TEXT, "%u× ", ev->count);
        doc_wrap(d, ROLE_TEXT, 10, 2, ev->message);
    }
    if (warnings > 0)
        return;
    doc_line(d);
    doc_put(d, denied ? ROLE_WARN : ROLE_DIM, " %s",
            denied ? "not allowed to read events: what only they say is not known here"
                   : "no warning event about this pod is known");
}

/* What was looked at, so that "nothing found" can be judged. */
static void
checked_put(struct doc *d, const struct view_env *env)
{
    const struct source_status *status = store_status(env->store, STREAM_EVENTS);
    bool denied = status && status->state == SOURCE_DENIED;
    char text[160];
    snprintf(text, sizeof(text), "checked: %zu rules", diag_registry_count);
    doc_rule(d, text);
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    for (size_t i = 0; i < diag_registry_count; i++) {
        int cols = (int)strlen(diag_registry[i]->title) + 4;
        if (d->x + cols > d->width) {
            doc_line(d);
            doc_put(d, ROLE_TEXT, " ");
        }
        doc_put(d, ROLE_OK, "✓ ");
        doc_put(d, ROLE_DIM, "%s  ", diag_registry[i]->title);
    }
    doc_line(d);
    doc_put(d, ROLE_DIM,
            denied ? " from the pod; events are not allowed here"
                   : " from the pod and its events; other objects were not read");
}

static void
page_build(struct why_page *p, const struct view_env *env, const struct pod *pod, int width)
{
    int64_t now_ms = podpane_now(env);
    struct diag_env de = {
        .pod = pod, .events = store_events(env->store), .store = env->store, .now_wall_ms = now_ms};
    p->found = iw_calloc(WHY_FINDINGS, sizeof(*p->found));
    p->count = diag_run(&de, p->found, WHY_FINDINGS);
    doc_init(&p->doc, width);
    head_put(&p->doc, pod, p->count ? &p->found[0] : NULL, now_ms);
    findings_put(p, now_ms, true);
    findings_put(p, now_ms, false);
    doc_line(&p->doc);
    events_put(&p->doc, env, pod);
    if (p->count == 0)
        checked_put(&p->doc, env);
}

static void
page_free(struct why_page *p)
{
    doc_free(&p->doc);
    free(p->found);
}

/* --- class --- */

static void
why_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct why_state *st = state;
    const struct pod *pod = podpane_pod(env);
    struct why_page p = {0};
    if (!pod_ref_equal(st->pod, env->pod))
        *st = (struct why_state){.pod = env->pod};
    if (!pod)
        return;
    st->height = area.h - podpane_banner_lines(env);
    page_build(&p, env, pod, area.w);
    st->max = doc_max_top(&p.doc, st->height);
    st->top = IW_MIN(st->top, st->max);
    st->count = p.count;
    st->selected = p.count ? IW_MIN(st->selected, p.count - 1) : 0;
    memcpy(st->lines, p.lines, sizeof(st->lines));
    st->copy[0] = st->container[0] = '\0';
    if (p.count > 0) {
        const struct finding *f = &p.found[st->selected];
        snprintf(st->copy, sizeof(st->copy), "%s", f->advice_count ? f->advice[0] : f->summary);
        snprintf(st->container, sizeof(st->container), "%s",
                 f->container ? f->container->name : "");
    }
    page_free(&p);
}

static void
why_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct why_state *st = state;
    const struct pod *pod = podpane_begin(env, s, &area);
    struct why_page p = {0};
    if (!pod)
        return;
    page_build(&p, env, pod, area.w);
    doc_draw(&p.doc, s, area, st->top);
    if (p.count > 1 && st->selected < p.count) {
        int y = area.y + (int)p.lines[st->selected] - (int)st->top;
        if (y >= area.y && y < area.y + area.h)
            surface_puts(s, area, area.x, y, ROLE_KEY, "▸");
    }
    page_free(&p);
}

static void
why_select(struct why_state *st, bool next)
{
    if (st->count == 0)
        return;
    st->selected = (st->selected + (next ? 1 : st->count - 1)) % st->count;
    uint32_t line = st->lines[st->selected];
    if (line < st->top || line >= st->top + (uint32_t)IW_MAX(st->height - 2, 1))
        st->top = IW_MIN(line, st->max);
}

static bool
why_scroll(struct why_state *st, enum action action)
{
    int64_t top = st->top, page = IW_MAX(st->height - 1, 1);
    if (action == ACT_DOWN || action == ACT_UP)
        top += action == ACT_DOWN ? 1 : -1;
    else if (action == ACT_HALF_DOWN || action == ACT_HALF_UP)
        top += action == ACT_HALF_DOWN ? (page + 1) / 2 : -(page + 1) / 2;
    else if (action == ACT_PAGE_DOWN || action == ACT_PAGE_UP)
        top += action == ACT_PAGE_DOWN ? page : -page;
    else if (action == ACT_TOP || action == ACT_BOTTOM)
        top = action == ACT_TOP ? 0 : st->max;
    else
        return false;
    st->top = (uint32_t)IW_MAX(0, IW_MIN(top, (int64_t)st->max));
    return true;
}

static bool
why_act(void *state, const struct view_env *env, enum action action, int32_t arg,
        struct intent *out)
{
    struct why_state *st = state;
    (void)arg;
    if (action == ACT_FIND_NEXT || action == ACT_FIND_PREV) {
        why_select(st, action == ACT_FIND_NEXT);
        return true;
    }
    if (action == ACT_COPY && st->copy[0]) {
        out->kind = INTENT_COPY;
        snprintf(out->text, sizeof(out->text), "%s", st->copy);
        return true;
    }
    if (action == ACT_OPEN && podpane_pod(env)) {
        out->kind = INTENT_SWITCH;
        out->view = "detail";
        out->pod = env->pod;
        snprintf(out->container, sizeof(out->container), "%s", st->container);
        return true;
    }
    return why_scroll(st, action);
}

static bool
why_cursor(const void *state, const struct view_env *env, struct pod_ref *pod, char container[256])
{
    const struct why_state *st = state;
    *pod = env->pod;
    snprintf(container, 256, "%s",
             st->container[0] ? st->container
             : env->container ? env->container
                              : "");
    return podpane_pod(env) != NULL;
}

static void
why_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct why_state *st = state;
    char more[32] = "";
    (void)env;
    if (st->max > st->top)
        snprintf(more, sizeof(more), "  ▾%u", (unsigned)(st->max - st->top));
    if (st->count > 1)
        snprintf(out, out_size, "%zu/%zu  n next%s", st->selected + 1, st->count, more);
    else
        snprintf(out, out_size, "%s", more[0] ? more + 2 : "");
}

/* "✗1 ⚠2", "✓" when nothing is wrong. */
static void
why_tab_count(const struct view_env *env, char *out, size_t out_size)
{
    const struct pod *pod = podpane_pod(env);
    if (!pod)
        return;
    struct diag_env de = {.pod = pod,
                          .events = store_events(env->store),
                          .store = env->store,
                          .now_wall_ms = podpane_now(env)};
    struct finding *found = iw_calloc(WHY_FINDINGS, sizeof(*found));
    size_t n = diag_run(&de, found, WHY_FINDINGS), errors = 0;
    for (size_t i = 0; i < n; i++)
        errors += found[i].severity == SEVERITY_ERROR;
    free(found);
    char warnings[32] = "";
    if (n > errors)
        snprintf(warnings, sizeof(warnings), "⚠%zu", n - errors);
    if (errors)
        snprintf(out, out_size, "✗%zu%s%s", errors, warnings[0] ? " " : "", warnings);
    else
        snprintf(out, out_size, "%s", n ? warnings : "✓");
}

static bool
why_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return podpane_pod(env) != NULL;
}

static uint32_t
why_wants(const void *state, const struct view_env *env)
{
    const struct pod *pod = podpane_pod(env);
    (void)state;
    return pod && pod_waits_for_services(pod) ? CHAIN_KINDS : 0;
}

const struct view_class view_why = {
    .name = "why",
    .title = "Why",
    .help = "What keeps the pod from being ready: the chain of causes, what helps, the evidence",
    .scope = VIEW_POD,
    .tab = 6,
    .context = CTX_WHY,
    .podish = true,
    .state_size = sizeof(struct why_state),
    .recalc = why_recalc,
    .draw = why_draw,
    .act = why_act,
    .tab_note = why_note,
    .wants = why_wants,
    .tab_count = why_tab_count,
    .cursor = why_cursor,
    .ticks = why_ticks,
};
