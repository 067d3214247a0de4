/* decode_object: parts that the decoders of other objects share. Internal to them.
 *
 * Unlike a pod's draft, an object is decoded straight into its own arena: every string that is kept
 * is copied (object_text), as the JSON tree goes away.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef IW_SOURCE_KUBE_DECODE_OBJECT_H
#define IW_SOURCE_KUBE_DECODE_OBJECT_H

#include "initwatch/model/objects.h"

#include "decode_field.h"

/* A string member, copied; "" when absent. */
const char *object_text(struct decoder *d, const struct node *n, const char *key);
const char *object_keep(struct decoder *d, const char *text);
const char *const *object_texts(struct decoder *d, const struct node *n, const char *key,
                                uint32_t *count);
struct resource_list object_resources(struct decoder *d, const struct node *n, const char *key);
const struct pod_condition *object_conditions(struct decoder *d, const struct node *status,
                                              uint32_t *count);
/* {matchLabels, matchExpressions} */
struct label_selector object_selector(struct decoder *d, const struct node *n, const char *key);
/* A plain map of labels, as a Service has it: absent or empty is no selector. */
struct label_selector object_map_selector(struct decoder *d, const struct node *n, const char *key);
/* A number or a name, as text. */
const char *object_int_or_text(struct decoder *d, const struct node *n, const char *key);

/* Facts of one kind; n is the root of the object. New in the decoder's arena. */
const struct node_facts *decode_node(struct decoder *d, const struct node *n);
const struct config_facts *decode_config(struct decoder *d, const struct node *n);
const struct quota_facts *decode_quota(struct decoder *d, const struct node *n);
const struct limitrange_facts *decode_limitrange(struct decoder *d, const struct node *n);
const struct pvc_facts *decode_pvc(struct decoder *d, const struct node *n);
const struct storageclass_facts *decode_storageclass(struct decoder *d, const struct node *n);
const struct service_facts *decode_service(struct decoder *d, const struct node *n);
const struct slice_facts *decode_slice(struct decoder *d, const struct node *n);
const struct policy_facts *decode_policy(struct decoder *d, const struct node *n);
const struct workload_facts *decode_workload(struct decoder *d, const struct node *n,
                                             enum kobject_kind kind);

#endif
