/* podfacts: all about one container of a pod, fact by fact.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/probes.h"
#include "initwatch/model/shutdown.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/volumes.h"
#include "initwatch/model/waitfor.h"
#include "initwatch/ui/gantt.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

#define FACT_COLS PODPANE_FACT_COLS
#define BUDGET_BAR_COLS 20
#define ROOMY_ROWS 18 /* a pane of so many lines has a long command whole */
#define COMMAND_LINES 2
#define COMMAND_LINES_MAX 8
#define GATES_NAMED 3                        /* the rest is told by its number */
#define LAST_PROBE_FRESH_MS (10 * 60 * 1000) /* an older failure is history */

void
podpane_title(const struct pod *pod, const struct container *c, char *out, size_t out_size)
{
    static const char *const LISTS[LIST_COUNT] = {"initContainers", "containers",
                                                  "ephemeralContainers"};
    switch (c->kind) {
    case CONTAINER_SIDECAR:
        snprintf(out, out_size,
                 tr("%s %s  native sidecar (initContainers[%u].restartPolicy: Always)"), c->tag,
                 c->name, c->list_index);
        return;
    case CONTAINER_INIT:
        snprintf(out, out_size, tr("%s %s  init container, step %u of %u"), c->tag, c->name,
                 c->list_index + 1u, pod->init_count);
        return;
    case CONTAINER_APP:
    case CONTAINER_EPHEMERAL:
    case CONTAINER_KIND_COUNT:
        break;
    }
    snprintf(out, out_size, tr("%s %s  %s container (%s[%u])"), c->tag, c->name,
             container_kind_word(c->kind), LISTS[c->list], c->list_index);
}

void
podpane_fact(struct doc *d, const char *name)
{
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", name);
    doc_to(d, FACT_COLS);
}

/* The newest Pulled event of this container, or NULL. */
static const struct kevent *
pulled_event(const struct view_env *env, const struct pod *pod, const struct container *c)
{
    const struct kevent_ring *ring = store_events(env->store);
    size_t about[LIMIT_EVENTS_PER_POD];
    size_t n =
        ring && pod->uid[0] ? kevent_ring_about(ring, pod->uid, about, IW_COUNTOF(about)) : 0;
    while (n-- > 0) {
        const struct kevent *ev = kevent_ring_at(ring, about[n]);
        if (strcmp(ev->container, c->name) == 0 && strcmp(ev->reason, "Pulled") == 0)
            return ev;
    }
    return NULL;
}

/* How the image came and how large it is: "pulled in 1.6s  287 MB", "cached". */
static void
image_pull_put(struct doc *d, const struct view_env *env, const struct pod *pod,
               const struct container *c)
{
    const struct kevent *ev = pulled_event(env, pod, c);
    if (!ev) {
        if (c->pull_policy[0])
            doc_whole(d, ROLE_DIM, tr("   pull policy %s"), c->pull_policy);
        return;
    }
    const char *in = strstr(ev->message, "\" in "), *size = strstr(ev->message, "Image size: ");
    if (strstr(ev->message, "already present"))
        doc_whole(d, ROLE_DIM, "   %s", tr("cached"));
    else if (in)
        doc_whole(d, ROLE_DIM, tr("   pulled in %.*s"),
                  (int)IW_MIN(strcspn(in + 5, " ("), (size_t)16), in + 5);
    else
        doc_whole(d, ROLE_DIM, "   %s", tr("pulled"));
    unsigned long long bytes = size ? strtoull(size + strlen("Image size: "), NULL, 10) : 0;
    if (bytes >= 1000 * 1000)
        doc_whole(d, ROLE_DIM, "  %llu MB", bytes / (1000 * 1000));
}

