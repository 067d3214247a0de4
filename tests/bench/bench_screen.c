/* bench_screen: the dashboard in a pseudo-terminal, measured from outside.
 *
 * usage: bench_screen first PROGRAM
 *        bench_screen live PROGRAM KUBECONFIG [SERVER PODS [SERVER_PID]]
 *        bench_screen slow PROGRAM KUBECONFIG
 *
 * first: from exec to the first complete frame, with a server that does not answer.
 * slow:  from exec to the first rows over a slow line, and to the complete list if it ends within 20 s; the
 *        keys are alive.
 * live:  from exec to the complete list, keys while it arrives, watch events to the screen, memory,
 *        and ten idle seconds. SERVER is the URL of the demo server, with its token; without it nothing
 *        is changed, and nothing measured of changes. With its process ID the latency in a storm is told without the time in which somebody waited for a CPU as well.
 * Prints "NAME VALUE..." lines for run.sh.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "termpty.h"

enum {
    FIRST_RUNS = 11,
    EVENT_SAMPLES = 100,
    STORM_SAMPLES = 400,
    STORM_MS = 4000,
    STORM_STEP_MS = 10,
    KEY_SAMPLES_MAX = 2000,
    KEY_FRAMES_MAX = 200,
    LIST_LIMIT_MS = 60000,
    SLOW_LIMIT_MS = 20000,
    REPLY_LIMIT_MS = 2000,
    IDLE_MS = 10000,
    COLS = 140,
    ROWS = 40,
};

/* --- the first frame --- */

/* Line 1 and the key hints of the last line: ui_draw writes whole frames only. */
static bool
frame_is_there(struct pty *p)
{
    char *last = pty_row(p, p->rows - 1);
    bool there = strstr(last, "help") && pty_has(p, "initwatch");
    free(last);
    return there;
}

static bool
measure_first(const char *program)
{
    char path[] = "/tmp/initwatch-bench-XXXXXX";
    int fd = mkstemp(path);
    /* Port 1 of loopback: nobody listens there. */
    if (fd < 0 || dprintf(fd, "apiVersion: v1\nkind: Config\ncurrent-context: gone\n"
                              "contexts: [{name: gone, context: {cluster: c, user: u}}]\n"
                              "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
                              "users: [{name: u, user: {}}]\n") < 0)
        return false;
    const char *argv[] = {program, "--kubeconfig", path, NULL};
    double samples[FIRST_RUNS];
    size_t count = 0;
    for (int i = 0; i < FIRST_RUNS; i++) {
        double start_ms = bench_now_ms();
        struct pty *p = pty_start(COLS, ROWS, argv, NULL);
        while (!frame_is_there(p) && !p->exited && bench_now_ms() - start_ms < REPLY_LIMIT_MS)
            pty_pump(p, 20);
        if (frame_is_there(p))
            samples[count++] = bench_now_ms() - start_ms;
        pty_close(p);
    }
    close(fd);
    unlink(path);
    bench_print("first_frame_ms", samples, count);
    return count > 0;
}

/* --- what the system says about the process --- */

struct usage {
    double cpu_ms;
    long wakeups, rss_peak_kib, writes; /* write(2), not what goes to sockets */
};

static long
status_field(pid_t pid, const char *file, const char *field)
{
    char path[64], line[256];
    long value = 0;
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    FILE *f = fopen(path, "r");
    size_t len = strlen(field);
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, field, len) == 0 && line[len] == ':')
            value = strtol(line + len + 1, NULL, 10);
    }
    if (f)
        fclose(f);
    return value;
}

static struct usage
usage_of(pid_t pid)
{
    char path[64], line[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f && !fgets(line, sizeof(line), f))
        line[0] = '\0';
    if (f)
        fclose(f);
    return (struct usage){.cpu_ms = strtod(line, NULL) / 1e6,
                          .wakeups = status_field(pid, "status", "voluntary_ctxt_switches"),
                          .rss_peak_kib = status_field(pid, "status", "VmHWM"),
                          .writes = status_field(pid, "io", "syscw")};
}

