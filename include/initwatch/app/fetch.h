/* fetch: what the visible view needs besides pods and events: kinds of objects, the raw text of
 * one.
 *
 * A kind is watched from the first view that wants it until it was not wanted for some minutes, so
 * that going back and forth costs nothing and a forgotten tab does not cost for ever.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_APP_FETCH_H
#define INITWATCH_APP_FETCH_H

#include "initwatch/app/session.h"
#include "initwatch/model/rawobject.h"

struct fetch;

struct fetch *fetch_new(struct session *session) IW_NODISCARD; /* session: borrowed */
void fetch_free(struct fetch *f);
/* Asked for before each sleep; cheap when nothing changed. raw->name "": none. */
void fetch_want(struct fetch *f, uint32_t kinds, const struct kobject_ref *raw);
/* A pod is being explained with these kinds: if it waits for a name in a namespace that the session
 * does not show, that is read, too. */
void fetch_want_targets(struct fetch *f, uint32_t kinds, const struct pod *pod);
/* The user asks for all anew: the raw object, too. */
void fetch_relist(struct fetch *f);
/* Stop what nobody wanted for a while. */
void fetch_expire(struct fetch *f);
/* The source will be another one: nothing is under way any more. */
void fetch_reset(struct fetch *f);
/* The raw object wanted last; borrowed for the life of f. */
const struct raw_object *fetch_raw(const struct fetch *f);

#endif
