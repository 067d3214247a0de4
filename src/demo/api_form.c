/* api_form: objects as JSON or as rows of a Table, events in either of their two APIs.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"
#include "initwatch/demo/cells.h"

static void
move(json_t *from, const char *old, json_t *to, const char *new)
{
    json_t *value = json_object_get(from, old);
    if (value)
        json_object_set(to, new, value);
}

/* core/v1 Event to events.k8s.io/v1 Event (the same stored object). Takes `core`. New reference. */
static json_t *
api_event_v1(json_t *core)
{
    json_t *out = json_object();
    move(core, "metadata", out, "metadata");
    move(core, "eventTime", out, "eventTime");
    move(core, "reportingComponent", out, "reportingController");
    move(core, "reportingInstance", out, "reportingInstance");
    move(core, "action", out, "action");
    move(core, "reason", out, "reason");
    move(core, "involvedObject", out, "regarding");
    move(core, "message", out, "note");
    move(core, "type", out, "type");
    move(core, "source", out, "deprecatedSource");
    move(core, "firstTimestamp", out, "deprecatedFirstTimestamp");
    move(core, "lastTimestamp", out, "deprecatedLastTimestamp");
    move(core, "count", out, "deprecatedCount");
    json_decref(core);
    return out;
}

static void
write_event_v1(const struct objects_version *version, bool typed, struct strbuf *out)
{
    json_t *event = api_event_v1(json_loadb(version->bytes, version->len, 0, NULL));
    char *bytes = json_dumps(event, JSON_COMPACT);
    json_decref(event);
    if (!bytes)
        return;
    strbuf_adds(out, typed ? "{\"kind\":\"Event\",\"apiVersion\":\"events.k8s.io/v1\"," : "{");
    strbuf_adds(out, bytes + 1);
    free(bytes);
}

void
api_write_object(const struct api_stream *s, const struct objects_version *version, bool typed,
                 struct strbuf *out)
{
    if (s->form.events_v1)
        write_event_v1(version, typed, out);
    else
        objects_render(version, s->form.kind, typed, out);
}

void
api_write_row(const struct api_stream *s, const struct objects_version *version, struct strbuf *out)
{
    struct strbuf text;
    strbuf_init(&text, 0);
    objects_render(version, s->form.kind, true, &text);
    json_t *object = json_loadb(text.data, text.len, 0, NULL);
    strbuf_free(&text);
    json_t *row = json_object();
    json_object_set_new(row, "cells", cells_row(s->form.kind, object, api_now_wall_ms(s->server)));
    if (s->form.full_object) {
        json_object_set(row, "object", object);
    } else if (!s->form.no_object) {
        json_t *meta = json_object_get(object, "metadata");
        json_object_set_new(row, "object",
                            json_pack("{s:s,s:s,s:O}", "kind", "PartialObjectMetadata",
                                      "apiVersion", "meta.k8s.io/v1", "metadata", meta));
    }
    char *bytes = json_dumps(row, JSON_COMPACT);
    strbuf_adds(out, bytes ? bytes : "{}");
    free(bytes);
    json_decref(row);
    json_decref(object);
}

void
api_write_columns(enum demo_kind kind, struct strbuf *out)
{
    json_t *columns = cells_columns(kind);
    char *bytes = json_dumps(columns, JSON_COMPACT);
    strbuf_adds(out, bytes ? bytes : "[]");
    free(bytes);
    json_decref(columns);
}
