/* scene: a store, a session and a user interface at a fixed moment, for golden screens and unit
 * tests of views.
 *
 *   struct scene sc;
 *   scene_open(&sc, T0 + SECONDS(252));
 *   scene_add(&sc, pod_seal(...));
 *   scene_live(&sc);
 *   scene_ui(&sc, "pods");
 *   scene_keys(&sc, "jj");
 *   assert_true(scene_is(&sc, "pods_80x24", 80, 24));
 *   scene_close(&sc);
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GOLDEN_SCENE_H
#define TESTS_GOLDEN_SCENE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/model/pod_make.h"
#include "golden.h"
#include "initwatch/base/utf8.h"
#include "initwatch/ui/ui.h"

struct scene {
    struct clock clock;
    struct store *store;
    struct source_sink sink;
    struct ui_session session;
    struct log_feed feed;
    struct raw_object raw;
    struct demo_board *board;    /* NULL: this is no demo */
    struct replay_board *replay; /* NULL: this is no recording */
    struct usage *usage;         /* nobody asked for it */
    struct ui_prefs prefs;
    struct ui *ui;
    struct surface surface;
    struct intent last; /* the last intent that left the ui */
    unsigned intents;
};

static inline void
scene_on_intent(void *ctx, const struct intent *intent)
{
    struct scene *sc = ctx;
    sc->last = *intent;
    sc->intents++;
}

static inline void
scene_open(struct scene *sc, int64_t now_wall_ms)
{
    memset(sc, 0, sizeof(*sc));
    sc->clock = clock_manual(1000, now_wall_ms);
    sc->store = store_new(&sc->clock);
    sc->sink = store_sink(sc->store);
    sc->usage = usage_new();
    snprintf(sc->session.context, sizeof(sc->session.context), "kind-demo");
    snprintf(sc->session.ns, sizeof(sc->session.ns), "shop");
    snprintf(sc->session.user, sizeof(sc->session.user), "dev@kind");
    snprintf(sc->session.server, sizeof(sc->session.server), "https://127.0.0.1:6443");
    snprintf(sc->session.server_version, sizeof(sc->session.server_version), "v1.36.2");
    sc->session.read_only = true;
    sc->prefs = (struct ui_prefs){.theme = THEME_DARK, .header = true};
    surface_init(&sc->surface, 80, 24, false);
    sc->sink.list_begin(sc->sink.ctx, STREAM_PODS, "");
    sc->sink.list_begin(sc->sink.ctx, STREAM_EVENTS, "");
}

static inline void
scene_close(struct scene *sc)
{
    ui_free(sc->ui);
    store_free(sc->store);
    usage_free(sc->usage);
    surface_free(&sc->surface);
}

/* Takes the pod. */
static inline void
scene_add(struct scene *sc, struct pod *pod)
{
    sc->sink.upsert(sc->sink.ctx, pod);
}

static inline void
scene_status(struct scene *sc, enum source_stream stream, enum source_state state, enum iw_err code,
             const char *message)
{
    int64_t now = clock_wall(&sc->clock);
    struct source_status st = {.stream = stream,
                               .state = state,
                               .since_wall_ms = now - 12000,
                               .last_contact_wall_ms = now - 200,
                               .retry_at_wall_ms = IW_TIME_NONE};
    st.last.code = code;
    snprintf(st.last.msg, sizeof(st.last.msg), "%s", message);
    snprintf(st.scope, sizeof(st.scope), "namespace shop");
    if (state == SOURCE_STALE)
        st.retry_at_wall_ms = now + 3000;
    if (state == SOURCE_LISTING) {
        st.listed = 1500;
        st.expected = 5000;
    }
    sc->sink.status(sc->sink.ctx, &st);
}

/* The lists are complete and both watches live. */
static inline void
scene_live(struct scene *sc)
{
    sc->sink.list_end(sc->sink.ctx, STREAM_PODS, "");
    sc->sink.list_end(sc->sink.ctx, STREAM_EVENTS, "");
    scene_status(sc, STREAM_PODS, SOURCE_LIVE, IW_OK, "");
    scene_status(sc, STREAM_EVENTS, SOURCE_LIVE, IW_OK, "");
}

