/* ui_chrome: two of the three fixed lines. Line 1 says where we are and whether the data is fresh,
 * the last line which keys work now. Line 2 is in ui_tabs.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/owner.h"
#include "ui_internal.h"

/* --- line 1 --- */

/* What a view says there keeps so many cells; freshness, mode and clock need so many at the right. */
enum {
    HEAD_NOTE_COLS = 22,
    HEAD_NOTE_WIDE_COLS = 48, /* with the marks */
    HEAD_GAP_COLS = 3,
    HEAD_PLACE_COLS = 24,
    HEAD_RIGHT_COLS = 30
};

/* How the freshness is said: the words shrink until there is room for the place on the left. */
enum fresh_detail { FRESH_SHORT, FRESH_RETRY, FRESH_CAUSE, FRESH_FULL };

struct freshness {
    enum role role;
    char text[256];
    char age[16]; /* said after it in a quiet colour: a watch may be silent for a minute */
};

static void
age_text(int64_t age_ms, char *out, size_t out_size)
{
    if (age_ms < 0)
        age_ms = 0;
    if (age_ms < 10000) {
        snprintf(out, out_size, "%d.%ds", (int)(age_ms / 1000), (int)(age_ms % 1000 / 100));
        return;
    }
    char cells[16];
    duration_cells(age_ms, cells);
    snprintf(out, out_size, "%s", cells);
}

static void
fresh_stale(const struct view_env *env, const struct source_status *st, enum fresh_detail detail,
            struct freshness *out)
{
    char age[16], retry[64], brief[64], wait[16];
    snprintf(retry, sizeof(retry), "%s", tr("retrying"));
    snprintf(brief, sizeof(brief), "%s", retry);
    duration_cells(env->now_wall_ms - st->since_wall_ms, age);
    if (st->retry_at_wall_ms != IW_TIME_NONE && st->retry_at_wall_ms > env->now_wall_ms) {
        duration_cells(st->retry_at_wall_ms - env->now_wall_ms + 999, wait);
        snprintf(retry, sizeof(retry), tr("retry in %s"), wait);
        snprintf(brief, sizeof(brief), tr("retry %s"), wait);
    }
    out->role = ROLE_ERROR;
    if (detail == FRESH_SHORT)
        snprintf(out->text, sizeof(out->text), tr("watch ✗ %s"), age);
    else if (detail == FRESH_RETRY)
        snprintf(out->text, sizeof(out->text), tr("watch ✗ %s (%s)"), age, retry);
    else if (detail == FRESH_CAUSE)
        snprintf(out->text, sizeof(out->text), "✗ %s, %s: %s", age, brief,
                 tr(iw_err_message(st->last.code)));
    else
        snprintf(out->text, sizeof(out->text), tr("watch ✗ %s (%s: %s)"), age, retry,
                 tr(iw_err_message(st->last.code)));
}

static void
fresh_connecting(const struct source_status *st, enum fresh_detail detail, struct freshness *out)
{
    out->role = st->attempts ? ROLE_ERROR : ROLE_WORKING;
    if (st->attempts && detail >= FRESH_CAUSE)
        snprintf(out->text, sizeof(out->text), tr("connecting, try %u (%s)"), st->attempts + 1,
                 tr(iw_err_message(st->last.code)));
    else if (st->attempts && detail == FRESH_RETRY)
        snprintf(out->text, sizeof(out->text), tr("connecting, try %u"), st->attempts + 1);
    else
        snprintf(out->text, sizeof(out->text), tr("connecting"));
}

/* "waiting for kubelogin": its last words stand where the pods will. */
static void
fresh_waiting(const struct source_status *st, struct freshness *out)
{
    out->role = ROLE_WORKING;
    snprintf(out->text, sizeof(out->text), tr("waiting for %.*s"),
             IW_MIN((int)strcspn(st->waiting, ":"), 30), st->waiting);
}

