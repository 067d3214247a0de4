/* view_card: a Secret or ConfigMap: its keys, who uses them, and those that somebody needs and that
 * are not there. Values are not shown, and not known either.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/progress.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

struct card_state {
    uint32_t top, lines;
    int height;
};

/* "cart/run-migrations (env)", for the containers of all pods that are known here. */
struct use {
    const struct pod *pod;
    const struct container *container;
    const char *key; /* "" the whole object */
    bool optional, volume;
};
struct uses {
    VEC(struct use) all;
    int key_cols; /* of the column of keys */
};

static bool
volume_is(const struct pod_volume *v, const struct kobject_ref *ref)
{
    const char *kind = ref->kind == KOBJECT_SECRET ? "secret" : "configMap";
    return strcmp(v->kind, kind) == 0 && strcmp(v->ref, ref->name) == 0;
}

static void
add_mounts(struct uses *u, const struct pod *pod, const struct pod_volume *v)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        for (uint32_t i = 0; i < c->mount_count; i++) {
            if (strcmp(c->mounts[i].volume, v->name) == 0) {
                vec_push(&u->all, ((struct use){.pod = pod,
                                                .container = c,
                                                .key = "",
                                                .optional = v->optional,
                                                .volume = true}));
                break;
            }
        }
    }
}

static void
add_refs(struct uses *u, const struct pod *pod, const struct kobject_ref *ref)
{
    const char *kind = kobject_kind_info(ref->kind)->kind;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        for (uint32_t i = 0; i < c->ref_count; i++) {
            const struct container_ref *r = &c->refs[i];
            if (strcmp(r->kind, kind) == 0 && strcmp(r->name, ref->name) == 0)
                vec_push(&u->all,
                         ((struct use){
                             .pod = pod, .container = c, .key = r->key, .optional = r->optional}));
        }
    }
}

static int
by_key(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : x->pod != y->pod ? strcmp(x->pod->name, y->pod->name) : 0;
}

/* Who refers to the object, sorted by key. Free u.all. */
static struct uses
uses_of(const struct view_env *env)
{
    struct uses u = {0};
    for (struct pod_ref it = {0, 0}; store_next(env->store, &it);) {
        const struct pod *pod = store_get(env->store, it);
        if (strcmp(pod->ns, env->object->ns) != 0)
            continue;
        add_refs(&u, pod, env->object);
        for (uint32_t i = 0; i < pod->volume_count; i++) {
            if (volume_is(&pod->volumes[i], env->object))
                add_mounts(&u, pod, &pod->volumes[i]);
        }
    }
    if (u.all.len > 1)
        qsort(u.all.items, u.all.len, sizeof(u.all.items[0]), by_key);
    return u;
}

