/* chain: from a wait loop to the object that is wrong.
 * Ref: DIAGNOSIS (dependencies); kube-proxy: a Service passes traffic to ready endpoints only.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/chain.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/event.h"
#include "initwatch/model/netpolicy.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/status.h"
#include "initwatch/model/waitgraph.h"

/* Pods behind a Service that are told of one by one. */
#define PODS_NAMED 3

struct walk {
    const struct store *store;
    const struct kobjects *objects;
    int64_t now_wall_ms;
    struct chain *out;
    bool brief; /* not beyond the Service's own objects */
};

/* --- names --- */

static bool
is_address(const char *host)
{
    return strspn(host, "0123456789.") == strlen(host) || strchr(host, ':');
}

bool
service_of_host(const char *host, const char *from, char name[254], char ns[64], bool *sure)
{
    size_t first = strcspn(host, ".");
    const char *rest = host[first] ? host + first + 1 : "";
    size_t second = strcspn(rest, ".");
    const char *tail = rest[second] ? rest + second + 1 : "";
    *sure = !rest[0] || strncmp(tail, "svc", 3) == 0;
    if (!host[0] || first == 0 || first > 63 || second > 62 || is_address(host) ||
        strcmp(host, "localhost") == 0)
        return false;
    for (const char *p = host; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '-' && *p != '.')
            return false;
    if (tail[0] && strcmp(tail, "svc") != 0 && strncmp(tail, "svc.", 4) != 0)
        return false;
    snprintf(name, 254, "%.*s", (int)first, host);
    if (rest[0])
        snprintf(ns, 64, "%.*s", (int)second, rest);
    else
        snprintf(ns, 64, "%.63s", from);
    return true;
}

/* --- steps --- */

/* The newest warning about an object. */
static const struct kevent *
warning_about(const struct store *store, const char *kind, const char *ns, const char *name)
{
    const struct kevent_ring *ring = store_events(store);
    const struct kevent *newest = NULL;
    size_t newest_at = 0;
    for (size_t it = 0, at; ring && kevent_ring_named(ring, name, &it, &at);) {
        const struct kevent *ev = kevent_ring_at(ring, at);
        if (strcmp(ev->object_kind, kind) == 0 && (!ns[0] || strcmp(ev->ns, ns) == 0) &&
            strcmp(ev->type, "Warning") == 0 && (!newest || at > newest_at)) {
            newest = ev;
            newest_at = at;
        }
    }
    return newest;
}

/* NULL when there is no room: what hangs on it is left out as well. */
static struct chain_step *
step_add(struct walk *w, enum chain_sign sign, unsigned depth, const char *kind, const char *ns,
         const char *name)
{
    if (w->out->count == CHAIN_STEPS_MAX)
        return NULL;
    struct chain_step *s = &w->out->steps[w->out->count++];
    *s = (struct chain_step){
        .sign = sign, .depth = depth, .id = "", .kind = kind, .event_ms = IW_TIME_NONE};
    snprintf(s->ns, sizeof(s->ns), "%s", ns);
    snprintf(s->name, sizeof(s->name), "%s", name);
    const struct kevent *ev = sign == CHAIN_OK ? NULL : warning_about(w->store, kind, ns, name);
    if (ev) {
        char times[24] = "";
        if (ev->count > 1)
            snprintf(times, sizeof(times), " %u×", ev->count);
        snprintf(s->event, sizeof(s->event), "%.40s%s: %s", ev->reason, times, ev->message);
        s->event_ms = ev->last_ms;
    }
    return s;
}

IW_PRINTF(2, 3)
static void
step_say(struct chain_step *s, const char *fmt, ...)
{
    va_list args;
    if (!s)
        return;
    va_start(args, fmt);
    vsnprintf(s->text, sizeof(s->text), tr(fmt), args);
    va_end(args);
}

static void
step_is(struct chain_step *s, const char *id)
{
    if (s)
        s->id = id;
}

