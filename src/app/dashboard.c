/* dashboard: loop, frames and keys of the program with a screen.
 *
 * A frame is drawn before the loop sleeps when something visible changed: at once after a key, else
 * at most every LIMIT_FRAME_INTERVAL_MS, and more rarely when frames are dear. The clock draws only while something on screen counts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/dashboard.h"

#include <langinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "initwatch/app/history.h"
#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/nearest.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/chain.h"

enum { EXPIRE_INTERVAL_MS = 30000 };

/* --- frames --- */

static void
draw_frame(struct dashboard *d)
{
    int cols, rows;
    int64_t begin_ms = clock_mono(loop_clock(d->session->loop));
    term_size(d->term, &cols, &rows);
    if (cols != d->surface.cols || rows != d->surface.rows) {
        surface_resize(&d->surface, cols, rows);
        term_redraw(d->term);
    }
    const struct ui_prefs *prefs = ui_prefs(d->ui);
    d->surface.ascii = prefs->ascii || term_is_ascii(d->term);
    if (prefs->theme != d->theme) {
        d->theme = prefs->theme;
        term_set_theme(d->term, d->theme);
    }
    logs_refresh_title(d->logs);
    ui_draw(d->ui, &d->surface);
    term_flush(d->term, &d->surface);
    d->last_frame_ms = clock_mono(loop_clock(d->session->loop));
    /* Of two frames the cheaper: one that was interrupted must not hold back the next. */
    int64_t cost_ms = d->last_frame_ms - begin_ms;
    d->frame_cost_ms = IW_MIN(cost_ms, d->last_cost_ms);
    d->last_cost_ms = cost_ms;
    d->key_handled = false;
}

static int64_t
frame_interval_ms(const struct dashboard *d)
{
    int64_t by_cost_ms = d->frame_cost_ms * (LIMIT_FRAME_SHARE - 1);
    return IW_MIN(IW_MAX(by_cost_ms, (int64_t)LIMIT_FRAME_INTERVAL_MS),
                  (int64_t)LIMIT_FRAME_INTERVAL_MOST_MS);
}

/* Only there to end the sleep: before_sleep does the work. */
static void
on_frame_timer(void *ctx)
{
    struct dashboard *d = ctx;
    d->frame_timer = 0;
}

static void
wake_in(struct dashboard *d, int64_t delay_ms)
{
    loop_remove(d->session->loop, d->frame_timer);
    d->frame_timer = loop_timer_add(d->session->loop, delay_ms, on_frame_timer, d);
}

/* POD of the command line: opened as soon as the first list has it. */
static void
open_wanted_pod(struct dashboard *d)
{
    struct pod_ref ref;
    struct iw_error err = {0};
    if (session_find_pod(d->session, d->opening_pod, &ref, &err) == IW_OK) {
        ui_open(d->ui, "detail", ref, NULL);
        d->opening_pod[0] = '\0';
    } else if (store_synced(d->session->store, STREAM_PODS)) {
        ui_flash(d->ui, true, "%s", err.msg);
        d->opening_pod[0] = '\0';
    }
}

static void
fetch_for_view(struct dashboard *d)
{
    struct kobject_ref raw = ui_wants_raw(d->ui);
    uint32_t kinds = ui_wants(d->ui);
    struct pod_ref ref;
    char container[256];
    /* Who looks at a recording has views and findings of their own. */
    if (d->recorder)
        kinds |= CHAIN_KINDS | KIND_BIT(NODE);
    /* Whoever restarts is told how its pods are replaced. */
    if (ui_prefs(d->ui)->write && !d->about.read_only)
        kinds |= KIND_BIT(DEPLOYMENT) | KIND_BIT(STATEFULSET) | KIND_BIT(DAEMONSET);
    fetch_want(d->fetch, kinds, &raw);
    usagepoll_want(d->usage, ui_wants_usage(d->ui), ui_focus(d->ui));
    if (!(kinds & KIND_BIT(SERVICE)) || !ui_cursor(d->ui, &ref, container))
        return;
    const struct pod *pod = store_get(d->session->store, ref);
    if (pod)
        fetch_want_targets(d->fetch, kinds, pod);
}

