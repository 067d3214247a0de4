/* sim_control: what the controllers of the simulator share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_SIM_CONTROL_H
#define INITWATCH_DEMO_SIM_CONTROL_H

#include "sim_internal.h"

/* The pods of one owner. */
struct sim_count {
    int active; /* neither finished nor leaving */
    int ready, leaving, succeeded, failed;
    int64_t restarts; /* of all containers of active pods */
};
struct sim_count sim_count_pods(const struct sim_thing *owner);
bool sim_pod_is_active(const struct sim_pod *pod);

/* [{"apiVersion":...,"controller":true}] New. */
json_t *sim_owner_references(const struct sim_thing *owner) IW_NODISCARD;
/* Make a pod out of the owner's template (borrowed); labels (taken, may be NULL) are added. False: a
 * quota forbids it, or the template is wrong; the owner keeps the words. */
bool sim_owner_make_pod(struct sim *sim, struct sim_thing *owner, const json_t *template,
                        const char *name, json_t *labels);
/* The name that the scenario wishes for, or "OWNER-xxxxx". New. */
char *sim_owner_pod_name(struct sim *sim, const struct sim_thing *owner, const char *wished_by);
/* Ten letters that stand for a template. */
void sim_template_hash(const json_t *template, char out[11]);
/* Write a status (taken) if it is another one. */
void sim_owner_write_status(struct sim *sim, struct sim_thing *owner, json_t *status);

/* A condition, its time of change kept from `old_status` while it says the same. New. */
struct sim_condition {
    const char *type, *status, *reason, *message; /* message may be NULL */
};
json_t *sim_condition_json(const struct sim *sim, const json_t *old_status,
                           struct sim_condition condition) IW_NODISCARD;

/* --- reading --- */
int sim_int_or(const json_t *object, const char *member, int missing);
const char *sim_text(const json_t *object, const char *member); /* "" when absent */
const json_t *sim_spec_of(const struct sim_thing *thing);

/* --- the controllers; each may change other things, never remove `thing` unless it returns false --- */
void sim_control_deployment(struct sim *sim, struct sim_thing *thing);
void sim_control_replicaset(struct sim *sim, struct sim_thing *thing);
void sim_control_statefulset(struct sim *sim, struct sim_thing *thing);
void sim_control_daemonset(struct sim *sim, struct sim_thing *thing);
void sim_control_job(struct sim *sim, struct sim_thing *thing);
void sim_control_cronjob(struct sim *sim, struct sim_thing *thing);

/* --- Jobs --- */
#define SIM_JOB_INDEX "batch.kubernetes.io/job-completion-index"
/* A Job of the demo with more indexes than that is played as one with so many. */
#define SIM_JOB_INDEXES_MAX 10000
struct sim_job_index {
    int failures;
    bool busy; /* a pod of it is there and has not ended */
    bool done, failed;
    int64_t last_failure_ms;
};
struct sim_job_tally {
    int active, ready, leaving, succeeded;
    int failed; /* that count */
    int64_t restarts, last_failure_ms;
    char *verdict; /* of a FailJob rule, or NULL */
    int completions, indexes_failed;
    bool per_index;              /* each index has a limit of its own */
    struct sim_job_index *index; /* one for each completion; NULL: they are not numbered */
};
/* Look at all pods of the Job (sim_job_tally_free). */
void sim_job_count(const struct sim_thing *job, struct sim_job_tally *out);
void sim_job_tally_free(struct sim_job_tally *tally);
/* Its number, or -1. */
int sim_job_index_of(const struct sim_pod *pod);
/* The reason why the Job has failed (static), or NULL. message is borrowed from the tally. */
const char *sim_job_failure(const struct sim *sim, const struct sim_thing *job,
                            const struct sim_job_tally *tally, const char **message);
/* The reason why it is complete (static), or NULL; message is new. */
const char *sim_job_success(const struct sim_thing *job, const struct sim_job_tally *tally,
                            char **message);
bool sim_job_is(const struct sim_thing *job, const char *condition);

/* --- cron --- */
struct sim_cron {
    uint64_t minutes, hours, days, months, weekdays; /* bit sets */
    bool any_day, any_weekday;
};
/* "*\/5 8-18 * * 1-5" or "@hourly". False: not understood. */
bool sim_cron_parse(const char *text, struct sim_cron *out);
/* The first moment after wall_ms that fits (UTC); IW_TIME_NONE: none within four years. */
int64_t sim_cron_next(const struct sim_cron *cron, int64_t wall_ms);

#endif
