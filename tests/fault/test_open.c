/* What opening a source refuses at once, with a sentence that says what to do.
 * SPDX-License-Identifier: Apache-2.0 */
#include "fault_world.h"

/* The sentence of a refused open; fails when it is not refused. */
static void
check_refused(struct source_opts opts, struct kube_client_config client, enum iw_err code,
              const char *part)
{
    char context[] = "prod", user[] = "alice", ns[] = "home", url[] = "https://127.0.0.1:1";
    client.context = client.cluster = context;
    client.user = user;
    client.ns = ns;
    client.server = client.base_url = url;
    opts.client = &client;
    struct source *source = NULL;
    struct iw_error err = {0};
    assert_int_equal(source_kube.open(&opts, &source, &err), code);
    assert_null(source);
    if (!strstr(err.msg, part))
        fail_msg("\"%s\" does not say \"%s\"", err.msg, part);
}

static void
open__refuses_a_namespace_that_is_named_twice(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    struct source_opts opts = fw_opts(&w);
    opts.ns = "a,b,a";
    check_refused(opts, (struct kube_client_config){0}, IW_ERR_USAGE, "named twice");
    fw_close(&w);
}

static void
open__refuses_more_namespaces_than_it_would_watch_one_by_one(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    strbuf_auto list;
    strbuf_init(&list, 0);
    for (int i = 0; i < 65; i++)
        strbuf_addf(&list, "n%d,", i);
    struct source_opts opts = fw_opts(&w);
    opts.ns = list.data;
    check_refused(opts, (struct kube_client_config){0}, IW_ERR_USAGE, "--all-namespaces");
    fw_close(&w);
}

static void
open__reports_a_broken_ca_with_its_context(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    char ca[] = "-----BEGIN CERTIFICATE-----\nnot base64 at all\n-----END CERTIFICATE-----\n";
    struct kube_client_config client = {.ca_pem = ca};
    char context[] = "prod", user[] = "alice", ns[] = "home", url[] = "https://127.0.0.1:1";
    client.context = client.cluster = context;
    client.user = user;
    client.ns = ns;
    client.server = client.base_url = url;
    struct source_opts opts = fw_opts(&w);
    opts.client = &client;
    struct iw_error err = {0};
    assert_true(source_kube.open(&opts, &w.source, &err) != IW_OK);
    assert_non_null(strstr(err.msg, "context prod"));
    fw_close(&w);
}

static void
open__empty_parts_of_a_namespace_list_are_ignored(void **state)
{
    (void)state;
    struct world w;
    fw_init(&w);
    script_server_route(w.server, "/pods",
                        SCRIPT({
                            FIRST_LIST,
                            WATCH_FROM("100"),
                            "stream 200 json",
                            "hang",
                        }));
    struct source_opts opts = fw_opts(&w);
    opts.ns = ",shop,";
    fw_open_with(&w, opts, (struct kube_client_config){0});
    fw_wait_state(&w, SOURCE_LIVE);
    assert_string_equal(w.status[STREAM_PODS].scope, "namespace shop");
    fw_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__refuses_a_namespace_that_is_named_twice),
        cmocka_unit_test(open__refuses_more_namespaces_than_it_would_watch_one_by_one),
        cmocka_unit_test(open__reports_a_broken_ca_with_its_context),
        cmocka_unit_test(open__empty_parts_of_a_namespace_list_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
