/* pngsmall: rewrites PNG files with a palette of at most 256 colours, a third of their size.
 *
 * usage: pngsmall FILE...
 * Reads what rsvg-convert writes: 8 bits a channel, RGB or RGBA, not interlaced.
 * Ref: PNG specification, second edition: chunks (5), filters (9), PLTE and tRNS (11).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PALETTE_MAX = 256, SHADES_MAX = 1 << 17, FILE_BYTES_MAX = 16 << 20, SIDE_MAX = 8192 };
static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

struct picture {
    uint32_t width, height;
    unsigned channels;
    uint8_t *packed; /* all IDAT chunks */
    size_t packed_len;
    uint8_t *pixels; /* rows with their filter byte in front */
};

static uint32_t
read_u32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static size_t
row_bytes(const struct picture *p)
{
    return 1 + (size_t)p->width * p->channels;
}

static bool
read_header(struct picture *p, const uint8_t *data)
{
    p->width = read_u32(data);
    p->height = read_u32(data + 4);
    p->channels = data[9] == 6 ? 4 : data[9] == 2 ? 3 : 0;
    return data[8] == 8 && p->channels && data[12] == 0 && p->width <= SIDE_MAX &&
           p->height <= SIDE_MAX;
}

static bool
read_chunks(struct picture *p, const uint8_t *file, size_t len)
{
    if (len < 8 || memcmp(file, signature, 8) != 0)
        return false;
    p->packed = malloc(len);
    for (size_t at = 8; p->packed && at + 12 <= len;) {
        size_t size = read_u32(file + at);
        const uint8_t *type = file + at + 4, *data = file + at + 8;
        if (size > len - at - 12)
            return false;
        if (memcmp(type, "IHDR", 4) == 0 && (size < 13 || !read_header(p, data)))
            return false;
        if (memcmp(type, "IDAT", 4) == 0) {
            memcpy(p->packed + p->packed_len, data, size);
            p->packed_len += size;
        }
        at += size + 12;
    }
    return p->width && p->packed_len;
}

