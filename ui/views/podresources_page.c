/* podresources_page: the containers' requests and limits as a table one can edit, and what the edits do.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/nodeuse.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"
#include "podresources.h"

#define AMOUNT_TEXT QUANTITY_OUT_MAX
#define MEMORY_BAR_COLS 20
#define IMAGE_COLS 11

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
    int cols = IW_MIN(d->width - d->x - 8 - IMAGE_COLS, MEMORY_BAR_COLS);
    if (cols < 8 || share < 0)
        return;
    int full = (int)(IW_MIN(share, 1.0) * cols + 0.5);
    doc_put(d, ROLE_TEXT, "  ");
    doc_repeat(d, share_role(share) == ROLE_TEXT ? ROLE_BAR : share_role(share), "█", full);
    doc_repeat(d, ROLE_DIM, "░", cols - full);
    doc_put(d, ROLE_DIM, " %3.0f%%", share * 100);
}

static void
used_put(struct doc *d, const struct view_env *env, const struct pod *pod,
         const struct container *c, unsigned amount, int cols)
{
    struct usage_amounts used;
    char text[24] = "–";
    enum role role = ROLE_DIM;
    if (usage_of_container(env->usage, pod->ns, pod->name, c->name, &used)) {
        role = ROLE_TEXT;
        if (amount) {
            role = share_role(share_of_limit(c, "memory", (double)used.memory_bytes));
            usage_memory_text(used.memory_bytes, text);
        } else {
            usage_cpu_text(used.cpu_nano, text);
        }
    }
    doc_field(d, cols, true, role, text);
}

/* Of its memory limit; below 0: there is none, or it is not known what it uses. */
static double
memory_share(const struct view_env *env, const struct pod *pod, const struct container *c)
{
    struct usage_amounts used;
    if (!usage_of_container(env->usage, pod->ns, pod->name, c->name, &used))
        return -1;
    return share_of_limit(c, "memory", (double)used.memory_bytes);
}

struct table {
    int name, kind, state, cell; /* cells of columns; kind and state 0: none */
    bool usage, images;
    int64_t now_ms;
};

/* As the kubelet of the pod's node reports it: an image that is not there yet has no size. */
static int64_t
image_bytes(const struct view_env *env, const struct pod *pod, const struct container *c)
{
    const struct kobject *node = NULL;
    if (kobjects_look(env->objects, KOBJECT_NODE, "", pod->node, &node) != OBJECTS_FOUND)
        return -1;
    return node_image_bytes(node->node, c);
}

static struct table
table_of(const struct doc *d, const struct podresources_state *st, const struct view_env *env,
         const struct pod *pod)
{
    const struct pod *shown = podresources_shown(st, pod);
    struct table t = {.usage = d->width >= 76 && podresources_usage(st, env),
                      .now_ms = podpane_now(env)};
    int cells = t.usage ? 6 : 4, names = 14;
    t.cell = d->width >= 120 ? 10 : d->width >= 100 ? 11 : t.usage ? 9 : d->width >= 70 ? 11 : 10;
    t.kind = d->width >= 100 ? 10 : 0;
    t.state = d->width >= 120 ? 10 : 0;
    t.name = IW_MAX(d->width - cells * t.cell - t.kind - t.state - 6, 14);
    if (d->width < 120)
        return t;
    for (const struct container *c = NULL; (c = pod_containers(shown, c)) != NULL;) {
        names = IW_MAX(names, utf8_width(c->name, strlen(c->name)));
        t.images = t.images || image_bytes(env, pod, c) >= 0;
    }
    t.name = IW_MIN(t.name, IW_MIN(names + 5, 36));
    return t;
}

/* "done", "80s" until the next attempt. */
static void
state_text(const struct pod *pod, const struct container *c, enum container_sign sign,
           int64_t now_ms, char *out, size_t out_size)
{
    static const char *const WORDS[SIGN_COUNT] = {
        [SIGN_WAITS] = TR_MARK("waits"),   [SIGN_WORKING] = TR_MARK("works"),
        [SIGN_OK] = TR_MARK("ready"),      [SIGN_BACKOFF] = TR_MARK("back-off"),
        [SIGN_FAILED] = TR_MARK("failed"), [SIGN_UNREADY] = TR_MARK("unready"),
        [SIGN_ENDED] = TR_MARK("ended"),
    };
    struct container_backoff wait = pod_backoff_now(pod, c, now_ms);
    bool done = sign == SIGN_OK && c->kind == CONTAINER_INIT;
    if (sign == SIGN_BACKOFF && wait.next_ms > now_ms)
        duration_cells(wait.next_ms - now_ms, out);
    else
        snprintf(out, out_size, "%s", done ? tr("done") : tr(WORDS[sign]));
}

static void
image_put(struct doc *d, int64_t bytes)
{
    double mib = (double)bytes / 1048576.0;
    if (bytes >= 0)
        doc_right(d, ROLE_DIM, mib < 10 ? "%.1f MiB " : "%.0f MiB ", mib);
}

