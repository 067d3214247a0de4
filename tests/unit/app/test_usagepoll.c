/* What is used is asked for while somebody looks, as little as is needed, and not of a server that cannot say it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../model/pod_make.h"
#include "initwatch/app/usagepoll.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/source/replay.h"

/* A source that writes down what it is asked for and answers when told. */
struct fake {
    struct source base;
    struct strbuf story;
    struct object_sink sink;
    bool asked;
};

static enum iw_err
fake_get(struct source *s, const char *path, const struct object_sink *sink,
         struct source_get **out, struct iw_error *err)
{
    struct fake *f = (struct fake *)s;
    (void)err;
    strbuf_addf(&f->story, "%s ", strstr(path, "v1beta1") + strlen("v1beta1"));
    f->sink = *sink;
    f->asked = true;
    *out = (struct source_get *)f;
    return IW_OK;
}

static void
fake_close_get(struct source_get *get)
{
    struct fake *f = (struct fake *)get;
    struct iw_error err = {.code = IW_ERR_CANCELED};
    f->asked = false;
    f->sink.done(f->sink.ctx, NULL, 0, &err);
}

static const struct source_class fake_class = {
    .name = "fake", .get_path = fake_get, .close_get = fake_close_get};

struct world {
    struct clock clock;
    struct session session;
    struct fake fake;
    struct usagepoll *poll;
    struct pod_ref pod;
};

static void
world_open(struct world *w)
{
    struct pod_make m;
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000, T0);
    w->fake.base.class_ = &fake_class;
    strbuf_init(&w->fake.story, 0);
    w->session.loop = loop_new(&w->clock);
    w->session.store = store_new(&w->clock);
    w->session.source = &w->fake.base;
    snprintf(w->session.ns, sizeof(w->session.ns), "shop,web");
    w->poll = usagepoll_new(&w->session);
    make_pod(&m, "cart");
    make_container(&m, LIST_APP, "app");
    struct source_sink sink = store_sink(w->session.store);
    sink.upsert(sink.ctx, pod_seal(&m.pod));
    assert_true(store_find(w->session.store, "shop", "cart", &w->pod));
}

static void
world_close(struct world *w)
{
    usagepoll_free(w->poll);
    store_free(w->session.store);
    loop_free(w->session.loop);
    strbuf_free(&w->fake.story);
}

static void
expect(struct world *w, const char *story)
{
    assert_string_equal(w->fake.story.data ? w->fake.story.data : "", story);
    strbuf_clear(&w->fake.story);
}

static void
answer(struct world *w, const char *json, enum iw_err code, int http_status)
{
    struct iw_error err = {.code = code, .http_status = http_status};
    assert_true(w->fake.asked);
    w->fake.asked = false;
    snprintf(err.msg, sizeof(err.msg), "an error");
    w->fake.sink.done(w->fake.sink.ctx, json, json ? strlen(json) : 0, &err);
}

static void
want(struct world *w, unsigned what, int64_t later_ms)
{
    clock_advance(&w->clock, later_ms);
    usagepoll_want(w->poll, what, w->pod);
}

static const char CART[] =
    "{\"metadata\":{\"name\":\"cart\",\"namespace\":\"shop\"},\"containers\":[{\"name\":"
    "\"app\",\"usage\":{\"cpu\":\"1500000n\",\"memory\":\"2Mi\"}}]}";

static void
usagepoll__asks_one_pod_every_half_minute_while_somebody_looks(void **state)
{
    struct world w;
    struct usage_amounts a;
    (void)state;
    world_open(&w);
    want(&w, USAGE_OF_POD, 0);
    expect(&w, " "); /* is there such an API? */
    answer(&w, "{}", IW_OK, 200);
    expect(&w, "/namespaces/shop/pods/cart ");
    want(&w, USAGE_OF_POD, 0);
    answer(&w, CART, IW_OK, 200);
    assert_true(usage_of_pod(usagepoll_usage(w.poll), "shop", "cart", &a));
    assert_int_equal(a.cpu_nano, 1500000);
    assert_int_equal(a.memory_bytes, 2 << 20);
    want(&w, USAGE_OF_POD, 29000);
    expect(&w, "");
    want(&w, USAGE_OF_POD, 1000);
    expect(&w, "/namespaces/shop/pods/cart ");
    answer(&w, NULL, IW_ERR_NOT_FOUND, 404); /* it has not been measured */
    assert_false(usage_of_pod(usagepoll_usage(w.poll), "shop", "cart", &a));
    assert_int_equal(usage_state(usagepoll_usage(w.poll)), USAGE_LIVE);
    want(&w, 0, 60000);
    expect(&w, "");
    want(&w, USAGE_OF_PODS | USAGE_OF_NODES, 0);
    expect(&w, "/namespaces/shop/pods ");
    answer(&w, "{\"items\":[]}", IW_OK, 200);
    expect(&w, "/namespaces/web/pods ");
    answer(&w, NULL, IW_ERR_FORBIDDEN, 403);
    assert_int_equal(usage_state(usagepoll_usage(w.poll)), USAGE_FAILED);
    expect(&w, "/nodes ");
    world_close(&w);
}

