/* http: against a small server in a thread, plain and with TLS.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <zlib.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/net/http.h"

/* --- the server: one connection at a time, one answer for each --- */

struct conn {
    int fd;
    SSL *ssl; /* or NULL */
};

struct server {
    int fd, port;
    pthread_t thread;
    SSL_CTX *tls;
    void (*answer)(struct conn *conn, const char *request);
    char request[8192]; /* the last one */
    _Atomic bool stop;
    _Atomic int requests;
};

static void
conn_write(struct conn *conn, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = conn->ssl ? SSL_write(conn->ssl, bytes, (int)len)
                              : send(conn->fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

static void
conn_puts(struct conn *conn, const char *text)
{
    conn_write(conn, text, strlen(text));
}

static ssize_t
conn_read(struct conn *conn, char *bytes, size_t len)
{
    return conn->ssl ? SSL_read(conn->ssl, bytes, (int)len) : recv(conn->fd, bytes, len, 0);
}

/* Until the client closes: an answer that leaves its end to the client. */
static void
conn_wait_for_close(struct conn *conn)
{
    char byte;
    while (conn_read(conn, &byte, 1) > 0) {
    }
}

static void
server_serve(struct server *server, struct conn *conn)
{
    size_t len = 0;
    server->request[0] = '\0';
    while (!strstr(server->request, "\r\n\r\n") && len + 1 < sizeof(server->request)) {
        ssize_t got = conn_read(conn, server->request + len, sizeof(server->request) - 1 - len);
        if (got <= 0)
            return;
        len += (size_t)got;
        server->request[len] = '\0';
    }
    server->requests++;
    server->answer(conn, server->request);
}

static void *
server_main(void *arg)
{
    struct server *server = arg;
    for (;;) {
        struct conn conn = {.fd = accept(server->fd, NULL, NULL)};
        if (server->stop || conn.fd < 0) {
            if (conn.fd >= 0)
                close(conn.fd);
            return NULL;
        }
        const struct timeval limit = {.tv_sec = 5}; /* a failed test must not hang */
        setsockopt(conn.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        setsockopt(conn.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
        if (server->tls) {
            conn.ssl = SSL_new(server->tls);
            SSL_set_fd(conn.ssl, conn.fd);
        }
        if (!conn.ssl || SSL_accept(conn.ssl) == 1) {
            server_serve(server, &conn);
            if (conn.ssl)
                SSL_shutdown(conn.ssl);
        } else { /* closing with unread bytes would be a reset, which can overtake the alert */
            char bytes[512];
            shutdown(conn.fd, SHUT_WR);
            while (recv(conn.fd, bytes, sizeof(bytes), 0) > 0) {
            }
        }
        SSL_free(conn.ssl);
        close(conn.fd);
    }
}

static void
server_start(struct server *server, const char *unix_path)
{
    server->fd = socket(unix_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    if (unix_path) {
        snprintf(un.sun_path, sizeof(un.sun_path), "%s", unix_path);
        assert_int_equal(bind(server->fd, (struct sockaddr *)&un, sizeof(un)), 0);
    } else {
        socklen_t len = sizeof(in);
        assert_int_equal(bind(server->fd, (struct sockaddr *)&in, sizeof(in)), 0);
        assert_int_equal(getsockname(server->fd, (struct sockaddr *)&in, &len), 0);
        server->port = ntohs(in.sin_port);
    }
    assert_int_equal(listen(server->fd, 16), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, server_main, server), 0);
}

static void
server_stop(struct server *server)
{
    if (server->fd < 0)
        return;
    server->stop = true;
    shutdown(server->fd, SHUT_RDWR); /* wakes accept */
    pthread_join(server->thread, NULL);
    close(server->fd);
    SSL_CTX_free(server->tls);
    server->fd = -1;
}

/* --- certificates --- */

struct identity {
    EVP_PKEY *key;
    X509 *cert;
};

struct cert_spec {
    const char *name; /* common name, and DNS name or address of the server */
    bool is_ca;
    long from_s, until_s; /* relative to now */
};

static void
add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(ext);
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
}

/* Signed by `by`, or by itself. */
static struct identity
identity_new(const struct cert_spec *spec, const struct identity *by)
{
    static long serial;
    struct identity id = {.key = EVP_EC_gen("P-256"), .cert = X509_new()};
    X509_set_version(id.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(id.cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(id.cert), spec->from_s);
    X509_gmtime_adj(X509_getm_notAfter(id.cert), spec->until_s);
    X509_set_pubkey(id.cert, id.key);
    X509_NAME *name = X509_get_subject_name(id.cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)spec->name, -1, -1,
                               0);
    X509_set_issuer_name(id.cert, by ? X509_get_subject_name(by->cert) : name);
    char san[128];
    snprintf(san, sizeof(san), "%s:%s",
             strspn(spec->name, "0123456789.") == strlen(spec->name) ? "IP" : "DNS", spec->name);
    add_extension(id.cert, NID_basic_constraints,
                  spec->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!spec->is_ca)
        add_extension(id.cert, NID_subject_alt_name, san);
    assert_true(X509_sign(id.cert, by ? by->key : id.key, EVP_sha256()) > 0);
    return id;
}

static void
identity_free(struct identity *id)
{
    EVP_PKEY_free(id->key);
    X509_free(id->cert);
}

static char *
bio_text(BIO *bio)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    char *text = iw_strndup(data, (size_t)len);
    BIO_free(bio);
    return text;
}

static char *
cert_pem(const struct identity *id)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, id->cert);
    return bio_text(bio);
}

