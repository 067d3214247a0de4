/* container: names, exit texts, restarts, back-off, and which log instance a request means.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/container.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "text_is.h"

/* Crash back-off of the kubelet (SEMANTICS D.5): the first restart is immediate, then 10 s doubling
 * to 5 min; a run of more than 10 min starts the count anew. */
#define BACKOFF_FIRST_MS 10000
#define BACKOFF_CAP_MS 300000
#define BACKOFF_RESET_MS 600000

enum container_phase
container_phase(const struct container *c)
{
    const struct container_status *status = c->status;
    if (!status)
        return CONTAINER_UNKNOWN;
    if (status->state.running)
        return CONTAINER_RUNNING;
    if (status->state.terminated)
        return CONTAINER_TERMINATED;
    /* No member set means waiting (API convention). */
    return CONTAINER_WAITING;
}

const char *
container_kind_name(enum container_kind kind)
{
    static const char *const names[CONTAINER_KIND_COUNT] = {"init", "sidecar", "app", "ephemeral"};
    return (unsigned)kind < CONTAINER_KIND_COUNT ? names[kind] : "?";
}

const char *
container_kind_word(enum container_kind kind)
{
    return tr(container_kind_name(kind));
}

const char *
container_phase_name(enum container_phase phase)
{
    static const char *const names[CONTAINER_PHASE_COUNT] = {"unknown", "waiting", "running",
                                                             "terminated"};
    return (unsigned)phase < CONTAINER_PHASE_COUNT ? names[phase] : "?";
}

/* Signal numbers of Linux on every architecture Kubernetes runs on. Ref: signal(7). */
const char *
container_signal_name(int signal)
{
    static const char *const names[] = {
        [1] = "SIGHUP",   [2] = "SIGINT",   [3] = "SIGQUIT",  [4] = "SIGILL",   [5] = "SIGTRAP",
        [6] = "SIGABRT",  [7] = "SIGBUS",   [8] = "SIGFPE",   [9] = "SIGKILL",  [10] = "SIGUSR1",
        [11] = "SIGSEGV", [12] = "SIGUSR2", [13] = "SIGPIPE", [14] = "SIGALRM", [15] = "SIGTERM",
        [24] = "SIGXCPU", [25] = "SIGXFSZ", [31] = "SIGSYS",
    };
    if (signal < 0 || (size_t)signal >= IW_COUNTOF(names) || !names[signal])
        return "";
    return names[signal];
}

void
container_exit_text(const struct container_end *end, char *out, size_t out_size)
{
    int code = end->exit_code;
    const char *reason = end->reason;
    const char *signal = container_signal_name(end->signal  ? end->signal
                                               : code > 128 ? code - 128
                                                            : 0);
    if (text_is(reason, "OOMKilled") && code == 137)
        (void)snprintf(out, out_size, "OOMKilled");
    else if (text_is(reason, "OOMKilled"))
        /* A child was killed for memory; the container's own code is another one. */
        (void)snprintf(out, out_size, tr("OOMKilled, exit %d"), code);
    else if (text_is(reason, "ContainerStatusUnknown"))
        (void)snprintf(out, out_size, tr("result lost (ContainerStatusUnknown)"));
    else if (text_is(reason, "RestartingAllContainers"))
        (void)snprintf(out, out_size, tr("removed to restart all containers"));
    else if (text_is(reason, "Unknown") && code == 255)
        (void)snprintf(out, out_size, tr("lost by the container runtime (255)"));
    else if (text_is(reason, "StartError") || text_is(reason, "ContainerCannotRun"))
        (void)snprintf(out, out_size, tr("could not start (%d)"), code);
    else if (end->signal != 0 && *signal)
        (void)snprintf(out, out_size, tr("%s (signal %d)"), signal, (int)end->signal);
    else if (end->signal != 0)
        (void)snprintf(out, out_size, tr("signal %d"), (int)end->signal);
    else if (code == 126)
        (void)snprintf(out, out_size, tr("exit 126: not executable"));
    else if (code == 127)
        (void)snprintf(out, out_size, tr("exit 127: command not found"));
    else if (*signal)
        (void)snprintf(out, out_size, "%s (%d)", signal, code);
    else
        (void)snprintf(out, out_size, tr("exit %d"), code);
}

static bool
rule_matches(const struct restart_rule *rule, int32_t code)
{
    bool found = false;
    for (uint32_t i = 0; i < rule->code_count; i++)
        found = found || rule->codes[i] == code;
    if (text_is(rule->op, "In"))
        return found;
    return text_is(rule->op, "NotIn") && !found;
}

