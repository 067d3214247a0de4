/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/model/logcri.h"
#include "initwatch/model/logstamp.h"

/* One line of a file; what it makes is in *line. */
static enum logcri_kind
take(struct logcri *c, const char *text, struct logbuf_line *line, size_t *stamp_len)
{
    struct logstamp stamp = {0};
    *line = (struct logbuf_line){0};
    *stamp_len = logstamp_take(&stamp, text, strlen(text), &line->wall_ms, &line->sub_ns);
    line->text = text + *stamp_len;
    line->len = (uint32_t)(strlen(text) - *stamp_len);
    return logcri_take(c, line, stamp_len);
}

static bool
text_is(const struct logbuf_line *line, const char *text)
{
    return line->len == strlen(text) && memcmp(line->text, text, line->len) == 0;
}

static void
logcri_take__takes_the_tags_off(void **state)
{
    static const struct {
        const char *text, *want; /* NULL: no line of a runtime */
    } cases[] = {
        {"2026-06-15T12:00:01Z stdout F hello", "hello"},
        {"2026-06-15T12:00:01.5Z stderr F  two blanks", " two blanks"},
        {"2026-06-15T12:00:01Z stdout F:tag:more hello", "hello"},
        {"2026-06-15T12:00:01Z stdout F ", ""},
        {"2026-06-15T12:00:01Z stdout F", ""},
        {"2026-06-15T12:00:01Z stdout G x", NULL},
        {"2026-06-15T12:00:01Z stdout Fine", NULL},
        {"2026-06-15T12:00:01Z stdout ", NULL},
        {"2026-06-15T12:00:01Z stdou", NULL},
        {"2026-06-15T12:00:01Z a program's own", NULL},
    };
    (void)state;
    struct logcri c;
    struct logbuf_line line;
    size_t stamp_len;
    logcri_init(&c);
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        enum logcri_kind kind = take(&c, cases[i].text, &line, &stamp_len);
        assert_int_equal(kind, cases[i].want ? LOGCRI_LINE : LOGCRI_NONE);
        if (!cases[i].want)
            continue;
        assert_true(text_is(&line, cases[i].want));
        assert_memory_equal(line.text - stamp_len, cases[i].text, stamp_len);
    }
    logcri_free(&c);
}

static void
logcri_take__joins_the_parts_of_each_stream(void **state)
{
    (void)state;
    struct logcri c;
    struct logbuf_line line;
    size_t stamp_len;
    logcri_init(&c);
    assert_int_equal(take(&c, "2026-06-15T12:00:01Z stdout P one ", &line, &stamp_len),
                     LOGCRI_PART);
    assert_int_equal(take(&c, "2026-06-15T12:00:02Z stderr P else ", &line, &stamp_len),
                     LOGCRI_PART);
    assert_int_equal(take(&c, "2026-06-15T12:00:03Z stdout P two ", &line, &stamp_len),
                     LOGCRI_PART);
    assert_int_equal(take(&c, "2026-06-15T12:00:04Z stdout F three", &line, &stamp_len),
                     LOGCRI_LINE);
    assert_true(text_is(&line, "one two three"));
    assert_int_equal(line.wall_ms % 60000, 1000);
    assert_memory_equal(line.text - stamp_len, "2026-06-15T12:00:01Z ", stamp_len);
    /* What broke off is there at the end, once. */
    assert_true(logcri_rest(&c, &line, &stamp_len));
    assert_true(text_is(&line, "else "));
    assert_int_equal(line.wall_ms % 60000, 2000);
    assert_false(logcri_rest(&c, &line, &stamp_len));
    (void)take(&c, "2026-06-15T12:00:05Z stdout P of a file that was cut", &line, &stamp_len);
    logcri_clear(&c);
    assert_int_equal(take(&c, "2026-06-15T12:00:06Z stdout F new", &line, &stamp_len), LOGCRI_LINE);
    assert_true(text_is(&line, "new"));
    logcri_free(&c);
}

static void
logcri_take__cuts_a_line_at_the_ceiling(void **state)
{
    (void)state;
    struct logcri c;
    struct logbuf_line line;
    size_t stamp_len;
    char part[16 << 10];
    logcri_init(&c);
    int head = snprintf(part, sizeof(part), "2026-06-15T12:00:01Z stdout P ");
    memset(part + head, 'x', sizeof(part) - (size_t)head - 1);
    part[sizeof(part) - 1] = 0;
    for (int i = 0; i < 10; i++)
        assert_int_equal(take(&c, part, &line, &stamp_len), LOGCRI_PART);
    part[head - 2] = 'F';
    assert_int_equal(take(&c, part, &line, &stamp_len), LOGCRI_LINE);
    assert_int_equal(line.len, LIMIT_LOG_LINE_BYTES);
    assert_true(line.cut);
    assert_int_equal(take(&c, "2026-06-15T12:00:02Z stdout F short", &line, &stamp_len),
                     LOGCRI_LINE);
    assert_false(line.cut);
    logcri_free(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logcri_take__takes_the_tags_off),
        cmocka_unit_test(logcri_take__joins_the_parts_of_each_stream),
        cmocka_unit_test(logcri_take__cuts_a_line_at_the_ceiling),
    };
    return cmocka_run_group_tests_name("logcri", tests, NULL, NULL);
}
