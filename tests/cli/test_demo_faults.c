/* Faults, lists and the clock of `initwatch demo --serve`, as a client sees them: raw HTTP/1.1 over
 * sockets, so that refused, cut and silent connections can be told apart.
 * SPDX-License-Identifier: Apache-2.0 */
#include "child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

#include "initwatch/base/strbuf.h"

#define PODS "/api/v1/namespaces/shop/pods"

static struct {
    struct child server;
    unsigned port;
    char token[64];
} rig;

/* --- the server --- */

static void
read_ready_line(void)
{
    struct output *o = iw_calloc(1, sizeof(*o));
    child_collect(&rig.server, o, "\n", CHILD_STEP_MS);
    json_t *ready = json_loads(o->out, JSON_DISABLE_EOF_CHECK, NULL);
    const char *url = json_string_value(json_object_get(ready, "server"));
    const char *host = url ? strstr(url, "127.0.0.1:") : NULL;
    if (!host)
        fail_msg("no ready line: %s %s", o->out, o->err);
    char *rest = NULL;
    rig.port = (unsigned)strtoul(host + strlen("127.0.0.1:"), &rest, 10);
    (void)snprintf(rig.token, sizeof(rig.token), "%s", rest + 1);
    json_decref(ready);
    free(o);
}

static int
serve(void **state)
{
    (void)state;
    const char *const argv[] = {
        TEST_PROGRAM,       "demo",       "--serve",   "127.0.0.1:0",     "--seed", "3",
        "--die-with-stdin", "crash-loop", "resources", "native-sidecars", NULL};
    child_start(&rig.server, argv);
    read_ready_line();
    return 0;
}

static int
end(void **state)
{
    (void)state;
    return child_finish(&rig.server) == 0 ? 0 : -1;
}

/* --- HTTP --- */

/* A connected socket, or -1 with errno. */
static int
dial(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)rig.port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        int sys_errno = errno;
        close(fd);
        errno = sys_errno;
        return -1;
    }
    return fd;
}

/* Send a request; `credentials` is "Bearer ..." or NULL. */
static int
ask(const char *method, const char *path, const char *credentials, const char *body)
{
    int fd = dial();
    if (fd < 0)
        return -1;
    iw_autofree char *line = credentials ? iw_asprintf("Authorization: %s\r\n", credentials) : NULL;
    iw_autofree char *text =
        iw_asprintf("%s %s HTTP/1.1\r\nHost: demo\r\nAccept: application/json\r\nContent-Type: "
                    "application/json\r\n%sContent-Length: %zu\r\n\r\n%s",
                    method, path, line ? line : "", body ? strlen(body) : 0, body ? body : "");
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
    return fd;
}

/* Read until `stop` was seen, the end, or the time is over. True when the connection ended. */
static bool
hear(int fd, struct strbuf *out, const char *stop, int64_t timeout_ms)
{
    int64_t end_ms = clock_mono(clock_system()) + timeout_ms;
    char buf[16384];
    while (clock_mono(clock_system()) < end_ms) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (stop && out->len && strstr(out->data, stop))
            return false;
        if (poll(&p, 1, (int)IW_MAX(end_ms - clock_mono(clock_system()), 1)) <= 0)
            break;
        ssize_t n = recv(fd, buf, sizeof(buf), 0);
        if (n <= 0)
            return true;
        assert_true(strbuf_add(out, buf, (size_t)n));
    }
    return false;
}

static bool
is_complete(const struct strbuf *out)
{
    const char *body = out->len ? strstr(out->data, "\r\n\r\n") : NULL;
    const char *length = out->len ? strstr(out->data, "Content-Length: ") : NULL;
    if (!body)
        return false;
    if (length && length < body)
        return out->len >= (size_t)(body + 4 - out->data) + strtoul(length + 16, NULL, 10);
    return strstr(out->data, "0\r\n\r\n") != NULL;
}

