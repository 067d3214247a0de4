/* Credentials from a program: what it is told, what it brings, how it fails, when it runs again.
 * SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <unistd.h>

#include "fault_world.h"
#include "initwatch/base/alloc.h"
#include "initwatch/source/exec_credential.h"

#define V1 "client.authentication.k8s.io/v1"
#define HEAD "{\"apiVersion\":\"" V1 "\",\"kind\":\"ExecCredential\",\"status\":"
/* Prints a token that says which run it is. */
#define COUNTED_TOKEN "printf '" HEAD "{\"token\":\"token-%s\"}}' \"$run\"\n"
#define LIST_WITH(token)                                                                           \
    "expect GET limit=500", "expect-head Authorization: Bearer " token,                            \
        "reply 200 json " LIST("100", POD("a", "ua", "90"))
#define LIVE_WATCH WATCH_FROM("100"), "stream 200 json", "hang"

struct plugin {
    char folder[40], path[64], runs[64];
};

/* A program that counts its runs in $run and then does what body says. */
static void
plugin_init(struct plugin *p, const char *body)
{
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/iw-exec-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    (void)snprintf(p->path, sizeof(p->path), "%s/get-token", p->folder);
    (void)snprintf(p->runs, sizeof(p->runs), "%s/runs", p->folder);
    FILE *f = fopen(p->path, "w");
    assert_non_null(f);
    (void)fprintf(f, "#!/bin/sh\necho x >>%s\nrun=$(wc -l <%s | tr -d ' ')\n%s", p->runs, p->runs,
                  body);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(p->path, 0700), 0);
}

static int
plugin_runs(const struct plugin *p)
{
    int lines = 0;
    FILE *f = fopen(p->runs, "r");
    if (!f)
        return 0;
    for (int c; (c = fgetc(f)) != EOF;)
        lines += c == '\n';
    (void)fclose(f);
    return lines;
}

static void
plugin_free(const struct plugin *p)
{
    (void)unlink(p->path);
    (void)unlink(p->runs);
    assert_int_equal(rmdir(p->folder), 0);
}

/* The strings are literals or live as long as the test. */
static struct kube_exec
exec_of(const char *command)
{
    static char *none[] = {NULL};
    return (struct kube_exec){.api_version = (char *)V1,
                              .command = (char *)command,
                              .install_hint = (char *)"",
                              .interactive_mode = (char *)"IfAvailable",
                              .args = none,
                              .env_names = none,
                              .env_values = none};
}

static void
open_exec(struct world *w, struct kube_exec *exec)
{
    fw_open_with(w, fw_opts(w),
                 (struct kube_client_config){.exec = exec, .exec_command = exec->command});
}

/* What is told when this program runs; the caller frees it. */
static char *
failure_of(struct kube_exec *exec, int64_t advance_ms)
{
    struct world w;
    fw_init(&w);
    open_exec(&w, exec);
    for (int64_t begin_ms = fw_real_ms();
         advance_ms && !strstr(w.status[STREAM_PODS].waiting, "slow");)
        fw_turn(&w, begin_ms, "the program's first words");
    clock_advance(&w.clock, advance_ms);
    fw_wait_state(&w, SOURCE_DENIED);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_CREDENTIAL);
    assert_string_equal(w.status[STREAM_PODS].waiting, "");
    assert_int_equal(script_server_count(w.server, "/"), 0);
    char *text = iw_strdup(w.status[STREAM_PODS].last.msg);
    fw_close(&w);
    return text;
}

static void
expect_failure(const char *body, int64_t advance_ms, const char *part)
{
    struct plugin p;
    plugin_init(&p, body);
    struct kube_exec exec = exec_of(p.path);
    iw_autofree char *text = failure_of(&exec, advance_ms);
    if (!strstr(text, part) || !strstr(text, "tester") || !strstr(text, "get-token"))
        fail_msg("\"%s\" does not say \"%s\"", text, part);
    assert_null(strstr(text, "hunter2"));
    plugin_free(&p);
}

static void
exec__its_token_is_sent_and_it_is_told_what_it_asks_for(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    /* It fails unless it got its arguments, environment and the cluster. */
    plugin_init(
        &p, "[ \"$1\" = get ] && [ \"$REGION\" = north ] || exit 3\n"
            "case $KUBERNETES_EXEC_INFO in *'\"interactive\":false'*'\"server\":\"http://'*) ;;\n"
            "*) exit 4 ;; esac\n"
            "read line && exit 5\n" COUNTED_TOKEN);
    fw_init(&w);
    script_server_route(w.server, "/pods", SCRIPT({LIST_WITH("token-1"), LIVE_WATCH}));
    char *args[] = {(char *)"get", NULL};
    char *names[] = {(char *)"REGION", NULL}, *values[] = {(char *)"north", NULL};
    struct kube_exec exec = exec_of(p.path);
    exec.args = args;
    exec.env_names = names;
    exec.env_values = values;
    exec.provide_cluster_info = true;
    open_exec(&w, &exec);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_int_equal(plugin_runs(&p), 1);
    assert_string_equal(w.states, "connecting listing live ");
    fw_close(&w);
    plugin_free(&p);
}

