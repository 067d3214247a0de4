/* bench_pieces: the pods of a file with a list, split as a connection would be.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BENCH_PIECES_H
#define INITWATCH_BENCH_PIECES_H

#include <string.h>

#include "bench.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"
#include "initwatch/net/frame.h"

struct bench_piece {
    char *bytes; /* end in NUL */
    size_t len;
};

struct bench_pieces {
    VEC(struct bench_piece) items;
    size_t bytes;
    double split_s;
};

static inline bool
bench_on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct bench_pieces *pieces = ctx;
    if (kind != FRAME_ITEM)
        return true;
    struct bench_piece item = {iw_malloc(len + 1), len};
    memcpy(item.bytes, bytes, len);
    item.bytes[len] = '\0';
    vec_push(&pieces->items, item);
    pieces->bytes += len;
    return true;
}

/* Add the items of the list in this file; false, after a word on stderr, when there are none. */
static inline bool
bench_split_file(struct bench_pieces *pieces, const char *path, enum frame_mode mode)
{
    static char chunk[16384]; /* what one read of a socket brings */
    struct iw_error err = {0};
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return false;
    }
    struct frame frame;
    frame_init(&frame, mode, LIMIT_FRAME_BYTES);
    enum iw_err rc = IW_OK;
    for (size_t n; rc == IW_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0;) {
        double start_s = bench_now_s();
        rc = frame_feed(&frame, chunk, n, bench_on_piece, pieces, &err);
        pieces->split_s += bench_now_s() - start_s;
    }
    fclose(f);
    frame_free(&frame);
    if (rc != IW_OK || pieces->items.len == 0) {
        fprintf(stderr, "%s: %s\n", path, rc ? err.msg : "no pods");
        return false;
    }
    return true;
}

static inline void
bench_pieces_free(struct bench_pieces *pieces)
{
    for (size_t i = 0; i < pieces->items.len; i++)
        free(pieces->items.items[i].bytes);
    vec_free(&pieces->items);
}

#endif
