/* tls_peer: see tls_peer.h. One thread serves one connection after the other.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S, REQUEST_MAX = 16384 };

struct tls_ca {
    X509 *cert;
    EVP_PKEY *key;
    char *pem;
};

struct tls_peer {
    SSL_CTX *ctx;
    int fd, port;
    char *answer;
    pthread_t thread;
};

static void
check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "tls_peer: %s failed\n", what);
    abort();
}

/* --- certificates --- */

static char *
pem_of_bio(BIO *bio)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    char *text = iw_strndup(bytes, (size_t)len);
    BIO_free(bio);
    return text;
}

static char *
pem_of_cert(X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    check(bio && PEM_write_bio_X509(bio, cert), "write a certificate");
    return pem_of_bio(bio);
}

static char *
pem_of_key(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    check(bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), "write a key");
    return pem_of_bio(bio);
}

static void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    check(extension && X509_add_ext(cert, extension, -1), "add an extension");
    X509_EXTENSION_free(extension);
}

static X509 *
new_cert(const char *name, EVP_PKEY *key, long ends_in_s)
{
    static long serial;
    X509 *cert = X509_new();
    check(cert != NULL, "X509_new");
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), -2L * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(cert), ends_in_s);
    X509_set_pubkey(cert, key);
    check(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                     (const unsigned char *)name, -1, -1, 0),
          "set the subject");
    return cert;
}

struct tls_ca *
tls_ca_new(const char *name)
{
    struct tls_ca *ca = iw_calloc(1, sizeof(*ca));
    ca->key = EVP_EC_gen("P-256");
    check(ca->key != NULL, "make a key");
    ca->cert = new_cert(name, ca->key, DAY_S);
    X509_set_issuer_name(ca->cert, X509_get_subject_name(ca->cert));
    add_extension(ca->cert, ca->cert, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(ca->cert, ca->cert, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca->cert, ca->cert, NID_subject_key_identifier, "hash");
    check(X509_sign(ca->cert, ca->key, EVP_sha256()) > 0, "sign the authority");
    ca->pem = pem_of_cert(ca->cert);
    return ca;
}

void
tls_ca_free(struct tls_ca *ca)
{
    if (!ca)
        return;
    X509_free(ca->cert);
    EVP_PKEY_free(ca->key);
    free(ca->pem);
    free(ca);
}

const char *
tls_ca_pem(const struct tls_ca *ca)
{
    return ca->pem;
}

struct tls_pair
tls_ca_issue(const struct tls_ca *ca, const char *name, bool expired)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    check(key != NULL, "make a key");
    X509 *cert = new_cert(name, key, expired ? -(long)DAY_S : DAY_S);
    X509_set_issuer_name(cert, X509_get_subject_name(ca->cert));
    struct in_addr ip;
    bool is_ip = inet_pton(AF_INET, name, &ip) == 1;
    iw_autofree char *alternative = iw_asprintf("%s:%s", is_ip ? "IP" : "DNS", name);
    add_extension(cert, ca->cert, NID_subject_alt_name, alternative);
    check(X509_sign(cert, ca->key, EVP_sha256()) > 0, "sign a certificate");
    struct tls_pair pair = {pem_of_cert(cert), pem_of_key(key)};
    X509_free(cert);
    EVP_PKEY_free(key);
    return pair;
}

void
tls_pair_free(struct tls_pair *pair)
{
    free(pair->cert_pem);
    free(pair->key_pem);
}

/* --- the server --- */

static void
use_pair(SSL_CTX *ctx, const struct tls_pair *pair)
{
    BIO *cert_bio = BIO_new_mem_buf(pair->cert_pem, -1);
    BIO *key_bio = BIO_new_mem_buf(pair->key_pem, -1);
    X509 *cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
    check(SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1,
          "use the certificate");
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(cert_bio);
    BIO_free(key_bio);
}

/* Close when the client has read everything: bytes that were not read would make it a reset, which
 * overtakes what was said. */
static void
drain(int fd)
{
    char rest[4096];
    shutdown(fd, SHUT_WR);
    while (read(fd, rest, sizeof(rest)) > 0)
        continue;
    close(fd);
}

static void
serve_one(struct tls_peer *peer, int fd)
{
    SSL *ssl = SSL_new(peer->ctx);
    SSL_set_fd(ssl, fd);
    char request[REQUEST_MAX + 1];
    int len = 0;
    if (SSL_accept(ssl) == 1) {
        while (len < REQUEST_MAX) {
            int n = SSL_read(ssl, request + len, REQUEST_MAX - len);
            if (n <= 0)
                break;
            len += n;
            request[len] = '\0';
            if (!strstr(request, "\r\n\r\n"))
                continue;
            (void)SSL_write(ssl, peer->answer, (int)strlen(peer->answer));
            (void)SSL_shutdown(ssl);
            break;
        }
    }
    SSL_free(ssl);
    drain(fd);
}

static void
serve_plain(struct tls_peer *peer, int fd)
{
    char some[16];
    if (read(fd, some, sizeof(some)) > 0)
        (void)!write(fd, peer->answer, strlen(peer->answer));
    drain(fd);
}

static void *
serve(void *arg)
{
    struct tls_peer *peer = arg;
    for (;;) {
        int fd = accept(peer->fd, NULL, NULL);
        if (fd < 0)
            return NULL; /* tls_peer_stop shut the socket down */
        if (peer->ctx)
            serve_one(peer, fd);
        else
            serve_plain(peer, fd);
    }
}

struct tls_peer *
tls_peer_start(const struct tls_pair *pair, const struct tls_ca *client_ca, const char *answer)
{
    /* A client that refuses the certificate is gone before the answer. */
    signal(SIGPIPE, SIG_IGN);
    struct tls_peer *peer = iw_calloc(1, sizeof(*peer));
    peer->answer = iw_strdup(answer);
    peer->ctx = pair ? SSL_CTX_new(TLS_server_method()) : NULL;
    if (pair)
        use_pair(peer->ctx, pair);
    if (pair && client_ca) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(peer->ctx), client_ca->cert);
        SSL_CTX_set_verify(peer->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(bind(peer->fd, (struct sockaddr *)&address, len) == 0 && listen(peer->fd, 16) == 0 &&
              getsockname(peer->fd, (struct sockaddr *)&address, &len) == 0,
          "listen");
    peer->port = ntohs(address.sin_port);
    check(pthread_create(&peer->thread, NULL, serve, peer) == 0, "start a thread");
    return peer;
}

int
tls_peer_port(const struct tls_peer *peer)
{
    return peer->port;
}

void
tls_peer_stop(struct tls_peer *peer)
{
    shutdown(peer->fd, SHUT_RDWR);
    pthread_join(peer->thread, NULL);
    close(peer->fd);
    SSL_CTX_free(peer->ctx);
    free(peer->answer);
    free(peer);
}
