/* The kubelet's rules compared, sync by sync, with what the real kubelet's code did for pods with a
 * scripted runtime: what it found, wrote, planned, said and failed at, and what the runtime held
 * afterwards.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/cells.h"
#include "kubelet_world.h"

#define REPEAT_MS 10000

static const char *const state_names[] = {"created", "running", "exited", "unknown"};

/* --- what happened between two syncs --- */

/* The trace does not show it; the debugger's image was pulled for each of its starts. */
static json_t *
ephemeral_spec(void)
{
    return json_pack("{s:s,s:s,s:s}", "name", "debugger", "image", "busybox:1", "imagePullPolicy",
                     "Always");
}

static json_t *
find_spec(struct world *w, const char *name)
{
    static const char *const lists[] = {"initContainers", "containers"};
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *spec;
        json_array_foreach(json_object_get(json_object_get(w->object, "spec"), lists[l]), i, spec)
        {
            if (strcmp(suite_text(spec, "name"), name) == 0)
                return spec;
        }
    }
    return NULL;
}

/* The trace says it in a sentence. */
static void
count_generation(struct world *w)
{
    json_t *meta = json_object_get(w->object, "metadata");
    json_int_t now = json_integer_value(json_object_get(meta, "generation"));
    json_object_set_new(meta, "generation", json_integer(now + 1));
}

static void
apply_note(struct world *w, const char *note)
{
    char name[64] = "", image[200] = "";
    if (strcmp(note, "ephemeral container added") == 0) {
        json_object_set_new(json_object_get(w->object, "spec"), "ephemeralContainers",
                            json_pack("[o]", ephemeral_spec()));
        count_generation(w);
        return;
    }
    const char *changed = strstr(note, " changed to ");
    if (strncmp(note, "image of ", 9) == 0 && changed) {
        (void)snprintf(name, sizeof(name), "%.*s", (int)(changed - note - 9), note + 9);
        (void)snprintf(image, sizeof(image), "%s", changed + 12);
        json_object_set_new(find_spec(w, name), "image", json_string(image));
        count_generation(w);
        return;
    }
    static const char vanished[] = "running container ";
    if (strncmp(note, vanished, sizeof(vanished) - 1) == 0) {
        const char *start = note + sizeof(vanished) - 1;
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(start, " "), start);
        struct world_run *run = world_newest(w, name);
        if (run)
            world_remove(w, (size_t)(run - w->runs));
    }
}

/* The recording's clock goes on by a millisecond now and then, in the middle of a sync. */
static bool
same_moment(const struct world *w, const json_t *recorded, int64_t *mine)
{
    int64_t moment_ms = world_time(w, recorded);
    bool same = moment_ms == *mine || moment_ms == *mine + 1;
    *mine = moment_ms;
    return same;
}

static json_t *
runs_json(const struct world *w)
{
    json_t *list = json_array();
    for (size_t r = 0; r < w->runs_len; r++)
        json_array_append_new(list, json_sprintf("%s %s/%d %s created %lld finished %lld",
                                                 w->runs[r].raw_id, state_names[w->runs[r].state],
                                                 w->runs[r].exit_code,
                                                 w->runs[r].reason ? w->runs[r].reason : "",
                                                 (long long)w->runs[r].created_ms,
                                                 (long long)w->runs[r].finished_ms));
    return list;
}

