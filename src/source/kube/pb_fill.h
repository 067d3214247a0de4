/* pb_fill: messages into structs, by tables of field numbers. Internal to the protobuf decoders.
 *
 * A table has one row for each field that is kept, at the index of the field's number; what has no
 * row is skipped, so that new fields of the API do no harm. Errors are sticky as in decode_field.h.
 * Members whose field is absent are "" or 0 or what the kind says; texts are never NULL.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_PB_FILL_H
#define IW_SOURCE_KUBE_PB_FILL_H

#include "initwatch/net/pb.h"

#include "decode_field.h"

/* Messages inside messages; a pod needs 9. */
#define PB_DEPTH_MAX 16
/* Field numbers end here, since arrays are noted in a word; the highest one kept is 40. */
#define PB_ROWS_MAX 64

enum pb_kind {
    PB_SKIP = 0,
    PB_STRING,     /* const char * */
    PB_WORD,       /* the same of a slow vocabulary: interned where there is room */
    PB_SUBSTITUTE, /* const char *, replaces what a fallback has put there unless it is empty */
    PB_FALLBACK,   /* const char *, taken only where there is none */
    PB_AMOUNT,     /* const char *, "0" when absent: a resource.Quantity's text */
    PB_BOOL,
    PB_TRISTATE, /* enum tristate */
    PB_INT32,
    PB_INT64,   /* -1 when absent */
    PB_TIME,    /* int64_t, wall ms: a meta/v1 Time or MicroTime */
    PB_STRINGS, /* array of const char *, count */
    PB_INT32S,  /* array of int32_t, count */
    PB_LIST,    /* array of message->size_bytes, count */
    PB_INSIDE,  /* a message whose struct is part of this one */
    PB_CALL,
};

struct pb_message;
struct pb_row {
    enum pb_kind kind;
    uint16_t at;    /* offset of the member; of an array: of the pointer to it */
    uint16_t count; /* offset of its uint32_t count */
    uint16_t flag;  /* 1 + offset of a bool that becomes true when the field occurs; 0: none */
    uint16_t need;  /* PB_LIST: only elements that have this field, which is a message; 0: all */
    uint16_t word;  /* 1 + offset of a const char * that becomes `name` when it occurs; 0: none */
    const char *name;
    const struct pb_message *message; /* PB_LIST, PB_INSIDE */
    void (*call)(struct decoder *d, struct pb_span bytes, void *member);
};
struct pb_message {
    const char *name; /* for errors: "PodSpec" */
    size_t size_bytes;
    const struct pb_row *rows;
    uint32_t row_count;
    void **blank; /* a struct whose fields are all absent; made when it is first needed */
    /* Instead of the rows, for an element of a list, which is not cleared. */
    void (*take)(struct decoder *d, struct pb_span bytes, void *target);
};

#define PB_AT(kind_, type, member)                                                                 \
    {                                                                                              \
        .kind = (kind_), .at = offsetof(type, member)                                              \
    }
#define PB_ARRAY(kind_, type, member, count_)                                                      \
    {                                                                                              \
        .kind = (kind_), .at = offsetof(type, member), .count = offsetof(type, count_)             \
    }
#define PB_ITEMS(type, member, count_, message_)                                                   \
    {                                                                                              \
        .kind = PB_LIST, .at = offsetof(type, member), .count = offsetof(type, count_),            \
        .message = &(message_)                                                                     \
    }
#define PB_ITEMS_WITH(type, member, count_, message_, need_)                                       \
    {                                                                                              \
        .kind = PB_LIST, .at = offsetof(type, member), .count = offsetof(type, count_),            \
        .need = (need_), .message = &(message_)                                                    \
    }
#define PB_PART(type, member, message_)                                                            \
    {                                                                                              \
        .kind = PB_INSIDE, .at = offsetof(type, member), .message = &(message_)                    \
    }
#define PB_PART_FLAG(type, member, flag_, message_)                                                \
    {                                                                                              \
        .kind = PB_INSIDE, .at = offsetof(type, member), .flag = 1 + offsetof(type, flag_),        \
        .message = &(message_)                                                                     \
    }
/* map<string, Quantity> into a struct resource_list. */
#define PB_AMOUNTS(type, member)                                                                   \
    {                                                                                              \
        .kind = PB_LIST, .at = offsetof(type, member.items),                                       \
        .count = offsetof(type, member.count), .flag = 1 + offsetof(type, member.present),         \
        .message = &pb_amount                                                                      \
    }
#define PB_MESSAGE(name_, type, rows_)                                                             \
    {                                                                                              \
        .name = (name_), .size_bytes = sizeof(type), .rows = (rows_),                              \
        .row_count = IW_COUNTOF(rows_), .blank = &(void *)                                         \
        {                                                                                          \
            NULL                                                                                   \
        }                                                                                          \
    }

/* An entry of map<string, resource.Quantity> into a struct resource_item. */
extern const struct pb_message pb_amount;
/* metadata.resourceVersion of a pod or an event; its names, cut to fit. Ref: meta/v1 ObjectMeta. */
struct pb_span pb_object_version(struct pb_span object);
void pb_object_names(struct pb_span object, char *ns, size_t ns_size, char *name, size_t name_size);

/* The struct of a message of which every field is absent. */
void pb_clear(const struct pb_message *message, void *target);
/* Read a message into its struct, which pb_clear has been at. Fields that occur again replace the
 * earlier ones; messages inside are merged, as the format says. */
void pb_fill(struct decoder *d, const struct pb_message *message, struct pb_span bytes,
             void *target);
/* The text in the draft's memory, ended by NUL. Not well-formed UTF-8 and NUL become U+FFFD, as in
 * the JSON of an API server. */
const char *pb_text(struct decoder *d, struct pb_span text);
/* The same for what pod_seal interns: it is not copied first. */
const char *pb_word(struct decoder *d, struct pb_span text);

#endif
