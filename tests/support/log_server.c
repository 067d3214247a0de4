/* log_server: see log_server.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "log_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 8192, HEAD_BYTES = 8192, MAX_FAULT_BYTES = 3000 };

enum fault {
    FAULT_FIN,
    FAULT_RST,
    FAULT_CLEAN_END,
    FAULT_REFUSED,
    FAULT_500,
    FAULT_IN_BAND,
    FAULT_COUNT
};

struct run {
    char *bytes; /* the log file: "STAMP text\n" lines */
    size_t len, cap;
    struct {
        size_t at;
        int64_t second;
    } * lines;
    size_t count, lines_cap, rotated;
    bool ended;
};

struct log_server {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t accepter, threads[MAX_CONNECTIONS];
    int fds[MAX_CONNECTIONS]; /* -1 once closed */
    unsigned thread_count, faults_left, broken, short_left;
    size_t short_lines;
    int listen_fd;
    bool stopping;
    char url[64];
    uint64_t seed;
    struct run runs[2];  /* present, previous */
    unsigned generation; /* counts restarts */
};

struct connection {
    struct log_server *s;
    unsigned index;
    int fd;
    bool broken, cut; /* this one gets a fault; it had it */
    enum fault fault;
    size_t budget; /* body bytes until then */
    size_t lines;  /* it ends cleanly behind so many lines of the run */
    uint64_t seed;
};

static uint64_t
next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static bool
send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

static bool
send_chunk(int fd, const char *bytes, size_t len)
{
    char head[32];
    int n = snprintf(head, sizeof(head), "%zx\r\n", len);
    return send_all(fd, head, (size_t)n) && send_all(fd, bytes, len) && send_all(fd, "\r\n", 2);
}

/* The connection breaks within this piece. A proxy that ends it does so between chunks, though anywhere in a line; a kubelet
 * writes its error behind a whole line. */
static void
send_last(struct connection *c, const char *bytes, size_t len)
{
    char head[32];
    c->cut = true;
    if (c->fault == FAULT_CLEAN_END && c->budget > 0) {
        (void)send_chunk(c->fd, bytes, c->budget);
    } else if (c->fault == FAULT_FIN || c->fault == FAULT_RST) {
        int n = snprintf(head, sizeof(head), "%zx\r\n", len);
        (void)(send_all(c->fd, head, (size_t)n) && send_all(c->fd, bytes, c->budget));
    }
}

static bool
send_body(struct connection *c, const char *bytes, size_t len)
{
    for (size_t piece; len > 0; bytes += piece, len -= piece) {
        piece = 1 + next_random(&c->seed) % 200;
        piece = piece < len ? piece : len;
        if (c->broken && c->fault == FAULT_IN_BAND) {
            const char *newline = memchr(bytes, '\n', len);
            piece = newline ? (size_t)(newline - bytes) + 1 : len;
        }
        if (c->broken && piece >= c->budget) {
            send_last(c, bytes, piece);
            return false;
        }
        c->budget -= c->broken ? piece : 0;
        if (!send_chunk(c->fd, bytes, piece))
            return false;
    }
    return true;
}

static int64_t
since_second(const char *target)
{
    struct tm tm = {0};
    const char *at = strstr(target, "sinceTime=");
    if (!at)
        return INT64_MIN;
    int n = sscanf(at + 10, "%d-%d-%dT%d%%3A%d%%3A%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                   &tm.tm_hour, &tm.tm_min, &tm.tm_sec);
    if (n != 6)
        return INT64_MAX;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm);
}

static void
wait_changed(struct log_server *s)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 20 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

/* The first line of the last ones that a request wants. */
static size_t
tail_start(const struct run *run, const char *target)
{
    const char *at = strstr(target, "tailLines=");
    size_t tail = at ? strtoull(at + 10, NULL, 10) : run->count;
    return tail < run->count ? run->count - tail : 0;
}

/* The run a request means: the present one moves to the second place when the container starts again. */
static struct run *
run_of(struct log_server *s, bool previous, unsigned generation)
{
    return &s->runs[previous || s->generation > generation ? 1 : 0];
}

