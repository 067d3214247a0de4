/* why from files: text, JSON, exit status.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "program.h"

/* A scene of the rules: {"now", "pod", "events"} as one stream of objects. */
struct scene {
    char *text;
    char now[32];
};

static struct scene
scene_load(const char *rule, const char *name)
{
    char path[512];
    struct scene s = {0};
    (void)snprintf(path, sizeof(path), "%s/diag/%s/%s.json", TEST_DATA_DIR, rule, name);
    json_t *root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    (void)snprintf(s.now, sizeof(s.now), "%s", json_string_value(json_object_get(root, "now")));
    json_t *items = json_array();
    json_array_extend(items, json_object_get(root, "events"));
    json_array_append(items, json_object_get(root, "pod"));
    json_t *list = json_pack("{s:s,s:s,s:o}", "kind", "List", "apiVersion", "v1", "items", items);
    s.text = json_dumps(list, 0);
    json_decref(list);
    json_decref(root);
    return s;
}

static struct program
why(const char *rule, const char *name, const char *output)
{
    struct scene s = scene_load(rule, name);
    struct program p =
        program_run((const char *const[]){"why", "-f", "-", "--now", s.now, "-o", output, NULL},
                    s.text, strlen(s.text));
    free(s.text);
    return p;
}

static json_t *
why_json(const char *rule, const char *name)
{
    struct program p = why(rule, name, "json");
    assert_string_equal(p.err, "");
    json_t *root = json_loads(p.out, 0, NULL);
    assert_true(json_is_object(root));
    program_free(&p);
    return root;
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void
why__bad_news_is_status_1_and_good_news_is_0(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *scene;
        int status;
    } cases[] = {{"crash_loop", "fires", 1},    {"crash_loop", "silent", 0},
                 {"wait_loop", "fires", 1},     {"wait_loop", "silent", 0},
                 {"unschedulable", "fires", 1}, {"sidecar_unready", "silent", 0},
                 {"config_error", "fires", 1},  {"terminating", "silent", 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct program p = why(cases[i].rule, cases[i].scene, "table");
        if (p.status != cases[i].status)
            fail_msg("%s %s: %d\n%s", cases[i].rule, cases[i].scene, p.status, p.out);
        program_free(&p);
    }
}

static void
why__tells_steps_findings_resources_and_events(void **state)
{
    (void)state;
    struct program p = why("volume_sandbox", "fires", "table");
    assert_non_null(strstr(p.out, "shop/web  Init:0/1"));
    assert_non_null(strstr(p.out, "\nSTEPS\n"));
    assert_non_null(strstr(p.out, "IW-L08"));
    assert_non_null(strstr(p.out, "configmap \"app-config\" not found"));
    assert_non_null(strstr(p.out, "\nRESOURCES"));
    assert_non_null(strstr(p.out, "QoS BestEffort"));
    assert_non_null(strstr(p.out, "\nEVENTS\n"));
    program_free(&p);
}

static void
why__names_the_init_container_that_decides_the_request(void **state)
{
    (void)state;
    struct program p = why("unschedulable", "fires", "table");
    assert_non_null(strstr(p.out, "request cpu 4  decided by heavy-init"));
    assert_non_null(strstr(p.out, "idle while it runs: 3500m"));
    program_free(&p);
    json_t *root = why_json("unschedulable", "fires");
    const json_t *cpu =
        json_object_get(json_object_get(json_object_get(root, "resources"), "requests"), "cpu");
    assert_string_equal(text_of(cpu, "effective"), "4");
    assert_string_equal(text_of(cpu, "decidedBy"), "heavy-init");
    const json_t *stage = json_array_get(json_object_get(cpu, "init"), 0);
    assert_string_equal(text_of(stage, "name"), "heavy-init");
    assert_string_equal(text_of(stage, "sum"), "4");
    assert_string_equal(text_of(json_object_get(cpu, "app"), "sum"), "500m");
    assert_true(json_is_null(json_object_get(cpu, "overhead")));
    const json_t *waste = json_object_get(json_object_get(root, "resources"), "waste");
    assert_string_equal(text_of(waste, "cpu"), "3500m");
    json_decref(root);
}

static void
why_json__holds_every_container_in_start_order(void **state)
{
    (void)state;
    json_t *root = why_json("crash_loop", "fires");
    const json_t *containers = json_object_get(root, "containers");
    assert_int_equal(json_array_size(containers), 2);
    const json_t *migrate = json_array_get(containers, 0);
    assert_string_equal(text_of(migrate, "name"), "migrate");
    assert_string_equal(text_of(migrate, "kind"), "init");
    assert_string_equal(text_of(migrate, "state"), "terminated");
    assert_int_equal(json_integer_value(json_object_get(migrate, "exitCode")), 1);
    assert_true(json_is_null(json_object_get(migrate, "signal")));
    assert_int_equal(json_integer_value(json_object_get(migrate, "restartCount")), 3);
    const json_t *backoff = json_object_get(migrate, "backoff");
    assert_int_equal(json_integer_value(json_object_get(backoff, "seconds")), 40);
    assert_string_equal(text_of(backoff, "nextAttempt"), "2026-06-15T12:10:30Z");
    const json_t *app = json_array_get(containers, 1);
    assert_string_equal(text_of(app, "state"), "waiting");
    assert_string_equal(text_of(app, "reason"), "PodInitializing");
    assert_true(json_is_null(json_object_get(app, "exitCode")));
    assert_true(json_is_null(json_object_get(app, "backoff")));
    json_decref(root);
}

static void
why_json__puts_the_root_cause_first_with_evidence_and_advice(void **state)
{
    (void)state;
    json_t *root = why_json("config_error", "fires");
    const json_t *finding = json_array_get(json_object_get(root, "findings"), 0);
    assert_string_equal(text_of(finding, "id"), "IW-L06");
    assert_string_equal(text_of(finding, "severity"), "error");
    assert_string_equal(text_of(finding, "container"), "migrate");
    assert_true(json_array_size(json_object_get(finding, "evidence")) >= 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(finding, "advice"), 0)),
                        "kubectl -n shop get secret db-secrets");
    assert_int_equal(json_array_size(json_object_get(root, "events")), 1);
    json_decref(root);
}

