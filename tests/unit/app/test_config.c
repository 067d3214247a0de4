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
#include "initwatch/data/yaml_json.h"
#include "initwatch/ui/keymap.h"

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
    assert_int_equal(
        load("theme: light\nmotion: false\ntime: utc\nview: all-events\nhistory: 7\n", &c, NULL),
        IW_OK);
    assert_string_equal(c.prefs.theme_name, "light");
    assert_string_equal(c.prefs.view, "all-events");
    assert_false(c.prefs.motion);
    assert_true(c.prefs.header);
    assert_int_equal(c.prefs.time_mode, TIME_MODE_UTC);
    assert_int_equal(c.prefs.history_lines, 7);
    assert_int_equal(load("# nothing but a comment\n", &c, NULL), IW_OK);
    assert_true(c.prefs.motion);
}

static void
config_load__warns_with_line_and_nearest_and_goes_on(void **state)
{
    (void)state;
    struct config c;
    assert_int_equal(load("wide: true\nthem: light\nascii: maybe\nhistory: 100000\n", &c, NULL),
                     IW_OK);
    assert_true(c.prefs.wide);
    assert_false(c.prefs.ascii);
    assert_int_equal(c.prefs.history_lines, 200);
    assert_true(warned(":2: there is no option \"them\"; did you mean theme"));
    assert_true(warned(":3: ascii: \"maybe\": expected on or off"));
    assert_true(warned("history: \"100000\": expected a number from 0 to 1000"));
}

static void
config_load__binds_keys_and_reports_conflicts(void **state)
{
    (void)state;
    struct config c;
    int32_t arg;
    assert_int_equal(load("keys:\n  pods:\n    X: logs\n    \"5\": tab 3\n    C-k: why\n"
                          "    \"^K\": events\n    W: lgos\n    y: why\n  nowhere:\n    a: quit\n",
                          &c, NULL),
                     IW_OK);
    assert_int_equal(keymap_lookup(CTX_PODS, true, 'X', NULL), ACT_LOGS);
    assert_int_equal(keymap_lookup(CTX_PODS, true, '5', &arg), ACT_TAB);
    assert_int_equal(arg, 3);
    assert_int_equal(keymap_lookup(CTX_PODS, true, KEY_CTRL('k'), NULL), ACT_EVENTS);
    assert_true(warned(":6: keys: pods: C-k and ^K are one key"));
    assert_true(warned("there is no action \"lgos\"; did you mean logs"));
    assert_true(warned(": keys: y and n stand for true and false in YAML: write \"y\""));
    assert_true(warned("there is no place \"nowhere\" for keys"));
    keymap_reset();
}

static void
config__the_command_line_wins_over_the_environment_over_the_file(void **state)
{
    (void)state;
    struct config c;
    struct iw_error err = {0};
    setenv("INITWATCH_THEME", "mono", 1);
    setenv("INITWATCH_TIME", "local", 1);
    setenv("INITWATCH_WIDE", "perhaps", 1);
    assert_int_equal(load("theme: light\ntime: utc\nheader: off\n", &c, NULL), IW_OK);
    const struct options o = {.theme = "cb-safe", .ascii = true};
    assert_int_equal(config_take_options(&c, &o, &err), IW_OK);
    char *dump = config_dump(&c);
    assert_non_null(strstr(dump, "theme: cb-safe           # command line\n"));
    assert_non_null(strstr(dump, "time: local              # environment\n"));
    assert_non_null(strstr(dump, "header: off              # file\n"));
    assert_non_null(strstr(dump, "motion: on               # built-in\n"));
    assert_true(warned("INITWATCH_WIDE: wide: \"perhaps\": expected on or off"));
    free(dump);
    const struct options bad = {.ambiguous = "3"};
    assert_int_equal(config_take_options(&c, &bad, &err), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "--ambiguous: \"3\": expected one of auto, 1, 2"));
    unsetenv("INITWATCH_THEME");
    unsetenv("INITWATCH_TIME");
    unsetenv("INITWATCH_WIDE");
}

