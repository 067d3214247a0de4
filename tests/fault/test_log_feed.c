/* The feed of the log view: attempts as chapters, kept when they leave the screen, merged in order of time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/log_hold.h"
#include "initwatch/app/logs.h"
#include "initwatch/base/limits.h"
#include "log_world.h"

enum { DEADLINE_MS = 20000 };

static void
write_line(struct log_world *w, const char *text)
{
    log_server_append(w->server, clock_wall(&w->clock) * 1000000, text);
    clock_advance(&w->clock, 10);
}

static void
restart(struct log_world *w, struct logs *logs)
{
    clock_advance(&w->clock, 3000);
    lw_restart(w);
    lw_tell(w, false);
    logs_model_changed(logs);
}

static void
turn(struct log_world *w, int64_t begin_ms, const char *what)
{
    loop_turn(w->session.loop, 2);
    clock_advance(&w->clock, 20);
    if (lw_real_ms() - begin_ms > DEADLINE_MS)
        fail_msg("waited for %s", what);
}

static void
wait_lines(struct log_world *w, const struct logs *logs, size_t count)
{
    for (int64_t begin_ms = lw_real_ms(); logbuf_count(logs_feed(logs)->buf) < count;)
        turn(w, begin_ms, "lines");
}

static void
open_log(struct log_world *w, struct logs *logs, enum log_want want)
{
    struct logs_request request = {.pod = w->pod, .container = "app", .want = want};
    logs_open(logs, &request);
}

/* "2:one 3:two ": attempt (from 1) and text of each line; "[1 never]" a chapter without lines. */
static void
assert_story(const struct logs *logs, const char *story)
{
    const struct logbuf *b = logs_feed(logs)->buf;
    strbuf_auto out;
    strbuf_init(&out, 0);
    for (size_t i = 0; i < logbuf_chapter_count(b); i++) {
        const struct logbuf_chapter *chapter = logbuf_chapter_at(b, i);
        if (chapter->missing[0])
            strbuf_addf(&out, "[%d %.14s] ", chapter->attempt + 1, chapter->missing);
        for (size_t k = 0; k < logbuf_count(b); k++) {
            struct logbuf_line line = logbuf_line(b, k);
            if (line.chapter == logbuf_chapter_id(b, i) && line.kind == LOGBUF_TEXT)
                strbuf_addf(&out, "%d:%.*s ", chapter->attempt + 1, (int)line.len, line.text);
        }
    }
    assert_string_equal(out.data, story);
}

static void
assert_run(const struct logs *logs, const struct log_world *w, int32_t attempt, uint64_t lines,
           bool tail, const char *last)
{
    const struct log_feed *feed = logs_feed(logs);
    const struct pod *pod = store_get(w->session.store, w->pod);
    struct log_run run;
    assert_true(feed->run(feed->run_ctx, pod->uid, "app", attempt, &run));
    assert_int_equal(run.lines, lines);
    assert_int_equal(run.tail, tail);
    assert_string_equal(run.last, last);
}

static bool
knows_run(const struct logs *logs, const struct log_world *w, int32_t attempt)
{
    const struct log_feed *feed = logs_feed(logs);
    const struct pod *pod = store_get(w->session.store, w->pod);
    struct log_run run;
    return feed->run(feed->run_ctx, pod->uid, "app", attempt, &run);
}

