/* decode_usage: PodMetrics and NodeMetrics, one or a list of them.
 * Ref: k8s.io/metrics/pkg/apis/metrics/v1beta1 types.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/quantity.h"
#include "initwatch/source/decode.h"

#include "decode_field.h"

static struct quantity
amount_of(struct decoder *d, const struct node *usage, const char *name)
{
    const char *text = field_string(d, usage, name);
    struct quantity q = {0};
    if (quantity_parse_trimmed(text, strlen(text), &q, NULL) != IW_OK)
        q = (struct quantity){0};
    return q;
}

/* More than 2^63 nanocores cannot be. */
static struct usage_amounts
decode_amounts(struct decoder *d, const struct node *owner)
{
    struct node usage = field_object(d, owner, "usage");
    struct quantity cpu = amount_of(d, &usage, "cpu"), memory = amount_of(d, &usage, "memory");
    double nano = quantity_approx(&cpu) * 1e9;
    return (struct usage_amounts){.cpu_nano = nano >= 0 && nano < 9e18 ? (int64_t)nano : 0,
                                  .memory_bytes = IW_MAX(quantity_value(&memory), (int64_t)0)};
}

static void
decode_one(struct decoder *d, const struct node *n, bool nodes, struct usage *out)
{
    struct node metadata = field_object(d, n, "metadata");
    const char *ns = nodes ? "" : field_string(d, &metadata, "namespace");
    const char *name = field_string(d, &metadata, "name");
    size_t count;
    if (nodes) {
        struct usage_amounts amounts = decode_amounts(d, n);
        usage_put(out, ns, name, "", &amounts);
        return;
    }
    struct node list = field_array(d, n, "containers", &count);
    for (size_t i = 0; i < count && d->code == IW_OK; i++) {
        struct node c = element_object(d, &list, i);
        struct usage_amounts amounts = decode_amounts(d, &c);
        usage_put(out, ns, name, field_string(d, &c, "name"), &amounts);
    }
}

enum iw_err
decode_usage(const char *json, size_t len, const char *ns, const char *pod, struct usage *out,
             struct iw_error *err)
{
    static struct arena arena;
    json_t *root;
    enum iw_err rc = jarena_parse(json, len, &root, err);
    if (rc != IW_OK)
        return rc;
    if (arena.ceiling_bytes == 0)
        arena_init(&arena, LIMIT_FRAME_BYTES * 4);
    arena_reset(&arena);
    struct decoder d = {.arena = &arena, .err = err};
    struct node n = node_root(root);
    size_t count;
    struct node items = field_array(&d, &n, "items", &count);
    bool list = field_get(&n, "items") != NULL;
    usage_begin(out, ns, pod);
    if (!list)
        decode_one(&d, &n, !ns, out);
    for (size_t i = 0; i < count && d.code == IW_OK; i++) {
        struct node item = element_object(&d, &items, i);
        decode_one(&d, &item, !ns, out);
    }
    usage_end(out);
    jarena_release();
    return d.code;
}
