/* describe_raw: what a description says that the record of a pod does not hold: annotations, variables, hooks, sources of
 * volumes. It is read from the object as the server has it, once that is here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "describe.h"
#include "initwatch/base/tr.h"
#include "initwatch/model/yamlpath.h"

enum { RAW_ITEMS_MAX = 500, RAW_TEXT_BYTES = 600 };

const struct yaml_text *
describe_yaml(const struct view_env *env, const struct pod *pod)
{
    const struct kobject_ref *ref = &env->raw->ref;
    bool mine = ref->kind == KOBJECT_POD && strcmp(ref->ns, pod->ns) == 0 &&
                strcmp(ref->name, pod->name) == 0;
    return mine ? env->raw->yaml : NULL;
}

/* --- lines of the document as one text --- */

void
describe_key(const struct yaml_text *y, size_t line, char *out, size_t out_size)
{
    const struct yaml_line *l = &y->lines[line];
    (void)snprintf(out, out_size, "%.*s", l->key_len ? (int)l->key_len - 1 : 0,
                   y->text + l->at + l->key_at);
}

/* A word of a list, without its dash, or a line of a text. */
static void
keyless_value(const struct yaml_text *y, size_t line, char *out, size_t out_size)
{
    const struct yaml_line *l = &y->lines[line];
    const char *text = y->text + l->at;
    size_t len = l->len, skip = 0;
    while (skip < len && text[skip] == ' ')
        skip++;
    if (yaml_is_item(y, line))
        skip = IW_MIN(skip + 2, len);
    text += skip;
    len -= skip;
    bool quoted = len >= 2 && strchr("\"'", text[0]) && text[len - 1] == text[0];
    (void)snprintf(out, out_size, "%.*s", (int)(quoted ? len - 2 : len), text + quoted);
}

void
describe_leaves(const struct yaml_text *y, size_t from, size_t to, const char *but, char *out,
                size_t out_size)
{
    size_t used = 0;
    bool leaf_before = false;
    out[0] = '\0';
    for (size_t i = from; i < to && used + 2 < out_size; i++) {
        char key[128], value[256];
        describe_key(y, i, key, sizeof(key));
        const struct yaml_line *l = &y->lines[i];
        yaml_value(y, i, value, sizeof(value));
        if (!l->key_len)
            keyless_value(y, i, value, sizeof(value));
        bool leaf = value[0] != '\0';
        if ((but && strcmp(key, but) == 0) || strcmp(value, "{}") == 0)
            continue;
        const char *before = used == 0 ? "" : !leaf_before ? " " : yaml_is_item(y, i) ? "; " : ", ";
        int n = snprintf(out + used, out_size - used, "%s%s%s%s", before, key,
                         key[0] && leaf ? ": " : "", value);
        used += n > 0 ? IW_MIN((size_t)n, out_size - used - 1) : 0;
        leaf_before = leaf;
    }
}

void
describe_raw_value(const struct view_env *env, const struct pod *pod, const char *path, char *out,
                   size_t out_size)
{
    const struct yaml_text *y = describe_yaml(env, pod);
    out[0] = '\0';
    if (y)
        yaml_value(y, yaml_member(y, YAML_NO_LINE, path), out, out_size);
}

/* --- metadata --- */

void
describe_annotations_of(struct doc *d, const struct yaml_text *y)
{
    size_t list = y ? yaml_member(y, YAML_NO_LINE, "metadata.annotations") : YAML_NO_LINE;
    bool first = true;
    if (list == YAML_NO_LINE)
        return;
    for (size_t i = list + 1; i < yaml_end(y, list); i = yaml_end(y, i)) {
        char key[320], value[RAW_TEXT_BYTES], text[RAW_TEXT_BYTES + 330];
        describe_key(y, i, key, sizeof(key));
        yaml_value(y, i, value, sizeof(value));
        if (strcmp(key, "kubectl.kubernetes.io/last-applied-configuration") == 0)
            continue;
        if (!value[0] && yaml_end(y, i) > i + 1)
            describe_leaves(y, i + 1, yaml_end(y, i), NULL, value, sizeof(value));
        (void)snprintf(text, sizeof(text), "%s: %s", key, value);
        describe_say(d, 0, first ? tr("Annotations") : "", ROLE_TEXT, text);
        first = false;
    }
}

void
describe_annotations(struct doc *d, const struct view_env *env, const struct pod *pod)
{
    describe_annotations_of(d, describe_yaml(env, pod));
}

/* --- containers --- */

static size_t
container_line(const struct yaml_text *y, const struct container *c)
{
    static const char *const LISTS[LIST_COUNT] = {"spec.initContainers", "spec.containers",
                                                  "spec.ephemeralContainers"};
    return yaml_item(y, yaml_member(y, YAML_NO_LINE, LISTS[c->list]), c->list_index);
}

