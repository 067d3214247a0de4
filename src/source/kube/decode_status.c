/* decode_status: a Status object into an error with its retry class.
 * Ref: apimachinery/pkg/apis/meta/v1 types.go (Status, StatusReason).
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/net/http.h"
#include "initwatch/source/decode.h"

#include "decode_field.h"
#include "status_error.h"

/* Reasons whose class is known even when the code is missing. */
static const struct {
    const char *reason;
    int http_status;
} status_reasons[] = {
    {"Expired", 410},       {"Gone", 410},     {"Unauthorized", 401},
    {"Forbidden", 403},     {"NotFound", 404}, {"TooManyRequests", 429},
    {"InternalError", 500}, {"Timeout", 504},  {"ServiceUnavailable", 503},
};

enum iw_err
status_error(int code, const char *reason, const char *message, int64_t retry_s,
             struct iw_error *out)
{
    for (size_t i = 0; code == 0 && i < IW_COUNTOF(status_reasons); i++)
        if (strcmp(reason, status_reasons[i].reason) == 0)
            code = status_reasons[i].http_status;
    enum iw_err class = http_status_class(code);
    *out = (struct iw_error){0};
    iw_fail(out, class, "%s", message[0] ? message : reason[0] ? reason : iw_err_message(class));
    out->http_status = code;
    /* An hour is more than any server asks for; it keeps a broken one from stopping us for good. */
    out->retry_after_ms = retry_s > 0 ? IW_MIN(retry_s, (int64_t)3600) * 1000 : 0;
    return class;
}

enum iw_err
decode_status(const json_t *object, struct iw_error *err)
{
    struct iw_error local;
    struct arena arena;
    arena_init(&arena, LIMIT_FRAME_BYTES * 4);
    /* Wrong types in an error answer are no error of their own: what can be read is told. */
    struct decoder d = {.arena = &arena};
    struct node root = node_root(json_is_object(object) ? object : NULL);
    struct node details = field_object(&d, &root, "details");
    const char *message = field_string(&d, &root, "message");
    const char *reason = field_string(&d, &root, "reason");
    int64_t retry_s = field_int64(&d, &details, "retryAfterSeconds", 0);
    enum iw_err code = status_error(field_int32(&d, &root, "code", 0), reason, message, retry_s,
                                    err ? err : &local);
    arena_free(&arena);
    return code;
}
