/* resources_node: the resource tables of `kubectl describe node`.
 * Ref: SEMANTICS B.5; kubectl/pkg/describe/describe.go, DescribeNodeResource; Go's text/tabwriter.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/resources.h"

#define TABLE_COLUMNS 8
/* kubectl's tabwriter shares the first column with the lines above these tables, of which
 * "  Container Runtime Version:" is the widest; two blanks separate columns. */
#define FIRST_COLUMN_COLS 30
#define COLUMN_GAP_COLS 2

struct table_row {
    char *cells[TABLE_COLUMNS]; /* owned; NULL after the last */
};
struct table {
    VEC(struct table_row) rows;
    size_t first_min_cols;
};

static void
table_add(struct table *t, const char *const cells[TABLE_COLUMNS])
{
    struct table_row row = {0};
    for (size_t c = 0; c < TABLE_COLUMNS && cells[c]; c++)
        row.cells[c] = iw_strdup(cells[c]);
    vec_push(&t->rows, row);
}

static void
table_write(struct table *t, struct strbuf *out)
{
    size_t widths[TABLE_COLUMNS] = {t->first_min_cols};
    for (size_t r = 0; r < t->rows.len; r++) {
        char **cells = t->rows.items[r].cells;
        /* The last cell of a line is no column cell: it is not followed by a tab. */
        for (size_t c = 0; c + 1 < TABLE_COLUMNS && cells[c] && cells[c + 1]; c++) {
            size_t cols = utf8_count(cells[c], strlen(cells[c])) + COLUMN_GAP_COLS;
            widths[c] = IW_MAX(widths[c], cols);
        }
    }
    for (size_t r = 0; r < t->rows.len; r++) {
        char **cells = t->rows.items[r].cells;
        for (size_t c = 0; c < TABLE_COLUMNS && cells[c]; c++) {
            strbuf_adds(out, cells[c]);
            size_t cols = utf8_count(cells[c], strlen(cells[c]));
            bool last = c + 1 == TABLE_COLUMNS || !cells[c + 1];
            for (; !last && cols < widths[c]; cols++)
                strbuf_addc(out, ' ');
            free(cells[c]);
        }
        strbuf_addc(out, '\n');
    }
    vec_free(&t->rows);
}

/* int64(float64) as amd64 does it: what does not fit is the most negative number. */
static int64_t
cut_double(double x)
{
    if (!(x > -9223372036854775808.0 && x < 9223372036854775808.0))
        return INT64_MIN;
    return (int64_t)x;
}

int64_t
resources_describe_percent(const char *name, const struct quantity *amount,
                           const struct quantity *total, bool zero_total_is_zero)
{
    bool by_milli = strcmp(name, "cpu") == 0;
    int64_t part = by_milli ? quantity_milli(amount) : quantity_value(amount);
    int64_t whole = by_milli ? quantity_milli(total) : quantity_value(total);
    if (whole == 0) {
        if (zero_total_is_zero)
            return 0;
        return INT64_MIN; /* +-Inf and NaN alike */
    }
    return cut_double((double)part / (double)whole * 100);
}

static void
share_text(const char *name, const struct quantity *amount, const struct quantity *total,
           bool zero_total_is_zero, char out[QUANTITY_OUT_MAX + 32])
{
    char text[QUANTITY_OUT_MAX];
    quantity_format(amount, text, sizeof(text));
    snprintf(out, QUANTITY_OUT_MAX + 32, "%s (%lld%%)", text,
             (long long)resources_describe_percent(name, amount, total, zero_total_is_zero));
}

static struct quantity
amount_or_zero(const struct resource_amounts *amounts, const char *name)
{
    const struct quantity *q = resource_amount_of(amounts, name);
    return q ? *q : (struct quantity){0};
}

static struct quantity
total_of(const struct resource_list *list, const char *name)
{
    struct quantity q = {0};
    (void)resource_list_get(list, name, &q);
    return q;
}

static void
pod_row(struct table *t, const struct resource_list *total, const struct pod *pod,
        int64_t now_wall_ms)
{
    static const struct resource_options with_status = {.use_status = true};
    static const char *const names[] = {"cpu", "cpu", "memory", "memory"};
    char cells[4][QUANTITY_OUT_MAX + 32];
    char age[32] = "<unknown>";
    struct resource_amounts amounts[2];
    resources_effective(pod, RESOURCE_REQUESTS, &with_status, &amounts[0], NULL);
    resources_effective(pod, RESOURCE_LIMITS, &with_status, &amounts[1], NULL);
    for (size_t i = 0; i < IW_COUNTOF(names); i++) {
        struct quantity amount = amount_or_zero(&amounts[i % 2], names[i]);
        struct quantity whole = total_of(total, names[i]);
        share_text(names[i], &amount, &whole, false, cells[i]);
    }
    resource_amounts_free(&amounts[0]);
    resource_amounts_free(&amounts[1]);
    if (pod->created_ms != IW_TIME_NONE)
        duration_human(now_wall_ms - pod->created_ms, age);
    iw_autofree char *ns = iw_asprintf("  %s", pod->ns);
    table_add(t, (const char *const[TABLE_COLUMNS]){ns, pod->name, "", cells[0], cells[1], cells[2],
                                                    cells[3], age});
}

/* --- totals --- */

struct sums {
    VEC(struct resource_amount) items;
};

