/* logprint: the filters and the two forms of a line.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/logprint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/jsonout.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/logline.h"
#include "initwatch/model/logmatch.h"

enum { PRINT_FILTERS = 16 };

struct logprint {
    const struct options *o;
    bool to_terminal, json;
    struct logmatch *grep[PRINT_FILTERS], *drop[PRINT_FILTERS];
    enum line_level level;
    struct trace_state trace;
    bool entry_kept; /* the verdict on the entry that a stack trace belongs to */
    struct strbuf plain, out;
    int64_t bytes_left; /* of --limit-bytes, -1: no limit */
};

/* --- filters --- */

static enum iw_err
compile(const char *flag, const char *const *patterns, unsigned count, struct logmatch **out,
        struct iw_error *err)
{
    for (unsigned i = 0; i < count; i++) {
        out[i] = logmatch_new(patterns[i]);
        if (logmatch_error(out[i])[0])
            return iw_fail(err, IW_ERR_USAGE, "--%s: \"%.100s\": %s", flag, patterns[i],
                           logmatch_error(out[i]));
    }
    return IW_OK;
}

static bool
any_matches(struct logmatch *const *matches, const struct strbuf *plain)
{
    size_t start, end;
    for (unsigned i = 0; i < PRINT_FILTERS && matches[i]; i++) {
        if (logmatch_find(matches[i], plain->data, plain->len, 0, &start, &end))
            return true;
    }
    return false;
}

/* Frames of a stack trace share the verdict on the line they belong to. */
static bool
level_keeps(struct logprint *p, const struct strbuf *plain)
{
    if (p->level == LINE_LEVEL_NONE)
        return true;
    bool continues = logline_continues(&p->trace, plain->data, plain->len);
    if (!continues)
        p->entry_kept = logline_level(plain->data, plain->len) >= p->level;
    return p->entry_kept;
}

static bool
keeps(struct logprint *p, const struct logbuf_line *line)
{
    bool filters = p->grep[0] || p->drop[0] || p->level != LINE_LEVEL_NONE || p->json;
    if (!filters)
        return true;
    strbuf_clear(&p->plain);
    logline_plain(&p->plain, line->text, line->len);
    bool level = level_keeps(p, &p->plain);
    return level && (!p->grep[0] || any_matches(p->grep, &p->plain)) &&
           !any_matches(p->drop, &p->plain);
}

/* --- text --- */

/* One character of a peer for a terminal: controls as ^X, what could disguise text or is no UTF-8 as
 * the replacement character. */
static void
add_safe(struct strbuf *out, uint32_t cp, const char *bytes, size_t taken)
{
    if (cp == '\t')
        strbuf_addc(out, '\t');
    else if (cp < 0x20 || cp == 0x7f)
        strbuf_addf(out, "^%c", cp == 0x7f ? '?' : (char)(cp + 0x40));
    else if (cp == UTF8_REPLACEMENT || utf8_cp_width(cp) < 0 || utf8_is_deceptive(cp))
        strbuf_adds(out, "\xEF\xBF\xBD");
    else
        strbuf_add(out, bytes, taken);
}

/* A terminal gets no control bytes of a peer; a pipe gets what the cluster sent, as kubectl does. */
static void
add_text(struct logprint *p, const char *text, size_t len)
{
    if (!p->to_terminal) {
        strbuf_add(&p->out, text, len);
        return;
    }
    for (size_t at = 0, taken; at < len; at += taken) {
        uint32_t cp = utf8_next(text + at, len - at, &taken);
        add_safe(&p->out, cp, text + at, taken);
    }
}

static void
write_out(struct logprint *p)
{
    size_t len = p->out.len;
    if (p->bytes_left >= 0) {
        len = IW_MIN(len, (size_t)p->bytes_left);
        p->bytes_left -= (int64_t)len;
    }
    fwrite(p->out.data, 1, len, stdout);
    strbuf_clear(&p->out);
}

static void
print_text(struct logprint *p, const struct logprint_source *src, const struct logbuf_line *line,
           size_t stamp_len, bool newline)
{
    if (src->tag) {
        add_text(p, src->tag, strlen(src->tag));
        strbuf_addc(&p->out, ' ');
    }
    size_t stamp = p->o->timestamps ? stamp_len : 0;
    add_text(p, line->text - stamp, stamp + line->len);
    if (newline)
        strbuf_addc(&p->out, '\n');
    write_out(p);
    if (line->cut)
        logprint_say("the line above was cut at its ceiling");
}

/* --- JSON --- */

static void
json_source(struct jsonout *j, const char *type, const struct logprint_source *src)
{
    json_begin(j, NULL, '{');
    json_put_text(j, "type", type);
    if (src->pod) {
        json_put_text(j, "namespace", src->ns);
        json_put_text(j, "pod", src->pod);
        json_put_text(j, "container", src->container);
        json_put_text(j, "kind", src->kind);
    }
}

/* The kubelet's nanoseconds are kept. */
static void
json_time(struct jsonout *j, const struct logbuf_line *line)
{
    char text[40], full[64];
    if (line->wall_ms == IW_TIME_NONE) {
        json_put_null(j, "time");
        return;
    }
    rfc3339_format(line->wall_ms, true, text);
    snprintf(full, sizeof(full), "%.*s%06uZ", (int)strcspn(text, "Z"), text, line->sub_ns);
    json_put_text(j, "time", full);
}

static void
json_close(struct logprint *p, struct jsonout *j)
{
    json_end(j, '}');
    strbuf_addc(&p->out, '\n');
    write_out(p);
}

