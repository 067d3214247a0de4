/* waitfor: a small reader of shell commands that knows the tools people wait with.
 *
 * It splits a script into simple commands at ; & | ( ) and line ends, drops keywords and
 * redirections, and looks at the first word. It does not evaluate anything.
 * SPDX-License-Identifier: Apache-2.0 */
#include "initwatch/model/waitfor.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "text_is.h"

#define WAIT_WORDS_MAX 24
#define WAIT_TEXT_MAX 4096 /* scripts are read so far; a wait stands at the start */

/* One simple command, its words without quotes. */
struct wait_command {
    char text[WAIT_TEXT_MAX]; /* the words, each ended by NUL */
    const char *words[WAIT_WORDS_MAX];
    unsigned count;
    const char *from, *to; /* where it stands in the script */
};

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool
word_in(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(word, list[i]))
            return true;
    return false;
}
#define WORD_IN(word, list) word_in((word), (list), IW_COUNTOF(list))

/* command and args as one array. */
static const char *
container_word(const struct container *c, uint32_t i)
{
    if (i < c->command_count)
        return c->command[i];
    i -= c->command_count;
    return i < c->arg_count ? c->args[i] : NULL;
}

const char *
container_shell_script(const struct container *c)
{
    static const char *const shells[] = {"sh", "bash", "ash", "dash", "zsh", "busybox"};
    const char *word = container_word(c, 0);
    if (!word || !WORD_IN(base_name(word), shells))
        return NULL;
    for (uint32_t i = 1; (word = container_word(c, i)) != NULL; i++) {
        if (text_is(word, "sh") || text_is(word, "ash"))
            continue;
        if (word[0] != '-')
            return NULL;
        /* -c, -ec, -lc ...: the script is the next word */
        if (word[1] != '-' && strchr(word, 'c'))
            return container_word(c, i + 1);
    }
    return NULL;
}

/* Does a command of the script end with its line? Then the one line needs a ";" there. */
static bool
ends_command(const char *text, size_t len, unsigned char next)
{
    static const char *const open[] = {"do", "then", "else", "in"};
    if (len == 0 || strchr(";|&({\\", text[len - 1]) || next == '|' || next == '&')
        return false;
    for (size_t i = 0; i < IW_COUNTOF(open); i++) {
        size_t n = strlen(open[i]);
        if (len >= n && memcmp(text + len - n, open[i], n) == 0 &&
            (len == n || strchr(" ;", text[len - n - 1])))
            return false;
    }
    return true;
}

void
container_command_text(const struct container *c, char *out, size_t out_size)
{
    const char *script = container_shell_script(c);
    const char *word = script ? script : container_word(c, 0);
    size_t used = 0;
    bool blank = false;
    bool cut = false;
    bool line_end = false;
    for (uint32_t i = 1; word; word = script ? NULL : container_word(c, i++)) {
        blank = used > 0;
        for (const char *p = word; *p; p++) {
            unsigned char byte = (unsigned char)*p;
            if (byte <= ' ' || byte == 0x7f) {
                blank = used > 0;
                line_end |= byte == '\n';
                continue;
            }
            if (used + 7 >= out_size) {
                cut = true;
                break;
            }
            if (blank && line_end && ends_command(out, used, byte))
                out[used++] = ';';
            line_end = false;
            if (blank)
                out[used++] = ' ';
            blank = false;
            out[used++] = *p;
        }
    }
    /* Never end inside a UTF-8 sequence. */
    while (cut && used > 0 && ((unsigned char)out[used - 1] & 0xc0) == 0x80)
        used--;
    if (cut && used > 0 && (unsigned char)out[used - 1] >= 0xc0)
        used--;
    (void)snprintf(out + used, out_size - used, "%s", cut ? "..." : "");
}

/* Copy one word without its quotes; returns what follows it. */
static const char *
read_word(const char *p, const char *end, struct wait_command *cmd, size_t *used)
{
    char quote = '\0';
    const char *start = cmd->text + *used;
    while (p < end && (quote || !strchr(" \t", *p))) {
        if (quote ? *p == quote : *p == '"' || *p == '\'') {
            quote = quote ? '\0' : *p;
        } else if (*used + 2 < sizeof(cmd->text)) {
            if (*p == '\\' && quote != '\'' && p + 1 < end)
                p++;
            cmd->text[(*used)++] = *p;
        }
        p++;
    }
    cmd->text[(*used)++] = '\0';
    cmd->words[cmd->count++] = start;
    return p;
}