/* The new world_run must be the old one, or what its script makes of it. */
static void
take_record(struct world *w, const json_t *recorded, struct world_run *run, const char *note)
{
    const char *state = suite_text(recorded, "state");
    bool died = run->state == KUBELET_RUNNING && strcmp(state, "exited") == 0;
    bool same = same_moment(w, json_object_get(recorded, "createdAt"), &run->created_ms) &&
                same_moment(w, json_object_get(recorded, "startedAt"), &run->started_ms) &&
                json_integer_value(json_object_get(recorded, "restartCount")) == run->attempt;
    bool unknown = strstr(note, "reports state unknown") && strcmp(state, "unknown") == 0;
    if (died) {
        run->state = KUBELET_EXITED;
        run->exit_code = (int)json_integer_value(json_object_get(recorded, "exitCode"));
        free(run->reason);
        run->reason = iw_strdup(suite_text(recorded, "reason"));
        run->finished_ms = world_time(w, json_object_get(recorded, "finishedAt"));
    } else if (unknown) {
        run->state = KUBELET_UNKNOWN;
    } else {
        same = same && strcmp(state, state_names[run->state]) == 0 &&
               strcmp(suite_text(recorded, "reason"), run->reason ? run->reason : "") == 0 &&
               json_integer_value(json_object_get(recorded, "exitCode")) == run->exit_code &&
               same_moment(w, json_object_get(recorded, "finishedAt"), &run->finished_ms);
    }
    if (!same) {
        json_t *mine = runs_json(w);
        world_differ(w, run->raw_id, recorded, mine);
        json_decref(mine);
    }
}

/* Bring the runtime up to the step: runs end by themselves in between, nothing else changes. */
static void
take_runtime(struct world *w, const char *note)
{
    const json_t *runtime = json_object_get(w->step, "runtime");
    const json_t *sandboxes = json_object_get(runtime, "sandboxes");
    const json_t *containers = json_object_get(runtime, "containers");
    bool died = strstr(note, "sandbox died") != NULL;
    const json_t *newest = json_array_get(sandboxes, 0);
    bool ready = json_is_true(json_object_get(newest, "ready"));
    if ((newest != NULL) != w->sandbox.exists || (ready != w->sandbox.ready && !died) ||
        json_integer_value(json_object_get(newest, "attempt")) != w->sandbox.attempt)
        world_differ(w, "the sandboxes of the runtime", sandboxes, NULL);
    w->sandbox.ready = ready;
    bool same = json_array_size(containers) == w->runs_len;
    struct world_run sorted[KUBELET_RECORDS_MAX];
    size_t len = 0, i;
    json_t *recorded;
    json_array_foreach(containers, i, recorded)
    {
        for (size_t r = 0; r < w->runs_len; r++) {
            if (strcmp(w->runs[r].raw_id, suite_text(recorded, "id")) == 0) {
                take_record(w, recorded, &w->runs[r], note);
                sorted[len++] = w->runs[r];
            }
        }
    }
    if (!same || len != w->runs_len) {
        json_t *mine = runs_json(w);
        world_differ(w, "the containers of the runtime", containers, mine);
        json_decref(mine);
        return;
    }
    memcpy(w->runs, sorted, len * sizeof(sorted[0]));
}

/* --- the view of one sync --- */

static enum kubelet_result
result_named(const char *name)
{
    if (strcmp(name, "Success") == 0)
        return KUBELET_SUCCESS;
    if (strcmp(name, "Failure") == 0)
        return KUBELET_FAILURE;
    return strcmp(name, "UNKNOWN") == 0 ? KUBELET_UNDECIDED : KUBELET_NO_RESULT;
}

static void
refresh(struct world *w)
{
    static const char *const probes[KUBELET_PROBES] = {"startup", "readiness", "liveness"};
    struct kubelet_pod *pod = &w->pod;
    assert_true(kubelet_pod_read(pod, w->object));
    pod->previous = w->status;
    pod->now_ms = w->now_ms;
    pod->sandbox = w->sandbox;
    pod->deleting = json_object_get(w->step, "deletionTimestamp") != NULL;
    pod->over = json_is_true(json_object_get(w->step, "pod_is_terminal"));
    pod->ctx = w;
    pod->time_json = world_time_json;
    pod->event = world_event;
    pod->image_present = world_image_present;
    pod->records = w->records;
    for (size_t i = 0; i < pod->count; i++) {
        pod->c[i].memory = &w->memory[i];
        const struct world_run *newest = world_newest(w, pod->c[i].name);
        const json_t *seen =
            newest ? json_object_get(json_object_get(w->step, "probes"), newest->raw_id) : NULL;
        for (size_t p = 0; p < KUBELET_PROBES; p++)
            pod->c[i].result[p] = result_named(suite_text(seen, probes[p]));
    }
    for (size_t r = 0; r < w->runs_len; r++) {
        struct world_run *run = &w->runs[r];
        size_t c = 0;
        while (c < pod->count && strcmp(pod->c[c].name, run->name) != 0)
            c++;
        assert_true(c < pod->count);
        w->records[r] = (struct kubelet_record){.container = c,
                                                .state = run->state,
                                                .exit_code = run->exit_code,
                                                .attempt = run->attempt,
                                                .sandbox = run->sandbox,
                                                .reason = run->reason,
                                                .message = run->message,
                                                .id = run->id,
                                                .image = run->image,
                                                .image_id = run->image,
                                                .created_ms = run->created_ms,
                                                .started_ms = run->started_ms,
                                                .finished_ms = run->finished_ms};
        w->records[r].changed = strcmp(run->image, pod->c[c].image) != 0;
    }
    pod->records_len = w->runs_len;
}

