/* logs_detail: one line in full: its exact time, where it is from, its fields, and how a number in it moved.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "logs.h"

enum { SAMPLES_MAX = 512, LOOK_LINES = 5000, SPARK_COLS = 8, KEY_COLS = 12 };
enum {
    FORWARD_LINES = 2000, /* behind a line, where its copy is looked for */
    FORWARD_SAMPLES = 5,
    FORWARD_BYTES = 6 /* shorter lines are in many others by chance */
};

/* The values of one field in the lines before and at `number`, newest first. */
static size_t
samples_of(const struct logs_state *st, const struct log_feed *feed, uint64_t number,
           const struct logfield *field, double *out)
{
    struct logfield fields[LOGFIELDS_MAX];
    size_t n = 0;
    uint64_t line = number;
    for (int i = 0; i < LOOK_LINES && n < SAMPLES_MAX && line != LINE_NONE; i++) {
        struct logbuf_line raw = logs_line(feed, line);
        bool maybe =
            raw.kind == LOGBUF_TEXT && memmem(raw.text, raw.len, field->key, field->key_len);
        size_t count = maybe ? logfields_parse(raw.text, raw.len, fields, LOGFIELDS_MAX) : 0;
        const struct logfield *f = logfield_find(fields, count, field->key, field->key_len);
        if (f && logfield_number(f, &out[n]))
            n++;
        line = logs_prev(st, line);
    }
    return n;
}

