/* role: the themes. One row per role in role.h; mono has its own attributes, because there they
 * carry everything.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/role.h"

#include <stdio.h>
#include <string.h>

static const struct {
    char letter;
    const char *name;
    struct role_style dark, light;
} ROLE_TABLE[ROLE_COUNT] = {
#define X(name, letter, text, df, db, lf, lb, attrs)                                               \
    [ROLE_##name] = {letter, text, {df, db, attrs}, {lf, lb, attrs}},
    ROLES(X)
#undef X
};

/* Without colour, bold means "look here", dim "not now", reverse "this one"; signs and words say
 * the rest. */
static const uint8_t MONO_ATTRS[ROLE_COUNT] = {
    [ROLE_DIM] = ROLE_DIM_ATTR,
    [ROLE_TITLE] = ROLE_BOLD,
    [ROLE_RULE] = ROLE_DIM_ATTR,
    [ROLE_TAB_ACTIVE] = ROLE_BOLD | ROLE_UNDERLINE,
    [ROLE_KEY] = ROLE_BOLD,
    [ROLE_WORKING] = ROLE_BOLD,
    [ROLE_WAITING] = ROLE_DIM_ATTR,
    [ROLE_BACKOFF] = ROLE_BOLD,
    [ROLE_ERROR] = ROLE_BOLD,
    [ROLE_UNREADY] = ROLE_BOLD,
    [ROLE_WARN] = ROLE_BOLD,
    [ROLE_STALE] = ROLE_DIM_ATTR,
    [ROLE_MATCH] = ROLE_BOLD | ROLE_UNDERLINE,
    [ROLE_PROMPT] = ROLE_BOLD,
    [ROLE_MARK] = ROLE_DIM_ATTR,
    [ROLE_DEMO] = ROLE_REVERSE,
};

/* What differs from dark and light, by background; the rest is theirs. fg 0 (black) means "as there". */
struct role_change {
    struct role_style dark, light;
};

/* Colour-blind safe: blue to yellow carries good to bad, never red against green; unit/contrast looks at them without red and
 * without green cones.
 * Ref: Okabe and Ito, Color Universal Design (2008). */
static const struct role_change CB_SAFE[ROLE_COUNT] = {
    [ROLE_OK] = {{69, -1, 0}, {26, -1, 0}},
    [ROLE_WORKING] = {{159, -1, ROLE_BOLD}, {29, -1, ROLE_BOLD}},
    [ROLE_BACKOFF] = {{227, -1, 0}, {130, -1, 0}},
    [ROLE_ERROR] = {{208, -1, ROLE_BOLD | ROLE_UNDERLINE}, {88, -1, ROLE_BOLD | ROLE_UNDERLINE}},
    [ROLE_UNREADY] = {{219, -1, 0}, {53, -1, 0}},
    [ROLE_WARN] = {{221, -1, 0}, {130, -1, 0}},
    [ROLE_BAR] = {{69, -1, 0}, {26, -1, 0}},
    [ROLE_BAR_ALT] = {{221, -1, 0}, {130, -1, 0}},
};

/* High contrast: nothing grey, an explicit background. */
static const struct role_change CONTRAST[ROLE_COUNT] = {
    [ROLE_TEXT] = {{231, 16, 0}, {16, 231, 0}},
    [ROLE_DIM] = {{252, 16, 0}, {236, 231, 0}},
    [ROLE_TITLE] = {{231, 16, ROLE_BOLD}, {16, 231, ROLE_BOLD}},
    [ROLE_RULE] = {{252, 16, 0}, {236, 231, 0}},
    [ROLE_TAB] = {{231, 16, 0}, {16, 231, 0}},
    [ROLE_TAB_ACTIVE] = {{16, 231, ROLE_BOLD}, {231, 16, ROLE_BOLD}},
    [ROLE_KEY] = {{51, 16, ROLE_BOLD}, {18, 231, ROLE_BOLD}},
    [ROLE_HINT] = {{252, 16, 0}, {236, 231, 0}},
    [ROLE_OK] = {{120, 16, 0}, {22, 231, 0}},
    [ROLE_WORKING] = {{51, 16, ROLE_BOLD}, {18, 231, ROLE_BOLD}},
    [ROLE_WAITING] = {{252, 16, 0}, {236, 231, 0}},
    [ROLE_BACKOFF] = {{226, 16, ROLE_BOLD}, {52, 231, ROLE_BOLD}},
    [ROLE_ERROR] = {{217, 16, ROLE_BOLD | ROLE_UNDERLINE}, {88, 231, ROLE_BOLD | ROLE_UNDERLINE}},
    [ROLE_UNREADY] = {{225, 16, ROLE_BOLD}, {54, 231, ROLE_BOLD}},
    [ROLE_WARN] = {{222, 16, ROLE_BOLD}, {88, 231, ROLE_BOLD}},
    [ROLE_STALE] = {{250, 16, 0}, {238, 231, 0}},
    [ROLE_BAR] = {{117, 16, 0}, {18, 231, 0}},
    [ROLE_BAR_ALT] = {{219, 16, 0}, {54, 231, 0}},
    [ROLE_MATCH] = {{16, 226, ROLE_BOLD}, {231, 16, ROLE_BOLD}},
    [ROLE_PROMPT] = {{231, 16, ROLE_BOLD}, {16, 231, ROLE_BOLD}},
    [ROLE_MARK] = {{159, 16, 0}, {18, 231, 0}},
    [ROLE_CONTAINER_1] = {{123, 16, 0}, {18, 231, 0}},
    [ROLE_CONTAINER_2] = {{222, 16, 0}, {88, 231, 0}},
    [ROLE_CONTAINER_3] = {{189, 16, 0}, {54, 231, 0}},
    [ROLE_CONTAINER_4] = {{157, 16, 0}, {22, 231, 0}},
    [ROLE_CONTAINER_5] = {{225, 16, 0}, {53, 231, 0}},
    [ROLE_SGR_RED] = {{209, 16, 0}, {124, 231, 0}},
    [ROLE_SGR_GREEN] = {{77, 16, 0}, {22, 231, 0}},
    [ROLE_SGR_YELLOW] = {{221, 16, 0}, {88, 231, 0}},
    [ROLE_SGR_BLUE] = {{75, 16, 0}, {18, 231, 0}},
    [ROLE_SGR_MAGENTA] = {{182, 16, 0}, {91, 231, 0}},
    [ROLE_SGR_CYAN] = {{80, 16, 0}, {23, 231, 0}},
    [ROLE_DEMO] = {{16, 51, ROLE_BOLD}, {231, 18, ROLE_BOLD}},
};

