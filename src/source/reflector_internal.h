/* reflector_internal: what the two halves of the reflector share: the machine (reflector.c)
 * decides, the request half (reflector_request.c) asks, cuts and decodes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_REFLECTOR_INTERNAL_H
#define INITWATCH_SOURCE_REFLECTOR_INTERNAL_H

#include "initwatch/source/backoff.h"
#include "initwatch/source/reflector.h"
#include "piece_queue.h"

/* X(STATE, name shown) */
#define REFLECTOR_STATES(X)                                                                        \
    X(IDLE, "idle")                                                                                \
    X(LISTING, "listing")                                                                          \
    X(WATCHING, "watching")                                                                        \
    X(BACKOFF_LIST, "backoff")  /* then a new list */                                              \
    X(BACKOFF_WATCH, "backoff") /* then the watch goes on from the last resource version */        \
    X(STOPPED, "stopped")
enum reflector_state {
#define X(name, word) REFLECTOR_##name,
    REFLECTOR_STATES(X)
#undef X
        REFLECTOR_STATE_COUNT
};

enum reflector_input {
    IN_ERR_OTHER, /* 0: what is not listed in the table of errors */
    IN_START,
    IN_PAGE,      /* a page of a list, more follow */
    IN_LAST_PAGE, /* the list is complete */
    IN_ONLY_LIST, /* the same when no watch is wanted */
    IN_FRAME,     /* an object came through the watch */
    IN_BOOKMARK,
    IN_EOF_CLEAN,    /* the watch ended as a watch should */
    IN_EOF_SHORT,    /* within a second, without an event */
    IN_EOF_FLAPPING, /* within a second, several times running */
    IN_EOF_MUTE,     /* lived its whole time without event or bookmark */
    IN_SILENT,       /* should have ended long ago */
    IN_ERR_NET,
    IN_ERR_THROTTLED,
    IN_ERR_GONE,
    IN_ERR_GONE_AGAIN, /* a new list did not help */
    IN_ERR_AUTH,
    IN_FRESH_AUTH, /* 401, but new credentials are at hand */
    IN_ERR_FORBIDDEN,
    IN_UNREADABLE, /* protobuf that makes no sense, and JSON will be asked for from now on */
    IN_TIMER,
    IN_RETRY,
    IN_RELIST,
    IN_COUNT
};

/* The request under way, or the last one. */
struct reflector_request {
    bool open;      /* the transport owes a _done */
    bool header_ok; /* 2xx was seen */
    bool broken;    /* the body is unusable, `end` says why */
    bool ended;     /* _done came, the queue may still hold pieces */
    bool paused;
    bool frame_ready; /* frame is initialised */
    bool protobuf;    /* the answer is */
    struct frame frame;
    struct iw_error end;
};

struct reflector {
    struct loop *loop;
    struct reflector_transport transport;
    struct reflector_observer observer;
    const char *what;
    char *path, *label_selector, *field_selector; /* own; selectors NULL when absent */
    bool list_only;
    int64_t denied_retry_ms;

    enum reflector_state state;
    struct source_status status;
    struct backoff backoff;
    loop_id timer;
    bool auth_refreshed;  /* since the last accepted request */
    unsigned gone_in_row; /* 410s since the watch last worked */

    struct reflector_request req;
    struct piece_queue queue;
    char rv[128]; /* to watch from */

    /* list */
    bool list_open;     /* list_begin was called for this list */
    bool envelope_seen; /* of the page under way */
    char cont[4096];
    unsigned pages;      /* of this list that have arrived */
    unsigned mark_page;  /* the page whose continue token is kept: 1, 2, 4, 8 ... */
    uint64_t mark;       /* hash of that token */
    int page_size;       /* objects asked for */
    int64_t progress_ms; /* monotonic moment of the last progress report */
    uint64_t skipped;    /* objects that could not be read since the last list began */
    struct iw_error skip_error;

    /* watch; moments are monotonic */
    int64_t asked_ms, opened_ms, heard_ms;
    int64_t watch_timeout_ms;
    uint64_t pieces;       /* events and bookmarks of this watch */
    unsigned flaps_in_row; /* watches that ended within a second */
};

/* The machine. err may be NULL. */
void reflector_step(struct reflector *r, enum reflector_input input, const struct iw_error *err);
/* Find the input that an error is, and step. */
void reflector_fail(struct reflector *r, const struct iw_error *err);
/* True when err is about protobuf that cannot be read and JSON is asked for from now on. */
bool reflector_gives_up_protobuf(struct reflector *r, const struct iw_error *err);
void reflector_report(struct reflector *r);
void reflector_report_state(struct reflector *r, enum source_state state);
void reflector_arm(struct reflector *r, int64_t delay_ms);
int64_t reflector_now_ms(const struct reflector *r);

/* The request half. */
void reflector_ask_list(struct reflector *r);
void reflector_ask_watch(struct reflector *r);
void reflector_drop_request(struct reflector *r);

#endif
