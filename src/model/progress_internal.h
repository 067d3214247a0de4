/* progress_internal: what the signs (progress.c) and the block (progress_block.c) share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_PROGRESS_INTERNAL_H
#define INITWATCH_MODEL_PROGRESS_INTERNAL_H

#include "initwatch/model/pod.h"
#include "text_is.h"

static inline bool
condition_is(const struct pod *pod, const char *type, const char *status)
{
    const struct pod_condition *c = pod_condition(pod, type);
    return c && text_is(c->status, status);
}

/* A regular init container is done when it ended with 0; OOMKilled is a failure whatever the
 * code. */
bool end_is_success(const struct container_end *end);
/* The container has ended, and the kubelet will start it again. */
bool end_restarts(const struct pod *pod, const struct container *c);

#endif
