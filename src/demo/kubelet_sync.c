/* kubelet_sync: one sync carried out step by step; and what a start attempt runs into: back-off,
 * image, configuration, runtime, hook. Ref: SEMANTICS D.2, D.3, D.5, E.1, E.2; kuberuntime SyncPod
 * and startContainer, image_manager EnsureImageExists.
 * SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/iwdef.h"
#include "initwatch/base/strbuf.h"
#include "kubelet_internal.h"

static void say(const struct kubelet_pod *pod, const char *type, const char *reason,
                const char *container, const char *fmt, ...) IW_PRINTF(5, 6);

static void
say(const struct kubelet_pod *pod, const char *type, const char *reason, const char *container,
    const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char text[1024]; /* an event's message is cut there, too */
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    pod->event(pod->ctx, type, reason, container, text);
}

/* --- back-off --- */

static bool
backoff_expired(const struct kubelet_backoff *entry, int64_t moment_ms)
{
    return entry->delay_ms == 0 || moment_ms - entry->updated_ms > KUBELET_BACKOFF_FORGET_MS;
}

static void
backoff_next(struct kubelet_backoff *entry, int64_t moment_ms, int64_t now_ms)
{
    entry->delay_ms = backoff_expired(entry, moment_ms)
                          ? KUBELET_BACKOFF_FIRST_MS
                          : IW_MIN(entry->delay_ms * 2, KUBELET_BACKOFF_CAP_MS);
    entry->updated_ms = now_ms;
}

/* --- the result of a start --- */

static enum kubelet_step next_start(const struct kubelet_pod *pod, struct kubelet_sync *sync);

/* Takes `message`. */
static enum kubelet_step
fail_start(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *reason,
           char *message)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    c->memory->fail_reason = reason;
    free(c->memory->fail_message);
    c->memory->fail_message = message;
    sync->failed[sync->failed_len++] = (struct kubelet_failure){
        .container = sync->container, .reason = reason, .message = iw_strdup(message)};
    if (c->role == KUBELET_INIT)
        sync->at = sync->actions.start_len; /* nothing after it is tried */
    return next_start(pod, sync);
}

static enum kubelet_step
start_worked(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    struct kubelet_memory *memory = pod->c[sync->container].memory;
    memory->fail_reason = NULL;
    free(memory->fail_message);
    memory->fail_message = NULL;
    return next_start(pod, sync);
}

/* The runtime refused: the event says what it said. */
static enum kubelet_step
fail_runtime(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *reason,
             const char *error)
{
    say(pod, "Warning", "Failed", pod->c[sync->container].name, "Error: %s", error);
    return fail_start(pod, sync, reason, iw_strdup(error));
}

/* --- image --- */

/* The repository without the registry, as far as it has capital letters; NULL: it is fine. A
 * reference may be NAME[:TAG][@DIGEST]; the registry is the first part if it looks like a host. */
static char *
bad_repository(const char *image)
{
    size_t len = strcspn(image, "@");
    const char *slash = memchr(image, '/', len);
    const char *name = image;
    if (slash) {
        size_t host = (size_t)(slash - image);
        bool is_host = memchr(image, '.', host) || memchr(image, ':', host) ||
                       (host == 9 && memcmp(image, "localhost", 9) == 0);
        name = is_host ? slash + 1 : image;
    }
    size_t left = len - (size_t)(name - image);
    for (size_t i = left; i-- > 0 && name[i] != '/';) {
        if (name[i] == ':')
            left = i;
    }
    bool capital = false;
    for (size_t i = 0; i < left; i++)
        capital = capital || isupper((unsigned char)name[i]);
    return capital ? iw_strndup(name, left) : NULL;
}

static enum kubelet_step
fail_image_name(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *repository)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    char *message = iw_asprintf("Failed to apply default image tag \"%s\": couldn't parse image "
                                "name \"%s\": invalid reference format: repository name (%s) must "
                                "be lowercase",
                                c->image, c->image, repository);
    say(pod, "Warning", "InspectFailed", c->name, "%s", message);
    say(pod, "Warning", "Failed", c->name, "Error: InvalidImageName");
    return fail_start(pod, sync, "InvalidImageName", message);
}

/* Ref: pkg/kubelet/images/image_manager.go, imagePullPrecheck. */
static enum kubelet_step
fail_inspect(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *error)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    char *message = iw_asprintf("Failed to inspect image \"%s\": %s", c->image, error);
    say(pod, "Warning", "InspectFailed", c->name, "%s", message);
    say(pod, "Warning", "Failed", c->name, "Error: ImageInspectError");
    return fail_start(pod, sync, "ImageInspectError", message);
}

