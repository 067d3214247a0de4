/* redact: what must not leave the program in a file: values that were given to containers, and texts
 * that look like credentials.
 *
 * A recording is made to be sent to somebody else, so the rule is to keep what explains a start-up and
 * to drop what could be a secret, even if that costs a line its meaning.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_REDACT_H
#define INITWATCH_SOURCE_REDACT_H

#include <jansson.h>

#include "initwatch/base/strbuf.h"

/* Stands where something was. */
#define REDACTED "(redacted)"

/* Append a text without its credentials: what follows a name such as "password=", "token:", "--api-key ",
 * "Authorization: Bearer "; user and password of addresses; private keys; tokens known by their shape (JWT,
 * AWS, GitHub, GitLab, Slack). Everything else is kept byte for byte. Returns true when something was
 * left out. text need not end in NUL. */
bool redact_text(const char *text, size_t len, struct strbuf *out);

/* Take the values out of an object of the API, in place: env and header values, annotations but the few
 * that are read, managedFields, data of Secrets and ConfigMaps (values_are_secret: all that stands below
 * data, stringData, binaryData); every other string goes through redact_text. Works on a watch event, a
 * list or a template inside another object as well, as it goes by the names of members. The names of
 * keys stay. New values are allocated as jansson allocates at that moment (jarena.h). */
void redact_object(json_t *object, bool values_are_secret);

#endif
