/* stages: how the effective amount of one resource comes about, stage by stage, as bars.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/stages.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/usage.h"
#include "initwatch/ui/widget.h"

#define AMOUNT_TEXT (QUANTITY_TEXT_MAX + 8)
#define MAX_EXPRESSION 6 /* more stages than that are not written out in max(...) */
#define STAGES_SHOWN 8   /* of more, the largest are shown and the rest is counted */
#define SIDECARS_NAMED 2 /* more of them are "s1…s4" */
#define TAGS_NAMED 3     /* the same of one kind in the steady stage */
#define SHADES_MOST 4    /* more app containers are one bar: too many stripes say nothing */

/* --- columns and scale --- */

struct stage_layout {
    int label, bar, note; /* columns: label with amount, bars, what stands right of them */
    bool wide;
    double step, end; /* axis: distance of ticks, right edge */
    bool bytes;       /* memory-like: powers of two */
    bool milli;       /* cpu: below one in thousandths */
};

/* What the lines of one resource are drawn from. */
struct stage_of {
    const struct stage_layout *y;
    const struct resource_breakdown *b;
    const struct pod *pod;
    enum resource_side side;
};

static struct stage_layout
layout_of(const struct doc *d, const struct resource_breakdown *b)
{
    struct stage_layout y = {.wide = d->width >= 120};
    y.label = y.wide ? 47 : d->width >= 70 ? 29 : 24;
    y.note = y.wide ? 34 : 16;
    y.bar = IW_MAX(d->width - y.label - y.note, 6);
    y.milli = strcmp(b->name, "cpu") == 0;
    y.bytes = strcmp(b->name, "memory") == 0 || strstr(b->name, "storage") ||
              strncmp(b->name, "hugepages-", 10) == 0;
    double most = quantity_approx(&b->effective);
    for (size_t i = 0; i < b->stage_count; i++)
        most = fmax(most, quantity_approx(&b->stages[i].sum));
    int ticks = y.bar / 9 < 1 ? 1 : y.bar / 9 > 5 ? 5 : y.bar / 9;
    if (!(most > 0))
        most = 1;
    if (y.bytes) {
        for (y.step = 1; y.step * ticks < most;)
            y.step *= 2;
    } else {
        static const double NICE[] = {1, 1.25, 2, 2.5, 5, 10};
        double base = pow(10, floor(log10(most / ticks)));
        size_t i = 0;
        while (i + 1 < IW_COUNTOF(NICE) && NICE[i] * base * ticks < most * (1 - 1e-9))
            i++;
        y.step = NICE[i] * base;
    }
    y.end = y.step * ceil(most / y.step - 1e-9);
    return y;
}

static int
bar_cols(const struct stage_layout *y, double amount)
{
    int cols = (int)(amount / y->end * y->bar + 0.5);
    return amount > 0 ? IW_MAX(IW_MIN(cols, y->bar), 1) : 0;
}

static void
tick_text(const struct stage_layout *y, double amount, char *out, size_t out_size)
{
    static const char *const UNITS[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi"};
    size_t unit = 0;
    if (y->milli && amount > 0 && amount < 1) {
        snprintf(out, out_size, "%gm", amount * 1000);
        return;
    }
    while (y->bytes && amount >= 1024 && unit + 1 < IW_COUNTOF(UNITS)) {
        amount /= 1024;
        unit++;
    }
    snprintf(out, out_size, "%g%s", amount, UNITS[unit]);
}

static void
axis_line(struct doc *d, const struct stage_layout *y, const char *name, enum resource_side side)
{
    char title[64], text[32];
    doc_line(d);
    snprintf(title, sizeof(title), tr("%.40s %s by stage"),
             strcmp(name, "cpu") == 0 ? "CPU" : tr(name),
             side == RESOURCE_REQUESTS ? tr("request") : tr("limit"));
    title[0] = (char)toupper((unsigned char)title[0]);
    doc_put(d, ROLE_TITLE, " %s", title);
    for (int i = 0; i * y->step <= y->end * (1 + 1e-9); i++) {
        int x = y->label + (int)(i * y->step / y->end * y->bar + 0.5);
        tick_text(y, i * y->step, text, sizeof(text));
        if (x < d->x + (i == 0) || x + (int)strlen(text) >= d->width)
            continue;
        doc_to(d, x);
        doc_put(d, ROLE_DIM, "%s", text);
    }
}

/* --- one stage --- */

static const char *
decides_text(const struct stage_layout *y, const struct resource_breakdown *b,
             const struct resource_stage *stage, char *out, size_t out_size)
{
    if (!stage->decides || b->decided_by == DECIDED_BY_POD_LEVEL)
        return y->wide && !stage->container ? tr("what runs for days") : "";
    if (!y->wide)
        return tr("◀ max");
    snprintf(out, out_size,
             stage->container ? tr("◀ largest: decides %s") : tr("◀ steady decides %s"),
             strcmp(b->name, "memory") == 0 ? tr("mem") : b->name);
    return out;
}

/* "a1+a2", of many "a1…a20". Returns the new length. */
static size_t
tags_add(char *text, size_t size, size_t len, const struct pod *pod, enum container_kind kind)
{
    const struct container *last = NULL;
    size_t from = len;
    unsigned count = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind != kind)
            continue;
        last = c;
        if (++count <= TAGS_NAMED)
            len += (size_t)snprintf(text + len, size - len, "%s%s", count > 1 ? "+" : "", c->tag);
    }
    if (count > TAGS_NAMED)
        len = from + (size_t)snprintf(text + from, size - from, "%c1…%s", last->tag[0], last->tag);
    return len;
}

