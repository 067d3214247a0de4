/* kubeconfig_util: paths, base64, nearest names and copies for the kubeconfig loader.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/base/strbuf.h"

#include "kubeconfig_parts.h"

/* --- paths, as Go's path/filepath --- */

/* Drop the last part of an absolute path in b. */
static void
kc_path_up(struct strbuf *b)
{
    while (b->len > 0 && b->data[b->len - 1] != '/')
        b->len--;
    if (b->len > 0)
        b->len--;
    b->data[b->len] = '\0';
}

/* filepath.Clean of an absolute path. */
static char *
kc_path_clean(const char *path)
{
    strbuf_auto b;
    strbuf_init(&b, 0);
    while (*path) {
        path += strspn(path, "/");
        size_t len = strcspn(path, "/");
        if (len == 2 && memcmp(path, "..", 2) == 0) {
            kc_path_up(&b);
        } else if (len > 0 && !(len == 1 && *path == '.')) {
            strbuf_addc(&b, '/');
            strbuf_add(&b, path, len);
        }
        path += len;
    }
    if (b.len == 0)
        strbuf_addc(&b, '/');
    return strbuf_take(&b);
}

char *
kc_path_join(const char *dir, const char *path)
{
    if (path[0] == '/')
        return iw_strdup(path);
    iw_autofree char *joined = iw_asprintf("%s/%s", dir, path);
    return kc_path_clean(joined);
}

char *
kc_path_dir(const char *file)
{
    iw_autofree char *cwd = file[0] == '/' ? NULL : getcwd(NULL, 0);
    iw_autofree char *whole = iw_asprintf("%s/%s/..", cwd ? cwd : "", file);
    return kc_path_clean(whole);
}

/* --- base64 --- */

static int
kc_base64_value(char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

bool
kc_base64_decode(const char *text, char **out)
{
    strbuf_auto b;
    strbuf_init(&b, 0);
    uint32_t bits = 0;
    unsigned have = 0, padding = 0, total = 0;
    bool ok = true;
    for (; *text && ok; text++) {
        if (*text == '\n' || *text == '\r')
            continue;
        total++;
        int value = kc_base64_value(*text);
        if (*text == '=') {
            padding++;
            continue;
        }
        ok = value >= 0 && padding == 0;
        bits = bits << 6 | (uint32_t)(value & 63);
        have += 6;
        if (have >= 8) {
            have -= 8;
            strbuf_addc(&b, (char)(bits >> have & 0xFF));
        }
    }
    ok = ok && total % 4 == 0 && padding <= 2;
    if (ok)
        *out = strbuf_take(&b);
    return ok;
}

/* --- texts --- */

void
kc_errno_text(int sys_errno, char *out, size_t out_size)
{
    char buffer[128];
    const char *text = strerror_r(sys_errno, buffer, sizeof(buffer));
    snprintf(out, out_size, "%s", text);
    if (out_size > 1 && isupper((unsigned char)out[0]) && islower((unsigned char)out[1]))
        out[0] = (char)tolower((unsigned char)out[0]);
}

char *
kc_strdup(const char *text)
{
    return text ? iw_strdup(text) : NULL;
}

char **
kc_strings_copy(const char *const *strings)
{
    size_t count = 0;
    if (!strings)
        return NULL;
    while (strings[count])
        count++;
    char **copy = iw_calloc(count + 1, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = iw_strdup(strings[i]);
    return copy;
}

void
kc_strings_free(char **strings)
{
    for (size_t i = 0; strings && strings[i]; i++)
        free(strings[i]);
    free(strings);
}

void
kc_free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void
kc_exec_free(struct kube_exec *exec)
{
    if (!exec)
        return;
    free(exec->api_version);
    free(exec->command);
    free(exec->install_hint);
    free(exec->interactive_mode);
    free(exec->cluster_config);
    kc_strings_free(exec->args);
    kc_strings_free(exec->env_names);
    kc_strings_free(exec->env_values);
    free(exec);
}

struct kube_exec *
kc_exec_copy(const struct kube_exec *exec)
{
    if (!exec)
        return NULL;
    struct kube_exec *copy = iw_calloc(1, sizeof(*copy));
    *copy = (struct kube_exec){
        .api_version = iw_strdup(exec->api_version),
        .command = iw_strdup(exec->command),
        .install_hint = iw_strdup(exec->install_hint),
        .interactive_mode = iw_strdup(exec->interactive_mode),
        .args = kc_strings_copy((const char *const *)exec->args),
        .env_names = kc_strings_copy((const char *const *)exec->env_names),
        .env_values = kc_strings_copy((const char *const *)exec->env_values),
        .cluster_config = kc_strdup(exec->cluster_config),
        .provide_cluster_info = exec->provide_cluster_info,
    };
    return copy;
}

/* --- nearest names --- */

#define SUGGEST_NAME_MAX 64
#define SUGGEST_COUNT 3

/* Levenshtein distance, case folded; names are compared in their first 64 bytes. */
static size_t
kc_distance(const char *a, const char *b)
{
    size_t len_a = strnlen(a, SUGGEST_NAME_MAX), len_b = strnlen(b, SUGGEST_NAME_MAX);
    size_t row[SUGGEST_NAME_MAX + 1];
    for (size_t k = 0; k <= len_b; k++)
        row[k] = k;
    for (size_t i = 1; i <= len_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= len_b; k++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[k - 1]);
            size_t change = diagonal + (same ? 0 : 1);
            diagonal = row[k];
            row[k] = IW_MIN(change, IW_MIN(row[k], row[k - 1]) + 1);
        }
    }
    return row[len_b];
}

void
kc_suggest(struct iw_error *err, const char *wanted, size_t count,
           const char *(*name_at)(const void *ctx, size_t i), const void *ctx)
{
    struct {
        const char *name;
        size_t distance;
    } best[SUGGEST_COUNT];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = name_at(ctx, i);
        size_t distance = strstr(name, wanted) ? 0 : kc_distance(wanted, name);
        size_t at = found;
        while (at > 0 && distance < best[at - 1].distance)
            at--;
        if (at == SUGGEST_COUNT)
            continue;
        if (found < SUGGEST_COUNT)
            found++;
        memmove(&best[at + 1], &best[at], (found - at - 1) * sizeof(best[0]));
        best[at].name = name;
        best[at].distance = distance;
    }
    if (!err || found == 0)
        return;
    size_t used = strlen(err->msg);
    for (size_t i = 0; i < found && used < sizeof(err->msg); i++) {
        snprintf(err->msg + used, sizeof(err->msg) - used, "%s\"%.100s\"",
                 i == 0 ? "; the nearest names: " : ", ", best[i].name);
        used = strlen(err->msg);
    }
}
