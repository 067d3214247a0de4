/* lint through the program: every validation case, exit statuses, templates, text.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "gzlines.h"
#include "initwatch/data/jarena.h"
#include "suite.h"

#define CASES "validation/cases.jsonl.gz"

/* A file that nobody else sees; its descriptor is at the start of the file. */
static FILE *
scratch(const char *text)
{
    FILE *f = tmpfile();
    assert_non_null(f);
    fputs(text, f);
    fflush(f);
    rewind(f);
    return f;
}

/* `initwatch lint -f - -o FORMAT` with `in` as standard input; its exit status. */
static int
run_lint(FILE *in, FILE *out, const char *format)
{
    int status = 0;
    lseek(fileno(in), 0, SEEK_SET);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(fileno(in), STDIN_FILENO);
        dup2(fileno(out), STDOUT_FILENO);
        execl(TEST_PROGRAM, TEST_PROGRAM, "lint", "-f", "-", "-o", format, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    rewind(out);
    return WEXITSTATUS(status);
}

/* --- the data set --- */

static FILE *answers;

/* The pods of all cases, one a line; raw tokens of numbers become strings, which mean the same. */
static FILE *
write_pods(void)
{
    char path[512];
    size_t len;
    FILE *f = tmpfile();
    assert_non_null(f);
    snprintf(path, sizeof(path), "%s/%s", TEST_DATA_DIR, CASES);
    struct gzlines *lines = gzlines_open(path);
    assert_non_null(lines);
    for (char *line; (line = gzlines_next(lines, &len)) != NULL;) {
        json_t *c = NULL;
        assert_int_equal(jarena_parse(line, len, &c, NULL), IW_OK);
        json_dumpf(json_object_get(c, "pod"), f, JSON_COMPACT);
        fputc('\n', f);
        jarena_release();
    }
    gzlines_close(lines);
    fflush(f);
    return f;
}

static bool
same_as_program(const json_t *c, char *got, size_t got_size)
{
    char *line = NULL;
    size_t cap = 0;
    if (getline(&line, &cap, answers) <= 0) {
        free(line);
        snprintf(got, got_size, "no answer");
        return false;
    }
    json_t *answer = json_loads(line, 0, NULL);
    snprintf(got, got_size, "%s", line);
    free(line);
    bool same = json_equal(json_object_get(answer, "errors"), json_object_get(c, "errors")) &&
                json_equal(json_object_get(answer, "warnings"), json_object_get(c, "warnings")) &&
                json_equal(json_object_get(answer, "valid"), json_object_get(c, "valid"));
    json_decref(answer);
    return same;
}

static void
lint__says_what_the_api_server_says_for_every_case(void **state)
{
    (void)state;
    FILE *pods = write_pods();
    answers = tmpfile();
    assert_int_equal(run_lint(pods, answers, "jsonl"), 1);
    suite_run(CASES, 600, same_as_program);
    fclose(pods);
    fclose(answers);
}

/* --- single behaviours --- */

static void
lint__is_silent_about_a_good_pod_and_exits_0(void **state)
{
    (void)state;
    FILE *in = scratch("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{"
                       "\"name\":\"a\",\"image\":\"x:1\"}]}}\n");
    FILE *out = tmpfile();
    char line[4096];
    assert_int_equal(run_lint(in, out, "jsonl"), 0);
    assert_non_null(fgets(line, sizeof(line), out));
    json_t *answer = json_loads(line, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(answer, "errors")), 0);
    assert_int_equal(json_array_size(json_object_get(answer, "findings")), 0);
    assert_true(json_is_true(json_object_get(answer, "valid")));
    json_decref(answer);
    fclose(in);
    fclose(out);
}

static void
lint__exits_4_when_nothing_can_be_judged(void **state)
{
    (void)state;
    FILE *in = scratch("{\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"}}\n");
    FILE *out = tmpfile();
    assert_int_equal(run_lint(in, out, "json"), 4);
    fclose(in);
    fclose(out);
}

static void
lint__judges_the_template_of_a_job_with_its_paths(void **state)
{
    (void)state;
    FILE *in =
        scratch("kind: CronJob\nmetadata: {name: j}\nspec: {jobTemplate: {spec: {template: {spec: "
                "{containers: [{name: a, image: 'x:1', ports: [{containerPort: 0}]}]}}}}}\n");
    FILE *out = tmpfile();
    char text[8192] = "";
    assert_int_equal(run_lint(in, out, "json"), 1);
    text[fread(text, 1, sizeof(text) - 1, out)] = '\0';
    assert_non_null(strstr(text, "spec.jobTemplate.spec.template.spec.containers[0].ports[0]."
                                 "containerPort: Required value"));
    assert_non_null(strstr(text, "spec.jobTemplate.spec.template.spec.restartPolicy: Unsupported "
                                 "value: \\\"Always\\\": supported values: \\\"OnFailure\\\", "
                                 "\\\"Never\\\""));
    fclose(in);
    fclose(out);
}

static void
lint__lets_no_control_byte_of_a_manifest_through(void **state)
{
    (void)state;
    FILE *in = scratch(
        "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\\u001b[2J\"},\"spec\":{\"containers\":["
        "{\"name\":\"a\\u009b\",\"image\":\"x:1\",\"resources\":{\"limits\":{\"\\u001b]0;"
        "x\\u0007\":1}}}]}}\n");
    FILE *out = tmpfile();
    char text[16384] = "";
    assert_int_equal(run_lint(in, out, "wide"), 1);
    size_t len = fread(text, 1, sizeof(text) - 1, out);
    assert_true(len > 0);
    for (size_t i = 0; i < len; i++) {
        assert_true((unsigned char)text[i] >= ' ' || text[i] == '\n');
        assert_false((unsigned char)text[i] == 0xc2 && (unsigned char)text[i + 1] == 0x9b);
    }
    fclose(in);
    fclose(out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lint__says_what_the_api_server_says_for_every_case),
        cmocka_unit_test(lint__is_silent_about_a_good_pod_and_exits_0),
        cmocka_unit_test(lint__exits_4_when_nothing_can_be_judged),
        cmocka_unit_test(lint__judges_the_template_of_a_job_with_its_paths),
        cmocka_unit_test(lint__lets_no_control_byte_of_a_manifest_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
