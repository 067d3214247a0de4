/* recorder: writes a session to a file, one JSON object a line, as it comes from the server: after the
 * transport, before the decoder. recording.h reads it again, source_replay plays it.
 *
 * The first line says what this is:
 *   {"initwatch":"session","format":1,"version":"0.9.0","started":"2026-06-15T12:00:00.000Z",
 *    "context":"kind-demo","server":"https://127.0.0.1:6443","namespace":"shop"}
 * Each other line is {"t":MS,"src":SOURCE,"ns":NS,"kind":KIND,...}: MS since `started`, never less than
 * in the line before; SOURCE is "pods", "events", the plural of another kind, "log", "user", "usage" or
 * "node-usage"; NS is the namespace that the list or watch is of, "" for all. KIND says what else there is:
 *   list    a list begins                   listed   it was complete
 *   item    an element of it: "name", "data"
 *           of "usage" and "node-usage" an answer of the metrics API: "data", "name" when of one pod
 *   frame   a watch event: "name":"ns/name", "data":{"type":..,"object":..}
 *   status  how fresh the data is: "data":{"state":..,"scope":..,"version":..,"attempts":N,"retry":MS,
 *           "error":CODE,"message":..}
 *   open    (log) a log was opened: "id":N,"pod":..,"container":..,"previous":BOOL
 *   line    (log) "id":N,"data":the line with its timestamp
 *   done    (log) "id":N, and "message" when it did not end well
 *   mark    (user) a place somebody wanted to find again: "data":text
 *   end     the recording was stopped, not killed
 * Members may be added; readers ignore what they do not know. `format` grows when an old reader would
 * show something wrong.
 *
 * Nothing is written before redact.h has seen it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_RECORDER_H
#define INITWATCH_SOURCE_RECORDER_H

#include "initwatch/base/clock.h"
#include "initwatch/model/sink.h"

struct recorder;
struct log_request;

#define RECORDING_FORMAT 1

struct recorder_opts {
    const struct clock *clock;         /* borrowed for its life */
    const char *context, *server, *ns; /* copied; of server only scheme, host and port */
    uint64_t ceiling_bytes;            /* 0: LIMIT_RECORDING_BYTES */
};

/* Create the file (mode 0600). One that is there is not touched: IW_ERR_IO, sys_errno EEXIST. */
IW_NODISCARD enum iw_err recorder_open(const char *path, const struct recorder_opts *opts,
                                       struct recorder **out, struct iw_error *err);
/* Writes the last line and closes. IW_ERR_IO when the disk said so by then; r is gone in any case. */
enum iw_err recorder_close(struct recorder *r, struct iw_error *err);
/* What ended the recording before recorder_close: the disk, the ceiling; code IW_OK while it goes on.
 * Nothing is written after it. */
const struct iw_error *recorder_failure(const struct recorder *r);
const char *recorder_path(const struct recorder *r);
uint64_t recorder_bytes(const struct recorder *r);
/* Frames, items and log lines so far. */
uint64_t recorder_count(const struct recorder *r);

/* All of these may be called with r NULL: nothing happens. */

/* A list of src begins ("list") or was complete ("listed"). */
void recorder_list(struct recorder *r, const char *src, const char *ns, bool complete);
/* One piece as JSON: an element of a list (item) or a watch event. What cannot be parsed is counted as
 * unreadable by the decoder a moment later, and left out here. */
void recorder_piece(struct recorder *r, const char *src, const char *ns, bool item,
                    const char *json, size_t len);
/* A change of state; the same again, as the progress of a list is, is not written. */
void recorder_status(struct recorder *r, const struct source_status *st);
void recorder_objects_state(struct recorder *r, enum kobject_kind kind, const char *ns,
                            enum objects_state state, const struct iw_error *err);
/* A log: its number, for the lines. */
uint64_t recorder_log_open(struct recorder *r, const struct log_request *req);
void recorder_log_line(struct recorder *r, uint64_t id, const char *text, size_t len);
void recorder_log_done(struct recorder *r, uint64_t id, const struct iw_error *err);
void recorder_mark(struct recorder *r, const char *text);

#endif
