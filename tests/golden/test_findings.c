/* Golden screens of the findings view: one problem a cause, the proof beside it, and what its keys do.
 * SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include <jansson.h>

#include "cluster.h"
#include "initwatch/model/chain.h"

/* What stands behind myapp-wait-db: a Service, its empty slice, the pod that has no disk. */
static const char POSTGRES[] =
    "{apiVersion: v1, kind: Service, metadata: {name: postgres-service, namespace: shop},\n"
    " spec: {clusterIP: 10.96.41.7, selector: {app: postgres}, ports: [{port: 5432, targetPort: "
    "pg}]}}\n"
    "---\n"
    "{apiVersion: v1, kind: Service, metadata: {name: redis-service, namespace: shop},\n"
    " spec: {clusterIP: 10.96.41.8, selector: {app: redis}, ports: [{port: 6379}]}}\n"
    "---\n"
    "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, endpoints: [],\n"
    " metadata: {name: postgres-service-x7k2, namespace: shop,\n"
    "  labels: {kubernetes.io/service-name: postgres-service}}}\n"
    "---\n"
    "{apiVersion: v1, kind: PersistentVolumeClaim, status: {phase: Pending},\n"
    " metadata: {name: data-postgres-0, namespace: shop}, spec: {storageClassName: fast}}\n"
    "---\n"
    "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: standard},\n"
    " provisioner: rancher.io/local-path}\n"
    "---\n"
    "{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: other, namespace: shop},\n"
    " data: {url: c2VjcmV0}}\n"
    "---\n"
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: postgres-0, namespace: shop, uid: u-postgres-0, labels: {app: postgres},\n"
    "  creationTimestamp: \"2026-06-15T22:04:00Z\",\n"
    "  ownerReferences: [{kind: StatefulSet, name: postgres, controller: true}]}\n"
    "spec:\n"
    "  containers: [{name: postgres, image: \"postgres:16\"}]\n"
    "  volumes: [{name: data, persistentVolumeClaim: {claimName: data-postgres-0}}]\n"
    "status:\n"
    "  phase: Pending\n"
    "  conditions:\n"
    "  - {type: PodScheduled, status: \"False\", reason: Unschedulable,\n"
    "     lastTransitionTime: \"2026-06-15T22:04:00Z\", message: \"0/3 nodes are available: pod "
    "has "
    "unbound immediate PersistentVolumeClaims. preemption: 0/3 nodes are available: 3 Preemption "
    "is "
    "not helpful for scheduling.\"}\n";

static void
open_sick(struct scene *sc)
{
    scene_open(sc, CLUSTER_NOW);
    cluster_fill(sc);
    manifest_load(&sc->sink, CHAIN_KINDS | KIND_BIT(SECRET), POSTGRES);
    manifest_deny(&sc->sink, KOBJECT_NODE);
    scene_live(sc);
    scene_ui(sc, "findings");
    scene_draw(sc, 140, 40);
}

static void
findings__group_what_has_one_cause_and_prove_it(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    assert_true(scene_is(&sc, "findings_140x40", 140, 40));
    assert_true(scene_is(&sc, "findings_160x45", 160, 45));
    assert_true(scene_is(&sc, "findings_200x60", 200, 60));
    assert_true(scene_is(&sc, "findings_80x24", 80, 24));
    assert_true(scene_is(&sc, "findings_60x16", 60, 16));
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "StorageClass \"fast\" does not exist"));
    assert_true(scene_has(&sc, "2 pods"));
    assert_true(scene_has(&sc, "not allowed to list: nodes"));
    scene_close(&sc);
}

static void
findings__walk_from_the_pod_to_the_root_cause(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    assert_true(scene_has(&sc, "◀ root cause"));
    assert_true(scene_has(&sc, "IW-D03 waits for a Service without ready endpoints"));
    ui_key(sc.ui, KEY_RIGHT_CODE); /* the other pod of the same cause */
    assert_true(scene_is(&sc, "findings_chain_140x40", 140, 40));
    assert_true(scene_has(&sc, "IW-L07 no node takes the pod"));
    scene_close(&sc);
}

static void
findings__are_muted_by_rule_and_heard_again(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    scene_keys(&sc, "j ");
    assert_true(scene_is(&sc, "findings_muted_140x40", 140, 40));
    scene_keys(&sc, "G ");
    scene_draw(&sc, 140, 40);
    char *screen = scene_text(&sc, 140, 40);
    assert_null(strstr(screen, "─ muted ─"));
    free(screen);
    scene_close(&sc);
}

