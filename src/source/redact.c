/* redact: credentials in texts by what announces them, values in objects by the names of members.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/source/redact.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* --- texts --- */

struct text {
    const char *at;
    size_t len;
};

/* A part of a text that is replaced: shown bytes stay, then `hidden` bytes go. */
struct find {
    size_t shown, hidden;
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool
is_token(char c)
{
    return isalnum((unsigned char)c) || strchr("-_.+/=~", c) != NULL;
}

static size_t
begins(const struct text *t, size_t at, const char *word)
{
    size_t n = strlen(word);
    return at + n <= t->len && strncasecmp(t->at + at, word, n) == 0 ? n : 0;
}

static size_t
token_len(const struct text *t, size_t at)
{
    size_t n = 0;
    while (at + n < t->len && t->at[at + n] != '\0' && is_token(t->at[at + n]))
        n++;
    return n;
}

/* Names whose value is nobody's business, as the end of a longer name, too (DB_PASSWORD). */
static const char *const SECRET_NAMES[] = {
    "password",   "passwd",      "passphrase",    "pwd",        "secret",      "token",
    "apikey",     "api_key",     "api-key",       "accesskey",  "access_key",  "access-key",
    "secretkey",  "secret_key",  "secret-key",    "privatekey", "private_key", "private-key",
    "credential", "credentials", "authorization", "cookie"};

static size_t
secret_name(const struct text *t, size_t at)
{
    size_t longest = 0;
    for (size_t i = 0; i < IW_COUNTOF(SECRET_NAMES); i++)
        longest = IW_MAX(longest, begins(t, at, SECRET_NAMES[i]));
    return longest;
}

/* Does the word that ends here begin with a dash, as an option of a command? */
static bool
is_option(const struct text *t, size_t at)
{
    while (at > 0 && (is_word(t->at[at - 1]) || t->at[at - 1] == '-'))
        at--;
    return t->at[at] == '-';
}

static size_t
skip_blanks(const struct text *t, size_t at)
{
    while (at < t->len && is_blank(t->at[at]))
        at++;
    return at;
}

static size_t
skip_quotes(const struct text *t, size_t at)
{
    while (at < t->len && strchr("\\\"'`", t->at[at]) && t->at[at])
        at++;
    return at;
}

/* The end of a value: its closing quote, or a blank or sign that cannot be part of it. */
static size_t
value_end(const struct text *t, size_t at, bool quoted)
{
    char quote = quoted ? t->at[at - 1] : '\0';
    while (at < t->len) {
        char c = t->at[at];
        if (quoted ? c == quote || (c == '\\' && at + 1 < t->len && t->at[at + 1] == quote)
                   : is_blank(c) || (c && strchr("\"',;&)}]`", c)))
            break;
        at++;
    }
    return at;
}

/* "password=x", "token: x", "\"secret\":\"x\"", "--api-key x", "Authorization: Bearer x" */
static bool
find_named(const struct text *t, size_t at, struct find *out)
{
    size_t name = secret_name(t, at);
    if (!name)
        return false;
    /* The tag of an image is no value, nor is what follows in: volume "token" : secret "x" not found. */
    bool in_path = at > 0 && t->at[at - 1] == '/';
    size_t end = skip_quotes(t, at + name), sign = skip_blanks(t, end);
    bool equals = sign < t->len && (t->at[sign] == '=' || t->at[sign] == ':');
    if (equals && t->at[sign] == ':' && (in_path || sign > end))
        return false;
    if (equals)
        sign++;
    else if (sign == end || !is_option(t, at))
        return false;
    size_t value = skip_quotes(t, skip_blanks(t, sign));
    bool quoted = value > 0 && value <= t->len && value > skip_blanks(t, sign);
    static const char *const schemes[] = {"Bearer ", "Basic ", "Digest ", "Token "};
    for (size_t i = 0; i < IW_COUNTOF(schemes); i++)
        value += begins(t, value, schemes[i]);
    size_t stop = value_end(t, value, quoted && !is_blank(t->at[value - 1]));
    *out = (struct find){value - at, stop - value};
    return stop > value;
}

static bool
find_scheme(const struct text *t, size_t at, struct find *out)
{
    size_t shown = begins(t, at, "Bearer ");
    if (!shown)
        shown = begins(t, at, "Basic ");
    *out = (struct find){shown, shown ? token_len(t, at + shown) : 0};
    return out->hidden >= 6;
}

/* Tokens that are known by how they begin. */
static bool
find_shape(const struct text *t, size_t at, struct find *out)
{
    static const struct {
        const char *prefix;
        size_t least;
    } shapes[] = {{"eyJ", 20},  {"AKIA", 20},        {"ASIA", 20},   {"ghp_", 20}, {"gho_", 20},
                  {"ghs_", 20}, {"github_pat_", 20}, {"glpat-", 16}, {"xox", 20}};
    for (size_t i = 0; i < IW_COUNTOF(shapes); i++) {
        size_t n = strlen(shapes[i].prefix);
        if (at + n > t->len || memcmp(t->at + at, shapes[i].prefix, n) != 0)
            continue;
        *out = (struct find){0, token_len(t, at)};
        if (out->hidden >= shapes[i].least)
            return true;
    }
    return false;
}

/* "://user:password@host", "://token@host" */
static bool
find_userinfo(const struct text *t, size_t at, struct find *out)
{
    if (!begins(t, at, "://"))
        return false;
    size_t from = at + 3, sign = 0, colon = 0;
    for (size_t i = from; i < t->len && !is_blank(t->at[i]) && !strchr("/?#\"'", t->at[i]); i++) {
        if (t->at[i] == '@')
            sign = i;
        else if (t->at[i] == ':' && !colon)
            colon = i;
    }
    if (!sign)
        return false;
    size_t hidden = colon && colon < sign ? colon + 1 : from;
    *out = (struct find){hidden - at, sign - hidden};
    return out->hidden > 0;
}

static bool
find_private_key(const struct text *t, size_t at, struct find *out)
{
    static const char begin[] = "-----BEGIN ", end[] = "-----END ";
    if (!begins(t, at, begin))
        return false;
    size_t head = sizeof(begin) - 1, i = at + head;
    while (i < t->len && t->at[i] != '-')
        i++;
    bool private = i >= 11 && memcmp(t->at + i - 11, "PRIVATE KEY", 11) == 0;
    size_t stop = i;
    while (stop < t->len && !begins(t, stop, end))
        stop++;
    *out = (struct find){i - at, stop - i};
    return private && out->hidden > 0;
}

/* Most bytes begin nothing: two letters decide where to look closer. All names, schemes and shapes are here. */
static bool
may_begin(char first, char second)
{
    char b = (char)(second | 0x20);
    switch (first | 0x20) {
    case 'p':
        return b == 'a' || b == 'w' || b == 'r';
    case 's':
        return b == 'e';
    case 't':
    case 'x':
        return b == 'o';
    case 'a':
        return b == 'p' || b == 'c' || b == 'u' || b == 'k' || b == 's';
    case 'c':
        return b == 'r' || b == 'o';
    case 'b':
        return b == 'e' || b == 'a';
    case 'e':
        return b == 'y';
    case 'g':
        return b == 'h' || b == 'i' || b == 'l';
    default:
        return false;
    }
}

static bool
find_at(const struct text *t, size_t at, struct find *out)
{
    char c = t->at[at];
    if (c == ':')
        return find_userinfo(t, at, out);
    if (c == '-')
        return find_private_key(t, at, out);
    if (at + 1 == t->len || !may_begin(c, t->at[at + 1]))
        return false;
    bool word_begins = at == 0 || !is_word(t->at[at - 1]);
    if (word_begins && (find_shape(t, at, out) || find_scheme(t, at, out)))
        return true;
    return find_named(t, at, out);
}

bool
redact_text(const char *text, size_t len, struct strbuf *out)
{
    const struct text t = {text, len};
    bool changed = false;
    size_t from = 0;
    for (size_t at = 0; at < len;) {
        struct find found;
        if (!find_at(&t, at, &found)) {
            at++;
            continue;
        }
        strbuf_add(out, text + from, at + found.shown - from);
        strbuf_adds(out, REDACTED);
        from = at = at + found.shown + found.hidden;
        changed = true;
    }
    strbuf_add(out, text + from, len - from);
    return changed;
}

/* --- objects --- */

/* What is read of annotations (decode_pod.c, decode_object_cluster.c), and facts about how a thing came to be. */
static const char *const KEPT_ANNOTATIONS[] = {"kubectl.kubernetes.io/default-container",
                                               "storageclass.kubernetes.io/is-default-class",
                                               "storageclass.beta.kubernetes.io/is-default-class",
                                               "deployment.kubernetes.io/revision",
                                               "kubernetes.io/config.mirror",
                                               "kubernetes.io/config.source"};

/* Names and digests: a colon in them announces no secret. */
static const char *const NAMES[] = {"image",      "imageID",         "containerID",  "uid",
                                    "name",       "namespace",       "apiVersion",   "kind",
                                    "secretName", "resourceVersion", "generateName", "key"};

static bool
is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, list[i]) == 0)
            return true;
    }
    return false;
}

