/* validate_probe: probes and lifecycle hooks.
 * Ref: pkg/apis/core/validation/validation.go: validateProbe, validateHandler, validateLifecycle.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "validate_internal.h"

/* --- what runs --- */

static void
validate_port_field(const struct validate_pod *p, const json_t *action, const char *path)
{
    const json_t *port = member(action, "port");
    struct field_path field = field_child(path, "port");
    if (json_is_string(port)) {
        struct complaints c = text_port_name(json_string_value(port));
        report_complaints(p->out, field.text, json_string_value(port), &c);
    } else if (!number_is_port(json_integer_value(port))) {
        report_number(p->out, VALIDATION_INVALID, field.text, json_integer_value(port),
                      text_port_range);
    }
}

static void
validate_exec(const struct validate_pod *p, const json_t *action, const char *path)
{
    struct field_path field = field_child(path, "command");
    if (json_array_size(member(action, "command")) == 0)
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
}

static bool
is_header_name(const char *name)
{
    if (!*name)
        return false;
    return name[strspn(name, "-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")] ==
           '\0';
}

static void
validate_http_get(const struct validate_pod *p, const json_t *action, const char *path)
{
    const char *scheme = member_text(action, "scheme");
    struct field_path field = field_child(path, "path");
    if (!*member_text(action, "path"))
        report(p->out, VALIDATION_REQUIRED, field.text, NULL, "");
    validate_port_field(p, action, path);
    field = field_child(path, "scheme");
    if (strcmp(scheme, "HTTP") != 0 && strcmp(scheme, "HTTPS") != 0)
        report_text(p->out, VALIDATION_NOT_SUPPORTED, field.text, scheme,
                    "supported values: \"HTTP\", \"HTTPS\"");
    field = field_child(path, "httpHeaders");
    size_t i;
    json_t *header;
    json_array_foreach(member(action, "httpHeaders"), i, header)
    {
        const char *name = member_text(header, "name");
        if (!is_header_name(name))
            report_text(p->out, VALIDATION_INVALID, field.text, name,
                        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
                        "'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
    }
}

static void
validate_sleep(const struct validate_pod *p, const json_t *action, const char *path)
{
    char detail[96];
    int64_t seconds = member_number(action, "seconds");
    if (seconds >= 0 && seconds <= p->grace_s)
        return;
    snprintf(detail, sizeof(detail),
             "must be non-negative and less than terminationGracePeriodSeconds (%lld)",
             (long long)p->grace_s);
    report_number(p->out, VALIDATION_INVALID, path, seconds, detail);
}

/* What a probe or a hook runs. path: of the handler. */
static void
validate_handler(const struct validate_pod *p, const json_t *handler, const char *path,
                 bool is_hook)
{
    /* Hooks know no grpc and probes no sleep: the API has no such fields and drops them. */
    const struct {
        const char *key;
        void (*check)(const struct validate_pod *, const json_t *, const char *);
        bool exists;
    } kinds[] = {
        {"exec", validate_exec, true},
        {"httpGet", validate_http_get, true},
        {"tcpSocket", validate_port_field, true},
        {"grpc", validate_port_field, !is_hook},
        {"sleep", validate_sleep, is_hook},
    };
    bool found = false;
    for (size_t i = 0; i < IW_COUNTOF(kinds); i++) {
        const json_t *action = kinds[i].exists ? member(handler, kinds[i].key) : NULL;
        struct field_path field = field_child(path, kinds[i].key);
        if (!action)
            continue;
        if (found)
            report(p->out, VALIDATION_FORBIDDEN, field.text, NULL,
                   "may not specify more than 1 handler type");
        else
            kinds[i].check(p, action, field.text);
        found = true;
    }
    if (!found)
        report(p->out, VALIDATION_REQUIRED, path, NULL, "must specify a handler type");
}

/* --- probes --- */

static void
validate_probe(const struct validate_pod *p, const json_t *probe, const char *path)
{
    static const char *const numbers[] = {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                                          "successThreshold", "failureThreshold"};
    validate_handler(p, probe, path, false);
    for (size_t i = 0; i < IW_COUNTOF(numbers); i++) {
        int64_t number = member_number(probe, numbers[i]);
        struct field_path field = field_child(path, numbers[i]);
        if (number < 0)
            report_number(p->out, VALIDATION_INVALID, field.text, number,
                          "must be greater than or equal to 0");
    }
    struct field_path field = field_child(path, "terminationGracePeriodSeconds");
    const json_t *grace = member(probe, "terminationGracePeriodSeconds");
    if (grace && json_integer_value(grace) <= 0)
        report_number(p->out, VALIDATION_INVALID, field.text, json_integer_value(grace),
                      "must be greater than 0");
}

void
validate_probes(const struct validate_pod *p, const json_t *container, const char *path)
{
    static const char *const probes[] = {"livenessProbe", "readinessProbe", "startupProbe"};
    for (size_t i = 0; i < IW_COUNTOF(probes); i++) {
        const json_t *probe = member(container, probes[i]);
        struct field_path at = field_child(path, probes[i]);
        if (!probe)
            continue;
        validate_probe(p, probe, at.text);
        struct field_path field = field_child(at.text, "successThreshold");
        int64_t successes = member_number(probe, "successThreshold");
        const json_t *grace = member(probe, "terminationGracePeriodSeconds");
        if (strcmp(probes[i], "readinessProbe") != 0) {
            if (successes != 1)
                report_number(p->out, VALIDATION_INVALID, field.text, successes, "must be 1");
        } else if (grace) {
            field = field_child(at.text, "terminationGracePeriodSeconds");
            report_number(p->out, VALIDATION_INVALID, field.text, json_integer_value(grace),
                          "must not be set for readinessProbes");
        }
    }
}

/* --- hooks --- */

void
validate_lifecycle(const struct validate_pod *p, const json_t *container, const char *path)
{
    static const char *const hooks[] = {"postStart", "preStop"};
    const json_t *lifecycle = member(container, "lifecycle");
    struct field_path at = field_child(path, "lifecycle");
    for (size_t i = 0; i < IW_COUNTOF(hooks); i++) {
        struct field_path field = field_child(at.text, hooks[i]);
        const json_t *hook = member(lifecycle, hooks[i]);
        if (hook)
            validate_handler(p, hook, field.text, true);
    }
}
