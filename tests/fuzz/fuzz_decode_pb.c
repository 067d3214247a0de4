/* Fuzz: any bytes as a protobuf pod, event, status, list and watch. Records must be whole or
 * refused; pieces must be the same whatever the chunks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/utf8.h"
#include "initwatch/net/frame.h"
#include "initwatch/source/decode_pb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
check_text(const char *text)
{
    size_t len = strlen(text);
    if (!utf8_valid(text, len))
        abort();
    return len;
}

/* What every record promises: texts are there and well-formed, statuses belong to their list. */
static void
check_pod(const struct pod *pod)
{
    /* These are the record's own; words and what pods share stand elsewhere. */
    size_t len = check_text(pod->name) + check_text(pod->ip) + check_text(pod->uid);
    check_text(pod->ns);
    check_text(pod->phase);
    check_text(pod->owner_kind);
    for (uint32_t i = 0; i < pod->volume_count; i++)
        check_text(pod->volumes[i].ref);
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        check_text(c->name);
        check_text(c->startup->target);
        for (uint32_t i = 0; i < c->ref_count; i++)
            check_text(c->refs[i].name);
        for (uint32_t i = 0; i < c->requests.count; i++)
            check_text(c->requests.items[i].text);
        if (c->status && (c->status->list != c->list || strcmp(c->status->name, c->name) != 0))
            abort();
    }
    if (pod->init_count + pod->app_count > pod->container_count || len > 3 * pod->size_bytes)
        abort();
}

/* A sum over the pieces, to compare runs. */
struct sum {
    uint64_t hash;
    size_t pieces;
};

static bool
on_piece(void *ctx, enum frame_kind kind, const char *bytes, size_t len)
{
    struct sum *sum = ctx;
    struct pb_watch_event event;
    sum->hash = (sum->hash ^ (uint64_t)kind) * 1099511628211u;
    for (size_t i = 0; i < len; i++)
        sum->hash = (sum->hash ^ (unsigned char)bytes[i]) * 1099511628211u;
    sum->pieces++;
    if (kind == FRAME_DOC)
        (void)!decode_watch_event_pb(pb_span_of(bytes, len), &event, NULL);
    return true;
}

static enum iw_err
run_frame(enum frame_mode mode, const uint8_t *data, size_t size, size_t chunk, struct sum *sum)
{
    struct frame f;
    frame_init(&f, mode, 1u << 16);
    enum iw_err rc = IW_OK;
    for (size_t at = 0; rc == IW_OK && at < size; at += chunk)
        rc = frame_feed(&f, (const char *)data + at, IW_MIN(chunk, size - at), on_piece, sum, NULL);
    if (rc == IW_OK)
        rc = frame_finish(&f, on_piece, sum, NULL);
    frame_free(&f);
    return rc;
}

static void
check_frames(enum frame_mode mode, const uint8_t *data, size_t size)
{
    struct sum whole = {0}, parts = {0};
    enum iw_err a = run_frame(mode, data, size, size ? size : 1, &whole);
    enum iw_err b = run_frame(mode, data, size, 1 + size % 7, &parts);
    if (a != b || whole.hash != parts.hash || whole.pieces != parts.pieces)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pb_span message = pb_span_of(data, size);
    struct iw_error err = {0};
    struct pod *pod = NULL;
    struct kevent event;
    struct pb_object object;
    if (pb_unwrap(message, &object) && pb_len(object.raw) > size)
        abort();
    if (decode_pod_pb(message, "fuzz", &pod, &err) == IW_OK)
        check_pod(pod);
    pod_free(pod);
    if (decode_event_pb(message, &event, &err) == IW_OK &&
        (event.count == 0 || !utf8_valid(event.message, strlen(event.message))))
        abort();
    if (decode_status_pb(message, &err) == IW_OK)
        abort();
    if (pb_len(decode_list_meta_pb(message).continue_token) > size)
        abort();
    check_frames(FRAME_PB_LIST, data, size);
    check_frames(FRAME_PB_WATCH, data, size);
    return 0;
}
