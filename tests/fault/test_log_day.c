/* A simulated day of following: a line every two seconds, a restart every ten minutes, a lost connection every half an hour.
 * The buffer is full within the first hours and gives its oldest lines to the spill file. What the program holds at the end
 * of the day is what it held then, and every line is there.
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
    BUFFER_BYTES = 1 << 20,
    SPILL_BYTES = 64 << 20,
    FULL_HOURS = 3,
    /* The day has 20 times what the buffer holds. Attempts are remembered (some hundred bytes each), and what is where in the
     * spill file. */
    LINE_BYTES = 400,
    GROWTH_MAX_BYTES = 1 << 20,
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
    logs_set_memory(logs, BUFFER_BYTES, SPILL_BYTES);
    struct logs_request request = {.pod = w.pod, .container = "app"};
    logs_open(logs, &request);
    uint64_t lines = 0;
    size_t full_bytes = 0;
    const int64_t begin_ms = clock_mono(&w.clock);
    int64_t restart_ms = begin_ms + RESTART_EVERY_MS, break_ms = begin_ms + BREAK_EVERY_MS;
    for (int64_t t_ms = 0; t_ms < (int64_t)DAY_HOURS * HOUR_MS; t_ms += LINE_EVERY_MS) {
        char text[LINE_BYTES];
        snprintf(text, sizeof(text), "line %-*llu", LINE_BYTES - 6, (unsigned long long)lines);
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
        if (t_ms != FULL_HOURS * HOUR_MS)
            continue;
        catch_up(&w, logs, lines);
        assert_true(logbuf_spilled_bytes(logs_feed(logs)->buf) > 0);
        full_bytes = allocated_bytes() - log_server_bytes(w.server);
    }
    catch_up(&w, logs, lines);
    const struct log_feed *feed = logs_feed(logs);
    assert_int_equal(feed->sources[0].lines, lines);
    assert_int_equal(feed->dropped + feed->gaps, 0);
    assert_true(feed->reconnects >= 40);
    assert_int_equal(logbuf_chapter_count(feed->buf), w.attempt + 1);
    assert_int_equal(logbuf_dropped(feed->buf), 0);
    assert_true(logbuf_bytes(feed->buf) <= BUFFER_BYTES);
    const struct logbuf_line first = logbuf_line(feed->buf, 0);
    assert_true(first.len > 6 && memcmp(first.text, "line 0", 6) == 0);
    size_t day_bytes = allocated_bytes() - log_server_bytes(w.server);
    print_message("%d hours: %zu bytes, %d hours: %zu bytes, spilled: %zu\n", FULL_HOURS,
                  full_bytes, DAY_HOURS, day_bytes, (size_t)logbuf_spilled_bytes(feed->buf));
    if (day_bytes > full_bytes + GROWTH_MAX_BYTES)
        fail_msg("%zu bytes when the buffer was full, %zu after a day", full_bytes, day_bytes);
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
