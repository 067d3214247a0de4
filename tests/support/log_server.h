/* log_server: one container's log as a kubelet serves it through an API server, over a connection that breaks.
 *
 * It knows the present run and the one before. sinceTime counts in whole seconds, follow goes on until the run ends, every
 * line has its time in front. As long as faults are left each connection is broken at a random byte: by FIN or RST in the
 * middle of a chunk, a line, a character; by a clean end although the run goes on; by an error instead of an answer.
 * One thread for each connection.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_LOG_SERVER_H
#define INITWATCH_TEST_LOG_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_server;

struct log_server *log_server_start(uint64_t seed);
void log_server_stop(struct log_server *s);
/* "http://127.0.0.1:PORT"; borrowed. */
const char *log_server_url(const struct log_server *s);
/* One more line of the present run; text has no newline. */
void log_server_append(struct log_server *s, int64_t wall_ns, const char *text);
/* The present run ends; plain requests still get it. */
void log_server_end_run(struct log_server *s);
/* The container starts again: the present run is the previous one now. */
void log_server_restart(struct log_server *s);
/* Break so many connections more. */
void log_server_break(struct log_server *s, unsigned connections);
/* Break the connections that are open now. */
void log_server_cut(struct log_server *s);
/* The next `connections` end cleanly behind line number `lines` of their run. */
void log_server_end_behind(struct log_server *s, unsigned connections, size_t lines);
/* The log file of the present run was rotated: its first `lines` lines are no longer sent. */
void log_server_rotate(struct log_server *s, size_t lines);
/* How many were broken so far; requests so far. */
unsigned log_server_broken(struct log_server *s);
unsigned log_server_requests(struct log_server *s);
/* What the logs take in memory here. */
size_t log_server_bytes(struct log_server *s);

#endif
