/* Fuzz: any bytes as a pod, an event and a status. Records must be whole or refused, never half.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/data/jarena.h"
#include "initwatch/source/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every record promises: strings are there, statuses belong to their list. */
static void
check_pod(const struct pod *pod)
{
    size_t len = strlen(pod->name) + strlen(pod->ns) + strlen(pod->ip) + strlen(pod->phase);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        len += strlen(c->name) + strlen(c->image) + strlen(c->tag) + strlen(c->startup.target);
        if (c->status && (c->status->list != c->list || strcmp(c->status->name, c->name) != 0))
            abort();
    }
    if (len > pod->size_bytes)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *root;
    struct iw_error err = {0};
    if (jarena_parse((const char *)data, size, &root, &err) == IW_OK) {
        struct pod *pod = NULL;
        struct kevent event;
        if (decode_pod(root, "fuzz", &pod, &err) == IW_OK)
            check_pod(pod);
        pod_free(pod);
        if (decode_event(root, &event, &err) == IW_OK && event.count == 0)
            abort();
        if (decode_status(root, &err) == IW_OK)
            abort();
    }
    jarena_release();
    return 0;
}