bool
container_restarts_after(const struct container *c, const char *pod_policy, int32_t code)
{
    if (c->kind == CONTAINER_EPHEMERAL)
        return false;
    const char *policy = pod_policy;
    if (*c->restart_policy) {
        for (uint32_t i = 0; i < c->rule_count; i++)
            if (rule_matches(&c->rules[i], code) &&
                (text_is(c->rules[i].action, "RestartAllContainers") ||
                 (text_is(c->rules[i].action, "Restart") &&
                  (c->kind != CONTAINER_INIT || code != 0))))
                return true;
        policy = c->restart_policy;
    }
    /* An init container that succeeded is done under every policy (SEMANTICS D.3). */
    if (c->kind == CONTAINER_INIT && code == 0)
        return false;
    if (text_is(policy, "Never"))
        return false;
    return text_is(policy, "OnFailure") ? code != 0 : true;
}

/* The delay after the run with this number, if nothing ever reset the count. */
static int64_t
backoff_after_run(int32_t number)
{
    int64_t delay_ms = 0;
    for (int32_t i = 0; i < number && delay_ms < BACKOFF_CAP_MS; i++)
        delay_ms = delay_ms == 0 ? BACKOFF_FIRST_MS : IW_MIN(delay_ms * 2, BACKOFF_CAP_MS);
    return delay_ms;
}

static bool
run_was_long(const struct container_end *end)
{
    return end->started_ms > 0 && end->finished_ms != IW_TIME_NONE &&
           end->finished_ms - end->started_ms > BACKOFF_RESET_MS;
}

/* restartCount never goes down, but a long run resets the back-off; the pause between the two last
 * runs tells where in the series it was. The smaller of both estimates is right. */
static int64_t
backoff_derive(const struct container_status *status, const struct container_end *end,
               const struct container_end *before)
{
    if (run_was_long(end))
        return 0;
    int64_t delay_ms = backoff_after_run(status->restart_count);
    if (!before || delay_ms == 0)
        return delay_ms;
    if (run_was_long(before))
        return BACKOFF_FIRST_MS;
    if (before->finished_ms == IW_TIME_NONE || end->started_ms <= 0)
        return delay_ms;
    int64_t pause_ms = end->started_ms - before->finished_ms;
    int64_t waited_ms = 0;
    for (int32_t run = 1; waited_ms < BACKOFF_CAP_MS; run++) {
        /* Whole seconds in the status: a pause of 10 s can read as 9. */
        if (backoff_after_run(run) > pause_ms + 1000)
            break;
        waited_ms = backoff_after_run(run);
    }
    int64_t next_ms = waited_ms == 0 ? BACKOFF_FIRST_MS : IW_MIN(waited_ms * 2, BACKOFF_CAP_MS);
    return IW_MIN(delay_ms, next_ms);
}

/* "back-off 1m20s restarting failed container=..." -> 80000; -1 when it says something else. */
static int64_t
backoff_parse(const char *message)
{
    static const char start[] = "back-off ";
    if (strncmp(message, start, sizeof(start) - 1) != 0)
        return -1;
    const char *text = message + sizeof(start) - 1;
    size_t len = strcspn(text, " ");
    char delay[32];
    int64_t delay_ms;
    if (len == 0 || len >= sizeof(delay))
        return -1;
    memcpy(delay, text, len);
    delay[len] = '\0';
    return duration_parse(delay, &delay_ms, NULL) == IW_OK && delay_ms >= 0 ? delay_ms : -1;
}

struct container_backoff
container_backoff_now(const struct container *c, const char *pod_policy, int64_t now_wall_ms)
{
    struct container_backoff none = {.next_ms = IW_TIME_NONE};
    struct container_backoff out = none;
    const struct container_status *status = c->status;
    (void)now_wall_ms; /* the delay runs from the exit; the kubelet may be late, so it never ends by
                          itself */
    if (!status || status->state.running)
        return none;
    const struct container_end *end = &status->state.end;
    if (status->state.terminated) {
        bool failed_init = c->kind == CONTAINER_INIT && text_is(end->reason, "OOMKilled");
        if (!container_restarts_after(c, pod_policy, end->exit_code) &&
            !(failed_init && container_restarts_after(c, pod_policy, 137)))
            return none;
        out.delay_ms =
            backoff_derive(status, end, status->last->terminated ? &status->last->end : NULL);
    } else if (text_is(status->state.waiting_reason, "CrashLoopBackOff")) {
        end = status->last->terminated ? &status->last->end : NULL;
        out.delay_ms = backoff_parse(status->state.waiting_message);
        out.known = out.delay_ms >= 0;
        if (!out.known)
            out.delay_ms = IW_MAX(backoff_after_run(status->restart_count), BACKOFF_FIRST_MS);
    } else {
        return none;
    }
    if (out.delay_ms == 0)
        return none;
    out.active = true;
    if (end && end->finished_ms != IW_TIME_NONE)
        out.next_ms = end->finished_ms + out.delay_ms;
    return out;
}