static void
findings__are_grouped_by_rule_and_pod_and_filtered(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    scene_keys(&sc, "b");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "group: rule"));
    scene_keys(&sc, "bz");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "group: pod   severity: errors"));
    scene_keys(&sc, "bz/postgres\r");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "hidden by filter"));
    scene_close(&sc);
}

static void
findings__lead_to_the_card_of_a_missing_secret(void **state)
{
    (void)state;
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    manifest_load(&sc.sink, 0,
                  "kind: Pod\n"
                  "metadata: {name: cart, namespace: shop, uid: cart}\n"
                  "spec: {nodeName: w1, containers: [{name: app, image: x, env: [{name: U,\n"
                  "  valueFrom: {secretKeyRef: {name: db-secrets, key: url}}}]}]}\n"
                  "status: {phase: Pending, containerStatuses: [{name: app, state: {waiting:\n"
                  "  {reason: CreateContainerConfigError, message: 'secret \"db-secrets\" not "
                  "found'}}}]}\n");
    scene_live(&sc);
    scene_ui(&sc, "findings");
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "card");
    assert_int_equal(ui_wants(sc.ui), KIND_BIT(SECRET));
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "cart/app"));
    scene_close(&sc);
}

static void
findings__lead_to_the_pod(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "why");
    scene_close(&sc);
}

static void
findings__say_when_nothing_is_wrong(void **state)
{
    (void)state;
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    scene_add(&sc, cluster_healthy("web-1", "worker", 100, 2, 2));
    scene_live(&sc);
    scene_ui(&sc, "findings");
    assert_true(scene_is(&sc, "findings_healthy_80x24", 80, 24));
    scene_close(&sc);
}

static void
findings__say_that_there_are_no_pods(void **state)
{
    (void)state;
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    scene_live(&sc);
    scene_ui(&sc, "findings");
    assert_true(scene_is(&sc, "findings_empty_80x24", 80, 24));
    scene_close(&sc);
}

static void
findings__of_many_pods_are_one_line_a_cause(void **state)
{
    (void)state;
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    for (int i = 0; i < 300; i++) {
        char text[600];
        snprintf(text, sizeof(text),
                 "{kind: Pod, metadata: {name: web-%03d, namespace: shop, uid: u%d},\n"
                 " spec: {containers: [{name: app, image: x}]}, status: {phase: Pending,\n"
                 " containerStatuses: [{name: app, state: {waiting: {reason: "
                 "CreateContainerConfigError, message: 'secret \"db\" not found'}}}]}}\n",
                 i, i);
        manifest_load(&sc.sink, 0, text);
    }
    scene_live(&sc);
    scene_ui(&sc, "findings");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "300 pods"));
    assert_true(scene_is(&sc, "findings_many_80x24", 80, 24));
    scene_close(&sc);
}

static void
findings__are_saved_as_a_report_not_as_a_screen(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    scene_keys(&sc, "\x13report.md\r");
    assert_int_equal(sc.last.kind, INTENT_SAVE);
    assert_string_equal(sc.last.text, "report.md");
    assert_non_null(sc.last.data);
    assert_int_equal(sc.last.data_len, strlen(sc.last.data));
    assert_true(golden_matches("findings_report_md", sc.last.data));
    scene_keys(&sc, ":save report.json\r");
    assert_true(golden_matches("findings_report_json", sc.last.data));
    json_t *json = json_loads(sc.last.data, 0, NULL);
    assert_non_null(json);
    json_decref(json);
    scene_keys(&sc, ":save report.sarif\r");
    json = json_loads(sc.last.data, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(json, "version")), "2.1.0");
    json_t *run = json_array_get(json_object_get(json, "runs"), 0);
    assert_true(json_array_size(json_object_get(run, "results")) > 3);
    json_decref(json);
    unsigned before = sc.intents;
    scene_keys(&sc, ":save report.pdf\r");
    assert_int_equal(sc.intents, before);
    assert_true(scene_has(&sc, "a report ends in .md, .json or .sarif"));
    scene_close(&sc);
}

static void
findings__are_counted_in_the_tab_line_of_other_views(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    scene_keys(&sc, "1");
    scene_draw(&sc, 200, 60);
    assert_true(scene_has(&sc, "5 Findings 1"));
    scene_close(&sc);
}

