/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/loglens.h"

#define T0 INT64_C(1763200000000)

static void
put(struct logbuf *b, uint16_t source, int64_t wall_ms, const char *text)
{
    const struct logbuf_line line = {
        .text = text, .len = (uint32_t)strlen(text), .source = source, .wall_ms = wall_ms};
    logbuf_put(b, &line, 1);
}

static void
finish(struct loglens *l)
{
    while (loglens_work(l, 0))
        ;
}

static void
assert_set(const struct linebits *bits, const char *want)
{
    char got[512] = "";
    size_t len = 0;
    for (uint64_t line = linebits_next(bits, 0); line != LINE_NONE;
         line = linebits_next(bits, line + 1))
        len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%d", len ? " " : "", (int)line);
    assert_string_equal(got, want);
}

static void
assert_shown(struct loglens *l, const char *want)
{
    finish(l);
    assert_set(loglens_shown(l), want);
    assert_int_equal(loglens_progress(l), 100);
}

static struct logbuf *
some_lines(void)
{
    struct logbuf *b = logbuf_new(1 << 20);
    put(b, 0, T0, "level=info msg=start");                      /* 0 */
    put(b, 0, T0 + 1000, "level=debug msg=detail");             /* 1 */
    put(b, 1, T0 + 2000, "heartbeat");                          /* 2 */
    put(b, 0, T0 + 3000, "level=warn msg=slow");                /* 3 */
    put(b, 0, T0 + 4000, "java.lang.IllegalStateException: x"); /* 4 */
    put(b, 0, T0 + 4000, "\tat a.b(C.java:1)");                 /* 5 */
    put(b, 0, T0 + 4000, "\tat needle(C.java:2)");              /* 6 */
    put(b, 1, T0 + 5000, "waiting");                            /* 7 */
    put(b, 1, T0 + 7000, "waiting");                            /* 8 */
    put(b, 1, T0 + 9000, "waiting");                            /* 9 */
    put(b, 0, T0 + 9500, "level=info msg=done");                /* 10 */
    return b;
}

static void
loglens__combines_keep_and_drop_filters(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    (void)state;
    loglens_set_fold(l, false, false);
    loglens_attach(l, b, 1);
    assert_shown(l, "0 1 2 3 4 5 6 7 8 9 10");
    assert_true(loglens_filter_add(l, LOGFILTER_KEEP, "start"));
    assert_true(loglens_filter_add(l, LOGFILTER_KEEP, "done|slow"));
    assert_shown(l, "0 3 10");
    assert_true(loglens_filter_add(l, LOGFILTER_DROP, "slow"));
    assert_shown(l, "0 10");
    loglens_filter_toggle(l, 0);
    assert_shown(l, "10");
    loglens_filter_toggle(l, 1);
    assert_shown(l, "0 1 2 4 5 6 7 8 9 10");
    loglens_filter_remove(l, 2);
    assert_shown(l, "0 1 2 3 4 5 6 7 8 9 10");
    assert_int_equal(loglens_filter_count(l), 2);
    assert_true(loglens_filter_matches(l, 1) == 2);
    loglens_free(l);
    logbuf_free(b);
}

static void
loglens__takes_level_conditions_together_with_patterns(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    (void)state;
    loglens_set_fold(l, false, false);
    loglens_attach(l, b, 1);
    loglens_filter_add(l, LOGFILTER_KEEP, "level>=warn");
    assert_shown(l, "3 4 5 6");
    loglens_filter_add(l, LOGFILTER_KEEP, "slow");
    assert_shown(l, "3");
    loglens_filter_remove(l, 1);
    loglens_filter_remove(l, 0);
    loglens_filter_add(l, LOGFILTER_DROP, "level=debug");
    assert_shown(l, "0 2 3 4 5 6 7 8 9 10");
    assert_set(loglens_errors(l), "4");
    assert_set(loglens_warnings(l), "3 4");
    loglens_free(l);
    logbuf_free(b);
}