/* A list that was not read is no evidence: the step says why. */
static void
step_unread(struct walk *w, unsigned depth, enum kobject_kind kind, const char *ns,
            const char *name)
{
    const char *word = kobjects_state_word(kobjects_state(w->objects, kind, ns));
    struct chain_step *s =
        step_add(w, CHAIN_UNKNOWN, depth, kobject_kind_info(kind)->kind, ns, name);
    step_say(s, tr("not known: %s: %s"), kobject_kind_info(kind)->plural, tr(word));
}

/* --- claims --- */

/* Few may list StorageClasses; the controller says by an event of the claim that one is missing. */
static bool
event_misses_class(const struct walk *w, const struct kobject *pvc, const char *class)
{
    const struct kevent *ev = warning_about(w->store, "PersistentVolumeClaim", pvc->ns, pvc->name);
    char missing[300];
    snprintf(missing, sizeof(missing), "\"%.253s\" not found", class);
    return ev && strcmp(ev->reason, "ProvisioningFailed") == 0 && strstr(ev->message, missing);
}

static void
walk_class(struct walk *w, unsigned depth, const struct kobject *pvc)
{
    const char *class = pvc->pvc->storage_class;
    const struct kobject *found;
    if (!pvc->pvc->class_present || !class[0])
        return;
    switch (kobjects_look(w->objects, KOBJECT_STORAGECLASS, "", class, &found)) {
    case OBJECTS_UNKNOWN:
        if (event_misses_class(w, pvc, class))
            step_say(step_add(w, CHAIN_BAD, depth, "StorageClass", "", class),
                     tr("StorageClass \"%.100s\" does not exist, says an event of the claim"),
                     class);
        else
            step_unread(w, depth, KOBJECT_STORAGECLASS, "", class);
        return;
    case OBJECTS_ABSENT:
        step_say(step_add(w, CHAIN_BAD, depth, "StorageClass", "", class),
                 tr("StorageClass \"%.100s\" does not exist"), class);
        return;
    case OBJECTS_FOUND:
        step_say(step_add(w, CHAIN_OK, depth, "StorageClass", "", class), "%.60s  %.60s",
                 found->storageclass->provisioner, found->storageclass->binding_mode);
        return;
    }
}

static void
walk_claim(struct walk *w, unsigned depth, const char *ns, const char *name)
{
    const struct kobject *pvc;
    switch (kobjects_look(w->objects, KOBJECT_PVC, ns, name, &pvc)) {
    case OBJECTS_UNKNOWN:
        step_unread(w, depth, KOBJECT_PVC, ns, name);
        return;
    case OBJECTS_ABSENT:
        step_say(step_add(w, CHAIN_BAD, depth, "PersistentVolumeClaim", ns, name),
                 tr("the claim does not exist"));
        return;
    case OBJECTS_FOUND:
        break;
    }
    if (strcmp(pvc->pvc->phase, "Bound") == 0)
        return; /* no news */
    step_say(step_add(w, CHAIN_BAD, depth, "PersistentVolumeClaim", ns, name),
             tr("%.20s, wants StorageClass \"%.100s\""), pvc->pvc->phase[0] ? pvc->pvc->phase : "?",
             pvc->pvc->class_present ? pvc->pvc->storage_class : tr("(default)"));
    walk_class(w, depth + 1, pvc);
}

/* --- pods behind a Service --- */

static bool
pod_is_ready(const struct pod *pod)
{
    const struct pod_condition *ready = pod_condition(pod, "Ready");
    return ready && strcmp(ready->status, "True") == 0;
}

static void
walk_pod(struct walk *w, unsigned depth, const struct pod *pod)
{
    struct pod_block block;
    char since[16] = "", status[256];
    pod_block_of(pod, w->now_wall_ms, &block);
    pod_display_status(pod, status, sizeof(status));
    int64_t since_ms = pod_since_ms(pod, &block);
    if (since_ms != IW_TIME_NONE)
        duration_cells(w->now_wall_ms - since_ms, since);
    step_say(step_add(w, CHAIN_BAD, depth, "Pod", pod->ns, pod->name), "%.60s %s%s%.150s", status,
             since, block.summary[0] ? "  " : "", block.summary);
    for (uint32_t i = 0; i < pod->volume_count; i++)
        if (strcmp(pod->volumes[i].kind, "persistentVolumeClaim") == 0)
            walk_claim(w, depth + 1, pod->ns, pod->volumes[i].ref);
}

