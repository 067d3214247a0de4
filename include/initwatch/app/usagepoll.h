/* usagepoll: asks the metrics API what is used, as long as a view shows it.
 *
 * Every 30 s (metrics-server measures no oftener than each 15 s), one answer at a time, the least that the
 * view needs: one pod, the pods of the namespaces shown, or nodes. A server without that API is asked
 * again after five minutes. What is answered can be recorded; a recording has what was.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_USAGEPOLL_H
#define INITWATCH_APP_USAGEPOLL_H

#include "initwatch/app/session.h"
#include "initwatch/model/usage.h"
#include "initwatch/source/recorder.h"

struct usagepoll;
struct usagepoll *usagepoll_new(struct session *session) IW_NODISCARD; /* session: borrowed */
void usagepoll_free(struct usagepoll *p);
/* Before each sleep: what the visible view wants (USAGE_OF_*), 0 for nothing; pod: for USAGE_OF_POD. */
void usagepoll_want(struct usagepoll *p, unsigned what, struct pod_ref pod);
/* From now on answers are recorded there (borrowed), and it is asked at once; NULL: not any more. */
void usagepoll_record(struct usagepoll *p, struct recorder *recorder);
/* The source will be another one: nothing is under way any more, nothing is known. */
void usagepoll_reset(struct usagepoll *p);
const struct usage *usagepoll_usage(const struct usagepoll *p); /* borrowed for the life of p */

#endif
