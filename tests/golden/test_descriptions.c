/* Golden screens of the descriptions of objects that are no pods: what each kind says, where its names lead.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/tr.h"
#include "manifest.h"

#include "cluster.h"

#define WAITER                                                                                     \
    "kind: Pod\n"                                                                                  \
    "metadata: {name: web-6b7-x2k9p, namespace: shop, uid: web, labels: {app: web,\n"              \
    "    pod-template-hash: 6b7},\n"                                                               \
    "  creationTimestamp: \"2026-06-15T22:00:04Z\",\n"                                             \
    "  ownerReferences: [{kind: ReplicaSet, name: web-6b7, uid: rs, controller: true}]}\n"         \
    "spec:\n"                                                                                      \
    "  nodeName: worker\n"                                                                         \
    "  initContainers:\n"                                                                          \
    "  - {name: wait-db, image: busybox, command: [sh, -c, \"until nc -z db 5432; do sleep 2; "    \
    "done\"]}\n"                                                                                   \
    "  containers: [{name: web, image: web, resources: {requests: {cpu: 500m}}}]\n"                \
    "status:\n"                                                                                    \
    "  phase: Pending\n"                                                                           \
    "  initContainerStatuses: [{name: wait-db, state: {running:\n"                                 \
    "    {startedAt: \"2026-06-15T22:00:05Z\"}}}]\n"                                               \
    "  containerStatuses: [{name: web, state: {waiting: {reason: PodInitializing}}}]\n"            \
    "---\n"
#define DATABASE                                                                                   \
    "kind: Pod\n"                                                                                  \
    "metadata: {name: db-0, namespace: shop, uid: db, labels: {app: db},\n"                        \
    "  creationTimestamp: \"2026-06-15T22:00:04Z\"}\n"                                             \
    "spec:\n"                                                                                      \
    "  nodeName: worker\n"                                                                         \
    "  initContainers: [{name: restore, image: x}]\n"                                              \
    "  containers: [{name: db, image: postgres, ports: [{name: pg, containerPort: 5432}]}]\n"      \
    "  volumes: [{name: data, persistentVolumeClaim: {claimName: data-db-0}}]\n"                   \
    "status:\n"                                                                                    \
    "  phase: Pending\n"                                                                           \
    "  initContainerStatuses: [{name: restore, restartCount: 3, state: {waiting:\n"                \
    "    {reason: CrashLoopBackOff, message: back-off 40s}}}]\n"                                   \
    "  containerStatuses: [{name: db, state: {waiting: {reason: PodInitializing}}}]\n"             \
    "---\n"
#define SERVICE                                                                                    \
    "kind: Service\n"                                                                              \
    "metadata: {name: db, namespace: shop, labels: {team: data},\n"                                \
    "  creationTimestamp: \"2026-06-14T10:00:00Z\"}\n"                                             \
    "spec: {type: ClusterIP, clusterIP: 10.96.0.7, selector: {app: db},\n"                         \
    "  ports: [{name: pg, port: 5432, targetPort: pg, protocol: TCP}]}\n"                          \
    "---\n"
#define SLICE                                                                                      \
    "kind: EndpointSlice\n"                                                                        \
    "metadata: {name: db-x7k2, namespace: shop, labels: {kubernetes.io/service-name: db},\n"       \
    "  ownerReferences: [{kind: Service, name: db, uid: s, controller: true}]}\n"                  \
    "addressType: IPv4\n"                                                                          \
    "ports: [{name: pg, port: 5432, protocol: TCP}]\n"                                             \
    "endpoints: [{addresses: [10.244.1.9], conditions: {ready: false}, nodeName: worker,\n"        \
    "  targetRef: {kind: Pod, name: db-0}}]\n"                                                     \
    "---\n"
#define CLAIM                                                                                      \
    "kind: PersistentVolumeClaim\n"                                                                \
    "metadata: {name: data-db-0, namespace: shop, creationTimestamp: \"2026-06-15T22:00:04Z\"}\n"  \
    "spec: {storageClassName: fast, accessModes: [ReadWriteOnce],\n"                               \
    "  resources: {requests: {storage: 10Gi}}}\n"                                                  \
    "status: {phase: Pending}\n"                                                                   \
    "---\n"
#define DEPLOYMENT                                                                                 \
    "kind: Deployment\n"                                                                           \
    "metadata: {name: web, namespace: shop, creationTimestamp: \"2026-06-14T10:00:00Z\",\n"        \
    "  generation: 3, annotations: {owner: \"team web\"}}\n"                                       \
    "spec:\n"                                                                                      \
    "  replicas: 2\n"                                                                              \
    "  selector: {matchLabels: {app: web}}\n"                                                      \
    "  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n"         \
    "  progressDeadlineSeconds: 600\n"                                                             \
    "  template:\n"                                                                                \
    "    spec:\n"                                                                                  \
    "      initContainers:\n"                                                                      \
    "      - name: wait-db\n"                                                                      \
    "        image: busybox\n"                                                                     \
    "        command: [sh, -c, \"until nc -z db 5432\\ndo sleep 2\\ndone\\n\"]\n"                  \
    "      - {name: proxy, image: \"envoy:1.34\", restartPolicy: Always,\n"                        \
    "         startupProbe: {httpGet: {path: /ready, port: 15021}, periodSeconds: 2}}\n"           \
    "      containers:\n"                                                                          \
    "      - name: web\n"                                                                          \
    "        image: web:7\n"                                                                       \
    "        resources: {requests: {cpu: 500m}}\n"                                                 \
    "        env: [{name: DB, valueFrom: {secretKeyRef: {name: db-secrets, key: url}}}]\n"         \
    "        volumeMounts: [{name: conf, mountPath: /etc/web}]\n"                                  \
    "      volumes: [{name: conf, configMap: {name: web-conf}}]\n"                                 \
    "status: {observedGeneration: 3, replicas: 2, updatedReplicas: 1, readyReplicas: 1,\n"         \
    "  availableReplicas: 1, unavailableReplicas: 1, conditions: [{type: Progressing,\n"           \
    "  status: \"True\", reason: ReplicaSetUpdated, message: ReplicaSet web-6b7 is "               \
    "progressing.,\n"                                                                              \
    "  lastUpdateTime: \"2026-06-15T22:05:00Z\", lastTransitionTime: \"2026-06-15T22:00:00Z\"},\n" \
    "  {type: Available, status: \"False\", reason: MinimumReplicasUnavailable}]}\n"
#define REPLICASET                                                                                 \
    "---\n"                                                                                        \
    "kind: ReplicaSet\n"                                                                           \
    "metadata: {name: web-6b7, namespace: shop, creationTimestamp: \"2026-06-15T22:00:04Z\",\n"    \
    "  annotations: {deployment.kubernetes.io/revision: \"3\"},\n"                                 \
    "  ownerReferences: [{kind: Deployment, name: web, uid: d, controller: true}]}\n"              \
    "spec: {replicas: 1, selector: {matchLabels: {app: web}}}\n"                                   \
    "status: {replicas: 1}\n"                                                                      \
    "---\n"
#define JOB                                                                                        \
    "kind: Job\n"                                                                                  \
    "metadata: {name: nightly-291, namespace: shop, creationTimestamp: "                           \
    "\"2026-06-15T22:00:04Z\",\n"                                                                  \
    "  ownerReferences: [{kind: CronJob, name: nightly, uid: c, controller: true}]}\n"             \
    "spec: {completions: 3, parallelism: 2, backoffLimit: 4, activeDeadlineSeconds: 900}\n"        \
    "status: {active: 1, succeeded: 1, failed: 2, startTime: \"2026-06-15T22:00:04Z\"}\n"          \
    "---\n"                                                                                        \
    "kind: CronJob\n"                                                                              \
    "metadata: {name: nightly, namespace: shop, creationTimestamp: \"2026-06-10T22:00:04Z\"}\n"    \
    "spec: {schedule: \"0 22 * * *\"}\n"                                                           \
    "status: {lastScheduleTime: \"2026-06-15T22:00:00Z\"}\n"                                       \
    "---\n"
#define POLICY                                                                                     \
    "kind: NetworkPolicy\n"                                                                        \
    "metadata: {name: db-only-web, namespace: shop}\n"                                             \
    "spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress, Egress],\n"              \
    "  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {ipBlock: {cidr: 10.0.0.0/8,\n" \
    "  except: [10.1.0.0/16]}}], ports: [{port: 5432, protocol: TCP}]}]}\n"                        \
    "---\n"
#define QUOTA                                                                                      \
    "kind: ResourceQuota\n"                                                                        \
    "metadata: {name: compute, namespace: shop}\n"                                                 \
    "spec: {hard: {pods: \"10\", requests.cpu: \"4\"}}\n"                                          \
    "status: {hard: {pods: \"10\", requests.cpu: \"4\"}, used: {pods: \"10\", requests.cpu: "      \
    "1500m}}\n"                                                                                    \
    "---\n"                                                                                        \
    "kind: LimitRange\n"                                                                           \
    "metadata: {name: defaults, namespace: shop}\n"                                                \
    "spec: {limits: [{type: Container, default: {cpu: 500m}, defaultRequest: {cpu: 100m},\n"       \
    "  max: {cpu: \"2\"}}]}\n"                                                                     \
    "---\n"
#define NODE                                                                                       \
    "kind: Node\n"                                                                                 \
    "metadata: {name: worker, creationTimestamp: \"2026-06-12T10:00:00Z\"}\n"                      \
    "spec: {taints: [{key: dedicated, value: db, effect: NoSchedule}]}\n"                          \
    "status:\n"                                                                                    \
    "  capacity: {cpu: \"4\", memory: 8Gi, pods: \"110\"}\n"                                       \
    "  allocatable: {cpu: 3900m, memory: 7774Mi, pods: \"110\"}\n"                                 \
    "  nodeInfo: {kubeletVersion: v1.36.2, containerRuntimeVersion: \"containerd://2.1.0\"}\n"     \
    "  addresses: [{type: InternalIP, address: 172.18.0.3}]\n"                                     \
    "  images: [{names: [\"postgres:16\"], sizeBytes: 431000000}]\n"                               \
    "  conditions:\n"                                                                              \
    "  - {type: MemoryPressure, status: \"True\", reason: KubeletHasInsufficientMemory}\n"         \
    "  - {type: Ready, status: \"True\", reason: KubeletReady,\n"                                  \
    "     lastTransitionTime: \"2026-06-12T10:00:40Z\"}\n"                                         \
    "---\n"

#define ALL_KINDS (((1u << KOBJECT_KIND_COUNT) - 1u) & ~KIND_BIT(POD))

static const char *const WORLD[] = {WAITER, DATABASE, SERVICE, SLICE,      CLAIM,     JOB,
                                    POLICY, QUOTA,    NODE,    DEPLOYMENT, REPLICASET};

static void
warn_about(struct scene *sc, const char *kind, const char *name, const char *reason,
           const char *message)
{
    const struct kevent ev = {.uid = name,
                              .ns = "shop",
                              .type = "Warning",
                              .reason = reason,
                              .message = message,
                              .object_kind = kind,
                              .object_name = name,
                              .object_uid = name,
                              .container = "",
                              .source = "controller",
                              .count = 7,
                              .first_ms = AGO(300),
                              .last_ms = AGO(12)};
    sc->sink.event(sc->sink.ctx, &ev);
}

static void
open_world(struct scene *sc, uint32_t kinds)
{
    strbuf_auto yaml;
    strbuf_init(&yaml, 0);
    for (size_t i = 0; kinds && i < IW_COUNTOF(WORLD); i++)
        strbuf_adds(&yaml, WORLD[i]);
    scene_open(sc, CLUSTER_NOW);
    manifest_load(&sc->sink, kinds, kinds ? yaml.data : "");
    scene_live(sc);
    scene_ui(sc, "pods");
}

/* As a user asks for it. */
static void
describe(struct scene *sc, const char *object)
{
    char line[120];
    snprintf(line, sizeof(line), "describe %s", object);
    scene_draw(sc, 140, 40);
    ui_command(sc->ui, line);
    scene_draw(sc, 140, 40);
    assert_string_equal(ui_top_view(sc->ui), "description");
}

