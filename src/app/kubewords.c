/* kubewords: one table of kinds and one of commands.
 *
 * initwatch shows pods. A workload stands for its pods; what has no pods is kubectl's, and so is everything that changes the
 * cluster.
 * Ref: kubectl api-resources (names, short names), kubectl help (commands).
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/kubewords.h"

#include <string.h>

#include "initwatch/app/flags.h"
#include "initwatch/base/nearest.h"

enum word_class { WORD_POD, WORD_OWNER, WORD_OTHER };

struct kind_word {
    const char *words; /* between blanks */
    enum word_class class_;
    const char *kind; /* as in ownerReferences; "" when it is no owner */
};
static const struct kind_word KINDS[] = {
    {" pod pods po ", WORD_POD, ""},
    {" deployment deployments deploy ", WORD_OWNER, "Deployment"},
    {" statefulset statefulsets sts ", WORD_OWNER, "StatefulSet"},
    {" daemonset daemonsets ds ", WORD_OWNER, "DaemonSet"},
    {" replicaset replicasets rs ", WORD_OWNER, "ReplicaSet"},
    {" job jobs ", WORD_OWNER, "Job"},
    {" all service services svc endpoints ep endpointslice endpointslices node nodes no namespace "
     "namespaces ns event events ev configmap configmaps cm secret secrets persistentvolumeclaim "
     "persistentvolumeclaims pvc persistentvolume persistentvolumes pv storageclass storageclasses "
     "sc ingress ingresses ing networkpolicy networkpolicies netpol serviceaccount serviceaccounts "
     "sa resourcequota resourcequotas quota limitrange limitranges limits cronjob cronjobs cj hpa "
     "crd crds ",
     WORD_OTHER, ""},
};

static const struct {
    const char *word;
    enum app_command command; /* CMD_COUNT: only kubectl has it */
} COMMANDS[] = {
    {"describe", CMD_WHY},        {"log", CMD_LOGS},
    {"event", CMD_EVENTS},        {"annotate", CMD_COUNT},
    {"api-resources", CMD_COUNT}, {"apply", CMD_COUNT},
    {"attach", CMD_COUNT},        {"auth", CMD_COUNT},
    {"cluster-info", CMD_COUNT},  {"config", CMD_COUNT},
    {"cordon", CMD_COUNT},        {"cp", CMD_COUNT},
    {"create", CMD_COUNT},        {"debug", CMD_COUNT},
    {"delete", CMD_COUNT},        {"diff", CMD_COUNT},
    {"drain", CMD_COUNT},         {"edit", CMD_COUNT},
    {"exec", CMD_COUNT},          {"explain", CMD_COUNT},
    {"expose", CMD_COUNT},        {"label", CMD_COUNT},
    {"patch", CMD_COUNT},         {"port-forward", CMD_COUNT},
    {"replace", CMD_COUNT},       {"rollout", CMD_COUNT},
    {"run", CMD_COUNT},           {"scale", CMD_COUNT},
    {"set", CMD_COUNT},           {"top", CMD_COUNT},
    {"wait", CMD_COUNT},
};

static const struct kind_word *
find_kind(const char *word, size_t len)
{
    if (len == 0 || memchr(word, ' ', len))
        return NULL;
    for (size_t i = 0; i < IW_COUNTOF(KINDS); i++)
        for (const char *at = KINDS[i].words; *at; at += strcspn(at + 1, " ") + 1)
            if (strncmp(at + 1, word, len) == 0 && at[1 + len] == ' ')
                return &KINDS[i];
    return NULL;
}

enum app_command
kubewords_command(const char *word)
{
    for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
        if (strcmp(COMMANDS[i].word, word) == 0)
            return COMMANDS[i].command;
    return CMD_COUNT;
}

bool
kubewords_is_object(const char *word)
{
    const char *slash = strchr(word, '/');
    return slash && slash[1] && !strchr(slash + 1, '/') && find_kind(word, (size_t)(slash - word));
}

static enum iw_err
refuse_kind(const struct options *o, const char *word, size_t len, struct iw_error *err)
{
    if (o->command == CMD_GET && len >= 2 && strncmp(word, "ev", 2) == 0)
        return iw_fail(err, IW_ERR_USAGE, "events have a command: initwatch events [POD]");
    return iw_fail(err, IW_ERR_USAGE, "only pods are listed here; for \"%.*s\": kubectl get %.*s",
                   (int)len, word, (int)len, word);
}

