/* podresources_page: the containers' requests and limits as a table one can edit, and what edits would
 * help.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"
#include "podresources.h"

#define AMOUNT_TEXT QUANTITY_OUT_MAX
#define MEMORY_BAR_COLS 20

const struct pod *
podresources_shown(const struct podresources_state *st, const struct pod *pod)
{
    return st->edited ? st->edited : pod;
}

const char *
podresources_amount(unsigned amount)
{
    return amount ? "memory" : "cpu";
}

const char *
podresources_text(const struct container *c, enum resource_side side, const char *name)
{
    const struct resource_list *list = side == RESOURCE_REQUESTS ? &c->requests : &c->limits;
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].name, name) == 0)
            return list->items[i].text;
    return "";
}

/* --- edits --- */

static void
effective_text(const struct pod *pod, enum resource_side side, const char *name, char *out,
               size_t out_size)
{
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    resources_breakdown(pod, side, name, &options, &b);
    snprintf(out, out_size, "–");
    if (b.present)
        quantity_format(&b.effective, out, out_size);
    resource_breakdown_free(&b);
}

void
podresources_edits(struct doc *d, const struct podresources_state *st, const struct pod *pod)
{
    if (!st->edited)
        return;
    doc_line(d);
    doc_put(d, ROLE_WARN, " %s", tr("WHAT IF"));
    for (size_t i = 0; i < st->whatif.count; i++) {
        const struct whatif_edit *e = &st->whatif.edits[i];
        const struct container *c = pod_find_container(pod, e->container);
        doc_put(d, ROLE_DIM, "  ");
        if (e->move)
            doc_put(d, ROLE_KEY, tr("[%s first]"), c ? c->tag : e->container);
        else
            doc_put(d, ROLE_KEY, "[%s %s%s=%s]", c ? c->tag : e->container,
                    e->side == RESOURCE_LIMITS ? "limits." : "", e->name,
                    e->text[0] ? e->text : tr("none"));
    }
    for (unsigned i = 0; i < 2; i++) {
        char before[AMOUNT_TEXT], after[AMOUNT_TEXT];
        effective_text(pod, st->side, podresources_amount(i), before, sizeof(before));
        effective_text(st->edited, st->side, podresources_amount(i), after, sizeof(after));
        doc_put(d, ROLE_TEXT, "%s%s ", i ? ", " : tr("   pod: "), i ? tr("mem") : "cpu");
        if (strcmp(before, after) == 0)
            doc_put(d, ROLE_DIM, tr("%s as before"), after);
        else
            doc_put(d, ROLE_TITLE, "%s → %s", before, after);
    }
    doc_right(d, ROLE_KEY, "%s", tr("U undo "));
}

/* --- table --- */

bool
podresources_usage(const struct podresources_state *st, const struct view_env *env)
{
    enum usage_state state = usage_state(env->usage);
    return !st->usage_off && (state == USAGE_LIVE || state == USAGE_LOADING);
}

static int
cell_cols(const struct doc *d, bool usage)
{
    return d->width >= 100 ? 11 : usage ? 9 : d->width >= 70 ? 11 : 10;
}

/* "[220m]" where the cursor is, "*220m" where it was edited. */
static void
cell_put(struct doc *d, const struct podresources_state *st, const struct pod *pod,
         const struct container *c, enum resource_side side, unsigned amount, bool here, int cols)
{
    const char *name = podresources_amount(amount);
    const char *text = podresources_text(c, side, name);
    const struct container *real = pod_find_container(pod, c->name);
    bool edited = real && strcmp(text, podresources_text(real, side, name)) != 0;
    char cell[64];
    bool cursor = here && side == st->side && amount == st->amount;
    snprintf(cell, sizeof(cell), "%s%s%.40s%s", cursor ? "[" : "", edited ? "*" : "",
             text[0] ? text : "–", cursor ? "]" : "");
    doc_field(d, cols, true,
              cursor    ? ROLE_KEY
              : edited  ? ROLE_WARN
              : text[0] ? ROLE_TEXT
                        : ROLE_DIM,
              cell);
}

