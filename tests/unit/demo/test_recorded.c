/* Every pod that was recorded on a real v1.36.2 cluster, played by the simulator: the READY and STATUS
 * that its API shows are those that the real API server printed, one after the other. That includes
 * what the real kubelet hides: nothing is written while a pod terminates, and a back-off is visible only
 * for a moment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

#include "gzlines.h"

#define TRAFFIC TEST_DATA_DIR "/traffic/"

/* What the recording's runtime did, and what happened to the pod. */
struct play {
    const char *scenario, *pod;
    const char *scripts; /* as in scenario.yaml; NULL: what the commands say */
    const char *objects; /* there from the beginning */
    const char *later;   /* applied at later_s */
    int64_t later_s, delete_s, end_s;
    uint64_t seed; /* of the moments that vary from run to run; 0: any will do */
};

static const char SERVICES[] =
    "kind: Service\nmetadata: {name: postgres-service}\nspec: {selector: {app: postgres}, ports: "
    "[{port: 5432}]}\n---\nkind: Pod\nmetadata: {name: postgres, labels: {app: postgres}}\nspec: "
    "{containers: [{name: postgres, image: postgres}]}\n";
static const char REDIS[] =
    "kind: Service\nmetadata: {name: redis-service}\nspec: {selector: {app: redis}, ports: [{port: "
    "6379}]}\n---\nkind: Pod\nmetadata: {name: redis, labels: {app: redis}}\nspec: {containers: "
    "[{name: redis, image: redis}]}\n";
static const char WEB[] = "content: {runs: [{takes: 3s}]}\nsync: {runs: [{}], term: {takes: 3s}}\n"
                          "nginx: {runs: [{}], term: {takes: 500ms}}\n";
static const char WEB_LATE[] =
    "content: {runs: [{takes: 3s}]}\nsync: {runs: [{}], term: {takes: 3s}}\n"
    "nginx: {runs: [{}], readiness: [{ok: false}, {from: 1s}], term: {takes: 500ms}}\n";

