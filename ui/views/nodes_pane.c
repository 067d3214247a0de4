/* nodes_pane: all about the selected node: conditions, taints, what is requested of it, its pods, its images.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/nodefit.h"
#include "initwatch/model/progress.h"
#include "initwatch/ui/widget.h"
#include "nodes.h"

enum { NODE_IMAGES_SHOWN = 6, NODE_PODS_SHOWN = 12, NODE_PODS_LISTED = 60 };

static void
memory_text(const struct quantity *q, char *out, size_t out_size)
{
    double mib = quantity_approx(q) / 1048576.0;
    if (mib >= 1024)
        (void)snprintf(out, out_size, "%.1fGi", mib / 1024);
    else
        (void)snprintf(out, out_size, "%.0fMi", mib);
}

void
nodes_amount_text(const struct quantity *q, bool cpu, char *out, size_t out_size)
{
    if (!cpu)
        memory_text(q, out, out_size);
    else if (quantity_milli(q) % 1000 == 0)
        (void)snprintf(out, out_size, "%lld", (long long)(quantity_milli(q) / 1000));
    else
        (void)snprintf(out, out_size, "%lldm", (long long)quantity_milli(q));
}

/* "2150m/4 ███░░": requested of allocatable. */
static void
say_fact(struct doc *d, const char *name, const char *value)
{
    if (!value[0])
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", name);
    doc_to(d, 14);
    doc_wrap(d, ROLE_TEXT, 14, 2, value);
}

/* Pods without a node that the taint keeps off. */
static unsigned
kept_off(const struct view_env *env, const struct node_taint *taint)
{
    unsigned count = 0;
    for (struct pod_ref it = {0, 0}; store_next(env->store, &it);) {
        const struct pod *pod = store_get(env->store, it);
        count += !pod->node[0] && !pod_is_terminal(pod) && !pod_is_deleted(pod) &&
                 !pod_tolerates(pod, taint);
    }
    return count;
}

static void
say_taint(struct doc *d, const struct view_env *env, const struct node_taint *t)
{
    bool repels = strcmp(t->effect, "NoSchedule") == 0 || strcmp(t->effect, "NoExecute") == 0;
    unsigned count = repels ? kept_off(env, t) : 0;
    doc_line(d);
    doc_put(d, ROLE_WARN, " ⚠ %s", tr("taint"));
    doc_to(d, 20);
    doc_put(d, ROLE_TEXT, "%s%s%s:%s", t->key, t->value[0] ? "=" : "", t->value, t->effect);
    if (count > 0)
        doc_put(d, ROLE_WARN, tr("   kept off: %u pending"), count);
}

static void
say_conditions(struct doc *d, const struct view_env *env, const struct node_facts *f)
{
    for (uint32_t i = 0; i < f->condition_count; i++) {
        const struct pod_condition *c = &f->conditions[i];
        bool ready = strcmp(c->type, "Ready") == 0;
        bool good = strcmp(c->status, ready ? "True" : "False") == 0;
        char since[16] = "";
        if (good && !ready)
            continue; /* no pressure is no news */
        if (c->transition_ms != IW_TIME_NONE)
            duration_cells(env->now_wall_ms - c->transition_ms, since);
        doc_line(d);
        doc_put(d, good ? ROLE_OK : ROLE_ERROR, " %s %s", good ? "✓" : "✗", c->type);
        doc_to(d, 20);
        doc_put(d, ROLE_DIM, "%s %s", c->status, since);
        if (!good)
            doc_put(d, ROLE_TEXT, "  %s%s%s", c->reason, c->reason[0] && c->message[0] ? ": " : "",
                    c->message);
    }
    for (uint32_t i = 0; i < f->taint_count; i++)
        say_taint(d, env, &f->taints[i]);
}

static void
say_amount(struct doc *d, const char *name, const struct node_sum *a, bool cpu)
{
    char used[24], steady[24], all[24] = "?", left[24] = "?";
    struct quantity rest = a->allocatable, only_init = a->requested;
    quantity_sub(&rest, &a->requested);
    quantity_sub(&only_init, &a->steady);
    nodes_amount_text(&a->requested, cpu, used, sizeof(used));
    nodes_amount_text(&a->steady, cpu, steady, sizeof(steady));
    if (a->known) {
        nodes_amount_text(&a->allocatable, cpu, all, sizeof(all));
        nodes_amount_text(&rest, cpu, left, sizeof(left));
    }
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", name);
    doc_to(d, 14);
    doc_put(d, ROLE_TEXT, tr("%s of %s requested"), used, all);
    doc_put(d, ROLE_DIM, tr("   free %s   running containers %s"), left, steady);
    if (quantity_sign(&only_init) > 0) {
        char held[24];
        nodes_amount_text(&only_init, cpu, held, sizeof(held));
        doc_put(d, ROLE_WARN, tr("   held for init steps %s"), held);
    }
}

