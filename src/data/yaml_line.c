/* yaml_line: where in a YAML text a value stands, for messages about values that are wrong in
 * themselves.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "initwatch/data/yaml_json.h"

static const yaml_node_t *
yaml_line_member(yaml_document_t *doc, const yaml_node_t *map, const char *key, size_t len)
{
    for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
         pair < map->data.mapping.pairs.top; pair++) {
        const yaml_node_t *name = yaml_document_get_node(doc, pair->key);
        if (name->type == YAML_SCALAR_NODE && name->data.scalar.length == len &&
            memcmp(name->data.scalar.value, key, len) == 0)
            return yaml_document_get_node(doc, pair->value);
    }
    return NULL;
}

/* Go one part of the path down: ".key" or "[3]". Moves *path behind it. */
static const yaml_node_t *
yaml_line_step(yaml_document_t *doc, const yaml_node_t *node, const char **path)
{
    if (**path == '[') {
        char *end;
        unsigned long index = strtoul(*path + 1, &end, 10);
        *path = *end == ']' ? end + 1 : end;
        if (node->type != YAML_SEQUENCE_NODE)
            return NULL;
        const yaml_node_item_t *items = node->data.sequence.items.start;
        size_t count = (size_t)(node->data.sequence.items.top - items);
        return index < count ? yaml_document_get_node(doc, items[index]) : NULL;
    }
    if (**path == '.')
        ++*path;
    size_t len = strcspn(*path, ".[");
    const char *key = *path;
    *path += len;
    return node->type == YAML_MAPPING_NODE ? yaml_line_member(doc, node, key, len) : NULL;
}

int
yaml_json_line(const char *text, size_t len, const char *path)
{
    yaml_parser_t parser;
    yaml_document_t doc;
    if (!yaml_parser_initialize(&parser))
        return 0;
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    if (!yaml_parser_load(&parser, &doc)) {
        yaml_parser_delete(&parser);
        return 0;
    }
    int line = 0;
    const yaml_node_t *node = yaml_document_get_root_node(&doc);
    while (node) {
        line = (int)node->start_mark.line + 1;
        if (*path == '\0')
            break;
        node = yaml_line_step(&doc, node, &path);
    }
    yaml_document_delete(&doc);
    yaml_parser_delete(&parser);
    return line;
}
