/* reflector_world: a reflector on a scripted transport and a manual clock, without sockets. Pieces are
 * real JSON for the frame splitter; a small decoder reads three words from them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_REFLECTOR_WORLD_H
#define INITWATCH_TEST_REFLECTOR_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/net/pb.h"
#include "initwatch/source/reflector.h"

struct world {
    struct clock clock;
    struct loop *loop;
    struct reflector *r;
    /* what the reflector asked */
    char path[512];
    bool stream;
    int gets, cancels, refreshes;
    bool refresh_works;
    int pauses, resumes;
    /* what it delivered: "begin a b end", "+a ~a -a" */
    struct strbuf story;
    struct source_status status;
    int statuses;
};

static inline void
w_get(void *ctx, const char *path, bool stream)
{
    struct world *w = ctx;
    (void)snprintf(w->path, sizeof(w->path), "%s", path);
    w->stream = stream;
    w->gets++;
}

static inline void
w_cancel(void *ctx)
{
    struct world *w = ctx;
    w->cancels++;
    struct iw_error err = {0};
    iw_fail(&err, IW_ERR_CANCELED, "canceled");
    reflector_on_done(w->r, &err);
}

static inline void
w_pause(void *ctx, bool paused)
{
    struct world *w = ctx;
    if (paused)
        w->pauses++;
    else
        w->resumes++;
}

static inline bool
w_refresh(void *ctx)
{
    struct world *w = ctx;
    w->refreshes++;
    return w->refresh_works;
}

/* The value of "key":"..." in a piece, "" when absent. */
static inline const char *
word(const char *bytes, const char *key, char *out, size_t out_size)
{
    char pattern[40];
    (void)snprintf(pattern, sizeof(pattern), "\"%s\":\"", key);
    const char *at = strstr(bytes, pattern);
    out[0] = '\0';
    if (at) {
        at += strlen(pattern);
        (void)snprintf(out, out_size, "%.*s", (int)strcspn(at, "\""), at);
    }
    return out;
}

static inline enum iw_err
w_decode(void *ctx, const char *bytes, size_t len, struct reflector_note *note,
         struct iw_error *err)
{
    struct world *w = ctx;
    char name[64], type[32], remaining[32], copy[128] = "";
    if (note->protobuf) { /* only JSON ends in NUL; PB_MAGIC has one */
        assert_in_range(len, 1, sizeof(copy) - 1);
        memcpy(copy, bytes, len);
        bytes = note->piece == REFLECTOR_ENVELOPE ? copy + PB_MAGIC_BYTES : copy;
    } else {
        assert_int_equal(strlen(bytes), len);
    }
    word(bytes, "rv", note->rv, sizeof(note->rv));
    word(bytes, "name", name, sizeof(name));
    if (note->piece == REFLECTOR_ENVELOPE) {
        word(bytes, "continue", note->cont, sizeof(note->cont));
        note->remaining =
            strtoull(word(bytes, "remaining", remaining, sizeof(remaining)), NULL, 10);
        return IW_OK;
    }
    if (strcmp(name, "bad") == 0)
        return iw_fail(err, IW_ERR_PARSE, "spec.containers is not an array");
    if (note->piece == REFLECTOR_ITEM) {
        strbuf_addf(&w->story, "%s ", name);
        return IW_OK;
    }
    word(bytes, "type", type, sizeof(type));
    if (strcmp(type, "BOOKMARK") == 0) {
        note->piece = REFLECTOR_BOOKMARK;
    } else if (strcmp(type, "ERROR") == 0) {
        note->piece = REFLECTOR_ERROR;
        iw_fail(err, strstr(bytes, "410") ? IW_ERR_GONE : IW_ERR_SERVER, "%s", name);
    } else {
        strbuf_addf(&w->story, "%c%s ", type[0] == 'A' ? '+' : type[0] == 'M' ? '~' : '-', name);
    }
    return IW_OK;
}

static inline void
w_list_begin(void *ctx)
{
    struct world *w = ctx;
    strbuf_adds(&w->story, "begin ");
}

static inline void
w_list_end(void *ctx)
{
    struct world *w = ctx;
    strbuf_adds(&w->story, "end ");
}

static inline void
w_status(void *ctx, const struct source_status *st)
{
    struct world *w = ctx;
    w->status = *st;
    w->statuses++;
}

static inline void
world_open(struct world *w, bool list_only)
{
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000000, 1790000000000);
    w->loop = loop_new(&w->clock);
    strbuf_init(&w->story, 0);
    struct reflector_config config = {
        .loop = w->loop,
        .stream = STREAM_PODS,
        .path = "/api/v1/pods",
        .scope = "all namespaces",
        .list_only = list_only,
        .jitter_seed = 42,
        .transport = {w, w_get, w_cancel, w_pause, w_refresh, w_decode},
        .observer = {w, w_list_begin, w_list_end, w_status},
    };
    w->r = reflector_new(&config);
    reflector_start(w->r);
}

static inline void
world_close(struct world *w)
{
    reflector_free(w->r);
    loop_free(w->loop);
    strbuf_free(&w->story);
}

static inline void
work(struct world *w)
{
    for (int i = 0; i < 10000 && reflector_work(w->r); i++)
        ;
}

static inline void
header(struct world *w)
{
    reflector_on_header(w->r, 200, "application/json");
}

static inline void
body(struct world *w, const char *text)
{
    assert_true(reflector_on_body(w->r, text, strlen(text)));
    work(w);
}

static inline void
done(struct world *w, enum iw_err code)
{
    struct iw_error err = {0};
    if (code != IW_OK)
        iw_fail(&err, code, "%s", iw_err_message(code));
    reflector_on_done(w->r, &err);
    work(w);
}

/* A whole answer to a list. */
static inline void
answer_list(struct world *w, const char *text)
{
    header(w);
    body(w, text);
    done(w, IW_OK);
}

static inline void
advance(struct world *w, int64_t delta_ms)
{
    clock_advance(&w->clock, delta_ms);
    loop_turn(w->loop, 0);
    work(w);
}

/* The story so far, which begins anew; a failure is reported at the line of the test. */
#define expect_story(w, expected) expect_story_at(w, expected, __FILE__, __LINE__)
static inline void
expect_story_at(struct world *w, const char *expected, const char *file, int line)
{
    _assert_string_equal(w->story.data, expected, file, line);
    strbuf_clear(&w->story);
}

#define expect_path(w, prefix) expect_path_at(w, prefix, __FILE__, __LINE__)
static inline void
expect_path_at(const struct world *w, const char *prefix, const char *file, int line)
{
    if (strncmp(w->path, prefix, strlen(prefix)) == 0)
        return;
    print_error("asked %s, expected %s...\n", w->path, prefix);
    _fail(file, line);
}

#define LIST_AB                                                                                    \
    "{\"kind\":\"PodList\",\"rv\":\"100\",\"items\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"
/* What a watch is asked with; the version follows. */
#define WATCH "/api/v1/pods?watch=1&resourceVersion="
/* Pieces of a watch, as far as w_decode reads them. */
#define EVENT(type, name, rv)                                                                      \
    "{\"type\":\"" type "\",\"object\":{\"name\":\"" name "\",\"rv\":\"" rv "\"}}"
#define BOOKMARK(rv) "{\"type\":\"BOOKMARK\",\"object\":{\"rv\":\"" rv "\"}}"

/* Up to a watch that lives since two seconds. */
static inline void
world_live(struct world *w)
{
    world_open(w, false);
    answer_list(w, LIST_AB);
    header(w);
    advance(w, 2000);
    strbuf_clear(&w->story);
}

#endif
