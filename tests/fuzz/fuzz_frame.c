/* fuzz_frame: chunking does not matter, and ceilings hold.
 * The first byte chooses mode and chunk size, the rest is the stream.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/net/frame.h"

/* Small, so that short inputs reach it. */
#define CEILING_BYTES 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct strbuf *seen = ctx;
    bool line = kind == FRAME_LINE || kind == FRAME_LINE_CUT;
    if (len > CEILING_BYTES || (!line && bytes[len] != '\0'))
        abort();
    strbuf_addc(seen, (char)('0' + (int)kind));
    strbuf_add(seen, bytes, len);
    strbuf_addc(seen, '\n');
    return true;
}

static enum iw_err
run(enum frame_mode mode, const uint8_t *data, size_t size, size_t chunk, struct strbuf *seen)
{
    struct frame f;
    frame_init(&f, mode, CEILING_BYTES);
    enum iw_err code = IW_OK;
    for (size_t at = 0; code == IW_OK && at < size; at += chunk)
        code =
            frame_feed(&f, (const char *)data + at, IW_MIN(chunk, size - at), on_piece, seen, NULL);
    if (code == IW_OK)
        code = frame_finish(&f, on_piece, seen, NULL);
    frame_free(&f);
    return code;
}

static bool
is_broken(enum iw_err code)
{
    return code == IW_ERR_PARSE || code == IW_ERR_TOO_BIG;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum frame_mode mode = (enum frame_mode)(data[0] % 3);
    size_t chunk = 1 + data[0] / 3;
    strbuf_auto whole, pieces;
    strbuf_init(&whole, 0);
    strbuf_init(&pieces, 0);
    enum iw_err a = run(mode, data + 1, size - 1, size, &whole);
    enum iw_err b = run(mode, data + 1, size - 1, chunk, &pieces);
    /* Only which of two faults is seen first may depend on the chunks. */
    bool both_broken = is_broken(a) && is_broken(b);
    if (whole.len != pieces.len || memcmp(whole.data, pieces.data, whole.len) != 0 ||
        (a != b && !both_broken))
        abort();
    return 0;
}
