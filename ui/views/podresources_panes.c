/* podresources_panes: on which nodes the pod fits, and what quota and limit ranges leave it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/widget.h"
#include "podresources.h"

#define NODES_SHOWN 8
#define QUOTA_BAR_COLS 10
#define AMOUNT_TEXT QUANTITY_OUT_MAX

/* --- nodes --- */

void
podresources_free_text(const struct node_load *load, enum node_amount amount, char *out,
                       size_t out_size)
{
    struct quantity left = load->allocatable[amount];
    snprintf(out, out_size, "?");
    if (!load->known[amount])
        return;
    quantity_sub(&left, &load->used[amount]);
    if (amount == NODE_MEMORY) { /* pods and nodes write Ki and bytes: people read Gi */
        double bytes = quantity_approx(&left);
        if (bytes >= 1024.0 * 1024 * 1024)
            snprintf(out, out_size, "%.1fGi", bytes / (1024.0 * 1024 * 1024));
        else
            snprintf(out, out_size, "%.0fMi", bytes / (1024.0 * 1024));
        return;
    }
    snprintf(out, out_size, "%lldm", (long long)quantity_milli(&left));
}

#define PODS_FROM_COLS 76 /* narrower, the count of pods gives way to the verdict */

/* That some nodes do not take the pod is no trouble while others do. */
static void
node_put(struct doc *d, const struct node_fit *fit, int name_cols, bool fits_elsewhere)
{
    static const enum role ROLES[] = {[NODE_FITS] = ROLE_OK,
                                      [NODE_TOO_SMALL] = ROLE_ERROR,
                                      [NODE_REFUSES] = ROLE_ERROR,
                                      [NODE_TAINTED] = ROLE_ERROR,
                                      [NODE_UNSURE] = ROLE_WARN};
    static const char *const SIGNS[] = {[NODE_FITS] = "✓",
                                        [NODE_TOO_SMALL] = "✗",
                                        [NODE_REFUSES] = "✗",
                                        [NODE_TAINTED] = "✗",
                                        [NODE_UNSURE] = "?"};
    char text[64];
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, name_cols, false, fit->here ? ROLE_TITLE : ROLE_TEXT, fit->load.name);
    podresources_free_text(&fit->load, NODE_CPU, text, sizeof(text));
    doc_field(d, 9, true, ROLE_TEXT, text);
    podresources_free_text(&fit->load, NODE_MEMORY, text, sizeof(text));
    doc_field(d, 9, true, ROLE_TEXT, text);
    snprintf(text, sizeof(text), "%u", fit->load.pods);
    if (d->width >= PODS_FROM_COLS)
        doc_field(d, 6, true, ROLE_DIM, text);
    bool matters = fit->verdict == NODE_FITS || !fits_elsewhere;
    doc_put(d, matters ? ROLES[fit->verdict] : ROLE_DIM, "  %s %s", SIGNS[fit->verdict],
            fit->why[0] ? fit->why : tr("fits"));
    if (fit->here)
        doc_put(d, ROLE_DIM, " %s", tr("(bound here)"));
}

/* Why there is nothing to say about a kind of object: still loading, not allowed. */
static void
unread_put(struct doc *d, const struct view_env *env, enum kobject_kind kind, const char *ns)
{
    enum objects_state state = kobjects_state(env->objects, kind, ns);
    bool bad = state == OBJECTS_DENIED || state == OBJECTS_REFUSED || state == OBJECTS_FAILED;
    doc_line(d);
    doc_put(d, bad ? ROLE_WARN : ROLE_DIM, tr(" %s: not read, %s"), kobject_kind_info(kind)->plural,
            tr(kobjects_state_word(state)));
}

static bool
is_read(const struct view_env *env, enum kobject_kind kind, const char *ns)
{
    enum objects_state state = kobjects_state(env->objects, kind, ns);
    return state == OBJECTS_LIVE || state == OBJECTS_STALE;
}