/* The end of the simple command that begins at p. */
static const char *
command_end(const char *p, const char *end)
{
    char quote = '\0';
    const char *start = p;
    for (; p < end; p++) {
        if (*p == '\\' && p + 1 < end && quote != '\'')
            p++;
        else if (quote == '"' && *p == '$' && p + 1 < end && p[1] == '(')
            return p + 1; /* "$(cmd)": what runs inside is a command of its own */
        else if (quote)
            quote = *p == quote ? '\0' : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '&' && p > start && p[-1] == '>')
            continue;
        else if (strchr(";&|\n()`", *p))
            break;
    }
    return p;
}

static bool
is_redirection(const char *word)
{
    while (isdigit((unsigned char)*word))
        word++;
    return *word == '>' || *word == '<' || strncmp(word, "&>", 2) == 0;
}

/* Split [from, to) into words; keywords in front are skipped and remembered as a loop. */
static void
read_command(const char *from, const char *to, struct wait_command *cmd, bool *loop)
{
    static const char *const loops[] = {"until", "while", "for"};
    static const char *const skipped[] = {"do", "done", "then", "else", "if",      "elif", "fi",
                                          "!",  "{",    "}",    "time", "command", "exec"};
    size_t used = 0;
    cmd->count = 0;
    cmd->from = from;
    cmd->to = to;
    for (const char *p = from; p < to && cmd->count < WAIT_WORDS_MAX && used + 2 < WAIT_TEXT_MAX;) {
        if (*p == ' ' || *p == '\t') {
            p++;
            continue;
        }
        const char *start = p;
        p = read_word(p, to, cmd, &used);
        const char *word = cmd->words[cmd->count - 1];
        if (is_redirection(word)) {
            cmd->count--;
            if (cmd->to == to)
                cmd->to = start;
            /* "> FILE": the file is a word of its own */
            size_t len = strlen(word);
            while (word[len - 1] == '>' && p < to && (*p == ' ' || *p == '\t'))
                p++;
            if (word[len - 1] == '>' && p < to) {
                p = read_word(p, to, cmd, &used);
                cmd->count--;
            }
        } else if (cmd->count == 1 && WORD_IN(word, loops)) {
            *loop = true;
            cmd->count = 0;
            cmd->from = p;
        } else if (cmd->count == 1 && WORD_IN(word, skipped)) {
            cmd->count = 0;
            cmd->from = p;
        }
    }
}

/* "host:port" into both; a bare host leaves port alone. */
static void
set_host_port(struct wait_target *out, const char *text)
{
    size_t len = strcspn(text, "/ ");
    const char *colon = memchr(text, ':', len);
    size_t host_len = colon ? (size_t)(colon - text) : len;
    if (*text == '[') {
        const char *close = memchr(text, ']', len);
        host_len = close ? (size_t)(close - text) + 1 : len;
        colon = close && close[1] == ':' ? close + 1 : NULL;
    }
    (void)snprintf(out->host, sizeof(out->host), "%.*s", (int)IW_MIN(host_len, 127u), text);
    if (colon)
        (void)snprintf(out->port, sizeof(out->port), "%.*s",
                       (int)IW_MIN(len - (size_t)(colon - text) - 1, 15u), colon + 1);
}

static bool
set_url(struct wait_target *out, const char *url)
{
    static const struct {
        const char *scheme, *kind, *port;
    } schemes[] = {{"http://", "http", "80"},
                   {"https://", "https", "443"},
                   {"tcp://", "tcp", ""},
                   {"http-get://", "http", "80"},
                   {"https-get://", "https", "443"},
                   {"mongodb://", "tcp", "27017"},
                   {"postgres://", "tcp", "5432"},
                   {"postgresql://", "tcp", "5432"},
                   {"mysql://", "tcp", "3306"},
                   {"redis://", "tcp", "6379"},
                   {"amqp://", "tcp", "5672"},
                   {"file://", "file", ""},
                   {"tcp:", "tcp", ""}};
    for (size_t i = 0; i < IW_COUNTOF(schemes); i++) {
        size_t len = strlen(schemes[i].scheme);
        if (strncmp(url, schemes[i].scheme, len) != 0)
            continue;
        const char *rest = url + len;
        const char *at = strchr(rest, '@');
        out->kind = schemes[i].kind;
        (void)snprintf(out->port, sizeof(out->port), "%s", schemes[i].port);
        if (text_is(out->kind, "file"))
            (void)snprintf(out->host, sizeof(out->host), "%s", rest);
        else
            /* credentials in a URL are not for the screen */
            set_host_port(out, at && at < rest + strcspn(rest, "/") ? at + 1 : rest);
        return *out->host != '\0';
    }
    return false;
}

