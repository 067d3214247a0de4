/* pods: the parts of the pod list and of the owners. facts: what is kept of one pod; totals: sums and widths
 * over all; rows: the facts of every pod, filter and order; sort: keys and sorting; groups: pods by owner;
 * table: columns and rows; pane: the explanation of one pod; cards: the figures on top of wide screens. Only
 * view_pods.c, view_owners.c and these parts include it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_VIEWS_PODS_H
#define INITWATCH_UI_VIEWS_PODS_H

#include "initwatch/base/strmap.h"
#include "initwatch/base/tr.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/forecast.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/podquery.h"
#include "initwatch/ui/widget.h"

/* X(SORT, word of :sort, what the tab line says, text key), in the order of the columns. */
#define POD_SORTS(X)                                                                               \
    X(STUCK, "stuck", TR_MARK("stuck first"), false)                                               \
    X(NS, "ns", TR_MARK("namespace"), false)                                                       \
    X(NAME, "name", TR_MARK("name"), true)                                                         \
    X(INIT, "init", TR_MARK("time in init"), false)                                                \
    X(STATUS, "status", TR_MARK("status"), true)                                                   \
    X(READY, "ready", TR_MARK("ready"), false)                                                     \
    X(RESTARTS, "restarts", TR_MARK("restarts"), false)                                            \
    X(FOR, "for", TR_MARK("time in this state"), false)                                            \
    X(NODE, "node", TR_MARK("node"), true)                                                         \
    X(AGE, "age", TR_MARK("age"), false)                                                           \
    X(OWNER, "owner", TR_MARK("owner"), true)
enum pod_sort {
#define X(name, word, text, by_text) POD_SORT_##name,
    POD_SORTS(X)
#undef X
        POD_SORT_COUNT
};

/* The widths STATUS may have, by the screen: the word for a status is shorter in a narrow one. */
enum { POD_STATUS_WIDTHS = 4 };
extern const int pod_status_widths[POD_STATUS_WIDTHS];

/* What is kept of each pod between frames: enough to sort, to count and to size columns. */
struct pod_fact {
    struct pod_ref ref; /* gen 0: the slot is free */
    uint64_t generation;
    uint64_t key;                    /* under the present sort, small first */
    int64_t since_ms, created_ms;    /* wall */
    int64_t init_from_ms;            /* wall; IW_TIME_NONE: no init phase */
    int64_t init_ms;                 /* its duration, -1 while it lasts */
    const char *status;              /* interned, never NULL */
    const char *blocker;             /* interned "s1 istio-proxy", "Unschedulable" */
    uint32_t renewed;                /* the update that renewed it */
    uint32_t kinds;                  /* KIND_BIT of the objects that say what its wait is about */
    uint32_t restarts, restarts_all; /* as RST shows them; of all containers */
    uint16_t ready, total;           /* containers, as READY shows them */
    uint8_t strip_cols, strip_cols_spaced, name_cols, ns_cols, node_cols;
    uint8_t status_cols[POD_STATUS_WIDTHS]; /* of the word for it in as many cells at most */
    uint8_t sidecars, sidecars_ready, sidecars_starting;
    uint8_t severity, group; /* enum block_severity, enum pod_group */
    bool in_container;       /* the blocker is one */
    bool of_job;
    bool match; /* the filter lets it pass */
    bool shown; /* it stands in the order */
    bool marked;
    bool ages; /* it is in the list of those */
};
/* The counts of line 1. */
enum pod_group {
    POD_GROUP_FAILED,
    POD_GROUP_WORKING,
    POD_GROUP_WAITING,
    POD_GROUP_UNREADY,
    POD_GROUP_OK,
    POD_GROUP_COUNT
};

/* Sums over all pods, and the widths the columns would like to have. */
struct pod_totals {
    size_t pods, groups[POD_GROUP_COUNT], marked;
    size_t of_jobs;
    size_t sidecars, sidecars_ready, sidecars_starting;
    uint64_t restarts, restarts_max;
    int64_t init_p50_ms, init_p95_ms; /* -1 unknown; see pod_rows_durations */
    struct pod_ref init_slowest;
    int strip_cols, strip_cols_spaced, name_cols, ns_cols, node_cols;
    int status_cols[POD_STATUS_WIDTHS];
};

struct pod_refs {
    struct pod_ref *items;
    size_t len, cap;
};

