/* why_page: the verdict, the chain of causes, what mends it, what it is not; then advice and evidence.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/chainline.h"
#include "initwatch/ui/eventrow.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"
#include "why.h"

#define WHY_EVENTS 6
#define SURE_COLS 16 /* "sure ●●●●○ 4/5 " */
#define SURE_WIDE 100

void
why_page_free(struct why_page *p)
{
    doc_free(&p->doc);
}

/* --- head --- */

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

/* "sure ●●●●○ 4/5  from objects that were all read"; on a narrow screen only the first, right of the
 * verdict, where there is room. */
static void
sure_put(struct why_page *p)
{
    const char *why = "";
    struct doc *d = &p->doc;
    bool beside = d->width < SURE_WIDE && d->lines == 1 && d->x + SURE_COLS < d->width;
    unsigned sure =
        verdict_sure(&p->judged->found[0], p->judged->chain->count ? p->judged->chain : NULL, &why);
    if (beside)
        doc_to(d, d->width - SURE_COLS);
    else
        doc_line(d);
    doc_put(d, ROLE_DIM, "%s%s ", beside ? "" : "   ", tr("sure"));
    doc_repeat(d, ROLE_KEY, "●", (int)sure);
    doc_repeat(d, ROLE_DIM, "○", VERDICT_SURE_MAX - (int)sure);
    doc_put(d, ROLE_DIM, " %u/%d", sure, VERDICT_SURE_MAX);
    if (!beside)
        doc_put(d, ROLE_DIM, "  %s", tr(why));
}

static void
blocked_put(struct why_page *p, const struct pod_block *block, int64_t now_ms)
{
    struct doc *d = &p->doc;
    char held[16] = "", cause[256] = "";
    if (p->judged->chain->count > 0)
        chain_cause(p->judged->chain, cause, sizeof(cause));
    if (!cause[0])
        snprintf(cause, sizeof(cause), "%s", block->summary);
    if (block->since_ms != IW_TIME_NONE)
        duration_cells(now_ms - block->since_ms, held);
    if (held[0] && strstr(cause, held))
        held[0] = '\0'; /* the sentence says it */
    bool error = block->severity == BLOCK_ERROR ||
                 (p->judged->chain->count > 0 && chain_root(p->judged->chain));
    bool warn = block->severity == BLOCK_WARN;
    doc_put(d,
            error  ? ROLE_ERROR
            : warn ? ROLE_UNREADY
                   : ROLE_WORKING,
            " %s %s%s%s: ",
            error  ? "✗"
            : warn ? "◒"
                   : "⠹",
            block->severity == BLOCK_PROGRESS ? tr("AT WORK")
            : warn                            ? tr("NOT READY")
                                              : tr("BLOCKED"),
            held[0] ? " " : "", held);
    doc_wrap(d, ROLE_TITLE, 3, 3, cause);
}

static void
head_put(struct why_page *p, const struct pod *pod, int64_t now_ms)
{
    struct pod_block block;
    pod_block_of(pod, now_ms, &block);
    doc_line(&p->doc);
    if (block.severity != BLOCK_NONE) {
        blocked_put(p, &block, now_ms);
        if (p->judged->count > 0)
            sure_put(p);
        return;
    }
    doc_put(&p->doc, ROLE_OK,
            pod_is_terminal(pod) ? tr(" ✓ Nothing holds this pod up: it is over (%s)")
                                 : tr(" ✓ Nothing holds this pod up: %s"),
            pod->phase[0] ? pod->phase : tr("no phase yet"));
}

/* --- the cause --- */

/* Paths in spec and status are evidence, not links of a chain. */
static bool
is_path(const char *evidence)
{
    return strncmp(evidence, "spec.", 5) == 0 || strncmp(evidence, "status.", 7) == 0 ||
           strncmp(evidence, "metadata.", 9) == 0;
}

/* The line that c copies says so, of the finding that is selected. */
static void
fixes_put(struct doc *d, const struct finding *f, bool selected)
{
    for (unsigned i = 0; i < f->advice_count; i++) {
        doc_line(d);
        doc_put(d, ROLE_KEY, "%s", i == 0 ? tr("   fix: ") : "        ");
        doc_wrap(d, ROLE_TEXT, 8, 3, f->advice[i]);
        if (selected && i == finding_to_paste(f))
            doc_right(d, ROLE_DIM, "%s", tr("[c] copy "));
    }
}

/* "myapp-wait-db waits in init 1 of 2 for postgres-service:5432" */
static void
waits_text(const struct chain *chain, const struct pod *pod, char *out, size_t out_size)
{
    const struct container *c = chain->container;
    snprintf(out, out_size, tr("%.100s waits in %s %u of %u for %s%s%s"), pod->name,
             container_kind_word(c->kind), c->list_index + 1u,
             c->list == LIST_INIT ? pod->init_count : pod->app_count, chain->target.host,
             chain->target.port[0] ? ":" : "", chain->target.port);
}

