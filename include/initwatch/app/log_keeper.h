/* log_keeper: fetches the attempts of the pod in focus that the cluster is about to forget, into the archive.
 *
 * The cluster keeps one ended run of a container. When the pod the user looks at restarts a container, the run that just
 * became "previous" is fetched at once, whether or not its log is on screen. One request at a time, its tail only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_LOG_KEEPER_H
#define INITWATCH_APP_LOG_KEEPER_H

#include "initwatch/app/log_stream.h"

struct log_keeper;
struct log_keeper *log_keeper_new(struct log_archive *archive) IW_NODISCARD; /* borrowed */
void log_keeper_free(struct log_keeper *k);
/* Look at the pod: fetch what is not kept yet. Called when the focus or the store changed; env is copied. not_this: a
 * container whose log is on screen and keeps itself, "" none. */
void log_keeper_look(struct log_keeper *k, const struct log_stream_env *env, struct pod_ref pod,
                     const char *not_this);
/* The connection goes away: what runs is dropped. */
void log_keeper_stop(struct log_keeper *k);

#endif
