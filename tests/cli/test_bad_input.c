/* What goes wrong between a user and a cluster, through the program itself: each case has its
 * sentence, its next step and its exit status (CLI.md of the design: 2 usage, 3 cannot reach or not
 * allowed, 4 not found).
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/base64.h"
#include "initwatch/base/strbuf.h"
#include "program.h"
#include "script_server.h"
#include "tls_peer.h"

static char folder[] = "/tmp/initwatch-test-XXXXXX";

/* --- files --- */

/* A file of the test's folder; the path is borrowed until the next call. */
static const char *
file_of(const char *name, const char *text)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

struct access {
    const char *server; /* URL */
    const char *ca_pem, *cert_pem, *key_pem, *token;
};

static void
add_data(struct strbuf *b, const char *key, const char *pem)
{
    if (!pem)
        return;
    iw_autofree char *data = base64_encode(pem, strlen(pem));
    strbuf_addf(b, "    %s: %s\n", key, data);
}

/* A kubeconfig of one context, current, namespace shop. */
static const char *
kubeconfig_of(const struct access *a)
{
    strbuf_auto b;
    strbuf_init(&b, 0);
    strbuf_addf(&b,
                "apiVersion: v1\nkind: Config\ncurrent-context: test\ncontexts:\n- name: test\n"
                "  context: {cluster: c, user: u, namespace: shop}\nclusters:\n- name: c\n"
                "  cluster:\n    server: %s\n",
                a->server);
    add_data(&b, "certificate-authority-data", a->ca_pem);
    strbuf_adds(&b, "users:\n- name: u\n  user:\n");
    add_data(&b, "client-certificate-data", a->cert_pem);
    add_data(&b, "client-key-data", a->key_pem);
    strbuf_addf(&b, "    token: %s\n", a->token ? a->token : "secret-token");
    return file_of("kubeconfig", b.data);
}

/* --- runs --- */

/* The program with these words, then --kubeconfig path unless NULL. */
static struct program
run_with(const char *path, const char *const *words)
{
    const char *args[PROGRAM_ARGS_MAX] = {NULL};
    size_t count = 0;
    for (; words[count]; count++)
        args[count] = words[count];
    if (path) {
        args[count++] = "--kubeconfig";
        args[count] = path;
    }
    return program_run(args, "", 0);
}
#define RUN(path, ...) run_with(path, (const char *const[]){__VA_ARGS__, NULL})

/* It ended with `status`, printed nothing, and said both. */
static void
expect_failure(struct program p, int status, const char *sentence, const char *next_step)
{
    if (p.status != status || !strstr(p.err, sentence) || !strstr(p.err, next_step))
        fail_msg("wanted status %d, \"%s\" and \"%s\"; got %d:\n%s%s", status, sentence, next_step,
                 p.status, p.out, p.err);
    assert_string_equal(p.out, "");
    assert_null(strstr(p.err, "Sanitizer"));
    assert_null(strstr(p.err, "secret-token"));
    program_free(&p);
}

static void
expect_output(struct program p, const char *text)
{
    if (p.status != 0 || !strstr(p.out, text))
        fail_msg("wanted status 0 and \"%s\"; got %d:\n%s%s", text, p.status, p.out, p.err);
    program_free(&p);
}

/* --- kubeconfig --- */

#define CORRECT_IT "correct it, or choose another with --kubeconfig"
#define TRY_DEMO "try: initwatch demo"

static void
kubeconfig__that_is_missing_names_its_path(void **state)
{
    (void)state;
    expect_failure(RUN(NULL, "get"), 2, "/.kube/config is not there", TRY_DEMO);
    expect_failure(RUN("/nowhere/config", "get"), 2,
                   "stat /nowhere/config: no such file or directory", TRY_DEMO);
    expect_failure(RUN("/nowhere/config", "why", "a"), 2, "/nowhere/config", TRY_DEMO);
    expect_failure(RUN("/nowhere/config", "logs", "a"), 2, "/nowhere/config", TRY_DEMO);
    expect_failure(RUN("/nowhere/config", "events"), 2, "/nowhere/config", TRY_DEMO);
}

