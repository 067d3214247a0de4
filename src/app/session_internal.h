/* session_internal: the part of a session that is about recordings (session_replay.c), for session.c alone.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SESSION_INTERNAL_H
#define INITWATCH_SESSION_INTERNAL_H

#include "initwatch/app/session.h"

/* Reads --replay; sets recording, client and replay of s, whose `need` is known. */
IW_NODISCARD enum iw_err session_open_recording(struct session *s, const struct options *o,
                                                struct iw_error *err);

/* What stands where a kubeconfig would. New. */
struct kube_client_config *session_stand_in(const char *context, const char *ns,
                                            const char *server) IW_NODISCARD;

#endif
