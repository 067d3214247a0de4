/* program: runs the program itself and keeps what it said.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_PROGRAM_H
#define INITWATCH_TEST_PROGRAM_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROGRAM_ARGS_MAX 32
#define PROGRAM_TIMEOUT_S 60

struct program {
    int status;      /* exit status, -1 when it was killed by a signal or took too long */
    char *out, *err; /* owned, end in NUL */
    size_t out_len;
};

static inline int
program_temp(const char *text, size_t len)
{
    char path[] = "/tmp/initwatch-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static inline char *
program_read(int fd, size_t *len)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    *len = (size_t)st.st_size;
    char *text = malloc(*len + 1);
    assert_non_null(text);
    assert_int_equal(pread(fd, text, *len, 0), (ssize_t)*len);
    text[*len] = '\0';
    close(fd);
    return text;
}

static inline int
program_wait(pid_t pid)
{
    int status = 0;
    for (int i = 0; i < PROGRAM_TIMEOUT_S * 200; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        nanosleep(&(struct timespec){.tv_nsec = 5 * 1000 * 1000}, NULL);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -1;
}

/* args: NULL-terminated, without the program's name. input: what it reads from stdin. */
static inline struct program
program_run(const char *const *args, const char *input, size_t input_len)
{
    char *argv[PROGRAM_ARGS_MAX + 2] = {(char *)TEST_PROGRAM};
    for (size_t i = 0; args[i] && i < PROGRAM_ARGS_MAX; i++)
        argv[i + 1] = (char *)args[i];
    int in = program_temp(input, input_len);
    int out = program_temp("", 0);
    int err = program_temp("", 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        execv(TEST_PROGRAM, argv);
        _exit(127);
    }
    close(in);
    struct program p = {.status = program_wait(pid)};
    size_t err_len;
    p.out = program_read(out, &p.out_len);
    p.err = program_read(err, &err_len);
    return p;
}

static inline void
program_free(struct program *p)
{
    free(p->out);
    free(p->err);
}

#endif
