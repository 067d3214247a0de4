/* The program on protobuf: what it prints is what it prints for JSON.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "gzlines.h"
#include "pbfile.h"
#include "program.h"

/* The pods of printpod/random as JSON lines. */
static struct strbuf
json_lines(void)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/printpod/random.jsonl.gz");
    assert_non_null(lines);
    size_t len;
    for (char *line; (line = gzlines_next(lines, &len)) != NULL;) {
        json_t *root = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
        char *pod = json_dumps(json_object_get(root, "pod"), JSON_COMPACT);
        strbuf_adds(&out, pod);
        strbuf_addc(&out, '\n');
        free(pod);
        json_decref(root);
    }
    gzlines_close(lines);
    return out;
}

static struct program
get(const struct strbuf *input, const char *format)
{
    const char *const args[] = {"get", "-f",   "-", "-A", "--now", "2026-06-15T12:00:00Z",
                                "-o",  format, NULL};
    return program_run(args, input->data, input->len);
}

static void
get__prints_the_same_of_a_protobuf_list(void **state)
{
    (void)state;
    static const char *const formats[] = {"table", "kubectl", "wide", "json"};
    struct strbuf json = json_lines(), protobuf;
    assert_true(pbfile_read(TEST_DATA_DIR "/printpod/random.podlist.pb.gz", &protobuf));
    for (size_t i = 0; i < IW_COUNTOF(formats); i++) {
        struct program a = get(&json, formats[i]), b = get(&protobuf, formats[i]);
        assert_int_equal(a.status, 0);
        assert_int_equal(b.status, 0);
        assert_true(a.out_len > 50000);
        assert_string_equal(a.out, b.out);
        program_free(&a);
        program_free(&b);
    }
    strbuf_free(&json);
    strbuf_free(&protobuf);
}

static void
get__chooses_pods_of_a_protobuf_list(void **state)
{
    (void)state;
    struct strbuf protobuf;
    assert_true(pbfile_read(TEST_DATA_DIR "/printpod/random.podlist.pb.gz", &protobuf));
    const char *const args[] = {"get",     "-f",           "-", "given-00007", "-o",
                                "kubectl", "--no-headers", NULL};
    struct program p = program_run(args, protobuf.data, protobuf.len);
    assert_int_equal(p.status, 0);
    assert_int_equal(strncmp(p.out, "given-00007 ", 12), 0);
    assert_ptr_equal(strchr(p.out, '\n'), p.out + p.out_len - 1);
    program_free(&p);
    strbuf_free(&protobuf);
}

static void
get__says_what_is_wrong_with_a_protobuf_file(void **state)
{
    (void)state;
    const char *const args[] = {"get", "-f", "-", NULL};
    struct strbuf protobuf;
    assert_true(pbfile_read(TEST_DATA_DIR "/printpod/random.podlist.pb.gz", &protobuf));
    struct program p = program_run(args, protobuf.data, 5000);
    assert_int_not_equal(p.status, 0);
    assert_string_equal(p.err,
                        "initwatch: standard input: the file ends in the middle of a list\n");
    program_free(&p);
    strbuf_free(&protobuf);
}

static void
lint__refuses_protobuf(void **state)
{
    (void)state;
    const char *const args[] = {"lint", "-f", "-", NULL};
    struct strbuf protobuf;
    assert_true(pbfile_read(TEST_DATA_DIR "/printpod/random.podlist.pb.gz", &protobuf));
    struct program p = program_run(args, protobuf.data, protobuf.len);
    assert_int_not_equal(p.status, 0);
    assert_non_null(strstr(p.err, "lint reads manifests: YAML or JSON"));
    program_free(&p);
    strbuf_free(&protobuf);
}

static void
wire__takes_three_words(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        bool known;
    } cases[] = {{"json", true}, {"protobuf", true}, {"auto", true}, {"xml", false}, {"", false}};
    for (size_t i = 0; i < IW_COUNTOF(cases); i++) {
        const char *const args[] = {"get", "-f", "-", "--wire", cases[i].word, NULL};
        struct program p = program_run(args, "{\"kind\":\"List\",\"items\":[]}", 26);
        assert_int_equal(strstr(p.err, "is not one of auto, json, protobuf") == NULL,
                         cases[i].known);
        program_free(&p);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__prints_the_same_of_a_protobuf_list),
        cmocka_unit_test(get__chooses_pods_of_a_protobuf_list),
        cmocka_unit_test(get__says_what_is_wrong_with_a_protobuf_file),
        cmocka_unit_test(lint__refuses_protobuf),
        cmocka_unit_test(wire__takes_three_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
