/* progress_text: shortening messages of kubelet, runtime and scheduler. Texts: SEMANTICS E.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/progress_text.h"
#include "initwatch/base/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text_is.h"

enum waiting_class
waiting_class_of(const char *reason)
{
    static const struct {
        const char *reason;
        enum waiting_class class_;
    } rows[] = {
        {"", WAITING_TURN},
        {"PodInitializing", WAITING_TURN},
        {"ContainerCreating", WAITING_TURN},
        {"CrashLoopBackOff", WAITING_CRASH},
        {"ErrImagePull", WAITING_IMAGE},
        {"ImagePullBackOff", WAITING_IMAGE},
        {"ErrImageNeverPull", WAITING_IMAGE},
        {"InvalidImageName", WAITING_IMAGE},
        {"ImageInspectError", WAITING_IMAGE},
        {"RegistryUnavailable", WAITING_IMAGE},
        {"SignatureValidationFailed", WAITING_IMAGE},
        {"CreateContainerConfigError", WAITING_CONFIG},
        {"CreateContainerError", WAITING_START},
        {"RunContainerError", WAITING_START},
        {"PostStartHookError", WAITING_START},
        {"PreCreateHookError", WAITING_START},
        {"PreStartHookError", WAITING_START},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++)
        if (text_is(reason, rows[i].reason))
            return rows[i].class_;
    return WAITING_OTHER;
}

bool
waiting_is_error(const char *reason)
{
    enum waiting_class class_ = waiting_class_of(reason);
    if (class_ == WAITING_OTHER)
        return !text_is(reason, "RestartingAllContainers");
    return class_ == WAITING_IMAGE || class_ == WAITING_CONFIG || class_ == WAITING_START;
}

/* Copy at most len bytes, white space and control bytes as one blank each run, cut at a character.
 */
static void
copy_line(const char *text, size_t len, char *out, size_t out_size)
{
    size_t used = 0;
    bool blank = false;
    bool cut = false;
    for (size_t i = 0; i < len && !cut; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte <= ' ' || byte == 0x7f) {
            blank = used > 0;
            continue;
        }
        cut = used + 2 + (blank ? 1 : 0) > out_size - 1;
        if (cut)
            break;
        if (blank)
            out[used++] = ' ';
        blank = false;
        out[used++] = text[i];
    }
    if (cut) {
        while (used > 0 && ((unsigned char)out[used - 1] & 0xc0) == 0x80)
            used--;
        if (used > 0 && (unsigned char)out[used - 1] >= 0xc0)
            used--;
    }
    out[used] = '\0';
}

void
text_one_line(const char *message, char *out, size_t out_size)
{
    copy_line(message, strlen(message), out, out_size);
}

void
text_last_line(const char *message, char *out, size_t out_size)
{
    size_t end = strlen(message);
    while (end > 0 && (unsigned char)message[end - 1] <= ' ')
        end--;
    size_t start = end;
    while (start > 0 && message[start - 1] != '\n')
        start--;
    copy_line(message + start, end - start, out, out_size);
}

/* What an image message means, the first match decides. */
static const struct {
    const char *part, *says;
} image_causes[] = {
    {"not present with pull policy of Never", TR_MARK("not on the node, pull policy Never")},
    {"couldn't parse image name", TR_MARK("not a valid image name")},
    {"no match for platform", TR_MARK("no build for this node's platform")},
    {"toomanyrequests", TR_MARK("registry rate limit")},
    {"429 Too Many", TR_MARK("registry rate limit")},
    {"401", TR_MARK("access denied (401)")},
    {"403 Forbidden", TR_MARK("access denied (403)")},
    {"pull access denied", TR_MARK("not found, or access denied")},
    {"authorization failed", TR_MARK("access denied")},
    {"no basic auth credentials", TR_MARK("access denied: no credentials")},
    {"unauthorized", TR_MARK("access denied")},
    {"manifest unknown", TR_MARK("not found")},
    {"not found", TR_MARK("not found")},
    {"no such host", TR_MARK("registry name does not resolve")},
    {"x509", TR_MARK("the registry's certificate is not trusted")},
    {"connection refused", TR_MARK("registry refuses the connection")},
    {"i/o timeout", TR_MARK("registry does not answer")},
    {"deadline exceeded", TR_MARK("registry does not answer")},
    {"no space left", TR_MARK("no space left on the node")},
    {"signature validation failed", TR_MARK("signature not valid")},
    {"registry is unavailable", TR_MARK("registry unavailable")},
};

