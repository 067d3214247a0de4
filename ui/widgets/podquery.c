/* podquery: terms of the pod list's filter, parsed once, matched often.
 *
 * With a hundred thousand pods a key has fifty milliseconds: what a term asks for is looked up only then, and nothing is
 * formatted that is only copied.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/podquery.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/logmatch.h"
#include "initwatch/model/owner.h"
#include "initwatch/model/rollout.h"
#include "initwatch/model/selector.h"

enum { QUERY_TEXT_BYTES = 1024, TERM_BYTES = 512, PROBLEM_BYTES = 128, HAYSTACK_BYTES = 2048 };

enum term_kind { TERM_TEXT, TERM_LABEL, TERM_FUZZY, TERM_COLUMN, TERM_NUMBER, TERM_READY };
enum compare { COMPARE_EQUAL, COMPARE_LESS, COMPARE_AT_MOST, COMPARE_MORE, COMPARE_AT_LEAST };
enum query_column {
    QUERY_NS,
    QUERY_NAME,
    QUERY_STATUS,
    QUERY_NODE,
    QUERY_WHY,
    QUERY_OWNER,
    QUERY_IMAGE,
    QUERY_CONTAINER,
    QUERY_READY,
    QUERY_RESTARTS,
    QUERY_FOR,
    QUERY_AGE
};

static const struct {
    const char *word;
    enum query_column column;
} COLUMNS[] = {
    {"ns", QUERY_NS},         {"namespace", QUERY_NS}, {"name", QUERY_NAME},
    {"status", QUERY_STATUS}, {"node", QUERY_NODE},    {"why", QUERY_WHY},
    {"owner", QUERY_OWNER},   {"image", QUERY_IMAGE},  {"container", QUERY_CONTAINER},
    {"ready", QUERY_READY},   {"rst", QUERY_RESTARTS}, {"restarts", QUERY_RESTARTS},
    {"for", QUERY_FOR},       {"age", QUERY_AGE},
};

struct term {
    enum term_kind kind;
    enum query_column column;
    enum compare compare;
    bool invert, ignored;
    int64_t number;         /* TERM_NUMBER: a count, or milliseconds */
    struct logmatch *match; /* TERM_TEXT, TERM_COLUMN */
    char text[TERM_BYTES];  /* TERM_LABEL, TERM_FUZZY: what follows the flag */
    char chip[POD_QUERY_CHIP_BYTES], problem[PROBLEM_BYTES];
};

struct pod_query {
    char text[QUERY_TEXT_BYTES];
    struct term terms[POD_QUERY_TERMS];
    size_t count;
};

static const struct pod_query_form FORMS[] = {
    {"/abc",
     "regular expression in namespace/name, status, node and why; capitals make case matter"},
    {"/!abc", "the pods it does not match"},
    {"/-l app=web", "label selector as kubectl has it: =, !=, in (a,b), notin (a,b), key, !key"},
    {"/-f wdb", "fuzzy: the letters of the name in this order"},
    {"/status:Init", "one column: ns, name, status, node, why, owner, ready, image, container"},
    {"/ready:no", "not all containers ready; ready:yes the others"},
    {"/rst:>3", "a number or duration: rst, ready, for, age with <, <=, >, >=, ="},
    {"/for:10m", "in this state for at least ten minutes"},
};

const struct pod_query_form *
pod_query_forms(size_t *count)
{
    *count = IW_COUNTOF(FORMS);
    return FORMS;
}

struct pod_query *
pod_query_new(void)
{
    return iw_calloc(1, sizeof(struct pod_query));
}

static void
query_clear(struct pod_query *q)
{
    for (size_t i = 0; i < q->count; i++)
        logmatch_free(q->terms[i].match);
    q->count = 0;
}

void
pod_query_free(struct pod_query *q)
{
    if (!q)
        return;
    query_clear(q);
    free(q);
}

/* --- parsing --- */

/* The column that a word "status:..." names, its value behind the colon; false when it names none. */
static bool
word_column(const char *word, size_t len, enum query_column *column, const char **value)
{
    const char *colon = memchr(word, ':', len);
    for (size_t i = 0; colon && i < IW_COUNTOF(COLUMNS); i++)
        if (strlen(COLUMNS[i].word) == (size_t)(colon - word) &&
            strncasecmp(word, COLUMNS[i].word, (size_t)(colon - word)) == 0) {
            *column = COLUMNS[i].column;
            *value = colon + 1;
            return true;
        }
    return false;
}

static bool
word_is_flag(const char *word, size_t len)
{
    return len == 2 && word[0] == '-' && (word[1] == 'l' || word[1] == 'f');
}

