/* kubeconfig_file: one kubeconfig file into the merged configuration.
 *
 * Ref: client-go tools/clientcmd/api/v1 (types.go, conversion.go, defaults.go); paths by loader.go
 * ResolveLocalPaths.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/strmap.h"
#include "initwatch/data/yaml_json.h"

#include "kubeconfig_parts.h"

#define EXEC_EXTENSION "client.authentication.k8s.io/exec"
#define KC_PATH_MAX 160

/* The file being read. */
struct kc_file {
    struct kubeconfig *kc;
    const char *path;
    char *dir;
    char *text;
    size_t len;
    struct iw_error *err;
};

static const char *
kc_type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "a mapping";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        break;
    }
    return "nothing";
}

/* "error loading config file "F": line 7: users[0].user.token: expected a text, found a number" */
static bool
kc_wrong(struct kc_file *f, const char *at, const char *expected, const json_t *found)
{
    iw_fail(f->err, IW_ERR_CONFIG,
            "error loading config file \"%s\": line %d: %s: expected %s, found %s", f->path,
            yaml_json_line(f->text, f->len, at), at, expected, kc_type_name(found));
    return false;
}

static void kc_at(char out[KC_PATH_MAX], const char *fmt, ...) IW_PRINTF(2, 3);

/* Write where a value stands, such as "users[0].user.token"; cut when an entry has a name that
 * long. */
static void
kc_at(char out[KC_PATH_MAX], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(out, KC_PATH_MAX, fmt, args);
    va_end(args);
}

static const json_t *
kc_get(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

/* The text of a member in *out, new; NULL when absent or empty. */
static bool
kc_text(struct kc_file *f, const json_t *object, const char *at, const char *key, char **out)
{
    const json_t *value = kc_get(object, key);
    char path[KC_PATH_MAX];
    kc_at(path, "%s%s%s", at, at[0] ? "." : "", key);
    if (value && !json_is_string(value))
        return kc_wrong(f, path, "a text", value);
    *out = value && json_string_length(value) ? iw_strdup(json_string_value(value)) : NULL;
    return true;
}

static bool
kc_flag(struct kc_file *f, const json_t *object, const char *at, const char *key, bool *out)
{
    const json_t *value = kc_get(object, key);
    char path[KC_PATH_MAX];
    kc_at(path, "%s.%s", at, key);
    if (value && !json_is_boolean(value))
        return kc_wrong(f, path, "true or false", value);
    *out = json_is_true(value);
    return true;
}

/* A path, made absolute against the folder of the file. */
static bool
kc_file_path(struct kc_file *f, const json_t *object, const char *at, const char *key, char **out)
{
    iw_autofree char *text = NULL;
    if (!kc_text(f, object, at, key, &text))
        return false;
    *out = text ? kc_path_join(f->dir, text) : NULL;
    return true;
}

static bool
kc_data(struct kc_file *f, const json_t *object, const char *at, const char *key, char **out)
{
    iw_autofree char *text = NULL;
    if (!kc_text(f, object, at, key, &text))
        return false;
    if (!text || kc_base64_decode(text, out))
        return true;
    char path[KC_PATH_MAX];
    kc_at(path, "%s.%s", at, key);
    iw_fail(f->err, IW_ERR_CONFIG,
            "error loading config file \"%s\": line %d: %s: this is not base64", f->path,
            yaml_json_line(f->text, f->len, path), path);
    return false;
}

static bool
kc_texts(struct kc_file *f, const json_t *list, const char *at, char ***out)
{
    if (list && !json_is_array(list))
        return kc_wrong(f, at, "a list", list);
    size_t count = json_array_size(list);
    if (count == 0)
        return true;
    *out = iw_calloc(count + 1, sizeof(**out));
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        char path[KC_PATH_MAX];
        kc_at(path, "%s[%zu]", at, i);
        if (!json_is_string(value))
            return kc_wrong(f, path, "a text", value);
        (*out)[i] = iw_strdup(json_string_value(value));
    }
    return true;
}

