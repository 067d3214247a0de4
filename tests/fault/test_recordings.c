/* What a v1.36.2 API server sent in twenty scenarios, served again through the real path: HTTP,
 * frames, reflector, decoder. For every version of every pod READY, STATUS, RESTARTS, IP and NODE
 * must be what that server printed for it; every event must arrive whole.
 * SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <unistd.h>

#include "fault_world.h"
#include "gzlines.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/status.h"
#include "initwatch/source/recorder.h"
#include "initwatch/source/replay.h"

/* One line of a recording. */
struct recorded {
    json_t *event; /* own */
    int line;
};
/* One line of rows.tsv, split at its tabs. */
enum column {
    COL_SCENARIO,
    COL_LINE,
    COL_TYPE,
    COL_POD,
    COL_RV,
    COL_READY,
    COL_STATUS,
    COL_RESTARTS,
    COL_IP,
    COL_NODE,
    COL_COUNT
};
struct expected {
    char *text; /* own */
    char *cells[COL_COUNT];
};

struct replay {
    struct world world; /* first: ctx of the sink */
    const char *scenario;
    VEC(struct recorded) pods, events;
    VEC(struct expected) rows;
    size_t next_pod, next_row, next_event;
};

static const char *
at(const json_t *object, const char *path)
{
    char key[64];
    while (*path) {
        size_t len = strcspn(path, ".");
        (void)snprintf(key, sizeof(key), "%.*s", (int)len, path);
        object = json_object_get(object, key);
        path += len + (path[len] == '.');
    }
    const char *text = json_string_value(object);
    return text ? text : "";
}

/* --- reading --- */

/* Serve one recording: an empty list, then every line as a chunk, then a clean end, and the watch
 * goes on from the last version. */
static void
serve(struct replay *p, const char *route, const char *kind, const char *last_rv, size_t lines)
{
    strbuf_auto script;
    strbuf_init(&script, 0);
    strbuf_addf(&script, "expect GET /api/v1%s?limit=500\nreply 200 json " LIST("1", "") "\n",
                route);
    strbuf_adds(&script, WATCH_FROM("1") "stream 200 json\n");
    for (size_t i = 0; i < lines; i++)
        strbuf_addf(&script, "chunk @%s%zu\n", kind, i);
    strbuf_addf(&script, "end\nexpect GET %s?watch=1 resourceVersion=%s&\nstream 200 json\nhang\n",
                route, last_rv);
    script_server_route(p->world.server, route, script.data);
}

static void
read_recording(struct replay *p, const char *kind)
{
    char path[512], name[32], last_rv[64] = "1";
    (void)snprintf(path, sizeof(path), "%s/traffic/%s.%s.jsonl.gz", TEST_DATA_DIR, p->scenario,
                   kind);
    struct gzlines *lines = gzlines_open(path);
    assert_non_null(lines);
    size_t count = 0, len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL; count++) {
        json_t *root = json_loadb(line, len, 0, NULL);
        struct recorded r = {json_incref(json_object_get(root, "event")), (int)count + 1};
        json_decref(root);
        assert_non_null(r.event);
        (void)snprintf(last_rv, sizeof(last_rv), "%s",
                       at(r.event, "object.metadata.resourceVersion"));
        /* The bytes as they came: {"t":SECONDS,"event":BYTES} */
        char *bytes = strstr(line, "\"event\":") + strlen("\"event\":");
        line[len - 1] = '\n';
        (void)snprintf(name, sizeof(name), "%s%zu", kind, count);
        script_server_blob(p->world.server, name, bytes, (size_t)(line + len - bytes));
        if (strcmp(at(r.event, "type"), "BOOKMARK") == 0)
            json_decref(r.event);
        else if (strcmp(kind, "pods") == 0)
            vec_push(&p->pods, r);
        else
            vec_push(&p->events, r);
    }
    gzlines_close(lines);
    serve(p, strcmp(kind, "pods") == 0 ? "/pods" : "/events", kind, last_rv, count);
}

static void
read_rows(struct replay *p)
{
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/traffic/rows.tsv.gz");
    assert_non_null(lines);
    size_t len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL;) {
        struct expected row = {.text = iw_strdup(line)};
        char *rest = row.text;
        for (int i = 0; i < COL_COUNT; i++) {
            row.cells[i] = rest;
            rest += strcspn(rest, "\t");
            if (*rest)
                *rest++ = '\0';
        }
        if (strcmp(row.cells[COL_SCENARIO], p->scenario) == 0)
            vec_push(&p->rows, row);
        else
            free(row.text);
    }
    gzlines_close(lines);
}

/* --- comparing --- */

static void
check_cell(const struct expected *row, enum column column, const char *got)
{
    if (strcmp(row->cells[column], got) != 0)
        fail_msg("%s line %s, pod %s: expected \"%s\", got \"%s\"", row->cells[COL_SCENARIO],
                 row->cells[COL_LINE], row->cells[COL_POD], row->cells[column], got);
}

