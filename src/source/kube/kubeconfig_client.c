/* kubeconfig_client: a chosen context as the configuration of an HTTP client.
 *
 * Ref: client-go tools/clientcmd/client_config.go (ClientConfig, Namespace), rest/config.go
 * (InClusterConfig).
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/data/yaml_json.h"

#include "kubeconfig_choose.h"

/* --- namespace --- */

/* rest.InClusterConfig's namespace: the environment, the service account, "default". New. */
static char *
kc_in_cluster_namespace(const struct kubeconfig *kc)
{
    if (kc->pod_namespace && kc->pod_namespace[0])
        return iw_strdup(kc->pod_namespace);
    iw_autofree char *path = iw_asprintf("%s" SERVICE_ACCOUNT_DIR "/namespace", kc->root);
    char *ns = NULL;
    if (kube_token_file_read(path, &ns, NULL) == IW_OK)
        return ns;
    return iw_strdup("default");
}

enum iw_err
kubeconfig_namespace(const struct kubeconfig *kc, const struct kubeconfig_flags *flags, char **ns,
                     struct iw_error *err)
{
    if (flags && flags->ns && flags->ns[0]) {
        *ns = iw_strdup(flags->ns);
        return IW_OK;
    }
    struct kc_choice choice = kc_choose(kc, flags);
    bool is_empty;
    enum iw_err rc = kc_validate(kc, &choice, &is_empty, err);
    if (rc != IW_OK && !(is_empty && kc->in_cluster_possible))
        return rc;
    if (choice.ns)
        *ns = iw_strdup(choice.ns);
    else
        *ns = kc->in_cluster_possible ? kc_in_cluster_namespace(kc) : iw_strdup("default");
    return IW_OK;
}

/* --- server --- */

/* Where the path of an absolute URL begins, or NULL when it is none. */
static const char *
kc_url_path(const char *url)
{
    const char *separator = strstr(url, "://");
    if (!separator || separator == url || separator[3] == '\0' || separator[3] == '/')
        return NULL;
    return separator + 3 + strcspn(separator + 3, "/?#");
}

/* The server as clientcmd keeps it: query and fragment are cut off, but only when there is a path.
 * New. */
static char *
kc_server_text(const char *server)
{
    const char *path = kc_url_path(server);
    if (!path || path[0] != '/' || strcspn(path, "?#") <= 1)
        return iw_strdup(server);
    return iw_strndup(server, (size_t)(path - server) + strcspn(path, "?#"));
}

/* What requests are made from: without a scheme it is plain HTTP (rest.DefaultServerURL). New. */
static enum iw_err
kc_base_url(const char *server, char **out, struct iw_error *err)
{
    bool has_scheme = kc_url_path(server) != NULL;
    char *url = has_scheme ? iw_strdup(server) : iw_asprintf("http://%s", server);
    const char *path = kc_url_path(url);
    if (!path || (!has_scheme && path[0] == '/' && path[1] != '\0')) {
        free(url);
        return iw_fail(err, IW_ERR_CONFIG, "host must be a URL or a host:port pair: \"%s\"",
                       server);
    }
    size_t len = (size_t)(path - url) + strcspn(path, "?#");
    while (len > 0 && url[len - 1] == '/')
        len--;
    url[len] = '\0';
    *out = url;
    return IW_OK;
}

/* --- credentials --- */

/* File or data, data first; NULL when neither. *origin gets the path of a file. */
static enum iw_err
kc_material(const char *data, const char *file, char **out, char **origin, struct iw_error *err)
{
    if (data) {
        *out = iw_strdup(data);
        return IW_OK;
    }
    if (!file)
        return IW_OK;
    *origin = iw_strdup(file);
    return file_read_all(file, LIMIT_CONFIG_FILE_BYTES, out, NULL, err);
}

