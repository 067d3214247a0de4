/* The matrix: every registered view over a healthy, a sick, a huge, an empty and a hostile cluster,
 * at the four sizes every screen is kept at; one file a view and cluster. A view that is new is in it
 * without a word here. The other golden tests tell stories; this one is there so that no combination
 * goes unseen.
 * SPDX-License-Identifier: Apache-2.0 */
#include "worlds.h"

static void
check_cells(const struct surface *s, const char *view)
{
    if (!story_is_harmless(s))
        fail_msg("%s draws what a terminal could obey", view);
}

/* --- the matrix --- */

/* All sizes of one view in one text. */
static void
compare(struct scene *sc, const struct view_class *view, enum world_kind kind)
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
    snprintf(name, sizeof(name), "matrix_%s_%s", view->name, WORLD_NAMES[kind]);
    assert_true(golden_matches(name, all.data));
    strbuf_free(&all);
}

static void
draw_all_views(enum world_kind kind)
{
    struct world w;
    world_open(&w, kind);
    for (size_t v = 0; v < view_registry_count; v++)
        if (world_view(&w, view_registry[v]))
            compare(&w.scene, view_registry[v], kind);
    world_close(&w);
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
