/* podpane: what several pod views say about a pod and one of its containers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/podpane.h"

#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/status.h"
#include "initwatch/model/waitfor.h"
#include "initwatch/ui/gantt.h"
#include "initwatch/ui/widget.h"

#define ATTEMPTS_MAX 64
#define FACT_COLS 11 /* " readiness " before a fact */

/* --- the pod --- */

const struct pod *
podpane_pod(const struct view_env *env)
{
    return store_get(env->store, env->pod);
}

int64_t
podpane_now(const struct view_env *env)
{
    int64_t deleted_ms = store_deleted_ms(env->store, env->pod);
    return deleted_ms == IW_TIME_NONE ? env->now_wall_ms : deleted_ms;
}

int
podpane_banner_lines(const struct view_env *env)
{
    return store_deleted_ms(env->store, env->pod) == IW_TIME_NONE ? 0 : 1;
}

static void
gone_draw(const struct view_env *env, struct surface *s, struct rect area)
{
    if (!store_synced(env->store, STREAM_PODS) || area.h < 2) {
        widget_empty(s, area, env, STREAM_PODS, "pod", 0, "");
        return;
    }
    struct rect text = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};
    surface_puts(s, text, text.x, text.y, ROLE_TITLE, "This pod is not there any more.");
    widget_wrap(s, text, text.x, text.y + 1, text.w, text.h - 1, ROLE_DIM,
                "It was deleted and its last state is no longer kept. q goes back to the list; "
                "a pod of the same owner may have taken its place.");
}

const struct pod *
podpane_begin(const struct view_env *env, struct surface *s, struct rect *area)
{
    const struct pod *pod = podpane_pod(env);
    int64_t deleted_ms = store_deleted_ms(env->store, env->pod);
    if (!pod) {
        gone_draw(env, s, *area);
        return NULL;
    }
    if (deleted_ms != IW_TIME_NONE) {
        char ago[16];
        duration_cells(env->now_wall_ms - deleted_ms, ago);
        surface_fill(s, (struct rect){area->x, area->y, area->w, area->h > 0}, ' ', ROLE_WARN);
        surface_printf(s, *area, area->x + 1, area->y, ROLE_WARN,
                       "⚠ this pod was deleted %s ago; its last state is shown", ago);
        area->y += 1;
        area->h -= 1;
    }
    return pod;
}

/* --- header lines --- */

struct kind_count {
    unsigned total, good, working, bad, waits, unready;
};

static struct kind_count
kind_count(const struct pod *pod, enum container_kind kind, int64_t now_ms)
{
    struct kind_count n = {0};
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind != kind)
            continue;
        enum container_sign sign = container_sign(pod, c, now_ms);
        n.total++;
        n.good += sign == SIGN_OK;
        n.working += sign == SIGN_WORKING;
        n.bad += sign == SIGN_BACKOFF || sign == SIGN_FAILED;
        n.waits += sign == SIGN_WAITS;
        n.unready += sign == SIGN_UNREADY;
    }
    return n;
}

/* "   sidecars ✓2/2" when all is well, else each sign with its number: "   init ✓1 ↻1 ◌1". */
static void
kind_put(struct doc *d, const struct pod *pod, enum container_kind kind, const char *word,
         int64_t now_ms)
{
    struct kind_count n = kind_count(pod, kind, now_ms);
    if (n.total == 0)
        return;
    doc_put(d, ROLE_DIM, "   %s", word);
    if (n.good == n.total) {
        doc_put(d, ROLE_OK, " ✓%u/%u", n.good, n.total);
        return;
    }
    if (n.good)
        doc_put(d, ROLE_OK, " ✓%u", n.good);
    if (n.working)
        doc_put(d, ROLE_WORKING, " ⠹%u", n.working);
    if (n.bad)
        doc_put(d, ROLE_ERROR, " ✗%u", n.bad);
    if (n.unready)
        doc_put(d, ROLE_UNREADY, " ◒%u", n.unready);
    if (n.waits)
        doc_put(d, ROLE_WAITING, " ◌%u", n.waits);
    unsigned ended = n.total - n.good - n.working - n.bad - n.unready - n.waits;
    if (ended)
        doc_put(d, ROLE_DIM, " –%u", ended);
}

