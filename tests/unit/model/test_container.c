/* Exit texts, restarts, back-off, log choice and wait targets of one container.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "draft_parts.h"
#include "initwatch/model/waitfor.h"
#include "pod_make.h"

static void
expect_exit(int32_t code, int32_t signal, const char *reason, const char *want)
{
    struct container_end end = {.exit_code = code, .signal = signal, .reason = reason};
    char text[96];
    container_exit_text(&end, text, sizeof(text));
    assert_string_equal(text, want);
}

static void
container_exit_text__says_what_the_record_supports(void **state)
{
    (void)state;
    expect_exit(1, 0, "Error", "exit 1");
    expect_exit(126, 0, "Error", "exit 126: not executable");
    expect_exit(127, 0, "Error", "exit 127: command not found");
    expect_exit(137, 0, "OOMKilled", "OOMKilled");
    expect_exit(137, 0, "Error", "SIGKILL (137)");
    expect_exit(0, 0, "OOMKilled", "OOMKilled, exit 0");
    expect_exit(143, 0, "Error", "SIGTERM (143)");
    expect_exit(200, 0, "Error", "exit 200");
    expect_exit(0, 15, "", "SIGTERM (signal 15)");
    expect_exit(128, 0, "StartError", "could not start (128)");
    expect_exit(255, 0, "Unknown", "lost by the container runtime (255)");
    expect_exit(INT32_MIN, INT32_MAX, "", "signal 2147483647");
    assert_string_equal(container_signal_name(9), "SIGKILL");
    assert_string_equal(container_signal_name(-1), "");
    assert_string_equal(container_signal_name(16), "");
}

static bool
restarts(enum container_kind kind, const char *own, const char *pod_policy, int32_t code)
{
    struct container c = {.kind = kind, .restart_policy = own};
    return container_restarts_after(&c, pod_policy, code);
}

static void
container_restarts_after__follows_the_policies(void **state)
{
    (void)state;
    assert_true(restarts(CONTAINER_APP, "", "Always", 0));
    assert_true(restarts(CONTAINER_APP, "", "", 0));
    assert_false(restarts(CONTAINER_APP, "", "OnFailure", 0));
    assert_true(restarts(CONTAINER_APP, "", "OnFailure", 1));
    assert_false(restarts(CONTAINER_APP, "", "Never", 1));
    assert_true(restarts(CONTAINER_APP, "OnFailure", "Never", 1));
    assert_true(restarts(CONTAINER_SIDECAR, "Always", "Never", 0));
    assert_false(restarts(CONTAINER_INIT, "", "Always", 0));
    assert_true(restarts(CONTAINER_INIT, "", "Always", 3));
    assert_false(restarts(CONTAINER_EPHEMERAL, "", "Always", 1));
}

static void
container_restarts_after__lets_the_first_matching_rule_decide(void **state)
{
    (void)state;
    static const int32_t codes[] = {42, 43};
    const struct restart_rule in = {"Restart", "In", codes, 2};
    const struct restart_rule not_in = {"Restart", "NotIn", codes, 2};
    struct container c = {.kind = CONTAINER_APP, .restart_policy = "Never", .rules = &in};
    c.rule_count = 1;
    assert_true(container_restarts_after(&c, "Always", 42));
    assert_false(container_restarts_after(&c, "Always", 1));
    c.rules = &not_in;
    assert_false(container_restarts_after(&c, "Always", 43));
    assert_true(container_restarts_after(&c, "Always", 1));
}

/* A container of a pod with one status; the caller fills the status. */
struct one {
    struct container c;
    struct container_status s;
};

static void
one_init(struct one *o, enum container_kind kind)
{
    memset(o, 0, sizeof(*o));
    o->c = (struct container){.name = "migrate", .kind = kind, .restart_policy = ""};
    o->c.startup = o->c.readiness = o->c.liveness = &probe_none;
    o->s.state = container_state_none;
    o->s.last = &container_state_none;
    o->s.container_id = "";
    o->c.status = &o->s;
}

static void
one_ended(struct one *o, int32_t restarts_so_far, int64_t started_ms, int64_t finished_ms)
{
    o->s.restart_count = restarts_so_far;
    o->s.state.terminated = true;
    o->s.state.end = make_end(1, "Error", started_ms, finished_ms);
    o->s.state.end.message = "";
}

