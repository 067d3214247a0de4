/* cells: what `kubectl get` prints, computed by the server.
 * Written from the description of printPod on its own, apart from the program's model: two readings
 * of the same rules that the tests can hold against each other. Ref: SEMANTICS A.2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/cells.h"

#include <stdio.h>
#include <string.h>

#include "cells_kinds.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"

static int64_t
time_of(const json_t *object, const char *member)
{
    const char *value = text(object, member);
    int64_t wall_ms = IW_TIME_NONE;
    if (!value[0] || rfc3339_parse(value, strlen(value), &wall_ms, NULL) != IW_OK)
        return IW_TIME_NONE;
    return wall_ms;
}

static json_t *
age_since(int64_t wall_ms, int64_t now_wall_ms)
{
    char age[32];
    if (wall_ms == IW_TIME_NONE)
        return json_string("<unknown>");
    duration_human(now_wall_ms - wall_ms, age);
    return json_string(age);
}

/* --- pods --- */

struct pod_line {
    int ready, total;
    int64_t restarts, sidecar_restarts, last_ms, sidecar_last_ms;
    char reason[160];
    bool initializing;
};

static bool
is_true(const json_t *object, const char *member)
{
    return json_is_true(get(object, member));
}

static bool
spec_is_sidecar(const json_t *spec, const char *name)
{
    bool sidecar = false;
    size_t i;
    json_t *container;
    json_array_foreach((json_t *)get(spec, "initContainers"), i, container)
    {
        if (strcmp(text(container, "name"), name) == 0)
            sidecar = strcmp(text(container, "restartPolicy"), "Always") == 0;
    }
    return sidecar;
}

static const json_t *
condition(const json_t *status, const char *type)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)get(status, "conditions"), i, entry)
    {
        if (strcmp(text(entry, "type"), type) == 0)
            return entry;
    }
    return NULL;
}

static void
terminated_text(const json_t *terminated, char *out, size_t out_size)
{
    int64_t signal = json_integer_value(get(terminated, "signal"));
    int64_t code = json_integer_value(get(terminated, "exitCode"));
    if (text(terminated, "reason")[0])
        (void)snprintf(out, out_size, "%s", text(terminated, "reason"));
    else if (signal)
        (void)snprintf(out, out_size, "Signal:%lld", (long long)signal);
    else
        (void)snprintf(out, out_size, "ExitCode:%lld", (long long)code);
}

static void
count_restarts(const json_t *status, int64_t *restarts, int64_t *last_ms)
{
    *restarts += json_integer_value(get(status, "restartCount"));
    int64_t finished_ms = time_of(get(get(status, "lastState"), "terminated"), "finishedAt");
    *last_ms = IW_MAX(*last_ms, finished_ms);
}

/* Returns true when the walk over the init containers ends here. */
static bool
walk_init(const json_t *spec, const json_t *status, size_t index, struct pod_line *line)
{
    bool sidecar = spec_is_sidecar(spec, text(status, "name"));
    const json_t *terminated = get(get(status, "state"), "terminated");
    const char *waiting = text(get(get(status, "state"), "waiting"), "reason");
    count_restarts(status, &line->restarts, &line->last_ms);
    if (sidecar)
        count_restarts(status, &line->sidecar_restarts, &line->sidecar_last_ms);
    if (terminated && json_integer_value(get(terminated, "exitCode")) == 0)
        return false;
    if (sidecar && is_true(status, "started")) {
        line->ready += is_true(status, "ready");
        return false;
    }
    line->initializing = true;
    char why[120];
    if (terminated) {
        terminated_text(terminated, why, sizeof(why));
        (void)snprintf(line->reason, sizeof(line->reason), "Init:%s", why);
    } else if (waiting[0] && strcmp(waiting, "PodInitializing") != 0) {
        (void)snprintf(line->reason, sizeof(line->reason), "Init:%s", waiting);
    } else {
        (void)snprintf(line->reason, sizeof(line->reason), "Init:%zu/%zu", index,
                       json_array_size(get(spec, "initContainers")));
    }
    return true;
}

