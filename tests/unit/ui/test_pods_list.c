/* Unit tests of the pod list: chips, marks, groups, sorts, and an order that is kept while pods come, change and go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../ui/views/pods.h"
#include "../../golden/owners.h"
#include "../../golden/stories.h"

static void
open_cluster(struct scene *sc)
{
    cluster_open(sc);
    snprintf(sc->session.ns, sizeof(sc->session.ns), "%s", "");
    scene_ui(sc, "pods");
    scene_draw(sc, 140, 30);
}

static const char *
focus_name(struct scene *sc)
{
    scene_draw(sc, 140, 30);
    const struct pod *pod = store_get(sc->store, ui_focus(sc->ui));
    return pod ? pod->name : "";
}

static void
pods_list__filters_add_up_and_esc_takes_the_last(void **state)
{
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    scene_keys(&sc, "/status:Init:\r");
    assert_true(scene_has(&sc, " status:Init: "));
    assert_true(scene_has(&sc, "6 of 12"));
    scene_keys(&sc, "/!ledger\r");
    assert_true(scene_has(&sc, " status:Init: ─ !ledger "));
    assert_true(scene_has(&sc, "5 of 12"));
    scene_keys(&sc, "/rst:>5");
    assert_true(scene_has(&sc, "1 of 12"));
    assert_string_equal(focus_name(&sc), "myapp-pod");
    scene_keys(&sc, "\x1b");
    assert_true(scene_has(&sc, "5 of 12"));
    scene_keys(&sc, "\x1b");
    assert_true(scene_has(&sc, "6 of 12"));
    scene_keys(&sc, "\x1b");
    assert_false(scene_has(&sc, "of 12"));
    scene_close(&sc);
}

static void
pods_list__a_broken_expression_is_said_and_taken_as_text(void **state)
{
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    scene_keys(&sc, "/[ledger\r");
    assert_true(scene_has(&sc, "⚠ /[ledger"));
    assert_true(scene_has(&sc, "hides 12 pods"));
    scene_close(&sc);
}

static void
pods_list__marks_are_counted_and_merged_logs_are_theirs(void **state)
{
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    scene_keys(&sc, "g  ");
    assert_true(scene_has(&sc, "2 marked"));
    /* In a full first line as well. */
    sc.session.demo = true;
    snprintf(sc.session.server_version, sizeof(sc.session.server_version), "%s",
             "v1.33.0+initwatch-demo");
    assert_true(scene_has(&sc, "2 marked"));
    sc.session.demo = false;
    assert_string_equal(focus_name(&sc), "billing-55f8d-lm2wd");
    scene_keys(&sc, "L");
    assert_int_equal(sc.last.kind, INTENT_LOGS);
    assert_int_equal(sc.last.pod_count, 2);
    assert_string_equal(store_get(sc.store, sc.last.pods[0])->name, "cart-7b5c9f-2q8vz");
    scene_keys(&sc, "q\x1b");
    assert_false(scene_has(&sc, "marked"));
    scene_keys(&sc, "*");
    assert_true(scene_has(&sc, "12 marked"));
    scene_keys(&sc, "*");
    assert_true(scene_has(&sc, "no pod is marked"));
    assert_false(scene_has(&sc, "12 marked"));
    scene_close(&sc);
}

/* The letters that sort in k9s do here; the same letter turns the order. */
static void
pods_list__letters_sort_as_in_k9s(void **state)
{
    static const struct {
        const char *key, *note;
    } keys[] = {{"N", "sort: name ▾"},      {"N", "sort: name ▲"}, {"A", "sort: age ▾"},
                {"A", "sort: age ▲"},       {"A", "sort: age ▾"},  {"R", "sort: ready ▾"},
                {"S", "sort: status ▾"},    {"O", "sort: node ▾"}, {"P", "sort: namespace ▾"},
                {"P", "sort: namespace ▲"}, {"N", "sort: name ▾"}};
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    for (size_t i = 0; i < IW_COUNTOF(keys); i++) {
        scene_keys(&sc, keys[i].key);
        assert_true(scene_has(&sc, keys[i].note));
    }
    scene_keys(&sc, "g");
    assert_string_equal(focus_name(&sc), "app-with-config");
    scene_keys(&sc, "Ng");
    assert_string_equal(focus_name(&sc), "www");
    scene_close(&sc);
}

