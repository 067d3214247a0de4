/* netpolicy: rules of the policies that select a pod, tried one after the other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/netpolicy.h"

#include <stdlib.h>
#include <string.h>

#define NAMESPACE_NAME_LABEL "kubernetes.io/metadata.name"
#define DNS_PORT 53

enum match { MATCH_NO, MATCH_MAYBE, MATCH_YES };

/* --- peers --- */

static enum match
namespace_matches(const struct label_selector *s, const char *ns)
{
    struct pod_label name = {NAMESPACE_NAME_LABEL, ns};
    for (uint32_t i = 0; i < s->count; i++) {
        if (strcmp(s->terms[i].key, NAMESPACE_NAME_LABEL) != 0)
            return MATCH_MAYBE;
    }
    return label_selector_matches(s, &name, 1) ? MATCH_YES : MATCH_NO;
}

/* "10.1.0.0", with or without "/24" behind it. */
static bool
parse_ipv4(const char *text, uint32_t *out)
{
    *out = 0;
    for (int part = 0; part < 4; part++) {
        unsigned value = 0, digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
            value = value * 10 + (unsigned)(*text - '0');
        if (digits == 0 || value > 255 || (part < 3 && *text++ != '.'))
            return false;
        *out = *out << 8 | value;
    }
    return *text == '\0' || *text == '/';
}

static enum match
cidr_holds(const char *cidr, const char *ip)
{
    uint32_t net, address;
    const char *slash = strchr(cidr, '/');
    if (!slash || !parse_ipv4(cidr, &net) || !parse_ipv4(ip, &address))
        return MATCH_MAYBE;
    long bits = strtol(slash + 1, NULL, 10);
    if (bits < 0 || bits > 32)
        return MATCH_MAYBE;
    uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
    return (net & mask) == (address & mask) ? MATCH_YES : MATCH_NO;
}

static enum match
block_matches(const struct policy_peer *peer, const struct pod *pod)
{
    enum match inside = cidr_holds(peer->cidr, pod->ip);
    for (uint32_t i = 0; inside == MATCH_YES && i < peer->except_count; i++) {
        enum match out = cidr_holds(peer->except[i], pod->ip);
        inside = out == MATCH_YES ? MATCH_NO : out == MATCH_MAYBE ? MATCH_MAYBE : inside;
    }
    return inside;
}

static enum match
peer_matches(const struct policy_peer *peer, const char *policy_ns, const struct pod *pod)
{
    if (peer->cidr[0])
        return block_matches(peer, pod);
    enum match ns = peer->namespaces.present ? namespace_matches(&peer->namespaces, pod->ns)
                    : strcmp(policy_ns, pod->ns) == 0 ? MATCH_YES
                                                      : MATCH_NO;
    if (ns == MATCH_NO)
        return MATCH_NO;
    if (peer->pods.present && !label_selector_matches(&peer->pods, pod->labels, pod->label_count))
        return MATCH_NO;
    return ns;
}

/* --- ports --- */

static int32_t
named_port(const struct pod *pod, const char *name)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        for (uint32_t i = 0; i < c->port_count; i++) {
            if (strcmp(c->ports[i].name, name) == 0)
                return c->ports[i].port;
        }
    }
    return 0;
}

static bool
port_matches(const struct policy_port *p, const struct policy_flow *flow)
{
    char *end;
    if (strcmp(p->protocol, flow->protocol) != 0)
        return false;
    if (p->port[0] == '\0')
        return true;
    long number = strtol(p->port, &end, 10);
    if (*end != '\0')
        number = flow->to ? named_port(flow->to, p->port) : 0;
    if (number == 0 || flow->port == 0)
        return false;
    return p->end_port ? flow->port >= number && flow->port <= p->end_port : flow->port == number;
}

static bool
ports_match(const struct policy_rule *rule, const struct policy_flow *flow)
{
    for (uint32_t i = 0; i < rule->port_count; i++) {
        if (port_matches(&rule->ports[i], flow))
            return true;
    }
    return rule->port_count == 0;
}

/* --- rules --- */

/* peer NULL: whoever it is, an address outside the pods that are known. */
static enum match
rule_matches(const struct policy_rule *rule, const char *policy_ns, const struct policy_flow *flow,
             const struct pod *peer)
{
    enum match best = rule->peer_count == 0 ? MATCH_YES : MATCH_NO;
    if (!ports_match(rule, flow))
        return MATCH_NO;
    for (uint32_t i = 0; i < rule->peer_count; i++) {
        enum match m = peer ? peer_matches(&rule->peers[i], policy_ns, peer) : MATCH_MAYBE;
        best = IW_MAX(best, m);
    }
    return best;
}

struct direction {
    bool egress;
    const struct pod *selected, *peer;
};

static enum policy_verdict
judge(const struct kobjects *objects, const struct policy_flow *flow, struct direction dir,
      const struct kobject **which)
{
    bool selected = false;
    enum match best = MATCH_NO;
    if (which)
        *which = NULL;
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_NETWORKPOLICY); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_NETWORKPOLICY, i);
        const struct policy_facts *f = o->policy;
        bool applies = dir.egress ? f->is_egress : f->is_ingress;
        if (!applies || strcmp(o->ns, dir.selected->ns) != 0 ||
            !label_selector_matches(&f->pods, dir.selected->labels, dir.selected->label_count))
            continue;
        selected = true;
        if (which)
            *which = o;
        const struct policy_rule *rules = dir.egress ? f->egress : f->ingress;
        uint32_t count = dir.egress ? f->egress_count : f->ingress_count;
        for (uint32_t k = 0; k < count; k++) {
            enum match m = rule_matches(&rules[k], o->ns, flow, dir.peer);
            best = IW_MAX(best, m);
        }
    }
    return !selected             ? POLICY_NONE
           : best == MATCH_YES   ? POLICY_ALLOWS
           : best == MATCH_MAYBE ? POLICY_UNKNOWN
                                 : POLICY_BLOCKS;
}

enum policy_verdict
policy_egress(const struct kobjects *objects, const struct policy_flow *flow,
              const struct kobject **which)
{
    return judge(objects, flow, (struct direction){true, flow->from, flow->to}, which);
}

enum policy_verdict
policy_ingress(const struct kobjects *objects, const struct policy_flow *flow,
               const struct kobject **which)
{
    return judge(objects, flow, (struct direction){false, flow->to, flow->from}, which);
}

enum policy_verdict
policy_dns(const struct kobjects *objects, const struct pod *pod, const struct kobject **which)
{
    struct policy_flow flow = {.from = pod, .port = DNS_PORT, .protocol = "UDP"};
    return judge(objects, &flow, (struct direction){true, pod, NULL}, which);
}
