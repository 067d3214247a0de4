/* jsonout: writing JSON member by member; the commas take care of themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_JSONOUT_H
#define INITWATCH_APP_JSONOUT_H

#include "initwatch/base/strbuf.h"

struct jsonout {
    struct strbuf *out; /* borrowed */
    bool comma;         /* something stands before the next value */
};

/* key NULL: an element of an array, or the top value. */
void json_begin(struct jsonout *j, const char *key, char bracket /* '{' or '[' */);
void json_end(struct jsonout *j, char bracket /* '}' or ']' */);
void json_put_text(struct jsonout *j, const char *key, const char *text);
void json_put_bytes(struct jsonout *j, const char *key, const char *bytes, size_t len);
/* "" becomes null: absent knowledge is never a made-up value. */
void json_put_known(struct jsonout *j, const char *key, const char *text);
void json_put_null(struct jsonout *j, const char *key);
void json_put_int(struct jsonout *j, const char *key, int64_t number);
void json_put_bool(struct jsonout *j, const char *key, bool value);
/* RFC 3339; null when IW_TIME_NONE. */
void json_put_moment(struct jsonout *j, const char *key, int64_t wall_ms);

#endif