static json_t *
redacted(void)
{
    return json_string(REDACTED);
}

static bool
is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0;
}

/* Values of env and httpHeaders. */
static void
hide_values(json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *entry = json_array_get(array, i);
        if (is_text(json_object_get(entry, "value")))
            json_object_set_new(entry, "value", redacted());
    }
}

static void
hide_annotations(json_t *map)
{
    json_object_del(map, "kubectl.kubernetes.io/last-applied-configuration");
    for (void *at = json_object_iter(map); at; at = json_object_iter_next(map, at)) {
        const char *key = json_object_iter_key(at);
        if (!is_one_of(key, KEPT_ANNOTATIONS, IW_COUNTOF(KEPT_ANNOTATIONS)) &&
            is_text(json_object_iter_value(at)))
            json_object_iter_set_new(map, at, redacted());
    }
}

/* Data of a Secret is base64, so that its length can be told. */
static void
hide_data(json_t *map, bool base64)
{
    for (void *at = json_object_iter(map); at; at = json_object_iter_next(map, at)) {
        if (is_text(json_object_iter_value(at)))
            json_object_iter_set_new(map, at,
                                     base64 ? json_string("KHJlZGFjdGVkKQ==") : redacted());
    }
}

/* NULL: it may stay. */
static json_t *
clean_string(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    strbuf_auto out;
    strbuf_init(&out, 0);
    bool changed = redact_text(text, len, &out);
    return changed ? json_stringn(out.data, out.len) : NULL;
}

