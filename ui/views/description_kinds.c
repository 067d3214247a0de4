/* description_kinds: what claims and their classes, quotas and limits say of themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "description.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/quantity.h"

enum { LISTED_MOST = 60, QUOTA_NAME_COLS_LEAST = 16, QUOTA_BAR_COLS = 20 };

static const struct description_fact FACTS[] = {
    {KIND_BIT(PVC), TR_MARK("Volume mode"), "spec.volumeMode", "Filesystem"},
    {KIND_BIT(PVC), TR_MARK("Data source"), "spec.dataSource", NULL},
    {KIND_BIT(PVC), TR_MARK("Finalizers"), "metadata.finalizers", "kubernetes.io/pvc-protection"},
    {KIND_BIT(STORAGECLASS), TR_MARK("Parameters"), "parameters", NULL},
    {KIND_BIT(STORAGECLASS), TR_MARK("May grow"), "allowVolumeExpansion", NULL},
    {KIND_BIT(STORAGECLASS), TR_MARK("Mount options"), "mountOptions", NULL},
    {KIND_BIT(STORAGECLASS), TR_MARK("Topologies"), "allowedTopologies", NULL},
};

static void
more_facts(struct description *p)
{
    description_facts(p, FACTS, IW_COUNTOF(FACTS), YAML_NO_LINE, 0);
}

/* --- PersistentVolumeClaim --- */

static bool
mounts_claim(const struct pod *pod, const void *arg)
{
    const struct kobject_ref *ref = arg;
    for (uint32_t i = 0; strcmp(pod->ns, ref->ns) == 0 && i < pod->volume_count; i++)
        if (strcmp(pod->volumes[i].kind, "persistentVolumeClaim") == 0 &&
            strcmp(pod->volumes[i].ref, ref->name) == 0)
            return true;
    return false;
}

static bool
is_mounted(const struct description *p)
{
    for (struct pod_ref it = {0, 0}; store_next(p->env->store, &it);)
        if (mounts_claim(store_get(p->env->store, it), p->ref))
            return true;
    return false;
}

static enum block_severity
pvc_verdict(const struct description *p, char *out, size_t out_size)
{
    const struct pvc_facts *f = p->o->pvc;
    const struct kobject *class;
    bool pending = strcmp(f->phase, "Pending") == 0;
    if (pending && f->storage_class[0]) {
        enum objects_answer answer =
            kobjects_look(p->env->objects, KOBJECT_STORAGECLASS, "", f->storage_class, &class);
        if (answer == OBJECTS_ABSENT) {
            (void)snprintf(out, out_size, tr("Pending: there is no StorageClass %.200s"),
                           f->storage_class);
            return BLOCK_ERROR;
        }
        if (answer == OBJECTS_FOUND &&
            strcmp(class->storageclass->binding_mode, "WaitForFirstConsumer") == 0 &&
            !is_mounted(p)) {
            (void)snprintf(out, out_size, "%s",
                           tr("Pending: it is bound when a pod that uses it is scheduled"));
            return BLOCK_WAIT;
        }
    }
    (void)snprintf(out, out_size, "%s", f->phase);
    return strcmp(f->phase, "Bound") == 0 ? BLOCK_NONE : pending ? BLOCK_WARN : BLOCK_ERROR;
}

static void
pvc_spec(struct description *p)
{
    if (!p->o) {
        more_facts(p);
        return;
    }
    const struct pvc_facts *f = p->o->pvc;
    description_say_object(p, tr("Storage class"), KOBJECT_STORAGECLASS, "", f->storage_class);
    if (!f->storage_class[0])
        describe_say(&p->doc, 0, tr("Storage class"), ROLE_TEXT,
                     f->class_present ? tr("none: a volume has to be made by hand")
                                      : tr("not set: the default class"));
    describe_say(&p->doc, 0, tr("Volume"), ROLE_TEXT, f->volume[0] ? f->volume : tr("<none>"));
    describe_say(&p->doc, 0, tr("Asks for"), ROLE_TEXT, f->request);
    describe_say(&p->doc, 0, tr("Capacity"), ROLE_TEXT, f->capacity);
    describe_say(&p->doc, 0, tr("Access modes"), ROLE_TEXT, f->access_modes);
    more_facts(p);
}

static void
pvc_pods(struct description *p)
{
    const struct description_choice choice = {.takes = mounts_claim,
                                              .arg = p->ref,
                                              .title = tr("Used by pods"),
                                              .none = tr("no pod that is watched uses it"),
                                              .show_node = true};
    description_pods(p, &choice);
}

const struct description_kind description_pvc = {
    .wants = KIND_BIT(STORAGECLASS), .verdict = pvc_verdict, .sections = {pvc_spec, pvc_pods}};

/* --- StorageClass --- */

static void
class_spec(struct description *p)
{
    if (p->o) {
        const struct storageclass_facts *f = p->o->storageclass;
        describe_say(&p->doc, 0, tr("Default"), ROLE_TEXT, f->is_default ? tr("yes") : tr("no"));
        describe_say(&p->doc, 0, tr("Provisioner"), ROLE_TEXT, f->provisioner);
        describe_say(&p->doc, 0, tr("Binds"), ROLE_TEXT, f->binding_mode);
        describe_say(&p->doc, 0, tr("Reclaims"), ROLE_TEXT, f->reclaim);
    }
    more_facts(p);
}

