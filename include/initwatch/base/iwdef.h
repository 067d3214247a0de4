/* iwdef: compiler attributes and the few macros every layer uses.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_BASE_IWDEF_H
#define INITWATCH_BASE_IWDEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IW_NODISCARD __attribute__((warn_unused_result))
#define IW_PRINTF(a, b) __attribute__((format(printf, a, b)))
#define IW_NORETURN __attribute__((noreturn))
#define IW_UNUSED __attribute__((unused))
#define IW_CLEANUP(fn) __attribute__((cleanup(fn)))
#define IW_COUNTOF(array) (sizeof(array) / sizeof((array)[0]))
#define IW_MIN(a, b) ((a) < (b) ? (a) : (b))
#define IW_MAX(a, b) ((a) > (b) ? (a) : (b))

/* A moment that is not known. Every `*_ms` field that holds a moment uses this
 * value for "absent": 0 is 1970-01-01T00:00:00Z, which the kubelet really writes
 * as startedAt of a container that never started (SEMANTICS D.6). */
#define IW_TIME_NONE INT64_MIN

/* A flag that can be absent from an object. {0} is "nothing known yet". */
enum tristate { TRI_UNKNOWN = 0, TRI_FALSE, TRI_TRUE };

#endif
