/* Golden scenes of what is around the views: palette, marks, prompts, languages, themes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "cluster.h"
#include "initwatch/base/tr.h"

static const char *const CONTEXTS[] = {"kind-demo", "prod-eu", "prod-us", NULL};

static void
open_pods(struct scene *sc)
{
    cluster_open(sc);
    sc->session.contexts = CONTEXTS;
    scene_ui(sc, "pods");
}

static void
palette__offers_commands_and_what_was_run(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":sort name\r:");
    assert_true(scene_is(&sc, "palette_empty_80x24", 80, 24));
    assert_true(scene_is(&sc, "palette_empty_60x16", 60, 16));
    assert_true(scene_is(&sc, "palette_empty_140x40", 140, 40));
    scene_close(&sc);
}

static void
palette__finds_letters_in_order_in_objects_too(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":mwd");
    assert_true(scene_is(&sc, "palette_fuzzy_80x24", 80, 24));
    scene_keys(&sc, "\t");
    assert_true(scene_is(&sc, "palette_taken_80x24", 80, 24));
    scene_keys(&sc, "\r");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_close(&sc);
}

static void
palette__enter_runs_what_begins_as_typed(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":ledg\r");
    assert_string_equal(ui_top_view(sc.ui), "detail");
    scene_keys(&sc, ":mess\r");
    assert_string_equal(ui_top_view(sc.ui), "messages");
    scene_keys(&sc, ":prod-e\r");
    assert_int_equal(sc.last.kind, INTENT_CONTEXT);
    assert_string_equal(sc.last.text, "prod-eu");
    scene_close(&sc);
}

static void
palette__offers_the_values_of_an_option(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, ":set the");
    assert_true(scene_is(&sc, "palette_options_80x24", 80, 24));
    scene_close(&sc);
}

static void
marks__ask_for_their_letter(void **state)
{
    struct scene sc;
    (void)state;
    open_pods(&sc);
    scene_keys(&sc, "majmb'");
    assert_true(scene_is(&sc, "marks_go_80x24", 80, 24));
    scene_close(&sc);
}

static void
count_yes(void *ctx)
{
    ++*(int *)ctx;
}

static void
confirm__only_y_agrees(void **state)
{
    struct scene sc;
    int agreed = 0;
    (void)state;
    open_pods(&sc);
    ui_confirm(sc.ui, count_yes, &agreed,
               "delete pod checkout-6f7d9c-hx4kp? ReplicaSet will make a new one; 5 attempts of "
               "log are saved.");
    assert_true(scene_is(&sc, "confirm_80x24", 80, 24));
    assert_true(scene_is(&sc, "confirm_140x40", 140, 40));
    scene_keys(&sc, "\r");
    assert_int_equal(agreed, 0);
    assert_true(scene_has(&sc, "nothing was done"));
    ui_confirm(sc.ui, count_yes, &agreed, "really?");
    scene_keys(&sc, "yy");
    assert_int_equal(agreed, 1);
    scene_close(&sc);
}

/* --- Korean --- */

/* Views have their own scenes, in English; here each is drawn in Korean: nothing is cut inside a character, and the tab line
 * and the footer are Korean at every size. */
static void
korean__every_view_says_it_in_korean_at_every_size(void **state)
{
    static const int sizes[][2] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};
    (void)state;
    assert_true(tr_set_language("ko"));
    for (size_t v = 0; v < view_registry_count; v++) {
        struct scene sc;
        struct pod_ref pod = {0, 0};
        open_pods(&sc);
        assert_true(store_next(sc.store, &pod));
        ui_open(sc.ui, view_registry[v]->name, pod, "");
        for (size_t i = 0; i < IW_COUNTOF(sizes); i++) {
            char *text = scene_text(&sc, sizes[i][0], sizes[i][1]);
            if (strstr(text, "\xef\xbf\xbd"))
                fail_msg("%s: a character was cut:\n%s", view_registry[v]->name, text);
            assert_non_null(strstr(text, "도움말"));
            for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
                assert_int_equal(utf8_width(line, strcspn(line, "\n")), sizes[i][0]);
            free(text);
        }
        scene_close(&sc);
    }
    tr_set_language("en");
}

