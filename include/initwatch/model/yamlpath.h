/* yamlpath: places in the YAML of a raw object: members, items, values, and the path of a line.
 *
 * It reads what yaml_emit writes: block mappings and lists, a key with its colon, folds by `end`.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_YAMLPATH_H
#define INITWATCH_MODEL_YAMLPATH_H

#include "initwatch/model/rawobject.h"

/* No line: the document as a parent, "not there" as an answer. */
#define YAML_NO_LINE SIZE_MAX

/* The line of a member, by keys joined with dots ("spec.initContainers"), of the mapping at line `of`. `of` is the line of
 * a key, the first line of an item, or YAML_NO_LINE. */
size_t yaml_member(const struct yaml_text *y, size_t of, const char *path);
/* The first line of the nth item of the list at line `of`. */
size_t yaml_item(const struct yaml_text *y, size_t of, size_t n);
/* Does an item of a list begin in this line? */
bool yaml_is_item(const struct yaml_text *y, size_t line);
/* The line behind what belongs to a line: its own next one when nothing can be folded below it. */
size_t yaml_end(const struct yaml_text *y, size_t line);
/* Its value as it is written, without the quotes of a text that needs no unescaping; "" for a block and for no line. */
void yaml_value(const struct yaml_text *y, size_t line, char *out, size_t out_size);
/* "spec.initContainers[1].image" of a line. out ends in NUL. */
void yaml_path(const struct yaml_text *y, size_t line, char *out, size_t out_size);

#endif
