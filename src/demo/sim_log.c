/* sim_log: what containers print, computed from the script when somebody reads it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/strmap.h"
#include "sim_internal.h"

static const struct sim_run_record *
find_run(const struct sim_log *log)
{
    const struct sim_container *c = &log->pod->c[log->container];
    for (int i = 0; i < c->runs; i++) {
        if (c->run[i].attempt == log->attempt)
            return &c->run[i];
    }
    return NULL;
}

/* Does the status as it was published last say that the container waits? */
static bool
status_waits(const struct sim_pod *pod, const char *container)
{
    static const char *const lists[] = {"initContainerStatuses", "containerStatuses"};
    for (size_t list = 0; list < IW_COUNTOF(lists); list++) {
        size_t i;
        json_t *status;
        json_array_foreach(json_object_get(pod->status, lists[list]), i, status)
        {
            const char *name = json_string_value(json_object_get(status, "name"));
            if (name && strcmp(name, container) == 0)
                return json_object_get(json_object_get(status, "state"), "waiting") != NULL;
        }
    }
    return false;
}

enum sim_log_pick
sim_log_open(struct sim *sim, struct sim_pod *pod, const char *container, bool previous,
             struct sim_log *log, const char **reason)
{
    (void)sim;
    memset(log, 0, sizeof(*log));
    size_t at = 0;
    while (at < pod->count && strcmp(pod->c[at].name, container) != 0)
        at++;
    if (at == pod->count)
        return SIM_LOG_NO_CONTAINER;
    const struct sim_container *c = &pod->c[at];
    if (pod->node < 0)
        return SIM_LOG_UNSCHEDULED;
    /* While the status says "waiting", the dead run is lastState: it is then both the last and the previous one. In most of a
     * back-off it says "terminated", and previous means the run before that. */
    bool waiting = c->runs > 0 && !sim_container_is_running(c) && status_waits(pod, container);
    int which = previous && !waiting ? 1 : 0;
    if (previous && c->runs <= which)
        return SIM_LOG_NO_PREVIOUS;
    if (c->runs == 0) {
        *reason = c->memory.fail_reason ? c->memory.fail_reason
                  : pod->inits > 0      ? "PodInitializing"
                                        : "ContainerCreating";
        return SIM_LOG_WAITING;
    }
    log->pod = sim_pod_ref(pod);
    log->container = at;
    log->attempt = c->run[which].attempt;
    return SIM_LOG_OK;
}

void
sim_log_close(struct sim_log *log)
{
    sim_pod_unref(log->pod);
    log->pod = NULL;
}

/* When repetition n (from 0) of a line is written; SIM_NEVER: not known, or never. */
static int64_t
line_time(const struct script_line *line, const struct sim_run_record *run, int64_t n)
{
    if (n > 0 && (line->every_ms <= 0 || (line->times > 0 && n >= line->times)))
        return SIM_NEVER;
    int64_t base_ms = run->started_ms;
    bool stopped = run->term_ms != SIM_NEVER;
    if (line->when == SCRIPT_WHEN_TERM)
        base_ms = run->term_ms;
    else if (line->when == SCRIPT_WHEN_END)
        base_ms = run->finished_ms != SIM_NEVER && !stopped ? run->finished_ms : SIM_NEVER;
    if (base_ms == SIM_NEVER)
        return SIM_NEVER;
    int64_t t_ms =
        line->when == SCRIPT_WHEN_END ? base_ms : base_ms + line->at_ms + n * line->every_ms;
    int64_t over_ms = line->when == SCRIPT_WHEN_START && stopped ? run->term_ms : run->finished_ms;
    bool late = line->every_ms > 0 ? t_ms >= over_ms : t_ms > over_ms;
    return over_ms != SIM_NEVER && late ? SIM_NEVER : t_ms;
}

/* The line that is written next, and when. */
static int64_t
next_line(const struct sim_log *log, const struct sim_run_record *run, size_t *which)
{
    (void)log;
    const struct script_run *plan = script_run_at(run->script, run->attempt);
    int64_t first_ms = SIM_NEVER;
    for (size_t i = 0; i < plan->lines.len; i++) {
        int64_t t_ms = line_time(&plan->lines.items[i], run, log->next[i]);
        if (t_ms < first_ms) {
            first_ms = t_ms;
            *which = i;
        }
    }
    return first_ms;
}

bool
sim_log_next(struct sim *sim, struct sim_log *log, struct sim_log_line *line)
{
    const struct sim_run_record *run = find_run(log);
    if (!run) {
        log->ended = true;
        return false;
    }
    size_t which = 0;
    int64_t t_ms = next_line(log, run, &which);
    if (t_ms > sim->now_ms) {
        log->ended = run->finished_ms != SIM_NEVER || log->pod->gone;
        return false;
    }
    *line = (struct sim_log_line){.t_ms = t_ms, .line = which, .n = log->next[which]++};
    return true;
}

int64_t
sim_log_due_ms(struct sim *sim, struct sim_log *log)
{
    (void)sim;
    size_t which = 0;
    const struct sim_run_record *run = find_run(log);
    return run && !log->ended ? next_line(log, run, &which) : SIM_NEVER;
}

void
sim_log_text(struct sim *sim, const struct sim_log *log, const struct sim_log_line *line,
             struct strbuf *out)
{
    const struct sim_run_record *run = find_run(log);
    const struct script *script = run ? run->script : log->pod->c[log->container].script;
    const struct script_run *plan = script_run_at(script, log->attempt);
    /* the script may have been changed since the line was found */
    const char *p = line->line >= plan->lines.len ? "" : plan->lines.items[line->line].text;
    while (*p) {
        if (strncmp(p, "{n}", 3) == 0) {
            strbuf_addf(out, "%lld", (long long)line->n + 1);
            p += 3;
        } else if (strncmp(p, "{attempt}", 9) == 0) {
            strbuf_addf(out, "%d", log->attempt);
            p += 9;
        } else if (strncmp(p, "{r}", 3) == 0) {
            uint64_t state = strmap_hash(p) ^ (uint64_t)line->n * 2654435761u;
            strbuf_addf(out, "%d", (int)(sim_random(&state) % 100));
            p += 3;
        } else if (strncmp(p, "{time}", 6) == 0) {
            char text[40];
            rfc3339_format(sim_wall_ms(sim, line->t_ms), false, text);
            strbuf_adds(out, text);
            p += 6;
        } else {
            strbuf_addc(out, *p++);
        }
    }
}
