/* Whole data sets through the program: columns, tables, effective resources, recorded lists.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "gzlines.h"
#include "initwatch/base/clock.h"
#include "initwatch/base/strbuf.h"
#include "program.h"

/* All lines of a data set, as they are and parsed. */
struct cases {
    char **lines;
    json_t **json;
    size_t count;
};

static void
cases_load(struct cases *c, const char *name, size_t expected)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", TEST_DATA_DIR, name);
    struct gzlines *file = gzlines_open(path);
    assert_non_null(file);
    memset(c, 0, sizeof(*c));
    size_t len;
    for (char *line; (line = gzlines_next(file, &len)) != NULL; c->count++) {
        c->lines = realloc(c->lines, (c->count + 1) * sizeof(*c->lines));
        c->json = realloc(c->json, (c->count + 1) * sizeof(*c->json));
        c->lines[c->count] = strdup(line);
        c->json[c->count] = json_loadb(line, len, JSON_ALLOW_NUL, NULL);
        assert_non_null(c->json[c->count]);
    }
    gzlines_close(file);
    assert_true(c->count >= expected);
}

static void
cases_free(struct cases *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->lines[i]);
        json_decref(c->json[i]);
    }
    free(c->lines);
    free(c->json);
}

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* "pod" of a line as it is written there: the raw tokens of numbers count. */
static void
add_raw_pod(struct strbuf *b, const char *line)
{
    const char *from = strstr(line, "\"pod\":{");
    assert_non_null(from);
    from += strlen("\"pod\":");
    size_t depth = 0;
    bool quoted = false;
    const char *p = from;
    do {
        if (quoted && *p == '\\')
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && *p == '{')
            depth++;
        else if (!quoted && *p == '}')
            depth--;
        p++;
    } while (depth > 0);
    strbuf_add(b, from, (size_t)(p - from));
}

static json_t *
next_object(const char **at)
{
    const char *stop = strchr(*at, '\n');
    assert_non_null(stop);
    json_t *object = json_loadb(*at, (size_t)(stop - *at), 0, NULL);
    assert_non_null(object);
    *at = stop + 1;
    return object;
}

/* A cell of the data set against a member; "<none>" is null. */
static bool
same_cell(const json_t *want, const char *want_key, const json_t *got, const char *key)
{
    const char *cell = text_of(want, want_key);
    const json_t *member = json_object_get(got, key);
    bool same =
        strcmp(cell, "<none>") == 0 ? json_is_null(member) : strcmp(text_of(got, key), cell) == 0;
    if (!same)
        print_message("%s %s: got \"%s\", want \"%s\"\n", text_of(want, "name"), key,
                      text_of(got, key), cell);
    return same;
}

static void
get_jsonl__prints_the_columns_of_kubernetes(void **state)
{
    (void)state;
    struct cases c;
    cases_load(&c, "printpod/random.jsonl.gz", 1500);
    strbuf_auto input;
    strbuf_init(&input, 0);
    for (size_t i = 0; i < c.count; i++) {
        strbuf_addf(&input, "{\"now\":\"%s\",\"object\":", text_of(c.json[i], "now"));
        add_raw_pod(&input, c.lines[i]);
        strbuf_adds(&input, "}\n");
    }
    int64_t start_ms = clock_mono(clock_system());
    struct program p = program_run((const char *const[]){"get", "-f", "-", "-o", "jsonl", NULL},
                                   input.data, input.len);
    int64_t took_ms = clock_mono(clock_system()) - start_ms;
    assert_string_equal(p.err, "");
    assert_int_equal(p.status, 0);
    const char *at = p.out;
    size_t agree = 0;
    static const char *const keys[][2] = {{"pod_name", "name"},
                                          {"ready", "ready"},
                                          {"status", "status"},
                                          {"restarts", "restarts"},
                                          {"age", "age"},
                                          {"ip", "ip"},
                                          {"node", "node"},
                                          {"nominated_node", "nominatedNode"},
                                          {"readiness_gates", "readinessGates"}};
    for (size_t i = 0; i < c.count; i++) {
        json_t *got = next_object(&at);
        bool same = true;
        for (size_t k = 0; k < IW_COUNTOF(keys); k++)
            same = same_cell(c.json[i], keys[k][0], got, keys[k][1]) && same;
        agree += same;
        json_decref(got);
    }
    print_message("columns: %zu of %zu agree, %lld pods a second\n", agree, c.count,
                  (long long)(c.count * 1000 / (size_t)(took_ms + 1)));
    assert_int_equal(agree, c.count);
    assert_int_equal(*at, '\0');
    program_free(&p);
    cases_free(&c);
}

/* The option set that counts a pod on its node. */
static const json_t *
result_on_node(const json_t *line)
{
    size_t i;
    json_t *result;
    json_array_foreach(json_object_get(line, "results"), i, result)
    {
        const json_t *options = json_object_get(result, "options");
        if (json_is_true(json_object_get(options, "useStatusResources")) &&
            json_is_true(
                json_object_get(options, "inPlacePodLevelResourcesVerticalScalingEnabled")))
            return result;
    }
    fail_msg("no such option set");
    return NULL;
}

/* Effective amounts out of `why`: resources.requests.NAME.effective. */
static bool
same_working(const json_t *got, const char *side, const json_t *want)
{
    const json_t *sides = json_object_get(json_object_get(got, "resources"), side);
    const char *name;
    json_t *amount;
    json_object_foreach((json_t *)want, name, amount)
    {
        const json_t *one = json_object_get(sides, name);
        if (!one || !json_equal(json_object_get(one, "effective"), amount))
            return false;
    }
    return true;
}

