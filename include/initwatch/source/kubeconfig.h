/* kubeconfig: merge files, pick a context, produce a client configuration. SEMANTICS G.6.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_KUBECONFIG_H
#define INITWATCH_SOURCE_KUBECONFIG_H

#include "initwatch/base/error.h"
#include "initwatch/net/http.h"

struct kubeconfig; /* merged files */

/* What the command line overrides; NULL for what was not given. */
struct kubeconfig_flags {
    const char *kubeconfig; /* --kubeconfig PATH */
    const char *context, *cluster, *user, *ns, *server;
    const char *as;
    const char *const *as_groups; /* NULL-terminated, may be NULL */
};
/* Environment, so that tests need none of their own. NULL members: absent. */
struct kubeconfig_env {
    const char *kubeconfig;   /* $KUBECONFIG */
    const char *home;         /* $HOME */
    const char *service_host, *service_port; /* in-cluster */
    const char *pod_namespace;
    const char *root;         /* prefix of /var/run/secrets/..., "" in production */
};
struct kubeconfig_env kubeconfig_env_system(void);

/* New in *out. Errors name file, line and what was expected; IW_ERR_NO_KUBECONFIG when there is none at all. */
IW_NODISCARD enum iw_err kubeconfig_load(const struct kubeconfig_flags *flags,
                                         const struct kubeconfig_env *env, struct kubeconfig **out,
                                         struct iw_error *err);
void kubeconfig_free(struct kubeconfig *kc);
/* Names in file order; borrowed. */
size_t kubeconfig_context_count(const struct kubeconfig *kc);
const char *kubeconfig_context_name(const struct kubeconfig *kc, size_t i);
const char *kubeconfig_current_context(const struct kubeconfig *kc);
/* Files that were read (for mtime watching and messages); borrowed, count in *count. */
const char *const *kubeconfig_files(const struct kubeconfig *kc, size_t *count);

/* A chosen context, ready to connect. All strings owned by it, never NULL. */
struct kube_client_config {
    char *context, *cluster, *user, *ns; /* ns: "default" when nothing says otherwise */
    char *server;
    char *ca_pem, *cert_pem, *key_pem;   /* contents; NULL when absent */
    char *token, *token_file, *username, *password, *tls_server_name, *proxy_url; /* NULL when absent */
    bool insecure, no_compression, in_cluster;
    char *exec_command;                  /* exec plugin: NULL when absent (its run follows in a later issue) */
    char **headers;                      /* impersonation, NULL-terminated; NULL when none */
};
/* Unknown context: IW_ERR_CONFIG, the message lists the nearest names. New in *out (free with kube_client_config_free). */
IW_NODISCARD enum iw_err kubeconfig_client(const struct kubeconfig *kc,
                                           const struct kubeconfig_flags *flags,
                                           struct kube_client_config **out, struct iw_error *err);
void kube_client_config_free(struct kube_client_config *c);
/* Borrowed view for http_client_new, valid as long as c. */
struct http_config kube_client_http(const struct kube_client_config *c);

#endif
