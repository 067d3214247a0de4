/* kubectl_world: the real kubectl against `initwatch demo --serve`. Without kubectl the tests that need it
 * are skipped, with a line that says so.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_KUBECTL_WORLD_H
#define INITWATCH_TEST_KUBECTL_WORLD_H

#include <jansson.h>
#include <stdio.h>

#include "child.h"

struct demo {
    struct child server;
    char kubeconfig[512], url[256];
    char home[64];
};

#define KUBECTL(...) child_run((const char *const[]){"kubectl", __VA_ARGS__, NULL})

static inline void
expect(struct output *o, const char *text)
{
    if (!strstr(o->out, text))
        fail_msg("\"%s\" is not in:\n%s\nstderr: %s", text, o->out, o->err);
    if (o->err_len > 0)
        fail_msg("on stderr: %s", o->err);
    assert_int_equal(o->status, 0);
    free(o);
}

/* kubectl failed, and said this. */
static inline void
expect_error(struct output *o, const char *text)
{
    if (!strstr(o->err, text))
        fail_msg("\"%s\" is not in: %s", text, o->err);
    assert_int_not_equal(o->status, 0);
    free(o);
}

/* Debian's own kubectl is 1.20: it has neither `kubectl events` nor strict field validation, and its
 * texts differ. The server must serve it as well as a current one. */
static inline bool
is_old_kubectl(void)
{
    static int minor;
    if (minor == 0) {
        struct output *o = KUBECTL("version", "--client", "-o", "json");
        json_t *version = json_loads(o->out, 0, NULL);
        const char *text =
            json_string_value(json_object_get(json_object_get(version, "clientVersion"), "minor"));
        assert_non_null(text);
        minor = (int)strtol(text, NULL, 10);
        json_decref(version);
        free(o);
    }
    return minor < 26;
}

static inline void
read_ready_line(struct demo *demo)
{
    struct output *o = iw_calloc(1, sizeof(*o));
    child_collect(&demo->server, o, "}\n", CHILD_STEP_MS);
    json_t *ready = json_loads(o->out, JSON_DISABLE_EOF_CHECK, NULL);
    if (!ready)
        fail_msg("no ready line: %s %s", o->out, o->err);
    (void)snprintf(demo->kubeconfig, sizeof(demo->kubeconfig), "%s",
                   json_string_value(json_object_get(ready, "kubeconfig")));
    (void)snprintf(demo->url, sizeof(demo->url), "%s",
                   json_string_value(json_object_get(ready, "server")));
    json_decref(ready);
    free(o);
}

static inline int
demo_start(void **state)
{
    struct demo *demo = iw_calloc(1, sizeof(*demo));
    (void)snprintf(demo->home, sizeof(demo->home), "/tmp/initwatch-test-XXXXXX");
    assert_non_null(mkdtemp(demo->home));
    setenv("HOME", demo->home, 1);
    setenv("XDG_RUNTIME_DIR", demo->home, 1);
    const char *const argv[] = {TEST_PROGRAM,
                                "demo",
                                "--serve",
                                "127.0.0.1:0",
                                "--die-with-stdin",
                                "--seed",
                                "3",
                                "clone-and-serve",
                                "native-sidecars",
                                "crash-loop",
                                "missing-secret",
                                "unschedulable",
                                "resources",
                                "bad-image",
                                NULL};
    child_start(&demo->server, argv);
    read_ready_line(demo);
    setenv("KUBECONFIG", demo->kubeconfig, 1);
    *state = demo;
    return 0;
}

static inline int
demo_stop(void **state)
{
    struct demo *demo = *state;
    (void)child_finish(&demo->server);
    (void)unlink(demo->kubeconfig);
    const char *const argv[] = {"rm", "-rf", demo->home, NULL};
    free(child_run(argv));
    free(demo);
    return 0;
}

static inline void
need_kubectl(void)
{
    static bool known, there;
    if (!known) {
        const char *const argv[] = {"sh", "-c", "command -v kubectl >/dev/null", NULL};
        struct output *o = child_run(argv);
        there = o->status == 0;
        known = true;
        free(o);
    }
    if (!there) {
        print_message("skipped: kubectl is not installed\n");
        skip();
    }
}

static inline void
wait_until(const char *const *argv, const char *text)
{
    int64_t end_ms = clock_mono(clock_system()) + CHILD_STEP_MS;
    for (;;) {
        struct output *o = child_run(argv);
        bool found = strstr(o->out, text) != NULL;
        if (!found && clock_mono(clock_system()) > end_ms)
            fail_msg("\"%s\" never came; last: %s%s", text, o->out, o->err);
        free(o);
        if (found)
            return;
        poll(NULL, 0, 200);
    }
}

/* A manifest of our own in a file of the test's home. */
static inline char *
manifest(const struct demo *demo, const char *name, const char *text)
{
    char *path = iw_asprintf("%s/%s.yaml", demo->home, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

#endif