static void
fresh_of(const struct view_env *env, enum fresh_detail detail, struct freshness *out)
{
    const struct source_status *st = store_status(env->store, STREAM_PODS);
    out->age[0] = 0;
    if (st->waiting[0]) {
        fresh_waiting(st, out);
        return;
    }
    switch (st->state) {
    case SOURCE_IDLE:
    case SOURCE_CONNECTING:
        fresh_connecting(st, detail, out);
        return;
    case SOURCE_LISTING:
        out->role = ROLE_WORKING;
        if (st->expected)
            snprintf(out->text, sizeof(out->text), tr("listing %llu/%llu"),
                     (unsigned long long)st->listed, (unsigned long long)st->expected);
        else
            snprintf(out->text, sizeof(out->text), tr("listing %llu"),
                     (unsigned long long)st->listed);
        return;
    case SOURCE_LIVE:
        out->role = ROLE_OK;
        if (st->last_contact_wall_ms == IW_TIME_NONE)
            snprintf(out->age, sizeof(out->age), "-");
        else
            age_text(env->now_wall_ms - st->last_contact_wall_ms, out->age, sizeof(out->age));
        snprintf(out->text, sizeof(out->text), tr("watch %s "), env->prefs->ascii ? "ok" : "✓");
        return;
    case SOURCE_STALE:
        fresh_stale(env, st, detail, out);
        return;
    case SOURCE_DENIED:
        out->role = ROLE_ERROR;
        if (st->last.code == IW_ERR_UNAUTHORIZED)
            snprintf(out->text, sizeof(out->text),
                     detail == FRESH_FULL ? tr("watch ✗ credentials not accepted (401)")
                                          : tr("✗ credentials (401)"));
        else if (st->last.code == IW_ERR_CREDENTIAL)
            snprintf(out->text, sizeof(out->text), "%s", tr("✗ no credentials"));
        else
            snprintf(out->text, sizeof(out->text),
                     detail == FRESH_FULL ? tr("watch ✗ pods: not allowed") : tr("✗ not allowed"));
        return;
    case SOURCE_STOPPED:
    case SOURCE_STATE_COUNT:
        break;
    }
    out->role = ROLE_DIM;
    snprintf(out->text, sizeof(out->text), tr("not watching"));
}

/* "Deployment checkout › "; "" of a pod that nobody owns. */
static void
owner_text(const struct pod *pod, char *out, size_t out_size)
{
    struct pod_owner owner;
    out[0] = '\0';
    if (!pod->owner_kind[0])
        return;
    pod_owner_of(pod, &owner);
    snprintf(out, out_size, "%s %s › ", owner.kind, owner.name);
}

enum where { WHERE_WIDE, WHERE_PLAIN, WHERE_BRIEF };
/* "shop › pod name" (wide: with its owner, brief: without "pod"), "kind-demo/shop › Findings"
 * (brief: without the view), "help". */
static void
where_text(const struct ui *ui, const struct view_env *env, enum where how, char *out,
           size_t out_size)
{
    bool brief = how == WHERE_BRIEF;
    char owner[600] = "";
    const struct ui_session *ss = env->session;
    const struct view_class *view = ui_top_const(ui)->view;
    const struct pod *pod = store_get(env->store, env->pod);
    const char *ns = ss->ns[0] ? ss->ns : "*";
    const struct view_class *about = view->context == CTX_HELP ? view_find(env->container) : NULL;
    if (about) {
        snprintf(out, out_size, "%s › %s", tr(view->name), tr(key_context_name(about->context)));
    } else if (view->scope == VIEW_GLOBAL) {
        snprintf(out, out_size, "%s", tr(view->name));
    } else if (view->scope == VIEW_POD || (pod && view->scope != VIEW_CLUSTER)) {
        bool detail = view->context == CTX_DETAIL;
        bool deleted = pod && store_deleted_ms(env->store, env->pod) != IW_TIME_NONE;
        if (pod && how == WHERE_WIDE)
            owner_text(pod, owner, sizeof(owner));
        snprintf(out, out_size, "%s › %s%s%s%s%s%s", pod ? pod->ns : ns, owner,
                 detail && !brief ? tr("pod ") : "", pod ? pod->name : tr("(no longer known)"),
                 deleted ? tr(" (deleted)") : "", detail ? "" : " › ",
                 detail ? "" : tr(view->name));
    } else if (brief || strcmp(view->name, "pods") == 0) {
        /* the tab line names the view, too */
        snprintf(out, out_size, "%s/%s", ss->context, ns);
    } else {
        snprintf(out, out_size, "%s/%s › %s", ss->context, ns, tr(view->title));
    }
}

