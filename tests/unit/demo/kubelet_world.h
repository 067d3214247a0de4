/* kubelet_world: a scripted container runtime, and the recorded behaviour of the real kubelet
 * against which the rules are compared.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_KUBELET_WORLD_H
#define INITWATCH_TEST_KUBELET_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/iwdef.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/demo/kubelet.h"
#include "suite.h"

/* What the runtime holds of one run; the record of the rules borrows its texts. */
struct world_run {
    char *name, *id, *raw_id, *image, *reason, *message;
    enum kubelet_state state;
    int exit_code, attempt, sandbox;
    int64_t created_ms, started_ms, finished_ms;
};

struct world {
    json_t *object; /* the pod, as it is now */
    const json_t *scripts, *step;
    json_t *images;  /* name -> true */
    json_t *counts;  /* "what/container" -> number */
    json_t *events;  /* since the last comparison */
    json_t *status;  /* written last */
    char *where;     /* first difference, or NULL */
    int64_t base_ms; /* wall clock of t = 0 */
    int64_t now_ms;
    struct world_run runs[KUBELET_RECORDS_MAX]; /* newest first */
    size_t runs_len;
    struct kubelet_sandbox sandbox;
    struct kubelet_pod pod;
    struct kubelet_record records[KUBELET_RECORDS_MAX];
    struct kubelet_memory memory[KUBELET_CONTAINERS_MAX];
};

static inline int64_t
world_time(const struct world *w, const json_t *text)
{
    struct iw_error err;
    int64_t wall_ms = 0;
    if (!json_is_string(text))
        return KUBELET_NO_TIME;
    assert_int_equal(
        rfc3339_parse(json_string_value(text), json_string_length(text), &wall_ms, &err), IW_OK);
    return wall_ms - w->base_ms;
}

static inline json_t *
world_time_json(void *ctx, int64_t t_ms)
{
    const struct world *w = ctx;
    char text[40];
    rfc3339_format(w->base_ms + t_ms, false, text);
    return json_string(text);
}

static inline void
world_event(void *ctx, const char *type, const char *reason, const char *container,
            const char *message)
{
    struct world *w = ctx;
    json_t *event = json_pack("{s:s,s:s,s:s}", "type", type, "reason", reason, "message", message);
    for (size_t i = 0; container && i < w->pod.count; i++) {
        static const char *const fields[] = {"initContainers", "initContainers", "containers",
                                             "ephemeralContainers"};
        if (strcmp(w->pod.c[i].name, container) == 0)
            json_object_set_new(event, "fieldPath",
                                json_sprintf("spec.%s{%s}", fields[w->pod.c[i].role], container));
    }
    json_array_append_new(w->events, event);
}

static inline bool
world_image_present(void *ctx, const struct kubelet_container *container)
{
    const struct world *w = ctx;
    return json_object_get(w->images, container->image) != NULL;
}

/* --- comparing --- */

static inline void
world_differ(struct world *w, const char *what, const json_t *expected, const json_t *got)
{
    if (w->where)
        return;
    iw_autofree char *want =
        expected ? json_dumps(expected, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_INDENT(1))
                 : iw_strdup("nothing");
    iw_autofree char *have =
        got ? json_dumps(got, JSON_ENCODE_ANY | JSON_SORT_KEYS | JSON_INDENT(1))
            : iw_strdup("nothing");
    w->where = iw_asprintf("at t = %lld ms, %s\n--- expected\n%s\n--- got\n%s\n",
                           (long long)w->now_ms, what, want, have);
}

/* Takes `got`. */
static inline void
world_compare(struct world *w, const char *what, const json_t *expected, json_t *got)
{
    json_t *empty = json_array();
    const json_t *want = !expected || json_is_null(expected) ? empty : expected;
    if (!json_equal(want, got))
        world_differ(w, what, expected, got);
    json_decref(empty);
    json_decref(got);
}

/* --- the runtime --- */

static inline const json_t *
world_script(const struct world *w, const char *container)
{
    return json_object_get(w->scripts, container);
}

