/* volumes: which containers of a pod share a volume, and who of them may write it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_VOLUMES_H
#define INITWATCH_MODEL_VOLUMES_H

#include "initwatch/model/pod.h"

/* The volume by name, or NULL. */
const struct pod_volume *pod_volume_named(const struct pod *pod, const char *name);
/* The first mount of the volume in c, or NULL. */
const struct container_mount *container_mount_of(const struct container *c, const char *volume);
/* May the mount be written through? Not with readOnly, and not where the kubelet mounts its own
 * content: ConfigMaps, Secrets, projected and downward API volumes. */
bool mount_may_write(const struct pod *pod, const struct container_mount *m);
/* How many containers mount it. */
unsigned volume_user_count(const struct pod *pod, const char *volume);
/* Nobody cares who shares the token that every container gets. */
bool mount_is_token(const struct container_mount *m);

#endif
