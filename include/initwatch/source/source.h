/* source: what a data source is.
 *
 * How to add one: create src/source/source_NAME.c with one `const struct source_class source_NAME`,
 * declare it at the end of this file, choose it in src/app/session.c, and add a fault script under
 * tests/fault.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_SOURCE_H
#define INITWATCH_SOURCE_SOURCE_H

#include "initwatch/model/sink.h"
#include "initwatch/net/loop.h"
#include "initwatch/source/kubeconfig.h"

enum {
    SOURCE_CAP_WATCH = 1,
    SOURCE_CAP_LOGS = 2,
    SOURCE_CAP_PREVIOUS = 4,
    SOURCE_CAP_EVENTS = 8,
    SOURCE_CAP_OBJECTS = 16, /* watch_kind and get_object */
    SOURCE_CAP_RECORDED = 32 /* a recording: it has the logs that somebody read */
};

struct source;
struct source_log;
struct source_get;
struct recorder;
struct replay_opts;

/* How an API server is asked to encode; what it answers with is read either way. */
enum source_wire {
    SOURCE_WIRE_AUTO, /* protobuf, or JSON from who has no protobuf */
    SOURCE_WIRE_JSON,
    SOURCE_WIRE_PROTOBUF, /* nothing else */
};

struct source_opts {
    struct loop *loop;                       /* borrowed */
    struct source_sink sink;                 /* copied */
    const struct kube_client_config *client; /* borrowed until open returns */
    const char *ns; /* "" or NULL: all namespaces; "a,b" several (one watch each) */
    const char *label_selector, *field_selector; /* NULL: none */
    int64_t request_timeout_ms;                  /* 0: default */
    enum source_wire wire;
    bool no_events;       /* do not watch events */
    bool list_only;       /* one list, no watch (get without -w) */
    uint64_t jitter_seed; /* 0: from the clock; tests give one */
    /* source_replay: what and how (replay.h); borrowed for its life */
    const struct replay_opts *replay;
};

struct log_request {
    const char *ns, *pod, *container; /* container "" lets the server choose */
    bool previous, follow, timestamps;
    int64_t tail_lines;    /* -1: all */
    int64_t since_seconds; /* -1: none */
    int64_t since_wall_ms; /* IW_TIME_NONE: none; exclusive with since_seconds */
    int64_t limit_bytes;   /* -1: none */
};
struct log_sink {
    void *ctx;
    /* One line without its newline, borrowed for the call. cut: longer than LIMIT_LOG_LINE_BYTES.
     * newline: it ended with one (false only for a last line without). */
    void (*line)(void *ctx, const char *text, size_t len, bool cut, bool newline);
    /* Exactly once. IW_OK at the end of the stream; 400/404 carry the server's sentence. The
     * source_log is gone after it. */
    void (*done)(void *ctx, const struct iw_error *err);
};

/* The answer to a request for one object. */
struct object_sink {
    void *ctx;
    /* Exactly once. IW_OK with the JSON text of the object, borrowed for the call; else json is
     * NULL and err says why (NOT_FOUND: it is gone; FORBIDDEN). The source_get is gone after it. */
    void (*done)(void *ctx, const char *json, size_t len, const struct iw_error *err);
};

/* A change of one object. */
struct object_change {
    struct kobject_ref ref;
    const char *method;       /* "DELETE", "PATCH", "PUT" */
    const char *content_type; /* of the body; NULL: application/json */
    const char *body;         /* copied */
    size_t body_len;
};

struct source_class {
    const char *name; /* "kube" */
    unsigned caps;
    IW_NODISCARD enum iw_err (*open)(const struct source_opts *opts, struct source **out,
                                     struct iw_error *err);
    IW_NODISCARD enum iw_err (*open_log)(struct source *s, const struct log_request *req,
                                         const struct log_sink *sink, struct source_log **out,
                                         struct iw_error *err);
    void (*close_log)(
        struct source_log *log); /* done follows with IW_ERR_CANCELED before it returns */
    /* List and watch a kind in one namespace ("": all), besides pods and events; NULL: in those the
     * source shows. Its objects and state come through the sink's object functions. Who may not
     * list it is asked again after minutes only. Does nothing when it is watched already. */
    void (*watch_kind)(struct source *s, enum kobject_kind kind, const char *ns);
    /* Stop, and have the sink forget it. ns as given to watch_kind. */
    void (*unwatch_kind)(struct source *s, enum kobject_kind kind, const char *ns);
    /* One object as the server has it. done may be called before this returns, then *out is
     * NULL. */
    IW_NODISCARD enum iw_err (*get_object)(struct source *s, const struct kobject_ref *ref,
                                           const struct object_sink *sink, struct source_get **out,
                                           struct iw_error *err);
    /* The JSON at a path of the server's API, else as get_object. */
    IW_NODISCARD enum iw_err (*get_path)(struct source *s, const char *path,
                                         const struct object_sink *sink, struct source_get **out,
                                         struct iw_error *err);
    /* Change an object; sink as get_object, with what the server answers. Who calls it has asked the
     * user. NULL in a class: it cannot. */
    IW_NODISCARD enum iw_err (*change_object)(struct source *s, const struct object_change *change,
                                              const struct object_sink *sink,
                                              struct source_get **out, struct iw_error *err);
    void (*close_get)(struct source_get *get); /* done follows with IW_ERR_CANCELED */
    void (*retry_now)(struct source *s);       /* skip the back-off; nothing while live */
    void (*relist)(struct source *s);
    /* What arrives from now on is recorded too, beginning with new lists; NULL: no longer. The
     * recorder is borrowed until then. NULL in a class: it cannot. */
    void (*record)(struct source *s, struct recorder *recorder);
    void (*close)(struct source *s); /* no sink call after it returns */
};
struct source {
    const struct source_class *class_; /* first member of every source */
};
extern const struct source_class source_kube;
extern const struct source_class source_replay;
extern const struct source_class source_none;

#endif