static void
log_feed__the_run_before_comes_first_and_the_next_one_opens_by_itself(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 1);
    struct logs *logs = logs_new(&w.session);
    write_line(&w, "one");
    restart(&w, logs);
    write_line(&w, "two");
    restart(&w, logs);
    write_line(&w, "three");
    open_log(&w, logs, LOG_WANT_AUTO);
    assert_int_equal(logs_feed(logs)->wait.wall_ms, clock_wall(&w.clock));
    wait_lines(&w, logs, 2);
    assert_story(logs, "[1 never seen: en] 2:two 3:three ");
    restart(&w, logs);
    write_line(&w, "four");
    wait_lines(&w, logs, 3);
    assert_story(logs, "[1 never seen: en] 2:two 3:three 4:four ");
    const struct logbuf_chapter *third = logbuf_chapter_at(logs_feed(logs)->buf, 2);
    assert_true(third->ended && third->exit_known);
    assert_string_equal(third->how, "exit 1");
    assert_int_equal(logs_feed(logs)->attempt, 3);
    assert_int_equal(logs_feed(logs)->dropped, 0);
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__attempts_of_the_pod_in_focus_are_kept_without_its_log_open(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 2);
    struct logs *logs = logs_new(&w.session);
    logs_focus(logs, w.pod);
    static const char *const texts[] = {"one", "two", "three", "four"};
    for (unsigned i = 0; i < 3; i++) {
        write_line(&w, texts[i]);
        restart(&w, logs);
        unsigned requests = log_server_requests(w.server);
        logs_focus(logs, w.pod);
        for (int64_t begin_ms = lw_real_ms(); log_server_requests(w.server) == requests;)
            turn(&w, begin_ms, "the keeper");
        for (int i2 = 0; i2 < 50; i2++)
            turn(&w, lw_real_ms(), "its answer");
    }
    for (int32_t i = 0; i < 3; i++)
        assert_run(logs, &w, i, 1, false, texts[i]);
    assert_false(knows_run(logs, &w, 3));
    write_line(&w, texts[3]);
    open_log(&w, logs, LOG_WANT_AUTO);
    wait_lines(&w, logs, 4);
    assert_story(logs, "1:one 2:two 3:three 4:four ");
    assert_run(logs, &w, 2, 1, false, "three");
    assert_run(logs, &w, 3, 1, false, "four");
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__attempts_that_leave_the_screen_come_back_without_a_request(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 3);
    struct logs *logs = logs_new(&w.session);
    write_line(&w, "one");
    open_log(&w, logs, LOG_WANT_AUTO);
    wait_lines(&w, logs, 1);
    restart(&w, logs);
    write_line(&w, "two");
    wait_lines(&w, logs, 2);
    restart(&w, logs);
    write_line(&w, "three");
    wait_lines(&w, logs, 3);
    logs_close(logs);
    unsigned requests = log_server_requests(w.server);
    open_log(&w, logs, LOG_WANT_PREVIOUS);
    assert_int_equal(logs_feed(logs)->attempt, 1);
    assert_true(logs_feed(logs)->previous);
    wait_lines(&w, logs, 3);
    assert_story(logs, "1:one 2:two 3:three ");
    assert_int_equal(log_server_requests(w.server), requests + 1); /* the running one */
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__an_interruption_says_what_it_did(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 4);
    struct logs *logs = logs_new(&w.session);
    write_line(&w, "one");
    open_log(&w, logs, LOG_WANT_AUTO);
    wait_lines(&w, logs, 1);
    log_server_cut(w.server);
    wait_lines(&w, logs, 2); /* "interrupted" */
    write_line(&w, "two");
    wait_lines(&w, logs, 4);
    const struct log_feed *feed = logs_feed(logs);
    assert_int_equal(feed->reconnects, 1);
    assert_int_equal(feed->resume.re_read, 1);
    assert_false(feed->resume.gap);
    assert_story(logs, "1:one 1:two ");
    struct logbuf_line mark = logbuf_line(feed->buf, 2);
    assert_int_equal(mark.kind, LOGBUF_MARK);
    assert_non_null(memmem(mark.text, mark.len, "without loss (1 line re-read", 28));
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__merged_lines_stand_between_start_and_end(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 5);
    struct logs *logs = logs_new(&w.session);
    write_line(&w, "one");
    clock_advance(&w.clock, 1500);
    log_server_end_run(w.server);
    lw_tell(&w, true);
    struct logs_request request = {.pod = w.pod, .merged = true};
    logs_open(logs, &request);
    wait_lines(&w, logs, 3);
    static const char *const want[] = {"a1 app started", "one", "a1 app ended: exit 1 after 1s"};
    for (size_t i = 0; i < 3; i++) {
        struct logbuf_line line = logbuf_line(logs_feed(logs)->buf, i);
        assert_int_equal(line.len, strlen(want[i]));
        assert_memory_equal(line.text, want[i], line.len);
    }
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__a_deleted_pod_keeps_its_lines_and_says_why_no_more_come(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 6);
    struct logs *logs = logs_new(&w.session);
    write_line(&w, "one");
    open_log(&w, logs, LOG_WANT_AUTO);
    wait_lines(&w, logs, 1);
    struct pod_make m;
    make_pod(&m, "web-0");
    make_container(&m, LIST_APP, "app");
    struct source_sink sink = store_sink(w.session.store);
    sink.remove(sink.ctx, pod_seal(&m.pod));
    logs_model_changed(logs);
    log_server_cut(w.server);
    for (int64_t begin_ms = lw_real_ms(); logs_feed(logs)->state != LOG_FEED_ENDED;)
        turn(&w, begin_ms, "the end");
    assert_story(logs, "1:one ");
    assert_non_null(strstr(logs_feed(logs)->sentence, "the pod is deleted"));
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__the_tail_comes_first_and_the_rest_when_asked_for(void **state)
{
    (void)state;
    enum { LINES = 6000, TAIL = 5000 };
    struct log_world w;
    lw_open(&w, 7);
    struct logs *logs = logs_new(&w.session);
    for (int i = 0; i < LINES; i++)
        write_line(&w, "x");
    struct logs_request request = {.pod = w.pod, .container = "app"};
    logs_open(logs, &request);
    wait_lines(&w, logs, TAIL);
    assert_int_equal(logbuf_count(logs_feed(logs)->buf), TAIL);
    assert_run(logs, &w, 0, TAIL, true, "x");
    logs_focus(logs, w.pod);
    request.tail_lines = -1;
    logs_open(logs, &request);
    wait_lines(&w, logs, LINES);
    assert_false(logs_feed(logs)->older_left);
    assert_run(logs, &w, 0, LINES, false, "x");
    /* Fewer, and as the options say; asking without a wish keeps what is there. */
    request.tail_lines = 10;
    logs_open(logs, &request);
    wait_lines(&w, logs, 10);
    assert_int_equal(logbuf_count(logs_feed(logs)->buf), 10);
    request.tail_lines = 0;
    logs_open(logs, &request);
    assert_int_equal(logs_feed(logs)->tail_lines, 10);
    logs_close(logs);
    logs_set_tail(logs, 20);
    logs_open(logs, &request);
    wait_lines(&w, logs, 20);
    assert_int_equal(logbuf_count(logs_feed(logs)->buf), 20);
    logs_free(logs);
    lw_close(&w);
}

