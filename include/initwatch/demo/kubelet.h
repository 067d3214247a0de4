/* kubelet: the rules of a kubelet, pure. What a pod's status is, what to do next, and what one
 * start attempt runs into; the caller owns the runtime, the clock and the events' way.
 *
 * The simulator and the tests against the recorded behaviour of the real kubelet drive the same
 * functions. Ref: SEMANTICS parts D and E; kubelet kuberuntime_manager computePodActions and
 * SyncPod, kubelet_pods generateAPIPodStatus, status generate.go, image_manager EnsureImageExists.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_KUBELET_H
#define INITWATCH_DEMO_KUBELET_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define KUBELET_NO_TIME INT64_MIN
#define KUBELET_CONTAINERS_MAX 40
#define KUBELET_RECORDS_MAX 160
/* SEMANTICS D.5: initial delay, cap, and the quiet time after which a back-off is forgotten. */
#define KUBELET_BACKOFF_FIRST_MS 10000
#define KUBELET_BACKOFF_CAP_MS 300000
#define KUBELET_BACKOFF_FORGET_MS 600000

enum kubelet_role { KUBELET_INIT, KUBELET_SIDECAR, KUBELET_APP, KUBELET_EPHEMERAL };
enum kubelet_state { KUBELET_CREATED, KUBELET_RUNNING, KUBELET_EXITED, KUBELET_UNKNOWN };
enum kubelet_probe { KUBELET_STARTUP, KUBELET_READINESS, KUBELET_LIVENESS, KUBELET_PROBES };
/* KUBELET_NO_RESULT: no probe worker has seen this run yet. */
enum kubelet_result { KUBELET_NO_RESULT, KUBELET_UNDECIDED, KUBELET_SUCCESS, KUBELET_FAILURE };
enum kubelet_phase { KUBELET_PENDING, KUBELET_RUN, KUBELET_SUCCEEDED, KUBELET_FAILED };

/* What the runtime knows of one run. Texts are borrowed. */
struct kubelet_record {
    size_t container;
    enum kubelet_state state;
    int exit_code, attempt, sandbox;
    const char *reason, *message; /* NULL: none */
    const char *id;               /* with the runtime's name in front */
    const char *image, *image_id;
    int64_t created_ms;
    int64_t started_ms, finished_ms; /* KUBELET_NO_TIME: it never did */
    bool changed;                    /* the definition is another one since */
};

struct kubelet_backoff {
    int64_t delay_ms, updated_ms; /* delay 0: no entry */
};

/* What a kubelet remembers of a container between syncs. */
struct kubelet_memory {
    const char *fail_reason; /* of the last start; NULL: it worked. Static text */
    char *fail_message;
    struct kubelet_backoff crash, pull;
    char *pull_error; /* "ErrImagePull: text" of the last failed pull */
    char *image;      /* that the back-offs are about */
};

struct kubelet_container {
    const json_t *spec;
    const char *name, *image, *policy; /* policy NULL: the pod's */
    enum kubelet_role role;
    bool has_probe[KUBELET_PROBES], has_post_start;
    enum kubelet_result result[KUBELET_PROBES]; /* of the newest record */
    struct kubelet_memory *memory;
};

struct kubelet_sandbox {
    bool exists, ready;
    int attempt; /* of the newest */
};

/* Everything a sync looks at. The lists are borrowed, containers in the order init, app,
 * ephemeral; records newest first. */
struct kubelet_pod {
    const char *ns, *name, *uid;
    const char *policy; /* Always, OnFailure, Never */
    const json_t *spec;
    const json_t *previous; /* the status written last; NULL: none */
    int64_t generation, now_ms;
    bool deleting; /* has a deletionTimestamp */
    bool over;     /* no container runs any more, and none will be started */
    struct kubelet_container c[KUBELET_CONTAINERS_MAX];
    size_t inits, apps, count;
    const struct kubelet_record *records;
    size_t records_len;
    struct kubelet_sandbox sandbox;
    void *ctx;
    /* The text of a moment; new reference. */
    json_t *(*time_json)(void *ctx, int64_t t_ms);
    /* container NULL: the event is the pod's. */
    void (*event)(void *ctx, const char *type, const char *reason, const char *container,
                  const char *message);
    bool (*image_present)(void *ctx, const struct kubelet_container *container);
    /* What the runtime answers instead of looking the image up, NULL: it does. May be NULL. */
    const char *(*inspect_error)(void *ctx, const struct kubelet_container *container);
};

/* Take containers, policy and probes from the spec (borrowed, must outlive the pod). Memory is left
 * NULL. False: too many containers. */
bool kubelet_pod_read(struct kubelet_pod *pod, const json_t *object);
void kubelet_memory_free(struct kubelet_memory *memory);