static void
korean__what_is_wrong_is_told_in_korean(void **state)
{
    struct scene sc;
    (void)state;
    assert_true(tr_set_language("ko"));
    open_pods(&sc);
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, ":frobnicate\r");
    assert_true(scene_has(&sc, "명령"));
    scene_keys(&sc, ":set them=x\r");
    assert_true(scene_has(&sc, "옵션 \"them\" 없음; theme 말씀입니까?"));
    scene_status(&sc, STREAM_PODS, SOURCE_STALE, IW_ERR_REFUSED, "connection refused");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "감시 ✗ 12s"));
    tr_set_language("en");
    scene_close(&sc);
}

/* --- themes --- */

static double
luminance(uint32_t rgb)
{
    double sum = 0;
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
        double c = (double)(rgb >> (16 - 8 * i) & 0xFF) / 255.0;
        sum += weights[i] * (c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

/* Ref: WCAG 2.1, contrast ratio. */
static double
contrast(struct role_style style, uint32_t page, uint32_t ink)
{
    double a = luminance(style.fg >= 0 ? xterm_colour_rgb(style.fg) : ink);
    double b = luminance(style.bg >= 0 ? xterm_colour_rgb(style.bg) : page);
    return (a > b ? a + 0.05 : b + 0.05) / (a > b ? b + 0.05 : a + 0.05);
}

static void
themes__can_be_read(void **state)
{
    static const struct {
        enum theme theme;
        bool light;
        double least;
    } cases[] = {{THEME_DARK, false, 2.2},    {THEME_LIGHT, true, 1.7},
                 {THEME_CB_SAFE, false, 2.2}, {THEME_CB_SAFE, true, 1.7},
                 {THEME_CONTRAST, false, 7},  {THEME_CONTRAST, true, 7}};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        theme_set_light_background(cases[i].light);
        for (int role = 0; role < ROLE_COUNT; role++) {
            struct role_style style = role_style(cases[i].theme, (enum role)role);
            double ratio = contrast(style, cases[i].light ? 0xffffff : 0x1c1c1c,
                                    cases[i].light ? 0x000000 : 0xe0e0e0);
            /* What a log colours itself is only kept readable. */
            bool own = strncmp(role_name((enum role)role), "sgr-", 4) == 0;
            if (ratio < (own ? IW_MIN(cases[i].least, 1.7) : cases[i].least))
                fail_msg("%s %s: role %s has contrast %.2f", theme_name(cases[i].theme),
                         cases[i].light ? "light" : "dark", role_name((enum role)role), ratio);
        }
    }
    theme_set_light_background(false);
}

static double
distance(uint32_t a, uint32_t b)
{
    double sum = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        double d = (double)(a >> shift & 0xFF) - (double)(b >> shift & 0xFF);
        sum += d * d;
    }
    return sqrt(sum);
}

