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
    enum { TERM_EQUALS, TERM_NOT_EQUALS, TERM_IN, TERM_NOT_IN, TERM_EXISTS, TERM_NOT_EXISTS } op;
    char *values; /* for IN: separated by commas */
};
struct api_selector {
    VEC(struct api_term) labels;
    VEC(struct api_term) fields;
};
/* IW_ERR_PARSE, or IW_ERR_UNSUPPORTED with the server's sentence for a field that has no selector.
 */
IW_NODISCARD enum iw_err api_selector_parse(struct api_selector *out, enum demo_kind kind,
                                            bool events_v1, const char *label_text,
                                            const char *field_text, struct iw_error *err);
bool api_selector_matches(const struct api_selector *selector, enum demo_kind kind,
                          const struct objects_version *version);
bool api_selector_is_empty(const struct api_selector *selector);
void api_selector_free(struct api_selector *selector);

enum api_stream_kind { STREAM_LIST, STREAM_WATCH, STREAM_LOG };

/* How objects are written for this request. */
struct api_form {
    enum demo_kind kind;
    bool events_v1; /* events.k8s.io */
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

struct apiserver {
    struct apiserver_config config;
    struct MHD_Daemon *daemon;
    int listen_fd;
    char address[64];
    VEC(struct api_stream *) streams;
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
};

/* apiserver.c */
const char *api_query(const struct api_request *r, const char *name);
bool api_query_true(const struct api_request *r, const char *name);
int64_t api_query_int(const struct api_request *r, const char *name, int64_t missing);
enum MHD_Result api_send(struct api_request *r, unsigned code, const char *type, char *bytes,
                         size_t len);
enum MHD_Result api_send_json(struct api_request *r, unsigned code, json_t *value);
enum MHD_Result api_send_status(struct api_request *r, unsigned code, const char *reason,
                                const char *fmt, ...) IW_PRINTF(4, 5);
struct api_stream *api_stream_new(struct api_request *r, enum api_stream_kind kind);
enum MHD_Result api_stream_start(struct api_request *r, struct api_stream *stream,
                                 const char *type);
void api_stream_wake(struct api_stream *stream);
int64_t api_now_wall_ms(const struct apiserver *server);

/* api_form.c */
void api_write_object(const struct api_stream *s, const struct objects_version *version, bool typed,
                      struct strbuf *out);
void api_write_row(const struct api_stream *s, const struct objects_version *version,
                   struct strbuf *out);
void api_write_columns(enum demo_kind kind, struct strbuf *out);
json_t *api_event_v1(json_t *core);

/* api_watch.c */
enum MHD_Result api_watch(struct api_request *r, struct api_stream *s);
void api_watch_fill(struct api_stream *s);
int64_t api_watch_due_ms(const struct api_stream *s);
/* api_list.c */
enum MHD_Result api_collection(struct api_request *r, enum demo_kind kind, bool events_v1,
                               const char *ns, const char *name);
void api_list_fill(struct api_stream *s);
/* api_log.c */
enum MHD_Result api_log(struct api_request *r, const char *ns, const char *name);
void api_log_fill(struct api_stream *s);
/* api_discovery.c: NULL when the path is not one of its documents. New reference. */
json_t *api_discovery(const struct api_request *r) IW_NODISCARD;
/* api_route.c */
enum MHD_Result api_route(struct api_request *r);

#endif
