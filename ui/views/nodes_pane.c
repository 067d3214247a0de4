/* nodes_pane: all about the selected node: conditions, taints, what is requested of it and by which stage,
 * its pods with the stuck ones first, its images.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/nodefit.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/status.h"
#include "initwatch/ui/widget.h"
#include "nodes.h"

enum {
    NODE_IMAGES_SHOWN = 12,
    NODE_PODS_LISTED = 120,
    AMOUNT_BAR_COLS = 30,
    LABEL_COLS = 11,
    STRIP_COLS_MOST = 14,
    AMOUNTS_FROM_COLS = 70, /* narrower, names and causes need the room */
    SPLIT_COLS = 120        /* images and system beside the pods */
};

static void
memory_text(const struct quantity *q, char *out, size_t out_size)
{
    double mib = quantity_approx(q) / 1048576.0;
    if (quantity_is_zero(q))
        (void)snprintf(out, out_size, "0");
    else if (mib >= 1024)
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

static void
say_fact(struct doc *d, const char *name, const char *value)
{
    if (!value[0])
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", name);
    doc_to(d, LABEL_COLS);
    doc_wrap(d, ROLE_TEXT, LABEL_COLS, 2, value);
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
    doc_to(d, LABEL_COLS);
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
        if (good)
            doc_put(d, ROLE_DIM, "   %s  %s", f->internal_ip,
                    d->width < SPLIT_COLS ? f->kubelet_version : "");
        if (!good) {
            iw_autofree char *why = iw_asprintf(
                "  %s%s%s", c->reason, c->reason[0] && c->message[0] ? ": " : "", c->message);
            doc_wrap(d, ROLE_TEXT, 20, 2, why);
        }
    }
    if (f->unschedulable) {
        doc_line(d);
        doc_put(d, ROLE_WARN, " ⚠ %s", tr("cordoned"));
        doc_to(d, LABEL_COLS);
        doc_put(d, ROLE_TEXT, "%s", tr("takes no new pods; those on it stay"));
    }
    for (uint32_t i = 0; i < f->taint_count; i++)
        say_taint(d, env, &f->taints[i]);
}

/* "█▒░": of running containers, held only for starting, free. */
static void
amount_bar(struct doc *d, const struct node_sum *a, int cols)
{
    double all = quantity_approx(&a->allocatable), all_requested = quantity_approx(&a->requested);
    double steady = IW_MIN(quantity_approx(&a->steady), all_requested);
    int full = all > 0 ? (int)(IW_MIN(all_requested / all, 1.0) * cols + 0.5) : 0;
    int running = all > 0 ? (int)(IW_MIN(steady / all, 1.0) * cols + 0.5) : 0;
    running = IW_MIN(running, full);
    enum role role = all > 0 && all_requested > 0.9 * all ? ROLE_WARN : ROLE_BAR;
    doc_repeat(d, role, "█", running);
    doc_repeat(d, ROLE_WARN, "▒", full - running);
    doc_repeat(d, ROLE_DIM, "░", cols - full);
    doc_put(d, ROLE_DIM, " %3.0f%%", all > 0 ? all_requested / all * 100 : 0.0);
}

/* "cpu  2150m of 3900m  ███▒▒░░░░  55%   free 1750m   for init steps only 250m   used 343m" */
static bool
holds_for_init(const struct node_sum *a)
{
    return quantity_cmp(&a->requested, &a->steady) > 0;
}

