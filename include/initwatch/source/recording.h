/* recording: a session file of recorder.h in memory, as an index of its lines. Nothing but the heads of
 * lines is looked at when it is read; what a frame holds is parsed when it is played.
 *
 * A file may come from anybody: every error names file and line and says what to try, sizes have
 * ceilings, and the last line may be cut (the recording program was killed).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_RECORDING_H
#define INITWATCH_SOURCE_RECORDING_H

#include "initwatch/base/strbuf.h"
#include "initwatch/model/objects.h"
#include "initwatch/model/sink.h"

struct recording;

/* X(KIND, word in the file) */
#define RECORDING_KINDS(X)                                                                         \
    X(LIST, "list")                                                                                \
    X(LISTED, "listed")                                                                            \
    X(ITEM, "item")                                                                                \
    X(FRAME, "frame")                                                                              \
    X(STATUS, "status")                                                                            \
    X(OPEN, "open")                                                                                \
    X(LINE, "line")                                                                                \
    X(DONE, "done")                                                                                \
    X(MARK, "mark")                                                                                \
    X(END, "end")
enum recording_kind {
#define X(name, word) RECORDING_##name,
    RECORDING_KINDS(X)
#undef X
        RECORDING_KIND_COUNT
};

/* What a line is about. Kinds of objects other than pods follow as RECORDING_OBJECTS + kobject_kind. */
enum recording_source {
    RECORDING_PODS,
    RECORDING_EVENTS,
    RECORDING_LOG,
    RECORDING_USER,
    RECORDING_USAGE,      /* an answer of the metrics API: of pods */
    RECORDING_NODE_USAGE, /* of nodes */
    RECORDING_OBJECTS
};

struct recording_entry {
    int64_t t_ms;     /* since the recording began; never less than that of the entry before */
    const char *data; /* JSON, ends in NUL; "" when the line has none */
    const char *ns;   /* of the list or watch */
    const char *name; /* "ns/name" of the object; of a log "container"; "" when the line has none */
    uint32_t data_len;
    uint32_t line; /* in the file, 1 is the first */
    uint64_t log;  /* number of the log of OPEN, LINE, DONE; else 0 */
    uint8_t kind, source;
};
static inline bool
recording_is_objects(const struct recording_entry *e)
{
    return e->source >= RECORDING_OBJECTS;
}
/* No part of the model: logs, marks, what was used. */
static inline bool
recording_is_beside(const struct recording_entry *e)
{
    return e->source >= RECORDING_LOG && e->source < RECORDING_OBJECTS;
}
static inline enum kobject_kind
recording_objects_kind(const struct recording_entry *e)
{
    return (enum kobject_kind)(e->source - RECORDING_OBJECTS);
}

/* A log that was opened; its lines carry its number. */
struct recording_log {
    uint64_t id;
    const char *ns, *pod, *container;
    bool previous;
    size_t entry; /* where it was opened */
};

struct recording_about {
    char context[128], server[256], ns[256], version[32];
    int64_t started_wall_ms, length_ms;
    bool cut;   /* the last line is not whole: it was left out */
    bool ended; /* the recording was stopped, not killed */
};

/* Read a file. err has one sentence with file and line. IW_ERR_NOT_FOUND, IW_ERR_IO, IW_ERR_TOO_BIG,
 * IW_ERR_PARSE (not a recording, or broken), IW_ERR_UNSUPPORTED (a newer format). */
IW_NODISCARD enum iw_err recording_open(const char *path, struct recording **out,
                                        struct iw_error *err);
/* The same from memory: takes bytes (free), which need room for a NUL at bytes[len]. name: for
 * messages. */
IW_NODISCARD enum iw_err recording_read(const char *name, char *bytes, size_t len,
                                        struct recording **out, struct iw_error *err);
void recording_free(struct recording *r);

const struct recording_about *recording_about(const struct recording *r);
const char *recording_path(const struct recording *r);
size_t recording_count(const struct recording *r);
/* Borrowed for the recording's life, as all that it points to. */
const struct recording_entry *recording_at(const struct recording *r, size_t i);
/* How many entries are not later than t_ms. */
size_t recording_upto(const struct recording *r, int64_t t_ms);
size_t recording_log_count(const struct recording *r);
const struct recording_log *recording_log_at(const struct recording *r, size_t i);
/* Is anything of this source in it at or before entry `upto`? */
bool recording_has(const struct recording *r, enum recording_source source, size_t upto);
/* data that is a JSON string, without its quotes; false when it is none. */
bool recording_text(const struct recording_entry *e, struct strbuf *out);
/* The object in data: itself for an ITEM, "object" of a FRAME. Borrowed; *len 0 when there is none.
 * *deleted: the frame says that it is gone. */
const char *recording_object(const struct recording_entry *e, size_t *len, bool *deleted);

#endif
