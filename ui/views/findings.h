/* findings: what the rules say about all pods, as problems with one cause each. Shared by the view's
 * files only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_FINDINGS_H
#define INITWATCH_UI_FINDINGS_H

#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/diag/finding_history.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/widget.h"

enum finding_group_by { GROUP_BY_CAUSE, GROUP_BY_RULE, GROUP_BY_POD, GROUP_BY_COUNT };

/* One finding about one pod. */
struct finding_item {
    struct pod_ref pod;
    const char *id, *title; /* literals */
    enum severity severity;
    int64_t since_ms;
    char ns[64], name[128], container[64];
    char cause[160], summary[256];
    bool muted;
    int64_t gone_ms; /* of one that is so no more; else IW_TIME_NONE */
};
/* Findings with one key: items first .. first + count. */
struct finding_group {
    size_t first, count;
    enum severity severity; /* the worst */
    int64_t since_ms;       /* the oldest; IW_TIME_NONE unknown */
    size_t pods;
    bool muted, gone;
    unsigned lines; /* of the list, set by it */
};
/* What was looked at. */
struct findings_seen {
    size_t pods, containers, pods_with, stuck;
    int64_t stuck_ms; /* the sum of how long */
};
/* Blocked pods over time, as the last full round left it. */
#define BLOCKED_PARTS 60
struct findings_blocked {
    int64_t from_ms, to_ms;
    int64_t
        known_ms; /* before, only pods that were still blocked when the program began are known */
    uint32_t parts[BLOCKED_PARTS], most;
};
struct findings {
    VEC(struct finding_item) items;
    VEC(struct finding_group) groups; /* worst first, the muted ones last */
    VEC(const char *) muted;          /* ids of rules */
    struct finding_history *history;  /* owned */
    struct findings_blocked blocked;
    enum finding_group_by by;
    int pods_cols; /* of the list: "12 pods" */
    bool errors_only;
    struct text_filter *filter;
    struct findings_seen seen;
    size_t live, errors, warnings, hidden; /* live: items that are not gone */
    /* A round that runs: what it has so far, and the pod it has come to. */
    struct {
        VEC(struct finding_item) items;
        VEC(struct blocked_span) blocked;
        struct findings_seen seen;
        struct pod_ref at; /* gen 0 at its begin */
        bool runs;
    } next;
};

/* How many findings there are, counted while another view is on screen, in slices between keys. What is shown is the last
 * full round. */
struct findings_count {
    uint64_t generation; /* of the store, when the round began */
    int64_t counted_ms;  /* wall, when the last round was full */
    int64_t cost_ms;     /* of the round that runs; then of the last one */
    struct pod_ref at;   /* where the round goes on; gen 0 at its begin */
    size_t errors, warnings, others, so_far[3];
    bool known; /* a round was full */
};
/* Count on for about budget_ms, unless a round is not due yet: rounds take no more than a fiftieth of the time.
 * history: learns of what is found. */
enum view_work findings_count(struct findings_count *c, struct finding_history *history,
                              const struct view_env *env, int64_t budget_ms);
/* The view was on screen and has counted already. */
enum view_work findings_count_take(struct findings_count *c, const struct findings *f,
                                   const struct view_env *env);

void findings_init(struct findings *f);
void findings_free(struct findings *f);
/* Run all rules on all pods, for about budget_ms: true when the round is full and has taken the place of the last one;
 * else the next call goes on with it. */
bool findings_evaluate(struct findings *f, const struct view_env *env, int64_t budget_ms);
/* Group again what was evaluated: by, errors_only, muted or filter changed. */
void findings_group(struct findings *f);
bool findings_is_muted(const struct findings *f, const char *id);
/* All that is shown, as a report to keep or to send: Markdown, JSON or SARIF 2.1.0 by the ending of the path ("": Markdown).
 * The text is appended; false when the ending is none of these. */
bool findings_report(struct strbuf *out, const struct findings *f, const struct view_env *env,
                     const char *path);
/* The finding in full: the rules are run on its pod once more. False when it is not there any more. */
bool findings_again(const struct view_env *env, const struct finding_item *item,
                    struct finding *out);
/* "12 pods, 27 containers, 13 rules, 41 objects read": what was looked at. */
void findings_seen_text(const struct findings *f, const struct view_env *env, char *out,
                        size_t out_size);
/* What a group is called, as one line. */
const char *findings_title(const struct findings *f, const struct finding_group *group);
/* The same for a row of the list with `cols` cells: without the owner, which stands in the line below, and without the
 * registry of an image where the tag would be cut. */
void findings_label(const struct findings *f, const struct finding_group *group, int cols,
                    char *out, size_t out_size);
/* The first thing to do about a finding: a command to paste, else a sentence. */
void findings_help(const struct view_env *env, const struct finding_item *item, char *out,
                   size_t out_size);
/* "history of this finding": since when, on how many pods, when it was gone. */
void findings_past(struct doc *d, const struct findings *f, const struct view_env *env,
                   const struct finding_item *item);
/* "blocked pods over time": lines that were needed, at most area.h. */
int findings_blocked_draw(const struct findings *f, const struct view_env *env, struct surface *s,
                          struct rect area);
#define FINDINGS_BLOCKED_LINES 3
/* The page about one finding: what, the chain of checks, the evidence, what helps. */
void findings_detail(struct doc *d, const struct findings *f, const struct view_env *env,
                     const struct finding_group *group, size_t member);

#endif
