/* One truth: a pod is the same record, whether its JSON was read or its protobuf.
 *
 * The lists come from a real API server's serializer, 1,500 pods each, next to the JSON of the same
 * pods. What protobuf cannot carry is said in pod_equal.h; everything else is compared exactly.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gzlines.h"
#include "initwatch/data/jarena.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/decode_pb.h"
#include "pbfile.h"
#include "pod_equal.h"

static struct pod *
pod_of_json(const char *line, size_t len)
{
    struct iw_error err = {0};
    json_t *root;
    struct pod *pod = NULL;
    if (jarena_parse(line, len, &root, &err) != IW_OK ||
        decode_pod(json_object_get(root, "pod"), "ctx", &pod, &err) != IW_OK)
        fail_msg("%.200s: %s", line, err.msg);
    jarena_release();
    return pod;
}

static struct pod *
pod_of_pb(struct pb_span message)
{
    struct iw_error err = {0};
    struct pod *pod = NULL;
    if (decode_pod_pb(message, "ctx", &pod, &err) != IW_OK)
        fail_msg("%s", err.msg);
    return pod;
}

/* Compare all pods of a set; returns how many. */
static unsigned
compare_set(const char *jsonl, const char *podlist)
{
    struct strbuf bytes;
    assert_true(pbfile_read(podlist, &bytes));
    struct pb_object list;
    assert_true(pb_unwrap(pbfile_span(&bytes), &list));
    assert_true(pb_equals(list.kind, "PodList"));
    struct gzlines *lines = gzlines_open(jsonl);
    assert_non_null(lines);
    unsigned count = 0, different = 0;
    struct pb_span item;
    size_t len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL; count++) {
        assert_true(pbfile_item(&list.raw, &item));
        struct pod *a = pod_of_json(line, len), *b = pod_of_pb(item);
        struct pod_difference d = {0};
        if (!pod_equal(a, b, &d) && different++ < 20)
            print_error("%s: %s\n", a->name, d.text);
        pod_free(a);
        pod_free(b);
    }
    assert_false(pbfile_item(&list.raw, &item));
    assert_int_equal(different, 0);
    gzlines_close(lines);
    strbuf_free(&bytes);
    return count;
}

static void
decode_pod_pb__gives_the_records_of_json__printpod(void **state)
{
    (void)state;
    assert_int_equal(compare_set(TEST_DATA_DIR "/printpod/random.jsonl.gz",
                                 TEST_DATA_DIR "/printpod/random.podlist.pb.gz"),
                     1500);
}

static void
decode_pod_pb__gives_the_records_of_json__resources(void **state)
{
    (void)state;
    assert_int_equal(compare_set(TEST_DATA_DIR "/resources/random.jsonl.gz",
                                 TEST_DATA_DIR "/resources/random.podlist.pb.gz"),
                     1500);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_pod_pb__gives_the_records_of_json__printpod),
        cmocka_unit_test(decode_pod_pb__gives_the_records_of_json__resources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