/* --- clusters --- */

void
kc_cluster_free(struct kc_cluster *c)
{
    free(c->name);
    free(c->server);
    free(c->tls_server_name);
    free(c->proxy_url);
    free(c->ca_file);
    free(c->ca_data);
    free(c->exec_config);
}

static bool
kc_read_extensions(struct kc_file *f, const json_t *list, const char *at, struct kc_cluster *c)
{
    char path[KC_PATH_MAX];
    kc_at(path, "%s.extensions", at);
    if (list && !json_is_array(list))
        return kc_wrong(f, path, "a list", list);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(entry, "name"));
        const json_t *extension = json_object_get(entry, "extension");
        if (!name || strcmp(name, EXEC_EXTENSION) != 0 || !extension)
            continue;
        char *dump = json_dumps(extension, JSON_COMPACT | JSON_ENCODE_ANY);
        free(c->exec_config);
        c->exec_config = kc_strdup(dump);
        free(dump);
    }
    return true;
}

static bool
kc_read_cluster(struct kc_file *f, const json_t *body, const char *at, void *out)
{
    struct kc_cluster *c = out;
    return kc_text(f, body, at, "server", &c->server) &&
           kc_text(f, body, at, "tls-server-name", &c->tls_server_name) &&
           kc_text(f, body, at, "proxy-url", &c->proxy_url) &&
           kc_file_path(f, body, at, "certificate-authority", &c->ca_file) &&
           kc_data(f, body, at, "certificate-authority-data", &c->ca_data) &&
           kc_flag(f, body, at, "insecure-skip-tls-verify", &c->insecure) &&
           kc_flag(f, body, at, "disable-compression", &c->no_compression) &&
           kc_read_extensions(f, kc_get(body, "extensions"), at, c);
}

/* --- users --- */

void
kc_user_free(struct kc_user *u)
{
    char *texts[] = {u->name,     u->token,     u->token_file, u->username,
                     u->password, u->cert_file, u->cert_data,  u->key_file,
                     u->key_data, u->as,        u->as_uid};
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        free(texts[i]);
    kc_strings_free(u->as_groups);
    for (size_t i = 0; i < u->as_extra.len; i++) {
        free(u->as_extra.items[i].key);
        kc_strings_free(u->as_extra.items[i].values);
    }
    vec_free(&u->as_extra);
    kc_exec_free(u->exec);
}

static bool
kc_read_extra(struct kc_file *f, const json_t *map, const char *at, struct kc_user *u)
{
    char path[KC_PATH_MAX];
    kc_at(path, "%s.as-user-extra", at);
    if (map && !json_is_object(map))
        return kc_wrong(f, path, "a mapping", map);
    const char *key;
    json_t *values;
    json_object_foreach((json_t *)map, key, values)
    {
        struct kc_extra extra = {.key = iw_strdup(key)};
        vec_push(&u->as_extra, extra);
        kc_at(path, "%s.as-user-extra.%s", at, key);
        if (!kc_texts(f, values, path, &u->as_extra.items[u->as_extra.len - 1].values))
            return false;
    }
    return true;
}

static bool
kc_read_exec_env(struct kc_file *f, const json_t *list, const char *at, struct kube_exec *exec)
{
    char path[KC_PATH_MAX];
    kc_at(path, "%s.env", at);
    if (list && !json_is_array(list))
        return kc_wrong(f, path, "a list", list);
    size_t count = json_array_size(list);
    exec->env_names = iw_calloc(count + 1, sizeof(char *));
    exec->env_values = iw_calloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        char *name = NULL, *value = NULL;
        kc_at(path, "%s.env[%zu]", at, i);
        const json_t *entry = json_array_get(list, i);
        bool ok =
            kc_text(f, entry, path, "name", &name) && kc_text(f, entry, path, "value", &value);
        exec->env_names[i] = name ? name : iw_strdup("");
        exec->env_values[i] = value ? value : iw_strdup("");
        if (!ok)
            return false;
    }
    return true;
}

