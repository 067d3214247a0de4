/* Golden screens and the whole way of the guided tour.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cluster.h"
#include "initwatch/base/tr.h"

struct tour {
    struct scene sc;
    struct demo_board board;
    struct demo_scenario scenarios[2];
};

static void
open_tour(struct tour *t)
{
    memset(t, 0, sizeof(*t));
    cluster_open(&t->sc);
    t->scenarios[0] = (struct demo_scenario){.name = "syntax-error",
                                             .title = "",
                                             .text = "",
                                             .key = "p",
                                             .pod = "shop/myapp-pod",
                                             .pod_list = " shop/myapp-pod ",
                                             .pods = 1};
    t->scenarios[1] = (struct demo_scenario){.name = "ordered-shutdown",
                                             .title = "",
                                             .text = "",
                                             .key = "L",
                                             .pod = "shop/myapp-with-native-sidecar",
                                             .pod_list = " shop/myapp-with-native-sidecar ",
                                             .pods = 1};
    t->board = (struct demo_board){.known = true, .speed = 1};
    t->board.scenarios.items = t->scenarios;
    t->board.scenarios.len = 2;
    t->sc.board = &t->board;
    t->sc.session.demo = true;
    scene_ui(&t->sc, "pods");
    scene_draw(&t->sc, 80, 24);
}

static bool
at_step(struct tour *t, int step)
{
    char text[32];
    snprintf(text, sizeof(text), tr(" tour %u/%d "), (unsigned)step, 14);
    return scene_has(&t->sc, text);
}

/* Every step is done by the keys that it names, and by nothing else. */
static const struct {
    const char *elsewhere, *keys;
} WAY[] = {{"t", "j"},    {"jk", "/myapp-pod\r"},
           {"j", "\r"},   {"j", "+"},
           {"-", "x"},    {"j", "l"},
           {"x", "lp"},   {"q", "q"},
           {"j", "\x1b"}, {"gG", "/sidecar\r\r"},
           {"+", "j"},    {"j", "v"},
           {"q", "?"},    {"", "qq"}};

static void
tutor__goes_its_whole_way_by_the_keys_it_names(void **state)
{
    (void)state;
    struct tour t;
    open_tour(&t);
    scene_keys(&t.sc, ":tutor\r");
    for (int i = 0; i < (int)IW_COUNTOF(WAY); i++) {
        assert_true(at_step(&t, i + 1));
        scene_keys(&t.sc, WAY[i].elsewhere);
        if (i != 7) /* back is pressed once or several times */
            assert_true(at_step(&t, i + 1));
        scene_keys(&t.sc, WAY[i].keys);
    }
    assert_true(scene_has(&t.sc, "the tour is over"));
    assert_false(scene_finds(&t.sc, "/14 "));
    scene_keys(&t.sc, ":tutor\r");
    assert_true(at_step(&t, 1));
    scene_close(&t.sc);
}

static void
tutor__is_left_by_esc_and_goes_on_where_it_was(void **state)
{
    (void)state;
    struct tour t;
    open_tour(&t);
    scene_keys(&t.sc, ":tutor\rj/pod\r");
    assert_true(at_step(&t, 3));
    /* A filter goes first, as everywhere. */
    scene_keys(&t.sc, "\x1b");
    assert_true(at_step(&t, 3));
    scene_keys(&t.sc, "\r\x1b");
    assert_string_equal(ui_top_view(t.sc.ui), "detail");
    assert_true(scene_has(&t.sc, "left at step 4 of 14"));
    scene_keys(&t.sc, "+");
    assert_false(scene_finds(&t.sc, "/14 "));
    scene_keys(&t.sc, ":tutor\r");
    assert_true(at_step(&t, 4));
    scene_keys(&t.sc, ":tutor again\r");
    assert_true(at_step(&t, 1));
    /* Who is elsewhere is told the way. */
    assert_true(scene_has(&t.sc, "First q,"));
    scene_close(&t.sc);
}

static void
tutor__says_on_a_real_cluster_where_it_is(void **state)
{
    (void)state;
    struct scene sc;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, ":tutor\r");
    assert_true(scene_has(&sc, "initwatch --tutor starts both"));
    assert_false(scene_finds(&sc, "/14 "));
    scene_close(&sc);
}