/* --- the server's lever --- */

struct lever {
    int fd;
    char host[64], path[256];
};

/* SERVER is "http://127.0.0.1:PORT/TOKEN". */
static bool
lever_open(struct lever *l, const char *server)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    const char *host = server + strlen("http://"), *slash = strchr(host, '/');
    const char *colon = strchr(host, ':');
    if (strncmp(server, "http://127.0.0.1:", 17) != 0 || !slash || !colon)
        return false;
    snprintf(l->host, sizeof(l->host), "%.*s", (int)(slash - host), host);
    snprintf(l->path, sizeof(l->path), "%s/initwatch/demo/bench/touch", slash);
    to.sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    return connect(l->fd, (struct sockaddr *)&to, sizeof(to)) == 0;
}

/* Pods change: `count` from `first` on, -1: the next ones in their order. The answer is read later: the
 * watch may be faster. */
static bool
lever_pull(struct lever *l, int first, unsigned count)
{
    char text[512];
    int len = snprintf(text, sizeof(text),
                       "POST %s?n=%u&first=%d HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n",
                       l->path, count, first, l->host);
    return send(l->fd, text, (size_t)len, MSG_NOSIGNAL) == len;
}

static void
lever_drain(struct lever *l)
{
    char bytes[4096];
    (void)!recv(l->fd, bytes, sizeof(bytes), 0);
}

/* --- live --- */

/* Opens and closes the help while the list arrives; each reply is waited for. Ends when the list is
 * complete. */
static size_t
keys_while_listing(struct pty *p, double *samples, double start_ms, double limit_ms,
                   double *list_ms)
{
    size_t count = 0;
    bool help = false;
    while (!pty_has(p, "listing") && !pty_has(p, "watch ✓") && bench_now_ms() - start_ms < limit_ms)
        pty_pump(p, 20);
    while (!pty_has(p, "watch ✓") && bench_now_ms() - start_ms < limit_ms && !p->exited) {
        double pressed_ms = bench_now_ms();
        pty_key(p, help ? "q" : "?");
        while (pty_has(p, "[Help]") == help && bench_now_ms() - pressed_ms < REPLY_LIMIT_MS)
            pty_pump(p, 20);
        if (count < KEY_SAMPLES_MAX)
            samples[count++] = bench_now_ms() - pressed_ms;
        help = !help;
        /* A person does not press at the very moment of the last frame. */
        double pause_ms = bench_now_ms() + 40;
        while (bench_now_ms() < pause_ms)
            pty_pump(p, 5);
    }
    *list_ms = bench_now_ms() - start_ms;
    if (help)
        pty_key(p, "q");
    pty_settle(p, 300, 3000);
    return count;
}

/* The text of the row of that pod, or NULL. With its namespace in front, so that neither the filter nor
 * the pane is taken for it. */
static char *
row_of(struct pty *p, unsigned pod)
{
    char ns[24], name[32];
    snprintf(ns, sizeof(ns), "bench-%02u ", pod / 500);
    snprintf(name, sizeof(name), " bench-5f7d8c9b6-%05u ", pod);
    for (int row = 0; row < p->rows; row++) {
        char *text = pty_row(p, row);
        const char *at = strstr(text, ns);
        if (at && strstr(at, name))
            return text;
        free(text);
    }
    return NULL;
}