static void
kc_never_null(char **text)
{
    if (!*text)
        *text = iw_strdup("");
}

static bool
kc_read_exec(struct kc_file *f, const json_t *body, const char *user_at, struct kc_user *u)
{
    char at[KC_PATH_MAX], args_at[KC_PATH_MAX];
    kc_at(at, "%s.exec", user_at);
    kc_at(args_at, "%s.args", at);
    if (!body)
        return true;
    if (!json_is_object(body))
        return kc_wrong(f, at, "a mapping", body);
    struct kube_exec *exec = u->exec = iw_calloc(1, sizeof(*exec));
    bool ok = kc_text(f, body, at, "apiVersion", &exec->api_version) &&
              kc_text(f, body, at, "command", &exec->command) &&
              kc_text(f, body, at, "installHint", &exec->install_hint) &&
              kc_text(f, body, at, "interactiveMode", &exec->interactive_mode) &&
              kc_flag(f, body, at, "provideClusterInfo", &exec->provide_cluster_info) &&
              kc_texts(f, kc_get(body, "args"), args_at, &exec->args) &&
              kc_read_exec_env(f, kc_get(body, "env"), at, exec);
    /* Only v1 makes people say whether the plugin may ask questions (defaults.go). */
    if (!exec->interactive_mode && exec->api_version &&
        strcmp(exec->api_version, "client.authentication.k8s.io/v1beta1") == 0)
        exec->interactive_mode = iw_strdup("IfAvailable");
    /* A bare name is looked up in PATH; one with a slash is relative to the file. */
    if (exec->command && strchr(exec->command, '/')) {
        char *resolved = kc_path_join(f->dir, exec->command);
        free(exec->command);
        exec->command = resolved;
    }
    kc_never_null(&exec->api_version);
    kc_never_null(&exec->command);
    kc_never_null(&exec->install_hint);
    kc_never_null(&exec->interactive_mode);
    if (!exec->args)
        exec->args = iw_calloc(1, sizeof(char *));
    return ok;
}

static bool
kc_read_user(struct kc_file *f, const json_t *body, const char *at, void *out)
{
    struct kc_user *u = out;
    char groups_at[KC_PATH_MAX];
    kc_at(groups_at, "%s.as-groups", at);
    u->auth_provider = kc_get(body, "auth-provider") != NULL;
    return kc_text(f, body, at, "token", &u->token) &&
           kc_file_path(f, body, at, "tokenFile", &u->token_file) &&
           kc_text(f, body, at, "username", &u->username) &&
           kc_text(f, body, at, "password", &u->password) &&
           kc_file_path(f, body, at, "client-certificate", &u->cert_file) &&
           kc_data(f, body, at, "client-certificate-data", &u->cert_data) &&
           kc_file_path(f, body, at, "client-key", &u->key_file) &&
           kc_data(f, body, at, "client-key-data", &u->key_data) &&
           kc_text(f, body, at, "as", &u->as) && kc_text(f, body, at, "as-uid", &u->as_uid) &&
           kc_texts(f, kc_get(body, "as-groups"), groups_at, &u->as_groups) &&
           kc_read_extra(f, kc_get(body, "as-user-extra"), at, u) &&
           kc_read_exec(f, kc_get(body, "exec"), at, u);
}

/* --- contexts --- */

void
kc_context_free(struct kc_context *c)
{
    free(c->name);
    free(c->cluster);
    free(c->user);
    free(c->ns);
}

static bool
kc_read_context(struct kc_file *f, const json_t *body, const char *at, void *out)
{
    struct kc_context *c = out;
    return kc_text(f, body, at, "cluster", &c->cluster) && kc_text(f, body, at, "user", &c->user) &&
           kc_text(f, body, at, "namespace", &c->ns);
}

