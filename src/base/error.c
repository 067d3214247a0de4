/* error: filling, wrapping and naming errors.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"

struct error_row {
    const char *name, *message, *hint;
    enum iw_retry retry;
};

static const struct error_row error_rows[IW_ERR_COUNT] = {
#define X(code, text, retry_class, hint_text)                                                      \
    [IW_ERR_##code] = {#code, text, hint_text, IW_RETRY_##retry_class},
    IW_ERROR_CODES(X)
#undef X
};

/* Copy text into the message; what does not fit is cut between two characters. */
static void
error_set_message(struct iw_error *err, const char *text)
{
    size_t len = strlen(text);
    if (len >= sizeof(err->msg)) {
        len = sizeof(err->msg) - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    memcpy(err->msg, text, len);
    err->msg[len] = '\0';
}

enum iw_err
iw_fail(struct iw_error *err, enum iw_err code, const char *fmt, ...)
{
    if (!err)
        return code;
    /* Formatted aside first: an argument may be the message that is replaced. */
    char text[2 * sizeof(err->msg)];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), tr(fmt), args);
    va_end(args);
    *err = (struct iw_error){.code = code};
    error_set_message(err, text[0] ? text : iw_err_message(code));
    return code;
}

enum iw_err
iw_fail_errno(struct iw_error *err, enum iw_err code, int sys_errno, const char *fmt, ...)
{
    if (!err)
        return code;
    char context[sizeof(err->msg)], text[3 * sizeof(err->msg)];
    va_list args;
    va_start(args, fmt);
    vsnprintf(context, sizeof(context), tr(fmt), args);
    va_end(args);
    snprintf(text, sizeof(text), "%s: %s", context, strerror(sys_errno));
    *err = (struct iw_error){.code = code, .sys_errno = sys_errno};
    error_set_message(err, text);
    return code;
}

enum iw_err
iw_wrap(struct iw_error *err, const char *fmt, ...)
{
    if (!err)
        return IW_ERR_INTERNAL;
    char context[sizeof(err->msg)], text[3 * sizeof(err->msg)];
    va_list args;
    va_start(args, fmt);
    vsnprintf(context, sizeof(context), tr(fmt), args);
    va_end(args);
    snprintf(text, sizeof(text), "%s: %s", context, err->msg);
    error_set_message(err, text);
    return err->code;
}

static const struct error_row *
error_row(enum iw_err code)
{
    return &error_rows[(unsigned)code < IW_ERR_COUNT ? code : IW_ERR_INTERNAL];
}

const char *
iw_err_name(enum iw_err code)
{
    return error_row(code)->name;
}

const char *
iw_err_message(enum iw_err code)
{
    return error_row(code)->message;
}

const char *
iw_err_hint(enum iw_err code)
{
    return error_row(code)->hint;
}

enum iw_retry
iw_err_retry(enum iw_err code)
{
    return error_row(code)->retry;
}
