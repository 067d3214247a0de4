/* bench_record: what a recording costs while it is made, and how long it takes to open one and to go back in it.
 *
 * usage: bench_record LIST.json FRAMES
 * LIST.json is a PodList as a server sends it. A recording of the list and of FRAMES watch events, round robin over
 * its pods and ten a second, is written to a file in $TMPDIR, opened, told to the end, and stepped back in.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/jarena.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/model/store.h"
#include "initwatch/net/frame.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/recorder.h"
#include "initwatch/source/replay.h"

#define FRAME_EVERY_MS 100
/* As many as a patient finger does. */
#define STEPS 20

struct texts {
    VEC(char *) items;
    size_t bytes;
};

static double
now_s(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct texts *t = ctx;
    if (kind != FRAME_ITEM)
        return true;
    vec_push(&t->items, iw_strndup(bytes, len));
    t->bytes += len;
    return true;
}

static bool
read_list(struct texts *t, const char *path)
{
    char *bytes;
    size_t len;
    struct iw_error err = {0};
    struct frame frame;
    if (file_read_all(path, SIZE_MAX >> 1, &bytes, &len, &err) != IW_OK) {
        fprintf(stderr, "bench_record: %s\n", err.msg);
        return false;
    }
    frame_init(&frame, FRAME_LIST, LIMIT_FRAME_BYTES);
    bool ok = frame_feed(&frame, bytes, len, on_piece, t, &err) == IW_OK && t->items.len > 0;
    frame_free(&frame);
    free(bytes);
    return ok;
}

/* The pod as an event, with a version of its own. */
static void
make_event(struct strbuf *out, const char *pod, unsigned long number)
{
    static const char key[] = "\"resourceVersion\":\"";
    const char *at = strstr(pod, key);
    strbuf_clear(out);
    strbuf_addf(out, "{\"type\":\"MODIFIED\",\"object\":%.*s%s9%lu", (int)(at - pod), pod, key,
                number);
    strbuf_adds(out, at + strlen(key) + strspn(at + strlen(key), "0123456789"));
    strbuf_addc(out, '}');
}

static void
record(const struct texts *t, const char *path, unsigned long frames)
{
    struct clock clock = clock_manual(0, INT64_C(1781524800000));
    struct recorder *r = NULL;
    struct iw_error err = {0};
    struct recorder_opts opts = {.clock = &clock, .context = "bench", .server = "", .ns = ""};
    if (recorder_open(path, &opts, &r, &err) != IW_OK) {
        fprintf(stderr, "bench_record: %s\n", err.msg);
        exit(1);
    }
    double start_s = now_s();
    recorder_list(r, "pods", "", false);
    for (size_t i = 0; i < t->items.len; i++)
        recorder_piece(r, "pods", "", true, t->items.items[i], strlen(t->items.items[i]));
    recorder_list(r, "pods", "", true);
    double items_s = now_s() - start_s, frames_s = 0, decode_s = 0;
    strbuf_auto event;
    strbuf_init(&event, 0);
    for (unsigned long i = 0; i < frames; i++) {
        make_event(&event, t->items.items[i % t->items.len], i);
        clock_advance(&clock, FRAME_EVERY_MS);
        start_s = now_s();
        recorder_piece(r, "pods", "", false, event.data, event.len);
        frames_s += now_s() - start_s;
        json_t *root = NULL;
        struct pod *pod = NULL;
        start_s = now_s();
        if (jarena_parse(event.data, event.len, &root, NULL) == IW_OK &&
            decode_pod(json_object_get(root, "object"), "", &pod, NULL) == IW_OK)
            pod_free(pod);
        jarena_release();
        decode_s += now_s() - start_s;
    }
    printf("pods %zu, %.1f KB each; frames %lu\n", t->items.len,
           (double)t->bytes / (double)t->items.len / 1000, frames);
    printf("record_us_per_item %.1f\n", items_s * 1e6 / (double)t->items.len);
    if (frames)
        printf("record_us_per_frame %.1f decode_us_per_frame %.1f\n",
               frames_s * 1e6 / (double)frames, decode_s * 1e6 / (double)frames);
    printf("file_mb %.1f\n", (double)recorder_bytes(r) / 1e6);
    if (recorder_close(r, &err) != IW_OK)
        fprintf(stderr, "bench_record: %s\n", err.msg);
}

