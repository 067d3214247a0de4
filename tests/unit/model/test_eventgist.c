/* What is left of a message in a narrow list.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/model/eventgist.h"

static const char *
gist(const char *reason, const char *message)
{
    static char out[512];
    const struct kevent ev = {.reason = reason, .message = message};
    event_gist(&ev, out, sizeof(out));
    return out;
}

static void
event_gist__keeps_what_reason_and_object_do_not_say(void **state)
{
    (void)state;
    assert_string_equal(gist("Scheduled", "Successfully assigned shop/web to worker2"),
                        "→ worker2");
    assert_string_equal(
        gist("Pulled", "Container image \"busybox:1.36\" already present on machine"),
        "busybox:1.36 cached");
    assert_string_equal(gist("Pulled", "Successfully pulled image \"r:5000/a:1\" in 1.2s (3s "
                                       "including waiting). Image size: 3 bytes."),
                        "r:5000/a:1 pulled");
    assert_string_equal(gist("Created", "Created container: wait"), "container created");
    assert_string_equal(gist("Created", "Created container wait"), "container created");
    assert_string_equal(gist("BackOff", "Back-off restarting failed container wait in pod a_b(c)"),
                        "back-off restarting");
    assert_string_equal(gist("Failed", "Error: secret \"db\" not found"),
                        "secret \"db\" not found");
    assert_string_equal(
        gist("Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 503"),
        "startup probe: HTTP 503");
    assert_string_equal(gist("FailedScheduling",
                             "0/3 nodes are available: pod has unbound immediate "
                             "PersistentVolumeClaims. preemption: 0/3 nodes are available."),
                        "0/3 nodes: unbound PVC");
    assert_string_equal(gist("Failed",
                             "Failed to pull image \"r/app:2\": rpc error: code = NotFound "
                             "desc = failed to resolve reference \"r/app:2\": r/app:2: "
                             "not found"),
                        "r/app:2: not found");
    assert_string_equal(gist("SuccessfulCreate", "create Pod db-0 in StatefulSet db successful"),
                        "created db-0");
}

static void
event_gist__leaves_other_messages_alone(void **state)
{
    (void)state;
    assert_string_equal(gist("Scheduled", "something else"), "something else");
    assert_string_equal(gist("Custom", "two\nlines"), "two lines");
    assert_string_equal(gist("Pulled", "Container image \"\" already present"),
                        "Container image \"\" already present");
    assert_string_equal(gist("Scheduled", ""), "");
}

static const char *
rest(const char *type, const char *container, const char *reason, const char *message)
{
    static char out[512];
    const struct kevent ev = {
        .type = type, .container = container, .reason = reason, .message = message};
    event_rest(&ev, out, sizeof(out));
    return out;
}

static void
event_rest__is_empty_when_reason_and_container_say_it_all(void **state)
{
    (void)state;
    assert_string_equal(rest("Normal", "app", "Started", "Started container app"), "");
    assert_string_equal(rest("Normal", "app", "Created", "Container created"), "");
    assert_string_equal(rest("Normal", "app", "Killing", "Stopping container app"), "");
    /* Without the container's name beside it the message is all there is. */
    assert_string_equal(rest("Normal", "", "Started", "Started container app"),
                        "container started");
    assert_string_equal(rest("Normal", "app", "Killing", "Container app failed liveness probe"),
                        "Container app failed liveness probe");
    assert_string_equal(
        rest("Normal", "app", "Pulled", "Container image \"a:1\" already present on machine"),
        "a:1 cached");
    /* A warning stays whole. */
    assert_string_equal(rest("Warning", "app", "Failed", "Error: ImagePullBackOff"),
                        "Error: ImagePullBackOff");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(event_gist__keeps_what_reason_and_object_do_not_say),
        cmocka_unit_test(event_gist__leaves_other_messages_alone),
        cmocka_unit_test(event_rest__is_empty_when_reason_and_container_say_it_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
