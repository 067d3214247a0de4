/* linebits: words of 64 bits, and before each block of eight words how many bits are set so far.
 *
 * Counts of the blocks are made when they are asked for, from the first block that changed on.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/linebits.h"

#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"

enum { WORD_BITS = 64, BLOCK_BITS = 512, BLOCK_WORDS = BLOCK_BITS / WORD_BITS };

void
linebits_free(struct linebits *b)
{
    free(b->words);
    free(b->ranks);
    *b = (struct linebits){0};
}

void
linebits_reset(struct linebits *b, uint64_t first)
{
    if (b->words)
        memset(b->words, 0, b->words_allocated * sizeof(*b->words));
    b->base = first - first % BLOCK_BITS;
    b->begin = b->end = first;
    b->ranked_blocks = 0;
}

static void
reserve(struct linebits *b, uint64_t bits)
{
    size_t need = (size_t)(bits / BLOCK_BITS + 1) * BLOCK_WORDS;
    if (need <= b->words_allocated)
        return;
    size_t grown = IW_MAX(need, b->words_allocated * 2);
    grown = (grown + BLOCK_WORDS - 1) / BLOCK_WORDS * BLOCK_WORDS;
    b->words = iw_reallocarray(b->words, grown, sizeof(*b->words));
    memset(b->words + b->words_allocated, 0, (grown - b->words_allocated) * sizeof(*b->words));
    b->ranks = iw_reallocarray(b->ranks, grown / BLOCK_WORDS + 1, sizeof(*b->ranks));
    b->words_allocated = grown;
}

static void
forget_ranks(struct linebits *b, uint64_t bit)
{
    /* The count before block k covers the blocks below k. */
    b->ranked_blocks = IW_MIN(b->ranked_blocks, (size_t)(bit / BLOCK_BITS) + 1);
}

void
linebits_extend(struct linebits *b, uint64_t count)
{
    b->end += count;
    reserve(b, b->end - b->base);
}

void
linebits_set(struct linebits *b, uint64_t line, bool bit)
{
    if (line < b->begin || line >= b->end)
        return;
    uint64_t at = line - b->base, mask = UINT64_C(1) << (at % WORD_BITS);
    uint64_t *word = &b->words[at / WORD_BITS];
    if (((*word & mask) != 0) == bit)
        return;
    *word ^= mask;
    forget_ranks(b, at);
}

void
linebits_push(struct linebits *b, bool bit)
{
    linebits_extend(b, 1);
    if (bit)
        linebits_set(b, b->end - 1, true);
}

/* Clear the bits from..to-1, counted from base. */
static void
clear_bits(struct linebits *b, uint64_t from, uint64_t to)
{
    for (; from < to && from % WORD_BITS != 0; from++)
        b->words[from / WORD_BITS] &= ~(UINT64_C(1) << (from % WORD_BITS));
    for (; from + WORD_BITS <= to; from += WORD_BITS)
        b->words[from / WORD_BITS] = 0;
    for (; from < to; from++)
        b->words[from / WORD_BITS] &= ~(UINT64_C(1) << (from % WORD_BITS));
}

void
linebits_drop_before(struct linebits *b, uint64_t line)
{
    if (line <= b->begin)
        return;
    if (line >= b->end) {
        linebits_reset(b, line);
        return;
    }
    clear_bits(b, b->begin - b->base, line - b->base);
    b->begin = line;
    b->ranked_blocks = 0;
    /* Moving everything is worth it when half of it is gone. */
    uint64_t gone = (line - b->base) / BLOCK_BITS * BLOCK_BITS;
    if (gone * 2 < b->end - b->base)
        return;
    size_t words = (size_t)(gone / WORD_BITS);
    memmove(b->words, b->words + words, (b->words_allocated - words) * sizeof(*b->words));
    memset(b->words + b->words_allocated - words, 0, words * sizeof(*b->words));
    b->base += gone;
}

void
linebits_cut(struct linebits *b, uint64_t line)
{
    line = IW_MAX(line, b->begin);
    if (line >= b->end)
        return;
    clear_bits(b, line - b->base, b->end - b->base);
    b->end = line;
    forget_ranks(b, line - b->base);
}

bool
linebits_get(const struct linebits *b, uint64_t line)
{
    if (line < b->begin || line >= b->end)
        return false;
    uint64_t at = line - b->base;
    return (b->words[at / WORD_BITS] >> (at % WORD_BITS)) & 1;
}

static unsigned
ones(uint64_t word)
{
    return (unsigned)__builtin_popcountll(word);
}

