/* ui_prompt: the input line for filters and commands, with history and completion.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/nearest.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "ui_internal.h"

enum { CHOICES_MAX = 200 };

/* --- commands --- */

static const struct ui_command COMMANDS[] = {
    {"pods", "", "the pod list"},
    {"why", "[POD]", "explain a pod"},
    {"logs", "[POD/CTR]", "logs of a pod"},
    {"detail", "[POD]", "containers and timeline of a pod"},
    {"events", "[POD]", "events of a pod"},
    {"resources", "[POD]", "effective requests and limits"},
    {"messages", "", "messages of initwatch itself"},
    {"help", "", "keys and signs"},
    {"ns", "A,B|*", "choose namespaces"},
    {"ctx", "NAME", "choose another context"},
    {"sort", "COLUMN", "stuck, ns, name, init, status, ready, restarts, for, node, age, owner"},
    {"group", "owner|none", "pods by owner, or one list"},
    {"set", "KEY=VAL", "change an option; NAME alone tells it"},
    {"relist", "", "list again, retry now"},
    {"save", "[FILE]", "save what is seen"},
    {"q", "", "quit"},
    {"quit", "", "quit"},
};

static const char *const SORT_WORDS[] = {"stuck",    "ns",  "name", "init", "status", "ready",
                                         "restarts", "for", "node", "age",  "owner"};
static const char *const GROUP_WORDS[] = {"owner", "none"};

const struct ui_command *
ui_commands(size_t *count)
{
    *count = IW_COUNTOF(COMMANDS);
    return COMMANDS;
}

static void
send_text(struct ui *ui, enum intent_kind kind, const char *text)
{
    struct intent intent = {.kind = kind};
    snprintf(intent.text, sizeof(intent.text), "%s", text);
    ui_handle_intent(ui, &intent);
}

static const char *
nearest_command(const char *name)
{
    static struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
        nearest_offer(&near, COMMANDS[i].name);
    return near.count ? near.names[0] : NULL;
}

/* "pod", "ns/pod" or "pod/container". */
static bool
find_pod(const struct ui *ui, const char *arg, struct pod_ref *ref, char container[256])
{
    const struct store *store = ui->config.store;
    const char *slash = strchr(arg, '/');
    char first[256];
    container[0] = 0;
    if (!slash)
        return store_find(store, NULL, arg, ref);
    snprintf(first, sizeof(first), "%.*s", (int)IW_MIN(slash - arg, 255), arg);
    if (store_find(store, first, slash + 1, ref))
        return true;
    snprintf(container, 256, "%s", slash + 1);
    return store_find(store, NULL, first, ref);
}

static void
command_view(struct ui *ui, const struct view_class *view, const char *arg)
{
    struct intent in = {.kind = INTENT_OPEN, .view = view->name};
    if (strcmp(view->name, "pods") == 0) {
        ui_reset(ui);
        return;
    }
    if (view->scope == VIEW_GLOBAL || (!arg[0] && view->scope == VIEW_CLUSTER)) {
        /* Help is about the view it was asked from. */
        snprintf(in.container, sizeof(in.container), "%s", ui_top_view(ui));
        ui_handle_intent(ui, &in);
        return;
    }
    if (arg[0] && !find_pod(ui, arg, &in.pod, in.container)) {
        ui_flash(ui, true, "there is no pod \"%s\" here", arg);
        return;
    }
    if (!arg[0] && !ui_cursor_pod(ui, &in.pod, in.container)) {
        ui_flash(ui, true, "%s: which pod?", view->name);
        return;
    }
    if (view->context == CTX_LOGS)
        in.kind = INTENT_LOGS;
    ui_handle_intent(ui, &in);
}

static const char *
nearest_pref(const char *name)
{
    static struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < pref_count; i++)
        nearest_offer(&near, pref_table[i].name);
    return near.count ? near.names[0] : NULL;
}