/* --- lists of named entries --- */

/* Any entry; all begin with their name. */
union kc_entry {
    char *name;
    struct kc_cluster cluster;
    struct kc_user user;
    struct kc_context context;
};

struct kc_list {
    const char *list_key, *body_key;
    bool (*read)(struct kc_file *f, const json_t *body, const char *at, void *out);
    /* Takes the entry, or drops it when it is not `wanted` or an earlier file has the name. */
    void (*take)(struct kubeconfig *kc, union kc_entry *entry, bool wanted);
};

/* Name and body of entry i of a list such as {name, cluster}. */
static bool
kc_read_entry(struct kc_file *f, const json_t *root, const struct kc_list *list, size_t i,
              char at[KC_PATH_MAX], char **name, const json_t **body)
{
    const json_t *entry = json_array_get(json_object_get(root, list->list_key), i);
    char path[KC_PATH_MAX];
    kc_at(path, "%s[%zu]", list->list_key, i);
    if (!json_is_object(entry))
        return kc_wrong(f, path, "a mapping", entry);
    if (!kc_text(f, entry, path, "name", name))
        return false;
    kc_never_null(name);
    *body = kc_get(entry, list->body_key);
    kc_at(at, "%s[%zu].%s", list->list_key, i, list->body_key);
    return !*body || json_is_object(*body) ? true : kc_wrong(f, at, "a mapping", *body);
}

static bool
kc_duplicate(struct kc_file *f, const char *list_key, const char *name, size_t first, size_t second)
{
    char first_at[KC_PATH_MAX], second_at[KC_PATH_MAX];
    kc_at(first_at, "%s[%zu]", list_key, first);
    kc_at(second_at, "%s[%zu]", list_key, second);
    iw_fail(f->err, IW_ERR_CONFIG,
            "error loading config file \"%s\": line %d: duplicate name \"%s\" in %s (the first is "
            "in line %d)",
            f->path, yaml_json_line(f->text, f->len, second_at), name, list_key,
            yaml_json_line(f->text, f->len, first_at));
    return false;
}

static bool
kc_list_count(struct kc_file *f, const json_t *root, const char *key, size_t *count)
{
    const json_t *list = kc_get(root, key);
    if (list && !json_is_array(list))
        return kc_wrong(f, key, "a list", list);
    *count = json_array_size(list);
    return true;
}

static void
kc_take_cluster(struct kubeconfig *kc, union kc_entry *entry, bool wanted)
{
    if (wanted && !kc_find_cluster(kc, entry->name))
        vec_push(&kc->clusters, entry->cluster);
    else
        kc_cluster_free(&entry->cluster);
}

static void
kc_take_user(struct kubeconfig *kc, union kc_entry *entry, bool wanted)
{
    if (wanted && !kc_find_user(kc, entry->name))
        vec_push(&kc->users, entry->user);
    else
        kc_user_free(&entry->user);
}

static void
kc_take_context(struct kubeconfig *kc, union kc_entry *entry, bool wanted)
{
    if (wanted && !kc_find_context(kc, entry->name))
        vec_push(&kc->contexts, entry->context);
    else
        kc_context_free(&entry->context);
}

static const struct kc_list kc_lists[] = {
    {"clusters", "cluster", kc_read_cluster, kc_take_cluster},
    {"users", "user", kc_read_user, kc_take_user},
    {"contexts", "context", kc_read_context, kc_take_context},
};

static bool
kc_read_list(struct kc_file *f, const json_t *root, const struct kc_list *list)
{
    struct strmap seen = {0};
    size_t count = 0;
    bool ok = kc_list_count(f, root, list->list_key, &count);
    for (size_t i = 0; ok && i < count; i++) {
        char at[KC_PATH_MAX];
        const json_t *body = NULL;
        union kc_entry entry;
        uint32_t first;
        memset(&entry, 0, sizeof(entry));
        ok = kc_read_entry(f, root, list, i, at, &entry.name, &body);
        if (ok && strmap_get(&seen, entry.name, &first))
            ok = kc_duplicate(f, list->list_key, entry.name, first, i);
        if (ok)
            strmap_put(&seen, entry.name, (uint32_t)i);
        ok = ok && list->read(f, body, at, &entry);
        list->take(f->kc, &entry, ok);
    }
    strmap_free(&seen);
    return ok;
}

