/* sim_command: what a container does, guessed from its command: sleep, echo, exit, wait loops, traps.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "sim_script.h"

/* The words of one simple shell command, quotes removed. */
struct words {
    char *word[24];
    size_t count;
};

static void
words_free(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->word[i]);
    words->count = 0;
}

static const char *
read_word(const char *p, struct strbuf *word)
{
    char quote = 0;
    for (; *p; p++) {
        if (quote && *p == quote)
            quote = 0;
        else if (!quote && (*p == '"' || *p == '\''))
            quote = *p;
        else if (!quote && (isspace((unsigned char)*p) || *p == ';' || *p == '&' || *p == '|'))
            break;
        else
            strbuf_addc(word, *p);
    }
    return p;
}

/* Read up to the next separator (; && || & | newline); NULL at the end of the text. */
static const char *
next_command(const char *p, struct words *words)
{
    while (*p && (isspace((unsigned char)*p) || strchr(";&|", *p)))
        p++;
    if (!*p)
        return NULL;
    while (*p && *p != '\n' && !strchr(";&|", *p)) {
        if (*p == ' ' || *p == '\t') {
            p++;
            continue;
        }
        if (*p == '#' && words->count == 0)
            return p + strcspn(p, "\n");
        struct strbuf word;
        strbuf_init(&word, 4096);
        p = read_word(p, &word);
        if (words->count < IW_COUNTOF(words->word))
            words->word[words->count++] = strbuf_take(&word);
        strbuf_free(&word);
    }
    return p;
}

static bool
word_is(const struct words *words, size_t at, const char *text)
{
    return at < words->count && strcmp(words->word[at], text) == 0;
}

static char *
join_from(const struct words *words, size_t from)
{
    struct strbuf text;
    strbuf_init(&text, 4096);
    for (size_t i = from; i < words->count; i++) {
        if (i > from)
            strbuf_addc(&text, ' ');
        strbuf_adds(&text, words->word[i]);
    }
    char *out = strbuf_take(&text);
    strbuf_free(&text);
    return out;
}

static int64_t
sleep_ms(const struct words *words)
{
    if (words->count < 2)
        return 0;
    char *end = NULL;
    double seconds = strtod(words->word[1], &end);
    if (*end == 'm')
        seconds *= 60;
    else if (*end == 'h')
        seconds *= 3600;
    else if (strcmp(words->word[1], "infinity") == 0)
        return SCRIPT_FOREVER;
    return seconds > 0 && seconds < 1e9 ? (int64_t)(seconds * 1000) : 0;
}

/* State of reading a shell text: where in time the script is, and which loop it is in. */
struct guess {
    struct script_run *run;
    int64_t at_ms;
    enum { LOOP_NONE, LOOP_WAIT, LOOP_FOREVER } loop;
    int64_t loop_ms; /* of one round */
    size_t loop_first_line;
    bool done; /* nothing after this is reached */
};

static void
guess_echo(struct guess *g, const struct words *words)
{
    enum script_when when =
        g->run->need && g->loop == LOOP_NONE ? SCRIPT_WHEN_END : SCRIPT_WHEN_START;
    struct script_line line = {.when = when, .at_ms = g->at_ms, .text = join_from(words, 1)};
    if (g->loop != LOOP_NONE)
        line.at_ms += g->loop_ms;
    script_add_line(g->run, line);
}

static void
guess_wait_target(struct guess *g, const struct words *words)
{
    g->loop = LOOP_WAIT;
    bool by_name = word_is(words, 1, "nslookup");
    for (size_t i = words->count; i-- > 2 && !g->run->service;) {
        const char *word = words->word[i];
        bool number = word[strspn(word, "0123456789")] == '\0';
        if (number && !by_name && strlen(word) <= 5)
            g->run->port = (int)strtol(word, NULL, 10);
        if (word[0] != '-' && word[0] != '>' && word[0] != '2' && !number && word[0] != '/')
            g->run->service = iw_strdup(word);
    }
    g->run->need = by_name ? SCRIPT_NEED_NAME : SCRIPT_NEED_ENDPOINT;
    g->run->poll_ms = 0;
    g->loop_first_line = g->run->lines.len;
}

static void
guess_loop_end(struct guess *g)
{
    int64_t round_ms = IW_MAX(g->loop_ms, 1000);
    for (size_t i = g->loop_first_line; i < g->run->lines.len; i++)
        g->run->lines.items[i].every_ms = round_ms;
    if (g->loop == LOOP_WAIT) {
        g->run->poll_ms = round_ms;
        if (!g->run->service)
            g->run->need = SCRIPT_NEED_NOTHING;
    } else {
        g->at_ms = SCRIPT_FOREVER;
        g->done = true;
    }
    g->loop = LOOP_NONE;
    g->loop_ms = 0;
}

/* What ash says to a `done` or `fi` without its beginning. */
static void
guess_syntax_error(struct guess *g, const char *word)
{
    while (g->run->lines.len > 0)
        free(g->run->lines.items[--g->run->lines.len].text);
    struct script_line line = {.text = iw_asprintf("sh: syntax error: unexpected \"%s\"", word),
                               .at_ms = 10};
    script_add_line(g->run, line);
    g->run->exit_code = 2;
    g->at_ms = 60;
    g->done = true;
}