/* From the nearest mark above, else below, to the cursor; without a mark the row. */
static void
pods_list__a_range_is_marked_from_the_nearest_mark(void **state)
{
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    scene_keys(&sc, "gj");
    ui_key(sc.ui, KEY_CTRL_SPACE_CODE);
    assert_true(scene_has(&sc, "1 marked"));
    scene_keys(&sc, "jjj");
    ui_key(sc.ui, KEY_CTRL_SPACE_CODE);
    assert_true(scene_has(&sc, "4 marked"));
    scene_keys(&sc, "g");
    ui_key(sc.ui, KEY_CTRL_SPACE_CODE);
    assert_true(scene_has(&sc, "5 marked"));
    scene_keys(&sc, "\x1c");
    assert_true(scene_has(&sc, "no pod is marked"));
    assert_false(scene_has(&sc, "5 marked"));
    /* The head of a folded group stands for its pods. */
    scene_keys(&sc, "2");
    scene_draw(&sc, 140, 30);
    scene_keys(&sc, "g j");
    ui_key(sc.ui, KEY_CTRL_SPACE_CODE);
    scene_keys(&sc, "c");
    assert_string_equal(sc.last.text, "the names of 3 marked pods");
    scene_close(&sc);
}

/* Its end tells a pod from the others of its owner. */
static void
pods_list__a_long_name_is_cut_in_its_middle(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 60, 16);
    assert_true(scene_has(&sc, " checkout-…-hx4kp "));
    scene_close(&sc);
}

static void
pods_list__copies_the_marked_rows_else_the_one_under_the_cursor(void **state)
{
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    scene_keys(&sc, "gc");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_string_equal(sc.last.text, "cart-7b5c9f-2q8vz");
    scene_keys(&sc, "g  c");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    static const char names[] = "cart-7b5c9f-2q8vz\nmyapp-pod";
    assert_int_equal(sc.last.data_len, strlen(names));
    assert_memory_equal(sc.last.data, names, strlen(names));
    assert_string_equal(sc.last.text, "the names of 2 marked pods");
    /* Marked rows that a filter hides are not copied unseen. */
    scene_keys(&sc, "/!cart\rc");
    assert_string_equal(sc.last.text, "the name of 1 marked pod");
    scene_close(&sc);
}

/* Keys that come faster than frames: Enter opens the pod that the filter left, not the one of the last frame. */
static void
pods_list__opens_what_was_typed_ahead(void **state)
{
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    scene_draw(&sc, 80, 24);
    for (const char *key = "/billing\r\r"; *key; key++)
        ui_key(sc.ui, (uint32_t)*key);
    assert_string_equal(ui_top_view(sc.ui), "detail");
    assert_string_equal(focus_name(&sc), "billing-55f8d-lm2wd");
    scene_close(&sc);
}

static struct pod *
web_pod(int index, bool stuck)
{
    static const struct pod_label label = {"pod-template-hash", "5c9f"};
    char name[32];
    struct pod_make m;
    snprintf(name, sizeof(name), "web-5c9f-%04d", index);
    cluster_begin(&m, "shop", name, "worker", 100 + index);
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = "web-5c9f";
    m.pod.labels = &label;
    m.pod.label_count = 1;
    make_container(&m, LIST_INIT, "fetch");
    make_sidecar(&m, "istio-proxy");
    make_container(&m, LIST_APP, "app");
    make_ended(&m, LIST_INIT, "fetch", make_end(0, "Completed", AGO(90), AGO(80)));
    if (stuck) {
        make_waiting(&m, LIST_INIT, "istio-proxy", "CrashLoopBackOff", "")->restart_count = index;
        cluster_initializing(&m, "app", 100);
    } else {
        make_running(&m, LIST_INIT, "istio-proxy", AGO(80))->ready = true;
        make_running(&m, LIST_APP, "app", AGO(70))->ready = true;
        m.statuses[1].started = m.statuses[2].started = TRI_TRUE;
        cluster_running(&m, 80, 70);
    }
    return pod_seal(&m.pod);
}