/* Each pull changes the restart count of the pod that the filter shows. */
static size_t
events_to_screen(struct pty *p, struct lever *l, unsigned pods, double *samples, double *bytes)
{
    size_t count = 0;
    for (unsigned i = 0; i < EVENT_SAMPLES && i < pods; i++) {
        char filter[32];
        snprintf(filter, sizeof(filter), "/b6-%05u\r", i);
        pty_send(p, filter);
        pty_settle(p, 60, 1000);
        char *before = row_of(p, i), *after = NULL;
        double pulled_ms = bench_now_ms(), sent = (double)p->bytes;
        if (!before || !lever_pull(l, (int)i, 1)) {
            free(before);
            pty_key(p, "Esc");
            continue;
        }
        while (bench_now_ms() - pulled_ms < REPLY_LIMIT_MS) {
            free(after);
            after = row_of(p, i);
            if (after && strcmp(before, after) != 0)
                break;
            pty_pump(p, 20);
        }
        samples[count] = bench_now_ms() - pulled_ms;
        lever_drain(l);
        pty_settle(p, 15, 200);
        bytes[count++] = (double)p->bytes - sent;
        free(before);
        free(after);
        /* Filters add up: this one makes room for the next. */
        pty_key(p, "Esc");
        pty_settle(p, 60, 1000);
    }
    return count;
}

/* --- storms --- */

