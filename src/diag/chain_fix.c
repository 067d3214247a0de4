/* chain_fix: what to do about the root of a chain, said before anything else is looked up.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "diag_util.h"

static const char *
default_class(const struct kobjects *objects)
{
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_STORAGECLASS); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_STORAGECLASS, i);
        if (o->storageclass->is_default)
            return o->name;
    }
    return "";
}

static void
fix_class(const struct diag_env *env, const struct chain_step *root, struct finding *out)
{
    const char *standard = default_class(store_objects(env->store));
    if (standard[0])
        finding_advice(out, "use an existing class (%.60s is the default) or create \"%.60s\"",
                       standard, root->name);
    else
        finding_advice(out, "use an existing class or create \"%.60s\"", root->name);
    finding_advice(out, "kubectl get storageclass");
}

static void
fix_service(const struct chain_step *root, struct finding *out)
{
    const char *ns = diag_word(root->ns, "NAMESPACE");
    if (strcmp(root->id, "IW-D01") == 0) {
        finding_advice(out, "create Service %.60s, or correct the name that is waited for",
                       root->name);
        finding_advice(out, "kubectl -n %.63s get services", ns);
        return;
    }
    finding_advice(out, "wait for a port that the Service has, or add the port to it");
    finding_advice(out, "kubectl -n %.63s get service %.80s", ns, diag_word(root->name, "SERVICE"));
}

static void
fix_pod(const struct chain_step *root, struct finding *out)
{
    if (strcmp(root->id, "IW-D07") == 0)
        finding_advice(out, "take the wait out of one of them: none of them can be the first");
    else if (strcmp(root->id, "IW-D08") == 0)
        finding_advice(out, "move the wait into an app container, or set "
                            "spec.publishNotReadyAddresses of the Service");
    else
        finding_advice(out, "initwatch why %.100s -n %.63s", diag_word(root->name, "POD"),
                       diag_word(root->ns, "NAMESPACE"));
}

static void
fix_policy(const struct chain_step *root, struct finding *out)
{
    finding_advice(out, "let it through in NetworkPolicy %.100s, or in one beside it", root->name);
    finding_advice(out, "kubectl -n %.63s describe networkpolicy %.100s",
                   diag_word(root->ns, "NAMESPACE"), diag_word(root->name, "NAME"));
}

bool
diag_chain_advice(const struct diag_env *env, const struct chain *chain, struct finding *out)
{
    const struct chain_step *root = chain_root(chain);
    unsigned before = out->advice_count;
    const char *kind = root ? root->kind : "";
    if (strcmp(kind, "StorageClass") == 0) {
        fix_class(env, root, out);
    } else if (strcmp(kind, "Service") == 0) {
        fix_service(root, out);
    } else if (strcmp(kind, "Pod") == 0) {
        fix_pod(root, out);
    } else if (strcmp(kind, "NetworkPolicy") == 0) {
        fix_policy(root, out);
    } else if (strcmp(kind, "PersistentVolumeClaim") == 0) {
        finding_advice(out, "kubectl -n %.63s describe pvc %.100s",
                       diag_word(root->ns, "NAMESPACE"), diag_word(root->name, "NAME"));
    } else if (strcmp(kind, "EndpointSlice") == 0) {
        finding_advice(out, "compare the Service's selector with the labels of the pods it means");
        finding_advice(out, "kubectl -n %.63s get pods --show-labels",
                       diag_word(root->ns, "NAMESPACE"));
    }
    return out->advice_count > before;
}
