/* rollout: what a workload's status says about its way to what its spec asks for.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/rollout.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/progress_text.h"

static void rollout_say(struct rollout *r, enum block_severity severity, const char *fmt, ...)
    IW_PRINTF(3, 4);

/* One more part of the sentence; the worst part decides. */
static void
rollout_say(struct rollout *r, enum block_severity severity, const char *fmt, ...)
{
    size_t used = strlen(r->text);
    va_list args;
    if (used && used + 3 < sizeof(r->text)) {
        memcpy(r->text + used, ", ", 3);
        used += 2;
    }
    va_start(args, fmt);
    (void)vsnprintf(r->text + used, sizeof(r->text) - used, tr(fmt), args);
    va_end(args);
    r->severity = IW_MAX(r->severity, severity);
}

static const struct pod_condition *
condition_of(const struct workload_facts *f, const char *type)
{
    for (uint32_t i = 0; i < f->condition_count; i++)
        if (strcmp(f->conditions[i].type, type) == 0)
            return &f->conditions[i];
    return NULL;
}

static bool
condition_holds(const struct pod_condition *c, const char *status)
{
    return c && strcmp(c->status, status) == 0;
}

static void
say_deadline(struct rollout *r, int64_t deadline_ms, int64_t now_wall_ms)
{
    char left[16];
    r->deadline_ms = deadline_ms;
    duration_cells(
        deadline_ms > now_wall_ms ? deadline_ms - now_wall_ms : now_wall_ms - deadline_ms, left);
    if (deadline_ms > now_wall_ms)
        rollout_say(r, BLOCK_NONE, tr("deadline in %s"), left);
    else
        rollout_say(r, BLOCK_ERROR, tr("deadline passed %s ago"), left);
}

/* The controller could not make pods: quota, admission, a broken template. */
static void
say_failure(struct rollout *r, const struct workload_facts *f)
{
    const struct pod_condition *failure = condition_of(f, "ReplicaFailure");
    char message[160];
    if (!condition_holds(failure, "True"))
        return;
    /* The pod that was refused has no name that anybody knows. */
    const char *reason = strstr(failure->message, " is forbidden: ");
    text_one_line(reason ? reason + strlen(" is forbidden: ") : failure->message, message,
                  sizeof(message));
    rollout_say(r, BLOCK_ERROR, tr("cannot make pods: %s"), message[0] ? message : failure->reason);
}

static void
rollout_of_deployment(const struct workload_facts *f, int64_t now_wall_ms, struct rollout *r)
{
    const struct pod_condition *progressing = condition_of(f, "Progressing");
    bool over = condition_holds(progressing, "True") &&
                strcmp(progressing->reason, "NewReplicaSetAvailable") == 0;
    bool exceeded = condition_holds(progressing, "False") &&
                    strcmp(progressing->reason, "ProgressDeadlineExceeded") == 0;
    int32_t old = f->current - f->updated;
    r->done = f->updated < f->desired ? f->updated : f->available;
    say_failure(r, f);
    if (f->paused) {
        rollout_say(r, BLOCK_NONE, tr("rollout paused"));
    } else if (f->updated < f->desired || old > 0 || (f->available < f->desired && !over)) {
        rollout_say(r, BLOCK_PROGRESS, tr("rollout %d/%d"), r->done, f->desired);
        if (old > 0)
            rollout_say(r, BLOCK_NONE, tr("%d old"), old);
        /* The condition turns when the deadline passes; before, it runs from the last progress. */
        if (exceeded && progressing->transition_ms != IW_TIME_NONE)
            say_deadline(r, IW_MIN(progressing->transition_ms, now_wall_ms), now_wall_ms);
        else if (!over && f->progressed_ms != IW_TIME_NONE && f->progress_deadline_s >= 0)
            say_deadline(r, f->progressed_ms + 1000 * IW_MIN(f->progress_deadline_s, INT32_MAX),
                         now_wall_ms);
    } else if (f->available < f->desired) {
        rollout_say(r, BLOCK_WARN, tr("%d of %d available"), f->available, f->desired);
    }
}

static void
rollout_of_set(const struct kobject *o, struct rollout *r)
{
    const struct workload_facts *f = o->workload;
    bool versions =
        o->kind == KOBJECT_DAEMONSET || (o->kind == KOBJECT_STATEFULSET && f->update_revision[0] &&
                                         strcmp(f->revision, f->update_revision) != 0);
    r->done = versions && f->updated < f->desired ? f->updated : f->ready;
    say_failure(r, f);
    if (versions && f->updated < f->desired)
        rollout_say(r, BLOCK_PROGRESS, tr("rollout %d/%d"), f->updated, f->desired);
    else if (f->ready < f->desired)
        rollout_say(r, BLOCK_PROGRESS, tr("%d of %d ready"), f->ready, f->desired);
    if (o->kind == KOBJECT_STATEFULSET && r->severity != BLOCK_NONE &&
        strcmp(f->strategy, "OrderedReady") == 0)
        rollout_say(r, BLOCK_NONE, tr("one after the other"));
}

