/* pods_why: the WHY column. The whole sentence where it fits; where it does not, ever shorter ways
 * to say the cause, so that what is cut is never the cause itself. The strip of signs shows which
 * container it is about, STATUS what it is called.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/diag/diag.h"
#include "initwatch/model/chain.h"
#include "initwatch/model/progress_text.h"
#include "initwatch/model/resources.h"
#include "pods.h"

enum { WHY_BYTES = 320 };

/* The words so far, and whether they fit. */
struct why {
    const struct pod_why *about;
    char *out;
    size_t out_size;
    int cols;
    bool fits;
};

static void why_try(struct why *w, const char *fmt, ...) IW_PRINTF(2, 3);

/* Another way to say it; ignored once one fits, or when it is empty. */
static void
why_try(struct why *w, const char *fmt, ...)
{
    char text[WHY_BYTES];
    va_list args;
    if (w->fits)
        return;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), tr(fmt), args);
    va_end(args);
    if (!text[0])
        return;
    snprintf(w->out, w->out_size, "%s", text);
    w->fits = utf8_width(text, strlen(text)) <= w->cols;
}

/* "sh: syntax error: unexpected X": programs put what is the matter last. Less than two words say nothing alone. */
static void
why_tails(struct why *w, const char *line)
{
    enum { LEAST = 8 };
    for (const char *at = strstr(line, ": "); at; at = strstr(at, ": ")) {
        at += 2;
        if (strlen(at) >= LEAST && strchr(at, ' '))
            why_try(w, "%s", at);
    }
}

/* "exit 2: sh: syntax error", then the message alone; without one what the summary knows of the end, else the container
 * and its exit. */
static void
why_of_end(struct why *w, const struct container *c, const char *summary)
{
    const struct container_status *st = c->status;
    const struct container_end *end = st->state.terminated ? &st->state.end : &st->last->end;
    char exit_text[96], line[160];
    if (!st->state.terminated && !st->last->terminated)
        return;
    container_exit_text(end, exit_text, sizeof(exit_text));
    /* What could not be started stands last in a chain of runtimes. */
    const char *exec = strstr(end->message, "exec: \"");
    text_last_line(exec ? exec + strlen("exec: ") : end->message, line, sizeof(line));
    if (line[0]) {
        why_try(w, "%s: %s", exit_text, line);
        why_try(w, "%s", line);
        why_tails(w, line);
    } else if (strstr(summary, ": ")) {
        const char *says = strstr(summary, ": ") + 2;
        why_try(w, "%s", says);
        if (strcmp(says, tr("startup probe not passed in time")) == 0) {
            why_try(w, "%s startup ✗", c->name);
            why_try(w, "startup probe ✗");
            why_try(w, "startup ✗");
        }
    } else {
        why_try(w, "%s %s", c->name, exit_text);
        why_try(w, "%s", exit_text);
    }
}

/* "image a/b/name:tag: not found" without the registry, then the tag alone. */
static void
why_of_image(struct why *w, const struct container *c)
{
    char text[WHY_BYTES];
    text_image_problem(c, text, sizeof(text));
    why_try(w, "%s", text);
    size_t image = strlen(c->image);
    const char *at = image ? strstr(text, c->image) : NULL;
    if (!at)
        return;
    const char *slash = strrchr(c->image, '/'), *base = slash ? slash + 1 : c->image;
    const char *tag = strrchr(base, ':'), *rest = at + image;
    why_try(w, "image %s%s", base, rest);
    why_try(w, "%s%s", base, rest);
    if (tag)
        why_try(w, "tag %s%s", tag + 1, rest);
    if (strncmp(rest, ": ", 2) != 0)
        return;
    /* "not found" alone does not say what. */
    if (tag && strcmp(rest + 2, tr("not found")) == 0)
        why_try(w, "tag %s ✗", tag + 1);
    else
        why_try(w, "%s", rest + 2);
}

/* "Secret db-secrets not found", then in ever fewer words. */
static void
why_of_config(struct why *w, const struct container *c)
{
    const char *message = c->status->state.waiting_message;
    struct config_problem problem;
    char text[WHY_BYTES];
    text_config_problem(message, text, sizeof(text));
    why_try(w, "%s", text);
    if (!text_config_object(message, &problem))
        return;
    if (problem.key[0])
        why_try(w, "no key %s", problem.key);
    else
        why_try(w, "no %s %s", problem.kind, problem.name);
    why_try(w, "%s ∅", problem.key[0] ? problem.key : problem.name);
}

