/* whytext: what is known about one pod, as text for people.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_WHYTEXT_H
#define INITWATCH_APP_WHYTEXT_H

#include "initwatch/app/podjson.h"

/* The whole report of `why POD`. Nothing of the cluster reaches out unescaped. */
void whytext_print(const struct pod_facts *facts, struct strbuf *out);
/* Its part on effective resources and QoS, with the working. */
void whytext_resources(const struct pod *pod, struct strbuf *out);

#endif
