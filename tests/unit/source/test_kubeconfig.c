/* Kubeconfig: messages for people, the cluster around the process, tokens that are renewed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/source/kubeconfig.h"

#define SERVICE_ACCOUNT "var/run/secrets/kubernetes.io/serviceaccount"

static char root[64];

static int
setup(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/iw-kubeconfig-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static int
teardown(void **state)
{
    (void)state;
    return nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Write a file below root; returns its path, new. */
static char *
put(const char *name, const char *text)
{
    char *path = iw_asprintf("%s/%s", root, name);
    for (char *slash = strchr(path + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

/* Load one file's text; the message must hold `want`. */
static void
assert_load_fails(const char *text, const char *want)
{
    iw_autofree char *path = put("config", text);
    struct kubeconfig_flags flags = {.kubeconfig = path};
    struct kubeconfig_env env = {.root = root};
    struct kubeconfig *kc = NULL;
    struct iw_error err = {0};
    assert_int_equal(kubeconfig_load(&flags, &env, &kc, &err), IW_ERR_CONFIG);
    assert_non_null(strstr(err.msg, path));
    if (!strstr(err.msg, want))
        fail_msg("want \"%s\" in \"%s\"", want, err.msg);
}

static void
kubeconfig_load__names_line_and_field_of_a_wrong_type(void **state)
{
    (void)state;
    assert_load_fails("kind: Config\nusers:\n- name: a\n  user:\n    token: 12345\n",
                      "line 5: users[0].user.token: expected a text, found a number");
    assert_load_fails(
        "clusters:\n- name: a\n  cluster:\n    insecure-skip-tls-verify: maybe\n",
        "line 4: clusters[0].cluster.insecure-skip-tls-verify: expected true or false, "
        "found a text");
    assert_load_fails("contexts: {}\n", "line 1: contexts: expected a list, found a mapping");
    assert_load_fails("users:\n- name: a\n  user:\n    client-key-data: '@@@@'\n",
                      "line 4: users[0].user.client-key-data: this is not base64");
    assert_load_fails("users:\n- name: a\n  user:\n    client-key-data: QUI\n", "not base64");
    assert_load_fails("- a\n", "line 1: : expected a mapping, found a list");
    assert_load_fails("kind: Pod\napiVersion: v1\n", "expected kind Config of v1, found Pod of v1");
}

static void
kubeconfig_load__names_line_and_column_of_broken_yaml(void **state)
{
    (void)state;
    assert_load_fails("kind: Config\nusers: [\n", "line 3, column 1: ");
    assert_load_fails("a: 1\na: 2\n", "line 2, column 1: the key \"a\" is there twice");
    assert_load_fails("a: 1\n---\nb: 2\n", "a second document");
}

static void
kubeconfig_load__says_both_lines_of_a_duplicate_and_no_secret(void **state)
{
    (void)state;
    static const char text[] = "users:\n- name: a\n  user: {token: hunter2}\n- name: a\n";
    assert_load_fails(text, "line 4: duplicate name \"a\" in users (the first is in line 2)");
    iw_autofree char *path = put("config", text);
    struct kubeconfig_flags flags = {.kubeconfig = path};
    struct kubeconfig_env env = {.root = root};
    struct kubeconfig *kc = NULL;
    struct iw_error err = {0};
    assert_int_equal(kubeconfig_load(&flags, &env, &kc, &err), IW_ERR_CONFIG);
    assert_null(strstr(err.msg, "hunter2"));
}

static void
kubeconfig_load__says_when_there_is_none(void **state)
{
    (void)state;
    struct kubeconfig_flags flags = {0};
    struct kubeconfig_env env = {.home = root, .root = root};
    struct kubeconfig *kc = NULL;
    struct iw_error err = {0};
    assert_int_equal(kubeconfig_load(&flags, &env, &kc, &err), IW_ERR_NO_KUBECONFIG);
    assert_non_null(strstr(err.msg, "/.kube/config is not there"));
    env.home = NULL;
    assert_int_equal(kubeconfig_load(&flags, &env, &kc, &err), IW_ERR_NO_KUBECONFIG);
    flags.server = "http://127.0.0.1:1";
    assert_int_equal(kubeconfig_load(&flags, &env, &kc, &err), IW_OK);
    struct kube_client_config *c = NULL;
    assert_int_equal(kubeconfig_client(kc, &flags, &c, &err), IW_OK);
    assert_string_equal(c->base_url, "http://127.0.0.1:1");
    assert_string_equal(c->ns, "default");
    kube_client_config_free(c);
    kubeconfig_free(kc);
}

static struct kubeconfig *
load(const char *text)
{
    iw_autofree char *path = put("config", text);
    struct kubeconfig_flags flags = {.kubeconfig = path};
    struct kubeconfig_env env = {.root = root};
    struct kubeconfig *kc = NULL;
    struct iw_error err = {0};
    if (kubeconfig_load(&flags, &env, &kc, &err) != IW_OK)
        fail_msg("%s", err.msg);
    return kc;
}

static const char two_contexts[] =
    "current-context: prod\n"
    "contexts:\n"
    "- {name: prod-eu, context: {cluster: c, user: u, namespace: shop}}\n"
    "- {name: staging, context: {cluster: c, user: u}}\n"
    "- {name: prod, context: {cluster: c, user: u}}\n"
    "clusters:\n- {name: c, cluster: {server: 'https://h:6443/k8s/?x#f'}}\n"
    "users:\n- {name: u, user: {token: t, exec: {apiVersion: client.authentication.k8s.io/v1beta1, "
    "command: aws}}}\n";

static void
kubeconfig_client__lists_the_nearest_names(void **state)
{
    (void)state;
    struct kubeconfig *kc = load(two_contexts);
    struct kubeconfig_flags flags = {.context = "prd"};
    struct kube_client_config *c = NULL;
    struct iw_error err = {0};
    assert_int_equal(kubeconfig_client(kc, &flags, &c, &err), IW_ERR_CONFIG);
    assert_string_equal(err.msg, "context \"prd\" does not exist; the nearest names: \"prod\", "
                                 "\"prod-eu\", \"staging\"");
    kubeconfig_free(kc);
}

static void
kubeconfig__lists_contexts_in_file_order(void **state)
{
    (void)state;
    struct kubeconfig *kc = load(two_contexts);
    assert_int_equal(kubeconfig_context_count(kc), 3);
    assert_string_equal(kubeconfig_context_name(kc, 0), "prod-eu");
    assert_string_equal(kubeconfig_context_name(kc, 2), "prod");
    assert_string_equal(kubeconfig_current_context(kc), "prod");
    size_t count;
    const char *const *files = kubeconfig_files(kc, &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(files[0], "/config"));
    kubeconfig_free(kc);
}

static void
kubeconfig_client__makes_a_base_url(void **state)
{
    (void)state;
    struct kubeconfig *kc = load(two_contexts);
    struct kube_client_config *c = NULL;
    assert_int_equal(kubeconfig_client(kc, NULL, &c, NULL), IW_OK);
    assert_string_equal(c->context, "prod");
    assert_string_equal(c->server, "https://h:6443/k8s/");
    assert_string_equal(c->base_url, "https://h:6443/k8s");
    /* the token identifies the user: the plugin would not be run */
    assert_null(c->exec_command);
    assert_string_equal(c->exec->command, "aws");
    struct http_config http = kube_client_http(c);
    assert_string_equal(http.bearer_token, "t");
    assert_ptr_equal(http.base_url, c->base_url);
    kube_client_config_free(c);
    kubeconfig_free(kc);
}

static void
kubeconfig_client__names_the_plugin_that_would_be_run(void **state)
{
    (void)state;
    struct kubeconfig *kc =
        load("current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
             "clusters: [{name: c, cluster: {server: 'https://h'}}]\n"
             "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, "
             "command: bin/plugin, interactiveMode: Never}}}]\n");
    struct kube_client_config *c = NULL;
    assert_int_equal(kubeconfig_client(kc, NULL, &c, NULL), IW_OK);
    iw_autofree char *want = iw_asprintf("%s/bin/plugin", root);
    assert_string_equal(c->exec_command, want);
    kube_client_config_free(c);
    kubeconfig_free(kc);
}

static void
kubeconfig_client__sends_nothing_secret_over_plain_http(void **state)
{
    (void)state;
    struct kubeconfig *kc = load(two_contexts);
    struct kubeconfig_flags flags = {.server = "h:80", .as = "bob"};
    struct kube_client_config *c = NULL;
    assert_int_equal(kubeconfig_client(kc, &flags, &c, NULL), IW_OK);
    assert_string_equal(c->server, "h:80");
    assert_string_equal(c->base_url, "http://h:80");
    assert_null(c->bearer);
    assert_null(c->token);
    assert_null(c->exec);
    assert_string_equal(c->headers[0], "Impersonate-User: bob");
    kube_client_config_free(c);
    flags.server = "h:80/path";
    struct iw_error err = {0};
    assert_int_equal(kubeconfig_client(kc, &flags, &c, &err), IW_ERR_CONFIG);
    assert_non_null(strstr(err.msg, "host must be a URL or a host:port pair"));
    kubeconfig_free(kc);
}

static void
kubeconfig_client__refuses_header_injection_and_ca_with_insecure(void **state)
{
    (void)state;
    struct kubeconfig *kc = load(two_contexts);
    struct kubeconfig_flags flags = {.as = "bob\r\nX: y"};
    struct kube_client_config *c = NULL;
    struct iw_error err = {0};
    assert_int_equal(kubeconfig_client(kc, &flags, &c, &err), IW_ERR_CONFIG);
    flags = (struct kubeconfig_flags){.insecure_skip_tls_verify = true,
                                      .certificate_authority = "/dev/null"};
    assert_int_equal(kubeconfig_client(kc, &flags, &c, &err), IW_ERR_CONFIG);
    assert_non_null(strstr(err.msg, "insecure flag is not allowed"));
    kubeconfig_free(kc);
}

static void
kubeconfig_client__escapes_names_of_extra_headers(void **state)
{
    (void)state;
    struct kubeconfig *kc =
        load("current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
             "clusters: [{name: c, cluster: {server: 'https://h'}}]\n"
             "users: [{name: u, user: {as: x, as-user-extra: {'a/b%c D': [v, w]}}}]\n");
    struct kube_client_config *c = NULL;
    assert_int_equal(kubeconfig_client(kc, NULL, &c, NULL), IW_OK);
    assert_string_equal(c->headers[1], "Impersonate-Extra-a%2Fb%25c%20D: v");
    assert_string_equal(c->headers[2], "Impersonate-Extra-a%2Fb%25c%20D: w");
    assert_null(c->headers[3]);
    kube_client_config_free(c);
    kubeconfig_free(kc);
}

static void
kubeconfig_client__uses_the_cluster_around_it(void **state)
{
    (void)state;
    free(put(SERVICE_ACCOUNT "/token", "sa-token\n"));
    free(put(SERVICE_ACCOUNT "/namespace", "team\n"));
    free(put(SERVICE_ACCOUNT "/ca.crt", "PEM"));
    struct kubeconfig_env env = {
        .home = root, .service_host = "fd00::1", .service_port = "443", .root = root};
    struct kubeconfig *kc = NULL;
    struct kube_client_config *c = NULL;
    assert_int_equal(kubeconfig_load(NULL, &env, &kc, NULL), IW_OK);
    assert_int_equal(kubeconfig_client(kc, NULL, &c, NULL), IW_OK);
    assert_true(c->in_cluster);
    assert_string_equal(c->base_url, "https://[fd00::1]:443");
    assert_string_equal(c->bearer, "sa-token");
    assert_non_null(strstr(c->token_file, "serviceaccount/token"));
    assert_string_equal(c->ca_pem, "PEM");
    assert_string_equal(c->ns, "team");
    kube_client_config_free(c);
    kubeconfig_free(kc);
    env.pod_namespace = "mine";
    assert_int_equal(kubeconfig_load(NULL, &env, &kc, NULL), IW_OK);
    assert_int_equal(kubeconfig_client(kc, NULL, &c, NULL), IW_OK);
    assert_string_equal(c->ns, "mine");
    kube_client_config_free(c);
    kubeconfig_free(kc);
}

static void
kubeconfig_client__prefers_the_token_file_and_falls_back(void **state)
{
    (void)state;
    static const char text[] =
        "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://h'}}]\n"
        "users: [{name: u, user: {token: fallback, tokenFile: tok}}]\n";
    struct kubeconfig *kc = load(text);
    struct kube_client_config *c = NULL;
    assert_int_equal(kubeconfig_client(kc, NULL, &c, NULL), IW_OK);
    assert_string_equal(c->bearer, "fallback");
    kube_client_config_free(c);
    free(put("tok", " fresh \n"));
    assert_int_equal(kubeconfig_client(kc, NULL, &c, NULL), IW_OK);
    assert_string_equal(c->bearer, "fresh");
    assert_string_equal(c->token, "fallback");
    kube_client_config_free(c);
    kubeconfig_free(kc);
}

static void
kube_token_refresh__reads_again_after_50_seconds(void **state)
{
    (void)state;
    iw_autofree char *path = put("renewed", "one\n");
    struct kube_token token = {0};
    assert_true(kube_token_refresh(&token, path, 1000));
    assert_string_equal(token.text, "one");
    free(put("renewed", "two"));
    assert_false(kube_token_refresh(&token, path, 1000 + 49999));
    assert_string_equal(token.text, "one");
    assert_true(kube_token_refresh(&token, path, 1000 + 50000));
    assert_string_equal(token.text, "two");
    unlink(path);
    assert_false(kube_token_refresh(&token, path, 200000));
    assert_string_equal(token.text, "two");
    kube_token_free(&token);
}

static void
kube_token_file_read__refuses_empty_and_broken_files(void **state)
{
    (void)state;
    char *token = NULL;
    iw_autofree char *empty = put("empty", " \n");
    iw_autofree char *broken = put("broken", "a\nX-Injected: b\n");
    assert_int_equal(kube_token_file_read(empty, &token, NULL), IW_ERR_CONFIG);
    assert_int_equal(kube_token_file_read(broken, &token, NULL), IW_ERR_CONFIG);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(kubeconfig_load__names_line_and_field_of_a_wrong_type),
        WITH_FOLDER(kubeconfig_load__names_line_and_column_of_broken_yaml),
        WITH_FOLDER(kubeconfig_load__says_both_lines_of_a_duplicate_and_no_secret),
        WITH_FOLDER(kubeconfig_load__says_when_there_is_none),
        WITH_FOLDER(kubeconfig_client__lists_the_nearest_names),
        WITH_FOLDER(kubeconfig__lists_contexts_in_file_order),
        WITH_FOLDER(kubeconfig_client__makes_a_base_url),
        WITH_FOLDER(kubeconfig_client__names_the_plugin_that_would_be_run),
        WITH_FOLDER(kubeconfig_client__sends_nothing_secret_over_plain_http),
        WITH_FOLDER(kubeconfig_client__refuses_header_injection_and_ca_with_insecure),
        WITH_FOLDER(kubeconfig_client__escapes_names_of_extra_headers),
        WITH_FOLDER(kubeconfig_client__uses_the_cluster_around_it),
        WITH_FOLDER(kubeconfig_client__prefers_the_token_file_and_falls_back),
        WITH_FOLDER(kube_token_refresh__reads_again_after_50_seconds),
        WITH_FOLDER(kube_token_file_read__refuses_empty_and_broken_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