/* --- comparing one sync --- */

static json_t *
cache_json(const struct world *w)
{
    json_t *out = json_object();
    for (size_t i = 0; i < w->pod.count; i++) {
        const struct kubelet_memory *m = &w->memory[i];
        if (m->fail_reason)
            json_object_set_new(out, w->pod.c[i].name,
                                json_pack("[s,s]", m->fail_reason, m->fail_message));
    }
    if (json_object_size(out) > 0)
        return out;
    json_decref(out);
    return json_array();
}

/* Transition times stand still in the recording; addresses and QoS are not the rules' matter. */
static void
compare_status(struct world *w)
{
    json_t *expected = json_deep_copy(json_object_get(w->step, "status"));
    static const char *const foreign[] = {"podIP", "podIPs", "qosClass", "resources"};
    for (size_t i = 0; i < IW_COUNTOF(foreign); i++)
        json_object_del(expected, foreign[i]);
    json_t *got = kubelet_status(&w->pod);
    size_t i;
    json_t *condition;
    json_array_foreach(json_object_get(got, "conditions"), i, condition)
    {
        json_object_set_new(condition, "lastTransitionTime", json_null());
    }
    static const char *const parts[] = {"initContainerStatuses", "containerStatuses",
                                        "ephemeralContainerStatuses", "phase", "conditions"};
    for (i = 0; i < IW_COUNTOF(parts); i++) {
        json_t *want = json_object_get(expected, parts[i]), *have = json_object_get(got, parts[i]);
        if (want || have)
            world_compare(w, parts[i], want, have ? json_incref(have) : json_array());
    }
    world_compare(w, "status", expected, json_incref(got));
    json_decref(expected);
    json_decref(w->status);
    w->status = got;
}

/* What kubectl prints of that status. */
static void
compare_printed(struct world *w)
{
    json_t *object = json_deep_copy(w->object);
    json_object_set(object, "status", w->status);
    json_t *deleted = json_object_get(w->step, "deletionTimestamp");
    if (deleted)
        json_object_set(json_object_get(object, "metadata"), "deletionTimestamp", deleted);
    json_t *row = cells_row(DEMO_KIND_POD, object, w->base_ms + w->now_ms);
    json_t *got = json_object();
    static const char *const columns[] = {"ready", "status", "restarts"};
    for (size_t i = 0; i < IW_COUNTOF(columns); i++)
        json_object_set(got, columns[i], json_array_get(row, i + 1));
    world_compare(w, "what is printed", json_object_get(w->step, "printed"), got);
    json_decref(row);
    json_decref(object);
}

static json_t *
starts_json(const struct world *w, const struct kubelet_actions *a, int from_role, int to_role)
{
    json_t *out = json_array();
    for (size_t i = 0; i < a->start_len; i++) {
        int role = (int)w->pod.c[a->start[i]].role;
        if (role >= from_role && role <= to_role)
            json_array_append_new(out, json_string(w->pod.c[a->start[i]].name));
    }
    return out;
}