/* The pods of a Service that are known here; those not ready are followed when `steps`. */
static unsigned
walk_pods(struct walk *w, unsigned depth, const struct kobject *service, bool steps)
{
    struct pod_ref it = {0, 0};
    unsigned matched = 0, named = 0;
    while (store_next(w->store, &it)) {
        const struct pod *pod = store_get(w->store, it);
        if (!pod || strcmp(pod->ns, service->ns) != 0 ||
            !label_selector_matches(&service->service->selector, pod->labels, pod->label_count))
            continue;
        matched++;
        if (steps && named < PODS_NAMED && !pod_is_ready(pod)) {
            walk_pod(w, depth, pod);
            named++;
        }
    }
    return matched;
}

/* --- the Service --- */

static bool
port_matches(const struct service_port *p, const char *port)
{
    char *end;
    long number = strtol(port, &end, 10);
    return *end == '\0' ? number == p->port : strcmp(p->name, port) == 0;
}

static void
walk_port(struct walk *w, const struct kobject *service)
{
    const struct service_facts *f = service->service;
    const char *port = w->out->target.port;
    char known[96] = "";
    size_t used = 0;
    if (!port[0] || f->headless || strchr(port, '$'))
        return;
    for (uint32_t i = 0; i < f->port_count; i++) {
        const struct service_port *p = &f->ports[i];
        if (port_matches(p, port)) {
            step_say(step_add(w, CHAIN_OK, 0, "Service", service->ns, service->name),
                     tr("port %s → targetPort %.60s"), port, p->target[0] ? p->target : port);
            return;
        }
        if (used < sizeof(known) - 16)
            used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%d", used ? ", " : "",
                                     p->port);
    }
    struct chain_step *s = step_add(w, CHAIN_BAD, 0, "Service", service->ns, service->name);
    step_is(s, "IW-D02");
    step_say(s, tr("the Service has no port %s; it has %s"), port, known[0] ? known : tr("none"));
}

struct endpoint_sum {
    unsigned ready, total;
};

static struct endpoint_sum
count_endpoints(const struct walk *w, const struct kobject *service)
{
    struct endpoint_sum sum = {0, 0};
    for (size_t i = 0; i < kobjects_count(w->objects, KOBJECT_ENDPOINTSLICE); i++) {
        const struct kobject *o = kobjects_at(w->objects, KOBJECT_ENDPOINTSLICE, i);
        if (strcmp(o->ns, service->ns) != 0 || strcmp(o->slice->service, service->name) != 0)
            continue;
        for (uint32_t e = 0; e < o->slice->endpoint_count; e++) {
            sum.total++;
            sum.ready += o->slice->endpoints[e].ready != TRI_FALSE;
        }
    }
    return sum;
}

static bool
list_is_read(const struct walk *w, enum kobject_kind kind, const char *ns)
{
    enum objects_state state = kobjects_state(w->objects, kind, ns);
    return state == OBJECTS_LIVE || state == OBJECTS_STALE;
}

/* Is any pod of it known? If not, the namespace may not be watched. */
static bool
knows_namespace(const struct walk *w, const char *ns)
{
    for (struct pod_ref it = {0, 0}; store_next(w->store, &it);)
        if (strcmp(store_get(w->store, it)->ns, ns) == 0)
            return true;
    return false;
}

