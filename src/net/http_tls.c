/* http_tls: looks at PEM material before it is used, so that what is wrong is told at once.
 *
 * OpenSSL's own error texts stay out of the messages: some quote what they could not read.
 * SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <time.h>

#include "http_internal.h"
#include "initwatch/base/clock.h"

/* Never ask on the terminal: an encrypted key is an error. */
static int
no_password(IW_UNUSED char *buf, IW_UNUSED int size, IW_UNUSED int rwflag, void *asked)
{
    *(bool *)asked = true;
    return -1;
}

static X509 *
pem_first_certificate(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    bool asked = false;
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, no_password, &asked) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

/* "2026-01-02T03:04:05Z" of a certificate's time. */
static void
asn1_time_text(const ASN1_TIME *when, char out[40])
{
    struct tm tm = {0};
    int64_t wall_ms = IW_TIME_NONE;
    if (ASN1_TIME_to_tm(when, &tm) == 1)
        wall_ms = (int64_t)timegm(&tm) * 1000;
    rfc3339_format(wall_ms, false, out);
}

static enum iw_err
certificate_check_time(const X509 *certificate, int64_t now_wall_ms, struct iw_error *err)
{
    time_t now = (time_t)(now_wall_ms / 1000);
    char when[40];
    if (X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0) {
        asn1_time_text(X509_get0_notAfter(certificate), when);
        return iw_fail(err, IW_ERR_TLS_EXPIRED, "the client certificate expired at %s", when);
    }
    if (X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0) {
        asn1_time_text(X509_get0_notBefore(certificate), when);
        return iw_fail(err, IW_ERR_TLS_EXPIRED, "the client certificate is valid only from %s",
                       when);
    }
    return IW_OK;
}

static enum iw_err
key_check(X509 *certificate, const char *key_pem, struct iw_error *err)
{
    BIO *bio = BIO_new_mem_buf(key_pem, -1);
    bool asked = false;
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, &asked) : NULL;
    BIO_free(bio);
    enum iw_err code = IW_OK;
    if (!key && asked)
        code =
            iw_fail(err, IW_ERR_CONFIG, "the client key is encrypted; give one without a password");
    else if (!key)
        code = iw_fail(err, IW_ERR_CONFIG, "the client key is not a PEM private key");
    else if (X509_check_private_key(certificate, key) != 1)
        code =
            iw_fail(err, IW_ERR_CONFIG, "the client key does not belong to the client certificate");
    EVP_PKEY_free(key);
    ERR_clear_error();
    return code;
}

static enum iw_err
client_pair_check(const struct http_config *config, int64_t now_wall_ms, struct iw_error *err)
{
    X509 *certificate = pem_first_certificate(config->cert_pem);
    if (!certificate)
        return iw_fail(err, IW_ERR_CONFIG, "the client certificate is not a PEM certificate");
    enum iw_err code = key_check(certificate, config->key_pem, err);
    if (code == IW_OK)
        code = certificate_check_time(certificate, now_wall_ms, err);
    X509_free(certificate);
    return code;
}

enum iw_err
http_tls_check(const struct http_config *config, int64_t now_wall_ms, struct iw_error *err)
{
    if (http_is_given(config->ca_pem)) {
        X509 *ca = pem_first_certificate(config->ca_pem);
        if (!ca)
            return iw_fail(err, IW_ERR_CONFIG,
                           "the certificate authority is not a PEM certificate");
        X509_free(ca);
    }
    bool has_cert = http_is_given(config->cert_pem), has_key = http_is_given(config->key_pem);
    if (has_cert != has_key)
        return iw_fail(err, IW_ERR_CONFIG, "a client %s is given without its %s",
                       has_cert ? "certificate" : "key", has_cert ? "key" : "certificate");
    return has_cert ? client_pair_check(config, now_wall_ms, err) : IW_OK;
}
