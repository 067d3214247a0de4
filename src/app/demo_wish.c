/* demo_wish: the words after ":demo", and the demo server's answer.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/demo_control.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/data/jarena.h"
#include "initwatch/demo/demo.h"

enum {
    WORDS_MAX = 6,
    WORD_BYTES = 300,
    SPEED_MAX = 1000,
    EXIT_MAX = 255,
    FAULT_S_MAX = 3600,
    POD_LIST_BYTES = 65536
};

struct words {
    char word[WORDS_MAX][WORD_BYTES];
    unsigned count;
};

static void
split(const char *text, struct words *words)
{
    words->count = 0;
    while (words->count < WORDS_MAX) {
        text += strspn(text, " ");
        size_t len = strcspn(text, " ");
        if (len == 0)
            return;
        snprintf(words->word[words->count++], WORD_BYTES, "%.*s",
                 (int)IW_MIN(len, (size_t)WORD_BYTES - 1), text);
        text += len;
    }
}

static const char *
word_at(const struct words *words, unsigned at)
{
    return at < words->count ? words->word[at] : "";
}

static bool
is(const struct words *words, unsigned at, const char *text)
{
    return strcmp(word_at(words, at), text) == 0;
}

/* "30s", "2m", or a bare number of seconds. */
static bool
read_duration(const char *text, int64_t *ms)
{
    char *end;
    long long seconds = strtoll(text, &end, 10);
    if (text[0] && *end == '\0' && seconds >= 0 && seconds <= 86400) {
        *ms = seconds * 1000;
        return true;
    }
    return text[0] && duration_parse(text, ms, NULL) == IW_OK && *ms >= 0;
}

/* --- the clock, trouble, scenarios --- */

static enum iw_err
wish_clock(const struct words *w, struct demo_wish *out, struct iw_error *err)
{
    int64_t step_ms = 1000;
    char *end;
    double speed = strtod(word_at(w, 1), &end);
    snprintf(out->path, sizeof(out->path), "clock");
    if (is(w, 0, "pause") || is(w, 0, "go")) {
        bool pause = is(w, 0, "pause");
        snprintf(out->body, sizeof(out->body), "{\"pause\":%s}", pause ? "true" : "false");
        snprintf(out->done, sizeof(out->done), "%s",
                 pause ? tr("the time stands still: . lets a second pass, , goes on")
                       : tr("the time runs"));
    } else if (is(w, 0, "step")) {
        if (w->count > 1 && (!read_duration(word_at(w, 1), &step_ms) || step_ms < 1))
            return iw_fail(err, IW_ERR_USAGE, tr("step: a duration like 5s, please"));
        snprintf(out->body, sizeof(out->body), "{\"step\":%lld}", (long long)step_ms);
        snprintf(out->done, sizeof(out->done), tr("%g s have passed"), (double)step_ms / 1000);
    } else {
        if (!word_at(w, 1)[0] || *end || !(speed >= 0.01 && speed <= SPEED_MAX))
            return iw_fail(err, IW_ERR_USAGE, tr("speed: a number from 0.01 to %d, please"),
                           SPEED_MAX);
        snprintf(out->body, sizeof(out->body), "{\"speed\":%g}", speed);
        snprintf(out->done, sizeof(out->done), tr("the time runs ×%g"), speed);
    }
    return IW_OK;
}

static enum iw_err
wish_fault(const struct words *w, struct demo_wish *out, struct iw_error *err)
{
    const char *kind = word_at(w, 1);
    int64_t ms = 10000;
    bool odd = !kind[0] || kind[strspn(kind, "abcdefghijklmnopqrstuvwxyz-")];
    if (odd || (w->count > 2 && !read_duration(word_at(w, 2), &ms)) || ms > FAULT_S_MAX * 1000)
        return iw_fail(err, IW_ERR_USAGE, "%s",
                       tr("fault: outage, gone, slow, unauthorized, forbidden, throttle, error, "
                          "drop-watch, event-storm, none; then seconds"));
    snprintf(out->path, sizeof(out->path), "fault");
    snprintf(out->body, sizeof(out->body), "{\"kind\":\"%.40s\",\"seconds\":%lld}", kind,
             (long long)ms / 1000);
    if (strcmp(kind, "none") == 0)
        snprintf(out->done, sizeof(out->done), "%s", tr("all trouble is over"));
    else
        snprintf(out->done, sizeof(out->done), tr("%s for %lld s"), kind, (long long)ms / 1000);
    return IW_OK;
}