static void
exec__who_is_waited_for_is_told_with_its_last_words(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, "printf 'first\\nopen \\033[31mhttps://login\\n' >&2\nwhile [ ! -e ${0%/*}/go "
                    "]; do sleep 0.05; done\n"
                    "rm ${0%/*}/go\n" COUNTED_TOKEN);
    fw_init(&w);
    script_server_route(w.server, "/pods", SCRIPT({LIST_WITH("token-1"), LIVE_WATCH}));
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    for (int64_t begin_ms = fw_real_ms(); !strstr(w.status[STREAM_PODS].waiting, "https://login");)
        fw_turn(&w, begin_ms, "words of the program");
    assert_memory_equal(w.status[STREAM_PODS].waiting, "get-token: open ", 16);
    assert_null(strchr(w.status[STREAM_PODS].waiting, '\033'));
    assert_int_equal(w.status[STREAM_PODS].state, SOURCE_CONNECTING);
    /* Longer than any request may take: their clocks do not run yet. */
    clock_advance(&w.clock, EXEC_TIMEOUT_MS - 1000);
    iw_autofree char *go = iw_asprintf("%s/go", p.folder);
    FILE *f = fopen(go, "w");
    assert_non_null(f);
    (void)fclose(f);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_string_equal(w.status[STREAM_PODS].waiting, "");
    fw_close(&w);
    plugin_free(&p);
}

static void
exec__all_requests_and_sources_share_one_run(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, "sleep 0.2\n" COUNTED_TOKEN);
    fw_init(&w);
    script_server_route(w.server, "namespaces/shop/pods",
                        SCRIPT({LIST_WITH("token-1"), LIVE_WATCH}));
    script_server_route(w.server, "namespaces/bank/pods",
                        SCRIPT({LIST_WITH("token-1"), LIVE_WATCH}));
    script_server_route(w.server, "namespaces/later/pods",
                        SCRIPT({LIST_WITH("token-1"), LIVE_WATCH}));
    struct kube_exec exec = exec_of(p.path);
    struct source_opts opts = fw_opts(&w);
    opts.ns = "shop,bank";
    const struct kube_client_config client = {.exec = &exec, .exec_command = exec.command};
    fw_open_with(&w, opts, client);
    fw_wait_state(&w, SOURCE_LIVE);
    struct source *before = w.source;
    opts.ns = "later";
    fw_open_with(&w, opts, client);
    source_kube.close(before);
    fw_wait_requests(&w, "later/pods?watch", 1);
    assert_int_equal(plugin_runs(&p), 1);
    fw_close(&w);
    plugin_free(&p);
}

static void
exec__after_401_it_runs_again_and_the_request_is_sent_once_more(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, COUNTED_TOKEN);
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "expect-head Authorization: Bearer token-1",
                            "reply 401 json " STATUS("401", "Unauthorized", "Unauthorized"),
                            LIST_WITH("token-2"),
                            LIVE_WATCH,
                        }));
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    fw_wait_state(&w, SOURCE_LIVE);
    assert_string_equal(w.states, "connecting listing live ");
    assert_int_equal(plugin_runs(&p), 2);
    fw_close(&w);
    plugin_free(&p);
}

static void
note_line(void *ctx, const char *text, size_t len, bool cut, bool newline)
{
    (void)cut, (void)newline;
    strbuf_add(ctx, text, len);
}

static void
note_end(void *ctx, const struct iw_error *err)
{
    strbuf_addf(ctx, "|%s", iw_err_name(err->code));
}

