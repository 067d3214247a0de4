/* podresources_page: the containers' requests and limits as a table one can edit, and what edits would
 * help.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "initwatch/ui/widget.h"
#include "podresources.h"

#define AMOUNT_TEXT QUANTITY_OUT_MAX

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

static int
cell_cols(const struct doc *d)
{
    return d->width >= 70 ? 11 : 10;
}

/* "[220m]" where the cursor is, "*220m" where it was edited. */
static void
cell_put(struct doc *d, const struct podresources_state *st, const struct pod *pod,
         const struct container *c, enum resource_side side, unsigned amount, bool here)
{
    const char *name = podresources_amount(amount);
    const char *text = podresources_text(c, side, name);
    const struct container *real = pod_find_container(pod, c->name);
    bool edited = real && strcmp(text, podresources_text(real, side, name)) != 0;
    char cell[64];
    bool cursor = here && side == st->side && amount == st->amount;
    snprintf(cell, sizeof(cell), "%s%s%.40s%s", cursor ? "[" : "", edited ? "*" : "",
             text[0] ? text : "–", cursor ? "]" : "");
    doc_field(d, cell_cols(d), true,
              cursor    ? ROLE_KEY
              : edited  ? ROLE_WARN
              : text[0] ? ROLE_TEXT
                        : ROLE_DIM,
              cell);
}

static void
row_put(struct doc *d, const struct podresources_state *st, const struct pod *pod,
        const struct container *c, int64_t now_ms, int name_cols, int kind_cols)
{
    const struct pod *shown = podresources_shown(st, pod);
    const struct container *real = pod_find_container(pod, c->name);
    bool here = (size_t)(c - shown->containers) == st->selected;
    enum container_sign sign = container_sign(pod, real ? real : c, now_ms);
    doc_line(d);
    doc_put(d, ROLE_KEY, here ? "▸" : " ");
    doc_put(d, here ? ROLE_TITLE : ROLE_DIM, "%s ", c->tag);
    doc_field(d, name_cols + 1 - d->x, false, here ? ROLE_TITLE : ROLE_TEXT, c->name);
    doc_put(d, ROLE_TEXT, " ");
    doc_put(d, sign_role(sign), "%s ", sign_glyph(sign, now_ms, false));
    if (kind_cols)
        doc_field(d, kind_cols, false, ROLE_DIM, container_kind_name(c->kind));
    cell_put(d, st, pod, c, RESOURCE_REQUESTS, 0, here);
    cell_put(d, st, pod, c, RESOURCE_LIMITS, 0, here);
    cell_put(d, st, pod, c, RESOURCE_REQUESTS, 1, here);
    cell_put(d, st, pod, c, RESOURCE_LIMITS, 1, here);
}

void
podresources_table(struct doc *d, const struct podresources_state *st, const struct pod *pod,
                   int64_t now_ms, uint32_t *first)
{
    static const char *const HEADS[] = {TR_MARK("req cpu"), TR_MARK("lim cpu"), TR_MARK("req mem"),
                                        TR_MARK("lim mem")};
    int name = d->width >= 120 ? 36 : IW_MAX(d->width - 4 * cell_cols(d) - 6, 14),
        kind = d->width >= 100 ? 10 : 0;
    const struct pod *shown = podresources_shown(st, pod);
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_field(d, name + kind + 3, false, ROLE_DIM, tr("container"));
    for (size_t i = 0; i < IW_COUNTOF(HEADS); i++)
        doc_field(d, cell_cols(d), true, ROLE_DIM, tr(HEADS[i]));
    *first = d->lines;
    for (const struct container *c = NULL; (c = pod_containers(shown, c)) != NULL;)
        row_put(d, st, pod, c, now_ms, name, kind);
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
