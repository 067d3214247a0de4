/* Every rule has a scene in which it fires and one in which it is silent.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/utf8.h"
#include "initwatch/diag/diag.h"
#include "initwatch/source/decode.h"

struct scene {
    json_t *json;
    struct pod *pod;
    struct kevent_ring *events;
    int64_t now_wall_ms;
    const char *says; /* part of the summary, "" when silent */
};

static void
scene_load(const char *rule, const char *name, struct scene *s)
{
    char path[512];
    json_error_t error;
    struct iw_error err = {0};
    (void)snprintf(path, sizeof(path), "%s/diag/%s/%s.json", TEST_DATA_DIR, rule, name);
    s->json = json_load_file(path, 0, &error);
    if (!s->json)
        fail_msg("%s: %s", path, error.text);
    if (decode_pod(json_object_get(s->json, "pod"), "", &s->pod, &err) != IW_OK)
        fail_msg("%s: %s", path, err.msg);
    const char *now = json_string_value(json_object_get(s->json, "now"));
    assert_int_equal(rfc3339_parse(now, strlen(now), &s->now_wall_ms, NULL), IW_OK);
    const char *says = json_string_value(json_object_get(s->json, "says"));
    s->says = says ? says : "";
    s->events = kevent_ring_new(100);
    size_t i;
    json_t *object;
    json_array_foreach(json_object_get(s->json, "events"), i, object)
    {
        struct kevent ev;
        if (decode_event(object, &ev, &err) != IW_OK)
            fail_msg("%s: event: %s", path, err.msg);
        kevent_ring_put(s->events, &ev);
    }
}

static void
scene_free(struct scene *s)
{
    kevent_ring_free(s->events);
    pod_free(s->pod);
    json_decref(s->json);
}

static void
expect_sound(const struct diag_rule *rule, const struct finding *f)
{
    assert_true(f->evidence_count > 0);
    assert_true(f->advice_count > 0);
    assert_true(*f->summary != '\0');
    assert_true(utf8_valid(f->summary, strlen(f->summary)));
    assert_non_null(strchr(f->evidence[0], ' '));
    assert_string_equal(f->id, rule->id);
}

static void
diag_registry__every_rule_fires_and_is_silent_in_its_scenes(void **state)
{
    (void)state;
    assert_true(diag_registry_count >= 13);
    for (size_t i = 0; i < diag_registry_count; i++) {
        const struct diag_rule *rule = diag_registry[i];
        struct scene s;
        struct finding f = {.id = rule->id, .severity = rule->severity, .since_ms = IW_TIME_NONE};
        scene_load(rule->name, "fires", &s);
        struct diag_env env = {.pod = s.pod, .events = s.events, .now_wall_ms = s.now_wall_ms};
        if (!rule->evaluate(&env, &f))
            fail_msg("%s does not fire", rule->name);
        expect_sound(rule, &f);
        if (!*s.says || !strstr(f.summary, s.says))
            fail_msg("%s says: %s", rule->name, f.summary);
        scene_free(&s);

        scene_load(rule->name, "silent", &s);
        env = (struct diag_env){.pod = s.pod, .events = s.events, .now_wall_ms = s.now_wall_ms};
        if (rule->evaluate(&env, &f))
            fail_msg("%s is not silent: %s", rule->name, f.summary);
        scene_free(&s);
    }
}

static void
diag_run__puts_the_rule_of_the_scene_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < diag_registry_count; i++) {
        struct scene s;
        struct finding found[8];
        scene_load(diag_registry[i]->name, "fires", &s);
        struct diag_env env = {.pod = s.pod, .events = s.events, .now_wall_ms = s.now_wall_ms};
        size_t count = diag_run(&env, found, IW_COUNTOF(found));
        assert_true(count >= 1);
        assert_string_equal(found[0].id, diag_registry[i]->id);
        scene_free(&s);
    }
}

