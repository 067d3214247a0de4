/* kubelet_status: what the API shows of each container, made from the runtime's records, the status
 * before and the reasons of failed starts. Ref: SEMANTICS D.6; convertToAPIContainerStatuses.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/iwdef.h"
#include "kubelet_internal.h"

#define LOST_DELETED                                                                               \
    "The container could not be located when the pod was deleted.  The container used to be "      \
    "Running"
#define LOST_TERMINATED "The container could not be located when the pod was terminated"
#define REMOVED "The container is removed because RestartAllContainers in place"
#define TREATED_AS_DONE                                                                            \
    "Unable to get init container status from container runtime and pod has been initialized, "    \
    "treat it as exited normally"

static const char *const list_names[] = {"initContainerStatuses", "initContainerStatuses",
                                         "containerStatuses", "ephemeralContainerStatuses"};

const json_t *
kubelet_previous(const struct kubelet_pod *pod, size_t container)
{
    const struct kubelet_container *c = &pod->c[container];
    size_t i;
    json_t *status;
    json_array_foreach(json_object_get(pod->previous, list_names[c->role]), i, status)
    {
        if (strcmp(kubelet_text(status, "name"), c->name) == 0)
            return status;
    }
    return NULL;
}

static const json_t *
state_of(const json_t *status, const char *member, const char *kind)
{
    return json_object_get(json_object_get(status, member), kind);
}

static int
restarts_of(const json_t *status)
{
    return (int)json_integer_value(json_object_get(status, "restartCount"));
}

static void
set_restarts(json_t *status, int count)
{
    json_object_set_new(status, "restartCount", json_integer(count));
}

/* --- states --- */

static json_t *
waiting_state(const char *reason, const char *message)
{
    json_t *waiting = json_object();
    if (reason && reason[0])
        json_object_set_new(waiting, "reason", json_string(reason));
    if (message && message[0])
        json_object_set_new(waiting, "message", json_string(message));
    return json_pack("{s:o}", "waiting", waiting);
}

/* A terminated state that no runtime reported: its moments are not known. */
static json_t *
invented_state(int exit_code, const char *reason, const char *message)
{
    return json_pack("{s:{s:i,s:s,s:s,s:n,s:n}}", "terminated", "exitCode", exit_code, "reason",
                     reason, "message", message, "startedAt", "finishedAt");
}

static json_t *
exited_state(const struct kubelet_pod *pod, const struct kubelet_record *record)
{
    json_t *out = json_pack("{s:i}", "exitCode", record->exit_code);
    if (record->reason && record->reason[0])
        json_object_set_new(out, "reason", json_string(record->reason));
    if (record->message && record->message[0])
        json_object_set_new(out, "message", json_string(record->message));
    json_object_set_new(out, "startedAt",
                        record->started_ms == KUBELET_NO_TIME
                            ? json_string("1970-01-01T00:00:00Z")
                            : pod->time_json(pod->ctx, record->started_ms));
    json_object_set_new(out, "finishedAt",
                        record->finished_ms == KUBELET_NO_TIME
                            ? json_string("1970-01-01T00:00:00Z")
                            : pod->time_json(pod->ctx, record->finished_ms));
    json_object_set_new(out, "containerID", json_string(record->id));
    return json_pack("{s:o}", "terminated", out);
}

/* The state of a record; *lost counts a run that the runtime no longer knows. */
static json_t *
record_state(const struct kubelet_pod *pod, const struct kubelet_record *record,
             const json_t *before, bool *lost)
{
    *lost = false;
    switch (record->state) {
    case KUBELET_CREATED:
        break;
    case KUBELET_RUNNING:
        return json_pack("{s:{s:o}}", "running", "startedAt",
                         pod->time_json(pod->ctx, record->started_ms));
    case KUBELET_EXITED:
        return exited_state(pod, record);
    case KUBELET_UNKNOWN:
        *lost = state_of(before, "state", "running") != NULL;
        if (*lost)
            return invented_state(137, "ContainerStatusUnknown", LOST_TERMINATED);
        break;
    }
    return waiting_state(NULL, NULL);
}

