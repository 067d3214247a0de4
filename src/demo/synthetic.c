/* synthetic: large pods for measurements, all rendered from one template.
 *
 * The template is a pod as a real API server sends it, with managedFields, two init steps, a
 * sidecar, two applications, environment, volumes and probes, about 20 KB. What differs between
 * pods (name, uid, addresses, version, a restart count that grows with every touch) are marks in
 * the template, found once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/demo/objects.h"
#include "pbtemplate.h"

#define MARKS_MAX 64

struct synthetic_pod {
    const struct synthetic_set *set;
    char ns[24], name[48], uid[40], ip[16], node[24];
    struct objects_version *version; /* borrowed: the one in the store */
    unsigned generation;
};

struct synthetic_set {
    char *template;
    size_t template_len;
    struct {
        size_t at;
        char what; /* the letter between the marks */
    } marks[MARKS_MAX];
    size_t mark_count;
    struct pbtemplate *protobuf; /* the same pod */
    struct synthetic_pod *pods;
    unsigned count, next;
    int64_t wall_ms;
};

/* --- the template --- */

/* A mark is \x01 LETTER \x01 in a JSON text; those bytes cannot occur otherwise. */
#define MARK(letter) "\x01" letter "\x01"

static json_t *
environment(const char *container)
{
    json_t *list = json_array();
    for (int i = 0; i < 14; i++)
        json_array_append_new(
            list, json_pack("{s:o,s:o}", "name", json_sprintf("APP_SETTING_%02d", i), "value",
                            json_sprintf("value-of-setting-%02d-for-%s", i, container)));
    json_array_append_new(list, json_pack("{s:s,s:{s:{s:s,s:s}}}", "name", "DATABASE_PASSWORD",
                                          "valueFrom", "secretKeyRef", "name", "database", "key",
                                          "password"));
    json_array_append_new(list,
                          json_pack("{s:s,s:{s:{s:s,s:s}}}", "name", "POD_IP", "valueFrom",
                                    "fieldRef", "apiVersion", "v1", "fieldPath", "status.podIP"));
    return list;
}

static json_t *
probe(const char *path, int period)
{
    return json_pack("{s:{s:s,s:i,s:s},s:i,s:i,s:i,s:i}", "httpGet", "path", path, "port", 8080,
                     "scheme", "HTTP", "timeoutSeconds", 1, "periodSeconds", period,
                     "successThreshold", 1, "failureThreshold", 3);
}

static json_t *
mounts(void)
{
    json_t *list = json_array();
    static const char *const names[] = {"config", "data", "cache", MARK("k")};
    static const char *const paths[] = {"/etc/app", "/var/lib/app", "/var/cache/app",
                                        "/var/run/secrets/kubernetes.io/serviceaccount"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++)
        json_array_append_new(list,
                              json_pack("{s:s,s:s}", "name", names[i], "mountPath", paths[i]));
    return list;
}

static json_t *
container(const char *name, bool sidecar, bool app)
{
    json_t *c = json_pack(
        "{s:s,s:o,s:[s,s,s],s:o,s:{s:{s:s,s:s},s:{s:s,s:s}},s:o,s:s,s:s,s:s}", "name", name,
        "image", json_sprintf("registry.example.com/bench/%s:1.%d.0", name, (int)strlen(name)),
        "command", "/bin/sh", "-c", "exec /usr/local/bin/start --config /etc/app/main.yaml", "env",
        environment(name), "resources", "limits", "cpu", "500m", "memory", "256Mi", "requests",
        "cpu", "100m", "memory", "128Mi", "volumeMounts", mounts(), "terminationMessagePath",
        "/dev/termination-log", "terminationMessagePolicy", "File", "imagePullPolicy",
        "IfNotPresent");
    if (sidecar)
        json_object_set_new(c, "restartPolicy", json_string("Always"));
    if (sidecar)
        json_object_set_new(c, "startupProbe", probe("/started", 2));
    if (app)
        json_object_set_new(c, "livenessProbe", probe("/live", 10));
    if (app || sidecar)
        json_object_set_new(c, "readinessProbe", probe("/ready", 5));
    return c;
}

