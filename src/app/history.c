/* history: one line each, its kind in front (':' or '/').
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/history.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "initwatch/app/platform.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/data/yaml_json.h"

/* Names of objects end at 253 bytes but are words and hyphens; a stretch this long of mixed letters and digits is a key. */
enum { SECRET_RUN_BYTES = 32 };

static bool
looks_random(const char *run, size_t len)
{
    bool upper = false, lower = false, digit = false;
    for (size_t i = 0; i < len; i++) {
        upper |= isupper((unsigned char)run[i]) != 0;
        lower |= islower((unsigned char)run[i]) != 0;
        digit |= isdigit((unsigned char)run[i]) != 0;
    }
    return len >= SECRET_RUN_BYTES && upper && lower && digit;
}

bool
history_is_secret(const char *line)
{
    static const char *const words[] = {
        "password", "passwd", "token=", "token:", "secret=", "apikey", "authorization", "bearer"};
    for (const char *at = line; *at; at++)
        for (size_t i = 0; i < IW_COUNTOF(words); i++)
            if (strncasecmp(at, words[i], strlen(words[i])) == 0)
                return true;
    for (const char *at = line; *at;) {
        size_t run = strcspn(at, " ,/=:\"'");
        if (looks_random(at, run))
            return true;
        at += run + (at[run] != '\0');
    }
    return false;
}

static bool
file_path(const char *path, char *out, size_t out_size)
{
    if (!path)
        return platform_state_path("history", out, out_size);
    return (size_t)snprintf(out, out_size, "%s", path) < out_size;
}

void
history_load(const char *path, struct ui *ui)
{
    char where[4096];
    iw_autofree char *text = NULL;
    size_t len;
    if (!file_path(path, where, sizeof(where)) || access(where, R_OK) != 0 ||
        file_read_all(where, LIMIT_HISTORY_BYTES, &text, &len, NULL) != IW_OK)
        return;
    for (char *line = text; line && *line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        size_t line_len = strlen(line);
        if (line_len > 1 && utf8_valid(line, line_len))
            ui_history_add(ui, line[0], line + 1);
        line = end ? end + 1 : NULL;
    }
}

struct kept_lines {
    VEC(char *) lines;
};

static void
keep_line(void *ctx, char kind, const char *line)
{
    struct kept_lines *kept = ctx;
    if (!history_is_secret(line) && !strchr(line, '\n'))
        vec_push(&kept->lines, iw_asprintf("%c%s\n", kind, line));
}

/* Beside it first, then in its place: a crash leaves the old one. */
static bool
write_file(const char *path, const struct strbuf *text)
{
    char beside[4200];
    snprintf(beside, sizeof(beside), "%s.new", path);
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool ok = write(fd, text->data, text->len) == (ssize_t)text->len;
    ok = close(fd) == 0 && ok;
    return ok && rename(beside, path) == 0;
}

void
history_save(const char *path, const struct ui *ui, size_t lines)
{
    char where[4096];
    struct kept_lines kept = {0};
    strbuf_auto text;
    if (!file_path(path, where, sizeof(where)))
        return;
    if (lines == 0) {
        unlink(where);
        return;
    }
    strbuf_init(&text, LIMIT_HISTORY_BYTES);
    ui_history_each(ui, keep_line, &kept);
    size_t first = kept.lines.len > lines ? kept.lines.len - lines : 0;
    for (size_t i = 0; i < kept.lines.len; i++) {
        if (i >= first)
            strbuf_adds(&text, kept.lines.items[i]);
        free(kept.lines.items[i]);
    }
    vec_free(&kept.lines);
    if (!write_file(where, &text))
        LOG_WARN("the history could not be kept in %s", where);
}
