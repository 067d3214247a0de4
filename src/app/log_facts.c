/* log_facts: what is known about one attempt of a container, as the head of its chapter.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/app/log_stream.h"

enum { FACTS_ATTEMPTS = 64 };

static void
take_end(struct logbuf_chapter *out, const struct container_end *end)
{
    out->ended = out->exit_known = true;
    out->exit_code = end->exit_code;
    out->ended_ms = end->finished_ms;
    if (out->started_ms == IW_TIME_NONE)
        out->started_ms = end->started_ms;
    container_exit_text(end, out->how, sizeof(out->how));
}

/* From what this session saw. */
static void
take_seen(struct logbuf_chapter *out, const struct attempt *seen)
{
    out->started_ms = seen->started_ms;
    if (!seen->ended)
        return;
    struct container_end end = {.exit_code = seen->end.exit_code,
                                .signal = seen->end.signal,
                                .reason = seen->end.reason,
                                .message = "",
                                .container_id = seen->container_id,
                                .started_ms = seen->started_ms,
                                .finished_ms = seen->finished_ms};
    take_end(out, &end);
}

void
log_attempt_facts(const struct store *store, struct pod_ref pod, const struct container *c,
                  int32_t number, struct logbuf_chapter *out)
{
    *out = (struct logbuf_chapter){
        .attempt = number, .started_ms = IW_TIME_NONE, .ended_ms = IW_TIME_NONE};
    const struct timeline *t = store_timeline(store, pod);
    struct attempt seen[FACTS_ATTEMPTS];
    size_t count = t ? timeline_attempts(t, store_get(store, pod), c, seen, IW_COUNTOF(seen)) : 0;
    for (size_t i = 0; i < count; i++) {
        if (seen[i].number == number)
            take_seen(out, &seen[i]);
    }
    /* What the cluster says now is newer than what was remembered. */
    for (int want = LOG_WANT_AUTO; want <= LOG_WANT_PREVIOUS; want++) {
        struct log_choice choice = container_log_choice(c, (enum log_want)want);
        if (choice.ask == LOG_ASK_NOTHING || choice.attempt != number)
            continue;
        if (choice.started_ms != IW_TIME_NONE)
            out->started_ms = choice.started_ms;
        const struct container_status *st = c->status;
        if (choice.ended && st)
            take_end(out, want == LOG_WANT_AUTO && st->state.terminated ? &st->state.end
                                                                        : &st->last->end);
    }
}
