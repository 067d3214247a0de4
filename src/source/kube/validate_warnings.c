/* validate_warnings: what the API server accepts but warns about.
 * Ref: pkg/api/pod/warnings.go, GetWarningsForPod; pkg/registry/core/pod/strategy.go,
 * WarningsOnCreate.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/quantity.h"

#include "defaults_internal.h"
#include "validate_internal.h"

/* Upstream visits init containers first. Ephemeral ones have no ports and no resources. */
static const char *const visited_lists[] = {"initContainers", "containers"};

static void
warn_about_hostname(const struct validate_pod *p, const json_t *pod)
{
    struct complaints c = text_dns_label(member_text(member(pod, "metadata"), "name"));
    strbuf_auto all;
    strbuf_init(&all, 0);
    if (c.count == 0)
        return;
    for (size_t i = 0; i < c.count; i++)
        strbuf_addf(&all, "%s%s", i ? " " : "", c.items[i]);
    warn(p->out,
         "metadata.name: this is used in the Pod's hostname, which can result in surprising "
         "behavior; a DNS label is recommended: [%s]",
         all.data);
}

/* --- amounts --- */

static void
warn_about_fraction(const struct validate_pod *p, const json_t *list, const char *path,
                    const char *name)
{
    struct quantity q;
    char text[QUANTITY_OUT_MAX];
    const json_t *value = member(list, name);
    if (!value || defaults_amount(value, &q, NULL) != IW_OK || quantity_milli(&q) % 1000 == 0)
        return;
    quantity_format(&q, text, sizeof(text));
    warn(p->out, "%s[%s]: fractional byte value \"%s\" is invalid, must be an integer", path, name,
         text);
}

static void
warn_about_fractions(const struct validate_pod *p, const json_t *list, const char *path)
{
    warn_about_fraction(p, list, path, "memory");
    warn_about_fraction(p, list, path, "ephemeral-storage");
}

/* --- environment --- */

/* A second definition is fine when it builds on the first: PATH="$(PATH):/more". */
static bool
hides_previous(const json_t *variable, const char *name)
{
    const char *value = member_text(variable, "value");
    iw_autofree char *reference = iw_asprintf("$(%s)", name);
    return member(variable, "valueFrom") || strcmp(value, reference) == 0 ||
           !strstr(value, reference);
}

static void
warn_about_env(const struct validate_pod *p, const json_t *c, const char *path)
{
    json_t *seen = json_object();
    size_t i;
    json_t *variable;
    json_array_foreach(member(c, "env"), i, variable)
    {
        const char *name = member_text(variable, "name");
        struct field_path field = field_index(path, "env", i);
        iw_autofree char *quoted = go_quote(name);
        if (json_object_get(seen, name) && hides_previous(variable, name))
            warn(p->out,
                 "%s: hides previous definition of %s, which may be dropped when using apply",
                 field.text, quoted);
        json_object_set_new(seen, name, json_true());
    }
    json_decref(seen);
}

/* --- ports over all containers --- */

struct seen_port {
    const json_t *port;
    struct field_path path;
};
typedef VEC(struct seen_port) seen_ports;

static const char *
port_conflict(const json_t *a, const json_t *b)
{
    const char *ip_a = member_text(a, "hostIP");
    const char *ip_b = member_text(b, "hostIP");
    int64_t host_a = member_number(a, "hostPort");
    int64_t host_b = member_number(b, "hostPort");
    if (member_number(a, "containerPort") != member_number(b, "containerPort") ||
        strcmp(member_text(a, "protocol"), member_text(b, "protocol")) != 0)
        return NULL;
    if (host_a == host_b && strcmp(ip_a, ip_b) == 0)
        return "duplicate";
    /* A host port of 0 is redundant with any other, odd but harmless. */
    if (host_a == 0 || host_b == 0)
        return "overlapping";
    return host_a == host_b && (!*ip_a != !*ip_b) ? "dangerously ambiguous" : NULL;
}

static void
warn_about_port(const struct validate_pod *p, const json_t *port, const char *path,
                const seen_ports *seen)
{
    if (*member_text(port, "hostIP") && member_number(port, "hostPort") == 0)
        warn(p->out,
             "%s: hostIP set without hostPort: {Name:%s HostPort:0 ContainerPort:%lld Protocol:%s "
             "HostIP:%s}",
             path, member_text(port, "name"), (long long)member_number(port, "containerPort"),
             member_text(port, "protocol"), member_text(port, "hostIP"));
    for (size_t i = 0; i < seen->len; i++) {
        const char *conflict = port_conflict(port, seen->items[i].port);
        if (conflict)
            warn(p->out, "%s: %s port definition with %s", path, conflict,
                 seen->items[i].path.text);
    }
}

static void
warn_about_port_name(const struct validate_pod *p, const json_t *port, const char *path,
                     const seen_ports *seen)
{
    const char *name = member_text(port, "name");
    if (!*name)
        return;
    for (size_t i = 0; i < seen->len; i++) {
        const char *first = seen->items[i].path.text;
        iw_autofree char *quoted = go_quote(name);
        if (strcmp(member_text(seen->items[i].port, "name"), name) != 0)
            continue;
        warn(p->out,
             "%s: duplicate port name %s with %s, services and probes that select ports by name "
             "will use %s",
             path, quoted, first, first);
        return;
    }
}

/* One pass over the ports of all containers, each compared with those before it. The number of
 * ports is bounded, because the comparison is of each with each. */
#define WARN_PORTS_MAX 1000
static void
visit_ports(const struct validate_pod *p, void (*visit)(const struct validate_pod *, const json_t *,
                                                        const char *, const seen_ports *))
{
    seen_ports seen = {0};
    for (size_t l = 0; l < IW_COUNTOF(visited_lists); l++) {
        size_t i;
        size_t n;
        json_t *c;
        json_t *port;
        json_array_foreach(member(p->spec, visited_lists[l]), i, c)
        {
            struct field_path path = field_index("spec", visited_lists[l], i);
            json_array_foreach(member(c, "ports"), n, port)
            {
                struct seen_port entry = {port, field_index(path.text, "ports", n)};
                if (seen.len == WARN_PORTS_MAX)
                    break;
                visit(p, port, entry.path.text, &seen);
                vec_push(&seen, entry);
            }
        }
    }
    vec_free(&seen);
}

void
validate_warnings(const struct validate_pod *p, const json_t *pod)
{
    warn_about_hostname(p, pod);
    warn_about_fractions(p, member(p->spec, "overhead"), "spec.overhead");
    for (size_t l = 0; l < IW_COUNTOF(visited_lists); l++) {
        size_t i;
        json_t *c;
        json_array_foreach(member(p->spec, visited_lists[l]), i, c)
        {
            struct field_path path = field_index("spec", visited_lists[l], i);
            struct field_path resources = field_child(path.text, "resources");
            struct field_path limits = field_child(resources.text, "limits");
            struct field_path requests = field_child(resources.text, "requests");
            warn_about_fractions(p, member(member(c, "resources"), "limits"), limits.text);
            warn_about_fractions(p, member(member(c, "resources"), "requests"), requests.text);
            warn_about_env(p, c, path.text);
        }
    }
    visit_ports(p, warn_about_port);
    visit_ports(p, warn_about_port_name);
    if (json_is_integer(member(p->spec, "terminationGracePeriodSeconds")) &&
        member_number(p->spec, "terminationGracePeriodSeconds") < 0)
        warn(p->out,
             "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid "
             "and will be treated as 1");
}
