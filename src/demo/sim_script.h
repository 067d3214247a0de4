/* sim_script: what the files that make scripts share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_SIM_SCRIPT_H
#define INITWATCH_DEMO_SIM_SCRIPT_H

#include "initwatch/demo/script.h"

/* How long an init step takes that says nothing, and how long one with a trap takes to stop. */
#define SCRIPT_DEFAULT_INIT_MS 3000
#define SCRIPT_DEFAULT_TERM_MS 400

/* Without a run; script_unref frees it. */
struct script *script_new(void) IW_NODISCARD;
/* One more run, which has no end yet. Borrowed until the next call. */
struct script_run *script_add_run(struct script *script);
/* Takes the line's text. */
void script_add_line(struct script_run *run, struct script_line line);

#endif
