/* pbform_tables: what a message is to the encoder.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_PBFORM_TABLES_H
#define INITWATCH_DEMO_PBFORM_TABLES_H

#include "pbform.h"

enum pbform_type {
    PBFORM_TEXT,
    PBFORM_NUMBER,
    PBFORM_BOOL,
    PBFORM_TIME,
    PBFORM_AMOUNT,  /* resource.Quantity */
    PBFORM_PORT,    /* intstr.IntOrString */
    PBFORM_JSON,    /* meta/v1 FieldsV1 */
    PBFORM_TEXTS,   /* map of texts */
    PBFORM_AMOUNTS, /* map of quantities */
    PBFORM_BLOBS,   /* map of bytes, base64 in JSON; only read: no object with bytes is sent */
    PBFORM_MESSAGE,
};
struct pbform_row {
    const char *name; /* NULL: its members stand in the object itself */
    uint8_t number;
    bool list;
    /* A pointer in Go: what is there says something even when it is zero or empty. Other zeros are
     * written by every client, and left out in JSON. */
    bool optional;
    enum pbform_type type;
    const struct pbform_message *message; /* of PBFORM_MESSAGE */
};
struct pbform_message {
    const struct pbform_row *rows;
    size_t count;
};

#define ONE(name_, number_, type_)                                                                 \
    {                                                                                              \
        .name = (name_), .number = (number_), .type = PBFORM_##type_                               \
    }
#define OPTIONAL(name_, number_, type_)                                                            \
    {                                                                                              \
        .name = (name_), .number = (number_), .optional = true, .type = PBFORM_##type_             \
    }
#define MANY(name_, number_, type_)                                                                \
    {                                                                                              \
        .name = (name_), .number = (number_), .list = true, .type = PBFORM_##type_                 \
    }
#define PART(name_, number_, message_)                                                             \
    {                                                                                              \
        .name = (name_), .number = (number_), .type = PBFORM_MESSAGE, .message = &(message_)       \
    }
#define OPTIONAL_PART(name_, number_, message_)                                                    \
    {                                                                                              \
        .name = (name_), .number = (number_), .optional = true, .type = PBFORM_MESSAGE,            \
        .message = &(message_)                                                                     \
    }
#define PARTS(name_, number_, message_)                                                            \
    {                                                                                              \
        .name = (name_), .number = (number_), .list = true, .type = PBFORM_MESSAGE,                \
        .message = &(message_)                                                                     \
    }
#define MESSAGE(rows_)                                                                             \
    {                                                                                              \
        .rows = (rows_), .count = IW_COUNTOF(rows_)                                                \
    }

/* Parts of other messages than their own file's. */
extern const struct pbform_message pbform_object_meta, pbform_pod_spec, pbform_name_only;

#endif
