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

#include "initwatch/app/change.h"
#include "initwatch/app/dashboard.h"
#include "initwatch/app/usershell.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/tr.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/yaml_emit.h"

enum { SHELL_NOT_FOUND = 127 };

struct edit {
    struct kobject_ref ref;
    struct source_get *sent; /* NULL: none is under way */
    char path[512];          /* of what was edited; "": no file */
    char version[64];        /* resourceVersion as it was read */
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
    if (kept) {
        LOG_WARN("edit: the text is in %s", d->edit->path);
        ui_flash(d->ui, true, tr("not changed, your text is in %s: %.300s"), d->edit->path, why);
    } else {
        ui_flash(d->ui, true, tr("not changed: %.300s"), why);
    }
    end(d, kept);
}

static void
fail_of_server(struct dashboard *d, const struct iw_error *err)
{
    char why[400];
    change_failure(err, CHANGE_EDIT, why, sizeof(why));
    fail(d, why);
}

/* --- the file --- */

static const char *
temporary(void)
{
    const char *dir = getenv("TMPDIR");
    return dir && dir[0] ? dir : "/tmp";
}

/* "$TMPDIR/initwatch-edit-XXXXXX.yaml", for this user alone. */
static FILE *
open_file(struct edit *e)
{
    (void)snprintf(e->path, sizeof(e->path), "%.400s/initwatch-edit-XXXXXX.yaml", temporary());
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

/* What could not be written is no text of the user's. */
static void
fail_to_write(struct dashboard *d, const char *system)
{
    char why[300];
    (void)snprintf(why, sizeof(why), tr("no file in %.150s ($TMPDIR): %.100s"), temporary(),
                   system);
    if (d->edit->path[0])
        (void)unlink(d->edit->path);
    d->edit->path[0] = '\0';
    fail(d, why);
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
    else if (WIFEXITED(status) && WEXITSTATUS(status) == SHELL_NOT_FOUND)
        (void)snprintf(why, why_size,
                       tr("there is no program %.60s: set $KUBE_EDITOR to your editor"), editor());
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
        LOG_WARN("edit: left before the answer; the text is in %s", d->edit->path);
        end(d, true);
        return;
    }
    if (err->code != IW_OK) {
        fail_of_server(d, err);
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
    const char *ns = json_string_value(json_object_get(meta, "namespace"));
    return kind && name && strcmp(kind, kobject_kind_info(ref->kind)->kind) == 0 &&
           strcmp(name, ref->name) == 0 && strcmp(ns ? ns : "", ref->ns) == 0;
}

/* Without the version the server would overwrite what others changed. */
static void
keep_version(json_t *object, const char *version)
{
    json_t *meta = json_object_get(object, "metadata");
    if (!json_object_get(meta, "resourceVersion"))
        (void)json_object_set_new(meta, "resourceVersion", json_string(version));
}

static void
send_text(struct dashboard *d, const char *text)
{
    struct source *source = d->session->source;
    const struct object_sink sink = {.ctx = d, .done = on_sent};
    struct iw_error err = {0};
    json_t *object = NULL;
    if (yaml_json_one("yaml", text, strlen(text), &object, &err) != IW_OK) {
        fail(d, err.msg);
        return;
    }
    bool same = is_same_object(object, &d->edit->ref);
    if (same)
        keep_version(object, d->edit->version);
    char *body = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!body || !same) {
        free(body);
        fail(d, tr("kind, name or namespace is another one"));
        return;
    }
    const struct object_change change = {
        .ref = d->edit->ref, .method = "PUT", .body = body, .body_len = strlen(body)};
    enum iw_err rc = source->class_->change_object(source, &change, &sink, &d->edit->sent, &err);
    free(body);
    if (rc != IW_OK)
        fail(d, err.msg);
}

/* As it was, or emptied: as kubectl takes it, a way to call it off. */
static bool
is_untouched(const char *text, const struct yaml_text *before)
{
    const char *below = below_comments(text);
    return below[strspn(below, " \r\n\t")] == '\0' || strcmp(below, before->text) == 0;
}

/* What the user made of the text. */
static void
take_text(struct dashboard *d, const struct yaml_text *before)
{
    iw_autofree char *text = NULL;
    char why[300];
    struct iw_error err = {0};
    bool ran = run_editor(d, why, sizeof(why));
    if (file_read_all(d->edit->path, LIMIT_BODY_BYTES, &text, NULL, &err) != IW_OK)
        fail(d, ran ? err.msg : why);
    else if (is_untouched(text, before)) {
        ui_flash(d->ui, !ran, "%s", ran ? tr("nothing was changed") : why);
        end(d, false);
    } else if (!ran)
        fail(d, why);
    else
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
        if (err->code == IW_OK)
            fail(d, tr("the server's answer is no object"));
        else
            fail_of_server(d, err);
        return;
    }
    const char *version =
        json_string_value(json_object_get(json_object_get(object, "metadata"), "resourceVersion"));
    (void)snprintf(d->edit->version, sizeof(d->edit->version), "%.63s", version ? version : "");
    /* Nobody edits who wrote which field; the server keeps it. */
    (void)json_object_del(json_object_get(object, "metadata"), "managedFields");
    struct yaml_text *yaml = yaml_from_value(object);
    json_decref(object);
    if (write_file(d->edit, yaml))
        take_text(d, yaml);
    else
        fail_to_write(d, strerror(errno));
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