/* Does the word make its line a list of terms? */
static bool
word_is_structured(const char *word, size_t len)
{
    enum query_column column;
    const char *value;
    if (len > 0 && word[0] == '!')
        return word_column(word + 1, len - 1, &column, &value);
    return word_is_flag(word, len) || word_column(word, len, &column, &value);
}

/* The next word of the line at *at; its length, 0 at the end. */
static size_t
next_word(const char **at, const char *end)
{
    while (*at < end && isblank((unsigned char)**at))
        (*at)++;
    size_t len = 0;
    while (*at + len < end && !isblank((unsigned char)(*at)[len]))
        len++;
    return len;
}

static bool
line_is_structured(const char *line, const char *end)
{
    for (const char *at = line; at < end;) {
        size_t len = next_word(&at, end);
        if (len && word_is_structured(at, len))
            return true;
        at += len;
    }
    return false;
}

static struct term *
term_add(struct pod_query *q, enum term_kind kind, const char *text, size_t len)
{
    if (q->count >= POD_QUERY_TERMS)
        return NULL;
    struct term *t = &q->terms[q->count++];
    memset(t, 0, sizeof(*t));
    t->kind = kind;
    (void)snprintf(t->text, sizeof(t->text), "%.*s", (int)len, text);
    return t;
}

/* What the term is called: its text behind a sign, cut where characters end. */
static void
chip_set(struct term *t, const char *sign)
{
    size_t front = strlen(sign), len = strlen(t->text);
    size_t kept = IW_MIN(len, sizeof(t->chip) - 1 - front);
    while (kept > 0 && kept < len && ((unsigned char)t->text[kept] & 0xC0) == 0x80)
        kept--;
    memcpy(t->chip, sign, front);
    memcpy(t->chip + front, t->text, kept);
    t->chip[front + kept] = '\0';
}

/* A '!' in front inverts once more. */
static void
term_expression(struct term *t, const char *text)
{
    bool inverted = text[0] == '!';
    t->invert = t->invert != inverted;
    t->ignored = !text[inverted];
    t->match = logmatch_new(text + inverted);
    const char *error = logmatch_error(t->match);
    if (error[0])
        (void)snprintf(t->problem, sizeof(t->problem), tr("taken as plain text: %s"), error);
}

static void
add_text(struct pod_query *q, const char *text, size_t len)
{
    struct term *t = term_add(q, TERM_TEXT, text, len);
    if (!t)
        return;
    term_expression(t, t->text);
    chip_set(t, t->text[0] == '!' ? "" : "/");
}

/* "-l app=web" and "-f wdb": everything up to the next structured word is theirs. Returns where that begins. */
static const char *
add_flag(struct pod_query *q, const char *flag, const char *end)
{
    const char *begin = flag + 2, *stop = begin;
    next_word(&begin, end);
    for (const char *at = stop; at < end;) {
        size_t len = next_word(&at, end);
        if (len == 0 || word_is_structured(at, len))
            break;
        stop = at + len;
        at = stop;
    }
    size_t len = stop > begin ? (size_t)(stop - begin) : 0;
    struct term *t = term_add(q, flag[1] == 'l' ? TERM_LABEL : TERM_FUZZY, begin, len);
    if (!t)
        return stop;
    chip_set(t, flag[1] == 'l' ? "-l " : "-f ");
    const struct pod nobody = {0};
    bool chosen;
    if (t->kind == TERM_LABEL && selector_matches(t->text, &nobody, &chosen, NULL) != IW_OK) {
        t->ignored = true;
        (void)snprintf(t->problem, sizeof(t->problem), "%s", tr("no label selector yet"));
    }
    t->ignored = t->ignored || !t->text[0];
    return stop;
}

static const char *
parse_compare(const char *value, enum compare *compare, bool *found)
{
    *found = value[0] == '<' || value[0] == '>' || value[0] == '=';
    bool equal = value[0] && value[1] == '=';
    if (value[0] == '<')
        *compare = equal ? COMPARE_AT_MOST : COMPARE_LESS;
    else if (value[0] == '>')
        *compare = equal ? COMPARE_AT_LEAST : COMPARE_MORE;
    else if (value[0] == '=')
        *compare = COMPARE_EQUAL;
    return value + (*found ? 1 : 0) + (*found && equal ? 1 : 0);
}

/* "90", "90s", "1h30m", "2d": counts have no unit, durations may have none (seconds). In milliseconds for durations. */
static bool
parse_number(const char *text, bool duration, int64_t *out)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    int64_t total = 0;
    if (!isdigit((unsigned char)*text))
        return false;
    while (isdigit((unsigned char)*text)) {
        char *end;
        int64_t number = strtoll(text, &end, 10), factor = duration ? 1000 : 1;
        bool known = *end == '\0';
        for (size_t i = 0; duration && i < IW_COUNTOF(units); i++)
            if (*end == units[i].unit) {
                factor = units[i].ms;
                known = true;
                end++;
                break;
            }
        if (!known)
            return false;
        /* No pod is a thousand years old: larger numbers are cut there. */
        total += IW_MIN(number, INT64_C(31536000000000) / factor) * factor;
        text = end;
    }
    *out = total;
    return *text == '\0';
}

