/* program_on: the program on a cluster that is a script.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CLI_PROGRAM_ON_H
#define TESTS_CLI_PROGRAM_ON_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "program.h"
#include "script_server.h"

/* Run with `words` (NULL-terminated) and a kubeconfig of that server, namespace shop; stops the
 * server, which fails the test when its script was not followed. Free with program_free. */
static inline struct program
program_on(struct script_server *s, const char *const *words)
{
    char path[] = "/tmp/initwatch-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd,
            "apiVersion: v1\nkind: Config\ncurrent-context: t\ncontexts:\n- name: t\n"
            "  context: {cluster: c, user: u, namespace: shop}\nclusters:\n- name: c\n"
            "  cluster: {server: '%s'}\nusers:\n- name: u\n  user: {}\n",
            script_server_url(s));
    close(fd);
    const char *args[PROGRAM_ARGS_MAX] = {NULL};
    size_t count = 0;
    for (; words[count]; count++)
        args[count] = words[count];
    args[count++] = "--kubeconfig";
    args[count] = path;
    struct program p = program_run(args, "", 0);
    unlink(path);
    script_server_stop(s);
    return p;
}

#endif
