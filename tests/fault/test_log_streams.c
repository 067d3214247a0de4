/* `initwatch logs deploy/NAME --merged -f` over the real transport, on a manual clock: pods come and go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "../../src/app/logs_headless.h"

#include <fcntl.h>
#include <unistd.h>

#include "log_world.h"

enum { TURN_MS = 10, AWAY_MS = 10000, STUCK_MS = 20000 };

struct play {
    struct log_world w;
    int out; /* what was printed */
    int scene;
    int64_t gone_ms, real_ms; /* monotonic: the last pod went; real time at the start */
};

/* A running pod of a ReplicaSet of the Deployment web comes, or goes. */
static void
tell_pod(struct play *p, const char *name, const char *hash, bool gone)
{
    const struct pod_label label = {"pod-template-hash", hash};
    char set[64];
    snprintf(set, sizeof(set), "web-%s", hash);
    struct pod_make m;
    make_pod(&m, name);
    m.pod.phase = "Running";
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = set;
    m.pod.labels = &label;
    m.pod.label_count = 1;
    make_container(&m, LIST_APP, "app");
    make_running(&m, LIST_APP, "app", T0);
    struct source_sink sink = store_sink(p->w.session.store);
    (gone ? sink.remove : sink.upsert)(sink.ctx, pod_seal(&m.pod));
    if (gone)
        p->gone_ms = clock_mono(&p->w.clock);
}

static void
append(struct play *p, const char *text)
{
    log_server_append(p->w.server, clock_wall(&p->w.clock) * INT64_C(1000000), text);
}

static bool
printed(const struct play *p, const char *text)
{
    char all[4096];
    ssize_t len = pread(p->out, all, sizeof(all) - 1, 0);
    assert_true(len >= 0);
    all[len] = '\0';
    return strstr(all, text) != NULL;
}

/* One step each turn of the loop: the descriptor is always ready. */
static void
play_on(void *ctx, int fd, int events)
{
    struct play *p = ctx;
    (void)fd, (void)events;
    int64_t away_ms = clock_mono(&p->w.clock) - p->gone_ms;
    clock_advance(&p->w.clock, TURN_MS);
    if (lw_real_ms() - p->real_ms > STUCK_MS) {
        p->w.session.interrupted = true; /* the test fails by the scene it is in */
    } else if (p->scene == 0 && printed(p, "web-1-a app one\n")) {
        tell_pod(p, "web-2-b", "2", false); /* a rollout makes another one */
        append(p, "two");
        p->scene++;
    } else if (p->scene == 1 && printed(p, "web-2-b app two\n") &&
               printed(p, "web-1-a app two\n")) {
        tell_pod(p, "web-1-a", "1", true);
        tell_pod(p, "web-2-b", "2", true);
        p->scene++;
    } else if (p->scene == 2 && away_ms >= AWAY_MS - 2000) {
        tell_pod(p, "web-3-c", "3", false); /* not too late */
        append(p, "three");
        p->scene++;
    } else if (p->scene == 3 && printed(p, "web-3-c app three\n")) {
        tell_pod(p, "web-3-c", "3", true);
        p->scene++;
    }
}

static void
log_streams__new_pods_join_and_the_end_comes_ten_seconds_after_the_last(void **state)
{
    (void)state;
    struct play p = {.real_ms = lw_real_ms()};
    char path[] = "/tmp/initwatch-test-XXXXXX";
    struct options o = {.owner_kind = "Deployment",
                        .args = {"web"},
                        .arg_count = 1,
                        .follow = true,
                        .merged = true,
                        .tail_lines = -1,
                        .since_seconds = -1,
                        .since_wall_ms = IW_TIME_NONE,
                        .limit_bytes = -1};
    struct logprint *print;
    struct iw_error err = {0};
    struct pod_ref first;
    int ready[2];
    lw_open(&p.w, 21);
    tell_pod(&p, "web-1-a", "1", false);
    append(&p, "one");
    assert_true(store_find(p.w.session.store, "shop", "web-1-a", &first));
    assert_int_equal(logprint_new(&o, &print, &err), IW_OK);
    fflush(stdout);
    int stdout_before = dup(STDOUT_FILENO);
    p.out = mkstemp(path);
    assert_true(stdout_before >= 0 && p.out >= 0 && dup2(p.out, STDOUT_FILENO) >= 0);
    unlink(path);
    assert_true(pipe(ready) == 0 && write(ready[1], "", 1) == 1);
    loop_id steps = loop_fd_add(p.w.session.loop, ready[0], LOOP_READ, play_on, &p);
    enum iw_err rc = logs_print_streams(&p.w.session, &o, print, &first, 1, NULL, true, &err);
    fflush(stdout);
    dup2(stdout_before, STDOUT_FILENO);
    close(stdout_before);
    loop_remove(p.w.session.loop, steps);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(p.scene, 4);
    assert_int_equal(rc, IW_OK);
    int64_t away_ms = clock_mono(&p.w.clock) - p.gone_ms;
    assert_in_range(away_ms, AWAY_MS, AWAY_MS + 500);
    assert_true(printed(&p, "--- web-2-b app started, attempt 1 ---"));
    close(p.out);
    logprint_free(print);
    lw_close(&p.w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_streams__new_pods_join_and_the_end_comes_ten_seconds_after_the_last),
    };
    return cmocka_run_group_tests_name("log_streams", tests, NULL, NULL);
}
