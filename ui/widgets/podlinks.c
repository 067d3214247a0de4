/* podlinks: the Secrets, ConfigMaps and claims that a container needs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/podlinks.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/model/volumes.h"

bool
pod_volume_object(const struct pod_volume *v, enum kobject_kind *kind)
{
    static const struct {
        const char *name;
        enum kobject_kind kind;
    } kinds[] = {{"configMap", KOBJECT_CONFIGMAP},
                 {"secret", KOBJECT_SECRET},
                 {"persistentVolumeClaim", KOBJECT_PVC}};
    for (size_t i = 0; i < IW_COUNTOF(kinds); i++) {
        *kind = kinds[i].kind;
        if (strcmp(v->kind, kinds[i].name) == 0 && v->ref[0])
            return true;
    }
    return false;
}

static void
add_link(struct pod_links *links, const struct pod *pod, enum kobject_kind kind, const char *name)
{
    if (!name[0] || links->count == POD_LINKS_MAX)
        return;
    for (size_t i = 0; i < links->count; i++)
        if (links->items[i].kind == kind && strcmp(links->items[i].name, name) == 0)
            return;
    struct kobject_ref *link = &links->items[links->count++];
    *link = (struct kobject_ref){.kind = kind};
    (void)snprintf(link->ns, sizeof(link->ns), "%.63s", pod->ns);
    (void)snprintf(link->name, sizeof(link->name), "%.253s", name);
}

/* What the container says it waits for comes first: `secret "db-secrets" not found`. */
static void
named_first(const struct container *c, struct pod_links *links)
{
    const char *message = c->status ? c->status->state.waiting_message : "";
    for (size_t i = 1; i < links->count; i++) {
        struct kobject_ref link = links->items[i];
        if (!strstr(message, link.name) || strstr(message, links->items[0].name))
            continue;
        memmove(&links->items[1], &links->items[0], i * sizeof(links->items[0]));
        links->items[0] = link;
        return;
    }
}

/* Each once: first what c says it waits for, then references of its environment, then what it mounts. */
static void
pod_links_of(const struct pod *pod, const struct container *c, struct pod_links *out)
{
    enum kobject_kind kind;
    out->count = 0;
    for (uint32_t i = 0; i < c->ref_count; i++)
        if (kobject_kind_parse(c->refs[i].kind, &kind))
            add_link(out, pod, kind, c->refs[i].name);
    for (uint32_t i = 0; i < c->mount_count; i++) {
        const struct pod_volume *v = pod_volume_named(pod, c->mounts[i].volume);
        if (v && pod_volume_object(v, &kind))
            add_link(out, pod, kind, v->ref);
    }
    named_first(c, out);
}

static void
open_link(const struct view_env *env, const struct kobject_ref *link, struct intent *out)
{
    (void)intent_open_object(out, env->store, link);
    out->pod = env->pod;
}

bool
pod_links_act(const struct view_env *env, const struct pod *pod, const struct container *c,
              size_t *chosen, enum action action, struct intent *out)
{
    struct pod_links links;
    bool next = action == ACT_NEXT_PANE, previous = action == ACT_PREV_PANE;
    if (!next && !previous && (action != ACT_OPEN || *chosen == 0))
        return false;
    pod_links_of(pod, c, &links);
    if (action == ACT_OPEN && *chosen <= links.count) {
        open_link(env, &links.items[*chosen - 1], out);
    } else if (links.count == 0) {
        *chosen = 0;
        out->kind = INTENT_FLASH;
        (void)snprintf(out->text, sizeof(out->text),
                       tr("%.63s needs no Secret, no ConfigMap and no claim"), c->name);
    } else {
        /* One more place than there are links: none. */
        *chosen = (*chosen + (next ? 1 : links.count)) % (links.count + 1);
    }
    return true;
}

bool
pod_links_title(const struct pod *pod, const struct container *c, size_t chosen, char *out,
                size_t out_size)
{
    struct pod_links links;
    out[0] = '\0';
    if (chosen == 0)
        return false;
    pod_links_of(pod, c, &links);
    if (chosen > links.count)
        return false;
    const struct kobject_ref *link = &links.items[chosen - 1];
    (void)snprintf(out, out_size, tr("▸ %s %s  %zu of %zu  Enter opens it"),
                   kobject_kind_info(link->kind)->kind, link->name, chosen, links.count);
    return true;
}
