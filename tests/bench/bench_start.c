/* bench_start: how long from the start of a program to its first request on the wire.
 *
 * usage: bench_start RUNS COMMAND [ARGS...]
 * Listens on 127.0.0.1 and runs the command RUNS times, each in a terminal of its own; in ARGS, {URL} becomes the address, and a
 * kubeconfig that names it is in KUBECONFIG. Prints one line: median, least and most of the
 * milliseconds from fork to the connection, the same to the end of the request's head, and the median
 * CPU time until then. Nothing is answered: the command is killed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#ifdef __APPLE__
#include <util.h>
#else
#include <pty.h>
#endif
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

#include "bench.h"

enum { RUNS_MAX = 100, WAIT_MS = 10000, ARGS_MAX = 32 };

struct sample {
    double connect_ms, request_ms, cpu_ms;
};

static int
listen_any(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) != 0) {
        perror("bench_start");
        exit(2);
    }
    *port = ntohs(at.sin_port);
    return fd;
}

static bool
readable(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    return poll(&wait, 1, WAIT_MS) == 1;
}

/* Until the empty line. */
static bool
read_head(int fd)
{
    char head[8192] = "";
    size_t len = 0;
    while (!strstr(head, "\r\n\r\n")) {
        ssize_t n = len + 1 < sizeof(head) && readable(fd)
                        ? read(fd, head + len, sizeof(head) - 1 - len)
                        : 0;
        if (n <= 0)
            return false;
        len += (size_t)n;
        head[len] = '\0';
    }
    return true;
}

static double
timeval_ms(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static bool
run_once(int listener, char *const *argv, struct sample *out)
{
    double start_ms = bench_now_ms();
    struct winsize size = {.ws_row = 40, .ws_col = 140};
    int terminal = -1; /* nobody reads it: what is printed until then fits */
    pid_t pid = forkpty(&terminal, NULL, NULL, &size);
    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    int fd = pid > 0 && readable(listener) ? accept(listener, NULL, NULL) : -1;
    out->connect_ms = bench_now_ms() - start_ms;
    bool good = fd >= 0 && read_head(fd);
    out->request_ms = bench_now_ms() - start_ms;
    kill(pid, SIGKILL);
    struct rusage usage = {0};
    wait4(pid, NULL, 0, &usage);
    out->cpu_ms = timeval_ms(usage.ru_utime) + timeval_ms(usage.ru_stime);
    close(fd);
    close(terminal);
    /* Connections of it that nobody has accepted. */
    for (struct pollfd more = {.fd = listener, .events = POLLIN}; poll(&more, 1, 0) == 1;)
        close(accept(listener, NULL, NULL));
    return good;
}

static void
write_kubeconfig(const char *path, const char *url)
{
    FILE *f = fopen(path, "w");
    if (!f)
        exit(2);
    fprintf(f,
            "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
            "clusters: [{name: c, cluster: {server: \"%s\"}}]\n"
            "users: [{name: u, user: {token: t}}]\n"
            "contexts: [{name: c, context: {cluster: c, user: u}}]\n",
            url);
    fclose(f);
    setenv("KUBECONFIG", path, 1);
}

int
main(int argc, char **argv)
{
    long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    if (runs < 1 || runs > RUNS_MAX || argc - 2 >= ARGS_MAX) {
        fprintf(stderr, "usage: bench_start RUNS COMMAND [ARGS...]\n");
        return 2;
    }
    uint16_t port;
    int listener = listen_any(&port);
    char url[64], path[] = "/tmp/bench-start-XXXXXX", *args[ARGS_MAX] = {NULL};
    snprintf(url, sizeof(url), "http://127.0.0.1:%d", port);
    for (int i = 2; i < argc; i++)
        args[i - 2] = strcmp(argv[i], "{URL}") == 0 ? url : argv[i];
    int file = mkstemp(path);
    if (file < 0)
        return 2;
    close(file);
    write_kubeconfig(path, url);
    double connect_ms[RUNS_MAX], request_ms[RUNS_MAX], cpu_ms[RUNS_MAX];
    bool good = true;
    for (long i = 0; i < runs && good; i++) {
        struct sample sample;
        good = run_once(listener, args, &sample);
        connect_ms[i] = sample.connect_ms;
        request_ms[i] = sample.request_ms;
        cpu_ms[i] = sample.cpu_ms;
    }
    unlink(path);
    if (!good) {
        fprintf(stderr, "bench_start: %s sent no request\n", args[0]);
        return 1;
    }
    bench_sort(connect_ms, (size_t)runs);
    bench_sort(request_ms, (size_t)runs);
    bench_sort(cpu_ms, (size_t)runs);
    printf("%.2f %.2f %.2f %.2f %.2f %.2f %.2f\n", connect_ms[runs / 2], connect_ms[0],
           connect_ms[runs - 1], request_ms[runs / 2], request_ms[0], request_ms[runs - 1],
           cpu_ms[runs / 2]);
    return 0;
}
