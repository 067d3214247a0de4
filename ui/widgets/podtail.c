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

/* "(×124, every 2s)": how often the last line came in a row. */
static void
repeats_text(const struct logbuf *buf, char *out, size_t out_size)
{
    size_t count = logbuf_count(buf), first = count - 1;
    struct logbuf_line last = logbuf_line(buf, first), line = last;
    while (first > 0) {
        struct logbuf_line before = logbuf_line(buf, first - 1);
        if (!same_text(&before, &last))
            break;
        line = before;
        first--;
    }
    size_t times = count - first;
    char every[16];
    out[0] = 0;
    if (times < 3 || line.wall_ms == IW_TIME_NONE || last.wall_ms == IW_TIME_NONE)
        return;
    int64_t mean_ms = (last.wall_ms - line.wall_ms) / (int64_t)(times - 1);
    duration_cells(mean_ms, every);
    snprintf(out, out_size, mean_ms >= 1000 ? tr("(×%zu%s, every %s)") : "(×%zu%s)", times,
             first == 0 ? "+" : "", every);
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

/* Why there is no line of the newest attempt, "" when that is not known. */
static const char *
missing_text(const struct logbuf *buf)
{
    size_t chapters = logbuf_chapter_count(buf);
    return chapters ? logbuf_chapter_at(buf, chapters - 1)->missing : "";
}

int
podpane_log_tail(struct doc *d, const struct view_env *env, const struct container *c, int lines,
                 bool as_fact)
{
    const struct log_feed *feed = tail_feed(env, env->pod, c);
    if (!feed)
        return 0;
    size_t count = logbuf_count(feed->buf), shown = IW_MIN(count, (size_t)IW_MAX(lines, 0));
    for (size_t i = count - shown; i < count; i++) {
        struct logbuf_line line = logbuf_line(feed->buf, i);
        char clock[16] = "";
        size_t len = 0;
        iw_autofree char *plain = podpane_plain(line.text, line.len, &len);
        if (as_fact)
            podpane_fact(d, i == count - shown ? tr("log") : "");
        else
            doc_line(d);
        if (line.wall_ms != IW_TIME_NONE)
            clock_hms(line.wall_ms, env->prefs->time_mode != TIME_MODE_UTC, clock);
        doc_put(d, ROLE_DIM, as_fact ? "%-8s " : " %-8s ", clock);
        doc_text(d, line.kind == LOGBUF_MARK ? ROLE_MARK : ROLE_TEXT, plain, len);
    }
    if (count > 0 || lines <= 0 || !missing_text(feed->buf)[0])
        return (int)shown;
    if (as_fact)
        podpane_fact(d, tr("log"));
    else
        doc_line(d);
    doc_put(d, ROLE_DIM, as_fact ? "%s" : " %s", missing_text(feed->buf));
    return 1;
}
