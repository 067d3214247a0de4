/* chainline: how a cause chain is drawn.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/chainline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/status.h"
#include "initwatch/ui/eventrow.h"

#define LINK_COLS 5 /* " ──▶ " */
#define TREE_WRAP 2 /* lines of a step */

static void
step_name(const struct chain_step *s, char *out, size_t out_size)
{
    char kind[64];
    /* endpoints are told of by the Service they belong to */
    event_kind_short(strcmp(s->kind, "EndpointSlice") == 0 ? "Service" : s->kind, kind,
                     sizeof(kind));
    if (s->name[0])
        snprintf(out, out_size, "%s/%s", kind, s->name);
    else
        snprintf(out, out_size, "%s", kind);
}

static enum role
step_role(const struct chain_step *s, const char **sign)
{
    *sign = s->sign == CHAIN_OK ? "✓" : s->sign == CHAIN_BAD ? "✗" : "?";
    return s->sign == CHAIN_OK ? ROLE_OK : s->sign == CHAIN_BAD ? ROLE_ERROR : ROLE_DIM;
}

/* Text on the present line, or on the next when it does not fit there. */
static void
link_put(struct doc *d, enum role role, bool first, int *lines, const char *text)
{
    int cols = utf8_width(text, strlen(text));
    if (!first && d->x + LINK_COLS + cols > d->width && *lines > 1) {
        doc_put(d, ROLE_RULE, "%s", " ──▶");
        doc_line(d);
        doc_put(d, ROLE_TEXT, "  ");
        (*lines)--;
    } else if (!first) {
        doc_put(d, ROLE_RULE, " ──▶ ");
    }
    doc_put(d, role, "%s", text);
}

/* A missing object says so itself; others are named. */
static void
step_link(struct doc *d, const struct view_env *env, const struct chain_step *s, bool first,
          int *lines)
{
    char name[340], clock[16] = "", text[700];
    const char *sign;
    enum role role = step_role(s, &sign);
    step_name(s, name, sizeof(name));
    if (s->event_ms != IW_TIME_NONE)
        clock_hms(s->event_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    /* the status of a pod is enough here, its reason is the step before */
    const char *more = strcmp(s->kind, "Pod") == 0 ? strstr(s->text, "  ") : NULL;
    int len = more ? (int)(more - s->text) : (int)strlen(s->text);
    bool named = s->name[0] && strstr(s->text, s->name);
    snprintf(text, sizeof(text), "%s%s%s%s%s%s%.*s", clock, clock[0] ? " " : "", first ? sign : "",
             first ? " " : "", named ? "" : name, named ? "" : " ", len, s->text);
    link_put(d, first ? role : ROLE_TEXT, first, lines, text);
}

void
chain_line_put(struct doc *d, const struct view_env *env, const struct chain *chain,
               const struct pod *pod, int lines)
{
    const struct chain_step *root = chain_root(chain);
    char text[512], status[256];
    bool first = true;
    doc_line(d);
    doc_put(d, ROLE_TEXT, "  ");
    if (root) {
        unsigned depth = root->depth + 1;
        for (size_t i = (size_t)(root - chain->steps) + 1; i-- > 0 && depth > 0;) {
            if (chain->steps[i].depth >= depth)
                continue;
            depth = chain->steps[i].depth;
            step_link(d, env, &chain->steps[i], first, &lines);
            first = false;
        }
    } else {
        link_put(d, chain->passes ? ROLE_OK : ROLE_DIM, true, &lines,
                 chain->passes ? tr("✓ would pass now") : tr("? the cause is not known here"));
        first = false;
    }
    snprintf(text, sizeof(text), tr("%s %s waits (%s)"), chain->container->tag,
             chain->container->name, chain->target.command);
    link_put(d, ROLE_TEXT, first, &lines, text);
    pod_display_status(pod, status, sizeof(status));
    snprintf(text, sizeof(text), "%s %s", pod->name, status);
    link_put(d, ROLE_TITLE, false, &lines, text);
}

/* The event that says so, or the object it was read from where the text does not name that. */
static void
evidence_put(struct doc *d, const struct chain_step *s)
{
    int len = (int)strcspn(s->event, ":");
    if (s->event[0])
        doc_right(d, ROLE_DIM, tr("event %.*s "), len, s->event);
    else if (s->depth == 0 && !strstr(s->text, s->kind))
        doc_right(d, ROLE_DIM, "%s %s ", s->kind, s->name);
}

static void
tree_put(struct doc *d, const struct chain *chain, int indent, bool evidence, int wrap)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct chain_step *s = &chain->steps[i];
        char name[340];
        const char *sign;
        enum role role = step_role(s, &sign);
        int at = indent + 2 * (int)s->depth;
        step_name(s, name, sizeof(name));
        doc_line(d);
        doc_to(d, at);
        doc_put(d, ROLE_RULE, "╰ ");
        doc_put(d, role, "%s ", sign);
        /* what a container waits for was named with the wait */
        if (!strstr(s->text, s->name) && (s->depth > 0 || !chain->container))
            doc_put(d, ROLE_TEXT, "%s  ", name);
        doc_wrap(d, s->sign == CHAIN_BAD ? ROLE_TEXT : ROLE_DIM, at + 4, wrap, s->text);
        if (s->root)
            doc_put(d, ROLE_ERROR, "  %s", tr("◀ root cause"));
        if (evidence)
            evidence_put(d, s);
    }
}