static void
is_at_sizes(struct scene *sc, const char *name)
{
    static const int sizes[][2] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};
    for (size_t i = 0; i < IW_COUNTOF(sizes); i++) {
        char golden[80];
        snprintf(golden, sizeof(golden), "description_%s_%dx%d", name, sizes[i][0], sizes[i][1]);
        assert_true(scene_is(sc, golden, sizes[i][0], sizes[i][1]));
    }
}

static void
service__says_who_is_behind_it_and_who_waits(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    describe(&sc, "svc/db");
    assert_int_equal(ui_wants(sc.ui), KIND_BIT(SERVICE) | KIND_BIT(ENDPOINTSLICE));
    is_at_sizes(&sc, "service");
    assert_true(scene_has(&sc, "0 of 1 endpoint is ready"));
    assert_true(scene_has(&sc, "no endpoints  web-6b7-x2k9p  i1 wait-db  nc -z db 5432"));
    scene_close(&sc);
}

static void
claim__says_what_it_waits_for_and_who_uses_it(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    warn_about(&sc, "PersistentVolumeClaim", "data-db-0", "ProvisioningFailed",
               "storageclass.storage.k8s.io \"fast\" not found");
    describe(&sc, "pvc data-db-0");
    is_at_sizes(&sc, "claim");
    assert_true(scene_has(&sc, "there is no StorageClass fast"));
    scene_close(&sc);
}

