/* description_service: a Service: where it leads, who is behind it and who waits for it; its EndpointSlices.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "description.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/chain.h"

enum { ADDRESS_COLS = 22, VERDICT_COLS = 14, LISTED_MOST = 60 };

static const struct description_fact FACTS[] = {
    {KIND_BIT(SERVICE), TR_MARK("IP families"), "spec.ipFamilies", "IPv4"},
    {KIND_BIT(SERVICE), TR_MARK("External name"), "spec.externalName", ""},
    {KIND_BIT(SERVICE), TR_MARK("External IPs"), "spec.externalIPs", NULL},
    {KIND_BIT(SERVICE), TR_MARK("Load balancer"), "status.loadBalancer.ingress", NULL},
    {KIND_BIT(SERVICE), TR_MARK("Allowed from"), "spec.loadBalancerSourceRanges", NULL},
    {KIND_BIT(SERVICE), TR_MARK("Session affinity"), "spec.sessionAffinity", "None"},
    {KIND_BIT(SERVICE), TR_MARK("From outside"), "spec.externalTrafficPolicy", "Cluster"},
    {KIND_BIT(SERVICE), TR_MARK("From inside"), "spec.internalTrafficPolicy", "Cluster"},
};

static void
more_facts(struct description *p)
{
    description_facts(p, FACTS, IW_COUNTOF(FACTS), YAML_NO_LINE, 0);
}

static bool
same_text(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* --- Service --- */

static bool
selected(const struct pod *pod, const void *arg)
{
    const struct kobject *o = arg;
    return same_text(pod->ns, o->ns) && !pod_is_terminal(pod) &&
           label_selector_matches(&o->service->selector, pod->labels, pod->label_count);
}

struct endpoint_count {
    unsigned ready, all;
    bool known; /* the slices were read */
};

static bool
is_slice_of(const struct kobject *slice, const struct kobject_ref *service)
{
    return same_text(slice->ns, service->ns) && strcmp(slice->slice->service, service->name) == 0;
}

static struct endpoint_count
count_endpoints(const struct description *p)
{
    struct endpoint_count c = {0};
    const struct kobjects *objects = p->env->objects;
    enum objects_state state = kobjects_state(objects, KOBJECT_ENDPOINTSLICE, p->ref->ns);
    c.known = state == OBJECTS_LIVE || state == OBJECTS_STALE;
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_ENDPOINTSLICE); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_ENDPOINTSLICE, i);
        for (uint32_t e = 0; is_slice_of(o, p->ref) && e < o->slice->endpoint_count; e++) {
            c.all++;
            c.ready += o->slice->endpoints[e].ready != TRI_FALSE;
        }
    }
    return c;
}

/* The port of a pod that a named target means; 0 when none of the pods has it. */
static unsigned
pods_with_port(const struct description *p, const char *name, unsigned *pods)
{
    unsigned with = 0;
    *pods = 0;
    for (struct pod_ref it = {0, 0}; store_next(p->env->store, &it);) {
        const struct pod *pod = store_get(p->env->store, it);
        bool has = false;
        if (!selected(pod, p->o))
            continue;
        (*pods)++;
        for (const struct container *c = NULL; !has && (c = pod_containers(pod, c)) != NULL;)
            for (uint32_t i = 0; i < c->port_count; i++)
                has = has || strcmp(c->ports[i].name, name) == 0;
        with += has;
    }
    return with;
}

/* A target that is the name of a port which none of its pods has leads nowhere. */
static const char *
lost_target(const struct description *p)
{
    const struct service_facts *f = p->o->service;
    for (uint32_t i = 0; i < f->port_count; i++) {
        unsigned pods;
        const char *target = f->ports[i].target;
        bool named = target[0] && strspn(target, "0123456789") != strlen(target);
        if (named && f->selector.count && pods_with_port(p, target, &pods) == 0 && pods > 0)
            return target;
    }
    return NULL;
}

