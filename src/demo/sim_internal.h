/* sim_internal: the structures that the files of the simulator share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_SIM_INTERNAL_H
#define INITWATCH_DEMO_SIM_INTERNAL_H

#include "initwatch/base/clock.h"
#include "initwatch/base/vec.h"
#include "initwatch/demo/kubelet.h"
#include "initwatch/demo/sim.h"

#define SIM_NODES 3
#define SIM_CONTAINERS_MAX KUBELET_CONTAINERS_MAX
#define SIM_NODE_CPU_MILLI 3900
#define SIM_NODE_PODS 110 /* kubelet maxPods */
#define SIM_NODE_MEMORY ((int64_t)7600 << 20)
/* The kubelet looks at the runtime once a second; a change is seen after a part of that. */
#define SIM_PLEG_MIN_MS 150
#define SIM_PLEG_MAX_MS 450
/* SEMANTICS E.2: events are kept for one hour. */
#define SIM_EVENT_TTL_MS 3600000
#define SIM_EVENT_BURST 25
/* What the client of a controller may ask for in a second, and at once. Ref: kube-controller-manager
 * --kube-api-qps, --kube-api-burst. */
#define SIM_CONTROLLER_QPS 20
#define SIM_CONTROLLER_BURST 30
/* About 40 KB each, with their events. */
#define SIM_PODS_MAX 12000

enum sim_role { SIM_INIT, SIM_SIDECAR, SIM_APP };

struct sim_run_record {
    int attempt, sandbox;
    int64_t started_ms;
    int64_t end_due_ms;           /* SIM_NEVER: open end */
    int64_t poll_due_ms;          /* next look of a wait loop, or SIM_NEVER */
    int64_t term_ms;              /* SIGTERM was sent, or SIM_NEVER */
    int64_t finished_ms;          /* SIM_NEVER while it runs */
    int exit_code;                /* planned while it runs */
    const struct script *script;  /* that it follows; the container keeps it */
    const char *reason, *message; /* borrowed from the script, or static */
    bool never_started;           /* StartError: the runtime could not start it */
    bool removed;                 /* the runtime has forgotten it; its log is kept here */
    char id[80];
};

struct sim_probe_state {
    bool set;
    int64_t delay_ms, period_ms;
    int fail_limit, pass_limit, fails, passes;
    int64_t due_ms;
    bool settled; /* liveness failed or startup decided: no more ticks for this run */
};

struct sim_container {
    /* borrowed from the shape */
    const char *name, *image;
    char *image_full, *image_id; /* as statuses show them */
    enum sim_role role;
    json_t *spec;
    const char *policy; /* of the container, or NULL */
    /* its own */
    struct script *script;
    struct script *own_script;    /* while the user has changed it (sim_tinker); else NULL */
    VEC(struct script *) retired; /* that runs before followed */
    struct sim_run_record run[2]; /* newest first */
    int runs;                     /* records held, 0..2 */
    struct sim_probe_state probe[SCRIPT_PROBE_COUNT];
    bool started, ready, startup_passed;
    enum kubelet_probe unwell; /* the probe that wants it killed; KUBELET_PROBES: none */
    struct kubelet_memory memory;
    int pull_tries;
    bool image_present;
};

enum sim_work {
    SIM_WORK_NONE,
    SIM_WORK_SANDBOX,
    SIM_WORK_KILL,
    SIM_WORK_PULL,
    SIM_WORK_START,
    SIM_WORK_HOOK
};

/* Where an object comes from: how the containers of its pods behave, and which scenario it belongs
 * to. What a controller makes has the origin of what it was made for. */
struct sim_origin {
    json_t *scripts, *pod_names; /* references; may be NULL */
    const char *node;            /* static; NULL: any */
    unsigned scenario;           /* 0: none */
};

