/* podtail: the end of a container's log in panes of a pod.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/podpane.h"
#include "initwatch/ui/widget.h"

char *
podpane_plain(const char *text, size_t len, size_t *out_len)
{
    char *plain = iw_malloc(len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len;) {
        if (text[i] == '\x1b' && i + 1 < len && text[i + 1] == '[') {
            size_t j = i + 2;
            while (j < len &&
                   ((text[j] >= '0' && text[j] <= '9') || text[j] == ';' || text[j] == ':'))
                j++;
            if (j < len && text[j] == 'm') { /* SGR: colour, which we do not take over */
                i = j + 1;
                continue;
            }
        }
        plain[n++] = text[i++];
    }
    if (n > 0 && plain[n - 1] == '\r') /* written on Windows, or by a progress bar */
        n--;
    plain[n] = '\0';
    *out_len = n;
    return plain;
}

/* The log that is known of c: kept up to date for the container under the cursor. NULL: none. */
static const struct log_feed *
tail_feed(const struct view_env *env, struct pod_ref pod, const struct container *c)
{
    const struct log_feed *feed = env->logs;
    bool same = feed && feed->buf && pod_ref_equal(feed->pod, pod) && !feed->merged &&
                !feed->previous && feed->source_count > 0 &&
                strcmp(feed->sources[0].container, c->name) == 0;
    return same ? feed : NULL;
}

