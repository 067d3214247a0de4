/* bench_log: a log file taken into a buffer and searched, measured from inside.
 *
 * usage: bench_log FILE CAP_MIB SPILL_DIR PATTERN...      SPILL_DIR "": no spill file
 *        bench_log --make LINES FILE                      write a log to measure with
 *
 * Prints "take_in MS LINES MIB RSS_KIB", "rss KIB", then for each pattern "search MS MATCHES SLICE_MS PATTERN", and
 * "filter MS LINES SLICE_MS SLICE_CPU_MS PATTERN" for the list that a keep filter leaves, with folding and stack traces.
 * SLICE_MS is the longest time a key would have waited, SLICE_CPU_MS the longest that this program was to blame for.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "initwatch/base/limits.h"
#include "initwatch/model/loglens.h"

enum { READ_BYTES = 256 << 10, SLICE_BYTES = 256 << 10 };

/* What a key waits at most for a filter; BENCH_SLICE_MS=N tries another. */
static int64_t slice_ms = LIMIT_VIEW_SLICE_MS;

/* CPU of this process: other processes that wanted the CPU are not in it. */
static double
cpu_ms(void)
{
    return bench_clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

/* Lines as programs write them: about 100 bytes, one error in a thousand. */
static int
make(const char *path, long lines)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return 1;
    for (long i = 0; i < lines; i++) {
        long s = i / 1000;
        fprintf(f, "2026-11-15T%02ld:%02ld:%02ld.%03ld182411Z ", s / 3600 % 24, s / 60 % 60, s % 60,
                i % 1000);
        if (i % 1000 == 17)
            fprintf(f, "level=error msg=\"upstream timeout\" path=/api/v1/orders/%ld took=%ldms\n",
                    i * 7919 % 100000, i % 977);
        else
            fprintf(
                f, "level=info msg=\"request done\" method=GET path=/api/v1/items/%ld status=200\n",
                i * 7919 % 100000);
    }
    return fclose(f) != 0;
}

static void
take_in(struct logbuf *b, int fd)
{
    static char bytes[READ_BYTES * 2];
    size_t held = 0;
    ssize_t n;
    while ((n = read(fd, bytes + held, READ_BYTES)) > 0) {
        size_t end = held + (size_t)n, at = 0;
        const char *newline;
        while ((newline = memchr(bytes + at, '\n', end - at)) != NULL) {
            size_t len = (size_t)(newline - bytes) - at;
            logbuf_append(b, 0, bytes + at, len, true, false);
            at += len + 1;
        }
        held = end - at;
        memmove(bytes, bytes + at, held);
    }
}

static void
search(const struct logbuf *b, const char *pattern)
{
    struct linebits bits = {0};
    double start = bench_now_ms(), longest = 0;
    struct logmatch *m = logmatch_new(pattern);
    for (;;) {
        double slice = bench_now_ms();
        if (logmatch_scan(m, b, &bits, SLICE_BYTES) == 0)
            break;
        longest = bench_now_ms() - slice > longest ? bench_now_ms() - slice : longest;
    }
    unsigned long long count = linebits_count(&bits, 0, UINT64_MAX);
    printf("search %.1f %llu %s (slice at most %.1f ms)\n", bench_now_ms() - start, count, pattern,
           longest);
    linebits_free(&bits);
    logmatch_free(m);
}

/* The list of a keep filter, complete, on a lens that has seen the lines before: what toggling a filter costs. */
static void
filter(struct loglens *l, const char *pattern)
{
    double start = bench_now_ms(), longest = 0, longest_cpu = 0, done = 0;
    loglens_filter_add(l, LOGFILTER_KEEP, pattern);
    for (bool more = true; more;) {
        double slice = bench_now_ms(), slice_cpu = cpu_ms();
        more = loglens_work(l, slice_ms);
        done = bench_now_ms();
        slice_cpu = cpu_ms() - slice_cpu;
        longest = done - slice > longest ? done - slice : longest;
        longest_cpu = slice_cpu > longest_cpu ? slice_cpu : longest_cpu;
    }
    printf("filter %.1f %llu %.1f %.1f %s\n", done - start,
           (unsigned long long)linebits_count(loglens_shown(l), 0, UINT64_MAX), longest,
           longest_cpu, pattern);
    loglens_filter_remove(l, 0);
}

/* Levels, folding, stack traces, histogram of everything. */
static struct loglens *
look_at_all(const struct logbuf *b)
{
    struct loglens *l = loglens_new();
    double start = bench_now_ms();
    loglens_attach(l, b, 1);
    while (loglens_work(l, slice_ms))
        ;
    printf("levels %.1f %llu\n", bench_now_ms() - start,
           (unsigned long long)linebits_count(loglens_errors(l), 0, UINT64_MAX));
    return l;
}

int
main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--make") == 0)
        return make(argv[3], strtol(argv[2], NULL, 10));
    if (argc < 4)
        return 2;
    if (getenv("BENCH_SLICE_MS"))
        slice_ms = strtol(getenv("BENCH_SLICE_MS"), NULL, 10);
    int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    struct iw_error err = {0};
    struct logbuf *b = logbuf_new((size_t)strtoul(argv[2], NULL, 10) << 20);
    if (fd < 0 || (argv[3][0] && !logbuf_spill_to(b, argv[3], SIZE_MAX / 4, &err))) {
        fprintf(stderr, "bench_log: %s: %s\n", argv[1], err.msg);
        return 1;
    }
    double start = bench_now_ms();
    take_in(b, fd);
    double took = bench_now_ms() - start;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("take_in %.1f %zu %zu %ld\n", took, logbuf_count(b), logbuf_bytes(b) >> 20,
           usage.ru_maxrss);
    for (int i = 4; i < argc; i++)
        search(b, argv[i]);
    struct loglens *lens = look_at_all(b);
    for (int i = 4; i < argc; i++)
        filter(lens, argv[i]);
    loglens_free(lens);
    getrusage(RUSAGE_SELF, &usage);
    printf("rss %ld\n", usage.ru_maxrss);
    logbuf_free(b);
    close(fd);
    return 0;
}
