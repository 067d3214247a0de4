/* pbform: pods, events and statuses as protobuf, the way an API server writes them.
 *
 * An encoder by tables of JSON names and field numbers. Members without a row are left out: the
 * demo's objects have no others, and a reader of protobuf cannot tell.
 * Ref: k8s.io/api/core/v1 and apimachinery (meta/v1, runtime, api/resource, util/intstr)
 * generated.proto; apimachinery/pkg/runtime/serializer/protobuf/protobuf.go.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_PBFORM_H
#define INITWATCH_DEMO_PBFORM_H

#include <jansson.h>

#include "initwatch/base/strbuf.h"

#define PBFORM_TYPE "application/vnd.kubernetes.protobuf"
/* Of a list: its ListMeta, its objects. */
enum { PBFORM_LIST_META = 1, PBFORM_LIST_ITEM = 2 };

struct pbform_message;
extern const struct pbform_message pbform_pod, pbform_event, pbform_status, pbform_list_meta;

/* Append the message. A text where the schema has a number is written as a text: that is how the
 * marks of the generated pods get in. */
void pbform_encode(struct strbuf *out, const struct pbform_message *message, const json_t *object);

void pbform_varint(struct strbuf *out, uint64_t value);
size_t pbform_varint_size(uint64_t value);
/* Tag and length of field `number`, whose `len` bytes follow. */
void pbform_head(struct strbuf *out, uint32_t number, size_t len);
size_t pbform_head_size(uint32_t number, size_t len);

/* What stands before the raw bytes of an object (or list) of this kind: the magic, the type, the
 * length of what follows. */
void pbform_object_head(struct strbuf *out, const char *api_version, const char *kind,
                        size_t raw_len);
/* And what stands behind them. */
void pbform_object_tail(struct strbuf *out);
/* One watch event with its length in front; raw is the object's message. */
void pbform_watch_event(struct strbuf *out, const char *type, const char *kind,
                        const struct strbuf *raw);

#endif
