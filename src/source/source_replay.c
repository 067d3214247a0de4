/* source_replay: a recording as a data source, with a clock that can be paused, sped up and set.
 *
 * Entries are told in their order, each with the program's clock at its own moment, so that the model
 * is the same however the time was reached. A jump back tells everything again from the start.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"
#include "initwatch/data/jarena.h"
#include "replay_internal.h"

/* A jump shows nothing of what it passes, so it may take this long between two looks at the keys. */
#define JUMP_SLICE_MS 100
/* Entries told in one call while playing: less than a millisecond each. */
#define PLAY_SLICE_ENTRIES 8
/* A session asked again each half minute; who did not look for longer has no figures of then. */
#define USAGE_KEPT_MS 90000
/* Pods and events are listed at the same time; a list that comes so much later is no part of the start. */
#define FIRST_LISTS_APART_MS 2000

static struct replay *
self(struct source *source)
{
    return (struct replay *)source;
}

static int64_t
mono_ms(const struct replay *p)
{
    return clock_mono(loop_clock(p->loop));
}

static int64_t
length_ms(const struct replay *p)
{
    return recording_about(p->recording)->length_ms;
}

int64_t
replay_now_ms(const struct replay *p)
{
    if (p->paused || p->jumping)
        return p->at_ms;
    double passed_ms = (double)(mono_ms(p) - p->at_mono_ms) * p->speed;
    return IW_MIN(p->at_ms + (int64_t)passed_ms, length_ms(p));
}

static void
set_clock(const struct replay *p, int64_t t_ms, double speed)
{
    p->opts.set_clock(p->opts.ctx, recording_about(p->recording)->started_wall_ms + t_ms, speed);
}

/* From this moment on, at the speed that is set. */
static void
anchor(struct replay *p, int64_t t_ms)
{
    p->at_ms = t_ms;
    p->at_mono_ms = mono_ms(p);
    set_clock(p, t_ms, p->paused ? 0 : p->speed);
}

/* --- telling --- */

void
replay_tell_next(struct replay *p)
{
    const struct recording_entry *e = recording_at(p->recording, p->next);
    int64_t wall_ms = recording_about(p->recording)->started_wall_ms + e->t_ms;
    const struct source_sink *sink = recording_is_objects(e) ? &p->sink : &p->filter;
    set_clock(p, e->t_ms, 0);
    (void)replay_tell(p->recording, p->next, wall_ms, sink);
    if (recording_is_objects(e))
        p->told &= ~(1u << recording_objects_kind(e));
    p->next++;
}

static void
tell_absent(struct replay *p, enum kobject_kind kind, const char *ns)
{
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_NOT_FOUND, "the recording has no %s at this time",
            kobject_kind_info(kind)->plural);
    p->sink.objects_state(p->sink.ctx, kind, kobject_kind_info(kind)->namespaced ? ns : "",
                          OBJECTS_FAILED, &err);
}

/* Kinds that a view wants and that were not recorded until now. */
static void
tell_absent_kinds(struct replay *p)
{
    for (int k = KOBJECT_POD + 1; k < KOBJECT_KIND_COUNT; k++) {
        enum recording_source source = (enum recording_source)(RECORDING_OBJECTS + k);
        if (!(p->watched & ~p->told & 1u << k) || recording_has(p->recording, source, p->next))
            continue;
        p->told |= 1u << k;
        tell_absent(p, (enum kobject_kind)k, "");
    }
}

/* A command that prints waits for both streams. */
static void
tell_absent_streams(struct replay *p)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        enum source_stream stream = (enum source_stream)i;
        struct source_status st = {.stream = stream,
                                   .state = SOURCE_DENIED,
                                   .since_wall_ms = IW_TIME_NONE,
                                   .last_contact_wall_ms = IW_TIME_NONE,
                                   .retry_at_wall_ms = IW_TIME_NONE};
        bool listed = false;
        for (size_t e = 0; e < p->next && !listed; e++) {
            const struct recording_entry *entry = recording_at(p->recording, e);
            listed = entry->source == i && entry->kind == RECORDING_LISTED;
        }
        if (listed)
            continue;
        iw_fail(&st.last, IW_ERR_NOT_FOUND, "%s has no complete list of %s up to this moment",
                recording_path(p->recording), source_stream_name(stream));
        p->sink.status(p->sink.ctx, &st);
    }
}