static void
config_example__is_the_file_in_examples_and_changes_nothing(void **state)
{
    (void)state;
    struct config c;
    struct ui_prefs built_in;
    char *now = config_example(), *kept;
    assert_int_equal(file_read_all(TEST_SOURCE_DIR "/examples/config.yaml", 0, &kept, NULL, NULL),
                     IW_OK);
    assert_string_equal(now, kept);
    assert_int_equal(config_load(TEST_SOURCE_DIR "/examples/config.yaml", &c, NULL), IW_OK);
    prefs_init(&built_in);
    for (size_t i = 0; i < pref_count; i++) {
        char a[256], b[256];
        pref_get(&c.prefs, &pref_table[i], a, sizeof(a));
        pref_get(&built_in, &pref_table[i], b, sizeof(b));
        assert_string_equal(a, b);
        assert_int_equal(c.origin[i], ORIGIN_FILE);
    }
    free(now);
    free(kept);
}

static void
config_choose_theme__reads_theme_files(void **state)
{
    (void)state;
    struct iw_error err = {0};
    struct ui_prefs prefs;
    prefs_init(&prefs);
    snprintf(prefs.theme_name, sizeof(prefs.theme_name), "drak");
    assert_int_equal(config_choose_theme(&prefs, false, &err), IW_ERR_USAGE);
    assert_non_null(strstr(err.msg, "did you mean dark"));
    assert_int_equal(prefs.theme, THEME_DARK);
    snprintf(prefs.theme_name, sizeof(prefs.theme_name), "auto");
    assert_int_equal(config_choose_theme(&prefs, true, &err), IW_OK);
    assert_int_equal(prefs.theme, THEME_LIGHT);
    char path[] = "/tmp/iw-theme-XXXXXX";
    int fd = mkstemp(path);
    const char text[] = "base: light\nselection: 159\nroles:\n  error: {fg: \"#ff0000\", bold: "
                        "false, underline: true}\n  ok: {fg: default}\n  eror: {fg: 1}\n"
                        "  warn: {fg: 900}\n";
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    close(fd);
    snprintf(prefs.theme_name, sizeof(prefs.theme_name), "%s", path);
    assert_int_equal(config_choose_theme(&prefs, false, &err), IW_OK);
    unlink(path);
    assert_int_equal(prefs.theme, THEME_CUSTOM);
    assert_int_equal(role_style(THEME_CUSTOM, ROLE_ERROR).fg, 196);
    assert_int_equal(role_style(THEME_CUSTOM, ROLE_ERROR).attrs, ROLE_UNDERLINE);
    assert_int_equal(role_style(THEME_CUSTOM, ROLE_OK).fg, -1);
    assert_int_equal(role_style_selected(THEME_CUSTOM, ROLE_ERROR).bg, 159);
    assert_true(warned("there is no role \"eror\"; did you mean error"));
    assert_true(warned("warn: fg is not"));
}

/* Each theme in examples/ loads without a warning. */
static void
example_themes__are_right(void **state)
{
    static const char *const names[] = {"solarized-dark", "solarized-light", "gruvbox"};
    (void)state;
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        struct iw_error err = {0};
        struct ui_prefs prefs;
        size_t before = log_ring_count();
        prefs_init(&prefs);
        /* The name of an option is bounded, the path here is not: by way of the standard folder. */
        char folder[] = "/tmp/iw-themes-XXXXXX", link[4096], target[4096];
        assert_non_null(mkdtemp(folder));
        snprintf(link, sizeof(link), "%s/initwatch", folder);
        snprintf(target, sizeof(target), "%s/examples", TEST_SOURCE_DIR);
        assert_int_equal(symlink(target, link), 0);
        setenv("XDG_CONFIG_HOME", folder, 1);
        snprintf(prefs.theme_name, sizeof(prefs.theme_name), "%s", names[i]);
        assert_int_equal(config_choose_theme(&prefs, false, &err), IW_OK);
        assert_int_equal(prefs.theme, THEME_CUSTOM);
        assert_string_equal(theme_name(THEME_CUSTOM), names[i]);
        assert_int_equal(log_ring_count(), before);
        unlink(link);
        rmdir(folder);
        unsetenv("XDG_CONFIG_HOME");
    }
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
        cmocka_unit_test(config_load__warns_with_line_and_nearest_and_goes_on),
        cmocka_unit_test(config_load__binds_keys_and_reports_conflicts),
        cmocka_unit_test(config__the_command_line_wins_over_the_environment_over_the_file),
        cmocka_unit_test(config_example__is_the_file_in_examples_and_changes_nothing),
        cmocka_unit_test(config_choose_theme__reads_theme_files),
        cmocka_unit_test(example_themes__are_right),
        cmocka_unit_test(config_load__refuses_what_is_no_configuration),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
