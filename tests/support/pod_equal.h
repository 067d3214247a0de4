/* pod_equal: compares two records field by field and names the first difference.
 *
 * `exact` asks for the same text of every amount and for the same presence of empty lists; without
 * it two records are equal when everything that protobuf can carry is: amounts are compared by their
 * canonical text (a server's protobuf says "10" for a manifest's "1e1" or bare 10.0), and a list
 * without entries may be absent (protobuf has no empty map).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_POD_EQUAL_H
#define INITWATCH_TEST_POD_EQUAL_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/model/pod.h"
#include "initwatch/model/quantity.h"

struct pod_difference {
    bool exact;
    bool found;
    char text[512]; /* "containers[1].image: "a" and "b"" */
};

static inline void IW_PRINTF(2, 3) pe_report(struct pod_difference *d, const char *fmt, ...)
{
    if (d->found)
        return;
    d->found = true;
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(d->text, sizeof(d->text), fmt, args);
    va_end(args);
}

static inline void
pe_text(struct pod_difference *d, const char *where, const char *field, const char *a,
        const char *b)
{
    if (!a || !b || strcmp(a, b) != 0)
        pe_report(d, "%s%s: \"%.150s\" and \"%.150s\"", where, field, a ? a : "(null)",
                  b ? b : "(null)");
}

static inline void
pe_number(struct pod_difference *d, const char *where, const char *field, int64_t a, int64_t b)
{
    if (a != b)
        pe_report(d, "%s%s: %lld and %lld", where, field, (long long)a, (long long)b);
}

#define PE_TEXT(field) pe_text(d, where, #field, a->field, b->field)
#define PE_NUMBER(field) pe_number(d, where, #field, (int64_t)a->field, (int64_t)b->field)
/* Where inside an array: the text lives as long as the block. */
#define PE_PLACE(name, i)                                                                          \
    char inner[200];                                                                               \
    (void)snprintf(inner, sizeof(inner), "%.100s%.40s[%u].", where, name, (unsigned)(i))

static inline void
pe_texts(struct pod_difference *d, const char *where, const char *field, const char *const *a,
         const char *const *b, uint32_t count)
{
    for (uint32_t i = 0; i < count && !d->found; i++)
        pe_text(d, where, field, a[i], b[i]);
}

static inline void
pe_amount(struct pod_difference *d, const char *where, const char *name, const char *a,
          const char *b)
{
    struct quantity q;
    char canonical_a[QUANTITY_OUT_MAX], canonical_b[QUANTITY_OUT_MAX];
    if (!d->exact && quantity_parse_trimmed(a, strlen(a), &q, NULL) == IW_OK) {
        quantity_canonical(&q, canonical_a, sizeof(canonical_a));
        a = canonical_a;
    }
    if (!d->exact && quantity_parse_trimmed(b, strlen(b), &q, NULL) == IW_OK) {
        quantity_canonical(&q, canonical_b, sizeof(canonical_b));
        b = canonical_b;
    }
    pe_text(d, where, name, a, b);
}

static inline void
pe_resources(struct pod_difference *d, const char *where, const char *field,
             const struct resource_list *a, const struct resource_list *b)
{
    char place[200];
    (void)snprintf(place, sizeof(place), "%.120s%.40s.", where, field);
    pe_number(d, place, "count", a->count, b->count);
    if (d->exact || a->count > 0)
        pe_number(d, place, "present", a->present, b->present);
    for (uint32_t i = 0; i < a->count && !d->found; i++) {
        pe_text(d, place, "name", a->items[i].name, b->items[i].name);
        pe_amount(d, place, a->items[i].name, a->items[i].text, b->items[i].text);
    }
}
#define PE_RESOURCES(field) pe_resources(d, where, #field, &a->field, &b->field)

static inline void
pe_state(struct pod_difference *d, const char *where, const struct container_state *a,
         const struct container_state *b)
{
    PE_NUMBER(waiting);
    PE_NUMBER(running);
    PE_NUMBER(terminated);
    PE_TEXT(waiting_reason);
    PE_TEXT(waiting_message);
    PE_NUMBER(running_since_ms);
    PE_NUMBER(end.exit_code);
    PE_NUMBER(end.signal);
    PE_TEXT(end.reason);
    PE_TEXT(end.message);
    PE_TEXT(end.container_id);
    PE_NUMBER(end.started_ms);
    PE_NUMBER(end.finished_ms);
}

