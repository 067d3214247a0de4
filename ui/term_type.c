/* term_type: ssh hands TERM on to machines that have no description of the newer emulators, which all understand what xterm
 * does; tmux understands what screen does.
 * SPDX-License-Identifier: Apache-2.0 */
#include "term_type.h"

#include <string.h>

#include "initwatch/base/iwdef.h"

static bool
begins_with_one(const char *type, const char *const *beginnings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(type, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

static const char *
next_of(const char *first, const char *second, const char *before)
{
    return !before ? first : strcmp(before, first) == 0 ? second : NULL;
}

const char *
term_type_stand_in(const char *type, const char *before)
{
    static const char *const like_screen[] = {"tmux", "screen"};
    static const char *const like_xterm[] = {"xterm", "alacritty", "contour", "foot",   "ghostty",
                                             "iterm", "kitty",     "konsole", "mintty", "rio",
                                             "rxvt",  "st-",       "vte",     "gnome",  "wezterm"};
    if (begins_with_one(type, like_screen, IW_COUNTOF(like_screen)))
        return next_of("screen-256color", "screen", before);
    if (begins_with_one(type, like_xterm, IW_COUNTOF(like_xterm)))
        return next_of("xterm-256color", "xterm", before);
    return NULL;
}
