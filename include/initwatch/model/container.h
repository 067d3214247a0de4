/* container: what one container is and was.
 *
 * A container's *spec* half comes from spec.initContainers / spec.containers /
 * spec.ephemeralContainers, its *status* half is the element of the same name in the matching
 * status list, or absent. All strings are borrowed from the pod record and never NULL.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_CONTAINER_H
#define INITWATCH_MODEL_CONTAINER_H

#include "initwatch/base/iwdef.h"

/* What a container is for. A sidecar is an entry of spec.initContainers with
 * restartPolicy Always and nothing else is one (SEMANTICS, conventions). */
enum container_kind {
    CONTAINER_INIT,
    CONTAINER_SIDECAR,
    CONTAINER_APP,
    CONTAINER_EPHEMERAL,
    CONTAINER_KIND_COUNT
};

/* Which list of spec and status it stands in. */
enum container_list { LIST_INIT, LIST_APP, LIST_EPHEMERAL, LIST_COUNT };

/* Resources by name, in the order of the object (JSON objects: as parsed). Amounts are kept
 * as the raw text and parsed by quantity.h when they are needed: nothing is lost that way. */
struct resource_item {
    const char *name;
    const char *text;
};
struct resource_list {
    const struct resource_item *items;
    uint32_t count;
    bool present; /* the member exists and is not null (it can still be empty) */
};

/* `terminated` of a state. */
struct container_end {
    int32_t exit_code;
    int32_t signal;
    const char *reason;
    const char *message;
    const char *container_id;
    int64_t started_ms;  /* wall, IW_TIME_NONE when null */
    int64_t finished_ms; /* wall, IW_TIME_NONE when null */
};

/* state or lastState. An object has at most one member set, but a peer may set several: the
 * printing rules of SEMANTICS A.2 look at each on its own, so all are kept. */
struct container_state {
    bool waiting, running, terminated; /* the member is present and not null */
    const char *waiting_reason;
    const char *waiting_message;
    int64_t running_since_ms; /* wall, IW_TIME_NONE when absent */
    struct container_end end;
};

/* Neither waiting, running nor ended. */
extern const struct container_state container_state_none;

/* What a status says about resources. */
struct status_resources {
    struct resource_list requests, limits; /* status.resources */
    struct resource_list allocated;        /* allocatedResources */
};
extern const struct status_resources status_resources_none;

struct container_status {
    const char *name;
    const char *image, *image_id, *container_id;
    struct container_state state;
    /* lastState; never NULL but in drafts: there NULL is none. So are the resources. */
    const struct container_state *last;
    const struct status_resources *resources;
    enum container_list list;
    int32_t restart_count;
    enum tristate started;
    bool ready;
    bool resources_present; /* status.resources exists and is not null */
};

enum probe_kind { PROBE_NONE, PROBE_EXEC, PROBE_HTTP, PROBE_TCP, PROBE_GRPC };
struct probe {
    enum probe_kind kind;
    /* "httpGet :15021/healthz/ready", "tcp :5432", "exec cat /tmp/ok", "grpc :9000" */
    const char *target;
    int32_t initial_delay_s, period_s, timeout_s, success_threshold, failure_threshold;
    int64_t grace_s; /* terminationGracePeriodSeconds of the probe, -1 when absent */
};

extern const struct probe probe_none;

struct container_mount {
    const char *volume, *path, *sub_path;
    bool read_only;
};
struct container_port {
    const char *name, *protocol;
    int32_t port;
};
/* An object this container needs before it can be created: env from a Secret, a ConfigMap. */
struct container_ref {
    const char *kind; /* "Secret" or "ConfigMap" */
    const char *name;
    const char *key; /* "" for envFrom */
    bool optional;
};
/* securityContext, of a container (what it states counts) or of the pod (for containers that state
 * nothing): who the process is and what it may. A pod states only user, group, fs_group and
 * non_root. */
struct security {
    int64_t user, group, fs_group;        /* runAsUser, runAsGroup, fsGroup; -1 when absent */
    const char *const *add, *const *drop; /* capabilities */
    uint32_t add_count, drop_count;
    enum tristate non_root, privileged, read_only_root, escalation;
};
extern const struct security security_none;

