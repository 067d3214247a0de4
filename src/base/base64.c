/* SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/base64.h"

#include "initwatch/base/alloc.h"

char *
base64_encode(const char *bytes, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = iw_malloc((len + 2) / 3 * 4 + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)(unsigned char)bytes[i] << 16;
        if (i + 1 < len)
            bits |= (uint32_t)(unsigned char)bytes[i + 1] << 8;
        if (i + 2 < len)
            bits |= (unsigned char)bytes[i + 2];
        out[n++] = letters[bits >> 18 & 63];
        out[n++] = letters[bits >> 12 & 63];
        out[n++] = i + 1 < len ? letters[bits >> 6 & 63] : '=';
        out[n++] = i + 2 < len ? letters[bits & 63] : '=';
    }
    out[n] = 0;
    return out;
}