static void
class_claims(struct description *p)
{
    const struct kobjects *objects = p->env->objects;
    unsigned said = 0, count = 0;
    description_rule(p, tr("Claims of this class"));
    for (size_t i = 0; i < kobjects_count(objects, KOBJECT_PVC); i++) {
        const struct kobject *o = kobjects_at(objects, KOBJECT_PVC, i);
        if (strcmp(o->pvc->storage_class, p->ref->name) != 0 || ++count > LISTED_MOST)
            continue;
        bool bound = strcmp(o->pvc->phase, "Bound") == 0;
        doc_line(&p->doc);
        doc_put(&p->doc, bound ? ROLE_OK : ROLE_WARN, "  %-10s", o->pvc->phase);
        description_link(p, KOBJECT_PVC, o->ns, o->name);
        doc_put(&p->doc, ROLE_DIM, "%s/", o->ns);
        doc_put(&p->doc, ROLE_MARK, "%s", o->name);
        doc_put(&p->doc, ROLE_DIM, "  %s", o->pvc->request);
        said++;
    }
    if (count == 0)
        description_nothing(p, tr("no claim that is watched names it"));
    if (count > said) {
        doc_line(&p->doc);
        doc_put(&p->doc, ROLE_DIM, tr("  and %u more"), count - said);
    }
}

const struct description_kind description_storageclass = {.wants = KIND_BIT(PVC),
                                                          .sections = {class_spec, class_claims}};

/* --- ResourceQuota, LimitRange --- */

static double
amount_of(const char *text)
{
    struct quantity q;
    return quantity_parse(text, strlen(text), &q, NULL) == IW_OK ? quantity_approx(&q) : 0;
}

static double
share_of(const struct quota_item *item)
{
    double hard = amount_of(item->hard);
    return hard > 0 ? amount_of(item->used) / hard : amount_of(item->used) > 0 ? 1 : 0;
}

static enum block_severity
quota_verdict(const struct description *p, char *out, size_t out_size)
{
    const struct quota_facts *f = p->o->quota;
    size_t used = 0;
    for (uint32_t i = 0; i < f->item_count; i++) {
        if (share_of(&f->items[i]) < 1)
            continue;
        int n = snprintf(out + used, out_size - used, "%s%.100s", used ? ", " : tr("used up: "),
                         f->items[i].name);
        used += n > 0 ? IW_MIN((size_t)n, out_size - used - 1) : 0;
    }
    if (!used)
        (void)snprintf(out, out_size, "%s", tr("there is room in everything"));
    return used ? BLOCK_WARN : BLOCK_NONE;
}

static void
quota_spec(struct description *p)
{
    struct doc *d = &p->doc;
    if (!p->o)
        return;
    const struct quota_facts *f = p->o->quota;
    describe_say(d, 0, tr("Scopes"), ROLE_TEXT, f->scopes);
    int names = QUOTA_NAME_COLS_LEAST;
    for (uint32_t i = 0; i < f->item_count; i++)
        names = IW_MAX(names, utf8_width(f->items[i].name, strlen(f->items[i].name)));
    names = IW_MIN(names, IW_MAX(d->width - 30, QUOTA_NAME_COLS_LEAST));
    description_rule(p, tr("Used of what is allowed"));
    for (uint32_t i = 0; i < f->item_count; i++) {
        double share = share_of(&f->items[i]);
        enum role role = share >= 1 ? ROLE_ERROR : share > 0.9 ? ROLE_WARN : ROLE_BAR;
        int full = (int)(IW_MIN(share, 1.0) * QUOTA_BAR_COLS + 0.5);
        doc_line(d);
        doc_put(d, ROLE_TEXT, "  ");
        doc_field(d, names, false, ROLE_TEXT, f->items[i].name);
        doc_field(d, 10, true, share >= 1 ? ROLE_ERROR : ROLE_TEXT, f->items[i].used);
        doc_put(d, ROLE_DIM, tr(" of "));
        doc_field(d, 10, false, ROLE_TEXT, f->items[i].hard);
        if (d->x + QUOTA_BAR_COLS + 5 <= d->width) {
            doc_repeat(d, role, "█", full);
            doc_repeat(d, ROLE_DIM, "░", QUOTA_BAR_COLS - full);
            doc_put(d, ROLE_DIM, " %3.0f%%", share * 100);
        }
    }
}

const struct description_kind description_quota = {.verdict = quota_verdict,
                                                   .sections = {quota_spec}};

static void
limit_cell(struct doc *d, const char *text)
{
    doc_put(d, ROLE_TEXT, " ");
    doc_field(d, 9, true, text[0] ? ROLE_TEXT : ROLE_DIM, text[0] ? text : "–");
}

static void
limit_spec(struct description *p)
{
    static const char *const HEADS[] = {TR_MARK("MIN"), TR_MARK("MAX"), TR_MARK("DEF REQ"),
                                        TR_MARK("DEF LIM"), TR_MARK("RATIO")};
    struct doc *d = &p->doc;
    if (!p->o)
        return;
    description_rule(p, tr("Limits"));
    doc_line(d);
    doc_put(d, ROLE_DIM, "  ");
    doc_field(d, 10, false, ROLE_DIM, tr("TYPE"));
    doc_field(d, 18, false, ROLE_DIM, tr("RESOURCE"));
    for (size_t i = 0; i < IW_COUNTOF(HEADS); i++) {
        doc_put(d, ROLE_DIM, " ");
        doc_field(d, 9, true, ROLE_DIM, tr(HEADS[i]));
    }
    for (uint32_t i = 0; i < p->o->limitrange->item_count; i++) {
        const struct limit_item *item = &p->o->limitrange->items[i];
        doc_line(d);
        doc_put(d, ROLE_TEXT, "  ");
        doc_field(d, 10, false, ROLE_TEXT, item->type);
        doc_field(d, 18, false, ROLE_TEXT, item->resource);
        limit_cell(d, item->min);
        limit_cell(d, item->max);
        limit_cell(d, item->default_request);
        limit_cell(d, item->default_limit);
        limit_cell(d, item->max_ratio);
    }
}

const struct description_kind description_limitrange = {.sections = {limit_spec}};