/* The first use of `key`, or where it would be. */
static size_t
first_use(const struct uses *u, const char *key)
{
    size_t low = 0, high = u->all.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(u->all.items[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool
is_used(const struct uses *u, const char *key)
{
    size_t at = first_use(u, key);
    return at < u->all.len && strcmp(u->all.items[at].key, key) == 0;
}

/* --- the page --- */

/* How many users of one key are named; the others are counted. */
enum { USES_NAMED = 8, KEY_AT = 4 };

enum { USE_BYTES = 600 };

static void
use_text(const struct use *u, char out[USE_BYTES])
{
    (void)snprintf(out, USE_BYTES, "%.250s/%.250s%s", u->pod->name, u->container->name,
                   u->volume ? tr(" (volume)") : "");
}

static int
use_cols(const struct use *u)
{
    char name[USE_BYTES];
    use_text(u, name);
    return utf8_width(name, strlen(name));
}

/* With the sign of the container: whom it holds up is seen at a glance. */
static void
say_use(struct doc *d, const struct use *u, int64_t now_ms, int indent)
{
    char name[USE_BYTES];
    enum container_sign sign = container_sign(u->pod, u->container, now_ms);
    use_text(u, name);
    if (d->x > indent && d->x + 4 + utf8_width(name, strlen(name)) > d->width) {
        doc_line(d);
        doc_to(d, indent);
    }
    doc_put(d, sign_role(sign), d->x > indent ? "  %s " : "%s ", sign_glyph(sign, 0, false));
    doc_put(d, ROLE_TEXT, "%s", name);
}

/* The containers that use one key by name; "" those that take the whole object. */
static unsigned
say_uses(struct doc *d, const struct uses *u, const char *key, int64_t now_ms)
{
    unsigned said = 0;
    /* What does not fit beside the key has lines of its own. */
    if (d->x > KEY_AT && is_used(u, key) &&
        d->x + 2 + use_cols(&u->all.items[first_use(u, key)]) > d->width) {
        doc_line(d);
        doc_to(d, KEY_AT + 2);
    }
    int indent = d->x;
    for (size_t i = first_use(u, key); i < u->all.len; i++, said++) {
        if (strcmp(u->all.items[i].key, key) != 0)
            break;
        if (said < USES_NAMED)
            say_use(d, &u->all.items[i], now_ms, indent);
    }
    if (said > USES_NAMED)
        doc_put(d, ROLE_DIM, tr("  and %u more"), said - USES_NAMED);
    return said;
}

static bool
has_key(const struct config_facts *f, const char *key)
{
    for (uint32_t i = 0; f && i < f->key_count; i++) {
        if (strcmp(f->keys[i].name, key) == 0)
            return true;
    }
    return false;
}

enum { KEY_COLS_MIN = 12, KEY_COLS_MAX = 40, SIZE_COLS = 13 };

/* Keys stand in one column, as wide as the longest of them asks for. */
static int
key_column(const struct config_facts *f, const struct uses *u)
{
    int cols = KEY_COLS_MIN;
    for (uint32_t i = 0; f && i < f->key_count; i++)
        cols = IW_MAX(cols, utf8_width(f->keys[i].name, strlen(f->keys[i].name)));
    for (size_t i = 0; i < u->all.len; i++)
        cols = IW_MAX(cols, utf8_width(u->all.items[i].key, strlen(u->all.items[i].key)));
    return IW_MIN(cols, KEY_COLS_MAX);
}

static void
say_key(struct doc *d, const struct config_entry *key, const struct uses *u, int64_t now_ms)
{
    doc_line(d);
    doc_put(d, ROLE_OK, "  ✓ ");
    doc_field(d, u->key_cols, false, ROLE_TEXT, key->name);
    doc_to(d, KEY_AT + u->key_cols + 2);
    doc_put(d, ROLE_DIM, key->size_bytes == 1 ? tr("%u byte") : tr("%u bytes"), key->size_bytes);
    doc_to(d, KEY_AT + u->key_cols + 2 + SIZE_COLS);
    if (say_uses(d, u, key->name, now_ms) == 0)
        doc_put(d, ROLE_DIM, "%s",
                is_used(u, "") ? tr("with the whole object") : tr("nobody by name"));
}

/* Those that somebody names come first: there may be hundreds. */
static void
say_keys(struct doc *d, const struct config_facts *f, const struct uses *u, int64_t now_ms)
{
    doc_line(d);
    doc_rule(d, tr("keys (values are not read)"));
    for (int named = 1; named >= 0; named--)
        for (uint32_t i = 0; i < f->key_count; i++)
            if (is_used(u, f->keys[i].name) == (named == 1))
                say_key(d, &f->keys[i], u, now_ms);
    if (f->key_count == 0) {
        doc_line(d);
        doc_put(d, ROLE_WARN, "  %s", tr("it has no keys"));
    }
}

/* Keys that a container names and the object does not have. f NULL: the object is not there. */
static void
say_missing(struct doc *d, const struct config_facts *f, const struct uses *u, int64_t now_ms)
{
    bool any = false;
    for (size_t i = 0; i < u->all.len; i++) {
        const struct use *use = &u->all.items[i];
        bool told = i > 0 && strcmp(u->all.items[i - 1].key, use->key) == 0;
        if (!use->key[0] || told || has_key(f, use->key))
            continue;
        if (!any) {
            doc_line(d);
            doc_rule(d, f ? tr("missing keys") : tr("keys that are needed"));
        }
        any = true;
        doc_line(d);
        doc_put(d, use->optional ? ROLE_DIM : f ? ROLE_ERROR : ROLE_TEXT, "  %s ", f ? "✗" : "·");
        doc_field(d, u->key_cols, false, ROLE_TEXT, use->key);
        doc_to(d, KEY_AT + u->key_cols + 2);
        doc_put(d, ROLE_DIM, "%s", use->optional ? tr("optional") : tr("needed by"));
        doc_to(d, KEY_AT + u->key_cols + 2 + SIZE_COLS);
        (void)say_uses(d, u, use->key, now_ms);
    }
}

static void
say_whole(struct doc *d, const struct uses *u, int64_t now_ms)
{
    /* Whoever takes keys by name has been named. */
    if (u->all.len > 0 && !is_used(u, ""))
        return;
    doc_line(d);
    doc_rule(d, tr("used as a whole by"));
    doc_line(d);
    doc_to(d, 2);
    if (say_uses(d, u, "", now_ms) == 0)
        doc_put(d, ROLE_DIM, "%s", tr("no pod that is known here"));
}

/* The command that makes what is missing, with every key that somebody needs. */
static void
say_next(struct doc *d, const struct kobject_ref *ref, const struct uses *u)
{
    bool secret = ref->kind == KOBJECT_SECRET;
    strbuf_auto line;
    strbuf_init(&line, 2048);
    strbuf_addf(&line, "kubectl -n %s create %s %s", ref->ns,
                secret ? "secret generic" : "configmap", ref->name);
    for (size_t i = 0; i < u->all.len; i++) {
        const struct use *use = &u->all.items[i];
        bool told = i > 0 && strcmp(u->all.items[i - 1].key, use->key) == 0;
        if (use->key[0] && !told && !use->optional)
            strbuf_addf(&line, " --from-literal=%s=%s", use->key, "VALUE");
    }
    doc_line(d);
    doc_line(d);
    doc_put(d, ROLE_DIM, " %s ", tr("Next:"));
    doc_wrap(d, ROLE_MARK, d->x, 6, line.data);
}

static void
say_state(struct doc *d, const struct view_env *env, enum objects_answer answer)
{
    const struct kobject_ref *ref = env->object;
    enum objects_state state = kobjects_state(env->objects, ref->kind, ref->ns);
    doc_line(d);
    if (answer == OBJECTS_ABSENT) {
        doc_put(d, ROLE_ERROR, " ✗ ");
        doc_put(d, ROLE_TITLE, tr("%s %s/%s does not exist"), kobject_kind_info(ref->kind)->kind,
                ref->ns, ref->name);
        return;
    }
    doc_put(d, ROLE_WARN, " ? ");
    doc_put(d, ROLE_TEXT, "%s: %s", kobject_kind_info(ref->kind)->plural,
            tr(kobjects_state_word(state)));
    doc_line(d);
    doc_to(d, 3);
    doc_wrap(d, ROLE_DIM, 3, 3, kobjects_error(env->objects, ref->kind, ref->ns));
}

static void
card_page(struct doc *d, const struct view_env *env)
{
    const struct kobject_ref *ref = env->object;
    const struct kobject *o;
    enum objects_answer answer = kobjects_look(env->objects, ref->kind, ref->ns, ref->name, &o);
    struct uses u = uses_of(env);
    int64_t now_ms = env->now_wall_ms;
    char age[16] = "";
    if (answer == OBJECTS_FOUND && o->config) {
        if (o->created_ms != IW_TIME_NONE)
            duration_cells(env->now_wall_ms - o->created_ms, age);
        doc_line(d);
        doc_put(d, ROLE_DIM,
                o->config->key_count == 1 ? tr(" %u key   %s   %s%s") : tr(" %u keys   %s   %s%s"),
                o->config->key_count, o->config->type, age,
                o->config->immutable ? tr("   immutable") : "");
        u.key_cols = key_column(o->config, &u);
        say_missing(d, o->config, &u, now_ms);
        say_keys(d, o->config, &u, now_ms);
    } else {
        u.key_cols = key_column(NULL, &u);
        say_state(d, env, answer);
        say_missing(d, NULL, &u, now_ms);
    }
    say_whole(d, &u, now_ms);
    if (answer == OBJECTS_ABSENT && u.all.len > 0)
        say_next(d, ref, &u);
    vec_free(&u.all);
}

/* --- the view --- */

static void
card_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct card_state *st = state;
    doc_auto d;
    doc_init(&d, area.w);
    if (env->object->name[0])
        card_page(&d, env);
    st->height = area.h;
    st->lines = d.lines;
    st->top = IW_MIN(st->top, doc_max_top(&d, IW_MAX(area.h, 1)));
}

static void
card_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct card_state *st = state;
    doc_auto d;
    doc_init(&d, area.w);
    if (env->object->name[0])
        card_page(&d, env);
    doc_draw(&d, s, area, st->top);
}

/* The next Secret or ConfigMap of the pod that the card was opened from, after the present one; false when there is no other. */
static bool
step_object(const struct view_env *env, struct kobject_ref *out)
{
    const struct pod *pod = store_get(env->store, env->pod);
    bool found = false, take = false;
    struct kobject_ref first = {0};
    for (const struct container *c = NULL; pod && (c = pod_containers(pod, c)) != NULL;) {
        for (uint32_t i = 0; i < c->ref_count && !found; i++) {
            struct kobject_ref ref = *env->object;
            if (!kobject_kind_parse(c->refs[i].kind, &ref.kind))
                continue;
            (void)snprintf(ref.name, sizeof(ref.name), "%.253s", c->refs[i].name);
            bool now = ref.kind == env->object->kind && strcmp(ref.name, env->object->name) == 0;
            if (!first.name[0])
                first = ref;
            found = take && !now;
            if (found)
                *out = ref;
            take = take || now;
        }
    }
    if (!found)
        *out = first;
    return found || (first.name[0] && (first.kind != env->object->kind ||
                                       strcmp(first.name, env->object->name) != 0));
}

static bool
card_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct card_state *st = state;
    uint32_t height = (uint32_t)IW_MAX(st->height, 2);
    (void)arg;
    if (action == ACT_YAML) {
        out->kind = INTENT_OPEN;
        out->view = "object";
        out->object = *env->object;
        return true;
    }
    if (action == ACT_OPEN && step_object(env, &out->object)) {
        out->kind = INTENT_SWITCH;
        out->view = "card";
        out->pod = env->pod;
        return true;
    }
    if (action == ACT_COPY) {
        out->kind = INTENT_COPY;
        (void)snprintf(out->text, sizeof(out->text), "%s", env->object->name);
        return true;
    }
    struct list_cursor c = {.selected = st->top};
    if (!list_cursor_act(&c, action, st->lines > height ? st->lines - height + 1 : 1, height))
        return false;
    st->top = (uint32_t)c.selected;
    return true;
}

