/* Fuzz: any bytes as each kind of object that is not a pod. Facts must be whole or refused, whatever kind the object says it
 * is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/limits.h"
#include "initwatch/data/jarena.h"
#include "initwatch/source/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every record promises, and the counts of those whose lists come from outside. */
static void
check_object(const struct kobject *o, enum kobject_kind kind)
{
    size_t len = strlen(o->ns) + strlen(o->name);
    if (o->kind != kind || !o->name[0])
        abort();
    bool config = kind == KOBJECT_SECRET || kind == KOBJECT_CONFIGMAP;
    for (uint32_t i = 0; config && i < o->config->key_count; i++)
        len += strlen(o->config->keys[i].name);
    if (kind == KOBJECT_PVC)
        len += strlen(o->pvc->phase) + strlen(o->pvc->storage_class);
    if (kind == KOBJECT_NODE)
        len += strlen(o->node->kubelet_version) + strlen(o->node->boot_id);
    if (len > LIMIT_OBJECT_BYTES)
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *root;
    struct iw_error err = {0};
    if (jarena_parse((const char *)data, size, &root, &err) == IW_OK) {
        for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
            struct kobject *o = NULL;
            enum kobject_kind kind = (enum kobject_kind)i;
            enum iw_err rc = decode_object(root, kind, &o, &err);
            if ((rc == IW_OK) != (o != NULL))
                abort();
            if (o)
                check_object(o, kind);
            kobject_free(o);
        }
    }
    jarena_release();
    return 0;
}
