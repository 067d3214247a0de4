/* pod: what is asked of a record. It is made in pod_seal.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/pod.h"

#include <string.h>

const struct container_status *
pod_statuses(const struct pod *pod, enum container_list list, uint32_t *count)
{
    uint32_t init = pod->init_status_count;
    uint32_t app = pod->app_status_count;
    switch (list) {
    case LIST_INIT:
        *count = init;
        return pod->statuses;
    case LIST_APP:
        *count = app;
        return init < pod->status_count ? pod->statuses + init : NULL;
    case LIST_EPHEMERAL:
        *count = pod->status_count - init - app;
        return init + app < pod->status_count ? pod->statuses + init + app : NULL;
    case LIST_COUNT:
        break;
    }
    *count = 0;
    return NULL;
}

const struct container *
pod_find_container(const struct pod *pod, const char *name)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const struct pod_condition *
pod_condition(const struct pod *pod, const char *type)
{
    for (uint32_t i = 0; i < pod->condition_count; i++)
        if (strcmp(pod->conditions[i].type, type) == 0)
            return &pod->conditions[i];
    return NULL;
}

bool
pod_is_deleted(const struct pod *pod)
{
    return pod->deletion_ms != IW_TIME_NONE;
}

bool
pod_is_terminal(const struct pod *pod)
{
    return strcmp(pod->phase, "Succeeded") == 0 || strcmp(pod->phase, "Failed") == 0;
}
