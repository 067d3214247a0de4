/* options: reads argv by the table in flags.c.
 *
 * Flags may stand anywhere; "--name value", "--name=value", "-nvalue", "-n value", "-n=value" and
 * bundles of boolean letters
 * ("-pf") all work, as in kubectl. "--" ends the flags.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/flags.h"
#include "initwatch/app/kubewords.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/nearest.h"
#include "initwatch/base/strbuf.h"

static const char *
app_command_name(enum app_command command)
{
    return command == CMD_DASHBOARD ? "initwatch" : command_table[command].name;
}

/* --- values --- */

static enum iw_err
bad_value(const struct flag *f, const char *value, const char *want, struct iw_error *err)
{
    return iw_fail(err, IW_ERR_USAGE, "--%s: \"%s\" is not %s", f->name, value, want);
}

static enum iw_err
set_number(const struct flag *f, const char *value, int64_t *out, struct iw_error *err)
{
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    if (errno || *end || end == value)
        return bad_value(f, value, "a whole number", err);
    *out = number;
    return IW_OK;
}

static enum iw_err
set_output(const struct flag *f, const char *value, struct options *o, struct iw_error *err)
{
    static const char *const names[] = {"table", "kubectl", "wide", "json", "jsonl"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            o->output = (enum output_format)i;
            o->output_given = true;
            return IW_OK;
        }
    }
    static const char *const of_kubectl[] = {"yaml", "name", "jsonpath", "custom-columns",
                                             "go-template"};
    for (size_t i = 0; i < IW_COUNTOF(of_kubectl); i++)
        if (strncmp(value, of_kubectl[i], strlen(of_kubectl[i])) == 0)
            return iw_fail(err, IW_ERR_USAGE,
                           "--output %.40s is kubectl's: kubectl get pods -o %.40s; here there are "
                           "table, kubectl, wide, json, jsonl",
                           value, value);
    return bad_value(f, value, "one of table, kubectl, wide, json, jsonl", err);
}

static enum iw_err
set_wire(const struct flag *f, const char *value, struct options *o, struct iw_error *err)
{
    static const char *const names[] = {
        [SOURCE_WIRE_AUTO] = "auto",
        [SOURCE_WIRE_JSON] = "json",
        [SOURCE_WIRE_PROTOBUF] = "protobuf",
    };
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        if (strcmp(value, names[i]) == 0) {
            o->wire = (enum source_wire)i;
            return IW_OK;
        }
    }
    return bad_value(f, value, "one of auto, json, protobuf", err);
}

static enum iw_err
set_duration(const struct flag *f, const char *value, int64_t unit_ms, int64_t *out,
             struct iw_error *err)
{
    int64_t ms;
    /* kubectl takes a bare number of seconds for --request-timeout. */
    char *end;
    long long seconds = strtoll(value, &end, 10);
    if (*value && !*end && seconds >= 0 && seconds < INT64_MAX / 1000)
        ms = seconds * 1000;
    else if (duration_parse(value, &ms, NULL) != IW_OK || ms < 0)
        return bad_value(f, value, "a duration such as 90s, 5m or 1h30m", err);
    *out = (ms + unit_ms - 1) / unit_ms;
    return IW_OK;
}

static enum iw_err
push_text(const struct flag *f, const char **list, unsigned *count, unsigned max, const char *value,
          struct iw_error *err)
{
    if (*count + 1 >= max)
        return iw_fail(err, IW_ERR_USAGE, "--%s was given more than %u times", f->name, max - 1);
    list[(*count)++] = value;
    return IW_OK;
}

