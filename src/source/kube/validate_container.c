/* validate_container: what all containers share, and what differs for init containers and sidecars.
 * Ref: pkg/apis/core/validation/validation.go: validateContainers, validateInitContainers,
 * validateContainerCommon, validateContainerRestartPolicy, validateResizePolicy.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/alloc.h"

#include "validate_internal.h"

#define RESTART_RULES_MAX 20
#define EXIT_CODES_MAX 255

#define SAY_NOT_FOR_INIT "may not be set for init containers without restartPolicy=Always"

/* --- fields with a closed set of values --- */

static bool
one_of(const char *value, const char *const *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(value, known[i]) == 0)
            return true;
    return false;
}

static void
validate_policies(const struct validate_pod *p, const json_t *c, const char *path)
{
    static const char *const messages[] = {"File", "FallbackToLogsOnError"};
    static const char *const pulls[] = {"Always", "IfNotPresent", "Never"};
    const char *message = member_text(c, "terminationMessagePolicy");
    const char *pull = member_text(c, "imagePullPolicy");
    struct field_path field = field_child(path, "terminationMessagePolicy");
    if (!*message)
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
    else if (!one_of(message, messages, IW_COUNTOF(messages)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, field.text, message,
                    "supported values: \"File\", \"FallbackToLogsOnError\"");
    field = field_child(path, "imagePullPolicy");
    if (!*pull)
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
    else if (!one_of(pull, pulls, IW_COUNTOF(pulls)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, field.text, pull,
                    "supported values: \"Always\", \"IfNotPresent\", \"Never\"");
}

/* --- ports --- */

static void
validate_port_name(const struct validate_pod *p, json_t *names, const char *name, const char *path)
{
    struct field_path field = field_child(path, "name");
    if (!*name)
        return;
    struct complaints c = text_port_name(name);
    report_complaints(p->out, field.text, name, &c);
    if (c.count > 0)
        return;
    if (json_object_get(names, name))
        report_text(p->out, VALIDATION_DUPLICATE, field.text, name, "");
    json_object_set_new(names, name, json_true());
}

static void
validate_port(const struct validate_pod *p, const json_t *port, const char *path)
{
    static const char *const protocols[] = {"SCTP", "TCP", "UDP"};
    int64_t number = member_number(port, "containerPort");
    int64_t host = member_number(port, "hostPort");
    const char *protocol = member_text(port, "protocol");
    struct field_path field = field_child(path, "containerPort");
    if (number == 0)
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
    else if (!number_is_port(number))
        report_number(p->out, VALIDATION_INVALID, field.text, number, text_port_range);
    field = field_child(path, "hostPort");
    if (host != 0 && !number_is_port(host))
        report_number(p->out, VALIDATION_INVALID, field.text, host, text_port_range);
    field = field_child(path, "protocol");
    if (!*protocol)
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
    else if (!one_of(protocol, protocols, IW_COUNTOF(protocols)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, field.text, protocol,
                    "supported values: \"SCTP\", \"TCP\", \"UDP\"");
}

static void
validate_ports(const struct validate_pod *p, const json_t *c, const char *path)
{
    json_t *names = json_object();
    size_t i;
    json_t *port;
    json_array_foreach(member(c, "ports"), i, port)
    {
        struct field_path at = field_index(path, "ports", i);
        validate_port_name(p, names, member_text(port, "name"), at.text);
        validate_port(p, port, at.text);
    }
    json_decref(names);
}

/* Host ports of one container against all seen before; path: of the container. */
static void
check_host_ports(const struct validate_pod *p, const json_t *c, const char *path, json_t *seen)
{
    size_t i;
    json_t *port;
    json_array_foreach(member(c, "ports"), i, port)
    {
        int64_t host = member_number(port, "hostPort");
        if (host == 0)
            continue;
        iw_autofree char *key = iw_asprintf("%s/%s/%lld", member_text(port, "protocol"),
                                            member_text(port, "hostIP"), (long long)host);
        struct field_path at = field_index(path, "ports", i);
        struct field_path field = field_child(at.text, "hostPort");
        if (json_object_get(seen, key))
            report_text(p->out, VALIDATION_DUPLICATE, field.text, key, "");
        json_object_set_new(seen, key, json_true());
    }
}

/* --- environment and mounts --- */

static void
validate_env(const struct validate_pod *p, const json_t *c, const char *path)
{
    size_t i;
    json_t *variable;
    json_array_foreach(member(c, "env"), i, variable)
    {
        const char *name = member_text(variable, "name");
        struct field_path at = field_index(path, "env", i);
        struct field_path field = field_child(at.text, "name");
        if (!*name)
            report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
        else if (!text_env_name(name))
            report_text(p->out, VALIDATION_INVALID, field.text, name, text_env_complaint);
        if (member(variable, "valueFrom") && *member_text(variable, "value")) {
            field = field_child(at.text, "valueFrom");
            report_text(p->out, VALIDATION_INVALID, field.text, "",
                        "may not be specified when `value` is not empty");
        }
    }
}

static bool
has_volume(const json_t *spec, const char *name)
{
    size_t i;
    json_t *volume;
    json_array_foreach(member(spec, "volumes"), i, volume)
    {
        if (*name && strcmp(member_text(volume, "name"), name) == 0)
            return true;
    }
    return false;
}

/* A path below the volume: relative and without "..". Upstream names the list, not the mount. */
static void
validate_sub_path(const struct validate_pod *p, const char *sub_path, const char *list_path,
                  const char *key)
{
    struct field_path field = field_child(list_path, key);
    if (sub_path[0] == '/')
        report_text(p->out, VALIDATION_INVALID, field.text, sub_path, "must be a relative path");
    for (const char *part = sub_path; part;) {
        size_t len = strcspn(part, "/");
        if (len == 2 && memcmp(part, "..", 2) == 0) {
            report_text(p->out, VALIDATION_INVALID, field.text, sub_path, "must not contain '..'");
            return;
        }
        part = part[len] ? part + len + 1 : NULL;
    }
}

static void
validate_mounts(const struct validate_pod *p, const json_t *c, const char *path)
{
    json_t *taken = json_object();
    struct field_path list = field_child(path, "volumeMounts");
    size_t i;
    json_t *mount;
    json_array_foreach(member(c, "volumeMounts"), i, mount)
    {
        const char *name = member_text(mount, "name");
        const char *where = member_text(mount, "mountPath");
        struct field_path at = field_index(path, "volumeMounts", i);
        struct field_path field = field_child(at.text, "name");
        if (!*name)
            report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
        if (!has_volume(p->spec, name))
            report_text(p->out, VALIDATION_NOT_FOUND, field.text, name, "");
        field = field_child(at.text, "mountPath");
        if (!*where)
            report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
        if (json_object_get(taken, where))
            report_text(p->out, VALIDATION_INVALID, field.text, where, "must be unique");
        json_object_set_new(taken, where, json_true());
        if (*member_text(mount, "subPath"))
            validate_sub_path(p, member_text(mount, "subPath"), list.text, "subPath");
        if (*member_text(mount, "subPathExpr"))
            validate_sub_path(p, member_text(mount, "subPathExpr"), list.text, "subPathExpr");
    }
    json_decref(taken);
}

/* --- resize policy --- */

static void
validate_resize_entry(const struct validate_pod *p, const json_t *entry, const char *path)
{
    static const char *const resources[] = {"cpu", "memory"};
    static const char *const policies[] = {"NotRequired", "RestartContainer"};
    const char *resource = member_text(entry, "resourceName");
    const char *policy = member_text(entry, "restartPolicy");
    if (!*resource)
        report(p->out, VALIDATION_REQUIRED, path, NULL, "");
    else if (!one_of(resource, resources, IW_COUNTOF(resources)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, path, resource,
                    "supported values: \"cpu\", \"memory\"");
    if (!*policy)
        report(p->out, VALIDATION_REQUIRED, path, NULL, "");
    else if (!one_of(policy, policies, IW_COUNTOF(policies)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, path, policy,
                    "supported values: \"NotRequired\", \"RestartContainer\"");
    if (p->never_restarts && strcmp(policy, "NotRequired") != 0)
        report_text(p->out, VALIDATION_INVALID, path, policy,
                    "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
}

static void
validate_resize_policy(const struct validate_pod *p, const json_t *c, const char *path)
{
    json_t *seen = json_object();
    struct field_path list = field_child(path, "resizePolicy");
    size_t i;
    json_t *entry;
    json_array_foreach(member(c, "resizePolicy"), i, entry)
    {
        const char *resource = member_text(entry, "resourceName");
        struct field_path at = field_index(path, "resizePolicy", i);
        if (json_object_get(seen, resource))
            report_text(p->out, VALIDATION_DUPLICATE, at.text, resource, "");
        json_object_set_new(seen, resource, json_true());
        validate_resize_entry(p, entry, list.text);
    }
    json_decref(seen);
}

/* --- restart policy and rules --- */

static void
validate_restart_rule(const struct validate_pod *p, const json_t *rule, const char *path)
{
    static const char *const actions[] = {"Restart", "RestartAllContainers"};
    static const char *const operators[] = {"In", "NotIn"};
    const char *action = member_text(rule, "action");
    const json_t *codes = member(rule, "exitCodes");
    struct field_path field = field_child(path, "action");
    if (!one_of(action, actions, IW_COUNTOF(actions)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, field.text, action,
                    "supported values: \"Restart\", \"RestartAllContainers\"");
    struct field_path codes_field = field_child(path, "exitCodes");
    if (!codes) {
        report(p->out, VALIDATION_REQUIRED, codes_field.text, NULL, "must be specified");
        return;
    }
    const char *operator= member_text(codes, "operator");
    field = field_child(codes_field.text, "operator");
    if (!one_of(operator, operators, IW_COUNTOF(operators)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, field.text, operator,
                    "supported values: \"In\", \"NotIn\"");
    size_t count = json_array_size(member(codes, "values"));
    field = field_child(codes_field.text, "values");
    if (count > EXIT_CODES_MAX)
        report_number(p->out, VALIDATION_TOO_MANY, field.text, (int64_t)count,
                      "must have at most 255 items");
}

static void
validate_restart(const struct validate_pod *p, const json_t *c, const char *path, bool is_init)
{
    static const char *const policies[] = {"Always", "Never", "OnFailure"};
    const json_t *policy = member(c, "restartPolicy");
    const json_t *rules = member(c, "restartPolicyRules");
    size_t count = json_array_size(rules);
    struct field_path field = field_child(path, "restartPolicy");
    if (!policy && count > 0)
        report(p->out, VALIDATION_REQUIRED, field.text, NULL,
               "must specify restartPolicy when restart rules are used");
    /* Without a policy upstream looks at the rules of app containers only. */
    if (!policy && is_init)
        return;
    if (policy && !one_of(member_text(c, "restartPolicy"), policies, IW_COUNTOF(policies)))
        report_text(p->out, VALIDATION_NOT_SUPPORTED, field.text, member_text(c, "restartPolicy"),
                    "supported values: \"Always\", \"Never\", \"OnFailure\"");
    field = field_child(path, "restartPolicyRules");
    if (count > RESTART_RULES_MAX)
        report_number(p->out, VALIDATION_TOO_MANY, field.text, (int64_t)count,
                      "must have at most 20 items");
    for (size_t i = 0; i < count; i++) {
        struct field_path at = field_index(path, "restartPolicyRules", i);
        validate_restart_rule(p, json_array_get(rules, i), at.text);
    }
}

/* --- one container --- */

static bool
has_blank_around(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && (strchr(" \t\n\v\f\r", text[0]) || strchr(" \t\n\v\f\r", text[len - 1]));
}

static void
validate_common(const struct validate_pod *p, const json_t *c, const char *path)
{
    const char *name = member_text(c, "name");
    const char *image = member_text(c, "image");
    struct field_path field = field_child(path, "name");
    if (*name) {
        struct complaints complaints = text_dns_label(name);
        report_complaints(p->out, field.text, name, &complaints);
    } else {
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
    }
    field = field_child(path, "image");
    if (!*image)
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
    else if (has_blank_around(image))
        report_text(p->out, VALIDATION_INVALID, field.text, image,
                    "must not have leading or trailing whitespace");
    validate_policies(p, c, path);
    validate_ports(p, c, path);
    validate_env(p, c, path);
    validate_mounts(p, c, path);
    validate_resize_policy(p, c, path);
    field = field_child(path, "resources");
    validate_requirements(p, member(c, "resources"), field.text, false);
}

static void
check_unique_name(const struct validate_pod *p, const json_t *c, const char *path, json_t *names,
                  bool is_init)
{
    const char *name = member_text(c, "name");
    struct field_path field = field_child(path, "name");
    if (json_object_get(names, name))
        report_text(p->out, VALIDATION_DUPLICATE, field.text, name, "");
    else if (*name || !is_init)
        json_object_set_new(names, name, json_true());
}

/* On the host's network a port is the host's port. */
static void
check_host_network(const struct validate_pod *p, const json_t *c, const char *path)
{
    size_t i;
    json_t *port;
    if (!json_is_true(member(p->spec, "hostNetwork")))
        return;
    json_array_foreach(member(c, "ports"), i, port)
    {
        int64_t number = member_number(port, "containerPort");
        struct field_path at = field_index(path, "ports", i);
        struct field_path field = field_child(at.text, "containerPort");
        if (number != member_number(port, "hostPort"))
            report_number(p->out, VALIDATION_INVALID, field.text, number,
                          "must match `hostPort` when `hostNetwork` is true");
    }
}

void
validate_containers(const struct validate_pod *p)
{
    const json_t *list = member(p->spec, "containers");
    json_t *names = json_object();
    json_t *host_ports = json_object();
    size_t i;
    json_t *c;
    if (json_array_size(list) == 0)
        report(p->out, VALIDATION_REQUIRED, "spec.containers", NULL, "");
    json_array_foreach((json_t *)list, i, c)
    {
        struct field_path path = field_index("spec", "containers", i);
        validate_common(p, c, path.text);
        validate_restart(p, c, path.text, false);
        check_unique_name(p, c, path.text, names, false);
        validate_lifecycle(p, c, path.text);
        validate_probes(p, c, path.text);
        check_host_ports(p, c, path.text, host_ports);
        check_host_network(p, c, path.text);
    }
    json_decref(names);
    json_decref(host_ports);
}

/* What a container that runs once and ends cannot have. */
static void
forbid_for_init(const struct validate_pod *p, const json_t *c, const char *path)
{
    static const char *const fields[] = {"lifecycle", "livenessProbe", "readinessProbe",
                                         "startupProbe"};
    for (size_t i = 0; i < IW_COUNTOF(fields); i++) {
        struct field_path field = field_child(path, fields[i]);
        if (member(c, fields[i]))
            report(p->out, VALIDATION_FORBIDDEN, field.text, NULL, SAY_NOT_FOR_INIT);
    }
    size_t i;
    json_t *entry;
    json_array_foreach(member(c, "resizePolicy"), i, entry)
    {
        struct field_path at = field_index(path, "resizePolicy", i);
        struct field_path field = field_child(at.text, "restartPolicy");
        if (strcmp(member_text(entry, "restartPolicy"), "RestartContainer") == 0)
            report_text(p->out, VALIDATION_INVALID, field.text, "RestartContainer",
                        "must not be set to 'RestartContainer' for non-sidecar initContainers");
    }
}

void
validate_init_containers(const struct validate_pod *p)
{
    json_t *names = json_object();
    size_t i;
    json_t *c;
    json_array_foreach(member(p->spec, "containers"), i, c)
    {
        json_object_set_new(names, member_text(c, "name"), json_true());
    }
    json_array_foreach(member(p->spec, "initContainers"), i, c)
    {
        struct field_path path = field_index("spec", "initContainers", i);
        validate_common(p, c, path.text);
        validate_restart(p, c, path.text, true);
        check_unique_name(p, c, path.text, names, true);
        /* Each on its own: they run one after the other. Upstream checks a list of one, so its
         * index is always 0. */
        json_t *host_ports = json_object();
        check_host_ports(p, c, "spec.initContainers[0]", host_ports);
        json_decref(host_ports);
        if (strcmp(member_text(c, "restartPolicy"), "Always") == 0) {
            validate_lifecycle(p, c, path.text);
            validate_probes(p, c, path.text);
        } else {
            forbid_for_init(p, c, path.text);
        }
    }
    json_decref(names);
}
