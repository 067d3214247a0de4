/* colour: xterm's 256 colours.
 * Ref: xterm 256colres.pl.
 * SPDX-License-Identifier: Apache-2.0 */
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