void
text_image_problem(const struct container *c, char *out, size_t out_size)
{
    const char *message = c->status ? c->status->state.waiting_message : "";
    const char *reason = c->status ? c->status->state.waiting_reason : "";
    const char *says = TR_MARK("cannot be pulled");
    if (text_is(reason, "InvalidImageName"))
        says = TR_MARK("not a valid image name");
    if (text_is(reason, "ErrImageNeverPull"))
        says = TR_MARK("not on the node, pull policy Never");
    for (size_t i = 0; i < IW_COUNTOF(image_causes); i++)
        if (strstr(message, image_causes[i].part)) {
            says = image_causes[i].says;
            break;
        }
    char image[160];
    copy_line(c->image, strlen(c->image), image, sizeof(image));
    (void)snprintf(out, out_size, tr("image %s: %s"), image, tr(says));
}

/* The text between two marks; false when they are not there. */
static bool
text_between(const char *text, const char *open, const char *close, char *out, size_t out_size)
{
    const char *from = strstr(text, open);
    if (!from)
        return false;
    from += strlen(open);
    const char *to = *close ? strstr(from, close) : from + strlen(from);
    if (!to)
        return false;
    copy_line(from, (size_t)(to - from), out, out_size);
    return true;
}

bool
text_config_object(const char *message, struct config_problem *out)
{
    *out = (struct config_problem){.kind = "Secret"};
    if (text_between(message, "secret \"", "\" not found", out->name, sizeof(out->name)))
        return true;
    const char *object = strrchr(message, '/');
    if (object && text_between(message, "couldn't find key ", " in ", out->key, sizeof(out->key)) &&
        text_between(message, " in ", " ", out->kind, sizeof(out->kind))) {
        text_one_line(object + 1, out->name, sizeof(out->name));
        return true;
    }
    *out = (struct config_problem){.kind = "ConfigMap"};
    return text_between(message, "configmap \"", "\" not found", out->name, sizeof(out->name));
}

void
text_config_problem(const char *message, char *out, size_t out_size)
{
    struct config_problem problem;
    if (text_config_object(message, &problem)) {
        if (problem.key[0])
            (void)snprintf(out, out_size, tr("%s %s has no key %s"), problem.kind, problem.name,
                           problem.key);
        else
            (void)snprintf(out, out_size,
                           text_is(problem.kind, "Secret") ? tr("Secret %s not found")
                                                           : tr("ConfigMap %s not found"),
                           problem.name);
    } else if (strstr(message, "image will run as root"))
        (void)snprintf(out, out_size, tr("image runs as root, runAsNonRoot forbids it"));
    else if (strstr(message, "non-numeric user"))
        (void)snprintf(out, out_size,
                       tr("image's user is a name: runAsNonRoot needs a numeric runAsUser"));
    else if (*message)
        text_one_line(message, out, out_size);
    else
        (void)snprintf(out, out_size, tr("its configuration cannot be made"));
}

