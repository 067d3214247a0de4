/* pods_sort: the order of the pod list, for a hundred thousand pods at the speed of a key.
 *
 * A pod's place is a number where that is possible; the number of a text is its first eight bytes. All of them are sorted by
 * radix, stably, from the order of names: what is equal stays by namespace and name. Texts that agree in eight bytes are
 * sorted again by the next eight. A few pods that changed are taken out and put back where binary search finds their place.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/owner.h"
#include "pods.h"

enum { KEY_BYTES = 8, INSERTION_MAX = 32, SEVERITY_SHIFT = 56 };

static const struct {
    const char *word, *text;
    bool by_text;
} SORTS[POD_SORT_COUNT] = {
#define X(name, word, text, by_text) [POD_SORT_##name] = {word, text, by_text},
    POD_SORTS(X)
#undef X
};

const char *
pod_sort_text(enum pod_sort sort)
{
    return (unsigned)sort < POD_SORT_COUNT ? tr(SORTS[sort].text) : "";
}

bool
pod_sort_parse(const char *word, enum pod_sort *out)
{
    for (unsigned i = 0; i < POD_SORT_COUNT; i++)
        if (strcmp(SORTS[i].word, word) == 0) {
            *out = (enum pod_sort)i;
            return true;
        }
    return false;
}

bool
pod_sort_is_text(enum pod_sort sort)
{
    return (unsigned)sort < POD_SORT_COUNT && SORTS[sort].by_text;
}

/* --- keys --- */

/* Moments from the year 1 to 9999 as numbers of 55 bits, unknown ones behind all of them. */
static uint64_t
moment_key(int64_t wall_ms)
{
    const int64_t bias = INT64_C(1) << 53;
    if (wall_ms == IW_TIME_NONE)
        return (UINT64_C(1) << 55) - 1;
    int64_t kept = IW_MIN(IW_MAX(wall_ms, -bias), bias - 2);
    return (uint64_t)(kept + bias);
}

/* The bytes of a text from `depth` on, the first one on top; short ones end in zeros. */
static uint64_t
text_key(const char *text, size_t depth)
{
    uint64_t key = 0;
    bool ended = false;
    for (size_t i = 0; i < KEY_BYTES; i++) {
        ended = ended || text[depth + i] == '\0';
        key = key << 8 | (ended ? 0 : (unsigned char)text[depth + i]);
    }
    return key;
}

/* What a sort by text compares; owner is the room for the name of an owner. */
static const char *
sort_text(enum pod_sort sort, const struct pod_fact *f, const struct pod *pod)
{
    switch (sort) {
    case POD_SORT_NAME:
        return pod->name;
    case POD_SORT_STATUS:
        return f->status;
    case POD_SORT_NODE:
        return pod->node;
    case POD_SORT_OWNER:
        /* A set's name begins with its Deployment's: the pods of one stand together. */
        return pod->owner_name[0] ? pod->owner_name : pod->name;
    case POD_SORT_STUCK:
    case POD_SORT_NS:
    case POD_SORT_INIT:
    case POD_SORT_READY:
    case POD_SORT_RESTARTS:
    case POD_SORT_FOR:
    case POD_SORT_AGE:
    case POD_SORT_COUNT:
        break;
    }
    return "";
}

uint64_t
pod_sort_key(enum pod_sort sort, const struct pod_fact *f, const struct pod *pod)
{
    switch (sort) {
    case POD_SORT_STUCK: {
        /* Healthy pods have no moment of trouble: they are by name. */
        uint64_t moment = f->severity == BLOCK_NONE ? 0 : moment_key(f->since_ms);
        return (uint64_t)(BLOCK_ERROR - f->severity) << SEVERITY_SHIFT | moment;
    }
    case POD_SORT_INIT:
        /* What goes on first, the longest in front; then what is over; then pods without inits. */
        if (f->init_from_ms == IW_TIME_NONE)
            return UINT64_MAX;
        return f->init_ms < 0 ? moment_key(f->init_from_ms)
                              : (UINT64_C(1) << 62) - (uint64_t)f->init_ms;
    case POD_SORT_READY:
        return UINT32_MAX - (uint64_t)IW_MAX(f->total - f->ready, 0);
    case POD_SORT_RESTARTS:
        return UINT32_MAX - f->restarts;
    case POD_SORT_FOR:
        return moment_key(f->since_ms);
    case POD_SORT_AGE:
        /* The youngest first. */
        return f->created_ms == IW_TIME_NONE ? UINT64_MAX
                                             : (UINT64_C(1) << 55) - moment_key(f->created_ms);
    case POD_SORT_NAME:
    case POD_SORT_STATUS:
    case POD_SORT_NODE:
    case POD_SORT_OWNER:
        return text_key(sort_text(sort, f, pod), 0);
    case POD_SORT_NS:
    case POD_SORT_COUNT:
        break;
    }
    return 0;
}

/* --- comparing two --- */

int
pod_sort_compare_names(const struct store *store, struct pod_ref a, struct pod_ref b)
{
    const struct pod *pa = store_get(store, a), *pb = store_get(store, b);
    if (!pa || !pb)
        return !pa - !pb;
    int order = strcmp(pa->ns, pb->ns);
    if (order == 0)
        order = strcmp(pa->name, pb->name);
    return order ? order : strcmp(pa->uid, pb->uid);
}

