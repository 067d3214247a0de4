/* api_internal: what the files of the demo's API server share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_API_INTERNAL_H
#define INITWATCH_DEMO_API_INTERNAL_H

#include <microhttpd.h>

#include "initwatch/base/strbuf.h"
#include "initwatch/demo/apiserver.h"

#define API_PATH_PARTS 12
/* A watcher that does not read is cut when so much waits for it, as the real server does. */
#define API_STREAM_CEILING (64u << 20)

/* One requirement of a label or field selector. */
struct api_term {
    char *key;
    enum {
        TERM_EQUALS,
        TERM_NOT_EQUALS,
        TERM_IN,
        TERM_NOT_IN,
        TERM_EXISTS,
        TERM_NOT_EXISTS,
        TERM_GREATER, /* whole numbers */
        TERM_LESS
    } op;
    char *values; /* for IN: separated by commas */
};
struct api_selector {
    VEC(struct api_term) labels;
    VEC(struct api_term) fields;
};
/* A label selector into out->labels; IW_ERR_PARSE with the server's sentence. NULL: nothing. */
IW_NODISCARD enum iw_err api_labels_parse(struct api_selector *out, const char *text,
                                          struct iw_error *err);
/* IW_ERR_PARSE, or IW_ERR_UNSUPPORTED with the server's sentence for a field that has no selector.
 */
IW_NODISCARD enum iw_err api_selector_parse(struct api_selector *out, enum demo_kind kind,
                                            bool events_v1, const char *label_text,
                                            const char *field_text, struct iw_error *err);
bool api_selector_matches(const struct api_selector *selector, enum demo_kind kind,
                          const struct objects_version *version);
bool api_selector_is_empty(const struct api_selector *selector);
void api_selector_free(struct api_selector *selector);

/* FIXED: what it has from the start is all; with `follow` it stays open. */
enum api_stream_kind { STREAM_LIST, STREAM_WATCH, STREAM_LOG, STREAM_FIXED };

/* How objects are written for this request. */
struct api_form {
    enum demo_kind kind;
    bool events_v1; /* events.k8s.io */
    bool protobuf;  /* pods and events of the core API, not as a table */
    bool table;
    bool full_object; /* Table rows carry the whole object */
    bool no_object;   /* or none */
};

struct api_stream {
    struct apiserver *server;
    enum api_stream_kind kind;
    struct MHD_Connection *connection;
    bool started; /* the response owns it */
    bool suspended, done, dead;
    struct strbuf out;
    size_t out_at;
    struct api_form form;
    char *ns; /* NULL: all */
    struct api_selector selector;
    /* objects to send first */
    VEC(struct objects_version *) first;
    size_t first_at;
    bool first_ended;
    /* watch */
    uint64_t seq, from_rv;
    int64_t end_ms, bookmark_ms;
    bool bookmarks, initial_mark, columns_sent;
    /* log */
    struct sim_log log;
    bool follow, timestamps;
    int64_t bytes_left; /* -1: no limit */
    int64_t skip_lines, since_wall_ms;
};

/* What a manager applied last to an object (server-side apply). */
struct api_applied {
    enum demo_kind kind;
    char *key, *manager;
    json_t *config;
};

/* Faults that a request or a scenario asked for, each until a moment. */
#define API_FAULTS(X)                                                                              \
    X(OUTAGE, "outage")                                                                            \
    X(GONE, "gone")                                                                                \
    X(SLOW, "slow")                                                                                \
    X(UNAUTHORIZED, "unauthorized")                                                                \
    X(FORBIDDEN, "forbidden")                                                                      \
    X(THROTTLE, "throttle")                                                                        \
    X(ERROR, "error")                                                                              \
    X(DROP_WATCH, "drop-watch")                                                                    \
    X(EVENT_STORM, "event-storm")
enum api_fault {
#define X(code, name) API_FAULT_##code,
    API_FAULTS(X)
#undef X
        API_FAULT_COUNT
};
struct api_fault_state {
    int64_t from_ms[API_FAULT_COUNT], until_ms[API_FAULT_COUNT]; /* monotonic */
    int64_t delay_ms;                                            /* of slow */
    int64_t next_ms[API_FAULT_COUNT]; /* the next thing to do while it lasts */
    int64_t storm_per_s, storm_done;
    bool reset; /* dropped watches end without a terminator */
};

