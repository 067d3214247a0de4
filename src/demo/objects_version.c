/* objects_version: one version of an object, in both forms that clients ask for.
 *
 * The spec of a pod is most of its bytes and the same in all its versions, and in all pods of a
 * template that are on one node: it is written and encoded once.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "json_text.h"
#include "objects_internal.h"
#include "pbform.h"
#include "pbform_tables.h"

#define FIELDS_BYTES 65536
#define PARTS_FIRST 64
/* Of the three members of a Pod. */
#define POD_SPEC_FIELD 2
/* The namespace is kept among the fields: the key holds it only up to its slash. */
#define NAMESPACE_NUMBER 127

/* --- specs --- */

struct objects_part {
    unsigned refs;
    struct objects_parts *home;
    json_t *source; /* held, so that no other tree gets its address */
    char *text, *protobuf;
    size_t len, protobuf_len;
};

/* By the address of the source; open addressing, a power of two. */
struct objects_parts {
    struct objects_part **slots;
    size_t capacity, used;
};

static size_t
slot_of(const struct objects_parts *parts, const json_t *source)
{
    uint64_t hash = (uint64_t)(uintptr_t)source * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (parts->capacity - 1);
    while (parts->slots[at] && parts->slots[at]->source != source)
        at = (at + 1) & (parts->capacity - 1);
    return at;
}

struct objects_parts *
objects_parts_new(void)
{
    struct objects_parts *parts = iw_calloc(1, sizeof(*parts));
    parts->capacity = PARTS_FIRST;
    parts->slots = iw_calloc(parts->capacity, sizeof(*parts->slots));
    return parts;
}

void
objects_parts_free(struct objects_parts *parts)
{
    free(parts->slots);
    free(parts);
}

static void
parts_grow(struct objects_parts *parts)
{
    struct objects_parts old = *parts;
    parts->capacity *= 2;
    parts->slots = iw_calloc(parts->capacity, sizeof(*parts->slots));
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i])
            parts->slots[slot_of(parts, old.slots[i]->source)] = old.slots[i];
    }
    free(old.slots);
}

static struct objects_part *
part_of(struct objects_parts *parts, json_t *source)
{
    size_t at = slot_of(parts, source);
    if (parts->slots[at]) {
        parts->slots[at]->refs++;
        return parts->slots[at];
    }
    if (2 * (parts->used + 1) > parts->capacity) {
        parts_grow(parts);
        at = slot_of(parts, source);
    }
    struct objects_part *part = iw_calloc(1, sizeof(*part));
    struct strbuf text;
    strbuf_init(&text, 0);
    json_text_add(&text, source);
    *part = (struct objects_part){
        .refs = 1, .home = parts, .source = json_incref(source), .len = text.len};
    part->text = strbuf_take(&text);
    parts->slots[at] = part;
    parts->used++;
    return part;
}

/* Those behind a slot that becomes empty may have to move into it. */
static void
parts_remove(struct objects_parts *parts, const json_t *source)
{
    size_t at = slot_of(parts, source);
    parts->slots[at] = NULL;
    parts->used--;
    for (size_t next = (at + 1) & (parts->capacity - 1); parts->slots[next];
         next = (next + 1) & (parts->capacity - 1)) {
        struct objects_part *part = parts->slots[next];
        parts->slots[next] = NULL;
        parts->slots[slot_of(parts, part->source)] = part;
    }
}

static void
part_unref(struct objects_part *part)
{
    if (!part || --part->refs > 0)
        return;
    parts_remove(part->home, part->source);
    json_decref(part->source);
    free(part->text);
    free(part->protobuf);
    free(part);
}

/* --- fields that selectors name --- */

static const char *
dig(const json_t *object, const char *path)
{
    char part[64];
    while (object && *path) {
        size_t len = strcspn(path, ".");
        if (len >= sizeof(part))
            return NULL;
        memcpy(part, path, len);
        part[len] = '\0';
        object = json_object_get(object, part);
        path += len + (path[len] == '.');
    }
    return json_string_value(object);
}

/* Field selectors that the real server knows: metadata.name and metadata.namespace everywhere, and
 * these. */
static const char *const pod_fields[] = {"spec.nodeName",
                                         "spec.restartPolicy",
                                         "spec.schedulerName",
                                         "spec.serviceAccountName",
                                         "status.phase",
                                         "status.podIP",
                                         NULL};
static const char *const event_fields[] = {"involvedObject.kind",
                                           "involvedObject.namespace",
                                           "involvedObject.name",
                                           "involvedObject.uid",
                                           "involvedObject.apiVersion",
                                           "involvedObject.resourceVersion",
                                           "involvedObject.fieldPath",
                                           "reason",
                                           "reportingComponent",
                                           "source",
                                           "type",
                                           NULL};

static const char *const secret_fields[] = {"type", NULL};

