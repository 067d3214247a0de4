/* ui_commands: what the ':' prompt runs.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/nearest.h"
#include "initwatch/base/tr.h"
#include "ui_internal.h"

static const struct ui_command COMMANDS[] = {
    {"pods", "", TR_MARK("the pod list")},
    {"owners", "", TR_MARK("one row for each Deployment, StatefulSet, Job ...")},
    {"why", "[POD]", TR_MARK("explain a pod")},
    {"logs", "[POD/CTR]", TR_MARK("logs of a pod")},
    {"detail", "[POD]", TR_MARK("containers and timeline of a pod")},
    {"events", "[POD]", TR_MARK("events of a pod")},
    {"resources", "[POD]", TR_MARK("effective requests and limits")},
    {"delete", "[POD]", TR_MARK("delete the pod or the marked ones, as ^K: with --write, asks")},
    {"restart", "[POD]", TR_MARK("restart the owner of the pod, as r: with --write, asks")},
    {"edit", "[POD]", TR_MARK("the object in your editor, as e: with --write")},
    {"messages", "", TR_MARK("messages of initwatch itself")},
    {"help", "", TR_MARK("keys and signs")},
    {"ns", "A,B|*", TR_MARK("choose namespaces")},
    {"ctx", "NAME", TR_MARK("choose another context")},
    {"sort", "COLUMN",
     TR_MARK("stuck, ns, name, init, status, ready, restarts, for, node, age, owner")},
    {"group", "owner|none", TR_MARK("pods by owner, or one list")},
    {"whatif", "[CTR NAME=AMOUNT...]",
     TR_MARK("resources: as if a request were another; alone: as they are")},
    {"set", "KEY=VAL", TR_MARK("change an option; NAME alone tells it")},
    {"mark", "LETTER", TR_MARK("set a mark here, as m")},
    {"jump", "LETTER", TR_MARK("go to a mark, as '")},
    {"bind", "PLACE KEY ACTION", TR_MARK("lay a key over the built-in ones, until the end")},
    {"keys", "", TR_MARK("the keys that work here")},
    {"config", "", TR_MARK("the options in force, and where they come from")},
    {"relist", "", TR_MARK("list again, retry now")},
    {"tutor", "[again]", TR_MARK("a guided tour of three minutes, on the demo cluster")},
    {"demo", "[WORD...]",
     TR_MARK("demo: pause, go, step, speed X, restart, fault KIND; edit POD/CTR fail, hang, takes "
             "D, ok [all]")},
    {"record", "[FILE]", TR_MARK("record this session to FILE; alone: stop. -r FILE plays it")},
    {"note", "TEXT", TR_MARK("recording: a mark with a text, to find the place again")},
    {"replay", "[WORD]",
     TR_MARK("replay: pause, go, step, back, next, prev, start, end, speed X, HH:MM:SS")},
    {"save", "[all] [FILE]",
     TR_MARK("save what is seen; logs: .txt .ansi .jsonl; findings: .md .json .sarif")},
    {"ci", "[FILE]", TR_MARK("copy the command that checks manifests in CI")},
    {"export", "[all] [FORMAT] [FILE]",
     TR_MARK("the screen as txt, ansi, html, svg or json; all: with what is beyond its edge")},
    {"keep", "REGEX", TR_MARK("logs: keep lines that match, or level>=warn")},
    {"drop", "REGEX", TR_MARK("logs: drop lines that match")},
    {"level", "LEVEL", TR_MARK("logs: keep lines of this level and worse")},
    {"time", "HH:MM[:SS]", TR_MARK("logs: go to this time")},
    {"open", "FILE", TR_MARK("a log file in the log view, followed as it grows")},
    {"tail", "N|all", TR_MARK("logs: read again, so many last lines of each run")},
    {"pipe", "COMMAND", TR_MARK("logs: the lines in sight to a command")},
    {"q", "", TR_MARK("quit")},
    {"quit", "", TR_MARK("quit")},
};

const char *const ui_export_formats[] = {"txt", "ansi", "html", "svg", "json", NULL};

const struct ui_command *
ui_commands(size_t *count)
{
    *count = IW_COUNTOF(COMMANDS);
    return COMMANDS;
}

static void
send_text(struct ui *ui, enum intent_kind kind, const char *text)
{
    struct intent intent = {.kind = kind};
    snprintf(intent.text, sizeof(intent.text), "%s", text);
    ui_handle_intent(ui, &intent);
}

static const char *
nearest_command(const char *name)
{
    static struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
        nearest_offer(&near, COMMANDS[i].name);
    for (size_t i = 0; i < view_registry_count; i++)
        nearest_offer(&near, view_registry[i]->name);
    return near.count ? near.names[0] : NULL;
}

/* "pod", "ns/pod" or "pod/container". */
static bool
find_pod(const struct ui *ui, const char *arg, struct pod_ref *ref, char container[256])
{
    const struct store *store = ui->config.store;
    const char *slash = strchr(arg, '/');
    char first[256];
    container[0] = 0;
    if (!slash)
        return store_find(store, NULL, arg, ref);
    snprintf(first, sizeof(first), "%.*s", (int)IW_MIN(slash - arg, 255), arg);
    if (store_find(store, first, slash + 1, ref))
        return true;
    const char *kind = words_command(first); /* "pod/NAME", as kubectl has it */
    if ((strcmp(first, "pods") == 0 || (kind && strcmp(kind, "pods") == 0)) &&
        store_find(store, NULL, slash + 1, ref))
        return true;
    snprintf(container, 256, "%s", slash + 1);
    return store_find(store, NULL, first, ref);
}