/* One whole answer, new; status 0: there was none. */
static char *
request(const char *method, const char *path, const char *credentials, const char *body,
        int *status)
{
    struct strbuf out;
    strbuf_init(&out, 8u << 20);
    int fd = ask(method, path, credentials, body);
    int64_t end_ms = clock_mono(clock_system()) + 10000;
    bool over = fd < 0;
    while (!over && !is_complete(&out) && clock_mono(clock_system()) < end_ms)
        over = hear(fd, &out, NULL, 50);
    if (fd >= 0)
        close(fd);
    *status = out.len > 12 ? (int)strtol(out.data + 9, NULL, 10) : 0;
    char *text = strbuf_take(&out);
    strbuf_free(&out);
    return text ? text : iw_strdup("");
}

static char *
bearer(void)
{
    return iw_asprintf("Bearer %s", rig.token);
}

static char *
call(const char *method, const char *path, const char *body, int *status)
{
    iw_autofree char *credentials = bearer();
    return request(method, path, credentials, body, status);
}

/* The answer must have this status and this text. */
static void
expect(const char *method, const char *path, const char *body, int status, const char *text)
{
    int got = 0;
    iw_autofree char *answer = call(method, path, body, &got);
    if (got != status || !strstr(answer, text))
        fail_msg("%s %s: wanted %d with %s, got:\n%s", method, path, status, text, answer);
}

static void
fault(const char *body)
{
    expect("POST", "/initwatch/demo/fault", body, 200, "\"active\"");
}

/* Wait until lists work again. */
static void
calm_again(void)
{
    int64_t end_ms = clock_mono(clock_system()) + 10000;
    int status = 0;
    while (status != 200 && clock_mono(clock_system()) < end_ms) {
        free(call("GET", PODS "?limit=1", NULL, &status));
        if (status != 200)
            poll(NULL, 0, 50);
    }
    assert_int_equal(status, 200);
}

static int
open_watch(struct strbuf *out)
{
    iw_autofree char *credentials = bearer();
    strbuf_init(out, 8u << 20);
    int fd =
        ask("GET", PODS "?watch=1&resourceVersion=0&allowWatchBookmarks=true", credentials, NULL);
    assert_true(fd >= 0);
    assert_false(hear(fd, out, "initial-events-end", 5000));
    assert_non_null(strstr(out->data, "\"type\":\"ADDED\""));
    strbuf_clear(out);
    return fd;
}

static void
close_watch(int fd, struct strbuf *out)
{
    close(fd);
    strbuf_free(out);
}

/* A number or text of the list's metadata, from the raw answer. New. */
static char *
member(const char *answer, const char *name)
{
    iw_autofree char *key = iw_asprintf("\"%s\":\"", name);
    const char *from = strstr(answer, key);
    if (!from)
        return iw_strdup("");
    from += strlen(key);
    return iw_strndup(from, strcspn(from, "\""));
}

static size_t
occurrences(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
        count++;
    return count;
}

/* --- faults --- */

static void
outage__refuses_connections_cuts_watches_and_ends(void **state)
{
    (void)state;
    struct strbuf out;
    int fd = open_watch(&out);
    fault("{\"kind\":\"outage\",\"seconds\":1}");
    assert_true(hear(fd, &out, NULL, 3000)); /* cut */
    close_watch(fd, &out);
    int other = dial();
    int sys_errno = errno;
    assert_int_equal(other, -1);
    assert_int_equal(sys_errno, ECONNREFUSED);
    calm_again();
}