static char *
key_pem(const struct identity *id, const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, id->key, password ? EVP_aes_128_cbc() : NULL, password,
                                  password ? (int)strlen(password) : 0, NULL, NULL);
    return bio_text(bio);
}

#define DAY_S 86400L
static struct identity ca, other_ca, server_ok, server_named, server_expired, client_ok,
    client_expired;
static char *ca_text, *other_ca_text, *client_cert, *client_key, *expired_cert, *expired_key;

static int
make_identities(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    ca = identity_new(&(struct cert_spec){"test ca", true, -DAY_S, DAY_S}, NULL);
    other_ca = identity_new(&(struct cert_spec){"other ca", true, -DAY_S, DAY_S}, NULL);
    server_ok = identity_new(&(struct cert_spec){"127.0.0.1", false, -DAY_S, DAY_S}, &ca);
    server_named = identity_new(&(struct cert_spec){"kube.test", false, -DAY_S, DAY_S}, &ca);
    server_expired = identity_new(&(struct cert_spec){"127.0.0.1", false, -2 * DAY_S, -DAY_S}, &ca);
    client_ok = identity_new(&(struct cert_spec){"client.test", false, -DAY_S, DAY_S}, &ca);
    client_expired =
        identity_new(&(struct cert_spec){"client.test", false, -2 * DAY_S, -DAY_S}, &ca);
    ca_text = cert_pem(&ca);
    other_ca_text = cert_pem(&other_ca);
    client_cert = cert_pem(&client_ok);
    client_key = key_pem(&client_ok, NULL);
    expired_cert = cert_pem(&client_expired);
    expired_key = key_pem(&client_expired, NULL);
    return 0;
}

static int
free_identities(void **state)
{
    (void)state;
    struct identity *const all[] = {
        &ca, &other_ca, &server_ok, &server_named, &server_expired, &client_ok, &client_expired};
    for (size_t i = 0; i < IW_COUNTOF(all); i++)
        identity_free(all[i]);
    char *const texts[] = {ca_text,    other_ca_text, client_cert,
                           client_key, expired_cert,  expired_key};
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        free(texts[i]);
    return 0;
}

/* --- one client, what its call reported --- */

struct fixture {
    struct loop *loop;
    struct server server;
    struct http_client *client;
    struct http_call *call;
    struct strbuf body;
    int status, headers, bodies, dones;
    char content_type[64];
    struct iw_error err;
    /* What the handlers do. */
    bool cancel_in_header, cancel_in_body, refuse_body, pause_in_body, free_in_body, free_in_done,
        start_in_body;
};

static struct fixture fx;
static struct http_request get = {.path = "/x"};

static void on_done(void *ctx, const struct iw_error *err);
static bool on_body(void *ctx, const char *bytes, size_t len);

static void
on_header(void *ctx, int status, const char *content_type)
{
    (void)ctx;
    fx.headers++;
    fx.status = status;
    snprintf(fx.content_type, sizeof(fx.content_type), "%s", content_type);
    if (fx.cancel_in_header)
        http_cancel(fx.call);
}

static const struct http_handlers handlers = {on_header, on_body, on_done};