static json_t *
kills_json(const struct world *w, const struct kubelet_actions *a)
{
    json_t *out = json_array();
    for (size_t i = 0; i < a->kill_len; i++) {
        json_t *kill = json_pack("{s:s,s:s}", "name", w->pod.c[a->kill[i].container].name,
                                 "message", a->kill[i].message);
        if (a->kill[i].reason[0])
            json_object_set_new(kill, "reason", json_string(a->kill[i].reason));
        json_array_append_new(out, kill);
    }
    return out;
}

static json_t *
actions_json(const struct world *w, const struct kubelet_actions *a)
{
    json_t *resets = json_array();
    for (size_t i = 0; i < a->reset_len; i++)
        json_array_append_new(resets,
                              json_string(strstr(w->pod.records[a->reset[i]].id, "://") + 3));
    return json_pack("{s:b,s:b,s:i,s:o,s:o,s:o,s:o,s:o}", "killPod", a->kill_pod, "createSandbox",
                     a->create_sandbox, "attempt", a->attempt, "initContainersToStart",
                     starts_json(w, a, KUBELET_INIT, KUBELET_SIDECAR), "containersToStart",
                     starts_json(w, a, KUBELET_APP, KUBELET_APP), "ephemeralContainersToStart",
                     starts_json(w, a, KUBELET_EPHEMERAL, KUBELET_EPHEMERAL), "containersToKill",
                     kills_json(w, a), "containersToReset", resets);
}

/* Go's %q for the texts that occur here. */
static void
add_quoted(struct strbuf *out, const char *text)
{
    strbuf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            strbuf_addc(out, '\\');
        strbuf_addc(out, *text);
    }
    strbuf_addc(out, '"');
}

static json_t *
error_json(const struct world *w, const struct kubelet_sync *sync)
{
    struct strbuf out;
    strbuf_init(&out, 1 << 20);
    for (size_t i = 0; i < sync->failed_len; i++) {
        const struct kubelet_failure *f = &sync->failed[i];
        strbuf_addf(&out, "%sfailed to \"StartContainer\" for \"%s\" with %s: ", i > 0 ? ", " : "",
                    w->pod.c[f->container].name, f->reason);
        add_quoted(&out, f->message);
    }
    if (sync->sandbox_error) {
        iw_autofree char *who = iw_asprintf("%s_%s(%s)", w->pod.name, w->pod.ns, w->pod.uid);
        iw_autofree char *text =
            iw_asprintf("Failed to create sandbox for pod \"%s\": %s", who, sync->sandbox_error);
        strbuf_addf(&out,
                    "failed to \"CreatePodSandbox\" for \"%s\" with CreatePodSandboxError: ", who);
        add_quoted(&out, text);
    }
    json_t *text = out.len == 0           ? json_array()
                   : sync->failed_len > 1 ? json_sprintf("[%s]", out.data)
                                          : json_string(out.data);
    strbuf_free(&out);
    return text;
}

/* A pod's containers are stopped at the same time: their events come in any order. */
static json_t *
sorted_events(const json_t *events)
{
    json_t *out = json_array();
    size_t i;
    json_t *event;
    json_array_foreach(events, i, event)
    {
        size_t at = json_array_size(out);
        const char *message = suite_text(event, "message");
        bool stop = strncmp(message, "Stopping container ", 19) == 0;
        while (stop && at > 0) {
            const char *other = suite_text(json_array_get(out, at - 1), "message");
            if (strncmp(other, "Stopping container ", 19) != 0 || strcmp(other, message) < 0)
                break;
            at--;
        }
        json_array_insert(out, at, event);
    }
    return out;
}

static void
compare_events(struct world *w)
{
    json_t *expected = sorted_events(json_object_get(w->step, "events"));
    world_compare(w, "events", expected, sorted_events(w->events));
    json_decref(expected);
    json_array_clear(w->events);
}

static void
run_sync(struct world *w)
{
    struct kubelet_sync sync;
    kubelet_sync_begin(&w->pod, &sync);
    world_compare(w, "actions", json_object_get(w->step, "actions"),
                  actions_json(w, &sync.actions));
    const char *error = NULL;
    while (kubelet_sync_next(&w->pod, &sync, error) != KUBELET_DONE) {
        error = world_do(w, &sync);
        w->pod.now_ms = w->now_ms;
    }
    world_compare(w, "the error of the sync", json_object_get(w->step, "sync_error"),
                  error_json(w, &sync));
    kubelet_sync_free(&sync);
}

