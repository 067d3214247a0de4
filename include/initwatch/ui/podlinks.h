/* podlinks: the Secrets, ConfigMaps and claims that a container needs, to go from it to them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_PODLINKS_H
#define INITWATCH_UI_PODLINKS_H

#include "initwatch/ui/view.h"

enum { POD_LINKS_MAX = 32 }; /* of one container: Tab steps through them, nobody steps further */
struct pod_links {
    struct kobject_ref items[POD_LINKS_MAX];
    size_t count;
};

/* The object a volume is made of; false when it is none that is known here. */
bool pod_volume_object(const struct pod_volume *v, enum kobject_kind *kind);
/* Tab and Shift-Tab choose one, *chosen counts from 1 and 0 is none; Enter opens the chosen one: a
 * card, or the description of a claim. True when the key was for a link. */
bool pod_links_act(const struct view_env *env, const struct pod *pod, const struct container *c,
                   size_t *chosen, enum action action, struct intent *out);
/* "Secret db-secrets   1 of 3   Enter opens it"; false (and "") when none is chosen. */
bool pod_links_title(const struct pod *pod, const struct container *c, size_t chosen, char *out,
                     size_t out_size);

#endif