static const struct play plays[] = {
    {"deploy-init", "web-6754976cc9-grpgv", WEB, NULL, NULL, 0, 20, 40, 0},
    {"deploy-init", "web-6754976cc9-tjp28", WEB, NULL, NULL, 0, 20, 40, 0},
    {"deploy-init", "web-574974447d-nxm6f", WEB_LATE, NULL, NULL, 0, 0, 40, 0},
    {"deploy-init", "web-574974447d-bbm5f", WEB_LATE, NULL, NULL, 0, 20, 40, 0},
    {"deploy-init", "db-0", NULL, NULL, NULL, 0, 0, 40, 0},
    {"deploy-init", "db-1", NULL, NULL, NULL, 0, 0, 40, 0},
    {"ex1", "www", "download: {runs: [{takes: 4s}]}\nrun: {pull: 3s, runs: [{}]}\n", NULL, NULL, 0,
     0, 60, 0},
    {"ex2-ok", "myapp-wait-db", "myapp: {pull: 2s, runs: [{}]}\n", SERVICES, REDIS, 10, 0, 60, 0},
    {"ex2-ok", "postgres", "postgres: {runs: [{}], readiness: [{ok: false}, {from: 1s}]}\n", NULL,
     NULL, 0, 0, 60, 0},
    {"ex2-ok", "redis", "redis: {runs: [{}], readiness: [{ok: false}, {from: 1s}]}\n", NULL, NULL,
     0, 0, 60, 0},
    {"ex2-stuck", "myapp-wait-db", NULL, NULL, NULL, 0, 0, 120, 0},
    {"ex3", "app-with-config", "config-generator: {runs: [{takes: 1s}]}\n",
     "kind: ConfigMap\nmetadata: {name: app-config-template}\ndata: {config.txt: x}\n", NULL, 0, 0,
     60, 0},
    {"ex4", "myapp-with-native-sidecar", "application: {runs: [{takes: 60s}]}\n", NULL, NULL, 0, 0,
     80, 0},
    {"ex5", "resource-example",
     "init-1: {runs: [{takes: 100ms}]}\ninit-2: {runs: [{takes: 100ms}]}\n"
     "app-1: {runs: [{takes: 40ms}, {takes: 500ms}, {takes: 40ms}, {takes: 900ms}]}\n"
     "app-2: {runs: [{takes: 400ms}, {takes: 800ms}, {takes: 600ms}, {takes: 700ms}]}\n",
     NULL, NULL, 0, 0, 80, 19},
    {"init-bad-image", "nosuch", "fetch: {pull: {error: not found}}\n", NULL, NULL, 0, 0, 45, 0},
    {"init-bad-image", "unauthorized", "fetch: {pull: {error: 403 Forbidden}}\n", NULL, NULL, 0, 0,
     70, 0},
    {"init-bad-image", "invalidname", NULL, NULL, NULL, 0, 0, 45, 0},
    {"init-bad-image", "neverpull", "fetch: {pull: {error: not found}}\n", NULL, NULL, 0, 0, 45, 0},
    {"init-bad-image", "app-nosuch", "app: {pull: {error: not found}}\n", NULL, NULL, 0, 0, 45, 0},
    {"init-crashloop", "crash", NULL, NULL, NULL, 0, 0, 400, 0},
    {"init-error", "never", NULL, NULL, NULL, 0, 0, 40, 0},
    {"init-missing-cm", "missing-key", "setup: {runs: [{takes: 900ms}]}\n",
     "kind: ConfigMap\nmetadata: {name: settings}\ndata: {other: x}\n",
     "kind: ConfigMap\nmetadata: {name: settings}\ndata: {mode: x}\n", 30, 0, 90, 0},
    {"init-missing-cm", "missing-secret-env", NULL, NULL, NULL, 0, 0, 90, 0},
    {"init-oom", "oom", "load: {runs: [{takes: 900ms, exit: 137, reason: OOMKilled}]}\n", NULL,
     NULL, 0, 0, 25, 0},
    {"job-sidecar", "batch-zj82j",
     "work: {runs: [{takes: 6s}]}\nproxy: {runs: [{}], term: {takes: 1s}}\n", NULL, NULL, 0, 0, 40,
     0},
    {"job-sidecar", "failing-4bp95", NULL, NULL, NULL, 0, 0, 40, 0},
    {"job-sidecar", "failing-zmd6d", NULL, NULL, NULL, 0, 0, 40, 0},
    {"missing-volume", "missing-volume", NULL, NULL,
     "kind: Secret\nmetadata: {name: tls-certs}\n---\nkind: ConfigMap\nmetadata: {name: "
     "no-such-cm}\n",
     140, 0, 400, 0},
    {"seed2-shared", "shared-volume-example", NULL, NULL, NULL, 0, 0, 40, 0},
    {"seed2-two", "myapp-pod", NULL,
     "kind: Service\nmetadata: {name: myservice}\nspec: {ports: [{port: 80}]}\n",
     "kind: Service\nmetadata: {name: mydb}\nspec: {ports: [{port: 80}]}\n", 20, 0, 60, 0},
    {"sidecar-readiness-fail", "not-ready", "proxy: {runs: [{}], readiness: [{ok: false}]}\n", NULL,
     NULL, 0, 0, 60, 0},
    {"sidecar-startup-fail", "startup-blocked", "proxy: {runs: [{}], startup: [{ok: false}]}\n",
     NULL, NULL, 0, 0, 30, 0},
    {"sidecar-startup-fail", "startup-slow",
     "proxy: {runs: [{}], startup: [{ok: false}, {from: 14s}], readiness: [{ok: false}, {from: "
     "14s}]}\n",
     NULL, NULL, 0, 0, 60, 2},
    {"terminating", "slow-stop", "side-3: {runs: [{}]}\n", NULL, NULL, 0, 12, 80, 0},
    {"unschedulable", "huge", NULL, NULL, NULL, 0, 0, 60, 0},
    {"unschedulable", "nonode", NULL, NULL, NULL, 0, 0, 60, 0},
};

/* --- the recording --- */

/* "0/1 Pending, 0/1 Init:0/1, ..." without repetitions. */
static void
recorded_states(const char *scenario, const char *pod, char *out, size_t out_size)
{
    struct gzlines *lines = gzlines_open(TRAFFIC "rows.tsv.gz");
    char last[256] = "", *line;
    size_t len, used = 0;
    assert_non_null(lines);
    out[0] = '\0';
    while ((line = gzlines_next(lines, &len)) != NULL) {
        char *field[7], *rest = line, text[256];
        size_t count = 0;
        for (char *word; count < IW_COUNTOF(field) && (word = strsep(&rest, "\t")) != NULL;)
            field[count++] = word;
        const char *name = count == IW_COUNTOF(field) ? strchr(field[3], '/') : NULL;
        if (!name || strcmp(field[0], scenario) != 0 || strcmp(name + 1, pod) != 0)
            continue;
        (void)snprintf(text, sizeof(text), "%s %s", field[5], field[6]);
        if (strcmp(text, last) != 0)
            used += (size_t)snprintf(out + used, out_size - used, "%s%s", used ? ", " : "", text);
        (void)snprintf(last, sizeof(last), "%s", text);
    }
    gzlines_close(lines);
}

