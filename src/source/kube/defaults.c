/* defaults: the fields the API server fills in: policies, probes, ports, termination messages.
 * Resources are in defaults_resources.c.
 * Ref: SEMANTICS B.3; pkg/apis/core/v1/defaults.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/defaults.h"

#include <ctype.h>
#include <string.h>

#include "defaults_internal.h"

/* Longest grace period default; what a negative one becomes. */
#define GRACE_PERIOD_S 30
#define NEGATIVE_GRACE_PERIOD_S 1

json_t *
defaults_member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

/* Absent, null and "" are the same to Go. */
static void
default_text(json_t *object, const char *key, const char *text)
{
    json_t *value = defaults_member(object, key);
    if (!value || (json_is_string(value) && json_string_length(value) == 0))
        json_object_set_new(object, key, json_string(text));
}

static void
default_number(json_t *object, const char *key, json_int_t number)
{
    json_t *value = defaults_member(object, key);
    if (!value || (json_is_integer(value) && json_integer_value(value) == 0))
        json_object_set_new(object, key, json_integer(number));
}

/* --- images --- */

/* Does text[0..len) look like the path of a repository: lower case words joined by . _ - and / */
static bool
is_repository(const char *text, size_t len)
{
    const char *slash = memchr(text, '/', len);
    size_t start = 0;
    /* The first part is a registry if it has a dot, a port or an upper-case letter. */
    if (slash) {
        for (const char *p = text; p < slash; p++)
            if (*p == '.' || *p == ':' || isupper((unsigned char)*p))
                start = (size_t)(slash - text) + 1;
        if (memcmp(text, "localhost", IW_MIN(len, (size_t)9)) == 0 && slash == text + 9)
            start = (size_t)(slash - text) + 1;
    }
    bool word = false;
    for (size_t i = start; i < len; i++) {
        bool alnum = islower((unsigned char)text[i]) || isdigit((unsigned char)text[i]);
        if (!alnum && (!word || !strchr("._-/", text[i])))
            return false;
        if (text[i] == '/' && !isalnum((unsigned char)text[i - 1]))
            return false;
        word = text[i] != '/';
    }
    return len > start && isalnum((unsigned char)text[len - 1]);
}

/* Always for the tag latest, which is also what no tag and no digest means; names that are no image
 * references have no tag. Ref: pkg/util/parsers, ParseImageName. */
bool
image_is_latest(const char *image)
{
    const char *digest = strchr(image, '@');
    size_t len = digest ? (size_t)(digest - image) : strlen(image);
    const char *slash = memrchr(image, '/', len);
    const char *name = slash ? slash + 1 : image;
    const char *tag = memchr(name, ':', len - (size_t)(name - image));
    if (!is_repository(image, tag ? (size_t)(tag - image) : len))
        return false;
    if (tag)
        return (size_t)(image + len - tag) == sizeof(":latest") - 1 &&
               memcmp(tag, ":latest", sizeof(":latest") - 1) == 0;
    return !digest;
}

/* --- one container --- */

static void
default_http_get(json_t *handler)
{
    json_t *http = defaults_member(handler, "httpGet");
    if (!json_is_object(http))
        return;
    default_text(http, "path", "/");
    default_text(http, "scheme", "HTTP");
}

static void
default_probe(json_t *probe)
{
    if (!json_is_object(probe))
        return;
    default_number(probe, "timeoutSeconds", 1);
    default_number(probe, "periodSeconds", 10);
    default_number(probe, "successThreshold", 1);
    default_number(probe, "failureThreshold", 3);
    default_http_get(probe);
    json_t *grpc = defaults_member(probe, "grpc");
    if (json_is_object(grpc) && !defaults_member(grpc, "service"))
        json_object_set_new(grpc, "service", json_string(""));
}