/* The field ownership that server-side apply keeps: the largest part of most real pods. */
static json_t *
owned_fields(const char *const *containers, size_t count)
{
    static const char *const fields[] = {"f:command",
                                         "f:image",
                                         "f:imagePullPolicy",
                                         "f:name",
                                         "f:livenessProbe",
                                         "f:readinessProbe",
                                         "f:resources",
                                         "f:terminationMessagePath",
                                         "f:terminationMessagePolicy",
                                         "f:volumeMounts"};
    json_t *all = json_object();
    for (size_t i = 0; i < count; i++) {
        json_t *one = json_pack("{s:{}}", ".");
        for (size_t f = 0; f < IW_COUNTOF(fields); f++)
            json_object_set_new(one, fields[f], json_object());
        json_t *env = json_pack("{s:{}}", ".");
        for (int e = 0; e < 14; e++) {
            char key[64];
            (void)snprintf(key, sizeof(key), "k:{\"name\":\"APP_SETTING_%02d\"}", e);
            json_object_set_new(env, key, json_pack("{s:{},s:{},s:{}}", ".", "f:name", "f:value"));
        }
        json_object_set_new(one, "f:env", env);
        char key[64];
        (void)snprintf(key, sizeof(key), "k:{\"name\":\"%s\"}", containers[i]);
        json_object_set_new(all, key, one);
    }
    return json_pack("{s:{s:{s:{}},s:{}},s:{s:o,s:{},s:{},s:{}}}", "f:metadata", "f:labels", ".",
                     "f:generateName", "f:spec", "f:containers", all, "f:dnsPolicy",
                     "f:restartPolicy", "f:volumes");
}

static json_t *
status_of(const char *name, const char *id, bool init, bool sidecar, const char *when)
{
    json_t *state = init && !sidecar ? json_pack("{s:{s:i,s:s,s:s,s:s,s:s}}", "terminated",
                                                 "exitCode", 0, "reason", "Completed", "startedAt",
                                                 when, "finishedAt", when, "containerID", id)
                                     : json_pack("{s:{s:s}}", "running", "startedAt", when);
    return json_pack("{s:s,s:o,s:{},s:b,s:o,s:o,s:s,s:s,s:b}", "name", name, "state", state,
                     "lastState", "ready", 1, "restartCount",
                     sidecar ? json_string(MARK("r")) : json_integer(0), "image",
                     json_sprintf("registry.example.com/bench/%s:1.0.0", name), "imageID",
                     "registry.example.com/bench@sha256:"
                     "73aaf090f3d85aa34ee199857f03fa3a95c8ede2ffd4cc2cdb5b94e566b11662",
                     "containerID", id, "started", !init || sidecar);
}

static json_t *
condition_of(const char *type, const char *when)
{
    return json_pack("{s:s,s:s,s:n,s:s}", "type", type, "status", "True", "lastProbeTime",
                     "lastTransitionTime", when);
}

static const char *const container_names[] = {"prepare", "migrate", "proxy", "server", "worker"};

/* Its name is another one in each pod, as a real server makes it. */
static json_t *
token_volume(void)
{
    return json_pack("{s:s,s:{s:[{s:{s:i,s:s}},{s:{s:s,s:[{s:s,s:s}]}}],s:i}}", "name", MARK("k"),
                     "projected", "sources", "serviceAccountToken", "expirationSeconds", 3607,
                     "path", "token", "configMap", "name", "kube-root-ca.crt", "items", "key",
                     "ca.crt", "path", "ca.crt", "defaultMode", 420);
}

static json_t *
template_spec(void)
{
    return json_pack(
        "{s:[{s:s,s:{s:s,s:i}},{s:s,s:{}},{s:s,s:{}},o],s:[o,o,o],s:[o,o],s:s,s:i,s:s,s:"
        "s,s:s,s:{},s:s,s:b}",
        "volumes", "name", "config", "configMap", "name", "bench-config", "defaultMode", 420,
        "name", "data", "emptyDir", "name", "cache", "emptyDir", token_volume(), "initContainers",
        container("prepare", false, false), container("migrate", false, false),
        container("proxy", true, false), "containers", container("server", false, true),
        container("worker", false, true), "restartPolicy", "Always",
        "terminationGracePeriodSeconds", 30, "dnsPolicy", "ClusterFirst", "serviceAccountName",
        "default", "nodeName", MARK("h"), "securityContext", "schedulerName", "default-scheduler",
        "enableServiceLinks", 1);
}