/* "s1 + i2 db-migrate", "s1 starts", "steady: s1+a1+a2". */
static void
stage_label(struct doc *d, const struct pod *pod, const struct resource_stage *stage, int cols)
{
    char text[512] = "";
    size_t len = 0;
    if (stage->container) {
        const struct container *c = stage->container;
        const struct container *last = NULL;
        unsigned before = 0;
        for (const struct container *s = NULL; (s = pod_containers(pod, s)) != NULL && s != c;) {
            if (s->kind != CONTAINER_SIDECAR)
                continue;
            last = s;
            if (++before <= SIDECARS_NAMED && len < sizeof(text) - 16)
                len += (size_t)snprintf(text + len, sizeof(text) - len, "%s+", s->tag);
        }
        if (before > SIDECARS_NAMED)
            len = (size_t)snprintf(text, sizeof(text), "s1…%s+", last->tag);
        snprintf(text + len, sizeof(text) - len, "%s %s", c->tag, c->name);
    } else {
        len = (size_t)snprintf(text, sizeof(text), "%s", tr("steady: "));
        size_t bare = len;
        len = tags_add(text, sizeof(text), len, pod, CONTAINER_SIDECAR);
        if (len > bare && pod->app_count > 0)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "+");
        tags_add(text, sizeof(text), len, pod, CONTAINER_APP);
    }
    doc_field(d, cols, false, ROLE_TEXT, text);
}

/* What a container of the steady stage adds; false when that is nothing. */
static bool
steady_part(const struct stage_of *of, const struct container *c, struct quantity *out)
{
    static const struct resource_options options = {0};
    return (c->kind == CONTAINER_SIDECAR || c->kind == CONTAINER_APP) &&
           resources_container(of->pod, c, of->side, of->b->name, &options, out) &&
           !quantity_is_zero(out);
}

/* "100m + 200m + 20m"; false when it is too long, or one container alone. */
static bool
steady_sum(const struct stage_of *of, int cols, char *out, size_t out_size)
{
    size_t len = 0, parts = 0;
    for (const struct container *c = NULL; (c = pod_containers(of->pod, c)) != NULL;) {
        struct quantity part;
        char text[AMOUNT_TEXT];
        if (!steady_part(of, c, &part))
            continue;
        quantity_format(&part, text, sizeof(text));
        len += (size_t)snprintf(out + len, out_size - len, "%s%.20s", parts++ ? " + " : "", text);
        if (len > (size_t)cols)
            return false;
    }
    return parts > 1;
}

static void
stage_sum(const struct stage_of *of, const struct resource_stage *stage, int cols, char *out,
          size_t out_size)
{
    const struct stage_layout *y = of->y;
    char own[AMOUNT_TEXT], before[AMOUNT_TEXT];
    if (quantity_is_zero(&stage->sum)) {
        snprintf(out, out_size, "–");
        return;
    }
    if (y->wide && !stage->container && steady_sum(of, cols, out, out_size))
        return;
    quantity_format(&stage->own, own, sizeof(own));
    quantity_format(&stage->sidecars_before, before, sizeof(before));
    if (y->wide && !quantity_is_zero(&stage->sidecars_before) && !quantity_is_zero(&stage->own))
        snprintf(out, out_size, "%.24s + %.24s", before, own);
    else
        quantity_format(&stage->sum, out, out_size);
}

