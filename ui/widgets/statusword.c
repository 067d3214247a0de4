/* statusword: the long words of Kubernetes for a state where there is no room for them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/utf8.h"
#include "initwatch/ui/widget.h"

/* Long words and what stands for them, from long to short. */
static const struct {
    const char *word, *mid, *brief;
} STATUS_WORDS[] = {
    {"CrashLoopBackOff", "CrashLoop", "CrashLp"},
    {"ImagePullBackOff", "ImagePull", "ImgPull"},
    {"ErrImagePull", "ErrImgPull", "ErrPull"},
    {"ErrImageNeverPull", "NeverPull", "NoPull"},
    {"CreateContainerConfigError", "ConfigErr", "CfgErr"},
    {"CreateContainerError", "CreateErr", "CrtErr"},
    {"RunContainerError", "RunErr", "RunErr"},
    {"ContainerCannotRun", "CannotRun", "NoRun"},
    {"InvalidImageName", "BadImage", "BadImg"},
    {"ContainerCreating", "Creating", "Creating"},
    {"PodInitializing", "PodInit", "PodInit"},
    {"ContainerStatusUnknown", "Unknown", "Unknown"},
    {"UnexpectedAdmissionError", "Admission", "Admit"},
    {"SchedulingGated", "Gated", "Gated"},
    {"DeadlineExceeded", "Deadline", "Deadln"},
    {"StartError", "StartErr", "StrtErr"},
    {"OOMKilled", "OOMKill", "OOM"},
};

void
widget_status_short(const char *status, int cols, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s", status);
    if (utf8_width(status, strlen(status)) <= cols)
        return;
    for (size_t i = 0; i < IW_COUNTOF(STATUS_WORDS); i++) {
        const char *at = strstr(status, STATUS_WORDS[i].word);
        if (!at)
            continue;
        int front = (int)(at - status);
        const char *rest = at + strlen(STATUS_WORDS[i].word);
        snprintf(out, out_size, "%.*s%s%s", front, status, STATUS_WORDS[i].mid, rest);
        if (utf8_width(out, strlen(out)) > cols)
            snprintf(out, out_size, "%.*s%s%s", front, status, STATUS_WORDS[i].brief, rest);
        return;
    }
}
