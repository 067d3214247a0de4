/* text_is: comparing with one of Kubernetes' words.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_TEXT_IS_H
#define INITWATCH_MODEL_TEXT_IS_H

#include <stdbool.h>
#include <string.h>

static inline bool
text_is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

#endif