/* Where the pod is bound first, then where it fits, then where least is missing: what one looks for. */
static int
rank_of(const struct node_fit *fit)
{
    static const int RANKS[] = {[NODE_FITS] = 1,
                                [NODE_UNSURE] = 2,
                                [NODE_TOO_SMALL] = 3,
                                [NODE_TAINTED] = 4,
                                [NODE_REFUSES] = 5};
    return fit->here ? 0 : RANKS[fit->verdict];
}

static int
compare_fits(const void *a, const void *b)
{
    const struct node_fit *x = *(const struct node_fit *const *)a,
                          *y = *(const struct node_fit *const *)b;
    int order = rank_of(x) - rank_of(y);
    if (order == 0 && x->verdict == NODE_TOO_SMALL && y->verdict == NODE_TOO_SMALL &&
        x->short_of == y->short_of)
        order = quantity_cmp(&x->missing, &y->missing);
    return order ? order : strcmp(x->load.name, y->load.name);
}

size_t
podresources_fitting(const struct node_fit *fits, size_t count)
{
    size_t fitting = 0;
    for (size_t i = 0; i < count; i++)
        fitting += fits[i].verdict == NODE_FITS;
    return fitting;
}

/* "where it fits: 1 of 4 nodes": which of it is only an upper bound is said as well. */
static void
nodes_title(struct doc *d, const struct podresources_state *st)
{
    char title[160];
    snprintf(title, sizeof(title),
             tr_n("where it fits: %zu of %zu node%s", "where it fits: %zu of %zu nodes%s",
                  st->fit_count),
             podresources_fitting(st->fits, st->fit_count), st->fit_count,
             st->fit_count > 0 && st->fits[0].load.partial ? tr(" (free at most: one namespace)")
                                                           : "");
    doc_rule(d, title);
}

/* "and 492 more: 12 fit, 400 too small, 80 tainted" */
static void
nodes_rest(struct doc *d, const struct node_fit *const *order, size_t from, size_t count)
{
    static const char *const WORDS[] = {
        [NODE_FITS] = TR_MARK("fit"),           [NODE_TOO_SMALL] = TR_MARK("too small"),
        [NODE_REFUSES] = TR_MARK("take none"),  [NODE_TAINTED] = TR_MARK("tainted"),
        [NODE_UNSURE] = TR_MARK("by affinity"),
    };
    size_t counts[IW_COUNTOF(WORDS)] = {0};
    const char *joint = ": ";
    for (size_t i = from; i < count; i++)
        counts[order[i]->verdict]++;
    doc_line(d);
    doc_put(d, ROLE_DIM, tr(" and %zu more"), count - from);
    for (size_t i = 0; i < IW_COUNTOF(WORDS); i++) {
        if (counts[i] == 0)
            continue;
        doc_put(d, ROLE_DIM, "%s%zu %s", joint, counts[i], tr(WORDS[i]));
        joint = ", ";
    }
}

void
podresources_nodes(struct doc *d, const struct podresources_state *st, const struct view_env *env)
{
    int name = utf8_width(tr("node"), strlen(tr("node")));
    if (!is_read(env, KOBJECT_NODE, "")) {
        doc_rule(d, tr("where it fits"));
        unread_put(d, env, KOBJECT_NODE, "");
        return;
    }
    nodes_title(d, st);
    iw_autofree const struct node_fit **order =
        iw_reallocarray(NULL, IW_MAX(st->fit_count, 1), sizeof(const struct node_fit *));
    for (size_t i = 0; i < st->fit_count; i++)
        order[i] = &st->fits[i];
    if (st->fit_count > 1)
        qsort(order, st->fit_count, sizeof(const struct node_fit *), compare_fits);
    size_t shown = st->fit_count <= NODES_SHOWN + 1 ? st->fit_count : NODES_SHOWN;
    for (size_t i = 0; i < shown; i++)
        name = IW_MAX(name, utf8_width(order[i]->load.name, strlen(order[i]->load.name)));
    name = IW_MIN(name, IW_MAX(d->width - 52, 12));
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
    doc_field(d, name, false, ROLE_DIM, tr("node"));
    doc_field(d, 9, true, ROLE_DIM, tr("free cpu"));
    doc_field(d, 9, true, ROLE_DIM, tr("free mem"));
    if (d->width >= PODS_FROM_COLS)
        doc_field(d, 6, true, ROLE_DIM, tr("pods"));
    for (size_t i = 0; i < shown; i++)
        node_put(d, order[i], name, podresources_fitting(st->fits, st->fit_count) > 0);
    if (shown < st->fit_count)
        nodes_rest(d, order, shown, st->fit_count);
}

