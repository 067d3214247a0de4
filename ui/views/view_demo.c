/* view_demo: the course of a demo session: which scenarios play, what each teaches and where to look;
 * the simulated clock; trouble with the API server on request.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/widget.h"

/* Of the area: clock, column heads, rule and text and key of the lesson, rule and list of troubles. */
enum { NAME_COLS = 22, TEXT_LINES_MAX = 5, OTHER_LINES = 2 + TEXT_LINES_MAX + 2 + 2 };

struct demo_state {
    struct list_cursor cursor;
    size_t height; /* of the list */
    bool placed;   /* the cursor was put on the scenario of the pod that the view was opened from */
    bool on_faults; /* the cursor is among the troubles */
    size_t fault;
};

static const struct demo_scenario *
selected(const struct demo_state *st, const struct view_env *env)
{
    const struct demo_board *board = env->demo;
    return board && st->cursor.selected < board->scenarios.len
               ? &board->scenarios.items[st->cursor.selected]
               : NULL;
}

static void
place_cursor(struct demo_state *st, const struct view_env *env)
{
    const struct pod *pod = store_get(env->store, env->pod);
    if (st->placed || !env->demo || !env->demo->known)
        return;
    st->placed = true;
    char name[520] = "";
    if (pod)
        snprintf(name, sizeof(name), " %s/%s ", pod->ns, pod->name);
    for (size_t i = 0; pod && i < env->demo->scenarios.len; i++)
        if (strstr(env->demo->scenarios.items[i].pod_list, name))
            st->cursor.selected = i;
}

static void
demo_recalc(void *state, const struct view_env *env, struct rect area)
{
    struct demo_state *st = state;
    size_t count = env->demo ? env->demo->scenarios.len : 0;
    st->height = (size_t)IW_MAX(area.h - OTHER_LINES, 2);
    place_cursor(st, env);
    list_cursor_fix(&st->cursor, count, st->height);
    if (env->demo && st->fault >= env->demo->fault_count)
        st->fault = 0;
}

/* --- the clock --- */

static void
draw_clock(struct doc *d, const struct demo_board *board)
{
    char since[32], speed[24];
    duration_human(board->simulated_ms, since);
    snprintf(speed, sizeof(speed), "×%g", board->speed);
    doc_line(d);
    doc_to(d, 1);
    doc_put(d, ROLE_DIM, "%s", tr("time "));
    doc_put(d, board->paused ? ROLE_WARN : ROLE_OK, "%s",
            board->paused ? tr("paused") : tr("runs"));
    doc_put(d, ROLE_TEXT, " %s", speed);
    doc_put(d, ROLE_DIM, "   %s   ", since);
    static const struct {
        const char *keys, *word;
    } hints[] = {{",", TR_MARK("pause, go on")},
                 {".", TR_MARK("one second")},
                 {"< >", TR_MARK("slower, faster")}};
    for (size_t i = 0; i < IW_COUNTOF(hints); i++) {
        doc_put(d, ROLE_KEY, " %s", hints[i].keys);
        doc_put(d, ROLE_HINT, " %s ", tr(hints[i].word));
    }
}

/* --- the list --- */

static void
draw_scenario(struct doc *d, const struct demo_scenario *scenario, bool at)
{
    doc_line(d);
    doc_put(d, ROLE_KEY, at ? "▸" : " ");
    doc_field(d, NAME_COLS, false, at ? ROLE_TITLE : ROLE_TEXT, scenario->name);
    char pods[24];
    snprintf(pods, sizeof(pods), "%u", scenario->pods);
    doc_field(d, 4, true, scenario->pods ? ROLE_TEXT : ROLE_DIM, pods);
    doc_to(d, NAME_COLS + 7);
    doc_put(d, at ? ROLE_TEXT : ROLE_DIM, "%s", scenario->title);
}

