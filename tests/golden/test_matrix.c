/* The matrix: every registered view over a healthy, a sick, a huge, an empty and a hostile cluster,
 * at the four sizes every screen is kept at; one file a view and cluster. A view that is new is in it
 * without a word here. The other golden tests tell stories; this one is there so that no combination
 * goes unseen.
 * SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"

#include "cluster.h"
#include "stories_more.h"

#define LOG_BYTES (1u << 20)
#define HUGE_PODS 10000
#define HUGE_NODES 300
#define HUGE_LINES 20000
#define HUGE_KEYS 500

enum world { WORLD_HEALTHY, WORLD_SICK, WORLD_HUGE, WORLD_EMPTY, WORLD_HOSTILE, WORLD_COUNT };
static const char *const WORLD_NAMES[] = {"healthy", "sick", "huge", "empty", "hostile"};

static const char NODE[] =
    "kind: Node\n"
    "metadata: {name: %s, creationTimestamp: \"2026-06-12T10:00:00Z\"}\n"
    "status:\n"
    "  allocatable: {cpu: 3900m, memory: 7774Mi, pods: \"110\"}\n"
    "  nodeInfo: {kubeletVersion: v1.36.2, containerRuntimeVersion: \"containerd://2.1.0\"}\n"
    "  conditions: [{type: Ready, status: \"%s\",\n"
    "    lastTransitionTime: \"2026-06-12T10:00:40Z\"}]\n";
static const char SECRET[] =
    "kind: Secret\n"
    "metadata: {name: db-secrets, namespace: shop, creationTimestamp: \"2026-06-15T11:00:00Z\"}\n"
    "type: Opaque\n"
    "data: {user: aHVudGVyMg==, password: aHVudGVyMg==}\n";
static const char HOSTILE_OBJECTS[] =
    "kind: Secret\n"
    "metadata: {name: \"db-\\e[2Jsecrets\", namespace: shop}\n"
    "data: {\"k\\u202eey\\e]0;x\\a\": aHVudGVyMg==}\n"
    "---\n"
    "kind: Node\n"
    "metadata: {name: \"work\\e[31mer\\u202e데이터\"}\n"
    "status:\n"
    "  allocatable: {cpu: nonsense, memory: \"-5\"}\n"
    "  conditions: [{type: Ready, status: \"\\e[2J\", message: \"\\x07\\r\\n\"}]\n";
static const char POD_YAML[] = "apiVersion: v1\n"
                               "kind: Pod\n"
                               "metadata: {name: app, namespace: shop, labels: {app: web}}\n"
                               "spec:\n"
                               "  initContainers:\n"
                               "  - {name: setup, image: busybox:1.36}\n"
                               "  containers:\n"
                               "  - {name: app, image: app:2}\n"
                               "status: {phase: Running}\n";
static const char HOSTILE_YAML[] = "kind: Pod\n"
                                   "metadata:\n"
                                   "  name: \"evil\\e]0;title\\a-pod\"\n"
                                   "  annotations:\n"
                                   "    \"\\e[2J\\u202ekey\": \"one\\r\\ntwo\\a\\x9b31m\\u2066\"\n"
                                   "    데이터: \"日本語\\u0000\\u200b\"\n";

static const char CART[] =
    "kind: Pod\n"
    "metadata: {name: cart, namespace: shop, uid: cart, labels: {app: cart},\n"
    "  creationTimestamp: \"2026-06-15T12:00:00Z\",\n"
    "  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: cart-7b5c9f, uid: rs,\n"
    "    controller: true}]}\n"
    "spec:\n"
    "  nodeName: worker\n"
    "  initContainers:\n"
    "  - name: run-migrations\n"
    "    image: my-app-migrations\n"
    "    command: [python, manage.py, migrate]\n"
    "    env: [{name: U, valueFrom: {secretKeyRef: {name: %s, key: %s}}}]\n"
    "    resources: {requests: {cpu: 500m, memory: 256Mi}}\n"
    "  - {name: proxy, image: envoy, restartPolicy: Always,\n"
    "     startupProbe: {httpGet: {path: /ready, port: 15021}, periodSeconds: 2,\n"
    "       failureThreshold: 30}}\n"
    "  containers:\n"
    "  - {name: cart, image: \"shop/cart:5.2\", resources: {requests: {cpu: 100m}}}\n"
    "status:\n";
static const char CART_STUCK[] =
    "  phase: Pending\n"
    "  conditions: [{type: PodScheduled, status: \"True\",\n"
    "    lastTransitionTime: \"2026-06-15T12:00:01Z\"}]\n"
    "  initContainerStatuses:\n"
    "  - {name: run-migrations, state: {waiting: {reason: CreateContainerConfigError,\n"
    "     message: 'couldn''t find key url in Secret shop/db-secrets'}}}\n"
    "  - {name: proxy, state: {waiting: {reason: PodInitializing}}}\n"
    "  containerStatuses: [{name: cart, state: {waiting: {reason: PodInitializing}}}]\n";
static const char CART_WELL[] =
    "  phase: Running\n"
    "  conditions:\n"
    "  - {type: PodScheduled, status: \"True\", lastTransitionTime: \"2026-06-15T12:00:01Z\"}\n"
    "  - {type: Initialized, status: \"True\", lastTransitionTime: \"2026-06-15T12:00:07Z\"}\n"
    "  - {type: Ready, status: \"True\", lastTransitionTime: \"2026-06-15T12:00:09Z\"}\n"
    "  initContainerStatuses:\n"
    "  - {name: run-migrations, ready: true, state: {terminated: {exitCode: 0, reason: Completed,\n"
    "     startedAt: \"2026-06-15T12:00:02Z\", finishedAt: \"2026-06-15T12:00:05Z\"}}}\n"
    "  - {name: proxy, ready: true, started: true, state: {running:\n"
    "     {startedAt: \"2026-06-15T12:00:06Z\"}}}\n"
    "  containerStatuses: [{name: cart, ready: true, started: true, state: {running:\n"
    "     {startedAt: \"2026-06-15T12:00:08Z\"}}}]\n";

/* --- the clusters --- */

