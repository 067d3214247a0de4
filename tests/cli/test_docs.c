/* The man page in the repository is the one the program writes, and the completion scripts are scripts.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/data/yaml_json.h"

/* What `argv` prints; its exit status must be 0. New string. */
static char *
output_of(const char *const *argv)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        close(fds[0]);
        close(fds[1]);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(fds[1]);
    struct strbuf b;
    strbuf_init(&b, 0);
    char bytes[4096];
    ssize_t n;
    while ((n = read(fds[0], bytes, sizeof(bytes))) > 0)
        strbuf_add(&b, bytes, (size_t)n);
    close(fds[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return strbuf_take(&b);
}

static void
man_page__is_the_one_the_program_writes(void **state)
{
    (void)state;
    const char *argv[] = {TEST_PROGRAM, "help", "man", NULL};
    char *now = output_of(argv), *kept;
    size_t len;
    assert_int_equal(
        file_read_all(TEST_SOURCE_DIR "/docs/initwatch.1", 1u << 20, &kept, &len, NULL), IW_OK);
    if (strcmp(now, kept) != 0)
        fprintf(stderr,
                "docs/initwatch.1 is old; write it again: initwatch help man > docs/initwatch.1\n");
    assert_string_equal(now, kept);
    free(now);
    free(kept);
}

static void
completion__is_accepted_by_its_shell(void **state)
{
    (void)state;
    const char *argv[] = {TEST_PROGRAM, "completion", "bash", NULL};
    char *script = output_of(argv);
    assert_non_null(strstr(script, "complete -o default -F _initwatch initwatch"));
    assert_non_null(strstr(script, "--previous"));
    const char *bash[] = {"bash", "-nc", script, NULL};
    free(output_of(bash));
    free(script);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(man_page__is_the_one_the_program_writes),
        cmocka_unit_test(completion__is_accepted_by_its_shell),
    };
    return cmocka_run_group_tests_name("docs", tests, NULL, NULL);
}
