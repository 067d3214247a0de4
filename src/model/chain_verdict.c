/* chain_verdict: what a chain that was walked says in one word or sentence.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/model/chain.h"
#include "initwatch/model/progress.h"

void
chain_cause(const struct chain *chain, char *out, size_t out_size)
{
    const struct chain_step *root = chain_root(chain);
    out[0] = '\0';
    if (root && strstr(root->text, root->name))
        (void)snprintf(out, out_size, "%s", root->text);
    else if (root)
        (void)snprintf(out, out_size, "%s %.100s: %s", root->kind, root->name, root->text);
}

bool
pod_waits_for_services(const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct wait_target target;
        char name[254], ns[64];
        bool sure;
        if (container_wait_target(c, &target) &&
            service_of_host(target.host, pod->ns, name, ns, &sure))
            return true;
    }
    return false;
}

const char *
chain_fault(const struct chain *chain)
{
    const struct chain_step *root = chain_root(chain);
    if (root && root->id[0])
        return root->id;
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->steps[i].id[0])
            return chain->steps[i].id;
    }
    return "";
}

const char *
chain_verdict(const struct chain *chain, const struct pod *pod, int64_t now_wall_ms)
{
    static const struct {
        const char *id, *verdict;
    } bad[] = {{"IW-D01", "no service"},   {"IW-D02", "no port"}, {"IW-D03", "no endpoints"},
               {"IW-D04", "no endpoints"}, {"IW-D06", "policy"},  {"IW-D07", "cycle"},
               {"IW-D08", "self"}};
    enum container_sign sign = container_sign(pod, chain->container, now_wall_ms);
    if (sign == SIGN_OK)
        return "passed";
    if (sign == SIGN_WAITS)
        return "not reached";
    if (sign == SIGN_FAILED)
        return "failed";
    const char *id = chain_fault(chain);
    for (size_t i = 0; i < IW_COUNTOF(bad); i++) {
        if (strcmp(id, bad[i].id) == 0)
            return bad[i].verdict;
    }
    return chain->passes ? "would pass" : "waiting";
}

const struct chain_step *
chain_root(const struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->steps[i].root)
            return &chain->steps[i];
    return NULL;
}
