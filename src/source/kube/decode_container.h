/* decode_container: the container parts of a pod, spec and status. Internal to the pod decoder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_DECODE_CONTAINER_H
#define IW_SOURCE_KUBE_DECODE_CONTAINER_H

#include "initwatch/model/container.h"

#include "decode_field.h"

/* A map of resource amounts; present is false when the member is absent or null. */
struct resource_list decode_resources(struct decoder *d, const struct node *parent,
                                      const char *key);
/* securityContext of a container or a pod; NULL when there is none. */
const struct security *decode_security(struct decoder *d, const struct node *parent);
/* Fill c, which is zeroed; its tag and its status are left to the pod. */
void decode_container(struct decoder *d, const struct node *n, enum container_list list,
                      size_t index, struct container *c);
void decode_container_status(struct decoder *d, const struct node *n, enum container_list list,
                             struct container_status *s);

#endif
