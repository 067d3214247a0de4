/* Golden screens of the owners: workloads at four sizes, open and folded, without objects, hostile, empty, many.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "owners.h"

static const struct size {
    int cols, rows;
} SIZES[] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};

static bool
at_size(struct scene *sc, const char *name, const struct size *size)
{
    char full[80];
    snprintf(full, sizeof(full), "%s_%dx%d", name, size->cols, size->rows);
    return scene_is(sc, full, size->cols, size->rows);
}

static void
check(const char *name, const char *keys, int cols, int rows)
{
    struct scene sc;
    owners_open(&sc);
    assert_true(scene_shows(&sc, "owners", keys, name, cols, rows));
}

static void
owners__one_row_for_each_workload(void **state)
{
    (void)state;
    check("owners_60x16", "", 60, 16);
    check("owners_80x24", "", 80, 24);
    check("owners_140x40", "", 140, 40);
    check("owners_200x60", "", 200, 60);
}

static void
owners__open_to_their_pods(void **state)
{
    (void)state;
    check("owners_open_80x24", ":sort name\rgj\rj", 80, 24);
    check("owners_open_140x40", "b", 140, 40);
}

static void
owners__in_ascii(void **state)
{
    struct scene sc;
    (void)state;
    owners_open(&sc);
    sc.prefs.ascii = true;
    scene_ui(&sc, "owners");
    bool same = true;
    for (size_t k = 0; k < IW_COUNTOF(SIZES); k++) {
        same &= at_size(&sc, "owners_ascii", &SIZES[k]);
        for (int i = 0; i < SIZES[k].cols * SIZES[k].rows; i++)
            assert_in_range(sc.surface.cells[i].ch, 0x20, 0x7e);
    }
    scene_close(&sc);
    assert_true(same);
}

static void
owners__the_filter_is_about_their_pods(void **state)
{
    (void)state;
    check("owners_filter_80x24", "/owner:deploy.*check\r", 80, 24);
    check("owners_filter_hides_80x24", "/rst:>90\r", 80, 24);
    check("owners_problems_80x24", "z", 80, 24);
    check("owners_filter_60x16", "/owner:deploy.*check\r", 60, 16);
    check("owners_filter_140x40", "/owner:deploy.*check\r", 140, 40);
    check("owners_filter_200x60", "/owner:deploy.*check\r", 200, 60);
    check("owners_filter_hides_60x16", "/rst:>90\r", 60, 16);
}

static void
owners__without_their_objects_are_counted_from_pods(void **state)
{
    struct scene sc;
    struct iw_error err = {.code = IW_ERR_FORBIDDEN};
    (void)state;
    cluster_open(&sc);
    scene_add(&sc, owners_checkout("checkout-5b8c7-m2xw4", "5b8c7", true, 300));
    sc.sink.objects_state(sc.sink.ctx, KOBJECT_DEPLOYMENT, "", OBJECTS_DENIED, &err);
    scene_ui(&sc, "owners");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "/owner:deploy\r");
    bool same = scene_is(&sc, "owners_denied_objects_80x24", 80, 24) &&
                scene_is(&sc, "owners_denied_objects_60x16", 60, 16) &&
                scene_is(&sc, "owners_denied_objects_140x40", 140, 40) &&
                scene_is(&sc, "owners_denied_objects_200x60", 200, 60);
    scene_close(&sc);
    assert_true(same);
}

/* A pod of the run before. */
static struct pod *
done_run(void)
{
    struct pod *pod = owners_of(cluster_healthy("nightly-report-29000-ab", "worker", 7343, 1, 0),
                                "Job", "nightly-report-29000");
    struct pod draft = *pod;
    draft.ns = "data";
    struct pod *moved = pod_seal(&draft);
    pod_free(pod);
    return moved;
}

