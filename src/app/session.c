/* session: opens kubeconfig, source and store in this order and closes them in the other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/base/nearest.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/progress.h"
#include "session_internal.h"

/* Longer than a slow server needs for a list, shorter than a person waits for an answer that is good
 * without it. */
enum { READ_KINDS_MS = 5000 };
/* A list is waited for so long in all when the server asks to come back later. */
enum { THROTTLED_MS = 60000 };

/* --- the tapping sink: only between source and store when somebody taps --- */

static void
tap_list_begin(void *ctx, enum source_stream stream, const char *ns)
{
    struct session *s = ctx;
    s->store_sink.list_begin(s->store_sink.ctx, stream, ns);
}

static void
tap_list_end(void *ctx, enum source_stream stream, const char *ns)
{
    struct session *s = ctx;
    s->store_sink.list_end(s->store_sink.ctx, stream, ns);
}

static void
tap_upsert(void *ctx, struct pod *pod)
{
    struct session *s = ctx;
    const struct session_tap *tap = s->need.tap;
    struct pod_ref ref = {0};
    char *uid = iw_strdup(pod->uid);
    bool known = store_find_uid(s->store, uid, &ref);
    uint64_t before = known ? store_pod_generation(s->store, ref) : 0;
    s->store_sink.upsert(s->store_sink.ctx, pod);
    bool changed = !known || store_pod_generation(s->store, ref) != before;
    if (tap->pod && changed && store_find_uid(s->store, uid, &ref))
        tap->pod(tap->ctx, known ? "MODIFIED" : "ADDED", store_get(s->store, ref));
    free(uid);
}

static void
tap_remove(void *ctx, struct pod *last)
{
    struct session *s = ctx;
    struct pod_ref ref = {0};
    char *uid = iw_strdup(last->uid);
    s->store_sink.remove(s->store_sink.ctx, last);
    const struct session_tap *tap = s->need.tap;
    if (tap->pod && store_find_uid(s->store, uid, &ref))
        tap->pod(tap->ctx, "DELETED", store_get(s->store, ref));
    free(uid);
}

static void
tap_event(void *ctx, const struct kevent *ev)
{
    struct session *s = ctx;
    s->store_sink.event(s->store_sink.ctx, ev);
    if (s->need.tap->event)
        s->need.tap->event(s->need.tap->ctx, ev);
}

static void
tap_event_removed(void *ctx, const char *uid)
{
    struct session *s = ctx;
    s->store_sink.event_removed(s->store_sink.ctx, uid);
}

static void
tap_status(void *ctx, const struct source_status *st)
{
    struct session *s = ctx;
    s->store_sink.status(s->store_sink.ctx, st);
}

/* --- opening and closing --- */

static void
on_signal(void *ctx, int signo)
{
    (void)signo;
    struct session *s = ctx;
    s->interrupted = true;
    loop_stop(s->loop);
}

static struct source_sink
tapping_sink(struct session *s)
{
    /* Nobody taps objects: a command that does asks for none. */
    return (struct source_sink){.ctx = s,
                                .list_begin = tap_list_begin,
                                .upsert = tap_upsert,
                                .remove = tap_remove,
                                .list_end = tap_list_end,
                                .event = tap_event,
                                .event_removed = tap_event_removed,
                                .status = tap_status};
}

static enum iw_err
open_source(struct session *s, const struct options *o, struct iw_error *err)
{
    struct source_opts opts = {.loop = s->loop,
                               .client = s->client,
                               .ns = s->ns,
                               .label_selector = o->selector,
                               .field_selector = s->need.field_selector ? s->need.field_selector
                                                                        : o->field_selector,
                               .request_timeout_ms = o->request_timeout_ms,
                               .wire = o->wire,
                               .no_events = !s->need.events,
                               .list_only = !s->need.watch,
                               .replay = &s->replay,
                               .sink = s->need.tap ? tapping_sink(s) : s->store_sink};
    const struct source_class *class_ = s->recording         ? &source_replay
                                        : s->need.no_cluster ? &source_none
                                                             : &source_kube;
    return class_->open(&opts, &s->source, err);
}

/* A namespace is one segment of a path. Ref: apimachinery/pkg/api/validation/path/name.go, IsValidPathSegmentName. */
static enum iw_err
check_namespace(const char *ns, struct iw_error *err)
{
    if (strlen(ns) >= sizeof(((struct session *)NULL)->ns))
        return iw_fail(err, IW_ERR_USAGE, "too many namespaces for one list: -A, perhaps with -l");
    for (const char *at = ns; at[0]; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
        int len = (int)strcspn(at, ",");
        bool dots = (len == 1 && at[0] == '.') || (len == 2 && strncmp(at, "..", 2) == 0);
        if (dots || (int)strcspn(at, "/% \t") < len || len > 253)
            return iw_fail(err, IW_ERR_USAGE, "\"%.*s\" is no name of a namespace", IW_MIN(len, 80),
                           at);
    }
    return IW_OK;
}