/* A pod with one container, not started, of ReplicaSet "web" or, with a hash, of "web-HASH" of the Deployment web. */
static struct pod_ref
put_replica(struct log_world *w, const char *name, const char *hash)
{
    const struct pod_label label = {"pod-template-hash", hash};
    char set[64];
    snprintf(set, sizeof(set), "web%s%s", hash[0] ? "-" : "", hash);
    struct pod_make m;
    struct pod_ref ref;
    make_pod(&m, name);
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = set;
    m.pod.labels = &label;
    m.pod.label_count = hash[0] ? 1 : 0;
    make_container(&m, LIST_APP, "app");
    struct source_sink sink = store_sink(w->session.store);
    sink.upsert(sink.ctx, pod_seal(&m.pod));
    assert_true(store_find(w->session.store, "shop", name, &ref));
    return ref;
}

static void
log_feed__pods_that_an_owner_makes_later_join_its_log(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 8);
    struct logs *logs = logs_new(&w.session);
    const struct pod_ref pods[] = {put_replica(&w, "web-a", ""), put_replica(&w, "web-b", ""),
                                   put_replica(&w, "web-c", "")};
    struct logs_request request = {.pod = pods[0], .pods = pods, .pod_count = 2};
    logs_open(logs, &request); /* two of three: only these */
    put_replica(&w, "web-d", "");
    logs_model_changed(logs);
    assert_int_equal(logs_feed(logs)->pod_count, 2);
    const struct pod_ref all[] = {pods[0], pods[1], pods[2], put_replica(&w, "web-d", "")};
    request.pods = all;
    request.pod_count = 4;
    logs_open(logs, &request);
    assert_int_equal(logs_feed(logs)->source_count, 4);
    put_replica(&w, "web-e", "");
    logs_model_changed(logs);
    assert_int_equal(logs_feed(logs)->pod_count, 5);
    assert_string_equal(logs_feed(logs)->sources[4].pod_name, "web-e");
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__pods_of_a_rollout_join_the_log_of_their_deployment(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 9);
    struct logs *logs = logs_new(&w.session);
    const struct pod_ref pods[] = {put_replica(&w, "web-1-a", "1"),
                                   put_replica(&w, "web-1-b", "1")};
    struct logs_request request = {.pod = pods[0], .pods = pods, .pod_count = 2};
    logs_open(logs, &request);
    put_replica(&w, "web-2-c", "2");
    put_replica(&w, "web-d", ""); /* of a ReplicaSet web that no Deployment owns */
    logs_model_changed(logs);
    assert_int_equal(logs_feed(logs)->pod_count, 3);
    assert_string_equal(logs_feed(logs)->sources[2].pod_name, "web-2-c");
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__an_init_step_that_is_not_idempotent_is_told_once(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 11);
    w.init = true;
    lw_tell(&w, false);
    struct logs *logs = logs_new(&w.session);
    open_log(&w, logs, LOG_WANT_AUTO);
    write_line(&w, "creating table users");
    write_line(&w, "loading rows");
    wait_lines(&w, logs, 2);
    restart(&w, logs);
    write_line(&w, "creating table users");
    write_line(&w, "ERROR: relation users already exists");
    wait_lines(&w, logs, 5);
    const struct logbuf *b = logs_feed(logs)->buf;
    struct logbuf_line mark = logbuf_line(b, 4);
    assert_int_equal(mark.kind, LOGBUF_MARK);
    char text[160];
    snprintf(text, sizeof(text), "%.*s", (int)mark.len, mark.text);
    if (!strstr(text, "succeeded in attempt 1 (see +") || !strstr(text, "IW-B01"))
        fail_msg("%s", text);
    /* The run is over and kept: opened again it says so once, not twice. */
    restart(&w, logs);
    write_line(&w, "creating table users");
    wait_lines(&w, logs, 6);
    logs_close(logs);
    open_log(&w, logs, LOG_WANT_AUTO);
    wait_lines(&w, logs, 6);
    size_t marks = 0;
    for (size_t i = 0; i < logbuf_count(logs_feed(logs)->buf); i++)
        marks += logbuf_line(logs_feed(logs)->buf, i).kind == LOGBUF_MARK;
    assert_int_equal(marks, 1);
    logs_free(logs);
    lw_close(&w);
}

