/* jsonout: JSON into a strbuf.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/jsonout.h"

#include <inttypes.h>

#include "initwatch/base/clock.h"

static void
json_key(struct jsonout *j, const char *key)
{
    if (j->comma)
        strbuf_addc(j->out, ',');
    if (key) {
        strbuf_add_json(j->out, key);
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
    json_key(j, key);
    strbuf_add_json(j->out, text);
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
