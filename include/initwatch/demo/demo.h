/* demo: the embedded cluster. A pure simulator behind a real HTTP API server on loopback.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_DEMO_H
#define INITWATCH_DEMO_DEMO_H

#include <stdio.h>

#include "initwatch/base/clock.h"

struct demo_options {
    const char *const *scenarios; /* names, NULL-terminated; NULL: the standard set */
    const char *scenario_dir;     /* NULL: built-in copies of examples/scenarios */
    const char *const *manifests; /* -f files, NULL-terminated; may be NULL */
    const char *address;          /* "127.0.0.1:0"; only loopback addresses are accepted */
    const char *kubeconfig_path;  /* where to write the kubeconfig (0600); NULL: a new file under
                                     $XDG_RUNTIME_DIR or /tmp */
    double speed;                 /* 1.0: real time */
    unsigned synthetic_pods;      /* adds N large generated pods (bench) */
    bool own_time;                /* timestamps follow the simulated clock, not the real one */
    bool die_with_stdin;          /* end when stdin is closed */
    uint64_t seed;                /* of names, uids and jitter; 0: from the clock */
    int64_t start_wall_ms;        /* IW_TIME_NONE: now; screenshots give a fixed one */
};

/* Serve until SIGINT/SIGTERM or (die_with_stdin) the end of stdin. Once the port listens, one line
 * of JSON goes to `ready`:
 * {"kubeconfig":PATH,"server":URL,"context":NAME}; the human-readable hint goes to `human` when not
 * NULL. Returns IW_OK at a normal end. The kubeconfig file is removed at the end. */
IW_NODISCARD enum iw_err demo_serve(const struct demo_options *opts, FILE *ready, FILE *human,
                                    struct iw_error *err);
/* What a built-in scenario is called and what it teaches in another language than English: its text.LANGUAGE.md, whose first
 * line is "# TITLE". False when there is none; else both are new strings. */
bool demo_scenario_words(const char *scenario, const char *language, char **title, char **text);
/* "NAME  one line" for each scenario, in the language that was chosen. */
void demo_list(FILE *out);
/* True when every running scenario has settled (nothing is going to change soon); used by headless
 * runs via GET /initwatch/demo/state. */

#endif