static void
node__says_what_it_has_and_who_is_on_it(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    ui_command(sc.ui, "nodes");
    scene_keys(&sc, "d");
    assert_string_equal(ui_top_view(sc.ui), "description");
    is_at_sizes(&sc, "node");
    scene_close(&sc);
}

static void
deployment__has_its_pods_and_its_template_in_start_order(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    struct yaml_text *y = manifest_raw(&sc, KOBJECT_DEPLOYMENT, "shop", "web", DEPLOYMENT);
    describe(&sc, "deploy/web");
    is_at_sizes(&sc, "deployment");
    yaml_text_free(y);
    scene_close(&sc);
}

static void
job__says_how_far_it_is(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    describe(&sc, "job/nightly-291");
    is_at_sizes(&sc, "job");
    describe(&sc, "cj/nightly");
    assert_true(scene_is(&sc, "description_cronjob_80x24", 80, 24));
    scene_close(&sc);
}

static void
rules__are_told_in_words(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    describe(&sc, "netpol/db-only-web");
    assert_true(scene_is(&sc, "description_policy_80x24", 80, 24));
    describe(&sc, "quota/compute");
    assert_true(scene_is(&sc, "description_quota_80x24", 80, 24));
    assert_true(scene_has(&sc, "used up: pods"));
    describe(&sc, "limits/defaults");
    assert_true(scene_is(&sc, "description_limits_80x24", 80, 24));
    scene_close(&sc);
}

