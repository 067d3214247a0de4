/* bench_decode: how fast pods become records and records become rows.
 *
 * usage: bench_decode LIST.json [ROUNDS]
 * LIST.json is a PodList as a server sends it. Each round parses and decodes every pod, and derives
 * what one row of the list shows. Prints the figures of each part; under valgrind (no timing) one
 * round is enough.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/resources.h"
#include "initwatch/model/status.h"
#include "initwatch/net/frame.h"
#include "initwatch/source/decode.h"

struct text {
    char *bytes;
    size_t len;
};

struct bench {
    VEC(struct text) items;
    size_t bytes;
    double split_s, parse_s, decode_s, derive_s;
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
    struct text item = {iw_malloc(len + 1), len};
    memcpy(item.bytes, bytes, len);
    item.bytes[len] = '\0';
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
    frame_init(&frame, FRAME_LIST, LIMIT_FRAME_BYTES);
    enum iw_err rc = IW_OK;
    for (size_t n; rc == IW_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0;) {
        double start_s = now_s();
        rc = frame_feed(&frame, chunk, n, on_piece, b, &err);
        b->split_s += now_s() - start_s;
    }
    fclose(f);
    frame_free(&frame);
    if (rc != IW_OK || b->items.len == 0) {
        fprintf(stderr, "bench_decode: %s: %s\n", path, rc ? err.msg : "no pods");
        return false;
    }
    return true;
}

static bool
one_pod(struct bench *b, const struct text *item)
{
    struct iw_error err = {0};
    json_t *root;
    struct pod *pod;
    double start_s = now_s();
    enum iw_err rc = jarena_parse(item->bytes, item->len, &root, &err);
    double parsed_s = now_s();
    if (rc == IW_OK)
        rc = decode_pod(root, "bench", &pod, &err);
    jarena_release();
    double decoded_s = now_s();
    if (rc != IW_OK) {
        fprintf(stderr, "bench_decode: %s\n", err.msg);
        return false;
    }
    struct pod_cells cells;
    struct pod_block block;
    struct resource_amounts requests = {0};
    const struct resource_options options = {0};
    const int64_t now_wall_ms = INT64_C(1790000000000);
    pod_print_cells(pod, now_wall_ms, &cells);
    pod_block_of(pod, now_wall_ms, &block);
    resources_effective(pod, RESOURCE_REQUESTS, &options, &requests, NULL);
    resource_amounts_free(&requests);
    double derived_s = now_s();
    pod_free(pod);
    b->parse_s += parsed_s - start_s;
    b->decode_s += decoded_s - parsed_s;
    b->derive_s += derived_s - decoded_s;
    b->pods++;
    return true;
}

static void
print_part(const struct bench *b, const char *name, double seconds, double whole_s)
{
    printf("  %-28s %7.1f us a pod  %3.0f %%\n", name, seconds * 1e6 / (double)b->pods,
           100 * seconds / whole_s);
}

int
main(int argc, char **argv)
{
    struct bench b = {0};
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 10;
    if (argc < 2 || rounds < 1 || !split_file(&b, argv[1]))
        return 2;
    for (long round = 0; round < rounds; round++) {
        for (size_t i = 0; i < b.items.len; i++) {
            if (!one_pod(&b, &b.items.items[i]))
                return 1;
        }
    }
    b.split_s *= (double)rounds;
    double whole_s = b.split_s + b.parse_s + b.decode_s + b.derive_s;
    double bytes = (double)b.bytes / (double)b.items.len;
    printf("  %.0f pods/s  %.0f MB/s  (%.1f KB a pod)\n", (double)b.pods / whole_s,
           bytes * (double)b.pods / whole_s / 1e6, bytes / 1e3);
    print_part(&b, "split the stream", b.split_s, whole_s);
    print_part(&b, "parse JSON", b.parse_s, whole_s);
    print_part(&b, "record of the pod", b.decode_s, whole_s);
    print_part(&b, "status, block, requests", b.derive_s, whole_s);
    for (size_t i = 0; i < b.items.len; i++)
        free(b.items.items[i].bytes);
    vec_free(&b.items);
    return 0;
}