/* What a variable is set to: its value, or where it comes from. */
static void
variable_text(const struct yaml_text *y, size_t item, char *out, size_t out_size)
{
    size_t value = yaml_member(y, item, "value"), from = yaml_member(y, item, "valueFrom");
    out[0] = '\0';
    if (value != YAML_NO_LINE && yaml_end(y, value) > value + 1 && value != item)
        describe_leaves(y, value + 1, yaml_end(y, value), NULL, out, out_size);
    else if (value != YAML_NO_LINE)
        yaml_value(y, value, out, out_size);
    else if (from != YAML_NO_LINE && out_size > sizeof("← ")) {
        size_t sign = (size_t)snprintf(out, out_size, "← ");
        describe_leaves(y, from + 1, yaml_end(y, from), "apiVersion", out + sign, out_size - sign);
    }
}

/* A reference to a Secret or ConfigMap is told by the record, which knows whether the object is there. */
static bool
is_reference(const struct yaml_text *y, size_t item)
{
    size_t from = yaml_member(y, item, "valueFrom");
    return from != YAML_NO_LINE && (yaml_member(y, from, "secretKeyRef") != YAML_NO_LINE ||
                                    yaml_member(y, from, "configMapKeyRef") != YAML_NO_LINE);
}

bool
describe_variables_at(struct doc *d, const struct yaml_text *y, size_t at, bool references)
{
    size_t list = y && at != YAML_NO_LINE ? yaml_member(y, at, "env") : YAML_NO_LINE, item;
    bool first = true;
    for (size_t n = 0; list != YAML_NO_LINE && n < RAW_ITEMS_MAX &&
                       (item = yaml_item(y, list, n)) != YAML_NO_LINE;
         n++) {
        char name[200], value[RAW_TEXT_BYTES], text[RAW_TEXT_BYTES + 210];
        if (!references && is_reference(y, item))
            continue;
        yaml_value(y, yaml_member(y, item, "name"), name, sizeof(name));
        variable_text(y, item, value, sizeof(value));
        (void)snprintf(text, sizeof(text), "%s: %s", name, value);
        describe_say(d, 4, first ? tr("Environment") : "", ROLE_TEXT, text);
        first = false;
    }
    return !first;
}

bool
describe_variables(struct doc *d, const struct view_env *env, const struct pod *pod,
                   const struct container *c)
{
    const struct yaml_text *y = describe_yaml(env, pod);
    return describe_variables_at(d, y, y ? container_line(y, c) : YAML_NO_LINE, false);
}

void
describe_lifecycle(struct doc *d, const struct view_env *env, const struct pod *pod,
                   const struct container *c)
{
    const struct yaml_text *y = describe_yaml(env, pod);
    size_t at = y ? container_line(y, c) : YAML_NO_LINE;
    size_t hooks = at != YAML_NO_LINE ? yaml_member(y, at, "lifecycle") : YAML_NO_LINE;
    char text[RAW_TEXT_BYTES];
    if (hooks == YAML_NO_LINE || hooks == at)
        return;
    describe_leaves(y, hooks + 1, yaml_end(y, hooks), NULL, text, sizeof(text));
    describe_say(d, 4, tr("Hooks"), ROLE_TEXT, text);
}

/* --- volumes --- */

void
describe_volume_source(struct doc *d, const struct view_env *env, const struct pod *pod,
                       const struct pod_volume *v)
{
    const struct yaml_text *y = describe_yaml(env, pod);
    size_t list = y ? yaml_member(y, YAML_NO_LINE, "spec.volumes") : YAML_NO_LINE, item;
    const char *named = strcmp(v->kind, "secret") == 0                  ? "secretName"
                        : strcmp(v->kind, "persistentVolumeClaim") == 0 ? "claimName"
                        : strcmp(v->kind, "projected") == 0             ? "sources"
                                                                        : "name";
    for (size_t n = 0; list != YAML_NO_LINE && n < RAW_ITEMS_MAX &&
                       (item = yaml_item(y, list, n)) != YAML_NO_LINE;
         n++) {
        char name[256], text[RAW_TEXT_BYTES];
        yaml_value(y, yaml_member(y, item, "name"), name, sizeof(name));
        size_t source = yaml_member(y, item, v->kind);
        if (strcmp(name, v->name) != 0 || source == YAML_NO_LINE || source == item)
            continue;
        describe_leaves(y, source + 1, yaml_end(y, source), named, text, sizeof(text));
        if (text[0]) {
            doc_line(d);
            doc_to(d, 30);
            doc_wrap(d, ROLE_DIM, 30, 6, text);
        }
        return;
    }
}
