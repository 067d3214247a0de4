/* bench_slowlink: a slow line in front of a server, in user space.
 *
 * usage: bench_slowlink TARGET_PORT DELAY_MS BYTES_PER_S
 * Listens on a free port of 127.0.0.1, prints it, and passes bytes on to TARGET_PORT: each way DELAY_MS
 * late and at most BYTES_PER_S, all connections together (the way down; up is small). Ends with its
 * standard input. For run.sh.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { LINKS_MAX = 16, PIECE_BYTES = 8192, PIECES_MAX = 512 };

struct piece {
    double due_ms;
    size_t len;
    char bytes[PIECE_BYTES];
};
/* One way of a connection: a ring of pieces under way. */
struct way {
    int from, to;
    bool ended;
    size_t first, count;
    struct piece *pieces;
};
struct link {
    bool open;
    struct way up, down;
};

static struct link links[LINKS_MAX];
static double delay_ms, bytes_per_ms, line_free_ms;

static int
socket_to(uint16_t port, bool listening)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int failed = listening ? bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 16)
                           : connect(fd, (struct sockaddr *)&at, sizeof(at));
    if (fd < 0 || failed) {
        perror("bench_slowlink");
        exit(2);
    }
    return fd;
}

static void
link_open(int client, uint16_t port)
{
    for (int i = 0; i < LINKS_MAX; i++) {
        struct link *l = &links[i];
        if (l->open)
            continue;
        int server = socket_to(port, false);
        /* As the servers do: else the end of each answer waits 40 ms for an acknowledgement. */
        int on = 1;
        (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        struct piece *up = l->up.pieces, *down = l->down.pieces;
        *l = (struct link){.open = true};
        l->up = (struct way){.from = client, .to = server, .pieces = up};
        l->down = (struct way){.from = server, .to = client, .pieces = down};
        if (!up)
            l->up.pieces = calloc(PIECES_MAX, sizeof(*up));
        if (!down)
            l->down.pieces = calloc(PIECES_MAX, sizeof(*down));
        return;
    }
    close(client);
}

/* The line sends one piece after the other; each arrives `delay_ms` after it has left. */
static void
way_take(struct way *w, bool limited)
{
    struct piece *p = &w->pieces[(w->first + w->count) % PIECES_MAX];
    ssize_t n = read(w->from, p->bytes, sizeof(p->bytes));
    if (n <= 0) {
        w->ended = true;
        return;
    }
    double left_ms = bench_now_ms();
    if (limited) {
        line_free_ms = (line_free_ms > left_ms ? line_free_ms : left_ms) + (double)n / bytes_per_ms;
        left_ms = line_free_ms;
    }
    p->len = (size_t)n;
    p->due_ms = left_ms + delay_ms;
    w->count++;
}

/* Milliseconds until the next piece is due, -1: none. */
static double
way_give(struct way *w)
{
    while (w->count > 0 && w->pieces[w->first].due_ms <= bench_now_ms()) {
        struct piece *p = &w->pieces[w->first];
        if (send(w->to, p->bytes, p->len, MSG_NOSIGNAL) != (ssize_t)p->len)
            w->ended = true;
        w->first = (w->first + 1) % PIECES_MAX;
        w->count--;
    }
    if (w->count == 0)
        return -1;
    double wait_ms = w->pieces[w->first].due_ms - bench_now_ms();
    return wait_ms > 0 ? wait_ms : 0;
}

static void
link_close_if_done(struct link *l)
{
    bool drained = l->down.count == 0 && l->up.count == 0;
    if (!l->open || !(l->up.ended || (l->down.ended && drained)))
        return;
    close(l->up.from);
    close(l->down.from);
    l->open = false;
}

int
main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    delay_ms = strtod(argv[2], NULL);
    bytes_per_ms = strtod(argv[3], NULL) / 1000;
    int listener = socket_to(0, true);
    struct sockaddr_in at;
    socklen_t size = sizeof(at);
    getsockname(listener, (struct sockaddr *)&at, &size);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        struct pollfd fds[2 + 2 * LINKS_MAX] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                                {.fd = listener, .events = POLLIN}};
        double wait_ms = 1000;
        for (int i = 0; i < LINKS_MAX; i++) {
            struct way *ways[] = {&links[i].up, &links[i].down};
            for (int k = 0; k < 2; k++) {
                double due_ms = links[i].open ? way_give(ways[k]) : -1;
                bool wanted = links[i].open && !ways[k]->ended && ways[k]->count < PIECES_MAX;
                fds[2 + 2 * i + k] =
                    (struct pollfd){.fd = wanted ? ways[k]->from : -1, .events = POLLIN};
                if (due_ms >= 0 && due_ms < wait_ms)
                    wait_ms = due_ms;
            }
            link_close_if_done(&links[i]);
        }
        if (poll(fds, 2 + 2 * LINKS_MAX, (int)wait_ms + (wait_ms > 0)) < 0)
            return 1;
        if (fds[0].revents)
            return 0;
        if (fds[1].revents)
            link_open(accept(listener, NULL, NULL), port);
        for (int i = 0; i < LINKS_MAX; i++) {
            if (links[i].open && fds[2 + 2 * i].revents)
                way_take(&links[i].up, false);
            if (links[i].open && fds[3 + 2 * i].revents)
                way_take(&links[i].down, true);
        }
    }
}
