/* diag_util: what several rules need.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DIAG_UTIL_H
#define INITWATCH_DIAG_UTIL_H

#include "initwatch/diag/diag.h"

/* "spec.initContainers[2]", the path of a container. out ends in NUL. */
void diag_spec_path(const struct container *c, char out[48]);
/* "status.initContainerStatuses[migrate]". */
void diag_status_path(const struct container *c, char out[128]);
/* "4m09s", or "?" when the moment is not known. */
void diag_elapsed(int64_t since_ms, int64_t now_wall_ms, char out[16]);
/* The name if it is safe to paste into a shell, else the placeholder: names come from a peer. */
const char *diag_word(const char *name, const char *placeholder);
/* How the container ended last: state if it is terminated, else lastState; NULL when it never
 * ended. */
const struct container_end *diag_last_end(const struct container *c);
/* It is down after a bad end: terminated and not done, or in CrashLoopBackOff. */
bool diag_is_down(const struct pod *pod, const struct container *c);
/* Newest event of the pod with this reason and, if container is not NULL, about it; NULL when none.
 */
const struct kevent *diag_event(const struct diag_env *env, const char *reason,
                                const char *container);
/* Newest event of the pod whose message holds the part. */
const struct kevent *diag_event_saying(const struct diag_env *env, const char *reason,
                                       const char *part);
/* "event Warning FailedMount (x12): MESSAGE" as evidence. */
void diag_event_evidence(struct finding *f, const struct kevent *ev);
/* Its startup probe was failing and its last run lasted as long as that probe allows: the kubelet
 * killed it, whatever the exit code is and even when the Killing event is gone. */
bool diag_startup_ran_out(const struct diag_env *env, const struct container *c);
/* "initwatch logs POD -n NS -c CONTAINER" as advice, with --previous when asked. */
void diag_logs_advice(struct finding *f, const struct pod *pod, const struct container *c,
                      bool previous);
/* What mends the root of a chain, the best first, as advice; false when it has no root or nothing
 * general can be said of it. */
bool diag_chain_advice(const struct diag_env *env, const struct chain *chain, struct finding *out);
/* Does a shell refuse this script: an unclosed quote, or do/done, if/fi, case/esac that do not
 * match? what names it ("done without do"). */
bool diag_shell_broken(const char *script, const char **what);

#endif
