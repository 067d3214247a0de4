/* Property: whatever stands in a session file, it is refused with a sentence or read; what was read can be told to a
 * model, and its entries are in order of time. Input: a file.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/model/store.h"
#include "initwatch/source/redact.h"
#include "initwatch/source/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool holds)
{
    if (!holds)
        abort();
}

static void
tell_all(const struct recording *r)
{
    struct clock clock = clock_manual(0, recording_about(r)->started_wall_ms);
    struct store *store = store_new(&clock);
    struct source_sink sink = store_sink(store);
    int64_t last_ms = 0;
    for (size_t i = 0; i < recording_count(r); i++) {
        const struct recording_entry *e = recording_at(r, i);
        size_t len;
        bool deleted;
        check(e->t_ms >= last_ms);
        last_ms = e->t_ms;
        check(e->data[e->data_len] == '\0');
        const char *object = recording_object(e, &len, &deleted);
        check(len == 0 || (object >= e->data && object + len <= e->data + e->data_len));
        check(e->kind != RECORDING_LINE || (e->log > 0 && e->log <= recording_log_count(r)));
        (void)replay_tell(r, i, clock_wall(&clock) + e->t_ms, &sink);
        if (i % 7 == 6)
            store_rewind(store);
        if (i % 11 == 10)
            store_rewound(store);
    }
    check(recording_upto(r, INT64_MAX) == recording_count(r));
    store_free(store);
}

static void
redact(const uint8_t *data, size_t size)
{
    strbuf_auto out, again;
    strbuf_init(&out, 0);
    strbuf_init(&again, 0);
    bool changed = redact_text((const char *)data, size, &out);
    check(changed || (out.len == size && memcmp(out.data, data, size) == 0));
    (void)redact_text(out.data, out.len, &again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = iw_malloc(size + 1);
    struct recording *r = NULL;
    struct iw_error err = {0};
    redact(data, size);
    memcpy(bytes, data, size);
    bytes[size] = '\0';
    if (recording_read("file", bytes, size, &r, &err) != IW_OK) {
        check(err.msg[0] != '\0');
        return 0;
    }
    tell_all(r);
    recording_free(r);
    return 0;
}