static void
add_cart(struct scene *sc, const char *secret, const char *key, const char *status)
{
    char yaml[sizeof(CART) + sizeof(CART_WELL) + sizeof(CART_STUCK) + 80];
    int n = snprintf(yaml, sizeof(yaml), CART, secret, key);
    snprintf(yaml + n, sizeof(yaml) - (size_t)n, "%s", status);
    manifest_load(&sc->sink, 0, yaml);
}

static void
add_node(struct scene *sc, const char *name, const char *ready)
{
    char yaml[sizeof(NODE) + 80];
    snprintf(yaml, sizeof(yaml), NODE, name, ready);
    manifest_load(&sc->sink, 0, yaml);
}

static const char *
fill_healthy(struct scene *sc)
{
    add_cart(sc, "db-secrets", "user", CART_WELL);
    scene_add(sc, cluster_healthy("search", "worker2", 7860, 1, 1));
    scene_add(sc, cluster_healthy("web", "worker", 7800, 2, 0));
    manifest_load(&sc->sink, 0, SECRET);
    add_node(sc, "worker", "True");
    add_node(sc, "worker2", "True");
    return "cart";
}

static const char *
fill_sick(struct scene *sc)
{
    cluster_fill(sc);
    add_cart(sc, "db-secrets", "url", CART_STUCK);
    manifest_load(&sc->sink, 0, SECRET);
    add_node(sc, "worker", "True");
    add_node(sc, "worker2", "Unknown");
    return "cart";
}

static void
add_huge_secret(struct scene *sc)
{
    struct strbuf yaml;
    strbuf_init(&yaml, 0);
    strbuf_adds(&yaml, "kind: Secret\nmetadata: {name: db-secrets, namespace: shop}\ndata:\n");
    for (int i = 0; i < HUGE_KEYS; i++)
        strbuf_addf(&yaml, "  key-%03d: aHVudGVyMg==\n", i);
    manifest_load(&sc->sink, 0, yaml.data);
    strbuf_free(&yaml);
}

static const char *
fill_huge(struct scene *sc)
{
    char name[64];
    for (int i = 0; i < HUGE_PODS; i++) {
        snprintf(name, sizeof(name), "web-%05d", i);
        scene_add(sc, cluster_healthy(name, "worker", 100 + i, 2, 2));
    }
    for (int i = 0; i < HUGE_NODES; i++) {
        snprintf(name, sizeof(name), "worker-%03d", i);
        add_node(sc, name, i % 50 ? "True" : "False");
    }
    add_huge_secret(sc);
    add_cart(sc, "db-secrets", "key-321", CART_WELL);
    scene_add(sc, story_huge());
    for (int i = 0; i < 200; i++)
        scene_event(sc, AGO(200 - i), i % 3 == 0, i % 3 ? "Pulled" : "BackOff",
                    "platform-bootstrap-7d9c4b5f6-x2x9q", "what the kubelet said this time", 1);
    return "platform-bootstrap-7d9c4b5f6-x2x9q";
}

