/* Manifests that are built wrong, and those of which the demo can play a part.
 * SPDX-License-Identifier: Apache-2.0 */
#include "sim_rig.h"

#include <stdlib.h>
#include <unistd.h>

#include "initwatch/demo/player.h"

static void
manifest__built_wrong_is_refused_with_the_member(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *says;
    } rows[] = {
        {"kind: CronJob\nmetadata: {name: c}\nspec: {schedule: '@daily', jobTemplate: []}\n",
         "CronJob c: spec.jobTemplate should be an object"},
        {"kind: CronJob\nmetadata: {name: c}\nspec: {schedule: '@daily', jobTemplate: {}}\n",
         "jobTemplate.spec is missing"},
        {"kind: Deployment\nmetadata: {name: d}\nspec: {template: {metadata: 4, spec: {}}}\n",
         "template.metadata should be an object"},
        {"kind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: [5]}}}\n",
         "a container should be an object"},
        {"kind: Job\nmetadata: {name: j}\nspec: {template: 5}\n", "spec.template should be"},
        {"kind: StatefulSet\nmetadata: {name: s}\n", "StatefulSet.spec is missing"},
        {"kind: Pod\nmetadata: {name: p, labels: {a: 7}}\nspec: {containers: []}\n",
         "metadata.labels.a should be a text, in quotes"},
        {"kind: Pod\nmetadata: {name: ../p}\nspec: {containers: []}\n",
         "metadata.name should be small letters"},
        {"kind: Pod\nmetadata: {name: p, namespace: a/b}\nspec: {containers: []}\n",
         "metadata.namespace should be"},
        {"kind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i, env: x}]}\n",
         "container.env should be a list"},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct rig *rig = rig_new();
        struct iw_error err = {0};
        assert_int_equal(
            yaml_json_each("m", rows[i].yaml, strlen(rows[i].yaml), rig_apply_document, rig, &err),
            IW_ERR_PARSE);
        if (!strstr(err.msg, rows[i].says))
            fail_msg("%s", err.msg);
        rig_run(rig, 10);
        rig_free(rig);
    }
}

static void
drop(void *ctx, enum demo_kind kind, json_t *object)
{
    unsigned *pods = ctx;
    *pods += kind == DEMO_KIND_POD;
    json_decref(object);
}

static void
keep(void *ctx, enum demo_kind kind, json_t *last)
{
    (void)ctx;
    (void)kind;
    (void)last;
}

static enum iw_err
play(const char *yaml, unsigned *pods, char said[500])
{
    char path[] = "/tmp/iw-manifest-XXXXXX";
    int fd = mkstemp(path);
    struct player *player = NULL;
    struct iw_error err = {0};
    const char *const manifests[] = {path, NULL};
    struct player_config config = {
        .seed = 5, .start_wall_ms = RIG_WALL_MS, .speed = 1, .sink = {pods, drop, keep}};
    assert_true(fd >= 0);
    assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
    close(fd);
    enum iw_err code = player_new(&config, NULL, manifests, &player, &err);
    unlink(path);
    (void)snprintf(said, 500, "%s", code ? err.msg : player_left_out(player));
    if (!code)
        player_run_until(player, 5000);
    player_free(player);
    return code;
}

#define WIDGET "kind: Widget\nmetadata: {name: w}\n"

static void
manifest__is_played_without_the_kinds_that_nobody_knows(void **state)
{
    (void)state;
    unsigned pods = 0;
    char said[500];
    assert_int_equal(play(WIDGET "---\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: "
                                 "c, image: i}]}\n",
                          &pods, said),
                     IW_OK);
    assert_true(pods > 0);
    assert_non_null(strstr(said, "the demo does not know kind Widget"));
    pods = 0;
    assert_int_equal(
        play("kind: List\nitems:\n- {kind: Widget, metadata: {name: w}}\n- {kind: Pod, "
             "metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}\n",
             &pods, said),
        IW_OK);
    assert_true(pods > 0);
    assert_non_null(strstr(said, "kind Widget"));
}

static void
manifest__of_nothing_that_can_be_played_is_an_error(void **state)
{
    (void)state;
    unsigned pods = 0;
    char said[500];
    assert_int_equal(play(WIDGET, &pods, said), IW_ERR_UNSUPPORTED);
    assert_non_null(strstr(said, "the demo does not know kind Widget"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifest__built_wrong_is_refused_with_the_member),
        cmocka_unit_test(manifest__is_played_without_the_kinds_that_nobody_knows),
        cmocka_unit_test(manifest__of_nothing_that_can_be_played_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