/* "12-35/504" while not all of it is in sight. */
static void
card_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct card_state *st = state;
    (void)env;
    if (st->height > 0 && st->lines > (uint32_t)st->height)
        (void)snprintf(out, out_size, "%u-%u/%u", st->top + 1,
                       IW_MIN(st->top + (uint32_t)st->height, st->lines), st->lines);
}

static uint32_t
card_wants(const void *state, const struct view_env *env)
{
    (void)state;
    return env->object->name[0] ? 1u << env->object->kind : 0;
}

static bool
card_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return env->object->name[0] != '\0';
}

static size_t
card_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    struct card_state *st = state;
    (void)env;
    *scroll = &st->top;
    return list_unseen(st->lines, st->height);
}

static bool
card_can(const void *state, const struct view_env *env, enum action action)
{
    const struct kobject_ref *ref = env->object;
    struct kobject_ref next;
    (void)state;
    if (action == ACT_YAML)
        return kobjects_look(env->objects, ref->kind, ref->ns, ref->name, NULL) != OBJECTS_ABSENT;
    return action != ACT_OPEN || step_object(env, &next);
}

const struct view_class view_card = {
    .name = "card",
    .title = "Secret, ConfigMap",
    .help = "A Secret or ConfigMap: its keys, who uses them, which are missing; never a value",
    .scope = VIEW_GLOBAL,
    .context = CTX_CARD,
    .state_size = sizeof(struct card_state),
    .recalc = card_recalc,
    .draw = card_draw,
    .unseen = card_unseen,
    .act = card_act,
    .can = card_can,
    .head_note = widget_object_head,
    .tab_note = card_note,
    .ticks = card_ticks,
    .wants = card_wants,
};
