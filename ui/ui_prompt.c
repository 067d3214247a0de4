/* ui_prompt: the input line for filters and commands, with history and completion.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "ui_internal.h"

static void
set_text(struct ui_prompt *p, const char *text)
{
    snprintf(p->text, sizeof(p->text), "%s", text);
    p->len = p->cursor = strlen(p->text);
}

/* Tab takes the next offer. The only one that begins as typed is done: what follows is offered next. */
static void
complete(struct ui *ui, bool back)
{
    struct ui_prompt *p = &ui->prompt;
    size_t n = p->offers.len, begins = 0;
    if (p->kind != ':' || n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        begins += p->offers.items[i].prefix;
    bool first = p->choice == CHOICE_NONE;
    p->choice = first ? (back ? n - 1 : 0) : (p->choice + (back ? n - 1 : 1)) % n;
    snprintf(p->text + p->choice_from, sizeof(p->text) - p->choice_from, "%s",
             p->offers.items[p->choice].text);
    p->len = p->cursor = strlen(p->text);
    if (!first || !(n == 1 || (begins == 1 && p->choice == 0)))
        return;
    bool command = p->choice_from == 0 && !strchr(p->text, ' ');
    if (command && p->len + 1 < sizeof(p->text)) {
        p->text[p->len++] = ' ';
        p->text[p->len] = 0;
        p->cursor = p->len;
    }
    palette_fill(ui, p);
}

/* --- history --- */

static struct ui_history *
history_of(struct ui *ui)
{
    return ui->prompt.kind == ':' ? &ui->commands : &ui->filters;
}

static void
history_add(struct ui_history *h, const char *line)
{
    if (!line[0] || (h->lines.len && strcmp(h->lines.items[h->lines.len - 1], line) == 0))
        return;
    if (h->lines.len >= PROMPT_HISTORY) {
        free(h->lines.items[0]);
        vec_remove(&h->lines, 0);
    }
    vec_push(&h->lines, iw_strdup(line));
}

static void
history_step(struct ui *ui, bool older)
{
    struct ui_prompt *p = &ui->prompt;
    const struct ui_history *h = history_of(ui);
    if (older ? p->history_at >= h->lines.len : p->history_at == 0)
        return;
    if (p->history_at == 0)
        memcpy(p->typed, p->text, sizeof(p->typed));
    p->history_at += older ? 1 : (size_t)-1;
    set_text(p, p->history_at ? h->lines.items[h->lines.len - p->history_at] : p->typed);
}

/* --- editing --- */

static size_t
step_back(const struct ui_prompt *p, size_t at)
{
    while (at > 0 && ((unsigned char)p->text[--at] & 0xC0) == 0x80)
        ;
    return at;
}

static size_t
step_on(const struct ui_prompt *p, size_t at)
{
    if (at < p->len)
        at++;
    while (at < p->len && ((unsigned char)p->text[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static void
delete_range(struct ui_prompt *p, size_t from, size_t to)
{
    memmove(p->text + from, p->text + to, p->len - to + 1);
    p->len -= to - from;
    p->cursor = from;
}

static void
insert_char(struct ui_prompt *p, uint32_t key)
{
    char bytes[4];
    size_t n = utf8_encode(key, bytes);
    if (p->len + n >= sizeof(p->text))
        return;
    memmove(p->text + p->cursor + n, p->text + p->cursor, p->len - p->cursor + 1);
    memcpy(p->text + p->cursor, bytes, n);
    p->len += n;
    p->cursor += n;
}

static size_t
word_start(const struct ui_prompt *p)
{
    size_t at = p->cursor;
    while (at > 0 && strchr(" ,/=", p->text[at - 1]))
        at--;
    while (at > 0 && !strchr(" ,/=", p->text[at - 1]))
        at--;
    return at;
}

/* True when the key changed the text or moved in it. */
static bool
edit_key(struct ui_prompt *p, uint32_t key)
{
    size_t to = step_on(p, p->cursor);
    if (key == KEY_BACKSPACE_CODE || key == 0x7F || key == KEY_CTRL('h'))
        delete_range(p, step_back(p, p->cursor), p->cursor);
    else if (key == KEY_DELETE_CODE || key == KEY_CTRL('d'))
        delete_range(p, p->cursor, to);
    else if (key == KEY_CTRL('u'))
        delete_range(p, 0, p->cursor);
    else if (key == KEY_CTRL('k'))
        delete_range(p, p->cursor, p->len);
    else if (key == KEY_CTRL('w'))
        delete_range(p, word_start(p), p->cursor);
    else if (key == KEY_LEFT_CODE || key == KEY_CTRL('b'))
        p->cursor = step_back(p, p->cursor);
    else if (key == KEY_RIGHT_CODE || key == KEY_CTRL('f'))
        p->cursor = to;
    else if (key == KEY_HOME_CODE || key == KEY_CTRL('a'))
        p->cursor = 0;
    else if (key == KEY_END_CODE || key == KEY_CTRL('e'))
        p->cursor = p->len;
    else if (key >= 0x20 && key < KEY_SPECIAL)
        insert_char(p, key);
    else
        return false;
    return true;
}

/* --- life --- */

static void
prompt_close(struct ui *ui)
{
    ui->prompt.open = false;
    palette_clear(&ui->prompt);
    ui->dirty = true;
}

void
prompt_open(struct ui *ui, char kind, const char *text)
{
    struct ui_prompt *p = &ui->prompt;
    p->open = true;
    p->kind = kind;
    p->history_at = 0;
    /* Another '/' starts a new filter; the old one comes back with Esc, or with the arrow up. */
    memcpy(p->before, ui_top(ui)->filter, sizeof(p->before));
    set_text(p, kind == '/' ? "" : text);
    palette_fill(ui, p);
    ui->dirty = true;
}

/* The typed text as a filter: where '/' adds a chip, it is one more line of the filter before. */
static void
set_typed_filter(struct ui *ui, const char *typed, bool final)
{
    const struct ui_prompt *p = &ui->prompt;
    char text[2 * PROMPT_TEXT_BYTES + 2];
    bool adds = p->kind == '/' && ui_top(ui)->view->chips && p->before[0];
    (void)snprintf(text, sizeof(text), "%s%s%s", adds ? p->before : "",
                   adds && typed[0] ? "\n" : "", typed);
    text[PROMPT_TEXT_BYTES - 1] = '\0';
    ui_set_filter(ui, text, final);
}

static void
accept(struct ui *ui)
{
    struct ui_prompt *p = &ui->prompt;
    char text[PROMPT_TEXT_BYTES + 1];
    /* A name that is no command means the object or command that begins so. */
    const struct palette_offer *meant = palette_meant(p);
    if (p->kind == ':' && meant && p->choice_from == 0 && p->text[0] && !command_is_known(p->text))
        set_text(p, meant->text);
    history_add(history_of(ui), p->text);
    if (p->kind == ':') {
        snprintf(text, sizeof(text), "%s", p->text);
        prompt_close(ui);
        command_run(ui, text);
        return;
    }
    prompt_close(ui);
    if (p->kind == '/') {
        snprintf(text, sizeof(text), "%s", p->text);
        set_typed_filter(ui, text, true);
        return;
    }
    /* What a view asked for with another sign comes back with that sign in front. It is no search: the one that is on
     * stays. */
    const struct ui_entry *e = ui_top(ui);
    struct view_env env = ui_env(ui, e);
    snprintf(text, sizeof(text), "%c%s", p->kind, p->text);
    if (p->text[0] && e->view->filter)
        e->view->filter(e->state, &env, text, true);
    ui->dirty = ui->recalc = true;
}

static void
cancel(struct ui *ui)
{
    bool filter = ui->prompt.kind == '/';
    prompt_close(ui);
    if (filter)
        ui_set_filter(ui, ui->prompt.before, true);
}

bool
ui_is_typing(const struct ui *ui)
{
    return ui->prompt.open;
}

void
prompt_key(struct ui *ui, uint32_t key)
{
    struct ui_prompt *p = &ui->prompt;
    bool erase = key == KEY_BACKSPACE_CODE || key == 0x7F || key == KEY_CTRL('h');
    /* "::" is a colon typed twice. */
    if (p->kind == ':' && key == ':' && p->len == 0)
        return;
    if (key == KEY_ESC_CODE || key == KEY_CTRL('c') || key == KEY_CTRL('g') ||
        (erase && p->len == 0)) {
        cancel(ui);
    } else if (key == KEY_ENTER_CODE || key == '\n') {
        accept(ui);
    } else if (key == KEY_TAB_CODE || key == KEY_BTAB_CODE) {
        complete(ui, key == KEY_BTAB_CODE);
    } else if (key == KEY_UP_CODE || key == KEY_CTRL('p') || key == KEY_DOWN_CODE ||
               key == KEY_CTRL('n')) {
        bool older = key == KEY_UP_CODE || key == KEY_CTRL('p');
        if (p->kind == ':' && !older && p->history_at == 0) {
            complete(ui, false);
            return;
        }
        history_step(ui, older);
        palette_fill(ui, p);
        if (p->kind == '/')
            set_typed_filter(ui, p->text, false);
    } else if (edit_key(p, key)) {
        palette_fill(ui, p);
        if (p->kind == '/')
            set_typed_filter(ui, p->text, false);
    }
}

/* The choices of Tab to the right of the text, the one in use marked. */
static void
draw_choices(const struct ui_prompt *p, struct surface *s, int x)
{
    struct rect clip = {0, s->rows - 1, s->cols - 1, 1};
    size_t first = p->choice > 2 && p->choice < p->offers.len ? p->choice - 2 : 0;
    for (size_t i = first; i < p->offers.len && x < s->cols - 1; i++) {
        x += 2;
        x += surface_puts(s, clip, x, s->rows - 1, i == p->choice ? ROLE_KEY : ROLE_HINT,
                          p->offers.items[i].label);
    }
}

/* What can be typed behind '/' here. */
static const char *
filter_hint(const struct ui *ui)
{
    const struct view_class *view = ui_top_const(ui)->view;
    return view->chips ? tr("regex  !not  -l label  -f fuzzy  status:Init  rst:>3")
                       : tr("regex  !not  Esc cancels");
}

void
prompt_draw(const struct ui *ui, struct surface *s)
{
    const struct ui_prompt *p = &ui->prompt;
    int y = s->rows - 1;
    struct rect line = {0, y, s->cols, 1};
    surface_fill(s, line, ' ', ROLE_PROMPT);
    /* Long input scrolls so that the cursor stays in sight. */
    int cursor = utf8_width(p->text, p->cursor), shift = IW_MAX(cursor - (s->cols - 6), 0);
    struct rect field = {2, y, s->cols - 3, 1};
    int width = surface_text(s, field, 2 - shift, y, ROLE_PROMPT, p->text, p->len);
    char kind[2] = {p->kind, 0};
    surface_puts(s, line, 1, y, ROLE_KEY, kind);
    s->cursor_x = 2 + cursor - shift;
    s->cursor_y = y;
    int x = 2 + width - shift;
    bool listed = palette_draw(p, s);
    if (!listed && p->offers.len && p->text[0]) {
        draw_choices(p, s, x);
        return;
    }
    const char *hint = p->kind == ':'   ? tr("Tab completes  ↑ history  Esc cancels")
                       : p->kind == '/' ? filter_hint(ui)
                       : p->kind == '&' ? tr("keep: regex or level>=warn  Esc cancels")
                       : p->kind == '!' ? tr("drop: regex or level=debug  Esc cancels")
                                        : tr("Esc cancels");
    int hint_w = utf8_width(hint, strlen(hint));
    if (x + hint_w + 4 < s->cols)
        surface_puts(s, line, s->cols - hint_w - 1, y, ROLE_HINT, hint);
}

void
prompt_free(struct ui *ui)
{
    struct ui_history *both[] = {&ui->commands, &ui->filters};
    palette_clear(&ui->prompt);
    vec_free(&ui->prompt.offers);
    for (size_t i = 0; i < IW_COUNTOF(both); i++) {
        for (size_t k = 0; k < both[i]->lines.len; k++)
            free(both[i]->lines.items[k]);
        vec_free(&both[i]->lines);
    }
}

void
ui_history_add(struct ui *ui, char kind, const char *line)
{
    if (kind == ':' || kind == '/')
        history_add(kind == ':' ? &ui->commands : &ui->filters, line);
}

void
ui_history_each(const struct ui *ui, void (*each)(void *ctx, char kind, const char *line),
                void *ctx)
{
    for (size_t i = 0; i < ui->filters.lines.len; i++)
        each(ctx, '/', ui->filters.lines.items[i]);
    for (size_t i = 0; i < ui->commands.lines.len; i++)
        each(ctx, ':', ui->commands.lines.items[i]);
}