static void
walk_endpoints(struct walk *w, const struct kobject *service)
{
    const struct service_facts *f = service->service;
    char selector[120];
    if (strcmp(f->type, "ExternalName") == 0 ||
        (strcmp(w->out->target.kind, "dns") == 0 && !f->headless))
        return; /* the name resolves without any endpoint */
    if (!list_is_read(w, KOBJECT_ENDPOINTSLICE, service->ns)) {
        step_unread(w, 0, KOBJECT_ENDPOINTSLICE, service->ns, service->name);
        if (!w->brief)
            (void)walk_pods(w, 1, service, true);
        return;
    }
    struct endpoint_sum sum = count_endpoints(w, service);
    w->out->ready_endpoints = (int32_t)sum.ready;
    if (sum.ready > 0 || (f->publish_not_ready && sum.total > 0)) {
        step_say(step_add(w, CHAIN_OK, 0, "EndpointSlice", service->ns, service->name),
                 tr_n("%u of %u endpoint ready", "%u of %u endpoints ready", sum.total), sum.ready,
                 sum.total);
        return;
    }
    unsigned matched = w->brief ? 0 : walk_pods(w, 1, service, false);
    struct chain_step *s = step_add(w, CHAIN_BAD, 0, "EndpointSlice", service->ns, service->name);
    if (w->brief) {
        step_is(s, "IW-D03");
        step_say(s, tr("no ready endpoint"));
        return;
    }
    label_selector_text(&f->selector, selector, sizeof(selector));
    bool foreign = matched == 0 && !knows_namespace(w, service->ns);
    step_is(s, f->selector.count > 0 && matched == 0 && !foreign ? "IW-D04" : "IW-D03");
    if (!f->selector.present || f->selector.count == 0)
        step_say(s, tr("no ready endpoint: the Service has no selector, somebody must write them"));
    else if (foreign)
        step_say(s, tr("no ready endpoint; the pods of namespace %s are not watched here"),
                 service->ns);
    else if (matched == 0)
        step_say(s, tr("no ready endpoint: no pod here has %s"), selector);
    else
        step_say(s,
                 matched == 1 ? tr("no ready endpoint: %u pod matches %s, it is not ready")
                              : tr("no ready endpoint: %u pods match %s, none is ready"),
                 matched, selector);
    (void)walk_pods(w, 1, service, true);
}

/* The port of the pods that a Service's port leads to; 0 when it cannot be told. */
static int32_t
pod_port(const struct kobject *service, const char *port, const struct pod *pod)
{
    const struct service_facts *f = service->service;
    for (uint32_t i = 0; i < f->port_count; i++) {
        const struct service_port *p = &f->ports[i];
        if (!port_matches(p, port))
            continue;
        if (!p->target[0])
            return p->port;
        if (isdigit((unsigned char)p->target[0]))
            return (int32_t)strtol(p->target, NULL, 10);
        for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
            for (uint32_t k = 0; k < c->port_count; k++)
                if (strcmp(c->ports[k].name, p->target) == 0)
                    return c->ports[k].port;
        return 0;
    }
    return f->headless ? (int32_t)strtol(port, NULL, 10) : 0;
}

/* One pod behind the Service: the policies are about pods, and those of one Service look alike. */
static const struct pod *
one_backend(const struct walk *w, const struct kobject *service)
{
    for (struct pod_ref it = {0, 0}; store_next(w->store, &it);) {
        const struct pod *pod = store_get(w->store, it);
        if (strcmp(pod->ns, service->ns) == 0 &&
            label_selector_matches(&service->service->selector, pod->labels, pod->label_count))
            return pod;
    }
    return NULL;
}

static void
say_policy(struct walk *w, enum policy_verdict verdict, const struct kobject *policy,
           const char *what)
{
    if (verdict == POLICY_NONE)
        return;
    enum chain_sign sign = verdict == POLICY_ALLOWS   ? CHAIN_OK
                           : verdict == POLICY_BLOCKS ? CHAIN_BAD
                                                      : CHAIN_UNKNOWN;
    struct chain_step *s = step_add(w, sign, 0, "NetworkPolicy", policy->ns, policy->name);
    step_is(s, verdict == POLICY_BLOCKS ? "IW-D06" : "");
    step_say(s,
             verdict == POLICY_ALLOWS   ? tr("NetworkPolicy %.100s lets %s through")
             : verdict == POLICY_BLOCKS ? tr("NetworkPolicy %.100s does not let %s through")
                                        : tr("NetworkPolicy %.100s: cannot tell whether it lets %s "
                                             "through"),
             policy->name, what);
}

