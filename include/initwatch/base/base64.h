/* base64: bytes as text. Ref: RFC 4648, section 4.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_BASE64_H
#define INITWATCH_BASE_BASE64_H

#include "initwatch/base/iwdef.h"

/* New, with padding, without line ends. */
char *base64_encode(const char *bytes, size_t len) IW_NODISCARD;

#endif
