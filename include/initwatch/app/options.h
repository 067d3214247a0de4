/* options: the command line as a table; one row per flag serves parsing, help, completion and the
 * man page.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_OPTIONS_H
#define INITWATCH_APP_OPTIONS_H

#include "initwatch/base/error.h"
#include "initwatch/source/kubeconfig.h"
#include "initwatch/source/source.h"

enum app_command {
    CMD_DASHBOARD,
    CMD_GET,
    CMD_WHY,
    CMD_LOGS,
    CMD_OPEN,
    CMD_EVENTS,
    CMD_DEMO,
    CMD_LINT,
    CMD_COMPLETION,
    CMD_VERSION,
    CMD_HELP,
    CMD_COUNT
};
enum output_format { OUTPUT_TABLE, OUTPUT_KUBECTL, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_JSONL };

/* "= {0}" then options_parse. Strings are borrowed from argv. */
struct options {
    enum app_command command;
    const char *args[256]; /* what is not a flag, NULL-terminated */
    unsigned arg_count;
    const char *owner_kind;       /* args name owners of this kind ("Deployment"), NULL: pods */
    struct kubeconfig_flags kube; /* --kubeconfig --context -n --as ... */
    const char *as_groups[64];    /* kube.as_groups points here when any is given */
    int stdin_fd; /* open: what "-" is; the terminal has taken the place of standard input */
    bool all_namespaces;
    const char *selector, *field_selector;
    int64_t request_timeout_ms;
    enum source_wire wire;
    const char *replay; /* -r: a recording instead of a cluster; NULL: none */
    const char *log_file, *config_path, *lang;
    int64_t verbosity;
    const char *files[64]; /* -f */
    unsigned file_count, as_group_count;
    int64_t now_wall_ms; /* --now, IW_TIME_NONE: the clock */
    enum output_format output;
    bool output_given, watch, no_headers, show_labels, help;
    const char *sort_by;
    /* logs */
    const char *container;
    bool previous, follow, timestamps, all_containers, merged;
    const char *attempt, *level; /* --attempt N|-N|all, --level warn; NULL: not given */
    const char *grep[16], *drop[16];
    unsigned grep_count, drop_count;
    int64_t tail_lines, since_seconds, since_wall_ms,
        limit_bytes; /* -1 / IW_TIME_NONE: not given */
    /* dashboard */
    const char *view, *theme, *ambiguous;
    int64_t log_memory_mib, log_spill_mib, log_tail_lines;
    bool ascii, no_mouse, read_only, write, no_motion, dump_config;
    /* demo */
    bool tutor; /* the demo cluster with the guided tour */
    bool demo_list;
    double demo_speed;
    const char *demo_serve, *demo_kubeconfig;
    int64_t demo_start_wall_ms;
    int64_t demo_seed;
    int64_t demo_synthetic;
    bool demo_die_with_stdin;
    /* get -w ends by itself when nothing changed for so long, or after so long at all; 0: never
     * (set by demo) */
    int64_t settle_quiet_ms, settle_max_ms;
};
/* IW_OK or IW_ERR_USAGE with a sentence that names the flag and the nearest right one. */
IW_NODISCARD enum iw_err options_parse(int argc, char **argv, struct options *out,
                                       struct iw_error *err);
/* Help of the program or of one command. New string. */
char *options_help(enum app_command command, bool whole_program) IW_NODISCARD;
/* The man page, made from the tables. New string. */
char *options_man(void) IW_NODISCARD;

/* Commands; each returns the exit status. */
int cmd_get(const struct options *o);
int cmd_why(const struct options *o);
int cmd_logs(const struct options *o);
int cmd_open(const struct options *o);
int cmd_events(const struct options *o);
int cmd_lint(const struct options *o);
int cmd_demo(const struct options *o);
int cmd_tutor(const struct options *o); /* demo, with the scenarios of the tour */
int cmd_dashboard(const struct options *o);
int cmd_dump_config(const struct options *o);
int cmd_completion(const struct options *o);

/* Print "initwatch: MESSAGE" and the hint of the code on stderr; returns the exit status for it (2,
 * 3, 4 or 1). */
int app_report(const struct iw_error *err);

#endif
