/* diag: runs the rules and orders what they found.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/diag/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/progress_text.h"

/* More findings than this about one pod help nobody. */
#define FINDINGS_MAX 32

const char *
severity_name(enum severity s)
{
    static const char *const names[] = {"info", "warning", "error"};
    return (unsigned)s < IW_COUNTOF(names) ? names[s] : "?";
}

static void finding_line(char (*lines)[200], unsigned *count, const char *fmt, va_list args)
    IW_PRINTF(3, 0);

static void
finding_line(char (*lines)[200], unsigned *count, const char *fmt, va_list args)
{
    static const char mark[] = "…";
    char text[1024], line[1024];
    if (*count >= FINDING_LINES)
        return;
    (void)vsnprintf(text, sizeof(text), tr(fmt), args);
    text_one_line(text, line, sizeof(line));
    /* what is left out is marked */
    char *out = lines[*count];
    bool whole = strlen(line) < sizeof(lines[0]);
    text_one_line(line, out, sizeof(lines[0]) - (whole ? 0 : strlen(mark)));
    if (!whole)
        memcpy(out + strlen(out), mark, sizeof(mark));
    (*count)++;
}

void
finding_evidence(struct finding *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    finding_line(f->evidence, &f->evidence_count, fmt, args);
    va_end(args);
}

void
finding_advice(struct finding *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    finding_line(f->advice, &f->advice_count, fmt, args);
    va_end(args);
}

unsigned
finding_to_paste(const struct finding *f)
{
    for (unsigned i = 0; i < f->advice_count; i++)
        if (strncmp(f->advice[i], "kubectl ", 8) == 0 ||
            strncmp(f->advice[i], "initwatch ", 10) == 0)
            return i;
    return 0;
}

/* Rank 0 is what the WHY column speaks of: the cause that has to go first. */
static int
finding_rank(const struct finding *f, const struct pod_block *block)
{
    return block->severity != BLOCK_NONE && f->container == block->container ? 0 : 1;
}

/* A rule that does not name a root leaves it at what it found, in which container of which
 * owner. */
static void
name_cause(const struct pod *pod, struct finding *f)
{
    if (f->cause[0] == '\0') {
        const char *owner = pod->owner_name[0] ? pod->owner_name : pod->name;
        if (f->container)
            (void)snprintf(f->cause, sizeof(f->cause), "%.70s: %.40s/%.40s", tr(f->title), owner,
                           f->container->name);
        else
            (void)snprintf(f->cause, sizeof(f->cause), "%.90s: %.60s", tr(f->title), owner);
    }
    text_one_line(f->cause, f->cause, sizeof(f->cause));
}

size_t
diag_run(const struct diag_env *env, struct finding *out, size_t max)
{
    static const struct finding nothing;
    struct pod_block block;
    size_t count = 0;
    pod_block_of(env->pod, env->now_wall_ms, &block);
    max = IW_MIN(max, FINDINGS_MAX);
    for (size_t i = 0; i < diag_registry_count && count < max; i++) {
        const struct diag_rule *rule = diag_registry[i];
        struct finding *f = &out[count];
        *f = nothing;
        f->id = rule->id;
        f->title = tr(rule->title);
        f->severity = rule->severity;
        f->since_ms = IW_TIME_NONE;
        if (!rule->evaluate(env, f))
            continue;
        text_one_line(f->summary, f->summary, sizeof(f->summary));
        name_cause(env->pod, f);
        count++;
    }
    /* Insertion sort: it is stable, and there are a handful. */
    for (size_t i = 1; i < count; i++) {
        struct finding moved = out[i];
        size_t at = i;
        while (at > 0) {
            int rank = finding_rank(&moved, &block) - finding_rank(&out[at - 1], &block);
            if (rank > 0 || (rank == 0 && moved.severity <= out[at - 1].severity))
                break;
            out[at] = out[at - 1];
            at--;
        }
        out[at] = moved;
    }
    return count;
}
