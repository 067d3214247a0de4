/* pbtemplate: one protobuf message for many objects that differ in a few texts and numbers.
 *
 * Lengths stand in front of what they count, so a longer text changes every message around it. The
 * template is the message cut into parts: bytes that never change, marks, and the messages that have
 * marks inside, whose lengths are added up anew each time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_PBTEMPLATE_H
#define INITWATCH_DEMO_PBTEMPLATE_H

#include "pbform.h"

/* A mark is the byte 1, a small letter, the byte 1: alone it is all of a text field. */
#define PBTEMPLATE_MARK_BYTES 3

struct pbtemplate;
/* What stands for the marks: texts[letter - 'a']. A letter in `numbers` becomes a number. */
struct pbtemplate_values {
    const char *texts[26];
};

/* message: the bytes with marks; copied. numbers: letters whose fields are numbers, "rx". */
struct pbtemplate *pbtemplate_new(const struct strbuf *message, const char *numbers) IW_NODISCARD;
void pbtemplate_free(struct pbtemplate *t);
/* Bytes of the message with these values. */
size_t pbtemplate_size(struct pbtemplate *t, const struct pbtemplate_values *values);
void pbtemplate_write(struct pbtemplate *t, const struct pbtemplate_values *values,
                      struct strbuf *out);

#endif
