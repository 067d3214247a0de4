/* logs_side: sources, attempts, filters, marks and fields, in one column with one cursor.
 *
 * Drawing and keys walk over the same entries, so that the cursor is on what it shows.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "logs.h"

enum { ENTRIES_MAX = 256, ATTEMPTS_SHOWN = 8 };

enum entry_kind {
    ENTRY_HEAD, /* a title; no cursor */
    ENTRY_HINT, /* a sentence; no cursor */
    ENTRY_ALL,
    ENTRY_SOURCE,
    ENTRY_ATTEMPT,
    ENTRY_FILTER,
    ENTRY_ADD,
    ENTRY_MARK,
    ENTRY_FIELD
};
struct entry {
    enum entry_kind kind;
    size_t index;
    const char *text;
};
struct entries {
    struct entry items[ENTRIES_MAX];
    size_t count, places; /* places: entries that the cursor can be on */
};

static bool
has_cursor(enum entry_kind kind)
{
    return kind != ENTRY_HEAD && kind != ENTRY_HINT;
}

static void
add(struct entries *e, enum entry_kind kind, size_t index, const char *text)
{
    if (e->count == ENTRIES_MAX)
        return;
    e->items[e->count++] = (struct entry){kind, index, text};
    e->places += has_cursor(kind);
}

static void
add_sources(struct entries *e, const struct view_env *env, const struct log_feed *feed)
{
    const struct pod *pod = podpane_pod(env);
    if (!feed->files)
        add(e, ENTRY_ALL, 0, NULL);
    if (feed->merged && feed->source_count > 0)
        for (unsigned i = 0; i < feed->source_count; i++)
            add(e, ENTRY_SOURCE, i, NULL);
    else
        for (uint32_t i = 0; pod && i < pod->container_count; i++)
            add(e, ENTRY_SOURCE, i, NULL);
}

static void
collect(struct entries *e, const struct logs_state *st, const struct view_env *env,
        const struct log_feed *feed)
{
    *e = (struct entries){.count = 0};
    add_sources(e, env, feed);
    if (!feed->merged) {
        size_t n = st->begins.len;
        add(e, ENTRY_HINT, 0, "");
        add(e, ENTRY_HINT, 0, n > 0 ? tr(" attempts") : tr(" attempts: none yet"));
        for (size_t i = n > ATTEMPTS_SHOWN ? n - ATTEMPTS_SHOWN : 0; i < n; i++)
            add(e, ENTRY_ATTEMPT, i, NULL);
    }
    add(e, ENTRY_HEAD, 0, tr("filters"));
    for (size_t i = 0; i < loglens_filter_count(st->lens); i++)
        add(e, ENTRY_FILTER, i, NULL);
    add(e, ENTRY_ADD, 0, NULL);
    add(e, ENTRY_HEAD, 0, tr("marks"));
    for (size_t i = 0; i < st->mark_count; i++)
        add(e, ENTRY_MARK, i, NULL);
    if (st->mark_count == 0)
        add(e, ENTRY_HINT, 0, tr("   m marks a line"));
    if (st->field_count == 0)
        return;
    add(e, ENTRY_HEAD, 0, tr("fields"));
    for (size_t i = 0; i < st->field_count; i++)
        add(e, ENTRY_FIELD, i, NULL);
    add(e, ENTRY_HINT, 0,
        st->columns ? tr("   f shows lines as they are") : tr("   f shows columns"));
}

/* --- drawing --- */

/* Right of a source of a merged log: its lines, or what a search found in it. */
static enum role
source_count(const struct logs_state *st, const struct log_feed_source *src, size_t i, char out[32])
{
    unsigned long long hits = loglens_found_of(st->lens, (uint16_t)i);
    out[0] = '\0';
    if (src && src->muted)
        snprintf(out, 32, "%s ", tr("muted"));
    else if (src && loglens_searcher(st->lens))
        snprintf(out, 32, hits == 1 ? tr("%llu hit ") : tr("%llu hits "), hits);
    else if (src)
        snprintf(out, 32, tr("%llu ln "), (unsigned long long)src->lines);
    return hits > 0 ? ROLE_PROMPT : ROLE_DIM;
}

static void
source_line(struct doc *d, const struct logs_state *st, const struct view_env *env,
            const struct log_feed *feed, size_t i)
{
    const struct pod *pod = podpane_pod(env);
    const struct log_feed_source *src = feed->merged ? &feed->sources[i] : NULL;
    const struct pod *of = src && src->pod.gen ? store_get(env->store, src->pod) : pod;
    const struct container *c = src && of ? pod_find_container(of, src->container)
                                : pod     ? &pod->containers[i]
                                          : NULL;
    enum role role = src ? (enum role)(ROLE_CONTAINER_1 + i % LOGS_CONTAINER_ROLES) : ROLE_TEXT;
    bool open = !feed->merged && c && feed->source_count > 0 &&
                strcmp(feed->sources[0].container, c->name) == 0;
    char count[32];
    enum role count_role = source_count(st, src, i, count);
    doc_put(d, ROLE_KEY, open ? " ▸ " : "   ");
    if (c) {
        enum container_sign sign = container_sign(of, c, podpane_now(env));
        doc_put(d, src && src->muted ? ROLE_DIM : sign_role(sign), "%s ",
                src && src->muted ? "–" : sign_glyph(sign, env->now_wall_ms, env->prefs->motion));
    }
    int room = d->width - d->x - utf8_width(count, strlen(count)) - 5;
    doc_put(d, src && src->muted ? ROLE_DIM : role, "%-3s ", src ? src->tag : c ? c->tag : "");
    doc_field(d, IW_MAX(room, 4), false, src && src->muted ? ROLE_DIM : role,
              src ? src->container
              : c ? c->name
                  : "");
    doc_right(d, count_role, "%s", count);
}