void
podpane_amount(const struct container *c, const char *name, char *out, size_t out_size)
{
    const char *low = "", *high = "";
    for (uint32_t i = 0; i < c->requests.count; i++)
        if (strcmp(c->requests.items[i].name, name) == 0)
            low = c->requests.items[i].text;
    for (uint32_t i = 0; i < c->limits.count; i++)
        if (strcmp(c->limits.items[i].name, name) == 0)
            high = c->limits.items[i].text;
    if (!low[0] && !high[0])
        out[0] = '\0';
    else if (!low[0])
        snprintf(out, out_size, tr("max %.32s"), high);
    else if (!high[0] || strcmp(low, high) == 0)
        snprintf(out, out_size, "%.32s", low);
    else
        snprintf(out, out_size, "%.32s–%.32s", low, high);
}

/* In the line of the image when there is room: "   cpu 100m–2  mem 128Mi–1Gi". */
static void
amounts_put(struct doc *d, const struct container *c)
{
    char cpu[80], memory[80], text[200];
    podpane_amount(c, "cpu", cpu, sizeof(cpu));
    podpane_amount(c, "memory", memory, sizeof(memory));
    snprintf(text, sizeof(text), "%s%s%s%s%s", cpu[0] ? "cpu " : "", cpu,
             cpu[0] && memory[0] ? "  " : "", memory[0] ? "mem " : "", memory);
    const char *said = text[0] ? text : tr("no requests ⚠");
    if (d->x + 3 + utf8_width(said, strlen(said)) <= d->width) {
        doc_put(d, ROLE_DIM, "   ");
    } else {
        podpane_fact(d, tr("requests"));
        said = text[0] ? text : tr("none ⚠");
    }
    doc_text(d, text[0] ? ROLE_TEXT : ROLE_WARN, said, strlen(said));
}

static void
facts_image(struct doc *d, const struct view_env *env, const struct pod *pod,
            const struct container *c)
{
    podpane_fact(d, tr("image"));
    doc_put(d, ROLE_TEXT, "%s", c->image[0] ? c->image : "–");
    image_pull_put(d, env, pod, c);
    amounts_put(d, c);
}

/* What it runs: a shell's script rather than the shell. */
static void
facts_command(struct doc *d, const struct container *c, int max_lines)
{
    char text[1024] = "";
    container_command_text(c, text, sizeof(text));
    if (!text[0])
        return;
    podpane_fact(d, tr("command"));
    doc_wrap(d, ROLE_TEXT, FACT_COLS, max_lines, text);
}

/* Root and privileged are what one looks for. */
static void
facts_security(struct doc *d, const struct pod *pod, const struct container *c)
{
    const struct security sec = pod_security_of(pod, c);
    char text[256];
    pod_security_text(pod, c, text, sizeof(text));
    if (!text[0])
        return;
    podpane_fact(d, tr("security"));
    doc_wrap(d, sec.privileged == TRI_TRUE ? ROLE_WARN : ROLE_TEXT, FACT_COLS, 2, text);
}

