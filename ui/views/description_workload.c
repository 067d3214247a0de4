/* description_workload: what makes pods: how many of how many, until when, its sets, runs and pods, and what its template
 * starts, in start order.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "description.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/rollout.h"

enum { LISTED_MOST = 30, TEMPLATE_CONTAINERS_MAX = 64, COMMAND_WORDS_MAX = 64, NAME_COLS = 44 };

#define REPLICATED (KIND_BIT(DEPLOYMENT) | KIND_BIT(REPLICASET) | KIND_BIT(STATEFULSET))
#define ROLLED (KIND_BIT(DEPLOYMENT) | KIND_BIT(STATEFULSET) | KIND_BIT(DAEMONSET))

static const struct description_fact FACTS[] = {
    {KIND_BIT(DEPLOYMENT), TR_MARK("Strategy"), "spec.strategy.type", NULL},
    {KIND_BIT(DEPLOYMENT), TR_MARK("At most"), "spec.strategy.rollingUpdate", NULL},
    {KIND_BIT(STATEFULSET) | KIND_BIT(DAEMONSET), TR_MARK("Strategy"), "spec.updateStrategy.type",
     NULL},
    {KIND_BIT(STATEFULSET) | KIND_BIT(DAEMONSET), TR_MARK("At most"),
     "spec.updateStrategy.rollingUpdate", NULL},
    {REPLICATED | KIND_BIT(DAEMONSET), TR_MARK("Ready for"), "spec.minReadySeconds", "0"},
    {KIND_BIT(DEPLOYMENT), TR_MARK("Paused"), "spec.paused", "false"},
    {ROLLED, TR_MARK("Old revisions"), "spec.revisionHistoryLimit", "10"},
    {KIND_BIT(STATEFULSET), TR_MARK("Order"), "spec.podManagementPolicy", NULL},
    {KIND_BIT(STATEFULSET), TR_MARK("Claims kept"), "spec.persistentVolumeClaimRetentionPolicy",
     NULL},
    {KIND_BIT(STATEFULSET), TR_MARK("Claims"), "spec.volumeClaimTemplates", NULL},
    {KIND_BIT(DAEMONSET), TR_MARK("Wrong nodes"), "status.numberMisscheduled", "0"},
    {KIND_BIT(JOB), TR_MARK("Completion mode"), "spec.completionMode", "NonIndexed"},
    {KIND_BIT(JOB), TR_MARK("Failure policy"), "spec.podFailurePolicy", NULL},
    {KIND_BIT(JOB), TR_MARK("Removed after"), "spec.ttlSecondsAfterFinished", NULL},
    {KIND_BIT(CRONJOB), TR_MARK("Time zone"), "spec.timeZone", NULL},
    {KIND_BIT(CRONJOB), TR_MARK("Runs together"), "spec.concurrencyPolicy", NULL},
    {KIND_BIT(CRONJOB), TR_MARK("May be late by"), "spec.startingDeadlineSeconds", NULL},
    {KIND_BIT(CRONJOB), TR_MARK("Kept successes"), "spec.successfulJobsHistoryLimit", NULL},
    {KIND_BIT(CRONJOB), TR_MARK("Kept failures"), "spec.failedJobsHistoryLimit", NULL},
};

static void
more_facts(struct description *p)
{
    description_facts(p, FACTS, IW_COUNTOF(FACTS), YAML_NO_LINE, 0);
}

/* --- replicas --- */

static enum block_severity
workload_verdict(const struct description *p, char *out, size_t out_size)
{
    struct rollout r;
    if (p->ref->kind == KOBJECT_CRONJOB) {
        if (!rollout_of_cronjob(p->env->objects, p->ref->ns, p->ref->name, p->env->now_wall_ms, &r))
            return BLOCK_NONE;
    } else {
        rollout_of(p->o, p->env->now_wall_ms, &r);
    }
    (void)snprintf(out, out_size, "%s",
                   r.text[0]                     ? r.text
                   : p->ref->kind == KOBJECT_JOB ? tr("running")
                   : r.desired == 0              ? tr("scaled to 0")
                                                 : tr("as it should be"));
    bool runs = !r.text[0] && p->ref->kind == KOBJECT_JOB;
    return runs ? BLOCK_PROGRESS : r.severity;
}

