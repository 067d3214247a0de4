/* defaults_internal: what the two files of defaults share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_DEFAULTS_INTERNAL_H
#define INITWATCH_SOURCE_DEFAULTS_INTERNAL_H

#include <jansson.h>

#include "initwatch/base/error.h"
#include "initwatch/model/quantity.h"

/* Member of an object, NULL when absent or null. */
json_t *defaults_member(json_t *object, const char *key);
/* A quantity is a string or a bare number; numbers that are no 64-bit integers come as strings. */
enum iw_err defaults_amount(const json_t *value, struct quantity *out, struct iw_error *err);
/* Requests from limits, the pod level, rounding. */
enum iw_err defaults_resources(json_t *pod, struct iw_error *err);

#endif
