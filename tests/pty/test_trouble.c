/* The dashboard while the cluster misbehaves: the screen says what happens, the rows and the keys
 * stay, and when the server is back so is everything.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trouble_server.h"

static void
dashboard__waits_for_a_server_that_comes_later(void **state)
{
    (void)state;
    struct script_server *s = script_server_start();
    script_server_route(s, "/events", "expect GET /events\n" DENIED("events"));
    script_server_route(s, "/pods",
                        LIST PODS("100", OBJECT("web", "u1", "90", RUNNING)) WATCH "hang\n");
    script_server_refuse(s);
    struct pty *p = trouble_start(s, 100, 30);
    assert_true(pty_wait(p, "refused", WAIT_MS));
    assert_true(pty_wait(p, "retry in", WAIT_MS));
    assert_true(pty_wait(p, "is the API server running", WAIT_MS));
    script_server_listen(s);
    assert_true(pty_wait(p, "web", WAIT_MS));
    assert_true(pty_wait(p, "watch ✓", WAIT_MS));
    assert_true(pty_wait_gone(p, "refused", WAIT_MS));
    trouble_quit(p);
    script_server_stop(s);
}

static void
dashboard__keeps_its_rows_while_the_server_is_gone(void **state)
{
    (void)state;
    struct script_server *s = script_server_start();
    script_server_route(s, "/events", "expect GET /events\n" DENIED("events"));
    script_server_route(s, "/log", "expect GET /log\nhang\n");
    script_server_route(s, "/pods",
                        LIST PODS("100", OBJECT("web", "u1", "90", RUNNING)) WATCH
                        "gate 1\nreset\n"
                        "expect GET /pods watch=1 resourceVersion=100\nstream 200 json\n"
                        "frame ADDED " OBJECT("later", "u2", "110", RUNNING) "\nhang\n");
    struct pty *p = trouble_start(s, 100, 30);
    assert_true(pty_wait(p, "web", WAIT_MS));
    assert_true(pty_wait(p, "watch ✓", WAIT_MS));
    script_server_refuse(s);
    script_server_open_gate(s, 1);
    assert_true(pty_wait(p, "watch ✗", WAIT_MS));
    assert_true(pty_wait(p, "retry", WAIT_MS));
    assert_true(pty_has(p, "web"));
    pty_key(p, "?");
    assert_true(pty_wait(p, "help", WAIT_MS));
    pty_key(p, "q");
    assert_true(pty_wait(p, "[1 Pods]", WAIT_MS));
    pty_key(p, "Enter");
    assert_true(pty_wait(p, "[1 Timeline]", WAIT_MS));
    assert_true(pty_wait(p, "setup", WAIT_MS));
    pty_key(p, "q");
    script_server_listen(s);
    assert_true(pty_wait(p, "watch ✓", WAIT_MS));
    assert_true(pty_wait(p, "later", WAIT_MS));
    assert_true(pty_has(p, "web"));
    trouble_quit(p);
    script_server_stop(s);
}

static void
dashboard__says_what_is_not_allowed_and_shows_the_rest(void **state)
{
    (void)state;
    struct script_server *s = script_server_start();
    script_server_route(s, "/events", "expect GET /events\n" DENIED("events"));
    script_server_route(s, "/pods",
                        LIST PODS("100", OBJECT("web", "u1", "90", RUNNING)) WATCH "hang\n");
    struct pty *p = trouble_start(s, 100, 30);
    assert_true(pty_wait(p, "web", WAIT_MS));
    pty_key(p, "v");
    assert_true(pty_wait(p, "not allowed to list events", WAIT_MS));
    pty_key(p, "q");
    assert_true(pty_wait(p, "web", WAIT_MS));
    trouble_quit(p);
    script_server_stop(s);

    s = script_server_start();
    script_server_route(s, "/events", "expect GET /events\n" DENIED("events"));
    script_server_route(s, "/pods", LIST DENIED("pods"));
    p = trouble_start(s, 100, 30);
    assert_true(pty_wait(p, "not allowed to list pods", WAIT_MS));
    assert_true(pty_wait(p, "kubectl auth can-i", WAIT_MS));
    trouble_quit(p);
    script_server_stop(s);
}

static void
dashboard__stays_on_a_pod_that_is_deleted(void **state)
{
    (void)state;
    static const char *const keys[] = {"Enter", "l"};
    for (size_t i = 0; i < 2; i++) {
        struct script_server *s = script_server_start();
        script_server_route(s, "/events", "expect GET /events\n" DENIED("events"));
        script_server_route(s, "/log",
                            "expect GET /log\nstream 200 text\n"
                            "chunk 2026-06-15T12:00:02Z first line\\n\ngate 1\nend\n");
        script_server_route(
            s, "/pods",
            LIST PODS("100", OBJECT("web", "u1", "90", RUNNING)) WATCH
            "gate 1\nframe DELETED " OBJECT("web", "u1", "110", RUNNING) "\nhang\n");
        struct pty *p = trouble_start(s, 100, 30);
        assert_true(pty_wait(p, "web", WAIT_MS));
        pty_key(p, keys[i]);
        assert_true(pty_wait(p, i == 0 ? "[1 Timeline]" : "first line", WAIT_MS));
        script_server_open_gate(s, 1);
        assert_true(pty_wait(p, "deleted", WAIT_MS));
        assert_true(pty_has(p, i == 0 ? "setup" : "first line"));
        pty_key(p, "q");
        assert_true(pty_wait(p, "[1 Pods]", WAIT_MS));
        trouble_quit(p);
        script_server_stop(s);
    }
}

/* A context that is not there is no reason to close what is open. */
static void
dashboard__keeps_the_log_when_another_context_fails(void **state)
{
    (void)state;
    struct script_server *s = script_server_start();
    script_server_route(s, "/events", "expect GET /events\n" DENIED("events"));
    script_server_route(s, "/log",
                        "expect GET /log\nstream 200 text\n"
                        "chunk 2026-06-15T12:00:02Z first line\\n\ngate 1\n"
                        "chunk 2026-06-15T12:00:03Z second line\\n\nhang\n");
    script_server_route(s, "/pods",
                        LIST PODS("100", OBJECT("web", "u1", "90", RUNNING)) WATCH "hang\n");
    struct pty *p = trouble_start(s, 100, 30);
    assert_true(pty_wait(p, "web", WAIT_MS));
    pty_key(p, "l");
    assert_true(pty_wait(p, "first line", WAIT_MS));
    pty_send(p, ":ctx nowhere\r");
    assert_true(pty_wait(p, "context \"nowhere\"", WAIT_MS));
    assert_true(pty_has(p, "first line"));
    script_server_open_gate(s, 1);
    assert_true(pty_wait(p, "second line", WAIT_MS));
    trouble_quit(p);
    script_server_stop(s);
}