/* What is wrong, down to the root. */
static void
chain_put(struct why_page *p)
{
    const struct chain *chain = p->judged->chain;
    struct doc *d = &p->doc;
    struct chain *bad = iw_calloc(1, sizeof(*bad));
    chain_not_ok(chain, bad);
    chain_tree_put(d, bad, 3, true);
    if (chain->passes) {
        doc_line(d);
        doc_put(d, ROLE_OK, "   ╰ ✓ %s", tr("all that is known says that it would pass now"));
    }
    free(bad);
}

static void
ruled_put(struct why_page *p, const struct pod *pod)
{
    const char *words[VERDICT_RULED_MAX];
    size_t n = verdict_ruled_out(pod, p->judged->chain->count ? p->judged->chain : NULL, words);
    struct doc *d = &p->doc;
    if (n == 0)
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, "   %s", tr("ruled out:"));
    for (size_t i = 0; i < n; i++) {
        doc_put(d, ROLE_DIM, "%s%s ", i && d->width >= 80 ? "  " : " ", tr(words[i]));
        doc_put(d, ROLE_OK, "✓");
    }
}

static void
also_put(struct why_page *p, const struct why_state *st, const struct view_env *env)
{
    struct doc *d = &p->doc;
    if (st->also.total == 0)
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, "   %s", tr("also blocked by this:"));
    for (size_t i = 0; i < st->also.count; i++) {
        const struct pod *pod = store_get(env->store, st->also.pods[i]);
        if (pod)
            doc_put(d, ROLE_TEXT, "%s %s", i ? "," : "", pod->name);
    }
    doc_put(d, ROLE_DIM, tr(" (%zu pods with this one)"), st->also.total + 1);
}

/* --- findings --- */

static void
finding_put(struct why_page *p, size_t at, const struct pod *pod, bool selected, int64_t now_ms)
{
    const struct finding *f = &p->judged->found[at];
    bool root = at == 0; /* the first finding, whatever its severity */
    struct doc *d = &p->doc;
    enum role role;
    char since[16];
    const char *sign = finding_sign(f, &role);
    doc_line(d);
    doc_put(d, role, " %s %s ", sign, f->id);
    bool chained = root && p->judged->chain->count > 0;
    char waits[512];
    if (chained)
        waits_text(p->judged->chain, pod, waits, sizeof(waits));
    doc_wrap(d, ROLE_TEXT, 3, 4, chained ? waits : podpane_about(pod, f->summary));
    if (f->since_ms != IW_TIME_NONE) {
        duration_cells(now_ms - f->since_ms, since);
        doc_right(d, ROLE_DIM, "%s ", since);
    }
    if (chained)
        chain_put(p);
    for (unsigned i = 0, depth = 0; !chained && i < f->evidence_count; i++) {
        int indent = 3 + (root ? 2 * (int)IW_MIN(depth, 6u) : 0);
        if (is_path(f->evidence[i]))
            continue;
        depth++;
        doc_line(d);
        doc_to(d, indent);
        doc_put(d, ROLE_RULE, "╰ ");
        doc_wrap(d, ROLE_DIM, indent + 2, 3, f->evidence[i]);
    }
    fixes_put(d, f, selected);
}

static void
findings_put(struct why_page *p, const struct why_state *st, const struct view_env *env,
             const struct pod *pod)
{
    int64_t now_ms = podpane_now(env);
    for (size_t i = 0; i < p->judged->count; i++) {
        if (i == 1)
            doc_rule(&p->doc, tr("also (not the cause)"));
        else
            doc_line(&p->doc);
        p->lines[i] = p->doc.lines;
        finding_put(p, i, pod, i == st->selected, now_ms);
        if (i == 0) {
            ruled_put(p, pod);
            also_put(p, st, env);
        }
    }
}

/* --- evidence --- */