static enum role
status_role(const struct pod *pod, int64_t now_ms)
{
    struct pod_block block;
    pod_block_of(pod, now_ms, &block);
    switch (block.severity) {
    case BLOCK_NONE:
        return pod_is_terminal(pod) && strcmp(pod->phase, "Failed") == 0 ? ROLE_ERROR : ROLE_OK;
    case BLOCK_PROGRESS:
    case BLOCK_WAIT:
        return ROLE_WORKING;
    case BLOCK_WARN:
        return ROLE_UNREADY;
    case BLOCK_ERROR:
        return ROLE_ERROR;
    }
    return ROLE_TEXT;
}

/* The container with the most restarts. */
static const char *
most_restarted(const struct pod *pod)
{
    const struct container *most = NULL;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->status && c->status->restart_count > 0 &&
            (!most || c->status->restart_count > most->status->restart_count))
            most = c;
    return most ? most->name : "";
}

void
podpane_status(struct doc *d, const struct pod *pod, int64_t now_ms)
{
    struct pod_cells cells;
    pod_print_cells(pod, now_ms, &cells);
    doc_line(d);
    doc_put(d, status_role(pod, now_ms), " %s", cells.status);
    doc_put(d, ROLE_DIM, "  ready ");
    doc_put(d, cells.ready_count == cells.total_count ? ROLE_OK : ROLE_TEXT, "%s", cells.ready);
    kind_put(d, pod, CONTAINER_INIT, "init", now_ms);
    kind_put(d, pod, CONTAINER_SIDECAR, "sidecars", now_ms);
    kind_put(d, pod, CONTAINER_APP, "apps", now_ms);
    if (cells.restart_count > 0 && d->x + 16 < d->width) {
        doc_put(d, ROLE_DIM, "   restarts ");
        doc_put(d, ROLE_BACKOFF, "%llu", (unsigned long long)cells.restart_count);
        if (d->width >= 110)
            doc_put(d, ROLE_DIM, " (%s)", most_restarted(pod));
    }
    const char *node = pod->node[0] ? pod->node : "no node";
    const char *qos = pod_qos(pod);
    int rest = 7 + (int)strlen(qos) + 3 + utf8_width(node, strlen(node));
    if (d->x + rest < d->width)
        doc_put(d, ROLE_DIM, "   QoS %s", qos);
    if (d->x + 6 < d->width)
        doc_put(d, pod->node[0] ? ROLE_DIM : ROLE_WARN, "   %s", node);
}

bool
podpane_blocked(struct doc *d, const struct pod *pod, int64_t now_ms)
{
    struct pod_block block;
    char held[16] = "";
    pod_block_of(pod, now_ms, &block);
    if (block.severity == BLOCK_NONE)
        return false;
    enum role role = block.severity == BLOCK_ERROR  ? ROLE_ERROR
                     : block.severity == BLOCK_WARN ? ROLE_UNREADY
                                                    : ROLE_WORKING;
    if (block.since_ms != IW_TIME_NONE)
        duration_cells(now_ms - block.since_ms, held);
    /* The summary begins with the container's name and often says how long: once is enough. */
    if (held[0] && d->width < 100 && strstr(block.summary, held))
        held[0] = '\0';
    const char *name = block.container ? block.container->name : "";
    bool named = name[0] && strncmp(block.summary, name, strlen(name)) == 0;
    /* " BLOCKED BY  i1 NAME: " and the summary; the age of the pod is below. */
    int need = 16 + (named ? 0 : utf8_width(name, strlen(name)) + 2) +
               utf8_width(block.summary, strlen(block.summary));
    if (need + 6 + (int)strlen(held) > d->width)
        held[0] = '\0';
    struct doc part;
    doc_init(&part, IW_MAX(d->width - (held[0] ? 6 + (int)strlen(held) : 0), 8));
    doc_line(&part);
    doc_put(&part, role, " %s ", block.severity == BLOCK_PROGRESS ? "AT WORK" : "BLOCKED BY");
    if (block.container)
        doc_put(&part, ROLE_TITLE, " %s %s%s", block.container->tag, named ? "" : name,
                named ? "" : ": ");
    doc_text(&part, ROLE_TEXT, block.summary, strlen(block.summary));
    doc_line(d);
    for (size_t i = 0; i < part.segments.len; i++) {
        const struct doc_segment *seg = &part.segments.items[i];
        doc_text(d, (enum role)seg->role, part.text.data + seg->at, seg->len);
    }
    doc_free(&part);
    if (held[0])
        doc_right(d, role, "for %s ", held);
    return true;
}