enum iw_err
session_open(const struct options *o, const struct session_need *need, struct session **out,
             struct iw_error *err)
{
    struct session *s = iw_calloc(1, sizeof(*s));
    s->need = *need;
    s->selecting = o->selector || o->field_selector;
    s->owner_kind = o->owner_kind;
    struct kubeconfig_env env = kubeconfig_env_system();
    enum iw_err rc = IW_OK;
    if (need->no_cluster)
        s->client = session_stand_in(tr("no cluster"), "", "");
    else if (o->replay)
        rc = session_open_recording(s, o, err);
    else
        rc = kubeconfig_load(&o->kube, &env, &s->kubeconfig, err);
    if (rc == IW_OK && !s->client)
        rc = kubeconfig_client(s->kubeconfig, &o->kube, &s->client, err);
    if (rc == IW_OK) {
        const char *ns = o->all_namespaces ? "" : o->kube.ns ? o->kube.ns : s->client->ns;
        rc = check_namespace(ns, err);
        snprintf(s->ns, sizeof(s->ns), "%s", ns);
        s->loop = loop_new(clock_system());
        s->store = store_new(clock_system());
        s->store_sink = store_sink(s->store);
        loop_signal_add(s->loop, SIGINT, on_signal, s);
        loop_signal_add(s->loop, SIGTERM, on_signal, s);
        rc = rc == IW_OK ? open_source(s, o, err) : rc;
    }
    if (rc != IW_OK) {
        session_close(s);
        return rc;
    }
    *out = s;
    return IW_OK;
}

/* Whoever reads from the source lets go of it; it is still the session's then. */
static void
leave(struct session *s, struct source *old)
{
    struct source *next = s->source;
    s->source = old;
    if (s->jumps.leaving)
        s->jumps.leaving(s->jumps.ctx);
    s->source = next;
    old->class_->close(old);
    store_clear(s->store);
}

/* Other namespaces of the recording, at the same moment. */
static enum iw_err
reopen_recording(struct session *s, const struct options *o, const char *context, const char *ns,
                 struct iw_error *err)
{
    struct source *old = s->source;
    struct replay_state at;
    if (context && strcmp(context, s->client->context) != 0)
        return iw_fail(err, IW_ERR_USAGE, "this is a recording of context %.100s alone",
                       s->client->context);
    replay_state(old, &at);
    snprintf(s->ns, sizeof(s->ns), "%s", ns ? ns : s->client->ns);
    s->replay.start_ms = at.at_ms;
    s->replay.paused = at.paused;
    s->replay.speed = at.speed;
    leave(s, old);
    return open_source(s, o, err);
}

enum iw_err
session_reopen(struct session *s, const struct options *o, const char *context, const char *ns,
               struct iw_error *err)
{
    if (s->need.no_cluster)
        return iw_fail(err, IW_ERR_USAGE, "there is no cluster: log files are read");
    if (s->recording)
        return reopen_recording(s, o, context, ns, err);
    struct kubeconfig_flags flags = o->kube;
    flags.context = context ? context : s->client->context;
    struct kube_client_config *client = NULL;
    struct source *old_source = s->source;
    struct kube_client_config *old_client = s->client;
    char old_ns[sizeof(s->ns)];
    memcpy(old_ns, s->ns, sizeof(old_ns));
    if (context)
        flags.ns = NULL; /* -n belonged to the context the program was started with */
    enum iw_err rc = check_namespace(ns ? ns : "", err);
    if (rc == IW_OK)
        rc = kubeconfig_client(s->kubeconfig, &flags, &client, err);
    if (rc != IW_OK)
        return rc;
    s->client = client;
    snprintf(s->ns, sizeof(s->ns), "%s", ns ? ns : client->ns);
    /* The new source is opened before the old one is closed: what fails, fails while the old one
     * still runs. It says nothing before the loop turns. */
    rc = open_source(s, o, err);
    if (rc == IW_OK) {
        leave(s, old_source);
        kube_client_config_free(old_client);
        return IW_OK;
    }
    s->source = old_source;
    s->client = old_client;
    memcpy(s->ns, old_ns, sizeof(old_ns));
    kube_client_config_free(client);
    return rc;
}

