/* ASCII: where lines are two cells wide, or fonts have no signs, no view of a sick cluster has a sign that is not ASCII.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worlds.h"

static unsigned
check_view(struct scene *sc, const char *view, int cols, int rows)
{
    unsigned found = 0;
    scene_draw(sc, cols, rows);
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < cols; x++) {
            uint32_t ch = surface_at(&sc->surface, x, y)->ch;
            if (ch < 0x7F)
                continue;
            print_error("%s at %dx%d has U+%04X at %d,%d\n", view, cols, rows, (unsigned)ch, x, y);
            found++;
        }
    return found;
}

static void
ascii__no_view_has_another_sign(void **state)
{
    static const int sizes[][2] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};
    struct world w;
    unsigned found = 0;
    (void)state;
    world_open(&w, WORLD_SICK);
    w.scene.prefs.ascii = true;
    surface_free(&w.scene.surface);
    surface_init(&w.scene.surface, 80, 24, true);
    for (size_t v = 0; v < view_registry_count; v++) {
        assert_true(world_view(&w, view_registry[v]));
        for (size_t i = 0; i < IW_COUNTOF(sizes); i++)
            found += check_view(&w.scene, view_registry[v]->name, sizes[i][0], sizes[i][1]);
    }
    world_close(&w);
    assert_int_equal(found, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascii__no_view_has_another_sign),
    };
    return cmocka_run_group_tests_name("ascii", tests, NULL, NULL);
}
