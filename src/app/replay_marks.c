/* replay_marks: walks through a recording ahead of its player and notes where something happened.
 *
 * It has a store and a clock of its own, so what is found does not depend on how the user jumps about.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/replay_control.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/diag/diag.h"

/* More cannot be told apart on a line, nor walked through by key. */
#define MARKS_MOST 1000
/* A pod has one root and a few that follow from it. */
#define FINDINGS_MOST 8

/* What was known of a pod when it was looked at last. */
struct seen {
    int64_t restarts;
    bool fatal, known;
    const char *findings[FINDINGS_MOST]; /* ids; literals of the rules */
    size_t finding_count;
};

struct replay_marks {
    const struct recording *recording;
    struct replay_board *board;
    struct clock clock;
    struct store *store;
    struct source_sink sink;
    uint64_t pods_generation;
    size_t next;
    VEC(struct seen) seen; /* by slot of the store */
};

struct replay_marks *
replay_marks_new(const struct recording *recording, struct replay_board *board)
{
    struct replay_marks *m = iw_calloc(1, sizeof(*m));
    m->recording = recording;
    m->board = board;
    m->clock = clock_manual(0, recording_about(recording)->started_wall_ms);
    m->store = store_new(&m->clock);
    m->sink = store_sink(m->store);
    m->pods_generation = store_pods_generation(m->store);
    board->reading = true;
    return m;
}

void
replay_marks_free(struct replay_marks *m)
{
    if (!m)
        return;
    store_free(m->store);
    vec_free(&m->seen);
    free(m);
}

static void
add_mark(struct replay_marks *m, enum replay_mark_kind kind, const char *text)
{
    if (m->board->marks.len == MARKS_MOST)
        return;
    struct replay_mark mark = {.wall_ms = clock_wall(&m->clock), .kind = kind};
    size_t fit = utf8_fit(text, strlen(text), (int)sizeof(mark.text) / 2, NULL);
    snprintf(mark.text, sizeof(mark.text), "%.*s", (int)IW_MIN(fit, sizeof(mark.text) - 1), text);
    vec_push(&m->board->marks, mark);
    m->board->generation++;
}

/* Restarts of all containers, and the one that restarted last. */
static int64_t
count_restarts(const struct pod *pod, const struct container **last)
{
    int64_t sum = 0, latest_ms = IW_TIME_NONE;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (!c->status || c->status->restart_count <= 0)
            continue;
        sum += c->status->restart_count;
        int64_t end_ms = IW_MAX(c->status->last->end.finished_ms, c->status->state.end.finished_ms);
        if (!*last || end_ms >= latest_ms) {
            *last = c;
            latest_ms = end_ms;
        }
    }
    return sum;
}

static struct seen *
seen_of(struct replay_marks *m, struct pod_ref ref)
{
    while (m->seen.len <= ref.slot)
        vec_push(&m->seen, (struct seen){0});
    return &m->seen.items[ref.slot];
}

static bool
has_finding(const struct seen *seen, const char *id)
{
    for (size_t i = 0; i < seen->finding_count; i++) {
        if (strcmp(seen->findings[i], id) == 0)
            return true;
    }
    return false;
}

/* A rule fires for the first time: what was there before the recording began is no event of it, and a crash
 * loop would fire with every attempt. */
static void
look_at_findings(struct replay_marks *m, const struct pod *pod, struct seen *seen)
{
    struct finding found[FINDINGS_MOST];
    struct diag_env env = {.pod = pod,
                           .events = store_events(m->store),
                           .store = m->store,
                           .now_wall_ms = clock_wall(&m->clock)};
    size_t count = diag_run(&env, found, FINDINGS_MOST);
    for (size_t i = 0; i < count; i++) {
        if (has_finding(seen, found[i].id))
            continue;
        if (seen->finding_count < FINDINGS_MOST)
            seen->findings[seen->finding_count++] = found[i].id;
        if (seen->known && found[i].severity == SEVERITY_ERROR) {
            char text[320];
            snprintf(text, sizeof(text), "%.60s: %s", pod->name, tr(found[i].title));
            add_mark(m, REPLAY_MARK_FINDING, text);
        }
    }
}

static void
look_at_pod(struct replay_marks *m, struct pod_ref ref)
{
    const struct pod *pod = store_get(m->store, ref);
    struct seen *seen = seen_of(m, ref);
    const struct container *last = NULL;
    char text[320];
    if (!pod) {
        *seen = (struct seen){0};
        return;
    }
    int64_t restarts = count_restarts(pod, &last);
    if (seen->known && restarts > seen->restarts && last) {
        snprintf(text, sizeof(text), tr("%.60s: %.60s restarted"), pod->name, last->name);
        add_mark(m, REPLAY_MARK_RESTART, text);
    }
    seen->restarts = restarts;
    bool deleted = store_deleted_ms(m->store, ref) != IW_TIME_NONE;
    bool fatal = deleted || strcmp(pod->phase, "Failed") == 0;
    if (seen->known && fatal && !seen->fatal) {
        snprintf(text, sizeof(text), deleted ? tr("%.60s: deleted") : tr("%.60s: failed"),
                 pod->name);
        add_mark(m, REPLAY_MARK_FATAL, text);
    }
    seen->fatal = fatal;
    look_at_findings(m, pod, seen);
    seen->known = true;
}

/* Only pods that changed: findings that time alone brings are seen with the next change. */
static void
look(struct replay_marks *m)
{
    uint64_t before = m->pods_generation;
    m->pods_generation = store_pods_generation(m->store);
    for (struct pod_ref it = {0}; store_next_change(m->store, before, &it);)
        look_at_pod(m, it);
}

static void
take_note(struct replay_marks *m, const struct recording_entry *e)
{
    strbuf_auto text;
    strbuf_init(&text, LIMIT_RECORDING_LINE_BYTES);
    if (recording_text(e, &text))
        add_mark(m, REPLAY_MARK_USER, text.data);
}

bool
replay_marks_read(struct replay_marks *m, size_t entries)
{
    size_t count = recording_count(m->recording);
    int64_t started_ms = recording_about(m->recording)->started_wall_ms;
    for (; m->next < count && entries > 0; m->next++, entries--) {
        const struct recording_entry *e = recording_at(m->recording, m->next);
        clock_advance(&m->clock, started_ms + e->t_ms - clock_wall(&m->clock));
        if (e->kind == RECORDING_MARK)
            take_note(m, e);
        (void)replay_tell(m->recording, m->next, clock_wall(&m->clock), &m->sink);
        look(m);
    }
    if (m->next < count)
        return true;
    m->board->generation += m->board->reading;
    m->board->reading = false;
    return false;
}
