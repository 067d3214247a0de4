/* golden: expected screens as files.
 * SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOLDEN_BYTES_MAX = 4 << 20, DIFF_LINES_MAX = 24 };

static char *
read_whole(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    char *text = malloc(GOLDEN_BYTES_MAX + 1);
    size_t len = text ? fread(text, 1, GOLDEN_BYTES_MAX, f) : 0;
    fclose(f);
    if (text)
        text[len] = 0;
    return text;
}

static bool
write_whole(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return false;
    bool done = fwrite(text, 1, strlen(text), f) == strlen(text);
    return fclose(f) == 0 && done;
}

static void
print_line(char sign, size_t number, const char *line, size_t len)
{
    fprintf(stderr, "%c%4zu |%.*s|\n", sign, number, (int)len, line);
}

static void
print_diff(const char *name, const char *expected, const char *actual)
{
    unsigned shown = 0;
    fprintf(stderr, "golden %s differs (- expected, + actual; UPDATE_GOLDEN=1 accepts):\n", name);
    for (size_t number = 1; (*expected || *actual) && shown < DIFF_LINES_MAX; number++) {
        size_t want = strcspn(expected, "\n"), got = strcspn(actual, "\n");
        if (want != got || memcmp(expected, actual, want) != 0) {
            print_line('-', number, expected, want);
            print_line('+', number, actual, got);
            shown++;
        }
        expected += want + (expected[want] == '\n');
        actual += got + (actual[got] == '\n');
    }
}

bool
golden_matches(const char *name, const char *actual)
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/tests/golden/expected/%s.txt", TEST_SOURCE_DIR, name);
    const char *update = getenv("UPDATE_GOLDEN");
    if (update && strcmp(update, "1") == 0)
        return write_whole(path, actual);
    char *expected = read_whole(path);
    if (!expected) {
        fprintf(stderr, "golden %s: there is no %s; UPDATE_GOLDEN=1 makes it\n", name, path);
        return false;
    }
    bool same = strcmp(expected, actual) == 0;
    if (!same)
        print_diff(name, expected, actual);
    free(expected);
    return same;
}
