/* config_theme: theme files. A theme names another one it is like (`base`), and what differs: `roles: {error: {fg: 203}}`.
 *
 * Colours are numbers of xterm's 256, "#rrggbb" (the nearest of them is taken), "default", or one of the eight names.
 * SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/config.h"
#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/nearest.h"
#include "initwatch/data/yaml_json.h"

struct theme_file {
    const char *path, *name;
    bool found; /* a document was read */
};

static bool
parse_colour(const json_t *value, int16_t *out)
{
    static const char *const names[] = {"black", "red",     "green", "yellow",
                                        "blue",  "magenta", "cyan",  "white"};
    const char *text = json_string_value(value);
    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        json_integer_value(value) <= 255) {
        *out = (int16_t)json_integer_value(value);
        return true;
    }
    if (!text)
        return false;
    if (strcmp(text, "default") == 0) {
        *out = -1;
        return true;
    }
    char *end;
    unsigned long rgb = strtoul(text[0] == '#' ? text + 1 : "", &end, 16);
    if (text[0] == '#' && strlen(text) == 7 && !*end) {
        *out = (int16_t)xterm_colour_nearest((uint32_t)rgb);
        return true;
    }
    for (size_t i = 0; i < IW_COUNTOF(names); i++)
        if (strcmp(text, names[i]) == 0) {
            *out = (int16_t)i;
            return true;
        }
    return false;
}

static void
warn_role(const struct theme_file *t, const char *role)
{
    struct nearest near;
    nearest_init(&near, role);
    for (int i = 0; i < ROLE_COUNT; i++)
        nearest_offer(&near, role_name((enum role)i));
    LOG_WARN("%s: there is no role \"%s\"%s%s", t->path, role, near.count ? "; did you mean " : "",
             nearest_text(&near));
}

static int
role_index(const char *name)
{
    for (int i = 0; i < ROLE_COUNT; i++)
        if (strcmp(role_name((enum role)i), name) == 0)
            return i;
    return -1;
}

static void
take_style(const struct theme_file *t, const char *role, json_t *style)
{
    static const struct {
        const char *name;
        uint8_t attr;
    } attrs[] = {{"bold", ROLE_BOLD},
                 {"dim", ROLE_DIM_ATTR},
                 {"reverse", ROLE_REVERSE},
                 {"underline", ROLE_UNDERLINE}};
    int index = role_index(role);
    if (index < 0) {
        warn_role(t, role);
        return;
    }
    struct role_style out = role_style(THEME_CUSTOM, (enum role)index);
    const char *key;
    json_t *value;
    json_object_foreach(style, key, value)
    {
        bool known = false;
        if (strcmp(key, "fg") == 0 || strcmp(key, "bg") == 0)
            known = parse_colour(value, key[0] == 'f' ? &out.fg : &out.bg);
        for (size_t i = 0; i < IW_COUNTOF(attrs); i++)
            if (strcmp(key, attrs[i].name) == 0 && json_is_boolean(value)) {
                known = true;
                out.attrs = (uint8_t)(json_is_true(value) ? out.attrs | attrs[i].attr
                                                          : out.attrs & ~attrs[i].attr);
            }
        if (!known)
            LOG_WARN("%s: %s: %s is not fg, bg (0-255, #rrggbb, default), bold, dim, reverse, "
                     "underline with a value that fits",
                     t->path, role, key);
    }
    (void)theme_custom_role(role, out);
}

static enum iw_err
take_theme(void *ctx, json_t *document, int line, struct iw_error *err)
{
    struct theme_file *t = ctx;
    enum theme base = THEME_DARK;
    const char *base_name = json_string_value(json_object_get(document, "base"));
    const char *role;
    json_t *style;
    int16_t selection;
    enum iw_err rc = IW_OK;
    if (base_name && (!theme_parse(base_name, &base) || base == THEME_CUSTOM))
        rc = iw_fail(err, IW_ERR_CONFIG, "%s: base: \"%s\" is not a built-in theme", t->path,
                     base_name);
    else if (!json_is_object(document))
        rc =
            iw_fail(err, IW_ERR_CONFIG, "%s:%d: expected base, selection and roles", t->path, line);
    if (rc == IW_OK) {
        theme_custom_begin(t->name, base);
        if (parse_colour(json_object_get(document, "selection"), &selection))
            theme_custom_selection(selection);
        json_t *roles = json_object_get(document, "roles");
        json_object_foreach(roles, role, style)
        {
            take_style(t, role, style);
        }
        t->found = true;
    }
    json_decref(document);
    return rc;
}

static enum iw_err
load_theme(const char *path, const char *name, struct iw_error *err)
{
    iw_autofree char *text = NULL;
    size_t len;
    struct theme_file t = {.path = path, .name = name};
    enum iw_err rc = file_read_all(path, LIMIT_CONFIG_FILE_BYTES, &text, &len, err);
    if (rc == IW_OK)
        rc = yaml_json_each(path, text, len, take_theme, &t, err);
    if (rc == IW_OK && !t.found)
        rc = iw_fail(err, IW_ERR_CONFIG, "%s: there is no theme in it", path);
    return rc;
}

static enum iw_err
no_such_theme(const char *name, struct iw_error *err)
{
    struct nearest near;
    nearest_init(&near, name);
    for (int i = 0; i < THEME_CUSTOM; i++)
        nearest_offer(&near, theme_name((enum theme)i));
    return iw_fail(err, IW_ERR_USAGE,
                   "theme: \"%s\" is not one of auto, dark, light, mono, cb-safe, high-contrast, "
                   "and no theme file%s%s",
                   name, near.count ? "; did you mean " : "", nearest_text(&near));
}

enum iw_err
config_choose_theme(struct ui_prefs *prefs, bool light_background, struct iw_error *err)
{
    char path[4096], relative[128];
    const char *name = prefs->theme_name;
    if (prefs_resolve_theme(prefs, light_background))
        return IW_OK;
    snprintf(relative, sizeof(relative), "themes/%s.yaml", name);
    if (strchr(name, '/'))
        snprintf(path, sizeof(path), "%s", name);
    else if (!platform_config_path(relative, path, sizeof(path)))
        return no_such_theme(name, err);
    if (access(path, R_OK) != 0)
        return no_such_theme(name, err);
    enum iw_err rc = load_theme(path, name, err);
    if (rc == IW_OK)
        prefs->theme = THEME_CUSTOM;
    return rc;
}