static void
gone__ends_watches_with_410_and_expires_continue_tokens(void **state)
{
    (void)state;
    int status = 0;
    iw_autofree char *page = call("GET", PODS "?limit=1", NULL, &status);
    iw_autofree char *token = member(page, "continue");
    iw_autofree char *rv = member(page, "resourceVersion");
    assert_true(token[0] != '\0');
    struct strbuf out;
    int fd = open_watch(&out);
    fault("{\"kind\":\"gone\",\"seconds\":1}");
    assert_false(hear(fd, &out, "0\r\n\r\n", 3000));
    assert_non_null(strstr(out.data, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\""));
    assert_non_null(strstr(out.data, "\"reason\":\"Expired\",\"code\":410"));
    close_watch(fd, &out);
    iw_autofree char *next = iw_asprintf(PODS "?limit=1&continue=%s", token);
    iw_autofree char *refusal = call("GET", next, NULL, &status);
    assert_int_equal(status, 410);
    assert_non_null(strstr(refusal, "The provided continue parameter is too old"));
    /* the refusal's own token goes on, without the promise of one snapshot */
    iw_autofree char *fresh = member(refusal, "continue");
    iw_autofree char *on = iw_asprintf(PODS "?limit=1&continue=%s", fresh);
    expect("GET", on, NULL, 200, "\"kind\":\"PodList\"");
    iw_autofree char *watch = iw_asprintf(PODS "?watch=1&resourceVersion=%s", rv);
    expect("GET", watch, NULL, 200, "too old resource version");
    iw_autofree char *exact =
        iw_asprintf(PODS "?resourceVersion=%s&resourceVersionMatch=Exact", rv);
    expect("GET", exact, NULL, 410, "The resourceVersion for the provided list is too old.");
}

static void
slow__answers_after_the_delay(void **state)
{
    (void)state;
    fault("{\"kind\":\"slow\",\"seconds\":5,\"delayMs\":700}");
    int64_t from_ms = clock_mono(clock_system());
    expect("GET", "/version", NULL, 200, "gitVersion");
    assert_true(clock_mono(clock_system()) - from_ms >= 690);
    fault("{\"kind\":\"none\"}");
    from_ms = clock_mono(clock_system());
    expect("GET", "/version", NULL, 200, "gitVersion");
    assert_true(clock_mono(clock_system()) - from_ms < 600);
}

static void
unauthorized_forbidden_throttled_and_failing__say_so(void **state)
{
    (void)state;
    fault("{\"kind\":\"unauthorized\",\"seconds\":30}");
    expect("GET", PODS, NULL, 401, "\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\"");
    fault("{\"kind\":\"none\"}");
    fault("{\"kind\":\"forbidden\",\"seconds\":30}");
    expect("GET", PODS "?watch=1", NULL, 403,
           "pods is forbidden: User \\\"demo\\\" cannot watch resource \\\"pods\\\" in API group "
           "\\\"\\\" in the namespace \\\"shop\\\"");
    fault("{\"kind\":\"none\"}");
    fault("{\"kind\":\"throttle\",\"seconds\":30}");
    expect("GET", PODS, NULL, 429, "Retry-After: 1");
    expect("GET", PODS, NULL, 429, "Too many requests, please try again later.\n");
    fault("{\"kind\":\"none\"}");
    fault("{\"kind\":\"error\",\"seconds\":30}");
    expect("GET", PODS, NULL, 500, "InternalError");
    fault("{\"kind\":\"none\"}");
    expect("GET", PODS, NULL, 200, "PodList");
    expect("POST", "/initwatch/demo/fault", "{\"kind\":\"rain\"}", 400, "there is no fault");
}

static void
drop_watch__ends_cleanly_or_without_a_terminator(void **state)
{
    (void)state;
    struct strbuf out;
    int fd = open_watch(&out);
    fault("{\"kind\":\"drop-watch\",\"seconds\":1}");
    assert_false(hear(fd, &out, "0\r\n\r\n", 3000));
    assert_non_null(strstr(out.data, "0\r\n\r\n"));
    close_watch(fd, &out);
    fault("{\"kind\":\"none\"}");
    fd = open_watch(&out);
    fault("{\"kind\":\"drop-watch\",\"seconds\":1,\"reset\":true}");
    assert_true(hear(fd, &out, "0\r\n\r\n", 3000));
    assert_true(out.len == 0 || !strstr(out.data, "0\r\n\r\n"));
    close_watch(fd, &out);
    fault("{\"kind\":\"none\"}");
}

