/* podpane: what several pod views say about a pod and one of its containers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/ui/podpane.h"

#include <stdio.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/forecast.h"
#include "initwatch/model/status.h"
#include "initwatch/ui/widget.h"

/* --- the pod --- */

const struct pod *
podpane_pod(const struct view_env *env)
{
    return store_get(env->store, env->pod);
}

int64_t
podpane_now(const struct view_env *env)
{
    int64_t deleted_ms = store_deleted_ms(env->store, env->pod);
    return deleted_ms == IW_TIME_NONE ? env->now_wall_ms : deleted_ms;
}

int
podpane_banner_lines(const struct view_env *env)
{
    return store_deleted_ms(env->store, env->pod) == IW_TIME_NONE ? 0 : 1;
}

static void
gone_draw(const struct view_env *env, struct surface *s, struct rect area)
{
    if (!store_synced(env->store, STREAM_PODS) || area.h < 2) {
        widget_empty(s, area, env, STREAM_PODS, tr("pod"), 0, "");
        return;
    }
    struct rect text = {area.x + 1, area.y + 1, area.w - 2, area.h - 1};
    surface_puts(s, text, text.x, text.y, ROLE_TITLE, tr("This pod is not there any more."));
    widget_wrap(s, text, text.x, text.y + 1, text.w, text.h - 1, ROLE_DIM,
                tr("It was deleted and its last state is no longer kept. q goes back to the list; "
                   "a pod of the same owner may have taken its place."));
}

/* The banner above the last state: since when it is gone, and what took its place. */
static void
deleted_draw(const struct view_env *env, struct surface *s, struct rect area, int64_t deleted_ms)
{
    char ago[16], text[128];
    struct pod_ref next;
    duration_cells(env->now_wall_ms - deleted_ms, ago);
    snprintf(text, sizeof(text), tr("⚠ this pod was deleted %s ago; its last state is shown"), ago);
    surface_fill(s, (struct rect){area.x, area.y, area.w, area.h > 0}, ' ', ROLE_WARN);
    int x = area.x + 1 + surface_puts(s, area, area.x + 1, area.y, ROLE_WARN, text);
    if (!pod_successor(env->store, env->pod, &next))
        return;
    const struct pod *gone = podpane_pod(env), *pod = store_get(env->store, next);
    bool same = strcmp(gone->name, pod->name) == 0;
    snprintf(text, sizeof(text), same ? tr("  J: its successor") : tr("  J: its successor %.80s"),
             pod->name);
    if (x + utf8_width(text, strlen(text)) > area.x + area.w)
        snprintf(text, sizeof(text), "%s", tr("  J: its successor"));
    surface_puts(s, area, x, area.y, ROLE_KEY, text);
}

const struct pod *
podpane_begin(const struct view_env *env, struct surface *s, struct rect *area)
{
    const struct pod *pod = podpane_pod(env);
    int64_t deleted_ms = store_deleted_ms(env->store, env->pod);
    if (!pod) {
        gone_draw(env, s, *area);
        return NULL;
    }
    if (deleted_ms != IW_TIME_NONE) {
        deleted_draw(env, s, *area, deleted_ms);
        area->y += 1;
        area->h -= 1;
    }
    return pod;
}

/* --- header lines --- */

struct kind_count {
    unsigned total, good, working, bad, waits, unready;
};

static struct kind_count
kind_count(const struct pod *pod, enum container_kind kind, int64_t now_ms)
{
    struct kind_count n = {0};
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        if (c->kind != kind)
            continue;
        enum container_sign sign = container_sign(pod, c, now_ms);
        n.total++;
        n.good += sign == SIGN_OK;
        n.working += sign == SIGN_WORKING;
        n.bad += sign == SIGN_BACKOFF || sign == SIGN_FAILED;
        n.waits += sign == SIGN_WAITS;
        n.unready += sign == SIGN_UNREADY;
    }
    return n;
}

/* "   sidecars ✓2/2" when all is well, else each sign with its number: "   init ✓1 ↻1 ◌1". */
static void
kind_put(struct doc *d, const struct pod *pod, enum container_kind kind, const char *word,
         int64_t now_ms)
{
    struct kind_count n = kind_count(pod, kind, now_ms);
    if (n.total == 0)
        return;
    doc_put(d, ROLE_DIM, "   %s", word);
    if (n.good == n.total) {
        doc_put(d, ROLE_OK, " ✓%u/%u", n.good, n.total);
        return;
    }
    if (n.good)
        doc_put(d, ROLE_OK, " ✓%u", n.good);
    if (n.working)
        doc_put(d, ROLE_WORKING, " ⠹%u", n.working);
    if (n.bad)
        doc_put(d, ROLE_ERROR, " ✗%u", n.bad);
    if (n.unready)
        doc_put(d, ROLE_UNREADY, " ◒%u", n.unready);
    if (n.waits)
        doc_put(d, ROLE_WAITING, " ◌%u", n.waits);
    unsigned ended = n.total - n.good - n.working - n.bad - n.unready - n.waits;
    if (ended)
        doc_put(d, ROLE_DIM, " –%u", ended);
}

