/* http: what an answer becomes: header, body and exactly one end, however it breaks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "http_world.h"

static void
http__gives_header_body_and_end(void **state)
{
    (void)state;
    connect_to(answer_ok, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_int_equal(fx.headers, 1);
    assert_int_equal(fx.status, 200);
    assert_string_equal(fx.content_type, "application/json");
    assert_string_equal(fx.body.data, "{\"a\":1}");
    assert_non_null(strstr(fx.server.request, "GET /x HTTP/1.1\r\n"));
    assert_non_null(strstr(fx.server.request, "Accept: application/json\r\n"));
    assert_non_null(strstr(fx.server.request, "Accept-Encoding: identity\r\n"));
    assert_non_null(strstr(fx.server.request, "User-Agent: initwatch/"));
    assert_null(strstr(fx.server.request, "Authorization"));
}

static void
answer_chunks(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                    "chunked\r\n\r\n3\r\nabc\r\n");
    usleep(30000);
    conn_puts(conn, "4\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n");
}

static void
http__streams_chunks_as_they_come(void **state)
{
    (void)state;
    connect_to(answer_chunks, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_int_equal(fx.headers, 1); /* not for the interim answer, not for trailers */
    assert_true(fx.bodies >= 2);
    assert_string_equal(fx.body.data, "abcdefg");
}

static void
answer_short(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
}

static void
answer_half_chunk(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf");
}

static void
answer_reset(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    usleep(50000);
    const struct linger now = {.l_onoff = 1};
    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void
answer_nothing(struct conn *conn, const char *request)
{
    (void)conn, (void)request;
}

static void
assert_early_end(void (*answer)(struct conn *, const char *), const char *body, int status)
{
    connect_to(answer, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_EOF, status);
    assert_string_equal(fx.body.data, body);
}

static void
http__tells_a_close_in_the_middle_of_a_body(void **state)
{
    (void)state;
    assert_early_end(answer_short, "half", 200);
}

static void
http__tells_a_close_in_the_middle_of_a_chunk(void **state)
{
    (void)state;
    assert_early_end(answer_half_chunk, "half", 200);
}

static void
http__tells_a_reset(void **state)
{
    (void)state;
    assert_early_end(answer_reset, "half", 200);
}

static void
http__tells_a_close_without_an_answer(void **state)
{
    (void)state;
    assert_early_end(answer_nothing, "", 0);
}

static void
answer_forbidden(struct conn *conn, const char *request)
{
    (void)request;
    const char *body =
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{\"message\":\"not this\"},"
        "\"status\":\"Failure\",\"message\":\"pods is forbidden: \\\"\\u00e9ve\\\" cannot list\","
        "\"reason\":\"Forbidden\",\"details\":{\"kind\":\"pods\",\"retryAfterSeconds\":3},\"code\":"
        "403}";
    iw_autofree char *text = iw_asprintf(
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        strlen(body), body);
    conn_puts(conn, text);
}

static void
http__reads_the_message_of_a_status_object(void **state)
{
    (void)state;
    connect_to(answer_forbidden, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_FORBIDDEN, 403);
    assert_string_equal(fx.err.msg, "pods is forbidden: \"\xc3\xa9ve\" cannot list");
    assert_int_equal(fx.err.retry_after_ms, 3000);
    assert_int_equal(fx.bodies, 0);
    assert_int_equal(fx.status, 403);
}

static void
answer_throttled(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "HTTP/1.1 429 Too Many Requests\r\nRetry-After:  7\r\nContent-Type: "
                    "text/plain; charset=utf-8\r\n"
                    "Content-Length: 19\r\n\r\ntoo many requests\r\n");
}

static void
http__reads_plain_text_and_retry_after(void **state)
{
    (void)state;
    connect_to(answer_throttled, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_THROTTLED, 429);
    assert_string_equal(fx.err.msg, "too many requests");
    assert_int_equal(fx.err.retry_after_ms, 7000);
}

/* The status asked for by the path; the body is HTML, or broken JSON. */
static void
answer_by_path(struct conn *conn, const char *request)
{
    int status = atoi(strchr(request, '/') + 1);
    iw_autofree char *text =
        iw_asprintf("HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: 13\r\nLocation: "
                    "/400\r\nConnection: close\r\n\r\n{\"kind\":\"Stat",
                    status, status % 2 ? "application/json" : "text/html");
    conn_puts(conn, text);
}

static void
http__classifies_statuses(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum iw_err code;
    } rows[] = {
        {201, IW_OK},
        {302, IW_ERR_HTTP},
        {400, IW_ERR_HTTP},
        {401, IW_ERR_UNAUTHORIZED},
        {403, IW_ERR_FORBIDDEN},
        {404, IW_ERR_NOT_FOUND},
        {410, IW_ERR_GONE},
        {429, IW_ERR_THROTTLED},
        {500, IW_ERR_SERVER},
        {503, IW_ERR_SERVER},
        {422, IW_ERR_HTTP},
    };
    connect_to(answer_by_path, (struct http_config){0});
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        char path[16];
        snprintf(path, sizeof(path), "/%d", rows[i].status);
        fx.dones = 0;
        fetch(&(struct http_request){.path = path});
        assert_ended(rows[i].code, rows[i].status);
        assert_true(rows[i].code == IW_OK || strstr(fx.err.msg, path + 1));
    }
}

