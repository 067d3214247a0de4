/* exec_answer: ExecCredential, both ways. Ref: k8s.io/client-go/pkg/apis/clientauthentication/v1.
 * SPDX-License-Identifier: Apache-2.0 */
#include "exec_answer.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/base64.h"
#include "initwatch/base/clock.h"
#include "initwatch/data/json_member.h"
#include "kubeconfig_parts.h"

/* --- what it is told --- */

static void
put_text(json_t *object, const char *member, const char *text)
{
    if (text && text[0])
        json_object_set_new(object, member, json_string(text));
}

static json_t *
cluster_new(const struct kube_client_config *c)
{
    json_t *cluster = json_object();
    put_text(cluster, "server", c->server);
    put_text(cluster, "tls-server-name", c->tls_server_name);
    if (c->insecure)
        json_object_set_new(cluster, "insecure-skip-tls-verify", json_true());
    if (c->ca_pem) {
        iw_autofree char *data = base64_encode(c->ca_pem, strlen(c->ca_pem));
        put_text(cluster, "certificate-authority-data", data);
    }
    put_text(cluster, "proxy-url", c->proxy_url);
    if (c->no_compression)
        json_object_set_new(cluster, "disable-compression", json_true());
    if (c->exec->cluster_config)
        json_object_set_new(cluster, "config",
                            json_loads(c->exec->cluster_config, JSON_DECODE_ANY, NULL));
    return cluster;
}

char *
exec_info_json(const struct kube_client_config *c)
{
    json_t *spec = json_pack("{s:b}", "interactive", 0);
    if (c->exec->provide_cluster_info)
        json_object_set_new(spec, "cluster", cluster_new(c));
    json_t *info = json_pack("{s:s, s:s, s:o}", "kind", "ExecCredential", "apiVersion",
                             c->exec->api_version, "spec", spec);
    char *printed = info ? json_dumps(info, JSON_COMPACT) : NULL;
    char *text = iw_strdup(printed ? printed : "{}");
    free(printed);
    json_decref(info);
    return text;
}

/* --- what it prints --- */

void
exec_answer_free(struct exec_answer *answer)
{
    kc_free_secret(answer->token);
    kc_free_secret(answer->cert_pem);
    kc_free_secret(answer->key_pem);
    *answer = (struct exec_answer){.expires_wall_ms = IW_TIME_NONE};
}

/* It becomes a header line: a line break inside would start another one. */
static bool
is_header_text(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= ' ' || *text == 0x7f)
            return false;
    return true;
}

static enum iw_err
read_status(const json_t *status, struct exec_answer *out, struct iw_error *err)
{
    const char *token = json_text_of(status, "token");
    const char *cert = json_text_of(status, "clientCertificateData");
    const char *key = json_text_of(status, "clientKeyData");
    const char *expires = json_text_of(status, "expirationTimestamp");
    if (!json_is_object(status))
        return iw_fail(err, IW_ERR_PARSE, "its ExecCredential has no status");
    if (!token[0] && !cert[0] && !key[0])
        return iw_fail(err, IW_ERR_PARSE,
                       "its ExecCredential has neither a token nor a client certificate");
    if (!cert[0] != !key[0])
        return iw_fail(err, IW_ERR_PARSE, "its ExecCredential has a client %s without its %s",
                       cert[0] ? "certificate" : "key", cert[0] ? "key" : "certificate");
    if (!is_header_text(token))
        return iw_fail(err, IW_ERR_PARSE, "its token holds spaces or control characters");
    if (expires[0] && rfc3339_parse(expires, strlen(expires), &out->expires_wall_ms, NULL) != IW_OK)
        return iw_fail(err, IW_ERR_PARSE, "its expirationTimestamp is no time as in RFC 3339");
    out->token = token[0] ? iw_strdup(token) : NULL;
    out->cert_pem = cert[0] ? iw_strdup(cert) : NULL;
    out->key_pem = key[0] ? iw_strdup(key) : NULL;
    return IW_OK;
}

enum iw_err
exec_answer_parse(const char *bytes, size_t len, const char *api_version, struct exec_answer *out,
                  struct iw_error *err)
{
    *out = (struct exec_answer){.expires_wall_ms = IW_TIME_NONE};
    if (strspn(bytes, " \t\r\n") >= len)
        return iw_fail(err, IW_ERR_PARSE, "it printed nothing on stdout");
    json_t *root = json_loadb(bytes, len, 0, NULL);
    const char *kind = json_text_of(root, "kind"), *version = json_text_of(root, "apiVersion");
    enum iw_err code = IW_OK;
    if (!json_is_object(root))
        code = iw_fail(err, IW_ERR_PARSE, "what it printed on stdout is not JSON");
    else if (strcmp(kind, "ExecCredential") != 0)
        code = iw_fail(err, IW_ERR_PARSE, "it printed JSON that is no ExecCredential");
    else if (strcmp(version, api_version) != 0)
        code = iw_fail(err, IW_ERR_PARSE, "it speaks %.60s, the kubeconfig asks for %.60s",
                       version[0] ? version : "no apiVersion", api_version);
    else
        code = read_status(json_object_get(root, "status"), out, err);
    json_decref(root);
    return code;
}
