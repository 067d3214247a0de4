/* demo: the embedded cluster as one process: simulator, store, HTTP server, kubeconfig file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/demo.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/base/tr.h"
#include "initwatch/demo/apiserver.h"

#define POLL_ROOM 64
#define MAX_SLEEP_MS 60000
#define TRIM_EVERY_MS 20000
/* A turn of the simulation: no longer than that, no sooner after the last one (nobody sees the
 * difference, and a thousand pods have something to do all the time), and so many steps between
 * two looks at the clock. */
#define TURN_MOST_MS 8
#define TURN_EVERY_MS 10
#define TURN_STEPS 16
/* So far behind it does not catch up. */
#define BEHIND_MOST_MS 2000
/* A smaller difference between the clocks is nobody's doing. */
#define WALL_JUMP_MS 1500

struct serving {
    const struct demo_options *opts;
    struct objects *store;
    struct player *player;
    struct synthetic_set *synthetic;
    struct apiserver *api;
    char token[33];
    char *url;
    char *kubeconfig;
    bool kubeconfig_written;
    int signals;
    sigset_t old_mask;
    int64_t start_wall_ms;
    int64_t turn_ms; /* when the last turn began */
};

/* --- the sink: what the simulator says goes to the store --- */

static void
sink_put(void *ctx, enum demo_kind kind, json_t *object)
{
    objects_put(ctx, kind, object);
}

static void
sink_gone(void *ctx, enum demo_kind kind, json_t *last)
{
    const json_t *meta = json_object_get(last, "metadata");
    objects_gone(ctx, kind, json_string_value(json_object_get(meta, "namespace")),
                 json_string_value(json_object_get(meta, "name")));
}

/* A mistake in a scenario's fault is found by the tests that play them all. */
static void
sink_fault(void *ctx, const json_t *wish)
{
    struct serving *s = ctx;
    struct iw_error err = {0};
    if (s->api && apiserver_fault(s->api, wish, &err) != IW_OK)
        (void)fprintf(stderr, "initwatch: %s\n", err.msg);
}

/* --- the kubeconfig file --- */

static char *
kubeconfig_path(const struct demo_options *opts)
{
    if (opts->kubeconfig_path)
        return iw_strdup(opts->kubeconfig_path);
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    bool usable = runtime && runtime[0] == '/' && access(runtime, W_OK) == 0;
    return iw_asprintf("%s/initwatch-demo-%ld.kubeconfig", usable ? runtime : "/tmp",
                       (long)getpid());
}

/* The token stands in the path as well: clients of Kubernetes send no credentials over plain HTTP.
 */
static char *
kubeconfig_text(const struct serving *s)
{
    return iw_asprintf("apiVersion: v1\n"
                       "kind: Config\n"
                       "current-context: demo\n"
                       "clusters:\n"
                       "- name: demo\n"
                       "  cluster: {server: \"%s\"}\n"
                       "users:\n"
                       "- name: demo\n"
                       "  user: {token: \"%s\"}\n"
                       "contexts:\n"
                       "- name: demo\n"
                       "  context: {cluster: demo, user: demo, namespace: \"%s\"}\n",
                       s->url, s->token, player_namespace(s->player));
}

static enum iw_err
write_all(int fd, const char *text, const char *path, struct iw_error *err)
{
    size_t len = strlen(text);
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno != EINTR)
            return iw_fail_errno(err, IW_ERR_IO, errno, "write %s", path);
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return IW_OK;
}

/* A new file of our own, readable by nobody else; an old one at a given path is replaced, a link is
 * not followed. */
static enum iw_err
write_kubeconfig(struct serving *s, struct iw_error *err)
{
    s->kubeconfig = kubeconfig_path(s->opts);
    if (unlink(s->kubeconfig) != 0 && errno != ENOENT)
        return iw_fail_errno(err, IW_ERR_IO, errno, "replace %s", s->kubeconfig);
    iw_autoclose int fd =
        open(s->kubeconfig, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "create %s", s->kubeconfig);
    s->kubeconfig_written = true;
    iw_autofree char *text = kubeconfig_text(s);
    return write_all(fd, text, s->kubeconfig, err);
}

/* --- start --- */

