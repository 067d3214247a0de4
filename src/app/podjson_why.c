/* podjson_why: what `why` adds to the object of `get`.
 * SPDX-License-Identifier: Apache-2.0 */
#include "podjson_why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/sidecar.h"
#include "initwatch/model/waitfor.h"

#define WHY_FINDINGS_MAX 16
/* kubelet writes the epoch for what never started (SEMANTICS D.6). */
#define NEVER_STARTED_MS 0

/* --- containers --- */

int64_t
podjson_state_since(const struct container *c)
{
    switch (container_phase(c)) {
    case CONTAINER_RUNNING:
        return c->status->state.running_since_ms;
    case CONTAINER_TERMINATED:
        return c->status->state.end.finished_ms;
    case CONTAINER_UNKNOWN:
    case CONTAINER_WAITING:
    case CONTAINER_PHASE_COUNT:
        break;
    }
    return IW_TIME_NONE;
}

static void
put_started_at(struct jsonout *j, int64_t started_ms)
{
    json_put_moment(j, "startedAt", started_ms == NEVER_STARTED_MS ? IW_TIME_NONE : started_ms);
}

static void
put_end(struct jsonout *j, const struct container_end *end)
{
    json_put_known(j, "reason", end->reason);
    json_put_known(j, "message", end->message);
    json_put_int(j, "exitCode", end->exit_code);
    if (end->signal)
        json_put_int(j, "signal", end->signal);
    else
        json_put_null(j, "signal");
    put_started_at(j, end->started_ms);
    json_put_moment(j, "finishedAt", end->finished_ms);
}

static void
put_no_end(struct jsonout *j, const char *reason, const char *message, int64_t started_ms)
{
    json_put_known(j, "reason", reason);
    json_put_known(j, "message", message);
    json_put_null(j, "exitCode");
    json_put_null(j, "signal");
    json_put_moment(j, "startedAt", started_ms);
    json_put_null(j, "finishedAt");
}

/* The members of one state: of `state` itself or of `last`. */
static void
put_state(struct jsonout *j, const struct container_state *state)
{
    if (!state)
        put_no_end(j, "", "", IW_TIME_NONE);
    else if (state->running)
        put_no_end(j, "", "", state->running_since_ms);
    else if (state->terminated)
        put_end(j, &state->end);
    else
        put_no_end(j, state->waiting_reason, state->waiting_message, IW_TIME_NONE);
}

static void
put_tristate(struct jsonout *j, const char *key, enum tristate value)
{
    if (value == TRI_UNKNOWN)
        json_put_null(j, key);
    else
        json_put_bool(j, key, value == TRI_TRUE);
}

static void
put_probe(struct jsonout *j, const char *key, const struct probe *probe)
{
    if (probe->kind == PROBE_NONE) {
        json_put_null(j, key);
        return;
    }
    json_begin(j, key, '{');
    json_put_text(j, "target", probe->target);
    json_put_int(j, "initialDelaySeconds", probe->initial_delay_s);
    json_put_int(j, "periodSeconds", probe->period_s);
    json_put_int(j, "timeoutSeconds", probe->timeout_s);
    json_put_int(j, "successThreshold", probe->success_threshold);
    json_put_int(j, "failureThreshold", probe->failure_threshold);
    json_end(j, '}');
}

static void
put_backoff(struct jsonout *j, const struct container_backoff *backoff)
{
    if (!backoff->active) {
        json_put_null(j, "backoff");
        return;
    }
    json_begin(j, "backoff", '{');
    json_put_int(j, "seconds", backoff->delay_ms / 1000);
    json_put_moment(j, "nextAttempt", backoff->next_ms);
    json_put_bool(j, "derived", !backoff->known);
    json_end(j, '}');
}

static void
put_sidecar(struct jsonout *j, const struct pod_facts *facts, const struct container *c)
{
    struct sidecar_report report;
    if (c->kind != CONTAINER_SIDECAR)
        return;
    sidecar_assess(facts->pod, c, facts->now_wall_ms, &report);
    json_begin(j, "sidecar", '{');
    json_put_text(j, "health", sidecar_health_name(report.health));
    json_put_bool(j, "gates", report.gates);
    json_put_text(j, "gate", report.gate);
    json_put_moment(j, "startupDeadline", report.startup_deadline_ms);
    json_end(j, '}');
}