struct pod_rows {
    VEC(struct pod_fact) facts; /* by slot */
    struct pod_refs names;      /* all pods by namespace, name, uid */
    struct pod_refs order;      /* what is shown, in order */
    struct pod_refs fresh,
        moved;             /* for the update under way: new pods; pods to be put into the order */
    VEC(uint64_t) leaving; /* bit by slot: to be taken out of names or order */
    VEC(uint32_t) ageing;  /* slots whose facts change by time alone */
    struct pod_query *query;
    bool problems_only, reverse;
    enum pod_sort sort;
    struct pod_totals totals;
    uint64_t pods_generation, objects_generation;
    int64_t second, durations_second;
    uint32_t update; /* counts the updates */
    size_t sweep;    /* the slot where the slow look at long waits goes on */
    bool left, gone; /* for the update under way: something leaves the order, the list of names */
    bool rematch;    /* the filter changed */
    bool resort;     /* sort, filter or problems changed: the order is made anew */
    bool narrow;     /* a pod left or shrank that may have been the widest */
    bool durations_old; /* an init phase began or ended */
    uint64_t version;   /* changes with the order or a fact in it */
};
void pod_rows_init(struct pod_rows *r);
void pod_rows_free(struct pod_rows *r);
/* New facts for what changed or ages; then filter and order. Does nothing when nothing did. */
void pod_rows_update(struct pod_rows *r, const struct view_env *env);
/* NULL when the pod is not known. */
const struct pod_fact *pod_rows_fact(const struct pod_rows *r, struct pod_ref ref);
void pod_rows_filter(struct pod_rows *r, const char *text);
void pod_rows_set_sort(struct pod_rows *r, enum pod_sort sort);
void pod_rows_mark(struct pod_rows *r, struct pod_ref ref, bool marked);
/* More than one namespace among all pods. */
bool pod_rows_many_namespaces(const struct pod_rows *r, const struct store *store);

const char *pod_sort_text(enum pod_sort sort);
bool pod_sort_parse(const char *word, enum pod_sort *out);
bool pod_sort_is_text(enum pod_sort sort);

/* --- pods_facts.c --- */

/* All that is worked out from the pod itself, its key and whether the filter of r lets it pass. */
void pod_fact_renew(const struct pod_rows *r, struct pod_fact *f, const struct pod *pod,
                    const struct view_env *env);
/* Does the filter of r let the pod pass? block may be NULL: then it is worked out when it is asked for. */
bool pod_fact_matches(const struct pod_rows *r, const struct pod_fact *f, const struct pod *pod,
                      const struct pod_block *block, const struct view_env *env);
/* Since the pod's own start of the init phase; -1 when it has none. */
int64_t pod_fact_init_ms(const struct pod_fact *f, int64_t now_wall_ms);

/* --- pods_totals.c --- */

/* Put the pod into the sums; take it out again, its facts as they were then. */
void pod_totals_add(struct pod_totals *t, const struct pod_fact *f);
void pod_totals_take(struct pod_totals *t, const struct pod_fact *f);
/* The widths become those of this pod where it is wider. */
void pod_totals_widen(struct pod_totals *t, const struct pod_fact *f);
/* Without it some width may be smaller. */
bool pod_totals_is_widest(const struct pod_totals *t, const struct pod_fact *f);
/* The widths of what is in the order now. */
void pod_rows_widths_again(struct pod_rows *r);
/* Bring p50, p95 and the slowest up to date: at most once a second, and only when somebody shows them. */
void pod_rows_durations(struct pod_rows *r, const struct view_env *env);

/* --- pods_sort.c --- */

/* The pod's place under the sort of r; texts are compared further than their key. */
uint64_t pod_sort_key(enum pod_sort sort, const struct pod_fact *f, const struct pod *pod);
/* By namespace, name, uid. */
int pod_sort_compare_names(const struct store *store, struct pod_ref a, struct pod_ref b);
int pod_sort_compare(const struct pod_rows *r, const struct store *store, struct pod_ref a,
                     struct pod_ref b);
void pod_sort_names(struct pod_refs *refs, const struct store *store);
/* Fills order with the shown ones of names. */
void pod_sort_all(struct pod_rows *r, const struct store *store);
typedef int (*pod_compare)(const struct pod_rows *r, const struct store *store, struct pod_ref a,
                           struct pod_ref b);
