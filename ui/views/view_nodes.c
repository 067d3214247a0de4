/* view_nodes: what each node has and what its pods take of it, which of them are stuck; the selected
 * node in full below.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/nodeuse.h"
#include "initwatch/model/progress.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/widget.h"

enum {
    NODES_SUM_MS = 1000,
    NODE_IMAGES_SHOWN = 6,
    NODE_PODS_SHOWN = 12,
    NODE_PODS_LISTED = 60,
    NODE_PANE_MIN = 6
};

struct nodes_state {
    struct node_use *loads; /* of this turn; pointers inside are not kept longer */
    size_t load_count;
    VEC(size_t) rows;       /* indexes of loads that the filter shows, troubled ones first */
    uint64_t objects, pods; /* generations that the loads are of */
    int64_t summed_ms;      /* wall */
    struct list_cursor cursor;
    char selected[254];
    int list_height;
    uint32_t scroll;
    struct text_filter *filter;
    bool problems;
};

static void
nodes_init(void *state)
{
    ((struct nodes_state *)state)->filter = text_filter_new();
}

static void
nodes_fini(void *state)
{
    struct nodes_state *st = state;
    free(st->loads);
    vec_free(&st->rows);
    text_filter_free(st->filter);
}

/* --- rows --- */

static int
trouble_of(const struct node_use *load)
{
    if (!node_is_ready(load->node))
        return 3;
    return load->stuck ? 2 : load->node->node->unschedulable ? 1 : 0;
}

static void
add_rows(struct nodes_state *st)
{
    vec_clear(&st->rows);
    for (int trouble = 3; trouble >= 0; trouble--) {
        for (size_t i = 0; i < st->load_count; i++) {
            const struct node_use *load = &st->loads[i];
            bool shown =
                text_filter_match(st->filter, load->node->name) && (!st->problems || trouble > 0);
            if (trouble_of(load) == trouble && shown)
                vec_push(&st->rows, i);
        }
    }
}

static struct rect
list_part(struct rect area, size_t rows)
{
    int most = area.h - NODE_PANE_MIN;
    if (most >= 3)
        area.h = IW_MIN((int)IW_MIN(rows, (size_t)area.h) + 1, IW_MAX(most, area.h / 2));
    return area;
}

/* Sums over thousands of pods are not made for each of their changes. */
static bool
is_due(const struct nodes_state *st, const struct view_env *env)
{
    int64_t age_ms = env->now_wall_ms - st->summed_ms;
    bool pods = st->pods != store_pods_generation(env->store);
    return !st->loads || st->objects != kobjects_generation(env->objects) || age_ms < 0 ||
           age_ms >= (pods ? NODES_SUM_MS : 10 * NODES_SUM_MS);
}

static void
nodes_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct nodes_state *st = state;
    if (is_due(st, env)) {
        free(st->loads);
        st->loads = node_uses(env->store, env->now_wall_ms, &st->load_count);
        st->objects = kobjects_generation(env->objects);
        st->pods = store_pods_generation(env->store);
        st->summed_ms = env->now_wall_ms;
    }
    add_rows(st);
    for (size_t i = 0; i < st->rows.len; i++) {
        if (strcmp(st->loads[st->rows.items[i]].node->name, st->selected) == 0)
            st->cursor.selected = i;
    }
    struct rect list = list_part(area, st->rows.len);
    st->list_height = list.h - 1;
    list_cursor_fix(&st->cursor, st->rows.len, (size_t)IW_MAX(list.h - 1, 1));
    if (st->rows.len)
        (void)snprintf(st->selected, sizeof(st->selected), "%s",
                       st->loads[st->rows.items[st->cursor.selected]].node->name);
}

/* Draw and keys come between two recalcs, when the objects may be others already. */
static const struct node_use *
load_at(const struct nodes_state *st, const struct view_env *env, size_t row)
{
    if (st->objects != kobjects_generation(env->objects) || row >= st->rows.len)
        return NULL;
    return &st->loads[st->rows.items[row]];
}

/* --- drawing --- */

struct columns {
    int name, status, version, cpu, memory, pods, age;
};

