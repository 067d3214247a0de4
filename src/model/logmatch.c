/* logmatch: PCRE2 with its JIT over whole segments.
 *
 * Calling the matcher once a line costs more than matching. A segment is therefore searched as one text in multi-line
 * mode; where a match is found, its line is looked up and the search goes on with the next line. An expression whose
 * meaning depends on where the text ends (look-around, \A, possessive repeats, ...) is run line by line.
 * Ref: pcre2api(3), pcre2jit(3).
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logmatch.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/model/logline.h"
#include "logbuf_internal.h"

enum {
    JIT_STACK_FIRST = 32 << 10,
    JIT_STACK_MAX = 1 << 20,
    /* Steps of backtracking in one call; a hostile line times a careless expression must not hold up the keys. */
    STEPS_MAX = 1000000,
};

struct logmatch {
    char *text;
    bool ignore_case, regex;
    bool by_line; /* the meaning depends on the ends of the text */
    char error[160];
    size_t literal_len; /* > 0: plain text in its own case, found by memmem */
    pcre2_code *code;   /* NULL when literal_len > 0 or the pattern is empty */
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    struct strbuf plain; /* the line that is looked at, without its colours */
    uint64_t gave_up;
};

/* --- reading the pattern --- */

static bool
has_upper(const char *p)
{
    for (; *p; p++) {
        if (*p == '\\' && p[1])
            p++; /* \S and \W are no letters of the text */
        else if (*p >= 'A' && *p <= 'Z')
            return true;
    }
    return false;
}

static bool
is_ascii(const char *p)
{
    while (*p && (unsigned char)*p < 0x80)
        p++;
    return !*p;
}

/* Groups that only group: "(?:", "(?i)", "(?i:", "(?<name>", "(?P<name>". */
static bool
is_plain_group(const char *p)
{
    return p[2] == ':' || strncmp(p + 2, "i)", 2) == 0 || strncmp(p + 2, "i:", 2) == 0 ||
           strncmp(p + 2, "P<", 2) == 0 || (p[2] == '<' && p[3] != '=' && p[3] != '!');
}

/* Does the meaning change when other lines stand before and behind? */
static bool
depends_on_ends(const char *p)
{
    bool in_class = false;
    for (; *p; p++) {
        if (*p == '\\' && p[1]) {
            p++;
            if (strchr("AzZGRKXDWHVNvnrxocQpP0123456789", *p) ||
                (in_class && (*p == 's' || *p == 'S')))
                return true;
        } else if (in_class) {
            in_class = *p != ']';
            if (*p == '[') /* [:punct:] and the like */
                return true;
        } else if (*p == '[') {
            in_class = true;
            p += p[1] == '^';
            p += p[1] == ']';
        } else if (*p == '(' && (p[1] == '*' || (p[1] == '?' && !is_plain_group(p)))) {
            return true;
        } else if (strchr("+*?}", *p) && p[1] == '+') {
            return true;
        }
    }
    return false;
}

/* "[^x]" matches a newline as well: not in a line. */
static char *
without_newlines(const char *p)
{
    struct strbuf out;
    bool in_class = false;
    strbuf_init(&out, 0);
    for (; *p; p++) {
        strbuf_addc(&out, *p);
        if (*p == '\\' && p[1]) {
            strbuf_addc(&out, *++p);
        } else if (in_class) {
            in_class = *p != ']';
        } else if (*p == '[') {
            in_class = true;
            bool inverted = p[1] == '^';
            if (inverted)
                strbuf_addc(&out, *++p);
            if (p[1] == ']')
                strbuf_addc(&out, *++p);
            if (inverted)
                strbuf_adds(&out, "\\n");
        }
    }
    return strbuf_take(&out);
}

/* --- compiling --- */

static bool
compile(struct logmatch *m, const char *pattern, bool literal)
{
    uint32_t options = m->ignore_case ? PCRE2_CASELESS : 0;
    if (literal)
        options |= PCRE2_LITERAL;
    else
        options |= PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
    if (!is_ascii(pattern) || !literal)
        options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
    pcre2_compile_context *how = pcre2_compile_context_create(NULL);
    if (how)
        pcre2_set_newline(how, PCRE2_NEWLINE_LF);
    int code;
    PCRE2_SIZE at;
    m->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &code, &at, how);
    pcre2_compile_context_free(how);
    if (m->code) {
        (void)pcre2_jit_compile(m->code, PCRE2_JIT_COMPLETE);
        return true;
    }
    PCRE2_UCHAR why[128];
    pcre2_get_error_message(code, why, sizeof(why));
    snprintf(m->error, sizeof(m->error), "%s", (const char *)why);
    return false;
}

static void
prepare(struct logmatch *m)
{
    m->match = m->code ? pcre2_match_data_create(1, NULL) : NULL;
    m->context = pcre2_match_context_create(NULL);
    m->stack = pcre2_jit_stack_create(JIT_STACK_FIRST, JIT_STACK_MAX, NULL);
    if (!m->context || (m->code && !m->match))
        iw_fatal("out of memory");
    pcre2_set_match_limit(m->context, STEPS_MAX);
    if (m->stack)
        pcre2_jit_stack_assign(m->context, NULL, m->stack);
}

