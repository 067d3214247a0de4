/* termshot: plays a script of keys to a program in a terminal and writes its screens as SVG.
 *
 * usage: termshot COLSxROWS LOOK SCRIPT OUTDIR PROGRAM     (LOOK: ascii or the name of a theme)
 *
 * Lines of a script; '#' starts a comment:
 *   env K=V          for the program
 *   run ARGS...      starts PROGRAM with them and with the flags of the look
 *   wait TEXT        until the screen has it; gone TEXT: until it has it no more
 *   until HH:MM:SS   until the clock in the first line says so, and half a second
 *   key NAME         "Enter", "Down", "^D", ...; type TEXT: as it is
 *   select NAME      puts the cursor on the row that has NAME
 *   shot NAME        writes OUTDIR/NAME-COLSxROWS-LOOK.svg
 *   film NAME        from here on a film is taken; cut: writes OUTDIR/NAME-COLSxROWS-LOOK.svg
 *   say TEXT         in the line above the film; hold MS: nothing is done for so long
 * A wait that fails ends the tool with status 1: a picture is never of the wrong screen.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "initwatch/base/iwdef.h"
#include "termpty.h"

enum {
    FILM_FRAME_MS = 100,
    WAIT_MS = 60000,
    MAX_WORDS = 64,
    SETTLE_MS = 150,
    SETTLE_MAX_MS = 1000,
    ROWS_MAX = 30,
    MAX_MOVES = 300
};

struct shooting {
    const char *look, *out_dir, *program;
    int cols, rows;
    const char *env[16];
    unsigned env_count;
    struct pty *pty;
    struct pty_film *film; /* being taken; NULL: none */
    char film_name[64];
    int64_t film_taken_ms;
};

static int64_t
now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Called for all that the program writes, after it is on the screen. */
static void
take_picture(struct shooting *s)
{
    if (s->film && now_ms() - s->film_taken_ms >= FILM_FRAME_MS) {
        s->film_taken_ms = now_ms();
        pty_film_take(s->film, s->film_taken_ms);
    }
}

static bool
run(struct shooting *s, char *arguments)
{
    const char *argv[MAX_WORDS + 4] = {s->program};
    unsigned argc = 1;
    for (char *save = NULL, *word = strtok_r(arguments, " ", &save); word && argc <= MAX_WORDS;
         word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    if (strcmp(s->look, "ascii") == 0) {
        argv[argc++] = "--ascii";
    } else {
        argv[argc++] = "--theme";
        argv[argc++] = s->look;
    }
    pty_close(s->pty);
    s->pty = pty_start(s->cols, s->rows, argv, s->env_count ? s->env : NULL);
    return true;
}

static bool
settle(struct shooting *s)
{
    pty_settle(s->pty, SETTLE_MS, SETTLE_MAX_MS);
    take_picture(s);
    return !s->pty->exited;
}

static bool
press(struct shooting *s, const char *name)
{
    pty_key(s->pty, name);
    return settle(s);
}

static bool
type(struct shooting *s, const char *text)
{
    pty_send(s->pty, text);
    return settle(s);
}

static bool
await(struct shooting *s, const char *text)
{
    return pty_wait(s->pty, text, WAIT_MS);
}

static bool
await_gone(struct shooting *s, const char *text)
{
    return pty_wait_gone(s->pty, text, WAIT_MS);
}

/* The last "HH:MM:SS" of the first line; "" when there is none. */
static void
read_clock(struct shooting *s, char out[9])
{
    static const char form[] = "00:00:00";
    char *line = pty_row(s->pty, 0);
    out[0] = '\0';
    for (size_t at = 0, len = strlen(line); at + 8 <= len; at++) {
        bool fits = true;
        for (size_t i = 0; i < 8 && fits; i++)
            fits = form[i] == '0' ? isdigit((unsigned char)line[at + i]) != 0
                                  : line[at + i] == form[i];
        if (fits)
            snprintf(out, 9, "%.8s", line + at);
    }
    free(line);
}

static void
pump_for(struct shooting *s, int64_t ms)
{
    int64_t end_ms = now_ms() + ms;
    for (int64_t left_ms = ms; left_ms > 0; left_ms = end_ms - now_ms()) {
        pty_pump(s->pty, (int)IW_MIN(left_ms, (int64_t)FILM_FRAME_MS));
        take_picture(s);
    }
}

static bool
until(struct shooting *s, const char *moment)
{
    char now[9];
    int64_t end_ms = now_ms() + WAIT_MS;
    for (read_clock(s, now); strcmp(now, moment) < 0; read_clock(s, now)) {
        if (s->pty->exited || now_ms() > end_ms)
            return fprintf(stderr, "termshot: the clock stands at \"%s\"\n", now) < 0;
        pty_pump(s->pty, FILM_FRAME_MS);
        take_picture(s);
    }
    if (strcmp(now, moment) > 0)
        fprintf(stderr, "termshot: %s is past, the clock says %s\n", moment, now);
    pump_for(s, 500);
    return true;
}

static bool
on_row(struct shooting *s, const char *name)
{
    bool found = false;
    for (int row = 0; row < s->rows && !found; row++) {
        char *text = pty_row(s->pty, row);
        bool marked = strncmp(text, "▸", strlen("▸")) == 0 || text[0] == '>';
        found = marked && strstr(text, name);
        free(text);
    }
    return found;
}

static bool
select_row(struct shooting *s, const char *name)
{
    for (int moves = 0; moves < MAX_MOVES; moves++) {
        if (moves % ROWS_MAX == 0)
            press(s, "g");
        if (on_row(s, name))
            return true;
        pty_key(s->pty, "j");
        pty_settle(s->pty, 30, SETTLE_MAX_MS);
    }
    return fprintf(stderr, "termshot: no row has \"%s\"\n", name) < 0;
}

/* svg is taken. */
static bool
write_svg(struct shooting *s, const char *name, char *svg)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s-%dx%d-%s.svg", s->out_dir, name, s->cols, s->rows, s->look);
    FILE *f = fopen(path, "w");
    if (f)
        fputs(svg, f);
    free(svg);
    if (!f || fclose(f) != 0) {
        perror(path);
        return false;
    }
    printf("%s\n", path);
    return true;
}