static void
say_replicas(struct description *p)
{
    const struct workload_facts *f = p->o->workload;
    char text[300];
    (void)snprintf(text, sizeof(text), tr("%d asked for, %d there, %d ready, %d available"),
                   f->desired, f->current, f->ready, f->available);
    describe_say(&p->doc, 0, tr("Replicas"), ROLE_TEXT, text);
    if (p->ref->kind != KOBJECT_REPLICASET && f->updated < f->current)
        doc_put(&p->doc, ROLE_WARN, tr(", %d of the newest template"), f->updated);
    if (p->ref->kind == KOBJECT_DEPLOYMENT && f->progress_deadline_s >= 0) {
        (void)snprintf(text, sizeof(text), tr("%llds without progress"),
                       (long long)f->progress_deadline_s);
        describe_say(&p->doc, 0, tr("Gives up after"), ROLE_TEXT, text);
    }
    describe_say(&p->doc, 0, tr("Revision"), ROLE_TEXT, f->revision);
    if (f->update_revision[0] && strcmp(f->update_revision, f->revision) != 0)
        describe_say(&p->doc, 0, tr("Going to"), ROLE_WARN, f->update_revision);
}

static void
say_job(struct description *p)
{
    struct doc *d = &p->doc;
    const struct workload_facts *f = p->o->workload;
    char text[300];
    if (f->completions >= 0)
        (void)snprintf(text, sizeof(text), tr("%d of %d"), f->succeeded, f->completions);
    else
        (void)snprintf(text, sizeof(text), tr("%d; the first success ends it"), f->succeeded);
    describe_say(d, 0, tr("Completions"), ROLE_TEXT, text);
    (void)snprintf(text, sizeof(text), tr("%d active, at most %d at a time"), f->active,
                   f->parallelism < 0 ? 1 : f->parallelism);
    describe_say(d, 0, tr("Pods"), ROLE_TEXT, text);
    if (f->backoff_limit < INT32_MAX)
        (void)snprintf(text, sizeof(text), tr("%d; back-off limit %d"), f->failed,
                       f->backoff_limit);
    else
        (void)snprintf(text, sizeof(text), "%d", f->failed);
    describe_say(d, 0, tr("Failures"), f->failed ? ROLE_WARN : ROLE_TEXT, text);
    if (f->active_deadline_s >= 0) {
        (void)snprintf(text, sizeof(text), "%llds", (long long)f->active_deadline_s);
        describe_say(d, 0, tr("Deadline"), ROLE_TEXT, text);
    }
    describe_moment(d, p->env->now_wall_ms, 0, tr("Started"), f->started_ms);
    describe_moment(d, p->env->now_wall_ms, 0, tr("Finished"), f->completed_ms);
    if (f->started_ms != IW_TIME_NONE && f->completed_ms != IW_TIME_NONE) {
        char took[16];
        duration_cells(f->completed_ms - f->started_ms, took);
        doc_put(d, ROLE_DIM, tr("   ran %s"), took);
    }
    if (f->suspended)
        describe_say(d, 0, tr("Suspended"), ROLE_WARN, tr("yes"));
}

static void
say_cronjob(struct description *p)
{
    const struct workload_facts *f = p->o->workload;
    char text[40];
    describe_say(&p->doc, 0, tr("Schedule"), ROLE_TEXT, f->strategy);
    if (f->suspended)
        describe_say(&p->doc, 0, tr("Suspended"), ROLE_WARN, tr("yes"));
    (void)snprintf(text, sizeof(text), "%d", f->active < 0 ? 0 : f->active);
    describe_say(&p->doc, 0, tr("Active jobs"), ROLE_TEXT, text);
    describe_moment(&p->doc, p->env->now_wall_ms, 0, tr("Last due"), f->started_ms);
    describe_moment(&p->doc, p->env->now_wall_ms, 0, tr("Last success"), f->completed_ms);
}

