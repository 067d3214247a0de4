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

/* What the mock-up of SCREENS shows: three attempts of a migration that is not idempotent. */
static void
chapter(struct scene *sc, int32_t attempt, int start_s, int end_s, int32_t code, const char *how)
{
    struct logbuf_chapter c = {.attempt = attempt,
                               .started_ms = NOW(start_s),
                               .ended_ms = end_s ? NOW(end_s) : IW_TIME_NONE,
                               .ended = end_s > 0,
                               .exit_known = end_s > 0,
                               .exit_code = code};
    snprintf(c.how, sizeof(c.how), "%s", how);
    (void)logbuf_chapter_begin(sc->feed.buf, 0, &c);
}

static void
open_chapters(struct scene *sc)
{
    open_feed(sc, job_pod(), 144, "run-migrations, attempt 3 of 3, running");
    sc->feed.attempt = 2;
    sc->feed.attempts = 3;
    chapter(sc, 0, 1, 40, 137, "OOMKilled");
    line(sc, 0, 1000, "Operations to perform: Apply all migrations: auth, shop");
    line(sc, 0, 1200, "Running migrations:");
    line(sc, 0, 1900, "  Applying auth.0001_initial... OK");
    line(sc, 0, 3100, "  Applying shop.0001_users... OK");
    line(sc, 0, 3400, "  Applying shop.0002_backfill...");
    line(sc, 0, 39900, "Killed");
    chapter(sc, 1, 41, 44, 1, "exit 1");
    line(sc, 0, 41000, "Operations to perform: Apply all migrations: auth, shop");
    line(sc, 0, 41200, "Running migrations:");
    line(sc, 0, 42000, "  Applying shop.0001_users...Traceback (most recent call last):");
    line(sc, 0, 42000, "  File \"manage.py\", line 22, in <module>");
    line(sc, 0, 42100, "psycopg2.errors.DuplicateTable: relation \"users\" already exists");
    chapter(sc, 2, 113, 0, 0, "");
    line(sc, 0, 113000, "Operations to perform: Apply all migrations: auth, shop");
    line(sc, 0, 113200, "Running migrations:");
    line(sc, 0, 114100, "  Applying shop.0001_users...");
}

static void
logs__tells_the_story_of_a_crash_loop_in_chapters(void **state)
{
    struct scene sc;
    (void)state;
    open_chapters(&sc);
    assert_true(scene_is(&sc, "logs_chapters_80x24", 80, 24));
    assert_true(scene_is(&sc, "logs_chapters_140x40", 140, 40));
    assert_true(scene_is(&sc, "logs_chapters_60x16", 60, 16));
    assert_true(scene_is(&sc, "logs_chapters_200x60", 200, 60));
    assert_true(story_all_sizes(&sc));
    close_feed(&sc);
}

/* The step is over, the pod goes on: the last row says which key leads there. */
static void
logs__leads_from_a_finished_step_to_the_one_at_work(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, story_native_sidecar(), 48, "database-init, exit 0");
    sc.feed.attempt = 0;
    sc.feed.attempts = 1;
    chapter(&sc, 0, 2, 5, 0, "exit 0");
    line(&sc, 0, 2100, "Running database initialization...");
    line(&sc, 0, 5100, "Database schema created!");
    assert_true(scene_is(&sc, "logs_onward_80x24", 80, 24));
    assert_true(scene_has(&sc, "l log of application"));
    assert_true(story_all_sizes(&sc));
    scene_keys(&sc, "l");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_string_equal(sc.last.container, "application");
    assert_false(sc.last.merged);
    close_feed(&sc);
}

static void
logs__steps_from_attempt_to_attempt(void **state)
{
    struct scene sc;
    (void)state;
    open_chapters(&sc);
    scene_draw(&sc, 60, 12);
    assert_true(scene_has(&sc, "running 31s"));
    assert_false(scene_has(&sc, "OOMKilled"));
    scene_keys(&sc, "p");
    assert_true(scene_has(&sc, "attempt 2"));
    scene_keys(&sc, "p");
    assert_true(scene_has(&sc, "OOMKilled (137)"));
    scene_keys(&sc, "p");
    scene_draw(&sc, 60, 12);
    assert_true(scene_has(&sc, "oldest attempt"));
    scene_keys(&sc, "PPP");
    scene_draw(&sc, 60, 12);
    assert_true(scene_has(&sc, "newest attempt"));
    close_feed(&sc);
}