static enum kubelet_step
fail_never_pull(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    char *message =
        iw_asprintf("Container image \"%s\" is not present with pull policy of Never", c->image);
    say(pod, "Warning", "ErrImageNeverPull", c->name, "%s", message);
    say(pod, "Warning", "Failed", c->name, "Error: ErrImageNeverPull");
    return fail_start(pod, sync, "ErrImageNeverPull", message);
}

static enum kubelet_step
fail_pull_backoff(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    const char *error = c->memory->pull_error;
    say(pod, "Normal", "BackOff", c->name, "Back-off pulling image \"%s\"", c->image);
    say(pod, "Warning", "Failed", c->name, "Error: ImagePullBackOff");
    return fail_start(pod, sync, "ImagePullBackOff",
                      iw_asprintf("Back-off pulling image \"%s\"%s%s", c->image, error ? ": " : "",
                                  error ? error : ""));
}

/* What the registry's answer becomes. New text; *reason is static. */
static char *
translate_pull_error(const struct kubelet_container *c, const char *error, const char **reason)
{
    static const struct {
        const char *reason, *because;
    } known[] = {
        {"RegistryUnavailable", "the registry is unavailable"},
        {"SignatureValidationFailed", "the signature validation failed"},
    };
    for (size_t i = 0; i < IW_COUNTOF(known); i++) {
        size_t len = strlen(known[i].reason);
        if (strncmp(error, known[i].reason, len) != 0)
            continue;
        *reason = known[i].reason;
        return iw_asprintf("image pull failed for %s because %s%s", c->image, known[i].because,
                           error + len);
    }
    *reason = "ErrImagePull";
    return iw_strdup(error);
}

static enum kubelet_step
fail_pull(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *error)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    const char *reason = NULL;
    char *message = translate_pull_error(c, error, &reason);
    say(pod, "Warning", "Failed", c->name, "Failed to pull image \"%s\": %s", c->image, error);
    say(pod, "Warning", "Failed", c->name, "Error: %s", reason);
    backoff_next(&c->memory->pull, pod->now_ms, pod->now_ms);
    free(c->memory->pull_error);
    c->memory->pull_error = iw_asprintf("%s: %s", reason, message);
    return fail_start(pod, sync, reason, message);
}

static enum kubelet_step
say_pulled(const struct kubelet_pod *pod, struct kubelet_sync *sync, bool pulled)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    if (!pulled) {
        say(pod, "Normal", "Pulled", c->name,
            "Container image \"%s\" already present on machine and can be accessed by the pod",
            c->image);
        return KUBELET_CONFIGURE;
    }
    char took[40];
    duration_go(pod->now_ms - sync->pull_began_ms, took);
    say(pod, "Normal", "Pulled", c->name,
        "Successfully pulled image \"%s\" in %s (%s including waiting). Image size: %lld bytes.",
        c->image, took, took, (long long)sync->image_bytes);
    return KUBELET_CONFIGURE;
}

static enum kubelet_step
begin_image(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    iw_autofree char *repository = bad_repository(c->image);
    if (repository)
        return fail_image_name(pod, sync, repository);
    const char *refusal = pod->inspect_error ? pod->inspect_error(pod->ctx, c) : NULL;
    if (refusal)
        return fail_inspect(pod, sync, refusal);
    const char *policy = kubelet_text(c->spec, "imagePullPolicy");
    bool present = pod->image_present(pod->ctx, c);
    if (strcmp(policy, "Never") == 0 && !present)
        return fail_never_pull(pod, sync);
    if (present && strcmp(policy, "Always") != 0)
        return say_pulled(pod, sync, false);
    const struct kubelet_backoff *entry = &c->memory->pull;
    if (!backoff_expired(entry, pod->now_ms) && pod->now_ms - entry->updated_ms < entry->delay_ms)
        return fail_pull_backoff(pod, sync);
    say(pod, "Normal", "Pulling", c->name, "Pulling image \"%s\"", c->image);
    sync->pull_began_ms = pod->now_ms;
    sync->image_bytes = 0;
    return KUBELET_PULL;
}

/* --- one start --- */

static enum kubelet_step
fail_crash_backoff(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    char delay[40];
    duration_go(c->memory->crash.delay_ms, delay);
    say(pod, "Warning", "BackOff", c->name,
        "Back-off restarting failed container %s in pod %s_%s(%s)", c->name, pod->name, pod->ns,
        pod->uid);
    return fail_start(pod, sync, "CrashLoopBackOff",
                      iw_asprintf("back-off %s restarting failed container=%s pod=%s_%s(%s)", delay,
                                  c->name, pod->name, pod->ns, pod->uid));
}