static void
attempt_line(struct doc *d, const struct logs_state *st, const struct log_feed *feed, size_t i)
{
    const struct logbuf_chapter *c = logbuf_chapter_at(feed->buf, i);
    bool here = logs_chapter_in_sight(st, feed) == i;
    char took[16] = "";
    if (!c)
        return;
    if (c->ended && c->started_ms > 0 && c->ended_ms != IW_TIME_NONE &&
        c->ended_ms >= c->started_ms)
        duration_cells(c->ended_ms - c->started_ms, took);
    bool good = !c->ended || (c->exit_known && c->exit_code == 0);
    doc_put(d, ROLE_KEY, here ? " ▸ " : "   ");
    char name[32];
    logs_attempt_name(c, name);
    doc_put(d,
            c->missing[0] && !c->ended ? ROLE_DIM
            : good                     ? ROLE_TEXT
                                       : ROLE_ERROR,
            "#%s %s", name,
            c->missing[0] ? tr("not here")
            : !c->ended   ? tr("running")
            : c->how[0]   ? c->how
                          : tr("ended"));
    doc_right(d, ROLE_DIM, "%s ", took);
}

static void
entry_line(struct doc *d, const struct logs_state *st, const struct view_env *env,
           const struct log_feed *feed, const struct entry *e)
{
    char text[24] = "";
    switch (e->kind) {
    case ENTRY_HEAD:
        doc_repeat(d, ROLE_RULE, "─", 1);
        doc_put(d, ROLE_TITLE, " %s ", e->text);
        doc_repeat(d, ROLE_RULE, "─", d->width - d->x);
        break;
    case ENTRY_HINT:
        doc_put(d, ROLE_DIM, "%s", e->text);
        break;
    case ENTRY_ALL:
        doc_put(d, feed->merged ? ROLE_KEY : ROLE_DIM, "%s%s", feed->merged ? " ▸ " : "   ",
                tr("all containers"));
        doc_right(d, ROLE_DIM, "a ");
        break;
    case ENTRY_SOURCE:
        source_line(d, st, env, feed, e->index);
        break;
    case ENTRY_ATTEMPT:
        attempt_line(d, st, feed, e->index);
        break;
    case ENTRY_FILTER: {
        const struct logfilter *f = loglens_filter(st->lens, e->index);
        doc_put(d, f->on ? ROLE_TEXT : ROLE_DIM, " [%s] %s ", f->on ? "x" : " ",
                f->kind == LOGFILTER_KEEP ? "&" : "!");
        doc_field(d, IW_MAX(d->width - d->x - 7, 4), false,
                  f->error[0] ? ROLE_WARN
                  : f->on     ? ROLE_TEXT
                              : ROLE_DIM,
                  f->text);
        doc_right(d, ROLE_DIM, "%llu ",
                  (unsigned long long)loglens_filter_matches(st->lens, e->index));
        break;
    }
    case ENTRY_ADD:
        doc_put(d, ROLE_DIM, "   %s",
                st->side ? tr("a add  space on/off  x del") : tr("& keep  ! drop  i on/off"));
        break;
    case ENTRY_MARK: {
        const struct logs_mark *m = &st->marks[e->index];
        if (m->wall_ms != IW_TIME_NONE)
            clock_hms(m->wall_ms, st->time != LOGS_TIME_UTC, text);
        doc_put(d, ROLE_KEY, " m%zu ", e->index + 1);
        doc_put(d, ROLE_DIM, "%s ", text);
        doc_text(d, ROLE_TEXT, m->text, strlen(m->text));
        break;
    }
    case ENTRY_FIELD:
        doc_put(d, ROLE_DIM, " [%s] ", st->fields[e->index].hidden ? " " : "x");
        doc_put(d, ROLE_TEXT, "%s", st->fields[e->index].name);
        break;
    }
}