/* "time=utc", "time utc"; "time" alone tells what it is. What the app has to do with it, it is told. */
static void
command_set(struct ui *ui, const char *arg)
{
    char name[32], why[512];
    size_t len = strcspn(arg, "= ");
    const char *value = arg + len + strspn(arg + len, "= ");
    snprintf(name, sizeof(name), "%.*s", (int)IW_MIN(len, sizeof(name) - 1), arg);
    const struct pref *pref = pref_find(name);
    if (!pref) {
        const char *near = name[0] ? nearest_pref(name) : NULL;
        if (near)
            ui_flash(ui, true, tr("there is no option \"%s\"; did you mean %s?"), name, near);
        else
            ui_flash(ui, true, "%s", tr("set: NAME=VALUE; Tab shows the names"));
        return;
    }
    if (!value[0]) {
        pref_get(&ui->prefs, pref, why, sizeof(why));
        ui_flash(ui, false, "%s=%s: %s", pref->name, why, tr(pref->help));
    } else if (!pref_set(&ui->prefs, pref, value, why, sizeof(why))) {
        ui_flash(ui, true, "%s", why);
    } else {
        if (strcmp(name, "theme") == 0)
            (void)prefs_resolve_theme(&ui->prefs, theme_light_background());
        send_text(ui, INTENT_SETTING, pref->name);
    }
}

static void
command_app(struct ui *ui, const char *name, const char *arg)
{
    if (strcmp(name, "q") == 0 || strcmp(name, "quit") == 0)
        send_text(ui, INTENT_QUIT, "");
    else if (strcmp(name, "relist") == 0)
        send_text(ui, INTENT_RELIST, "");
    else if (strcmp(name, "save") == 0)
        send_text(ui, INTENT_SAVE, arg);
    else if (strcmp(name, "set") == 0)
        command_set(ui, arg);
    else if (!arg[0])
        ui_flash(ui, true, "%s: which? Tab shows the names", name);
    else
        send_text(ui, strcmp(name, "ns") == 0 ? INTENT_NAMESPACE : INTENT_CONTEXT, arg);
}

/* The view on top and the views below it may own a command: :sort works from a pod's detail as
 * well. */
static bool
command_of_view(struct ui *ui, const char *name, const char *arg)
{
    for (size_t i = ui->stack.len; i-- > 0;) {
        const struct ui_entry e = ui->stack.items[i];
        struct view_env env = ui_env(ui, &e);
        struct intent intent = {0};
        if (e.view->command && e.view->command(e.state, &env, name, arg, &intent)) {
            ui_handle_intent(ui, &intent);
            return true;
        }
    }
    return false;
}

static void
run_command(struct ui *ui, const char *line)
{
    char name[32], arg[PROMPT_TEXT_BYTES];
    while (*line == ' ')
        line++;
    size_t len = strcspn(line, " ");
    snprintf(name, sizeof(name), "%.*s", (int)IW_MIN(len, sizeof(name) - 1), line);
    line += len;
    while (*line == ' ')
        line++;
    snprintf(arg, sizeof(arg), "%s", line);
    for (size_t end = strlen(arg); end > 0 && arg[end - 1] == ' '; end--)
        arg[end - 1] = 0;
    if (!name[0] || command_of_view(ui, name, arg))
        return;
    const struct view_class *view = view_find(name);
    if (view) {
        command_view(ui, view, arg);
        return;
    }
    for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0) {
            command_app(ui, name, arg);
            return;
        }
    const char *near = nearest_command(name);
    if (near)
        ui_flash(ui, true, "there is no command \"%s\"; did you mean :%s?", name, near);
    else
        ui_flash(ui, true, "there is no command \"%s\": Tab shows them, ? explains them", name);
}

/* --- completion --- */

static void
choices_clear(struct ui_prompt *p)
{
    for (size_t i = 0; i < p->choices.len; i++)
        free(p->choices.items[i]);
    vec_clear(&p->choices);
}

static void
choice_add(struct ui_prompt *p, const char *stem, const char *word)
{
    if (p->choices.len >= CHOICES_MAX || strncmp(word, stem, strlen(stem)) != 0)
        return;
    for (size_t i = 0; i < p->choices.len; i++)
        if (strcmp(p->choices.items[i], word) == 0)
            return;
    vec_push(&p->choices, iw_strdup(word));
}

static int
compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
choices_of_store(const struct ui *ui, struct ui_prompt *p, const char *stem, bool namespaces)
{
    struct pod_ref it = {0, 0};
    if (namespaces)
        choice_add(p, stem, "*");
    while (store_next(ui->config.store, &it)) {
        const struct pod *pod = store_get(ui->config.store, it);
        if (pod)
            choice_add(p, stem, namespaces ? pod->ns : pod->name);
    }
    if (p->choices.len > 1)
        qsort(p->choices.items, p->choices.len, sizeof(*p->choices.items), compare_words);
}