static void
walk_apps(const json_t *status, struct pod_line *line)
{
    bool running = false;
    char error[160] = "";
    const json_t *list = get(status, "containerStatuses");
    for (size_t i = json_array_size(list); i-- > 0;) {
        const json_t *c = json_array_get(list, i);
        const json_t *terminated = get(get(c, "state"), "terminated");
        const char *waiting = text(get(get(c, "state"), "waiting"), "reason");
        count_restarts(c, &line->restarts, &line->last_ms);
        if (waiting[0]) {
            (void)snprintf(line->reason, sizeof(line->reason), "%s", waiting);
        } else if (terminated) {
            terminated_text(terminated, line->reason, sizeof(line->reason));
            if (json_integer_value(get(terminated, "exitCode")) != 0)
                (void)snprintf(error, sizeof(error), "%s", line->reason);
        } else if (is_true(c, "ready") && get(get(c, "state"), "running")) {
            running = true;
            line->ready++;
        }
    }
    const json_t *ready = condition(status, "Ready");
    if (strcmp(line->reason, "Completed") != 0)
        return;
    const char *instead = running && strcmp(text(ready, "status"), "True") == 0 ? "Running"
                          : error[0]                                            ? error
                          : running                                             ? "NotReady"
                                                                                : "Completed";
    (void)snprintf(line->reason, sizeof(line->reason), "%s", instead);
}

/* Any condition will do here, not only the first one of its type. */
static bool
is_gated(const json_t *status)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)get(status, "conditions"), i, entry)
    {
        if (strcmp(text(entry, "type"), "PodScheduled") == 0 &&
            strcmp(text(entry, "reason"), "SchedulingGated") == 0)
            return true;
    }
    return false;
}

static struct pod_line
pod_line(const json_t *pod)
{
    const json_t *spec = get(pod, "spec"), *status = get(pod, "status");
    struct pod_line line = {.last_ms = IW_TIME_NONE, .sidecar_last_ms = IW_TIME_NONE};
    const char *phase = text(status, "phase");
    const char *why = text(status, "reason");
    (void)snprintf(line.reason, sizeof(line.reason), "%s", why[0] ? why : phase);
    if (is_gated(status))
        (void)snprintf(line.reason, sizeof(line.reason), "SchedulingGated");
    line.total = (int)json_array_size(get(spec, "containers"));
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)get(spec, "initContainers"), i, entry)
    {
        line.total += strcmp(text(entry, "restartPolicy"), "Always") == 0;
    }
    json_array_foreach((json_t *)get(status, "initContainerStatuses"), i, entry)
    {
        if (walk_init(spec, entry, i, &line))
            break;
    }
    if (!line.initializing ||
        strcmp(text(condition(status, "Initialized"), "status"), "True") == 0) {
        line.restarts = line.sidecar_restarts;
        line.last_ms = line.sidecar_last_ms;
        walk_apps(status, &line);
    }
    bool over = strcmp(phase, "Failed") == 0 || strcmp(phase, "Succeeded") == 0;
    bool deleted = json_is_string(get(get(pod, "metadata"), "deletionTimestamp"));
    if (deleted && strcmp(why, "NodeLost") == 0)
        (void)snprintf(line.reason, sizeof(line.reason), "Unknown");
    else if (deleted && !over)
        (void)snprintf(line.reason, sizeof(line.reason), "Terminating");
    return line;
}

static json_t *
or_none(const char *value)
{
    return json_string(value[0] ? value : "<none>");
}

static json_t *
readiness_gates(const json_t *pod)
{
    const json_t *gates = get(get(pod, "spec"), "readinessGates");
    int passed = 0;
    size_t i;
    json_t *gate;
    json_array_foreach((json_t *)gates, i, gate)
    {
        const json_t *entry = condition(get(pod, "status"), text(gate, "conditionType"));
        passed += strcmp(text(entry, "status"), "True") == 0;
    }
    if (json_array_size(gates) == 0)
        return json_string("<none>");
    return json_sprintf("%d/%zu", passed, json_array_size(gates));
}

/* podIP wins over the list; the list alone is enough. */
static const char *
pod_ip(const json_t *status)
{
    const char *ip = text(status, "podIP");
    return ip[0] ? ip : text(json_array_get(get(status, "podIPs"), 0), "ip");
}

static json_t *
pod_row(const json_t *pod, int64_t now_wall_ms)
{
    struct pod_line line = pod_line(pod);
    const json_t *status = get(pod, "status");
    char restarts[96], ago[32];
    (void)snprintf(restarts, sizeof(restarts), "%lld", (long long)line.restarts);
    if (line.restarts != 0 && line.last_ms != IW_TIME_NONE) {
        duration_human(now_wall_ms - line.last_ms, ago);
        (void)snprintf(restarts, sizeof(restarts), "%lld (%s ago)", (long long)line.restarts, ago);
    }
    return json_pack("[s,o,s,s,o,o,o,o,o]", text(get(pod, "metadata"), "name"),
                     json_sprintf("%d/%d", line.ready, line.total), line.reason, restarts,
                     age_since(time_of(get(pod, "metadata"), "creationTimestamp"), now_wall_ms),
                     or_none(pod_ip(status)), or_none(text(get(pod, "spec"), "nodeName")),
                     or_none(text(status, "nominatedNodeName")), readiness_gates(pod));
}

