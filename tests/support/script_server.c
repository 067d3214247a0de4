/* script_server: see the header for the language.
 * SPDX-License-Identifier: Apache-2.0 */
#include "script_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "script_protobuf.h"

#define HEAD_MOST_BYTES 16384

/* X(NAME, verb) */
#define VERBS(X)                                                                                   \
    X(EXPECT, "expect")                                                                            \
    X(EXPECT_HEAD, "expect-head")                                                                  \
    X(HEADER, "header")                                                                            \
    X(REPLY, "reply")                                                                              \
    X(STREAM, "stream")                                                                            \
    X(FRAME, "frame")                                                                              \
    X(HALF_FRAME, "half-frame")                                                                    \
    X(BOOKMARK, "bookmark")                                                                        \
    X(CHUNK, "chunk")                                                                              \
    X(HALF_CHUNK, "half-chunk")                                                                    \
    X(REPEAT, "repeat")                                                                            \
    X(DRIP, "drip")                                                                                \
    X(RAW, "raw")                                                                                  \
    X(END, "end")                                                                                  \
    X(CLOSE, "close")                                                                              \
    X(RESET, "reset")                                                                              \
    X(HANG, "hang")                                                                                \
    X(GATE, "gate")
enum verb {
#define X(name, word) VERB_##name,
    VERBS(X)
#undef X
        VERB_COUNT
};
static const char *const verb_words[VERB_COUNT] = {
#define X(name, word) [VERB_##name] = word,
    VERBS(X)
#undef X
};

struct step {
    enum verb verb;
    char *arg;
};
struct route {
    char *match;
    VEC(struct step) steps;
    size_t position; /* first step not given to a request */
};
struct blob {
    char *name, *bytes;
    size_t len;
};
struct connection {
    struct script_server *server;
    pthread_t thread;
    int fd;
    struct strbuf extra_headers;
};

struct script_server {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a gate opens, the server stops */
    pthread_t thread;
    int listen_fd, wake[2];
    uint16_t port;
    char url[64];
    bool stopping, protobuf;
    int gate;
    char *failure;
    VEC(struct route *) routes;
    VEC(struct blob) blobs;
    VEC(struct connection *) connections;
    VEC(char *) targets;
};

/* What follows a step. */
enum after { AFTER_NEXT, AFTER_CLOSED };

/* --- scripts --- */

static struct step
parse_step(const char *line, size_t len)
{
    for (int v = 0; v < VERB_COUNT; v++) {
        size_t n = strlen(verb_words[v]);
        if (len >= n && memcmp(line, verb_words[v], n) == 0 && (len == n || line[n] == ' ')) {
            size_t skip = len == n ? n : n + 1;
            return (struct step){(enum verb)v, iw_strndup(line + skip, len - skip)};
        }
    }
    iw_fatal("script server: unknown step: %.*s", (int)len, line);
}

const char *
script_joined(const struct script_lines *lines)
{
    static struct strbuf joined[8];
    static unsigned turn;
    struct strbuf *script = &joined[turn++ % IW_COUNTOF(joined)];
    if (!script->data)
        strbuf_init(script, 0);
    strbuf_clear(script);
    for (size_t i = 0; i < IW_COUNTOF(lines->line) && lines->line[i]; i++) {
        strbuf_adds(script, lines->line[i]);
        if (script->len > 0 && script->data[script->len - 1] != '\n')
            strbuf_addc(script, '\n');
    }
    return script->data;
}

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
            vec_push(&route->steps, parse_step(at, len));
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

void
script_server_text(struct script_server *s, const char *text, struct strbuf *out)
{
    if (text[0] == '@') {
        pthread_mutex_lock(&s->lock);
        bool found = false;
        for (size_t i = 0; i < s->blobs.len && !found; i++) {
            found = strcmp(s->blobs.items[i].name, text + 1) == 0;
            if (found)
                strbuf_add(out, s->blobs.items[i].bytes, s->blobs.items[i].len);
        }
        pthread_mutex_unlock(&s->lock);
        if (!found)
            iw_fatal("script server: no blob %s", text);
        return;
    }
    for (; *text; text++) {
        if (*text != '\\') {
            strbuf_addc(out, *text);
            continue;
        }
        text++;
        if (*text == 'x') {
            char hex[3] = {text[1], text[2], '\0'};
            strbuf_addc(out, (char)strtoul(hex, NULL, 16));
            text += 2;
        } else {
            strbuf_addc(out, *text == 'n'   ? '\n'
                             : *text == 'r' ? '\r'
                             : *text == 't' ? '\t'
                                            : *text);
        }
    }
}

