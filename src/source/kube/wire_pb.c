/* wire_pb: protobuf pieces of lists and watches, delivered.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <string.h>

#include "initwatch/source/decode_pb.h"

#include "pb_fill.h"

static enum iw_err
deliver_pod(const struct kube_wire *wire, struct pb_span object, bool deleted, struct iw_error *err)
{
    struct pod *pod = NULL;
    enum iw_err rc = decode_pod_pb(object, wire->cluster, &pod, err);
    if (rc != IW_OK)
        return rc;
    if (deleted)
        wire->sink->remove(wire->sink->ctx, pod);
    else
        wire->sink->upsert(wire->sink->ctx, pod);
    return IW_OK;
}

static enum iw_err
deliver_event(const struct kube_wire *wire, struct pb_span object, bool deleted,
              struct iw_error *err)
{
    struct kevent event;
    enum iw_err rc = decode_event_pb(object, &event, err);
    if (rc != IW_OK)
        return rc;
    if (deleted)
        wire->sink->event_removed(wire->sink->ctx, event.uid);
    else
        wire->sink->event(wire->sink->ctx, &event);
    return IW_OK;
}

static enum iw_err
deliver(const struct kube_wire *wire, struct pb_span object, bool deleted, struct iw_error *err)
{
    enum iw_err rc = wire->stream == STREAM_PODS ? deliver_pod(wire, object, deleted, err)
                                                 : deliver_event(wire, object, deleted, err);
    if (rc != IW_OK) {
        char ns[65], name[129];
        pb_object_names(object, ns, sizeof(ns), name, sizeof(name));
        iw_wrap(err, "%s %s/%s", wire->stream == STREAM_PODS ? "pod" : "event", ns, name);
    }
    return rc;
}

/* False when it does not fit: a cut version or token would be another one. */
static bool
copy_whole(struct pb_span text, char *out, size_t out_size)
{
    if (pb_len(text) >= out_size)
        return false;
    pb_copy(text, out, out_size);
    return true;
}

static enum iw_err
take_event(const struct kube_wire *wire, struct pb_span message, struct reflector_note *note,
           struct iw_error *err)
{
    struct pb_watch_event event;
    enum iw_err rc = decode_watch_event_pb(message, &event, err);
    if (rc != IW_OK)
        return rc;
    struct pb_span object = event.object.raw;
    if (pb_equals(event.type, "ERROR")) {
        note->piece = REFLECTOR_ERROR;
        decode_status_pb(object, err);
        return IW_OK;
    }
    copy_whole(pb_object_version(object), note->rv, sizeof(note->rv));
    if (pb_equals(event.type, "BOOKMARK")) {
        note->piece = REFLECTOR_BOOKMARK;
        return IW_OK;
    }
    bool deleted = pb_equals(event.type, "DELETED");
    if (!deleted && !pb_equals(event.type, "ADDED") && !pb_equals(event.type, "MODIFIED")) {
        char type[33];
        pb_copy(event.type, type, sizeof(type));
        return iw_fail(err, IW_ERR_PARSE, "unknown type of watch event \"%s\"", type);
    }
    return deliver(wire, object, deleted, err);
}

static enum iw_err
take_envelope(struct pb_span bytes, struct reflector_note *note, struct iw_error *err)
{
    struct pb_object list;
    char kind[65] = "";
    if (pb_unwrap(bytes, &list))
        pb_copy(list.kind, kind, sizeof(kind));
    size_t len = strlen(kind);
    if (len < 4 || strcmp(kind + len - 4, "List") != 0)
        return iw_fail(err, IW_ERR_PARSE, "it is a %s", kind);
    struct pb_list_meta meta = decode_list_meta_pb(pb_bytes(list.raw, 1));
    if (!copy_whole(meta.resource_version, note->rv, sizeof(note->rv)) ||
        !copy_whole(meta.continue_token, note->cont, sizeof(note->cont)))
        return iw_fail(err, IW_ERR_TOO_BIG, "its resourceVersion or continue token is too long");
    note->remaining = meta.remaining <= INT64_MAX ? meta.remaining : 0;
    return IW_OK;
}

enum iw_err
kube_wire_decode_pb(const struct kube_wire *wire, const char *bytes, size_t len,
                    struct reflector_note *note, struct iw_error *err)
{
    struct pb_span piece = pb_span_of(bytes, len);
    if (note->piece == REFLECTOR_ITEM)
        return deliver(wire, piece, false, err);
    if (note->piece == REFLECTOR_ENVELOPE)
        return take_envelope(piece, note, err);
    return take_event(wire, piece, note, err);
}