static void
answer_no_content(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void
http__takes_204_as_success(void **state)
{
    (void)state;
    connect_to(answer_no_content, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_OK, 204);
    assert_int_equal(fx.bodies, 0);
}

static void
answer_endless_error(struct conn *conn, const char *request)
{
    (void)request;
    char block[4096];
    memset(block, 'x', sizeof(block));
    conn_puts(conn, "HTTP/1.1 500 X\r\nContent-Type: text/plain\r\n\r\n");
    for (int i = 0; i < 2000; i++)
        conn_write(conn, block, sizeof(block));
    conn_wait_for_close(conn);
}

static void
http__reads_only_the_start_of_an_endless_error(void **state)
{
    (void)state;
    connect_to(answer_endless_error, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_SERVER, 500);
    assert_non_null(strstr(fx.err.msg, "xxx"));
}

static void
http__tells_refused_with_the_address(void **state)
{
    (void)state;
    connect_to(answer_ok, (struct http_config){0});
    server_stop(&fx.server);
    fetch(&get);
    assert_ended(IW_ERR_REFUSED, 0);
    assert_non_null(strstr(fx.err.msg, "connection refused (127.0.0.1:"));
}

static void
http__two_clients_share_a_loop(void **state)
{
    (void)state;
    connect_to(answer_ok, (struct http_config){0});
    iw_autofree char *url = iw_asprintf("http://127.0.0.1:%d", fx.server.port);
    struct http_client *second = NULL;
    assert_int_equal(
        http_client_new(fx.loop, &(struct http_config){.base_url = url}, &second, NULL), IW_OK);
    assert_non_null(http_start(fx.client, &get, &handlers, NULL));
    assert_non_null(http_start(second, &get, &handlers, NULL));
    turn_until(&fx.dones, 2);
    http_client_free(fx.client);
    fx.client = second;
    fx.dones = 0;
    fetch(&get);
    assert_ended(IW_OK, 200);
}

static void
http_escape__leaves_only_unreserved_characters(void **state)
{
    (void)state;
    http_escape(&fx.body, "aZ0-._~ /?&=%\xc3\xa9+");
    assert_string_equal(fx.body.data, "aZ0-._~%20%2F%3F%26%3D%25%C3%A9%2B");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(http__gives_header_body_and_end),
        T(http__streams_chunks_as_they_come),
        T(http__tells_a_close_in_the_middle_of_a_body),
        T(http__tells_a_close_in_the_middle_of_a_chunk),
        T(http__tells_a_reset),
        T(http__tells_a_close_without_an_answer),
        T(http__reads_the_message_of_a_status_object),
        T(http__reads_plain_text_and_retry_after),
        T(http__classifies_statuses),
        T(http__takes_204_as_success),
        T(http__reads_only_the_start_of_an_endless_error),
        T(http__tells_refused_with_the_address),
        T(http__two_clients_share_a_loop),
        T(http_escape__leaves_only_unreserved_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
