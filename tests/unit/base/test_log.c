/* log: escaping, redaction, the ring, the file and its rotation.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"

static char folder[64];

static void
assert_sanitized(const char *text, const char *want)
{
    char out[256];
    log_sanitize(text, strlen(text), out, sizeof(out));
    assert_string_equal(out, want);
}

static void
log_sanitize__makes_control_bytes_visible(void **state)
{
    (void)state;
    assert_sanitized("a\x1b[31mb\n\t\r\x7f", "a\\x1b[31mb\\n\\t\\r\\x7f");
    assert_sanitized("\xff\xc3", "\\xff\\xc3");
    assert_sanitized("\xe2\x80\xae", "\\u{202e}");
    assert_sanitized("\xc2\x9b", "\\x9b"); /* CSI as one character */
    assert_sanitized("caf\xc3\xa9 \xef\xbf\xbd", "caf\xc3\xa9 \xef\xbf\xbd");
}

static void
log_sanitize__redacts_secrets(void **state)
{
    (void)state;
    assert_sanitized("Authorization: Bearer abc.def next", "Authorization: Bearer (redacted) next");
    assert_sanitized("authorization:Basic dXNlcg==", "authorization:Basic (redacted)");
    assert_sanitized("AUTHORIZATION: xyz", "AUTHORIZATION: (redacted)");
    assert_sanitized("GET /x?token=abc b", "GET /x?token=(redacted) b");
    assert_sanitized("Bearer abc", "Bearer (redacted)");
    assert_sanitized("password=hunter2 ok", "password=(redacted) ok");
    assert_sanitized("{\"password\": \"two words\", 1}", "{\"password\": \"(redacted) 1}");
    assert_sanitized("{\"token\":\"abc\"} x", "{\"token\":\"(redacted) x");
    assert_sanitized("the token is gone", "the token is gone");
}

static void
log_hide__keeps_a_secret_out_wherever_it_stands(void **state)
{
    (void)state;
    log_hide("0123456789abcdef");
    assert_sanitized("GET /0123456789abcdef/api/v1 x", "GET /(redacted)/api/v1 x");
    assert_sanitized("0123456789abcdef0123456789abcdef", "(redacted)(redacted)");
    assert_sanitized("0123456789abcde", "0123456789abcde");
    log_hide("short");
    assert_sanitized("a short word", "a short word");
    log_hide(NULL);
    assert_sanitized("/0123456789abcdef/", "/0123456789abcdef/");
}

static void
log_sanitize__stays_in_its_room(void **state)
{
    (void)state;
    char out[8];
    memset(out, 'Z', sizeof(out));
    log_sanitize("abc\x1b"
                 "def",
                 7, out, 6);
    assert_string_equal(out, "abc"); /* the escape does not fit, nor does what follows it */
    assert_int_equal(out[6], 'Z');
    log_sanitize("abc", 3, out, 1);
    assert_string_equal(out, "");
    log_sanitize("abc", 3, NULL, 0);
}

static void
log_ring__keeps_the_last_lines(void **state)
{
    (void)state;
    uint64_t before = log_ring_total();
    for (int i = 0; i < LIMIT_MESSAGES + 7; i++)
        log_write(LOG_LEVEL_WARN, "line %d", i);
    assert_int_equal(log_ring_count(), LIMIT_MESSAGES);
    assert_int_equal(log_ring_total() - before, LIMIT_MESSAGES + 7);
    assert_string_equal(log_ring_at(0)->text, "line 7");
    assert_string_equal(log_ring_at(LIMIT_MESSAGES - 1)->text, "line 506");
    assert_null(log_ring_at(LIMIT_MESSAGES));
}

static void
log_write__honours_the_level(void **state)
{
    (void)state;
    assert_int_equal(log_open(NULL, LOG_LEVEL_WARN, NULL), IW_OK);
    uint64_t before = log_ring_total();
    LOG_INFO("not kept");
    LOG_DEBUG("not kept");
    assert_int_equal(log_ring_total(), before);
    LOG_ERROR("kept");
    assert_int_equal(log_ring_total(), before + 1);
    log_close();
}

