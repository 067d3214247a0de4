/* tls_peer: an HTTPS server on 127.0.0.1 with certificates made for the test: one answer for all.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_TLS_PEER_H
#define INITWATCH_TEST_TLS_PEER_H

#include <stdbool.h>

struct tls_peer;

/* A certificate authority of its own; free with tls_ca_free. */
struct tls_ca *tls_ca_new(const char *name);
void tls_ca_free(struct tls_ca *ca);
/* PEM of the authority's certificate; borrowed. */
const char *tls_ca_pem(const struct tls_ca *ca);

struct tls_pair {
    char *cert_pem, *key_pem; /* owned: tls_pair_free */
};

/* A certificate for `name` (an IP address or a DNS name; for a client its CN). expired: it ended a
 * day ago. */
struct tls_pair tls_ca_issue(const struct tls_ca *ca, const char *name, bool expired);
void tls_pair_free(struct tls_pair *pair);

/* Serve `answer` (a whole HTTP response) to every request; without TLS when pair is NULL, and then
 * without waiting for the end of a request. client_ca may be NULL; else clients need
 * a certificate that it signed. */
struct tls_peer *tls_peer_start(const struct tls_pair *pair, const struct tls_ca *client_ca,
                                const char *answer);
int tls_peer_port(const struct tls_peer *peer);
void tls_peer_stop(struct tls_peer *peer);

#endif
