/* history: what is kept for the next start, and what never is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../golden/scene.h"
#include "initwatch/app/history.h"

static const char PATH[] = "/tmp/initwatch-history-test";

struct seen {
    char text[1024];
};

static void
see(void *ctx, char kind, const char *line)
{
    struct seen *seen = ctx;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof(seen->text) - used, "%c%s|", kind, line);
}

static void
history__comes_back_bounded_private_and_without_secrets(void **state)
{
    struct scene sc;
    struct seen seen = {""};
    struct stat st;
    (void)state;
    scene_open(&sc, 0);
    scene_ui(&sc, "pods");
    ui_history_add(sc.ui, '/', "웹");
    ui_history_add(sc.ui, ':', "sort name");
    ui_history_add(sc.ui, ':', "why token=abc");
    ui_history_add(sc.ui, ':', "ns data");
    history_save(PATH, sc.ui, 2);
    assert_int_equal(stat(PATH, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    ui_free(sc.ui);
    scene_ui(&sc, "pods");
    history_load(PATH, sc.ui);
    ui_history_each(sc.ui, see, &seen);
    assert_string_equal(seen.text, ":sort name|:ns data|");
    history_save(PATH, sc.ui, 0);
    assert_int_not_equal(access(PATH, F_OK), 0);
    history_load(PATH, sc.ui);
    scene_close(&sc);
}

static void
history_is_secret__sees_tokens_not_names(void **state)
{
    (void)state;
    assert_true(history_is_secret("why Bearer x"));
    assert_true(history_is_secret("set PASSWORD=1"));
    assert_true(history_is_secret("/eyJhbGciOiJSUzI1NiIsImtpZCI6IkRFTU8ifQ"));
    assert_false(history_is_secret("why checkout-6f7d9c8b44-hx4kp"));
    assert_false(history_is_secret("logs a-very-long-name-of-a-deployment-6f7d9c8b44-hx4kp/init"));
    assert_false(history_is_secret("token"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(history__comes_back_bounded_private_and_without_secrets),
        cmocka_unit_test(history_is_secret__sees_tokens_not_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
