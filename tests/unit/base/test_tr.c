/* tr: languages, and that each catalogue fits the source: same conversions, nothing stale.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/base/strmap.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"

enum { FORMAT_ARGS_MAX = 16, OPEN_FOLDERS_MAX = 8 };

/* --- the literals of the source --- */

static struct {
    struct strmap all;     /* every string literal, adjacent ones joined */
    struct strmap wrapped; /* those that are the argument of tr(), tr_n() or TR_MARK() */
    VEC(char *) wrapped_texts;
} source;

/* Past blanks, line ends and comments. */
static const char *
skip_blank(const char *p)
{
    for (;;) {
        while (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\\')
            p++;
        if (p[0] == '/' && p[1] == '*') {
            const char *end = strstr(p, "*/");
            p = end ? end + 2 : p + strlen(p);
        } else {
            return p;
        }
    }
}

/* One escape of a C literal; p is behind the backslash. */
static const char *
take_escape(const char *p, struct strbuf *out)
{
    if (*p == 'x') {
        char *end;
        strbuf_addc(out, (char)strtoul(p + 1, &end, 16));
        return end;
    }
    if (*p >= '0' && *p <= '7') {
        char octal[4] = "";
        for (int i = 0; i < 3 && p[i] >= '0' && p[i] <= '7'; i++)
            octal[i] = p[i];
        strbuf_addc(out, (char)strtoul(octal, NULL, 8));
        return p + strlen(octal);
    }
    strbuf_addc(out, (char)(*p == 'n' ? '\n' : *p == 't' ? '\t' : *p));
    return p + 1;
}

/* A literal and the ones that follow it, joined as the compiler joins them. */
static const char *
take_literals(const char *p, struct strbuf *out)
{
    while (*p == '"') {
        for (p++; *p && *p != '"';) {
            if (*p == '\\') {
                p = take_escape(p + 1, out);
            } else {
                strbuf_addc(out, *p++);
            }
        }
        p = skip_blank(*p ? p + 1 : p);
    }
    return p;
}

static bool
ends_with(const char *from, const char *at, const char *word)
{
    size_t len = strlen(word);
    return (size_t)(at - from) >= len && strncmp(at - len, word, len) == 0;
}

static void
scan_text(const char *text)
{
    const char *before = text; /* the last character that is not blank */
    bool one = false;          /* the literal before was the first argument of tr_n() */
    for (const char *p = skip_blank(text); *p; p = skip_blank(p)) {
        if (*p == '\'') {
            p += p[1] == '\\' ? 4 : 3;
            continue;
        }
        if (*p != '"') {
            one = one && *p == ',';
            before = ++p;
            continue;
        }
        strbuf_auto literal;
        strbuf_init(&literal, 0);
        p = take_literals(p, &literal);
        strmap_put(&source.all, literal.data, 1);
        bool wraps = ends_with(text, before, "TR_MARK(") ||
                     (ends_with(text, before, "tr(") && before - text > 3 &&
                      !(before[-4] == '_' || (before[-4] >= 'a' && before[-4] <= 'z')));
        bool many = one;
        one = ends_with(text, before, "tr_n(");
        wraps = wraps || one || many;
        if (wraps && !strmap_get(&source.wrapped, literal.data, &(uint32_t){0})) {
            strmap_put(&source.wrapped, literal.data, 1);
            vec_push(&source.wrapped_texts, iw_strdup(literal.data));
        }
    }
}

static int
scan_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    size_t len = strlen(path);
    (void)st;
    (void)at;
    if (type != FTW_F || len < 2 || path[len - 2] != '.' ||
        (path[len - 1] != 'c' && path[len - 1] != 'h'))
        return 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    strbuf_auto text;
    strbuf_init(&text, 0);
    char block[8192];
    for (size_t n; (n = fread(block, 1, sizeof(block), f)) > 0;)
        strbuf_add(&text, block, n);
    fclose(f);
    scan_text(text.data);
    return 0;
}

static int
read_source(void **state)
{
    static const char *const folders[] = {"src", "ui", "include"};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(folders); i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", TEST_SOURCE_DIR, folders[i]);
        assert_int_equal(nftw(path, scan_file, OPEN_FOLDERS_MAX, FTW_PHYS), 0);
    }
    return 0;
}

static int
free_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < source.wrapped_texts.len; i++)
        free(source.wrapped_texts.items[i]);
    vec_free(&source.wrapped_texts);
    strmap_free(&source.all);
    strmap_free(&source.wrapped);
    return 0;
}

/* --- conversions of a format --- */