static enum iw_err
kc_apply_token(const struct kc_user *u, struct kube_client_config *c, struct iw_error *err)
{
    c->token_file = kc_strdup(u->token_file);
    c->token = kc_strdup(u->token);
    if (!u->token_file) {
        c->bearer = kc_strdup(u->token);
        return IW_OK;
    }
    struct iw_error why = {0};
    enum iw_err rc = kube_token_file_read(u->token_file, &c->bearer, &why);
    if (rc == IW_OK) {
        if (!c->token)
            c->token = iw_strdup(c->bearer);
        return IW_OK;
    }
    if (u->token) {
        /* The token is what is left; the file may come later. */
        c->bearer = iw_strdup(u->token);
        return IW_OK;
    }
    if (rc != IW_ERR_NOT_FOUND && rc != IW_ERR_IO)
        return iw_fail(err, rc, "%s", why.msg);
    char text[128];
    kc_errno_text(why.sys_errno, text, sizeof(text));
    return iw_fail(err, IW_ERR_CONFIG, "open %s: %s", u->token_file, text);
}

static enum iw_err
kc_apply_user(const struct kc_choice *choice, struct kube_client_config *c, struct iw_error *err)
{
    const struct kc_user *u = &choice->user;
    enum iw_err rc = kc_apply_token(u, c, err);
    if (rc == IW_OK && (u->cert_file || u->cert_data)) {
        rc = kc_material(u->cert_data, u->cert_file, &c->cert_pem, &c->cert_file, err);
        if (rc == IW_OK)
            rc = kc_material(u->key_data, u->key_file, &c->key_pem, &c->key_file, err);
    }
    c->username = kc_strdup(u->username);
    c->password = kc_strdup(u->password);
    c->auth_provider = u->auth_provider && !c->bearer && !c->username && !c->cert_pem;
    c->exec = kc_exec_copy(u->exec);
    if (c->exec) {
        /* client-go does not run it when something else identifies the user
         * (plugin/pkg/client/auth/exec). */
        bool identified = c->bearer || c->username || c->password || c->cert_pem;
        c->exec_command = identified ? NULL : iw_strdup(c->exec->command);
        c->exec->cluster_config = kc_strdup(choice->cluster.exec_config);
    }
    return rc;
}

static enum iw_err
kc_apply_tls(const struct kc_cluster *cluster, struct kube_client_config *c, struct iw_error *err)
{
    c->insecure = cluster->insecure;
    c->tls_server_name = kc_strdup(cluster->tls_server_name);
    /* transport.TLSConfigFor refuses it in these words. */
    if (cluster->insecure && (cluster->ca_file || cluster->ca_data))
        return iw_fail(err, IW_ERR_CONFIG,
                       "specifying a root certificates file with the insecure flag is not allowed");
    return kc_material(cluster->ca_data, cluster->ca_file, &c->ca_pem, &c->ca_file, err);
}

/* --- impersonation --- */

/* Bytes that a header's name may hold; others and '%' are escaped (transport/round_trippers.go). */
static void
kc_escape_header_name(struct strbuf *b, const char *name)
{
    static const char legal[] = "!#$&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz";
    for (; *name; name++) {
        if (strchr(legal, *name))
            strbuf_addc(b, *name);
        else
            strbuf_addf(b, "%%%02X", (unsigned char)*name);
    }
}

struct kc_headers {
    VEC(char *) lines;
    bool broken; /* a value would end the header line */
};

static void
kc_header(struct kc_headers *h, const char *name, const char *suffix, const char *value)
{
    strbuf_auto line;
    strbuf_init(&line, 0);
    strbuf_adds(&line, name);
    kc_escape_header_name(&line, suffix);
    strbuf_addf(&line, ": %s", value);
    if (strpbrk(value, "\r\n"))
        h->broken = true;
    vec_push(&h->lines, strbuf_take(&line));
}

static enum iw_err
kc_apply_impersonation(const struct kc_user *u, struct kube_client_config *c, struct iw_error *err)
{
    struct kc_headers h = {0};
    if (!u->as)
        return IW_OK;
    kc_header(&h, "Impersonate-User", "", u->as);
    if (u->as_uid)
        kc_header(&h, "Impersonate-Uid", "", u->as_uid);
    for (size_t i = 0; u->as_groups && u->as_groups[i]; i++)
        kc_header(&h, "Impersonate-Group", "", u->as_groups[i]);
    for (size_t i = 0; i < u->as_extra.len; i++) {
        const struct kc_extra *extra = &u->as_extra.items[i];
        for (size_t k = 0; extra->values && extra->values[k]; k++)
            kc_header(&h, "Impersonate-Extra-", extra->key, extra->values[k]);
    }
    vec_push(&h.lines, NULL);
    c->headers = h.lines.items;
    return h.broken ? iw_fail(err, IW_ERR_CONFIG, "impersonation: a name holds a line break")
                    : IW_OK;
}