static void
event_storm__floods_the_events_and_cleans_up(void **state)
{
    (void)state;
    static const char path[] = "/api/v1/namespaces/shop/events";
    struct strbuf out;
    strbuf_init(&out, 8u << 20);
    iw_autofree char *credentials = bearer();
    int fd = ask("GET", "/api/v1/events?watch=1", credentials, NULL);
    fault("{\"kind\":\"event-storm\",\"seconds\":1,\"perSecond\":300}");
    (void)hear(fd, &out, NULL, 1500);
    assert_in_range(occurrences(out.data, "EventStorm"), 200, 700);
    assert_non_null(strstr(out.data, "\"type\":\"DELETED\""));
    close_watch(fd, &out);
    int status = 0;
    iw_autofree char *left = call("GET", path, NULL, &status);
    assert_int_equal(status, 200);
    assert_null(strstr(left, "EventStorm"));
}

/* --- lists and refusals --- */

static void
pages__belong_to_one_snapshot(void **state)
{
    (void)state;
    static const char pod[] = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
                              "\"%s\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\","
                              "\"command\":[\"sleep\",\"600\"]}]}}";
    int status = 0;
    iw_autofree char *first = call("GET", PODS "?limit=1", NULL, &status);
    iw_autofree char *token = member(first, "continue");
    assert_non_null(strstr(first, "\"remainingItemCount\":"));
    iw_autofree char *body = iw_strdup(pod);
    char *at = strstr(body, "%s");
    memcpy(at, "zz", 2);
    expect("POST", PODS, body, 201, "\"name\":\"zz\"");
    iw_autofree char *next = iw_asprintf(PODS "?limit=500&continue=%s", token);
    iw_autofree char *rest = call("GET", next, NULL, &status);
    assert_int_equal(status, 200);
    assert_null(strstr(rest, "\"name\":\"zz\"")); /* it came after the first page */
    expect("GET", PODS "?limit=1&resourceVersion=0", NULL, 200, "\"name\":\"zz\"");
    iw_autofree char *both = iw_asprintf(PODS "?limit=1&resourceVersion=5&continue=%s", token);
    expect("GET", both, NULL, 400, "specifying resource version is not allowed");
    expect("DELETE", PODS "/zz?gracePeriodSeconds=0", NULL, 200, "\"name\":\"zz\"");
    expect("GET", PODS "/zz", NULL, 404, "pods \\\"zz\\\" not found");
}

static void
refusals__are_those_of_the_real_server(void **state)
{
    (void)state;
    int status = 0;
    iw_autofree char *strange = request("GET", PODS, NULL, NULL, &status);
    assert_int_equal(status, 403);
    assert_non_null(
        strstr(strange, "pods is forbidden: User \\\"system:anonymous\\\" cannot list"));
    iw_autofree char *wrong = request("GET", PODS, "Bearer no", NULL, &status);
    assert_int_equal(status, 401);
    assert_non_null(strstr(wrong, "Unauthorized"));
    expect("GET", PODS "?fieldSelector=spec.foo%3D1", NULL, 400,
           "field label not supported: spec.foo");
    expect("GET", PODS "?watch=1&sendInitialEvents=true", NULL, 422,
           "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    expect("GET", PODS "?resourceVersionMatch=Exact", NULL, 422,
           "resourceVersionMatch is forbidden unless resourceVersion is provided");
    expect("GET", "/apis/no.such.group/v1/things", NULL, 404, "404 page not found\n");
    expect("GET", "/api/v1/things", NULL, 404, "the server could not find the requested resource");
    expect("PATCH", PODS, "{}", 405, "the server does not allow this method");
    expect("POST", PODS, "{]", 400, "BadRequest");
    expect("POST", PODS, "{\"metadata\":{\"name\":\"x\"},\"spec\":{}}", 422,
           "Pod \\\"x\\\" is invalid: spec.containers: Required value");
    expect("POST", "/api/v1/namespaces/nowhere/configmaps", "{\"metadata\":{\"name\":\"x\"}}", 404,
           "namespaces \\\"nowhere\\\" not found");
    int64_t from_ms = clock_mono(clock_system());
    expect("GET", PODS "?resourceVersion=99999999", NULL, 504, "Too large resource version");
    assert_in_range(clock_mono(clock_system()) - from_ms, 2900, 6000);
}

