/* view_logfile: log files, of no pod, with all that the log view does.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/tr.h"
#include "logs.h"

static void
logfile_draw(const void *state, const struct view_env *env, struct surface *s, struct rect area)
{
    if (logs_feed_of(env))
        logs_view_draw(state, env, s, area);
    else
        surface_puts(s, area, area.x + 2, area.y + 1, ROLE_DIM,
                     tr("No file is open. :open FILE opens one."));
}

static bool
logfile_act(void *state, const struct view_env *env, enum action action, int32_t arg,
            struct intent *out)
{
    return logs_feed_of(env) && logs_act(state, env, action, arg, out);
}

/* Which files, in the tab line. */
static void
logfile_note(const void *state, const struct view_env *env, char *out, size_t out_size)
{
    const struct log_feed *feed = logs_feed_of(env);
    (void)state;
    snprintf(out, out_size, "%s", feed ? feed->title : "");
}

const struct view_class view_logfile = {
    .name = "file",
    .title = "Log file",
    .help = "Log files, or what a pipe brought, merged in order of time",
    .scope = VIEW_GLOBAL,
    .context = CTX_LOGS,
    .searchable = true,
    .state_size = sizeof(struct logs_state),
    .init = logs_view_init,
    .fini = logs_view_fini,
    .recalc = logs_view_recalc,
    .work = logs_view_work,
    .draw = logfile_draw,
    .act = logfile_act,
    .can = logs_can,
    .filter = logs_view_filter,
    .command = logs_view_command,
    .ticks = logs_view_ticks,
    .tab_note = logfile_note,
};
