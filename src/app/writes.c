/* writes: keys that change the cluster. Nothing is sent without --write and a yes; each change is
 * logged as the kubectl command that does the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/change.h"
#include "initwatch/app/dashboard.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"

/* What was asked about, then what is being sent, one after the other. */
struct writes {
    struct change items[INTENT_PODS_MAX];
    size_t count, next, failed;
    struct source_get *sent; /* NULL: none is under way */
    bool running;
    char failure[500]; /* of the last that failed */
};

static void send_next(struct dashboard *d);

/* --- sending --- */

static void
say_end(struct dashboard *d)
{
    const struct writes *w = d->writes;
    const struct change *last = &w->items[w->count - 1];
    const char *name = last->ref.name;
    if (w->failed == 1 && w->count == 1)
        ui_flash(d->ui, true, tr("not done: %s"), w->failure);
    else if (w->failed)
        ui_flash(d->ui, true, tr("%zu of %zu were not changed: %s"), w->failed, w->count,
                 w->failure);
    else if (w->count > 1)
        ui_flash(d->ui, false, tr("%zu changed; :messages has the commands"), w->count);
    else if (last->verb == CHANGE_DELETE)
        ui_flash(d->ui, false, tr("deleted %.100s: it ends now, in the order of its shutdown"),
                 name);
    else
        ui_flash(d->ui, false, tr("%.100s is restarted: 2 Owners shows its rollout"), name);
}

/* What was agreed to and is not sent any more. */
static void
say_unsent(struct dashboard *d)
{
    struct writes *w = d->writes;
    for (size_t i = w->next; i < w->count; i++)
        LOG_WARN("not sent: %s", w->items[i].command);
    w->failed += w->count - w->next;
    (void)snprintf(w->failure, sizeof(w->failure), "%s", tr("the write mode was left"));
    w->next = w->count;
}

static void
on_done(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct dashboard *d = ctx;
    struct writes *w = d->writes;
    const struct change *c = &w->items[w->next++];
    (void)json;
    (void)len;
    w->sent = NULL;
    if (err->code == IW_ERR_CANCELED) {
        w->running = false;
        return;
    }
    if (err->code == IW_OK) {
        LOG_INFO("done: %s", c->command);
    } else {
        char why[400];
        w->failed++;
        change_failure(err, c->verb, why, sizeof(why));
        LOG_WARN("%s: %s", c->command, err->msg);
        (void)snprintf(w->failure, sizeof(w->failure), "%.120s: %.300s", c->ref.name, why);
    }
    send_next(d);
}

static void
send_next(struct dashboard *d)
{
    struct writes *w = d->writes;
    struct source *source = d->session->source;
    const struct object_sink sink = {.ctx = d, .done = on_done};
    struct iw_error err = {0};
    /* :set write off, while some are still to be sent. */
    if (w->next < w->count && !ui_prefs(d->ui)->write)
        say_unsent(d);
    w->running = w->next < w->count;
    if (!w->running) {
        say_end(d);
        return;
    }
    const struct change *c = &w->items[w->next];
    const struct object_change change = {.ref = c->ref,
                                         .method = c->method,
                                         .content_type = c->content_type,
                                         .body = c->body,
                                         .body_len = strlen(c->body)};
    if (source->class_->change_object(source, &change, &sink, &w->sent, &err) != IW_OK)
        on_done(d, NULL, 0, &err);
}

static void
agreed(void *ctx)
{
    struct dashboard *d = ctx;
    d->writes->next = d->writes->failed = 0;
    send_next(d);
}

/* --- asking --- */

static bool
is_planned(const struct writes *w, const struct change *c)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->items[i].ref.kind == c->ref.kind && strcmp(w->items[i].ref.ns, c->ref.ns) == 0 &&
            strcmp(w->items[i].ref.name, c->ref.name) == 0)
            return true;
    return false;
}

/* False, and the status line says why, when one of them cannot be changed. */
static bool
plan(struct dashboard *d, const struct intent *intent, enum change_verb verb)
{
    struct writes *w = d->writes;
    unsigned count = IW_MAX(intent->pod_count, 1u);
    w->count = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct pod *pod =
            store_get(d->session->store, intent->pod_count ? intent->pods[i] : intent->pod);
        struct change *c = &w->items[w->count];
        if (!pod) {
            ui_flash(d->ui, true, "%s", tr("the pod is gone"));
            return false;
        }
        if (!change_of(d->session->store, pod, verb, clock_wall(loop_clock(d->session->loop)), c)) {
            ui_flash(d->ui, true, "%s", c->sentence);
            return false;
        }
        w->count += !is_planned(w, c);
    }
    return true;
}

