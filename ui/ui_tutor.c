/* ui_tutor: a guided tour of three minutes on the demo cluster. Each step says what to press and notices that it was done.
 *
 * The panel takes lines of its own above the footer; views are drawn in what is left, so it never hides what it speaks of.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "ui_internal.h"

enum {
    PANEL_LINES_MAX = 5,
    TEXT_BYTES = 1024,
    KEY_MARK = 1 /* begins and ends a key in an expanded text */
};

/* Where a step is done; the panel says the way when the user is elsewhere. */
enum tutor_place { PLACE_ANY, PLACE_LIST, PLACE_POD, PLACE_LOGS };

/* What ends a step. */
enum tutor_goal {
    GOAL_ACTION,    /* `action`, or its `twin` */
    GOAL_VIEW,      /* `view` is on top */
    GOAL_FILTER,    /* the list has a filter */
    GOAL_NO_FILTER, /* it has none */
    GOAL_POD,       /* `view` of the scenario's pod is on top */
    GOAL_HOME       /* the first list is on top */
};
struct tutor_step {
    enum tutor_place place;
    enum tutor_goal goal;
    enum action action, twin;
    const char *view, *scenario,
        *text; /* "{open}" in a text is the key of that action, "{pod}" the scenario's */
};

static const struct tutor_step STEPS[] = {
    {PLACE_LIST, GOAL_ACTION, ACT_DOWN, ACT_UP, NULL, NULL,
     TR_MARK(
         "Each row is a pod, the one stuck most on top. The signs are its containers in the order "
         "they start; the apps come after the bar. Move with {down} and {up}.")},
    {PLACE_LIST, GOAL_FILTER, ACT_NONE, ACT_NONE, NULL, "syntax-error",
     TR_MARK("Find one: type {filter} and {pod}. The rows follow each letter; {open} keeps the "
             "filter.")},
    {PLACE_LIST, GOAL_VIEW, ACT_NONE, ACT_NONE, "detail", NULL,
     TR_MARK("Below the list stands what is known of the pod under the cursor. {open} opens it.")},
    {PLACE_POD, GOAL_ACTION, ACT_ZOOM_IN, ACT_ZOOM_OUT, NULL, NULL,
     TR_MARK(
         "The timeline: a line for each container, in start order, and what it did when. {zoom-in} "
         "and {zoom-out} zoom; {down} and {up} choose a container, the pane below is about it.")},
    {PLACE_POD, GOAL_VIEW, ACT_NONE, ACT_NONE, "why", NULL,
     TR_MARK(
         "{why} answers why it is stuck: the cause first, then the evidence, then what helps.")},
    {PLACE_POD, GOAL_VIEW, ACT_NONE, ACT_NONE, "logs", NULL,
     TR_MARK("{logs} opens the log of the container that matters now.")},
    {PLACE_LOGS, GOAL_ACTION, ACT_ATTEMPT_OLDER, ACT_ATTEMPT_NEWER, NULL, NULL,
     TR_MARK(
         "Each attempt is a chapter with its exit code. {attempt-older} goes to the previous one, "
         "{attempt-newer} back to the newer.")},
    {PLACE_ANY, GOAL_HOME, ACT_NONE, ACT_NONE, NULL, NULL,
     TR_MARK("{back} goes back, a view at a time. Go back to the list.")},
    {PLACE_LIST, GOAL_NO_FILTER, ACT_NONE, ACT_NONE, NULL, NULL,
     TR_MARK("The filter is still on: its chip stands in the second line. {clear} takes it away.")},
    {PLACE_LIST, GOAL_POD, ACT_NONE, ACT_NONE, "detail", "ordered-shutdown",
     TR_MARK("Now a pod that is deleted again and again: find {pod} and open it with {open}.")},
    {PLACE_POD, GOAL_ACTION, ACT_DOWN, ACT_UP, NULL, "ordered-shutdown",
     TR_MARK("The order of the end: the app stops at once, then the sidecars, the last one first. "
             "Walk down "
             "with {down}: the pane of each says when it stops.")},
    {PLACE_POD, GOAL_VIEW, ACT_NONE, ACT_NONE, "events", NULL,
     TR_MARK("{events} lists what the cluster said about the pod, and about what it waits for.")},
    {PLACE_ANY, GOAL_VIEW, ACT_NONE, ACT_NONE, "help", NULL,
     TR_MARK("{help} shows the keys of the view you are in, anywhere; typing searches them.")},
    {PLACE_ANY, GOAL_HOME, ACT_NONE, ACT_NONE, NULL, NULL,
     TR_MARK("That is all you need. {back} goes back; on the first view it quits. {demo} opens the "
             "course, what each scenario here teaches; `initwatch` alone shows your own cluster.")},
};
enum { STEP_COUNT = IW_COUNTOF(STEPS) };

static const struct tutor_step *
step_of(const struct ui *ui)
{
    return &STEPS[IW_MIN(ui->tutor.step, STEP_COUNT - 1)];
}

/* --- where the user is --- */

