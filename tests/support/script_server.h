/* script_server: an HTTP/1.1 server on 127.0.0.1 that misbehaves exactly as a script says.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Raw sockets and one thread per connection, so that it can break every rule. Requests are given to
 * *routes* by a part of their target; each route has a script that its requests consume, one
 * `expect` after the other.
 *
 *   expect METHOD TEXT [TEXT...]  a request; each TEXT is part of its target, !TEXT is not
 *   expect-head TEXT              and this is part of its head (headers)
 *   header NAME: VALUE            one more header for the next reply or stream
 *   reply STATUS TYPE [BODY]      a whole answer; TYPE is json, pb, pbwatch, text, html or - (none)
 *   stream STATUS TYPE            headers of a chunked answer
 *   frame TYPE JSON               a watch event as one chunk; TYPE as ADDED, ERROR
 *   half-frame N TYPE JSON        the first N bytes of it, as one chunk
 *   bookmark VERSION              a BOOKMARK event
 *   chunk TEXT                    a chunk
 *   half-chunk N TEXT             announces the whole chunk but sends N bytes of it
 *   repeat COUNT TEXT             one chunk of COUNT times TEXT
 *   drip N MS TEXT                chunks of N bytes, one every MS milliseconds
 *   raw TEXT                      bytes as they are
 *   end                           the last chunk; the connection stays
 *   close | reset                 FIN | RST
 *   hang                          nothing more, until the client goes
 *   gate N                        wait until the test opens gate N
 *
 * TEXT, BODY and JSON reach to the end of the line; \n \r \t \\ \xHH are understood; @NAME is a
 * blob. Lines that begin with # are comments. A request whose route is used up, or that has no
 * route, hangs, except /version: 404. */
#ifndef INITWATCH_TEST_SCRIPT_SERVER_H
#define INITWATCH_TEST_SCRIPT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct script_server;

struct script_server *script_server_start(void);
/* Ends all connections and threads. Reports the first failed expectation through cmocka's fail_msg.
 */
void script_server_stop(struct script_server *s);
/* "http://127.0.0.1:PORT"; borrowed. */
const char *script_server_url(const struct script_server *s);
/* A script, one line an element, as in SCRIPT({FIRST_LIST, "reply 200 json {}", "close",}): the comma
 * after the last one makes clang-format give each a line. An element may end in a newline and may
 * hold several lines (a macro of a common beginning). Borrowed until the eighth next SCRIPT. */
struct script_lines {
    const char *line[64]; /* NULL after the last one */
};
const char *script_joined(const struct script_lines *lines);
#define SCRIPT(...) script_joined(&(const struct script_lines){.line = __VA_ARGS__})
/* Routes are tried in the order in which they were added; match "" takes every request. */
void script_server_route(struct script_server *s, const char *match, const char *script);
void script_server_blob(struct script_server *s, const char *name, const char *bytes, size_t len);
/* What follows is added with the answers of these scripts in protobuf: see script_protobuf.h. */
void script_server_speak_protobuf(struct script_server *s);
/* Append a TEXT of a script with its escapes and blobs resolved. */
struct strbuf;
void script_server_text(struct script_server *s, const char *text, struct strbuf *out);
/* Gates 1..n are open from now on. */
void script_server_open_gate(struct script_server *s, int n);
/* Stop listening (connect is refused) and listen again on the same port. */
void script_server_refuse(struct script_server *s);
void script_server_listen(struct script_server *s);
/* Requests so far whose target has `part`. */
size_t script_server_count(struct script_server *s, const char *part);
/* True when every script is used up. */
bool script_server_finished(struct script_server *s);
/* First failed expectation, NULL when none. Borrowed. */
const char *script_server_failure(struct script_server *s);

#endif
