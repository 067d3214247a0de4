/* script_server: sockets, threads, routes and blobs; script_steps.c has what a script says.
 * SPDX-License-Identifier: Apache-2.0 */
#include "script_impl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "script_protobuf.h"

#define HEAD_MOST_BYTES 16384

/* --- routes and blobs --- */

void
script_server_route(struct script_server *s, const char *match, const char *script)
{
    struct route *route = iw_calloc(1, sizeof(*route));
    route->match = iw_strdup(match);
    iw_autofree char *converted = s->protobuf ? script_protobuf(s, script) : NULL;
    for (const char *at = converted ? converted : script; *at;) {
        at += strspn(at, " \t");
        size_t len = strcspn(at, "\n");
        if (len > 0 && at[0] != '#')
            vec_push(&route->steps, script_step_parse(at, len));
        at += len + (at[len] == '\n');
    }
    pthread_mutex_lock(&s->lock);
    vec_push(&s->routes, route);
    pthread_mutex_unlock(&s->lock);
}

void
script_server_speak_protobuf(struct script_server *s)
{
    s->protobuf = true;
}

void
script_server_blob(struct script_server *s, const char *name, const char *bytes, size_t len)
{
    struct blob blob = {iw_strdup(name), iw_malloc(len + 1), len};
    memcpy(blob.bytes, bytes, len);
    pthread_mutex_lock(&s->lock);
    vec_push(&s->blobs, blob);
    pthread_mutex_unlock(&s->lock);
}

/* --- a connection --- */

