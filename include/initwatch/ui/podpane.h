/* podpane: what several pod views say about a pod and one of its containers.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_PODPANE_H
#define INITWATCH_UI_PODPANE_H

#include "initwatch/model/progress.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* Now; for a deleted pod the moment of its deletion, so that nothing on screen goes on counting. */
int64_t podpane_now(const struct view_env *env);
/* The pod of env, or NULL after the reason was drawn. A deleted pod takes the first line for a
 * banner; area shrinks. */
const struct pod *podpane_begin(const struct view_env *env, struct surface *s, struct rect *area);
/* Without drawing: the pod, or NULL. */
const struct pod *podpane_pod(const struct view_env *env);
/* Lines podpane_begin takes off the area. */
int podpane_banner_lines(const struct view_env *env);

#define PODPANE_FACT_COLS 11 /* " readiness " before a fact */
/* Begins a line with the name of a fact; "" goes on with the one before. */
void podpane_fact(struct doc *d, const char *name);

/* STATUS, counts, restarts, QoS, node. */
void podpane_status(struct doc *d, const struct pod *pod, int64_t now_ms);
/* "BLOCKED BY  s1 istio-proxy: ... for 4m12s", as much as the width takes, the name before the
 * cause; only what is still longer takes up to max_lines. False (and no line) when nothing blocks. */
bool podpane_blocked(struct doc *d, const struct view_env *env, const struct pod *pod,
                     int64_t now_ms, int max_lines);
/* Who waits behind it (on wide lines), and when the pod would be Ready by what other pods of its workload took; false (and no
 * line) when neither is known. */
bool podpane_after(struct doc *d, const struct view_env *env, const struct pod *pod,
                   int64_t now_ms);
/* Conditions with their distance from the creation. */
void podpane_milestones(struct doc *d, const struct view_env *env, const struct pod *pod,
                        int64_t now_ms);
/* "s1 log-router  native sidecar (initContainers[1].restartPolicy: Always)" */
void podpane_title(const struct pod *pod, const struct container *c, char *out, size_t out_size);
/* What the container does and who waits for it: image and amounts, state, back-off, last end,
 * probes, gates. */
void podpane_facts_now(struct doc *d, const struct view_env *env, const struct pod *pod,
                       const struct container *c, int64_t now_ms);
/* What its specification says: restart rules, command, mounts, security, place in the shutdown.
 * rows: lines of the pane; a high one has long texts whole. */
void podpane_facts_spec(struct doc *d, const struct pod *pod, const struct container *c,
                        int64_t now_ms, int rows);
/* "100m–2": request and limit of "cpu" or "memory"; "" when there is neither. */
void podpane_amount(const struct container *c, const char *name, char *out, size_t out_size);
/* Table of the newest attempts, newest first, and how many older ones are known; false (and nothing) when there are none. */
bool podpane_attempts(struct doc *d, const struct view_env *env, const struct pod *pod,
                      const struct container *c, int64_t now_ms);
/* Volumes that several containers mount: who may write, who only reads; false (and nothing) when
 * there are none. */
bool podpane_volumes(struct doc *d, const struct pod *pod);
/* All conditions with their moment and what they say; false (and nothing) when there are none. */
bool podpane_conditions(struct doc *d, const struct view_env *env, const struct pod *pod);
/* While the pod stops: order and shared grace in one line, or a section with each container's
 * part. */
bool podpane_shutdown_line(struct doc *d, const struct view_env *env, const struct pod *pod,
                           int64_t now_ms);
bool podpane_shutdown(struct doc *d, const struct view_env *env, const struct pod *pod,
                      int64_t now_ms);
/* The last lines of c's log when it is the one being followed, as a fact of that name or as they
 * are; the number of lines, 0 when the log is not known. */
int podpane_log_tail(struct doc *d, const struct view_env *env, const struct container *c,
                     int lines, bool as_fact);
/* The last line alone and how often it came: "log 22:10:03 sleeping   (×124, every 2s)"; false when the log is not
 * known. */
bool podpane_log_last(struct doc *d, const struct view_env *env, struct pod_ref pod,
                      const struct container *c);
/* A sentence of a finding without the pod's name in front of it, where the title has it. */
const char *podpane_about(const struct pod *pod, const char *sentence);
/* What the pod's restart policy means for sidecars and apps; "" when there is nothing to say. */
const char *podpane_note(const struct pod *pod);
/* A log line without colour sequences, as text for a doc. new: free. */
char *podpane_plain(const char *text, size_t len, size_t *out_len) IW_NODISCARD;

#endif