/* What the next sync would find is what the last one found. */
static bool
looks_the_same(const struct world *w, const json_t *next)
{
    json_t *cache = cache_json(w), *status = kubelet_status(&w->pod);
    const json_t *recorded = json_object_get(w->step, "status");
    bool same = json_equal(cache, json_object_get(w->step, "reason_cache")) &&
                json_equal(json_object_get(w->step, "runtime"), json_object_get(next, "runtime")) &&
                json_equal(json_object_get(status, "phase"), json_object_get(recorded, "phase")) &&
                json_equal(json_object_get(status, "initContainerStatuses"),
                           json_object_get(recorded, "initContainerStatuses")) &&
                json_equal(json_object_get(status, "containerStatuses"),
                           json_object_get(recorded, "containerStatuses"));
    json_decref(cache);
    json_decref(status);
    return same;
}

/* The recording leaves out syncs that look like the one before: a failed one is repeated after ten
 * seconds. */
static void
repeat_syncs(struct world *w, const json_t *next)
{
    int64_t until_ms = json_integer_value(json_object_get(next, "t_ms"));
    int64_t at_ms = json_integer_value(json_object_get(w->step, "t_ms")) + REPEAT_MS;
    if (!json_object_get(w->step, "sync_error") || json_object_get(next, "note"))
        return;
    for (; at_ms < until_ms && !w->where; at_ms += REPEAT_MS) {
        w->now_ms = at_ms;
        refresh(w);
        if (!looks_the_same(w, next))
            return;
        run_sync(w);
        compare_events(w);
    }
}

static void
run_step(struct world *w)
{
    const char *note = suite_text(w->step, "note");
    w->now_ms = json_integer_value(json_object_get(w->step, "t_ms"));
    apply_note(w, note);
    take_runtime(w, note);
    if (w->where)
        return;
    refresh(w);
    world_compare(w, "the reasons of failed starts", json_object_get(w->step, "reason_cache"),
                  cache_json(w));
    compare_status(w);
    compare_printed(w);
    if (json_object_get(w->step, "actions")) {
        run_sync(w);
        compare_events(w);
        return;
    }
    compare_events(w);
    if (!w->pod.over) {
        kubelet_say_stopping(&w->pod);
        world_stop_pod(w);
    }
}

static void
world_free(struct world *w)
{
    for (size_t r = 0; r < w->runs_len; r++)
        world_run_free(&w->runs[r]);
    for (size_t i = 0; i < KUBELET_CONTAINERS_MAX; i++)
        kubelet_memory_free(&w->memory[i]);
    json_decref(w->object);
    json_decref(w->images);
    json_decref(w->counts);
    json_decref(w->events);
    json_decref(w->status);
    free(w->where);
    free(w);
}

static bool
behaves_as_recorded(const json_t *line, char *got, size_t got_size)
{
    struct world *w = iw_calloc(1, sizeof(*w));
    w->object = json_deep_copy(json_object_get(line, "pod"));
    w->scripts = json_object_get(line, "scripts");
    w->images = json_object();
    w->counts = json_object();
    w->events = json_array();
    const json_t *steps = json_object_get(line, "steps");
    w->base_ms = world_time(w, json_object_get(json_array_get(steps, 0), "now"));
    size_t i;
    json_t *step;
    json_array_foreach(steps, i, step)
    {
        if (w->step)
            repeat_syncs(w, step);
        w->step = step;
        if (!w->where)
            run_step(w);
        if (w->where)
            break;
    }
    bool same = w->where == NULL;
    if (!same)
        (void)snprintf(got, got_size, "%s step %zu: %s", suite_text(line, "name"), i, w->where);
    world_free(w);
    return same;
}

static void
kubelet__agrees_with_every_recorded_trace(void **state)
{
    (void)state;
    suite_run("kubelet/traces.jsonl.gz", 120, behaves_as_recorded);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kubelet__agrees_with_every_recorded_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