static void
workload_spec(struct description *p)
{
    char text[400];
    if (p->o) {
        if (p->ref->kind == KOBJECT_JOB)
            say_job(p);
        else if (p->ref->kind == KOBJECT_CRONJOB)
            say_cronjob(p);
        else
            say_replicas(p);
        label_selector_text(&p->o->workload->selector, text, sizeof(text));
        describe_say(&p->doc, 0, tr("Selector"), ROLE_TEXT, text);
    }
    more_facts(p);
    if (p->y && p->ref->kind == KOBJECT_STATEFULSET) {
        yaml_value(p->y, yaml_member(p->y, YAML_NO_LINE, "spec.serviceName"), text, sizeof(text));
        description_say_object(p, tr("Service"), KOBJECT_SERVICE, p->ref->ns, text);
    }
    if (p->o)
        description_conditions(p, p->o->workload->conditions, p->o->workload->condition_count,
                               false);
}

/* --- what it made --- */

static bool
is_made_by(const struct kobject *o, const struct kobject_ref *ref)
{
    return o->workload && strcmp(o->owner_kind, kobject_kind_info(ref->kind)->kind) == 0 &&
           strcmp(o->owner_name, ref->name) == 0 && strcmp(o->ns, ref->ns) == 0;
}

static int
newest_first(const void *a, const void *b)
{
    const struct kobject *x = *(const struct kobject *const *)a,
                         *y = *(const struct kobject *const *)b;
    return x->created_ms != y->created_ms
               ? (x->created_ms < y->created_ms) - (x->created_ms > y->created_ms)
               : strcmp(y->name, x->name);
}

static void
made_line(struct description *p, const struct kobject *o)
{
    struct doc *d = &p->doc;
    struct rollout r;
    char age[16];
    rollout_of(o, p->env->now_wall_ms, &r);
    description_age(p->env, o->created_ms, age);
    doc_line(d);
    doc_put(d, ROLE_TEXT, "   ");
    description_link(p, o->kind, o->ns, o->name);
    doc_field(d, IW_MIN(NAME_COLS, IW_MAX(d->width - 36, 16)), false, ROLE_MARK, o->name);
    doc_put(d, ROLE_DIM, " %5s  ", age);
    if (o->kind == KOBJECT_REPLICASET) {
        doc_put(d, o->workload->desired ? ROLE_TEXT : ROLE_DIM, tr("%d of %d ready"),
                o->workload->ready, o->workload->desired);
        if (o->workload->revision[0])
            doc_whole(d, ROLE_DIM, tr("   revision %s"), o->workload->revision);
        return;
    }
    doc_put(d,
            r.severity == BLOCK_ERROR  ? ROLE_ERROR
            : r.severity == BLOCK_NONE ? ROLE_DIM
                                       : ROLE_TEXT,
            "%s", r.text[0] ? r.text : tr("running"));
}

static void
say_made(struct description *p, enum kobject_kind kind, const char *title)
{
    const struct kobjects *objects = p->env->objects;
    VEC(const struct kobject *) made = {0};
    enum objects_state state = kobjects_state(objects, kind, p->ref->ns);
    char text[160];
    for (size_t i = 0; i < kobjects_count(objects, kind); i++)
        if (is_made_by(kobjects_at(objects, kind, i), p->ref))
            vec_push(&made, kobjects_at(objects, kind, i));
    if (made.len > 1)
        qsort(made.items, made.len, sizeof(*made.items), newest_first);
    (void)snprintf(text, sizeof(text), "%s: %zu", title, made.len);
    bool known = state == OBJECTS_LIVE || state == OBJECTS_STALE;
    description_rule(p, known ? text : title);
    if (made.len == 0) {
        (void)snprintf(text, sizeof(text), "%s: %s", kobject_kind_info(kind)->plural,
                       tr(kobjects_state_word(state)));
        description_nothing(p, known ? tr("none") : text);
    }
    for (size_t i = 0; i < IW_MIN(made.len, (size_t)LISTED_MOST); i++)
        made_line(p, made.items[i]);
    if (made.len > LISTED_MOST) {
        doc_line(&p->doc);
        doc_put(&p->doc, ROLE_DIM, tr("  and %zu more"), made.len - LISTED_MOST);
    }
    vec_free(&made);
}

