/* pbread: request bodies in protobuf as JSON, by the same tables that the answers are written by.
 *
 * `kubectl create KIND` sends them. Members without a row are left out, as the encoder does.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_PBREAD_H
#define INITWATCH_DEMO_PBREAD_H

#include <jansson.h>
#include <string.h>

#include "initwatch/base/error.h"
#include "pbform.h"

/* The object in a body; NULL with IW_ERR_PARSE when it is broken or of a kind without a table. */
json_t *pbread_object(const char *body, size_t len, struct iw_error *err) IW_NODISCARD;
/* NULL: nobody sends that kind. */
const struct pbform_message *pbread_message_of(const char *kind);

#endif