/* "svc/db", "svc db", "svc shop/db": of that namespace, else of the one in view or of the pod under the cursor. */
static bool
parse_object(struct ui *ui, const char *arg, struct kobject_ref *ref)
{
    char kind[64], container[256];
    struct pod_ref at;
    size_t len = strcspn(arg, "/ ");
    const char *name = arg + len + strspn(arg + len, "/ "), *ns = ui->config.session->ns;
    const char *slash = strchr(name, '/');
    (void)snprintf(kind, sizeof(kind), "%.*s", (int)IW_MIN(len, sizeof(kind) - 1), arg);
    *ref = (struct kobject_ref){0};
    if (!name[0] || !kobject_kind_named(kind, &ref->kind))
        return false;
    if (!ns[0] || strchr(ns, ','))
        ns = ui_cursor_pod(ui, &at, container) ? store_get(ui->config.store, at)->ns : "default";
    (void)snprintf(ref->name, sizeof(ref->name), "%.253s", slash ? slash + 1 : name);
    if (kobject_kind_info(ref->kind)->namespaced)
        (void)snprintf(ref->ns, sizeof(ref->ns), "%.*s", slash ? (int)IW_MIN(slash - name, 63) : 63,
                       slash ? name : ns);
    return true;
}

/* ":describe svc/db", ":yaml svc/db"; false for pods, which are found by their names alone. */
static bool
open_object(struct ui *ui, const char *arg, bool yaml)
{
    struct intent in = {0};
    struct kobject_ref ref;
    if (!parse_object(ui, arg, &ref) || ref.kind == KOBJECT_POD ||
        !intent_open_object(&in, ui->config.store, &ref))
        return false;
    if (yaml)
        in.view = "object";
    ui_handle_intent(ui, &in);
    return true;
}

/* "pods shop", "pods app=web", "pods -l app=web", "pods /cart": the namespace or the filter of the list. */
static void
narrow_list(struct ui *ui, const char *arg)
{
    char filter[PROMPT_TEXT_BYTES + 4];
    bool selector = arg[0] != '-' && arg[0] != '/' && strpbrk(arg, "=") != NULL;
    if (!selector && arg[0] != '-' && arg[0] != '/') {
        send_text(ui, INTENT_NAMESPACE, strcmp(arg, "all") == 0 ? "*" : arg);
        return;
    }
    (void)snprintf(filter, sizeof(filter), "%s%s", selector ? "-l " : "",
                   arg[0] == '/' ? arg + 1 : arg);
    ui_set_filter(ui, filter, true);
}