/* restartPolicyRules[]: on exit codes in (or not in) values, do action. */
struct restart_rule {
    const char *action; /* "Restart", "RestartAllContainers" */
    const char *op;     /* "In", "NotIn" */
    const int32_t *codes;
    uint32_t code_count;
};

struct container {
    const char *name, *image, *pull_policy;
    const char *restart_policy; /* the container's own, "" when absent */
    const char *const *command; /* command then args are separate arrays */
    const char *const *args;
    const struct restart_rule *rules;
    const struct container_mount *mounts;
    const struct container_port *ports;
    const struct container_ref *refs;
    const struct probe *startup, *readiness, *liveness; /* NULL, only in drafts, is none */
    const struct security *security;                    /* the same */
    struct resource_list requests, limits;
    const struct container_status *status; /* first status of that name in its list, or NULL */
    const void *shared; /* pod_seal's: what it has in common with containers of other pods */
    uint32_t command_count, arg_count, rule_count, mount_count, port_count, ref_count;
    enum container_kind kind;
    enum container_list list;
    uint16_t list_index; /* position in its spec list, 0-based */
    char tag[8];         /* "i1", "s2", "a1", "E1": numbered within its kind, in start order */
    bool post_start, pre_stop; /* has the hook */
};

/* The phase shown to people. A started sidecar that is running but not ready is RUNNING with
 * status->ready false; a container in back-off is WAITING or TERMINATED (see progress.h). */
enum container_phase {
    CONTAINER_UNKNOWN, /* no status yet */
    CONTAINER_WAITING,
    CONTAINER_RUNNING,
    CONTAINER_TERMINATED,
    CONTAINER_PHASE_COUNT
};
enum container_phase container_phase(const struct container *c);
const char *
container_kind_name(enum container_kind kind); /* "init", "sidecar", "app", "ephemeral" */
/* The same for people, in their language. */
const char *container_kind_word(enum container_kind kind);
const char *container_phase_name(enum container_phase phase); /* "waiting", ... */

/* "OOMKilled", "exit 2", "SIGKILL (137)", "exit 127: command not found" ... for people.
 * Says nothing that the record does not support: 137 with reason OOMKilled is memory, 137 with
 * reason Error is SIGKILL from elsewhere (SEMANTICS D.11). out ends in NUL. */
void container_exit_text(const struct container_end *end, char *out, size_t out_size);
/* "SIGTERM" for 15, "" when unknown. */
const char *container_signal_name(int signal);

/* Would the kubelet start this container again after exit code `code`? SEMANTICS D.4.
 * pod_policy is the pod's restartPolicy ("" means Always). */
bool container_restarts_after(const struct container *c, const char *pod_policy, int32_t code);

/* Crash back-off as the kubelet counts it: delays 10 s, 20 s, ... 300 s, from the exit of the last
 * run (SEMANTICS D.5). The first restart is immediate. Derived from terminated + restartCount too,
 * because the API shows CrashLoopBackOff only for a moment (recordings' README). */
struct container_backoff {
    bool active; /* it is waiting for the end of a back-off now */
    bool known; /* from state.waiting CrashLoopBackOff (its message names the delay), not derived */
    int64_t delay_ms;
    int64_t next_ms; /* wall moment of the next attempt, IW_TIME_NONE when unknown */
};
struct container_backoff container_backoff_now(const struct container *c, const char *pod_policy,
                                               int64_t now_wall_ms);

/* Which instance a log request means, and what to ask for so that the answer is that instance
 * whatever the kubelet does meanwhile. Table in ARCHITECTURE 3.10 and SEMANTICS G.5. */
enum log_want { LOG_WANT_AUTO, LOG_WANT_PREVIOUS };
enum log_ask { LOG_ASK_NOTHING, LOG_ASK_PLAIN, LOG_ASK_PREVIOUS };
struct log_choice {
    enum log_ask ask;
    bool follow;              /* following makes sense: the instance is running */
    int32_t attempt;          /* number of the instance, from 0; -1 unknown */
    const char *container_id; /* of the expected instance, "" unknown; borrowed from the pod */
    int64_t started_ms, finished_ms; /* wall, of that instance */
    bool ended;
    int32_t exit_code;
    char sentence[160]; /* why nothing is asked, or which instance: "last run (3), exit 1" */
};
struct log_choice container_log_choice(const struct container *c, enum log_want want);

#endif