static void
milestone_false(struct doc *d, const struct pod_condition *cond, const char *word)
{
    /* "containers with incomplete status: [a b]": the names are what one wants to know. */
    const char *open = strchr(cond->message, '['), *close = open ? strchr(open, ']') : NULL;
    doc_put(d, ROLE_TEXT, "%s ", word);
    doc_put(d, ROLE_ERROR, "✗");
    if (d->width < 100)
        return;
    if (open && close)
        doc_put(d, ROLE_DIM, " %.*s", (int)(close - open - 1), open + 1);
    else if (cond->reason[0])
        doc_put(d, ROLE_DIM, " %s", cond->reason);
}

void
podpane_milestones(struct doc *d, const struct pod *pod, int64_t now_ms)
{
    static const char *const STEPS[][3] = {{"PodScheduled", "scheduled", "PodScheduled"},
                                           {"PodReadyToStartContainers", "sandbox", "ReadyToStart"},
                                           {"Initialized", "Initialized", "Initialized"},
                                           {"ContainersReady", "", "ContainersReady"},
                                           {"Ready", "Ready", "Ready"}};
    char text[32], clock[16];
    bool wide = d->width >= 120, first = true;
    doc_line(d);
    if (wide && pod->created_ms != IW_TIME_NONE) {
        clock_hms(pod->created_ms, true, clock);
        doc_put(d, ROLE_DIM, " created %s  ", clock);
    }
    for (size_t i = 0; i < IW_COUNTOF(STEPS); i++) {
        const struct pod_condition *cond = pod_condition(pod, STEPS[i][0]);
        const char *word = STEPS[i][wide ? 2 : 1];
        if (!cond || !word[0])
            continue;
        doc_put(d, ROLE_DIM, first ? " " : " › ");
        first = false;
        if (strcmp(cond->status, "True") != 0) {
            milestone_false(d, cond, word);
            continue;
        }
        doc_put(d, ROLE_TEXT, "%s ", word);
        if (cond->transition_ms != IW_TIME_NONE && pod->created_ms != IW_TIME_NONE) {
            duration_cells(cond->transition_ms - pod->created_ms, text);
            doc_put(d, ROLE_OK, "+%s", text);
        } else {
            doc_put(d, ROLE_OK, "✓");
        }
    }
    if (pod->created_ms != IW_TIME_NONE) {
        duration_cells(now_ms - pod->created_ms, text);
        doc_right(d, ROLE_DIM, "age %s ", text);
    }
}

/* --- one container --- */

void
podpane_title(const struct pod *pod, const struct container *c, char *out, size_t out_size)
{
    static const char *const LISTS[LIST_COUNT] = {"initContainers", "containers",
                                                  "ephemeralContainers"};
    switch (c->kind) {
    case CONTAINER_SIDECAR:
        snprintf(out, out_size, "%s %s  native sidecar (initContainers[%u].restartPolicy: Always)",
                 c->tag, c->name, c->list_index);
        return;
    case CONTAINER_INIT:
        snprintf(out, out_size, "%s %s  init container, step %u of %u", c->tag, c->name,
                 c->list_index + 1u, pod->init_count);
        return;
    case CONTAINER_APP:
    case CONTAINER_EPHEMERAL:
    case CONTAINER_KIND_COUNT:
        break;
    }
    snprintf(out, out_size, "%s %s  %s container (%s[%u])", c->tag, c->name,
             container_kind_name(c->kind), LISTS[c->list], c->list_index);
}

static void
fact(struct doc *d, const char *name)
{
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", name);
    doc_to(d, FACT_COLS);
}