/* What the pods of one template share. Nothing of it changes. */
struct sim_shape {
    unsigned refs;
    json_t *spec; /* with defaults, without a node */
    json_t *on_node[SIM_NODES];
    struct sim_container *c; /* as they are before the first start */
    size_t count, inits;
    const char *policy, *qos, *node_wish;
    int64_t grace_ms, deadline_ms; /* deadline 0: none */
    int64_t cpu_milli, memory;     /* effective requests */
};

/* What an event is about. */
struct sim_subject {
    unsigned refs;
    enum demo_kind kind;
    char *ns, *name, *uid;
};

struct sim_thing;

struct sim_pod {
    unsigned refs;
    bool gone;
    struct sim_shape *shape;
    struct sim_subject *subject;
    const char *ns, *name, *uid; /* of the subject */
    char *owner_uid;             /* of its controller; NULL: none */
    struct sim_thing *owner;     /* that controller, while it exists */
    uint64_t labels_seen;        /* a bit for each of its labels */
    int node_only;               /* of a DaemonSet: the node it is for; -1: any */
    bool counted;                /* among what its node holds */
    /* the queue */
    uint64_t order; /* by creation */
    int64_t due_ms;
    size_t queue_at;
    bool is_ready;    /* the status as last published says so */
    int64_t restarts; /* of all containers, as last published */
    struct sim_origin origin;
    unsigned endpoint; /* what the services' endpoints show of it, as last seen */
    json_t *entry;     /* in their slices, with what it was made of; NULL: not made yet */
    unsigned entry_state;
    char entry_ip[16];
    json_t *object; /* metadata and spec (of the shape, unless it was changed) */
    json_t *status; /* as last published */
    uint64_t rng;
    const char *policy; /* Always, OnFailure, Never */
    int64_t grace_ms;
    /* scheduling */
    int node; /* -1: none */
    const char *node_wish;
    int64_t schedule_due_ms;
    bool gated; /* has scheduling gates */
    bool unschedulable;
    char *schedule_message;
    int64_t create_ms, bind_ms, start_ms;
    int64_t cpu_milli, memory; /* effective requests */
    /* sandbox */
    bool sandbox_ready, sandbox_was_ready, seen;
    int sandbox_attempt;
    char ip[16];
    /* containers in start order */
    struct sim_container *c;
    size_t count, inits;
    /* the pod worker */
    int64_t sync_due_ms;
    enum sim_work work;
    int64_t work_due_ms;
    struct kubelet_sync *sync; /* under way; NULL: none */
    bool started_any;
    int64_t mount_delay_ms;
    /* events: what is left of the burst, and since when it refills */
    int event_tokens;
    int64_t tokens_ms;
    /* the end */
    bool killing, killed, deleting;
    bool overdue; /* its activeDeadlineSeconds are over */
    int64_t deadline_due_ms;
    int64_t kill_done_ms, delete_due_ms, deletion_ms, finished_ms;
    int64_t delete_grace_s;
    enum kubelet_phase phase; /* as written to the API */
};

/* The object is made when it is told: there are many, and few are said twice. */
struct sim_event {
    uint64_t hash; /* of all that two must share to be one */
    struct sim_subject *subject;
    const char *type, *reason, *component, *host; /* static; host NULL: none */
    char *message, *field;                        /* field NULL: the whole object; one block */
    uint64_t serial, nanos;                       /* for uid and name */
    int64_t first_ms, last_ms;
    int64_t count;
};

/* What the user wants a container of every pod of an owner to do. */
struct sim_habit {
    char *container;
    struct sim_tinker how;
};

struct sim_thing { /* any stored object that is not a pod */
    enum demo_kind kind;
    uint64_t hash; /* of kind, namespace and name */
    struct sim_subject *subject;
    const char *ns, *name, *uid; /* of the subject */
    char owner_uid[40];          /* of its controller, "" none */
    struct sim_thing *owner;     /* that controller, while it exists */
    json_t *object;
    struct sim_origin origin;
    VEC(struct sim_pod *) pods; /* that it controls, by creation */
    struct sim_shape *shape;    /* of them; NULL: not made yet */
    VEC(struct sim_habit) habits;
    json_t *shape_of; /* the spec in the template that it was made of; a reference */
    /* its controller */
    bool dirty;       /* something that it looks at has changed */
    int64_t due_ms;   /* it looks again then, or SIM_NEVER */
    int64_t since_ms; /* of the present state: progress, failure */
    int64_t over_ms;  /* of a Job: when it has ended */
    int64_t state;    /* whose change is progress; failures so far */
    char *refusal;    /* why no pod could be made; NULL: none */
    bool stale;       /* of a Service: its endpoints may be others now */
    uint64_t selects; /* of a Service: a bit for each label it wants */
};

