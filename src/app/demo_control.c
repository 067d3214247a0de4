/* demo_control: requests to the demo server's own corner, one after the other as the user asks.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/demo_control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/logs.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/progress.h"

enum { FRESH_MS = 1000, TIMEOUT_MS = 5000, ANSWER_BYTES_MAX = 1 << 20, CLOCK_SLACK_MS = 300 };
/* A clock that stands still: moments must not repeat, so it creeps. */
#define STANDSTILL 1e-9

struct demo_control {
    struct session *session;
    struct http_client *client;
    struct demo_board board;
    void (*flash)(void *ctx, bool error, const char *text);
    void *ctx;
    loop_id timer;
    bool visible, asking; /* a state is under way */
    bool own_clock;       /* the program's clock follows the demo's */
};

struct demo_call {
    struct demo_control *control;
    char done[120]; /* said when it worked; "" for a state */
    bool state;
    struct strbuf body;
};

static void ask_state(struct demo_control *c);

static void
on_timer(void *ctx)
{
    struct demo_control *c = ctx;
    c->timer = 0;
    ask_state(c);
}

static bool
on_body(void *ctx, const char *bytes, size_t len)
{
    struct demo_call *call = ctx;
    return strbuf_add(&call->body, bytes, len);
}

/* Ages and countdowns are those of the simulated time, which may stand still or run. */
static void
follow_clock(struct demo_control *c, const char *answer)
{
    const char *at = strstr(answer, "\"time\":\"");
    int64_t wall_ms;
    if (!at || rfc3339_parse(at + 8, strcspn(at + 8, "\""), &wall_ms, NULL) != IW_OK)
        return;
    const struct demo_board *board = &c->board;
    int64_t apart_ms = wall_ms - clock_wall(loop_clock(c->session->loop));
    bool plain = !board->paused && board->speed == 1;
    if (plain && !c->own_clock && apart_ms > -CLOCK_SLACK_MS && apart_ms < CLOCK_SLACK_MS)
        return;
    c->own_clock = true;
    clock_system_set_wall(wall_ms, board->paused ? STANDSTILL : board->speed);
}

static void
take_state(struct demo_control *c, struct demo_call *call, const struct iw_error *err)
{
    c->asking = false;
    if (err->code == IW_OK && call->body.data &&
        demo_board_read(&c->board, call->body.data, call->body.len))
        follow_clock(c, call->body.data);
    if (c->visible && !c->timer && err->code != IW_ERR_CANCELED)
        c->timer = loop_timer_add(c->session->loop, FRESH_MS, on_timer, c);
}

static void
on_done(void *ctx, const struct iw_error *err)
{
    struct demo_call *call = ctx;
    struct demo_control *c = call->control;
    if (call->state) {
        take_state(c, call, err);
    } else if (err->code == IW_OK) {
        c->flash(c->ctx, false, call->done);
        ask_state(c);
    } else if (err->code != IW_ERR_CANCELED) {
        c->flash(c->ctx, true, err->msg);
    }
    strbuf_free(&call->body);
    free(call);
}

static void
send(struct demo_control *c, const char *path, const char *body, const char *done)
{
    static const struct http_handlers handlers = {.on_body = on_body, .on_done = on_done};
    struct demo_call *call = iw_calloc(1, sizeof(*call));
    char full[256];
    call->control = c;
    call->state = body == NULL;
    snprintf(call->done, sizeof(call->done), "%s", done);
    snprintf(full, sizeof(full), "/initwatch/demo/%s", path);
    strbuf_init(&call->body, ANSWER_BYTES_MAX);
    struct http_request request = {.method = body ? "POST" : "GET",
                                   .path = full,
                                   .body = body,
                                   .body_len = body ? strlen(body) : 0,
                                   .content_type = body ? "application/json" : NULL,
                                   .total_timeout_ms = TIMEOUT_MS};
    (void)http_start(c->client, &request, &handlers, call);
}

static void
ask_state(struct demo_control *c)
{
    if (c->asking)
        return;
    c->asking = true;
    send(c, "state", NULL, "");
}

/* --- which step --- */

struct target {
    char ns[256], pod[256], container[256];
};