static void
rollout_of_job(const struct workload_facts *f, int64_t now_wall_ms, struct rollout *r)
{
    const struct pod_condition *failed = condition_of(f, "Failed");
    r->done = f->succeeded;
    if (condition_holds(failed, "True")) {
        rollout_say(r, BLOCK_ERROR, tr("failed: %s"), failed->reason);
        return;
    }
    if (condition_holds(condition_of(f, "Complete"), "True")) {
        rollout_say(r, BLOCK_NONE, tr("complete"));
        return;
    }
    if (f->suspended) {
        rollout_say(r, BLOCK_NONE, tr("suspended"));
        return;
    }
    if (f->completions > 1)
        rollout_say(r, BLOCK_PROGRESS, tr("%d of %d done"), f->succeeded, f->completions);
    if (f->failed > 0)
        rollout_say(r, BLOCK_WAIT, tr("%d failed of %d allowed"), f->failed,
                    IW_MIN(f->backoff_limit, INT32_MAX - 1) + 1);
    if (f->active_deadline_s >= 0 && f->started_ms != IW_TIME_NONE)
        say_deadline(r, f->started_ms + 1000 * IW_MIN(f->active_deadline_s, INT32_MAX),
                     now_wall_ms);
}

const char *
cronjob_of_job(const struct kobjects *objects, const char *ns, const char *job)
{
    const struct kobject *o;
    if (kobjects_look(objects, KOBJECT_JOB, ns, job, &o) != OBJECTS_FOUND ||
        strcmp(o->owner_kind, "CronJob") != 0 || !o->owner_name[0])
        return NULL;
    return o->owner_name;
}

static int64_t
begun_ms(const struct kobject *job)
{
    return job->workload && job->workload->started_ms != IW_TIME_NONE ? job->workload->started_ms
                                                                      : job->created_ms;
}

/* The Job it made last; NULL when none is known. */
static const struct kobject *
last_run(const struct kobjects *objects, const char *ns, const char *name)
{
    const struct kobject *last = NULL;
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_JOB); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_JOB, i);
        if (o->workload && strcmp(o->owner_name, name) == 0 && strcmp(o->ns, ns) == 0 &&
            strcmp(o->owner_kind, "CronJob") == 0 && (!last || begun_ms(o) > begun_ms(last)))
            last = o;
    }
    return last;
}

bool
rollout_of_cronjob(const struct kobjects *objects, const char *ns, const char *name,
                   int64_t now_wall_ms, struct rollout *out)
{
    const struct kobject *own, *last = last_run(objects, ns, name);
    bool listed =
        kobjects_look(objects, KOBJECT_CRONJOB, ns, name, &own) == OBJECTS_FOUND && own->workload;
    int64_t at_ms = last ? begun_ms(last) : listed ? own->workload->started_ms : IW_TIME_NONE;
    struct rollout run = {.deadline_ms = IW_TIME_NONE};
    char ago[16];
    *out = run;
    if (!last && !listed)
        return false;
    if (listed && own->workload->suspended)
        rollout_say(out, BLOCK_NONE, "%s", tr("suspended"));
    if (last)
        rollout_of(last, now_wall_ms, &run);
    out->desired = run.desired;
    out->done = run.done;
    out->deadline_ms = run.deadline_ms;
    if (at_ms != IW_TIME_NONE) {
        duration_cells(IW_MAX(now_wall_ms - at_ms, 0), ago);
        rollout_say(out, run.severity, tr("last run %s ago"), ago);
        if (last)
            rollout_say(out, BLOCK_NONE, "%s", run.text[0] ? run.text : tr("running"));
    } else {
        rollout_say(out, BLOCK_NONE, "%s", tr("no run yet"));
    }
    if (listed && own->workload->strategy[0])
        rollout_say(out, BLOCK_NONE, tr("schedule %s"), own->workload->strategy);
    return true;
}

void
rollout_of(const struct kobject *o, int64_t now_wall_ms, struct rollout *out)
{
    *out = (struct rollout){.deadline_ms = IW_TIME_NONE};
    const struct workload_facts *f = o->workload;
    if (!f)
        return;
    out->desired = f->desired;
    if (f->observed_generation < f->generation && o->kind != KOBJECT_JOB)
        rollout_say(out, BLOCK_PROGRESS, tr("its controller has not seen the change yet"));
    else if (o->kind == KOBJECT_DEPLOYMENT)
        rollout_of_deployment(f, now_wall_ms, out);
    else if (o->kind == KOBJECT_JOB)
        rollout_of_job(f, now_wall_ms, out);
    else
        rollout_of_set(o, out);
}

const char *
rollout_brief(const struct rollout *r)
{
    const char *word = tr("rollout ");
    size_t len = strlen(word);
    return strncmp(r->text, word, len) == 0 ? r->text + len : r->text;
}
