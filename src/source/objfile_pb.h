/* objfile_pb: objects out of files that hold protobuf. Internal to objfile.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_OBJFILE_PB_H
#define INITWATCH_SOURCE_OBJFILE_PB_H

#include "initwatch/source/decode.h"

/* Where the bytes come from: read gives the next ones, *len 0 at the end. */
struct objfile_pb_input {
    const char *name; /* for messages */
    const char *head; /* bytes that are read already; they begin with PB_MAGIC */
    size_t head_len;
    enum iw_err (*read)(void *ctx, const char **bytes, size_t *len);
    void *ctx;
};

IW_NODISCARD enum iw_err objfile_pb_each(const struct objfile_pb_input *input,
                                         enum iw_err (*each)(void *ctx, const struct file_object *o,
                                                             struct iw_error *err),
                                         void *ctx, struct iw_error *err);

#endif
