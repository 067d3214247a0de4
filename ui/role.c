/* role: the themes. One row per role in role.h; mono has its own attributes, because there they
 * carry everything.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/role.h"

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

static const char *const THEME_NAMES[THEME_COUNT] = {
    [THEME_DARK] = "dark",
    [THEME_LIGHT] = "light",
    [THEME_MONO] = "mono",
};

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
    case THEME_MONO:
    case THEME_COUNT:
        break;
    }
    return (struct role_style){-1, -1, MONO_ATTRS[role]};
}

struct role_style
role_style_selected(enum theme theme, enum role role)
{
    struct role_style style = role_style(theme, role);
    if (theme != THEME_DARK && theme != THEME_LIGHT) {
        style.attrs ^= ROLE_REVERSE;
        return style;
    }
    /* Greys that are quiet on the page would drown in the selection. */
    bool grey = style.fg >= 232 && style.bg < 0;
    if (grey)
        style.fg = theme == THEME_DARK ? 254 : 232;
    if (style.bg < 0)
        style.bg = theme == THEME_DARK ? 24 : 153;
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
        if (strcmp(name, THEME_NAMES[i]) == 0) {
            *out = (enum theme)i;
            return true;
        }
    return false;
}
