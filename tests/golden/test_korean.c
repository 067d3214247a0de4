/* Korean: every view of a sick cluster, at every size, says what it says itself in Korean. What comes from the cluster, the
 * names of the API and what is typed at the prompts stay as they are.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>

#include "initwatch/base/tr.h"
#include "worlds.h"

static const int SIZES[][2] = {{60, 16}, {80, 24}, {140, 40}, {200, 60}};

/* Two English words side by side that are no text of ours: what the kubelet and the scheduler said, commands to type. */
static const char *const KEPT[] = {
    "couldn't find key url in Secret",
    "secret not found",
    "Container image already present on machine",
    "restarting failed container",
    "Readiness probe failed with statuscode",
    "nodes are available",
    "relation already exists",
    "kubectl -n shop describe secret",
    "initwatch help man",
};

static bool
is_kept(const char *words)
{
    for (size_t i = 0; i < IW_COUNTOF(KEPT); i++)
        if (strstr(KEPT[i], words))
            return true;
    return false;
}

/* Past a word of three small letters or more; NULL where none begins. */
static const char *
english_word(const char *at)
{
    size_t len = 0;
    while (islower((unsigned char)at[len]))
        len++;
    return len >= 3 && (at[len] == ' ' || at[len] == '\n' || at[len] == ',') ? at + len : NULL;
}

/* "the two" of a sentence that was left in English; false when there is none. */
static unsigned
english_left(const char *text, const char *view)
{
    unsigned found = 0;
    for (const char *p = text; *p; p++) {
        const char *first = p > text && p[-1] != ' ' && p[-1] != '\n' ? NULL : english_word(p);
        const char *second = first && *first == ' ' ? english_word(first + 1) : NULL;
        char words[80];
        if (!second)
            continue;
        snprintf(words, sizeof(words), "%.*s", (int)(second - p), p);
        if (is_kept(words))
            continue;
        print_error("%s: English: \"%s\" in: %.*s\n", view, words, (int)strcspn(p, "\n"), p);
        found++;
    }
    return found;
}

static void
korean__nothing_of_ours_is_left_in_english(void **state)
{
    struct world w;
    unsigned found = 0;
    (void)state;
    assert_true(tr_set_language("ko"));
    world_open(&w, WORLD_SICK);
    for (size_t v = 0; v < view_registry_count; v++) {
        assert_true(world_view(&w, view_registry[v]));
        for (size_t i = 0; i < IW_COUNTOF(SIZES); i++) {
            char *text = scene_text(&w.scene, SIZES[i][0], SIZES[i][1]);
            found += english_left(text, view_registry[v]->name);
            free(text);
        }
    }
    world_close(&w);
    tr_set_language("en");
    assert_int_equal(found, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(korean__nothing_of_ours_is_left_in_english),
    };
    return cmocka_run_group_tests_name("korean", tests, NULL, NULL);
}