static enum iw_err
make_token(char out[33], struct iw_error *err)
{
    unsigned char bytes[16];
    static const char hex[] = "0123456789abcdef";
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return iw_fail_errno(err, IW_ERR_INTERNAL, errno, "getrandom");
    for (size_t i = 0; i < sizeof(bytes); i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 15];
    }
    out[32] = '\0';
    return IW_OK;
}

static enum iw_err
catch_signals(struct serving *s, struct iw_error *err)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, &s->old_mask);
    s->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->signals < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "signalfd");
    /* a client that goes away must not end the server */
    signal(SIGPIPE, SIG_IGN);
    return IW_OK;
}

static enum iw_err
start_cluster(struct serving *s, struct iw_error *err)
{
    const struct demo_options *opts = s->opts;
    uint64_t seed = opts->seed ? opts->seed : (uint64_t)s->start_wall_ms;
    s->store = demo_store_new();
    struct player_config config = {.seed = seed,
                                   .start_wall_ms = s->start_wall_ms,
                                   .speed = opts->speed > 0 ? opts->speed : 1,
                                   .own_time = opts->own_time,
                                   .scenario_dir = opts->scenario_dir,
                                   .sink = {s->store, sink_put, sink_gone},
                                   .fault = sink_fault,
                                   .fault_ctx = s};
    enum iw_err code = player_new(&config, opts->scenarios, opts->manifests, &s->player, err);
    if (code)
        return code;
    if (opts->synthetic_pods > 0)
        s->synthetic = synthetic_new(s->store, opts->synthetic_pods, seed, s->start_wall_ms);
    struct apiserver_config api = {.address = opts->address ? opts->address : "127.0.0.1:0",
                                   .token = s->token,
                                   .store = s->store,
                                   .player = s->player,
                                   .synthetic = s->synthetic,
                                   .clock = clock_system()};
    code = apiserver_new(&api, &s->api, err);
    if (code)
        return code;
    s->url = iw_asprintf("http://%s/%s", apiserver_address(s->api), s->token);
    return write_kubeconfig(s, err);
}

static void
announce(const struct serving *s, FILE *ready, FILE *human)
{
    if (ready) {
        struct strbuf line;
        strbuf_init(&line, 65536);
        strbuf_adds(&line, "{\"kubeconfig\":");
        strbuf_add_json(&line, s->kubeconfig);
        strbuf_adds(&line, ",\"server\":");
        strbuf_add_json(&line, s->url);
        strbuf_adds(&line, ",\"context\":\"demo\"}\n");
        (void)fputs(line.data, ready);
        (void)fflush(ready);
        strbuf_free(&line);
    }
    if (human) {
        (void)fprintf(human,
                      "The demo cluster is up. In another terminal:\n"
                      "  export KUBECONFIG=%s\n"
                      "  kubectl get pods -w\n"
                      "  initwatch\n"
                      "Ctrl-C ends it.\n",
                      s->kubeconfig);
        (void)fflush(human);
    }
}

/* --- the loop --- */

static int64_t
sim_moment(const struct serving *s)
{
    return player_moment_ms(s->player, clock_mono(clock_system()));
}

static int
sleep_time(const struct serving *s)
{
    int64_t due_ms = player_next_due_ms(s->player);
    int64_t wait_ms = MAX_SLEEP_MS;
    if (due_ms != SIM_NEVER && !player_is_paused(s->player)) {
        double left = (double)(due_ms - sim_moment(s)) / player_speed(s->player);
        wait_ms = left < 0 ? 0 : left > MAX_SLEEP_MS ? MAX_SLEEP_MS : (int64_t)left + 1;
        int64_t since_ms = clock_mono(clock_system()) - s->turn_ms;
        wait_ms = IW_MAX(wait_ms, TURN_EVERY_MS - since_ms);
    }
    return (int)IW_MIN(wait_ms, apiserver_timeout_ms(s->api));
}

static bool
stdin_is_over(const struct pollfd *fd)
{
    char drain[256];
    if (!(fd->revents & (POLLIN | POLLHUP | POLLERR)))
        return false;
    return read(STDIN_FILENO, drain, sizeof(drain)) <= 0;
}