static void
why_json__names_what_a_wait_loop_waits_for(void **state)
{
    (void)state;
    json_t *root = why_json("wait_loop", "fires");
    const json_t *dependency = json_array_get(json_object_get(root, "dependencies"), 0);
    assert_string_equal(text_of(dependency, "container"), "wait-for-db");
    assert_string_equal(text_of(dependency, "host"), "postgres.data.svc.cluster.local");
    assert_string_equal(text_of(dependency, "port"), "5432");
    assert_string_equal(text_of(dependency, "kind"), "tcp");
    assert_string_equal(text_of(dependency, "verdict"), "waiting");
    assert_true(json_is_null(json_object_get(dependency, "readyEndpoints")));
    json_decref(root);
}

static void
why_json__a_recording_becomes_a_timeline(void **state)
{
    (void)state;
    static const char versions[] =
        "{\"type\":\"ADDED\",\"now\":\"2026-06-15T12:00:00Z\",\"object\":{\"kind\":\"Pod\","
        "\"metadata\":{"
        "\"name\":\"a\",\"uid\":\"1\"},\"spec\":{\"containers\":[{\"name\":\"c\"}]},\"status\":{"
        "\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"c\",\"state\":{\"waiting\":{"
        "\"reason\":\"ContainerCreating\"}}}]}}}\n"
        "{\"type\":\"MODIFIED\",\"now\":\"2026-06-15T12:00:09Z\",\"object\":{\"kind\":\"Pod\","
        "\"metadata\":{"
        "\"name\":\"a\",\"uid\":\"1\"},\"spec\":{\"containers\":[{\"name\":\"c\"}]},\"status\":{"
        "\"phase\":\"Running\",\"containerStatuses\":[{\"name\":\"c\",\"started\":true,\"state\":{"
        "\"running\":{\"startedAt\":\"2026-06-15T12:00:08Z\"}}}]}}}\n";
    struct program p = program_run((const char *const[]){"why", "-f", "-", "-o", "json", NULL},
                                   versions, sizeof(versions) - 1);
    json_t *root = json_loads(p.out, 0, NULL);
    const json_t *timeline = json_object_get(root, "timeline");
    bool seen = false;
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)timeline, i, entry) seen =
        seen || (strcmp(text_of(entry, "container"), "c") == 0 &&
                 strcmp(text_of(entry, "to"), "running") == 0);
    assert_true(seen);
    json_decref(root);
    program_free(&p);
}

static void
why__needs_a_pod_or_a_file(void **state)
{
    (void)state;
    struct program p = program_run((const char *const[]){"why", NULL}, "", 0);
    assert_int_equal(p.status, 2);
    assert_string_equal(p.out, "");
    program_free(&p);
    p = program_run((const char *const[]){"why", "-f", "-", "nobody", NULL}, "", 0);
    assert_int_equal(p.status, 4);
    program_free(&p);
}

/* People are told in their language, machines in English: the JSON is the same to the byte. */
static void
why__speaks_korean_to_people_only(void **state)
{
    static const char *const rules[] = {"config_error", "probe_kill", "crash_loop"};
    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct program english = why(rules[i], "fires", "json");
        assert_int_equal(setenv("INITWATCH_LANG", "ko", 1), 0);
        struct program same = why(rules[i], "fires", "json");
        struct program korean = why(rules[i], "fires", "table");
        assert_int_equal(unsetenv("INITWATCH_LANG"), 0);
        assert_string_equal(same.out, english.out);
        assert_non_null(strstr(korean.out, "재시작"));
        program_free(&english);
        program_free(&same);
        program_free(&korean);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(why__bad_news_is_status_1_and_good_news_is_0),
        cmocka_unit_test(why__tells_steps_findings_resources_and_events),
        cmocka_unit_test(why__names_the_init_container_that_decides_the_request),
        cmocka_unit_test(why_json__holds_every_container_in_start_order),
        cmocka_unit_test(why_json__puts_the_root_cause_first_with_evidence_and_advice),
        cmocka_unit_test(why_json__names_what_a_wait_loop_waits_for),
        cmocka_unit_test(why_json__a_recording_becomes_a_timeline),
        cmocka_unit_test(why__needs_a_pod_or_a_file),
        cmocka_unit_test(why__speaks_korean_to_people_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