/* What it uses of a limit, 0 to 1; below 0: no limit. */
static double
share_of_limit(const struct container *c, const char *name, double used)
{
    const char *text = podresources_text(c, RESOURCE_LIMITS, name);
    struct quantity limit;
    if (!text[0] || quantity_parse_trimmed(text, strlen(text), &limit, NULL) != IW_OK)
        return -1;
    double most = quantity_approx(&limit);
    return most > 0 ? used / most : -1;
}

/* Where it ends is where the kernel kills it. */
static enum role
share_role(double share)
{
    return share >= 0.9 ? ROLE_ERROR : share >= 0.75 ? ROLE_WARN : ROLE_TEXT;
}

static void
memory_bar_put(struct doc *d, double share)
{
    int cols = IW_MIN(d->width - d->x - 8, MEMORY_BAR_COLS);
    if (cols < 8 || share < 0)
        return;
    int full = (int)(IW_MIN(share, 1.0) * cols + 0.5);
    doc_put(d, ROLE_TEXT, "  ");
    doc_repeat(d, share_role(share) == ROLE_TEXT ? ROLE_BAR : share_role(share), "█", full);
    doc_repeat(d, ROLE_DIM, "░", cols - full);
    doc_put(d, ROLE_DIM, " %3.0f%%", share * 100);
}

static void
usage_put_cells(struct doc *d, const struct view_env *env, const struct pod *pod,
                const struct container *c, int cols)
{
    struct usage_amounts used;
    char text[24];
    if (!usage_of_container(env->usage, pod->ns, pod->name, c->name, &used)) {
        doc_field(d, cols, true, ROLE_DIM, "–");
        doc_field(d, cols, true, ROLE_DIM, "–");
        return;
    }
    double share = share_of_limit(c, "memory", (double)used.memory_bytes);
    usage_cpu_text(used.cpu_nano, text);
    doc_field(d, cols, true, ROLE_TEXT, text);
    usage_memory_text(used.memory_bytes, text);
    doc_field(d, cols, true, share_role(share), text);
    if (d->width >= 120)
        memory_bar_put(d, share);
}

struct table {
    int name, kind, cell; /* cells of columns; kind 0: none */
    bool usage;
    int64_t now_ms;
};

static void
row_put(struct doc *d, const struct podresources_state *st, const struct view_env *env,
        const struct pod *pod, const struct container *c, const struct table *t)
{
    int64_t now_ms = t->now_ms;
    const struct pod *shown = podresources_shown(st, pod);
    const struct container *real = pod_find_container(pod, c->name);
    bool here = (size_t)(c - shown->containers) == st->selected;
    enum container_sign sign = container_sign(pod, real ? real : c, now_ms);
    doc_line(d);
    doc_put(d, ROLE_KEY, here ? "▸" : " ");
    doc_put(d, here ? ROLE_TITLE : ROLE_DIM, "%s ", c->tag);
    doc_field(d, t->name + 1 - d->x, false, here ? ROLE_TITLE : ROLE_TEXT, c->name);
    doc_put(d, ROLE_TEXT, " ");
    doc_put(d, sign_role(sign), "%s ", sign_glyph(sign, now_ms, false));
    if (t->kind)
        doc_field(d, t->kind, false, ROLE_DIM, container_kind_name(c->kind));
    cell_put(d, st, pod, c, RESOURCE_REQUESTS, 0, here, t->cell);
    cell_put(d, st, pod, c, RESOURCE_LIMITS, 0, here, t->cell);
    cell_put(d, st, pod, c, RESOURCE_REQUESTS, 1, here, t->cell);
    cell_put(d, st, pod, c, RESOURCE_LIMITS, 1, here, t->cell);
    if (t->usage)
        usage_put_cells(d, env, pod, c, t->cell);
}

/* "containers", and why what is used is not known. */
static void
table_title(struct doc *d, const struct view_env *env)
{
    char title[240];
    enum usage_state state = usage_state(env->usage);
    bool why = state == USAGE_ABSENT || state == USAGE_FAILED;
    snprintf(title, sizeof(title), "%s%s%.160s", tr("containers"), why ? "   " : "",
             why ? usage_sentence(env->usage) : "");
    doc_rule(d, title);
}