/* An event about a pod whose uid is its name. */
static inline void
scene_event(struct scene *sc, int64_t wall_ms, bool warning, const char *reason, const char *pod,
            const char *message, uint32_t count)
{
    char uid[160];
    snprintf(uid, sizeof(uid), "%s-%s-%lld", pod, reason, (long long)wall_ms);
    const struct kevent ev = {.uid = uid,
                              .ns = "shop",
                              .type = warning ? "Warning" : "Normal",
                              .reason = reason,
                              .message = message,
                              .object_kind = "Pod",
                              .object_name = pod,
                              .object_uid = pod,
                              .container = "",
                              .source = "kubelet",
                              .count = count,
                              .first_ms = wall_ms,
                              .last_ms = wall_ms};
    sc->sink.event(sc->sink.ctx, &ev);
}

/* What a container (or, without one, a node) uses, as if the metrics API had said it. */
static inline void
scene_usage(struct scene *sc, const char *ns, const char *name, const char *container,
            int64_t cpu_milli, int64_t memory_mib)
{
    const struct usage_amounts used = {cpu_milli * 1000000, memory_mib << 20};
    usage_put(sc->usage, ns, name, container, &used);
    usage_end(sc->usage);
}

static inline void
scene_ui(struct scene *sc, const char *first_view)
{
    const struct ui_config config = {.store = sc->store,
                                     .session = &sc->session,
                                     .demo = sc->board,
                                     .replay = sc->replay,
                                     .logs = &sc->feed,
                                     .raw = &sc->raw,
                                     .usage = sc->usage,
                                     .clock = &sc->clock,
                                     .prefs = sc->prefs,
                                     .first_view = first_view,
                                     .on_intent = scene_on_intent,
                                     .ctx = sc};
    sc->ui = ui_new(&config);
}

static inline void
scene_draw(struct scene *sc, int cols, int rows)
{
    surface_resize(&sc->surface, cols, rows);
    while (ui_work(sc->ui))
        ;
    ui_draw(sc->ui, &sc->surface);
}

/* Each character is a key; the screen is drawn before each, as it is for a user. */
static inline void
scene_keys(struct scene *sc, const char *keys)
{
    for (size_t at = 0, taken, len = strlen(keys); at < len; at += taken) {
        uint32_t key = utf8_next(keys + at, len - at, &taken);
        while (ui_work(sc->ui))
            ;
        ui_draw(sc->ui, &sc->surface);
        ui_key(sc->ui, key);
    }
}

/* New string. */
static inline char *
scene_text(struct scene *sc, int cols, int rows)
{
    scene_draw(sc, cols, rows);
    return surface_dump_text(&sc->surface, false);
}

/* Like scene_has, for what may be missing. */
static inline bool
scene_finds(struct scene *sc, const char *text)
{
    char *screen = scene_text(sc, sc->surface.cols, sc->surface.rows);
    bool found = strstr(screen, text) != NULL;
    free(screen);
    return found;
}

static inline bool
scene_has(struct scene *sc, const char *text)
{
    char *screen = scene_text(sc, sc->surface.cols, sc->surface.rows);
    bool found = strstr(screen, text) != NULL;
    if (!found)
        fprintf(stderr, "\"%s\" is not on the screen:\n%s", text, screen);
    free(screen);
    return found;
}

/* Compare with tests/golden/expected/NAME.txt. IW_SVG_DIR set: also writes NAME.svg there, to look
 * at. */
static inline bool
scene_is(struct scene *sc, const char *name, int cols, int rows)
{
    scene_draw(sc, cols, rows);
    char *text = surface_dump_text(&sc->surface, true);
    bool same = golden_matches(name, text);
    free(text);
    const char *dir = getenv("IW_SVG_DIR");
    if (dir && dir[0]) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/%s.svg", dir, name);
        char *svg = surface_dump_svg(&sc->surface, ui_prefs(sc->ui)->theme, name);
        FILE *f = fopen(path, "w");
        if (f) {
            fputs(svg, f);
            fclose(f);
        }
        free(svg);
    }
    return same;
}

/* From this view on, after these keys: is the screen the golden file `name`? Closes the scene. */
static inline bool
scene_shows(struct scene *sc, const char *view, const char *keys, const char *name, int cols,
            int rows)
{
    scene_ui(sc, view);
    scene_draw(sc, cols, rows);
    scene_keys(sc, keys);
    bool same = scene_is(sc, name, cols, rows);
    scene_close(sc);
    return same;
}

/* The name of the pod that the ui is about; "" when it is about none. */
static inline const char *
scene_focus_name(struct scene *sc)
{
    const struct pod *pod = store_get(sc->store, ui_focus(sc->ui));
    return pod ? pod->name : "";
}

#endif
