/* tr: message catalogues in gettext's PO form, read at the first use of a language.
 *
 * Only what we write ourselves is read: msgid, msgstr, quoted continuation lines and comments. The
 * catalogue is part of the program, so a broken one is a defect of the build; the unit test finds
 * it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/tr.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/embedded.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/vec.h"

enum { LANGUAGES_MAX = 8, TAG_MAX = 16 };

struct tr_entry {
    char *english, *translated;
};
struct catalogue {
    char language[TAG_MAX];
    struct strmap by_english; /* to the place in entries */
    VEC(struct tr_entry) entries;
};

static struct catalogue catalogues[LANGUAGES_MAX];
static size_t catalogue_count;
static const struct catalogue *chosen; /* NULL: English */

/* --- reading a PO file --- */

/* The text between the quotes of a line, appended with its escapes resolved. */
static void
add_quoted(struct strbuf *b, const char *line, size_t len)
{
    const char *at = memchr(line, '"', len);
    const char *end = line + len;
    for (at = at ? at + 1 : end; at < end && *at != '"'; at++) {
        char c = *at;
        if (c == '\\' && at + 1 < end) {
            c = *++at;
            c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
        }
        strbuf_addc(b, c);
    }
}

static bool
starts_with(const char *line, size_t len, const char *word)
{
    return len >= strlen(word) && strncmp(line, word, strlen(word)) == 0;
}

/* The header has an empty msgid; an empty msgstr is not translated yet. */
static void
take_entry(struct catalogue *c, struct strbuf *english, struct strbuf *translated)
{
    if (english->len && translated->len) {
        struct tr_entry entry = {strbuf_take(english), strbuf_take(translated)};
        strmap_put(&c->by_english, entry.english, (uint32_t)c->entries.len);
        vec_push(&c->entries, entry);
    }
    strbuf_clear(english);
    strbuf_clear(translated);
}

static void
read_catalogue(struct catalogue *c, const char *text, size_t text_len)
{
    struct strbuf english, translated, *into = NULL;
    strbuf_init(&english, 0);
    strbuf_init(&translated, 0);
    for (const char *line = text, *end = text + text_len; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((newline ? newline : end) - line);
        if (starts_with(line, len, "msgid ")) {
            take_entry(c, &english, &translated);
            into = &english;
        } else if (starts_with(line, len, "msgstr ")) {
            into = &translated;
        }
        if (len && line[0] != '#' && into)
            add_quoted(into, line, len);
        line += len + 1;
    }
    take_entry(c, &english, &translated);
    strbuf_free(&english);
    strbuf_free(&translated);
}

/* "ko" of "ko_KR.UTF-8", "ko-KR" or "ko.po". */
static void
language_of(const char *tag, char out[TAG_MAX])
{
    size_t len = strcspn(tag, "_.-@");
    len = IW_MIN(len, (size_t)TAG_MAX - 1);
    memcpy(out, tag, len);
    out[len] = '\0';
}

/* The catalogue of a language, read when it was not yet; NULL when there is none. */
static const struct catalogue *
catalogue_of(const char *language)
{
    for (size_t i = 0; i < catalogue_count; i++)
        if (strcmp(catalogues[i].language, language) == 0)
            return &catalogues[i];
    for (const struct embedded_file *file = embedded_locale; file->path; file++) {
        char name[TAG_MAX];
        language_of(file->path, name);
        if (strcmp(name, language) != 0 || catalogue_count == LANGUAGES_MAX)
            continue;
        struct catalogue *c = &catalogues[catalogue_count++];
        memcpy(c->language, name, sizeof(name));
        read_catalogue(c, (const char *)file->bytes, file->len);
        return c;
    }
    return NULL;
}

/* --- public --- */

const char *
tr(const char *english)
{
    uint32_t at;
    if (!chosen || !strmap_get(&chosen->by_english, english, &at))
        return english;
    return chosen->entries.items[at].translated;
}

const char *
tr_n(const char *one, const char *many, uint64_t count)
{
    return tr(count == 1 ? one : many);
}

bool
tr_set_language(const char *tag)
{
    static const char *const english[] = {"", "en", "C", "POSIX"};
    char language[TAG_MAX];
    language_of(tag, language);
    for (size_t i = 0; i < IW_COUNTOF(english); i++) {
        if (strcmp(language, english[i]) == 0) {
            chosen = NULL;
            return true;
        }
    }
    const struct catalogue *c = catalogue_of(language);
    if (!c)
        return false;
    chosen = c;
    return true;
}

const char *
tr_language(void)
{
    return chosen ? chosen->language : "en";
}

const char *
tr_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return value;
    }
    return "";
}

const char *
tr_language_at(size_t index)
{
    size_t at = 1;
    if (index == 0)
        return "en";
    for (const struct embedded_file *file = embedded_locale; file->path; file++, at++) {
        char language[TAG_MAX];
        language_of(file->path, language);
        if (at == index) {
            const struct catalogue *c = catalogue_of(language);
            return c ? c->language : NULL;
        }
    }
    return NULL;
}

size_t
tr_each(const char *language, void (*each)(void *ctx, const char *english, const char *translated),
        void *ctx)
{
    const struct catalogue *c = catalogue_of(language);
    for (size_t i = 0; c && i < c->entries.len; i++)
        each(ctx, c->entries.items[i].english, c->entries.items[i].translated);
    return c ? c->entries.len : 0;
}
