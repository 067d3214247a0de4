/* findings_pane: the page about one finding.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/chain.h"

#include "findings.h"

enum { PANE_FINDINGS_PER_POD = 16 };

bool
findings_again(const struct view_env *env, const struct finding_item *item, struct finding *out)
{
    const struct pod *pod = store_get(env->store, item->pod);
    if (!pod)
        return false;
    struct diag_env de = {.pod = pod,
                          .events = store_events(env->store),
                          .store = env->store,
                          .now_wall_ms = env->now_wall_ms};
    struct finding *found = iw_calloc(PANE_FINDINGS_PER_POD, sizeof(*found));
    size_t count = diag_run(&de, found, PANE_FINDINGS_PER_POD);
    bool there = false;
    for (size_t i = 0; i < count && !there; i++) {
        const char *container = found[i].container ? found[i].container->name : "";
        there = strcmp(found[i].id, item->id) == 0 &&
                strncmp(container, item->container, sizeof(item->container) - 1) == 0;
        if (there)
            *out = found[i];
    }
    free(found);
    return there;
}

static enum role
severity_role(enum severity severity)
{
    return severity == SEVERITY_ERROR     ? ROLE_ERROR
           : severity == SEVERITY_WARNING ? ROLE_WARN
                                          : ROLE_DIM;
}

static void
say_target(struct doc *d, const struct chain *chain)
{
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_DIM, "   %s", tr("command"));
    doc_to(d, 13);
    doc_put(d, ROLE_TEXT, "%s", chain->target.command);
    doc_line(d);
    doc_put(d, ROLE_DIM, "   %s", tr("target"));
    doc_to(d, 13);
    doc_put(d, ROLE_TEXT, "%s%s%s (%s)", chain->target.host, chain->target.port[0] ? ":" : "",
            chain->target.port, chain->target.kind);
    if (chain->service[0])
        doc_put(d, ROLE_DIM, " → %s/%s", chain->service_ns, chain->service);
    doc_line(d);
}

/* "1", "2", "2a", "2b": steps that hang on another one have its number and a letter. */
static void
step_number(const struct chain *chain, size_t at, char out[8])
{
    unsigned number = 0, letter = 0;
    for (size_t i = 0; i <= at; i++) {
        bool top = chain->steps[i].depth == 0;
        number += top;
        letter = top ? 0 : letter + 1;
    }
    if (letter)
        (void)snprintf(out, 8, "%u%c", number % 100, 'a' + (letter - 1) % 26);
    else
        (void)snprintf(out, 8, "%u", number % 100);
}

static void
say_step(struct doc *d, const struct chain *chain, size_t i)
{
    static const struct {
        const char *sign;
        enum role role;
    } signs[] = {[CHAIN_OK] = {"✓", ROLE_OK},
                 [CHAIN_BAD] = {"✗", ROLE_ERROR},
                 [CHAIN_UNKNOWN] = {"?", ROLE_WARN}};
    const struct chain_step *step = &chain->steps[i];
    char number[8];
    step_number(chain, i, number);
    int indent = 3 + 2 * (int)IW_MIN(step->depth, 4u);
    bool named = strncmp(step->text, step->kind, strlen(step->kind)) == 0;
    doc_line(d);
    doc_to(d, indent);
    doc_put(d, ROLE_DIM, "%s ", number);
    doc_put(d, signs[step->sign].role, "%s ", signs[step->sign].sign);
    if (!named)
        doc_put(d, ROLE_DIM, "%s %s  ", step->kind, step->name);
    if (step->sign == CHAIN_OK)
        doc_put(d, ROLE_DIM, "%s", step->text);
    else
        doc_wrap(d, ROLE_TEXT, indent + 5, 3, step->text);
    if (step->root)
        doc_right(d, ROLE_ERROR, "◀ %s", tr("root cause"));
    if (step->event[0]) {
        doc_line(d);
        doc_to(d, indent + 4);
        doc_put(d, ROLE_WARN, "%s", step->event);
    }
}

/* The chain of checks of a container that waits; false when it does not. */
static bool
say_chain(struct doc *d, const struct view_env *env, const struct finding *finding,
          const struct pod *pod)
{
    struct chain *chain = iw_calloc(1, sizeof(*chain));
    bool waits = finding->container && strncmp(finding->id, "IW-D", 4) == 0 &&
                 chain_of(env->store, pod, finding->container, env->now_wall_ms, chain);
    if (waits) {
        say_target(d, chain);
        for (size_t i = 0; i < chain->count; i++)
            say_step(d, chain, i);
        if (chain->passes) {
            doc_line(d);
            doc_wrap(d, ROLE_WARN, 3, 3,
                     tr("   all that can be read says it should pass: is the check itself right?"));
        }
    }
    free(chain);
    return waits;
}

static void
say_lines(struct doc *d, const char *heading, const char *mark, const char (*lines)[200],
          unsigned count)
{
    if (count == 0)
        return;
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_TITLE, "   %s", heading);
    for (unsigned i = 0; i < count; i++) {
        char text[224];
        (void)snprintf(text, sizeof(text), "   %s %s", mark, lines[i]);
        doc_line(d);
        doc_wrap(d, ROLE_TEXT, 5, 3, text);
    }
}

static void
say_members(struct doc *d, const struct findings *f, const struct finding_group *group,
            size_t member)
{
    if (group->count < 2)
        return;
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_DIM, "   %s ", tr("also:"));
    for (size_t i = 0; i < group->count && d->x < d->width - 4; i++) {
        const struct finding_item *item = &f->items.items[group->first + i];
        doc_put(d, i == member ? ROLE_TITLE : ROLE_TEXT, "%s%s", item->name,
                i + 1 < group->count ? ", " : "");
    }
}

void
findings_detail(struct doc *d, const struct findings *f, const struct view_env *env,
                const struct finding_group *group, size_t member)
{
    const struct finding_item *item =
        &f->items.items[group->first + IW_MIN(member, group->count - 1)];
    const struct pod *pod = store_get(env->store, item->pod);
    struct finding finding;
    char title[200], since[16] = "?";
    (void)snprintf(title, sizeof(title), "%s %s", item->id, tr(item->title));
    doc_rule(d, title);
    doc_line(d);
    if (!pod || !findings_again(env, item, &finding)) {
        doc_put(d, ROLE_DIM, " %s", tr("this is not so any more"));
        return;
    }
    doc_put(d, severity_role(finding.severity), " %s ",
            finding.severity == SEVERITY_ERROR     ? "✗"
            : finding.severity == SEVERITY_WARNING ? "⚠"
                                                   : "·");
    doc_wrap(d, ROLE_TITLE, 3, 3, finding.summary);
    bool chain = say_chain(d, env, &finding, pod);
    if (!chain)
        say_lines(d, tr("evidence"), "·", (const char(*)[200])finding.evidence,
                  finding.evidence_count);
    say_lines(d, tr("what helps"), "•", (const char(*)[200])finding.advice, finding.advice_count);
    if (item->since_ms != IW_TIME_NONE)
        duration_cells(env->now_wall_ms - item->since_ms, since);
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_TEXT, "   ");
    doc_put(d, ROLE_TEXT, tr("since %s"), since);
    doc_put(d, ROLE_DIM, "   %s", group->pods == 1 ? tr("1 pod") : "");
    if (group->pods != 1)
        doc_put(d, ROLE_DIM, tr("%zu pods"), group->pods);
    say_members(d, f, group, member);
}