/* --- time passes --- */

static void
on_timer(void *ctx)
{
    struct replay *p = ctx;
    p->timer = 0;
    loop_work_wake(p->loop, p->work);
}

/* Wake up for the next entry, the next line of a log, or the end. */
static void
arm(struct replay *p, int64_t log_ms)
{
    loop_remove(p->loop, p->timer);
    p->timer = 0;
    if (p->paused || p->jumping)
        return;
    int64_t due_ms = p->next < recording_count(p->recording)
                         ? recording_at(p->recording, p->next)->t_ms
                         : length_ms(p);
    due_ms = IW_MIN(due_ms, log_ms);
    double wait_ms = (double)(due_ms - replay_now_ms(p)) / p->speed;
    p->timer = loop_timer_add(p->loop, IW_MAX((int64_t)wait_ms + 1, (int64_t)1), on_timer, p);
}

static bool
play_slice(struct replay *p)
{
    int64_t now_ms = replay_now_ms(p);
    /* After a step others of the same millisecond wait. */
    size_t due = p->paused ? p->next : recording_upto(p->recording, now_ms);
    size_t left = PLAY_SLICE_ENTRIES;
    bool any = p->next < due;
    for (; p->next < due && left > 0; left--)
        replay_tell_next(p);
    bool more = p->next < due;
    if (!more && now_ms >= length_ms(p) && !p->paused)
        p->paused = any = true; /* the end */
    if (any) {
        anchor(p, now_ms);
        tell_absent_kinds(p);
        replay_logs_look(p);
    }
    int64_t log_ms = replay_pump_logs(p);
    if (!more)
        arm(p, log_ms);
    return more;
}

static bool
jump_slice(struct replay *p)
{
    int64_t end_ms = mono_ms(p) + JUMP_SLICE_MS;
    while (p->next < p->target) {
        replay_tell_next(p);
        if (!p->list_only && mono_ms(p) >= end_ms)
            return true;
    }
    p->jumping = false;
    anchor(p, p->jump_ms);
    tell_absent_kinds(p);
    if (p->opts.at_once)
        tell_absent_streams(p);
    if (p->opts.arrived)
        p->opts.arrived(p->opts.ctx);
    replay_logs_look(p);
    return true; /* play_slice does the rest */
}

static bool
on_work(void *ctx)
{
    struct replay *p = ctx;
    return p->jumping ? jump_slice(p) : play_slice(p);
}

/* To the state after `target` entries, at this moment. */
static void
jump(struct replay *p, size_t target, int64_t t_ms)
{
    p->at_ms = replay_now_ms(p);
    if (target < p->next)
        replay_go_back(p, target);
    p->target = target;
    p->jump_ms = t_ms;
    p->jumping = true;
    loop_remove(p->loop, p->timer);
    p->timer = 0;
    loop_work_wake(p->loop, p->work);
}

/* --- control --- */

void
replay_state(const struct source *s, struct replay_state *out)
{
    const struct replay *p = (const struct replay *)s;
    *out = (struct replay_state){.paused = p->paused,
                                 .jumping = p->jumping,
                                 .speed = p->speed,
                                 .at_ms = p->jumping ? p->jump_ms : replay_now_ms(p),
                                 .next = p->jumping ? p->target : p->next};
    out->ended =
        out->paused && out->next == recording_count(p->recording) && out->at_ms >= length_ms(p);
}

void
replay_pause(struct source *s, bool pause)
{
    struct replay *p = self(s);
    struct replay_state st;
    replay_state(s, &st);
    if (pause == p->paused)
        return;
    int64_t now_ms = replay_now_ms(p);
    p->paused = pause;
    if (!p->jumping)
        anchor(p, now_ms);
    if (!pause && st.ended)
        replay_seek(s, 0);
    loop_work_wake(p->loop, p->work);
}

