/* scenario: the files of examples/scenarios, from the program itself or from a folder.
 * SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/demo/demo.h"
#include "initwatch/demo/embedded.h"
#include "initwatch/demo/player.h"

/* --- documents --- */

static enum iw_err
keep_document(void *ctx, json_t *document, int line, struct iw_error *err)
{
    (void)line;
    (void)err;
    struct scenario *scenario = ctx;
    struct scenario_doc doc = {.file = scenario->reading, .object = document};
    vec_push(&scenario->docs, doc);
    return IW_OK;
}

static enum iw_err
take_file(struct scenario *scenario, const char *file, const char *text, size_t len,
          struct iw_error *err)
{
    iw_autofree char *label = iw_asprintf("%s/%s", scenario->name, file);
    if (strcmp(file, "scenario.yaml") == 0)
        return yaml_json_one(label, text, len, &scenario->about, err);
    scenario->reading = iw_strdup(file);
    vec_push(&scenario->files, scenario->reading);
    return yaml_json_each(label, text, len, keep_document, scenario, err);
}

static bool
is_yaml(const char *path)
{
    size_t len = strlen(path);
    return len > 5 && strcmp(path + len - 5, ".yaml") == 0;
}

/* --- built in --- */

static enum iw_err
load_embedded(struct scenario *scenario, struct iw_error *err)
{
    size_t len = strlen(scenario->name);
    bool found = false;
    for (const struct embedded_file *file = embedded_scenarios; file->path; file++) {
        if (strncmp(file->path, scenario->name, len) != 0 || file->path[len] != '/')
            continue;
        found = true;
        if (!is_yaml(file->path))
            continue;
        enum iw_err code =
            take_file(scenario, file->path + len + 1, (const char *)file->bytes, file->len, err);
        if (code)
            return code;
    }
    return found ? IW_OK
                 : iw_fail(err, IW_ERR_NOT_FOUND, "there is no scenario \"%s\"", scenario->name);
}

/* --- a folder --- */

static int
yaml_only(const struct dirent *entry)
{
    return is_yaml(entry->d_name);
}

static enum iw_err
load_folder(struct scenario *scenario, const char *dir, struct iw_error *err)
{
    iw_autofree char *folder = iw_asprintf("%s/%s", dir, scenario->name);
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, yaml_only, alphasort);
    if (count < 0)
        return iw_fail_errno(err, IW_ERR_NOT_FOUND, errno, "%s", folder);
    enum iw_err code = IW_OK;
    for (int i = 0; i < count; i++) {
        iw_autofree char *path = iw_asprintf("%s/%s", folder, entries[i]->d_name);
        char *text = NULL;
        size_t len = 0;
        if (!code)
            code = file_read_all(path, LIMIT_CONFIG_FILE_BYTES, &text, &len, err);
        if (!code)
            code = take_file(scenario, entries[i]->d_name, text, len, err);
        free(text);
        free(entries[i]);
    }
    free(entries);
    return code;
}

/* --- words --- */

bool
demo_scenario_words(const char *scenario, const char *language, char **title, char **text)
{
    iw_autofree char *path = iw_asprintf("%s/text.%s.md", scenario, language);
    for (const struct embedded_file *file = embedded_scenarios; file->path; file++) {
        const char *words = (const char *)file->bytes, *end;
        if (strcmp(file->path, path) != 0 || file->len < 2 || words[0] != '#' ||
            !(end = memchr(words, '\n', file->len)))
            continue;
        *title = iw_strndup(words + 2, (size_t)(end - words) - 2);
        end += strspn(end, "\n");
        *text = iw_strndup(end, file->len - (size_t)(end - words));
        return true;
    }
    return false;
}

/* --- public --- */

void
scenario_free(struct scenario *scenario)
{
    if (!scenario)
        return;
    for (size_t i = 0; i < scenario->docs.len; i++)
        json_decref(scenario->docs.items[i].object);
    vec_free(&scenario->docs);
    for (size_t i = 0; i < scenario->files.len; i++)
        free(scenario->files.items[i]);
    vec_free(&scenario->files);
    json_decref(scenario->about);
    free(scenario->name);
    free(scenario);
}

enum iw_err
scenario_load(const char *name, const char *dir, struct scenario **out, struct iw_error *err)
{
    struct scenario *scenario = iw_calloc(1, sizeof(*scenario));
    scenario->name = iw_strdup(name);
    bool odd = strchr(name, '/') || name[0] == '.' || !name[0];
    enum iw_err code = odd   ? iw_fail(err, IW_ERR_NOT_FOUND, "there is no scenario \"%s\"", name)
                       : dir ? load_folder(scenario, dir, err)
                             : load_embedded(scenario, err);
    if (!code && !scenario->about)
        code = iw_fail(err, IW_ERR_CONFIG, "scenario %s has no scenario.yaml", name);
    if (code) {
        scenario_free(scenario);
        return code;
    }
    *out = scenario;
    return IW_OK;
}

/* The user's own manifest: a scenario without a scenario.yaml. */
enum iw_err
scenario_from_manifest(const char *path, struct scenario **out, struct iw_error *err)
{
    struct scenario *scenario = iw_calloc(1, sizeof(*scenario));
    scenario->name = iw_strdup(path);
    scenario->about = json_pack("{s:s}", "title", path);
    scenario->is_manifest = true;
    char *text = NULL;
    size_t len = 0;
    enum iw_err code = file_read_all(path, LIMIT_CONFIG_FILE_BYTES, &text, &len, err);
    if (!code)
        code = yaml_json_each(path, text, len, keep_document, scenario, err);
    free(text);
    if (code) {
        scenario_free(scenario);
        return code;
    }
    *out = scenario;
    return IW_OK;
}

void
scenario_each(void (*each)(void *ctx, const char *name, const json_t *scenario), void *ctx)
{
    for (const struct embedded_file *file = embedded_scenarios; file->path; file++) {
        const char *slash = strrchr(file->path, '/');
        if (!slash || strcmp(slash, "/scenario.yaml") != 0)
            continue;
        json_t *about = NULL;
        iw_autofree char *name = iw_strndup(file->path, (size_t)(slash - file->path));
        if (yaml_json_one(file->path, (const char *)file->bytes, file->len, &about, NULL) == IW_OK)
            each(ctx, name, about);
        json_decref(about);
    }
}