static void
log_write__cuts_a_long_line_between_characters(void **state)
{
    (void)state;
    char text[601] = "x";
    for (size_t i = 1; i < 599; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    log_write(LOG_LEVEL_ERROR, "%s", text);
    const struct log_line *line = log_ring_at(log_ring_count() - 1);
    assert_int_equal(strlen(line->text), 255);
    log_write(LOG_LEVEL_ERROR, "y%s", text);
    line = log_ring_at(log_ring_count() - 1);
    assert_int_equal(strlen(line->text), 254);
}

static char *
path_in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void
log_open__writes_a_private_file_in_new_folders(void **state)
{
    (void)state;
    const char *path = path_in_folder("a/b/x.log");
    assert_int_equal(log_open(path, LOG_LEVEL_INFO, NULL), IW_OK);
    LOG_INFO("token=%s and\n%c", "secret", 27);
    log_close();
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char line[256];
    FILE *f = fopen(path, "r");
    assert_non_null(fgets(line, sizeof(line), f));
    fclose(f);
    assert_non_null(strstr(line, "Z INFO  token=(redacted) and\\n\\x1b\n"));
    unlink(path);
    rmdir(path_in_folder("a/b"));
    rmdir(path_in_folder("a"));
}

static void
log_open__moves_a_large_file_away(void **state)
{
    (void)state;
    char path[128], old[128];
    snprintf(path, sizeof(path), "%s/big.log", folder);
    snprintf(old, sizeof(old), "%s/big.log.1", folder);
    FILE *f = fopen(path, "w");
    assert_int_equal(ftruncate(fileno(f), LIMIT_LOG_FILE_BYTES + 1), 0);
    fclose(f);
    assert_int_equal(log_open(path, LOG_LEVEL_INFO, NULL), IW_OK);
    struct stat st;
    assert_int_equal(stat(old, &st), 0);
    assert_int_equal(st.st_size, LIMIT_LOG_FILE_BYTES + 1);
    /* And while it is open. */
    char text[4000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (unsigned i = 0; i < LIMIT_LOG_FILE_BYTES / 4000 + 10; i++)
        log_write(LOG_LEVEL_INFO, "%s", text);
    log_close();
    assert_int_equal(stat(old, &st), 0);
    assert_in_range(st.st_size, LIMIT_LOG_FILE_BYTES, LIMIT_LOG_FILE_BYTES + 8192);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(path, &st), 0);
    assert_in_range(st.st_size, 1, 100000);
    unlink(path);
    unlink(old);
}

static void
log_open__fails_for_what_is_no_file(void **state)
{
    (void)state;
    struct iw_error err = {0};
    assert_int_equal(log_open(folder, LOG_LEVEL_INFO, &err), IW_ERR_IO);
    assert_non_null(strstr(err.msg, "log file"));
    assert_int_equal(log_open("/dev/null", LOG_LEVEL_INFO, &err), IW_ERR_IO);
    uint64_t before = log_ring_total();
    LOG_INFO("the ring works");
    assert_int_equal(log_ring_total(), before + 1);
}

static int
make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/iw-log-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_sanitize__makes_control_bytes_visible),
        cmocka_unit_test(log_sanitize__redacts_secrets),
        cmocka_unit_test(log_hide__keeps_a_secret_out_wherever_it_stands),
        cmocka_unit_test(log_sanitize__stays_in_its_room),
        cmocka_unit_test(log_ring__keeps_the_last_lines),
        cmocka_unit_test(log_write__honours_the_level),
        cmocka_unit_test(log_write__cuts_a_long_line_between_characters),
        cmocka_unit_test(log_open__writes_a_private_file_in_new_folders),
        cmocka_unit_test(log_open__moves_a_large_file_away),
        cmocka_unit_test(log_open__fails_for_what_is_no_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
