/* api_delete: an object goes, or many, and what they own.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_check.h"
#include "initwatch/data/json_member.h"

struct deletion {
    int64_t grace_s;
    bool orphan, dry;
};

static void delete_dependents(struct apiserver *server, const char *uid);

static void
delete_now(struct apiserver *server, enum demo_kind kind, const struct objects_version *version,
           const struct deletion *how)
{
    struct sim *sim = player_sim(server->config.player);
    iw_autofree char *ns = iw_strdup(version->ns);
    iw_autofree char *name = iw_strdup(version->name);
    iw_autofree char *uid = iw_strdup(version->uid);
    if (kind == DEMO_KIND_POD)
        (void)sim_delete_pod(sim, ns, name, how->grace_s);
    else if (!sim_delete_object(sim, kind, ns, name))
        objects_gone(server->config.store, kind, ns, name); /* an event */
    if (kind != DEMO_KIND_POD && !how->orphan && uid[0])
        delete_dependents(server, uid);
}

/* The objects that match are collected first: deleting changes the lists. */
struct doomed {
    VEC(struct objects_version *) items;
};

static void
take_owned(struct apiserver *server, enum demo_kind kind, const char *uid, struct doomed *out)
{
    struct objects *store = server->config.store;
    for (size_t i = 0; i < store->objects[kind].len; i++) {
        struct objects_version *version = store->objects[kind].items[i];
        if (version->owner && strcmp(version->owner, uid) == 0) {
            struct objects_version *held = objects_version_ref(version);
            vec_push(&out->items, held);
        }
    }
}

static void
take_namespace(struct apiserver *server, enum demo_kind kind, const char *ns, struct doomed *out)
{
    struct objects *store = server->config.store;
    for (size_t i = 0; demo_kind_table[kind].namespaced && i < store->objects[kind].len; i++) {
        struct objects_version *version = store->objects[kind].items[i];
        if (strcmp(version->ns, ns) == 0 && !version->synthetic) {
            struct objects_version *held = objects_version_ref(version);
            vec_push(&out->items, held);
        }
    }
}

static void
delete_doomed(struct apiserver *server, enum demo_kind kind, struct doomed *doomed)
{
    const struct deletion how = {.grace_s = -1};
    for (size_t i = 0; i < doomed->items.len; i++) {
        struct objects_version *version = doomed->items.items[i];
        if (demo_store_find(server->config.store, kind, version->ns, version->name))
            delete_now(server, kind, version, &how);
        objects_version_unref(version);
    }
    vec_free(&doomed->items);
}

/* The garbage collector, without its delay. */
static void
delete_dependents(struct apiserver *server, const char *uid)
{
    for (size_t kind = 0; kind < DEMO_KIND_COUNT; kind++) {
        struct doomed doomed = {0};
        if (kind == DEMO_KIND_EVENT)
            continue;
        take_owned(server, (enum demo_kind)kind, uid, &doomed);
        delete_doomed(server, (enum demo_kind)kind, &doomed);
    }
}

static void
empty_namespace(struct apiserver *server, const char *ns)
{
    for (size_t kind = 0; kind < DEMO_KIND_COUNT; kind++) {
        struct doomed doomed = {0};
        take_namespace(server, (enum demo_kind)kind, ns, &doomed);
        delete_doomed(server, (enum demo_kind)kind, &doomed);
    }
}

static struct deletion
read_deletion(const struct api_request *r)
{
    struct deletion how = {.grace_s = api_query_int(r, "gracePeriodSeconds", -1)};
    const char *policy = api_query(r, "propagationPolicy");
    struct iw_error ignored = {0}; /* what cannot be read asks for nothing */
    json_t *body = r->body.len ? api_body_object(r, &ignored) : NULL;
    const json_t *wish = json_object_get(body, "gracePeriodSeconds");
    if (json_is_integer(wish))
        how.grace_s = json_integer_value(wish);
    if (json_text_of(body, "propagationPolicy")[0])
        policy = json_text_of(body, "propagationPolicy");
    how.orphan = policy && strcmp(policy, "Orphan") == 0;
    how.dry = api_is_dry_run(r) || json_array_size(json_object_get(body, "dryRun")) > 0;
    json_decref(body);
    return how;
}

enum MHD_Result
api_delete(struct api_request *r, struct api_stream *s, const char *name)
{
    struct apiserver *server = r->server;
    enum demo_kind kind = s->form.kind;
    const char *ns = s->ns ? s->ns : "";
    struct deletion how = read_deletion(r);
    struct objects_version *before = demo_store_find(server->config.store, kind, ns, name);
    if (!before)
        return api_send_not_found(r, kind, name);
    (void)objects_version_ref(before);
    if (!how.dry && kind == DEMO_KIND_NAMESPACE)
        empty_namespace(server, name);
    if (!how.dry)
        delete_now(server, kind, before, &how);
    struct objects_version *after = demo_store_find(server->config.store, kind, ns, name);
    enum MHD_Result result;
    if (kind == DEMO_KIND_POD) {
        result = api_send_object(r, s, 200, after ? after : before);
    } else {
        json_t *details = api_details_of(kind, name);
        json_object_set_new(details, "uid", json_string(before->uid));
        result =
            api_send_json(r, 200,
                          json_pack("{s:s,s:s,s:{},s:s,s:o}", "kind", "Status", "apiVersion", "v1",
                                    "metadata", "status", "Success", "details", details));
    }
    objects_version_unref(before);
    return result;
}

enum MHD_Result
api_delete_many(struct api_request *r, struct api_stream *s)
{
    struct apiserver *server = r->server;
    struct objects *store = server->config.store;
    struct deletion how = read_deletion(r);
    struct doomed doomed = {0};
    for (size_t i = 0; i < store->objects[s->form.kind].len; i++) {
        struct objects_version *version = store->objects[s->form.kind].items[i];
        if ((s->ns && strcmp(version->ns, s->ns) != 0) || version->synthetic ||
            !api_selector_matches(&s->selector, s->form.kind, version))
            continue;
        struct objects_version *held = objects_version_ref(version);
        vec_push(&doomed.items, held);
    }
    for (size_t i = 0; i < doomed.items.len; i++) {
        if (!how.dry)
            delete_now(server, s->form.kind, doomed.items.items[i], &how);
        objects_version_unref(doomed.items.items[i]);
    }
    size_t count = doomed.items.len;
    vec_free(&doomed.items);
    return api_send_json(r, 200,
                         json_pack("{s:s,s:s,s:{},s:s,s:o}", "kind", "Status", "apiVersion", "v1",
                                   "metadata", "status", "Success", "message",
                                   json_sprintf("%zu deleted", count)));
}