/* The right end: freshness, mode, clock. The left has use for left_need cells; mode and clock are left
 * out rather than that it has less than left_least. Returns the column where it begins. */
static int
head_right(struct ui *ui, const struct view_env *env, struct surface *s, int left_need,
           int left_least)
{
    struct freshness fresh;
    char clock_text[24], hms[16];
    bool utc = env->prefs->time_mode == TIME_MODE_UTC;
    const char *mode = env->session->read_only || !env->prefs->write ? "RO" : "RW";
    clock_hms(env->now_wall_ms, !utc, hms);
    snprintf(clock_text, sizeof(clock_text), "%s%s", hms,
             utc && s->cols >= UI_WIDE_COLS ? " UTC" : "");
    const int gap = s->cols >= UI_WIDE_COLS ? 3 : 2, rest = 2 + gap + (int)strlen(clock_text) + 1;
    int detail = FRESH_FULL, width = 0;
    for (; detail >= FRESH_SHORT; detail--) {
        fresh_of(env, (enum fresh_detail)detail, &fresh);
        width = utf8_width(fresh.text, strlen(fresh.text)) + (int)strlen(fresh.age);
        if (left_need + 2 + width + gap + rest <= s->cols)
            break;
    }
    /* In a narrow terminal the clock and the mode give way, never the freshness. */
    bool with_rest = left_least + width + gap + rest <= s->cols;
    int start = IW_MAX(s->cols - width - (with_rest ? gap + rest : 1), 0), x = start;
    x += surface_puts(s, surface_rect(s), x, 0, fresh.role, fresh.text);
    x += surface_puts(s, surface_rect(s), x, 0, ROLE_DIM, fresh.age);
    if (with_rest) {
        x += gap;
        x += surface_puts(s, surface_rect(s), x, 0, ROLE_DIM, mode) + gap;
        surface_puts(s, surface_rect(s), x, 0, ROLE_TEXT, clock_text);
        ui->clock_shown = true;
    }
    return start;
}

struct head_fact {
    const char *label, *value;
};

/* Wide: "ctx kind-demo   ns shop   user dev   k8s v1.34.0", as far as it fits. Returns the next
 * free column. */
static int
head_facts(const struct view_env *env, struct surface *s, int x, int stop)
{
    const struct ui_session *ss = env->session;
    const struct source_status *st = store_status(env->store, STREAM_PODS);
    const char *version = ss->server_version[0] ? ss->server_version : st->server_version;
    const struct head_fact facts[] = {{"ctx ", ss->context},
                                      {"ns ", ss->ns[0] ? ss->ns : "*"},
                                      {"user ", ss->user},
                                      {"k8s ", version}};
    struct rect clip = {0, 0, stop, 1};
    for (size_t i = 0; i < IW_COUNTOF(facts); i++) {
        int width = utf8_width(facts[i].value, strlen(facts[i].value));
        int label = (int)strlen(facts[i].label), room = stop - x - label;
        /* Context and namespace may be cut, the rest is left out when it does not fit. */
        if (!facts[i].value[0] || room < 6 || (i >= 2 && width > room))
            continue;
        int cols = IW_MIN(width, IW_MIN(room, 40));
        surface_puts(s, clip, x, 0, ROLE_DIM, facts[i].label);
        surface_field(s, clip, x + label, 0, cols, false, ROLE_TEXT, facts[i].value);
        x += label + cols + 3;
    }
    return x;
}

/* That all of this is a simulation, and how its time runs. */
static int
demo_mark(const struct view_env *env, struct surface *s, struct rect clip, int x)
{
    const struct demo_board *board = env->demo;
    char text[48] = " DEMO ";
    if (board && board->paused)
        snprintf(text, sizeof(text), " DEMO %s ", tr("paused"));
    else if (board && board->known && board->speed != 1)
        snprintf(text, sizeof(text), tr(" DEMO ×%g "), board->speed);
    return surface_puts(s, clip, x, 0, ROLE_DEMO, text);
}

