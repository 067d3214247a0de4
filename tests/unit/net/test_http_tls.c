/* http: TLS: certificates of both sides, names, and the material that a client refuses.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include "http_world.h"

/* --- certificates --- */

struct identity {
    EVP_PKEY *key;
    X509 *cert;
};

struct cert_spec {
    const char *name; /* common name, and DNS name or address of the server */
    bool is_ca;
    long from_s, until_s; /* relative to now */
};

static void
add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(ext);
    X509_add_ext(cert, ext, -1);
    X509_EXTENSION_free(ext);
}

/* Signed by `by`, or by itself. */
static struct identity
identity_new(const struct cert_spec *spec, const struct identity *by)
{
    static long serial;
    struct identity id = {.key = EVP_EC_gen("P-256"), .cert = X509_new()};
    X509_set_version(id.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(id.cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(id.cert), spec->from_s);
    X509_gmtime_adj(X509_getm_notAfter(id.cert), spec->until_s);
    X509_set_pubkey(id.cert, id.key);
    X509_NAME *name = X509_get_subject_name(id.cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)spec->name, -1, -1,
                               0);
    X509_set_issuer_name(id.cert, by ? X509_get_subject_name(by->cert) : name);
    char san[128];
    snprintf(san, sizeof(san), "%s:%s",
             strspn(spec->name, "0123456789.") == strlen(spec->name) ? "IP" : "DNS", spec->name);
    add_extension(id.cert, NID_basic_constraints,
                  spec->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!spec->is_ca)
        add_extension(id.cert, NID_subject_alt_name, san);
    assert_true(X509_sign(id.cert, by ? by->key : id.key, EVP_sha256()) > 0);
    return id;
}

static void
identity_free(struct identity *id)
{
    EVP_PKEY_free(id->key);
    X509_free(id->cert);
}

static char *
bio_text(BIO *bio)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    char *text = iw_strndup(data, (size_t)len);
    BIO_free(bio);
    return text;
}

static char *
cert_pem(const struct identity *id)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, id->cert);
    return bio_text(bio);
}

static char *
key_pem(const struct identity *id, const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, id->key, password ? EVP_aes_128_cbc() : NULL, password,
                                  password ? (int)strlen(password) : 0, NULL, NULL);
    return bio_text(bio);
}

#define DAY_S 86400L
static struct identity ca, other_ca, server_ok, server_named, server_expired, client_ok,
    client_expired;
static char *ca_text, *other_ca_text, *client_cert, *client_key, *expired_cert, *expired_key;

static int
make_identities(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    ca = identity_new(&(struct cert_spec){"test ca", true, -DAY_S, DAY_S}, NULL);
    other_ca = identity_new(&(struct cert_spec){"other ca", true, -DAY_S, DAY_S}, NULL);
    server_ok = identity_new(&(struct cert_spec){"127.0.0.1", false, -DAY_S, DAY_S}, &ca);
    server_named = identity_new(&(struct cert_spec){"kube.test", false, -DAY_S, DAY_S}, &ca);
    server_expired = identity_new(&(struct cert_spec){"127.0.0.1", false, -2 * DAY_S, -DAY_S}, &ca);
    client_ok = identity_new(&(struct cert_spec){"client.test", false, -DAY_S, DAY_S}, &ca);
    client_expired =
        identity_new(&(struct cert_spec){"client.test", false, -2 * DAY_S, -DAY_S}, &ca);
    ca_text = cert_pem(&ca);
    other_ca_text = cert_pem(&other_ca);
    client_cert = cert_pem(&client_ok);
    client_key = key_pem(&client_ok, NULL);
    expired_cert = cert_pem(&client_expired);
    expired_key = key_pem(&client_expired, NULL);
    return 0;
}

static int
free_identities(void **state)
{
    (void)state;
    struct identity *const all[] = {
        &ca, &other_ca, &server_ok, &server_named, &server_expired, &client_ok, &client_expired};
    for (size_t i = 0; i < IW_COUNTOF(all); i++)
        identity_free(all[i]);
    char *const texts[] = {ca_text,    other_ca_text, client_cert,
                           client_key, expired_cert,  expired_key};
    for (size_t i = 0; i < IW_COUNTOF(texts); i++)
        free(texts[i]);
    return 0;
}

/* --- TLS --- */

static void
serve_tls(const struct identity *id, bool want_client)
{
    fx.server.tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(fx.server.tls, id->cert);
    SSL_CTX_use_PrivateKey(fx.server.tls, id->key);
    if (want_client) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(fx.server.tls), ca.cert);
        SSL_CTX_set_verify(fx.server.tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
}

static void
tls__accepts_the_right_ca_and_shows_its_certificate(void **state)
{
    (void)state;
    serve_tls(&server_ok, true);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text,
                                               .cert_pem = client_cert,
                                               .key_pem = client_key,
                                               .bearer_token = "t"});
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_non_null(strstr(fx.server.request, "Authorization: Bearer t\r\n"));
}

static void
tls__without_the_wanted_client_certificate_fails(void **state)
{
    (void)state;
    serve_tls(&server_ok, true);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text});
    fetch(&get);
    assert_ended(IW_ERR_TLS, 0);
}

static void
tls__tells_an_unknown_ca(void **state)
{
    (void)state;
    serve_tls(&server_ok, false);
    connect_to(answer_ok, (struct http_config){.ca_pem = other_ca_text, .bearer_token = "t"});
    fetch(&get);
    assert_ended(IW_ERR_TLS_CA, 0);
    assert_int_equal(fx.server.requests, 0);
}

