/* eventrow: a list of events with the selected one in full below it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_EVENTROW_H
#define INITWATCH_UI_EVENTROW_H

#include "initwatch/ui/doc.h"
#include "initwatch/ui/widget.h"

struct event_list {
    struct text_filter *filter;
    VEC(size_t) rows; /* indexes into the ring, oldest first */
    struct list_cursor cursor;
    bool warnings_only;
    bool follow;           /* the newest stays selected */
    char selected_uid[64]; /* the selection follows its event */
    struct pod_ref pod;    /* whose events these are; {0,0}: all */
    bool of_pod;
    size_t total, warnings; /* before filters */
    uint64_t generation;    /* of the ring, at the last recalc */
    bool stale;             /* a filter changed since */
    int list_height;
};

void event_list_init(struct event_list *l, bool of_pod);
void event_list_fini(struct event_list *l);
/* Bring rows and selection up to date. */
void event_list_recalc(struct event_list *l, const struct view_env *env, struct rect area);
void event_list_draw(const struct event_list *l, const struct view_env *env, struct surface *s,
                     struct rect area);
bool event_list_act(struct event_list *l, const struct view_env *env, enum action action,
                    struct intent *out);
void event_list_filter(struct event_list *l, const char *text);
/* The selected event or NULL; borrowed from the ring. */
const struct kevent *event_list_selected(const struct event_list *l, const struct view_env *env);
/* "17 of 37  ⚠14": shown, all, warnings. */
void event_list_note(const struct event_list *l, char *out, size_t out_size);

/* "pvc" for PersistentVolumeClaim and so on; unknown kinds in lower case. */
void event_kind_short(const char *kind, char *out, size_t out_size);

#endif
