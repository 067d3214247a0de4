/* trouble_server: the dashboard against a scripted server: the pieces that its tests share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_TROUBLE_SERVER_H
#define INITWATCH_TEST_TROUBLE_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "script_server.h"
#include "termpty.h"

enum { WAIT_MS = 30000 };

#define OBJECT(name, uid, rv, more)                                                                \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"shop\",\"uid\":\"" uid                   \
    "\",\"resourceVersion\":\"" rv "\",\"creationTimestamp\":\"2026-06-15T12:00:00Z\"},"           \
    "\"spec\":{\"nodeName\":\"node-a\",\"initContainers\":[{\"name\":\"setup\"}],"                 \
    "\"containers\":[{\"name\":\"app\"}]},\"status\":{" more "}}"
#define RUNNING                                                                                    \
    "\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"setup\",\"restartCount\":0,"     \
    "\"started\":true,\"state\":{\"running\":{\"startedAt\":\"2026-06-15T12:00:01Z\"}}}]"
#define PODS(rv, items)                                                                            \
    "reply 200 json {\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"" rv                 \
    "\"},\"items\":[" items "]}\n"
#define LIST "expect GET /pods limit= !watch=1\n"
#define WATCH "expect GET /pods watch=1\nstream 200 json\n"
#define DENIED(what)                                                                               \
    "reply 403 json "                                                                              \
    "{\"kind\":\"Status\",\"reason\":\"Forbidden\",\"code\":403,\"message\":\"" what               \
    " is forbidden: User \\\\\"jane\\\\\" cannot list resource \\\\\"" what "\\\\\"\"}\n"

static char trouble_kubeconfig[] = "/tmp/initwatch-kubeconfig-XXXXXX";

/* The path of a kubeconfig for the server, namespace shop; trouble_done removes it. */
static inline const char *
trouble_config(const struct script_server *server)
{
    memcpy(trouble_kubeconfig + sizeof(trouble_kubeconfig) - 7, "XXXXXX", 6);
    int fd = mkstemp(trouble_kubeconfig);
    assert_true(fd >= 0);
    assert_true(dprintf(fd,
                        "kind: Config\ncurrent-context: t\n"
                        "contexts: [{name: t, context: {cluster: c, user: u, namespace: shop}}]\n"
                        "clusters: [{name: c, cluster: {server: '%s'}}]\n"
                        "users: [{name: u, user: {}}]\n",
                        script_server_url(server)) > 0);
    close(fd);
    return trouble_kubeconfig;
}

static inline struct pty *
trouble_start(const struct script_server *server, int cols, int rows)
{
    const char *argv[] = {TEST_PROGRAM, "--kubeconfig", trouble_config(server), NULL};
    return pty_start(cols, rows, argv, NULL);
}

/* Leave by the keyboard: the program answers to the end. */
static inline void
trouble_quit(struct pty *p)
{
    pty_send(p, ":q\r");
    assert_true(pty_wait_exit(p, WAIT_MS));
    assert_int_equal(p->wait_status, 0);
    pty_close(p);
    unlink(trouble_kubeconfig);
}

#endif
