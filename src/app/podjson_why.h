/* podjson_why: what podjson.c and podjson_why.c share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_PODJSON_WHY_H
#define INITWATCH_PODJSON_WHY_H

#include "initwatch/app/podjson.h"

/* The members of the object of `get`. */
void podjson_members(struct jsonout *j, const struct pod *pod, int64_t now_wall_ms);
/* Wall moment at which the container's state began; IW_TIME_NONE when unknown. */
int64_t podjson_state_since(const struct container *c);

#endif
