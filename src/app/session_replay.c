/* session_replay: a recording where a session would have a cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#include "session_internal.h"

#include "initwatch/base/alloc.h"
#include "initwatch/base/log.h"

/* The program's clock is the recording's. A clock that stands still creeps: speed 0 would be the real one. */
static void
replay_set_clock(void *ctx, int64_t wall_ms, double speed)
{
    (void)ctx;
    clock_system_set_wall(wall_ms, IW_MAX(speed, 1e-9));
}

static void
replay_rewind(void *ctx, const struct replay_undone *undone)
{
    struct session *s = ctx;
    if (s->jumps.rewinding)
        s->jumps.rewinding(s->jumps.ctx);
    replay_forget(s->store, undone);
}

static void
replay_arrived(void *ctx)
{
    struct session *s = ctx;
    store_rewound(s->store);
    if (s->jumps.arrived)
        s->jumps.arrived(s->jumps.ctx);
}

struct kube_client_config *
session_stand_in(const char *context, const char *ns, const char *server)
{
    struct kube_client_config *c = iw_calloc(1, sizeof(*c));
    c->context = iw_strdup(context);
    c->cluster = iw_strdup(context);
    c->user = iw_strdup("");
    c->ns = iw_strdup(ns);
    c->server = iw_strdup(server);
    c->base_url = iw_strdup("");
    return c;
}

/* Commands that print want one moment: that of --now, else the last; the others begin there, or at the start. */
static void
choose_moment(struct session *s, const struct options *o)
{
    const struct recording_about *about = recording_about(s->recording);
    bool given = o->now_wall_ms != IW_TIME_NONE;
    s->replay = (struct replay_opts){.recording = s->recording,
                                     .set_clock = replay_set_clock,
                                     .rewind = replay_rewind,
                                     .arrived = replay_arrived,
                                     .ctx = s,
                                     .speed = o->demo_speed,
                                     .at_once = !s->need.watch};
    if (given)
        s->replay.start_ms =
            IW_MIN(IW_MAX(o->now_wall_ms - about->started_wall_ms, (int64_t)0), about->length_ms);
    else if (s->replay.at_once)
        s->replay.start_ms = about->length_ms;
}

enum iw_err
session_open_recording(struct session *s, const struct options *o, struct iw_error *err)
{
    enum iw_err rc = recording_open(o->replay, &s->recording, err);
    if (rc != IW_OK)
        return rc;
    if (recording_about(s->recording)->cut)
        LOG_WARN("%s: the last line is cut, it is left out", o->replay);
    const struct recording_about *about = recording_about(s->recording);
    s->client = session_stand_in(about->context, about->ns, about->server);
    choose_moment(s, o);
    return IW_OK;
}

bool
session_replay_ended(const struct session *s)
{
    struct replay_state st;
    if (!s->recording)
        return false;
    replay_state(s->source, &st);
    return st.ended;
}