static void
tutor__names_the_keys_that_the_user_bound(void **state)
{
    (void)state;
    struct tour t;
    open_tour(&t);
    scene_keys(&t.sc, ":bind pod X why\r");
    assert_true(keymap_bind(CTX_PODISH, 'x', ACT_NONE, 0));
    scene_keys(&t.sc, ":tutor\rj/pod\r\r+");
    assert_true(scene_has(&t.sc, "X answers why"));
    keymap_reset();
    scene_close(&t.sc);
}

static void
tutor__leaves_a_step_out_whose_scenario_does_not_play(void **state)
{
    (void)state;
    struct tour t;
    open_tour(&t);
    t.board.scenarios.len = 1;
    scene_keys(&t.sc, ":tutor\rj/pod\r\r+xlpqq\x1b");
    assert_true(at_step(&t, 12));
    assert_true(scene_has(&t.sc, "First Enter on a pod."));
    scene_close(&t.sc);
}

/* The panel takes lines of its own: what the view shows and the panel are both whole. */
static void
tutor__panel_at_all_sizes(void **state)
{
    (void)state;
    static const struct {
        int cols, rows;
    } sizes[] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};
    struct tour t;
    open_tour(&t);
    scene_keys(&t.sc, ":tutor\r");
    for (size_t i = 0; i < IW_COUNTOF(sizes); i++) {
        char name[48];
        snprintf(name, sizeof(name), "tutor_list_%dx%d", sizes[i].cols, sizes[i].rows);
        assert_true(scene_is(&t.sc, name, sizes[i].cols, sizes[i].rows));
    }
    scene_keys(&t.sc, "j/pod\r\r");
    assert_true(scene_is(&t.sc, "tutor_detail_60x16", 60, 16));
    assert_true(scene_is(&t.sc, "tutor_detail_80x24", 80, 24));
    assert_true(tr_set_language("ko"));
    assert_true(scene_is(&t.sc, "tutor_korean_60x16", 60, 16));
    assert_true(scene_is(&t.sc, "tutor_korean_80x24", 80, 24));
    (void)tr_set_language("en");
    scene_close(&t.sc);
}

/* No text is cut in either language, at the smallest size, with the way back behind it. */
static void
tutor__no_text_is_cut_at_the_smallest_size(void **state)
{
    (void)state;
    static const char *const languages[] = {"en", "ko"};
    for (size_t l = 0; l < IW_COUNTOF(languages); l++) {
        struct tour t;
        assert_true(tr_set_language(languages[l]));
        open_tour(&t);
        scene_draw(&t.sc, 60, 16);
        scene_keys(&t.sc, ":tutor\r");
        for (int i = 0; i < (int)IW_COUNTOF(WAY); i++) {
            char *text = scene_text(&t.sc, 60, 16), *line = text;
            int panel = 0;
            for (int y = 0; y < 16; y++, line = strchr(line, '\n') + 1)
                if (strstr(line, "/14 ") && strstr(line, "/14 ") < strchr(line, '\n'))
                    panel = y;
            /* the rule, at most four lines and the footer: seven are left for the view */
            if (panel < 10)
                fail_msg("%s step %d:\n%s", languages[l], i + 1, text);
            free(text);
            scene_keys(&t.sc, WAY[i].elsewhere);
            scene_keys(&t.sc, WAY[i].keys);
        }
        scene_close(&t.sc);
    }
    (void)tr_set_language("en");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tutor__goes_its_whole_way_by_the_keys_it_names),
        cmocka_unit_test(tutor__is_left_by_esc_and_goes_on_where_it_was),
        cmocka_unit_test(tutor__says_on_a_real_cluster_where_it_is),
        cmocka_unit_test(tutor__names_the_keys_that_the_user_bound),
        cmocka_unit_test(tutor__leaves_a_step_out_whose_scenario_does_not_play),
        cmocka_unit_test(tutor__panel_at_all_sizes),
        cmocka_unit_test(tutor__no_text_is_cut_at_the_smallest_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
