/* Objects out of files: every form, lines in messages, files larger than any buffer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gzlines.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/source/decode.h"

/* What came: "Pod/a@1 ", with " ADDED" and " now" where they were given. */
struct seen {
    struct strbuf text;
    size_t count;
    size_t stop_after; /* 0: never */
};

static enum iw_err
note(void *ctx, const struct file_object *o, struct iw_error *err)
{
    struct seen *seen = ctx;
    const char *name =
        json_string_value(json_object_get(json_object_get(o->object, "metadata"), "name"));
    strbuf_addf(&seen->text, "%s/%s@%d", o->kind, name ? name : "?", o->line);
    if (o->watch_type[0])
        strbuf_addf(&seen->text, "+%s", o->watch_type);
    if (o->now_wall_ms != IW_TIME_NONE) {
        char now[40];
        rfc3339_format(o->now_wall_ms, false, now);
        strbuf_addf(&seen->text, "+%s", now);
    }
    strbuf_addc(&seen->text, ' ');
    seen->count++;
    if (seen->stop_after && seen->count == seen->stop_after)
        return iw_fail(err, IW_ERR_CANCELED, "enough");
    return IW_OK;
}

/* A file with this content; its name stays valid until the next call. */
static const char *
write_file(const char *text, size_t len)
{
    static char path[64];
    snprintf(path, sizeof(path), "/tmp/iw-objfile-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t done = 0; done < len;) {
        ssize_t put = write(fd, text + done, len - done);
        assert_true(put > 0);
        done += (size_t)put;
    }
    close(fd);
    return path;
}

static enum iw_err
read_text(const char *text, size_t len, struct seen *seen, struct iw_error *err)
{
    const char *path = write_file(text, len);
    strbuf_init(&seen->text, 0);
    seen->count = 0;
    enum iw_err rc = objfile_each(path, note, seen, err);
    unlink(path);
    return rc;
}

static void
assert_objects(const char *text, const char *want)
{
    struct seen seen = {0};
    struct iw_error err = {0};
    if (read_text(text, strlen(text), &seen, &err) != IW_OK)
        fail_msg("%s\n%s", text, err.msg);
    assert_string_equal(seen.text.data, want);
    strbuf_free(&seen.text);
}

/* The message without the file's name. */
static void
assert_fails(const char *text, enum iw_err code, const char *message)
{
    struct seen seen = {0};
    struct iw_error err = {0};
    assert_int_equal(read_text(text, strlen(text), &seen, &err), code);
    const char *after_name = strchr(err.msg, ':');
    assert_non_null(after_name);
    if (strncmp(after_name + 1, message, strlen(message)) != 0)
        fail_msg("want \"%s\", got \"%s\"", message, err.msg);
    strbuf_free(&seen.text);
}

#define POD(name) "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name "\"}}"
#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\"}}"

static void
objfile_each__reads_one_object(void **state)
{
    (void)state;
    assert_objects(POD("a"), "Pod/a@1 ");
    assert_objects(
        "\xEF\xBB\xBF\n\n {\n  \"metadata\": {\"name\": \"a\"},\n  \"kind\": \"Pod\"\n}\n",
        "Pod/a@3 ");
    assert_objects("", "");
    assert_objects(" \n\n", "");
}

static void
objfile_each__reads_lists(void **state)
{
    (void)state;
    assert_objects("{\"kind\":\"PodList\",\"items\":[" ITEM("a") "," ITEM("b") "]}",
                   "Pod/a@1 Pod/b@1 ");
    assert_objects("{\n \"kind\": \"List\",\n \"items\": [\n  " POD(
                       "a") ",\n  {\"kind\":\"Service\",\n"
                            "   \"metadata\":{\"name\":\"s\"}}\n ]\n}\n",
                   "Pod/a@4 Service/s@5 ");
    assert_objects("{\"kind\":\"PodList\",\"items\":null}", "");
    assert_objects("{\"kind\":\"PodList\",\"items\":[]}", "");
    assert_objects(
        "{\"kind\":\"EventList\",\"metadata\":{\"items\":[1]},\"items\":[" ITEM("e") "]}",
        "Event/e@1 ");
}

static void
objfile_each__tells_items_of_a_list_whose_kind_comes_last(void **state)
{
    (void)state;
    assert_objects("{\"apiVersion\":\"v1\",\"items\":[{\"spec\":{\"containers\":[]},\"metadata\":"
                   "{\"name\":\"a\"}}," POD("b") "],\"kind\":\"List\"}",
                   "Pod/a@1 Pod/b@1 ");
    assert_objects("{\"items\":[{\"involvedObject\":{}}],\"kind\":\"EventList\"}", "Event/?@1 ");
}

