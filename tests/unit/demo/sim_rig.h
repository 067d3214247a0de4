/* sim_rig: the simulator on a manual clock, and what a watcher of one pod would have seen of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_DEMO_SIM_RIG_H
#define TESTS_UNIT_DEMO_SIM_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/clock.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/demo/cells.h"
#include "initwatch/demo/sim.h"

#define RIG_WALL_MS 1763200800000 /* 2025-11-15T10:00:00Z */

struct rig {
    struct sim *sim;
    const char *pod;    /* watch only this one; NULL: whichever comes */
    char seen[8192];    /* "0/1 Pending, 0/1 Init:0/1, ..." without repetitions */
    char events[65536]; /* "T reason fieldPath message\n" */
    char last_cells[256];
    json_t *last; /* the newest version of the pod */
    unsigned versions;
    bool deleted;
    json_t *scripts;
};

static void
rig_put(void *ctx, enum demo_kind kind, json_t *object)
{
    struct rig *rig = ctx;
    const char *name =
        json_string_value(json_object_get(json_object_get(object, "metadata"), "name"));
    if (kind == DEMO_KIND_POD && rig->pod && strcmp(rig->pod, name ? name : "") != 0) {
        json_decref(object);
        return;
    }
    if (kind == DEMO_KIND_POD) {
        int64_t wall_ms = rig->sim ? sim_wall_ms(rig->sim, sim_now_ms(rig->sim)) : RIG_WALL_MS;
        json_t *cells = cells_row(DEMO_KIND_POD, object, wall_ms);
        char text[256];
        (void)snprintf(text, sizeof(text), "%s %s", json_string_value(json_array_get(cells, 1)),
                       json_string_value(json_array_get(cells, 2)));
        json_decref(cells);
        if (strcmp(text, rig->last_cells) != 0) {
            size_t used = strlen(rig->seen);
            (void)snprintf(rig->seen + used, sizeof(rig->seen) - used, "%s%s", used ? ", " : "",
                           text);
            (void)snprintf(rig->last_cells, sizeof(rig->last_cells), "%s", text);
        }
        rig->versions++;
        json_decref(rig->last);
        rig->last = json_incref(object);
    } else if (kind == DEMO_KIND_EVENT) {
        const char *field = json_string_value(
            json_object_get(json_object_get(object, "involvedObject"), "fieldPath"));
        size_t used = strlen(rig->events);
        (void)snprintf(rig->events + used, sizeof(rig->events) - used, "%lld %s %s %s %s\n",
                       (long long)sim_now_ms(rig->sim),
                       json_string_value(json_object_get(object, "type")),
                       json_string_value(json_object_get(object, "reason")), field ? field : "-",
                       json_string_value(json_object_get(object, "message")));
    }
    json_decref(object);
}

static void
rig_gone(void *ctx, enum demo_kind kind, json_t *last)
{
    struct rig *rig = ctx;
    (void)last;
    rig->deleted = rig->deleted || kind == DEMO_KIND_POD;
}

static struct rig *
rig_new_seed(uint64_t seed)
{
    struct rig *rig = iw_calloc(1, sizeof(*rig));
    struct sim_config config = {
        .seed = seed, .start_wall_ms = RIG_WALL_MS, .speed = 1, .sink = {rig, rig_put, rig_gone}};
    rig->sim = sim_new(&config);
    return rig;
}

static IW_UNUSED struct rig *
rig_new(void)
{
    return rig_new_seed(42);
}

static void
rig_free(struct rig *rig)
{
    sim_free(rig->sim);
    json_decref(rig->last);
    json_decref(rig->scripts);
    free(rig);
}

/* How the containers of what is applied next behave (YAML). */
static void IW_UNUSED
rig_scripts(struct rig *rig, const char *yaml)
{
    json_decref(rig->scripts);
    rig->scripts = NULL;
    struct iw_error err = {0};
    if (yaml_json_one("scripts", yaml, strlen(yaml), &rig->scripts, &err) != IW_OK)
        fail_msg("%s", err.msg);
}

static enum iw_err
rig_apply_document(void *ctx, json_t *document, int line, struct iw_error *err)
{
    struct rig *rig = ctx;
    (void)line;
    struct sim_apply how = {.namespace_default = "shop", .scripts = rig->scripts};
    enum iw_err code = sim_apply(rig->sim, document, &how, err);
    json_decref(document);
    return code;
}

static void IW_UNUSED
rig_apply(struct rig *rig, const char *yaml)
{
    struct iw_error err = {0};
    if (yaml_json_each("manifest", yaml, strlen(yaml), rig_apply_document, rig, &err) != IW_OK)
        fail_msg("%s", err.msg);
}

static void IW_UNUSED
rig_run(struct rig *rig, int64_t until_s)
{
    sim_run_until(rig->sim, until_s * 1000);
}

/* A container's status in the newest version. Borrowed. */
static json_t *IW_UNUSED
rig_status(struct rig *rig, const char *container)
{
    static const char *const lists[] = {"initContainerStatuses", "containerStatuses"};
    const json_t *status = json_object_get(rig->last, "status");
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *entry;
        json_array_foreach(json_object_get(status, lists[l]), i, entry)
        {
            if (strcmp(json_string_value(json_object_get(entry, "name")), container) == 0)
                return entry;
        }
    }
    fail_msg("no status of %s", container);
    return NULL;
}

static json_t *IW_UNUSED
rig_terminated(struct rig *rig, const char *container)
{
    json_t *state = json_object_get(rig_status(rig, container), "state");
    json_t *terminated = json_object_get(state, "terminated");
    if (!terminated)
        fail_msg("%s is not terminated", container);
    return terminated;
}

static IW_UNUSED const char *
rig_finished_at(struct rig *rig, const char *container)
{
    return json_string_value(json_object_get(rig_terminated(rig, container), "finishedAt"));
}

static IW_UNUSED const char *
rig_phase(struct rig *rig)
{
    return json_string_value(json_object_get(json_object_get(rig->last, "status"), "phase"));
}

/* Moments (ms) of the events of one reason and field path, oldest first. Returns how many there
 * are. */
static size_t IW_UNUSED
rig_event_times(struct rig *rig, const char *reason, const char *field, int64_t *out, size_t room)
{
    size_t count = 0;
    const char *p = rig->events;
    while (*p) {
        long long t_ms = 0;
        char word[3][256];
        size_t at = 0;
        t_ms = strtoll(p, NULL, 10);
        const char *from = p + strcspn(p, " ") + 1;
        for (; at < 3; at++) {
            size_t len = strcspn(from, " \n");
            (void)snprintf(word[at], sizeof(word[at]), "%.*s", (int)IW_MIN(len, (size_t)255), from);
            from += len + 1;
        }
        if (strcmp(word[1], reason) == 0 && strcmp(word[2], field) == 0 && count < room)
            out[count++] = t_ms;
        p += strcspn(p, "\n");
        p += *p == '\n';
    }
    return count;
}

#endif