static void
before_sleep(void *ctx)
{
    struct dashboard *d = ctx;
    if (d->quit)
        return;
    uint64_t generation = store_generation(d->session->store);
    if (generation != d->seen_generation) {
        d->seen_generation = generation;
        dashboard_describe_session(d);
        logs_model_changed(d->logs);
        logs_focus(d->logs, d->focus);
        if (d->opening_pod[0])
            open_wanted_pod(d);
    }
    dashboard_check_recording(d);
    replay_control_refresh(d->replay);
    demo_control_show(d->demo, ui_wants_demo(d->ui));
    dashboard_preview(d);
    fetch_for_view(d);
    /* A key is answered first; long work goes on between frames, as long as there is some. */
    bool busy = d->key_handled || ui_work(d->ui);
    int64_t now_ms = clock_mono(loop_clock(d->session->loop));
    if (ui_needs_frame(d->ui)) {
        int64_t wait_ms = d->last_frame_ms + frame_interval_ms(d) - now_ms;
        if (!d->key_handled && wait_ms > 0) {
            wake_in(d, busy ? 0 : wait_ms);
            return;
        }
        draw_frame(d);
    }
    int64_t tick_ms = busy ? 0 : ui_next_tick_ms(d->ui);
    if (tick_ms >= 0)
        wake_in(d, tick_ms);
}

/* --- keys and signals --- */

static void
pass_mouse(struct dashboard *d)
{
    struct term_mouse event;
    while (term_take_mouse(d->term, &event))
        ui_mouse(d->ui, &event);
}

/* What rxvt and some others put into the environment: "15;0", foreground and background as numbers of 16 colours. */
static bool
environment_is_light(void)
{
    const char *value = getenv("COLORFGBG");
    const char *last = value ? strrchr(value, ';') : NULL;
    return last && (strcmp(last, ";7") == 0 || strcmp(last, ";15") == 0);
}

/* Perceived brightness of 0xRRGGBB above the middle. Ref: ITU-R BT.601. */
static bool
colour_is_light(uint32_t rgb)
{
    return (rgb >> 16 & 0xFF) * 299 + (rgb >> 8 & 0xFF) * 587 + (rgb & 0xFF) * 114 > 127500;
}

/* Bring theme and signs in line with what the terminal said and what the user set. */
static void
apply_terminal(struct dashboard *d)
{
    struct ui_prefs prefs = *ui_prefs(d->ui);
    struct term_answers answers = term_answers(d->term);
    bool wide =
        prefs.ambiguous == AMBIGUOUS_WIDE ||
        (prefs.ambiguous == AMBIGUOUS_AUTO && answers.width_known && answers.line_cells == 2);
    bool ascii = d->ascii_wanted || term_is_ascii(d->term) || wide;
    if (ascii != prefs.ascii)
        term_redraw(d->term);
    prefs.ascii = ascii;
    if (answers.background_known)
        d->light_background = colour_is_light(answers.background_rgb);
    theme_set_light_background(d->light_background);
    if (strcmp(prefs.theme_name, "auto") == 0 && !d->without_colour)
        (void)prefs_resolve_theme(&prefs, d->light_background);
    ui_set_prefs(d->ui, &prefs);
}

static void
on_tty(void *ctx, int fd, int events)
{
    struct dashboard *d = ctx;
    (void)fd;
    (void)events;
    uint32_t key;
    for (; !d->quit; d->key_handled = true) {
        term_take_paste(d->term, ui_is_typing(d->ui));
        if ((key = term_read_key(d->term)) == KEY_NONE)
            break;
        if (key == KEY_RESIZE_CODE)
            draw_frame(d);
        else if (key == KEY_MOUSE_CODE)
            pass_mouse(d);
        else if (key == KEY_ANSWER_CODE)
            apply_terminal(d);
        else if (key == KEY_PASTE_CODE)
            ui_flash(d->ui, false, "pasted text is not taken for keys: / or : takes it");
        else
            ui_key(d->ui, key);
    }
}

static void
on_quit_signal(void *ctx, int signo)
{
    struct dashboard *d = ctx;
    LOG_INFO("signal %d: leaving", signo);
    d->session->interrupted = true;
    d->quit = true;
    loop_stop(d->session->loop);
}

static void
on_resize_signal(void *ctx, int signo)
{
    struct dashboard *d = ctx;
    (void)signo;
    on_tty(d, -1, 0);
    draw_frame(d);
}

