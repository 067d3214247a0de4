/* decode_pb_container: a Container message into a draft; templates are decoded once.
 *
 * Ten thousand pods have a few dozen templates. What containers of one template have in common is kept,
 * found again by its bytes, and only what differs in each pod is read: the names of the volumes it mounts.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_DECODE_PB_CONTAINER_H
#define IW_SOURCE_KUBE_DECODE_PB_CONTAINER_H

#include "initwatch/model/container.h"

#include "pb_fill.h"

struct requirements {
    struct resource_list limits, requests;
};
/* An element of env or envFrom: it can name a ConfigMap and a Secret. */
struct env_refs {
    bool has_config_map, has_secret;
    struct container_ref config_map, secret;
};
struct port_number {
    bool present;
    int32_t type, number; /* type 1: the text counts */
    const char *text;
};
struct probe_parts {
    bool present, has_exec, has_http, has_tcp, has_grpc;
    struct probe numbers;
    const char *const *command;
    uint32_t command_count;
    const char *path, *host, *scheme, *tcp_host, *service;
    struct port_number http_port, tcp_port;
    bool has_grpc_port;
    int32_t grpc_port;
};
struct container_parts {
    struct container container;
    struct probe_parts startup, readiness, liveness;
    struct env_refs *env, *env_from;
    uint32_t env_count, env_from_count;
    struct requirements resources;
    struct security security;
    bool has_security, is_finished;
};

/* ResourceRequirements into a struct requirements. */
extern const struct pb_message pb_requirements;
/* SecurityContext and PodSecurityContext into a struct security. */
extern const struct pb_message pb_security, pb_pod_security;
/* A message of which only the presence counts. */
extern const struct pb_message pb_nothing;
/* Container into a struct container_parts; EphemeralContainerCommon has the same numbers. */
extern const struct pb_message pb_container;
/* The same for an element of a list, from the templates where it is known. */
void pb_container_take(struct decoder *d, struct pb_span bytes, void *target);
/* What the parts say together, in parts->container. */
void pb_container_finish(struct decoder *d, struct container_parts *parts);
/* Between two pods: drafts of the last one may point to templates. */
void pb_container_tidy(void);

#endif
