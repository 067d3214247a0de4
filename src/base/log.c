/* log: the ring of the last lines and the log file, both escaped and redacted.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/utf8.h"

/* One line of the file; longer ones are cut. */
#define LOG_FILE_LINE_BYTES 4096
/* Shorter texts are ordinary words. */
#define LOG_HIDE_BYTES_MIN 8

static const char *const level_names[] = {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"};

static struct {
    int fd; /* 0: no file (standard input is never ours) */
    char *path;
    uint64_t file_bytes;
    char *hidden; /* NULL: nothing */
    size_t hidden_len;
    enum log_level level;
    struct log_line ring[LIMIT_MESSAGES];
    uint64_t total;
} state = {.level = LOG_LEVEL_INFO};

/* --- making text safe --- */

struct out {
    char *at;
    size_t room; /* bytes left before the NUL */
    bool full;   /* something did not fit: nothing more is added, so that the text stays a prefix */
};

static void
out_add(struct out *out, const char *bytes, size_t len)
{
    if (out->full || len > out->room) {
        out->full = true;
        return;
    }
    memcpy(out->at, bytes, len);
    out->at += len;
    out->room -= len;
}

static void
out_add_cp(struct out *out, const char *bytes, size_t taken)
{
    size_t again;
    uint32_t cp = utf8_next(bytes, taken, &again);
    char text[16];
    if (cp == '\n' || cp == '\t' || cp == '\r') {
        snprintf(text, sizeof(text), "\\%c", cp == '\n' ? 'n' : cp == '\t' ? 't' : 'r');
        out_add(out, text, strlen(text));
    } else if (utf8_cp_width(cp) < 0) {
        snprintf(text, sizeof(text), "\\x%02x", (unsigned)cp & 0xFF);
        out_add(out, text, strlen(text));
    } else if (utf8_is_deceptive(cp)) {
        snprintf(text, sizeof(text), "\\u{%x}", (unsigned)cp & 0x1FFFFF);
        out_add(out, text, strlen(text));
    } else if (cp == UTF8_REPLACEMENT && !utf8_valid(bytes, taken)) {
        for (size_t i = 0; i < taken; i++) {
            snprintf(text, sizeof(text), "\\x%02x", (unsigned char)bytes[i]);
            out_add(out, text, strlen(text));
        }
    } else {
        out_add(out, bytes, taken);
    }
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Length of the word if text begins with it, whatever the case; else 0. */
static size_t
starts_with(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && strncasecmp(text, word, n) == 0 ? n : 0;
}

void
log_hide(const char *secret)
{
    bool usable = secret && strlen(secret) >= LOG_HIDE_BYTES_MIN;
    iw_cleanup_free(&state.hidden);
    state.hidden = usable ? iw_strdup(secret) : NULL;
    state.hidden_len = usable ? strlen(secret) : 0;
}

static bool
is_hidden(const char *text, size_t len)
{
    return state.hidden && len >= state.hidden_len &&
           memcmp(text, state.hidden, state.hidden_len) == 0;
}

/* Skip blanks, quotes and the signs between a name and its value. */
static size_t
skip_separators(const char *text, size_t len, size_t at)
{
    while (at < len && (is_blank(text[at]) || strchr("\"'\\:=", text[at])))
        at++;
    return at;
}

/* If text begins with the name of a secret, the length of what may be shown; else 0.
 * *secret_len gets the length of what follows and must not be shown. */
static size_t
secret_find(const char *text, size_t len, size_t *secret_len)
{
    static const char *const names[] = {
        "Authorization:", "Authorization\"", "Bearer ", "token=", "token:", "token\"", "password"};
    size_t shown = 0;
    for (size_t i = 0; !shown && i < IW_COUNTOF(names); i++)
        shown = starts_with(text, len, names[i]);
    if (!shown)
        return 0;
    shown = skip_separators(text, len, shown);
    for (;;) { /* "Authorization: Bearer x": the scheme is no secret, what follows it is */
        size_t scheme = starts_with(text + shown, len - shown, "Bearer ");
        if (!scheme)
            scheme = starts_with(text + shown, len - shown, "Basic ");
        if (!scheme)
            break;
        shown = skip_separators(text, len, shown + scheme);
    }
    char quote = text[shown - 1];
    size_t end = shown;
    if (quote == '"' || quote == '\'') /* a quoted value may hold blanks */
        while (end < len && text[end] != quote)
            end++;
    while (end < len && !is_blank(text[end]))
        end++;
    *secret_len = end - shown;
    return shown;
}

void
log_sanitize(const char *text, size_t len, char *out, size_t out_size)
{
    static const char redacted[] = "(redacted)";
    if (out_size == 0)
        return;
    struct out o = {.at = out, .room = out_size - 1};
    size_t plain_until = 0; /* bytes before it are the shown part of a secret's name */
    for (size_t at = 0, taken = 0, secret_len = 0; at < len; at += taken) {
        if (is_hidden(text + at, len - at)) {
            out_add(&o, redacted, sizeof(redacted) - 1);
            taken = state.hidden_len;
            continue;
        }
        size_t shown = at < plain_until ? 0 : secret_find(text + at, len - at, &secret_len);
        if (shown)
            plain_until = at + shown;
        (void)utf8_next(text + at, len - at, &taken);
        out_add_cp(&o, text + at, taken);
        if (at + taken == plain_until && secret_len > 0) {
            out_add(&o, redacted, sizeof(redacted) - 1);
            taken += secret_len;
            secret_len = 0;
        }
    }
    *o.at = '\0';
}

/* --- the file --- */

/* Create the folders above path, for the user alone. */
static void
make_parents(const char *path)
{
    iw_autofree char *copy = iw_strdup(path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(copy, 0700); /* it may be there; if it cannot be made, open will say so */
        *slash = '/';
    }
}

static enum iw_err
log_file_open(struct iw_error *err)
{
    struct stat st;
    if (lstat(state.path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > LIMIT_LOG_FILE_BYTES) {
        iw_autofree char *old = iw_asprintf("%s.1", state.path);
        if (rename(state.path, old) != 0)
            return iw_fail_errno(err, IW_ERR_IO, errno, "log file: rename %s", state.path);
    }
    int fd =
        open(state.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (fd < 0)
        return iw_fail_errno(err, IW_ERR_IO, errno, "log file: open %s", state.path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return iw_fail(err, IW_ERR_IO, "log file: %s is not a regular file", state.path);
    }
    (void)fchmod(fd, 0600); /* one that an older umask left readable */
    state.fd = fd;
    state.file_bytes = (uint64_t)st.st_size;
    return IW_OK;
}

static void
log_file_close(void)
{
    if (state.fd > 0)
        close(state.fd);
    state.fd = 0;
}

enum iw_err
log_open(const char *path, enum log_level level, struct iw_error *err)
{
    log_close();
    state.level = level;
    if (!path)
        return IW_OK;
    state.path = iw_strdup(path);
    make_parents(path);
    enum iw_err code = log_file_open(err);
    if (code != IW_OK)
        log_close();
    return code;
}

void
log_close(void)
{
    log_file_close();
    iw_cleanup_free(&state.path);
    state.path = NULL;
}

enum log_level
log_level_get(void)
{
    return state.level;
}

static void
log_file_write(const struct log_line *line, const char *text)
{
    if (state.fd <= 0)
        return;
    if (state.file_bytes > LIMIT_LOG_FILE_BYTES) {
        log_file_close();
        if (log_file_open(NULL) != IW_OK)
            return;
    }
    char when[40], row[LOG_FILE_LINE_BYTES + 64];
    rfc3339_format(line->wall_ms, true, when);
    int len = snprintf(row, sizeof(row), "%s %-5s %s\n", when, level_names[line->level], text);
    ssize_t written = len > 0 ? write(state.fd, row, (size_t)len) : 0;
    if (written > 0)
        state.file_bytes += (uint64_t)written;
}

void
log_write(enum log_level level, const char *fmt, ...)
{
    if (level > state.level)
        return;
    int saved_errno = errno; /* a log line must not change what the caller looks at next */
    char raw[LOG_FILE_LINE_BYTES], text[LOG_FILE_LINE_BYTES];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(raw, sizeof(raw), fmt, args);
    va_end(args);
    size_t kept = len < 0 ? 0 : IW_MIN((size_t)len, sizeof(raw) - 1);
    log_sanitize(raw, kept, text, sizeof(text));

    struct log_line *line = &state.ring[state.total++ % LIMIT_MESSAGES];
    line->wall_ms = clock_wall(clock_system());
    line->level = level;
    size_t cut = IW_MIN(strlen(text), sizeof(line->text) - 1);
    while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
        cut--;
    memcpy(line->text, text, cut);
    line->text[cut] = '\0';
    log_file_write(line, text);
    errno = saved_errno;
}

/* --- the ring --- */

size_t
log_ring_count(void)
{
    return (size_t)IW_MIN(state.total, (uint64_t)LIMIT_MESSAGES);
}

const struct log_line *
log_ring_at(size_t i)
{
    if (i >= log_ring_count())
        return NULL;
    uint64_t oldest = state.total - log_ring_count();
    return &state.ring[(oldest + i) % LIMIT_MESSAGES];
}

uint64_t
log_ring_total(void)
{
    return state.total;
}