static void
choices_of_prefs(struct ui_prompt *p, const char *stem)
{
    for (size_t i = 0; i < pref_count; i++) {
        const struct pref *pref = &pref_table[i];
        const char *c = pref->type == PREF_BOOL ? "on|off" : pref->choices;
        while (c && *c) {
            char word[96];
            size_t len = strcspn(c, "|");
            snprintf(word, sizeof(word), "%s=%.*s", pref->name, (int)len, c);
            choice_add(p, stem, word);
            c += len + (c[len] == '|');
        }
        if (pref->type == PREF_NUMBER) {
            char word[96];
            snprintf(word, sizeof(word), "%s=%s", pref->name, pref->built_in);
            choice_add(p, stem, word);
        }
    }
}

/* Fills choices for the word that ends at the end of the text; sets where it begins. */
static void
choices_find(const struct ui *ui, struct ui_prompt *p)
{
    choices_clear(p);
    const char *blank = strrchr(p->text, ' '), *comma = strrchr(p->text, ',');
    const char *last = comma && (!blank || comma > blank) ? comma : blank;
    const char *stem = last ? last + 1 : p->text;
    p->choice_from = (size_t)(stem - p->text);
    if (!blank) {
        for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
            choice_add(p, stem, COMMANDS[i].name);
        for (size_t i = 0; i < view_registry_count; i++)
            choice_add(p, stem, view_registry[i]->name);
        return;
    }
    char name[32];
    snprintf(name, sizeof(name), "%.*s", (int)IW_MIN(strcspn(p->text, " "), sizeof(name) - 1),
             p->text);
    if (strcmp(name, "ns") == 0) {
        choices_of_store(ui, p, stem, true);
    } else if (strcmp(name, "ctx") == 0) {
        const char *const *contexts = ui->config.session->contexts;
        for (; contexts && *contexts; contexts++)
            choice_add(p, stem, *contexts);
    } else if (strcmp(name, "sort") == 0) {
        for (size_t i = 0; i < IW_COUNTOF(SORT_WORDS); i++)
            choice_add(p, stem, SORT_WORDS[i]);
    } else if (strcmp(name, "group") == 0) {
        for (size_t i = 0; i < IW_COUNTOF(GROUP_WORDS); i++)
            choice_add(p, stem, GROUP_WORDS[i]);
    } else if (strcmp(name, "set") == 0) {
        choices_of_prefs(p, stem);
    } else {
        choices_of_store(ui, p, stem, false);
    }
}

static void
set_text(struct ui_prompt *p, const char *text)
{
    snprintf(p->text, sizeof(p->text), "%s", text);
    p->len = p->cursor = strlen(p->text);
}

static void
complete(struct ui *ui, bool back)
{
    struct ui_prompt *p = &ui->prompt;
    if (p->kind != ':')
        return;
    if (p->choices.len == 0) {
        choices_find(ui, p);
        p->choice = back && p->choices.len ? p->choices.len - 1 : 0;
    } else {
        size_t n = p->choices.len;
        if (p->choice >= n)
            p->choice = back ? n - 1 : 0;
        else
            p->choice = (p->choice + (back ? n - 1 : 1)) % n;
    }
    if (p->choices.len == 0)
        return;
    const char *word = p->choices.items[p->choice];
    snprintf(p->text + p->choice_from, sizeof(p->text) - p->choice_from, "%s", word);
    p->len = p->cursor = strlen(p->text);
    /* The only one: done, the next Tab completes what follows. */
    if (p->choices.len == 1) {
        if (p->choice_from == 0 && p->len + 1 < sizeof(p->text)) {
            p->text[p->len++] = ' ';
            p->text[p->len] = 0;
            p->cursor = p->len;
        }
        choices_clear(p);
    }
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
    choices_clear(&ui->prompt);
    ui->dirty = true;
}

