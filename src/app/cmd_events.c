/* events: folded, oldest first, with the container each is about.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/jsonout.h"
#include "initwatch/app/session.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"

static void
event_object(const struct kevent *ev, char *out, size_t out_size)
{
    char kind[32];
    size_t i = 0;
    for (; ev->object_kind[i] && i + 1 < sizeof(kind); i++) {
        char c = ev->object_kind[i];
        kind[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    kind[i] = '\0';
    snprintf(out, out_size, "%s/%s%s%s", kind, ev->object_name, ev->container[0] ? " " : "",
             ev->container);
}

static void
print_text(const struct kevent *ev, bool with_ns)
{
    char object[300], safe[2048], age[32];
    event_object(ev, object, sizeof(object));
    duration_human(clock_wall(clock_system()) - ev->last_ms, age);
    char line[2048];
    size_t used = 0;
    if (with_ns)
        used = (size_t)snprintf(line, sizeof(line), "%-16.253s ", ev->ns);
    snprintf(line + used, sizeof(line) - used, "%-8s %-8s %-24s %-44s %5u  %s",
             ev->last_ms == IW_TIME_NONE ? "<unknown>" : age, ev->type, ev->reason, object,
             ev->count, ev->message);
    log_sanitize(line, strlen(line), safe, sizeof(safe));
    printf("%s\n", safe);
}

static void
print_json(const struct kevent *ev)
{
    strbuf_auto b;
    strbuf_init(&b, 0);
    struct jsonout j = {.out = &b};
    json_begin(&j, NULL, '{');
    json_put_text(&j, "namespace", ev->ns);
    json_put_text(&j, "type", ev->type);
    json_put_text(&j, "reason", ev->reason);
    json_put_text(&j, "kind", ev->object_kind);
    json_put_text(&j, "name", ev->object_name);
    json_put_known(&j, "container", ev->container);
    json_put_text(&j, "message", ev->message);
    json_put_text(&j, "source", ev->source);
    json_put_moment(&j, "first", ev->first_ms);
    json_put_moment(&j, "last", ev->last_ms);
    json_put_int(&j, "count", ev->count);
    json_end(&j, '}');
    fwrite(b.data, 1, b.len, stdout);
}

struct printing {
    const struct options *o;
    struct session *session;
    const char *pod; /* NULL: all */
    bool live;       /* the list is printed; from now on each event as it comes */
    bool with_ns;
};

static bool
wanted(const struct printing *p, const struct kevent *ev)
{
    return !p->pod || (strcmp(ev->object_kind, "Pod") == 0 && strcmp(ev->object_name, p->pod) == 0);
}

static void
print_one(const struct printing *p, const struct kevent *ev)
{
    if (p->o->output == OUTPUT_JSON || p->o->output == OUTPUT_JSONL) {
        print_json(ev);
        putchar('\n');
    } else {
        print_text(ev, p->with_ns);
    }
}

static void
on_event(void *ctx, const struct kevent *ev)
{
    const struct printing *p = ctx;
    if (!p->live || !wanted(p, ev))
        return;
    print_one(p, ev);
    fflush(stdout);
}

static void
print_header(const struct printing *p)
{
    if (p->o->no_headers || p->o->output == OUTPUT_JSON || p->o->output == OUTPUT_JSONL)
        return;
    if (p->with_ns)
        printf("%-16s ", "NAMESPACE");
    printf("%-8s %-8s %-24s %-44s %5s  %s\n", "LAST", "TYPE", "REASON", "OBJECT", "COUNT",
           "MESSAGE");
}

static size_t
print_list(const struct printing *p)
{
    const struct kevent_ring *ring = store_events(p->session->store);
    size_t printed = 0;
    bool document = p->o->output == OUTPUT_JSON;
    if (document)
        putchar('[');
    for (size_t i = 0; i < kevent_ring_count(ring); i++) {
        const struct kevent *ev = kevent_ring_at(ring, i);
        if (!wanted(p, ev))
            continue;
        if (printed == 0)
            print_header(p);
        if (document) {
            fputs(printed ? ",\n " : "", stdout);
            print_json(ev);
        } else {
            print_one(p, ev);
        }
        printed++;
    }
    if (document)
        printf("]\n");
    return printed;
}

int
cmd_events(const struct options *o)
{
    struct iw_error err = {0};
    struct printing p = {.o = o, .pod = o->arg_count ? o->args[0] : NULL};
    struct session_tap tap = {.ctx = &p, .event = on_event};
    struct session_need need = {.events = true, .watch = o->watch, .tap = &tap};
    enum iw_err rc = o->arg_count > 1 ? iw_fail(&err, IW_ERR_USAGE, "one POD at most") : IW_OK;
    if (rc == IW_OK && o->watch && o->output == OUTPUT_JSON)
        rc = iw_fail(&err, IW_ERR_USAGE, "-w has no end and json is one document: use -o jsonl");
    if (rc == IW_OK)
        rc = session_open(o, &need, &p.session, &err);
    if (rc == IW_OK)
        rc = session_sync(p.session, &err);
    if (rc == IW_OK) {
        p.with_ns = p.session->ns[0] == '\0' || strchr(p.session->ns, ',');
        if (print_list(&p) == 0 && o->output == OUTPUT_TABLE)
            fprintf(stderr, "No events found in %s%s.\n",
                    p.session->ns[0] ? "namespace " : "any namespace", p.session->ns);
        fflush(stdout);
        p.live = true;
        if (o->watch)
            session_run(p.session, NULL, NULL, -1);
        if (p.session->interrupted)
            rc = iw_fail(&err, IW_ERR_CANCELED, "interrupted");
    }
    session_close(p.session);
    return rc == IW_OK ? 0 : app_report(&err);
}