/* What the scheduler says of nodes (its own words: SEMANTICS E), and what is left of it in few columns and in very few.
 * whole: the sentence that text_scheduler translates. resource: what there is too little of. */
static const struct scheduler_row {
    const char *says, *whole, *brief, *least, *resource;
} SCHEDULER_ROWS[] = {
    {"unbound immediate PersistentVolumeClaims", "pod has unbound immediate PersistentVolumeClaims",
     TR_MARK("PVC not bound"), TR_MARK("PVC unbound"), NULL},
    {"persistentvolumeclaim", NULL, TR_MARK("PVC not found"), TR_MARK("PVC missing"), NULL},
    {"volume node affinity conflict", "had volume node affinity conflict",
     TR_MARK("volume on other node"), TR_MARK("volume away"), NULL},
    {"Insufficient cpu", "Insufficient cpu", TR_MARK("not enough cpu"), TR_MARK("needs cpu"),
     "cpu"},
    {"Insufficient memory", "Insufficient memory", TR_MARK("not enough memory"),
     TR_MARK("needs memory"), "memory"},
    {"untolerated taint", "had untolerated taints", TR_MARK("taint not tolerated"),
     TR_MARK("node taint"), NULL},
    {"node affinity", "didn't match Pod's node affinity/selector", TR_MARK("no node matches"),
     TR_MARK("no such node"), NULL},
    {"node selector", NULL, TR_MARK("no node matches"), TR_MARK("no such node"), NULL},
    {"anti-affinity", "didn't match pod anti-affinity rules", TR_MARK("pod anti-affinity"),
     TR_MARK("anti-affinity"), NULL},
    {"free ports", "didn't have free ports for the requested pod ports",
     TR_MARK("host port is taken"), TR_MARK("port taken"), NULL},
    {"Too many pods", "Too many pods", TR_MARK("nodes are full"), TR_MARK("nodes full"), NULL}};

/* The row that says most, NULL when none does. */
static const struct scheduler_row *
scheduler_row_of(const char *summary)
{
    const struct scheduler_row *best = NULL;
    for (size_t i = 0; i < IW_COUNTOF(SCHEDULER_ROWS); i++) {
        const struct scheduler_row *row = &SCHEDULER_ROWS[i];
        bool said = strstr(summary, row->says) || (row->whole && strstr(summary, tr(row->whole)));
        /* What is missing for all says more than a taint of one. */
        if (said && (!best || strstr(best->says, "taint")))
            best = row;
    }
    return best;
}

/* How much the pod asks for, and the init step that makes it so much. */
static void
why_of_request(struct why *w, const char *resource, const char *summary, const char *reasons)
{
    const struct resource_options options = {0};
    struct resource_breakdown b;
    char amount[48];
    if (!w->about->pod)
        return;
    resources_breakdown(w->about->pod, RESOURCE_REQUESTS, resource, &options, &b);
    const struct container *init = b.decided_by == DECIDED_BY_INIT ? b.decider : NULL;
    quantity_format(&b.effective, amount, sizeof(amount));
    if (b.present && init) {
        why_try(w, "%s, %s asks for %s", summary, init->name, amount);
        why_try(w, "%s: %s for %s", reasons, amount, init->name);
        why_try(w, "needs %s %s (%s)", amount, resource, init->name);
        why_try(w, "%s %s: %s", amount, resource, init->name);
    } else if (b.present) {
        why_try(w, "%s, asks for %s", summary, amount);
        why_try(w, "%s, asks for %s", reasons, amount);
    }
    if (b.present) {
        why_try(w, "needs %s %s", amount, resource);
        why_try(w, "%s %s", amount, resource);
    }
    resource_breakdown_free(&b);
}

/* The claim that is not bound, by what is wrong at its root. */
static void
why_of_claims(struct why *w)
{
    const struct pod_why *about = w->about;
    struct chain *chain = about->pod && about->store ? iw_calloc(1, sizeof(*chain)) : NULL;
    const struct chain_step *root = NULL;
    if (chain && chain_of_claims(about->store, about->pod, about->now_wall_ms, chain))
        root = chain_root(chain);
    if (root && strcmp(root->kind, "StorageClass") == 0) {
        why_try(w, "PVC not bound: %s", root->text);
        why_try(w, "no StorageClass %s", root->name);
        why_try(w, "StorageClass ∅");
    } else if (root) {
        why_try(w, "PVC %s: %s", root->name, root->text);
        why_try(w, "PVC %s not bound", root->name);
    }
    free(chain);
}