static bool
on_body(void *ctx, const char *bytes, size_t len)
{
    (void)ctx;
    fx.bodies++;
    strbuf_add(&fx.body, bytes, len);
    if (fx.start_in_body) {
        fx.start_in_body = false;
        assert_non_null(http_start(fx.client, &get, &handlers, NULL));
    }
    if (fx.cancel_in_body)
        http_cancel(fx.call);
    if (fx.pause_in_body)
        http_pause(fx.call, true);
    if (fx.free_in_body) {
        http_client_free(fx.client);
        fx.client = NULL;
    }
    return !fx.refuse_body;
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    (void)ctx;
    fx.dones++;
    fx.err = *err;
    fx.call = NULL;
    if (fx.free_in_done) {
        http_client_free(fx.client);
        fx.client = NULL;
    }
}

static int
set_up(void **state)
{
    (void)state;
    memset(&fx, 0, sizeof(fx));
    fx.server.fd = -1;
    fx.loop = loop_new(clock_system());
    strbuf_init(&fx.body, 0);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    http_client_free(fx.client);
    loop_free(fx.loop);
    server_stop(&fx.server);
    strbuf_free(&fx.body);
    return 0;
}

/* Start the server and a client of it; config may bring everything but the address. */
static void
connect_to(void (*answer)(struct conn *, const char *), struct http_config config)
{
    fx.server.answer = answer;
    server_start(&fx.server, config.unix_socket);
    iw_autofree char *url =
        iw_asprintf("%s://127.0.0.1:%d", fx.server.tls ? "https" : "http", fx.server.port);
    if (!config.base_url)
        config.base_url = url;
    assert_int_equal(http_client_new(fx.loop, &config, &fx.client, NULL), IW_OK);
}

static void
turn_until(const int *counter, int want)
{
    int64_t until_ms = clock_mono(clock_system()) + 8000;
    while (*counter < want && clock_mono(clock_system()) < until_ms)
        loop_turn(fx.loop, 50);
    if (*counter < want)
        fail_msg("waited in vain; done %d, bodies %d", fx.dones, fx.bodies);
}

/* One request to its end. */
static void
fetch(const struct http_request *request)
{
    fx.call = http_start(fx.client, request, &handlers, NULL);
    assert_non_null(fx.call);
    assert_int_equal(fx.dones, 0);
    turn_until(&fx.dones, 1);
    loop_turn(fx.loop, 0);
    assert_int_equal(fx.dones, 1);
}

static void
assert_failed(enum iw_err code, int status)
{
    if (fx.err.code != code)
        fail_msg("%s: %s", iw_err_name(fx.err.code), fx.err.msg);
    assert_int_equal(fx.err.http_status, status);
}

/* --- answers --- */

static void
answer_ok(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(
        conn,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

static void
http__gives_header_body_and_end(void **state)
{
    (void)state;
    connect_to(answer_ok, (struct http_config){0});
    fetch(&get);
    assert_failed(IW_OK, 200);
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
    assert_failed(IW_OK, 200);
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
    assert_failed(IW_ERR_EOF, status);
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
    assert_failed(IW_ERR_FORBIDDEN, 403);
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
    assert_failed(IW_ERR_THROTTLED, 429);
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
        assert_failed(rows[i].code, rows[i].status);
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
    assert_failed(IW_OK, 204);
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
    assert_failed(IW_ERR_SERVER, 500);
    assert_non_null(strstr(fx.err.msg, "xxx"));
}

static void
http__tells_refused_with_the_address(void **state)
{
    (void)state;
    connect_to(answer_ok, (struct http_config){0});
    server_stop(&fx.server);
    fetch(&get);
    assert_failed(IW_ERR_REFUSED, 0);
    assert_non_null(strstr(fx.err.msg, "connection refused (127.0.0.1:"));
}

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
    assert_failed(IW_ERR_CANCELED, 0);
    assert_int_equal(fx.bodies, 1);
}

static void
http_cancel__from_inside_on_header(void **state)
{
    (void)state;
    fx.cancel_in_header = true;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&get);
    assert_failed(IW_ERR_CANCELED, 0);
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
    assert_failed(IW_ERR_CANCELED, 0);
}

static void
http_client_free__from_inside_on_body(void **state)
{
    (void)state;
    fx.free_in_body = true;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&get);
    assert_failed(IW_ERR_CANCELED, 0);
    assert_null(fx.client);
}

static void
http_client_free__from_inside_on_done(void **state)
{
    (void)state;
    fx.free_in_done = true;
    connect_to(answer_ok, (struct http_config){0});
    fetch(&get);
    assert_failed(IW_OK, 200);
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
    assert_failed(IW_OK, 200);
    assert_int_equal(fx.body.len, LONG_BODY_BYTES);
}

