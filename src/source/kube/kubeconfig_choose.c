/* kubeconfig_choose: the context, cluster and user that files and flags choose, and whether they
 * are usable.
 *
 * Messages are clientcmd's own, so that people find them.
 * Ref: client-go tools/clientcmd/client_config.go (getContext, getCluster, getAuthInfo,
 * ConfirmUsable), validation.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "kubeconfig_choose.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/base/strbuf.h"

#define KC_NO_CONFIGURATION                                                                        \
    "no configuration has been provided, try setting KUBERNETES_MASTER environment variable"

/* --- choosing --- */

static const char *
kc_first(const char *a, const char *b)
{
    return a && a[0] ? a : b ? b : "";
}

static void
kc_override(char **field, const char *flag)
{
    /* Borrowed: a choice frees nothing. */
    if (flag && flag[0])
        *field = (char *)flag;
}

static void
kc_choose_cluster(const struct kubeconfig *kc, const struct kubeconfig_flags *flags,
                  struct kc_choice *c)
{
    const struct kc_cluster *found = kc_find_cluster(kc, c->cluster_name);
    c->cluster_missing = !found && flags->cluster && flags->cluster[0];
    if (found)
        c->cluster = *found;
    if (c->cluster_missing)
        return;
    bool has_server = flags->server && flags->server[0];
    bool has_name = flags->tls_server_name && flags->tls_server_name[0];
    bool has_ca = flags->certificate_authority && flags->certificate_authority[0];
    c->cluster_empty =
        !found && !has_server && !has_name && !has_ca && !flags->insecure_skip_tls_verify;
    kc_override(&c->cluster.server, flags->server);
    /* Another server has another name; a CA and "do not check" exclude each other. */
    if (has_server || has_name)
        c->cluster.tls_server_name = has_name ? (char *)flags->tls_server_name : NULL;
    if (has_ca || flags->insecure_skip_tls_verify) {
        c->cluster.ca_data = NULL;
        c->cluster.ca_file = has_ca ? (char *)flags->certificate_authority : NULL;
        c->cluster.insecure = flags->insecure_skip_tls_verify;
    }
}

static void
kc_choose_user(const struct kubeconfig *kc, const struct kubeconfig_flags *flags,
               struct kc_choice *c)
{
    const struct kc_user *found = kc_find_user(kc, c->user_name);
    c->user_missing = !found && flags->user && flags->user[0];
    if (found)
        c->user = *found;
    if (c->user_missing)
        return;
    kc_override(&c->user.token, flags->token);
    kc_override(&c->user.as, flags->as);
    kc_override(&c->user.as_uid, flags->as_uid);
    if (flags->as_groups && flags->as_groups[0])
        c->user.as_groups = (char **)flags->as_groups;
}

struct kc_choice
kc_choose(const struct kubeconfig *kc, const struct kubeconfig_flags *flags)
{
    static const struct kubeconfig_flags none = {0};
    struct kc_choice c = {0};
    if (!flags)
        flags = &none;
    c.context_name = kc_first(flags->context, kc->current_context);
    const struct kc_context *context = kc_find_context(kc, c.context_name);
    c.context_found = context != NULL;
    c.context_missing = !context && flags->context && flags->context[0];
    c.cluster_name = kc_first(flags->cluster, context ? context->cluster : NULL);
    c.user_name = kc_first(flags->user, context ? context->user : NULL);
    const char *ns = kc_first(flags->ns, context ? context->ns : NULL);
    c.ns = ns[0] ? ns : NULL;
    kc_choose_cluster(kc, flags, &c);
    kc_choose_user(kc, flags, &c);
    return c;
}

/* --- validating --- */

struct kc_errors {
    VEC(char *) texts;
};

static void kc_error(struct kc_errors *e, const char *fmt, ...) IW_PRINTF(2, 3);

/* Add one; a text that is there already is dropped (as utilerrors.Aggregate prints it once). */
static void
kc_error(struct kc_errors *e, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    for (size_t i = 0; i < e->texts.len; i++)
        if (strcmp(e->texts.items[i], text) == 0)
            return;
    vec_push(&e->texts, iw_strdup(text));
}

static void
kc_check_readable(struct kc_errors *e, const char *what, const char *file, const char *owner)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) {
        close(fd);
        return;
    }
    char why[128];
    kc_errno_text(errno, why, sizeof(why));
    kc_error(e, "unable to read %s %s for %s due to open %s: %s", what, file, owner, file, why);
}

static void
kc_check_certificate(struct kc_errors *e, const char *name, const struct kc_user *u)
{
    if (!u->cert_file && !u->cert_data)
        return;
    if (u->cert_file && u->cert_data)
        kc_error(e,
                 "client-cert-data and client-cert are both specified for %s. client-cert-data "
                 "will override.",
                 name);
    if (u->key_file && u->key_data)
        kc_error(e,
                 "client-key-data and client-key are both specified for %s; client-key-data will "
                 "override",
                 name);
    if (!u->key_file && !u->key_data)
        kc_error(e,
                 "client-key-data or client-key must be specified for %s to use the clientCert "
                 "authentication method.",
                 name);
    if (u->cert_file)
        kc_check_readable(e, "client-cert", u->cert_file, name);
    if (u->key_file)
        kc_check_readable(e, "client-key", u->key_file, name);
}

