/* sim_check: is a manifest built as its kind wants it? Only what the simulator relies on; a real API
 * server looks at far more.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "sim_internal.h"

#define NAME_MOST 253

/* One member that has to have a type when it is there, or has to be there. */
struct member_rule {
    const char *name;
    json_type type;
    bool needed;
};

static const char *
type_word(json_type type)
{
    return type == JSON_OBJECT ? "an object" : type == JSON_ARRAY ? "a list" : "a text";
}

static enum iw_err
check_members(const json_t *object, const char *where, const struct member_rule *rules,
              size_t count, struct iw_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(object, rules[i].name);
        bool absent = !value || json_is_null(value);
        if (absent && rules[i].needed)
            return iw_fail(err, IW_ERR_PARSE, "%s.%s is missing", where, rules[i].name);
        if (!absent && json_typeof(value) != rules[i].type)
            return iw_fail(err, IW_ERR_PARSE, "%s.%s should be %s", where, rules[i].name,
                           type_word(rules[i].type));
    }
    return IW_OK;
}

static enum iw_err
check_texts(const json_t *map, const char *where, struct iw_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)map, key, value)
    {
        if (!json_is_string(value))
            return iw_fail(err, IW_ERR_PARSE, "%s.%s should be a text, in quotes", where, key);
    }
    return IW_OK;
}

static enum iw_err
check_meta(const json_t *meta, const char *where, struct iw_error *err)
{
    static const struct member_rule rules[] = {{"labels", JSON_OBJECT, false},
                                               {"annotations", JSON_OBJECT, false},
                                               {"ownerReferences", JSON_ARRAY, false}};
    enum iw_err code = check_members(meta, where, rules, IW_COUNTOF(rules), err);
    if (!code)
        code = check_texts(json_object_get(meta, "labels"), "metadata.labels", err);
    if (!code)
        code = check_texts(json_object_get(meta, "annotations"), "metadata.annotations", err);
    return code;
}

static enum iw_err
check_container(const json_t *container, struct iw_error *err)
{
    static const struct member_rule rules[] = {
        {"name", JSON_STRING, true},          {"image", JSON_STRING, false},
        {"command", JSON_ARRAY, false},       {"args", JSON_ARRAY, false},
        {"env", JSON_ARRAY, false},           {"envFrom", JSON_ARRAY, false},
        {"ports", JSON_ARRAY, false},         {"volumeMounts", JSON_ARRAY, false},
        {"resources", JSON_OBJECT, false},    {"lifecycle", JSON_OBJECT, false},
        {"restartPolicy", JSON_STRING, false}};
    if (!json_is_object(container))
        return iw_fail(err, IW_ERR_PARSE, "a container should be an object");
    return check_members(container, "container", rules, IW_COUNTOF(rules), err);
}

static enum iw_err
check_pod_spec(const json_t *spec, struct iw_error *err)
{
    static const struct member_rule rules[] = {
        {"containers", JSON_ARRAY, true},       {"initContainers", JSON_ARRAY, false},
        {"volumes", JSON_ARRAY, false},         {"schedulingGates", JSON_ARRAY, false},
        {"nodeSelector", JSON_OBJECT, false},   {"restartPolicy", JSON_STRING, false},
        {"securityContext", JSON_OBJECT, false}};
    static const char *const lists[] = {"initContainers", "containers"};
    enum iw_err code = check_members(spec, "spec", rules, IW_COUNTOF(rules), err);
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        const json_t *list = json_object_get(spec, lists[l]);
        for (size_t i = 0; !code && i < json_array_size(list); i++)
            code = check_container(json_array_get(list, i), err);
    }
    return code;
}

static enum iw_err
check_owner_spec(const json_t *spec, struct iw_error *err)
{
    static const struct member_rule rules[] = {{"template", JSON_OBJECT, true},
                                               {"selector", JSON_OBJECT, false}};
    static const struct member_rule parts[] = {{"spec", JSON_OBJECT, true},
                                               {"metadata", JSON_OBJECT, false}};
    const json_t *template = json_object_get(spec, "template");
    enum iw_err code = check_members(spec, "spec", rules, IW_COUNTOF(rules), err);
    if (!code)
        code = check_members(template, "template", parts, IW_COUNTOF(parts), err);
    if (!code)
        code = check_meta(json_object_get(template, "metadata"), "template.metadata", err);
    return code ? code : check_pod_spec(json_object_get(template, "spec"), err);
}

static enum iw_err
check_cron_spec(const json_t *spec, struct iw_error *err)
{
    static const struct member_rule rules[] = {{"jobTemplate", JSON_OBJECT, true},
                                               {"schedule", JSON_STRING, true}};
    static const struct member_rule parts[] = {{"spec", JSON_OBJECT, true}};
    const json_t *template = json_object_get(spec, "jobTemplate");
    enum iw_err code = check_members(spec, "spec", rules, IW_COUNTOF(rules), err);
    if (!code)
        code = check_members(template, "jobTemplate", parts, IW_COUNTOF(parts), err);
    return code ? code : check_owner_spec(json_object_get(template, "spec"), err);
}

/* Letters of a DNS name; which of them may stand where is left to a real server. */
static enum iw_err
check_name(const char *member, const char *name, struct iw_error *err)
{
    size_t len = strlen(name);
    if (len > 0 && len <= NAME_MOST &&
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len)
        return IW_OK;
    return iw_fail(err, IW_ERR_PARSE, "metadata.%s should be small letters, digits, '-' and '.'",
                   member);
}

enum iw_err
sim_check(enum demo_kind kind, const json_t *object, struct iw_error *err)
{
    static const struct member_rule needs_spec = {"spec", JSON_OBJECT, true};
    static const struct member_rule may_have_spec = {"spec", JSON_OBJECT, false};
    const json_t *meta = json_object_get(object, "metadata"),
                 *spec = json_object_get(object, "spec");
    const json_t *ns = json_object_get(meta, "namespace");
    bool owner = kind == DEMO_KIND_DEPLOYMENT || kind == DEMO_KIND_REPLICASET ||
                 kind == DEMO_KIND_STATEFULSET || kind == DEMO_KIND_DAEMONSET ||
                 kind == DEMO_KIND_JOB;
    bool needed = owner || kind == DEMO_KIND_POD || kind == DEMO_KIND_CRONJOB;
    enum iw_err code = check_meta(meta, "metadata", err);
    if (!code)
        code = check_name("name", json_string_value(json_object_get(meta, "name")), err);
    if (!code && ns)
        code = check_name("namespace", json_is_string(ns) ? json_string_value(ns) : "", err);
    if (!code)
        code = check_members(object, demo_kind_table[kind].kind,
                             needed ? &needs_spec : &may_have_spec, 1, err);
    if (code)
        return code;
    return owner                       ? check_owner_spec(spec, err)
           : kind == DEMO_KIND_POD     ? check_pod_spec(spec, err)
           : kind == DEMO_KIND_CRONJOB ? check_cron_spec(spec, err)
                                       : IW_OK;
}