static enum iw_err
wish_restart(const struct words *w, struct demo_wish *out, struct iw_error *err)
{
    struct strbuf path;
    if (!word_at(w, 1)[0])
        return iw_fail(err, IW_ERR_USAGE, "%s", tr("restart: which scenario? Tab shows them"));
    strbuf_init(&path, sizeof(out->path));
    strbuf_adds(&path, "scenario/");
    http_escape(&path, word_at(w, 1));
    strbuf_adds(&path, "/restart");
    snprintf(out->path, sizeof(out->path), "%s", path.data);
    snprintf(out->body, sizeof(out->body), "{}");
    snprintf(out->done, sizeof(out->done), tr("%.60s begins again"), word_at(w, 1));
    strbuf_free(&path);
    return IW_OK;
}

/* --- one step --- */

/* words from `at` on: fail [CODE], hang, takes DURATION, ok; *next is the first word after them. */
static enum iw_err
wish_step(const struct words *w, unsigned at, struct demo_wish *out, unsigned *next,
          struct iw_error *err)
{
    const char *verb = word_at(w, at), *arg = word_at(w, at + 1);
    int64_t ms = 0;
    char *end;
    long code = strtol(arg, &end, 10);
    bool numbered = arg[0] && *end == '\0' && code >= 0 && code <= EXIT_MAX;
    *next = at + 1;
    snprintf(out->path, sizeof(out->path), "step");
    out->on_step = true;
    if (strcmp(verb, "fail") == 0) {
        *next += numbered;
        snprintf(out->body, sizeof(out->body), "\"do\":\"fail\",\"exit\":%ld", numbered ? code : 1);
        snprintf(out->done, sizeof(out->done), "%s", tr("this step fails from now on"));
    } else if (strcmp(verb, "hang") == 0) {
        snprintf(out->body, sizeof(out->body), "\"do\":\"hang\"");
        snprintf(out->done, sizeof(out->done), "%s", tr("this step hangs from now on"));
    } else if (strcmp(verb, "takes") == 0 && read_duration(arg, &ms)) {
        *next += 1;
        snprintf(out->body, sizeof(out->body), "\"do\":\"takes\",\"takesMs\":%lld", (long long)ms);
        snprintf(out->done, sizeof(out->done), tr("this step takes %s from now on"), arg);
    } else if (strcmp(verb, "ok") == 0) {
        snprintf(out->body, sizeof(out->body), "\"do\":\"ok\"");
        snprintf(out->done, sizeof(out->done), "%s", tr("this step does what it did before"));
    } else {
        return iw_fail(err, IW_ERR_USAGE, "%s",
                       tr("a step can: fail [CODE], hang, takes 30s, ok; all: of all pods of its "
                          "owner"));
    }
    return IW_OK;
}

/* "all" as the last word: every pod of the owner. True: it was there, and is taken off. */
static bool
take_all(struct words *w)
{
    if (w->count < 2 || !is(w, w->count - 1, "all"))
        return false;
    w->count--;
    return true;
}

static void
mean_all(struct demo_wish *out)
{
    size_t len = strlen(out->body), said = strlen(out->done);
    snprintf(out->body + len, sizeof(out->body) - len, ",\"all\":true");
    snprintf(out->done + said, sizeof(out->done) - said, "%s", tr(", in all pods of its owner"));
}

static enum iw_err
unknown(struct iw_error *err)
{
    return iw_fail(
        err, IW_ERR_USAGE, "%s",
        tr("demo: pause, go, step, speed X, restart NAME, fault KIND, edit POD/CTR ..."));
}

