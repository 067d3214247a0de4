/* sink: what a source tells the model, and how fresh the data is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_MODEL_SINK_H
#define INITWATCH_MODEL_SINK_H

#include "initwatch/base/error.h"
#include "initwatch/model/event.h"
#include "initwatch/model/objects.h"
#include "initwatch/model/pod.h"

enum source_stream { STREAM_PODS, STREAM_EVENTS, STREAM_COUNT };

/* X(STATE, word shown) */
#define SOURCE_STATES(X)                                                                           \
    X(IDLE, "idle")                                                                                \
    X(CONNECTING, "connecting")                                                                    \
    X(LISTING, "listing")                                                                          \
    X(LIVE, "live")                                                                                \
    X(STALE, "stale")        /* the connection is lost; a retry is scheduled */                    \
    X(DENIED, "not allowed") /* 401/403; retried rarely */                                         \
    X(STOPPED, "stopped")
enum source_state {
#define X(name, word) SOURCE_##name,
    SOURCE_STATES(X)
#undef X
        SOURCE_STATE_COUNT
};
const char *source_state_word(enum source_state state);
/* "pods", "events" */
const char *source_stream_name(enum source_stream stream);

struct source_status {
    enum source_stream stream;
    enum source_state state;
    int64_t since_wall_ms;        /* when this state began */
    int64_t last_contact_wall_ms; /* last byte from the server, IW_TIME_NONE never */
    int64_t retry_at_wall_ms;     /* IW_TIME_NONE when no retry is planned */
    uint32_t attempts;            /* failed attempts in a row */
    uint64_t listed,
        expected;    /* while LISTING: objects so far, and in all if the server said (else 0) */
    char scope[128]; /* "namespace shop", "all namespaces" */
    char server_version[32]; /* "v1.36.2" or "" */
    struct iw_error last;    /* last error, code IW_OK when none */
    /* the program that is asked for credentials just now, and its last words, harmless: "kubelogin: open
     * https://..."; "" when none is */
    char waiting[200];
};

/* Why a DENIED source has nothing: "not allowed", "credentials not accepted (401)", "no credentials"; NULL when it is
 * not denied. To be translated. */
const char *source_denial_word(const struct source_status *st);

/* ctx is the first argument of every call. All calls come from the event loop. */
struct source_sink {
    void *ctx;
    /* A snapshot of one namespace ("": of all) starts: mark. */
    void (*list_begin)(void *ctx, enum source_stream stream, const char *ns);
    void (*upsert)(void *ctx, struct pod *pod);  /* takes ownership */
    void (*remove)(void *ctx, struct pod *last); /* takes ownership: the last state */
    /* The snapshot is complete: sweep what was not marked since list_begin, in that namespace
     * only. */
    void (*list_end)(void *ctx, enum source_stream stream, const char *ns);
    void (*event)(void *ctx, const struct kevent *ev); /* borrowed for the call */
    void (*event_removed)(void *ctx, const char *uid);
    void (*status)(void *ctx, const struct source_status *st);
    /* Other objects: as above, of one kind in one namespace ("": of all). NULL: nobody wants
     * them. */
    void (*objects_begin)(void *ctx, enum kobject_kind kind, const char *ns);
    void (*object)(void *ctx, struct kobject *o); /* takes ownership */
    void (*object_removed)(void *ctx, enum kobject_kind kind, const char *ns, const char *name);
    void (*objects_end)(void *ctx, enum kobject_kind kind, const char *ns);
    void (*objects_state)(void *ctx, enum kobject_kind kind, const char *ns,
                          enum objects_state state, const struct iw_error *err);
    void (*objects_forget)(void *ctx, enum kobject_kind kind, const char *ns);
};

#endif
