/* logs_file: a log from a file or standard input, filtered and printed like one from a cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/model/logcri.h"
#include "initwatch/model/logstamp.h"
#include "initwatch/net/frame.h"
#include "logs_gzip.h"
#include "logs_headless.h"

enum { FILE_CHUNK_BYTES = 256 << 10, FILE_POLL_MS = 250 };

struct file_reader {
    struct logprint *print;
    bool json;
    struct logstamp stamp;
    struct logcri cri;
    bool finishing;
};

static const struct logprint_source nowhere = {0};

static bool
on_line(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct file_reader *r = ctx;
    struct logbuf_line line = {.cut = kind == FRAME_LINE_CUT};
    size_t stamp_len = logstamp_take(&r->stamp, bytes, len, &line.wall_ms, &line.sub_ns);
    line.text = bytes + stamp_len;
    line.len = (uint32_t)(len - stamp_len);
    enum logcri_kind cri = stamp_len > 0 ? logcri_take(&r->cri, &line, &stamp_len) : LOGCRI_NONE;
    if (cri == LOGCRI_PART)
        return true;
    /* A stamp of the file is a part of its text unless it has a field of its own, or is a runtime's. */
    if (cri == LOGCRI_NONE && !r->json) {
        line.text = bytes;
        line.len = (uint32_t)len;
        stamp_len = 0;
    }
    logprint_line(r->print, &nowhere, &line, -1, stamp_len, !r->finishing || cri == LOGCRI_LINE);
    return !logprint_is_full(r->print) && !ferror(stdout);
}

/* Lines that broke off in the middle of their parts. */
static void
print_rest(struct file_reader *r)
{
    struct logbuf_line line = {0};
    size_t stamp_len;
    while (logcri_rest(&r->cri, &line, &stamp_len))
        logprint_line(r->print, &nowhere, &line, -1, stamp_len, true);
}

struct input {
    int fd;
    struct logs_gzip *gzip; /* NULL: it is none */
    bool is_file, follow;
};

/* 0 at the end, -1 with errno. A file that is followed grows: wait for that. */
static ssize_t
read_more(const struct input *in, char *buffer)
{
    for (;;) {
        ssize_t n = in->gzip ? logs_gzip_read(in->gzip, buffer, FILE_CHUNK_BYTES)
                             : read(in->fd, buffer, FILE_CHUNK_BYTES);
        if (n < 0 && in->gzip)
            errno = EBADMSG;
        if (n < 0 && errno == EINTR)
            continue;
        if (n != 0 || !in->follow || !in->is_file || in->gzip)
            return n;
        fflush(stdout);
        (void)poll(NULL, 0, FILE_POLL_MS);
    }
}

static enum iw_err
print_all(const struct input *in, struct file_reader *reader, const char *path,
          struct iw_error *err)
{
    struct frame frame;
    frame_init(&frame, FRAME_LINES, LIMIT_LOG_LINE_BYTES);
    iw_autofree char *buffer = iw_malloc(FILE_CHUNK_BYTES);
    enum iw_err rc = IW_OK, end = IW_OK;
    ssize_t n = 0;
    while (rc == IW_OK && (n = read_more(in, buffer)) > 0) {
        rc = frame_feed(&frame, buffer, (size_t)n, on_line, reader, NULL);
        if (!in->is_file)
            fflush(stdout);
    }
    if (rc == IW_OK && n < 0)
        end = iw_fail_errno(err, IW_ERR_IO, errno, "read %s", path);
    reader->finishing = true;
    if (rc == IW_OK)
        rc = frame_finish(&frame, on_line, reader, NULL);
    if (rc == IW_OK)
        print_rest(reader);
    frame_free(&frame);
    fflush(stdout);
    return end != IW_OK ? end : rc == IW_ERR_CANCELED ? IW_OK : rc; /* nobody wants more */
}

enum iw_err
logs_print_file(const struct options *o, const char *path, struct logprint *print,
                struct iw_error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return iw_fail_errno(err, errno == ENOENT ? IW_ERR_NOT_FOUND : IW_ERR_IO, errno, "open %s",
                             path);
    struct stat st;
    bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    struct input in = {.fd = fd,
                       .gzip = is_file && !is_stdin ? logs_gzip_new(fd) : NULL,
                       .is_file = is_file,
                       .follow = o->follow};
    struct file_reader reader = {.print = print, .json = o->output == OUTPUT_JSONL};
    logcri_init(&reader.cri);
    enum iw_err rc = print_all(&in, &reader, path, err);
    logcri_free(&reader.cri);
    logs_gzip_free(in.gzip);
    if (!is_stdin)
        close(fd);
    return rc;
}
