/* Golden screens of the views about other objects: nodes, the card of a Secret, a pod described with
 * what is around it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/tr.h"
#include "manifest.h"

#include "cluster.h"
#include "stories.h"

static const char NODES[] =
    "kind: Node\n"
    "metadata: {name: worker, creationTimestamp: \"2026-06-12T10:00:00Z\"}\n"
    "status:\n"
    "  allocatable: {cpu: 3900m, memory: 7774Mi, pods: \"110\"}\n"
    "  nodeInfo: {kubeletVersion: v1.36.2, containerRuntimeVersion: \"containerd://2.1.0\",\n"
    "    kernelVersion: 6.1.0, architecture: amd64, osImage: Debian GNU/Linux 12,\n"
    "    bootID: 1d8e5f0a}\n"
    "  addresses: [{type: InternalIP, address: 172.18.0.3}]\n"
    "  images:\n"
    "  - {names: [\"docker.io/library/busybox@sha256:1\", \"busybox:1.36\"], sizeBytes: 4261574}\n"
    "  - {names: [\"postgres:16\"], sizeBytes: 431000000}\n"
    "  conditions:\n"
    "  - {type: MemoryPressure, status: \"False\", reason: KubeletHasSufficientMemory}\n"
    "  - {type: Ready, status: \"True\", reason: KubeletReady,\n"
    "     lastTransitionTime: \"2026-06-12T10:00:40Z\"}\n"
    "---\n"
    "kind: Node\n"
    "metadata: {name: worker2, creationTimestamp: \"2026-06-12T10:00:00Z\"}\n"
    "spec: {taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute}]}\n"
    "status:\n"
    "  allocatable: {cpu: \"4\", memory: 8Gi, pods: \"110\"}\n"
    "  nodeInfo: {kubeletVersion: v1.36.2}\n"
    "  conditions:\n"
    "  - {type: Ready, status: Unknown, reason: NodeStatusUnknown,\n"
    "     message: Kubelet stopped posting node status.,\n"
    "     lastTransitionTime: \"2026-06-15T22:05:00Z\"}\n"
    "---\n"
    "kind: Node\n"
    "metadata: {name: worker3, creationTimestamp: \"2026-06-14T10:00:00Z\"}\n"
    "spec: {unschedulable: true}\n"
    "status:\n"
    "  allocatable: {cpu: \"2\", memory: 2Gi}\n"
    "  nodeInfo: {kubeletVersion: v1.35.0}\n"
    "  conditions: [{type: Ready, status: \"True\"}]\n"
    "---\n"
    "kind: Pod\n"
    "metadata: {name: heavy-init, namespace: shop, uid: heavy}\n"
    "spec:\n"
    "  nodeName: worker\n"
    "  initContainers:\n"
    "  - {name: build, image: x, resources: {requests: {cpu: 3600m, memory: 1Gi}}}\n"
    "  containers:\n"
    "  - {name: app, image: x, resources: {requests: {cpu: 250m, memory: 256Mi}}}\n"
    "status: {phase: Running}\n";

static void
open_nodes(struct scene *sc)
{
    scene_open(sc, CLUSTER_NOW);
    cluster_fill(sc);
    manifest_load(&sc->sink, KIND_BIT(NODE), NODES);
    scene_live(sc);
    scene_ui(sc, "nodes");
    scene_draw(sc, 140, 40);
}

static void
nodes__show_requests_by_stage_and_stuck_pods(void **state)
{
    (void)state;
    struct scene sc;
    open_nodes(&sc);
    assert_true(scene_is(&sc, "nodes_60x16", 60, 16));
    assert_true(scene_is(&sc, "nodes_80x24", 80, 24));
    assert_true(scene_is(&sc, "nodes_140x40", 140, 40));
    assert_true(scene_is(&sc, "nodes_200x60", 200, 60));
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "✗ NotReady"));
    scene_keys(&sc, "j");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "held for init 3350m"));
    assert_true(scene_is(&sc, "nodes_init_140x40", 140, 40));
    scene_close(&sc);
}

static void
nodes__show_and_sort_by_what_is_used(void **state)
{
    (void)state;
    struct scene sc;
    open_nodes(&sc);
    assert_int_equal(ui_wants_usage(sc.ui), USAGE_OF_NODES);
    usage_begin(sc.usage, NULL, "");
    scene_usage(&sc, "", "worker", "", 700, 6200);
    scene_usage(&sc, "", "worker3", "", 1850, 512);
    usage_set_state(sc.usage, USAGE_LIVE, "");
    assert_true(scene_is(&sc, "nodes_used_60x16", 60, 16));
    assert_true(scene_is(&sc, "nodes_used_80x24", 80, 24));
    scene_keys(&sc, ">>>");
    assert_true(scene_is(&sc, "nodes_used_140x40", 140, 40));
    assert_true(scene_has(&sc, "sort: cpu used"));
    scene_keys(&sc, ">");
    assert_true(scene_is(&sc, "nodes_used_memory_80x24", 80, 24));
    scene_keys(&sc, "I");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "sort: memory used ▴"));
    assert_true(tr_set_language("ko"));
    assert_true(scene_is(&sc, "nodes_korean_60x16", 60, 16));
    assert_true(scene_is(&sc, "nodes_korean_80x24", 80, 24));
    assert_true(scene_is(&sc, "nodes_korean_140x40", 140, 40));
    tr_set_language("en");
    scene_close(&sc);
}

static void
nodes__open_as_yaml_and_hide_the_healthy(void **state)
{
    (void)state;
    struct scene sc;
    open_nodes(&sc);
    scene_keys(&sc, "y");
    assert_string_equal(ui_top_view(sc.ui), "object");
    assert_string_equal(ui_wants_raw(sc.ui).name, "worker2");
    assert_int_equal(ui_wants_raw(sc.ui).kind, KOBJECT_NODE);
    scene_keys(&sc, "q/worker3\r");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "⚠ cordoned"));
    scene_close(&sc);
}

static void
nodes__lead_to_the_pods_on_them(void **state)
{
    (void)state;
    struct scene sc;
    open_nodes(&sc);
    scene_keys(&sc, "\r");
    scene_draw(&sc, 140, 40);
    assert_string_equal(ui_top_view(sc.ui), "pods");
    assert_true(scene_is(&sc, "nodes_pods_140x40", 140, 40));
    assert_true(scene_has(&sc, "node:^worker2$"));
    assert_false(scene_finds(&sc, "heavy-init"));
    scene_keys(&sc, "q");
    assert_string_equal(ui_top_view(sc.ui), "nodes");
    scene_close(&sc);
}

static void
nodes__say_when_they_may_not_be_listed(void **state)
{
    (void)state;
    struct scene sc;
    scene_open(&sc, CLUSTER_NOW);
    scene_live(&sc);
    scene_ui(&sc, "nodes");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "Reading the nodes"));
    assert_int_equal(ui_wants(sc.ui), KIND_BIT(NODE));
    manifest_deny(&sc.sink, KOBJECT_NODE);
    assert_true(scene_is(&sc, "nodes_denied_80x24", 80, 24));
    scene_close(&sc);
}

/* The pod that needs Secret db-secrets, key url. */
static const char NEEDS[] =
    "kind: Pod\n"
    "metadata: {name: cart, namespace: shop, uid: cart, labels: {app: cart},\n"
    "  creationTimestamp: \"2026-06-15T12:00:00Z\"}\n"
    "spec:\n"
    "  nodeName: worker\n"
    "  nodeSelector: {disk: ssd}\n"
    "  securityContext: {runAsUser: 1000, fsGroup: 2000}\n"
    "  tolerations:\n"
    "  - {key: dedicated, value: shop, effect: NoSchedule}\n"
    "  - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute,\n"
    "     tolerationSeconds: 300}\n"
    "  initContainers:\n"
    "  - name: run-migrations\n"
    "    securityContext: {runAsUser: 0, capabilities: {drop: [ALL]}}\n"
    "    image: my-app-migrations\n"
    "    command: [python, manage.py, migrate]\n"
    "    env: [{name: U, valueFrom: {secretKeyRef: {name: db-secrets, key: url}}}]\n"
    "  - {name: proxy, image: envoy, restartPolicy: Always,\n"
    "     startupProbe: {httpGet: {path: /ready, port: 15021}, periodSeconds: 2,\n"
    "       failureThreshold: 30}}\n"
    "  containers:\n"
    "  - name: cart\n"
    "    image: shop/cart:5.2\n"
    "    resources: {requests: {cpu: 100m}}\n"
    "    envFrom: [{secretRef: {name: db-secrets}}]\n"
    "    volumeMounts: [{name: conf, mountPath: /etc/cart}]\n"
    "  volumes: [{name: conf, configMap: {name: cart-conf}}]\n"
    "status:\n"
    "  phase: Pending\n"
    "  conditions: [{type: PodScheduled, status: \"True\",\n"
    "    lastTransitionTime: \"2026-06-15T12:00:01Z\"}]\n"
    "  initContainerStatuses:\n"
    "  - {name: run-migrations, state: {waiting: {reason: CreateContainerConfigError,\n"
    "     message: 'secret \"db-secrets\" not found'}}}\n"
    "  containerStatuses: [{name: cart, state: {waiting: {reason: PodInitializing}}}]\n";
