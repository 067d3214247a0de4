/* script_steps: the lines of a script and what each does on its connection; see script_server.h for the
 * language.
 * SPDX-License-Identifier: Apache-2.0 */
#include "script_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "initwatch/base/alloc.h"

static const char *const verb_words[VERB_COUNT] = {
#define X(name, word) [VERB_##name] = word,
    VERBS(X)
#undef X
};

/* --- scripts --- */

struct step
script_step_parse(const char *line, size_t len)
{
    for (int v = 0; v < VERB_COUNT; v++) {
        size_t n = strlen(verb_words[v]);
        if (len >= n && memcmp(line, verb_words[v], n) == 0 && (len == n || line[n] == ' ')) {
            size_t skip = len == n ? n : n + 1;
            return (struct step){(enum verb)v, iw_strndup(line + skip, len - skip)};
        }
    }
    iw_fatal("script server: unknown step: %.*s", (int)len, line);
}

const char *
script_joined(const struct script_lines *lines)
{
    static struct strbuf joined[8];
    static unsigned turn;
    struct strbuf *script = &joined[turn++ % IW_COUNTOF(joined)];
    if (!script->data)
        strbuf_init(script, 0);
    strbuf_clear(script);
    for (size_t i = 0; i < IW_COUNTOF(lines->line) && lines->line[i]; i++) {
        strbuf_adds(script, lines->line[i]);
        if (script->len > 0 && script->data[script->len - 1] != '\n')
            strbuf_addc(script, '\n');
    }
    return script->data;
}

void
script_server_text(struct script_server *s, const char *text, struct strbuf *out)
{
    if (text[0] == '@') {
        pthread_mutex_lock(&s->lock);
        bool found = false;
        for (size_t i = 0; i < s->blobs.len && !found; i++) {
            found = strcmp(s->blobs.items[i].name, text + 1) == 0;
            if (found)
                strbuf_add(out, s->blobs.items[i].bytes, s->blobs.items[i].len);
        }
        pthread_mutex_unlock(&s->lock);
        if (!found)
            iw_fatal("script server: no blob %s", text);
        return;
    }
    for (; *text; text++) {
        if (*text != '\\') {
            strbuf_addc(out, *text);
            continue;
        }
        text++;
        if (*text == 'x') {
            char hex[3] = {text[1], text[2], '\0'};
            strbuf_addc(out, (char)strtoul(hex, NULL, 16));
            text += 2;
        } else {
            strbuf_addc(out, *text == 'n'   ? '\n'
                             : *text == 'r' ? '\r'
                             : *text == 't' ? '\t'
                                            : *text);
        }
    }
}

char *
script_next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " ");
    char *end = word + strcspn(word, " ");
    *rest = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

/* --- bytes --- */

void
script_send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the client is gone; the next read notices */
        bytes += n;
        len -= (size_t)n;
    }
}

static void
send_chunk(int fd, const char *bytes, size_t len, size_t announced)
{
    strbuf_auto out;
    strbuf_init(&out, 0);
    strbuf_addf(&out, "%zx\r\n", announced);
    strbuf_add(&out, bytes, len);
    if (len == announced)
        strbuf_adds(&out, "\r\n");
    script_send_all(fd, out.data, out.len);
}

static void
fail_expectation(struct script_server *s, const char *what, const char *expected, const char *got)
{
    pthread_mutex_lock(&s->lock);
    if (!s->failure)
        s->failure = iw_asprintf("%s: expected %s, got %.300s", what, expected, got);
    pthread_mutex_unlock(&s->lock);
}

static void
send_head(struct connection *c, char *status, const char *type, const char *length_header)
{
    static const struct {
        const char *name, *value;
    } types[] = {{"json", "application/json"},
                 {"text", "text/plain"},
                 {"html", "text/html"},
                 {"pb", "application/vnd.kubernetes.protobuf"},
                 {"pbwatch", "application/vnd.kubernetes.protobuf;stream=watch"}};
    strbuf_auto out;
    strbuf_init(&out, 0);
    strbuf_addf(&out, "HTTP/1.1 %s X\r\n%s", status, length_header);
    for (size_t i = 0; i < IW_COUNTOF(types); i++) {
        if (strcmp(types[i].name, type) == 0)
            strbuf_addf(&out, "Content-Type: %s\r\n", types[i].value);
    }
    strbuf_addf(&out, "%s\r\n", c->extra_headers.data);
    strbuf_clear(&c->extra_headers);
    script_send_all(c->fd, out.data, out.len);
}

void
script_wait_for_end(int fd)
{
    char byte[256];
    while (recv(fd, byte, sizeof(byte), 0) > 0)
        ;
}

/* --- steps --- */

void
script_step_expect(struct connection *c, const struct step *step, const char *method,
                   const char *target)
{
    iw_autofree char *arg = iw_strdup(step->arg);
    char *rest = arg;
    const char *wanted = script_next_word(&rest);
    if (strcmp(wanted, method) != 0)
        fail_expectation(c->server, "method", wanted, method);
    while (*(rest += strspn(rest, " "))) {
        const char *part = script_next_word(&rest);
        bool forbidden = part[0] == '!';
        bool found = strstr(target, part + forbidden) != NULL;
        if (found == forbidden)
            fail_expectation(c->server, "target", part, target);
    }
}

