/* rawobject: one object as the server has it, as lines of YAML that can be folded.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_RAWOBJECT_H
#define INITWATCH_MODEL_RAWOBJECT_H

#include "initwatch/model/objects.h"

enum {
    YAML_MANAGED = 1, /* metadata.managedFields: half of an object, of use to few */
    YAML_HIDDEN = 2,  /* the value is not shown (Secrets) */
    YAML_BLOCK = 4,   /* a line of a text of several lines */
};
struct yaml_line {
    uint32_t at, len; /* bytes of the text, without the newline */
    uint32_t end;     /* the line after what can be folded below it; 0: nothing */
    uint32_t key_at;  /* bytes to the key, after indentation and dashes */
    uint32_t key_len; /* bytes of the key with its colon; 0: none */
    uint32_t flags;   /* YAML_* */
};
struct yaml_text {
    char *text; /* lines end in newlines */
    size_t len;
    struct yaml_line *lines;
    size_t count;
};
/* A line is between the first and the last of its block, and blocks nest. */
void yaml_text_free(struct yaml_text *y);

enum raw_state { RAW_NONE, RAW_LOADING, RAW_HERE, RAW_FAILED };
struct raw_object {
    struct kobject_ref ref;
    enum raw_state state;         /* LOADING with yaml: what is shown is being brought up to date */
    const struct yaml_text *yaml; /* NULL: none yet */
    int64_t as_of_wall_ms;        /* when the yaml was read */
    char sentence[256];           /* FAILED: why */
    uint64_t generation;          /* changes with all of this */
};

#endif
