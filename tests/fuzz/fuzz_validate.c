/* Any JSON as a manifest: defaulting, validation and the effective resources break nothing, and
 * defaulting twice says the same as defaulting once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/data/jarena.h"
#include "initwatch/model/resources.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/defaults.h"
#include "initwatch/source/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds, const char *property)
{
    if (holds)
        return;
    fprintf(stderr, "property does not hold: %s\n", property);
    abort();
}

static void
check_resources(const json_t *object)
{
    struct pod *pod = NULL;
    char why[64];
    if (decode_pod(object, "", &pod, NULL) != IW_OK)
        return;
    size_t count = 0;
    const char **names = resources_names(pod, &count);
    for (size_t i = 0; i < count && i < 8; i++) {
        struct resource_breakdown b;
        resources_breakdown(pod, RESOURCE_REQUESTS, names[i], NULL, &b);
        require(quantity_sign(&b.waste) >= 0, "waste is never negative");
        resource_breakdown_free(&b);
    }
    free(names);
    (void)resources_qos(pod, why, sizeof(why));
    pod_free(pod);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *object = NULL;
    if (jarena_parse((const char *)data, size, &object, NULL) != IW_OK)
        return 0;
    struct validation v;
    pod_validate(object, &v);
    validation_free(&v);
    if (pod_apply_defaults(object, NULL) == IW_OK) {
        json_t *once = json_deep_copy(object);
        require(pod_apply_defaults(object, NULL) == IW_OK, "a defaulted pod can be defaulted");
        require(json_equal(once, object), "defaulting twice changes nothing more");
        pod_validate(object, &v);
        validation_free(&v);
        check_resources(object);
        json_decref(once);
    }
    jarena_release();
    return 0;
}
