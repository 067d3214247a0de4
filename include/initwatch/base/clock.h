/* clock: monotonic and wall time behind two function pointers, and the texts of both.
 *
 * All moments and durations are int64_t milliseconds. A monotonic moment is `now_ms`, a
 * wall-clock moment (Unix time) is `now_wall_ms`; they never share a variable.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_CLOCK_H
#define INITWATCH_BASE_CLOCK_H

#include "initwatch/base/error.h"

struct clock {
    int64_t (*mono_ms)(const struct clock *self);
    int64_t (*wall_ms)(const struct clock *self);
    int64_t manual_mono_ms; /* used by clock_manual only */
    int64_t manual_wall_ms;
};

const struct clock *clock_system(void);
/* From now on the wall time of clock_system() begins at wall_ms and runs `speed` times as fast; the
 * monotonic time stays as it is. For the demo, whose cluster has a time of its own. */
void clock_system_set_wall(int64_t wall_ms, double speed);
/* A clock that stands still until clock_advance. */
struct clock clock_manual(int64_t mono_ms, int64_t wall_ms);
void clock_advance(struct clock *c, int64_t delta_ms);
static inline int64_t
clock_mono(const struct clock *c)
{
    return c->mono_ms(c);
}
static inline int64_t
clock_wall(const struct clock *c)
{
    return c->wall_ms(c);
}

/* Parse "2026-06-15T12:00:00Z", with optional fraction (any number of digits; finer than a
 * millisecond is cut) and offset. Returns IW_OK or IW_ERR_PARSE. Ref: RFC 3339; Go's time.Parse. */
IW_NODISCARD enum iw_err rfc3339_parse(const char *text, size_t len, int64_t *wall_ms,
                                       struct iw_error *err);
/* "2026-06-15T12:00:00Z"; with millis "2026-06-15T12:00:00.250Z". out has room for 40 bytes. */
void rfc3339_format(int64_t wall_ms, bool millis, char out[40]);
/* "22:10:04" (UTC, or local time when local). out has room for 16 bytes. */
void clock_hms(int64_t wall_ms, bool local, char out[16]);
/* The other way round: "22:10" or "22:10:04", as seconds of the day. False for anything else. */
bool clock_hms_parse(const char *text, int64_t *second_of_day);
/* Which second of its day (UTC, or local) a moment is in. */
int64_t clock_second_of_day(int64_t wall_ms, bool local);

/* Kubernetes' HumanDuration: "2m3s", "5h", "<invalid>". out has room for 32 bytes.
 * Ref: apimachinery/pkg/util/duration, SEMANTICS A.3. */
void duration_human(int64_t duration_ms, char out[32]);
/* Kubernetes' ShortHumanDuration: one unit only. */
void duration_short_human(int64_t duration_ms, char out[32]);
/* Ours, at most 5 cells for screens: "18s", "4m12s", "1h02m", "3d04h", "120d"; negative is "0s". */
void duration_cells(int64_t duration_ms, char out[16]);
/* Go's time.Duration text for whole milliseconds: "1m20s", "800ms", "0s". */
void duration_go(int64_t duration_ms, char out[40]);
/* Parse Go's time.Duration text ("90s", "1h30m", "1.5m"), plain seconds are refused as Go does.
 * Returns IW_OK, IW_ERR_PARSE or IW_ERR_RANGE. */
IW_NODISCARD enum iw_err duration_parse(const char *text, int64_t *duration_ms,
                                        struct iw_error *err);

#endif
