/* logs_files: log files, and what a pipe brings, where the feed has containers else.
 *
 * Files are read in slices between frames and merged by the times of their lines; at their ends they are watched for more,
 * as `tail -F` does: a file that was cut or replaced is read from its start. A gzip file is read to its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/logcri.h"
#include "initwatch/model/logstamp.h"
#include "logs_gzip.h"
#include "logs_internal.h"

enum {
    FILES_SLICE_MS = 15, /* of reading between two looks at keys */
    FILES_SLICE_LINES = 256,
    FILES_POLL_MS = 250, /* at the end of a file */
    FILES_CHUNK_BYTES = 256 << 10,
    FILES_AHEAD_BYTES = 4 << 20, /* of a pipe: it waits until its lines are taken */
};

struct logfile {
    char path[4096];
    int fd;
    struct logs_gzip *gzip; /* NULL: the log are its own bytes */
    bool stream;            /* a pipe: read when it is ready, never seen again */
    bool at_end;            /* nothing more now */
    bool over;              /* nothing more ever */
    bool damaged;           /* and that is not said yet: the gzip breaks off */
    bool skipping;          /* the rest of a line that was cut */
    char *bytes;            /* read and not taken yet: at .. len */
    size_t at, len, allocated;
    loop_id ready;
    dev_t device;
    ino_t inode;
    off_t offset;
    struct logstamp stamp;
    struct logcri cri;
    int64_t last_ms; /* of the line before: a line without a time goes with it */
    bool has_line;   /* `line` waits for its turn; its text is in bytes, or in cri */
    bool in_cri;
    size_t taken; /* bytes that are done with once it was shown */
    struct logbuf_line line;
};

struct logs_files {
    struct logs *logs;
    struct logfile *items[IW_COUNTOF(((struct log_feed *)0)->sources)];
    unsigned count;
    loop_id timer;
};

/* --- bytes --- */

static void
make_room(struct logfile *f)
{
    /* The line that waits for its turn moves along. */
    const bool moves = f->has_line && !f->in_cri;
    const size_t text_at = moves ? (size_t)(f->line.text - f->bytes) - f->at : 0;
    if (f->at > 0) {
        memmove(f->bytes, f->bytes + f->at, f->len - f->at);
        f->len -= f->at;
        f->at = 0;
    }
    if (f->allocated - f->len < FILES_CHUNK_BYTES) {
        f->allocated = f->len + FILES_CHUNK_BYTES;
        f->bytes = iw_reallocarray(f->bytes, f->allocated, 1);
    }
    if (moves)
        f->line.text = f->bytes + text_at;
}

static void
read_some(struct logfile *f)
{
    make_room(f);
    ssize_t n;
    do
        n = f->gzip ? logs_gzip_read(f->gzip, f->bytes + f->len, f->allocated - f->len)
                    : read(f->fd, f->bytes + f->len, f->allocated - f->len);
    while (n < 0 && !f->gzip && errno == EINTR);
    f->at_end = n <= 0;
    if (n > 0) {
        f->len += (size_t)n;
        f->offset += n;
    } else if (f->gzip || (f->stream && (n == 0 || errno != EAGAIN))) {
        f->over = true;
        f->damaged = f->gzip && n < 0;
    }
}

/* --- lines --- */

/* False: it is a part of a line whose end is to come. */
static bool
set_line(struct logs *l, struct logfile *f, uint16_t source, size_t len, bool cut)
{
    const char *text = f->bytes + f->at;
    struct logbuf_line *line = &f->line;
    enum logcri_kind cri = LOGCRI_NONE;
    *line = (struct logbuf_line){.source = source, .kind = LOGBUF_TEXT, .cut = cut};
    size_t stamp = logstamp_take(&f->stamp, text, len, &line->wall_ms, &line->sub_ns);
    line->text = text + stamp;
    line->len = (uint32_t)(len - stamp);
    if (stamp > 0) {
        cri = logcri_take(&f->cri, line, &stamp);
        l->feed.stamped = true;
    } else {
        (void)logstamp_find(text, len, &line->wall_ms, &line->sub_ns);
    }
    f->in_cri = cri == LOGCRI_LINE;
    return cri != LOGCRI_PART;
}

/* A line that broke off in the middle of its parts. */
static bool
set_rest(struct logfile *f, uint16_t source)
{
    size_t stamp;
    f->line = (struct logbuf_line){.source = source, .kind = LOGBUF_TEXT};
    f->in_cri = true;
    f->taken = 0;
    return logcri_rest(&f->cri, &f->line, &stamp);
}

