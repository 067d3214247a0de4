/* manifest: the objects of a scene written as YAML, decoded as those of a server are.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GOLDEN_MANIFEST_H
#define TESTS_GOLDEN_MANIFEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "initwatch/data/yaml_json.h"
#include "initwatch/source/decode.h"
#include "initwatch/source/yaml_emit.h"
#include "scene.h"

static inline enum iw_err
manifest_put(void *ctx, json_t *document, int line, struct iw_error *err)
{
    const struct source_sink *sink = ctx;
    const char *kind_name = json_string_value(json_object_get(document, "kind"));
    enum kobject_kind kind;
    enum iw_err rc = IW_OK;
    (void)line;
    if (!kind_name || !kobject_kind_parse(kind_name, &kind)) {
        rc = iw_fail(err, IW_ERR_USAGE, "kind %s", kind_name ? kind_name : "?");
    } else if (kind == KOBJECT_POD) {
        struct pod *pod = NULL;
        rc = decode_pod(document, "kind-demo", &pod, err);
        if (rc == IW_OK)
            sink->upsert(sink->ctx, pod);
    } else {
        struct kobject *o = NULL;
        rc = decode_object(document, kind, &o, err);
        if (rc == IW_OK)
            sink->object(sink->ctx, o);
    }
    json_decref(document);
    return rc;
}

/* Put all documents; kinds (KIND_BIT) are listed in all namespaces, the others not asked for. */
static inline void
manifest_load(const struct source_sink *sink, uint32_t kinds, const char *yaml)
{
    struct iw_error err = {0};
    struct source_sink copy = *sink;
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        if (kinds & 1u << i)
            sink->objects_begin(sink->ctx, (enum kobject_kind)i, "");
    }
    if (yaml_json_each("manifest", yaml, strlen(yaml), manifest_put, &copy, &err) != IW_OK)
        fail_msg("%s", err.msg);
    for (int i = 0; i < KOBJECT_KIND_COUNT; i++) {
        if (kinds & 1u << i)
            sink->objects_end(sink->ctx, (enum kobject_kind)i, "");
    }
}

/* As a server answers who may not list. */
static inline void
manifest_deny(const struct source_sink *sink, enum kobject_kind kind)
{
    struct iw_error err = {.code = IW_ERR_FORBIDDEN};
    snprintf(err.msg, sizeof(err.msg), "%s is forbidden", kobject_kind_info(kind)->plural);
    sink->objects_state(sink->ctx, kind, "", OBJECTS_DENIED, &err);
}

/* The raw object of a scene, read from YAML. Free the result with yaml_text_free. */
static inline struct yaml_text *
manifest_raw(struct scene *sc, enum kobject_kind kind, const char *ns, const char *name,
             const char *yaml)
{
    json_t *document = NULL;
    struct iw_error err = {0};
    if (yaml_json_one("raw", yaml, strlen(yaml), &document, &err) != IW_OK)
        fail_msg("%s", err.msg);
    struct yaml_text *text = yaml_from_value(document);
    json_decref(document);
    sc->raw.ref.kind = kind;
    snprintf(sc->raw.ref.ns, sizeof(sc->raw.ref.ns), "%s", ns);
    snprintf(sc->raw.ref.name, sizeof(sc->raw.ref.name), "%s", name);
    sc->raw.state = RAW_HERE;
    sc->raw.yaml = text;
    sc->raw.as_of_wall_ms = clock_wall(&sc->clock) - 3000;
    sc->raw.generation++;
    return text;
}

#endif
