/* usage: CPU and memory that containers and nodes use now, as the metrics API last said it.
 *
 * Filled by one answer at a time: usage_begin, one usage_put for each, usage_end; what a scope had before
 * is replaced as a whole. Ref: metrics.k8s.io/v1beta1 PodMetrics, NodeMetrics.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_USAGE_H
#define INITWATCH_MODEL_USAGE_H

#include "initwatch/base/error.h"

/* What a view needs; as small as it can be. */
enum { USAGE_OF_POD = 1 /* the one it is about */, USAGE_OF_PODS = 2, USAGE_OF_NODES = 4 };

enum usage_state {
    USAGE_UNASKED,
    USAGE_LOADING,
    USAGE_LIVE,
    USAGE_ABSENT, /* the server offers no metrics API: no metrics-server */
    USAGE_FAILED  /* denied, broken, too large: the sentence says it */
};
struct usage_amounts {
    int64_t cpu_nano;     /* cores x 10^9 */
    int64_t memory_bytes; /* working set */
};

struct usage;
struct usage *usage_new(void) IW_NODISCARD;
void usage_free(struct usage *u);
void usage_clear(struct usage *u);
/* An answer about pods (ns "": of all namespaces; pod "": all of it) or, with ns NULL, about nodes. */
void usage_begin(struct usage *u, const char *ns, const char *pod);
/* container "" for a node, whose name is `name`. */
void usage_put(struct usage *u, const char *ns, const char *name, const char *container,
               const struct usage_amounts *amounts);
void usage_end(struct usage *u);
void usage_set_state(struct usage *u, enum usage_state state, const char *sentence);

/* False when it is not known. */
bool usage_of_container(const struct usage *u, const char *ns, const char *pod,
                        const char *container, struct usage_amounts *out);
/* The sum over its containers. */
bool usage_of_pod(const struct usage *u, const char *ns, const char *pod,
                  struct usage_amounts *out);
bool usage_of_node(const struct usage *u, const char *node, struct usage_amounts *out);
enum usage_state usage_state(const struct usage *u); /* NULL: UNASKED */
const char *usage_sentence(const struct usage *u);   /* why it is not known, "" else */
uint64_t usage_generation(const struct usage *u);    /* changes with all of this */

/* "2m", "1.3"; "41Mi", "1.2Gi". out ends in NUL. */
void usage_cpu_text(int64_t cpu_nano, char out[24]);
void usage_memory_text(int64_t bytes, char out[24]);

#endif
