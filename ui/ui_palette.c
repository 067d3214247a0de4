/* ui_palette: what the ':' prompt offers: commands, views, options and objects whose names have the typed letters in
 * order, best first, in the lines above it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/status.h"
#include "ui_internal.h"

/* Offers beyond these are never seen: the list shows six and more typing sorts them. */
enum { OFFERS_MAX = 100, OFFER_LINES = 6, OFFER_HISTORY = 3 };
/* Where the letters were found; more is better. */
enum { SCORE_PREFIX = 4000, SCORE_WORD = 3000, SCORE_INSIDE = 2000, SCORE_LETTERS = 1000 };
/* Commands before objects of the same score. */
enum { BONUS_COMMAND = 300, BONUS_HISTORY = 500, BONUS_WORD = -100 };

static const char *const SORT_WORDS[] = {"stuck",    "ns",  "name", "init", "status", "ready",
                                         "restarts", "for", "node", "age",  "owner"};
static const char *const GROUP_WORDS[] = {"owner", "none"};

/* --- fuzzy --- */

static bool
same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool
starts_here(const char *text, const char *needle)
{
    while (*needle && same_letter(*text, *needle)) {
        text++;
        needle++;
    }
    return !*needle;
}

/* How well the letters of needle, in their order, are found in text; -1 not at all. */
static int
palette_score(const char *needle, const char *text)
{
    int len = (int)IW_MIN(strlen(text), (size_t)500);
    if (starts_here(text, needle))
        return SCORE_PREFIX - len;
    for (const char *at = text; *at; at++)
        if (starts_here(at, needle))
            return (at > text && isalnum((unsigned char)at[-1]) ? SCORE_INSIDE : SCORE_WORD) - len;
    int gaps = 0;
    for (const char *at = text; *needle; needle++) {
        const char *from = at;
        while (*at && !same_letter(*at, *needle))
            at++;
        if (!*at)
            return -1;
        gaps += (int)IW_MIN(at - from, 50);
        at++;
    }
    return IW_MAX(SCORE_LETTERS - len - gaps, 0);
}

/* --- offers --- */

void
palette_clear(struct ui_prompt *p)
{
    for (size_t i = 0; i < p->offers.len; i++) {
        free(p->offers.items[i].text);
        free(p->offers.items[i].label);
        free(p->offers.items[i].help);
    }
    vec_clear(&p->offers);
}

struct offer_draft {
    const char *text;  /* what takes the place of the stem */
    const char *label; /* what is shown; NULL: the text */
    const char *name;  /* what the letters are looked for in; NULL: the label */
    const char *help;
    int bonus;
};

static struct palette_offer *
worst_offer(struct ui_prompt *p)
{
    struct palette_offer *worst = &p->offers.items[0];
    for (size_t i = 1; i < p->offers.len; i++)
        if (p->offers.items[i].score < worst->score)
            worst = &p->offers.items[i];
    return worst;
}

static void
offer(struct ui_prompt *p, const char *stem, const struct offer_draft *draft)
{
    const char *label = draft->label ? draft->label : draft->text;
    int found = palette_score(stem, draft->name ? draft->name : label);
    if (found < 0)
        return;
    struct palette_offer *place = NULL;
    int score = found + draft->bonus;
    for (size_t i = 0; i < p->offers.len; i++)
        if (strcmp(p->offers.items[i].text, draft->text) == 0)
            return;
    if (p->offers.len >= OFFERS_MAX) {
        place = worst_offer(p);
        if (place->score >= score)
            return;
        free(place->text);
        free(place->label);
        free(place->help);
    } else {
        const struct palette_offer none = {0};
        vec_push(&p->offers, none);
        place = &p->offers.items[p->offers.len - 1];
    }
    *place = (struct palette_offer){.text = iw_strdup(draft->text),
                                    .label = iw_strdup(label),
                                    .help = iw_strdup(draft->help ? draft->help : ""),
                                    .score = score,
                                    .prefix = found >= SCORE_PREFIX - 500};
}

static int
compare_offers(const void *a, const void *b)
{
    const struct palette_offer *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return strcmp(x->label, y->label);
}

