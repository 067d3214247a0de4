/* volumes: who mounts what.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/volumes.h"

#include <string.h>

const struct pod_volume *
pod_volume_named(const struct pod *pod, const char *name)
{
    for (uint32_t i = 0; i < pod->volume_count; i++)
        if (strcmp(pod->volumes[i].name, name) == 0)
            return &pod->volumes[i];
    return NULL;
}

const struct container_mount *
container_mount_of(const struct container *c, const char *volume)
{
    for (uint32_t i = 0; i < c->mount_count; i++)
        if (strcmp(c->mounts[i].volume, volume) == 0)
            return &c->mounts[i];
    return NULL;
}

bool
mount_may_write(const struct pod *pod, const struct container_mount *m)
{
    static const char *const READ_ONLY[] = {"configMap", "secret", "projected", "downwardAPI",
                                            "image"};
    const struct pod_volume *volume = pod_volume_named(pod, m->volume);
    if (m->read_only)
        return false;
    for (size_t i = 0; volume && i < IW_COUNTOF(READ_ONLY); i++)
        if (strcmp(volume->kind, READ_ONLY[i]) == 0)
            return false;
    return true;
}

unsigned
volume_user_count(const struct pod *pod, const char *volume)
{
    unsigned n = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        n += container_mount_of(c, volume) != NULL;
    return n;
}

bool
mount_is_token(const struct container_mount *m)
{
    return strcmp(m->path, "/var/run/secrets/kubernetes.io/serviceaccount") == 0;
}