static inline int64_t
world_shutdown_ms(const struct world *w, const char *container)
{
    return json_integer_value(json_object_get(world_script(w, container), "shutdown_s")) * 1000;
}

/* How often that was done with the container before; counts. */
static inline json_int_t
world_count(struct world *w, const char *what, const char *container)
{
    iw_autofree char *key = iw_asprintf("%s/%s", what, container);
    json_int_t before = json_integer_value(json_object_get(w->counts, key));
    json_object_set_new(w->counts, key, json_integer(before + 1));
    return before;
}

static inline bool
world_fails(struct world *w, const char *what, const char *container)
{
    json_int_t limit = json_integer_value(json_object_get(world_script(w, container), what));
    return world_count(w, what, container) < limit;
}

static inline void
world_run_free(struct world_run *run)
{
    free(run->name);
    free(run->id);
    free(run->raw_id);
    free(run->image);
    free(run->reason);
    free(run->message);
}

static inline void
world_remove(struct world *w, size_t at)
{
    world_run_free(&w->runs[at]);
    memmove(&w->runs[at], &w->runs[at + 1], (w->runs_len - at - 1) * sizeof(w->runs[0]));
    w->runs_len--;
}

static inline struct world_run *
world_newest(struct world *w, const char *container)
{
    for (size_t i = 0; i < w->runs_len; i++) {
        if (strcmp(w->runs[i].name, container) == 0)
            return &w->runs[i];
    }
    return NULL;
}

static inline void
world_stopped(struct world_run *run, bool killed, int64_t at_ms)
{
    run->state = KUBELET_EXITED;
    run->exit_code = killed ? 137 : 143;
    free(run->reason);
    run->reason = iw_strdup("Error");
    run->finished_ms = at_ms;
}

static inline int64_t
world_grace_ms(const struct world *w)
{
    return json_integer_value(json_object_get(w->pod.spec, "terminationGracePeriodSeconds")) * 1000;
}

/* Stop one container inside a sync, which waits for it. */
static inline void
world_stop(struct world *w, const char *container)
{
    struct world_run *run = world_newest(w, container);
    if (!run || (run->state != KUBELET_RUNNING && run->state != KUBELET_UNKNOWN))
        return;
    int64_t needs_ms = world_shutdown_ms(w, container), grace_ms = IW_MAX(world_grace_ms(w), 2000);
    bool unknown = run->state == KUBELET_UNKNOWN;
    w->now_ms += unknown ? 0 : IW_MIN(needs_ms, grace_ms);
    world_stopped(run, needs_ms > grace_ms, w->now_ms);
    if (unknown) { /* nothing tells how it ended */
        run->exit_code = 0;
        free(run->reason);
        run->reason = NULL;
    }
}

/* Stop all of them and the sandbox. */
static inline void
world_stop_pod(struct world *w)
{
    struct kubelet_stop stops[KUBELET_CONTAINERS_MAX] = {0};
    for (size_t i = 0; i < w->pod.count; i++) {
        const struct world_run *run = world_newest(w, w->pod.c[i].name);
        stops[i].running = run && run->state == KUBELET_RUNNING;
        stops[i].term_ms = world_shutdown_ms(w, w->pod.c[i].name);
    }
    int64_t total_ms = kubelet_stop_plan(&w->pod, stops, world_grace_ms(w));
    for (size_t i = 0; i < w->pod.count; i++) {
        if (stops[i].running)
            world_stopped(world_newest(w, w->pod.c[i].name), stops[i].killed,
                          w->now_ms + stops[i].ended_ms);
    }
    w->now_ms += total_ms;
    w->sandbox.ready = false;
}

