/* replay_logs: earlier attempts out of a recording, which a cluster would have forgotten by then.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_REPLAY_LOGS_H
#define INITWATCH_APP_REPLAY_LOGS_H

#include "initwatch/app/log_archive.h"
#include "initwatch/app/session.h"

/* Put the attempts of a container that the source does not give any more, and of which lines were recorded,
 * into the archive, where a log_stream finds them. Nothing when s plays no recording. */
void replay_logs_fill(const struct session *s, struct log_archive *archive, struct pod_ref ref,
                      const struct container *c);

#endif
