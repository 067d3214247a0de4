/* draft_probe: what is shown of a probe, whatever it was read from. Internal to the decoders.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_DRAFT_PROBE_H
#define IW_SOURCE_KUBE_DRAFT_PROBE_H

#include "initwatch/model/container.h"

#include "decode_field.h"

/* Absent parts are "". */
struct draft_http {
    const char *scheme, *host, *port, *path;
};

/* Each sets kind and target. */
void draft_probe_exec(struct decoder *d, const char *const *words, uint32_t count,
                      struct probe *out);
void draft_probe_http(struct decoder *d, const struct draft_http *http, struct probe *out);
void draft_probe_tcp(struct decoder *d, const char *host, const char *port, struct probe *out);
void draft_probe_grpc(struct decoder *d, const char *port, const char *service, struct probe *out);
/* Numbers that are 0 or absent become the API server's defaults. Ref: v1 SetDefaults_Probe. */
void draft_probe_defaults(struct probe *probe);

#endif
