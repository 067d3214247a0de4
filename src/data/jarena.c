/* jarena: JSON parsing into one arena that is given back as a whole.
 *
 * jansson makes one allocation for each value and string; giving a tree back costs as much as
 * building it. Here a tree is bump-allocated and forgotten. jansson's allocation hooks are
 * process-wide, so they stay set and look at whether a document is open. SPDX-License-Identifier:
 * Apache-2.0 */
#include "initwatch/data/jarena.h"

#include <stdlib.h>

#include "initwatch/base/arena.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/strbuf.h"

#include "json_text.h"

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

static json_t *
jarena_load(const char *bytes, size_t len, json_error_t *error)
{
    jarena_open();
    /* NUL is legal in JSON strings ("\u0000") and kubelets pass it on in termination messages. */
    return json_loadb(bytes, len, JSON_ALLOW_NUL, error);
}

enum iw_err
jarena_parse(const char *bytes, size_t len, json_t **root, struct iw_error *err)
{
    strbuf_auto prepared;
    strbuf_auto repaired;
    /* Quotes at most double a text of short numbers; a broken byte becomes three. */
    strbuf_init(&prepared, len * 3 + 64);
    strbuf_init(&repaired, len * 9 + 256);
    bool changed = json_text_prepare(bytes, len, true, &prepared);
    const char *text = changed ? prepared.data : bytes;
    size_t text_len = changed ? prepared.len : len;
    json_error_t error;
    json_t *tree = jarena_load(text, text_len, &error);
    if (!tree && !jarena.exhausted && json_text_repair(text, text_len, &repaired)) {
        tree = jarena_load(repaired.data, repaired.len, &error);
        changed = true;
    }
    if (tree) {
        *root = tree;
        return IW_OK;
    }
    bool exhausted = jarena.exhausted;
    json_error_t original;
    /* Columns of the text that was changed would mislead. */
    if (!exhausted && changed && !jarena_load(bytes, len, &original))
        error = original;
    jarena_release();
    if (exhausted)
        return iw_fail(err, IW_ERR_TOO_BIG, "JSON needs more than %u MiB when parsed",
                       LIMIT_JSON_ARENA_BYTES >> 20);
    return iw_fail(err, IW_ERR_PARSE, "line %d, column %d: %s", error.line, error.column,
                   error.text);
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
