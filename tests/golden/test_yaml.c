/* Golden screens of the YAML view, and what its keys do.
 * SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"
#include "stories.h"

static const char POD_YAML[] =
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata:\n"
    "  name: myapp-wait-db\n"
    "  namespace: shop\n"
    "  labels: {app: myapp, 팀: 결제}\n"
    "  annotations:\n"
    "    note: \"one\\ntwo\\n\"\n"
    "    evil: \"\\e[2J\\a\\u202etxt\"\n"
    "  managedFields:\n"
    "  - manager: kubelet\n"
    "    operation: Update\n"
    "spec:\n"
    "  initContainers:\n"
    "  - name: wait-for-postgres\n"
    "    image: busybox:1.36\n"
    "    command: [sh, -c, \"until nc -z postgres-service 5432; do sleep 2; done\"]\n"
    "    env:\n"
    "    - name: PASSWORD\n"
    "      valueFrom: {secretKeyRef: {name: db-secrets, key: url}}\n"
    "  containers:\n"
    "  - name: myapp\n"
    "    image: myapp:2\n"
    "    resources: {requests: {cpu: 250m}}\n"
    "status:\n"
    "  phase: Pending\n";

static struct yaml_text *
open_yaml(struct scene *sc)
{
    story_open(sc, story_wait_stuck(), 252, "yaml");
    struct yaml_text *y = manifest_raw(sc, KOBJECT_POD, "shop", "myapp-wait-db", POD_YAML);
    scene_draw(sc, 80, 24);
    return y;
}

static void
yaml__shows_the_object_in_the_order_of_the_api(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    assert_true(scene_is(&sc, "yaml_60x16", 60, 16));
    assert_true(scene_is(&sc, "yaml_80x24", 80, 24));
    assert_true(scene_is(&sc, "yaml_140x40", 140, 40));
    assert_true(scene_is(&sc, "yaml_200x60", 200, 60));
    scene_close(&sc);
    yaml_text_free(y);
}

static void
yaml__folds_and_opens_blocks(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    scene_keys(&sc, "jj"); /* metadata */
    ui_key(sc.ui, KEY_LEFT_CODE);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸ metadata: … +"));
    char *screen = scene_text(&sc, 80, 24);
    assert_null(strstr(screen, "팀: 결제"));
    free(screen);
    /* The folds stay when the object changes: other line numbers, same places. */
    sc.raw.generation++;
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "▸ metadata: … +"));
    ui_key(sc.ui, KEY_RIGHT_CODE);
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "팀: 결제"));
    scene_keys(&sc, "z");
    assert_true(scene_is(&sc, "yaml_folded_80x24", 80, 24));
    scene_keys(&sc, "z");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "팀: 결제"));
    scene_close(&sc);
    yaml_text_free(y);
}

static void
yaml__hides_managed_fields_until_asked(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "managedFields hidden"));
    scene_keys(&sc, "f");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "- manager: kubelet"));
    scene_close(&sc);
    yaml_text_free(y);
}

static void
yaml__finds_text_inside_folds(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    scene_keys(&sc, "z/name\r");
    assert_true(scene_is(&sc, "yaml_found_80x24", 80, 24));
    scene_keys(&sc, "n");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "namespace: shop"));
    scene_keys(&sc, "/not-there\rn");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "\"not-there\" is not in this object"));
    scene_close(&sc);
    yaml_text_free(y);
}

static void
yaml__copies_a_value_or_a_block(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    scene_keys(&sc, "jjjc");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_string_equal(sc.last.text, "myapp-wait-db");
    scene_keys(&sc, "jjc");
    assert_string_equal(sc.last.text, "labels:\n  app: myapp\n  팀: 결제\n");
    scene_close(&sc);
    yaml_text_free(y);
}

/* More than the status line can tell goes to the clipboard as it is. */
static void
yaml__copies_long_values_whole(void **state)
{
    (void)state;
    enum { LONG = 3000 };
    struct scene sc;
    char manifest[LONG + 200], value[LONG + 1];
    memset(value, 'x', LONG);
    value[LONG] = '\0';
    snprintf(manifest, sizeof(manifest),
             "apiVersion: v1\nkind: Pod\nmetadata:\n  name: myapp-wait-db\n  namespace: shop\n"
             "  annotations: {long: %s}\n",
             value);
    story_open(&sc, story_wait_stuck(), 252, "yaml");
    struct yaml_text *y = manifest_raw(&sc, KOBJECT_POD, "shop", "myapp-wait-db", manifest);
    scene_draw(&sc, 80, 24);
    scene_keys(&sc, "/long:\rc");
    assert_int_equal(sc.last.kind, INTENT_COPY);
    assert_int_equal(sc.last.data_len, LONG);
    assert_memory_equal(sc.last.data, value, LONG);
    assert_int_equal(strlen(sc.last.text), sizeof(sc.last.text) - 1);
    scene_close(&sc);
    yaml_text_free(y);
}

