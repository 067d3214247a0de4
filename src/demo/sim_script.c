/* script: what a container does, from scenario.yaml. What its command says is in sim_command.c.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/script.h"

#include <string.h>

#include "initwatch/base/clock.h"
#include "sim_script.h"

#define DEFAULT_POLL_MS 2000
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

struct script *
script_new(void)
{
    struct script *script = iw_calloc(1, sizeof(*script));
    script->refs = 1;
    script->image_bytes = DEFAULT_IMAGE_BYTES;
    script->term_ms = SCRIPT_DEFAULT_TERM_MS;
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

struct script_run *
script_add_run(struct script *script)
{
    struct script_run run = {.takes_ms = SCRIPT_FOREVER};
    vec_push(&script->runs, run);
    return &script->runs.items[script->runs.len - 1];
}

void
script_add_line(struct script_run *run, struct script_line line)
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
    struct script_run *run = script_add_run(to);
    *run = *from;
    memset(&run->lines, 0, sizeof(run->lines));
    run->reason = copy_text(from->reason);
    run->message = copy_text(from->message);
    run->service = copy_text(from->service);
    for (size_t i = 0; i < from->lines.len; i++) {
        struct script_line line = from->lines.items[i];
        line.text = iw_strdup(line.text);
        script_add_line(run, line);
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
    script_add_line(run, (struct script_line){.when = SCRIPT_WHEN_END, .text = text});
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
        script_add_line(run, line);
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
    script_add_line(run, line);
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
    struct script_run *run = script_add_run(script);
    run->takes_ms =
        script_duration(entry, "takes", is_init ? SCRIPT_DEFAULT_INIT_MS : SCRIPT_FOREVER);
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
    script->term_ms = script_duration(term, "takes", SCRIPT_DEFAULT_TERM_MS);
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
