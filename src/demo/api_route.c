/* api_route: from a path to what answers it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"

static bool
is(const struct api_request *r, size_t at, const char *text)
{
    return at < r->parts && strcmp(r->part[at], text) == 0;
}

static bool
find_resource(const char *group, const char *plural, enum demo_kind *kind, bool *events_v1)
{
    *events_v1 = strcmp(group, "events.k8s.io") == 0;
    const char *stored_in = *events_v1 ? "" : group;
    for (size_t i = 0; i < DEMO_KIND_COUNT; i++) {
        if (strcmp(demo_kind_table[i].group, stored_in) == 0 &&
            strcmp(demo_kind_table[i].plural, plural) == 0 &&
            (!*events_v1 || i == DEMO_KIND_EVENT)) {
            *kind = (enum demo_kind)i;
            return true;
        }
    }
    return false;
}

static enum MHD_Result
no_such_resource(struct api_request *r)
{
    return api_send_status(r, 404, "NotFound", "the server could not find the requested resource");
}

/* Resources below /api/v1 or /apis/GROUP/v1: `at` is the first part after the version. */
static enum MHD_Result
route_resource(struct api_request *r, const char *group, size_t at)
{
    const char *ns = NULL;
    bool in_namespace = is(r, at, "namespaces") && r->parts >= at + 3;
    if (in_namespace) {
        ns = r->part[at + 1];
        at += 2;
    }
    enum demo_kind kind;
    bool events_v1;
    if (at >= r->parts || !find_resource(group, r->part[at], &kind, &events_v1))
        return no_such_resource(r);
    const char *name = at + 1 < r->parts ? r->part[at + 1] : NULL;
    if (kind == DEMO_KIND_POD && ns && name && is(r, at + 2, "log") && r->parts == at + 3)
        return api_log(r, ns, name);
    if (r->parts > at + 2 || (in_namespace && !demo_kind_table[kind].namespaced))
        return no_such_resource(r);
    return api_collection(r, kind, events_v1, ns, name);
}

/* --- the demo's own corner --- */

static enum MHD_Result
demo_state(struct api_request *r)
{
    struct player *player = r->server->config.player;
    struct sim *sim = player_sim(player);
    char now[40];
    rfc3339_format(api_now_wall_ms(r->server), true, now);
    return api_send_json(r, 200,
                         json_pack("{s:b,s:s,s:I,s:I,s:o}", "settled", player_is_settled(player),
                                   "time", now, "simulatedMs", (json_int_t)sim_now_ms(sim),
                                   "resourceVersion", (json_int_t)r->server->config.store->rv,
                                   "scenarios", player_scenarios(player)));
}

static enum MHD_Result
demo_touch(struct api_request *r)
{
    int64_t count = api_query_int(r, "n", 1);
    if (strcmp(r->method, "POST") != 0 || count < 1 || count > STORE_HISTORY / 2)
        return api_send_status(r, 400, "BadRequest", "POST with n from 1 to %d", STORE_HISTORY / 2);
    synthetic_touch(r->server->config.synthetic, r->server->config.store, (unsigned)count);
    return api_send_json(
        r, 200, json_pack("{s:I}", "resourceVersion", (json_int_t)r->server->config.store->rv));
}

enum MHD_Result
api_route(struct api_request *r)
{
    if (is(r, 0, "initwatch") && is(r, 1, "demo") && is(r, 2, "state"))
        return demo_state(r);
    if (is(r, 0, "initwatch") && is(r, 1, "demo") && is(r, 2, "bench") && is(r, 3, "touch"))
        return demo_touch(r);
    if (r->parts == 1 && (is(r, 0, "healthz") || is(r, 0, "livez") || is(r, 0, "readyz")))
        return api_send(r, 200, "text/plain; charset=utf-8", iw_strdup("ok"), 2);
    json_t *document = api_discovery(r);
    if (document)
        return api_send_json(r, 200, document);
    if (is(r, 0, "api") && is(r, 1, "v1"))
        return route_resource(r, "", 2);
    if (is(r, 0, "apis") && r->parts >= 3 && is(r, 2, "v1"))
        return route_resource(r, r->part[1], 3);
    static const char not_found[] = "404 page not found\n";
    return api_send(r, 404, "text/plain; charset=utf-8", iw_strdup(not_found),
                    sizeof(not_found) - 1);
}