/* The value of "-h X", "-hX", "--host X", "--host=X"; NULL when not given. */
static const char *
option_value(const struct wait_command *cmd, const char *letter, const char *name)
{
    for (unsigned i = 1; i < cmd->count; i++) {
        const char *word = cmd->words[i];
        const char *next = i + 1 < cmd->count ? cmd->words[i + 1] : NULL;
        if (text_is(word, letter) || (*name && text_is(word, name)))
            return next;
        size_t len = strlen(name);
        if (len > 0 && strncmp(word, name, len) == 0 && word[len] == '=')
            return word + len + 1;
        if (strncmp(word, letter, 2) == 0 && word[1] != '-' && word[2] != '\0')
            return word + 2;
    }
    return NULL;
}

/* Word number n that is neither an option nor the value of one of the options named. */
static const char *
plain_word(const struct wait_command *cmd, unsigned n, const char *valued)
{
    for (unsigned i = 1; i < cmd->count; i++) {
        const char *word = cmd->words[i];
        if (word[0] == '-' && word[1] != '\0') {
            /* "-w 2": the value is the next word; "-w2" and "-zw2" carry their own */
            char last = word[strlen(word) - 1];
            if (word[1] != '-' && strchr(valued, last))
                i++;
            continue;
        }
        if (word[0] == '+' || word[0] == '@')
            continue;
        if (n-- == 0)
            return word;
    }
    return NULL;
}

/* The first word that is a URL. */
static bool
read_url(const struct wait_command *cmd, struct wait_target *out)
{
    for (unsigned i = 1; i < cmd->count; i++)
        if (strstr(cmd->words[i], "://") && set_url(out, cmd->words[i]))
            return true;
    return false;
}

static bool
read_nc(const struct wait_command *cmd, struct wait_target *out)
{
    const char *host = plain_word(cmd, 0, "wiqpsxX");
    const char *port = plain_word(cmd, 1, "wiqpsxX");
    if (!host || !port)
        return false;
    out->kind = "tcp";
    for (unsigned i = 1; i < cmd->count; i++)
        if (cmd->words[i][0] == '-' && cmd->words[i][1] != '-' && strchr(cmd->words[i], 'u'))
            out->kind = "udp";
    (void)snprintf(out->host, sizeof(out->host), "%s", host);
    (void)snprintf(out->port, sizeof(out->port), "%s", port);
    return true;
}

static bool
read_dns(const struct wait_command *cmd, struct wait_target *out)
{
    const char *host = plain_word(cmd, text_is(base_name(cmd->words[0]), "getent") ? 1 : 0, "qtcW");
    if (!host)
        return false;
    out->kind = text_is(base_name(cmd->words[0]), "ping") ? "icmp" : "dns";
    (void)snprintf(out->host, sizeof(out->host), "%s", host);
    return true;
}

static bool
read_http(const struct wait_command *cmd, struct wait_target *out)
{
    if (read_url(cmd, out))
        return true;
    const char *word =
        plain_word(cmd, 0, text_is(base_name(cmd->words[0]), "wget") ? "OTtoPU" : "owmHXduT");
    if (!word)
        return false;
    out->kind = "http";
    (void)snprintf(out->port, sizeof(out->port), "80");
    set_host_port(out, word);
    return *out->host != '\0';
}

