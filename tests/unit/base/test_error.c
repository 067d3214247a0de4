/* error, alloc: messages, wrapping, the fatal exit.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/error.h"
#include "initwatch/base/vec.h"

static void
iw_fail__fills_code_and_message(void **state)
{
    (void)state;
    struct iw_error err = {.sys_errno = 3, .http_status = 500};
    assert_int_equal(iw_fail(&err, IW_ERR_GONE, "version %d", 7), IW_ERR_GONE);
    assert_int_equal(err.code, IW_ERR_GONE);
    assert_string_equal(err.msg, "version 7");
    assert_int_equal(err.sys_errno, 0);
    assert_int_equal(err.http_status, 0);
}

static void
iw_fail__without_an_error_struct_returns_the_code(void **state)
{
    (void)state;
    assert_int_equal(iw_fail(NULL, IW_ERR_DNS, "x"), IW_ERR_DNS);
    assert_int_equal(iw_fail_errno(NULL, IW_ERR_IO, ENOENT, "x"), IW_ERR_IO);
    assert_int_equal(iw_wrap(NULL, "x"), IW_ERR_INTERNAL);
}

static void
iw_fail_errno__appends_the_systems_text(void **state)
{
    (void)state;
    struct iw_error err = {0};
    assert_int_equal(iw_fail_errno(&err, IW_ERR_IO, ENOENT, "open %s", "x"), IW_ERR_IO);
    assert_string_equal(err.msg, "open x: No such file or directory");
    assert_int_equal(err.sys_errno, ENOENT);
}

static void
iw_wrap__reads_from_the_outside_in(void **state)
{
    (void)state;
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_REFUSED, "connection refused");
    err.retry_after_ms = 5;
    iw_wrap(&err, "list %s", "pods");
    assert_int_equal(iw_wrap(&err, "context prod"), IW_ERR_REFUSED);
    assert_string_equal(err.msg, "context prod: list pods: connection refused");
    assert_int_equal(err.retry_after_ms, 5);
}

static void
iw_fail__may_use_the_old_message(void **state)
{
    (void)state;
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_IO, "inner");
    iw_fail(&err, IW_ERR_CONFIG, "outer %s", err.msg);
    assert_string_equal(err.msg, "outer inner");
}

static void
iw_fail__cuts_between_characters(void **state)
{
    (void)state;
    struct iw_error err = {0};
    char text[500];
    for (size_t i = 0; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[sizeof(text) - 1] = '\0';
    text[498] = '\0';
    iw_fail(&err, IW_ERR_IO, "%s", text);
    assert_int_equal(strlen(err.msg), 382); /* 383 would end in half a letter */
    iw_wrap(&err, "a");
    assert_int_equal(strlen(err.msg) % 2, 1);
}

static void
iw_err_tables__have_a_row_for_each_code(void **state)
{
    (void)state;
    for (int code = 0; code < IW_ERR_COUNT; code++) {
        assert_true(iw_err_name((enum iw_err)code)[0] != '\0');
        assert_true(iw_err_message((enum iw_err)code)[0] != '\0');
        assert_non_null(iw_err_hint((enum iw_err)code));
    }
    assert_string_equal(iw_err_name(IW_ERR_GONE), "GONE");
    assert_int_equal(iw_err_retry(IW_ERR_GONE), IW_RETRY_RELIST);
    assert_int_equal(iw_err_retry(IW_ERR_UNAUTHORIZED), IW_RETRY_AUTH);
    assert_int_equal(iw_err_retry(IW_ERR_REFUSED), IW_RETRY_LATER);
    assert_string_equal(iw_err_name((enum iw_err)999), "INTERNAL");
}

static void
iw_asprintf__formats_any_length(void **state)
{
    (void)state;
    iw_autofree char *text = iw_asprintf("%0300d", 1);
    assert_int_equal(strlen(text), 300);
    iw_autofree char *copy = iw_strndup("abc", 2);
    assert_string_equal(copy, "ab");
}

static void
vec__grows_and_removes(void **state)
{
    (void)state;
    VEC(int) numbers = {0};
    for (int i = 0; i < 100; i++)
        vec_push(&numbers, i);
    vec_remove(&numbers, 0);
    assert_int_equal(numbers.len, 99);
    assert_int_equal(numbers.items[0], 1);
    assert_int_equal(numbers.items[98], 99);
    vec_free(&numbers);
    assert_null(numbers.items);
}

static void
fatal_hook(void)
{
    fputs("hook ran; ", stderr);
}

static void
iw_reallocarray__overflow_runs_the_hook_and_exits_with_70(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        iw_set_fatal_hook(fatal_hook);
        void *p = iw_reallocarray(NULL, SIZE_MAX / 2, 3);
        _exit(p ? 1 : 2);
    }
    close(fds[1]);
    char text[256] = "";
    size_t len = 0;
    for (ssize_t got; (got = read(fds[0], text + len, sizeof(text) - 1 - len)) > 0;)
        len += (size_t)got;
    close(fds[0]);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    assert_non_null(strstr(text, "hook ran; initwatch: out of memory"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iw_fail__fills_code_and_message),
        cmocka_unit_test(iw_fail__without_an_error_struct_returns_the_code),
        cmocka_unit_test(iw_fail_errno__appends_the_systems_text),
        cmocka_unit_test(iw_wrap__reads_from_the_outside_in),
        cmocka_unit_test(iw_fail__may_use_the_old_message),
        cmocka_unit_test(iw_fail__cuts_between_characters),
        cmocka_unit_test(iw_err_tables__have_a_row_for_each_code),
        cmocka_unit_test(iw_asprintf__formats_any_length),
        cmocka_unit_test(vec__grows_and_removes),
        cmocka_unit_test(iw_reallocarray__overflow_runs_the_hook_and_exits_with_70),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
