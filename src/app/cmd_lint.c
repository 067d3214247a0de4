/* lint: manifests judged before they are applied: what the API server would refuse or warn about,
 * what will hurt later, and the effective resources with their working.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/app/lint.h"
#include "initwatch/app/options.h"
#include "initwatch/app/podjson.h"
#include "initwatch/app/whytext.h"
#include "initwatch/base/alloc.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/log.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/defaults.h"
#include "initwatch/source/validate.h"

#define LINT_FINDINGS_MAX 64
#define LINT_LINE_BYTES 4096

enum { EXIT_BAD_NEWS = 1 };

struct linting {
    const struct options *o;
    const char *path;
    int64_t now_wall_ms; /* for objects without an envelope */
    size_t objects, errors, warnings, findings;
    bool bad_news;
};

/* One object and all that is to say about it. */
struct lint_report {
    const char *kind, *path;
    int line;
    struct pod *pod; /* NULL when it cannot be read at all */
    const char *name, *ns;
    char broken[400]; /* why it cannot be read, "" when it can */
    struct validation validation;
    struct finding findings[LINT_FINDINGS_MAX];
    size_t finding_count;
};

/* --- judging --- */

static size_t
collect_findings(const struct pod *pod, int64_t now_wall_ms, struct finding *out, size_t max)
{
    /* Rules of the living pod that see a cause in the spec alone speak here too: a script that does
     * not parse needs no cluster to fail. */
    struct diag_env env = {.pod = pod, .now_wall_ms = now_wall_ms};
    size_t count = diag_run(&env, out, max);
    return count + lint_hints(pod, out + count, max - count);
}

static void
judge(struct lint_report *r, json_t *pod, const char *where, int64_t now_wall_ms)
{
    struct iw_error err = {0};
    if (pod_apply_defaults(pod, &err) != IW_OK || decode_pod(pod, "", &r->pod, &err) != IW_OK) {
        snprintf(r->broken, sizeof(r->broken), "%s%s%s", where, *where ? "." : "", err.msg);
        return;
    }
    workload_validate(pod, r->kind, where, &r->validation);
    r->finding_count = collect_findings(r->pod, now_wall_ms, r->findings, LINT_FINDINGS_MAX);
}

/* --- text --- */

/* One line; nothing of the manifest reaches the terminal unescaped. */
static void say(struct strbuf *out, const char *fmt, ...) IW_PRINTF(2, 3);

static void
say(struct strbuf *out, const char *fmt, ...)
{
    char line[LINT_LINE_BYTES];
    char safe[2 * LINT_LINE_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    log_sanitize(line, strlen(line), safe, sizeof(safe));
    strbuf_adds(out, safe);
    strbuf_addc(out, '\n');
}

static void
print_text(const struct lint_report *r, struct strbuf *out)
{
    say(out, "%s:%d  %s %s%s%s", r->path, r->line, r->kind, r->ns, *r->ns ? "/" : "", r->name);
    if (*r->broken)
        say(out, "  error    %s", r->broken);
    for (size_t i = 0; i < r->validation.error_count; i++)
        say(out, "  error    %s", r->validation.errors[i].text);
    for (size_t i = 0; i < r->validation.warning_count; i++)
        say(out, "  warning  %s", r->validation.warnings[i]);
    for (size_t i = 0; i < r->finding_count; i++) {
        const struct finding *f = &r->findings[i];
        say(out, "  %-7s  %s  %s", severity_name(f->severity), f->id, f->summary);
        for (unsigned n = 0; n < f->evidence_count; n++)
            say(out, "           because: %s", f->evidence[n]);
        for (unsigned n = 0; n < f->advice_count; n++)
            say(out, "           do: %s", f->advice[n]);
    }
    if (r->validation.cut)
        say(out, "  warning  there is more of this kind; the first %d are shown", VALIDATION_MAX);
    if (r->pod)
        whytext_resources(r->pod, out);
    strbuf_addc(out, '\n');
}

/* --- JSON --- */

static void
put_errors(struct jsonout *j, const struct lint_report *r)
{
    json_begin(j, "errors", '[');
    if (*r->broken) {
        json_begin(j, NULL, '{');
        json_put_text(j, "type", "FieldValueTypeInvalid");
        json_put_null(j, "field");
        json_put_null(j, "detail");
        json_put_text(j, "text", r->broken);
        json_end(j, '}');
    }
    for (size_t i = 0; i < r->validation.error_count; i++) {
        const struct validation_error *e = &r->validation.errors[i];
        json_begin(j, NULL, '{');
        json_put_text(j, "type", validation_type_name(e->type));
        json_put_text(j, "field", e->field);
        json_put_text(j, "detail", e->detail);
        json_put_text(j, "text", e->text);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_begin(j, "warnings", '[');
    for (size_t i = 0; i < r->validation.warning_count; i++)
        json_put_text(j, NULL, r->validation.warnings[i]);
    json_end(j, ']');
}

static void
put_findings(struct jsonout *j, const struct lint_report *r)
{
    json_begin(j, "findings", '[');
    for (size_t i = 0; i < r->finding_count; i++)
        podjson_finding(j, &r->findings[i], false);
    json_end(j, ']');
}

static void
put_report(struct jsonout *j, const struct lint_report *r)
{
    json_begin(j, NULL, '{');
    json_put_text(j, "file", r->path);
    json_put_int(j, "line", r->line);
    json_put_text(j, "kind", r->kind);
    json_put_known(j, "namespace", r->ns);
    json_put_text(j, "name", r->name);
    json_put_bool(j, "valid", !*r->broken && r->validation.error_count == 0);
    put_errors(j, r);
    put_findings(j, r);
    if (r->pod)
        podjson_resources(j, r->pod);
    json_end(j, '}');
}

/* --- the files --- */

static void
print_report(const struct linting *l, const struct lint_report *r)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    struct jsonout j = {.out = &out};
    switch (l->o->output) {
    case OUTPUT_JSON:
        strbuf_adds(&out, l->objects ? ",\n " : "[");
        put_report(&j, r);
        break;
    case OUTPUT_JSONL:
        put_report(&j, r);
        strbuf_addc(&out, '\n');
        break;
    case OUTPUT_TABLE:
    case OUTPUT_KUBECTL:
    case OUTPUT_WIDE:
        print_text(r, &out);
        break;
    }
    fwrite(out.data, 1, out.len, stdout);
}

static void
count_report(struct linting *l, const struct lint_report *r)
{
    l->objects++;
    l->errors += r->validation.error_count + (*r->broken ? 1 : 0);
    l->warnings += r->validation.warning_count;
    l->findings += r->finding_count;
    l->bad_news = l->bad_news || *r->broken || r->validation.error_count > 0;
    for (size_t i = 0; i < r->finding_count; i++)
        l->bad_news = l->bad_news || r->findings[i].severity == SEVERITY_ERROR;
}

static const char *
metadata_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(json_object_get(object, "metadata"), key));
    return text ? text : "";
}

