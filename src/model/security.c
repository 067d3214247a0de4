/* security: who a container runs as and what it may.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/pod.h"

struct security
pod_security_of(const struct pod *pod, const struct container *c)
{
    struct security s = *c->security;
    const struct security *of_pod = pod->security;
    if (s.user < 0)
        s.user = of_pod->user;
    if (s.group < 0)
        s.group = of_pod->group;
    if (s.non_root == TRI_UNKNOWN)
        s.non_root = of_pod->non_root;
    s.fs_group = of_pod->fs_group;
    return s;
}

/* Between two words. */
static struct strbuf *
next(struct strbuf *b)
{
    if (b->len > 0)
        strbuf_adds(b, ", ");
    return b;
}

static void
add_capabilities(struct strbuf *b, const char *what, const char *const *names, uint32_t count)
{
    if (count > 0)
        strbuf_adds(next(b), what);
    for (uint32_t i = 0; i < count; i++)
        strbuf_addf(b, " %s", names[i]);
}

void
pod_security_text(const struct pod *pod, const struct container *c, char *out, size_t out_size)
{
    const struct security s = pod_security_of(pod, c);
    struct strbuf b;
    strbuf_init(&b, out_size);
    if (s.privileged == TRI_TRUE)
        strbuf_adds(next(&b), tr("privileged"));
    if (s.user == 0)
        strbuf_adds(next(&b), tr("uid 0 (root)"));
    else if (s.user > 0)
        strbuf_addf(next(&b), "uid %lld", (long long)s.user);
    if (s.group >= 0)
        strbuf_addf(next(&b), "gid %lld", (long long)s.group);
    if (s.fs_group >= 0)
        strbuf_addf(next(&b), "fsGroup %lld", (long long)s.fs_group);
    if (s.non_root == TRI_TRUE)
        strbuf_adds(next(&b), tr("must not be root"));
    add_capabilities(&b, "add", s.add, s.add_count);
    add_capabilities(&b, "drop", s.drop, s.drop_count);
    if (s.read_only_root == TRI_TRUE)
        strbuf_adds(next(&b), tr("read-only root"));
    if (s.escalation == TRI_FALSE)
        strbuf_adds(next(&b), tr("no escalation"));
    snprintf(out, out_size, "%.*s", (int)b.len, b.data ? b.data : "");
    strbuf_free(&b);
}