/* --- one container --- */

static json_t *
default_status(const struct kubelet_pod *pod, const struct kubelet_container *c,
               const json_t *before)
{
    if (state_of(before, "state", "terminated"))
        return json_deep_copy(before);
    const json_t *last = json_object_get(before, "lastState");
    const char *reason = pod->inits > 0 ? "PodInitializing" : "ContainerCreating";
    return json_pack("{s:s,s:o,s:o,s:b,s:i,s:s,s:s}", "name", c->name, "state",
                     waiting_state(reason, NULL), "lastState",
                     last ? json_deep_copy(last) : json_object(), "ready", 0, "restartCount",
                     restarts_of(before), "image", c->image, "imageID", "");
}

static json_t *
shown_resources(const struct kubelet_container *c)
{
    json_t *resources = json_object_get(c->spec, "resources");
    return resources ? json_deep_copy(resources) : json_object();
}

static json_t *
record_status(const struct kubelet_pod *pod, const struct kubelet_record *record,
              const json_t *before)
{
    const struct kubelet_container *c = &pod->c[record->container];
    bool lost = false;
    json_t *state = record_state(pod, record, before, &lost);
    const json_t *ended = state_of(before, "state", "terminated");
    int restarts = IW_MAX(record->attempt, restarts_of(before));
    if (lost || (ended && record->state == KUBELET_RUNNING && restarts == restarts_of(before)))
        restarts = restarts_of(before) + 1;
    json_t *last = json_object_get(before, "lastState");
    bool other = strcmp(kubelet_text(before, "containerID"), record->id) != 0;
    last = ended && other ? json_deep_copy(json_object_get(before, "state"))
           : last         ? json_deep_copy(last)
                          : json_object();
    json_t *status =
        json_pack("{s:s,s:o,s:o,s:b,s:i,s:s,s:s,s:s}", "name", c->name, "state", state, "lastState",
                  last, "ready", 0, "restartCount", restarts, "image", record->image, "imageID",
                  record->image_id, "containerID", record->id);
    const json_t *requests = json_object_get(json_object_get(c->spec, "resources"), "requests");
    if (requests)
        json_object_set_new(status, "allocatedResources", json_deep_copy(requests));
    json_object_set_new(status, "resources", shown_resources(c));
    return status;
}

static bool
any_app_record(const struct kubelet_pod *pod)
{
    for (size_t i = 0; i < pod->records_len; i++) {
        if (pod->c[pod->records[i].container].role == KUBELET_APP)
            return true;
    }
    return false;
}

/* No record: it has not run, or it was removed, or it was lost. */
static json_t *
missing_status(const struct kubelet_pod *pod, size_t container, const json_t *before)
{
    const struct kubelet_container *c = &pod->c[container];
    json_t *status = default_status(pod, c, before);
    if (c->role == KUBELET_INIT && any_app_record(pod)) {
        const json_t *ended = state_of(before, "state", "terminated");
        if (!ended)
            json_object_set_new(status, "state", invented_state(0, "Completed", TREATED_AS_DONE));
        return status;
    }
    if (!state_of(before, "state", "running") || state_of(status, "lastState", "terminated"))
        return status;
    json_object_set_new(status, "lastState",
                        invented_state(137, "ContainerStatusUnknown", LOST_DELETED));
    if (!pod->deleting)
        set_restarts(status, restarts_of(before) + 1);
    return status;
}

/* All containers were taken away on purpose (D.4). */
static void
show_removal(const struct kubelet_pod *pod, const struct kubelet_container *c, const json_t *before,
             json_t *status)
{
    if (c->role == KUBELET_EPHEMERAL || !before || state_of(before, "state", "waiting"))
        return;
    (void)pod;
    json_object_set_new(status, "state", waiting_state("RestartingAllContainers", REMOVED));
    json_object_set_new(status, "lastState",
                        invented_state(137, "RestartingAllContainers", REMOVED));
    set_restarts(status, restarts_of(before) + 1);
}

