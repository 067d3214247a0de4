/* bench_logscreen: how soon a log line is on the screen, and a key answered, while lines come.
 *
 * usage: bench_logscreen PROGRAM
 *
 * The dashboard runs in a pseudo-terminal on an API server of one pod; each line of its log carries the moment it was sent.
 * 10,000 lines a second: from sent to the screen. 50,000 lines a second: from a key to its frame.
 * Prints "NAME p50 p99 most samples" in ms.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "termpty.h"

enum {
    COLS = 140,
    ROWS = 40,
    MEASURE_MS = 4000,
    START_LIMIT_MS = 20000,
    KEY_SAMPLES = 60,
    KEY_LIMIT_MS = 2000,
    TICK_MS = 2,
    SAMPLES_MAX = 4000,
};

#define POD                                                                                        \
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"9\"},"        \
    "\"items\":["                                                                                  \
    "{\"metadata\":{\"name\":\"web-0\",\"namespace\":\"shop\",\"uid\":\"u\"},\"spec\":{"           \
    "\"containers\":[{\"name\":\"app\"}]},\"status\":{\"phase\":\"Running\","                      \
    "\"containerStatuses\":["                                                                      \
    "{\"name\":\"app\",\"ready\":true,\"restartCount\":0,\"state\":{\"running\":{\"startedAt\":"   \
    "\"2026-06-15T12:00:07Z\"}}}]}}]}"
#define NOTHING                                                                                    \
    "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"9\"},\"items\":" \
    "[]}"

static int lines_per_s; /* set before the program starts */

/* --- the server --- */

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

static void
stream_lines(int fd)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n";
    bool going = send_all(fd, head, sizeof(head) - 1);
    double start_ms = bench_now_ms();
    for (uint64_t sent = 0; going;) {
        uint64_t due = (uint64_t)((bench_now_ms() - start_ms) * lines_per_s / 1e3);
        char block[64 << 10];
        size_t len = 0;
        struct timespec wall;
        clock_gettime(CLOCK_REALTIME, &wall);
        struct tm tm;
        gmtime_r(&wall.tv_sec, &tm);
        for (; sent < due && len + 256 < sizeof(block); sent++) {
            len += strftime(block + len, 32, "%Y-%m-%dT%H:%M:%S", &tm);
            len += (size_t)snprintf(block + len, 200, ".%09ldZ sent=%012.0f request handled, 200\n",
                                    wall.tv_nsec, bench_now_ms() * 1e3);
        }
        going = send_all(fd, block, len);
        if (sent >= due)
            nanosleep(&(struct timespec){.tv_nsec = TICK_MS * 1000000}, NULL);
    }
}

static void *
serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    char head[8192] = "";
    ssize_t n;
    while ((n = recv(fd, head, sizeof(head) - 1, 0)) > 0) {
        head[n] = '\0';
        head[strcspn(head, "\r")] = '\0';
        if (strstr(head, "/log?")) {
            stream_lines(fd);
            break;
        }
        if (strstr(head, "watch=1")) {
            static const char quiet[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                        "Transfer-Encoding: chunked\r\n\r\n";
            (void)send_all(fd, quiet, sizeof(quiet) - 1);
            continue;
        }
        const char *body = strstr(head, "/pods?") ? POD : NOTHING;
        char answer[2048];
        int len =
            snprintf(answer, sizeof(answer),
                     "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: "
                     "%zu\r\n\r\n%s",
                     strstr(head, "/version") ? "404 Not Found" : "200 OK", strlen(body), body);
        if (!send_all(fd, answer, (size_t)len))
            break;
    }
    close(fd);
    return NULL;
}

static void *
accept_all(void *arg)
{
    int listen_fd = (int)(intptr_t)arg;
    for (;;) {
        pthread_t thread;
        int fd = accept(listen_fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd);
        pthread_detach(thread);
    }
}

static int
start_server(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(addr);
    pthread_t thread;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
        exit(1);
    pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)fd);
    pthread_detach(thread);
    return ntohs(addr.sin_port);
}

/* --- the screen --- */

/* The newest moment on the screen, in us; 0 when there is none. */
static double
newest_sent(struct pty *p)
{
    double newest = 0;
    char *text = pty_text(p);
    for (const char *at = text; (at = strstr(at, "sent=")) != NULL; at += 5) {
        double sent = strtod(at + 5, NULL);
        newest = sent > newest ? sent : newest;
    }
    free(text);
    return newest;
}

static struct pty *
open_log(const char *program, const char *kubeconfig)
{
    const char *argv[] = {program, "--kubeconfig", kubeconfig, NULL};
    struct pty *p = pty_start(COLS, ROWS, argv, NULL);
    if (!pty_wait(p, "web-0", START_LIMIT_MS))
        return p;
    pty_key(p, "l");
    (void)pty_wait(p, "sent=", START_LIMIT_MS);
    return p;
}

static void
measure_lines(struct pty *p)
{
    static double samples[SAMPLES_MAX];
    size_t count = 0;
    double before = newest_sent(p);
    for (double end_ms = bench_now_ms() + MEASURE_MS;
         bench_now_ms() < end_ms && count < SAMPLES_MAX;) {
        if (!pty_pump(p, 5))
            continue;
        double sent = newest_sent(p);
        if (sent > before)
            samples[count++] = bench_now_ms() - sent / 1e3;
        before = sent;
    }
    bench_print("line_to_screen_ms", samples, count);
}

static void
measure_keys(struct pty *p)
{
    double samples[KEY_SAMPLES];
    size_t count = 0;
    for (int i = 0; i < KEY_SAMPLES; i++) {
        bool help = i % 2 == 1;
        double start_ms = bench_now_ms();
        pty_key(p, help ? "q" : "?");
        while (pty_has(p, "sent=") != help && bench_now_ms() - start_ms < KEY_LIMIT_MS)
            pty_pump(p, 1);
        if (pty_has(p, "sent=") == help)
            samples[count++] = bench_now_ms() - start_ms;
        for (double rest_ms = bench_now_ms() + 40; bench_now_ms() < rest_ms;)
            pty_pump(p, 5);
    }
    bench_print("key_while_lines_come_ms", samples, count);
}

int
main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench_logscreen PROGRAM\n");
        return 2;
    }
    char path[] = "/tmp/initwatch-bench-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || dprintf(fd,
                          "apiVersion: v1\nkind: Config\ncurrent-context: b\n"
                          "contexts: [{name: b, context: {cluster: c, user: u, namespace: shop}}]\n"
                          "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:%d'}}]\n"
                          "users: [{name: u, user: {}}]\n",
                          start_server()) < 0)
        return 1;
    close(fd);
    static const int rates[] = {10000, 50000};
    for (size_t i = 0; i < 2; i++) {
        lines_per_s = rates[i];
        struct pty *p = open_log(argv[1], path);
        printf("lines_per_s %d\n", lines_per_s);
        measure_lines(p);
        measure_keys(p);
        pty_close(p);
    }
    unlink(path);
    return 0;
}