static void
container_backoff_now__derives_the_series_from_the_restart_count(void **state)
{
    (void)state;
    static const int64_t want_s[] = {0, 10, 20, 40, 80, 160, 300, 300};
    for (int32_t n = 0; n < (int32_t)IW_COUNTOF(want_s); n++) {
        struct one o;
        one_init(&o, CONTAINER_INIT);
        one_ended(&o, n, T0, T0 + SECONDS(1));
        struct container_backoff b = container_backoff_now(&o.c, "Always", T0 + SECONDS(2));
        assert_int_equal(b.active, want_s[n] > 0);
        assert_false(b.known);
        if (b.active) {
            assert_int_equal(b.delay_ms, SECONDS(want_s[n]));
            assert_int_equal(b.next_ms, T0 + SECONDS(1 + want_s[n]));
        }
    }
}

static void
container_backoff_now__reads_the_delay_from_the_message(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_INIT);
    o.s.restart_count = 9;
    o.s.state.waiting = true;
    o.s.state.waiting_reason = "CrashLoopBackOff";
    o.s.state.waiting_message = "back-off 1m20s restarting failed container=migrate pod=a_b(c)";
    struct container_state *last = draft_last(&o.s);
    last->terminated = true;
    last->end = make_end(1, "Error", T0, T0 + SECONDS(5));
    struct container_backoff b = container_backoff_now(&o.c, "Always", T0 + SECONDS(30));
    assert_true(b.active);
    assert_true(b.known);
    assert_int_equal(b.delay_ms, SECONDS(80));
    assert_int_equal(b.next_ms, T0 + SECONDS(85));
    o.s.state.waiting_message = "back-off soon";
    b = container_backoff_now(&o.c, "Always", T0);
    assert_false(b.known);
    assert_int_equal(b.delay_ms, SECONDS(300));
}

static void
container_backoff_now__is_reset_by_a_long_run(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_APP);
    one_ended(&o, 50, T0, T0 + SECONDS(601));
    assert_false(container_backoff_now(&o.c, "Always", T0 + SECONDS(602)).active);
    one_ended(&o, 51, T0 + SECONDS(602), T0 + SECONDS(605));
    struct container_state *last = draft_last(&o.s);
    last->terminated = true;
    last->end = make_end(1, "Error", T0, T0 + SECONDS(601));
    assert_int_equal(container_backoff_now(&o.c, "Always", T0 + SECONDS(606)).delay_ms,
                     SECONDS(10));
}

static void
container_backoff_now__takes_the_last_pause_into_account(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_APP);
    struct container_state *last = draft_last(&o.s);
    last->terminated = true;
    last->end = make_end(1, "Error", T0, T0 + SECONDS(10));
    /* 28 s after the exit it was started again: the pause was 20 s, so 40 s come next */
    one_ended(&o, 30, T0 + SECONDS(38), T0 + SECONDS(40));
    assert_int_equal(container_backoff_now(&o.c, "Always", T0 + SECONDS(41)).delay_ms, SECONDS(40));
}

static void
container_backoff_now__is_none_when_nothing_restarts(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_APP);
    one_ended(&o, 3, T0, T0 + SECONDS(1));
    assert_false(container_backoff_now(&o.c, "Never", T0 + SECONDS(2)).active);
    assert_true(container_backoff_now(&o.c, "OnFailure", T0 + SECONDS(2)).active);
    o.s.state.terminated = false;
    o.s.state.running = true;
    assert_false(container_backoff_now(&o.c, "Always", T0 + SECONDS(2)).active);
    o.c.status = NULL;
    assert_false(container_backoff_now(&o.c, "Always", T0 + SECONDS(2)).active);
}

static void
container_log_choice__follows_a_running_container(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_INIT);
    o.s.state.running = true;
    o.s.state.running_since_ms = T0;
    o.s.container_id = "containerd://now";
    o.s.restart_count = 2;
    struct log_choice choice = container_log_choice(&o.c, LOG_WANT_AUTO);
    assert_int_equal(choice.ask, LOG_ASK_PLAIN);
    assert_true(choice.follow);
    assert_int_equal(choice.attempt, 2);
    assert_string_equal(choice.container_id, "containerd://now");
    /* the run before is not known */
    assert_int_equal(container_log_choice(&o.c, LOG_WANT_PREVIOUS).ask, LOG_ASK_NOTHING);
    struct container_state *last = draft_last(&o.s);
    last->terminated = true;
    last->end = make_end(1, "Error", T0, T0);
    choice = container_log_choice(&o.c, LOG_WANT_PREVIOUS);
    assert_int_equal(choice.ask, LOG_ASK_PREVIOUS);
    assert_int_equal(choice.attempt, 1);
    assert_true(choice.ended);
    assert_string_equal(choice.container_id, "containerd://ended");
}