static void
objfile_each__reads_json_lines_of_either(void **state)
{
    (void)state;
    assert_objects(POD("a") "\n" POD("b") "\n\n{\"kind\":\"PodList\",\"items\":[" ITEM(
                       "c") "]}\n" POD("d") POD("e") "\n",
                   "Pod/a@1 Pod/b@2 Pod/c@4 Pod/d@5 Pod/e@5 ");
    assert_objects("{\"kind\":\"PodList\",\"items\":[" ITEM(
                       "a") "]}\n"
                            "{\"kind\":\"PodList\",\"items\":[" ITEM("b") "]}",
                   "Pod/a@1 Pod/b@2 ");
    assert_objects("[" POD("a") "," POD("b") "]", "Pod/a@1 Pod/b@1 ");
}

static void
objfile_each__reads_watch_events_and_skips_bookmarks(void **state)
{
    (void)state;
    assert_objects(
        "{\"type\":\"ADDED\",\"object\":" POD(
            "a") "}\n"
                 "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"spec\":{\"containers\":"
                 "null}}}\n"
                 "{\"type\":\"DELETED\",\"object\":" POD(
                     "b") "}\n"
                          "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410}}\n",
        "Pod/a@1+ADDED Pod/b@3+DELETED Status/?@4+ERROR ");
}

static void
objfile_each__reads_envelopes_and_recordings(void **state)
{
    (void)state;
    assert_objects("{\"now\":\"2026-06-15T12:00:00Z\",\"object\":" POD(
                       "a") "}\n"
                            "{\"object\":" POD(
                                "b") ",\"now\":\"2026-06-15T12:00:01Z\"}\n"
                                     "{\"now\":\"2026-06-15T12:00:02Z\",\"object\":{\"type\":"
                                     "\"ADDED\",\"object\":" POD(
                                         "c") "}}\n"
                                              "{\"now\":\"2026-06-15T12:00:03Z\",\"object\":{"
                                              "\"kind\":\"PodList\",\"items\":[" ITEM(
                                                  "d") "]}}\n"
                                                       "{\"t\":1.113,\"event\":{\"type\":"
                                                       "\"MODIFIED\",\"object\":" POD("e") "}}\n",
                   "Pod/a@1+2026-06-15T12:00:00Z Pod/b@2+2026-06-15T12:00:01Z "
                   "Pod/c@3+ADDED+2026-06-15T12:00:02Z Pod/d@4+2026-06-15T12:00:03Z "
                   "Pod/e@5+MODIFIED ");
}

static void
objfile_each__reads_yaml_documents(void **state)
{
    (void)state;
    assert_objects("# pods\nkind: Pod\nmetadata:\n  name: a\n---\n---\nkind: List\nitems:\n"
                   "- kind: Pod\n  metadata: {name: b}\n- kind: Job\n  metadata: {name: c}\n",
                   "Pod/a@2 Pod/b@7 Job/c@7 ");
    assert_objects("\n\n  kind: Pod\n  metadata: {name: a}\n", "Pod/a@3 ");
    assert_objects("---\nkind: Pod\nmetadata: {name: a}\n...\n", "Pod/a@2 ");
}

static void
objfile_each__says_file_and_line_of_broken_text(void **state)
{
    (void)state;
    assert_fails(POD("a") "\n{\"kind\":\"Pod\",oops}\n", IW_ERR_PARSE, "2: column ");
    assert_fails(POD("a") "\n\n{\n \"kind\":\"Pod\",\n \"x\": tru\n}\n", IW_ERR_PARSE,
                 "5: column ");
    assert_fails(POD("a") "\n"
                          "garbage",
                 IW_ERR_PARSE, "2: expected a JSON object here");
    assert_fails(POD("a") "\n{\"kind\":\"Pod\",\n", IW_ERR_PARSE,
                 "3: the file ends in the middle of an object");
    assert_fails("{\"kind\":\"PodList\",\"items\":[" ITEM("a") ",\n", IW_ERR_PARSE,
                 "2: the file ends in the middle of an object");
    assert_fails("{\"kind\":\"PodList\",\"items\":[\n" ITEM("a") ",\n5]}\n", IW_ERR_PARSE, "3");
    assert_fails("{\"kind\":\"Pod\"]\n", IW_ERR_PARSE, "1: ");
    assert_fails("{\"now\":\"soon\",\"object\":{\"kind\":\"Pod\"}}", IW_ERR_PARSE, "1: now: ");
    assert_fails("a: b\nc: [\n", IW_ERR_PARSE, "3:");
    assert_fails("just text\n", IW_ERR_PARSE, "1: expected a Kubernetes object");
}

