/* fuzz_rfc3339: what parses can be written and parsed again to the same moment; the other
 * parsers of times and of log text get the same bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/log.h"
#include "initwatch/base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 0000-01-01 and the end of 9999: an offset may reach past them, where four digits end. */
#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS INT64_C(253402300799999)

static void
check_time(const char *text, size_t len)
{
    int64_t wall_ms = 0, again_ms = 0;
    char out[40];
    if (rfc3339_parse(text, len, &wall_ms, NULL) != IW_OK)
        return;
    rfc3339_format(wall_ms, true, out);
    if (wall_ms < FIRST_MS || wall_ms > LAST_MS)
        return;
    if (rfc3339_parse(out, strlen(out), &again_ms, NULL) != IW_OK || again_ms != wall_ms)
        abort();
}

static void
check_duration(const char *text)
{
    int64_t ms = 0, again_ms = 0;
    char out[40];
    if (duration_parse(text, &ms, NULL) != IW_OK)
        return;
    duration_go(ms, out);
    if (duration_parse(out, &again_ms, NULL) != IW_OK || again_ms != ms)
        abort();
}

static void
check_log_text(const char *text, size_t len)
{
    char out[300];
    log_sanitize(text, len, out, sizeof(out));
    for (const char *at = out; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            abort();
    if (!utf8_valid(out, strlen(out)))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_time((const char *)data, size);
    check_log_text((const char *)data, size);
    iw_autofree char *text = iw_strndup((const char *)data, size);
    check_duration(text);
    return 0;
}