static void
run_resources(const char *command)
{
    struct cases c;
    bool why = strcmp(command, "why") == 0;
    cases_load(&c, "resources/random.jsonl.gz", 1500);
    strbuf_auto input;
    strbuf_init(&input, 0);
    for (size_t i = 0; i < c.count; i++) {
        add_raw_pod(&input, c.lines[i]);
        strbuf_addc(&input, '\n');
    }
    struct program p = program_run((const char *const[]){command, "-f", "-", "-o", "jsonl", NULL},
                                   input.data, input.len);
    assert_string_equal(p.err, "");
    assert_true(p.status == 0 || why);
    const char *at = p.out;
    size_t agree = 0;
    for (size_t i = 0; i < c.count; i++) {
        json_t *got = next_object(&at);
        const json_t *want = result_on_node(c.json[i]);
        bool same = true;
        for (int side = 0; side < 2; side++) {
            const char *key = side ? "limits" : "requests";
            same = same && json_equal(json_object_get(got, key), json_object_get(want, key)) &&
                   (!why || same_working(got, key, json_object_get(want, key)));
        }
        same = same && strcmp(text_of(got, "qosClass"), text_of(c.json[i], "qos_kubectl")) == 0;
        if (!same && agree == i) {
            char *text = json_dumps(got, 0);
            print_message("%s: got %s\n", text_of(c.json[i], "name"), text);
            free(text);
        }
        agree += same;
        json_decref(got);
    }
    print_message("resources through %s: %zu of %zu agree\n", command, agree, c.count);
    assert_int_equal(agree, c.count);
    program_free(&p);
    cases_free(&c);
}

static void
get_jsonl__prints_effective_resources(void **state)
{
    (void)state;
    run_resources("get");
}

static void
why_jsonl__prints_the_same_resources_and_their_working(void **state)
{
    (void)state;
    run_resources("why");
}

static void
get_kubectl__prints_tables_byte_for_byte(void **state)
{
    (void)state;
    struct cases c;
    size_t agree = 0;
    cases_load(&c, "printpod/table.jsonl.gz", 60);
    for (size_t i = 0; i < c.count; i++) {
        const json_t *line = c.json[i];
        const char *args[PROGRAM_ARGS_MAX] = {
            "get",
            "-f",
            "-",
            "--now",
            text_of(line, "now"),
            "-o",
            json_is_true(json_object_get(line, "wide")) ? "wide" : "kubectl"};
        size_t n = 7;
        if (json_is_true(json_object_get(line, "with_namespace")))
            args[n++] = "-A";
        if (json_is_true(json_object_get(line, "no_headers")))
            args[n++] = "--no-headers";
        if (json_is_true(json_object_get(line, "show_labels")))
            args[n++] = "--show-labels";
        json_t *list = json_pack("{s:s,s:s,s:O}", "kind", "List", "apiVersion", "v1", "items",
                                 json_object_get(line, "pods"));
        char *text = json_dumps(list, 0);
        struct program p = program_run(args, text, strlen(text));
        bool same = strcmp(p.out, text_of(line, "output")) == 0 && p.status == 0;
        if (!same && agree == i)
            print_message("%s: got\n%s%swant\n%s", text_of(line, "name"), p.out, p.err,
                          text_of(line, "output"));
        agree += same;
        program_free(&p);
        free(text);
        json_decref(list);
    }
    print_message("tables: %zu of %zu agree\n", agree, c.count);
    assert_int_equal(agree, c.count);
    cases_free(&c);
}

/* Ages were counted when the recorder ran kubectl, a moment before or after the list was taken: the
 * whole table has to agree at some moment within two seconds. */
static bool
same_snapshot(const json_t *line)
{
    static const int64_t shifts_ms[] = {0, -500, 500, -1000, 1000, -1500, 1500, -2000, 2000};
    char *text = json_dumps(json_object_get(line, "list"), 0);
    const char *now = text_of(line, "now");
    int64_t now_wall_ms = 0;
    bool same = false;
    assert_int_equal(rfc3339_parse(now, strlen(now), &now_wall_ms, NULL), IW_OK);
    for (size_t i = 0; !same && i < IW_COUNTOF(shifts_ms); i++) {
        char moment[40];
        rfc3339_format(now_wall_ms + shifts_ms[i], true, moment);
        struct program p = program_run(
            (const char *const[]){"get", "-f", "-", "--now", moment, "-o", "wide", NULL}, text,
            strlen(text));
        same = strcmp(p.out, text_of(line, "wide")) == 0 ||
               (*p.out == '\0' && strstr(text_of(line, "wide"), "No resources found"));
        if (!same && i + 1 == IW_COUNTOF(shifts_ms))
            print_message("%s: got\n%swant\n%s", text_of(line, "name"), p.out,
                          text_of(line, "wide"));
        program_free(&p);
    }
    free(text);
    return same;
}

static void
get_wide__prints_what_kubectl_printed_for_recorded_lists(void **state)
{
    (void)state;
    struct cases c;
    size_t agree = 0;
    cases_load(&c, "snapshots/kubectl-get.jsonl.gz", 48);
    for (size_t i = 0; i < c.count; i++)
        agree += same_snapshot(c.json[i]);
    print_message("recorded lists: %zu of %zu agree\n", agree, c.count);
    assert_int_equal(agree, c.count);
    cases_free(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get_jsonl__prints_the_columns_of_kubernetes),
        cmocka_unit_test(get_jsonl__prints_effective_resources),
        cmocka_unit_test(why_jsonl__prints_the_same_resources_and_their_working),
        cmocka_unit_test(get_kubectl__prints_tables_byte_for_byte),
        cmocka_unit_test(get_wide__prints_what_kubectl_printed_for_recorded_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