static inline void
world_create(struct world *w, const struct kubelet_container *c, int attempt)
{
    assert_true(w->runs_len < KUBELET_RECORDS_MAX);
    memmove(&w->runs[1], &w->runs[0], w->runs_len * sizeof(w->runs[0]));
    w->runs_len++;
    struct world_run *run = &w->runs[0];
    *run = (struct world_run){.state = KUBELET_CREATED,
                              .attempt = attempt,
                              .sandbox = w->sandbox.attempt,
                              .created_ms = w->now_ms,
                              .started_ms = KUBELET_NO_TIME,
                              .finished_ms = KUBELET_NO_TIME};
    run->name = iw_strdup(c->name);
    run->raw_id = iw_asprintf("%s_%s_%s_%d_%s_%d", w->pod.name, w->pod.ns, w->pod.uid,
                              w->sandbox.attempt, c->name, attempt);
    run->id = iw_asprintf("fakeRuntime://%s", run->raw_id);
    run->image = iw_strdup(c->image);
}

static inline void
world_purge_inits(struct world *w)
{
    for (size_t i = 0; i < w->pod.inits; i++) {
        struct world_run *run = NULL;
        while ((run = world_newest(w, w->pod.c[i].name)) != NULL)
            world_remove(w, (size_t)(run - w->runs));
    }
}

/* Forget the run that was at that place when the sync began. */
static inline void
world_forget(struct world *w, const char *id)
{
    for (size_t r = 0; r < w->runs_len; r++) {
        if (strcmp(w->runs[r].id, id) == 0) {
            world_remove(w, r);
            return;
        }
    }
}

/* The registry's answers and the sandbox's fault are not in the script, but in the events. */
static inline const char *
world_recorded_error(const struct world *w, const char *container, const char *start)
{
    size_t i;
    json_t *event;
    json_array_foreach(json_object_get(w->step, "events"), i, event)
    {
        const char *message = suite_text(event, "message");
        const char *path = suite_text(event, "fieldPath");
        iw_autofree char *wanted = iw_asprintf("{%s}", container);
        if (container[0] && !strstr(path, wanted))
            continue;
        if (strncmp(message, start, strlen(start)) != 0)
            continue;
        const char *quote = strstr(message, "\": ");
        return container[0] ? (quote ? quote + 3 : NULL) : message + strlen(start);
    }
    return NULL;
}

static inline const char *
world_do(struct world *w, const struct kubelet_sync *sync)
{
    const struct kubelet_container *c = &w->pod.c[sync->container];
    switch (sync->step) {
    case KUBELET_DONE:
        return NULL;
    case KUBELET_STOP_POD:
        world_stop_pod(w);
        return NULL;
    case KUBELET_PURGE_INITS:
        world_purge_inits(w);
        return NULL;
    case KUBELET_MAKE_SANDBOX: {
        const char *error = world_recorded_error(w, "", "Failed to create pod sandbox: ");
        if (!error)
            w->sandbox = (struct kubelet_sandbox){true, true, sync->actions.attempt};
        return error;
    }
    case KUBELET_STOP:
        world_stop(w, c->name);
        return NULL;
    case KUBELET_RESET:
    case KUBELET_PRUNE:
        world_forget(w, w->pod.records[sync->record].id);
        return NULL;
    case KUBELET_PULL:
        if (world_fails(w, "pull_fails", c->name))
            return world_recorded_error(w, c->name, "Failed to pull image");
        json_object_set_new(w->images, c->image, json_true());
        return NULL;
    case KUBELET_CONFIGURE:
        return world_fails(w, "config_fails", c->name) ? "secret \"db\" not found" : NULL;
    case KUBELET_CREATE:
        if (world_fails(w, "create_fails", c->name))
            return "failed to reserve container name";
        world_create(w, c, sync->attempt[sync->container]);
        return NULL;
    case KUBELET_START: {
        struct world_run *run = &w->runs[0];
        static const char error[] = "failed to create containerd task: exec: \"nope\": executable "
                                    "file not found in $PATH";
        if (!world_fails(w, "start_fails", c->name)) {
            run->state = KUBELET_RUNNING;
            run->started_ms = w->now_ms;
            return NULL;
        }
        world_stopped(run, false, w->now_ms);
        run->exit_code = 128;
        free(run->reason);
        run->reason = iw_strdup("StartError");
        run->message = iw_strdup(error);
        return error;
    }
    case KUBELET_POST_START:
        return world_fails(w, "poststart_fails", c->name) ? "command 'post' exited with 1" : NULL;
    }
    return NULL;
}

#endif