/* --- the whole --- */

static enum iw_err
kc_fill(const struct kc_choice *choice, struct kube_client_config *c, struct iw_error *err)
{
    const struct kc_cluster *cluster = &choice->cluster;
    c->context = iw_strdup(choice->context_name);
    c->cluster = iw_strdup(choice->cluster_name);
    c->user = iw_strdup(choice->user_name);
    c->server = kc_server_text(cluster->server);
    c->proxy_url = kc_strdup(cluster->proxy_url);
    c->no_compression = cluster->no_compression;
    enum iw_err rc = kc_base_url(c->server, &c->base_url, err);
    if (rc == IW_OK)
        rc = kc_apply_impersonation(&choice->user, c, err);
    /* Credentials never go over plain HTTP. */
    bool is_tls = rc == IW_OK && strncasecmp(c->base_url, "https://", 8) == 0;
    if (is_tls)
        rc = kc_apply_user(choice, c, err);
    if (is_tls && rc == IW_OK)
        rc = kc_apply_tls(cluster, c, err);
    return rc;
}

static enum iw_err
kc_fill_in_cluster(const struct kubeconfig *kc, const struct kubeconfig_flags *flags,
                   struct kube_client_config *c, struct iw_error *err)
{
    bool is_ipv6 = strchr(kc->service_host, ':') != NULL;
    bool has_server = flags && flags->server && flags->server[0];
    bool has_token = flags && flags->token && flags->token[0];
    bool has_ca = flags && flags->certificate_authority && flags->certificate_authority[0];
    c->in_cluster = true;
    c->context = iw_strdup("in-cluster");
    c->cluster = iw_strdup("");
    c->user = iw_strdup("");
    c->server = has_server ? iw_strdup(flags->server)
                           : iw_asprintf("https://%s%s%s:%s", is_ipv6 ? "[" : "", kc->service_host,
                                         is_ipv6 ? "]" : "", kc->service_port);
    c->ca_file = has_ca ? iw_strdup(flags->certificate_authority)
                        : iw_asprintf("%s" SERVICE_ACCOUNT_DIR "/ca.crt", kc->root);
    struct iw_error why = {0};
    if (file_read_all(c->ca_file, LIMIT_CONFIG_FILE_BYTES, &c->ca_pem, NULL, &why) != IW_OK) {
        LOG_WARN("CA of the cluster not read: %s", why.msg);
        free(c->ca_file);
        c->ca_file = NULL;
    }
    enum iw_err rc = kc_base_url(c->server, &c->base_url, err);
    if (rc == IW_OK && has_token) {
        c->token = iw_strdup(flags->token);
        c->bearer = iw_strdup(flags->token);
    } else if (rc == IW_OK) {
        c->token_file = iw_asprintf("%s" SERVICE_ACCOUNT_DIR "/token", kc->root);
        rc = kube_token_file_read(c->token_file, &c->bearer, err);
        c->token = kc_strdup(c->bearer);
    }
    return rc;
}

static const char *
kc_context_at(const void *ctx, size_t i)
{
    return ((const struct kubeconfig *)ctx)->contexts.items[i].name;
}
static const char *
kc_cluster_at(const void *ctx, size_t i)
{
    return ((const struct kubeconfig *)ctx)->clusters.items[i].name;
}
static const char *
kc_user_at(const void *ctx, size_t i)
{
    return ((const struct kubeconfig *)ctx)->users.items[i].name;
}

