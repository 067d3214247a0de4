/* pb_world: a fault_world whose server speaks protobuf; its messages are blobs of the script server.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_PB_WORLD_H
#define INITWATCH_TEST_PB_WORLD_H

#include "fault_world.h"
#include "pbencode.h"

#define ASKS_FOR_BOTH "expect-head Accept: application/vnd.kubernetes.protobuf, application/json\n"
#define PB_FIRST_LIST                                                                              \
    "expect GET /api/v1/namespaces/shop/pods?limit=500 !resourceVersion\n" ASKS_FOR_BOTH           \
    "reply 200 pb @list\n"

/* A pod of namespace ns as a server would send it. */
static inline struct strbuf
pod_message(const char *name, const char *uid, const char *version)
{
    struct strbuf meta, spec, container, status, pod;
    struct strbuf *all[] = {&meta, &spec, &container, &status, &pod};
    for (size_t i = 0; i < IW_COUNTOF(all); i++)
        strbuf_init(all[i], 0);
    pbw_text(&meta, 1, name);
    pbw_text(&meta, 3, "shop");
    pbw_text(&meta, 5, uid);
    pbw_text(&meta, 6, version);
    pbw_text(&container, 1, "app");
    pbw_message(&spec, 2, &container);
    pbw_text(&status, 1, "Running");
    pbw_message(&pod, 1, &meta);
    pbw_message(&pod, 2, &spec);
    pbw_message(&pod, 3, &status);
    for (size_t i = 0; i < IW_COUNTOF(all) - 1; i++)
        strbuf_free(all[i]);
    return pod;
}

static inline void
blob_and_free(struct world *w, const char *name, struct strbuf *bytes)
{
    script_server_blob(w->server, name, bytes->data, bytes->len);
    strbuf_free(bytes);
}

/* Blob `name`: a list of these messages. */
static inline void
add_list(struct world *w, const char *name, const char *version, const char *cont,
         struct strbuf *pods, size_t count)
{
    struct strbuf meta, list, object;
    strbuf_init(&meta, 0);
    strbuf_init(&list, 0);
    strbuf_init(&object, 0);
    pbw_text(&meta, 1, "");
    pbw_text(&meta, 2, version);
    pbw_text(&meta, 3, cont);
    pbw_message(&list, 1, &meta);
    for (size_t i = 0; i < count; i++) {
        pbw_message(&list, 2, &pods[i]);
        strbuf_free(&pods[i]);
    }
    pbw_object(&object, "PodList", list.data, list.len);
    strbuf_free(&meta);
    strbuf_free(&list);
    blob_and_free(w, name, &object);
}

/* Blob `name`: a watch event about a pod. */
static inline void
add_frame(struct world *w, const char *name, const char *type, struct strbuf pod)
{
    struct strbuf frame;
    strbuf_init(&frame, 0);
    pbw_frame(&frame, type, "Pod", pod.data, pod.len);
    strbuf_free(&pod);
    blob_and_free(w, name, &frame);
}

/* Blob `name`: an event about a pod that cannot be read. */
static inline void
add_broken_frame(struct world *w, const char *name)
{
    struct strbuf bad;
    strbuf_init(&bad, 0);
    strbuf_adds(&bad, "\x0a\x7fgarbage");
    add_frame(w, name, "MODIFIED", bad);
}

static inline struct strbuf
status_message(unsigned code, const char *reason, const char *message)
{
    struct strbuf status;
    strbuf_init(&status, 0);
    pbw_text(&status, 2, "Failure");
    pbw_text(&status, 3, message);
    pbw_text(&status, 4, reason);
    pbw_number(&status, 6, code);
    return status;
}

/* Pods a and b at version 100, as blob "list". */
static inline void
start(struct world *w)
{
    fw_init(w);
    struct strbuf pods[] = {pod_message("a", "ua", "90"), pod_message("b", "ub", "91")};
    add_list(w, "list", "100", "", pods, 2);
}

static inline void
run(struct world *w, const char *script)
{
    script_server_route(w->server, "/pods", script);
    fw_open_with(w, fw_opts(w), (struct kube_client_config){0});
}

/* As run, with nothing but protobuf asked for: what cannot be read does not lead to JSON. */
static inline void
run_protobuf_only(struct world *w, const char *script)
{
    script_server_route(w->server, "/pods", script);
    struct source_opts opts = fw_opts(w);
    opts.wire = SOURCE_WIRE_PROTOBUF;
    fw_open_with(w, opts, (struct kube_client_config){0});
}

#endif
