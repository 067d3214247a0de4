/* What a cluster sends can not speak to the terminal: every byte that the program writes is text or
 * a sequence of its own. Ref: ECMA-48; the sequences are those of terminfo's xterm-256color.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trouble_server.h"

#include "initwatch/base/alloc.h"
#include "initwatch/base/strbuf.h"
#include "initwatch/base/utf8.h"

/* A bell, a clear, a title, an answer-back, an 8-bit control, bidi, broken UTF-8, as JSON has it in
 * a script line. */
#define EVIL_JSON                                                                                  \
    "x\\\\u0007\\\\u001b[2J\\\\u001b]0;owned\\\\u0007\\\\u001b[6n\\\\u009b31m\\\\u202edesrever"    \
    "\\\\u2066y\\\\r\\\\b\\\\u007f"
/* The same as a log has it. */
#define EVIL_LOG                                                                                   \
    "x\\x07\\x1b[2J\\x1b]0;owned\\x07\\x1b[6n\\xc2\\x9b31m\\x9b31m\\xe2\\x80\\xaedesrever\\xff"    \
    "\\xc0\\xafy\\r\\x08\\x7f\\x1bP1$tx\\x1b\\x5c\\x85\\x90\\x1bc"

/* --- what may be written --- */

/* CSI sequences of the program's own: cursor, erase, colours, modes, scroll region, window title
 * stack. Not n, c, q, i, p: they make a terminal answer or print. */
static size_t
csi_length(const char *at, size_t len)
{
    size_t n = 2;
    while (n < len && at[n] >= 0x20 && at[n] <= 0x3f)
        n++;
    return n < len && strchr("ABCDGHJKLMPXbdhlmrtSTZ@", at[n]) ? n + 1 : 0;
}

static size_t
sequence_length(const char *at, size_t len)
{
    if (len < 2)
        return 0;
    if (at[1] == '[')
        return csi_length(at, len);
    if (at[1] == '(' || at[1] == ')')
        return len > 2 && strchr("B0", at[2]) ? 3 : 0;
    return strchr("=>78M", at[1]) ? 2 : 0;
}

/* The two questions that the program asks once, at its start: the width of a line, the background. A second one is not its
 * own. */
static size_t
own_question(const char *at, size_t len, unsigned *asked)
{
    static const char *const questions[] = {"\033[6n", "\033]11;?\033\\"};
    for (unsigned i = 0; i < IW_COUNTOF(questions); i++) {
        size_t n = strlen(questions[i]);
        if (!(*asked & 1u << i) && len >= n && memcmp(at, questions[i], n) == 0) {
            *asked |= 1u << i;
            return n;
        }
    }
    return 0;
}

static void
expect_harmless(const struct strbuf *bytes)
{
    unsigned asked = 0;
    for (size_t at = 0, taken; at < bytes->len; at += taken) {
        const char *text = bytes->data + at;
        size_t left = bytes->len - at;
        unsigned char byte = (unsigned char)*text;
        taken = 1;
        if (byte == 0x1b) {
            taken = own_question(text, left, &asked);
            taken = taken ? taken : sequence_length(text, left);
            if (taken == 0)
                fail_msg("a foreign sequence at %zu: ESC %.12s", at, text + 1);
        } else if (byte < 0x20) {
            if (!strchr("\r\n\b\t", byte) || byte == 0)
                fail_msg("control byte 0x%02x at %zu", byte, at);
        } else {
            uint32_t cp = utf8_next(text, left, &taken);
            bool broken = cp == UTF8_REPLACEMENT && taken != 3;
            if (broken || cp == 0x7f || (cp >= 0x80 && cp < 0xa0) || utf8_is_deceptive(cp))
                fail_msg("U+%04X (byte 0x%02x) at %zu", (unsigned)cp, byte, at);
        }
    }
}

static void
keep_bytes(void *ctx, const char *bytes, size_t len)
{
    strbuf_add(ctx, bytes, len);
}

/* --- a cluster full of it --- */

