/* podcase: what is known against the pod that a view is about, judged once for all who draw it: the
 * tab line, the page, the pane. Judged again when the store, the second or the language has
 * changed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_PODCASE_H
#define INITWATCH_UI_PODCASE_H

#include "initwatch/diag/verdict.h"
#include "initwatch/model/forecast.h"
#include "initwatch/model/related.h"
#include "initwatch/ui/view.h"

#define PODCASE_FINDINGS 32

struct podcase {
    struct finding *found; /* PODCASE_FINDINGS */
    size_t count;
    struct chain *chain; /* of the first finding's container; count 0: none */
};
/* What view_env.podcase points to: one of a user interface. */
struct podcase_keep *podcase_keep_new(void) IW_NODISCARD;
void podcase_keep_free(struct podcase_keep *keep);
/* pod: the record of env->pod. Borrowed until the next call or change. */
const struct podcase *podcase_of(const struct view_env *env, const struct pod *pod);
/* Its neighbourhood; borrowed as above. */
const struct related *podcase_related(const struct view_env *env, const struct pod *pod);
/* What other pods of its workload tell about c, NULL: about having a node. NULL when nothing;
 * borrowed as above. */
const struct forecast *podcase_forecast(const struct view_env *env, const struct pod *pod,
                                        const struct container *c);

#endif
