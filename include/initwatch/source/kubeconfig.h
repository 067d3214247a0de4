/* kubeconfig: merge files, pick a context, produce a client configuration. SEMANTICS G.6.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_KUBECONFIG_H
#define INITWATCH_SOURCE_KUBECONFIG_H

#include "initwatch/base/error.h"
#include "initwatch/net/http.h"

struct kubeconfig; /* merged files */

/* What the command line overrides; NULL (or false) for what was not given. */
struct kubeconfig_flags {
    const char *kubeconfig; /* --kubeconfig PATH */
    const char *context, *cluster, *user, *ns, *server;
    const char *as, *as_uid;
    const char *const *as_groups; /* NULL-terminated, may be NULL */
    const char *token, *tls_server_name, *certificate_authority;
    bool insecure_skip_tls_verify;
};
/* Environment, so that tests need none of their own. NULL members: absent. */
struct kubeconfig_env {
    const char *kubeconfig;                  /* $KUBECONFIG */
    const char *home;                        /* $HOME */
    const char *service_host, *service_port; /* in-cluster */
    const char *pod_namespace;
    const char *root; /* prefix of /var/run/secrets/..., "" in production */
};
struct kubeconfig_env kubeconfig_env_system(void);

/* New in *out. Errors name file, line and what was expected; they never hold a value of the file.
 * IW_ERR_NO_KUBECONFIG when there is none at all and neither --server nor a cluster around this
 * process stands in for it. Strings of env and flags need not outlive the call. */
IW_NODISCARD enum iw_err kubeconfig_load(const struct kubeconfig_flags *flags,
                                         const struct kubeconfig_env *env, struct kubeconfig **out,
                                         struct iw_error *err);
void kubeconfig_free(struct kubeconfig *kc);
/* Names in file order; borrowed. */
size_t kubeconfig_context_count(const struct kubeconfig *kc);
const char *kubeconfig_context_name(const struct kubeconfig *kc, size_t i);
/* What the files say, "" when nothing; --context is not looked at. */
const char *kubeconfig_current_context(const struct kubeconfig *kc);
/* Files that were read (for mtime watching and messages); borrowed, count in *count. */
const char *const *kubeconfig_files(const struct kubeconfig *kc, size_t *count);

/* The namespace that flags and files choose, new in *ns; it can be known although the rest is not
 * usable. */
IW_NODISCARD enum iw_err kubeconfig_namespace(const struct kubeconfig *kc,
                                              const struct kubeconfig_flags *flags, char **ns,
                                              struct iw_error *err);

/* A credential plugin: what the kubeconfig says about it. */
struct kube_exec {
    char *api_version, *command, *install_hint, *interactive_mode; /* never NULL */
    char **args;                                                   /* NULL-terminated */
    char **env_names, **env_values; /* NULL-terminated, of the same length */
    char *cluster_config;           /* JSON text of the cluster's extension, NULL when absent */
    bool provide_cluster_info;
};

/* A chosen context, ready to connect. All strings owned by it; the first lines are never NULL. */
struct kube_client_config {
    char *context, *cluster, *user, *ns; /* ns: "default" when nothing says otherwise */
    char *server;                        /* as kubectl shows it */
    char *base_url;                      /* with a scheme, without query and trailing slash */
    char *ca_pem, *cert_pem, *key_pem;   /* contents; NULL when absent */
    char *ca_file, *cert_file,
        *key_file; /* where they were read from; NULL when they are data or absent */
    char *token, *token_file, *username, *password, *tls_server_name,
        *proxy_url; /* NULL when absent */
    char *bearer; /* what to send now: the content of token_file if it can be read, else token; NULL
                     when absent */
    bool insecure, no_compression, in_cluster;
    bool auth_provider; /* the user has nothing but a legacy auth-provider, which no client runs */
    char *exec_command; /* exec->command when it is run: no other credentials; else NULL */
    struct kube_exec *exec; /* NULL when absent */
    char **headers;         /* impersonation, NULL-terminated; NULL when none */
};
/* Unknown context: IW_ERR_CONFIG, the message lists the nearest names. New in *out (free with
 * kube_client_config_free). Credentials and TLS settings are used for https only, as kubectl does.
 */
IW_NODISCARD enum iw_err kubeconfig_client(const struct kubeconfig *kc,
                                           const struct kubeconfig_flags *flags,
                                           struct kube_client_config **out, struct iw_error *err);
void kube_client_config_free(struct kube_client_config *c);
/* Borrowed view for http_client_new, valid as long as c. */
struct http_config kube_client_http(const struct kube_client_config *c);

/* A copy of a token file is good for so long. Ref: client-go transport/token_source.go, one minute
 * minus 10 s leeway. */
#define KUBE_TOKEN_FILE_FRESH_MS 50000
/* Read a token file, white space trimmed; new in *out. An empty file or one with control bytes is
 * IW_ERR_CONFIG. */
IW_NODISCARD enum iw_err kube_token_file_read(const char *path, char **out, struct iw_error *err);
/* A token that is read again when it is older than KUBE_TOKEN_FILE_FRESH_MS. `= {0}` has read
 * nothing. */
struct kube_token {
    char *text; /* last good content, NULL none */
    int64_t read_at_ms;
};
/* Read when due. True when text is another one than before; an unreadable file keeps the last good
 * one. */
bool kube_token_refresh(struct kube_token *token, const char *path, int64_t now_ms);
void kube_token_free(struct kube_token *token);

#endif
