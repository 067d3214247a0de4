/* fetch: starts and stops watches of kinds, and gets single objects.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/model/chain.h"
#include "initwatch/source/yaml_emit.h"

/* Longer than a look at the log in between. */
enum { KIND_LINGER_MS = 5 * 60 * 1000 };
/* More namespaces than this nobody's pod waits for at a time. */
enum { FOREIGN_MOST = 8 };
/* A pod that changes several times a second is not read as often. */
enum { RAW_INTERVAL_MS = 1000 };

/* A namespace outside of the session that a wait loop names. */
struct foreign {
    char ns[64];
    uint32_t watched;
    int64_t wanted_ms;
};

struct fetch {
    struct session *session;
    struct foreign foreign[FOREIGN_MOST];
    size_t foreign_count;
    uint32_t watched; /* KIND_BIT */
    int64_t wanted_ms[KOBJECT_KIND_COUNT];
    struct raw_object raw;
    struct yaml_text *yaml;
    struct source_get *get; /* NULL: none under way */
    uint64_t asked_version; /* of the object in the model when it was asked for */
    int64_t asked_ms;
    loop_id timer; /* to ask again */
};

static int64_t
now_ms(const struct fetch *f)
{
    return clock_mono(loop_clock(f->session->loop));
}

struct fetch *
fetch_new(struct session *session)
{
    struct fetch *f = iw_calloc(1, sizeof(*f));
    f->session = session;
    f->raw.as_of_wall_ms = IW_TIME_NONE;
    return f;
}

const struct raw_object *
fetch_raw(const struct fetch *f)
{
    return &f->raw;
}

static void
raw_clear(struct fetch *f)
{
    yaml_text_free(f->yaml);
    f->yaml = NULL;
    uint64_t generation = f->raw.generation;
    f->raw = (struct raw_object){.as_of_wall_ms = IW_TIME_NONE, .generation = generation + 1};
}

void
fetch_reset(struct fetch *f)
{
    if (f->get)
        f->session->source->class_->close_get(f->get);
    loop_remove(f->session->loop, f->timer);
    f->timer = 0;
    f->watched = 0;
    f->foreign_count = 0;
    raw_clear(f);
}

void
fetch_free(struct fetch *f)
{
    if (!f)
        return;
    fetch_reset(f);
    free(f);
}

/* --- kinds --- */

static void
want_kinds(struct fetch *f, uint32_t kinds)
{
    struct source *source = f->session->source;
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        if (!(kinds & 1u << i))
            continue;
        f->wanted_ms[i] = now_ms(f);
        if (f->watched & 1u << i)
            continue;
        f->watched |= 1u << i;
        source->class_->watch_kind(source, (enum kobject_kind)i, NULL);
    }
}

/* Is the namespace one of those that the session watches: "" all, or "a,b". */
static bool
session_shows(const struct session *s, const char *ns)
{
    size_t len = strlen(ns);
    const char *at = s->ns;
    while (*at) {
        size_t part = strcspn(at, ",");
        if (part == len && strncmp(at, ns, len) == 0)
            return true;
        at += part + (at[part] == ',');
    }
    return s->ns[0] == '\0';
}

static struct foreign *
foreign_of(struct fetch *f, const char *ns)
{
    for (size_t i = 0; i < f->foreign_count; i++) {
        if (strcmp(f->foreign[i].ns, ns) == 0)
            return &f->foreign[i];
    }
    if (f->foreign_count == FOREIGN_MOST)
        return NULL;
    struct foreign *other = &f->foreign[f->foreign_count++];
    *other = (struct foreign){0};
    (void)snprintf(other->ns, sizeof(other->ns), "%s", ns);
    return other;
}

static void
watch_foreign(struct fetch *f, const char *ns, uint32_t kinds)
{
    struct source *source = f->session->source;
    struct foreign *other = foreign_of(f, ns);
    if (!other)
        return;
    other->wanted_ms = now_ms(f);
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        enum kobject_kind kind = (enum kobject_kind)i;
        uint32_t bit = 1u << i;
        if (!(kinds & bit) || (other->watched & bit) || !kobject_kind_info(kind)->namespaced)
            continue;
        other->watched |= bit;
        source->class_->watch_kind(source, kind, ns);
    }
}

void
fetch_want_targets(struct fetch *f, uint32_t kinds, const struct pod *pod)
{
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        struct wait_target target;
        char name[254], ns[64];
        bool sure;
        if (container_wait_target(c, &target) &&
            service_of_host(target.host, pod->ns, name, ns, &sure) && sure &&
            !session_shows(f->session, ns))
            watch_foreign(f, ns, kinds);
    }
}

