/* kubeconfig_load: which files there are, and their merge.
 *
 * The first file that has a name wins as a whole entry, the first current-context that is not empty
 * wins. Ref: client-go tools/clientcmd/loader.go; SEMANTICS G.6.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "initwatch/base/strbuf.h"

#include "kubeconfig_parts.h"

struct kubeconfig_env
kubeconfig_env_system(void)
{
    return (struct kubeconfig_env){
        .kubeconfig = getenv("KUBECONFIG"),
        .home = getenv("HOME"),
        .service_host = getenv("KUBERNETES_SERVICE_HOST"),
        .service_port = getenv("KUBERNETES_SERVICE_PORT"),
        .pod_namespace = getenv("POD_NAMESPACE"),
        .root = "",
    };
}

const struct kc_cluster *
kc_find_cluster(const struct kubeconfig *kc, const char *name)
{
    for (size_t i = 0; i < kc->clusters.len; i++)
        if (strcmp(kc->clusters.items[i].name, name) == 0)
            return &kc->clusters.items[i];
    return NULL;
}

const struct kc_user *
kc_find_user(const struct kubeconfig *kc, const char *name)
{
    for (size_t i = 0; i < kc->users.len; i++)
        if (strcmp(kc->users.items[i].name, name) == 0)
            return &kc->users.items[i];
    return NULL;
}

const struct kc_context *
kc_find_context(const struct kubeconfig *kc, const char *name)
{
    for (size_t i = 0; i < kc->contexts.len; i++)
        if (strcmp(kc->contexts.items[i].name, name) == 0)
            return &kc->contexts.items[i];
    return NULL;
}

/* --- which files --- */

/* New list of paths, NULL-terminated; empty entries and repeats of $KUBECONFIG are dropped. */
static char **
kc_paths(const struct kubeconfig_flags *flags, const struct kubeconfig_env *env)
{
    VEC(char *) paths = {0};
    if (flags && flags->kubeconfig && flags->kubeconfig[0]) {
        vec_push(&paths, iw_strdup(flags->kubeconfig));
    } else if (env->kubeconfig && env->kubeconfig[0]) {
        for (const char *at = env->kubeconfig; *at;) {
            size_t len = strcspn(at, ":");
            char *path = iw_strndup(at, len);
            bool repeated = len == 0;
            for (size_t i = 0; i < paths.len && !repeated; i++)
                repeated = strcmp(paths.items[i], path) == 0;
            if (repeated)
                free(path);
            else
                vec_push(&paths, path);
            at += len;
            at += *at == ':';
        }
    } else if (env->home && env->home[0]) {
        vec_push(&paths, iw_asprintf("%s/.kube/config", env->home));
    }
    vec_push(&paths, NULL);
    return paths.items;
}

/* The error of a file given by name that is not there, in clientcmd's words. */
static enum iw_err
kc_missing(const char *path, int sys_errno, struct iw_error *err)
{
    char why[128];
    kc_errno_text(sys_errno, why, sizeof(why));
    return iw_fail(err, IW_ERR_NO_KUBECONFIG, "stat %s: %s", path, why);
}

/* Several broken files: "[first, second]". */
static void
kc_join_error(struct iw_error *all, const struct iw_error *one)
{
    struct iw_error before = *all;
    if (before.code == IW_OK) {
        *all = *one;
        return;
    }
    size_t len = strlen(before.msg);
    bool joined = before.msg[0] == '[' && len > 0 && before.msg[len - 1] == ']';
    iw_fail(all, one->code, "[%.*s, %s]", (int)(joined ? len - 2 : len), before.msg + joined,
            one->msg);
}

static enum iw_err
kc_load_files(struct kubeconfig *kc, char **paths, struct iw_error *err)
{
    struct iw_error all = {0};
    for (size_t i = 0; paths[i]; i++) {
        struct iw_error one = {0};
        enum iw_err rc = kc_load_file(kc, paths[i], &one);
        if (rc == IW_OK)
            vec_push(&kc->files, iw_strdup(paths[i]));
        else if (rc != IW_ERR_NOT_FOUND)
            kc_join_error(&all, &one);
    }
    if (all.code != IW_OK && err)
        *err = all;
    return all.code;
}