/* That this is not now, and how its time runs. */
static int
replay_mark(const struct view_env *env, struct surface *s, struct rect clip, int x)
{
    const struct replay_board *board = env->replay;
    char text[48] = " REPLAY ";
    if (board->paused)
        snprintf(text, sizeof(text), " REPLAY %s ", tr("paused"));
    else if (board->speed != 1)
        snprintf(text, sizeof(text), tr(" REPLAY ×%g "), board->speed);
    return surface_puts(s, clip, x, 0, ROLE_DEMO, text);
}

/* Cells of what the view says in line 1, drawn where nobody sees it. */
static int
note_width(const struct ui_entry *e, const struct view_env *env, int most, bool ascii)
{
    struct surface line;
    int cols = 0;
    if (!e->view->head_note)
        return 0;
    surface_init(&line, most, 1, ascii);
    e->view->head_note(e->state, env, &line, surface_rect(&line));
    for (int x = 0; x < line.cols; x++)
        cols = line.cells[x].ch != ' ' ? x + 1 : cols;
    surface_free(&line);
    return cols;
}

void
chrome_head(struct ui *ui, const struct view_env *env, struct surface *s)
{
    const struct ui_entry *e = ui_top_const(ui);
    struct rect clip = {0, 0, s->cols, 1};
    char where[1024];
    bool wide = s->cols >= UI_WIDE_COLS;
    where_text(ui, env, wide ? WHERE_WIDE : WHERE_PLAIN, where, sizeof(where));
    surface_fill(s, clip, ' ', ROLE_TEXT);
    int x = 1 + surface_puts(s, clip, 1, 0, ROLE_TITLE, "initwatch");
    if (env->session->demo)
        x += 1 + demo_mark(env, s, clip, x + 1);
    if (env->replay)
        x += 1 + replay_mark(env, s, clip, x + 1);
    if (env->session->recording)
        x += 1 + surface_puts(s, clip, x + 1, 0, ROLE_ERROR, "● REC");
    x += wide ? 3 : 2;
    int where_w = utf8_width(where, strlen(where));
    int note_w = note_width(e, env, wide ? HEAD_NOTE_WIDE_COLS : HEAD_NOTE_COLS, s->ascii);
    note_w += note_w > 0 ? HEAD_GAP_COLS : 0;
    if (x + where_w + note_w + HEAD_RIGHT_COLS > s->cols) {
        where_text(ui, env, WHERE_BRIEF, where, sizeof(where));
        where_w = utf8_width(where, strlen(where));
    }
    /* Trouble with the connection is worth more words than the counts. */
    const struct source_status *st = store_status(env->store, STREAM_PODS);
    int counts_w = st->state == SOURCE_LIVE || st->state == SOURCE_LISTING ? note_w : 0;
    int need = x + IW_MIN(where_w, counts_w ? HEAD_PLACE_COLS : 16) + counts_w;
    int least = counts_w ? x + IW_MIN(where_w, 14) + counts_w + 2 : need - 8;
    int stop = head_right(ui, env, s, need, least) - 2;
    clip.w = IW_MAX(stop, 0);
    if (x >= stop)
        return;
    if (wide && e->view->scope == VIEW_CLUSTER && strcmp(e->view->name, "pods") == 0) {
        x = head_facts(env, s, x, stop - note_w);
    } else {
        int room = stop - x;
        int cols = IW_MIN(where_w, room - note_w >= 16 ? room - note_w : room);
        surface_field(s, clip, x, 0, cols, false, ROLE_TEXT, where);
        x += cols + HEAD_GAP_COLS;
    }
    if (note_w > 0 && x < stop)
        e->view->head_note(e->state, env, s, (struct rect){x, 0, stop - x, 1});
}

/* --- footer --- */

/* The key as the footer writes it. */
static void
hint_key(const struct key_binding *b, bool ascii, char out[32])
{
    if (b->key == KEY_ENTER_CODE)
        snprintf(out, 32, "%s", ascii ? "RET" : "⏎");
    else if (b->action == ACT_DOWN)
        snprintf(out, 32, "j k");
    else if (b->action == ACT_NEXT_POD)
        snprintf(out, 32, "J K");
    else if (b->action == ACT_SINCE)
        snprintf(out, 32, "0-6");
    else if (b->action == ACT_ZOOM_IN)
        snprintf(out, 32, "+ -");
    else if (b->action == ACT_NEXT_ERROR)
        snprintf(out, 32, "e E");
    else if (b->action == ACT_ATTEMPT_OLDER)
        snprintf(out, 32, "p P");
    else
        key_text(b->key, out);
}

