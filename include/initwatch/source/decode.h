/* decode: from the wire to the model. Nothing outside knows what a pod looked like in JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_DECODE_H
#define INITWATCH_SOURCE_DECODE_H

#include <jansson.h>

#include "initwatch/base/error.h"
#include "initwatch/model/event.h"
#include "initwatch/model/objects.h"
#include "initwatch/model/pod.h"
#include "initwatch/model/usage.h"
#include "initwatch/net/pb.h"

/* A Pod object (kind and apiVersion may be missing, as in list items). cluster: context key,
 * copied. New in *out: pod_free. IW_ERR_PARSE names the field whose type is wrong. Unknown fields
 * are ignored, null is absent, long numbers may be strings (see jarena). Probe numbers that are 0
 * or absent get the API server's defaults. Values of environment variables are not read. Needs no
 * open jarena document: any json_t will do. IW_ERR_TOO_BIG for an object of too many parts. */
IW_NODISCARD enum iw_err decode_pod(const json_t *object, const char *cluster, struct pod **out,
                                    struct iw_error *err);
/* A core/v1 or events.k8s.io/v1 Event. Strings in *out are borrowed from object, or from the
 * decoder until the next decode_event. */
IW_NODISCARD enum iw_err decode_event(const json_t *object, struct kevent *out,
                                      struct iw_error *err);
/* Any other object that initwatch knows. New in *out: kobject_free. Values of Secrets and
 * ConfigMaps are not read, only the names and sizes of their keys. IW_ERR_PARSE names the field
 * whose type is wrong, IW_ERR_TOO_BIG when its facts pass LIMIT_OBJECT_BYTES. */
IW_NODISCARD enum iw_err decode_object(const json_t *object, enum kobject_kind kind,
                                       struct kobject **out, struct iw_error *err);
/* The text of a PodMetricsList, a PodMetrics or a NodeMetricsList into out, where it replaces what was
 * known of that scope (ns, pod as in usage_begin). Opens and releases a jarena document. */
IW_NODISCARD enum iw_err decode_usage(const char *json, size_t len, const char *ns, const char *pod,
                                      struct usage *out, struct iw_error *err);
/* A Status object: fills err from code, reason, message, retryAfterSeconds; returns its class
 * (IW_ERR_GONE, FORBIDDEN ...). */
enum iw_err decode_status(const json_t *object, struct iw_error *err);

/* One object found in a file. */
struct file_object {
    const json_t *object;   /* borrowed for the call; NULL: it is protobuf */
    struct pb_span message; /* of protobuf; decode_pb.h */
    const char *kind;
    /* "ADDED" ... when it was a watch event, else ""; bookmarks are left out */
    const char *watch_type;
    int64_t now_wall_ms; /* of an envelope {"now":..,"object":..}, else IW_TIME_NONE */
    int line;            /* of protobuf: the number of the item, from 1 */
};
/* Read objects from a file or stdin ("-"): a Pod, a List or PodList, JSON lines of either,
 * multi-document YAML, watch events, envelopes; recordings {"t":..,"event":{..}} too. Objects of
 * every kind are handed on; items of a list get its kind. A protobuf list or object, too. Streams:
 * JSON of any size needs memory for one object (one list item) only, YAML is read as a whole up to
 * LIMIT_CONFIG_FILE_BYTES. Returns IW_OK, IW_ERR_PARSE or IW_ERR_TOO_BIG ("FILE:LINE: ..."),
 * IW_ERR_IO, IW_ERR_NOT_FOUND, or what each returned. */
IW_NODISCARD enum iw_err objfile_each(const char *path,
                                      enum iw_err (*each)(void *ctx, const struct file_object *o,
                                                          struct iw_error *err),
                                      void *ctx, struct iw_error *err);

#endif
