/* defaults: what the API server fills in when a Pod is created, for manifests that have not been
 * through one.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_DEFAULTS_H
#define INITWATCH_SOURCE_DEFAULTS_H

#include <jansson.h>

#include "initwatch/base/error.h"

/* Change a Pod object in place as Kubernetes' defaulting does (SEMANTICS B.3): requests from
 * limits, pod-level resources from the containers, policies, probes, ports; quantities are rounded
 * up to milli and written canonically. Applying it twice changes nothing more. Returns IW_OK, or
 * IW_ERR_PARSE with the field that cannot be read; the object may then be half done. */
IW_NODISCARD enum iw_err pod_apply_defaults(json_t *pod, struct iw_error *err);
/* True when the reference names the tag latest, or neither tag nor digest: pulled anew at every
 * start. */
bool image_is_latest(const char *image);

#endif
