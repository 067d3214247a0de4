/* http: what is sent: headers, credentials, compression; unix sockets and proxies.
 * SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "http_world.h"

static void
http__sends_body_headers_and_prefix(void **state)
{
    (void)state;
    const char *const extra[] = {"Impersonate-User: eve", NULL};
    connect_to(answer_ok, (struct http_config){.headers = extra, .no_compression = true});
    int port = fx.server.port;
    iw_autofree char *url = iw_asprintf("http://127.0.0.1:%d/prefix/", port);
    struct http_client *prefixed = NULL;
    const struct http_config config = {.base_url = url, .headers = extra, .no_compression = true};
    assert_int_equal(http_client_new(fx.loop, &config, &prefixed, NULL), IW_OK);
    http_client_free(fx.client);
    fx.client = prefixed;
    fetch(&(struct http_request){.method = "POST",
                                 .path = "/api?a=b",
                                 .accept = "text/plain",
                                 .body = "hello",
                                 .body_len = 5,
                                 .content_type = "text/x"});
    assert_ended(IW_OK, 200);
    assert_non_null(strstr(fx.server.request, "POST /prefix/api?a=b HTTP/1.1\r\n"));
    assert_non_null(strstr(fx.server.request, "Accept: text/plain\r\n"));
    assert_non_null(strstr(fx.server.request, "Content-Type: text/x\r\n"));
    assert_non_null(strstr(fx.server.request, "Content-Length: 5\r\n"));
    assert_non_null(strstr(fx.server.request, "Impersonate-User: eve\r\n"));
    assert_null(strstr(fx.server.request, "Accept-Encoding"));
    assert_null(strstr(fx.server.request, "Expect"));
}

static void
http__sends_credentials_to_loopback(void **state)
{
    (void)state;
    connect_to(answer_ok, (struct http_config){.bearer_token = "secret-token"});
    fetch(&get);
    assert_non_null(strstr(fx.server.request, "Authorization: Bearer secret-token\r\n"));
    fx.dones = 0;
    http_client_set_token(fx.client, "next");
    fetch(&get);
    assert_non_null(strstr(fx.server.request, "Authorization: Bearer next\r\n"));
    fx.dones = 0;
    http_client_set_token(fx.client, "evil\r\nX-Injected: 1");
    fetch(&get);
    assert_null(strstr(fx.server.request, "evil"));
}

static void
http__sends_basic_credentials(void **state)
{
    (void)state;
    connect_to(answer_ok, (struct http_config){.username = "user", .password = "pass"});
    fetch(&get);
    assert_non_null(strstr(fx.server.request, "Authorization: Basic dXNlcjpwYXNz\r\n"));
}

/* A plain proxy sees everything: what goes over http to another machine has no credentials. */
static void
http__keeps_credentials_from_plain_http(void **state)
{
    (void)state;
    fx.server.answer = answer_ok;
    server_start(&fx.server, NULL);
    iw_autofree char *proxy = iw_asprintf("http://127.0.0.1:%d", fx.server.port);
    const struct http_config config = {.base_url = "http://kube.invalid:8080",
                                       .proxy_url = proxy,
                                       .bearer_token = "secret-token",
                                       .username = "user",
                                       .password = "pass"};
    assert_int_equal(http_client_new(fx.loop, &config, &fx.client, NULL), IW_OK);
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_non_null(strstr(fx.server.request, "GET http://kube.invalid:8080/x HTTP/1.1\r\n"));
    assert_null(strstr(fx.server.request, "Authorization"));
}

static void
http__goes_past_the_proxy_of_the_environment_for_loopback(void **state)
{
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    connect_to(answer_ok, (struct http_config){0});
    fetch(&get);
    unsetenv("http_proxy");
    assert_ended(IW_OK, 200);
}

static void
http__speaks_over_a_unix_socket(void **state)
{
    (void)state;
    char folder[] = "/tmp/iw-http-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/s", folder);
    connect_to(answer_ok, (struct http_config){
                              .unix_socket = path, .base_url = "http://d/v4", .bearer_token = "t"});
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_non_null(strstr(fx.server.request, "GET /v4/x HTTP/1.1\r\n"));
    assert_non_null(strstr(fx.server.request, "Authorization: Bearer t\r\n"));
    server_stop(&fx.server);
    unlink(path);
    fx.dones = 0;
    fetch(&get);
    assert_ended(IW_ERR_REFUSED, 0);
    assert_non_null(strstr(fx.err.msg, path));
    rmdir(folder);
}

static void
answer_gzip(struct conn *conn, const char *request)
{
    (void)request;
    z_stream z = {0};
    unsigned char out[256];
    char text[] = "compressed text";
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (unsigned char *)text;
    z.avail_in = sizeof(text) - 1;
    z.next_out = out;
    z.avail_out = sizeof(out);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    iw_autofree char *head = iw_asprintf(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %lu\r\n\r\n", z.total_out);
    conn_puts(conn, head);
    conn_write(conn, (const char *)out, z.total_out);
    deflateEnd(&z);
}

static void
http__unpacks_gzip(void **state)
{
    (void)state;
    connect_to(answer_gzip, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_string_equal(fx.body.data, "compressed text");
}

static bool
compresses(const char *server, bool no_compression)
{
    struct http_client *client = NULL;
    struct http_config config = {.base_url = server, .no_compression = no_compression};
    assert_int_equal(http_client_new(fx.loop, &config, &client, NULL), IW_OK);
    bool is_asked = http_client_compresses(client);
    http_client_free(client);
    return is_asked;
}

static void
http__asks_for_compression_only_far_away(void **state)
{
    (void)state;
    assert_false(compresses("http://127.0.0.1:8001", false));
    assert_false(compresses("http://localhost:8001/prefix", false));
    assert_true(compresses("https://10.1.2.3:6443", false));
    assert_true(compresses("https://api.example.com", false));
    assert_false(compresses("https://api.example.com", true));
}

static void
http__tells_an_answer_that_is_no_http(void **state)
{
    (void)state;
    connect_to(answer_garbage, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_HTTP, 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(http__sends_body_headers_and_prefix),
        T(http__sends_credentials_to_loopback),
        T(http__sends_basic_credentials),
        T(http__keeps_credentials_from_plain_http),
        T(http__goes_past_the_proxy_of_the_environment_for_loopback),
        T(http__speaks_over_a_unix_socket),
        T(http__unpacks_gzip),
        T(http__asks_for_compression_only_far_away),
        T(http__tells_an_answer_that_is_no_http),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