/* NULL: it does not play here. */
static const struct demo_scenario *
find_scenario(const struct ui *ui, const char *name)
{
    const struct demo_board *board = ui->config.demo;
    for (size_t i = 0; name && board && i < board->scenarios.len; i++)
        if (strcmp(board->scenarios.items[i].name, name) == 0)
            return &board->scenarios.items[i];
    return NULL;
}

static bool
is_at(const struct ui *ui, enum tutor_place place)
{
    const struct view_class *view = ui_top_const(ui)->view;
    switch (place) {
    case PLACE_LIST:
        return ui->stack.len == 1 && strcmp(view->name, "pods") == 0;
    case PLACE_POD:
        return view->scope == VIEW_POD;
    case PLACE_LOGS:
        return view->context == CTX_LOGS;
    case PLACE_ANY:
        break;
    }
    return true;
}

static bool
is_of_scenario(const struct ui *ui, const char *name)
{
    const struct pod *pod = store_get(ui->config.store, ui_top_const(ui)->pod);
    const struct demo_scenario *scenario = find_scenario(ui, name);
    char wanted[520];
    if (!pod || !scenario)
        return false;
    (void)snprintf(wanted, sizeof(wanted), " %s/%s ", pod->ns, pod->name);
    return strstr(scenario->pod_list, wanted) != NULL;
}

/* Is the step done, as the screen is and after this action? */
static bool
is_done(const struct ui *ui, const struct tutor_step *step, enum action action)
{
    const struct ui_entry *top = ui_top_const(ui);
    bool shown = step->view && strcmp(top->view->name, step->view) == 0;
    switch (step->goal) {
    case GOAL_ACTION:
        return is_at(ui, step->place) && action != ACT_NONE &&
               (action == step->action || action == step->twin);
    case GOAL_VIEW:
        return shown;
    case GOAL_FILTER:
        return is_at(ui, PLACE_LIST) && top->filter[0] && !ui->prompt.open;
    case GOAL_NO_FILTER:
        return is_at(ui, PLACE_LIST) && !top->filter[0];
    case GOAL_POD:
        return shown && is_of_scenario(ui, step->scenario);
    case GOAL_HOME:
        return is_at(ui, PLACE_LIST);
    }
    return false;
}

/* Some need no doing: there is no filter to take away, or the scenario does not play here. */
static bool
is_idle(const struct ui *ui, const struct tutor_step *step)
{
    if (step->goal == GOAL_NO_FILTER)
        return is_done(ui, step, ACT_NONE);
    return step->goal != GOAL_FILTER && step->scenario && ui->config.demo->known &&
           !find_scenario(ui, step->scenario);
}

void
tutor_note(struct ui *ui, enum action action)
{
    if (!ui->tutor.on || !is_done(ui, step_of(ui), action))
        return;
    do
        ui->tutor.step++;
    while (ui->tutor.step < STEP_COUNT && is_idle(ui, step_of(ui)));
    ui->dirty = ui->recalc = true;
    if (ui->tutor.step < STEP_COUNT)
        return;
    ui->tutor.on = false;
    ui->tutor.step = 0;
    ui_flash(ui, false, "%s", tr("the tour is over; :tutor begins it again, ; opens the course"));
}

/* --- beginning and leaving --- */

void
ui_tutor(struct ui *ui, bool again)
{
    if (!ui->config.demo) {
        ui_flash(ui, false, "%s",
                 tr("the tour needs the demo cluster: initwatch --tutor starts both"));
        return;
    }
    if (again)
        ui->tutor.step = 0;
    ui->tutor.on = true;
    ui->dirty = ui->recalc = true;
}

bool
ui_wants_demo(const struct ui *ui)
{
    return ui->tutor.on || strcmp(ui_top_view(ui), "demo") == 0;
}

/* A filter that is on is what Esc takes away first, as everywhere. */
bool
tutor_leave(struct ui *ui)
{
    if (!ui->tutor.on || ui_top(ui)->filter[0])
        return false;
    ui->tutor.on = false;
    ui->dirty = ui->recalc = true;
    ui_flash(ui, false, tr("the tour is left at step %u of %d; :tutor goes on"), ui->tutor.step + 1,
             STEP_COUNT);
    return true;
}

/* --- the panel --- */

/* How well a binding fits to what is said of the view on top: its own first, then those of all pods and of everywhere. */
static int
fits(const struct key_binding *b, const struct view_class *view)
{
    if (b->context == view->context)
        return 3;
    return b->context == CTX_ALL || b->context == CTX_PODISH ? 2 : 1;
}

static void
key_of(const struct ui *ui, enum action action, char out[16])
{
    const struct view_class *view = ui_top_const(ui)->view;
    size_t count;
    const struct key_binding *table = keymap_bindings(&count), *found = NULL;
    for (size_t i = 0; i < count; i++)
        if (table[i].action == action && (!found || fits(&table[i], view) > fits(found, view)))
            found = &table[i];
    key_text(found ? found->key : KEY_NONE, out);
}