/* The next line, if it is here; at the end of what there is its newline may be missing (final). */
static bool
find_line(struct logs *l, struct logfile *f, uint16_t source, bool final)
{
    while (!f->has_line) {
        size_t left = f->len - f->at;
        const char *text = f->bytes + f->at, *end = left ? memchr(text, '\n', left) : NULL;
        size_t len = end ? (size_t)(end - text) : left;
        if (f->skipping && (end || left > 0)) {
            f->at += len + (end != NULL);
            f->skipping = !end;
            continue;
        }
        bool cut = len > LIMIT_LOG_LINE_BYTES;
        if (!end && !cut && !(final && left > 0)) {
            f->has_line = final && set_rest(f, source);
            break;
        }
        len = IW_MIN(len, (size_t)LIMIT_LOG_LINE_BYTES);
        f->taken = len + (end && !cut);
        f->has_line = set_line(l, f, source, len, cut);
        f->skipping = cut;
        if (!f->has_line)
            f->at += f->taken;
    }
    if (f->has_line && f->line.wall_ms != IW_TIME_NONE)
        f->last_ms = f->line.wall_ms;
    return f->has_line;
}

/* The line was shown: its bytes are done with. */
static void
take_line(struct logfile *f)
{
    f->at += f->taken;
    f->has_line = false;
}

/* --- what is next --- */

/* A file that is not at its end has a line, or none is handed on: it may be the oldest. */
static bool
fill(struct logs_files *fs, unsigned i)
{
    struct logfile *f = fs->items[i];
    while (!find_line(fs->logs, f, (uint16_t)i, f->over)) {
        if (f->at_end || f->stream || f->fd < 0)
            return false;
        read_some(f);
    }
    return true;
}

/* The file whose line is the oldest; NULL when all are at their ends. */
static struct logfile *
oldest(struct logs_files *fs)
{
    struct logfile *first = NULL;
    for (unsigned i = 0; i < fs->count; i++) {
        if (fill(fs, i) && (!first || fs->items[i]->last_ms < first->last_ms))
            first = fs->items[i];
    }
    return first;
}

static void on_timer(void *ctx);

static void
plan(struct logs_files *fs, int64_t delay_ms)
{
    struct loop *loop = fs->logs->session->loop;
    loop_remove(loop, fs->timer);
    fs->timer = loop_timer_add(loop, delay_ms, on_timer, fs);
}

/* One slice; false when there is nothing more now. */
static bool
read_slice(struct logs_files *fs)
{
    const struct clock *clock = loop_clock(fs->logs->session->loop);
    const int64_t until_ms = clock_mono(clock) + FILES_SLICE_MS;
    do {
        for (int n = 0; n < FILES_SLICE_LINES; n++) {
            struct logfile *f = oldest(fs);
            if (!f)
                return false;
            fs->logs->feed.sources[f->line.source].lines++;
            logbuf_put(fs->logs->feed.buf, &f->line, 1);
            take_line(f);
        }
    } while (clock_mono(clock) < until_ms);
    return true;
}

/* --- growing, cut, replaced --- */

static void
say(struct logs_files *fs, unsigned i, const char *what)
{
    logbuf_mark(fs->logs->feed.buf, (uint16_t)i, IW_TIME_NONE, "%s: %s",
                fs->logs->feed.sources[i].container, what);
}

static void
begin_again(struct logfile *f)
{
    f->at = f->len = 0;
    f->offset = 0;
    f->has_line = f->skipping = false;
    f->stamp = (struct logstamp){0};
    logcri_clear(&f->cri);
}

/* At the end of a file: has it grown, was it cut, is there another one in its place? */
static void
look(struct logs_files *fs, unsigned i)
{
    struct logfile *f = fs->items[i];
    struct stat now, held;
    if (f->damaged) {
        f->damaged = false;
        say(fs, i, tr("this gzip file is damaged or not complete: the rest is not readable"));
    }
    if (f->over || f->stream || f->fd < 0 || stat(f->path, &now) != 0 || fstat(f->fd, &held) != 0)
        return;
    if (now.st_ino != f->inode || now.st_dev != f->device) {
        int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
            return;
        close(f->fd);
        f->fd = fd;
        f->inode = now.st_ino;
        f->device = now.st_dev;
        begin_again(f);
        say(fs, i, tr("another file is in its place: read from its start"));
    } else if (held.st_size < f->offset) {
        (void)lseek(f->fd, 0, SEEK_SET);
        begin_again(f);
        say(fs, i, tr("the file was cut: read from its start"));
    } else if (held.st_size == f->offset) {
        /* It rests: what stands at its end without a newline is a line. */
        (void)find_line(fs->logs, f, (uint16_t)i, true);
        return;
    }
    f->at_end = false;
}

