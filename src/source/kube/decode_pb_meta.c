/* decode_pb_meta: Status, ListMeta and WatchEvent messages.
 * Ref: apimachinery/pkg/apis/meta/v1/generated.proto; RawExtension of
 * apimachinery/pkg/runtime/generated.proto.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/decode_pb.h"

#include "status_error.h"

/* A message is cut at what an error holds anyway. */
#define STATUS_TEXT_BYTES 512

enum { STATUS_MESSAGE = 3, STATUS_REASON = 4, STATUS_DETAILS = 5, STATUS_CODE = 6 };
enum { DETAILS_RETRY_AFTER_SECONDS = 5 };
enum { LIST_RESOURCE_VERSION = 2, LIST_CONTINUE = 3, LIST_REMAINING = 4 };
enum { WATCH_TYPE = 1, WATCH_OBJECT = 2, RAW_EXTENSION_RAW = 1 };

enum iw_err
decode_status_pb(struct pb_span message, struct iw_error *err)
{
    struct iw_error local;
    char text[STATUS_TEXT_BYTES], reason[64];
    pb_copy(pb_bytes(message, STATUS_MESSAGE), text, sizeof(text));
    pb_copy(pb_bytes(message, STATUS_REASON), reason, sizeof(reason));
    uint64_t retry_s = pb_number(pb_bytes(message, STATUS_DETAILS), DETAILS_RETRY_AFTER_SECONDS, 0);
    int code = (int32_t)(uint32_t)pb_number(message, STATUS_CODE, 0);
    return status_error(code, reason, text, (int32_t)(uint32_t)retry_s, err ? err : &local);
}

struct pb_list_meta
decode_list_meta_pb(struct pb_span message)
{
    return (struct pb_list_meta){
        .resource_version = pb_bytes(message, LIST_RESOURCE_VERSION),
        .continue_token = pb_bytes(message, LIST_CONTINUE),
        .remaining = pb_number(message, LIST_REMAINING, 0),
    };
}

enum iw_err
decode_watch_event_pb(struct pb_span message, struct pb_watch_event *out, struct iw_error *err)
{
    out->type = pb_bytes(message, WATCH_TYPE);
    struct pb_span object = pb_bytes(pb_bytes(message, WATCH_OBJECT), RAW_EXTENSION_RAW);
    if (pb_len(out->type) == 0 || !pb_unwrap(object, &out->object))
        return iw_fail(err, IW_ERR_PARSE, "a watch event without object");
    return IW_OK;
}