static void
log_feed__the_next_pod_of_a_deployment_of_one_joins_its_log(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 10);
    struct logs *logs = logs_new(&w.session);
    struct logs_request request = {.pod = put_replica(&w, "web-1-a", "1"), .merged = true};
    logs_open(logs, &request);
    assert_int_equal(logs_feed(logs)->pod_count, 1);
    put_replica(&w, "web-2-b", "2");
    logs_model_changed(logs);
    assert_int_equal(logs_feed(logs)->pod_count, 2);
    assert_string_equal(logs_feed(logs)->sources[1].pod_name, "web-2-b");
    logs_free(logs);
    lw_close(&w);
}

/* --- the parts alone --- */

static void
collect(void *ctx, const struct logbuf_line *line, size_t stamp_len, bool newline)
{
    assert_true(newline);
    strbuf_addf(ctx, "%.*s ", (int)(line->len + stamp_len), line->text - stamp_len);
}

static void
log_hold__orders_by_time_then_start_order_and_keeps_each_streams_own(void **state)
{
    (void)state;
    struct log_hold h;
    log_hold_init(&h);
    static const struct {
        const char *text;
        uint16_t source;
        int64_t wall_ms;
    } lines[] = {
        {"b1", 1, 20}, {"b2", 1, 15}, {"a1", 0, 20}, {"a2", 0, IW_TIME_NONE}, {"b3", 1, 30}};
    for (size_t i = 0; i < IW_COUNTOF(lines); i++) {
        const struct logbuf_line line = {.text = lines[i].text,
                                         .len = 2,
                                         .source = lines[i].source,
                                         .wall_ms = lines[i].wall_ms};
        assert_true(log_hold_add(&h, &line, 0, true, (struct log_hold_mark){0}));
    }
    const struct logbuf_line end = {
        .text = "E0", .len = 2, .kind = LOGBUF_MARK, .source = 0, .wall_ms = 20};
    assert_true(log_hold_add(&h, &end, 0, true, (struct log_hold_mark){LOG_HOLD_END, 0}));
    strbuf_auto out;
    strbuf_init(&out, 0);
    log_hold_flush(&h, 25, INT64_MAX, collect, &out);
    assert_string_equal(out.data, "a1 a2 E0 b1 b2 ");
    log_hold_flush(&h, INT64_MAX, INT64_MAX, collect, &out);
    assert_string_equal(out.data, "a1 a2 E0 b1 b2 b3 ");
    log_hold_free(&h);
}

