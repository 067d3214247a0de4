/* progress_text: a cluster's long messages as short words for the WHY column.
 *
 * All results are one line: control bytes and line ends become blanks.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_PROGRESS_TEXT_H
#define INITWATCH_MODEL_PROGRESS_TEXT_H

#include "initwatch/model/container.h"

/* How a waiting reason is to be read. */
enum waiting_class {
    WAITING_TURN,   /* PodInitializing, ContainerCreating, "" */
    WAITING_CRASH,  /* CrashLoopBackOff */
    WAITING_IMAGE,  /* the image cannot be pulled or found */
    WAITING_CONFIG, /* CreateContainerConfigError */
    WAITING_START,  /* created or started in vain, hooks */
    WAITING_OTHER,  /* RestartingAllContainers and what is not known */
};
enum waiting_class waiting_class_of(const char *reason);
bool waiting_is_error(const char *reason);

/* "image busybox:nope: not found". */
void text_image_problem(const struct container *c, char *out, size_t out_size);
/* The Secret or ConfigMap that a CreateContainerConfigError speaks of. Ref: kubelet,
 * pkg/kubelet/kubelet_pods.go makeEnvironmentVariables ("couldn't find key K in Secret
 * NS/NAME"). */
struct config_problem {
    char kind[16]; /* "Secret", "ConfigMap" */
    char name[160];
    char key[96]; /* "": the whole object is missing */
};
/* False when the message speaks of something else. */
bool text_config_object(const char *message, struct config_problem *out);
/* "Secret db-secrets not found", "ConfigMap settings has no key mode". */
void text_config_problem(const char *message, char *out, size_t out_size);
/* "cannot start: "x": executable file not found in $PATH". */
void text_start_problem(const char *reason, const char *message, char *out, size_t out_size);
/* "0/3 nodes: Insufficient cpu, 2 had untolerated taints". */
void text_scheduler(const char *message, char *out, size_t out_size);
/* The last line that says something, without blanks around it. */
void text_last_line(const char *message, char *out, size_t out_size);
/* The whole text on one line. */
void text_one_line(const char *message, char *out, size_t out_size);

#endif
