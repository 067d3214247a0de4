/* view_yaml: the pod as the server has it.
 * SPDX-License-Identifier: Apache-2.0 */
#include "yaml_page.h"

const struct view_class view_yaml = {
    .name = "yaml",
    .title = "YAML",
    .help = "The pod as the server has it: folding, search, managedFields hidden",
    .scope = VIEW_POD,
    .tab = 7,
    .podish = true,
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
    .cursor = yaml_page_cursor,
    .ticks = yaml_page_ticks,
};