static void
exec__a_log_is_asked_for_once_more_as_well(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, COUNTED_TOKEN);
    fw_init(&w);
    script_server_route(w.server, "/pods/a/log",
                        SCRIPT({
                            "expect GET /log",
                            "expect-head Authorization: Bearer token-1",
                            "reply 401 json " STATUS("401", "Unauthorized", "Unauthorized"),
                            "expect GET /log",
                            "expect-head Authorization: Bearer token-2",
                            "reply 200 text hello",
                        }));
    script_server_route(w.server, "/pods", SCRIPT({LIST_WITH("token-1"), LIVE_WATCH}));
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    fw_wait_state(&w, SOURCE_LIVE);
    strbuf_auto said;
    strbuf_init(&said, 0);
    const struct log_sink sink = {.ctx = &said, .line = note_line, .done = note_end};
    const struct log_request request = {.ns = "shop",
                                        .pod = "a",
                                        .container = "app",
                                        .tail_lines = -1,
                                        .since_seconds = -1,
                                        .since_wall_ms = IW_TIME_NONE,
                                        .limit_bytes = -1};
    struct source_log *log = NULL;
    assert_int_equal(source_kube.open_log(w.source, &request, &sink, &log, NULL), IW_OK);
    for (int64_t begin_ms = fw_real_ms(); !strchr(said.data, '|');)
        fw_turn(&w, begin_ms, "the log");
    assert_string_equal(said.data, "hello|OK");
    assert_int_equal(plugin_runs(&p), 2);
    fw_close(&w);
    plugin_free(&p);
}

static void
exec__a_second_401_is_told_and_does_not_run_it_in_a_loop(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, COUNTED_TOKEN);
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            "expect GET limit=500",
                            "reply 401 json " STATUS("401", "Unauthorized", "Unauthorized"),
                            "expect GET limit=500",
                            "reply 401 json " STATUS("401", "Unauthorized", "Unauthorized"),
                        }));
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    fw_wait_state(&w, SOURCE_DENIED);
    assert_int_equal(w.status[STREAM_PODS].last.code, IW_ERR_UNAUTHORIZED);
    assert_int_equal(plugin_runs(&p), 2);
    fw_close(&w);
    plugin_free(&p);
}

static void
exec__what_expires_is_renewed_before_the_next_request(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    char first[40], second[40];
    struct clock clock = clock_manual(1000000, 1795309200000);
    rfc3339_format(clock_wall(&clock) + 600000, false, first);
    rfc3339_format(clock_wall(&clock) + 6000000, false, second);
    iw_autofree char *body =
        iw_asprintf("[ $run = 1 ] && when=%s || when=%s\n"
                    "printf '" HEAD "{\"token\":\"token-%%s\",\"expirationTimestamp\":\"%%s\"}}' "
                    "$run $when\n",
                    first, second);
    plugin_init(&p, body);
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            LIST_WITH("token-1"),
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                            LIST_WITH("token-1"),
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                            LIST_WITH("token-2"),
                            LIVE_WATCH,
                        }));
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    fw_wait_requests(&w, "watch=1", 1);
    clock_advance(&w.clock, 200000);
    source_kube.relist(w.source);
    fw_wait_requests(&w, "watch=1", 2);
    assert_int_equal(plugin_runs(&p), 1);
    clock_advance(&w.clock, 390000); /* 10 s before it expires */
    source_kube.relist(w.source);
    fw_wait_requests(&w, "watch=1", 3);
    assert_int_equal(plugin_runs(&p), 2);
    fw_close(&w);
    plugin_free(&p);
}

static void
exec__says_what_is_wrong_with_what_it_prints(void **state)
{
    (void)state;
    static const struct {
        const char *printed, *part;
    } cases[] = {
        {"", "printed nothing"},
        {"token: hunter2", "not JSON"},
        {"{\"kind\":\"Secret\"}", "no ExecCredential"},
        {"{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1alpha1\"}",
         "v1alpha1, the kubeconfig asks for"},
        {HEAD "null}", "no status"},
        {HEAD "{}}", "neither a token nor"},
        {HEAD "{\"clientKeyData\":\"hunter2\"}}", "key without its certificate"},
        {HEAD "{\"clientKeyData\":\"hunter2\",\"clientCertificateData\":\"hunter2\"}}",
         "not a PEM certificate"},
        {HEAD "{\"token\":\"hunter2 x\"}}", "spaces or control"},
        {HEAD "{\"token\":\"hunter2\",\"expirationTimestamp\":\"soon\"}}", "RFC 3339"},
        {HEAD "{\"token\":\"hunter2\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\"}}",
         "expired at 2001-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        iw_autofree char *body = iw_asprintf("printf '%%s' '%s'\n", cases[i].printed);
        expect_failure(body, 0, cases[i].part);
    }
}

static void
exec__says_how_it_ended_and_what_it_said(void **state)
{
    (void)state;
    expect_failure("printf 'trace\\nno session: run \\033[1mlogin\\n\\n' >&2; exit 7\n", 0,
                   "ended with status 7: no session: run \\x1b[1mlogin");
    expect_failure("kill -9 $$\n", 0, "ended by signal 9");
    expect_failure("head -c 2000000 /dev/zero\n", 0, "more than 1024 KiB");
    expect_failure("echo slow >&2\nexec sleep 30\n", EXEC_TIMEOUT_MS, "longer than 60 s");
}

static void
exec__a_program_that_is_missing_comes_with_its_hint(void **state)
{
    (void)state;
    struct kube_exec exec = exec_of("iw-no-such-plugin");
    exec.install_hint = (char *)"install it with:\x1b[2J brew\nand more";
    iw_autofree char *text = failure_of(&exec, 0);
    assert_non_null(strstr(text, "iw-no-such-plugin: it is not in the PATH; install it with:"));
    assert_null(strchr(text, '\x1b'));
    assert_null(strstr(text, "and more"));
}

static void
exec__a_failure_is_tried_again_when_somebody_asks(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, "[ $run = 1 ] && exit 1\n" COUNTED_TOKEN);
    fw_init(&w);
    script_server_route(w.server, "/pods", SCRIPT({LIST_WITH("token-2"), LIVE_WATCH}));
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    fw_wait_state(&w, SOURCE_DENIED);
    source_kube.retry_now(w.source);
    fw_wait_state(&w, SOURCE_LIVE);
    fw_close(&w);
    plugin_free(&p);
}