void
podresources_table(struct doc *d, const struct podresources_state *st, const struct view_env *env,
                   const struct pod *pod, uint32_t *first)
{
    static const char *const HEADS[] = {TR_MARK("req cpu"),  TR_MARK("lim cpu"),
                                        TR_MARK("req mem"),  TR_MARK("lim mem"),
                                        TR_MARK("used cpu"), TR_MARK("used mem")};
    struct table t = {.usage = d->width >= 76 && podresources_usage(st, env),
                      .now_ms = podpane_now(env)};
    int cells = t.usage ? 6 : 4;
    t.cell = cell_cols(d, t.usage);
    t.name = d->width >= 120 ? 36 : IW_MAX(d->width - cells * t.cell - 6, 14);
    t.kind = d->width >= 100 ? 10 : 0;
    if (t.kind && d->width < 120)
        t.name = IW_MAX(t.name - t.kind, 14);
    const struct pod *shown = podresources_shown(st, pod);
    table_title(d, env);
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_field(d, t.name + t.kind + 3, false, ROLE_DIM, tr("container"));
    for (int i = 0; i < cells; i++)
        doc_field(d, t.cell, true, ROLE_DIM, tr(HEADS[i]));
    if (t.usage && d->width >= 120)
        doc_put(d, ROLE_DIM, "  %s", tr("of the memory limit"));
    *first = d->lines;
    for (const struct container *c = NULL; (c = pod_containers(shown, c)) != NULL;)
        row_put(d, st, env, pod, c, &t);
}

/* --- suggestions --- */

static const char *
decider_text(const struct whatif_hint *h, char *out, size_t out_size)
{
    if (h->by == DECIDED_BY_INIT && h->decider)
        snprintf(out, out_size, tr("%s decides"), h->decider->tag);
    else
        snprintf(out, out_size, "%s", tr("steady decides"));
    return out;
}

/* "db-migrate cpu 220m → pod 320m (steady decides)" */
static void
hint_text(const struct pod *shown, const struct whatif_hint *h, char *out, size_t out_size)
{
    const struct container *c = pod_find_container(shown, h->edit.container);
    char effective[AMOUNT_TEXT], decides[32];
    quantity_canonical(&h->effective, effective, sizeof(effective));
    size_t used = (size_t)snprintf(out, out_size, "%s %.40s ", c ? c->tag : "", h->edit.container);
    if (h->edit.move)
        used += (size_t)snprintf(out + used, out_size - used, "%s",
                                 tr("before the sidecars (if it needs none)"));
    else
        used += (size_t)snprintf(out + used, out_size - used, "%s %s", h->edit.name, h->edit.text);
    if (h->changes)
        snprintf(out + used, out_size - used, tr(" → pod %s (%s)"), effective,
                 decider_text(h, decides, sizeof(decides)));
    else
        snprintf(out + used, out_size - used, "%s", tr(" → no change"));
}

bool
podresources_hints(struct doc *d, const struct podresources_state *st, const struct pod *pod)
{
    const struct pod *shown = podresources_shown(st, pod);
    bool any = false, first = true;
    for (unsigned a = 0; a < 2; a++) {
        struct whatif_hint hints[WHATIF_HINTS_MAX];
        size_t n = whatif_hints(shown, podresources_amount(a), hints, WHATIF_HINTS_MAX);
        for (size_t i = 0; i < n; i++) {
            char text[256];
            if (!any)
                doc_rule(d, tr("what if: = tries the first that helps, + - and ⏎ are your own"));
            any = true;
            hint_text(shown, &hints[i], text, sizeof(text));
            doc_line(d);
            bool best = hints[i].changes && first;
            first = first && !hints[i].changes;
            doc_put(d, best ? ROLE_KEY : ROLE_DIM, best ? " = " : "   ");
            doc_put(d, hints[i].changes ? ROLE_TEXT : ROLE_DIM, "%s", text);
        }
    }
    return any;
}

bool
podresources_best_hint(const struct podresources_state *st, const struct pod *pod,
                       struct whatif_edit *out)
{
    const struct pod *shown = podresources_shown(st, pod);
    for (unsigned a = 0; a < 2; a++) {
        struct whatif_hint hints[WHATIF_HINTS_MAX];
        size_t n = whatif_hints(shown, podresources_amount(a), hints, WHATIF_HINTS_MAX);
        for (size_t i = 0; i < n; i++)
            if (hints[i].changes) {
                *out = hints[i].edit;
                return true;
            }
    }
    return false;
}
