/* Fuzz: any bytes as a kubeconfig, and every context of it as a client configuration.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "initwatch/source/kubeconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_client(const struct kubeconfig *kc, const char *context)
{
    struct kubeconfig_flags flags = {.context = context};
    struct kube_client_config *client = NULL;
    struct iw_error err = {0};
    if (kubeconfig_client(kc, &flags, &client, &err) == IW_OK) {
        struct http_config http = kube_client_http(client);
        /* Credentials are for https only. */
        if (strncasecmp(http.base_url, "https://", 8) != 0 && (http.bearer_token || http.key_pem))
            abort();
        for (size_t i = 0; http.headers && http.headers[i]; i++)
            if (strpbrk(http.headers[i], "\r\n"))
                abort();
    } else if (err.msg[0] == '\0') {
        abort();
    }
    kube_client_config_free(client);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("kubeconfig", MFD_CLOEXEC);
    char path[64];
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct kubeconfig_flags flags = {.kubeconfig = path};
    struct kubeconfig_env env = {.root = "/nonexistent"};
    struct kubeconfig *kc = NULL;
    struct iw_error err = {0};
    if (kubeconfig_load(&flags, &env, &kc, &err) == IW_OK) {
        size_t count = kubeconfig_context_count(kc);
        for (size_t i = 0; i < count && i < 8; i++)
            check_client(kc, kubeconfig_context_name(kc, i));
        check_client(kc, NULL);
        check_client(kc, "no such context");
    }
    kubeconfig_free(kc);
    close(fd);
    return 0;
}
