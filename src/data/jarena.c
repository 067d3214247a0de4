/* jarena: JSON parsing into one arena that is given back as a whole.
 *
 * jansson makes one allocation for each value and string; giving a tree back costs as much as
 * building it. Here a tree is bump-allocated and forgotten. jansson's allocation hooks are
 * process-wide, so they stay set and look at whether a document is open.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/data/jarena.h"

#include <stdlib.h>

#include "initwatch/base/arena.h"
#include "initwatch/base/limits.h"

#include "json_read.h"

static struct {
    struct arena arena;
    bool ready;     /* arena and hooks are set */
    bool open;      /* a document is open: allocations come from the arena */
    bool exhausted; /* the arena's ceiling was hit */
} jarena;

static void *
jarena_hook_malloc(size_t size_bytes)
{
    if (!jarena.open)
        return malloc(size_bytes);
    void *ptr = arena_alloc(&jarena.arena, size_bytes);
    if (!ptr)
        jarena.exhausted = true;
    return ptr;
}

static void
jarena_hook_free(void *ptr)
{
    /* A value made before the document was opened can die while it is open, and the other way
     * round. */
    if (ptr && !arena_owns(&jarena.arena, ptr))
        free(ptr);
}

static void
jarena_open(void)
{
    if (!jarena.ready) {
        arena_init(&jarena.arena, LIMIT_JSON_ARENA_BYTES);
        json_set_alloc_funcs(jarena_hook_malloc, jarena_hook_free);
        jarena.ready = true;
    }
    jarena_release();
    jarena.open = true;
}

enum iw_err
jarena_parse(const char *bytes, size_t len, json_t **root, struct iw_error *err)
{
    struct json_read_error error;
    jarena_open();
    json_t *tree = json_read(bytes, len, (struct json_read_options){.drop_managed = true}, &error);
    if (tree) {
        *root = tree;
        return IW_OK;
    }
    bool exhausted = jarena.exhausted;
    jarena_release();
    if (exhausted)
        return iw_fail(err, IW_ERR_TOO_BIG, "JSON needs more than %u MiB when parsed",
                       LIMIT_JSON_ARENA_BYTES >> 20);
    return iw_fail(err, IW_ERR_PARSE, "line %d, column %d: %s", error.line, error.column,
                   error.what);
}

void
jarena_release(void)
{
    if (!jarena.ready)
        return;
    arena_reset(&jarena.arena);
    jarena.open = false;
    jarena.exhausted = false;
}