/* A pod whose image is missing, and the same pod when it runs. */
static void
add_image(struct scene *sc, const char *name, bool missing)
{
    char text[1024];
    snprintf(text, sizeof(text),
             "kind: Pod\n"
             "metadata: {name: %s, namespace: shop, uid: %s, resourceVersion: \"%d\"}\n"
             "spec: {nodeName: w1, containers: [{name: app, image: \"api:9\"}]}\n"
             "status: {phase: %s, startTime: \"2026-06-15T22:00:00Z\",\n"
             " conditions: [{type: PodScheduled, status: \"True\"}, {type: Ready, status: \"%s\",\n"
             "  lastTransitionTime: \"2026-06-15T22:00:00Z\"}],\n"
             " containerStatuses: [{name: app, ready: %s, state: {%s}}]}\n",
             name, name, missing ? 1 : 2, missing ? "Pending" : "Running",
             missing ? "False" : "True", missing ? "false" : "true",
             missing ? "waiting: {reason: ErrImagePull, message: 'api:9: not found'}"
                     : "running: {startedAt: \"2026-06-15T22:09:00Z\"}");
    manifest_load(&sc->sink, 0, text);
}

static void
findings__know_what_is_gone_and_how_it_was_over_time(void **state)
{
    (void)state;
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    add_image(&sc, "api-0", true);
    add_image(&sc, "api-1", true);
    scene_live(&sc);
    scene_ui(&sc, "findings");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "still true 22:10:04"));
    assert_true(scene_has(&sc, "now 2   most 2"));
    clock_advance(&sc.clock, SECONDS(120));
    add_image(&sc, "api-1", false);
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "now 1   most 2"));
    clock_advance(&sc.clock, SECONDS(60));
    add_image(&sc, "api-0", false);
    scene_draw(&sc, 140, 40);
    clock_advance(&sc.clock, SECONDS(30));
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "gone while you watched"));
    assert_true(scene_has(&sc, "now 0   most 2"));
    assert_true(scene_is(&sc, "findings_gone_140x40", 140, 40));
    scene_close(&sc);
}

static void
findings__give_the_command_that_helps_and_that_of_ci(void **state)
{
    (void)state;
    struct scene sc;
    open_sick(&sc);
    scene_keys(&sc, "c");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_string_equal(sc.last.text, "kubectl get storageclass");
    scene_keys(&sc, ":ci k8s/\r");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_string_equal(sc.last.text, "initwatch lint -f k8s/ -o jsonl");
    scene_close(&sc);
}

/* However few lines the pod list has left, the way from the wait to its root ends at the root, and what to do is below. */
static void
findings__the_pod_list_leads_to_the_root_in_few_lines(void **state)
{
    struct scene sc;
    (void)state;
    open_sick(&sc);
    scene_keys(&sc, "1");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "/wait-db\r\x1b"); /* the cursor stays on it */
    assert_true(scene_has(&sc, "╰ ✗ pvc/data-postgres-0  Pending, wants StorageClass \"fast\""));
    assert_true(scene_has(&sc, "╰ ✗ StorageClass \"fast\" does not exist  ◀ root cause"));
    assert_true(scene_has(&sc, "Next: use an existing class"));
    scene_draw(&sc, 60, 16);
    assert_true(scene_finds(&sc, "does not exist  ◀ root cause"));
    /* the pod that waits for its claim names it */
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "/postgres-0\r\x1b");
    assert_true(scene_has(&sc, "╰ ✗ pvc/data-postgres-0  Pending, wants StorageClass \"fast\""));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings__group_what_has_one_cause_and_prove_it),
        cmocka_unit_test(findings__walk_from_the_pod_to_the_root_cause),
        cmocka_unit_test(findings__know_what_is_gone_and_how_it_was_over_time),
        cmocka_unit_test(findings__give_the_command_that_helps_and_that_of_ci),
        cmocka_unit_test(findings__are_muted_by_rule_and_heard_again),
        cmocka_unit_test(findings__are_grouped_by_rule_and_pod_and_filtered),
        cmocka_unit_test(findings__lead_to_the_pod),
        cmocka_unit_test(findings__lead_to_the_card_of_a_missing_secret),
        cmocka_unit_test(findings__say_when_nothing_is_wrong),
        cmocka_unit_test(findings__say_that_there_are_no_pods),
        cmocka_unit_test(findings__of_many_pods_are_one_line_a_cause),
        cmocka_unit_test(findings__are_saved_as_a_report_not_as_a_screen),
        cmocka_unit_test(findings__are_counted_in_the_tab_line_of_other_views),
        cmocka_unit_test(findings__the_pod_list_leads_to_the_root_in_few_lines),
    };
    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