static void
walk_policies(struct walk *w, const struct pod *pod, const struct kobject *service)
{
    const struct kobject *egress, *ingress = NULL, *dns;
    if (!list_is_read(w, KOBJECT_NETWORKPOLICY, service->ns))
        return; /* few may list them; nothing else depends on it */
    const struct pod *backend = one_backend(w, service);
    enum policy_verdict out = POLICY_NONE, in = POLICY_NONE;
    enum policy_verdict names = policy_dns(w->objects, pod, &dns);
    if (backend) {
        struct policy_flow flow = {.from = pod,
                                   .to = backend,
                                   .port = pod_port(service, w->out->target.port, backend),
                                   .protocol =
                                       strcmp(w->out->target.kind, "udp") == 0 ? "UDP" : "TCP"};
        out = policy_egress(w->objects, &flow, &egress);
        in = policy_ingress(w->objects, &flow, &ingress);
        say_policy(w, out, egress, tr("egress of this pod"));
        say_policy(w, in, ingress, tr("ingress of the backend"));
    }
    if (names == POLICY_BLOCKS)
        say_policy(w, names, dns, tr("DNS (port 53)"));
    if (out == POLICY_NONE && in == POLICY_NONE && names != POLICY_BLOCKS)
        step_say(step_add(w, CHAIN_OK, 0, "NetworkPolicy", service->ns, ""),
                 tr("no NetworkPolicy in the way"));
}

/* Pods that wait for each other never get on. */
static void
walk_cycle(struct walk *w, const struct pod *pod, const struct kobject *service)
{
    char way[200];
    struct init_progress progress;
    pod_init_progress(pod, w->now_wall_ms, &progress);
    if (progress.current != w->out->container ||
        !wait_cycle_of(w->store, pod, w->now_wall_ms, way, sizeof(way)))
        return;
    bool self = label_selector_matches(&service->service->selector, pod->labels, pod->label_count);
    struct chain_step *s = step_add(w, CHAIN_BAD, 0, "Pod", pod->ns, pod->name);
    step_is(s, self ? "IW-D08" : "IW-D07");
    step_say(s,
             self ? tr("it waits for itself: %s is not ready before its init steps end")
                  : tr("they wait for each other: %s"),
             self ? pod->name : way);
}

/* Where it is, if a Service of that name lies in another namespace. */
static const struct kobject *
service_elsewhere(const struct walk *w, const char *name)
{
    for (size_t i = 0; i < kobjects_count(w->objects, KOBJECT_SERVICE); i++) {
        const struct kobject *o = kobjects_at(w->objects, KOBJECT_SERVICE, i);
        if (strcmp(o->name, name) == 0)
            return o;
    }
    return NULL;
}

static void
absent_service(struct walk *w, const char *ns, const char *name)
{
    struct chain_step *s = step_add(w, CHAIN_BAD, 0, "Service", ns, name);
    const struct kobject *other = service_elsewhere(w, name);
    step_is(s, "IW-D01");
    if (other)
        step_say(s, tr("Service %s/%.80s does not exist; one is in %.60s: use %.80s.%.60s"), ns,
                 name, other->ns, name, other->ns);
    else
        step_say(s, tr("Service %s/%.100s does not exist"), ns, name);
}

