/* script: what one container of the demo does: how long its image takes, what each run prints and
 * how it ends, what its probes answer, how it takes SIGTERM.
 *
 * A script comes from scenario.yaml, or is guessed from the container's command (sleep, echo, exit,
 * wait loops). Logs are never stored: a line is a function of the script and the moment the run
 * started.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_SCRIPT_H
#define INITWATCH_DEMO_SCRIPT_H

#include <jansson.h>

#include "initwatch/base/error.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"

#define SCRIPT_FOREVER INT64_MAX
#define SCRIPT_LINES_MAX 48

enum script_when { SCRIPT_WHEN_START, SCRIPT_WHEN_END, SCRIPT_WHEN_TERM };

/* One line of output: at an offset from the start, the end or SIGTERM; perhaps repeated. In the
 * text {n} is the number of the repetition from 1, {attempt} the restart count, {time} the moment,
 * {r} a number below 100. */
struct script_line {
    enum script_when when;
    int64_t at_ms, every_ms; /* every 0: once */
    int64_t times;           /* 0: until the run ends */
    char *text;
};

enum script_need { SCRIPT_NEED_NOTHING, SCRIPT_NEED_NAME, SCRIPT_NEED_ENDPOINT };

struct script_run {
    int64_t takes_ms; /* SCRIPT_FOREVER: until it is stopped */
    int exit_code;
    char *reason;  /* NULL: Completed or Error */
    char *message; /* terminated.message, may be NULL */
    /* A wait loop: ends at the first poll at which the service is there. */
    enum script_need need;
    char *service; /* its name, as the pod would look it up */
    int port;      /* 0: any */
    int64_t poll_ms;
    VEC(struct script_line) lines;
};

enum script_probe {
    SCRIPT_PROBE_STARTUP,
    SCRIPT_PROBE_READINESS,
    SCRIPT_PROBE_LIVENESS,
    SCRIPT_PROBE_COUNT
};

/* From `from_ms` after the start on, the probe answers this. */
struct script_answer {
    int64_t from_ms;
    bool ok;
    char *message;
};

struct script {
    unsigned refs;
    VEC(struct script_run) runs; /* the last one repeats */
    VEC(struct script_answer) answers[SCRIPT_PROBE_COUNT];
    int64_t pull_ms; /* 0: the image is on the node */
    int64_t image_bytes;
    char *pull_error;    /* the registry's answer; NULL: the pull works */
    int pull_failures;   /* that many pulls fail; 0 with pull_error: all */
    char *inspect_error; /* the runtime's answer when asked for the image (ImageInspectError) */
    char *create_error; /* the runtime's answer at creation (CreateContainerError); NULL: created */
    char *start_error;  /* the runtime's answer at start (RunContainerError); NULL: starts */
    char *post_start_error; /* what the postStart hook fails with; NULL: it works */
    int64_t term_ms;        /* SIGTERM to exit; SCRIPT_FOREVER: ignores it until SIGKILL */
    int term_exit;
    int64_t pre_stop_ms, post_start_ms;
};

/* From a container's entry in scenario.yaml (borrowed). New in *out (script_unref). */
IW_NODISCARD enum iw_err script_from_scenario(json_t *entry, const json_t *container, bool is_init,
                                              struct script **out, struct iw_error *err);
/* From the container itself: recognised commands do what they say; an unknown init step takes 3 s,
 * an unknown application runs until it is stopped. New. */
struct script *script_from_command(const json_t *container, bool is_init) IW_NODISCARD;
struct script *script_ref(struct script *script);
void script_unref(struct script *script);

/* A copy that does in every run what `script` does in that attempt. New. */
struct script *script_single(const struct script *script, int attempt) IW_NODISCARD;
/* One more line at the end of a run; takes text. */
void script_add_end_line(struct script_run *run, char *text);
/* The probe fails with that message until ok_from_ms after the start (0: for ever). */
void script_set_answers(struct script *script, enum script_probe probe, int64_t ok_from_ms,
                        const char *message);

/* The run of that attempt; never NULL. Borrowed. */
const struct script_run *script_run_at(const struct script *script, int attempt);
/* The answer of a probe so long after the start; NULL: nothing scripted, the probe passes.
 * Borrowed. */
const struct script_answer *script_answer_at(const struct script *script, enum script_probe probe,
                                             int64_t since_start_ms);
/* Read a member that holds Go duration text or whole seconds; `missing` when absent or not
 * readable. */
int64_t script_duration(const json_t *object, const char *member, int64_t missing_ms);

#endif
