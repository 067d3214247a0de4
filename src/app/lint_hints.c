/* lint_hints: what will hurt later though the API server takes it. Ids as in DIAGNOSIS 4.4.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/model/resources.h"
#include "initwatch/model/waitfor.h"
#include "initwatch/source/defaults.h"

struct hints {
    const struct pod *pod;
    struct finding *out;
    size_t count, max;
};

/* The next finding, or NULL when there is no room. */
static struct finding *
hint_begin(struct hints *h, const char *id, enum severity severity, const struct container *c)
{
    if (h->count == h->max)
        return NULL;
    struct finding *f = &h->out[h->count++];
    *f = (struct finding){.id = id, .severity = severity, .container = c, .since_ms = IW_TIME_NONE};
    return f;
}

static void hint_say(struct finding *f, const char *fmt, ...) IW_PRINTF(2, 3);

static void
hint_say(struct finding *f, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(f->summary, sizeof(f->summary), fmt, args);
    va_end(args);
}

static bool
is_start_up(const struct container *c)
{
    return c->list == LIST_INIT;
}

/* Every word of the command line is searched: scripts are words of `sh -c`. */
static bool
command_has(const struct container *c, const char *needle)
{
    for (uint32_t i = 0; i < c->command_count; i++)
        if (strstr(c->command[i], needle))
            return true;
    for (uint32_t i = 0; i < c->arg_count; i++)
        if (strstr(c->args[i], needle))
            return true;
    return false;
}

static bool
command_has_any(const struct container *c, const char *const *needles, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (command_has(c, needles[i]))
            return true;
    return false;
}

/* --- rules about one container --- */

/* IW-B01: an init container runs again after its own failure, a node's reboot, a new sandbox. */
static void
hint_not_idempotent(struct hints *h, const struct container *c)
{
    static const struct {
        const char *does;
        const char *safe[3];
        const char *advice;
    } rows[] = {
        {"git clone", {"[ -d", "rm -rf", "git pull"}, "[ -d DIR/.git ] || git clone URL DIR"},
        {"mkdir ", {"mkdir -p", "[ -d", "--parents"}, "mkdir -p DIR"},
        {"ln -s ", {"ln -sf", "rm -f", "[ -L"}, "ln -sfn TARGET LINK"},
        {"CREATE TABLE ",
         {"IF NOT EXISTS", "if not exists", "DROP TABLE"},
         "CREATE TABLE IF NOT EXISTS ..."},
    };
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        if (c->kind != CONTAINER_INIT || !command_has(c, rows[i].does) ||
            command_has_any(c, rows[i].safe, IW_COUNTOF(rows[i].safe)))
            continue;
        struct finding *f = hint_begin(h, "IW-B01", SEVERITY_WARNING, c);
        if (!f)
            return;
        hint_say(f, "%.63s: \"%s\" fails when the container runs a second time", c->name,
                 rows[i].does);
        finding_evidence(f, "init containers run again after a failure, a reboot, a new sandbox");
        finding_advice(f, "%s", rows[i].advice);
    }
}

/* IW-B02: a loop that ends only when its check passes. */
static void
hint_endless_wait(struct hints *h, const struct container *c)
{
    static const char *const limits[] = {"timeout", "seq ",  "-lt ", "-le ", "-gt ",
                                         "-ge ",    "break", "MAX",  "$((",  "exit 1"};
    struct wait_target target;
    if (c->kind != CONTAINER_INIT || h->pod->active_deadline_s >= 0 ||
        (!command_has(c, "until ") && !command_has(c, "while ")) ||
        command_has_any(c, limits, IW_COUNTOF(limits)) || !container_wait_target(c, &target))
        return;
    struct finding *f = hint_begin(h, "IW-B02", SEVERITY_WARNING, c);
    if (!f)
        return;
    hint_say(f, "%.63s waits for %.100s%s%.15s without a limit", c->name, target.host,
             *target.port ? ":" : "", target.port);
    finding_evidence(f, "command: %s", target.command);
    finding_advice(f, "for i in $(seq 60); do %s && exit 0; sleep 2; done; exit 1", target.command);
}

/* IW-B04: rights for everybody. */
static void
hint_open_rights(struct hints *h, const struct container *c)
{
    static const char *const forms[] = {"chmod 777", "chmod -R 777", "chmod 0777", "chmod -R 0777",
                                        "chmod -R a+rwx"};
    if (!command_has_any(c, forms, IW_COUNTOF(forms)))
        return;
    struct finding *f = hint_begin(h, "IW-B04", SEVERITY_WARNING, c);
    if (!f)
        return;
    hint_say(f, "%.63s gives everybody write access (chmod 777)", c->name);
    finding_advice(f, "set spec.securityContext.fsGroup and drop the chmod");
}