static void
put_exit(struct jsonout *j, const struct container_status *status)
{
    char text[96];
    if (!status || status->state.running ||
        (!status->state.terminated && !status->last->terminated)) {
        json_put_null(j, "exit");
        return;
    }
    container_exit_text(status->state.terminated ? &status->state.end : &status->last->end, text,
                        sizeof(text));
    json_put_text(j, "exit", text);
}

static void
put_container(struct jsonout *j, const struct pod_facts *facts, const struct container *c)
{
    const struct container_status *status = c->status;
    struct container_backoff backoff = pod_backoff_now(facts->pod, c, facts->now_wall_ms);
    struct log_choice log = container_log_choice(c, LOG_WANT_AUTO);
    json_begin(j, NULL, '{');
    json_put_text(j, "name", c->name);
    json_put_text(j, "kind", container_kind_name(c->kind));
    json_put_text(j, "state", container_phase_name(container_phase(c)));
    put_state(j, status ? &status->state : NULL);
    put_tristate(j, "started", status ? status->started : TRI_UNKNOWN);
    put_tristate(j, "ready", !status ? TRI_UNKNOWN : status->ready ? TRI_TRUE : TRI_FALSE);
    if (status)
        json_put_int(j, "restartCount", status->restart_count);
    else
        json_put_null(j, "restartCount");
    if (status && (status->last->terminated || status->last->running || status->last->waiting)) {
        json_begin(j, "last", '{');
        put_state(j, status->last);
        json_end(j, '}');
    } else {
        json_put_null(j, "last");
    }
    json_put_known(j, "image", c->image);
    json_begin(j, "probes", '{');
    put_probe(j, "startup", c->startup);
    put_probe(j, "readiness", c->readiness);
    put_probe(j, "liveness", c->liveness);
    json_end(j, '}');
    put_backoff(j, &backoff);
    json_put_known(j, "restartPolicy", c->restart_policy);
    put_exit(j, status);
    json_put_text(j, "log", log.sentence);
    put_sidecar(j, facts, c);
    json_end(j, '}');
}

static void
put_containers(struct jsonout *j, const struct pod_facts *facts)
{
    json_begin(j, "containers", '[');
    for (const struct container *c = NULL; (c = pod_containers(facts->pod, c)) != NULL;)
        put_container(j, facts, c);
    json_end(j, ']');
}

/* --- timeline and events --- */