struct sim_mark { /* sim_clock_mark */
    int64_t t_ms, wall_ms;
    double speed;
};

/* The pod that the kubelet's rules look at right now. */
struct sim_scratch {
    struct sim_pod *pod;
    struct kubelet_pod view;
    struct kubelet_record records[2 * SIM_CONTAINERS_MAX];
};

/* An index of the events by hash: numbers of events from 1, a power of two of them. */
struct sim_event_index {
    uint32_t *slots;
    size_t capacity;
};

struct sim {
    struct sim_config config;
    struct sim_scratch scratch;
    int64_t now_ms;
    VEC(struct sim_mark) marks; /* by time */
    bool quiet;                 /* the time before the demo began: pods are not published */
    uint64_t serial;
    VEC(struct sim_pod *) pods;  /* by creation */
    VEC(struct sim_pod *) queue; /* a heap: what is due first is at its top */
    uint64_t pods_made;
    VEC(struct sim_thing *) things;
    struct {
        int64_t cpu_milli, memory; /* that its pods ask for */
        int pods;
    } load[SIM_NODES];
    int64_t create_full_ms; /* when the ReplicaSet controller may make a burst of pods again */
    bool control_dirty;     /* some thing is dirty */
    bool quota_dirty;
    VEC(struct sim_event) events;
    struct sim_event_index event_index;
    int64_t expire_ms; /* when events are looked through next */
    unsigned next_ip[SIM_NODES];
    bool endpoints_dirty;
};

extern const char *const sim_node_names[SIM_NODES];

/* sim.c */
bool sim_container_is_running(const struct sim_container *c);
/* Simulated milliseconds per millisecond of the clock that stands in objects. */
double sim_speed(const struct sim *sim);
uint64_t sim_random(uint64_t *state);
int64_t sim_jitter(struct sim_pod *pod, int64_t low_ms, int64_t high_ms);
void sim_uuid(struct sim *sim, const char *what, char out[37]);
/* The one that sim_uuid gave with that serial number. */
void sim_uuid_of(const struct sim *sim, const char *what, uint64_t serial, char out[37]);
void sim_hex(uint64_t *state, size_t digits, char *out);
void sim_pod_publish(struct sim *sim, struct sim_pod *pod);
/* Tell the sink of an object (borrowed). It may change the metadata of what it gets. */
void sim_tell(struct sim *sim, enum demo_kind kind, json_t *object);
/* Create a pod from an object (taken), whose spec is the shape's (borrowed). NULL and err when it
 * is not allowed. */
struct sim_pod *sim_pod_new(struct sim *sim, json_t *object, const struct sim_origin *origin,
                            struct sim_shape *shape, struct iw_error *err);
/* A name of one of the demo's nodes that outlives the caller's; NULL: it is none. */
const char *sim_node_known(const char *name);
void sim_pod_remove(struct sim *sim, struct sim_pod *pod);
void sim_pod_tell(struct sim *sim, struct sim_pod *pod);

/* sim_shape.c */
/* Takes `spec`, which gets its defaults. NULL and err: no pod can be made of it. */
struct sim_shape *sim_shape_new(json_t *spec, const struct sim_origin *origin,
                                struct iw_error *err) IW_NODISCARD;
struct sim_shape *sim_shape_ref(struct sim_shape *shape);
void sim_shape_unref(struct sim_shape *shape);
/* The spec of a pod on that node. Borrowed. */
json_t *sim_shape_spec_on(struct sim_shape *shape, int node);

