/* event_parts: what an Event says, before it is one kevent. Internal to the decoders.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_EVENT_PARTS_H
#define IW_SOURCE_KUBE_EVENT_PARTS_H

#include "initwatch/model/event.h"

#include "decode_field.h"

/* Members of both API groups; absent texts are "", absent times IW_TIME_NONE, absent counts 0. */
struct event_parts {
    const char *uid, *name, *ns, *type, *reason, *message;
    const char *component;            /* source.component */
    const char *reporting;            /* reportingComponent or reportingController */
    const char *deprecated_component; /* deprecatedSource.component */
    const char *object_kind, *object_name, *object_uid, *object_ns, *field_path;
    int64_t created_ms, event_ms, first_ms, last_ms, series_ms;
    int32_t count, series_count;
};
/* Strings are those of the parts, or in the draft's memory. */
void event_build(struct decoder *d, const struct event_parts *parts, struct kevent *out);

#endif