static void
diag_registry__ids_and_names_are_unique_and_documented(void **state)
{
    (void)state;
    for (size_t i = 0; i < diag_registry_count; i++) {
        assert_true(strlen(diag_registry[i]->doc) > 60);
        assert_true(*diag_registry[i]->title != '\0');
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(diag_registry[i]->id, diag_registry[j]->id);
            assert_string_not_equal(diag_registry[i]->name, diag_registry[j]->name);
        }
    }
}

/* Killing events are gone after an hour, the probe's failures are told again and again. */
static void
probe_kill__knows_a_startup_probe_that_ran_out_without_its_killing_event(void **state)
{
    (void)state;
    struct scene s;
    struct finding found[8];
    scene_load("probe_kill", "ran_out", &s);
    struct diag_env env = {.pod = s.pod, .events = s.events, .now_wall_ms = s.now_wall_ms};
    size_t count = diag_run(&env, found, IW_COUNTOF(found));
    assert_int_equal(count, 2);
    assert_string_equal(found[0].id, "IW-L09");
    assert_non_null(strstr(found[0].summary, s.says));
    assert_string_equal(found[1].id, "IW-S02");
    scene_free(&s);
}

static void
diag_run__needs_no_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < diag_registry_count; i++) {
        struct scene s;
        struct finding found[8];
        scene_load(diag_registry[i]->name, "fires", &s);
        struct diag_env env = {.pod = s.pod, .now_wall_ms = s.now_wall_ms};
        size_t count = diag_run(&env, found, 8);
        for (size_t f = 0; f < count; f++)
            assert_true(found[f].evidence_count > 0);
        assert_int_equal(diag_run(&env, found, 0), 0);
        scene_free(&s);
    }
}

static void
finding_evidence__drops_lines_over_the_limit_and_control_bytes(void **state)
{
    (void)state;
    struct finding f = {0};
    for (int i = 0; i < FINDING_LINES + 3; i++)
        finding_evidence(&f, "line %d \x1b[2J\n end", i);
    assert_int_equal(f.evidence_count, FINDING_LINES);
    assert_string_equal(f.evidence[0], "line 0 [2J end");
}

static void
finding_evidence__marks_what_it_leaves_out(void **state)
{
    (void)state;
    struct finding f = {0};
    char longest[400];
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    finding_evidence(&f, "%s", longest);
    finding_evidence(&f, "%.*s", (int)sizeof(f.evidence[0]) - 1, longest);
    size_t len = strlen(f.evidence[0]);
    assert_true(len < sizeof(f.evidence[0]));
    assert_string_equal(f.evidence[0] + len - strlen("x…"), "x…");
    assert_null(strstr(f.evidence[1], "…"));
}

static void
finding_advice__never_holds_a_name_that_a_shell_would_run(void **state)
{
    (void)state;
    struct scene s;
    struct finding found[4];
    scene_load("wait_loop", "fires", &s);
    struct pod draft = *s.pod;
    draft.name = "web; rm -rf /";
    struct pod *evil = pod_seal(&draft);
    struct diag_env env = {.pod = evil, .now_wall_ms = s.now_wall_ms};
    size_t count = diag_run(&env, found, 4);
    assert_int_equal(count, 1);
    for (unsigned i = 0; i < found[0].advice_count; i++)
        assert_null(strstr(found[0].advice[i], "rm -rf"));
    pod_free(evil);
    scene_free(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diag_registry__every_rule_fires_and_is_silent_in_its_scenes),
        cmocka_unit_test(diag_run__puts_the_rule_of_the_scene_first),
        cmocka_unit_test(diag_registry__ids_and_names_are_unique_and_documented),
        cmocka_unit_test(probe_kill__knows_a_startup_probe_that_ran_out_without_its_killing_event),
        cmocka_unit_test(diag_run__needs_no_events),
        cmocka_unit_test(finding_evidence__drops_lines_over_the_limit_and_control_bytes),
        cmocka_unit_test(finding_evidence__marks_what_it_leaves_out),
        cmocka_unit_test(finding_advice__never_holds_a_name_that_a_shell_would_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
