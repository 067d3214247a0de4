/* usage: samples in one sorted array, found by their names.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/vec.h"

struct sample {
    char *key; /* own: "ns/pod/container", of a node "/name/" */
    struct usage_amounts amounts;
};
struct usage {
    VEC(struct sample) samples; /* sorted by key */
    size_t fresh;               /* while an answer is taken: how many stood before it */
    enum usage_state state;
    char sentence[160];
    uint64_t generation;
};

struct usage *
usage_new(void)
{
    return iw_calloc(1, sizeof(struct usage));
}

static void
drop(struct usage *u, const char *prefix)
{
    size_t kept = 0, len = strlen(prefix);
    for (size_t i = 0; i < u->samples.len; i++) {
        if (strncmp(u->samples.items[i].key, prefix, len) == 0)
            free(u->samples.items[i].key);
        else
            u->samples.items[kept++] = u->samples.items[i];
    }
    u->samples.len = kept;
}

void
usage_clear(struct usage *u)
{
    drop(u, "");
    usage_set_state(u, USAGE_UNASKED, "");
}

void
usage_free(struct usage *u)
{
    if (!u)
        return;
    usage_clear(u);
    vec_free(&u->samples);
    free(u);
}

/* Of pods in all namespaces everything goes but the nodes, whose keys begin with a slash. */
static void
drop_pods(struct usage *u)
{
    size_t kept = 0;
    for (size_t i = 0; i < u->samples.len; i++) {
        if (u->samples.items[i].key[0] == '/')
            u->samples.items[kept++] = u->samples.items[i];
        else
            free(u->samples.items[i].key);
    }
    u->samples.len = kept;
}

void
usage_begin(struct usage *u, const char *ns, const char *pod)
{
    char prefix[600];
    if (ns && !ns[0])
        drop_pods(u);
    snprintf(prefix, sizeof(prefix), "%s/%s%s", ns ? ns : "", pod, pod[0] ? "/" : "");
    if (!ns || ns[0])
        drop(u, prefix);
    u->fresh = u->samples.len;
}

void
usage_put(struct usage *u, const char *ns, const char *name, const char *container,
          const struct usage_amounts *amounts)
{
    if (u->samples.len >= LIMIT_USAGE_SAMPLES)
        return;
    struct sample s = {iw_asprintf("%s/%s/%s", ns, name, container), *amounts};
    vec_push(&u->samples, s);
}

static int
compare(const void *a, const void *b)
{
    return strcmp(((const struct sample *)a)->key, ((const struct sample *)b)->key);
}

void
usage_end(struct usage *u)
{
    if (u->samples.len > u->fresh)
        qsort(u->samples.items, u->samples.len, sizeof(*u->samples.items), compare);
    usage_set_state(u, USAGE_LIVE, "");
}

void
usage_set_state(struct usage *u, enum usage_state state, const char *sentence)
{
    u->state = state;
    snprintf(u->sentence, sizeof(u->sentence), "%s", sentence);
    u->generation++;
}

/* The first sample whose key is not below. */
static size_t
lower_bound(const struct usage *u, const char *key)
{
    size_t low = 0, high = u->samples.len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(u->samples.items[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The sum of what begins with the key; a whole key is one sample. */
static bool
sum_of(const struct usage *u, const char *key, bool whole, struct usage_amounts *out)
{
    size_t len = strlen(key);
    bool any = false;
    *out = (struct usage_amounts){0};
    for (size_t i = u ? lower_bound(u, key) : 0; u && i < u->samples.len; i++) {
        const struct sample *s = &u->samples.items[i];
        if (strncmp(s->key, key, len) != 0 || (whole && s->key[len]))
            break;
        out->cpu_nano += s->amounts.cpu_nano;
        out->memory_bytes += s->amounts.memory_bytes;
        any = true;
    }
    return any;
}

bool
usage_of_container(const struct usage *u, const char *ns, const char *pod, const char *container,
                   struct usage_amounts *out)
{
    char key[900];
    snprintf(key, sizeof(key), "%s/%s/%s", ns, pod, container);
    return sum_of(u, key, true, out);
}

bool
usage_of_pod(const struct usage *u, const char *ns, const char *pod, struct usage_amounts *out)
{
    char key[600];
    snprintf(key, sizeof(key), "%s/%s/", ns, pod);
    return sum_of(u, key, false, out);
}

bool
usage_of_node(const struct usage *u, const char *node, struct usage_amounts *out)
{
    char key[300];
    snprintf(key, sizeof(key), "/%s/", node);
    return sum_of(u, key, true, out);
}

enum usage_state
usage_state(const struct usage *u)
{
    return u ? u->state : USAGE_UNASKED;
}

const char *
usage_sentence(const struct usage *u)
{
    return u ? u->sentence : "";
}

uint64_t
usage_generation(const struct usage *u)
{
    return u ? u->generation : 0;
}

void
usage_cpu_text(int64_t cpu_nano, char out[24])
{
    int64_t milli = (cpu_nano + 999999) / 1000000;
    if (milli < 10000)
        snprintf(out, 24, "%lldm", (long long)milli);
    else
        snprintf(out, 24, "%.1f", (double)milli / 1000);
}

void
usage_memory_text(int64_t bytes, char out[24])
{
    double mib = (double)bytes / (1 << 20);
    if (mib < 1024)
        snprintf(out, 24, "%.0fMi", mib);
    else
        snprintf(out, 24, "%.1fGi", mib / 1024);
}
