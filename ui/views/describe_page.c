/* describe_page: the pod as kubectl describes it, in start order.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "describe.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/probes.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/resources.h"
#include "initwatch/model/status.h"
#include "initwatch/model/yamlpath.h"
#include "initwatch/ui/podlinks.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

enum { DESCRIBE_EVENTS = 12, DESCRIBE_MESSAGE_COL = 41 };

/* --- lines --- */

void
describe_say(struct doc *d, int indent, const char *name, enum role role, const char *value)
{
    if (!value[0])
        return;
    doc_line(d);
    doc_to(d, indent);
    if (name[0])
        doc_put(d, ROLE_DIM, "%s:", name);
    doc_to(d, indent + DESCRIBE_VALUE_COLS);
    doc_wrap(d, role, indent + DESCRIBE_VALUE_COLS, 4, value);
}

void
describe_moment(struct doc *d, int64_t now_wall_ms, int indent, const char *name, int64_t wall_ms)
{
    char stamp[40], ago[16];
    if (wall_ms == IW_TIME_NONE)
        return;
    rfc3339_format(wall_ms, false, stamp);
    duration_cells(now_wall_ms - wall_ms, ago);
    doc_line(d);
    doc_to(d, indent);
    doc_put(d, ROLE_DIM, "%s:", name);
    doc_to(d, indent + DESCRIBE_VALUE_COLS);
    doc_put(d, ROLE_TEXT, "%s", stamp);
    doc_put(d, ROLE_DIM, tr("   %s ago"), ago);
}

static void
say_moment(struct doc *d, const struct view_env *env, int indent, const char *name, int64_t wall_ms)
{
    describe_moment(d, podpane_now(env), indent, name, wall_ms);
}

static void
say_labels(struct doc *d, const struct pod *pod)
{
    for (uint32_t i = 0; i < pod->label_count; i++) {
        doc_line(d);
        if (i == 0)
            doc_put(d, ROLE_DIM, "%s:", tr("Labels"));
        doc_to(d, DESCRIBE_VALUE_COLS);
        doc_put(d, ROLE_TEXT, "%s=%s", pod->labels[i].key, pod->labels[i].value);
    }
}

/* A pod of two address families has a second one. */
static void
say_more_ips(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    const struct yaml_text *y = describe_yaml(env, pod);
    size_t list = y ? yaml_member(y, YAML_NO_LINE, "status.podIPs") : YAML_NO_LINE, item;
    for (size_t n = 1; list != YAML_NO_LINE && (item = yaml_item(y, list, n)) != YAML_NO_LINE;
         n++) {
        char ip[64];
        yaml_value(y, yaml_member(y, item, "ip"), ip, sizeof(ip));
        describe_say(d, 0, "", ROLE_TEXT, ip);
    }
}

/* "✓ i1 fetch → ↻ s1 proxy → ◌ a1 shop + a2 receipts": apps start together. */
static void
say_order(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    const struct container *before = NULL;
    doc_line(d);
    doc_put(d, ROLE_DIM, "%s:", tr("Start order"));
    doc_to(d, DESCRIBE_VALUE_COLS);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL; before = c) {
        enum container_sign sign = container_sign(pod, c, podpane_now(env));
        const char *glyph = sign_glyph(sign, 0, false), *link = "";
        if (before)
            link = c->list == LIST_INIT || before->list != c->list ? " → " : " + ";
        int cols = utf8_width(c->tag, strlen(c->tag)) + utf8_width(c->name, strlen(c->name)) + 6;
        if (before && d->x + cols > d->width) {
            doc_line(d);
            doc_to(d, DESCRIBE_VALUE_COLS);
            link += link[0] == ' ';
        }
        doc_put(d, ROLE_DIM, "%s", link);
        doc_put(d, sign_role(sign), "%s ", glyph);
        doc_put(d, ROLE_TEXT, "%s %s", c->tag, c->name);
    }
}

