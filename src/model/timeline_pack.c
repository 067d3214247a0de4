/* timeline_pack: what ten thousand histories are made of, small: words by number, ids as their digest.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/intern.h"
#include "timeline_internal.h"

/* --- words --- */

/* Most transitions need no others than these and the names of containers. */
static const char *const COMMON[] = {"",      "waiting", "running", "terminated",
                                     "ready", "unready", "started"};
/* Who sends more of them has none for the later ones. */
#define WORDS_MAX ((1u << 14) - 1)

static uint32_t
word_number(struct timeline *t, const char *text)
{
    for (uint32_t i = 0; i < IW_COUNTOF(COMMON); i++)
        if (strcmp(COMMON[i], text) == 0)
            return i;
    const char *kept = timeline_keep(t, text);
    for (size_t i = 0; i < t->words.len; i++)
        if (t->words.items[i] == kept)
            return (uint32_t)(IW_COUNTOF(COMMON) + i);
    if (IW_COUNTOF(COMMON) + t->words.len >= WORDS_MAX)
        return 0;
    timeline_push(&t->words, kept);
    return (uint32_t)(IW_COUNTOF(COMMON) + t->words.len - 1);
}

static const char *
word_at(const struct timeline *t, uint32_t number)
{
    return number < IW_COUNTOF(COMMON) ? COMMON[number]
                                       : t->words.items[number - IW_COUNTOF(COMMON)];
}

struct kept_transition
transition_pack(struct timeline *t, const struct transition *tr)
{
    return (struct kept_transition){.wall_ms = tr->wall_ms,
                                    .exit_code = tr->exit_code,
                                    .attempt = tr->attempt,
                                    .container = word_number(t, tr->container) & 0xFFFF,
                                    .reason = word_number(t, tr->reason ? tr->reason : "") & 0xFFFF,
                                    .from = word_number(t, tr->from) & WORDS_MAX,
                                    .to = word_number(t, tr->to) & WORDS_MAX,
                                    .source = (uint32_t)tr->source & 7,
                                    .gap = tr->gap};
}

struct transition
timeline_at(const struct timeline *t, size_t i)
{
    if (i >= t->transitions.len)
        return (struct transition){.container = "", .from = "", .to = "", .reason = ""};
    const struct kept_transition *k = &t->transitions.items[i];
    return (struct transition){.wall_ms = k->wall_ms,
                               .container = word_at(t, k->container),
                               .from = word_at(t, k->from),
                               .to = word_at(t, k->to),
                               .reason = word_at(t, k->reason),
                               .exit_code = k->exit_code,
                               .attempt = k->attempt,
                               .source = (enum timeline_source)k->source,
                               .gap = k->gap};
}

/* --- ids of containers --- */

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False when it is not exactly that many digits in lower case. */
static bool
digest_read(const char *text, uint8_t digest[RUN_DIGEST_BYTES])
{
    if (strlen(text) != 2 * (size_t)RUN_DIGEST_BYTES)
        return false;
    for (size_t i = 0; i < RUN_DIGEST_BYTES; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void
run_id_free(struct run_id *id)
{
    if (!id->scheme)
        free(id->text);
    *id = (struct run_id){.scheme = NULL};
}

void
run_id_set(struct run_id *id, const char *text)
{
    const char *colon = strstr(text, "://"), *rest = colon ? colon + 3 : text;
    uint8_t digest[RUN_DIGEST_BYTES];
    run_id_free(id);
    if (text[0] == '\0')
        return;
    const char *scheme = digest_read(rest, digest) ? iw_intern(text, (size_t)(rest - text)) : NULL;
    id->scheme = scheme;
    if (scheme)
        memcpy(id->digest, digest, sizeof(digest));
    else
        id->text = iw_strdup(text);
}

void
run_id_text(const struct run_id *id, char *out, size_t out_size)
{
    char hex[2 * RUN_DIGEST_BYTES + 1];
    if (!id->scheme) {
        (void)snprintf(out, out_size, "%s", id->text ? id->text : "");
        return;
    }
    for (size_t i = 0; i < RUN_DIGEST_BYTES; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", id->digest[i]);
    (void)snprintf(out, out_size, "%s%s", id->scheme, hex);
}
