/* pod_seal_common: what pods of one template have in common, held once.
 *
 * Of a container: commands, ports, references, probes, resources, its security context. Of a pod:
 * what it asks of nodes, and its security context.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/intern.h"
#include "seal.h"

/* Kept from block to block for its memory. */
static struct sealer common;

const struct probe probe_none = {.target = "", .grace_s = -1};
const struct security security_none = {.user = -1, .group = -1, .fs_group = -1};

/* --- containers --- */

/* Pointers of a container, in the order in which they stand in front of its block; then its members
 * are filled from there. */
struct common {
    const char *const *command, *const *args;
    const struct restart_rule *rules;
    const struct container_port *ports;
    const struct container_ref *refs;
    const struct probe *startup, *readiness, *liveness;
    const struct security *security;
    struct resource_list requests, limits;
};

static void
put_rules(struct sealer *s, const struct container *src)
{
    size_t at = seal_array(s, offsetof(struct common, rules), src->rule_count, sizeof(*src->rules));
    for (uint32_t i = 0; i < src->rule_count; i++, at += sizeof(*src->rules)) {
        const struct restart_rule *rule = &src->rules[i];
        ((struct restart_rule *)area_at(&s->area, at))->code_count = rule->code_count;
        WORD(s, at, rule, action);
        WORD(s, at, rule, op);
        size_t codes = ARRAY(s, at, rule, codes, rule->code_count);
        if (rule->code_count > 0)
            memcpy(area_at(&s->area, codes), rule->codes, rule->code_count * sizeof(*rule->codes));
    }
}

static void
put_ports(struct sealer *s, const struct container *src)
{
    size_t at = seal_array(s, offsetof(struct common, ports), src->port_count, sizeof(*src->ports));
    for (uint32_t i = 0; i < src->port_count; i++, at += sizeof(*src->ports)) {
        ((struct container_port *)area_at(&s->area, at))->port = src->ports[i].port;
        WORD(s, at, &src->ports[i], name);
        WORD(s, at, &src->ports[i], protocol);
    }
}

static void
put_refs(struct sealer *s, const struct container *src)
{
    size_t at = seal_array(s, offsetof(struct common, refs), src->ref_count, sizeof(*src->refs));
    for (uint32_t i = 0; i < src->ref_count; i++, at += sizeof(*src->refs)) {
        ((struct container_ref *)area_at(&s->area, at))->optional = src->refs[i].optional;
        WORD(s, at, &src->refs[i], kind);
        TEXT(s, at, &src->refs[i], name);
        TEXT(s, at, &src->refs[i], key);
    }
}

static void
put_probe(struct sealer *s, size_t place, const struct probe *src)
{
    if (!src) {
        area_point(&s->area, place, &probe_none);
        return;
    }
    size_t at = seal_array(s, place, 1, sizeof(*src));
    struct probe *probe = area_at(&s->area, at);
    /* Member by member: the bytes between them are part of what is compared. */
    probe->kind = src->kind;
    probe->initial_delay_s = src->initial_delay_s;
    probe->period_s = src->period_s;
    probe->timeout_s = src->timeout_s;
    probe->success_threshold = src->success_threshold;
    probe->failure_threshold = src->failure_threshold;
    probe->grace_s = src->grace_s;
    WORD(s, at, src, target);
}

/* Nothing stated is none: a server writes securityContext: {} where nobody wrote it. */
static bool
states_nothing(const struct security *sec)
{
    return !sec ||
           (sec->user < 0 && sec->group < 0 && sec->fs_group < 0 && sec->non_root == TRI_UNKNOWN &&
            sec->privileged == TRI_UNKNOWN && sec->read_only_root == TRI_UNKNOWN &&
            sec->escalation == TRI_UNKNOWN && sec->add_count == 0 && sec->drop_count == 0);
}

static void
put_security(struct sealer *s, size_t place, const struct security *src)
{
    if (states_nothing(src)) {
        area_point(&s->area, place, &security_none);
        return;
    }
    size_t at = seal_array(s, place, 1, sizeof(*src));
    struct security *sec = area_at(&s->area, at);
    sec->user = src->user;
    sec->group = src->group;
    sec->fs_group = src->fs_group;
    sec->non_root = src->non_root;
    sec->privileged = src->privileged;
    sec->read_only_root = src->read_only_root;
    sec->escalation = src->escalation;
    sec->add_count = src->add_count;
    sec->drop_count = src->drop_count;
    seal_texts(s, at + offsetof(struct security, add), src->add, src->add_count, true);
    seal_texts(s, at + offsetof(struct security, drop), src->drop, src->drop_count, true);
}

