/* ui_internal: the state that the files of the ui (ui.c, ui_*.c) share. Nobody else includes it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_INTERNAL_H
#define INITWATCH_UI_INTERNAL_H

#include "initwatch/base/clock.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/podcase.h"
#include "initwatch/ui/ui.h"
#include "initwatch/ui/widget.h"

enum { PROMPT_TEXT_BYTES = 512, PROMPT_HISTORY = 500, UI_STACK_MAX = 32 };
/* The screen below these is only told to grow; from FOOTER_RULE_ROWS on a rule stands above the key hints. */
enum { UI_COLS_MIN = 20, UI_ROWS_MIN = 5, UI_FOOTER_RULE_ROWS = 20, UI_WIDE_COLS = 120 };

struct ui_entry {
    const struct view_class *view;
    void *state; /* owned, unless the class is kept */
    struct pod_ref pod;
    char container[256];
    struct kobject_ref object; /* name "": none */
    char filter[PROMPT_TEXT_BYTES];
};
/* Cluster views keep their state (selection, sort, filter) while another tab is shown. */
struct ui_kept {
    void *state;
    char filter[PROMPT_TEXT_BYTES];
};

#define CHOICE_NONE SIZE_MAX
/* What the palette offers; all owned. */
struct palette_offer {
    char *text;  /* takes the place of the stem */
    char *label; /* is shown */
    char *help;
    int score;
    bool prefix; /* the name begins with what was typed */
};

struct ui_prompt {
    bool open;
    char kind; /* '/', ':' or what a view asked for */
    char text[PROMPT_TEXT_BYTES];
    size_t len, cursor;             /* bytes */
    char before[PROMPT_TEXT_BYTES]; /* the filter to go back to on Esc */
    size_t history_at;              /* entries back from the end, 0 the line being typed */
    char typed[PROMPT_TEXT_BYTES];  /* the line being typed while history is shown */
    VEC(struct palette_offer) offers;
    size_t choice,
        choice_from; /* the one shown (CHOICE_NONE: none yet), and where in the text it begins */
};
struct ui_history {
    VEC(char *) lines;
};

/* A screen that was looked at. Pods are remembered by name: a reconnection gives new handles. */
struct ui_place {
    const struct view_class *view; /* NULL: none */
    char ns[256], pod[256];        /* "" when the view is not about a pod */
    char container[256];
};
enum { PLACES_MAX = 64, UI_MARKS_MAX = 62 };
struct ui_places {
    struct ui_place items[PLACES_MAX]; /* oldest first */
    size_t count, at;
    struct ui_place last; /* the one before, for '-' */
    bool travelling;      /* the history itself moves: nothing is noted */
    struct ui_mark {
        char letter;
        struct ui_place place;
    } marks[UI_MARKS_MAX];
    size_t mark_count;
    enum action waits; /* ACT_SET_MARK, ACT_GO_MARK: the next key is a letter; ACT_NONE */
};

struct ui {
    struct ui_config config;
    struct ui_prefs prefs;
    VEC(struct ui_entry) stack;
    struct ui_kept *kept;         /* by place in view_registry */
    struct podcase_keep *podcase; /* owned */
    struct ui_prompt prompt;
    struct ui_history commands, filters;
    struct ui_places places;
    struct {
        bool on;
        unsigned step; /* the one to be done, kept while the tour is left */
    } tutor;
    struct {
        char text[PROMPT_TEXT_BYTES];
        bool error;
        int64_t until_ms; /* monotonic; 0 none */
    } flash;
    /* What the last frame showed, to know when another is due. */
    struct {
        uint64_t store, log, raw, messages, facts;
        int64_t second, spinner;
        int cols, rows;
    } seen;
    struct {
        char text[PROMPT_TEXT_BYTES]; /* "" when nothing is asked */
        char word[16], typed[16];     /* word "": y is enough */
        void (*yes)(void *ctx);
        void *ctx;
    } confirm;
    struct ui_tab_span {
        int from, to, tab;
    } tab_spans[9];  /* of the last frame, for clicks */
    bool tab_counts; /* the tab line has the numbers */
    size_t tab_span_count;
    struct ui_bar {
        int y, from, to; /* the line of the replay bar, in the last frame; from == to: none */
    } bar;
    struct {
        int y;
        int64_t at_ms; /* monotonic */
    } click;           /* the last one, to see a double click */
    bool dirty;        /* a key or an intent since the last frame */
    bool recalc;       /* state has to be brought up to date before drawing */
    bool spinning;     /* a working sign is on the screen */
    bool clock_shown;
    bool ascii_set;      /* this ui switched the surface to ASCII */
    char ns_before[256]; /* namespace to go back to with '0' */
};

struct ui_entry *ui_top(struct ui *ui);
/* Bring the view on top up to date when a key changed it and no frame was drawn since: what is typed ahead means what it would
 * mean slowly. */
