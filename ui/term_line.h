/* term_line: what goes over the line to the terminal beside curses. Bytes that it sends are sorted (term_input): keys go on
 * into the pipe that curses reads, all else is kept here.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_TERM_LINE_H
#define INITWATCH_UI_TERM_LINE_H

#include "term_input.h"

enum { TERM_ESC_DELAY_MS = 25 };

struct term_line {
    int in_fd, out_fd; /* the terminal; borrowed, and blocking: they belong to the shell as well */
    int keys_pipe;     /* the writing end: what the terminal sent, without answers and the mouse */
    struct term_input input;
    int64_t ask_until_ms; /* monotonic; after it Shift-F3 is Shift-F3 again */
    int64_t input_ms;     /* monotonic; when the terminal last sent something */
};
/* All of it, whatever it takes; a terminal that is gone is found out when it is read. */
void term_line_write(int fd, const char *text, size_t len);
bool term_line_readable(int fd, int wait_ms);
/* Moves what the terminal sent into the pipe that curses reads. A sequence that is cut in the middle gets the time that
 * curses gives an escape sequence to become whole. False when nothing came. */
bool term_line_pump(struct term_line *l);
/* An answer or the mouse, when one came; KEY_NONE else. */
uint32_t term_line_other(struct term_line *l);
bool term_line_take_mouse(struct term_line *l, struct term_mouse *out);
/* Asks for a line's cell, then where the cursor is after it; for the background. The first frame is drawn over it at once.
 * Terminals that would print the second question are not asked it. Ref: xterm ctlseqs, DSR 6 and OSC 11. */
void term_line_ask(struct term_line *l, const char *type);
/* Button events with SGR coordinates: those have no limit of 223 columns. */
void term_line_report_mouse(struct term_line *l, bool on);
/* Pasted text comes between two marks. */
void term_line_report_paste(struct term_line *l, bool on);

#endif