static struct columns
columns_of(int cols)
{
    struct columns c = {.status = 12, .cpu = 18, .memory = 18, .pods = 10, .age = 6};
    if (cols >= 120)
        c.version = 10;
    if (cols >= 120)
        c.cpu = c.memory = 26;
    if (cols < 76)
        c.memory = 12, c.cpu = 10, c.age = 0;
    c.name = IW_MAX(cols - c.status - c.version - c.cpu - c.memory - c.pods - c.age - 3, 10);
    return c;
}

static void
memory_text(const struct quantity *q, char *out, size_t out_size)
{
    double mib = quantity_approx(q) / 1048576.0;
    if (mib >= 1024)
        (void)snprintf(out, out_size, "%.1fGi", mib / 1024);
    else
        (void)snprintf(out, out_size, "%.0fMi", mib);
}

static void
amount_text(const struct quantity *q, bool cpu, char *out, size_t out_size)
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
draw_amount(struct surface *s, struct rect row, int x, int cols, const struct node_sum *a, bool cpu)
{
    char used[24], all[24] = "?", text[56];
    amount_text(&a->requested, cpu, used, sizeof(used));
    if (a->known)
        amount_text(&a->allocatable, cpu, all, sizeof(all));
    (void)snprintf(text, sizeof(text), "%s/%s", used, all);
    double part = a->known && quantity_approx(&a->allocatable) > 0
                      ? quantity_approx(&a->requested) / quantity_approx(&a->allocatable)
                      : 0;
    enum role role = part > 1 ? ROLE_ERROR : part > 0.9 ? ROLE_WARN : ROLE_TEXT;
    int width = IW_MIN(cols - 1, 13);
    surface_field(s, row, x, row.y, width, true, role, text);
    if (cols - width - 2 >= 4)
        widget_bar(s, row, x + width + 1, row.y, cols - width - 3, IW_MIN(part, 1.0),
                   part > 0.9 ? ROLE_WARN : ROLE_BAR);
}

static void
draw_head(struct surface *s, struct rect row, const struct columns *c)
{
    int x = row.x + 2;
    surface_field(s, row, x, row.y, c->name, false, ROLE_DIM, tr("NODE"));
    x += c->name;
    surface_field(s, row, x, row.y, c->status, false, ROLE_DIM, tr("STATUS"));
    x += c->status;
    if (c->version)
        surface_field(s, row, x, row.y, c->version, false, ROLE_DIM, tr("VERSION"));
    x += c->version;
    surface_field(s, row, x, row.y, IW_MIN(c->cpu - 1, 13), true, ROLE_DIM, tr("CPU"));
    x += c->cpu;
    surface_field(s, row, x, row.y, IW_MIN(c->memory - 1, 13), true, ROLE_DIM, tr("MEMORY"));
    x += c->memory;
    surface_field(s, row, x, row.y, c->pods, false, ROLE_DIM, tr("PODS"));
    x += c->pods;
    if (c->age)
        surface_field(s, row, x, row.y, c->age - 1, true, ROLE_DIM, tr("AGE"));
}

static void
draw_row(const struct node_use *load, const struct view_env *env, struct surface *s,
         struct rect row, const struct columns *c, bool selected)
{
    char text[64], age[16] = "";
    bool ready = node_is_ready(load->node), cordoned = load->node->node->unschedulable;
    int x = row.x;
    surface_puts(s, row, x, row.y, ROLE_KEY, selected ? "▸" : " ");
    surface_field(s, row, x + 2, row.y, c->name - 1, false, ROLE_TEXT, load->node->name);
    x += 2 + c->name;
    (void)snprintf(text, sizeof(text), "%s",
                   !ready     ? tr("✗ NotReady")
                   : cordoned ? tr("⚠ cordoned")
                              : tr("✓ Ready"));
    surface_field(s, row, x, row.y, c->status, false,
                  !ready     ? ROLE_ERROR
                  : cordoned ? ROLE_WARN
                             : ROLE_OK,
                  text);
    x += c->status;
    if (c->version)
        surface_field(s, row, x, row.y, c->version - 1, false, ROLE_DIM,
                      load->node->node->kubelet_version);
    x += c->version;
    draw_amount(s, row, x, c->cpu, &load->cpu, true);
    x += c->cpu;
    draw_amount(s, row, x, c->memory, &load->memory, false);
    x += c->memory;
    int at = x + surface_printf(s, row, x, row.y, ROLE_TEXT, "%u", load->pods);
    if (load->stuck)
        surface_printf(s, row, at + 1, row.y, ROLE_ERROR, "✗%u", load->stuck);
    x += c->pods;
    if (load->node->created_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - load->node->created_ms, age);
    if (c->age)
        surface_field(s, row, x, row.y, c->age - 1, true, ROLE_DIM, age);
    if (selected)
        surface_flag(s, row, CELL_SELECTED);
}