void
chain_tree_put(struct doc *d, const struct chain *chain, int indent, bool evidence)
{
    tree_put(d, chain, indent, evidence, TREE_WRAP);
}

size_t
chain_faults(const struct chain *chain)
{
    size_t n = 0;
    for (size_t i = 0; i < chain->count; i++)
        n += chain->steps[i].sign != CHAIN_OK;
    return n;
}

void
chain_not_ok(const struct chain *chain, struct chain *out)
{
    *out = *chain;
    out->count = 0;
    for (size_t i = 0; i < chain->count; i++)
        if (chain->steps[i].sign != CHAIN_OK)
            out->steps[out->count++] = chain->steps[i];
}

/* Leaves the last `steps` steps down to the root. Returns the depth of the first of them. */
static unsigned
keep_end(struct chain *chain, size_t steps)
{
    size_t end = (size_t)(chain_root(chain) - chain->steps) + 1;
    size_t first = end > steps ? end - steps : 0;
    unsigned depth = chain->steps[first].depth;
    for (size_t i = first; i < end; i++)
        depth = IW_MIN(depth, chain->steps[i].depth);
    chain->count = end - first;
    memmove(chain->steps, chain->steps + first, chain->count * sizeof(chain->steps[0]));
    return depth;
}

static bool
tree_fits(struct doc *d, const struct chain *chain, int indent, int wrap, int lines)
{
    doc_auto tree;
    doc_init(&tree, d->width);
    tree_put(&tree, chain, indent, false, wrap);
    if ((int)tree.lines > lines)
        return false;
    doc_append(d, &tree);
    return true;
}

bool
chain_tree_fit(struct doc *d, const struct chain *chain, int indent, int lines)
{
    if (tree_fits(d, chain, indent, TREE_WRAP, lines))
        return true;
    if (!chain_root(chain))
        return false;
    struct chain *bad = iw_calloc(1, sizeof(*bad));
    chain_not_ok(chain, bad);
    bool fits = tree_fits(d, bad, indent, TREE_WRAP, lines) || tree_fits(d, bad, indent, 1, lines);
    if (!fits) {
        unsigned depth = keep_end(bad, (size_t)IW_MAX(lines, 1));
        fits = tree_fits(d, bad, indent - 2 * (int)depth, 1, lines);
    }
    free(bad);
    return fits;
}