enum iw_err
demo_wish_parse(const char *text, struct demo_wish *out, struct iw_error *err)
{
    struct words w;
    unsigned next = 0;
    enum iw_err rc;
    *out = (struct demo_wish){.on_step = false};
    split(text, &w);
    if (is(&w, 0, "pause") || is(&w, 0, "go") || is(&w, 0, "step") || is(&w, 0, "speed"))
        return wish_clock(&w, out, err);
    if (is(&w, 0, "fault"))
        return wish_fault(&w, out, err);
    if (is(&w, 0, "restart"))
        return wish_restart(&w, out, err);
    bool all = take_all(&w);
    if (is(&w, 0, "edit")) {
        snprintf(out->target, sizeof(out->target), "%s", word_at(&w, 1));
        rc = wish_step(&w, 2, out, &next, err);
    } else if (is(&w, 0, "fail") || is(&w, 0, "hang") || is(&w, 0, "takes") || is(&w, 0, "ok")) {
        rc = wish_step(&w, 0, out, &next, err);
        snprintf(out->target, sizeof(out->target), "%s", word_at(&w, next));
    } else {
        return unknown(err);
    }
    if (rc == IW_OK && all)
        mean_all(out);
    return rc;
}

/* --- the answer --- */

void
demo_board_clear(struct demo_board *board)
{
    for (size_t i = 0; i < board->scenarios.len; i++) {
        struct demo_scenario *s = &board->scenarios.items[i];
        free(s->name);
        free(s->title);
        free(s->text);
        free(s->key);
        free(s->pod);
        free(s->pod_list);
    }
    vec_free(&board->scenarios);
}

static char *
text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return iw_strdup(text ? text : "");
}

static void
read_scenario(struct demo_board *board, const json_t *entry)
{
    const json_t *pods = json_object_get(entry, "pods");
    struct strbuf list;
    strbuf_init(&list, POD_LIST_BYTES);
    strbuf_adds(&list, " ");
    for (size_t i = 0; i < json_array_size(pods); i++) {
        const char *name = json_string_value(json_array_get(pods, i));
        strbuf_addf(&list, "%s ", name ? name : "");
    }
    const char *pod = json_string_value(json_array_get(pods, 0));
    struct demo_scenario s = {.name = text_of(entry, "name"),
                              .title = text_of(entry, "title"),
                              .text = text_of(entry, "text"),
                              .key = text_of(entry, "key"),
                              .pod = iw_strdup(pod ? pod : ""),
                              .pod_list = strbuf_take(&list),
                              .pods = (unsigned)json_array_size(pods),
                              .round =
                                  (unsigned)json_integer_value(json_object_get(entry, "round"))};
    char *title, *text;
    if (demo_scenario_words(s.name, tr_language(), &title, &text)) {
        free(s.title);
        free(s.text);
        s.title = title;
        s.text = text;
    }
    vec_push(&board->scenarios, s);
}

static void
read_faults(struct demo_board *board, const json_t *faults)
{
    size_t i, k;
    json_t *kind, *entry;
    board->fault_count = 0;
    json_array_foreach(json_object_get(faults, "kinds"), i, kind)
    {
        if (board->fault_count == DEMO_FAULTS_MAX || !json_is_string(kind))
            continue;
        struct demo_fault *fault = &board->faults[board->fault_count++];
        snprintf(fault->kind, sizeof(fault->kind), "%.23s", json_string_value(kind));
        fault->left_ms = 0;
        json_array_foreach(json_object_get(faults, "active"), k, entry)
        {
            if (json_equal(json_object_get(entry, "kind"), kind))
                fault->left_ms = json_integer_value(json_object_get(entry, "leftMs"));
        }
    }
}

/* A fraction arrives as its text (jarena.h). */
static double
number_of(const json_t *value)
{
    double number =
        json_is_string(value) ? strtod(json_string_value(value), NULL) : json_number_value(value);
    return number > 0 ? number : 1;
}

bool
demo_board_read(struct demo_board *board, const char *json, size_t len)
{
    struct iw_error err = {0};
    json_t *root;
    if (jarena_parse(json, len, &root, &err) != IW_OK)
        return false;
    const json_t *clock = json_object_get(root, "clock");
    bool good = json_is_object(clock);
    if (good) {
        demo_board_clear(board);
        board->known = true;
        board->generation++;
        board->paused = json_is_true(json_object_get(clock, "paused"));
        board->speed = number_of(json_object_get(clock, "speed"));
        board->simulated_ms = json_integer_value(json_object_get(root, "simulatedMs"));
        read_faults(board, json_object_get(root, "faults"));
        size_t i;
        json_t *entry;
        json_array_foreach(json_object_get(root, "scenarios"), i, entry)
        {
            read_scenario(board, entry);
        }
    }
    jarena_release();
    return good;
}
