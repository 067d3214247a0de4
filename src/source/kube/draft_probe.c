/* draft_probe: what is shown of a probe, whatever it was read from.
 * SPDX-License-Identifier: Apache-2.0 */
#include "draft_probe.h"

#include <string.h>

enum { PROBE_TIMEOUT_S = 1, PROBE_PERIOD_S = 10, PROBE_SUCCESSES = 1, PROBE_FAILURES = 3 };

void
draft_probe_exec(struct decoder *d, const char *const *words, uint32_t count, struct probe *out)
{
    size_t size = sizeof("exec");
    for (uint32_t i = 0; i < count; i++)
        size += strlen(words[i]) + 1;
    char *text = draft_alloc(d, size, 1);
    out->kind = PROBE_EXEC;
    out->target = text ? text : "";
    if (!text)
        return;
    char *at = mempcpy(text, "exec", strlen("exec"));
    for (uint32_t i = 0; i < count; i++) {
        *at++ = ' ';
        at = mempcpy(at, words[i], strlen(words[i]));
    }
    *at = '\0';
}

void
draft_probe_http(struct decoder *d, const struct draft_http *http, struct probe *out)
{
    bool tls = strcmp(http->scheme, "HTTPS") == 0;
    out->kind = PROBE_HTTP;
    out->target = draft_printf(d, "httpGet %s%s:%s%s%s", tls ? "https://" : "", http->host,
                               http->port, http->path[0] == '/' ? "" : "/", http->path);
}

void
draft_probe_tcp(struct decoder *d, const char *host, const char *port, struct probe *out)
{
    out->kind = PROBE_TCP;
    out->target = draft_printf(d, "tcp %s:%s", host, port);
}

void
draft_probe_grpc(struct decoder *d, const char *port, const char *service, struct probe *out)
{
    out->kind = PROBE_GRPC;
    out->target = draft_printf(d, "grpc :%s%s%s", port, service[0] ? "/" : "", service);
}

static int32_t
when_zero(int32_t value, int32_t otherwise)
{
    return value ? value : otherwise;
}

void
draft_probe_defaults(struct probe *probe)
{
    probe->period_s = when_zero(probe->period_s, PROBE_PERIOD_S);
    probe->timeout_s = when_zero(probe->timeout_s, PROBE_TIMEOUT_S);
    probe->success_threshold = when_zero(probe->success_threshold, PROBE_SUCCESSES);
    probe->failure_threshold = when_zero(probe->failure_threshold, PROBE_FAILURES);
}
