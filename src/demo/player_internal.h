/* player_internal: what the files of the player share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_PLAYER_INTERNAL_H
#define INITWATCH_DEMO_PLAYER_INTERNAL_H

#include "initwatch/demo/player.h"
#include "player_clock.h"
#include "scenario.h"

/* Where a scenario lives that names no namespace, and what the kubeconfig names then. */
#define PLAYER_NAMESPACE "shop"

struct playing {
    struct scenario *scenario;
    unsigned number;  /* that its pods and objects carry */
    int64_t round_ms; /* when this round began */
    bool *applied;    /* per document, in this round */
    size_t faults;    /* asked for in this round */
    size_t happened;  /* of the list "happens", in this round */
    size_t played;    /* documents, in all rounds */
    unsigned round;
    bool ending; /* its pods are being deleted */
    int64_t next_round_ms;
};

struct player {
    struct player_config config;
    struct sim *sim;
    struct player_clock clock;
    VEC(struct playing *) playing;
    int64_t last_change_ms;
    struct sim_sink sink;
    struct strbuf left_out;  /* lines about what is not played */
    struct iw_error problem; /* of the first round: a broken scenario is an error at start */
};

/* When a document is applied, counted from the beginning of the round. */
int64_t player_doc_at_ms(const struct scenario *scenario, const struct scenario_doc *doc);
/* Look at one scenario: what has to be applied, asked for, ended or begun again. */
void player_round_tick(struct player *player, struct playing *p);
/* Its pods go; the next round begins when they are gone. */
void player_round_end(struct player *player, struct playing *p);

#endif