static void
exec__a_program_that_fails_again_and_again_runs_more_and_more_seldom(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, "exit 1\n");
    fw_init(&w);
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    fw_wait_state(&w, SOURCE_DENIED);
    /* Each time the list is due again. It rests 10, 20, 40, 80, 160 s. */
    for (uint32_t i = 1; i <= 6; i++) {
        clock_advance(&w.clock, 61000);
        for (int64_t begin_ms = fw_real_ms(); w.status[STREAM_PODS].attempts <= i;)
            fw_turn(&w, begin_ms, "the next try");
    }
    assert_int_equal(plugin_runs(&p), 5);
    fw_close(&w);
    plugin_free(&p);
}

/* The sentence of an open that is refused. */
static void
expect_refused(struct kube_exec exec, const char *part)
{
    struct world w;
    fw_init(&w);
    char name[] = "test", url[] = "https://127.0.0.1:1";
    struct kube_client_config client = {.context = name,
                                        .cluster = name,
                                        .user = name,
                                        .ns = name,
                                        .server = url,
                                        .base_url = url,
                                        .exec = &exec,
                                        .exec_command = exec.command};
    struct source_opts opts = fw_opts(&w);
    struct iw_error err = {0};
    opts.client = &client;
    assert_int_equal(source_kube.open(&opts, &w.source, &err), IW_ERR_UNSUPPORTED);
    assert_null(w.source);
    if (!strstr(err.msg, part))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, part);
    fw_close(&w);
}

static void
exec__refuses_who_must_have_the_terminal_and_old_versions(void **state)
{
    (void)state;
    struct kube_exec exec = exec_of("ask-me");
    exec.interactive_mode = (char *)"Always";
    expect_refused(exec, "must ask on the terminal");
    exec = exec_of("old");
    exec.api_version = (char *)"client.authentication.k8s.io/v1alpha1";
    expect_refused(exec, "known are");
}

static void
exec__closing_ends_a_program_that_runs(void **state)
{
    (void)state;
    struct world w;
    struct plugin p;
    plugin_init(&p, "echo slow >&2\nexec sleep 30\n");
    fw_init(&w);
    struct kube_exec exec = exec_of(p.path);
    open_exec(&w, &exec);
    int64_t begin_ms = fw_real_ms();
    while (!strstr(w.status[STREAM_PODS].waiting, "slow"))
        fw_turn(&w, begin_ms, "the program's first words");
    fw_close(&w);
    assert_true(fw_real_ms() - begin_ms < 15000);
    plugin_free(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exec__its_token_is_sent_and_it_is_told_what_it_asks_for),
        cmocka_unit_test(exec__who_is_waited_for_is_told_with_its_last_words),
        cmocka_unit_test(exec__all_requests_and_sources_share_one_run),
        cmocka_unit_test(exec__after_401_it_runs_again_and_the_request_is_sent_once_more),
        cmocka_unit_test(exec__a_log_is_asked_for_once_more_as_well),
        cmocka_unit_test(exec__a_second_401_is_told_and_does_not_run_it_in_a_loop),
        cmocka_unit_test(exec__what_expires_is_renewed_before_the_next_request),
        cmocka_unit_test(exec__says_what_is_wrong_with_what_it_prints),
        cmocka_unit_test(exec__says_how_it_ended_and_what_it_said),
        cmocka_unit_test(exec__a_program_that_is_missing_comes_with_its_hint),
        cmocka_unit_test(exec__a_failure_is_tried_again_when_somebody_asks),
        cmocka_unit_test(exec__a_program_that_fails_again_and_again_runs_more_and_more_seldom),
        cmocka_unit_test(exec__refuses_who_must_have_the_terminal_and_old_versions),
        cmocka_unit_test(exec__closing_ends_a_program_that_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