static void
container_log_choice__reads_the_ended_instance_plainly(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_INIT);
    one_ended(&o, 3, T0, T0 + SECONDS(4));
    struct log_choice choice = container_log_choice(&o.c, LOG_WANT_AUTO);
    assert_int_equal(choice.ask, LOG_ASK_PLAIN);
    assert_false(choice.follow);
    assert_int_equal(choice.attempt, 3);
    assert_int_equal(choice.finished_ms, T0 + SECONDS(4));
    assert_string_equal(choice.sentence, "last run (try 4), exit 1");
    struct container_state *last = draft_last(&o.s);
    last->terminated = true;
    last->end = make_end(2, "Error", T0 - SECONDS(9), T0 - SECONDS(8));
    choice = container_log_choice(&o.c, LOG_WANT_PREVIOUS);
    assert_int_equal(choice.ask, LOG_ASK_PREVIOUS);
    assert_int_equal(choice.attempt, 2);
    assert_int_equal(choice.exit_code, 2);
}

static void
container_log_choice__asks_previous_in_backoff_because_it_cannot_be_overtaken(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_INIT);
    o.s.restart_count = 3;
    o.s.state.waiting = true;
    o.s.state.waiting_reason = "CrashLoopBackOff";
    struct container_state *last = draft_last(&o.s);
    last->terminated = true;
    last->end = make_end(1, "Error", T0, T0);
    for (int want = LOG_WANT_AUTO; want <= LOG_WANT_PREVIOUS; want++) {
        struct log_choice choice = container_log_choice(&o.c, (enum log_want)want);
        assert_int_equal(choice.ask, LOG_ASK_PREVIOUS);
        assert_int_equal(choice.attempt, 3);
    }
}

static void
container_log_choice__asks_nothing_of_what_never_ran(void **state)
{
    (void)state;
    struct one o;
    one_init(&o, CONTAINER_INIT);
    o.s.state.waiting = true;
    o.s.state.waiting_reason = "ImagePullBackOff";
    struct log_choice choice = container_log_choice(&o.c, LOG_WANT_AUTO);
    assert_int_equal(choice.ask, LOG_ASK_NOTHING);
    assert_string_equal(choice.sentence,
                        "no log yet, the image cannot be pulled: ImagePullBackOff");
    o.c.status = NULL;
    choice = container_log_choice(&o.c, LOG_WANT_AUTO);
    assert_int_equal(choice.ask, LOG_ASK_NOTHING);
    assert_int_equal(choice.attempt, -1);
}

static void
expect_wait(const char *script, const char *kind, const char *host, const char *port)
{
    const char *const argv[] = {"sh", "-c", script};
    struct container c = {.command = argv, .command_count = 3};
    struct wait_target target;
    if (!container_wait_target(&c, &target))
        fail_msg("no wait found in: %s", script);
    assert_string_equal(target.kind, kind);
    assert_string_equal(target.host, host);
    assert_string_equal(target.port, port);
    assert_true(*target.command != '\0');
}

static void
container_wait_target__reads_the_usual_wait_loops(void **state)
{
    (void)state;
    expect_wait("until nc -z postgres-service 5432; do echo waiting; sleep 2; done", "tcp",
                "postgres-service", "5432");
    expect_wait("until nc -zv -w 2 db.shop.svc 5432 2>/dev/null; do sleep 1; done", "tcp",
                "db.shop.svc", "5432");
    expect_wait("while ! nc -w2 redis 6379 </dev/null >/dev/null 2>&1; do sleep 1; done", "tcp",
                "redis", "6379");
    expect_wait("echo start\nuntil nslookup mydb.shop.svc.cluster.local\ndo\n sleep 2\ndone", "dns",
                "mydb.shop.svc.cluster.local", "");
    expect_wait("until wget -q --spider -T 2 http://api:8080/healthz; do sleep 1; done", "http",
                "api", "8080");
    expect_wait("until curl -sf -o /dev/null https://auth/ready; do sleep 1; done", "https", "auth",
                "443");
    expect_wait("until [ \"$(curl -s -o /dev/null -w '%{http_code}' http://u:p@web/)\" = 200 ]; do "
                "sleep 1; done",
                "http", "web", "80");
    expect_wait("until pg_isready -h $PGHOST -p 6432; do sleep 1; done", "tcp", "$PGHOST", "6432");
    expect_wait("while ! timeout 1 bash -c 'true' < /dev/tcp/kafka/9092; do sleep 1; done", "tcp",
                "kafka", "9092");
    expect_wait("for i in $(seq 60); do redis-cli -h cache ping && exit 0; sleep 1; done", "tcp",
                "cache", "6379");
    expect_wait("until [ -f /shared/ready ]; do sleep 1; done", "file", "/shared/ready", "");
    expect_wait("kubectl wait --for=condition=complete job/migrate --timeout=300s", "object",
                "job/migrate", "");
    expect_wait("./wait-for-it.sh db:5432 -t 60 -- true", "tcp", "db", "5432");
}