static void
dashboard__says_that_a_log_is_not_there_yet(void **state)
{
    (void)state;
    struct script_server *s = script_server_start();
    script_server_route(s, "/events", "expect GET /events\n" DENIED("events"));
    script_server_route(s, "/log",
                        "expect GET /log\nreply 400 json {\"kind\":\"Status\",\"code\":400,"
                        "\"reason\":\"BadRequest\",\"message\":\"container \\\\\"setup\\\\\" in "
                        "pod \\\\\"web\\\\\" is waiting to start: image is being pulled\"}\n");
    script_server_route(s, "/pods",
                        LIST PODS("100", OBJECT("web", "u1", "90", RUNNING)) WATCH "hang\n");
    struct pty *p = trouble_start(s, 100, 30);
    assert_true(pty_wait(p, "web", WAIT_MS));
    pty_key(p, "l");
    assert_true(pty_wait(p, "is waiting to start", WAIT_MS));
    pty_key(p, "q");
    trouble_quit(p);
    script_server_stop(s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dashboard__waits_for_a_server_that_comes_later),
        cmocka_unit_test(dashboard__keeps_its_rows_while_the_server_is_gone),
        cmocka_unit_test(dashboard__says_what_is_not_allowed_and_shows_the_rest),
        cmocka_unit_test(dashboard__stays_on_a_pod_that_is_deleted),
        cmocka_unit_test(dashboard__keeps_the_log_when_another_context_fails),
        cmocka_unit_test(dashboard__says_that_a_log_is_not_there_yet),
    };
    return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
