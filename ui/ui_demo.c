/* ui_demo: keys and commands that only a demo session has.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "ui_internal.h"

#define SPEED_LEAST 0.125
#define SPEED_MOST 64.0

const char *const demo_words[] = {
    "pause",    "go",         "step",        "speed",        "restart",   "fault", "edit",  "fail",
    "hang",     "takes",      "ok",          "outage",       "gone",      "slow",  "error", "none",
    "throttle", "drop-watch", "event-storm", "unauthorized", "forbidden", "all"};
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
    if (!ui->config.demo)
        ui_flash(ui, false, "%s", tr("only in a demo: initwatch demo"));
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
