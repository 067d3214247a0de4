/* Contrast of the themes, from their tables: text reads at 4.5:1 on the backgrounds that terminals have (WCAG 2 AA), lines and
 * bars at 3:1, high contrast at 7:1; the states of cb-safe are told apart by people without red or green cones.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "initwatch/ui/role.h"

/* What terminals come with: black and the grey of many, white and nearly. */
static const uint32_t DARK_PAGES[] = {0x000000, 0x1e1e1e};
static const uint32_t LIGHT_PAGES[] = {0xffffff};

/* Lines and bars are no text. */
static bool
is_graphic(int role)
{
    return role == ROLE_RULE || role == ROLE_BAR || role == ROLE_BAR_ALT;
}

static unsigned
check_role(enum theme theme, int role, uint32_t page, double text_ratio)
{
    const struct role_style plain = role_style(theme, (enum role)role);
    const struct role_style chosen = role_style_selected(theme, (enum role)role);
    double wanted = is_graphic(role) ? IW_MIN(text_ratio, 3.0) : text_ratio;
    unsigned bad = 0;
    if (plain.fg >= 0) {
        uint32_t bg = plain.bg >= 0 ? xterm_colour_rgb(plain.bg) : page;
        double ratio = rgb_contrast(xterm_colour_rgb(plain.fg), bg);
        if (ratio < wanted) {
            print_error("%s: %s: %.2f on %06x\n", theme_name(theme), role_name((enum role)role),
                        ratio, bg);
            bad++;
        }
    }
    if (chosen.fg >= 0 && chosen.bg >= 0) {
        double ratio = rgb_contrast(xterm_colour_rgb(chosen.fg), xterm_colour_rgb(chosen.bg));
        if (ratio < wanted) {
            print_error("%s: %s, selected: %.2f\n", theme_name(theme), role_name((enum role)role),
                        ratio);
            bad++;
        }
    }
    return bad;
}

static void
themes__read_on_the_backgrounds_terminals_have(void **state)
{
    static const enum theme themes[] = {THEME_DARK, THEME_LIGHT, THEME_CB_SAFE, THEME_CONTRAST};
    unsigned bad = 0;
    (void)state;
    for (size_t t = 0; t < IW_COUNTOF(themes); t++)
        for (int light = 0; light < 2; light++) {
            theme_set_light_background(light);
            bool on_light = theme_is_light(themes[t]);
            const uint32_t *pages = on_light ? LIGHT_PAGES : DARK_PAGES;
            size_t count = on_light ? IW_COUNTOF(LIGHT_PAGES) : IW_COUNTOF(DARK_PAGES);
            double wanted = themes[t] == THEME_CONTRAST ? 7.0 : 4.5;
            for (int role = 0; role < ROLE_COUNT; role++)
                for (size_t p = 0; p < count; p++)
                    bad += check_role(themes[t], role, pages[p], wanted);
        }
    theme_set_light_background(false);
    assert_int_equal(bad, 0);
}

static void
rgb_contrast__is_that_of_wcag(void **state)
{
    (void)state;
    assert_true(fabs(rgb_contrast(0x000000, 0xffffff) - 21.0) < 0.001);
    assert_true(fabs(rgb_contrast(0x777777, 0xffffff) - 4.48) < 0.01);
    assert_true(fabs(rgb_contrast(0x3366cc, 0x3366cc) - 1.0) < 0.001);
}

static void
xterm_colour_readable__keeps_what_reads_and_moves_the_rest(void **state)
{
    (void)state;
    assert_int_equal(xterm_colour_readable(255, 16, 4.5), 255);
    int green = xterm_colour_readable(71, 24, 4.5);
    uint32_t rgb = xterm_colour_rgb(green);
    assert_true(rgb_contrast(rgb, xterm_colour_rgb(24)) >= 4.5);
    assert_true((rgb >> 8 & 0xFF) >= (rgb >> 16 & 0xFF) && (rgb >> 8 & 0xFF) >= (rgb & 0xFF));
    /* Nothing reaches 21:1 on grey: the best there is. */
    assert_true(rgb_contrast(xterm_colour_rgb(xterm_colour_readable(244, 244, 21)),
                             xterm_colour_rgb(244)) > 4.5);
}

/* --- colour blindness --- */

static double
linear(double byte)
{
    double v = byte / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double
lab_f(double t)
{
    return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116.0;
}

/* L*, a*, b* of what somebody without these cones sees.
 * Ref: Machado, Oliveira, Fernandes (2009), matrices for severity 1.0. */
static void
seen_lab(uint32_t rgb, const double m[9], double out[3])
{
    const double in[3] = {linear((double)(rgb >> 16 & 0xFF)), linear((double)(rgb >> 8 & 0xFF)),
                          linear((double)(rgb & 0xFF))};
    double c[3];
    for (int i = 0; i < 3; i++)
        c[i] = fmin(1, fmax(0, m[3 * i] * in[0] + m[3 * i + 1] * in[1] + m[3 * i + 2] * in[2]));
    double x = lab_f((0.4124 * c[0] + 0.3576 * c[1] + 0.1805 * c[2]) / 0.9505);
    double y = lab_f(0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]);
    double z = lab_f((0.0193 * c[0] + 0.1192 * c[1] + 0.9505 * c[2]) / 1.089);
    out[0] = 116 * y - 16;
    out[1] = 500 * (x - y);
    out[2] = 200 * (y - z);
}

static void
cb_safe__states_are_told_apart_without_red_or_green_cones(void **state)
{
    static const double blind[2][9] = {
        {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
         1.051998}, /* protanopia */
        {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
         0.968881}, /* deuteranopia */
    };
    static const enum role states[] = {ROLE_OK, ROLE_WORKING, ROLE_BACKOFF, ROLE_ERROR,
                                       ROLE_UNREADY};
    unsigned bad = 0;
    (void)state;
    for (int light = 0; light < 2; light++)
        for (int kind = 0; kind < 2; kind++)
            for (size_t i = 0; i < IW_COUNTOF(states); i++)
                for (size_t k = i + 1; k < IW_COUNTOF(states); k++) {
                    double a[3], b[3];
                    theme_set_light_background(light);
                    seen_lab(xterm_colour_rgb(role_style(THEME_CB_SAFE, states[i]).fg), blind[kind],
                             a);
                    seen_lab(xterm_colour_rgb(role_style(THEME_CB_SAFE, states[k]).fg), blind[kind],
                             b);
                    double d =
                        sqrt(pow(a[0] - b[0], 2) + pow(a[1] - b[1], 2) + pow(a[2] - b[2], 2));
                    if (d < 15) {
                        print_error("%s: %s and %s are %.1f apart\n", light ? "light" : "dark",
                                    role_name(states[i]), role_name(states[k]), d);
                        bad++;
                    }
                }
    theme_set_light_background(false);
    assert_int_equal(bad, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(themes__read_on_the_backgrounds_terminals_have),
        cmocka_unit_test(rgb_contrast__is_that_of_wcag),
        cmocka_unit_test(xterm_colour_readable__keeps_what_reads_and_moves_the_rest),
        cmocka_unit_test(cb_safe__states_are_told_apart_without_red_or_green_cones),
    };
    return cmocka_run_group_tests_name("contrast", tests, NULL, NULL);
}
