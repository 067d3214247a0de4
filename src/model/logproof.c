/* logproof: the words of "it is there already", then the same step in an attempt before.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logproof.h"

#include <string.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/model/logline.h"

enum {
    PROOF_STEP_BACK = 12,      /* a trace between the step and its error is no longer */
    PROOF_LOOK_BACK = 4000,    /* lines of the attempts before */
    PROOF_STEP_MIN_BYTES = 12, /* a shorter text may be anything */
};

/* What git, mkdir, ln, useradd, SQL databases and their clients say. */
static const char *const exists_words[] = {
    "already exists",    "File exists",        "column exists",
    "duplicate key",     "Duplicate entry",    "DuplicateTable",
    "DuplicateColumn",   "AlreadyExists",      "Duplicate column",
    "Duplicate table",   "Duplicate key name", "already been applied",
    "unique constraint", "ORA-00955",          "is not an empty directory"};

static bool
has_text(const struct logbuf_line *line, const char *text)
{
    size_t len = strlen(text);
    for (const char *at = line->text, *end = line->text + line->len;
         (size_t)(end - at) >= len && (at = memchr(at, text[0], (size_t)(end - at) - len + 1));
         at++) {
        if (memcmp(at, text, len) == 0)
            return true;
    }
    return false;
}

static bool
says_exists(const struct logbuf_line *line)
{
    for (size_t i = 0; i < IW_COUNTOF(exists_words); i++) {
        if (has_text(line, exists_words[i]))
            return true;
    }
    return false;
}

/* The step a line tells of, without what differs from run to run: up to "..." where its outcome follows. */
static void
step_of(const struct logbuf_line *line, struct strbuf *out)
{
    size_t len = line->len;
    for (size_t i = 0; i + 3 <= len; i++) {
        if (memcmp(line->text + i, "...", 3) == 0)
            len = i + 3;
    }
    strbuf_clear(out);
    logline_normalise(out, line->text, len);
}

/* Did the attempt go on behind line `at`, without an error just there? */
static bool
went_on(const struct logbuf *b, size_t at, size_t end)
{
    struct logbuf_line step = logbuf_line(b, at);
    const uint32_t chapter = step.chapter;
    if (says_exists(&step) || logline_level(step.text, step.len) >= LINE_LEVEL_ERROR)
        return false;
    if (has_text(&step, "OK") || has_text(&step, "done") || has_text(&step, "success"))
        return true;
    for (size_t i = at + 1; i < end; i++) {
        struct logbuf_line next = logbuf_line(b, i);
        if (next.chapter == chapter && next.kind == LOGBUF_TEXT)
            return !says_exists(&next) && logline_level(next.text, next.len) < LINE_LEVEL_ERROR;
    }
    return false;
}

enum found { FOUND_NOTHING, FOUND_FAILURE, FOUND_SUCCESS };

/* The newest line of an attempt before `chapter` that tells of the same step, and how that went. */
static enum found
find_before(const struct logbuf *b, size_t end, const struct logbuf_chapter *chapter,
            const struct strbuf *step, struct logproof *out)
{
    strbuf_auto other;
    strbuf_init(&other, 0);
    for (size_t i = end, left = PROOF_LOOK_BACK; i-- > 0 && left > 0; left--) {
        struct logbuf_line line = logbuf_line(b, i);
        const struct logbuf_chapter *c = logbuf_chapter_find(b, line.chapter);
        if (line.kind != LOGBUF_TEXT || !c || c->source != chapter->source ||
            c->attempt >= chapter->attempt)
            continue;
        step_of(&line, &other);
        if (other.len != step->len || memcmp(other.data, step->data, step->len) != 0)
            continue;
        *out = (struct logproof){c->attempt, line.wall_ms, c->started_ms};
        return went_on(b, i, end) ? FOUND_SUCCESS : FOUND_FAILURE;
    }
    return FOUND_NOTHING;
}

bool
logproof_not_idempotent(const struct logbuf *b, size_t at, struct logproof *out)
{
    struct logbuf_line failed = logbuf_line(b, at);
    const struct logbuf_chapter *c = logbuf_chapter_find(b, failed.chapter);
    if (failed.kind != LOGBUF_TEXT || !c || c->attempt <= 0 || !says_exists(&failed))
        return false;
    strbuf_auto step;
    strbuf_init(&step, 0);
    const uint32_t chapter = failed.chapter;
    for (size_t i = at + 1, left = PROOF_STEP_BACK; i-- > 0 && left > 0; left--) {
        struct logbuf_line line = logbuf_line(b, i);
        if (line.chapter != chapter || line.kind != LOGBUF_TEXT)
            continue;
        step_of(&line, &step);
        enum found found =
            step.len < PROOF_STEP_MIN_BYTES ? FOUND_NOTHING : find_before(b, i, c, &step, out);
        if (found != FOUND_NOTHING) /* the nearest step decides */
            return found == FOUND_SUCCESS;
    }
    return false;
}
