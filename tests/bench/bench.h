/* bench: time, and samples of it, for the benchmarks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BENCH_H
#define INITWATCH_BENCH_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Of a clock of the system, as CLOCK_THREAD_CPUTIME_ID: in milliseconds with their fractions. */
static inline double
bench_clock_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static inline double
bench_now_ms(void)
{
    return bench_clock_ms(CLOCK_MONOTONIC);
}

static inline double
bench_now_s(void)
{
    return bench_now_ms() / 1e3;
}

static inline int
bench_compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* In place, the smallest first. */
static inline void
bench_sort(double *samples, size_t count)
{
    qsort(samples, count, sizeof(*samples), bench_compare);
}

/* "NAME p50 p99 max count"; sorts the samples. */
static inline void
bench_print(const char *name, double *samples, size_t count)
{
    if (count == 0) {
        printf("%s - - - 0\n", name);
        return;
    }
    bench_sort(samples, count);
    printf("%s %.1f %.1f %.1f %zu\n", name, samples[count / 2], samples[(count * 99) / 100],
           samples[count - 1], count);
}

#endif
