/* api_log: pods/log.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api_internal.h"

/* "2026-11-22T01:12:41.316025828Z ": the fraction below a millisecond is made from the line, so
 * that it is always the same. */
static void
write_stamp(const struct api_stream *s, const struct sim_log_line *line, struct strbuf *out)
{
    char text[40];
    int64_t wall_ms = sim_wall_ms(player_sim(s->server->config.player), line->t_ms);
    rfc3339_format(wall_ms, true, text);
    uint64_t fine =
        ((uint64_t)line->t_ms * 7919u + line->line * 104729u + (uint64_t)line->n * 31u) % 1000000u;
    strbuf_addf(out, "%.23s%06uZ ", text, (unsigned)fine);
}

static void
write_limited(struct api_stream *s, const struct strbuf *text)
{
    size_t len = text->len;
    if (s->bytes_left >= 0) {
        len = IW_MIN(len, (size_t)s->bytes_left);
        s->bytes_left -= (int64_t)len;
        s->done = s->done || s->bytes_left == 0;
    }
    strbuf_add(&s->out, text->data, len);
}

void
api_log_fill(struct api_stream *s)
{
    struct sim *sim = player_sim(s->server->config.player);
    struct sim_log_line line;
    struct strbuf text;
    strbuf_init(&text, 1 << 20);
    while (!s->done && s->out.len - s->out_at < (1u << 20) && sim_log_next(sim, &s->log, &line)) {
        if (sim_wall_ms(sim, line.t_ms) < s->since_wall_ms)
            continue;
        if (s->skip_lines > 0) {
            s->skip_lines--;
            continue;
        }
        strbuf_clear(&text);
        if (s->timestamps)
            write_stamp(s, &line, &text);
        sim_log_text(sim, &s->log, &line, &text);
        strbuf_addc(&text, '\n');
        write_limited(s, &text);
    }
    strbuf_free(&text);
    if (s->out.len - s->out_at < (1u << 20) && (!s->follow || s->log.ended))
        s->done = true;
}

static int64_t
count_lines(struct sim *sim, const struct api_stream *s)
{
    struct sim_log copy = s->log;
    struct sim_log_line line;
    int64_t count = 0;
    while (sim_log_next(sim, &copy, &line))
        count += sim_wall_ms(sim, line.t_ms) >= s->since_wall_ms;
    return count;
}

static enum MHD_Result
refuse(struct api_request *r, enum sim_log_pick pick, const char *pod, const char *container,
       const char *reason)
{
    switch (pick) {
    case SIM_LOG_NO_CONTAINER:
        return api_send_status(r, 400, "BadRequest", "container %s is not valid for pod %s",
                               container, pod);
    case SIM_LOG_NO_PREVIOUS:
        return api_send_status(r, 400, "BadRequest",
                               "previous terminated container \"%s\" in pod \"%s\" not found",
                               container, pod);
    case SIM_LOG_WAITING:
        if (strcmp(reason, "ErrImagePull") == 0)
            reason = "image can't be pulled";
        else if (strcmp(reason, "ImagePullBackOff") == 0)
            reason = "trying and failing to pull image";
        return api_send_status(r, 400, "BadRequest",
                               "container \"%s\" in pod \"%s\" is waiting to start: %s", container,
                               pod, reason);
    case SIM_LOG_UNSCHEDULED:
        return api_send(r, 204, "text/plain", iw_strdup(""), 0);
    case SIM_LOG_OK:
        break;
    }
    return MHD_NO;
}

/* The only application container, or NULL when the request must name one; *all gets "[i1 s1 a1
 * a2]". */
static const char *
default_container(const json_t *spec, struct strbuf *all)
{
    static const char *const lists[] = {"initContainers", "containers"};
    strbuf_addc(all, '[');
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *container;
        json_array_foreach(json_object_get(spec, lists[l]), i, container)
        {
            strbuf_addf(all, "%s%s", all->len > 1 ? " " : "",
                        json_string_value(json_object_get(container, "name")));
        }
    }
    strbuf_addc(all, ']');
    const json_t *apps = json_object_get(spec, "containers");
    return json_array_size(apps) == 1
               ? json_string_value(json_object_get(json_array_get(apps, 0), "name"))
               : NULL;
}