/* Until the next step; then the pods of one step change. */
static void
storm_step(struct pty *p, struct lever *l, unsigned per_s, double *next_ms)
{
    char bytes[4096];
    for (double left_ms; (left_ms = *next_ms - bench_now_ms()) > 0;)
        pty_pump(p, (int)left_ms + 1);
    *next_ms += STORM_STEP_MS;
    (void)lever_pull(l, -1, per_s * STORM_STEP_MS / 1000);
    while (recv(l->fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
}

/* "storm_cpu_ms_per_s RATE CPU FRAMES": how dear so many events a second are. */
static void
storm(struct pty *p, struct lever *l, unsigned per_s)
{
    struct usage before = usage_of(p->pid);
    double start_ms = bench_now_ms(), next_ms = start_ms;
    while (bench_now_ms() - start_ms < STORM_MS)
        storm_step(p, l, per_s, &next_ms);
    struct usage after = usage_of(p->pid);
    printf("storm_cpu_ms_per_s %u %.1f\n", per_s,
           (after.cpu_ms - before.cpu_ms) * 1e3 / (bench_now_ms() - start_ms));
    pty_settle(p, 100, 2000);
}

/* Milliseconds in which the process could have run and had no CPU; 0 when that is not known. */
static double
queued_ms(pid_t pid)
{
    char path[64];
    unsigned long long ran_ns = 0, waited_ns = 0;
    snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
    FILE *f = pid > 0 ? fopen(path, "r") : NULL;
    if (f && fscanf(f, "%llu %llu", &ran_ns, &waited_ns) != 2)
        waited_ns = 0;
    if (f)
        fclose(f);
    return (double)waited_ns / 1e6;
}

static double
all_queued_ms(const struct pty *p, pid_t server)
{
    return queued_ms(p->pid) + queued_ms(server) + queued_ms(getpid());
}

static void
storm_until(struct pty *p, struct lever *l, unsigned per_s, double until_ms, double *next_ms)
{
    while (*next_ms < until_ms)
        storm_step(p, l, per_s, next_ms);
    while (bench_now_ms() < until_ms)
        pty_pump(p, 1);
}

/* The numbers of the pods whose rows are in sight. */
static size_t
pods_in_sight(struct pty *p, unsigned *pods)
{
    static const char mark[] = " bench-5f7d8c9b6-";
    size_t count = 0;
    for (int row = 0; row < p->rows; row++) {
        char *text = pty_row(p, row), *at = strstr(text, mark);
        unsigned pod = at ? (unsigned)strtoul(at + sizeof(mark) - 1, NULL, 10) : 0;
        char *found = at ? row_of(p, pod) : NULL;
        if (found)
            pods[count++] = pod;
        free(found);
        free(text);
    }
    return count;
}

struct storm_samples {
    double whole_ms[STORM_SAMPLES], run_ms[STORM_SAMPLES];
    size_t count;
};

/* From the request that changes a pod in sight to its row, while others change all the time. */
static void
events_in_storm(struct pty *p, struct lever *l, unsigned per_s, pid_t server,
                struct storm_samples *out)
{
    pty_send(p, "/b6-000\r");
    pty_settle(p, 60, 1000);
    unsigned pods[ROWS];
    size_t sight = pods_in_sight(p, pods);
    double next_ms = bench_now_ms();
    for (unsigned n = 0; sight > 0 && n < STORM_SAMPLES; n++) {
        /* At any moment between two steps and two frames. */
        storm_until(p, l, per_s, bench_now_ms() + 30 + n * 37 % 50 + n % 7 / 7.0, &next_ms);
        unsigned pod = pods[n * 7 % sight];
        char *before = row_of(p, pod), *after = NULL;
        double queued = all_queued_ms(p, server), pulled_ms = bench_now_ms();
        bool changed = !before || !lever_pull(l, (int)pod, 1);
        while (!changed && bench_now_ms() - pulled_ms < REPLY_LIMIT_MS) {
            if (bench_now_ms() >= next_ms)
                storm_step(p, l, per_s, &next_ms);
            pty_pump(p, 1);
            free(after);
            after = row_of(p, pod);
            changed = after && strcmp(before, after) != 0;
        }
        double whole_ms = bench_now_ms() - pulled_ms;
        queued = all_queued_ms(p, server) - queued;
        if (before) {
            out->whole_ms[out->count] = whole_ms;
            out->run_ms[out->count++] = whole_ms > queued ? whole_ms - queued : 0;
        }
        free(before);
        free(after);
    }
    pty_key(p, "Esc");
    pty_settle(p, 60, 500);
}

/* Each key: until the first byte of its frame, and how many bytes the frame took. */
static void
keys_to_frame(struct pty *p, const char *name, const char *keys, int count)
{
    double delays[KEY_FRAMES_MAX], bytes[KEY_FRAMES_MAX];
    char line[64];
    size_t taken = 0;
    for (int i = 0; i < count && taken < KEY_FRAMES_MAX; i++) {
        char one[2] = {keys[(size_t)i % strlen(keys)], 0};
        pty_settle(p, 40, 1000);
        uint64_t before = p->bytes;
        double pressed_ms = bench_now_ms();
        pty_send(p, one);
        while (p->bytes == before && bench_now_ms() - pressed_ms < REPLY_LIMIT_MS)
            pty_pump(p, 20);
        delays[taken] = bench_now_ms() - pressed_ms;
        pty_settle(p, 15, 200);
        bytes[taken++] = (double)(p->bytes - before);
    }
    snprintf(line, sizeof(line), "%s_ms", name);
    bench_print(line, delays, taken);
    snprintf(line, sizeof(line), "%s_bytes", name);
    bench_print(line, bytes, taken);
}

static void
idle(struct pty *p)
{
    pty_settle(p, 500, 5000);
    struct usage before = usage_of(p->pid);
    uint64_t bytes = p->bytes;
    double end_ms = bench_now_ms() + IDLE_MS;
    for (double left_ms = IDLE_MS; left_ms > 0; left_ms = end_ms - bench_now_ms())
        pty_pump(p, (int)left_ms + 1);
    struct usage after = usage_of(p->pid);
    printf("idle_cpu_ms_per_s %.2f\n", (after.cpu_ms - before.cpu_ms) * 1e3 / IDLE_MS);
    printf("idle_wakeups_per_s %.1f\n", (double)(after.wakeups - before.wakeups) * 1e3 / IDLE_MS);
    printf("idle_bytes_per_s %.0f\n", (double)(p->bytes - bytes) * 1e3 / IDLE_MS);
    printf("idle_writes_per_s %.1f\n", (double)(after.writes - before.writes) * 1e3 / IDLE_MS);
}

static void
measure_changes(struct pty *p, struct lever *lever, unsigned pods, pid_t server)
{
    static double samples[EVENT_SAMPLES], bytes[EVENT_SAMPLES];
    static struct storm_samples storm_samples;
    static const unsigned rates[] = {100, 300, 1000, 2000};
    size_t count = events_to_screen(p, lever, pods, samples, bytes);
    bench_print("event_ms", samples, count);
    bench_print("event_bytes", bytes, count);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
        storm(p, lever, rates[i]);
    events_in_storm(p, lever, 300, server, &storm_samples);
    bench_print("storm_event_ms", storm_samples.whole_ms, storm_samples.count);
    bench_print("storm_event_run_ms", storm_samples.run_ms, storm_samples.count);
    printf("rss_kib %ld\n", usage_of(p->pid).rss_peak_kib);
}

static bool
measure_live(int argc, char **argv)
{
    static double samples[KEY_SAMPLES_MAX];
    struct lever lever = {.fd = -1};
    const char *command[] = {argv[2], "-A", "--kubeconfig", argv[3], NULL};
    if (argc > 4 && !lever_open(&lever, argv[4]))
        return false;
    double start_ms = bench_now_ms(), list_ms = 0;
    struct pty *p = pty_start(COLS, ROWS, command, NULL);
    size_t count = keys_while_listing(p, samples, start_ms, LIST_LIMIT_MS, &list_ms);
    bool live = pty_has(p, "watch ✓");
    printf("list_ms %.0f\n", list_ms);
    printf("list_cpu_ms %.0f\n", usage_of(p->pid).cpu_ms);
    printf("list_rss_kib %ld\n", usage_of(p->pid).rss_peak_kib);
    bench_print("key_ms", samples, count);
    keys_to_frame(p, "key_move", "jjjjjkkkk", 60);
    /* With the cursor on the last row that is shown. */
    for (int i = 0; i < ROWS; i++)
        pty_send(p, "j");
    keys_to_frame(p, "key_scroll", "j", 30);
    keys_to_frame(p, "key_page", "\006\006\006\002\002", 20);
    keys_to_frame(p, "key_redraw", "\014", 10);
    idle(p);
    if (argc > 5) {
        unsigned pods = (unsigned)strtoul(argv[5], NULL, 10);
        measure_changes(p, &lever, pods, argc > 6 ? (pid_t)strtol(argv[6], NULL, 10) : 0);
    }
    pty_close(p);
    if (lever.fd >= 0)
        close(lever.fd);
    return live;
}

/* The list may be too long for the line: then only its beginning is measured. */
static bool
measure_slow(char **argv)
{
    static double samples[KEY_SAMPLES_MAX];
    const char *command[] = {argv[2], "-A", "--kubeconfig", argv[3], NULL};
    double start_ms = bench_now_ms(), list_ms = 0;
    struct pty *p = pty_start(COLS, ROWS, command, NULL);
    while (!pty_has(p, "bench-5f7d8c9b6-000") && bench_now_ms() - start_ms < SLOW_LIMIT_MS &&
           !p->exited)
        pty_pump(p, 5);
    bool has_rows = pty_has(p, "bench-5f7d8c9b6-000");
    printf("slow_first_row_ms %.0f\n", bench_now_ms() - start_ms);
    size_t count = keys_while_listing(p, samples, start_ms, SLOW_LIMIT_MS, &list_ms);
    if (pty_has(p, "watch ✓"))
        printf("slow_list_ms %.0f\n", list_ms);
    bench_print("slow_key_ms", samples, count);
    pty_close(p);
    return has_rows;
}

int
main(int argc, char **argv)
{
    bool done = false;
    if (argc == 3 && strcmp(argv[1], "first") == 0)
        done = measure_first(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "slow") == 0)
        done = measure_slow(argv);
    else if ((argc == 4 || argc == 6 || argc == 7) && strcmp(argv[1], "live") == 0)
        done = measure_live(argc, argv);
    else
        fprintf(stderr, "usage: bench_screen first PROGRAM | live PROGRAM KUBECONFIG SERVER PODS "
                        "[SERVER_PID]\n");
    return done ? 0 : 1;
}