static bool
was_restarting_all(const struct kubelet_pod *pod)
{
    size_t i;
    json_t *condition;
    json_array_foreach(json_object_get(pod->previous, "conditions"), i, condition)
    {
        if (strcmp(kubelet_text(condition, "type"), "AllContainersRestarting") == 0)
            return strcmp(kubelet_text(condition, "status"), "True") == 0;
    }
    return false;
}

/* A failed start is shown in place of what the container ended with. */
static void
show_failed_start(const struct kubelet_pod *pod, size_t container, json_t *status)
{
    const struct kubelet_container *c = &pod->c[container];
    const struct kubelet_memory *memory = c->memory;
    json_t *ended = json_object_get(json_object_get(status, "state"), "terminated");
    const struct kubelet_record *record = kubelet_newest(pod, container);
    if (!memory || !memory->fail_reason || c->role == KUBELET_EPHEMERAL)
        return;
    bool succeeded = ended && json_integer_value(json_object_get(ended, "exitCode")) == 0;
    if (c->role != KUBELET_APP && succeeded)
        return;
    if (pod->deleting || (record && record->state == KUBELET_RUNNING))
        return;
    if (record && record->state == KUBELET_EXITED &&
        !kubelet_may_restart(pod, container, record->exit_code))
        return;
    if (ended)
        json_object_set(status, "lastState", json_object_get(status, "state"));
    json_object_set_new(status, "state", waiting_state(memory->fail_reason, memory->fail_message));
}

static void
kubelet_statuses_make(const struct kubelet_pod *pod, struct kubelet_statuses *out)
{
    bool removed = was_restarting_all(pod);
    for (size_t i = 0; i < pod->count; i++) {
        const json_t *before = kubelet_previous(pod, i);
        json_t *status = NULL;
        for (size_t r = 0, seen = 0; r < pod->records_len && seen < 2; r++) {
            if (pod->records[r].container != i)
                continue;
            bool lost = false;
            if (seen++ == 0)
                status = record_status(pod, &pod->records[r], before);
            else
                json_object_set_new(status, "lastState",
                                    record_state(pod, &pod->records[r], before, &lost));
        }
        if (!status) {
            status = missing_status(pod, i, before);
            if (removed)
                show_removal(pod, &pod->c[i], before, status);
        }
        show_failed_start(pod, i, status);
        out->of[i] = status;
    }
}

/* --- started and ready --- */

static bool
is_ready(const struct kubelet_container *c, bool started)
{
    if (!started)
        return false;
    return !c->has_probe[KUBELET_READINESS] || c->result[KUBELET_READINESS] == KUBELET_SUCCESS;
}

/* started and ready, after the phase is known. */
static void
kubelet_statuses_probe(const struct kubelet_pod *pod, struct kubelet_statuses *statuses)
{
    for (size_t i = 0; i < pod->inits + pod->apps; i++) {
        const struct kubelet_container *c = &pod->c[i];
        json_t *status = statuses->of[i];
        bool running = state_of(status, "state", "running") != NULL;
        if (c->role == KUBELET_INIT) {
            const json_t *ended = state_of(status, "state", "terminated");
            bool good = ended && json_integer_value(json_object_get(ended, "exitCode")) == 0;
            /* ready is only ever set; a default made of the status before keeps it */
            bool before = json_is_true(json_object_get(status, "ready"));
            json_object_set_new(status, "ready", json_boolean(good || before));
            json_object_set_new(status, "started", json_boolean(running));
            continue;
        }
        bool started = running && (!c->has_probe[KUBELET_STARTUP] ||
                                   c->result[KUBELET_STARTUP] == KUBELET_SUCCESS);
        json_object_set_new(status, "started", json_boolean(started));
        json_object_set_new(status, "ready", json_boolean(is_ready(c, started)));
    }
}