static enum block_severity
service_verdict(const struct description *p, char *out, size_t out_size)
{
    const struct service_facts *f = p->o->service;
    struct endpoint_count c = count_endpoints(p);
    const char *lost = lost_target(p);
    if (strcmp(f->type, "ExternalName") == 0) {
        (void)snprintf(out, out_size, tr("an alias of %.200s; it has no endpoints"),
                       f->external_name);
        return BLOCK_NONE;
    }
    if (lost) {
        (void)snprintf(out, out_size, tr("no pod behind it has a port named %.60s"), lost);
        return BLOCK_ERROR;
    }
    if (!c.known)
        return BLOCK_NONE;
    if (c.all == 0) {
        (void)snprintf(out, out_size, "%s",
                       f->selector.count == 0 ? tr("no endpoints; it has no selector, somebody has "
                                                   "to write them")
                                              : tr("no endpoints: no pod that is selected has an "
                                                   "address yet"));
        return BLOCK_ERROR;
    }
    (void)snprintf(out, out_size,
                   tr_n("%u of %u endpoint is ready", "%u of %u endpoints are ready", c.all),
                   c.ready, c.all);
    return c.ready == 0 ? BLOCK_ERROR : c.ready < c.all ? BLOCK_WARN : BLOCK_NONE;
}

static void
service_ports(struct description *p)
{
    const struct service_facts *f = p->o->service;
    for (uint32_t i = 0; i < f->port_count; i++) {
        const struct service_port *port = &f->ports[i];
        char text[300], node[40] = "", same[16];
        (void)snprintf(same, sizeof(same), "%d", port->port);
        if (port->node_port)
            (void)snprintf(node, sizeof(node), tr("   on every node %d"), port->node_port);
        (void)snprintf(text, sizeof(text), "%.80s%s%d/%.10s → %.80s%s", port->name,
                       port->name[0] ? "  " : "", port->port, port->protocol,
                       port->target[0] ? port->target : same, node);
        describe_say(&p->doc, 0, i == 0 ? tr("Ports") : "", ROLE_TEXT, text);
    }
}

/* Of two address families it has a second address. */
static void
service_more_ips(struct description *p)
{
    size_t list = p->y ? yaml_member(p->y, YAML_NO_LINE, "spec.clusterIPs") : YAML_NO_LINE, item;
    for (size_t n = 1; (item = yaml_item(p->y, list, n)) != YAML_NO_LINE; n++) {
        char ip[64];
        describe_leaves(p->y, item, item + 1, NULL, ip, sizeof(ip));
        describe_say(&p->doc, 0, "", ROLE_TEXT, ip);
    }
}

static void
service_spec(struct description *p)
{
    char selector[400];
    if (!p->o) {
        more_facts(p);
        return;
    }
    const struct service_facts *f = p->o->service;
    describe_say(&p->doc, 0, tr("Type"), ROLE_TEXT, f->type);
    describe_say(&p->doc, 0, tr("IP"), ROLE_TEXT, f->headless ? tr("none") : f->cluster_ip);
    if (f->headless)
        doc_put(&p->doc, ROLE_DIM, "   %s", tr("headless: its name gives the pods' addresses"));
    service_more_ips(p);
    more_facts(p);
    service_ports(p);
    label_selector_text(&f->selector, selector, sizeof(selector));
    describe_say(&p->doc, 0, tr("Selector"), ROLE_TEXT, selector[0] ? selector : tr("<none>"));
    if (f->publish_not_ready)
        describe_say(&p->doc, 0, tr("Not ready pods"), ROLE_TEXT, tr("are published as well"));
}

static void
endpoint_line(struct description *p, const struct kobject *slice, const struct slice_endpoint *e)
{
    struct doc *d = &p->doc;
    bool ready = e->ready != TRI_FALSE;
    struct pod_ref at;
    const struct pod *pod = strcmp(e->target_kind, "Pod") == 0 &&
                                    store_find(p->env->store, slice->ns, e->target_name, &at)
                                ? store_get(p->env->store, at)
                                : NULL;
    doc_line(d);
    doc_put(d, ready ? ROLE_OK : ROLE_ERROR, " %s ", ready ? "✓" : "✗");
    doc_field(d, ADDRESS_COLS, false, ROLE_TEXT, e->address);
    doc_put(d, ready ? ROLE_OK : ROLE_WARN, "%s",
            ready                        ? tr("ready")
            : e->terminating == TRI_TRUE ? tr("terminating")
                                         : tr("not ready"));
    doc_to(d, ADDRESS_COLS + 16);
    if (e->target_name[0]) {
        description_link(p, KOBJECT_POD, slice->ns, e->target_name);
        doc_put(d, ROLE_MARK, "%s", e->target_name);
    }
    if (pod) {
        char strip[80];
        pod_strip_text(pod, p->env->now_wall_ms, p->env->prefs->ascii, strip, sizeof(strip));
        doc_whole(d, ready ? ROLE_DIM : ROLE_TEXT, "  %s", strip);
    }
    if (e->node[0])
        doc_whole(d, ROLE_DIM, tr("  on %s"), e->node);
    if (pod && !ready) {
        struct pod_block block;
        pod_block_of(pod, p->env->now_wall_ms, &block);
        if (block.severity != BLOCK_NONE) {
            doc_line(d);
            doc_to(d, ADDRESS_COLS + 16);
            doc_wrap(d, ROLE_WARN, ADDRESS_COLS + 16, 2, block.summary);
        }
    }
}

