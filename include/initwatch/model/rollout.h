/* rollout: how far a workload is from what its object asks for, and until when it has time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_ROLLOUT_H
#define INITWATCH_MODEL_ROLLOUT_H

#include "initwatch/model/objects.h"
#include "initwatch/model/progress.h"

struct rollout {
    enum block_severity severity; /* BLOCK_NONE: it is as it should be */
    int32_t desired, done;        /* pods (a Job: completions) asked for, and as far as they are */
    int64_t deadline_ms;          /* wall; IW_TIME_NONE when none is running */
    char text[256]; /* "rollout 1/3, deadline in 5m10s"; "" when there is nothing to say */
};
/* o: Deployment, ReplicaSet, StatefulSet, DaemonSet or Job. A Deployment's deadline runs from the
 * last progress it noted (condition Progressing, lastUpdateTime).
 * Ref: kubectl pkg/polymorphichelpers/rollout_status.go; kubernetes
 * pkg/controller/deployment/progress.go. */
void rollout_of(const struct kobject *o, int64_t now_wall_ms, struct rollout *out);
/* Its text under a heading that already says "rollout". Borrowed from it. */
const char *rollout_brief(const struct rollout *r);

/* The CronJob that made a Job; NULL when none did or the Job's object is not known. Borrowed until
 * the next turn of the loop. A pod names only its Job, the Job's ownerReference the CronJob. */
const char *cronjob_of_job(const struct kobjects *objects, const char *ns, const char *job);
/* What is known of a CronJob from its Jobs and, where it may be listed, its own object: the last run
 * with how it ended, whether it is suspended, the schedule. desired and done are of the last run.
 * False when neither is known. */
bool rollout_of_cronjob(const struct kobjects *objects, const char *ns, const char *name,
                        int64_t now_wall_ms, struct rollout *out);

#endif