static void
offer_words(struct ui_prompt *p, const char *stem, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        /* In the order of the table as long as nothing is typed. */
        const struct offer_draft d = {.text = words[i], .bonus = stem[0] ? 0 : -100 * (int)i};
        offer(p, stem, &d);
    }
}

static void
offer_pods(const struct ui *ui, struct ui_prompt *p, const char *stem, bool as_command)
{
    struct pod_ref it = {0, 0};
    while (store_next(ui->config.store, &it)) {
        const struct pod *pod = store_get(ui->config.store, it);
        char text[600], label[600], status[256];
        if (!pod || palette_score(stem, pod->name) < 0)
            continue;
        snprintf(text, sizeof(text), as_command ? "detail %s/%s" : "%.0s%s", pod->ns, pod->name);
        snprintf(label, sizeof(label), as_command ? "pod %s" : "%s", pod->name);
        pod_display_status(pod, status, sizeof(status));
        const struct offer_draft d = {
            .text = text, .label = label, .name = pod->name, .help = status};
        offer(p, stem, &d);
    }
}

static void
offer_namespaces(const struct ui *ui, struct ui_prompt *p, const char *stem, bool as_command)
{
    struct pod_ref it = {0, 0};
    const struct offer_draft all = {.text = "*", .help = tr("all namespaces"), .bonus = 1};
    if (!as_command)
        offer(p, stem, &all);
    while (store_next(ui->config.store, &it)) {
        const struct pod *pod = store_get(ui->config.store, it);
        char text[300];
        if (!pod || palette_score(stem, pod->ns) < 0)
            continue;
        snprintf(text, sizeof(text), "%s%s", as_command ? "ns " : "", pod->ns);
        const struct offer_draft d = {.text = text, .name = pod->ns, .help = tr("namespace")};
        offer(p, stem, &d);
    }
}

static void
offer_contexts(const struct ui *ui, struct ui_prompt *p, const char *stem, bool as_command)
{
    const char *const *contexts = ui->config.session->contexts;
    for (; contexts && *contexts; contexts++) {
        char text[300];
        snprintf(text, sizeof(text), "%s%s", as_command ? "ctx " : "", *contexts);
        const struct offer_draft d = {.text = text, .name = *contexts, .help = tr("context")};
        offer(p, stem, &d);
    }
}

/* "theme=" as a beginning, and each value an option can have. */
static void
offer_options(struct ui_prompt *p, const char *stem, bool as_command)
{
    for (size_t i = 0; i < pref_count; i++) {
        const struct pref *pref = &pref_table[i];
        const char *c = pref->type == PREF_BOOL     ? "on|off"
                        : pref->type == PREF_NUMBER ? pref->built_in
                                                    : pref->choices;
        char text[96];
        snprintf(text, sizeof(text), "set %s=", pref->name);
        const struct offer_draft begin = {.text = text, .name = pref->name, .help = tr(pref->help)};
        if (as_command)
            offer(p, stem, &begin);
        while (!as_command && c && *c) {
            size_t len = strcspn(c, "|");
            snprintf(text, sizeof(text), "%s=%.*s", pref->name, (int)len, c);
            const struct offer_draft d = {.text = text, .help = tr(pref->help)};
            offer(p, stem, &d);
            c += len + (c[len] == '|');
        }
    }
}

/* What was run before, the newest first, while nothing is typed. */
static void
offer_history(const struct ui *ui, struct ui_prompt *p)
{
    const struct ui_history *h = &ui->commands;
    for (size_t i = 0; i < h->lines.len && i < OFFER_HISTORY; i++) {
        const struct offer_draft d = {.text = h->lines.items[h->lines.len - 1 - i],
                                      .name = "",
                                      .help = tr("run before"),
                                      .bonus = BONUS_HISTORY + OFFER_HISTORY - (int)i};
        offer(p, "", &d);
    }
}

