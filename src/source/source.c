/* source: the list of data sources.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/source.h"

const struct source_class *const source_registry[] = {
    &source_kube,
    &source_replay,
    NULL,
};
