/* config: the options out of a YAML file, the environment and the command line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/config.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/nearest.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/ui/keymap.h"

struct loading {
    const char *path, *text; /* text: to find the line of a name */
    size_t len;
    struct config *config;
};

/* --- the file --- */

static int
line_of(const struct loading *l, const char *section, const char *name)
{
    char path[512];
    snprintf(path, sizeof(path), "%s%s%s", section, section[0] ? "." : "", name);
    return yaml_json_line(l->text, l->len, path);
}

static void
warn_unknown(const struct loading *l, const char *name)
{
    struct nearest near;
    nearest_init(&near, name);
    nearest_offer(&near, "keys");
    for (size_t i = 0; i < pref_count; i++)
        nearest_offer(&near, pref_table[i].name);
    LOG_WARN("%s:%d: there is no option \"%s\"%s%s", l->path, line_of(l, "", name), name,
             near.count ? "; did you mean " : "", nearest_text(&near));
}

/* A scalar as it is written; false for anything else. */
static bool
scalar_text(const json_t *value, char *out, size_t out_size)
{
    if (json_is_boolean(value))
        snprintf(out, out_size, "%s", json_is_true(value) ? "on" : "off");
    else if (json_is_integer(value))
        snprintf(out, out_size, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value))
        snprintf(out, out_size, "%s", json_string_value(value));
    else
        return false;
    return true;
}

static void
take_value(const struct loading *l, const struct pref *pref, const json_t *value)
{
    char text[256], why[512], expected[256];
    pref_expected(pref, expected, sizeof(expected));
    if (!scalar_text(value, text, sizeof(text))) {
        LOG_WARN("%s:%d: %s: expected %s", l->path, line_of(l, "", pref->name), pref->name,
                 expected);
    } else if (!pref_set(&l->config->prefs, pref, text, why, sizeof(why))) {
        LOG_WARN("%s:%d: %s", l->path, line_of(l, "", pref->name), why);
    } else {
        l->config->origin[pref - pref_table] = ORIGIN_FILE;
    }
}

/* --- keys --- */

struct bound_key {
    enum key_context context;
    uint32_t key;
    const char *text; /* borrowed from the document */
};
struct bound_keys {
    VEC(struct bound_key) list;
};

/* Two spellings of one key in one place: the file says two things. */
static const char *
bound_before(struct bound_keys *bound, const char *context, const char *key)
{
    const struct bound_key now = {key_context_parse(context), key_parse(key), key};
    for (size_t i = 0; i < bound->list.len; i++)
        if (bound->list.items[i].context == now.context && bound->list.items[i].key == now.key)
            return bound->list.items[i].text;
    if (now.key != KEY_NONE)
        vec_push(&bound->list, now);
    return NULL;
}

static void
take_context_keys(const struct loading *l, struct bound_keys *bound, const char *context,
                  json_t *keys)
{
    const char *key;
    char section[128];
    json_t *value;
    snprintf(section, sizeof(section), "keys.%s", context);
    if (!json_is_object(keys)) {
        LOG_WARN("%s:%d: keys: %s: expected \"key: action\" lines", l->path,
                 line_of(l, "keys", context), context);
        return;
    }
    json_object_foreach(keys, key, value)
    {
        char action[128] = "", sentence[512];
        bool boolean = strcmp(key, "true") == 0 || strcmp(key, "false") == 0;
        if (boolean) {
            LOG_WARN("%s:%d: keys: y and n stand for true and false in YAML: write \"%s\"", l->path,
                     line_of(l, section, key), key[0] == 't' ? "y" : "n");
            continue;
        }
        const char *twice = bound_before(bound, context, key);
        if (twice)
            LOG_WARN("%s:%d: keys: %s: %s and %s are one key: the last one counts", l->path,
                     line_of(l, section, key), context, twice, key);
        if (json_is_null(value))
            snprintf(action, sizeof(action), "none");
        else if (!scalar_text(value, action, sizeof(action)))
            action[0] = '\0';
        (void)keymap_bind_words(context, key, action, sentence, sizeof(sentence));
        if (sentence[0])
            LOG_WARN("%s:%d: keys: %s", l->path, line_of(l, section, key), sentence);
    }
}

static void
take_keys(const struct loading *l, json_t *section)
{
    const char *context;
    json_t *keys;
    struct bound_keys bound = {0};
    if (!json_is_object(section))
        LOG_WARN("%s:%d: keys: expected a place (pods, logs, everywhere) with keys below it",
                 l->path, line_of(l, "", "keys"));
    json_object_foreach(section, context, keys)
    {
        take_context_keys(l, &bound, context, keys);
    }
    vec_free(&bound.list);
}

static void
take_values(const struct loading *l, json_t *root)
{
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value)
    {
        const struct pref *pref = pref_find(name);
        if (strcmp(name, "keys") == 0)
            take_keys(l, value);
        else if (!pref)
            warn_unknown(l, name);
        else
            take_value(l, pref, value);
    }
}

static enum iw_err
take_document(void *ctx, json_t *document, int line, struct iw_error *err)
{
    const struct loading *l = ctx;
    enum iw_err rc = IW_OK;
    if (json_is_object(document))
        take_values(l, document);
    else if (!json_is_null(document))
        rc = iw_fail(err, IW_ERR_CONFIG, "%s:%d: expected options as \"name: value\" lines",
                     l->path, line);
    json_decref(document);
    return rc;
}