/* How the image came: from the newest Pulled event of this container. */
static const char *
image_pull(const struct view_env *env, const struct pod *pod, const struct container *c, char *buf,
           size_t buf_size)
{
    const struct kevent_ring *ring = store_events(env->store);
    size_t about[LIMIT_EVENTS_PER_POD];
    size_t n =
        ring && pod->uid[0] ? kevent_ring_about(ring, pod->uid, about, IW_COUNTOF(about)) : 0;
    while (n-- > 0) {
        const struct kevent *ev = kevent_ring_at(ring, about[n]);
        if (strcmp(ev->container, c->name) != 0 || strcmp(ev->reason, "Pulled") != 0)
            continue;
        if (strstr(ev->message, "already present"))
            return "cached";
        const char *in = strstr(ev->message, "\" in ");
        if (!in)
            return "pulled";
        snprintf(buf, buf_size, "pulled in %.*s", (int)strcspn(in + 5, " ("), in + 5);
        return buf;
    }
    snprintf(buf, buf_size, "%s%s", c->pull_policy[0] ? "pull policy " : "", c->pull_policy);
    return buf;
}

static void
resource_put(struct doc *d, const struct container *c, const char *name, const char *word)
{
    const char *low = "", *high = "";
    for (uint32_t i = 0; i < c->requests.count; i++)
        if (strcmp(c->requests.items[i].name, name) == 0)
            low = c->requests.items[i].text;
    for (uint32_t i = 0; i < c->limits.count; i++)
        if (strcmp(c->limits.items[i].name, name) == 0)
            high = c->limits.items[i].text;
    if (low[0] || high[0])
        doc_put(d, ROLE_TEXT, "%s%s %s%s%s", d->x > FACT_COLS ? "   " : "", word,
                low[0] ? low : "–", high[0] ? " … " : "", high);
}

static void
facts_image(struct doc *d, const struct view_env *env, const struct pod *pod,
            const struct container *c)
{
    char buf[64];
    fact(d, "image");
    doc_put(d, ROLE_TEXT, "%s", c->image[0] ? c->image : "–");
    doc_put(d, ROLE_DIM, "   %s", image_pull(env, pod, c, buf, sizeof(buf)));
}

/* What it runs: a shell's script rather than the shell. */
static void
facts_command(struct doc *d, const struct container *c)
{
    char text[1024] = "";
    container_command_text(c, text, sizeof(text));
    if (!text[0])
        return;
    fact(d, "command");
    doc_wrap(d, ROLE_TEXT, FACT_COLS, 2, text);
}

static void
facts_resources(struct doc *d, const struct container *c)
{
    fact(d, "requests");
    if (c->requests.count + c->limits.count == 0) {
        doc_put(d, ROLE_WARN, "none, no limits ⚠");
        return;
    }
    resource_put(d, c, "cpu", "cpu");
    resource_put(d, c, "memory", "mem");
    doc_put(d, ROLE_DIM, "   (request … limit)");
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
    doc_put(d, ROLE_TEXT, " since %s", clock);
    doc_put(d, ROLE_DIM, " (%s)", age);
}

static void
facts_state_flags(struct doc *d, const struct container *c)
{
    const struct container_status *st = c->status;
    if (st->state.running && c->kind != CONTAINER_INIT && c->kind != CONTAINER_EPHEMERAL) {
        bool started = st->started == TRI_TRUE;
        doc_put(d, ROLE_DIM, "   started ");
        doc_put(d, started ? ROLE_OK : ROLE_WAITING, started ? "✓" : "✗");
        doc_put(d, ROLE_DIM, "  ready ");
        doc_put(d, st->ready ? ROLE_OK : ROLE_WAITING, st->ready ? "✓" : "✗");
    }
    doc_put(d, ROLE_DIM, "   restarts ");
    doc_put(d, st->restart_count > 0 ? ROLE_BACKOFF : ROLE_TEXT, "%d", st->restart_count);
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
        doc_put(d, ROLE_DIM, "  ran %s", took);
    }
    if (end->finished_ms > 0) {
        duration_cells(now_ms - end->finished_ms, ago);
        doc_put(d, ROLE_DIM, "  ended %s ago", ago);
    }
}