static json_t *
template_status(const char *when)
{
    return json_pack("{s:s,s:[o,o,o,o,o],s:s,s:s,s:[{s:s}],s:s,s:[o,o,o],s:[o,o],s:s}", "phase",
                     "Running", "conditions", condition_of("PodReadyToStartContainers", when),
                     condition_of("Initialized", when), condition_of("Ready", when),
                     condition_of("ContainersReady", when), condition_of("PodScheduled", when),
                     "hostIP", "172.18.0.4", "podIP", MARK("i"), "podIPs", "ip", MARK("i"),
                     "startTime", when, "initContainerStatuses",
                     status_of("prepare", MARK("a"), true, false, when),
                     status_of("migrate", MARK("b"), true, false, when),
                     status_of("proxy", MARK("c"), true, true, when), "containerStatuses",
                     status_of("server", MARK("d"), false, false, when),
                     status_of("worker", MARK("e"), false, false, when), "qosClass", "Burstable");
}

static json_t *
template_metadata(const char *when)
{
    json_t *fields = owned_fields(container_names, IW_COUNTOF(container_names));
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:s,s:s},s:[{s:s,s:s,s:s,s:s,s:b,s:b}],s:[{s:"
                     "s,s:s,s:s,s:s,s:s,s:o}]}",
                     "name", MARK("n"), "generateName", "bench-", "namespace", MARK("s"), "uid",
                     MARK("u"), "resourceVersion", MARK("v"), "creationTimestamp", when, "labels",
                     "app", "bench", "tier", "backend", "pod-template-hash", "5f7d8c9b6",
                     "ownerReferences", "apiVersion", "apps/v1", "kind", "ReplicaSet", "name",
                     "bench-5f7d8c9b6", "uid", "0e1c3531-9031-4082-8395-dd1f5d5ee2b0", "controller",
                     1, "blockOwnerDeletion", 1, "managedFields", "manager",
                     "kube-controller-manager", "operation", "Update", "apiVersion", "v1", "time",
                     when, "fieldsType", "FieldsV1", "fieldsV1", fields);
}

/* The marks are the only place where a control byte stands; jansson writes it as \u0001. */
static void
find_marks(struct synthetic_set *set)
{
    static const char quoted[] = "\\u0001";
    size_t step = sizeof(quoted) - 1;
    char *to = set->template;
    for (const char *from = set->template; *from;) {
        if (strncmp(from, quoted, step) != 0 || set->mark_count == MARKS_MAX) {
            *to++ = *from++;
            continue;
        }
        char what = from[step];
        set->marks[set->mark_count].at = (size_t)(to - set->template);
        set->marks[set->mark_count++].what = what;
        from += step + 1 + step;
        if (what == 'r') { /* a number: take the quotes away */
            set->marks[set->mark_count - 1].at--;
            to--;
            from++;
        }
    }
    *to = '\0';
    set->template_len = (size_t)(to - set->template);
}

static void
build_template(struct synthetic_set *set)
{
    char when[40];
    rfc3339_format(set->wall_ms - 3600000, false, when);
    json_t *pod = json_pack("{s:o,s:o,s:o}", "metadata", template_metadata(when), "spec",
                            template_spec(), "status", template_status(when));
    set->template = json_dumps(pod, JSON_COMPACT);
    if (!set->template)
        iw_fatal("the template of the generated pods is not valid");
    find_marks(set);
    struct strbuf message;
    strbuf_init(&message, 0);
    pbform_encode(&message, &pbform_pod, pod);
    set->protobuf = pbtemplate_new(&message, "r");
    strbuf_free(&message);
    json_decref(pod);
}

/* --- pods --- */

/* What stands for the marks of one pod. */
struct filling {
    struct pbtemplate_values values;
    char version[24], restarts[16], token[32], ids[5][80];
};

/* Another one for each number, and as long as containerd's. */
static void
container_id(char *out, unsigned number)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = number;
    memcpy(out, "containerd://", 13);
    for (size_t i = 13; i < 13 + 64; i++) {
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        out[i] = digits[bits >> 60];
    }
    out[13 + 64] = '\0';
}

static void
fill(struct filling *f, const struct synthetic_pod *pod, const struct objects_version *version)
{
    memset(f, 0, sizeof(*f));
    (void)snprintf(f->version, sizeof(f->version), "%llu", (unsigned long long)version->rv);
    (void)snprintf(f->restarts, sizeof(f->restarts), "%u", version->generation);
    unsigned number = (unsigned)(pod - pod->set->pods);
    (void)snprintf(f->token, sizeof(f->token), "kube-api-access-%05x", number * 2654435761u >> 12);
    for (unsigned i = 0; i < IW_COUNTOF(f->ids); i++)
        container_id(f->ids[i], number * 8 + i);
    const char **texts = f->values.texts;
    texts['n' - 'a'] = pod->name;
    texts['s' - 'a'] = pod->ns;
    texts['u' - 'a'] = pod->uid;
    texts['i' - 'a'] = pod->ip;
    texts['h' - 'a'] = pod->node;
    texts['v' - 'a'] = f->version;
    texts['r' - 'a'] = f->restarts;
    texts['k' - 'a'] = f->token;
    for (size_t i = 0; i < IW_COUNTOF(f->ids); i++)
        texts[i] = f->ids[i];
}

