/* description_page: any object but a pod: what it is called and how it is, what its kind says of itself, its events.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "description.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/status.h"
#include "initwatch/ui/widget.h"

enum {
    PODS_LISTED = 60, /* of one section; the stuck ones are the first */
    POD_NAME_COLS_LEAST = 12,
    POD_STATE_COLS = 30, /* what is left for the state beside a long name */
    STRIP_COLS_MOST = 14,
    CONDITION_TYPE_COLS = 28,
    CONDITION_SINCE_COL = 39,
    CONDITION_TEXT_COL = 46,
    CONDITION_COLS = 90 /* narrower, the text of a condition has lines of its own */
};

static const struct description_kind *const KINDS[KOBJECT_KIND_COUNT] = {
    [KOBJECT_NODE] = &description_node,
    [KOBJECT_SERVICE] = &description_service,
    [KOBJECT_ENDPOINTSLICE] = &description_slice,
    [KOBJECT_PVC] = &description_pvc,
    [KOBJECT_STORAGECLASS] = &description_storageclass,
    [KOBJECT_QUOTA] = &description_quota,
    [KOBJECT_LIMITRANGE] = &description_limitrange,
    [KOBJECT_DEPLOYMENT] = &description_workload,
    [KOBJECT_REPLICASET] = &description_workload,
    [KOBJECT_STATEFULSET] = &description_workload,
    [KOBJECT_DAEMONSET] = &description_workload,
    [KOBJECT_JOB] = &description_workload,
    [KOBJECT_NETWORKPOLICY] = &description_policy,
    [KOBJECT_CRONJOB] = &description_cronjob,
};

bool
description_has(enum kobject_kind kind)
{
    return (unsigned)kind < KOBJECT_KIND_COUNT && KINDS[kind] != NULL;
}

uint32_t
description_wants(enum kobject_kind kind)
{
    return description_has(kind) ? 1u << kind | KINDS[kind]->wants : 0;
}

/* --- parts --- */

void
description_link(struct description *p, enum kobject_kind kind, const char *ns, const char *name)
{
    struct description_link link = {.line = p->doc.lines - 1, .ref = {.kind = kind}};
    (void)snprintf(link.ref.ns, sizeof(link.ref.ns), "%.63s",
                   kobject_kind_info(kind)->namespaced ? ns : "");
    (void)snprintf(link.ref.name, sizeof(link.ref.name), "%.253s", name);
    vec_push(&p->links, link);
}

void
description_say_object(struct description *p, const char *label, enum kobject_kind kind,
                       const char *ns, const char *name)
{
    if (!name[0])
        return;
    doc_line(&p->doc);
    if (label[0])
        doc_put(&p->doc, ROLE_DIM, "%s:", label);
    doc_to(&p->doc, DESCRIBE_VALUE_COLS);
    description_link(p, kind, ns, name);
    doc_put(&p->doc, ROLE_MARK, "%s", name);
}

void
description_rule(struct description *p, const char *title)
{
    doc_rule(&p->doc, title);
}

void
description_nothing(struct description *p, const char *sentence)
{
    doc_line(&p->doc);
    doc_to(&p->doc, 2);
    doc_wrap(&p->doc, ROLE_DIM, 2, 2, sentence);
}

void
description_age(const struct view_env *env, int64_t wall_ms, char out[16])
{
    out[0] = '\0';
    if (wall_ms != IW_TIME_NONE)
        duration_cells(IW_MAX(env->now_wall_ms - wall_ms, (int64_t)0), out);
}

/* A value, or what stands in a block, in one text. */
static void
fact_text(const struct yaml_text *y, size_t line, char *out, size_t out_size)
{
    yaml_value(y, line, out, out_size);
    if (!out[0] && yaml_end(y, line) > line + 1)
        describe_leaves(y, line + 1, yaml_end(y, line), NULL, out, out_size);
}

void
description_facts(struct description *p, const struct description_fact *rows, size_t count,
                  size_t of, int indent)
{
    for (size_t i = 0; p->y && i < count; i++) {
        const struct description_fact *f = &rows[i];
        char text[600];
        size_t line = f->kinds & 1u << p->ref->kind ? yaml_member(p->y, of, f->path) : YAML_NO_LINE;
        if (line == YAML_NO_LINE)
            continue;
        fact_text(p->y, line, text, sizeof(text));
        if (f->quiet && strcmp(text, f->quiet) == 0)
            continue;
        describe_say(&p->doc, indent, tr(f->name), ROLE_TEXT, text);
    }
}