static void
hold_text(struct log_hold *h, uint16_t source, int64_t wall_ms, const char *text,
          struct log_hold_mark mark)
{
    const struct logbuf_line line = {.text = text,
                                     .len = (uint32_t)strlen(text),
                                     .kind = mark.place == LOG_HOLD_AS_TIMED ? LOGBUF_TEXT
                                                                             : LOGBUF_MARK,
                                     .source = source,
                                     .wall_ms = wall_ms};
    assert_true(log_hold_add(h, &line, 0, true, mark));
}

/* All of one second: a step ends, a sidecar with a line starts, one without, the application; another pod is not moved. */
static void
hold_one(struct log_hold *h, const char *text, uint16_t source, int64_t wall_ms, int64_t now_ms)
{
    const struct logbuf_line line = {.text = text, .len = 2, .source = source, .wall_ms = wall_ms};
    log_hold_at(h, now_ms);
    assert_true(log_hold_add(h, &line, 0, true, (struct log_hold_mark){0}));
}

static void
log_hold__each_line_waits_for_those_that_come_before_it(void **state)
{
    (void)state;
    struct log_hold h;
    log_hold_init(&h);
    strbuf_auto out;
    strbuf_init(&out, 0);
    hold_one(&h, "b1", 1, 5020, 100);
    log_hold_flush(&h, INT64_MAX, 399 - 300, collect, &out);
    assert_string_equal(out.data ? out.data : "", "");
    /* Written before b1 and later here; c1 has to wait on its own account. */
    hold_one(&h, "a1", 0, 5010, 350);
    hold_one(&h, "c1", 2, 5030, 360);
    log_hold_flush(&h, INT64_MAX, 400 - 300, collect, &out);
    assert_string_equal(out.data, "a1 b1 ");
    hold_one(&h, "b2", 1, 5025, 650);
    log_hold_flush(&h, INT64_MAX, 660 - 300, collect, &out);
    assert_string_equal(out.data, "a1 b1 b2 c1 ");
    log_hold_free(&h);
}