/* --- questions --- */
const struct kubelet_record *kubelet_newest(const struct kubelet_pod *pod, size_t container);
/* D.4, for a pod that is not being deleted. */
bool kubelet_may_restart(const struct kubelet_pod *pod, size_t container, int exit_code);
/* D.2 */
bool kubelet_needs_sandbox(const struct kubelet_pod *pod);
/* Some rule of the pod restarts all containers, and a record says it applies now. */
bool kubelet_has_restart_all(const struct kubelet_pod *pod);
bool kubelet_restart_all_is_due(const struct kubelet_pod *pod);
bool kubelet_triggers_restart_all(const struct kubelet_pod *pod,
                                  const struct kubelet_record *record);

/* --- status (D.6, D.7, D.8) --- */
/* phase, conditions and the three lists of container statuses. New reference. */
json_t *kubelet_status(const struct kubelet_pod *pod);
/* The last status of a pod that is over: what never ended is said to be lost, and a phase that is
 * none of the two last ones becomes Failed (D.7, 7). Changes `status`. */
void kubelet_status_end(const struct kubelet_pod *pod, json_t *status);
const char *kubelet_phase_name(enum kubelet_phase phase);
enum kubelet_phase kubelet_phase_of(const json_t *status);

/* --- actions (D.2, D.3) --- */
struct kubelet_kill {
    size_t container;
    const char *reason; /* StartupProbe, LivenessProbe, Unknown, or "" */
    char message[320];
    bool probe; /* the probe's own grace counts */
};
struct kubelet_actions {
    bool kill_pod, create_sandbox;
    int attempt;
    size_t start[KUBELET_CONTAINERS_MAX], start_len; /* ephemeral, then init or app, in order */
    struct kubelet_kill kill[KUBELET_CONTAINERS_MAX];
    size_t kill_len;
    size_t reset[KUBELET_RECORDS_MAX], reset_len; /* records to remove, by index */
};
void kubelet_plan(const struct kubelet_pod *pod, struct kubelet_actions *out);

/* --- one sync, step by step --- */
/* What the caller has to do before it asks for the next step. */
enum kubelet_step {
    KUBELET_DONE,
    KUBELET_STOP_POD,     /* stop all containers and the sandbox; the sync is over or goes on */
    KUBELET_PURGE_INITS,  /* forget all records of init containers */
    KUBELET_MAKE_SANDBOX, /* may fail */
    KUBELET_STOP,         /* stop sync->container; the event is said */
    KUBELET_RESET,        /* stop without grace and forget sync->record (an index at the plan) */
    KUBELET_PRUNE,        /* forget sync->record (an index at the plan) */
    KUBELET_PULL,         /* may fail */
    KUBELET_CREATE,       /* may fail */
    KUBELET_CONFIGURE,    /* may fail; nothing happens in the runtime */
    KUBELET_START,        /* may fail, which leaves an exited record */
    KUBELET_POST_START,   /* may fail */
};
struct kubelet_failure {
    size_t container;
    const char *reason;
    char *message;
};
struct kubelet_sync {
    struct kubelet_actions actions;
    enum kubelet_step step;
    size_t at, container, record;
    size_t prune[KUBELET_RECORDS_MAX], prune_len; /* old dead records of init containers */
    bool running[KUBELET_CONTAINERS_MAX];         /* at the plan */
    size_t of_record[KUBELET_RECORDS_MAX];        /* the container, at the plan */
    int attempt[KUBELET_CONTAINERS_MAX];          /* of the next run */
    int64_t last_exit_ms[KUBELET_CONTAINERS_MAX]; /* KUBELET_NO_TIME: no dead record */
    int64_t pull_began_ms, image_bytes;           /* bytes: set by the caller with a good pull */
    bool begun;
    char *hook_error; /* while the container is stopped for it */
    struct kubelet_failure failed[KUBELET_CONTAINERS_MAX];
    size_t failed_len;
    char *sandbox_error;
};
void kubelet_sync_begin(const struct kubelet_pod *pod, struct kubelet_sync *sync);
/* `error` says how the step before failed (NULL: it worked). */
enum kubelet_step kubelet_sync_next(const struct kubelet_pod *pod, struct kubelet_sync *sync,
                                    const char *error);
void kubelet_sync_free(struct kubelet_sync *sync);
/* Announce the stop of every running container, as a termination and a sync do. */
void kubelet_say_stopping(const struct kubelet_pod *pod);

/* --- termination (D.10) --- */
struct kubelet_stop {
    bool running;        /* when the termination begins */
    int64_t pre_stop_ms; /* 0: no hook */
    int64_t term_ms;     /* from SIGTERM to the exit; INT64_MAX: ignores it */
    int64_t own_end_ms;  /* when it ends by itself anyway; 0: never */
    /* found */
    int64_t called_ms, grace_ms, ended_ms; /* from the beginning on */
    bool killed;                           /* SIGKILL */
};
/* When each container is stopped and ends, if the termination begins at 0 with that grace. `stops`
 * has one entry per container of the pod. Returns when the last one has ended. */
int64_t kubelet_stop_plan(const struct kubelet_pod *pod, struct kubelet_stop *stops,
                          int64_t grace_ms);

#endif
