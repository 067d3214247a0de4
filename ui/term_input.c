/* term_input: a filter over the bytes of a terminal.
 * Ref: xterm ctlseqs: CPR (CSI row ; column R), OSC 11 (rgb:rrrr/gggg/bbbb), SGR mouse (CSI < button ; x ; y M), bracketed
 * paste (CSI 200 ~ ... CSI 201 ~); ECMA-48 5.6: strings begin with ESC and one of ] P X ^ _.
 * SPDX-License-Identifier: Apache-2.0 */
#include "term_input.h"

#include <stdlib.h>
#include <string.h>

enum { ESC = 0x1B, BEL = 0x07, DELETE = 0x7F };
/* Bits of the button number of a mouse report. */
enum { MOUSE_MOTION = 32, MOUSE_WHEEL = 64, MOUSE_NUMBER = 3 };

/* What the held bytes are so far. */
enum held_state { HELD_MORE, HELD_KEYS, HELD_TAKEN };

/* "1F" or "1f2e": the colour's first eight bits. */
static bool
take_channel(const char **at, uint32_t *out)
{
    char *end;
    unsigned long value = strtoul(*at, &end, 16);
    size_t digits = (size_t)(end - *at);
    if (digits == 0 || digits > 4)
        return false;
    *out = (uint32_t)(digits == 1 ? value * 17 : value >> 4 * (digits - 2));
    *at = end + (*end == '/');
    return true;
}

/* "11;rgb:1e1e/1e1e/2e2e" or "11;#1e1e2e". */
static void
take_colour(struct term_input *in, const char *text)
{
    uint32_t r, g, b;
    if (strncmp(text, "11;rgb:", 7) == 0)
        text += 7;
    else
        return;
    if (!take_channel(&text, &r) || !take_channel(&text, &g) || !take_channel(&text, &b))
        return;
    in->answers.background_known = true;
    in->answers.background_rgb = (r & 0xFF) << 16 | (g & 0xFF) << 8 | (b & 0xFF);
    in->answered = true;
}

static enum held_state
take_mouse(struct term_input *in)
{
    char *end;
    unsigned long button = strtoul(in->held + 3, &end, 10);
    unsigned long x = *end == ';' ? strtoul(end + 1, &end, 10) : 0;
    unsigned long y = *end == ';' ? strtoul(end + 1, &end, 10) : 0;
    bool press = *end == 'M';
    if ((!press && *end != 'm') || x < 1 || y < 1)
        return HELD_KEYS;
    enum term_mouse_kind kind = TERM_MOUSE_PRESS;
    if (button & MOUSE_WHEEL)
        kind = button & 1 ? TERM_MOUSE_DOWN : TERM_MOUSE_UP;
    bool counts = press && !(button & MOUSE_MOTION) &&
                  ((button & MOUSE_WHEEL) || (button & MOUSE_NUMBER) == 0);
    if (counts && in->mouse_count < TERM_MOUSE_QUEUE)
        in->mouse[in->mouse_count++] =
            (struct term_mouse){kind, (int)IW_MIN(x - 1, 10000ul), (int)IW_MIN(y - 1, 10000ul)};
    return HELD_TAKEN;
}

static enum held_state
take_key(const struct term_input *in)
{
    return in->in_paste || (in->is_key && !in->is_key(in->held)) ? HELD_TAKEN : HELD_KEYS;
}

static enum held_state
take_csi(struct term_input *in)
{
    char final = in->held[in->held_len - 1];
    bool mouse = in->held_len > 2 && in->held[2] == '<';
    if (in->held_len < 3 || (final >= 0x20 && final < 0x40))
        return in->held_len == 3 && final == '<' && !in->expects_mouse ? HELD_KEYS : HELD_MORE;
    if (mouse)
        return take_mouse(in);
    bool begins = strcmp(in->held + 2, "200~") == 0;
    if (begins || strcmp(in->held + 2, "201~") == 0) {
        in->in_paste = begins;
        return HELD_TAKEN;
    }
    /* The console's F1 to F5 are CSI [ and a letter. */
    if (in->held_len == 3 && final == '[')
        return HELD_MORE;
    char *end;
    unsigned long row = strtoul(in->held + 2, &end, 10);
    unsigned long column = *end == ';' ? strtoul(end + 1, &end, 10) : 0;
    if (final != 'R' || !in->expects_cursor || *end != 'R' || row < 1 || column < 1)
        return take_key(in);
    in->expects_cursor = false;
    in->answers.width_known = true;
    in->answers.line_cells = column >= 3 ? 2 : 1;
    in->answered = true;
    return HELD_TAKEN;
}

/* A string is never a key: it is taken whatever it says. */
static bool
begins_string(char c)
{
    return c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_';
}

static enum held_state
take_string(struct term_input *in)
{
    char *held = in->held;
    size_t len = in->held_len;
    bool bell = held[len - 1] == BEL;
    bool string_end = len > 3 && held[len - 1] == '\\' && held[len - 2] == ESC;
    if (!bell && !string_end) {
        in->in_string = len == TERM_HELD_BYTES - 1;
        return in->in_string ? HELD_TAKEN : HELD_MORE;
    }
    held[len - (bell ? 1 : 2)] = '\0';
    if (held[1] == ']')
        take_colour(in, held + 2);
    return HELD_TAKEN;
}

static enum held_state
judge(struct term_input *in)
{
    in->held[in->held_len] = '\0';
    if (in->held_len == 1)
        return HELD_MORE;
    if (begins_string(in->held[1]))
        return take_string(in);
    if (in->held[1] == 'O' && in->is_key)
        return in->held_len == 2 ? HELD_MORE : take_key(in);
    if (in->held[1] != '[' || in->held_len == TERM_HELD_BYTES - 1)
        return in->in_paste ? HELD_TAKEN : HELD_KEYS;
    return in->held_len == 2 ? HELD_MORE : take_csi(in);
}

size_t
term_input_flush(struct term_input *in, char *keys)
{
    size_t len = in->in_paste ? 0 : in->held_len;
    memcpy(keys, in->held, len);
    in->held_len = 0;
    in->in_string = false;
    return len;
}

/* A byte that belongs to no sequence. Of a paste, lines become blanks: a line's end would run what stands before it. */
static size_t
take_plain(struct term_input *in, char c, char *keys)
{
    bool control = (unsigned char)c < ' ' || c == DELETE;
    if (in->in_paste && !in->takes_paste) {
        in->paste_dropped = true;
        return 0;
    }
    if (in->in_paste && control && c != '\n' && c != '\r' && c != '\t')
        return 0;
    *keys = in->in_paste && control ? ' ' : c;
    return 1;
}

size_t
term_input_feed(struct term_input *in, const char *bytes, size_t len, char *keys)
{
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        if (in->in_string) {
            in->in_string = c != BEL && c != '\\';
            continue;
        }
        /* A second escape begins anew, except where it ends a command. */
        bool ends_string = in->held_len > 1 && begins_string(in->held[1]);
        if (c == ESC && in->held_len && !ends_string)
            out += term_input_flush(in, keys + out);
        if (in->held_len == 0 && c != ESC) {
            out += take_plain(in, c, keys + out);
            continue;
        }
        in->held[in->held_len++] = c;
        enum held_state state = judge(in);
        if (state == HELD_KEYS)
            out += term_input_flush(in, keys + out);
        else if (state == HELD_TAKEN)
            in->held_len = 0;
    }
    return out;
}
