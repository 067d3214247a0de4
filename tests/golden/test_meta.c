/* Meta-tests: every registered view at every size with every kind of store; every action explained
 * and bound once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cluster.h"
#include "initwatch/ui/podcase.h"

static const struct {
    int cols, rows;
} SIZES[] = {{1, 1}, {10, 3}, {20, 5}, {60, 16}, {80, 24}, {140, 40}, {200, 60}};

enum fill { FILL_EMPTY, FILL_DENIED, FILL_ONE, FILL_MANY, FILL_HOSTILE, FILL_DELETED, FILL_COUNT };

/* The first and the last moment that RFC 3339 can write. */
#define YEAR_0001_MS INT64_C(-62135596800000)
#define YEAR_9999_MS INT64_C(253402300799000)

static void
add_hostile(struct scene *sc, unsigned seed)
{
    char name[96], container[64];
    struct pod_make m;
    for (size_t i = 0; i < sizeof(name) - 1; i++) {
        seed = seed * 1664525u + 1013904223u;
        name[i] = (char)(1 + seed / 16777216u % 255u);
    }
    name[sizeof(name) - 1] = 0;
    snprintf(container, sizeof(container), "%.*s", (int)sizeof(container) - 1, name);
    cluster_begin(&m, name, name, name, 30);
    m.pod.phase = name;
    make_container(&m, LIST_INIT, container)->image = name;
    make_sidecar(&m, "데이터베이스");
    make_container(&m, LIST_APP, "\xff\xfe");
    struct container_status *st = make_waiting(&m, LIST_INIT, container, name, name);
    st->restart_count = INT32_MAX;
    struct container_state *last = draft_last(st);
    last->terminated = true;
    last->end = make_end(INT32_MIN, name, YEAR_9999_MS, YEAR_0001_MS);
    make_running(&m, LIST_INIT, "데이터베이스", YEAR_9999_MS);
    make_condition(&m, name, name, YEAR_0001_MS);
    scene_add(sc, pod_seal(&m.pod));
}

static void
fill_scene(struct scene *sc, enum fill fill)
{
    scene_open(sc, CLUSTER_NOW);
    if (fill == FILL_MANY)
        for (int i = 0; i < 300; i++) {
            char name[32];
            snprintf(name, sizeof(name), "web-%03d", i);
            scene_add(sc, cluster_healthy(name, "worker", 100 + i, 2, 2));
        }
    if (fill == FILL_HOSTILE)
        for (unsigned i = 0; i < 40; i++)
            add_hostile(sc, i);
    if (fill == FILL_MANY || fill == FILL_ONE || fill == FILL_DELETED)
        scene_add(sc, cluster_probe());
    if (fill == FILL_MANY)
        cluster_events(sc);
    if (fill != FILL_DENIED)
        scene_live(sc);
    else
        scene_status(sc, STREAM_PODS, SOURCE_DENIED, IW_ERR_FORBIDDEN, "pods is forbidden");
}

static bool
cell_is_good(const struct surface *s, int x, int y)
{
    const struct cell *c = surface_at(s, x, y);
    return c->ch >= 0x20 && (c->ch < 0x7f || c->ch >= 0xa0) && !utf8_is_deceptive(c->ch) &&
           c->role < ROLE_COUNT && (c->width != 2 || surface_at(s, x + 1, y)->width == 0) &&
           (c->width != 0 || surface_at(s, x - 1, y)->width == 2);
}

/* Cells hold nothing that a terminal could obey, and widths fit together. One answer a cell: there are
 * tens of millions of them. */
static void
check_cells(const struct surface *s)
{
    for (int y = 0; y < s->rows; y++)
        for (int x = 0; x < s->cols; x++)
            if (!cell_is_good(s, x, y))
                fail_msg("%d,%d holds U+%04x, role %d, width %d", x, y,
                         (unsigned)surface_at(s, x, y)->ch, surface_at(s, x, y)->role,
                         surface_at(s, x, y)->width);
}

/* Drawn alone in the middle of a surface, a view leaves the cells around its area as they were. */
static void
check_view(struct scene *sc, const struct view_class *view, struct pod_ref pod, int cols, int rows)
{
    static const struct raw_object no_raw;
    static const struct kobject_ref no_object;
    struct podcase_keep *keep = podcase_keep_new();
    const struct view_env env = {.store = sc->store,
                                 .objects = store_objects(sc->store),
                                 .raw = &no_raw,
                                 .object = &no_object,
                                 .session = &sc->session,
                                 .prefs = &sc->prefs,
                                 .logs = &sc->feed,
                                 .podcase = keep,
                                 .now_wall_ms = clock_wall(&sc->clock),
                                 .pod = pod,
                                 .container = ""};
    void *view_state = calloc(1, view->state_size ? view->state_size : 1);
    struct rect area = {3, 2, cols, rows};
    struct surface s;
    assert_non_null(view_state);
    surface_init(&s, cols + 6, rows + 4, false);
    surface_fill(&s, surface_rect(&s), '@', ROLE_DEMO);
    if (view->init)
        view->init(view_state);
    if (view->recalc)
        view->recalc(view_state, &env, area);
    view->draw(view_state, &env, &s, area);
    for (int y = 0; y < s.rows; y++)
        for (int x = 0; x < s.cols; x++) {
            bool inside = x >= 3 && x < 3 + cols && y >= 2 && y < 2 + rows;
            if (!inside && surface_at(&s, x, y)->ch != '@')
                fail_msg("view %s touches %d,%d outside of %dx%d", view->name, x, y, cols, rows);
        }
    check_cells(&s);
    if (view->fini)
        view->fini(view_state);
    free(view_state);
    podcase_keep_free(keep);
    surface_free(&s);
}