/* IW-B05: nothing asked for. */
static void
hint_no_resources(struct hints *h, const struct container *c)
{
    char why[160];
    if (!is_start_up(c) || h->pod->pod_resources_present || c->requests.count || c->limits.count)
        return;
    struct finding *f = hint_begin(h, "IW-B05", SEVERITY_WARNING, c);
    if (!f)
        return;
    hint_say(f, "%.63s has neither requests nor limits, so the pod is %s", c->name,
             resources_qos(h->pod, why, sizeof(why)));
    finding_advice(f, "give it requests and a memory limit; init containers count for QoS too");
}

/* IW-B06: which version runs is decided at each start. */
static void
hint_latest_image(struct hints *h, const struct container *c)
{
    if (!image_is_latest(c->image))
        return;
    struct finding *f = hint_begin(h, "IW-B06", SEVERITY_INFO, c);
    if (!f)
        return;
    hint_say(f, "%.63s: image %.120s has no fixed version", c->name, c->image);
    finding_advice(f, "name a tag or, better, a digest");
}

/* IW-P02: what is behind a sidecar without startup probe does not wait for it. */
static void
hint_sidecar_without_gate(struct hints *h, const struct container *c)
{
    if (c->kind != CONTAINER_SIDECAR || c->startup->kind != PROBE_NONE)
        return;
    struct finding *f = hint_begin(h, "IW-P02", SEVERITY_WARNING, c);
    if (!f)
        return;
    const struct container *next = pod_containers(h->pod, c);
    hint_say(f, "%.63s has no startupProbe: %.63s starts as soon as its process exists", c->name,
             next ? next->name : "the next container");
    if (c->readiness->kind != PROBE_NONE)
        finding_evidence(f, "its readinessProbe (%s) holds up nothing", c->readiness->target);
    finding_advice(f, "add a startupProbe if later containers need it");
}

/* IW-S10: a policy of its own that an app container of an Always pod rarely wants. */
static void
hint_app_restart_policy(struct hints *h, const struct container *c)
{
    bool pod_always = !*h->pod->restart_policy || strcmp(h->pod->restart_policy, "Always") == 0;
    if (c->kind != CONTAINER_APP || !pod_always || !*c->restart_policy ||
        strcmp(c->restart_policy, "Always") == 0)
        return;
    struct finding *f = hint_begin(h, "IW-S10", SEVERITY_INFO, c);
    if (!f)
        return;
    hint_say(f, "%.63s: its restartPolicy %.16s overrides the pod's Always", c->name,
             c->restart_policy);
    finding_evidence(f, "once it has ended for good the pod is never Ready again");
}

/* --- rules about the pod --- */

/* The most the container may ask for without deciding. */
static void
advise_lower_request(struct finding *f, const struct resource_breakdown *b)
{
    char most[QUANTITY_OUT_MAX];
    char own[QUANTITY_OUT_MAX];
    for (size_t i = 0; i < b->stage_count; i++) {
        const struct resource_stage *stage = &b->stages[i];
        if (!stage->decides || !stage->container)
            continue;
        struct quantity limit = b->steady;
        quantity_sub(&limit, &stage->sidecars_before);
        quantity_format(&limit, most, sizeof(most));
        quantity_format(&stage->own, own, sizeof(own));
        if (quantity_sign(&limit) > 0)
            finding_advice(f, "requests.%.60s: at most %s ends the waste (now %s)", b->name, most,
                           own);
    }
}

/* IW-R02: an init container holds more than the pod needs while it runs. */
static void
hint_init_decides(struct hints *h, const char *name)
{
    struct resource_breakdown b;
    char effective[QUANTITY_OUT_MAX];
    char waste[QUANTITY_OUT_MAX];
    resources_breakdown(h->pod, RESOURCE_REQUESTS, name, NULL, &b);
    struct finding *f = NULL;
    if (b.decided_by == DECIDED_BY_INIT && quantity_sign(&b.waste) > 0)
        f = hint_begin(h, "IW-R02", SEVERITY_WARNING, b.decider);
    if (f) {
        quantity_format(&b.effective, effective, sizeof(effective));
        quantity_format(&b.waste, waste, sizeof(waste));
        hint_say(f, "%.63s decides the %.40s request: the pod holds %.40s, %.40s of it unused",
                 b.decider->name, name, effective, waste);
        finding_evidence(f, "the scheduler reserves it for the pod's whole life");
        advise_lower_request(f, &b);
    }
    resource_breakdown_free(&b);
}

size_t
lint_hints(const struct pod *pod, struct finding *out, size_t max)
{
    struct hints h = {.pod = pod, .out = out, .max = max};
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->list == LIST_EPHEMERAL)
            continue;
        hint_not_idempotent(&h, c);
        hint_endless_wait(&h, c);
        hint_open_rights(&h, c);
        hint_no_resources(&h, c);
        hint_latest_image(&h, c);
        hint_sidecar_without_gate(&h, c);
        hint_app_restart_policy(&h, c);
    }
    hint_init_decides(&h, "cpu");
    hint_init_decides(&h, "memory");
    return h.count;
}