static void
kubeconfig__that_is_no_file_says_what_it_is(void **state)
{
    (void)state;
    expect_failure(RUN(folder, "get"), 2, "Is a directory", CORRECT_IT);
    expect_failure(RUN(file_of("empty", ""), "get"), 2, "/empty\" holds no contexts", TRY_DEMO);
    const char *path = file_of("locked", "kind: Config\n");
    assert_int_equal(chmod(path, 0), 0);
    if (geteuid() != 0) /* root reads everything */
        expect_failure(RUN(path, "get"), 2, "ermission denied", CORRECT_IT);
    unlink(path);
}

static void
kubeconfig__that_is_broken_names_line_and_what_was_expected(void **state)
{
    (void)state;
    expect_failure(RUN(file_of("broken", "kind: Config\nusers: [\n"), "get"), 2,
                   "/broken\": line 3, column 1: ", CORRECT_IT);
    expect_failure(
        RUN(file_of("broken", "clusters:\n- name: c\n  cluster:\n    server: 7\n"), "get"), 2,
        "line 4: clusters[0].cluster.server: expected a text, found a number", CORRECT_IT);
    expect_failure(RUN(file_of("broken", "clusters:\n- name: c\n  cluster:\n    server: https://x\n"
                                         "    certificate-authority-data: '!!'\n"),
                       "get"),
                   2, "line 5: clusters[0].cluster.certificate-authority-data: this is not base64",
                   CORRECT_IT);
    expect_failure(RUN(file_of("broken", "\x01\x02\x03"), "get"), 2, "control characters",
                   CORRECT_IT);
    struct access no_ca = {.server = "https://127.0.0.1:1", .ca_pem = "not PEM"};
    expect_failure(RUN(kubeconfig_of(&no_ca), "get"), 2,
                   "the certificate authority is not a PEM certificate", CORRECT_IT);
    struct access no_url = {.server = "ftp://127.0.0.1:1"};
    expect_failure(RUN(kubeconfig_of(&no_url), "get"), 2,
                   "the server's address is not an http or https URL", CORRECT_IT);
}

static void
kubeconfig__a_context_that_is_not_there_names_the_nearest(void **state)
{
    (void)state;
    const char *path =
        file_of("contexts", "kind: Config\ncurrent-context: prod\ncontexts:\n"
                            "- {name: prod-eu, context: {cluster: eu, user: u}}\n"
                            "- {name: prod-us, context: {cluster: us, user: u}}\n"
                            "clusters:\n- {name: eu, cluster: {server: 'https://127.0.0.1:1'}}\n");
    expect_failure(RUN(path, "get"), 2, "context was not found for specified context: prod",
                   "the nearest names: \"prod-eu\", \"prod-us\"");
    expect_failure(RUN(path, "get", "--context", "prod-eux"), 2,
                   "context \"prod-eux\" does not exist", "the nearest names: \"prod-eu\"");
    expect_failure(RUN(path, "get", "--context", "prod-us"), 2,
                   "context \"prod-us\" names the cluster \"us\", which is in no file",
                   "the nearest names: \"eu\"");
    path = file_of("contexts", "contexts:\n- {name: prod-eu, context: {cluster: eu, user: u}}\n");
    expect_failure(RUN(path, "get"), 2, "no current-context is set",
                   "pass --context NAME, such as \"prod-eu\"");
}

static void
kubeconfig__credential_programs_that_do_not_work_are_named_with_a_way_on(void **state)
{
    (void)state;
    static const char rest[] = "kind: Config\ncurrent-context: a\n"
                               "contexts: [{name: a, context: {cluster: c, user: u}}]\n"
                               "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
                               "users:\n- name: u\n  user:\n";
    iw_autofree char *with_exec = iw_asprintf(
        "%s    exec: {apiVersion: client.authentication.k8s.io/v1, command: iw-no-plugin, "
        "interactiveMode: Never, installHint: brew install it}\n",
        rest);
    expect_failure(RUN(file_of("exec", with_exec), "get"), 3,
                   "user u of the kubeconfig: credential program iw-no-plugin: it is not in the "
                   "PATH; brew install it",
                   "log in again with the tool it belongs to");
    iw_autofree char *asks =
        iw_asprintf("%s    exec: {apiVersion: client.authentication.k8s.io/v1, command: ask-me, "
                    "interactiveMode: Always}\n",
                    rest);
    expect_failure(RUN(file_of("exec", asks), "get"), 2, "must ask on the terminal",
                   "log in with it");
    iw_autofree char *with_provider = iw_asprintf("%s    auth-provider: {name: gcp}\n", rest);
    expect_failure(RUN(file_of("exec", with_provider), "get"), 2, "auth-provider", "kubectl proxy");
}