static void
guess_command(struct guess *g, struct words *words)
{
    if (word_is(words, 0, "do") || word_is(words, 0, "then")) {
        free(words->word[0]);
        memmove(words->word, words->word + 1, (words->count - 1) * sizeof(words->word[0]));
        words->count--;
    }
    bool first_colon = word_is(words, 1, "true") || word_is(words, 1, ":");
    if (words->count == 0 || word_is(words, 0, "exec"))
        return;
    if (word_is(words, 0, "until") || (word_is(words, 0, "while") && word_is(words, 1, "!"))) {
        guess_wait_target(g, words);
    } else if (word_is(words, 0, "while")) {
        g->loop = first_colon ? LOOP_FOREVER : LOOP_NONE;
        g->loop_first_line = g->run->lines.len;
    } else if (word_is(words, 0, "done")) {
        if (g->loop == LOOP_NONE)
            guess_syntax_error(g, "done");
        else
            guess_loop_end(g);
    } else if (word_is(words, 0, "echo") || word_is(words, 0, "printf")) {
        guess_echo(g, words);
    } else if (word_is(words, 0, "sleep")) {
        int64_t ms = sleep_ms(words);
        if (g->loop != LOOP_NONE)
            g->loop_ms += ms == SCRIPT_FOREVER ? 0 : ms;
        else
            g->at_ms = ms == SCRIPT_FOREVER ? ms : g->at_ms + ms;
    } else if (word_is(words, 0, "exit") && g->loop == LOOP_NONE) {
        g->run->exit_code = words->count > 1 ? (int)strtol(words->word[1], NULL, 10) & 255 : 0;
        g->done = true;
    } else if (word_is(words, 0, "false")) {
        g->run->exit_code = 1;
    }
}

/* A `for` or `while read` loop is not followed; its `done` must not look like a mistake. */
static bool
has_unknown_loop(const char *text)
{
    static const char *const known[] = {"while true", "while :", "while !"};
    for (const char *p = strstr(text, "while "); p; p = strstr(p + 1, "while ")) {
        bool found = p > text && !strchr(" \t\n;|&", p[-1]); /* in a word */
        for (size_t i = 0; i < IW_COUNTOF(known); i++)
            found = found || strncmp(p, known[i], strlen(known[i])) == 0;
        if (!found)
            return true;
    }
    return strncmp(text, "for ", 4) == 0 || strstr(text, "\nfor ") != NULL ||
           strstr(text, "; for ") != NULL || strstr(text, "do for ") != NULL;
}

static void
guess_shell(struct script_run *run, const char *text, bool is_init)
{
    if (has_unknown_loop(text)) {
        run->takes_ms = is_init ? SCRIPT_DEFAULT_INIT_MS : SCRIPT_FOREVER;
        return;
    }
    struct guess g = {.run = run};
    struct words words = {.count = 0};
    const char *p = text;
    while ((p = next_command(p, &words)) != NULL && g.at_ms != SCRIPT_FOREVER) {
        if (!g.done || word_is(&words, 0, "done"))
            guess_command(&g, &words);
        words_free(&words);
    }
    words_free(&words);
    run->takes_ms = g.at_ms == SCRIPT_FOREVER ? g.at_ms : IW_MAX(g.at_ms, 150);
}

struct script *
script_from_command(const json_t *container, bool is_init)
{
    struct script *script = script_new();
    struct script_run *run = script_add_run(script);
    json_t *argv = json_array();
    json_array_extend(argv, json_object_get(container, "command"));
    json_array_extend(argv, json_object_get(container, "args"));
    const char *first = json_string_value(json_array_get(argv, 0));
    const char *second = json_string_value(json_array_get(argv, 1));
    const char *third = json_string_value(json_array_get(argv, 2));
    const char *base = first && strrchr(first, '/') ? strrchr(first, '/') + 1 : first;
    bool shell = base && (strcmp(base, "sh") == 0 || strcmp(base, "bash") == 0);
    run->takes_ms = is_init ? SCRIPT_DEFAULT_INIT_MS : SCRIPT_FOREVER;
    if (shell && second && third && second[0] == '-') {
        guess_shell(run, third, is_init);
        /* PID 1 without a handler ignores SIGTERM, so only a script with a trap ends in time. */
        script->term_ms = strstr(third, "trap ") ? SCRIPT_DEFAULT_TERM_MS : SCRIPT_FOREVER;
    } else if (base && strcmp(base, "sleep") == 0) {
        struct words words = {.word = {(char *)base, (char *)(second ? second : "0")}, .count = 2};
        run->takes_ms = sleep_ms(&words);
        script->term_ms = SCRIPT_FOREVER;
    } else if (base && (strcmp(base, "true") == 0 || strcmp(base, "false") == 0)) {
        run->takes_ms = 100;
        run->exit_code = base[0] == 'f';
    }
    json_decref(argv);
    return script;
}
