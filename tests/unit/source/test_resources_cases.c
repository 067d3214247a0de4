/* Effective resources, QoS, defaulting and node tables against the output of Kubernetes' own code.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "initwatch/base/alloc.h"
#include "initwatch/data/jarena.h"
#include "initwatch/model/resources.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/defaults.h"
#include "suite.h"

/* --- comparing --- */

static struct pod *
decode(const json_t *object)
{
    struct pod *pod = NULL;
    struct iw_error err = {0};
    if (decode_pod(object, "", &pod, &err) != IW_OK)
        fail_msg("decode_pod: %s", err.msg);
    return pod;
}

/* A JSON object of quantities as a resource_list over `items`. */
static struct resource_list
list_from(const json_t *object, struct resource_item *items, uint32_t max)
{
    struct resource_list list = {.items = items, .present = json_is_object(object)};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        assert_true(list.count < max);
        items[list.count++] = (struct resource_item){key, json_string_value(value)};
    }
    return list;
}

static bool
same_amounts(const struct resource_amounts *amounts, const json_t *expected, const char *what,
             char *got, size_t got_size)
{
    size_t used = (size_t)snprintf(got, got_size, "%s:", what);
    bool same = amounts->count == json_object_size(expected);
    for (size_t i = 0; i < amounts->count; i++) {
        char text[QUANTITY_OUT_MAX];
        quantity_format(&amounts->items[i].quantity, text, sizeof(text));
        used +=
            (size_t)snprintf(got + used, got_size - used, " %s=%s", amounts->items[i].name, text);
        same = same && strcmp(text, suite_text(expected, amounts->items[i].name)) == 0;
    }
    return same;
}

static struct resource_options
options_from(const json_t *o, struct resource_list *non_missing, struct resource_item *items)
{
    struct resource_options options = {
        .exclude_overhead = json_is_true(json_object_get(o, "excludeOverhead")),
        .skip_pod_level = json_is_true(json_object_get(o, "skipPodLevelResources")),
        .skip_container_level = json_is_true(json_object_get(o, "skipContainerLevelResources")),
        .use_status = json_is_true(json_object_get(o, "useStatusResources")),
        .in_place_pod_level =
            json_is_true(json_object_get(o, "inPlacePodLevelResourcesVerticalScalingEnabled"))};
    /* The sum over the containers alone. */
    if (strcmp(suite_text(o, "fn"), "Aggregate") == 0)
        options.exclude_overhead = options.skip_pod_level = true;
    const json_t *given = json_object_get(o, "nonMissingContainerRequests");
    if (given) {
        *non_missing = list_from(given, items, 8);
        options.non_missing = non_missing;
    }
    return options;
}

static bool
same_results(const struct pod *pod, const json_t *results, char *got, size_t got_size)
{
    size_t i;
    json_t *result;
    json_array_foreach(results, i, result)
    {
        struct resource_item items[8];
        struct resource_list non_missing = {0};
        struct resource_options options =
            options_from(json_object_get(result, "options"), &non_missing, items);
        for (int side = 0; side < 2; side++) {
            struct resource_amounts amounts;
            const char *what = side ? "limits" : "requests";
            char label[64];
            snprintf(label, sizeof(label), "results[%zu].%s", i, what);
            unsigned bad = 0;
            resources_effective(pod, side ? RESOURCE_LIMITS : RESOURCE_REQUESTS, &options, &amounts,
                                &bad);
            bool same = same_amounts(&amounts, json_object_get(result, what), label, got, got_size);
            resource_amounts_free(&amounts);
            if (!same || bad)
                return false;
        }
    }
    return true;
}

/* --- the pods --- */

static bool
same_qos(const struct pod *pod, const char *expected, char *got, size_t got_size)
{
    char why[160];
    const char *qos = resources_qos(pod, why, sizeof(why));
    snprintf(got, got_size, "qos: %s (%s)", qos, why);
    return strcmp(qos, expected) == 0 && (*why == '\0') == (strcmp(qos, "Guaranteed") == 0);
}

