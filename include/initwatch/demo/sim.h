/* sim: a small kubelet, scheduler and controller in one. Pure: time is given from outside, no I/O.
 *
 * Time is `t_ms`, milliseconds of simulated time since the demo began; it may start below zero so
 * that some pods are old when the demo begins. Everything that a cluster would store goes to the
 * sink. Ref: kubelet kuberuntime computePodActions, status generation and back-off.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_SIM_H
#define INITWATCH_DEMO_SIM_H

#include <jansson.h>

#include "initwatch/base/error.h"
#include "initwatch/demo/kinds.h"
#include "initwatch/demo/script.h"

struct sim;
struct sim_pod;

#define SIM_NEVER INT64_MAX

struct sim_sink {
    void *ctx;
    /* A new version of an object (without kind and apiVersion). Takes `object`. What was told as
     * its spec and its labels never changes: another value is another tree. */
    void (*put)(void *ctx, enum demo_kind kind, json_t *object);
    /* The object is gone; `last` is its last version, borrowed. */
    void (*gone)(void *ctx, enum demo_kind kind, json_t *last);
};

struct sim_config {
    uint64_t seed;         /* of uids, suffixes and jitter */
    int64_t start_wall_ms; /* wall-clock moment of t = 0 */
    int64_t start_ms;      /* first moment, 0 or below */
    double speed;  /* simulated per real second; timestamps follow the real clock from t = 0 on */
    bool own_time; /* timestamps are those of the simulated clock at any speed */
    struct sim_sink sink;
};

struct sim *sim_new(const struct sim_config *config) IW_NODISCARD;
void sim_free(struct sim *sim);

int64_t sim_now_ms(const struct sim *sim);
/* The wall-clock moment that is written into objects for t. */
int64_t sim_wall_ms(const struct sim *sim, int64_t t_ms);
/* From t_ms on the simulated time runs `speed` times as fast as the clock on the wall, which shows
 * wall_ms then: after a pause or a change of speed. Moments before keep their text. */
void sim_clock_mark(struct sim *sim, int64_t t_ms, int64_t wall_ms, double speed);
/* When something happens next; SIM_NEVER when all is still. */
int64_t sim_next_due_ms(const struct sim *sim);
void sim_run_until(struct sim *sim, int64_t t_ms);
/* The same, but only that many steps of pods and controllers. False: there is more to do. */
bool sim_run_some(struct sim *sim, int64_t t_ms, unsigned steps);
/* A simulation that starts below t = 0 says nothing until this call sends everything that is there.
 */
void sim_publish_all(struct sim *sim);

/* Where the manifest comes from and how its containers behave. */
struct sim_apply {
    const char *namespace_default; /* for objects without one */
    json_t *scripts;               /* container name -> scenario entry; may be NULL; borrowed */
    json_t *pod_names;             /* owner name -> [pod names]; may be NULL; borrowed */
    const char *node;              /* wish for a node; may be NULL */
    unsigned scenario;             /* the number that its pods and objects carry; 0: none */
};
/* Apply one manifest document: a Pod, what owns pods, a List, or anything that is only stored. An
 * object that exists already is replaced; of a pod only the scheduling gates can go (else
 * IW_ERR_USAGE). IW_ERR_FORBIDDEN: a quota. `document` is borrowed. */
IW_NODISCARD enum iw_err sim_apply(struct sim *sim, const json_t *document,
                                   const struct sim_apply *how, struct iw_error *err);
/* Ask for the deletion of a pod; grace_s below 0 takes the pod's own. False when there is no such
 * pod. */
bool sim_delete_pod(struct sim *sim, const char *ns, const char *name, int64_t grace_s);
/* Delete any other object at once. False when there is no such object. */
bool sim_delete_object(struct sim *sim, enum demo_kind kind, const char *ns, const char *name);
/* Delete the pods of a scenario and what makes pods for it. */
void sim_delete_scenario(struct sim *sim, unsigned scenario);
/* Lose the pod's sandbox (a node reboot): all init containers run again. */
bool sim_lose_sandbox(struct sim *sim, const char *ns, const char *name);

/* Another behaviour for one container of a pod, from its present run on. */
enum sim_tinker_kind {
    SIM_TINKER_FAIL,  /* soon, with exit_code */
    SIM_TINKER_HANG,  /* it never ends, its probes fail */
    SIM_TINKER_TAKES, /* it ends well takes_ms after its start; what does not end is ready by then */
    SIM_TINKER_OK     /* as the scenario or its command says */
};
struct sim_tinker {
    enum sim_tinker_kind kind;
    int exit_code;
    int64_t takes_ms;
    bool all; /* of all pods of its owner, those to come too; a pod without one is alone */
};
/* IW_ERR_NOT_FOUND when there is no such pod or container. */
IW_NODISCARD enum iw_err sim_tinker(struct sim *sim, const char *ns, const char *pod,
                                    const char *container, const struct sim_tinker *how,
                                    struct iw_error *err);

/* Labels, annotations, finalizers and owners of a pod become those of `object` (borrowed), any
 * other object becomes `object` as a whole; its identity stays. False when there is none. */
bool sim_edit_object(struct sim *sim, enum demo_kind kind, const json_t *object);

/* The pod, borrowed until the next call that runs the simulation; NULL when there is none. */
struct sim_pod *sim_pod_find(struct sim *sim, const char *ns, const char *name);
struct sim_pod *sim_pod_ref(struct sim_pod *pod);
void sim_pod_unref(struct sim_pod *pod);
/* The pod as the API shows it now, without kind and apiVersion. New reference. */
json_t *sim_pod_object(struct sim *sim, struct sim_pod *pod) IW_NODISCARD;

/* --- logs --- */
enum sim_log_pick {
    SIM_LOG_OK,
    SIM_LOG_NO_CONTAINER, /* not in the spec */
    SIM_LOG_WAITING,      /* no run yet; *reason says why */
    SIM_LOG_NO_PREVIOUS,
    SIM_LOG_UNSCHEDULED,
};
struct sim_log {
    struct sim_pod *pod; /* a reference */
    size_t container;
    int attempt;
    int64_t next[SCRIPT_LINES_MAX]; /* repetitions already given, per line */
    bool ended;                     /* the run is over and all its lines were given */
};
struct sim_log_line {
    int64_t t_ms;
    size_t line;
    int64_t n;
};
/* Open the log of a container (the present or last run, or the one before). */
enum sim_log_pick sim_log_open(struct sim *sim, struct sim_pod *pod, const char *container,
                               bool previous, struct sim_log *log, const char **reason);
void sim_log_close(struct sim_log *log);
/* The next line written up to now. False when there is none yet (or `ended`). */
bool sim_log_next(struct sim *sim, struct sim_log *log, struct sim_log_line *line);
/* Append the text of a line, without newline. */
void sim_log_text(struct sim *sim, const struct sim_log *log, const struct sim_log_line *line,
                  struct strbuf *out);
/* When the next line comes; SIM_NEVER when that is not known. */
int64_t sim_log_due_ms(struct sim *sim, struct sim_log *log);

#endif
