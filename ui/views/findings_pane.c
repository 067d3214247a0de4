/* findings_pane: the page about one finding.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/eventrow.h"

#include "findings.h"

enum { PANE_FINDINGS_PER_POD = 16 };

/* One finding with what is behind it. */
struct page {
    const struct pod *pod; /* borrowed */
    struct finding finding;
    struct chain chain; /* count 0: none */
};

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

/* What a step looked at: "Service shop/db", "pvc data-db-0". */
static void
step_subject(const struct chain *chain, size_t i, char *out, size_t out_size)
{
    const struct chain_step *step = &chain->steps[i], *before = i ? step - 1 : NULL;
    bool same = before && step->depth == 0 && strcmp(before->kind, step->kind) == 0 &&
                strcmp(before->name, step->name) == 0;
    char kind[64];
    event_kind_short(step->kind, kind, sizeof(kind));
    if (same)
        (void)snprintf(out, out_size, "%s", tr("its port"));
    else
        (void)snprintf(out, out_size, "%s%s%s", kind, step->name[0] ? "/" : "", step->name);
}

/* What was found, without the name that stands in front of it already. */
static const char *
step_evidence(const struct chain_step *step)
{
    const char *name = step->name[0] ? strstr(step->text, step->name) : NULL;
    if (!name)
        return step->text;
    const char *rest = name + strlen(step->name);
    bool named =
        strncmp(step->text, step->kind, strlen(step->kind)) == 0 || strncmp(rest, "  ", 2) == 0;
    rest += *rest == '"';
    return named ? rest + strspn(rest, " ") : step->text;
}

/* So wide that all subjects fit, if half of the page is left for the evidence. */
static int
subject_cols(const struct chain *chain, int width)
{
    int cols = 0;
    for (size_t i = 0; i < chain->count; i++) {
        char subject[340];
        step_subject(chain, i, subject, sizeof(subject));
        int indent = 2 * (int)IW_MIN(chain->steps[i].depth, 4u);
        cols = IW_MAX(cols, 3 + indent + utf8_width(subject, strlen(subject)));
    }
    return IW_MAX(IW_MIN(cols, width / 2 - 6), 12);
}

static void
say_step(struct doc *d, const struct chain *chain, size_t i, int cols)
{
    static const struct {
        const char *sign;
        enum role role;
    } signs[] = {[CHAIN_OK] = {"✓", ROLE_OK},
                 [CHAIN_BAD] = {"✗", ROLE_ERROR},
                 [CHAIN_UNKNOWN] = {"?", ROLE_WARN}};
    const struct chain_step *step = &chain->steps[i];
    char number[8], subject[340];
    step_number(chain, i, number);
    step_subject(chain, i, subject, sizeof(subject));
    int indent = 3 + 2 * (int)IW_MIN(step->depth, 4u), evidence = 3 + cols + 4;
    const char *text = step_evidence(step);
    bool bad = step->sign != CHAIN_OK;
    doc_line(d);
    doc_to(d, indent);
    doc_put(d, ROLE_DIM, "%s ", number);
    doc_field(d, 3 + cols - d->x, false, bad ? ROLE_TEXT : ROLE_DIM, subject);
    doc_put(d, signs[step->sign].role, " %s", signs[step->sign].sign);
    doc_to(d, evidence);
    doc_wrap(d, bad ? ROLE_TEXT : ROLE_DIM, evidence, 3, text);
    if (step->root)
        doc_right(d, ROLE_ERROR, "◀ %s", tr("root cause"));
    /* what the scheduler said is the pod's own text already */
    if (step->event[0] && strncmp(step->event, "FailedScheduling", 16) != 0) {
        doc_line(d);
        doc_to(d, evidence);
        doc_put(d, ROLE_WARN, "%s", step->event);
    }
}

/* False when it is so no more. */
static bool
page_fill(struct page *page, const struct view_env *env, const struct finding_item *item)
{
    const struct container *c;
    page->pod = store_get(env->store, item->pod);
    page->chain.count = 0;
    if (item->gone_ms != IW_TIME_NONE || !page->pod || !findings_again(env, item, &page->finding))
        return false;
    c = page->finding.container;
    bool waits = c && strncmp(item->id, "IW-D", 4) == 0;
    bool chained =
        waits ? chain_of(env->store, page->pod, c, env->now_wall_ms, &page->chain)
              : !c && chain_of_claims(env->store, page->pod, env->now_wall_ms, &page->chain);
    if (!chained || (!waits && !chain_root(&page->chain)))
        page->chain.count = 0;
    return true;
}

