/* decode_pb_event: a core/v1 Event message into one kevent.
 * Ref: k8s.io/api/core/v1/generated.proto (v1.35): Event, ObjectReference, EventSource, EventSeries;
 * meta/v1 ObjectMeta.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/limits.h"
#include "initwatch/source/decode_pb.h"

#include "event_parts.h"
#include "pb_fill.h"

static const struct pb_row meta_rows[] = {
    [1] = PB_AT(PB_STRING, struct event_parts, name),
    [3] = PB_AT(PB_STRING, struct event_parts, ns),
    [5] = PB_AT(PB_STRING, struct event_parts, uid),
    [8] = PB_AT(PB_TIME, struct event_parts, created_ms),
};
static const struct pb_message meta = PB_MESSAGE("ObjectMeta", struct event_parts, meta_rows);

static const struct pb_row object_rows[] = {
    [1] = PB_AT(PB_STRING, struct event_parts, object_kind),
    [2] = PB_AT(PB_STRING, struct event_parts, object_ns),
    [3] = PB_AT(PB_STRING, struct event_parts, object_name),
    [4] = PB_AT(PB_STRING, struct event_parts, object_uid),
    [7] = PB_AT(PB_STRING, struct event_parts, field_path),
};
static const struct pb_message object =
    PB_MESSAGE("ObjectReference", struct event_parts, object_rows);

static const struct pb_row source_rows[] = {
    [1] = PB_AT(PB_STRING, struct event_parts, component),
};
static const struct pb_message source = PB_MESSAGE("EventSource", struct event_parts, source_rows);

static const struct pb_row series_rows[] = {
    [1] = PB_AT(PB_INT32, struct event_parts, series_count),
    [2] = PB_AT(PB_TIME, struct event_parts, series_ms),
};
static const struct pb_message series = PB_MESSAGE("EventSeries", struct event_parts, series_rows);

static const struct pb_row event_rows[] = {
    [1] = {.kind = PB_INSIDE, .message = &meta},
    [2] = {.kind = PB_INSIDE, .message = &object},
    [3] = PB_AT(PB_STRING, struct event_parts, reason),
    [4] = PB_AT(PB_STRING, struct event_parts, message),
    [5] = {.kind = PB_INSIDE, .message = &source},
    [6] = PB_AT(PB_TIME, struct event_parts, first_ms),
    [7] = PB_AT(PB_TIME, struct event_parts, last_ms),
    [8] = PB_AT(PB_INT32, struct event_parts, count),
    [9] = PB_AT(PB_STRING, struct event_parts, type),
    [10] = PB_AT(PB_TIME, struct event_parts, event_ms),
    [11] = {.kind = PB_INSIDE, .message = &series},
    [14] = PB_AT(PB_STRING, struct event_parts, reporting),
};
static const struct pb_message event = PB_MESSAGE("Event", struct event_parts, event_rows);

enum iw_err
decode_event_pb(struct pb_span message, struct kevent *out, struct iw_error *err)
{
    static struct arena arena;
    if (arena.ceiling_bytes == 0)
        arena_init(&arena, LIMIT_FRAME_BYTES * 4);
    arena_reset(&arena);
    struct decoder d = {.arena = &arena, .err = err};
    struct event_parts parts;
    pb_clear(&event, &parts);
    parts.deprecated_component = "";
    pb_fill(&d, &event, message, &parts);
    if (d.code == IW_OK)
        event_build(&d, &parts, out);
    return d.code;
}