static void
row_put(struct doc *d, const struct podresources_state *st, const struct view_env *env,
        const struct pod *pod, const struct container *c, const struct table *t)
{
    const struct pod *shown = podresources_shown(st, pod);
    const struct container *real = pod_find_container(pod, c->name);
    bool here = (size_t)(c - shown->containers) == st->selected;
    enum container_sign sign = container_sign(pod, real ? real : c, t->now_ms);
    char state[32];
    doc_line(d);
    doc_put(d, ROLE_KEY, here ? "▸" : " ");
    doc_put(d, here ? ROLE_TITLE : ROLE_DIM, "%s ", c->tag);
    doc_field(d, t->name + 1 - d->x, false, here ? ROLE_TITLE : ROLE_TEXT, c->name);
    doc_put(d, ROLE_TEXT, " ");
    if (t->kind)
        doc_field(d, t->kind, false, ROLE_DIM, container_kind_word(c->kind));
    doc_put(d, sign_role(sign), "%s ", sign_glyph(sign, t->now_ms, false));
    if (t->state) {
        state_text(pod, real ? real : c, sign, t->now_ms, state, sizeof(state));
        doc_field(d, t->state, false, sign_role(sign), state);
    }
    for (unsigned amount = 0; amount < 2; amount++) {
        cell_put(d, st, pod, c, RESOURCE_REQUESTS, amount, here, t->cell);
        cell_put(d, st, pod, c, RESOURCE_LIMITS, amount, here, t->cell);
        if (t->usage)
            used_put(d, env, pod, c, amount, t->cell);
    }
    if (t->usage && t->state)
        memory_bar_put(d, memory_share(env, pod, c));
    if (t->images)
        image_put(d, image_bytes(env, pod, c));
}

/* The heads stand in the rule, with why what is used is not known. */
static void
table_head(struct doc *d, const struct view_env *env, const struct table *t)
{
    static const char *const HEADS[] = {TR_MARK("req cpu"),  TR_MARK("lim cpu"),
                                        TR_MARK("used cpu"), TR_MARK("req mem"),
                                        TR_MARK("lim mem"),  TR_MARK("used mem")};
    enum usage_state state = usage_state(env->usage);
    int from = t->name + t->kind + t->state + 4;
    doc_line(d);
    doc_put(d, ROLE_RULE, "─");
    doc_put(d, ROLE_TITLE, " %s ", tr("container"));
    if (state == USAGE_ABSENT || state == USAGE_FAILED)
        doc_field(
            d,
            IW_MIN(from - d->x - 1,
                   utf8_width(usage_sentence(env->usage), strlen(usage_sentence(env->usage))) + 1),
            false, ROLE_DIM, usage_sentence(env->usage));
    from += t->cell - utf8_width(tr(HEADS[0]), strlen(tr(HEADS[0]))) -
            1; /* the line goes on up to the first */
    doc_repeat(d, ROLE_RULE, "─", from - d->x);
    doc_put(d, ROLE_DIM, " %s", tr(HEADS[0]));
    for (size_t i = 1; i < IW_COUNTOF(HEADS); i++)
        if (t->usage || i % 3 != 2)
            doc_field(d, t->cell, true, ROLE_DIM, tr(HEADS[i]));
    doc_put(d, ROLE_RULE, " ");
    if (t->usage && t->state)
        doc_put(d, ROLE_DIM, " %s ", tr("of memory limit"));
    if (t->images) {
        const char *image = tr("image size");
        doc_repeat(d, ROLE_RULE, "─", d->width - d->x - utf8_width(image, strlen(image)) - 2);
        doc_put(d, ROLE_DIM, " %s ", image);
    }
    doc_repeat(d, ROLE_RULE, "─", d->width - d->x);
}

void
podresources_table(struct doc *d, const struct podresources_state *st, const struct view_env *env,
                   const struct pod *pod, uint32_t *first)
{
    const struct pod *shown = podresources_shown(st, pod);
    struct table t = table_of(d, st, env, pod);
    table_head(d, env, &t);
    *first = d->lines;
    for (const struct container *c = NULL; (c = pod_containers(shown, c)) != NULL;)
        row_put(d, st, env, pod, c, &t);
}

/* "| a1 web | app | 100m | – |": for an issue or a chat. */
void
podresources_copy(const struct pod *shown, struct strbuf *out)
{
    strbuf_adds(out, "| container | kind | req cpu | lim cpu | req mem | lim mem |\n"
                     "| --- | --- | ---: | ---: | ---: | ---: |\n");
    for (const struct container *c = NULL; (c = pod_containers(shown, c)) != NULL;) {
        strbuf_addf(out, "| %s %s | %s |", c->tag, c->name, container_kind_word(c->kind));
        for (unsigned amount = 0; amount < 2; amount++)
            for (int side = 0; side < 2; side++) {
                const char *text =
                    podresources_text(c, (enum resource_side)side, podresources_amount(amount));
                strbuf_addf(out, " %s |", text[0] ? text : "–");
            }
        strbuf_adds(out, "\n");
    }
    strbuf_adds(out, "| **pod, effective** | |");
    for (unsigned amount = 0; amount < 2; amount++)
        for (int side = 0; side < 2; side++) {
            char text[AMOUNT_TEXT];
            effective_text(shown, (enum resource_side)side, podresources_amount(amount), text,
                           sizeof(text));
            strbuf_addf(out, " **%s** |", text);
        }
    strbuf_adds(out, "\n");
}
