/* alloc: allocation that ends the program instead of failing.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* EX_SOFTWARE of sysexits.h. */
#define FATAL_EXIT_CODE 70

static void (*fatal_hook)(void);

void
iw_set_fatal_hook(void (*hook)(void))
{
    fatal_hook = hook;
}

void
iw_fatal(const char *fmt, ...)
{
    /* The message is made on the stack: memory may be what is missing. */
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    void (*hook)(void) = fatal_hook;
    fatal_hook = NULL; /* a failure inside the hook must not run it again */
    if (hook)
        hook();
    fprintf(stderr, "initwatch: %s\n", text);
    exit(FATAL_EXIT_CODE);
}

static void *
alloc_check(void *ptr, size_t size_bytes)
{
    if (!ptr)
        iw_fatal("out of memory (%zu bytes)", size_bytes);
    return ptr;
}

/* malloc(0) may give NULL, which would look like a failure. */
static size_t
alloc_at_least_one(size_t size_bytes)
{
    return size_bytes ? size_bytes : 1;
}

void *
iw_malloc(size_t size_bytes)
{
    return alloc_check(malloc(alloc_at_least_one(size_bytes)), size_bytes);
}

void *
iw_calloc(size_t count, size_t size_bytes)
{
    if (count == 0 || size_bytes == 0)
        count = size_bytes = 1;
    return alloc_check(calloc(count, size_bytes), size_bytes);
}

void *
iw_realloc(void *ptr, size_t size_bytes)
{
    return alloc_check(realloc(ptr, alloc_at_least_one(size_bytes)), size_bytes);
}

void *
iw_reallocarray(void *ptr, size_t count, size_t size_bytes)
{
    if (size_bytes != 0 && count > SIZE_MAX / size_bytes)
        iw_fatal("out of memory (%zu times %zu bytes)", count, size_bytes);
    return iw_realloc(ptr, count * size_bytes);
}

char *
iw_strndup(const char *text, size_t len)
{
    char *copy = iw_malloc(len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *
iw_strdup(const char *text)
{
    return iw_strndup(text, strlen(text));
}

char *
iw_asprintf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        iw_fatal("cannot format a text");
    char *text = iw_malloc((size_t)len + 1);
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    return text;
}

void
iw_cleanup_free(void *ptr_to_ptr)
{
    void *ptr;
    memcpy(&ptr, ptr_to_ptr, sizeof(ptr));
    free(ptr);
}

void
iw_cleanup_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