/* "NS/POD/CTR", "POD/CTR", "NS/POD" or "POD", as the store knows them. */
static bool
find_named(const struct store *store, const char *text, struct pod_ref *ref, char container[256])
{
    char first[256];
    const char *slash = strchr(text, '/'), *second = slash ? strchr(slash + 1, '/') : NULL;
    container[0] = '\0';
    if (!slash)
        return store_find(store, NULL, text, ref);
    snprintf(first, sizeof(first), "%.*s", (int)IW_MIN(slash - text, 255), text);
    if (second) {
        char pod[256];
        snprintf(pod, sizeof(pod), "%.*s", (int)IW_MIN(second - slash - 1, 255), slash + 1);
        snprintf(container, 256, "%s", second + 1);
        return store_find(store, first, pod, ref);
    }
    if (store_find(store, first, slash + 1, ref))
        return true;
    snprintf(container, 256, "%s", slash + 1);
    return store_find(store, NULL, first, ref);
}

static bool
find_target(const struct demo_control *c, const struct demo_wish *wish, const struct intent *intent,
            struct target *out)
{
    struct pod_ref ref = intent->pod;
    char container[256];
    snprintf(container, sizeof(container), "%s", intent->container);
    if (wish->target[0] && !find_named(c->session->store, wish->target, &ref, container))
        return false;
    const struct pod *pod = store_get(c->session->store, ref);
    if (!pod)
        return false;
    const struct container *pick =
        container[0] ? NULL : pod_focus(pod, clock_wall(loop_clock(c->session->loop)));
    snprintf(out->ns, sizeof(out->ns), "%s", pod->ns);
    snprintf(out->pod, sizeof(out->pod), "%s", pod->name);
    snprintf(out->container, sizeof(out->container), "%s", pick ? pick->name : container);
    return out->container[0] != '\0';
}

static void
ask_step(struct demo_control *c, const struct demo_wish *wish, const struct intent *intent)
{
    struct target target;
    if (!find_target(c, wish, intent, &target)) {
        c->flash(c->ctx, true, tr("which step? choose a container, or name POD/CONTAINER"));
        return;
    }
    struct strbuf body;
    strbuf_init(&body, 8192);
    strbuf_adds(&body, "{\"namespace\":");
    strbuf_add_json(&body, target.ns);
    strbuf_adds(&body, ",\"pod\":");
    strbuf_add_json(&body, target.pod);
    strbuf_adds(&body, ",\"container\":");
    strbuf_add_json(&body, target.container);
    strbuf_addf(&body, ",%s}", wish->body);
    char done[120];
    snprintf(done, sizeof(done), "%.50s: %.60s", target.container, wish->done);
    send(c, wish->path, body.data, done);
    strbuf_free(&body);
}

void
demo_control_ask(struct demo_control *c, const struct intent *intent)
{
    struct demo_wish wish;
    struct iw_error err = {0};
    if (!c)
        return;
    if (demo_wish_parse(intent->text, &wish, &err) != IW_OK)
        c->flash(c->ctx, true, err.msg);
    else if (wish.on_step)
        ask_step(c, &wish, intent);
    else
        send(c, wish.path, wish.body, wish.done);
}

void
demo_control_show(struct demo_control *c, bool visible)
{
    if (!c || visible == c->visible)
        return;
    c->visible = visible;
    if (visible)
        ask_state(c);
}

const struct demo_board *
demo_control_board(const struct demo_control *c)
{
    return c ? &c->board : NULL;
}

struct demo_control *
demo_control_new(struct session *session, void (*flash)(void *ctx, bool error, const char *text),
                 void *ctx)
{
    struct demo_control *c = iw_calloc(1, sizeof(*c));
    struct iw_error err = {0};
    struct http_config config = {.base_url = session->client->server, .no_compression = true};
    c->session = session;
    c->flash = flash;
    c->ctx = ctx;
    c->board.speed = 1;
    if (http_client_new(session->loop, &config, &c->client, &err) != IW_OK) {
        LOG_WARN("demo: %s", err.msg);
        free(c);
        return NULL;
    }
    ask_state(c);
    return c;
}

void
demo_control_free(struct demo_control *c)
{
    if (!c)
        return;
    c->visible = false;
    http_client_free(c->client);
    loop_remove(c->session->loop, c->timer);
    demo_board_clear(&c->board);
    free(c);
}