/* Lines of [*at, upto) from the second on as one block of their own; moves *at. */
static char *
take_lines(const struct run *run, size_t *at, size_t upto, int64_t second, size_t *len)
{
    char *out = malloc(run->len + 1);
    *len = 0;
    *at = *at < run->rotated ? run->rotated : *at;
    for (; *at < run->count && *at < upto; (*at)++) {
        size_t from = run->lines[*at].at;
        size_t to = *at + 1 < run->count ? run->lines[*at + 1].at : run->len;
        if (run->lines[*at].second < second)
            continue;
        memcpy(out + *len, run->bytes + from, to - from);
        *len += to - from;
    }
    return out;
}

static void
serve_log(struct connection *c, const char *target)
{
    struct log_server *s = c->s;
    bool follow = strstr(target, "follow=true"), previous = strstr(target, "previous=true");
    int64_t second = since_second(target);
    size_t at = 0;
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                               "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    bool going = send_all(c->fd, head, sizeof(head) - 1);
    pthread_mutex_lock(&s->lock);
    unsigned generation = s->generation;
    at = tail_start(run_of(s, previous, generation), target);
    while (going && !s->stopping) {
        struct run *run = run_of(s, previous, generation);
        bool over = !follow || run->ended || previous || s->generation > generation;
        size_t len;
        char *block = take_lines(run, &at, c->lines, second, &len);
        pthread_mutex_unlock(&s->lock);
        going = send_body(c, block, len);
        free(block);
        pthread_mutex_lock(&s->lock);
        run = run_of(s, previous, generation);
        if ((over && at >= run->count) || at >= c->lines)
            break;
        if (going && at >= run->count)
            wait_changed(s);
        if (s->generation > generation + 1)
            break;
    }
    pthread_mutex_unlock(&s->lock);
    static const char in_band[] =
        "failed to watch file \"/var/log/pods/x/0.log\": too many open files";
    if (c->cut && c->fault == FAULT_IN_BAND)
        (void)send_chunk(c->fd, in_band, sizeof(in_band) - 1);
    if (going || (c->cut && (c->fault == FAULT_CLEAN_END || c->fault == FAULT_IN_BAND)))
        (void)send_all(c->fd, "0\r\n\r\n", 5);
}

static void
serve(struct connection *c)
{
    char head[HEAD_BYTES];
    size_t len = 0;
    while (len + 1 < sizeof(head)) {
        ssize_t n = recv(c->fd, head + len, sizeof(head) - 1 - len, 0);
        if (n <= 0)
            return;
        len += (size_t)n;
        head[len] = '\0';
        if (strstr(head, "\r\n\r\n"))
            break;
    }
    if (c->broken && c->fault == FAULT_REFUSED)
        return;
    if (c->broken && c->fault == FAULT_500) {
        static const char answer[] = "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n"
                                     "Content-Type: application/json\r\n\r\n"
                                     "{\"kind\":\"Status\",\"message\":\"refused\",\"code\":500}";
        (void)send_all(c->fd, answer, sizeof(answer) - 1);
        return;
    }
    head[strcspn(head, "\r")] = '\0';
    serve_log(c, head);
    if (c->broken && c->fault == FAULT_RST) {
        struct linger hard = {.l_onoff = 1};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    }
}

static void *
connection_main(void *arg)
{
    struct connection *c = arg;
    serve(c);
    pthread_mutex_lock(&c->s->lock);
    if (c->broken)
        c->s->broken++;
    c->s->fds[c->index] = -1;
    pthread_mutex_unlock(&c->s->lock);
    close(c->fd);
    free(c);
    return NULL;
}

static void *
accept_main(void *arg)
{
    struct log_server *s = arg;
    for (;;) {
        int fd = accept(s->listen_fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        pthread_mutex_lock(&s->lock);
        if (s->stopping || s->thread_count == MAX_CONNECTIONS) {
            pthread_mutex_unlock(&s->lock);
            close(fd);
            return NULL;
        }
        struct connection *c = calloc(1, sizeof(*c));
        *c = (struct connection){.s = s, .fd = fd, .index = s->thread_count};
        c->broken = s->faults_left > 0;
        s->faults_left -= c->broken;
        c->lines = s->short_left > 0 ? s->short_lines : SIZE_MAX;
        s->short_left -= s->short_left > 0;
        c->fault = (enum fault)(next_random(&s->seed) % FAULT_COUNT);
        c->budget = next_random(&s->seed) % MAX_FAULT_BYTES;
        c->seed = next_random(&s->seed);
        s->fds[s->thread_count] = fd;
        pthread_create(&s->threads[s->thread_count++], NULL, connection_main, c);
        pthread_mutex_unlock(&s->lock);
    }
}

struct log_server *
log_server_start(uint64_t seed)
{
    struct log_server *s = calloc(1, sizeof(*s));
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    s->seed = seed;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listen_fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        listen(s->listen_fd, 64) != 0 ||
        getsockname(s->listen_fd, (struct sockaddr *)&addr, &len) != 0)
        abort();
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", ntohs(addr.sin_port));
    pthread_create(&s->accepter, NULL, accept_main, s);
    return s;
}

