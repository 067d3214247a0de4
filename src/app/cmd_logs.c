/* logs: `kubectl logs`, but without -c it takes the container that matters now and says so.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/logs.h"
#include "initwatch/app/session.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/base/utf8.h"

struct printing {
    struct session *session;
    bool done, tag; /* tag: the container's name in front of each line */
    const char *container;
    struct iw_error err;
};

/* One character of a peer for a terminal: controls as ^X, what could disguise text or is no UTF-8 as
 * the replacement character. */
static void
write_safe(uint32_t cp, const char *bytes, size_t taken)
{
    if (cp == '\t')
        putchar('\t');
    else if (cp < 0x20 || cp == 0x7f)
        printf("^%c", cp == 0x7f ? '?' : (char)(cp + 0x40));
    else if (cp == UTF8_REPLACEMENT || utf8_cp_width(cp) < 0 || utf8_is_deceptive(cp))
        fputs("\xEF\xBF\xBD", stdout);
    else
        fwrite(bytes, 1, taken, stdout);
}

/* A terminal gets no control bytes of a peer; a pipe gets what the cluster sent, as kubectl does.
 */
static void
write_text(const char *text, size_t len)
{
    static int to_terminal = -1;
    if (to_terminal < 0)
        to_terminal = isatty(STDOUT_FILENO);
    if (!to_terminal) {
        fwrite(text, 1, len, stdout);
        return;
    }
    for (size_t at = 0, taken; at < len; at += taken) {
        uint32_t cp = utf8_next(text + at, len - at, &taken);
        write_safe(cp, text + at, taken);
    }
}

static void
on_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    const struct printing *p = ctx;
    if (p->tag) {
        write_text(p->container, strlen(p->container));
        putchar(' ');
    }
    write_text(text, len);
    if (newline)
        putchar('\n');
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

/* A line of our own on stderr that holds a peer's words. */
static void
say(const char *name, const char *text)
{
    char line[1024], safe[1100];
    snprintf(line, sizeof(line), "initwatch: %s%s", name, text);
    log_sanitize(line, strlen(line), safe, sizeof(safe));
    fprintf(stderr, "%s\n", safe);
}

static void
say_which(const struct container *c, const struct log_choice *choice)
{
    char attempt[40] = "", end[64] = "", text[256];
    if (choice->attempt > 0)
        snprintf(attempt, sizeof(attempt), ", attempt %d", choice->attempt + 1);
    if (choice->ended)
        snprintf(end, sizeof(end), ", ended with exit code %d", choice->exit_code);
    snprintf(text, sizeof(text), " %.100s (%s)%s%s", c->name, container_kind_name(c->kind), attempt,
             end);
    say(c->tag, text);
}

static enum iw_err
print_container(struct session *s, const struct options *o, const struct pod *pod,
                const struct container *c, struct iw_error *err)
{
    struct log_choice choice =
        container_log_choice(c, o->previous ? LOG_WANT_PREVIOUS : LOG_WANT_AUTO);
    bool all = o->all_containers;
    if (!all && !o->container)
        say_which(c, &choice);
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
        char text[512];
        snprintf(text, sizeof(text), ": %s", one.msg);
        say(c->name, text);
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