/* Database clients: host and port by option, else the tool's own port. */
static bool
read_client(const struct wait_command *cmd, struct wait_target *out)
{
    static const struct {
        const char *tool, *port_letter, *port;
    } tools[] = {
        {"pg_isready", "-p", "5432"}, {"psql", "-p", "5432"},          {"mysqladmin", "-P", "3306"},
        {"mysql", "-P", "3306"},      {"mariadb-admin", "-P", "3306"}, {"mariadb", "-P", "3306"},
        {"redis-cli", "-p", "6379"},  {"mongosh", "-p", "27017"},      {"mongo", "-p", "27017"}};
    out->kind = "tcp";
    if (read_url(cmd, out))
        return true;
    for (size_t i = 0; i < IW_COUNTOF(tools); i++) {
        if (!text_is(base_name(cmd->words[0]), tools[i].tool))
            continue;
        const char *host = option_value(cmd, "-h", "--host");
        const char *port = option_value(cmd, tools[i].port_letter, "--port");
        if (!host)
            return false;
        (void)snprintf(out->host, sizeof(out->host), "%s", host);
        (void)snprintf(out->port, sizeof(out->port), "%s", port ? port : tools[i].port);
        return true;
    }
    return false;
}

/* Tools that wait by themselves: wait-for-it db:5432, dockerize -wait tcp://db:5432, wait4x tcp
 * db:5432. */
static bool
read_waiter(const struct wait_command *cmd, struct wait_target *out)
{
    for (unsigned i = 1; i < cmd->count; i++) {
        const char *word = cmd->words[i];
        if (strncmp(word, "-addr=", 6) == 0)
            word += 6;
        if (set_url(out, word))
            return true;
        const char *colon = strchr(word, ':');
        if (word[0] != '-' && colon && isdigit((unsigned char)colon[1])) {
            out->kind = "tcp";
            set_host_port(out, word);
            return true;
        }
    }
    return false;
}

/* "pod/db", or "pods" when no name is given. */
static void
set_object(struct wait_target *out, const char *object, const char *name)
{
    out->kind = "object";
    (void)snprintf(out->host, sizeof(out->host), "%s%s%s", object, name ? "/" : "",
                   name ? name : "");
}

static bool
read_kubectl(const struct wait_command *cmd, struct wait_target *out)
{
    const char *verb = plain_word(cmd, 0, "nf");
    const char *object = plain_word(cmd, 1, "nf");
    if (!verb || !object)
        return false;
    const char *name = plain_word(cmd, text_is(verb, "rollout") ? 3 : 2, "nf");
    if (text_is(verb, "rollout"))
        object = plain_word(cmd, 2, "nf");
    else if (!text_is(verb, "wait"))
        return false;
    if (!object)
        return false;
    set_object(out, object, name);
    return true;
}

static bool
read_kubectl_get(const struct wait_command *cmd, struct wait_target *out)
{
    const char *verb = plain_word(cmd, 0, "nf");
    const char *object = plain_word(cmd, 1, "nfo");
    const char *name = plain_word(cmd, 2, "nfo");
    if (!verb || !text_is(verb, "get") || !object)
        return false;
    set_object(out, object, name);
    return true;
}

static bool
read_telnet(const struct wait_command *cmd, struct wait_target *out)
{
    return cmd->count >= 3 && read_nc(cmd, out);
}

static bool
read_test(const struct wait_command *cmd, struct wait_target *out)
{
    for (unsigned i = 1; i + 1 < cmd->count; i++)
        if (text_is(cmd->words[i], "-f") || text_is(cmd->words[i], "-e") ||
            text_is(cmd->words[i], "-s") || text_is(cmd->words[i], "-d")) {
            out->kind = "file";
            (void)snprintf(out->host, sizeof(out->host), "%s", cmd->words[i + 1]);
            return true;
        }
    return false;
}

static const struct wait_tool {
    const char *name;
    bool (*read)(const struct wait_command *cmd, struct wait_target *out);
    bool waits; /* by itself; others only inside a loop */
} wait_tools[] = {
    {"nc", read_nc, false},
    {"ncat", read_nc, false},
    {"netcat", read_nc, false},
    {"telnet", read_telnet, false},
    {"nslookup", read_dns, false},
    {"host", read_dns, false},
    {"dig", read_dns, false},
    {"getent", read_dns, false},
    {"ping", read_dns, false},
    {"curl", read_http, false},
    {"wget", read_http, false},
    {"pg_isready", read_client, false},
    {"psql", read_client, false},
    {"mysqladmin", read_client, false},
    {"mysql", read_client, false},
    {"mariadb-admin", read_client, false},
    {"mariadb", read_client, false},
    {"redis-cli", read_client, false},
    {"mongosh", read_client, false},
    {"mongo", read_client, false},
    {"grpc_health_probe", read_waiter, false},
    {"wait-for-it.sh", read_waiter, true},
    {"wait-for-it", read_waiter, true},
    {"wait-for", read_waiter, true},
    {"wait-for.sh", read_waiter, true},
    {"wait4x", read_waiter, true},
    {"wait4ports", read_waiter, true},
    {"wait-on", read_waiter, true},
    {"waitforit", read_waiter, true},
    {"dockerize", read_waiter, true},
    {"kubectl", read_kubectl, true},
    {"kubectl", read_kubectl_get, false},
    {"[", read_test, false},
    {"test", read_test, false},
};