static const char SECRET[] =
    "kind: Secret\n"
    "metadata: {name: db-secrets, namespace: shop, creationTimestamp: \"2026-06-15T11:00:00Z\"}\n"
    "type: Opaque\n"
    "data: {user: aHVudGVyMg==, password: aHVudGVyMg==}\n";

static void
open_cart(struct scene *sc, const char *secret)
{
    scene_open(sc, T0 + SECONDS(400));
    manifest_load(&sc->sink, 0, NEEDS);
    manifest_load(&sc->sink, KIND_BIT(SECRET) | KIND_BIT(CONFIGMAP), secret);
    scene_live(sc);
    scene_ui(sc, "pods");
    scene_keys(sc, "d");
    scene_draw(sc, 140, 40);
    assert_string_equal(ui_top_view(sc->ui), "describe");
}

static void
describe__tells_the_pod_in_start_order(void **state)
{
    (void)state;
    struct scene sc;
    open_cart(&sc, "");
    assert_int_equal(ui_wants(sc.ui), KIND_BIT(SECRET) | KIND_BIT(CONFIGMAP));
    assert_true(scene_is(&sc, "describe_60x16", 60, 16));
    assert_true(scene_is(&sc, "describe_80x24", 80, 24));
    assert_true(scene_is(&sc, "describe_140x40", 140, 40));
    assert_true(scene_is(&sc, "describe_200x60", 200, 60));
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "G");
    assert_true(scene_is(&sc, "describe_end_80x24", 80, 24));
    scene_close(&sc);
}