static int
compare_numbers(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The unit this line writes, and how much one of it is in the numbers that are compared. */
static double
unit_of(const struct logfield *field, char unit[8])
{
    char text[48], *end;
    double number = 1;
    snprintf(text, sizeof(text), "%.*s", (int)IW_MIN(field->value_len, 40u), field->value);
    const double written = strtod(text, &end);
    snprintf(unit, 8, "%.7s", end);
    (void)logfield_number(field, &number);
    return unit[0] && written != 0 && number != 0 ? number / written : 1;
}

/* "▂▁▁▂▁▇▁▁  (8 lines with it, median 22ms, most 812ms)", oldest at the left */
static void
spark(struct doc *d, const struct logs_state *st, const struct log_feed *feed, uint64_t number,
      const struct logfield *field)
{
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇"};
    double values[SAMPLES_MAX];
    size_t n = samples_of(st, feed, number, field, values), shown = IW_MIN(n, (size_t)SPARK_COLS);
    if (n < 3)
        return;
    double low = values[0], high = values[0];
    for (size_t i = 0; i < shown; i++) {
        low = IW_MIN(low, values[i]);
        high = IW_MAX(high, values[i]);
    }
    doc_put(d, ROLE_TEXT, "   ");
    for (size_t i = shown; i-- > 0;)
        doc_put(d, ROLE_BAR, "%s",
                bars[high > low ? (size_t)((values[i] - low) / (high - low) * 6.0) : 0]);
    qsort(values, n, sizeof(values[0]), compare_numbers);
    char unit[8];
    const double one = unit_of(field, unit);
    doc_put(d, ROLE_DIM,
            tr_n("  (%zu line with it, median %.4g%s, most %.4g%s)",
                 "  (%zu lines with it, median %.4g%s, most %.4g%s)", n),
            n, values[n / 2] / one, unit, values[n - 1] / one, unit);
}

/* "2025-11-15T10:53:41.733182411Z   container application (a1)   attempt 1   node worker2" */
static void
origin_line(struct doc *d, const struct view_env *env, const struct log_feed *feed,
            const struct logbuf_line *line)
{
    char stamp[40];
    doc_line(d);
    doc_put(d, ROLE_TEXT, " ");
    if (line->wall_ms != IW_TIME_NONE) {
        rfc3339_format(line->wall_ms, true, stamp);
        stamp[strlen(stamp) - 1] = 0; /* the Z comes behind the nanoseconds */
        doc_put(d, ROLE_TITLE, "%s%06uZ", stamp, (unsigned)line->sub_ns);
    } else {
        doc_put(d, ROLE_DIM, "%s", tr("no time"));
    }
    if (line->source < feed->source_count) {
        const struct log_feed_source *src = &feed->sources[line->source];
        doc_put(d, ROLE_DIM, "   %s ", feed->files ? tr("file") : tr("container"));
        doc_put(d, ROLE_TEXT, "%s (%s)", src->container, src->tag);
        if (feed->pod_count > 1)
            doc_put(d, ROLE_TEXT, "   %s", src->pod_name);
    }
    const struct logbuf_chapter *c = logbuf_chapter_find(feed->buf, line->chapter);
    if (c && c->attempt >= 0) {
        doc_put(d, ROLE_DIM, "   %s ", tr("attempt"));
        doc_put(d, ROLE_TEXT, "%d", IW_MIN(c->attempt, INT32_MAX - 1) + 1);
    }
    const struct pod *pod = podpane_pod(env);
    if (pod && pod->node[0]) {
        doc_put(d, ROLE_DIM, "   %s ", tr("node"));
        doc_put(d, ROLE_TEXT, "%s", pod->node);
    }
}

static void
field_lines(struct doc *d, const struct logs_state *st, const struct log_feed *feed,
            uint64_t number, const struct logfield *fields, size_t n, int rows)
{
    for (size_t i = 0; i < n && (int)d->lines < rows; i++) {
        strbuf_auto value;
        char key[64];
        double unused;
        strbuf_init(&value, 0);
        logfield_value(&value, &fields[i]);
        snprintf(key, sizeof(key), "%.*s", (int)IW_MIN(fields[i].key_len, 60u), fields[i].key);
        doc_line(d);
        doc_put(d, ROLE_TEXT, " ");
        doc_field(d, KEY_COLS, false, ROLE_DIM, key);
        doc_put(d, ROLE_TEXT, " ");
        doc_text(d, ROLE_TEXT, value.data, value.len);
        if (logfield_number(&fields[i], &unused) && !d->full)
            spark(d, st, feed, number, &fields[i]);
    }
}

/* "+13.7s after the start of attempt 1   +0.3s after the line before   level error   214 bytes" */
static void
distances_line(struct doc *d, const struct logs_state *st, const struct log_feed *feed,
               const struct logbuf_line *line, uint64_t number)
{
    struct logs_state as_step = *st, as_start = *st;
    char step[32], start[32];
    as_step.time = LOGS_TIME_STEP;
    as_start.time = LOGS_TIME_START;
    logs_time_text(&as_step, feed, line, number, 12, step);
    logs_time_text(&as_start, feed, line, number, 12, start);
    doc_line(d);
    if (line->wall_ms != IW_TIME_NONE && start[0])
        doc_put(d, ROLE_TEXT, tr(" %s from the start"), start);
    if (line->wall_ms != IW_TIME_NONE && step[0])
        doc_put(d, ROLE_TEXT, tr("   %s from the line before"), step);
    doc_put(d, ROLE_DIM, tr("   level %s"), tr(line_level_name(loglens_level(st->lens, number))));
    doc_put(d, ROLE_DIM, tr_n("   %u byte", "   %u bytes", line->len), (unsigned)line->len);
}

/* --- forwarding --- */

enum forwarding { FORWARDS_NOTHING, FORWARDED_NOT, FORWARDED_NOT_YET, FORWARDED };

/* Does a line of this source behind line `number` hold its text? *later: there is any line of the source behind it. */
static uint64_t
repeated_by(const struct log_feed *feed, uint64_t number, uint16_t source, bool *later)
{
    const struct logbuf_line line = logs_line(feed, number);
    const uint64_t end = logs_first(feed) + logbuf_count(feed->buf);
    *later = false;
    for (uint64_t at = number + 1; at < end && at <= number + FORWARD_LINES; at++) {
        const struct logbuf_line other = logs_line(feed, at);
        if (other.kind != LOGBUF_TEXT || other.source != source)
            continue;
        *later = true;
        if (other.len >= line.len && memmem(other.text, other.len, line.text, line.len))
            return at;
    }
    return LINE_NONE;
}

/* A sidecar forwards what a container says when it repeated one of the lines before. */
static bool
forwards(const struct log_feed *feed, uint64_t number, uint16_t source)
{
    const uint16_t from = logs_line(feed, number).source;
    bool unused;
    int looked = 0;
    for (uint64_t at = number; at > logs_first(feed) && looked < FORWARD_SAMPLES; at--) {
        const struct logbuf_line line = logs_line(feed, at - 1);
        if (line.kind != LOGBUF_TEXT || line.source != from || line.len < FORWARD_BYTES)
            continue;
        looked++;
        if (repeated_by(feed, at - 1, source, &unused) != LINE_NONE)
            return true;
    }
    return false;
}

static enum forwarding
forwarding_of(const struct log_feed *feed, uint64_t number, uint16_t source, uint64_t *at)
{
    bool later;
    *at = repeated_by(feed, number, source, &later);
    if (*at != LINE_NONE)
        return FORWARDED;
    if (!forwards(feed, number, source))
        return FORWARDS_NOTHING;
    return later ? FORWARDED_NOT : FORWARDED_NOT_YET;
}

/* "s1 log-router forwarded this line: no ⚠" */
static void
forwarding_lines(struct doc *d, const struct log_feed *feed, const struct logbuf_line *line,
                 uint64_t number)
{
    const struct log_feed_source *own =
        line->source < feed->source_count ? &feed->sources[line->source] : NULL;
    if (!own || feed->pod_count != 1 || own->kind == CONTAINER_SIDECAR || line->len < FORWARD_BYTES)
        return;
    for (unsigned i = 0; i < feed->source_count; i++) {
        const struct log_feed_source *src = &feed->sources[i];
        uint64_t at;
        if (src->kind != CONTAINER_SIDECAR)
            continue;
        enum forwarding how = forwarding_of(feed, number, (uint16_t)i, &at);
        if (how == FORWARDS_NOTHING)
            continue;
        doc_line(d);
        doc_put(d, ROLE_DIM, tr(" %s %s forwarded this line: "), src->tag, src->container);
        if (how == FORWARDED_NOT)
            doc_put(d, ROLE_WARN, "%s", tr("no ⚠"));
        else if (how == FORWARDED_NOT_YET)
            doc_put(d, ROLE_WAITING, "%s", tr("not yet"));
        else
            doc_put(d, ROLE_OK, tr("yes, %lld ms later"),
                    (long long)(logs_line(feed, at).wall_ms - line->wall_ms));
    }
}

void
logs_draw_detail(const struct logs_state *st, const struct view_env *env, struct surface *s,
                 struct rect area)
{
    const struct log_feed *feed = logs_feed_of(env);
    uint64_t number = logs_chosen(st, feed);
    surface_rule(s, area, area.y, ROLE_RULE, tr("line details"), ROLE_TITLE);
    struct rect body = {area.x, area.y + 1, area.w, area.h - 1};
    if (number == LINE_NONE || body.h < 1)
        return;
    struct logbuf_line line = logs_line(feed, number);
    struct logfield fields[LOGFIELDS_MAX];
    size_t n = logfields_parse(line.text, line.len, fields, LOGFIELDS_MAX);
    doc_auto d;
    doc_init(&d, body.w);
    origin_line(&d, env, feed, &line);
    distances_line(&d, st, feed, &line, number);
    forwarding_lines(&d, feed, &line, number);
    const int above = (int)d.lines;
    field_lines(&d, st, feed, number, fields, n, body.h);
    doc_draw(&d, s, body, 0);
    if (n > 0 || body.h <= above)
        return;
    /* The whole line, as far as there is room. */
    struct logs_state raw = *st;
    raw.columns = false;
    raw.wrap = true; /* nothing of it is left out */
    logs_text_auto t;
    logs_text_of(&t, &raw, &line);
    struct rect row = {body.x + 1, body.y + above, body.w - 2, 1};
    for (size_t from = 0; from < t.len && row.y < body.y + body.h; row.y++) {
        size_t take = logs_text_take(&t, from, row.w);
        int indent = from > 0 ? logs_text_indent(&t, row.w) : 0;
        struct rect at = {row.x + indent, row.y, row.w - indent, 1};
        logs_text_draw(&t, from, from + take, s, at, 0, ROLE_TEXT);
        from += take;
    }
}
