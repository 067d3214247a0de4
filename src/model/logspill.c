/* logspill: written with pwrite, read through a map, so that a full disk is an error and never a signal.
 *
 * The file is a ring of slots, each large enough for any segment; what a segment does not fill is a hole that takes no
 * disk. Segments leave in the order in which they came, so the slot that comes next is always the one free longest.
 * SPDX-License-Identifier: Apache-2.0 */
#include "logspill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "initwatch/base/alloc.h"

struct logspill {
    int fd;
    uint64_t slots, slots_used, next_slot; /* next_slot counts on and is taken modulo slots */
    uint64_t used_bytes;
    size_t page_bytes, slot_bytes;
};

static size_t
whole_pages(const struct logspill *sp, size_t len)
{
    return (len + sp->page_bytes - 1) / sp->page_bytes * sp->page_bytes;
}

struct logspill *
logspill_new(const char *dir, size_t cap_bytes, size_t piece_bytes, struct iw_error *err)
{
    int fd = -1;
#ifdef O_TMPFILE
    fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
    if (fd < 0) {
        iw_autofree char *path = iw_asprintf("%s/initwatch-log-XXXXXX", dir);
        fd = mkstemp(path);
        if (fd >= 0) {
            unlink(path);
            fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
    if (fd < 0) {
        (void)iw_fail_errno(err, IW_ERR_IO, errno, "a file for old log lines in %s", dir);
        return NULL;
    }
    struct logspill *sp = iw_calloc(1, sizeof(*sp));
    *sp = (struct logspill){.fd = fd, .page_bytes = (size_t)sysconf(_SC_PAGESIZE)};
    sp->slot_bytes = whole_pages(sp, piece_bytes);
    sp->slots = IW_MAX(cap_bytes / sp->slot_bytes, (size_t)1);
    return sp;
}

void
logspill_free(struct logspill *sp)
{
    if (!sp)
        return;
    close(sp->fd);
    free(sp);
}

static bool
write_all(int fd, const char *bytes, size_t len, uint64_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
        at += (uint64_t)n;
    }
    return true;
}

char *
logspill_write(struct logspill *sp, const char *text, size_t text_len, const void *index,
               size_t index_len, size_t *mapped_bytes)
{
    size_t index_at = logspill_index_at(text_len), len = index_at + index_len;
    size_t room = whole_pages(sp, len);
    uint64_t at = sp->next_slot % sp->slots * sp->slot_bytes;
    if (sp->slots_used == sp->slots || room > sp->slot_bytes ||
        !write_all(sp->fd, text, text_len, at) ||
        !write_all(sp->fd, index, index_len, at + index_at))
        return NULL;
    /* A map must not reach behind the end of the file. */
    if (room > len && !write_all(sp->fd, "", 1, at + room - 1))
        return NULL;
    /* Levels are noted in the index as they are found out: its blocks are there, so writing cannot fail. */
    char *mapped = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, sp->fd, (off_t)at);
    if (mapped == MAP_FAILED)
        return NULL;
    sp->slots_used++;
    sp->next_slot++;
    sp->used_bytes += room;
    *mapped_bytes = room;
    return mapped;
}

void
logspill_unmap(struct logspill *sp, char *mapped, size_t mapped_bytes)
{
    munmap(mapped, mapped_bytes);
    sp->slots_used--;
    sp->used_bytes -= mapped_bytes;
}

void
logspill_forget(struct logspill *sp, const char *mapped, size_t mapped_bytes)
{
    (void)sp;
    (void)madvise((void *)mapped, mapped_bytes, MADV_DONTNEED);
}

uint64_t
logspill_used(const struct logspill *sp)
{
    return sp->used_bytes;
}