static struct log_choice
log_nothing(const char *why, const char *detail)
{
    struct log_choice out = {.ask = LOG_ASK_NOTHING,
                             .attempt = -1,
                             .container_id = "",
                             .started_ms = IW_TIME_NONE,
                             .finished_ms = IW_TIME_NONE};
    (void)snprintf(out.sentence, sizeof(out.sentence), "%s%s%s", why, *detail ? ": " : "", detail);
    return out;
}

/* An instance that has ended. number counts from 0; people count from 1. */
static struct log_choice
log_ended(enum log_ask ask, int32_t number, const struct container_end *end, const char *which)
{
    struct log_choice out = {.ask = ask,
                             .attempt = number,
                             .container_id = end->container_id,
                             .started_ms = end->started_ms,
                             .finished_ms = end->finished_ms,
                             .ended = true,
                             .exit_code = end->exit_code};
    char exit_text[96];
    container_exit_text(end, exit_text, sizeof(exit_text));
    (void)snprintf(out.sentence, sizeof(out.sentence), tr("%s (try %lld), %s"), which,
                   (long long)IW_MAX(number, 0) + 1, exit_text);
    return out;
}

static struct log_choice
log_running(const struct container_status *status)
{
    struct log_choice out = {.ask = LOG_ASK_PLAIN,
                             .follow = true,
                             .attempt = status->restart_count,
                             .container_id = status->container_id,
                             .started_ms = status->state.running_since_ms,
                             .finished_ms = IW_TIME_NONE};
    (void)snprintf(out.sentence, sizeof(out.sentence), tr("running now (try %lld)"),
                   (long long)status->restart_count + 1);
    return out;
}

/* The run before the one the state shows. */
static struct log_choice
log_before(const struct container_status *status)
{
    if (status->last->terminated && *status->last->end.container_id)
        return log_ended(LOG_ASK_PREVIOUS, IW_MAX(status->restart_count - 1, 0), &status->last->end,
                         tr("the run before"));
    if (status->restart_count > 0)
        return log_nothing(tr("the cluster no longer knows the run before"), "");
    return log_nothing(tr("no earlier run: this is the first"), "");
}

/* Waiting: with a dead run behind it both requests mean that run; only "previous" cannot be
 * overtaken by a start meanwhile (ARCHITECTURE 3.10). */
static struct log_choice
log_waiting(const struct container_status *status)
{
    const struct container_state *state = &status->state;
    if (status->last->terminated && *status->last->end.container_id)
        return log_ended(LOG_ASK_PREVIOUS, status->restart_count, &status->last->end,
                         tr("last run"));
    if (status->last->terminated)
        return log_nothing(tr("the last run left no log on the node"), "");
    if (text_is(state->waiting_reason, "ErrImagePull") ||
        text_is(state->waiting_reason, "ImagePullBackOff"))
        return log_nothing(tr("no log yet, the image cannot be pulled"), state->waiting_reason);
    return log_nothing(tr("no log yet, it has not started"),
                       *state->waiting_reason ? state->waiting_reason : tr("being created"));
}

struct log_choice
container_log_choice(const struct container *c, enum log_want want)
{
    const struct container_status *status = c->status;
    switch (container_phase(c)) {
    case CONTAINER_UNKNOWN:
    case CONTAINER_PHASE_COUNT:
        return log_nothing(tr("no log yet, no node has reported this container"), "");
    case CONTAINER_WAITING:
        return log_waiting(status);
    case CONTAINER_RUNNING:
        return want == LOG_WANT_PREVIOUS ? log_before(status) : log_running(status);
    case CONTAINER_TERMINATED:
        break;
    }
    if (want == LOG_WANT_PREVIOUS)
        return log_before(status);
    struct log_choice out =
        log_ended(LOG_ASK_PLAIN, status->restart_count, &status->state.end, tr("last run"));
    if (!*out.container_id)
        out.container_id = status->container_id;
    return out;
}
