/* view: one screen under the tab line. Draw is pure; act returns what the app should do.
 *
 * How to add a view: create ui/views/view_NAME.c with `const struct view_class view_NAME = {...}`
 * and a golden scene under tests/golden. The build finds it; it is in the tab bar, the help and the
 * meta-tests (every view at every size).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_VIEW_H
#define INITWATCH_UI_VIEW_H

#include <string.h>

#include "initwatch/model/logbuf.h"
#include "initwatch/model/loglens.h"
#include "initwatch/model/rawobject.h"
#include "initwatch/model/store.h"
#include "initwatch/model/usage.h"
#include "initwatch/ui/demoboard.h"
#include "initwatch/ui/keymap.h"
#include "initwatch/ui/prefs.h"
#include "initwatch/ui/replayboard.h"
#include "initwatch/ui/surface.h"

/* Who we are connected to; owned by the app, strings never NULL. */
struct ui_session {
    char context[128], ns[256] /* "" = all namespaces */, user[128], server[256],
        server_version[32];
    bool demo, read_only;
    bool recording;              /* :record */
    const char *const *contexts; /* for completion, NULL-terminated; may be NULL */
};

/* The log stream on screen; owned and fed by the app, one at a time. */
enum log_feed_state {
    LOG_FEED_NONE,
    LOG_FEED_LOADING,
    LOG_FEED_FOLLOWING,
    LOG_FEED_ENDED,
    LOG_FEED_WAITING, /* nothing to ask for yet: the sentence says why */
    LOG_FEED_FAILED
};
struct log_feed_source {
    char container[128], tag[8];
    enum container_kind kind;
    struct pod_ref pod;
    char pod_name[128]; /* for a tag when the feed has several pods */
    uint64_t lines;     /* that came, over all attempts */
    bool muted; /* the user does not want to see it; its lines are in the buffer all the same */
};
/* How a stream went on after an interruption; means nothing while log_feed.reconnects is 0. */
struct log_feed_resume {
    int64_t wall_ms; /* when it was back */
    int64_t away_ms; /* how long it was gone */
    /* lines that came again and were recognised by their bytes: none is shown twice */
    uint64_t re_read;
    bool gap; /* the last line shown was not among them: something may be missing between */
};
/* What this session has of the log of one run. */
struct log_run {
    uint64_t lines;
    bool tail;      /* the run has older lines that were not read */
    char last[512]; /* its last line that is not blank, as it came but cut; "" none */
};
struct log_feed {
    /* False when nothing is known of the log of that run; out is filled only on true. NULL: of no
     * run. */
    bool (*run)(const void *ctx, const char *uid, const char *container, int32_t attempt,
                struct log_run *out);
    const void *run_ctx;
    struct logbuf *buf; /* NULL: none */
    enum log_feed_state state;
    struct pod_ref pod;
    char ns[256], pod_name[256];
    bool merged, previous, follow;
    bool files;      /* log files, of no pod: sources are they, and merged is true */
    bool stamped;    /* their lines had their times in front, which were taken off */
    bool older_left; /* older lines exist that were not asked for */
    /* [0] alone unless merged; logbuf_line.source is the index */
    struct log_feed_source sources[64];
    unsigned source_count, pod_count;
    /* of the instance that was asked for, -1 unknown or merged: its chapter is where to look
     * first */
    int32_t attempt;
    int32_t attempts; /* how many are known */
    /* counts the requests: when it moves, the view goes to the chapter of `attempt` */
    unsigned asked;
    bool compare; /* and shows it beside the one before, once both are here */
    /* lines that the cluster had and this program did not show: 0 unless a ceiling or a gap cost
     * some */
    uint64_t dropped;
    unsigned reconnects,
        gaps; /* interruptions that were mended; those after which lines may be missing */
    struct log_feed_resume resume; /* the last of them */
    int since_index;               /* 0 all, 1..6 as the keys */
    int64_t tail_lines;            /* last lines of each run that were asked for; -1: all */
    /* a request that is open and has brought no line yet, the oldest of them */
    struct log_feed_wait {
        unsigned source;
        int64_t wall_ms; /* when it was sent; 0: there is none */
    } wait;
    char title[256];    /* names the instance: "migrate, attempt 4 of 5, exit 1, ended 12s ago" */
    char sentence[256]; /* why there is nothing, or what went wrong and what to do */
};

struct podcase_keep;

/* All that a view may look at. Valid for the call. */
struct view_env {
    const struct store *store;
    const struct kobjects *objects; /* nodes, Services ...: what somebody asked for by `wants` */
    const struct raw_object *raw;   /* of the object that the top view is about; never NULL */
    const struct ui_session *session;
    const struct ui_prefs *prefs;
    const struct log_feed *logs;
    const struct demo_board *demo;     /* NULL: this is no demo */
    const struct replay_board *replay; /* NULL: this is no recording */
    struct podcase_keep *podcase;      /* podcase.h: what was found out about `pod`; never NULL */
    const struct usage *usage;         /* what containers and nodes use now; NULL: not known */
    int64_t now_wall_ms;
    struct pod_ref pod;               /* the pod that pod-scoped views are about */
    const char *container;            /* the container the user chose, "" none */
    const struct kobject_ref *object; /* of views about another object; never NULL, name "" none */
};