/* What kubectl describe has and no record: it comes with the object itself. */
static void
describe__adds_what_only_the_object_has(void **state)
{
    static const char OBJECT[] =
        "kind: Pod\n"
        "metadata: {name: cart, namespace: shop,\n"
        "  annotations: {team: 결제, kubectl.kubernetes.io/last-applied-configuration: '{}'}}\n"
        "spec:\n"
        "  priority: 1000\n"
        "  initContainers:\n"
        "  - name: run-migrations\n"
        "    env: [{name: MODE, value: fast}, {name: U, valueFrom: {secretKeyRef: {name: "
        "db-secrets,\n"
        "      key: url}}}, {name: IP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: "
        "status.podIP}}}]\n"
        "  containers:\n"
        "  - {name: cart, lifecycle: {preStop: {sleep: {seconds: 5}}}}\n"
        "  volumes: [{name: conf, configMap: {name: cart-conf, defaultMode: 420}}]\n"
        "status: {podIPs: [{ip: 10.0.0.1}, {ip: \"fd00::1\"}]}\n";
    static const char *const FACTS[] = {"Priority:         1000",
                                        "Annotations:      team: 결제",
                                        "Environment:      MODE: fast",
                                        "IP: ← fieldRef fieldPath: status.podIP",
                                        "← Secret db-secrets key url",
                                        "Hooks:            preStop sleep seconds: 5",
                                        "defaultMode: 420",
                                        "fd00::1"};
    (void)state;
    struct scene sc;
    open_cart(&sc, "");
    scene_draw(&sc, 120, 90);
    assert_false(scene_has(&sc, "MODE: fast"));
    struct yaml_text *y = manifest_raw(&sc, KOBJECT_POD, "shop", "cart", OBJECT);
    scene_draw(&sc, 120, 90);
    for (size_t i = 0; i < IW_COUNTOF(FACTS); i++)
        if (!scene_has(&sc, FACTS[i]))
            fail_msg("not said: %s", FACTS[i]);
    assert_false(scene_has(&sc, "last-applied"));
    /* } goes by sections and containers */
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "}}");
    scene_draw(&sc, 80, 24);
    char *screen = scene_text(&sc, 80, 24);
    assert_non_null(strstr(screen, "Describe]"));
    assert_null(strstr(screen, "Start order"));
    assert_non_null(strstr(screen, "i1 run-migrations"));
    free(screen);
    scene_close(&sc);
    yaml_text_free(y);
}

static void
card__shows_keys_users_and_what_is_missing(void **state)
{
    (void)state;
    struct scene sc;
    open_cart(&sc, SECRET);
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "card");
    assert_true(scene_is(&sc, "card_80x24", 80, 24));
    assert_true(scene_is(&sc, "card_60x16", 60, 16));
    assert_true(scene_is(&sc, "card_140x40", 140, 40));
    char *screen = scene_text(&sc, 140, 40);
    assert_null(strstr(screen, "hunter2"));
    assert_null(strstr(screen, "aHVud"));
    free(screen);
    scene_close(&sc);
}

static void
card__says_that_the_secret_is_not_there(void **state)
{
    (void)state;
    struct scene sc;
    open_cart(&sc, "");
    scene_keys(&sc, "\r");
    assert_true(scene_is(&sc, "card_missing_80x24", 80, 24));
    assert_true(scene_has(
        &sc, "kubectl -n shop create secret generic db-secrets --from-literal=url=VALUE"));
    scene_close(&sc);
}

