/* sink: the words for the states of a source.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/sink.h"

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
