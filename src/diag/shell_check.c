/* shell_check: finds the script a shell refuses before it runs a line of it.
 *
 * Only what is certain is told: an unclosed quote, and compound commands whose words do not match.
 * Here-documents and case patterns make the counting unsafe, so scripts with them are left alone.
 * Ref: POSIX shell grammar, 2.10.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "diag_util.h"

#define SHELL_DEPTH_MAX 64

struct shell_scan {
    const char
        *open[SHELL_DEPTH_MAX]; /* the word that must come next to close: "do", "done", "fi" */
    unsigned depth;
    const char *wrong;
};

static bool
word_is(const char *word, size_t len, const char *text)
{
    return strlen(text) == len && memcmp(word, text, len) == 0;
}

static void
scan_open(struct shell_scan *s, const char *closer)
{
    if (s->depth < SHELL_DEPTH_MAX)
        s->open[s->depth++] = closer;
}

/* `do` turns what is open into a wait for `done`; `done` and `fi` close. */
static void
scan_word(struct shell_scan *s, const char *word, size_t len)
{
    const char *top = s->depth ? s->open[s->depth - 1] : "";
    if (word_is(word, len, "until") || word_is(word, len, "while") || word_is(word, len, "for")) {
        scan_open(s, "do");
    } else if (word_is(word, len, "if")) {
        scan_open(s, "then");
    } else if (word_is(word, len, "do")) {
        if (strcmp(top, "do") == 0)
            s->open[s->depth - 1] = "done";
        else
            s->wrong = "\"do\" without a loop before it";
    } else if (word_is(word, len, "then")) {
        if (strcmp(top, "then") == 0)
            s->open[s->depth - 1] = "fi";
        else
            s->wrong = "\"then\" without \"if\"";
    } else if (word_is(word, len, "elif")) {
        if (strcmp(top, "fi") == 0)
            s->open[s->depth - 1] = "then";
        else
            s->wrong = "\"elif\" without \"if\"";
    } else if (word_is(word, len, "done") || word_is(word, len, "fi")) {
        if (s->depth && word_is(word, len, top))
            s->depth--;
        else
            s->wrong = *word == 'd' ? "\"done\" without \"do\"" : "\"fi\" without \"then\"";
    }
}

/* After these words another command begins. */
static bool
word_begins_command(const char *word, size_t len)
{
    static const char *const words[] = {"until", "while", "if", "do", "then",
                                        "else",  "elif",  "!",  "{"};
    for (size_t i = 0; i < IW_COUNTOF(words); i++)
        if (word_is(word, len, words[i]))
            return true;
    return false;
}

/* One word, quotes and all; NULL when a quote is not closed. */
static const char *
skip_word(const char *p)
{
    char quote = '\0';
    for (; *p && (quote || !strchr(" \t\r\n;&|()<>", *p)); p++) {
        if (*p == '\\' && quote != '\'' && p[1])
            p++;
        else if (quote && *p == quote)
            quote = '\0';
        else if (!quote && (*p == '"' || *p == '\''))
            quote = *p;
    }
    return quote ? NULL : p;
}

bool
diag_shell_broken(const char *script, const char **what)
{
    struct shell_scan s = {0};
    bool command = true; /* the next word is in command position */
    if (strstr(script, "<<") || strstr(script, "case ") || strchr(script, '`') ||
        strstr(script, "\"$("))
        return false;
    for (const char *p = script; *p && !s.wrong;) {
        if (*p == '#' && (p == script || strchr(" \t\n;", p[-1]))) {
            p += strcspn(p, "\n");
        } else if (strchr(";&|\n()", *p)) {
            command = true;
            p++;
        } else if (strchr(" \t\r<>", *p)) {
            p++;
        } else {
            const char *end = skip_word(p);
            if (!end) {
                s.wrong = "a quote is not closed";
                break;
            }
            size_t len = (size_t)(end - p);
            if (command)
                scan_word(&s, p, len);
            command = command && word_begins_command(p, len);
            p = end > p ? end : p + 1;
        }
    }
    if (!s.wrong && s.depth)
        s.wrong = strcmp(s.open[s.depth - 1], "done") == 0 ? "\"do\" without \"done\""
                  : strcmp(s.open[s.depth - 1], "do") == 0 ? "a loop without \"do\""
                                                           : "\"if\" without \"then\" and \"fi\"";
    *what = s.wrong;
    return s.wrong != NULL;
}
