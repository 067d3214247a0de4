/* kinds: the table of API resources.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/demo/kinds.h"

const struct demo_kind_info demo_kind_table[DEMO_KIND_COUNT] = {
#define X(code, plural, kind, singular, alias, group, version, namespaced)                         \
    [DEMO_KIND_##code] = {plural, kind, singular, alias, group, version, namespaced},
    DEMO_KINDS(X)
#undef X
};
