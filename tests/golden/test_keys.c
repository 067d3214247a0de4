/* Keys: each key of the recommended keymap is pressed in each view of a sick cluster. It does something that can be seen, or
 * it is one of those that docs/decisions/0028 lists for the view, with the reason; and no key is silent.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worlds.h"

#define DECISION TEST_SOURCE_DIR "/docs/decisions/0028-keys-and-views.md"

/* Between blanks. The ones that only move, and those that lead to the view that is shown already, may leave the screen as
 * it is. */
static const char ALL_KEYS[] =
    " j k Down Up g G Home End ^D ^U ^F ^B PgDn PgUp Left Right Enter q Esc J K Tab S-Tab"
    " 1 2 3 4 5 6 7 8 0 [ ] , - m ' / n N : ? c ^S w t z o < > I ^E ^T ^L ^R ^Z ^C"
    " l p L x v u y d e s a D F f r ^K Space * + | P = & ! E b ";

enum effect { EFFECT_SILENT, EFFECT_ABSENT, EFFECT_SEEN };

/* What a key did in a view that was just opened. */
static enum effect
press(struct world *w, const struct view_class *view, const char *key)
{
    struct scene *sc = &w->scene;
    assert_true(world_view(w, view));
    char *before = scene_text(sc, 80, 24);
    unsigned intents = sc->intents;
    ui_key(sc->ui, key_parse(key));
    char *after = scene_text(sc, 80, 24);
    enum effect effect = strstr(after, "does nothing here")               ? EFFECT_ABSENT
                         : intents != sc->intents || ui_is_typing(sc->ui) ? EFFECT_SEEN
                         : strcmp(before, after) != 0                     ? EFFECT_SEEN
                                                                          : EFFECT_SILENT;
    free(before);
    free(after);
    return effect;
}

static bool
may_be_silent(const struct view_class *view, const char *key)
{
    int32_t arg = 0;
    enum action action = keymap_lookup(view->context, view->podish, key_parse(key), &arg);
    const char *leads_to = action == ACT_EVENTS      ? "events"
                           : action == ACT_RESOURCES ? "resources"
                           : action == ACT_WHY       ? "why"
                           : action == ACT_YAML      ? "yaml"
                           : action == ACT_DESCRIBE  ? "describe"
                                                     : "";
    bool at_end = action == ACT_ZOOM_IN || action == ACT_ZOOM_OUT;
    return at_end || strcmp(action_group(action), "MOVE") == 0 ||
           strcmp(leads_to, view->name) == 0 ||
           (action == ACT_TAB && view_by_tab(view->scope, arg) == view);
}

/* --- what the decision lists --- */

/* The next cell of a row "| a | b | c |" into out; "\|" is a bar. NULL at the end. */
static const char *
next_cell(const char *at, char *out, size_t out_size)
{
    size_t len = 0;
    if (*at != '|')
        return NULL;
    for (at++; *at && *at != '|' && *at != '\n'; at++) {
        at += at[0] == '\\' && at[1] == '|';
        if (len + 1 < out_size && *at != '`' && *at != ',')
            out[len++] = *at;
    }
    out[len] = '\0';
    return at;
}

static bool
has_word(const char *words, const char *word)
{
    char between[32];
    snprintf(between, sizeof(between), " %s ", word);
    return strstr(words, between) != NULL;
}

/* Is the key in a row of the view? */
static bool
is_listed(const char *decision, const char *view, const char *key)
{
    for (const char *line = decision; *line; line += strcspn(line, "\n") + 1) {
        char views[256], keys[256], why[512];
        const char *at = next_cell(line, views, sizeof(views));
        at = at ? next_cell(at, keys, sizeof(keys)) : NULL;
        if (!at || !next_cell(at, why, sizeof(why)) || !has_word(views, view) ||
            !has_word(keys, key))
            continue;
        if (strspn(why, " ") == strlen(why))
            fail_msg("%s in %s has no reason in 0028", key, view);
        return true;
    }
    return false;
}

static char *
read_decision(void)
{
    FILE *f = fopen(DECISION, "r");
    struct strbuf text;
    char block[4096];
    assert_non_null(f);
    strbuf_init(&text, 0);
    for (size_t n; (n = fread(block, 1, sizeof(block), f)) > 0;)
        strbuf_add(&text, block, n);
    fclose(f);
    return strbuf_take(&text);
}

/* --- tests --- */

static unsigned
check_view_keys(struct world *w, const struct view_class *view, const char *decision)
{
    unsigned wrong = 0;
    for (const char *at = ALL_KEYS + 1; *at;) {
        char key[16];
        size_t len = strcspn(at, " ");
        snprintf(key, sizeof(key), "%.*s", (int)len, at);
        at += len + 1;
        enum effect effect = press(w, view, key);
        const char *what = effect == EFFECT_SILENT && !may_be_silent(view, key) ? "is silent"
                           : effect == EFFECT_ABSENT && !is_listed(decision, view->name, key)
                               ? "does nothing and is not in 0028"
                           : effect != EFFECT_ABSENT && is_listed(decision, view->name, key)
                               ? "does something, 0028 says nothing"
                               : NULL;
        if (what)
            print_error("%s in %s %s\n", key, view->name, what);
        wrong += what != NULL;
    }
    return wrong;
}

static void
keys__do_something_or_are_absent_for_a_reason(void **state)
{
    struct world w;
    unsigned wrong = 0;
    (void)state;
    char *decision = read_decision();
    world_open(&w, WORLD_SICK);
    scene_event(&w.scene, AGO(5), true, "Failed", "cart", "secret \"db-secrets\" not found", 3);
    for (size_t v = 0; v < view_registry_count; v++)
        if (strcmp(view_registry[v]->name, "demo") != 0) /* its keys need a demo: golden/demo */
            wrong += check_view_keys(&w, view_registry[v], decision);
    world_close(&w);
    free(decision);
    assert_int_equal(wrong, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys__do_something_or_are_absent_for_a_reason),
    };
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
