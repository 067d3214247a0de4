/* tr: what people read, in their language. The English sentence is the key and what is shown when
 * there is no translation.
 *
 * Wrap the literal, not what was made of it: tr("no pod in %s") is a format string and stays
 * checked by the compiler. A literal that stands in a table is marked with TR_MARK and goes through
 * tr() where it is drawn. A catalogue is locale/LANG.po, compiled into the program; a unit test
 * compares each entry with the source. Never for machines: the app sets "en" before it writes JSON
 * or what kubectl would write.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_TR_H
#define INITWATCH_BASE_TR_H

#include <stdint.h>

#include "initwatch/base/iwdef.h"

/* Marks a literal in a static table; its value is the literal. */
#define TR_MARK(english) english

/* The sentence in the language chosen, else `english` itself. The result lives as long as the
 * program (or the argument), also when the language changes. */
const char *tr(const char *english) __attribute__((format_arg(1)));

/* The sentence for a count, as ngettext has it: `one` when there is exactly one, else `many`. */
const char *tr_n(const char *one, const char *many, uint64_t count)
    __attribute__((format_arg(1), format_arg(2)));

/* Choose by tag: "en", "ko", also "ko_KR.UTF-8"; "C", "POSIX" and "" are English. False when there
 * is no such catalogue, then nothing changes. */
bool tr_set_language(const char *tag);
/* "en" or "ko". */
const char *tr_language(void);
/* What the environment asks for: the first of LC_ALL, LC_MESSAGES, LANG that is set. Borrowed, ""
 * when none is. */
const char *tr_environment(void);
/* The languages there are: "en" first. NULL past the end. */
const char *tr_language_at(size_t index);

/* For tests: each entry of a catalogue; returns how many there are, 0 for a language without
 * one. */
size_t tr_each(const char *language,
               void (*each)(void *ctx, const char *english, const char *translated), void *ctx);

#endif