/* A name given by a flag that no file has: in the order in which clientcmd looks. */
static enum iw_err
kc_check_names(const struct kubeconfig *kc, const struct kc_choice *choice, struct iw_error *err)
{
    if (choice->user_missing) {
        iw_fail(err, IW_ERR_CONFIG, "auth info \"%s\" does not exist", choice->user_name);
        kc_suggest(err, choice->user_name, kc->users.len, kc_user_at, kc);
        return IW_ERR_CONFIG;
    }
    if (choice->context_missing) {
        iw_fail(err, IW_ERR_CONFIG, "context \"%s\" does not exist", choice->context_name);
        kc_suggest(err, choice->context_name, kc->contexts.len, kc_context_at, kc);
        return IW_ERR_CONFIG;
    }
    if (choice->cluster_missing) {
        iw_fail(err, IW_ERR_CONFIG, "cluster \"%s\" does not exist", choice->cluster_name);
        kc_suggest(err, choice->cluster_name, kc->clusters.len, kc_cluster_at, kc);
        return IW_ERR_CONFIG;
    }
    return IW_OK;
}

/* clientcmd says only that there is no configuration: which part of it is missing stands behind. */
static void
kc_explain_empty(const struct kubeconfig *kc, const struct kc_choice *choice, struct iw_error *err)
{
    if (!err)
        return;
    struct iw_error before = *err;
    if (choice->context_found && choice->cluster_name[0]) {
        iw_fail(err, before.code,
                "%.200s; context \"%.60s\" names the cluster \"%.60s\", which is in no file",
                before.msg, choice->context_name, choice->cluster_name);
        kc_suggest(err, choice->cluster_name, kc->clusters.len, kc_cluster_at, kc);
    } else if (choice->context_found) {
        iw_fail(err, before.code, "%.200s; context \"%.60s\" names no cluster", before.msg,
                choice->context_name);
    } else if (kc->contexts.len > 0) {
        iw_fail(err, before.code,
                "%.200s; no current-context is set: pass --context NAME, such as \"%.80s\"",
                before.msg, kc_context_at(kc, 0));
    } else {
        iw_fail(err, before.code, "%.200s; \"%.120s\" holds no contexts", before.msg,
                kc->files.len ? kc->files.items[0] : "");
    }
}

enum iw_err
kubeconfig_client(const struct kubeconfig *kc, const struct kubeconfig_flags *flags,
                  struct kube_client_config **out, struct iw_error *err)
{
    struct kc_choice choice = kc_choose(kc, flags);
    bool is_empty = false;
    enum iw_err rc = kc_check_names(kc, &choice, err);
    if (rc == IW_OK)
        rc = kc_validate(kc, &choice, &is_empty, err);
    bool in_cluster = is_empty && kc->in_cluster_possible;
    if (rc != IW_OK && !in_cluster) {
        if (choice.context_name[0] && !choice.context_found && !choice.context_missing)
            kc_suggest(err, choice.context_name, kc->contexts.len, kc_context_at, kc);
        if (is_empty)
            kc_explain_empty(kc, &choice, err);
        return rc;
    }
    struct kube_client_config *c = iw_calloc(1, sizeof(*c));
    rc = in_cluster ? kc_fill_in_cluster(kc, flags, c, err) : kc_fill(&choice, c, err);
    if (rc == IW_OK)
        rc = kubeconfig_namespace(kc, flags, &c->ns, err);
    if (rc == IW_OK)
        *out = c;
    else
        kube_client_config_free(c);
    return rc;
}

void
kube_client_config_free(struct kube_client_config *c)
{
    if (!c)
        return;
    char *texts[] = {c->context,         c->cluster,   c->user,       c->ns,
                     c->server,          c->base_url,  c->ca_pem,     c->cert_pem,
                     c->ca_file,         c->cert_file, c->key_file,   c->username,
                     c->tls_server_name, c->proxy_url, c->token_file, c->exec_command};
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        free(texts[i]);
    kc_free_secret(c->key_pem);
    kc_free_secret(c->token);
    kc_free_secret(c->bearer);
    kc_free_secret(c->password);
    kc_exec_free(c->exec);
    kc_strings_free(c->headers);
    free(c);
}

struct http_config
kube_client_http(const struct kube_client_config *c)
{
    return (struct http_config){
        .base_url = c->base_url,
        .ca_pem = c->ca_pem,
        .cert_pem = c->cert_pem,
        .key_pem = c->key_pem,
        .tls_server_name = c->tls_server_name,
        .insecure = c->insecure,
        .username = c->username,
        .password = c->password,
        .bearer_token = c->bearer,
        .proxy_url = c->proxy_url,
        .headers = (const char *const *)c->headers,
        .no_compression = c->no_compression,
    };
}