static void
names__lead_to_what_they_name(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    describe(&sc, "job/nightly-291");
    scene_keys(&sc, "\t\r"); /* Controlled by */
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "CronJob shop/nightly"));
    assert_string_equal(ui_top_view(sc.ui), "description");
    scene_keys(&sc, "y");
    assert_string_equal(ui_top_view(sc.ui), "object");
    assert_string_equal(ui_wants_raw(sc.ui).name, "nightly");
    describe(&sc, "svc/db");
    scene_keys(&sc, "/db-0\rc");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_string_equal(sc.last.text, "db-0");
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_keys(&sc, "qg");
    scene_keys(&sc, "\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "names no object"));
    scene_close(&sc);
}

/* On its row an owner is described, not the worst of its pods. */
static void
owners__are_described_on_their_rows(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    ui_command(sc.ui, "owners");
    scene_keys(&sc, "/web\rgd");
    scene_draw(&sc, 80, 24);
    assert_string_equal(ui_top_view(sc.ui), "description");
    assert_true(scene_has(&sc, "Deployment shop/web"));
    scene_keys(&sc, "qy");
    assert_string_equal(ui_top_view(sc.ui), "object");
    assert_int_equal(ui_wants_raw(sc.ui).kind, KOBJECT_DEPLOYMENT);
    scene_close(&sc);
}

static void
search__goes_from_match_to_match(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, ALL_KINDS);
    describe(&sc, "svc/db");
    scene_keys(&sc, "/Endpoints\r");
    scene_draw(&sc, 80, 24);
    char *first = scene_text(&sc, 80, 24);
    scene_keys(&sc, "n");
    char *second = scene_text(&sc, 80, 24);
    assert_string_equal(first, second); /* the only one */
    free(first);
    free(second);
    scene_keys(&sc, "/xyzzy\rn");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "is not in this object"));
    scene_close(&sc);
}

static void
next_of_its_kind__is_one_key_away(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, 0);
    manifest_load(
        &sc.sink, KIND_BIT(SERVICE),
        "kind: Service\nmetadata: {name: a, namespace: shop}\nspec: {clusterIP: 10.0.0.1}\n"
        "---\nkind: Service\nmetadata: {name: b, namespace: shop}\nspec: {clusterIP: None}\n");
    describe(&sc, "svc/a");
    scene_keys(&sc, "J");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "Service shop/b"));
    scene_keys(&sc, "JK");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "Service shop/a"));
    scene_close(&sc);
}

static void
what_is_not_known__is_said(void **state)
{
    (void)state;
    struct scene sc;
    open_world(&sc, 0);
    describe(&sc, "svc/gone");
    assert_true(scene_has(&sc, "not asked for"));
    manifest_load(&sc.sink, KIND_BIT(SERVICE), "");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "this Service does not exist"));
    manifest_deny(&sc.sink, KOBJECT_PVC);
    describe(&sc, "pvc/data");
    assert_true(scene_is(&sc, "description_denied_80x24", 80, 24));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(service__says_who_is_behind_it_and_who_waits),
        cmocka_unit_test(claim__says_what_it_waits_for_and_who_uses_it),
        cmocka_unit_test(node__says_what_it_has_and_who_is_on_it),
        cmocka_unit_test(deployment__has_its_pods_and_its_template_in_start_order),
        cmocka_unit_test(job__says_how_far_it_is),
        cmocka_unit_test(rules__are_told_in_words),
        cmocka_unit_test(names__lead_to_what_they_name),
        cmocka_unit_test(owners__are_described_on_their_rows),
        cmocka_unit_test(search__goes_from_match_to_match),
        cmocka_unit_test(next_of_its_kind__is_one_key_away),
        cmocka_unit_test(what_is_not_known__is_said),
    };
    return cmocka_run_group_tests_name("descriptions", tests, NULL, NULL);
}