static void
check_pod(struct replay *p, const struct pod *pod, bool deleted)
{
    assert_true(p->next_row < p->rows.len);
    const struct expected *row = &p->rows.items[p->next_row++];
    const struct recorded *sent = &p->pods.items[p->next_pod++];
    char name[512], number[32];
    assert_int_equal(strtol(row->cells[COL_LINE], NULL, 10), sent->line);
    check_cell(row, COL_TYPE, at(sent->event, "type"));
    assert_int_equal(deleted, strcmp(row->cells[COL_TYPE], "DELETED") == 0);
    (void)snprintf(name, sizeof(name), "%s/%s", pod->ns, pod->name);
    check_cell(row, COL_POD, name);
    check_cell(row, COL_RV, pod->resource_version);
    struct pod_cells cells;
    pod_print_cells(pod, clock_wall(&p->world.clock), &cells);
    check_cell(row, COL_READY, cells.ready);
    check_cell(row, COL_STATUS, cells.status);
    check_cell(row, COL_IP, cells.ip);
    check_cell(row, COL_NODE, cells.node);
    /* "3 (21s ago)" depends on the second in which the server printed it: the number must agree. */
    row->cells[COL_RESTARTS][strcspn(row->cells[COL_RESTARTS], " ")] = '\0';
    (void)snprintf(number, sizeof(number), "%.*s", (int)strcspn(cells.restarts, " "),
                   cells.restarts);
    check_cell(row, COL_RESTARTS, number);
}

static void
on_upsert(void *ctx, struct pod *pod)
{
    check_pod(ctx, pod, false);
    fw_upsert(ctx, pod);
}

static void
on_remove(void *ctx, struct pod *pod)
{
    check_pod(ctx, pod, true);
    fw_remove(ctx, pod);
}

/* The container an event is about stands only in involvedObject.fieldPath:
 * spec.initContainers{NAME}. */
static void
check_container(const char *field_path, const char *container)
{
    const char *brace = strchr(field_path, '{');
    char name[256] = "";
    if (brace)
        (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(brace + 1, "}"), brace + 1);
    assert_string_equal(container, name);
}

static void
on_event(void *ctx, const struct kevent *ev)
{
    struct replay *p = ctx;
    assert_true(p->next_event < p->events.len);
    const json_t *object = json_object_get(p->events.items[p->next_event++].event, "object");
    assert_string_equal(ev->uid, at(object, "metadata.uid"));
    assert_string_equal(ev->reason, at(object, "reason"));
    assert_string_equal(ev->message, at(object, "message"));
    assert_string_equal(ev->type, at(object, "type"));
    assert_string_equal(ev->object_name, at(object, "involvedObject.name"));
    assert_string_equal(ev->object_uid, at(object, "involvedObject.uid"));
    check_container(at(object, "involvedObject.fieldPath"), ev->container);
    /* The scheduler sends neither firstTimestamp nor lastTimestamp. */
    assert_true(ev->first_ms > 1795300000000 && ev->last_ms >= ev->first_ms);
    json_int_t count = json_integer_value(json_object_get(object, "count"));
    assert_int_equal(ev->count, count > 0 ? count : 1);
    fw_event(ctx, ev);
}

/* --- the test --- */

static void
replay_free(struct replay *p)
{
    for (size_t i = 0; i < p->pods.len; i++)
        json_decref(p->pods.items[i].event);
    for (size_t i = 0; i < p->events.len; i++)
        json_decref(p->events.items[i].event);
    for (size_t i = 0; i < p->rows.len; i++)
        free(p->rows.items[i].text);
    vec_free(&p->pods);
    vec_free(&p->events);
    vec_free(&p->rows);
}

/* Pods that were not deleted at the end of the recording. */
static size_t
living(const struct replay *p)
{
    size_t count = 0;
    for (size_t i = 0; i < p->pods.len; i++) {
        bool last = true;
        const char *uid = at(p->pods.items[i].event, "object.metadata.uid");
        for (size_t k = i + 1; k < p->pods.len && last; k++)
            last = strcmp(uid, at(p->pods.items[k].event, "object.metadata.uid")) != 0;
        count += last && strcmp(at(p->pods.items[i].event, "type"), "DELETED") != 0;
    }
    return count;
}

static void
recording__gives_what_the_server_printed_for_every_version(void **state)
{
    struct replay p = {.scenario = *state};
    struct world *w = &p.world;
    fw_init(w);
    read_recording(&p, "pods");
    read_recording(&p, "events");
    read_rows(&p);
    assert_int_equal(p.rows.len, p.pods.len);
    assert_true(p.rows.len > 0);
    struct source_opts opts = fw_opts(w);
    opts.ns = "";
    opts.no_events = false;
    opts.sink.upsert = on_upsert;
    opts.sink.remove = on_remove;
    opts.sink.event = on_event;
    fw_open_with(w, opts, (struct kube_client_config){0});
    fw_wait_requests(w, "/pods?watch=1", 2);
    fw_wait_requests(w, "/events?watch=1", 2);
    assert_int_equal(p.next_row, p.rows.len);
    assert_int_equal(p.next_event, p.events.len);
    assert_int_equal(store_count(w->store), living(&p));
    assert_int_equal(w->status[STREAM_PODS].last.code, IW_OK);
    print_message("%s: %zu pod versions, %zu events agree\n", p.scenario, p.rows.len, p.events.len);
    fw_close(w);
    replay_free(&p);
}