void pod_sort_few(struct pod_refs *refs, const struct pod_rows *r, const struct store *store,
                  pod_compare compare);
/* Put the refs of `more`, sorted, where they belong in the sorted list. */
void pod_sort_merge(struct pod_refs *list, const struct pod_refs *more, const struct pod_rows *r,
                    const struct store *store, pod_compare compare);

/* --- pods_groups.c --- */

/* The pods of one owner that are shown, and what most of those in trouble have in common. */
enum { GROUP_BLOCKERS = 4 };
struct pod_group_sum {
    char *ns, *kind, *name; /* owned */
    uint32_t pods, ready_pods, stuck, unready, starting;
    uint64_t restarts;
    struct {
        const char *text; /* pod_fact.blocker */
        uint32_t pods;
        bool in_container;
    } blockers[GROUP_BLOCKERS];
    struct pod_ref worst;    /* first in the order among them */
    uint8_t severity;        /* the worst of them */
    int64_t since_ms;        /* of the one stuck longest, IW_TIME_NONE when none is */
    uint32_t first, members; /* where its pods stand in pod_groups.members */
    uint32_t counted;        /* the count that saw it last */
    bool toggled;            /* folded or unfolded by the user, against the rule of the view */
};
/* A line of a grouped list: the head of a group, or one of its pods. */
struct pods_line {
    uint32_t group;
    struct pod_ref pod; /* gen 0: the head */
};
/* Whose pod it is, remembered: an owner's name is put together once for each version of a pod. */
struct pod_membership {
    struct pod_ref ref;
    uint64_t generation;
    uint32_t group;
    uint64_t objects; /* of a Job's pod: what the objects were, for the Job may have a CronJob */
    bool of_job;
};
struct pod_groups {
    VEC(struct pod_group_sum) sums; /* all owners ever seen */
    struct strmap ids;              /* "namespace/kind/name" -> place in sums */
    VEC(struct pod_membership) of;  /* by slot */
    VEC(uint32_t) sequence;         /* the groups that have pods, by their first in the order */
    struct pod_refs members;        /* the shown pods, group by group */
    VEC(struct pods_line) lines;
    bool all_owners;   /* those without pods as well, as far as their objects are known */
    bool folded_first; /* groups are folded unless the user opens them */
    bool fold_changed;
    uint64_t version, objects;                     /* of the rows and objects it was made from */
    uint32_t counted;                              /* how often all of it was counted */
    int name_cols, ns_cols, kind_cols, strip_cols; /* the widest */
};
void pod_groups_free(struct pod_groups *g);
void pod_groups_update(struct pod_groups *g, const struct pod_rows *r, const struct view_env *env);
bool pod_group_is_folded(const struct pod_groups *g, uint32_t group);
/* True when something changed. */
bool pod_group_fold(struct pod_groups *g, uint32_t group, bool folded);
/* "2 of 3 stuck in s1 istio-proxy"; "" when all is well. */
void pod_group_text(const struct pod_group_sum *sum, char *out, size_t out_size);
/* "2 of 3: s1 istio-proxy", for a column too narrow for that. */
void pod_group_brief(const struct pod_group_sum *sum, char *out, size_t out_size);

/* --- pods_table.c --- */

enum pod_column {
    COL_NS,
    COL_NAME,
    COL_STRIP,
    COL_PROGRESS,
    COL_STATUS,
    COL_READY,
    COL_RST,
    COL_FOR,
    COL_CPU,
    COL_MEM,
    COL_NODE,
    COL_WHY,
    COL_COUNT
};
struct pod_columns {
    struct rect area;               /* what the rows may touch */
    int x[COL_COUNT], w[COL_COUNT]; /* w 0: not shown */
    bool spaced;                    /* the strip has room for blanks */
};
void pod_columns_fit(struct pod_columns *c, const struct pod_rows *r, const struct view_env *env,
                     struct rect area, int indent);
void pod_table_head(struct surface *s, const struct pod_columns *c, struct rect line,
                    const struct pod_rows *r);
/* indent: cells that the name stands further in, below the head of its group. */
void pod_table_row(struct surface *s, const struct pod_columns *c, int y, struct pod_ref ref,
                   const struct view_env *env, bool marked, int indent);
void pod_table_group(struct surface *s, const struct pod_columns *c, int y,
                     const struct pod_group_sum *sum, bool folded, const struct view_env *env);
