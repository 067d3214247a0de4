/* prefs: what the user can set, as one table: the configuration file, INITWATCH_*, :set,
 * --dump-config, the help and the man page read it.
 *
 * How to add an option: a field in struct ui_prefs and a row in prefs.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_PREFS_H
#define INITWATCH_UI_PREFS_H

#include "initwatch/ui/role.h"

/* How moments are written. */
enum time_mode { TIME_MODE_AGE, TIME_MODE_LOCAL, TIME_MODE_UTC, TIME_MODE_COUNT };
/* Cells of characters whose width is ambiguous (box drawing). */
enum ambiguous_width { AMBIGUOUS_AUTO, AMBIGUOUS_NARROW, AMBIGUOUS_WIDE };

/* What the user has set; owned by the ui, changed by keys and :set. */
struct ui_prefs {
    enum theme theme; /* the one in use: never "auto" */
    enum time_mode time_mode;
    enum ambiguous_width ambiguous;
    bool ascii, motion, wide, header, mouse;
    bool write;          /* keys that change the cluster are in force; each asks */
    char theme_name[64]; /* as it was set: "auto", a theme, a theme file */
    char view[32];       /* the first view */
    char lang[16];       /* "auto", "en", "ko" */
    int32_t history_lines;
};

enum pref_type { PREF_BOOL, PREF_CHOICE, PREF_NUMBER, PREF_TEXT };
struct pref {
    const char *name;
    enum pref_type type;
    size_t offset, size;  /* in struct ui_prefs; size of a text */
    const char *choices;  /* "age|local|utc"; of a text: what it is usually */
    int32_t least, most;  /* of a number */
    const char *unit;     /* of a number */
    const char *built_in; /* as it would be written in the file */
    const char *help;     /* one sentence */
    bool at_start_only;   /* :set changes it for the next start only when it is also in the file */
};
extern const struct pref pref_table[];
extern const size_t pref_count;

/* NULL when there is none of that name. */
const struct pref *pref_find(const char *name);
/* Every option as built in. */
void prefs_init(struct ui_prefs *prefs);
/* Take a value as it is written ("on", "true", "yes" for a switch). False and nothing changed when
 * it does not fit; then `why` (may be NULL) says what is expected. */
bool pref_set(struct ui_prefs *prefs, const struct pref *pref, const char *value, char *why,
              size_t why_size);
/* As it would be written. */
void pref_get(const struct ui_prefs *prefs, const struct pref *pref, char *out, size_t out_size);
/* "on or off", "one of age, local, utc", "a number from 0 to 1000". */
void pref_expected(const struct pref *pref, char *out, size_t out_size);
/* Bring `theme` in line with `theme_name`. False when no theme of that name is loaded. */
bool prefs_resolve_theme(struct ui_prefs *prefs, bool light_background);

#endif
