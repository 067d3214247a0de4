/* eventsave: the rows of an event list as JSON lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eventlist.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"

static void
put_text(struct strbuf *out, const char *key, const char *text)
{
    strbuf_addf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", key);
    strbuf_add_json(out, text);
}

static void
put_moment(struct strbuf *out, const char *key, int64_t at_ms)
{
    char text[40];
    strbuf_addf(out, ",\"%s\":", key);
    if (at_ms == IW_TIME_NONE) {
        strbuf_adds(out, "null");
        return;
    }
    rfc3339_format(at_ms, false, text);
    strbuf_add_json(out, text);
}

static void
put_event(struct strbuf *out, const struct kevent *ev)
{
    strbuf_addc(out, '{');
    put_text(out, "namespace", ev->ns);
    put_text(out, "type", ev->type);
    put_text(out, "reason", ev->reason);
    put_text(out, "kind", ev->object_kind);
    put_text(out, "name", ev->object_name);
    if (ev->container[0])
        put_text(out, "container", ev->container);
    else
        strbuf_adds(out, ",\"container\":null");
    put_text(out, "message", ev->message);
    put_text(out, "source", ev->source);
    put_moment(out, "first", ev->first_ms);
    put_moment(out, "last", ev->last_ms);
    strbuf_addf(out, ",\"count\":%u}\n", ev->count);
}

static bool
is_json(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".jsonl") == 0 || strcmp(dot, ".json") == 0);
}

bool
event_list_command(struct event_list *l, const struct view_env *env, const char *name,
                   const char *arg, struct intent *out)
{
    const struct kevent_ring *ring = store_events(env->store);
    if (strcmp(name, "save") != 0 || !is_json(arg))
        return false;
    strbuf_clear(&l->saved);
    for (size_t i = 0; ring && i < l->rows.len; i++) {
        const struct kevent *ev = kevent_ring_at(ring, l->rows.items[i]);
        if (ev)
            put_event(&l->saved, ev);
    }
    out->kind = INTENT_SAVE;
    snprintf(out->text, sizeof(out->text), "%s", arg);
    out->data = l->saved.data ? l->saved.data : "";
    out->data_len = l->saved.len;
    return true;
}