enum role pod_block_role(const struct pod_block *b);

/* --- pods_ahead.c --- */

/* How long the step that blocks the pod under the cursor took in other pods of its workload. */
struct pods_usual {
    struct pod_ref pod;
    uint64_t generation; /* of the pod when they were asked */
    int64_t asked_ms;    /* wall */
    bool known;
    struct forecast forecast;
};
void pods_usual_update(struct pods_usual *u, const struct view_env *env, struct pod_ref ref);
/* A line "in this step for 4m12s, 5× the usual 48s"; false when that is not known or no news. */
bool pods_usual_put(struct doc *d, const struct pods_usual *u, struct pod_ref ref, int indent,
                    int64_t now_wall_ms);
/* A wait of an init container whose turn has not come. */
struct pods_later {
    const struct container *container;
    char target[320], says[96];
    enum role role;
};
/* The waits behind `blocks` that the objects of the cluster judge. */
unsigned pods_later_waits(const struct view_env *env, const struct pod *pod,
                          const struct container *blocks, struct pods_later *out, unsigned most);
/* A line "◌ wait-for-redis  redis-service:6379  would pass: 1 ready". */
void pods_later_put(struct doc *d, const struct pods_later *later);

/* --- pods_list.c --- */

#define PODS_NO_GROUP UINT32_MAX
struct pods_list {
    struct pod_rows rows;
    struct pod_groups groups;
    bool grouped; /* lines are those of groups */
    struct list_cursor cursor;
    struct pods_line selected;
    struct pods_usual usual;
    bool settled; /* the list is complete or the user chose a row: the cursor stays on that */
    size_t height;
    struct strbuf copied; /* names that were copied last: intents borrow it */
};
void pods_list_init(struct pods_list *l, bool grouped);
void pods_list_fini(struct pods_list *l);
/* Rows and groups up to date; then, when the height is known, the cursor. */
void pods_list_update(struct pods_list *l, const struct view_env *env);
void pods_list_settle(struct pods_list *l, const struct view_env *env, size_t height);
size_t pods_list_count(const struct pods_list *l);
/* pod.gen 0: the head of `group`; beyond the end neither. */
struct pods_line pods_list_at(const struct pods_list *l, size_t index);
/* The pod under the cursor. */
struct pod_ref pods_list_pod(const struct pods_list *l);
void pods_list_focus(struct pods_list *l, struct pod_ref pod);
const struct pod_ref *pods_list_order(const struct pods_list *l, size_t *count);
/* Has it anything to do (view_class.can)? */
bool pods_list_can(const struct pods_list *l, enum action action);
bool pods_list_act(struct pods_list *l, const struct view_env *env, enum action action, int32_t arg,
                   struct intent *out);
bool pods_list_command(struct pods_list *l, const char *name, const char *arg, struct intent *out);
const char *pods_list_chip(const struct pods_list *l, size_t index, bool *wrong);
/* Kinds of objects that explain the rows in sight and the pod under the cursor: for view_class.wants. */
uint32_t pods_list_wants(const struct pods_list *l, const struct view_env *env);
/* Nothing to list: nothing there, hidden, not allowed or not connected. */
void pods_list_empty(const struct pods_list *l, const struct view_env *env, struct surface *s,
                     struct rect area);
void pods_list_note(const struct pods_list *l, char *out, size_t out_size);

/* --- pods_why.c --- */

/* What a row is about. pod and store may be NULL: then only the block's own words are there. */
struct pod_why {
    const struct pod_block *block;
    const struct pod *pod;
    const struct store *store;
    int64_t now_wall_ms;
};
/* The cause in at most `cols` cells if there is any way to say it, else as short as possible with the verdict first. Of a
 * healthy pod what its init steps hold back, "" when that is nothing. */
void pod_why_text(const struct pod_why *about, int cols, char *out, size_t out_size);

/* --- pods_cards.c --- */

/* Lines the cards take, 0 when there is no room or they are switched off. */
int pod_cards_height(const struct view_env *env, struct rect area);
void pod_cards_draw(const struct pod_rows *r, const struct view_env *env, struct surface *s,
                    struct rect area);

/* --- pods_pane.c --- */

/* The explanation of one pod, its title rule in the first line. */
void pod_pane_draw(const struct view_env *env, struct pod_ref ref, const struct pods_usual *usual,
                   struct surface *s, struct rect area);

#endif