static const char *
hint_word(struct ui *ui, const struct key_binding *b, int cols)
{
    const struct ui_entry *e = ui_top_const(ui);
    const struct view_class *view = e->view;
    if (b->action == ACT_DEMO && !ui->config.demo)
        return NULL;
    if (b->action == ACT_FILTER)
        return view->filter ? (view->searchable ? tr("find") : tr("filter")) : NULL;
    /* On 80 columns everybody knows q; the room is for another key. */
    if (b->action == ACT_BACK && cols < 100)
        return "";
    if (b->action == ACT_BACK)
        return ui->stack.len > 1 ? tr("back") : tr("quit");
    const struct view_env env = ui_env(ui, e);
    const char *word = view->word && b->hint ? view->word(e->state, &env, b->action) : NULL;
    return word ? word : b->hint ? tr(b->hint) : NULL;
}

static int
hint_width(const char *key, const char *word)
{
    int words = word[0] ? 1 + utf8_width(word, strlen(word)) : 0;
    return utf8_width(key, strlen(key)) + words + 2;
}

static int
hint_draw(struct surface *s, int x, const char *key, const char *word)
{
    struct rect clip = surface_rect(s);
    x += surface_puts(s, clip, x, s->rows - 1, ROLE_KEY, key);
    return x + 1 + surface_puts(s, clip, x + 1, s->rows - 1, ROLE_HINT, word) + 2;
}

/* A key that leads where the user already is needs no room in the footer. */
static bool
leads_here(const struct view_class *view, enum action action)
{
    enum key_context context = view->context;
    bool logs = action == ACT_LOGS || action == ACT_PREVIOUS || action == ACT_MERGED;
    if (view->scope != VIEW_POD)
        return false;
    return (context == CTX_LOGS && logs) || (context == CTX_WHY && action == ACT_WHY) ||
           (context == CTX_RESOURCES && action == ACT_RESOURCES) ||
           (context == CTX_EVENTS && action == ACT_EVENTS) ||
           (context == CTX_DESCRIBE && action == ACT_DESCRIBE) ||
           (context == CTX_YAML && action == ACT_YAML);
}

/* Has the view on top a row of its own for this key? */
static bool
is_shadowed(const struct view_class *view, const struct key_binding *b)
{
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    bool general = b->context == CTX_ALL || b->context == CTX_PODISH;
    for (size_t i = 0; general && i < count; i++)
        if (table[i].context == view->context && table[i].key == b->key)
            return true;
    return false;
}

/* Has an earlier attempt of any container of the pod been seen? */
static bool
has_earlier(const struct pod *pod)
{
    for (const struct container *c = NULL; pod && (c = pod_containers(pod, c)) != NULL;)
        if (c->status && c->status->restart_count > 0)
            return true;
    return false;
}

/* A key that would only say why it does nothing needs no room either. Within a list it is not the row that decides: the
 * footer does not change under a cursor that moves. */
static bool
has_use(struct ui *ui, const struct key_binding *b)
{
    const struct ui_entry *e = ui_top_const(ui);
    const struct view_env env = ui_env(ui, e);
    struct pod_ref pod;
    char container[256];
    if (b->action == ACT_WRITING && (!ui->prefs.write || ui->config.session->read_only))
        return false;
    if (e->view->can && !e->view->can(e->state, &env, b->action))
        return false;
    if (b->context == CTX_PODISH && e->view->scope == VIEW_CLUSTER)
        return !e->view->can || e->view->can(e->state, &env, ACT_OPEN);
    if (b->context == CTX_PODISH && !ui_cursor_pod(ui, &pod, container))
        return false;
    bool earlier = b->action == ACT_PREVIOUS || b->action == ACT_COMPARE;
    return b->context != CTX_PODISH || !earlier || has_earlier(store_get(env.store, pod));
}