static void
card__says_what_may_not_be_listed(void **state)
{
    (void)state;
    struct scene sc;
    open_cart(&sc, "");
    manifest_deny(&sc.sink, KOBJECT_SECRET);
    scene_keys(&sc, "\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "secrets: not allowed to list"));
    assert_true(scene_has(&sc, "keys that are needed"));
    scene_close(&sc);
}

/* Two keys from the container to what it needs. */
static void
detail__opens_what_the_container_needs(void **state)
{
    static const char *const VIEWS[] = {"detail", "containers"};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(VIEWS); i++) {
        struct scene sc;
        open_cart(&sc, SECRET);
        scene_keys(&sc, i == 0 ? "1\t" : "2\t");
        scene_draw(&sc, 140, 40);
        assert_string_equal(ui_top_view(sc.ui), VIEWS[i]);
        assert_true(scene_has(&sc, "▸ Secret db-secrets  1 of 1  Enter opens it"));
        scene_draw(&sc, 80, 24);
        assert_true(scene_has(&sc, "▸ Secret db-secrets  1 of 1  Enter opens it"));
        scene_keys(&sc, "\r");
        assert_string_equal(ui_top_view(sc.ui), "card");
        scene_draw(&sc, 140, 40);
        assert_true(scene_has(&sc, "Secret shop/db-secrets"));
        scene_close(&sc);
    }
}

static const char NEEDS_CLAIM[] =
    "kind: Pod\n"
    "metadata: {name: ledger-0, namespace: shop, uid: l0,\n"
    "  creationTimestamp: \"2026-06-15T12:00:00Z\"}\n"
    "spec:\n"
    "  initContainers:\n"
    "  - {name: restore, image: busybox, volumeMounts: [{name: data, mountPath: /data}]}\n"
    "  containers:\n"
    "  - {name: ledger, image: ledger, volumeMounts: [{name: data, mountPath: /data}]}\n"
    "  volumes: [{name: data, persistentVolumeClaim: {claimName: data-ledger-0}}]\n"
    "status: {phase: Pending}\n";

/* A claim has no card: its YAML opens. */
static void
detail__opens_the_claim_that_a_container_needs(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, T0 + SECONDS(400));
    manifest_load(&sc.sink, 0, NEEDS_CLAIM);
    scene_live(&sc);
    scene_ui(&sc, "pods");
    scene_keys(&sc, "\r\t");
    assert_true(scene_is(&sc, "detail_claim_80x24", 80, 24));
    assert_true(scene_has(&sc, "▸ PersistentVolumeClaim data-ledger-0  1 of 1  Enter opens it"));
    assert_true(scene_is(&sc, "detail_claim_60x16", 60, 16));
    assert_true(scene_is(&sc, "detail_claim_140x40", 140, 40));
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "description");
    assert_int_equal(ui_wants_raw(sc.ui).kind, KOBJECT_PVC);
    assert_string_equal(ui_wants_raw(sc.ui).name, "data-ledger-0");
    scene_close(&sc);
}

static void
detail__steps_through_what_a_container_needs_and_back_to_its_log(void **state)
{
    (void)state;
    struct scene sc;
    open_cart(&sc, SECRET);
    scene_keys(&sc, "2G\t\t");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸ ConfigMap cart-conf  2 of 2"));
    scene_keys(&sc, "\t");
    assert_false(scene_finds(&sc, "▸ ConfigMap"));
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "logs");
    scene_close(&sc);
}

static void
detail__says_when_a_container_needs_nothing(void **state)
{
    (void)state;
    struct scene sc;
    open_cart(&sc, SECRET);
    scene_keys(&sc, "2j\t");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "proxy needs no Secret, no ConfigMap and no claim"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes__show_requests_by_stage_and_stuck_pods),
        cmocka_unit_test(nodes__show_and_sort_by_what_is_used),
        cmocka_unit_test(nodes__open_as_yaml_and_hide_the_healthy),
        cmocka_unit_test(nodes__lead_to_the_pods_on_them),
        cmocka_unit_test(nodes__say_when_they_may_not_be_listed),
        cmocka_unit_test(describe__tells_the_pod_in_start_order),
        cmocka_unit_test(describe__adds_what_only_the_object_has),
        cmocka_unit_test(card__shows_keys_users_and_what_is_missing),
        cmocka_unit_test(card__says_that_the_secret_is_not_there),
        cmocka_unit_test(card__says_what_may_not_be_listed),
        cmocka_unit_test(detail__opens_what_the_container_needs),
        cmocka_unit_test(detail__opens_the_claim_that_a_container_needs),
        cmocka_unit_test(detail__steps_through_what_a_container_needs_and_back_to_its_log),
        cmocka_unit_test(detail__says_when_a_container_needs_nothing),
    };
    return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
