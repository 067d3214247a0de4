/* frame_pb: the protobuf modes of frame.h. Internal to frame.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_NET_FRAME_PB_H
#define IW_NET_FRAME_PB_H

#include "initwatch/net/frame.h"

typedef bool (*frame_emit_fn)(void *ctx, enum frame_kind kind, const char *bytes, size_t len);

void frame_pb_init(struct frame *f);
IW_NODISCARD enum iw_err frame_pb_feed(struct frame *f, struct pb_span bytes, frame_emit_fn emit,
                                       void *ctx, struct iw_error *err);
IW_NODISCARD enum iw_err frame_pb_finish(struct frame *f, frame_emit_fn emit, void *ctx,
                                         struct iw_error *err);

#endif
