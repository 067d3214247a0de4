/* term_input: what a terminal sends besides keys: answers to questions, the mouse, pasted text, taken out of the stream of bytes
 * before curses sees it, so that none of it is ever taken for keys.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_TERM_INPUT_H
#define INITWATCH_UI_TERM_INPUT_H

#include "initwatch/base/iwdef.h"
#include "initwatch/ui/term.h"

/* The longest sequence that is held back until it is complete; an answer has 30 bytes. */
enum { TERM_HELD_BYTES = 64, TERM_MOUSE_QUEUE = 64 };

struct term_input {
    bool expects_cursor; /* a cursor report is an answer, not Shift-F3 */
    bool expects_mouse;
    char held[TERM_HELD_BYTES]; /* the beginning of a sequence */
    size_t held_len;
    bool in_string; /* inside an OSC or DCS that is thrown away as it is too long */
    /* A complete sequence is a key; those that are none are passed over. NULL: all are. */
    bool (*is_key)(const char *sequence);
    bool takes_paste; /* pasted text is typed (without its control characters), else passed over */
    bool in_paste, paste_dropped;
    struct term_answers answers;
    bool answered; /* since it was last asked */
    struct term_mouse mouse[TERM_MOUSE_QUEUE];
    size_t mouse_count;
};
/* Takes bytes; what is for curses goes to keys (room for len + TERM_HELD_BYTES), its length is returned. */
size_t term_input_feed(struct term_input *in, const char *bytes, size_t len, char *keys);
/* Nothing more comes for now: what is held back was keys (of Alt), a string without an end is over. Returns its length. */
size_t term_input_flush(struct term_input *in, char *keys);

#endif
