/* script: what a container does, from scenario.yaml or guessed from its command.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/script.h"

#include <ctype.h>
#include <string.h>

#include "initwatch/base/clock.h"

#define DEFAULT_INIT_MS 3000
#define DEFAULT_POLL_MS 2000
#define DEFAULT_TERM_MS 400
#define DEFAULT_IMAGE_BYTES (4 << 20)

int64_t
script_duration(const json_t *object, const char *member, int64_t missing_ms)
{
    const json_t *value = json_object_get(object, member);
    if (json_is_integer(value))
        return (int64_t)json_integer_value(value) * 1000;
    int64_t ms = 0;
    if (!json_is_string(value))
        return missing_ms;
    if (strcmp(json_string_value(value), "forever") == 0)
        return SCRIPT_FOREVER;
    return duration_parse(json_string_value(value), &ms, NULL) == IW_OK ? ms : missing_ms;
}

static char *
string_or_null(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? iw_strdup(text) : NULL;
}

static int
int_or(const json_t *object, const char *member, int missing)
{
    const json_t *value = json_object_get(object, member);
    return json_is_integer(value) ? (int)json_integer_value(value) : missing;
}

static struct script *
script_new(void)
{
    struct script *script = iw_calloc(1, sizeof(*script));
    script->refs = 1;
    script->image_bytes = DEFAULT_IMAGE_BYTES;
    script->term_ms = DEFAULT_TERM_MS;
    return script;
}

struct script *
script_ref(struct script *script)
{
    script->refs++;
    return script;
}

static void
run_free(struct script_run *run)
{
    for (size_t i = 0; i < run->lines.len; i++)
        free(run->lines.items[i].text);
    vec_free(&run->lines);
    free(run->reason);
    free(run->message);
    free(run->service);
}

void
script_unref(struct script *script)
{
    if (!script || --script->refs > 0)
        return;
    for (size_t i = 0; i < script->runs.len; i++)
        run_free(&script->runs.items[i]);
    vec_free(&script->runs);
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++) {
        for (size_t i = 0; i < script->answers[p].len; i++)
            free(script->answers[p].items[i].message);
        vec_free(&script->answers[p]);
    }
    free(script->pull_error);
    free(script->inspect_error);
    free(script->create_error);
    free(script->start_error);
    free(script->post_start_error);
    free(script);
}

static struct script_run *
add_run(struct script *script)
{
    struct script_run run = {.takes_ms = SCRIPT_FOREVER};
    vec_push(&script->runs, run);
    return &script->runs.items[script->runs.len - 1];
}

static void
add_line(struct script_run *run, struct script_line line)
{
    if (run->lines.len < SCRIPT_LINES_MAX)
        vec_push(&run->lines, line);
    else
        free(line.text);
}

/* --- copies --- */

static char *
copy_text(const char *text)
{
    return text ? iw_strdup(text) : NULL;
}

static void
copy_run(struct script *to, const struct script_run *from)
{
    struct script_run *run = add_run(to);
    *run = *from;
    memset(&run->lines, 0, sizeof(run->lines));
    run->reason = copy_text(from->reason);
    run->message = copy_text(from->message);
    run->service = copy_text(from->service);
    for (size_t i = 0; i < from->lines.len; i++) {
        struct script_line line = from->lines.items[i];
        line.text = iw_strdup(line.text);
        add_line(run, line);
    }
}

struct script *
script_single(const struct script *script, int attempt)
{
    struct script *copy = script_new();
    *copy = *script;
    copy->refs = 1;
    memset(&copy->runs, 0, sizeof(copy->runs));
    memset(copy->answers, 0, sizeof(copy->answers));
    copy->pull_error = copy_text(script->pull_error);
    copy->inspect_error = copy_text(script->inspect_error);
    copy->create_error = copy_text(script->create_error);
    copy->start_error = copy_text(script->start_error);
    copy->post_start_error = copy_text(script->post_start_error);
    copy_run(copy, script_run_at(script, attempt));
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++) {
        for (size_t i = 0; i < script->answers[p].len; i++) {
            struct script_answer answer = script->answers[p].items[i];
            answer.message = copy_text(answer.message);
            vec_push(&copy->answers[p], answer);
        }
    }
    return copy;
}

