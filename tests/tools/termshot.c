/* termshot: plays a script of keys to a program in a terminal and writes its screens as SVG.
 *
 * usage: termshot SCRIPT OUTDIR PROGRAM
 * Lines of a script: "size COLS ROWS", "env K=V", "light", "run ARGS..." (starts PROGRAM), "wait
 * TEXT", "gone TEXT", "key NAME", "type TEXT", "settle MS", "shot NAME". '#' starts a comment. A
 * wait that fails ends the tool with status 1: a picture is never of the wrong screen.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "termpty.h"

enum { WAIT_MS = 60000, MAX_WORDS = 64 };

struct shooting {
    const char *out_dir, *program;
    int cols, rows;
    bool light;
    const char *env[16];
    unsigned env_count;
    struct pty *pty;
    char title[256];
};

static void
run(struct shooting *s, char *arguments)
{
    const char *argv[MAX_WORDS + 2] = {s->program};
    unsigned argc = 1;
    snprintf(s->title, sizeof(s->title), "initwatch %s", arguments);
    for (char *save = NULL, *word = strtok_r(arguments, " ", &save); word && argc <= MAX_WORDS;
         word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    pty_close(s->pty);
    s->pty = pty_start(s->cols, s->rows, argv, s->env_count ? s->env : NULL);
}

static int
shot(struct shooting *s, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.svg", s->out_dir, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        perror(path);
        return 1;
    }
    char *svg = pty_svg(s->pty, s->light, "initwatch");
    fputs(svg, f);
    free(svg);
    fclose(f);
    printf("%s\n", path);
    return 0;
}

static int
step(struct shooting *s, char *line)
{
    char *argument = strchr(line, ' ');
    if (argument)
        *argument++ = '\0';
    else
        argument = line + strlen(line);
    if (strcmp(line, "size") == 0) {
        char *end;
        s->cols = (int)strtol(argument, &end, 10);
        s->rows = (int)strtol(end, NULL, 10);
        return 0;
    }
    if (strcmp(line, "env") == 0 && s->env_count + 1 < sizeof(s->env) / sizeof(s->env[0])) {
        s->env[s->env_count++] = strdup(argument);
        return 0;
    }
    if (strcmp(line, "light") == 0) {
        s->light = true;
        return 0;
    }
    if (strcmp(line, "run") == 0) {
        run(s, argument);
        return 0;
    }
    if (!s->pty)
        return fprintf(stderr, "termshot: \"%s\" before run\n", line) > 0;
    if (strcmp(line, "wait") == 0)
        return !pty_wait(s->pty, argument, WAIT_MS);
    if (strcmp(line, "gone") == 0)
        return !pty_wait_gone(s->pty, argument, WAIT_MS);
    if (strcmp(line, "key") == 0) {
        pty_key(s->pty, argument);
        pty_settle(s->pty, 150, 2000);
        return 0;
    }
    if (strcmp(line, "type") == 0) {
        pty_send(s->pty, argument);
        pty_settle(s->pty, 150, 2000);
        return 0;
    }
    if (strcmp(line, "settle") == 0) {
        pty_settle(s->pty, (int)strtol(argument, NULL, 10), 5000);
        return 0;
    }
    if (strcmp(line, "shot") == 0)
        return shot(s, argument);
    return fprintf(stderr, "termshot: unknown step \"%s\"\n", line) > 0;
}

int
main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: termshot SCRIPT OUTDIR PROGRAM\n");
        return 2;
    }
    FILE *script = fopen(argv[1], "r");
    if (!script) {
        perror(argv[1]);
        return 1;
    }
    struct shooting s = {.out_dir = argv[2], .program = argv[3], .cols = 80, .rows = 24};
    char line[1024];
    int status = 0, number = 0;
    while (status == 0 && fgets(line, sizeof(line), script)) {
        line[strcspn(line, "\n")] = '\0';
        number++;
        if (line[0] && line[0] != '#' && (status = step(&s, line)) != 0)
            fprintf(stderr, "termshot: %s:%d failed\n", argv[1], number);
    }
    fclose(script);
    pty_close(s.pty);
    for (unsigned i = 0; i < s.env_count; i++)
        free((char *)(uintptr_t)s.env[i]);
    return status;
}