void
prompt_open(struct ui *ui, char kind, const char *text)
{
    struct ui_prompt *p = &ui->prompt;
    choices_clear(p);
    p->open = true;
    p->kind = kind;
    p->history_at = 0;
    /* Another '/' starts a new filter; the old one comes back with Esc, or with the arrow up. */
    memcpy(p->before, ui_top(ui)->filter, sizeof(p->before));
    set_text(p, kind == '/' ? "" : text);
    /* A command that was begun for the user shows what can follow; the first Tab takes the first. */
    if (kind == ':' && text[0]) {
        choices_find(ui, p);
        p->choice = CHOICE_NONE;
    }
    ui->dirty = true;
}

/* The typed text as a filter: where '/' adds a chip, it is one more line of the filter before. */
static void
set_typed_filter(struct ui *ui, const char *typed, bool final)
{
    const struct ui_prompt *p = &ui->prompt;
    char text[2 * PROMPT_TEXT_BYTES];
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
    history_add(history_of(ui), p->text);
    if (p->kind == ':') {
        snprintf(text, sizeof(text), "%s", p->text);
        prompt_close(ui);
        run_command(ui, text);
        return;
    }
    /* What a view asked for with another sign than '/' comes back with that sign in front. */
    if (p->kind == '/')
        snprintf(text, sizeof(text), "%s", p->text);
    else
        snprintf(text, sizeof(text), "%c%s", p->kind, p->text);
    prompt_close(ui);
    set_typed_filter(ui, text, true);
}

static void
cancel(struct ui *ui)
{
    bool filter = ui->prompt.kind == '/';
    prompt_close(ui);
    if (filter)
        ui_set_filter(ui, ui->prompt.before, true);
}

void
prompt_key(struct ui *ui, uint32_t key)
{
    struct ui_prompt *p = &ui->prompt;
    bool erase = key == KEY_BACKSPACE_CODE || key == 0x7F || key == KEY_CTRL('h');
    if (key == KEY_ESC_CODE || key == KEY_CTRL('c') || key == KEY_CTRL('g') ||
        (erase && p->len == 0)) {
        cancel(ui);
    } else if (key == KEY_ENTER_CODE || key == '\n') {
        accept(ui);
    } else if (key == KEY_TAB_CODE || key == KEY_BTAB_CODE) {
        complete(ui, key == KEY_BTAB_CODE);
    } else if (key == KEY_UP_CODE || key == KEY_CTRL('p') || key == KEY_DOWN_CODE ||
               key == KEY_CTRL('n')) {
        history_step(ui, key == KEY_UP_CODE || key == KEY_CTRL('p'));
        if (p->kind == '/')
            set_typed_filter(ui, p->text, false);
    } else if (edit_key(p, key)) {
        choices_clear(p);
        if (p->kind == '/')
            set_typed_filter(ui, p->text, false);
    }
}

/* The choices of Tab to the right of the text, the one in use marked. */
static void
draw_choices(const struct ui_prompt *p, struct surface *s, int x)
{
    struct rect clip = {0, s->rows - 1, s->cols - 1, 1};
    size_t first = p->choice > 2 && p->choice < p->choices.len ? p->choice - 2 : 0;
    for (size_t i = first; i < p->choices.len && x < s->cols - 1; i++) {
        x += 2;
        x += surface_puts(s, clip, x, s->rows - 1, i == p->choice ? ROLE_KEY : ROLE_HINT,
                          p->choices.items[i]);
    }
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
    if (p->choices.len) {
        draw_choices(p, s, x);
        return;
    }
    const char *hint = p->kind == ':'   ? "Tab completes  Esc cancels"
                       : p->kind == '/' ? tr("regex  !not  -l label  -f fuzzy  status:Init  rst:>3")
                                        : "Esc cancels";
    int hint_w = (int)strlen(hint);
    if (x + hint_w + 4 < s->cols)
        surface_puts(s, line, s->cols - hint_w - 1, y, ROLE_HINT, hint);
}

void
prompt_free(struct ui *ui)
{
    struct ui_history *both[] = {&ui->commands, &ui->filters};
    choices_clear(&ui->prompt);
    vec_free(&ui->prompt.choices);
    for (size_t i = 0; i < IW_COUNTOF(both); i++) {
        for (size_t k = 0; k < both[i]->lines.len; k++)
            free(both[i]->lines.items[k]);
        vec_free(&both[i]->lines);
    }
}
