/* change: what a key that writes would do to a cluster, worked out before anything is sent: the
 * request, its consequence in a sentence, the kubectl command that does the same. Pure; writes.c
 * asks and sends.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_CHANGE_H
#define INITWATCH_APP_CHANGE_H

#include "initwatch/model/store.h"

enum change_verb { CHANGE_DELETE, CHANGE_RESTART, CHANGE_EDIT /* of change_failure alone */ };
struct change {
    enum change_verb verb;
    struct kobject_ref ref;
    const char *method, *content_type; /* literals; content_type NULL: application/json */
    char body[256];
    char command[700];  /* "kubectl -n shop delete pod web-0" */
    char sentence[400]; /* what will happen, or why it cannot be done; translated */
};
/* The change of one pod, or for RESTART of the workload that it belongs to. False: it cannot be
 * done, and `sentence` says why.
 * Ref: kubectl pkg/polymorphichelpers/objectrestarter.go (annotation of the template, paused). */
bool change_of(const struct store *store, const struct pod *pod, enum change_verb verb,
               int64_t now_wall_ms, struct change *out);
/* What a change that failed means to the user: an answer that did not come leaves open whether it is
 * done. */
void change_failure(const struct iw_error *err, enum change_verb verb, char *out, size_t out_size);
/* What a key does that is left to kubectl, as a command to paste: "kubectl -n shop exec -it ...".
 * container "": the one that matters now. Names that a shell would not take as they are stand in
 * capitals. */
enum change_elsewhere { ELSEWHERE_SHELL, ELSEWHERE_ATTACH, ELSEWHERE_DEBUG, ELSEWHERE_FORWARD };
void change_elsewhere(const struct pod *pod, const char *container, enum change_elsewhere what,
                      int64_t now_wall_ms, char *out, size_t out_size);

#endif