static const char *
fill_hostile(struct scene *sc)
{
    struct pod *evil = story_hostile();
    static char name[96];
    snprintf(name, sizeof(name), "%.95s", evil->name);
    scene_add(sc, evil);
    scene_add(sc, story_korean());
    add_cart(sc, "\"db-\\e[2Jsecrets\"", "\"k\\u202eey\"", CART_STUCK);
    manifest_load(&sc->sink, 0, HOSTILE_OBJECTS);
    scene_event(sc, AGO(9), true, "Ba\x1b[2Jck\xe2\x80\xae", name,
                "\x1b]0;x\x07 데이터베이스\r\n\xff", UINT32_MAX);
    return name;
}

/* Fills the store and says which pod the views of one pod are about. */
static const char *
fill(struct scene *sc, enum world world)
{
    const uint32_t kinds = ((1u << KOBJECT_KIND_COUNT) - 1) & ~KIND_BIT(POD);
    const char *pod = "";
    scene_open(sc, CLUSTER_NOW);
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++)
        if (kinds & 1u << i)
            sc->sink.objects_begin(sc->sink.ctx, (enum kobject_kind)i, "");
    switch (world) {
    case WORLD_HEALTHY:
        pod = fill_healthy(sc);
        break;
    case WORLD_SICK:
        pod = fill_sick(sc);
        break;
    case WORLD_HUGE:
        pod = fill_huge(sc);
        break;
    case WORLD_HOSTILE:
        pod = fill_hostile(sc);
        break;
    case WORLD_EMPTY:
    case WORLD_COUNT:
        break;
    }
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++)
        if (kinds & 1u << i)
            sc->sink.objects_end(sc->sink.ctx, (enum kobject_kind)i, "");
    scene_live(sc);
    return pod;
}

/* --- what else a view looks at --- */

static void
line(struct scene *sc, int64_t wall_ms, const char *text)
{
    char raw[512], stamp[40];
    rfc3339_format(wall_ms, true, stamp);
    int n = snprintf(raw, sizeof(raw), "%s %s", stamp, text);
    logbuf_append(sc->feed.buf, 0, raw, (size_t)n, true, false);
}

static void
open_feed(struct scene *sc, enum world world, struct pod_ref ref)
{
    const struct pod *pod = store_get(sc->store, ref);
    if (world == WORLD_EMPTY)
        return;
    sc->feed.buf = logbuf_new(LOG_BYTES);
    sc->feed.pod = ref;
    sc->feed.state = LOG_FEED_FOLLOWING;
    sc->feed.follow = true;
    sc->feed.attempt = -1;
    sc->feed.source_count = 1;
    if (pod) {
        snprintf(sc->feed.pod_name, sizeof(sc->feed.pod_name), "%s", pod->name);
        snprintf(sc->feed.title, sizeof(sc->feed.title), "%s, attempt 1, running",
                 pod->containers[0].name);
        snprintf(sc->feed.sources[0].container, sizeof(sc->feed.sources[0].container), "%s",
                 pod->containers[0].name);
        snprintf(sc->feed.sources[0].tag, sizeof(sc->feed.sources[0].tag), "%s",
                 pod->containers[0].tag);
    }
    if (world == WORLD_HEALTHY || world == WORLD_SICK) {
        line(sc, AGO(4), "Running migrations:");
        line(sc, AGO(3), "  Applying shop.0001_users... OK");
    }
    if (world == WORLD_SICK)
        line(sc, AGO(2), "ERROR psycopg2.errors.DuplicateTable: relation \"users\" already exists");
    for (int i = 0; world == WORLD_HUGE && i < HUGE_LINES; i++) {
        char text[64];
        snprintf(text, sizeof(text), "%s request %d took %d ms", i % 97 ? "INFO" : "WARN", i,
                 i * 7 % 900);
        line(sc, AGO(HUGE_LINES / 10) + i * 100, text);
    }
    if (world == WORLD_HOSTILE) {
        line(sc, AGO(3), "\x1b[2J\x1b]0;title\x07 cleared \x1b[31mred\x1b[0m");
        line(sc, AGO(2),
             "\xe2\x80\xae reversed 데이터베이스 日本語 \xff\xfe \x9b"
             "31m");
        line(sc, AGO(1), "progress\r 10 %\r 20 %\tdone");
    }
}

