/* bench_decode_pb: how fast pods of a protobuf list become records.
 *
 * usage: bench_decode_pb LIST.pb [ROUNDS]
 * LIST.pb is a PodList as a server sends it with Accept: application/vnd.kubernetes.protobuf.
 * bench_decode prints the same for JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/vec.h"
#include "initwatch/net/frame.h"
#include "initwatch/source/decode_pb.h"

struct text {
    char *bytes;
    size_t len;
};

struct bench {
    VEC(struct text) items;
    size_t bytes, record_bytes;
    double split_s, decode_s;
    unsigned long pods;
};

static double
now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct bench *b = ctx;
    if (kind != FRAME_ITEM)
        return true;
    struct text item = {iw_malloc(len), len};
    memcpy(item.bytes, bytes, len);
    vec_push(&b->items, item);
    b->bytes += len;
    return true;
}

static bool
split_file(struct bench *b, const char *path)
{
    static char chunk[16384]; /* what one read of a socket brings */
    struct iw_error err = {0};
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return false;
    }
    struct frame frame;
    frame_init(&frame, FRAME_PB_LIST, LIMIT_FRAME_BYTES);
    enum iw_err rc = IW_OK;
    for (size_t n; rc == IW_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0;) {
        double start_s = now_s();
        rc = frame_feed(&frame, chunk, n, on_piece, b, &err);
        b->split_s += now_s() - start_s;
    }
    fclose(f);
    frame_free(&frame);
    if (rc != IW_OK || b->items.len == 0) {
        fprintf(stderr, "bench_decode_pb: %s: %s\n", path, rc ? err.msg : "no pods");
        return false;
    }
    return true;
}

static bool
one_pod(struct bench *b, const struct text *item)
{
    struct iw_error err = {0};
    struct pod *pod = NULL;
    double start_s = now_s();
    enum iw_err rc = decode_pod_pb(pb_span_of(item->bytes, item->len), "bench", &pod, &err);
    double decoded_s = now_s();
    if (rc != IW_OK) {
        fprintf(stderr, "bench_decode_pb: %s\n", err.msg);
        return false;
    }
    b->record_bytes += pod->size_bytes;
    pod_free(pod);
    b->decode_s += decoded_s - start_s;
    b->pods++;
    return true;
}

int
main(int argc, char **argv)
{
    struct bench b = {0};
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 10;
    if (argc < 2 || rounds < 1 || !split_file(&b, argv[1]))
        return 2;
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < b.items.len; i++)
            if (!one_pod(&b, &b.items.items[i]))
                return 1;
    double pods = (double)b.pods, bytes = (double)b.bytes / (double)b.items.len;
    double whole_s = b.split_s * (double)rounds + b.decode_s;
    printf("  %.0f pods/s  %.0f MB/s  (%.1f KB a pod, %.0f bytes a record)\n", pods / whole_s,
           bytes * pods / whole_s / 1e6, bytes / 1e3, (double)b.record_bytes / pods);
    printf("  %-28s %7.1f us a pod\n", "split the stream", b.split_s * (double)rounds * 1e6 / pods);
    printf("  %-28s %7.1f us a pod\n", "record of the pod", b.decode_s * 1e6 / pods);
    for (size_t i = 0; i < b.items.len; i++)
        free(b.items.items[i].bytes);
    vec_free(&b.items);
    return 0;
}
