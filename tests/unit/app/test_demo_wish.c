/* The words after ":demo", and what the demo server says of itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/app/demo_control.h"

static void
demo_wish__becomes_a_request(void **state)
{
    (void)state;
    static const struct {
        const char *words, *path, *body, *target;
    } rows[] = {
        {"pause", "clock", "{\"pause\":true}", ""},
        {"go", "clock", "{\"pause\":false}", ""},
        {"step", "clock", "{\"step\":1000}", ""},
        {"step 1m30s", "clock", "{\"step\":90000}", ""},
        {"speed 0.5", "clock", "{\"speed\":0.5}", ""},
        {"fault outage 20", "fault", "{\"kind\":\"outage\",\"seconds\":20}", ""},
        {"fault drop-watch", "fault", "{\"kind\":\"drop-watch\",\"seconds\":10}", ""},
        {"restart crash-loop", "scenario/crash-loop/restart", "{}", ""},
        {"restart my/pod.yaml", "scenario/my%2Fpod.yaml/restart", "{}", ""},
        {"edit shop/web/app fail 3", "step", "\"do\":\"fail\",\"exit\":3", "shop/web/app"},
        {"  edit web/app   hang ", "step", "\"do\":\"hang\"", "web/app"},
        {"takes 30s", "step", "\"do\":\"takes\",\"takesMs\":30000", ""},
        {"takes 5 web/app", "step", "\"do\":\"takes\",\"takesMs\":5000", "web/app"},
        {"fail web/app", "step", "\"do\":\"fail\",\"exit\":1", "web/app"},
        {"fail 7 web/app", "step", "\"do\":\"fail\",\"exit\":7", "web/app"},
        {"ok", "step", "\"do\":\"ok\"", ""},
        {"hang all", "step", "\"do\":\"hang\",\"all\":true", ""},
        {"fail 7 web/app all", "step", "\"do\":\"fail\",\"exit\":7,\"all\":true", "web/app"},
        {"edit shop/web/app takes 5s all", "step", "\"do\":\"takes\",\"takesMs\":5000,\"all\":true",
         "shop/web/app"},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct demo_wish wish;
        struct iw_error err = {0};
        if (demo_wish_parse(rows[i].words, &wish, &err) != IW_OK)
            fail_msg("%s: %s", rows[i].words, err.msg);
        assert_string_equal(wish.path, rows[i].path);
        assert_string_equal(wish.body, rows[i].body);
        assert_string_equal(wish.target, rows[i].target);
        assert_true(wish.done[0] != '\0');
    }
}

static void
demo_wish__that_means_nothing_says_what_would(void **state)
{
    (void)state;
    static const struct {
        const char *words, *says;
    } rows[] = {
        {"", "pause, go, step"},
        {"dance", "pause, go, step"},
        {"speed", "speed: a number"},
        {"speed 0", "speed: a number"},
        {"speed fast", "speed: a number"},
        {"step backwards", "step: a duration"},
        {"fault", "fault: outage"},
        {"fault \"x\"", "fault: outage"},
        {"fault slow soon", "fault: outage"},
        {"restart", "restart: which scenario"},
        {"edit web/app", "a step can:"},
        {"edit web/app takes", "a step can:"},
        {"takes long", "a step can:"},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct demo_wish wish;
        struct iw_error err = {0};
        assert_int_equal(demo_wish_parse(rows[i].words, &wish, &err), IW_ERR_USAGE);
        if (!strstr(err.msg, rows[i].says))
            fail_msg("%s: %s", rows[i].words, err.msg);
    }
}

static void
demo_board__takes_what_the_server_says(void **state)
{
    (void)state;
    static const char answer[] =
        "{\"simulatedMs\":61000,\"clock\":{\"paused\":true,\"speed\":2.5},\"faults\":{\"active\":"
        "[{\"kind\":\"slow\",\"leftMs\":4200}],\"kinds\":[\"outage\",\"slow\"]},\"scenarios\":"
        "[{\"name\":\"crash-loop\",\"title\":\"A step\",\"text\":\"Text.\\n\",\"key\":\"p\","
        "\"round\":2,\"pods\":[\"shop/crash\",\"shop/"
        "other\"]},{\"name\":\"my.yaml\",\"pods\":[]}]}";
    struct demo_board board = {.speed = 1};
    assert_true(demo_board_read(&board, answer, strlen(answer)));
    assert_true(board.known && board.paused);
    assert_true(board.speed > 2.4 && board.speed < 2.6);
    assert_int_equal(board.fault_count, 2);
    assert_int_equal(board.faults[0].left_ms, 0);
    assert_int_equal(board.faults[1].left_ms, 4200);
    assert_int_equal(board.scenarios.len, 2);
    assert_string_equal(board.scenarios.items[0].pod, "shop/crash");
    assert_string_equal(board.scenarios.items[0].pod_list, " shop/crash shop/other ");
    assert_string_equal(board.scenarios.items[1].pod, "");
    assert_string_equal(board.scenarios.items[1].text, "");
    uint64_t generation = board.generation;
    assert_false(demo_board_read(&board, "{}", 2));
    assert_false(demo_board_read(&board, "{", 1));
    assert_int_equal(board.generation, generation);
    assert_int_equal(board.scenarios.len, 2);
    demo_board_clear(&board);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(demo_wish__becomes_a_request),
        cmocka_unit_test(demo_wish__that_means_nothing_says_what_would),
        cmocka_unit_test(demo_board__takes_what_the_server_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