static void
workload_sets(struct description *p)
{
    if (p->ref->kind == KOBJECT_DEPLOYMENT)
        say_made(p, KOBJECT_REPLICASET, tr("ReplicaSets"));
}

static void
cronjob_jobs(struct description *p)
{
    say_made(p, KOBJECT_JOB, tr("Jobs"));
}

static bool
is_pod_of(const struct pod *pod, const void *arg)
{
    const struct description *p = arg;
    const char *kind = kobject_kind_info(p->ref->kind)->kind;
    struct pod_owner owner;
    if (strcmp(pod->ns, p->ref->ns) != 0 || !pod->owner_kind[0])
        return false;
    if (strcmp(pod->owner_kind, kind) == 0)
        return strcmp(pod->owner_name, p->ref->name) == 0;
    if (p->ref->kind == KOBJECT_CRONJOB) {
        const char *cron = strcmp(pod->owner_kind, "Job") == 0
                               ? cronjob_of_job(p->env->objects, pod->ns, pod->owner_name)
                               : NULL;
        return cron && strcmp(cron, p->ref->name) == 0;
    }
    pod_owner_of(pod, &owner);
    return strcmp(owner.kind, kind) == 0 && strcmp(owner.name, p->ref->name) == 0;
}

static void
workload_pods(struct description *p)
{
    const struct description_choice choice = {.takes = is_pod_of,
                                              .arg = p,
                                              .title = tr("Pods"),
                                              .none = tr("no pod of it is watched"),
                                              .show_node = true};
    description_pods(p, &choice);
}

/* --- the template --- */

static const struct description_fact CONTAINER_FACTS[] = {
    {~0u, TR_MARK("Image"), "image", NULL},
    {~0u, TR_MARK("Ports"), "ports", NULL},
    {~0u, TR_MARK("Limits"), "resources.limits", NULL},
    {~0u, TR_MARK("Requests"), "resources.requests", NULL},
    {~0u, TR_MARK("Startup"), "startupProbe", NULL},
    {~0u, TR_MARK("Readiness"), "readinessProbe", NULL},
    {~0u, TR_MARK("Liveness"), "livenessProbe", NULL},
    {~0u, TR_MARK("Hooks"), "lifecycle", NULL},
    {~0u, TR_MARK("Env from"), "envFrom", NULL},
    {~0u, TR_MARK("Mounts"), "volumeMounts", NULL},
};
static const struct description_fact POD_LABELS = {~0u, TR_MARK("Labels"), "metadata.labels", NULL};
static const struct description_fact TEMPLATE_FACTS[] = {
    {~0u, TR_MARK("Service account"), "serviceAccountName", "default"},
    {~0u, TR_MARK("Priority class"), "priorityClassName", ""},
    {~0u, TR_MARK("Restart policy"), "restartPolicy", "Always"},
    {~0u, TR_MARK("Grace period"), "terminationGracePeriodSeconds", "30"},
    {~0u, TR_MARK("Node selector"), "nodeSelector", NULL},
    {~0u, TR_MARK("Affinity"), "affinity", NULL},
    {~0u, TR_MARK("Spread"), "topologySpreadConstraints", NULL},
    {~0u, TR_MARK("Tolerations"), "tolerations", NULL},
    {~0u, TR_MARK("Pull secrets"), "imagePullSecrets", NULL},
    {~0u, TR_MARK("Volumes"), "volumes", NULL},
};

/* One word of a command; the lines of a script stay lines. */
static void
word_text(const struct yaml_text *y, size_t item, char *out, size_t out_size)
{
    size_t used = 0, end = yaml_end(y, item), indent = SIZE_MAX;
    if (end <= item + 1) {
        describe_leaves(y, item, item + 1, NULL, out, out_size);
        return;
    }
    out[0] = '\0';
    for (size_t i = item + 1; i < end && used + 2 < out_size; i++) {
        const struct yaml_line *l = &y->lines[i];
        size_t blank = 0;
        while (blank < l->len && y->text[l->at + blank] == ' ')
            blank++;
        if (indent == SIZE_MAX)
            indent = blank;
        blank = IW_MIN(blank, indent);
        int n = snprintf(out + used, out_size - used, "%s%.*s", used ? "\n" : "",
                         (int)(l->len - blank), y->text + l->at + blank);
        used += n > 0 ? IW_MIN((size_t)n, out_size - used - 1) : 0;
    }
}