static void
expire_foreign(struct fetch *f, int64_t limit_ms)
{
    struct source *source = f->session->source;
    for (size_t i = f->foreign_count; i-- > 0;) {
        struct foreign *other = &f->foreign[i];
        if (other->wanted_ms >= limit_ms)
            continue;
        for (int k = 0; k < KOBJECT_KIND_COUNT; k++) {
            if (other->watched & 1u << k)
                source->class_->unwatch_kind(source, (enum kobject_kind)k, other->ns);
        }
        *other = f->foreign[--f->foreign_count];
    }
}

void
fetch_expire(struct fetch *f)
{
    struct source *source = f->session->source;
    int64_t limit_ms = now_ms(f) - KIND_LINGER_MS;
    expire_foreign(f, limit_ms);
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        if (!(f->watched & 1u << i) || f->wanted_ms[i] >= limit_ms)
            continue;
        f->watched &= ~(1u << i);
        source->class_->unwatch_kind(source, (enum kobject_kind)i, NULL);
    }
}

/* --- one raw object --- */

static void
raw_done(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct fetch *f = ctx;
    struct yaml_text *yaml = NULL;
    struct iw_error failure = *err;
    f->get = NULL;
    if (err->code == IW_ERR_CANCELED)
        return;
    f->raw.generation++;
    if (failure.code != IW_OK || yaml_from_json(json, len, &yaml, &failure) != IW_OK) {
        f->raw.state = RAW_FAILED;
        (void)snprintf(f->raw.sentence, sizeof(f->raw.sentence), "%.250s", failure.msg);
        return;
    }
    yaml_text_free(f->yaml);
    f->raw.yaml = f->yaml = yaml;
    f->raw.state = RAW_HERE;
    f->raw.sentence[0] = '\0';
    f->raw.as_of_wall_ms = clock_wall(loop_clock(f->session->loop));
}

/* Changes when the model hears of another version of the object; 0 when it does not know it. */
static uint64_t
version_of(const struct fetch *f, const struct kobject_ref *ref)
{
    const struct store *store = f->session->store;
    struct pod_ref pod;
    const struct kobject *o;
    if (ref->kind == KOBJECT_POD)
        return store_find(store, ref->ns, ref->name, &pod) ? store_pod_generation(store, pod) : 0;
    if (kobjects_look(store_objects(store), ref->kind, ref->ns, ref->name, &o) != OBJECTS_FOUND)
        return 0;
    uint64_t hash = 1469598103934665603u;
    for (const char *at = o->resource_version; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return hash;
}

static bool
same_ref(const struct kobject_ref *a, const struct kobject_ref *b)
{
    return a->kind == b->kind && strcmp(a->ns, b->ns) == 0 && strcmp(a->name, b->name) == 0;
}

static void
ask_raw(struct fetch *f)
{
    struct source *source = f->session->source;
    struct object_sink sink = {.ctx = f, .done = raw_done};
    struct iw_error err = {0};
    f->asked_version = version_of(f, &f->raw.ref);
    f->asked_ms = now_ms(f);
    f->raw.state = RAW_LOADING;
    f->raw.generation++;
    if (source->class_->get_object(source, &f->raw.ref, &sink, &f->get, &err) != IW_OK) {
        f->raw.state = RAW_FAILED;
        (void)snprintf(f->raw.sentence, sizeof(f->raw.sentence), "%.250s", err.msg);
    }
}

/* Only there to end the sleep: the next fetch_want asks. */
static void
on_timer(void *ctx)
{
    struct fetch *f = ctx;
    f->timer = 0;
}

static void
want_raw(struct fetch *f, const struct kobject_ref *ref)
{
    if (ref->name[0] == '\0')
        return;
    if (!same_ref(&f->raw.ref, ref)) {
        if (f->get)
            f->session->source->class_->close_get(f->get);
        raw_clear(f);
        f->raw.ref = *ref;
        ask_raw(f);
        return;
    }
    if (f->get || f->timer || version_of(f, ref) == f->asked_version)
        return;
    int64_t wait_ms = f->asked_ms + RAW_INTERVAL_MS - now_ms(f);
    if (wait_ms > 0)
        f->timer = loop_timer_add(f->session->loop, wait_ms, on_timer, f);
    else
        ask_raw(f);
}

void
fetch_relist(struct fetch *f)
{
    if (f->raw.ref.name[0] && !f->get)
        ask_raw(f);
}

void
fetch_want(struct fetch *f, uint32_t kinds, const struct kobject_ref *raw)
{
    want_kinds(f, kinds);
    want_raw(f, raw);
}
