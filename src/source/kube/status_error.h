/* status_error: what a Status says, as an error with its retry class. Internal to the decoders.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_STATUS_ERROR_H
#define IW_SOURCE_KUBE_STATUS_ERROR_H

#include "initwatch/base/error.h"

/* Fills out (not NULL) and returns its class. Absent texts are "", absent numbers 0. */
enum iw_err status_error(int code, const char *reason, const char *message, int64_t retry_s,
                         struct iw_error *out);

#endif
