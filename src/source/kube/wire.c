/* wire: JSON pieces of lists and watches, parsed in the arena, delivered, forgotten.
 * SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/data/jarena.h"
#include "initwatch/source/decode.h"

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* False when it does not fit: a cut version or token would be another one. */
static bool
copy_text(char *out, size_t out_size, const char *text)
{
    size_t len = strlen(text);
    if (len >= out_size)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static enum iw_err
deliver_pod(const struct kube_wire *wire, const json_t *object, bool deleted, struct iw_error *err)
{
    struct pod *pod = NULL;
    enum iw_err rc = decode_pod(object, wire->cluster, &pod, err);
    if (rc != IW_OK)
        return rc;
    if (deleted)
        wire->sink->remove(wire->sink->ctx, pod);
    else
        wire->sink->upsert(wire->sink->ctx, pod);
    return IW_OK;
}

static enum iw_err
deliver_event(const struct kube_wire *wire, const json_t *object, bool deleted,
              struct iw_error *err)
{
    struct kevent event;
    enum iw_err rc = decode_event(object, &event, err);
    if (rc != IW_OK)
        return rc;
    if (deleted)
        wire->sink->event_removed(wire->sink->ctx, event.uid);
    else
        wire->sink->event(wire->sink->ctx, &event);
    return IW_OK;
}

static enum iw_err
deliver_object(const struct kube_wire *wire, const json_t *object, bool deleted,
               struct iw_error *err)
{
    if (deleted) {
        const json_t *metadata = json_object_get(object, "metadata");
        wire->sink->object_removed(wire->sink->ctx, wire->kind, text_of(metadata, "namespace"),
                                   text_of(metadata, "name"));
        return IW_OK;
    }
    struct kobject *record = NULL;
    enum iw_err rc = decode_object(object, wire->kind, &record, err);
    if (rc == IW_OK)
        wire->sink->object(wire->sink->ctx, record);
    return rc;
}

static enum iw_err
deliver(const struct kube_wire *wire, const json_t *object, bool deleted, struct iw_error *err)
{
    bool other = wire->kind != KOBJECT_POD;
    bool pods = !other && wire->stream == STREAM_PODS;
    enum iw_err rc = other  ? deliver_object(wire, object, deleted, err)
                     : pods ? deliver_pod(wire, object, deleted, err)
                            : deliver_event(wire, object, deleted, err);
    if (rc != IW_OK) {
        const json_t *metadata = json_object_get(object, "metadata");
        const char *what = other ? kobject_kind_info(wire->kind)->kind : pods ? "pod" : "event";
        iw_wrap(err, "%s %.64s/%.128s", what, text_of(metadata, "namespace"),
                text_of(metadata, "name"));
    }
    return rc;
}

static enum iw_err
take_event(const struct kube_wire *wire, const json_t *root, struct reflector_note *note,
           struct iw_error *err)
{
    const char *type = text_of(root, "type");
    const json_t *object = json_object_get(root, "object");
    if (!json_is_object(object))
        return iw_fail(err, IW_ERR_PARSE, "a watch event without object");
    if (strcmp(type, "ERROR") == 0) {
        note->piece = REFLECTOR_ERROR;
        decode_status(object, err);
        return IW_OK;
    }
    copy_text(note->rv, sizeof(note->rv),
              text_of(json_object_get(object, "metadata"), "resourceVersion"));
    if (strcmp(type, "BOOKMARK") == 0) {
        note->piece = REFLECTOR_BOOKMARK;
        return IW_OK;
    }
    bool deleted = strcmp(type, "DELETED") == 0;
    if (!deleted && strcmp(type, "ADDED") != 0 && strcmp(type, "MODIFIED") != 0)
        return iw_fail(err, IW_ERR_PARSE, "unknown type of watch event \"%.32s\"", type);
    return deliver(wire, object, deleted, err);
}

/* A Status or a single object; or a list that lost a part on its way, which no API server sends. */
static enum iw_err
not_a_list(const char *kind, bool has_metadata, struct iw_error *err)
{
    size_t len = strlen(kind);
    if (len == 0)
        return iw_fail(err, IW_ERR_PARSE, "it does not say of what kind it is");
    if (len < 4 || strcmp(kind + len - 4, "List") != 0)
        return iw_fail(err, IW_ERR_PARSE, "it is a %.64s", kind);
    return iw_fail(err, IW_ERR_PARSE, "the %.64s has no %s", kind,
                   has_metadata ? "items" : "metadata");
}

static enum iw_err
take_envelope(const json_t *root, struct reflector_note *note, struct iw_error *err)
{
    const json_t *metadata = json_object_get(root, "metadata");
    const json_t *items = json_object_get(root, "items");
    /* Go writes an empty list as null in places. */
    if (!json_is_object(metadata) || !(json_is_array(items) || json_is_null(items)))
        return not_a_list(text_of(root, "kind"), json_is_object(metadata), err);
    if (!copy_text(note->rv, sizeof(note->rv), text_of(metadata, "resourceVersion")) ||
        !copy_text(note->cont, sizeof(note->cont), text_of(metadata, "continue")))
        return iw_fail(err, IW_ERR_TOO_BIG, "its resourceVersion or continue token is too long");
    json_int_t remaining = json_integer_value(json_object_get(metadata, "remainingItemCount"));
    note->remaining = remaining > 0 ? (uint64_t)remaining : 0;
    return IW_OK;
}

enum iw_err
kube_wire_decode(const struct kube_wire *wire, const char *bytes, size_t len,
                 struct reflector_note *note, struct iw_error *err)
{
    json_t *root = NULL;
    enum iw_err rc = jarena_parse(bytes, len, &root, err);
    if (rc != IW_OK)
        return rc;
    if (!json_is_object(root))
        rc = iw_fail(err, IW_ERR_PARSE, "it is not an object");
    else if (note->piece == REFLECTOR_ITEM)
        rc = deliver(wire, root, false, err);
    else if (note->piece == REFLECTOR_ENVELOPE)
        rc = take_envelope(root, note, err);
    else
        rc = take_event(wire, root, note, err);
    jarena_release();
    return rc;
}

void
kube_wire_version(const char *bytes, size_t len, char *out, size_t out_size)
{
    json_t *root = NULL;
    out[0] = '\0';
    if (jarena_parse(bytes, len, &root, NULL) != IW_OK)
        return;
    (void)snprintf(out, out_size, "%s", text_of(root, "gitVersion"));
    jarena_release();
}