void
replay_set_speed(struct source *s, double speed)
{
    struct replay *p = self(s);
    int64_t now_ms = replay_now_ms(p);
    p->speed = IW_MIN(IW_MAX(speed, REPLAY_SPEED_LEAST), REPLAY_SPEED_MOST);
    if (!p->jumping)
        anchor(p, now_ms);
    loop_work_wake(p->loop, p->work);
}

/* The last step among the first `upto` entries; SIZE_MAX when there is none. */
static size_t
step_before(const struct replay *p, size_t upto)
{
    while (upto > 0 && !replay_is_step(recording_at(p->recording, upto - 1)))
        upto--;
    return upto - 1;
}

bool
replay_step(struct source *s, bool back)
{
    struct replay *p = self(s);
    size_t at = p->jumping ? p->target : p->next, count = recording_count(p->recording);
    replay_pause(s, true);
    if (!back) {
        while (at < count && !replay_is_step(recording_at(p->recording, at)))
            at++;
        if (at == count)
            return false;
        jump(p, at + 1, recording_at(p->recording, at)->t_ms);
        return true;
    }
    /* To where the step before the last one ended; before the first there are the lists. */
    size_t last = step_before(p, at);
    if (last == SIZE_MAX)
        return false;
    size_t before = step_before(p, last), target = before == SIZE_MAX ? last : before + 1;
    jump(p, target, target ? recording_at(p->recording, target - 1)->t_ms : 0);
    return true;
}

void
replay_seek(struct source *s, int64_t t_ms)
{
    struct replay *p = self(s);
    t_ms = IW_MIN(IW_MAX(t_ms, p->first_ms), length_ms(p));
    jump(p, recording_upto(p->recording, t_ms), t_ms);
}

/* --- objects --- */

const struct recording_entry *
replay_find_object(const struct recording *r, size_t upto, enum recording_source source,
                   const char *ns, const char *name, bool *deleted)
{
    size_t ns_len = strlen(ns), len;
    for (size_t i = upto; i-- > 0;) {
        const struct recording_entry *e = recording_at(r, i);
        if (e->source != source || (e->kind != RECORDING_ITEM && e->kind != RECORDING_FRAME))
            continue;
        bool same = ns_len == 0 ? strcmp(e->name, name) == 0
                                : strncmp(e->name, ns, ns_len) == 0 && e->name[ns_len] == '/' &&
                                      strcmp(e->name + ns_len + 1, name) == 0;
        if (!same)
            continue;
        (void)recording_object(e, &len, deleted);
        return e;
    }
    return NULL;
}

static enum iw_err
get_object(struct source *source, const struct kobject_ref *ref, const struct object_sink *sink,
           struct source_get **out, struct iw_error *err)
{
    struct replay *p = self(source);
    enum recording_source from = ref->kind == KOBJECT_POD
                                     ? RECORDING_PODS
                                     : (enum recording_source)(RECORDING_OBJECTS + (int)ref->kind);
    bool deleted = false;
    size_t len = 0;
    const struct kobject_kind_info *info = kobject_kind_info(ref->kind);
    const struct recording_entry *e = replay_find_object(
        p->recording, p->next, from, info->namespaced ? ref->ns : "", ref->name, &deleted);
    const char *json = e ? recording_object(e, &len, &deleted) : NULL;
    struct iw_error end = {0};
    (void)err;
    *out = NULL;
    if (!json || len == 0)
        iw_fail(&end, IW_ERR_NOT_FOUND, "the recording has no %s %s at this time", info->kind,
                ref->name);
    else if (deleted)
        iw_fail(&end, IW_ERR_NOT_FOUND, "%s %s is deleted", info->kind, ref->name);
    bool ok = end.code == IW_OK;
    sink->done(sink->ctx, ok ? json : NULL, ok ? len : 0, &end);
    return IW_OK;
}

static void
close_get(struct source_get *get)
{
    (void)get; /* every answer is there at once */
}

/* Was a list of this kind that covers the namespace complete by now? */
static bool
is_listed(const struct replay *p, enum kobject_kind kind, const char *ns)
{
    for (size_t i = 0; i < p->next; i++) {
        const struct recording_entry *e = recording_at(p->recording, i);
        if (e->kind == RECORDING_LISTED && recording_is_objects(e) &&
            recording_objects_kind(e) == kind && (e->ns[0] == '\0' || strcmp(e->ns, ns) == 0))
            return true;
    }
    return false;
}

