/* findings_report: what the findings view shows, as a file: Markdown to read and to paste, JSON for programs, SARIF for
 * those that show findings of many tools.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/clock.h"
#include "initwatch/base/tr.h"

#include "findings.h"

static const char *
since_text(const struct view_env *env, int64_t since_ms, char out[16])
{
    if (since_ms == IW_TIME_NONE)
        (void)snprintf(out, 16, "?");
    else
        duration_cells(env->now_wall_ms - since_ms, out);
    return out;
}

/* --- Markdown --- */

/* Text from the cluster: no line of its own, nothing that would be a mark or a tag. */
static void
md_text(struct strbuf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (strchr("\\`*_<>[]|#", *p))
            strbuf_addc(out, '\\');
        strbuf_addc(out, (unsigned char)*p < 0x20 || *p == 0x7F ? ' ' : *p);
    }
}

static void
md_lines(struct strbuf *out, const char *heading, const char (*lines)[200], unsigned count)
{
    if (count)
        strbuf_addf(out, "\n%s\n\n", heading);
    for (unsigned i = 0; i < count; i++) {
        strbuf_adds(out, "- ");
        md_text(out, lines[i]);
        strbuf_addc(out, '\n');
    }
}

static void
md_group(struct strbuf *out, const struct findings *f, const struct view_env *env,
         const struct finding_group *g)
{
    const struct finding_item *first = &f->items.items[g->first];
    struct finding *full = iw_calloc(1, sizeof(*full));
    char since[16];
    strbuf_addf(out, "\n## %s: ", tr(severity_name(g->severity)));
    md_text(out, findings_title(f, g));
    strbuf_addf(out, "\n\n%s %s. ", first->id, tr(first->title));
    strbuf_addf(out, g->pods == 1 ? tr("%zu pod") : tr("%zu pods"), g->pods);
    strbuf_adds(out, ", ");
    strbuf_addf(out, tr("since %s"), since_text(env, g->since_ms, since));
    strbuf_adds(out, "\n\n");
    for (size_t i = 0; i < g->count; i++) {
        const struct finding_item *item = &f->items.items[g->first + i];
        strbuf_adds(out, "- ");
        md_text(out, item->ns);
        strbuf_addc(out, '/');
        md_text(out, item->name);
        strbuf_addf(out, " (%s): ", item->id);
        md_text(out, item->summary);
        strbuf_addc(out, '\n');
    }
    if (findings_again(env, first, full)) {
        md_lines(out, tr("evidence"), (const char(*)[200])full->evidence, full->evidence_count);
        md_lines(out, tr("what helps"), (const char(*)[200])full->advice, full->advice_count);
    }
    free(full);
}

static void
report_md(struct strbuf *out, const struct findings *f, const struct view_env *env)
{
    char now[40];
    rfc3339_format(env->now_wall_ms, true, now);
    strbuf_adds(out, "# initwatch: ");
    strbuf_addf(out, f->live == 1 ? tr("%zu finding") : tr("%zu findings"), f->live);
    strbuf_adds(out, "\n\n");
    md_text(out, env->session->context);
    strbuf_adds(out, " / ");
    md_text(out, env->session->ns[0] ? env->session->ns : "*");
    strbuf_addf(out, ", %s. ", now);
    char seen[200];
    findings_seen_text(f, env, seen, sizeof(seen));
    strbuf_adds(out, seen);
    strbuf_addc(out, '\n');
    for (size_t i = 0; i < f->groups.len; i++)
        if (!f->groups.items[i].muted && !f->groups.items[i].gone)
            md_group(out, f, env, &f->groups.items[i]);
}

/* --- JSON --- */

static void
put_text(struct strbuf *out, const char *key, const char *text)
{
    strbuf_addf(out, "\"%s\":", key);
    strbuf_add_json(out, text);
}

static void
put_lines(struct strbuf *out, const char *key, const char (*lines)[200], unsigned count)
{
    strbuf_addf(out, ",\"%s\":[", key);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            strbuf_addc(out, ',');
        strbuf_add_json(out, lines[i]);
    }
    strbuf_addc(out, ']');
}

