/* yaml_marks: what stands beside the lines of a YAML page: which container a block is, in start order; where the cursor is;
 * how many lines the search found.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "initwatch/base/tr.h"
#include "initwatch/base/utf8.h"
#include "initwatch/model/yamlpath.h"
#include "yaml_page.h"

/* Fewer cells for a path say too little. */
enum { PLACE_PATH_COLS = 16 };

/* --- containers --- */

static void
add_span(struct yaml_state *st, const struct yaml_text *y, size_t line, const char *tag,
         const char *name)
{
    struct yaml_span span = {.line = (uint32_t)line, .end = (uint32_t)yaml_end(y, line)};
    (void)snprintf(span.tag, sizeof(span.tag), "%s", tag);
    (void)snprintf(span.name, sizeof(span.name), "%s", name);
    vec_push(&st->spans, span);
}

/* The containers of one list of a pod's spec. Sidecars are counted apart, as pod_seal counts them. */
static void
tag_list(struct yaml_state *st, const struct yaml_text *y, size_t spec, const char *key, char kind)
{
    unsigned plain = 0, sidecars = 0;
    size_t list = yaml_member(y, spec, key), item;
    for (size_t n = 0; (item = yaml_item(y, list, n)) != YAML_NO_LINE; n++) {
        char name[64], policy[16], tag[16];
        yaml_value(y, yaml_member(y, item, "name"), name, sizeof(name));
        yaml_value(y, yaml_member(y, item, "restartPolicy"), policy, sizeof(policy));
        bool sidecar = kind == 'i' && strcmp(policy, "Always") == 0;
        (void)snprintf(tag, sizeof(tag), "%c%u", sidecar ? 's' : kind,
                       sidecar ? ++sidecars : ++plain);
        add_span(st, y, item, tag, name);
    }
}

/* A status is of the container with its name. */
static void
tag_statuses(struct yaml_state *st, const struct yaml_text *y, const char *path, size_t specs)
{
    size_t list = yaml_member(y, YAML_NO_LINE, path), item;
    for (size_t n = 0; (item = yaml_item(y, list, n)) != YAML_NO_LINE; n++) {
        char name[64];
        yaml_value(y, yaml_member(y, item, "name"), name, sizeof(name));
        for (size_t i = 0; i < specs; i++)
            if (strcmp(st->spans.items[i].name, name) == 0) {
                add_span(st, y, item, st->spans.items[i].tag, name);
                break;
            }
    }
}

void
yaml_tag_containers(struct yaml_state *st, const struct yaml_text *y)
{
    static const char *const SPECS[] = {"spec", "spec.template.spec",
                                        "spec.jobTemplate.spec.template.spec"};
    vec_clear(&st->spans);
    for (size_t i = 0; i < IW_COUNTOF(SPECS); i++) {
        size_t spec = yaml_member(y, YAML_NO_LINE, SPECS[i]);
        if (spec == YAML_NO_LINE || yaml_member(y, spec, "containers") == YAML_NO_LINE)
            continue;
        tag_list(st, y, spec, "initContainers", 'i');
        tag_list(st, y, spec, "containers", 'a');
        tag_list(st, y, spec, "ephemeralContainers", 'E');
    }
    size_t specs = st->spans.len;
    tag_statuses(st, y, "status.initContainerStatuses", specs);
    tag_statuses(st, y, "status.containerStatuses", specs);
    tag_statuses(st, y, "status.ephemeralContainerStatuses", specs);
}

const struct yaml_span *
yaml_span_at(const struct yaml_state *st, uint32_t line)
{
    for (size_t i = 0; i < st->spans.len; i++)
        if (line >= st->spans.items[i].line && line < st->spans.items[i].end)
            return &st->spans.items[i];
    return NULL;
}

bool
yaml_is_section(const struct yaml_state *st, const struct yaml_text *y, uint32_t line)
{
    const struct yaml_line *l = &y->lines[line];
    const struct yaml_span *span = yaml_span_at(st, line);
    if (span)
        return span->line == line;
    if (l->key_len == 0 || l->key_at > 2 || y->text[l->at] == '-')
        return false;
    return l->key_at == 0 || (l->end > line + 1 && y->text[l->at + l->key_at - 2] != '-');
}

/* --- the search --- */

bool
yaml_line_matches(const struct yaml_state *st, const struct yaml_text *y, uint32_t number)
{
    const struct yaml_line *line = &y->lines[number];
    char *text = iw_strndup(y->text + line->at, line->len);
    bool found = text_filter_match(st->find, text);
    free(text);
    return found;
}

