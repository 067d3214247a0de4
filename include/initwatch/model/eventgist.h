/* eventgist: what the message of an event says that its reason and object do not, for narrow lists.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_EVENTGIST_H
#define INITWATCH_MODEL_EVENTGIST_H

#include "initwatch/model/event.h"

/* "→ worker2" for "Successfully assigned shop/web to worker2", "busybox:1.36 cached" for "Container
 * image ... already present on machine". Messages of other shapes stay as they are, in one line. */
void event_gist(const struct kevent *ev, char *out, size_t out_size);

/* The same for a list that shows the reason and the container: "" when these say it all ("Started
 * container app"). A warning stays whole. */
void event_rest(const struct kevent *ev, char *out, size_t out_size);

#endif
