/* completion: shell scripts made from the tables of commands and flags.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/app/flags.h"

static void
print_words(FILE *out)
{
    for (int c = 1; c < CMD_COUNT; c++)
        fprintf(out, "%s ", command_table[c].name);
}

static void
print_flags(FILE *out, int command)
{
    for (size_t i = 0; i < flag_table_count; i++) {
        if (flag_table[i].commands & 1u << command)
            fprintf(out, "--%s ", flag_table[i].name);
    }
}

static void
completion_bash(void)
{
    printf("_initwatch() {\n    local cur=${COMP_WORDS[COMP_CWORD]} cmd=\"\" word\n"
           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
           "        case $word in -*) ;; *) cmd=$word; break;; esac\n    done\n"
           "    case $cmd in\n");
    for (int c = 1; c < CMD_COUNT; c++) {
        printf("    %s) COMPREPLY=($(compgen -W \"", command_table[c].name);
        print_flags(stdout, c);
        printf("\" -- \"$cur\"));;\n");
    }
    printf("    *) COMPREPLY=($(compgen -W \"");
    print_words(stdout);
    print_flags(stdout, CMD_DASHBOARD);
    printf("\" -- \"$cur\"));;\n    esac\n}\ncomplete -o default -F _initwatch initwatch\n");
}

static void
completion_zsh(void)
{
    printf("#compdef initwatch\n_initwatch() {\n    local -a commands\n    commands=(\n");
    for (int c = 1; c < CMD_COUNT; c++)
        printf("        '%s:%s'\n", command_table[c].name, command_table[c].help);
    printf("    )\n    if (( CURRENT == 2 )); then _describe command commands; fi\n    case "
           "$words[2] in\n");
    for (int c = 1; c < CMD_COUNT; c++) {
        printf("    %s) compadd -- ", command_table[c].name);
        print_flags(stdout, c);
        printf(";;\n");
    }
    printf("    esac\n}\n_initwatch \"$@\"\n");
}

static void
completion_fish(void)
{
    for (int c = 1; c < CMD_COUNT; c++)
        printf("complete -c initwatch -n __fish_use_subcommand -a %s -d '%s'\n",
               command_table[c].name, command_table[c].help);
    for (size_t i = 0; i < flag_table_count; i++) {
        const struct flag *f = &flag_table[i];
        printf("complete -c initwatch -l %s %s%c -d '%s'%s\n", f->name, f->letter ? "-s " : "",
               f->letter ? f->letter : ' ', f->help, f->value ? " -r" : "");
    }
}

int
cmd_completion(const struct options *o)
{
    static const struct {
        const char *shell;
        void (*print)(void);
    } shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};
    for (size_t i = 0; i < IW_COUNTOF(shells); i++) {
        if (o->arg_count == 1 && strcmp(o->args[0], shells[i].shell) == 0) {
            shells[i].print();
            return 0;
        }
    }
    fprintf(stderr, "initwatch: completion needs a shell: bash, zsh or fish\n");
    return 2;
}
