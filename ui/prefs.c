/* prefs: the table of options.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/prefs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/tr.h"

#define AT(member) offsetof(struct ui_prefs, member), sizeof(((struct ui_prefs *)0)->member)

const struct pref pref_table[] = {
    {.name = "theme",
     .type = PREF_TEXT,
     AT(theme_name),
     .choices = "auto|dark|light|mono|cb-safe|high-contrast",
     .built_in = "auto",
     .help = TR_MARK("auto (by the terminal's background), dark, light, mono, cb-safe, "
                     "high-contrast, or a theme file")},
    {.name = "lang",
     .type = PREF_CHOICE,
     AT(lang),
     .choices = "auto|en|ko",
     .built_in = "auto",
     .help = TR_MARK("language of what people read; auto is the locale's")},
    {.name = "view",
     .type = PREF_TEXT,
     AT(view),
     .choices = "pods|all-events|all-resources",
     .built_in = "pods",
     .at_start_only = true,
     .help = TR_MARK("the first view")},
    {.name = "time",
     .type = PREF_CHOICE,
     AT(time_mode),
     .choices = "age|local|utc",
     .built_in = "age",
     .help = TR_MARK("how moments are written")},
    {.name = "ascii",
     .type = PREF_BOOL,
     AT(ascii),
     .built_in = "off",
     .help = TR_MARK("signs and lines in ASCII")},
    {.name = "ambiguous",
     .type = PREF_CHOICE,
     AT(ambiguous),
     .choices = "auto|1|2",
     .built_in = "auto",
     .help = TR_MARK("cells that lines and bars take; auto asks the terminal, 2 uses ASCII")},
    {.name = "motion",
     .type = PREF_BOOL,
     AT(motion),
     .built_in = "on",
     .help = TR_MARK("the spinner moves")},
    {.name = "wide",
     .type = PREF_BOOL,
     AT(wide),
     .built_in = "off",
     .help = TR_MARK("wide columns")},
    {.name = "header",
     .type = PREF_BOOL,
     AT(header),
     .built_in = "on",
     .help = TR_MARK("header cards on large terminals")},
    {.name = "mouse",
     .type = PREF_BOOL,
     AT(mouse),
     .built_in = "off",
     .help = TR_MARK("click selects, double click opens, wheel scrolls")},
    {.name = "write",
     .type = PREF_BOOL,
     AT(write),
     .built_in = "off",
     .help = TR_MARK("keys that change the cluster work; each asks first")},
    {.name = "history",
     .type = PREF_NUMBER,
     AT(history_lines),
     .most = 1000,
     .unit = TR_MARK("lines"),
     .built_in = "200",
     .help = TR_MARK("commands and filters kept for the next start")},
};
const size_t pref_count = IW_COUNTOF(pref_table);

const struct pref *
pref_find(const char *name)
{
    for (size_t i = 0; i < pref_count; i++)
        if (strcmp(pref_table[i].name, name) == 0)
            return &pref_table[i];
    return NULL;
}

/* The place of a word in "a|b|c", -1 when it is not there. */
static int
choice_index(const char *choices, const char *word)
{
    size_t len = strlen(word);
    for (int i = 0; choices; i++) {
        size_t choice_len = strcspn(choices, "|");
        if (choice_len == len && strncmp(choices, word, len) == 0)
            return i;
        choices = choices[choice_len] ? choices + choice_len + 1 : NULL;
    }
    return -1;
}

static bool
parse_bool(const char *text, bool *out)
{
    static const char *const on = "on|true|yes|1", *const off = "off|false|no|0";
    if (choice_index(on, text) < 0 && choice_index(off, text) < 0)
        return false;
    *out = choice_index(on, text) >= 0;
    return true;
}

static bool
store_value(void *at, const struct pref *pref, const char *value)
{
    char *end;
    long number;
    switch (pref->type) {
    case PREF_BOOL:
        return parse_bool(value, at);
    case PREF_NUMBER:
        number = strtol(value, &end, 10);
        if (*end || end == value || number < pref->least || number > pref->most)
            return false;
        *(int32_t *)at = (int32_t)number;
        return true;
    case PREF_CHOICE:
        if (choice_index(pref->choices, value) < 0)
            return false;
        /* Enums keep the place, texts the word. */
        if (pref->size == sizeof(unsigned)) {
            *(unsigned *)at = (unsigned)choice_index(pref->choices, value);
            return true;
        }
        break;
    case PREF_TEXT:
        break;
    }
    if (!value[0] || strlen(value) >= pref->size)
        return false;
    snprintf(at, pref->size, "%s", value);
    return true;
}

bool
pref_set(struct ui_prefs *prefs, const struct pref *pref, const char *value, char *why,
         size_t why_size)
{
    if (store_value((char *)prefs + pref->offset, pref, value))
        return true;
    char expected[256];
    pref_expected(pref, expected, sizeof(expected));
    if (why)
        snprintf(why, why_size, tr("%s: \"%s\": expected %s"), pref->name, value, expected);
    return false;
}

void
prefs_init(struct ui_prefs *prefs)
{
    *prefs = (struct ui_prefs){0};
    for (size_t i = 0; i < pref_count; i++)
        (void)pref_set(prefs, &pref_table[i], pref_table[i].built_in, NULL, 0);
}

void
pref_get(const struct ui_prefs *prefs, const struct pref *pref, char *out, size_t out_size)
{
    const void *at = (const char *)prefs + pref->offset;
    const char *choice = pref->choices;
    switch (pref->type) {
    case PREF_BOOL:
        snprintf(out, out_size, "%s", *(const bool *)at ? "on" : "off");
        return;
    case PREF_NUMBER:
        snprintf(out, out_size, "%d", (int)*(const int32_t *)at);
        return;
    case PREF_CHOICE:
        if (pref->size != sizeof(unsigned))
            break;
        for (unsigned i = *(const unsigned *)at; i > 0 && strchr(choice, '|'); i--)
            choice = strchr(choice, '|') + 1;
        snprintf(out, out_size, "%.*s", (int)strcspn(choice, "|"), choice);
        return;
    case PREF_TEXT:
        break;
    }
    snprintf(out, out_size, "%s", (const char *)at);
}

void
pref_expected(const struct pref *pref, char *out, size_t out_size)
{
    switch (pref->type) {
    case PREF_BOOL:
        snprintf(out, out_size, "%s", tr("on or off"));
        return;
    case PREF_NUMBER:
        snprintf(out, out_size, tr("a number from %d to %d"), (int)pref->least, (int)pref->most);
        return;
    case PREF_CHOICE: {
        size_t used = (size_t)snprintf(out, out_size, "%s", tr("one of "));
        for (const char *c = pref->choices; *c && used + 3 < out_size; c++)
            used += (size_t)(*c == '|' ? snprintf(out + used, out_size - used, ", ")
                                       : snprintf(out + used, out_size - used, "%c", *c));
        return;
    }
    case PREF_TEXT:
        snprintf(out, out_size, "%s", tr(pref->help));
        return;
    }
}

bool
prefs_resolve_theme(struct ui_prefs *prefs, bool light_background)
{
    theme_set_light_background(light_background);
    if (strcmp(prefs->theme_name, "auto") == 0) {
        prefs->theme = light_background ? THEME_LIGHT : THEME_DARK;
        return true;
    }
    return theme_parse(prefs->theme_name, &prefs->theme);
}