void ui_settle(struct ui *ui);
/* The state of a view that keeps one while another tab is shown; NULL for views of a pod. */
void *ui_kept_state(struct ui *ui, const struct view_class *view);
const struct ui_entry *ui_top_const(const struct ui *ui);
struct view_env ui_env(const struct ui *ui, const struct ui_entry *entry);
/* An intent that is only a text, for the app. */
void ui_emit_text(struct ui *ui, enum intent_kind kind, const char *text);
/* One view back; on the first one the app is asked to quit. */
void ui_go_back(struct ui *ui);
/* Carry out what a view or a command wants. */
void ui_handle_intent(struct ui *ui, const struct intent *intent);
/* The pod under the cursor, else the one the top view is about; false when none. */
bool ui_cursor_pod(struct ui *ui, struct pod_ref *pod, char container[256]);
void ui_set_filter(struct ui *ui, const char *text, bool final);

/* ui_chrome.c and ui_tabs.c: line 1, tabs, footer. */
void chrome_head(struct ui *ui, const struct view_env *env, struct surface *s);
void chrome_tabs(struct ui *ui, const struct view_env *env, struct surface *s);
void chrome_footer(struct ui *ui, struct surface *s);

/* ui_places.c: history and marks. */
void places_note(struct ui *ui);
void places_act(struct ui *ui, enum action action, int32_t letter);
/* The letter of a mark; false when no key was waited for. */
bool places_key(struct ui *ui, uint32_t key);
/* What the footer says while a letter is waited for; false when none is. */
bool places_hint(const struct ui *ui, char *out, size_t out_size);

/* ui_words.c: words and keys of k9s, kubectl and vim */
/* The command a word means here, NULL when none. */
const char *words_command(const char *word);
/* A flash that tells where to look for what has no screen here; false when the word is of no table. */
bool words_say(struct ui *ui, const char *word);
/* Each word that begins with `stem`: the command it means, or (command NULL) where to look instead. */
void words_each(const char *stem,
                void (*each)(void *ctx, const char *word, const char *command, const char *say),
                void *ctx);
/* words_command or words_say has it. */
bool words_are_known(const char *word);
/* The line without "kubectl" and "get" in front; borrowed from line. */
const char *words_strip(const char *line);
/* The same as words_say for a key that is not bound. */
bool words_say_key(struct ui *ui, enum key_context context, uint32_t key);

/* ui_commands.c */
void command_run(struct ui *ui, const char *line);
/* Is the first word of the line a command or a view? */
bool command_is_known(const char *line);

/* ui_palette.c */
void palette_fill(const struct ui *ui, struct ui_prompt *p);
void palette_clear(struct ui_prompt *p);
/* The best offer when its name begins with what was typed, else NULL. */
const struct palette_offer *palette_meant(const struct ui_prompt *p);
/* False when the screen is too low: then the offers stand behind the text. */
bool palette_draw(const struct ui_prompt *p, struct surface *s);

/* ui_tutor.c */
/* After a key: the action it was, ACT_NONE for a letter of a prompt. */
void tutor_note(struct ui *ui, enum action action);
/* Esc; false when it means something else. */
bool tutor_leave(struct ui *ui);
/* Lines of the panel's text, 0 while there is no tour; its rule is at y. */
int tutor_lines(const struct ui *ui, int cols);
void tutor_draw(const struct ui *ui, struct surface *s, int y);

/* ui_files.c: what lies in the folder of a path that is being typed ("~/" is home), each as it would stand there, a folder
 * with a slash behind it. Nothing when the folder cannot be read. */
void files_each(const char *typed, void (*each)(void *ctx, const char *path, bool folder),
                void *ctx);

/* ui_demo.c */
/* Words after ":demo", and where in the line they can stand. */
enum demo_place { DEMO_VERB, DEMO_TROUBLE, DEMO_STEP, DEMO_SPAN, DEMO_ALL };
struct demo_word {
    enum demo_place place;
    const char *word, *help;
};
extern const struct demo_word demo_words[];
extern const size_t demo_word_count;
void demo_act(struct ui *ui, enum action action, int32_t arg);
void demo_command(struct ui *ui, const char *arg);

/* ui_replay.c */
extern const char *const replay_words[]; /* of ":replay" */
extern const size_t replay_word_count;
void replay_act(struct ui *ui, enum action action, int32_t arg);
bool replay_is_action(enum action action);
void replay_command(struct ui *ui, const char *arg);
/* The line that shows where in the recording this is. */
void replay_bar(struct ui *ui, struct surface *s, int y);
/* A click into it goes there; false when it was elsewhere. */
bool replay_bar_click(struct ui *ui, int x, int y);

/* ui_prompt.c */
void prompt_open(struct ui *ui, char kind, const char *text);
void prompt_key(struct ui *ui, uint32_t key);
void prompt_draw(const struct ui *ui, struct surface *s);
void prompt_free(struct ui *ui);

#endif