static void
facts_state(struct doc *d, const struct view_env *env, const struct pod *pod,
            const struct container *c, int64_t now_ms)
{
    const struct container_status *st = c->status;
    char note[160];
    fact(d, "state");
    if (!st) {
        gantt_note(pod, c, now_ms, env->prefs->motion, note, sizeof(note));
        doc_put(d, ROLE_WAITING, "%s", note);
        return;
    }
    if (st->state.running) {
        doc_put(d, ROLE_TEXT, "running");
        since_put(d, env, st->state.running_since_ms, now_ms);
    } else if (st->state.terminated) {
        doc_put(d, ROLE_TEXT, "ended: ");
        end_put(d, &st->state.end, now_ms);
    } else if (st->state.waiting) {
        doc_put(d, ROLE_TEXT, "waiting");
        doc_put(d, sign_role(container_sign(pod, c, now_ms)), " %s", st->state.waiting_reason);
    }
    facts_state_flags(d, c);
    const char *message = st->state.waiting      ? st->state.waiting_message
                          : st->state.terminated ? st->state.end.message
                                                 : "";
    /* "back-off 10s restarting failed container=...": the next line says when. */
    bool said = strstr(message, " restarting failed container=") != NULL;
    if (message[0] && !said) {
        fact(d, "");
        doc_wrap(d, ROLE_WARN, FACT_COLS, 3, message);
    }
}

static void
facts_last(struct doc *d, const struct pod *pod, const struct container *c, int64_t now_ms)
{
    struct container_backoff b = container_backoff_now(c, pod->restart_policy, now_ms);
    char delay[16], left[16];
    if (b.active) {
        fact(d, "back-off");
        if (b.next_ms != IW_TIME_NONE && b.next_ms > now_ms) {
            duration_cells(b.next_ms - now_ms, left);
            doc_put(d, ROLE_BACKOFF, "next try in %s", left);
        } else {
            doc_put(d, ROLE_BACKOFF, "next try is due");
        }
        if (b.delay_ms > 0) {
            duration_cells(b.delay_ms, delay);
            doc_put(d, ROLE_DIM, "   delay %s%s", delay, b.known ? "" : " (by restart count)");
        }
    }
    if (!c->status || !c->status->last.terminated)
        return;
    fact(d, "last");
    end_put(d, &c->status->last.end, now_ms);
    if (c->status->last.end.message[0]) {
        fact(d, "");
        doc_wrap(d, ROLE_WARN, FACT_COLS, 3, c->status->last.end.message);
    }
}

static void
probe_put(struct doc *d, const char *name, const struct probe *p)
{
    int32_t period_s = p->period_s > 0 ? p->period_s : 10; /* API defaults: SEMANTICS D.9 */
    int32_t failures = p->failure_threshold > 0 ? p->failure_threshold : 3;
    fact(d, name);
    doc_to(d, FACT_COLS);
    doc_put(d, ROLE_TEXT, "%s", p->target);
    doc_put(d, ROLE_DIM, " every %ds ×%d", period_s, failures);
}

static void
facts_startup(struct doc *d, const struct container *c, const struct sidecar_report *report,
              int64_t now_ms)
{
    const struct probe *p = &c->startup;
    int64_t budget_s = (int64_t)IW_MAX(p->initial_delay_s, 0) +
                       (int64_t)(p->period_s > 0 ? p->period_s : 10) *
                           (p->failure_threshold > 0 ? p->failure_threshold : 3);
    char budget[16], left[16];
    duration_cells(budget_s * 1000, budget);
    probe_put(d, "startup", p);
    doc_put(d, ROLE_DIM, " → budget %s", budget);
    const struct container_status *st = c->status;
    if (!st || !st->state.running || st->started == TRI_TRUE)
        return;
    int64_t deadline = report ? report->startup_deadline_ms : IW_TIME_NONE;
    if (deadline == IW_TIME_NONE && st->state.running_since_ms != IW_TIME_NONE)
        deadline = st->state.running_since_ms + budget_s * 1000;
    if (deadline == IW_TIME_NONE)
        return;
    duration_cells(deadline - now_ms, left);
    doc_put(d, ROLE_WARN, deadline > now_ms ? ", killed in %s" : ", budget is used up", left);
}

static void
facts_probes(struct doc *d, const struct container *c, const struct sidecar_report *report,
             int64_t now_ms)
{
    if (c->kind == CONTAINER_INIT || c->kind == CONTAINER_EPHEMERAL)
        return; /* the API refuses probes there */
    if (c->startup.kind != PROBE_NONE)
        facts_startup(d, c, report, now_ms);
    if (c->readiness.kind != PROBE_NONE)
        probe_put(d, "readiness", &c->readiness);
    if (c->liveness.kind != PROBE_NONE)
        probe_put(d, "liveness", &c->liveness);
    if (c->startup.kind || c->readiness.kind || c->liveness.kind)
        return;
    fact(d, "probes");
    doc_put(d, ROLE_DIM, "startup –  readiness –  liveness –");
}

