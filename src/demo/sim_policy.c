/* sim_policy: NetworkPolicies, as far as wait loops notice them. Policies add up: a pod that no
 * policy of a direction selects may talk to everybody in that direction.
 * Ref: networking.k8s.io/v1 NetworkPolicySpec.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_internal.h"

#define DNS_NAMESPACE "kube-system"

static const char *
text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

static bool
in_values(const json_t *values, const json_t *label)
{
    size_t i;
    json_t *value;
    json_array_foreach((json_t *)values, i, value)
    {
        if (json_equal(value, label))
            return true;
    }
    return false;
}

/* A LabelSelector; the empty one matches everything. */
static bool
selects(const json_t *selector, const json_t *labels)
{
    const char *key;
    json_t *value, *term;
    size_t i;
    json_object_foreach(json_object_get(selector, "matchLabels"), key, value)
    {
        if (!json_equal(value, json_object_get(labels, key)))
            return false;
    }
    json_array_foreach(json_object_get(selector, "matchExpressions"), i, term)
    {
        const json_t *label = json_object_get(labels, text_of(term, "key"));
        const char *op = text_of(term, "operator");
        bool in = label && in_values(json_object_get(term, "values"), label);
        bool fits = strcmp(op, "In") == 0       ? in
                    : strcmp(op, "NotIn") == 0  ? !in
                    : strcmp(op, "Exists") == 0 ? label != NULL
                                                : label == NULL;
        if (!fits)
            return false;
    }
    return true;
}

static const json_t *
labels_of(const json_t *object)
{
    return json_object_get(json_object_get(object, "metadata"), "labels");
}

static bool
applies(const struct sim_thing *policy, const struct sim_pod *pod, const char *direction)
{
    const json_t *spec = json_object_get(policy->object, "spec");
    if (policy->kind != DEMO_KIND_NETWORKPOLICY || strcmp(policy->ns, pod->ns) != 0 ||
        !selects(json_object_get(spec, "podSelector"), labels_of(pod->object)))
        return false;
    const json_t *types = json_object_get(spec, "policyTypes");
    bool egress = strcmp(direction, "egress") == 0;
    if (!types)
        return !egress || json_object_get(spec, "egress");
    size_t i;
    json_t *type;
    json_array_foreach((json_t *)types, i, type)
    {
        const char *text = json_string_value(type);
        if (text && strcmp(text, egress ? "Egress" : "Ingress") == 0)
            return true;
    }
    return false;
}

static bool
namespace_selected(struct sim *sim, const json_t *selector, const char *ns)
{
    const struct sim_thing *thing = sim_thing_find(sim, DEMO_KIND_NAMESPACE, "", ns);
    json_t *made = thing ? NULL : json_pack("{s:s}", "kubernetes.io/metadata.name", ns);
    bool fits = selects(selector, thing ? labels_of(thing->object) : made);
    json_decref(made);
    return fits;
}

/* `other` NULL: the pods of the cluster's DNS. */
static bool
peer_fits(struct sim *sim, const struct sim_thing *policy, const json_t *peer,
          const struct sim_pod *other)
{
    const json_t *pods = json_object_get(peer, "podSelector");
    const json_t *namespaces = json_object_get(peer, "namespaceSelector");
    const char *ns = other ? other->ns : DNS_NAMESPACE;
    if (json_object_get(peer, "ipBlock"))
        return strncmp(text_of(json_object_get(peer, "ipBlock"), "cidr"), "0.0.0.0/0", 9) == 0;
    if (namespaces ? !namespace_selected(sim, namespaces, ns) : strcmp(policy->ns, ns) != 0)
        return false;
    json_t *dns = json_pack("{s:s}", "k8s-app", "kube-dns");
    bool fits = !pods || selects(pods, other ? labels_of(other->object) : dns);
    json_decref(dns);
    return fits;
}

static bool
port_fits(const json_t *rule, int port)
{
    const json_t *ports = json_object_get(rule, "ports");
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)ports, i, entry)
    {
        const json_t *number = json_object_get(entry, "port");
        json_int_t end = json_integer_value(json_object_get(entry, "endPort"));
        /* a named port is taken to be the right one */
        if (!json_is_integer(number) || json_integer_value(number) == port ||
            (end && json_integer_value(number) <= port && port <= end))
            return true;
    }
    return json_array_size(ports) == 0 || port == 0;
}

static bool
rule_allows(struct sim *sim, const struct sim_thing *policy, const json_t *rule,
            const char *peers_member, const struct sim_pod *other, int port)
{
    const json_t *peers = json_object_get(rule, peers_member);
    size_t i;
    json_t *peer;
    if (!port_fits(rule, port))
        return false;
    json_array_foreach((json_t *)peers, i, peer)
    {
        if (peer_fits(sim, policy, peer, other))
            return true;
    }
    return json_array_size(peers) == 0;
}

static bool
direction_allows(struct sim *sim, const struct sim_pod *pod, const char *direction,
                 const struct sim_pod *other, int port)
{
    bool isolated = false;
    const char *peers = strcmp(direction, "egress") == 0 ? "to" : "from";
    for (size_t i = 0; i < sim->things.len; i++) {
        const struct sim_thing *policy = sim->things.items[i];
        if (!applies(policy, pod, direction))
            continue;
        isolated = true;
        size_t r;
        json_t *rule;
        json_array_foreach(json_object_get(json_object_get(policy->object, "spec"), direction), r,
                           rule)
        {
            if (rule_allows(sim, policy, rule, peers, other, port))
                return true;
        }
    }
    return !isolated;
}

bool
sim_policy_allows(struct sim *sim, const struct sim_pod *from, const struct sim_pod *to, int port)
{
    return direction_allows(sim, from, "egress", to, port) &&
           (!to || direction_allows(sim, to, "ingress", from, port));
}
