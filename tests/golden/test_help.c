/* Golden screens of help and of the messages of initwatch itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cluster.h"
#include "initwatch/base/log.h"

static void
check(const char *name, const char *keys, int cols, int rows)
{
    struct scene sc;
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, cols, rows);
    scene_keys(&sc, keys);
    bool same = scene_is(&sc, name, cols, rows);
    scene_close(&sc);
    assert_true(same);
}

static void
help__of_the_pod_list_at_80x24(void **state)
{
    (void)state;
    check("help_pods_80x24", "?", 80, 24);
}

static void
help__of_the_pod_list_at_140x40(void **state)
{
    (void)state;
    check("help_pods_140x40", "?", 140, 40);
}

static void
help__end_of_the_page(void **state)
{
    (void)state;
    check("help_end_80x24", "?G", 80, 24);
}

static void
help__search(void **state)
{
    (void)state;
    check("help_search_80x24", "?/log\r", 80, 24);
    /* Typing is enough, also where a letter is a key elsewhere. */
    check("help_search_80x24", "?log\r", 80, 24);
}

static void
messages__newest_last_with_hostile_text(void **state)
{
    struct scene sc;
    (void)state;
    assert_int_equal(log_open(NULL, LOG_LEVEL_INFO, NULL), IW_OK);
    cluster_open(&sc);
    scene_ui(&sc, "pods");
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "M");
    assert_true(scene_has(&sc, "no messages"));
    for (int i = 1; i <= 30; i++)
        LOG_INFO("message number %d", i);
    LOG_WARN("watch pods: %s", "connection \x1b[31mrefused\x07");
    assert_true(ui_needs_frame(sc.ui));
    assert_true(scene_has(&sc, "watch pods: connection"));
    scene_keys(&sc, "z");
    assert_true(scene_has(&sc, "only warnings and errors   1 of 31"));
    assert_false(scene_has(&sc, "message number 30"));
    scene_close(&sc);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help__of_the_pod_list_at_80x24),
        cmocka_unit_test(help__of_the_pod_list_at_140x40),
        cmocka_unit_test(help__end_of_the_page),
        cmocka_unit_test(help__search),
        cmocka_unit_test(messages__newest_last_with_hostile_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
