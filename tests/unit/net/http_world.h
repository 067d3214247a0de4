/* http_world: an HTTP client against a small server in a thread, and what its last call reported.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_HTTP_WORLD_H
#define INITWATCH_TEST_HTTP_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

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

static inline void
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

static inline void
conn_puts(struct conn *conn, const char *text)
{
    conn_write(conn, text, strlen(text));
}

static inline ssize_t
conn_read(struct conn *conn, char *bytes, size_t len)
{
    return conn->ssl ? SSL_read(conn->ssl, bytes, (int)len) : recv(conn->fd, bytes, len, 0);
}

/* Until the client closes: an answer that leaves its end to the client. */
static inline void
conn_wait_for_close(struct conn *conn)
{
    char byte;
    while (conn_read(conn, &byte, 1) > 0) {
    }
}

static inline void
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

static inline void *
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

static inline void
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

static inline void
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

static inline void on_done(void *ctx, const struct iw_error *err);
static inline bool on_body(void *ctx, const char *bytes, size_t len);

static inline void
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

static inline bool
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

static inline void
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

static inline int
set_up(void **state)
{
    (void)state;
    memset(&fx, 0, sizeof(fx));
    fx.server.fd = -1;
    fx.loop = loop_new(clock_system());
    strbuf_init(&fx.body, 0);
    return 0;
}

static inline int
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
static inline void
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

static inline void
turn_until(const int *counter, int want)
{
    int64_t until_ms = clock_mono(clock_system()) + 8000;
    while (*counter < want && clock_mono(clock_system()) < until_ms)
        loop_turn(fx.loop, 50);
    if (*counter < want)
        fail_msg("waited in vain; done %d, bodies %d", fx.dones, fx.bodies);
}

/* One request to its end. */
static inline void
fetch(const struct http_request *request)
{
    fx.call = http_start(fx.client, request, &handlers, NULL);
    assert_non_null(fx.call);
    assert_int_equal(fx.dones, 0);
    turn_until(&fx.dones, 1);
    loop_turn(fx.loop, 0);
    assert_int_equal(fx.dones, 1);
}

/* How the last call ended; told at the line of the test. IW_OK: no error. */
#define assert_ended(code, status) assert_ended_at(code, status, __FILE__, __LINE__)
static inline void
assert_ended_at(enum iw_err code, int http_status, const char *file, int line)
{
    if (fx.err.code != code) {
        print_error("%s: %s\n", iw_err_name(fx.err.code), fx.err.msg);
        _fail(file, line);
    }
    _assert_int_equal((LargestIntegralType)fx.err.http_status, (LargestIntegralType)http_status,
                      file, line);
}

static inline void
answer_ok(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(
        conn,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
}

static inline void
answer_garbage(struct conn *conn, const char *request)
{
    (void)request;
    conn_puts(conn, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
}

#endif
