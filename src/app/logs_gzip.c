/* logs_gzip: zlib's file reader over a descriptor of its own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "logs_gzip.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/iwdef.h"

struct logs_gzip {
    gzFile file;
};

struct logs_gzip *
logs_gzip_new(int fd)
{
    unsigned char head[2];
    if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) || head[0] != 0x1f ||
        head[1] != 0x8b)
        return NULL;
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    gzFile file = own >= 0 && lseek(own, 0, SEEK_SET) == 0 ? gzdopen(own, "rb") : NULL;
    if (!file) {
        if (own >= 0)
            close(own);
        return NULL;
    }
    struct logs_gzip *z = iw_calloc(1, sizeof(*z));
    z->file = file;
    return z;
}

void
logs_gzip_free(struct logs_gzip *z)
{
    if (!z)
        return;
    (void)gzclose_r(z->file);
    free(z);
}

ssize_t
logs_gzip_read(struct logs_gzip *z, void *bytes, size_t len)
{
    int n = gzread(z->file, bytes, (unsigned)IW_MIN(len, (size_t)INT32_MAX)), code = Z_OK;
    if (n == 0)
        (void)gzerror(z->file, &code);
    return code == Z_OK || code == Z_STREAM_END ? n : -1;
}