static void
say_head(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    char text[400], status[256];
    describe_say(d, 0, tr("Name"), ROLE_TITLE, pod->name);
    describe_say(d, 0, tr("Namespace"), ROLE_TEXT, pod->ns);
    describe_raw_value(env, pod, "spec.priority", status, sizeof(status));
    (void)snprintf(text, sizeof(text), "%s%s%s", status,
                   status[0] && pod->priority_class[0] ? "  " : "", pod->priority_class);
    describe_say(d, 0, tr("Priority"), ROLE_TEXT, text);
    describe_say(d, 0, tr("Service account"), ROLE_TEXT, pod->service_account);
    (void)snprintf(text, sizeof(text), "%s%s%s", pod->node, pod->host_ip[0] ? "/" : "",
                   pod->host_ip);
    describe_say(d, 0, tr("Node"), ROLE_TEXT, text[0] ? text : tr("<none>"));
    say_moment(d, env, 0, tr("Created"), pod->created_ms);
    say_moment(d, env, 0, tr("Start time"), pod->started_ms);
    say_labels(d, pod);
    describe_annotations(d, env, pod);
    pod_display_status(pod, status, sizeof(status));
    describe_say(d, 0, tr("Status"), ROLE_TEXT, status);
    describe_say(d, 0, tr("Reason"), ROLE_WARN, pod->reason);
    describe_say(d, 0, tr("Message"), ROLE_WARN, pod->message);
    if (pod->deletion_ms != IW_TIME_NONE) {
        say_moment(d, env, 0, tr("Terminating by"), pod->deletion_ms);
        (void)snprintf(text, sizeof(text), "%llds", (long long)pod->deletion_grace_s);
        describe_say(d, 0, tr("Grace period"), ROLE_TEXT, text);
    }
    describe_say(d, 0, tr("IP"), ROLE_TEXT, pod->ip);
    say_more_ips(d, env, pod);
    (void)snprintf(text, sizeof(text), "%s%s%s", pod->owner_kind, pod->owner_kind[0] ? "/" : "",
                   pod->owner_name);
    describe_say(d, 0, tr("Controlled by"), ROLE_TEXT, text);
}

/* --- containers --- */

static void
say_end(struct doc *d, const struct view_env *env, const char *name,
        const struct container_end *end)
{
    char how[200], took[16] = "", text[300];
    container_exit_text(end, how, sizeof(how));
    /* "exit 0 (Completed)"; a reason that is in the text already is not said again */
    (void)snprintf(text, sizeof(text), "%s%s%s%s", how,
                   end->reason[0] && !strstr(how, end->reason) ? " (" : "",
                   strstr(how, end->reason) ? "" : end->reason,
                   end->reason[0] && !strstr(how, end->reason) ? ")" : "");
    describe_say(d, 4, name, end->exit_code ? ROLE_ERROR : ROLE_OK, text);
    if (end->started_ms != IW_TIME_NONE && end->finished_ms != IW_TIME_NONE) {
        duration_cells(end->finished_ms - end->started_ms, took);
        doc_put(d, ROLE_DIM, tr("   ran %s"), took);
    }
    describe_say(d, 6, tr("Message"), ROLE_TEXT, end->message);
    say_moment(d, env, 6, tr("Started"), end->started_ms);
    say_moment(d, env, 6, tr("Finished"), end->finished_ms);
}

static void
say_state(struct doc *d, const struct view_env *env, const struct container_status *st)
{
    char text[64];
    if (!st) {
        describe_say(d, 4, tr("State"), ROLE_WAITING,
                     tr("not known: the node has not reported it"));
        return;
    }
    if (st->state.running) {
        describe_say(d, 4, tr("State"), ROLE_TEXT, tr("Running"));
        say_moment(d, env, 6, tr("Started"), st->state.running_since_ms);
    }
    if (st->state.waiting) {
        describe_say(d, 4, tr("State"), ROLE_TEXT, tr("Waiting"));
        describe_say(d, 6, tr("Reason"), ROLE_TEXT, st->state.waiting_reason);
        describe_say(d, 6, tr("Message"), ROLE_TEXT, st->state.waiting_message);
    }
    if (st->state.terminated)
        say_end(d, env, tr("State"), &st->state.end);
    if (st->last->terminated)
        say_end(d, env, tr("Last state"), &st->last->end);
    /* What has ended has not "started" any more: said of what runs, where it may differ from ready. */
    (void)snprintf(text, sizeof(text), "%s%s", st->ready ? tr("True") : tr("False"),
                   st->state.running && st->started == TRI_FALSE ? tr("   not started yet") : "");
    describe_say(d, 4, tr("Ready"), st->ready ? ROLE_OK : ROLE_TEXT, text);
    (void)snprintf(text, sizeof(text), "%d", st->restart_count);
    describe_say(d, 4, tr("Restart count"), st->restart_count ? ROLE_WARN : ROLE_TEXT, text);
}