/* --- connections --- */

static struct program
get_from(const char *server)
{
    struct access a = {.server = server};
    return RUN(kubeconfig_of(&a), "get", "--request-timeout", "2s");
}

static void
server__that_cannot_be_reached_says_where_it_was_looked_for(void **state)
{
    (void)state;
    expect_failure(get_from("https://127.0.0.1:1"), 3, "connection refused (127.0.0.1:1)",
                   "is the API server running");
    expect_failure(get_from("https://nobody.invalid:6443"), 3,
                   "name does not resolve (nobody.invalid:6443)", "check the server name");
}

static void
server__behind_a_proxy_that_is_not_there_names_the_proxy(void **state)
{
    (void)state;
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    expect_failure(get_from("https://nobody.invalid:6443"), 3,
                   "the proxy 127.0.0.1:1 cannot be reached (nobody.invalid:6443)",
                   "check the network, VPN and proxy");
    unsetenv("HTTPS_PROXY");
}

/* What `get` says of a server that answers the pod list so. */
static struct program
get_answered(const char *script)
{
    struct script_server *s = script_server_start();
    script_server_route(s, "/pods", script);
    struct program p = get_from(script_server_url(s));
    script_server_stop(s);
    return p;
}

static void
server__that_does_not_answer_is_timed_out(void **state)
{
    (void)state;
    expect_failure(get_answered("expect GET /pods\nhang\n"), 3, "no complete answer in time",
                   "is the API server reachable from here");
}

static void
server__that_is_not_an_api_server_is_told_so(void **state)
{
    (void)state;
    expect_failure(get_answered("expect GET /pods\nreply 404 html <html>no such page</html>\n"), 3,
                   "404", "is this the address of an API server?");
    expect_failure(get_answered("expect GET /pods\nreply 200 html <html>hello</html>\n"), 3,
                   "the answer is text/html, not JSON", "is this the address of an API server?");
    expect_failure(get_answered("expect GET /pods\nreply 200 json {\"hello\":1}\n"), 3,
                   "the answer is not a list", "is this the address of an API server?");
    expect_failure(
        get_answered("expect GET /pods\nreply 200 json {\"kind\":\"PodList\",\"items\":[]}\n"), 3,
        "not a list that can be used: the PodList has no metadata", "");
    expect_failure(get_answered("expect GET /pods\nclose\n"), 3, "ended early",
                   "is this the address of an API server?");
    expect_failure(get_answered("expect GET /pods\nraw SSH-2.0-OpenSSH_9.2\\r\\n\nclose\n"), 3, "",
                   "is this the address of an API server?");
}

static void
server__that_fails_is_named_with_its_status(void **state)
{
    (void)state;
    expect_failure(
        get_answered("expect GET /pods\nreply 500 json "
                     "{\"kind\":\"Status\",\"message\":\"etcd is down\",\"code\":500}\n"),
        3, "etcd is down", "try again");
    expect_failure(get_answered("expect GET /pods\nreply 503 text no healthy upstream\n"), 3,
                   "no healthy upstream", "try again");
    expect_failure(get_answered("expect GET /pods\nreply 401 json {\"kind\":\"Status\","
                                "\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\"}\n"),
                   3, "(401)", "kubectl auth whoami");
}

/* 2 is for what the user wrote. */
static void
server__that_sends_rubbish_is_no_mistake_of_usage(void **state)
{
    (void)state;
    expect_failure(get_answered("expect GET /pods\nreply 200 json null\n"), 3, "not the JSON",
                   "is this the address of an API server?");
}

/* --- what is allowed --- */

#define FORBIDDEN(what)                                                                            \
    "reply 403 json {\"kind\":\"Status\",\"reason\":\"Forbidden\",\"code\":403,\"message\":\""     \
    "pods is forbidden: User \\\\\"jane\\\\\" cannot list resource \\\\\"" what "\\\\\"\"}\n"
