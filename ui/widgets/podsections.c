/* podsections: what belongs to the whole pod and not to one container: shared volumes, conditions,
 * the shutdown.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/shutdown.h"
#include "initwatch/model/volumes.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

#define GRACE_BAR_COLS 12
#define CONDITION_LINES 2 /* of a long message */

/* --- shared volumes --- */

/* "  written by s1 log-router, a1 app"; nothing when nobody does. */
static void
users_put(struct doc *d, const struct pod *pod, const char *volume, bool writers)
{
    bool any = false;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        const struct container_mount *m = container_mount_of(c, volume);
        if (!m || mount_may_write(pod, m) != writers)
            continue;
        if (any)
            doc_put(d, ROLE_DIM, ", ");
        else
            doc_put(d, ROLE_DIM, "  %s ", writers ? tr("may write:") : tr("only reads:"));
        doc_put(d, ROLE_TEXT, "%s", c->tag);
        if (d->width >= 60)
            doc_put(d, ROLE_TEXT, " %s", c->name);
        any = true;
    }
}

bool
podpane_volumes(struct doc *d, const struct pod *pod)
{
    bool any = false;
    for (uint32_t i = 0; i < pod->volume_count; i++) {
        const struct pod_volume *v = &pod->volumes[i];
        const struct container_mount *m = NULL;
        for (const struct container *c = NULL; !m && (c = pod_containers(pod, c)) != NULL;)
            m = container_mount_of(c, v->name);
        if (!m || mount_is_token(m) || volume_user_count(pod, v->name) < 2)
            continue;
        if (!any)
            doc_rule(d, tr("shared volumes"));
        any = true;
        doc_line(d);
        doc_put(d, ROLE_TEXT, " %s", v->name);
        doc_put(d, ROLE_DIM, "  %s%s%s", v->kind, v->ref[0] ? " " : "", v->ref);
        users_put(d, pod, v->name, true);
        users_put(d, pod, v->name, false);
    }
    return any;
}

/* --- conditions --- */

/* Reason and message, in a line of their own when this one is too short for them. */
static void
condition_says(struct doc *d, const struct pod_condition *cond)
{
    int cols = utf8_width(cond->reason, strlen(cond->reason)) + 1 +
               utf8_width(cond->message, strlen(cond->message));
    if (!cond->reason[0] && !cond->message[0])
        return;
    if (d->x + cols > d->width) {
        doc_line(d);
        doc_to(d, 3);
    }
    if (cond->reason[0])
        doc_put(d, ROLE_TEXT, "%s ", cond->reason);
    doc_wrap(d, ROLE_DIM, 3, CONDITION_LINES, cond->message);
}

