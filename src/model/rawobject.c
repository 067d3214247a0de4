/* rawobject: the life of a YAML text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/rawobject.h"

#include <stdlib.h>

void
yaml_text_free(struct yaml_text *y)
{
    if (!y)
        return;
    free(y->text);
    free(y->lines);
    free(y);
}
