/* sink: the words for the states of a source.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/sink.h"

#include "initwatch/base/tr.h"

const char *
source_state_word(enum source_state state)
{
    static const char *const words[] = {
#define X(name, word) [SOURCE_##name] = word,
        SOURCE_STATES(X)
#undef X
    };
    return (unsigned)state < IW_COUNTOF(words) ? words[state] : "?";
}

const char *
source_stream_name(enum source_stream stream)
{
    return stream == STREAM_PODS ? "pods" : "events";
}

const char *
source_denial_word(const struct source_status *st)
{
    if (st->state != SOURCE_DENIED)
        return NULL;
    if (st->last.code == IW_ERR_UNAUTHORIZED)
        return TR_MARK("credentials not accepted (401)");
    if (st->last.code == IW_ERR_CREDENTIAL)
        return TR_MARK("no credentials");
    return st->last.code == IW_ERR_NOT_FOUND ? TR_MARK("not recorded") : TR_MARK("not allowed");
}
