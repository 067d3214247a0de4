/* stories_more: pods for the screens of one pod that are rare or extreme: sixty containers, Korean
 * names, a shutdown, an object that says almost nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_STORIES_MORE_H
#define INITWATCH_TEST_STORIES_MORE_H

#include "stories.h"

#define HUGE_INITS 40
#define HUGE_APPS 20

/* Forty init containers, every fifth a sidecar, and twenty apps: the 23rd step fails. */
static inline struct pod *
story_huge(void)
{
    static struct container containers[HUGE_INITS + HUGE_APPS];
    static struct container_status statuses[HUGE_INITS + HUGE_APPS];
    static char names[HUGE_INITS + HUGE_APPS][48];
    static const struct resource_item asks[] = {{"cpu", "50m"}, {"memory", "64Mi"}};
    struct pod_make m;
    make_pod(&m, "platform-bootstrap-7d9c4b5f6-x2x9q");
    m.pod.containers = containers;
    m.pod.statuses = statuses;
    m.pod.container_count = m.pod.status_count = HUGE_INITS + HUGE_APPS;
    m.pod.init_count = m.pod.init_status_count = HUGE_INITS;
    m.pod.app_count = m.pod.app_status_count = HUGE_APPS;
    for (int i = 0; i < HUGE_INITS + HUGE_APPS; i++) {
        bool init = i < HUGE_INITS, sidecar = init && i % 5 == 4;
        snprintf(names[i], sizeof(names[i]), "%s-%02d",
                 sidecar ? "proxy"
                 : init  ? "prepare-database-shard"
                         : "worker",
                 i);
        containers[i] = (struct container){.name = names[i],
                                           .image = "registry.example/platform/tool:1.4.2",
                                           .restart_policy = sidecar ? "Always" : "",
                                           .requests = {asks, IW_COUNTOF(asks), true}};
        struct container_status *st = &statuses[i];
        *st = (struct container_status){.name = names[i], .list = init ? LIST_INIT : LIST_APP};
        st->state.running_since_ms = IW_TIME_NONE;
        if (i < 22 && sidecar) {
            st->state.running = st->ready = true;
            st->started = TRI_TRUE;
            st->state.running_since_ms = NOW(2 * i + 2);
        } else if (i < 22) {
            st->state.terminated = st->ready = true;
            st->state.end = make_end(0, "Completed", NOW(2 * i + 1), NOW(2 * i + 2));
        } else {
            st->state.waiting = true;
            st->state.waiting_reason = i == 22 ? "CrashLoopBackOff" : "PodInitializing";
        }
    }
    statuses[22].restart_count = 3;
    statuses[22].state.waiting_message = "back-off 40s restarting failed container";
    struct container_state *last = draft_last(&statuses[22]);
    last->terminated = true;
    last->end = make_end(1, "Error", NOW(90), NOW(92));
    story_conditions(&m, -1, -1);
    return pod_seal(&m.pod);
}

/* Images, messages and volumes in Korean: two cells a syllable. */
static inline struct pod *
story_korean(void)
{
    static const struct container_mount writes[] = {
        {.volume = "shared-data", .path = "/데이터/공유", .sub_path = ""}};
    static const struct container_mount reads[] = {
        {.volume = "shared-data", .path = "/데이터", .sub_path = "", .read_only = true}};
    static const struct pod_volume volumes[] = {
        {.name = "shared-data", .kind = "emptyDir", .ref = ""}};
    struct pod_make m;
    make_pod(&m, "orders-6c9f7d-k2x9p");
    m.pod.volumes = volumes;
    m.pod.volume_count = 1;
    struct container *i1 = make_container(&m, LIST_INIT, "init-db");
    struct container *a1 = make_container(&m, LIST_APP, "orders");
    i1->image = "저장소.example/데이터베이스-초기화:1.2";
    i1->command = (const char *const[]){"sh", "-c", "echo 데이터베이스를 기다립니다; exit 3"};
    i1->command_count = 3;
    i1->mounts = writes;
    a1->mounts = reads;
    i1->mount_count = a1->mount_count = 1;
    struct container_status *st =
        make_waiting(&m, LIST_INIT, "init-db", "CrashLoopBackOff",
                     "back-off 20s restarting failed container=init-db pod=orders-6c9f7d-k2x9p");
    st->restart_count = 2;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(3, "Error", NOW(30), NOW(31));
    last->end.message = "오류: 데이터베이스 \"주문\"에 연결할 수 없습니다 (시간 초과)";
    make_waiting(&m, LIST_APP, "orders", "PodInitializing", "");
    story_conditions(&m, -1, -1);
    return pod_seal(&m.pod);
}

/* Deleted at 60 s with 30 s of grace. app_end_s, router_end_s: when the app and the last sidecar
 * stopped, -1 not yet. */
static inline struct pod *
story_terminating(int app_end_s, int router_end_s)
{
    struct pod_make m;
    make_pod(&m, "myapp-with-native-sidecar");
    m.pod.phase = "Running";
    m.pod.node = "kind-worker2";
    m.pod.deletion_ms = NOW(90);
    m.pod.deletion_grace_s = 30;
    make_container(&m, LIST_INIT, "database-init");
    make_sidecar(&m, "log-router")->pre_stop = true;
    make_sidecar(&m, "metrics-collector");
    make_container(&m, LIST_APP, "application");
    make_ended(&m, LIST_INIT, "database-init", make_end(0, "Completed", NOW(2), NOW(5)));
    make_running(&m, LIST_INIT, "log-router", NOW(6))->ready = true;
    if (router_end_s < 0)
        make_running(&m, LIST_INIT, "metrics-collector", NOW(7))->ready = true;
    else
        make_ended(&m, LIST_INIT, "metrics-collector",
                   make_end(0, "Completed", NOW(7), NOW(router_end_s)));
    if (app_end_s < 0)
        make_running(&m, LIST_APP, "application", NOW(8))->ready = true;
    else
        make_ended(&m, LIST_APP, "application", make_end(143, "Error", NOW(8), NOW(app_end_s)));
    story_conditions(&m, 7, 8);
    return pod_seal(&m.pod);
}

/* What a server returns for a pod that no kubelet has seen. */
static inline struct pod *
story_bare(void)
{
    struct pod_make m;
    make_pod(&m, "just-created");
    m.pod.node = "";
    m.pod.phase = "";
    m.pod.started_ms = IW_TIME_NONE;
    make_container(&m, LIST_APP, "app")->image = "";
    return pod_seal(&m.pod);
}

/* The same scene at the four sizes every screen is kept at. */
static inline bool
story_four_sizes(struct scene *sc, const char *name)
{
    static const int SIZES[][2] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};
    bool same = true;
    for (size_t i = 0; i < IW_COUNTOF(SIZES); i++) {
        char full[128];
        snprintf(full, sizeof(full), "%s_%dx%d", name, SIZES[i][0], SIZES[i][1]);
        same &= scene_is(sc, full, SIZES[i][0], SIZES[i][1]);
    }
    return same && story_all_sizes(sc);
}

#endif