/* Still in its first step, `fetch` of web_pod, which takes the others 10 s and the time since they have a node. */
static struct pod *
slow_pod(int age_s)
{
    static const struct pod_label label = {"pod-template-hash", "5c9f"};
    struct pod_make m;
    cluster_begin(&m, "shop", "web-5c9f-slow", "worker", age_s);
    m.pod.owner_kind = "ReplicaSet";
    m.pod.owner_name = "web-5c9f";
    m.pod.labels = &label;
    m.pod.label_count = 1;
    make_container(&m, LIST_INIT, "fetch");
    make_sidecar(&m, "istio-proxy");
    make_container(&m, LIST_APP, "app");
    make_running(&m, LIST_INIT, "fetch", AGO(age_s - 1));
    cluster_initializing(&m, "app", age_s);
    return pod_seal(&m.pod);
}

/* The other pods of its workload tell how long a step takes; only a step that takes much longer is worth a line. */
static void
pods_list__a_step_that_takes_longer_than_in_other_pods_says_so(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    scene_add(&sc, web_pod(1, false));
    scene_add(&sc, web_pod(2, false));
    scene_add(&sc, slow_pod(252));
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "/slow\r");
    assert_true(
        scene_has(&sc, "in this step for 4m12s, 11× the usual 21s  (median of 2 other pods)"));
    scene_close(&sc);
    scene_open(&sc, CLUSTER_NOW);
    scene_add(&sc, web_pod(1, false));
    scene_add(&sc, slow_pod(40));
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "/slow\r");
    assert_false(scene_has(&sc, "the usual"));
    scene_close(&sc);
}

static void
pods_list__groups_say_what_their_pods_have_in_common(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    for (int i = 1; i <= 3; i++)
        scene_add(&sc, web_pod(i, i <= 2));
    scene_add(&sc, cluster_crash());
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 140, 30);
    scene_keys(&sc, "b");
    assert_true(scene_has(&sc, "▾ web"));
    assert_true(scene_has(&sc, "deploy, 3 pods  2 of 3 stuck in s1 istio-proxy"));
    assert_true(scene_has(&sc, "web-5c9f-0003"));
    /* The head of a group is folded with Enter; its worst pod is what the pane and L are about. */
    scene_keys(&sc, ":sort name\rGkkk\r");
    assert_true(scene_has(&sc, "▸ web"));
    assert_false(scene_has(&sc, "web-5c9f-0003"));
    scene_keys(&sc, "L");
    assert_int_equal(sc.last.pod_count, 3);
    scene_keys(&sc, "q:group none\r");
    assert_true(scene_has(&sc, "web-5c9f-0003"));
    assert_false(scene_has(&sc, "▸ web "));
    scene_close(&sc);
}

static void
pods_list__the_chooser_shows_the_columns(void **state)
{
    struct scene sc;
    (void)state;
    open_cluster(&sc);
    scene_keys(&sc, "o");
    assert_true(scene_has(&sc, ":sort "));
    assert_true(scene_has(&sc, "restarts"));
    scene_keys(&sc, "rest\t\r");
    assert_true(scene_has(&sc, "RST▾"));
    assert_string_equal(focus_name(&sc), "cart-7b5c9f-2q8vz");
    scene_keys(&sc, "g");
    assert_string_equal(focus_name(&sc), "search-59c7d-t4xkc");
    scene_close(&sc);
}

/* --- the order against a plain sort --- */

static struct view_env
env_of(struct scene *sc)
{
    return (struct view_env){.store = sc->store,
                             .session = &sc->session,
                             .prefs = &sc->prefs,
                             .logs = &sc->feed,
                             .now_wall_ms = clock_wall(&sc->clock),
                             .container = ""};
}

