/* podfile: objects of a file into pods and events.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/podfile.h"

#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/nearest.h"
#include "initwatch/model/selector.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/decode_pb.h"

struct podfile {
    const struct options *o;
    const struct podfile_sink *sink;
    const char *path;    /* for messages */
    int64_t now_wall_ms; /* for objects without an envelope */
    bool found[IW_COUNTOF(((struct options *)0)->args)];
    struct nearest near; /* to the first name */
};

static const char *
file_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static bool
name_is_wanted(struct podfile *f, const struct pod *pod)
{
    bool wanted = f->o->arg_count == 0;
    for (unsigned i = 0; i < f->o->arg_count; i++)
        if (strcmp(f->o->args[i], pod->name) == 0)
            wanted = f->found[i] = true;
    if (!wanted)
        nearest_offer(&f->near, pod->name);
    return wanted;
}

/* -n chooses; a manifest without a namespace would be created there. */
static bool
namespace_is_wanted(const struct options *o, const struct pod *pod)
{
    return o->all_namespaces || !o->kube.ns || !*pod->ns || strcmp(o->kube.ns, pod->ns) == 0;
}

static enum iw_err
read_pod(struct podfile *f, const struct file_object *object, struct iw_error *err)
{
    struct pod *pod = NULL;
    bool selected = true;
    enum iw_err rc = object->object ? decode_pod(object->object, "", &pod, err)
                                    : decode_pod_pb(object->message, "", &pod, err);
    if (rc != IW_OK)
        return iw_wrap(err, "%s:%d", f->path, object->line);
    if (f->o->selector)
        rc = selector_matches(f->o->selector, pod, &selected, err);
    if (rc != IW_OK) {
        pod_free(pod);
        return iw_wrap(err, "--selector");
    }
    if (selected && namespace_is_wanted(f->o, pod) && name_is_wanted(f, pod))
        f->sink->pod(f->sink->ctx, pod, object->watch_type,
                     object->now_wall_ms != IW_TIME_NONE ? object->now_wall_ms : f->now_wall_ms);
    else
        pod_free(pod);
    return rc;
}

static enum iw_err
read_object(void *ctx, const struct file_object *object, struct iw_error *err)
{
    struct podfile *f = ctx;
    if (strcmp(object->kind, "Pod") == 0)
        return read_pod(f, object, err);
    if (strcmp(object->kind, "Event") == 0 && f->sink->event) {
        struct kevent ev;
        enum iw_err rc = object->object ? decode_event(object->object, &ev, err)
                                        : decode_event_pb(object->message, &ev, err);
        if (rc != IW_OK)
            return iw_wrap(err, "%s:%d", f->path, object->line);
        f->sink->event(f->sink->ctx, &ev);
    }
    return IW_OK;
}

enum iw_err
podfile_read(const struct options *o, const struct podfile_sink *sink, struct iw_error *err)
{
    struct podfile f = {.o = o, .sink = sink};
    f.now_wall_ms = o->now_wall_ms != IW_TIME_NONE ? o->now_wall_ms : clock_wall(clock_system());
    nearest_init(&f.near, o->arg_count ? o->args[0] : "");
    for (unsigned i = 0; i < o->file_count; i++) {
        f.path = file_name(o->files[i]);
        enum iw_err rc = objfile_each(o->files[i], read_object, &f, err);
        if (rc != IW_OK)
            return rc;
    }
    for (unsigned i = 0; i < o->arg_count; i++)
        if (!f.found[i])
            return iw_fail(err, IW_ERR_NOT_FOUND, "pod \"%s\" is not in %s%s%s", o->args[i],
                           o->file_count == 1 ? file_name(o->files[0]) : "the files",
                           i == 0 && f.near.count ? "; nearest: " : "",
                           i == 0 ? nearest_text(&f.near) : "");
    return IW_OK;
}