/* As the metrics API says, if there is one. */
static void
say_usage(struct doc *d, const struct view_env *env, const char *node)
{
    struct usage_amounts used;
    char cpu[24], memory[24];
    enum usage_state state = usage_state(env->usage);
    if (state == USAGE_ABSENT || state == USAGE_FAILED) {
        say_fact(d, tr("used"), usage_sentence(env->usage));
        return;
    }
    if (!usage_of_node(env->usage, node, &used))
        return;
    usage_cpu_text(used.cpu_nano, cpu);
    usage_memory_text(used.memory_bytes, memory);
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", tr("used"));
    doc_to(d, 14);
    doc_put(d, ROLE_TEXT, tr("cpu %s   memory %s"), cpu, memory);
}

static void
say_images(struct doc *d, const struct node_facts *f)
{
    double bytes = 0;
    for (uint32_t i = 0; i < f->image_count; i++)
        bytes += (double)f->images[i].size_bytes;
    if (f->image_count == 0)
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", tr("images"));
    doc_to(d, 14);
    doc_put(d, ROLE_TEXT, tr("%u present, %.1f GiB"), f->image_count, bytes / 1073741824.0);
    for (uint32_t i = 0; i < IW_MIN(f->image_count, (uint32_t)NODE_IMAGES_SHOWN); i++) {
        doc_line(d);
        doc_to(d, 14);
        doc_put(d, ROLE_DIM, "%s  %.0f MiB", f->images[i].name,
                (double)f->images[i].size_bytes / 1048576.0);
    }
}

/* The pods on it that do not get on, then how many others there are. */
static void
say_pods(struct doc *d, const struct view_env *env, const struct node_use *load)
{
    unsigned said = 0;
    for (struct pod_ref it = {0, 0}; store_next(env->store, &it);) {
        const struct pod *pod = store_get(env->store, it);
        struct pod_block block;
        if (strcmp(pod->node, load->node->name) != 0 || pod_is_terminal(pod))
            continue;
        pod_block_of(pod, env->now_wall_ms, &block);
        if (block.severity == BLOCK_NONE || said++ >= NODE_PODS_SHOWN)
            continue;
        if (said == 1) {
            doc_line(d);
            doc_put(d, ROLE_TITLE, " %s", tr("stuck here"));
        }
        doc_line(d);
        doc_put(d, ROLE_ERROR, "  ✗ ");
        doc_put(d, ROLE_TEXT, "%s  ", pod->name);
        doc_put(d, ROLE_DIM, "%s", block.summary);
    }
    if (said == 0) {
        doc_line(d);
        doc_put(d, ROLE_OK, " ✓ %s", tr("no pod is stuck here"));
    }
}

/* Name, effective requests and signs of what runs on it. */
static void
say_all_pods(struct doc *d, const struct view_env *env, const struct node_use *load)
{
    unsigned said = 0;
    doc_line(d);
    doc_rule(d, tr("pods and their effective requests"));
    for (struct pod_ref it = {0, 0}; store_next(env->store, &it) && said < NODE_PODS_LISTED;) {
        const struct pod *pod = store_get(env->store, it);
        char strip[80], cpu[24], memory[24];
        struct quantity milli, bytes;
        if (strcmp(pod->node, load->node->name) != 0 || pod_is_terminal(pod))
            continue;
        said++;
        node_pod_request(pod, "cpu", &milli);
        node_pod_request(pod, "memory", &bytes);
        nodes_amount_text(&milli, true, cpu, sizeof(cpu));
        nodes_amount_text(&bytes, false, memory, sizeof(memory));
        pod_strip_text(pod, env->now_wall_ms, env->prefs->ascii, strip, sizeof(strip));
        doc_line(d);
        doc_put(d, ROLE_TEXT, "  %s", pod->name);
        doc_to(d, IW_MIN(36, d->width / 2));
        doc_put(d, ROLE_DIM, "%8s %9s  %s", cpu, memory, strip);
    }
    if (load->pods > said) {
        doc_line(d);
        doc_put(d, ROLE_DIM, tr("  and %u more"), load->pods - said);
    }
}

void
nodes_pane(struct doc *d, const struct view_env *env, const struct node_use *load)
{
    const struct node_facts *f = load->node->node;
    char text[256], age[16] = "?";
    if (load->node->created_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - load->node->created_ms, age);
    doc_rule(d, load->node->name);
    say_conditions(d, env, f);
    say_amount(d, tr("cpu"), &load->cpu, true);
    say_amount(d, tr("memory"), &load->memory, false);
    say_usage(d, env, load->node->name);
    (void)snprintf(text, sizeof(text), load->pods_most ? tr("%u of %u") : "%u", load->pods,
                   load->pods_most);
    if (env->session->ns[0]) /* others take room there as well */
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "   %s",
                       tr("requests of the pods in view only"));
    say_fact(d, tr("pods"), text);
    say_pods(d, env, load);
    say_images(d, f);
    (void)snprintf(text, sizeof(text), "%s  %s  %s  %s", f->kubelet_version, f->runtime, f->kernel,
                   f->architecture);
    say_fact(d, tr("kubelet"), text);
    (void)snprintf(text, sizeof(text), "%s  %s  %s", f->os_image, f->internal_ip, age);
    say_fact(d, tr("system"), text);
    (void)snprintf(text, sizeof(text), f->boot_id[0] ? tr("boot id %s") : "%s", f->boot_id);
    say_fact(d, tr("boot"), text);
    if (load->pods)
        say_all_pods(d, env, load);
}