static void
logs__says_why_an_attempt_has_no_lines(void **state)
{
    struct scene sc;
    struct logbuf_chapter c = {.attempt = 0,
                               .started_ms = IW_TIME_NONE,
                               .ended_ms = IW_TIME_NONE,
                               .ended = true,
                               .missing = "its log was removed by the node"};
    (void)state;
    open_feed(&sc, job_pod(), 144, "run-migrations");
    (void)logbuf_chapter_begin(sc.feed.buf, 0, &c);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "removed by the node"));
    chapter(&sc, 1, 113, 0, 0, "");
    line(&sc, 0, 113000, "started again");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "removed by the node"));
    assert_true(scene_has(&sc, "started again"));
    close_feed(&sc);
}

static void
logs__says_which_request_waits_and_since_when(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "run-migrations, running");
    snprintf(sc.feed.sources[0].pod_name, sizeof(sc.feed.sources[0].pod_name), "%.100s",
             sc.feed.pod_name);
    chapter(&sc, 2, 113, 0, 0, "");
    sc.feed.wait.wall_ms = NOW(132);
    assert_true(scene_is(&sc, "logs_asked_80x24", 80, 24));
    assert_true(scene_has(&sc, "Nothing was written yet"));
    assert_true(scene_has(&sc, "No line of run-migrations since 12:02:12 (12s)"));
    assert_true(story_all_sizes(&sc));
    sc.feed.state = LOG_FEED_LOADING;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "Loading the log"));
    assert_true(scene_has(&sc, "since 12:02:12 (12s)"));
    sc.feed.state = LOG_FEED_ENDED;
    sc.feed.wait.wall_ms = 0;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "The log has no lines."));
    assert_false(scene_has(&sc, "No line of"));
    /* The sentence has its place at the foot. */
    sc.feed.state = LOG_FEED_FAILED;
    snprintf(sc.feed.sentence, sizeof(sc.feed.sentence), "%s", "the node does not answer");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "the node does not answer"));
    assert_false(scene_has(&sc, "The log has no lines."));
    close_feed(&sc);
}

static void
logs__asks_for_as_many_lines_as_are_wanted(void **state)
{
    struct scene sc;
    (void)state;
    open_migrations(&sc);
    sc.feed.tail_lines = 5000;
    scene_keys(&sc, ":tail 200\r");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_int_equal(sc.last.tail_lines, 200);
    assert_string_equal(sc.last.container, "run-migrations");
    scene_keys(&sc, ":tail all\r");
    assert_int_equal(sc.last.tail_lines, -1);
    static const char *const wrong[] = {":tail\r", ":tail 0\r", ":tail -1x\r", ":tail 5x\r"};
    for (size_t i = 0; i < IW_COUNTOF(wrong); i++) {
        sc.last = (struct intent){0};
        scene_keys(&sc, wrong[i]);
        scene_draw(&sc, 80, 24);
        assert_true(scene_has(&sc, "how many lines of each run, or all (now 5000)"));
        assert_int_equal(sc.last.kind, INTENT_NONE);
    }
    /* 0 gets the older lines, where there are any. */
    scene_keys(&sc, "0");
    assert_int_equal(sc.last.tail_lines, 0);
    sc.feed.older_left = true;
    scene_keys(&sc, "0");
    assert_int_equal(sc.last.tail_lines, -1);
    close_feed(&sc);
}

static void
logs__compares_two_attempts_side_by_side(void **state)
{
    struct scene sc;
    (void)state;
    open_chapters(&sc);
    scene_keys(&sc, "=p");
    assert_true(scene_is(&sc, "logs_compare_80x24", 80, 24));
    assert_true(scene_is(&sc, "logs_compare_140x40", 140, 40));
    assert_true(scene_has(&sc, "lines differ"));
    assert_true(scene_has(&sc, "attempt 1, OOMKilled"));
    scene_keys(&sc, "p");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "this is the oldest attempt"));
    scene_keys(&sc, "P");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "attempt 2, exit 1"));
    scene_keys(&sc, "s");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "attempts are compared here"));
    assert_true(story_all_sizes(&sc));
    scene_keys(&sc, "nNjkGg=");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "follow"));
    close_feed(&sc);
}