static void
json_item(struct strbuf *out, const struct view_env *env, const struct finding_item *item)
{
    struct finding *full = iw_calloc(1, sizeof(*full));
    char since[40];
    strbuf_addc(out, '{');
    put_text(out, "id", item->id);
    strbuf_addc(out, ',');
    put_text(out, "severity", severity_name(item->severity));
    strbuf_addc(out, ',');
    put_text(out, "namespace", item->ns);
    strbuf_addc(out, ',');
    put_text(out, "pod", item->name);
    strbuf_addc(out, ',');
    put_text(out, "container", item->container);
    strbuf_addc(out, ',');
    put_text(out, "title", item->title);
    strbuf_addc(out, ',');
    put_text(out, "summary", item->summary);
    strbuf_adds(out, ",\"since\":");
    if (item->since_ms == IW_TIME_NONE) {
        strbuf_adds(out, "null");
    } else {
        rfc3339_format(item->since_ms, true, since);
        strbuf_add_json(out, since);
    }
    (void)findings_again(env, item, full);
    put_lines(out, "evidence", (const char(*)[200])full->evidence, full->evidence_count);
    put_lines(out, "advice", (const char(*)[200])full->advice, full->advice_count);
    strbuf_addc(out, '}');
    free(full);
}

static void
report_json(struct strbuf *out, const struct findings *f, const struct view_env *env)
{
    char now[40];
    bool comma = false;
    rfc3339_format(env->now_wall_ms, true, now);
    strbuf_addc(out, '{');
    put_text(out, "context", env->session->context);
    strbuf_addc(out, ',');
    put_text(out, "namespace", env->session->ns);
    strbuf_addc(out, ',');
    put_text(out, "at", now);
    strbuf_addf(out, ",\"pods\":%zu,\"causes\":[", f->seen.pods);
    for (size_t i = 0; i < f->groups.len; i++) {
        const struct finding_group *g = &f->groups.items[i];
        if (g->muted || g->gone)
            continue;
        strbuf_adds(out, comma ? ",\n{" : "\n{");
        comma = true;
        put_text(out, "cause", findings_title(f, g));
        strbuf_addc(out, ',');
        put_text(out, "severity", severity_name(g->severity));
        strbuf_addf(out, ",\"pods\":%zu,\"findings\":[", g->pods);
        for (size_t k = 0; k < g->count; k++) {
            strbuf_adds(out, k ? ",\n " : "\n ");
            json_item(out, env, &f->items.items[g->first + k]);
        }
        strbuf_adds(out, "]}");
    }
    strbuf_adds(out, "]}\n");
}

/* --- SARIF --- */

static void
sarif_rules(struct strbuf *out)
{
    for (size_t i = 0; i < diag_registry_count; i++) {
        const struct diag_rule *rule = diag_registry[i];
        strbuf_adds(out, i ? ",\n{" : "\n{");
        put_text(out, "id", rule->id);
        strbuf_adds(out, ",\"shortDescription\":{");
        put_text(out, "text", rule->title);
        strbuf_adds(out, "},\"fullDescription\":{");
        put_text(out, "text", rule->doc);
        strbuf_adds(out, "}}");
    }
}

static void
sarif_result(struct strbuf *out, const struct finding_item *item)
{
    static const char *const levels[] = {
        [SEVERITY_INFO] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};
    char place[400];
    (void)snprintf(place, sizeof(place), "%s/pod/%s%s%s", item->ns, item->name,
                   item->container[0] ? "/" : "", item->container);
    strbuf_addc(out, '{');
    put_text(out, "ruleId", item->id);
    strbuf_addc(out, ',');
    put_text(out, "level", levels[item->severity]);
    strbuf_adds(out, ",\"message\":{");
    put_text(out, "text", item->summary);
    strbuf_adds(out, "},\"locations\":[{\"logicalLocations\":[{");
    put_text(out, "fullyQualifiedName", place);
    strbuf_adds(out, ",\"kind\":\"resource\"}]}]}");
}

static void
report_sarif(struct strbuf *out, const struct findings *f)
{
    bool comma = false;
    strbuf_adds(out, "{\"version\":\"2.1.0\",\"$schema\":"
                     "\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{"
                     "\"tool\":{\"driver\":{\"name\":\"initwatch\",\"rules\":[");
    sarif_rules(out);
    strbuf_adds(out, "]}},\"results\":[");
    for (size_t i = 0; i < f->groups.len; i++) {
        const struct finding_group *g = &f->groups.items[i];
        for (size_t k = 0; !g->muted && !g->gone && k < g->count; k++) {
            strbuf_adds(out, comma ? ",\n" : "\n");
            comma = true;
            sarif_result(out, &f->items.items[g->first + k]);
        }
    }
    strbuf_adds(out, "]}]}\n");
}

static bool
ends_in(const char *path, const char *ending)
{
    size_t len = strlen(path), tail = strlen(ending);
    return len >= tail && strcmp(path + len - tail, ending) == 0;
}

bool
findings_report(struct strbuf *out, const struct findings *f, const struct view_env *env,
                const char *path)
{
    if (!path[0] || ends_in(path, ".md"))
        report_md(out, f, env);
    else if (ends_in(path, ".json"))
        report_json(out, f, env);
    else if (ends_in(path, ".sarif"))
        report_sarif(out, f);
    else
        return false;
    return true;
}
