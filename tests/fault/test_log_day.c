/* A simulated day of following: a line every two seconds, a restart every ten minutes, a lost connection every half an hour.
 * What the program holds at the end of the day is what it held in its second hour.
 * SPDX-License-Identifier: Apache-2.0 */
#include "log_world.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "initwatch/app/logs.h"

enum {
    HOUR_MS = 3600 * 1000,
    DAY_HOURS = 24,
    LINE_EVERY_MS = 2000,
    RESTART_EVERY_MS = 600 * 1000,
    BREAK_EVERY_MS = 1800 * 1000,
    DEADLINE_MS = 150000,
    /* Attempts are remembered (some hundred bytes each); lines are under the ceiling of the buffer. */
    GROWTH_MAX_BYTES = 3 << 20,
};

/* With AddressSanitizer its own count, else the C library's. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t
allocated_bytes(void)
{
    if (__sanitizer_get_current_allocated_bytes)
        return __sanitizer_get_current_allocated_bytes();
#ifdef __GLIBC__
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

/* Turn until everything the container wrote is in the feed, real time permitting. */
static void
catch_up(struct log_world *w, struct logs *logs, uint64_t lines)
{
    logs_refresh_title(logs);
    for (int64_t begin_ms = lw_real_ms(); logs_feed(logs)->sources[0].lines < lines;) {
        loop_turn(w->session.loop, 1);
        clock_advance(&w->clock, 1);
        logs_refresh_title(logs);
        if (lw_real_ms() - begin_ms > DEADLINE_MS)
            fail_msg("line %llu does not come: %s", (unsigned long long)lines,
                     logs_feed(logs)->sentence);
    }
}

static void
log_day__memory_is_flat_and_every_line_is_there(void **state)
{
    (void)state;
    struct log_world w;
    lw_open(&w, 5);
    struct logs *logs = logs_new(&w.session);
    struct logs_request request = {.pod = w.pod, .container = "app"};
    logs_open(logs, &request);
    uint64_t lines = 0;
    size_t second_hour_bytes = 0;
    const int64_t begin_ms = clock_mono(&w.clock);
    int64_t restart_ms = begin_ms + RESTART_EVERY_MS, break_ms = begin_ms + BREAK_EVERY_MS;
    for (int64_t t_ms = 0; t_ms < (int64_t)DAY_HOURS * HOUR_MS; t_ms += LINE_EVERY_MS) {
        char text[96];
        snprintf(text, sizeof(text), "line %llu: waiting for postgres-service:5432",
                 (unsigned long long)lines);
        log_server_append(w.server, clock_wall(&w.clock) * 1000000, text);
        lines++;
        clock_advance(&w.clock, LINE_EVERY_MS);
        loop_turn(w.session.loop, 0);
        if (clock_mono(&w.clock) >= break_ms) {
            break_ms += BREAK_EVERY_MS;
            catch_up(&w, logs, lines);
            log_server_cut(w.server);
        }
        if (clock_mono(&w.clock) >= restart_ms) {
            restart_ms += RESTART_EVERY_MS;
            catch_up(&w, logs, lines);
            lw_restart(&w);
            lw_tell(&w, false);
            logs_model_changed(logs);
        }
        if (t_ms == 2 * HOUR_MS)
            second_hour_bytes = allocated_bytes();
    }
    catch_up(&w, logs, lines);
    const struct log_feed *feed = logs_feed(logs);
    assert_int_equal(feed->sources[0].lines, lines);
    assert_int_equal(feed->dropped + feed->gaps, 0);
    assert_true(feed->reconnects >= 40);
    assert_int_equal(logbuf_chapter_count(feed->buf), w.attempt + 1);
    /* Its own buffer grows up to its ceiling; what is beside it must not. */
    size_t buffer_bytes = logbuf_bytes(feed->buf);
    size_t day_bytes = allocated_bytes();
    if (day_bytes > second_hour_bytes + buffer_bytes + GROWTH_MAX_BYTES)
        fail_msg("%zu bytes after two hours, %zu after a day, of which the buffer has %zu",
                 second_hour_bytes, day_bytes, buffer_bytes);
    logs_free(logs);
    lw_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_day__memory_is_flat_and_every_line_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