/* Generated pods have a log too, as long as the reader asks for. Who follows it waits: nothing is added. */
static enum MHD_Result
synthetic_log(struct api_request *r)
{
    int64_t lines = IW_MIN(api_query_int(r, "tailLines", 1000), (int64_t)1000000);
    struct api_stream *s = api_stream_new(r, STREAM_FIXED);
    s->follow = api_query_true(r, "follow");
    strbuf_init(&s->out, 256u << 20);
    char text[40];
    rfc3339_format(api_now_wall_ms(r->server), true, text);
    for (int64_t i = 0; i < lines; i++) {
        if (api_query_true(r, "timestamps"))
            strbuf_addf(&s->out, "%.23s%06uZ ", text, (unsigned)(i % 1000000));
        strbuf_addf(&s->out,
                    "level=info msg=\"handled request %lld\" method=GET path=/api/items status=200 "
                    "took=%lldms\n",
                    (long long)i, (long long)(i * 7 % 90));
    }
    return api_stream_start(r, s, "text/plain");
}

static void
read_options(struct api_request *r, struct api_stream *s)
{
    struct sim *sim = player_sim(r->server->config.player);
    const char *since_time = api_query(r, "sinceTime");
    int64_t since_s = api_query_int(r, "sinceSeconds", -1);
    s->follow = api_query_true(r, "follow");
    s->timestamps = api_query_true(r, "timestamps");
    s->bytes_left = api_query_int(r, "limitBytes", -1);
    s->since_wall_ms = IW_TIME_NONE;
    if (since_s >= 0)
        s->since_wall_ms = api_now_wall_ms(r->server) - since_s * 1000;
    else if (since_time &&
             rfc3339_parse(since_time, strlen(since_time), &s->since_wall_ms, NULL) != IW_OK)
        s->since_wall_ms = IW_TIME_NONE;
    int64_t tail = api_query_int(r, "tailLines", -1);
    if (tail >= 0)
        s->skip_lines = IW_MAX(count_lines(sim, s) - tail, 0);
}

enum MHD_Result
api_log(struct api_request *r, const char *ns, const char *name)
{
    struct sim *sim = player_sim(r->server->config.player);
    const struct objects_version *version =
        demo_store_find(r->server->config.store, DEMO_KIND_POD, ns, name);
    struct sim_pod *pod = sim_pod_find(sim, ns, name);
    if (version && version->synthetic)
        return synthetic_log(r);
    if (!pod)
        return api_send_status(r, 404, "NotFound", "pods \"%s\" not found", name);
    if (api_query(r, "sinceTime") && api_query(r, "sinceSeconds"))
        return api_send_status(r, 422, "Invalid",
                               "PodLogOptions is invalid: at most one of `sinceTime` or "
                               "`sinceSeconds` may be specified");
    struct strbuf all;
    strbuf_init(&all, 65536);
    json_t *object = sim_pod_object(sim, pod);
    const char *container = api_query(r, "container");
    if (!container)
        container = default_container(json_object_get(object, "spec"), &all);
    enum MHD_Result result = MHD_NO;
    struct api_stream *s = api_stream_new(r, STREAM_LOG);
    const char *reason = "";
    enum sim_log_pick pick =
        container
            ? sim_log_open(sim, pod, container, api_query_true(r, "previous"), &s->log, &reason)
            : SIM_LOG_NO_CONTAINER;
    if (!container) {
        result = api_send_status(r, 400, "BadRequest",
                                 "a container name must be specified for pod %s, choose one of: %s",
                                 name, all.data);
    } else if (pick != SIM_LOG_OK) {
        result = refuse(r, pick, name, container, reason);
    } else {
        read_options(r, s);
        result = api_stream_start(r, s, "text/plain");
    }
    json_decref(object);
    strbuf_free(&all);
    return result;
}
