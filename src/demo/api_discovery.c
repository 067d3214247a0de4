/* api_discovery: what kubectl reads before it asks for anything: groups, resources, version,
 * health.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api_internal.h"

/* kubectl warns when the server's minor version is more than one away from its own; the text of
 * events and statuses follows 1.36, which tools can see only here. */
#define SERVER_MINOR "33"
#define SERVER_VERSION "v1.33.0+initwatch-demo"

/* What the server does with a kind. */
static json_t *
verbs_of(enum demo_kind kind)
{
    if (kind == DEMO_KIND_EVENT || kind == DEMO_KIND_ENDPOINTSLICE)
        return json_pack("[s,s,s,s,s]", "delete", "deletecollection", "get", "list", "watch");
    if (kind == DEMO_KIND_NODE)
        return json_pack("[s,s,s,s,s]", "get", "list", "patch", "update", "watch");
    if (kind == DEMO_KIND_NAMESPACE)
        return json_pack("[s,s,s,s,s,s,s]", "create", "delete", "get", "list", "patch", "update",
                         "watch");
    return json_pack("[s,s,s,s,s,s,s,s]", "create", "delete", "deletecollection", "get", "list",
                     "patch", "update", "watch");
}

/* What `kubectl get all` shows. */
static bool
is_in_all(enum demo_kind kind)
{
    return kind == DEMO_KIND_POD || kind == DEMO_KIND_SERVICE || kind == DEMO_KIND_DEPLOYMENT ||
           kind == DEMO_KIND_REPLICASET || kind == DEMO_KIND_STATEFULSET ||
           kind == DEMO_KIND_DAEMONSET || kind == DEMO_KIND_JOB || kind == DEMO_KIND_CRONJOB;
}

static json_t *
resource_list(const char *group, const char *version)
{
    json_t *list = json_array();
    for (size_t i = 0; i < DEMO_KIND_COUNT; i++) {
        const struct demo_kind_info *k = &demo_kind_table[i];
        if (strcmp(k->group, group) != 0)
            continue;
        json_t *resource = json_pack("{s:s,s:s,s:b,s:s,s:o}", "name", k->plural, "singularName",
                                     k->singular, "namespaced", k->namespaced, "kind", k->kind,
                                     "verbs", verbs_of((enum demo_kind)i));
        if (k->alias[0])
            json_object_set_new(resource, "shortNames", json_pack("[s]", k->alias));
        if (is_in_all((enum demo_kind)i))
            json_object_set_new(resource, "categories", json_pack("[s]", "all"));
        json_array_append_new(list, resource);
        if (i == DEMO_KIND_POD)
            json_array_append_new(list, json_pack("{s:s,s:s,s:b,s:s,s:[s]}", "name", "pods/log",
                                                  "singularName", "", "namespaced", 1, "kind",
                                                  "Pod", "verbs", "get"));
        if (api_has_scale((enum demo_kind)i))
            json_array_append_new(list, json_pack("{s:o,s:s,s:b,s:s,s:s,s:s,s:[s,s,s]}", "name",
                                                  json_sprintf("%s/scale", k->plural),
                                                  "singularName", "", "namespaced", 1, "group",
                                                  "autoscaling", "version", "v1", "kind", "Scale",
                                                  "verbs", "get", "patch", "update"));
    }
    if (strcmp(group, "events.k8s.io") == 0)
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:b,s:s,s:[s],s:[s,s,s]}", "name", "events",
                                        "singularName", "event", "namespaced", 1, "kind", "Event",
                                        "shortNames", "ev", "verbs", "get", "list", "watch"));
    json_t *group_version = group[0] ? json_sprintf("%s/%s", group, version) : json_string(version);
    return json_pack("{s:s,s:s,s:o,s:o}", "kind", "APIResourceList", "apiVersion", "v1",
                     "groupVersion", group_version, "resources", list);
}

static const struct {
    const char *name, *version;
} groups[] = {{"apps", "v1"},
              {"batch", "v1"},
              {"discovery.k8s.io", "v1"},
              {"events.k8s.io", "v1"},
              {"metrics.k8s.io", "v1beta1"},
              {"networking.k8s.io", "v1"},
              {"storage.k8s.io", "v1"}};

const char *
api_group_version(const char *name)
{
    for (size_t i = 0; i < IW_COUNTOF(groups); i++) {
        if (strcmp(groups[i].name, name) == 0)
            return groups[i].version;
    }
    return NULL;
}

static json_t *
one_group(const char *name, bool alone)
{
    const char *at = api_group_version(name);
    json_t *version =
        json_pack("{s:o,s:s}", "groupVersion", json_sprintf("%s/%s", name, at), "version", at);
    json_t *group = json_pack("{s:s,s:[O],s:O}", "name", name, "versions", version,
                              "preferredVersion", version);
    json_decref(version);
    if (alone) {
        json_object_set_new(group, "kind", json_string("APIGroup"));
        json_object_set_new(group, "apiVersion", json_string("v1"));
    }
    return group;
}

static json_t *
all_groups(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < IW_COUNTOF(groups); i++)
        json_array_append_new(list, one_group(groups[i].name, false));
    return json_pack("{s:s,s:s,s:o}", "kind", "APIGroupList", "apiVersion", "v1", "groups", list);
}

static json_t *
version_document(void)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "major", "1", "minor", SERVER_MINOR,
                     "gitVersion", SERVER_VERSION, "gitCommit", "", "gitTreeState", "clean",
                     "buildDate", "2026-01-01T00:00:00Z", "goVersion", "none", "compiler", "none",
                     "platform", "linux/amd64");
}

static bool
path_is(const struct api_request *r, const char *a, const char *b, const char *c)
{
    const char *want[] = {a, b, c};
    size_t count = !a ? 0 : !b ? 1 : !c ? 2 : 3;
    for (size_t i = 0; i < count && i < r->parts; i++) {
        if (strcmp(r->part[i], want[i]) != 0)
            return false;
    }
    return r->parts == count;
}

json_t *
api_discovery(const struct api_request *r)
{
    if (path_is(r, "api", NULL, NULL))
        return json_pack("{s:s,s:[s],s:[{s:s,s:s}]}", "kind", "APIVersions", "versions", "v1",
                         "serverAddressByClientCIDRs", "clientCIDR", "0.0.0.0/0", "serverAddress",
                         r->server->address);
    if (path_is(r, "api", "v1", NULL))
        return resource_list("", "v1");
    if (path_is(r, "apis", NULL, NULL))
        return all_groups();
    if (path_is(r, "version", NULL, NULL))
        return version_document();
    if (r->parts >= 2 && strcmp(r->part[0], "openapi") == 0 && strcmp(r->part[1], "v3") == 0)
        return api_openapi_v3(r);
    const char *version = r->parts >= 2 ? api_group_version(r->part[1]) : NULL;
    if (version && strcmp(r->part[0], "apis") == 0) {
        if (r->parts == 2)
            return one_group(r->part[1], true);
        if (r->parts == 3 && strcmp(r->part[2], version) == 0)
            return strcmp(r->part[1], "metrics.k8s.io") == 0 ? api_metrics_resources()
                                                             : resource_list(r->part[1], version);
    }
    return NULL;
}
