/* describe: what view_describe.c, describe_page.c and describe_raw.c share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DESCRIBE_H
#define INITWATCH_UI_DESCRIBE_H

#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* The whole page; it is cut where it is drawn. */
void describe_page(struct doc *d, const struct view_env *env, const struct pod *pod);
/* "Name:     value" from column `indent` on; nothing for "". */
void describe_say(struct doc *d, int indent, const char *name, enum role role, const char *value);

/* describe_raw.c: from the object as the server has it; nothing while it is not here. */
const struct yaml_text *describe_yaml(const struct view_env *env, const struct pod *pod);
void describe_raw_value(const struct view_env *env, const struct pod *pod, const char *path,
                        char *out, size_t out_size);
void describe_annotations(struct doc *d, const struct view_env *env, const struct pod *pod);
/* Variables that no Secret or ConfigMap gives; true when there were any. */
bool describe_variables(struct doc *d, const struct view_env *env, const struct pod *pod,
                        const struct container *c);
void describe_lifecycle(struct doc *d, const struct view_env *env, const struct pod *pod,
                        const struct container *c);
void describe_volume_source(struct doc *d, const struct view_env *env, const struct pod *pod,
                            const struct pod_volume *v);

#endif