/* --- the cluster around this process --- */

static void
kc_look_around(struct kubeconfig *kc, const struct kubeconfig_env *env)
{
    struct stat st;
    kc->root = iw_strdup(env->root ? env->root : "");
    kc->pod_namespace = kc_strdup(env->pod_namespace);
    kc->service_host = kc_strdup(env->service_host);
    kc->service_port = kc_strdup(env->service_port);
    iw_autofree char *token = iw_asprintf("%s" SERVICE_ACCOUNT_DIR "/token", kc->root);
    kc->in_cluster_possible = kc->service_host && kc->service_host[0] && kc->service_port &&
                              kc->service_port[0] && stat(token, &st) == 0 && !S_ISDIR(st.st_mode);
}

static enum iw_err
kc_none(char **paths, struct iw_error *err)
{
    if (!paths[0])
        return iw_fail(err, IW_ERR_NO_KUBECONFIG,
                       "no kubeconfig: neither KUBECONFIG nor HOME is set");
    strbuf_auto list;
    strbuf_init(&list, 256);
    for (size_t i = 0; paths[i]; i++)
        strbuf_addf(&list, "%s%s", i ? ", " : "", paths[i]);
    return iw_fail(err, IW_ERR_NO_KUBECONFIG, "no kubeconfig: %s %s not there", list.data,
                   paths[1] ? "are" : "is");
}

enum iw_err
kubeconfig_load(const struct kubeconfig_flags *flags, const struct kubeconfig_env *env,
                struct kubeconfig **out, struct iw_error *err)
{
    bool named = flags && flags->kubeconfig && flags->kubeconfig[0];
    struct stat st;
    if (named && stat(flags->kubeconfig, &st) != 0)
        return kc_missing(flags->kubeconfig, errno, err);
    struct kubeconfig *kc = iw_calloc(1, sizeof(*kc));
    char **paths = kc_paths(flags, env);
    kc_look_around(kc, env);
    enum iw_err rc = kc_load_files(kc, paths, err);
    bool instead = kc->in_cluster_possible || (flags && flags->server && flags->server[0]);
    if (rc == IW_OK && kc->files.len == 0 && !instead)
        rc = kc_none(paths, err);
    kc_strings_free(paths);
    if (rc == IW_OK)
        *out = kc;
    else
        kubeconfig_free(kc);
    return rc;
}

void
kubeconfig_free(struct kubeconfig *kc)
{
    if (!kc)
        return;
    for (size_t i = 0; i < kc->clusters.len; i++)
        kc_cluster_free(&kc->clusters.items[i]);
    for (size_t i = 0; i < kc->users.len; i++)
        kc_user_free(&kc->users.items[i]);
    for (size_t i = 0; i < kc->contexts.len; i++)
        kc_context_free(&kc->contexts.items[i]);
    for (size_t i = 0; i < kc->files.len; i++)
        free(kc->files.items[i]);
    vec_free(&kc->clusters);
    vec_free(&kc->users);
    vec_free(&kc->contexts);
    vec_free(&kc->files);
    free(kc->current_context);
    free(kc->service_host);
    free(kc->service_port);
    free(kc->pod_namespace);
    free(kc->root);
    free(kc);
}

size_t
kubeconfig_context_count(const struct kubeconfig *kc)
{
    return kc->contexts.len;
}

const char *
kubeconfig_context_name(const struct kubeconfig *kc, size_t i)
{
    return i < kc->contexts.len ? kc->contexts.items[i].name : "";
}

const char *
kubeconfig_current_context(const struct kubeconfig *kc)
{
    return kc->current_context ? kc->current_context : "";
}

const char *const *
kubeconfig_files(const struct kubeconfig *kc, size_t *count)
{
    *count = kc->files.len;
    return (const char *const *)kc->files.items;
}