static enum iw_err
set_value(const struct flag *f, const char *value, struct options *o, struct iw_error *err)
{
    void *at = (char *)o + f->offset;
    switch (f->type) {
    case FLAG_BOOL:
        *(bool *)at = strcmp(value, "false") != 0;
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return bad_value(f, value, "true or false", err);
        return IW_OK;
    case FLAG_TEXT:
        *(const char **)at = value;
        return IW_OK;
    case FLAG_NUMBER:
        return set_number(f, value, at, err);
    case FLAG_DECIMAL: {
        char *end;
        double number = strtod(value, &end);
        if (*end || end == value || !(number > 0.0 && number <= 1000.0))
            return bad_value(f, value, "a number between 0 and 1000", err);
        *(double *)at = number;
        return IW_OK;
    }
    case FLAG_SECONDS:
        return set_duration(f, value, 1000, at, err);
    case FLAG_MILLIS:
        return set_duration(f, value, 1, at, err);
    case FLAG_MOMENT:
        if (rfc3339_parse(value, strlen(value), at, NULL) != IW_OK)
            return bad_value(f, value, "a moment such as 2026-06-15T12:00:00Z", err);
        return IW_OK;
    case FLAG_FILES:
        return push_text(f, o->files, &o->file_count, IW_COUNTOF(o->files), value, err);
    case FLAG_GREP:
        return push_text(f, o->grep, &o->grep_count, IW_COUNTOF(o->grep), value, err);
    case FLAG_DROP:
        return push_text(f, o->drop, &o->drop_count, IW_COUNTOF(o->drop), value, err);
    case FLAG_GROUPS:
        o->kube.as_groups = o->as_groups;
        return push_text(f, o->as_groups, &o->as_group_count, IW_COUNTOF(o->as_groups), value, err);
    case FLAG_OUTPUT:
        return set_output(f, value, o, err);
    case FLAG_WIRE:
        return set_wire(f, value, o, err);
    }
    return IW_OK;
}

/* --- the walk over argv --- */

static const struct flag *
find_long(const char *name, size_t len, unsigned command)
{
    for (size_t i = 0; i < flag_table_count; i++) {
        const struct flag *f = &flag_table[i];
        if ((f->commands & command) && strlen(f->name) == len && strncmp(f->name, name, len) == 0)
            return f;
    }
    return NULL;
}

static const struct flag *
find_letter(char letter, unsigned command)
{
    for (size_t i = 0; i < flag_table_count; i++) {
        if ((flag_table[i].commands & command) && flag_table[i].letter == letter)
            return &flag_table[i];
    }
    return NULL;
}

struct walk {
    int argc, at;
    char **argv;
    struct options *o;
};

static enum iw_err
unknown_flag(const struct walk *w, const char *text, struct iw_error *err)
{
    struct nearest near;
    char name[128];
    size_t len = strcspn(text, "=");
    len = IW_MIN(len, sizeof(name) - 1);
    memcpy(name, text, len);
    name[len] = '\0';
    nearest_init(&near, name);
    for (size_t i = 0; i < flag_table_count; i++) {
        if (flag_table[i].commands & 1u << w->o->command)
            nearest_offer(&near, flag_table[i].name);
    }
    if (find_long(name, len, ~0u))
        return iw_fail(err, IW_ERR_USAGE, "--%s does not belong to %s", name,
                       app_command_name(w->o->command));
    return iw_fail(err, IW_ERR_USAGE, "unknown flag --%s%s%s", name,
                   near.count ? "; did you mean --" : "", near.count ? near.names[0] : "");
}

static enum iw_err
take_value(struct walk *w, const struct flag *f, const char *attached, struct iw_error *err)
{
    if (f->type == FLAG_BOOL)
        return set_value(f, attached ? attached : "true", w->o, err);
    if (!attached) {
        if (w->at + 1 >= w->argc)
            return iw_fail(err, IW_ERR_USAGE, "--%s needs a value: %s", f->name, f->value);
        attached = w->argv[++w->at];
    }
    return set_value(f, attached, w->o, err);
}

static enum iw_err
take_long(struct walk *w, const char *text, struct iw_error *err)
{
    size_t len = strcspn(text, "=");
    const struct flag *f = find_long(text, len, 1u << w->o->command);
    if (!f)
        return unknown_flag(w, text, err);
    return take_value(w, f, text[len] == '=' ? text + len + 1 : NULL, err);
}

