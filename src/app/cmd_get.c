/* get: a list of pods, stuck first, or exactly what kubectl prints.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "initwatch/app/podfile.h"
#include "initwatch/app/podjson.h"
#include "initwatch/app/session.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/utf8.h"
#include "initwatch/base/vec.h"
#include "initwatch/model/podtable.h"
#include "initwatch/model/progress.h"

/* Rows of JSON leave in pieces of this size. */
#define GET_FLUSH_BYTES (256u << 10)

struct get_row {
    struct pod *owned;
    const struct pod *pod;
    struct pod_block block;
    int64_t now_wall_ms;
    size_t order; /* as it came */
};

struct getting {
    const struct options *o;
    struct session *session;
    VEC(struct get_row) rows;
    struct podtable *table;
    struct strbuf out;
    size_t printed;
    bool live;          /* the list is printed; from now on each change as it comes */
    int64_t changed_ms; /* monotonic moment of the last change */
    int64_t settle_quiet_ms;
};

static bool
is_json(const struct options *o)
{
    return o->output == OUTPUT_JSON || o->output == OUTPUT_JSONL;
}

static bool
is_kubectl(const struct options *o)
{
    return o->output == OUTPUT_KUBECTL || o->output == OUTPUT_WIDE;
}

/* --- order --- */

struct sort_key {
    const char *name, *jsonpath;
    int (*compare)(const struct get_row *a, const struct get_row *b);
};

