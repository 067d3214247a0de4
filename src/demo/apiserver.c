/* apiserver: HTTP by libmicrohttpd, driven from outside: connections, who may ask, the loop. Answers are
 * in api_answer.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/apiserver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api_internal.h"
#include "pbform.h"

#define BODY_CEILING_BYTES (1u << 20)
#define IDLE_CONNECTION_S 90u

int64_t
api_now_wall_ms(const struct apiserver *server)
{
    struct sim *sim = player_sim(server->config.player);
    return sim_wall_ms(sim, sim_now_ms(sim));
}

/* --- who may ask --- */

/* Compare without telling by the time taken how much was right. */
static bool
same_text(const char *a, const char *b, size_t len)
{
    unsigned char differ = 0;
    for (size_t i = 0; i < len; i++)
        differ |= (unsigned char)(a[i] ^ b[i]);
    return differ == 0;
}

static bool
token_is_right(const struct apiserver *server, const char *text, size_t len)
{
    size_t want = strlen(server->config.token);
    return len == want && same_text(text, server->config.token, want);
}

/* Split the path; the token as its first part is taken off. */
static void
read_path(struct api_request *r)
{
    const char *header =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
    bool right = header && strncmp(header, "Bearer ", 7) == 0 &&
                 token_is_right(r->server, header + 7, strlen(header + 7));
    char *rest = r->path;
    char *part;
    r->split = true;
    while ((part = strsep(&rest, "/")) != NULL && r->parts < API_PATH_PARTS) {
        if (!part[0])
            continue;
        if (r->parts == 0 && token_is_right(r->server, part, strlen(part))) {
            right = true;
            continue;
        }
        r->part[r->parts++] = part;
    }
    r->who = right ? API_ADMITTED : header ? API_WRONG_TOKEN : API_STRANGER;
}

static enum MHD_Result
answer(struct api_request *r)
{
    enum MHD_Result result;
    if (!r->split)
        read_path(r);
    bool control = r->who == API_ADMITTED && api_is_control(r);
    if (r->body.overflow)
        result = api_send_status(r, 413, "RequestEntityTooLarge",
                                 "request is too large: limit is "
                                 "1048576");
    else if (!control && api_fault_answers(r, &result))
        return result;
    else if (r->who == API_WRONG_TOKEN)
        result = api_send_status(r, 401, "Unauthorized", "Unauthorized");
    else if (r->who == API_STRANGER && !api_is_public(r))
        result = api_send_forbidden(r, "system:anonymous");
    else
        result = api_route(r);
    if (r->stream && !r->stream->started)
        api_stream_free(r->stream);
    r->stream = NULL;
    return result;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
           const char *version, const char *upload, size_t *upload_size, void **state)
{
    (void)version;
    struct api_request *r = *state;
    if (!r) {
        r = iw_calloc(1, sizeof(*r));
        r->server = cls;
        r->connection = connection;
        r->method = method;
        r->path = iw_strdup(url);
        strbuf_init(&r->body, BODY_CEILING_BYTES);
        *state = r;
        return MHD_YES;
    }
    if (*upload_size > 0) {
        (void)strbuf_add(&r->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    return answer(r);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **state,
             enum MHD_RequestTerminationCode why)
{
    (void)cls;
    (void)connection;
    (void)why;
    struct api_request *r = *state;
    if (!r)
        return;
    api_forget_waiting(r);
    free(r->warning);
    free(r->path);
    strbuf_free(&r->body);
    free(r);
    *state = NULL;
}

/* --- the server --- */

/* "127.0.0.1:0" and "localhost:8001"; only 127.0.0.0/8 is accepted. */
static enum iw_err
parse_address(const char *text, struct sockaddr_in *out, struct iw_error *err)
{
    const char *colon = strrchr(text, ':');
    iw_autofree char *host = iw_strndup(text, colon ? (size_t)(colon - text) : strlen(text));
    char *end = NULL;
    long port = colon ? strtol(colon + 1, &end, 10) : 0;
    *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if ((colon && (end == colon + 1 || *end)) || port < 0 || port > 65535)
        return iw_fail(err, IW_ERR_USAGE, "%s: the port must be a number from 0 to 65535", text);
    const char *numeric = strcmp(host, "localhost") == 0 || !host[0] ? "127.0.0.1" : host;
    if (inet_pton(AF_INET, numeric, &out->sin_addr) != 1 ||
        ntohl(out->sin_addr.s_addr) >> 24 != 127)
        return iw_fail(err, IW_ERR_USAGE,
                       "%s is not a loopback address; the demo cluster serves this machine only",
                       text);
    return IW_OK;
}

/* Listen where the configuration says, after an outage on the same port as before. */
enum iw_err
api_listen(struct apiserver *server, struct iw_error *err)
{
    struct sockaddr_in where = {
        .sin_family = AF_INET, .sin_port = htons(server->port), .sin_addr.s_addr = server->host};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "socket");
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    socklen_t len = sizeof(where);
    if (bind(fd, (struct sockaddr *)&where, len) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&where, &len) != 0) {
        int sys_errno = errno;
        close(fd);
        return iw_fail_errno(err, IW_ERR_IO, sys_errno, "listen on %s", server->config.address);
    }
    char host[INET_ADDRSTRLEN] = "";
    (void)inet_ntop(AF_INET, &where.sin_addr, host, sizeof(host));
    server->port = ntohs(where.sin_port);
    (void)snprintf(server->address, sizeof(server->address), "%s:%u", host, server->port);
    server->listen_fd = fd;
    return IW_OK;
}

