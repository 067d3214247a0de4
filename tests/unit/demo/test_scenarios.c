/* Every built-in scenario loads, plays for some minutes and shows what its text promises.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"
#include "initwatch/demo/cells.h"
#include "initwatch/demo/demo.h"
#include "initwatch/demo/player.h"

#define WALL_MS 1763200800000

struct watch {
    struct player *player;
    const char *pod;
    struct strbuf seen;
    char last[200];
    unsigned pods;
};

static void
put(void *ctx, enum demo_kind kind, json_t *object)
{
    struct watch *watch = ctx;
    json_t *cells = kind == DEMO_KIND_POD ? cells_row(kind, object, WALL_MS) : NULL;
    const char *name = json_string_value(json_array_get(cells, 0));
    watch->pods += name != NULL;
    if (name && watch->pod && strcmp(name, watch->pod) == 0) {
        const char *status = json_string_value(json_array_get(cells, 2));
        if (strcmp(status, watch->last) != 0)
            strbuf_addf(&watch->seen, "%s%s", watch->seen.len ? ", " : "", status);
        (void)snprintf(watch->last, sizeof(watch->last), "%s", status);
    }
    json_decref(cells);
    json_decref(object);
}

static void
gone(void *ctx, enum demo_kind kind, json_t *last)
{
    (void)ctx;
    (void)kind;
    (void)last;
}

static void
play(struct watch *watch, const char *const *names, int64_t until_s)
{
    strbuf_init(&watch->seen, 0);
    struct player_config config = {
        .seed = 5, .start_wall_ms = WALL_MS, .speed = 1, .sink = {watch, put, gone}};
    struct iw_error err = {0};
    if (player_new(&config, names, NULL, &watch->player, &err) != IW_OK)
        fail_msg("%s", err.msg);
    player_run_until(watch->player, until_s * 1000);
}

static void
done(struct watch *watch)
{
    player_free(watch->player);
    strbuf_free(&watch->seen);
}

static void
play_one(void *ctx, const char *name, const json_t *about)
{
    unsigned *count = ctx;
    struct watch watch = {0};
    const char *const names[] = {name, NULL};
    play(&watch, names, 300);
    assert_true(watch.pods > 0);
    static const char *const texts[] = {"title", "text", "key"};
    for (size_t i = 0; i < IW_COUNTOF(texts); i++) {
        const char *text = json_string_value(json_object_get(about, texts[i]));
        if (!text || !text[0])
            fail_msg("%s has no %s", name, texts[i]);
    }
    done(&watch);
    (*count)++;
}

static void
scenarios__each_loads_and_plays_for_five_minutes(void **state)
{
    (void)state;
    unsigned count = 0;
    scenario_each(play_one, &count);
    assert_true(count >= 39);
}

static void
scenarios__standard_set_shows_twelve_and_keeps_moving(void **state)
{
    (void)state;
    struct watch watch = {0};
    play(&watch, NULL, 5);
    json_t *list = player_scenarios(watch.player);
    assert_int_equal(json_array_size(list), 12);
    json_decref(list);
    player_run_until(watch.player, 600 * 1000);
    unsigned before = watch.pods;
    player_run_until(watch.player, 900 * 1000);
    assert_true(watch.pods > before + 10);
    done(&watch);
}

struct promise {
    const char *scenario, *pod;
    int64_t seconds;
    const char *seen;
};

static const struct promise promises[] = {
    {"clone-and-serve", "www", 60, "Pending, Init:0/1, PodInitializing, Running"},
    {"wait-for-services", "myapp-wait-db", 60,
     "Pending, Init:0/2, Init:1/2, PodInitializing, Running"},
    {"stuck-wait", "myapp-wait-db", 120, "Init:0/2"},
    {"syntax-error", "myapp-pod", 3, "Init:CrashLoopBackOff"},
    {"unschedulable", "billing-55f8d-lm2wd", 120, "Pending"},
    {"missing-secret", "cart-7b5c9f-2q8vz", 130,
     "Init:CreateContainerConfigError, Init:0/1, PodInitializing, Running"},
    {"name-lookup-waits", "myapp-pod", 60, "Pending, Init:0/2, Init:1/2, PodInitializing, Running"},
    {"init-fails-for-good", "one-shot", 20, "Pending, Init:0/3, Init:1/3, Init:Error"},
    {"ordered-shutdown", "slow-stop", 46,
     "Pending, Init:0/4, Init:1/4, Init:2/4, Init:3/4, PodInitializing, Running, Terminating, "
     "Completed"},
    {"missing-volume", "needs-settings", 100, "Pending, Init:0/1, PodInitializing, Running"},
    {"sidecar-unready", "search-59c7d-t4xkc", 30, "Running"},
    {"resources", "resource-example", 30, "Running"},
    {"scheduling-gate", "needs-approval", 60,
     "SchedulingGated, Pending, Init:0/1, PodInitializing, Running"},
    {"dependency-cycle", "orders", 120, "Pending, Init:0/1"},
    {"service-without-endpoints", "audit", 70, "Pending, Init:0/1, PodInitializing, Running"},
    {"network-policy", "inventory", 120, "Pending, Init:0/1"},
    {"sandbox-lost", "survivor", 60,
     "Pending, Init:0/2, Init:1/2, PodInitializing, Running, Unknown, Running"},
    {"migrations", "tenants", 60, "Pending, Init:0/1, PodInitializing, Running, Unknown"},
    {"permissions", "least-privilege", 60, "Pending, Init:0/2, Init:CreateContainerConfigError"},
    {"permissions", "least-privilege-repaired", 60,
     "Pending, Init:0/2, Init:1/2, PodInitializing, Running"},
    {"certificates", "tls-edge", 60, "Pending, Init:0/2, Init:1/2, PodInitializing, Running"},
    {"liveness-kill", "leaky", 60, "Pending, Init:0/1, PodInitializing, Running"},
    {"sidecar-crash", "brave-app", 60,
     "Pending, Init:0/1, PodInitializing, Running, Init:Error, Running, Init:Error, "
     "Init:CrashLoopBackOff, Running"},
    {"hook-gate", "hooked", 60, "Pending, Init:0/2, Init:1/2, PodInitializing, Running"},
    {"ordered-set", "store-1", 60, "Pending, Init:0/1, PodInitializing, Running"},
    {"waiting-reasons", "err-image-pull", 60,
     "Pending, ContainerCreating, ErrImagePull, ImagePullBackOff, ErrImagePull, ImagePullBackOff, "
     "ErrImagePull"},
    {"waiting-reasons", "invalid-image-name", 60, "Pending, ContainerCreating, InvalidImageName"},
    {"waiting-reasons", "err-image-never-pull", 60,
     "Pending, ContainerCreating, ErrImageNeverPull"},
    {"waiting-reasons", "registry-unavailable", 60,
     "Pending, ContainerCreating, RegistryUnavailable, ImagePullBackOff, RegistryUnavailable"},
    {"waiting-reasons", "signature-invalid", 60,
     "Pending, ContainerCreating, SignatureValidationFailed, ImagePullBackOff, "
     "SignatureValidationFailed"},
    {"waiting-reasons", "image-inspect-error", 60, "Pending, ContainerCreating, ImageInspectError"},
    {"waiting-reasons", "config-error", 60,
     "Pending, ContainerCreating, CreateContainerConfigError"},
    {"waiting-reasons", "create-error", 60, "Pending, ContainerCreating, CreateContainerError"},
    {"waiting-reasons", "run-error", 60,
     "Pending, ContainerCreating, RunContainerError, CrashLoopBackOff"},
    {"waiting-reasons", "hook-error", 60, "Pending, ContainerCreating, PostStartHookError"},
    {"waiting-reasons", "crash-loop-back-off", 60,
     "Pending, ContainerCreating, Error, CrashLoopBackOff, Error, CrashLoopBackOff, Error"},
    {"waiting-reasons", "pod-initializing", 60, "Pending, Init:0/1"},
    {"waiting-reasons", "container-creating", 60, "Pending, ContainerCreating"},
};

static void
scenarios__show_what_they_promise(void **state)
{
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(promises); i++) {
        const struct promise *p = &promises[i];
        struct watch watch = {.pod = p->pod};
        const char *const names[] = {p->scenario, NULL};
        play(&watch, names, p->seconds);
        if (strcmp(watch.seen.data, p->seen) != 0)
            fail_msg("%s %s: %s", p->scenario, p->pod, watch.seen.data);
        done(&watch);
    }
}

static void
scenarios__unknown_name_is_refused_by_name(void **state)
{
    (void)state;
    const char *const names[] = {"no-such-thing", NULL};
    struct player_config config = {.seed = 1, .speed = 1, .sink = {NULL, put, gone}};
    struct player *player = NULL;
    struct iw_error err = {0};
    assert_int_equal(player_new(&config, names, NULL, &player, &err), IW_ERR_NOT_FOUND);
    assert_string_equal(err.msg, "there is no scenario \"no-such-thing\"");
}

/* A user who follows the kubeconfig looks where something is. */
static void
scenarios__namespace_of_the_kubeconfig_is_where_they_play(void **state)
{
    static const struct {
        const char *names[3], *ns;
    } cases[] = {{{"quota", NULL}, "team"},
                 {{"quota", "resources", NULL}, "shop"},
                 {{"ordered-set", "quota", NULL}, "data"}};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct watch watch = {0};
        play(&watch, cases[i].names, 1);
        assert_string_equal(player_namespace(watch.player), cases[i].ns);
        done(&watch);
    }
}

