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

static bool
wants_into_a_container(const struct api_request *r, size_t at)
{
    return is(r, at, "exec") || is(r, at, "attach") || is(r, at, "portforward") ||
           is(r, at, "ephemeralcontainers");
}

/* Whoever has the token may do everything. */
static enum MHD_Result
access_review(struct api_request *r)
{
    return api_send_json(r, 201,
                         json_pack("{s:s,s:s,s:{},s:{},s:{s:b}}", "kind", "SelfSubjectAccessReview",
                                   "apiVersion", "authorization.k8s.io/v1", "metadata", "spec",
                                   "status", "allowed", 1));
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
    if (kind == DEMO_KIND_POD && ns && name && wants_into_a_container(r, at + 2))
        return api_send_status(r, 405, "MethodNotAllowed",
                               "the containers of the demo are simulated: there is nothing to go "
                               "into; it has their logs and events");
    if (api_has_scale(kind) && ns && name && is(r, at + 2, "scale") && r->parts == at + 3)
        return api_scale(r, kind, ns, name);
    if (r->parts > at + 2 || (in_namespace && !demo_kind_table[kind].namespaced))
        return no_such_resource(r);
    return api_collection(r, kind, events_v1, ns, name);
}

/* --- who may not --- */

static const char *
verb_of(const struct api_request *r, bool one)
{
    static const struct {
        const char *method, *verb;
    } verbs[] = {{"POST", "create"}, {"PUT", "update"}, {"PATCH", "patch"}, {"DELETE", "delete"}};
    for (size_t i = 0; i < IW_COUNTOF(verbs); i++) {
        if (strcmp(r->method, verbs[i].method) == 0)
            return verbs[i].verb;
    }
    return one ? "get" : api_query_true(r, "watch") ? "watch" : "list";
}

static void
write_path(const struct api_request *r, struct strbuf *out)
{
    for (size_t i = 0; i < r->parts; i++)
        strbuf_addf(out, "/%s", r->part[i]);
}

enum MHD_Result
api_send_forbidden(struct api_request *r, const char *user)
{
    struct strbuf text;
    strbuf_init(&text, 2048);
    bool core = is(r, 0, "api") && r->parts > 2, named = is(r, 0, "apis") && r->parts > 3;
    size_t at = core ? 2 : 3;
    json_t *details = json_object();
    if (!core && !named) {
        strbuf_addf(&text, "forbidden: User \"%s\" cannot %s path \"", user,
                    strcmp(r->method, "GET") == 0 ? "get" : "post");
        write_path(r, &text);
        strbuf_adds(&text, "\"");
    } else {
        const char *group = core ? "" : r->part[1], *ns = NULL;
        if (is(r, at, "namespaces") && r->parts >= at + 3) {
            ns = r->part[at + 1];
            at += 2;
        }
        const char *name = at + 1 < r->parts ? r->part[at + 1] : NULL;
        const char *below = at + 2 < r->parts ? r->part[at + 2] : NULL;
        strbuf_addf(&text,
                    "%s%s%s%s%s%s is forbidden: User \"%s\" cannot %s resource \"%s%s%s\" in "
                    "API group \"%s\" ",
                    r->part[at], group[0] ? "." : "", group, name ? " \"" : "", name ? name : "",
                    name ? "\"" : "", user, verb_of(r, name != NULL), r->part[at], below ? "/" : "",
                    below ? below : "", group);
        if (ns)
            strbuf_addf(&text, "in the namespace \"%s\"", ns);
        else
            strbuf_adds(&text, "at the cluster scope");
        json_object_set_new(details, "kind", json_string(r->part[at]));
        if (name)
            json_object_set_new(details, "name", json_string(name));
    }
    enum MHD_Result result = api_send_failure(r, 403, "Forbidden", details, "%s", text.data);
    strbuf_free(&text);
    return result;
}

bool
api_is_control(const struct api_request *r)
{
    return is(r, 0, "initwatch") && is(r, 1, "demo");
}

