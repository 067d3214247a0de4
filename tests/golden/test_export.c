/* Golden documents of ":export": hostile names, wide characters, every look, and views with more rows than the screen.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cluster.h"

/* What a cluster could name things, and what a terminal must not be told. */
static struct surface
hostile(void)
{
    struct surface s;
    surface_init(&s, 40, 7, false);
    struct rect all = surface_rect(&s);
    surface_rule(&s, all, 0, ROLE_RULE, "이름 <b>", ROLE_TITLE);
    surface_puts(&s, all, 1, 1, ROLE_ERROR, "</pre><script>alert(1)</script>&amp;\"'");
    surface_puts(&s, all, 1, 2, ROLE_TEXT,
                 "a\x1b[2Jb\x07 \xe2\x80\xae"
                 "evil\xe2\x80\xac \xff");
    surface_puts(&s, all, 1, 3, ROLE_OK, "초기화 컨테이너 ✓ (✓) é\xcc\x81");
    surface_puts(&s, all, 1, 4, ROLE_BAR, "█▓▒░▁▄│├╮");
    surface_puts(&s, all, 12, 4, ROLE_DIM, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d abc");
    surface_puts(&s, all, 1, 5, ROLE_WARN, "selected, underlined");
    surface_flag(&s, (struct rect){0, 5, 40, 1}, CELL_SELECTED);
    surface_flag(&s, (struct rect){11, 5, 20, 1}, CELL_UNDERLINED);
    return s;
}

static void
export__writes_hostile_cells_harmlessly_in_every_format(void **state)
{
    (void)state;
    static const enum theme themes[] = {THEME_DARK, THEME_LIGHT, THEME_MONO};
    struct surface s = hostile();
    for (size_t i = 0; i < IW_COUNTOF(themes); i++) {
        char name[64];
        char *documents[] = {surface_dump_html(&s, themes[i], "a <title>\x01 & more"),
                             surface_dump_svg(&s, themes[i], "a <title>\x01 & more"),
                             surface_dump_ansi(&s, themes[i])};
        static const char *const kinds[] = {"html", "svg", "ansi"};
        for (size_t k = 0; k < IW_COUNTOF(documents); k++) {
            snprintf(name, sizeof(name), "export_hostile_%s_%s", theme_name(themes[i]), kinds[k]);
            assert_true(golden_matches(name, documents[k]));
            assert_null(strchr(documents[k], '\x07'));
            assert_true(k == 2 || !strstr(documents[k], "<script"));
            assert_null(strstr(documents[k], "\xe2\x80\xae"));
            assert_null(strstr(documents[k], "\x1b[2J"));
            free(documents[k]);
        }
    }
    surface_free(&s);
}

/* Each wide character has a box or an element of its own, each row as many cells as the screen. */
static void
export__keeps_the_columns_of_wide_characters(void **state)
{
    (void)state;
    struct surface s;
    surface_init(&s, 10, 1, false);
    surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TEXT, "한x글");
    char *html = surface_dump_html(&s, THEME_DARK, ""), *svg = surface_dump_svg(&s, THEME_DARK, "");
    assert_non_null(strstr(html, "<b>한</b>x<b>글</b>     </span>"));
    assert_non_null(strstr(svg, "<text x=\"12\""));
    assert_non_null(strstr(svg, "<text x=\"30\""));
    assert_non_null(strstr(svg, "<text x=\"39\""));
    free(html);
    free(svg);
    surface_free(&s);
}

/* XML has no place for some code points: one of them would make the whole picture unreadable. */
static void
export__has_no_code_point_that_xml_refuses(void **state)
{
    (void)state;
    static const uint32_t refused[] = {0xFFFE, 0xFFFF, 0x1, 0x7F, 0x85, 0xD800};
    struct surface s;
    surface_init(&s, 10, 1, false);
    for (size_t i = 0; i < IW_COUNTOF(refused); i++)
        s.cells[i].ch = refused[i];
    char *svg = surface_dump_svg(&s, THEME_DARK, "");
    char *at = svg;
    size_t signs = 0;
    for (; (at = strstr(at, "\xef\xbf\xbd")) != NULL; at++)
        signs++;
    assert_int_equal(signs, IW_COUNTOF(refused));
    free(svg);
    surface_free(&s);
}

static void
export__of_the_whole_has_every_row_and_leaves_the_screen_as_it_was(void **state)
{
    (void)state;
    struct scene sc;
    cluster_open(&sc);
    for (int i = 0; i < 60; i++) {
        char name[32];
        snprintf(name, sizeof(name), "many-%02d", i);
        scene_add(&sc, cluster_healthy(name, "worker", 100 + i, 1, 0));
    }
    scene_ui(&sc, "pods");
    scene_keys(&sc, "jj");
    char *before = scene_text(&sc, 80, 24);
    struct surface whole;
    surface_init(&whole, 80, 24, false);
    assert_true(ui_draw_whole(sc.ui, &whole));
    char *text = surface_dump_text(&whole, false);
    assert_non_null(strstr(text, "many-00"));
    assert_non_null(strstr(text, "many-59"));
    char *after = scene_text(&sc, 80, 24);
    assert_string_equal(before, after);
    scene_keys(&sc, "?j");
    free(before);
    before = scene_text(&sc, 60, 16);
    surface_resize(&whole, 60, 16);
    assert_true(ui_draw_whole(sc.ui, &whole));
    assert_true(whole.rows > 60);
    free(after);
    after = scene_text(&sc, 60, 16);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(text);
    surface_free(&whole);
    scene_close(&sc);
}

static void
export__asks_for_the_format_and_hands_the_wish_over(void **state)
{
    (void)state;
    struct scene sc;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_keys(&sc, "\x13");
    assert_true(scene_is(&sc, "export_asks_80x24", 80, 24));
    scene_keys(&sc, "sv\t");
    scene_keys(&sc, " /tmp/x y.svg\r");
    assert_int_equal(sc.last.kind, INTENT_EXPORT);
    assert_string_equal(sc.last.text, "svg /tmp/x y.svg");
    scene_keys(&sc, ":export all html\r");
    assert_string_equal(sc.last.text, "all html");
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(export__writes_hostile_cells_harmlessly_in_every_format),
        cmocka_unit_test(export__keeps_the_columns_of_wide_characters),
        cmocka_unit_test(export__has_no_code_point_that_xml_refuses),
        cmocka_unit_test(export__of_the_whole_has_every_row_and_leaves_the_screen_as_it_was),
        cmocka_unit_test(export__asks_for_the_format_and_hands_the_wish_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
