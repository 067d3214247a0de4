/* rule_config_error: a Secret, ConfigMap or key that a container needs is missing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/model/progress_text.h"

#include "diag_util.h"
#include "initwatch/base/tr.h"

/* Of a missing key the keys that are there: describe lists them without their values. */
static void
advise_object(const struct pod *pod, const char *message, struct finding *out)
{
    struct config_problem problem;
    if (!text_config_object(message, &problem)) {
        finding_advice(out, "kubectl -n %s describe pod %s", diag_word(pod->ns, "NAMESPACE"),
                       diag_word(pod->name, "POD"));
        return;
    }
    finding_advice(out, "kubectl -n %s %s %s %s", diag_word(pod->ns, "NAMESPACE"),
                   problem.key[0] ? "describe" : "get",
                   strcmp(problem.kind, "Secret") == 0 ? "secret" : "configmap",
                   diag_word(problem.name, "NAME"));
    if (problem.key[0])
        finding_advice(out, "add the key or name one that is there, or mark the reference "
                            "optional: true if the program can do without");
    else
        finding_advice(
            out, "create it, or mark the reference optional: true if the program can do without");
}

/* Nothing is said of what nobody asked for: evidence is what was seen, or what somebody may not see. */
static void
say_unknown(const struct kobjects *objects, enum kobject_kind kind, const char *ns,
            const char *name, struct finding *out)
{
    enum objects_state state = kobjects_state(objects, kind, ns);
    if (state == OBJECTS_DENIED || state == OBJECTS_REFUSED || state == OBJECTS_FAILED)
        finding_evidence(out, "%s %s/%s: not looked at (%s: %s)", kobject_kind_info(kind)->kind, ns,
                         name, kobject_kind_info(kind)->plural, kobjects_state_word(state));
}

/* What the cluster has of an object that a container refers to: proof, where it may be listed. */
static void
look_up(const struct diag_env *env, const struct container_ref *ref, struct finding *out)
{
    const struct kobjects *objects = store_objects(env->store);
    enum kobject_kind kind;
    const struct kobject *o;
    if (!kobject_kind_parse(ref->kind, &kind) || !ref->name[0])
        return;
    enum objects_answer answer = kobjects_look(objects, kind, env->pod->ns, ref->name, &o);
    if (answer == OBJECTS_ABSENT)
        finding_evidence(out, "%s %s/%s does not exist: it is not in the list of %s", ref->kind,
                         env->pod->ns, ref->name, kobject_kind_info(kind)->plural);
    if (answer == OBJECTS_UNKNOWN)
        say_unknown(objects, kind, env->pod->ns, ref->name, out);
    if (answer != OBJECTS_FOUND || !ref->key[0])
        return;
    for (uint32_t i = 0; i < o->config->key_count; i++) {
        if (strcmp(o->config->keys[i].name, ref->key) == 0)
            return;
    }
    finding_evidence(out,
                     o->config->key_count == 1 ? "%s %s/%s has %u key, %s is not it"
                                               : "%s %s/%s has %u keys, %s is not one of them",
                     ref->kind, env->pod->ns, ref->name, o->config->key_count, ref->key);
}

static bool
config_error_evaluate(const struct diag_env *env, struct finding *out)
{
    const struct container *c = NULL;
    char path[128];
    char text[200];
    while ((c = pod_containers(env->pod, c)) != NULL)
        if (container_phase(c) == CONTAINER_WAITING &&
            waiting_class_of(c->status->state.waiting_reason) == WAITING_CONFIG)
            break;
    if (!c)
        return false;
    out->container = c;
    text_config_problem(c->status->state.waiting_message, text, sizeof(text));
    (void)snprintf(out->summary, sizeof(out->summary),
                   tr("%.63s: %s %.63s cannot be created: %.100s"), env->pod->name,
                   container_kind_word(c->kind), c->name, text);
    diag_status_path(c, path);
    finding_evidence(out, "%s.state.waiting: CreateContainerConfigError: %s", path,
                     c->status->state.waiting_message);
    diag_spec_path(c, path);
    for (uint32_t i = 0; i < c->ref_count && i < 4; i++)
        if (!c->refs[i].optional && *c->refs[i].name && strstr(text, c->refs[i].name))
            finding_evidence(out, "%s needs %s %s%s%s", path, c->refs[i].kind, c->refs[i].name,
                             *c->refs[i].key ? tr(" key ") : "", c->refs[i].key);
    for (uint32_t i = 0; env->store && i < c->ref_count && i < 4; i++)
        if (!c->refs[i].optional)
            look_up(env, &c->refs[i], out);
    (void)snprintf(out->cause, sizeof(out->cause), "%.150s", text);
    const struct kevent *ev = diag_event(env, "Failed", c->name);
    if (ev)
        out->since_ms = ev->first_ms;
    advise_object(env->pod, c->status->state.waiting_message, out);
    return true;
}

const struct diag_rule rule_config_error = {
    .name = "config_error",
    .id = "IW-L06",
    .title = TR_MARK("a container's configuration is incomplete"),
    .severity = SEVERITY_ERROR,
    .evaluate = config_error_evaluate,
    .doc = "CreateContainerConfigError: environment from a Secret or ConfigMap that does not exist "
           "or lacks the key, or a "
           "user that runAsNonRoot forbids. Only the container that needs it is held up, and all "
           "after it.",
};
