/* decode_field: typed access to members of a JSON object, with the path for messages. Internal to
 * the decoders.
 *
 * Errors are sticky: the first one is kept in the decoder and later reads go on with what "absent"
 * gives, so that a decoder reads as a list of its fields. decode_failed() is asked once, at the
 * end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_DECODE_FIELD_H
#define IW_SOURCE_KUBE_DECODE_FIELD_H

#include <jansson.h>

#include "initwatch/base/arena.h"
#include "initwatch/base/error.h"

struct decoder {
    struct arena *arena; /* of the draft; reset by its owner */
    enum iw_err code;    /* first failure, or IW_OK */
    struct iw_error *err;
    int depth; /* of messages inside messages (pb_fill.h) */
};

/* Where we are: an object that can be NULL (absent or null), and its path for messages. */
struct node {
    const json_t *json;
    const struct node *up;
    const char *key; /* NULL for an element of a list */
    size_t index;
};

static inline struct node
node_root(const json_t *object)
{
    return (struct node){.json = object};
}
static inline bool
node_present(const struct node *n)
{
    return n->json != NULL;
}

/* Member as it is; NULL when absent or null. */
const json_t *field_get(const struct node *n, const char *key);
/* Never NULL. Strings with NUL inside are copied with U+FFFD in its place; others are borrowed. */
const char *field_string(struct decoder *d, const struct node *n, const char *key);
bool field_bool(struct decoder *d, const struct node *n, const char *key);
enum tristate field_tristate(struct decoder *d, const struct node *n, const char *key);
int64_t field_int64(struct decoder *d, const struct node *n, const char *key, int64_t absent);
int32_t field_int32(struct decoder *d, const struct node *n, const char *key, int32_t absent);
/* RFC 3339; IW_TIME_NONE when absent, and for Go's zero time (year 1), which Kubernetes takes for
 * "not set". */
int64_t field_time(struct decoder *d, const struct node *n, const char *key);
/* An object; its json is NULL when absent. */
struct node field_object(struct decoder *d, const struct node *n, const char *key);
/* A list: *count is 0 when absent. */
struct node field_array(struct decoder *d, const struct node *n, const char *key, size_t *count);
/* Element i of a list, an object (null counts as empty, as in Go). */
struct node element_object(struct decoder *d, const struct node *list, size_t i);
const char *element_string(struct decoder *d, const struct node *list, size_t i);
int32_t element_int32(struct decoder *d, const struct node *list, size_t i);

/* Zeroed memory of the draft; NULL for 0 and (with the error set) when the ceiling is reached. */
void *draft_alloc(struct decoder *d, size_t count, size_t size_bytes);
#define DRAFT_ARRAY(d, type, count) ((type *)draft_alloc((d), (count), sizeof(type)))
/* The text of a formatted string in the draft's memory; "" on failure. */
const char *draft_printf(struct decoder *d, const char *fmt, ...) IW_PRINTF(2, 3);

/* Amount of a quantity as raw text (string or number, blanks trimmed, null is zero). SEMANTICS B.1.
 */
const char *decode_amount(struct decoder *d, const struct node *n, const char *key,
                          const json_t *value);

#endif
