/* Property: whatever bytes a program writes, the engine of the log view stays in bounds: levels, fields, traces, plain
 * text, normalising, storing, filtering, searching. Input: one byte that chooses a pattern, then lines.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/model/logfields.h"
#include "initwatch/model/loglens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
    if (!holds)
        abort();
}

static void
check_line(const char *text, size_t len, struct trace_state *trace)
{
    struct logfield fields[LOGFIELDS_MAX];
    struct strbuf out;
    double number;
    strbuf_init(&out, 0);
    check(logline_level(text, len) < LINE_LEVEL_COUNT);
    (void)logline_continues(trace, text, len);
    size_t n = logfields_parse(text, len, fields, LOGFIELDS_MAX);
    check(n <= LOGFIELDS_MAX);
    for (size_t i = 0; i < n; i++) {
        check(fields[i].key >= text && fields[i].key + fields[i].key_len <= text + len);
        check(fields[i].value >= text && fields[i].value + fields[i].value_len <= text + len);
        logfield_value(&out, &fields[i]);
        (void)logfield_number(&fields[i], &number);
    }
    strbuf_clear(&out);
    logline_plain(&out, text, len);
    check(out.len <= len);
    strbuf_clear(&out);
    logline_normalise(&out, text, len);
    strbuf_free(&out);
}

/* Each line is found again as it was put in, and every line has its bit. */
static void
check_lens(struct logbuf *b, const char *pattern)
{
    struct loglens *l = loglens_new();
    loglens_search(l, pattern);
    loglens_filter_add(l, LOGFILTER_DROP, "level=debug");
    loglens_filter_add(l, LOGFILTER_KEEP, pattern);
    loglens_attach(l, b, 1);
    while (loglens_work(l, 0))
        ;
    uint64_t end = logbuf_dropped(b) + logbuf_count(b);
    check(loglens_shown(l)->end == end && loglens_found(l)->end == end);
    for (uint64_t line = linebits_next(loglens_found(l), 0); line != LINE_NONE;
         line = linebits_next(loglens_found(l), line + 1))
        check(linebits_get(loglens_shown(l), line));
    loglens_free(l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const patterns[] = {"a",      "E", "a.*b", "^$",    "[^x]+y", "(?i)err|warn",
                                           "\\d+ms", "ü", "(",    "x(?=y)"};
    if (size < 2)
        return 0;
    struct logbuf *b = logbuf_new(1);
    struct trace_state trace = {TRACE_NONE};
    const char *text = (const char *)data + 1, *end = (const char *)data + size;
    for (uint64_t n = 0; text < end; n++) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t len = (size_t)((newline ? newline : end) - text);
        check_line(text, len, &trace);
        logbuf_append(b, (uint16_t)(data[0] & 3), text, len, data[0] & 4, false);
        struct logbuf_line line = logbuf_line(b, logbuf_count(b) - 1);
        check(line.len <= len && memcmp(line.text, text + len - line.len, line.len) == 0);
        text += len + 1;
    }
    check_lens(b, patterns[(data[0] >> 4) % IW_COUNTOF(patterns)]);
    logbuf_free(b);
    return 0;
}
