/* demo_check: what the API server would refuse about the user's manifests, said before the demo plays them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/app/demo_check.h"
#include "initwatch/base/log.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/defaults.h"
#include "initwatch/source/validate.h"

struct checking {
    const char *path;
    size_t refused;
};

static void
say(const struct checking *c, const struct file_object *o, const char *what, const char *text)
{
    char safe[1024];
    log_sanitize(text, strlen(text), safe, sizeof(safe));
    fprintf(stderr, "initwatch: %s:%d: %s: %s%s\n", c->path, o->line, o->kind, what, safe);
}

static enum iw_err
check_object(void *ctx, const struct file_object *o, struct iw_error *err)
{
    struct checking *c = ctx;
    const char *where;
    (void)err;
    json_t *pod = o->object ? workload_pod(o->object, o->kind, &where) : NULL;
    if (!pod)
        return IW_OK;
    struct validation v = {0};
    struct iw_error broken = {0};
    if (pod_apply_defaults(pod, &broken) != IW_OK) {
        say(c, o, "", broken.msg);
        c->refused++;
    } else {
        workload_validate(pod, o->kind, where, &v);
    }
    for (size_t i = 0; i < v.error_count; i++)
        say(c, o, "", v.errors[i].text);
    for (size_t i = 0; i < v.warning_count; i++)
        say(c, o, "warning: ", v.warnings[i]);
    c->refused += v.error_count;
    validation_free(&v);
    json_decref(pod);
    return IW_OK;
}

enum iw_err
demo_check_manifests(const struct options *o, struct iw_error *err)
{
    struct checking c = {0};
    for (unsigned i = 0; i < o->file_count; i++) {
        c.path = o->files[i];
        enum iw_err rc = objfile_each(c.path, check_object, &c, err);
        if (rc != IW_OK)
            return rc;
    }
    if (c.refused)
        return iw_fail(err, IW_ERR_PARSE, "a cluster would refuse this: %zu error%s above",
                       c.refused, c.refused == 1 ? "" : "s");
    return IW_OK;
}
