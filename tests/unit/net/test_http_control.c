/* http: what handlers may do (cancel, refuse, pause, free), time limits, and the loop meanwhile.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http_world.h"

/* --- control from handlers --- */

static void
answer_stream(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "HTTP/1.1 200 OK\r\n\r\nfirst");
    conn_wait_for_close(conn);
}

static void
http_cancel__from_inside_on_body(void **state)
{
    (void)state;
    fx.cancel_in_body = true;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_CANCELED, 0);
    assert_int_equal(fx.bodies, 1);
}

static void
http_cancel__from_inside_on_header(void **state)
{
    (void)state;
    fx.cancel_in_header = true;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_CANCELED, 0);
    assert_int_equal(fx.bodies, 0);
}

static void
http_cancel__before_the_first_turn(void **state)
{
    (void)state;
    connect_to(answer_stream, (struct http_config){0});
    fx.call = http_start(fx.client, &get, &handlers, NULL);
    http_cancel(fx.call);
    assert_int_equal(fx.dones, 1);
    loop_turn(fx.loop, 0);
    loop_turn(fx.loop, 0);
    assert_int_equal(fx.dones, 1);
}

static void
http__ends_when_on_body_refuses(void **state)
{
    (void)state;
    fx.refuse_body = true;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_CANCELED, 0);
}

static void
http_client_free__from_inside_on_body(void **state)
{
    (void)state;
    fx.free_in_body = true;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_CANCELED, 0);
    assert_null(fx.client);
}

static void
http_client_free__from_inside_on_done(void **state)
{
    (void)state;
    fx.free_in_done = true;
    connect_to(answer_ok, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_null(fx.client);
}

static void
http_client_free__cancels_what_runs(void **state)
{
    (void)state;
    connect_to(answer_stream, (struct http_config){0});
    for (int i = 0; i < 3; i++)
        assert_non_null(http_start(fx.client, &get, &handlers, NULL));
    turn_until(&fx.bodies, 1);
    http_client_free(fx.client);
    fx.client = NULL;
    assert_int_equal(fx.dones, 3);
    assert_int_equal(fx.err.code, IW_ERR_CANCELED);
}

static void
http_start__from_inside_on_body(void **state)
{
    (void)state;
    fx.start_in_body = true;
    connect_to(answer_ok, (struct http_config){0});
    fx.call = http_start(fx.client, &get, &handlers, NULL);
    turn_until(&fx.dones, 2);
    assert_string_equal(fx.body.data, "{\"a\":1}{\"a\":1}");
}

#define LONG_BODY_BYTES (8u << 20)

static void
answer_long(struct conn *conn, const char *request)
{
    (void)request;
    char block[4096];
    memset(block, 'y', sizeof(block));
    conn_puts(conn, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
    for (size_t i = 0; i < LONG_BODY_BYTES / sizeof(block); i++)
        conn_write(conn, block, sizeof(block));
}

static void
http_pause__stops_the_stream_and_loses_nothing(void **state)
{
    (void)state;
    connect_to(answer_long, (struct http_config){0});
    fx.pause_in_body = true;
    fx.call = http_start(fx.client, &(struct http_request){.path = "/x", .idle_timeout_ms = 100},
                         &handlers, NULL);
    turn_until(&fx.bodies, 1);
    size_t seen = fx.body.len;
    for (int i = 0; i < 10; i++)
        loop_turn(fx.loop, 20);
    assert_int_equal(fx.body.len, seen); /* and the idle time-out rests */
    assert_int_equal(fx.dones, 0);
    http_pause(fx.call, false);
    assert_int_equal(fx.body.len, seen); /* never from inside http_pause */
    turn_until(&fx.bodies, 2);           /* which pauses again */
    fx.pause_in_body = false;
    http_pause(fx.call, false);
    turn_until(&fx.dones, 1);
    assert_ended(IW_OK, 200);
    assert_int_equal(fx.body.len, LONG_BODY_BYTES);
}

static void
http__idle_timeout_counts_from_the_last_byte(void **state)
{
    (void)state;
    connect_to(answer_stream, (struct http_config){0});
    int64_t start_ms = clock_mono(clock_system());
    fetch(&(struct http_request){.path = "/x", .idle_timeout_ms = 150});
    assert_ended(IW_ERR_TIMEOUT, 200);
    assert_in_range(clock_mono(clock_system()) - start_ms, 140, 5000);
    assert_string_equal(fx.body.data, "first");
}

static void
http__total_timeout_ends_a_stream(void **state)
{
    (void)state;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&(struct http_request){.path = "/x", .total_timeout_ms = 100});
    assert_ended(IW_ERR_TIMEOUT, 200);
}

/* --- the loop's own descriptors while libcurl sleeps for it --- */

static void
on_pipe(void *ctx, int fd, int events)
{
    char byte;
    (void)events;
    if (read(fd, &byte, 1) == 1)
        ++*(int *)ctx;
}

static void
http__keeps_the_loops_descriptors_alive(void **state)
{
    (void)state;
    int fds[2], reads = 0;
    assert_int_equal(pipe(fds), 0);
    connect_to(answer_ok, (struct http_config){0});
    loop_id id = loop_fd_add(fx.loop, fds[0], LOOP_READ, on_pipe, &reads);
    assert_int_equal(write(fds[1], "x", 1), 1);
    turn_until(&reads, 1);
    loop_remove(fx.loop, id);
    close(fds[0]);
    close(fds[1]);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(http_cancel__from_inside_on_body),
        T(http_cancel__from_inside_on_header),
        T(http_cancel__before_the_first_turn),
        T(http__ends_when_on_body_refuses),
        T(http_client_free__from_inside_on_body),
        T(http_client_free__from_inside_on_done),
        T(http_client_free__cancels_what_runs),
        T(http_start__from_inside_on_body),
        T(http_pause__stops_the_stream_and_loses_nothing),
        T(http__idle_timeout_counts_from_the_last_byte),
        T(http__total_timeout_ends_a_stream),
        T(http__keeps_the_loops_descriptors_alive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
