/* gantt_internal: what the files of the chart share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_GANTT_INTERNAL_H
#define INITWATCH_UI_GANTT_INTERNAL_H

#include "initwatch/ui/gantt.h"

#define GANTT_CHART_MAX 1000 /* cells; a surface is not wider */

/* Column of a moment; may lie outside the chart, by no more than a cell. */
int gantt_column(const struct gantt *g, int64_t ms);

#endif