/* What a view wants the app (or ui) to do. Strings are copied by the receiver. */
enum intent_kind {
    INTENT_NONE,
    INTENT_OPEN, /* push view `view` about pod/container; text: its filter from now on, "" as it was */
    INTENT_SWITCH, /* replace the top view by `view` (tabs) */
    INTENT_BACK,
    INTENT_QUIT,
    INTENT_LOGS, /* show logs of pod/container: want, merged, since_index; with pods (intent_add_pod)
                          all containers of all of them; tail_lines */
    INTENT_LOG_MUTE,   /* source number `source` of the stream on screen: flag */
    INTENT_LOG_FOLLOW, /* on/off for the stream on screen: flag */
    INTENT_NAMESPACE,  /* text: "a,b", "*" */
    INTENT_CONTEXT,    /* text */
    INTENT_RELIST,
    INTENT_REDRAW,
    INTENT_SUSPEND,
    INTENT_DEMO, /* text: what is asked of the demo cluster, as after ":demo"; pod, container: meant
                       when it names none */
    INTENT_RECORD, /* text: the file to record to; "": stop */
    INTENT_NOTE,   /* text: a mark in the recording */
    INTENT_REPLAY, /* text: what is asked of the replay, as after ":replay" */
    INTENT_WRITE,  /* `writes` on `pod`, or on `pods`: the marked ones; container */
    INTENT_COPY,   /* by intent_copy */
    INTENT_SAVE, /* text: path or ""; with lens the log, flag: all of it, not only what is in sight;
                    with data that instead of the screen */
    INTENT_EXPORT, /* the screen as a picture or text; text: "[all] [FORMAT] [FILE]" */
    INTENT_PIPE,   /* text: a command of the user's that reads the log of lens */
    INTENT_RUN, /* this view is left, then `key` is pressed; KEY_NONE: the prompt opens as for PROMPT */
    INTENT_FILE,    /* text: a log file to show in the view "file" */
    INTENT_PROMPT,  /* the ui opens its prompt: text is the first character '/', ':' ... */
    INTENT_FLASH,   /* text: one sentence for the status line; flag: it is an error */
    INTENT_SETTING, /* an option was changed: text is its name; "": where do they come from? */
    INTENT_POD      /* the focus moves to `pod` (J/K) */
};
enum { INTENT_PODS_MAX = 32 };
struct intent {
    enum intent_kind kind;
    const char *view; /* view_class.name */
    struct pod_ref pod;
    struct pod_ref pods[INTENT_PODS_MAX]; /* of LOGS and WRITE: marked rows, the pods of an owner */
    unsigned pod_count, source;
    char container[256];
    struct kobject_ref object; /* OPEN: of views about another object than a pod */
    enum log_want want;
    uint32_t key;           /* RUN */
    enum key_writes writes; /* of WRITE */
    bool merged, flag;
    bool compare; /* LOGS: the newest attempt beside the one before */
    int since_index;
    int64_t
        tail_lines; /* LOGS: of each run that is there at first; 0: as the options say, -1: all */
    const struct loglens *lens; /* borrowed for the call; NULL: none */
    const char *data;           /* borrowed for the call; NULL: text is all */
    size_t data_len;
    char text[512];
};

/* c: `data` is for the clipboard, all of it; the text is how it begins, for the status line.
 * Borrowed until the intent has been taken: what the view holds or the model does. */
static inline void
intent_copy(struct intent *intent, const char *data, size_t len)
{
    size_t shown = IW_MIN(len, sizeof(intent->text) - 1);
    intent->kind = INTENT_COPY;
    intent->data = data;
    intent->data_len = len;
    memcpy(intent->text, data, shown);
    intent->text[shown] = '\0';
}

/* To the page about an object: of a pod its detail where it is watched, of a Secret or ConfigMap the card, of anything
 * else its description. False when there is none to go to. store: NULL when it is no pod. */
bool intent_open_object(struct intent *intent, const struct store *store,
                        const struct kobject_ref *ref);

/* One more pod for INTENT_LOGS; false when there is no room (INTENT_PODS_MAX). The first one is
 * `pod`, too, unless that is set: it is the one the view is about. */
static inline bool
intent_add_pod(struct intent *intent, struct pod_ref pod)
{
    if (intent->pod_count == INTENT_PODS_MAX)
        return false;
    if (intent->pod.gen == 0)
        intent->pod = pod;
    intent->pods[intent->pod_count++] = pod;
    return true;
}

enum view_scope {
    VIEW_CLUSTER, /* tabs of the pod list */
    VIEW_POD,     /* tabs of one pod */
    VIEW_GLOBAL   /* help, messages */
};

/* What came of a slice of work: nothing (more) to do, more is left, the picture changed. */
enum view_work { VIEW_WORK_NONE, VIEW_WORK_MORE, VIEW_WORK_NEWS };

