/* exec_credential: the program's run, what it brought, and who uses it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/exec_credential.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "exec_answer.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/net/spawn.h"
#include "kubeconfig_parts.h"

#define V1 "client.authentication.k8s.io/v1"
#define V1BETA1 "client.authentication.k8s.io/v1beta1"
/* The end of stderr is kept: that is where programs say why. */
#define TAIL_BYTES 1024
/* When the last use closes while it runs. */
#define STOP_GRACE_MS 100

/* A program with all it is given, in one loop. */
struct exec_credential {
    struct exec_credential *next;
    struct loop *loop;
    char *key;  /* own: what makes it another one */
    char *user; /* own, of the kubeconfig */
    char *info; /* own, "KUBERNETES_EXEC_INFO=..." */
    struct kube_exec *exec;
    struct exec_use *uses;
    unsigned telling; /* uses are being called: it must live */

    struct spawn *run; /* NULL: it does not run */
    struct strbuf out; /* of stdout */
    char tail[TAIL_BYTES], waiting[200];
    size_t tail_len;
    bool was_refused;
    int64_t refused_ms; /* then it was run because of that */

    bool has_answer;
    bool is_refused; /* by the server */
    struct exec_answer answer;
    int64_t obtained_wall_ms;
    uint64_t generation; /* of the answer */

    struct iw_error failure; /* of the last run, IW_OK none */
    int64_t failed_ms;
    unsigned failures; /* in a row */
    loop_id tell_timer;
};

struct exec_use {
    struct exec_credential *of;
    struct exec_use *next;
    struct http_client *client;
    void (*changed)(void *ctx);
    void *ctx;
    uint64_t generation; /* of the answer that the client has */
    bool is_due;         /* to be told */
};

static struct exec_credential *credentials;

static int64_t
mono_ms(const struct exec_credential *c)
{
    return clock_mono(loop_clock(c->loop));
}

/* --- words --- */

static const char *
short_name(const struct exec_credential *c)
{
    const char *slash = strrchr(c->exec->command, '/');
    return slash && slash[1] ? slash + 1 : c->exec->command;
}

/* The last line of stderr that says something, harmless. */
static void
last_words(const struct exec_credential *c, char *out, size_t out_size)
{
    size_t end = c->tail_len;
    while (end > 0 && strchr(" \t\r\n", c->tail[end - 1]))
        end--;
    size_t begin = end;
    while (begin > 0 && c->tail[begin - 1] != '\n' && c->tail[begin - 1] != '\r')
        begin--;
    log_sanitize(c->tail + begin, end - begin, out, out_size);
}

static void
note_waiting(struct exec_credential *c)
{
    char words[120], name[60];
    last_words(c, words, sizeof(words));
    log_sanitize(short_name(c), strlen(short_name(c)), name, sizeof(name));
    (void)snprintf(c->waiting, sizeof(c->waiting), "%s%s%s", name, words[0] ? ": " : "", words);
}

/* Why a run brought nothing; what: the last part of the sentence. */
static void
fail(struct exec_credential *c, const char *what)
{
    char name[80];
    log_sanitize(c->exec->command, strlen(c->exec->command), name, sizeof(name));
    iw_fail(&c->failure, IW_ERR_CREDENTIAL,
            "user %.40s of the kubeconfig: credential program %s: %s", c->user, name, what);
    c->failed_ms = mono_ms(c);
    c->failures++;
    LOG_WARN("%s", c->failure.msg);
}

static void
fail_start(struct exec_credential *c, enum iw_err code, const struct iw_error *err)
{
    char hint[160], what[220];
    log_sanitize(c->exec->install_hint, strcspn(c->exec->install_hint, "\r\n"), hint, sizeof(hint));
    if (code != IW_ERR_NOT_FOUND) {
        char why[100];
        kc_errno_text(err->sys_errno, why, sizeof(why));
        (void)snprintf(what, sizeof(what), "it does not start (%s)", why);
    } else {
        (void)snprintf(what, sizeof(what), "it is not %s%s%s",
                       strchr(c->exec->command, '/') ? "there" : "in the PATH", hint[0] ? "; " : "",
                       hint);
    }
    fail(c, what);
}