static void
say_amounts(struct doc *d, const char *name, const struct resource_list *list)
{
    char text[400] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < list->count && used < sizeof(text) - 2; i++) {
        int n = snprintf(text + used, sizeof(text) - used, "%s%.60s %.40s", i ? ", " : "",
                         list->items[i].name, list->items[i].text);
        used += n > 0 ? IW_MIN((size_t)n, sizeof(text) - used - 1) : 0;
    }
    describe_say(d, 4, name, ROLE_TEXT, text);
}

/* What follows when it fails that often in a row: the budget of a start, or how late it is noticed. */
static void
say_probe(struct doc *d, const char *name, const struct probe *p, const char *then)
{
    char text[400], delay[32] = "", passes[32] = "";
    if (!p || p->kind == PROBE_NONE)
        return;
    if (p->initial_delay_s > 0)
        (void)snprintf(delay, sizeof(delay), tr("after %ds, "), p->initial_delay_s);
    if (p->success_threshold > 1)
        (void)snprintf(passes, sizeof(passes), tr("%d passes, "), p->success_threshold);
    (void)snprintf(text, sizeof(text),
                   tr_n("%.160s  %severy %ds, timeout %ds, %s%d failure: %s %ds",
                        "%.160s  %severy %ds, timeout %ds, %s%d failures: %s %ds",
                        (uint64_t)p->failure_threshold),
                   p->target, delay, p->period_s, p->timeout_s, passes, p->failure_threshold, then,
                   p->period_s * p->failure_threshold);
    describe_say(d, 4, name, ROLE_TEXT, text);
}

static void
say_words(struct doc *d, const char *name, const char *const *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        doc_line(d);
        doc_to(d, 4);
        if (i == 0)
            doc_put(d, ROLE_DIM, "%s:", name);
        doc_to(d, 4 + DESCRIBE_VALUE_COLS);
        doc_wrap(d, ROLE_TEXT, 4 + DESCRIBE_VALUE_COLS, 6, words[i]);
    }
}

static void
say_refs(struct doc *d, const struct view_env *env, const struct pod *pod,
         const struct container *c)
{
    bool begun = describe_variables(d, env, pod, c);
    for (uint32_t i = 0; i < c->ref_count; i++) {
        const struct container_ref *r = &c->refs[i];
        enum kobject_kind kind;
        bool absent = kobject_kind_parse(r->kind, &kind) &&
                      kobjects_look(env->objects, kind, pod->ns, r->name, NULL) == OBJECTS_ABSENT;
        doc_line(d);
        doc_to(d, 4);
        if (i == 0 && !begun)
            doc_put(d, ROLE_DIM, "%s:", tr("Environment"));
        doc_to(d, 4 + DESCRIBE_VALUE_COLS);
        doc_put(d, ROLE_TEXT, "← %s %s%s%s", r->kind, r->name, r->key[0] ? tr(" key ") : "",
                r->key);
        if (r->optional)
            doc_put(d, ROLE_DIM, "  %s", tr("optional"));
        else if (absent)
            doc_put(d, ROLE_ERROR, "  ✗ %s", tr("not found"));
    }
}

static void
say_container(struct doc *d, const struct view_env *env, const struct pod *pod,
              const struct container *c)
{
    char title[256], text[200];
    podpane_title(pod, c, title, sizeof(title));
    doc_line(d);
    doc_put(d, ROLE_TITLE, "  %s", title);
    describe_say(d, 4, tr("Image"), ROLE_TEXT, c->image);
    if (c->status) {
        describe_say(d, 4, tr("Image ID"), ROLE_DIM, c->status->image_id);
        describe_say(d, 4, tr("Container ID"), ROLE_DIM, c->status->container_id);
    }
    for (uint32_t i = 0; i < c->port_count; i++) {
        (void)snprintf(text, sizeof(text), "%d/%s %.60s", c->ports[i].port, c->ports[i].protocol,
                       c->ports[i].name);
        describe_say(d, 4, tr("Port"), ROLE_TEXT, text);
    }
    say_words(d, tr("Command"), c->command, c->command_count);
    say_words(d, tr("Args"), c->args, c->arg_count);
    say_state(d, env, c->status);
    say_amounts(d, tr("Limits"), &c->limits);
    say_amounts(d, tr("Requests"), &c->requests);
    say_probe(d, tr("Startup"), container_probe(c, PROBE_ROLE_STARTUP), tr("started anew after"));
    say_probe(d, tr("Readiness"), container_probe(c, PROBE_ROLE_READINESS), tr("not ready after"));
    say_probe(d, tr("Liveness"), container_probe(c, PROBE_ROLE_LIVENESS), tr("killed after"));
    pod_security_text(pod, c, text, sizeof(text));
    describe_say(d, 4, tr("Security"), ROLE_TEXT, text);
    describe_lifecycle(d, env, pod, c);
    say_refs(d, env, pod, c);
    for (uint32_t i = 0; i < c->mount_count; i++) {
        const struct container_mount *m = &c->mounts[i];
        (void)snprintf(text, sizeof(text), "%.100s %s %.60s (%s)", m->path, tr("from"), m->volume,
                       m->read_only ? "ro" : "rw");
        describe_say(d, 4, i == 0 ? tr("Mounts") : "", ROLE_TEXT, text);
    }
}