void
dashboard_setting(struct dashboard *d, const char *name)
{
    struct ui_prefs prefs = *ui_prefs(d->ui);
    struct iw_error err = {0};
    if (name[0] == '\0') {
        ui_flash(d->ui, false, tr("options: %s; initwatch --dump-config lists all"),
                 d->config.path[0] ? d->config.path : tr("no file"));
        return;
    }
    if (strcmp(name, "theme") == 0) {
        if (config_choose_theme(&prefs, d->light_background, &err) != IW_OK)
            ui_flash(d->ui, true, "%s", err.msg);
    } else if (strcmp(name, "lang") == 0) {
        (void)tr_set_language(strcmp(prefs.lang, "auto") == 0 ? tr_environment() : prefs.lang);
    }
    d->ascii_wanted = strcmp(name, "ascii") == 0 ? prefs.ascii : d->ascii_wanted;
    term_set_mouse(d->term, prefs.mouse);
    ui_set_prefs(d->ui, &prefs);
    apply_terminal(d);
}

void
dashboard_suspend(struct dashboard *d)
{
    term_suspend(d->term);
    raise(SIGSTOP);
    term_resume(d->term);
    term_redraw(d->term);
    draw_frame(d);
}

static void
on_stop_signal(void *ctx, int signo)
{
    (void)signo;
    dashboard_suspend(ctx);
}

static void
on_expire(void *ctx)
{
    struct dashboard *d = ctx;
    store_expire(d->session->store);
    fetch_expire(d->fetch);
    loop_timer_add(d->session->loop, EXPIRE_INTERVAL_MS, on_expire, d);
}

static void
on_answer(void *ctx, bool error, const char *text)
{
    struct dashboard *d = ctx;
    if (d->ui)
        ui_flash(d->ui, error, "%s", text);
}

/* A replay jumps back: logs of the future are of no use. */
static void
on_rewinding(void *ctx)
{
    struct dashboard *d = ctx;
    logs_forget(d->logs);
    d->log_lost = true;
}

static void
on_arrived(void *ctx)
{
    struct dashboard *d = ctx;
    if (d->log_lost)
        dashboard_log_again(d);
    else
        logs_jumped(d->logs);
    d->log_lost = false;
}

/* Another context or namespace is there: what is open in this one ends. */
static void
on_leaving(void *ctx)
{
    struct dashboard *d = ctx;
    /* What was meant for this cluster must not reach another one. */
    dashboard_writes_free(d);
    dashboard_edit_free(d);
    logs_disconnect(d->logs);
    fetch_reset(d->fetch);
    usagepoll_reset(d->usage);
}

static void
give_terminal_back(void)
{
    term_close(term_current());
}

/* --- opening --- */

void
dashboard_describe_session(struct dashboard *d)
{
    const struct kube_client_config *client = d->session->client;
    const struct source_status *st = store_status(d->session->store, STREAM_PODS);
    struct ui_session *about = &d->about;
    snprintf(about->context, sizeof(about->context), "%s", client->context);
    snprintf(about->ns, sizeof(about->ns), "%s", d->session->ns);
    snprintf(about->user, sizeof(about->user), "%s", client->user);
    /* The demo's address holds its token. */
    bool is_demo = d->options->command == CMD_DEMO;
    snprintf(about->server, sizeof(about->server), "%s",
             is_demo ? "the demo cluster" : client->server);
    snprintf(about->server_version, sizeof(about->server_version), "%s", st->server_version);
    about->read_only = d->replay != NULL || !d->session->source->class_->change_object;
    about->demo = is_demo;
}

static void
list_contexts(struct dashboard *d)
{
    size_t count = d->session->kubeconfig ? kubeconfig_context_count(d->session->kubeconfig) : 0;
    d->contexts = iw_calloc(count + 1, sizeof(*d->contexts));
    for (size_t i = 0; i < count; i++)
        d->contexts[i] = kubeconfig_context_name(d->session->kubeconfig, i);
    d->about.contexts = d->contexts;
}

/* The theme of the options; NO_COLOR counts when the command line names none. A theme of the file or the environment that
 * does not exist is only warned of. */
static enum iw_err
choose_theme(struct dashboard *d, struct iw_error *err)
{
    const char *no_color = getenv("NO_COLOR");
    d->light_background = environment_is_light();
    enum iw_err rc = config_choose_theme(&d->config.prefs, d->light_background, err);
    if (rc != IW_OK && !d->options->theme) {
        LOG_WARN("%s", err->msg);
        rc = IW_OK;
    }
    d->without_colour = !d->options->theme && no_color && no_color[0];
    if (d->without_colour)
        d->config.prefs.theme = THEME_MONO;
    d->theme = d->config.prefs.theme;
    return rc;
}

