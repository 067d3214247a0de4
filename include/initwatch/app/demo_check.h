/* demo_check: the manifests of `demo -f` judged as a cluster would.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_DEMO_CHECK_H
#define INITWATCH_APP_DEMO_CHECK_H

#include "initwatch/app/options.h"

/* Prints each error and warning with file, line and field path on stderr. IW_ERR_PARSE when there
 * is an error, or what reading a file gave. */
IW_NODISCARD enum iw_err demo_check_manifests(const struct options *o, struct iw_error *err);

#endif