struct logmatch *
logmatch_new(const char *pattern)
{
    struct logmatch *m = iw_calloc(1, sizeof(*m));
    m->text = iw_strdup(pattern);
    strbuf_init(&m->plain, 0);
    m->regex = strpbrk(pattern, "\\^$.[]|()?*+{}") != NULL;
    m->ignore_case = !has_upper(pattern);
    if (m->regex) {
        iw_autofree char *inside = without_newlines(pattern);
        m->by_line = depends_on_ends(pattern);
        m->regex = compile(m, m->by_line ? pattern : inside, false);
    }
    if (!m->regex) {
        m->by_line = false;
        if (!m->ignore_case)
            m->literal_len = strlen(pattern);
        else if (pattern[0])
            (void)compile(m, pattern, true);
    }
    prepare(m);
    return m;
}

void
logmatch_free(struct logmatch *m)
{
    if (!m)
        return;
    pcre2_match_data_free(m->match);
    pcre2_code_free(m->code);
    pcre2_jit_stack_free(m->stack);
    pcre2_match_context_free(m->context);
    strbuf_free(&m->plain);
    free(m->text);
    free(m);
}

const char *
logmatch_text(const struct logmatch *m)
{
    return m->text;
}

bool
logmatch_ignores_case(const struct logmatch *m)
{
    return m->ignore_case;
}

bool
logmatch_is_regex(const struct logmatch *m)
{
    return m->regex;
}

const char *
logmatch_error(const struct logmatch *m)
{
    return m->error;
}

uint64_t
logmatch_gave_up(const struct logmatch *m)
{
    return m->gave_up;
}

/* --- matching --- */

enum found { FOUND_NOTHING, FOUND_MATCH, FOUND_TOO_LONG };

static enum found
find_in(struct logmatch *m, const char *text, size_t len, size_t from, size_t *start, size_t *end)
{
    if (m->literal_len > 0) {
        const char *hit = memmem(text + from, len - from, m->text, m->literal_len);
        if (!hit)
            return FOUND_NOTHING;
        *start = (size_t)(hit - text);
        *end = *start + m->literal_len;
        return FOUND_MATCH;
    }
    if (!m->code)
        return FOUND_NOTHING;
    int rc = pcre2_match(m->code, (PCRE2_SPTR)text, len, from, 0, m->match, m->context);
    if (rc < 0)
        return rc == PCRE2_ERROR_NOMATCH ? FOUND_NOTHING : FOUND_TOO_LONG;
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->match);
    *start = at[0];
    *end = IW_MAX(at[1], at[0]);
    return FOUND_MATCH;
}

bool
logmatch_find(struct logmatch *m, const char *text, size_t len, size_t from, size_t *start,
              size_t *end)
{
    return from <= len && find_in(m, text, len, from, start, end) == FOUND_MATCH;
}

/* Is the pattern in line i of the segment? */
static bool
line_has(struct logmatch *m, const struct log_segment *s, uint32_t i)
{
    const struct line_record *r = &s->lines[i];
    const char *text = s->bytes + r->offset;
    size_t len = segment_line_len(s, i), start, end;
    if (r->mark)
        return false;
    if (r->escaped) {
        strbuf_clear(&m->plain);
        logline_plain(&m->plain, text, len);
        text = m->plain.data;
        len = m->plain.len;
    }
    enum found found = find_in(m, text, len, 0, &start, &end);
    m->gave_up += found == FOUND_TOO_LONG;
    return found == FOUND_MATCH;
}

static void
scan_lines(struct logmatch *m, const struct log_segment *s, uint32_t from, uint32_t to,
           struct linebits *bits)
{
    for (uint32_t i = from; i < to; i++)
        if (line_has(m, s, i))
            linebits_set(bits, s->first_line + i, true);
}

/* Lines from..to-1 as one text. */
static void
scan_block(struct logmatch *m, const struct log_segment *s, uint32_t from, uint32_t to,
           struct linebits *bits)
{
    size_t stop = to < s->count ? s->lines[to].offset : s->used;
    for (uint32_t i = from; i < to; i++) {
        size_t start, end;
        /* The last newline is left out: behind it there is no further line that an empty match could be on. */
        enum found found = find_in(m, s->bytes, stop - 1, s->lines[i].offset, &start, &end);
        if (found == FOUND_NOTHING)
            return;
        if (found == FOUND_TOO_LONG) {
            scan_lines(m, s, i, to, bits);
            return;
        }
        i = segment_line_at(s, start, i);
        bool inside = end <= s->lines[i].offset + segment_line_len(s, i);
        if (inside || line_has(m, s, i))
            linebits_set(bits, s->first_line + i, true);
    }
}

/* How many lines from `from` on are about budget_bytes, at least one. */
static uint32_t
lines_within(const struct log_segment *s, uint32_t from, size_t budget_bytes)
{
    size_t stop = s->lines[from].offset + budget_bytes;
    return stop >= s->used ? s->count : segment_line_at(s, stop, from) + 1;
}

size_t
logmatch_scan(struct logmatch *m, const struct logbuf *b, struct linebits *bits,
              size_t budget_bytes)
{
    size_t read = 0;
    linebits_drop_before(bits, logbuf_dropped(b));
    while (read < budget_bytes) {
        const struct log_segment *s = logbuf_segment(b, bits->end);
        if (!s)
            break;
        uint32_t from = (uint32_t)(bits->end - s->first_line);
        uint32_t to = lines_within(s, from, budget_bytes - read);
        linebits_extend(bits, to - from);
        if (m->by_line || s->special)
            scan_lines(m, s, from, to, bits);
        else
            scan_block(m, s, from, to, bits);
        read += (to < s->count ? s->lines[to].offset : s->used) - s->lines[from].offset;
        if (to == s->count)
            logbuf_segment_done(b, s);
    }
    return read;
}
