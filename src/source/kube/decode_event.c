/* decode_event: Events of both API groups, from JSON.
 * Ref: api/core/v1 Event, api/events/v1 Event.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/source/decode.h"

#include "event_parts.h"

/* A text that has another name in the other group. */
static const char *
either_text(struct decoder *d, const struct node *n, const char *key, const char *other_key)
{
    const char *text = field_string(d, n, key);
    return text[0] ? text : field_string(d, n, other_key);
}

static int64_t
either_time(struct decoder *d, const struct node *n, const char *key, const char *other_key)
{
    int64_t wall_ms = field_time(d, n, key);
    return wall_ms != IW_TIME_NONE ? wall_ms : field_time(d, n, other_key);
}

static void
event_about(struct decoder *d, const struct node *root, struct event_parts *p)
{
    struct node about = field_object(d, root, "involvedObject");
    if (!node_present(&about))
        about = field_object(d, root, "regarding");
    p->object_kind = field_string(d, &about, "kind");
    p->object_name = field_string(d, &about, "name");
    p->object_uid = field_string(d, &about, "uid");
    p->object_ns = field_string(d, &about, "namespace");
    p->field_path = field_string(d, &about, "fieldPath");
}

static void
event_counts(struct decoder *d, const struct node *root, struct event_parts *p)
{
    struct node series = field_object(d, root, "series");
    int32_t count = field_int32(d, root, "count", 0);
    p->count = IW_MAX(count, field_int32(d, root, "deprecatedCount", 0));
    p->series_count = field_int32(d, &series, "count", 0);
    p->series_ms = field_time(d, &series, "lastObservedTime");
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
    struct node source = field_object(&d, &root, "source");
    struct node old_source = field_object(&d, &root, "deprecatedSource");
    struct event_parts p = {
        .uid = field_string(&d, &metadata, "uid"),
        .name = field_string(&d, &metadata, "name"),
        .ns = field_string(&d, &metadata, "namespace"),
        .type = field_string(&d, &root, "type"),
        .reason = field_string(&d, &root, "reason"),
        .message = either_text(&d, &root, "message", "note"),
        .component = field_string(&d, &source, "component"),
        .reporting = either_text(&d, &root, "reportingComponent", "reportingController"),
        .deprecated_component = field_string(&d, &old_source, "component"),
        .created_ms = field_time(&d, &metadata, "creationTimestamp"),
        .event_ms = field_time(&d, &root, "eventTime"),
        .first_ms = either_time(&d, &root, "firstTimestamp", "deprecatedFirstTimestamp"),
        .last_ms = either_time(&d, &root, "lastTimestamp", "deprecatedLastTimestamp"),
    };
    event_about(&d, &root, &p);
    event_counts(&d, &root, &p);
    event_build(&d, &p, out);
    return d.code;
}