static void
logs__keeps_and_drops_lines_by_filters_that_can_be_switched(void **state)
{
    struct scene sc;
    (void)state;
    open_chapters(&sc);
    scene_keys(&sc, "&applying\r!auth\r");
    assert_true(scene_is(&sc, "logs_filtered_80x24", 80, 24));
    assert_true(scene_is(&sc, "logs_filtered_140x40", 140, 40));
    assert_true(scene_has(&sc, "of 14 lines shown"));
    scene_draw(&sc, 80, 24);
    assert_false(scene_has(&sc, "Killed\n"));
    assert_true(scene_has(&sc, "File \"manage.py\""));
    /* Side: to the first filter, off; the drop filter goes. */
    scene_keys(&sc, "iG");
    scene_keys(&sc, "kk ");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "[ ] & applying"));
    scene_keys(&sc, "jxi");
    scene_draw(&sc, 80, 24);
    assert_false(scene_has(&sc, "! auth"));
    /* Where the panes are on screen Tab goes to them and back. */
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "\t");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "a add  space on/off  x del"));
    scene_keys(&sc, "\t");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "& keep  ! drop  i on/off"));
    scene_keys(&sc, "&level>=error\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "level ≥ error"));
    close_feed(&sc);
}

static void
logs__stays_on_the_line_when_a_filter_goes(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "i1 run-migrations");
    for (int i = 0; i < 500; i++) {
        char text[64];
        snprintf(text, sizeof(text), i == 250 ? "the needle" : "hay %d", i);
        line(&sc, 0, i, text);
    }
    scene_keys(&sc, "&needle\r");
    scene_draw(&sc, 80, 24);
    assert_false(scene_has(&sc, "hay 249"));
    scene_keys(&sc, "g\r\r");
    scene_keys(&sc, "iGk ");
    scene_keys(&sc, "i");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸"));
    assert_true(scene_has(&sc, "the needle"));
    assert_true(scene_has(&sc, "hay 251"));
    close_feed(&sc);
}

static void
logs__folds_what_repeats(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 344, "i1 wait-for-db");
    line(&sc, 0, 500, "checking postgres-svc:5432");
    for (int i = 0; i < 124; i++)
        line(&sc, 0, 1000 + i * 2000, "PostgreSQL is unavailable - sleeping");
    line(&sc, 0, 250000, "PostgreSQL is up");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "sleeping"));
    assert_true(scene_has(&sc, "× 124, every 2.0 s"));
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "× 124, every 2.0 s, last 12:04:07"));
    assert_true(scene_is(&sc, "logs_folded_80x24", 80, 24));
    scene_keys(&sc, "zz");
    scene_draw(&sc, 80, 24);
    assert_false(scene_has(&sc, "× 124"));
    close_feed(&sc);
}

static void
open_json(struct scene *sc)
{
    open_feed(sc, job_pod(), 144, "run-migrations, running");
    for (int i = 0; i < 30; i++) {
        char text[256];
        snprintf(
            text, sizeof(text),
            "{\"ts\":%d,\"level\":\"%s\",\"msg\":\"%s\",\"took\":\"%dms\",\"path\":\"app.log\"}", i,
            i == 17 ? "error"
            : i % 5 ? "info"
                    : "debug",
            i == 17 ? "slow write" : "request done", i == 17 ? 812 : 20 + i % 7);
        line(sc, 0, i * 1000, text);
    }
}

static void
logs__shows_json_lines_as_columns_and_in_detail(void **state)
{
    struct scene sc;
    (void)state;
    open_json(&sc);
    scene_keys(&sc, "f");
    assert_true(scene_is(&sc, "logs_json_80x24", 80, 24));
    scene_keys(&sc, "gf/slow write\r\r");
    assert_true(scene_is(&sc, "logs_detail_140x40", 140, 40));
    assert_true(scene_has(&sc, "2026-"));
    assert_true(scene_has(&sc, "median"));
    scene_keys(&sc, "m");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, " m1 "));
    assert_true(story_all_sizes(&sc));
    close_feed(&sc);
}

static void
logs__goes_to_a_time(void **state)
{
    struct scene sc;
    (void)state;
    open_json(&sc);
    scene_keys(&sc, ":time 12:00:10\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸-1m43s"));
    scene_keys(&sc, "t");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸12:00:10"));
    scene_keys(&sc, ":time soon\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "write it as"));
    close_feed(&sc);
}

static void
logs__tells_times_in_five_ways(void **state)
{
    struct scene sc;
    (void)state;
    open_json(&sc);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "time rel"));
    scene_keys(&sc, "ttt");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "time step"));
    assert_true(scene_has(&sc, " +1.0s "));
    scene_keys(&sc, "t");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "time off"));
    assert_false(scene_has(&sc, "+1.0s"));
    close_feed(&sc);
}