static void
ask(struct dashboard *d, enum change_verb verb)
{
    const struct writes *w = d->writes;
    char names[200] = "", number[16];
    size_t used = 0;
    if (w->count == 1) {
        ui_confirm(d->ui, agreed, d, "%s", w->items[0].sentence);
        return;
    }
    for (size_t i = 0; i < w->count; i++) {
        const struct kobject_ref *ref = &w->items[i].ref;
        if (used + strlen(ref->ns) + strlen(ref->name) + sizeof(", /, ...") > sizeof(names)) {
            (void)snprintf(names + used, sizeof(names) - used, "%s...", i ? ", " : "");
            break;
        }
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s/%s", i ? ", " : "",
                                 ref->ns, ref->name);
    }
    (void)snprintf(number, sizeof(number), "%zu", w->count);
    ui_confirm_typed(d->ui, number, agreed, d,
                     verb == CHANGE_DELETE ? tr("delete %zu pods (%s)? Type %s and Enter:")
                                           : tr("restart %zu owners (%s)? Type %s and Enter:"),
                     w->count, names, number);
}

/* What is left to kubectl goes to the clipboard as a command. */
static void
hand_over(struct dashboard *d, const struct intent *intent, enum change_elsewhere what)
{
    char command[1024];
    const struct pod *pod = store_get(d->session->store, intent->pod);
    if (!pod)
        return;
    change_elsewhere(pod, intent->container, what, clock_wall(loop_clock(d->session->loop)),
                     command, sizeof(command));
    if (term_copy(d->term, command, strlen(command)))
        ui_flash(d->ui, false, tr("copied, to run beside initwatch: %s"), command);
    else
        ui_flash(d->ui, false, tr("to run beside initwatch: %s"), command);
}

/* Whether it may write now; says why not. */
static bool
may_write(struct dashboard *d)
{
    if (d->about.read_only)
        ui_flash(d->ui, false, "%s", tr("a recording cannot be changed"));
    else if (!ui_prefs(d->ui)->write)
        ui_flash(d->ui, false, "%s",
                 tr("this would change the cluster: start with --write, or :set write on"));
    else if (d->writes && d->writes->running)
        ui_flash(d->ui, true, "%s", tr("the change before is not done yet"));
    else
        return true;
    return false;
}

/* The object of the view, or the pod. */
static void
edit_object(struct dashboard *d, const struct intent *intent)
{
    struct kobject_ref ref = intent->object;
    const struct pod *pod = store_get(d->session->store, intent->pod);
    if (!ref.name[0] && pod) {
        ref.kind = KOBJECT_POD;
        (void)snprintf(ref.ns, sizeof(ref.ns), "%.63s", pod->ns);
        (void)snprintf(ref.name, sizeof(ref.name), "%.253s", pod->name);
    }
    if (!ref.name[0])
        ui_flash(d->ui, true, "%s", tr("the pod is gone"));
    else if (ref.kind == KOBJECT_SECRET)
        ui_flash(d->ui, true, tr("values of a Secret are not read: kubectl edit secret %.100s"),
                 ref.name);
    else
        dashboard_edit(d, &ref);
}

static void
change_pods(struct dashboard *d, const struct intent *intent, enum change_verb verb)
{
    if (!d->writes)
        d->writes = iw_calloc(1, sizeof(*d->writes));
    if (plan(d, intent, verb))
        ask(d, verb);
}

void
dashboard_write(struct dashboard *d, const struct intent *intent)
{
    switch (intent->writes) {
    case WRITES_SHELL:
        hand_over(d, intent, ELSEWHERE_SHELL);
        return;
    case WRITES_ATTACH:
        hand_over(d, intent, ELSEWHERE_ATTACH);
        return;
    case WRITES_DEBUG:
        hand_over(d, intent, ELSEWHERE_DEBUG);
        return;
    case WRITES_FORWARD:
    case WRITES_FORWARDS:
        hand_over(d, intent, ELSEWHERE_FORWARD);
        return;
    case WRITES_RESTART:
        if (may_write(d))
            change_pods(d, intent, CHANGE_RESTART);
        return;
    case WRITES_EDIT:
        if (may_write(d))
            edit_object(d, intent);
        return;
    case WRITES_DELETE:
        if (may_write(d))
            change_pods(d, intent, CHANGE_DELETE);
        return;
    case WRITES_COUNT:
        return;
    }
}

void
dashboard_writes_free(struct dashboard *d)
{
    struct writes *w = d->writes;
    if (w && w->sent) {
        LOG_WARN("left before the answer: %s", w->items[w->next].command);
        d->session->source->class_->close_get(w->sent);
        for (size_t i = w->next; i < w->count; i++)
            LOG_WARN("not sent: %s", w->items[i].command);
    }
    free(d->writes);
    d->writes = NULL;
}
