/* colour: xterm's 256 colours.
 * Ref: xterm 256colres.pl; WCAG 2.2, relative luminance and contrast ratio.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "initwatch/ui/role.h"

enum { CUBE_FROM = 16, GREY_FROM = 232, COLOUR_COUNT = 256 };

uint32_t
xterm_colour_rgb(int index)
{
    static const uint32_t base[16] = {0x000000, 0xcd3131, 0x0dbc79, 0xe5e510, 0x2472c8, 0xbc3fbc,
                                      0x11a8cd, 0xe5e5e5, 0x666666, 0xf14c4c, 0x23d18b, 0xf5f543,
                                      0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff};
    static const uint32_t steps[6] = {0, 95, 135, 175, 215, 255};
    if (index < CUBE_FROM)
        return base[index & 15];
    if (index >= GREY_FROM) {
        uint32_t grey = 8 + 10 * (uint32_t)(index - GREY_FROM);
        return grey << 16 | grey << 8 | grey;
    }
    uint32_t n = (uint32_t)(index - CUBE_FROM);
    return steps[n / 36] << 16 | steps[n / 6 % 6] << 8 | steps[n % 6];
}

static int
square(uint32_t a, uint32_t b)
{
    int d = (int)(a & 0xFF) - (int)(b & 0xFF);
    return d * d;
}

int
xterm_colour_nearest(uint32_t rgb)
{
    int best = CUBE_FROM, least = INT32_MAX;
    for (int i = CUBE_FROM; i < COLOUR_COUNT; i++) {
        uint32_t c = xterm_colour_rgb(i);
        int distance = square(c >> 16, rgb >> 16) + square(c >> 8, rgb >> 8) + square(c, rgb);
        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

/* Of one channel of sRGB, 0 to 1. */
static double
linear(uint32_t byte)
{
    double v = (byte & 0xFF) / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static double
luminance(uint32_t rgb)
{
    return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) + 0.0722 * linear(rgb);
}

double
rgb_contrast(uint32_t a, uint32_t b)
{
    double la = luminance(a), lb = luminance(b);
    return (fmax(la, lb) + 0.05) / (fmin(la, lb) + 0.05);
}

/* `from` on its way to `to`, step of steps: the hue stays. */
static uint32_t
mixed(uint32_t from, uint32_t to, uint32_t step, uint32_t steps)
{
    uint32_t out = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
        uint32_t a = from >> shift & 0xFF, b = to >> shift & 0xFF;
        out |= (a * (steps - step) + b * step) / steps << shift;
    }
    return out;
}

int
xterm_colour_readable(int fg, int bg, double contrast)
{
    enum { STEPS = 16 };
    uint32_t from = xterm_colour_rgb(fg), on = xterm_colour_rgb(bg);
    uint32_t to = rgb_contrast(0xFFFFFF, on) > rgb_contrast(0, on) ? 0xFFFFFF : 0;
    for (uint32_t step = 0; rgb_contrast(xterm_colour_rgb(fg), on) < contrast && step <= STEPS;
         step++)
        fg = xterm_colour_nearest(mixed(from, to, step, STEPS));
    return fg;
}