/* --- playing --- */

struct world {
    struct clock clock;
    struct store *store;
};

static void
set_clock(void *ctx, int64_t wall_ms, double speed)
{
    struct world *w = ctx;
    (void)speed;
    w->clock.manual_wall_ms = wall_ms;
}

static void
on_rewind(void *ctx, const struct replay_undone *undone)
{
    struct world *w = ctx;
    replay_forget(w->store, undone);
}

static void
on_arrived(void *ctx)
{
    struct world *w = ctx;
    store_rewound(w->store);
}

/* Turns until the jump is done. */
static void
jump(struct loop *loop, struct source *source)
{
    struct replay_state st;
    do {
        loop_turn(loop, 0);
        replay_state(source, &st);
    } while (st.jumping);
}

static void
play(const char *path)
{
    struct world w = {.clock = clock_manual(0, 0)};
    struct recording *r = NULL;
    struct source *source = NULL;
    struct iw_error err = {0};
    double start_s = now_s();
    if (recording_open(path, &r, &err) != IW_OK) {
        fprintf(stderr, "bench_record: %s\n", err.msg);
        exit(1);
    }
    printf("open_ms %.1f entries %zu\n", (now_s() - start_s) * 1e3, recording_count(r));
    struct loop *loop = loop_new(&w.clock);
    w.store = store_new(&w.clock);
    struct replay_opts how = {.recording = r,
                              .set_clock = set_clock,
                              .rewind = on_rewind,
                              .arrived = on_arrived,
                              .ctx = &w,
                              .paused = true};
    struct source_opts opts = {.loop = loop, .sink = store_sink(w.store), .replay = &how};
    if (source_replay.open(&opts, &source, &err) != IW_OK)
        exit(1);
    jump(loop, source);
    start_s = now_s();
    replay_seek(source, INT64_MAX);
    jump(loop, source);
    printf("to_the_end_ms %.1f\n", (now_s() - start_s) * 1e3);
    start_s = now_s();
    for (int i = 0; i < STEPS; i++) {
        (void)replay_step(source, true);
        jump(loop, source);
    }
    printf("step_back_ms %.3f\n", (now_s() - start_s) * 1e3 / STEPS);
    start_s = now_s();
    for (int i = 0; i < STEPS; i++) {
        (void)replay_step(source, false);
        jump(loop, source);
    }
    printf("step_on_ms %.3f\n", (now_s() - start_s) * 1e3 / STEPS);
    start_s = now_s();
    replay_seek(source, recording_about(r)->length_ms / 2);
    jump(loop, source);
    printf("back_to_the_middle_ms %.1f\n", (now_s() - start_s) * 1e3);
    source_replay.close(source);
    recording_free(r);
    store_free(w.store);
    loop_free(loop);
}

int
main(int argc, char **argv)
{
    struct texts t = {0};
    const char *folder = getenv("TMPDIR");
    if (argc != 3 || !read_list(&t, argv[1])) {
        fprintf(stderr, "usage: bench_record LIST.json FRAMES\n");
        return 2;
    }
    iw_autofree char *path = iw_asprintf("%s/bench-record-%d.jsonl",
                                         folder && folder[0] ? folder : "/tmp", (int)getpid());
    (void)unlink(path);
    record(&t, path, strtoul(argv[2], NULL, 10));
    play(path);
    (void)unlink(path);
    for (size_t i = 0; i < t.items.len; i++)
        free(t.items.items[i]);
    vec_free(&t.items);
    return 0;
}