static enum kubelet_step
begin_start(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    struct kubelet_backoff *entry = &pod->c[sync->container].memory->crash;
    int64_t exit_ms = sync->last_exit_ms[sync->container];
    if (exit_ms == KUBELET_NO_TIME)
        return begin_image(pod, sync);
    if (!backoff_expired(entry, exit_ms) && pod->now_ms - exit_ms < entry->delay_ms)
        return fail_crash_backoff(pod, sync);
    backoff_next(entry, exit_ms, pod->now_ms);
    return begin_image(pod, sync);
}

static enum kubelet_step
next_start(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    if (sync->at >= sync->actions.start_len)
        return KUBELET_DONE;
    sync->container = sync->actions.start[sync->at++];
    return begin_start(pod, sync);
}

/* What a failing postStart hook of the container says, when the runtime says `error`. New. */
static char *
kubelet_hook_message(const struct kubelet_pod *pod, size_t container, const char *error)
{
    const struct kubelet_container *c = &pod->c[container];
    const json_t *hook = json_object_get(json_object_get(c->spec, "lifecycle"), "postStart");
    const json_t *exec = json_object_get(hook, "exec");
    struct strbuf text;
    strbuf_init(&text, 8192);
    if (exec) {
        strbuf_adds(&text, "Exec lifecycle hook ([");
        size_t i;
        json_t *word;
        json_array_foreach(json_object_get(exec, "command"), i, word)
        {
            strbuf_addf(&text, "%s%s", i > 0 ? " " : "", json_string_value(word));
        }
        strbuf_adds(&text, "])");
    } else {
        strbuf_addf(&text, "HTTP lifecycle hook (%s)",
                    kubelet_text(json_object_get(hook, "httpGet"), "path"));
    }
    strbuf_addf(&text,
                " for Container \"%s\" in Pod \"%s_%s(%s)\" failed - error: %s, message: \"\"",
                c->name, pod->name, pod->ns, pod->uid, error);
    char *out = strbuf_take(&text);
    strbuf_free(&text);
    return out;
}

static enum kubelet_step
after_hook(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *error)
{
    if (!error)
        return start_worked(pod, sync);
    const struct kubelet_container *c = &pod->c[sync->container];
    say(pod, "Warning", "FailedPostStartHook", c->name, "PostStartHook failed");
    say(pod, "Normal", "Killing", c->name, "FailedPostStartHook");
    sync->hook_error = kubelet_hook_message(pod, sync->container, error);
    return KUBELET_STOP;
}

static enum kubelet_step
after_start(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *error)
{
    const struct kubelet_container *c = &pod->c[sync->container];
    if (error)
        return fail_runtime(pod, sync, "RunContainerError", error);
    say(pod, "Normal", "Started", c->name, "Container started");
    return c->has_post_start ? KUBELET_POST_START : start_worked(pod, sync);
}

/* --- the frame around the starts --- */

static enum kubelet_step
next_prune(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    if (sync->at < sync->prune_len) {
        sync->record = sync->prune[sync->at++];
        return KUBELET_PRUNE;
    }
    sync->at = 0;
    return next_start(pod, sync);
}

static enum kubelet_step
next_kill(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    if (sync->at < sync->actions.kill_len) {
        const struct kubelet_kill *kill = &sync->actions.kill[sync->at++];
        sync->container = kill->container;
        say(pod, "Normal", "Killing", pod->c[kill->container].name, "%s", kill->message);
        return KUBELET_STOP;
    }
    sync->at = 0;
    return next_prune(pod, sync);
}

static enum kubelet_step
next_reset(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    if (sync->at == sync->actions.reset_len)
        return KUBELET_DONE;
    sync->record = sync->actions.reset[sync->at++];
    sync->container = sync->of_record[sync->record];
    bool newest = true;
    for (size_t r = 0; r < sync->record; r++)
        newest = newest && sync->of_record[r] != sync->container;
    if (newest && sync->running[sync->container])
        say(pod, "Normal", "Killing", pod->c[sync->container].name, "killing");
    return KUBELET_RESET;
}

void
kubelet_say_stopping(const struct kubelet_pod *pod)
{
    for (size_t i = 0; i < pod->count; i++) {
        const struct kubelet_record *record = kubelet_newest(pod, i);
        if (record && record->state == KUBELET_RUNNING)
            say(pod, "Normal", "Killing", pod->c[i].name, "Stopping container %s", pod->c[i].name);
    }
}

static enum kubelet_step
first_step(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    const struct kubelet_actions *a = &sync->actions;
    sync->begun = true;
    if (a->create_sandbox && pod->sandbox.exists)
        say(pod, "Normal", "SandboxChanged", NULL,
            "Pod sandbox changed, it will be killed and re-created.");
    if (a->kill_pod) {
        kubelet_say_stopping(pod);
        return KUBELET_STOP_POD;
    }
    if (a->reset_len > 0)
        return next_reset(pod, sync);
    return next_kill(pod, sync);
}