/* The conversions by argument: "s", "zu", "lld", "*" for a width that is an argument. False for a broken or mixed one. */
static bool
format_args(const char *format, char args[FORMAT_ARGS_MAX][8])
{
    unsigned next = 0;
    bool numbered = false, counted = false;
    memset(args, 0, FORMAT_ARGS_MAX * 8);
    for (const char *p = format; (p = strchr(p, '%')) != NULL;) {
        if (*++p == '%') {
            p++;
            continue;
        }
        size_t digits = strspn(p, "0123456789"), at = next;
        bool by_number = digits && p[digits] == '$';
        if (by_number) {
            at = strtoul(p, NULL, 10) - 1;
            p += digits + 1;
        }
        numbered |= by_number;
        counted |= !by_number;
        for (p += strspn(p, "-+ #0"); *p == '*' || *p == '.' || (*p >= '0' && *p <= '9'); p++) {
            if (*p == '*' && (by_number || at >= FORMAT_ARGS_MAX))
                return false;
            if (*p == '*') {
                snprintf(args[at++], 8, "*");
                next++;
            }
        }
        size_t length = strspn(p, "hlzjt");
        if (at >= FORMAT_ARGS_MAX || !p[length] || !strchr("diouxXeEfgGcsp", p[length]))
            return false;
        snprintf(args[at], 8, "%.*s", (int)length + 1, p);
        next++;
        p += length + 1;
    }
    return !(numbered && counted);
}

struct findings {
    const char *language;
    unsigned bad;
};

static void
check_entry(void *ctx, const char *english, const char *translated)
{
    struct findings *f = ctx;
    char wanted[FORMAT_ARGS_MAX][8], has[FORMAT_ARGS_MAX][8];
    const char *why = NULL;
    if (!strmap_get(&source.all, english, &(uint32_t){0}))
        why = "is in no source file any more";
    else if (!utf8_valid(translated, strlen(translated)))
        why = "is not UTF-8";
    else if (format_args(english, wanted) &&
             (!format_args(translated, has) || memcmp(wanted, has, sizeof(wanted)) != 0))
        why = "has other conversions than the English one";
    if (!why)
        return;
    print_error("%s: \"%s\" %s: \"%s\"\n", f->language, english, why, translated);
    f->bad++;
}

/* --- tests --- */

static void
catalogue__fits_the_source(void **state)
{
    (void)state;
    const char *language;
    for (size_t i = 1; (language = tr_language_at(i)) != NULL; i++) {
        struct findings f = {.language = language};
        size_t count = tr_each(language, check_entry, &f);
        assert_true(count > 0);
        tr_set_language(language);
        for (size_t k = 0; k < source.wrapped_texts.len; k++) {
            const char *english = source.wrapped_texts.items[k];
            if (tr(english) == english) {
                print_error("%s: not translated (what stays the same says so): \"%s\"\n", language,
                            english);
                f.bad++;
            }
        }
        tr_set_language("en");
        assert_int_equal(f.bad, 0);
    }
}

static void
format_args__sees_what_differs(void **state)
{
    char a[FORMAT_ARGS_MAX][8], b[FORMAT_ARGS_MAX][8];
    (void)state;
    assert_true(format_args("%s has %d of %zu, 5%%", a));
    assert_true(format_args("5%%: %3$zu 가운데 %2$d, %1$s", b));
    assert_memory_equal(a, b, sizeof(a));
    assert_true(format_args("%d %s", b));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_true(format_args("%-*.*s", a));
    assert_string_equal(a[2], "s");
    assert_false(format_args("%1$s %d", a));
    assert_false(format_args("100%", a));
}

static void
tr__speaks_the_language_chosen(void **state)
{
    (void)state;
    assert_string_equal(tr_language(), "en");
    assert_string_equal(tr("choose a pod first"), "choose a pod first");
    assert_true(tr_set_language("ko_KR.UTF-8"));
    assert_string_equal(tr_language(), "ko");
    const char *korean = tr("choose a pod first");
    assert_string_not_equal(korean, "choose a pod first");
    assert_string_equal(tr("a sentence that nobody wrote"), "a sentence that nobody wrote");
    assert_false(tr_set_language("xx"));
    assert_string_equal(tr_language(), "ko");
    assert_true(tr_set_language("C.UTF-8"));
    assert_string_equal(tr_language(), "en");
    assert_true(utf8_width(korean, strlen(korean)) > 0);
}

static void
tr_environment__the_first_that_is_set_counts(void **state)
{
    (void)state;
    setenv("LC_ALL", "", 1);
    setenv("LC_MESSAGES", "ko_KR", 1);
    setenv("LANG", "en_US", 1);
    assert_string_equal(tr_environment(), "ko_KR");
    setenv("LC_ALL", "C", 1);
    assert_string_equal(tr_environment(), "C");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogue__fits_the_source),
        cmocka_unit_test(format_args__sees_what_differs),
        cmocka_unit_test(tr__speaks_the_language_chosen),
        cmocka_unit_test(tr_environment__the_first_that_is_set_counts),
    };
    return cmocka_run_group_tests(tests, read_source, free_source);
}