static void
offer_commands(const struct ui *ui, struct ui_prompt *p, const char *stem)
{
    size_t count;
    const struct ui_command *commands = ui_commands(&count);
    for (size_t i = 0; i < count; i++) {
        char label[96];
        if ((!ui->config.demo && strcmp(commands[i].name, "demo") == 0) ||
            (!ui->config.replay && strcmp(commands[i].name, "replay") == 0))
            continue;
        snprintf(label, sizeof(label), "%s %s", commands[i].name, commands[i].args);
        const struct offer_draft d = {.text = commands[i].name,
                                      .label = label,
                                      .name = stem[0] ? commands[i].name : "",
                                      .help = tr(commands[i].help),
                                      .bonus = BONUS_COMMAND - (stem[0] ? 0 : (int)i)};
        offer(p, stem, &d);
    }
    for (size_t i = 0; i < view_registry_count; i++) {
        const struct view_class *view = view_registry[i];
        if (!ui->config.demo && strcmp(view->name, "demo") == 0)
            continue;
        const struct offer_draft d = {.text = view->name,
                                      .help = tr(view->help),
                                      .bonus = stem[0] ? BONUS_COMMAND - 1 : -500};
        offer(p, stem, &d);
    }
}

struct word_offers {
    struct ui_prompt *p;
    const char *stem;
};

static void
offer_word(void *ctx, const char *word, const char *command, const char *say)
{
    const struct word_offers *o = ctx;
    char help[200];
    (void)snprintf(help, sizeof(help), command ? ":%s" : "%s", command ? command : say);
    const struct offer_draft d = {.text = word, .help = help, .bonus = BONUS_WORD};
    offer(o->p, o->stem, &d);
}

/* What fingers of k9s, kubectl and vim type: which screen it is here, or where to look instead. */
static void
offer_other_words(struct ui_prompt *p, const char *stem)
{
    struct word_offers o = {p, stem};
    words_each(stem, offer_word, &o);
}

enum { DEMO_WORDS_MAX = 5 };

static void
offer_demo_words(struct ui_prompt *p, const char *stem, enum demo_place place)
{
    for (size_t i = 0; i < demo_word_count; i++) {
        if (demo_words[i].place != place)
            continue;
        const struct offer_draft d = {.text = demo_words[i].word,
                                      .help = tr(demo_words[i].help),
                                      .bonus = stem[0] ? 0 : -100 * (int)i};
        offer(p, stem, &d);
    }
}

static void
offer_scenarios(const struct ui *ui, struct ui_prompt *p, const char *stem)
{
    const struct demo_board *board = ui->config.demo;
    for (size_t i = 0; board && i < board->scenarios.len; i++) {
        const struct offer_draft d = {.text = board->scenarios.items[i].name,
                                      .help = board->scenarios.items[i].title,
                                      .bonus = stem[0] ? 0 : -4000};
        offer(p, stem, &d);
    }
}

/* The words behind the command and before the one that is being typed. */
static unsigned
whole_words(const struct ui_prompt *p, char words[DEMO_WORDS_MAX][32])
{
    const char *end = p->text + p->choice_from, *at = p->text + strcspn(p->text, " ");
    unsigned count = 0;
    for (unsigned i = 0; i < DEMO_WORDS_MAX; i++)
        words[i][0] = '\0';
    for (at += strspn(at, " "); at < end && count < DEMO_WORDS_MAX; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");
        snprintf(words[count++], sizeof(words[0]), "%.*s", (int)IW_MIN(len, (size_t)31), at);
        at += len;
    }
    return count;
}

/* What can follow the whole words of the line: "edit POD", then what its step shall do, then of how many pods. */
static void
offer_demo(const struct ui *ui, struct ui_prompt *p, const char *stem)
{
    char words[DEMO_WORDS_MAX][32];
    unsigned count = whole_words(p, words);
    unsigned verb = strcmp(words[0], "edit") == 0 ? 2 : 0;
    bool takes = strcmp(words[verb], "takes") == 0;
    if (count == 0)
        offer_demo_words(p, stem, DEMO_VERB);
    else if (strcmp(words[0], "fault") == 0 && count == 1)
        offer_demo_words(p, stem, DEMO_TROUBLE);
    else if (strcmp(words[0], "restart") == 0)
        offer_scenarios(ui, p, stem);
    else if (verb == 2 && count == 1)
        offer_pods(ui, p, stem, false);
    else if (verb == 2 && count == 2)
        offer_demo_words(p, stem, DEMO_STEP);
    else if (takes && count == verb + 1)
        offer_demo_words(p, stem, DEMO_SPAN);
    else if (verb == 2 && count <= 4)
        offer_demo_words(p, stem, DEMO_ALL);
}