static void
scenarios__logs_are_what_the_run_printed_so_far(void **state)
{
    (void)state;
    struct watch watch = {0};
    const char *const names[] = {"wait-for-services", NULL};
    play(&watch, names, 6);
    struct sim *sim = player_sim(watch.player);
    struct sim_pod *pod = sim_pod_find(sim, "data", "myapp-wait-db");
    struct sim_log log;
    const char *reason = "";
    assert_int_equal(sim_log_open(sim, pod, "wait-for-redis", false, &log, &reason),
                     SIM_LOG_WAITING);
    assert_string_equal(reason, "PodInitializing");
    assert_int_equal(sim_log_open(sim, pod, "nobody", false, &log, &reason), SIM_LOG_NO_CONTAINER);
    assert_int_equal(sim_log_open(sim, pod, "wait-for-postgres", true, &log, &reason),
                     SIM_LOG_NO_PREVIOUS);
    assert_int_equal(sim_log_open(sim, pod, "wait-for-postgres", false, &log, &reason), SIM_LOG_OK);
    struct sim_log_line line;
    struct strbuf text;
    strbuf_init(&text, 0);
    int64_t last_ms = 0;
    unsigned lines = 0;
    while (sim_log_next(sim, &log, &line)) {
        assert_true(line.t_ms >= last_ms && line.t_ms <= 6000);
        last_ms = line.t_ms;
        if (lines++ < 2) {
            sim_log_text(sim, &log, &line, &text);
            strbuf_addc(&text, '|');
        }
    }
    assert_string_equal(text.data,
                        "Is PostgreSQL up?|no answer on postgres-service:5432, next try in 2 s|");
    assert_in_range(lines, 3, 4);
    assert_false(log.ended);
    player_run_until(watch.player, 40000);
    strbuf_clear(&text);
    while (sim_log_next(sim, &log, &line)) {
        strbuf_clear(&text);
        sim_log_text(sim, &log, &line, &text);
    }
    assert_string_equal(text.data, "PostgreSQL answers.");
    assert_true(log.ended);
    sim_log_close(&log);
    strbuf_free(&text);
    done(&watch);
}