/* What runs for days, each app container in another shade than the one before it. */
static void
steady_bar(struct doc *d, const struct stage_of *of, const struct resource_stage *stage, int from,
           int to)
{
    struct quantity sum = stage->sidecars_before, part;
    bool other = false;
    for (const struct container *c = NULL; (c = pod_containers(of->pod, c)) != NULL && from < to;) {
        if (c->kind != CONTAINER_APP || !steady_part(of, c, &part))
            continue;
        quantity_add(&sum, &part);
        int end = IW_MIN(bar_cols(of->y, quantity_approx(&sum)), to);
        doc_repeat(d, ROLE_OK, other ? "░" : "▒", end - from);
        from = IW_MAX(from, end);
        other = !other && of->pod->app_count <= SHADES_MOST;
    }
    doc_repeat(d, ROLE_OK, other ? "░" : "▒", to - from);
}

static void
stage_line(struct doc *d, const struct stage_of *of, const struct resource_stage *stage)
{
    const struct stage_layout *y = of->y;
    char sum[AMOUNT_TEXT * 2], note[96];
    int amount = y->wide ? 18 : y->label >= 29 ? 8 : 0;
    doc_line(d);
    doc_put(d, stage->decides ? ROLE_KEY : ROLE_DIM, stage->decides ? "▸" : " ");
    stage_label(d, of->pod, stage, y->label - amount - (amount ? 4 : 2));
    if (amount > 0) {
        stage_sum(of, stage, amount, sum, sizeof(sum));
        doc_put(d, ROLE_TEXT, " ");
        doc_field(d, amount, true, ROLE_TEXT, sum);
    }
    doc_to(d, y->label);
    int before = bar_cols(y, quantity_approx(&stage->sidecars_before));
    int all = IW_MAX(bar_cols(y, quantity_approx(&stage->sum)), before);
    doc_repeat(d, ROLE_BAR_ALT, "▓", before);
    if (stage->container)
        doc_repeat(d, ROLE_BAR, "█", all - before);
    else
        steady_bar(d, of, stage, before, all);
    doc_to(d, y->label + y->bar + 1);
    quantity_format(&stage->sum, sum, sizeof(sum));
    if (quantity_is_zero(&stage->sum))
        snprintf(sum, sizeof(sum), "–");
    doc_field(d, 8, !y->wide, stage->decides ? ROLE_TITLE : ROLE_TEXT, sum);
    doc_put(d, stage->decides ? ROLE_KEY : ROLE_DIM, "%s%s", y->wide ? "  " : " ",
            decides_text(y, of->b, stage, note, sizeof(note)));
}

/* --- below the stages --- */

static void
effective_expression(const struct resource_breakdown *b, char *out, size_t out_size)
{
    char text[AMOUNT_TEXT];
    size_t len = 0;
    if (b->decided_by == DECIDED_BY_POD_LEVEL) {
        snprintf(out, out_size, tr("effective = spec.resources of the pod"));
        return;
    }
    if (b->stage_count > MAX_EXPRESSION) {
        len = (size_t)snprintf(out, out_size, tr("effective = max of %zu stages"), b->stage_count);
    } else {
        len = (size_t)snprintf(out, out_size, tr("effective = max("));
        for (size_t i = 0; i < b->stage_count; i++) {
            quantity_format(&b->stages[i].sum, text, sizeof(text));
            len += (size_t)snprintf(out + len, out_size - len, "%s%.20s", i ? ", " : "", text);
        }
        len += (size_t)snprintf(out + len, out_size - len, ")");
    }
    if (b->has_overhead) {
        quantity_format(&b->overhead, text, sizeof(text));
        snprintf(out + len, out_size - len, tr(" + overhead %.20s"), text);
    }
}

