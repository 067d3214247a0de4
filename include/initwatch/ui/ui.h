/* ui: the stack of views, the three fixed lines, prompts, flash messages; turns keys into intents
 * and state into cells.
 *
 * A view gets the lines between the tab line and the footer. From 20 lines on, the ui draws a rule
 * above the footer and ends columns that views draw with "│" in it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_UI_H
#define INITWATCH_UI_UI_H

#include "initwatch/ui/term.h"
#include "initwatch/ui/view.h"

struct ui;

struct ui_config {
    const struct store *store;         /* borrowed */
    const struct ui_session *session;  /* borrowed, may change between calls */
    const struct log_feed *logs;       /* borrowed */
    const struct raw_object *raw;      /* borrowed; NULL: none ever */
    const struct demo_board *demo;     /* borrowed; NULL: this is no demo */
    const struct replay_board *replay; /* borrowed; NULL: this is no recording */
    const struct clock *clock;         /* borrowed */
    const struct usage *usage;         /* borrowed; NULL: none ever */
    struct ui_prefs prefs;
    const char *first_view; /* NULL: "pods" */
    /* Everything the ui cannot do itself: QUIT, LOGS, LOG_FOLLOW, NAMESPACE, CONTEXT, RELIST,
     * REDRAW, SUSPEND, COPY, SAVE, PIPE. Told of as well, after it was done: BACK (a view was left;
     * ui_top_view says which is shown now) and POD (the focus moved). The intent is borrowed for
     * the call; ui functions may be called from inside. */
    void (*on_intent)(void *ctx, const struct intent *intent);
    void *ctx;
};
struct ui *ui_new(const struct ui_config *config) IW_NODISCARD;
void ui_free(struct ui *ui);
/* A key. Unbound keys flash what would help. */
void ui_key(struct ui *ui, uint32_t key);
/* A click selects (twice: opens) or changes the tab; the wheel moves the selection. */
void ui_mouse(struct ui *ui, const struct term_mouse *event);
/* Run an action as if its key had been pressed (tests, palette). */
void ui_act(struct ui *ui, enum action action, int32_t arg);
/* Must a frame be drawn? True when a key, the model (store, log, messages), the size or the clock
 * changed what is shown. */
bool ui_needs_frame(struct ui *ui);
/* One slice of what the visible view has to work out between frames (a search through a long log);
 * true when it should be called again. Keys are looked at in between. */
bool ui_work(struct ui *ui);
/* Milliseconds until the clock alone will change the screen; -1 when nothing on it counts. */
int64_t ui_next_tick_ms(const struct ui *ui);
/* Recalculate what is visible and draw into s (whose size is the terminal's). Below 20x5 it only
 * says that it is too small. */
void ui_draw(struct ui *ui, struct surface *s);
/* The same in as many rows as the view on top needs to show all of itself (s becomes so high: 500
 * at most), then as before. False when the view cannot say how many; then s is drawn as it is. */
bool ui_draw_whole(struct ui *ui, struct surface *s);
/* Carry out a line of the ':' prompt as if it had been typed; it is not remembered. */
void ui_command(struct ui *ui, const char *line);
/* A line is open that text is typed into. */
bool ui_is_typing(const struct ui *ui);
/* The guided tour: begin it (again: from the first step) or go on with it; without a demo cluster it only says how. */
void ui_tutor(struct ui *ui, bool again);
/* Does the screen need to know what the demo cluster plays? */
bool ui_wants_demo(const struct ui *ui);
void ui_flash(struct ui *ui, bool error, const char *fmt, ...) IW_PRINTF(3, 4);
/* Ask in the footer, "TEXT [y/N]": the text names the object and the consequence. y calls yes(ctx)
 * once, any other key does nothing and says so. A second question takes the place of the first. */
void ui_confirm(struct ui *ui, void (*yes)(void *ctx), void *ctx, const char *fmt, ...)
    IW_PRINTF(4, 5);
/* As ui_confirm, for what is about more than one object: yes is called when the user typed `word` and
 * Enter. */
void ui_confirm_typed(struct ui *ui, const char *word, void (*yes)(void *ctx), void *ctx,
                      const char *fmt, ...) IW_PRINTF(5, 6);
/* Push or replace views from outside (app start with a POD, after a context switch: back to the
 * list). */
void ui_open(struct ui *ui, const char *view, struct pod_ref pod, const char *container);
void ui_reset(struct ui *ui);
const struct ui_prefs *ui_prefs(const struct ui *ui);
/* Change what the app decides: the theme a name stands for, ASCII because of the terminal. */
void ui_set_prefs(struct ui *ui, const struct ui_prefs *prefs);
const char *ui_top_view(const struct ui *ui);
struct pod_ref ui_focus(const struct ui *ui);
/* The pod, and the container if there is one ("" else), under the cursor of the visible view; false
 * when on none. */
bool ui_cursor(struct ui *ui, struct pod_ref *pod, char container[256]);

/* The kinds of objects that the visible view needs (view_class.wants). */
uint32_t ui_wants(const struct ui *ui);
/* What it shows of usage (view_class.wants_usage). */
unsigned ui_wants_usage(const struct ui *ui);
/* The object whose raw text it needs; name "" for none. */
struct kobject_ref ui_wants_raw(const struct ui *ui);

/* What was typed at the prompts: kind ':' or '/', the oldest first, for a file that outlives the
 * program. */
void ui_history_add(struct ui *ui, char kind, const char *line);
void ui_history_each(const struct ui *ui, void (*each)(void *ctx, char kind, const char *line),
                     void *ctx);

/* The pods that the visible view lists, in its order; borrowed until it is drawn again. NULL: it
 * lists none. */
const struct pod_ref *ui_listed(const struct ui *ui, size_t *count);

/* What ":export" writes: "txt" first; NULL-terminated. */
extern const char *const ui_export_formats[];

/* The commands of the ':' prompt, for help and manual. */
struct ui_command {
    const char *name;
    const char *args; /* "NAME[,NAME]" or "" */
    const char *help;
};
const struct ui_command *ui_commands(size_t *count);

#endif