static void
loglens__keeps_a_stack_trace_together(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    (void)state;
    loglens_attach(l, b, 1);
    loglens_filter_add(l, LOGFILTER_KEEP, "needle");
    assert_shown(l, "4 5 6");
    assert_true(loglens_trace_lines(l, 4) == 2);
    assert_true(loglens_continues(l, 5));
    loglens_set_fold(l, true, true);
    assert_shown(l, "4");
    /* More of the trace comes later: it is of the same entry. */
    loglens_filter_remove(l, 0);
    loglens_set_fold(l, true, false);
    put(b, 0, T0 + 9600, "panic: again");
    finish(l);
    loglens_filter_add(l, LOGFILTER_KEEP, "main.main");
    assert_shown(l, "");
    put(b, 0, T0 + 9600, "goroutine 1 [running]:");
    assert_shown(l, "");
    put(b, 0, T0 + 9600, "main.main()");
    loglens_attach(l, b, 1);
    assert_shown(l, "11 12 13");
    loglens_free(l);
    logbuf_free(b);
}

static void
loglens__folds_lines_that_repeat(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    uint64_t last;
    int64_t every_ms;
    (void)state;
    loglens_attach(l, b, 1);
    assert_shown(l, "0 1 2 3 4 5 6 7 10");
    assert_true(loglens_repeats(l, 7, &last, &every_ms) == 2);
    assert_true(last == 9 && every_ms == 2000);
    assert_true(loglens_repeats(l, 3, &last, &every_ms) == 0 && last == 3);
    loglens_free(l);
    logbuf_free(b);
}

static void
loglens__shows_context_around_what_is_kept(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    (void)state;
    loglens_set_fold(l, false, false);
    loglens_attach(l, b, 1);
    loglens_set_context(l, 1);
    loglens_filter_add(l, LOGFILTER_KEEP, "slow");
    assert_shown(l, "2 3 4");
    put(b, 0, T0 + 9900, "slow again");
    assert_shown(l, "2 3 4 10 11");
    put(b, 0, T0 + 9910, "behind it");
    put(b, 0, T0 + 9920, "far behind it");
    assert_shown(l, "2 3 4 10 11 12");
    loglens_mute(l, 1, true);
    assert_shown(l, "3 4 10 11 12");
    loglens_free(l);
    logbuf_free(b);
}

static void
loglens__finds_only_among_the_lines_in_sight(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    (void)state;
    loglens_attach(l, b, 1);
    loglens_search(l, "msg");
    finish(l);
    assert_set(loglens_found(l), "0 1 3 10");
    loglens_filter_add(l, LOGFILTER_DROP, "detail");
    finish(l);
    assert_set(loglens_found(l), "0 3 10");
    put(b, 0, T0 + 9900, "msg: more");
    finish(l);
    assert_set(loglens_found(l), "0 3 10 11");
    loglens_search(l, "");
    finish(l);
    assert_set(loglens_found(l), "");
    loglens_free(l);
    logbuf_free(b);
}

/* As many as the bits say, whatever the filters, mutes and lines that come do. */
static void
assert_hits(struct loglens *l, const struct logbuf *b, unsigned of_0, unsigned of_1)
{
    const struct linebits *found = loglens_found(l);
    uint64_t hits[2] = {0};
    finish(l);
    for (uint64_t line = linebits_next(found, 0); line != LINE_NONE;
         line = linebits_next(found, line + 1))
        hits[logbuf_line(b, (size_t)(line - logbuf_dropped(b))).source]++;
    assert_int_equal(hits[0], of_0);
    assert_int_equal(hits[1], of_1);
    assert_int_equal(loglens_found_of(l, 0), of_0);
    assert_int_equal(loglens_found_of(l, 1), of_1);
    assert_int_equal(loglens_found_of(l, LOGLENS_SOURCES_MAX), 0);
}

