/* view: finding views in the generated registry.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/view.h"

#include <string.h>

const struct view_class *
view_find(const char *name)
{
    for (size_t i = 0; i < view_registry_count; i++)
        if (strcmp(view_registry[i]->name, name) == 0)
            return view_registry[i];
    return NULL;
}

const struct view_class *
view_by_tab(enum view_scope scope, int tab)
{
    if (tab <= 0)
        return NULL;
    for (size_t i = 0; i < view_registry_count; i++)
        if (view_registry[i]->scope == scope && view_registry[i]->tab == tab)
            return view_registry[i];
    return NULL;
}