static enum role
status_role(const struct pod *pod, int64_t now_ms)
{
    struct pod_block block;
    pod_block_of(pod, now_ms, &block);
    switch (block.severity) {
    case BLOCK_NONE:
        return pod_is_terminal(pod) && strcmp(pod->phase, "Failed") == 0 ? ROLE_ERROR : ROLE_OK;
    case BLOCK_PROGRESS:
    case BLOCK_WAIT:
        return ROLE_WORKING;
    case BLOCK_WARN:
        return ROLE_UNREADY;
    case BLOCK_ERROR:
        return ROLE_ERROR;
    }
    return ROLE_TEXT;
}

/* The container with the most restarts. */
static const char *
most_restarted(const struct pod *pod)
{
    const struct container *most = NULL;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (c->status && c->status->restart_count > 0 &&
            (!most || c->status->restart_count > most->status->restart_count))
            most = c;
    return most ? most->name : "";
}

void
podpane_status(struct doc *d, const struct pod *pod, int64_t now_ms)
{
    struct pod_cells cells;
    pod_print_cells(pod, now_ms, &cells);
    doc_line(d);
    doc_put(d, status_role(pod, now_ms), " %s",
            cells.status[0] ? cells.status : tr("no status yet"));
    doc_put(d, ROLE_DIM, "  %s ", tr("ready"));
    doc_put(d, cells.ready_count == cells.total_count ? ROLE_OK : ROLE_TEXT, "%s", cells.ready);
    kind_put(d, pod, CONTAINER_INIT, tr("init"), now_ms);
    kind_put(d, pod, CONTAINER_SIDECAR, tr("sidecars"), now_ms);
    kind_put(d, pod, CONTAINER_APP, tr("apps"), now_ms);
    const char *node = pod->node[0] ? pod->node : tr("no node");
    char restarts[24];
    snprintf(restarts, sizeof(restarts), "%llu", (unsigned long long)cells.restart_count);
    int restarts_cols =
        4 + utf8_width(tr("restarts"), strlen(tr("restarts"))) + (int)strlen(restarts);
    int spare = d->width - d->x - 3 - utf8_width(node, strlen(node));
    /* The node is nowhere else; how often a container restarted is said below as well. */
    bool node_alone = spare >= 0 && spare < restarts_cols;
    if (cells.restart_count > 0 && d->x + 16 < d->width && !node_alone) {
        doc_put(d, ROLE_DIM, "   %s ", tr("restarts"));
        doc_put(d, ROLE_BACKOFF, "%s", restarts);
        if (d->width >= 110)
            doc_put(d, ROLE_DIM, " (%s)", most_restarted(pod));
    }
    const char *qos = pod_qos(pod);
    int rest = 7 + (int)strlen(qos) + 3 + utf8_width(node, strlen(node));
    if (d->x + rest < d->width)
        doc_put(d, ROLE_DIM, "   QoS %s", qos);
    if (d->x + 6 < d->width)
        doc_put(d, pod->node[0] ? ROLE_DIM : ROLE_WARN, "   %s", node);
    if (pod->ip[0] && d->x + 3 + (int)strlen(pod->ip) < d->width)
        doc_put(d, ROLE_DIM, "   %s", pod->ip);
}

static void
milestone_false(struct doc *d, const struct pod_condition *cond, const char *word, bool first)
{
    /* "containers with incomplete status: [a b]": the names are what one wants to know. */
    const char *open = strchr(cond->message, '['), *close = open ? strchr(open, ']') : NULL;
    doc_put(d, ROLE_TEXT, "%s ", word);
    doc_put(d, ROLE_ERROR, "✗");
    /* Those of the later ones are the same, or follow from them. */
    if (d->width < 100 || !first)
        return;
    if (open && close)
        doc_put(d, ROLE_DIM, " %.*s", (int)(close - open - 1), open + 1);
    else if (cond->reason[0])
        doc_put(d, ROLE_DIM, " %s", cond->reason);
}

/* Of a pod that is over: it lost its sandbox and is not ready, of course. */
static bool
over_with(const struct pod *pod, const struct pod_condition *cond)
{
    return pod_is_terminal(pod) && strcmp(cond->status, "True") != 0 &&
           strcmp(cond->type, "Initialized") != 0 && strcmp(cond->type, "PodScheduled") != 0;
}