static enum kubelet_step
after_sandbox(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *error)
{
    if (!error)
        return next_start(pod, sync);
    say(pod, "Warning", "FailedCreatePodSandBox", NULL, "Failed to create pod sandbox: %s", error);
    sync->sandbox_error = iw_strdup(error);
    return KUBELET_DONE;
}

static enum kubelet_step
after_stop(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    if (!sync->hook_error)
        return next_kill(pod, sync);
    char *message = sync->hook_error;
    sync->hook_error = NULL;
    return fail_start(pod, sync, "PostStartHookError", message);
}

static enum kubelet_step
advance(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *error)
{
    switch (sync->step) {
    case KUBELET_DONE:
        return sync->begun ? KUBELET_DONE : first_step(pod, sync);
    case KUBELET_STOP_POD:
        return sync->actions.create_sandbox ? KUBELET_PURGE_INITS : KUBELET_DONE;
    case KUBELET_PURGE_INITS:
        return KUBELET_MAKE_SANDBOX;
    case KUBELET_MAKE_SANDBOX:
        return after_sandbox(pod, sync, error);
    case KUBELET_STOP:
        return after_stop(pod, sync);
    case KUBELET_RESET:
        return next_reset(pod, sync);
    case KUBELET_PRUNE:
        return next_prune(pod, sync);
    case KUBELET_PULL:
        return error ? fail_pull(pod, sync, error) : say_pulled(pod, sync, true);
    case KUBELET_CONFIGURE:
        return error ? fail_runtime(pod, sync, "CreateContainerConfigError", error)
                     : KUBELET_CREATE;
    case KUBELET_CREATE:
        if (error)
            return fail_runtime(pod, sync, "CreateContainerError", error);
        say(pod, "Normal", "Created", pod->c[sync->container].name, "Container created");
        return KUBELET_START;
    case KUBELET_START:
        return after_start(pod, sync, error);
    case KUBELET_POST_START:
        return after_hook(pod, sync, error);
    }
    return KUBELET_DONE;
}

/* A back-off is about one image: another one begins anew. */
static void
remember_image(const struct kubelet_container *c)
{
    struct kubelet_memory *memory = c->memory;
    if (memory->image && strcmp(memory->image, c->image) == 0)
        return;
    if (memory->image)
        memory->crash = memory->pull = (struct kubelet_backoff){0};
    free(memory->image);
    memory->image = iw_strdup(c->image);
}

/* The newest dead record of each init container is kept, the others go. */
static void
find_prunable(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    bool kept[KUBELET_CONTAINERS_MAX] = {false};
    for (size_t r = 0; r < pod->records_len; r++) {
        const struct kubelet_record *record = &pod->records[r];
        bool dead = record->state == KUBELET_EXITED || record->state == KUBELET_UNKNOWN;
        if (!dead || record->container >= pod->inits)
            continue;
        if (kept[record->container])
            sync->prune[sync->prune_len++] = r;
        kept[record->container] = true;
    }
}

void
kubelet_sync_begin(const struct kubelet_pod *pod, struct kubelet_sync *sync)
{
    memset(sync, 0, sizeof(*sync));
    kubelet_plan(pod, &sync->actions);
    for (size_t i = 0; i < pod->count; i++) {
        const struct kubelet_record *newest = kubelet_newest(pod, i);
        remember_image(&pod->c[i]);
        sync->running[i] = newest && newest->state == KUBELET_RUNNING;
        sync->attempt[i] = newest ? newest->attempt + 1 : 0;
        sync->last_exit_ms[i] = KUBELET_NO_TIME;
    }
    for (size_t r = pod->records_len; r-- > 0;) {
        const struct kubelet_record *record = &pod->records[r];
        sync->of_record[r] = record->container;
        if (record->state == KUBELET_EXITED)
            sync->last_exit_ms[record->container] = record->finished_ms;
    }
    find_prunable(pod, sync);
}

enum kubelet_step
kubelet_sync_next(const struct kubelet_pod *pod, struct kubelet_sync *sync, const char *error)
{
    sync->step = advance(pod, sync, error);
    return sync->step;
}

void
kubelet_sync_free(struct kubelet_sync *sync)
{
    for (size_t i = 0; i < sync->failed_len; i++)
        free(sync->failed[i].message);
    free(sync->sandbox_error);
    free(sync->hook_error);
    sync->failed_len = 0;
    sync->sandbox_error = sync->hook_error = NULL;
}
