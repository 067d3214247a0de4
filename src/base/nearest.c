/* nearest: edit distance over short names.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/base/nearest.h"

#include <stdio.h>
#include <string.h>

enum { NEAREST_NAME_MAX = 127 };

/* How many letters have to be changed, left out, put in, or swapped with their neighbour (optimal
 * string alignment). */
static unsigned
edit_distance(const char *a, const char *b)
{
    size_t la = IW_MIN(strlen(a), (size_t)NEAREST_NAME_MAX);
    size_t lb = IW_MIN(strlen(b), (size_t)NEAREST_NAME_MAX);
    unsigned rows[3][NEAREST_NAME_MAX + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= lb; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= la; i++) {
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            unsigned other = IW_MIN(above[j], row[j - 1]) + 1;
            row[j] = IW_MIN(above[j - 1] + (a[i - 1] != b[j - 1]), other);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = IW_MIN(row[j], before[j - 2] + 1);
        }
    }
    return row[lb];
}

void
nearest_init(struct nearest *n, const char *wanted)
{
    *n = (struct nearest){.wanted = wanted};
}

void
nearest_offer(struct nearest *n, const char *name)
{
    size_t wanted_len = strlen(n->wanted);
    bool prefix = wanted_len > 0 && strncmp(name, n->wanted, wanted_len) == 0;
    unsigned distance = prefix ? 0 : edit_distance(n->wanted, name);
    /* As many edits as letters: they have nothing in common. */
    if (distance > IW_MAX(wanted_len, (size_t)3) / 3 + 1 || (!prefix && distance >= wanted_len))
        return;
    for (unsigned i = 0; i < n->count; i++)
        if (strcmp(n->names[i], name) == 0)
            return;
    unsigned at = n->count;
    while (at > 0 && n->distance[at - 1] > distance)
        at--;
    if (at >= NEAREST_MAX)
        return;
    for (unsigned i = IW_MIN(n->count, NEAREST_MAX - 1u); i > at; i--) {
        memcpy(n->names[i], n->names[i - 1], sizeof(n->names[i]));
        n->distance[i] = n->distance[i - 1];
    }
    snprintf(n->names[at], sizeof(n->names[at]), "%s", name);
    n->distance[at] = distance;
    n->count = IW_MIN(n->count + 1, (unsigned)NEAREST_MAX);
}

const char *
nearest_text(struct nearest *n)
{
    size_t used = 0;
    n->text[0] = '\0';
    for (unsigned i = 0; i < n->count; i++) {
        int added =
            snprintf(n->text + used, sizeof(n->text) - used, "%s%s", i ? ", " : "", n->names[i]);
        used += (size_t)IW_MAX(added, 0);
    }
    return n->text;
}
