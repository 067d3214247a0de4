/* platform: program path and XDG folders.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/platform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

bool
platform_self_path(char *out, size_t out_size)
{
#ifdef __APPLE__
    uint32_t size = (uint32_t)out_size;
    return _NSGetExecutablePath(out, &size) == 0;
#else
    ssize_t len = readlink("/proc/self/exe", out, out_size - 1);
    if (len <= 0)
        return false;
    out[len] = '\0';
    return true;
#endif
}

static bool
xdg_folder(const char *variable, const char *fallback, char *out, size_t out_size)
{
    const char *base = getenv(variable);
    const char *home = getenv("HOME");
    int len;
    if (base && base[0] == '/')
        len = snprintf(out, out_size, "%s/initwatch", base);
    else if (home && home[0] == '/')
        len = snprintf(out, out_size, "%s/%s/initwatch", home, fallback);
    else
        return false;
    return len > 0 && (size_t)len < out_size;
}

/* mkdir -p, 0700 for what is new. */
static bool
make_folders(char *path)
{
    for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        bool ok = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!ok)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

bool
platform_state_path(const char *name, char *out, size_t out_size)
{
    char folder[3072];
    if (!xdg_folder("XDG_STATE_HOME", ".local/state", folder, sizeof(folder)) ||
        !make_folders(folder))
        return false;
    int len = snprintf(out, out_size, "%s/%s", folder, name);
    return len > 0 && (size_t)len < out_size;
}

int
platform_expand_home(const char *typed, char *out, size_t out_size)
{
    const char *home = getenv("HOME");
    bool tilde = typed[0] == '~' && (typed[1] == '/' || !typed[1]) && home;
    return snprintf(out, out_size, "%s%s", tilde ? home : "", tilde ? typed + 1 : typed);
}

bool
platform_config_path(const char *name, char *out, size_t out_size)
{
    char folder[3072];
    if (!xdg_folder("XDG_CONFIG_HOME", ".config", folder, sizeof(folder)))
        return false;
    int len = snprintf(out, out_size, "%s/%s", folder, name);
    return len > 0 && (size_t)len < out_size;
}
