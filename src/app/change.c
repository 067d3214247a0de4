/* change: what would happen, in words and as a request.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/change.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/progress.h"

/* A name as it may stand in a command that people paste. */
static const char *
word(const char *name, const char *placeholder)
{
    if (!name[0] || name[0] == '-')
        return placeholder;
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr(".-_", *p))
            return placeholder;
    return name;
}

static void
set_ref(struct change *out, enum kobject_kind kind, const char *ns, const char *name)
{
    out->ref.kind = kind;
    (void)snprintf(out->ref.ns, sizeof(out->ref.ns), "%.63s", ns);
    (void)snprintf(out->ref.name, sizeof(out->ref.name), "%.253s", name);
}

/* --- delete --- */

/* What comes in its place. */
static void
delete_sentence(const struct pod *pod, const struct pod_owner *owner, struct change *out)
{
    char *s = out->sentence;
    size_t size = sizeof(out->sentence);
    const char *maker = owner->replica_set[0] ? owner->replica_set : owner->name;
    const char *kind = owner->replica_set[0] ? "ReplicaSet" : owner->kind;
    if (strcmp(kind, "Pod") == 0)
        (void)snprintf(s, size,
                       tr("delete pod %.63s/%.100s? Nothing makes a new one; its logs go with it."),
                       pod->ns, pod->name);
    else if (strcmp(kind, "Node") == 0)
        (void)snprintf(
            s, size,
            tr("delete pod %.63s/%.100s? A static pod of its node: only the mirror goes, and "
               "comes again."),
            pod->ns, pod->name);
    else if (strcmp(kind, "Job") == 0)
        (void)snprintf(
            s, size,
            tr("delete pod %.63s/%.100s? Job %.60s makes another unless it is over; its logs "
               "go with it."),
            pod->ns, pod->name, maker);
    else
        (void)snprintf(
            s, size,
            tr("delete pod %.63s/%.100s? %.40s %.60s makes a new one; its logs go with it."),
            pod->ns, pod->name, kind, maker);
}

/* The pod that was looked at, not one of the same name that came after it. */
static void
delete_body(const struct pod *pod, struct change *out)
{
    bool plain = strlen(pod->uid) <= 64 && strcmp(word(pod->uid, ""), pod->uid) == 0;
    (void)snprintf(
        out->body, sizeof(out->body), "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"%s%s%s}",
        plain ? ",\"preconditions\":{\"uid\":\"" : "", plain ? pod->uid : "", plain ? "\"}" : "");
}

static bool
plan_delete(const struct pod *pod, const struct pod_owner *owner, struct change *out)
{
    if (pod_is_deleted(pod)) {
        (void)snprintf(out->sentence, sizeof(out->sentence),
                       tr("%.100s is being deleted already: its view says what it waits for"),
                       pod->name);
        return false;
    }
    out->method = "DELETE";
    set_ref(out, KOBJECT_POD, pod->ns, pod->name);
    delete_body(pod, out);
    (void)snprintf(out->command, sizeof(out->command), "kubectl -n %s delete pod %s",
                   word(pod->ns, "NAMESPACE"), word(pod->name, "POD"));
    delete_sentence(pod, owner, out);
    return true;
}

/* --- restart --- */

static bool
restarts(enum kobject_kind kind)
{
    return kind == KOBJECT_DEPLOYMENT || kind == KOBJECT_STATEFULSET || kind == KOBJECT_DAEMONSET;
}

/* How the pods are replaced, as far as the object was read. pods: "its 3 pods".
 * Ref: pkg/controller/deployment/recreate.go, statefulset/stateful_set_control.go
 * (updateStatefulSet), daemon/update.go. */
static void
say_rollout(enum kobject_kind kind, const struct workload_facts *facts, const char *pods, char *out,
            size_t size)
{
    if (!facts)
        (void)snprintf(out, size, tr("A rollout replaces %s, as its strategy says."), pods);
    else if (facts->desired == 0)
        (void)snprintf(out, size, "%s", tr("No pods are asked for: only its template changes."));
    else if (facts->on_delete)
        (void)snprintf(out, size, tr("OnDelete: %s will be new only when deleted."), pods);
    else if (strcmp(facts->strategy, "Recreate") == 0)
        (void)snprintf(
            out, size,
            tr("Recreate: nothing of it runs from the end of %s to the start of new ones."), pods);
    else if (kind == KOBJECT_STATEFULSET)
        (void)snprintf(out, size, tr("A rollout replaces %s, one after the other."), pods);
    else
        (void)snprintf(out, size, tr("A rollout replaces %s, step by step."), pods);
}

static void
restart_sentence(const struct pod_owner *owner, enum kobject_kind kind,
                 const struct workload_facts *facts, struct change *out)
{
    char pods[40], rollout[200];
    if (facts)
        (void)snprintf(pods, sizeof(pods), facts->desired == 1 ? tr("its pod") : tr("its %d pods"),
                       facts->desired);
    else
        (void)snprintf(pods, sizeof(pods), "%s", tr("all its pods"));
    say_rollout(kind, facts, pods, rollout, sizeof(rollout));
    (void)snprintf(out->sentence, sizeof(out->sentence), tr("restart %.40s %.63s/%.100s? %s"),
                   owner->kind, out->ref.ns, owner->name, rollout);
}