static void
logs__hands_lines_over_to_be_saved_piped_and_copied(void **state)
{
    struct scene sc;
    (void)state;
    open_chapters(&sc);
    scene_keys(&sc, "&Traceback\r");
    scene_keys(&sc, "\x13");
    scene_keys(&sc, "/tmp/x.jsonl\r");
    assert_int_equal(sc.last.kind, INTENT_SAVE);
    assert_string_equal(sc.last.text, "/tmp/x.jsonl");
    assert_non_null(sc.last.lens);
    assert_false(sc.last.flag);
    scene_keys(&sc, ":save all /tmp/y.txt\r");
    assert_true(sc.last.flag);
    assert_string_equal(sc.last.text, "/tmp/y.txt");
    scene_keys(&sc, "|less -S\r");
    assert_int_equal(sc.last.kind, INTENT_PIPE);
    assert_string_equal(sc.last.text, "less -S");
    scene_keys(&sc, "gc");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_true(sc.last.data_len > 0);
    assert_non_null(strstr(sc.last.text, "Traceback"));
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
        sc.feed.sources[i].kind = pod->containers[i].kind;
    }
    sc.feed.pod_count = 1;
    line(&sc, 0, 2104, "Running database initialization...");
    line(&sc, 0, 5110, "Database schema created!");
    logbuf_mark(sc.feed.buf, 0, NOW(5), "i1 database-init ended, exit 0");
    line(&sc, 1, 6412, "Log router starting...");
    line(&sc, 3, 8020, "Application starting...");
    line(&sc, 1, 11417, "[LOG ROUTER] Processing logs from /var/log/app/app.log");
    line(&sc, 3, 21733, "{\"level\":\"error\",\"msg\":\"slow write\",\"took\":\"812ms\"}");
    line(&sc, 2, 22000, "requests_total 12");
    assert_true(scene_is(&sc, "logs_merged_80x24", 80, 24));
    assert_true(scene_has(&sc, "a one"));
    assert_true(scene_is(&sc, "logs_merged_140x40", 140, 40));
    assert_true(scene_is(&sc, "logs_merged_60x16", 60, 16));
    assert_true(scene_is(&sc, "logs_merged_200x60", 200, 60));
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "E");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "╰ level error   msg slow write   took 812ms"));
    scene_draw(&sc, 80, 24);
    assert_false(scene_has(&sc, "╰ level error"));
    scene_keys(&sc, "/log\r");
    assert_true(scene_is(&sc, "logs_merged_search_140x40", 140, 40));
    scene_draw(&sc, 80, 24);
    assert_false(scene_has(&sc, "2 hits"));
    scene_keys(&sc, "i"); /* the sources over the text */
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "2 hits"));
    assert_true(scene_has(&sc, "0 hits"));
    close_feed(&sc);
}

/* A sidecar that repeats what the application says: the details tell whether it did so with this line. */
static void
logs__says_which_lines_a_sidecar_forwarded(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, story_native_sidecar(), 48, "all containers, in start order");
    const struct pod *pod = store_get(sc.store, sc.feed.pod);
    sc.feed.merged = true;
    sc.feed.pod_count = 1;
    sc.feed.source_count = pod->container_count;
    for (uint32_t i = 0; i < pod->container_count; i++) {
        snprintf(sc.feed.sources[i].container, 128, "%s", pod->containers[i].name);
        snprintf(sc.feed.sources[i].tag, 8, "%s", pod->containers[i].tag);
        sc.feed.sources[i].kind = pod->containers[i].kind;
    }
    line(&sc, 3, 8000, "order 1 paid");
    line(&sc, 1, 8300, "[FORWARDED] order 1 paid");
    line(&sc, 3, 9000, "ERROR order 2 lost");
    line(&sc, 3, 10000, "order 3 paid");
    line(&sc, 1, 10300, "[FORWARDED] order 3 paid");
    line(&sc, 3, 11000, "order 4 paid");
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "E\r");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "s1 log-router forwarded this line: no"));
    assert_false(scene_has(&sc, "s2 metrics-collector forwarded"));
    scene_keys(&sc, "k");
    scene_keys(&sc, "k");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "s1 log-router forwarded this line: yes, 300 ms later"));
    scene_keys(&sc, "jjjjj");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "s1 log-router forwarded this line: not yet"));
    scene_keys(&sc, "!order\r/order\r");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "6 matches that the filters hide"));
    close_feed(&sc);
}

