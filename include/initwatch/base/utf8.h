/* utf8: decoding that never fails, and how many cells a character takes.
 *
 * Damaged input yields U+FFFD, one per maximal bad subpart (Unicode 15, 3.9, table 3-8).
 * Widths come from a table made from Unicode 14's EastAsianWidth.txt, not from the C
 * library, so that they are the same on every system and locale.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_UTF8_H
#define INITWATCH_BASE_UTF8_H

#include "initwatch/base/iwdef.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* Decode one code point at text[0..len), len > 0. Stores how many bytes it took (>= 1). */
uint32_t utf8_next(const char *text, size_t len, size_t *taken);
/* Encode; returns 1..4, not NUL-terminated. */
size_t utf8_encode(uint32_t cp, char out[4]);
/* 0 for combining and zero-width, 2 for East Asian wide and emoji, 1 otherwise.
 * Control characters (C0, C1) give -1: they must never be drawn as they are. */
int utf8_cp_width(uint32_t cp);
/* True for bidi embeddings, overrides, isolates and marks, and other invisible format
 * characters that could disguise text (U+061C, U+180E, U+200B..U+200F, U+2028..U+202E,
 * U+2060..U+206F, U+FEFF, U+FFF9..U+FFFB, U+E0000..U+E007F). */
bool utf8_is_deceptive(uint32_t cp);
/* Cells of a whole text; control and deceptive characters count as one (they are drawn as a sign).
 */
int utf8_width(const char *text, size_t len);
/* Bytes of the longest prefix that fits in `cols` cells; *used gets its width (may be NULL). */
size_t utf8_fit(const char *text, size_t len, int cols, int *used);
/* Number of code points (kubectl counts these when it lays out a table). */
size_t utf8_count(const char *text, size_t len);
/* True if the whole text is well-formed UTF-8. */
bool utf8_valid(const char *text, size_t len);
/* Take the character set (LC_CTYPE) of the environment; true when it is UTF-8. A locale that the
 * environment names as UTF-8 but that is not installed (ssh hands LANG on to machines without it)
 * is C.UTF-8 in this. */
bool utf8_use_locale(void);

#endif
