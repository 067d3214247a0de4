/* kube_token: token files, which are renewed while the program runs.
 * Ref: client-go transport/token_source.go (fileTokenSource, cachingTokenSource).
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "initwatch/base/alloc.h"
#include "initwatch/base/limits.h"
#include "initwatch/base/log.h"
#include "initwatch/data/yaml_json.h"
#include "initwatch/source/kubeconfig.h"

enum iw_err
kube_token_file_read(const char *path, char **out, struct iw_error *err)
{
    iw_autofree char *text = NULL;
    size_t len = 0;
    enum iw_err rc = file_read_all(path, LIMIT_CONFIG_FILE_BYTES, &text, &len, err);
    if (rc != IW_OK)
        return rc;
    size_t start = strspn(text, " \t\r\n\v\f");
    while (len > start && strchr(" \t\r\n\v\f", text[len - 1]) && text[len - 1])
        len--;
    if (len <= start)
        return iw_fail(err, IW_ERR_CONFIG, "the token file %s is empty", path);
    /* It becomes a header line: a line break inside would start another one. */
    for (size_t i = start; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return iw_fail(err, IW_ERR_CONFIG, "the token file %s holds control characters", path);
    *out = iw_strndup(text + start, len - start);
    return IW_OK;
}

bool
kube_token_refresh(struct kube_token *token, const char *path, int64_t now_ms)
{
    if (token->text && now_ms - token->read_at_ms < KUBE_TOKEN_FILE_FRESH_MS)
        return false;
    struct iw_error err = {0};
    char *fresh = NULL;
    token->read_at_ms = now_ms;
    if (kube_token_file_read(path, &fresh, &err) != IW_OK) {
        LOG_WARN("token not read again: %s", err.msg);
        return false;
    }
    bool changed = !token->text || strcmp(token->text, fresh) != 0;
    free(token->text);
    token->text = fresh;
    return changed;
}

void
kube_token_free(struct kube_token *token)
{
    free(token->text);
    *token = (struct kube_token){0};
}