/* --- the selected node --- */

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
    for (uint32_t i = 0; i < f->taint_count; i++) {
        const struct node_taint *t = &f->taints[i];
        doc_line(d);
        doc_put(d, ROLE_WARN, " ⚠ %s", tr("taint"));
        doc_to(d, 20);
        doc_put(d, ROLE_TEXT, "%s%s%s:%s", t->key, t->value[0] ? "=" : "", t->value, t->effect);
    }
}

static void
say_amount(struct doc *d, const char *name, const struct node_sum *a, bool cpu)
{
    char used[24], steady[24], all[24] = "?", left[24] = "?";
    struct quantity rest = a->allocatable, only_init = a->requested;
    quantity_sub(&rest, &a->requested);
    quantity_sub(&only_init, &a->steady);
    amount_text(&a->requested, cpu, used, sizeof(used));
    amount_text(&a->steady, cpu, steady, sizeof(steady));
    if (a->known) {
        amount_text(&a->allocatable, cpu, all, sizeof(all));
        amount_text(&rest, cpu, left, sizeof(left));
    }
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s", name);
    doc_to(d, 14);
    doc_put(d, ROLE_TEXT, tr("%s of %s requested"), used, all);
    doc_put(d, ROLE_DIM, tr("   free %s   running containers %s"), left, steady);
    if (quantity_sign(&only_init) > 0) {
        char held[24];
        amount_text(&only_init, cpu, held, sizeof(held));
        doc_put(d, ROLE_WARN, tr("   held for init steps %s"), held);
    }
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
        amount_text(&milli, true, cpu, sizeof(cpu));
        amount_text(&bytes, false, memory, sizeof(memory));
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

static void
say_node(struct doc *d, const struct view_env *env, const struct node_use *load)
{
    const struct node_facts *f = load->node->node;
    char text[256], age[16] = "?";
    if (load->node->created_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - load->node->created_ms, age);
    doc_rule(d, load->node->name);
    say_conditions(d, env, f);
    say_amount(d, tr("cpu"), &load->cpu, true);
    say_amount(d, tr("memory"), &load->memory, false);
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

static void
draw_missing(const struct nodes_state *st, const struct view_env *env, struct surface *s,
             struct rect area)
{
    enum objects_state state = kobjects_state(env->objects, KOBJECT_NODE, "");
    struct rect text = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};
    const char *what = "", *more = kobjects_error(env->objects, KOBJECT_NODE, "");
    enum role role = ROLE_TITLE;
    if (text.h <= 0 || text.w <= 0)
        return;
    switch (state) {
    case OBJECTS_NOT_ASKED:
    case OBJECTS_LOADING:
        what = tr("Reading the nodes…");
        role = ROLE_WORKING;
        break;
    case OBJECTS_LIVE:
    case OBJECTS_STALE:
        what = st->load_count ? tr("The filter hides all nodes. Esc clears it.")
                              : tr("There are no nodes.");
        break;
    case OBJECTS_DENIED:
        what = tr("You are not allowed to list nodes. The pods' NODE column is all that is known.");
        break;
    case OBJECTS_FAILED:
    case OBJECTS_STATE_COUNT:
        what = tr("The nodes cannot be listed.");
        break;
    }
    int used = widget_wrap(s, text, text.x, text.y, text.w, 2, role, what);
    widget_wrap(s, text, text.x, text.y + used, text.w, text.h - used, ROLE_DIM, more);
}

static void
nodes_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct nodes_state *st = state;
    const struct node_use *selected = load_at(st, env, st->cursor.selected);
    if (!selected) {
        draw_missing(st, env, s, area);
        return;
    }
    struct rect list = list_part(area, st->rows.len);
    struct columns c = columns_of(area.w);
    draw_head(s, (struct rect){list.x, list.y, list.w, IW_MIN(list.h, 1)}, &c);
    for (int y = 1; y < list.h; y++) {
        size_t at = st->cursor.top + (size_t)y - 1;
        const struct node_use *load = load_at(st, env, at);
        if (load)
            draw_row(load, env, s, (struct rect){list.x, list.y + y, list.w, 1}, &c,
                     at == st->cursor.selected);
    }
    struct rect pane = {area.x, area.y + list.h, area.w, area.h - list.h};
    if (pane.h < 2)
        return;
    doc_auto d;
    doc_init(&d, pane.w);
    say_node(&d, env, selected);
    doc_draw(&d, s, pane, IW_MIN(st->scroll, doc_max_top(&d, pane.h)));
}

