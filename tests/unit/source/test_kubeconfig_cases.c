/* Kubeconfig loading against the recorded results of Kubernetes' own loader: every case must agree.
 * The cases are tests/data/kubeconfig/cases.jsonl.gz; the first difference is printed in full.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gzlines.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/kubeconfig.h"

#define CASES_PATH TEST_DATA_DIR "/kubeconfig/cases.jsonl.gz"
#define CASE_COUNT 180

/* Everything one case needs. */
struct one_case {
    const json_t *json, *overrides, *result;
    const char *root;  /* where its files stand */
    struct strbuf why; /* the first difference, "" when it agrees */
};

/* --- files of a case --- */

static void
make_parents(const char *path)
{
    iw_autofree char *copy = iw_strdup(path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0700);
        *slash = '/';
    }
}

static void
write_files(const struct one_case *c)
{
    const char *name;
    json_t *content;
    json_object_foreach(json_object_get(c->json, "files"), name, content)
    {
        iw_autofree char *path = iw_asprintf("%s/%s", c->root, name);
        make_parents(path);
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        fwrite(json_string_value(content), 1, json_string_length(content), f);
        fclose(f);
    }
}

static int
remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void
remove_tree(const char *root)
{
    nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Text with every "$ROOT" replaced by the folder of the case. New. */
static char *
with_root(const struct one_case *c, const char *text)
{
    strbuf_auto b;
    strbuf_init(&b, 0);
    for (const char *at; (at = strstr(text, "$ROOT")) != NULL; text = at + strlen("$ROOT")) {
        strbuf_add(&b, text, (size_t)(at - text));
        strbuf_adds(&b, c->root);
    }
    strbuf_adds(&b, text);
    return strbuf_take(&b);
}

/* $KUBECONFIG with each entry below the folder of the case. New; NULL when the case has none. */
static char *
kubeconfig_variable(const struct one_case *c)
{
    const char *at = json_string_value(json_object_get(c->json, "KUBECONFIG"));
    if (!at || !*at)
        return NULL;
    strbuf_auto b;
    strbuf_init(&b, 0);
    for (;;) {
        size_t len = strcspn(at, ":");
        if (len > 0)
            strbuf_addf(&b, "%s/%.*s", c->root, (int)len, at);
        at += len;
        if (!*at++)
            break;
        strbuf_addc(&b, ':');
    }
    return strbuf_take(&b);
}

/* --- comparing --- */

static void
differ(struct one_case *c, const char *field, const char *want, const char *got)
{
    strbuf_addf(&c->why, "  %s:\n    want %s\n    got  %s\n", field, want ? want : "(nothing)",
                got ? got : "(nothing)");
}

static void
same_text(struct one_case *c, const char *field, const char *want, const char *got)
{
    if (strcmp(want ? want : "", got ? got : "") != 0)
        differ(c, field, want, got);
}

static void
same_field(struct one_case *c, const char *field, const char *got)
{
    const char *want = json_string_value(json_object_get(c->result, field));
    iw_autofree char *full = want ? with_root(c, want) : NULL;
    same_text(c, field, full, got);
}

static void
same_flag(struct one_case *c, const char *field, bool got)
{
    bool want = json_is_true(json_object_get(c->result, field));
    if (want != got)
        differ(c, field, want ? "true" : "false", got ? "true" : "false");
}

/* The part of a duplicate-name or syntax error that does not print Go's structs. */
static bool
same_file_error(const char *want, const char *got)
{
    static const char *const marks[] = {"duplicate name \"", "did not find expected"};
    for (size_t i = 0; i < IW_COUNTOF(marks); i++) {
        const char *mark = strstr(want, marks[i]);
        const char *path = strstr(want, "error loading config file \"");
        if (!mark || !path)
            continue;
        /* The same file, and the same name or problem. */
        const char *path_end = strstr(path, "\": ");
        const char *problem_end = i == 0 ? strstr(mark, " in list") : mark + strlen(mark);
        iw_autofree char *prefix = iw_strndup(path, (size_t)(path_end - path));
        iw_autofree char *problem = iw_strndup(mark, (size_t)(problem_end - mark));
        return strstr(got, prefix) && strstr(got, problem);
    }
    return false;
}

/* Messages agree when equal; ours may go on with a hint behind "; ", and is cut to the size of an
 * error. */
static void
same_error(struct one_case *c, const char *want_raw, const char *got)
{
    iw_autofree char *want = with_root(c, want_raw);
    size_t len = strlen(want);
    bool cut = strlen(got) == sizeof(((struct iw_error *)0)->msg) - 1;
    bool same = strcmp(want, got) == 0 || (cut && strncmp(want, got, strlen(got)) == 0) ||
                (strncmp(want, got, len) == 0 && strncmp(got + len, "; ", 2) == 0) ||
                same_file_error(want, got);
    if (!same)
        differ(c, "error", want, got);
}

static void
same_headers(struct one_case *c, char **headers)
{
    VEC(char *) want = {0};
    const json_t *r = c->result;
    const char *as = json_string_value(json_object_get(r, "as"));
    const char *uid = json_string_value(json_object_get(r, "as_uid"));
    size_t i;
    json_t *value, *values;
    const char *key;
    if (as)
        vec_push(&want, iw_asprintf("Impersonate-User: %s", as));
    if (uid)
        vec_push(&want, iw_asprintf("Impersonate-Uid: %s", uid));
    json_array_foreach(json_object_get(r, "as_groups"), i, value)
        vec_push(&want, iw_asprintf("Impersonate-Group: %s", json_string_value(value)));
    json_object_foreach(json_object_get(r, "as_extra"), key, values)
        json_array_foreach(values, i, value)
            vec_push(&want, iw_asprintf("Impersonate-Extra-%s: %s", key, json_string_value(value)));
    size_t count = 0;
    while (headers && headers[count])
        count++;
    if (count != want.len)
        differ(c, "impersonation", want.len ? want.items[0] : NULL, count ? headers[0] : NULL);
    for (size_t k = 0; k < want.len; k++) {
        if (k < count)
            same_text(c, "impersonation", want.items[k], headers[k]);
        free(want.items[k]);
    }
    vec_free(&want);
}

static json_t *
json_strings(char *const *strings)
{
    json_t *list = json_array();
    for (size_t i = 0; strings && strings[i]; i++)
        json_array_append_new(list, json_string(strings[i]));
    return list;
}

/* An exec plugin in the form of the recorded results. New. */
static json_t *
exec_json(const struct kube_exec *e)
{
    json_t *env = json_array();
    for (size_t i = 0; e->env_names[i]; i++)
        json_array_append_new(
            env, json_pack("{s:s, s:s}", "name", e->env_names[i], "value", e->env_values[i]));
    json_t *out =
        json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "apiVersion", e->api_version, "command",
                  e->command, "interactiveMode", e->interactive_mode, "provideClusterInfo",
                  e->provide_cluster_info, "args", json_strings(e->args), "env", env);
    if (e->cluster_config)
        json_object_set_new(out, "config", json_loads(e->cluster_config, JSON_DECODE_ANY, NULL));
    return out;
}

