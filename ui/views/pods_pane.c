/* pods_pane: the explanation of the pod under the cursor, live below the list: its lanes, what
 * blocks it and how that is known, what to do next, and beside it (wide) or below it its newest
 * events.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "pods_pane.h"

enum { PANE_SPLIT_COLS = 120 };

static bool
chain_is_known(const struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->steps[i].sign != CHAIN_UNKNOWN)
            return true;
    return false;
}

/* What a wait over the network depends on, once that is known; of a pod without a node its claims. */
static struct chain *
pane_chain(const struct view_env *env, const struct pod *pod, const struct container *c)
{
    struct chain *chain = env->objects ? iw_calloc(1, sizeof(*chain)) : NULL;
    bool known =
        chain && (c ? chain_of(env->store, pod, c, env->now_wall_ms, chain) && chain_is_known(chain)
                    : !*pod->node && chain_of_claims(env->store, pod, env->now_wall_ms, chain) &&
                          chain_root(chain));
    if (known)
        return chain;
    free(chain);
    return NULL;
}

static bool
pane_init(struct pane *p, const struct view_env *env, struct pod_ref ref,
          const struct pods_usual *usual)
{
    *p = (struct pane){.env = env, .ref = ref, .pod = store_get(env->store, ref), .usual = usual};
    if (!p->pod)
        return false;
    pod_block_of(p->pod, env->now_wall_ms, &p->block);
    pod_init_progress(p->pod, env->now_wall_ms, &p->progress);
    struct diag_env diag = {p->pod, store_events(env->store), env->store, env->now_wall_ms};
    p->finding_count = diag_run(&diag, p->findings, PANE_FINDINGS);
    p->later_count = pods_later_waits(env, p->pod, p->block.container, p->later, PANE_LATER);
    if (p->block.severity != BLOCK_NONE)
        p->chain = pane_chain(env, p->pod, p->block.container);
    return true;
}

/* Like snprintf of "%s%s", the text cut to `cols` with a sign that it was. */
static void
add_cut(char *out, size_t out_size, const char *gap, const char *text, int cols)
{
    size_t at = strlen(out), len = strlen(text);
    if (utf8_width(text, len) <= cols)
        snprintf(out + at, out_size - at, "%s%s", gap, text);
    else if (cols > 1)
        snprintf(out + at, out_size - at, "%s%.*s…", gap, (int)utf8_fit(text, len, cols - 1, NULL),
                 text);
}

/* "myapp-wait-db  1/2 wait-for-postgres  running 4m09s" in `cols`: what does not fit costs the reason its end, never the
 * age. */
static void
pane_title(const struct pane *p, bool wide, int cols, char *out, size_t out_size)
{
    const struct container *c = p->block.container ? p->block.container : p->progress.current;
    const char *gap = wide ? " ─ " : "  ", *reason = p->block.reason;
    char since[32] = "", at[48] = "", head[512];
    int64_t since_ms = pod_since_ms(p->pod, &p->block);
    if (since_ms != IW_TIME_NONE) {
        since[0] = ' ';
        duration_cells(p->env->now_wall_ms - since_ms, since + 1);
    }
    if (c && c->list == LIST_INIT)
        snprintf(at, sizeof(at), wide ? tr("init %u of %u") : "%u/%u", c->list_index + 1u,
                 p->progress.total);
    else if (c)
        snprintf(at, sizeof(at), "%s", c->tag);
    else if (p->block.severity == BLOCK_NONE)
        reason = p->pod->phase;
    if (c)
        snprintf(head, sizeof(head), "%.250s%s%s%s%.63s", p->pod->name, gap, at, wide ? " ─ " : " ",
                 c->name);
    else
        snprintf(head, sizeof(head), "%.250s", p->pod->name);
    int room = cols - utf8_width(since, strlen(since));
    out[0] = '\0';
    add_cut(out, out_size, "", head, room);
    room -= utf8_width(out, strlen(out)) + utf8_width(gap, strlen(gap));
    char brief[128];
    widget_status_short(reason, room, brief, sizeof(brief));
    if (brief[0])
        add_cut(out, out_size, gap, brief, room);
    size_t len = strlen(out);
    snprintf(out + len, out_size - len, "%s", since);
}

const struct container *
pod_pane_container(const struct pane *p)
{
    return p->block.container ? p->block.container : p->progress.current;
}

void
pod_pane_draw(const struct view_env *env, struct pod_ref ref, const struct pods_usual *usual,
              struct surface *s, struct rect area)
{
    struct pane p;
    char title[640];
    if (area.h < 2)
        return;
    if (!pane_init(&p, env, ref, usual)) {
        surface_rule(s, area, area.y, ROLE_RULE, NULL, ROLE_RULE);
        return;
    }
    p.split = area.w >= PANE_SPLIT_COLS && area.h >= 6;
    struct rect left = {area.x, area.y + 1, area.w, area.h - 1};
    if (p.split)
        left.w = pod_pane_draw_beside(&p, s, area);
    pane_title(&p, p.split, left.w - 4, title, sizeof(title)); /* blanks and a line at both ends */
    surface_rule(s, (struct rect){area.x, area.y, left.w, 1}, area.y, ROLE_RULE, title, ROLE_TITLE);
    doc_auto d;
    doc_init(&d, left.w);
    pod_pane_put_left(&p, &d, left.h);
    doc_draw(&d, s, left, 0);
    free(p.chain);
}