bool
api_is_public(const struct api_request *r)
{
    return r->parts == 1 &&
           (is(r, 0, "healthz") || is(r, 0, "livez") || is(r, 0, "readyz") || is(r, 0, "version"));
}

/* --- the demo's own corner --- */

static json_t *
clock_state(struct api_request *r)
{
    const struct player *player = r->server->config.player;
    return json_pack("{s:b,s:f,s:I}", "paused", player_is_paused(player), "speed",
                     player_speed(player), "simulatedMs",
                     (json_int_t)player_moment_ms(player, clock_mono(r->server->config.clock)));
}

static enum MHD_Result
demo_state(struct api_request *r)
{
    struct player *player = r->server->config.player;
    struct sim *sim = player_sim(player);
    char now[40];
    rfc3339_format(api_now_wall_ms(r->server), true, now);
    return api_send_json(
        r, 200,
        json_pack("{s:b,s:s,s:I,s:I,s:o,s:o,s:o}", "settled", player_is_settled(player), "time",
                  now, "simulatedMs", (json_int_t)sim_now_ms(sim), "resourceVersion",
                  (json_int_t)r->server->config.store->rv, "clock", clock_state(r), "faults",
                  api_fault_list(r->server), "scenarios", player_scenarios(player)));
}

static enum MHD_Result
demo_touch(struct api_request *r)
{
    int64_t count = api_query_int(r, "n", 1);
    if (strcmp(r->method, "POST") != 0 || count < 1 || count > STORE_HISTORY / 2)
        return api_send_status(r, 400, "BadRequest", "POST with n from 1 to %d", STORE_HISTORY / 2);
    synthetic_touch(r->server->config.synthetic, r->server->config.store,
                    api_query_int(r, "first", -1), (unsigned)count);
    return api_send_json(
        r, 200, json_pack("{s:I}", "resourceVersion", (json_int_t)r->server->config.store->rv));
}

#define STEP_MAX_MS 3600000
#define SPEED_MAX 1000

/* {"pause":true|false}, {"step":MS} or {"speed":X}; several at once are done in this order. */
static enum MHD_Result
demo_clock(struct api_request *r)
{
    struct player *player = r->server->config.player;
    struct iw_error err = {0};
    int64_t now_ms = clock_mono(r->server->config.clock);
    if (strcmp(r->method, "GET") == 0)
        return api_send_json(r, 200, clock_state(r));
    if (strcmp(r->method, "POST") != 0)
        return api_no_method(r);
    json_t *wish = api_body_object(r, &err);
    const json_t *pause = json_object_get(wish, "pause"), *step = json_object_get(wish, "step"),
                 *speed = json_object_get(wish, "speed");
    json_int_t step_ms = json_integer_value(step);
    double factor = json_number_value(speed);
    bool bad = !wish || !(pause || step || speed) || (pause && !json_is_boolean(pause)) ||
               (step && (step_ms < 1 || step_ms > STEP_MAX_MS)) ||
               (speed && !(factor >= 0.01 && factor <= SPEED_MAX));
    if (!bad && pause)
        player_pause(player, json_is_true(pause), now_ms);
    if (!bad && step)
        player_step(player, step_ms, now_ms);
    if (!bad && speed)
        player_set_speed(player, factor, now_ms);
    json_decref(wish);
    if (bad)
        return api_send_status(r, 400, "BadRequest",
                               "POST {\"pause\":true|false}, {\"step\":MILLISECONDS} or "
                               "{\"speed\":0.01 to %d}",
                               SPEED_MAX);
    player_run_until(player, player_moment_ms(player, now_ms));
    return api_send_json(r, 200, clock_state(r));
}

static enum MHD_Result
demo_restart(struct api_request *r)
{
    if (strcmp(r->method, "POST") != 0)
        return api_no_method(r);
    if (!player_restart(r->server->config.player, r->part[3]))
        return api_send_status(r, 404, "NotFound", "no scenario \"%s\" is playing", r->part[3]);
    return api_send_json(r, 200, json_pack("{s:s}", "restarted", r->part[3]));
}

/* {"namespace","pod","container","do":"fail"|"hang"|"takes"|"ok","exit":CODE,"takesMs":MS,
 *  "all":BOOL} */