/* Deuteranopia. Ref: Machado, Oliveira, Fernandes (2009), severity 1.0. */
static uint32_t
without_green(uint32_t rgb)
{
    static const double m[3][3] = {{0.367322, 0.860646, -0.227968},
                                   {0.280085, 0.672501, 0.047413},
                                   {-0.011820, 0.042940, 0.968881}};
    double in[3] = {rgb >> 16 & 0xFF, rgb >> 8 & 0xFF, rgb & 0xFF};
    uint32_t out = 0;
    for (int i = 0; i < 3; i++) {
        double v = m[i][0] * in[0] + m[i][1] * in[1] + m[i][2] * in[2];
        out = out << 8 | (uint32_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
    return out;
}

static void
themes__colour_blind_safe_keeps_states_apart(void **state)
{
    static const enum role states[] = {ROLE_OK, ROLE_ERROR, ROLE_BACKOFF, ROLE_WORKING};
    (void)state;
    for (int light = 0; light < 2; light++) {
        theme_set_light_background(light);
        for (size_t a = 0; a < IW_COUNTOF(states); a++)
            for (size_t b = a + 1; b < IW_COUNTOF(states); b++) {
                uint32_t x = xterm_colour_rgb(role_style(THEME_CB_SAFE, states[a]).fg);
                uint32_t y = xterm_colour_rgb(role_style(THEME_CB_SAFE, states[b]).fg);
                double apart = distance(without_green(x), without_green(y));
                if (apart < 40)
                    fail_msg("%s and %s are %.0f apart", role_name(states[a]), role_name(states[b]),
                             apart);
            }
    }
    theme_set_light_background(false);
}

/* Every role by its name, in two columns; the right half of each is a selected row. */
static void
draw_roles(struct surface *s)
{
    const struct rect all = {0, 0, s->cols, s->rows};
    for (int role = 0; role < ROLE_COUNT; role++) {
        int column = role % 2 * 40, y = role / 2;
        surface_field(s, all, column + 1, y, 18, false, (enum role)role,
                      role_name((enum role)role));
        surface_field(s, all, column + 20, y, 18, false, (enum role)role,
                      role_name((enum role)role));
        surface_flag(s, (struct rect){column + 20, y, 18, 1}, CELL_SELECTED);
    }
}

/* The colours of every theme, as SVG: what changed can be looked at. */
static void
themes__have_these_colours(void **state)
{
    static const struct {
        const char *name;
        enum theme theme;
        bool light;
    } cases[] = {{"theme_dark_80x24", THEME_DARK, false},
                 {"theme_light_80x24", THEME_LIGHT, true},
                 {"theme_mono_80x24", THEME_MONO, false},
                 {"theme_cb_safe_dark_80x24", THEME_CB_SAFE, false},
                 {"theme_cb_safe_light_80x24", THEME_CB_SAFE, true},
                 {"theme_high_contrast_dark_80x24", THEME_CONTRAST, false},
                 {"theme_high_contrast_light_80x24", THEME_CONTRAST, true}};
    struct surface s;
    bool same = true;
    (void)state;
    assert_in_range(ROLE_COUNT, 1, 2 * 24);
    surface_init(&s, 80, 24, false);
    draw_roles(&s);
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        theme_set_light_background(cases[i].light);
        char *svg = surface_dump_svg(&s, cases[i].theme, theme_name(cases[i].theme));
        same &= golden_matches(cases[i].name, svg);
        free(svg);
    }
    theme_set_light_background(false);
    surface_free(&s);
    assert_true(same);
}

/* Without colour and in ASCII the same facts are there: no state is told by its role alone. */
static void
ascii__tells_the_same_facts(void **state)
{
    static const char *const keys[] = {"", "\r", "x", "?"};
    (void)state;
    for (size_t k = 0; k < IW_COUNTOF(keys); k++) {
        struct scene sc;
        open_pods(&sc);
        scene_draw(&sc, 140, 40);
        scene_keys(&sc, keys[k]);
        char *signs = scene_text(&sc, 140, 40);
        scene_keys(&sc, ":set ascii=on\r");
        char *plain = scene_text(&sc, 140, 40);
        size_t rows = 0;
        for (const char *a = signs, *b = plain; *a && *b; rows++) {
            size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");
            assert_int_equal(utf8_width(a, la), utf8_width(b, lb));
            for (size_t i = 0; i < lb; i++)
                if ((unsigned char)b[i] >= 0x80)
                    fail_msg("not ASCII: %.*s", (int)lb, b);
            a += la + 1;
            b += lb + 1;
        }
        assert_int_equal(rows, 40);
        free(signs);
        free(plain);
        scene_close(&sc);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(palette__offers_commands_and_what_was_run),
        cmocka_unit_test(palette__finds_letters_in_order_in_objects_too),
        cmocka_unit_test(palette__enter_runs_what_begins_as_typed),
        cmocka_unit_test(palette__offers_the_values_of_an_option),
        cmocka_unit_test(marks__ask_for_their_letter),
        cmocka_unit_test(confirm__only_y_agrees),
        cmocka_unit_test(korean__every_view_says_it_in_korean_at_every_size),
        cmocka_unit_test(korean__what_is_wrong_is_told_in_korean),
        cmocka_unit_test(themes__can_be_read),
        cmocka_unit_test(themes__have_these_colours),
        cmocka_unit_test(themes__colour_blind_safe_keeps_states_apart),
        cmocka_unit_test(ascii__tells_the_same_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
