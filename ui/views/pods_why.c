/* pods_why: the WHY column. The whole sentence where it fits; where it does not, ever shorter ways
 * to say the cause, so that what is cut is never the cause itself. The strip of signs shows which
 * container it is about, STATUS what it is called.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/progress_text.h"
#include "initwatch/model/waitfor.h"
#include "pods.h"

enum { WHY_BYTES = 320 };

/* The words so far, and whether they fit. */
struct why {
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
    } else if (strstr(summary, ": ")) {
        const char *says = strstr(summary, ": ") + 2;
        why_try(w, "%s", says);
        if (strcmp(says, tr("startup probe not passed in time")) == 0) {
            why_try(w, "%s startup ✗", c->name);
            why_try(w, "startup probe ✗");
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

/* "0/3 nodes: Insufficient cpu", then the reasons alone, then the first in fewer words (the scheduler's own: SEMANTICS E). */
static void
why_of_scheduler(struct why *w, const char *summary)
{
    /* whole: the sentence that text_scheduler translates. */
    static const struct {
        const char *says, *whole, *brief;
    } rows[] = {
        {"unbound immediate PersistentVolumeClaims",
         "pod has unbound immediate PersistentVolumeClaims", TR_MARK("PVC not bound")},
        {"persistentvolumeclaim", NULL, TR_MARK("PVC not found")},
        {"volume node affinity conflict", "had volume node affinity conflict",
         TR_MARK("volume on other node")},
        {"Insufficient cpu", "Insufficient cpu", TR_MARK("not enough cpu")},
        {"Insufficient memory", "Insufficient memory", TR_MARK("not enough memory")},
        {"untolerated taint", "had untolerated taint(s)", TR_MARK("taint not tolerated")},
        {"node affinity", "didn't match Pod's node affinity/selector", TR_MARK("no node matches")},
        {"node selector", NULL, TR_MARK("no node matches")},
        {"anti-affinity", "didn't match pod anti-affinity rules", TR_MARK("pod anti-affinity")},
        {"free ports", "didn't have free ports for the requested pod ports",
         TR_MARK("host port is taken")},
        {"Too many pods", "Too many pods", TR_MARK("nodes are full")}};
    /* In every language the count stands in front of the first colon. */
    const char *colon =
        strncmp(summary, "0/", 2) == 0 || strstr(summary, " 0/") ? strstr(summary, ": ") : NULL;
    const char *first = NULL, *brief = "";
    why_try(w, "%s", colon ? colon + 2 : "");
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        const char *at = strstr(summary, rows[i].says);
        if (!at && rows[i].whole)
            at = strstr(summary, tr(rows[i].whole));
        /* What is missing for all says more than a taint of one. */
        if (at && (!first || strstr(brief, "taint"))) {
            first = at;
            brief = rows[i].brief;
        }
    }
    why_try(w, "%s", brief[0] ? tr(brief) : "");
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
    if (!state->waiting || class == WAITING_CRASH || class == WAITING_TURN) {
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

/* What it waits for, or how the try before ended; false when neither is known. */
static bool
why_of_working(struct why *w, const struct container *c)
{
    const struct container_status *st = c->status;
    struct wait_target target;
    char exit_text[96];
    if (!st || !st->state.running)
        return false;
    if (container_wait_target(c, &target)) {
        const char *colon = target.port[0] ? ":" : "";
        why_try(w, "waits for %s%s%s", target.host, colon, target.port);
        why_try(w, "%s%s%s", target.host, colon, target.port);
        why_try(w, "%s", target.host);
    } else if (st->restart_count > 0 && st->last->terminated) {
        container_exit_text(&st->last->end, exit_text, sizeof(exit_text));
        why_try(w, "try %d, was %s", st->restart_count + 1, exit_text);
        why_try(w, "was %s", exit_text);
    } else {
        return false;
    }
    return true;
}

void
pod_why_text(const struct pod_block *b, int cols, char *out, size_t out_size)
{
    struct why w = {.out = out, .out_size = out_size, .cols = cols};
    out[0] = 0;
    if (b->severity == BLOCK_NONE)
        return;
    why_try(&w, "%s", b->summary);
    const struct container *c = b->container;
    if (b->severity == BLOCK_ERROR) {
        why_of_error(&w, b);
        return;
    }
    const char *colon = strstr(b->summary, ": "), *sandbox = tr("volumes or network");
    if (strncmp(b->summary, sandbox, strlen(sandbox)) == 0) {
        why_try(&w, "%s%s", sandbox, colon ? colon : "");
        why_try(&w, "%s", sandbox);
        return;
    }
    if (!c)
        return;
    if (b->severity == BLOCK_WARN)
        why_try(&w, "%.*s", colon ? (int)(colon - b->summary) : 0, b->summary);
    else if (why_of_working(&w, c))
        return;
    size_t name = strlen(c->name);
    if (strncmp(b->summary, c->name, name) != 0 || b->summary[name] != ' ')
        return;
    const char *about = b->summary + name + 1;
    why_try(&w, "%s", about);
    if (strstr(about, ": "))
        why_try(&w, "%.*s", (int)(strstr(about, ": ") - about), about);
    if (b->severity != BLOCK_WARN && !(c->status && c->status->state.running))
        why_try(&w, "%s", colon ? colon + 2 : "");
}
