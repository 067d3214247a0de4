/* decode_event: Events of both API groups into one shape.
 * Ref: api/core/v1 Event, api/events/v1 Event; kubectl's events printer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/source/decode.h"

#include "decode_field.h"

static const char *
event_first_text(const char *a, const char *b)
{
    return a[0] ? a : b;
}

static int64_t
event_first_time(const int64_t *times, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (times[i] != IW_TIME_NONE)
            return times[i];
    return IW_TIME_NONE;
}

/* "app" of "spec.containers{app}"; "" when the event is not about one container. */
static const char *
event_container(struct decoder *d, const char *field_path)
{
    static const char *const lists[] = {"spec.initContainers{", "spec.containers{",
                                        "spec.ephemeralContainers{"};
    for (size_t i = 0; i < IW_COUNTOF(lists); i++) {
        size_t prefix = strlen(lists[i]);
        if (strncmp(field_path, lists[i], prefix) != 0)
            continue;
        size_t len = strcspn(field_path + prefix, "}");
        return draft_printf(d, "%.*s", (int)len, field_path + prefix);
    }
    return "";
}

static void
event_times(struct decoder *d, const struct node *root, const struct node *series,
            struct kevent *out)
{
    struct node metadata = field_object(d, root, "metadata");
    int64_t created = field_time(d, &metadata, "creationTimestamp");
    int64_t event_time = field_time(d, root, "eventTime");
    int64_t first = field_time(d, root, "firstTimestamp");
    int64_t last = field_time(d, root, "lastTimestamp");
    if (first == IW_TIME_NONE)
        first = field_time(d, root, "deprecatedFirstTimestamp");
    if (last == IW_TIME_NONE)
        last = field_time(d, root, "deprecatedLastTimestamp");
    int64_t begins[] = {first, event_time, last, created};
    int64_t ends[] = {field_time(d, series, "lastObservedTime"), last, event_time, first, created};
    out->first_ms = event_first_time(begins, IW_COUNTOF(begins));
    out->last_ms = event_first_time(ends, IW_COUNTOF(ends));
}

static void
event_object(struct decoder *d, const struct node *root, struct kevent *out)
{
    struct node about = field_object(d, root, "involvedObject");
    if (!node_present(&about))
        about = field_object(d, root, "regarding");
    out->object_kind = field_string(d, &about, "kind");
    out->object_name = field_string(d, &about, "name");
    out->object_uid = field_string(d, &about, "uid");
    out->container = event_container(d, field_string(d, &about, "fieldPath"));
    if (!out->ns[0])
        out->ns = field_string(d, &about, "namespace");
}

static const char *
event_source(struct decoder *d, const struct node *root)
{
    struct node source = field_object(d, root, "source");
    struct node old = field_object(d, root, "deprecatedSource");
    const char *names[] = {
        field_string(d, &source, "component"),
        field_string(d, root, "reportingComponent"),
        field_string(d, root, "reportingController"),
        field_string(d, &old, "component"),
    };
    const char *name = "";
    for (size_t i = 0; i < IW_COUNTOF(names) && !name[0]; i++)
        name = names[i];
    return name;
}

static uint32_t
event_count(struct decoder *d, const struct node *root, const struct node *series)
{
    int32_t counts[] = {
        field_int32(d, series, "count", 0),
        field_int32(d, root, "count", 0),
        field_int32(d, root, "deprecatedCount", 0),
    };
    uint32_t most = 1;
    for (size_t i = 0; i < IW_COUNTOF(counts); i++)
        if (counts[i] > 0 && (uint32_t)counts[i] > most)
            most = (uint32_t)counts[i];
    return most;
}

enum iw_err
decode_event(const json_t *object, struct kevent *out, struct iw_error *err)
{
    static struct arena arena;
    if (!json_is_object(object))
        return iw_fail(err, IW_ERR_PARSE, "expected an Event object");
    if (arena.ceiling_bytes == 0)
        arena_init(&arena, LIMIT_FRAME_BYTES * 4);
    arena_reset(&arena);
    struct decoder d = {.arena = &arena, .err = err};
    struct node root = node_root(object);
    struct node metadata = field_object(&d, &root, "metadata");
    struct node series = field_object(&d, &root, "series");
    *out = (struct kevent){
        .uid = event_first_text(field_string(&d, &metadata, "uid"),
                                field_string(&d, &metadata, "name")),
        .ns = field_string(&d, &metadata, "namespace"),
        .type = field_string(&d, &root, "type"),
        .reason = field_string(&d, &root, "reason"),
        .message =
            event_first_text(field_string(&d, &root, "message"), field_string(&d, &root, "note")),
        .source = event_source(&d, &root),
        .count = event_count(&d, &root, &series),
    };
    event_object(&d, &root, out);
    event_times(&d, &root, &series, out);
    return d.code;
}