static void
same_exec(struct one_case *c, const struct kube_exec *exec)
{
    const json_t *recorded = json_object_get(c->result, "exec");
    if (!recorded != !exec) {
        differ(c, "exec", recorded ? "a plugin" : NULL, exec ? exec->command : NULL);
        return;
    }
    if (!exec)
        return;
    json_t *want = json_deep_copy(recorded);
    json_t *got = exec_json(exec);
    if (json_is_null(json_object_get(want, "args")))
        json_object_set_new(want, "args", json_array());
    if (json_is_null(json_object_get(want, "env")))
        json_object_set_new(want, "env", json_array());
    iw_autofree char *command = with_root(c, json_string_value(json_object_get(want, "command")));
    json_object_set_new(want, "command", json_string(command));
    if (!json_equal(want, got)) {
        iw_autofree char *want_text = json_dumps(want, JSON_SORT_KEYS);
        iw_autofree char *got_text = json_dumps(got, JSON_SORT_KEYS);
        differ(c, "exec", want_text, got_text);
    }
    json_decref(want);
    json_decref(got);
}

/* The recorded token is raw; ours is trimmed, as the transport does it. */
static void
same_token(struct one_case *c, const char *got)
{
    const char *want = json_string_value(json_object_get(c->result, "token"));
    size_t len = want ? strlen(want) : 0;
    while (len > 0 && strchr(" \n", want[len - 1]))
        len--;
    iw_autofree char *trimmed = iw_strndup(want ? want : "", len);
    same_text(c, "token", trimmed, got);
}

/* Contents of material: the recorded data, or the file that was named. */
static void
same_material(struct one_case *c, const char *field, const char *path, const char *pem)
{
    char name[32];
    snprintf(name, sizeof(name), "%s_file", field);
    same_field(c, name, path);
    snprintf(name, sizeof(name), "%s_data", field);
    iw_autofree char *content = NULL;
    if (path && file_read_all(path, 0, &content, NULL, NULL) != IW_OK)
        differ(c, name, "a file that can be read", path);
    if (path)
        same_text(c, name, content, pem);
    else
        same_field(c, name, pem);
}