/* Is this row of the table what its key does in the view on top? A context can hide a general
 * binding. */
static bool
hint_applies(const struct ui *ui, const struct key_binding *b)
{
    const struct view_class *view = ui_top_const(ui)->view;
    bool here = b->context == CTX_ALL || b->context == view->context || b->context == CTX_REPLAY ||
                (b->context == CTX_PODISH && view->podish);
    return here && !leads_here(view, b->action) && !is_shadowed(view, b) &&
           keymap_lookup(view->context, view->podish, b->key, NULL) == b->action;
}

/* A question takes as many lines as it needs, the last is the footer's: what would happen is not cut, and
 * the choice stays in sight whatever the text's length. */
static void
footer_question(const struct ui *ui, struct surface *s)
{
    char choice[48];
    const char *text = ui->confirm.text;
    if (ui->confirm.word[0])
        (void)snprintf(choice, sizeof(choice), "  %s ", ui->confirm.typed);
    else
        (void)snprintf(choice, sizeof(choice), " [y/N] ");
    int room = s->cols - 1 - (int)strlen(choice), last = s->rows - 1;
    int most = IW_MAX(s->rows / 3, 1);
    int lines = widget_wrap(s, (struct rect){0}, 1, 0, room, most, ROLE_WARN, text);
    struct rect block = {0, last - lines + 1, s->cols, lines};
    surface_fill(s, block, ' ', ROLE_HINT);
    (void)widget_wrap(s, block, 1, block.y, room, most, ROLE_WARN, text);
    int end = 1 + room;
    while (end > 1 && surface_at(s, end - 1, last)->ch == ' ')
        end--;
    s->cursor_x = end + surface_puts(s, block, end, last, ROLE_KEY, choice);
    s->cursor_y = last;
}

/* What went wrong is told whole, in the lines above the footer's too; good news is cut where the line
 * ends. */
static void
footer_flash(const struct ui *ui, struct surface *s)
{
    const char *text = ui->flash.text;
    int room = s->cols - 2, last = s->rows - 1;
    int most = ui->flash.error ? IW_MAX(s->rows / 4, 1) : 1;
    enum role role = ui->flash.error ? ROLE_ERROR : ROLE_TITLE;
    int lines = widget_wrap(s, (struct rect){0}, 1, 0, room, most, role, text);
    struct rect block = {0, last - lines + 1, s->cols, lines};
    if (lines <= 1) {
        surface_field(s, surface_rect(s), 1, last, room, false, role, text);
        return;
    }
    surface_fill(s, block, ' ', ROLE_HINT);
    (void)widget_wrap(s, block, 1, block.y, room, most, role, text);
}

void
chrome_footer(struct ui *ui, struct surface *s)
{
    int y = s->rows - 1;
    struct rect line = {0, y, s->cols, 1};
    surface_fill(s, line, ' ', ROLE_HINT);
    if (ui->confirm.text[0]) {
        footer_question(ui, s);
        return;
    }
    if (ui->flash.until_ms && clock_mono(ui->config.clock) < ui->flash.until_ms) {
        footer_flash(ui, s);
        return;
    }
    char waits[256];
    if (places_hint(ui, waits, sizeof(waits))) {
        surface_field(s, line, 1, y, s->cols - 2, false, ROLE_PROMPT, waits);
        return;
    }
    /* Help and the way out are always there; the others fill the room in the order of the table. */
    size_t count;
    const struct key_binding *table = keymap_bindings(&count);
    int reserved = 0, x = 1;
    char key[32];
    for (int pass = 0; pass < 3; pass++)
        for (size_t i = 0; i < count; i++) {
            const struct key_binding *b = &table[i];
            bool tail = b->context == CTX_ALL && (b->action == ACT_HELP || b->action == ACT_BACK);
            const char *word = b->hint ? hint_word(ui, b, s->cols) : NULL;
            if (!word || tail != (pass != 1) || !hint_applies(ui, b) || !has_use(ui, b))
                continue;
            hint_key(b, s->ascii, key);
            if (pass == 0)
                reserved += hint_width(key, word);
            else if (pass == 2 || x + hint_width(key, word) + reserved <= s->cols + 1)
                x = hint_draw(s, x, key, word);
        }
}