static inline void
pe_status(struct pod_difference *d, const char *where, const struct container_status *a,
          const struct container_status *b)
{
    PE_TEXT(name);
    PE_TEXT(image);
    PE_TEXT(image_id);
    PE_TEXT(container_id);
    PE_NUMBER(list);
    {
        PE_PLACE("state", 0);
        pe_state(d, inner, &a->state, &b->state);
    }
    {
        PE_PLACE("lastState", 0);
        pe_state(d, inner, a->last, b->last);
    }
    PE_NUMBER(restart_count);
    PE_NUMBER(started);
    PE_NUMBER(ready);
    PE_NUMBER(resources_present);
    pe_resources(d, where, "requests", &a->resources->requests, &b->resources->requests);
    pe_resources(d, where, "limits", &a->resources->limits, &b->resources->limits);
    pe_resources(d, where, "allocated", &a->resources->allocated, &b->resources->allocated);
}

static inline void
pe_probe(struct pod_difference *d, const char *where, const char *field, const struct probe *a,
         const struct probe *b)
{
    char place[200];
    (void)snprintf(place, sizeof(place), "%.120s%.40s.", where, field);
    where = place;
    PE_NUMBER(kind);
    PE_TEXT(target);
    PE_NUMBER(initial_delay_s);
    PE_NUMBER(period_s);
    PE_NUMBER(timeout_s);
    PE_NUMBER(success_threshold);
    PE_NUMBER(failure_threshold);
    PE_NUMBER(grace_s);
}

static inline void
pe_rule(struct pod_difference *d, const char *where, const struct restart_rule *a,
        const struct restart_rule *b)
{
    PE_TEXT(action);
    PE_TEXT(op);
    PE_NUMBER(code_count);
    for (uint32_t i = 0; i < a->code_count && !d->found; i++)
        PE_NUMBER(codes[i]);
}

static inline void
pe_security(struct pod_difference *d, const char *where, const struct security *a,
            const struct security *b)
{
    PE_NUMBER(user);
    PE_NUMBER(group);
    PE_NUMBER(fs_group);
    PE_NUMBER(non_root);
    PE_NUMBER(privileged);
    PE_NUMBER(read_only_root);
    PE_NUMBER(escalation);
    PE_NUMBER(add_count);
    PE_NUMBER(drop_count);
    if (d->found)
        return;
    pe_texts(d, where, "add", a->add, b->add, a->add_count);
    pe_texts(d, where, "drop", a->drop, b->drop, a->drop_count);
}

static inline void
pe_needs(struct pod_difference *d, const char *where, const struct container *a,
         const struct container *b)
{
    PE_NUMBER(mount_count);
    PE_NUMBER(port_count);
    PE_NUMBER(ref_count);
    for (uint32_t i = 0; i < a->mount_count && !d->found; i++) {
        PE_TEXT(mounts[i].volume);
        PE_TEXT(mounts[i].path);
        PE_TEXT(mounts[i].sub_path);
        PE_NUMBER(mounts[i].read_only);
    }
    for (uint32_t i = 0; i < a->port_count && !d->found; i++) {
        PE_TEXT(ports[i].name);
        PE_TEXT(ports[i].protocol);
        PE_NUMBER(ports[i].port);
    }
    for (uint32_t i = 0; i < a->ref_count && !d->found; i++) {
        PE_TEXT(refs[i].kind);
        PE_TEXT(refs[i].name);
        PE_TEXT(refs[i].key);
        PE_NUMBER(refs[i].optional);
    }
}

static inline void
pe_container(struct pod_difference *d, const char *where, const struct container *a,
             const struct container *b)
{
    PE_TEXT(name);
    PE_TEXT(image);
    PE_TEXT(pull_policy);
    PE_NUMBER(kind);
    PE_NUMBER(list);
    PE_NUMBER(list_index);
    PE_TEXT(tag);
    PE_TEXT(restart_policy);
    PE_NUMBER(rule_count);
    for (uint32_t i = 0; i < a->rule_count && !d->found; i++) {
        PE_PLACE("rules", i);
        pe_rule(d, inner, &a->rules[i], &b->rules[i]);
    }
    PE_NUMBER(command_count);
    PE_NUMBER(arg_count);
    if (d->found)
        return;
    pe_texts(d, where, "command", a->command, b->command, a->command_count);
    pe_texts(d, where, "args", a->args, b->args, a->arg_count);
    pe_needs(d, where, a, b);
    pe_probe(d, where, "startup", a->startup, b->startup);
    pe_probe(d, where, "readiness", a->readiness, b->readiness);
    pe_probe(d, where, "liveness", a->liveness, b->liveness);
    pe_security(d, where, a->security, b->security);
    PE_NUMBER(post_start);
    PE_NUMBER(pre_stop);
    PE_RESOURCES(requests);
    PE_RESOURCES(limits);
    pe_number(d, where, "has status", a->status != NULL, b->status != NULL);
    if (a->status && b->status)
        pe_status(d, where, a->status, b->status);
}