static void
say_amount(struct doc *d, const struct view_env *env, const struct node_use *load, bool cpu)
{
    bool held = holds_for_init(&load->cpu) || holds_for_init(&load->memory);
    bool usage = usage_state(env->usage) == USAGE_LIVE;
    int bar = IW_MIN(d->width - 52 - (held ? 20 : 0) - (usage ? 14 : 0), AMOUNT_BAR_COLS);
    const struct node_sum *a = cpu ? &load->cpu : &load->memory;
    char requested[24], text[24] = "?";
    struct quantity rest = a->allocatable, only_init = a->requested;
    struct usage_amounts used;
    quantity_sub(&rest, &a->requested);
    quantity_sub(&only_init, &a->steady);
    nodes_amount_text(&a->requested, cpu, requested, sizeof(requested));
    if (a->known)
        nodes_amount_text(&a->allocatable, cpu, text, sizeof(text));
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", cpu ? tr("cpu") : tr("memory"));
    doc_to(d, LABEL_COLS);
    doc_put(d, ROLE_TEXT, tr("%s of %s"), requested, text);
    if (!a->known)
        return;
    doc_to(d, LABEL_COLS + 15);
    amount_bar(d, a, IW_MAX(bar, 8));
    nodes_amount_text(&rest, cpu, text, sizeof(text));
    doc_put(d, quantity_sign(&rest) > 0 ? ROLE_TEXT : ROLE_WARN, tr("   free %s"), text);
    if (quantity_sign(&only_init) > 0) {
        nodes_amount_text(&only_init, cpu, text, sizeof(text));
        doc_put(d, ROLE_WARN, tr("   held for init %s"), text);
    }
    if (usage_of_node(env->usage, load->node->name, &used)) {
        if (cpu)
            usage_cpu_text(used.cpu_nano, text);
        else
            usage_memory_text(used.memory_bytes, text);
        doc_put(d, ROLE_DIM, tr("   used %s"), text);
    }
}

/* Why what is used is not known. */
static void
say_usage(struct doc *d, const struct view_env *env)
{
    enum usage_state state = usage_state(env->usage);
    if (state == USAGE_ABSENT || state == USAGE_FAILED)
        say_fact(d, tr("used"), usage_sentence(env->usage));
}

static int
larger_image(const void *a, const void *b)
{
    const struct node_image *x = *(const struct node_image *const *)a,
                            *y = *(const struct node_image *const *)b;
    return (x->size_bytes < y->size_bytes) - (x->size_bytes > y->size_bytes);
}

/* The largest first: they fill the disk, and they are what a pod waits for where they are missing. */
static void
say_images(struct doc *d, const struct node_facts *f)
{
    double bytes = 0;
    char title[96];
    VEC(const struct node_image *) order = {0};
    for (uint32_t i = 0; i < f->image_count; i++) {
        bytes += (double)f->images[i].size_bytes;
        vec_push(&order, &f->images[i]);
    }
    if (order.len > 1)
        qsort(order.items, order.len, sizeof(*order.items), larger_image);
    (void)snprintf(title, sizeof(title), tr("images: %u, %.1f GiB"), f->image_count,
                   bytes / 1073741824.0);
    doc_rule(d, title);
    for (size_t i = 0; i < IW_MIN(order.len, (size_t)NODE_IMAGES_SHOWN); i++) {
        doc_line(d);
        double mib = (double)order.items[i]->size_bytes / 1048576.0;
        doc_put(d, ROLE_DIM, mib < 10 ? "%6.1f MiB  " : "%6.0f MiB  ", mib);
        doc_put(d, ROLE_TEXT, "%s", order.items[i]->name);
    }
    if (order.len > NODE_IMAGES_SHOWN) {
        doc_line(d);
        doc_put(d, ROLE_DIM, tr("       and %zu more"), order.len - NODE_IMAGES_SHOWN);
    }
    vec_free(&order);
}

/* --- pods --- */

struct node_pod {
    const struct pod *pod;
    struct pod_block block;
};

struct pod_columns {
    int name, strip;
    bool beside; /* the pods stand beside the images */
};

static int
compare_pods(const void *a, const void *b)
{
    const struct node_pod *x = a, *y = b;
    return pod_block_compare(x->pod, &x->block, y->pod, &y->block);
}