/* Braces become keys between KEY_MARKs, and names. */
static void
expand(const struct ui *ui, const char *text, const char *scenario, char *out, size_t size)
{
    size_t used = 0;
    for (; *text && used + 1 < size; text++) {
        size_t len = strcspn(text, "}");
        if (*text != '{' || !text[len]) {
            out[used++] = *text;
            continue;
        }
        char key[16] = "?";
        const struct demo_scenario *plays = find_scenario(ui, scenario);
        const char *pod = plays ? strchr(plays->pod, '/') : NULL, *put = key;
        if (strncmp(text, "{pod}", 5) == 0) {
            put = pod ? pod + 1 : tr("a part of its name");
        } else {
            for (int a = ACT_NONE + 1; a < ACT_COUNT; a++)
                if (strlen(action_name((enum action)a)) == len - 1 &&
                    strncmp(action_name((enum action)a), text + 1, len - 1) == 0)
                    key_of(ui, (enum action)a, key);
        }
        int wrote = snprintf(out + used, size - used, "%c%s%c", KEY_MARK, put, KEY_MARK);
        used = IW_MIN(used + (size_t)IW_MAX(wrote, 0), size - 1);
        text += len;
    }
    out[used] = '\0';
}

/* What to say to somebody who is elsewhere. */
static const char *
way_back(const struct ui *ui)
{
    const struct tutor_step *step = step_of(ui);
    if (is_at(ui, step->place))
        return "";
    if (step->place == PLACE_LIST)
        return tr(" First {back}, back to the list.");
    if (step->place == PLACE_LOGS)
        return tr(" First {logs}, to the log.");
    return tr(" First {open} on a pod.");
}

static void
panel_text(const struct ui *ui, char out[TEXT_BYTES])
{
    const struct tutor_step *step = step_of(ui);
    char text[TEXT_BYTES];
    (void)snprintf(text, sizeof(text), "%s%s", tr(step->text), way_back(ui));
    expand(ui, text, step->scenario, out, TEXT_BYTES);
}

/* Cells of a word, its marks left out. */
static int
word_width(const char *word, size_t len)
{
    int width = 0;
    for (size_t at = 0, n; at < len; at += n + 1) {
        const char *mark = memchr(word + at, KEY_MARK, len - at);
        n = mark ? (size_t)(mark - (word + at)) : len - at;
        width += utf8_width(word + at, n);
    }
    return width;
}

static void
draw_word(struct surface *s, struct rect line, int x, const char *word, size_t len, bool *in_key)
{
    for (size_t at = 0, n; at < len; at += n + 1) {
        const char *mark = memchr(word + at, KEY_MARK, len - at);
        n = mark ? (size_t)(mark - (word + at)) : len - at;
        x += surface_text(s, line, x, line.y, *in_key ? ROLE_KEY : ROLE_TEXT, word + at, n);
        if (mark)
            *in_key = !*in_key;
    }
}

/* Words into lines below each other from y on; s NULL: only counts them. */
static int
flow(struct surface *s, const char *text, int y, int cols)
{
    int x = 1, lines = 1;
    bool in_key = false;
    while (*text) {
        size_t len = strcspn(text, " ");
        int width = word_width(text, len);
        if (x > 1 && x + width > cols - 1) {
            x = 1;
            lines++;
        }
        if (s && lines <= PANEL_LINES_MAX)
            draw_word(s, (struct rect){0, y + lines - 1, cols - 1, 1}, x, text, len, &in_key);
        x += width + 1;
        text += len + (text[len] == ' ');
    }
    return IW_MIN(lines, PANEL_LINES_MAX);
}

int
tutor_lines(const struct ui *ui, int cols)
{
    char text[TEXT_BYTES];
    if (!ui->tutor.on)
        return 0;
    panel_text(ui, text);
    return flow(NULL, text, 0, cols);
}

void
tutor_draw(const struct ui *ui, struct surface *s, int y)
{
    char text[TEXT_BYTES];
    int x = 2;
    struct rect rule = {0, y, s->cols, 1};
    x += surface_printf(s, rule, x, y, ROLE_TITLE, tr(" tour %u/%d "), ui->tutor.step + 1,
                        STEP_COUNT);
    for (unsigned i = 0; i < STEP_COUNT; i++)
        x += surface_puts(s, rule, x, y,
                          i < ui->tutor.step    ? ROLE_OK
                          : i == ui->tutor.step ? ROLE_KEY
                                                : ROLE_DIM,
                          i < ui->tutor.step    ? "✓"
                          : i == ui->tutor.step ? "▸"
                                                : "·");
    surface_puts(s, rule, x, y, ROLE_RULE, " ");
    const char *leave = tr(" Esc leaves the tour ");
    int width = utf8_width(leave, strlen(leave));
    if (x + width + 2 < s->cols)
        surface_puts(s, rule, s->cols - width - 1, y, ROLE_HINT, leave);
    panel_text(ui, text);
    surface_fill(s, (struct rect){0, y + 1, s->cols, flow(NULL, text, 0, s->cols)}, ' ', ROLE_TEXT);
    (void)flow(s, text, y + 1, s->cols);
}
