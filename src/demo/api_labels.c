/* api_labels: label selectors, read and refused as the API server does.
 * Ref: apimachinery/pkg/labels/selector.go (Lexer, Parser); validation of keys:
 * apimachinery/pkg/util/validation IsQualifiedName.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api_internal.h"

#define LITERAL_CHARS 256 /* key with its domain: 253 + 1 + 63 are cut in the sentence only */
#define NAME_MOST 63

enum label_token { END, WORD, NOT, OPEN, CLOSE, COMMA, EQUALS, NOT_EQUALS, GREATER, LESS, UNKNOWN };
struct label_parser {
    const char *at;
    enum label_token token;      /* the one that was read last */
    char literal[LITERAL_CHARS]; /* its text */
    struct iw_error *err;
};

static bool
is_special(char c)
{
    return c && strchr("=!(),<>", c) != NULL;
}

/* The longest sign that begins here. */
static enum label_token
scan_sign(struct label_parser *p)
{
    static const struct {
        const char *text;
        enum label_token token;
    } SIGNS[] = {{"==", EQUALS}, {"!=", NOT_EQUALS}, {"=", EQUALS},  {"!", NOT}, {"(", OPEN},
                 {")", CLOSE},   {",", COMMA},       {">", GREATER}, {"<", LESS}};
    for (size_t i = 0; i < IW_COUNTOF(SIGNS); i++) {
        size_t len = strlen(SIGNS[i].text);
        if (strncmp(p->at, SIGNS[i].text, len) != 0)
            continue;
        snprintf(p->literal, sizeof(p->literal), "%s", SIGNS[i].text);
        p->at += len;
        return SIGNS[i].token;
    }
    return UNKNOWN;
}

static enum label_token
scan(struct label_parser *p)
{
    size_t len = 0;
    while (isspace((unsigned char)*p->at))
        p->at++;
    p->literal[0] = '\0';
    if (is_special(*p->at))
        return p->token = scan_sign(p);
    while (p->at[len] && !is_special(p->at[len]) && !isspace((unsigned char)p->at[len]))
        len++;
    snprintf(p->literal, sizeof(p->literal), "%.*s", (int)IW_MIN(len, sizeof(p->literal) - 1),
             p->at);
    p->at += len;
    return p->token = len ? WORD : END;
}

static enum label_token
look(const struct label_parser *p)
{
    struct label_parser ahead = *p;
    return scan(&ahead);
}

/* "unable to parse requirement: found '!', expected: identifier" */
static bool
unexpected(struct label_parser *p, const char *wanted)
{
    (void)iw_fail(p->err, IW_ERR_PARSE, "unable to parse requirement: found '%s', expected: %s",
                  p->literal, wanted);
    return false;
}

/* [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])? */
static bool
is_label_name(const char *text, size_t len)
{
    if (len == 0 || len > NAME_MOST || !isalnum((unsigned char)text[0]) ||
        !isalnum((unsigned char)text[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
            return false;
    return true;
}

static bool
check_text(struct label_parser *p, const char *what, const char *text)
{
    static const char rule[] =
        "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
        "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    bool key = strcmp(what, "key") == 0;
    const char *slash = key ? strrchr(text, '/') : NULL;
    const char *name = slash ? slash + 1 : text;
    if (is_label_name(name, strlen(name)) || (!key && !text[0]))
        return true;
    (void)iw_fail(p->err, IW_ERR_PARSE,
                  "unable to parse requirement: %s: Invalid value: \"%s\": %s must consist of %s",
                  what, text, key ? "name part" : "a valid label must be an empty string or", rule);
    return false;
}

static void
add_value(struct api_term *term, const char *text, bool first)
{
    char *joined = first ? iw_strdup(text) : iw_asprintf("%s,%s", term->values, text);
    free(term->values);
    term->values = joined;
}

/* "(a, b)": nothing between two commas is the empty value. */
static bool
parse_values(struct label_parser *p, struct api_term *term)
{
    bool first = true, word = false;
    if (scan(p) != OPEN)
        return unexpected(p, "'('");
    for (;;) {
        enum label_token token = scan(p);
        if (token == WORD && !word) {
            if (!check_text(p, "values", p->literal))
                return false;
            add_value(term, p->literal, first);
            first = false;
            word = true;
        } else if (token == COMMA || token == CLOSE) {
            if (!word)
                add_value(term, "", first);
            first = word = false;
            if (token == CLOSE)
                return true;
        } else {
            return unexpected(p, word ? "',' or ')'" : "',', or identifier");
        }
    }
}

static bool
parse_exact(struct label_parser *p, struct api_term *term)
{
    enum label_token next = look(p);
    add_value(term, "", true);
    if (next == END || next == COMMA)
        return true;
    if (scan(p) != WORD)
        return unexpected(p, "identifier");
    add_value(term, p->literal, true);
    return check_text(p, "values[0]", p->literal);
}

static bool
parse_operator(struct label_parser *p, struct api_term *term)
{
    enum label_token token = scan(p);
    bool in = token == WORD && strcmp(p->literal, "in") == 0,
         not_in = token == WORD && strcmp(p->literal, "notin") == 0;
    if (in || not_in) {
        term->op = in ? TERM_IN : TERM_NOT_IN;
        return parse_values(p, term);
    }
    if (token != EQUALS && token != NOT_EQUALS && token != GREATER && token != LESS)
        return unexpected(p, "in, notin, =, ==, !=, gt, lt");
    term->op = token == EQUALS       ? TERM_EQUALS
               : token == NOT_EQUALS ? TERM_NOT_EQUALS
               : token == GREATER    ? TERM_GREATER
                                     : TERM_LESS;
    return parse_exact(p, term);
}

static bool
parse_requirement(struct label_parser *p, struct api_term *term)
{
    bool not_there = look(p) == NOT;
    if (not_there)
        scan(p);
    if (scan(p) != WORD)
        return unexpected(p, "identifier");
    if (!check_text(p, "key", p->literal))
        return false;
    term->key = iw_strdup(p->literal);
    term->op = not_there ? TERM_NOT_EXISTS : TERM_EXISTS;
    enum label_token next = look(p);
    return next == END || next == COMMA || not_there ? true : parse_operator(p, term);
}

enum iw_err
api_labels_parse(struct api_selector *out, const char *text, struct iw_error *err)
{
    struct label_parser p = {.at = text ? text : "", .err = err};
    while (look(&p) != END) {
        struct api_term term = {0};
        if (look(&p) != WORD && look(&p) != NOT) {
            scan(&p);
            return iw_fail(err, IW_ERR_PARSE,
                           "found '%s', expected: !, identifier, or 'end of string'", p.literal);
        }
        bool read = parse_requirement(&p, &term);
        if (term.key)
            vec_push(&out->labels, term);
        if (!read)
            return IW_ERR_PARSE;
        if (scan(&p) == END)
            break;
        if (p.token != COMMA)
            return iw_fail(err, IW_ERR_PARSE, "found '%s', expected: ',' or 'end of string'",
                           p.literal);
        if (look(&p) != WORD && look(&p) != NOT) {
            scan(&p);
            return iw_fail(err, IW_ERR_PARSE, "found '%s', expected: identifier after ','",
                           p.literal);
        }
    }
    return IW_OK;
}
