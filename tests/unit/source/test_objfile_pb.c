/* Protobuf files: lists and single objects, streamed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/source/decode.h"
#include "initwatch/source/decode_pb.h"
#include "pbfile.h"

struct seen {
    struct strbuf text; /* "Pod#1=a " */
    unsigned count;
    enum iw_err answer;
};

static enum iw_err
note(void *ctx, const struct file_object *o, struct iw_error *err)
{
    struct seen *seen = ctx;
    struct pod *pod = NULL;
    assert_null(o->object);
    assert_int_equal(decode_pod_pb(o->message, "", &pod, err), IW_OK);
    if (seen->count++ < 4)
        strbuf_addf(&seen->text, "%s#%d=%s ", o->kind, o->line, pod->name);
    pod_free(pod);
    return seen->answer == IW_OK ? IW_OK : iw_fail(err, seen->answer, "enough");
}

static enum iw_err
read_bytes(const struct strbuf *bytes, size_t len, struct seen *seen, struct iw_error *err)
{
    char path[] = "/tmp/iw-objfile-pb-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes->data, len), (ssize_t)len);
    close(fd);
    strbuf_init(&seen->text, 0);
    enum iw_err rc = objfile_each(path, note, seen, err);
    unlink(path);
    return rc;
}

static struct strbuf
real_list(void)
{
    struct strbuf bytes;
    assert_true(pbfile_read(TEST_DATA_DIR "/printpod/random.podlist.pb.gz", &bytes));
    return bytes;
}

static void
objfile_pb__streams_the_list_of_a_real_server(void **state)
{
    (void)state;
    struct strbuf bytes = real_list();
    struct seen seen = {0};
    struct iw_error err = {0};
    assert_int_equal(read_bytes(&bytes, bytes.len, &seen, &err), IW_OK);
    assert_int_equal(seen.count, 1500);
    assert_string_equal(seen.text.data,
                        "Pod#1=given-00000 Pod#2=given-00001 Pod#3=given-00002 Pod#4=given-00003 ");
    strbuf_free(&seen.text);
    strbuf_free(&bytes);
}

static void
objfile_pb__reads_a_single_object(void **state)
{
    (void)state;
    struct strbuf meta, pod, object;
    strbuf_init(&meta, 0);
    strbuf_init(&pod, 0);
    strbuf_init(&object, 0);
    pbw_text(&meta, 1, "web");
    pbw_message(&pod, 1, &meta);
    pbw_object(&object, "Pod", pod.data, pod.len);
    struct seen seen = {0};
    assert_int_equal(read_bytes(&object, object.len, &seen, NULL), IW_OK);
    assert_string_equal(seen.text.data, "Pod#1=web ");
    strbuf_free(&seen.text);
    strbuf_free(&meta);
    strbuf_free(&pod);
    strbuf_free(&object);
}

static void
objfile_pb__says_when_a_list_is_cut(void **state)
{
    (void)state;
    struct strbuf bytes = real_list();
    static const size_t lens[] = {1000, 100000, 300000};
    for (size_t i = 0; i < IW_COUNTOF(lens); i++) {
        struct seen seen = {0};
        struct iw_error err = {0};
        assert_int_equal(read_bytes(&bytes, lens[i], &seen, &err), IW_ERR_PARSE);
        assert_non_null(strstr(err.msg, "the file ends in the middle of a list"));
        assert_true(seen.count > 0);
        strbuf_free(&seen.text);
    }
    strbuf_free(&bytes);
}

static void
objfile_pb__says_what_is_no_object(void **state)
{
    (void)state;
    struct strbuf bytes;
    strbuf_init(&bytes, 0);
    strbuf_add(&bytes, "k8s\0\xff\xff\xff", 7);
    struct seen seen = {0};
    struct iw_error err = {0};
    assert_int_equal(read_bytes(&bytes, bytes.len, &seen, &err), IW_ERR_PARSE);
    assert_non_null(strstr(err.msg, "protobuf without a kind"));
    strbuf_free(&seen.text);
    strbuf_free(&bytes);
}

static void
objfile_pb__stops_with_the_callers_error(void **state)
{
    (void)state;
    struct strbuf bytes = real_list();
    struct seen seen = {.answer = IW_ERR_RANGE};
    struct iw_error err = {0};
    assert_int_equal(read_bytes(&bytes, bytes.len, &seen, &err), IW_ERR_RANGE);
    assert_string_equal(err.msg, "enough");
    assert_int_equal(seen.count, 1);
    strbuf_free(&seen.text);
    strbuf_free(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objfile_pb__streams_the_list_of_a_real_server),
        cmocka_unit_test(objfile_pb__reads_a_single_object),
        cmocka_unit_test(objfile_pb__says_when_a_list_is_cut),
        cmocka_unit_test(objfile_pb__says_what_is_no_object),
        cmocka_unit_test(objfile_pb__stops_with_the_callers_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