struct apiserver {
    struct apiserver_config config;
    struct MHD_Daemon *daemon;
    int listen_fd; /* -1 during an outage */
    uint16_t port;
    uint32_t host; /* network byte order */
    char address[64];
    VEC(struct api_stream *) streams;
    VEC(struct MHD_Connection *) connections;
    VEC(struct api_request *) waiting; /* answered later */
    VEC(struct api_applied) applied;
    struct api_fault_state faults;
};

struct api_request {
    struct apiserver *server;
    struct MHD_Connection *connection;
    const char *method;
    char *path;
    char *part[API_PATH_PARTS]; /* of the path, after the token */
    size_t parts;
    struct strbuf body;
    struct api_stream *stream; /* made for this request */
    char *warning;             /* goes into a Warning header; may be NULL */
    int retry_after_s;         /* goes into a header; 0: none */
    bool split;                /* the path has been read */
    enum { API_STRANGER, API_WRONG_TOKEN, API_ADMITTED } who;
    bool waits, waited; /* until due_ms; has done so */
    int64_t due_ms;
};

/* api_answer.c */
const char *api_query(const struct api_request *r, const char *name);
bool api_query_true(const struct api_request *r, const char *name);
int64_t api_query_int(const struct api_request *r, const char *name, int64_t missing);
enum MHD_Result api_send(struct api_request *r, unsigned code, const char *type, char *bytes,
                         size_t len);
enum MHD_Result api_send_json(struct api_request *r, unsigned code, json_t *value);
/* A Status as the client wants it (taken). */
enum MHD_Result api_send_status_object(struct api_request *r, unsigned code, json_t *status);
enum MHD_Result api_send_status(struct api_request *r, unsigned code, const char *reason,
                                const char *fmt, ...) IW_PRINTF(4, 5);
/* A Status with details (taken; NULL: none). */
enum MHD_Result api_send_failure(struct api_request *r, unsigned code, const char *reason,
                                 json_t *details, const char *fmt, ...) IW_PRINTF(5, 6);
/* Sleep before the answer; the request comes again afterwards. */
enum MHD_Result api_wait(struct api_request *r, int64_t delay_ms);
struct api_stream *api_stream_new(struct api_request *r, enum api_stream_kind kind);
enum MHD_Result api_stream_start(struct api_request *r, struct api_stream *stream,
                                 const char *type);
/* Requests that sleep: one is gone; those that are due (all: every one) go on. */
void api_forget_waiting(struct api_request *r);
void api_wake_waiting(struct apiserver *server, bool all);
/* ptr: an api_stream. fill: append what there is to send; wake: go on sending. */
void api_stream_free(void *ptr);
void api_stream_fill(struct api_stream *s);
void api_stream_wake(struct api_stream *s);

/* apiserver.c */
/* Chunks are cut from a connection's pool, so that it bounds how much goes out at once. */
#define CONNECTION_POOL_BYTES (256u << 10)
int64_t api_now_wall_ms(const struct apiserver *server);

/* api_form.c */
void api_write_object(const struct api_stream *s, const struct objects_version *version, bool typed,
                      struct strbuf *out);
void api_write_row(const struct api_stream *s, const struct objects_version *version,
                   struct strbuf *out);
void api_write_columns(enum demo_kind kind, struct strbuf *out);

/* api_protobuf.c: the same in the other encoding */
bool api_prefers_protobuf(const struct api_request *r);
/* The Status, ready to be sent. */
char *api_pb_status(const json_t *status, size_t *len) IW_NODISCARD;
/* meta: ListMeta; raw_len is known because all items are. */
void api_pb_list_head(struct api_stream *s, const json_t *meta);
void api_pb_list_item(struct api_stream *s, struct objects_version *version);
void api_pb_list_end(struct api_stream *s);
void api_pb_object(const struct api_stream *s, struct objects_version *version, struct strbuf *out);
void api_pb_event(struct api_stream *s, const char *type, struct objects_version *version);
void api_pb_bookmark(struct api_stream *s, uint64_t rv, bool initial_end);
void api_pb_error(struct api_stream *s, const json_t *status);