/* --- the whole --- */

static json_t *
sorted_list(const struct kubelet_pod *pod, const struct kubelet_statuses *statuses, size_t from,
            size_t to)
{
    size_t order[KUBELET_CONTAINERS_MAX], len = 0;
    for (size_t i = from; i < to; i++) {
        size_t at = len++;
        for (; at > 0 && strcmp(pod->c[order[at - 1]].name, pod->c[i].name) > 0; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    json_t *list = json_array();
    for (size_t i = 0; i < len; i++)
        json_array_append(list, statuses->of[order[i]]);
    return list;
}

static bool
has_moved(const json_t *status)
{
    return state_of(status, "state", "running") || state_of(status, "state", "terminated") ||
           state_of(status, "lastState", "terminated");
}

static bool
ended_well(const json_t *status, const char *member)
{
    const json_t *ended = state_of(status, member, "terminated");
    return ended && json_integer_value(json_object_get(ended, "exitCode")) == 0;
}

/* Ref: hasPodInitialized in pkg/kubelet/status. */
static bool
has_initialized(const struct kubelet_pod *pod, const json_t *inits, const json_t *apps)
{
    size_t i, count = json_array_size(inits);
    json_t *status;
    json_array_foreach(apps, i, status)
    {
        if (has_moved(status))
            return true;
    }
    if (count == 0)
        return true;
    const json_t *last = json_array_get(inits, count - 1);
    if (pod->c[count - 1].role == KUBELET_SIDECAR)
        return json_is_true(json_object_get(last, "started"));
    return ended_well(last, "state") || ended_well(last, "lastState");
}

static void
call_lost(json_t *status)
{
    if (!state_of(status, "state", "terminated"))
        json_object_set_new(status, "state",
                            invented_state(137, "ContainerStatusUnknown", LOST_TERMINATED));
}

void
kubelet_status_end(const struct kubelet_pod *pod, json_t *status)
{
    const json_t *inits = json_object_get(status, "initContainerStatuses");
    const json_t *apps = json_object_get(status, "containerStatuses");
    bool initialized = has_initialized(pod, inits, apps);
    for (size_t i = 0; initialized && i < json_array_size(apps); i++)
        call_lost(json_array_get(apps, i));
    /* up to the last one that shows any sign of a run, and always the first */
    size_t reached = json_array_size(inits);
    while (reached > 1 && !has_moved(json_array_get(inits, reached - 1)))
        reached--;
    for (size_t i = 0; i < reached; i++)
        call_lost(json_array_get(inits, i));
    if (kubelet_phase_of(status) < KUBELET_SUCCEEDED)
        json_object_set_new(status, "phase", json_string(kubelet_phase_name(KUBELET_FAILED)));
}

json_t *
kubelet_status(const struct kubelet_pod *pod)
{
    struct kubelet_statuses statuses;
    kubelet_statuses_make(pod, &statuses);
    enum kubelet_phase phase = kubelet_phase_compute(pod, &statuses);
    kubelet_statuses_probe(pod, &statuses);
    json_t *out = json_pack("{s:s,s:o}", "phase", kubelet_phase_name(phase), "conditions",
                            kubelet_conditions(pod, phase, &statuses));
    size_t apps_end = pod->inits + pod->apps;
    if (pod->inits > 0) {
        json_t *inits = json_array();
        for (size_t i = 0; i < pod->inits; i++)
            json_array_append(inits, statuses.of[i]);
        json_object_set_new(out, "initContainerStatuses", inits);
    }
    json_object_set_new(out, "containerStatuses",
                        sorted_list(pod, &statuses, pod->inits, apps_end));
    if (pod->count > apps_end)
        json_object_set_new(out, "ephemeralContainerStatuses",
                            sorted_list(pod, &statuses, apps_end, pod->count));
    for (size_t i = 0; i < pod->count; i++)
        json_decref(statuses.of[i]);
    return out;
}