/* What c's end or start lets go on, and whose turn that is. */
static void
facts_gates(struct doc *d, const struct pod *pod, const struct container *c,
            const struct sidecar_report *report)
{
    if (c->list != LIST_INIT)
        return;
    bool first = true;
    fact(d, "gates");
    for (const struct container *n = c; (n = pod_containers(pod, n)) != NULL;) {
        if (n->kind == CONTAINER_EPHEMERAL)
            continue;
        doc_put(d, ROLE_TEXT, "%s%s", first ? "" : ", ", n->tag);
        if (d->width >= 60)
            doc_put(d, ROLE_TEXT, " %s", n->name);
        first = false;
        if (n->kind == CONTAINER_INIT && d->width < 100)
            break;
    }
    char how[256] = "";
    if (first)
        doc_put(d, ROLE_DIM, "nothing");
    else if (report && report->gate[0])
        snprintf(how, sizeof(how), "  (%s)", report->gate);
    else if (c->kind == CONTAINER_INIT)
        snprintf(how, sizeof(how), "  (when it has ended with exit 0)");
    if (d->x + utf8_width(how, strlen(how)) <= d->width)
        doc_put(d, ROLE_DIM, "%s", how);
}

static const struct container *
mount_shared_with(const struct pod *pod, const struct container *c, const char *volume)
{
    for (const struct container *o = NULL; (o = pod_containers(pod, o)) != NULL;)
        for (uint32_t i = 0; o != c && i < o->mount_count; i++)
            if (strcmp(o->mounts[i].volume, volume) == 0)
                return o;
    return NULL;
}

static void
facts_mounts(struct doc *d, const struct pod *pod, const struct container *c)
{
    bool any = false;
    for (uint32_t i = 0; i < c->mount_count; i++) {
        const struct container_mount *m = &c->mounts[i];
        /* the token every container gets says nothing */
        if (strcmp(m->path, "/var/run/secrets/kubernetes.io/serviceaccount") == 0)
            continue;
        if (!any)
            fact(d, "mounts");
        doc_put(d, ROLE_TEXT, "%s%s:%s%s", any ? "  " : "", m->volume, m->path,
                m->read_only ? " ro" : "");
        const struct container *shared = mount_shared_with(pod, c, m->volume);
        if (shared)
            doc_put(d, ROLE_DIM, " (shared with %s)", shared->name);
        any = true;
    }
    any = false;
    for (uint32_t i = 0; i < c->ref_count; i++) {
        const struct container_ref *r = &c->refs[i];
        if (!any)
            fact(d, "needs");
        doc_put(d, ROLE_TEXT, "%s%s %s", any ? ", " : "", r->kind, r->name);
        if (r->key[0])
            doc_put(d, ROLE_DIM, " key %s", r->key);
        if (r->optional)
            doc_put(d, ROLE_DIM, " (optional)");
        any = true;
    }
}

/* Sidecars stop after the apps, in reverse start order (KEP-753). */
static void
facts_stop(struct doc *d, const struct pod *pod, const struct container *c)
{
    if (c->kind != CONTAINER_SIDECAR)
        return;
    fact(d, "stops");
    doc_put(d, ROLE_TEXT, "after the apps, in reverse:");
    bool first = true;
    for (uint32_t i = pod->container_count; i-- > 0;)
        if (pod->containers[i].kind == CONTAINER_SIDECAR) {
            doc_put(d, ROLE_TEXT, "%s %s", first ? "" : " →", pod->containers[i].tag);
            first = false;
        }
    if (pod->grace_s >= 0)
        doc_put(d, ROLE_DIM, " (grace %llds)", (long long)pod->grace_s);
}