/* "0/3 nodes: Insufficient cpu", then the reasons alone, then the first in fewer words. */
static void
why_of_scheduler(struct why *w, const char *summary)
{
    const struct scheduler_row *row = scheduler_row_of(summary);
    /* In every language the count stands in front of the first colon. */
    const char *colon =
        strncmp(summary, "0/", 2) == 0 || strstr(summary, " 0/") ? strstr(summary, ": ") : NULL;
    const char *reasons = colon ? colon + 2 : "";
    if (row && row->resource)
        why_of_request(w, row->resource, summary, reasons);
    else if (row && strstr(row->brief, "PVC"))
        why_of_claims(w);
    why_try(w, "%s", summary);
    why_try(w, "%s", reasons);
    why_try(w, "%s", row ? tr(row->brief) : "");
    why_try(w, "%s", row ? tr(row->least) : "");
}

static void
why_of_error(struct why *w, const struct pod_block *b)
{
    const struct container *c = b->container;
    if (!c || !c->status) {
        why_of_scheduler(w, b->summary);
        return;
    }
    const struct container_state *state = &c->status->state;
    enum waiting_class class = waiting_class_of(state->waiting_reason);
    bool ended = !state->waiting || class == WAITING_CRASH || class == WAITING_TURN;
    const char *fault = ended ? diag_script_fault(c) : NULL;
    if (fault) {
        why_try(w, "%s: syntax error in the script, %s", c->name, tr(fault));
        why_try(w, "syntax error, %s", tr(fault));
        why_try(w, "%s", tr(fault));
        return;
    }
    why_try(w, "%s", b->summary);
    if (ended) {
        why_of_end(w, c, b->summary);
    } else if (class == WAITING_IMAGE) {
        why_of_image(w, c);
    } else if (class == WAITING_CONFIG) {
        why_of_config(w, c);
    } else {
        char text[WHY_BYTES];
        text_start_problem(state->waiting_reason, state->waiting_message, text, sizeof(text));
        why_try(w, "%s", text);
        const char *colon = strstr(text, ": ");
        why_try(w, "%s", colon ? colon + 2 : "");
    }
}

/* --- waits --- */

/* What it waits for, judged by the Service: the verdict first where the name must be cut. */
static void
why_of_wait(struct why *w, const struct container *c, const struct wait_target *target)
{
    const struct pod_why *about = w->about;
    const char *host = target->host, *port = target->port, *colon = port[0] ? ":" : "";
    struct chain *chain = about->pod && about->store ? iw_calloc(1, sizeof(*chain)) : NULL;
    bool known = chain && chain_brief(about->store, about->pod, c, about->now_wall_ms, chain);
    const char *fault = known ? chain_fault(chain) : "";
    if (strcmp(fault, "IW-D01") == 0) {
        why_try(w, "%s waits for %s%s%s: there is no such Service", c->name, host, colon, port);
        why_try(w, "no Service %s", host);
        why_try(w, "no svc %s", host);
    } else if (strcmp(fault, "IW-D02") == 0) {
        why_try(w, "%s waits for %s, which has no port %s", c->name, host, port);
        why_try(w, "%s has no port %s", host, port);
        why_try(w, "no port %s: %s", port, host);
    } else if (strcmp(fault, "IW-D03") == 0) {
        why_try(w, "%s waits for %s%s%s: no ready endpoint", c->name, host, colon, port);
        why_try(w, "%s%s%s: no ready endpoint", host, colon, port);
        why_try(w, "%s: no endpoint", host);
        why_try(w, "%s empty", host);
        why_try(w, "empty: %s", host);
    } else if (known && chain->passes && chain->ready_endpoints > 0) {
        why_try(w, "%s waits for %s%s%s, which is ready", c->name, host, colon, port);
        why_try(w, "%s%s%s is ready", host, colon, port);
        why_try(w, "%s is ready", host);
        why_try(w, "ready: %s", host);
    } else {
        why_try(w, "%s", about->block->summary);
        why_try(w, "waits for %s%s%s", host, colon, port);
        why_try(w, "%s%s%s", host, colon, port);
        why_try(w, "%s", host);
    }
    free(chain);
}

/* A step at work: what it waits for, how the try before ended, else what it runs. How long stands in FOR. */
static void
why_of_running(struct why *w, const struct container *c)
{
    const struct container_status *st = c->status;
    struct wait_target target;
    char exit_text[96], command[WHY_BYTES];
    if (container_wait_target(c, &target)) {
        why_of_wait(w, c, &target);
        return;
    }
    why_try(w, "%s", w->about->block->summary);
    if (st->restart_count > 0 && st->last->terminated) {
        container_exit_text(&st->last->end, exit_text, sizeof(exit_text));
        why_try(w, "try %d, was %s", st->restart_count + 1, exit_text);
        why_try(w, "was %s", exit_text);
        why_try(w, "%s", exit_text);
        return;
    }
    container_command_text(c, command, sizeof(command));
    if (command[0]) {
        why_try(w, "%s runs %s", c->name, command);
        why_try(w, "runs %s", command);
    } else {
        why_try(w, "%s runs", c->name);
    }
}