/* Connections are accepted here and not by the library: an outage closes the listener. */
static void
accept_all(struct apiserver *server)
{
    for (;;) {
        struct sockaddr_in from;
        socklen_t len = sizeof(from);
        int fd = server->listen_fd < 0 ? -1
                                       : accept4(server->listen_fd, (struct sockaddr *)&from, &len,
                                                 SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)MHD_add_connection(server->daemon, fd, (struct sockaddr *)&from, len);
    }
}

static void
on_connection(void *cls, struct MHD_Connection *connection, void **state,
              enum MHD_ConnectionNotificationCode what)
{
    struct apiserver *server = cls;
    (void)state;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        vec_push(&server->connections, connection);
        return;
    }
    for (size_t i = 0; i < server->connections.len; i++) {
        if (server->connections.items[i] == connection) {
            vec_remove(&server->connections, i);
            return;
        }
    }
}

enum iw_err
apiserver_new(const struct apiserver_config *config, struct apiserver **out, struct iw_error *err)
{
    struct apiserver *server = iw_calloc(1, sizeof(*server));
    struct sockaddr_in where;
    server->config = *config;
    enum iw_err code = parse_address(config->address, &where, err);
    if (!code) {
        server->port = ntohs(where.sin_port);
        server->host = where.sin_addr.s_addr;
        code = api_listen(server, err);
    }
    if (code) {
        free(server);
        return code;
    }
    server->daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0,
                         NULL, NULL, on_request, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
                         NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
                         MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_POOL_BYTES,
                         MHD_OPTION_CONNECTION_TIMEOUT, IDLE_CONNECTION_S, MHD_OPTION_END);
    if (!server->daemon) {
        close(server->listen_fd);
        free(server);
        return iw_fail(err, IW_ERR_INTERNAL, "cannot start the HTTP server");
    }
    *out = server;
    return IW_OK;
}

static void
free_applied(struct apiserver *server)
{
    for (size_t i = 0; i < server->applied.len; i++) {
        free(server->applied.items[i].key);
        free(server->applied.items[i].manager);
        json_decref(server->applied.items[i].config);
    }
    vec_free(&server->applied);
}

void
apiserver_free(struct apiserver *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < server->streams.len; i++) {
        server->streams.items[i]->dead = true;
        api_stream_wake(server->streams.items[i]);
    }
    api_wake_waiting(server, true);
    MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    vec_free(&server->streams);
    vec_free(&server->connections);
    vec_free(&server->waiting);
    free_applied(server);
    free(server);
}

const char *
apiserver_address(const struct apiserver *server)
{
    return server->address;
}