static void
event_put(struct doc *d, const struct view_env *env, const struct kevent *ev, bool own)
{
    char clock[16], kind[64];
    clock_hms(ev->last_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s ", clock);
    event_kind_short(ev->object_kind, kind, sizeof(kind));
    if (!own)
        doc_put(d, ROLE_TEXT, "%s/%s ", kind, ev->object_name);
    doc_put(d, ROLE_WARN, "%s ", ev->reason);
    doc_put(d, ROLE_DIM, "%s%s", ev->container, ev->container[0] ? " " : "");
    if (ev->count > 1)
        doc_put(d, ROLE_TEXT, "%u× ", ev->count);
    doc_wrap(d, ROLE_TEXT, 10, 2, ev->message);
}

static bool
is_own(const struct related *related, const struct pod *pod, const struct kevent *ev)
{
    return pod->uid[0] && ev->object_uid[0] ? strcmp(ev->object_uid, pod->uid) == 0
                                            : related_event(related, ev) == RELATION_SELF;
}

/* The newest warnings about the pod and what it waits for, the newest first. */
static size_t
warnings_pick(const struct kevent_ring *ring, const struct related *related, const struct pod *pod,
              size_t rows[WHY_EVENTS])
{
    size_t count = 0;
    for (size_t i = 0; ring && i < related->count; i++) {
        const struct related_object *o = &related->items[i];
        for (size_t it = 0, row; kevent_ring_named(ring, o->name, &it, &row);) {
            const struct kevent *ev = kevent_ring_at(ring, row);
            enum relation r = related_event(related, ev);
            if (strcmp(ev->type, "Warning") != 0 || strcmp(ev->object_kind, o->kind) != 0 ||
                (!is_own(related, pod, ev) && (r == RELATION_NONE || r == RELATION_SELF)))
                continue;
            size_t at = count;
            while (at > 0 && rows[at - 1] < row)
                at--;
            if (at == WHY_EVENTS || (at > 0 && rows[at - 1] == row))
                continue;
            count = IW_MIN(count + 1, (size_t)WHY_EVENTS);
            memmove(rows + at + 1, rows + at, (count - 1 - at) * sizeof(*rows));
            rows[at] = row;
        }
    }
    return count;
}

static size_t
events_put(struct why_page *p, const struct view_env *env, const struct pod *pod)
{
    const struct related *related = podcase_related(env, pod);
    size_t rows[WHY_EVENTS];
    size_t count = warnings_pick(store_events(env->store), related, pod, rows);
    for (size_t i = 0; i < count; i++) {
        const struct kevent *ev = kevent_ring_at(store_events(env->store), rows[i]);
        event_put(&p->doc, env, ev, is_own(related, pod, ev));
    }
    return count;
}

static void
evidence_put(struct why_page *p, const struct view_env *env, const struct pod *pod)
{
    const struct source_status *status = store_status(env->store, STREAM_EVENTS);
    struct doc *d = &p->doc;
    const char *denied = source_denial_word(status);
    doc_rule(d, tr("evidence"));
    size_t events = events_put(p, env, pod);
    for (size_t f = 0; f < IW_MIN(p->judged->count, (size_t)2); f++)
        for (unsigned i = 0; i < p->judged->found[f].evidence_count; i++) {
            if (!is_path(p->judged->found[f].evidence[i]))
                continue;
            doc_line(d);
            doc_put(d, ROLE_DIM, " ");
            doc_wrap(d, ROLE_DIM, 2, 2, p->judged->found[f].evidence[i]);
        }
    if (events > 0)
        return;
    doc_line(d);
    if (denied)
        doc_put(d, ROLE_WARN, tr(" events: %s; what only they say is not known here"), tr(denied));
    else
        doc_put(d, ROLE_DIM, " %s", tr("no warning event about this pod is known"));
}

/* What was looked at, so that "nothing found" can be judged. */
static void
checked_put(struct doc *d, const struct view_env *env)
{
    const struct source_status *status = store_status(env->store, STREAM_EVENTS);
    const char *denied = source_denial_word(status);
    char text[160];
    snprintf(text, sizeof(text), tr("checked: %zu rules"), diag_registry_count);
    doc_rule(d, text);
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    for (size_t i = 0; i < diag_registry_count; i++) {
        const char *title = tr(diag_registry[i]->title);
        int cols = utf8_width(title, strlen(title)) + 4;
        if (d->x + cols > d->width) {
            doc_line(d);
            doc_put(d, ROLE_TEXT, " ");
        }
        doc_put(d, ROLE_OK, "✓ ");
        doc_put(d, ROLE_DIM, "%s  ", title);
    }
    doc_line(d);
    if (denied)
        doc_put(d, ROLE_DIM, tr(" from the pod; events: %s"), tr(denied));
    else
        doc_put(d, ROLE_DIM, "%s", tr(" from the pod and its events"));
}

void
why_page_write(struct why_page *p, const struct why_state *st, const struct view_env *env,
               const struct pod *pod, int width)
{
    *p = (struct why_page){.judged = podcase_of(env, pod)};
    doc_init(&p->doc, width);
    head_put(p, pod, podpane_now(env));
    findings_put(p, st, env, pod);
    if (p->judged->count == 1)
        doc_line(&p->doc);
    evidence_put(p, env, pod);
    if (p->judged->count == 0)
        checked_put(&p->doc, env);
    if (p->judged->chain->count > 0) {
        doc_line(&p->doc);
        doc_put(&p->doc, ROLE_DIM, tr(" initwatch reads; it did not connect to %s from here."),
                p->judged->chain->target.host);
    }
}