/* Columns of the pods: amounts, signs, then the state or why it does not get on. */
static void
amounts_put(struct doc *d, const struct pod *pod)
{
    for (int cpu = 1; cpu >= 0; cpu--) {
        struct quantity amount;
        char text[24];
        node_pod_request(pod, cpu ? "cpu" : "memory", &amount);
        nodes_amount_text(&amount, cpu, text, sizeof(text));
        doc_field(d, 7, true, ROLE_DIM, quantity_is_zero(&amount) ? "–" : text);
    }
}

static void
pod_line(struct doc *d, const struct view_env *env, const struct node_pod *row,
         const struct pod_columns *cols)
{
    const struct pod *pod = row->pod;
    char strip[80], status[128], name[520];
    bool busy = row->block.severity != BLOCK_NONE, stuck = row->block.severity > BLOCK_PROGRESS;
    enum role role = stuck ? ROLE_ERROR : busy ? ROLE_WORKING : ROLE_DIM;
    pod_strip_text(pod, env->now_wall_ms, env->prefs->ascii, strip, sizeof(strip));
    pod_display_status(pod, status, sizeof(status));
    if (env->session->ns[0])
        (void)snprintf(name, sizeof(name), "%s", pod->name);
    else
        (void)snprintf(name, sizeof(name), "%s/%s", pod->ns, pod->name);
    doc_line(d);
    doc_put(d, role, stuck ? " ✗ " : "   ");
    doc_field(d, cols->name, false, busy ? ROLE_TEXT : ROLE_DIM, name);
    if (d->width >= AMOUNTS_FROM_COLS)
        amounts_put(d, pod);
    doc_put(d, ROLE_TEXT, "  ");
    doc_field(d, cols->strip, false, busy ? ROLE_TEXT : ROLE_DIM, strip);
    doc_put(d, ROLE_TEXT, "  ");
    /* beside images there are lines enough for a long cause */
    int lines = cols->beside ? 2 : 1;
    doc_wrap(d, role, d->x, lines, busy ? row->block.summary : status);
}

static void
pods_title(struct doc *d, const struct view_env *env, const struct node_use *load, bool beside)
{
    char title[160], count[48];
    (void)snprintf(count, sizeof(count), load->pods_most ? tr("%u of %u") : "%u", load->pods,
                   load->pods_most);
    (void)snprintf(title, sizeof(title), tr("pods: %s%s"), count,
                   env->session->ns[0] && !beside ? tr(", others are not in view") : "");
    if (load->stuck)
        (void)snprintf(title + strlen(title), sizeof(title) - strlen(title), tr(", %u stuck"),
                       load->stuck);
    doc_rule(d, title);
}

/* Those that do not get on first, the longest first. */
static void
say_pods(struct doc *d, const struct view_env *env, const struct node_use *load, bool beside)
{
    VEC(struct node_pod) rows = {0};
    struct pod_columns cols = {12, 3, beside};
    pods_title(d, env, load, beside);
    for (struct pod_ref it = {0, 0}; store_next(env->store, &it);) {
        struct node_pod row = {.pod = store_get(env->store, it)};
        if (strcmp(row.pod->node, load->node->name) != 0 || pod_is_terminal(row.pod))
            continue;
        pod_block_of(row.pod, env->now_wall_ms, &row.block);
        int ns = env->session->ns[0] ? 0 : utf8_width(row.pod->ns, strlen(row.pod->ns)) + 1;
        cols.name = IW_MAX(cols.name, ns + utf8_width(row.pod->name, strlen(row.pod->name)));
        cols.strip = IW_MAX(cols.strip, widget_strip_width(row.pod, true));
        vec_push(&rows, row);
    }
    if (rows.len > 1)
        qsort(rows.items, rows.len, sizeof(*rows.items), compare_pods);
    cols.strip = IW_MIN(cols.strip, STRIP_COLS_MOST);
    cols.name = IW_MIN(cols.name, IW_MAX(d->width - cols.strip - 48, 18));
    for (size_t i = 0; i < IW_MIN(rows.len, (size_t)NODE_PODS_LISTED); i++)
        pod_line(d, env, &rows.items[i], &cols);
    if (rows.len > NODE_PODS_LISTED) {
        doc_line(d);
        doc_put(d, ROLE_DIM, tr("  and %zu more"), rows.len - NODE_PODS_LISTED);
    }
    vec_free(&rows);
}

