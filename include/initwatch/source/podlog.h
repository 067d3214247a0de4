/* podlog: one container log from an API server, as lines. SEMANTICS G.5.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_PODLOG_H
#define INITWATCH_SOURCE_PODLOG_H

#include "initwatch/base/strbuf.h"
#include "initwatch/net/frame.h"
#include "initwatch/net/http.h"
#include "initwatch/source/source.h"

/* Path and query of a request, appended to out. IW_ERR_USAGE for one that no server accepts. */
IW_NODISCARD enum iw_err podlog_path(const struct log_request *req, struct strbuf *out,
                                     struct iw_error *err);

/* Turns the body of an answer into lines and its end into `done`. No I/O. */
struct podlog_reader {
    struct log_sink sink;
    struct frame frame;
    /* a first or last line that may be the kubelet's error instead of the log's */
    struct strbuf held;
    bool holding, held_newline;
    bool finishing;
    int http_status;
    uint64_t lines;
};
void podlog_reader_init(struct podlog_reader *r, const struct log_sink *sink);
void podlog_reader_header(struct podlog_reader *r, int http_status);
bool podlog_reader_body(struct podlog_reader *r, const char *bytes, size_t len);
/* Calls sink.done and frees what the reader holds. IW_OK is an end that the server announced;
 * IW_ERR_EOF a connection that broke, or a kubelet that wrote into the body why it cannot go on
 * (http_status 200). An answer without a log becomes IW_ERR_NOT_FOUND: 204 (not scheduled yet,
 * http_status 204), and the sentences the kubelet writes instead of a log after a 200 (http_status
 * 200). */
void podlog_reader_done(struct podlog_reader *r, const struct iw_error *err);

/* Running logs of one source, so that closing it ends them. `= {0}` is none. */
struct podlog_list {
    struct source_log *first;
};
/* Start one. *out is NULL if it ended before this returned. */
IW_NODISCARD enum iw_err podlog_start(struct http_client *client, struct podlog_list *list,
                                      const struct log_request *req, const struct log_sink *sink,
                                      struct source_log **out, struct iw_error *err);
/* done follows with IW_ERR_CANCELED before this returns. */
void podlog_cancel(struct source_log *log);
void podlog_cancel_all(struct podlog_list *list);

#endif