void
log_server_stop(struct log_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    for (unsigned i = 0; i < s->thread_count; i++)
        if (s->fds[i] >= 0)
            shutdown(s->fds[i], SHUT_RDWR);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    shutdown(s->listen_fd, SHUT_RDWR);
    pthread_join(s->accepter, NULL);
    close(s->listen_fd);
    for (unsigned i = 0; i < s->thread_count; i++)
        pthread_join(s->threads[i], NULL);
    for (int i = 0; i < 2; i++) {
        free(s->runs[i].bytes);
        free(s->runs[i].lines);
    }
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->changed);
    free(s);
}

const char *
log_server_url(const struct log_server *s)
{
    return s->url;
}

void
log_server_append(struct log_server *s, int64_t wall_ns, const char *text)
{
    time_t second = (time_t)(wall_ns / 1000000000);
    struct tm tm;
    char stamp[64];
    gmtime_r(&second, &tm);
    size_t len = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
    len +=
        (size_t)snprintf(stamp + len, sizeof(stamp) - len, ".%09dZ ", (int)(wall_ns % 1000000000));
    pthread_mutex_lock(&s->lock);
    struct run *run = &s->runs[0];
    size_t need = run->len + len + strlen(text) + 1;
    if (need > run->cap) {
        run->cap = need * 2;
        run->bytes = realloc(run->bytes, run->cap);
    }
    if (run->count == run->lines_cap) {
        run->lines_cap = run->lines_cap ? run->lines_cap * 2 : 256;
        run->lines = realloc(run->lines, run->lines_cap * sizeof(*run->lines));
    }
    run->lines[run->count].at = run->len;
    run->lines[run->count++].second = (int64_t)second;
    memcpy(run->bytes + run->len, stamp, len);
    memcpy(run->bytes + run->len + len, text, strlen(text));
    run->len = need;
    run->bytes[need - 1] = '\n';
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

void
log_server_end_run(struct log_server *s)
{
    pthread_mutex_lock(&s->lock);
    s->runs[0].ended = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

void
log_server_restart(struct log_server *s)
{
    pthread_mutex_lock(&s->lock);
    free(s->runs[1].bytes);
    free(s->runs[1].lines);
    s->runs[1] = s->runs[0];
    s->runs[1].ended = true;
    s->runs[0] = (struct run){0};
    s->generation++;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

void
log_server_break(struct log_server *s, unsigned connections)
{
    pthread_mutex_lock(&s->lock);
    s->faults_left = connections;
    pthread_mutex_unlock(&s->lock);
}

void
log_server_end_behind(struct log_server *s, unsigned connections, size_t lines)
{
    pthread_mutex_lock(&s->lock);
    s->short_left = connections;
    s->short_lines = lines;
    pthread_mutex_unlock(&s->lock);
}

void
log_server_rotate(struct log_server *s, size_t lines)
{
    pthread_mutex_lock(&s->lock);
    s->runs[0].rotated = lines;
    pthread_mutex_unlock(&s->lock);
}

void
log_server_cut(struct log_server *s)
{
    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < s->thread_count; i++)
        if (s->fds[i] >= 0)
            shutdown(s->fds[i], SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
}

unsigned
log_server_broken(struct log_server *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned broken = s->broken;
    pthread_mutex_unlock(&s->lock);
    return broken;
}

unsigned
log_server_requests(struct log_server *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned requests = s->thread_count;
    pthread_mutex_unlock(&s->lock);
    return requests;
}

size_t
log_server_bytes(struct log_server *s)
{
    size_t bytes = 0;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < 2; i++)
        bytes += s->runs[i].cap + s->runs[i].lines_cap * sizeof(*s->runs[i].lines);
    pthread_mutex_unlock(&s->lock);
    return bytes;
}