/* --- keys --- */

static bool
nodes_act(void *state, const struct view_env *env, enum action action, int32_t arg,
          struct intent *out)
{
    struct nodes_state *st = state;
    const struct node_use *load = load_at(st, env, st->cursor.selected);
    (void)arg;
    if (action == ACT_PROBLEMS) {
        st->problems = !st->problems;
        return true;
    }
    if (!load)
        return false;
    if (action == ACT_YAML) {
        out->kind = INTENT_OPEN;
        out->view = "object";
        out->object.kind = KOBJECT_NODE;
        (void)snprintf(out->object.name, sizeof(out->object.name), "%s", load->node->name);
        return true;
    }
    if (action == ACT_OPEN) {
        out->kind = INTENT_OPEN;
        out->view = "pods";
        (void)snprintf(out->text, sizeof(out->text), "node:^%s$", load->node->name);
        return true;
    }
    if (action == ACT_COPY) {
        out->kind = INTENT_COPY;
        (void)snprintf(out->text, sizeof(out->text), "%s", load->node->name);
        return true;
    }
    if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE) {
        st->scroll = action == ACT_NEXT_PANE ? st->scroll + 4 : st->scroll - IW_MIN(st->scroll, 4u);
        return true;
    }
    if (!list_cursor_act(&st->cursor, action, st->rows.len, 10))
        return false;
    st->scroll = 0;
    (void)snprintf(st->selected, sizeof(st->selected), "%s",
                   st->loads[st->rows.items[st->cursor.selected]].node->name);
    return true;
}

static void
nodes_filter(void *state, const struct view_env *env, const char *text, bool final)
{
    struct nodes_state *st = state;
    (void)env;
    (void) final;
    text_filter_set(st->filter, text);
}

static uint32_t
nodes_wants(const void *state, const struct view_env *env)
{
    (void)state;
    (void)env;
    return KIND_BIT(NODE);
}

static void
nodes_tab_count(void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    size_t count = kobjects_count(env->objects, KOBJECT_NODE);
    if (count)
        (void)snprintf(out, out_size, "%zu", count);
}

static void
nodes_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct nodes_state *st = state;
    bool some = env->session->ns[0] != '\0';
    (void)snprintf(out, out_size, "%s%s", st->problems ? tr("only problems   ") : "",
                   some ? tr("requests of the pods in view only") : "");
}

static bool
nodes_ticks(const void *state, const struct view_env *env)
{
    (void)env;
    return ((const struct nodes_state *)state)->rows.len > 0;
}

static size_t
nodes_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct nodes_state *st = state;
    (void)env;
    *scroll = &st->scroll;
    return list_unseen(st->rows.len, st->list_height);
}

const struct view_class view_nodes = {
    .name = "nodes",
    .title = "Nodes",
    .help =
        "What each node has, what its pods take by their effective requests, and which are stuck",
    .scope = VIEW_CLUSTER,
    .tab = 6,
    .context = CTX_NODES,
    .state_size = sizeof(struct nodes_state),
    .init = nodes_init,
    .fini = nodes_fini,
    .recalc = nodes_recalc,
    .draw = nodes_draw,
    .unseen = nodes_unseen,
    .act = nodes_act,
    .filter = nodes_filter,
    .tab_note = nodes_note,
    .tab_count = nodes_tab_count,
    .ticks = nodes_ticks,
    .wants = nodes_wants,
};