static bool
is_light(const struct shooting *s)
{
    return strcmp(s->look, "light") == 0;
}

static bool
shot(struct shooting *s, const char *name)
{
    return write_svg(s, name, pty_svg(s->pty, is_light(s), "initwatch"));
}

static bool
film(struct shooting *s, const char *name)
{
    if (s->film)
        return fprintf(stderr, "termshot: the film before has no cut\n") < 0;
    snprintf(s->film_name, sizeof(s->film_name), "%s", name);
    s->film = pty_film_new(s->pty, is_light(s), now_ms());
    pty_film_take(s->film, now_ms());
    return true;
}

static bool
cut(struct shooting *s, const char *argument)
{
    (void)argument;
    if (!s->film)
        return fprintf(stderr, "termshot: no film to cut\n") < 0;
    char *svg = pty_film_end(s->film, now_ms());
    s->film = NULL;
    return write_svg(s, s->film_name, svg);
}

static bool
say(struct shooting *s, const char *text)
{
    if (s->film)
        pty_film_caption(s->film, text, now_ms());
    return true;
}

static bool
hold(struct shooting *s, const char *ms)
{
    pump_for(s, strtol(ms, NULL, 10));
    return !s->pty->exited;
}

static bool
step(struct shooting *s, char *line)
{
    static const struct {
        const char *word;
        bool (*act)(struct shooting *s, const char *argument);
    } steps[] = {{"wait", await}, {"gone", await_gone}, {"until", until},       {"key", press},
                 {"type", type},  {"shot", shot},       {"select", select_row}, {"film", film},
                 {"cut", cut},    {"say", say},         {"hold", hold}};
    char *argument = strchr(line, ' ');
    if (argument)
        *argument++ = '\0';
    else
        argument = line + strlen(line);
    if (strcmp(line, "env") == 0 && s->env_count + 1 < sizeof(s->env) / sizeof(s->env[0])) {
        s->env[s->env_count++] = strdup(argument);
        return true;
    }
    if (strcmp(line, "run") == 0)
        return run(s, argument);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (s->pty && strcmp(line, steps[i].word) == 0)
            return steps[i].act(s, argument);
    }
    return fprintf(stderr, "termshot: what is \"%s\" here?\n", line) < 0;
}

static bool
play(struct shooting *s, FILE *script, const char *path)
{
    char line[1024];
    for (int number = 1; fgets(line, sizeof(line), script); number++) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] && line[0] != '#' && !step(s, line)) {
            fprintf(stderr, "termshot: %s:%d failed\n", path, number);
            return false;
        }
    }
    return true;
}

int
main(int argc, char **argv)
{
    struct shooting s = {0};
    char *end = argc == 6 ? argv[1] : NULL;
    if (end) {
        s = (struct shooting){.look = argv[2], .out_dir = argv[4], .program = argv[5]};
        s.cols = (int)strtol(argv[1], &end, 10);
        s.rows = *end == 'x' ? (int)strtol(end + 1, NULL, 10) : 0;
    }
    if (s.cols < 1 || s.rows < 1) {
        fprintf(stderr, "usage: termshot COLSxROWS LOOK SCRIPT OUTDIR PROGRAM\n");
        return 2;
    }
    FILE *script = fopen(argv[3], "r");
    if (!script) {
        perror(argv[3]);
        return 1;
    }
    bool played = play(&s, script, argv[3]);
    fclose(script);
    if (s.film) /* the script failed before its cut */
        free(pty_film_end(s.film, now_ms()));
    pty_close(s.pty);
    for (unsigned i = 0; i < s.env_count; i++)
        free((char *)(uintptr_t)s.env[i]);
    return played ? 0 : 1;
}
