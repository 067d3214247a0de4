/* ui_demo: keys and commands that only a demo session has.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "ui_internal.h"

#define SPEED_LEAST 0.125
#define SPEED_MOST 64.0

const struct demo_word demo_words[] = {
    {DEMO_VERB, "pause", TR_MARK("the clock stands still")},
    {DEMO_VERB, "go", TR_MARK("the clock runs")},
    {DEMO_VERB, "step", TR_MARK("5s: so much time passes, then pause")},
    {DEMO_VERB, "speed", TR_MARK("4: time runs four times as fast")},
    {DEMO_VERB, "restart", TR_MARK("a scenario begins again")},
    {DEMO_VERB, "fault", TR_MARK("trouble with the API server, for 10 s")},
    {DEMO_VERB, "edit", TR_MARK("a step of a pod does something else")},
    {DEMO_TROUBLE, "outage", TR_MARK("no connection")},
    {DEMO_TROUBLE, "gone", TR_MARK("410: the watch has to list again")},
    {DEMO_TROUBLE, "slow", TR_MARK("answers take long")},
    {DEMO_TROUBLE, "error", TR_MARK("500: the server has a fault")},
    {DEMO_TROUBLE, "throttle", TR_MARK("429: too many requests")},
    {DEMO_TROUBLE, "drop-watch", TR_MARK("the watch ends again and again")},
    {DEMO_TROUBLE, "event-storm", TR_MARK("many events in a second")},
    {DEMO_TROUBLE, "unauthorized", TR_MARK("401: the credentials have expired")},
    {DEMO_TROUBLE, "forbidden", TR_MARK("403: not allowed")},
    {DEMO_TROUBLE, "none", TR_MARK("the trouble is over")},
    {DEMO_STEP, "fail", TR_MARK("it fails; a number behind it is the exit code")},
    {DEMO_STEP, "hang", TR_MARK("it never ends")},
    {DEMO_STEP, "takes", TR_MARK("30s: it takes that long")},
    {DEMO_STEP, "ok", TR_MARK("it does what it did before")},
    {DEMO_SPAN, "5s", ""},
    {DEMO_SPAN, "30s", ""},
    {DEMO_SPAN, "2m", ""},
    {DEMO_ALL, "all",
     TR_MARK("in all pods of its owner, those to come too; Enter: this pod alone")}};
const size_t demo_word_count = IW_COUNTOF(demo_words);

static void
act_play(struct ui *ui, enum action action)
{
    const struct demo_board *board = ui->config.demo;
    struct intent in = {.kind = INTENT_DEMO};
    double speed = board->speed * (action == ACT_PLAY_FASTER ? 2 : 0.5);
    if (action == ACT_PLAY_PAUSE)
        snprintf(in.text, sizeof(in.text), "%s", board->paused ? "go" : "pause");
    else if (action == ACT_PLAY_STEP)
        snprintf(in.text, sizeof(in.text), "step 1s");
    else
        snprintf(in.text, sizeof(in.text), "speed %g",
                 IW_MIN(IW_MAX(speed, SPEED_LEAST), SPEED_MOST));
    ui_handle_intent(ui, &in);
}

static void
act_course(struct ui *ui)
{
    struct intent in = {.kind = INTENT_OPEN, .view = "demo"};
    if (strcmp(ui_top_view(ui), "demo") == 0)
        in.kind = INTENT_BACK;
    (void)ui_cursor_pod(ui, &in.pod, in.container);
    ui_handle_intent(ui, &in);
}

static void
act_edit(struct ui *ui)
{
    struct pod_ref ref;
    char container[256], text[PROMPT_TEXT_BYTES];
    const struct pod *pod =
        ui_cursor_pod(ui, &ref, container) ? store_get(ui->config.store, ref) : NULL;
    if (!pod) {
        ui_flash(ui, true, "%s", tr("choose a pod first"));
        return;
    }
    snprintf(text, sizeof(text), "demo edit %s/%s%s%s ", pod->ns, pod->name,
             container[0] ? "/" : "", container);
    prompt_open(ui, ':', text);
}

void
demo_act(struct ui *ui, enum action action, int32_t arg)
{
    (void)arg;
    bool sorts = action == ACT_PLAY_EDIT && ui_top(ui)->view->context == CTX_PODS;
    if (!ui->config.demo)
        ui_flash(ui, false, "%s",
                 sorts ? tr("T: o and restarts sorts by restarts") /* as Shift-T in k9s */
                       : tr("only in a demo: initwatch demo"));
    else if (action == ACT_DEMO)
        act_course(ui);
    else if (action == ACT_PLAY_EDIT)
        act_edit(ui);
    else
        act_play(ui, action);
}

void
demo_command(struct ui *ui, const char *arg)
{
    struct intent in = {.kind = INTENT_DEMO};
    if (!ui->config.demo) {
        ui_flash(ui, true, "%s", tr("only in a demo: initwatch demo"));
        return;
    }
    (void)ui_cursor_pod(ui, &in.pod, in.container);
    snprintf(in.text, sizeof(in.text), "%s", arg);
    ui_handle_intent(ui, &in);
}
