/* term_line: what goes over the line to the terminal beside curses: questions and their answers, the mouse, pastes.
 * Ref: xterm ctlseqs.
 * SPDX-License-Identifier: Apache-2.0 */
#include "term_line.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/base/clock.h"
#include "initwatch/ui/keymap.h"

/* A terminal across the world answers within this; later answers are taken all the same, but for the cursor's. */
enum { ANSWER_MS = 10000, READ_BYTES = 2048 };
/* A paste whose end does not come is over after so long without a byte: the keyboard must not stay dead. */
enum { PASTE_PAUSE_MS = 2000 };

void
term_line_write(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
}

bool
term_line_readable(int fd, int wait_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, wait_ms) == 1 && (p.revents & POLLIN);
}

bool
term_line_pump(struct term_line *l)
{
    char bytes[READ_BYTES], keys[READ_BYTES + 2 * TERM_HELD_BYTES];
    size_t len = 0;
    bool any = false;
    int64_t now_ms = clock_mono(clock_system());
    if (l->input.expects_cursor && now_ms > l->ask_until_ms)
        l->input.expects_cursor = false;
    if (l->input.in_paste && now_ms > l->input_ms + PASTE_PAUSE_MS)
        l->input.in_paste = false;
    while (len == 0 && term_line_readable(l->in_fd, l->input.held_len ? TERM_ESC_DELAY_MS : 0)) {
        ssize_t n = read(l->in_fd, bytes, sizeof(bytes));
        if (n <= 0)
            break;
        any = true;
        l->input_ms = now_ms;
        len = term_input_feed(&l->input, bytes, (size_t)n, keys);
        if (l->input.held_len && len == 0)
            continue;
        break;
    }
    bool unfinished = l->input.held_len || l->input.in_string;
    if (unfinished &&
        !term_line_readable(l->in_fd, len || l->input.in_string ? TERM_ESC_DELAY_MS : 0))
        len += term_input_flush(&l->input, keys + len);
    if (len > 0)
        term_line_write(l->keys_pipe, keys, len);
    return any || len > 0;
}

uint32_t
term_line_other(struct term_line *l)
{
    if (l->input.answered) {
        l->input.answered = false;
        return KEY_ANSWER_CODE;
    }
    if (l->input.paste_dropped) {
        l->input.paste_dropped = false;
        return KEY_PASTE_CODE;
    }
    return l->input.mouse_count ? (uint32_t)KEY_MOUSE_CODE : KEY_NONE;
}

bool
term_line_take_mouse(struct term_line *l, struct term_mouse *out)
{
    if (l->input.mouse_count == 0)
        return false;
    *out = l->input.mouse[0];
    l->input.mouse_count--;
    memmove(&l->input.mouse[0], &l->input.mouse[1], l->input.mouse_count * sizeof(*out));
    return true;
}

void
term_line_ask(struct term_line *l, const char *type)
{
    static const char width[] = "\r\xe2\x94\x80\033[6n", background[] = "\033]11;?\033\\";
    static const char *const plain[] = {"linux", "vt", "eterm", "ansi", "sun"};
    bool asks_background = true;
    for (size_t i = 0; i < IW_COUNTOF(plain); i++)
        asks_background = asks_background && strncmp(type, plain[i], strlen(plain[i])) != 0;
    term_line_write(l->out_fd, width, sizeof(width) - 1);
    if (asks_background)
        term_line_write(l->out_fd, background, sizeof(background) - 1);
    term_line_write(l->out_fd, "\r", 1);
    l->input.expects_cursor = true;
    l->ask_until_ms = clock_mono(clock_system()) + ANSWER_MS;
}

void
term_line_report_mouse(struct term_line *l, bool on)
{
    static const char start[] = "\033[?1000h\033[?1006h", stop[] = "\033[?1006l\033[?1000l";
    if (on)
        term_line_write(l->out_fd, start, sizeof(start) - 1);
    else if (l->input.expects_mouse)
        term_line_write(l->out_fd, stop, sizeof(stop) - 1);
    l->input.expects_mouse = on;
}

void
term_line_report_paste(struct term_line *l, bool on)
{
    term_line_write(l->out_fd, on ? "\033[?2004h" : "\033[?2004l", 8);
    l->input.in_paste = false;
}
