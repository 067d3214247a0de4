/* exec_credential: credentials from the program that a kubeconfig's user names (exec).
 *
 * Ref: client-go plugin/pkg/client/auth/exec; client.authentication.k8s.io/v1 and v1beta1. The program runs
 * beside the loop; requests of the clients that use it wait meanwhile. All sources of a loop with the same
 * program, arguments, environment and cluster share one run and its answer. Tokens and keys are in memory
 * only: never in a message, a log or a recording.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_EXEC_CREDENTIAL_H
#define INITWATCH_SOURCE_EXEC_CREDENTIAL_H

#include "initwatch/net/http.h"
#include "initwatch/source/kubeconfig.h"

/* Longer than a login in a browser takes; kubectl waits for ever. */
#define EXEC_TIMEOUT_MS 60000
/* Of stdout, and of stderr. An ExecCredential is a few KiB. */
#define EXEC_OUTPUT_BYTES (1u << 20)
/* A failed run, and one whose answer the server refused, is not repeated sooner: each may open a browser or
 * be an entry in somebody's audit log. After each further failure it is twice as long, up to 32 times. */
#define EXEC_REPEAT_MS 10000
/* Credentials are renewed so long before they expire, or a quarter of their life when that is less: a
 * request may be on its way for a while. */
#define EXEC_EARLY_MS 15000

struct exec_use;

/* Have the requests of client wait for, and carry, what c->exec's program prints. It runs when the first
 * request is sent. changed is called, from the loop, when exec_use_waiting says something else. c is borrowed
 * for the call, client and loop for the life of *out. IW_ERR_UNSUPPORTED: a version that nobody speaks any more,
 * or a program that must have the terminal. */
IW_NODISCARD enum iw_err exec_use_open(struct loop *loop, const struct kube_client_config *c,
                                       struct http_client *client, void (*changed)(void *ctx),
                                       void *ctx, struct exec_use **out, struct iw_error *err);
/* NULL is fine. Before the client is freed. The last use ends a program that runs. */
void exec_use_close(struct exec_use *use);
/* Who is waited for, and the last it said on stderr, harmless: "kubelogin", "kubelogin: open https://..."; ""
 * when nothing runs. Borrowed until the next turn of the loop. */
const char *exec_use_waiting(const struct exec_use *use);
/* Somebody asks to try again: a failure is forgotten. */
void exec_use_retry(struct exec_use *use);

#endif
