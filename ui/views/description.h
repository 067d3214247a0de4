/* description: what the files of the page about any object but a pod share: keys (view_description.c), head, events and
 * pods (description_page.c), what each kind says of itself (description_kinds.c, description_workload.c,
 * description_policy.c).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef INITWATCH_UI_DESCRIPTION_H
#define INITWATCH_UI_DESCRIPTION_H

#include "initwatch/base/vec.h"
#include "initwatch/model/progress.h"
#include "initwatch/model/yamlpath.h"
#include "initwatch/ui/doc.h"
#include "initwatch/ui/view.h"

/* Enter in this line leads there. */
struct description_link {
    uint32_t line;
    struct kobject_ref ref;
};
struct description {
    struct doc doc;
    VEC(struct description_link) links; /* in the order of lines */
    /* while it is made: */
    const struct view_env *env;
    const struct kobject_ref *ref;
    const struct kobject *o;    /* NULL: not read, or not there */
    const struct yaml_text *y;  /* as the server has it; NULL: not here */
    enum objects_answer answer; /* is it there? */
};

/* The page of env->object; it is cut where it is drawn. */
void description_make(struct description *p, const struct view_env *env, int width);
void description_free(struct description *p);
/* The kinds it is made of. */
uint32_t description_wants(enum kobject_kind kind);
/* A kind that has such a page: all but pods, which have views of their own, and Secrets and ConfigMaps, whose page is the
 * card. */
bool description_has(enum kobject_kind kind);

/* --- parts, description_page.c --- */

/* The line begun last leads to an object. */
void description_link(struct description *p, enum kobject_kind kind, const char *ns,
                      const char *name);
/* "Name:   value" where the value names an object. */
void description_say_object(struct description *p, const char *label, enum kobject_kind kind,
                            const char *ns, const char *name);
/* A heading with how many follow: "Pods: 3, 1 stuck". */
void description_rule(struct description *p, const char *title);
/* In a section: " sign text", and the sentence where there is nothing. */
void description_nothing(struct description *p, const char *sentence);
/* "42s": since then, "" unknown. */
void description_age(const struct view_env *env, int64_t wall_ms, char out[16]);

/* Rows of a table of values of the object as the server has it. */
struct description_fact {
    uint32_t kinds;    /* KIND_BIT */
    const char *name;  /* in English, for tr() */
    const char *path;  /* "spec.type" */
    const char *quiet; /* the value that needs no line; NULL: none */
};
void description_facts(struct description *p, const struct description_fact *rows, size_t count,
                       size_t of, int indent);

/* Pods that a function chooses, the stuck ones first. */
struct description_choice {
    bool (*takes)(const struct pod *pod, const void *arg);
    const void *arg;
    const char *title, *none; /* translated */
    bool show_node;
};
void description_pods(struct description *p, const struct description_choice *choice);
void description_conditions(struct description *p, const struct pod_condition *conditions,
                            uint32_t count, bool node);

/* --- what kinds say --- */

enum { DESCRIPTION_SECTIONS = 7 };
struct description_kind {
    uint32_t wants; /* other kinds that it is told with */
    /* What is wrong, or how it is, in one sentence; out stays "" for nothing to say. */
    enum block_severity (*verdict)(const struct description *p, char *out, size_t out_size);
    void (*sections[DESCRIPTION_SECTIONS])(struct description *p);
};
extern const struct description_kind description_service, description_slice, description_pvc,
    description_storageclass, description_node, description_quota, description_limitrange,
    description_workload, description_cronjob, description_policy;

#endif
