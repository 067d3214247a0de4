/* eventgist: messages of the scheduler, the kubelet and the controllers, by their shape.
 * Ref: kubernetes pkg/kubelet/events, pkg/kubelet/images/image_manager.go, pkg/scheduler.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/eventgist.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/progress_text.h"

/* What stands between `before` and `after` in text; false when it has not that shape. after "": to
 * the end. */
static bool
between(const char *text, const char *before, const char *after, const char **at, int *len)
{
    const char *from = strstr(text, before);
    if (!from)
        return false;
    from += strlen(before);
    const char *to = after[0] ? strstr(from, after) : from + strlen(from);
    if (!to || to == from)
        return false;
    *at = from;
    *len = (int)IW_MIN((size_t)(to - from), (size_t)300);
    return true;
}

/* One row: a message of this reason (NULL any) that begins so; what is kept stands between the two
 * marks, in `form`. */
struct shape {
    const char *reason, *begins, *before, *after, *form;
};
static const struct shape SHAPES[] = {
    {"Scheduled", "Successfully assigned ", " to ", "", TR_MARK("→ %s")},
    {"Pulled", "Container image ", "image \"", "\"", TR_MARK("%s cached")},
    {"Pulled", "Successfully pulled image ", "image \"", "\"", TR_MARK("%s pulled")},
    {"Pulling", "Pulling image ", "image \"", "\"", "%s"},
    {"Created", "Created container", "Created ", "", TR_MARK("container created")},
    {"Started", "Started container", "Started ", "", TR_MARK("container started")},
    {"BackOff", "Back-off pulling image ", "image \"", "\"", TR_MARK("back-off pulling %s")},
    {"BackOff", "Back-off restarting failed container ", "restarting", "",
     TR_MARK("back-off restarting")},
    {"Failed", "Error: ", "Error: ", "", "%s"},
    {"FailedMount", "MountVolume.SetUp failed for volume ", " : ", "", "%s"},
    {"Killing", "Stopping container ", "Stopping ", "", TR_MARK("container stops")},
    {"Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: ", "statuscode: ", "",
     TR_MARK("startup probe: HTTP %s")},
    {"Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: ", "statuscode: ", "",
     TR_MARK("readiness probe: HTTP %s")},
    {"Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: ", "statuscode: ", "",
     TR_MARK("liveness probe: HTTP %s")},
    {"Unhealthy", "Startup probe failed: ", "failed: ", "", TR_MARK("startup probe: %s")},
    {"Unhealthy", "Readiness probe failed: ", "failed: ", "", TR_MARK("readiness probe: %s")},
    {"Unhealthy", "Liveness probe failed: ", "failed: ", "", TR_MARK("liveness probe: %s")},
    {"SuccessfulCreate", "Created pod: ", "pod: ", "", TR_MARK("created %s")},
    {"SuccessfulCreate", "create Pod ", "Pod ", " in ", TR_MARK("created %s")},
    {"SuccessfulDelete", "Deleted pod: ", "pod: ", "", TR_MARK("deleted %s")},
    {"ProvisioningFailed", "storageclass.storage.k8s.io ", "k8s.io ", "",
     TR_MARK("storageclass %s")},
};

/* The text with `new_len` bytes of new_part in the place of old_part, if it has that. */
static void
put_replaced(const char *text, const char *old_part, const char *new_part, int new_len, char *out,
             size_t out_size)
{
    char replaced[1024];
    const char *at = strstr(text, old_part);
    if (!at) {
        text_one_line(text, out, out_size);
        return;
    }
    (void)snprintf(replaced, sizeof(replaced), "%.*s%.*s%s", (int)(at - text), text, new_len,
                   new_part, at + strlen(old_part));
    text_one_line(replaced, out, out_size);
}

/* "registry/app:2: not found": the image, and what stands at the end of a chain of errors. */
static bool
put_pull(const char *message, char *out, size_t out_size)
{
    static const char begins[] = "Failed to pull image \"";
    const char *image, *why = NULL;
    int len;
    char text[512];
    if (strncmp(message, begins, strlen(begins)) != 0 ||
        !between(message, begins, "\"", &image, &len))
        return false;
    for (const char *p = image + len; (p = strstr(p, ": ")) != NULL;)
        why = p += 2;
    if (!why || !*why)
        return false;
    (void)snprintf(text, sizeof(text), "%.*s: %.120s", len, image, why);
    text_one_line(text, out, out_size);
    return true;
}

void
event_gist(const struct kevent *ev, char *out, size_t out_size)
{
    const char *at;
    int len;
    if (strcmp(ev->reason, "FailedScheduling") == 0) {
        char text[512];
        text_scheduler(ev->message, text, sizeof(text));
        const char *brief = tr("unbound PVC");
        put_replaced(text, "pod has unbound immediate PersistentVolumeClaims", brief,
                     (int)strlen(brief), out, out_size);
        return;
    }
    if (strcmp(ev->reason, "Failed") == 0 && put_pull(ev->message, out, out_size))
        return;
    for (size_t i = 0; i < IW_COUNTOF(SHAPES); i++) {
        const struct shape *s = &SHAPES[i];
        if (strcmp(ev->reason, s->reason) != 0 ||
            strncmp(ev->message, s->begins, strlen(s->begins)) != 0 ||
            !between(ev->message, s->before, s->after, &at, &len))
            continue;
        put_replaced(tr(s->form), "%s", at, len, out, out_size);
        return;
    }
    text_one_line(ev->message, out, out_size);
}

void
event_rest(const struct kevent *ev, char *out, size_t out_size)
{
    static const char *const SAYS_NO_MORE[][2] = {{"Created", "Created container"},
                                                  {"Created", "Container created"},
                                                  {"Started", "Started container"},
                                                  {"Started", "Container started"},
                                                  {"Killing", "Stopping container "}};
    if (strcmp(ev->type, "Warning") == 0) {
        text_one_line(ev->message, out, out_size);
        return;
    }
    for (size_t i = 0; ev->container[0] && i < IW_COUNTOF(SAYS_NO_MORE); i++) {
        const char *begins = SAYS_NO_MORE[i][1];
        if (strcmp(ev->reason, SAYS_NO_MORE[i][0]) == 0 &&
            strncmp(ev->message, begins, strlen(begins)) == 0) {
            out[0] = '\0';
            return;
        }
    }
    event_gist(ev, out, out_size);
}