/* The steps for one request: from its expect up to the next. False: nothing is left. */
static bool
take_steps(struct script_server *s, const char *target, const struct step **steps, size_t *count)
{
    bool found = false;
    pthread_mutex_lock(&s->lock);
    vec_push(&s->targets, iw_strdup(target));
    for (size_t i = 0; i < s->routes.len; i++) {
        struct route *r = s->routes.items[i];
        if (!strstr(target, r->match))
            continue;
        size_t end = r->position;
        while (end < r->steps.len &&
               (end == r->position || r->steps.items[end].verb != VERB_EXPECT))
            end++;
        *steps = r->steps.items + r->position;
        *count = end - r->position;
        found = *count > 0;
        r->position = end;
        break;
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

static enum after
answer(struct connection *c, char *head)
{
    iw_autofree char *first = iw_strndup(head, strcspn(head, "\r\n"));
    char *rest = first;
    const char *method = script_next_word(&rest);
    const char *target = script_next_word(&rest);
    const struct step *steps;
    size_t count;
    if (!take_steps(c->server, target, &steps, &count)) {
        if (strcmp(target, "/version") == 0) {
            static const char refusal[] =
                "HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            script_send_all(c->fd, refusal, sizeof(refusal) - 1);
            return AFTER_CLOSED;
        }
        script_wait_for_end(c->fd);
        return AFTER_CLOSED;
    }
    if (steps[0].verb == VERB_EXPECT)
        script_step_expect(c, &steps[0], method, target);
    for (size_t i = 0; i < count; i++) {
        if (script_step_do(c, &steps[i], head) == AFTER_CLOSED)
            return AFTER_CLOSED;
    }
    enum verb last = steps[count - 1].verb;
    if (last == VERB_REPLY || last == VERB_END || last == VERB_RAW)
        return AFTER_NEXT;
    script_wait_for_end(c->fd);
    return AFTER_CLOSED;
}

static void *
connection_run(void *arg)
{
    struct connection *c = arg;
    char head[HEAD_MOST_BYTES + 1];
    size_t len = 0;
    enum after after = AFTER_NEXT;
    while (after == AFTER_NEXT && len < HEAD_MOST_BYTES) {
        ssize_t n = recv(c->fd, head + len, HEAD_MOST_BYTES - len, 0);
        if (n <= 0)
            break;
        len += (size_t)n;
        head[len] = '\0';
        char *end = strstr(head, "\r\n\r\n");
        if (!end)
            continue;
        end[2] = '\0';
        after = answer(c, head);
        len = 0; /* clients here wait for the answer before they ask again */
    }
    pthread_mutex_lock(&c->server->lock);
    close(c->fd);
    c->fd = -1;
    pthread_mutex_unlock(&c->server->lock);
    return NULL;
}

/* --- the server --- */

static void
accept_one(struct script_server *s, int listen_fd)
{
    int fd = accept(listen_fd, NULL, NULL);
    if (fd < 0)
        return;
    int on = 1; /* headers and body are sent apart */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct connection *c = iw_calloc(1, sizeof(*c));
    c->server = s;
    c->fd = fd;
    strbuf_init(&c->extra_headers, 0);
    pthread_mutex_lock(&s->lock);
    vec_push(&s->connections, c);
    if (pthread_create(&c->thread, NULL, connection_run, c) != 0)
        iw_fatal("script server: no thread");
    pthread_mutex_unlock(&s->lock);
}

static void *
server_run(void *arg)
{
    struct script_server *s = arg;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        struct pollfd fds[2] = {{.fd = s->wake[0], .events = POLLIN},
                                {.fd = s->listen_fd, .events = POLLIN}};
        bool stopping = s->stopping;
        pthread_mutex_unlock(&s->lock);
        if (stopping)
            return NULL;
        if (poll(fds, 2, -1) < 0)
            continue;
        char bytes[64];
        if (fds[0].revents)
            (void)!read(s->wake[0], bytes, sizeof(bytes));
        else if (fds[1].revents & POLLIN)
            accept_one(s, fds[1].fd);
    }
}

static void
wake(struct script_server *s)
{
    (void)!write(s->wake[1], "x", 1);
}

void
script_server_listen(struct script_server *s)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(s->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        iw_fatal("script server: cannot listen: %s", strerror(errno));
    pthread_mutex_lock(&s->lock);
    s->port = ntohs(address.sin_port);
    s->listen_fd = fd;
    pthread_mutex_unlock(&s->lock);
    wake(s);
}

void
script_server_refuse(struct script_server *s)
{
    pthread_mutex_lock(&s->lock);
    int fd = s->listen_fd;
    s->listen_fd = -1;
    pthread_mutex_unlock(&s->lock);
    wake(s);
    shutdown(fd, SHUT_RDWR);
    close(fd);
}

struct script_server *
script_server_start(void)
{
    struct script_server *s = iw_calloc(1, sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    if (pipe(s->wake) != 0)
        iw_fatal("script server: no pipe");
    script_server_listen(s);
    (void)snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", s->port);
    if (pthread_create(&s->thread, NULL, server_run, s) != 0)
        iw_fatal("script server: no thread");
    return s;
}

static void
server_free(struct script_server *s)
{
    for (size_t i = 0; i < s->routes.len; i++) {
        struct route *r = s->routes.items[i];
        for (size_t k = 0; k < r->steps.len; k++)
            free(r->steps.items[k].arg);
        vec_free(&r->steps);
        free(r->match);
        free(r);
    }
    for (size_t i = 0; i < s->blobs.len; i++) {
        free(s->blobs.items[i].name);
        free(s->blobs.items[i].bytes);
    }
    for (size_t i = 0; i < s->targets.len; i++)
        free(s->targets.items[i]);
    for (size_t i = 0; i < s->connections.len; i++) {
        strbuf_free(&s->connections.items[i]->extra_headers);
        free(s->connections.items[i]);
    }
    vec_free(&s->routes);
    vec_free(&s->blobs);
    vec_free(&s->targets);
    vec_free(&s->connections);
    free(s->failure);
    free(s);
}

void
script_server_stop(struct script_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    wake(s);
    pthread_join(s->thread, NULL);
    for (size_t i = 0; i < s->connections.len; i++) {
        pthread_mutex_lock(&s->lock);
        if (s->connections.items[i]->fd >= 0)
            shutdown(s->connections.items[i]->fd, SHUT_RDWR);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->connections.items[i]->thread, NULL);
    }
    if (s->listen_fd >= 0)
        close(s->listen_fd);
    close(s->wake[0]);
    close(s->wake[1]);
    char failure[512] = "";
    if (s->failure)
        (void)snprintf(failure, sizeof(failure), "%s", s->failure);
    server_free(s);
    if (failure[0])
        fail_msg("script server: %s", failure);
}

const char *
script_server_url(const struct script_server *s)
{
    return s->url;
}

void
script_server_open_gate(struct script_server *s, int n)
{
    pthread_mutex_lock(&s->lock);
    s->gate = n;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

size_t
script_server_count(struct script_server *s, const char *part)
{
    size_t count = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->targets.len; i++)
        count += strstr(s->targets.items[i], part) != NULL;
    pthread_mutex_unlock(&s->lock);
    return count;
}

bool
script_server_finished(struct script_server *s)
{
    bool finished = true;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->routes.len; i++)
        finished = finished && s->routes.items[i]->position == s->routes.items[i]->steps.len;
    pthread_mutex_unlock(&s->lock);
    return finished;
}

const char *
script_server_failure(struct script_server *s)
{
    pthread_mutex_lock(&s->lock);
    const char *failure = s->failure;
    pthread_mutex_unlock(&s->lock);
    return failure;
}