static void
print_json(struct logprint *p, const struct logprint_source *src, const struct logbuf_line *line,
           int32_t attempt)
{
    struct jsonout j = {.out = &p->out};
    enum line_level level = logline_level(p->plain.data, p->plain.len);
    json_source(&j, "line", src);
    if (attempt >= 0)
        json_put_int(&j, "attempt", attempt + 1);
    json_time(&j, line);
    json_put_known(&j, "level", level == LINE_LEVEL_NONE ? "" : line_level_name(level));
    json_put_bytes(&j, "text", line->text, line->len);
    if (line->cut)
        json_put_bool(&j, "cut", true);
    json_close(p, &j);
}

static void
json_attempt(struct logprint *p, const struct logprint_source *src,
             const struct logbuf_chapter *facts)
{
    struct jsonout j = {.out = &p->out};
    json_source(&j, "attempt", src);
    json_put_int(&j, "attempt", facts->attempt + 1);
    if (facts->before > 0)
        json_put_int(&j, "firstAttempt", facts->attempt - facts->before + 1);
    json_put_moment(&j, "startedAt", facts->started_ms);
    json_put_moment(&j, "finishedAt", facts->ended_ms);
    if (facts->exit_known)
        json_put_int(&j, "exitCode", facts->exit_code);
    else
        json_put_null(&j, "exitCode");
    json_put_known(&j, "end", facts->how);
    json_put_known(&j, "missing", facts->missing);
    json_close(p, &j);
}

/* --- public --- */

static enum iw_err
take_level(struct logprint *p, struct iw_error *err)
{
    const char *word = p->o->level;
    if (!word)
        return IW_OK;
    if (line_level_parse(word, strlen(word), &p->level) && p->level != LINE_LEVEL_NONE)
        return IW_OK;
    return iw_fail(err, IW_ERR_USAGE,
                   "--level: \"%s\" is not one of trace, debug, info, warn, error, fatal", word);
}

enum iw_err
logprint_new(const struct options *o, struct logprint **out, struct iw_error *err)
{
    struct logprint *p = iw_calloc(1, sizeof(*p));
    p->o = o;
    p->to_terminal = isatty(STDOUT_FILENO);
    p->json = o->output == OUTPUT_JSONL;
    p->bytes_left = o->limit_bytes;
    strbuf_init(&p->plain, 0);
    strbuf_init(&p->out, 0);
    enum iw_err rc = take_level(p, err);
    if (rc == IW_OK && o->output_given && !p->json)
        rc = iw_fail(err, IW_ERR_USAGE, "logs prints text, or one object a line with -o jsonl");
    if (rc == IW_OK)
        rc = compile("grep", o->grep, o->grep_count, p->grep, err);
    if (rc == IW_OK)
        rc = compile("drop", o->drop, o->drop_count, p->drop, err);
    if (rc == IW_OK)
        *out = p;
    else
        logprint_free(p);
    return rc;
}

void
logprint_free(struct logprint *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < PRINT_FILTERS; i++) {
        logmatch_free(p->grep[i]);
        logmatch_free(p->drop[i]);
    }
    strbuf_free(&p->plain);
    strbuf_free(&p->out);
    free(p);
}

void
logprint_line(struct logprint *p, const struct logprint_source *src, const struct logbuf_line *line,
              int32_t attempt, size_t stamp_len, bool newline)
{
    if (logprint_is_full(p) || !keeps(p, line))
        return;
    if (p->json)
        print_json(p, src, line, attempt);
    else
        print_text(p, src, line, stamp_len, newline);
}

void
logprint_attempt(struct logprint *p, const struct logprint_source *src,
                 const struct logbuf_chapter *facts)
{
    if (logprint_is_full(p))
        return;
    if (p->json) {
        json_attempt(p, src, facts);
        return;
    }
    char started[40] = "", took[16] = "", first[16] = "";
    if (facts->before > 0)
        snprintf(first, sizeof(first), "s %d-", facts->attempt - facts->before + 1);
    if (facts->started_ms != IW_TIME_NONE)
        rfc3339_format(facts->started_ms, false, started);
    if (facts->started_ms != IW_TIME_NONE && facts->ended_ms != IW_TIME_NONE)
        duration_cells(IW_MAX(facts->ended_ms - facts->started_ms, (int64_t)0), took);
    strbuf_addf(&p->out, "==> %s attempt%s%d%s%s%s%s%s%s%s%s <==\n", src->container,
                first[0] ? first : " ", facts->attempt + 1, started[0] ? ", started " : "", started,
                facts->ended ? ", " : "", facts->ended ? facts->how : "", took[0] ? " after " : "",
                took, facts->missing[0] ? "; its log: " : "", facts->missing);
    write_out(p);
}

void
logprint_mark(struct logprint *p, const struct logprint_source *src, int64_t wall_ms,
              const char *text)
{
    if (logprint_is_full(p))
        return;
    char stamp[40] = "";
    if (wall_ms != IW_TIME_NONE)
        rfc3339_format(wall_ms, false, stamp);
    if (p->json) {
        struct jsonout j = {.out = &p->out};
        json_source(&j, "mark", src);
        json_put_known(&j, "time", stamp);
        json_put_text(&j, "text", text);
        json_close(p, &j);
        return;
    }
    strbuf_addf(&p->out, "--- %s%s", p->o->timestamps ? stamp : "", p->o->timestamps ? " " : "");
    add_text(p, text, strlen(text));
    strbuf_adds(&p->out, " ---\n");
    write_out(p);
}

bool
logprint_is_full(const struct logprint *p)
{
    return p->bytes_left == 0;
}

void
logprint_say(const char *text)
{
    char safe[1100];
    log_sanitize(text, strlen(text), safe, sizeof(safe));
    fflush(stdout);
    fprintf(stderr, "initwatch: %s\n", safe);
}