static void
http__idle_timeout_counts_from_the_last_byte(void **state)
{
    (void)state;
    connect_to(answer_stream, (struct http_config){0});
    int64_t start_ms = clock_mono(clock_system());
    fetch(&(struct http_request){.path = "/x", .idle_timeout_ms = 150});
    assert_failed(IW_ERR_TIMEOUT, 200);
    assert_in_range(clock_mono(clock_system()) - start_ms, 140, 5000);
    assert_string_equal(fx.body.data, "first");
}

static void
http__total_timeout_ends_a_stream(void **state)
{
    (void)state;
    connect_to(answer_stream, (struct http_config){0});
    fetch(&(struct http_request){.path = "/x", .total_timeout_ms = 100});
    assert_failed(IW_ERR_TIMEOUT, 200);
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

/* --- requests --- */

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
    assert_failed(IW_OK, 200);
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
    assert_failed(IW_OK, 200);
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
    assert_failed(IW_OK, 200);
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
    assert_failed(IW_OK, 200);
    assert_non_null(strstr(fx.server.request, "GET /v4/x HTTP/1.1\r\n"));
    assert_non_null(strstr(fx.server.request, "Authorization: Bearer t\r\n"));
    server_stop(&fx.server);
    unlink(path);
    fx.dones = 0;
    fetch(&get);
    assert_failed(IW_ERR_REFUSED, 0);
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
    assert_failed(IW_OK, 200);
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
answer_garbage(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
}

static void
http__tells_an_answer_that_is_no_http(void **state)
{
    (void)state;
    connect_to(answer_garbage, (struct http_config){0});
    fetch(&get);
    assert_failed(IW_ERR_HTTP, 0);
}

/* --- TLS --- */

static void
serve_tls(const struct identity *id, bool want_client)
{
    fx.server.tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(fx.server.tls, id->cert);
    SSL_CTX_use_PrivateKey(fx.server.tls, id->key);
    if (want_client) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(fx.server.tls), ca.cert);
        SSL_CTX_set_verify(fx.server.tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
}

static void
tls__accepts_the_right_ca_and_shows_its_certificate(void **state)
{
    (void)state;
    serve_tls(&server_ok, true);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text,
                                               .cert_pem = client_cert,
                                               .key_pem = client_key,
                                               .bearer_token = "t"});
    fetch(&get);
    assert_failed(IW_OK, 200);
    assert_non_null(strstr(fx.server.request, "Authorization: Bearer t\r\n"));
}

static void
tls__without_the_wanted_client_certificate_fails(void **state)
{
    (void)state;
    serve_tls(&server_ok, true);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text});
    fetch(&get);
    assert_failed(IW_ERR_TLS, 0);
}

static void
tls__tells_an_unknown_ca(void **state)
{
    (void)state;
    serve_tls(&server_ok, false);
    connect_to(answer_ok, (struct http_config){.ca_pem = other_ca_text, .bearer_token = "t"});
    fetch(&get);
    assert_failed(IW_ERR_TLS_CA, 0);
    assert_int_equal(fx.server.requests, 0);
}

static void
tls__tells_the_unknown_ca_without_one_of_ours(void **state)
{
    (void)state;
    serve_tls(&server_ok, false);
    connect_to(answer_ok, (struct http_config){0});
    fetch(&get);
    assert_failed(IW_ERR_TLS_CA, 0);
}

static void
tls__tells_a_wrong_name(void **state)
{
    (void)state;
    serve_tls(&server_named, false);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text});
    fetch(&get);
    assert_failed(IW_ERR_TLS_NAME, 0);
}

static void
tls__tells_an_expired_server(void **state)
{
    (void)state;
    serve_tls(&server_expired, false);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text});
    fetch(&get);
    assert_failed(IW_ERR_TLS_EXPIRED, 0);
    assert_non_null(strstr(fx.err.msg, "server's certificate"));
}

static void
tls__insecure_takes_any_certificate(void **state)
{
    (void)state;
    serve_tls(&server_expired, false);
    connect_to(answer_ok, (struct http_config){.insecure = true});
    fetch(&get);
    assert_failed(IW_OK, 200);
}

static char sni[64];

static int
on_sni(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    snprintf(sni, sizeof(sni), "%s", name ? name : "");
    return SSL_TLSEXT_ERR_OK;
}

static void
tls__server_name_is_verified_and_sent(void **state)
{
    (void)state;
    serve_tls(&server_named, false);
    SSL_CTX_set_tlsext_servername_callback(fx.server.tls, on_sni);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text, .tls_server_name = "kube.test"});
    fetch(&get);
    assert_failed(IW_OK, 200);
    assert_string_equal(sni, "kube.test");
    char host[64];
    snprintf(host, sizeof(host), "Host: 127.0.0.1:%d\r\n", fx.server.port);
    assert_non_null(strstr(fx.server.request, host));
}