/* Each word as it is written, in a line of its own. */
static void
say_command(struct description *p, size_t container, const char *key, const char *label)
{
    char word[1024];
    size_t list = yaml_member(p->y, container, key), item;
    for (size_t n = 0; n < COMMAND_WORDS_MAX && (item = yaml_item(p->y, list, n)) != YAML_NO_LINE;
         n++) {
        word_text(p->y, item, word, sizeof(word));
        doc_line(&p->doc);
        doc_to(&p->doc, 4);
        if (n == 0)
            doc_put(&p->doc, ROLE_DIM, "%s:", label);
        doc_to(&p->doc, 4 + DESCRIBE_VALUE_COLS);
        doc_wrap(&p->doc, ROLE_TEXT, 4 + DESCRIBE_VALUE_COLS, 8, word);
    }
}

static void
say_template_container(struct description *p, size_t line, const char *tag, const char *what)
{
    char name[128];
    yaml_value(p->y, yaml_member(p->y, line, "name"), name, sizeof(name));
    doc_line(&p->doc);
    doc_put(&p->doc, ROLE_KEY, "  %s ", tag);
    doc_put(&p->doc, ROLE_TITLE, "%s", name);
    doc_put(&p->doc, ROLE_DIM, "   %s", what);
    description_facts(p, CONTAINER_FACTS, 1, line, 4);
    say_command(p, line, "command", tr("Command"));
    say_command(p, line, "args", tr("Args"));
    (void)describe_variables_at(&p->doc, p->y, line, true);
    description_facts(p, CONTAINER_FACTS + 1, IW_COUNTOF(CONTAINER_FACTS) - 1, line, 4);
}

static void
say_list(struct description *p, size_t list, bool init)
{
    unsigned inits = 0, sidecars = 0, apps = 0;
    size_t line;
    for (size_t n = 0; list != YAML_NO_LINE && n < TEMPLATE_CONTAINERS_MAX &&
                       (line = yaml_item(p->y, list, n)) != YAML_NO_LINE;
         n++) {
        char restart[32], tag[16];
        size_t policy = init ? yaml_member(p->y, line, "restartPolicy") : YAML_NO_LINE;
        yaml_value(p->y, policy, restart, sizeof(restart));
        bool sidecar = strcmp(restart, "Always") == 0;
        (void)snprintf(tag, sizeof(tag), "%s%u",
                       !init     ? "a"
                       : sidecar ? "s"
                                 : "i",
                       !init     ? ++apps
                       : sidecar ? ++sidecars
                                 : ++inits);
        say_template_container(p, line, tag,
                               !init     ? ""
                               : sidecar ? tr("sidecar: runs on beside what follows")
                                         : tr("init: has to end before what follows starts"));
    }
}

static void
workload_template(struct description *p)
{
    if (!p->y)
        return;
    size_t template = yaml_member(p->y, YAML_NO_LINE,
                                  p->ref->kind == KOBJECT_CRONJOB ? "spec.jobTemplate.spec.template"
                                                                  : "spec.template");
    size_t spec = template == YAML_NO_LINE ? template : yaml_member(p->y, template, "spec");
    if (spec == YAML_NO_LINE)
        return;
    description_rule(p, tr("Template (in start order)"));
    description_facts(p, &POD_LABELS, 1, template, 2);
    say_list(p, yaml_member(p->y, spec, "initContainers"), true);
    say_list(p, yaml_member(p->y, spec, "containers"), false);
    description_facts(p, TEMPLATE_FACTS, IW_COUNTOF(TEMPLATE_FACTS), spec, 2);
}

const struct description_kind description_workload = {
    .wants = KIND_BIT(REPLICASET),
    .verdict = workload_verdict,
    .sections = {workload_spec, workload_pods, workload_sets, workload_template},
};
const struct description_kind description_cronjob = {
    .wants = KIND_BIT(JOB),
    .verdict = workload_verdict,
    .sections = {workload_spec, cronjob_jobs, workload_pods, workload_template},
};
