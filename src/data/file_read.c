/* file_read: a whole file or standard input in memory, under a ceiling.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/data/yaml_json.h"

#define FILE_READ_CHUNK_BYTES (64u << 10)

enum iw_err
file_read_all(const char *path, size_t ceiling_bytes, char **out, size_t *len, struct iw_error *err)
{
    size_t ceiling = ceiling_bytes ? ceiling_bytes : LIMIT_CONFIG_FILE_BYTES;
    bool is_stdin = strcmp(path, "-") == 0;
    iw_autoclose int opened = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (!is_stdin && opened < 0)
        return iw_fail_errno(err, errno == ENOENT ? IW_ERR_NOT_FOUND : IW_ERR_IO, errno, "open %s",
                             path);
    strbuf_auto content;
    strbuf_init(&content, ceiling + 1);
    iw_autofree char *chunk = iw_malloc(FILE_READ_CHUNK_BYTES);
    for (;;) {
        ssize_t got = read(is_stdin ? STDIN_FILENO : opened, chunk, FILE_READ_CHUNK_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return iw_fail_errno(err, IW_ERR_IO, errno, "read %s",
                                 is_stdin ? "standard input" : path);
        if (got == 0)
            break;
        if (content.len + (size_t)got > ceiling || !strbuf_add(&content, chunk, (size_t)got))
            return iw_fail(err, IW_ERR_TOO_BIG, "%s is larger than %zu MiB",
                           is_stdin ? "standard input" : path, ceiling >> 20);
    }
    if (len)
        *len = content.len;
    *out = strbuf_take(&content);
    return IW_OK;
}