static const char *const *
fields_of(enum demo_kind kind)
{
    static const char *const none[] = {NULL};
    return kind == DEMO_KIND_POD      ? pod_fields
           : kind == DEMO_KIND_EVENT  ? event_fields
           : kind == DEMO_KIND_SECRET ? secret_fields
                                      : none;
}

/* The number of a path in a list of paths, from 1; 0: it is not there. */
static unsigned
number_of(const char *const *paths, const char *path)
{
    for (unsigned i = 0; paths[i]; i++) {
        if (strcmp(paths[i], path) == 0)
            return i + 1;
    }
    return 0;
}

static void
add_field(struct strbuf *out, unsigned number, const char *text)
{
    strbuf_addc(out, (char)number);
    strbuf_add(out, text, strlen(text) + 1);
}

static char *
take_fields(struct strbuf *fields)
{
    strbuf_addc(fields, '\0');
    char *out = strbuf_take(fields);
    strbuf_free(fields);
    return out;
}

static const char *
find_field(const char *fields, unsigned number)
{
    for (const char *p = fields; p && *p; p += strlen(p) + 1) {
        if ((unsigned char)*p == number)
            return p + 1;
    }
    return NULL;
}

char *
objects_fields_make(enum demo_kind kind, const char *const *pairs)
{
    struct strbuf fields;
    strbuf_init(&fields, FIELDS_BYTES);
    for (; *pairs; pairs += 2) {
        unsigned number = number_of(fields_of(kind), pairs[0]);
        if (number > 0)
            add_field(&fields, number, pairs[1]);
    }
    return take_fields(&fields);
}

const char *
objects_field(const struct objects_version *version, enum demo_kind kind, const char *path)
{
    if (strcmp(path, "metadata.name") == 0)
        return version->name;
    if (strcmp(path, "metadata.namespace") == 0)
        return version->ns;
    unsigned number = number_of(fields_of(kind), path);
    if (number == 0)
        return NULL;
    const char *text = find_field(version->fields, number);
    return text ? text : "";
}

static char *
controller_of(const json_t *meta)
{
    size_t i;
    json_t *owner;
    json_array_foreach(json_object_get(meta, "ownerReferences"), i, owner)
    {
        const char *uid = json_string_value(json_object_get(owner, "uid"));
        if (uid && json_is_true(json_object_get(owner, "controller")))
            return iw_strdup(uid);
    }
    return NULL;
}

/* --- a version --- */

struct objects_version *
objects_version_ref(struct objects_version *version)
{
    version->refs++;
    return version;
}

void
objects_version_unref(struct objects_version *version)
{
    if (!version || --version->refs > 0)
        return;
    json_decref(version->labels);
    part_unref(version->spec);
    free(version->fields);
    free(version->key);
    free(version->owner);
    free(version->bytes);
    free(version->protobuf);
    free(version);
}

static void
take_names(struct objects_version *version, enum demo_kind kind, const json_t *object)
{
    json_t *meta = json_object_get(object, "metadata");
    const char *ns = dig(meta, "namespace"), *name = dig(meta, "name"), *uid = dig(meta, "uid");
    version->key = iw_asprintf("%s/%s", ns ? ns : "", name ? name : "");
    (void)snprintf(version->uid_text, sizeof(version->uid_text), "%s", uid ? uid : "");
    version->uid = version->uid_text;
    version->name = strchr(version->key, '/') + 1;
    version->owner = controller_of(meta);
    version->labels = json_incref(json_object_get(meta, "labels"));
    struct strbuf fields;
    strbuf_init(&fields, FIELDS_BYTES);
    add_field(&fields, NAMESPACE_NUMBER, ns ? ns : "");
    const char *const *paths = fields_of(kind);
    for (unsigned i = 0; paths[i]; i++) {
        const char *text = dig(object, paths[i]);
        if (text)
            add_field(&fields, i + 1, text);
    }
    version->fields = take_fields(&fields);
    version->ns = find_field(version->fields, NAMESPACE_NUMBER);
}

/* {"metadata":...,...} without the spec, whose place is behind the metadata. */
static void
write_bytes(struct objects_version *version, json_t *object)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    strbuf_adds(&out, "{\"metadata\":");
    json_text_add(&out, json_object_get(object, "metadata"));
    version->spec_at = out.len;
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (strcmp(name, "metadata") == 0 || strcmp(name, "spec") == 0)
            continue;
        strbuf_addc(&out, ',');
        strbuf_add_json(&out, name);
        strbuf_addc(&out, ':');
        json_text_add(&out, value);
    }
    strbuf_addc(&out, '}');
    version->len = out.len;
    version->bytes = iw_realloc(strbuf_take(&out), version->len + 1);
}

static const struct pbform_message *
message_of(enum demo_kind kind)
{
    return kind == DEMO_KIND_POD ? &pbform_pod : kind == DEMO_KIND_EVENT ? &pbform_event : NULL;
}

