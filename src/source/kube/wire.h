/* wire: what an API server sends, delivered to a sink.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_KUBE_WIRE_H
#define INITWATCH_SOURCE_KUBE_WIRE_H

#include "initwatch/source/reflector.h"

struct kube_wire {
    enum source_stream stream; /* pods or events */
    enum kobject_kind kind;    /* KOBJECT_POD: the stream; else other objects, as JSON only */
    const char *cluster;       /* context key for pods; borrowed */
    const struct source_sink *sink;
};

/* Decode one piece for a reflector: see reflector_transport.decode. The first is for JSON. */
enum iw_err kube_wire_decode(const struct kube_wire *wire, const char *bytes, size_t len,
                             struct reflector_note *note, struct iw_error *err);
enum iw_err kube_wire_decode_pb(const struct kube_wire *wire, const char *bytes, size_t len,
                                struct reflector_note *note, struct iw_error *err);
/* gitVersion of an answer to /version; out is "" when it has none. */
void kube_wire_version(const char *bytes, size_t len, char *out, size_t out_size);

#endif