static enum MHD_Result
demo_tinker(struct api_request *r)
{
    static const char *const verbs[] = {[SIM_TINKER_FAIL] = "fail",
                                        [SIM_TINKER_HANG] = "hang",
                                        [SIM_TINKER_TAKES] = "takes",
                                        [SIM_TINKER_OK] = "ok"};
    struct iw_error err = {0};
    if (strcmp(r->method, "POST") != 0)
        return api_no_method(r);
    json_t *wish = api_body_object(r, &err);
    const char *ns = json_string_value(json_object_get(wish, "namespace"));
    const char *pod = json_string_value(json_object_get(wish, "pod"));
    const char *container = json_string_value(json_object_get(wish, "container"));
    const char *verb = json_string_value(json_object_get(wish, "do"));
    json_int_t takes_ms = json_integer_value(json_object_get(wish, "takesMs"));
    json_t *exit_code = json_object_get(wish, "exit");
    size_t kind = 0;
    while (kind < IW_COUNTOF(verbs) && !(verb && strcmp(verbs[kind], verb) == 0))
        kind++;
    struct sim_tinker how = {.kind = (enum sim_tinker_kind)kind,
                             .exit_code = exit_code ? (int)json_integer_value(exit_code) & 255 : 1,
                             .takes_ms = IW_MIN(IW_MAX(takes_ms, 0), STEP_MAX_MS),
                             .all = json_is_true(json_object_get(wish, "all"))};
    enum iw_err code = IW_ERR_USAGE;
    if (ns && pod && container && kind < IW_COUNTOF(verbs))
        code = sim_tinker(player_sim(r->server->config.player), ns, pod, container, &how, &err);
    json_decref(wish);
    if (code == IW_ERR_USAGE)
        return api_send_status(r, 400, "BadRequest",
                               "POST namespace, pod, container and do: fail, hang, takes or ok");
    return code ? api_send_status(r, 404, "NotFound", "%s", err.msg)
                : api_send_json(r, 200, json_object());
}

static enum MHD_Result
route_control(struct api_request *r)
{
    if (is(r, 2, "state"))
        return demo_state(r);
    if (is(r, 2, "bench") && is(r, 3, "touch"))
        return demo_touch(r);
    if (is(r, 2, "fault") && r->parts == 3)
        return api_fault_request(r);
    if (is(r, 2, "clock") && r->parts == 3)
        return demo_clock(r);
    if (is(r, 2, "step") && r->parts == 3)
        return demo_tinker(r);
    if (is(r, 2, "scenario") && is(r, 4, "restart") && r->parts == 5)
        return demo_restart(r);
    return no_such_resource(r);
}

enum MHD_Result
api_route(struct api_request *r)
{
    if (api_is_control(r))
        return route_control(r);
    if (is(r, 0, "openapi") && is(r, 1, "v2") && r->parts == 2)
        return api_openapi_v2(r);
    if (r->parts == 1 && (is(r, 0, "healthz") || is(r, 0, "livez") || is(r, 0, "readyz")))
        return api_send(r, 200, "text/plain; charset=utf-8", iw_strdup("ok"), 2);
    json_t *document = api_discovery(r);
    if (document)
        return api_send_json(r, 200, document);
    if (is(r, 0, "api") && is(r, 1, "v1"))
        return route_resource(r, "", 2);
    if (is(r, 0, "apis") && is(r, 1, "authorization.k8s.io") &&
        is(r, 3, "selfsubjectaccessreviews") && strcmp(r->method, "POST") == 0)
        return access_review(r);
    const char *version = is(r, 0, "apis") && r->parts >= 3 ? api_group_version(r->part[1]) : NULL;
    if (version && strcmp(r->part[2], version) == 0)
        return is(r, 1, "metrics.k8s.io") ? api_metrics(r) : route_resource(r, r->part[1], 3);
    static const char not_found[] = "404 page not found\n";
    return api_send(r, 404, "text/plain; charset=utf-8", iw_strdup(not_found),
                    sizeof(not_found) - 1);
}
