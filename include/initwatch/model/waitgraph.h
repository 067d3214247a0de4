/* waitgraph: pods that wait for each other.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_WAITGRAPH_H
#define INITWATCH_MODEL_WAITGRAPH_H

#include "initwatch/model/store.h"

/* Does what the pod waits for now wait, in the end, for the pod itself? Followed over Services,
 * their selectors and the pods behind them. way: "a → b → a"; one pod alone waits for itself. False
 * also when the graph is larger than what anybody could act on. */
bool wait_cycle_of(const struct store *store, const struct pod *pod, int64_t now_wall_ms, char *way,
                   size_t way_size);

#endif