static void
objfile_each__says_what_cannot_be_opened(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct iw_error err = {0};
    assert_int_equal(objfile_each("/tmp/iw-no-such-file", note, &seen, &err), IW_ERR_NOT_FOUND);
    assert_non_null(strstr(err.msg, "/tmp/iw-no-such-file"));
    assert_int_equal(objfile_each("/tmp", note, &seen, &err), IW_ERR_IO);
}

static void
objfile_each__stops_with_the_callers_error(void **state)
{
    (void)state;
    struct seen seen = {.stop_after = 2};
    struct iw_error err = {0};
    static const char text[] = POD("a") "\n" POD("b") "\n" POD("c") "\n";
    assert_int_equal(read_text(text, sizeof(text) - 1, &seen, &err), IW_ERR_CANCELED);
    assert_string_equal(err.msg, "enough");
    assert_int_equal(seen.count, 2);
    strbuf_free(&seen.text);
}

static void
objfile_each__reads_standard_input(void **state)
{
    (void)state;
    const char *path = write_file(POD("a"), strlen(POD("a")));
    int saved = dup(STDIN_FILENO);
    int fd = open(path, O_RDONLY);
    assert_true(saved >= 0 && fd >= 0);
    dup2(fd, STDIN_FILENO);
    struct seen seen = {0};
    strbuf_init(&seen.text, 0);
    assert_int_equal(objfile_each("-", note, &seen, NULL), IW_OK);
    assert_string_equal(seen.text.data, "Pod/a@1 ");
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(fd);
    unlink(path);
    strbuf_free(&seen.text);
}

/* A list of more bytes than one object may have: only a stream can take it. */
static void
objfile_each__streams_lists_of_any_size(void **state)
{
    (void)state;
    strbuf_auto text;
    strbuf_init(&text, 0);
    iw_autofree char *filler = iw_malloc(20001);
    memset(filler, 'x', 20000);
    filler[20000] = '\0';
    strbuf_adds(&text, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[");
    for (int i = 0; i < 400; i++)
        strbuf_addf(&text, "%s{\"metadata\":{\"name\":\"p%d\",\"annotations\":{\"f\":\"%s\"}}}",
                    i ? "," : "", i, filler);
    strbuf_adds(&text, "]}\n");
    assert_true(text.len > LIMIT_FRAME_BYTES);
    struct seen seen = {0};
    struct iw_error err = {0};
    if (read_text(text.data, text.len, &seen, &err) != IW_OK)
        fail_msg("%s", err.msg);
    assert_int_equal(seen.count, 400);
    assert_non_null(strstr(seen.text.data, "Pod/p399@1 "));
    strbuf_free(&seen.text);
}

static void
objfile_each__reads_a_recorded_watch(void **state)
{
    (void)state;
    strbuf_auto text;
    strbuf_init(&text, 0);
    struct gzlines *lines = gzlines_open(TEST_DATA_DIR "/decode/watch.jsonl.gz");
    assert_non_null(lines);
    size_t bookmarks = 0, count = 0;
    for (char *line; (line = gzlines_next(lines, NULL)) != NULL; count++) {
        strbuf_addf(&text, "%s\n", line);
        bookmarks += strstr(line, "\"type\":\"BOOKMARK\"") != NULL;
    }
    gzlines_close(lines);
    struct seen seen = {0};
    struct iw_error err = {0};
    if (read_text(text.data, text.len, &seen, &err) != IW_OK)
        fail_msg("%s", err.msg);
    assert_true(count > 500);
    assert_int_equal(seen.count, count - bookmarks);
    strbuf_free(&seen.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objfile_each__reads_one_object),
        cmocka_unit_test(objfile_each__reads_lists),
        cmocka_unit_test(objfile_each__tells_items_of_a_list_whose_kind_comes_last),
        cmocka_unit_test(objfile_each__reads_json_lines_of_either),
        cmocka_unit_test(objfile_each__reads_watch_events_and_skips_bookmarks),
        cmocka_unit_test(objfile_each__reads_envelopes_and_recordings),
        cmocka_unit_test(objfile_each__reads_yaml_documents),
        cmocka_unit_test(objfile_each__says_file_and_line_of_broken_text),
        cmocka_unit_test(objfile_each__says_what_cannot_be_opened),
        cmocka_unit_test(objfile_each__stops_with_the_callers_error),
        cmocka_unit_test(objfile_each__reads_standard_input),
        cmocka_unit_test(objfile_each__streams_lists_of_any_size),
        cmocka_unit_test(objfile_each__reads_a_recorded_watch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