/* --- the same once more through :record and -r --- */

static void
set_clock(void *ctx, int64_t wall_ms, double speed)
{
    struct world *w = ctx;
    (void)speed;
    w->clock.manual_wall_ms = wall_ms;
}

static struct source_opts
checked_opts(struct replay *p)
{
    struct source_opts opts = fw_opts(&p->world);
    opts.ns = "";
    opts.no_events = false;
    opts.sink.upsert = on_upsert;
    opts.sink.remove = on_remove;
    opts.sink.event = on_event;
    return opts;
}

static void
record(struct replay *p, const char *path)
{
    struct world *w = &p->world;
    struct recorder *recorder = NULL;
    struct iw_error err = {0};
    struct recorder_opts opts = {
        .clock = &w->clock, .context = "test", .server = script_server_url(w->server), .ns = ""};
    (void)unlink(path);
    assert_int_equal(recorder_open(path, &opts, &recorder, &err), IW_OK);
    fw_open_with(w, checked_opts(p), (struct kube_client_config){0});
    w->source->class_->record(w->source, recorder);
    fw_wait_requests(w, "/pods?watch=1", 2);
    fw_wait_requests(w, "/events?watch=1", 2);
    assert_int_equal(recorder_count(recorder), p->pods.len + p->events.len);
    w->source->class_->record(w->source, NULL);
    assert_int_equal(recorder_close(recorder, &err), IW_OK);
    source_kube.close(w->source);
    w->source = NULL;
    store_clear(w->store);
}

static void
play(struct replay *p, const char *path)
{
    struct world *w = &p->world;
    struct recording *recording = NULL;
    struct iw_error err = {0};
    if (recording_open(path, &recording, &err) != IW_OK)
        fail_msg("%s", err.msg);
    struct replay_opts how = {.recording = recording,
                              .set_clock = set_clock,
                              .ctx = w,
                              .at_once = true,
                              .start_ms = recording_about(recording)->length_ms};
    struct source_opts opts = checked_opts(p);
    opts.replay = &how;
    assert_int_equal(source_replay.open(&opts, &w->source, &err), IW_OK);
    loop_turn(w->loop, 0);
    source_replay.close(w->source);
    w->source = NULL;
    recording_free(recording);
}

/* What was recorded of a real server gives, when it is played, the same READY, STATUS ... and events, one
 * by one, as what it sent. */
static void
recording__is_the_same_when_it_is_recorded_and_played(void **state)
{
    char path[64];
    struct replay p = {.scenario = *state};
    fw_init(&p.world);
    read_recording(&p, "pods");
    read_recording(&p, "events");
    read_rows(&p);
    (void)snprintf(path, sizeof(path), "/tmp/initwatch-rec-%d.jsonl", (int)getpid());
    record(&p, path);
    assert_int_equal(p.next_row, p.rows.len);
    p.next_row = p.next_pod = p.next_event = 0;
    play(&p, path);
    assert_int_equal(p.next_row, p.rows.len);
    assert_int_equal(p.next_event, p.events.len);
    assert_int_equal(store_count(p.world.store), living(&p));
    (void)unlink(path);
    fw_close(&p.world);
    replay_free(&p);
}

int
main(void)
{
    static char names[][24] = {"deploy-init",
                               "ex1",
                               "ex2-ok",
                               "ex2-stuck",
                               "ex3",
                               "ex4",
                               "ex5",
                               "init-bad-image",
                               "init-crashloop",
                               "init-error",
                               "init-missing-cm",
                               "init-oom",
                               "job-sidecar",
                               "missing-volume",
                               "seed2-shared",
                               "seed2-two",
                               "sidecar-readiness-fail",
                               "sidecar-startup-fail",
                               "terminating",
                               "unschedulable"};
    struct CMUnitTest tests[IW_COUNTOF(names)];
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        tests[i] = (struct CMUnitTest)cmocka_unit_test_prestate(
            recording__gives_what_the_server_printed_for_every_version, names[i]);
    }
    int failed = cmocka_run_group_tests_name("in JSON", tests, NULL, NULL);
    struct CMUnitTest played[IW_COUNTOF(names)];
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        played[i] = (struct CMUnitTest)cmocka_unit_test_prestate(
            recording__is_the_same_when_it_is_recorded_and_played, names[i]);
    }
    failed += cmocka_run_group_tests_name("recorded and played", played, NULL, NULL);
    fw_speaks_protobuf = true;
    return failed + cmocka_run_group_tests_name("in protobuf", tests, NULL, NULL);
}