/* The pod as it was created: no status, no node, no owner. New. */
static json_t *
recorded_pod(const char *scenario, const char *pod)
{
    iw_autofree char *path = iw_asprintf(TRAFFIC "%s.pods.jsonl.gz", scenario);
    struct gzlines *lines = gzlines_open(path);
    json_t *found = NULL;
    char *line;
    size_t len;
    assert_non_null(lines);
    while (!found && (line = gzlines_next(lines, &len)) != NULL) {
        json_t *root = json_loadb(line, len, 0, NULL);
        const json_t *object = json_object_get(json_object_get(root, "event"), "object");
        const json_t *meta = json_object_get(object, "metadata");
        const char *name = json_string_value(json_object_get(meta, "name"));
        if (name && strcmp(name, pod) == 0) {
            json_t *spec = json_deep_copy(json_object_get(object, "spec"));
            json_object_del(spec, "nodeName");
            found = json_pack("{s:s,s:{s:s,s:O*},s:o}", "kind", "Pod", "metadata", "name", name,
                              "labels", json_object_get(meta, "labels"), "spec", spec);
        }
        json_decref(root);
    }
    gzlines_close(lines);
    if (!found)
        fail_msg("%s: no pod %s was recorded", scenario, pod);
    return found;
}

/* --- the play --- */

static void
play_one(const struct play *p, char *seen, size_t seen_size)
{
    struct rig *rig = rig_new_seed(p->seed ? p->seed : 42);
    rig->pod = p->pod;
    struct sim_apply how = {.namespace_default = "shop"};
    struct iw_error err = {0};
    if (p->objects)
        rig_apply(rig, p->objects);
    if (p->scripts)
        rig_scripts(rig, p->scripts);
    how.scripts = rig->scripts;
    json_t *pod = recorded_pod(p->scenario, p->pod);
    if (sim_apply(rig->sim, pod, &how, &err) != IW_OK)
        fail_msg("%s", err.msg);
    json_decref(pod);
    for (int64_t t_s = 1; t_s <= p->end_s; t_s++) {
        rig_run(rig, t_s);
        if (p->later && t_s == p->later_s)
            rig_apply(rig, p->later);
        if (p->delete_s == t_s)
            (void)sim_delete_pod(rig->sim, "shop", p->pod, -1);
    }
    (void)snprintf(seen, seen_size, "%s", rig->seen);
    rig_free(rig);
}

/* The recording may have ended before the pod did; what was recorded is all there, from the start on. */
static bool
begins_with(const char *text, const char *start)
{
    size_t len = strlen(start);
    return strncmp(text, start, len) == 0 && (text[len] == '\0' || text[len] == ',');
}

static void
recorded__pods_show_the_same_states_in_the_simulator(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (size_t i = 0; i < IW_COUNTOF(plays); i++) {
        char recorded[4096], seen[8192];
        recorded_states(plays[i].scenario, plays[i].pod, recorded, sizeof(recorded));
        play_one(&plays[i], seen, sizeof(seen));
        if (recorded[0] && begins_with(seen, recorded))
            continue;
        print_error("%s %s:\n  recorded  %s\n  simulated %s\n", plays[i].scenario, plays[i].pod,
                    recorded, seen);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void
recorded__pods_are_all_played(void **state)
{
    (void)state;
    struct gzlines *lines = gzlines_open(TRAFFIC "rows.tsv.gz");
    char *line;
    size_t len;
    assert_non_null(lines);
    while ((line = gzlines_next(lines, &len)) != NULL) {
        char *rest = line, *scenario = strsep(&rest, "\t");
        (void)strsep(&rest, "\t");
        (void)strsep(&rest, "\t");
        const char *pod = rest ? strchr(strsep(&rest, "\t"), '/') : NULL;
        bool played = false;
        for (size_t i = 0; pod && i < IW_COUNTOF(plays); i++)
            played = played || (strcmp(plays[i].scenario, scenario) == 0 &&
                                strcmp(plays[i].pod, pod + 1) == 0);
        if (!played)
            fail_msg("%s%s is not played", scenario, pod ? pod : "");
    }
    gzlines_close(lines);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded__pods_show_the_same_states_in_the_simulator),
        cmocka_unit_test(recorded__pods_are_all_played),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