static void
slice_lines(struct description *p, const struct kobject *slice, unsigned *said)
{
    for (uint32_t i = 0; i < slice->slice->endpoint_count && *said < LISTED_MOST; i++, (*said)++)
        endpoint_line(p, slice, &slice->slice->endpoints[i]);
}

static void
endpoints_title(unsigned all, unsigned ready, char *out, size_t out_size)
{
    (void)snprintf(out, out_size, all ? tr("Endpoints: %u, %u ready") : tr("Endpoints: %u"), all,
                   ready);
}

static void
service_endpoints(struct description *p)
{
    const struct kobjects *objects = p->env->objects;
    struct endpoint_count c = count_endpoints(p);
    unsigned said = 0;
    char title[120];
    endpoints_title(c.all, c.ready, title, sizeof(title));
    description_rule(p, c.known ? title : tr("Endpoints"));
    if (!c.known) {
        char text[400];
        enum objects_state state = kobjects_state(objects, KOBJECT_ENDPOINTSLICE, p->ref->ns);
        (void)snprintf(text, sizeof(text), "endpointslices: %s", tr(kobjects_state_word(state)));
        description_nothing(p, text);
        return;
    }
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_ENDPOINTSLICE); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_ENDPOINTSLICE, i);
        if (is_slice_of(o, p->ref))
            slice_lines(p, o, &said);
    }
    if (c.all == 0)
        description_nothing(p, tr("none: who connects to it is refused or waits"));
    if (said < c.all) {
        doc_line(&p->doc);
        doc_put(&p->doc, ROLE_DIM, tr("  and %u more"), c.all - said);
    }
}

/* The objects that have them. */
static void
service_slices(struct description *p)
{
    const struct kobjects *objects = p->env->objects;
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_ENDPOINTSLICE); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_ENDPOINTSLICE, i);
        if (!is_slice_of(o, p->ref))
            continue;
        doc_line(&p->doc);
        doc_put(&p->doc, ROLE_DIM, "  %s ", kobject_kind_info(o->kind)->kind);
        description_link(p, KOBJECT_ENDPOINTSLICE, o->ns, o->name);
        doc_put(&p->doc, ROLE_MARK, "%s", o->name);
    }
}

static bool
has_endpoint(const struct description *p, const struct pod *pod)
{
    const struct kobjects *objects = p->env->objects;
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_ENDPOINTSLICE); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_ENDPOINTSLICE, i);
        for (uint32_t e = 0; is_slice_of(o, p->ref) && e < o->slice->endpoint_count; e++)
            if (strcmp(o->slice->endpoints[e].target_name, pod->name) == 0)
                return true;
    }
    return false;
}

static bool
selected_only(const struct pod *pod, const void *arg)
{
    const struct description *p = arg;
    return selected(pod, p->o) && !has_endpoint(p, pod);
}

/* Those that stand among the endpoints have been told there. */
static void
service_pods(struct description *p)
{
    bool any = false;
    if (!p->o || p->o->service->selector.count == 0)
        return;
    struct endpoint_count c = count_endpoints(p);
    for (struct pod_ref it = {0, 0}; c.all > 0 && !any && store_next(p->env->store, &it);)
        any = selected_only(store_get(p->env->store, it), p);
    if (c.all > 0 && !any)
        return;
    const struct description_choice choice = {
        .takes = selected_only,
        .arg = p,
        .title = c.all > 0 ? tr("Selected, without an endpoint") : tr("Selected pods"),
        .none = tr("no pod that is watched has these labels"),
        .show_node = true};
    description_pods(p, &choice);
}

/* --- who waits for it --- */

/* Words of chain_verdict. */
static const struct {
    const char *verdict, *word;
    enum role role;
} VERDICTS[] = {
    {"passed", TR_MARK("passed"), ROLE_DIM},
    {"not reached", TR_MARK("later"), ROLE_DIM},
    {"failed", TR_MARK("failed"), ROLE_ERROR},
    {"would pass", TR_MARK("would pass"), ROLE_OK},
    {"no port", TR_MARK("no such port"), ROLE_ERROR},
    {"no endpoints", TR_MARK("no endpoints"), ROLE_ERROR},
    {"", TR_MARK("waits"), ROLE_WORKING},
};