static void
say_containers(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    static const char *const headings[] = {TR_MARK("Init containers and sidecars (in start order)"),
                                           TR_MARK("Containers"), TR_MARK("Ephemeral containers")};
    int heading = -1;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if ((int)c->list != heading) {
            heading = (int)c->list;
            doc_line(d);
            doc_rule(d, tr(headings[heading]));
        }
        say_container(d, env, pod, c);
    }
}

/* --- the rest --- */

static void
say_conditions(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    doc_line(d);
    doc_rule(d, tr("Conditions"));
    for (uint32_t i = 0; i < pod->condition_count; i++) {
        const struct pod_condition *c = &pod->conditions[i];
        char since[16] = "";
        bool good = strcmp(c->status, "True") == 0;
        if (c->transition_ms != IW_TIME_NONE)
            duration_cells(podpane_now(env) - c->transition_ms, since);
        doc_line(d);
        doc_put(d, ROLE_TEXT, "  %s", c->type);
        doc_to(d, 30);
        doc_put(d, good ? ROLE_OK : ROLE_WARN, "%s", c->status);
        doc_to(d, 38);
        doc_put(d, ROLE_DIM, "%s", since);
        if (c->reason[0] || c->message[0]) {
            doc_put(d, ROLE_DIM, "  ");
            char text[512];
            (void)snprintf(text, sizeof(text), "%.100s%s%.400s", c->reason,
                           c->reason[0] && c->message[0] ? ": " : "", c->message);
            doc_wrap(d, ROLE_TEXT, 38, 4, text);
        }
    }
}

static void
say_volumes(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    doc_line(d);
    doc_rule(d, tr("Volumes"));
    for (uint32_t i = 0; i < pod->volume_count; i++) {
        const struct pod_volume *v = &pod->volumes[i];
        enum kobject_kind kind;
        const struct kobject *o = NULL;
        enum objects_answer answer = OBJECTS_UNKNOWN;
        if (pod_volume_object(v, &kind))
            answer = kobjects_look(env->objects, kind, pod->ns, v->ref, &o);
        doc_line(d);
        doc_put(d, ROLE_TEXT, "  %s", v->name);
        doc_to(d, 30);
        doc_put(d, ROLE_DIM, "%s ", v->kind);
        doc_put(d, ROLE_TEXT, "%s", v->ref);
        if (v->optional)
            doc_put(d, ROLE_DIM, "  %s", tr("optional"));
        if (answer == OBJECTS_ABSENT)
            doc_put(d, v->optional ? ROLE_DIM : ROLE_ERROR, "  ✗ %s", tr("not found"));
        else if (answer == OBJECTS_FOUND && kind == KOBJECT_PVC)
            doc_put(d, strcmp(o->pvc->phase, "Bound") == 0 ? ROLE_OK : ROLE_ERROR, "  %s %s %s",
                    o->pvc->phase, o->pvc->request, o->pvc->storage_class);
        else if (answer == OBJECTS_FOUND)
            doc_put(d, ROLE_DIM, o->config->key_count == 1 ? tr("  %u key") : tr("  %u keys"),
                    o->config->key_count);
        describe_volume_source(d, env, pod, v);
    }
}

