/* validate_internal: what the files of validate share.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_SOURCE_VALIDATE_INTERNAL_H
#define INITWATCH_SOURCE_VALIDATE_INTERNAL_H

#include <jansson.h>
#include <stdio.h>

#include "initwatch/source/validate.h"

/* A field path; longer ones (resource names of a hostile manifest) are cut. */
#define FIELD_PATH_BYTES 768
struct field_path {
    char text[FIELD_PATH_BYTES];
};
struct field_path field_child(const char *parent, const char *name);           /* parent.name */
struct field_path field_index(const char *parent, const char *name, size_t i); /* parent.name[i] */
struct field_path field_key(const char *parent, const char *name, const char *key);

/* What is the same for the whole pod. */
struct validate_pod {
    struct validation *out;
    const json_t *spec;
    int64_t grace_s;
    bool never_restarts; /* restartPolicy Never */
};

/* ---- reporting ---- */

/* shown: the bad value as Go prints it (quoted text, bare number), NULL when the type shows none.
 */
void report(struct validation *v, enum validation_type type, const char *field, const char *shown,
            const char *detail);
/* The same with a text or number as the bad value. */
void report_text(struct validation *v, enum validation_type type, const char *field,
                 const char *value, const char *detail);
void report_number(struct validation *v, enum validation_type type, const char *field,
                   int64_t value, const char *detail);
void warn(struct validation *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As Go's %q. New. */
char *go_quote(const char *text);

/* ---- JSON as Go sees it: absent, null and the zero value are one ---- */

json_t *member(const json_t *object, const char *key);
const char *member_text(const json_t *object, const char *key);
int64_t member_number(const json_t *object, const char *key);

/* ---- texts ---- */

/* At most this many complaints about one text. */
#define TEXT_COMPLAINTS_MAX 6
struct complaints {
    const char *items[TEXT_COMPLAINTS_MAX];
    size_t count;
};
struct complaints text_dns_label(const char *value);
struct complaints text_dns_subdomain(const char *value);
struct complaints text_qualified_name(const char *value);
struct complaints text_port_name(const char *value);
bool text_env_name(const char *value);
/* Report each as INVALID. */
void report_complaints(struct validation *v, const char *field, const char *value,
                       const struct complaints *c);
extern const char *const text_port_range;
extern const char *const text_env_complaint;
bool number_is_port(int64_t number);

/* ---- parts ---- */

void validate_containers(const struct validate_pod *p);
void validate_init_containers(const struct validate_pod *p);
void validate_probes(const struct validate_pod *p, const json_t *container, const char *path);
void validate_lifecycle(const struct validate_pod *p, const json_t *container, const char *path);
void validate_requirements(const struct validate_pod *p, const json_t *resources, const char *path,
                           bool pod_level);
void validate_pod_level(const struct validate_pod *p, const json_t *pod);
void validate_overhead(const struct validate_pod *p);
void validate_warnings(const struct validate_pod *p, const json_t *pod);

#endif
