/* related: the neighbourhood of a pod, as far as it can explain why the pod is not ready.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/related.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/tr.h"

const char *
relation_word(enum relation r)
{
    static const char *const WORDS[RELATION_COUNT] = {
        "",
        TR_MARK("this pod"),
        TR_MARK("owner of"),
        TR_MARK("node of"),
        TR_MARK("needed by"),
        TR_MARK("waited for by"),
    };
    return (unsigned)r < RELATION_COUNT ? WORDS[r] : "";
}

static void
add(struct related *r, enum relation relation, const char *kind, const char *ns, const char *name)
{
    if (!name[0] || r->count == RELATED_MAX || related_find(r, kind, ns, name) != RELATION_NONE)
        return;
    struct related_object *o = &r->items[r->count++];
    *o = (struct related_object){.relation = relation, .kind = kind};
    snprintf(o->ns, sizeof(o->ns), "%s", ns);
    snprintf(o->name, sizeof(o->name), "%s", name);
}

static void
add_owners(struct related *r, const struct kobjects *objects, const char *ns, const char *kind,
           const char *name)
{
    enum kobject_kind code;
    const struct kobject *o;
    add(r, RELATION_OWNER, kind, ns, name);
    /* A Deployment owns its pods through a ReplicaSet. */
    if (kobject_kind_parse(kind, &code) &&
        kobjects_look(objects, code, ns, name, &o) == OBJECTS_FOUND && o->owner_name[0] &&
        kobject_kind_parse(o->owner_kind, &code))
        add(r, RELATION_OWNER, kobject_kind_info(code)->kind, ns, o->owner_name);
}

static void
add_needs(struct related *r, const struct pod *pod)
{
    static const char *const KINDS[][2] = {{"persistentVolumeClaim", "PersistentVolumeClaim"},
                                           {"configMap", "ConfigMap"},
                                           {"secret", "Secret"}};
    for (uint32_t i = 0; i < pod->volume_count; i++)
        for (size_t k = 0; k < IW_COUNTOF(KINDS); k++)
            if (strcmp(pod->volumes[i].kind, KINDS[k][0]) == 0)
                add(r, RELATION_NEEDS, KINDS[k][1], pod->ns, pod->volumes[i].ref);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        for (uint32_t i = 0; i < c->ref_count; i++)
            add(r, RELATION_NEEDS, c->refs[i].kind, pod->ns, c->refs[i].name);
}

static void
add_waits(struct related *r, const struct store *store, const struct pod *pod, int64_t now_wall_ms)
{
    struct chain *chain = iw_calloc(1, sizeof(*chain));
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list != LIST_INIT || !chain_of(store, pod, c, now_wall_ms, chain))
            continue;
        for (size_t i = 0; i < chain->count; i++) {
            const struct chain_step *s = &chain->steps[i];
            if (s->kind[0])
                add(r, RELATION_WAITS, s->kind, s->ns, s->name);
            struct pod_ref ref;
            const struct pod *behind =
                strcmp(s->kind, "Pod") == 0 && store_find(store, s->ns, s->name, &ref)
                    ? store_get(store, ref)
                    : NULL;
            if (behind && behind->owner_name[0])
                add(r, RELATION_WAITS, behind->owner_kind, behind->ns, behind->owner_name);
        }
    }
    free(chain);
}

void
related_of(const struct store *store, const struct pod *pod, int64_t now_wall_ms,
           struct related *out)
{
    out->count = 0;
    add(out, RELATION_SELF, "Pod", pod->ns, pod->name);
    if (pod->owner_name[0])
        add_owners(out, store_objects(store), pod->ns, pod->owner_kind, pod->owner_name);
    add(out, RELATION_NODE, "Node", "", pod->node);
    add_needs(out, pod);
    add_waits(out, store, pod, now_wall_ms);
}

enum relation
related_find(const struct related *r, const char *kind, const char *ns, const char *name)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct related_object *o = &r->items[i];
        if (strcmp(o->name, name) == 0 && strcmp(o->kind, kind) == 0 &&
            (!o->ns[0] || strcmp(o->ns, ns) == 0))
            return o->relation;
    }
    return RELATION_NONE;
}

enum relation
related_event(const struct related *r, const struct kevent *ev)
{
    return related_find(r, ev->object_kind, ev->ns, ev->object_name);
}