/* "pods", "po NAME", "deploy NAME": the kind goes, what is left are names of that kind. */
static enum iw_err
take_leading_kind(struct options *o, const char **kind, struct iw_error *err)
{
    const char *word = o->args[0];
    size_t len = strcspn(word, ",");
    const struct kind_word *found = find_kind(word, len);
    /* A FILE or POD stands in front of the container there. */
    bool none = o->command == CMD_LOGS && (o->arg_count < 2 || !found || found->kind[0]);
    if (!found || none)
        return IW_OK;
    if (word[len])
        return iw_fail(err, IW_ERR_USAGE, "one kind at a time: \"%s\"", word);
    if (found->class_ == WORD_OTHER)
        return refuse_kind(o, word, len, err);
    if (found->class_ == WORD_OWNER && o->arg_count == 1)
        return iw_fail(
            err, IW_ERR_USAGE,
            "only pods are listed here: \"%s/NAME\" has those of one; the list is tab 2 of the "
            "dashboard, or kubectl get %s",
            word, word);
    if (o->arg_count == 1 && o->command == CMD_WHY)
        return iw_fail(err, IW_ERR_USAGE, "why %s: the NAME of one is missing", word);
    memmove(o->args, o->args + 1, o->arg_count * sizeof(o->args[0]));
    o->arg_count--;
    *kind = found->kind;
    return IW_OK;
}

/* "pod/NAME", "deploy/NAME": what is left is NAME. */
static enum iw_err
take_prefix(struct options *o, unsigned at, const char **kind, struct iw_error *err)
{
    const char *word = o->args[at];
    const char *slash = strchr(word, '/');
    size_t len = slash ? (size_t)(slash - word) : 0;
    if (!slash || !slash[1] || (o->command == CMD_LOGS && !kubewords_is_object(word)))
        return IW_OK;
    const struct kind_word *found = find_kind(word, len);
    if (!found)
        return iw_fail(err, IW_ERR_USAGE,
                       "\"%.*s\" is no kind of object; a pod of another namespace: -n %.*s %s",
                       (int)len, word, (int)len, word, slash + 1);
    if (found->class_ == WORD_OTHER)
        return refuse_kind(o, word, len, err);
    o->args[at] = slash + 1;
    *kind = found->kind;
    return IW_OK;
}

/* All names are of one kind. */
static enum iw_err
take_kinds(struct options *o, bool literal, struct iw_error *err)
{
    const char *leading = "", *one = NULL;
    enum iw_err rc = literal ? IW_OK : take_leading_kind(o, &leading, err);
    /* What stands behind the POD of `logs` is a container. */
    unsigned names = o->command == CMD_LOGS ? IW_MIN(o->arg_count, 1u) : o->arg_count;
    for (unsigned i = 0; rc == IW_OK && i < names; i++) {
        const char *kind = leading;
        rc = take_prefix(o, i, &kind, err);
        if (rc == IW_OK && one && strcmp(one, kind) != 0)
            return iw_fail(err, IW_ERR_USAGE, "\"%s\" is of another kind: one kind at a time",
                           o->args[i]);
        one = kind;
    }
    if (rc == IW_OK && one && one[0] && o->command == CMD_EVENTS)
        return iw_fail(err, IW_ERR_USAGE, "events are those of one POD, or all without a name");
    o->owner_kind = one && one[0] ? one : NULL;
    return rc;
}

/* The dashboard takes one POD: a word of kubectl there, or a slip in a command's name, is no pod. */
static enum iw_err
check_dashboard(const struct options *o, struct iw_error *err)
{
    for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
        if (strcmp(COMMANDS[i].word, o->args[0]) == 0)
            return iw_fail(err, IW_ERR_USAGE,
                           "initwatch only reads pods and has no \"%s\": kubectl %s; a pod of that "
                           "name: initwatch -- %s",
                           o->args[0], o->args[0], o->args[0]);
    if (o->arg_count < 2)
        return IW_OK;
    struct nearest near;
    nearest_init(&near, o->args[0]);
    for (int c = 1; c < CMD_COUNT; c++)
        nearest_offer(&near, command_table[c].name);
    nearest_offer(&near, "describe");
    if (near.count == 0)
        return IW_OK;
    return iw_fail(err, IW_ERR_USAGE, "there is no command \"%s\"; did you mean %s?", o->args[0],
                   nearest_text(&near));
}

enum iw_err
kubewords_take(struct options *o, bool literal, struct iw_error *err)
{
    const unsigned about_pods =
        1u << CMD_DASHBOARD | 1u << CMD_GET | 1u << CMD_WHY | 1u << CMD_LOGS | 1u << CMD_EVENTS;
    enum iw_err rc = IW_OK;
    if (!(about_pods & 1u << o->command) || o->arg_count == 0)
        return IW_OK;
    if (o->command == CMD_DASHBOARD && !literal)
        rc = check_dashboard(o, err);
    return rc == IW_OK ? take_kinds(o, literal, err) : rc;
}
