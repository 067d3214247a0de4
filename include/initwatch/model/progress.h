/* progress: where a pod is in its start-up, what holds it up, and since when.
 *
 * Pure functions over an immutable pod. Ref: KEP-753 (sidecar containers); kubelet
 * computeInitContainerActions (SEMANTICS D.3).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_PROGRESS_H
#define INITWATCH_MODEL_PROGRESS_H

#include "initwatch/model/pod.h"

/* One sign per container for the strip `✓(↻)◌│◌`. */
enum container_sign {
    SIGN_WAITS,   /* ◌ its turn has not come */
    SIGN_WORKING, /* ⠹ pulling, creating, running towards its end, startup probe not passed */
    SIGN_OK,      /* ✓ done (init) or ready (sidecar, app) */
    SIGN_BACKOFF, /* ↻ ended badly and waits for the next attempt */
    SIGN_FAILED,  /* ✗ failed for good, or cannot be created or pulled */
    SIGN_UNREADY, /* ◒ runs, but not ready */
    SIGN_ENDED,   /* – ended and is not needed any more (apps and sidecars of finished pods) */
    SIGN_COUNT
};
enum container_sign container_sign(const struct pod *pod, const struct container *c,
                                   int64_t now_wall_ms);

/* Init sequence. Counts are of spec.initContainers, sidecars included, as STATUS counts them. */
struct init_progress {
    uint32_t total, done; /* done: inits ended with 0, sidecars started */
    uint32_t regular_total, regular_done;
    uint32_t sidecar_total, sidecar_started, sidecar_ready;
    uint32_t app_total, app_ready;
    bool initialized; /* condition Initialized is True, or no init containers */
    /* the step at work or stuck; NULL when initialised (unless inits run again after a lost
     * sandbox) or when the pod is over */
    const struct container *current;
};
void pod_init_progress(const struct pod *pod, int64_t now_wall_ms, struct init_progress *out);

/* What keeps the pod from being ready: the one thing to look at first. */
enum block_severity {
    BLOCK_NONE,
    BLOCK_PROGRESS, /* working, young */
    BLOCK_WAIT,     /* working, long */
    BLOCK_WARN,     /* running but not ready */
    BLOCK_ERROR
};
struct pod_block {
    enum block_severity severity;
    const struct container *container; /* NULL: the pod itself (unscheduled, gated, terminating) */
    char reason[64]; /* "CrashLoopBackOff", "Running", "Unschedulable", "ImagePullBackOff", ... */
    /* one sentence fit for the WHY column: short, concrete, most important first */
    char summary[256];
    int64_t since_ms; /* wall; since when this holds; IW_TIME_NONE when unknown */
    struct container_backoff backoff;
};
/* BLOCK_NONE for healthy and for completed pods. */
void pod_block_of(const struct pod *pod, int64_t now_wall_ms, struct pod_block *out);
/* The container that matters now: the one that blocks, the one that stops, the step at work, else
 * the default container or the first app. NULL only of a pod without containers. */
const struct container *pod_focus(const struct pod *pod, int64_t now_wall_ms);
/* container_backoff_now for a container of this pod: none when the pod is over or being deleted. */
struct container_backoff pod_backoff_now(const struct pod *pod, const struct container *c,
                                         int64_t now_wall_ms);
/* The strip of signs, "✓(↻)◌│◌": sidecars in parentheses, apps after the bar, ephemeral ones left
 * out. The pod's containers beyond what fits are told as "+3". out ends in NUL; ascii:
 * "+(@).|.". */
void pod_strip_text(const struct pod *pod, int64_t now_wall_ms, bool ascii, char *out,
                    size_t out_size);
/* "✓", or "+" in ASCII. Working is a still sign here. */
const char *container_sign_text(enum container_sign sign, bool ascii);
/* Sort key: most stuck first (severity), then longest first. Stable total order with ns/name. */
int pod_block_compare(const struct pod *a, const struct pod_block *ab, const struct pod *b,
                      const struct pod_block *bb);
/* Moment since which the pod has been in its present situation: FOR column. IW_TIME_NONE
 * unknown. */
int64_t pod_since_ms(const struct pod *pod, const struct pod_block *block);

#endif
