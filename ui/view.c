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

bool
intent_open_object(struct intent *intent, const struct store *store, const struct kobject_ref *ref)
{
    bool config = ref->kind == KOBJECT_SECRET || ref->kind == KOBJECT_CONFIGMAP;
    if (!ref->name[0] || (ref->kind == KOBJECT_POD &&
                          (!store || !store_find(store, ref->ns, ref->name, &intent->pod))))
        return false;
    intent->kind = INTENT_OPEN;
    intent->view = ref->kind == KOBJECT_POD ? "detail" : config ? "card" : "description";
    if (ref->kind != KOBJECT_POD)
        intent->object = *ref;
    return true;
}
