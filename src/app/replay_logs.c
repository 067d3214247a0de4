/* replay_logs: lines of runs that are over, from the recording into the archive.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/replay_logs.h"

#include <string.h>

#include "initwatch/app/log_stream.h"
#include "initwatch/base/limits.h"
#include "initwatch/model/logstamp.h"

struct filling {
    struct log_archive *archive;
    const char *uid;
    const struct container *container;
    const struct logbuf_chapter *facts;
    struct logstamp stamp;
    bool begun;
};

static void
take_line(void *ctx, const char *text, size_t len)
{
    struct filling *f = ctx;
    struct logbuf_line line = {.wall_ms = IW_TIME_NONE};
    size_t stamp_len = logstamp_take(&f->stamp, text, len, &line.wall_ms, &line.sub_ns);
    if (!f->begun)
        log_archive_begin(f->archive, f->uid, f->container->name, f->facts);
    f->begun = true;
    line.text = text + stamp_len;
    line.len = (uint32_t)IW_MIN(len - stamp_len, (size_t)LIMIT_LOG_LINE_BYTES);
    line.cut = line.len < len - stamp_len;
    line.escaped = memchr(line.text, '\x1B', line.len) != NULL ||
                   (line.len > 0 && line.text[line.len - 1] == '\r');
    log_archive_add(f->archive, &line);
}

/* Attempts before this one the source does not give. */
static int32_t
first_given(const struct container *c)
{
    struct log_choice now = container_log_choice(c, LOG_WANT_AUTO);
    struct log_choice before = container_log_choice(c, LOG_WANT_PREVIOUS);
    if (before.ask != LOG_ASK_NOTHING)
        return before.attempt;
    return now.ask != LOG_ASK_NOTHING ? now.attempt : 0;
}

void
replay_logs_fill(const struct session *s, struct log_archive *archive, struct pod_ref ref,
                 const struct container *c)
{
    const struct pod *pod = s->recording ? store_get(s->store, ref) : NULL;
    int32_t upto = pod ? first_given(c) : 0;
    for (int32_t n = IW_MAX(0, upto - LIMIT_LOG_CHAPTERS); n < upto; n++) {
        struct logbuf_chapter facts;
        if (log_archive_find(archive, pod->uid, c->name, n))
            continue;
        log_attempt_facts(s->store, ref, c, n, &facts);
        struct filling f = {.archive = archive, .uid = pod->uid, .container = c, .facts = &facts};
        if (facts.ended && facts.started_ms != IW_TIME_NONE)
            replay_each_line(s->source, pod->ns, pod->name, c->name, facts.started_ms, take_line,
                             &f);
    }
}
