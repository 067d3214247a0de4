/* logs: `kubectl logs`, but without -c it takes the container that matters now and says so; attempts, filters, merged logs and
 * files beside that.
 *
 * What kubectl can do as well is one request whose bytes are printed as they come; the rest goes through log_stream.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/logs.h"
#include "initwatch/app/session.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/progress.h"
#include "logs_headless.h"

struct printing {
    struct logprint *print;
    struct logprint_source source;
    bool done;
    struct iw_error err;
};

static void
on_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    const struct printing *p = ctx;
    const struct logbuf_line line = {
        .text = text, .len = (uint32_t)len, .cut = cut, .wall_ms = IW_TIME_NONE};
    logprint_line(p->print, &p->source, &line, -1, 0, newline);
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct printing *p = ctx;
    p->err = *err;
    p->done = true;
}

static bool
is_done(void *ctx)
{
    const struct printing *p = ctx;
    fflush(stdout);
    return p->done;
}

static void
say_which(const struct container *c, const struct log_choice *choice)
{
    char attempt[40] = "", end[64] = "", text[256];
    if (choice->attempt > 0)
        snprintf(attempt, sizeof(attempt), ", attempt %d", choice->attempt + 1);
    if (choice->ended)
        snprintf(end, sizeof(end), ", ended with exit code %d", choice->exit_code);
    snprintf(text, sizeof(text), "%s %.100s (%s)%s%s", c->tag, c->name,
             container_kind_word(c->kind), attempt, end);
    logprint_say(text);
}

static enum iw_err
print_container(struct session *s, const struct options *o, struct logprint *print,
                const struct pod *pod, const struct container *c, struct iw_error *err)
{
    struct log_choice choice =
        container_log_choice(c, o->previous ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO);
    bool all = o->all_containers;
    struct log_request request = {.ns = pod->ns,
                                  .pod = pod->name,
                                  .container = c->name,
                                  .previous = o->previous || choice.ask == LOG_ASK_PREVIOUS,
                                  .follow = o->follow,
                                  .timestamps = o->timestamps,
                                  .tail_lines = o->tail_lines,
                                  .since_seconds = o->since_seconds,
                                  .since_wall_ms = o->since_wall_ms,
                                  .limit_bytes = o->limit_bytes};
    struct printing p = {.print = print};
    if (all && pod->container_count > 1)
        p.source.tag = c->name;
    struct log_sink sink = {.ctx = &p, .line = on_line, .done = on_done};
    struct source_log *log = NULL;
    enum iw_err rc = s->source->class_->open_log(s->source, &request, &sink, &log, err);
    if (rc != IW_OK)
        return rc;
    session_run(s, is_done, &p, -1);
    if (!p.done)
        s->source->class_->close_log(log);
    fflush(stdout);
    if (s->interrupted)
        return iw_fail(err, IW_ERR_CANCELED, "interrupted");
    if (p.err.code == IW_OK)
        return IW_OK;
    *err = p.err;
    /* The kubelet has no such log (yet): which it is, and why, is another question. */
    if (p.err.http_status == 400)
        iw_fail(err, IW_ERR_NOT_FOUND, "%.250s; %s: initwatch why %.80s", p.err.msg,
                request.previous ? "its runs" : "what holds it up", pod->name);
    return err->code;
}

static enum iw_err
print_all(struct session *s, const struct options *o, struct logprint *print, const struct pod *pod,
          struct iw_error *err)
{
    enum iw_err worst = IW_OK;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct iw_error one = {0};
        enum iw_err rc = print_container(s, o, print, pod, c, &one);
        if (rc == IW_ERR_CANCELED)
            return iw_fail(err, rc, "interrupted");
        if (rc == IW_OK)
            continue;
        /* One container that has not started is no reason to hide the others. */
        char text[512];
        snprintf(text, sizeof(text), "%.100s: %s", c->name, one.msg);
        logprint_say(text);
        if (worst == IW_OK && one.code != IW_ERR_NOT_FOUND) {
            worst = rc;
            *err = one;
        }
    }
    return worst;
}

static enum iw_err
choose_container(const struct options *o, const struct pod *pod, const struct container **out,
                 struct iw_error *err)
{
    if (!o->container) {
        *out = pod_focus(pod, clock_wall(clock_system()));
        return *out ? IW_OK : iw_fail(err, IW_ERR_NOT_FOUND, "pod %s has no containers", pod->name);
    }
    *out = pod_find_container(pod, o->container);
    if (*out)
        return IW_OK;
    char names[256] = "";
    size_t used = 0;
    for (const struct container *c = NULL;
         (c = pod_containers(pod, c)) != NULL && used < sizeof(names);)
        used +=
            (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", c->name);
    return iw_fail(err, IW_ERR_NOT_FOUND, "pod %s has no container \"%s\"; it has: %s", pod->name,
                   o->container, names);
}

/* What one request of kubectl's kind gives: no attempts, no order between containers, nothing after the run's end. */
static bool
is_plain(const struct options *o)
{
    return !o->follow && !o->attempt && !o->merged && o->output != OUTPUT_JSONL;
}

static enum iw_err
print_pod(struct session *s, const struct options *o, struct logprint *print, struct pod_ref ref,
          struct iw_error *err)
{
    const struct pod *pod = store_get(s->store, ref);
    const struct container *c = NULL;
    session_say_pod(s, o->args[0], ref);
    bool all = o->all_containers || o->merged;
    if (all && is_plain(o))
        return print_all(s, o, print, pod, err);
    enum iw_err rc = all ? IW_OK : choose_container(o, pod, &c, err);
    if (rc != IW_OK)
        return rc;
    if (c && !o->container) {
        struct log_choice choice =
            container_log_choice(c, o->previous ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO);
        say_which(c, &choice);
    }
    if (is_plain(o))
        return print_container(s, o, print, pod, c, err);
    char name[256];
    snprintf(name, sizeof(name), "%s", c ? c->name : "");
    return logs_print_streams(s, o, print, &ref, 1, c ? name : NULL, false, err);
}

struct named_pod {
    const char *name; /* borrowed from the store */
    struct pod_ref ref;
};

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct named_pod *)a)->name, ((const struct named_pod *)b)->name);
}