/* Churn leaves holes between what lives long; what is free goes back to the system now and then. */
static void
give_memory_back(int64_t *next_ms)
{
    int64_t now_ms = clock_mono(clock_system());
    if (now_ms < *next_ms)
        return;
    *next_ms = now_ms + TRIM_EVERY_MS;
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

/* The machine has slept, or its clock was set: ages would be wrong from then on. */
static void
follow_the_wall(struct serving *s, int64_t mono_ms)
{
    int64_t by_ms = clock_wall(clock_system()) - player_wall_ms(s->player, mono_ms);
    bool own = s->opts->own_time || s->opts->start_wall_ms != IW_TIME_NONE;
    if (!own && (by_ms > WALL_JUMP_MS || by_ms < -WALL_JUMP_MS))
        player_shift_wall(s->player, by_ms, mono_ms);
}

static void
take_turn(struct serving *s)
{
    int64_t began_ms = clock_mono(clock_system()), now_ms = began_ms;
    int64_t t_ms = player_moment_ms(s->player, began_ms);
    follow_the_wall(s, began_ms);
    s->turn_ms = began_ms;
    while (!player_run_some(s->player, t_ms, TURN_STEPS)) {
        now_ms = clock_mono(clock_system());
        if (now_ms - began_ms >= TURN_MOST_MS)
            break;
    }
    double behind =
        (double)(player_moment_ms(s->player, now_ms) - sim_now_ms(player_sim(s->player))) /
        player_speed(s->player);
    if (behind > BEHIND_MOST_MS)
        player_let_go(s->player, now_ms);
}

static void
serve_loop(struct serving *s)
{
    int64_t trim_ms = 0;
    for (;;) {
        struct pollfd fds[POLL_ROOM + 2];
        size_t count = apiserver_pollfds(s->api, fds, POLL_ROOM);
        size_t signals_at = count;
        fds[count++] = (struct pollfd){.fd = s->signals, .events = POLLIN};
        if (s->opts->die_with_stdin)
            fds[count++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
        int n = poll(fds, count, sleep_time(s));
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0 && fds[signals_at].revents)
            return;
        if (n > 0 && s->opts->die_with_stdin && stdin_is_over(&fds[signals_at + 1]))
            return;
        take_turn(s);
        apiserver_run(s->api, fds, n > 0 ? signals_at : 0);
        give_memory_back(&trim_ms);
    }
}

static void
stop(struct serving *s)
{
    apiserver_free(s->api);
    player_free(s->player);
    if (s->kubeconfig_written)
        (void)unlink(s->kubeconfig);
    demo_store_free(s->store);
    synthetic_free(s->synthetic);
    free(s->kubeconfig);
    free(s->url);
    if (s->signals >= 0)
        close(s->signals);
    sigprocmask(SIG_SETMASK, &s->old_mask, NULL);
}

enum iw_err
demo_serve(const struct demo_options *opts, FILE *ready, FILE *human, struct iw_error *err)
{
    struct serving s = {.opts = opts, .signals = -1};
    s.start_wall_ms =
        opts->start_wall_ms == IW_TIME_NONE ? clock_wall(clock_system()) : opts->start_wall_ms;
    sigprocmask(SIG_SETMASK, NULL, &s.old_mask);
    enum iw_err code = make_token(s.token, err);
    if (!code)
        code = catch_signals(&s, err);
    if (!code)
        code = start_cluster(&s, err);
    if (!code) {
        (void)fputs(player_left_out(s.player), stderr);
        player_start(s.player, clock_mono(clock_system()));
        announce(&s, ready, human);
        serve_loop(&s);
    }
    stop(&s);
    return code;
}

/* --- the list --- */

static void
print_scenario(void *ctx, const char *name, const json_t *scenario)
{
    FILE *out = ctx;
    const char *title = json_string_value(json_object_get(scenario, "title"));
    iw_autofree char *translated = NULL;
    iw_autofree char *text = NULL;
    (void)demo_scenario_words(name, tr_language(), &translated, &text);
    (void)fprintf(out, "%-25s %s\n", name, translated ? translated : title ? title : "");
}

void
demo_list(FILE *out)
{
    scenario_each(print_scenario, out);
}