void
logs_draw_side(const struct logs_state *st, const struct view_env *env, struct surface *s,
               struct rect area)
{
    const struct log_feed *feed = logs_feed_of(env);
    struct entries e;
    collect(&e, st, env, feed);
    doc_auto d;
    doc_init(&d, area.w - 1);
    doc_rule(&d, feed->files ? tr("files") : tr("sources"));
    size_t place = 0;
    int cursor_y = -1;
    for (size_t i = 0; i < e.count; i++) {
        doc_line(&d);
        entry_line(&d, st, env, feed, &e.items[i]);
        if (!has_cursor(e.items[i].kind))
            continue;
        if (st->side && place == st->side_at)
            cursor_y = (int)d.lines - 1;
        place++;
    }
    int top = cursor_y >= area.h ? cursor_y - area.h + 1 : 0;
    struct rect list = {area.x, area.y, area.w - 1, area.h};
    surface_fill(s, list, ' ', ROLE_TEXT);
    doc_draw(&d, s, list, (uint32_t)top);
    if (cursor_y >= 0)
        surface_flag(s, (struct rect){area.x, area.y + cursor_y - top, area.w - 1, 1},
                     CELL_SELECTED);
    for (int y = 0; y < area.h; y++)
        surface_puts(s, area, area.x + area.w - 1, area.y + y, ROLE_RULE, y == 0 ? "┬" : "│");
}

/* --- keys --- */

static void
open_source(const struct logs_state *st, const struct view_env *env, size_t i, struct intent *out)
{
    const struct log_feed *feed = logs_feed_of(env);
    const struct pod *pod = podpane_pod(env);
    (void)st;
    const char *name = feed->merged ? feed->sources[i].container
                       : pod        ? pod->containers[i].name
                                    : "";
    logs_stream_intent(out, env, feed)->merged = false;
    out->want = LOG_WANT_AUTO;
    if (feed->merged && feed->sources[i].pod.gen)
        out->pod = feed->sources[i].pod;
    snprintf(out->container, sizeof(out->container), "%s", name);
}

static void
entry_switch(struct logs_state *st, const struct view_env *env, const struct entry *e,
             struct intent *out)
{
    const struct log_feed *feed = logs_feed_of(env);
    if (e->kind == ENTRY_FILTER) {
        loglens_filter_toggle(st->lens, e->index);
    } else if (e->kind == ENTRY_FIELD) {
        st->fields[e->index].hidden = !st->fields[e->index].hidden;
    } else if (e->kind == ENTRY_SOURCE && feed->merged) {
        out->kind = INTENT_LOG_MUTE;
        out->source = (unsigned)e->index;
        out->flag = !feed->sources[e->index].muted;
        loglens_mute(st->lens, (uint16_t)e->index, out->flag);
    }
}

static void
entry_open(struct logs_state *st, const struct view_env *env, const struct entry *e,
           struct intent *out)
{
    const struct log_feed *feed = logs_feed_of(env);
    if (e->kind == ENTRY_SOURCE && feed->files)
        entry_switch(st, env, e, out);
    else if (e->kind == ENTRY_ALL)
        logs_stream_intent(out, env, feed)->merged = true;
    else if (e->kind == ENTRY_SOURCE)
        open_source(st, env, e->index, out);
    else if (e->kind == ENTRY_ATTEMPT)
        logs_jump_chapter(st, feed, e->index);
    else if (e->kind == ENTRY_MARK)
        logs_jump(st, feed, st->marks[e->index].line);
    else if (e->kind == ENTRY_FILTER)
        loglens_filter_toggle(st->lens, e->index);
    else if (e->kind == ENTRY_FIELD)
        st->columns = !st->columns;
}

static void
entry_delete(struct logs_state *st, const struct entry *e)
{
    if (e->kind == ENTRY_FILTER)
        loglens_filter_remove(st->lens, e->index);
    if (e->kind != ENTRY_MARK)
        return;
    st->mark_count--;
    memmove(&st->marks[e->index], &st->marks[e->index + 1],
            (st->mark_count - e->index) * sizeof(st->marks[0]));
}

static const struct entry *
entry_at(const struct entries *e, size_t place)
{
    for (size_t i = 0; i < e->count; i++)
        if (has_cursor(e->items[i].kind) && place-- == 0)
            return &e->items[i];
    return NULL;
}

bool
logs_side_act(struct logs_state *st, const struct view_env *env, enum action action,
              struct intent *out)
{
    struct entries e;
    collect(&e, st, env, logs_feed_of(env));
    size_t last = e.places > 0 ? e.places - 1 : 0;
    st->side_at = IW_MIN(st->side_at, last);
    const struct entry *at = entry_at(&e, st->side_at);
    if (!at)
        return false;
    if (action == ACT_DOWN)
        st->side_at = IW_MIN(st->side_at + 1, last);
    else if (action == ACT_UP)
        st->side_at -= st->side_at > 0;
    else if (action == ACT_TOP)
        st->side_at = 0;
    else if (action == ACT_BOTTOM)
        st->side_at = last;
    else if (action == ACT_OPEN)
        entry_open(st, env, at, out);
    else if (action == ACT_PAGE_DOWN) /* the blank; here it switches */
        entry_switch(st, env, at, out);
    else if (action == ACT_WHY)
        entry_delete(st, at);
    else if (action == ACT_ALL_CONTAINERS && at->kind != ENTRY_ALL && at->kind != ENTRY_SOURCE) {
        out->kind = INTENT_PROMPT;
        snprintf(out->text, sizeof(out->text), "&");
    } else
        return false;
    return true;
}