/* Jobs of a CronJob are one row; their objects alone tell it, its own adds the schedule. */
static void
owners__gather_the_jobs_of_a_cronjob(void **state)
{
    struct scene sc;
    struct iw_error err = {.code = IW_ERR_FORBIDDEN};
    (void)state;
    for (int listed = 0; listed < 2; listed++) {
        scene_open(&sc, CLUSTER_NOW);
        scene_add(&sc, done_run());
        scene_live(&sc);
        sc.session.ns[0] = 0;
        scene_ui(&sc, "owners");
        scene_draw(&sc, 140, 40);
        assert_true(scene_has(&sc, "nightly-report-29000"));
        owners_cronjobs(&sc, listed);
        if (!listed)
            sc.sink.objects_state(sc.sink.ctx, KOBJECT_CRONJOB, "", OBJECTS_DENIED, &err);
        scene_keys(&sc, "jk");
        const char *name = listed ? "owners_cronjob" : "owners_cronjob_denied";
        bool same = true;
        for (size_t k = 0; k < IW_COUNTOF(SIZES); k++)
            same &= at_size(&sc, name, &SIZES[k]);
        scene_draw(&sc, 140, 40);
        assert_true(scene_has(&sc, "[2 Owners 1]"));
        scene_close(&sc);
        assert_true(same);
    }
}

static void
owners__hostile_and_wide_names(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    scene_add(&sc, owners_of(cluster_crash(), "Rollout\x1b[2J",
                             "\x1b]0;owned\x07-\xe2\x80\xae"
                             "gnp\xff"));
    scene_add(&sc,
              owners_of(cluster_image(), "Deployment", "결제-서비스-이름이-아주-길어서-잘린다"));
    scene_add(&sc, owners_of(cluster_healthy("p", "n", 90, 1, 1), "StatefulSet",
                             "名前がとても長いステートフルセット"));
    scene_live(&sc);
    sc.session.ns[0] = 0;
    scene_ui(&sc, "owners");
    bool same = scene_is(&sc, "owners_hostile_80x24", 80, 24) &&
                scene_is(&sc, "owners_hostile_60x16", 60, 16) &&
                scene_is(&sc, "owners_hostile_140x40", 140, 40);
    scene_close(&sc);
    assert_true(same);
}

static void
owners__of_many_pods(void **state)
{
    struct scene sc;
    (void)state;
    scene_open(&sc, CLUSTER_NOW);
    for (int i = 0; i < 3000; i++) {
        char name[32], owner[32];
        snprintf(name, sizeof(name), "web-%05d", i);
        snprintf(owner, sizeof(owner), "web-%02d", i % 60);
        scene_add(&sc,
                  owners_of(cluster_healthy(name, "worker", 100 + i, 1, 1), "StatefulSet", owner));
    }
    scene_add(&sc, cluster_probe());
    scene_live(&sc);
    scene_ui(&sc, "owners");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "61 owners"));
    scene_keys(&sc, "G");
    bool same = scene_is(&sc, "owners_many_140x40", 140, 40);
    scene_close(&sc);
    assert_true(same);
}

static void
owners__say_why_there_are_none(void **state)
{
    static const struct {
        const char *name;
        enum source_state state;
        enum iw_err code;
    } cases[] = {{"owners_empty", SOURCE_LIVE, IW_OK},
                 {"owners_denied", SOURCE_DENIED, IW_ERR_FORBIDDEN},
                 {"owners_unreachable", SOURCE_STALE, IW_ERR_REFUSED}};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        struct scene sc;
        scene_open(&sc, CLUSTER_NOW);
        if (cases[i].state == SOURCE_LIVE)
            scene_live(&sc);
        scene_status(&sc, STREAM_PODS, cases[i].state, cases[i].code, "");
        scene_ui(&sc, "owners");
        bool same = true;
        for (size_t k = 0; k < IW_COUNTOF(SIZES); k++)
            same &= at_size(&sc, cases[i].name, &SIZES[k]);
        scene_close(&sc);
        assert_true(same);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owners__one_row_for_each_workload),
        cmocka_unit_test(owners__open_to_their_pods),
        cmocka_unit_test(owners__in_ascii),
        cmocka_unit_test(owners__the_filter_is_about_their_pods),
        cmocka_unit_test(owners__without_their_objects_are_counted_from_pods),
        cmocka_unit_test(owners__gather_the_jobs_of_a_cronjob),
        cmocka_unit_test(owners__hostile_and_wide_names),
        cmocka_unit_test(owners__of_many_pods),
        cmocka_unit_test(owners__say_why_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