/* -l SEL without a POD, or KIND/NAME --merged: all that match, by name. */
static enum iw_err
print_selected(struct session *s, const struct options *o, struct logprint *print,
               struct iw_error *err)
{
    VEC(struct named_pod) named = {0};
    VEC(struct pod_ref) pods = {0};
    for (struct pod_ref it = {0}; store_next(s->store, &it);) {
        const struct pod *pod = store_get(s->store, it);
        struct named_pod one = {pod->name, it};
        if (o->arg_count == 0 || session_names_pod(o, o->args[0], pod))
            vec_push(&named, one);
    }
    if (named.len == 0 && o->arg_count)
        return session_find_pod(s, o->args[0], &(struct pod_ref){0}, err);
    if (named.len == 0)
        return iw_fail(err, IW_ERR_NOT_FOUND, "no pod matches --selector %s", o->selector);
    qsort(named.items, named.len, sizeof(*named.items), by_name);
    for (size_t i = 0; i < named.len; i++)
        vec_push(&pods, named.items[i].ref);
    vec_free(&named);
    enum iw_err rc = logs_print_streams(s, o, print, pods.items, pods.len, o->container, true, err);
    vec_free(&pods);
    return rc;
}

static enum iw_err
print_cluster(const struct options *o, struct logprint *print, struct iw_error *err)
{
    struct session *s = NULL;
    struct pod_ref ref;
    /* Not by a field selector: when the name is wrong, the nearest ones are worth the list. */
    struct session_need need = {.pods = true, .watch = o->follow};
    enum iw_err rc = session_open(o, &need, &s, err);
    if (rc == IW_OK)
        rc = session_sync(s, err);
    if (rc == IW_OK && (o->arg_count == 0 || (o->owner_kind && o->merged)))
        rc = print_selected(s, o, print, err);
    else if (rc == IW_OK && (rc = session_find_pod(s, o->args[0], &ref, err)) == IW_OK)
        rc = print_pod(s, o, print, ref, err);
    session_close(s);
    return rc;
}

/* A file's name where the POD stands has a slash, which no pod has; "-" is standard input. */
static const char *
file_of(const struct options *o)
{
    if (o->file_count)
        return o->files[0];
    bool file = o->arg_count && (strcmp(o->args[0], "-") == 0 || strchr(o->args[0], '/'));
    return file ? o->args[0] : NULL;
}

static enum iw_err
check(const struct options *o, const char *file, struct iw_error *err)
{
    if (file && (o->container || o->previous || o->attempt || o->merged || o->all_containers ||
                 o->file_count + o->arg_count > 1))
        return iw_fail(err, IW_ERR_USAGE, "a log from a file has no pods, containers or attempts");
    if (!file && !o->arg_count && !(o->selector && o->merged))
        return iw_fail(err, IW_ERR_USAGE,
                       "logs needs one POD (and at most a container after it), a FILE, or -l SEL "
                       "with --merged");
    if (o->arg_count > 2)
        return iw_fail(err, IW_ERR_USAGE, "logs needs one POD (and at most a container after it)");
    if (o->previous && o->attempt)
        return iw_fail(err, IW_ERR_USAGE, "--previous is --attempt -1: give one of them");
    if (o->arg_count == 2 && (o->container || o->all_containers || o->merged))
        return iw_fail(err, IW_ERR_USAGE, "\"%s\" after the POD is a container, and so is %s",
                       o->args[1],
                       o->container        ? "-c"
                       : o->all_containers ? "--all-containers"
                                           : "--merged");
    return IW_OK;
}

int
cmd_logs(const struct options *o)
{
    struct iw_error err = {0};
    const char *file = file_of(o);
    struct options with_container = *o;
    struct logprint *print = NULL;
    enum iw_err rc = check(o, file, &err);
    if (rc == IW_OK)
        rc = logprint_new(&with_container, &print, &err);
    if (o->arg_count == 2)
        with_container.container = o->args[1];
    with_container.follow = o->follow && !o->previous; /* the run before has ended */
    if (rc == IW_OK)
        rc = file ? logs_print_file(o, file, print, &err)
                  : print_cluster(&with_container, print, &err);
    logprint_free(print);
    return rc == IW_OK ? 0 : app_report(&err);
}