static void
default_ports(json_t *ports, bool host_network)
{
    size_t i;
    json_t *port;
    json_array_foreach(ports, i, port)
    {
        if (!json_is_object(port))
            continue;
        default_text(port, "protocol", "TCP");
        json_t *container_port = defaults_member(port, "containerPort");
        if (host_network && json_is_integer(container_port))
            default_number(port, "hostPort", json_integer_value(container_port));
    }
}

static void
default_env(json_t *env)
{
    size_t i;
    json_t *variable;
    json_array_foreach(env, i, variable)
    {
        json_t *field = defaults_member(defaults_member(variable, "valueFrom"), "fieldRef");
        if (json_is_object(field))
            default_text(field, "apiVersion", "v1");
    }
}

static void
default_container(json_t *c, bool host_network)
{
    static const char *const probes[] = {"livenessProbe", "readinessProbe", "startupProbe"};
    const char *image = json_string_value(json_object_get(c, "image"));
    default_text(c, "imagePullPolicy",
                 image_is_latest(image ? image : "") ? "Always" : "IfNotPresent");
    default_text(c, "terminationMessagePath", "/dev/termination-log");
    default_text(c, "terminationMessagePolicy", "File");
    for (size_t i = 0; i < IW_COUNTOF(probes); i++)
        default_probe(defaults_member(c, probes[i]));
    json_t *lifecycle = defaults_member(c, "lifecycle");
    default_http_get(defaults_member(lifecycle, "postStart"));
    default_http_get(defaults_member(lifecycle, "preStop"));
    default_ports(defaults_member(c, "ports"), host_network);
    default_env(defaults_member(c, "env"));
}

/* --- the pod --- */

static void
default_volumes(json_t *volumes)
{
    size_t i;
    json_t *volume;
    json_array_foreach(volumes, i, volume)
    {
        /* A volume of no kind is an emptyDir: only the name is there. */
        bool has_source = false;
        const char *key;
        json_t *value;
        if (!json_is_object(volume))
            continue;
        json_object_foreach(volume, key, value)
        {
            has_source = has_source || (strcmp(key, "name") != 0 && !json_is_null(value));
        }
        if (!has_source)
            json_object_set_new(volume, "emptyDir", json_object());
    }
}

static void
default_spec(json_t *spec)
{
    default_text(spec, "restartPolicy", "Always");
    default_text(spec, "dnsPolicy", "ClusterFirst");
    default_text(spec, "schedulerName", "default-scheduler");
    if (!defaults_member(spec, "enableServiceLinks"))
        json_object_set_new(spec, "enableServiceLinks", json_true());
    if (!defaults_member(spec, "securityContext"))
        json_object_set_new(spec, "securityContext", json_object());
    json_t *grace = defaults_member(spec, "terminationGracePeriodSeconds");
    if (!grace)
        json_object_set_new(spec, "terminationGracePeriodSeconds", json_integer(GRACE_PERIOD_S));
    else if (json_is_integer(grace) && json_integer_value(grace) < 0)
        json_object_set_new(spec, "terminationGracePeriodSeconds",
                            json_integer(NEGATIVE_GRACE_PERIOD_S));
    default_volumes(defaults_member(spec, "volumes"));
}

enum iw_err
pod_apply_defaults(json_t *pod, struct iw_error *err)
{
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    json_t *spec = defaults_member(pod, "spec");
    if (!json_is_object(spec))
        return iw_fail(err, IW_ERR_PARSE, "spec: expected an object");
    bool host_network = json_is_true(defaults_member(spec, "hostNetwork"));
    default_spec(spec);
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *c;
        json_array_foreach(defaults_member(spec, lists[l]), i, c)
        {
            if (!json_is_object(c))
                return iw_fail(err, IW_ERR_PARSE, "spec.%s[%zu]: expected an object", lists[l], i);
            /* Ephemeral containers share the pod's network but never get host ports. */
            default_container(c, host_network && l < 2);
        }
    }
    return defaults_resources(pod, err);
}
