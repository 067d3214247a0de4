/* bench_less: how long `less` takes for what the log view does, typed at it in a terminal.
 *
 * usage: bench_less FILE LAST PATTERN KEPT      LAST, KEPT: texts that only the last line, and only the last line of the
 *                                               first screen that PATTERN leaves, has
 *
 * Each figure is from the key to the moment the screen shows the answer: the first line after the start, the last one after
 * G, the sentence that a text is nowhere, the first screen that a filter leaves. Prints "NAME ms".
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "termpty.h"

enum { COLS = 140, ROWS = 40, LIMIT_MS = 300000 };

static bool
timed(struct pty *p, const char *name, const char *keys, const char *shown)
{
    double start_ms = bench_now_ms();
    pty_send(p, keys);
    if (!pty_wait(p, shown, LIMIT_MS))
        return false;
    printf("%s %.1f\n", name, bench_now_ms() - start_ms);
    return true;
}

int
main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    char keys[256];
    const char *const less[] = {"less", "-S", argv[1], NULL};
    const char *const env[] = {"LESS", "LESSOPEN", NULL};
    double start_ms = bench_now_ms();
    struct pty *p = pty_start(COLS, ROWS, less, env);
    bool going = pty_wait(p, "level=", LIMIT_MS);
    printf("open %.1f\n", bench_now_ms() - start_ms);
    pty_settle(p, 100, 2000);
    going = going && timed(p, "end", "G", argv[2]);
    pty_settle(p, 100, 2000);
    pty_send(p, "g");
    pty_settle(p, 100, 2000);
    going = going && timed(p, "search", "/no such words\r", "Pattern not found");
    pty_send(p, "\r");
    pty_settle(p, 100, 2000);
    snprintf(keys, sizeof(keys), "&%s\r", argv[3]);
    going = going && timed(p, "filter", keys, argv[4]);
    pty_settle(p, 100, 2000);
    /* What the filter leaves of the whole file: a search has to look at each line. */
    going = going && timed(p, "filter_search", "/no such words\r", "Pattern not found");
    pty_close(p);
    return going ? 0 : 1;
}