bool
objects_have_protobuf(enum demo_kind kind)
{
    return message_of(kind) != NULL;
}

/* Once for all who ask. `object` may have a spec, which is not looked at. */
static void
encode_version(struct objects_version *version, enum demo_kind kind, const json_t *object)
{
    struct strbuf out;
    strbuf_init(&out, 0);
    json_t *head = json_pack("{s:O*}", "metadata", json_object_get(object, "metadata"));
    pbform_encode(&out, message_of(kind), head);
    json_decref(head);
    version->protobuf_spec_at = out.len;
    json_t *rest = json_copy((json_t *)(uintptr_t)object);
    json_object_del(rest, "metadata");
    json_object_del(rest, "spec");
    pbform_encode(&out, message_of(kind), rest);
    json_decref(rest);
    version->protobuf_len = out.len;
    version->protobuf = iw_realloc(strbuf_take(&out), version->protobuf_len + 1);
}

struct objects_version *
objects_version_make(struct objects *store, enum demo_kind kind, json_t *object)
{
    struct objects_version *version = iw_calloc(1, sizeof(*version));
    json_t *spec = json_object_get(object, "spec");
    version->refs = 1;
    json_object_set_new(json_object_get(object, "metadata"), "resourceVersion",
                        json_sprintf("%llu", (unsigned long long)store->rv + 1));
    take_names(version, kind, object);
    write_bytes(version, object);
    if (spec)
        version->spec = part_of(store->parts, spec);
    if (objects_have_protobuf(kind) && store->protobuf_asked[kind])
        encode_version(version, kind, object);
    return version;
}

struct objects_version *
objects_version_tomb(struct objects *store, enum demo_kind kind, struct objects_version *last)
{
    json_t *object = last->bytes ? json_loadb(last->bytes, last->len, 0, NULL) : NULL;
    if (!object)
        return objects_version_ref(last);
    if (last->spec)
        json_object_set(object, "spec", last->spec->source);
    struct objects_version *tomb = objects_version_make(store, kind, object);
    json_decref(object);
    return tomb;
}

/* --- as JSON --- */

void
objects_render(const struct objects_version *version, enum demo_kind kind, bool typed,
               struct strbuf *out)
{
    if (version->synthetic) {
        synthetic_render(version->synthetic, version, typed, out);
        return;
    }
    const struct demo_kind_info *info = &demo_kind_table[kind];
    size_t from = 0;
    if (typed) {
        strbuf_addf(out, "{\"kind\":\"%s\",\"apiVersion\":\"%s%s%s\",", info->kind, info->group,
                    info->group[0] ? "/" : "", info->version);
        from = 1;
    }
    strbuf_add(out, version->bytes + from, version->spec_at - from);
    if (version->spec) {
        strbuf_adds(out, ",\"spec\":");
        strbuf_add(out, version->spec->text, version->spec->len);
    }
    strbuf_add(out, version->bytes + version->spec_at, version->len - version->spec_at);
}

/* --- as protobuf --- */

/* Of a pod: no other kind with a spec is written so. */
static void
encode_part(struct objects_part *part)
{
    struct strbuf inner, out;
    strbuf_init(&inner, 0);
    strbuf_init(&out, 0);
    pbform_encode(&inner, &pbform_pod_spec, part->source);
    pbform_head(&out, POD_SPEC_FIELD, inner.len);
    strbuf_add(&out, inner.data, inner.len);
    strbuf_free(&inner);
    part->protobuf_len = out.len;
    part->protobuf = strbuf_take(&out);
}

static void
make_protobuf(struct objects_version *version, enum demo_kind kind)
{
    if (!version->protobuf) {
        json_t *object = json_loadb(version->bytes, version->len, 0, NULL);
        encode_version(version, kind, object);
        json_decref(object);
    }
    if (version->spec && !version->spec->protobuf)
        encode_part(version->spec);
}

size_t
objects_encoded_size(struct objects_version *version, enum demo_kind kind)
{
    if (version->synthetic)
        return synthetic_encoded_size(version->synthetic, version);
    make_protobuf(version, kind);
    return version->protobuf_len + (version->spec ? version->spec->protobuf_len : 0);
}

void
objects_encode(struct objects_version *version, enum demo_kind kind, struct strbuf *out)
{
    if (version->synthetic) {
        synthetic_encode(version->synthetic, version, out);
        return;
    }
    make_protobuf(version, kind);
    strbuf_add(out, version->protobuf, version->protobuf_spec_at);
    if (version->spec)
        strbuf_add(out, version->spec->protobuf, version->spec->protobuf_len);
    strbuf_add(out, version->protobuf + version->protobuf_spec_at,
               version->protobuf_len - version->protobuf_spec_at);
}

void
objects_encoded_drop(struct objects_version *version)
{
    free(version->protobuf);
    version->protobuf = NULL;
}
