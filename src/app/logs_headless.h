/* logs_headless: the parts of `initwatch logs`.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOGS_HEADLESS_H
#define INITWATCH_APP_LOGS_HEADLESS_H

#include "initwatch/app/logprint.h"
#include "initwatch/app/session.h"

/* path "-": standard input. IW_ERR_NOT_FOUND, IW_ERR_IO. */
IW_NODISCARD enum iw_err logs_print_file(const struct options *o, const char *path,
                                         struct logprint *print, struct iw_error *err);
/* Containers by log_stream: attempts, merged, followed over restarts. container NULL: all of each pod. selection: the pods are
 * those that --selector or KIND/NAME means; with --follow those that come later join. */
IW_NODISCARD enum iw_err logs_print_streams(struct session *s, const struct options *o,
                                            struct logprint *print, const struct pod_ref *pods,
                                            size_t pod_count, const char *container, bool selection,
                                            struct iw_error *err);

#endif
