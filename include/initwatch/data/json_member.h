/* json_member: reading members of JSON objects whose shape nobody has checked.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DATA_JSON_MEMBER_H
#define INITWATCH_DATA_JSON_MEMBER_H

#include <jansson.h>

/* The string under `member`; "" when it is missing or no string, or when object is none. Borrowed
 * from object. */
static inline const char *
json_text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text ? text : "";
}

#endif
