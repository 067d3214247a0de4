/* Fuzz: any bytes as YAML. What is read must be writable as JSON and small against the text and its
 * ceilings.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/data/yaml_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum iw_err
take(void *ctx, json_t *document, int line, struct iw_error *err)
{
    int *last_line = ctx;
    (void)err;
    if (line < *last_line)
        abort();
    *last_line = line;
    char *text = json_dumps(document, JSON_ENCODE_ANY);
    if (!text)
        abort();
    free(text);
    json_decref(document);
    return IW_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iw_error err = {0};
    int last_line = 0;
    if (yaml_json_each("fuzz", (const char *)data, size, take, &last_line, &err) != IW_OK &&
        err.msg[0] == '\0')
        abort();
    (void)yaml_json_line((const char *)data, size, "users[1].user.token");
    return 0;
}
