/* demoboard: what the dashboard knows of the demo cluster it plays on: its clock, its troubles, its
 * scenarios. The app fills it (app/demo_control.h), views read it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DEMOBOARD_H
#define INITWATCH_UI_DEMOBOARD_H

#include "initwatch/base/vec.h"

#include <stdint.h>

#define DEMO_FAULTS_MAX 16

/* A trouble with the API server that can be asked for. */
struct demo_fault {
    char kind[24];
    int64_t left_ms; /* 0: it is not on */
};

/* Strings are owned by the board, "" when absent. */
struct demo_scenario {
    char *name, *title, *text, *key;
    char *pod;      /* "ns/name" of one of its pods; "" while it has none */
    char *pod_list; /* of all: " ns/name ns/other " */
    unsigned pods, round;
};

struct demo_board {
    uint64_t generation; /* moves with every change */
    bool known;          /* the server has said something so far */
    bool paused;
    double speed;
    int64_t simulated_ms; /* since the demo began */
    struct demo_fault faults[DEMO_FAULTS_MAX];
    size_t fault_count;
    VEC(struct demo_scenario) scenarios;
};

#endif
