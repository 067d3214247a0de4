/* log: the log file, and a ring of the last lines for the messages view. Never stderr.
 *
 * Lines are escaped (no control byte of a peer reaches the file) and redacted: what follows
 * "Authorization:", "Bearer ", "token=" or "password" up to the next blank is replaced, and so is the
 * text given to log_hide, wherever it stands.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_LOG_H
#define INITWATCH_BASE_LOG_H

#include "initwatch/base/error.h"

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARN,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_TRACE
};

struct log_line {
    int64_t wall_ms;
    enum log_level level;
    char text[256]; /* escaped, redacted, cut */
};

/* Open (append) the log file; NULL path means only the ring. A file over 4 MiB is renamed to
 * PATH.1 first. Returns IW_OK or IW_ERR_IO; the ring works in any case. */
enum iw_err log_open(const char *path, enum log_level level, struct iw_error *err);
void log_close(void);
enum log_level log_level_get(void);

void log_write(enum log_level level, const char *fmt, ...) IW_PRINTF(2, 3);
#define LOG_ERROR(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define LOG_WARN(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define LOG_INFO(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define LOG_DEBUG(...)                                                                             \
    do {                                                                                           \
        if (log_level_get() >= LOG_LEVEL_DEBUG)                                                    \
            log_write(LOG_LEVEL_DEBUG, __VA_ARGS__);                                               \
    } while (0)

/* A secret that no name announces, such as the demo's token in the path of its address: never shown
 * from now on. Copied; one at a time, NULL forgets it. Too short to be a secret (under 8): ignored. */
void log_hide(const char *secret);

/* The ring: lines held (at most 500), line i (0 = oldest, borrowed until the next log_write),
 * and how many were ever written (a change says that the view must be drawn again). */
size_t log_ring_count(void);
const struct log_line *log_ring_at(size_t i);
uint64_t log_ring_total(void);

/* Write text with control bytes, ESC, broken UTF-8 and deceptive characters made visible
 * ("\x1b", "\n"), secrets replaced by "(redacted)"; out always ends in NUL. */
void log_sanitize(const char *text, size_t len, char *out, size_t out_size);

#endif