static int
compare_moments(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int
by_name(const struct get_row *a, const struct get_row *b)
{
    return strcmp(a->pod->name, b->pod->name);
}

static int
by_namespace(const struct get_row *a, const struct get_row *b)
{
    return strcmp(a->pod->ns, b->pod->ns);
}

static int
by_created(const struct get_row *a, const struct get_row *b)
{
    return compare_moments(a->pod->created_ms, b->pod->created_ms);
}

static int
by_started(const struct get_row *a, const struct get_row *b)
{
    return compare_moments(a->pod->started_ms, b->pod->started_ms);
}

static int
by_node(const struct get_row *a, const struct get_row *b)
{
    return strcmp(a->pod->node, b->pod->node);
}

static int
by_phase(const struct get_row *a, const struct get_row *b)
{
    return strcmp(a->pod->phase, b->pod->phase);
}

static int
by_ip(const struct get_row *a, const struct get_row *b)
{
    return strcmp(a->pod->ip, b->pod->ip);
}

static int
by_status(const struct get_row *a, const struct get_row *b)
{
    char left[256];
    char right[256];
    pod_display_status(a->pod, left, sizeof(left));
    pod_display_status(b->pod, right, sizeof(right));
    return strcmp(left, right);
}

static int
by_restarts(const struct get_row *a, const struct get_row *b)
{
    struct pod_cells left;
    struct pod_cells right;
    pod_print_cells(a->pod, a->now_wall_ms, &left);
    pod_print_cells(b->pod, b->now_wall_ms, &right);
    return left.restart_count < right.restart_count ? -1 : left.restart_count > right.restart_count;
}

static int
by_since(const struct get_row *a, const struct get_row *b)
{
    return compare_moments(pod_since_ms(a->pod, &a->block), pod_since_ms(b->pod, &b->block));
}

static int
by_stuck(const struct get_row *a, const struct get_row *b)
{
    return pod_block_compare(a->pod, &a->block, b->pod, &b->block);
}

/* The first row is the order of the default table. As kubectl, ascending; equal rows stay as they
 * came. */
static const struct sort_key sort_keys[] = {
    {"stuck", "", by_stuck},
    {"name", ".metadata.name", by_name},
    {"namespace", ".metadata.namespace", by_namespace},
    {"age", ".metadata.creationTimestamp", by_created},
    {"start", ".status.startTime", by_started},
    {"node", ".spec.nodeName", by_node},
    {"phase", ".status.phase", by_phase},
    {"ip", ".status.podIP", by_ip},
    {"status", "", by_status},
    {"restarts", ".status.containerStatuses[0].restartCount", by_restarts},
    {"for", "", by_since},
};

/* qsort hands no context on. */
static const struct sort_key *sort_in_use;

static int
compare_rows(const void *left, const void *right)
{
    const struct get_row *a = left;
    const struct get_row *b = right;
    int order = sort_in_use->compare(a, b);
    if (order == 0)
        order = a->order < b->order ? -1 : a->order > b->order;
    return order;
}

/* NULL with IW_OK: leave the rows as they came. */
static enum iw_err
find_sort_key(const struct options *o, const struct sort_key **key, struct iw_error *err)
{
    *key = is_kubectl(o) || is_json(o) ? NULL : &sort_keys[0];
    if (!o->sort_by)
        return IW_OK;
    char path[128];
    size_t len = strlen(o->sort_by);
    bool braces = len > 1 && o->sort_by[0] == '{' && o->sort_by[len - 1] == '}';
    (void)snprintf(path, sizeof(path), "%.*s", (int)IW_MIN(len - 2 * braces, 127u),
                   o->sort_by + braces);
    for (size_t i = 0; i < IW_COUNTOF(sort_keys); i++)
        if (strcmp(path, sort_keys[i].name) == 0 ||
            (*sort_keys[i].jsonpath && (strcmp(path, sort_keys[i].jsonpath) == 0 ||
                                        strcmp(path, sort_keys[i].jsonpath + 1) == 0))) {
            *key = &sort_keys[i];
            return IW_OK;
        }
    return iw_fail(
        err, IW_ERR_USAGE,
        "--sort-by %s is not known; there are: stuck, name, namespace, age, start, node, "
        "phase, ip, status, restarts, for, and kubectl's jsonpaths of these",
        o->sort_by);
}

static void
sort_rows(struct getting *g, const struct sort_key *key)
{
    sort_in_use = key;
    if (key && g->rows.len > 1)
        qsort(g->rows.items, g->rows.len, sizeof(g->rows.items[0]), compare_rows);
}

/* --- rows --- */

static void
row_free(struct get_row *row)
{
    pod_free(row->owned);
    row->owned = NULL;
}

static struct get_row
row_make(const struct pod *pod, struct pod *owned, int64_t now_wall_ms, size_t order)
{
    struct get_row row = {.pod = pod, .owned = owned, .now_wall_ms = now_wall_ms, .order = order};
    pod_block_of(pod, now_wall_ms, &row.block);
    return row;
}

static void
add_row(struct getting *g, const struct pod *pod, struct pod *owned, int64_t now_wall_ms)
{
    struct get_row row = row_make(pod, owned, now_wall_ms, g->rows.len);
    vec_push(&g->rows, row);
}

static struct podtable *
make_table(const struct options *o, bool with_namespace)
{
    if (is_kubectl(o)) {
        struct podtable_options options = {.wide = o->output == OUTPUT_WIDE,
                                           .with_namespace = with_namespace,
                                           .no_headers = o->no_headers,
                                           .show_labels = o->show_labels};
        return podtable_new(&options);
    }
    static const char *const headers[] = {"NAMESPACE", "NAME", "INIT(S)", "READY", "STATUS",
                                          "RESTARTS",  "FOR",  "WHY",     "LABELS"};
    static const char *const ascii_bar = "INIT(S)|APP";
    static const char *const bar = "INIT(S)│APP";
    static const char *chosen[IW_COUNTOF(headers)];
    size_t count = 0;
    for (size_t i = with_namespace ? 0 : 1; i < IW_COUNTOF(headers) - !o->show_labels; i++)
        chosen[count++] = i == 2 ? (o->ascii ? ascii_bar : bar) : headers[i];
    return podtable_new_columns(chosen, count, o->no_headers);
}

static void
add_own_row(struct getting *g, const struct get_row *row, bool with_namespace)
{
    struct pod_cells cells;
    char strip[160];
    char since[16] = "-";
    const char *columns[PODTABLE_COLUMNS];
    size_t n = 0;
    int64_t since_ms = pod_since_ms(row->pod, &row->block);
    strbuf_auto labels;
    strbuf_init(&labels, 0);
    pod_print_cells(row->pod, row->now_wall_ms, &cells);
    pod_strip_text(row->pod, row->now_wall_ms, g->o->ascii, strip, sizeof(strip));
    if (since_ms != IW_TIME_NONE)
        duration_cells(row->now_wall_ms - since_ms, since);
    if (g->o->show_labels)
        podtable_labels(row->pod, &labels);
    if (with_namespace)
        columns[n++] = row->pod->ns;
    columns[n++] = row->pod->name;
    columns[n++] = strip;
    columns[n++] = cells.ready;
    columns[n++] = cells.status;
    columns[n++] = cells.restarts;
    columns[n++] = since;
    columns[n++] = row->block.summary;
    columns[n++] = labels.data;
    podtable_add_row(g->table, columns);
}

/* On a terminal a line that would wrap is cut: the table stays a table. */
static void
write_lines(const struct strbuf *text, bool cut)
{
    struct winsize size = {0};
    if (!cut || !isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col < 20) {
        fwrite(text->data, 1, text->len, stdout);
        return;
    }
    for (const char *line = text->data, *end = line + text->len; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((stop ? stop : end) - line);
        fwrite(line, 1, utf8_fit(line, len, size.ws_col, NULL), stdout);
        fputc('\n', stdout);
        line = stop ? stop + 1 : end;
    }
}

static void
put_json(struct getting *g, const struct get_row *row)
{
    struct jsonout j = {.out = &g->out};
    if (g->o->output == OUTPUT_JSON)
        strbuf_adds(&g->out, g->printed ? ",\n " : "[");
    podjson_get(&j, row->pod, row->now_wall_ms);
    if (g->o->output == OUTPUT_JSONL)
        strbuf_addc(&g->out, '\n');
    g->printed++;
    if (g->out.len > GET_FLUSH_BYTES || g->live) {
        fwrite(g->out.data, 1, g->out.len, stdout);
        strbuf_clear(&g->out);
    }
}

static bool
shows_namespace(const struct getting *g)
{
    /* Of a recording "all" is what was recorded, not what is on the command line. */
    bool all = g->session && g->session->recording && g->session->ns[0] == '\0';
    return g->o->all_namespaces || all || (g->session && strchr(g->session->ns, ','));
}

static void
put_row(struct getting *g, const struct get_row *row)
{
    bool with_namespace = shows_namespace(g);
    if (is_json(g->o)) {
        put_json(g, row);
        return;
    }
    if (!g->table)
        g->table = make_table(g->o, with_namespace);
    if (is_kubectl(g->o))
        podtable_add_pod(g->table, row->pod, row->now_wall_ms);
    else
        add_own_row(g, row, with_namespace);
    g->printed++;
}

static void
flush_rows(struct getting *g)
{
    if (g->table)
        podtable_print(g->table, &g->out);
    write_lines(&g->out, !is_json(g->o) && !is_kubectl(g->o));
    strbuf_clear(&g->out);
    fflush(stdout);
}

static void
print_rows(struct getting *g)
{
    for (size_t i = 0; i < g->rows.len; i++)
        put_row(g, &g->rows.items[i]);
    if (g->o->output == OUTPUT_JSON)
        strbuf_adds(&g->out, g->printed ? "]\n" : "[]\n");
    flush_rows(g);
}

/* kubectl's own sentences. */
static void
say_nothing_found(const struct getting *g)
{
    if (g->printed || is_json(g->o))
        return;
    const char *ns = g->session ? g->session->ns : g->o->kube.ns ? g->o->kube.ns : "";
    if (g->o->all_namespaces || !*ns)
        fprintf(stderr, "No resources found\n");
    else
        fprintf(stderr, "No resources found in %s namespace.\n", ns);
}

/* --- from files --- */

/* Versions of one pod in a recording are one pod: the newest stands in the place of the first. */
static void
fold_version(struct getting *g, struct pod *pod, const char *watch_type, int64_t now_wall_ms)
{
    for (size_t i = 0; i < g->rows.len; i++) {
        struct get_row *row = &g->rows.items[i];
        if (strcmp(row->pod->uid, pod->uid) != 0)
            continue;
        row_free(row);
        if (strcmp(watch_type, "DELETED") == 0) {
            pod_free(pod);
            vec_remove(&g->rows, i);
        } else {
            *row = row_make(pod, pod, now_wall_ms, row->order);
        }
        return;
    }
    if (strcmp(watch_type, "DELETED") == 0)
        pod_free(pod);
    else
        add_row(g, pod, pod, now_wall_ms);
}

static void
take_pod(void *ctx, struct pod *pod, const char *watch_type, int64_t now_wall_ms)
{
    struct getting *g = ctx;
    bool stream = g->o->output == OUTPUT_JSONL && !g->o->sort_by;
    if (stream) {
        struct get_row row = row_make(pod, pod, now_wall_ms, 0);
        put_row(g, &row);
        row_free(&row);
    } else if (*watch_type && !g->o->watch && *pod->uid) {
        fold_version(g, pod, watch_type, now_wall_ms);
    } else {
        add_row(g, pod, pod, now_wall_ms);
    }
}

static enum iw_err
get_from_files(struct getting *g, const struct sort_key *key, struct iw_error *err)
{
    struct podfile_sink sink = {.ctx = g, .pod = take_pod};
    enum iw_err rc = podfile_read(g->o, &sink, err);
    if (rc != IW_OK) {
        flush_rows(g); /* what was read before the damage is still true */
        return rc;
    }
    sort_rows(g, key);
    print_rows(g);
    say_nothing_found(g);
    return IW_OK;
}

/* --- from a cluster --- */

static bool
is_asked_for(const struct options *o, const struct pod *pod)
{
    for (unsigned i = 0; i < o->arg_count; i++)
        if (session_names_pod(o, o->args[i], pod))
            return true;
    return o->arg_count == 0;
}

static void
on_pod(void *ctx, const char *type, const struct pod *pod)
{
    struct getting *g = ctx;
    (void)type; /* as kubectl, the last state of a deleted pod is printed like any other */
    if (!g->live || !is_asked_for(g->o, pod))
        return;
    struct get_row row = row_make(pod, NULL, clock_wall(clock_system()), 0);
    put_row(g, &row);
    flush_rows(g);
    g->changed_ms = clock_mono(clock_system());
}

static int
by_server_order(const void *left, const void *right)
{
    const struct get_row *a = left;
    const struct get_row *b = right;
    int order = strcmp(a->pod->ns, b->pod->ns);
    return order ? order : strcmp(a->pod->name, b->pod->name);
}

static enum iw_err
collect_rows(struct getting *g, struct iw_error *err)
{
    int64_t now_wall_ms = clock_wall(clock_system());
    const struct store *store = g->session->store;
    for (unsigned i = 0; i < g->o->arg_count; i++) {
        struct pod_ref ref;
        enum iw_err rc = session_find_pod(g->session, g->o->args[i], &ref, err);
        if (rc != IW_OK)
            return rc;
    }
    for (struct pod_ref it = {0}; store_next(store, &it);) {
        const struct pod *pod = store_get(store, it);
        if (is_asked_for(g->o, pod))
            add_row(g, pod, NULL, now_wall_ms);
    }
    if (g->rows.len > 1)
        qsort(g->rows.items, g->rows.len, sizeof(g->rows.items[0]), by_server_order);
    for (size_t i = 0; i < g->rows.len; i++)
        g->rows.items[i].order = i;
    return IW_OK;
}

static bool
has_settled(void *ctx)
{
    const struct getting *g = ctx;
    return g->settle_quiet_ms > 0 &&
           clock_mono(clock_system()) - g->changed_ms >= g->settle_quiet_ms;
}

static enum iw_err
get_from_cluster(struct getting *g, const struct sort_key *key, struct iw_error *err)
{
    const struct options *o = g->o;
    struct session_tap tap = {.ctx = g, .pod = on_pod};
    struct session_need need = {.pods = true, .watch = o->watch, .tap = &tap};
    enum iw_err rc = session_open(o, &need, &g->session, err);
    if (rc == IW_OK)
        rc = session_sync(g->session, err);
    if (rc == IW_OK)
        rc = collect_rows(g, err);
    if (rc != IW_OK)
        return rc;
    sort_rows(g, key);
    print_rows(g);
    say_nothing_found(g);
    if (!o->watch)
        return IW_OK;
    g->live = true;
    g->changed_ms = clock_mono(clock_system());
    g->settle_quiet_ms = o->settle_quiet_ms;
    /* With a quiet time the loop must wake to look at the clock: a year is as good as no end. */
    int64_t most_ms = o->settle_max_ms > 0     ? o->settle_max_ms
                      : o->settle_quiet_ms > 0 ? INT64_C(365) * 86400 * 1000
                                               : -1;
    session_run(g->session, has_settled, g, most_ms);
    return g->session->interrupted ? iw_fail(err, IW_ERR_CANCELED, "interrupted") : IW_OK;
}

/* A pipe gets what files hold; a terminal what it can show. */
static bool
terminal_is_ascii(void)
{
    return isatty(STDOUT_FILENO) && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

int
cmd_get(const struct options *o)
{
    struct iw_error err = {0};
    struct options own = *o;
    own.ascii = o->ascii || terminal_is_ascii();
    struct getting g = {.o = &own};
    const struct sort_key *key = NULL;
    strbuf_init(&g.out, 0);
    enum iw_err rc = find_sort_key(o, &key, &err);
    if (rc == IW_OK && o->watch && o->output == OUTPUT_JSON)
        rc = iw_fail(&err, IW_ERR_USAGE, "-w has no end and json is one document: use -o jsonl");
    if (rc == IW_OK)
        rc = o->file_count ? get_from_files(&g, key, &err) : get_from_cluster(&g, key, &err);
    for (size_t i = 0; i < g.rows.len; i++)
        row_free(&g.rows.items[i]);
    vec_free(&g.rows);
    podtable_free(g.table);
    strbuf_free(&g.out);
    session_close(g.session);
    return rc == IW_OK ? 0 : app_report(&err);
}
