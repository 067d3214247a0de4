/* bench_logs: a log taken in over HTTP by the path of the log view: request, lines, buffer.
 *
 * usage: bench_logs intake MB       rates of the log view's path and of reading the socket alone, one after the other
 *        bench_logs serve MB        only the server; prints its URL (for curl), ends with standard input
 * The server is a process of its own; it makes stamped lines of about 120 bytes as fast as it can.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../unit/model/pod_make.h"
#include "bench.h"
#include "initwatch/app/logs.h"
#include "initwatch/source/podlog.h"

enum { BLOCK_LINES = 4096, LINE_MAX_BYTES = 160, NS_PER_LINE = 20000, TURN_MS = 100 };

/* --- the server --- */

static void
put_digits(char *at, unsigned count, uint64_t value)
{
    while (count-- > 0) {
        at[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* A block of lines; only the digits of time and number change from block to block. */
struct block {
    char bytes[BLOCK_LINES * LINE_MAX_BYTES];
    size_t len, at[BLOCK_LINES];
};

static void
block_init(struct block *b)
{
    static const char *const texts[] = {
        "GET /api/orders?page=3 200 in 12ms, 48 rows, cache miss, pool 4 of 16 in use",
        "{\"level\":\"info\",\"msg\":\"message "
        "consumed\",\"topic\":\"orders\",\"partition\":3,\"lag\":17}",
        "WARN  retrying connection to postgres-service:5432, attempt 2 of 5, last error: timeout",
        "ERROR handler failed: java.lang.IllegalStateException: queue is full (1024 of 1024)",
    };
    b->len = 0;
    for (size_t i = 0; i < BLOCK_LINES; i++) {
        b->at[i] = b->len;
        b->len += (size_t)snprintf(b->bytes + b->len, LINE_MAX_BYTES,
                                   "2026-06-15T12:00:00.000000000Z 000000000 %s\n", texts[i % 4]);
    }
}

static void
block_stamp(struct block *b, uint64_t first_line)
{
    for (size_t i = 0; i < BLOCK_LINES; i++) {
        uint64_t number = first_line + i, ns = number * NS_PER_LINE;
        char *line = b->bytes + b->at[i];
        put_digits(line + 14, 2, ns / 60000000000u % 60);
        put_digits(line + 17, 2, ns / 1000000000u % 60);
        put_digits(line + 20, 9, ns % 1000000000u);
        put_digits(line + 31, 9, number);
    }
}

static void
serve_one(int fd, uint64_t bytes)
{
    static struct block block;
    char head[4096];
    if (recv(fd, head, sizeof(head), 0) <= 0)
        return;
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                 "Connection: close\r\n\r\n";
    send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
    block_init(&block);
    uint64_t line = 0;
    for (uint64_t sent = 0; sent < bytes; sent += block.len, line += BLOCK_LINES) {
        block_stamp(&block, line);
        for (size_t at = 0; at < block.len;) {
            ssize_t n = send(fd, block.bytes + at, block.len - at, MSG_NOSIGNAL);
            if (n <= 0)
                return;
            at += (size_t)n;
        }
    }
}

/* Returns the port; the child serves until it is killed. */
static int
start_server(uint64_t bytes, pid_t *pid)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&addr, &len) != 0) {
        perror("bench_logs: server");
        exit(1);
    }
    *pid = fork();
    if (*pid == 0) {
        alarm(300);
        for (;;) {
            int client = accept(fd, NULL, NULL);
            if (client < 0)
                _exit(0);
            serve_one(client, bytes);
            close(client);
        }
    }
    close(fd);
    return ntohs(addr.sin_port);
}

/* --- the log view's path --- */

struct bench_source {
    struct source base;
    struct http_client *client;
    struct podlog_list logs;
};

static enum iw_err
open_log(struct source *s, const struct log_request *req, const struct log_sink *sink,
         struct source_log **out, struct iw_error *err)
{
    struct bench_source *source = (struct bench_source *)s;
    struct log_request all = *req;
    all.tail_lines = -1;
    return podlog_start(source->client, &source->logs, &all, sink, out, err);
}

static const struct source_class bench_class = {
    .name = "bench", .open_log = open_log, .close_log = podlog_cancel};