void
synthetic_render(const struct synthetic_pod *pod, const struct objects_version *version, bool typed,
                 struct strbuf *out)
{
    const struct synthetic_set *set = pod->set;
    struct filling f;
    fill(&f, pod, version);
    size_t from = 0;
    if (typed) {
        strbuf_adds(out, "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",");
        from = 1;
    }
    for (size_t i = 0; i < set->mark_count; i++) {
        strbuf_add(out, set->template + from, set->marks[i].at - from);
        from = set->marks[i].at;
        strbuf_adds(out, f.values.texts[set->marks[i].what - 'a']);
    }
    strbuf_add(out, set->template + from, set->template_len - from);
}

size_t
synthetic_encoded_size(const struct synthetic_pod *pod, const struct objects_version *version)
{
    struct filling f;
    fill(&f, pod, version);
    return pbtemplate_size(pod->set->protobuf, &f.values);
}

void
synthetic_encode(const struct synthetic_pod *pod, const struct objects_version *version,
                 struct strbuf *out)
{
    struct filling f;
    fill(&f, pod, version);
    pbtemplate_write(pod->set->protobuf, &f.values, out);
}

static void
put_version(struct objects *store, struct synthetic_pod *pod)
{
    struct objects_version *version = iw_calloc(1, sizeof(*version));
    version->refs = 1;
    version->key = iw_asprintf("%s/%s", pod->ns, pod->name);
    version->name = strchr(version->key, '/') + 1;
    version->ns = pod->ns;
    version->uid = pod->uid;
    version->labels = json_pack("{s:s,s:s,s:s}", "app", "bench", "tier", "backend",
                                "pod-template-hash", "5f7d8c9b6");
    const char *const fields[] = {"spec.nodeName",
                                  pod->node,
                                  "status.phase",
                                  "Running",
                                  "status.podIP",
                                  pod->ip,
                                  "spec.restartPolicy",
                                  "Always",
                                  NULL};
    version->fields = objects_fields_make(DEMO_KIND_POD, fields);
    version->synthetic = pod;
    version->generation = pod->generation;
    pod->version = version;
    objects_put_version(store, DEMO_KIND_POD, version);
}

struct synthetic_set *
synthetic_new(struct objects *store, unsigned count, uint64_t seed, int64_t wall_ms)
{
    struct synthetic_set *set = iw_calloc(1, sizeof(*set));
    set->wall_ms = wall_ms;
    set->count = count;
    set->pods = iw_calloc(count, sizeof(*set->pods));
    build_template(set);
    for (unsigned i = 0; i < count; i++) {
        struct synthetic_pod *pod = &set->pods[i];
        pod->set = set;
        (void)snprintf(pod->ns, sizeof(pod->ns), "bench-%02u", i / 500);
        (void)snprintf(pod->name, sizeof(pod->name), "bench-5f7d8c9b6-%05u", i);
        (void)snprintf(pod->uid, sizeof(pod->uid), "%08x-0000-4000-8000-%012x", (unsigned)seed, i);
        (void)snprintf(pod->ip, sizeof(pod->ip), "10.245.%u.%u", i / 250 % 250, i % 250 + 1);
        (void)snprintf(pod->node, sizeof(pod->node), "demo-worker%s",
                       i % 3 == 0   ? ""
                       : i % 3 == 1 ? "2"
                                    : "3");
        put_version(store, pod);
    }
    return set;
}

void
synthetic_free(struct synthetic_set *set)
{
    if (!set)
        return;
    free(set->template);
    pbtemplate_free(set->protobuf);
    free(set->pods);
    free(set);
}

void
synthetic_touch(struct synthetic_set *set, struct objects *store, int64_t first, unsigned count)
{
    for (unsigned i = 0; set && set->count > 0 && i < count; i++) {
        size_t at = first >= 0 ? (size_t)first + i : set->next++;
        struct synthetic_pod *pod = &set->pods[at % set->count];
        pod->generation++;
        put_version(store, pod);
    }
}
