/* replay_tell: a recorded line to the calls of a sink, through the decoders of the wire.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/log.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/store.h"
#include "initwatch/source/replay.h"
#include "kube/wire.h"

bool
replay_is_step(const struct recording_entry *e)
{
    return e->kind == RECORDING_FRAME && !recording_is_beside(e);
}

void
replay_forget(struct store *store, const struct replay_undone *undone)
{
    if (!undone) {
        store_rewind(store);
        return;
    }
    bool events = false;
    for (size_t i = 0; i < undone->count; i++) {
        const struct recording_entry *e = undone->entries[i];
        const char *slash = strchr(e->name, '/');
        events = events || e->source == RECORDING_EVENTS;
        if (e->source != RECORDING_PODS || !slash)
            continue;
        char ns[256];
        (void)snprintf(ns, sizeof(ns), "%.*s", (int)IW_MIN(slash - e->name, 255), e->name);
        store_rewind_pod(store, ns, slash + 1);
    }
    if (events)
        store_rewind_events(store);
}

static void
tell_piece(const struct recording *r, const struct recording_entry *e,
           const struct source_sink *sink)
{
    const struct kube_wire wire = {
        .stream = e->source == RECORDING_EVENTS ? STREAM_EVENTS : STREAM_PODS,
        .kind = recording_is_objects(e) ? recording_objects_kind(e) : KOBJECT_POD,
        .cluster = recording_about(r)->context,
        .sink = sink};
    struct reflector_note note = {.piece =
                                      e->kind == RECORDING_ITEM ? REFLECTOR_ITEM : REFLECTOR_EVENT};
    struct iw_error err = {0};
    if (kube_wire_decode(&wire, e->data, e->data_len, &note, &err) != IW_OK)
        LOG_WARN("%s:%u: left out: %s", recording_path(r), (unsigned)e->line, err.msg);
}

static const char *
text_of(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));
    return text ? text : "";
}

static void
read_error(const json_t *data, struct iw_error *out)
{
    const char *name = text_of(data, "error");
    for (int code = 1; code < IW_ERR_COUNT; code++) {
        if (strcmp(name, iw_err_name((enum iw_err)code)) == 0)
            iw_fail(out, (enum iw_err)code, "%s", text_of(data, "message"));
    }
}

static void
tell_stream_status(const json_t *data, enum source_stream stream, int64_t now_wall_ms,
                   const struct source_sink *sink)
{
    const char *word = text_of(data, "state");
    struct source_status st = {.stream = stream,
                               .since_wall_ms = now_wall_ms,
                               .last_contact_wall_ms = now_wall_ms,
                               .retry_at_wall_ms = IW_TIME_NONE};
    for (int s = 0; s < SOURCE_STATE_COUNT; s++) {
        if (strcmp(word, source_state_word((enum source_state)s)) == 0)
            st.state = (enum source_state)s;
    }
    json_int_t attempts = json_integer_value(json_object_get(data, "attempts"));
    st.attempts = attempts > 0 && attempts < 1000000 ? (uint32_t)attempts : 0;
    const json_t *retry = json_object_get(data, "retry");
    if (json_is_integer(retry) && json_integer_value(retry) >= 0 &&
        json_integer_value(retry) < INT64_C(86400000))
        st.retry_at_wall_ms = now_wall_ms + json_integer_value(retry);
    (void)snprintf(st.scope, sizeof(st.scope), "%s", text_of(data, "scope"));
    (void)snprintf(st.server_version, sizeof(st.server_version), "%s", text_of(data, "version"));
    read_error(data, &st.last);
    sink->status(sink->ctx, &st);
}

static void
tell_objects_state(const json_t *data, const struct recording_entry *e,
                   const struct source_sink *sink)
{
    const char *word = text_of(data, "state");
    struct iw_error err = {0};
    read_error(data, &err);
    for (int s = 0; s < OBJECTS_STATE_COUNT; s++) {
        if (strcmp(word, kobjects_state_word((enum objects_state)s)) == 0)
            sink->objects_state(sink->ctx, recording_objects_kind(e), e->ns, (enum objects_state)s,
                                &err);
    }
}

static void
tell_status(const struct recording *r, const struct recording_entry *e, int64_t now_wall_ms,
            const struct source_sink *sink)
{
    json_t *root = NULL;
    struct iw_error err = {0};
    if (jarena_parse(e->data, e->data_len, &root, &err) != IW_OK) {
        LOG_WARN("%s:%u: left out: %s", recording_path(r), (unsigned)e->line, err.msg);
        return;
    }
    if (recording_is_objects(e))
        tell_objects_state(root, e, sink);
    else
        tell_stream_status(root, e->source == RECORDING_EVENTS ? STREAM_EVENTS : STREAM_PODS,
                           now_wall_ms, sink);
    jarena_release();
}

static void
tell_list(const struct recording_entry *e, const struct source_sink *sink)
{
    bool begins = e->kind == RECORDING_LIST;
    if (recording_is_objects(e)) {
        (begins ? sink->objects_begin : sink->objects_end)(sink->ctx, recording_objects_kind(e),
                                                           e->ns);
        return;
    }
    (begins ? sink->list_begin : sink->list_end)(
        sink->ctx, e->source == RECORDING_EVENTS ? STREAM_EVENTS : STREAM_PODS, e->ns);
}

bool
replay_tell(const struct recording *r, size_t i, int64_t now_wall_ms,
            const struct source_sink *sink)
{
    const struct recording_entry *e = recording_at(r, i);
    if (recording_is_beside(e) || (recording_is_objects(e) && !sink->object))
        return false;
    switch ((enum recording_kind)e->kind) {
    case RECORDING_LIST:
    case RECORDING_LISTED:
        tell_list(e, sink);
        return true;
    case RECORDING_ITEM:
    case RECORDING_FRAME:
        tell_piece(r, e, sink);
        return true;
    case RECORDING_STATUS:
        tell_status(r, e, now_wall_ms, sink);
        return true;
    case RECORDING_OPEN:
    case RECORDING_LINE:
    case RECORDING_DONE:
    case RECORDING_MARK:
    case RECORDING_END:
    case RECORDING_KIND_COUNT:
        break;
    }
    return false;
}