static enum iw_err
open_screen(struct dashboard *d, struct iw_error *err)
{
    const char *no_color = getenv("NO_COLOR");
    struct term_options term = {.theme = d->theme,
                                .ascii = d->config.prefs.ascii,
                                .no_color = no_color && no_color[0],
                                .ask = true,
                                .mouse = d->config.prefs.mouse,
                                .in_fd = STDIN_FILENO,
                                .out_fd = STDOUT_FILENO};
    lastwords_arm(STDIN_FILENO);
    iw_set_fatal_hook(give_terminal_back);
    enum iw_err rc = term_open(&term, &d->term, err);
    if (rc != IW_OK)
        return rc;
    int cols, rows;
    term_size(d->term, &cols, &rows);
    surface_init(&d->surface, cols, rows, term_is_ascii(d->term));
    return IW_OK;
}

static void
open_ui(struct dashboard *d)
{
    d->ascii_wanted = d->config.prefs.ascii;
    struct ui_config config = {.store = d->session->store,
                               .session = &d->about,
                               .logs = logs_feed(d->logs),
                               .raw = fetch_raw(d->fetch),
                               .usage = usagepoll_usage(d->usage),
                               .demo = demo_control_board(d->demo),
                               .replay = replay_control_board(d->replay),
                               .clock = loop_clock(d->session->loop),
                               .prefs = d->config.prefs,
                               .first_view =
                                   d->options->command == CMD_OPEN ? "file" : d->config.prefs.view,
                               .on_intent = dashboard_intent,
                               .ctx = d};
    d->ui = ui_new(&config);
    apply_terminal(d);
    history_load(NULL, d->ui);
}

static void
listen(struct dashboard *d)
{
    struct loop *loop = d->session->loop;
    loop_fd_add(loop, term_fd(d->term), LOOP_READ, on_tty, d);
    loop_signal_add(loop, SIGINT, on_quit_signal, d);
    loop_signal_add(loop, SIGTERM, on_quit_signal, d);
    loop_signal_add(loop, SIGHUP, on_quit_signal, d);
    loop_signal_add(loop, SIGQUIT, on_quit_signal, d);
    loop_signal_add(loop, SIGWINCH, on_resize_signal, d);
    loop_signal_add(loop, SIGTSTP, on_stop_signal, d);
    loop_before_sleep_add(loop, before_sleep, d);
    loop_timer_add(loop, EXPIRE_INTERVAL_MS, on_expire, d);
}

static int
close_dashboard(struct dashboard *d)
{
    bool interrupted = d->session && d->session->interrupted;
    if (d->session) {
        loop_remove(d->session->loop, d->frame_timer);
        loop_remove(d->session->loop, d->preview_timer);
        dashboard_forget_waiting(d);
    }
    term_close(d->term);
    iw_set_fatal_hook(NULL);
    lastwords_disarm();
    dashboard_stop_recording(d);
    demo_control_free(d->demo);
    replay_control_free(d->replay);
    logs_free(d->logs);
    dashboard_writes_free(d);
    dashboard_edit_free(d);
    fetch_free(d->fetch);
    usagepoll_free(d->usage);
    if (d->ui)
        history_save(NULL, d->ui, (size_t)ui_prefs(d->ui)->history_lines);
    ui_free(d->ui);
    surface_free(&d->surface);
    dashboard_forget_asked(d);
    session_close(d->session);
    free(d->contexts);
    return interrupted ? 130 : 0;
}

/* The first view must exist; that of the file or the environment is only warned of. */
static enum iw_err
check_view(struct dashboard *d, struct iw_error *err)
{
    char *view = d->config.prefs.view;
    if (view_find(view))
        return IW_OK;
    struct nearest near;
    nearest_init(&near, view);
    for (size_t i = 0; i < view_registry_count; i++)
        nearest_offer(&near, view_registry[i]->name);
    (void)iw_fail(err, IW_ERR_USAGE, "%sview: there is no view \"%s\"%s%s",
                  d->options->view ? "--" : "", view, near.count ? "; did you mean " : "",
                  nearest_text(&near));
    if (d->options->view)
        return err->code;
    LOG_WARN("%s", err->msg);
    snprintf(view, sizeof(d->config.prefs.view), "pods");
    return IW_OK;
}

