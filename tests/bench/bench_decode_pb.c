/* bench_decode_pb: how fast pods of a protobuf list become records.
 *
 * usage: bench_decode_pb LIST.pb [ROUNDS]
 * LIST.pb is a PodList as a server sends it with Accept: application/vnd.kubernetes.protobuf.
 * bench_decode prints the same for JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "bench_pieces.h"
#include "initwatch/source/decode_pb.h"

struct bench {
    struct bench_pieces list;
    size_t record_bytes;
    double decode_s;
    unsigned long pods;
};

static bool
one_pod(struct bench *b, const struct bench_piece *item)
{
    struct iw_error err = {0};
    struct pod *pod = NULL;
    double start_s = bench_now_s();
    enum iw_err rc = decode_pod_pb(pb_span_of(item->bytes, item->len), "bench", &pod, &err);
    double decoded_s = bench_now_s();
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
    if (argc < 2 || rounds < 1 || !bench_split_file(&b.list, argv[1], FRAME_PB_LIST))
        return 2;
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < b.list.items.len; i++)
            if (!one_pod(&b, &b.list.items.items[i]))
                return 1;
    double pods = (double)b.pods, bytes = (double)b.list.bytes / (double)b.list.items.len;
    double whole_s = b.list.split_s * (double)rounds + b.decode_s;
    printf("  %.0f pods/s  %.0f MB/s  (%.1f KB a pod, %.0f bytes a record)\n", pods / whole_s,
           bytes * pods / whole_s / 1e6, bytes / 1e3, (double)b.record_bytes / pods);
    printf("  %-28s %7.1f us a pod\n", "split the stream",
           b.list.split_s * (double)rounds * 1e6 / pods);
    printf("  %-28s %7.1f us a pod\n", "record of the pod", b.decode_s * 1e6 / pods);
    bench_pieces_free(&b.list);
    return 0;
}