/* Ten thousand pods are asked: most commands do not have the name in them at all. */
static bool
is_in_command(const struct container *c, const char *name)
{
    for (uint32_t i = 0; i < c->command_count; i++)
        if (strstr(c->command[i], name))
            return true;
    for (uint32_t i = 0; i < c->arg_count; i++)
        if (strstr(c->args[i], name))
            return true;
    return false;
}

static bool
waits_for(const struct description *p, const struct pod *pod, const struct container *c,
          struct wait_target *target)
{
    char name[254], ns[64];
    bool sure;
    return is_in_command(c, p->ref->name) && container_wait_target(c, target) &&
           service_of_host(target->host, pod->ns, name, ns, &sure) &&
           strcmp(name, p->ref->name) == 0 && same_text(ns, p->ref->ns);
}

static void
waiter_line(struct description *p, const struct pod *pod, const struct container *c,
            const struct wait_target *target)
{
    struct doc *d = &p->doc;
    struct chain *chain = iw_calloc(1, sizeof(*chain));
    const char *verdict = "";
    size_t at = 0;
    if (chain_brief(p->env->store, pod, c, p->env->now_wall_ms, chain))
        verdict = chain_verdict(chain, pod, p->env->now_wall_ms);
    while (VERDICTS[at].verdict[0] && strcmp(VERDICTS[at].verdict, verdict) != 0)
        at++;
    doc_line(d);
    doc_put(d, ROLE_TEXT, "  ");
    doc_field(d, VERDICT_COLS, false, VERDICTS[at].role, tr(VERDICTS[at].word));
    description_link(p, KOBJECT_POD, pod->ns, pod->name);
    doc_put(d, ROLE_MARK, "%s", pod->name);
    doc_put(d, ROLE_DIM, "  %s ", c->tag);
    doc_put(d, ROLE_TEXT, "%s", c->name);
    doc_whole(d, ROLE_DIM, "  %s", target->command);
    free(chain);
}

/* Wait loops of pods that name it; of one pod in start order. */
static void
service_waiters(struct description *p)
{
    unsigned count = 0;
    struct wait_target target;
    for (int say = 0; say <= 1; say++) {
        unsigned said = 0;
        for (struct pod_ref it = {0, 0}; store_next(p->env->store, &it);) {
            const struct pod *pod = store_get(p->env->store, it);
            for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
                if (!waits_for(p, pod, c, &target))
                    continue;
                count += !say;
                if (say && said++ < LISTED_MOST)
                    waiter_line(p, pod, c, &target);
            }
        }
        if (!say) {
            char title[80];
            (void)snprintf(title, sizeof(title), tr("Waited for by: %u"), count);
            description_rule(p, title);
        } else if (said > LISTED_MOST) {
            doc_line(&p->doc);
            doc_put(&p->doc, ROLE_DIM, tr("  and %u more"), said - LISTED_MOST);
        }
    }
    if (count == 0)
        description_nothing(p, tr("no container that is watched waits for it by name"));
}

const struct description_kind description_service = {
    .wants = KIND_BIT(ENDPOINTSLICE),
    .verdict = service_verdict,
    .sections = {service_spec, service_endpoints, service_slices, service_pods, service_waiters},
};

/* --- EndpointSlice --- */

static void
slice_spec(struct description *p)
{
    if (!p->o)
        return;
    const struct slice_facts *f = p->o->slice;
    description_say_object(p, tr("Service"), KOBJECT_SERVICE, p->ref->ns, f->service);
    describe_say(&p->doc, 0, tr("Addresses"), ROLE_TEXT, f->address_type);
    for (uint32_t i = 0; i < f->port_count; i++) {
        char text[120];
        (void)snprintf(text, sizeof(text), "%.80s%s%d/%.10s", f->ports[i].name,
                       f->ports[i].name[0] ? "  " : "", f->ports[i].port, f->ports[i].protocol);
        describe_say(&p->doc, 0, i == 0 ? tr("Ports") : "", ROLE_TEXT, text);
    }
    unsigned ready = 0, said = 0;
    for (uint32_t i = 0; i < f->endpoint_count; i++)
        ready += f->endpoints[i].ready != TRI_FALSE;
    char title[120];
    endpoints_title(f->endpoint_count, ready, title, sizeof(title));
    description_rule(p, title);
    slice_lines(p, p->o, &said);
    if (f->endpoint_count == 0)
        description_nothing(p, tr("none: who connects to it is refused or waits"));
}

const struct description_kind description_slice = {.sections = {slice_spec}};