static bool
plan_restart(const struct store *store, const struct pod *pod, const struct pod_owner *owner,
             int64_t now_wall_ms, struct change *out)
{
    enum kobject_kind kind;
    const struct kobject *o = NULL;
    char moment[40];
    if (!kobject_kind_parse(owner->kind, &kind) || !restarts(kind)) {
        const char *name = owner->name;
        if (strcmp(owner->kind, "Pod") == 0)
            (void)snprintf(out->sentence, sizeof(out->sentence),
                           tr("pod %.100s has no owner to restart; ^K deletes it"), name);
        else
            (void)snprintf(out->sentence, sizeof(out->sentence),
                           tr("a %.40s cannot be restarted (%.100s); ^K deletes the pod"),
                           owner->kind, name);
        return false;
    }
    (void)kobjects_look(store_objects(store), kind, pod->ns, owner->name, &o);
    if (o && o->workload->paused) {
        (void)snprintf(out->sentence, sizeof(out->sentence),
                       tr("%s %.100s is paused: kubectl rollout resume first"), owner->kind,
                       owner->name);
        return false;
    }
    out->method = "PATCH";
    out->content_type = "application/strategic-merge-patch+json";
    set_ref(out, kind, pod->ns, owner->name);
    rfc3339_format(now_wall_ms, false, moment);
    (void)snprintf(out->body, sizeof(out->body),
                   "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{"
                   "\"kubectl.kubernetes.io/restartedAt\":\"%s\"}}}}}",
                   moment);
    (void)snprintf(out->command, sizeof(out->command), "kubectl -n %s rollout restart %s/%s",
                   word(pod->ns, "NAMESPACE"), owner_kind_short(owner->kind),
                   word(owner->name, "NAME"));
    restart_sentence(owner, kind, o ? o->workload : NULL, out);
    return true;
}

bool
change_of(const struct store *store, const struct pod *pod, enum change_verb verb,
          int64_t now_wall_ms, struct change *out)
{
    struct pod_owner owner;
    pod_owner_of(pod, &owner);
    memset(out, 0, sizeof(*out));
    out->verb = verb;
    return verb == CHANGE_DELETE ? plan_delete(pod, &owner, out)
                                 : plan_restart(store, pod, &owner, now_wall_ms, out);
}

/* --- what the server made of it --- */

/* Whether an answer came at all. */
static bool
is_unanswered(enum iw_err code)
{
    return code == IW_ERR_TIMEOUT || code == IW_ERR_NET || code == IW_ERR_EOF;
}

void
change_failure(const struct iw_error *err, enum change_verb verb, char *out, size_t out_size)
{
    if (is_unanswered(err->code))
        (void)snprintf(out, out_size, tr("no answer, so it may be done or not: ^R looks (%.200s)"),
                       err->msg);
    else if (err->http_status == 403)
        (void)snprintf(out, out_size, tr("not allowed: %.300s"), err->msg);
    else if (err->http_status == 404)
        (void)snprintf(out, out_size, "%s", tr("it is gone: somebody deleted it meanwhile"));
    else if (err->http_status == 409 && verb == CHANGE_DELETE)
        (void)snprintf(out, out_size, "%s",
                       tr("another pod of this name came meanwhile; it was left alone"));
    else if (err->http_status == 409)
        (void)snprintf(out, out_size, "%s", tr("somebody changed it meanwhile: begin again"));
    else if (err->http_status == 422)
        (void)snprintf(out, out_size, tr("the server does not take it: %.300s"), err->msg);
    else
        (void)snprintf(out, out_size, "%.300s", err->msg);
}

/* --- what is left to kubectl --- */

/* The step that runs or is at work now; else the first app container. */
static const char *
container_now(const struct pod *pod, int64_t now_wall_ms)
{
    struct init_progress progress;
    pod_init_progress(pod, now_wall_ms, &progress);
    if (progress.current)
        return progress.current->name;
    return pod->app_count ? pod->containers[pod->init_count].name : "";
}

void
change_elsewhere(const struct pod *pod, const char *container, enum change_elsewhere what,
                 int64_t now_wall_ms, char *out, size_t out_size)
{
    const char *ns = word(pod->ns, "NAMESPACE"), *name = word(pod->name, "POD");
    const char *in = word(container[0] ? container : container_now(pod, now_wall_ms), "CONTAINER");
    switch (what) {
    case ELSEWHERE_SHELL:
        (void)snprintf(out, out_size, "kubectl -n %s exec -it %s -c %s -- sh", ns, name, in);
        return;
    case ELSEWHERE_ATTACH:
        (void)snprintf(out, out_size, "kubectl -n %s attach -it %s -c %s", ns, name, in);
        return;
    case ELSEWHERE_DEBUG:
        (void)snprintf(out, out_size, "kubectl -n %s debug -it %s --image=busybox --target=%s", ns,
                       name, in);
        return;
    case ELSEWHERE_FORWARD:
        (void)snprintf(out, out_size, "kubectl -n %s port-forward pod/%s :PORT", ns, name);
        return;
    }
}