static void
kc_check_exec(struct kc_errors *e, const char *name, const struct kc_user *u)
{
    static const char use[] = "to use exec authentication plugin";
    const struct kube_exec *exec = u->exec;
    if (!exec)
        return;
    if (u->auth_provider)
        kc_error(e, "authProvider cannot be provided in combination with an exec plugin for %s",
                 name);
    if (!exec->command[0])
        kc_error(e, "command must be specified for %s %s", name, use);
    if (!exec->api_version[0])
        kc_error(e, "apiVersion must be specified for %s %s", name, use);
    for (size_t i = 0; exec->env_names && exec->env_names[i]; i++)
        if (!exec->env_names[i][0])
            kc_error(e, "env variable name must be specified for %s %s", name, use);
    const char *mode = exec->interactive_mode;
    if (!mode[0])
        kc_error(e, "interactiveMode must be specified for %s %s", name, use);
    else if (strcmp(mode, "Never") != 0 && strcmp(mode, "IfAvailable") != 0 &&
             strcmp(mode, "Always") != 0)
        kc_error(e, "invalid interactiveMode for %s: \"%s\"", name, mode);
}

static void
kc_check_user(struct kc_errors *e, const char *name, const struct kc_user *u)
{
    kc_check_certificate(e, name, u);
    kc_check_exec(e, name, u);
    if (u->token && (u->username || u->password))
        kc_error(e,
                 "more than one authentication method found for %s; found [token basicAuth], only "
                 "one is allowed",
                 name);
    bool has_groups = u->as_groups && u->as_groups[0];
    if (!u->as && (u->as_uid || has_groups || u->as_extra.len > 0))
        kc_error(e, "requesting uid, groups or user-extra for %s without impersonating a user",
                 name);
}

/* http, https or socks5 (parseProxyURL). */
static void
kc_check_proxy(struct kc_errors *e, const char *name, const char *url)
{
    size_t len = strcspn(url, ":/?#");
    bool has_scheme = url[len] == ':' && len > 0;
    char scheme[32];
    snprintf(scheme, sizeof(scheme), "%.*s", (int)(has_scheme ? len : 0), url);
    if (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0 ||
        strcmp(scheme, "socks5") == 0)
        return;
    /* Not the URL itself beyond its scheme when it carries a password. */
    bool secret = strchr(url, '@') != NULL;
    kc_error(e,
             "invalid 'proxy-url' \"%s\" for cluster \"%s\": unsupported scheme \"%s\", must be "
             "http, https, or socks5",
             secret ? "(with credentials)" : url, name, scheme);
}

static void
kc_check_cluster(struct kc_errors *e, const char *name, const struct kc_cluster *c)
{
    if (!c->server && !name[0])
        kc_error(e, "default cluster has no server defined");
    else if (!c->server)
        kc_error(e, "no server found for cluster \"%s\"", name);
    if (c->proxy_url)
        kc_check_proxy(e, name, c->proxy_url);
    if (c->ca_file && c->ca_data)
        kc_error(e,
                 "certificate-authority-data and certificate-authority are both specified for %s. "
                 "certificate-authority-data will override.",
                 name);
    if (c->ca_file)
        kc_check_readable(e, "certificate-authority", c->ca_file, name);
}

enum iw_err
kc_validate(const struct kubeconfig *kc, const struct kc_choice *choice, bool *is_empty,
            struct iw_error *err)
{
    struct kc_errors e = {0};
    (void)kc;
    if (choice->context_name[0] && !choice->context_found)
        kc_error(&e, "context was not found for specified context: %s", choice->context_name);
    kc_check_user(&e, choice->user_name, &choice->user);
    if (choice->cluster_empty)
        kc_error(&e, "cluster has no server defined");
    else
        kc_check_cluster(&e, choice->cluster_name, &choice->cluster);
    *is_empty = e.texts.len == 1 && choice->cluster_empty;
    enum iw_err rc = IW_OK;
    if (*is_empty) {
        rc = iw_fail(err, IW_ERR_NO_KUBECONFIG, "invalid configuration: " KC_NO_CONFIGURATION);
    } else if (e.texts.len > 0) {
        strbuf_auto all;
        strbuf_init(&all, 0);
        for (size_t i = 0; i < e.texts.len; i++)
            strbuf_addf(&all, "%s%s", i ? ", " : "", e.texts.items[i]);
        bool several = e.texts.len > 1;
        rc = iw_fail(err, IW_ERR_CONFIG, "invalid configuration: %s%s%s", several ? "[" : "",
                     all.data, several ? "]" : "");
    }
    for (size_t i = 0; i < e.texts.len; i++)
        free(e.texts.items[i]);
    vec_free(&e.texts);
    return rc;
}
