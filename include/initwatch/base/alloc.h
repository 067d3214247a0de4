/* alloc: allocation that cannot fail, and scope-bound cleanup.
 *
 * When memory is out, the fatal hook runs (it gives the terminal back), the last words
 * go to stderr and the process exits with status 70. Nothing whose size a peer
 * controls may be allocated here without a ceiling (strbuf, arena, frame have one).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_ALLOC_H
#define INITWATCH_BASE_ALLOC_H

#include "initwatch/base/iwdef.h"

void *iw_malloc(size_t size_bytes) IW_NODISCARD;
void *iw_calloc(size_t count, size_t size_bytes) IW_NODISCARD;
void *iw_realloc(void *ptr, size_t size_bytes) IW_NODISCARD;
/* Overflow of count * size_bytes is fatal. */
void *iw_reallocarray(void *ptr, size_t count, size_t size_bytes) IW_NODISCARD;
char *iw_strdup(const char *text) IW_NODISCARD;
char *iw_strndup(const char *text, size_t len) IW_NODISCARD;
/* printf into new memory. */
char *iw_asprintf(const char *fmt, ...) IW_PRINTF(1, 2) IW_NODISCARD;

/* Called once before a fatal exit; NULL removes it. */
void iw_set_fatal_hook(void (*hook)(void));

/* Run the hook, print "initwatch: <message>" to stderr, exit(70). */
void iw_fatal(const char *fmt, ...) IW_PRINTF(1, 2) IW_NORETURN;

void iw_cleanup_free(void *ptr_to_ptr);
void iw_cleanup_close(int *fd);
#define iw_autofree IW_CLEANUP(iw_cleanup_free)
#define iw_autoclose IW_CLEANUP(iw_cleanup_close)

#endif
