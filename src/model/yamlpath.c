/* yamlpath: places in the YAML of a raw object.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/yamlpath.h"

#include <stdio.h>
#include <string.h>

/* Blanks before a line's dash or key. */
static size_t
indent_of(const struct yaml_text *y, size_t line)
{
    const struct yaml_line *l = &y->lines[line];
    size_t n = 0;
    while (n < l->len && y->text[l->at + n] == ' ')
        n++;
    return n;
}

bool
yaml_is_item(const struct yaml_text *y, size_t line)
{
    const struct yaml_line *l = &y->lines[line];
    size_t n = indent_of(y, line);
    return !(l->flags & YAML_BLOCK) && n < l->len && y->text[l->at + n] == '-' &&
           (n + 1 == l->len || y->text[l->at + n + 1] == ' ');
}

size_t
yaml_end(const struct yaml_text *y, size_t line)
{
    return IW_MAX((size_t)y->lines[line].end, line + 1);
}

static bool
key_is(const struct yaml_text *y, size_t line, const char *key, size_t len)
{
    const struct yaml_line *l = &y->lines[line];
    return l->key_len == len + 1 && memcmp(y->text + l->at + l->key_at, key, len) == 0;
}

/* Members of a mapping begin in one column; what lies deeper is further to the right. below: of the member that the first
 * line of an item begins, not of the item. */
static size_t
member_named(const struct yaml_text *y, size_t of, bool below, const char *key, size_t len)
{
    size_t from = of == YAML_NO_LINE ? 0 : of, to = of == YAML_NO_LINE ? y->count : yaml_end(y, of);
    if (of != YAML_NO_LINE && (below || !yaml_is_item(y, of)))
        from++;
    size_t column = from < to ? y->lines[from].key_at : 0;
    if (below && column <= y->lines[of].key_at)
        return YAML_NO_LINE;
    for (size_t i = from;
         i < to && (!below || y->lines[i].key_len == 0 || y->lines[i].key_at > y->lines[of].key_at);
         i++)
        if (y->lines[i].key_at == column && key_is(y, i, key, len))
            return i;
    return YAML_NO_LINE;
}

size_t
yaml_member(const struct yaml_text *y, size_t of, const char *path)
{
    for (bool below = false; *path && (of != YAML_NO_LINE || !below); below = true) {
        size_t len = strcspn(path, ".");
        of = member_named(y, of, below, path, len);
        path += len + (path[len] == '.');
    }
    return of;
}

size_t
yaml_item(const struct yaml_text *y, size_t of, size_t n)
{
    if (of == YAML_NO_LINE)
        return YAML_NO_LINE;
    size_t end = yaml_end(y, of), at = of + 1;
    for (; at < end && n > 0 && yaml_is_item(y, at); n--)
        at = yaml_end(y, at);
    return at < end && yaml_is_item(y, at) ? at : YAML_NO_LINE;
}

void
yaml_value(const struct yaml_text *y, size_t line, char *out, size_t out_size)
{
    out[0] = '\0';
    /* What folds below the first line of an item is the item. */
    if (line == YAML_NO_LINE || (yaml_end(y, line) > line + 1 && !yaml_is_item(y, line)))
        return;
    const struct yaml_line *l = &y->lines[line];
    const char *text = y->text + l->at + l->key_at + l->key_len;
    size_t len = l->len - l->key_at - l->key_len;
    for (; len > 0 && text[0] == ' '; len--)
        text++;
    bool quoted = len >= 2 && strchr("\"'", text[0]) && text[len - 1] == text[0] &&
                  !memchr(text + 1, text[0] == '"' ? '\\' : '\'', len - 2);
    (void)snprintf(out, out_size, "%.*s", (int)(quoted ? len - 2 : len), text + quoted);
}

/* Which item of its list a line begins: items before it in the same column, as far as the list reaches. */
static size_t
place_of(const struct yaml_text *y, size_t first, size_t line)
{
    size_t n = 0;
    for (size_t at = first; at < line; at = yaml_end(y, at))
        n++;
    return n;
}

static size_t
add(char *out, size_t out_size, size_t used, const char *text, size_t len)
{
    if (used + len + 1 > out_size)
        len = out_size - used - 1;
    memcpy(out + used, text, len);
    out[used + len] = '\0';
    return used + len;
}

void
yaml_path(const struct yaml_text *y, size_t line, char *out, size_t out_size)
{
    size_t used = 0, first = 0; /* where the children of the block begin */
    out[0] = '\0';
    for (size_t at = 0; at <= line && at < y->count;) {
        const struct yaml_line *l = &y->lines[at];
        if (yaml_end(y, at) <= line) {
            at = yaml_end(y, at);
            continue;
        }
        bool item = yaml_is_item(y, at);
        char place[32];
        if (item) {
            (void)snprintf(place, sizeof(place), "[%zu]", place_of(y, first, at));
            used = add(out, out_size, used, place, strlen(place));
        }
        /* An item's first line is a member, too: it is meant when nothing beside it lies between. */
        bool own = !item || at == line;
        if (item && !own) {
            own = true;
            for (size_t i = at + 1; i <= line && own; i++)
                own = y->lines[i].key_len == 0 || y->lines[i].key_at > l->key_at;
        }
        if (own && l->key_len > 1) {
            used = add(out, out_size, used, ".", used > 0);
            used = add(out, out_size, used, y->text + l->at + l->key_at, l->key_len - 1);
        }
        first = ++at;
    }
}
