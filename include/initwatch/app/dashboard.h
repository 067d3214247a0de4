/* dashboard: the program with a screen. What dashboard.c (loop, frames, keys) and intents.c (what
 * views ask for) share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_DASHBOARD_H
#define INITWATCH_APP_DASHBOARD_H

#include <stdio.h>

#include "initwatch/app/config.h"
#include "initwatch/app/demo_control.h"
#include "initwatch/app/fetch.h"
#include "initwatch/app/logs.h"
#include "initwatch/app/replay_control.h"
#include "initwatch/app/session.h"
#include "initwatch/app/usagepoll.h"
#include "initwatch/source/recorder.h"
#include "initwatch/ui/term.h"
#include "initwatch/ui/ui.h"

struct dashboard {
    const struct options *options;
    struct config config;
    struct session *session;
    struct logs *logs;
    struct fetch *fetch;
    struct demo_control *demo;     /* NULL: this is no demo */
    struct replay_control *replay; /* NULL: this is no recording */
    struct recorder *recorder;     /* NULL: nothing is recorded */
    /* The log on screen, for a replay that jumps back: it is opened again as it was asked for. */
    struct intent shown_log;
    bool log_lost;
    struct usagepoll *usage;
    struct ui *ui;
    struct ui_session about; /* what line 1 says */
    const char **contexts;   /* for completion; owned array of borrowed names */
    struct term *term;
    struct surface surface;
    loop_id frame_timer, preview_timer;
    struct pod_ref focus;                /* the pod the cursor rested on last */
    int64_t last_frame_ms;               /* monotonic */
    int64_t frame_cost_ms, last_cost_ms; /* what the last one took */
    uint64_t seen_generation;            /* of the store, for the log feed */
    bool key_handled;                    /* answer at once, whatever the frame rate */
    bool quit;
    enum theme theme; /* as the terminal has it */
    /* To be saved when the user agrees to overwrite: a text, or a log as it was then in a file
     * without a name; owned. */
    char *asked_path, *asked_text;
    FILE *asked_log;
    uint64_t asked_lines;
    bool asked_cut; /* the text is not all there is */
    /* What was asked of a log that is not here yet: a line of the ':' prompt, NULL: nothing; of that
     * request for a log. */
    char *waiting_line;
    unsigned waiting_asked;
    loop_id waiting_timer;
    bool light_background; /* the terminal's, as far as it is known */
    bool without_colour;   /* NO_COLOR, and no theme on the command line */
    bool ascii_wanted;     /* by the user, not only by the terminal */
    struct writes *writes;
    struct edit *edit;
    char opening_pod[256]; /* POD of the command line, until it is in the store */
};

/* Standard input and output are a terminal that can show a screen. */
bool dashboard_has_terminal(void);
/* The ui's on_intent. */
void dashboard_intent(void *dashboard, const struct intent *intent);
void dashboard_describe_session(struct dashboard *d);
void dashboard_suspend(struct dashboard *d);
/* An option was changed by :set: what is more than a value in the ui is done here. */
void dashboard_setting(struct dashboard *d, const char *name);
/* Into a file: what a view hands over, else the screen; the screen in one of ui_export_formats,
 * "[all] [FORMAT] [FILE]" (savefile.c). */
void dashboard_save(struct dashboard *d, const struct intent *intent);
void dashboard_export(struct dashboard *d, const char *wish);
/* The log view's log was closed under it: open it again. */
void dashboard_log_again(struct dashboard *d);
/* :record FILE, :record, :note TEXT (record.c); the last looks whether the disk or the ceiling
 * ended it. */
void dashboard_record(struct dashboard *d, const char *path);
void dashboard_note(struct dashboard *d, const char *text);
void dashboard_stop_recording(struct dashboard *d);
void dashboard_check_recording(struct dashboard *d);
/* Ask whether the file may be overwritten; what is to be written is put into asked_text or
 * asked_log after that. */
void dashboard_ask_overwrite(struct dashboard *d, const char *path, void (*yes)(void *ctx));
void dashboard_forget_asked(struct dashboard *d);
/* The log on screen into a new file; into a command, which has the terminal until it ends
 * (takeaway.c). */
void dashboard_save_log(struct dashboard *d, const struct intent *intent, const char *path);
void dashboard_pipe_log(struct dashboard *d, const struct intent *intent);
/* The log's lines are still on their way: what was asked is put off until they are here (true). */
bool dashboard_waits_for_log(struct dashboard *d, const struct intent *intent);
void dashboard_forget_waiting(struct dashboard *d);
/* What a key that writes wants, after asking (writes.c). */
void dashboard_write(struct dashboard *d, const struct intent *intent);
void dashboard_writes_free(struct dashboard *d);
/* An object in the user's editor, then to the server (edit.c). */
void dashboard_edit(struct dashboard *d, const struct kobject_ref *ref);
void dashboard_edit_free(struct dashboard *d);
/* Keeps the last lines of the container under the cursor ready for the views that show them
 * (preview.c). */
void dashboard_preview(struct dashboard *d);

#endif
