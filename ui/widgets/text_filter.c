/* text_filter: what the user typed after '/', compiled once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/widget.h"

enum { FILTER_TEXT_BYTES = 512 };

struct text_filter {
    char text[FILTER_TEXT_BYTES];
    const char *needle; /* text without the leading '!' */
    bool invert, ignore_case, compiled;
    regex_t regex;
};

struct text_filter *
text_filter_new(void)
{
    struct text_filter *f = iw_calloc(1, sizeof(*f));
    f->needle = f->text;
    return f;
}

void
text_filter_free(struct text_filter *f)
{
    if (!f)
        return;
    if (f->compiled)
        regfree(&f->regex);
    free(f);
}

static bool
has_upper(const char *text)
{
    for (; *text; text++)
        if (isupper((unsigned char)*text))
            return true;
    return false;
}

bool
text_filter_set(struct text_filter *f, const char *text)
{
    if (f->compiled)
        regfree(&f->regex);
    f->compiled = false;
    snprintf(f->text, sizeof(f->text), "%s", text ? text : "");
    f->invert = f->text[0] == '!';
    f->needle = f->text + (f->invert ? 1 : 0);
    f->ignore_case = !has_upper(f->needle);
    /* Without special characters the substring search below is exact and much faster. */
    if (!strpbrk(f->needle, ".[]()*+?{}|^$\\"))
        return true;
    int flags = REG_EXTENDED | REG_NOSUB | (f->ignore_case ? REG_ICASE : 0);
    f->compiled = regcomp(&f->regex, f->needle, flags) == 0;
    return f->compiled;
}

bool
text_filter_active(const struct text_filter *f)
{
    return f->needle[0] != 0;
}

const char *
text_filter_text(const struct text_filter *f)
{
    return f->text;
}

bool
text_filter_match(const struct text_filter *f, const char *haystack)
{
    if (!f->needle[0])
        return true;
    bool found;
    if (f->compiled)
        found = regexec(&f->regex, haystack, 0, NULL, 0) == 0;
    else if (f->ignore_case)
        found = strcasestr(haystack, f->needle) != NULL;
    else
        found = strstr(haystack, f->needle) != NULL;
    return found != f->invert;
}

void
text_filter_mark(const struct text_filter *f, const char *text, size_t len, struct surface *s,
                 struct rect row, int x)
{
    const char *needle = f->text;
    size_t needle_len = strlen(needle);
    if (needle_len == 0 || len > 4096 || needle[0] == '!')
        return;
    char line[4097];
    (void)snprintf(line, sizeof(line), "%.*s", (int)len, text);
    bool any_case = true;
    for (size_t i = 0; i < needle_len; i++)
        any_case = any_case && !(needle[i] >= 'A' && needle[i] <= 'Z');
    for (const char *at = line;
         (at = any_case ? strcasestr(at, needle) : strstr(at, needle)) != NULL; at += needle_len) {
        int from = utf8_width(line, (size_t)(at - line)), cols = utf8_width(at, needle_len);
        surface_restyle(s, rect_intersect(row, (struct rect){x + from, row.y, cols, 1}),
                        ROLE_MATCH);
    }
}
