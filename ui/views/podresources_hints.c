/* podresources_hints: other requests that would change what the pod holds, and on how many nodes it would fit
 * then.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/tr.h"
#include "podresources.h"

#define AMOUNT_TEXT QUANTITY_OUT_MAX

/* --- counted when the nodes are judged, not for every frame --- */

static size_t
nodes_with(const struct podresources_state *st, const struct store *store, const struct pod *pod,
           const struct whatif_edit *edit)
{
    struct whatif one = {.edits = {*edit}, .count = 1};
    struct pod *changed = whatif_apply(pod, &one);
    struct node_fit *fits = iw_reallocarray(NULL, IW_MAX(st->fit_count, 1), sizeof(*fits));
    size_t fitting;
    memcpy(fits, st->fits, st->fit_count * sizeof(*fits));
    node_fits_judge(store, changed, fits, st->fit_count);
    fitting = podresources_fitting(fits, st->fit_count);
    free(fits);
    pod_free(changed);
    return fitting;
}

/* Pods that the same controller made: what one of them saves, each saves. */
static size_t
siblings_of(const struct store *store, const struct pod *pod)
{
    size_t count = 0;
    for (struct pod_ref it = {0, 0}; pod->owner_kind[0] && store_next(store, &it);) {
        const struct pod *p = store_get(store, it);
        count += strcmp(p->ns, pod->ns) == 0 && strcmp(p->owner_kind, pod->owner_kind) == 0 &&
                 strcmp(p->owner_name, pod->owner_name) == 0 && !pod_is_terminal(p) &&
                 !pod_is_deleted(p);
    }
    return count;
}

void
podresources_hints_judge(struct podresources_state *st, const struct store *store,
                         const struct pod *shown)
{
    st->siblings = siblings_of(store, shown);
    for (unsigned a = 0; a < 2; a++) {
        struct whatif_hint hints[WHATIF_HINTS_MAX];
        size_t n = whatif_hints(shown, podresources_amount(a), hints, WHATIF_HINTS_MAX);
        for (size_t i = 0; i < n; i++)
            st->hint_nodes[a][i] = nodes_with(st, store, shown, &hints[i].edit);
    }
}

/* --- drawing --- */

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

/* "   saves 80m × 3 pods = 240m   then fits on 2 of 4 nodes": in the room that is left. */
static void
gain_put(struct doc *d, const struct podresources_state *st, const struct whatif_hint *h,
         const struct quantity *now, size_t nodes)
{
    struct quantity saved = *now, all;
    char one[AMOUNT_TEXT], sum[AMOUNT_TEXT];
    quantity_sub(&saved, &h->effective);
    if (st->siblings > 1 && quantity_sign(&saved) > 0 && d->width - d->x > 36) {
        all = saved;
        for (size_t i = 1; i < st->siblings; i++)
            quantity_add(&all, &saved);
        quantity_canonical(&saved, one, sizeof(one));
        quantity_canonical(&all, sum, sizeof(sum));
        doc_put(d, ROLE_DIM, tr("   saves %s × %zu pods = %s"), one, st->siblings, sum);
    }
    size_t before = podresources_fitting(st->fits, st->fit_count);
    if (st->fit_known && nodes != before && d->width - d->x > 30)
        doc_put(d, nodes > before ? ROLE_OK : ROLE_WARN, tr("   fits on %zu of %zu nodes, not %zu"),
                nodes, st->fit_count, before);
}

static void
hint_put(struct doc *d, const struct podresources_state *st, const struct pod *shown,
         const struct whatif_hint *h, size_t nodes, bool best)
{
    struct resource_options options = {0};
    struct resource_breakdown b = {0};
    char text[256];
    hint_text(shown, h, text, sizeof(text));
    doc_line(d);
    doc_put(d, best ? ROLE_KEY : ROLE_DIM, best ? " = " : "   ");
    doc_put(d, h->changes ? ROLE_TEXT : ROLE_DIM, "%s", text);
    if (!h->changes)
        return;
    resources_breakdown(shown, RESOURCE_REQUESTS, h->edit.name, &options, &b);
    if (!h->edit.move)
        gain_put(d, st, h, &b.effective, nodes);
    resource_breakdown_free(&b);
}

void
podresources_hints(struct doc *d, const struct podresources_state *st, const struct pod *pod)
{
    const struct pod *shown = podresources_shown(st, pod);
    bool any = false, first = true;
    for (unsigned a = 0; a < 2; a++) {
        struct whatif_hint hints[WHATIF_HINTS_MAX];
        size_t n = whatif_hints(shown, podresources_amount(a), hints, WHATIF_HINTS_MAX);
        for (size_t i = 0; i < n; i++) {
            if (!any)
                doc_rule(d,
                         tr("what if: = tries the first that helps, + - and Enter are your own"));
            any = true;
            hint_put(d, st, shown, &hints[i], st->hint_nodes[a][i], hints[i].changes && first);
            first = first && !hints[i].changes;
        }
    }
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