bool
podpane_conditions(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    for (uint32_t i = 0; i < pod->condition_count; i++) {
        const struct pod_condition *cond = &pod->conditions[i];
        bool good = strcmp(cond->status, "True") == 0;
        char clock[16] = "", after[24] = "", took[16];
        if (i == 0)
            doc_rule(d, tr("conditions"));
        if (cond->transition_ms != IW_TIME_NONE)
            clock_hms(cond->transition_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
        if (cond->transition_ms != IW_TIME_NONE && pod->created_ms != IW_TIME_NONE &&
            cond->transition_ms >= pod->created_ms) {
            duration_cells(cond->transition_ms - pod->created_ms, took);
            snprintf(after, sizeof(after), "+%s", took);
        }
        doc_line(d);
        doc_put(d, good ? ROLE_OK : ROLE_WARN, " %s ", good ? "✓" : "✗");
        doc_field(d, 26, false, ROLE_TEXT, cond->type);
        doc_put(d, good ? ROLE_DIM : ROLE_WARN, " %-7s ", cond->status);
        doc_put(d, ROLE_DIM, "%-8s %-7s ", clock, after);
        condition_says(d, cond);
    }
    return pod->condition_count > 0;
}

/* --- shutdown --- */

static const char *
step_sign(const struct shutdown_step *step, int64_t now_ms, bool motion, enum role *role)
{
    switch (step->state) {
    case SHUTDOWN_STOPPED:
        *role = ROLE_OK;
        return "✓";
    case SHUTDOWN_STOPPING:
        *role = ROLE_WORKING;
        return sign_glyph(SIGN_WORKING, now_ms, motion);
    case SHUTDOWN_WAITS:
    case SHUTDOWN_RUNS:
        *role = ROLE_WAITING;
        return "◌";
    case SHUTDOWN_IDLE:
        break;
    }
    *role = ROLE_DIM;
    return "–";
}

static void
step_text(const struct shutdown *plan, const struct shutdown_step *step, int64_t now_ms, char *out,
          size_t out_size)
{
    char ago[16] = "";
    switch (step->state) {
    case SHUTDOWN_STOPPED:
        if (step->stopped_ms > 0)
            duration_cells(now_ms - step->stopped_ms, ago);
        snprintf(out, out_size, ago[0] ? tr("stopped %s ago") : tr("stopped"), ago);
        return;
    case SHUTDOWN_STOPPING:
        snprintf(out, out_size, "%s",
                 plan->order_lost ? tr("the grace is over: SIGKILL")
                 : step->hook     ? tr("preStop, then SIGTERM; not ended yet")
                                  : tr("has SIGTERM, not ended yet"));
        return;
    case SHUTDOWN_WAITS:
        if (step->waits_for)
            snprintf(out, out_size, tr("runs on until %s has stopped"), step->waits_for->tag);
        else
            snprintf(out, out_size, "%s", tr("runs on until the apps have stopped"));
        return;
    case SHUTDOWN_RUNS:
        snprintf(out, out_size, "%s", tr("runs"));
        return;
    case SHUTDOWN_IDLE:
        snprintf(out, out_size, "%s", tr("does not run"));
        return;
    }
}

/* "grace ▓▓▓▓▓░░░░░ 18s of 30s left" */
static void
grace_put(struct doc *d, const struct shutdown *plan, int64_t now_ms)
{
    char left[16], whole[16];
    int64_t left_ms = plan->deadline_ms - now_ms;
    duration_cells(plan->grace_ms, whole);
    if (left_ms <= 0) {
        duration_cells(-left_ms, left);
        doc_put(d, ROLE_ERROR, tr("grace of %s over since %s"), whole, left);
        return;
    }
    int bar = (int)(left_ms * GRACE_BAR_COLS / IW_MAX(plan->grace_ms, 1));
    bar = IW_MIN(IW_MAX(bar, 1), GRACE_BAR_COLS);
    duration_cells(left_ms, left);
    doc_put(d, ROLE_DIM, "%s ", tr("grace"));
    doc_repeat(d, ROLE_WORKING, "▓", bar);
    doc_repeat(d, ROLE_DIM, "░", GRACE_BAR_COLS - bar);
    doc_put(d, ROLE_WORKING, tr(" %s of %s left"), left, whole);
}

static bool
all_stopped(const struct shutdown *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->steps[i].state != SHUTDOWN_STOPPED && plan->steps[i].state != SHUTDOWN_IDLE)
            return false;
    return true;
}

bool
podpane_shutdown_line(struct doc *d, const struct view_env *env, const struct pod *pod,
                      int64_t now_ms)
{
    struct shutdown plan;
    shutdown_of(pod, now_ms, &plan);
    bool shown = plan.cause != SHUTDOWN_NOT && !pod_is_terminal(pod);
    if (shown) {
        const char *because = plan.cause == SHUTDOWN_APPS_ENDED ? tr("(the apps have ended)") : "";
        doc_line(d);
        doc_put(d, ROLE_TITLE, " %s", tr("stops"));
        for (size_t i = 0; i < plan.count; i++) {
            enum role role;
            const char *sign = step_sign(&plan.steps[i], now_ms, env->prefs->motion, &role);
            doc_put(d, ROLE_DIM, "%s", i == 0 ? "  " : plan.steps[i].together ? " " : " → ");
            doc_put(d, role, "%s%s", sign, plan.steps[i].container->tag);
        }
        doc_put(d, ROLE_TEXT, "   ");
        if (all_stopped(&plan))
            doc_put(d, ROLE_DIM, "%s", tr("all have ended"));
        else
            grace_put(d, &plan, now_ms);
        doc_whole(d, ROLE_DIM, "  %s", because);
    }
    shutdown_free(&plan);
    return shown;
}

bool
podpane_shutdown(struct doc *d, const struct view_env *env, const struct pod *pod, int64_t now_ms)
{
    struct shutdown plan;
    shutdown_of(pod, now_ms, &plan);
    bool shown = plan.cause != SHUTDOWN_NOT && !pod_is_terminal(pod);
    if (shown)
        doc_rule(d, tr("shutdown, in this order"));
    for (size_t i = 0; shown && i < plan.count; i++) {
        const struct shutdown_step *step = &plan.steps[i];
        char text[96];
        enum role role;
        const char *sign = step_sign(step, now_ms, env->prefs->motion, &role);
        step_text(&plan, step, now_ms, text, sizeof(text));
        doc_line(d);
        doc_put(d, role, " %s ", sign);
        doc_field(d, 28, false, ROLE_TEXT, step->container->name);
        doc_put(d, role, " %s", text);
    }
    shutdown_free(&plan);
    return shown;
}