struct view; /* one instance: its class and its state */
struct view_class {
    const char *name;  /* "pods" */
    const char *title; /* "Pods": in the tab line */
    const char *help;  /* one sentence for help and man page */
    enum view_scope scope;
    int tab; /* number in the tab line of its scope (SCREENS.md), 0: not there */
    enum key_context context;
    bool podish;       /* keys of CTX_PODISH work here */
    bool searchable;   /* '/' is a search (text) instead of a filter (list) */
    size_t state_size; /* zeroed memory given to every call as `state` */
    void (*init)(void *state);
    void (*fini)(void *state);
    /* Bring state up to date with env; called before draw when the model, the size or the second
     * changed. May change state (selection follows its pod). area: where draw will be. */
    void (*recalc)(void *state, const struct view_env *env, struct rect area);
    /* A slice of long work between frames, about budget_ms. True when the picture changed or more
     * is left. NULL: never. */
    bool (*work)(void *state, const struct view_env *env, int64_t budget_ms);
    /* Pure: the same state, env and area give the same cells. Never fails; draws what fits. */
    void (*draw)(const void *state, const struct view_env *env, struct surface *s,
                 struct rect area);
    /* True when handled. out is zeroed before. */
    bool (*act)(void *state, const struct view_env *env, enum action action, int32_t arg,
                struct intent *out);
    /* False while a bound action has nothing to do in the view as it stands (no row, no edit to undo):
     * the footer does not offer its key then. NULL: all have. */
    bool (*can)(const void *state, const struct view_env *env, enum action action);
    /* The footer's word for a key that does something else than usual now (translated); NULL: the usual one. May be NULL. */
    const char *(*word)(const void *state, const struct view_env *env, enum action action);
    bool wide_columns; /* prefs->wide shows more of it */
    /* The prompt for '/' changed or ended (text "" clears). May be NULL. */
    void (*filter)(void *state, const struct view_env *env, const char *text, bool final);
    /* chips: each '/' adds a line to the filter instead of replacing it, Esc takes the last one;
     * `text` has all lines. */
    bool chips;
    /* What hides rows, each shown as a chip in the tab line; NULL past the end. *wrong: it could
     * not be understood as it stands. May be NULL. */
    const char *(*chip)(const void *state, size_t index, bool *wrong);
    /* How much there is, behind its title in a wide tab line: "12", "11 (⚠6)"; "" for nothing to
     * say. Asked in every frame, whatever view is on top: what is costly is kept in `state` (NULL
     * for views of a pod). May be NULL. */
    void (*tab_count)(void *state, const struct view_env *env, char *out, size_t out_size);
    bool tab_count_narrow; /* in a narrow tab line as well, where the titles leave room */
    /* A slice of what tab_count says, between frames, while its number is on screen. May be NULL. */
    enum view_work (*tab_work)(void *state, const struct view_env *env, int64_t budget_ms);
    /* Text right in the tab line ("sort: stuck first"), and left of line 1 ("12 pods  ✗4 ⠹3"). May be
     * NULL. */
    void (*tab_note)(const void *state, const struct view_env *env, char *out, size_t out_size);
    void (*head_note)(const void *state, const struct view_env *env, struct surface *s,
                      struct rect clip);
    /* The pod and container under the cursor (for l, p, v, u, x); false when none. May be NULL. */
    bool (*cursor)(const void *state, const struct view_env *env, struct pod_ref *pod,
                   char container[256]);
    /* The kinds of objects (KIND_BIT) that it needs to say what it says. They are listed and
     * watched while it is shown and some minutes longer; asked for each time before a frame. NULL:
     * none. */
    uint32_t (*wants)(const void *state, const struct view_env *env);
    /* env->usage: USAGE_OF_*, asked for each time before a frame. NULL: none. */
    unsigned (*wants_usage)(const void *state, const struct view_env *env);
    bool wants_raw; /* env->raw: of env->object, else of the pod */
    /* How many of its rows the last recalc found no room for: what ":export all" makes the picture
     * higher by. *scroll: what the page is scrolled by, to be left as it was; untouched for a list,
     * whose cursor keeps its place. NULL: unknown. */
    size_t (*unseen)(void *state, const struct view_env *env, uint32_t **scroll);
    /* True while something on screen counts seconds. NULL: never. */
    bool (*ticks)(const void *state, const struct view_env *env);
    /* The pods it lists, in the order shown: J and K in other views follow it. Borrowed until the
     * next recalc. NULL: none. */
    const struct pod_ref *(*order)(const void *state, size_t *count);
    /* Put the cursor on a pod, if it is listed. NULL: it has no such cursor. */
    void (*focus)(void *state, struct pod_ref pod);
    /* A command of this view from the ':' prompt (name "sort", arg "for"). True when it is its own;
     * out is zeroed before. */
    bool (*command)(void *state, const struct view_env *env, const char *name, const char *arg,
                    struct intent *out);
};
extern const struct view_class *const view_registry[];
extern const size_t view_registry_count;
const struct view_class *view_find(const char *name);
/* By scope and number; NULL when there is none. */
const struct view_class *view_by_tab(enum view_scope scope, int tab);

#endif
