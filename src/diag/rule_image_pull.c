/* rule_image_pull: an image cannot be had.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/model/progress_text.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"

static void
advise_image(const struct pod *pod, const struct container *c, const char *says,
             struct finding *out)
{
    if (strstr(says, "access denied"))
        finding_advice(out, "kubectl -n %s get pod %s -o jsonpath='{.spec.imagePullSecrets}'",
                       diag_word(pod->ns, "NAMESPACE"), diag_word(pod->name, "POD"));
    if (strstr(says, "not found"))
        finding_advice(out, "check the name and the tag in the registry");
    else if (strstr(says, "pull policy Never"))
        finding_advice(out, "put the image on node %s, or set imagePullPolicy: IfNotPresent",
                       pod->node);
    else if (strstr(says, "valid image name"))
        finding_advice(out, "correct the name: lower case, one tag, no blanks");
    else if (strstr(says, "registry"))
        finding_advice(out, "check from node %s that the registry answers", pod->node);
    char path[48];
    diag_spec_path(c, path);
    finding_advice(out, "correct %s.image in what made the pod (%s %s)", path,
                   *pod->owner_kind ? pod->owner_kind : "Pod",
                   *pod->owner_kind ? pod->owner_name : pod->name);
}

static bool
image_pull_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct container *c = NULL;
    char path[128];
    char text[256];
    while ((c = pod_containers(env->pod, c)) != NULL)
        if (container_phase(c) == CONTAINER_WAITING &&
            waiting_class_of(c->status->state.waiting_reason) == WAITING_IMAGE)
            break;
    if (!c)
        return false;
    out->container = c;
    text_image_problem(c, text, sizeof(text));
    (void)snprintf(out->summary, sizeof(out->summary), tr("%.63s: %s %.63s has no image: %.100s"),
                   env->pod->name, container_kind_word(c->kind), c->name, text);
    (void)snprintf(out->cause, sizeof(out->cause), "%.150s", text);
    diag_status_path(c, path);
    finding_evidence(out, "%s.state.waiting: %s", path, c->status->state.waiting_reason);
    if (*c->status->state.waiting_message)
        finding_evidence(out, "message: %s", c->status->state.waiting_message);
    const struct kevent *ev = diag_event_saying(env, "Failed", "Failed to pull image");
    if (ev)
        out->since_ms = ev->first_ms;
    advise_image(env->pod, c, text, out);
    return true;
}

const struct diag_rule rule_image_pull = {
    .name = "image_pull",
    .id = "IW-L05",
    .title = TR_MARK("an image cannot be pulled"),
    .severity = SEVERITY_ERROR,
    .evaluate = image_pull_evaluate,
    .doc = "A container waits with ErrImagePull, ImagePullBackOff, ErrImageNeverPull or "
           "InvalidImageName. The text of the "
           "registry or runtime tells which: wrong name or tag, no credentials, unreachable "
           "registry, rate limit.",
};
