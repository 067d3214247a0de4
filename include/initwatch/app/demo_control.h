/* demo_control: what the dashboard asks of the demo cluster that it plays on: its clock, its
 * scenarios, trouble, another behaviour for one step. It speaks to the server's own corner
 * (/initwatch/demo/...), like anybody with curl could; data comes through the source as ever.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_DEMO_CONTROL_H
#define INITWATCH_APP_DEMO_CONTROL_H

#include "initwatch/app/session.h"
#include "initwatch/ui/view.h"

struct demo_control;

/* `flash` tells the user how it went. session: borrowed. NULL when the server's address is odd. */
struct demo_control *demo_control_new(struct session *session,
                                      void (*flash)(void *ctx, bool error, const char *text),
                                      void *ctx) IW_NODISCARD;
void demo_control_free(struct demo_control *c);
/* Borrowed, changes in place; NULL for NULL. */
const struct demo_board *demo_control_board(const struct demo_control *c);
/* Carry out INTENT_DEMO. NULL: says that this is no demo. */
void demo_control_ask(struct demo_control *c, const struct intent *intent);
/* The board is on screen: it is kept fresh. */
void demo_control_show(struct demo_control *c, bool visible);

/* One wish as a request. target "" : none is meant. */
struct demo_wish {
    char path[160];   /* below /initwatch/demo/ */
    char body[256];   /* JSON, without the target's members */
    char target[600]; /* "POD/CTR", "NS/POD/CTR" or "NS/POD"; "": the one under the cursor */
    char done[120];   /* the sentence when it worked */
    bool on_step;     /* it is about a container */
};
/* "pause", "step 5s", "edit shop/web/app hang" ... as typed after ":demo". IW_ERR_USAGE with a
 * sentence that says what is possible. */
IW_NODISCARD enum iw_err demo_wish_parse(const char *text, struct demo_wish *out,
                                         struct iw_error *err);
/* The answer of .../state into the board; false when it is not one. */
bool demo_board_read(struct demo_board *board, const char *json, size_t len);
void demo_board_clear(struct demo_board *board);

#endif