/* --- pods --- */

struct pod_row {
    const struct pod *pod;
    struct pod_block block;
};

static int
compare_pods(const void *a, const void *b)
{
    const struct pod_row *x = a, *y = b;
    return pod_block_compare(x->pod, &x->block, y->pod, &y->block);
}

static void
pod_line(struct description *p, const struct pod_row *row, int name_cols, int strip_cols, bool node)
{
    struct doc *d = &p->doc;
    const struct pod *pod = row->pod;
    char strip[80], status[128];
    bool stuck = row->block.severity >= BLOCK_WAIT, quiet = row->block.severity == BLOCK_NONE;
    pod_strip_text(pod, p->env->now_wall_ms, p->env->prefs->ascii, strip, sizeof(strip));
    pod_display_status(pod, status, sizeof(status));
    doc_line(d);
    doc_put(d, stuck ? ROLE_ERROR : ROLE_DIM, stuck ? " ✗ " : "   ");
    description_link(p, KOBJECT_POD, pod->ns, pod->name);
    doc_field(d, name_cols, false, ROLE_MARK, pod->name);
    doc_put(d, ROLE_TEXT, "  ");
    doc_field(d, strip_cols, false, quiet ? ROLE_DIM : ROLE_TEXT, strip);
    doc_put(d, ROLE_TEXT, "  ");
    if (node && d->width >= 100) {
        doc_field(d, 16, false, ROLE_DIM, pod->node[0] ? pod->node : "–");
        doc_put(d, ROLE_TEXT, "  ");
    }
    doc_wrap(d,
             stuck   ? ROLE_ERROR
             : quiet ? ROLE_DIM
                     : ROLE_TEXT,
             d->x, 2, quiet ? status : row->block.summary);
}

static void
pods_title(struct description *p, const char *title, size_t pods, size_t stuck)
{
    char text[160];
    (void)snprintf(text, sizeof(text), "%s: %zu", title, pods);
    if (stuck)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), tr(", %zu stuck"), stuck);
    description_rule(p, text);
}

void
description_pods(struct description *p, const struct description_choice *choice)
{
    VEC(struct pod_row) rows = {0};
    size_t stuck = 0;
    int names = POD_NAME_COLS_LEAST, strips = 3;
    for (struct pod_ref it = {0, 0}; store_next(p->env->store, &it);) {
        struct pod_row row = {.pod = store_get(p->env->store, it)};
        if (!choice->takes(row.pod, choice->arg))
            continue;
        pod_block_of(row.pod, p->env->now_wall_ms, &row.block);
        stuck += row.block.severity >= BLOCK_WAIT;
        names = IW_MAX(names, utf8_width(row.pod->name, strlen(row.pod->name)));
        strips = IW_MAX(strips, widget_strip_width(row.pod, true));
        vec_push(&rows, row);
    }
    pods_title(p, choice->title, rows.len, stuck);
    if (rows.len == 0)
        description_nothing(p, choice->none);
    if (rows.len > 1)
        qsort(rows.items, rows.len, sizeof(*rows.items), compare_pods);
    strips = IW_MIN(strips, STRIP_COLS_MOST);
    names = IW_MIN(names, IW_MAX(p->doc.width - strips - POD_STATE_COLS, POD_NAME_COLS_LEAST));
    for (size_t i = 0; i < IW_MIN(rows.len, (size_t)PODS_LISTED); i++)
        pod_line(p, &rows.items[i], names, strips, choice->show_node);
    if (rows.len > PODS_LISTED) {
        doc_line(&p->doc);
        doc_put(&p->doc, ROLE_DIM, tr("  and %zu more"), rows.len - PODS_LISTED);
    }
    vec_free(&rows);
}

/* --- conditions --- */

/* Of a node, and what is called a failure: good when it is False. */
static bool
is_good(const struct pod_condition *c, bool node)
{
    bool bad_news = (node && strcmp(c->type, "Ready") != 0) || strstr(c->type, "Fail") != NULL;
    return strcmp(c->status, bad_news ? "False" : "True") == 0;
}