static void
effective_line(struct doc *d, const struct stage_layout *y, const struct resource_breakdown *b,
               enum resource_side side)
{
    bool all_used = side == RESOURCE_REQUESTS && quantity_is_zero(&b->waste);
    char text[512];
    effective_expression(b, text, sizeof(text));
    doc_line(d);
    doc_put(d, ROLE_TITLE, " ");
    if (y->wide) {
        doc_field(d, y->label - 2, false, ROLE_TITLE, text);
        doc_to(d, y->label);
        doc_repeat(d, ROLE_TITLE, "━", bar_cols(y, quantity_approx(&b->effective)));
    } else {
        doc_field(d, y->label + y->bar - 1, false, ROLE_TITLE, text);
    }
    doc_to(d, y->label + y->bar + 1);
    quantity_format(&b->effective, text, sizeof(text));
    doc_field(d, 8, !y->wide, ROLE_TITLE, text);
    if (y->wide)
        doc_put(d, ROLE_DIM, "%s", all_used ? tr("  nothing idle") : tr("  scheduler and quota"));
}

static void
waste_line(struct doc *d, const struct stage_layout *y, const struct resource_breakdown *b)
{
    char text[AMOUNT_TEXT];
    double whole = quantity_approx(&b->effective), idle = quantity_approx(&b->waste);
    int percent = whole > 0 ? (int)(idle / whole * 100 + 0.5) : 0;
    if (quantity_is_zero(&b->waste))
        return;
    doc_line(d);
    doc_put(d, ROLE_TEXT, "%s",
            y->label >= 29 ? tr(" held but idle after init") : tr(" idle after init"));
    doc_to(d, y->label);
    doc_repeat(d, ROLE_WARN, y->wide ? "╌" : "░", bar_cols(y, idle));
    doc_to(d, y->label + y->bar + 1);
    quantity_format(&b->waste, text, sizeof(text));
    doc_field(d, 8, !y->wide, ROLE_WARN, text);
    doc_put(d, ROLE_WARN, y->wide ? tr("  %d%% of the request ⚠") : " %d%% ⚠", percent);
}

/* "used now   9Mi   3.5%": beside what is asked for, on the same axis. */
static void
used_line(struct doc *d, const struct stage_layout *y, const struct resource_breakdown *b,
          double used)
{
    char text[24];
    double whole = quantity_approx(&b->effective);
    double part = whole > 0 ? used / whole : 0;
    if (used < 0)
        return;
    if (y->milli)
        usage_cpu_text((int64_t)(used * 1e9), text);
    else
        usage_memory_text((int64_t)used, text);
    enum role role = part > 1 ? ROLE_WARN : ROLE_TEXT;
    doc_line(d);
    doc_put(d, ROLE_TEXT, "%s", y->label >= 29 ? tr(" used now (metrics)") : tr(" used now"));
    doc_to(d, y->label);
    doc_repeat(d, part > 1 ? ROLE_WARN : ROLE_BAR, "█", bar_cols(y, used));
    doc_to(d, y->label + y->bar + 1);
    doc_field(d, 8, !y->wide, role, text);
    if (whole > 0)
        doc_put(d, role, part < 0.1 ? "%s%.1f%%" : "%s%.0f%%", y->wide ? "  " : " ", part * 100);
}

static bool
list_names(const struct resource_list *list, const char *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return true;
    return false;
}

/* A sum of limits bounds nothing when one container has none. */
static void
unlimited_line(struct doc *d, const struct pod *pod, const char *name)
{
    bool any = false;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind == CONTAINER_EPHEMERAL || list_names(&c->limits, name) ||
            list_names(&pod->pod_limits, name))
            continue;
        if (!any)
            doc_line(d);
        doc_put(d, ROLE_WARN, any ? ", %s" : tr(" ⚠ no limit on %s"), c->tag);
        any = true;
    }
    if (any)
        doc_put(d, ROLE_DIM, "%s", tr(": bounded by the node only"));
}

/* All stages while they are few; else the steady one and the largest, the earlier first among equals. */
static bool
stage_shown(const struct resource_breakdown *b, size_t at)
{
    const struct resource_stage *s = &b->stages[at];
    size_t larger = 0;
    if (b->stage_count <= STAGES_SHOWN + 1 || s->decides || !s->container)
        return true;
    for (size_t i = 0; i < b->stage_count; i++) {
        int order = quantity_cmp(&b->stages[i].sum, &s->sum);
        larger += order > 0 || (order == 0 && i < at);
    }
    return larger < STAGES_SHOWN;
}

