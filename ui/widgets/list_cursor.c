/* list_cursor: selection and scroll position of a list.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/widget.h"

void
list_cursor_fix(struct list_cursor *c, size_t count, size_t height)
{
    if (height == 0)
        height = 1;
    if (count == 0) {
        c->selected = c->top = 0;
        return;
    }
    if (c->selected >= count)
        c->selected = count - 1;
    if (c->top > c->selected)
        c->top = c->selected;
    if (c->selected - c->top >= height)
        c->top = c->selected - height + 1;
    /* No empty lines at the end while rows are hidden above. */
    size_t last_top = count > height ? count - height : 0;
    if (c->top > last_top)
        c->top = last_top;
}

static void
move_by(struct list_cursor *c, bool down, size_t step, size_t count)
{
    if (!down)
        c->selected -= IW_MIN(step, c->selected);
    else if (count)
        c->selected = IW_MIN(c->selected + step, count - 1);
}

bool
list_cursor_act(struct list_cursor *c, enum action action, size_t count, size_t height)
{
    size_t page = IW_MAX(height, (size_t)2) - 1, half = IW_MAX(height / 2, (size_t)1);
    size_t step = 1;
    bool down = action == ACT_DOWN || action == ACT_HALF_DOWN || action == ACT_PAGE_DOWN;
    if (action == ACT_TOP || action == ACT_BOTTOM) {
        c->selected = action == ACT_BOTTOM && count ? count - 1 : 0;
    } else {
        if (action == ACT_HALF_DOWN || action == ACT_HALF_UP)
            step = half;
        else if (action == ACT_PAGE_DOWN || action == ACT_PAGE_UP)
            step = page;
        else if (action != ACT_DOWN && action != ACT_UP)
            return false;
        /* Pages move the window with the cursor, as less and vim do. */
        if (step > 1)
            c->top = down ? c->top + step : c->top - IW_MIN(step, c->top);
        move_by(c, down, step, count);
    }
    list_cursor_fix(c, count, height);
    return true;
}