/* Views of one object are opened the way a user comes to them. */
static bool
open_view(struct scene *sc, const struct view_class *view, struct pod_ref pod)
{
    static const struct pod_ref none = {0, 0};
    if (strcmp(view->name, "card") == 0) {
        struct pod_ref cart = none;
        (void)store_find(sc->store, "shop", "cart", &cart);
        ui_open(sc->ui, "describe", cart, "");
        scene_keys(sc, "\r");
    } else if (strcmp(view->name, "object") == 0) {
        ui_open(sc->ui, "nodes", none, "");
        scene_keys(sc, "y");
    } else {
        ui_open(sc->ui, view->name, view->scope == VIEW_POD ? pod : none, "");
    }
    return strcmp(ui_top_view(sc->ui), view->name) == 0;
}

static void
check_cells(const struct surface *s, const char *view)
{
    if (!story_is_harmless(s))
        fail_msg("%s draws what a terminal could obey", view);
}

/* --- the matrix --- */

/* All sizes of one view in one text. */
static void
compare(struct scene *sc, const struct view_class *view, enum world world)
{
    static const int SIZES[][2] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};
    struct strbuf all;
    char name[96];
    strbuf_init(&all, 0);
    for (size_t i = 0; i < IW_COUNTOF(SIZES); i++) {
        char *text = scene_text(sc, SIZES[i][0], SIZES[i][1]);
        check_cells(&sc->surface, view->name);
        strbuf_addf(&all, "== %dx%d\n%s", SIZES[i][0], SIZES[i][1], text);
        free(text);
    }
    snprintf(name, sizeof(name), "matrix_%s_%s", view->name, WORLD_NAMES[world]);
    assert_true(golden_matches(name, all.data));
    strbuf_free(&all);
}

static void
draw_all_views(enum world world)
{
    struct scene sc;
    struct pod_ref pod = {0, 0};
    const char *name = fill(&sc, world);
    struct yaml_text *yaml = NULL;
    (void)store_find(sc.store, "shop", name, &pod);
    assert_true(pod.gen > 0 || world == WORLD_EMPTY);
    open_feed(&sc, world, pod);
    for (size_t v = 0; v < view_registry_count; v++) {
        const struct view_class *view = view_registry[v];
        scene_ui(&sc, "pods");
        scene_draw(&sc, 140, 40);
        if (open_view(&sc, view, pod)) {
            const struct kobject_ref object = ui_wants_raw(sc.ui);
            if (view->wants_raw)
                yaml = manifest_raw(&sc, object.kind, object.ns, object.name,
                                    world == WORLD_HOSTILE ? HOSTILE_YAML : POD_YAML);
            compare(&sc, view, world);
        } else if (world != WORLD_EMPTY) {
            fail_msg("%s cannot be opened in the %s cluster", view->name, WORLD_NAMES[world]);
        }
        sc.raw = (struct raw_object){0};
        yaml_text_free(yaml);
        yaml = NULL;
        ui_free(sc.ui);
        sc.ui = NULL;
    }
    logbuf_free(sc.feed.buf);
    scene_close(&sc);
}

static void
views__show_a_healthy_cluster(void **state)
{
    (void)state;
    draw_all_views(WORLD_HEALTHY);
}

static void
views__show_a_sick_cluster(void **state)
{
    (void)state;
    draw_all_views(WORLD_SICK);
}

static void
views__show_a_huge_cluster(void **state)
{
    (void)state;
    draw_all_views(WORLD_HUGE);
}

static void
views__show_an_empty_cluster(void **state)
{
    (void)state;
    draw_all_views(WORLD_EMPTY);
}

static void
views__show_a_hostile_cluster(void **state)
{
    (void)state;
    draw_all_views(WORLD_HOSTILE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views__show_a_healthy_cluster),
        cmocka_unit_test(views__show_a_sick_cluster),
        cmocka_unit_test(views__show_a_huge_cluster),
        cmocka_unit_test(views__show_an_empty_cluster),
        cmocka_unit_test(views__show_a_hostile_cluster),
    };
    return cmocka_run_group_tests_name("matrix", tests, NULL, NULL);
}