static void
watch_kind(struct source *source, enum kobject_kind kind, const char *ns)
{
    struct replay *p = self(source);
    if (!p->sink.objects_state)
        return;
    if (!ns)
        p->watched |= 1u << kind;
    else if (!p->jumping && !is_listed(p, kind, ns))
        tell_absent(p, kind, ns);
    if (!p->jumping)
        tell_absent_kinds(p);
}

static void
unwatch_kind(struct source *source, enum kobject_kind kind, const char *ns)
{
    (void)source, (void)kind, (void)ns; /* it is part of the story */
}

/* --- what was used --- */

bool
replay_usage(const struct source *s, size_t *it, const struct recording_entry **out)
{
    const struct replay *p = (const struct replay *)s;
    if (*it == 0)
        *it = recording_upto(p->recording, replay_now_ms(p) - USAGE_KEPT_MS);
    while (*it < p->next) {
        const struct recording_entry *e = recording_at(p->recording, (*it)++);
        *out = e;
        if (e->kind == RECORDING_ITEM &&
            (e->source == RECORDING_USAGE || e->source == RECORDING_NODE_USAGE))
            return true;
    }
    return false;
}

/* --- the class --- */

/* Of the lists that a recording begins with. */
static int64_t
first_lists_ms(const struct recording *r)
{
    bool listed[STREAM_COUNT] = {false};
    int64_t first_ms = 0;
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct recording_entry *e = recording_at(r, i);
        if (e->kind != RECORDING_LISTED || e->source >= STREAM_COUNT || listed[e->source])
            continue;
        listed[e->source] = true;
        if (first_ms == 0 || e->t_ms - first_ms < FIRST_LISTS_APART_MS)
            first_ms = e->t_ms;
    }
    return first_ms;
}

static enum iw_err
replay_open(const struct source_opts *opts, struct source **out, struct iw_error *err)
{
    if (opts->label_selector || opts->field_selector)
        return iw_fail(
            err, IW_ERR_USAGE,
            "--selector and --field-selector are the server's work; a recording has what "
            "was recorded");
    struct replay *p = iw_calloc(1, sizeof(*p));
    p->base.class_ = &source_replay;
    p->loop = opts->loop;
    p->sink = opts->sink;
    p->ns = iw_strdup(opts->ns ? opts->ns : "");
    p->opts = *opts->replay;
    p->recording = p->opts.recording;
    p->speed = p->opts.speed > 0 ? p->opts.speed : 1;
    p->paused = p->opts.paused || p->opts.at_once;
    p->list_only = p->opts.at_once;
    p->plain = replay_plain_entries(p->recording);
    p->first_ms = p->opts.at_once ? 0 : first_lists_ms(p->recording);
    replay_make_filter(p);
    p->work = loop_work_add(p->loop, on_work, p);
    p->at_mono_ms = mono_ms(p);
    set_clock(p, p->opts.start_ms, 0);
    replay_seek(&p->base, p->opts.start_ms);
    *out = &p->base;
    return IW_OK;
}

static void
retry_now(struct source *source)
{
    (void)source;
}

static void
replay_close(struct source *source)
{
    if (!source)
        return;
    struct replay *p = self(source);
    replay_close_logs(p);
    loop_remove(p->loop, p->work);
    loop_remove(p->loop, p->timer);
    free(p->ns);
    free(p);
}

const struct source_class source_replay = {
    .name = "replay",
    .caps = SOURCE_CAP_WATCH | SOURCE_CAP_LOGS | SOURCE_CAP_PREVIOUS | SOURCE_CAP_EVENTS |
            SOURCE_CAP_OBJECTS | SOURCE_CAP_RECORDED,
    .open = replay_open,
    .open_log = replay_open_log,
    .close_log = replay_close_log,
    .watch_kind = watch_kind,
    .unwatch_kind = unwatch_kind,
    .get_object = get_object,
    .close_get = close_get,
    .retry_now = retry_now,
    .relist = retry_now,
    .close = replay_close,
};