/* --- quota --- */

/* "requests.cpu" of a quota is about cpu requests, and so is "cpu". */
static bool
quota_about(const char *item, const char *name, enum resource_side side)
{
    const char *prefix = side == RESOURCE_REQUESTS ? "requests." : "limits.";
    if (strncmp(item, prefix, strlen(prefix)) == 0)
        return strcmp(item + strlen(prefix), name) == 0;
    return side == RESOURCE_REQUESTS && strcmp(item, name) == 0;
}

static void
quota_bar(struct doc *d, double share)
{
    int full = (int)(share * QUOTA_BAR_COLS + 0.5);
    full = IW_MIN(IW_MAX(full, 0), QUOTA_BAR_COLS);
    enum role role = share >= 1 ? ROLE_ERROR : share >= 0.8 ? ROLE_WARN : ROLE_BAR;
    doc_repeat(d, role, "█", full);
    doc_repeat(d, ROLE_DIM, "░", QUOTA_BAR_COLS - full);
    doc_put(d, role, " %3.0f%%", IW_MIN(share, 9.99) * 100);
}

/* One more pod like this (a surge of a rollout): does it still go in? */
static void
quota_surge(struct doc *d, const struct pod *pod, const struct quantity *hard,
            const struct quantity *used, const char *name, enum resource_side side)
{
    struct resource_options options = {0};
    struct resource_amounts needs = {0};
    char need_text[AMOUNT_TEXT], missing_text[AMOUNT_TEXT];
    struct quantity left = *hard;
    resources_effective(pod, side, &options, &needs, NULL);
    const struct quantity *need = resource_amount_of(&needs, name);
    quantity_sub(&left, used);
    if (need) {
        bool fits = quantity_cmp(need, &left) <= 0;
        char text[160];
        struct quantity missing = *need;
        quantity_sub(&missing, &left);
        quantity_canonical(need, need_text, sizeof(need_text));
        quantity_canonical(&missing, missing_text, sizeof(missing_text));
        snprintf(text, sizeof(text),
                 fits ? tr("  one more: %.20s ✓") : tr("  one more: %.20s ✗ %.20s missing"),
                 need_text, missing_text);
        if (d->x + utf8_width(text, strlen(text)) > d->width) {
            doc_line(d);
            doc_put(d, ROLE_DIM, "  ");
        }
        doc_put(d, fits ? ROLE_DIM : ROLE_ERROR, "%s", text);
    }
    resource_amounts_free(&needs);
}

static void
quota_item_put(struct doc *d, const struct pod *pod, const struct quota_item *item)
{
    struct quantity hard, used;
    bool parsed = quantity_parse_trimmed(item->hard, strlen(item->hard), &hard, NULL) == IW_OK &&
                  quantity_parse_trimmed(item->used, strlen(item->used), &used, NULL) == IW_OK;
    doc_line(d);
    doc_put(d, ROLE_TEXT, "  ");
    doc_field(d, 15, false, ROLE_TEXT, item->name);
    doc_put(d, ROLE_TEXT, tr(" %s of %s  "), item->used[0] ? item->used : "0", item->hard);
    if (!parsed)
        return;
    double most = quantity_approx(&hard);
    doc_to(d, 34);
    quota_bar(d, most > 0 ? quantity_approx(&used) / most : 1);
    for (unsigned a = 0; a < 2; a++)
        for (int side = 0; side < 2; side++)
            if (quota_about(item->name, podresources_amount(a), (enum resource_side)side))
                quota_surge(d, pod, &hard, &used, podresources_amount(a), (enum resource_side)side);
}

