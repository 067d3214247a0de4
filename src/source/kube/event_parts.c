/* event_parts: Events of both API groups into one shape.
 * Ref: api/core/v1 Event, api/events/v1 Event; kubectl's events printer.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event_parts.h"

#include <string.h>

static const char *
event_first_text(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (texts[i][0])
            return texts[i];
    return "";
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

void
event_build(struct decoder *d, const struct event_parts *p, struct kevent *out)
{
    const char *uids[] = {p->uid, p->name};
    const char *spaces[] = {p->ns, p->object_ns};
    const char *sources[] = {p->component, p->reporting, p->deprecated_component};
    int64_t begins[] = {p->first_ms, p->event_ms, p->last_ms, p->created_ms};
    int64_t ends[] = {p->series_ms, p->last_ms, p->event_ms, p->first_ms, p->created_ms};
    int32_t most = IW_MAX(p->count, p->series_count);
    *out = (struct kevent){
        .uid = event_first_text(uids, IW_COUNTOF(uids)),
        .ns = event_first_text(spaces, IW_COUNTOF(spaces)),
        .type = p->type,
        .reason = p->reason,
        .message = p->message,
        .object_kind = p->object_kind,
        .object_name = p->object_name,
        .object_uid = p->object_uid,
        .container = event_container(d, p->field_path),
        .source = event_first_text(sources, IW_COUNTOF(sources)),
        .count = most > 1 ? (uint32_t)most : 1,
        .first_ms = event_first_time(begins, IW_COUNTOF(begins)),
        .last_ms = event_first_time(ends, IW_COUNTOF(ends)),
    };
}