static bool
same_text(const struct logbuf_line *a, const struct logbuf_line *b)
{
    return a->kind == b->kind && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* One line that came `times` times in a row, from `first` to `last`. */
struct run {
    size_t first, last, times;
    bool open;      /* the looking ended before the run did */
    char every[16]; /* "" when not known */
    int64_t every_ms;
};

#define RUN_LOOK 4096 /* lines looked back at in each frame */

/* The run that ends with the line `last`. */
static struct run
run_before(const struct logbuf *buf, size_t last)
{
    struct logbuf_line newest = logbuf_line(buf, last), line = newest;
    struct run run = {.first = last, .last = last, .times = 1, .every_ms = -1};
    while (run.first > 0 && run.times < RUN_LOOK) {
        struct logbuf_line before = logbuf_line(buf, run.first - 1);
        if (!same_text(&before, &newest))
            break;
        line = before;
        run.first--;
        run.times++;
    }
    run.open = run.first == 0 || run.times == RUN_LOOK;
    if (run.times > 1 && line.wall_ms != IW_TIME_NONE && newest.wall_ms != IW_TIME_NONE) {
        run.every_ms = (newest.wall_ms - line.wall_ms) / (int64_t)(run.times - 1);
        duration_cells(run.every_ms, run.every);
    }
    return run;
}

/* "(×124, every 2s)": how often the last line came in a row. */
static void
repeats_text(const struct logbuf *buf, char *out, size_t out_size)
{
    struct run run = run_before(buf, logbuf_count(buf) - 1);
    out[0] = 0;
    if (run.times < 3 || run.every_ms < 0)
        return;
    snprintf(out, out_size, run.every_ms >= 1000 ? tr("(×%zu%s, every %s)") : "(×%zu%s)", run.times,
             run.open ? "+" : "", run.every);
}

bool
podpane_log_last(struct doc *d, const struct view_env *env, struct pod_ref pod,
                 const struct container *c)
{
    const struct log_feed *feed = c ? tail_feed(env, pod, c) : NULL;
    size_t count = feed ? logbuf_count(feed->buf) : 0;
    if (count == 0)
        return false;
    struct logbuf_line line = logbuf_line(feed->buf, count - 1);
    char clock[16] = "", times[64];
    size_t len = 0;
    iw_autofree char *plain = podpane_plain(line.text, line.len, &len);
    if (line.wall_ms != IW_TIME_NONE)
        clock_hms(line.wall_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    repeats_text(feed->buf, times, sizeof(times));
    int room = d->width - utf8_width(times, strlen(times)) - (times[0] ? 2 : 0);
    doc_line(d);
    doc_put(d, ROLE_KEY, " log");
    doc_put(d, ROLE_DIM, " %s ", clock);
    size_t fits = utf8_fit(plain, len, IW_MAX(room - d->x, 0), NULL);
    if (fits < len && room - d->x > 1) {
        fits = utf8_fit(plain, len, room - d->x - 1, NULL);
        doc_text(d, ROLE_TEXT, plain, fits);
        doc_put(d, ROLE_DIM, "…");
    } else {
        doc_text(d, ROLE_TEXT, plain, fits);
    }
    if (times[0])
        doc_right(d, ROLE_DIM, "%s ", times);
    return true;
}

static void
begin_tail_row(struct doc *d, bool as_fact, bool first)
{
    if (as_fact) {
        podpane_fact(d, first ? tr("log") : "");
        return;
    }
    doc_line(d);
    doc_put(d, ROLE_DIM, " ");
}

/* Why there is no line of the newest attempt, "" when that is not known. */
static const char *
missing_text(const struct logbuf *buf)
{
    size_t chapters = logbuf_chapter_count(buf);
    return chapters ? logbuf_chapter_at(buf, chapters - 1)->missing : "";
}

#define TAIL_MOST 100 /* rows: more than a pane has */
#define TAIL_WRAP 6   /* lines of one that is long */
#define FOLD_FROM 4   /* a run this long is its first line, how often, its last line */

/* A row of the tail: a line of the log, or how often the one above it came between it and the one below. */
struct tail_row {
    size_t line;
    struct run fold; /* times 0: none */
};

/* The last `most` rows, newest last: where they begin in `rows`. */
static int
tail_rows(const struct logbuf *buf, struct tail_row *rows, int most)
{
    int at = most;
    for (size_t left = logbuf_count(buf); left > 0 && at > 0;) {
        struct run run = run_before(buf, left - 1);
        bool folds = run.times >= FOLD_FROM;
        rows[--at] = (struct tail_row){.line = run.last};
        if (folds && at > 0)
            rows[--at] = (struct tail_row){.line = run.last, .fold = run};
        left = folds ? run.first + 1 : left - 1;
        if (folds && at > 0) {
            rows[--at] = (struct tail_row){.line = run.first};
            left = run.first;
        }
    }
    return at;
}

static void
put_fold(struct doc *d, const struct run *fold)
{
    size_t between = fold->times - 2;
    doc_put(d, ROLE_DIM,
            fold->every_ms >= 1000 ? tr("┄┄ the same ×%zu%s, every %s ┄┄")
                                   : tr("┄┄ the same ×%zu%s ┄┄"),
            between, fold->open ? "+" : "", fold->every);
}

static void
put_tail_row(struct doc *d, const struct view_env *env, const struct logbuf *buf,
             const struct tail_row *row, int lines)
{
    struct logbuf_line line = logbuf_line(buf, row->line);
    char clock[16] = "";
    size_t len = 0;
    if (line.wall_ms != IW_TIME_NONE && !row->fold.times)
        clock_hms(line.wall_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
    doc_put(d, ROLE_DIM, "%-8s ", clock);
    if (row->fold.times) {
        put_fold(d, &row->fold);
        return;
    }
    iw_autofree char *plain = podpane_plain(line.text, line.len, &len);
    enum role role = line.kind == LOGBUF_MARK ? ROLE_MARK : ROLE_TEXT;
    if (lines > 1 && strlen(plain) == len)
        doc_wrap(d, role, d->x, lines, plain);
    else
        doc_text(d, role, plain, len);
}

int
podpane_log_tail(struct doc *d, const struct view_env *env, const struct container *c, int lines,
                 bool as_fact)
{
    const struct log_feed *feed = tail_feed(env, env->pod, c);
    if (!feed)
        return 0;
    const int most = IW_MIN(IW_MAX(lines, 0), TAIL_MOST);
    struct tail_row rows[TAIL_MOST];
    const int from = tail_rows(feed->buf, rows, most);
    const size_t before = d->lines;
    int want[TAIL_MOST], spare = from;
    /* Long lines are whole, the newest first, as far as nothing is pushed out. */
    for (int i = most; i-- > from;) {
        doc_auto one;
        doc_init(&one, d->width);
        begin_tail_row(&one, as_fact, i == from);
        put_tail_row(&one, env, feed->buf, &rows[i], TAIL_WRAP);
        want[i] = 1 + IW_MIN((int)one.lines - 1, spare);
        spare -= want[i] - 1;
    }
    for (int i = from; i < most; i++) {
        begin_tail_row(d, as_fact, i == from);
        put_tail_row(d, env, feed->buf, &rows[i], want[i]);
    }
    if (from < most || lines <= 0 || !missing_text(feed->buf)[0])
        return (int)(d->lines - before);
    if (as_fact)
        podpane_fact(d, tr("log"));
    else
        doc_line(d);
    doc_put(d, ROLE_DIM, as_fact ? "%s" : " %s", missing_text(feed->buf));
    return 1;
}