/* api_watch.c */
enum MHD_Result api_watch(struct api_request *r, struct api_stream *s);
void api_watch_fill(struct api_stream *s);
int64_t api_watch_due_ms(const struct api_stream *s);
/* api_list.c */
enum MHD_Result api_collection(struct api_request *r, enum demo_kind kind, bool events_v1,
                               const char *ns, const char *name);
void api_list_fill(struct api_stream *s);
enum MHD_Result api_send_object(struct api_request *r, struct api_stream *s, unsigned code,
                                struct objects_version *version);
enum MHD_Result api_send_not_found(struct api_request *r, enum demo_kind kind, const char *name);
/* api_write.c */
json_t *api_version_json(const struct objects_version *version, enum demo_kind kind) IW_NODISCARD;
enum MHD_Result api_no_method(struct api_request *r);
enum MHD_Result api_create(struct api_request *r, struct api_stream *s);
enum MHD_Result api_update(struct api_request *r, struct api_stream *s, const char *name);
/* api_delete.c */
enum MHD_Result api_delete(struct api_request *r, struct api_stream *s, const char *name);
enum MHD_Result api_delete_many(struct api_request *r, struct api_stream *s);
/* api_scale.c */
#define API_REPLICAS_MAX 1000
bool api_has_scale(enum demo_kind kind);
enum MHD_Result api_scale(struct api_request *r, enum demo_kind kind, const char *ns,
                          const char *name);
/* api_merge.c */
json_t *api_body_object(const struct api_request *r, struct iw_error *err) IW_NODISCARD;
IW_NODISCARD enum iw_err api_patch(json_t *target, const char *type, const struct strbuf *body,
                                   struct iw_error *err);
/* Server-side apply: `config` goes into `live`; what `old` had and `config` has not goes out. */
void api_apply_config(json_t *live, const json_t *old, const json_t *config);
/* api_schema.c */
void api_schema_check(enum demo_kind kind, const json_t *object, struct strbuf *out);
/* api_openapi_types.c */
/* components.schemas of a group's document: its kinds and all that they are made of. New. */
json_t *api_openapi_schemas(const char *group, const char *version) IW_NODISCARD;
/* api_openapi.c */
json_t *api_openapi_v3(const struct api_request *r) IW_NODISCARD;
enum MHD_Result api_openapi_v2(struct api_request *r);
/* api_fault.c */
/* {"active":[{"kind","leftMs"}],"kinds":[...]} New. */
json_t *api_fault_list(const struct apiserver *server) IW_NODISCARD;
enum MHD_Result api_fault_request(struct api_request *r);
/* True when a fault answered the request instead. */
bool api_fault_answers(struct api_request *r, enum MHD_Result *answered);
void api_fault_run(struct apiserver *server);
int64_t api_fault_due_ms(const struct apiserver *server);
/* api_log.c */
enum MHD_Result api_log(struct api_request *r, const char *ns, const char *name);
void api_log_fill(struct api_stream *s);
/* api_discovery.c: NULL when the path is not one of its documents. New reference. */
json_t *api_discovery(const struct api_request *r) IW_NODISCARD;
/* "v1" of a group that is served, else NULL. */
const char *api_group_version(const char *name);
/* api_metrics.c: what is below /apis/metrics.k8s.io/v1beta1, and its document. New reference. */
enum MHD_Result api_metrics(struct api_request *r);
json_t *api_metrics_resources(void) IW_NODISCARD;
/* api_route.c */
enum MHD_Result api_route(struct api_request *r);
/* The demo's own paths, which no fault touches; and those that need no credentials. */
bool api_is_control(const struct api_request *r);
bool api_is_public(const struct api_request *r);
/* 403 for a request without credentials, in the words of the real server. */
enum MHD_Result api_send_forbidden(struct api_request *r, const char *user);
/* api_watch.c: the last line of a watch whose history is gone. */
void api_watch_gone(struct api_stream *s);
/* apiserver.c */
IW_NODISCARD enum iw_err api_listen(struct apiserver *server, struct iw_error *err);

#endif