void
description_conditions(struct description *p, const struct pod_condition *conditions,
                       uint32_t count, bool node)
{
    struct doc *d = &p->doc;
    int text_col = d->width >= CONDITION_COLS ? CONDITION_TEXT_COL : 6;
    if (count == 0)
        return;
    description_rule(p, tr("Conditions"));
    for (uint32_t i = 0; i < count; i++) {
        const struct pod_condition *c = &conditions[i];
        bool good = is_good(c, node);
        char since[16], text[600];
        description_age(p->env, c->transition_ms, since);
        doc_line(d);
        doc_put(d, good ? ROLE_OK : ROLE_ERROR, " %s ", good ? "✓" : "✗");
        doc_put(d, good ? ROLE_TEXT : ROLE_TITLE, "%s", c->type);
        doc_to(d, CONDITION_TYPE_COLS + 3);
        doc_put(d, good ? ROLE_OK : ROLE_WARN, "%s", c->status);
        doc_to(d, CONDITION_SINCE_COL);
        doc_put(d, ROLE_DIM, "%s", since);
        (void)snprintf(text, sizeof(text), "%.100s%s%.480s", c->reason,
                       c->reason[0] && c->message[0] ? ": " : "", c->message);
        if (!text[0])
            continue;
        bool beside = CONDITION_TEXT_COL + utf8_width(text, strlen(text)) <= d->width;
        int col = beside ? CONDITION_TEXT_COL : text_col;
        if (col < CONDITION_TEXT_COL)
            doc_line(d);
        doc_to(d, col);
        doc_wrap(d, good ? ROLE_DIM : ROLE_TEXT, col, 3, text);
    }
}

/* --- head and end --- */

static void
say_labels(struct description *p)
{
    struct doc *d = &p->doc;
    for (uint32_t i = 0; p->o && i < p->o->label_count; i++) {
        char text[400];
        (void)snprintf(text, sizeof(text), "%.250s=%.100s", p->o->labels[i].key,
                       p->o->labels[i].value);
        describe_say(d, 0, i == 0 ? tr("Labels") : "", ROLE_TEXT, text);
    }
    if (p->o || !p->y)
        return;
    size_t list = yaml_member(p->y, YAML_NO_LINE, "metadata.labels");
    for (size_t i = list == YAML_NO_LINE ? list : list + 1;
         i != YAML_NO_LINE && i < yaml_end(p->y, list); i++) {
        char key[260], value[120], text[400];
        describe_key(p->y, i, key, sizeof(key));
        yaml_value(p->y, i, value, sizeof(value));
        (void)snprintf(text, sizeof(text), "%s=%s", key, value);
        describe_say(d, 0, i == list + 1 ? tr("Labels") : "", ROLE_TEXT, text);
    }
}

static void
say_owner(struct description *p)
{
    enum kobject_kind kind;
    char text[400];
    if (!p->o || !p->o->owner_name[0])
        return;
    (void)snprintf(text, sizeof(text), "%.60s %.253s", p->o->owner_kind, p->o->owner_name);
    describe_say(&p->doc, 0, tr("Controlled by"), ROLE_MARK, text);
    if (kobject_kind_parse(p->o->owner_kind, &kind))
        description_link(p, kind, p->ref->ns, p->o->owner_name);
}

static void
say_verdict(struct description *p)
{
    static const struct {
        const char *sign;
        enum role role;
    } LOOKS[] = {[BLOCK_NONE] = {"✓", ROLE_OK},
                 [BLOCK_PROGRESS] = {"◌", ROLE_WORKING},
                 [BLOCK_WAIT] = {"◌", ROLE_WORKING},
                 [BLOCK_WARN] = {"⚠", ROLE_WARN},
                 [BLOCK_ERROR] = {"✗", ROLE_ERROR}};
    char text[512] = "";
    if (!p->o || !KINDS[p->ref->kind]->verdict)
        return;
    enum block_severity severity = KINDS[p->ref->kind]->verdict(p, text, sizeof(text));
    if (!text[0])
        return;
    doc_line(&p->doc);
    doc_put(&p->doc, ROLE_DIM, "%s:", tr("Status"));
    doc_to(&p->doc, DESCRIBE_VALUE_COLS);
    doc_put(&p->doc, LOOKS[severity].role, "%s ", LOOKS[severity].sign);
    doc_wrap(&p->doc, severity == BLOCK_NONE ? ROLE_TEXT : LOOKS[severity].role, p->doc.x, 4, text);
}

