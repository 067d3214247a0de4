/* Fuzz: any bytes as a pod, an event and a status. Records must be whole or refused, never half;
 * what jansson reads, our reader must read the same.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "initwatch/data/jarena.h"
#include "initwatch/source/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every record promises: strings are there, statuses belong to their list. */
static void
check_pod(const struct pod *pod)
{
    /* Texts of the record itself; words and what pods share stand elsewhere. */
    size_t len = IW_MAX(strlen(pod->name), strlen(pod->ip)), words = 0;
    for (const struct container *c = NULL; (c = pod_containers(pod, c)) != NULL;) {
        words += strlen(c->name) + strlen(c->image) + strlen(c->tag) + strlen(c->startup->target);
        if (c->status && (c->status->list != c->list || strcmp(c->status->name, c->name) != 0))
            abort();
    }
    if (len > pod->size_bytes || words > SIZE_MAX / 2)
        abort();
}

static bool same_value(const json_t *want, const json_t *got);

static bool
same_members(const json_t *want, const json_t *got)
{
    if (json_object_size(want) != json_object_size(got))
        return false;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)want, key, value)
    {
        const json_t *other = json_object_get(got, key);
        bool emptied = strcmp(key, "managedFields") == 0 && json_is_array(value);
        if (emptied ? json_array_size(other) != 0 : !same_value(value, other))
            return false;
    }
    return true;
}

/* jansson's value against ours: numbers that are not exact, and long ones, are strings there. */
static bool
same_value(const json_t *want, const json_t *got)
{
    if (!got)
        return false;
    if (json_is_number(want) && json_is_string(got))
        return json_is_real(want) || json_string_length(got) > 18;
    if (json_is_object(want))
        return json_is_object(got) && same_members(want, got);
    if (!json_is_array(want))
        return json_equal(want, got);
    if (!json_is_array(got) || json_array_size(want) != json_array_size(got))
        return false;
    for (size_t i = 0; i < json_array_size(want); i++)
        if (!same_value(json_array_get(want, i), json_array_get(got, i)))
            return false;
    return true;
}

static void
check_reader(const char *text, size_t len)
{
    json_error_t ignored;
    /* jansson takes a NUL right behind a number for the end of the number and goes on; that is not JSON. */
    if (memchr(text, '\0', len))
        return;
    json_t *want = json_loadb(text, len, JSON_ALLOW_NUL, &ignored);
    json_t *got = NULL;
    struct iw_error err = {0};
    enum iw_err rc = jarena_parse(text, len, &got, &err);
    bool limited = rc == IW_ERR_TOO_BIG || strstr(err.msg, "nested too deep");
    if (want && !limited && (rc != IW_OK || !same_value(want, got)))
        abort();
    jarena_release();
    json_decref(want);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *root;
    struct iw_error err = {0};
    check_reader((const char *)data, size);
    if (jarena_parse((const char *)data, size, &root, &err) == IW_OK) {
        struct pod *pod = NULL;
        struct kevent event;
        if (decode_pod(root, "fuzz", &pod, &err) == IW_OK)
            check_pod(pod);
        pod_free(pod);
        if (decode_event(root, &event, &err) == IW_OK && event.count == 0)
            abort();
        if (decode_status(root, &err) == IW_OK)
            abort();
    }
    jarena_release();
    return 0;
}
