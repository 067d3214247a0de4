/* sim_quota: ResourceQuotas: what a namespace's pods use, and what is refused for it.
 * Ref: apiserver admission plugin resourcequota (controller.go), quota/v1/evaluator/core/pods.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "sim_internal.h"

/* The things that can be limited. CPU in thousandths, memory in bytes, pods by number. */
enum quota_unit { QUOTA_PODS, QUOTA_CPU, QUOTA_MEMORY };
static const struct {
    const char *name, *list, *resource;
    enum quota_unit unit;
} measures[] = {
    {"pods", NULL, NULL, QUOTA_PODS},
    {"count/pods", NULL, NULL, QUOTA_PODS},
    {"cpu", "requests", "cpu", QUOTA_CPU},
    {"requests.cpu", "requests", "cpu", QUOTA_CPU},
    {"limits.cpu", "limits", "cpu", QUOTA_CPU},
    {"memory", "requests", "memory", QUOTA_MEMORY},
    {"requests.memory", "requests", "memory", QUOTA_MEMORY},
    {"limits.memory", "limits", "memory", QUOTA_MEMORY},
};

static size_t
find_measure(const char *name)
{
    size_t i = 0;
    while (i < IW_COUNTOF(measures) && strcmp(measures[i].name, name) != 0)
        i++;
    return i;
}

static int64_t
amount_of(const struct sim_pod *pod, size_t measure)
{
    const json_t *spec = json_object_get(pod->object, "spec");
    if (measures[measure].unit == QUOTA_PODS)
        return 1;
    return sim_effective_amount(spec, measures[measure].list, measures[measure].resource) /
           (measures[measure].unit == QUOTA_MEMORY ? 1000 : 1);
}

static int64_t
used_by(const struct sim *sim, const char *ns, size_t measure)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sim->pods.len; i++) {
        const struct sim_pod *pod = sim->pods.items[i];
        if (pod->phase < KUBELET_SUCCEEDED && strcmp(pod->ns, ns) == 0)
            sum += amount_of(pod, measure);
    }
    return sum;
}

static int64_t
read_amount(const json_t *value, size_t measure)
{
    int64_t milli = json_is_integer(value) ? json_integer_value(value) * 1000
                                           : sim_quantity_milli(json_string_value(value));
    return measures[measure].unit == QUOTA_CPU ? milli : milli / 1000;
}

/* The text of an amount, as Kubernetes would write it. */
static const char *
amount_text(int64_t amount, size_t measure, char out[32])
{
    static const char *const suffixes[] = {"", "Ki", "Mi", "Gi"};
    size_t power = 0;
    if (measures[measure].unit == QUOTA_CPU && amount % 1000 != 0) {
        (void)snprintf(out, 32, "%lldm", (long long)amount);
        return out;
    }
    if (measures[measure].unit == QUOTA_CPU)
        amount /= 1000;
    while (measures[measure].unit == QUOTA_MEMORY && amount > 0 && amount % 1024 == 0 &&
           power < 3) {
        amount /= 1024;
        power++;
    }
    (void)snprintf(out, 32, "%lld%s", (long long)amount, suffixes[power]);
    return out;
}

/* What one quota says to one more pod: nothing, or the three lists of the refusal. */
static char *
refusal_of(struct sim *sim, const struct sim_thing *quota, const struct sim_pod *pod)
{
    struct strbuf asked, used, limited;
    strbuf_init(&asked, 1024);
    strbuf_init(&used, 1024);
    strbuf_init(&limited, 1024);
    const char *name;
    json_t *hard;
    json_object_foreach(json_object_get(json_object_get(quota->object, "spec"), "hard"), name, hard)
    {
        size_t m = find_measure(name);
        if (m == IW_COUNTOF(measures))
            continue;
        int64_t want = amount_of(pod, m), now = used_by(sim, pod->ns, m),
                most = read_amount(hard, m);
        char text[32];
        if (want == 0 || now + want <= most)
            continue;
        const char *comma = asked.len ? "," : "";
        strbuf_addf(&asked, "%s%s=%s", comma, name, amount_text(want, m, text));
        strbuf_addf(&used, "%s%s=%s", comma, name, amount_text(now, m, text));
        strbuf_addf(&limited, "%s%s=%s", comma, name, amount_text(most, m, text));
    }
    char *out = NULL;
    if (asked.len)
        out = iw_asprintf("pods \"%s\" is forbidden: exceeded quota: %s, requested: %s, used: %s, "
                          "limited: %s",
                          pod->name, quota->name, asked.data, used.data, limited.data);
    strbuf_free(&asked);
    strbuf_free(&used);
    strbuf_free(&limited);
    return out;
}

char *
sim_quota_refusal(struct sim *sim, const struct sim_pod *pod)
{
    char *refusal = NULL;
    for (size_t i = 0; !refusal && i < sim->things.len; i++) {
        const struct sim_thing *quota = sim->things.items[i];
        if (quota->kind == DEMO_KIND_RESOURCEQUOTA && strcmp(quota->ns, pod->ns) == 0)
            refusal = refusal_of(sim, quota, pod);
    }
    return refusal;
}

static void
refresh_one(struct sim *sim, struct sim_thing *quota)
{
    const json_t *hard = json_object_get(json_object_get(quota->object, "spec"), "hard");
    json_t *used = json_object();
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)hard, name, value)
    {
        size_t m = find_measure(name);
        char text[32] = "0";
        if (m < IW_COUNTOF(measures))
            (void)amount_text(used_by(sim, quota->ns, m), m, text);
        json_object_set_new(used, name, json_string(text));
    }
    json_t *status = json_pack("{s:O,s:o}", "hard", hard, "used", used);
    if (json_equal(status, json_object_get(quota->object, "status"))) {
        json_decref(status);
        return;
    }
    json_object_set_new(quota->object, "status", status);
    if (!sim->quiet)
        sim_tell(sim, quota->kind, quota->object);
}

void
sim_quota_refresh(struct sim *sim)
{
    if (!sim->quota_dirty)
        return;
    sim->quota_dirty = false;
    for (size_t i = 0; i < sim->things.len; i++) {
        if (sim->things.items[i]->kind == DEMO_KIND_RESOURCEQUOTA)
            refresh_one(sim, sim->things.items[i]);
    }
}