static void
tls__tells_the_unknown_ca_without_one_of_ours(void **state)
{
    (void)state;
    serve_tls(&server_ok, false);
    connect_to(answer_ok, (struct http_config){0});
    fetch(&get);
    assert_ended(IW_ERR_TLS_CA, 0);
}

static void
tls__tells_a_wrong_name(void **state)
{
    (void)state;
    serve_tls(&server_named, false);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text});
    fetch(&get);
    assert_ended(IW_ERR_TLS_NAME, 0);
}

static void
tls__tells_an_expired_server(void **state)
{
    (void)state;
    serve_tls(&server_expired, false);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text});
    fetch(&get);
    assert_ended(IW_ERR_TLS_EXPIRED, 0);
    assert_non_null(strstr(fx.err.msg, "server's certificate"));
}

static void
tls__insecure_takes_any_certificate(void **state)
{
    (void)state;
    serve_tls(&server_expired, false);
    connect_to(answer_ok, (struct http_config){.insecure = true});
    fetch(&get);
    assert_ended(IW_OK, 200);
}

static char sni[64];

static int
on_sni(SSL *ssl, int *alert, void *arg)
{
    (void)alert, (void)arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    snprintf(sni, sizeof(sni), "%s", name ? name : "");
    return SSL_TLSEXT_ERR_OK;
}

static void
tls__server_name_is_verified_and_sent(void **state)
{
    (void)state;
    serve_tls(&server_named, false);
    SSL_CTX_set_tlsext_servername_callback(fx.server.tls, on_sni);
    connect_to(answer_ok, (struct http_config){.ca_pem = ca_text, .tls_server_name = "kube.test"});
    fetch(&get);
    assert_ended(IW_OK, 200);
    assert_string_equal(sni, "kube.test");
    char host[64];
    snprintf(host, sizeof(host), "Host: 127.0.0.1:%d\r\n", fx.server.port);
    assert_non_null(strstr(fx.server.request, host));
}

static void
tls__tells_a_server_without_tls(void **state)
{
    (void)state;
    fx.server.answer = answer_garbage;
    server_start(&fx.server, NULL);
    iw_autofree char *url = iw_asprintf("https://127.0.0.1:%d", fx.server.port);
    const struct http_config config = {
        .base_url = url, .ca_pem = ca_text, .connect_timeout_ms = 1000};
    assert_int_equal(http_client_new(fx.loop, &config, &fx.client, NULL), IW_OK);
    fx.call = http_start(fx.client, &get, &handlers, NULL);
    /* The ClientHello has no empty line: the server waits for more, as a real one would. */
    turn_until(&fx.dones, 1);
    assert_int_equal(fx.err.code, IW_ERR_TIMEOUT);
}

/* --- what http_client_new refuses --- */

static void
assert_refused(struct http_config config, enum iw_err code, const char *part)
{
    struct iw_error err = {0};
    struct http_client *client = NULL;
    if (!config.base_url)
        config.base_url = "https://127.0.0.1:6443";
    assert_int_equal(http_client_new(fx.loop, &config, &client, &err), code);
    assert_null(client);
    if (!strstr(err.msg, part))
        fail_msg("<%s> does not tell: %s", err.msg, part);
    assert_null(strstr(err.msg, "s3cret"));
}

static void
http_client_new__refuses_broken_material(void **state)
{
    (void)state;
    iw_autofree char *locked = key_pem(&client_ok, "s3cret");
    assert_refused((struct http_config){.ca_pem = "s3cret"}, IW_ERR_CONFIG,
                   "certificate authority");
    assert_refused((struct http_config){.cert_pem = "s3cret", .key_pem = client_key}, IW_ERR_CONFIG,
                   "client certificate");
    assert_refused((struct http_config){.cert_pem = client_cert, .key_pem = "s3cret"},
                   IW_ERR_CONFIG, "not a PEM private key");
    assert_refused((struct http_config){.cert_pem = client_cert, .key_pem = locked}, IW_ERR_CONFIG,
                   "encrypted");
    assert_refused((struct http_config){.cert_pem = client_cert, .key_pem = expired_key},
                   IW_ERR_CONFIG, "does not belong");
    assert_refused((struct http_config){.cert_pem = client_cert}, IW_ERR_CONFIG, "without its key");
    assert_refused((struct http_config){.key_pem = client_key}, IW_ERR_CONFIG,
                   "without its certificate");
    assert_refused((struct http_config){.cert_pem = expired_cert, .key_pem = expired_key},
                   IW_ERR_TLS_EXPIRED, "expired at 20");
    assert_refused((struct http_config){.bearer_token = "s3cret\n"}, IW_ERR_CONFIG, "token");
    assert_refused((struct http_config){.base_url = "ftp://h"}, IW_ERR_CONFIG, "not an http");
    assert_refused((struct http_config){.base_url = "https://h h"}, IW_ERR_CONFIG, "not an http");
    assert_refused((struct http_config){.base_url = "file:///etc/passwd"}, IW_ERR_CONFIG,
                   "not an http");
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(tls__accepts_the_right_ca_and_shows_its_certificate),
        T(tls__without_the_wanted_client_certificate_fails),
        T(tls__tells_an_unknown_ca),
        T(tls__tells_the_unknown_ca_without_one_of_ours),
        T(tls__tells_a_wrong_name),
        T(tls__tells_an_expired_server),
        T(tls__insecure_takes_any_certificate),
        T(tls__server_name_is_verified_and_sent),
        T(tls__tells_a_server_without_tls),
        T(http_client_new__refuses_broken_material),
    };
    return cmocka_run_group_tests(tests, make_identities, free_identities);
}
