/* edit: an object in the user's editor, as kubectl edit does it. What the server refuses stays in a
 * file, so that no typing is lost.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "initwatch/app/dashboard.h"
#include "initwatch/app/usershell.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/yaml_emit.h"

struct edit {
    struct kobject_ref ref;
    struct source_get *sent; /* NULL: none is under way */
    char path[512];          /* of what was edited; "": no file */
};

static void
end(struct dashboard *d, bool keep)
{
    if (d->edit && d->edit->path[0] && !keep)
        (void)unlink(d->edit->path);
    free(d->edit);
    d->edit = NULL;
}

static void
fail(struct dashboard *d, const char *why)
{
    bool kept = d->edit->path[0] != '\0';
    LOG_WARN("edit %s %s: %s", kobject_kind_info(d->edit->ref.kind)->kind, d->edit->ref.name, why);
    ui_flash(d->ui, true, tr("not changed: %.250s%s%s"), why, kept ? tr("; your text is in ") : "",
             kept ? d->edit->path : "");
    end(d, kept);
}

/* --- the file --- */

/* "$TMPDIR/initwatch-edit-XXXXXX.yaml", for this user alone. */
static FILE *
open_file(struct edit *e)
{
    const char *dir = getenv("TMPDIR");
    (void)snprintf(e->path, sizeof(e->path), "%.400s/initwatch-edit-XXXXXX.yaml",
                   dir && dir[0] ? dir : "/tmp");
    int fd = mkstemps(e->path, (int)strlen(".yaml"));
    if (fd < 0) {
        e->path[0] = '\0';
        return NULL;
    }
    return fdopen(fd, "w");
}

static bool
write_file(struct edit *e, const struct yaml_text *yaml)
{
    FILE *f = open_file(e);
    if (!f)
        return false;
    fprintf(f, tr("# %s %s. Save and leave: it is sent. Leave it as it is: nothing is changed.\n"),
            kobject_kind_info(e->ref.kind)->kind, e->ref.name);
    bool good = fwrite(yaml->text, 1, yaml->len, f) == yaml->len;
    return fclose(f) == 0 && good;
}

/* The file's text without the comment lines on top. */
static const char *
below_comments(const char *text)
{
    while (*text == '#') {
        const char *newline = strchr(text, '\n');
        text = newline ? newline + 1 : text + strlen(text);
    }
    return text;
}

/* --- the editor --- */

static const char *
editor(void)
{
    static const char *const names[] = {"KUBE_EDITOR", "EDITOR"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return value;
    }
    return "vi";
}

/* False: it could not be started, or ended with an error; why says so. */
static bool
run_editor(struct dashboard *d, char *why, size_t why_size)
{
    char command[1024];
    struct iw_error err = {0};
    pid_t pid;
    int status = 0;
    /* The path is the program's own and has no quote in it, unless $TMPDIR has. */
    if (strchr(d->edit->path, '\'')) {
        (void)snprintf(why, why_size, tr("$TMPDIR has a quote in it: %.100s"), d->edit->path);
        return false;
    }
    (void)snprintf(command, sizeof(command), "%.400s '%s'", editor(), d->edit->path);
    term_suspend(d->term);
    enum iw_err rc = usershell_start(command, -1, &pid, &err);
    if (rc == IW_OK)
        usershell_wait(pid, &status);
    term_resume(d->term);
    term_redraw(d->term);
    if (rc != IW_OK)
        (void)snprintf(why, why_size, "%.250s", err.msg);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        (void)snprintf(why, why_size, tr("the editor (%.60s) ended with an error"), editor());
    else
        return true;
    return false;
}

/* --- sending --- */

static void
on_sent(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct dashboard *d = ctx;
    (void)json;
    (void)len;
    d->edit->sent = NULL;
    if (err->code == IW_ERR_CANCELED) {
        end(d, true);
        return;
    }
    if (err->code != IW_OK) {
        fail(d, err->msg);
        return;
    }
    LOG_INFO("done: kubectl edit %s/%s", kobject_kind_info(d->edit->ref.kind)->plural,
             d->edit->ref.name);
    ui_flash(d->ui, false, tr("changed %.100s"), d->edit->ref.name);
    end(d, false);
}

