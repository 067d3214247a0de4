/* kubeconfig_choose: the context, cluster and user that files and flags choose. Internal to
 * kubeconfig_*.c.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_KUBECONFIG_CHOOSE_H
#define IW_SOURCE_KUBE_KUBECONFIG_CHOOSE_H

#include "kubeconfig_parts.h"

/* Shallow copies with the flags laid over them: strings are borrowed from kc and flags. */
struct kc_choice {
    const char *context_name, *cluster_name, *user_name; /* never NULL */
    const char *ns;                                      /* NULL when nothing says one */
    struct kc_cluster cluster;
    struct kc_user user;
    bool context_found;
    /* a name given by a flag that no file has */
    bool context_missing, cluster_missing, user_missing;
    bool cluster_empty; /* no file and no flag says anything about it */
};

struct kc_choice kc_choose(const struct kubeconfig *kc, const struct kubeconfig_flags *flags);

/* Is the choice usable? The errors of clientcmd in its words, all of them in one message, else
 * IW_OK. *is_empty: nothing is configured at all (then a cluster around this process is used). */
IW_NODISCARD enum iw_err kc_validate(const struct kubeconfig *kc, const struct kc_choice *choice,
                                     bool *is_empty, struct iw_error *err);

#endif
