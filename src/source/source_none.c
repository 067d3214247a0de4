/* source_none: a source that has nothing and asks nobody, for log files without a cluster.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "initwatch/base/alloc.h"
#include "initwatch/source/source.h"

static enum iw_err
none_open(const struct source_opts *opts, struct source **out, struct iw_error *err)
{
    const struct source_status nothing = {.state = SOURCE_STOPPED,
                                          .stream = STREAM_PODS,
                                          .since_wall_ms = IW_TIME_NONE,
                                          .last_contact_wall_ms = IW_TIME_NONE,
                                          .retry_at_wall_ms = IW_TIME_NONE};
    (void)err;
    opts->sink.status(opts->sink.ctx, &nothing);
    *out = iw_calloc(1, sizeof(**out));
    (*out)->class_ = &source_none;
    return IW_OK;
}

static enum iw_err
nothing(struct iw_error *err)
{
    return iw_fail(err, IW_ERR_UNSUPPORTED, "there is no cluster: log files are read");
}

static enum iw_err
none_open_log(struct source *s, const struct log_request *req, const struct log_sink *sink,
              struct source_log **out, struct iw_error *err)
{
    (void)s, (void)req, (void)sink, (void)out;
    return nothing(err);
}

static void
none_close_log(struct source_log *log)
{
    (void)log;
}

static void
none_watch_kind(struct source *s, enum kobject_kind kind, const char *ns)
{
    (void)s, (void)kind, (void)ns;
}

static enum iw_err
none_get_object(struct source *s, const struct kobject_ref *ref, const struct object_sink *sink,
                struct source_get **out, struct iw_error *err)
{
    (void)s, (void)ref, (void)sink, (void)out;
    return nothing(err);
}

static enum iw_err
none_get_path(struct source *s, const char *path, const struct object_sink *sink,
              struct source_get **out, struct iw_error *err)
{
    (void)s, (void)path, (void)sink, (void)out;
    return nothing(err);
}

static void
none_close_get(struct source_get *get)
{
    (void)get;
}

static void
none_again(struct source *s)
{
    (void)s;
}

static void
none_close(struct source *s)
{
    free(s);
}

const struct source_class source_none = {.name = "none",
                                         .open = none_open,
                                         .open_log = none_open_log,
                                         .close_log = none_close_log,
                                         .watch_kind = none_watch_kind,
                                         .unwatch_kind = none_watch_kind,
                                         .get_object = none_get_object,
                                         .get_path = none_get_path,
                                         .close_get = none_close_get,
                                         .retry_now = none_again,
                                         .relist = none_again,
                                         .close = none_close};
