/* kubeconfig_parts: what the files of a kubeconfig hold. Internal to kubeconfig_*.c.
 *
 * Strings are owned, and NULL when absent or empty: clientcmd makes no difference between the two.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_KUBECONFIG_PARTS_H
#define IW_SOURCE_KUBE_KUBECONFIG_PARTS_H

#include "initwatch/base/vec.h"
#include "initwatch/source/kubeconfig.h"

struct kc_cluster {
    char *name, *server, *tls_server_name, *proxy_url;
    char *ca_file, *ca_data; /* data: decoded */
    char *exec_config;       /* JSON text of the extension for exec plugins */
    bool insecure, no_compression;
};

struct kc_extra {
    char *key;
    char **values; /* NULL-terminated */
};

struct kc_user {
    char *name, *token, *token_file, *username, *password;
    char *cert_file, *cert_data, *key_file, *key_data; /* data: decoded */
    char *as, *as_uid;
    char **as_groups; /* NULL-terminated, may be NULL */
    VEC(struct kc_extra) as_extra;
    struct kube_exec *exec;
    bool auth_provider;
};

struct kc_context {
    char *name, *cluster, *user, *ns;
};

struct kubeconfig {
    VEC(struct kc_cluster) clusters;
    VEC(struct kc_user) users;
    VEC(struct kc_context) contexts;
    VEC(char *) files;
    char *current_context; /* NULL when none says one */
    /* the cluster around this process */
    bool in_cluster_possible;
    char *service_host, *service_port, *pod_namespace, *root;
};

#define SERVICE_ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount"

const struct kc_cluster *kc_find_cluster(const struct kubeconfig *kc, const char *name);
const struct kc_user *kc_find_user(const struct kubeconfig *kc, const char *name);
const struct kc_context *kc_find_context(const struct kubeconfig *kc, const char *name);

/* Read one file into kc; entries whose name is there already are dropped. kubeconfig_file.c */
IW_NODISCARD enum iw_err kc_load_file(struct kubeconfig *kc, const char *path,
                                      struct iw_error *err);
void kc_cluster_free(struct kc_cluster *c);
void kc_user_free(struct kc_user *u);
void kc_context_free(struct kc_context *c);

/* kubeconfig_util.c */
/* `path` as it is when absolute, else under dir and cleaned ("a/../b" is "b"). New. */
char *kc_path_join(const char *dir, const char *path) IW_NODISCARD;
/* The folder of a file, absolute. New. */
char *kc_path_dir(const char *file) IW_NODISCARD;
/* New text of len bytes in *out (NUL-terminated); false when text is no base64. */
bool kc_base64_decode(const char *text, char **out);
/* errno's text as Go writes it ("no such file or directory"). out ends in NUL. */
void kc_errno_text(int sys_errno, char *out, size_t out_size);
char **kc_strings_copy(const char *const *strings) IW_NODISCARD; /* NULL gives NULL */
void kc_strings_free(char **strings);
char *kc_strdup(const char *text) IW_NODISCARD; /* NULL gives NULL */
/* Overwritten before it is given back: keys and tokens do not stay in freed memory. NULL is fine. */
void kc_free_secret(char *text);
void kc_exec_free(struct kube_exec *exec);
struct kube_exec *kc_exec_copy(const struct kube_exec *exec) IW_NODISCARD;
/* Append "; did you mean ...?" with the nearest of `count` names that name_at gives. */
void kc_suggest(struct iw_error *err, const char *wanted, size_t count,
                const char *(*name_at)(const void *ctx, size_t i), const void *ctx);

#endif