/* Every shown pod stands once, and no neighbours stand the wrong way round. */
static void
check_order(struct scene *sc, struct pod_rows *r)
{
    struct view_env env = env_of(sc);
    pod_rows_update(r, &env);
    size_t shown = 0;
    for (struct pod_ref it = {0, 0}; store_next(sc->store, &it);) {
        const struct pod_fact *f = pod_rows_fact(r, it);
        assert_non_null(f);
        shown += f->shown;
    }
    assert_int_equal(shown, r->order.len);
    assert_int_equal(store_count(sc->store), r->totals.pods);
    assert_int_equal(store_count(sc->store), r->names.len);
    for (size_t i = 0; i < r->order.len; i++)
        assert_true(pod_rows_fact(r, r->order.items[i])->shown);
    for (size_t i = 1; i < r->order.len; i++)
        assert_true(pod_sort_compare(r, sc->store, r->order.items[i - 1], r->order.items[i]) < 0);
    for (size_t i = 1; i < r->names.len; i++)
        assert_true(pod_sort_compare_names(sc->store, r->names.items[i - 1], r->names.items[i]) <
                    0);
}

static void
pods_list__keeps_its_order_while_pods_come_change_and_go(void **state)
{
    struct scene sc;
    struct pod_rows rows = {0};
    uint32_t seed = 7;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    scene_live(&sc);
    pod_rows_init(&rows);
    for (int round = 0; round < 240; round++) {
        unsigned steps = round % 40 == 0 ? 200 : round % 7;
        for (unsigned i = 0; i < steps; i++) {
            seed = seed * 1664525u + 1013904223u;
            int index = (int)(seed >> 16 & 0xFF);
            bool stuck = seed >> 9 & 1;
            if ((seed >> 28) < 3)
                sc.sink.remove(sc.sink.ctx, web_pod(index, stuck));
            else
                scene_add(&sc, web_pod(index, stuck));
        }
        if (round % 11 == 0)
            pod_rows_set_sort(&rows, (enum pod_sort)(round / 11 % POD_SORT_COUNT));
        if (round % 13 == 0) {
            rows.reverse = !rows.reverse;
            rows.resort = true;
        }
        if (round % 17 == 0)
            pod_rows_filter(&rows, round % 34 ? "rst:>100" : "");
        clock_advance(&sc.clock, 400);
        check_order(&sc, &rows);
    }
    pod_rows_free(&rows);
    scene_close(&sc);
}

static void
pods_list__a_young_start_becomes_a_long_wait_by_time_alone(void **state)
{
    struct scene sc;
    struct pod_rows rows = {0};
    struct pod_make m;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    cluster_begin(&m, "shop", "slow", "worker", 30);
    make_container(&m, LIST_INIT, "wait");
    make_container(&m, LIST_APP, "app");
    make_running(&m, LIST_INIT, "wait", AGO(30))->started = TRI_FALSE;
    cluster_initializing(&m, "app", 30);
    scene_add(&sc, pod_seal(&m.pod));
    scene_live(&sc);
    pod_rows_init(&rows);
    rows.problems_only = true;
    check_order(&sc, &rows);
    assert_int_equal(rows.order.len, 0);
    clock_advance(&sc.clock, 40000);
    check_order(&sc, &rows);
    assert_int_equal(rows.order.len, 1);
    pod_rows_free(&rows);
    scene_close(&sc);
}

/* Where a sentence does not fit, its cause stays: the image and "cannot start" are what can go. */
static void
pods_list__why_keeps_the_cause_in_few_columns(void **state)
{
    static const struct {
        const char *reason, *message, *says;
        int cols;
    } rows[] = {
        {"ErrImageNeverPull", "", "app:2.0: not on the node, pull policy Never", 43},
        {"ErrImageNeverPull", "", "not on the node, pull policy Never", 34},
        {"RunContainerError", "runc create failed: exec: \"/bin/none\": no such file",
         "\"/bin/none\": no such file", 27},
        {"CreateContainerError", "name is reserved", "name is reserved", 20},
        {"CreateContainerError", "", "cannot start (CreateContainerError)", 60},
    };
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct container_status st = {0};
        st.state.waiting = true;
        st.state.waiting_reason = rows[i].reason;
        st.state.waiting_message = rows[i].message;
        struct container c = {
            .name = "app", .image = "registry.example.com/team/app:2.0", .status = &st};
        struct pod_block block = {.severity = BLOCK_ERROR, .container = &c};
        char text[200];
        const struct pod_why about = {.block = &block};
        pod_why_text(&about, rows[i].cols, text, sizeof(text));
        assert_string_equal(text, rows[i].says);
    }
}