static void
put_pod(struct store *store, bool ended)
{
    struct pod_make m;
    make_pod(&m, "web-0");
    make_container(&m, LIST_APP, "app");
    if (ended)
        make_ended(&m, LIST_APP, "app", make_end(0, "Completed", T0, T0 + SECONDS(3000)));
    else
        make_running(&m, LIST_APP, "app", T0);
    struct source_sink sink = store_sink(store);
    sink.upsert(sink.ctx, pod_seal(&m.pod));
}

static struct rusage
usage_now(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage;
}

static double
cpu_s(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

/* Seconds in which this process could run and had no CPU: other processes' share. Ref: Documentation/scheduler/sched-stats.rst. */
static double
queued_s(void)
{
    unsigned long long ran_ns = 0, queued_ns = 0;
    FILE *stat = fopen("/proc/self/schedstat", "r");
    if (stat) {
        if (fscanf(stat, "%llu %llu", &ran_ns, &queued_ns) != 2)
            queued_ns = 0;
        fclose(stat);
    }
    return (double)queued_ns / 1e9;
}

static void
measure_view(int port, uint64_t bytes)
{
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
    struct session session = {.loop = loop_new(clock_system())};
    session.store = store_new(clock_system());
    struct bench_source source = {.base.class_ = &bench_class};
    session.source = &source.base;
    struct http_config config = {.base_url = url};
    struct iw_error err = {0};
    if (http_client_new(session.loop, &config, &source.client, &err) != IW_OK) {
        fprintf(stderr, "bench_logs: %s\n", err.msg);
        exit(1);
    }
    put_pod(session.store, false);
    struct logs_request request = {.container = "app"};
    store_find(session.store, "shop", "web-0", &request.pod);
    struct logs *logs = logs_new(&session);
    double start = bench_now_s(), queued_before = queued_s();
    const struct rusage before = usage_now();
    logs_open(logs, &request);
    const struct log_feed *feed = logs_feed(logs);
    const struct source_log *const *first = (const struct source_log *const *)&source.logs.first;
    double longest_ms = 0;
    while (*first) {
        /* Of the process's own time: how long a key would wait, whatever else the machine does. */
        double turn = (bench_clock_ms(CLOCK_PROCESS_CPUTIME_ID) / 1e3);
        loop_turn(session.loop, TURN_MS);
        longest_ms =
            IW_MAX(longest_ms, ((bench_clock_ms(CLOCK_PROCESS_CPUTIME_ID) / 1e3) - turn) * 1e3);
    }
    double took = bench_now_s() - start, queued = queued_s() - queued_before;
    const struct rusage after = usage_now();
    const double used = cpu_s(&after) - cpu_s(&before);
    logs_refresh_title(logs);
    printf("view_mb_s %.0f\nview_lines %llu\nview_lines_s %.0f\nview_turn_ms %.1f\n"
           "view_cpu_mb_s %.0f\nview_queued_percent %.0f\nview_idle_percent %.0f\n"
           "view_rss_kib %ld\nview_rss_before_kib %ld\n",
           (double)bytes / 1e6 / took, (unsigned long long)feed->sources[0].lines,
           (double)feed->sources[0].lines / took, longest_ms, (double)bytes / 1e6 / used,
           100 * queued / took, 100 * IW_MAX(took - queued - used, 0.0) / took, after.ru_maxrss,
           before.ru_maxrss);
    logs_free(logs);
    http_client_free(source.client);
    loop_turn(session.loop, 0);
    loop_free(session.loop);
    store_free(session.store);
}

static void
measure_socket(int port, uint64_t bytes)
{
    static char buffer[256 << 10];
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    double start = bench_now_s();
    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL) != 18)
        return;
    while (recv(fd, buffer, sizeof(buffer), 0) > 0)
        continue;
    close(fd);
    printf("socket_mb_s %.0f\n", (double)bytes / 1e6 / (bench_now_s() - start));
}

int
main(int argc, char **argv)
{
    uint64_t bytes = argc == 3 ? strtoull(argv[2], NULL, 10) * 1000000 : 0;
    pid_t server = 0;
    if (bytes == 0) {
        fprintf(stderr, "usage: bench_logs intake|serve MB\n");
        return 2;
    }
    int port = start_server(bytes, &server);
    if (strcmp(argv[1], "serve") == 0) {
        printf("http://127.0.0.1:%d/\n", port);
        fflush(stdout);
        while (getchar() != EOF)
            continue;
    } else {
        measure_view(port, bytes);
        measure_socket(port, bytes);
    }
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}