void
stages_put(struct doc *d, const struct pod *pod, enum resource_side side, const char *name,
           double used)
{
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    resources_breakdown(pod, side, name, &options, &b);
    if (!b.present) {
        doc_line(d);
        doc_put(d, ROLE_TITLE, " %s: ", strcmp(name, "cpu") == 0 ? "CPU" : tr("Memory"));
        doc_put(d, ROLE_DIM, "%s",
                side == RESOURCE_REQUESTS ? tr("no container has a request")
                                          : tr("no container has a limit"));
        resource_breakdown_free(&b);
        return;
    }
    struct stage_layout y = layout_of(d, &b);
    const struct stage_of of = {&y, &b, pod, side};
    axis_line(d, &y, name, side);
    size_t left_out = 0;
    for (size_t i = 0; i < b.stage_count; i++)
        if (stage_shown(&b, i))
            stage_line(d, &of, &b.stages[i]);
        else
            left_out++;
    if (left_out > 0) {
        doc_line(d);
        doc_put(d, ROLE_DIM,
                tr_n(" and %zu more stage, which is not larger",
                     " and %zu more stages, none of them larger", left_out),
                left_out);
    }
    effective_line(d, &y, &b, side);
    if (side == RESOURCE_REQUESTS)
        waste_line(d, &y, &b);
    else
        unlimited_line(d, pod, name);
    used_line(d, &y, &b, used);
    resource_breakdown_free(&b);
}

/* "cpu 300m, wrong by 100m"; false when the two formulas agree. */
static bool
simple_text(const struct pod *pod, enum resource_side side, const char *name, char *out,
            size_t out_size)
{
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    char simple[AMOUNT_TEXT], off[AMOUNT_TEXT];
    resources_breakdown(pod, side, name, &options, &b);
    bool differs = b.present && b.simple_differs;
    if (differs) {
        struct quantity diff = b.aggregate;
        quantity_sub(&diff, &b.simple_formula);
        if (quantity_sign(&diff) < 0) {
            diff = b.simple_formula;
            quantity_sub(&diff, &b.aggregate);
        }
        quantity_format(&b.simple_formula, simple, sizeof(simple));
        quantity_format(&diff, off, sizeof(off));
        snprintf(out, out_size, tr("%s %s, wrong by %s"), tr(name), simple, off);
    }
    resource_breakdown_free(&b);
    return differs;
}

void
stages_put_simple(struct doc *d, const struct pod *pod, enum resource_side side)
{
    char cpu[3 * AMOUNT_TEXT] = "", memory[3 * AMOUNT_TEXT] = "";
    bool some = simple_text(pod, side, "cpu", cpu, sizeof(cpu));
    bool both = simple_text(pod, side, "memory", memory, sizeof(memory)) && some;
    if (!cpu[0] && !memory[0])
        return;
    doc_line(d);
    doc_put(d, ROLE_DIM, " (%s: %s%s%s)",
            d->width >= 120 ? tr("the formula without sidecars, max(largest init, sum of apps)")
                            : tr("without sidecars"),
            cpu, both ? "; " : "", memory);
}

/* "i2 migrate", "steady state", "pod level" or "–". */
static void
stages_decider(const struct resource_breakdown *b, char *out, size_t out_size)
{
    switch (b->decided_by) {
    case DECIDED_BY_NONE:
        snprintf(out, out_size, "–");
        return;
    case DECIDED_BY_INIT:
        snprintf(out, out_size, "%s %s", b->decider ? b->decider->tag : tr("init"),
                 b->decider ? b->decider->name : "");
        return;
    case DECIDED_BY_STEADY:
        snprintf(out, out_size, tr("steady state"));
        return;
    case DECIDED_BY_POD_LEVEL:
        snprintf(out, out_size, tr("pod level"));
        return;
    }
}

void
stages_put_short(struct doc *d, const struct pod *pod, enum resource_side side, const char *name)
{
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    char text[AMOUNT_TEXT], decider[300];
    resources_breakdown(pod, side, name, &options, &b);
    if (b.present) {
        doc_line(d);
        doc_put(d, ROLE_TEXT, " ");
        doc_field(d, 28, false, ROLE_TEXT, name);
        quantity_format(&b.effective, text, sizeof(text));
        doc_field(d, 10, true, ROLE_TITLE, text);
        stages_decider(&b, decider, sizeof(decider));
        doc_put(d, ROLE_DIM, tr("   decided by %s"), decider);
    }
    resource_breakdown_free(&b);
}