static enum iw_err
read_config(const char *path, struct config *c, struct iw_error *err)
{
    iw_autofree char *text = NULL;
    size_t len;
    enum iw_err rc = file_read_all(path, LIMIT_CONFIG_FILE_BYTES, &text, &len, err);
    if (rc != IW_OK)
        return rc;
    struct loading loading = {path, text, len, c};
    snprintf(c->path, sizeof(c->path), "%s", path);
    return yaml_json_each(path, text, len, take_document, &loading, err);
}

/* --- the environment and the command line --- */

static void
take_environment(struct config *c)
{
    for (size_t i = 0; i < pref_count; i++) {
        char name[64] = "INITWATCH_", why[512];
        size_t used = strlen(name);
        for (const char *p = pref_table[i].name; *p && used + 1 < sizeof(name); p++)
            name[used++] = (char)toupper((unsigned char)*p);
        const char *value = getenv(name);
        if (!value || !value[0])
            continue;
        if (pref_set(&c->prefs, &pref_table[i], value, why, sizeof(why)))
            c->origin[i] = ORIGIN_ENVIRONMENT;
        else
            LOG_WARN("%s: %s", name, why);
    }
}

enum iw_err
config_load(const char *path, struct config *out, struct iw_error *err)
{
    *out = (struct config){0};
    prefs_init(&out->prefs);
    char standard[4096];
    if (!path && platform_config_path("config.yaml", standard, sizeof(standard)) &&
        access(standard, R_OK) == 0)
        path = standard;
    enum iw_err rc = path ? read_config(path, out, err) : IW_OK;
    if (rc == IW_OK)
        take_environment(out);
    return rc;
}

enum iw_err
config_take_options(struct config *c, const struct options *o, struct iw_error *err)
{
    const struct {
        const char *name, *value;
    } given[] = {{"theme", o->theme},
                 {"view", o->view},
                 {"lang", o->lang},
                 {"ambiguous", o->ambiguous},
                 {"ascii", o->ascii ? "on" : NULL},
                 {"mouse", o->no_mouse ? "off" : NULL},
                 {"write", o->read_only ? "off"
                           : o->write   ? "on"
                                        : NULL},
                 {"motion", o->no_motion ? "off" : NULL}};
    for (size_t i = 0; i < IW_COUNTOF(given); i++) {
        const struct pref *pref = pref_find(given[i].name);
        char why[512];
        if (!given[i].value)
            continue;
        if (!pref_set(&c->prefs, pref, given[i].value, why, sizeof(why)))
            return iw_fail(err, IW_ERR_USAGE, "--%s", why);
        c->origin[pref - pref_table] = ORIGIN_COMMAND_LINE;
    }
    return IW_OK;
}

/* --- dump --- */

static void
dump_pref(struct strbuf *b, const struct pref *pref, const char *value, const char *origin)
{
    char expected[256], line[320];
    pref_expected(pref, expected, sizeof(expected));
    snprintf(line, sizeof(line), "%s: %s", pref->name, value);
    strbuf_addf(b, "# %s", pref->help);
    if (pref->type != PREF_TEXT)
        strbuf_addf(b, " (%s%s%s)", expected, pref->unit ? " " : "", pref->unit ? pref->unit : "");
    strbuf_addf(b, "\n%-24s # %s\n", line, origin);
}

char *
config_dump(const struct config *c)
{
    static const char *const origins[] = {
        [ORIGIN_BUILT_IN] = "built-in",
        [ORIGIN_FILE] = "file",
        [ORIGIN_ENVIRONMENT] = "environment",
        [ORIGIN_COMMAND_LINE] = "command line",
    };
    struct strbuf b;
    strbuf_init(&b, 0);
    strbuf_addf(&b, "# The options in force. File: %s\n", c->path[0] ? c->path : "none");
    for (size_t i = 0; i < pref_count; i++) {
        char value[256];
        pref_get(&c->prefs, &pref_table[i], value, sizeof(value));
        dump_pref(&b, &pref_table[i], value, origins[c->origin[i]]);
    }
    return strbuf_take(&b);
}

char *
config_example(void)
{
    struct strbuf b;
    strbuf_init(&b, 0);
    strbuf_adds(&b, "# initwatch configuration: copy to ~/.config/initwatch/config.yaml.\n"
                    "# These are the built-in values; INITWATCH_NAME in the environment and the "
                    "command line win.\n"
                    "# `initwatch --dump-config` shows what is in force and why.\n");
    for (size_t i = 0; i < pref_count; i++)
        dump_pref(&b, &pref_table[i], pref_table[i].built_in, "built-in");
    strbuf_adds(
        &b,
        "\n# Keys: place, key, action. Places: everywhere, pod (wherever a pod is), pods, detail, "
        "logs, ...\n"
        "# Keys: x, ^K, F5, Enter, Space. Actions: see KEYS in initwatch(1); none takes a key "
        "away.\n"
        "# keys:\n#   everywhere:\n#     Q: quit\n#     \"^G\": help\n#   pods:\n#     \"5\": tab "
        "3\n");
    return strbuf_take(&b);
}