#define ONE_POD                                                                                    \
    "reply 200 json {\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":["    \
    "{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\",\"uid\":\"u1\"},\"spec\":{"            \
    "\"initContainers\":[{\"name\":\"setup\"}],\"containers\":[{\"name\":\"app\"}]},\"status\":{"  \
    "\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"setup\",\"restartCount\":0,"     \
    "\"state\":{\"waiting\":{\"reason\":\"PodInitializing\"}}}]}}]}\n"

static void
server__that_names_a_time_to_come_back_is_asked_again(void **state)
{
    (void)state;
    expect_output(get_answered("expect GET /pods\nheader Retry-After: 1\nreply 429 -\n"
                               "expect GET /pods\n" ONE_POD),
                  "web");
    expect_failure(get_answered("expect GET /pods\nheader Retry-After: 3600\nreply 429 -\n"), 3,
                   "the server asks to slow down (429)\n", "try again in a moment");
}

static void
access__not_allowed_says_who_to_ask(void **state)
{
    (void)state;
    expect_failure(get_answered("expect GET /pods\n" FORBIDDEN("pods")), 3,
                   "User \"jane\" cannot list resource", "kubectl auth can-i --list");
}

static void
access__all_namespaces_falls_back_to_the_own_one(void **state)
{
    (void)state;
    struct script_server *s = script_server_start();
    script_server_route(s, "/api/v1/pods", "expect GET /api/v1/pods\n" FORBIDDEN("pods"));
    script_server_route(s, "/namespaces/shop/pods", "expect GET /pods\n" ONE_POD);
    struct access a = {.server = script_server_url(s)};
    struct program p = RUN(kubeconfig_of(&a), "get", "-A");
    assert_string_equal(p.err, "initwatch: only namespace shop (all: not allowed)\n");
    expect_output(p, "web");
    script_server_stop(s);
}

static void
access__events_not_allowed_leaves_the_rest(void **state)
{
    (void)state;
    struct script_server *s = script_server_start();
    script_server_route(s, "/events", "expect GET /events\n" FORBIDDEN("events"));
    script_server_route(s, "/pods", "expect GET /pods\n" ONE_POD "expect GET /pods\n" ONE_POD);
    struct access a = {.server = script_server_url(s)};
    struct program p = RUN(kubeconfig_of(&a), "why", "web");
    assert_int_not_equal(p.status, 3);
    assert_non_null(strstr(p.out, "setup"));
    assert_non_null(strstr(p.err, "without events: not allowed: "));
    program_free(&p);
    script_server_stop(s);
}

/* --- logs --- */

static void
expect_log(const char *answer, int status, const char *sentence, const char *next_step)
{
    struct script_server *s = script_server_start();
    iw_autofree char *script = iw_asprintf("expect GET /log\n%s", answer);
    script_server_route(s, "/log", script);
    script_server_route(s, "/pods", "expect GET /pods\n" ONE_POD);
    struct access a = {.server = script_server_url(s)};
    const char *const args[] = {"logs", "web", "-c", "setup", NULL};
    expect_failure(run_with(kubeconfig_of(&a), args), status, sentence, next_step);
    script_server_stop(s);
}

static void
logs__that_cannot_be_had_say_why(void **state)
{
    (void)state;
    expect_log("reply 400 json {\"kind\":\"Status\",\"reason\":\"BadRequest\",\"code\":400,"
               "\"message\":\"container \\\\\"setup\\\\\" in pod \\\\\"web\\\\\" is waiting to "
               "start: PodInitializing\"}\n",
               4, "is waiting to start: PodInitializing", "initwatch why web");
    expect_log("reply 404 json {\"kind\":\"Status\",\"reason\":\"NotFound\",\"code\":404,"
               "\"message\":\"pods \\\\\"web\\\\\" not found\"}\n",
               4, "pods \"web\" not found", "");
    expect_log(FORBIDDEN("pods/log"), 3, "cannot list resource", "kubectl auth can-i --list");
}

static void
logs__of_a_pod_that_is_not_there_name_the_nearest(void **state)
{
    (void)state;
    static const char *const commands[] = {"logs", "why"};
    for (size_t i = 0; i < 2; i++) {
        struct script_server *s = script_server_start();
        script_server_route(s, "/events", "expect GET /events\n" FORBIDDEN("events"));
        script_server_route(s, "/pods", "expect GET /pods\n" ONE_POD);
        struct access a = {.server = script_server_url(s)};
        expect_failure(RUN(kubeconfig_of(&a), commands[i], "wep"), 4,
                       "pod \"wep\" is not in namespace shop", "nearest: web");
        script_server_stop(s);
    }
}

/* --- TLS --- */

#define EMPTY_LIST                                                                                 \
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"                   \
    "\r\n"                                                                                         \
    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1\"},"        \
    "\"items\":[]}"

struct tls_case {
    const char *server_name; /* the certificate's */
    bool server_expired, other_ca, ask_client, client_expired, client_given;
};

static struct program
get_over_tls(const struct tls_case *c)
{
    struct tls_ca *ca = tls_ca_new("test ca"), *other = tls_ca_new("other ca");
    struct tls_pair pair = tls_ca_issue(ca, c->server_name, c->server_expired);
    struct tls_pair client = tls_ca_issue(ca, "jane", c->client_expired);
    struct tls_peer *peer = tls_peer_start(&pair, c->ask_client ? ca : NULL, EMPTY_LIST);
    char url[64];
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%d", tls_peer_port(peer));
    struct access a = {.server = url,
                       .ca_pem = tls_ca_pem(c->other_ca ? other : ca),
                       .cert_pem = c->client_given ? client.cert_pem : NULL,
                       .key_pem = c->client_given ? client.key_pem : NULL};
    struct program p = RUN(kubeconfig_of(&a), "get", "--request-timeout", "5s");
    tls_peer_stop(peer);
    tls_pair_free(&pair);
    tls_pair_free(&client);
    tls_ca_free(ca);
    tls_ca_free(other);
    return p;
}
#define OVER_TLS(...) get_over_tls(&(struct tls_case){.server_name = "127.0.0.1", __VA_ARGS__})

static void
tls__a_good_server_is_spoken_to(void **state)
{
    (void)state;
    struct program p = OVER_TLS(.ask_client = true, .client_given = true);
    assert_string_equal(p.err, "No resources found in shop namespace.\n");
    assert_int_equal(p.status, 0);
    program_free(&p);
}

/* The program lies beside the kubeconfig, which names it by a relative path. */
static void
tls__a_credential_program_brings_the_client_certificate(void **state)
{
    (void)state;
    struct tls_ca *ca = tls_ca_new("test ca");
    struct tls_pair pair = tls_ca_issue(ca, "127.0.0.1", false);
    struct tls_pair client = tls_ca_issue(ca, "jane", false);
    struct tls_peer *peer = tls_peer_start(&pair, ca, EMPTY_LIST);
    strbuf_auto b;
    strbuf_init(&b, 0);
    strbuf_adds(&b,
                "#!/bin/sh\ncat <<'END'\n{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\","
                "\"kind\":\"ExecCredential\",\"status\":{\"clientCertificateData\":");
    strbuf_add_json(&b, client.cert_pem);
    strbuf_adds(&b, ",\"clientKeyData\":");
    strbuf_add_json(&b, client.key_pem);
    strbuf_adds(&b, "}}\nEND\n");
    assert_int_equal(chmod(file_of("plugin", b.data), 0700), 0);
    strbuf_clear(&b);
    strbuf_addf(&b,
                "kind: Config\ncurrent-context: a\n"
                "contexts: [{name: a, context: {cluster: c, user: u, namespace: shop}}]\n"
                "clusters:\n- name: c\n  cluster:\n    server: https://127.0.0.1:%d\n",
                tls_peer_port(peer));
    add_data(&b, "certificate-authority-data", tls_ca_pem(ca));
    strbuf_adds(&b, "users:\n- name: u\n  user:\n    exec: {command: ./plugin, "
                    "apiVersion: client.authentication.k8s.io/v1beta1}\n");
    struct program p = RUN(file_of("exec", b.data), "get");
    assert_string_equal(p.err, "No resources found in shop namespace.\n");
    assert_int_equal(p.status, 0);
    program_free(&p);
    tls_peer_stop(peer);
    tls_pair_free(&pair);
    tls_pair_free(&client);
    tls_ca_free(ca);
}

static void
tls__a_server_that_is_not_trusted_says_which_part_is_wrong(void **state)
{
    (void)state;
    expect_failure(OVER_TLS(.server_expired = true), 3, "certificate has expired",
                   "renew the certificate");
    expect_failure(OVER_TLS(.other_ca = true), 3, "not signed by the CA of the kubeconfig",
                   "check certificate-authority");
    struct tls_case other_name = {.server_name = "other.example"};
    expect_failure(get_over_tls(&other_name), 3, "is for another name", "tls-server-name");
}

static void
tls__a_client_that_is_not_accepted_says_so(void **state)
{
    (void)state;
    expect_failure(OVER_TLS(.ask_client = true, .client_given = true, .client_expired = true), 3,
                   "client certificate", "expired");
    expect_failure(OVER_TLS(.ask_client = true), 3, "the server asks for a client certificate",
                   "client-certificate");
}

static void
tls__http_and_https_mixed_up_are_told_apart(void **state)
{
    (void)state;
    struct tls_peer *plain = tls_peer_start(NULL, NULL, "HTTP/1.1 400 Bad Request\r\n\r\n");
    iw_autofree char *https = iw_asprintf("https://127.0.0.1:%d", tls_peer_port(plain));
    expect_failure(get_from(https), 3, "the server does not speak TLS", "http://");
    tls_peer_stop(plain);
    expect_failure(get_answered("expect GET /pods\nreply 400 text Client sent an HTTP request to "
                                "an HTTPS server.\n"),
                   3, "the server speaks TLS, the kubeconfig says http://", "https://");
}

/* --- group --- */

static int
make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    setenv("HOME", folder, 1);
    unsetenv("KUBECONFIG");
    unsetenv("XDG_STATE_HOME");
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"kubeconfig", "broken", "empty",
                                        "contexts",   "exec",   "plugin"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[256];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    /* Fails when the program left anything behind. */
    assert_int_equal(rmdir(folder), 0);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kubeconfig__that_is_missing_names_its_path),
        cmocka_unit_test(kubeconfig__that_is_no_file_says_what_it_is),
        cmocka_unit_test(kubeconfig__that_is_broken_names_line_and_what_was_expected),
        cmocka_unit_test(kubeconfig__a_context_that_is_not_there_names_the_nearest),
        cmocka_unit_test(kubeconfig__credential_programs_that_do_not_work_are_named_with_a_way_on),
        cmocka_unit_test(server__that_cannot_be_reached_says_where_it_was_looked_for),
        cmocka_unit_test(server__behind_a_proxy_that_is_not_there_names_the_proxy),
        cmocka_unit_test(server__that_does_not_answer_is_timed_out),
        cmocka_unit_test(server__that_is_not_an_api_server_is_told_so),
        cmocka_unit_test(server__that_fails_is_named_with_its_status),
        cmocka_unit_test(server__that_sends_rubbish_is_no_mistake_of_usage),
        cmocka_unit_test(server__that_names_a_time_to_come_back_is_asked_again),
        cmocka_unit_test(access__not_allowed_says_who_to_ask),
        cmocka_unit_test(access__all_namespaces_falls_back_to_the_own_one),
        cmocka_unit_test(access__events_not_allowed_leaves_the_rest),
        cmocka_unit_test(logs__that_cannot_be_had_say_why),
        cmocka_unit_test(logs__of_a_pod_that_is_not_there_name_the_nearest),
        cmocka_unit_test(tls__a_good_server_is_spoken_to),
        cmocka_unit_test(tls__a_credential_program_brings_the_client_certificate),
        cmocka_unit_test(tls__a_server_that_is_not_trusted_says_which_part_is_wrong),
        cmocka_unit_test(tls__a_client_that_is_not_accepted_says_so),
        cmocka_unit_test(tls__http_and_https_mixed_up_are_told_apart),
    };
    return cmocka_run_group_tests_name("bad_input", tests, make_folder, remove_folder);
}