static void
fail_end(struct exec_credential *c, int wait_status, const struct iw_error *err)
{
    char words[160], how[40], what[220];
    last_words(c, words, sizeof(words));
    if (err->code == IW_ERR_TOO_BIG)
        (void)snprintf(how, sizeof(how), "it printed more than %u KiB", EXEC_OUTPUT_BYTES >> 10);
    else if (err->code != IW_OK)
        (void)snprintf(how, sizeof(how), "it took longer than %d s", EXEC_TIMEOUT_MS / 1000);
    else if (WIFSIGNALED(wait_status))
        (void)snprintf(how, sizeof(how), "it was ended by signal %d", WTERMSIG(wait_status));
    else
        (void)snprintf(how, sizeof(how), "it ended with status %d", WEXITSTATUS(wait_status));
    (void)snprintf(what, sizeof(what), "%s%s%s", how, words[0] ? ": " : "", words);
    fail(c, what);
}

/* --- telling the uses --- */

static struct exec_use *
due_use(const struct exec_credential *c)
{
    for (struct exec_use *use = c->uses; use; use = use->next)
        if (use->is_due)
            return use;
    return NULL;
}

static void
drop(struct exec_credential *c)
{
    if (c->uses || c->telling > 0)
        return;
    struct exec_credential **at = &credentials;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    loop_remove(c->loop, c->tell_timer);
    spawn_stop(c->run, STOP_GRACE_MS);
    exec_answer_free(&c->answer);
    explicit_bzero(c->out.data, c->out.len);
    strbuf_free(&c->out);
    kc_exec_free(c->exec);
    free(c->key);
    free(c->user);
    free(c->info);
    free(c);
}

/* A use may close itself or others meanwhile. */
static void
on_tell(void *ctx)
{
    struct exec_credential *c = ctx;
    c->tell_timer = 0;
    c->telling++;
    for (struct exec_use *use = c->uses; use; use = use->next)
        use->is_due = true;
    for (struct exec_use *use; (use = due_use(c)) != NULL;) {
        struct http_client *client = use->client;
        use->is_due = false;
        if (!c->run)
            http_client_resume(client, &c->failure);
        for (struct exec_use *left = c->uses; left; left = left->next) {
            if (left == use)
                left->changed(left->ctx);
        }
    }
    c->telling--;
    drop(c);
}

/* Later: requests, or the program's own handlers, are on the stack. */
static void
tell(struct exec_credential *c)
{
    if (!c->tell_timer)
        c->tell_timer = loop_timer_add(c->loop, 0, on_tell, c);
}

/* --- a run --- */

static void
on_stdout(void *ctx, const char *bytes, size_t len)
{
    struct exec_credential *c = ctx;
    (void)strbuf_add(&c->out, bytes, len); /* the spawn holds the same ceiling */
}

static void
on_stderr(void *ctx, const char *bytes, size_t len)
{
    struct exec_credential *c = ctx;
    size_t keep = IW_MIN(len, sizeof(c->tail));
    size_t old = IW_MIN(c->tail_len, sizeof(c->tail) - keep);
    memmove(c->tail, c->tail + c->tail_len - old, old);
    memcpy(c->tail + old, bytes + len - keep, keep);
    c->tail_len = old + keep;
    note_waiting(c);
    tell(c);
}

static void
take_answer(struct exec_credential *c)
{
    struct exec_answer answer;
    struct iw_error err = {0};
    int64_t now_ms = clock_wall(loop_clock(c->loop));
    if (exec_answer_parse(c->out.data, c->out.len, c->exec->api_version, &answer, &err) != IW_OK) {
        fail(c, err.msg);
        return;
    }
    if (answer.expires_wall_ms != IW_TIME_NONE && answer.expires_wall_ms <= now_ms) {
        char when[40], what[120];
        rfc3339_format(answer.expires_wall_ms, false, when);
        (void)snprintf(what, sizeof(what),
                       "what it printed expired at %s; is the clock of this computer right?", when);
        exec_answer_free(&answer);
        fail(c, what);
        return;
    }
    exec_answer_free(&c->answer);
    c->answer = answer;
    c->has_answer = true;
    c->failures = 0;
    c->is_refused = false;
    c->obtained_wall_ms = now_ms;
    c->generation++;
    LOG_DEBUG("the program %s brought credentials", short_name(c));
}

