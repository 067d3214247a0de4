/* arena, strbuf, intern: growth, ceilings, ownership.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/arena.h"
#include "initwatch/base/intern.h"
#include "initwatch/base/strbuf.h"

static void
arena_alloc__gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1u << 20);
    for (size_t round = 0; round < 2; round++) {
        for (size_t size = 1; size < 2000; size += 13) {
            unsigned char *p = arena_alloc(&a, size);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAA, size);
        }
        arena_reset(&a); /* the second round gets dirty memory back */
    }
    arena_free(&a);
}

static void
arena_alloc__stops_at_the_ceiling(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 4096);
    assert_non_null(arena_alloc(&a, 4000));
    assert_null(arena_alloc(&a, 200));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_strndup(&a, "x", SIZE_MAX - 1));
    assert_non_null(arena_alloc(&a, 16));
    arena_reset(&a);
    assert_int_equal(a.used_bytes, 0);
    assert_non_null(arena_alloc(&a, 4096));
    arena_free(&a);
}

static void
arena_owns__knows_its_own_memory(void **state)
{
    (void)state;
    struct arena a;
    int outside = 0;
    arena_init(&a, 1u << 20);
    assert_false(arena_owns(&a, &outside));
    char *first = arena_strndup(&a, "first", 5);
    char *large = arena_alloc(&a, 100000); /* a block of its own */
    assert_true(arena_owns(&a, first));
    assert_true(arena_owns(&a, large + 99999));
    assert_false(arena_owns(&a, &outside));
    assert_string_equal(first, "first");
    arena_reset(&a);
    assert_false(arena_owns(&a, large));
    arena_free(&a);
}

static void
strbuf_add__refuses_what_passes_the_ceiling(void **state)
{
    (void)state;
    strbuf_auto b;
    strbuf_init(&b, 10);
    assert_true(strbuf_adds(&b, "12345678"));
    assert_false(strbuf_adds(&b, "abc"));
    assert_true(b.overflow);
    assert_string_equal(b.data, "12345678");
    assert_true(strbuf_adds(&b, "90"));
    assert_false(strbuf_addf(&b, "%d", 1));
    strbuf_clear(&b);
    assert_false(b.overflow);
    assert_true(strbuf_addf(&b, "%s-%d", "ab", 12));
    assert_string_equal(b.data, "ab-12");
}

static void
strbuf_take__leaves_an_empty_buffer(void **state)
{
    (void)state;
    strbuf_auto b;
    strbuf_init(&b, 0);
    for (int i = 0; i < 1000; i++)
        strbuf_addc(&b, 'x');
    iw_autofree char *text = strbuf_take(&b);
    assert_int_equal(strlen(text), 1000);
    assert_string_equal(b.data, "");
    assert_true(strbuf_adds(&b, "y"));
}

static void
strbuf_add_json__escapes(void **state)
{
    (void)state;
    strbuf_auto b;
    strbuf_init(&b, 0);
    assert_true(strbuf_add_json(&b, "a\"b\\c\n\t\x01\xc3\xa9\xff"));
    assert_string_equal(b.data, "\"a\\\"b\\\\c\\n\\t\\u0001\xc3\xa9\xef\xbf\xbd\"");
}

static void
strbuf_add_json__adds_all_or_nothing(void **state)
{
    (void)state;
    strbuf_auto b;
    strbuf_init(&b, 8);
    strbuf_adds(&b, "ab");
    assert_false(strbuf_add_json(&b, "abcdef"));
    assert_string_equal(b.data, "ab");
}

static void
iw_intern__gives_one_copy(void **state)
{
    (void)state;
    char text[] = "kube-system";
    const char *a = iw_intern(text, 11), *b = iw_intern("kube-system!", 11);
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, text);
    assert_string_equal(a, "kube-system");
    assert_string_equal(iw_intern(NULL, 0), "");
}

static void
iw_intern__is_capped(void **state)
{
    (void)state;
    const char *known = iw_intern("known", 5);
    size_t kept = 0;
    for (unsigned i = 0; i < 70000; i++) {
        char name[16];
        memcpy(name, &i, sizeof(i));
        memcpy(name + 4, "suffix", 6);
        kept += iw_intern(name, 10) != NULL;
    }
    assert_in_range(kept, 60000, 65536);
    assert_null(iw_intern("not there yet", 13));
    assert_ptr_equal(iw_intern("known", 5), known);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_alloc__gives_zeroed_aligned_memory),
        cmocka_unit_test(arena_alloc__stops_at_the_ceiling),
        cmocka_unit_test(arena_owns__knows_its_own_memory),
        cmocka_unit_test(strbuf_add__refuses_what_passes_the_ceiling),
        cmocka_unit_test(strbuf_take__leaves_an_empty_buffer),
        cmocka_unit_test(strbuf_add_json__escapes),
        cmocka_unit_test(strbuf_add_json__adds_all_or_nothing),
        cmocka_unit_test(iw_intern__gives_one_copy),
        cmocka_unit_test(iw_intern__is_capped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