/* sim_queue.c: which pod is due next. Whoever changes when a pod is due says so. */
void sim_queue_put(struct sim *sim, struct sim_pod *pod);
void sim_queue_moved(struct sim *sim, struct sim_pod *pod);
void sim_queue_remove(struct sim *sim, struct sim_pod *pod);
/* NULL when there is none. */
struct sim_pod *sim_queue_first(const struct sim *sim);
/* For tests: every pod stands where its moment belongs. Looks at all of them. */
bool sim_queue_is_sound(const struct sim *sim);

/* sim_schedule.c */
/* The node has all labels of a nodeSelector (NULL: none). */
bool sim_node_is_selected(struct sim *sim, int node, const json_t *selector);
void sim_pod_schedule(struct sim *sim, struct sim_pod *pod);
/* The pod counts for its node from now on, or no longer. */
void sim_node_account(struct sim *sim, struct sim_pod *pod);

/* Store a claim (taken). */
void sim_claim_put(struct sim *sim, const char *ns, json_t *claim, const struct sim_origin *origin);
/* Change one member of the pod's spec: a value (taken), or NULL for none. What has been told of the
 * pod before keeps the spec it had. */
void sim_pod_set_spec(struct sim_pod *pod, const char *member, json_t *value);
/* The last scheduling gate is gone. */
void sim_pod_open_gates(struct sim *sim, struct sim_pod *pod);

/* sim_end.c */
/* All containers have ended. The first call writes what they ended with, the second the phase. */
void sim_pod_kill_done(struct sim *sim, struct sim_pod *pod);
void sim_pod_finish_delete(struct sim *sim, struct sim_pod *pod);
/* The pod's activeDeadlineSeconds are over. */
void sim_pod_overdue(struct sim *sim, struct sim_pod *pod);
#define SIM_POD_OVERDUE "Pod was active on the node longer than the specified deadline"

/* sim_actions.c: the pod worker. */
void sim_pod_sync(struct sim *sim, struct sim_pod *pod);
void sim_pod_work(struct sim *sim, struct sim_pod *pod);
/* Stop everything; the events have been said. */
void sim_pod_kill(struct sim *sim, struct sim_pod *pod, int64_t grace_ms);
void sim_pod_sync_end(struct sim_pod *pod);
/* The probes of a running container look anew, after a change of what they would find. */
void sim_probes_again(struct sim *sim, struct sim_pod *pod, struct sim_container *c);
void sim_run_end(struct sim *sim, struct sim_pod *pod, struct sim_container *c);
void sim_probe_tick(struct sim *sim, struct sim_pod *pod, struct sim_container *c,
                    enum script_probe which);

/* sim_status.c */
json_t *sim_status_build(struct sim *sim, struct sim_pod *pod);
/* The pod as the kubelet's rules see it, until the next call. */
const struct kubelet_pod *sim_view(struct sim *sim, struct sim_pod *pod);
bool sim_pod_is_ready(const struct sim_pod *pod);
/* A bit for each label of an object, and of what a selector wants: what lacks one of the bits does
 * not match. */
uint64_t sim_label_bits(const json_t *labels);
void sim_flags_refresh(struct sim_pod *pod);

/* sim_events.c */
struct sim_subject *sim_subject_new(enum demo_kind kind, const char *ns, const char *name,
                                    const char *uid) IW_NODISCARD;
void sim_subject_unref(struct sim_subject *subject);
/* The texts have to be static. */
struct sim_happening {
    const char *type, *reason;
    const struct sim_container *container; /* NULL: the pod */
    const char *component;                 /* NULL: kubelet */
};
void sim_event(struct sim *sim, struct sim_pod *pod, struct sim_happening what, const char *fmt,
               ...) IW_PRINTF(4, 5);
/* `what` needs a component. */
void sim_event_thing(struct sim *sim, const struct sim_thing *thing, struct sim_happening what,
                     const char *fmt, ...) IW_PRINTF(4, 5);