/* --- the loop --- */

static int
stream_fd(const struct api_stream *s)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(s->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* MHD's own descriptor, then those of sleeping streams: MHD does not notice that their client is
 * gone. */
size_t
apiserver_pollfds(struct apiserver *server, struct pollfd *fds, size_t room)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    size_t count = 0;
    fds[count++] = (struct pollfd){.fd = info->epoll_fd, .events = POLLIN};
    fds[count++] = (struct pollfd){.fd = server->listen_fd, .events = POLLIN};
    for (size_t i = 0; i < server->streams.len && count < room; i++) {
        if (server->streams.items[i]->suspended)
            fds[count++] =
                (struct pollfd){.fd = stream_fd(server->streams.items[i]), .events = POLLRDHUP};
    }
    return count;
}

static int64_t
stream_due_ms(struct apiserver *server, struct api_stream *s, int64_t now_ms)
{
    if (s->kind == STREAM_WATCH)
        return api_watch_due_ms(s) - now_ms;
    if (s->kind != STREAM_LOG)
        return INT64_MAX;
    struct sim *sim = player_sim(server->config.player);
    int64_t due_ms = sim_log_due_ms(sim, &s->log);
    if (due_ms == SIM_NEVER)
        return INT64_MAX;
    if (player_is_paused(server->config.player))
        return INT64_MAX;
    return sim_wall_ms(sim, due_ms) - sim_wall_ms(sim, sim_now_ms(sim));
}

int64_t
apiserver_timeout_ms(struct apiserver *server)
{
    int64_t wait_ms = INT64_MAX;
    MHD_UNSIGNED_LONG_LONG mhd_ms = 0;
    if (MHD_get_timeout(server->daemon, &mhd_ms) == MHD_YES)
        wait_ms = (int64_t)IW_MIN(mhd_ms, 60000ull);
    int64_t now_ms = clock_mono(server->config.clock);
    int64_t fault_ms = api_fault_due_ms(server);
    if (fault_ms != INT64_MAX)
        wait_ms = IW_MIN(wait_ms, IW_MAX(fault_ms - now_ms, 0));
    for (size_t i = 0; i < server->waiting.len; i++)
        wait_ms = IW_MIN(wait_ms, IW_MAX(server->waiting.items[i]->due_ms - now_ms, 0));
    for (size_t i = 0; i < server->streams.len; i++) {
        struct api_stream *s = server->streams.items[i];
        if (s->suspended)
            wait_ms = IW_MIN(wait_ms, IW_MAX(stream_due_ms(server, s, now_ms), 0));
    }
    return wait_ms;
}

/* Give sleeping streams what there is for them. True when one was woken. */
static bool
feed_streams(struct apiserver *server)
{
    bool woken = false;
    for (size_t i = 0; i < server->streams.len; i++) {
        struct api_stream *s = server->streams.items[i];
        if (!s->suspended)
            continue;
        if (!s->dead)
            api_stream_fill(s);
        if (s->dead || s->done || s->out.len > s->out_at) {
            api_stream_wake(s);
            woken = true;
        }
    }
    return woken;
}

static void
note_lost_clients(struct apiserver *server, const struct pollfd *fds, size_t count)
{
    for (size_t i = 0; i < server->streams.len; i++) {
        struct api_stream *s = server->streams.items[i];
        int fd = s->suspended ? stream_fd(s) : -1;
        for (size_t f = 1; fd >= 0 && f < count; f++) {
            bool lost = fds[f].fd == fd && (fds[f].revents & (POLLRDHUP | POLLHUP | POLLERR));
            s->dead = s->dead || lost;
        }
    }
}

void
apiserver_run(struct apiserver *server, const struct pollfd *fds, size_t count)
{
    note_lost_clients(server, fds, count);
    accept_all(server);
    api_fault_run(server);
    api_wake_waiting(server, false);
    (void)feed_streams(server);
    MHD_run(server->daemon);
    /* what was just answered (a deletion) may be news for the watches */
    if (feed_streams(server))
        MHD_run(server->daemon);
}
