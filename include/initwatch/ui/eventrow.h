/* eventrow: a list of events with filters as chips, sums by reason, the cause chain, and the
 * selected event in full.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_EVENTROW_H
#define INITWATCH_UI_EVENTROW_H

#include "initwatch/model/eventstat.h"
#include "initwatch/model/related.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/widget.h"

enum event_about {
    EVENT_ABOUT_RELATED, /* a pod and all that can explain it */
    EVENT_ABOUT_POD,     /* the pod alone */
    EVENT_ABOUT_ALL,
    EVENT_ABOUT_COUNT
};
enum event_window {
    EVENT_WINDOW_ALL,
    EVENT_WINDOW_1H,
    EVENT_WINDOW_15M,
    EVENT_WINDOW_5M,
    EVENT_WINDOW_COUNT
};
#define EVENT_REASONS_MAX 64

/* Cells of the widest of the rows: columns are as wide as what stands in them. */
struct event_widths {
    int reason, about, about_short, message, gist, source;
    uint64_t count; /* the most repeats */
};

struct event_list {
    struct text_filter *filter;
    VEC(size_t) rows;    /* indexes into the ring, in the order shown */
    VEC(uint8_t) judged; /* of each place of the ring what was found */
    bool reversed;       /* rows are, newest first */
    struct list_cursor cursor;
    bool warnings_only, newest_first, grouped;
    char reason[64]; /* only this one; "" all */
    enum event_about about;
    enum event_window window;
    bool follow;                    /* the newest stays selected */
    char selected_uid[64];          /* the selection follows its event */
    struct pod_ref pod;             /* of EVENT_ABOUT_POD and _RELATED */
    char own_ns[64], own_name[254]; /* of that pod, "" when it is not known */
    bool of_pod;                    /* the view is about one pod */
    size_t total, warnings;         /* before filters */
    size_t kept;                    /* of the rows, those that the cluster has dropped */
    struct event_widths widths;
    int row_lines;       /* a row may take so many lines; 1 unless all of them have the room */
    struct strbuf saved; /* what was saved last */
    struct event_reason *reasons; /* of the rows, for the bars and for groups; EVENT_REASONS_MAX */
    size_t reason_count;
    bool sums;               /* they are shown: they are added up */
    struct related *related; /* of `pod` */
    struct chain *chain;     /* of the container that blocks it; count 0: none */
    int64_t origin_ms;       /* AFTER counts from here */
    uint64_t generation;     /* of all that rows depend on, at the last recalc */
    uint64_t ring_generation;
    int64_t built_ms; /* wall, when a window was last applied */
    bool stale;       /* a filter changed since */
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
/* Has it anything to do (view_class.can)? */
bool event_list_can(const struct event_list *l, enum action action);
void event_list_filter(struct event_list *l, const char *text);
/* ":save FILE.jsonl": the rows as JSON lines, the fields those of `initwatch events -o jsonl`. False
 * for other commands and files. */
bool event_list_command(struct event_list *l, const struct view_env *env, const char *name,
                        const char *arg, struct intent *out);
/* The selected event (of a group: its newest) or NULL; borrowed from the ring. */
const struct kevent *event_list_selected(const struct event_list *l, const struct view_env *env);
/* "37 events  ⚠14  shown 17", in line 1. */
void event_list_head(const struct event_list *l, struct surface *s, struct rect clip);
/* "17 of 37  ⚠14": shown, all, warnings. */
void event_list_note(const struct event_list *l, char *out, size_t out_size);
/* The kinds of objects that tell what a pod waits for. */
uint32_t event_list_wants(const struct event_list *l);
bool event_list_ticks(const struct event_list *l, const struct view_env *env);

/* What Enter does on an event about something else than a pod that is watched; true. */
bool event_object_open(const struct kevent *ev, struct intent *out);

/* "pvc" for PersistentVolumeClaim and so on; unknown kinds in lower case. */
void event_kind_short(const char *kind, char *out, size_t out_size);

#endif