void
yaml_find_hits(struct yaml_state *st, const struct yaml_text *y)
{
    vec_clear(&st->hits);
    for (uint32_t i = 0; text_filter_active(st->find) && i < y->count; i++)
        if ((st->managed || !(y->lines[i].flags & YAML_MANAGED)) && yaml_line_matches(st, y, i))
            vec_push(&st->hits, i);
}

/* "2 of 5 lines", or how many there are while the cursor is on none. */
static void
hits_text(const struct yaml_state *st, uint32_t line, char *out, size_t out_size)
{
    size_t at = 0;
    out[0] = '\0';
    if (!text_filter_active(st->find))
        return;
    while (at < st->hits.len && st->hits.items[at] < line)
        at++;
    bool on = at < st->hits.len && st->hits.items[at] == line;
    if (st->hits.len == 0)
        (void)snprintf(out, out_size, tr("/%.40s  not in this object"), text_filter_text(st->find));
    else if (on)
        (void)snprintf(out, out_size, tr("/%.40s  %zu of %zu lines  n N"),
                       text_filter_text(st->find), at + 1, st->hits.len);
    else
        (void)snprintf(out, out_size,
                       st->hits.len == 1 ? tr("/%.40s  %zu line  n N")
                                         : tr("/%.40s  %zu lines  n N"),
                       text_filter_text(st->find), st->hits.len);
}

/* --- what c copies --- */

void
yaml_copy(struct yaml_state *st, const struct yaml_text *y, uint32_t first, struct intent *out)
{
    const struct yaml_line *line = &y->lines[first];
    uint32_t end = IW_MAX(line->end, first + 1);
    strbuf_clear(&st->copied);
    if (end == first + 1) {
        size_t from = line->key_len ? line->key_at + line->key_len : line->key_at;
        while (from < line->len && y->text[line->at + from] == ' ')
            from++;
        intent_copy(out, y->text + line->at + from, line->len - from);
        return;
    }
    size_t indent = 0;
    while (indent < line->len && y->text[line->at + indent] == ' ')
        indent++;
    for (uint32_t i = first; i < end; i++) {
        const struct yaml_line *l = &y->lines[i];
        size_t from = IW_MIN(indent, (size_t)l->len);
        strbuf_add(&st->copied, y->text + l->at + from, l->len - from);
        strbuf_adds(&st->copied, "\n");
    }
    intent_copy(out, st->copied.data, st->copied.len);
}

/* --- the line above the page --- */

void
yaml_draw_place(const struct yaml_state *st, const struct yaml_text *y, uint32_t line,
                struct surface *s, struct rect row)
{
    char path[512], hits[128];
    hits_text(st, line, hits, sizeof(hits));
    int hits_cols = utf8_width(hits, strlen(hits));
    struct rect left = {row.x + 1, row.y, row.w - 2 - (hits_cols ? hits_cols + 2 : 0), 1};
    const struct yaml_span *span = yaml_span_at(st, line);
    yaml_path(y, line, path, sizeof(path));
    int name_cols = span ? utf8_width(span->tag, strlen(span->tag)) +
                               utf8_width(span->name, strlen(span->name)) + 3
                         : 0;
    /* The path matters more than the name. */
    if (left.w - name_cols < PLACE_PATH_COLS) {
        span = NULL;
        name_cols = 0;
    }
    int room = left.w - name_cols, cols = utf8_width(path, strlen(path));
    const char *from = path;
    /* The end of a path says more than its beginning. */
    while (*from && cols > room - 1 && room > 1) {
        size_t dot = strcspn(from + 1, ".[") + 1;
        cols -= utf8_width(from, dot);
        from += dot;
        if (cols <= room - 1)
            break;
    }
    int x = left.x;
    if (from > path)
        x += surface_puts(s, left, x, row.y, ROLE_DIM, "…");
    x += surface_puts(s, left, x, row.y, ROLE_DIM, from);
    if (span) {
        x += surface_printf(s, left, x + 2, row.y, ROLE_KEY, "%s", span->tag) + 3;
        surface_puts(s, left, x, row.y, ROLE_TITLE, span->name);
    }
    if (hits_cols)
        surface_puts(s, row, row.x + row.w - 1 - hits_cols, row.y,
                     st->hits.len ? ROLE_MARK : ROLE_WARN, hits);
}
