/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "initwatch/app/config.h"
#include "initwatch/base/log.h"

static enum iw_err
load(const char *text, struct config *config, struct iw_error *err)
{
    char path[] = "/tmp/initwatch-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    enum iw_err rc = config_load(path, config, err);
    unlink(path);
    return rc;
}

static bool
warned(const char *text)
{
    for (size_t i = 0; i < log_ring_count(); i++) {
        if (strstr(log_ring_at(i)->text, text))
            return true;
    }
    return false;
}

static void
config_load__takes_the_values_it_knows(void **state)
{
    (void)state;
    struct config c;
    assert_int_equal(load("theme: light\nmotion: false\ntime: utc\nview: all-events\n", &c, NULL),
                     IW_OK);
    assert_string_equal(c.theme, "light");
    assert_false(c.motion);
    assert_true(c.header);
    assert_int_equal(c.time_mode, TIME_MODE_UTC);
    assert_int_equal(load("# nothing but a comment\n", &c, NULL), IW_OK);
    assert_true(c.motion);
    assert_int_equal(config_load(TEST_SOURCE_DIR "/examples/config.yaml", &c, NULL), IW_OK);
    assert_string_equal(c.theme, "dark");
}

static void
config_load__warns_and_goes_on(void **state)
{
    (void)state;
    struct config c;
    assert_int_equal(load("them: light\nascii: maybe\nwide: true\n", &c, NULL), IW_OK);
    assert_true(c.wide);
    assert_false(c.ascii);
    assert_true(warned("there is no option \"them\"; did you mean theme"));
    assert_true(warned("ascii: expected true or false"));
}

static void
config_load__refuses_what_is_no_configuration(void **state)
{
    (void)state;
    struct config c;
    struct iw_error err = {0};
    assert_int_equal(load("- a list\n", &c, &err), IW_ERR_CONFIG);
    assert_int_not_equal(load("theme: [\n", &c, &err), IW_OK);
    assert_int_not_equal(config_load("/nowhere/initwatch.yaml", &c, &err), IW_OK);
    assert_non_null(strstr(err.msg, "/nowhere/initwatch.yaml"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config_load__takes_the_values_it_knows),
        cmocka_unit_test(config_load__warns_and_goes_on),
        cmocka_unit_test(config_load__refuses_what_is_no_configuration),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
