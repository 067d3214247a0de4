/* ui_places: the screens that were looked at ([ ] -) and the ones that were marked (m x, 'x).
 *
 * The history is a browser's: going back and then somewhere else drops what was forward. A place is opened above the
 * first view, so that q from it leads to the list whatever way led there.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "ui_internal.h"

static struct ui_place
place_now(struct ui *ui)
{
    const struct ui_entry *e = ui_top(ui);
    struct ui_place place = {.view = e->view};
    const struct pod *pod = store_get(ui->config.store, e->pod);
    if (pod) {
        snprintf(place.ns, sizeof(place.ns), "%s", pod->ns);
        snprintf(place.pod, sizeof(place.pod), "%s", pod->name);
    }
    snprintf(place.container, sizeof(place.container), "%s", e->container);
    return place;
}

static bool
same_place(const struct ui_place *a, const struct ui_place *b)
{
    return a->view == b->view && strcmp(a->ns, b->ns) == 0 && strcmp(a->pod, b->pod) == 0 &&
           strcmp(a->container, b->container) == 0;
}

void
places_note(struct ui *ui)
{
    struct ui_places *p = &ui->places;
    struct ui_place now = place_now(ui);
    if (p->travelling || (p->count && same_place(&now, &p->items[p->at])))
        return;
    if (p->count)
        p->last = p->items[p->at];
    p->count = p->count ? p->at + 1 : 0;
    if (p->count == PLACES_MAX) {
        memmove(&p->items[0], &p->items[1], (PLACES_MAX - 1) * sizeof(p->items[0]));
        p->count--;
    }
    p->at = p->count;
    p->items[p->count++] = now;
}

/* False, and said, when the pod of the place is gone. */
static bool
go_to(struct ui *ui, const struct ui_place *place)
{
    struct intent in = {.kind = INTENT_OPEN, .view = place->view->name};
    if (place->pod[0] && !store_find(ui->config.store, place->ns, place->pod, &in.pod)) {
        ui_flash(ui, true, tr("pod %s is no longer known"), place->pod);
        return false;
    }
    snprintf(in.container, sizeof(in.container), "%s", place->container);
    bool outer = ui->places.travelling;
    ui->places.travelling = true;
    ui_reset(ui);
    if (ui_top(ui)->view != place->view && place->view->scope == VIEW_CLUSTER)
        in.kind = INTENT_SWITCH;
    if (ui_top(ui)->view != place->view)
        ui_handle_intent(ui, &in);
    ui->places.travelling = outer;
    return true;
}

static void
step(struct ui *ui, bool back)
{
    struct ui_places *p = &ui->places;
    while (back ? p->at > 0 : p->at + 1 < p->count) {
        struct ui_place from = p->items[p->at];
        p->at = back ? p->at - 1 : p->at + 1;
        if (go_to(ui, &p->items[p->at])) {
            p->last = from;
            return;
        }
    }
    ui_flash(ui, false, "%s",
             back ? tr("nothing was looked at before this") : tr("this is where you were last"));
}

static void
go_last(struct ui *ui)
{
    struct ui_place last = ui->places.last;
    if (!last.view)
        ui_flash(ui, false, "%s", tr("nothing was looked at before this"));
    else
        (void)go_to(ui, &last);
}

/* --- marks --- */

static struct ui_mark *
find_mark(struct ui_places *p, char letter)
{
    for (size_t i = 0; i < p->mark_count; i++)
        if (p->marks[i].letter == letter)
            return &p->marks[i];
    return NULL;
}

static void
set_mark(struct ui *ui, char letter)
{
    struct ui_places *p = &ui->places;
    struct ui_mark *mark = find_mark(p, letter);
    if (!mark && p->mark_count == UI_MARKS_MAX)
        return;
    if (!mark)
        mark = &p->marks[p->mark_count++];
    mark->letter = letter;
    mark->place = place_now(ui);
    /* In a list the mark is on the pod under the cursor. */
    struct pod_ref ref;
    char container[256];
    const struct pod *pod =
        ui_cursor_pod(ui, &ref, container) ? store_get(ui->config.store, ref) : NULL;
    if (pod && !mark->place.pod[0]) {
        const struct view_class *detail = view_find("detail");
        mark->place.view = detail ? detail : mark->place.view;
        snprintf(mark->place.ns, sizeof(mark->place.ns), "%s", pod->ns);
        snprintf(mark->place.pod, sizeof(mark->place.pod), "%s", pod->name);
    }
    ui_flash(ui, false, tr("mark %c: %s; '%c comes back"), letter,
             mark->place.pod[0] ? mark->place.pod : tr(mark->place.view->title), letter);
}

static void
go_mark(struct ui *ui, char letter)
{
    if (letter == '\'') {
        go_last(ui);
        return;
    }
    const struct ui_mark *mark = find_mark(&ui->places, letter);
    if (!mark)
        ui_flash(ui, true, tr("there is no mark %c: m%c sets it"), letter, letter);
    else
        (void)go_to(ui, &mark->place);
}

void
places_act(struct ui *ui, enum action action, int32_t letter)
{
    struct ui_places *p = &ui->places;
    bool marks = action == ACT_SET_MARK || action == ACT_GO_MARK;
    if (marks && letter <= ' ') {
        p->waits = action;
        return;
    }
    if (action == ACT_SET_MARK)
        set_mark(ui, (char)letter);
    else if (action == ACT_GO_MARK)
        go_mark(ui, (char)letter);
    else if (action == ACT_LAST_VIEW)
        go_last(ui);
    else {
        p->travelling = true;
        step(ui, action == ACT_HISTORY_BACK);
        p->travelling = false;
    }
}

bool
places_key(struct ui *ui, uint32_t key)
{
    struct ui_places *p = &ui->places;
    enum action waits = p->waits;
    if (waits == ACT_NONE)
        return false;
    p->waits = ACT_NONE;
    bool letter = key < 0x7F && (isalnum((int)key) || (waits == ACT_GO_MARK && key == '\''));
    if (letter) {
        places_act(ui, waits, (int32_t)key);
        places_note(ui);
    } else if (key != KEY_ESC_CODE) {
        ui_flash(ui, false, "%s", tr("a mark is a letter or a digit"));
    }
    return true;
}

bool
places_hint(const struct ui *ui, char *out, size_t out_size)
{
    const struct ui_places *p = &ui->places;
    if (p->waits == ACT_NONE)
        return false;
    if (p->waits == ACT_SET_MARK) {
        snprintf(out, out_size, "%s", tr("mark this with which letter?  Esc cancels"));
        return true;
    }
    size_t used = (size_t)snprintf(out, out_size, "%s", tr("go to which mark?"));
    for (size_t i = 0; i < p->mark_count && used < out_size; i++) {
        const struct ui_place *place = &p->marks[i].place;
        used += (size_t)snprintf(out + used, out_size - used, "  %c %s", p->marks[i].letter,
                                 place->pod[0] ? place->pod : tr(place->view->title));
    }
    if (used < out_size)
        snprintf(out + used, out_size - used, "%s", tr("  ' the last screen"));
    return true;
}
