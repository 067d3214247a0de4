/* flags: the table of commands and flags.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/flags.h"

#define ALL ((1u << CMD_COUNT) - 1)
#define CLUSTER ALL
#define FILES (1u << CMD_GET | 1u << CMD_WHY | 1u << CMD_LINT | 1u << CMD_DEMO)
#define REPLAYING                                                                                  \
    (1u << CMD_DASHBOARD | 1u << CMD_GET | 1u << CMD_WHY | 1u << CMD_LOGS | 1u << CMD_EVENTS)
#define PODS_SCREEN (1u << CMD_DASHBOARD | 1u << CMD_DEMO)
#define SCREEN (PODS_SCREEN | 1u << CMD_OPEN)
#define GET (1u << CMD_GET)
#define LOGS (1u << CMD_LOGS)
#define DEMO (1u << CMD_DEMO)
#define WATCHING (1u << CMD_GET | 1u << CMD_EVENTS)
#define OUTPUTS                                                                                    \
    (1u << CMD_GET | 1u << CMD_WHY | 1u << CMD_EVENTS | 1u << CMD_LINT | 1u << CMD_VERSION | LOGS)
#define AT(member) offsetof(struct options, member)

const struct command_row command_table[CMD_COUNT] = {
    [CMD_DASHBOARD] = {"", "[POD]", "the dashboard; with POD it opens on that pod"},
    [CMD_GET] = {"get", "[POD...]",
                 "list pods, stuck first (-o kubectl prints what kubectl prints)"},
    [CMD_WHY] = {"why", "POD",
                 "one pod in full: steps, what blocks it and since when, resources, events"},
    [CMD_LOGS] = {"logs", "[POD|FILE]", "logs of the container that matters now, or of -c NAME"},
    [CMD_OPEN] = {"open", "FILE...|-", "log files, or what a pipe brings, on the screen"},
    [CMD_EVENTS] = {"events", "[POD]", "events, folded, oldest first"},
    [CMD_DEMO] = {"demo", "[SCENARIO...]", "the dashboard on the embedded demo cluster"},
    [CMD_LINT] = {"lint", "",
                  "findings and effective resources of manifests before they are applied"},
    [CMD_COMPLETION] = {"completion", "bash|zsh|fish", "completion script for a shell"},
    [CMD_VERSION] = {"version", "", "print the version"},
    [CMD_HELP] = {"help", "[COMMAND|man|config]",
                  "this help; the man page; a configuration file with every option"},
};

const struct flag flag_table[] = {
    {"kubeconfig", 0, FLAG_TEXT, CLUSTER, AT(kube.kubeconfig), "PATH", "kubeconfig file"},
    {"context", 0, FLAG_TEXT, CLUSTER, AT(kube.context), "NAME", "kubeconfig context"},
    {"namespace", 'n', FLAG_TEXT, CLUSTER, AT(kube.ns), "NS", "namespace; a,b watches both"},
    {"all-namespaces", 'A', FLAG_BOOL, CLUSTER, AT(all_namespaces), NULL, "all namespaces"},
    {"selector", 'l', FLAG_TEXT, CLUSTER, AT(selector), "SEL", "label selector"},
    {"field-selector", 0, FLAG_TEXT, CLUSTER, AT(field_selector), "SEL", "field selector"},
    {"request-timeout", 0, FLAG_MILLIS, CLUSTER, AT(request_timeout_ms), "DUR",
     "limit for one request, as 30s"},
    {"wire", 0, FLAG_WIRE, CLUSTER, AT(wire), "ENCODING",
     "what a server is asked for: auto (default: the best it has), json, protobuf"},
    {"as", 0, FLAG_TEXT, CLUSTER, AT(kube.as), "USER", "act as this user"},
    {"as-group", 0, FLAG_GROUPS, CLUSTER, AT(as_groups), "GROUP", "act as a member (repeatable)"},
    {"log-file", 0, FLAG_TEXT, ALL, AT(log_file), "PATH", "initwatch's own log"},
    {"v", 'v', FLAG_NUMBER, ALL, AT(verbosity), "N", "how much is logged: 0 to 4"},
    {"config", 0, FLAG_TEXT, ALL, AT(config_path), "PATH", "configuration file"},
    {"lang", 0, FLAG_TEXT, ALL, AT(lang), "LANG",
     "language of what people read: en or ko; default: LC_ALL, LC_MESSAGES, LANG"},
    {"filename", 'f', FLAG_FILES, FILES, AT(files), "FILE",
     "read objects from a file (- is stdin) instead of a cluster"},
    {"replay", 'r', FLAG_TEXT, REPLAYING, AT(replay), "FILE",
     "play a recording (made with :record) instead of reading a cluster"},
    {"now", 0, FLAG_MOMENT, FILES | REPLAYING, AT(now_wall_ms), "RFC3339",
     "with -f: the moment ages are computed for; with -r: where to begin, or what to print"},
    {"output", 'o', FLAG_OUTPUT, OUTPUTS, AT(output), "FORMAT",
     "table, kubectl, wide, json, jsonl"},
    {"watch", 'w', FLAG_BOOL, WATCHING, AT(watch), NULL, "go on printing changes"},
    {"no-headers", 0, FLAG_BOOL, WATCHING, AT(no_headers), NULL, "no header line"},
    {"show-labels", 0, FLAG_BOOL, GET, AT(show_labels), NULL, "a last column with the labels"},
    {"sort-by", 0, FLAG_TEXT, GET, AT(sort_by), "FIELD",
     "name, age, status, restarts, for, or a jsonpath kubectl sorts pods by"},
    {"container", 'c', FLAG_TEXT, LOGS, AT(container), "NAME", "container"},
    {"previous", 'p', FLAG_BOOL, LOGS, AT(previous), NULL, "the run before the present one"},
    {"attempt", 0, FLAG_TEXT, LOGS, AT(attempt), "N|-N|all",
     "run number N, the Nth before the present one, or all that there are"},
    {"follow", 'f', FLAG_BOOL, LOGS, AT(follow), NULL,
     "go on as lines come, over restarts and lost connections"},
    {"timestamps", 0, FLAG_BOOL, LOGS, AT(timestamps), NULL, "time in front of each line"},
    {"all-containers", 0, FLAG_BOOL, LOGS, AT(all_containers), NULL,
     "every container, in start order"},
    {"merged", 0, FLAG_BOOL, LOGS, AT(merged), NULL,
     "every container (of every pod of -l SEL or KIND/NAME) in order of time, with starts and "
     "exits; "
     "with -f a line waits 0.3 s for those that come before it, and new pods join"},
    {"grep", 0, FLAG_GREP, LOGS, AT(grep), "REGEX",
     "only lines that match; repeatable, one match is enough"},
    {"drop", 0, FLAG_DROP, LOGS, AT(drop), "REGEX", "no lines that match; repeatable"},
    {"level", 0, FLAG_TEXT, LOGS, AT(level), "LEVEL",
     "only lines of this level or worse: trace, debug, info, warn, error, fatal"},
    {"filename", 0, FLAG_FILES, LOGS, AT(files), "FILE",
     "read a log from a file (- is stdin) instead of a cluster"},
    {"tail", 0, FLAG_NUMBER, LOGS, AT(tail_lines), "N", "last N lines; -1 is all"},
    {"since", 0, FLAG_SECONDS, LOGS, AT(since_seconds), "DUR", "newer than, as 5m"},
    {"since-time", 0, FLAG_MOMENT, LOGS, AT(since_wall_ms), "RFC3339", "newer than this moment"},
    {"limit-bytes", 0, FLAG_NUMBER, LOGS, AT(limit_bytes), "N", "at most so many bytes"},
    {"view", 0, FLAG_TEXT, PODS_SCREEN, AT(view), "NAME",
     "first view: pods, events, resources, ..."},
    {"theme", 0, FLAG_TEXT, SCREEN, AT(theme), "NAME",
     "auto, dark, light, mono, cb-safe, high-contrast, or a theme file"},
    {"ambiguous", 0, FLAG_TEXT, SCREEN, AT(ambiguous), "N",
     "cells that lines and bars take: 1, 2 (then ASCII is used), auto asks the terminal"},
    {"dump-config", 0, FLAG_BOOL, SCREEN, AT(dump_config), NULL,
     "print the options in force and where each comes from"},
    {"ascii", 0, FLAG_BOOL, SCREEN | GET, AT(ascii), NULL, "signs and lines in ASCII"},
    {"no-mouse", 0, FLAG_BOOL, SCREEN, AT(no_mouse), NULL,
     "leave the mouse to the terminal (the default)"},
    {"log-memory", 0, FLAG_NUMBER, SCREEN, AT(log_memory_mib), "MIB",
     "memory for the lines of the log on screen"},
    {"log-spill", 0, FLAG_NUMBER, SCREEN, AT(log_spill_mib), "MIB",
     "older lines go to a nameless file in $TMPDIR instead of being dropped; 0: none"},
    {"log-tail", 0, FLAG_NUMBER, SCREEN, AT(log_tail_lines), "N",
     "how many lines of each run a log is opened with; -1: all (key 0 and :tail get older ones)"},
    {"no-motion", 0, FLAG_BOOL, SCREEN, AT(no_motion), NULL, "no spinner"},
    {"read-only", 0, FLAG_BOOL, SCREEN, AT(read_only), NULL,
     "never change the cluster (the default)"},
    {"write", 0, FLAG_BOOL, SCREEN, AT(write), NULL,
     "keys that change the cluster work: ^K delete, r restart, e edit; each asks first"},
    {"tutor", 0, FLAG_BOOL, PODS_SCREEN, AT(tutor), NULL,
     "a guided tour of three minutes on the demo cluster"},
    {"list", 0, FLAG_BOOL, DEMO, AT(demo_list), NULL, "list the scenarios"},
    {"speed", 0, FLAG_DECIMAL, DEMO | REPLAYING, AT(demo_speed), "X",
     "demo and -r: time runs X times as fast"},
    {"serve", 0, FLAG_TEXT, DEMO, AT(demo_serve), "ADDR:PORT",
     "only the server (loopback); prints a kubeconfig path for kubectl"},
    {"demo-kubeconfig", 0, FLAG_TEXT, DEMO, AT(demo_kubeconfig), "PATH", "where --serve writes it"},
    {"start-time", 0, FLAG_MOMENT, DEMO, AT(demo_start_wall_ms), "RFC3339",
     "the demo cluster's clock at start"},
    {"seed", 0, FLAG_NUMBER, DEMO, AT(demo_seed), "N", "seed of generated names"},
    {"synthetic-pods", 0, FLAG_NUMBER, DEMO, AT(demo_synthetic), "N",
     "add N generated pods (load tests)"},
    {"die-with-stdin", 0, FLAG_BOOL, DEMO, AT(demo_die_with_stdin), NULL,
     "--serve ends when stdin is closed"},
    {"help", 'h', FLAG_BOOL, ALL, AT(help), NULL, "help of the command"},
};
const size_t flag_table_count = IW_COUNTOF(flag_table);
