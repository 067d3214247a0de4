/* logsave: lines to a descriptor, a block at a time, so that a log of any size takes the same memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/logsave.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/usershell.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"

enum { BLOCK_BYTES = 64 << 10 };

struct writer {
    const struct logsave *save;
    int fd;
    struct strbuf out, scratch;
    size_t next_chapter; /* the one whose header comes next */
    uint64_t lines;
};

enum logsave_format
logsave_format_of(const char *path)
{
    static const struct {
        const char *end;
        enum logsave_format format;
    } ends[] = {{".ansi", LOGSAVE_ANSI},
                {".jsonl", LOGSAVE_JSONL},
                {".ndjson", LOGSAVE_JSONL},
                {".json", LOGSAVE_JSONL}};
    size_t len = strlen(path);
    for (size_t i = 0; i < IW_COUNTOF(ends); i++) {
        size_t n = strlen(ends[i].end);
        if (len > n && strcmp(path + len - n, ends[i].end) == 0)
            return ends[i].format;
    }
    return LOGSAVE_TXT;
}

static enum iw_err
flush(struct writer *w, struct iw_error *err)
{
    for (size_t done = 0; done < w->out.len;) {
        ssize_t n = write(w->fd, w->out.data + done, w->out.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return iw_fail_errno(err, IW_ERR_IO, errno, "write the log");
        done += (size_t)n;
    }
    strbuf_clear(&w->out);
    return IW_OK;
}

/* Text with control characters and bidi controls as signs; colour sequences stay in ANSI. */
static void
add_harmless(struct strbuf *out, const char *text, size_t len, bool colours)
{
    bool coloured = false;
    for (size_t at = 0, taken; at < len; at += taken) {
        if (text[at] == '\x1b' && (taken = sgr_take(NULL, text + at, len - at)) > 0) {
            if (colours)
                strbuf_add(out, text + at, taken);
            coloured = coloured || colours;
            continue;
        }
        uint32_t cp = utf8_next(text + at, len - at, &taken);
        if (cp == '\r' && at + taken == len)
            break;
        if (cp != '\t' && cp < 0x20)
            cp += 0x2400; /* control pictures */
        else if ((cp >= 0x7f && cp < 0xa0) || utf8_is_deceptive(cp))
            cp = UTF8_REPLACEMENT;
        char bytes[4];
        strbuf_add(out, bytes, utf8_encode(cp, bytes));
    }
    if (coloured)
        strbuf_adds(out, "\x1b[0m");
}

static void
add_stamp(struct strbuf *out, const struct logbuf_line *line)
{
    char stamp[40];
    rfc3339_format(line->wall_ms, true, stamp);
    stamp[strlen(stamp) - 1] = 0;
    strbuf_addf(out, "%s%06uZ", stamp, (unsigned)line->sub_ns);
}

/* --- chapters --- */

static void
add_moment(struct strbuf *out, const char *key, int64_t wall_ms)
{
    char stamp[40];
    if (wall_ms == IW_TIME_NONE)
        return;
    rfc3339_format(wall_ms, true, stamp);
    strbuf_addf(out, ",\"%s\":\"%s\"", key, stamp);
}

static void
chapter_json(struct writer *w, const struct logbuf_chapter *c, const char *container)
{
    strbuf_adds(&w->out, "{\"chapter\":true,\"container\":");
    strbuf_add_json(&w->out, container);
    if (c->attempt >= 0)
        strbuf_addf(&w->out, ",\"attempt\":%d", c->attempt);
    if (c->before > 0)
        strbuf_addf(&w->out, ",\"firstAttempt\":%d", c->attempt - c->before);
    add_moment(&w->out, "startedAt", c->started_ms);
    add_moment(&w->out, "finishedAt", c->ended_ms);
    if (c->exit_known)
        strbuf_addf(&w->out, ",\"exitCode\":%d", c->exit_code);
    if (c->how[0]) {
        strbuf_adds(&w->out, ",\"how\":");
        strbuf_add_json(&w->out, c->how);
    }
    if (c->missing[0]) {
        strbuf_adds(&w->out, ",\"missing\":");
        strbuf_add_json(&w->out, c->missing);
    }
    strbuf_addf(&w->out, ",\"lines\":%llu}\n", (unsigned long long)c->line_count);
}

/* "=== migrate attempt 2 === 2025-11-15T10:53:41.000Z to 2025-11-15T10:53:44.000Z === exit 1 === 7 lines ===" */
static void
chapter_text(struct writer *w, const struct logbuf_chapter *c, const char *container)
{
    char start[40] = "?", end[40] = "";
    if (c->started_ms != IW_TIME_NONE)
        rfc3339_format(c->started_ms, true, start);
    if (c->ended_ms != IW_TIME_NONE)
        rfc3339_format(c->ended_ms, true, end);
    strbuf_addf(&w->out, c->before > 0 ? "=== %s attempts " : "=== %s attempt ", container);
    if (c->before > 0)
        strbuf_addf(&w->out, "%d-", c->attempt - c->before + 1);
    if (c->attempt >= 0)
        strbuf_addf(&w->out, "%d", c->attempt + 1);
    else
        strbuf_addc(&w->out, '?');
    strbuf_addf(&w->out, " === %s%s%s === ", start, end[0] ? " to " : "", end);
    add_harmless(&w->out, c->how, strlen(c->how), false);
    strbuf_addf(&w->out, c->line_count == 1 ? "%s%llu line%s%s ===\n" : "%s%llu lines%s%s ===\n",
                c->how[0] ? " === " : "", (unsigned long long)c->line_count,
                c->missing[0] ? " === " : "", c->missing);
}

/* Headers of the chapters that begin at or before this line. */
static void
add_chapters(struct writer *w, uint64_t line)
{
    const struct log_feed *feed = w->save->feed;
    for (; w->next_chapter < logbuf_chapter_count(feed->buf); w->next_chapter++) {
        const struct logbuf_chapter *c = logbuf_chapter_at(feed->buf, w->next_chapter);
        if (c->first_line > line)
            return;
        const char *container =
            c->source < feed->source_count ? feed->sources[c->source].container : "";
        if (w->save->format == LOGSAVE_JSONL)
            chapter_json(w, c, container);
        else
            chapter_text(w, c, container);
    }
}

/* --- lines --- */

static void
line_json(struct writer *w, const struct logbuf_line *line)
{
    const struct log_feed *feed = w->save->feed;
    const struct logbuf_chapter *c = logbuf_chapter_find(feed->buf, line->chapter);
    strbuf_addc(&w->out, '{');
    if (line->wall_ms != IW_TIME_NONE) {
        strbuf_adds(&w->out, "\"time\":\"");
        add_stamp(&w->out, line);
        strbuf_adds(&w->out, "\",");
    }
    strbuf_adds(&w->out, "\"pod\":");
    const struct log_feed_source *src =
        line->source < feed->source_count ? &feed->sources[line->source] : NULL;
    strbuf_add_json(&w->out, src && src->pod_name[0] ? src->pod_name : feed->pod_name);
    strbuf_adds(&w->out, ",\"container\":");
    strbuf_add_json(&w->out, src ? src->container : "");
    if (c && c->attempt >= 0)
        strbuf_addf(&w->out, ",\"attempt\":%d", c->attempt);
    if (line->cut)
        strbuf_adds(&w->out, ",\"cut\":true");
    strbuf_adds(&w->out, line->kind == LOGBUF_MARK ? ",\"mark\":" : ",\"text\":");
    /* A NUL would end the string: it becomes a sign before. */
    strbuf_clear(&w->scratch);
    add_harmless(&w->scratch, line->text, line->len, false);
    strbuf_add_json(&w->out, w->scratch.data);
    strbuf_adds(&w->out, "}\n");
}

static void
line_text(struct writer *w, const struct logbuf_line *line)
{
    const struct log_feed *feed = w->save->feed;
    bool several = feed->source_count > 1 || (feed->merged && !feed->files);
    bool mark = line->kind == LOGBUF_MARK;
    if (mark)
        strbuf_adds(&w->out, "--- ");
    if (line->wall_ms != IW_TIME_NONE) {
        add_stamp(&w->out, line);
        strbuf_addc(&w->out, ' ');
    }
    if (several && !mark && line->source < feed->source_count) {
        const struct log_feed_source *src = &feed->sources[line->source];
        strbuf_addf(&w->out, "%s%s%s ", feed->pod_count > 1 ? src->pod_name : "",
                    feed->pod_count > 1 ? "/" : "", src->container);
    }
    add_harmless(&w->out, line->text, line->len, w->save->format == LOGSAVE_ANSI);
    strbuf_adds(&w->out, mark ? " ---\n" : "\n");
}

enum iw_err
logsave_write(const struct logsave *save, int fd, uint64_t *lines, struct iw_error *err)
{
    const struct logbuf *b = save->feed->buf;
    const struct linebits *shown = save->lens ? loglens_shown(save->lens) : NULL;
    struct writer w = {.save = save, .fd = fd};
    uint64_t first = logbuf_dropped(b), end = first + logbuf_count(b);
    enum iw_err rc = IW_OK;
    strbuf_init(&w.out, 0);
    strbuf_init(&w.scratch, 0);
    for (uint64_t n = first; n < end && rc == IW_OK; n++) {
        if (shown && (n = linebits_next(shown, n)) >= end)
            break;
        struct logbuf_line line = logbuf_line(b, (size_t)(n - first));
        if (!save->feed->merged)
            add_chapters(&w, n);
        if (save->format == LOGSAVE_JSONL)
            line_json(&w, &line);
        else
            line_text(&w, &line);
        w.lines += line.kind == LOGBUF_TEXT;
        if (w.out.len > BLOCK_BYTES)
            rc = flush(&w, err);
    }
    if (!save->feed->merged)
        add_chapters(&w, UINT64_MAX);
    if (rc == IW_OK)
        rc = flush(&w, err);
    strbuf_free(&w.out);
    strbuf_free(&w.scratch);
    if (lines)
        *lines = w.lines;
    return rc;
}

/* --- a command --- */

enum iw_err
logsave_pipe(const struct logsave *save, const char *command, int *wait_status,
             struct iw_error *err)
{
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "a pipe");
    enum iw_err rc = usershell_start(command, ends[0], &pid, err);
    close(ends[0]);
    if (rc != IW_OK) {
        close(ends[1]);
        return rc;
    }
    /* A command that has seen enough closes its end: that is no error. */
    struct iw_error ignored = {0};
    (void)!logsave_write(save, ends[1], NULL, &ignored);
    close(ends[1]);
    usershell_wait(pid, wait_status);
    return IW_OK;
}