static void
usagepoll__leaves_a_server_without_metrics_alone(void **state)
{
    struct world w;
    (void)state;
    world_open(&w);
    want(&w, USAGE_OF_POD, 0);
    answer(&w, NULL, IW_ERR_NOT_FOUND, 404);
    assert_int_equal(usage_state(usagepoll_usage(w.poll)), USAGE_ABSENT);
    assert_string_equal(usage_sentence(usagepoll_usage(w.poll)), "no metrics-server");
    expect(&w, " ");
    want(&w, USAGE_OF_POD | USAGE_OF_NODES, 200000);
    expect(&w, "");
    want(&w, USAGE_OF_POD, 100000);
    expect(&w, " ");
    world_close(&w);
}

/* --- recordings --- */

static void
set_clock(void *ctx, int64_t wall_ms, double speed)
{
    (void)speed;
    ((struct world *)ctx)->clock.manual_wall_ms = wall_ms;
}

static void
on_rewind(void *ctx, const struct replay_undone *undone)
{
    replay_forget(((struct world *)ctx)->session.store, undone);
}

/* The session goes on with the recording, at its beginning. */
static void
play(struct world *w, const char *path, struct replay_opts *how)
{
    struct iw_error err = {0};
    assert_int_equal(recording_open(path, &w->session.recording, &err), IW_OK);
    *how = (struct replay_opts){.recording = w->session.recording,
                                .set_clock = set_clock,
                                .rewind = on_rewind,
                                .ctx = w,
                                .paused = true};
    struct source_opts opts = {
        .loop = w->session.loop, .sink = store_sink(w->session.store), .ns = "", .replay = how};
    assert_int_equal(source_replay.open(&opts, &w->session.source, &err), IW_OK);
    usagepoll_record(w->poll, NULL);
    usagepoll_reset(w->poll);
}

/* What the pod used at that moment of the recording, in MiB; -1: not known. */
static int64_t
memory_at(struct world *w, int64_t t_ms)
{
    struct usage_amounts a;
    replay_seek(w->session.source, t_ms);
    for (int i = 0; i < 10; i++)
        loop_turn(w->session.loop, 0);
    want(w, USAGE_OF_POD, 0);
    bool known = usage_of_pod(usagepoll_usage(w->poll), "shop", "cart", &a);
    return known ? a.memory_bytes >> 20 : -1;
}

static void
usagepoll__records_answers_and_a_replay_has_those_of_its_moment(void **state)
{
    static const char path[] = "usagepoll-recorded.jsonl";
    struct world w;
    struct replay_opts how;
    (void)state;
    world_open(&w);
    (void)remove(path);
    struct recorder *recorder;
    struct recorder_opts opts = {.clock = &w.clock, .context = "c", .server = "s", .ns = ""};
    assert_int_equal(recorder_open(path, &opts, &recorder, NULL), IW_OK);
    want(&w, USAGE_OF_POD, 0);
    answer(&w, "{}", IW_OK, 200);
    answer(&w, CART, IW_OK, 200);
    usagepoll_record(w.poll, recorder); /* what is on the screen is asked for again at once */
    want(&w, USAGE_OF_POD, 10000);
    answer(&w, CART, IW_OK, 200);
    want(&w, USAGE_OF_POD, 30000);
    iw_autofree char *later = iw_strdup(CART);
    *strstr(later, "2Mi") = '7';
    answer(&w, later, IW_OK, 200);
    clock_advance(&w.clock, 200000);
    assert_int_equal(recorder_close(recorder, NULL), IW_OK);
    play(&w, path, &how);
    assert_int_equal(memory_at(&w, 5000), -1);
    assert_int_equal(memory_at(&w, 41000), 7);
    assert_int_equal(memory_at(&w, 20000), 2); /* back */
    assert_int_equal(memory_at(&w, 120000), 7);
    assert_int_equal(memory_at(&w, 200000), -1); /* nobody looked for longer */
    source_replay.close(w.session.source);
    w.session.source = NULL;
    world_close(&w);
    recording_free(w.session.recording);
    (void)remove(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usagepoll__asks_one_pod_every_half_minute_while_somebody_looks),
        cmocka_unit_test(usagepoll__leaves_a_server_without_metrics_alone),
        cmocka_unit_test(usagepoll__records_answers_and_a_replay_has_those_of_its_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
