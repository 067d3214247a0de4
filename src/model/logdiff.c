/* logdiff: lines become hashes of their normalised text, hashes are compared.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/logdiff.h"

#include "initwatch/model/logline.h"

enum { STEPS_MAX = 1000 }; /* differences in the part that is compared: 4 MB of trace */

struct side {
    VEC(uint64_t) lines;
    VEC(uint64_t) hashes;
};

static uint64_t
line_hash(struct strbuf *scratch, const struct logbuf_line *line)
{
    uint64_t hash = 14695981039346656037u;
    strbuf_clear(scratch);
    logline_normalise(scratch, line->text, line->len);
    for (size_t i = 0; i < scratch->len; i++)
        hash = (hash ^ (unsigned char)scratch->data[i]) * 1099511628211u;
    return hash;
}

/* Lines of a chapter; those of another source stand between them in a merged log. */
static bool
side_fill(struct side *side, const struct logbuf *b, uint32_t id)
{
    const struct logbuf_chapter *chapter = logbuf_chapter_find(b, id);
    uint64_t first = logbuf_dropped(b), end = first + logbuf_count(b);
    strbuf_auto scratch;
    strbuf_init(&scratch, 0);
    for (uint64_t n = chapter ? IW_MAX(chapter->first_line, first) : end; n < end; n++) {
        struct logbuf_line line = logbuf_line(b, (size_t)(n - first));
        if (line.chapter != id || line.kind != LOGBUF_TEXT)
            continue;
        if (side->lines.len == LOGDIFF_LINES_MAX)
            return true;
        vec_push(&side->lines, n);
        vec_push(&side->hashes, line_hash(&scratch, &line));
    }
    return false;
}

static void
add_row(struct logdiff *d, const struct side *a, size_t x, const struct side *b, size_t y,
        bool differs)
{
    struct logdiff_row row = {.left = x < a->lines.len ? a->lines.items[x] : LINE_NONE,
                              .right = y < b->lines.len ? b->lines.items[y] : LINE_NONE,
                              .differs = differs};
    vec_push(&d->rows, row);
}

/* What was taken from one side and put on the other stands side by side. */
static void
add_changed(struct logdiff *d, const struct side *a, size_t x, size_t x_end, const struct side *b,
            size_t y, size_t y_end)
{
    while (x < x_end || y < y_end) {
        add_row(d, a, x < x_end ? x : SIZE_MAX, b, y < y_end ? y : SIZE_MAX, true);
        x += x < x_end;
        y += y < y_end;
    }
}

/* The furthest x on each diagonal after each number of differences. */
struct myers {
    const uint64_t *a, *b;
    int n, m;
    VEC(int) trace; /* 2 * d + 1 values for step d */
    int steps;      /* -1: too many differences */
};

static int
furthest(const struct myers *my, int d, int k)
{
    /* Step d holds diagonals -d..d; it begins after the d squared values of the steps before. */
    return my->trace.items[d * d + k + d];
}

/* furthest() of the step before, where it exists. */
static int
start_of(const struct myers *my, int d, int k)
{
    if (d == 0)
        return 0;
    bool low = k - 1 >= -(d - 1) && k - 1 <= d - 1, high = k + 1 >= -(d - 1) && k + 1 <= d - 1;
    int from_left = low ? furthest(my, d - 1, k - 1) + 1 : -1;
    int from_above = high ? furthest(my, d - 1, k + 1) : -1;
    return IW_MAX(from_left, from_above);
}

static void
myers_run(struct myers *my)
{
    my->steps = -1;
    for (int d = 0; d <= STEPS_MAX; d++)
        for (int k = -d; k <= d; k++) {
            int x = start_of(my, d, k), y = x - k;
            while (x >= 0 && y >= 0 && x < my->n && y < my->m && my->a[x] == my->b[y]) {
                x++;
                y++;
            }
            vec_push(&my->trace, x);
            if (x >= my->n && y >= my->m) {
                my->steps = d;
                return;
            }
        }
}

/* Which lines are the same on both sides: match[x] = y, -1 for none. */
static void
myers_matches(const struct myers *my, int *match)
{
    int x = my->n, y = my->m;
    for (int d = my->steps; d >= 0; d--) {
        int k = x - y, start = start_of(my, d, k);
        while (x > start && y > start - k) {
            x--;
            y--;
            match[x] = y;
        }
        if (d == 0)
            return;
        /* One step back along the way that start_of chose. */
        bool low = k - 1 >= -(d - 1) && k - 1 <= d - 1;
        if (low && furthest(my, d - 1, k - 1) + 1 == start)
            x--;
        else
            y--;
    }
}

static void
add_compared(struct logdiff *d, const struct side *a, size_t from, size_t a_end,
             const struct side *b, size_t b_end)
{
    struct myers my = {.a = a->hashes.items + from,
                       .b = b->hashes.items + from,
                       .n = (int)(a_end - from),
                       .m = (int)(b_end - from)};
    iw_autofree int *match = iw_calloc(a_end - from + 1, sizeof(*match));
    size_t x = from, y = from;
    memset(match, 0xff, (a_end - from + 1) * sizeof(*match));
    if (my.n > 0 && my.m > 0)
        myers_run(&my);
    else
        my.steps = -1;
    if (my.steps >= 0)
        myers_matches(&my, match);
    for (size_t i = from; i < a_end; i++) {
        if (match[i - from] < 0)
            continue;
        size_t other = (size_t)match[i - from] + from;
        add_changed(d, a, x, i, b, y, other);
        add_row(d, a, i, b, other, false);
        x = i + 1;
        y = other + 1;
    }
    add_changed(d, a, x, a_end, b, y, b_end);
    vec_free(&my.trace);
}

struct logdiff *
logdiff_new(const struct logbuf *buf, uint32_t left_chapter, uint32_t right_chapter)
{
    struct logdiff *d = iw_calloc(1, sizeof(*d));
    struct side a = {0}, b = {0};
    d->cut = side_fill(&a, buf, left_chapter);
    d->cut |= side_fill(&b, buf, right_chapter);
    size_t from = 0, a_end = a.lines.len, b_end = b.lines.len;
    for (; from < a_end && from < b_end && a.hashes.items[from] == b.hashes.items[from]; from++)
        add_row(d, &a, from, &b, from, false);
    while (a_end > from && b_end > from && a.hashes.items[a_end - 1] == b.hashes.items[b_end - 1]) {
        a_end--;
        b_end--;
    }
    add_compared(d, &a, from, a_end, &b, b_end);
    for (; a_end < a.lines.len; a_end++, b_end++)
        add_row(d, &a, a_end, &b, b_end, false);
    while (d->first < d->rows.len && !d->rows.items[d->first].differs)
        d->first++;
    vec_free(&a.lines);
    vec_free(&a.hashes);
    vec_free(&b.lines);
    vec_free(&b.hashes);
    return d;
}

void
logdiff_free(struct logdiff *d)
{
    if (!d)
        return;
    vec_free(&d->rows);
    free(d);
}