void sim_events_expire(struct sim *sim);
void sim_events_publish(struct sim *sim);
void sim_events_free(struct sim *sim);

/* sim_objects.c: everything that is not a pod; sim_service.c, sim_needs.c: what pods want of it. */
json_t *sim_time_json(const struct sim *sim, int64_t t_ms);
struct sim_thing *sim_thing_find(struct sim *sim, enum demo_kind kind, const char *ns,
                                 const char *name);
/* NULL: there is none with that uid. */
struct sim_thing *sim_thing_by_uid(struct sim *sim, const char *uid);
/* Store an object (taken), with the metadata that the API server adds. `origin` (borrowed) NULL:
 * that of the version before. */
struct sim_thing *sim_thing_put(struct sim *sim, enum demo_kind kind, const char *ns,
                                json_t *object, const struct sim_origin *origin);
void sim_thing_free(struct sim_thing *thing);
struct sim_origin sim_origin_ref(const struct sim_origin *origin);
void sim_origin_unref(struct sim_origin *origin);
void sim_cluster_init(struct sim *sim);
void sim_endpoints_refresh(struct sim *sim);
/* The pod may have come to the endpoints of its services, or gone. force: its labels are others. */
void sim_endpoints_mark(struct sim *sim, struct sim_pod *pod, bool force);
/* Does the service answer the pod? */
bool sim_service_answers(struct sim *sim, const struct sim_pod *pod, const struct script_run *plan);
/* What keeps a container from being configured ("secret \"x\" not found"), or NULL. New. */
char *sim_config_problem(struct sim *sim, const struct sim_pod *pod, const json_t *container);
char *sim_mount_problem(struct sim *sim, const struct sim_pod *pod, const char **volume);
bool sim_claims_unbound(struct sim *sim, const struct sim_pod *pod);

/* sim_control.c: the controllers. */
/* Something that this owner (NULL: none) looks at has changed. */
void sim_control_mark(struct sim *sim, struct sim_thing *owner);
/* A pod and its controller find each other; and part. */
void sim_owner_adopt(struct sim *sim, struct sim_pod *pod);
void sim_owner_drop(struct sim_pod *pod);
/* Let every controller look that has to. */
void sim_control_run(struct sim *sim);
int64_t sim_control_due_ms(const struct sim *sim);
bool sim_job_is_over(const struct sim_thing *job);
/* A Job with its pods. */
void sim_job_delete(struct sim *sim, struct sim_thing *job);
/* What the API server adds to the spec of an owner, and to one that is updated. */
void sim_owner_default(enum demo_kind kind, json_t *object);

/* sim_tinker.c */
/* A new pod takes on what the user has wanted of all pods of its owner. */
void sim_tinker_inherit(struct sim *sim, struct sim_pod *pod);
void sim_habits_free(struct sim_thing *owner);

/* sim_check.c: is an object with a name built as its kind wants it? IW_ERR_PARSE: what is not. */
IW_NODISCARD enum iw_err sim_check(enum demo_kind kind, const json_t *object, struct iw_error *err);

/* sim_quota.c */
/* Why the namespace's quotas do not admit the pod (the API server's words), or NULL. New. */
char *sim_quota_refusal(struct sim *sim, const struct sim_pod *pod);
void sim_quota_refresh(struct sim *sim);

/* sim_policy.c */
/* Do the network policies let `from` talk to `to` (NULL: the cluster's DNS) on that port? */
bool sim_policy_allows(struct sim *sim, const struct sim_pod *from, const struct sim_pod *to,
                       int port);

/* sim_spec.c: defaults, effective requests, QoS. */
void sim_spec_default(json_t *spec);
/* In thousandths. */
int64_t sim_quantity_milli(const char *text);
int64_t sim_effective_amount(const json_t *spec, const char *list, const char *resource);
void sim_effective_requests(const json_t *spec, int64_t *cpu_milli, int64_t *memory);
const char *sim_qos_class(const json_t *spec);
const char *sim_image_full(const char *image, char *out, size_t out_size);

#endif
