/* podquery: what filters the pod list: several terms that must all hold, each shown as a chip.
 *
 *   abc            regular expression (or plain text) in NAMESPACE/NAME, STATUS, NODE, WHY
 *   !abc           the pods it does not match
 *   -l app=web     label selector, as kubectl's; -l alone keeps pods with labels
 *   -f wdb         fuzzy: the letters of the name in this order
 *   status:Init    a column: expression; also ns name node why owner ready rst for age image container
 *   rst:>3         a number or a duration to compare with: < <= > >= =, for rst, ready, for, age
 *
 * Text without capitals ignores case. A line with a term that begins with a column's word and a
 * colon, or with -l or -f, is split at blanks; any other line is one expression, blanks included.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_PODQUERY_H
#define INITWATCH_UI_PODQUERY_H

#include "initwatch/model/objects.h"
#include "initwatch/model/progress.h"

struct pod_query;
struct pod_query *pod_query_new(void) IW_NODISCARD;
void pod_query_free(struct pod_query *q);
/* Lines of terms; "" or NULL clears. Beyond POD_QUERY_TERMS terms the rest is ignored. */
enum { POD_QUERY_TERMS = 12, POD_QUERY_CHIP_BYTES = 128 };
void pod_query_set(struct pod_query *q, const char *text);
bool pod_query_active(const struct pod_query *q);
size_t pod_query_count(const struct pod_query *q);
/* "/abc", "!abc", "-l app=web", "status:Init". */
const char *pod_query_chip(const struct pod_query *q, size_t index);
/* What is wrong with a term that could not be understood as it stands, "" when nothing: it is then
 * searched for as plain text (a broken expression) or ignored (a broken selector). */
const char *pod_query_problem(const struct pod_query *q, size_t index);
/* True when the same terms were set already, so that nothing has to be matched again. */
bool pod_query_is(const struct pod_query *q, const char *text);

/* Does what matches change by time alone? */
bool pod_query_ages(const struct pod_query *q);
/* Does a term ask for the owner, who is known in full only with the objects of Jobs? */
bool pod_query_asks_owner(const struct pod_query *q);

/* What can be typed, for the manual: "/-l app=web", "label selector ...". */
struct pod_query_form {
    const char *example, *meaning;
};
const struct pod_query_form *pod_query_forms(size_t *count);

/* A pod and what is already known of it. */
struct pod_subject {
    const struct pod *pod;
    const char *status;            /* the STATUS cell */
    const struct pod_block *block; /* NULL: worked out when a term asks for it */
    enum block_severity severity;  /* BLOCK_NONE: there is no reason to look for */
    uint32_t ready, total;
    uint64_t restarts;
    int64_t since_ms, now_wall_ms;
    const struct kobjects *objects; /* NULL: not known which Job a CronJob made */
};
bool pod_query_match(const struct pod_query *q, const struct pod_subject *subject);

#endif