void
script_add_end_line(struct script_run *run, char *text)
{
    add_line(run, (struct script_line){.when = SCRIPT_WHEN_END, .text = text});
}

void
script_set_answers(struct script *script, enum script_probe probe, int64_t ok_from_ms,
                   const char *message)
{
    for (size_t i = 0; i < script->answers[probe].len; i++)
        free(script->answers[probe].items[i].message);
    vec_clear(&script->answers[probe]);
    struct script_answer bad = {.message = iw_strdup(message)};
    struct script_answer good = {.from_ms = ok_from_ms, .ok = true};
    vec_push(&script->answers[probe], bad);
    if (ok_from_ms > 0)
        vec_push(&script->answers[probe], good);
}

/* --- from a scenario file --- */

static enum iw_err
read_line(const json_t *entry, enum script_when when, size_t index, struct script_run *run,
          struct iw_error *err)
{
    /* Bare texts follow one another by 40 ms, so that they keep their order everywhere. */
    struct script_line line = {.when = when, .at_ms = 40 * (int64_t)index};
    if (json_is_string(entry)) {
        line.text = iw_strdup(json_string_value(entry));
        add_line(run, line);
        return IW_OK;
    }
    const char *text = json_string_value(json_object_get(entry, "text"));
    if (!text)
        return iw_fail(err, IW_ERR_PARSE, "a log line needs a text");
    line.at_ms = script_duration(entry, "at", line.at_ms);
    line.every_ms = script_duration(entry, "every", 0);
    line.times = int_or(entry, "times", 0);
    if (json_is_true(json_object_get(entry, "end")))
        line.when = SCRIPT_WHEN_END;
    line.text = iw_strdup(text);
    add_line(run, line);
    return IW_OK;
}

static enum iw_err
read_lines(const json_t *list, enum script_when when, struct script_run *run, struct iw_error *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)list, i, entry)
    {
        if (read_line(entry, when, i, run, err))
            return err ? err->code : IW_ERR_PARSE;
    }
    return IW_OK;
}

static enum iw_err
read_run(struct script *script, const json_t *entry, bool is_init, struct iw_error *err)
{
    struct script_run *run = add_run(script);
    run->takes_ms = script_duration(entry, "takes", is_init ? DEFAULT_INIT_MS : SCRIPT_FOREVER);
    run->exit_code = int_or(entry, "exit", 0);
    run->reason = string_or_null(entry, "reason");
    run->message = string_or_null(entry, "message");
    const json_t *wait = json_object_get(entry, "wait");
    if (wait) {
        run->service = string_or_null(wait, "service");
        if (!run->service)
            return iw_fail(err, IW_ERR_PARSE, "wait needs a service");
        const char *need = json_string_value(json_object_get(wait, "need"));
        run->need = need && strcmp(need, "name") == 0 ? SCRIPT_NEED_NAME : SCRIPT_NEED_ENDPOINT;
        run->poll_ms = IW_MAX(script_duration(wait, "every", DEFAULT_POLL_MS), 100);
        run->port = int_or(wait, "port", 0);
    }
    return read_lines(json_object_get(entry, "log"), SCRIPT_WHEN_START, run, err);
}

static void
read_answers(struct script *script, enum script_probe probe, const json_t *list)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)list, i, entry)
    {
        struct script_answer answer = {.from_ms = script_duration(entry, "from", 0),
                                       .ok = !json_is_false(json_object_get(entry, "ok")),
                                       .message = string_or_null(entry, "message")};
        vec_push(&script->answers[probe], answer);
    }
}

static void
read_pull(struct script *script, const json_t *entry)
{
    const json_t *pull = json_object_get(entry, "pull");
    if (!pull)
        return;
    script->pull_ms = json_is_object(pull) ? script_duration(pull, "takes", 1000)
                                           : script_duration(entry, "pull", 0);
    script->pull_error = string_or_null(pull, "error");
    script->pull_failures = int_or(pull, "failures", 0);
    script->image_bytes = int_or(pull, "bytes", DEFAULT_IMAGE_BYTES);
}