static inline void
pe_identity(struct pod_difference *d, const struct pod *a, const struct pod *b)
{
    const char *where = "";
    PE_TEXT(cluster);
    PE_TEXT(ns);
    PE_TEXT(name);
    PE_TEXT(uid);
    PE_TEXT(resource_version);
    PE_TEXT(owner_kind);
    PE_TEXT(owner_name);
    PE_NUMBER(label_count);
    for (uint32_t i = 0; i < a->label_count && !d->found; i++) {
        PE_TEXT(labels[i].key);
        PE_TEXT(labels[i].value);
    }
    PE_TEXT(default_container);
    PE_NUMBER(created_ms);
    PE_NUMBER(deletion_ms);
    PE_NUMBER(started_ms);
    PE_NUMBER(deletion_grace_s);
    PE_NUMBER(grace_s);
}

static inline void
pe_spec(struct pod_difference *d, const struct pod *a, const struct pod *b)
{
    const char *where = "";
    PE_TEXT(node);
    PE_TEXT(restart_policy);
    PE_TEXT(scheduler);
    PE_TEXT(service_account);
    PE_TEXT(priority_class);
    PE_NUMBER(host_network);
    PE_NUMBER(active_deadline_s);
    PE_NUMBER(readiness_gate_count);
    PE_NUMBER(scheduling_gate_count);
    PE_NUMBER(volume_count);
    if (d->found)
        return;
    pe_texts(d, "", "readiness_gates", a->readiness_gates, b->readiness_gates,
             a->readiness_gate_count);
    pe_texts(d, "", "scheduling_gates", a->scheduling_gates, b->scheduling_gates,
             a->scheduling_gate_count);
    for (uint32_t i = 0; i < a->volume_count && !d->found; i++) {
        PE_TEXT(volumes[i].name);
        PE_TEXT(volumes[i].kind);
        PE_TEXT(volumes[i].ref);
        PE_NUMBER(volumes[i].optional);
    }
    PE_NUMBER(node_affinity);
    PE_NUMBER(node_selector_count);
    PE_NUMBER(toleration_count);
    for (uint32_t i = 0; i < a->node_selector_count && !d->found; i++) {
        PE_TEXT(node_selector[i].key);
        PE_TEXT(node_selector[i].value);
    }
    for (uint32_t i = 0; i < a->toleration_count && !d->found; i++) {
        PE_TEXT(tolerations[i].key);
        PE_TEXT(tolerations[i].op);
        PE_TEXT(tolerations[i].value);
        PE_TEXT(tolerations[i].effect);
        PE_NUMBER(tolerations[i].seconds);
    }
    pe_security(d, "security.", a->security, b->security);
    PE_RESOURCES(overhead);
    PE_NUMBER(pod_resources_present);
    PE_RESOURCES(pod_requests);
    PE_RESOURCES(pod_limits);
}

static inline void
pe_pod_status(struct pod_difference *d, const struct pod *a, const struct pod *b)
{
    const char *where = "";
    PE_TEXT(phase);
    PE_TEXT(reason);
    PE_TEXT(message);
    PE_TEXT(qos_class);
    PE_TEXT(nominated_node);
    PE_TEXT(ip);
    PE_TEXT(host_ip);
    PE_NUMBER(condition_count);
    for (uint32_t i = 0; i < a->condition_count && !d->found; i++) {
        PE_TEXT(conditions[i].type);
        PE_TEXT(conditions[i].status);
        PE_TEXT(conditions[i].reason);
        PE_TEXT(conditions[i].message);
        PE_NUMBER(conditions[i].transition_ms);
    }
    PE_NUMBER(status_resources_present);
    PE_RESOURCES(status_requests);
    PE_RESOURCES(status_limits);
    PE_RESOURCES(status_allocated);
}

/* True when equal; else d->text names the first field that is not. */
static inline bool
pod_equal(const struct pod *a, const struct pod *b, struct pod_difference *d)
{
    const char *where = "";
    d->found = false;
    pe_identity(d, a, b);
    pe_spec(d, a, b);
    pe_pod_status(d, a, b);
    PE_NUMBER(container_count);
    PE_NUMBER(init_count);
    PE_NUMBER(app_count);
    PE_NUMBER(status_count);
    PE_NUMBER(init_status_count);
    PE_NUMBER(app_status_count);
    for (uint32_t i = 0; i < a->container_count && !d->found; i++) {
        PE_PLACE("containers", i);
        pe_container(d, inner, &a->containers[i], &b->containers[i]);
    }
    for (uint32_t i = 0; i < a->status_count && !d->found; i++) {
        PE_PLACE("statuses", i);
        pe_status(d, inner, &a->statuses[i], &b->statuses[i]);
    }
    return !d->found;
}

#endif
