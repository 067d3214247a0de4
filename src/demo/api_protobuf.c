/* api_protobuf: lists, watches and errors for clients that ask for protobuf.
 * Ref: apiserver/pkg/endpoints/handlers (watch.go, response.go), negotiation/negotiate.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"
#include "initwatch/base/alloc.h"
#include "pbform.h"

/* The first type of the list that the server has; weights are not looked at: no client of
 * Kubernetes sends them. */
bool
api_prefers_protobuf(const struct api_request *r)
{
    const char *accept =
        MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
    const char *protobuf = accept ? strstr(accept, PBFORM_TYPE) : NULL;
    if (!protobuf)
        return false;
    const char *json = strstr(accept, "application/json"), *any = strstr(accept, "*/*");
    return (!json || protobuf < json) && (!any || protobuf < any);
}

char *
api_pb_status(const json_t *status, size_t *len)
{
    struct strbuf raw, out;
    strbuf_init(&raw, 0);
    strbuf_init(&out, 0);
    pbform_encode(&raw, &pbform_status, status);
    pbform_object_head(&out, "v1", "Status", raw.len);
    strbuf_add(&out, raw.data, raw.len);
    pbform_object_tail(&out);
    strbuf_free(&raw);
    *len = out.len;
    return strbuf_take(&out);
}

/* --- lists --- */

void
api_pb_list_head(struct api_stream *s, const json_t *meta)
{
    const struct demo_kind_info *info = &demo_kind_table[s->form.kind];
    struct strbuf inner;
    strbuf_init(&inner, 0);
    pbform_encode(&inner, &pbform_list_meta, meta);
    size_t raw_len = pbform_head_size(PBFORM_LIST_META, inner.len) + inner.len;
    for (size_t i = 0; i < s->first.len; i++) {
        size_t len = objects_encoded_size(s->first.items[i], s->form.kind);
        raw_len += pbform_head_size(PBFORM_LIST_ITEM, len) + len;
    }
    iw_autofree char *kind = iw_asprintf("%sList", info->kind);
    pbform_object_head(&s->out, info->version, kind, raw_len);
    pbform_head(&s->out, PBFORM_LIST_META, inner.len);
    strbuf_add(&s->out, inner.data, inner.len);
    strbuf_free(&inner);
}

void
api_pb_list_item(struct api_stream *s, struct objects_version *version)
{
    pbform_head(&s->out, PBFORM_LIST_ITEM, objects_encoded_size(version, s->form.kind));
    objects_encode(version, s->form.kind, &s->out);
}

void
api_pb_list_end(struct api_stream *s)
{
    pbform_object_tail(&s->out);
}

void
api_pb_object(const struct api_stream *s, struct objects_version *version, struct strbuf *out)
{
    const struct demo_kind_info *info = &demo_kind_table[s->form.kind];
    pbform_object_head(out, info->version, info->kind, objects_encoded_size(version, s->form.kind));
    objects_encode(version, s->form.kind, out);
    pbform_object_tail(out);
}

/* --- watches --- */

void
api_pb_event(struct api_stream *s, const char *type, struct objects_version *version)
{
    struct strbuf raw;
    strbuf_init(&raw, 0);
    objects_encode(version, s->form.kind, &raw);
    pbform_watch_event(&s->out, type, demo_kind_table[s->form.kind].kind, &raw);
    strbuf_free(&raw);
}

static void
write_event(struct api_stream *s, const char *type, const char *kind,
            const struct pbform_message *message, const json_t *object)
{
    struct strbuf raw;
    strbuf_init(&raw, 0);
    pbform_encode(&raw, message, object);
    pbform_watch_event(&s->out, type, kind, &raw);
    strbuf_free(&raw);
}

void
api_pb_bookmark(struct api_stream *s, uint64_t rv, bool initial_end)
{
    bool is_pod = s->form.kind == DEMO_KIND_POD;
    json_t *object = json_pack("{s:{s:o}}", "metadata", "resourceVersion",
                               json_sprintf("%llu", (unsigned long long)rv));
    if (initial_end)
        json_object_set_new(json_object_get(object, "metadata"), "annotations",
                            json_pack("{s:s}", "k8s.io/initial-events-end", "true"));
    write_event(s, "BOOKMARK", demo_kind_table[s->form.kind].kind,
                is_pod ? &pbform_pod : &pbform_event, object);
    json_decref(object);
}

void
api_pb_error(struct api_stream *s, const json_t *status)
{
    write_event(s, "ERROR", "Status", &pbform_status, status);
}