static void
sums_add(struct sums *s, const struct resource_amounts *amounts)
{
    for (size_t i = 0; i < amounts->count; i++) {
        const struct resource_amount *a = &amounts->items[i];
        size_t at = 0;
        while (at < s->items.len && strcmp(s->items.items[at].name, a->name) != 0)
            at++;
        if (at < s->items.len)
            quantity_add(&s->items.items[at].quantity, &a->quantity);
        else if (s->items.len < RESOURCE_NAMES_MAX)
            vec_push(&s->items, *a);
    }
}

static int
cmp_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
is_hugepages(const char *name)
{
    return strncmp(name, "hugepages-", strlen("hugepages-")) == 0;
}

/* The names of the rows: fixed ones, hugepages sorted, then other resources of the node sorted.
 * New. */
static const char **
total_names(const struct resource_list *total, size_t *count)
{
    static const char *const fixed[] = {"cpu", "memory", "ephemeral-storage"};
    size_t n = 0;
    const char **names = iw_calloc(IW_COUNTOF(fixed) + total->count, sizeof(*names));
    for (; n < IW_COUNTOF(fixed); n++)
        names[n] = fixed[n];
    for (int pass = 0; pass < 2; pass++) {
        size_t first = n;
        for (uint32_t i = 0; i < total->count; i++) {
            const char *name = total->items[i].name;
            bool known = strcmp(name, "pods") == 0;
            for (size_t f = 0; f < IW_COUNTOF(fixed); f++)
                known = known || strcmp(name, fixed[f]) == 0;
            if (!known && is_hugepages(name) == (pass == 0))
                names[n++] = name;
        }
        qsort(names + first, n - first, sizeof(*names), cmp_text);
    }
    *count = n;
    return names;
}

static void
total_row(struct table *t, const struct resource_list *total, const char *name,
          const struct resource_amounts sums[2])
{
    char cells[2][QUANTITY_OUT_MAX + 32];
    bool with_percent = resource_is_pod_level(name) || strcmp(name, "ephemeral-storage") == 0;
    for (int side = 0; side < 2; side++) {
        struct quantity amount = amount_or_zero(&sums[side], name);
        struct quantity whole = total_of(total, name);
        if (with_percent)
            share_text(name, &amount, &whole, true, cells[side]);
        else
            quantity_format(&amount, cells[side], sizeof(cells[side]));
    }
    iw_autofree char *label = iw_asprintf("  %s", name);
    table_add(t, (const char *const[TABLE_COLUMNS]){label, cells[0], cells[1]});
}

static void
write_totals(const struct resource_list *total, const struct pod *const *pods, size_t pod_count,
             struct strbuf *out)
{
    static const struct resource_options plain = {0};
    struct sums sums[2] = {0};
    for (size_t i = 0; i < pod_count; i++) {
        for (int side = 0; side < 2; side++) {
            struct resource_amounts amounts;
            resources_effective(pods[i], side ? RESOURCE_LIMITS : RESOURCE_REQUESTS, &plain,
                                &amounts, NULL);
            sums_add(&sums[side], &amounts);
            resource_amounts_free(&amounts);
        }
    }
    struct resource_amounts all[2];
    for (int side = 0; side < 2; side++)
        all[side] = (struct resource_amounts){sums[side].items.items, sums[side].items.len};
    struct table t = {0};
    table_add(&t, (const char *const[TABLE_COLUMNS]){"  Resource", "Requests", "Limits"});
    table_add(&t, (const char *const[TABLE_COLUMNS]){"  --------", "--------", "------"});
    size_t count = 0;
    const char **names = total_names(total, &count);
    for (size_t i = 0; i < count; i++)
        total_row(&t, total, names[i], all);
    free(names);
    table_write(&t, out);
    vec_free(&sums[0].items);
    vec_free(&sums[1].items);
}

/* The order in which a server lists pods: by the key "namespace/name" in etcd. */
static int
cmp_listed(const void *a, const void *b)
{
    const struct pod *left = *(const struct pod *const *)a;
    const struct pod *right = *(const struct pod *const *)b;
    iw_autofree char *left_key = iw_asprintf("%s/%s", left->ns, left->name);
    iw_autofree char *right_key = iw_asprintf("%s/%s", right->ns, right->name);
    return strcmp(left_key, right_key);
}

void
resources_describe_node(const struct resource_node *node, const struct pod *const *pods,
                        size_t pod_count, int64_t now_wall_ms, struct strbuf *out)
{
    const struct resource_list *total =
        node->allocatable.count > 0 ? &node->allocatable : &node->capacity;
    struct table t = {.first_min_cols = FIRST_COLUMN_COLS};
    iw_autofree const struct pod **sorted = iw_calloc(pod_count + 1, sizeof(*sorted));
    if (pod_count > 0)
        memcpy(sorted, pods, pod_count * sizeof(*sorted));
    qsort(sorted, pod_count, sizeof(*sorted), cmp_listed);
    iw_autofree char *heading = iw_asprintf("(%zu in total)", pod_count);
    table_add(&t, (const char *const[TABLE_COLUMNS]){"Non-terminated Pods:", heading});
    table_add(&t, (const char *const[TABLE_COLUMNS]){"  Namespace", "Name", "", "CPU Requests",
                                                     "CPU Limits", "Memory Requests",
                                                     "Memory Limits", "Age"});
    table_add(&t, (const char *const[TABLE_COLUMNS]){"  ---------", "----", "", "------------",
                                                     "----------", "---------------",
                                                     "-------------", "---"});
    for (size_t i = 0; i < pod_count; i++)
        pod_row(&t, total, sorted[i], now_wall_ms);
    table_write(&t, out);
    strbuf_adds(out, "Allocated resources:\n"
                     "  (Total limits may be over 100 percent, i.e., overcommitted.)\n");
    write_totals(total, sorted, pod_count, out);
}