static void
milestone_put(struct doc *d, const struct pod *pod, const char *word, int64_t at_ms)
{
    char text[32];
    doc_put(d, ROLE_TEXT, "%s ", word);
    if (at_ms != IW_TIME_NONE && pod->created_ms != IW_TIME_NONE) {
        duration_cells(at_ms - pod->created_ms, text);
        doc_put(d, ROLE_OK, "+%s", text);
    } else {
        doc_put(d, ROLE_OK, "✓");
    }
}

/* When the last container of a pod that is over ended. */
static int64_t
ended_ms(const struct pod *pod)
{
    int64_t last_ms = IW_TIME_NONE;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        if (pod_is_terminal(pod) && c->status && c->status->state.terminated)
            last_ms = IW_MAX(last_ms, c->status->state.end.finished_ms);
    return last_ms;
}

static void
milestone_joint(struct doc *d, bool *first)
{
    doc_put(d, ROLE_DIM, *first ? " " : " › ");
    *first = false;
}

/* How much the line of conditions says. */
enum milestone_words { MILESTONES_BRIEF, MILESTONES_WORDS, MILESTONES_TYPES };

static void
milestones_put(struct doc *d, const struct view_env *env, const struct pod *pod,
               enum milestone_words words)
{
    static const char *const STEPS[][3] = {
        {"PodScheduled", TR_MARK("scheduled"), "PodScheduled"},
        {"PodReadyToStartContainers", TR_MARK("sandbox"), "ReadyToStart"},
        {"Initialized", "Initialized", "Initialized"},
        {"ContainersReady", "", "ContainersReady"},
        {"Ready", "Ready", "Ready"}};
    char text[32];
    bool first = true, types = words == MILESTONES_TYPES;
    int missed = 0;
    int64_t over_ms = ended_ms(pod);
    doc_line(d);
    if ((words != MILESTONES_BRIEF || pod->condition_count == 0) &&
        pod->created_ms != IW_TIME_NONE) {
        clock_hms(pod->created_ms, env->prefs->time_mode != TIME_MODE_UTC, text);
        doc_put(d, ROLE_DIM, tr(" created %s  "), text);
    }
    for (size_t i = 0; i < IW_COUNTOF(STEPS); i++) {
        const struct pod_condition *cond = pod_condition(pod, STEPS[i][0]);
        const char *word = types ? STEPS[i][2] : STEPS[i][1];
        if (!cond || !word[0] || over_with(pod, cond))
            continue;
        if (!types) /* the types of conditions are those of the API */
            word = tr(word);
        milestone_joint(d, &first);
        if (strcmp(cond->status, "True") != 0)
            milestone_false(d, cond, word, !missed++);
        else
            milestone_put(d, pod, word, cond->transition_ms);
    }
    if (over_ms != IW_TIME_NONE) {
        milestone_joint(d, &first);
        milestone_put(d, pod, tr("ended"), over_ms);
    }
}

void
podpane_milestones(struct doc *d, const struct view_env *env, const struct pod *pod, int64_t now_ms)
{
    char text[32], age[64] = "";
    enum milestone_words words = d->width >= 120 ? MILESTONES_TYPES : MILESTONES_BRIEF;
    if (pod->created_ms != IW_TIME_NONE) {
        duration_cells(now_ms - pod->created_ms, text);
        snprintf(age, sizeof(age), tr("age %s "), text);
    }
    for (bool fits = false; !fits && words > MILESTONES_BRIEF; words -= fits ? 0 : 1) {
        doc_auto whole;
        doc_init(&whole, d->width);
        milestones_put(&whole, env, pod, words);
        fits = !whole.full && whole.x + utf8_width(age, strlen(age)) < d->width;
    }
    milestones_put(d, env, pod, words);
    if (age[0])
        doc_right(d, ROLE_DIM, "%s", age);
}

const char *
podpane_about(const struct pod *pod, const char *sentence)
{
    size_t name = strlen(pod->name);
    if (name == 0 || strncmp(sentence, pod->name, name) != 0)
        return sentence;
    const char *rest = sentence + name, *colon = strstr(rest, ": ");
    bool blocked = strncmp(rest, " is blocked", 11) == 0;
    return colon && (colon == rest || blocked) ? colon + 2 : sentence;
}

const char *
podpane_note(const struct pod *pod)
{
    bool sidecars = false;
    if (strcmp(pod->owner_kind, "Node") == 0)
        return tr("note: a static pod, shown here by the kubelet of its node: it comes from a file "
                  "there, and deleting it here stops nothing.");
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;)
        sidecars |= c->kind == CONTAINER_SIDECAR;
    if (!sidecars || pod_is_terminal(pod))
        return "";
    if (strcmp(pod->owner_kind, "Job") == 0 || strcmp(pod->restart_policy, "Always") != 0)
        return tr("note: the sidecars do not keep this pod alive: they are stopped when the app "
                  "containers have ended.");
    return tr(
        "note: pod restartPolicy is Always → apps restart when they end; the sidecars end only "
        "with the pod (in a Job: when the apps have ended).");
}