/* Drop "timeout 5", "busybox", VAR=x in front, so that the tool is the first word. */
static void
command_strip(struct wait_command *cmd)
{
    unsigned skip = 0;
    while (skip < cmd->count) {
        const char *word = base_name(cmd->words[skip]);
        const char *equals = strchr(cmd->words[skip], '=');
        if (text_is(word, "timeout")) {
            skip++;
            while (skip < cmd->count && cmd->words[skip][0] == '-')
                skip++;
            skip++;
        } else if (text_is(word, "busybox") || text_is(word, "sudo") ||
                   (equals && equals > cmd->words[skip] && isalpha((unsigned char)*word))) {
            skip++;
        } else {
            break;
        }
    }
    skip = IW_MIN(skip, cmd->count);
    cmd->count -= skip;
    if (skip > 0) /* else gcc makes a memcpy onto itself of it, which memcheck reports */
        memmove(cmd->words, cmd->words + skip, cmd->count * sizeof(cmd->words[0]));
}

static bool
command_target(struct wait_command *cmd, bool loop, struct wait_target *out)
{
    command_strip(cmd);
    if (cmd->count == 0)
        return false;
    for (size_t i = 0; i < IW_COUNTOF(wait_tools); i++) {
        if (!text_is(base_name(cmd->words[0]), wait_tools[i].name))
            continue;
        memset(out, 0, sizeof(*out));
        if ((!loop && !wait_tools[i].waits) || !wait_tools[i].read(cmd, out))
            continue;
        const char *from = cmd->from + strspn(cmd->from, " \t\"$(");
        const char *to = cmd->to;
        while (to > from && strchr(" \t\n\"", to[-1]))
            to--;
        int len = to > from ? (int)IW_MIN((size_t)(to - from), sizeof(out->command) - 1) : 0;
        (void)snprintf(out->command, sizeof(out->command), "%.*s", len, from);
        return true;
    }
    return false;
}

/* bash's pseudo files: < /dev/tcp/HOST/PORT. */
static bool
read_dev_tcp(const char *script, struct wait_target *out)
{
    const char *at = strstr(script, "/dev/tcp/");
    if (!at)
        return false;
    const char *host = at + 9;
    size_t host_len = strcspn(host, "/ ;\"'");
    const char *port = host + host_len + (host[host_len] == '/');
    size_t port_len = strcspn(port, "/ ;\"')&|\n");
    memset(out, 0, sizeof(*out));
    out->kind = "tcp";
    (void)snprintf(out->host, sizeof(out->host), "%.*s", (int)IW_MIN(host_len, 127u), host);
    (void)snprintf(out->port, sizeof(out->port), "%.*s", (int)IW_MIN(port_len, 15u), port);
    (void)snprintf(out->command, sizeof(out->command), "/dev/tcp/%s/%s", out->host, out->port);
    return host_len > 0 && port_len > 0;
}

bool
container_wait_target(const struct container *c, struct wait_target *out)
{
    char joined[WAIT_TEXT_MAX];
    const char *script = container_shell_script(c);
    if (!script) {
        container_command_text(c, joined, sizeof(joined));
        script = joined;
    }
    size_t len = strnlen(script, WAIT_TEXT_MAX - 1);
    const char *end = script + len;
    bool loop = false;
    struct wait_command cmd;
    for (const char *p = script; p < end;) {
        const char *stop = command_end(p, end);
        read_command(p, stop, &cmd, &loop);
        if (command_target(&cmd, loop, out))
            return true;
        p = stop < end ? stop + 1 : end;
    }
    return loop && read_dev_tcp(script, out);
}
