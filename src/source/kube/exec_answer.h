/* exec_answer: what a credential program is told and what it prints. No I/O.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_KUBE_EXEC_ANSWER_H
#define INITWATCH_SOURCE_KUBE_EXEC_ANSWER_H

#include "initwatch/source/kubeconfig.h"

/* All owned; what was not printed is NULL. */
struct exec_answer {
    char *token, *cert_pem, *key_pem;
    int64_t expires_wall_ms; /* IW_TIME_NONE: it does not say */
};
/* The last sentence of err says what is wrong, without what was printed. *out is filled only for IW_OK. */
IW_NODISCARD enum iw_err exec_answer_parse(const char *bytes, size_t len, const char *api_version,
                                           struct exec_answer *out, struct iw_error *err);
/* The memory is overwritten. */
void exec_answer_free(struct exec_answer *answer);
/* The value of KUBERNETES_EXEC_INFO; new. */
char *exec_info_json(const struct kube_client_config *c) IW_NODISCARD;

#endif