static void
yaml__says_what_keeps_it_from_the_screen(void **state)
{
    (void)state;
    struct scene sc;
    story_open(&sc, story_wait_stuck(), 252, "yaml");
    assert_true(scene_is(&sc, "yaml_loading_80x24", 80, 24));
    sc.raw =
        (struct raw_object){.ref = {.kind = KOBJECT_POD}, .state = RAW_FAILED, .generation = 5};
    snprintf(sc.raw.ref.ns, sizeof(sc.raw.ref.ns), "shop");
    snprintf(sc.raw.ref.name, sizeof(sc.raw.ref.name), "myapp-wait-db");
    snprintf(sc.raw.sentence, sizeof(sc.raw.sentence),
             "pods \"myapp-wait-db\" is forbidden: User \"dev\" cannot get resource \"pods\"");
    assert_true(scene_is(&sc, "yaml_denied_80x24", 80, 24));
    scene_close(&sc);
}

static void
yaml__survives_an_object_of_many_lines(void **state)
{
    (void)state;
    struct scene sc;
    struct strbuf b;
    strbuf_init(&b, 0);
    strbuf_adds(&b, "data:\n");
    for (int i = 0; i < 40000; i++)
        strbuf_addf(&b, "  key-%05d: a value that makes the object large\n", i);
    story_open(&sc, story_wait_stuck(), 252, "yaml");
    struct yaml_text *y = manifest_raw(&sc, KOBJECT_POD, "shop", "myapp-wait-db", b.data);
    scene_draw(&sc, 140, 40);
    scene_keys(&sc, "G");
    scene_draw(&sc, 140, 40);
    assert_true(scene_has(&sc, "key-39999"));
    strbuf_free(&b);
    scene_close(&sc);
    yaml_text_free(y);
}

/* A reader who scrolled into a container knows which one it is, and where the value under the cursor is. */
static void
yaml__says_whose_lines_these_are(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    scene_keys(&sc, "}}}}}}}");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "i1 ▾   - name: wait-for-postgres"));
    assert_true(scene_has(&sc, " spec.initContainers[0].name  i1 wait-for-postgres"));
    scene_keys(&sc, "}j");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "a1 ▾   - name: myapp"));
    scene_keys(&sc, "{j");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "a1 ▾   - name: myapp"));
    scene_close(&sc);
    yaml_text_free(y);
}

static void
yaml__counts_what_the_search_finds(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    scene_keys(&sc, "/image\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "/image  1 of 2 lines"));
    scene_keys(&sc, "n");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "/image  2 of 2 lines"));
    scene_keys(&sc, "k");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "/image  2 lines"));
    scene_keys(&sc, "/nowhere\r");
    scene_draw(&sc, 80, 24);
    assert_true(scene_has(&sc, "/nowhere  not in this object"));
    scene_close(&sc);
    yaml_text_free(y);
}

static void
yaml__wraps_long_lines(void **state)
{
    (void)state;
    struct scene sc;
    struct yaml_text *y = open_yaml(&sc);
    scene_keys(&sc, "/sleep\r");
    scene_draw(&sc, 44, 16);
    assert_false(scene_has(&sc, "sleep 2; done"));
    scene_keys(&sc, "w");
    scene_draw(&sc, 44, 16);
    assert_true(scene_has(&sc, "sleep 2; done"));
    assert_true(scene_has(&sc, "command[2]"));
    scene_close(&sc);
    yaml_text_free(y);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml__shows_the_object_in_the_order_of_the_api),
        cmocka_unit_test(yaml__folds_and_opens_blocks),
        cmocka_unit_test(yaml__hides_managed_fields_until_asked),
        cmocka_unit_test(yaml__finds_text_inside_folds),
        cmocka_unit_test(yaml__copies_a_value_or_a_block),
        cmocka_unit_test(yaml__copies_long_values_whole),
        cmocka_unit_test(yaml__says_what_keeps_it_from_the_screen),
        cmocka_unit_test(yaml__survives_an_object_of_many_lines),
        cmocka_unit_test(yaml__says_whose_lines_these_are),
        cmocka_unit_test(yaml__counts_what_the_search_finds),
        cmocka_unit_test(yaml__wraps_long_lines),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
