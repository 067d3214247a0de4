/* logline: colours and stack traces.
 * Ref: ECMA-48 8.3.117 (SGR), xterm's ctlseqs for 38;5 and 38;2.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logline.h"

#include <ctype.h>
#include <string.h>

enum { SGR_BYTES_MAX = 64, SGR_PARAMS_MAX = 24 };

/* --- colours --- */

/* The nearest of the 6x6x6 cube or of the greys. */
static int16_t
nearest_256(int r, int g, int b)
{
    static const int steps[6] = {0, 95, 135, 175, 215, 255};
    int rgb[3] = {r, g, b}, at[3];
    for (int i = 0; i < 3; i++) {
        at[i] = 0;
        while (at[i] < 5 && rgb[i] > (steps[at[i]] + steps[at[i] + 1]) / 2)
            at[i]++;
    }
    if (r == g && g == b && r > 8 && r < 248)
        return (int16_t)(232 + (r - 8) * 24 / 240);
    return (int16_t)(16 + 36 * at[0] + 6 * at[1] + at[2]);
}

/* 38;5;N and 38;2;R;G;B at params[at]; returns the last parameter that was used. */
static int
extended_colour(const int *params, int count, int at, int16_t *out)
{
    if (at + 2 < count && params[at + 1] == 5) {
        if (params[at + 2] >= 0 && params[at + 2] <= 255)
            *out = (int16_t)params[at + 2];
        return at + 2;
    }
    if (at + 4 < count && params[at + 1] == 2) {
        *out = nearest_256(IW_MIN(params[at + 2], 255), IW_MIN(params[at + 3], 255),
                           IW_MIN(params[at + 4], 255));
        return at + 4;
    }
    return count;
}

static int
apply_param(struct sgr *sgr, const int *params, int count, int at)
{
    int p = params[at];
    if (p == 0)
        *sgr = SGR_PLAIN;
    else if (p == 1 || p == 22)
        sgr->bold = p == 1;
    if (p == 2 || p == 22)
        sgr->dim = p == 2;
    else if (p == 3 || p == 23)
        sgr->italic = p == 3;
    else if (p == 4 || p == 21 || p == 24)
        sgr->underline = p != 24;
    else if (p == 7 || p == 27)
        sgr->reverse = p == 7;
    else if (p >= 30 && p <= 37)
        sgr->fg = (int16_t)(p - 30);
    else if (p >= 90 && p <= 97)
        sgr->fg = (int16_t)(p - 90 + 8);
    else if (p >= 40 && p <= 47)
        sgr->bg = (int16_t)(p - 40);
    else if (p >= 100 && p <= 107)
        sgr->bg = (int16_t)(p - 100 + 8);
    else if (p == 39)
        sgr->fg = -1;
    else if (p == 49)
        sgr->bg = -1;
    else if (p == 38 || p == 48)
        return extended_colour(params, count, at, p == 38 ? &sgr->fg : &sgr->bg);
    return at;
}

size_t
sgr_take(struct sgr *sgr, const char *text, size_t len)
{
    int params[SGR_PARAMS_MAX] = {0}, count = 1;
    if (len < 3 || text[0] != '\x1b' || text[1] != '[')
        return 0;
    size_t at = 2;
    for (; at < len && at < SGR_BYTES_MAX; at++) {
        int *p = &params[count - 1];
        if (isdigit((unsigned char)text[at]))
            *p = IW_MIN(*p * 10 + (text[at] - '0'), 9999);
        else if ((text[at] == ';' || text[at] == ':') && count < SGR_PARAMS_MAX)
            count++;
        else
            break;
    }
    if (at >= len || text[at] != 'm')
        return 0;
    for (int i = 0; sgr && i < count; i++)
        i = apply_param(sgr, params, count, i);
    return at + 1;
}

void
logline_plain(struct strbuf *out, const char *text, size_t len)
{
    if (len > 0 && text[len - 1] == '\r')
        len--;
    while (len > 0) {
        const char *esc = memchr(text, '\x1b', len);
        size_t run = esc ? (size_t)(esc - text) : len;
        strbuf_add(out, text, run);
        text += run;
        len -= run;
        if (len == 0)
            break;
        size_t taken = sgr_take(NULL, text, len);
        if (taken == 0) {
            strbuf_addc(out, '\x1b');
            taken = 1;
        }
        text += taken;
        len -= taken;
    }
}

/* --- stack traces --- */

static bool
begins(const char *text, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(text, with, n) == 0;
}

static bool
ends(const char *text, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(text + len - n, with, n) == 0;
}

static size_t
indent_of(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (text[n] == ' ' || text[n] == '\t'))
        n++;
    return n;
}

/* "    at com.acme.Main(Main.java:7)", "\tfrom app.rb:3", "... 12 more", "   3: core::panicking" */
static bool
is_frame(const char *text, size_t len)
{
    size_t indent = indent_of(text, len);
    const char *rest = text + indent;
    size_t left = len - indent, digits = 0;
    if (begins(text, len, "Caused by: ") || begins(rest, left, "Caused by: ") ||
        begins(rest, left, "Suppressed: "))
        return true;
    if (begins(rest, left, "... ") && (ends(text, len, " more") || memmem(text, len, "common", 6)))
        return true;
    if (indent == 0)
        return false;
    if (begins(rest, left, "at ") || begins(rest, left, "from "))
        return true;
    while (digits < left && isdigit((unsigned char)rest[digits]))
        digits++;
    return indent >= 2 && digits > 0 && begins(rest + digits, left - digits, ": ");
}

static bool
is_go_frame(const char *text, size_t len)
{
    return len == 0 || text[0] == '\t' || text[len - 1] == ')' || begins(text, len, "goroutine ") ||
           begins(text, len, "created by ") || begins(text, len, "[signal ") ||
           begins(text, len, "exit status ");
}

static enum trace_kind
trace_begun(const char *text, size_t len)
{
    if (ends(text, len, "Traceback (most recent call last):"))
        return TRACE_PYTHON;
    if (begins(text, len, "panic: ") || begins(text, len, "fatal error: "))
        return TRACE_GO;
    return TRACE_NONE;
}

bool
logline_continues(struct trace_state *state, const char *text, size_t len)
{
    if (len > 0 && text[len - 1] == '\r')
        len--;
    enum trace_kind begun = trace_begun(text, len);
    bool goes_on = false;
    switch (state->kind) {
    case TRACE_PYTHON:
        /* Indented frames, then one line with the exception. */
        goes_on = true;
        if (indent_of(text, len) == 0)
            state->kind = TRACE_NONE;
        break;
    case TRACE_GO:
        goes_on = is_go_frame(text, len);
        if (!goes_on)
            state->kind = TRACE_NONE;
        break;
    case TRACE_NONE:
        break;
    }
    goes_on = goes_on || (len > 0 && is_frame(text, len));
    if (begun != TRACE_NONE)
        state->kind = begun;
    return goes_on;
}