static bool
pod_case(const json_t *c, char *got, size_t got_size)
{
    struct pod *pod = decode(json_object_get(c, "pod"));
    bool same = same_results(pod, json_object_get(c, "results"), got, got_size) &&
                same_qos(pod, suite_text(c, "qos"), got, got_size) &&
                strcmp(pod_qos(pod), suite_text(c, "qos_kubectl")) == 0;
    pod_free(pod);
    return same;
}

static bool
same_list(const struct resource_list *list, const json_t *expected, const char *what, char *got,
          size_t got_size)
{
    struct resource_amounts amounts = {.items = iw_calloc(list->count + 1, sizeof(*amounts.items))};
    for (uint32_t i = 0; i < list->count; i++) {
        amounts.items[i].name = list->items[i].name;
        if (resource_list_get(list, list->items[i].name, &amounts.items[i].quantity))
            amounts.count++;
    }
    bool same = same_amounts(&amounts, expected, what, got, got_size);
    resource_amounts_free(&amounts);
    return same;
}

static bool
same_defaulted(const struct pod *pod, const json_t *expected, char *got, size_t got_size)
{
    static const char *const lists[] = {"initContainers", "containers"};
    uint32_t at = 0;
    for (size_t l = 0; l < IW_COUNTOF(lists); l++) {
        size_t i;
        json_t *c;
        json_array_foreach(json_object_get(expected, lists[l]), i, c)
        {
            const struct container *ours = &pod->containers[at++];
            if (!same_list(&ours->requests, json_object_get(c, "requests"), ours->name, got,
                           got_size) ||
                !same_list(&ours->limits, json_object_get(c, "limits"), ours->name, got, got_size))
                return false;
        }
    }
    const json_t *level = json_object_get(expected, "podResources");
    snprintf(got, got_size, "podResources: presence");
    if (json_is_object(level) != pod->pod_resources_present)
        return false;
    return same_list(&pod->pod_requests, json_object_get(level, "requests"),
                     "podResources.requests", got, got_size) &&
           same_list(&pod->pod_limits, json_object_get(level, "limits"), "podResources.limits", got,
                     got_size) &&
           same_list(&pod->overhead, json_object_get(expected, "overhead"), "overhead", got,
                     got_size) &&
           same_results(pod, json_object_get(expected, "results"), got, got_size) &&
           same_qos(pod, suite_text(expected, "qos"), got, got_size);
}

static bool
default_case(const json_t *c, char *got, size_t got_size)
{
    struct iw_error err = {0};
    json_t *object = json_object_get(c, "pod");
    if (pod_apply_defaults(object, &err) != IW_OK) {
        snprintf(got, got_size, "pod_apply_defaults: %s", err.msg);
        return false;
    }
    struct pod *pod = decode(object);
    bool same = same_defaulted(pod, json_object_get(c, "defaulted"), got, got_size);
    pod_free(pod);
    return same;
}

/* --- the working --- */

/* For every name: what the breakdown says is what resources_effective says, its stages add up, and
 * exactly the deciding stage carries the aggregate. */
static bool
breakdown_holds(const struct pod *pod, enum resource_side side, const char *name,
                const struct resource_options *options, char *got, size_t got_size)
{
    struct resource_breakdown b;
    struct resource_amounts amounts;
    resources_breakdown(pod, side, name, options, &b);
    resources_effective(pod, side, options, &amounts, NULL);
    const struct quantity *effective = resource_amount_of(&amounts, name);
    snprintf(got, got_size, "breakdown of %s side %d", name, (int)side);
    bool holds = (effective != NULL) == b.present &&
                 (!effective || quantity_cmp(effective, &b.effective) == 0);
    unsigned deciders = 0;
    for (size_t i = 0; i < b.stage_count; i++) {
        struct quantity sum = b.stages[i].own;
        quantity_add(&sum, &b.stages[i].sidecars_before);
        holds = holds && quantity_cmp(&sum, &b.stages[i].sum) == 0 &&
                quantity_cmp(&b.stages[i].sum, &b.aggregate) <= 0;
        if (b.stages[i].decides) {
            deciders++;
            holds = holds && quantity_cmp(&b.stages[i].sum, &b.aggregate) == 0;
        }
    }
    struct quantity total = b.has_pod_level ? b.pod_level : b.aggregate;
    if (b.has_overhead)
        quantity_add(&total, &b.overhead);
    holds = holds && deciders <= 1 && quantity_cmp(&total, &b.effective) == 0 &&
            quantity_cmp(&b.simple_formula, &b.aggregate) <= 0 && quantity_sign(&b.waste) >= 0;
    resource_amounts_free(&amounts);
    resource_breakdown_free(&b);
    return holds;
}