/* Cut the next blank-separated word off *rest. */
static char *
next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " ");
    char *end = word + strcspn(word, " ");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

/* --- bytes --- */

static void
send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the client is gone; the next read notices */
        bytes += n;
        len -= (size_t)n;
    }
}

static void
send_chunk(int fd, const char *bytes, size_t len, size_t announced)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    strbuf_addf(&out, "%zx\r\n", announced);
    strbuf_add(&out, bytes, len);
    if (len == announced)
        strbuf_adds(&out, "\r\n");
    send_all(fd, out.data, out.len);
}

static void
fail_expectation(struct script_server *s, const char *what, const char *expected, const char *got)
{
    pthread_mutex_lock(&s->lock);
    if (!s->failure)
        s->failure = iw_asprintf("%s: expected %s, got %.300s", what, expected, got);
    pthread_mutex_unlock(&s->lock);
}

static void
send_head(struct connection *c, char *status, const char *type, const char *length_header)
{
    static const struct {
        const char *name, *value;
    } types[] = {{"json", "application/json"},
                 {"text", "text/plain"},
                 {"html", "text/html"},
                 {"pb", "application/vnd.kubernetes.protobuf"},
                 {"pbwatch", "application/vnd.kubernetes.protobuf;stream=watch"}};
    strbuf_auto out;
    strbuf_init(&out, 0);
    strbuf_addf(&out, "HTTP/1.1 %s X\r\n%s", status, length_header);
    for (size_t i = 0; i < IW_COUNTOF(types); i++) {
        if (strcmp(types[i].name, type) == 0)
            strbuf_addf(&out, "Content-Type: %s\r\n", types[i].value);
    }
    strbuf_addf(&out, "%s\r\n", c->extra_headers.data);
    strbuf_clear(&c->extra_headers);
    send_all(c->fd, out.data, out.len);
}

/* Wait for the client to go, or for the server to stop (which shuts the socket down). */
static void
wait_for_end(int fd)
{
    char byte[256];
    while (recv(fd, byte, sizeof(byte), 0) > 0)
        ;
}

/* --- steps --- */

static void
check_expect(struct connection *c, char *arg, const char *method, const char *target)
{
    char *rest = arg;
    const char *wanted = next_word(&rest);
    if (strcmp(wanted, method) != 0)
        fail_expectation(c->server, "method", wanted, method);
    while (*(rest += strspn(rest, " "))) {
        const char *part = next_word(&rest);
        bool forbidden = part[0] == '!';
        bool found = strstr(target, part + forbidden) != NULL;
        if (found == forbidden)
            fail_expectation(c->server, "target", part, target);
    }
}

static void
do_frame(struct connection *c, char *rest, bool half)
{
    size_t limit = half ? strtoul(next_word(&rest), NULL, 10) : SIZE_MAX;
    const char *type = next_word(&rest);
    strbuf_auto out;
    strbuf_init(&out, 0);
    strbuf_addf(&out, "{\"type\":\"%s\",\"object\":", type);
    script_server_text(c->server, rest, &out);
    strbuf_adds(&out, "}\n");
    size_t len = IW_MIN(limit, out.len);
    send_chunk(c->fd, out.data, len, len);
}

static void
do_drip(struct connection *c, char *rest)
{
    size_t size = strtoul(next_word(&rest), NULL, 10);
    long delay_ms = strtol(next_word(&rest), NULL, 10);
    strbuf_auto out;
    strbuf_init(&out, 0);
    script_server_text(c->server, rest, &out);
    for (size_t at = 0; at < out.len; at += size) {
        struct timespec delay = {delay_ms / 1000, delay_ms % 1000 * 1000000};
        nanosleep(&delay, NULL);
        size_t len = IW_MIN(size, out.len - at);
        send_chunk(c->fd, out.data + at, len, len);
    }
}

static void
do_reply(struct connection *c, char *rest)
{
    char *status = next_word(&rest);
    const char *type = next_word(&rest);
    strbuf_auto body;
    strbuf_init(&body, 0);
    script_server_text(c->server, rest, &body);
    char length[64] = "";
    if (strcmp(status, "204") != 0)
        (void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body.len);
    send_head(c, status, type, length);
    send_all(c->fd, body.data, body.len);
}

