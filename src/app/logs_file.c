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
#include "initwatch/model/logstamp.h"
#include "initwatch/net/frame.h"
#include "logs_headless.h"

enum { FILE_CHUNK_BYTES = 256 << 10, FILE_POLL_MS = 250 };

struct file_reader {
    struct logprint *print;
    bool json;
    struct logstamp stamp;
    bool finishing;
};

static bool
on_line(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct file_reader *r = ctx;
    static const struct logprint_source nowhere = {0};
    struct logbuf_line line = {.cut = kind == FRAME_LINE_CUT};
    size_t stamp_len = logstamp_take(&r->stamp, bytes, len, &line.wall_ms, &line.sub_ns);
    /* A stamp of the file is a part of its text unless it has a field of its own. */
    stamp_len = r->json ? stamp_len : 0;
    line.text = bytes + stamp_len;
    line.len = (uint32_t)(len - stamp_len);
    logprint_line(r->print, &nowhere, &line, -1, stamp_len, !r->finishing);
    return !logprint_is_full(r->print) && !ferror(stdout);
}

/* 0 at the end, -1 with errno. A file that is followed grows: wait for that. */
static ssize_t
read_more(int fd, char *buffer, bool follow, bool is_file)
{
    for (;;) {
        ssize_t n = read(fd, buffer, FILE_CHUNK_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != 0 || !follow || !is_file)
            return n;
        fflush(stdout);
        (void)poll(NULL, 0, FILE_POLL_MS);
    }
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
    struct file_reader reader = {.print = print, .json = o->output == OUTPUT_JSONL};
    struct frame frame;
    frame_init(&frame, FRAME_LINES, LIMIT_LOG_LINE_BYTES);
    iw_autofree char *buffer = iw_malloc(FILE_CHUNK_BYTES);
    enum iw_err rc = IW_OK;
    ssize_t n;
    while (rc == IW_OK && (n = read_more(fd, buffer, o->follow, is_file)) > 0) {
        rc = frame_feed(&frame, buffer, (size_t)n, on_line, &reader, NULL);
        if (!is_file)
            fflush(stdout);
    }
    if (rc == IW_OK && n < 0)
        rc = iw_fail_errno(err, IW_ERR_IO, errno, "read %s", path);
    reader.finishing = true;
    if (rc == IW_OK)
        rc = frame_finish(&frame, on_line, &reader, NULL);
    frame_free(&frame);
    if (!is_stdin)
        close(fd);
    fflush(stdout);
    return rc == IW_ERR_CANCELED ? IW_OK : rc; /* nobody wants more */
}