/* Of a progress bar that does not fit, its last state; the whole of it when lines are wrapped. */
static void
logs__shows_the_last_state_of_a_progress_bar(void **state)
{
    struct scene sc;
    char bar[1024];
    size_t used = 0;
    (void)state;
    open_feed(&sc, job_pod(), 144, "pull");
    for (int i = 0; i <= 100; i += 5)
        used += (size_t)snprintf(bar + used, sizeof(bar) - used, "\rpulling %d%%", i);
    line(&sc, 0, 1000, bar);
    line(&sc, 0, 1000, "short\rfits");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "␍ pulling 100%"));
    assert_false(scene_has(&sc, "pulling 5%"));
    assert_true(scene_has(&sc, "short␍fits"));
    scene_keys(&sc, "w");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "pulling 5%"));
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
    assert_true(scene_is(&sc, "logs_hostile_60x16", 60, 16));
    assert_true(scene_is(&sc, "logs_hostile_200x60", 200, 60));
    assert_true(story_all_sizes(&sc));
    scene_keys(&sc, "w");
    assert_true(story_all_sizes(&sc));
    close_feed(&sc);
}

/* Attempts that nobody saw are one row, before those that are here. */
static void
logs__names_missing_attempts_in_one_row(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "run-migrations, attempt 3 of 3, running");
    sc.feed.attempt = 2;
    sc.feed.attempts = 3;
    struct logbuf_chapter gone = {.attempt = 1,
                                  .before = 1,
                                  .started_ms = IW_TIME_NONE,
                                  .ended_ms = IW_TIME_NONE,
                                  .missing = "never seen: ended before initwatch looked"};
    (void)logbuf_chapter_begin(sc.feed.buf, 0, &gone);
    chapter(&sc, 2, 113, 0, 0, "");
    line(&sc, 0, 113000, "Operations to perform: Apply all migrations: auth, shop");
    assert_true(scene_is(&sc, "logs_missing_60x16", 60, 16));
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "#1-2 not here"));
    close_feed(&sc);
}

static void
logs__says_why_there_is_nothing(void **state)
{
    struct scene sc;
    (void)state;
    open_feed(&sc, job_pod(), 144, "app");
    sc.feed.state = LOG_FEED_WAITING;
    snprintf(sc.feed.sources[0].container, sizeof(sc.feed.sources[0].container), "app");
    snprintf(sc.feed.sources[0].tag, sizeof(sc.feed.sources[0].tag), "a1");
    snprintf(sc.feed.sentence, sizeof(sc.feed.sentence),
             "no log yet, it has not started: PodInitializing");
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
        cmocka_unit_test(logs__tells_the_story_of_a_crash_loop_in_chapters),
        cmocka_unit_test(logs__leads_from_a_finished_step_to_the_one_at_work),
        cmocka_unit_test(logs__steps_from_attempt_to_attempt),
        cmocka_unit_test(logs__says_why_an_attempt_has_no_lines),
        cmocka_unit_test(logs__says_which_request_waits_and_since_when),
        cmocka_unit_test(logs__asks_for_as_many_lines_as_are_wanted),
        cmocka_unit_test(logs__compares_two_attempts_side_by_side),
        cmocka_unit_test(logs__keeps_and_drops_lines_by_filters_that_can_be_switched),
        cmocka_unit_test(logs__stays_on_the_line_when_a_filter_goes),
        cmocka_unit_test(logs__folds_what_repeats),
        cmocka_unit_test(logs__shows_json_lines_as_columns_and_in_detail),
        cmocka_unit_test(logs__goes_to_a_time),
        cmocka_unit_test(logs__tells_times_in_five_ways),
        cmocka_unit_test(logs__hands_lines_over_to_be_saved_piped_and_copied),
        cmocka_unit_test(logs__wraps_long_lines_and_writes_local_times),
        cmocka_unit_test(logs__marks_matches_and_counts_them),
        cmocka_unit_test(logs__finds_lines_that_come_after_the_search_began),
        cmocka_unit_test(logs__searches_what_is_seen_not_the_colour_codes),
        cmocka_unit_test(logs__jumps_from_error_to_error),
        cmocka_unit_test(logs__merges_containers_with_their_tags),
        cmocka_unit_test(logs__says_which_lines_a_sidecar_forwarded),
        cmocka_unit_test(logs__shows_the_last_state_of_a_progress_bar),
        cmocka_unit_test(logs__shows_control_bytes_as_signs),
        cmocka_unit_test(logs__names_missing_attempts_in_one_row),
        cmocka_unit_test(logs__says_why_there_is_nothing),
        cmocka_unit_test(logs__offers_to_open_a_log_when_none_is_open),
        cmocka_unit_test(logs__stops_following_when_scrolled_up_and_stands_still),
        cmocka_unit_test(logs__counts_lines_that_were_dropped),
        cmocka_unit_test(logs__moves_through_a_hundred_thousand_lines),
        cmocka_unit_test(logs__asks_for_other_streams_by_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