/* Why less is said than there is to say. */
static void
say_state(struct description *p)
{
    const struct kobject_ref *ref = p->ref;
    const char *kind = kobject_kind_info(ref->kind)->kind;
    enum objects_state state = kobjects_state(p->env->objects, ref->kind, ref->ns);
    char text[512];
    bool failed = p->env->raw->state == RAW_FAILED && !p->y;
    if (p->answer == OBJECTS_FOUND)
        return;
    if (p->answer == OBJECTS_ABSENT) {
        (void)snprintf(text, sizeof(text), tr("this %s does not exist"), kind);
        describe_say(&p->doc, 0, tr("Status"), ROLE_ERROR, text);
        return;
    }
    (void)snprintf(text, sizeof(text), "%.60s: %.60s%s%.300s", kobject_kind_info(ref->kind)->plural,
                   tr(kobjects_state_word(state)),
                   kobjects_error(p->env->objects, ref->kind, ref->ns)[0] ? "; " : "",
                   kobjects_error(p->env->objects, ref->kind, ref->ns));
    describe_say(&p->doc, 0, tr("Not known"), ROLE_WARN, text);
    if (failed)
        describe_say(&p->doc, 0, "", ROLE_WARN, p->env->raw->sentence);
}

static void
say_head(struct description *p)
{
    struct doc *d = &p->doc;
    describe_say(d, 0, tr("Name"), ROLE_TITLE, p->ref->name);
    describe_say(d, 0, tr("Namespace"), ROLE_TEXT, p->ref->ns);
    say_state(p);
    say_verdict(p);
    if (p->o) {
        describe_moment(d, p->env->now_wall_ms, 0, tr("Created"), p->o->created_ms);
        describe_moment(d, p->env->now_wall_ms, 0, tr("Being deleted"), p->o->deletion_ms);
    }
    say_owner(p);
}

/* What tools read; people look at it last. */
static void
say_metadata(struct description *p)
{
    const struct yaml_text *y = p->y;
    bool labels = p->o ? p->o->label_count > 0
                       : y && yaml_member(y, YAML_NO_LINE, "metadata.labels") != YAML_NO_LINE;
    if (!labels && !(y && yaml_member(y, YAML_NO_LINE, "metadata.annotations") != YAML_NO_LINE))
        return;
    description_rule(p, tr("Labels and annotations"));
    say_labels(p);
    describe_annotations_of(&p->doc, y);
}

static int
compare_index(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* By name: some report the uid of an object, some its name in the uid's place. */
static void
say_events(struct description *p)
{
    const struct kevent_ring *ring = store_events(p->env->store);
    const char *kind = kobject_kind_info(p->ref->kind)->kind, *ns = p->env->session->ns;
    VEC(size_t) about = {0};
    size_t it = 0, at;
    while (kevent_ring_named(ring, p->ref->name, &it, &at)) {
        const struct kevent *ev = kevent_ring_at(ring, at);
        if (strcmp(ev->object_kind, kind) == 0 &&
            (!p->ref->ns[0] || strcmp(ev->ns, p->ref->ns) == 0))
            vec_push(&about, at);
    }
    if (about.len > 1)
        qsort(about.items, about.len, sizeof(*about.items), compare_index);
    /* Events about what has no namespace are in "default". */
    bool seen = p->ref->ns[0] || !ns[0] || strstr(ns, "default");
    describe_events(&p->doc, ring, about.items, about.len,
                    seen && store_synced(p->env->store, STREAM_EVENTS), p->env->now_wall_ms);
    vec_free(&about);
}

void
description_make(struct description *p, const struct view_env *env, int width)
{
    const struct raw_object *raw = env->raw;
    const struct kobject_ref *ref = env->object;
    doc_init(&p->doc, width);
    vec_clear(&p->links);
    p->env = env;
    p->ref = ref;
    if (!description_has(ref->kind) || !ref->name[0])
        return;
    p->answer = kobjects_look(env->objects, ref->kind, ref->ns, ref->name, &p->o);
    p->y = raw->ref.kind == ref->kind && strcmp(raw->ref.ns, ref->ns) == 0 &&
                   strcmp(raw->ref.name, ref->name) == 0
               ? raw->yaml
               : NULL;
    say_head(p);
    for (size_t i = 0; i < DESCRIPTION_SECTIONS && KINDS[ref->kind]->sections[i]; i++)
        KINDS[ref->kind]->sections[i](p);
    say_metadata(p);
    say_events(p);
}

void
description_free(struct description *p)
{
    doc_free(&p->doc);
    vec_free(&p->links);
}