static void
container_wait_target__names_the_check_itself(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c"};
    const char *const args[] = {"until nc -z db 5432 >/dev/null; do sleep 2; done"};
    struct container c = {.command = argv, .command_count = 2, .args = args, .arg_count = 1};
    struct wait_target target;
    assert_true(container_wait_target(&c, &target));
    assert_string_equal(target.command, "nc -z db 5432");
}

static void
container_wait_target__is_silent_about_work(void **state)
{
    (void)state;
    static const char *const scripts[] = {"wget -O /data/x http://files/x",
                                          "echo hello; sleep 3600",
                                          "for f in *.sql; do psql -f $f; done",
                                          "kubectl apply -f /manifests",
                                          "while true; do date; sleep 1; done",
                                          "",
                                          "until",
                                          "'",
                                          "&& nc",
                                          "until nc; do :; done"};
    for (size_t i = 0; i < IW_COUNTOF(scripts); i++) {
        const char *const argv[] = {"/bin/sh", "-ec", scripts[i]};
        struct container c = {.command = argv, .command_count = 3};
        struct wait_target target;
        if (container_wait_target(&c, &target))
            fail_msg("%s: %s %s", scripts[i], target.kind, target.host);
    }
    struct container none = {.command_count = 0};
    struct wait_target target;
    assert_false(container_wait_target(&none, &target));
}

static void
container_command_text__is_one_harmless_line(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "  echo \x1b[31m a\n\tb  "};
    struct container c = {.command = argv, .command_count = 3};
    char text[64];
    container_command_text(&c, text, sizeof(text));
    assert_string_equal(text, "echo [31m a; b");
    const char *const loop[] = {"sh", "-c",
                                "while ! nc -z db 1; do\n  sleep 2\ndone\nexit 0;\necho |\ncat"};
    c.command = loop;
    char wide[96];
    container_command_text(&c, wide, sizeof(wide));
    assert_string_equal(wide, "while ! nc -z db 1; do sleep 2; done; exit 0; echo | cat");
    c.command = argv;
    const char *const plain[] = {"/app", "--flag", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"};
    c.command = plain;
    char narrow[20];
    container_command_text(&c, narrow, sizeof(narrow));
    assert_string_equal(narrow, "/app --flag ...");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(container_exit_text__says_what_the_record_supports),
        cmocka_unit_test(container_restarts_after__follows_the_policies),
        cmocka_unit_test(container_restarts_after__lets_the_first_matching_rule_decide),
        cmocka_unit_test(container_backoff_now__derives_the_series_from_the_restart_count),
        cmocka_unit_test(container_backoff_now__reads_the_delay_from_the_message),
        cmocka_unit_test(container_backoff_now__is_reset_by_a_long_run),
        cmocka_unit_test(container_backoff_now__takes_the_last_pause_into_account),
        cmocka_unit_test(container_backoff_now__is_none_when_nothing_restarts),
        cmocka_unit_test(container_log_choice__follows_a_running_container),
        cmocka_unit_test(container_log_choice__reads_the_ended_instance_plainly),
        cmocka_unit_test(
            container_log_choice__asks_previous_in_backoff_because_it_cannot_be_overtaken),
        cmocka_unit_test(container_log_choice__asks_nothing_of_what_never_ran),
        cmocka_unit_test(container_wait_target__reads_the_usual_wait_loops),
        cmocka_unit_test(container_wait_target__names_the_check_itself),
        cmocka_unit_test(container_wait_target__is_silent_about_work),
        cmocka_unit_test(container_command_text__is_one_harmless_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
