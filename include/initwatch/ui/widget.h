/* widget: parts that several views share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_WIDGET_H
#define INITWATCH_UI_WIDGET_H

#include "initwatch/model/progress.h"
#include "initwatch/ui/view.h"

/* Selection and scroll position of a list of `count` rows in `height` lines. */
struct list_cursor {
    size_t selected, top;
};
/* Of count rows, those that have no place in height lines (view_class.unseen). */
static inline size_t
list_unseen(size_t count, int64_t height)
{
    return (int64_t)count > height ? count - (size_t)IW_MAX(height, (int64_t)0) : 0;
}
/* Keep selected and top within bounds, selected visible. */
void list_cursor_fix(struct list_cursor *c, size_t count, size_t height);
/* Moves for ACT_DOWN .. ACT_PAGE_UP; true when handled. */
bool list_cursor_act(struct list_cursor *c, enum action action, size_t count, size_t height);

/* The sign strip of a pod: "✓(↻)◌│◌◌". compact: no blank between plain signs. spinner is chosen
 * from now. Returns its width. */
int widget_strip(struct surface *s, struct rect clip, int x, int y, const struct pod *pod,
                 const struct view_env *env, bool compact);
int widget_strip_width(const struct pod *pod, bool compact);
/* Sign and role of one container. */
const char *sign_glyph(enum container_sign sign, int64_t now_wall_ms, bool motion);
enum role sign_role(enum container_sign sign);

/* A pod's name in exactly `cols` cells. One that is too long is cut in the middle, as its end tells it from the other pods of
 * its owner: "checkout-6f7…-hx4kp". */
void widget_name(struct surface *s, struct rect clip, int x, int y, int cols, enum role role,
                 const char *name);

/* "4m12s" or "22:05:52" by prefs->time_mode; "" when the moment is unknown. */
void widget_time(const struct view_env *env, int64_t wall_ms, char *out, size_t out_size);
/* A horizontal bar of `cols` cells filled to num/den with █ and eighths. */
void widget_bar(struct surface *s, struct rect clip, int x, int y, int cols, double fraction,
                enum role role);
/* `status` ("Init:CreateContainerConfigError", also within a sentence) in at most `cols` cells where a shorter word makes
 * it fit ("Init:ConfigErr", "Init:CfgErr"); otherwise it stays too long. */
void widget_status_short(const char *status, int cols, char *out, size_t out_size);
/* The lines that text needs when it is wrapped at so many cells, at most max_lines. */
int widget_wrap_lines(const char *text, int cols, int max_lines);
/* A block of wrapped text; returns lines used. */
int widget_wrap(struct surface *s, struct rect clip, int x, int y, int cols, int max_lines,
                enum role role, const char *text);
/* view_class.head_note of views about one object: "Secret shop/db-secrets". */
void widget_object_head(const void *state, const struct view_env *env, struct surface *s,
                        struct rect clip);
/* A part of a line from column x on, if the whole of it fits; returns the column behind it. A number
 * that is cut is another number. */
int widget_part(struct surface *s, struct rect clip, int x, enum role role, const char *fmt, ...)
    IW_PRINTF(5, 6);
/* What to say when a list is empty: nothing there, the filter hides `hidden`, not allowed, not
 * connected, still loading. */
void widget_empty(struct surface *s, struct rect area, const struct view_env *env,
                  enum source_stream stream, const char *what, size_t hidden, const char *filter);
/* The same place and look with sentences of the caller's own: what is the case, and what to do. */
void widget_empty_say(struct surface *s, struct rect area, enum role role, const char *first,
                      const char *second);
/* Case-insensitive (unless needle has upper case) substring or POSIX extended regular expression; a
 * leading '!' inverts. Compile once: text_filter_set returns false (and keeps the text as a plain
 * substring) when the expression is broken. */
struct text_filter;
struct text_filter *text_filter_new(void) IW_NODISCARD;
void text_filter_free(struct text_filter *f);
bool text_filter_set(struct text_filter *f, const char *text);
bool text_filter_active(const struct text_filter *f);
const char *text_filter_text(const struct text_filter *f);
bool text_filter_match(const struct text_filter *f, const char *haystack);
/* ROLE_MATCH where the text stands, as it was typed, in a line that was drawn from column x on. */
void text_filter_mark(const struct text_filter *f, const char *text, size_t len, struct surface *s,
                      struct rect row, int x);

#endif