static void
views__draw_inside_their_area_at_every_size(void **state)
{
    (void)state;
    for (int fill = 0; fill < FILL_COUNT; fill++) {
        struct scene sc;
        struct pod_ref pod = {0, 0};
        fill_scene(&sc, (enum fill)fill);
        (void)store_next(sc.store, &pod);
        if (fill == FILL_DELETED)
            sc.sink.remove(sc.sink.ctx, cluster_probe());
        for (size_t v = 0; v < view_registry_count; v++)
            for (size_t i = 0; i < IW_COUNTOF(SIZES); i++)
                check_view(&sc, view_registry[v], pod, SIZES[i].cols, SIZES[i].rows);
        scene_close(&sc);
    }
}

static void
views__survive_every_action_at_every_size(void **state)
{
    (void)state;
    for (int fill = 0; fill < FILL_COUNT; fill++)
        for (size_t v = 0; v < view_registry_count; v++) {
            struct scene sc;
            struct pod_ref pod = {0, 0};
            fill_scene(&sc, (enum fill)fill);
            (void)store_next(sc.store, &pod);
            if (fill == FILL_DELETED)
                sc.sink.remove(sc.sink.ctx, cluster_probe());
            scene_ui(&sc, "pods");
            for (int a = 1; a < ACT_COUNT; a++) {
                ui_reset(sc.ui);
                ui_open(sc.ui, view_registry[v]->name, pod, "");
                size_t size = (size_t)a % IW_COUNTOF(SIZES);
                scene_draw(&sc, SIZES[size].cols, SIZES[size].rows);
                ui_act(sc.ui, (enum action)a, 1);
                ui_act(sc.ui, (enum action)a, 0);
                scene_draw(&sc, SIZES[size].cols, SIZES[size].rows);
                check_cells(&sc.surface);
                ui_key(sc.ui, KEY_ESC_CODE);
            }
            scene_close(&sc);
        }
}

static void
views__have_all_that_the_ui_needs(void **state)
{
    (void)state;
    assert_true(view_registry_count > 0);
    for (size_t v = 0; v < view_registry_count; v++) {
        const struct view_class *view = view_registry[v];
        assert_true(view->name && view->name[0] && view->title && view->title[0]);
        assert_true(view->help && strlen(view->help) > 10);
        assert_non_null(view->draw);
        assert_ptr_equal(view_find(view->name), view);
        if (view->tab)
            assert_ptr_equal(view_by_tab(view->scope, view->tab), view);
        assert_in_range(view->tab, 0, 8);
    }
    assert_null(view_find("no such view"));
}

static void
actions__are_explained_and_have_a_key(void **state)
{
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    (void)state;
    for (int a = 1; a < ACT_COUNT; a++) {
        assert_string_not_equal(action_help((enum action)a), "");
        assert_string_not_equal(action_group((enum action)a), "");
        bool bound = false;
        for (size_t i = 0; i < count; i++)
            bound = bound || table[i].action == (enum action)a;
        if (!bound)
            fail_msg("action %s has no key", action_name((enum action)a));
        for (int b = a + 1; b < ACT_COUNT; b++)
            assert_string_not_equal(action_name((enum action)a), action_name((enum action)b));
    }
}

static void
keys__are_bound_once_in_a_context(void **state)
{
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (table[i].context == table[k].context && table[i].key == table[k].key) {
                char key[16];
                key_text(table[i].key, key);
                fail_msg("%s is bound twice in %s", key, key_context_name(table[i].context));
            }
}

static void
commands__are_explained(void **state)
{
    size_t count;
    const struct ui_command *commands = ui_commands(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_string_not_equal(commands[i].help, "");
        for (size_t k = i + 1; k < count; k++)
            assert_string_not_equal(commands[i].name, commands[k].name);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views__draw_inside_their_area_at_every_size),
        cmocka_unit_test(views__survive_every_action_at_every_size),
        cmocka_unit_test(views__have_all_that_the_ui_needs),
        cmocka_unit_test(actions__are_explained_and_have_a_key),
        cmocka_unit_test(keys__are_bound_once_in_a_context),
        cmocka_unit_test(commands__are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