static void
log_hold__marks_of_one_second_stand_in_start_order(void **state)
{
    (void)state;
    const struct log_hold_mark line = {0}, start = {LOG_HOLD_START, 0};
    struct log_hold h;
    log_hold_init(&h);
    hold_text(&h, 3, 5000, "app+", start);
    hold_text(&h, 2, 5000, "s2+", start);
    hold_text(&h, 1, 5400, "s1+", start);
    hold_text(&h, 1, 5400, "s1", line);
    hold_text(&h, 4, 5000, "other+", (struct log_hold_mark){LOG_HOLD_START, 4});
    hold_text(&h, 0, 5200, "i1", line);
    hold_text(&h, 0, 5200, "i1-", (struct log_hold_mark){LOG_HOLD_END_STEP, 0});
    hold_text(&h, 3, 6000, "app", line);
    hold_text(&h, 3, 6999, "backoff", (struct log_hold_mark){LOG_HOLD_AFTER, 0});
    hold_text(&h, 3, 6000, "app-", (struct log_hold_mark){LOG_HOLD_END, 0});
    hold_text(&h, 3, 6000, "app+2", (struct log_hold_mark){LOG_HOLD_RESTART, 0});
    strbuf_auto out;
    strbuf_init(&out, 0);
    log_hold_flush(&h, INT64_MAX, INT64_MAX, collect, &out);
    assert_string_equal(out.data, "other+ i1 i1- s1+ s1 s2+ app+ app app- app+2 backoff ");
    log_hold_free(&h);
}

static void
count_bytes(void *ctx, const struct logbuf_line *line)
{
    *(size_t *)ctx += line->len;
}

static void
log_archive__lets_the_oldest_lines_go_and_says_so(void **state)
{
    (void)state;
    struct log_archive *a = log_archive_new(4096);
    char text[1000];
    memset(text, 'x', sizeof(text));
    const struct logbuf_line line = {.text = text, .len = sizeof(text), .wall_ms = 7};
    for (int32_t n = 0; n < 3; n++) {
        struct logbuf_chapter facts = {.attempt = n, .ended = true};
        log_archive_begin(a, "uid", "app", &facts);
        log_archive_add(a, &line);
        log_archive_add(a, &line);
    }
    assert_true(log_archive_bytes(a) <= 4096);
    assert_non_null(strstr(log_archive_find(a, "uid", "app", 0)->missing, "let go"));
    assert_string_equal(log_archive_find(a, "uid", "app", 2)->missing, "");
    assert_null(log_archive_find(a, "uid", "other", 2));
    size_t first = 0, last = 0;
    log_archive_each(a, "uid", "app", 0, count_bytes, &first);
    log_archive_each(a, "uid", "app", 2, count_bytes, &last);
    assert_int_equal(first, 0);
    assert_int_equal(last, 2000);
    log_archive_free(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_feed__the_run_before_comes_first_and_the_next_one_opens_by_itself),
        cmocka_unit_test(log_feed__attempts_of_the_pod_in_focus_are_kept_without_its_log_open),
        cmocka_unit_test(log_feed__attempts_that_leave_the_screen_come_back_without_a_request),
        cmocka_unit_test(log_feed__an_interruption_says_what_it_did),
        cmocka_unit_test(log_feed__merged_lines_stand_between_start_and_end),
        cmocka_unit_test(log_feed__a_deleted_pod_keeps_its_lines_and_says_why_no_more_come),
        cmocka_unit_test(log_feed__the_tail_comes_first_and_the_rest_when_asked_for),
        cmocka_unit_test(log_feed__pods_that_an_owner_makes_later_join_its_log),
        cmocka_unit_test(log_feed__pods_of_a_rollout_join_the_log_of_their_deployment),
        cmocka_unit_test(log_feed__an_init_step_that_is_not_idempotent_is_told_once),
        cmocka_unit_test(log_feed__the_next_pod_of_a_deployment_of_one_joins_its_log),
        cmocka_unit_test(log_hold__orders_by_time_then_start_order_and_keeps_each_streams_own),
        cmocka_unit_test(log_hold__each_line_waits_for_those_that_come_before_it),
        cmocka_unit_test(log_hold__marks_of_one_second_stand_in_start_order),
        cmocka_unit_test(log_archive__lets_the_oldest_lines_go_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
