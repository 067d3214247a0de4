/* Unit tests of ":export": what its words mean, and the JSON document.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../model/pod_make.h"
#include "initwatch/app/export.h"

static void
export_wish__takes_all_format_and_file(void **state)
{
    (void)state;
    static const struct {
        const char *text, *format, *file;
        bool whole;
    } rows[] = {{"", "txt", "", false},
                {"html", "html", "", false},
                {"all", "txt", "", true},
                {"all svg", "svg", "", true},
                {"all json ~/x", "json", "~/x", true},
                {"html a file.txt", "html", "a file.txt", false},
                {"~/shot.svg", "svg", "~/shot.svg", false},
                {"all ./a.b/c.ansi", "ansi", "./a.b/c.ansi", true},
                {"html.d/allsvg.json", "json", "html.d/allsvg.json", false},
                {"pdf", NULL, "pdf", false},
                {"x.svg/y", NULL, "x.svg/y", false}};
    for (size_t i = 0; i < IW_COUNTOF(rows); i++) {
        struct export_wish wish = export_wish_parse(rows[i].text);
        if (rows[i].format)
            assert_string_equal(wish.format, rows[i].format);
        else
            assert_null(wish.format);
        assert_string_equal(wish.file, rows[i].file);
        assert_int_equal(wish.whole, rows[i].whole);
    }
}

static void
export_json__is_one_document_of_lines_and_pods(void **state)
{
    (void)state;
    struct clock clock = clock_manual(1000, T0);
    struct store *store = store_new(&clock);
    struct source_sink sink = store_sink(store);
    struct pod_make m;
    make_pod(&m, "web");
    make_container(&m, LIST_APP, "app");
    sink.upsert(sink.ctx, pod_seal(&m.pod));
    struct pod_ref ref;
    assert_true(store_find(store, NULL, "web", &ref));
    struct ui_session session = {.context = "kind \"demo\"", .ns = ""};
    struct surface s;
    surface_init(&s, 12, 2, false);
    surface_puts(&s, surface_rect(&s), 0, 0, ROLE_TITLE, "한\x1b");
    surface_puts(&s, surface_rect(&s), 3, 0, ROLE_TEXT, "\"x\"");
    struct export_facts facts = {.view = "pods",
                                 .session = &session,
                                 .store = store,
                                 .pods = &ref,
                                 .pod_count = 1,
                                 .now_wall_ms = T0};
    char *text = export_document(&s, "json", &facts);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    assert_true(json_is_null(json_object_get(json, "namespace")));
    assert_string_equal(json_string_value(json_object_get(json, "context")), "kind \"demo\"");
    json_t *line = json_array_get(json_object_get(json, "lines"), 0);
    assert_string_equal(json_string_value(json_object_get(line, "text")), "한␛\"x\"");
    json_t *span = json_array_get(json_object_get(line, "spans"), 0);
    assert_int_equal(json_integer_value(json_object_get(span, "cols")), 3);
    assert_string_equal(json_string_value(json_object_get(span, "role")), "title");
    json_t *pod = json_array_get(json_object_get(json, "pods"), 0);
    assert_string_equal(json_string_value(json_object_get(pod, "name")), "web");
    assert_null(json_object_get(pod, "findings"));
    json_decref(json);
    free(text);
    facts.pod_count = 0;
    facts.pod = ref;
    text = export_document(&s, "json", &facts);
    json = json_loads(text, 0, NULL);
    pod = json_array_get(json_object_get(json, "pods"), 0);
    assert_non_null(json_object_get(pod, "findings"));
    json_decref(json);
    free(text);
    surface_free(&s);
    store_free(store);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(export_wish__takes_all_format_and_file),
        cmocka_unit_test(export_json__is_one_document_of_lines_and_pods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
