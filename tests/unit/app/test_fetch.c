/* What views need is asked for once, kept a while, and given back.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../model/pod_make.h"
#include "initwatch/app/fetch.h"
#include "initwatch/base/strbuf.h"

/* A source that only writes down what it is asked for. */
struct fake {
    struct source base;
    struct strbuf story;
    struct object_sink sink;
    bool asked;
};

static void
fake_watch(struct source *s, enum kobject_kind kind, const char *ns)
{
    struct fake *f = (struct fake *)s;
    strbuf_addf(&f->story, "+%s@%s ", kobject_kind_info(kind)->plural, ns ? ns : "-");
}

static void
fake_unwatch(struct source *s, enum kobject_kind kind, const char *ns)
{
    struct fake *f = (struct fake *)s;
    strbuf_addf(&f->story, "-%s@%s ", kobject_kind_info(kind)->plural, ns ? ns : "-");
}

static enum iw_err
fake_get(struct source *s, const struct kobject_ref *ref, const struct object_sink *sink,
         struct source_get **out, struct iw_error *err)
{
    struct fake *f = (struct fake *)s;
    (void)err;
    strbuf_addf(&f->story, "get:%s ", ref->name);
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

static const struct source_class fake_class = {.name = "fake",
                                               .watch_kind = fake_watch,
                                               .unwatch_kind = fake_unwatch,
                                               .get_object = fake_get,
                                               .close_get = fake_close_get};

struct world {
    struct clock clock;
    struct session session;
    struct fake fake;
    struct fetch *fetch;
};

static void
world_open(struct world *w)
{
    memset(w, 0, sizeof(*w));
    w->clock = clock_manual(1000, T0);
    w->fake.base.class_ = &fake_class;
    strbuf_init(&w->fake.story, 0);
    w->session.loop = loop_new(&w->clock);
    w->session.store = store_new(&w->clock);
    w->session.source = &w->fake.base;
    snprintf(w->session.ns, sizeof(w->session.ns), "shop,web");
    w->fetch = fetch_new(&w->session);
}

static void
world_close(struct world *w)
{
    fetch_free(w->fetch);
    store_free(w->session.store);
    loop_free(w->session.loop);
    strbuf_free(&w->fake.story);
}

static void
want(struct world *w, uint32_t kinds, const char *raw)
{
    struct kobject_ref ref = {.kind = KOBJECT_NODE};
    snprintf(ref.name, sizeof(ref.name), "%s", raw);
    fetch_want(w->fetch, kinds, &ref);
}

static void
expect(struct world *w, const char *story)
{
    assert_string_equal(w->fake.story.data, story);
    strbuf_clear(&w->fake.story);
}

static void
fetch__watches_a_kind_once_and_lets_go_after_minutes(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    want(&w, 0, "");
    expect(&w, "");
    want(&w, KIND_BIT(NODE), "");
    want(&w, KIND_BIT(NODE), "");
    expect(&w, "+nodes@- ");
    clock_advance(&w.clock, 4 * 60000);
    want(&w, KIND_BIT(NODE), "");
    clock_advance(&w.clock, 4 * 60000);
    fetch_expire(w.fetch);
    expect(&w, "");
    clock_advance(&w.clock, 2 * 60000);
    fetch_expire(w.fetch);
    expect(&w, "-nodes@- ");
    world_close(&w);
}

static void
fetch__reads_one_object_and_keeps_it_when_it_is_gone(void **state)
{
    (void)state;
    struct world w;
    struct iw_error none = {0}, gone = {.code = IW_ERR_NOT_FOUND, .msg = "nodes n1 not found"};
    world_open(&w);
    want(&w, 0, "n1");
    want(&w, 0, "n1");
    expect(&w, "get:n1 ");
    assert_int_equal(fetch_raw(w.fetch)->state, RAW_LOADING);
    const char json[] = "{\"kind\":\"Node\"}";
    w.fake.sink.done(w.fake.sink.ctx, json, strlen(json), &none);
    assert_int_equal(fetch_raw(w.fetch)->state, RAW_HERE);
    assert_string_equal(fetch_raw(w.fetch)->yaml->text, "kind: Node\n");
    fetch_relist(w.fetch);
    expect(&w, "get:n1 ");
    w.fake.sink.done(w.fake.sink.ctx, NULL, 0, &gone);
    assert_int_equal(fetch_raw(w.fetch)->state, RAW_FAILED);
    assert_string_equal(fetch_raw(w.fetch)->sentence, "nodes n1 not found");
    assert_non_null(fetch_raw(w.fetch)->yaml);
    world_close(&w);
}

static void
fetch__cancels_what_nobody_wants_any_more(void **state)
{
    (void)state;
    struct world w;
    world_open(&w);
    want(&w, 0, "n1");
    want(&w, 0, "n2");
    expect(&w, "get:n1 get:n2 ");
    assert_string_equal(fetch_raw(w.fetch)->ref.name, "n2");
    assert_null(fetch_raw(w.fetch)->yaml);
    assert_true(w.fake.asked);
    world_close(&w);
    assert_false(w.fake.asked);
}

static void
fetch__reads_the_namespace_that_a_wait_names(void **state)
{
    (void)state;
    static const char *const inside[] = {"sh", "-c",
                                         "until nc -z db.web.svc 5432; do sleep 2; done"};
    static const char *const outside[] = {"sh", "-c",
                                          "until nc -z db.data.svc 5432; do sleep 2; done"};
    struct world w;
    struct pod_make m;
    world_open(&w);
    make_pod(&m, "app");
    struct container *c = make_container(&m, LIST_INIT, "wait");
    c->command = inside;
    c->command_count = 3;
    struct pod *pod = pod_seal(&m.pod);
    fetch_want_targets(w.fetch, KIND_BIT(SERVICE), pod);
    expect(&w, "");
    pod_free(pod);
    c->command = outside;
    pod = pod_seal(&m.pod);
    fetch_want_targets(w.fetch, KIND_BIT(SERVICE) | KIND_BIT(STORAGECLASS), pod);
    fetch_want_targets(w.fetch, KIND_BIT(SERVICE), pod);
    expect(&w, "+services@data ");
    clock_advance(&w.clock, 6 * 60000);
    fetch_expire(w.fetch);
    expect(&w, "-services@data ");
    pod_free(pod);
    world_close(&w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetch__watches_a_kind_once_and_lets_go_after_minutes),
        cmocka_unit_test(fetch__reads_one_object_and_keeps_it_when_it_is_gone),
        cmocka_unit_test(fetch__cancels_what_nobody_wants_any_more),
        cmocka_unit_test(fetch__reads_the_namespace_that_a_wait_names),
    };
    return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