enum { CUSTOM_NAME_BYTES = 32 };
static struct {
    bool loaded, light;
    char name[CUSTOM_NAME_BYTES];
    struct role_style roles[ROLE_COUNT];
    int16_t selection;
} custom;
static bool light_background;

static const char *const THEME_NAMES[THEME_COUNT] = {
    [THEME_DARK] = "dark",
    [THEME_LIGHT] = "light",
    [THEME_MONO] = "mono",
    [THEME_CB_SAFE] = "cb-safe",
    [THEME_CONTRAST] = "high-contrast",
    [THEME_CUSTOM] = custom.name,
};

static struct role_style
changed(const struct role_change *changes, enum role role)
{
    const struct role_style *own = light_background ? &changes[role].light : &changes[role].dark;
    if (own->fg)
        return *own;
    return light_background ? ROLE_TABLE[role].light : ROLE_TABLE[role].dark;
}

struct role_style
role_style(enum theme theme, enum role role)
{
    const struct role_style plain = {-1, -1, 0};
    if ((unsigned)role >= ROLE_COUNT)
        return plain;
    switch (theme) {
    case THEME_DARK:
        return ROLE_TABLE[role].dark;
    case THEME_LIGHT:
        return ROLE_TABLE[role].light;
    case THEME_CB_SAFE:
        return changed(CB_SAFE, role);
    case THEME_CONTRAST:
        return changed(CONTRAST, role);
    case THEME_CUSTOM:
        if (custom.loaded)
            return custom.roles[role];
        break;
    case THEME_MONO:
    case THEME_COUNT:
        break;
    }
    return (struct role_style){-1, -1, MONO_ATTRS[role]};
}

#define SELECTED_CONTRAST 4.5 /* WCAG 2, level AA */

/* -1: the selected row is reversed. */
static int16_t
selection_of(enum theme theme)
{
    if (theme == THEME_CUSTOM && custom.loaded)
        return custom.selection;
    if (theme == THEME_CONTRAST || theme == THEME_MONO || theme >= THEME_CUSTOM)
        return -1;
    return theme_is_light(theme) ? 153 : 18;
}

struct role_style
role_style_selected(enum theme theme, enum role role)
{
    struct role_style style = role_style(theme, role);
    int16_t selection = selection_of(theme);
    if (selection < 0) {
        style.attrs ^= ROLE_REVERSE;
        return style;
    }
    /* Greys that are quiet on the page would drown in the selection. */
    bool grey = style.fg >= 232 && style.bg < 0;
    if (grey)
        style.fg = theme_is_light(theme) ? 232 : 254;
    if (style.bg < 0) {
        style.bg = selection;
        if (style.fg >= 0)
            style.fg = (int16_t)xterm_colour_readable(style.fg, selection, SELECTED_CONTRAST);
    }
    return style;
}

char
role_letter(enum role role)
{
    return (unsigned)role < ROLE_COUNT ? ROLE_TABLE[role].letter : '?';
}

const char *
role_name(enum role role)
{
    return (unsigned)role < ROLE_COUNT ? ROLE_TABLE[role].name : "";
}

const char *
theme_name(enum theme theme)
{
    return (unsigned)theme < THEME_COUNT ? THEME_NAMES[theme] : "";
}

bool
theme_parse(const char *name, enum theme *out)
{
    for (unsigned i = 0; i < THEME_COUNT; i++)
        if (name[0] && strcmp(name, THEME_NAMES[i]) == 0) {
            *out = (enum theme)i;
            return true;
        }
    return false;
}

enum theme
theme_next(enum theme theme)
{
    unsigned count = custom.loaded ? THEME_COUNT : THEME_CUSTOM;
    return (enum theme)(((unsigned)theme + 1) % count);
}

void
theme_set_light_background(bool light)
{
    light_background = light;
}

bool
theme_light_background(void)
{
    return light_background;
}

bool
theme_is_light(enum theme theme)
{
    if (theme == THEME_CUSTOM)
        return custom.light;
    return theme == THEME_LIGHT ||
           (light_background &&
            (theme == THEME_CB_SAFE || theme == THEME_CONTRAST || theme == THEME_MONO));
}

void
theme_custom_begin(const char *name, enum theme base)
{
    custom.light = theme_is_light(base);
    custom.selection = selection_of(base);
    for (int role = 0; role < ROLE_COUNT; role++)
        custom.roles[role] = role_style(base, (enum role)role);
    snprintf(custom.name, sizeof(custom.name), "%s", name);
    custom.loaded = true;
}

bool
theme_custom_role(const char *role, struct role_style style)
{
    for (int i = 0; i < ROLE_COUNT; i++)
        if (strcmp(role, ROLE_TABLE[i].name) == 0) {
            custom.roles[i] = style;
            return true;
        }
    return false;
}

void
theme_custom_selection(int16_t bg)
{
    custom.selection = bg;
}
