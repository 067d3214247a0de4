/* selector: label selectors, evaluated on the labels of a record: for objects that no server has
 * selected.
 * Ref: apimachinery/pkg/labels/selector.go, the grammar before Parse.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_SELECTOR_H
#define INITWATCH_MODEL_SELECTOR_H

#include "initwatch/base/error.h"
#include "initwatch/model/pod.h"

/* Does a label selector ("app=web,tier!=x,!old,env in (a,b)") choose the pod? An empty one chooses
 * all. IW_ERR_USAGE when it does not parse; err may be NULL. */
IW_NODISCARD enum iw_err selector_matches(const char *selector, const struct pod *pod,
                                          bool *matches, struct iw_error *err);

#endif
