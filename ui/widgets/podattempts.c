/* podattempts: the runs of a container that are known, newest first.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/probes.h"
#include "initwatch/ui/podpane.h"

#define ATTEMPTS_MAX 64

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

static void
attempt_line(struct doc *d, const struct view_env *env, const struct pod *pod,
             const struct container *c, const struct attempt *a, int64_t now_ms)
{
    char started[16] = "–", ran[16] = "–", end[64] = "", cause[80];
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
    bool probe = a->ended && strcmp(cause, a->end.reason) != 0;
    bool good = !a->ended || (a->end.exit_code == 0 && !probe);
    doc_line(d);
    doc_put(d, ROLE_TEXT, " %-3d %-9s %5s  ", IW_MIN(a->number, INT32_MAX - 1) + 1, started, ran);
    doc_field(d, 10, false, good ? ROLE_OK : ROLE_ERROR, end);
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, 18, false, probe ? ROLE_ERROR : ROLE_TEXT, cause);
    if (!a->from_api)
        doc_put(d, ROLE_DIM, " %s", tr("seen by initwatch"));
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

bool
podpane_attempts(struct doc *d, const struct view_env *env, const struct pod *pod,
                 const struct container *c, int64_t now_ms)
{
    const struct timeline *timeline = store_timeline(env->store, env->pod);
    struct attempt *list = iw_calloc(ATTEMPTS_MAX, sizeof(*list));
    size_t n = timeline ? timeline_attempts(timeline, pod, c, list, ATTEMPTS_MAX) : 0;
    bool inferred = false;
    if (n > 0) {
        doc_line(d);
        doc_put(d, ROLE_DIM, "%s", tr(" #   start       ran  end        why it ended"));
    }
    for (size_t i = 0; i < n; i++) {
        char cause[80];
        attempt_line(d, env, pod, c, &list[i], now_ms);
        if (list[i].missing > 0)
            missing_line(d, &list[i]);
        attempt_cause(env, pod, c, &list[i], cause, sizeof(cause));
        inferred |= strlen(cause) > 2 && strcmp(cause + strlen(cause) - 2, " ~") == 0;
    }
    if (inferred && d->width >= 60) {
        doc_line(d);
        doc_put(d, ROLE_DIM, "%s", tr(" ~ inferred from its length and Unhealthy events"));
    }
    free(list);
    return n > 0;
}
