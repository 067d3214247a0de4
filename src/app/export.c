/* export: the picture is the surface's own; JSON adds what the picture was made from.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/app/export.h"

#include <stdio.h>
#include <string.h>

#include "initwatch/app/podjson.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"

/* --- what is wanted --- */

/* Does the text begin with this word? What follows it, else NULL. */
static const char *
after_word(const char *text, const char *word, size_t len)
{
    if (strncmp(text, word, len) != 0 || (text[len] && text[len] != ' '))
        return NULL;
    return text + len + strspn(text + len, " ");
}

static const char *
format_of_ending(const char *file)
{
    const char *slash = strrchr(file, '/'), *dot = strrchr(slash ? slash : file, '.');
    for (size_t i = 0; dot && ui_export_formats[i]; i++)
        if (strcmp(dot + 1, ui_export_formats[i]) == 0)
            return ui_export_formats[i];
    return NULL;
}

struct export_wish
export_wish_parse(const char *text)
{
    struct export_wish wish = {.file = text + strspn(text, " ")};
    const char *rest = after_word(wish.file, "all", 3);
    wish.whole = rest != NULL;
    wish.file = rest ? rest : wish.file;
    for (size_t i = 0; ui_export_formats[i] && !wish.format; i++) {
        rest = after_word(wish.file, ui_export_formats[i], strlen(ui_export_formats[i]));
        if (rest) {
            wish.format = ui_export_formats[i];
            wish.file = rest;
        }
    }
    if (!wish.format)
        wish.format = wish.file[0] ? format_of_ending(wish.file) : ui_export_formats[0];
    return wish;
}

/* --- JSON --- */

static void
put_spans(struct jsonout *j, const struct surface *s, int y)
{
    json_begin(j, "spans", '[');
    for (int x = 0, from; x < s->cols;) {
        uint8_t role = surface_at(s, x, y)->role;
        for (from = x; x < s->cols && surface_at(s, x, y)->role == role;)
            x++;
        if (role == ROLE_TEXT)
            continue;
        json_begin(j, NULL, '{');
        json_put_int(j, "from", from);
        json_put_int(j, "cols", x - from);
        json_put_text(j, "role", role_name((enum role)role));
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* "spans" count cells, not bytes: a wide character has two. */
static void
put_lines(struct jsonout *j, const struct surface *s)
{
    iw_autofree char *text = surface_dump_text(s, false);
    const char *line = text;
    json_begin(j, "lines", '[');
    for (int y = 0; y < s->rows; y++) {
        size_t len = strcspn(line, "\n"), shown = len;
        while (shown > 0 && line[shown - 1] == ' ')
            shown--;
        json_begin(j, NULL, '{');
        json_put_bytes(j, "text", line, shown);
        put_spans(j, s, y);
        json_end(j, '}');
        line += len + 1;
    }
    json_end(j, ']');
}

static void
put_pods(struct jsonout *j, const struct export_facts *facts)
{
    const struct pod *pod = store_get(facts->store, facts->pod);
    const char *language = tr_language();
    (void)tr_set_language("en"); /* programs read this */
    json_begin(j, "pods", '[');
    for (size_t i = 0; i < facts->pod_count; i++) {
        const struct pod *listed = store_get(facts->store, facts->pods[i]);
        if (listed)
            podjson_get(j, listed, facts->now_wall_ms);
    }
    if (facts->pod_count == 0 && pod) {
        const struct pod_facts of_pod = {.pod = pod,
                                         .store = facts->store,
                                         .timeline = store_timeline(facts->store, facts->pod),
                                         .events = store_events(facts->store),
                                         .now_wall_ms = facts->now_wall_ms};
        podjson_why(j, &of_pod);
    }
    json_end(j, ']');
    (void)tr_set_language(language);
}

static char *
dump_json(const struct surface *s, const struct export_facts *facts)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    struct jsonout j = {.out = &out};
    json_begin(&j, NULL, '{');
    json_put_text(&j, "view", facts->view);
    json_put_text(&j, "context", facts->session->context);
    json_put_known(&j, "namespace", facts->session->ns);
    json_put_moment(&j, "time", facts->now_wall_ms);
    json_put_int(&j, "cols", s->cols);
    json_put_int(&j, "rows", s->rows);
    put_lines(&j, s);
    put_pods(&j, facts);
    json_end(&j, '}');
    strbuf_addc(&out, '\n');
    return strbuf_take(&out);
}

char *
export_document(const struct surface *s, const char *format, const struct export_facts *facts)
{
    char title[512], now[40];
    rfc3339_format(facts->now_wall_ms, false, now);
    snprintf(title, sizeof(title), "initwatch %s: %s/%s, %s", facts->view, facts->session->context,
             facts->session->ns[0] ? facts->session->ns : "*", now);
    if (strcmp(format, "ansi") == 0)
        return surface_dump_ansi(s, facts->theme);
    if (strcmp(format, "html") == 0)
        return surface_dump_html(s, facts->theme, title);
    if (strcmp(format, "svg") == 0)
        return surface_dump_svg(s, facts->theme, title);
    if (strcmp(format, "json") == 0)
        return dump_json(s, facts);
    return surface_dump_text(s, false);
}
