/* Golden screens of the log view, and how it moves, searches and follows.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stories.h"

#define CAP_BYTES (1u << 20)

static struct pod *
job_pod(void)
{
    struct pod_make m;
    make_pod(&m, "migrate-job-k2x9p");
    m.pod.restart_policy = "OnFailure";
    m.pod.owner_kind = "Job";
    m.pod.owner_name = "migrate-job";
    make_container(&m, LIST_INIT, "run-migrations");
    make_container(&m, LIST_APP, "app");
    struct container_status *st = make_running(&m, LIST_INIT, "run-migrations", NOW(113));
    st->started = TRI_FALSE;
    st->restart_count = 2;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(1, "Error", NOW(41), NOW(44));
    make_waiting(&m, LIST_APP, "app", "PodInitializing", "");
    story_conditions(&m, -1, -1);
    return pod_seal(&m.pod);
}

/* A line as the kubelet sends it, `ms` after T0. */
static void
line(struct scene *sc, uint16_t source, int ms, const char *text)
{
    char raw[2048], stamp[40];
    rfc3339_format(T0 + ms, true, stamp);
    int n = snprintf(raw, sizeof(raw), "%s %s", stamp, text);
    logbuf_append(sc->feed.buf, source, raw, (size_t)n, true, false);
}

static void
open_feed(struct scene *sc, struct pod *pod, int now_s, const char *title)
{
    const struct pod *shown;
    struct pod_ref ref = story_open(sc, pod, now_s, "logs");

    sc->feed.pod = ref;
    shown = store_get(sc->store, ref);
    sc->feed.buf = logbuf_new(CAP_BYTES);
    sc->feed.state = LOG_FEED_FOLLOWING;
    sc->feed.follow = true;
    sc->feed.attempt = -1;
    sc->feed.source_count = 1;
    snprintf(sc->feed.pod_name, sizeof(sc->feed.pod_name), "%s", shown->name);
    snprintf(sc->feed.title, sizeof(sc->feed.title), "%s", title);
    snprintf(sc->feed.sources[0].container, sizeof(sc->feed.sources[0].container), "%s",
             shown->containers[0].name);
    snprintf(sc->feed.sources[0].tag, sizeof(sc->feed.sources[0].tag), "%s",
             shown->containers[0].tag);
    sc->last = (struct intent){0};
}

static void
close_feed(struct scene *sc)
{
    scene_close(sc);
    logbuf_free(sc->feed.buf);
}

/* Two attempts as chapters: the second proves that the first was not idempotent. */
static void
open_migrations(struct scene *sc)
{
    open_feed(sc, job_pod(), 144, "i1 run-migrations, attempt 3, running 31s");
    sc->feed.attempt = 2;
    sc->feed.attempts = 3;
    logbuf_mark(sc->feed.buf, 0, NOW(41), "attempt 2, ran 3s, exit 1 (Error)");
    line(sc, 0, 41000, "Operations to perform: Apply all migrations: auth, shop");
    line(sc, 0, 41200, "Running migrations:");
    line(sc, 0, 42000, "  Applying shop.0001_users...Traceback (most recent call last):");
    line(sc, 0, 42000, "  File \"manage.py\", line 22, in <module>");
    line(sc, 0, 42100, "psycopg2.errors.DuplicateTable: relation \"users\" already exists");
    logbuf_mark(sc->feed.buf, 0, NOW(113), "attempt 3, running");
    line(sc, 0, 113000, "Operations to perform: Apply all migrations: auth, shop");
    line(sc, 0, 113200, "Running migrations:");
    line(sc, 0, 114100, "  Applying \x1b[1mauth.0001_initial\x1b[0m... \x1b[32mOK\x1b[0m");
    line(sc, 0, 115000, "WARN slow query on relation \"users\"");
    line(sc, 0, 116000,
         "Applying shop.0002_backfill with a line that is longer than the screen is wide, so that "
         "it "
         "is cut at the edge or wrapped, as the user likes it best");
}

static void
logs__shows_attempts_as_chapters(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    assert_true(scene_is(&sc, "logs_attempts_80x24", 80, 24));
    assert_true(scene_is(&sc, "logs_attempts_140x40", 140, 40));
    assert_true(scene_is(&sc, "logs_attempts_60x16", 60, 16));
    assert_true(story_all_sizes(&sc));
    close_feed(&sc);
}