static void
command_view(struct ui *ui, const struct view_class *view, const char *arg)
{
    struct intent in = {.kind = INTENT_OPEN, .view = view->name};
    if (strcmp(view->name, "pods") == 0) {
        ui_reset(ui);
        in.kind = INTENT_SWITCH; /* the first view may be another tab */
        if (ui_top(ui)->view != view)
            ui_handle_intent(ui, &in);
        if (arg[0])
            narrow_list(ui, arg);
        return;
    }
    if (view->scope == VIEW_GLOBAL || (!arg[0] && view->scope == VIEW_CLUSTER)) {
        /* Help is about the view it was asked from. */
        snprintf(in.container, sizeof(in.container), "%s", ui_top_view(ui));
        ui_handle_intent(ui, &in);
        return;
    }
    if ((view->context == CTX_DESCRIBE || view->context == CTX_YAML) &&
        open_object(ui, arg, view->context == CTX_YAML))
        return;
    if (arg[0] && !find_pod(ui, arg, &in.pod, in.container)) {
        ui_flash(ui, true, tr("there is no pod \"%s\" here"), arg);
        return;
    }
    if (!arg[0] && !ui_cursor_pod(ui, &in.pod, in.container)) {
        ui_flash(ui, true, tr("%s: which pod?"), view->name);
        return;
    }
    if (view->context == CTX_LOGS)
        in.kind = INTENT_LOGS;
    ui_handle_intent(ui, &in);
}

static const char *
nearest_pref(const char *name)
{
    static struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < pref_count; i++)
        nearest_offer(&near, pref_table[i].name);
    return near.count ? near.names[0] : NULL;
}

/* "time=utc", "time utc"; "time" alone tells what it is. What the app has to do with it, it is told. */
static void
command_set(struct ui *ui, const char *arg)
{
    char name[32], why[512];
    size_t len = strcspn(arg, "= ");
    const char *value = arg + len + strspn(arg + len, "= ");
    snprintf(name, sizeof(name), "%.*s", (int)IW_MIN(len, sizeof(name) - 1), arg);
    const struct pref *pref = pref_find(name);
    if (!pref) {
        const char *near = name[0] ? nearest_pref(name) : NULL;
        if (near)
            ui_flash(ui, true, tr("there is no option \"%s\"; did you mean %s?"), name, near);
        else
            ui_flash(ui, true, "%s", tr("set: NAME=VALUE; Tab shows the names"));
        return;
    }
    if (!value[0]) {
        pref_get(&ui->prefs, pref, why, sizeof(why));
        ui_flash(ui, false, "%s=%s: %s", pref->name, why, tr(pref->help));
    } else if (!pref_set(&ui->prefs, pref, value, why, sizeof(why))) {
        ui_flash(ui, true, "%s", why);
    } else {
        if (strcmp(name, "theme") == 0)
            (void)prefs_resolve_theme(&ui->prefs, theme_light_background());
        send_text(ui, INTENT_SETTING, pref->name);
    }
}

/* "pods ^K logs", "pods 5 tab 3" */
static void
command_bind(struct ui *ui, const char *arg)
{
    char place[32] = "", key[32] = "", sentence[512];
    size_t len = strcspn(arg, " ");
    snprintf(place, sizeof(place), "%.*s", (int)IW_MIN(len, sizeof(place) - 1), arg);
    arg += len + strspn(arg + len, " ");
    len = strcspn(arg, " ");
    snprintf(key, sizeof(key), "%.*s", (int)IW_MIN(len, sizeof(key) - 1), arg);
    arg += len + strspn(arg + len, " ");
    bool bound = keymap_bind_words(place, key, arg, sentence, sizeof(sentence));
    if (sentence[0])
        ui_flash(ui, !bound, "%s", sentence);
    else
        ui_flash(ui, false, tr("%s: %s in %s"), key, arg, place);
}