void
podpane_facts(struct doc *d, const struct view_env *env, const struct pod *pod,
              const struct container *c, int64_t now_ms)
{
    struct sidecar_report report, *about = NULL;
    if (c->kind == CONTAINER_SIDECAR) {
        sidecar_assess(pod, c, now_ms, &report);
        about = &report;
    }
    facts_image(d, env, pod, c);
    facts_state(d, env, pod, c, now_ms);
    facts_last(d, pod, c, now_ms);
    facts_probes(d, c, about, now_ms);
    facts_gates(d, pod, c, about);
    facts_command(d, c);
    facts_mounts(d, pod, c);
    facts_resources(d, c);
    facts_stop(d, pod, c);
    if (c->restart_policy[0] && c->kind != CONTAINER_SIDECAR) {
        fact(d, "restart");
        doc_put(d, ROLE_TEXT, "%s (the container's own policy)", c->restart_policy);
    }
}

/* --- attempts --- */

static void
attempt_line(struct doc *d, const struct view_env *env, const struct attempt *a, int64_t now_ms)
{
    char started[16] = "–", ran[16] = "–", end[64] = "";
    if (a->started_ms > 0)
        clock_hms(a->started_ms, env->prefs->time_mode != TIME_MODE_UTC, started);
    if (a->started_ms > 0 && (!a->ended || a->finished_ms >= a->started_ms))
        duration_cells((a->ended ? a->finished_ms : now_ms) - a->started_ms, ran);
    if (a->ended && a->end.signal)
        snprintf(end, sizeof(end), "%s", container_signal_name(a->end.signal));
    else if (a->ended)
        snprintf(end, sizeof(end), "exit %d", a->end.exit_code);
    else
        snprintf(end, sizeof(end), "now");
    bool good = !a->ended || a->end.exit_code == 0;
    doc_line(d);
    doc_put(d, ROLE_TEXT, " %-3d %-9s %5s  ", IW_MIN(a->number, INT32_MAX - 1) + 1, started, ran);
    doc_field(d, 10, false, good ? ROLE_OK : ROLE_ERROR, end);
    doc_put(d, ROLE_TEXT, " %s", a->ended ? a->end.reason : "running");
    if (!a->from_api)
        doc_put(d, ROLE_DIM, "  seen by initwatch");
}

bool
podpane_attempts(struct doc *d, const struct view_env *env, const struct pod *pod,
                 const struct container *c, int64_t now_ms)
{
    const struct timeline *timeline = store_timeline(env->store, env->pod);
    struct attempt *list = iw_calloc(ATTEMPTS_MAX, sizeof(*list));
    size_t n = timeline ? timeline_attempts(timeline, pod, c, list, ATTEMPTS_MAX) : 0;
    if (n > 0) {
        doc_line(d);
        doc_put(d, ROLE_DIM, " #   start       ran  end        reason");
        for (size_t i = 0; i < n; i++)
            attempt_line(d, env, &list[i], now_ms);
    }
    free(list);
    return n > 0;
}

/* --- log tail --- */

char *
podpane_plain(const char *text, size_t len, size_t *out_len)
{
    char *plain = iw_malloc(len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        if (text[i] == '\x1b' && i + 1 < len && text[i + 1] == '[') {
            size_t j = i + 2;
            while (j < len &&
                   ((text[j] >= '0' && text[j] <= '9') || text[j] == ';' || text[j] == ':'))
                j++;
            if (j < len && text[j] == 'm') { /* SGR: colour, which we do not take over */
                i = j + 1;
                continue;
            }
        }
        plain[n++] = text[i++];
    }
    if (n > 0 && plain[n - 1] == '\r') /* written on Windows, or by a progress bar */
        n--;
    plain[n] = '\0';
    *out_len = n;
    return plain;
}

/* The log that is known of c: kept up to date for the container under the cursor. NULL: none. */
static const struct log_feed *
tail_feed(const struct view_env *env, struct pod_ref pod, const struct container *c)
{
    const struct log_feed *feed = env->logs;
    bool same = feed && feed->buf && pod_ref_equal(feed->pod, pod) && !feed->merged &&
                !feed->previous && feed->source_count > 0 &&
                strcmp(feed->sources[0].container, c->name) == 0;
    return same ? feed : NULL;
}