static void
do_frame(struct connection *c, char *rest, bool half)
{
    size_t limit = half ? strtoul(script_next_word(&rest), NULL, 10) : SIZE_MAX;
    const char *type = script_next_word(&rest);
    strbuf_auto out;
    strbuf_init(&out, 0);
    strbuf_addf(&out, "{\"type\":\"%s\",\"object\":", type);
    script_server_text(c->server, rest, &out);
    strbuf_adds(&out, "}\n");
    size_t len = IW_MIN(limit, out.len);
    send_chunk(c->fd, out.data, len, len);
}

static void
do_drip(struct connection *c, char *rest)
{
    size_t size = strtoul(script_next_word(&rest), NULL, 10);
    long delay_ms = strtol(script_next_word(&rest), NULL, 10);
    strbuf_auto out;
    strbuf_init(&out, 0);
    script_server_text(c->server, rest, &out);
    for (size_t at = 0; at < out.len; at += size) {
        struct timespec delay = {delay_ms / 1000, delay_ms % 1000 * 1000000};
        nanosleep(&delay, NULL);
        size_t len = IW_MIN(size, out.len - at);
        send_chunk(c->fd, out.data + at, len, len);
    }
}

static void
do_reply(struct connection *c, char *rest)
{
    char *status = script_next_word(&rest);
    const char *type = script_next_word(&rest);
    strbuf_auto body;
    strbuf_init(&body, 0);
    script_server_text(c->server, rest, &body);
    char length[64] = "";
    if (strcmp(status, "204") != 0)
        (void)snprintf(length, sizeof(length), "Content-Length: %zu\r\n", body.len);
    send_head(c, status, type, length);
    script_send_all(c->fd, body.data, body.len);
}

static void
do_bytes(struct connection *c, enum verb verb, char *rest)
{
    size_t number = 0;
    if (verb == VERB_HALF_CHUNK || verb == VERB_REPEAT)
        number = strtoul(script_next_word(&rest), NULL, 10);
    strbuf_auto out;
    strbuf_init(&out, 0);
    script_server_text(c->server, rest, &out);
    if (verb == VERB_RAW) {
        script_send_all(c->fd, out.data, out.len);
    } else if (verb == VERB_HALF_CHUNK) {
        send_chunk(c->fd, out.data, IW_MIN(number, out.len), out.len);
    } else {
        strbuf_auto all;
        strbuf_init(&all, 0);
        for (size_t i = 0; i < (verb == VERB_REPEAT ? number : 1); i++)
            strbuf_add(&all, out.data, out.len);
        send_chunk(c->fd, all.data, all.len, all.len);
    }
}

static void
do_bookmark(struct connection *c, const char *version)
{
    char text[256];
    int len = snprintf(text, sizeof(text),
                       "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\","
                       "\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{\"containers\":null},"
                       "\"status\":{}}}\n",
                       version);
    send_chunk(c->fd, text, (size_t)len, (size_t)len);
}

static void
do_gate(struct script_server *s, const char *number)
{
    int gate = (int)strtol(number, NULL, 10);
    pthread_mutex_lock(&s->lock);
    while (s->gate < gate && !s->stopping)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

enum after
script_step_do(struct connection *c, const struct step *step, const char *head)
{
    iw_autofree char *arg = iw_strdup(step->arg);
    char *rest = arg;
    switch (step->verb) {
    case VERB_EXPECT:
    case VERB_COUNT:
        break; /* checked when the request came */
    case VERB_EXPECT_HEAD:
        if (!strstr(head, arg))
            fail_expectation(c->server, "head", arg, head);
        break;
    case VERB_HEADER:
        strbuf_addf(&c->extra_headers, "%s\r\n", arg);
        break;
    case VERB_REPLY:
        do_reply(c, rest);
        break;
    case VERB_STREAM: {
        char *status = script_next_word(&rest);
        send_head(c, status, script_next_word(&rest), "Transfer-Encoding: chunked\r\n");
        break;
    }
    case VERB_FRAME:
    case VERB_HALF_FRAME:
        do_frame(c, rest, step->verb == VERB_HALF_FRAME);
        break;
    case VERB_BOOKMARK:
        do_bookmark(c, arg);
        break;
    case VERB_CHUNK:
    case VERB_HALF_CHUNK:
    case VERB_REPEAT:
    case VERB_RAW:
        do_bytes(c, step->verb, rest);
        break;
    case VERB_DRIP:
        do_drip(c, rest);
        break;
    case VERB_END:
        script_send_all(c->fd, "0\r\n\r\n", 5);
        break;
    case VERB_RESET: {
        struct linger now = {.l_onoff = 1, .l_linger = 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        return AFTER_CLOSED;
    }
    case VERB_CLOSE:
        return AFTER_CLOSED;
    case VERB_HANG:
        script_wait_for_end(c->fd);
        return AFTER_CLOSED;
    case VERB_GATE:
        do_gate(c->server, arg);
        break;
    }
    return AFTER_NEXT;
}
