/* api_check: what a body of a write must be, and how it is refused: in the words of the real server.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_DEMO_API_CHECK_H
#define INITWATCH_DEMO_API_CHECK_H

#include "api_internal.h"

/* metadata of an object; borrowed, NULL when there is none. */
const json_t *api_meta_of(const json_t *object);
/* The details of a Status about this object. New. */
json_t *api_details_of(enum demo_kind kind, const char *name);
/* 422 with one cause: "spec.containers: Required value". */
enum MHD_Result api_refuse_field(struct api_request *r, enum demo_kind kind, const char *name,
                                 const char *field, const char *why);
/* 415, naming the media types that are accepted. */
enum MHD_Result api_refuse_media(struct api_request *r, const char *accepted);
/* 409: the object has changed since the client read it. */
enum MHD_Result api_refuse_conflict(struct api_request *r, enum demo_kind kind, const char *name);
/* The first part of a Content-Type header, in lower case. */
void api_content_type(const struct api_request *r, char *out, size_t out_size);
/* The name of what came with generateName. */
void api_make_name(struct api_request *r, json_t *meta);
/* True when the containers were found wrong and the request is answered. */
bool api_containers_refused(struct api_request *r, enum demo_kind kind, const json_t *object,
                            enum MHD_Result *answered);
/* Unknown fields, as the query asks: refused, warned of, or dropped without a word. */
bool api_fields_refused(struct api_request *r, enum demo_kind kind, const json_t *object,
                        enum MHD_Result *answered);
/* Kind, apiVersion, name and namespace against the path. */
bool api_identity_refused(struct api_request *r, const struct api_stream *s, const json_t *object,
                          enum MHD_Result *answered);
bool api_name_refused(struct api_request *r, enum demo_kind kind, const char *name,
                      enum MHD_Result *answered);
bool api_namespace_refused(struct api_request *r, const struct api_stream *s,
                           enum MHD_Result *answered);
bool api_is_dry_run(const struct api_request *r);
/* The object as it is stored now. */
enum MHD_Result api_send_stored(struct api_request *r, struct api_stream *s, unsigned code,
                                const char *name);
/* The object as it would have been stored. */
enum MHD_Result api_send_dry(struct api_request *r, unsigned code, const json_t *object);

#endif
