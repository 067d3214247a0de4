/* worlds: five clusters (healthy, sick, huge, empty, hostile) with all that any view looks at, and every view opened the
 * way a user comes to it. For tests that go over all views: a view that is new is in them without a word here.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GOLDEN_WORLDS_H
#define TESTS_GOLDEN_WORLDS_H

#include "manifest.h"

#include "cluster.h"
#include "stories_more.h"

#define WORLD_LOG_BYTES (1u << 20)
#define WORLD_HUGE_PODS 10000
#define WORLD_HUGE_NODES 300
#define WORLD_HUGE_LINES 20000
#define WORLD_HUGE_KEYS 500

enum world_kind { WORLD_HEALTHY, WORLD_SICK, WORLD_HUGE, WORLD_EMPTY, WORLD_HOSTILE, WORLD_COUNT };
static const char *const WORLD_NAMES[] = {"healthy", "sick", "huge", "empty", "hostile"};

static const char WORLD_NODE[] =
    "kind: Node\n"
    "metadata: {name: %s, creationTimestamp: \"2026-06-12T10:00:00Z\"}\n"
    "status:\n"
    "  allocatable: {cpu: 3900m, memory: 7774Mi, pods: \"110\"}\n"
    "  nodeInfo: {kubeletVersion: v1.36.2, containerRuntimeVersion: \"containerd://2.1.0\"}\n"
    "  conditions: [{type: Ready, status: \"%s\",\n"
    "    lastTransitionTime: \"2026-06-12T10:00:40Z\"}]\n";
static const char WORLD_SECRET[] =
    "kind: Secret\n"
    "metadata: {name: db-secrets, namespace: shop, creationTimestamp: \"2026-06-15T11:00:00Z\"}\n"
    "type: Opaque\n"
    "data: {user: aHVudGVyMg==, password: aHVudGVyMg==}\n";
static const char WORLD_HOSTILE_OBJECTS[] =
    "kind: Secret\n"
    "metadata: {name: \"db-\\e[2Jsecrets\", namespace: shop}\n"
    "data: {\"k\\u202eey\\e]0;x\\a\": aHVudGVyMg==}\n"
    "---\n"
    "kind: Node\n"
    "metadata: {name: \"work\\e[31mer\\u202e데이터\"}\n"
    "status:\n"
    "  allocatable: {cpu: nonsense, memory: \"-5\"}\n"
    "  conditions: [{type: Ready, status: \"\\e[2J\", message: \"\\x07\\r\\n\"}]\n";
static const char WORLD_POD_YAML[] = "apiVersion: v1\n"
                                     "kind: Pod\n"
                                     "metadata: {name: app, namespace: shop, labels: {app: web}}\n"
                                     "spec:\n"
                                     "  initContainers:\n"
                                     "  - {name: setup, image: busybox:1.36}\n"
                                     "  containers:\n"
                                     "  - {name: app, image: app:2}\n"
                                     "status: {phase: Running}\n";
static const char WORLD_HOSTILE_YAML[] =
    "kind: Pod\n"
    "metadata:\n"
    "  name: \"evil\\e]0;title\\a-pod\"\n"
    "  annotations:\n"
    "    \"\\e[2J\\u202ekey\": \"one\\r\\ntwo\\a\\x9b31m\\u2066\"\n"
    "    데이터: \"日本語\\u0000\\u200b\"\n";

static const char WORLD_CART[] =
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
static const char WORLD_CART_STUCK[] =
    "  phase: Pending\n"
    "  conditions: [{type: PodScheduled, status: \"True\",\n"
    "    lastTransitionTime: \"2026-06-15T12:00:01Z\"}]\n"
    "  initContainerStatuses:\n"
    "  - {name: run-migrations, state: {waiting: {reason: CreateContainerConfigError,\n"
    "     message: 'couldn''t find key url in Secret shop/db-secrets'}}}\n"
    "  - {name: proxy, state: {waiting: {reason: PodInitializing}}}\n"
    "  containerStatuses: [{name: cart, state: {waiting: {reason: PodInitializing}}}]\n";
static const char WORLD_CART_WELL[] =
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

static inline void
world_add_cart(struct scene *sc, const char *secret, const char *key, const char *status)
{
    char yaml[sizeof(WORLD_CART) + sizeof(WORLD_CART_WELL) + sizeof(WORLD_CART_STUCK) + 80];
    int n = snprintf(yaml, sizeof(yaml), WORLD_CART, secret, key);
    snprintf(yaml + n, sizeof(yaml) - (size_t)n, "%s", status);
    manifest_load(&sc->sink, 0, yaml);
}

static inline void
world_add_node(struct scene *sc, const char *name, const char *ready)
{
    char yaml[sizeof(WORLD_NODE) + 80];
    snprintf(yaml, sizeof(yaml), WORLD_NODE, name, ready);
    manifest_load(&sc->sink, 0, yaml);
}

static inline const char *
world_fill_healthy(struct scene *sc)
{
    world_add_cart(sc, "db-secrets", "user", WORLD_CART_WELL);
    scene_add(sc, cluster_healthy("search", "worker2", 7860, 1, 1));
    scene_add(sc, cluster_healthy("web", "worker", 7800, 2, 0));
    manifest_load(&sc->sink, 0, WORLD_SECRET);
    world_add_node(sc, "worker", "True");
    world_add_node(sc, "worker2", "True");
    return "cart";
}

static inline const char *
world_fill_sick(struct scene *sc)
{
    cluster_fill(sc);
    world_add_cart(sc, "db-secrets", "url", WORLD_CART_STUCK);
    manifest_load(&sc->sink, 0, WORLD_SECRET);
    world_add_node(sc, "worker", "True");
    world_add_node(sc, "worker2", "Unknown");
    return "cart";
}

static inline void
world_add_huge_secret(struct scene *sc)
{
    struct strbuf yaml;
    strbuf_init(&yaml, 0);
    strbuf_adds(&yaml, "kind: Secret\nmetadata: {name: db-secrets, namespace: shop}\ndata:\n");
    for (int i = 0; i < WORLD_HUGE_KEYS; i++)
        strbuf_addf(&yaml, "  key-%03d: aHVudGVyMg==\n", i);
    manifest_load(&sc->sink, 0, yaml.data);
    strbuf_free(&yaml);
}

static inline const char *
world_fill_huge(struct scene *sc)
{
    char name[64];
    for (int i = 0; i < WORLD_HUGE_PODS; i++) {
        snprintf(name, sizeof(name), "web-%05d", i);
        scene_add(sc, cluster_healthy(name, "worker", 100 + i, 2, 2));
    }
    for (int i = 0; i < WORLD_HUGE_NODES; i++) {
        snprintf(name, sizeof(name), "worker-%03d", i);
        world_add_node(sc, name, i % 50 ? "True" : "False");
    }
    world_add_huge_secret(sc);
    world_add_cart(sc, "db-secrets", "key-321", WORLD_CART_WELL);
    scene_add(sc, story_huge());
    for (int i = 0; i < 200; i++)
        scene_event(sc, AGO(200 - i), i % 3 == 0, i % 3 ? "Pulled" : "BackOff",
                    "platform-bootstrap-7d9c4b5f6-x2x9q", "what the kubelet said this time", 1);
    return "platform-bootstrap-7d9c4b5f6-x2x9q";
}

static inline const char *
world_fill_hostile(struct scene *sc)
{
    struct pod *evil = story_hostile();
    static char name[96];
    snprintf(name, sizeof(name), "%.95s", evil->name);
    scene_add(sc, evil);
    scene_add(sc, story_korean());
    world_add_cart(sc, "\"db-\\e[2Jsecrets\"", "\"k\\u202eey\"", WORLD_CART_STUCK);
    manifest_load(&sc->sink, 0, WORLD_HOSTILE_OBJECTS);
    scene_event(sc, AGO(9), true, "Ba\x1b[2Jck\xe2\x80\xae", name,
                "\x1b]0;x\x07 데이터베이스\r\n\xff", UINT32_MAX);
    return name;
}

/* Fills the store and says which pod the views of one pod are about. */
static inline const char *
world_fill(struct scene *sc, enum world_kind kind)
{
    const uint32_t kinds = ((1u << KOBJECT_KIND_COUNT) - 1) & ~KIND_BIT(POD);
    const char *pod = "";
    scene_open(sc, CLUSTER_NOW);
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++)
        if (kinds & 1u << i)
            sc->sink.objects_begin(sc->sink.ctx, (enum kobject_kind)i, "");
    switch (kind) {
    case WORLD_HEALTHY:
        pod = world_fill_healthy(sc);
        break;
    case WORLD_SICK:
        pod = world_fill_sick(sc);
        break;
    case WORLD_HUGE:
        pod = world_fill_huge(sc);
        break;
    case WORLD_HOSTILE:
        pod = world_fill_hostile(sc);
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

static inline void
world_log_line(struct scene *sc, int64_t wall_ms, const char *text)
{
    char raw[512], stamp[40];
    rfc3339_format(wall_ms, true, stamp);
    int n = snprintf(raw, sizeof(raw), "%s %s", stamp, text);
    logbuf_append(sc->feed.buf, 0, raw, (size_t)n, true, false);
}

static inline void
world_open_feed(struct scene *sc, enum world_kind kind, struct pod_ref ref)
{
    const struct pod *pod = store_get(sc->store, ref);
    if (kind == WORLD_EMPTY)
        return;
    sc->feed.buf = logbuf_new(WORLD_LOG_BYTES);
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
    if (kind == WORLD_HEALTHY || kind == WORLD_SICK) {
        world_log_line(sc, AGO(4), "Running migrations:");
        world_log_line(sc, AGO(3), "  Applying shop.0001_users... OK");
    }
    if (kind == WORLD_SICK)
        world_log_line(sc, AGO(2),
                       "ERROR psycopg2.errors.DuplicateTable: relation \"users\" already exists");
    for (int i = 0; kind == WORLD_HUGE && i < WORLD_HUGE_LINES; i++) {
        char text[64];
        snprintf(text, sizeof(text), "%s request %d took %d ms", i % 97 ? "INFO" : "WARN", i,
                 i * 7 % 900);
        world_log_line(sc, AGO(WORLD_HUGE_LINES / 10) + i * 100, text);
    }
    if (kind == WORLD_HOSTILE) {
        world_log_line(sc, AGO(3), "\x1b[2J\x1b]0;title\x07 cleared \x1b[31mred\x1b[0m");
        world_log_line(sc, AGO(2),
                       "\xe2\x80\xae reversed 데이터베이스 日本語 \xff\xfe \x9b"
                       "31m");
        world_log_line(sc, AGO(1), "progress\r 10 %\r 20 %\tdone");
    }
}

/* Views of one object are opened the way a user comes to them. */
static inline bool
world_open_view(struct scene *sc, const struct view_class *view, struct pod_ref pod)
{
    static const struct pod_ref none = {0, 0};
    if (strcmp(view->name, "card") == 0) {
        struct pod_ref cart = none;
        (void)store_find(sc->store, "shop", "cart", &cart);
        ui_open(sc->ui, "describe", cart, "");
        scene_keys(sc, "\r");
    } else if (strcmp(view->name, "object") == 0 || strcmp(view->name, "description") == 0) {
        ui_open(sc->ui, "nodes", none, "");
        scene_keys(sc, strcmp(view->name, "object") == 0 ? "y" : "d");
    } else {
        ui_open(sc->ui, view->name, view->scope == VIEW_POD ? pod : none, "");
    }
    return strcmp(ui_top_view(sc->ui), view->name) == 0;
}

/* --- one cluster, one view after the other --- */

struct world {
    enum world_kind kind;
    struct scene scene;
    struct pod_ref pod; /* that views of one pod are about */
    struct yaml_text *yaml;
};

static inline void
world_open(struct world *w, enum world_kind kind)
{
    *w = (struct world){.kind = kind};
    const char *name = world_fill(&w->scene, kind);
    (void)store_find(w->scene.store, "shop", name, &w->pod);
    assert_true(w->pod.gen > 0 || kind == WORLD_EMPTY);
    world_open_feed(&w->scene, kind, w->pod);
}

static inline void
world_leave_view(struct world *w)
{
    w->scene.raw = (struct raw_object){0};
    yaml_text_free(w->yaml);
    w->yaml = NULL;
    ui_free(w->scene.ui);
    w->scene.ui = NULL;
}

/* A new user interface with this view on top. False where it has nothing to be about: in an empty cluster. */
static inline bool
world_view(struct world *w, const struct view_class *view)
{
    struct scene *sc = &w->scene;
    /* The lines are those of a container, or of a file that nobody's pod wrote. */
    sc->feed.files = sc->feed.merged = strcmp(view->name, "file") == 0;
    sc->feed.pod = sc->feed.files ? (struct pod_ref){0} : w->pod;
    world_leave_view(w);
    scene_ui(sc, "pods");
    scene_draw(sc, 140, 40);
    if (!world_open_view(sc, view, w->pod)) {
        if (w->kind != WORLD_EMPTY)
            fail_msg("%s cannot be opened in the %s cluster", view->name, WORLD_NAMES[w->kind]);
        return false;
    }
    const struct kobject_ref object = ui_wants_raw(sc->ui);
    if (view->wants_raw)
        w->yaml = manifest_raw(sc, object.kind, object.ns, object.name,
                               w->kind == WORLD_HOSTILE ? WORLD_HOSTILE_YAML : WORLD_POD_YAML);
    return true;
}

static inline void
world_close(struct world *w)
{
    world_leave_view(w);
    logbuf_free(w->scene.feed.buf);
    scene_close(&w->scene);
}

#endif
