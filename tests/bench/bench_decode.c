/* bench_decode: how fast pods become records and records become rows.
 *
 * usage: bench_decode LIST.json [ROUNDS]
 * LIST.json is a PodList as a server sends it. Each round parses and decodes every pod, and derives
 * what one row of the list shows. Prints the figures of each part; under valgrind (no timing) one
 * round is enough.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "bench_pieces.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/resources.h"
#include "initwatch/model/status.h"
#include "initwatch/source/decode.h"

struct bench {
    struct bench_pieces list;
    double parse_s, decode_s, derive_s;
    unsigned long pods;
};

static bool
one_pod(struct bench *b, const struct bench_piece *item)
{
    struct iw_error err = {0};
    json_t *root;
    struct pod *pod;
    double start_s = bench_now_s();
    enum iw_err rc = jarena_parse(item->bytes, item->len, &root, &err);
    double parsed_s = bench_now_s();
    if (rc == IW_OK)
        rc = decode_pod(root, "bench", &pod, &err);
    jarena_release();
    double decoded_s = bench_now_s();
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
    double derived_s = bench_now_s();
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
    if (argc < 2 || rounds < 1 || !bench_split_file(&b.list, argv[1], FRAME_LIST))
        return 2;
    for (long round = 0; round < rounds; round++) {
        for (size_t i = 0; i < b.list.items.len; i++) {
            if (!one_pod(&b, &b.list.items.items[i]))
                return 1;
        }
    }
    b.list.split_s *= (double)rounds;
    double whole_s = b.list.split_s + b.parse_s + b.decode_s + b.derive_s;
    double bytes = (double)b.list.bytes / (double)b.list.items.len;
    printf("  %.0f pods/s  %.0f MB/s  (%.1f KB a pod)\n", (double)b.pods / whole_s,
           bytes * (double)b.pods / whole_s / 1e6, bytes / 1e3);
    print_part(&b, "split the stream", b.list.split_s, whole_s);
    print_part(&b, "parse JSON", b.parse_s, whole_s);
    print_part(&b, "record of the pod", b.decode_s, whole_s);
    print_part(&b, "status, block, requests", b.derive_s, whole_s);
    bench_pieces_free(&b.list);
    return 0;
}