static void
a_watch__has_bookmarks_before_its_end(void **state)
{
    (void)state;
    int status = 0;
    iw_autofree char *answer = call(
        "GET", "/api/v1/nodes?watch=1&allowWatchBookmarks=true&timeoutSeconds=3", NULL, &status);
    assert_int_equal(status, 200);
    assert_in_range(occurrences(answer, "\"type\":\"BOOKMARK\""), 2,
                    4); /* one ends the beginning */
    assert_int_equal(occurrences(answer, "initial-events-end"), 1);
}

/* --- the clock --- */

static json_int_t
simulated_ms(void)
{
    int status = 0;
    iw_autofree char *answer = call("GET", "/initwatch/demo/clock", NULL, &status);
    const char *body = strstr(answer, "\r\n\r\n");
    json_t *value = json_loads(body ? body : "", 0, NULL);
    json_int_t t_ms = json_integer_value(json_object_get(value, "simulatedMs"));
    json_decref(value);
    return t_ms;
}

static void
clock__stands_still_steps_and_runs_faster(void **state)
{
    (void)state;
    static const char path[] = "/initwatch/demo/clock";
    expect("POST", path, "{\"pause\":true}", 200, "\"paused\":true");
    json_int_t held_ms = simulated_ms();
    poll(NULL, 0, 300);
    assert_int_equal(simulated_ms(), held_ms);
    expect("POST", path, "{\"step\":5000}", 200, "\"paused\":true");
    assert_int_equal(simulated_ms(), held_ms + 5000);
    expect("POST", path, "{\"pause\":false}", 200, "\"paused\":false");
    expect("POST", path, "{\"speed\":20}", 200, "\"speed\":20");
    json_int_t fast_ms = simulated_ms();
    poll(NULL, 0, 500);
    assert_true(simulated_ms() - fast_ms >= 9000);
    expect("POST", path, "{\"speed\":1}", 200, "\"speed\":1");
    expect("POST", path, "{\"speed\":-1}", 400, "BadRequest");
}

static void
restart__plays_a_scenario_from_its_beginning(void **state)
{
    (void)state;
    int status = 0;
    iw_autofree char *before = call("GET", PODS "/resource-example", NULL, &status);
    iw_autofree char *uid = member(before, "uid");
    expect("POST", "/initwatch/demo/clock", "{\"speed\":20}", 200, "speed");
    expect("POST", "/initwatch/demo/scenario/resources/restart", NULL, 200, "restarted");
    int64_t end_ms = clock_mono(clock_system()) + 15000;
    bool again = false;
    while (!again && clock_mono(clock_system()) < end_ms) {
        iw_autofree char *now = call("GET", PODS "/resource-example", NULL, &status);
        again = status == 200 && !strstr(now, uid);
        poll(NULL, 0, 100);
    }
    assert_true(again);
    expect("POST", "/initwatch/demo/clock", "{\"speed\":1}", 200, "speed");
    expect("POST", "/initwatch/demo/scenario/none/restart", NULL, 404, "no scenario");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages__belong_to_one_snapshot),
        cmocka_unit_test(refusals__are_those_of_the_real_server),
        cmocka_unit_test(a_watch__has_bookmarks_before_its_end),
        cmocka_unit_test(outage__refuses_connections_cuts_watches_and_ends),
        cmocka_unit_test(gone__ends_watches_with_410_and_expires_continue_tokens),
        cmocka_unit_test(slow__answers_after_the_delay),
        cmocka_unit_test(unauthorized_forbidden_throttled_and_failing__say_so),
        cmocka_unit_test(drop_watch__ends_cleanly_or_without_a_terminator),
        cmocka_unit_test(event_storm__floods_the_events_and_cleans_up),
        cmocka_unit_test(clock__stands_still_steps_and_runs_faster),
        cmocka_unit_test(restart__plays_a_scenario_from_its_beginning),
    };
    return cmocka_run_group_tests(tests, serve, end);
}