/* The chain of checks of a container that waits, or of the claims. */
static void
say_chain(struct doc *d, const struct page *page)
{
    const struct chain *chain = &page->chain;
    int cols = subject_cols(chain, d->width);
    if (chain->container)
        say_target(d, chain);
    else
        doc_line(d);
    for (size_t i = 0; i < chain->count; i++)
        say_step(d, chain, i, cols);
    if (!chain->passes)
        return;
    doc_line(d);
    doc_wrap(d, ROLE_WARN, 3, 3,
             tr("   all that can be read says it should pass: is the check itself right?"));
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
say_help(struct doc *d, const struct finding *f)
{
    unsigned copied = finding_to_paste(f);
    if (f->advice_count == 0)
        return;
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_TITLE, "   %s", tr("what helps"));
    for (unsigned i = 0; i < f->advice_count; i++) {
        doc_line(d);
        doc_put(d, ROLE_DIM, "   • ");
        doc_wrap(d, ROLE_TEXT, 5, 3, f->advice[i]);
        if (i == copied)
            doc_right(d, ROLE_KEY, "%s", "[c] ");
    }
}

void
findings_help(const struct view_env *env, const struct finding_item *item, char *out,
              size_t out_size)
{
    struct finding *full = iw_calloc(1, sizeof(*full));
    bool helped = findings_again(env, item, full) && full->advice_count > 0;
    (void)snprintf(out, out_size, "%s",
                   helped ? full->advice[finding_to_paste(full)] : item->summary);
    free(full);
}

/* The other pods of the same cause; the one that is shown stands out. */
static void
say_members(struct doc *d, const struct findings *f, const struct finding_group *group,
            size_t member)
{
    if (group->count < 2)
        return;
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_DIM, tr("   %zu of %zu: "), member + 1, group->count);
    for (size_t i = 0; i < group->count && d->x < d->width - 4; i++) {
        const struct finding_item *item = &f->items.items[group->first + i];
        doc_put(d, i == member ? ROLE_TITLE : ROLE_DIM, "%s%s", item->name,
                i + 1 < group->count ? ", " : "");
    }
    doc_right(d, ROLE_KEY, "← → ");
}

static void
say_finding(struct doc *d, const struct page *page)
{
    const struct finding *finding = &page->finding;
    doc_put(d, severity_role(finding->severity), " %s ",
            finding->severity == SEVERITY_ERROR     ? "✗"
            : finding->severity == SEVERITY_WARNING ? "⚠"
                                                    : "·");
    doc_wrap(d, ROLE_TITLE, 3, 3, finding->summary);
    if (page->chain.count > 0)
        say_chain(d, page);
    else
        say_lines(d, tr("evidence"), "·", (const char(*)[200])finding->evidence,
                  finding->evidence_count);
    say_help(d, finding);
}

void
findings_detail(struct doc *d, const struct findings *f, const struct view_env *env,
                const struct finding_group *group, size_t member)
{
    member = IW_MIN(member, group->count - 1);
    const struct finding_item *item = &f->items.items[group->first + member];
    struct page *page = iw_calloc(1, sizeof(*page));
    char title[200];
    (void)snprintf(title, sizeof(title), "%s %s", item->id, tr(item->title));
    doc_rule(d, title);
    doc_line(d);
    if (page_fill(page, env, item)) {
        say_finding(d, page);
    } else {
        doc_put(d, ROLE_OK, " ✓ ");
        doc_wrap(d, ROLE_TITLE, 3, 3, tr("this is not so any more"));
        doc_line(d);
        doc_put(d, ROLE_DIM, "   %s ", tr("it was:"));
        doc_wrap(d, ROLE_DIM, 3, 3, item->summary);
    }
    free(page);
    say_members(d, f, group, member);
    findings_past(d, f, env, item);
}
