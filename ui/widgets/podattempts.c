/* podattempts: the runs of a container that are known, newest first.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/logline.h"
#include "initwatch/model/probes.h"
#include "initwatch/ui/podpane.h"

#define ATTEMPTS_MAX 64
#define ATTEMPTS_SHOWN 10    /* the causes below the table matter more than older runs */
#define LAST_LINE_BYTES 2048 /* of a last line without what differs */

/* A run's exit and reason do not tell that a probe ended it: its Killing event, or the length of the
 * run, does. */
static void
attempt_cause(const struct view_env *env, const struct pod *pod, const struct container *c,
              const struct attempt *a, char *out, size_t out_size)
{
    enum probe_role role;
    enum probe_kill killed = a->ended ? probe_killed(pod, c, a->started_ms, a->finished_ms,
                                                     store_events(env->store), &role)
                                      : PROBE_KILL_NO;
    if (!a->ended)
        snprintf(out, out_size, "%s", tr("running"));
    else if (killed == PROBE_KILL_NO)
        snprintf(out, out_size, "%s", a->end.reason);
    else
        snprintf(out, out_size, tr("%s probe%s"), probe_role_name(role),
                 killed == PROBE_KILL_INFERRED ? " ~" : "");
}

static bool
attempt_run(const struct view_env *env, const struct pod *pod, const struct container *c,
            const struct attempt *a, struct log_run *out)
{
    return env->logs && env->logs->run &&
           env->logs->run(env->logs->run_ctx, pod->uid, c->name, a->number, out);
}

/* How many lines its log has: "41", "2000+" when there are older ones, "–" for unknown. */
static void
lines_text(const struct view_env *env, const struct pod *pod, const struct container *c,
           const struct attempt *a, char *out, size_t out_size)
{
    struct log_run run;
    if (!attempt_run(env, pod, c, a, &run))
        snprintf(out, out_size, "–");
    else if (run.lines < 100000)
        snprintf(out, out_size, "%u%s", (unsigned)run.lines, run.tail ? "+" : "");
    else
        snprintf(out, out_size, "%lluk%s", (unsigned long long)(run.lines / 1000),
                 run.tail ? "+" : "");
}

static void
attempt_line(struct doc *d, const struct view_env *env, const struct pod *pod,
             const struct container *c, const struct attempt *a, int64_t now_ms)
{
    char started[16] = "–", ran[16] = "–", end[64] = "", cause[80], lines[32];
    if (a->started_ms > 0)
        clock_hms(a->started_ms, env->prefs->time_mode != TIME_MODE_UTC, started);
    if (a->started_ms > 0 && (!a->ended || a->finished_ms >= a->started_ms))
        duration_cells((a->ended ? a->finished_ms : now_ms) - a->started_ms, ran);
    if (a->ended && a->end.signal)
        snprintf(end, sizeof(end), "%s", container_signal_name(a->end.signal));
    else if (a->ended)
        snprintf(end, sizeof(end), tr("exit %d"), a->end.exit_code);
    else
        snprintf(end, sizeof(end), "%s", tr("now"));
    attempt_cause(env, pod, c, a, cause, sizeof(cause));
    lines_text(env, pod, c, a, lines, sizeof(lines));
    bool probe = a->ended && strcmp(cause, a->end.reason) != 0;
    bool good = !a->ended || (a->end.exit_code == 0 && !probe);
    char number[16];
    snprintf(number, sizeof(number), "%d", IW_MIN(a->number, INT32_MAX - 1) + 1);
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, 4, false, ROLE_TEXT, number);
    doc_field(d, 9, false, ROLE_TEXT, started);
    doc_field(d, 6, true, ROLE_TEXT, ran);
    doc_put(d, ROLE_TEXT, "  ");
    doc_field(d, 10, false, good ? ROLE_OK : ROLE_ERROR, end);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, 18, false, probe ? ROLE_ERROR : ROLE_TEXT, cause);
    doc_field(d, 7, true, ROLE_DIM, lines);
}

static void
attempts_heading(struct doc *d)
{
    static const struct {
        int cols;
        bool right;
        const char *text;
    } COLUMNS[] = {{4, false, TR_MARK("#")},    {9, false, TR_MARK("start")},
                   {6, true, TR_MARK("ran")},   {2, false, ""},
                   {11, false, TR_MARK("end")}, {18, false, TR_MARK("why it ended")},
                   {7, true, TR_MARK("lines")}};
    doc_line(d);
    doc_heading(d);
    doc_put(d, ROLE_DIM, " ");
    for (size_t i = 0; i < IW_COUNTOF(COLUMNS); i++)
        doc_field(d, COLUMNS[i].cols, COLUMNS[i].right, ROLE_DIM,
                  COLUMNS[i].text[0] ? tr(COLUMNS[i].text) : "");
}

