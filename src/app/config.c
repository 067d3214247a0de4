/* config: a table of keys over a YAML file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/nearest.h"
#include "initwatch/data/yaml_json.h"

enum config_type { CONFIG_BOOL, CONFIG_TEXT, CONFIG_TIME };

/* The sentences are for people who read this table or the manual. */
static const struct config_key {
    const char *name;
    enum config_type type;
    size_t offset, size;
    const char *help;
} keys[] = {
    {"theme", CONFIG_TEXT, offsetof(struct config, theme), sizeof(((struct config *)0)->theme),
     "dark, light or mono"},
    {"view", CONFIG_TEXT, offsetof(struct config, view), sizeof(((struct config *)0)->view),
     "the first view: pods, all-events, all-resources"},
    {"ascii", CONFIG_BOOL, offsetof(struct config, ascii), 0, "signs and lines in ASCII"},
    {"motion", CONFIG_BOOL, offsetof(struct config, motion), 0, "the spinner moves"},
    {"wide", CONFIG_BOOL, offsetof(struct config, wide), 0, "wide columns"},
    {"header", CONFIG_BOOL, offsetof(struct config, header), 0, "header cards on large terminals"},
    {"time", CONFIG_TIME, offsetof(struct config, time_mode), 0, "age, local or utc"},
};

static bool
set_value(const struct config_key *key, const json_t *value, struct config *c)
{
    void *at = (char *)c + key->offset;
    const char *text = json_string_value(value);
    switch (key->type) {
    case CONFIG_BOOL:
        if (!json_is_boolean(value))
            return false;
        *(bool *)at = json_is_true(value);
        return true;
    case CONFIG_TEXT:
        if (!text || strlen(text) >= key->size)
            return false;
        memcpy(at, text, strlen(text) + 1);
        return true;
    case CONFIG_TIME: {
        static const char *const modes[TIME_MODE_COUNT] = {"age", "local", "utc"};
        for (int i = 0; text && i < TIME_MODE_COUNT; i++) {
            if (strcmp(text, modes[i]) == 0) {
                *(enum time_mode *)at = (enum time_mode)i;
                return true;
            }
        }
        return false;
    }
    }
    return false;
}

static void
warn_unknown(const char *path, const char *name)
{
    struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < IW_COUNTOF(keys); i++)
        nearest_offer(&near, keys[i].name);
    LOG_WARN("%s: there is no option \"%s\"%s%s", path, name, near.count ? "; did you mean " : "",
             nearest_text(&near));
}

static void
take_values(const char *path, json_t *root, struct config *c)
{
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value)
    {
        const struct config_key *key = NULL;
        for (size_t i = 0; i < IW_COUNTOF(keys); i++) {
            if (strcmp(keys[i].name, name) == 0)
                key = &keys[i];
        }
        if (!key)
            warn_unknown(path, name);
        else if (!set_value(key, value, c))
            LOG_WARN("%s: %s: expected %s", path, name,
                     key->type == CONFIG_BOOL ? "true or false" : key->help);
    }
}

struct loading {
    const char *path;
    struct config *config;
};

static enum iw_err
take_document(void *ctx, json_t *document, int line, struct iw_error *err)
{
    const struct loading *loading = ctx;
    enum iw_err rc = IW_OK;
    if (json_is_object(document))
        take_values(loading->path, document, loading->config);
    else if (!json_is_null(document))
        rc = iw_fail(err, IW_ERR_CONFIG, "%s:%d: expected options as \"name: value\" lines",
                     loading->path, line);
    json_decref(document);
    return rc;
}

enum iw_err
config_load(const char *path, struct config *out, struct iw_error *err)
{
    *out = (struct config){.motion = true, .header = true};
    char standard[4096];
    if (!path) {
        bool there = platform_config_path("config.yaml", standard, sizeof(standard)) &&
                     access(standard, R_OK) == 0;
        if (!there)
            return IW_OK;
        path = standard;
    }
    iw_autofree char *text = NULL;
    size_t len;
    struct loading loading = {path, out};
    enum iw_err rc = file_read_all(path, LIMIT_CONFIG_FILE_BYTES, &text, &len, err);
    if (rc == IW_OK)
        rc = yaml_json_each(path, text, len, take_document, &loading, err);
    return rc;
}

void
config_describe(void (*each)(void *ctx, const char *name, const char *help), void *ctx)
{
    for (size_t i = 0; i < IW_COUNTOF(keys); i++)
        each(ctx, keys[i].name, keys[i].help);
}