static void
tls__tells_a_server_without_tls(void **state)
{
    (void)state;
    fx.server.answer = answer_garbage;
    server_start(&fx.server, NULL);
    iw_autofree char *url = iw_asprintf("https://127.0.0.1:%d", fx.server.port);
    const struct http_config config = {
        .base_url = url, .ca_pem = ca_text, .connect_timeout_ms = 1000};
    assert_int_equal(http_client_new(fx.loop, &config, &fx.client, NULL), IW_OK);
    fx.call = http_start(fx.client, &get, &handlers, NULL);
    /* The ClientHello has no empty line: the server waits for more, as a real one would. */
    turn_until(&fx.dones, 1);
    assert_int_equal(fx.err.code, IW_ERR_TIMEOUT);
}

/* --- what http_client_new refuses --- */

static void
assert_refused(struct http_config config, enum iw_err code, const char *part)
{
    struct iw_error err = {0};
    struct http_client *client = NULL;
    if (!config.base_url)
        config.base_url = "https://127.0.0.1:6443";
    assert_int_equal(http_client_new(fx.loop, &config, &client, &err), code);
    assert_null(client);
    if (!strstr(err.msg, part))
        fail_msg("<%s> does not tell: %s", err.msg, part);
    assert_null(strstr(err.msg, "s3cret"));
}

static void
http_client_new__refuses_broken_material(void **state)
{
    (void)state;
    iw_autofree char *locked = key_pem(&client_ok, "s3cret");
    assert_refused((struct http_config){.ca_pem = "s3cret"}, IW_ERR_CONFIG,
                   "certificate authority");
    assert_refused((struct http_config){.cert_pem = "s3cret", .key_pem = client_key}, IW_ERR_CONFIG,
                   "client certificate");
    assert_refused((struct http_config){.cert_pem = client_cert, .key_pem = "s3cret"},
                   IW_ERR_CONFIG, "not a PEM private key");
    assert_refused((struct http_config){.cert_pem = client_cert, .key_pem = locked}, IW_ERR_CONFIG,
                   "encrypted");
    assert_refused((struct http_config){.cert_pem = client_cert, .key_pem = expired_key},
                   IW_ERR_CONFIG, "does not belong");
    assert_refused((struct http_config){.cert_pem = client_cert}, IW_ERR_CONFIG, "without its key");
    assert_refused((struct http_config){.key_pem = client_key}, IW_ERR_CONFIG,
                   "without its certificate");
    assert_refused((struct http_config){.cert_pem = expired_cert, .key_pem = expired_key},
                   IW_ERR_TLS_EXPIRED, "expired at 20");
    assert_refused((struct http_config){.bearer_token = "s3cret\n"}, IW_ERR_CONFIG, "token");
    assert_refused((struct http_config){.base_url = "ftp://h"}, IW_ERR_CONFIG, "not an http");
    assert_refused((struct http_config){.base_url = "https://h h"}, IW_ERR_CONFIG, "not an http");
    assert_refused((struct http_config){.base_url = "file:///etc/passwd"}, IW_ERR_CONFIG,
                   "not an http");
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
    assert_failed(IW_OK, 200);
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
        T(http__sends_body_headers_and_prefix),
        T(http__sends_credentials_to_loopback),
        T(http__sends_basic_credentials),
        T(http__keeps_credentials_from_plain_http),
        T(http__goes_past_the_proxy_of_the_environment_for_loopback),
        T(http__speaks_over_a_unix_socket),
        T(http__unpacks_gzip),
        T(http__asks_for_compression_only_far_away),
        T(http__tells_an_answer_that_is_no_http),
        T(tls__accepts_the_right_ca_and_shows_its_certificate),
        T(tls__without_the_wanted_client_certificate_fails),
        T(tls__tells_an_unknown_ca),
        T(tls__tells_the_unknown_ca_without_one_of_ours),
        T(tls__tells_a_wrong_name),
        T(tls__tells_an_expired_server),
        T(tls__insecure_takes_any_certificate),
        T(tls__server_name_is_verified_and_sent),
        T(tls__tells_a_server_without_tls),
        T(http_client_new__refuses_broken_material),
        T(http__two_clients_share_a_loop),
        T(http_escape__leaves_only_unreserved_characters),
    };
    return cmocka_run_group_tests(tests, make_identities, free_identities);
}