/* Does the newest event about it say that its image is on the way? */
static bool
is_pulling(const struct pod_why *about, const struct container *c)
{
    size_t at[LIMIT_EVENTS_PER_POD];
    const struct kevent_ring *ring = about->store ? store_events(about->store) : NULL;
    size_t count =
        ring && about->pod ? kevent_ring_about(ring, about->pod->uid, at, IW_COUNTOF(at)) : 0;
    while (count-- > 0) {
        const struct kevent *ev = kevent_ring_at(ring, at[count]);
        if (strcmp(ev->container, c->name) == 0)
            return strcmp(ev->reason, "Pulling") == 0;
    }
    return false;
}

/* Nothing runs yet: the image, or volumes and network. */
static void
why_of_creating(struct why *w, const struct container *c)
{
    const char *summary = w->about->block->summary, *sandbox = tr("volumes or network");
    const char *colon = strstr(summary, ": "), *slash = strrchr(c->image, '/');
    const char *base = slash ? slash + 1 : c->image;
    if (strncmp(summary, sandbox, strlen(sandbox)) == 0) {
        why_try(w, "%s", summary);
        why_try(w, "%s%s", sandbox, colon ? colon : "");
        why_try(w, "%s", sandbox);
        why_try(w, "preparing");
    } else if (is_pulling(w->about, c)) {
        why_try(w, "%s: pulling image %s", c->name, c->image);
        why_try(w, "pulling %s", c->image);
        why_try(w, "pulling %s", base);
    } else {
        why_try(w, "%s", summary);
        why_try(w, "creating %s, image %s", c->name, base);
        why_try(w, "creating %s", c->name);
    }
}

/* "log-router not ready: http :8080/ready", in fewer and fewer words. */
static void
why_of_summary(struct why *w, const struct container *c, const char *summary)
{
    const char *colon = strstr(summary, ": ");
    size_t name = c ? strlen(c->name) : 0;
    why_try(w, "%s", summary);
    if (colon)
        why_try(w, "%.*s", (int)(colon - summary), summary);
    if (!c || strncmp(summary, c->name, name) != 0 || summary[name] != ' ')
        return;
    const char *about = summary + name + 1;
    why_try(w, "%s", about);
    if (strstr(about, ": "))
        why_try(w, "%.*s", (int)(strstr(about, ": ") - about), about);
}

/* --- healthy rows --- */

/* What init steps reserve beyond what runs now, for as long as the pod lives. */
static void
why_of_reserve(struct why *w)
{
    static const char *const names[] = {"cpu", "memory"};
    const struct resource_options options = {0};
    const struct pod *pod = w->about->pod;
    for (size_t i = 0; pod && pod->init_count && !pod_is_terminal(pod) && i < IW_COUNTOF(names);
         i++) {
        struct resource_breakdown b;
        char amount[48];
        resources_breakdown(pod, RESOURCE_REQUESTS, names[i], &options, &b);
        bool held = b.present && b.decided_by == DECIDED_BY_INIT && !quantity_is_zero(&b.waste);
        quantity_format(&b.waste, amount, sizeof(amount));
        resource_breakdown_free(&b);
        if (!held)
            continue;
        why_try(w, "init holds +%s %s", amount, names[i]);
        why_try(w, "init +%s %s", amount, names[i]);
        why_try(w, "+%s %s", amount, names[i]);
        return;
    }
}

void
pod_why_text(const struct pod_why *about, int cols, char *out, size_t out_size)
{
    struct why w = {.about = about, .out = out, .out_size = out_size, .cols = cols};
    const struct pod_block *b = about->block;
    const struct container *c = b->container;
    bool runs = c && c->status && c->status->state.running;
    out[0] = 0;
    if (b->severity == BLOCK_NONE)
        why_of_reserve(&w);
    else if (b->severity == BLOCK_ERROR)
        why_of_error(&w, b);
    else if (b->severity == BLOCK_WARN || !c || (runs && c->kind != CONTAINER_INIT))
        why_of_summary(&w, c, b->summary);
    else if (runs)
        why_of_running(&w, c);
    else
        why_of_creating(&w, c);
}