/* Runs that only the restart count tells of, as one line. */
static void
missing_line(struct doc *d, const struct attempt *a)
{
    int32_t last = a->number, first = a->number - a->missing + 1;
    doc_line(d);
    if (first == last)
        doc_put(d, ROLE_DIM, tr(" %d not seen: only the restart count tells of it"), last);
    else
        doc_put(d, ROLE_DIM, tr(" %d–%d not seen: only the restart count tells of them"), first,
                last);
}

/* "attempts 1–3 were recorded by initwatch; the API keeps only 4 and 5" */
static void
origin_line(struct doc *d, const struct attempt *list, size_t n)
{
    int32_t first = INT32_MAX, last = -1;
    unsigned gone = 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i].from_api)
            continue;
        first = IW_MIN(first, list[i].number);
        last = IW_MAX(last, list[i].number);
        gone++;
    }
    if (gone == 0)
        return;
    doc_line(d);
    if (first == last)
        doc_put(d, ROLE_DIM, tr(" attempt %d: seen in this session, forgotten by the cluster"),
                first + 1);
    else
        doc_put(d, ROLE_DIM, tr(" attempts %d–%d: seen in this session, forgotten by the cluster"),
                first + 1, last + 1);
}

/* The same thing was said last by all ended runs whose log is known: that is the news of them all. */
static void
same_last_line(struct doc *d, const struct view_env *env, const struct pod *pod,
               const struct container *c, const struct attempt *list, size_t n)
{
    struct strbuf first, other;
    struct log_run run;
    char last[sizeof(run.last)] = "";
    unsigned known = 0, ended = 0;
    bool same = true;
    strbuf_init(&first, LAST_LINE_BYTES);
    strbuf_init(&other, LAST_LINE_BYTES);
    for (size_t i = 0; i < n && same; i++) {
        if (!list[i].ended)
            continue;
        ended++;
        if (!attempt_run(env, pod, c, &list[i], &run) || !run.last[0])
            continue;
        struct strbuf *norm = known++ == 0 ? &first : &other;
        strbuf_clear(norm);
        logline_normalise(norm, run.last, strlen(run.last));
        if (norm == &first)
            snprintf(last, sizeof(last), "%s", run.last);
        else
            same = first.len == other.len && memcmp(first.data, other.data, first.len) == 0;
    }
    if (same && known >= 2) {
        char quoted[sizeof(last) + 8];
        size_t len;
        iw_autofree char *plain = podpane_plain(last, strlen(last), &len);
        doc_line(d);
        if (known == ended)
            doc_put(d, ROLE_WARN, tr(" Same last line in all %u attempts:"), known);
        else
            doc_put(d, ROLE_WARN, tr(" Same last line in the %u attempts whose log is known:"),
                    known);
        snprintf(quoted, sizeof(quoted), "\"%s\"", plain);
        doc_line(d);
        doc_put(d, ROLE_TEXT, "   ");
        doc_wrap(d, ROLE_TEXT, 4, 3, quoted);
    }
    strbuf_free(&first);
    strbuf_free(&other);
}

bool
podpane_attempts(struct doc *d, const struct view_env *env, const struct pod *pod,
                 const struct container *c, int64_t now_ms)
{
    const struct timeline *timeline = store_timeline(env->store, env->pod);
    struct attempt *list = iw_calloc(ATTEMPTS_MAX, sizeof(*list));
    size_t n = timeline ? timeline_attempts(timeline, pod, c, list, ATTEMPTS_MAX) : 0;
    bool inferred = false;
    if (n > 0)
        attempts_heading(d);
    for (size_t i = 0; i < n && i < ATTEMPTS_SHOWN; i++) {
        char cause[80];
        attempt_line(d, env, pod, c, &list[i], now_ms);
        if (list[i].missing > 0)
            missing_line(d, &list[i]);
        attempt_cause(env, pod, c, &list[i], cause, sizeof(cause));
        inferred |= strlen(cause) > 2 && strcmp(cause + strlen(cause) - 2, " ~") == 0;
    }
    if (n > ATTEMPTS_SHOWN) {
        unsigned older = (unsigned)(n - ATTEMPTS_SHOWN);
        doc_line(d);
        if (older == 1)
            doc_put(d, ROLE_DIM, "%s", tr(" 1 older attempt: l has it, too"));
        else
            doc_put(d, ROLE_DIM, tr(" %u older attempts: l has them all"), older);
    }
    if (inferred && d->width >= 60) {
        doc_line(d);
        doc_put(d, ROLE_DIM, "%s", tr(" ~ inferred from its length and Unhealthy events"));
    }
    origin_line(d, list, n);
    same_last_line(d, env, pod, c, list, n);
    free(list);
    return n > 0;
}
