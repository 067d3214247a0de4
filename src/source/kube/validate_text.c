/* validate_text: the forms of names, and the API server's sentences about them.
 * Ref: apimachinery/pkg/util/validation/validation.go.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "validate_internal.h"

#define LABEL_MAX_CHARS 63
#define SUBDOMAIN_MAX_CHARS 253
#define PORT_NAME_MAX_CHARS 15

#define SAY_LABEL                                                                                  \
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "   \
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "     \
    "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define SAY_SUBDOMAIN                                                                              \
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "   \
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used "  \
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define SAY_SUBDOMAIN_LONG "must be no more than 253 characters"
#define SAY_LABEL_LONG "must be no more than 63 characters"
#define SAY_QUALIFIED                                                                              \
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "    \
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "         \
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

const char *const text_port_range = "must be between 1 and 65535, inclusive";
const char *const text_env_complaint = "a valid environment variable name must consist only of "
                                       "printable ASCII characters other than '='";

static void
complain(struct complaints *c, const char *sentence)
{
    if (c->count < TEXT_COMPLAINTS_MAX)
        c->items[c->count++] = sentence;
}

static bool
is_lower_alnum(char ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9');
}

static bool
is_alnum(char ch)
{
    return is_lower_alnum(ch) || (ch >= 'A' && ch <= 'Z');
}

/* [a-z0-9]([-a-z0-9]*[a-z0-9])? */
static bool
is_label(const char *text, size_t len)
{
    if (len == 0 || !is_lower_alnum(text[0]) || !is_lower_alnum(text[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_lower_alnum(text[i]) && text[i] != '-')
            return false;
    return true;
}

/* Labels joined by dots. */
static bool
is_subdomain(const char *text)
{
    for (;;) {
        size_t len = strcspn(text, ".");
        if (!is_label(text, len))
            return false;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

struct complaints
text_dns_label(const char *value)
{
    struct complaints c = {0};
    size_t len = strlen(value);
    if (len > LABEL_MAX_CHARS)
        complain(&c, SAY_LABEL_LONG);
    if (!is_label(value, len))
        complain(&c, is_subdomain(value) ? "must not contain dots" : SAY_LABEL);
    return c;
}

struct complaints
text_dns_subdomain(const char *value)
{
    struct complaints c = {0};
    if (strlen(value) > SUBDOMAIN_MAX_CHARS)
        complain(&c, SAY_SUBDOMAIN_LONG);
    if (!is_subdomain(value))
        complain(&c, SAY_SUBDOMAIN);
    return c;
}

/* ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9] */
static bool
is_name_part(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || !is_alnum(text[0]) || !is_alnum(text[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_alnum(text[i]) && !strchr("-_.", text[i]))
            return false;
    return true;
}

static void
complain_about_prefix(struct complaints *c, const char *value, size_t len)
{
    char prefix[SUBDOMAIN_MAX_CHARS + 2];
    if (len == 0) {
        complain(c, "prefix part must be non-empty");
        return;
    }
    if (len > SUBDOMAIN_MAX_CHARS)
        complain(c, "prefix part " SAY_SUBDOMAIN_LONG);
    snprintf(prefix, sizeof(prefix), "%.*s", (int)IW_MIN(len, sizeof(prefix) - 1), value);
    if (!is_subdomain(prefix))
        complain(c, "prefix part " SAY_SUBDOMAIN);
}

struct complaints
text_qualified_name(const char *value)
{
    struct complaints c = {0};
    const char *name = value;
    const char *slash = strchr(value, '/');
    if (slash) {
        name = slash + 1;
        if (strchr(name, '/')) {
            complain(&c, "a qualified name " SAY_QUALIFIED
                         " with an optional DNS subdomain prefix and '/' (e.g. "
                         "'example.com/MyName')");
            return c;
        }
        complain_about_prefix(&c, value, (size_t)(slash - value));
    }
    if (*name == '\0')
        complain(&c, "name part must be non-empty");
    else if (strlen(name) > LABEL_MAX_CHARS)
        complain(&c, "name part " SAY_LABEL_LONG);
    if (!is_name_part(name))
        complain(&c, "name part " SAY_QUALIFIED);
    return c;
}

struct complaints
text_port_name(const char *value)
{
    struct complaints c = {0};
    size_t len = strlen(value);
    bool charset = len > 0;
    bool letter = false;
    for (size_t i = 0; i < len; i++) {
        charset = charset && (is_lower_alnum(value[i]) || value[i] == '-');
        letter = letter || (value[i] >= 'a' && value[i] <= 'z');
    }
    if (len > PORT_NAME_MAX_CHARS)
        complain(&c, "must be no more than 15 characters");
    if (!charset)
        complain(&c, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    if (!letter)
        complain(&c, "must contain at least one letter (a-z)");
    if (strstr(value, "--"))
        complain(&c, "must not contain consecutive hyphens");
    if (len > 0 && (value[0] == '-' || value[len - 1] == '-'))
        complain(&c, "must not begin or end with a hyphen");
    return c;
}

bool
text_env_name(const char *value)
{
    for (; *value; value++)
        if (*value < ' ' || *value > '~' || *value == '=')
            return false;
    return true;
}

void
report_complaints(struct validation *v, const char *field, const char *value,
                  const struct complaints *c)
{
    for (size_t i = 0; i < c->count; i++)
        report_text(v, VALIDATION_INVALID, field, value, c->items[i]);
}

bool
number_is_port(int64_t number)
{
    return number >= 1 && number <= 65535;
}
