/* term: a terminal, behind five calls. term_curses.c is the only file that includes curses.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_TERM_H
#define INITWATCH_UI_TERM_H

#include "initwatch/base/error.h"
#include "initwatch/ui/surface.h"

struct term;
struct term_options {
    enum theme theme;
    bool ascii;        /* also forced when the locale is not UTF-8 or lines are two cells wide */
    bool no_color;     /* mono */
    bool ask;          /* ask the terminal for its background and how wide its lines are */
    bool mouse;        /* report clicks and the wheel */
    int in_fd, out_fd; /* 0 and 1 in production */
    const char *type;  /* NULL: $TERM */
};
/* Takes the terminal over: alternate screen, raw keys. Returns IW_OK or IW_ERR_UNSUPPORTED (unknown
 * $TERM, not a terminal). */
IW_NODISCARD enum iw_err term_open(const struct term_options *opts, struct term **out,
                                   struct iw_error *err);
/* Gives it back exactly as it was. Safe to call twice and from the fatal hook. */
void term_close(struct term *t);
/* The terminal that is open, for the fatal hook and signal paths; NULL when none. */
struct term *term_current(void);
void term_size(struct term *t, int *cols, int *rows);
int term_fd(const struct term *t);
bool term_is_ascii(const struct term *t);
/* What the terminal said. The questions are asked once, at term_open; nobody waits for the
 * answers. */
struct term_answers {
    bool width_known, background_known;
    int line_cells;          /* of U+2500: 1, or 2 in some East Asian terminals */
    uint32_t background_rgb; /* 0xRRGGBB */
};
struct term_answers term_answers(const struct term *t);
enum term_mouse_kind { TERM_MOUSE_PRESS, TERM_MOUSE_UP, TERM_MOUSE_DOWN };
struct term_mouse {
    enum term_mouse_kind kind; /* left button, wheel up, wheel down */
    int x, y;                  /* cells from 0; may lie outside of a window that shrank */
};
/* After KEY_MOUSE_CODE: the oldest event not taken yet; false when there is none. */
bool term_take_mouse(struct term *t, struct term_mouse *out);
void term_set_mouse(struct term *t, bool on);
/* Pasted text: typed where text is typed (lines become blanks), else KEY_PASTE_CODE tells that it
 * was passed over: it may hold anything, and none of it is meant as keys. */
void term_take_paste(struct term *t, bool typed);
/* Next key, KEY_NONE when none is waiting, KEY_RESIZE_CODE after a change of size. Call until
 * KEY_NONE. */
uint32_t term_read_key(struct term *t);
/* Show the surface: only changed cells are written. Returns the bytes of text in them (for the
 * bench; cursor movement and colours are curses' own), 0 when nothing changed. */
size_t term_flush(struct term *t, const struct surface *s);
void term_redraw(struct term *t);  /* next flush writes everything */
void term_suspend(struct term *t); /* gives the terminal back (before SIGSTOP) */
void term_resume(struct term *t);
void term_set_theme(struct term *t, enum theme theme);
/* Put text on the clipboard by OSC 52. False: nothing was copied, it is longer than
 * LIMIT_COPY_BYTES or no terminal is there. */
bool term_copy(struct term *t, const char *text, size_t len);

#endif