static enum iw_err
take_letters(struct walk *w, const char *text, struct iw_error *err)
{
    for (; *text; text++) {
        const struct flag *f = find_letter(*text, 1u << w->o->command);
        if (!f)
            return iw_fail(err, IW_ERR_USAGE, "unknown flag -%c for %s", *text,
                           app_command_name(w->o->command));
        if (f->type != FLAG_BOOL) {
            const char *attached = text[1] == '=' ? text + 2 : text[1] ? text + 1 : NULL;
            return take_value(w, f, attached, err);
        }
        enum iw_err rc = take_value(w, f, NULL, err);
        if (rc != IW_OK)
            return rc;
    }
    return IW_OK;
}

/* The first word that names a command is the command; flags before it may belong to any command. */
static int
find_command(int argc, char **argv, enum app_command *command)
{
    *command = CMD_DASHBOARD;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strcmp(word, "--") == 0)
            return 0;
        if (word[0] == '-') {
            const struct flag *f = word[1] == '-' ? find_long(word + 2, strcspn(word + 2, "="), ~0u)
                                                  : find_letter(word[1], ~0u);
            bool attached = word[1] == '-' ? strchr(word, '=') != NULL : word[1] && word[2] != '\0';
            if (f && f->type != FLAG_BOOL && !attached)
                i++;
            continue;
        }
        enum app_command found = kubewords_command(word);
        for (int c = 1; c < CMD_COUNT; c++)
            if (strcmp(word, command_table[c].name) == 0)
                found = (enum app_command)c;
        *command = found == CMD_COUNT ? CMD_DASHBOARD : found;
        return found == CMD_COUNT ? 0 : i;
    }
    return 0;
}

static void
set_defaults(struct options *o)
{
    *o = (struct options){.now_wall_ms = IW_TIME_NONE,
                          .tail_lines = -1,
                          .since_seconds = -1,
                          .since_wall_ms = IW_TIME_NONE,
                          .limit_bytes = -1,
                          .log_tail_lines = LIMIT_LOG_TAIL_LINES,
                          .log_memory_mib = LIMIT_LOG_BUFFER_BYTES >> 20,
                          .demo_speed = 1.0,
                          .wire = SOURCE_WIRE_AUTO,
                          .demo_start_wall_ms = IW_TIME_NONE};
}

static enum iw_err
check_together(const struct options *o, struct iw_error *err)
{
    if (o->since_seconds >= 0 && o->since_wall_ms != IW_TIME_NONE)
        return iw_fail(err, IW_ERR_USAGE, "--since and --since-time exclude each other");
    if (o->all_namespaces && o->kube.ns)
        return iw_fail(err, IW_ERR_USAGE, "--all-namespaces and --namespace exclude each other");
    if (o->kube.as_groups && !o->kube.as)
        return iw_fail(err, IW_ERR_USAGE, "--as-group needs --as");
    if (o->replay && o->file_count)
        return iw_fail(err, IW_ERR_USAGE, "--replay and --filename exclude each other");
    if (o->replay && (o->kube.context || o->kube.kubeconfig))
        return iw_fail(err, IW_ERR_USAGE,
                       "--replay reads no cluster: --context and --kubeconfig have no meaning");
    if (o->demo_synthetic < 0 || o->demo_synthetic > 200000)
        return iw_fail(err, IW_ERR_USAGE, "--synthetic-pods: 0 to 200000");
    if (o->log_memory_mib < 1 || o->log_memory_mib > 65536)
        return iw_fail(err, IW_ERR_USAGE, "--log-memory: 1 to 65536 (MiB)");
    if (o->log_spill_mib < 0 || o->log_spill_mib > 1048576)
        return iw_fail(err, IW_ERR_USAGE, "--log-spill: 0 to 1048576 (MiB)");
    if (o->log_tail_lines < -1 || o->log_tail_lines == 0)
        return iw_fail(err, IW_ERR_USAGE, "--log-tail: -1 (all) or at least 1");
    if (o->tail_lines < -1)
        return iw_fail(err, IW_ERR_USAGE, "--tail: -1 (all) or more");
    return IW_OK;
}