static void
logs__wraps_long_lines_and_writes_local_times(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    scene_keys(&sc, "wt");
    assert_true(scene_is(&sc, "logs_wrapped_80x24", 80, 24));
    close_feed(&sc);
}

static void
logs__marks_matches_and_counts_them(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    scene_keys(&sc, "/relation\r");
    assert_true(scene_is(&sc, "logs_search_80x24", 80, 24));
    assert_true(scene_has(&sc, "match 2 of 2"));
    scene_keys(&sc, "n");
    assert_true(scene_has(&sc, "match 1 of 2"));
    scene_keys(&sc, "N");
    assert_true(scene_has(&sc, "match 2 of 2"));
    close_feed(&sc);
}

static void
logs__finds_lines_that_come_after_the_search_began(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    scene_keys(&sc, "/relation\r");
    line(&sc, 0, 117000, "relation \"orders\" created");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "of 3"));
    close_feed(&sc);
}

static void
logs__searches_what_is_seen_not_the_colour_codes(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    scene_keys(&sc, "/32m\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "no match"));
    close_feed(&sc);
}

static void
logs__jumps_from_error_to_error(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    scene_keys(&sc, "E");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸-1m"));
    scene_keys(&sc, "EEE");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "no error line further up"));
    close_feed(&sc);
}

static void
logs__merges_containers_with_their_tags(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, story_native_sidecar(), 48, "all containers, in start order");
    const struct pod *pod = store_get(sc.store, sc.feed.pod);
    sc.feed.merged = true;
    sc.feed.source_count = pod->container_count;
    for (uint32_t i = 0; i < pod->container_count; i++) {
        snprintf(sc.feed.sources[i].container, 128, "%s", pod->containers[i].name);
        snprintf(sc.feed.sources[i].tag, 8, "%s", pod->containers[i].tag);
    }
    line(&sc, 0, 2104, "Running database initialization...");
    line(&sc, 0, 5110, "Database schema created!");
    logbuf_mark(sc.feed.buf, 0, NOW(5), "i1 database-init ended, exit 0");
    line(&sc, 1, 6412, "Log router starting...");
    line(&sc, 3, 8020, "Application starting...");
    line(&sc, 1, 11417, "[LOG ROUTER] Processing logs from /var/log/app/app.log");
    line(&sc, 3, 21733, "{\"level\":\"error\",\"msg\":\"slow write\",\"took\":\"812ms\"}");
    line(&sc, 2, 22000, "requests_total 12");
    assert_true(scene_is(&sc, "logs_merged_80x24", 80, 24));
    assert_true(scene_is(&sc, "logs_merged_140x40", 140, 40));
    close_feed(&sc);
}

static void
logs__shows_control_bytes_as_signs(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "evil \x1b]0;title\x07 log");
    line(&sc, 0, 1000,
         "\x1b]0;owned\x07 title, \x1b[2J clear, \x1b[31mcolour\x1b[0m, \x9b"
         "1m C1");
    line(&sc, 0, 1000, "tab\there, back\bspace, return\rover, form\ffeed, null ends");
    line(&sc, 0, 1000,
         "bad utf8 \xff\xfe \xc3( and bidi \xe2\x80\xae"
         "evil\xe2\x80\xac");
    line(&sc, 0, 1000, "wide 데이터베이스 日本語 combining e\xcc\x81 emoji 🚀");
    line(&sc, 0, 1000, "windows line end\r");
    assert_true(scene_is(&sc, "logs_hostile_80x24", 80, 24));
    assert_true(story_all_sizes(&sc));
    scene_keys(&sc, "w");
    assert_true(story_all_sizes(&sc));
    close_feed(&sc);
}

static void
logs__says_why_there_is_nothing(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "a1 app, has not started");
    sc.feed.state = LOG_FEED_WAITING;
    snprintf(
        sc.feed.sentence, sizeof(sc.feed.sentence),
        "app has not started: it waits for i1 run-migrations. l on that container shows its log.");
    assert_true(scene_is(&sc, "logs_waiting_80x24", 80, 24));
    sc.feed.state = LOG_FEED_FAILED;
    snprintf(sc.feed.sentence, sizeof(sc.feed.sentence),
             "not allowed to read logs (403): get pods/log");
    scene_keys(&sc, "\x0c");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "✗ failed"));
    assert_true(scene_has(&sc, "get pods/log"));
    sc.feed.state = LOG_FEED_LOADING;
    sc.feed.sentence[0] = '\0';
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "Loading"));
    close_feed(&sc);
}