static void
add_column(struct pod_query *q, const char *word, size_t len)
{
    enum query_column column = QUERY_NAME;
    const char *value = word;
    bool invert = word[0] == '!', compared;
    struct term *t = term_add(q, TERM_COLUMN, word, len);
    if (!t || !word_column(t->text + invert, strlen(t->text + invert), &column, &value))
        return;
    t->column = column;
    t->invert = invert;
    chip_set(t, "");
    bool duration = column == QUERY_FOR || column == QUERY_AGE;
    t->compare = duration ? COMPARE_AT_LEAST : COMPARE_EQUAL;
    const char *number = parse_compare(value, &t->compare, &compared);
    if (column < QUERY_READY || (column == QUERY_READY && !compared)) {
        bool yes = strcmp(value, "yes") == 0, no = strcmp(value, "no") == 0;
        if (column == QUERY_READY && (yes || no)) {
            t->kind = TERM_READY;
            t->invert = invert != no;
            return;
        }
        term_expression(t, value);
        return;
    }
    t->kind = TERM_NUMBER;
    if (!parse_number(number, duration, &t->number)) {
        t->ignored = true;
        if (*number)
            (void)snprintf(t->problem, sizeof(t->problem), "%s",
                           duration ? tr("no duration such as 5m") : tr("no number"));
    }
}

static void
parse_line(struct pod_query *q, const char *line, const char *end)
{
    if (!line_is_structured(line, end)) {
        if (end > line)
            add_text(q, line, (size_t)(end - line));
        return;
    }
    for (const char *at = line; at < end;) {
        size_t len = next_word(&at, end);
        if (len == 0)
            return;
        if (word_is_flag(at, len)) {
            at = add_flag(q, at, end);
            continue;
        }
        if (word_is_structured(at, len))
            add_column(q, at, len);
        else
            add_text(q, at, len);
        at += len;
    }
}

void
pod_query_set(struct pod_query *q, const char *text)
{
    query_clear(q);
    (void)snprintf(q->text, sizeof(q->text), "%s", text ? text : "");
    for (const char *line = q->text; *line;) {
        const char *end = strchrnul(line, '\n');
        parse_line(q, line, end);
        line = *end ? end + 1 : end;
    }
}

bool
pod_query_is(const struct pod_query *q, const char *text)
{
    return strcmp(q->text, text ? text : "") == 0;
}

bool
pod_query_active(const struct pod_query *q)
{
    return q->count > 0;
}

size_t
pod_query_count(const struct pod_query *q)
{
    return q->count;
}

bool
pod_query_ages(const struct pod_query *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->terms[i].column == QUERY_FOR || q->terms[i].column == QUERY_AGE)
            return true;
    return false;
}

bool
pod_query_asks_owner(const struct pod_query *q)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->terms[i].kind == TERM_COLUMN && q->terms[i].column == QUERY_OWNER)
            return true;
    return false;
}

const char *
pod_query_chip(const struct pod_query *q, size_t index)
{
    return index < q->count ? q->terms[index].chip : "";
}

const char *
pod_query_problem(const struct pod_query *q, size_t index)
{
    return index < q->count ? q->terms[index].problem : "";
}

/* --- matching --- */

/* Text put together without formatting, cut at the end of the buffer. */
struct haystack {
    char text[HAYSTACK_BYTES];
    size_t len;
};

static void
haystack_add(struct haystack *h, const char *text, char after)
{
    size_t len = IW_MIN(strlen(text), sizeof(h->text) - 2 - h->len);
    memcpy(h->text + h->len, text, len);
    h->len += len;
    if (after && h->len < sizeof(h->text) - 2)
        h->text[h->len++] = after;
    h->text[h->len] = '\0';
}

static void
haystack_why(struct haystack *h, const struct pod_subject *s)
{
    struct pod_block block;
    if (s->severity == BLOCK_NONE)
        return;
    if (s->block) {
        haystack_add(h, s->block->summary, '\0');
        return;
    }
    pod_block_of(s->pod, s->now_wall_ms, &block);
    haystack_add(h, block.summary, '\0');
}

static bool
term_finds(const struct term *t, const char *text)
{
    size_t start, end;
    return logmatch_find(t->match, text, strlen(text), 0, &start, &end);
}