enum iw_err
options_parse(int argc, char **argv, struct options *out, struct iw_error *err)
{
    set_defaults(out);
    int command_at = find_command(argc, argv, &out->command);
    struct walk w = {.argc = argc, .at = 1, .argv = argv, .o = out};
    bool flags = true, literal = false;
    for (; w.at < argc; w.at++) {
        const char *word = argv[w.at];
        enum iw_err rc = IW_OK;
        if (w.at == command_at)
            continue;
        if (flags && strcmp(word, "--") == 0) {
            flags = false;
            literal = out->arg_count == 0;
        } else if (flags && word[0] == '-' && word[1] == '-')
            rc = take_long(&w, word + 2, err);
        else if (flags && word[0] == '-' && word[1])
            rc = take_letters(&w, word + 1, err);
        else if (out->arg_count + 1 >= IW_COUNTOF(out->args))
            rc = iw_fail(err, IW_ERR_USAGE, "more than %zu arguments", IW_COUNTOF(out->args) - 1);
        else
            out->args[out->arg_count++] = word;
        if (rc != IW_OK)
            return rc;
    }
    enum iw_err rc = check_together(out, err);
    return rc == IW_OK ? kubewords_take(out, literal, err) : rc;
}

/* --- help --- */

static void
help_flag(struct strbuf *b, const struct flag *f)
{
    char left[64];
    snprintf(left, sizeof(left), "%s%c%s --%s%s%s", f->letter ? "-" : " ",
             f->letter ? f->letter : ' ', f->letter ? "," : " ", f->name, f->value ? " " : "",
             f->value ? f->value : "");
    strbuf_addf(b, "  %-34s %s\n", left, f->help);
}

static void
help_commands(struct strbuf *b)
{
    strbuf_adds(b, "initwatch: see what Kubernetes init containers and native sidecars do\n\n");
    for (int c = 0; c < CMD_COUNT; c++) {
        char left[64];
        snprintf(left, sizeof(left), "initwatch %s%s%s", command_table[c].name,
                 c == CMD_DASHBOARD || !command_table[c].arguments[0] ? "" : " ",
                 command_table[c].arguments);
        strbuf_addf(b, "  %-34s %s\n", left, command_table[c].help);
    }
}

char *
options_help(enum app_command command, bool whole_program)
{
    struct strbuf b;
    strbuf_init(&b, 0);
    if (whole_program) {
        help_commands(&b);
        strbuf_adds(&b, "\nFlags of every command\n");
    } else {
        strbuf_addf(&b, "initwatch %s %s\n  %s\n\nFlags\n", command_table[command].name,
                    command_table[command].arguments, command_table[command].help);
    }
    unsigned every = (1u << CMD_COUNT) - 1;
    for (size_t i = 0; i < flag_table_count; i++) {
        const struct flag *f = &flag_table[i];
        bool mine = whole_program ? f->commands == every : (f->commands & 1u << command) != 0;
        if (mine)
            help_flag(&b, f);
    }
    if (whole_program) {
        strbuf_adds(
            &b, "\nFlags of one command: initwatch help COMMAND. Keys: press ? in the dashboard.\n"
                "POD is NAME or pod/NAME; deploy/NAME (sts, ds, rs, job) is its most stuck pod.\n"
                "Try it without a cluster: initwatch demo\n"
                "Exit status: 0 done, 1 bad news, 2 usage, 3 cannot reach or not allowed, "
                "4 not found, 130 interrupted\n");
    }
    return strbuf_take(&b);
}