/* " since 19:53:26 (42s)" or less, by the way moments are written. */
static void
since_put(struct doc *d, const struct view_env *env, int64_t at_ms, int64_t now_ms)
{
    char clock[16], age[16];
    if (at_ms == IW_TIME_NONE || at_ms <= 0)
        return;
    clock_hms(at_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    duration_cells(now_ms - at_ms, age);
    doc_put(d, ROLE_TEXT, tr(" since %s"), clock);
    doc_put(d, ROLE_DIM, " (%s)", age);
}

static void
facts_state_flags(struct doc *d, const struct container *c)
{
    const struct container_status *st = c->status;
    if (st->state.running && c->kind != CONTAINER_INIT && c->kind != CONTAINER_EPHEMERAL) {
        bool started = st->started == TRI_TRUE;
        doc_put(d, ROLE_DIM, "   %s ", tr("started"));
        doc_put(d, started ? ROLE_OK : ROLE_WAITING, started ? "✓" : "✗");
        doc_put(d, ROLE_DIM, "  %s ", tr("ready"));
        doc_put(d, st->ready ? ROLE_OK : ROLE_WAITING, st->ready ? "✓" : "✗");
    }
    char count[16];
    snprintf(count, sizeof(count), "%d", st->restart_count);
    /* None is what one expects: it must not be cut, but may be left out. */
    int cols = 4 + utf8_width(tr("restarts"), strlen(tr("restarts"))) + (int)strlen(count);
    if (st->restart_count == 0 && d->x + cols > d->width)
        return;
    doc_put(d, ROLE_DIM, "   %s ", tr("restarts"));
    doc_put(d, st->restart_count > 0 ? ROLE_BACKOFF : ROLE_TEXT, "%s", count);
}

static void
end_put(struct doc *d, const struct container_end *end, int64_t now_ms)
{
    char text[128], took[16], ago[16];
    container_exit_text(end, text, sizeof(text));
    doc_put(d, end->exit_code == 0 && end->signal == 0 ? ROLE_OK : ROLE_ERROR, "%s",
            text[0] ? text : "exit 0");
    if (end->started_ms > 0 && end->finished_ms >= end->started_ms) {
        duration_cells(end->finished_ms - end->started_ms, took);
        doc_put(d, ROLE_DIM, tr("  ran %s"), took);
    }
    if (end->finished_ms > 0) {
        duration_cells(now_ms - end->finished_ms, ago);
        doc_put(d, ROLE_DIM, tr("  ended %s ago"), ago);
    }
}

static void
facts_state(struct doc *d, const struct view_env *env, const struct pod *pod,
            const struct container *c, int64_t now_ms)
{
    const struct container_status *st = c->status;
    char note[160];
    podpane_fact(d, tr("state"));
    if (!st) {
        gantt_note(pod, c, now_ms, env->prefs->motion, note, sizeof(note));
        doc_put(d, ROLE_WAITING, "%s", note);
        return;
    }
    if (st->state.running) {
        doc_put(d, ROLE_TEXT, "%s", tr("running"));
        since_put(d, env, st->state.running_since_ms, now_ms);
    } else if (st->state.terminated) {
        doc_put(d, ROLE_TEXT, "%s", tr("ended: "));
        end_put(d, &st->state.end, now_ms);
    } else if (st->state.waiting && container_sign(pod, c, now_ms) == SIGN_WAITS) {
        gantt_note(pod, c, now_ms, env->prefs->motion, note, sizeof(note));
        doc_put(d, ROLE_WAITING, "%s", note);
    } else if (st->state.waiting) {
        doc_put(d, ROLE_TEXT, "%s", tr("waiting"));
        doc_put(d, sign_role(container_sign(pod, c, now_ms)), " %s", st->state.waiting_reason);
    }
    facts_state_flags(d, c);
    const char *message = st->state.waiting      ? st->state.waiting_message
                          : st->state.terminated ? st->state.end.message
                                                 : "";
    /* "back-off 10s restarting failed container=...": the next line says when. */
    bool said = strstr(message, " restarting failed container=") != NULL;
    if (message[0] && !said) {
        podpane_fact(d, "");
        doc_wrap(d, ROLE_WARN, FACT_COLS, 3, message);
    }
}

static void
facts_last(struct doc *d, const struct view_env *env, const struct pod *pod,
           const struct container *c, int64_t now_ms)
{
    struct container_backoff b = container_backoff_now(c, pod->restart_policy, now_ms);
    char delay[16], left[16], clock[16];
    if (b.active) {
        podpane_fact(d, tr("back-off"));
        if (b.next_ms != IW_TIME_NONE && b.next_ms > now_ms) {
            duration_cells(b.next_ms - now_ms, left);
            clock_hms(b.next_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
            doc_put(d, ROLE_BACKOFF, tr("next try in %s"), left);
            doc_put(d, ROLE_DIM, tr(" at %s"), clock);
        } else {
            doc_put(d, ROLE_BACKOFF, "%s", tr("next try is due"));
        }
        if (b.delay_ms > 0) {
            duration_cells(b.delay_ms, delay);
            doc_put(d, ROLE_DIM, tr("   delay %s%s"), delay, "");
            if (!b.known)
                doc_whole(d, ROLE_DIM, "%s", tr(" (by restart count)"));
        }
    }
    if (!c->status || !c->status->last->terminated)
        return;
    podpane_fact(d, tr("last"));
    end_put(d, &c->status->last->end, now_ms);
    if (c->status->last->end.message[0]) {
        podpane_fact(d, "");
        doc_wrap(d, ROLE_WARN, FACT_COLS, 3, c->status->last->end.message);
    }
}

static void
probe_put(struct doc *d, const char *name, const struct probe *p)
{
    podpane_fact(d, name);
    doc_put(d, ROLE_TEXT, "%s", p->target);
    doc_put(d, ROLE_DIM, tr(" every %ds ×%d"), probe_period_s(p), probe_threshold(p));
}

/* "▓▓▓▓░░░░ 12/30 failed, killed in 18s": how much of the budget is gone, and how that is known. */
static void
budget_put(struct doc *d, const struct probe_state *st, int64_t now_ms)
{
    char left[16];
    int bar = d->width >= 60 ? BUDGET_BAR_COLS : BUDGET_BAR_COLS / 2;
    int full = (int)((int64_t)st->failures * bar / IW_MAX(st->threshold, 1));
    bool by_time = st->source == PROBE_COUNT_TIME;
    podpane_fact(d, "");
    doc_repeat(d, ROLE_WARN, "▓", full);
    doc_repeat(d, ROLE_DIM, "░", bar - full);
    doc_put(d, ROLE_WARN, tr(" %s%d/%d failed"), by_time ? "~" : "", st->failures, st->threshold);
    if (st->kill_ms != IW_TIME_NONE) {
        duration_cells(st->kill_ms - now_ms, left);
        if (st->kill_ms > now_ms)
            doc_put(d, ROLE_WARN, tr(", killed in %s"), left);
        else
            doc_put(d, ROLE_WARN, "%s", tr(", budget is used up"));
    }
    doc_put(d, ROLE_DIM, "  %s", by_time ? tr("(by the clock)") : tr("(by its events)"));
}

/* What the probe said last: "last probe 22:09:36 HTTP probe failed with statuscode: 503". */
static void
last_probe_put(struct doc *d, const struct view_env *env, const struct probe_state *st,
               int64_t now_ms)
{
    char clock[16];
    if (!st->last || (!st->last_is_of_this_run && now_ms - st->last->last_ms > LAST_PROBE_FRESH_MS))
        return;
    clock_hms(st->last->last_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    podpane_fact(d, d->width >= 60 ? tr("last fail") : "");
    doc_put(d, ROLE_DIM, "%s ", clock);
    if (st->last->count > 1)
        doc_put(d, ROLE_TEXT, "%u× ", st->last->count);
    doc_wrap(d, ROLE_WARN, FACT_COLS, 2, probe_event_text(st->last));
}

static void
probe_facts(struct doc *d, const struct view_env *env, const struct pod *pod,
            const struct container *c, enum probe_role role, int64_t now_ms)
{
    struct probe_state st;
    char text[16], budget[64];
    if (!probe_state_of(pod, c, role, store_events(env->store), now_ms, &st))
        return;
    probe_put(d, probe_role_name(role), container_probe(c, role));
    if (role == PROBE_ROLE_STARTUP) {
        duration_cells(st.budget_ms, text);
        snprintf(budget, sizeof(budget), tr(" → budget %s"), text);
        if (d->x + utf8_width(budget, strlen(budget)) > d->width)
            snprintf(budget, sizeof(budget), " → %s", text);
        doc_put(d, ROLE_DIM, "%s", budget);
    }
    if (st.source != PROBE_COUNT_NONE)
        budget_put(d, &st, now_ms);
    if (role == PROBE_ROLE_STARTUP || st.source != PROBE_COUNT_NONE)
        last_probe_put(d, env, &st, now_ms);
}

static void
facts_probes(struct doc *d, const struct view_env *env, const struct pod *pod,
             const struct container *c, int64_t now_ms)
{
    if (c->kind == CONTAINER_INIT || c->kind == CONTAINER_EPHEMERAL)
        return; /* the API refuses probes there */
    for (unsigned role = 0; role < PROBE_ROLE_COUNT; role++)
        probe_facts(d, env, pod, c, (enum probe_role)role, now_ms);
    if (c->startup->kind || c->readiness->kind || c->liveness->kind)
        return;
    podpane_fact(d, tr("probes"));
    doc_put(d, ROLE_DIM, "%s", tr("none"));
}

/* "i2 warm-cache, a1 checkout and 3 more", or the tags alone; how many there are. */
static unsigned
gates_text(const struct pod *pod, const struct container *c, bool names, char *out, size_t out_size)
{
    unsigned count = 0;
    size_t used = 0;
    out[0] = '\0';
    for (const struct container *n = c; (n = pod_containers(pod, n)) != NULL;) {
        if (n->kind == CONTAINER_EPHEMERAL || ++count > GATES_NAMED)
            continue;
        used += (size_t)snprintf(out + used, out_size - used, "%s%s%s%.63s", count > 1 ? ", " : "",
                                 n->tag, names ? " " : "", names ? n->name : "");
    }
    if (count > GATES_NAMED)
        snprintf(out + used, out_size - used, tr(" and %u more"), count - GATES_NAMED);
    return count;
}

/* Who waits for c: those after it in start order, by name where there is room. */
static void
facts_gates(struct doc *d, const struct pod *pod, const struct container *c,
            const struct sidecar_report *report)
{
    char how[256] = "", who[GATES_NAMED * 80 + 40];
    if (c->list != LIST_INIT)
        return;
    podpane_fact(d, tr("gates"));
    unsigned count = gates_text(pod, c, true, who, sizeof(who));
    if (d->x + utf8_width(who, strlen(who)) > d->width)
        gates_text(pod, c, false, who, sizeof(who));
    doc_put(d, count ? ROLE_TEXT : ROLE_DIM, "%s", count ? who : tr("nothing"));
    if (count > 0 && report && report->gate[0])
        snprintf(how, sizeof(how), "  (%s)", report->gate);
    else if (count > 0 && c->kind == CONTAINER_INIT)
        snprintf(how, sizeof(how), "  %s", tr("(when it has ended with exit 0)"));
    doc_whole(d, ROLE_DIM, "%s", how);
}

/* " (a1 application rw, s2 ro)": who else has the volume, and whether it may write. */
static void
mount_others_put(struct doc *d, const struct pod *pod, const struct container *c,
                 const char *volume)
{
    bool any = false;
    for (const struct container *o = NULL; (o = pod_containers(pod, o)) != NULL;) {
        const struct container_mount *m = o == c ? NULL : container_mount_of(o, volume);
        if (!m)
            continue;
        doc_put(d, ROLE_DIM, "%s%s %s %s", any ? ", " : tr(" (shared with "), o->tag, o->name,
                mount_may_write(pod, m) ? "rw" : "ro");
        any = true;
    }
    if (any)
        doc_put(d, ROLE_DIM, ")");
}

static void
facts_mounts(struct doc *d, const struct pod *pod, const struct container *c)
{
    bool any = false;
    for (uint32_t i = 0; i < c->mount_count; i++) {
        const struct container_mount *m = &c->mounts[i];
        if (mount_is_token(m))
            continue;
        if (!any || volume_user_count(pod, m->volume) > 1)
            podpane_fact(d, any ? "" : tr("mounts"));
        doc_put(d, ROLE_TEXT, "%s%s:%s %s", any && d->x > FACT_COLS ? "  " : "", m->volume, m->path,
                mount_may_write(pod, m) ? "rw" : "ro");
        mount_others_put(d, pod, c, m->volume);
        any = true;
    }
    any = false;
    for (uint32_t i = 0; i < c->ref_count; i++) {
        const struct container_ref *r = &c->refs[i];
        if (!any)
            podpane_fact(d, tr("needs"));
        doc_put(d, ROLE_TEXT, "%s%s %s", any ? ", " : "", r->kind, r->name);
        if (r->key[0])
            doc_put(d, ROLE_DIM, "%s%s", tr(" key "), r->key);
        if (r->optional)
            doc_put(d, ROLE_DIM, "%s", tr(" (optional)"));
        any = true;
    }
}

/* When it stops: sidecars after the apps, in reverse start order (KEP-753). */
static void
facts_stop(struct doc *d, const struct pod *pod, const struct container *c, int64_t now_ms)
{
    struct shutdown plan;
    char grace[16];
    if (c->kind != CONTAINER_SIDECAR)
        return;
    shutdown_of(pod, now_ms, &plan);
    podpane_fact(d, tr("stops"));
    doc_put(d, ROLE_TEXT, "%s", tr("after the apps, in reverse:"));
    const char *joint = " ";
    for (size_t i = 0; i < plan.count; i++) {
        const struct container *n = plan.steps[i].container;
        if (n->kind == CONTAINER_EPHEMERAL)
            continue;
        doc_put(d, n == c ? ROLE_TITLE : ROLE_TEXT, "%s%s",
                i > 0 && plan.steps[i].together ? "+" : joint, n->tag);
        joint = " → ";
    }
    duration_cells(plan.grace_ms, grace);
    char shared[64];
    snprintf(shared, sizeof(shared), tr(" (grace %s, shared)"), grace);
    if (d->x + utf8_width(shared, strlen(shared)) > d->width)
        snprintf(shared, sizeof(shared), tr(" (grace %s)"), grace);
    doc_put(d, ROLE_DIM, "%s", shared);
    if (c->pre_stop)
        doc_put(d, ROLE_DIM, "%s", tr("; its preStop runs at once"));
    shutdown_free(&plan);
}

/* "Never; exit 42, 43 → Restart": what the container has instead of the pod's policy. */
static void
facts_restart(struct doc *d, const struct container *c)
{
    if (!c->restart_policy[0] || (c->kind == CONTAINER_SIDECAR && c->rule_count == 0))
        return;
    podpane_fact(d, tr("restart"));
    doc_put(d, ROLE_TEXT, tr("%s (the container's own policy)"), c->restart_policy);
    for (uint32_t i = 0; i < c->rule_count; i++) {
        const struct restart_rule *r = &c->rules[i];
        doc_put(d, ROLE_DIM, "; ");
        doc_put(d, ROLE_TEXT, "%s",
                strcmp(r->op, "NotIn") == 0 ? tr("exit other than") : tr("exit"));
        for (uint32_t k = 0; k < r->code_count; k++)
            doc_put(d, ROLE_TEXT, "%s%d", k ? ", " : " ", r->codes[k]);
        doc_put(d, ROLE_TEXT, " → %s", r->action);
    }
}

void
podpane_facts_now(struct doc *d, const struct view_env *env, const struct pod *pod,
                  const struct container *c, int64_t now_ms)
{
    struct sidecar_report report, *about = NULL;
    if (c->kind == CONTAINER_SIDECAR) {
        sidecar_assess(pod, c, now_ms, &report);
        about = &report;
    }
    facts_image(d, env, pod, c);
    facts_state(d, env, pod, c, now_ms);
    facts_last(d, env, pod, c, now_ms);
    facts_probes(d, env, pod, c, now_ms);
    facts_gates(d, pod, c, about);
}

void
podpane_facts_spec(struct doc *d, const struct pod *pod, const struct container *c, int64_t now_ms,
                   int rows)
{
    facts_restart(d, c);
    facts_command(d, c, rows >= ROOMY_ROWS ? COMMAND_LINES_MAX : COMMAND_LINES);
    facts_mounts(d, pod, c);
    facts_security(d, pod, c);
    facts_stop(d, pod, c, now_ms);
}
