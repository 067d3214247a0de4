/* docs: the man page, written from the tables of commands, flags, views and keys, so that it cannot
 * fall behind. `initwatch help man` prints it; docs/initwatch.1 is a copy that a test compares.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/app/flags.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/ui/podquery.h"
#include "initwatch/ui/prefs.h"
#include "initwatch/ui/ui.h"

/* Text into roff: backslashes, hyphens that are typed, and dots or quotes at the start of a line.
 */
static void
roff(struct strbuf *b, const char *text)
{
    if (*text == '.' || *text == '\'')
        strbuf_adds(b, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            strbuf_adds(b, "\\e");
        else if (*text == '-')
            strbuf_adds(b, "\\-");
        else
            strbuf_addc(b, *text);
    }
}

static void
item(struct strbuf *b, const char *head, const char *text)
{
    strbuf_adds(b, ".TP\n.B ");
    roff(b, head);
    strbuf_addc(b, '\n');
    roff(b, text);
    strbuf_addc(b, '\n');
}

static void
commands(struct strbuf *b)
{
    strbuf_adds(b, ".SH COMMANDS\n");
    for (int c = 0; c < CMD_COUNT; c++) {
        char head[128];
        snprintf(head, sizeof(head), "initwatch%s%s%s%s", c == CMD_DASHBOARD ? "" : " ",
                 command_table[c].name, command_table[c].arguments[0] ? " " : "",
                 command_table[c].arguments);
        item(b, head, command_table[c].help);
    }
}

static void
flags(struct strbuf *b)
{
    strbuf_adds(b, ".SH FLAGS\n");
    unsigned every = (1u << CMD_COUNT) - 1;
    for (size_t i = 0; i < flag_table_count; i++) {
        const struct flag *f = &flag_table[i];
        char head[128], letter[8] = "", text[512];
        if (f->letter)
            snprintf(letter, sizeof(letter), "-%c, ", f->letter);
        snprintf(head, sizeof(head), "%s--%s%s%s", letter, f->name, f->value ? " " : "",
                 f->value ? f->value : "");
        size_t used = (size_t)snprintf(text, sizeof(text), "%s", f->help);
        bool first = true;
        for (int c = 0; c < CMD_COUNT && f->commands != every && used < sizeof(text); c++) {
            if (!(f->commands & 1u << c))
                continue;
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", first ? " (" : ", ",
                                     c == CMD_DASHBOARD ? "dashboard" : command_table[c].name);
            first = false;
        }
        if (!first && used + 1 < sizeof(text))
            snprintf(text + used, sizeof(text) - used, ")");
        item(b, head, text);
    }
}

static void
keys(struct strbuf *b)
{
    strbuf_adds(
        b, ".SH KEYS\nThe same table drives the dashboard, its footer and its help (press ?).\n");
    size_t count;
    const struct key_binding *bindings = keymap_bindings(&count);
    for (int a = ACT_NONE + 1; a < ACT_COUNT; a++) {
        char head[160] = "";
        size_t used = 0;
        for (size_t i = 0; i < count && used < sizeof(head); i++) {
            char key[16], seen[24];
            if (bindings[i].action != (enum action)a)
                continue;
            key_text(bindings[i].key, key);
            snprintf(seen, sizeof(seen), " %s ", key);
            char padded[164];
            snprintf(padded, sizeof(padded), " %s ", head);
            if (!strstr(padded, seen))
                used += (size_t)snprintf(head + used, sizeof(head) - used, "%s%s", used ? " " : "",
                                         key);
        }
        if (used)
            item(b, head, action_help((enum action)a));
    }
}

static void
filters(struct strbuf *b)
{
    size_t count;
    const struct pod_query_form *forms = pod_query_forms(&count);
    strbuf_adds(
        b, ".SH FILTERS\nIn the pod list and the owners each / adds a term; all must hold, Esc "
           "takes the last.\nTerms with a column, \\-l or \\-f can share a line.\n");
    for (size_t i = 0; i < count; i++)
        item(b, forms[i].example, forms[i].meaning);
}

static void
views(struct strbuf *b)
{
    strbuf_adds(b, ".SH VIEWS\n");
    for (size_t i = 0; i < view_registry_count; i++)
        item(b, view_registry[i]->name, view_registry[i]->help);
}

static void
prompt_commands(struct strbuf *b)
{
    size_t count;
    const struct ui_command *table = ui_commands(&count);
    strbuf_adds(b, ".SH \"COMMANDS OF THE PROMPT\"\nTyped behind a colon; Tab completes.\n");
    for (size_t i = 0; i < count; i++) {
        char head[64];
        snprintf(head, sizeof(head), ":%s%s%s", table[i].name, table[i].args[0] ? " " : "",
                 table[i].args);
        item(b, head, table[i].help);
    }
}