struct file_offers {
    struct ui_prompt *p;
    const char *stem;
};

static void
offer_file(void *ctx, const char *path, bool folder)
{
    const struct file_offers *o = ctx;
    const struct offer_draft d = {.text = path, .help = folder ? tr("folder") : tr("file exists")};
    offer(o->p, o->stem, &d);
}

static void
offer_files(struct ui_prompt *p, const char *stem)
{
    struct file_offers o = {p, stem};
    files_each(stem, offer_file, &o);
}

/* Is it one of the words of the line before the last blank? */
static bool
has_format(const struct ui_prompt *p)
{
    for (size_t i = 0; ui_export_formats[i]; i++) {
        char word[16];
        (void)snprintf(word, sizeof(word), " %s ", ui_export_formats[i]);
        if (strstr(p->text, word))
            return true;
    }
    return false;
}

/* "export html ~/x": first what it shall be, then where to. */
static void
offer_export(struct ui_prompt *p, const char *stem)
{
    static const char *const helps[] = {
        TR_MARK("plain text"), TR_MARK("text with the colours of a terminal"),
        TR_MARK("a page for a browser or a mail"), TR_MARK("a picture that stays sharp"),
        TR_MARK("the lines, and the pods as get -o json has them")};
    const struct offer_draft all = {
        .text = "all", .help = tr("with what is beyond the edge of the screen"), .bonus = -900};
    if (has_format(p) || strpbrk(stem, "./~")) {
        offer_files(p, stem);
        return;
    }
    for (size_t i = 0; ui_export_formats[i]; i++) {
        const struct offer_draft d = {.text = ui_export_formats[i],
                                      .help = tr(helps[i]),
                                      .bonus = stem[0] ? 0 : -100 * (int)i};
        offer(p, stem, &d);
    }
    if (!strstr(p->text, " all "))
        offer(p, stem, &all);
}

/* A name that no file has yet. */
static void
offer_recording(const struct ui *ui, struct ui_prompt *p, const char *stem)
{
    char stamp[40], name[80];
    rfc3339_format(clock_wall(ui->config.clock), false, stamp);
    snprintf(name, sizeof(name), "session-%.10s-%.2s%.2s%.2s.jsonl", stamp, stamp + 11, stamp + 14,
             stamp + 17);
    const struct offer_draft d = {
        .text = name, .help = tr("a recording begins; :record stops it"), .bonus = 2000};
    offer(p, stem, &d);
    offer_files(p, stem);
}

static void
offer_arguments(const struct ui *ui, struct ui_prompt *p, const char *stem)
{
    char name[32];
    snprintf(name, sizeof(name), "%.*s", (int)IW_MIN(strcspn(p->text, " "), sizeof(name) - 1),
             p->text);
    if (strcmp(name, "ns") == 0)
        offer_namespaces(ui, p, stem, false);
    else if (strcmp(name, "ctx") == 0)
        offer_contexts(ui, p, stem, false);
    else if (strcmp(name, "sort") == 0)
        offer_words(p, stem, SORT_WORDS, IW_COUNTOF(SORT_WORDS));
    else if (strcmp(name, "group") == 0)
        offer_words(p, stem, GROUP_WORDS, IW_COUNTOF(GROUP_WORDS));
    else if (strcmp(name, "demo") == 0)
        offer_demo(ui, p, stem);
    else if (strcmp(name, "replay") == 0)
        offer_words(p, stem, replay_words, replay_word_count);
    else if (strcmp(name, "record") == 0)
        offer_recording(ui, p, stem);
    else if (strcmp(name, "note") == 0)
        return;
    else if (strcmp(name, "set") == 0)
        offer_options(p, stem, false);
    else if (strcmp(name, "export") == 0)
        offer_export(p, stem);
    else if (strcmp(name, "save") == 0)
        offer_files(p, stem);
    else
        offer_pods(ui, p, stem, false);
}