static const struct common *
hold_common(const struct container *src)
{
    struct sealer *s = &common;
    sealer_clear(s);
    size_t at = area_room(&s->area, sizeof(struct common), _Alignof(struct common));
    seal_texts(s, at + offsetof(struct common, command), src->command, src->command_count, false);
    seal_texts(s, at + offsetof(struct common, args), src->args, src->arg_count, false);
    put_rules(s, src);
    put_ports(s, src);
    put_refs(s, src);
    put_probe(s, at + offsetof(struct common, startup), src->startup);
    put_probe(s, at + offsetof(struct common, readiness), src->readiness);
    put_probe(s, at + offsetof(struct common, liveness), src->liveness);
    put_security(s, at + offsetof(struct common, security), src->security);
    seal_resources(s, at + offsetof(struct common, requests.items), &src->requests);
    seal_resources(s, at + offsetof(struct common, limits.items), &src->limits);
    return share_hold(&s->area);
}

/* Whether the container has just this: a draft made of a record, or of a shared container. */
static bool
has_common(const struct container *c, const struct common *shared)
{
    return shared && c->command == shared->command && c->args == shared->args &&
           c->rules == shared->rules && c->ports == shared->ports && c->refs == shared->refs &&
           c->startup == shared->startup && c->readiness == shared->readiness &&
           c->liveness == shared->liveness && c->requests.items == shared->requests.items &&
           c->security == shared->security && c->limits.items == shared->limits.items;
}

static void
use_common(struct container *c, const struct common *shared)
{
    c->shared = shared;
    c->command = shared->command;
    c->args = shared->args;
    c->rules = shared->rules;
    c->ports = shared->ports;
    c->refs = shared->refs;
    c->startup = shared->startup;
    c->readiness = shared->readiness;
    c->liveness = shared->liveness;
    c->security = shared->security;
    c->requests.items = shared->requests.items;
    c->limits.items = shared->limits.items;
}

void
seal_container_common(struct container *c)
{
    if (has_common(c, c->shared))
        share_again(c->shared);
    else
        use_common(c, hold_common(c));
}

static const char *
word_of(const char *text)
{
    const char *word = text && *text ? iw_intern(text, strlen(text)) : "";
    return word ? word : text;
}

void
pod_share_container(struct container *draft)
{
    use_common(draft, hold_common(draft));
    draft->name = word_of(draft->name);
    draft->image = word_of(draft->image);
    draft->pull_policy = word_of(draft->pull_policy);
    draft->restart_policy = word_of(draft->restart_policy);
}

void
pod_unshare_container(const struct container *draft)
{
    share_release(draft->shared);
}

/* --- pods --- */

struct pod_common {
    const struct pod_toleration *tolerations;
    const struct pod_label *node_selector;
    const struct security *security;
};

static const struct pod_common *
hold_pod_common(const struct pod *src)
{
    struct sealer *s = &common;
    sealer_clear(s);
    area_room(&s->area, sizeof(struct pod_common), _Alignof(struct pod_common));
    size_t at = seal_array(s, offsetof(struct pod_common, tolerations), src->toleration_count,
                           sizeof(*src->tolerations));
    for (uint32_t i = 0; i < src->toleration_count; i++, at += sizeof(*src->tolerations)) {
        const struct pod_toleration *t = &src->tolerations[i];
        ((struct pod_toleration *)area_at(&s->area, at))->seconds = t->seconds;
        WORD(s, at, t, key);
        WORD(s, at, t, op);
        WORD(s, at, t, value);
        WORD(s, at, t, effect);
    }
    at = seal_array(s, offsetof(struct pod_common, node_selector), src->node_selector_count,
                    sizeof(*src->node_selector));
    for (uint32_t i = 0; i < src->node_selector_count; i++, at += sizeof(*src->node_selector)) {
        WORD(s, at, &src->node_selector[i], key);
        WORD(s, at, &src->node_selector[i], value);
    }
    put_security(s, offsetof(struct pod_common, security), src->security);
    return share_hold(&s->area);
}

void
seal_pod_common(struct pod *pod)
{
    const struct pod_common *shared = hold_pod_common(pod);
    pod->shared = shared;
    pod->tolerations = shared->tolerations;
    pod->node_selector = shared->node_selector;
    pod->security = shared->security;
}