static void
why_says(const struct scene *sc, const struct pod *pod, int cols, const char *says)
{
    struct pod_block block;
    char text[300];
    int64_t now_wall_ms = clock_wall(&sc->clock);
    pod_block_of(pod, now_wall_ms, &block);
    const struct pod_why about = {&block, pod, sc->store, now_wall_ms};
    pod_why_text(&about, cols, text, sizeof(text));
    assert_string_equal(text, says);
}

/* Programs put what is the matter last: that stays. */
static void
pods_list__why_keeps_the_end_of_a_message(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    struct pod *pod = cluster_crash();
    why_says(&sc, pod, 40, "sh: syntax error: unexpected \"done\"");
    why_says(&sc, pod, 33, "syntax error: unexpected \"done\"");
    why_says(&sc, pod, 20, "unexpected \"done\"");
    pod_free(pod);
    scene_close(&sc);
}

/* What does not parse is said, not that it ended with 2. */
static void
pods_list__why_names_what_does_not_parse(void **state)
{
    struct scene sc;
    struct pod_make m;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    cluster_begin(&m, "shop", "myapp-pod", "worker", 543);
    struct container *c = make_container(&m, LIST_INIT, "init");
    c->command = (const char *const[]){"sh", "-c", "sleep 2; done"};
    c->command_count = 3;
    struct container_status *st = make_waiting(&m, LIST_INIT, "init", "CrashLoopBackOff", "");
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(2, "Error", AGO(81), AGO(80));
    make_container(&m, LIST_APP, "app");
    struct pod *pod = pod_seal(&m.pod);
    why_says(&sc, pod, 60, "init: syntax error in the script, \"done\" without \"do\"");
    why_says(&sc, pod, 36, "syntax error, \"done\" without \"do\"");
    why_says(&sc, pod, 20, "\"done\" without \"do\"");
    pod_free(pod);
    scene_close(&sc);
}

static struct pod *
too_large(bool by_init)
{
    struct pod_make m;
    cluster_begin(&m, "shop", "billing", "", 380);
    m.conditions[0] =
        (struct pod_condition){"PodScheduled", "False", "Unschedulable",
                               "0/3 nodes are available: 3 Insufficient cpu.", AGO(380)};
    make_container(&m, LIST_INIT, "heavy-init")->requests =
        by_init ? AMOUNTS({"cpu", "4"}) : AMOUNTS({"cpu", "100m"});
    make_container(&m, LIST_APP, "billing")->requests = AMOUNTS({"cpu", "2500m"});
    return pod_seal(&m.pod);
}

/* What fits nowhere is the request, and who makes it so large. */
static void
pods_list__why_names_the_request_that_fits_nowhere(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    struct pod *pod = too_large(true);
    why_says(&sc, pod, 60, "0/3 nodes: Insufficient cpu, heavy-init asks for 4");
    why_says(&sc, pod, 36, "Insufficient cpu: 4 for heavy-init");
    why_says(&sc, pod, 26, "needs 4 cpu (heavy-init)");
    why_says(&sc, pod, 20, "4 cpu: heavy-init");
    why_says(&sc, pod, 12, "needs 4 cpu");
    pod_free(pod);
    pod = too_large(false);
    why_says(&sc, pod, 60, "0/3 nodes: Insufficient cpu, asks for 2500m");
    why_says(&sc, pod, 20, "needs 2500m cpu");
    pod_free(pod);
    scene_close(&sc);
}

