/* jsonout: JSON into a strbuf.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/jsonout.h"

#include <inttypes.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/utf8.h"

/* A JSON string that is harmless on a terminal too: C1 controls and invisible format characters are
 * escaped, which JSON allows but does not ask for. */
static void
json_string(struct strbuf *out, const char *text, size_t len)
{
    strbuf_addc(out, '"');
    for (size_t i = 0, taken; i < len; i += taken) {
        char bytes[4];
        uint32_t cp = utf8_next(text + i, len - i, &taken);
        if (cp == '"' || cp == '\\')
            strbuf_addf(out, "\\%c", (char)cp);
        else if (cp == '\n')
            strbuf_adds(out, "\\n");
        else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp <= 0xffff && utf8_is_deceptive(cp)))
            strbuf_addf(out, "\\u%04x", cp);
        else
            strbuf_add(out, bytes, utf8_encode(cp, bytes));
    }
    strbuf_addc(out, '"');
}

static void
json_key(struct jsonout *j, const char *key)
{
    if (j->comma)
        strbuf_addc(j->out, ',');
    if (key) {
        json_string(j->out, key, strlen(key));
        strbuf_addc(j->out, ':');
    }
    j->comma = true;
}

void
json_begin(struct jsonout *j, const char *key, char bracket)
{
    json_key(j, key);
    strbuf_addc(j->out, bracket);
    j->comma = false;
}

void
json_end(struct jsonout *j, char bracket)
{
    strbuf_addc(j->out, bracket);
    j->comma = true;
}

void
json_put_text(struct jsonout *j, const char *key, const char *text)
{
    json_put_bytes(j, key, text, strlen(text));
}

void
json_put_bytes(struct jsonout *j, const char *key, const char *bytes, size_t len)
{
    json_key(j, key);
    json_string(j->out, bytes, len);
}

void
json_put_known(struct jsonout *j, const char *key, const char *text)
{
    if (*text)
        json_put_text(j, key, text);
    else
        json_put_null(j, key);
}

void
json_put_null(struct jsonout *j, const char *key)
{
    json_key(j, key);
    strbuf_adds(j->out, "null");
}

void
json_put_int(struct jsonout *j, const char *key, int64_t number)
{
    json_key(j, key);
    strbuf_addf(j->out, "%" PRId64, number);
}

void
json_put_bool(struct jsonout *j, const char *key, bool value)
{
    json_key(j, key);
    strbuf_adds(j->out, value ? "true" : "false");
}

void
json_put_moment(struct jsonout *j, const char *key, int64_t wall_ms)
{
    char text[40];
    if (wall_ms == IW_TIME_NONE) {
        json_put_null(j, key);
        return;
    }
    rfc3339_format(wall_ms, false, text);
    json_put_text(j, key, text);
}
