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
    PBFORM_MESSAGE,
};
struct pbform_row {
    const char *name; /* NULL: its members stand in the object itself */
    uint8_t number;
    bool list;
    enum pbform_type type;
    const struct pbform_message *message; /* of PBFORM_MESSAGE */
};
struct pbform_message {
    const struct pbform_row *rows;
    size_t count;
};

#endif