static enum iw_err
lint_object(void *ctx, const struct file_object *o, struct iw_error *err)
{
    struct linting *l = ctx;
    const char *where;
    if (!o->object)
        return iw_fail(err, IW_ERR_UNSUPPORTED, "%s: lint reads manifests: YAML or JSON", l->path);
    json_t *pod = workload_pod(o->object, o->kind, &where);
    if (!pod)
        return IW_OK;
    struct lint_report *r = iw_calloc(1, sizeof(*r));
    r->kind = o->kind;
    r->path = l->path;
    r->line = o->line;
    r->name = metadata_text(o->object, "name");
    r->ns = metadata_text(o->object, "namespace");
    judge(r, pod, where, o->now_wall_ms != IW_TIME_NONE ? o->now_wall_ms : l->now_wall_ms);
    print_report(l, r);
    count_report(l, r);
    validation_free(&r->validation);
    pod_free(r->pod);
    free(r);
    json_decref(pod);
    return IW_OK;
}

/* "2 errors": s when there is not exactly one. */
static const char *
plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static int
finish(const struct linting *l)
{
    if (l->o->output == OUTPUT_JSON)
        fputs(l->objects ? "]\n" : "[]\n", stdout);
    else if (l->o->output != OUTPUT_JSONL)
        printf("%zu object%s: %zu error%s, %zu warning%s, %zu finding%s\n", l->objects,
               plural(l->objects), l->errors, plural(l->errors), l->warnings, plural(l->warnings),
               l->findings, plural(l->findings));
    if (l->objects == 0) {
        struct iw_error err = {0};
        iw_fail(&err, IW_ERR_NOT_FOUND, "no Pod and no pod template in the files");
        return app_report(&err);
    }
    return l->bad_news ? EXIT_BAD_NEWS : 0;
}

int
cmd_lint(const struct options *o)
{
    struct linting l = {.o = o};
    struct iw_error err = {0};
    l.now_wall_ms = o->now_wall_ms != IW_TIME_NONE ? o->now_wall_ms : clock_wall(clock_system());
    if (o->file_count == 0) {
        iw_fail(&err, IW_ERR_USAGE, "lint needs -f FILE");
        return app_report(&err);
    }
    for (unsigned i = 0; i < o->file_count; i++) {
        l.path = o->files[i];
        if (objfile_each(l.path, lint_object, &l, &err) != IW_OK) {
            if (o->output == OUTPUT_JSON && l.objects)
                fputs("]\n", stdout);
            return app_report(&err);
        }
    }
    return finish(&l);
}
