/* whytext: the report of `why`: head, steps, resources, findings, events.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/whytext.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/podtable.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/waitfor.h"

#define WHY_FINDINGS_MAX 16
#define WHY_LINE_BYTES 1024

/* One line, control bytes of the cluster made visible. */
static void say(struct strbuf *out, const char *fmt, ...) IW_PRINTF(2, 3);

static void
say(struct strbuf *out, const char *fmt, ...)
{
    char line[WHY_LINE_BYTES];
    char safe[2 * WHY_LINE_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof(line), tr(fmt), args);
    va_end(args);
    log_sanitize(line, strlen(line), safe, sizeof(safe));
    strbuf_adds(out, safe);
    strbuf_addc(out, '\n');
}

static void
ago_text(int64_t since_ms, int64_t now_wall_ms, char out[16])
{
    out[0] = '\0';
    if (since_ms != IW_TIME_NONE)
        duration_cells(now_wall_ms - since_ms, out);
}

static void
print_head(const struct pod_facts *facts, struct strbuf *out)
{
    static const struct {
        const char *sign, *word;
    } words[] = {[BLOCK_NONE] = {"✓", ""},
                 [BLOCK_PROGRESS] = {"⠹", "STARTING"},
                 [BLOCK_WAIT] = {"⠹", "WAITING"},
                 [BLOCK_WARN] = {"◒", "NOT READY"},
                 [BLOCK_ERROR] = {"✗", "BLOCKED"}};
    const struct pod *pod = facts->pod;
    struct pod_cells cells;
    struct pod_block block;
    char since[16];
    pod_print_cells(pod, facts->now_wall_ms, &cells);
    pod_block_of(pod, facts->now_wall_ms, &block);
    ago_text(pod_since_ms(pod, &block), facts->now_wall_ms, since);
    say(out, "%s/%s  %s  ready %s  restarts %s  age %s  node %s", *pod->ns ? pod->ns : "-",
        pod->name, cells.status, cells.ready, cells.restarts, cells.age, cells.node);
    if (block.severity == BLOCK_NONE)
        say(out, "✓ nothing holds it up%s%s", *since ? ", for " : "", since);
    else
        say(out, "%s %s%s%s: %s", words[block.severity].sign, words[block.severity].word,
            *since ? " " : "", since, block.summary);
}

/* "done in 5s", "running 4m09s", "back-off 40s after exit 1, next in 12s": what the step does now.
 */
static void
step_text(const struct pod_facts *facts, const struct container *c, char *text, size_t size)
{
    const struct container_status *status = c->status;
    char elapsed[16];
    char exit_text[96];
    struct container_backoff backoff = pod_backoff_now(facts->pod, c, facts->now_wall_ms);
    switch (container_phase(c)) {
    case CONTAINER_RUNNING:
        ago_text(status->state.running_since_ms, facts->now_wall_ms, elapsed);
        (void)snprintf(text, size, "running %s%s", elapsed,
                       c->kind == CONTAINER_INIT        ? ""
                       : status->ready                  ? ", ready"
                       : status->started == TRI_FALSE   ? ", startup probe not passed"
                       : c->kind == CONTAINER_EPHEMERAL ? ""
                                                        : ", not ready");
        return;
    case CONTAINER_TERMINATED:
        container_exit_text(&status->state.end, exit_text, sizeof(exit_text));
        ago_text(status->state.end.finished_ms, facts->now_wall_ms, elapsed);
        if (backoff.active && backoff.next_ms > facts->now_wall_ms) {
            char left[16];
            duration_cells(backoff.next_ms - facts->now_wall_ms, left);
            (void)snprintf(text, size, "%s %s ago, next try in %s", exit_text, elapsed, left);
        } else {
            (void)snprintf(text, size, "%s%s%s%s", exit_text, *elapsed ? " " : "", elapsed,
                           *elapsed ? " ago" : "");
        }
        return;
    case CONTAINER_WAITING:
        (void)snprintf(text, size, "%s",
                       *status->state.waiting_reason ? status->state.waiting_reason
                                                     : "being created");
        return;
    case CONTAINER_UNKNOWN:
    case CONTAINER_PHASE_COUNT:
        break;
    }
    (void)snprintf(text, size, "not reported yet");
}

