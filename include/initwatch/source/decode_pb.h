/* decode_pb: from protobuf to the model; the same records as decode.h makes of JSON.
 *
 * What the two encodings carry differs in a few places: protobuf has no empty map (`limits: {}` is
 * absent), and its quantities are canonical ("1e1" is "10") whatever was typed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_DECODE_PB_H
#define INITWATCH_SOURCE_DECODE_PB_H

#include "initwatch/base/error.h"
#include "initwatch/model/event.h"
#include "initwatch/model/pod.h"
#include "initwatch/net/pb.h"

/* A core/v1 Pod message, without PB_MAGIC (pb_unwrap takes that off). cluster: context key, copied.
 * New in *out: pod_free. IW_ERR_PARSE when it is no such message, IW_ERR_TOO_BIG for an object of
 * too many parts. Unknown fields are ignored. Values of environment variables are not read. */
IW_NODISCARD enum iw_err decode_pod_pb(struct pb_span message, const char *cluster,
                                       struct pod **out, struct iw_error *err);
/* A core/v1 Event message. Strings in *out belong to the decoder until the next call. */
IW_NODISCARD enum iw_err decode_event_pb(struct pb_span message, struct kevent *out,
                                         struct iw_error *err);
/* A meta/v1 Status message: as decode_status. */
enum iw_err decode_status_pb(struct pb_span message, struct iw_error *err);

/* A meta/v1 ListMeta message; absent parts are empty and 0. */
struct pb_list_meta {
    struct pb_span resource_version, continue_token;
    uint64_t remaining;
};
struct pb_list_meta decode_list_meta_pb(struct pb_span message);

/* A meta/v1 WatchEvent message. */
struct pb_watch_event {
    struct pb_span type; /* "ADDED" ... */
    struct pb_object object;
};
IW_NODISCARD enum iw_err decode_watch_event_pb(struct pb_span message, struct pb_watch_event *out,
                                               struct iw_error *err);

#endif