static void
preferences(struct strbuf *b)
{
    strbuf_adds(b, ".SH CONFIGURATION\n~/.config/initwatch/config.yaml or \\-\\-config PATH, one "
                   "\"name: value\" a line; INITWATCH_NAME in the environment wins over it, the "
                   "command line over both; :set NAME=VALUE changes an option at once.\n"
                   "\\-\\-dump\\-config prints what is in force and where it comes from. Section "
                   "\"keys\": a place (everywhere, pod, pods, detail, logs, ...), below it \"key: "
                   "action\".\n");
    for (size_t i = 0; i < pref_count; i++) {
        const struct pref *pref = &pref_table[i];
        char expected[256], text[768];
        pref_expected(pref, expected, sizeof(expected));
        if (pref->type == PREF_TEXT)
            snprintf(text, sizeof(text), "%s. Built-in: %s", pref->help, pref->built_in);
        else
            snprintf(text, sizeof(text), "%s: %s%s%s. Built-in: %s", pref->help, expected,
                     pref->unit ? " " : "", pref->unit ? pref->unit : "", pref->built_in);
        item(b, pref->name, text);
    }
}

static void
recordings(struct strbuf *b)
{
    strbuf_adds(
        b,
        ".SH RECORDINGS\n:record FILE writes what the cluster sends from then on to a new file "
        "(mode "
        "0600), at most 256 MiB; :record ends it. It begins with a list of what is there, asked "
        "for "
        "in JSON.\n"
        "Values of environment variables, of annotations, of Secrets and ConfigMaps are not "
        "written; "
        "from every other text, lines of logs included, what looks like a credential is taken out. "
        "What no name announces cannot be known: look a file through before you give it away. It "
        "is "
        "JSON, an object a line; source/recorder.h of the program's source describes it.\n"
        "\\-r FILE plays it: ages, back-offs and countdowns are those of then. In every view ; "
        "pauses and goes on, comma and period step by one change, < and > change the speed, ( and "
        ") go to marks: restarts, first findings, failures, notes (:note TEXT while recording). A "
        "click into the bar goes there; :replay takes words and times. Logs and what is "
        "used (metrics) are there as far as somebody had them on screen. A file whose last line is "
        "cut is played up to it.\n"
        "get, why, events and logs with \\-r print the last moment, or that of \\-\\-now; get "
        "\\-w and events \\-w play from there.\n");
}

/* The names by which keys are bound. */
static void
action_names(struct strbuf *b)
{
    strbuf_adds(b, ".SS Actions\n");
    for (int a = ACT_NONE; a < ACT_COUNT; a++) {
        if (a != ACT_NONE)
            strbuf_adds(b, ", ");
        roff(b, action_name((enum action)a));
    }
    strbuf_adds(b, ".\n");
}

char *
options_man(void)
{
    struct strbuf b;
    strbuf_init(&b, 0);
    strbuf_adds(
        &b, ".\\\" Made by `initwatch help man`; do not edit.\n"
            ".TH INITWATCH 1 \"\" \"initwatch " INITWATCH_VERSION "\" \"User Commands\"\n"
            ".SH NAME\ninitwatch \\- see what Kubernetes init containers and native sidecars do\n"
            ".SH SYNOPSIS\n.B initwatch\n[COMMAND] [ARGUMENTS] [FLAGS]\n"
            ".SH DESCRIPTION\n"
            "A terminal dashboard that shows per pod which init container or sidecar blocks, since "
            "when,\n"
            "why, and what to do. It reads; it does not change the cluster.\n"
            "POD is NAME or pod/NAME; deploy/NAME (sts, ds, rs, job) is the most stuck pod of that "
            "workload.\n"
            "Try it without a cluster: initwatch demo.\n");
    commands(&b);
    flags(&b);
    filters(&b);
    views(&b);
    keys(&b);
    prompt_commands(&b);
    recordings(&b);
    preferences(&b);
    action_names(&b);
    strbuf_adds(
        &b, ".SH \"EXIT STATUS\"\n"
            "0 done; 1 the answer is bad news (why: the pod is stuck or failed; lint: an "
            "error); 2 usage;\n"
            "3 cannot reach or not allowed; 4 not found; 130 interrupted.\n"
            ".SH CREDENTIALS\nAs the kubeconfig says: token, token file, client certificate, user "
            "name and password, or the program of \\fIexec\\fR (client.authentication.k8s.io/v1 "
            "and v1beta1). The program runs for up to 60 seconds without the terminal, again "
            "before its answer expires and once when the server refuses it (401); what it says on "
            "stderr is shown while it is waited for and when it fails. interactiveMode Always is "
            "refused. Credentials are sent over https only.\n"
            ".SH ENVIRONMENT\nKUBECONFIG, HOME, XDG_CONFIG_HOME, XDG_STATE_HOME, INITWATCH_NAME "
            "for each option, LC_ALL, LC_MESSAGES, LANG, NO_COLOR, COLORFGBG, HTTPS_PROXY, "
            "NO_PROXY, TERM.\n"
            ".SH FILES\n~/.local/state/initwatch/initwatch.log: the program's own log, 4 "
            "MiB, one old file.\n");
    return strbuf_take(&b);
}