static void
same_client(struct one_case *c, const struct kube_client_config *got)
{
    same_field(c, "namespace", got->ns);
    same_field(c, "host", got->server);
    same_field(c, "proxy", got->proxy_url);
    same_field(c, "tls_server_name", got->tls_server_name);
    same_field(c, "username", got->username);
    same_field(c, "password", got->password);
    same_field(c, "token_file", got->token_file);
    same_token(c, got->token);
    same_material(c, "ca", got->ca_file, got->ca_pem);
    same_material(c, "cert", got->cert_file, got->cert_pem);
    same_material(c, "key", got->key_file, got->key_pem);
    same_flag(c, "insecure", got->insecure);
    same_flag(c, "disable_compression", got->no_compression);
    same_headers(c, got->headers);
    same_exec(c, got->exec);
}

/* --- one case --- */

static void
check_namespace(struct one_case *c, const struct kubeconfig *kc,
                const struct kubeconfig_flags *flags)
{
    struct iw_error err = {0};
    char *ns = NULL;
    const char *want = json_string_value(json_object_get(c->result, "namespace_error"));
    enum iw_err rc = kubeconfig_namespace(kc, flags, &ns, &err);
    if (want && rc == IW_OK)
        differ(c, "namespace_error", want, ns);
    else if (want)
        same_error(c, want, err.msg);
    else if (rc != IW_OK)
        differ(c, "namespace", "no error", err.msg);
    else
        same_field(c, "namespace", ns);
    free(ns);
}

static void
check_client(struct one_case *c, const struct kubeconfig *kc, const struct kubeconfig_flags *flags)
{
    struct iw_error err = {0};
    struct kube_client_config *client = NULL;
    const char *want = json_string_value(json_object_get(c->result, "error"));
    enum iw_err rc = kubeconfig_client(kc, flags, &client, &err);
    if (want && rc == IW_OK)
        differ(c, "error", want, client->server);
    else if (want)
        same_error(c, want, err.msg);
    else if (rc != IW_OK)
        differ(c, "error", NULL, err.msg);
    else
        same_client(c, client);
    kube_client_config_free(client);
}

static const char *
override(const struct one_case *c, const char *name)
{
    return json_string_value(json_object_get(c->overrides, name));
}

static void
check_case(struct one_case *c)
{
    const char *named = json_string_value(json_object_get(c->json, "kubeconfig_flag"));
    const char *ca = override(c, "certificate_authority");
    iw_autofree char *variable = kubeconfig_variable(c);
    iw_autofree char *path = named ? iw_asprintf("%s/%s", c->root, named) : NULL;
    iw_autofree char *ca_path = ca ? with_root(c, ca) : NULL;
    struct kubeconfig_flags flags = {
        .kubeconfig = path,
        .context = override(c, "context"),
        .cluster = override(c, "cluster"),
        .user = override(c, "user"),
        .ns = override(c, "namespace"),
        .server = override(c, "server"),
        .as = override(c, "as"),
        .token = override(c, "token"),
        .tls_server_name = override(c, "tls_server_name"),
        .certificate_authority = ca_path,
        .insecure_skip_tls_verify =
            json_is_true(json_object_get(c->overrides, "insecure_skip_tls_verify")),
    };
    struct kubeconfig_env env = {.kubeconfig = variable, .home = c->root, .root = c->root};
    struct kubeconfig *kc = NULL;
    struct iw_error err = {0};
    if (kubeconfig_load(&flags, &env, &kc, &err) != IW_OK) {
        const char *want = json_string_value(json_object_get(c->result, "error"));
        same_error(c, want ? want : "(no error)", err.msg);
        return;
    }
    same_text(c, "current_context", json_string_value(json_object_get(c->json, "current_context")),
              kubeconfig_current_context(kc));
    check_namespace(c, kc, &flags);
    check_client(c, kc, &flags);
    kubeconfig_free(kc);
}

static void
kubeconfig__agrees_with_all_recorded_cases(void **state)
{
    (void)state;
    struct gzlines *lines = gzlines_open(CASES_PATH);
    assert_non_null(lines);
    size_t total = 0, agree = 0;
    for (char *line; (line = gzlines_next(lines, NULL)) != NULL; total++) {
        char root[] = "/tmp/iw-kubeconfig-XXXXXX";
        assert_non_null(mkdtemp(root));
        json_t *json = json_loads(line, 0, NULL);
        assert_non_null(json);
        struct one_case c = {
            .json = json,
            .overrides = json_object_get(json, "overrides"),
            .result = json_object_get(json, "result"),
            .root = root,
        };
        strbuf_init(&c.why, 0);
        write_files(&c);
        check_case(&c);
        if (c.why.len == 0)
            agree++;
        else if (agree == total)
            print_error("first difference, case %s:\n%s%s\n",
                        json_string_value(json_object_get(json, "name")), c.why.data, line);
        strbuf_free(&c.why);
        json_decref(json);
        remove_tree(root);
    }
    gzlines_close(lines);
    print_message("%zu of %zu kubeconfig cases agree\n", agree, total);
    assert_int_equal(total, CASE_COUNT);
    assert_int_equal(agree, total);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kubeconfig__agrees_with_all_recorded_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