void
text_start_problem(const char *reason, const char *message, char *out, size_t out_size)
{
    char detail[160];
    const char *tail = strstr(message, "exec: \"");
    if (tail)
        tail += strlen("exec: ");
    else if (strlen(message) > 120 && strstr(message, ": "))
        /* runtime errors are chains "a: b: c", the cause stands last */
        for (tail = message; strlen(tail) > 120 && strstr(tail, ": ");)
            tail = strstr(tail, ": ") + 2;
    text_one_line(tail ? tail : message, detail, sizeof(detail));
    if (text_is(reason, "PostStartHookError"))
        (void)snprintf(out, out_size, tr("postStart hook failed%s%s"), *detail ? ": " : "", detail);
    else if (*detail)
        (void)snprintf(out, out_size, tr("cannot start: %s"), detail);
    else
        (void)snprintf(out, out_size, tr("cannot start (%s)"), reason);
}

/* What the scheduler says of nodes, word for word; what is not here stays as it is (SEMANTICS E). */
static const char *const scheduler_words[] = {
    TR_MARK("Insufficient cpu"),
    TR_MARK("Insufficient memory"),
    TR_MARK("Insufficient ephemeral-storage"),
    TR_MARK("were unschedulable"),
    TR_MARK("didn't match Pod's node affinity/selector"),
    TR_MARK("didn't match pod anti-affinity rules"),
    TR_MARK("didn't match pod affinity rules"),
    TR_MARK("didn't have free ports for the requested pod ports"),
    TR_MARK("had volume node affinity conflict"),
    TR_MARK("Too many pods"),
    TR_MARK("pod has unbound immediate PersistentVolumeClaims"),
};

static const char *
scheduler_translated(const char *says, unsigned long nodes)
{
    if (text_is(says, "had untolerated taint(s)"))
        return tr_n("had an untolerated taint", "had untolerated taints", nodes);
    for (size_t i = 0; i < IW_COUNTOF(scheduler_words); i++)
        if (text_is(says, scheduler_words[i]))
            return tr(scheduler_words[i]);
    return says;
}

/* "1 Insufficient cpu" of 1 node -> "Insufficient cpu"; "node(s) " says nothing. */
static size_t
scheduler_part(const char *part, size_t len, unsigned long nodes, char *out, size_t out_size)
{
    char text[200];
    copy_line(part, len, text, sizeof(text));
    char *rest;
    unsigned long count = strtoul(text, &rest, 10);
    bool counted = rest != text && *rest == ' ';
    const char *says = counted ? rest + 1 : text;
    if (strncmp(says, "node(s) ", 8) == 0)
        says += 8;
    says = scheduler_translated(says, counted ? count : nodes);
    int used = counted && count != nodes ? snprintf(out, out_size, "%lu %s", count, says)
                                         : snprintf(out, out_size, "%s", says);
    return used < 0 ? 0 : IW_MIN((size_t)used, out_size - 1);
}

void
text_scheduler(const char *message, char *out, size_t out_size)
{
    static const char mark[] = " nodes are available: ";
    const char *reasons = strstr(message, mark);
    const char *slash = strchr(message, '/');
    if (!reasons || !slash || slash > reasons || out_size < 32) {
        text_one_line(message, out, out_size);
        return;
    }
    unsigned long nodes = strtoul(slash + 1, NULL, 10);
    int begun = snprintf(out, out_size, tr("0/%lu nodes: "), nodes);
    size_t used = begun < 0 ? 0 : (size_t)begun;
    reasons += sizeof(mark) - 1;
    /* What follows ". " is about preemption: it never helps at three in the morning. */
    const char *stop = strstr(reasons, ". ");
    size_t len = stop ? (size_t)(stop - reasons) : strlen(reasons);
    while (len > 0 && reasons[len - 1] == '.')
        len--;
    for (bool first = true; len > 0 && used + 4 < out_size; first = false) {
        const char *comma = memmem(reasons, len, ", ", 2);
        size_t part = comma ? (size_t)(comma - reasons) : len;
        if (!first) {
            (void)snprintf(out + used, out_size - used, ", ");
            used += 2;
        }
        used += scheduler_part(reasons, part, nodes, out + used, out_size - used);
        size_t taken = comma ? part + 2 : len;
        reasons += taken;
        len -= taken;
    }
}
