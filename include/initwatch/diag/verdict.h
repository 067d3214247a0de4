/* verdict: what stands around a root cause: how sure it is, what was ruled out, who else.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DIAG_VERDICT_H
#define INITWATCH_DIAG_VERDICT_H

#include "initwatch/diag/diag.h"

#define VERDICT_SURE_MAX 5
#define VERDICT_RULED_MAX 10
#define VERDICT_ALSO_MAX 8

/* 5: the cluster itself reports it; 4: follows from objects that were all read; 3: likely, judged
 * from the pod alone; 2: a part could not be read; 1: a hint. chain may be NULL. *why: English, for
 * tr(). */
unsigned verdict_sure(const struct finding *root, const struct chain *chain, const char **why);

/* Causes that are excluded by what is known ("node", "image", "DNS name"): English, for tr().
 * Returns how many. chain may be NULL. */
size_t verdict_ruled_out(const struct pod *pod, const struct chain *chain,
                         const char *out[VERDICT_RULED_MAX]);

/* Other pods of the namespace that suffer from the same cause; at most `look` pods are judged. */
struct verdict_also {
    struct pod_ref pods[VERDICT_ALSO_MAX];
    size_t count, total; /* stored; found */
};
void verdict_also(const struct diag_env *env, const struct finding *root, size_t look,
                  struct verdict_also *out);

#endif