/* Options, in the order in which one wins over the other. */
static enum iw_err
read_options(struct dashboard *d, struct iw_error *err)
{
    enum iw_err rc = config_load(d->options->config_path, &d->config, err);
    if (rc == IW_OK)
        rc = config_take_options(&d->config, d->options, err);
    if (rc == IW_OK)
        rc = check_view(d, err);
    if (rc == IW_OK)
        rc = choose_theme(d, err);
    if (rc == IW_OK && strcmp(d->config.prefs.lang, "auto") != 0)
        (void)tr_set_language(d->config.prefs.lang);
    return rc;
}

int
cmd_dump_config(const struct options *o)
{
    struct dashboard d = {.options = o};
    struct iw_error err = {0};
    if (read_options(&d, &err) != IW_OK)
        return app_report(&err);
    iw_autofree char *text = config_dump(&d.config);
    fputs(text, stdout);
    return 0;
}

static int
without_terminal(const struct options *o)
{
    struct options get = *o;
    fprintf(stderr, "initwatch: no terminal here: printing what `initwatch get` prints\n");
    get.command = CMD_GET;
    return cmd_get(&get);
}

/* A terminal that cannot move its cursor (an editor's, a build server's) shows no screen either. */
bool
dashboard_has_terminal(void)
{
    const char *term = getenv("TERM");
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && term[0] &&
           strcmp(term, "dumb") != 0;
}

/* The program that recorded this was killed, or is still at it. */
static void
say_cut(struct dashboard *d)
{
    const struct recording *r = d->session->recording;
    if (r && recording_about(r)->cut)
        ui_flash(d->ui, false, tr("%s ends in the middle of a line: it is played up to there"),
                 recording_path(r));
    else if (r && recording_count(r) == 0)
        ui_flash(d->ui, true, tr("%s is a recording of nothing"), recording_path(r));
}

static void
new_logs(struct dashboard *d)
{
    const struct options *o = d->options;
    d->logs = logs_new(d->session);
    logs_set_memory(d->logs, (size_t)o->log_memory_mib << 20, (size_t)o->log_spill_mib << 20);
    logs_set_tail(d->logs, o->log_tail_lines);
}

int
cmd_dashboard(const struct options *o)
{
    if (!dashboard_has_terminal())
        return without_terminal(o);
    struct iw_error err = {0};
    struct dashboard d = {.options = o, .last_frame_ms = -LIMIT_FRAME_INTERVAL_MS};
    const bool files = o->command == CMD_OPEN;
    struct session_need need = {.pods = true, .events = true, .watch = true, .no_cluster = files};
    enum iw_err rc = read_options(&d, &err);
    if (rc == IW_OK && o->arg_count > 1 && !files)
        rc = iw_fail(&err, IW_ERR_USAGE, "one POD at most; \"%s\" is the second", o->args[1]);
    if (rc == IW_OK)
        rc = session_open(o, &need, &d.session, &err);
    if (rc == IW_OK)
        new_logs(&d);
    if (rc == IW_OK && files)
        rc = logs_open_files(d.logs, o->args, o->arg_count, o->stdin_fd, &err);
    if (rc == IW_OK)
        rc = open_screen(&d, &err);
    if (rc != IW_OK) {
        close_dashboard(&d);
        return app_report(&err);
    }
    if (o->command == CMD_DEMO)
        d.demo = demo_control_new(d.session, on_answer, &d);
    if (d.session->recording)
        d.replay = replay_control_new(d.session, on_answer, &d);
    keymap_set_replay(d.session->recording != NULL);
    d.session->jumps = (struct session_jumps){
        .leaving = on_leaving, .rewinding = on_rewinding, .arrived = on_arrived, .ctx = &d};
    d.fetch = fetch_new(d.session);
    d.usage = usagepoll_new(d.session);
    dashboard_describe_session(&d);
    list_contexts(&d);
    snprintf(d.opening_pod, sizeof(d.opening_pod), "%s", o->arg_count && !files ? o->args[0] : "");
    open_ui(&d);
    listen(&d);
    if (d.demo && o->tutor)
        ui_tutor(d.ui, false);
    else if (d.demo)
        ui_flash(d.ui, false, "%s", tr("; opens the course: what to watch for in each scenario"));
    say_cut(&d);
    draw_frame(&d);
    loop_run(d.session->loop);
    return close_dashboard(&d);
}