static void
on_end(void *ctx, int wait_status, const struct iw_error *err)
{
    struct exec_credential *c = ctx;
    c->run = NULL;
    if (err->code == IW_OK && WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        take_answer(c);
    else
        fail_end(c, wait_status, err);
    explicit_bzero(c->out.data, c->out.len);
    strbuf_clear(&c->out);
    c->waiting[0] = '\0';
    tell(c);
}

static void
start(struct exec_credential *c)
{
    static const struct spawn_handlers handlers = {on_stdout, on_stderr, on_end};
    VEC(const char *) argv = {0};
    VEC(char *) env = {0};
    vec_push(&argv, c->exec->command);
    for (size_t i = 0; c->exec->args[i]; i++)
        vec_push(&argv, c->exec->args[i]);
    vec_push(&argv, NULL);
    vec_push(&env, iw_strdup(c->info));
    for (size_t i = 0; c->exec->env_names && c->exec->env_names[i]; i++)
        vec_push(&env, iw_asprintf("%s=%s", c->exec->env_names[i], c->exec->env_values[i]));
    vec_push(&env, NULL);
    const struct spawn_request request = {.argv = argv.items,
                                          .env = (const char *const *)env.items,
                                          .timeout_ms = EXEC_TIMEOUT_MS,
                                          .output_ceiling_bytes = EXEC_OUTPUT_BYTES};
    struct iw_error err = {0};
    c->failure = (struct iw_error){0};
    c->tail_len = 0;
    LOG_INFO("user %s of the kubeconfig: running %s", c->user, short_name(c));
    enum iw_err code = spawn_start(c->loop, &request, &handlers, c, &c->run, &err);
    if (code == IW_OK)
        note_waiting(c);
    else
        fail_start(c, code, &err);
    tell(c);
    for (size_t i = 0; env.items[i]; i++)
        free(env.items[i]);
    vec_free(&env);
    vec_free(&argv);
}

/* --- what the clients ask --- */

static bool
is_good(const struct exec_credential *c)
{
    int64_t expires_ms = c->answer.expires_wall_ms;
    if (!c->has_answer || c->is_refused)
        return false;
    if (expires_ms == IW_TIME_NONE)
        return true;
    int64_t early_ms = IW_MIN((expires_ms - c->obtained_wall_ms) / 4, (int64_t)EXEC_EARLY_MS);
    return clock_wall(loop_clock(c->loop)) < expires_ms - early_ms;
}

/* Have the client carry the answer. */
static bool
hand_over(struct exec_use *use)
{
    struct exec_credential *c = use->of;
    struct iw_error err = {0};
    if (use->generation == c->generation)
        return true;
    if (c->answer.cert_pem && http_client_set_certificate(use->client, c->answer.cert_pem,
                                                          c->answer.key_pem, &err) != IW_OK) {
        c->has_answer = false;
        fail(c, err.msg);
        return false;
    }
    http_client_set_token(use->client, c->answer.token);
    use->generation = c->generation;
    return true;
}

/* It failed not long ago. */
static bool
is_resting(const struct exec_credential *c)
{
    int64_t rest_ms = (int64_t)EXEC_REPEAT_MS << IW_MIN(c->failures - 1, 5u);
    return c->failure.code != IW_OK && mono_ms(c) - c->failed_ms < rest_ms;
}

static bool
client_ready(void *ctx)
{
    struct exec_use *use = ctx;
    struct exec_credential *c = use->of;
    if (c->run)
        return false;
    if (is_good(c) && hand_over(use))
        return true;
    if (is_resting(c))
        tell(c);
    else
        start(c);
    return false;
}

static bool
client_refused(void *ctx)
{
    const struct exec_use *use = ctx;
    struct exec_credential *c = use->of;
    if (c->run || c->is_refused)
        return true;
    if (c->was_refused && mono_ms(c) - c->refused_ms < EXEC_REPEAT_MS)
        return false;
    c->is_refused = c->was_refused = true;
    c->refused_ms = mono_ms(c);
    return true;
}

/* --- uses come and go --- */

/* What makes two of them the same. */
static char *
key_of(const struct kube_client_config *c, const char *info)
{
    strbuf_auto key;
    strbuf_init(&key, 0);
    strbuf_add_json(&key, c->user);
    strbuf_add_json(&key, c->exec->command);
    for (size_t i = 0; c->exec->args[i]; i++)
        strbuf_add_json(&key, c->exec->args[i]);
    for (size_t i = 0; c->exec->env_names && c->exec->env_names[i]; i++) {
        strbuf_addc(&key, '\n');
        strbuf_add_json(&key, c->exec->env_names[i]);
        strbuf_add_json(&key, c->exec->env_values[i]);
    }
    strbuf_adds(&key, info);
    return strbuf_take(&key);
}

static struct exec_credential *
credential_of(struct loop *loop, const struct kube_client_config *config)
{
    iw_autofree char *info = exec_info_json(config);
    iw_autofree char *key = key_of(config, info);
    for (struct exec_credential *c = credentials; c; c = c->next)
        if (c->loop == loop && strcmp(c->key, key) == 0)
            return c;
    struct exec_credential *c = iw_calloc(1, sizeof(*c));
    c->loop = loop;
    c->key = iw_strdup(key);
    c->user = iw_strdup(config->user);
    c->info = iw_asprintf("KUBERNETES_EXEC_INFO=%s", info);
    c->exec = kc_exec_copy(config->exec);
    c->answer.expires_wall_ms = IW_TIME_NONE;
    strbuf_init(&c->out, EXEC_OUTPUT_BYTES);
    c->next = credentials;
    credentials = c;
    return c;
}

static enum iw_err
check(const struct kube_client_config *c, struct iw_error *err)
{
    const struct kube_exec *exec = c->exec;
    if (strcmp(exec->api_version, V1) != 0 && strcmp(exec->api_version, V1BETA1) != 0)
        return iw_fail(
            err, IW_ERR_UNSUPPORTED,
            "user %.40s of the kubeconfig: the program %.60s is to speak %.60s; known are "
            "%s and %s: let the tool that made the kubeconfig make it again",
            c->user, exec->command, exec->api_version, V1, V1BETA1);
    if (strcmp(exec->interactive_mode, "Always") == 0)
        return iw_fail(err, IW_ERR_UNSUPPORTED,
                       "user %.40s of the kubeconfig: the program %.60s must ask on the terminal "
                       "(interactiveMode: Always), which is in use here; log in with it first and "
                       "set interactiveMode: IfAvailable, or use `kubectl proxy`",
                       c->user, exec->command);
    return IW_OK;
}

enum iw_err
exec_use_open(struct loop *loop, const struct kube_client_config *c, struct http_client *client,
              void (*changed)(void *ctx), void *ctx, struct exec_use **out, struct iw_error *err)
{
    enum iw_err code = check(c, err);
    if (code != IW_OK)
        return code;
    struct exec_use *use = iw_calloc(1, sizeof(*use));
    use->of = credential_of(loop, c);
    use->client = client;
    use->changed = changed;
    use->ctx = ctx;
    use->next = use->of->uses;
    use->of->uses = use;
    const struct http_credentials from = {use, client_ready, client_refused};
    http_client_set_credentials(client, &from);
    *out = use;
    return IW_OK;
}

void
exec_use_close(struct exec_use *use)
{
    if (!use)
        return;
    struct exec_credential *c = use->of;
    struct exec_use **at = &c->uses;
    while (*at != use)
        at = &(*at)->next;
    *at = use->next;
    http_client_set_credentials(use->client, &(struct http_credentials){0});
    free(use);
    drop(c);
}

const char *
exec_use_waiting(const struct exec_use *use)
{
    return use ? use->of->waiting : "";
}

void
exec_use_retry(struct exec_use *use)
{
    if (!use || use->of->run)
        return;
    use->of->failure = (struct iw_error){0};
    use->of->failures = 0;
}