/* Bring the counts up to block `want`. They are a cache: the set itself stays as it is. */
static void
rank_blocks(const struct linebits *set, size_t want)
{
    struct linebits *b = (struct linebits *)set;
    if (b->ranked_blocks == 0) {
        b->ranks[0] = 0;
        b->ranked_blocks = 1;
    }
    for (; b->ranked_blocks <= want; b->ranked_blocks++) {
        size_t block = b->ranked_blocks - 1;
        uint64_t sum = b->ranks[block];
        for (size_t i = 0; i < BLOCK_WORDS; i++)
            sum += ones(b->words[block * BLOCK_WORDS + i]);
        b->ranks[block + 1] = sum;
    }
}

/* Set bits before a bit, counted from base. */
static uint64_t
rank_of(const struct linebits *b, uint64_t bit)
{
    size_t block = (size_t)(bit / BLOCK_BITS), word = (size_t)(bit / WORD_BITS);
    rank_blocks(b, block);
    uint64_t sum = b->ranks[block];
    for (size_t i = block * BLOCK_WORDS; i < word; i++)
        sum += ones(b->words[i]);
    if (bit % WORD_BITS)
        sum += ones(b->words[word] & ((UINT64_C(1) << (bit % WORD_BITS)) - 1));
    return sum;
}

uint64_t
linebits_count(const struct linebits *b, uint64_t from, uint64_t to)
{
    from = IW_MAX(from, b->begin);
    to = IW_MIN(to, b->end);
    if (from >= to)
        return 0;
    return rank_of(b, to - b->base) - rank_of(b, from - b->base);
}

uint64_t
linebits_next(const struct linebits *b, uint64_t line)
{
    line = IW_MAX(line, b->begin);
    if (line >= b->end)
        return LINE_NONE;
    uint64_t at = line - b->base;
    size_t word = (size_t)(at / WORD_BITS), last = (size_t)((b->end - 1 - b->base) / WORD_BITS);
    uint64_t bits = b->words[word] & (~UINT64_C(0) << (at % WORD_BITS));
    while (!bits && word < last)
        bits = b->words[++word];
    return bits ? b->base + word * WORD_BITS + (unsigned)__builtin_ctzll(bits) : LINE_NONE;
}

uint64_t
linebits_prev(const struct linebits *b, uint64_t line)
{
    if (b->end == b->begin || line < b->begin)
        return LINE_NONE;
    line = IW_MIN(line, b->end - 1);
    uint64_t at = line - b->base;
    size_t word = (size_t)(at / WORD_BITS), first = (size_t)((b->begin - b->base) / WORD_BITS);
    uint64_t bits = b->words[word] & (~UINT64_C(0) >> (WORD_BITS - 1 - at % WORD_BITS));
    while (!bits && word > first)
        bits = b->words[--word];
    return bits ? b->base + word * WORD_BITS + (WORD_BITS - 1 - (unsigned)__builtin_clzll(bits))
                : LINE_NONE;
}

uint64_t
linebits_next_clear(const struct linebits *b, uint64_t line)
{
    if (line < b->begin || line >= b->end)
        return line;
    uint64_t at = line - b->base, stop = b->end - b->base;
    while (at < stop) {
        uint64_t clear = ~b->words[at / WORD_BITS] & (~UINT64_C(0) << (at % WORD_BITS));
        uint64_t word_begin = at - at % WORD_BITS;
        if (clear)
            return b->base + IW_MIN(word_begin + (unsigned)__builtin_ctzll(clear), stop);
        at = word_begin + WORD_BITS;
    }
    return b->end;
}

/* The k-th set bit of a word that has more than k. */
static unsigned
select_in_word(uint64_t word, uint64_t k)
{
    while (k-- > 0)
        word &= word - 1;
    return (unsigned)__builtin_ctzll(word);
}

uint64_t
linebits_select(const struct linebits *b, uint64_t k)
{
    if (k >= linebits_count(b, b->begin, b->end))
        return LINE_NONE;
    size_t low = 0, high = (size_t)((b->end - b->base) / BLOCK_BITS);
    while (low < high) { /* the last block whose count before it is at most k */
        size_t mid = (low + high + 1) / 2;
        if (b->ranks[mid] <= k)
            low = mid;
        else
            high = mid - 1;
    }
    k -= b->ranks[low];
    for (size_t word = low * BLOCK_WORDS;; word++) {
        unsigned n = ones(b->words[word]);
        if (k < n)
            return b->base + word * WORD_BITS + select_in_word(b->words[word], k);
        k -= n;
    }
}
