/* logs: `kubectl logs`, but without -c it takes the container that matters now and says so.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/logs.h"
#include "initwatch/app/session.h"
#include "initwatch/base/alloc.h"

struct printing {
    struct session *session;
    bool done, tag; /* tag: the container's name in front of each line */
    const char *container;
    struct iw_error err;
};

/* A terminal gets no control bytes of a peer; a pipe gets what the cluster sent, as kubectl does.
 */
static void
write_line(const char *text, size_t len, bool newline)
{
    static int to_terminal = -1;
    if (to_terminal < 0)
        to_terminal = isatty(STDOUT_FILENO);
    if (!to_terminal) {
        fwrite(text, 1, len, stdout);
    } else {
        for (size_t i = 0; i < len; i++) {
            unsigned char byte = (unsigned char)text[i];
            bool control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
            /* C1 controls in UTF-8 are C2 80 .. C2 9F. */
            bool c1 = byte == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0;
            if (control)
                fprintf(stdout, "^%c", byte == 0x7f ? '?' : byte + 0x40);
            else if (c1)
                fprintf(stdout, "\\x%02x", (unsigned char)text[++i]);
            else
                putchar(byte);
        }
    }
    if (newline)
        putchar('\n');
}

static void
on_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    const struct printing *p = ctx;
    if (p->tag)
        printf("%s ", p->container);
    write_line(text, len, newline);
    if (cut)
        fprintf(stderr, "initwatch: the line above was cut at its ceiling\n");
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
say_which(const struct container *c, const struct log_choice *choice, bool chosen)
{
    if (chosen)
        fprintf(stderr, "initwatch: %s %s (%s)", c->tag, c->name, container_kind_name(c->kind));
    if (chosen && choice->attempt > 0)
        fprintf(stderr, ", attempt %d", choice->attempt + 1);
    if (chosen && choice->ended)
        fprintf(stderr, ", ended with exit code %d", choice->exit_code);
    if (chosen)
        fputc('\n', stderr);
}

static enum iw_err
print_container(struct session *s, const struct options *o, const struct pod *pod,
                const struct container *c, struct iw_error *err)
{
    struct log_choice choice =
        container_log_choice(c, o->previous ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO);
    bool all = o->all_containers;
    say_which(c, &choice, !all && !o->container);
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
    struct printing p = {
        .session = s, .tag = all && pod->container_count > 1, .container = c->name};
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
print_all(struct session *s, const struct options *o, const struct pod *pod, struct iw_error *err)
{
    enum iw_err worst = IW_OK;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct iw_error one = {0};
        enum iw_err rc = print_container(s, o, pod, c, &one);
        if (rc == IW_ERR_CANCELED)
            return iw_fail(err, rc, "interrupted");
        if (rc == IW_OK)
            continue;
        /* One container that has not started is no reason to hide the others. */
        fprintf(stderr, "initwatch: %s: %s\n", c->name, one.msg);
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
        *out = logs_pick_container(pod, clock_wall(clock_system()));
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

static enum iw_err
run(struct session *s, const struct options *o, struct iw_error *err)
{
    struct pod_ref ref;
    enum iw_err rc = session_sync(s, err);
    if (rc == IW_OK)
        rc = session_find_pod(s, o->args[0], &ref, err);
    if (rc != IW_OK)
        return rc;
    const struct pod *pod = store_get(s->store, ref);
    if (o->all_containers)
        return print_all(s, o, pod, err);
    const struct container *c;
    rc = choose_container(o, pod, &c, err);
    return rc == IW_OK ? print_container(s, o, pod, c, err) : rc;
}

int
cmd_logs(const struct options *o)
{
    struct iw_error err = {0};
    if (o->arg_count < 1 || o->arg_count > 2) {
        iw_fail(&err, IW_ERR_USAGE, "logs needs one POD (and at most a container after it)");
        return app_report(&err);
    }
    if (o->arg_count == 2 && (o->container || o->all_containers)) {
        iw_fail(&err, IW_ERR_USAGE, "\"%s\" after the POD is a container, and so is %s", o->args[1],
                o->container ? "-c" : "--all-containers");
        return app_report(&err);
    }
    struct options with_container = *o;
    if (o->arg_count == 2)
        with_container.container = o->args[1];
    struct session *s = NULL;
    /* Not by a field selector: when the name is wrong, the nearest ones are worth the list. */
    struct session_need need = {.pods = true};
    enum iw_err rc = session_open(o, &need, &s, &err);
    if (rc == IW_OK)
        rc = run(s, &with_container, &err);
    session_close(s);
    return rc == IW_OK ? 0 : app_report(&err);
}