void
session_close(struct session *s)
{
    if (!s)
        return;
    if (s->source)
        s->source->class_->close(s->source);
    store_free(s->store);
    loop_free(s->loop);
    kube_client_config_free(s->client);
    kubeconfig_free(s->kubeconfig);
    recording_free(s->recording);
    free(s);
}

static bool
stream_settled(const struct session *s, enum source_stream stream, struct iw_error *failure)
{
    if (store_synced(s->store, stream))
        return true;
    const struct source_status *st = store_status(s->store, stream);
    if (st->last.code == IW_OK || (st->state != SOURCE_STALE && st->state != SOURCE_DENIED))
        return false;
    if (failure->code == IW_OK)
        *failure = st->last;
    return true;
}

/* A part of what was asked for is not allowed: the rest is printed, but not as if it were all. */
static void
say_what_is_missing(const struct session *s, const struct iw_error *no_events)
{
    const char *scope = store_status(s->store, STREAM_PODS)->scope;
    bool narrowed = s->need.pods && s->ns[0] == '\0' && strncmp(scope, "namespace ", 10) == 0;
    char text[512];
    if (narrowed)
        fprintf(stderr, "initwatch: only %s\n", scope);
    if (no_events->code == IW_OK)
        return;
    log_sanitize(no_events->msg, strlen(no_events->msg), text, sizeof(text));
    fprintf(stderr, "initwatch: without events: %s%s\n",
            no_events->code == IW_ERR_FORBIDDEN ? "not allowed: " : "", text);
}

/* As kubectl: a server that names a time to come back is asked again, unless it is longer than a person waits. */
static bool
is_worth_waiting(const struct iw_error *failure, int64_t waited_ms)
{
    return failure->retry_after_ms > 0 && waited_ms + failure->retry_after_ms <= THROTTLED_MS &&
           (failure->code == IW_ERR_THROTTLED || failure->code == IW_ERR_SERVER);
}

/* What cannot be read from a server is no mistake of the command line. */
static enum iw_err
list_failure(const struct iw_error *failure, struct iw_error *err)
{
    bool unreadable = failure->code == IW_ERR_PARSE || failure->code == IW_ERR_TOO_BIG ||
                      failure->code == IW_ERR_RANGE || failure->code == IW_ERR_UNSUPPORTED;
    if (unreadable)
        return iw_fail(err, IW_ERR_HTTP, "%s", failure->msg);
    if (err)
        *err = *failure;
    return failure->code;
}

/* A login may need the person: "open https://... and enter the code". */
static void
say_what_is_waited_for(const struct session *s, char *said, size_t said_size)
{
    const char *waiting =
        store_status(s->store, s->need.pods ? STREAM_PODS : STREAM_EVENTS)->waiting;
    if (!strchr(waiting, ':') || strcmp(waiting, said) == 0)
        return;
    snprintf(said, said_size, "%s", waiting);
    fprintf(stderr, "initwatch: waiting for %s\n", waiting);
}

enum iw_err
session_sync(struct session *s, struct iw_error *err)
{
    char said[sizeof(((struct source_status *)NULL)->waiting)] = "";
    int64_t begin_ms = clock_mono(loop_clock(s->loop));
    for (;;) {
        struct iw_error failure = {0}, no_events = {0};
        bool pods = !s->need.pods || stream_settled(s, STREAM_PODS, &failure);
        bool events = !s->need.events || stream_settled(s, STREAM_EVENTS, &no_events);
        /* Without events the pods can still be shown: only their absence when nothing else is asked
         * is an error. */
        if (!s->need.pods)
            failure = no_events;
        if (failure.code == IW_ERR_HTTP && failure.http_status == 400 && s->selecting)
            return iw_fail(err, IW_ERR_USAGE,
                           "the server refuses --selector or --field-selector: %s", failure.msg);
        say_what_is_waited_for(s, said, sizeof(said));
        if (s->interrupted)
            return iw_fail(err, IW_ERR_CANCELED, "interrupted");
        bool waits = is_worth_waiting(&failure, clock_mono(loop_clock(s->loop)) - begin_ms);
        if (failure.code != IW_OK && !waits)
            return list_failure(&failure, err);
        if (pods && events && !waits) {
            say_what_is_missing(s, &no_events);
            return IW_OK;
        }
        loop_turn(s->loop, -1);
    }
}

static bool
kinds_settled(const struct session *s, uint32_t kinds, const char *ns)
{
    const struct kobjects *objects = store_objects(s->store);
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        enum objects_state state = kobjects_state(objects, (enum kobject_kind)i, ns);
        if ((kinds & 1u << i) && (state == OBJECTS_NOT_ASKED || state == OBJECTS_LOADING))
            return false;
    }
    return true;
}