static void
loglens__counts_the_hits_of_each_source(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    (void)state;
    loglens_set_fold(l, false, false);
    loglens_attach(l, b, 1);
    assert_hits(l, b, 0, 0);
    loglens_search(l, "t"); /* start, detail, heartbeat, the trace, waiting */
    assert_hits(l, b, 5, 4);
    put(b, 0, T0 + 9900, "\tat x.y(Z.java:1)"); /* the line before it is looked at again */
    put(b, 1, T0 + 9900, "at last");
    assert_hits(l, b, 6, 5);
    loglens_filter_add(l, LOGFILTER_DROP, "waiting");
    assert_hits(l, b, 6, 2);
    loglens_mute(l, 1, true);
    assert_hits(l, b, 6, 0);
    loglens_mute(l, 1, false);
    loglens_search(l, "heart");
    assert_hits(l, b, 0, 1);
    loglens_search(l, "");
    assert_hits(l, b, 0, 0);
    loglens_free(l);
    logbuf_free(b);
}

static void
loglens__counts_lines_over_time(void **state)
{
    struct logbuf *b = some_lines();
    struct loglens *l = loglens_new();
    (void)state;
    loglens_attach(l, b, 1);
    put(b, 0, T0 + 3600000, "an error an hour later");
    put(b, 0, INT64_MAX - 5, "at the end of time");
    finish(l);
    const struct loghist *h = loglens_histogram(l);
    uint64_t lines = 0, errors = 0;
    for (unsigned i = 0; i < h->used; i++) {
        lines += h->buckets[i].lines;
        errors += h->buckets[i].errors;
    }
    assert_true(h->first_ms == T0 && h->used <= LOGLENS_BUCKETS);
    assert_int_equal(lines, 12);
    assert_int_equal(errors, 2);
    assert_int_equal(h->buckets[h->used - 1].errors, 1);
    assert_true(loglens_line_at_time(l, T0) == 0);
    assert_true(loglens_line_at_time(l, T0 + 4001) == 7);
    assert_true(loglens_line_at_time(l, T0 + 9500) == 10);
    loglens_free(l);
    logbuf_free(b);
}

static void
loglens__follows_a_buffer_that_drops_old_lines(void **state)
{
    struct logbuf *b = logbuf_new(1);
    struct loglens *l = loglens_new();
    char text[64];
    (void)state;
    loglens_filter_add(l, LOGFILTER_KEEP, "7$");
    loglens_search(l, "77");
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "line %d", i);
        put(b, (uint16_t)(i % 20 == 7), T0 + i, text);
        loglens_attach(l, b, 1);
        if (i % 700 == 0)
            loglens_work(l, 0);
    }
    finish(l);
    uint64_t first = logbuf_dropped(b), hits[2] = {0};
    const struct linebits *shown = loglens_shown(l);
    assert_true(first > 5000 && shown->begin == first && shown->end == 20000);
    for (uint64_t line = first; line < 20000; line++) {
        assert_int_equal(linebits_get(shown, line), line % 10 == 7);
        snprintf(text, sizeof(text), "%d", (int)line);
        assert_int_equal(linebits_get(loglens_found(l), line),
                         line % 10 == 7 && strstr(text, "77"));
        hits[line % 20 == 7] += linebits_get(loglens_found(l), line);
    }
    assert_true(hits[0] > 0 && loglens_found_of(l, 0) == hits[0]);
    assert_true(hits[1] > 0 && loglens_found_of(l, 1) == hits[1]);
    /* Cleared and filled again: nothing of the old lines is left. */
    logbuf_clear(b);
    put(b, 0, T0, "line 7");
    loglens_attach(l, b, 1);
    assert_shown(l, "0");
    loglens_free(l);
    logbuf_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loglens__combines_keep_and_drop_filters),
        cmocka_unit_test(loglens__takes_level_conditions_together_with_patterns),
        cmocka_unit_test(loglens__keeps_a_stack_trace_together),
        cmocka_unit_test(loglens__folds_lines_that_repeat),
        cmocka_unit_test(loglens__shows_context_around_what_is_kept),
        cmocka_unit_test(loglens__finds_only_among_the_lines_in_sight),
        cmocka_unit_test(loglens__counts_the_hits_of_each_source),
        cmocka_unit_test(loglens__counts_lines_over_time),
        cmocka_unit_test(loglens__follows_a_buffer_that_drops_old_lines),
    };
    return cmocka_run_group_tests_name("loglens", tests, NULL, NULL);
}
