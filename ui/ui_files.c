/* ui_files: file names for the ':' prompt, as far as a folder can be read.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ui_internal.h"

/* More entries than anybody completes by hand are not waited for. */
enum { ENTRIES_MAX = 10000, PATH_BYTES = PROMPT_TEXT_BYTES };

/* A name that can stand in a command line as it is. */
static bool
is_plain(const char *name)
{
    for (const char *p = name; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == ',' || *p == 0x7F)
            return false;
    return true;
}

static bool
is_folder(const char *folder, const struct dirent *entry)
{
    char path[PATH_BYTES + 256];
    struct stat st;
    (void)snprintf(path, sizeof(path), "%s%s", folder, entry->d_name);
    return entry->d_type == DT_DIR || ((entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN) &&
                                       stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

void
files_each(const char *typed, void (*each)(void *ctx, const char *path, bool folder), void *ctx)
{
    char folder[PATH_BYTES], path[PATH_BYTES + 257];
    const char *slash = strrchr(typed, '/'), *home = getenv("HOME");
    int kept = slash ? (int)(slash - typed) + 1 : 0;
    bool tilde = kept && typed[0] == '~' && typed[1] == '/' && home;
    if (strcmp(typed, "~") == 0) {
        each(ctx, "~/", true);
        return;
    }
    (void)snprintf(folder, sizeof(folder), "%s%.*s",
                   tilde  ? home
                   : kept ? ""
                          : "./",
                   tilde ? kept - 1 : kept, tilde ? typed + 1 : typed);
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    for (int i = 0; dir && i < ENTRIES_MAX && (entry = readdir(dir)) != NULL; i++) {
        /* Hidden ones when they are asked for. */
        if ((entry->d_name[0] == '.' && typed[kept] != '.') || !is_plain(entry->d_name) ||
            strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        bool below = is_folder(folder, entry);
        (void)snprintf(path, sizeof(path), "%.*s%s%s", kept, typed, entry->d_name,
                       below ? "/" : "");
        each(ctx, path, below);
    }
    if (dir)
        closedir(dir);
}