/* --- other kinds --- */

static json_t *
event_row(const json_t *event, int64_t now_wall_ms)
{
    const json_t *involved = get(event, "involvedObject");
    int64_t last_ms = time_of(event, "lastTimestamp"), first_ms = time_of(event, "firstTimestamp");
    int64_t count = IW_MAX(json_integer_value(get(event, "count")), 1);
    if (last_ms == IW_TIME_NONE)
        last_ms = first_ms = time_of(event, "eventTime");
    char kind[64], seen[96], age[32], first[32];
    (void)snprintf(kind, sizeof(kind), "%s", text(involved, "kind"));
    for (char *p = kind; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
    duration_human(now_wall_ms - last_ms, age);
    duration_human(now_wall_ms - first_ms, first);
    (void)snprintf(seen, sizeof(seen), "%s", age);
    if (count > 1)
        (void)snprintf(seen, sizeof(seen), "%s (x%lld over %s)", age, (long long)count, first);
    const json_t *source = get(event, "source");
    const char *component = text(source, "component")[0] ? text(source, "component")
                                                         : text(event, "reportingComponent");
    return json_pack(
        "[s,s,s,o,s,o,s,s,I,s]", seen, text(event, "type"), text(event, "reason"),
        json_sprintf("%s/%s", kind, text(involved, "name")), text(involved, "fieldPath"),
        json_sprintf("%s%s%s", component, text(source, "host")[0] ? ", " : "",
                     text(source, "host")),
        text(event, "message"), first, (json_int_t)count, text(get(event, "metadata"), "name"));
}

json_t *
cells_row(enum demo_kind kind, const json_t *object, int64_t now_wall_ms)
{
    if (kind == DEMO_KIND_POD)
        return pod_row(object, now_wall_ms);
    if (kind == DEMO_KIND_EVENT)
        return event_row(object, now_wall_ms);
    return cells_kind_row(kind, object, now_wall_ms);
}

/* --- columns --- */

struct column {
    const char *name, *type;
    int priority; /* 1: only with -o wide */
};

static const struct column pod_columns[] = {{"Name", "string", 0},
                                            {"Ready", "string", 0},
                                            {"Status", "string", 0},
                                            {"Restarts", "string", 0},
                                            {"Age", "string", 0},
                                            {"IP", "string", 1},
                                            {"Node", "string", 1},
                                            {"Nominated Node", "string", 1},
                                            {"Readiness Gates", "string", 1}};
static const struct column event_columns[] = {
    {"Last Seen", "string", 0}, {"Type", "string", 0},       {"Reason", "string", 0},
    {"Object", "string", 0},    {"Subobject", "string", 1},  {"Source", "string", 1},
    {"Message", "string", 0},   {"First Seen", "string", 1}, {"Count", "integer", 1},
    {"Name", "string", 1}};
static json_t *
column_json(const char *name, const char *type, int priority)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:i}", "name", name, "type", type, "format",
                     strcmp(name, "Name") == 0 ? "name" : "", "description", name, "priority",
                     priority);
}

/* Columns from their short form. */
static json_t *
plain_columns(const char *spec)
{
    json_t *list = json_array();
    for (const char *p = spec; *p;) {
        size_t len = strcspn(p, "|"), name_len = strcspn(p, "|#*");
        bool number = memchr(p, '#', len) != NULL, wide = memchr(p, '*', len) != NULL;
        iw_autofree char *name = iw_strndup(p, name_len);
        json_array_append_new(list, column_json(name, number ? "integer" : "string", wide));
        p += len + (p[len] == '|');
    }
    return list;
}

json_t *
cells_columns(enum demo_kind kind)
{
    if (kind != DEMO_KIND_POD && kind != DEMO_KIND_EVENT)
        return plain_columns(cells_kind_columns(kind));
    bool pod = kind == DEMO_KIND_POD;
    const struct column *columns = pod ? pod_columns : event_columns;
    size_t count = pod ? IW_COUNTOF(pod_columns) : IW_COUNTOF(event_columns);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list,
                              column_json(columns[i].name, columns[i].type, columns[i].priority));
    return list;
}