static void
draw_list(struct doc *d, const struct demo_state *st, const struct demo_board *board)
{
    doc_line(d);
    doc_put(d, ROLE_TAB, " %s", tr("SCENARIO"));
    doc_to(d, NAME_COLS + 1);
    doc_put(d, ROLE_TAB, "%s", tr("PODS"));
    doc_to(d, NAME_COLS + 7);
    doc_put(d, ROLE_TAB, "%s", tr("WHAT IT SHOWS"));
    for (size_t i = 0; i < st->height; i++) {
        size_t at = st->cursor.top + i;
        if (at < board->scenarios.len)
            draw_scenario(d, &board->scenarios.items[at],
                          at == st->cursor.selected && !st->on_faults);
        else
            doc_line(d);
    }
}

/* --- the lesson --- */

/* What the key of a scenario does, in the words of the key table. */
static const char *
key_help(const char *key)
{
    bool enter = strcmp(key, "enter") == 0 || strcmp(key, "Enter") == 0;
    uint32_t code = enter ? KEY_ENTER_CODE : (uint32_t)(unsigned char)key[0];
    return tr(action_help(keymap_lookup(CTX_PODS, true, code, NULL)));
}

static void
draw_lesson(struct doc *d, const struct demo_scenario *scenario)
{
    char title[256];
    snprintf(title, sizeof(title), "%s", scenario->name);
    doc_rule(d, title);
    uint32_t before = d->lines;
    /* the file's own line breaks mean nothing here */
    iw_autofree char *text = iw_strdup(scenario->text);
    for (char *p = text; *p; p++)
        *p = *p == '\n' ? ' ' : *p;
    doc_line(d);
    doc_to(d, 1);
    doc_wrap(d, ROLE_TEXT, 1, TEXT_LINES_MAX, text);
    while (d->lines < before + TEXT_LINES_MAX)
        doc_line(d);
    doc_line(d);
    doc_to(d, 1);
    if (!scenario->pod[0]) {
        doc_put(d, ROLE_DIM, "%s", tr("It has no pod at the moment; the next round comes."));
        return;
    }
    bool enter = strcmp(scenario->key, "enter") == 0;
    doc_put(d, ROLE_DIM, "%s ", tr("Press"));
    doc_put(d, ROLE_KEY, "%s", enter ? "Enter" : scenario->key[0] ? scenario->key : "Enter");
    doc_put(d, ROLE_DIM, " %s ", tr("here:"));
    doc_put(d, ROLE_TEXT, "%s", key_help(scenario->key[0] ? scenario->key : "enter"));
    doc_put(d, ROLE_DIM, "  %s", scenario->pod);
}

/* --- trouble --- */

static void
draw_faults(struct doc *d, const struct demo_state *st, const struct demo_board *board)
{
    doc_rule(d, tr("trouble with the API server (Tab chooses, Enter begins or ends it)"));
    doc_line(d);
    for (size_t i = 0; i < board->fault_count; i++) {
        const struct demo_fault *fault = &board->faults[i];
        bool at = st->on_faults && i == st->fault, on = fault->left_ms > 0;
        doc_put(d, ROLE_KEY, at ? "▸" : " ");
        doc_put(d, on ? ROLE_ERROR : at ? ROLE_TITLE : ROLE_DIM, "%s", fault->kind);
        if (on)
            doc_put(d, ROLE_ERROR, " %llds", (long long)(fault->left_ms + 999) / 1000);
    }
}

static void
demo_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    const struct demo_state *st = state;
    const struct demo_board *board = env->demo;
    doc_auto d;
    doc_init(&d, area.w);
    if (!board || !board->known) {
        doc_line(&d);
        doc_line(&d);
        doc_to(&d, 3);
        doc_put(&d, ROLE_TEXT, "%s",
                board ? tr("asking the demo cluster what it plays")
                      : tr("this is no demo: start one with `initwatch demo`"));
        doc_draw(&d, s, area, 0);
        return;
    }
    draw_clock(&d, board);
    draw_list(&d, st, board);
    const struct demo_scenario *scenario = selected(st, env);
    if (scenario)
        draw_lesson(&d, scenario);
    draw_faults(&d, st, board);
    doc_draw(&d, s, area, 0);
}

