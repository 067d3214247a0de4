/* gzlines: the lines of a gzip file, for data suites.
 * SPDX-License-Identifier: Apache-2.0 */
#include "gzlines.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZLINES_FIRST_BYTES (64u << 10)

struct gzlines {
    gzFile file;
    char *line;
    size_t cap;
};

struct gzlines *
gzlines_open(const char *path)
{
    gzFile file = gzopen(path, "rb");
    if (!file)
        return NULL;
    gzbuffer(file, 128u << 10);
    struct gzlines *lines = calloc(1, sizeof(*lines));
    if (lines)
        lines->line = malloc(GZLINES_FIRST_BYTES);
    if (!lines || !lines->line)
        abort();
    lines->file = file;
    lines->cap = GZLINES_FIRST_BYTES;
    return lines;
}

/* Read up to and with the next newline, growing the buffer. Returns the bytes read. */
static size_t
gzlines_fill(struct gzlines *lines)
{
    size_t len = 0;
    while (gzgets(lines->file, lines->line + len, (int)(lines->cap - len))) {
        len += strlen(lines->line + len);
        if (len > 0 && lines->line[len - 1] == '\n')
            break;
        if (len + 1 < lines->cap)
            break; /* the last line has no newline */
        lines->cap *= 2;
        lines->line = realloc(lines->line, lines->cap);
        if (!lines->line)
            abort();
    }
    return len;
}

char *
gzlines_next(struct gzlines *lines, size_t *len)
{
    size_t got = gzlines_fill(lines);
    if (got == 0) {
        int code = Z_OK;
        const char *why = gzerror(lines->file, &code);
        if (code != Z_OK && code != Z_STREAM_END) {
            fprintf(stderr, "gzlines: %s\n", why);
            abort();
        }
        return NULL;
    }
    if (lines->line[got - 1] == '\n')
        got--;
    lines->line[got] = '\0';
    if (len)
        *len = got;
    return lines->line;
}

void
gzlines_close(struct gzlines *lines)
{
    if (!lines)
        return;
    gzclose(lines->file);
    free(lines->line);
    free(lines);
}