static void
do_bytes(struct connection *c, enum verb verb, char *rest)
{
    size_t number = 0;
    if (verb == VERB_HALF_CHUNK || verb == VERB_REPEAT)
        number = strtoul(next_word(&rest), NULL, 10);
    strbuf_auto out;
    strbuf_init(&out, 0);
    script_server_text(c->server, rest, &out);
    if (verb == VERB_RAW) {
        send_all(c->fd, out.data, out.len);
    } else if (verb == VERB_HALF_CHUNK) {
        send_chunk(c->fd, out.data, IW_MIN(number, out.len), out.len);
    } else {
        strbuf_auto all;
        strbuf_init(&all, 0);
        for (size_t i = 0; i < (verb == VERB_REPEAT ? number : 1); i++)
            strbuf_add(&all, out.data, out.len);
        send_chunk(c->fd, all.data, all.len, all.len);
    }
}

static void
do_bookmark(struct connection *c, const char *version)
{
    char text[256];
    int len = snprintf(text, sizeof(text),
                       "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\","
                       "\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{\"containers\":null},"
                       "\"status\":{}}}\n",
                       version);
    send_chunk(c->fd, text, (size_t)len, (size_t)len);
}

static void
do_gate(struct script_server *s, const char *number)
{
    int gate = (int)strtol(number, NULL, 10);
    pthread_mutex_lock(&s->lock);
    while (s->gate < gate && !s->stopping)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static enum after
do_step(struct connection *c, const struct step *step, const char *head)
{
    iw_autofree char *arg = iw_strdup(step->arg);
    char *rest = arg;
    switch (step->verb) {
    case VERB_EXPECT:
    case VERB_COUNT:
        break; /* checked when the request came */
    case VERB_EXPECT_HEAD:
        if (!strstr(head, arg))
            fail_expectation(c->server, "head", arg, head);
        break;
    case VERB_HEADER:
        strbuf_addf(&c->extra_headers, "%s\r\n", arg);
        break;
    case VERB_REPLY:
        do_reply(c, rest);
        break;
    case VERB_STREAM: {
        char *status = next_word(&rest);
        send_head(c, status, next_word(&rest), "Transfer-Encoding: chunked\r\n");
        break;
    }
    case VERB_FRAME:
    case VERB_HALF_FRAME:
        do_frame(c, rest, step->verb == VERB_HALF_FRAME);
        break;
    case VERB_BOOKMARK:
        do_bookmark(c, arg);
        break;
    case VERB_CHUNK:
    case VERB_HALF_CHUNK:
    case VERB_REPEAT:
    case VERB_RAW:
        do_bytes(c, step->verb, rest);
        break;
    case VERB_DRIP:
        do_drip(c, rest);
        break;
    case VERB_END:
        send_all(c->fd, "0\r\n\r\n", 5);
        break;
    case VERB_RESET: {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        return AFTER_CLOSED;
    }
    case VERB_CLOSE:
        return AFTER_CLOSED;
    case VERB_HANG:
        wait_for_end(c->fd);
        return AFTER_CLOSED;
    case VERB_GATE:
        do_gate(c->server, arg);
        break;
    }
    return AFTER_NEXT;
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
    const char *method = next_word(&rest);
    const char *target = next_word(&rest);
    const struct step *steps;
    size_t count;
    if (!take_steps(c->server, target, &steps, &count)) {
        if (strcmp(target, "/version") == 0) {
            static const char refusal[] =
                "HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            send_all(c->fd, refusal, sizeof(refusal) - 1);
            return AFTER_CLOSED;
        }
        wait_for_end(c->fd);
        return AFTER_CLOSED;
    }
    if (steps[0].verb == VERB_EXPECT) {
        iw_autofree char *arg = iw_strdup(steps[0].arg);
        check_expect(c, arg, method, target);
    }
    for (size_t i = 0; i < count; i++) {
        if (do_step(c, &steps[i], head) == AFTER_CLOSED)
            return AFTER_CLOSED;
    }
    enum verb last = steps[count - 1].verb;
    if (last == VERB_REPLY || last == VERB_END || last == VERB_RAW)
        return AFTER_NEXT;
    wait_for_end(c->fd);
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