/* As kubectl: key=value:Effect op=Exists for 300s. */
static void
say_placement(struct doc *d, const struct pod *pod)
{
    char text[400];
    for (uint32_t i = 0; i < pod->node_selector_count; i++) {
        (void)snprintf(text, sizeof(text), "%.250s=%.100s", pod->node_selector[i].key,
                       pod->node_selector[i].value);
        describe_say(d, 0, i == 0 ? tr("Node selector") : "", ROLE_TEXT, text);
    }
    if (pod->node_affinity)
        describe_say(d, 0, tr("Node affinity"), ROLE_TEXT, tr("required (y shows the terms)"));
    for (uint32_t i = 0; i < pod->toleration_count; i++) {
        const struct pod_toleration *t = &pod->tolerations[i];
        bool equal = !t->op[0] || strcmp(t->op, "Equal") == 0;
        (void)snprintf(text, sizeof(text), "%.200s%s%.60s%s%.20s%s%.10s", t->key,
                       equal && t->value[0] ? "=" : "", equal ? t->value : "",
                       t->effect[0] ? ":" : "", t->effect, equal ? "" : " op=", equal ? "" : t->op);
        describe_say(d, 0, i == 0 ? tr("Tolerations") : "", ROLE_TEXT, text);
        if (!equal && t->value[0])
            doc_put(d, ROLE_TEXT, " %s", t->value);
        if (t->seconds >= 0)
            doc_put(d, ROLE_DIM, tr(" for %llds"), (long long)t->seconds);
    }
}

static void
say_effective(struct doc *d, const struct pod *pod)
{
    const struct resource_options on_node = {.use_status = true, .in_place_pod_level = true};
    size_t count;
    const char **names = resources_names(pod, &count);
    doc_line(d);
    doc_rule(d, tr("Effective requests (what the scheduler counts)"));
    describe_say(d, 0, tr("QoS class"), ROLE_TEXT, pod_qos(pod));
    for (size_t i = 0; i < count; i++) {
        struct resource_breakdown b;
        char effective[QUANTITY_OUT_MAX], steady[QUANTITY_OUT_MAX];
        resources_breakdown(pod, RESOURCE_REQUESTS, names[i], &on_node, &b);
        quantity_format(&b.effective, effective, sizeof(effective));
        quantity_format(&b.steady, steady, sizeof(steady));
        if (b.present) {
            describe_say(d, 0, names[i], ROLE_TEXT, effective);
            if (b.decided_by == DECIDED_BY_INIT && b.decider)
                doc_put(d, ROLE_WARN, tr("   decided by %s; running it needs %s"), b.decider->name,
                        steady);
        }
        resource_breakdown_free(&b);
    }
    free(names);
}

void
describe_events(struct doc *d, const struct kevent_ring *ring, const size_t *about, size_t count,
                bool synced, int64_t now_wall_ms)
{
    doc_rule(d, tr("Events"));
    if (count == 0) {
        doc_line(d);
        doc_put(d, ROLE_DIM, "  %s",
                synced ? tr("none; the server forgets them after an hour") : tr("not read"));
    }
    for (size_t i = count > DESCRIBE_EVENTS ? count - DESCRIBE_EVENTS : 0; i < count; i++) {
        const struct kevent *ev = kevent_ring_at(ring, about[i]);
        char ago[16] = "", text[600];
        if (ev->last_ms != IW_TIME_NONE)
            duration_cells(now_wall_ms - ev->last_ms, ago);
        doc_line(d);
        doc_put(d, strcmp(ev->type, "Warning") == 0 ? ROLE_WARN : ROLE_DIM, "  %-8.8s", ev->type);
        doc_put(d, ROLE_TEXT, "%s", ev->reason);
        doc_to(d, 30);
        doc_put(d, ROLE_DIM, "%5s ", ago);
        if (ev->count > 1)
            doc_put(d, ROLE_MARK, "×%u", ev->count);
        doc_to(d, DESCRIBE_MESSAGE_COL);
        (void)snprintf(text, sizeof(text), "%.500s", ev->message);
        doc_wrap(d, ROLE_TEXT, DESCRIBE_MESSAGE_COL, 4, text);
    }
}

static void
say_events(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    const struct kevent_ring *ring = store_events(env->store);
    size_t about[LIMIT_EVENTS_PER_POD];
    size_t count = pod->uid[0] ? kevent_ring_about(ring, pod->uid, about, IW_COUNTOF(about)) : 0;
    doc_line(d);
    describe_events(d, ring, about, count, store_synced(env->store, STREAM_EVENTS),
                    podpane_now(env));
}

void
describe_page(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    say_head(d, env, pod);
    say_order(d, env, pod);
    podpane_blocked(d, env, pod, podpane_now(env), 3);
    podpane_after(d, env, pod, podpane_now(env));
    say_containers(d, env, pod);
    say_conditions(d, env, pod);
    say_volumes(d, env, pod);
    say_effective(d, pod);
    say_placement(d, pod);
    say_events(d, env, pod);
}