/* "delete", "restart", "edit": -1 for any other. */
static int
writing_command(const char *name)
{
    static const struct {
        const char *name;
        enum key_writes writes;
    } table[] = {{"delete", WRITES_DELETE}, {"restart", WRITES_RESTART}, {"edit", WRITES_EDIT}};
    for (size_t i = 0; i < IW_COUNTOF(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return (int)table[i].writes;
    return -1;
}

/* As the key; with a name, "web-0", "shop/web-0" or kubectl's "pod web-0", that pod. */
static void
command_write(struct ui *ui, enum key_writes writes, const char *arg)
{
    struct intent in = {.kind = INTENT_WRITE, .writes = writes};
    size_t kind_len = strcspn(arg, " ");
    const char *name = arg + kind_len + strspn(arg + kind_len, " ");
    char kind[32];
    (void)snprintf(kind, sizeof(kind), "%.*s", (int)IW_MIN(kind_len, sizeof(kind) - 1), arg);
    const char *view = words_command(kind);
    if (name[0] && (strcmp(kind, "pods") == 0 || (view && strcmp(view, "pods") == 0)))
        arg = name;
    if (!arg[0])
        ui_act(ui, ACT_WRITING, (int32_t)writes);
    else if (find_pod(ui, arg, &in.pod, in.container))
        ui_handle_intent(ui, &in);
    else
        ui_flash(ui, true, tr("there is no pod \"%s\" here"), arg);
}

/* Those that only the log view carries out. */
static bool
is_log_command(const char *name)
{
    static const char *const names[] = {"keep", "drop", "level", "time", "tail", "pipe"};
    for (size_t i = 0; i < IW_COUNTOF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* What a pipeline runs before manifests are applied. */
static void
command_ci(struct ui *ui, const char *arg)
{
    struct intent intent = {0};
    char line[PROMPT_TEXT_BYTES + 64];
    snprintf(line, sizeof(line), "initwatch lint -f %s -o jsonl", arg[0] ? arg : "pod.yaml");
    intent_copy(&intent, line, strlen(line));
    ui_handle_intent(ui, &intent);
}

/* The options, and from the app where the file is. */
static void
show_options(struct ui *ui)
{
    const struct intent open = {.kind = INTENT_OPEN, .view = "options"};
    ui_handle_intent(ui, &open);
    send_text(ui, INTENT_SETTING, "");
}

static void
command_app(struct ui *ui, const char *name, const char *arg)
{
    if (strcmp(name, "q") == 0 || strcmp(name, "quit") == 0)
        send_text(ui, INTENT_QUIT, "");
    else if (strcmp(name, "relist") == 0)
        send_text(ui, INTENT_RELIST, "");
    else if (strcmp(name, "save") == 0)
        send_text(ui, INTENT_SAVE, arg);
    else if (strcmp(name, "ci") == 0)
        command_ci(ui, arg);
    else if (strcmp(name, "tutor") == 0)
        ui_tutor(ui, strcmp(arg, "again") == 0);
    else if (strcmp(name, "export") == 0)
        send_text(ui, INTENT_EXPORT, arg);
    else if (strcmp(name, "record") == 0)
        send_text(ui, INTENT_RECORD, arg);
    else if (strcmp(name, "set") == 0)
        command_set(ui, arg);
    else if (writing_command(name) >= 0)
        command_write(ui, (enum key_writes)writing_command(name), arg);
    else if (strcmp(name, "keys") == 0)
        ui_act(ui, ACT_HELP, 0);
    else if (strcmp(name, "config") == 0)
        show_options(ui);
    else if (is_log_command(name))
        ui_flash(ui, true, tr("%s: works in a log"), name);
    else if (!arg[0] && (strcmp(name, "ns") == 0 || strcmp(name, "ctx") == 0))
        prompt_open(ui, ':', name[0] == 'n' ? "ns " : "ctx "); /* which: the palette lists them */
    else if (!arg[0])
        ui_flash(ui, true, tr("%s: which? Tab shows the names"), name);
    else if (strcmp(name, "mark") == 0 || strcmp(name, "jump") == 0)
        places_act(ui, name[0] == 'm' ? ACT_SET_MARK : ACT_GO_MARK, (unsigned char)arg[0]);
    else if (strcmp(name, "open") == 0)
        send_text(ui, INTENT_FILE, arg);
    else if (strcmp(name, "note") == 0)
        send_text(ui, INTENT_NOTE, arg);
    else if (strcmp(name, "bind") == 0)
        command_bind(ui, arg);
    else if (strcmp(name, "ns") == 0 || strcmp(name, "ctx") == 0)
        send_text(ui, name[0] == 'n' ? INTENT_NAMESPACE : INTENT_CONTEXT,
                  name[0] == 'n' && strcmp(arg, "all") == 0 ? "*" : arg);
    else
        ui_flash(ui, true, tr("%s: not in this view"), name);
}

/* The view on top and the views below it may own a command: :sort works from a pod's detail as
 * well. What is saved is on top. */
static bool
command_of_view(struct ui *ui, const char *name, const char *arg)
{
    size_t least = strcmp(name, "save") == 0 ? ui->stack.len - 1 : 0;
    for (size_t i = ui->stack.len; i-- > least;) {
        const struct ui_entry e = ui->stack.items[i];
        struct view_env env = ui_env(ui, &e);
        struct intent intent = {0};
        if (e.view->command && e.view->command(e.state, &env, name, arg, &intent)) {
            ui_handle_intent(ui, &intent);
            return true;
        }
    }
    return false;
}

void
command_run(struct ui *ui, const char *line)
{
    char name[32], arg[PROMPT_TEXT_BYTES];
    while (*line == ' ')
        line++;
    line = words_strip(line);
    size_t len = strcspn(line, " ");
    snprintf(name, sizeof(name), "%.*s", (int)IW_MIN(len, sizeof(name) - 1), line);
    const char *ours = words_command(name);
    if (ours)
        snprintf(name, sizeof(name), "%s", ours);
    line += len;
    while (*line == ' ')
        line++;
    snprintf(arg, sizeof(arg), "%s", line);
    for (size_t end = strlen(arg); end > 0 && arg[end - 1] == ' '; end--)
        arg[end - 1] = 0;
    if (!name[0] || command_of_view(ui, name, arg))
        return;
    if (strcmp(name, "demo") == 0 && arg[0]) {
        demo_command(ui, arg);
        return;
    }
    if (strcmp(name, "replay") == 0) {
        replay_command(ui, arg);
        return;
    }
    const struct view_class *view = view_find(name);
    if (view) {
        command_view(ui, view, arg);
        return;
    }
    for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0) {
            command_app(ui, name, arg);
            return;
        }
    if (pref_find(name)) {
        char setting[PROMPT_TEXT_BYTES + 40];
        (void)snprintf(setting, sizeof(setting), "%s %s", name, arg);
        command_set(ui, setting);
        return;
    }
    if (words_say(ui, name))
        return;
    const char *near = nearest_command(name);
    if (near)
        ui_flash(ui, true, tr("there is no command \"%s\"; did you mean :%s?"), name, near);
    else
        ui_flash(ui, true, tr("there is no command \"%s\": Tab shows them, ? explains them"), name);
}

void
ui_command(struct ui *ui, const char *line)
{
    command_run(ui, line);
}

bool
command_is_known(const char *line)
{
    char name[32];
    snprintf(name, sizeof(name), "%.*s", (int)IW_MIN(strcspn(line, " "), sizeof(name) - 1), line);
    for (size_t i = 0; i < IW_COUNTOF(COMMANDS); i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return true;
    return strchr(line, ' ') != NULL || view_find(name) != NULL || words_are_known(name);
}