void
palette_fill(const struct ui *ui, struct ui_prompt *p)
{
    palette_clear(p);
    p->choice = CHOICE_NONE;
    if (p->kind != ':')
        return;
    const char *blank = strrchr(p->text, ' '), *comma = strrchr(p->text, ',');
    const char *last = comma && (!blank || comma > blank) ? comma : blank;
    const char *stem = last ? last + 1 : p->text;
    p->choice_from = (size_t)(stem - p->text);
    if (blank) {
        offer_arguments(ui, p, stem);
    } else {
        if (!stem[0])
            offer_history(ui, p);
        offer_commands(ui, p, stem);
        if (stem[0]) {
            offer_other_words(p, stem);
            offer_options(p, stem, true);
            offer_contexts(ui, p, stem, true);
            offer_namespaces(ui, p, stem, true);
            offer_pods(ui, p, stem, true);
        }
    }
    if (p->offers.len > 1)
        qsort(p->offers.items, p->offers.len, sizeof(*p->offers.items), compare_offers);
}

const struct palette_offer *
palette_meant(const struct ui_prompt *p)
{
    return p->offers.len && p->offers.items[0].prefix ? &p->offers.items[0] : NULL;
}

/* --- drawing --- */

/* The letters that were typed, found again as palette_score finds them, in the key's colour. */
static void
mark_letters(struct surface *s, struct rect line, const char *label, const char *name,
             const char *stem)
{
    int shift = (int)(strlen(label) - strlen(name));
    const char *whole = NULL;
    for (const char *at = name; *at && *stem && !whole; at++)
        if (starts_here(at, stem))
            whole = at;
    for (const char *at = whole ? whole : name; *at && *stem; at++) {
        if (!same_letter(*at, *stem))
            continue;
        int x = line.x + utf8_width(label, (size_t)(at - name + shift));
        surface_restyle(s, rect_intersect(line, (struct rect){x, line.y, 1, 1}), ROLE_KEY);
        stem++;
    }
}

static void
draw_offer(const struct ui_prompt *p, const struct palette_offer *o, struct surface *s,
           struct rect line, bool selected)
{
    int label = IW_MIN(line.w * 2 / 5, 44);
    surface_fill(s, line, ' ', ROLE_TEXT);
    struct rect left = {line.x + 2, line.y, label, 1};
    surface_field(s, left, left.x, line.y, label, false, ROLE_TEXT, o->label);
    const char *name = strncmp(o->label, "pod ", 4) == 0   ? o->label + 4
                       : strncmp(o->label, "set ", 4) == 0 ? o->label + 4
                       : strncmp(o->label, "ctx ", 4) == 0 ? o->label + 4
                       : strncmp(o->label, "ns ", 3) == 0  ? o->label + 3
                                                           : o->label;
    mark_letters(s, left, o->label, name, p->text + p->choice_from);
    int x = left.x + label + 1;
    surface_field(s, line, x, line.y, line.w - x - 1, false, ROLE_DIM, o->help);
    if (selected) {
        surface_puts(s, line, line.x, line.y, ROLE_KEY, "▸");
        surface_flag(s, line, CELL_SELECTED);
    }
}

bool
palette_draw(const struct ui_prompt *p, struct surface *s)
{
    int lines = OFFER_LINES, top = s->rows - 2 - lines;
    if (p->kind != ':' || top < 6)
        return false;
    size_t first =
        p->choice != CHOICE_NONE && p->choice >= (size_t)lines ? p->choice - (size_t)lines + 1 : 0;
    char title[96];
    snprintf(title, sizeof(title), p->offers.len >= OFFERS_MAX ? tr("%d and more") : tr("%d found"),
             (int)p->offers.len);
    surface_rule(s, (struct rect){0, top, s->cols, 1}, top, ROLE_RULE, tr("commands and objects"),
                 ROLE_TITLE);
    int title_w = utf8_width(title, strlen(title));
    if (p->text[0])
        surface_printf(s, surface_rect(s), s->cols - title_w - 3, top, ROLE_TAB, " %s ", title);
    for (int i = 0; i < lines; i++) {
        struct rect line = {0, top + 1 + i, s->cols, 1};
        size_t at = first + (size_t)i;
        if (at < p->offers.len)
            draw_offer(p, &p->offers.items[at], s, line, at == p->choice);
        else
            surface_fill(s, line, ' ', ROLE_TEXT);
    }
    if (p->offers.len == 0)
        surface_puts(s, surface_rect(s), 2, top + 1, ROLE_DIM, tr("nothing has these letters"));
    return true;
}