static bool
same_text(const struct logbuf_line *a, const struct logbuf_line *b)
{
    return a->kind == b->kind && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* "(×124, every 2s)": how often the last line came in a row. */
static void
repeats_text(const struct logbuf *buf, char *out, size_t out_size)
{
    size_t count = logbuf_count(buf), first = count - 1;
    struct logbuf_line last = logbuf_line(buf, first), line = last;
    while (first > 0) {
        struct logbuf_line before = logbuf_line(buf, first - 1);
        if (!same_text(&before, &last))
            break;
        line = before;
        first--;
    }
    size_t times = count - first;
    char every[16];
    out[0] = 0;
    if (times < 3 || line.wall_ms == IW_TIME_NONE || last.wall_ms == IW_TIME_NONE)
        return;
    int64_t mean_ms = (last.wall_ms - line.wall_ms) / (int64_t)(times - 1);
    duration_cells(mean_ms, every);
    snprintf(out, out_size, mean_ms >= 1000 ? "(×%zu%s, every %s)" : "(×%zu%s)", times,
             first == 0 ? "+" : "", every);
}

bool
podpane_log_last(struct doc *d, const struct view_env *env, struct pod_ref pod,
                 const struct container *c)
{
    const struct log_feed *feed = c ? tail_feed(env, pod, c) : NULL;
    size_t count = feed ? logbuf_count(feed->buf) : 0;
    if (count == 0)
        return false;
    struct logbuf_line line = logbuf_line(feed->buf, count - 1);
    char clock[16] = "", times[64];
    size_t len = 0;
    iw_autofree char *plain = podpane_plain(line.text, line.len, &len);
    if (line.wall_ms != IW_TIME_NONE)
        clock_hms(line.wall_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    repeats_text(feed->buf, times, sizeof(times));
    int room = d->width - utf8_width(times, strlen(times)) - (times[0] ? 2 : 0);
    doc_line(d);
    doc_put(d, ROLE_KEY, " log");
    doc_put(d, ROLE_DIM, " %s ", clock);
    size_t fits = utf8_fit(plain, len, IW_MAX(room - d->x, 0), NULL);
    if (fits < len && room - d->x > 1) {
        fits = utf8_fit(plain, len, room - d->x - 1, NULL);
        doc_text(d, ROLE_TEXT, plain, fits);
        doc_put(d, ROLE_DIM, "…");
    } else {
        doc_text(d, ROLE_TEXT, plain, fits);
    }
    if (times[0])
        doc_right(d, ROLE_DIM, "%s ", times);
    return true;
}

int
podpane_log_tail(struct doc *d, const struct view_env *env, const struct container *c, int lines,
                 bool as_fact)
{
    const struct log_feed *feed = tail_feed(env, env->pod, c);
    if (!feed)
        return 0;
    size_t count = logbuf_count(feed->buf), shown = IW_MIN(count, (size_t)IW_MAX(lines, 0));
    for (size_t i = count - shown; i < count; i++) {
        struct logbuf_line line = logbuf_line(feed->buf, i);
        char clock[16] = "";
        size_t len = 0;
        iw_autofree char *plain = podpane_plain(line.text, line.len, &len);
        if (as_fact)
            fact(d, i == count - shown ? "log" : "");
        else
            doc_line(d);
        if (line.wall_ms != IW_TIME_NONE)
            clock_hms(line.wall_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
        doc_put(d, ROLE_DIM, as_fact ? "%-8s " : " %-8s ", clock);
        doc_text(d, line.kind == LOGBUF_MARK ? ROLE_MARK : ROLE_TEXT, plain, len);
    }
    return (int)shown;
}

const char *
podpane_about(const struct pod *pod, const char *sentence)
{
    size_t name = strlen(pod->name);
    if (name == 0 || strncmp(sentence, pod->name, name) != 0)
        return sentence;
    const char *rest = sentence + name, *colon = strstr(rest, ": ");
    bool blocked = strncmp(rest, " is blocked", 11) == 0;
    return colon && (colon == rest || blocked) ? colon + 2 : sentence;
}

const char *
podpane_note(const struct pod *pod)
{
    bool sidecars = false;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        sidecars |= c->kind == CONTAINER_SIDECAR;
    if (!sidecars || pod_is_terminal(pod))
        return "";
    if (strcmp(pod->owner_kind, "Job") == 0 || strcmp(pod->restart_policy, "Always") != 0)
        return "note: the sidecars do not keep this pod alive: they are stopped when the app "
               "containers have ended.";
    return "note: pod restartPolicy is Always → apps restart when they end; the sidecars end only "
           "with the pod (in a Job: when the apps have ended).";
}
