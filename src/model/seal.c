/* seal: texts and arrays of records.
 * SPDX-License-Identifier: Apache-2.0 */
#include "seal.h"

#include <string.h>

#include "initwatch/base/intern.h"

void
sealer_clear(struct sealer *s)
{
    area_clear(&s->area);
    memset(s->seen, 0, sizeof(s->seen));
}

static size_t
text_hash(const char *text, size_t len)
{
    size_t hash = len, head = len < 24 ? len : 24;
    for (size_t i = 0; i < head; i++)
        hash = hash * 31 + (unsigned char)text[i];
    for (size_t i = len > 32 ? len - 8 : head; i < len; i++)
        hash = hash * 31 + (unsigned char)text[i];
    return hash ^ (hash >> 11);
}

void
seal_text(struct sealer *s, size_t place, const char *text)
{
    if (!text || !*text) {
        area_point(&s->area, place, "");
        return;
    }
    size_t len = strlen(text);
    struct seen *seen = &s->seen[text_hash(text, len) % SEEN_SLOTS];
    if (!seen->text || seen->len != len || memcmp(seen->text, text, len) != 0) {
        *seen = (struct seen){text, len, area_room(&s->area, len + 1, 1)};
        memcpy(area_at(&s->area, seen->place), text, len);
    }
    area_point_inside(&s->area, place, seen->place);
}

void
seal_word(struct sealer *s, size_t place, const char *text)
{
    const char *word = "";
    if (text && *text)
        word = iw_is_interned(text) ? text : iw_intern(text, strlen(text));
    if (word)
        area_point(&s->area, place, word);
    else
        seal_text(s, place, text);
}

size_t
seal_array(struct sealer *s, size_t place, size_t count, size_t size)
{
    area_point(&s->area, place, NULL);
    if (count == 0)
        return 0;
    size_t array = area_room(&s->area, count * size, _Alignof(void *));
    area_point_inside(&s->area, place, array);
    return array;
}

void
seal_texts(struct sealer *s, size_t place, const char *const *texts, uint32_t count, bool words)
{
    size_t array = seal_array(s, place, count, sizeof(*texts));
    for (uint32_t i = 0; i < count; i++) {
        if (words)
            seal_word(s, array + i * sizeof(*texts), texts[i]);
        else
            seal_text(s, array + i * sizeof(*texts), texts[i]);
    }
}

void
seal_resources(struct sealer *s, size_t place, const struct resource_list *src)
{
    size_t items = seal_array(s, place, src->count, sizeof(*src->items));
    for (uint32_t i = 0; i < src->count; i++, items += sizeof(*src->items)) {
        WORD(s, items, &src->items[i], name);
        WORD(s, items, &src->items[i], text);
    }
}