/* What releases the containers behind it, or what it waits for. */
static void
step_note(const struct pod_facts *facts, const struct container *c, char *note, size_t size)
{
    struct wait_target target;
    note[0] = '\0';
    if (c->kind == CONTAINER_SIDECAR) {
        struct sidecar_report report;
        sidecar_assess(facts->pod, c, facts->now_wall_ms, &report);
        (void)snprintf(note, size, "%s%s",
                       report.gates ? "holds up the rest until: " : "gate: ", report.gate);
    } else if (c->kind == CONTAINER_INIT && container_wait_target(c, &target)) {
        (void)snprintf(note, size, "%s", target.command);
    }
}

static void
print_steps(const struct pod_facts *facts, struct strbuf *out)
{
    static const char *const headers[] = {"", "ID", "CONTAINER", "KIND", "TRIES", "STATE", "NOTE"};
    struct podtable *table = podtable_new_columns(headers, IW_COUNTOF(headers), false);
    strbuf_adds(out, "\nSTEPS\n");
    for (const struct container *c = NULL; (c = pod_containers(facts->pod, c)) != NULL;) {
        char tries[24] = "-";
        char state[200];
        char note[200];
        if (c->status && (!c->status->state.waiting || c->status->last->terminated))
            (void)snprintf(tries, sizeof(tries), "%" PRId64, (int64_t)c->status->restart_count + 1);
        step_text(facts, c, state, sizeof(state));
        step_note(facts, c, note, sizeof(note));
        enum container_sign sign = container_sign(facts->pod, c, facts->now_wall_ms);
        podtable_add_row(table,
                         (const char *const[]){container_sign_text(sign, false), c->tag, c->name,
                                               container_kind_word(c->kind), tries, state, note});
    }
    podtable_print(table, out);
    podtable_free(table);
}

/* --- resources --- */

struct amount_texts {
    char effective[QUANTITY_OUT_MAX], waste[QUANTITY_OUT_MAX], simple[QUANTITY_OUT_MAX];
};

static void
print_working(const struct resource_breakdown *b, struct strbuf *out)
{
    for (size_t i = 0; i < b->stage_count; i++) {
        const struct resource_stage *stage = &b->stages[i];
        char own[QUANTITY_OUT_MAX];
        char before[QUANTITY_OUT_MAX];
        char sum[QUANTITY_OUT_MAX];
        quantity_format(&stage->own, own, sizeof(own));
        quantity_format(&stage->sidecars_before, before, sizeof(before));
        quantity_format(&stage->sum, sum, sizeof(sum));
        say(out, "    %s %-28s %s + sidecars %s = %s", stage->decides ? "▸" : " ",
            stage->container ? stage->container->name : "apps", own, before, sum);
    }
    char text[QUANTITY_OUT_MAX];
    if (b->has_overhead) {
        quantity_format(&b->overhead, text, sizeof(text));
        say(out, "      overhead %s", text);
    }
    if (b->has_pod_level) {
        quantity_format(&b->pod_level, text, sizeof(text));
        say(out, "      pod level %s", text);
    }
}

static void
print_amount(const struct pod *pod, enum resource_side side, const char *name, struct strbuf *out)
{
    struct resource_breakdown b;
    struct amount_texts t;
    resources_breakdown(pod, side, name, &podjson_resource_options, &b);
    if (b.present) {
        bool requests = side == RESOURCE_REQUESTS;
        bool wasted = requests && !quantity_is_zero(&b.waste);
        quantity_format(&b.effective, t.effective, sizeof(t.effective));
        quantity_format(&b.waste, t.waste, sizeof(t.waste));
        quantity_format(&b.simple_formula, t.simple, sizeof(t.simple));
        say(out, "  %s %s %s  decided by %s%s%s%s%s", requests ? "request" : "limit  ", name,
            t.effective, *podjson_decider(&b) ? podjson_decider(&b) : "-",
            wasted ? "; idle while it runs: " : "", wasted ? t.waste : "",
            b.simple_differs ? "; max(largest init, sum of apps) would say " : "",
            b.simple_differs ? t.simple : "");
        if (requests && b.stage_count > 1)
            print_working(&b, out);
    }
    resource_breakdown_free(&b);
}