static struct script_server *
evil_server(void)
{
    struct script_server *s = script_server_start();
    script_server_route(
        s, "/events",
        "expect GET /events\n"
        "reply 200 json {\"kind\":\"EventList\",\"metadata\":{\"resourceVersion\":\"100\"},"
        "\"items\":[{\"metadata\":{\"name\":\"e\",\"namespace\":\"shop\",\"uid\":\"e1\"},"
        "\"involvedObject\":{\"kind\":\"Pod\",\"namespace\":\"shop\",\"name\":\"" EVIL_JSON
        "\",\"uid\":\"u1\",\"fieldPath\":\"spec.initContainers{" EVIL_JSON "}\"},"
        "\"reason\":\"Bad" EVIL_JSON "\",\"message\":\"message" EVIL_JSON
        "\",\"type\":\"Warning\",\"count\":3,\"lastTimestamp\":\"2026-06-15T12:00:02Z\"}]}\n"
        "expect GET /events\nstream 200 json\nhang\n");
    script_server_route(s, "/log",
                        "expect GET /log\nstream 200 text\n"
                        "chunk 2026-06-15T12:00:02Z evil log " EVIL_LOG "\\n\n"
                        "chunk last line\\n\nend\n"
                        "expect GET /log\nreply 200 text evil log " EVIL_LOG "\n");
    script_server_route(
        s, "/pods",
        "expect GET /pods\n"
        "reply 200 json {\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"100\"},"
        "\"items\":[{\"metadata\":{\"name\":\"" EVIL_JSON "\",\"namespace\":\"shop\","
        "\"uid\":\"u1\",\"resourceVersion\":\"90\",\"labels\":{\"a\":\"" EVIL_JSON "\"}},"
        "\"spec\":{\"nodeName\":\"" EVIL_JSON "\",\"initContainers\":[{\"name\":\"" EVIL_JSON
        "\",\"image\":\"" EVIL_JSON "\",\"command\":[\"" EVIL_JSON "\"]}],"
        "\"containers\":[{\"name\":\"app" EVIL_JSON "\"}]},\"status\":{\"phase\":\"Pending\","
        "\"message\":\"" EVIL_JSON "\",\"initContainerStatuses\":[{\"name\":\"" EVIL_JSON
        "\",\"restartCount\":3,\"state\":{\"waiting\":{\"reason\":\"Bad" EVIL_JSON
        "\",\"message\":\"message" EVIL_JSON "\"}},\"lastState\":{\"terminated\":{"
        "\"exitCode\":1,\"containerID\":\"containerd://a\",\"reason\":\"" EVIL_JSON
        "\",\"message\":\"" EVIL_JSON "\"}}}]}}]}\n"
        "expect GET /pods\nstream 200 json\nhang\n");
    return s;
}

/* The name as a user would give it. */
#define EVIL_NAME                                                                                  \
    "x\x07\x1b[2J\x1b]0;owned\x07\x1b[6n\xc2\x9b"                                                  \
    "31m\xe2\x80\xae"                                                                              \
    "desrever\xe2\x81\xa6y\r\b\x7f"

static void
dashboard__draws_no_byte_of_a_peer_as_a_control(void **state)
{
    (void)state;
    struct script_server *s = evil_server();
    struct pty *p = trouble_start(s, 140, 40);
    struct strbuf bytes;
    strbuf_init(&bytes, 0);
    p->on_bytes = keep_bytes;
    p->on_bytes_ctx = &bytes;
    assert_true(pty_wait(p, "desrever", WAIT_MS));
    static const struct {
        const char *key, *text;
    } steps[] = {{"Enter", "[1 Timeline]"},
                 {"2", "[2 Containers"},
                 {"l", "last line"},
                 {"q", "[2 Containers"},
                 {"v", "[4 Events"},
                 {"5", "[5 Resources]"},
                 {"x", "[6 Why"}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        pty_key(p, steps[i].key);
        assert_true(pty_wait(p, steps[i].text, WAIT_MS));
        pty_settle(p, 150, 2000);
    }
    trouble_quit(p);
    expect_harmless(&bytes);
    strbuf_free(&bytes);
    script_server_stop(s);
}

static void
headless__prints_no_byte_of_a_peer_as_a_control(void **state)
{
    (void)state;
    static const char *const commands[][6] = {
        {"get", NULL},
        {"get", "-o", "wide", "--show-labels", NULL},
        {"get", "-o", "json", NULL},
        {"why", EVIL_NAME, NULL},
        {"why", EVIL_NAME, "-o", "json", NULL},
        {"logs", EVIL_NAME, NULL},
        {"logs", EVIL_NAME, "--all-containers", NULL},
        {"logs", EVIL_NAME, "-c", EVIL_NAME, NULL},
        {"logs", EVIL_NAME, "-c", "nosuch", NULL},
        {"events", NULL},
        {"events", "-o", "jsonl", NULL},
        {"get", EVIL_NAME "z", NULL},
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct script_server *s = evil_server();
        const char *argv[12] = {TEST_PROGRAM};
        size_t n = 1;
        for (size_t k = 0; commands[i][k]; k++)
            argv[n++] = commands[i][k];
        argv[n++] = "--kubeconfig";
        argv[n] = trouble_config(s);
        struct pty *p = pty_start(200, 50, argv, NULL);
        struct strbuf bytes;
        strbuf_init(&bytes, 0);
        p->on_bytes = keep_bytes;
        p->on_bytes_ctx = &bytes;
        assert_true(pty_wait_exit(p, WAIT_MS));
        pty_settle(p, 50, 500);
        assert_true(WIFEXITED(p->wait_status));
        assert_true(bytes.len > 0);
        assert_null(strstr(bytes.data, "Sanitizer"));
        if (strcmp(commands[i][0], "logs") == 0 && i < 8)
            assert_non_null(strstr(bytes.data, "evil log"));
        expect_harmless(&bytes);
        strbuf_free(&bytes);
        pty_close(p);
        unlink(trouble_kubeconfig);
        script_server_stop(s);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dashboard__draws_no_byte_of_a_peer_as_a_control),
        cmocka_unit_test(headless__prints_no_byte_of_a_peer_as_a_control),
    };
    return cmocka_run_group_tests_name("escapes", tests, NULL, NULL);
}