static int
paeth(int a, int b, int c)
{
    int pa = abs(b - c), pb = abs(a - c), pc = abs(a + b - 2 * c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static bool
unfilter(struct picture *p)
{
    size_t step = row_bytes(p), bpp = p->channels;
    for (uint32_t y = 0; y < p->height; y++) {
        uint8_t *row = p->pixels + y * step;
        const uint8_t *above = y ? row - step : NULL;
        if (row[0] > 4)
            return false;
        for (size_t x = 1; x < step; x++) {
            int a = x > bpp ? row[x - bpp] : 0, b = above ? above[x] : 0;
            int c = above && x > bpp ? above[x - bpp] : 0;
            const int guess[5] = {0, a, b, (a + b) / 2, paeth(a, b, c)};
            row[x] = (uint8_t)(row[x] + guess[row[0]]);
        }
    }
    return true;
}

static bool
unpack(struct picture *p)
{
    uLongf size = row_bytes(p) * p->height;
    uLongf got = size;
    p->pixels = malloc(size);
    return p->pixels && uncompress(p->pixels, &got, p->packed, p->packed_len) == Z_OK &&
           got == size && unfilter(p);
}

static uint32_t
colour_at(const struct picture *p, uint32_t x, uint32_t y)
{
    const uint8_t *at = p->pixels + y * row_bytes(p) + 1 + (size_t)x * p->channels;
    uint32_t colour = 0;
    for (unsigned i = 0; i < 4; i++)
        colour = colour << 8 | (i < p->channels ? at[i] : 0xffu);
    return colour;
}

/* --- colours: those that agree in their upper bits become the most frequent of them --- */

struct shade {
    uint32_t colour, count;
    uint8_t index;
};

struct shades {
    struct shade slots[SHADES_MAX]; /* open addressing; count 0: free */
    unsigned used;
};

static struct shade *
shade_find(struct shades *all, uint32_t colour)
{
    uint32_t at = colour * 2654435761u >> 15;
    while (all->slots[at % SHADES_MAX].count && all->slots[at % SHADES_MAX].colour != colour)
        at++;
    return &all->slots[at % SHADES_MAX];
}

static bool
count_shades(const struct picture *p, struct shades *all)
{
    for (uint32_t y = 0; y < p->height; y++) {
        for (uint32_t x = 0; x < p->width; x++) {
            struct shade *shade = shade_find(all, colour_at(p, x, y));
            if (shade->count++)
                continue;
            shade->colour = colour_at(p, x, y);
            if (++all->used > SHADES_MAX / 2)
                return false;
        }
    }
    return true;
}

/* By frequency; equal ones by colour, so that the result is the same each time. */
static int
compare_shades(const void *left, const void *right)
{
    const struct shade *a = *(struct shade *const *)left, *b = *(struct shade *const *)right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return a->colour < b->colour ? -1 : a->colour > b->colour;
}

/* One palette entry for all shades, the most frequent first, that agree in `bits` of each channel.
 * Returns how many there are, 0 when they do not fit. */
static unsigned
group_shades(struct shade **sorted, unsigned n, unsigned bits, uint32_t palette[PALETTE_MAX])
{
    uint32_t mask = (0xffu << (8 - bits) & 0xff) * 0x01010101u;
    unsigned count = 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned at = 0;
        while (at < count && (palette[at] & mask) != (sorted[i]->colour & mask))
            at++;
        if (at == PALETTE_MAX)
            return 0;
        if (at == count)
            palette[count++] = sorted[i]->colour;
        sorted[i]->index = (uint8_t)at;
    }
    return count;
}

static unsigned
choose_palette(struct shades *all, uint32_t palette[PALETTE_MAX])
{
    struct shade **sorted = malloc(sizeof(*sorted) * (all->used + 1));
    if (!sorted)
        return 0;
    unsigned n = 0, count = 0;
    for (size_t i = 0; i < SHADES_MAX; i++) {
        if (all->slots[i].count)
            sorted[n++] = &all->slots[i];
    }
    qsort(sorted, n, sizeof(*sorted), compare_shades);
    for (unsigned bits = 8; bits > 1 && count == 0; bits--)
        count = group_shades(sorted, n, bits, palette);
    free(sorted);
    return count;
}

/* Rows of palette indices with their filter byte; NULL when it cannot be done. */
static uint8_t *
index_pixels(const struct picture *p, uint32_t *palette, unsigned *count)
{
    size_t step = (size_t)p->width + 1;
    struct shades *all = calloc(1, sizeof(*all));
    uint8_t *rows = all ? calloc(p->height, step) : NULL;
    bool done = rows && count_shades(p, all) && (*count = choose_palette(all, palette)) > 0;
    for (uint32_t y = 0; done && y < p->height; y++) {
        for (uint32_t x = 0; x < p->width; x++)
            rows[y * step + 1 + x] = shade_find(all, colour_at(p, x, y))->index;
    }
    free(all);
    if (done)
        return rows;
    free(rows);
    return NULL;
}

static void
put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void
write_chunk(FILE *f, const char *type, const uint8_t *data, size_t len)
{
    uint8_t word[4];
    put_u32(word, (uint32_t)len);
    fwrite(word, 1, 4, f);
    fwrite(type, 1, 4, f);
    if (len)
        fwrite(data, 1, len, f);
    uLong crc = crc32(0, (const uint8_t *)type, 4);
    put_u32(word, (uint32_t)(len ? crc32(crc, data, (uInt)len) : crc));
    fwrite(word, 1, 4, f);
}

static bool
write_picture(FILE *f, const struct picture *p, const uint32_t *palette, unsigned count,
              const uint8_t *rows)
{
    uint8_t header[13] = {[8] = 8, [9] = 3}, colours[3 * PALETTE_MAX], alphas[PALETTE_MAX];
    put_u32(header, p->width);
    put_u32(header + 4, p->height);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned c = 0; c < 3; c++)
            colours[3 * i + c] = (uint8_t)(palette[i] >> (24 - 8 * c));
        alphas[i] = (uint8_t)palette[i];
    }
    uLong raw = (uLong)(p->width + 1) * p->height;
    uLongf size = compressBound(raw);
    uint8_t *packed = malloc(size);
    bool done = packed && compress2(packed, &size, rows, raw, Z_BEST_COMPRESSION) == Z_OK;
    if (done) {
        fwrite(signature, 1, 8, f);
        write_chunk(f, "IHDR", header, sizeof(header));
        write_chunk(f, "PLTE", colours, (size_t)3 * count);
        write_chunk(f, "tRNS", alphas, count);
        write_chunk(f, "IDAT", packed, size);
        write_chunk(f, "IEND", NULL, 0);
    }
    free(packed);
    return done && !ferror(f);
}

static bool
shrink(const char *path, uint8_t *bytes)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    size_t len = fread(bytes, 1, FILE_BYTES_MAX, f);
    fclose(f);
    struct picture p = {0};
    uint32_t palette[PALETTE_MAX];
    unsigned count = 0;
    bool done = read_chunks(&p, bytes, len) && unpack(&p);
    uint8_t *rows = done ? index_pixels(&p, palette, &count) : NULL;
    f = rows ? fopen(path, "wb") : NULL;
    done = f && write_picture(f, &p, palette, count, rows);
    if (f && fclose(f) != 0)
        done = false;
    free(rows);
    free(p.pixels);
    free(p.packed);
    return done;
}

int
main(int argc, char **argv)
{
    uint8_t *bytes = malloc(FILE_BYTES_MAX);
    int status = bytes && argc > 1 ? 0 : 2;
    for (int i = 1; status == 0 && i < argc; i++) {
        if (!shrink(argv[i], bytes)) {
            fprintf(stderr, "pngsmall: %s: not a picture this tool can read and write\n", argv[i]);
            status = 1;
        }
    }
    free(bytes);
    return status;
}
