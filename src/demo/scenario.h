/* scenario: one folder of examples/scenarios in memory.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_SCENARIO_H
#define INITWATCH_DEMO_SCENARIO_H

#include <jansson.h>

#include "initwatch/base/error.h"
#include "initwatch/base/vec.h"

struct scenario_doc {
    const char *file; /* borrowed; NULL: a manifest of the user */
    json_t *object;
};

struct scenario {
    char *name;
    bool is_manifest; /* a file of the user's, not a scenario */
    json_t *about;    /* scenario.yaml */
    VEC(struct scenario_doc) docs;
    VEC(char *) files;
    char *reading; /* the file whose documents come in; borrowed from files */
};

/* dir NULL: the built-in ones. New in *out. */
IW_NODISCARD enum iw_err scenario_load(const char *name, const char *dir, struct scenario **out,
                                       struct iw_error *err);
IW_NODISCARD enum iw_err scenario_from_manifest(const char *path, struct scenario **out,
                                                struct iw_error *err);
void scenario_free(struct scenario *scenario);

#endif
