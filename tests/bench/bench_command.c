/* bench_command: runs a command several times and says how long it took and how much memory it used.
 *
 * usage: bench_command RUNS COMMAND [ARGS...]
 * Prints one line: median, least and most of the wall time in ms; median CPU time in ms; the most
 * memory of any run in KiB. The command's output goes to /dev/null. A run that fails ends the tool.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { RUNS_MAX = 100, RUN_LIMIT_S = 300 };

struct sample {
    double wall_ms, cpu_ms;
    long rss_kib;
};

static double
timeval_ms(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static bool
run_once(char *const *argv, struct sample *out)
{
    double start_ms = bench_now_ms();
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        alarm(RUN_LIMIT_S); /* survives exec: no run lasts for ever */
        execvp(argv[0], argv);
        _exit(127);
    }
    int status = 0;
    struct rusage usage = {0};
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid)
        return false;
    out->wall_ms = bench_now_ms() - start_ms;
    out->cpu_ms = timeval_ms(usage.ru_utime) + timeval_ms(usage.ru_stime);
    out->rss_kib = usage.ru_maxrss;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
main(int argc, char **argv)
{
    long runs = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    if (runs < 1 || runs > RUNS_MAX) {
        fprintf(stderr, "usage: bench_command RUNS COMMAND [ARGS...]\n");
        return 2;
    }
    double wall_ms[RUNS_MAX], cpu_ms[RUNS_MAX];
    long rss_kib = 0;
    for (long i = 0; i < runs; i++) {
        struct sample sample;
        if (!run_once(argv + 2, &sample)) {
            fprintf(stderr, "bench_command: %s failed\n", argv[2]);
            return 1;
        }
        wall_ms[i] = sample.wall_ms;
        cpu_ms[i] = sample.cpu_ms;
        rss_kib = sample.rss_kib > rss_kib ? sample.rss_kib : rss_kib;
    }
    bench_sort(wall_ms, (size_t)runs);
    bench_sort(cpu_ms, (size_t)runs);
    printf("%.1f %.1f %.1f %.1f %ld\n", wall_ms[runs / 2], wall_ms[0], wall_ms[runs - 1],
           cpu_ms[runs / 2], rss_kib);
    return 0;
}