void
whytext_resources(const struct pod *pod, struct strbuf *out)
{
    size_t count;
    char why[160];
    const char **names = resources_names(pod, &count);
    const char *qos = resources_qos(pod, why, sizeof(why));
    strbuf_adds(out, "\nRESOURCES as the scheduler counts them\n");
    for (size_t i = 0; i < count; i++) {
        print_amount(pod, RESOURCE_REQUESTS, names[i], out);
        print_amount(pod, RESOURCE_LIMITS, names[i], out);
    }
    say(out, "  QoS %s%s%s", pod_qos(pod), *why ? ": " : "", why);
    if (strcmp(qos, pod_qos(pod)) != 0)
        say(out, "  (the spec alone would make it %s)", qos);
    static const char *const resizes[] = {"PodResizePending", "PodResizeInProgress"};
    for (size_t i = 0; i < IW_COUNTOF(resizes); i++) {
        const struct pod_condition *c = pod_condition(pod, resizes[i]);
        if (c && strcmp(c->status, "True") == 0)
            say(out, "  resize %s%s%s%s%s", c->type + strlen("PodResize"), *c->reason ? " " : "",
                c->reason, *c->message ? ": " : "", c->message);
    }
    free(names);
}

/* --- findings, timeline, events --- */

static void
print_findings(const struct pod_facts *facts, struct strbuf *out)
{
    struct finding found[WHY_FINDINGS_MAX];
    struct diag_env env = pod_facts_env(facts);
    size_t count = diag_run(&env, found, IW_COUNTOF(found));
    if (count)
        strbuf_adds(out, "\nFINDINGS\n");
    for (size_t i = 0; i < count; i++) {
        const struct finding *f = &found[i];
        static const char *const signs[] = {"·", "⚠", "✗"};
        say(out, "%s %s  %s", signs[f->severity], f->id, f->summary);
        for (unsigned line = 0; line < f->evidence_count; line++)
            say(out, "    %s", f->evidence[line]);
        for (unsigned line = 0; line < f->advice_count; line++)
            say(out, "  → %s", f->advice[line]);
    }
}

static void
print_events(const struct pod_facts *facts, struct strbuf *out)
{
    size_t found[LIMIT_EVENTS_PER_POD];
    size_t count = facts->events
                       ? kevent_ring_about(facts->events, facts->pod->uid, found, IW_COUNTOF(found))
                       : 0;
    if (count)
        strbuf_adds(out, "\nEVENTS\n");
    for (size_t i = 0; i < count; i++) {
        const struct kevent *ev = kevent_ring_at(facts->events, found[i]);
        char ago[16];
        ago_text(ev->last_ms, facts->now_wall_ms, ago);
        say(out, "  %6s ago  %-7s %s%s%s (x%" PRIu32 ")  %s", ago, ev->type, ev->reason,
            *ev->container ? " " : "", ev->container, ev->count, ev->message);
    }
}

static void
print_timeline(const struct pod_facts *facts, struct strbuf *out)
{
    size_t count = facts->timeline ? timeline_count(facts->timeline) : 0;
    if (count)
        strbuf_adds(out, "\nTIMELINE\n");
    for (size_t i = 0; i < count; i++) {
        const struct transition t = timeline_at(facts->timeline, i);
        char at[16] = "?";
        char code[24] = "";
        if (t.wall_ms != IW_TIME_NONE)
            clock_hms(t.wall_ms, false, at);
        if (strcmp(t.to, "terminated") == 0)
            (void)snprintf(code, sizeof(code), " (exit %" PRId32 ")", t.exit_code);
        say(out, "  %s  %s %s%s%s%s%s", at, *t.container ? t.container : "pod", t.to,
            *t.reason ? " " : "", t.reason, code,
            t.source == TIMELINE_INFERRED ? " (inferred)" : "");
    }
}

void
whytext_print(const struct pod_facts *facts, struct strbuf *out)
{
    print_head(facts, out);
    print_steps(facts, out);
    print_findings(facts, out);
    whytext_resources(facts->pod, out);
    print_timeline(facts, out);
    print_events(facts, out);
}
