/* yaml_page: the page of an object as YAML, for the view of a pod's and for that of any other object.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_YAML_PAGE_H
#define INITWATCH_UI_YAML_PAGE_H

#include "initwatch/base/strbuf.h"
#include "initwatch/base/vec.h"
#include "initwatch/ui/widget.h"

/* The block of one container, in a spec or among the statuses. */
struct yaml_span {
    uint32_t line, end;
    char tag[16], name[64]; /* "s1", "istio-proxy" */
};
/* A row of the page: a line, or a part of one that is wrapped. */
struct yaml_row {
    uint32_t line, from, to; /* bytes of the line */
};

struct yaml_state {
    uint64_t generation; /* of the raw object that ids belong to */
    VEC(uint64_t) ids;   /* of each line: a hash of its path */
    VEC(uint64_t) folded;
    VEC(struct yaml_row) shown; /* in order */
    VEC(struct yaml_span) spans;
    VEC(uint32_t) hits; /* lines that the search finds */
    bool managed, wrap, page_old;
    int width; /* cells of a row that the page was made for */
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

/* yaml_marks.c: containers by their tags in start order, once for a document. */
void yaml_tag_containers(struct yaml_state *st, const struct yaml_text *y);
/* NULL when the line belongs to no container. */
const struct yaml_span *yaml_span_at(const struct yaml_state *st, uint32_t line);
/* Where { and } stop: top level keys, the blocks below them, containers. */
bool yaml_is_section(const struct yaml_state *st, const struct yaml_text *y, uint32_t line);
bool yaml_line_matches(const struct yaml_state *st, const struct yaml_text *y, uint32_t number);
/* The value of the line, or the whole block without its indentation. */
void yaml_copy(struct yaml_state *st, const struct yaml_text *y, uint32_t first,
               struct intent *out);
void yaml_find_hits(struct yaml_state *st, const struct yaml_text *y);
/* "spec.initContainers[1].image   s1 istio-proxy       /image  2 of 5 lines". */
void yaml_draw_place(const struct yaml_state *st, const struct yaml_text *y, uint32_t line,
                     struct surface *s, struct rect row);

#endif