static enum iw_err
read_term(struct script *script, const json_t *term, struct iw_error *err)
{
    if (!term)
        return IW_OK;
    script->term_ms = script_duration(term, "takes", DEFAULT_TERM_MS);
    script->term_exit = int_or(term, "exit", 0);
    for (size_t i = 0; i < script->runs.len; i++) {
        const json_t *log = json_object_get(term, "log");
        if (read_lines(log, SCRIPT_WHEN_TERM, &script->runs.items[i], err))
            return IW_ERR_PARSE;
    }
    return IW_OK;
}

enum iw_err
script_from_scenario(json_t *entry, const json_t *container, bool is_init, struct script **out,
                     struct iw_error *err)
{
    json_t *runs = json_object_get(entry, "runs");
    struct script *script =
        json_array_size(runs) > 0 ? script_new() : script_from_command(container, is_init);
    size_t i;
    json_t *run;
    enum iw_err code = IW_OK;
    json_array_foreach(runs, i, run)
    {
        if (!code)
            code = read_run(script, run, is_init, err);
    }
    static const char *const probe_names[SCRIPT_PROBE_COUNT] = {"startup", "readiness", "liveness"};
    for (size_t p = 0; p < SCRIPT_PROBE_COUNT; p++)
        read_answers(script, (enum script_probe)p, json_object_get(entry, probe_names[p]));
    read_pull(script, entry);
    script->inspect_error = string_or_null(entry, "inspect_error");
    script->create_error = string_or_null(entry, "create_error");
    script->start_error = string_or_null(entry, "start_error");
    script->post_start_error = string_or_null(entry, "post_start_error");
    script->pre_stop_ms = script_duration(entry, "pre_stop", 0);
    script->post_start_ms = script_duration(entry, "post_start", 0);
    if (!code)
        code = read_term(script, json_object_get(entry, "term"), err);
    if (code) {
        script_unref(script);
        return code;
    }
    *out = script;
    return IW_OK;
}

/* --- from a command --- */

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
    add_line(g->run, line);
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
    add_line(g->run, line);
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
        run->takes_ms = is_init ? DEFAULT_INIT_MS : SCRIPT_FOREVER;
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
    struct script_run *run = add_run(script);
    json_t *argv = json_array();
    json_array_extend(argv, json_object_get(container, "command"));
    json_array_extend(argv, json_object_get(container, "args"));
    const char *first = json_string_value(json_array_get(argv, 0));
    const char *second = json_string_value(json_array_get(argv, 1));
    const char *third = json_string_value(json_array_get(argv, 2));
    const char *base = first && strrchr(first, '/') ? strrchr(first, '/') + 1 : first;
    bool shell = base && (strcmp(base, "sh") == 0 || strcmp(base, "bash") == 0);
    run->takes_ms = is_init ? DEFAULT_INIT_MS : SCRIPT_FOREVER;
    if (shell && second && third && second[0] == '-') {
        guess_shell(run, third, is_init);
        /* PID 1 without a handler ignores SIGTERM, so only a script with a trap ends in time. */
        script->term_ms = strstr(third, "trap ") ? DEFAULT_TERM_MS : SCRIPT_FOREVER;
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

/* --- questions --- */

const struct script_run *
script_run_at(const struct script *script, int attempt)
{
    size_t last = script->runs.len - 1;
    return &script->runs.items[IW_MIN((size_t)IW_MAX(attempt, 0), last)];
}

const struct script_answer *
script_answer_at(const struct script *script, enum script_probe probe, int64_t since_start_ms)
{
    const struct script_answer *found = NULL;
    for (size_t i = 0; i < script->answers[probe].len; i++) {
        if (script->answers[probe].items[i].from_ms <= since_start_ms)
            found = &script->answers[probe].items[i];
    }
    return found;
}
