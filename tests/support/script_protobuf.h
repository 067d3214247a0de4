/* script_protobuf: a script of JSON answers as the same script in protobuf, so that each test of the
 * watch path runs in both encodings.
 *
 * Lists, statuses and watch events become messages; `json` becomes `pb` or `pbwatch`. What is no
 * complete JSON document (half an object, a login page) stays as it is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_TEST_SCRIPT_PROTOBUF_H
#define INITWATCH_TEST_SCRIPT_PROTOBUF_H

#include "script_server.h"

/* New: free. The messages are blobs of the server. */
char *script_protobuf(struct script_server *s, const char *script);

#endif
