/* role: what a cell means. Themes say how a role looks; views never name a colour.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_ROLE_H
#define INITWATCH_UI_ROLE_H

#include "initwatch/base/iwdef.h"

/* X(ROLE, letter in dumps, name in theme files,
 *   dark: xterm-256 foreground, background (-1 default); light: fg, bg; attributes) */
#define ROLE_BOLD 1
#define ROLE_DIM_ATTR 2
#define ROLE_REVERSE 4
#define ROLE_UNDERLINE 8
#define ROLES(X)                                                                                   \
    X(TEXT, '.', "text", 252, -1, 236, -1, 0)                                                      \
    X(DIM, 'd', "dim", 245, -1, 242, -1, 0)                                                        \
    X(TITLE, 't', "title", 255, -1, 232, -1, ROLE_BOLD)                                            \
    X(RULE, 'l', "rule", 243, -1, 245, -1, 0)                                                      \
    X(TAB, 'b', "tab", 250, -1, 240, -1, 0)                                                        \
    X(TAB_ACTIVE, 'B', "tab-active", 159, -1, 24, -1, ROLE_BOLD)                                   \
    X(KEY, 'k', "key", 159, -1, 24, -1, ROLE_BOLD)                                                 \
    X(HINT, 'h', "hint", 245, -1, 242, -1, 0)                                                      \
    X(OK, 'o', "ok", 71, -1, 28, -1, 0)                                                            \
    X(WORKING, 'r', "working", 87, -1, 25, -1, ROLE_BOLD)                                          \
    X(WAITING, 'w', "waiting", 245, -1, 243, -1, 0)                                                \
    X(BACKOFF, 'y', "backoff", 221, -1, 94, -1, 0)                                                 \
    X(ERROR, 'e', "error", 203, -1, 160, -1, ROLE_BOLD)                                            \
    X(UNREADY, 'u', "unready", 213, -1, 127, -1, 0)                                                \
    X(WARN, 'a', "warn", 215, -1, 130, -1, 0)                                                      \
    X(STALE, 's', "stale", 245, -1, 243, -1, 0)                                                    \
    X(BAR, 'm', "bar", 74, -1, 31, -1, 0)                                                          \
    X(BAR_ALT, 'n', "bar-alt", 140, -1, 97, -1, 0)                                                 \
    X(MATCH, 'M', "match", 16, 221, 16, 221, ROLE_BOLD)                                            \
    X(PROMPT, 'p', "prompt", 255, -1, 232, -1, ROLE_BOLD)                                          \
    X(MARK, 'i', "mark", 110, -1, 61, -1, 0)                                                       \
    X(CONTAINER_1, '1', "container-1", 80, -1, 23, -1, 0)                                          \
    X(CONTAINER_2, '2', "container-2", 180, -1, 94, -1, 0)                                         \
    X(CONTAINER_3, '3', "container-3", 147, -1, 62, -1, 0)                                         \
    X(CONTAINER_4, '4', "container-4", 114, -1, 58, -1, 0)                                         \
    X(CONTAINER_5, '5', "container-5", 217, -1, 125, -1, 0)                                        \
    X(SGR_RED, 'R', "sgr-red", 203, -1, 160, -1, 0)                                                \
    X(SGR_GREEN, 'G', "sgr-green", 71, -1, 28, -1, 0)                                              \
    X(SGR_YELLOW, 'Y', "sgr-yellow", 221, -1, 94, -1, 0)                                           \
    X(SGR_BLUE, 'U', "sgr-blue", 75, -1, 25, -1, 0)                                                \
    X(SGR_MAGENTA, 'P', "sgr-magenta", 176, -1, 127, -1, 0)                                        \
    X(SGR_CYAN, 'C', "sgr-cyan", 80, -1, 23, -1, 0)                                                \
    X(DEMO, 'D', "demo", 16, 159, 255, 24, ROLE_BOLD)

enum role {
#define X(name, letter, text, df, db, lf, lb, attrs) ROLE_##name,
    ROLES(X)
#undef X
        ROLE_COUNT
};

struct role_style {
    int16_t fg, bg; /* xterm-256 number, -1 the terminal's default */
    uint8_t attrs;  /* ROLE_BOLD ... */
};
/* CB_SAFE: told apart by people with red-green colour blindness (hues of Okabe and Ito). CONTRAST:
 * 7:1 and more. Both come in a dark and a light form, by the background. CUSTOM: what a theme file
 * laid over another theme. */
enum theme {
    THEME_DARK,
    THEME_LIGHT,
    THEME_MONO,
    THEME_CB_SAFE,
    THEME_CONTRAST,
    THEME_CUSTOM,
    THEME_COUNT
};

/* Mono never uses colours: attributes alone carry the role. */
struct role_style role_style(enum theme theme, enum role role);
/* The same on the selected row: the theme's selection background, with the sign's own colour as light or dark as it must be
 * to be read there (4.5:1); mono reverses. */
struct role_style role_style_selected(enum theme theme, enum role role);
char role_letter(enum role role);
const char *role_name(enum role role);
const char *theme_name(enum theme theme);
/* false when there is no theme of that name (a custom one has its name only while it is loaded). */
bool theme_parse(const char *name, enum theme *out);
/* The one after it for Ctrl-T; a custom theme is among them when one is loaded. */
enum theme theme_next(enum theme theme);
/* What the terminal's background is; dark until told. */
void theme_set_light_background(bool light);
bool theme_light_background(void);
bool theme_is_light(enum theme theme);

/* xterm's 256 colours as 0xRRGGBB, and the one nearest to a colour (never one of the first 16:
 * those are the user's own). */
uint32_t xterm_colour_rgb(int index);
int xterm_colour_nearest(uint32_t rgb);
/* How well a colour reads on another: 1 (not at all) to 21, as WCAG 2 has it. */
double rgb_contrast(uint32_t a, uint32_t b);
/* `fg` as light or dark as it must be to have this contrast on `bg` (both of the 256), its hue kept; white or black when none
 * has it. */
int xterm_colour_readable(int fg, int bg, double contrast);

/* Start a custom theme that looks like `base` so far. */
void theme_custom_begin(const char *name, enum theme base);
/* false when there is no role of that name. */
bool theme_custom_role(const char *role, struct role_style style);
/* Background of the selected row, -1 reverses. */
void theme_custom_selection(int16_t bg);

#endif