/* Is a member of this name a secret itself? */
static bool
names_secret(const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < IW_COUNTOF(SECRET_NAMES); i++) {
        size_t n = strlen(SECRET_NAMES[i]);
        if (len >= n && strcasecmp(key + len - n, SECRET_NAMES[i]) == 0)
            return true;
    }
    return false;
}

/* "--password" stands alone: its value is the next argument. */
static bool
announces_next(const json_t *arg)
{
    const char *text = json_string_value(arg);
    return text && text[0] == '-' && !strchr(text, '=') && names_secret(text);
}

static void clean_array(json_t *array, bool secret, bool arguments);

static void
clean_member(json_t *object, void *at, bool secret)
{
    const char *key = json_object_iter_key(at);
    json_t *value = json_object_iter_value(at);
    if (strcmp(key, "annotations") == 0 && json_is_object(value)) {
        hide_annotations(value);
    } else if (secret && json_is_object(value) &&
               (strcmp(key, "data") == 0 || strcmp(key, "binaryData") == 0)) {
        /* A ConfigMap's binaryData is base64, its data is text; a Secret's data is base64. */
        hide_data(value, strcmp(key, "binaryData") == 0 || json_object_get(object, "type"));
    } else if (secret && strcmp(key, "stringData") == 0 && json_is_object(value)) {
        hide_data(value, false);
    } else if (json_is_object(value)) {
        redact_object(value, secret);
    } else if (json_is_array(value)) {
        if (strcmp(key, "env") == 0 || strcmp(key, "httpHeaders") == 0)
            hide_values(value);
        clean_array(value, secret, strcmp(key, "args") == 0 || strcmp(key, "command") == 0);
    } else if (is_text(value) && !is_one_of(key, NAMES, IW_COUNTOF(NAMES))) {
        json_t *clean = names_secret(key) ? redacted() : clean_string(value);
        if (clean)
            json_object_iter_set_new(object, at, clean);
    }
}

static void
clean_array(json_t *array, bool secret, bool arguments)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        json_t *value = json_array_get(array, i);
        bool announced = arguments && i > 0 && announces_next(json_array_get(array, i - 1));
        if (json_is_object(value)) {
            redact_object(value, secret);
        } else if (json_is_array(value)) {
            clean_array(value, secret, arguments);
        } else if (is_text(value)) {
            json_t *clean = announced ? redacted() : clean_string(value);
            if (clean)
                json_array_set_new(array, i, clean);
        }
    }
}

void
redact_object(json_t *object, bool values_are_secret)
{
    json_object_del(object, "managedFields");
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at))
        clean_member(object, at, values_are_secret);
}
