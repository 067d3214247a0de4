/* describe: what the pages of facts share: of a pod (view_describe.c, describe_page.c, describe_raw.c) and of any
 * other object (description.h).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DESCRIBE_H
#define INITWATCH_UI_DESCRIBE_H

#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* The whole page; it is cut where it is drawn. */
void describe_page(struct doc *d, const struct view_env *env, const struct pod *pod);
/* "Name:     value" from column `indent` on; nothing for "". */
void describe_say(struct doc *d, int indent, const char *name, enum role role, const char *value);
/* The same with a moment and how long ago it was; nothing for IW_TIME_NONE. */
void describe_moment(struct doc *d, int64_t now_wall_ms, int indent, const char *name,
                     int64_t wall_ms);
enum { DESCRIBE_VALUE_COLS = 18 }; /* from a name to its value */
struct kevent_ring;
/* The section of events: those of these indexes, oldest first. synced: they were read. */
void describe_events(struct doc *d, const struct kevent_ring *ring, const size_t *about,
                     size_t count, bool synced, int64_t now_wall_ms);

/* describe_raw.c: from the object as the server has it; nothing while it is not here. */
const struct yaml_text *describe_yaml(const struct view_env *env, const struct pod *pod);
void describe_raw_value(const struct view_env *env, const struct pod *pod, const char *path,
                        char *out, size_t out_size);
void describe_annotations(struct doc *d, const struct view_env *env, const struct pod *pod);
/* "server: nfs1, path: /x" of the lines in a block, without one key (NULL: none); what has no value of its own is a
 * heading. */
void describe_leaves(const struct yaml_text *y, size_t from, size_t to, const char *but, char *out,
                     size_t out_size);
/* The key of a line, "" when it has none. */
void describe_key(const struct yaml_text *y, size_t line, char *out, size_t out_size);
/* metadata.annotations, without what kubectl keeps there for itself. */
void describe_annotations_of(struct doc *d, const struct yaml_text *y);
/* Variables of the container at a line; references: also those that a Secret or ConfigMap gives. */
bool describe_variables_at(struct doc *d, const struct yaml_text *y, size_t at, bool references);
/* Variables that no Secret or ConfigMap gives; true when there were any. */
bool describe_variables(struct doc *d, const struct view_env *env, const struct pod *pod,
                        const struct container *c);
void describe_lifecycle(struct doc *d, const struct view_env *env, const struct pod *pod,
                        const struct container *c);
void describe_volume_source(struct doc *d, const struct view_env *env, const struct pod *pod,
                            const struct pod_volume *v);

#endif