int
pod_sort_compare(const struct pod_rows *r, const struct store *store, struct pod_ref a,
                 struct pod_ref b)
{
    const struct pod_fact *fa = &r->facts.items[a.slot], *fb = &r->facts.items[b.slot];
    int order = fa->key < fb->key ? -1 : fa->key > fb->key;
    if (order == 0 && SORTS[r->sort].by_text) {
        const struct pod *pa = store_get(store, a), *pb = store_get(store, b);
        if (pa && pb)
            order = strcmp(sort_text(r->sort, fa, pa), sort_text(r->sort, fb, pb));
    }
    if (order == 0)
        order = pod_sort_compare_names(store, a, b);
    return r->reverse ? -order : order;
}

/* --- sorting all --- */

struct sort_item {
    uint64_t key;
    struct pod_ref ref;
    const char *text; /* NULL: the key says all */
};

static void
sort_insertion(struct sort_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct sort_item item = items[i];
        size_t at = i;
        for (; at > 0 && items[at - 1].key > item.key; at--)
            items[at] = items[at - 1];
        items[at] = item;
    }
}

/* By the keys, stably: byte by byte from the last, bytes that all have in common left out. */
static void
sort_keys(struct sort_item *items, struct sort_item *spare, size_t count)
{
    if (count <= INSERTION_MAX) {
        sort_insertion(items, count);
        return;
    }
    uint64_t differ = 0;
    for (size_t i = 1; i < count; i++)
        differ |= items[i].key ^ items[0].key;
    struct sort_item *from = items, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t places[257] = {0};
        if (!(differ >> shift & 0xFF))
            continue;
        for (size_t i = 0; i < count; i++)
            places[(from[i].key >> shift & 0xFF) + 1]++;
        for (size_t i = 1; i < 257; i++)
            places[i] += places[i - 1];
        for (size_t i = 0; i < count; i++)
            to[places[from[i].key >> shift & 0xFF]++] = from[i];
        struct sort_item *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof(*items));
}

/* Runs whose texts agree so far and go on, again by their next bytes. */
static void
sort_texts(struct sort_item *items, struct sort_item *spare, size_t count, size_t depth)
{
    sort_keys(items, spare, count);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && items[to].key == items[from].key;)
            to++;
        bool goes_on = (items[from].key & 0xFF) != 0;
        if (to - from < 2 || !goes_on)
            continue;
        for (size_t i = from; i < to; i++)
            items[i].key = text_key(items[i].text, depth + KEY_BYTES);
        sort_texts(items + from, spare + from, to - from, depth + KEY_BYTES);
    }
}

/* A text of each, from the last to matter to the first: every pass keeps what the one before did among equals. */
void
pod_sort_names(struct pod_refs *refs, const struct store *store)
{
    size_t count = refs->len;
    if (count < 2)
        return;
    struct sort_item *items = iw_calloc(2 * count, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i].ref = refs->items[i];
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < count; i++) {
            const struct pod *pod = store_get(store, items[i].ref);
            const char *text = !pod ? "" : pass == 0 ? pod->uid : pass == 1 ? pod->name : pod->ns;
            items[i].text = text;
            items[i].key = text_key(text, 0);
        }
        sort_texts(items, items + count, count, 0);
    }
    for (size_t i = 0; i < count; i++)
        refs->items[i] = items[i].ref;
    free(items);
}

void
pod_sort_all(struct pod_rows *r, const struct store *store)
{
    bool by_text = SORTS[r->sort].by_text;
    struct sort_item *items = iw_calloc(2 * r->names.len + 1, sizeof(*items));
    size_t count = 0;
    for (size_t i = 0; i < r->names.len; i++) {
        struct pod_ref ref = r->names.items[i];
        struct pod_fact *f = &r->facts.items[ref.slot];
        if (!f->shown)
            continue;
        const struct pod *pod = by_text ? store_get(store, ref) : NULL;
        f->key = by_text && !pod ? 0 : pod_sort_key(r->sort, f, pod);
        items[count++] = (struct sort_item){f->key, ref, pod ? sort_text(r->sort, f, pod) : NULL};
    }
    struct sort_item *spare = items + count;
    if (by_text)
        sort_texts(items, spare, count, 0);
    else
        sort_keys(items, spare, count);
    vec_reserve(&r->order, count);
    r->order.len = count;
    for (size_t i = 0; i < count; i++)
        r->order.items[r->reverse ? count - 1 - i : i] = items[i].ref;
    free(items);
}

/* --- a few more --- */

struct merge_context {
    const struct pod_rows *rows;
    const struct store *store;
    pod_compare compare;
};

static int
compare_refs(const void *left, const void *right, void *context)
{
    const struct merge_context *c = context;
    return c->compare(c->rows, c->store, *(const struct pod_ref *)left,
                      *(const struct pod_ref *)right);
}

void
pod_sort_few(struct pod_refs *refs, const struct pod_rows *r, const struct store *store,
             pod_compare compare)
{
    struct merge_context c = {r, store, compare};
    if (refs->len > 1)
        qsort_r(refs->items, refs->len, sizeof(*refs->items), compare_refs, &c);
}

void
pod_sort_merge(struct pod_refs *list, const struct pod_refs *more, const struct pod_rows *r,
               const struct store *store, pod_compare compare)
{
    size_t end = list->len;
    vec_reserve(list, list->len + more->len);
    list->len += more->len;
    /* From the last to the first, so that nothing is moved twice. */
    for (size_t left = more->len; left > 0; left--) {
        size_t low = 0, high = end;
        while (low < high) {
            size_t mid = (low + high) / 2;
            if (compare(r, store, list->items[mid], more->items[left - 1]) <= 0)
                low = mid + 1;
            else
                high = mid;
        }
        memmove(list->items + low + left, list->items + low, (end - low) * sizeof(*list->items));
        list->items[low + left - 1] = more->items[left - 1];
        end = low;
    }
}