/* The events tell the pull from the creation; FOR says how long. */
static void
pods_list__why_says_that_an_image_is_on_its_way(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    struct pod *pod = cluster_pulling();
    why_says(&sc, pod, 30, "creating httpd");
    const struct kevent ev = {.uid = "p",
                              .ns = "shop",
                              .type = "Normal",
                              .reason = "Pulling",
                              .message = "",
                              .object_kind = "Pod",
                              .object_name = "www",
                              .object_uid = pod->uid,
                              .container = "httpd",
                              .source = "kubelet",
                              .count = 1,
                              .first_ms = AGO(18),
                              .last_ms = AGO(18)};
    sc.sink.event(sc.sink.ctx, &ev);
    why_says(&sc, pod, 40, "httpd: pulling image httpd:latest");
    why_says(&sc, pod, 20, "pulling httpd:latest");
    pod_free(pod);
    scene_close(&sc);
}

/* A pod names its Job, the Job's object the CronJob: the filter and the groups ask for it. */
static void
pods_list__the_owner_of_a_job_s_pod_is_its_cronjob(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    scene_add(&sc, owners_of(cluster_crash(), "StatefulSet", "myapp"));
    scene_add(&sc, owners_of(cluster_migrate(), "Job", "nightly-report-29001"));
    scene_live(&sc);
    snprintf(sc.session.ns, sizeof(sc.session.ns), "%s", "");
    scene_ui(&sc, "pods");
    scene_draw(&sc, 140, 30);
    assert_false(ui_wants(sc.ui) & KIND_BIT(JOB));
    scene_keys(&sc, "/owner:^cronjob/nightly-report\r");
    scene_draw(&sc, 140, 30);
    assert_true(scene_has(&sc, "0 of 2"));
    assert_true(ui_wants(sc.ui) & KIND_BIT(JOB));
    owners_cronjobs(&sc, false);
    scene_draw(&sc, 140, 30);
    assert_true(scene_has(&sc, "1 of 2"));
    scene_keys(&sc, "\x1b/owner:cj/\r");
    scene_draw(&sc, 140, 30);
    assert_true(scene_has(&sc, "1 of 2"));
    scene_keys(&sc, "\x1b/owner:job/nightly-report-29001\r");
    scene_draw(&sc, 140, 30);
    assert_true(scene_has(&sc, "1 of 2"));
    scene_keys(&sc, "\x1b");
    scene_keys(&sc, "b");
    scene_draw(&sc, 140, 30);
    assert_true(scene_has(&sc, "cj, 1 pod"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pods_list__filters_add_up_and_esc_takes_the_last),
        cmocka_unit_test(pods_list__a_broken_expression_is_said_and_taken_as_text),
        cmocka_unit_test(pods_list__marks_are_counted_and_merged_logs_are_theirs),
        cmocka_unit_test(pods_list__letters_sort_as_in_k9s),
        cmocka_unit_test(pods_list__a_range_is_marked_from_the_nearest_mark),
        cmocka_unit_test(pods_list__a_long_name_is_cut_in_its_middle),
        cmocka_unit_test(pods_list__opens_what_was_typed_ahead),
        cmocka_unit_test(pods_list__copies_the_marked_rows_else_the_one_under_the_cursor),
        cmocka_unit_test(pods_list__a_step_that_takes_longer_than_in_other_pods_says_so),
        cmocka_unit_test(pods_list__groups_say_what_their_pods_have_in_common),
        cmocka_unit_test(pods_list__the_chooser_shows_the_columns),
        cmocka_unit_test(pods_list__keeps_its_order_while_pods_come_change_and_go),
        cmocka_unit_test(pods_list__why_keeps_the_cause_in_few_columns),
        cmocka_unit_test(pods_list__why_keeps_the_end_of_a_message),
        cmocka_unit_test(pods_list__why_names_what_does_not_parse),
        cmocka_unit_test(pods_list__why_names_the_request_that_fits_nowhere),
        cmocka_unit_test(pods_list__why_says_that_an_image_is_on_its_way),
        cmocka_unit_test(pods_list__the_owner_of_a_job_s_pod_is_its_cronjob),
        cmocka_unit_test(pods_list__a_young_start_becomes_a_long_wait_by_time_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