/* --- the file --- */

static bool
kc_check_kind(struct kc_file *f, const json_t *root)
{
    iw_autofree char *kind = NULL;
    iw_autofree char *version = NULL;
    if (!json_is_object(root))
        return kc_wrong(f, "", "a mapping", root);
    if (!kc_text(f, root, "", "kind", &kind) || !kc_text(f, root, "", "apiVersion", &version))
        return false;
    if ((!kind || strcmp(kind, "Config") == 0) && (!version || strcmp(version, "v1") == 0))
        return true;
    iw_fail(f->err, IW_ERR_CONFIG,
            "error loading config file \"%s\": line %d: expected kind Config of v1, found %.60s of "
            "%.60s",
            f->path, yaml_json_line(f->text, f->len, "kind"), kind ? kind : "nothing",
            version ? version : "nothing");
    return false;
}

static bool
kc_read_root(struct kc_file *f, const json_t *root)
{
    if (!kc_check_kind(f, root))
        return false;
    for (size_t i = 0; i < IW_COUNTOF(kc_lists); i++)
        if (!kc_read_list(f, root, &kc_lists[i]))
            return false;
    iw_autofree char *current = NULL;
    if (!kc_text(f, root, "", "current-context", &current))
        return false;
    if (!f->kc->current_context && current) {
        f->kc->current_context = current;
        current = NULL;
    }
    return true;
}

static enum iw_err
kc_take_document(void *ctx, json_t *document, int line, struct iw_error *err)
{
    json_t **root = ctx;
    (void)line;
    if (*root) {
        json_decref(document);
        return iw_fail(err, IW_ERR_PARSE, "a second document");
    }
    *root = document;
    return IW_OK;
}

/* "line:3:7: what" of the YAML reader as "line 3, column 7: what". */
static void
kc_say_place(struct iw_error *err)
{
    char *at = err->msg, *what;
    if (strncmp(at, "line:", 5) != 0)
        return;
    unsigned long line = strtoul(at + 5, &at, 10);
    if (*at != ':')
        return;
    unsigned long column = strtoul(at + 1, &what, 10);
    struct iw_error before = *err;
    if (*what == ':')
        iw_fail(err, before.code, "line %lu, column %lu%s", line, column,
                before.msg + (what - err->msg));
}

enum iw_err
kc_load_file(struct kubeconfig *kc, const char *path, struct iw_error *err)
{
    struct iw_error local = {0};
    struct kc_file f = {.kc = kc, .path = path, .err = err ? err : &local};
    enum iw_err rc = file_read_all(path, LIMIT_CONFIG_FILE_BYTES, &f.text, &f.len, f.err);
    if (rc == IW_ERR_NOT_FOUND)
        return rc;
    if (rc != IW_OK) {
        f.err->code = IW_ERR_CONFIG;
        return iw_wrap(f.err, "error loading config file \"%s\"", path);
    }
    json_t *root = NULL;
    /* An empty file is an empty configuration. */
    rc = yaml_json_each("line", f.text, f.len, kc_take_document, &root, f.err);
    if (rc != IW_OK) {
        rc = f.err->code = IW_ERR_CONFIG;
        kc_say_place(f.err);
        iw_wrap(f.err, "error loading config file \"%s\"", path);
    }
    f.dir = kc_path_dir(path);
    if (rc == IW_OK && root && !kc_read_root(&f, root))
        rc = f.err->code;
    json_decref(root);
    free(f.dir);
    free(f.text);
    return rc;
}
