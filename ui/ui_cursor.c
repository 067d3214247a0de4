/* ui_cursor: what the cursor of the visible view is on, for the app.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ui_internal.h"

bool
ui_cursor(struct ui *ui, struct pod_ref *pod, char container[256])
{
    container[0] = '\0';
    return ui_cursor_pod(ui, pod, container);
}