static bool
match_text(const struct term *t, const struct pod_subject *s)
{
    struct haystack h;
    h.len = 0;
    haystack_add(&h, s->pod->ns, '/');
    haystack_add(&h, s->pod->name, ' ');
    haystack_add(&h, s->status, ' ');
    haystack_add(&h, s->pod->node, ' ');
    haystack_why(&h, s);
    return term_finds(t, h.text);
}

static bool
match_fuzzy(const char *letters, const char *name)
{
    for (; *letters; letters++) {
        if (*letters == ' ')
            continue;
        while (*name && tolower((unsigned char)*name) != tolower((unsigned char)*letters))
            name++;
        if (!*name++)
            return false;
    }
    return true;
}

static bool
match_containers(const struct term *t, const struct pod_subject *s)
{
    for (const struct container *c = NULL; (c = pod_containers(s->pod, c)) != NULL;)
        if (term_finds(t, t->column == QUERY_IMAGE ? c->image : c->name))
            return true;
    return false;
}

/* "Job/backup-28931 job/backup-28931", and before it the same of the CronJob that made the Job. */
static void
haystack_owner(struct haystack *h, const struct pod_subject *s)
{
    struct pod_owner owner;
    pod_owner_of(s->pod, &owner);
    bool of_job = strcmp(owner.kind, "Job") == 0;
    const char *cron = of_job ? cronjob_of_job(s->objects, s->pod->ns, owner.name) : NULL;
    const char *const parts[] = {"CronJob/", cron, " cj/", cron, " "};
    for (size_t i = 0; cron && i < IW_COUNTOF(parts); i++)
        haystack_add(h, parts[i], '\0');
    haystack_add(h, owner.kind, '/');
    haystack_add(h, owner.name, ' ');
    haystack_add(h, owner_kind_short(owner.kind), '/');
    haystack_add(h, owner.name, '\0');
}

static bool
match_column(const struct term *t, const struct pod_subject *s)
{
    struct haystack h;
    char ready[32];
    h.len = 0;
    h.text[0] = '\0';
    switch (t->column) {
    case QUERY_NS:
        return term_finds(t, s->pod->ns);
    case QUERY_NAME:
        return term_finds(t, s->pod->name);
    case QUERY_STATUS:
        return term_finds(t, s->status);
    case QUERY_NODE:
        return term_finds(t, s->pod->node);
    case QUERY_WHY:
        haystack_why(&h, s);
        return term_finds(t, h.text);
    case QUERY_OWNER:
        haystack_owner(&h, s);
        return term_finds(t, h.text);
    case QUERY_IMAGE:
    case QUERY_CONTAINER:
        return match_containers(t, s);
    case QUERY_READY:
        (void)snprintf(ready, sizeof(ready), "%u/%u", s->ready, s->total);
        return term_finds(t, ready);
    case QUERY_RESTARTS:
    case QUERY_FOR:
    case QUERY_AGE:
        break;
    }
    return true;
}

/* A duration is compared as it is shown: whole seconds. An unknown moment compares with nothing. */
static bool
match_number(const struct term *t, const struct pod_subject *s)
{
    int64_t from_ms = t->column == QUERY_AGE ? s->pod->created_ms : s->since_ms, value;
    if (t->column == QUERY_READY)
        value = s->ready;
    else if (t->column == QUERY_RESTARTS)
        value = (int64_t)IW_MIN(s->restarts, (uint64_t)INT64_MAX);
    else if (from_ms == IW_TIME_NONE)
        return false;
    else
        value = (s->now_wall_ms - from_ms) / 1000 * 1000;
    switch (t->compare) {
    case COMPARE_EQUAL:
        return value == t->number;
    case COMPARE_LESS:
        return value < t->number;
    case COMPARE_AT_MOST:
        return value <= t->number;
    case COMPARE_MORE:
        return value > t->number;
    case COMPARE_AT_LEAST:
        return value >= t->number;
    }
    return true;
}

static bool
match_term(const struct term *t, const struct pod_subject *s)
{
    bool chosen = true;
    switch (t->kind) {
    case TERM_TEXT:
        return match_text(t, s) != t->invert;
    case TERM_LABEL:
        return selector_matches(t->text, s->pod, &chosen, NULL) != IW_OK || chosen;
    case TERM_FUZZY:
        return match_fuzzy(t->text, s->pod->name);
    case TERM_COLUMN:
        return match_column(t, s) != t->invert;
    case TERM_NUMBER:
        return match_number(t, s) != t->invert;
    case TERM_READY:
        return (s->ready == s->total) != t->invert;
    }
    return true;
}

bool
pod_query_match(const struct pod_query *q, const struct pod_subject *s)
{
    for (size_t i = 0; i < q->count; i++)
        if (!q->terms[i].ignored && !match_term(&q->terms[i], s))
            return false;
    return true;
}
