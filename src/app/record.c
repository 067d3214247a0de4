/* record: a recording of the session begins, goes on, ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/platform.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"

static void
begin(struct dashboard *d, const char *wanted)
{
    char path[4096];
    struct iw_error err = {0};
    struct session *s = d->session;
    const struct recorder_opts opts = {.clock = loop_clock(s->loop),
                                       .context = s->client->context,
                                       .server = s->client->server,
                                       .ns = s->ns};
    if (!s->source->class_->record) {
        ui_flash(d->ui, true, "%s", tr("this is a recording already"));
        return;
    }
    (void)platform_expand_home(wanted, path, sizeof(path));
    if (recorder_open(path, &opts, &d->recorder, &err) != IW_OK) {
        if (err.sys_errno == EEXIST)
            ui_flash(d->ui, true, tr("%s is there already; record to another file"), path);
        else
            ui_flash(d->ui, true, "%s", err.msg);
        return;
    }
    LOG_INFO("recording to %s", path);
    d->about.recording = true;
    s->source->class_->record(s->source, d->recorder);
    usagepoll_record(d->usage, d->recorder);
    /* What is on the screen is part of it. */
    logs_forget(d->logs);
    dashboard_log_again(d);
    ui_flash(d->ui, false, tr("recording to %s; :record ends it"), path);
}

/* What is said at the end: where it is, and how it is played. */
static void
say_done(struct dashboard *d, const char *path, uint64_t count, uint64_t bytes)
{
    ui_flash(d->ui, false,
             tr_n("recorded %llu frame, %llu KiB; initwatch -r %s plays it",
                  "recorded %llu frames, %llu KiB; initwatch -r %s plays them", count),
             (unsigned long long)count, (unsigned long long)((bytes + 1023) / 1024), path);
}

void
dashboard_stop_recording(struct dashboard *d)
{
    struct iw_error err = {0};
    char path[4096];
    if (!d->recorder)
        return;
    struct session *s = d->session;
    struct iw_error failure = *recorder_failure(d->recorder);
    uint64_t count = recorder_count(d->recorder), bytes = recorder_bytes(d->recorder);
    snprintf(path, sizeof(path), "%s", recorder_path(d->recorder));
    s->source->class_->record(s->source, NULL);
    usagepoll_record(d->usage, NULL);
    enum iw_err rc = recorder_close(d->recorder, &err);
    d->recorder = NULL;
    d->about.recording = false;
    if (failure.code == IW_OK && rc != IW_OK)
        failure = err;
    if (failure.code != IW_OK)
        LOG_ERROR("the recording ended: %s", failure.msg);
    else
        LOG_INFO("recorded %llu frames to %s", (unsigned long long)count, path);
    if (!d->ui || d->quit)
        return;
    if (failure.code == IW_OK)
        say_done(d, path, count, bytes);
    else
        ui_flash(d->ui, true, tr("the recording ended: %s; what was written can be played"),
                 failure.msg);
}

void
dashboard_record(struct dashboard *d, const char *path)
{
    if (path[0] && d->recorder)
        ui_flash(d->ui, true, tr("still recording to %s; :record ends it"),
                 recorder_path(d->recorder));
    else if (path[0])
        begin(d, path);
    else if (d->recorder)
        dashboard_stop_recording(d);
    else
        ui_flash(d->ui, true, "%s", tr("nothing is recorded; :record FILE begins"));
}

void
dashboard_note(struct dashboard *d, const char *text)
{
    if (!d->recorder) {
        ui_flash(d->ui, true, "%s", tr("nothing is recorded; :record FILE begins"));
        return;
    }
    recorder_mark(d->recorder, text);
    ui_flash(d->ui, false, tr("noted: %s"), text);
}

void
dashboard_check_recording(struct dashboard *d)
{
    if (d->recorder && recorder_failure(d->recorder)->code != IW_OK)
        dashboard_stop_recording(d);
}
