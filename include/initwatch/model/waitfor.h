/* waitfor: what a container waits for, read from its command.
 *
 * A wait loop (`until nc -z db 5432; do sleep 2; done`) runs without any event or error; the
 * command is the only place that says what is missing. Nothing is resolved or contacted here, and
 * variables stay as they are written. DIAGNOSIS 4.3.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_WAITFOR_H
#define INITWATCH_MODEL_WAITFOR_H

#include "initwatch/model/container.h"

struct wait_target {
    const char *kind;  /* "tcp", "udp", "dns", "http", "https", "icmp", "object", "file" */
    char host[128];    /* name, address, "kind/name" of an object, or the path of a file */
    char port[16];     /* "" when it has none */
    char command[160]; /* the check itself: "nc -z postgres-service 5432" */
};

/* The first check the command repeats until it passes; false when it does not wait. */
bool container_wait_target(const struct container *c, struct wait_target *out);
/* The script of `sh -c SCRIPT`, else the whole command line; white space collapsed, control bytes
 * as blanks, cut with "...". "" when the image's own command runs. */
void container_command_text(const struct container *c, char *out, size_t out_size);
/* The script when a shell runs one, else NULL; borrowed from the pod. */
const char *container_shell_script(const struct container *c);

#endif