static void
tell_state(struct logs_files *fs, bool reading)
{
    bool open = false;
    for (unsigned i = 0; i < fs->count; i++)
        open |= !fs->items[i]->over;
    fs->logs->feed.state = reading ? LOG_FEED_LOADING : open ? LOG_FEED_FOLLOWING : LOG_FEED_ENDED;
    logs_refresh_title(fs->logs);
}

static void
on_timer(void *ctx)
{
    struct logs_files *fs = ctx;
    fs->timer = 0;
    for (unsigned i = 0; i < fs->count; i++) {
        if (fs->items[i]->at_end)
            look(fs, i);
    }
    bool more = read_slice(fs);
    tell_state(fs, more);
    plan(fs, more ? 0 : FILES_POLL_MS);
}

static void
on_ready(void *ctx, int fd, int events)
{
    struct logs_files *fs = ctx;
    (void)events;
    for (unsigned i = 0; i < fs->count; i++) {
        struct logfile *f = fs->items[i];
        if (f->fd != fd || !f->stream || f->len - f->at > FILES_AHEAD_BYTES)
            continue;
        read_some(f);
        if (f->over) {
            loop_remove(fs->logs->session->loop, f->ready);
            f->ready = 0;
        }
    }
    plan(fs, 0);
}

/* --- opening and closing --- */

static void
file_close(struct logs *l, struct logfile *f)
{
    if (!f)
        return;
    loop_remove(l->session->loop, f->ready);
    if (f->fd >= 0)
        close(f->fd);
    logs_gzip_free(f->gzip);
    logcri_free(&f->cri);
    free(f->bytes);
    free(f);
}

static struct logfile *
file_open(const char *path, int stdin_fd, struct iw_error *err)
{
    struct stat st;
    const bool is_stdin = strcmp(path, "-") == 0;
    /* Without waiting for a writer: a pipe by name is ready when it is. */
    int fd = is_stdin ? fcntl(stdin_fd, F_DUPFD_CLOEXEC, 3)
                      : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)iw_fail_errno(err, errno == ENOENT ? IW_ERR_NOT_FOUND : IW_ERR_IO, errno, "open %s",
                            path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (S_ISDIR(st.st_mode) || isatty(fd)) {
        (void)iw_fail(err, IW_ERR_USAGE, "%s is a %s, not a log", path,
                      S_ISDIR(st.st_mode) ? "folder" : "terminal");
        close(fd);
        return NULL;
    }
    struct logfile *f = iw_calloc(1, sizeof(*f));
    snprintf(f->path, sizeof(f->path), "%s", path);
    f->fd = fd;
    f->stream = !S_ISREG(st.st_mode);
    f->gzip = f->stream ? NULL : logs_gzip_new(fd);
    logcri_init(&f->cri);
    f->device = st.st_dev;
    f->inode = st.st_ino;
    f->last_ms = INT64_MIN;
    return f;
}

static void
name_source(struct log_feed *f, unsigned i, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct log_feed_source *source = &f->sources[i];
    *source = (struct log_feed_source){.kind = CONTAINER_APP};
    const char *name = strcmp(path, "-") == 0 ? tr("standard input")
                       : slash && slash[1]    ? slash + 1
                                              : path;
    snprintf(source->container, sizeof(source->container), "%.100s", name);
    snprintf(source->tag, sizeof(source->tag), "f%u", (i + 1) % 1000);
}

enum iw_err
logs_open_files(struct logs *l, const char *const *paths, unsigned count, int stdin_fd,
                struct iw_error *err)
{
    struct logs_files *fs = iw_calloc(1, sizeof(*fs));
    fs->logs = l;
    for (unsigned i = 0; i < count && i < IW_COUNTOF(fs->items); i++) {
        fs->items[fs->count] = file_open(paths[i], stdin_fd, err);
        if (!fs->items[fs->count]) {
            logs_files_free(fs);
            return err->code;
        }
        fs->count++;
    }
    logs_close(l);
    l->request = (struct logs_request){.merged = true};
    l->files = fs;
    logs_begin_files(l);
    l->feed.source_count = fs->count;
    for (unsigned i = 0; i < fs->count; i++) {
        struct logfile *f = fs->items[i];
        name_source(&l->feed, i, f->path);
        if (f->stream)
            f->ready = loop_fd_add(l->session->loop, f->fd, LOOP_READ, on_ready, fs);
    }
    plan(fs, 0);
    tell_state(fs, true);
    return IW_OK;
}

void
logs_files_free(struct logs_files *fs)
{
    if (!fs)
        return;
    loop_remove(fs->logs->session->loop, fs->timer);
    for (unsigned i = 0; i < fs->count; i++)
        file_close(fs->logs, fs->items[i]);
    free(fs);
}