/* It must be the object that was opened: a copy under another name is no change of it. */
static bool
is_same_object(const json_t *object, const struct kobject_ref *ref)
{
    const json_t *meta = json_object_get(object, "metadata");
    const char *kind = json_string_value(json_object_get(object, "kind"));
    const char *name = json_string_value(json_object_get(meta, "name"));
    return kind && name && strcmp(kind, kobject_kind_info(ref->kind)->kind) == 0 &&
           strcmp(name, ref->name) == 0;
}

static void
send_text(struct dashboard *d, const char *text)
{
    struct source *source = d->session->source;
    const struct object_sink sink = {.ctx = d, .done = on_sent};
    struct iw_error err = {0};
    json_t *object = NULL;
    if (yaml_json_one(d->edit->path, text, strlen(text), &object, &err) != IW_OK) {
        fail(d, err.msg);
        return;
    }
    char *body = json_dumps(object, JSON_COMPACT);
    bool same = is_same_object(object, &d->edit->ref);
    json_decref(object);
    if (!body || !same) {
        free(body);
        fail(d, tr("kind or name is another one"));
        return;
    }
    const struct object_change change = {
        .ref = d->edit->ref, .method = "PUT", .body = body, .body_len = strlen(body)};
    enum iw_err rc = source->class_->change_object(source, &change, &sink, &d->edit->sent, &err);
    free(body);
    if (rc != IW_OK)
        fail(d, err.msg);
}

/* What the user made of the text. */
static void
take_text(struct dashboard *d, const struct yaml_text *before)
{
    iw_autofree char *text = NULL;
    char why[300];
    struct iw_error err = {0};
    if (!run_editor(d, why, sizeof(why)))
        fail(d, why);
    else if (file_read_all(d->edit->path, LIMIT_BODY_BYTES, &text, NULL, &err) != IW_OK)
        fail(d, err.msg);
    else if (strcmp(below_comments(text), before->text) == 0) {
        ui_flash(d->ui, false, "%s", tr("nothing was changed"));
        end(d, false);
    } else
        send_text(d, text);
}

/* --- reading --- */

static void
on_object(void *ctx, const char *json, size_t len, const struct iw_error *err)
{
    struct dashboard *d = ctx;
    d->edit->sent = NULL;
    if (err->code == IW_ERR_CANCELED) {
        end(d, false);
        return;
    }
    json_t *object = err->code == IW_OK ? json_loadb(json, len, 0, NULL) : NULL;
    if (!object) {
        fail(d, err->code == IW_OK ? tr("the server's answer is no object") : err->msg);
        return;
    }
    /* Nobody edits who wrote which field; the server keeps it. */
    (void)json_object_del(json_object_get(object, "metadata"), "managedFields");
    struct yaml_text *yaml = yaml_from_value(object);
    json_decref(object);
    if (write_file(d->edit, yaml))
        take_text(d, yaml);
    else
        fail(d, strerror(errno));
    yaml_text_free(yaml);
}

void
dashboard_edit(struct dashboard *d, const struct kobject_ref *ref)
{
    struct source *source = d->session->source;
    const struct object_sink sink = {.ctx = d, .done = on_object};
    struct iw_error err = {0};
    if (d->edit) {
        ui_flash(d->ui, true, "%s", tr("the change before is not done yet"));
        return;
    }
    d->edit = iw_calloc(1, sizeof(*d->edit));
    d->edit->ref = *ref;
    if (source->class_->get_object(source, ref, &sink, &d->edit->sent, &err) != IW_OK)
        fail(d, err.msg);
}

void
dashboard_edit_free(struct dashboard *d)
{
    if (d->edit && d->edit->sent)
        d->session->source->class_->close_get(d->edit->sent);
    end(d, true);
}
