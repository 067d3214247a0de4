/* Unit tests of the mouse: it does what keys do.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../golden/cluster.h"

static void
press(struct scene *sc, int x, int y)
{
    const struct term_mouse event = {TERM_MOUSE_PRESS, x, y};
    ui_draw(sc->ui, &sc->surface);
    ui_mouse(sc->ui, &event);
}

static int
selected_row(struct scene *sc)
{
    ui_draw(sc->ui, &sc->surface);
    for (int y = 0; y < sc->surface.rows; y++)
        if (surface_at(&sc->surface, 4, y)->flags & CELL_SELECTED)
            return y;
    return -1;
}

static void
mouse__a_click_selects_and_two_open(void **state)
{
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 100, 30);
    int first = selected_row(&sc);
    press(&sc, 10, first + 4);
    assert_int_equal(selected_row(&sc), first + 4);
    press(&sc, 10, first + 1);
    assert_int_equal(selected_row(&sc), first + 1);
    assert_string_equal(ui_top_view(sc.ui), "pods");
    press(&sc, 10, first + 1);
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_close(&sc);
}

static void
mouse__wheel_scrolls_and_tabs_are_clicked(void **state)
{
    struct scene sc;
    const struct term_mouse down = {TERM_MOUSE_DOWN, 5, 9}, up = {TERM_MOUSE_UP, 5, 9};
    (void)state;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 100, 30);
    int first = selected_row(&sc);
    ui_mouse(sc.ui, &down);
    assert_int_equal(selected_row(&sc), first + 3);
    ui_mouse(sc.ui, &up);
    assert_int_equal(selected_row(&sc), first);
    char *screen = scene_text(&sc, 100, 30), *line = strchr(screen, '\n') + 1;
    const char *tab = strstr(line, "3 Events");
    assert_non_null(tab);
    press(&sc, utf8_width(line, (size_t)(tab - line)), 1);
    assert_string_equal(ui_top_view(sc.ui), "all-events");
    free(screen);
    scene_close(&sc);
}

static void
mouse__outside_of_the_screen_or_at_a_prompt_nothing_happens(void **state)
{
    static const int places[][2] = {{-1, 5}, {5, -1}, {100, 5}, {5, 30}, {10000, 10000}, {5, 29}};
    struct scene sc;
    (void)state;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 100, 30);
    int first = selected_row(&sc);
    for (size_t i = 0; i < IW_COUNTOF(places); i++)
        press(&sc, places[i][0], places[i][1]);
    assert_int_equal(selected_row(&sc), first);
    scene_keys(&sc, ":");
    press(&sc, 10, first + 2);
    scene_keys(&sc, "\033");
    assert_int_equal(selected_row(&sc), first);
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mouse__a_click_selects_and_two_open),
        cmocka_unit_test(mouse__wheel_scrolls_and_tabs_are_clicked),
        cmocka_unit_test(mouse__outside_of_the_screen_or_at_a_prompt_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
