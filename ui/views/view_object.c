/* view_object: another object than a pod as the server has it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "yaml_page.h"

#include <stdio.h>

const struct view_class view_object = {
    .name = "object",
    .title = "Object",
    .help = "A node, Secret, claim or other object as the server has it; values of Secrets are "
            "never shown",
    .scope = VIEW_GLOBAL,
    .context = CTX_YAML,
    .searchable = true,
    .wants_raw = true,
    .state_size = sizeof(struct yaml_state),
    .init = yaml_page_init,
    .fini = yaml_page_fini,
    .recalc = yaml_page_recalc,
    .draw = yaml_page_draw,
    .unseen = yaml_page_unseen,
    .act = yaml_page_act,
    .filter = yaml_page_filter,
    .tab_note = yaml_page_note,
    .head_note = widget_object_head,
    .ticks = yaml_page_ticks,
};