void
session_read_kinds(struct session *s, uint32_t kinds, const char *ns)
{
    const struct clock *clock = loop_clock(s->loop);
    int64_t end_ms = clock_mono(clock) + READ_KINDS_MS;
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        if (kinds & 1u << i)
            s->source->class_->watch_kind(s->source, (enum kobject_kind)i, ns);
    }
    while (!s->interrupted && !kinds_settled(s, kinds, ns)) {
        int64_t left_ms = end_ms - clock_mono(clock);
        if (left_ms <= 0)
            break;
        loop_turn(s->loop, (int)left_ms);
    }
}

void
session_run(struct session *s, bool (*done)(void *ctx), void *ctx, int64_t timeout_ms)
{
    int64_t end_ms = clock_mono(clock_system()) + timeout_ms;
    /* Nobody reads what is printed any more: there is nothing left to do. */
    while (!s->interrupted && !ferror(stdout) && !(done && done(ctx)) &&
           !(s->need.watch && session_replay_ended(s))) {
        int64_t left_ms = end_ms - clock_mono(clock_system());
        if (timeout_ms >= 0 && left_ms <= 0)
            break;
        loop_turn(s->loop, timeout_ms >= 0 ? (int)IW_MIN(left_ms, (int64_t)1000) : -1);
    }
}

static bool
is_owned_by(const struct pod *pod, const char *kind, const char *name)
{
    struct pod_owner owner;
    pod_owner_of(pod, &owner);
    return (strcmp(owner.kind, kind) == 0 && strcmp(owner.name, name) == 0) ||
           (strcmp(kind, "ReplicaSet") == 0 && strcmp(owner.replica_set, name) == 0);
}

bool
session_names_pod(const struct options *o, const char *name, const struct pod *pod)
{
    return o->owner_kind ? is_owned_by(pod, o->owner_kind, name) : strcmp(name, pod->name) == 0;
}

/* How many pods the owner has; *out: the most stuck one. */
static size_t
find_owned(const struct session *s, const char *name, struct pod_ref *out)
{
    int64_t now_wall_ms = clock_wall(clock_system());
    const struct pod *worst = NULL;
    struct pod_block worst_block = {0};
    size_t count = 0;
    for (struct pod_ref it = {0}; store_next(s->store, &it);) {
        const struct pod *pod = store_get(s->store, it);
        struct pod_block block;
        if (!is_owned_by(pod, s->owner_kind, name))
            continue;
        count++;
        pod_block_of(pod, now_wall_ms, &block);
        if (worst && pod_block_compare(worst, &worst_block, pod, &block) <= 0)
            continue;
        worst = pod;
        worst_block = block;
        *out = it;
    }
    return count;
}

void
session_say_pod(const struct session *s, const char *name, struct pod_ref taken)
{
    struct pod_ref worst;
    size_t count = s->owner_kind ? find_owned(s, name, &worst) : 0;
    if (count > 0)
        fprintf(stderr,
                count == 1 ? "initwatch: %s %s: pod %s\n"
                           : "initwatch: %s %s: pod %s, the most stuck of %zu\n",
                s->owner_kind, name, store_get(s->store, taken)->name, count);
}

enum iw_err
session_find_pod(const struct session *s, const char *name, struct pod_ref *out,
                 struct iw_error *err)
{
    if (s->owner_kind ? find_owned(s, name, out) > 0 : store_find(s->store, NULL, name, out))
        return IW_OK;
    struct nearest near;
    nearest_init(&near, name);
    for (struct pod_ref it = {0}; store_next(s->store, &it);) {
        struct pod_owner owner;
        pod_owner_of(store_get(s->store, it), &owner);
        if (!s->owner_kind)
            nearest_offer(&near, store_get(s->store, it)->name);
        else if (strcmp(owner.kind, s->owner_kind) == 0)
            nearest_offer(&near, owner.name);
    }
    char scope[300];
    if (s->ns[0])
        snprintf(scope, sizeof(scope), "namespace %s", s->ns);
    else
        snprintf(scope, sizeof(scope), "any namespace");
    if (s->owner_kind)
        return iw_fail(err, IW_ERR_NOT_FOUND, "no pod of %s \"%s\" is in %s; %s%s", s->owner_kind,
                       name, scope, near.count ? "nearest: " : "all pods: initwatch get -A",
                       nearest_text(&near));
    return iw_fail(err, IW_ERR_NOT_FOUND, "pod \"%s\" is not in %s; %s%s", name, scope,
                   near.count ? "nearest: " : "all pods: initwatch get -A", nearest_text(&near));
}