static unsigned
quotas_put(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    unsigned found = 0;
    for (size_t i = 0; i < kobjects_count(env->objects, KOBJECT_QUOTA); i++) {
        const struct kobject *o = kobjects_at(env->objects, KOBJECT_QUOTA, i);
        if (strcmp(o->ns, pod->ns) != 0)
            continue;
        found++;
        doc_line(d);
        doc_put(d, ROLE_TITLE, " ResourceQuota %s", o->name);
        if (o->quota->scopes[0])
            doc_put(d, ROLE_DIM, tr("  only %s"), o->quota->scopes);
        for (uint32_t k = 0; k < o->quota->item_count; k++)
            quota_item_put(d, pod, &o->quota->items[k]);
    }
    return found;
}

/* The first container without a limit that the item has a default for; NULL: none. */
static const struct container *
default_missed(const struct pod *pod, const struct limit_item *item)
{
    if (!item->default_limit[0] || strcmp(item->type, "Container") != 0)
        return NULL;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->kind != CONTAINER_EPHEMERAL &&
            !podresources_text(c, RESOURCE_LIMITS, item->resource)[0])
            return c;
    return NULL;
}

/* Defaults are given to new pods only: a pod without them is older. */
static void
defaults_missed(struct doc *d, const struct pod *pod, const struct limitrange_facts *range)
{
    bool any = false;
    for (uint32_t k = 0; k < range->item_count; k++) {
        const struct container *c = default_missed(pod, &range->items[k]);
        if (!c)
            continue;
        if (!any)
            doc_line(d);
        doc_put(d, ROLE_WARN,
                any ? tr(", %s no %s limit") : tr("  ⚠ newer than the pod: %s has no %s limit"),
                c->tag, range->items[k].resource);
        any = true;
    }
}

static unsigned
limits_put(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    unsigned found = 0;
    for (size_t i = 0; i < kobjects_count(env->objects, KOBJECT_LIMITRANGE); i++) {
        const struct kobject *o = kobjects_at(env->objects, KOBJECT_LIMITRANGE, i);
        if (strcmp(o->ns, pod->ns) != 0)
            continue;
        found++;
        doc_line(d);
        doc_put(d, ROLE_TITLE, " LimitRange %s", o->name);
        for (uint32_t k = 0; k < o->limitrange->item_count; k++) {
            const struct limit_item *item = &o->limitrange->items[k];
            const char *const facts[][2] = {{tr("default"), item->default_limit},
                                            {tr("request"), item->default_request},
                                            {tr("min"), item->min},
                                            {tr("max"), item->max}};
            doc_line(d);
            doc_put(d, ROLE_TEXT, "  %s %s", item->type, item->resource);
            for (size_t f = 0; f < IW_COUNTOF(facts); f++)
                if (facts[f][1][0])
                    doc_put(d, ROLE_DIM, "  %s %s", facts[f][0], facts[f][1]);
        }
        defaults_missed(d, pod, o->limitrange);
    }
    return found;
}

void
podresources_quota(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    bool quota = is_read(env, KOBJECT_QUOTA, pod->ns),
         limits = is_read(env, KOBJECT_LIMITRANGE, pod->ns);
    doc_rule(d, tr("namespace quota and limits"));
    if (!quota)
        unread_put(d, env, KOBJECT_QUOTA, pod->ns);
    if (!limits)
        unread_put(d, env, KOBJECT_LIMITRANGE, pod->ns);
    if (quota && quotas_put(d, env, pod) == 0) {
        doc_line(d);
        doc_put(d, ROLE_DIM, tr(" namespace %s has no ResourceQuota"), pod->ns);
    }
    if (limits && limits_put(d, env, pod) == 0) {
        doc_line(d);
        doc_put(d, ROLE_DIM, tr(" namespace %s has no LimitRange"), pod->ns);
    }
}