static void
expect_korean(void *ctx, const char *name, const json_t *about)
{
    char *title = NULL, *text = NULL;
    const char *english = json_string_value(json_object_get(about, "text"));
    size_t *count = ctx;
    ++*count;
    if (!english || !json_object_get(about, "title"))
        fail_msg("%s has no title or no text", name);
    if (!demo_scenario_words(name, "ko", &title, &text))
        fail_msg("%s has no text.ko.md, or that does not begin with \"# \"", name);
    if (!utf8_valid(title, strlen(title)) || !utf8_valid(text, strlen(text)) || !strlen(text))
        fail_msg("%s: text.ko.md is no text", name);
    /* Korean is two cells a syllable: about as many cells as the English has, or it is another text. */
    int cells = utf8_width(text, strlen(text)), most = (int)strlen(english) * 13 / 10;
    if (cells < (int)strlen(english) / 2 || cells > most || utf8_width(title, strlen(title)) > 72)
        fail_msg("%s: %d cells in Korean, %zu in English", name, cells, strlen(english));
    free(title);
    free(text);
}

static void
scenarios__teach_in_both_languages(void **state)
{
    (void)state;
    size_t count = 0;
    scenario_each(expect_korean, &count);
    assert_true(count >= 39);
    char *title, *text;
    assert_false(demo_scenario_words("crash-loop", "en", &title, &text));
    assert_false(demo_scenario_words("no-such", "ko", &title, &text));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenarios__each_loads_and_plays_for_five_minutes),
        cmocka_unit_test(scenarios__standard_set_shows_twelve_and_keeps_moving),
        cmocka_unit_test(scenarios__show_what_they_promise),
        cmocka_unit_test(scenarios__teach_in_both_languages),
        cmocka_unit_test(scenarios__unknown_name_is_refused_by_name),
        cmocka_unit_test(scenarios__namespace_of_the_kubeconfig_is_where_they_play),
        cmocka_unit_test(scenarios__logs_are_what_the_run_printed_so_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