static void
walk_service(struct walk *w, const struct pod *pod, const char *ns, const char *name, bool sure)
{
    const struct kobject *service;
    char selector[100];
    switch (kobjects_look(w->objects, KOBJECT_SERVICE, ns, name, &service)) {
    case OBJECTS_UNKNOWN:
        step_unread(w, 0, KOBJECT_SERVICE, ns, name);
        return;
    case OBJECTS_ABSENT:
        w->out->exists = sure ? TRI_FALSE : TRI_UNKNOWN;
        if (sure)
            absent_service(w, ns, name);
        else
            step_say(step_add(w, CHAIN_UNKNOWN, 0, "Service", ns, name),
                     tr("%.120s is no Service here: a name outside the cluster?"),
                     w->out->target.host);
        return;
    case OBJECTS_FOUND:
        w->out->exists = TRI_TRUE;
        break;
    }
    label_selector_text(&service->service->selector, selector, sizeof(selector));
    step_say(step_add(w, CHAIN_OK, 0, "Service", ns, name), tr("Service %s/%.80s  %.20s %.46s%s%s"),
             ns, name, service->service->type, service->service->cluster_ip,
             selector[0] ? tr("  selector ") : "", selector);
    walk_port(w, service);
    walk_endpoints(w, service);
    if (w->brief)
        return;
    walk_cycle(w, pod, service);
    walk_policies(w, pod, service);
}

/* --- the whole --- */

/* However deep the others lie: without the circle they would not matter. */
static bool
is_cycle(const struct chain_step *s)
{
    return strcmp(s->id, "IW-D07") == 0 || strcmp(s->id, "IW-D08") == 0;
}

static void
mark_root(struct chain *chain)
{
    struct chain_step *root = NULL;
    bool bad = false, unknown = false;
    for (size_t i = 0; i < chain->count; i++) {
        struct chain_step *s = &chain->steps[i];
        bad |= s->sign == CHAIN_BAD;
        unknown |= s->sign == CHAIN_UNKNOWN;
        if (s->sign == CHAIN_BAD &&
            (!root || (s->depth > root->depth && !is_cycle(root)) || is_cycle(s)))
            root = s;
    }
    if (root)
        root->root = true;
    chain->passes = chain->count > 0 && !bad && !unknown;
}

static bool
walk_wait(struct walk w, const struct pod *pod, const struct container *c)
{
    struct chain *out = w.out;
    char name[254], ns[64];
    bool sure;
    memset(out, 0, sizeof(*out));
    out->container = c;
    out->ready_endpoints = -1;
    if (!container_wait_target(c, &out->target) || strcmp(out->target.kind, "file") == 0 ||
        strcmp(out->target.kind, "object") == 0)
        return false;
    if (service_of_host(out->target.host, pod->ns, name, ns, &sure)) {
        memcpy(out->service, name, sizeof(name));
        memcpy(out->service_ns, ns, sizeof(ns));
        walk_service(&w, pod, ns, name, sure);
    } else
        step_say(step_add(&w, CHAIN_UNKNOWN, 0, "", "", out->target.host),
                 tr("%.120s is not a Service of this cluster: not checked"), out->target.host);
    mark_root(out);
    return true;
}

bool
chain_of(const struct store *store, const struct pod *pod, const struct container *c,
         int64_t now_wall_ms, struct chain *out)
{
    const struct walk w = {store, store_objects(store), now_wall_ms, out, false};
    return walk_wait(w, pod, c);
}

bool
chain_brief(const struct store *store, const struct pod *pod, const struct container *c,
            int64_t now_wall_ms, struct chain *out)
{
    const struct walk w = {store, store_objects(store), now_wall_ms, out, true};
    return walk_wait(w, pod, c);
}

bool
chain_of_claims(const struct store *store, const struct pod *pod, int64_t now_wall_ms,
                struct chain *out)
{
    struct walk w = {store, store_objects(store), now_wall_ms, out, false};
    memset(out, 0, sizeof(*out));
    out->ready_endpoints = -1;
    for (uint32_t i = 0; i < pod->volume_count; i++)
        if (strcmp(pod->volumes[i].kind, "persistentVolumeClaim") == 0)
            walk_claim(&w, 0, pod->ns, pod->volumes[i].ref);
    mark_root(out);
    return out->count > 0;
}
