/* savefile: documents into files: where they go, and that nothing is lost without a question.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/export.h"
#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"

enum { PATH_BYTES = 4096 };

/* --- where to --- */

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* What the user typed ("~/" is home; in a folder under a name of ours), else a name of ours below the state folder. */
static bool
save_path(const struct dashboard *d, const char *wanted, const char *ending, char *path)
{
    char stamp[40], name[128];
    rfc3339_format(clock_wall(loop_clock(d->session->loop)), true, stamp);
    snprintf(name, sizeof(name), "%.60s-%s.%s", ui_top_view(d->ui), stamp, ending);
    if (!wanted[0])
        return platform_state_path(name, path, PATH_BYTES);
    int len = platform_expand_home(wanted, path, PATH_BYTES);
    if (len > 0 && len < PATH_BYTES && is_folder(path))
        len += snprintf(path + len, (size_t)(PATH_BYTES - len), "%s%s",
                        path[len - 1] == '/' ? "" : "/", name);
    return len < PATH_BYTES;
}

/* --- writing --- */

static enum iw_err
write_all(int fd, const char *text)
{
    for (size_t done = 0, len = strlen(text); done < len;) {
        ssize_t n = write(fd, text + done, len - done);
        if (n < 0 && errno != EINTR)
            return IW_ERR_IO;
        done += n > 0 ? (size_t)n : 0;
    }
    return IW_OK;
}

/* how: O_EXCL for a file that must be new, O_TRUNC for one whose loss was agreed to. Half of a new file is worth nothing: it
 * goes. */
static enum iw_err
write_file(const char *path, const char *text, int how, struct iw_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600);
    if (fd < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "save %s", path);
    enum iw_err rc = write_all(fd, text);
    int failed = errno;
    if (close(fd) != 0 && rc == IW_OK) {
        failed = errno;
        rc = IW_ERR_IO;
    }
    if (rc != IW_OK && how == O_EXCL)
        (void)unlink(path);
    return rc == IW_OK ? IW_OK : iw_fail_errno(err, IW_ERR_IO, failed, "save %s", path);
}

static void
save_text(struct dashboard *d, const char *path, const char *text, int how, bool cut)
{
    struct iw_error err = {0};
    if (write_file(path, text, how, &err) != IW_OK)
        ui_flash(d->ui, true, "%s", err.msg);
    else if (cut)
        ui_flash(d->ui, false, tr("saved the first %d lines: %s"), SURFACE_ROWS_MAX, path);
    else
        ui_flash(d->ui, false, tr("saved %s"), path);
}

static void
overwrite_agreed(void *ctx)
{
    struct dashboard *d = ctx;
    save_text(d, d->asked_path, d->asked_text, O_TRUNC, d->asked_cut);
    dashboard_forget_asked(d);
}

/* Takes the text. cut: there was more of it. */
static void
save_or_ask(struct dashboard *d, const char *path, char *text, bool cut)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        save_text(d, path, text, O_EXCL, cut);
        free(text);
        return;
    }
    dashboard_ask_overwrite(d, path, overwrite_agreed);
    d->asked_text = text;
    d->asked_cut = cut;
}

/* --- the screen --- */

/* Drawn anew: on the last frame stands what asked for this. */
static char *
screen_document(struct dashboard *d, const struct export_wish *wish, bool *cut)
{
    struct surface s;
    surface_init(&s, d->surface.cols, d->surface.rows, d->surface.ascii);
    if (wish->whole)
        (void)ui_draw_whole(d->ui, &s);
    else
        ui_draw(d->ui, &s);
    struct export_facts facts = {.view = ui_top_view(d->ui),
                                 .session = &d->about,
                                 .store = d->session->store,
                                 .pod = ui_focus(d->ui),
                                 .now_wall_ms = clock_wall(loop_clock(d->session->loop)),
                                 .theme = ui_prefs(d->ui)->theme};
    facts.pods = ui_listed(d->ui, &facts.pod_count);
    *cut = s.rows == SURFACE_ROWS_MAX && d->surface.rows < s.rows;
    char *text = export_document(&s, wish->format, &facts);
    surface_free(&s);
    return text;
}

void
dashboard_export(struct dashboard *d, const char *text)
{
    char path[PATH_BYTES];
    bool cut = false;
    struct export_wish wish = export_wish_parse(text);
    if (!wish.format)
        ui_flash(d->ui, true, "%s", tr("export: [all] txt, ansi, html, svg or json, then a file"));
    else if (wish.whole &&
             (strcmp(ui_top_view(d->ui), "logs") == 0 || strcmp(ui_top_view(d->ui), "file") == 0))
        ui_flash(d->ui, true, "%s", tr("a log as a whole: :save all FILE"));
    else if (!save_path(d, wish.file, wish.format, path))
        ui_flash(d->ui, true, "%s", tr("nowhere to save: HOME is not set"));
    else {
        char *document = screen_document(d, &wish, &cut);
        save_or_ask(d, path, document, cut);
    }
}

/* --- what a view hands over --- */

/* The whole object when it is on screen, whatever is folded; else NULL. */
static const struct yaml_text *
yaml_to_save(const struct dashboard *d)
{
    const char *view = ui_top_view(d->ui);
    bool yaml = strcmp(view, "yaml") == 0 || strcmp(view, "object") == 0;
    return yaml ? fetch_raw(d->fetch)->yaml : NULL;
}

void
dashboard_save(struct dashboard *d, const struct intent *intent)
{
    char path[PATH_BYTES];
    const struct yaml_text *yaml = yaml_to_save(d);
    bool log = intent->lens && logs_feed(d->logs)->buf;
    if (!intent->data && !yaml && !log) {
        dashboard_export(d, intent->text);
        return;
    }
    if (log && dashboard_waits_for_log(d, intent))
        return;
    if (!save_path(d, intent->text, intent->data ? "md" : log ? "txt" : "yaml", path))
        ui_flash(d->ui, true, "%s", tr("nowhere to save: HOME is not set"));
    else if (log)
        dashboard_save_log(d, intent, path);
    else
        save_or_ask(d, path,
                    intent->data ? iw_strndup(intent->data, intent->data_len)
                                 : iw_strndup(yaml->text, yaml->len),
                    false);
}