/* From its node to the end of its last init step; below 0: not there yet, or it has none. */
static int64_t
pod_init_time_ms(const struct pod *pod)
{
    const struct pod_condition *from = pod_condition(pod, "PodScheduled"),
                               *to = pod_condition(pod, "Initialized");
    if (pod->init_count == 0 || !from || !to || strcmp(to->status, "True") != 0 ||
        from->transition_ms == IW_TIME_NONE || to->transition_ms == IW_TIME_NONE)
        return -1;
    return to->transition_ms - from->transition_ms;
}

static int
compare_ms(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* How long pods were in their init steps here: a slow registry or disk shows by it. */
static void
say_init_times(struct doc *d, const struct view_env *env, const struct node_use *load)
{
    VEC(int64_t) times = {0};
    const struct pod *slowest = NULL;
    int64_t most_ms = -1;
    for (struct pod_ref it = {0, 0}; store_next(env->store, &it);) {
        const struct pod *pod = store_get(env->store, it);
        int64_t ms = strcmp(pod->node, load->node->name) == 0 ? pod_init_time_ms(pod) : -1;
        if (ms < 0)
            continue;
        vec_push(&times, ms);
        if (ms > most_ms)
            slowest = pod;
        most_ms = IW_MAX(most_ms, ms);
    }
    if (times.len > 0) {
        char median[16], most[16], text[400];
        qsort(times.items, times.len, sizeof(*times.items), compare_ms);
        duration_cells(times.items[times.len / 2], median);
        duration_cells(most_ms, most);
        if (times.len == 1)
            (void)snprintf(text, sizeof(text), "%s   %s", most, slowest->name);
        else
            (void)snprintf(text, sizeof(text), tr("%s median of %zu pods   slowest %s %s"), median,
                           times.len, most, slowest->name);
        doc_line(d);
        doc_put(d, ROLE_DIM, " %s", tr("init time"));
        doc_to(d, LABEL_COLS);
        doc_put(d, ROLE_TEXT, "%s", text);
    }
    vec_free(&times);
}

static void
say_system(struct doc *d, const struct view_env *env, const struct node_use *load)
{
    const struct node_facts *f = load->node->node;
    char age[16] = "";
    if (load->node->created_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - load->node->created_ms, age);
    doc_rule(d, tr("system"));
    say_fact(d, tr("kubelet"), f->kubelet_version);
    say_fact(d, tr("runtime"), f->runtime);
    say_fact(d, tr("system"), f->os_image);
    say_fact(d, tr("kernel"), f->kernel);
    say_fact(d, tr("machine"), f->architecture);
    say_fact(d, tr("boot id"), f->boot_id);
    say_fact(d, tr("age"), age);
}

void
nodes_pane(struct doc *d, const struct view_env *env, const struct node_use *load)
{
    doc_rule(d, load->node->name);
    say_conditions(d, env, load->node->node);
    say_amount(d, env, load, true);
    say_amount(d, env, load, false);
    say_usage(d, env);
    say_init_times(d, env, load);
    if (d->width < SPLIT_COLS) {
        say_pods(d, env, load, false);
        if (load->node->node->image_count > 0)
            say_images(d, load->node->node);
        say_system(d, env, load);
        return;
    }
    int split = d->width - 48;
    doc_auto left, right;
    doc_init(&left, split);
    doc_init(&right, d->width - split - 1);
    say_pods(&left, env, load, true);
    if (load->node->node->image_count > 0)
        say_images(&right, load->node->node);
    say_system(&right, env, load);
    doc_beside(d, &left, &right, split);
}