static void
logs__offers_to_open_a_log_when_none_is_open(void **state)
{
    struct scene sc;
    (void)state;
    story_open(&sc, job_pod(), 144, "logs");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "No log is open"));
    scene_keys(&sc, "\r");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    scene_close(&sc);
}

static void
fill(struct scene *sc, int from, int count)
{
    for (int i = from; i < from + count; i++) {
        char text[64];
        snprintf(text, sizeof(text), "line number %d", i);
        line(sc, 0, i, text);
    }
}

static void
logs__stops_following_when_scrolled_up_and_stands_still(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "i1 run-migrations");
    fill(&sc, 0, 200);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "line number 199"));
    scene_keys(&sc, "k");
    fill(&sc, 200, 50);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "line number 198"));
    assert_true(scene_has(&sc, "follow –"));
    assert_true(scene_has(&sc, "↓51 below"));
    scene_keys(&sc, "G");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "line number 249"));
    assert_true(scene_has(&sc, "follow ✓"));
    close_feed(&sc);
}

static void
logs__counts_lines_that_were_dropped(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "i1 run-migrations");
    logbuf_free(sc.feed.buf);
    sc.feed.buf = logbuf_new(64u << 10);
    fill(&sc, 0, 9000);
    assert_true(logbuf_dropped(sc.feed.buf) > 0);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "dropped "));
    assert_true(scene_has(&sc, "line number 8999"));
    scene_keys(&sc, "g");
    scene_draw(&sc, 80, 24);
    char first[64];
    snprintf(first, sizeof(first), "line number %llu ",
             (unsigned long long)logbuf_dropped(sc.feed.buf));
    assert_true(scene_has(&sc, first));
    close_feed(&sc);
}

static void
logs__moves_through_a_hundred_thousand_lines(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "i1 run-migrations");
    logbuf_free(sc.feed.buf);
    sc.feed.buf = logbuf_new(16u << 20);
    fill(&sc, 0, 100000);
    scene_keys(&sc, "wg");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "line number 0 "));
    scene_keys(&sc, "/number 99998\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "match 1 of 1"));
    assert_true(scene_has(&sc, "line number 99998"));
    close_feed(&sc);
}

static void
logs__asks_for_other_streams_by_key(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    scene_keys(&sc, "p");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_int_equal(sc.last.want, LOG_WANT_PREVIOUS);
    assert_string_equal(sc.last.container, "run-migrations");
    scene_keys(&sc, "3");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_int_equal(sc.last.since_index, 3);
    scene_keys(&sc, "a");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_true(sc.last.merged);
    scene_keys(&sc, "\t");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_string_equal(sc.last.container, "app");
    scene_keys(&sc, "s");
    assert_int_equal(sc.last.kind, INTENT_LOG_FOLLOW);
    assert_false(sc.last.flag);
    close_feed(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs__shows_attempts_as_chapters),
        cmocka_unit_test(logs__wraps_long_lines_and_writes_local_times),
        cmocka_unit_test(logs__marks_matches_and_counts_them),
        cmocka_unit_test(logs__finds_lines_that_come_after_the_search_began),
        cmocka_unit_test(logs__searches_what_is_seen_not_the_colour_codes),
        cmocka_unit_test(logs__jumps_from_error_to_error),
        cmocka_unit_test(logs__merges_containers_with_their_tags),
        cmocka_unit_test(logs__shows_control_bytes_as_signs),
        cmocka_unit_test(logs__says_why_there_is_nothing),
        cmocka_unit_test(logs__offers_to_open_a_log_when_none_is_open),
        cmocka_unit_test(logs__stops_following_when_scrolled_up_and_stands_still),
        cmocka_unit_test(logs__counts_lines_that_were_dropped),
        cmocka_unit_test(logs__moves_through_a_hundred_thousand_lines),
        cmocka_unit_test(logs__asks_for_other_streams_by_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