static bool
breakdown_case(const json_t *c, char *got, size_t got_size)
{
    static const struct resource_options sets[] = {
        {0}, {.use_status = true, .in_place_pod_level = true}};
    struct pod *pod = decode(json_object_get(c, "pod"));
    size_t count = 0;
    const char **names = resources_names(pod, &count);
    bool holds = true;
    for (size_t i = 0; holds && i < count; i++)
        for (int side = 0; holds && side < 2; side++)
            for (size_t o = 0; holds && o < IW_COUNTOF(sets); o++)
                holds = breakdown_holds(pod, side ? RESOURCE_LIMITS : RESOURCE_REQUESTS, names[i],
                                        &sets[o], got, got_size);
    free(names);
    pod_free(pod);
    return holds;
}

/* --- describe node --- */

static bool
node_case(const json_t *c, char *got, size_t got_size)
{
    struct resource_item items[2][32];
    struct resource_node node = {
        .allocatable = list_from(json_object_get(c, "allocatable"), items[0], 32),
        .capacity = list_from(json_object_get(c, "capacity"), items[1], 32)};
    const json_t *array = json_object_get(c, "pods");
    size_t count = json_array_size(array);
    struct pod **pods = iw_calloc(count + 1, sizeof(struct pod *));
    for (size_t i = 0; i < count; i++)
        pods[i] = decode(json_array_get(array, i));
    strbuf_auto out;
    strbuf_init(&out, 0);
    resources_describe_node(&node, (const struct pod *const *)pods, count, 0, &out);
    snprintf(got, got_size, "%s", out.data);
    bool same = strcmp(out.data, suite_text(c, "output")) == 0;
    if (!same)
        printf("expected:\n%s\n", suite_text(c, "output"));
    for (size_t i = 0; i < count; i++)
        pod_free(pods[i]);
    free(pods);
    return same;
}

/* --- running: by jarena, which keeps the raw tokens of numbers --- */

static suite_case current;

static bool
run_line(const char *line, size_t len, char *got, size_t got_size)
{
    json_t *object = NULL;
    struct iw_error err = {0};
    if (jarena_parse(line, len, &object, &err) != IW_OK) {
        snprintf(got, got_size, "jarena_parse: %s", err.msg);
        return false;
    }
    bool same = current(object, got, got_size);
    jarena_release();
    return same;
}

static void
run(const char *name, size_t count, suite_case each)
{
    current = each;
    suite_run_lines(name, count, run_line);
}

static void
resources_effective__agrees_for_every_pod_and_option_set(void **state)
{
    (void)state;
    run("resources/random.jsonl.gz", 1500, pod_case);
}

static void
pod_apply_defaults__agrees_for_every_pod(void **state)
{
    (void)state;
    run("resources/random.jsonl.gz", 1500, default_case);
}

static void
resources_breakdown__agrees_with_the_effective_amount(void **state)
{
    (void)state;
    run("resources/random.jsonl.gz", 1500, breakdown_case);
}

static void
resources_describe_node__prints_what_kubectl_prints(void **state)
{
    (void)state;
    run("resources/describenode.jsonl.gz", 60, node_case);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resources_effective__agrees_for_every_pod_and_option_set),
        cmocka_unit_test(pod_apply_defaults__agrees_for_every_pod),
        cmocka_unit_test(resources_breakdown__agrees_with_the_effective_amount),
        cmocka_unit_test(resources_describe_node__prints_what_kubectl_prints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
