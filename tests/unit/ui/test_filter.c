/* Unit tests of the text filter, the list cursor and the wrapped text.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/ui/widget.h"

static void
text_filter__ignores_case_unless_asked(void **state)
{
    struct text_filter *f = text_filter_new();
    (void)state;
    assert_false(text_filter_active(f));
    assert_true(text_filter_match(f, "anything"));
    assert_true(text_filter_set(f, "init"));
    assert_true(text_filter_match(f, "shop/web Init:0/2"));
    assert_true(text_filter_set(f, "Init"));
    assert_true(text_filter_match(f, "Init:0/2"));
    assert_false(text_filter_match(f, "init:0/2"));
    text_filter_free(f);
}

static void
text_filter__knows_expressions_and_their_inverse(void **state)
{
    struct text_filter *f = text_filter_new();
    (void)state;
    assert_true(text_filter_set(f, "^shop/.*-[0-9]+"));
    assert_true(text_filter_match(f, "shop/web-12"));
    assert_false(text_filter_match(f, "data/web-12"));
    assert_true(text_filter_set(f, "!web|db"));
    assert_false(text_filter_match(f, "web"));
    assert_true(text_filter_match(f, "cart"));
    assert_true(text_filter_set(f, "!"));
    assert_false(text_filter_active(f));
    assert_true(text_filter_match(f, "x"));
    text_filter_free(f);
}

static void
text_filter__takes_a_broken_expression_as_text(void **state)
{
    struct text_filter *f = text_filter_new();
    (void)state;
    assert_false(text_filter_set(f, "web("));
    assert_true(text_filter_active(f));
    assert_true(text_filter_match(f, "a web( b"));
    assert_false(text_filter_match(f, "web"));
    assert_string_equal(text_filter_text(f), "web(");
    text_filter_free(f);
}

static void
list_cursor__stays_in_sight_and_in_bounds(void **state)
{
    struct list_cursor c = {50, 0};
    (void)state;
    list_cursor_fix(&c, 100, 10);
    assert_int_equal(c.top, 41);
    list_cursor_fix(&c, 20, 10);
    assert_int_equal(c.selected, 19);
    assert_int_equal(c.top, 10);
    list_cursor_fix(&c, 5, 10);
    assert_int_equal(c.selected, 4);
    assert_int_equal(c.top, 0);
    list_cursor_fix(&c, 0, 0);
    assert_int_equal(c.selected, 0);
}

static void
list_cursor__moves_as_in_vim_and_less(void **state)
{
    struct list_cursor c = {0, 0};
    (void)state;
    assert_true(list_cursor_act(&c, ACT_UP, 100, 10));
    assert_int_equal(c.selected, 0);
    list_cursor_act(&c, ACT_DOWN, 100, 10);
    assert_int_equal(c.selected, 1);
    list_cursor_act(&c, ACT_HALF_DOWN, 100, 10);
    assert_int_equal(c.selected, 6);
    list_cursor_act(&c, ACT_PAGE_DOWN, 100, 10);
    assert_int_equal(c.selected, 15);
    list_cursor_act(&c, ACT_BOTTOM, 100, 10);
    assert_int_equal(c.selected, 99);
    assert_int_equal(c.top, 90);
    list_cursor_act(&c, ACT_TOP, 100, 10);
    assert_int_equal(c.selected, 0);
    assert_false(list_cursor_act(&c, ACT_OPEN, 100, 10));
    assert_true(list_cursor_act(&c, ACT_BOTTOM, 0, 10));
    assert_int_equal(c.selected, 0);
}

static void
widget_wrap__breaks_at_blanks_and_marks_what_is_missing(void **state)
{
    struct surface s;
    (void)state;
    surface_init(&s, 12, 4, false);
    struct rect all = surface_rect(&s);
    assert_int_equal(widget_wrap(&s, all, 0, 0, 12, 4, ROLE_TEXT, "the quick brown fox"), 2);
    char *text = surface_dump_text(&s, false);
    assert_memory_equal(text, "the quick   \nbrown fox   \n", 26);
    free(text);
    surface_clear(&s);
    assert_int_equal(widget_wrap(&s, all, 0, 0, 12, 1, ROLE_TEXT, "the quick brown fox"), 1);
    text = surface_dump_text(&s, false);
    assert_memory_equal(text, "the quick b…", 14);
    free(text);
    surface_clear(&s);
    assert_int_equal(widget_wrap(&s, all, 0, 0, 12, 4, ROLE_TEXT, "onewordthatislong\nb"), 3);
    surface_free(&s);
}

static void
widget_bar__shows_a_little_as_something(void **state)
{
    struct surface s;
    (void)state;
    surface_init(&s, 4, 1, false);
    struct rect all = surface_rect(&s);
    widget_bar(&s, all, 0, 0, 4, 0.0, ROLE_BAR);
    assert_int_equal(surface_at(&s, 0, 0)->ch, ' ');
    widget_bar(&s, all, 0, 0, 4, 0.001, ROLE_BAR);
    assert_int_equal(surface_at(&s, 0, 0)->ch, 0x258F);
    widget_bar(&s, all, 0, 0, 4, 7.0, ROLE_BAR);
    assert_int_equal(surface_at(&s, 3, 0)->ch, 0x2588);
    surface_free(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_filter__ignores_case_unless_asked),
        cmocka_unit_test(text_filter__knows_expressions_and_their_inverse),
        cmocka_unit_test(text_filter__takes_a_broken_expression_as_text),
        cmocka_unit_test(list_cursor__stays_in_sight_and_in_bounds),
        cmocka_unit_test(list_cursor__moves_as_in_vim_and_less),
        cmocka_unit_test(widget_wrap__breaks_at_blanks_and_marks_what_is_missing),
        cmocka_unit_test(widget_bar__shows_a_little_as_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