static void
put_timeline(struct jsonout *j, const struct timeline *timeline)
{
    static const char *const sources[] = {"observed", "reported", "inferred"};
    json_begin(j, "timeline", '[');
    for (size_t i = 0; timeline && i < timeline_count(timeline); i++) {
        const struct transition t = timeline_at(timeline, i);
        json_begin(j, NULL, '{');
        json_put_moment(j, "t", t.wall_ms);
        json_put_known(j, "container", t.container);
        json_put_known(j, "from", t.from);
        json_put_known(j, "to", t.to);
        json_put_known(j, "reason", t.reason);
        if (strcmp(t.to, "terminated") == 0)
            json_put_int(j, "exitCode", t.exit_code);
        else
            json_put_null(j, "exitCode");
        json_put_text(j, "source", sources[t.source]);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void
put_events(struct jsonout *j, const struct pod_facts *facts)
{
    size_t found[LIMIT_EVENTS_PER_POD];
    size_t count = facts->events
                       ? kevent_ring_about(facts->events, facts->pod->uid, found, IW_COUNTOF(found))
                       : 0;
    json_begin(j, "events", '[');
    for (size_t i = 0; i < count; i++) {
        const struct kevent *ev = kevent_ring_at(facts->events, found[i]);
        json_begin(j, NULL, '{');
        json_put_text(j, "type", ev->type);
        json_put_text(j, "reason", ev->reason);
        json_put_known(j, "container", ev->container);
        json_put_text(j, "message", ev->message);
        json_put_known(j, "source", ev->source);
        json_put_moment(j, "first", ev->first_ms);
        json_put_moment(j, "last", ev->last_ms);
        json_put_int(j, "count", ev->count);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* --- resources --- */

static void
put_quantity(struct jsonout *j, const char *key, const struct quantity *q)
{
    char text[QUANTITY_OUT_MAX];
    quantity_format(q, text, sizeof(text));
    json_put_text(j, key, text);
}

static void
put_quantity_if(struct jsonout *j, const char *key, const struct quantity *q, bool present)
{
    if (present)
        put_quantity(j, key, q);
    else
        json_put_null(j, key);
}

const char *
podjson_decider(const struct resource_breakdown *b)
{
    switch (b->decided_by) {
    case DECIDED_BY_INIT:
        return b->decider ? b->decider->name : "";
    case DECIDED_BY_STEADY:
        return "app";
    case DECIDED_BY_POD_LEVEL:
        return "podLevel";
    case DECIDED_BY_NONE:
        break;
    }
    return "";
}

static void
put_stages(struct jsonout *j, const struct resource_breakdown *b)
{
    json_begin(j, "init", '[');
    for (size_t i = 0; i < b->stage_count; i++) {
        const struct resource_stage *stage = &b->stages[i];
        if (!stage->container)
            continue;
        json_begin(j, NULL, '{');
        json_put_text(j, "name", stage->container->name);
        json_put_bool(j, "sidecar", stage->sidecar);
        put_quantity(j, "own", &stage->own);
        put_quantity(j, "sidecarsBefore", &stage->sidecars_before);
        put_quantity(j, "sum", &stage->sum);
        json_end(j, '}');
    }
    json_end(j, ']');
    for (size_t i = 0; i < b->stage_count; i++) {
        const struct resource_stage *stage = &b->stages[i];
        if (stage->container)
            continue;
        json_begin(j, "app", '{');
        put_quantity(j, "containers", &stage->own);
        put_quantity(j, "sidecars", &stage->sidecars_before);
        put_quantity(j, "sum", &stage->sum);
        json_end(j, '}');
    }
}

static void
put_side(struct jsonout *j, const char *key, const struct pod *pod, enum resource_side side)
{
    size_t count;
    const char **names = resources_names(pod, &count);
    json_begin(j, key, '{');
    for (size_t i = 0; i < count; i++) {
        struct resource_breakdown b;
        resources_breakdown(pod, side, names[i], &podjson_resource_options, &b);
        if (b.present) {
            json_begin(j, names[i], '{');
            put_quantity(j, "effective", &b.effective);
            put_stages(j, &b);
            put_quantity_if(j, "overhead", &b.overhead, b.has_overhead);
            put_quantity_if(j, "podLevel", &b.pod_level, b.has_pod_level);
            json_put_known(j, "decidedBy", podjson_decider(&b));
            put_quantity(j, "simpleFormula", &b.simple_formula);
            json_put_bool(j, "simpleFormulaDiffers", b.simple_differs);
            json_end(j, '}');
        }
        resource_breakdown_free(&b);
    }
    json_end(j, '}');
    free(names);
}

static void
put_waste(struct jsonout *j, const struct pod *pod)
{
    size_t count;
    const char **names = resources_names(pod, &count);
    json_begin(j, "waste", '{');
    for (size_t i = 0; i < count; i++) {
        struct resource_breakdown b;
        resources_breakdown(pod, RESOURCE_REQUESTS, names[i], &podjson_resource_options, &b);
        if (b.present)
            put_quantity(j, names[i], &b.waste);
        resource_breakdown_free(&b);
    }
    json_end(j, '}');
    free(names);
}

void
podjson_resources(struct jsonout *j, const struct pod *pod)
{
    char why[160];
    json_begin(j, "resources", '{');
    put_side(j, "requests", pod, RESOURCE_REQUESTS);
    put_side(j, "limits", pod, RESOURCE_LIMITS);
    put_waste(j, pod);
    json_end(j, '}');
    json_begin(j, "qos", '{');
    json_put_text(j, "class", resources_qos(pod, why, sizeof(why)));
    json_put_known(j, "why", why);
    json_end(j, '}');
}

/* An in-place resize that waits or is under way: conditions PodResizePending (reason Deferred or Infeasible) and
 * PodResizeInProgress. */
static void
put_resize(struct jsonout *j, const struct pod *pod)
{
    static const char *const types[] = {"PodResizePending", "PodResizeInProgress"};
    for (size_t i = 0; i < IW_COUNTOF(types); i++) {
        const struct pod_condition *c = pod_condition(pod, types[i]);
        if (!c || strcmp(c->status, "True") != 0)
            continue;
        json_begin(j, "resize", '{');
        json_put_text(j, "state", c->type);
        json_put_known(j, "reason", c->reason);
        json_put_known(j, "message", c->message);
        json_end(j, '}');
        return;
    }
    json_put_null(j, "resize");
}

/* --- findings and dependencies --- */

static void
put_lines(struct jsonout *j, const char *key, const char (*lines)[200], unsigned count)
{
    json_begin(j, key, '[');
    for (unsigned i = 0; i < count; i++)
        json_put_text(j, NULL, lines[i]);
    json_end(j, ']');
}

void
podjson_finding(struct jsonout *j, const struct finding *f, bool with_since)
{
    json_begin(j, NULL, '{');
    json_put_text(j, "id", f->id);
    json_put_text(j, "severity", severity_name(f->severity));
    json_put_known(j, "container", f->container ? f->container->name : "");
    json_put_text(j, "summary", f->summary);
    if (with_since)
        json_put_moment(j, "since", f->since_ms);
    put_lines(j, "evidence", (const char(*)[200])f->evidence, f->evidence_count);
    put_lines(j, "advice", (const char(*)[200])f->advice, f->advice_count);
    json_end(j, '}');
}

static void
put_findings(struct jsonout *j, const struct pod_facts *facts)
{
    struct finding found[WHY_FINDINGS_MAX];
    struct diag_env env = pod_facts_env(facts);
    size_t count = diag_run(&env, found, IW_COUNTOF(found));
    json_begin(j, "findings", '[');
    for (size_t i = 0; i < count; i++)
        podjson_finding(j, &found[i], true);
    json_end(j, ']');
}

/* What the cluster knows about the target; from a file nothing is known. */
static void
put_chain(struct jsonout *j, const struct pod_facts *facts, const struct container *c)
{
    struct chain chain = {.container = c, .ready_endpoints = -1};
    bool checked =
        facts->store && chain_of(facts->store, facts->pod, c, facts->now_wall_ms, &chain);
    char service[320] = "";
    if (chain.exists == TRI_TRUE)
        (void)snprintf(service, sizeof(service), "%s/%s", chain.service_ns, chain.service);
    json_put_known(j, "service", service);
    put_tristate(j, "exists", chain.exists);
    if (chain.ready_endpoints >= 0)
        json_put_int(j, "readyEndpoints", chain.ready_endpoints);
    else
        json_put_null(j, "readyEndpoints");
    json_put_text(j, "verdict", chain_verdict(&chain, facts->pod, facts->now_wall_ms));
    const struct chain_step *root = checked ? chain_root(&chain) : NULL;
    json_put_known(j, "rootCause", root ? root->text : "");
}

/* What the commands of the containers wait for. */
static void
put_dependencies(struct jsonout *j, const struct pod_facts *facts)
{
    json_begin(j, "dependencies", '[');
    for (const struct container *c = NULL; (c = pod_containers(facts->pod, c)) != NULL;) {
        struct wait_target target;
        if (c->list == LIST_EPHEMERAL || !container_wait_target(c, &target))
            continue;
        json_begin(j, NULL, '{');
        json_put_text(j, "container", c->name);
        json_put_text(j, "host", target.host);
        json_put_known(j, "port", target.port);
        json_put_text(j, "kind", target.kind);
        put_chain(j, facts, c);
        json_put_text(j, "command", target.command);
        json_end(j, '}');
    }
    json_end(j, ']');
}

void
podjson_why(struct jsonout *j, const struct pod_facts *facts)
{
    json_begin(j, NULL, '{');
    podjson_members(j, facts->pod, facts->now_wall_ms);
    put_containers(j, facts);
    put_timeline(j, facts->timeline);
    podjson_resources(j, facts->pod);
    put_resize(j, facts->pod);
    put_events(j, facts);
    put_findings(j, facts);
    put_dependencies(j, facts);
    json_end(j, '}');
}
