/* yaml_page: the page of an object as YAML, for the view of a pod's and for that of any other object.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_YAML_PAGE_H
#define INITWATCH_UI_YAML_PAGE_H

#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/widget.h"

struct yaml_state {
    uint64_t generation; /* of the raw object that ids belong to */
    VEC(uint64_t) ids;   /* of each line: a hash of its path */
    VEC(uint64_t) folded;
    VEC(uint32_t) shown; /* numbers of the lines on the page, in order */
    bool managed, page_old;
    struct list_cursor cursor;
    uint64_t cursor_id;
    int left; /* cells scrolled to the right */
    int height;
    struct text_filter *find;
    struct strbuf copied; /* what c copies */
    char title[320];
};

/* The members of a view_class, as they stand there. */
void yaml_page_init(void *state);
void yaml_page_fini(void *state);
void yaml_page_recalc(void *state, const struct view_env *env, struct rect area);
void yaml_page_draw(const void *state, const struct view_env *env, struct surface *s,
                    struct rect area);
bool yaml_page_act(void *state, const struct view_env *env, enum action action, int32_t arg,
                   struct intent *out);
void yaml_page_filter(void *state, const struct view_env *env, const char *text, bool final);
void yaml_page_note(const void *state, const struct view_env *env, char *out, size_t out_size);
bool yaml_page_cursor(const void *state, const struct view_env *env, struct pod_ref *pod,
                      char container[256]);
size_t yaml_page_unseen(void *state, const struct view_env *env, uint32_t **scroll);
bool yaml_page_ticks(const void *state, const struct view_env *env);

#endif