/* --- keys --- */

static void
ask(struct intent *out, const char *fmt, const char *word)
{
    out->kind = INTENT_DEMO;
    snprintf(out->text, sizeof(out->text), "%s%s", fmt, word);
}

static bool
find_pod(const struct view_env *env, const struct demo_scenario *scenario, struct pod_ref *pod)
{
    char ns[256];
    const char *slash = scenario ? strchr(scenario->pod, '/') : NULL;
    if (!slash)
        return false;
    snprintf(ns, sizeof(ns), "%.*s", (int)IW_MIN(slash - scenario->pod, 255), scenario->pod);
    return store_find(env->store, ns, slash + 1, pod);
}

static bool
act_on_faults(struct demo_state *st, const struct demo_board *board, enum action action,
              struct intent *out)
{
    size_t count = board->fault_count;
    if (count == 0)
        return false;
    if (action == ACT_DOWN || action == ACT_RIGHT)
        st->fault = (st->fault + 1) % count;
    else if (action == ACT_UP || action == ACT_LEFT)
        st->fault = (st->fault + count - 1) % count;
    else if (action == ACT_OPEN)
        ask(out, "fault ",
            board->faults[st->fault].left_ms > 0 ? "none" : board->faults[st->fault].kind);
    else
        return false;
    return true;
}

static bool
demo_act(void *state, const struct view_env *env, enum action action, int32_t arg,
         struct intent *out)
{
    struct demo_state *st = state;
    (void)arg;
    if (!env->demo)
        return false;
    if (action == ACT_NEXT_PANE || action == ACT_PREV_PANE) {
        st->on_faults = !st->on_faults;
        return true;
    }
    if (st->on_faults && act_on_faults(st, env->demo, action, out))
        return true;
    const struct demo_scenario *scenario = selected(st, env);
    if (list_cursor_act(&st->cursor, action, env->demo->scenarios.len, st->height)) {
        st->on_faults = false;
        return true;
    }
    if (action == ACT_PLAY_AGAIN && scenario) {
        ask(out, "restart ", scenario->name);
        return true;
    }
    if (action != ACT_OPEN || !scenario)
        return false;
    out->kind = INTENT_OPEN;
    out->view = "detail";
    if (!find_pod(env, scenario, &out->pod)) {
        out->kind = INTENT_FLASH;
        snprintf(out->text, sizeof(out->text), tr("%s has no pod on the screen now"),
                 scenario->name);
    }
    return true;
}

static bool
demo_cursor(const void *state, const struct view_env *env, struct pod_ref *pod, char container[256])
{
    container[0] = '\0';
    return find_pod(env, selected(state, env), pod);
}

static bool
demo_ticks(const void *state, const struct view_env *env)
{
    (void)state;
    return env->demo && !env->demo->paused;
}

static void
demo_tab_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    (void)state;
    if (env->demo && env->demo->known)
        snprintf(out, out_size,
                 tr_n("%zu scenario plays", "%zu scenarios play", env->demo->scenarios.len),
                 env->demo->scenarios.len);
}

static size_t
demo_unseen(void *state, const struct view_env *env, uint32_t **scroll)
{
    const struct demo_state *st = state;
    (void)scroll;
    return env->demo ? list_unseen(env->demo->scenarios.len, (int64_t)st->height) : 0;
}

const struct view_class view_demo = {
    .name = "demo",
    .title = TR_MARK("Demo"),
    .help =
        TR_MARK("The course of a demo session: what plays, what it teaches, the clock, trouble."),
    .scope = VIEW_GLOBAL,
    .context = CTX_DEMO,
    .podish = true,
    .state_size = sizeof(struct demo_state),
    .recalc = demo_recalc,
    .draw = demo_draw,
    .unseen = demo_unseen,
    .act = demo_act,
    .cursor = demo_cursor,
    .ticks = demo_ticks,
    .tab_note = demo_tab_note,
};
